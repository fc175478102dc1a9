/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* GDeferredThrottle. In the trace "a() " says that the function of run a was called, "A:3 " what came of it, "~a " that
 * its data went. */

#include "patterns-fixture.h"

static GDeferredThrottle *throttle;

static void
run (const char *plan, const char *watcher)
{
  watch_to_the_end (g_deferred_throttle_run (throttle, work, (gpointer) plan, gone), watcher);
}

static void
begin (void)
{
  throttle = g_deferred_throttle_new (MS (100));
}

static void
end (void)
{
  g_assert_finalize_object (g_steal_pointer (&throttle));
}

/* --- waiting ----------------------------------------------------------------------------------------------------- */

static void
first_at_once (void)
{
  begin ();
  run ("a=1", "A0");
  trace_is ("a() ~a A:1 ~A ");
  g_assert_cmpuint (n_calls (), ==, 0);
  advance (MS (1000));
  run ("b=2", "B0");
  trace_is ("b() ~b B:2 ~B ");
  end ();
}

static void
newest_at_the_end (void)
{
  begin ();
  run ("a=1", "A0");
  trace_is ("a() ~a A:1 ~A ");
  advance (MS (10));
  run ("b=2", "B0");
  trace_is ("");
  run ("c=3", "C0");
  trace_is ("~b B:!CANCELLED ~B ");
  advance (MS (80));
  run ("d=4", "D0");
  trace_is ("~c C:!CANCELLED ~C ");
  g_assert_cmpuint (n_calls (), ==, 1);
  advance (MS (10) - 1);
  trace_is ("");
  advance (1);
  trace_is ("d() ~d D:4 ~D ");
  end ();
}

static void
intervals_count_from_starts (void)
{
  begin ();
  run ("a=1", "A0");
  advance (MS (50));
  run ("b=2", "B0");
  advance (MS (50));
  trace_is ("a() ~a A:1 ~A b() ~b B:2 ~B ");
  advance (MS (50));
  run ("c=3", "C0");
  advance (MS (49));
  trace_is ("");
  advance (MS (1));
  trace_is ("c() ~c C:3 ~C ");
  advance (MS (99));
  run ("d=4", "D0");
  trace_is ("");
  advance (MS (1));
  trace_is ("d() ~d D:4 ~D ");
  advance (MS (100));
  run ("e=5", "E0");
  trace_is ("e() ~e E:5 ~E ");
  end ();
}

/* The interval is over, and the clock has not come to the one that waits: the newest is the one that is run. */
static void
clock_is_late (void)
{
  begin ();
  run ("a=1", "A0");
  run ("b=2", "B0");
  trace_is ("a() ~a A:1 ~A ");
  g_deferred_clock_jump (fx_clock, MS (130));
  trace_is ("");
  run ("c=3", "C0");
  trace_is ("~b B:!CANCELLED ~B c() ~c C:3 ~C ");
  run ("d=4", "D0");
  advance (MS (99));
  trace_is ("");
  advance (MS (1));
  trace_is ("d() ~d D:4 ~D ");
  end ();
}

static void
system_clock (void)
{
  GDeferredThrottle *t;
  GDeferred         *shown;

  g_deferred_clock_pop (fx_clock);
  t = g_deferred_throttle_new (1000);
  g_assert_false (g_deferred_clock_is_virtual (g_deferred_throttle_get_clock (t)));
  g_object_unref (g_deferred_throttle_run (t, work, "a=1", NULL));
  shown = g_deferred_throttle_run (t, work, "b=2", NULL);
  g_deferred_wait (shown, NULL);
  trace_is ("a() b() ");
  g_assert_finalize_object (shown);
  g_assert_finalize_object (t);
  g_deferred_clock_push (fx_clock);
}

static gboolean
look_at_context (GDeferred *self, gpointer context, GError **error)
{
  g_assert_true (g_deferred_get_context (self) == context);
  say ("looked ");
  return TRUE;
}

