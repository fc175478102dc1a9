/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Looping calls: how they end. */

#include "looping-fixture.h"

/* --- stopping ---------------------------------------------------------------------------------------------------- */

CASE (stop_inside)
{
  meanwhile = stop;
  start_and_say (SECOND, FALSE);
  advance (3 * SECOND);
  trace_is ("t@1*1 done ");
  calls_left (0);
}

CASE (stop_inside_and_fail)
{
  meanwhile = stop;
  plan = "f!bad";
  start_and_say (SECOND, FALSE);
  advance (3 * SECOND);
  trace_is ("t@1*1 f:- done:!bad ");
}

/* It has stopped when the call that is under way has ended. */
CASE (stop_while_waiting)
{
  answer = g_deferred_new ();
  start_and_say (SECOND, TRUE);
  stop ();
  running_is (FALSE);
  trace_is ("t@0*1 ");
  advance (3 * SECOND);
  g_assert_false (g_deferred_is_cancelled (answer));
  fire (answer, 1);
  trace_is ("done ");
  calls_left (0);
  g_assert_finalize_object (answer);
}

CASE (stop_while_waiting_and_fail)
{
  answer = g_deferred_new ();
  start_and_say (SECOND, TRUE);
  stop ();
  stop ();
  fire_fail (answer, "bad");
  trace_is ("t@0*1 done:!bad ");
  g_assert_finalize_object (answer);
}

CASE (stop_twice)
{
  stop ();
  start_and_say (SECOND, TRUE);
  stop ();
  stop ();
  trace_is ("t@0*1 done ");
}

static gboolean
start_anew (GDeferred *self, gpointer unused, GError **error)
{
  GDeferred *again;

  again = g_deferred_looping_call_start (loop, 2 * SECOND, FALSE);
  g_deferred_add_both (again, say_done, NULL, NULL);
  g_object_unref (again);
  return g_deferred_return_none (self);
}

CASE (start_again)
{
  start (SECOND, TRUE);
  g_deferred_add_both (done, start_anew, NULL, NULL);
  advance (SECOND);
  stop ();
  running_is (TRUE);
  g_deferred_clock_jump (fx_clock, 4 * SECOND);
  advance (2 * SECOND);
  trace_is ("t@0*1 t@1*1 t@5*2 t@7*1 ");
  skipped_is (1);
  stop ();
  trace_is ("done ");
}

CASE (start_twice)
{
  answer = g_deferred_new ();
  start_and_say (SECOND, TRUE);
  refused (G_IO_ERROR_PENDING, SECOND, "The looping call is running already");
  stop ();
  refused (G_IO_ERROR_PENDING, SECOND, "The last call of the looping call has not ended yet");
  fire (answer, 1);
  trace_is ("t@0*1 done ");
  refused (G_IO_ERROR_INVALID_ARGUMENT, -1, "The interval of a looping call is less than 0");
  g_assert_finalize_object (answer);
}

/* --- cancelling -------------------------------------------------------------------------------------------------- */

CASE (cancelled)
{
  start_and_say (SECOND, TRUE);
  g_deferred_cancel (done);
  trace_is ("t@0*1 done:!CANCELLED ");
  calls_left (0);
}

CASE (cancelled_in_the_loop)
{
  g_deferred_clock_pop (fx_clock);
  start_and_say (0, FALSE);
  g_deferred_cancel (done);
  trace_is ("done:!CANCELLED ");
  settle (NULL);
  g_deferred_clock_push (fx_clock);
}

CASE (cancelled_while_waiting)
{
  answer = g_deferred_new ();
  start_and_say (SECOND, TRUE);
  g_deferred_cancel (done);
  trace_is ("t@0*1 done:!CANCELLED ");
  g_assert_true (g_deferred_is_cancelled (answer));
  advance (3 * SECOND);
  g_assert_finalize_object (answer);
}

static void
cancel_done (void)
{
  g_deferred_cancel (done);
}

CASE (cancelled_inside)
{
  start_and_say (SECOND, FALSE);
  meanwhile = cancel_done;
  advance (SECOND);
  trace_is ("t@1*1 done:!CANCELLED ");
  calls_left (0);
}

