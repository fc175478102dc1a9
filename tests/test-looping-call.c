/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Looping calls: when they call, and what the function returns. */

#include "looping-fixture.h"

/* --- when -------------------------------------------------------------------------------------------------------- */

CASE (at_once)
{
  running_is (FALSE);
  g_assert_cmpuint (g_deferred_looping_call_get_n_ticks (loop), ==, 0);
  start_and_say (SECOND, TRUE);
  trace_is ("t@0*1 ");
  running_is (TRUE);
  g_assert_cmpint (g_deferred_looping_call_get_interval (loop), ==, SECOND);
  advance (3 * SECOND);
  trace_is ("t@1*1 t@2*1 t@3*1 ");
  advance (SECOND / 2);
  stop ();
  trace_is ("done ");
  running_is (FALSE);
  calls_left (0);
  skipped_is (0);
}

CASE (later)
{
  start_and_say (SECOND, FALSE);
  trace_is ("");
  advance (SECOND - 1);
  trace_is ("");
  advance (1);
  trace_is ("t@1*1 ");
  stop ();
  trace_is ("done ");
}

CASE (stopped_before_it_began)
{
  start_and_say (SECOND, FALSE);
  stop ();
  trace_is ("done ");
  calls_left (0);
}

static void
take_two_seconds (void)
{
  g_deferred_clock_jump (fx_clock, 2 * SECOND);
}

/* A call that ends on the grid does not come at once again: what is due is what lies ahead. */
CASE (takes_longer_than_the_interval)
{
  meanwhile = take_two_seconds;
  start (SECOND / 2, TRUE);
  trace_is ("t@0*1 ");
  advance (0);
  trace_is ("");
  meanwhile = NULL;
  advance (SECOND / 2);
  trace_is ("t@2.5*5 ");
  skipped_is (4);
  advance (SECOND / 2);
  trace_is ("t@3*1 ");
  stop ();
}

/* The loop was busy elsewhere. */
CASE (comes_late)
{
  start (SECOND / 2, TRUE);
  trace_is ("t@0*1 ");
  g_deferred_clock_jump (fx_clock, 2 * SECOND);
  advance (0);
  trace_is ("t@2*4 ");
  g_deferred_clock_jump (fx_clock, SECOND);
  advance (0);
  trace_is ("t@3*2 ");
  advance (0);
  trace_is ("");
  skipped_is (4);
  stop ();
}

/* That it comes a little late each time counts as nothing, as long as it is less than an interval. */
CASE (little_by_little)
{
  start (SECOND, TRUE);
  trace_is ("t@0*1 ");
  g_deferred_clock_jump (fx_clock, SECOND + 20000);
  advance (0);
  trace_is ("t@1.02*1 ");
  g_deferred_clock_jump (fx_clock, 1750000);
  advance (0);
  trace_is ("t@2.77*1 ");
  advance (250000);
  trace_is ("t@3*1 ");
  skipped_is (0);
  stop ();
}

/* A thousand calls that each take a while, and come late: the grid is where it was. */
CASE (no_drift)
{
  start (70, FALSE);
  for (int i = 1; i <= 1000; i++)
    {
      g_deferred_clock_jump (fx_clock, 70 * i + i % 60 - g_deferred_clock_get_time (fx_clock));
      advance (0);
      g_assert_cmpuint (g_deferred_looping_call_get_n_ticks (loop), ==, 1);
    }
  g_string_truncate (fx_trace, 0);
  skipped_is (0);
  advance (70 * 1001 - g_deferred_clock_get_time (fx_clock));
  trace_is ("t@0.07007*1 ");
  stop ();
}

/* An interval that does not divide anything. */
CASE (counts_all)
{
  guint64 n = 0;

  start (33333, FALSE);
  for (int i = 0; i < 500; i++)
    {
      guint64 skipped = g_deferred_looping_call_get_n_skipped (loop);

      g_deferred_clock_jump (fx_clock, g_test_rand_int_range (0, 200000));
      advance (0);
      if (fx_trace->len > 0)
        n += 1 + g_deferred_looping_call_get_n_skipped (loop) - skipped;
      g_string_truncate (fx_trace, 0);
    }
  g_assert_cmpuint (n, ==, g_deferred_clock_get_time (fx_clock) / 33333);
  stop ();
}

CASE (longest_interval)
{
  g_deferred_clock_jump (fx_clock, 10);
  start (G_MAXINT64, FALSE);
  advance (G_MAXINT64 - 100);
  trace_is ("");
  stop ();
}

/* Resets when nothing is under way, and when it is. */
CASE (reset)
{
  start (2 * SECOND, FALSE);
  advance (SECOND);
  g_deferred_looping_call_reset (loop);
  advance (SECOND);
  trace_is ("");
  advance (SECOND);
  trace_is ("t@3*1 ");
  g_deferred_clock_jump (fx_clock, 7 * SECOND);
  g_deferred_looping_call_reset (loop);
  advance (2 * SECOND);
  trace_is ("t@12*1 ");
  skipped_is (0);
  g_deferred_looping_call_reset (loop);
  g_deferred_clock_jump (fx_clock, 7 * SECOND);
  advance (0);
  trace_is ("t@19*3 ");
  stop ();
  g_deferred_looping_call_reset (loop);
  calls_left (0);
}

static void
reset_late (void)
{
  g_deferred_clock_jump (fx_clock, SECOND / 2);
  g_deferred_looping_call_reset (loop);
}

CASE (reset_inside)
{
  meanwhile = reset_late;
  start (SECOND, FALSE);
  advance (SECOND);
  trace_is ("t@1*1 ");
  calls_left (1);
  meanwhile = NULL;
  advance (SECOND / 2);
  trace_is ("");
  advance (SECOND / 2);
  trace_is ("t@2.5*1 ");
  stop ();
}

