/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* GDeferredDebounce: cancelling, use from inside, and its end. */

#include "debounce-fixture.h"

/* --- cancelling -------------------------------------------------------------------------------------------------- */

static void
newer_cancels_what_is_under_way (void)
{
  begin ();
  run ("a", "A0");
  advance (MS (100));
  trace_is ("a() ~a ");
  run ("b=2", "B0");
  trace_is ("stop-a A:!CANCELLED ~A ");
  advance (MS (100));
  trace_is ("b() ~b B:2 ~B ");
  end ();
}

static void
newer_leaves_what_is_over (void)
{
  GDeferred *d;

  begin ();
  d = g_deferred_debounce_run (debounce, work, "a=1", gone);
  advance (MS (100));
  run ("b=2", "B0");
  g_assert_cmpint (g_deferred_get_int (d), ==, 1);
  g_assert_false (g_deferred_is_cancelled (d));
  advance (MS (100));
  trace_is ("a() ~a b() ~b B:2 ~B ");
  g_assert_finalize_object (d);
  end ();
}

static void
cancelled_while_it_waits (void)
{
  GDeferred *d;

  begin ();
  d = g_deferred_debounce_run (debounce, work, "a=1", gone);
  link_both (d, "A0");
  g_deferred_cancel (d);
  trace_is ("~a A:!CANCELLED ~A ");
  g_assert_cmpuint (n_calls (), ==, 0);
  g_assert_false (g_deferred_debounce_flush (debounce));
  run ("b=2", "B0");
  advance (MS (100));
  trace_is ("b() ~b B:2 ~B ");
  g_assert_finalize_object (d);
  end ();
}

static void
cancelled_under_way (void)
{
  GDeferred *d;

  begin ();
  d = g_deferred_debounce_run (debounce, work, "a", gone);
  link_both (d, "A0");
  advance (MS (100));
  g_deferred_cancel (d);
  trace_is ("a() ~a stop-a A:!CANCELLED ~A ");
  g_assert_finalize_object (d);
  end ();
}

static void
all_cancelled (void)
{
  begin ();
  g_deferred_debounce_cancel (debounce);
  run ("a=1", "A0");
  g_deferred_debounce_cancel (debounce);
  trace_is ("~a A:!CANCELLED ~A ");
  g_assert_cmpuint (n_calls (), ==, 0);
  run ("b", "B0");
  advance (MS (100));
  g_deferred_debounce_cancel (debounce);
  trace_is ("b() ~b stop-b B:!CANCELLED ~B ");
  g_deferred_debounce_cancel (debounce);
  end ();
}

/* Cleaning up after a cancel is not cancelled as well, though it is not over. */
static void
cancelled_once_only (void)
{
  begin ();
  watch (g_deferred_debounce_run (debounce, work_and_clean_up, "a", gone), "A0");
  advance (MS (100));
  run ("b=1", "B0");
  trace_is ("a() ~a stop-a x() ");
  run ("c=2", "C0");
  trace_is ("~b B:!CANCELLED ~B ");
  g_deferred_debounce_cancel (debounce);
  trace_is ("~c C:!CANCELLED ~C ");
  fire (get_work ('x'), 3);
  trace_is ("A:3 ~A ");

  watch (g_deferred_debounce_run (debounce, work_and_clean_up, "d", gone), "D0");
  advance (MS (100));
  g_deferred_debounce_cancel (debounce);
  trace_is ("d() ~d stop-d x() ");
  run ("e=5", "E0");
  fire (get_work ('x'), 4);
  trace_is ("D:4 ~D ");
  advance (MS (100));
  trace_is ("e() ~e E:5 ~E ");
  end ();
}

static void
canceller_gives_a_value (void)
{
  begin ();
  watch (g_deferred_debounce_run (debounce, work_and_make_do, "a", gone), "A0");
  advance (MS (100));
  run ("b=1", "B0");
  trace_is ("~a A:4 ~A ");
  advance (MS (100));
  trace_is ("b() ~b B:1 ~B ");
  end ();
}

static void
timed_out (void)
{
  GDeferred *d;

  begin ();
  d = g_deferred_debounce_run (debounce, work, "a", gone);
  g_deferred_add_timeout (d, MS (150), NULL);
  link_both (d, "A0");
  advance (MS (150));
  trace_is ("a() ~a stop-a A:!Timed out after 150 ms ~A ");
  g_assert_finalize_object (d);

  d = g_deferred_debounce_run (debounce, work, "b", gone);
  g_deferred_add_timeout (d, MS (150), NULL);
  link_both (d, "B0");
  run ("c=1", "C0");
  trace_is ("~b B:!CANCELLED ~B ");
  advance (MS (100));
  trace_is ("c() ~c C:1 ~C ");
  g_assert_finalize_object (d);
  end ();
}

/* --- re-entrancy ------------------------------------------------------------------------------------------------- */

static gboolean
run_newer (GDeferred *self, gpointer plan, GError **error)
{
  run ("n=9", "N0");
  return work_by_plan (self, plan, error);
}