/* Whoever iterates the context need not have made it his default. */
static void
in_another_context (void)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *d;

  g_deferred_clock_pop (fx_clock);
  g_main_context_push_thread_default (context);
  throttle = g_deferred_throttle_new (1000);
  watch (g_deferred_throttle_run (throttle, look_at_context, context, NULL), "A0");
  d = g_deferred_throttle_run (throttle, look_at_context, context, NULL);
  g_main_context_pop_thread_default (context);

  while (!g_deferred_is_finished (d))
    g_main_context_iteration (context, TRUE);
  trace_is ("looked A:- ~A looked ");
  g_assert_finalize_object (d);
  end ();
  settle (context);
  g_main_context_unref (context);
  g_deferred_clock_push (fx_clock);
}

static void
without_an_interval (void)
{
  begin ();
  g_deferred_throttle_set_interval (throttle, 0);
  run ("a", "A0");
  run ("b=2", "B0");
  trace_is ("a() ~a b() ~b B:2 ~B ");
  fire (get_work ('a'), 1);
  trace_is ("A:1 ~A ");
  end ();
}

static void
interval_is_set (void)
{
  begin ();
  run ("a=1", "A0");
  run ("b=2", "B0");
  trace_is ("a() ~a A:1 ~A ");
  advance (MS (20));
  g_deferred_throttle_set_interval (throttle, MS (30));
  g_assert_cmpint (g_deferred_throttle_get_interval (throttle), ==, MS (30));
  advance (MS (9));
  trace_is ("");
  advance (MS (1));
  trace_is ("b() ~b B:2 ~B ");
  run ("c=3", "C0");
  advance (MS (20));
  g_deferred_throttle_set_interval (throttle, MS (10));
  trace_is ("");
  advance (0);
  trace_is ("c() ~c C:3 ~C ");
  g_deferred_throttle_set_interval (throttle, G_MAXINT64);
  run ("d=4", "D0");
  advance (G_TIME_SPAN_DAY);
  trace_is ("");
  g_deferred_throttle_cancel (throttle);
  trace_is ("~d D:!CANCELLED ~D ");
  end ();
}

static void
clock_is_set (void)
{
  GDeferredClock *other = g_deferred_clock_new_virtual ();

  g_deferred_clock_advance (other, G_TIME_SPAN_DAY);
  begin ();
  g_assert_true (g_deferred_throttle_get_clock (throttle) == fx_clock);
  run ("a=1", "A0");
  run ("b=2", "B0");
  advance (MS (50));
  g_deferred_throttle_set_clock (throttle, other);
  g_assert_true (g_deferred_throttle_get_clock (throttle) == other);
  g_assert_cmpuint (n_calls (), ==, 0);
  g_deferred_clock_advance (other, MS (99));
  trace_is ("a() ~a A:1 ~A ");
  g_deferred_clock_advance (other, MS (1));
  trace_is ("b() ~b B:2 ~B ");
  g_deferred_throttle_set_clock (throttle, NULL);
  g_assert_true (g_deferred_throttle_get_clock (throttle) == fx_clock);
  run ("c=3", "C0");
  trace_is ("c() ~c C:3 ~C ");
  g_assert_finalize_object (other);
  end ();
}

/* --- results ----------------------------------------------------------------------------------------------------- */

static void
later_results (void)
{
  begin ();
  run ("a", "A0");
  run ("b", "B0");
  advance (MS (100));
  trace_is ("a() ~a b() ~b ");
  fire_fail (get_work ('b'), "bad");
  trace_is ("B:!bad ~B ");
  fire (get_work ('a'), 5);
  trace_is ("A:5 ~A ");
  advance (MS (100));
  run ("c!worse", "C0");
  trace_is ("c() ~c C:!worse ~C ");
  end ();
}

static void
error_as_it_is (void)
{
  GDeferred *d;

  begin ();
  d = g_deferred_throttle_run (throttle, fail_with_payload, NULL, NULL);
  g_deferred_add_errback (d, has_payload, NULL, NULL);
  trace_is ("payload ");
  g_assert_finalize_object (d);
  end ();
}

static void
reports (void)
{
  begin ();
  g_object_unref (g_deferred_throttle_run (throttle, work, "a!bad", gone));
  reported ("bad");
  g_object_unref (g_deferred_throttle_run (throttle, work, "b=1", gone));
  g_object_unref (g_deferred_throttle_run (throttle, work, "c=1", gone));
  trace_is ("a() ~a ~b ");
  nothing_reported ();
  advance (MS (100));
  trace_is ("c() ~c ");
  end ();
}

