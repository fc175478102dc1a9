/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* GDeferredRetry: attempts, delays, clocks, filters. */

#include "retry-fixture.h"

static GDeferred *victim;

/* --- attempts and delays ----------------------------------------------------------------------------------------- */

static void
first_try (void)
{
  Script a = { 'a', { "=7" } };

  begin ();
  watch (try_script (&a), "A0");
  trace_is ("a1 ~a A:7 ~A ");
  g_assert_cmpuint (n_calls (), ==, 0);
  end ();
}

static void
third_try (void)
{
  Script a = { 'a', { "!bad", "!worse", "=7" } };

  begin ();
  watch (try_script (&a), "A0");
  trace_is ("a1 ");
  advance (MS (100) - 1);
  trace_is ("");
  advance (1);
  trace_is ("a2 ");
  advance (MS (199));
  trace_is ("");
  advance (MS (1));
  trace_is ("a3 ~a A:7 ~A ");
  advance (MS (10000));
  trace_is ("");
  end ();
}

static void
later_results (void)
{
  Script a = { 'a', { "a" } };

  begin ();
  watch (try_script (&a), "A0");
  trace_is ("a1 a() ");
  advance (MS (5000));
  fire_fail (get_work ('a'), "bad");
  trace_is ("");
  advance (MS (99));
  trace_is ("");
  advance (MS (1));
  trace_is ("a2 a() ");
  fire (get_work ('a'), 3);
  trace_is ("~a A:3 ~A ");
  end ();
}

static void
gives_up (void)
{
  Script a = { 'a', { "!bad", "!worse", "!worst" } };

  begin ();
  g_deferred_retry_set_max_attempts (retry, 3);
  g_assert_cmpuint (g_deferred_retry_get_max_attempts (retry), ==, 3);
  watch (try_script (&a), "A0");
  advance (MS (299));
  trace_is ("a1 a2 ");
  advance (MS (1));
  trace_is ("a3 ~a A:!worst ~A ");
  g_assert_cmpuint (n_calls (), ==, 0);
  end ();
}

static void
once_only (void)
{
  Script a = { 'a', { "!bad" } };

  begin ();
  g_deferred_retry_set_max_attempts (retry, 1);
  watch (try_script (&a), "A0");
  trace_is ("a1 ~a A:!bad ~A ");
  end ();
}

static void
delays_grow_to_a_limit (void)
{
  Script a = { 'a', { "!bad" } };

  begin ();
  g_deferred_retry_set_max_attempts (retry, 0);
  watch (try_script (&a), "A0");
  advance (MS (100 + 200 + 400 + 800));
  trace_is ("a1 a2 a3 a4 a5 ");
  advance (MS (999));
  trace_is ("");
  advance (MS (1));
  trace_is ("a6 ");
  advance (MS (3000));
  trace_is ("a7 a8 a9 ");
  g_assert_cmpuint (n_calls (), ==, 1);
  a.plans[0] = "=1";
  advance (MS (1000));
  trace_is ("a10 ~a A:1 ~A ");
  end ();
}

static void
as_documented (void)
{
  Script a = { 'a', { "!bad" } };
  gint64 delays[] = { MS (100), MS (200), MS (400), MS (800) };
  gint64 initial = 0;
  gint64 longest = 0;
  double factor = 0;
  double jitter = 0;

  retry = g_deferred_retry_new ();
  g_object_get (retry, "initial-delay", &initial, "max-delay", &longest, "factor", &factor, "jitter", &jitter,
                NULL);
  g_assert_cmpint (initial, ==, MS (100));
  g_assert_cmpint (longest, ==, 30 * G_TIME_SPAN_SECOND);
  g_assert_cmpfloat (factor, ==, 2.0);
  g_assert_cmpfloat (jitter, ==, 0.1);
  g_assert_cmpuint (g_deferred_retry_get_max_attempts (retry), ==, 5);
  g_assert_cmpint (g_deferred_retry_get_deadline (retry), ==, 0);
  g_assert_null (g_deferred_retry_get_clock (retry));

  watch (try_script (&a), "A0");
  advance (G_TIME_SPAN_MINUTE);
  for (guint i = 0; i < G_N_ELEMENTS (delays); i++)
    {
      g_assert_cmpint (a.times[i + 1] - a.times[i], >=, delays[i] - delays[i] / 10);
      g_assert_cmpint (a.times[i + 1] - a.times[i], <=, delays[i] + delays[i] / 10);
    }
  trace_is ("a1 a2 a3 a4 a5 ~a A:!bad ~A ");
  end ();
}