/* What it returns then is cancelled, too. */
CASE (cancelled_inside_and_waits)
{
  start_and_say (SECOND, FALSE);
  meanwhile = cancel_done;
  answer = g_deferred_new ();
  advance (SECOND);
  trace_is ("t@1*1 done:!CANCELLED ");
  g_assert_true (g_deferred_is_cancelled (answer));
  g_assert_finalize_object (answer);
}

CASE (cancelled_inside_and_fails)
{
  start_and_say (SECOND, FALSE);
  meanwhile = cancel_done;
  plan = "f!bad";
  advance (SECOND);
  trace_is ("t@1*1 done:!CANCELLED f:- ");
  reported ("bad");
}

CASE (cancelled_after_stop)
{
  answer = g_deferred_new ();
  start_and_say (SECOND, TRUE);
  stop ();
  g_deferred_cancel (done);
  trace_is ("t@0*1 done:!CANCELLED ");
  g_assert_true (g_deferred_is_cancelled (answer));
  g_assert_finalize_object (answer);
}

static void
takes_its_time (GDeferred *self, gpointer unused)
{
  g_deferred_pause (self);
}

/* The call of the cancelled run ends only when the next run is on its way. */
CASE (started_again_meanwhile)
{
  GDeferred *slow = g_deferred_new_with_canceller (takes_its_time, NULL, NULL);

  answer = slow;
  start_and_say (SECOND, TRUE);
  g_deferred_cancel (done);
  trace_is ("t@0*1 done:!CANCELLED ");
  g_clear_object (&done);

  answer = g_deferred_new ();
  start_and_say (SECOND, TRUE);
  trace_is ("t@0*1 ");
  g_deferred_unpause (slow);
  calls_left (0);
  fire (answer, 1);
  g_assert_finalize_object (answer);
  answer = NULL;
  calls_left (1);
  advance (SECOND);
  trace_is ("t@1*1 ");
  stop ();
  trace_is ("done ");
  g_assert_finalize_object (slow);
}

/* --- its end ----------------------------------------------------------------------------------------------------- */

/* Between the owner's end and the letter that tells of it comes the time of a call. */
CASE (without_owner)
{
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);

  start_and_say (SECOND, FALSE);
  g_deferred_bind_owner (done, owner);
  g_object_unref (owner);
  advance (3 * SECOND);
  settle (NULL);
  trace_is ("");
  running_is (FALSE);
  calls_left (0);
}

static gboolean
bind_call (GDeferred *self, gpointer owner, GError **error)
{
  g_deferred_bind_owner (self, owner);
  return g_deferred_return_deferred (self, g_object_ref (answer));
}

/* The owner of one call. */
static void
owner_of_a_call (void)
{
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);

  answer = g_deferred_new ();
  loop = g_deferred_looping_call_new (bind_call, owner, NULL);
  start_and_say (SECOND, TRUE);
  g_object_unref (owner);
  settle (NULL);
  trace_is ("done:!CANCELLED ");
  g_assert_true (g_deferred_is_cancelled (answer));
  g_assert_finalize_object (loop);
  g_assert_finalize_object (done);
  g_assert_finalize_object (answer);
}

/* The clock holds it as long as it has calls to come. */
static void
nobody_holds (void)
{
  GDeferredLoopingCall *held;

  set_up ();
  held = loop;
  g_object_add_weak_pointer (G_OBJECT (held), (gpointer *) &held);
  start_and_say (SECOND, FALSE);
  g_object_unref (loop);
  g_clear_object (&done);
  advance (2 * SECOND);
  trace_is ("t@1*1 t@2*1 ");
  answer = g_deferred_new ();
  advance (SECOND);
  trace_is ("t@3*1 ");
  g_assert_nonnull (held);
  g_object_unref (answer);
  settle (NULL);
  trace_is ("done:!ABANDONED ~data ");
  g_assert_null (held);
}

static void
drop_inside (void)
{
  g_object_unref (loop);
  stop ();
}

static void
dropped_inside (void)
{
  set_up ();
  start (SECOND, FALSE);
  meanwhile = drop_inside;
  advance (SECOND);
  g_assert_true (g_deferred_get_object (done) == loop);
  trace_is ("t@1*1 ");
  g_assert_finalize_object (done);
  trace_is ("~data ");
}