/* What the older one returns is not left running. */
static void
function_runs_a_newer_one (void)
{
  begin ();
  watch (g_deferred_debounce_run (debounce, run_newer, "a", gone), "A0");
  advance (MS (100));
  trace_is ("A:!CANCELLED ~A a() ~a stop-a ");
  advance (MS (100));
  trace_is ("n() ~n N:9 ~N ");

  watch (g_deferred_debounce_run (debounce, run_newer, "b!lost", gone), "B0");
  advance (MS (100));
  trace_is ("B:!CANCELLED ~B b() ~b ");
  nothing_reported ();
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

/* That one is the newest: the one whose run cancelled the first was begun before it. */
static void
cancelled_one_runs_a_newer_one (void)
{
  GDeferred *d;

  begin ();
  d = g_deferred_debounce_run (debounce, work, "a=1", gone);
  g_deferred_add_both (d, run_newer_in_callback, "A", NULL);
  g_object_unref (d);
  d = g_deferred_debounce_run (debounce, work, "b=2", gone);
  trace_is ("~a A:!CANCELLED ~b ");
  watch (d, "B0");
  trace_is ("B:!CANCELLED ~B ");
  g_assert_cmpuint (n_calls (), ==, 1);
  advance (MS (100));
  trace_is ("n() ~n N:9 ~N ");
  end ();
}

static void
flush_and_run (gpointer data)
{
  gone (data);
  g_assert_false (g_deferred_debounce_flush (debounce));
  run ("n=9", "N0");
}

static void
data_runs_a_newer_one (void)
{
  GDeferred *d;

  begin ();
  watch (g_deferred_debounce_run (debounce, work, "a", flush_and_run), "A0");
  advance (MS (100));
  trace_is ("a() ~a A:!CANCELLED ~A stop-a ");
  g_deferred_debounce_cancel (debounce);
  trace_is ("~n N:!CANCELLED ~N ");

  d = g_deferred_debounce_run (debounce, work, "b", flush_and_run);
  link_both (d, "B0");
  g_deferred_cancel (d);
  trace_is ("~b B:!CANCELLED ~B ");
  advance (MS (100));
  trace_is ("n() ~n N:9 ~N ");
  g_assert_finalize_object (d);
  end ();
}

static gboolean
drop_debounce (GDeferred *self, gpointer plan, GError **error)
{
  g_assert_finalize_object (g_steal_pointer (&debounce));
  return work_by_plan (self, plan, error);
}

/* Being dropped cancels what the function, that moment, goes on to return. */
static void
dropped_by_its_function (void)
{
  begin ();
  watch (g_deferred_debounce_run (debounce, drop_debounce, "a", gone), "A0");
  advance (MS (100));
  trace_is ("a() ~a ");
  settle (NULL);
  trace_is ("stop-a A:!CANCELLED ~A ");

  begin ();
  watch (g_deferred_debounce_run (debounce, drop_debounce, "b=1", gone), "B0");
  g_deferred_debounce_flush (debounce);
  trace_is ("b() ~b B:1 ~B ");
}

static gboolean
drop_debounce_in_callback (GDeferred *self, gpointer plan, GError **error)
{
  say_outcome (plan, self);
  g_assert_finalize_object (g_steal_pointer (&debounce));
  return g_deferred_return_none (self);
}

static void
dropped_by_a_callback (void)
{
  GDeferred *d;

  begin ();
  d = g_deferred_debounce_run (debounce, work, "a=1", gone);
  g_deferred_add_both (d, drop_debounce_in_callback, "A", NULL);
  g_object_unref (d);
  watch (g_deferred_debounce_run (debounce, work, "b=2", gone), "B0");
  trace_is ("~a A:!CANCELLED ");
  g_assert_null (debounce);
  settle (NULL);
  trace_is ("~b B:!CANCELLED ~B ");

  begin ();
  d = g_deferred_debounce_run (debounce, work, "c=3", gone);
  g_deferred_add_both (d, drop_debounce_in_callback, "C", NULL);
  g_object_unref (d);
  advance (MS (100));
  trace_is ("c() ~c C:3 ");
  g_assert_null (debounce);
}

/* --- ending ------------------------------------------------------------------------------------------------------ */

static void
dropped_while_one_waits (void)
{
  begin ();
  run ("a=1", "A0");
  end ();
  trace_is ("");
  g_assert_cmpuint (n_calls (), ==, 0);
  advance (MS (200));
  trace_is ("");
  settle (NULL);
  trace_is ("~a A:!CANCELLED ~A ");
}

static void
dropped_while_one_is_under_way (void)
{
  begin ();
  run ("a", "A0");
  advance (MS (100));
  end ();
  trace_is ("a() ~a ");
  settle (NULL);
  trace_is ("stop-a A:!CANCELLED ~A ");
}

static void
result_before_the_cancel (void)
{
  begin ();
  run ("a", "A0");
  advance (MS (100));
  end ();
  fire (get_work ('a'), 3);
  trace_is ("a() ~a A:3 ~A ");
  settle (NULL);
  trace_is ("");
}

static void
disposed_and_used_again (void)
{
  begin ();
  run ("a=1", "A0");
  g_object_run_dispose (G_OBJECT (debounce));
  trace_is ("");
  run ("b=2", "B0");
  settle (NULL);
  trace_is ("~a A:!CANCELLED ~A ");
  advance (MS (100));
  trace_is ("b() ~b B:2 ~B ");
  end ();
}

static void
owner_gone (void)
{
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *d;

  begin ();
  d = g_deferred_debounce_run (debounce, work, "a=1", gone);
  g_deferred_bind_owner (d, owner);
  watch (d, "A0");
  g_object_unref (owner);
  trace_is ("");
  settle (NULL);
  trace_is ("~a ~A ");
  g_assert_false (g_deferred_debounce_flush (debounce));

  owner = g_object_new (G_TYPE_OBJECT, NULL);
  d = g_deferred_debounce_run (debounce, work, "b", gone);
  g_deferred_bind_owner (d, owner);
  watch (d, "B0");
  advance (MS (100));
  g_object_unref (owner);
  trace_is ("b() ~b ");
  settle (NULL);
  trace_is ("stop-b ~B ");
  end ();
}

static gboolean
bind_itself (GDeferred *self, gpointer owner, GError **error)
{
  g_deferred_bind_owner (self, owner);
  return work_by_plan (self, "a", error);
}

/* The function's own Deferred is muted, and who waits hears of it all the same. */
static void
function_binds_an_owner (void)
{
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);

  begin ();
  watch (g_deferred_debounce_run (debounce, bind_itself, owner, NULL), "A0");
  advance (MS (100));
  g_object_unref (owner);
  settle (NULL);
  trace_is ("a() stop-a A:!CANCELLED ~A ");
  end ();
}

