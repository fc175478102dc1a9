/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* GDeferredDebounce: waiting, results, flushing, and misuse. */

#include "debounce-fixture.h"

/* --- waiting ----------------------------------------------------------------------------------------------------- */

static void
waits_for_quiet (void)
{
  begin ();
  run ("a=1", "A0");
  trace_is ("");
  advance (MS (100) - 1);
  trace_is ("");
  advance (1);
  trace_is ("a() ~a A:1 ~A ");
  advance (MS (1000));
  trace_is ("");
  end ();
}

static void
newest_only (void)
{
  begin ();
  run ("a=1", "A0");
  advance (MS (99));
  run ("b=2", "B0");
  trace_is ("~a A:!CANCELLED ~A ");
  advance (MS (99));
  run ("c=3", "C0");
  trace_is ("~b B:!CANCELLED ~B ");
  g_assert_cmpuint (n_calls (), ==, 1);
  advance (MS (99));
  trace_is ("");
  advance (MS (1));
  trace_is ("c() ~c C:3 ~C ");
  g_assert_cmpuint (n_calls (), ==, 0);
  end ();
}

static void
never_at_once (void)
{
  begin ();
  g_deferred_debounce_set_quiet (debounce, 0);
  run ("a=1", "A0");
  trace_is ("");
  advance (0);
  trace_is ("a() ~a A:1 ~A ");
  end ();
}

static void
system_clock (void)
{
  GDeferredDebounce *d;
  GDeferred         *found;

  g_deferred_clock_pop (fx_clock);
  d = g_deferred_debounce_new (1);
  g_assert_false (g_deferred_clock_is_virtual (g_deferred_debounce_get_clock (d)));
  found = g_deferred_debounce_run (d, work, "a=1", gone);
  trace_is ("");
  g_deferred_wait (found, NULL);
  trace_is ("a() ~a ");
  g_assert_cmpint (g_deferred_get_int (found), ==, 1);
  g_assert_finalize_object (found);
  g_assert_finalize_object (d);
  g_deferred_clock_push (fx_clock);
}

static void
quiet_is_set (void)
{
  begin ();
  run ("a=1", "A0");
  g_deferred_debounce_set_quiet (debounce, MS (10));
  g_assert_cmpint (g_deferred_debounce_get_quiet (debounce), ==, MS (10));
  advance (MS (50));
  trace_is ("");
  run ("b=2", "B0");
  trace_is ("~a A:!CANCELLED ~A ");
  advance (MS (10));
  trace_is ("b() ~b B:2 ~B ");
  end ();
}

static void
clock_is_set (void)
{
  GDeferredClock *other = g_deferred_clock_new_virtual ();

  begin ();
  g_assert_true (g_deferred_debounce_get_clock (debounce) == fx_clock);
  run ("a=1", "A0");
  advance (MS (50));
  g_deferred_debounce_set_clock (debounce, other);
  g_assert_true (g_deferred_debounce_get_clock (debounce) == other);
  g_assert_cmpuint (n_calls (), ==, 0);
  g_deferred_clock_advance (other, MS (99));
  trace_is ("");
  g_deferred_clock_advance (other, MS (1));
  trace_is ("a() ~a A:1 ~A ");
  g_deferred_debounce_set_clock (debounce, NULL);
  g_assert_true (g_deferred_debounce_get_clock (debounce) == fx_clock);
  g_assert_finalize_object (other);
  end ();
}

/* --- results ----------------------------------------------------------------------------------------------------- */

static void
later_result (void)
{
  begin ();
  run ("a", "A0");
  advance (MS (100));
  trace_is ("a() ~a ");
  fire (get_work ('a'), 5);
  trace_is ("A:5 ~A ");
  run ("b", "B0");
  advance (MS (100));
  fire_fail (get_work ('b'), "bad");
  trace_is ("b() ~b B:!bad ~B ");
  run ("c!worse", "C0");
  advance (MS (100));
  trace_is ("c() ~c C:!worse ~C ");
  end ();
}

static void
error_as_it_is (void)
{
  GDeferred *d;

  begin ();
  d = g_deferred_debounce_run (debounce, fail_with_payload, NULL, NULL);
  g_deferred_add_errback (d, has_payload, NULL, NULL);
  advance (MS (100));
  trace_is ("payload ");
  g_assert_finalize_object (d);
  end ();
}

static gboolean
with_links_of_its_own (GDeferred *self, gpointer user_data, GError **error)
{
  link_both (self, "i=8");
  return g_deferred_return_int (self, 7);
}

static void
own_links_come_first (void)
{
  begin ();
  watch (g_deferred_debounce_run (debounce, with_links_of_its_own, NULL, NULL), "A0");
  advance (MS (100));
  trace_is ("i:7 ~i A:8 ~A ");
  end ();
}

static void
unhandled_failure (void)
{
  begin ();
  g_object_unref (g_deferred_debounce_run (debounce, work, "a!bad", gone));
  advance (MS (100));
  trace_is ("a() ~a ");
  reported ("bad");
  end ();
}

