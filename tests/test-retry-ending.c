/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* GDeferredRetry: errors, cancelling, time-outs, and whatever ends it early. */

#include "retry-fixture.h"

static GDeferred *victim;

/* --- errors ------------------------------------------------------------------------------------------------------ */

static void
error_as_it_is (void)
{
  GDeferred *d;

  begin ();
  g_deferred_retry_set_max_attempts (retry, 2);
  d = g_deferred_retry_run (retry, fail_with_payload, NULL, NULL);
  g_deferred_add_errback (d, has_payload, NULL, NULL);
  advance (MS (100));
  trace_is ("payload ");
  g_assert_finalize_object (d);
  end ();
}

/* Those that were tried again are nobody's to handle, the last one is. */
static void
reports (void)
{
  Script a = { 'a', { "!bad", "=1" } };
  Script b = { 'b', { "!bad", "!worse" } };

  begin ();
  g_object_unref (try_script (&a));
  advance (MS (100));
  trace_is ("a1 a2 ~a ");
  nothing_reported ();
  g_deferred_retry_set_max_attempts (retry, 2);
  g_object_unref (try_script (&b));
  advance (MS (100));
  trace_is ("b1 b2 ~b ");
  reported ("worse");
  end ();
}

static void
producer_dropped (void)
{
  Script a = { 'a', { "a" } };

  begin ();
  g_deferred_retry_set_max_attempts (retry, 2);
  watch (try_script (&a), "A0");
  drop_work ('a');
  settle (NULL);
  trace_is ("a1 a() ");
  advance (MS (100));
  trace_is ("a2 a() ");
  drop_work ('a');
  settle (NULL);
  trace_is ("~a A:!ABANDONED ~A ");
  end ();
}

static gpointer
fire_in_thread (gpointer d)
{
  GError *why = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "from a thread");

  g_deferred_errback_take (d, why, NULL);
  return NULL;
}

static void
fails_in_a_thread (void)
{
  Script a = { 'a', { "a", "=1" } };

  begin ();
  watch (try_script (&a), "A0");
  g_thread_join (g_thread_new ("producer", fire_in_thread, get_work ('a')));
  settle (NULL);
  advance (MS (100));
  trace_is ("a1 a() a2 ~a A:1 ~A ");
  end ();
}

/* --- cancelling -------------------------------------------------------------------------------------------------- */

static void
cancelled_in_an_attempt (void)
{
  Script     a = { 'a', { "!bad", "a" } };
  GDeferred *d;

  begin ();
  d = try_script (&a);
  link_both (d, "A0");
  advance (MS (100));
  trace_is ("a1 a2 a() ");
  g_deferred_cancel (d);
  trace_is ("stop-a ~a A:!CANCELLED ~A ");
  advance (MS (10000));
  trace_is ("");
  g_assert_finalize_object (d);
  end ();
}

static void
cancelled_in_a_delay (void)
{
  Script     a = { 'a', { "!bad" } };
  GDeferred *d;

  begin ();
  d = try_script (&a);
  link_both (d, "A0");
  advance (MS (50));
  g_deferred_cancel (d);
  trace_is ("a1 ~a A:!CANCELLED ~A ");
  g_assert_cmpuint (n_calls (), ==, 0);
  advance (MS (10000));
  g_deferred_cancel (d);
  trace_is ("");
  g_assert_finalize_object (d);
  end ();
}

static void
cancelled_from_a_filter_that_wants_more (void)
{
  Script     a = { 'a', { "a" } };
  GDeferred *d;

  begin ();
  g_deferred_retry_set_filter (retry, always, NULL, NULL);
  d = try_script (&a);
  link_both (d, "A0");
  g_deferred_cancel (d);
  trace_is ("a1 a() stop-a ~a A:!CANCELLED ~A ");
  g_assert_cmpuint (n_calls (), ==, 0);
  g_assert_finalize_object (d);
  end ();
}

static void
canceller_gives_a_value (void)
{
  GDeferred *d;

  begin ();
  d = g_deferred_retry_run (retry, work_and_make_do, "a", gone);
  link_both (d, "A0");
  g_deferred_cancel (d);
  trace_is ("~a A:4 ~A ");
  g_assert_finalize_object (d);
  end ();
}