/* A pause of the result holds back its callbacks, and nothing of the debounce. */
static void
paused (void)
{
  GDeferred *d;

  begin ();
  d = g_deferred_debounce_run (debounce, work, "a=1", gone);
  link_both (d, "A0");
  g_deferred_pause (d);
  run ("b=2", "B0");
  trace_is ("~a ");
  advance (MS (100));
  trace_is ("b() ~b B:2 ~B ");
  g_deferred_unpause (d);
  trace_is ("A:!CANCELLED ~A ");
  g_assert_finalize_object (d);
  end ();
}

static void
producers_own (void)
{
  GDeferred *d;

  begin ();
  d = g_deferred_debounce_run (debounce, work, "a=1", gone);
  fire_refused (d, ALREADY_CALLED);
  expect_critical ("hand it over before that");
  g_deferred_hand_over (d, NULL);
  criticals_came ();
  watch (d, "A0");
  advance (MS (100));
  trace_is ("a() ~a A:1 ~A ");
  end ();
}

static void
many (void)
{
  guint n = gd_test_scaled (100000);

  begin ();
  for (guint i = 0; i < n; i++)
    g_object_unref (g_deferred_debounce_run (debounce, work, "a=1", NULL));
  g_assert_cmpuint (n_calls (), ==, 1);
  advance (MS (100));
  trace_is ("a() ");
  end ();
}

static const Case cases[] = {
  { "/rule-15/debounce/a-newer-one-cancels-what-is-under-way", newer_cancels_what_is_under_way },
  { "/rule-15/debounce/a-newer-one-leaves-what-is-over", newer_leaves_what_is_over },
  { "/rule-14/debounce/cancelled-while-it-waits", cancelled_while_it_waits },
  { "/rule-15/debounce/cancelled-under-way", cancelled_under_way },
  { "/rule-15/debounce/cancel-ends-whatever-there-is", all_cancelled },
  { "/rule-15/debounce/cancelled-once-only", cancelled_once_only },
  { "/rule-14/debounce/a-canceller-that-gives-a-value", canceller_gives_a_value },
  { "/debounce/with-a-time-out", timed_out },
  { "/debounce/reentry/the-function-runs-a-newer-one", function_runs_a_newer_one },
  { "/debounce/reentry/a-cancelled-one-runs-a-newer-one", cancelled_one_runs_a_newer_one },
  { "/debounce/reentry/the-datas-end-runs-a-newer-one", data_runs_a_newer_one },
  { "/debounce/reentry/dropped-by-its-function", dropped_by_its_function },
  { "/debounce/reentry/dropped-by-a-callback", dropped_by_a_callback },
  { "/rule-17/debounce/dropped-while-one-waits", dropped_while_one_waits },
  { "/rule-17/debounce/dropped-while-one-is-under-way", dropped_while_one_is_under_way },
  { "/rule-17/debounce/dropped-and-the-result-is-quicker", result_before_the_cancel },
  { "/rule-18/debounce/disposed-and-used-again", disposed_and_used_again },
  { "/rule-25/debounce/the-owner-of-the-result-is-gone", owner_gone },
  { "/rule-25/debounce/the-function-binds-an-owner", function_binds_an_owner },
  { "/rule-12/debounce/the-result-is-paused", paused },
  { "/rule-01/debounce/the-result-is-not-the-consumers-to-fire", producers_own },
  { "/debounce/many", many },
};

int
main (int argc, char **argv)
{
  return run_timed_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