/* Whoever waits need not keep anything, nor handle that he was outrun. */
static void
dropped_results (void)
{
  begin ();
  g_object_unref (g_deferred_debounce_run (debounce, work, "a=1", gone));
  g_object_unref (g_deferred_debounce_run (debounce, work, "b", gone));
  trace_is ("~a ");
  advance (MS (100));
  trace_is ("b() ~b ");
  g_object_unref (g_deferred_debounce_run (debounce, work, "c=1", gone));
  trace_is ("stop-b ");
  advance (MS (100));
  trace_is ("c() ~c ");
  nothing_reported ();
  end ();
}

static void
producer_dropped (void)
{
  begin ();
  run ("a", "A0");
  advance (MS (100));
  drop_work ('a');
  trace_is ("a() ~a ");
  settle (NULL);
  trace_is ("A:!ABANDONED ~A ");
  run ("b=1", "B0");
  advance (MS (100));
  trace_is ("b() ~b B:1 ~B ");
  end ();
}

static gpointer
fire_in_thread (gpointer d)
{
  fire (d, 9);
  return NULL;
}

static void
fired_from_a_thread (void)
{
  begin ();
  run ("a", "A0");
  advance (MS (100));
  g_thread_join (g_thread_new ("producer", fire_in_thread, get_work ('a')));
  trace_is ("a() ~a ");
  settle (NULL);
  trace_is ("A:9 ~A ");
  end ();
}

/* --- flushing ---------------------------------------------------------------------------------------------------- */

static void
flushed (void)
{
  begin ();
  g_assert_false (g_deferred_debounce_flush (debounce));
  run ("a", "A0");
  g_assert_true (g_deferred_debounce_flush (debounce));
  trace_is ("a() ~a ");
  g_assert_cmpuint (n_calls (), ==, 0);
  g_assert_false (g_deferred_debounce_flush (debounce));
  fire (get_work ('a'), 1);
  trace_is ("A:1 ~A ");
  advance (MS (200));
  g_assert_false (g_deferred_debounce_flush (debounce));
  trace_is ("");
  end ();
}

/* --- Deferreds in place of functions ----------------------------------------------------------------------------- */

/* One that is cancelled says so, and calls a function when it is fired. */
static void
run_deferred (const char *plan, const char *watcher)
{
  GDeferred *start = g_deferred_new ();

  g_deferred_add_callback (start, work, (gpointer) plan, gone);
  watch_to_the_end (g_deferred_debounce_run_deferred (debounce, start), watcher);
  g_object_unref (start);
}

static void
deferreds (void)
{
  GDeferred *fired;

  begin ();
  run_deferred ("a=1", "A0");
  trace_is ("");
  run_deferred ("b=2", "B0");
  trace_is ("~a A:!CANCELLED ~A ");
  advance (MS (100));
  trace_is ("b() ~b B:2 ~B ");

  run_deferred ("c=1", "C0");
  g_deferred_debounce_cancel (debounce);
  trace_is ("~c C:!CANCELLED ~C ");
  advance (MS (100));
  trace_is ("");

  fired = g_deferred_new ();
  g_deferred_callback_int (fired, 7, NULL);
  watch_to_the_end (g_deferred_debounce_run_deferred (debounce, fired), "D0");
  advance (MS (100));
  trace_is ("D:7 ~D ");
  g_assert_finalize_object (fired);
  end ();
}

/* --- misuse ------------------------------------------------------------------------------------------------------ */

static gpointer
use_elsewhere (gpointer data)
{
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  expect_critical ("g_deferred_debounce_run: called from a thread that is not the object's home");
  g_assert_null (g_deferred_debounce_run (debounce, work, "a", gone));
  expect_critical ("g_deferred_debounce_cancel: called from");
  g_deferred_debounce_cancel (debounce);
  expect_critical ("g_deferred_debounce_flush: called from");
  g_assert_false (g_deferred_debounce_flush (debounce));
  expect_critical ("g_deferred_debounce_set_quiet: called from");
  g_deferred_debounce_set_quiet (debounce, 1);
  expect_critical ("g_deferred_debounce_set_clock: called from");
  g_deferred_debounce_set_clock (debounce, NULL);
  criticals_came ();
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return NULL;
}

static void
elsewhere (void)
{
  begin ();
  run ("b=2", "B0");
  g_thread_join (g_thread_new ("elsewhere", use_elsewhere, NULL));
  trace_is ("");
  settle (NULL);
  trace_is ("~a ");
  advance (MS (100));
  trace_is ("b() ~b B:2 ~B ");
  g_assert_cmpint (g_deferred_debounce_get_quiet (debounce), ==, MS (100));
  end ();
}