static void
producer_dropped (void)
{
  begin ();
  run ("a", "A0");
  drop_work ('a');
  settle (NULL);
  trace_is ("a() ~a A:!ABANDONED ~A ");
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
  g_thread_join (g_thread_new ("producer", fire_in_thread, get_work ('a')));
  settle (NULL);
  trace_is ("a() ~a A:9 ~A ");
  end ();
}

/* --- cancelling -------------------------------------------------------------------------------------------------- */

static void
started_ones_go_on (void)
{
  begin ();
  run ("a", "A0");
  run ("b", "B0");
  advance (MS (100));
  run ("c=3", "C0");
  advance (MS (100));
  trace_is ("a() ~a b() ~b c() ~c C:3 ~C ");
  fire (get_work ('a'), 1);
  fire (get_work ('b'), 2);
  trace_is ("A:1 ~A B:2 ~B ");
  end ();
}

static void
cancelled_while_it_waits (void)
{
  GDeferred *d;

  begin ();
  run ("a=1", "A0");
  d = g_deferred_throttle_run (throttle, work, "b=2", gone);
  link_both (d, "B0");
  g_deferred_cancel (d);
  trace_is ("a() ~a A:1 ~A ~b B:!CANCELLED ~B ");
  g_assert_cmpuint (n_calls (), ==, 0);
  run ("c=3", "C0");
  trace_is ("");
  advance (MS (100));
  trace_is ("c() ~c C:3 ~C ");
  g_assert_finalize_object (d);
  end ();
}

static void
cancelled_under_way (void)
{
  GDeferred *d;

  begin ();
  d = g_deferred_throttle_run (throttle, work, "a", gone);
  link_both (d, "A0");
  g_deferred_cancel (d);
  trace_is ("a() ~a stop-a A:!CANCELLED ~A ");
  g_assert_finalize_object (d);
  end ();
}

static void
cancel_leaves_what_has_started (void)
{
  begin ();
  g_deferred_throttle_cancel (throttle);
  run ("a", "A0");
  run ("b=2", "B0");
  g_deferred_throttle_cancel (throttle);
  trace_is ("a() ~a ~b B:!CANCELLED ~B ");
  g_assert_cmpuint (n_calls (), ==, 0);
  run ("c=3", "C0");
  trace_is ("");
  fire (get_work ('a'), 1);
  advance (MS (100));
  trace_is ("A:1 ~A c() ~c C:3 ~C ");
  end ();
}

static void
timed_out (void)
{
  GDeferred *d;

  begin ();
  run ("a=1", "A0");
  d = g_deferred_throttle_run (throttle, work, "b", gone);
  g_deferred_add_timeout (d, MS (50), NULL);
  watch (d, "B0");
  advance (MS (50));
  trace_is ("a() ~a A:1 ~A ~b B:!Timed out after 50 ms ~B ");
  d = g_deferred_throttle_run (throttle, work, "c", gone);
  g_deferred_add_timeout (d, MS (60), NULL);
  watch (d, "C0");
  advance (MS (60));
  trace_is ("c() ~c stop-c C:!Timed out after 60 ms ~C ");
  end ();
}

/* --- re-entrancy ------------------------------------------------------------------------------------------------- */

static gboolean
run_newer (GDeferred *self, gpointer plan, GError **error)
{
  run ("n=9", "N0");
  return work_by_plan (self, plan, error);
}

static void
function_runs_a_newer_one (void)
{
  begin ();
  watch (g_deferred_throttle_run (throttle, run_newer, "a=1", gone), "A0");
  trace_is ("a() ~a A:1 ~A ");
  advance (MS (100));
  trace_is ("n() ~n N:9 ~N ");
  end ();
}

static gboolean
run_newer_in_callback (GDeferred *self, gpointer plan, GError **error)
{
  say_outcome (plan, self);
  run ("n=9", "N0");
  return g_deferred_return_none (self);
}