/* It waits for what an attempt does about being cancelled. */
static void
attempt_outlives_the_cancel (void)
{
  GDeferred *d;

  begin ();
  d = g_deferred_retry_run (retry, work_and_clean_up, "a", gone);
  link_both (d, "A0");
  g_deferred_cancel (d);
  trace_is ("a() stop-a x() ");
  fire_fail (get_work ('x'), "bad");
  trace_is ("~a A:!bad ~A ");
  g_assert_finalize_object (d);
  nothing_reported ();
  g_assert_cmpuint (n_calls (), ==, 0);
  end ();
}

static gboolean
cancel_and_go_on (GDeferred *self, gpointer data, GError **error)
{
  Script *script = data;

  if (script->n == 1)
    g_deferred_cancel (victim);
  say ("using %c ", script->letter);
  return play (self, data, error);
}

static void
cancelled_by_the_function (void)
{
  Script a = { 'a', { "!bad", "a" } };
  Script b = { 'b', { "!bad", "!lost" } };
  Script c = { 'c', { "!bad", "=1" } };

  begin ();
  victim = g_deferred_retry_run (retry, cancel_and_go_on, &a, script_gone);
  link_both (victim, "A0");
  advance (MS (100));
  trace_is ("using a a1 A:!CANCELLED ~A using a a2 a() ~a stop-a ");
  g_assert_finalize_object (victim);

  victim = g_deferred_retry_run (retry, cancel_and_go_on, &b, script_gone);
  link_both (victim, "B0");
  advance (MS (100));
  trace_is ("using b b1 B:!CANCELLED ~B using b b2 ~b ");
  g_assert_finalize_object (victim);

  victim = g_deferred_retry_run (retry, cancel_and_go_on, &c, script_gone);
  link_both (victim, "C0");
  advance (MS (100));
  trace_is ("using c c1 C:!CANCELLED ~C using c c2 ~c ");
  g_assert_finalize_object (g_steal_pointer (&victim));
  nothing_reported ();
  g_assert_cmpuint (n_calls (), ==, 0);
  end ();
}

/* --- time-outs --------------------------------------------------------------------------------------------------- */

static gboolean
with_a_timeout (GDeferred *self, gpointer data, GError **error)
{
  gboolean ok = play (self, data, error);

  /* A function's own Deferred can have it as well as what it returns. */
  g_deferred_add_timeout (self, MS (30), NULL);
  return ok;
}

/* For each attempt: a time-out is an error as any other. */
static void
timeout_of_an_attempt (void)
{
  Script     a = { 'a', { "a" } };
  GDeferred *d;

  begin ();
  d = g_deferred_retry_run (retry, with_a_timeout, &a, script_gone);
  watch (d, "A0");
  advance (MS (30));
  trace_is ("a1 a() stop-a ");
  advance (MS (99));
  trace_is ("");
  advance (MS (1));
  trace_is ("a2 a() ");
  advance (MS (29));
  fire (get_work ('a'), 8);
  trace_is ("~a A:8 ~A ");
  g_assert_cmpuint (n_calls (), ==, 0);

  g_deferred_retry_set_max_attempts (retry, 2);
  a.n = 0;
  watch (g_deferred_retry_run (retry, with_a_timeout, &a, script_gone), "A0");
  advance (MS (160));
  trace_is ("a1 a() stop-a a2 a() stop-a ~a A:!Timed out after 30 ms ~A ");
  end ();
}

/* For the whole: in an attempt as in a delay. */
static void
timeout_of_the_whole (void)
{
  Script     a = { 'a', { "!bad", "a" } };
  Script     b = { 'b', { "!bad" } };
  GDeferred *d;

  begin ();
  d = try_script (&a);
  g_deferred_add_timeout (d, MS (150), NULL);
  watch (d, "A0");
  advance (MS (150));
  trace_is ("a1 a2 a() stop-a ~a A:!Timed out after 150 ms ~A ");
  d = try_script (&b);
  g_deferred_add_timeout (d, MS (150), NULL);
  watch (d, "B0");
  advance (MS (150));
  trace_is ("b1 b2 ~b B:!Timed out after 150 ms ~B ");
  g_assert_cmpuint (n_calls (), ==, 0);
  end ();
}