static void
deadline (void)
{
  Script a = { 'a', { "!bad", "!worse" } };
  Script b = { 'b', { "!bad" } };
  Script c = { 'c', { "c" } };

  begin ();
  g_deferred_retry_set_max_attempts (retry, 0);
  g_deferred_retry_set_deadline (retry, MS (299));
  g_assert_cmpint (g_deferred_retry_get_deadline (retry), ==, MS (299));
  watch (try_script (&a), "A0");
  trace_is ("a1 ");
  /* The third attempt would start at 300: that is not waited for. */
  advance (MS (100));
  trace_is ("a2 ~a A:!worse ~A ");
  g_assert_cmpuint (n_calls (), ==, 0);

  g_deferred_retry_set_deadline (retry, MS (300));
  watch (try_script (&b), "B0");
  advance (MS (299));
  trace_is ("b1 b2 ");
  advance (MS (1));
  trace_is ("b3 ~b B:!bad ~B ");

  /* It ends no attempt that is under way. */
  watch (try_script (&c), "C0");
  advance (MS (1000));
  trace_is ("c1 c() ");
  fire (get_work ('c'), 4);
  trace_is ("~c C:4 ~C ");
  watch (try_script (&c), "C0");
  advance (MS (1000));
  fire_fail (get_work ('c'), "late");
  trace_is ("c2 c() ~c C:!late ~C ");
  end ();
}

static void
several_runs (void)
{
  Script a = { 'a', { "!bad", "=1" } };
  Script b = { 'b', { "!bad", "!bad", "=2" } };

  begin ();
  watch (try_script (&a), "A0");
  advance (MS (50));
  watch (try_script (&b), "B0");
  trace_is ("a1 b1 ");
  advance (MS (50));
  trace_is ("a2 ~a A:1 ~A ");
  advance (MS (250));
  trace_is ("b2 b3 ~b B:2 ~B ");
  end ();
}

static void
rules_change_meanwhile (void)
{
  Script a = { 'a', { "!bad" } };

  begin ();
  watch (try_script (&a), "A0");
  g_deferred_retry_set_delays (retry, MS (10), MS (1000), 1.0, 0.0);
  advance (MS (100));
  trace_is ("a1 a2 ");
  advance (MS (10));
  trace_is ("a3 ");
  g_deferred_retry_set_max_attempts (retry, 4);
  advance (MS (10));
  trace_is ("a4 ~a A:!bad ~A ");
  end ();
}

/* --- clocks ------------------------------------------------------------------------------------------------------ */

static void
current_clock (void)
{
  GDeferredClock *other = g_deferred_clock_new_virtual ();
  Script          a = { 'a', { "!bad" } };

  begin ();
  g_deferred_clock_push (other);
  watch (try_script (&a), "A0");
  g_deferred_clock_pop (other);
  advance (MS (1000));
  trace_is ("a1 ");
  g_deferred_clock_advance (other, MS (100));
  trace_is ("a2 ");
  a.plans[0] = "=1";
  g_deferred_clock_advance (other, MS (200));
  trace_is ("a3 ~a A:1 ~A ");
  g_assert_finalize_object (other);
  end ();
}

static void
own_clock (void)
{
  GDeferredClock *other = g_deferred_clock_new_virtual ();
  Script          a = { 'a', { "!bad", "=1" } };
  Script          b = { 'b', { "!bad", "=1" } };

  begin ();
  g_deferred_retry_set_clock (retry, other);
  g_assert_true (g_deferred_retry_get_clock (retry) == other);
  watch (try_script (&a), "A0");
  g_deferred_retry_set_clock (retry, NULL);
  watch (try_script (&b), "B0");
  advance (MS (100));
  trace_is ("a1 b1 b2 ~b B:1 ~B ");
  g_deferred_clock_advance (other, MS (100));
  trace_is ("a2 ~a A:1 ~A ");
  g_assert_finalize_object (other);
  end ();
}