static void
cancelled_one_runs_a_newer_one (void)
{
  GDeferred *d;

  begin ();
  run ("a=1", "A0");
  d = g_deferred_throttle_run (throttle, work, "b=2", gone);
  g_deferred_add_both (d, run_newer_in_callback, "B", NULL);
  g_object_unref (d);
  run ("c=3", "C0");
  trace_is ("a() ~a A:1 ~A ~b B:!CANCELLED ~c C:!CANCELLED ~C ");
  advance (MS (100));
  trace_is ("n() ~n N:9 ~N ");

  /* The same where the interval is over: still one start in each. */
  d = g_deferred_throttle_run (throttle, work, "d=2", gone);
  g_deferred_add_both (d, run_newer_in_callback, "D", NULL);
  g_object_unref (d);
  g_deferred_clock_jump (fx_clock, MS (100));
  run ("e=5", "E0");
  trace_is ("~d D:!CANCELLED e() ~e E:5 ~E ");
  advance (MS (99));
  trace_is ("");
  advance (MS (1));
  trace_is ("n() ~n N:9 ~N ");
  end ();
}

static gboolean
drop_throttle (GDeferred *self, gpointer plan, GError **error)
{
  g_assert_finalize_object (g_steal_pointer (&throttle));
  return work_by_plan (self, plan, error);
}

static void
dropped_by_its_function (void)
{
  begin ();
  watch (g_deferred_throttle_run (throttle, drop_throttle, "a", gone), "A0");
  settle (NULL);
  trace_is ("a() ~a ");
  fire (get_work ('a'), 1);
  trace_is ("A:1 ~A ");

  begin ();
  run ("b=1", "B0");
  watch (g_deferred_throttle_run (throttle, drop_throttle, "c=2", gone), "C0");
  trace_is ("b() ~b B:1 ~B ");
  advance (MS (100));
  trace_is ("c() ~c C:2 ~C ");
}

static gboolean
drop_throttle_in_callback (GDeferred *self, gpointer plan, GError **error)
{
  say_outcome (plan, self);
  g_assert_finalize_object (g_steal_pointer (&throttle));
  return g_deferred_return_none (self);
}

static void
dropped_by_a_callback (void)
{
  GDeferred *d;

  begin ();
  run ("a=1", "A0");
  d = g_deferred_throttle_run (throttle, work, "b=1", gone);
  g_deferred_add_both (d, drop_throttle_in_callback, "B", NULL);
  g_object_unref (d);
  run ("c=3", "C0");
  trace_is ("a() ~a A:1 ~A ~b B:!CANCELLED ");
  settle (NULL);
  trace_is ("~c C:!CANCELLED ~C ");

  /* One that was to start at once does. */
  begin ();
  run ("a=1", "A0");
  d = g_deferred_throttle_run (throttle, work, "b=1", gone);
  g_deferred_add_both (d, drop_throttle_in_callback, "B", NULL);
  g_object_unref (d);
  g_deferred_clock_jump (fx_clock, MS (100));
  run ("c=3", "C0");
  trace_is ("a() ~a A:1 ~A ~b B:!CANCELLED c() ~c C:3 ~C ");
}

/* --- ending ------------------------------------------------------------------------------------------------------ */

static void
dropped_while_one_waits (void)
{
  begin ();
  run ("a", "A0");
  run ("b=2", "B0");
  end ();
  trace_is ("a() ~a ");
  g_assert_cmpuint (n_calls (), ==, 0);
  advance (MS (200));
  trace_is ("");
  settle (NULL);
  trace_is ("~b B:!CANCELLED ~B ");
  fire (get_work ('a'), 1);
  trace_is ("A:1 ~A ");
}

static void
owner_gone (void)
{
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *d;

  begin ();
  run ("a=1", "A0");
  d = g_deferred_throttle_run (throttle, work, "b=1", gone);
  g_deferred_bind_owner (d, owner);
  watch (d, "B0");
  g_object_unref (owner);
  trace_is ("a() ~a A:1 ~A ");
  settle (NULL);
  trace_is ("~b ~B ");
  g_assert_cmpuint (n_calls (), ==, 0);
  end ();
}

static void
many (void)
{
  guint n = gd_test_scaled (100000);

  begin ();
  for (guint i = 0; i < n; i++)
    g_object_unref (g_deferred_throttle_run (throttle, work, "a=1", NULL));
  trace_is ("a() ");
  g_assert_cmpuint (n_calls (), ==, 1);
  advance (MS (100));
  trace_is ("a() ");
  end ();
}