/* --- no interval ------------------------------------------------------------------------------------------------- */

CASE (no_interval)
{
  start_and_say (0, TRUE);
  trace_is ("t@0*1 ");
  advance (0);
  trace_is ("");
  advance (2);
  trace_is ("t@1e-06*1 t@2e-06*1 ");
  answer = g_deferred_new ();
  advance (1);
  advance (SECOND);
  trace_is ("t@3e-06*1 ");
  fire (answer, 1);
  g_assert_finalize_object (answer);
  answer = NULL;
  advance (1);
  trace_is ("t@1*1 ");
  skipped_is (0);
  stop ();
  trace_is ("done ");
}

static guint n_turns;
static guint n_urgent;

static void
count_turn (void)
{
  g_string_truncate (fx_trace, 0);
  if (++n_turns == 6)
    stop ();
}

static gboolean
be_urgent (gpointer unused)
{
  return ++n_urgent < 20;
}

/* On the system's clock: in turns of the loop, and never before something that is drawn. */
CASE (no_interval_in_the_loop)
{
  g_deferred_clock_pop (fx_clock);
  n_turns = 0;
  n_urgent = 0;
  meanwhile = count_turn;
  start_and_say (0, FALSE);
  g_idle_add_full (G_PRIORITY_HIGH_IDLE + 20, be_urgent, NULL, NULL);
  while (n_urgent < 20)
    {
      g_main_context_iteration (NULL, TRUE);
      g_assert_cmpuint (n_turns, ==, 0);
    }
  g_assert_true (g_deferred_wait (done, NULL));
  g_assert_cmpuint (n_turns, ==, 6);
  trace_is ("done ");
  settle (NULL);
  g_deferred_clock_push (fx_clock);
}

CASE (stopped_in_the_loop)
{
  g_deferred_clock_pop (fx_clock);
  start_and_say (0, FALSE);
  stop ();
  trace_is ("done ");
  settle (NULL);
  g_clear_object (&done);
  start_and_say (1000, FALSE);
  stop ();
  trace_is ("done ");
  settle (NULL);
  g_deferred_clock_push (fx_clock);
}

/* --- what the function returns ----------------------------------------------------------------------------------- */

CASE (waits)
{
  start_and_say (200000, FALSE);
  answer = g_deferred_new ();
  advance (200000);
  trace_is ("t@0.2*1 ");
  advance (400000);
  calls_left (0);
  fire (answer, 1);
  g_assert_finalize_object (answer);
  answer = NULL;
  advance (200000);
  trace_is ("t@0.8*3 ");
  skipped_is (2);
  stop ();
  trace_is ("done ");
}

CASE (fails)
{
  plan = "f!bad";
  start_and_say (SECOND, FALSE);
  advance (SECOND);
  trace_is ("t@1*1 f:- done:!bad ");
  calls_left (0);
}

CASE (fails_at_once)
{
  plan = "f!bad";
  start_and_say (SECOND, TRUE);
  trace_is ("t@0*1 f:- done:!bad ");
  calls_left (0);
}

CASE (fails_later)
{
  answer = g_deferred_new ();
  start_and_say (SECOND, TRUE);
  advance (3 * SECOND);
  fire_fail (answer, "bad");
  trace_is ("t@0*1 done:!bad ");
  calls_left (0);
  g_assert_finalize_object (answer);
}

CASE (keeps_the_payload)
{
  GValue payload = G_VALUE_INIT;
  GError error = { G_IO_ERROR, G_IO_ERROR_FAILED, (char *) "bad" };

  g_value_init (&payload, G_TYPE_INT);
  g_value_set_int (&payload, 17);
  answer = g_deferred_new ();
  start (SECOND, TRUE);
  g_deferred_errback_full (answer, &error, &payload, NULL);
  g_assert_cmpint (g_value_get_int (g_deferred_get_payload (done)), ==, 17);
  g_deferred_add_both (done, say_done, NULL, NULL);
  trace_is ("t@0*1 done:!bad ");
  g_assert_finalize_object (answer);
}

/* The producer of the answer goes. */
CASE (abandoned)
{
  answer = g_deferred_new ();
  start_and_say (SECOND, TRUE);
  g_object_unref (answer);
  settle (NULL);
  trace_is ("t@0*1 done:!ABANDONED ");
}

static const Case cases[] = {
  { "/looping-call/when/at-once", at_once },
  { "/looping-call/when/later", later },
  { "/looping-call/when/stopped-before", stopped_before_it_began },
  { "/looping-call/when/takes-longer", takes_longer_than_the_interval },
  { "/looping-call/when/comes-late", comes_late },
  { "/looping-call/when/little-by-little", little_by_little },
  { "/looping-call/when/no-drift", no_drift },
  { "/looping-call/when/counts-all", counts_all },
  { "/looping-call/when/longest-interval", longest_interval },
  { "/looping-call/when/reset", reset },
  { "/looping-call/when/reset-inside", reset_inside },
  { "/looping-call/no-interval/virtual", no_interval },
  { "/looping-call/no-interval/loop", no_interval_in_the_loop },
  { "/looping-call/no-interval/stopped", stopped_in_the_loop },
  { "/looping-call/returns/deferred", waits },
  { "/looping-call/returns/error", fails },
  { "/looping-call/returns/error-at-once", fails_at_once },
  { "/looping-call/returns/error-later", fails_later },
  { "/looping-call/returns/payload", keeps_the_payload },
  { "/looping-call/returns/abandoned", abandoned },
};

int
main (int argc, char **argv)
{
  return run_cases_on_clock (argc, argv, cases, G_N_ELEMENTS (cases));
}