static void
system_clock (void)
{
  Script     a = { 'a', { "!bad", "=1" } };
  GDeferred *d;

  g_deferred_clock_pop (fx_clock);
  begin ();
  g_deferred_retry_set_delays (retry, 1, 1, 1.0, 0.0);
  d = try_script (&a);
  trace_is ("a1 ");
  g_deferred_wait (d, NULL);
  trace_is ("a2 ~a ");
  g_assert_finalize_object (d);
  end ();
  g_deferred_clock_push (fx_clock);
}

/* Whoever iterates the context need not have made it his default; and its clock, which nobody else uses, is there. */
static void
in_another_context (void)
{
  GMainContext *context = g_main_context_new ();
  Script        a = { 'a', { "a", "!bad", "=1" } };
  GDeferred    *d;

  g_deferred_clock_pop (fx_clock);
  g_main_context_push_thread_default (context);
  begin ();
  g_deferred_retry_set_delays (retry, 1, 1, 1.0, 0.0);
  d = try_script (&a);
  end ();
  g_main_context_pop_thread_default (context);

  fire_fail (get_work ('a'), "bad");
  while (!g_deferred_is_finished (d))
    g_main_context_iteration (context, TRUE);
  g_assert_true (a.context == context);
  trace_is ("a1 a() a2 a3 ~a ");
  g_assert_finalize_object (d);
  settle (context);
  g_main_context_unref (context);
  g_deferred_clock_push (fx_clock);
}

/* A run does not keep its clock, not even one that waits for the same clock, nor through its policy. */
static void
clock_is_dropped (void)
{
  GDeferredClock *other = g_deferred_clock_new_virtual ();
  Script          a = { 'a', { "!bad" } };
  GDeferred      *d;

  begin ();
  g_deferred_retry_set_clock (retry, other);
  d = try_script (&a);
  link_both (d, "A0");
  end ();
  trace_is ("a1 ");
  g_assert_finalize_object (other);
  trace_is ("");
  settle (NULL);
  trace_is ("A:!ABANDONED ~A ~a ");
  g_assert_finalize_object (d);
}

static gboolean
delay_on (GDeferred *self, gpointer clock, GError **error)
{
  say ("delay ");
  return g_deferred_return_deferred (self, g_deferred_delay (MS (1), clock));
}

static void
clock_is_dropped_under_way (void)
{
  GDeferredClock *other = g_deferred_clock_new_virtual ();
  GDeferred      *d;
  Script          a = { 'a', { "a" } };

  begin ();
  g_deferred_retry_set_clock (retry, other);
  d = g_deferred_retry_run (retry, delay_on, other, NULL);
  link_both (d, "A0");
  watch (try_script (&a), "B0");
  end ();
  g_assert_finalize_object (other);
  settle (NULL);
  trace_is ("delay a1 a() A:!ABANDONED ~A ");
  g_assert_finalize_object (d);

  /* There is nothing to wait on any more. */
  fire_fail (get_work ('a'), "bad");
  trace_is ("~a B:!bad ~B ");
}

static void
clock_elsewhere (void)
{
  Elsewhere other;
  Script    a = { 'a', { "!bad" } };

  elsewhere_begin (&other);
  begin ();
  g_deferred_retry_set_clock (retry, other.clock);
  expect_critical ("g_deferred_clock_get_time: called from a thread that is not at home in the clock's");
  expect_critical ("g_deferred_clock_get_time: called from");
  expect_critical ("g_deferred_clock_call_later: called from");
  watch (try_script (&a), "A0");
  criticals_came ();
  trace_is ("a1 ~a A:!bad ~A ");
  end ();
  elsewhere_end (&other);
}

/* --- the filter -------------------------------------------------------------------------------------------------- */

static gboolean
not_worst (const GError *error, guint attempt, gpointer user_data)
{
  say ("?%s/%u ", error->message, attempt);
  return strcmp (error->message, "worst") != 0;
}

static void
filtered (void)
{
  Script a = { 'a', { "!bad", "!worse", "!worst" } };

  begin ();
  g_deferred_retry_set_filter (retry, not_worst, "f", gone);
  watch (try_script (&a), "A0");
  advance (MS (300));
  trace_is ("a1 ?bad/1 a2 ?worse/2 a3 ?worst/3 ~a A:!worst ~A ");
  end ();
  trace_is ("~f ");
}

