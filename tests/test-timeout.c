/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Time-outs: Twisted's rules, and whose cancel it was. */

#include "clock-fixture.h"

/* --- time-outs: Twisted's rules ---------------------------------------------------------------------------------- */

#define TIMED_OUT "!Timed out after 10 s "

static GDeferred *
with_timeout (GDeferred *d)
{
  g_assert_true (g_deferred_add_timeout (d, 10 * SECOND, NULL) == d);
  return d;
}

static void
times_out (void)
{
  GDeferred *d = with_timeout (g_deferred_new ());

  link_both (d, "a0");
  advance (10 * SECOND - 1);
  state_is (d, PENDING);
  advance (1);
  trace_is ("a:" TIMED_OUT "~a ");
  g_assert_finalize_object (d);
}

/* What comes after the place of the time-out is not its business. */
static void
in_time (void)
{
  GDeferred *d = with_timeout (g_deferred_new ());
  GDeferred *inner = g_deferred_new ();

  link_both (d, "a");
  link_inner (d, inner);
  fire (d, 3);
  trace_is ("a:3 ~a ");
  calls_left (0);
  advance (15 * SECOND);
  g_assert_false (g_deferred_is_cancelled (inner));
  fire (inner, 1);
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static void
fails_in_time (void)
{
  GDeferred *d = with_timeout (g_deferred_new ());
  GDeferred *inner = g_deferred_new ();

  link_both (d, "a0");
  link_inner (d, inner);
  fire_fail (d, "bad");
  trace_is ("a:!bad ~a ");
  calls_left (0);
  advance (15 * SECOND);
  g_assert_false (g_deferred_is_cancelled (inner));
  fire (inner, 1);
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static void
cancelled_before (void)
{
  GDeferred *d = with_timeout (g_deferred_new ());
  GDeferred *inner = g_deferred_new ();

  link_both (d, "a0");
  link_inner (d, inner);
  g_deferred_cancel (d);
  trace_is ("a:!CANCELLED ~a ");
  calls_left (0);
  advance (15 * SECOND);
  g_assert_false (g_deferred_is_cancelled (inner));
  fire (inner, 1);
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static void
give_seven (GDeferred *self, gpointer unused)
{
  say ("stop ");
  fire (self, 7);
}

static void
canceller_gives_a_value (void)
{
  GDeferred *d = with_timeout (g_deferred_new_with_canceller (give_seven, NULL, NULL));

  link_both (d, "a");
  advance (10 * SECOND);
  trace_is ("stop a:7 ~a ");
  g_assert_finalize_object (d);
}

static void
give_error (GDeferred *self, gpointer unused)
{
  fire_fail (self, "what");
}

static void
canceller_gives_an_error (void)
{
  GDeferred *d = with_timeout (g_deferred_new_with_canceller (give_error, NULL, NULL));

  link_both (d, "a0");
  advance (10 * SECOND);
  trace_is ("a:!what ~a ");
  g_assert_finalize_object (d);
}

/* A link before its place sees what the cancel made of it. */
static void
errback_before (void)
{
  GDeferred *d = g_deferred_new ();

  link_errback (d, "e");
  with_timeout (d);
  link_both (d, "a0");
  advance (10 * SECOND);
  trace_is ("e:!CANCELLED ~e a:" TIMED_OUT "~a ");
  g_assert_finalize_object (d);
}

static void
errback_before_handles_it (void)
{
  GDeferred *d = g_deferred_new ();

  link_errback (d, "e=3");
  with_timeout (d);
  link_both (d, "a");
  advance (10 * SECOND);
  trace_is ("e:!CANCELLED ~e a:3 ~a ");
  g_assert_finalize_object (d);
}

static void
errback_before_changes_it (void)
{
  GDeferred *d = g_deferred_new ();

  link_errback (d, "e!other");
  with_timeout (d);
  link_both (d, "a0");
  advance (10 * SECOND);
  trace_is ("e:!CANCELLED ~e a:!other ~a ");
  g_assert_finalize_object (d);
}

/* Nobody handled it: that it was cancelled is not all that one may want to know. */
static void
is_reported (void)
{
  GDeferred *d = with_timeout (g_deferred_new ());

  advance (10 * SECOND);
  g_assert_finalize_object (d);
  reported ("Timed out after 10 s");
}

/* --- time-outs: one that waits ----------------------------------------------------------------------------------- */

static GDeferred *
waits_for (GDeferred *inner)
{
  GDeferred *d = succeeded_with (1);

  link_inner (d, inner);
  return with_timeout (d);
}

static void
while_waiting (void)
{
  GDeferred *inner = g_deferred_new ();
  GDeferred *d = waits_for (inner);

  link_both (d, "a0");
  advance (10 * SECOND);
  trace_is ("a:" TIMED_OUT "~a ");
  g_assert_true (g_deferred_is_cancelled (inner));
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static void
inner_gives_a_value (void)
{
  GDeferred *inner = g_deferred_new_with_canceller (give_seven, NULL, NULL);
  GDeferred *d = waits_for (inner);

  link_both (d, "a");
  advance (10 * SECOND);
  trace_is ("stop a:7 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static void
waits_through_another (void)
{
  GDeferred *innermost = g_deferred_new ();
  GDeferred *inner = succeeded_with (2);
  GDeferred *d;

  link_inner (inner, innermost);
  d = waits_for (inner);
  link_both (d, "a0");
  advance (10 * SECOND);
  trace_is ("a:" TIMED_OUT "~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
  g_assert_finalize_object (innermost);
}

/* The callbacks of the inner one are still to run when its time is up. */
static void
inner_is_paused (void)
{
  GDeferred *inner = g_deferred_new ();
  GDeferred *d = waits_for (inner);

  link_both (d, "a");
  g_deferred_pause (inner);
  fire (inner, 5);
  advance (10 * SECOND);
  trace_is ("");
  g_deferred_unpause (inner);
  trace_is ("a:5 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

/* Of one that waits for another, each has its own. */
static void
inner_has_its_own (void)
{
  GDeferred *inner = g_deferred_new ();
  GDeferred *d;

  g_deferred_add_timeout (inner, 2 * SECOND, NULL);
  d = waits_for (inner);
  link_both (d, "a0");
  advance (10 * SECOND);
  trace_is ("a:!Timed out after 2 s ~a ");
  calls_left (0);
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

/* --- time-outs: and somebody else cancels ------------------------------------------------------------------------ */

static gboolean
raise_cancelled (GDeferred *self, gpointer unused, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cleaned up");
  return FALSE;
}

/* A link that tidies up, which takes time, and then lets the error go on: as a `finally` does. */
static GDeferred *
tidies_up (GDeferred *cleaning)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_add_errback (d, return_it, g_object_ref (cleaning), g_object_unref);
  g_deferred_add_both (d, raise_cancelled, NULL, NULL);
  with_timeout (d);
  link_both (d, "a0");
  return d;
}

static void
tidied_up (void)
{
  GDeferred *cleaning = g_deferred_new ();
  GDeferred *d = tidies_up (cleaning);

  advance (10 * SECOND);
  state_is (d, WAITING);
  fire (cleaning, 1);
  trace_is ("a:" TIMED_OUT "~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (cleaning);
}

static void
cancelled_while_tidying (void)
{
  GDeferred *cleaning = g_deferred_new ();
  GDeferred *d = tidies_up (cleaning);

  advance (10 * SECOND);
  state_is (d, WAITING);
  g_deferred_cancel (d);
  trace_is ("a:!CANCELLED ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (cleaning);
}

/* It resisted a cancel, and then took too long: it was cancelled all the same. */
static void
cancelled_long_before (void)
{
  GDeferred *stubborn = g_deferred_new_with_canceller (give_seven, NULL, NULL);
  GDeferred *second = g_deferred_new ();
  GDeferred *d = succeeded_with (1);

  link_inner (d, stubborn);
  link_inner (d, second);
  with_timeout (d);
  link_both (d, "a0");
  g_deferred_cancel (d);
  trace_is ("stop ");
  state_is (d, WAITING);
  advance (10 * SECOND);
  trace_is ("a:!CANCELLED ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (stubborn);
  g_assert_finalize_object (second);
}

static void
cancel_other (GDeferred *self, gpointer other)
{
  g_deferred_cancel (other);
}

static guint
n_cancels (GDeferred *d)
{
  return g_deferred_get_n_cancels (d);
}

/* What it is told apart by: those count that come before the result does. */
static void
cancels_count (void)
{
  GDeferred *stubborn = g_deferred_new_with_canceller (give_seven, NULL, NULL);
  GDeferred *second = g_deferred_new ();
  GDeferred *d = g_deferred_new ();

  g_assert_cmpuint (n_cancels (d), ==, 0);
  link_inner (d, stubborn);
  link_inner (d, second);
  fire (d, 1);
  g_deferred_cancel (d);
  trace_is ("stop ");
  g_assert_cmpuint (n_cancels (d), ==, 1);
  g_assert_cmpuint (n_cancels (stubborn), ==, 1);
  g_deferred_pause (second);
  g_deferred_cancel (d);
  g_deferred_cancel (d);
  g_assert_cmpuint (n_cancels (d), ==, 3);
  g_assert_cmpuint (n_cancels (second), ==, 1);
  g_deferred_unpause (second);
  link_both (d, "a0");
  trace_is ("a:!CANCELLED ~a ");
  g_deferred_cancel (d);
  g_assert_cmpuint (n_cancels (d), ==, 3);
  g_assert_true (g_deferred_is_cancelled (d));
  g_assert_finalize_object (d);
  g_assert_finalize_object (stubborn);
  g_assert_finalize_object (second);
}

/* From inside the cancel that the time-out makes. */
static void
cancelled_meanwhile (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *inner = g_deferred_new_with_canceller (cancel_other, d, NULL);

  link_inner (d, inner);
  with_timeout (d);
  link_both (d, "a0");
  fire (d, 1);
  advance (10 * SECOND);
  trace_is ("a:!CANCELLED ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static void
let_time_pass (GDeferred *self, gpointer unused)
{
  advance (20 * SECOND);
}

/* The time is up inside of the canceller of somebody else's cancel. */
static void
up_inside_a_canceller (void)
{
  GDeferred *d = with_timeout (g_deferred_new_with_canceller (let_time_pass, NULL, NULL));

  link_both (d, "a0");
  g_deferred_cancel (d);
  trace_is ("a:!CANCELLED ~a ");
  g_assert_finalize_object (d);
}

static const Case cases[] = {
  { "/timer/waiting/inner-has-its-own", inner_has_its_own },
  { "/timer/timeout/times-out", times_out },
  { "/timer/timeout/in-time", in_time },
  { "/timer/timeout/fails-in-time", fails_in_time },
  { "/timer/timeout/cancelled-before", cancelled_before },
  { "/timer/timeout/canceller-gives-a-value", canceller_gives_a_value },
  { "/timer/timeout/canceller-gives-an-error", canceller_gives_an_error },
  { "/timer/timeout/errback-before", errback_before },
  { "/timer/timeout/errback-before-handles-it", errback_before_handles_it },
  { "/timer/timeout/errback-before-changes-it", errback_before_changes_it },
  { "/timer/timeout/is-reported", is_reported },
  { "/timer/waiting/times-out", while_waiting },
  { "/timer/waiting/inner-gives-a-value", inner_gives_a_value },
  { "/timer/waiting/through-another", waits_through_another },
  { "/timer/waiting/inner-is-paused", inner_is_paused },
  { "/timer/outer-cancel/none-while-tidying", tidied_up },
  { "/timer/outer-cancel/while-tidying", cancelled_while_tidying },
  { "/timer/outer-cancel/long-before", cancelled_long_before },
  { "/timer/outer-cancel/count", cancels_count },
  { "/timer/outer-cancel/meanwhile", cancelled_meanwhile },
  { "/timer/outer-cancel/up-inside-a-canceller", up_inside_a_canceller },
};

int
main (int argc, char **argv)
{
  return run_cases_on_clock (argc, argv, cases, G_N_ELEMENTS (cases));
}