/* It does not hold the clock that it was given, or neither would ever go. */
CASE (clock_goes)
{
  GDeferredClock *clock = g_deferred_clock_new_virtual ();

  g_deferred_looping_call_set_clock (loop, clock);
  start_and_say (SECOND, TRUE);
  trace_is ("t@0*1 ");
  g_assert_finalize_object (clock);
  settle (NULL);
  trace_is ("done:!ABANDONED ");
  running_is (FALSE);
  refused (G_IO_ERROR_CLOSED, SECOND, "The clock of the looping call is gone");
}

static gboolean
say_outcome_of (GDeferred *self, gpointer unused, GError **error)
{
  say_outcome ("done", self);
  return g_deferred_return_none (self);
}

static void
clock_goes_unheld (void)
{
  GDeferredClock *clock = g_deferred_clock_new_virtual ();

  set_up ();
  g_deferred_looping_call_set_clock (loop, clock);
  start (SECOND, FALSE);
  g_deferred_add_both (done, say_outcome_of, NULL, NULL);
  g_object_unref (loop);
  g_assert_finalize_object (clock);
  settle (NULL);
  trace_is ("~data done:!ABANDONED ");
  g_assert_finalize_object (done);
}

static void
drop_clock (void)
{
  g_object_unref (fx_clock);
}

/* The advance that is under way holds it until its end. */
CASE (clock_goes_inside)
{
  GDeferredClock *outer = fx_clock;

  fx_clock = g_deferred_clock_new_virtual ();
  g_deferred_looping_call_set_clock (loop, fx_clock);
  start_and_say (SECOND, FALSE);
  meanwhile = drop_clock;
  advance (SECOND);
  fx_clock = outer;
  settle (NULL);
  trace_is ("t@1*1 done:!ABANDONED ");
}

CASE (own_clock)
{
  GDeferredClock *clock = g_deferred_clock_new_virtual ();

  g_deferred_looping_call_set_clock (loop, clock);
  start (SECOND, FALSE);
  advance (5 * SECOND);
  trace_is ("");
  g_deferred_looping_call_set_clock (loop, NULL); /* counts from the next start on */
  g_deferred_clock_advance (clock, SECOND);
  trace_is ("t@5*1 ");
  stop ();
  g_clear_object (&done);
  start (SECOND, FALSE);
  advance (SECOND);
  trace_is ("t@6*1 ");
  stop ();
  g_assert_finalize_object (clock);
}

/* It keeps no context of which it has the clock once it has stopped. */
CASE (system_clock)
{
  GMainContext   *context = g_main_context_new ();
  GDeferredClock *clock;

  g_main_context_push_thread_default (context);
  g_deferred_clock_pop (fx_clock);
  clock = g_deferred_clock_get_current ();
  g_object_add_weak_pointer (G_OBJECT (clock), (gpointer *) &clock);
  start (1000, FALSE);
  g_object_unref (clock);
  while (fx_trace->len == 0)
    g_main_context_iteration (context, TRUE);
  g_string_truncate (fx_trace, 0);
  g_assert_nonnull (clock);
  stop ();
  g_assert_null (clock);
  g_deferred_clock_push (fx_clock);
  g_clear_object (&done);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
}

/* --- other threads, bad input ------------------------------------------------------------------------------------ */

static gpointer
use_away (gpointer unused)
{
  g_deferred_looping_call_stop (loop);
  g_deferred_looping_call_reset (loop);
  return NULL;
}

static gpointer
start_away (gpointer unused)
{
  refused (G_IO_ERROR_INVALID_ARGUMENT, SECOND, "The clock is at home in another thread");
  return NULL;
}

static gpointer
start_in_a_context (gpointer unused)
{
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  start_away (NULL);
  g_main_context_pop_thread_default (context);
  return NULL;
}

CASE (elsewhere)
{
  start_and_say (SECOND, FALSE);
  for (int i = 0; i < 2; i++)
    expect_critical ("called from another thread than the one where it was started");
  in_a_worker (use_away, NULL);
  criticals_came ();
  running_is (TRUE);
  calls_left (1);
  stop ();
  trace_is ("done ");

  g_deferred_looping_call_set_clock (loop, fx_clock);
  expect_critical ("the clock is not at home in this thread");
  in_a_worker (start_in_a_context, NULL);
  criticals_came ();
  calls_left (0);
}