static void
clock_elsewhere (void)
{
  Elsewhere other;

  elsewhere_begin (&other);
  begin ();
  g_deferred_debounce_set_clock (debounce, other.clock);
  expect_critical ("g_deferred_clock_call_later: called from a thread that is not at home in the clock's");
  run ("a=1", "A0");
  criticals_came ();
  trace_is ("~a A:!CANCELLED ~A ");
  g_assert_false (g_deferred_debounce_flush (debounce));
  end ();

  begin ();
  run ("b=1", "B0");
  expect_critical ("g_deferred_clock_call_later: called from a thread that is not at home in the clock's");
  g_deferred_debounce_set_clock (debounce, other.clock);
  criticals_came ();
  trace_is ("~b B:!CANCELLED ~B ");
  end ();
  elsewhere_end (&other);
}

static void
bad_arguments (void)
{
  begin ();
  expect_critical ("quiet >= 0");
  g_assert_null (g_deferred_debounce_new (-1));
  expect_critical ("quiet >= 0");
  g_deferred_debounce_set_quiet (debounce, -1);
  expect_critical ("G_IS_DEFERRED_DEBOUNCE (self)");
  g_deferred_debounce_set_quiet (NULL, 1);
  expect_critical ("G_IS_DEFERRED_DEBOUNCE (self)");
  g_assert_cmpint (g_deferred_debounce_get_quiet (NULL), ==, 0);
  expect_critical ("G_IS_DEFERRED_CLOCK (clock)");
  g_deferred_debounce_set_clock (debounce, (GDeferredClock *) debounce);
  expect_critical ("G_IS_DEFERRED_DEBOUNCE (self)");
  g_deferred_debounce_set_clock (NULL, NULL);
  expect_critical ("G_IS_DEFERRED_DEBOUNCE (self)");
  g_assert_null (g_deferred_debounce_get_clock (NULL));
  expect_critical ("func != NULL");
  g_assert_null (g_deferred_debounce_run (debounce, NULL, NULL, NULL));
  expect_critical ("G_IS_DEFERRED (start)");
  g_assert_null (g_deferred_debounce_run_deferred (debounce, NULL));
  expect_critical ("G_IS_DEFERRED_DEBOUNCE (self)");
  g_assert_null (g_deferred_debounce_run (NULL, work, "a", gone));
  expect_critical ("G_IS_DEFERRED_DEBOUNCE (self)");
  g_deferred_debounce_cancel (NULL);
  expect_critical ("G_IS_DEFERRED_DEBOUNCE (self)");
  g_assert_false (g_deferred_debounce_flush (NULL));
  criticals_came ();
  end ();
}

static void
on_notify (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  say ("%s ", pspec->name);
}

static void
properties (void)
{
  GDeferredClock *other = g_deferred_clock_new_virtual ();
  GDeferredClock *got = NULL;
  gint64          quiet = 0;

  debounce = g_object_new (G_TYPE_DEFERRED_DEBOUNCE, "quiet", MS (7), "clock", other, NULL);
  g_signal_connect (debounce, "notify", G_CALLBACK (on_notify), NULL);
  g_object_get (debounce, "quiet", &quiet, "clock", &got, NULL);
  g_assert_cmpint (quiet, ==, MS (7));
  g_assert_true (got == other);
  g_object_set (debounce, "quiet", MS (7), "clock", other, NULL);
  trace_is ("");
  g_object_set (debounce, "quiet", MS (8), NULL);
  g_object_set (debounce, "clock", NULL, NULL);
  trace_is ("quiet clock ");
  g_assert_cmpint (g_deferred_debounce_get_quiet (debounce), ==, MS (8));
  g_assert_true (g_deferred_debounce_get_clock (debounce) == fx_clock);
  g_object_unref (got);
  end ();
  g_assert_finalize_object (other);
}

static const Case cases[] = {
  { "/debounce/calls-once-it-was-quiet", waits_for_quiet },
  { "/debounce/calls-the-newest-and-cancels-the-others", newest_only },
  { "/debounce/never-before-run-returns", never_at_once },
  { "/debounce/on-the-systems-clock", system_clock },
  { "/debounce/another-time-counts-from-the-next-run", quiet_is_set },
  { "/debounce/on-another-clock-it-waits-anew", clock_is_set },
  { "/debounce/gives-what-the-function-comes-to", later_result },
  { "/debounce/gives-the-error-as-it-is", error_as_it_is },
  { "/debounce/the-functions-own-links-come-first", own_links_come_first },
  { "/rule-16/debounce/a-failure-that-nobody-handled-is-reported", unhandled_failure },
  { "/rule-16/debounce/being-outrun-is-not-reported", dropped_results },
  { "/rule-17/debounce/told-when-the-producer-is-dropped", producer_dropped },
  { "/rule-20/debounce/fired-from-a-thread", fired_from_a_thread },
  { "/debounce/flush-calls-at-once", flushed },
  { "/debounce/deferreds-in-place-of-functions", deferreds },
  { "/misuse/debounce/elsewhere", elsewhere },
  { "/misuse/debounce/clock-elsewhere", clock_elsewhere },
  { "/misuse/debounce/bad-arguments", bad_arguments },
  { "/rule-24/debounce/properties", properties },
};

int
main (int argc, char **argv)
{
  return run_timed_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