static void
filter_has_no_say_in_limits (void)
{
  Script a = { 'a', { "!bad" } };

  begin ();
  g_deferred_retry_set_max_attempts (retry, 2);
  g_deferred_retry_set_filter (retry, not_worst, "f", gone);
  watch (try_script (&a), "A0");
  advance (MS (100));
  trace_is ("a1 ?bad/1 a2 ?bad/2 ~a A:!bad ~A ");
  g_deferred_retry_set_filter (retry, NULL, NULL, NULL);
  trace_is ("~f ");
  end ();
}

static gboolean
cancelled_itself (GDeferred *self, gpointer data, GError **error)
{
  say ("a ");
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "somebody cancelled the work");
  return FALSE;
}

/* Somebody who cancels the work itself means it, unless a filter says otherwise. */
static void
cancelled_work (void)
{
  begin ();
  watch (g_deferred_retry_run (retry, cancelled_itself, NULL, NULL), "A0");
  trace_is ("a A:!CANCELLED ~A ");
  g_assert_cmpuint (n_calls (), ==, 0);
  g_deferred_retry_set_max_attempts (retry, 2);
  g_deferred_retry_set_filter (retry, always, NULL, NULL);
  watch (g_deferred_retry_run (retry, cancelled_itself, NULL, NULL), "A0");
  advance (MS (100));
  trace_is ("a a A:!CANCELLED ~A ");
  end ();
}

static void
gone_and_freed (gpointer data)
{
  gone (data);
  g_free (data);
}

/* It uses its data still. */
static gboolean
replaces_itself (const GError *error, guint attempt, gpointer user_data)
{
  g_deferred_retry_set_filter (retry, not_worst, "g", gone);
  say ("replaced-%s ", (char *) user_data);
  return TRUE;
}

static void
filter_replaces_itself (void)
{
  Script a = { 'a', { "!bad", "!bad", "=1" } };

  begin ();
  g_deferred_retry_set_filter (retry, replaces_itself, g_strdup ("f"), gone_and_freed);
  watch (try_script (&a), "A0");
  advance (MS (300));
  trace_is ("a1 replaced-f ~f a2 ?bad/2 a3 ~a A:1 ~A ");
  end ();
  trace_is ("~g ");
}

static gboolean
cancels_it (const GError *error, guint attempt, gpointer user_data)
{
  say ("cancel ");
  g_deferred_cancel (victim);
  return TRUE;
}

static void
filter_cancels (void)
{
  Script a = { 'a', { "!bad", "!bad" } };

  begin ();
  victim = try_script (&a);
  link_both (victim, "A0");
  g_deferred_retry_set_filter (retry, cancels_it, NULL, NULL);
  advance (MS (100));
  trace_is ("a1 a2 cancel ~a A:!CANCELLED ~A ");
  g_assert_cmpuint (n_calls (), ==, 0);
  g_assert_finalize_object (g_steal_pointer (&victim));
  end ();
}

static const Case cases[] = {
  { "/retry/the-first-attempt-is-made-at-once", first_try },
  { "/retry/the-others-after-delays", third_try },
  { "/retry/delays-begin-when-the-attempt-is-over", later_results },
  { "/retry/gives-up-with-the-last-error", gives_up },
  { "/retry/one-attempt-only", once_only },
  { "/retry/delays-grow-to-a-limit", delays_grow_to_a_limit },
  { "/retry/at-first-it-is-as-documented", as_documented },
  { "/retry/deadline", deadline },
  { "/retry/several-runs-of-one-policy", several_runs },
  { "/retry/rules-that-change-count-at-once", rules_change_meanwhile },
  { "/retry/clock/the-one-that-is-current-when-it-begins", current_clock },
  { "/retry/clock/the-policys-own", own_clock },
  { "/retry/clock/the-systems", system_clock },
  { "/rule-19/retry/in-another-context", in_another_context },
  { "/rule-17/retry/the-clock-is-dropped-in-a-delay", clock_is_dropped },
  { "/rule-18/retry/the-clock-is-dropped-in-an-attempt", clock_is_dropped_under_way },
  { "/retry/filter/decides", filtered },
  { "/retry/filter/has-no-say-in-limits", filter_has_no_say_in_limits },
  { "/retry/filter/without-one-no-attempt-after-a-cancel", cancelled_work },
  { "/retry/filter/replaces-itself", filter_replaces_itself },
  { "/retry/filter/cancels-the-run", filter_cancels },
  { "/misuse/retry/clock-elsewhere", clock_elsewhere },
};

int
main (int argc, char **argv)
{
  return run_timed_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