/* A cancel from outside stays one, and is not taken for a time-out to try again after. */
static void
cancel_is_no_timeout (void)
{
  Script     a = { 'a', { "a" } };
  GDeferred *d;

  begin ();
  d = g_deferred_retry_run (retry, with_a_timeout, &a, script_gone);
  g_deferred_add_timeout (d, MS (1000), NULL);
  link_both (d, "A0");
  advance (MS (10));
  g_deferred_cancel (d);
  trace_is ("a1 a() stop-a ~a A:!CANCELLED ~A ");
  g_assert_cmpuint (n_calls (), ==, 0);
  g_assert_finalize_object (d);
  end ();
}

/* --- re-entrancy and ending -------------------------------------------------------------------------------------- */

static gboolean
drop_retry (GDeferred *self, gpointer data, GError **error)
{
  if (retry != NULL)
    end ();
  return play (self, data, error);
}

static void
policy_dropped (void)
{
  Script a = { 'a', { "!bad", "=1" } };
  Script b = { 'b', { "!bad", "=1" } };

  begin ();
  watch (try_script (&a), "A0");
  end ();
  advance (MS (100));
  trace_is ("a1 a2 ~a A:1 ~A ");

  begin ();
  watch (g_deferred_retry_run (retry, drop_retry, &b, script_gone), "B0");
  advance (MS (100));
  trace_is ("b1 b2 ~b B:1 ~B ");
}

static gboolean
run_another (GDeferred *self, gpointer data, GError **error)
{
  Script *script = data;

  if (script->n == 0)
    {
      script->n++;
      watch (g_deferred_retry_run (retry, run_another, script, NULL), "B0");
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "bad");
      return FALSE;
    }
  return play (self, data, error);
}

static void
run_inside_a_run (void)
{
  Script a = { 'a', { "=1" } };

  begin ();
  watch (g_deferred_retry_run (retry, run_another, &a, script_gone), "A0");
  trace_is ("a2 B:1 ~B ");
  advance (MS (100));
  trace_is ("a3 ~a A:1 ~A ");
  end ();
}

static void
nobody_keeps_it (void)
{
  Script a = { 'a', { "!bad", "!bad", "=1" } };

  begin ();
  g_object_unref (try_script (&a));
  advance (MS (300));
  trace_is ("a1 a2 a3 ~a ");
  end ();
}

static void
owner_gone (void)
{
  Script     a = { 'a', { "a" } };
  Script     b = { 'b', { "!bad" } };
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *d;

  begin ();
  d = try_script (&a);
  g_deferred_bind_owner (d, owner);
  watch (d, "A0");
  d = try_script (&b);
  g_deferred_bind_owner (d, owner);
  watch (d, "B0");
  trace_is ("a1 a() b1 ");
  g_object_unref (owner);
  trace_is ("");
  settle (NULL);
  trace_is ("~b ~B stop-a ~a ~A ");
  g_assert_cmpuint (n_calls (), ==, 0);
  end ();
}

static gboolean
bind_itself (GDeferred *self, gpointer owner, GError **error)
{
  g_deferred_bind_owner (self, owner);
  return work_by_plan (self, "a", error);
}

/* The attempt's Deferred is muted, and ends as cancelled: no owner, no further attempt. */
static void
function_binds_an_owner (void)
{
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);

  begin ();
  watch (g_deferred_retry_run (retry, bind_itself, owner, NULL), "A0");
  g_object_unref (owner);
  settle (NULL);
  trace_is ("a() stop-a A:!CANCELLED ~A ");
  end ();
}

static gboolean
fix_it (GDeferred *self, gpointer user_data, GError **error)
{
  say ("fixed ");
  return g_deferred_return_int (self, 6);
}

static gboolean
with_an_errback_of_its_own (GDeferred *self, gpointer data, GError **error)
{
  g_deferred_add_errback (self, fix_it, NULL, NULL);
  return work_by_plan (self, "a!bad", error);
}

