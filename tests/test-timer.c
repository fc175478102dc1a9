/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Delays, time-outs and deadlines, on a virtual clock that is pushed for each case. */

#include "fixture.h"

static GDeferredClock *fx_clock;

#define SECOND G_TIME_SPAN_SECOND

#define advance(span) g_deferred_clock_advance (fx_clock, (span))

static void
calls_left (guint n)
{
  g_autoptr (GPtrArray) calls = g_deferred_clock_get_calls (fx_clock);

  g_assert_cmpuint (calls->len, ==, n);
}

/* --- delays ------------------------------------------------------------------------------------------------------ */

static void
delay (void)
{
  GDeferred *d = g_deferred_delay (3 * SECOND, NULL);

  link_both (d, "a");
  advance (3 * SECOND - 1);
  trace_is ("");
  state_is (d, PENDING);
  advance (1);
  trace_is ("a:- ~a ");
  g_assert_finalize_object (d);
}

/* Never before it was returned. */
static void
no_delay (void)
{
  GDeferred *d = g_deferred_delay (0, NULL);
  GDeferred *e = g_deferred_delay (-SECOND, NULL);

  link_both (d, "a");
  link_both (e, "b");
  state_is (d, PENDING);
  advance (0);
  trace_is ("a:- ~a b:- ~b ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (e);
}

/* The clock holds it. */
static void
nobody_holds (void)
{
  GDeferred *d = g_deferred_delay (SECOND, NULL);

  link_both (d, "a");
  g_object_unref (d);
  advance (SECOND);
  trace_is ("a:- ~a ");
}

static void
delay_until (void)
{
  GDeferred *d = g_deferred_delay_until (5, NULL);
  GDeferred *past = NULL;

  link_both (d, "a");
  advance (4);
  trace_is ("");
  past = g_deferred_delay_until (2, NULL);
  link_both (past, "b");
  advance (0);
  trace_is ("b:- ~b ");
  advance (1);
  trace_is ("a:- ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (past);
}

static void
cancelled (void)
{
  GDeferred *d = g_deferred_delay (SECOND, NULL);

  link_both (d, "a");
  g_deferred_cancel (d);
  trace_is ("a:!CANCELLED ~a ");
  calls_left (0);
  g_assert_finalize_object (d);
}

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

/* --- the cases ------------------------------------------------------------------------------------------------------ */

/* Each has a clock of its own, and leaves nothing that holds it. */
static void
on_clock (gconstpointer data)
{
  const Case     *one = data;
  GDeferredClock *clock = g_deferred_clock_new_virtual ();

  fx_clock = clock;
  g_deferred_clock_push (clock);
  fx_run (one);
  g_deferred_clock_pop (clock);
  calls_left (0);
  g_assert_finalize_object (clock);
}

static const Case cases[] = {
  { "/timer/delay/fires", delay },
  { "/timer/delay/none", no_delay },
  { "/timer/delay/nobody-holds-it", nobody_holds },
  { "/timer/delay/until", delay_until },
  { "/timer/delay/cancelled", cancelled },
  { "/timer/timeout/times-out", times_out },
  { "/timer/timeout/in-time", in_time },
};

int
main (int argc, char **argv)
{
  fx_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add_data_func (cases[i].path, &cases[i], on_clock);
  return g_test_run ();
}
