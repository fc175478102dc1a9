/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Rules 9, 12 and 13: links added while the chain runs, pauses, destroy-notifies. */

#include "fixture.h"

/* Rule 9: appended, and run by the loop that runs already */

static int depth;

static gboolean
adds_two (GDeferred *self, gpointer data, GError **error)
{
  g_assert_cmpint (depth++, ==, 0);
  link_both (self, "x");
  link_both (self, "y");
  say ("added ");
  depth--;
  return TRUE;
}

static void
added_while_running (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_add_callback (d, adds_two, NULL, NULL);
  link_both (d, "b=2");
  fire (d, 1);
  trace_is ("added b:1 ~b x:2 ~x y:2 ~y ");

  /* The same where the loop runs because of an add. */
  g_deferred_add_callback (d, adds_two, NULL, NULL);
  link_both (d, "c");
  trace_is ("added x:2 ~x y:2 ~y c:2 ~c ");
  g_assert_finalize_object (d);
}

static gboolean
adds_itself (GDeferred *self, gpointer data, GError **error)
{
  int *left = data;

  g_assert_cmpint (depth++, ==, 0);
  if (--*left > 0)
    g_deferred_add_callback (self, adds_itself, left, NULL);
  depth--;
  return TRUE;
}

static void
adding_itself_does_not_recurse (void)
{
  GDeferred *d = g_deferred_new ();
  int        left = (int) gd_test_scaled (1000000);

  g_deferred_add_callback (d, adds_itself, &left, NULL);
  fire (d, 1);
  g_assert_cmpint (left, ==, 0);
  g_assert_finalize_object (d);
}

static gboolean
adds_then_runs_a_loop (GDeferred *self, gpointer data, GError **error)
{
  link_both (self, "x");
  settle (NULL);
  say ("loop-done ");
  return TRUE;
}

static gboolean
add_from_idle (gpointer d)
{
  say ("idle ");
  link_both (d, "i");
  return G_SOURCE_REMOVE;
}

static void
added_in_a_nested_loop (void)
{
  GDeferred *d = g_deferred_new ();

  g_idle_add (add_from_idle, d);
  g_deferred_add_callback (d, adds_then_runs_a_loop, NULL, NULL);
  fire (d, 1);
  trace_is ("idle loop-done x:1 ~x i:1 ~i ");
  g_assert_finalize_object (d);
}

static gboolean
adds_and_fails (GDeferred *self, gpointer data, GError **error)
{
  link_callback (self, "x");
  link_errback (self, "y0");
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "bad");
  return FALSE;
}

static void
added_sees_the_new_outcome (void)
{
  GDeferred *d = succeeded_with (1);

  g_deferred_add_callback (d, adds_and_fails, NULL, NULL);
  trace_is ("~x y:!bad ~y ");
  g_assert_finalize_object (d);
}

static GDeferred *added_to;

static void
add_from_destroy (gpointer data)
{
  say ("destroy ");
  link_both (added_to, "x");
  say ("added ");
}

static void
added_by_a_destroy_notify (void)
{
  GDeferred *d = added_to = g_deferred_new ();

  g_deferred_add_both (d, act, (gpointer) "a", add_from_destroy);
  link_both (d, "b=2");
  fire (d, 1);
  trace_is ("a:1 destroy added b:1 ~b x:2 ~x ");

  /* Where no link runs: the last one that there is. */
  g_deferred_add_both (d, act, (gpointer) "c", add_from_destroy);
  trace_is ("c:2 destroy added x:2 ~x ");
  g_assert_finalize_object (d);
}

/* Others that are fired, by a callback, run within it: their loop is not this one. */
static gboolean
fires_other (GDeferred *self, gpointer other, GError **error)
{
  say ("fires ");
  fire (other, 5);
  say ("fired ");
  return TRUE;
}