/* --- Deferreds in place of functions ----------------------------------------------------------------------------- */

/* One that is cancelled says so, and calls a function when it is fired. */
static void
run_deferred (const char *plan, const char *watcher)
{
  GDeferred *start = g_deferred_new ();

  g_deferred_add_callback (start, work, (gpointer) plan, gone);
  watch_to_the_end (g_deferred_throttle_run_deferred (throttle, start), watcher);
  g_object_unref (start);
}

static void
deferreds (void)
{
  GDeferred *fired;

  begin ();
  run ("z=0", NULL);
  trace_is ("z() ~z ");
  run_deferred ("a=1", "A0");
  trace_is ("");
  run_deferred ("b=2", "B0");
  trace_is ("~a A:!CANCELLED ~A ");
  advance (MS (100));
  trace_is ("b() ~b B:2 ~B ");

  run_deferred ("c=1", "C0");
  g_deferred_throttle_cancel (throttle);
  trace_is ("~c C:!CANCELLED ~C ");
  advance (MS (100));
  trace_is ("");

  fired = g_deferred_new ();
  g_deferred_callback_int (fired, 7, NULL);
  watch_to_the_end (g_deferred_throttle_run_deferred (throttle, fired), "D0");
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
  expect_critical ("g_deferred_throttle_run: called from a thread that is not the object's home");
  g_assert_null (g_deferred_throttle_run (throttle, work, "a", gone));
  expect_critical ("g_deferred_throttle_cancel: called from");
  g_deferred_throttle_cancel (throttle);
  expect_critical ("g_deferred_throttle_set_interval: called from");
  g_deferred_throttle_set_interval (throttle, 1);
  expect_critical ("g_deferred_throttle_set_clock: called from");
  g_deferred_throttle_set_clock (throttle, NULL);
  criticals_came ();
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return NULL;
}

static void
elsewhere (void)
{
  begin ();
  run ("b=1", "B0");
  run ("c=2", "C0");
  g_thread_join (g_thread_new ("elsewhere", use_elsewhere, NULL));
  trace_is ("b() ~b B:1 ~B ");
  settle (NULL);
  trace_is ("~a ");
  advance (MS (100));
  trace_is ("c() ~c C:2 ~C ");
  g_assert_cmpint (g_deferred_throttle_get_interval (throttle), ==, MS (100));
  end ();
}

static void
clock_elsewhere (void)
{
  Elsewhere other;

  elsewhere_begin (&other);
  begin ();
  g_deferred_throttle_set_clock (throttle, other.clock);
  expect_critical ("g_deferred_clock_get_time: called from a thread that is not at home in the clock's");
  run ("a=1", "A0");
  expect_critical ("g_deferred_clock_get_time: called from");
  expect_critical ("g_deferred_clock_call_later: called from");
  run ("b=1", "B0");
  criticals_came ();
  trace_is ("a() ~a A:1 ~A ~b B:!CANCELLED ~B ");
  end ();

  begin ();
  run ("b=1", "B0");
  run ("c=2", "C0");
  trace_is ("b() ~b B:1 ~B ");
  expect_critical ("g_deferred_clock_get_time: called from");
  expect_critical ("g_deferred_clock_call_later: called from");
  g_deferred_throttle_set_clock (throttle, other.clock);
  criticals_came ();
  trace_is ("~c C:!CANCELLED ~C ");
  end ();
  elsewhere_end (&other);
}