static void
own_links_come_first (void)
{
  begin ();
  watch (g_deferred_retry_run (retry, with_an_errback_of_its_own, NULL, NULL), "A0");
  trace_is ("a() fixed A:6 ~A ");
  end ();
}

static void
producers_own (void)
{
  Script     a = { 'a', { "!bad", "=1" } };
  GDeferred *d;

  begin ();
  d = try_script (&a);
  fire_refused (d, ALREADY_CALLED);
  expect_critical ("hand it over before that");
  g_deferred_hand_over (d, NULL);
  criticals_came ();
  g_deferred_pause (d);
  link_both (d, "A0");
  advance (MS (100));
  trace_is ("a1 a2 ~a ");
  g_deferred_unpause (d);
  trace_is ("A:1 ~A ");
  g_assert_finalize_object (d);
  end ();
}

static guint n_made;

static gboolean
fail_until (GDeferred *self, gpointer data, GError **error)
{
  n_made++;
  if (n_made < GPOINTER_TO_UINT (data))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "bad");
      return FALSE;
    }
  return TRUE;
}

/* Without a delay, and in one go: neither the stack nor the memory grows with the number of attempts. */
static void
a_million_attempts (void)
{
  guint n = gd_test_scaled (1000000);

  begin ();
  g_deferred_retry_set_delays (retry, 0, 0, 1.0, 0.0);
  g_deferred_retry_set_max_attempts (retry, 0);
  n_made = 0;
  watch (g_deferred_retry_run (retry, fail_until, GUINT_TO_POINTER (n), NULL), "A0");
  g_assert_cmpuint (n_made, ==, 1);
  advance (0);
  trace_is ("A:- ~A ");
  g_assert_cmpuint (n_made, ==, n);

  n_made = 0;
  g_deferred_retry_set_max_attempts (retry, n / 2 + 1);
  watch (g_deferred_retry_run (retry, fail_until, GUINT_TO_POINTER (n + 2), NULL), "A0");
  advance (0);
  trace_is ("A:!bad ~A ");
  g_assert_cmpuint (n_made, ==, n / 2 + 1);
  end ();
}

static const Case cases[] = {
  { "/retry/the-error-is-as-it-was", error_as_it_is },
  { "/rule-16/retry/only-the-last-error-is-reported", reports },
  { "/rule-17/retry/an-abandoned-attempt-has-failed", producer_dropped },
  { "/rule-20/retry/an-attempt-fails-in-a-thread", fails_in_a_thread },
  { "/rule-15/retry/cancelled-in-an-attempt", cancelled_in_an_attempt },
  { "/rule-15/retry/cancelled-in-a-delay", cancelled_in_a_delay },
  { "/rule-15/retry/cancelled-and-the-filter-wants-more", cancelled_from_a_filter_that_wants_more },
  { "/rule-14/retry/a-canceller-that-gives-a-value", canceller_gives_a_value },
  { "/rule-14/retry/an-attempt-that-outlives-the-cancel", attempt_outlives_the_cancel },
  { "/rule-15/retry/cancelled-by-the-function", cancelled_by_the_function },
  { "/retry/timeout/of-each-attempt", timeout_of_an_attempt },
  { "/retry/timeout/of-the-whole", timeout_of_the_whole },
  { "/retry/timeout/an-outer-cancel-is-none", cancel_is_no_timeout },
  { "/retry/reentry/the-policy-is-dropped", policy_dropped },
  { "/retry/reentry/a-run-inside-a-run", run_inside_a_run },
  { "/retry/nobody-need-keep-it", nobody_keeps_it },
  { "/rule-25/retry/the-owner-of-the-result-is-gone", owner_gone },
  { "/rule-25/retry/the-function-binds-an-owner", function_binds_an_owner },
  { "/retry/the-functions-own-links-come-first", own_links_come_first },
  { "/rule-12/retry/the-result-is-the-producers", producers_own },
  { "/rule-10/retry/a-million-attempts", a_million_attempts },
};

int
main (int argc, char **argv)
{
  return run_timed_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