static void
another_runs_at_once (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *other = g_deferred_new ();

  g_deferred_add_callback (d, fires_other, other, NULL);
  link_both (d, "a");
  link_both (other, "o");
  fire (d, 1);
  trace_is ("fires o:5 ~o fired a:1 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (other);
}

/* Rule 12: pauses count */

static void
pauses_nest (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_pause (d);
  g_deferred_pause (d);
  g_assert_true (g_deferred_get_paused (d));
  link_both (d, "a");
  fire (d, 1);
  g_deferred_unpause (d);
  g_assert_true (g_deferred_get_paused (d));
  link_both (d, "b");
  trace_is ("");
  g_deferred_unpause (d);
  g_assert_false (g_deferred_get_paused (d));
  trace_is ("a:1 ~a b:1 ~b ");
  link_both (d, "c");
  trace_is ("c:1 ~c ");
  g_assert_finalize_object (d);
}

static void
unpaused_before_firing (void)
{
  GDeferred *d = g_deferred_new ();

  link_both (d, "a");
  g_deferred_pause (d);
  g_deferred_unpause (d);
  trace_is ("");
  state_is (d, PENDING);
  fire (d, 1);
  trace_is ("a:1 ~a ");
  g_assert_finalize_object (d);
}

static void
failure_while_paused_is_kept (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_pause (d);
  fire_fail (d, "bad");
  link_both (d, "a0");
  trace_is ("");
  g_deferred_unpause (d);
  trace_is ("a:!bad ~a ");
  g_assert_finalize_object (d);
}

static void
pause_inside_stops_before_the_next (void)
{
  GDeferred *d = g_deferred_new ();

  link_both (d, "a-");
  link_both (d, "b");
  link_both (d, "c");
  fire (d, 1);
  trace_is ("a:1 ~a ");
  g_assert_true (g_deferred_get_paused (d));
  link_both (d, "e");
  settle (NULL);
  trace_is ("");
  g_deferred_unpause (d);
  trace_is ("b:1 ~b c:1 ~c e:1 ~e ");
  g_assert_finalize_object (d);
}

static gboolean
pauses_and_unpauses (GDeferred *self, gpointer data, GError **error)
{
  g_deferred_pause (self);
  g_deferred_unpause (self);
  say ("between ");
  return g_deferred_return_int (self, 2);
}

static void
unpause_inside_does_not_run_ahead (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_add_callback (d, pauses_and_unpauses, NULL, NULL);
  link_both (d, "b");
  fire (d, 1);
  trace_is ("between b:2 ~b ");
  g_assert_finalize_object (d);
}

static gboolean
unpauses_other (GDeferred *self, gpointer other, GError **error)
{
  say ("unpauses ");
  g_deferred_unpause (other);
  return TRUE;
}

static void
unpaused_by_another_one (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *other = g_deferred_new ();

  link_both (d, "a-");
  link_both (d, "b");
  g_deferred_add_callback (other, unpauses_other, d, NULL);
  link_both (other, "o");
  fire (other, 2);
  trace_is ("a:1 ~a unpauses b:1 ~b o:2 ~o ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (other);
}

static void
never_releases_a_wait (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner = g_deferred_new ();

  link_inner (d, inner);
  link_both (d, "a");

  expect_critical ("unpause");
  g_deferred_unpause (d);
  criticals_came ();
  state_is (d, WAITING);
  trace_is ("");

  g_deferred_pause (d);
  g_deferred_unpause (d);
  state_is (d, WAITING);
  trace_is ("");

  fire (inner, 2);
  trace_is ("a:2 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static void
paused_while_waiting (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner = g_deferred_new ();

  link_both (inner, "i");
  link_inner (d, inner);
  link_both (d, "a");
  g_deferred_pause (d);
  fire (inner, 2);
  trace_is ("i:2 ~i ");
  g_assert_null (g_deferred_get_waiting_on (d));
  link_both (inner, "j");
  trace_is ("j:- ~j ");
  g_deferred_unpause (d);
  trace_is ("a:2 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static gboolean
pauses_and_returns (GDeferred *self, gpointer inner, GError **error)
{
  g_deferred_pause (self);
  return g_deferred_return_deferred (self, g_object_ref (inner));
}

static void
paused_and_waiting_at_once (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner = g_deferred_new ();

  g_deferred_add_callback (d, pauses_and_returns, inner, NULL);
  link_both (d, "a");
  g_deferred_unpause (d);
  trace_is ("");
  state_is (d, WAITING);
  fire (inner, 2);
  trace_is ("a:2 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static void
unpaired (void)
{
  GDeferred *d = g_deferred_new ();

  for (int i = 0; i < 3; i++)
    {
      expect_critical ("unpause");
      g_deferred_unpause (d);
      criticals_came ();
    }
  g_assert_false (g_deferred_get_paused (d));
  g_deferred_pause (d);
  g_assert_true (g_deferred_get_paused (d));
  link_both (d, "a");
  fire (d, 1);
  trace_is ("");
  g_deferred_unpause (d);
  trace_is ("a:1 ~a ");
  g_assert_finalize_object (d);
}

static void
cancelled_while_paused (void)
{
  GDeferred *d = g_deferred_new ();

  link_both (d, "a0");
  g_deferred_pause (d);
  g_deferred_cancel (d);
  trace_is ("");
  g_deferred_unpause (d);
  trace_is ("a:!CANCELLED ~a ");
  g_assert_finalize_object (d);
}

/* Rule 13: destroy-notifies, once and in time */

static void
as_soon_as_the_link_has_run (void)
{
  GDeferred *d = g_deferred_new ();

  link_pair (d, "a", "A");
  link_callback (d, "b");
  link_errback (d, "c");
  link_both (d, "d-");
  link_both (d, "e");
  fire (d, 1);
  trace_is ("a:1 ~a ~A b:1 ~b ~c d:1 ~d ");
  g_deferred_unpause (d);
  trace_is ("e:1 ~e ");
  g_assert_finalize_object (d);
}

static void
of_a_missing_half (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_add_callbacks (d, NULL, (gpointer) "a", gone, NULL, (gpointer) "b", gone);
  fire (d, 1);
  trace_is ("~a ~b ");
  g_assert_finalize_object (d);
}

static gboolean
does_nothing (GDeferred *self, gpointer data, GError **error)
{
  return TRUE;
}

static void
shared_data_is_freed_for_each (void)
{
  GDeferred *d = g_deferred_new ();
  GObject   *object = g_object_new (G_TYPE_OBJECT, NULL);

  for (int i = 0; i < 5; i++)
    g_deferred_add_callbacks (d, does_nothing, g_object_ref (object), g_object_unref, does_nothing,
                              g_object_ref (object), g_object_unref);
  g_assert_cmpuint (object->ref_count, ==, 11);
  fire (d, 1);
  g_assert_finalize_object (object);
  g_assert_finalize_object (d);
}

static void
before_it_waits (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner = g_deferred_new ();

  link_inner (d, inner);
  link_both (d, "b");
  g_assert_cmpuint (G_OBJECT (inner)->ref_count, <=, 2);
  trace_is ("");
  fire (inner, 2);
  trace_is ("b:2 ~b ");
  g_assert_finalize_object (inner);
  g_assert_finalize_object (d);
}

static void
when_dropped_unfired (void)
{
  GDeferred *d = g_deferred_new ();

  link_callback (d, "a");
  link_both (d, "b0");
  g_object_unref (d);
  trace_is ("");
  settle (NULL);
  trace_is ("~a b:!ABANDONED ~b ");
}

static void
canceller_stops (GDeferred *self, gpointer data)
{
  say ("canceller ");
}

static void
of_the_canceller (void)
{
  /* Fired: it can no longer run. */
  GDeferred *d = g_deferred_new_with_canceller (canceller_stops, (gpointer) "k", gone);

  link_both (d, "a0");
  fire (d, 1);
  g_assert_nonnull (strstr (fx_trace->str, "~k "));
  g_string_truncate (fx_trace, 0);
  g_deferred_cancel (d);
  g_assert_finalize_object (d);
  trace_is ("");

  /* Called. */
  d = g_deferred_new_with_canceller (canceller_stops, (gpointer) "k", gone);
  g_deferred_cancel (d);
  trace_is ("canceller ~k ");
  g_assert_finalize_object (d);

  /* Dropped. */
  d = g_deferred_new_with_canceller (canceller_stops, (gpointer) "k", gone);
  g_object_unref (d);
  settle (NULL);
  trace_is ("~k ");

  /* No canceller, data all the same. */
  d = g_deferred_new_with_canceller (NULL, (gpointer) "k", gone);
  g_deferred_cancel (d);
  g_object_unref (d);
  settle (NULL);
  trace_is ("~k ");
}

static void
drop_from_destroy (gpointer d)
{
  say ("drop ");
  g_object_unref (d);
}

static void
that_drops_the_last_reference (void)
{
  GDeferred *d = g_deferred_new ();
  gpointer   weak = d;

  g_object_add_weak_pointer (G_OBJECT (d), &weak);
  g_deferred_add_both (d, return_it, d, drop_from_destroy); /* the test's own reference */
  link_both (d, "b0");
  fire (d, 1);
  trace_is ("drop b:!LOOP ~b ");
  g_assert_null (weak);
}

static const Case cases[] = {
  { "/rule-09/links-added-while-running-are-appended", added_while_running },
  { "/rule-09/adding-itself-does-not-recurse", adding_itself_does_not_recurse },
  { "/rule-09/added-in-a-nested-loop", added_in_a_nested_loop },
  { "/rule-09/added-sees-the-new-outcome", added_sees_the_new_outcome },
  { "/rule-09/added-by-a-destroy-notify", added_by_a_destroy_notify },
  { "/rule-09/another-one-runs-at-once", another_runs_at_once },
  { "/rule-12/pauses-nest", pauses_nest },
  { "/rule-12/unpaused-before-firing", unpaused_before_firing },
  { "/rule-12/a-failure-while-paused-is-kept", failure_while_paused_is_kept },
  { "/rule-12/a-pause-inside-stops-before-the-next-link", pause_inside_stops_before_the_next },
  { "/rule-12/an-unpause-inside-does-not-run-ahead", unpause_inside_does_not_run_ahead },
  { "/rule-12/unpaused-by-another-one", unpaused_by_another_one },
  { "/rule-12/never-releases-a-wait", never_releases_a_wait },
  { "/rule-12/paused-while-waiting", paused_while_waiting },
  { "/rule-12/paused-and-waiting-at-once", paused_and_waiting_at_once },
  { "/rule-12/an-unpaired-unpause-changes-nothing", unpaired },
  { "/rule-12/cancelled-while-paused", cancelled_while_paused },
  { "/rule-13/as-soon-as-the-link-has-run", as_soon_as_the_link_has_run },
  { "/rule-13/of-a-missing-half", of_a_missing_half },
  { "/rule-13/shared-data-is-freed-for-each", shared_data_is_freed_for_each },
  { "/rule-13/before-it-waits", before_it_waits },
  { "/rule-13/when-dropped-unfired", when_dropped_unfired },
  { "/rule-13/of-the-canceller", of_the_canceller },
  { "/rule-13/that-drops-the-last-reference", that_drops_the_last_reference },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