static void
bad_arguments (void)
{
  begin ();
  expect_critical ("interval >= 0");
  g_assert_null (g_deferred_throttle_new (-1));
  expect_critical ("interval >= 0");
  g_deferred_throttle_set_interval (throttle, -1);
  expect_critical ("G_IS_DEFERRED_THROTTLE (self)");
  g_deferred_throttle_set_interval (NULL, 1);
  expect_critical ("G_IS_DEFERRED_THROTTLE (self)");
  g_assert_cmpint (g_deferred_throttle_get_interval (NULL), ==, 0);
  expect_critical ("G_IS_DEFERRED_CLOCK (clock)");
  g_deferred_throttle_set_clock (throttle, (GDeferredClock *) throttle);
  expect_critical ("G_IS_DEFERRED_THROTTLE (self)");
  g_deferred_throttle_set_clock (NULL, NULL);
  expect_critical ("G_IS_DEFERRED_THROTTLE (self)");
  g_assert_null (g_deferred_throttle_get_clock (NULL));
  expect_critical ("func != NULL");
  g_assert_null (g_deferred_throttle_run (throttle, NULL, NULL, NULL));
  expect_critical ("G_IS_DEFERRED (start)");
  g_assert_null (g_deferred_throttle_run_deferred (throttle, NULL));
  expect_critical ("G_IS_DEFERRED_THROTTLE (self)");
  g_assert_null (g_deferred_throttle_run (NULL, work, "a", gone));
  expect_critical ("G_IS_DEFERRED_THROTTLE (self)");
  g_deferred_throttle_cancel (NULL);
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
  gint64          interval = 0;

  throttle = g_object_new (G_TYPE_DEFERRED_THROTTLE, "interval", MS (7), "clock", other, NULL);
  g_signal_connect (throttle, "notify", G_CALLBACK (on_notify), NULL);
  g_object_get (throttle, "interval", &interval, "clock", &got, NULL);
  g_assert_cmpint (interval, ==, MS (7));
  g_assert_true (got == other);
  g_object_set (throttle, "interval", MS (7), "clock", other, NULL);
  trace_is ("");
  g_object_set (throttle, "interval", MS (8), NULL);
  g_object_set (throttle, "clock", NULL, NULL);
  trace_is ("interval clock ");
  g_assert_cmpint (g_deferred_throttle_get_interval (throttle), ==, MS (8));
  g_assert_true (g_deferred_throttle_get_clock (throttle) == fx_clock);
  g_object_unref (got);
  end ();
  g_assert_finalize_object (other);
}

static const Case cases[] = {
  { "/throttle/the-first-starts-at-once", first_at_once },
  { "/throttle/the-newest-starts-at-the-end-of-the-interval", newest_at_the_end },
  { "/throttle/intervals-count-from-starts", intervals_count_from_starts },
  { "/throttle/a-late-clock-does-not-start-two", clock_is_late },
  { "/throttle/on-the-systems-clock", system_clock },
  { "/rule-19/throttle/in-another-context", in_another_context },
  { "/throttle/without-an-interval-all-start", without_an_interval },
  { "/throttle/the-interval-changes-for-what-waits", interval_is_set },
  { "/throttle/on-another-clock-it-waits-anew", clock_is_set },
  { "/throttle/gives-what-the-functions-come-to", later_results },
  { "/throttle/gives-the-error-as-it-is", error_as_it_is },
  { "/rule-16/throttle/failures-are-reported-being-outrun-is-not", reports },
  { "/rule-17/throttle/told-when-the-producer-is-dropped", producer_dropped },
  { "/rule-20/throttle/fired-from-a-thread", fired_from_a_thread },
  { "/throttle/what-has-started-goes-on", started_ones_go_on },
  { "/rule-14/throttle/cancelled-while-it-waits", cancelled_while_it_waits },
  { "/rule-15/throttle/cancelled-under-way", cancelled_under_way },
  { "/throttle/cancel-leaves-what-has-started", cancel_leaves_what_has_started },
  { "/throttle/with-a-time-out", timed_out },
  { "/throttle/reentry/the-function-runs-a-newer-one", function_runs_a_newer_one },
  { "/throttle/reentry/a-cancelled-one-runs-a-newer-one", cancelled_one_runs_a_newer_one },
  { "/throttle/reentry/dropped-by-its-function", dropped_by_its_function },
  { "/throttle/reentry/dropped-by-a-callback", dropped_by_a_callback },
  { "/rule-17/throttle/dropped-while-one-waits", dropped_while_one_waits },
  { "/rule-25/throttle/the-owner-of-the-result-is-gone", owner_gone },
  { "/throttle/many", many },
  { "/throttle/deferreds-in-place-of-functions", deferreds },
  { "/misuse/throttle/elsewhere", elsewhere },
  { "/misuse/throttle/clock-elsewhere", clock_elsewhere },
  { "/misuse/throttle/bad-arguments", bad_arguments },
  { "/rule-24/throttle/properties", properties },
};

int
main (int argc, char **argv)
{
  return run_timed_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