static gpointer
cancel_away (gpointer context)
{
  g_main_context_push_thread_default (context);
  g_deferred_cancel (done);
  g_clear_object (&done);
  g_main_context_pop_thread_default (context);
  return NULL;
}

/* Its Deferred lives, and is cancelled, elsewhere. */
CASE (handed_over)
{
  GMainContext *context = g_main_context_new ();

  start (SECOND, FALSE);
  g_deferred_hand_over (done, context);
  in_a_worker (cancel_away, context);
  settle (NULL);
  calls_left (0);
  running_is (FALSE);
  g_main_context_unref (context);
}

static void
misuse (void)
{
  GDeferred *d = g_deferred_new ();

  set_up ();
  for (int i = 0; i < 8; i++)
    expect_critical ("G_IS_DEFERRED_LOOPING_CALL (self)");
  g_deferred_looping_call_set_clock (NULL, NULL);
  g_deferred_looping_call_start ((GDeferredLoopingCall *) d, 1, TRUE);
  g_deferred_looping_call_stop (NULL);
  g_deferred_looping_call_reset (NULL);
  g_deferred_looping_call_get_running (NULL);
  g_deferred_looping_call_get_interval (NULL);
  g_deferred_looping_call_get_n_ticks (NULL);
  g_deferred_looping_call_get_n_skipped (NULL);
  expect_critical ("func != NULL");
  g_assert_null (g_deferred_looping_call_new (NULL, NULL, NULL));
  expect_critical ("G_IS_DEFERRED_CLOCK (clock)");
  g_deferred_looping_call_set_clock (loop, (GDeferredClock *) d);
  criticals_came ();
  tear_down ();
  g_object_unref (d);

  loop = g_object_new (G_TYPE_DEFERRED_LOOPING_CALL, NULL);
  refused (G_IO_ERROR_INVALID_ARGUMENT, SECOND, "The looping call has no function");
  g_assert_finalize_object (loop);
}

static const Case cases[] = {
  { "/looping-call/stop/inside", stop_inside },
  { "/looping-call/stop/inside-and-fail", stop_inside_and_fail },
  { "/looping-call/stop/while-waiting", stop_while_waiting },
  { "/looping-call/stop/while-waiting-and-fail", stop_while_waiting_and_fail },
  { "/looping-call/stop/twice", stop_twice },
  { "/looping-call/start/again", start_again },
  { "/looping-call/start/twice", start_twice },
  { "/looping-call/cancel/between-calls", cancelled },
  { "/looping-call/cancel/in-the-loop", cancelled_in_the_loop },
  { "/looping-call/cancel/while-waiting", cancelled_while_waiting },
  { "/looping-call/cancel/inside", cancelled_inside },
  { "/looping-call/cancel/inside-and-waits", cancelled_inside_and_waits },
  { "/looping-call/cancel/inside-and-fails", cancelled_inside_and_fails },
  { "/looping-call/cancel/after-stop", cancelled_after_stop },
  { "/looping-call/cancel/started-again-meanwhile", started_again_meanwhile },
  { "/looping-call/end/without-owner", without_owner },
  { "/looping-call/end/owner-of-a-call", owner_of_a_call },
  { "/looping-call/end/nobody-holds-it", nobody_holds },
  { "/looping-call/end/dropped-inside", dropped_inside },
  { "/looping-call/end/clock-goes", clock_goes },
  { "/looping-call/end/clock-goes-unheld", clock_goes_unheld },
  { "/looping-call/end/clock-goes-inside", clock_goes_inside },
  { "/looping-call/clock/own", own_clock },
  { "/looping-call/clock/system", system_clock },
  { "/looping-call/threads/elsewhere", elsewhere },
  { "/looping-call/threads/handed-over", handed_over },
  { "/looping-call/misuse", misuse },
};

int
main (int argc, char **argv)
{
  return run_cases_on_clock (argc, argv, cases, G_N_ELEMENTS (cases));
}
