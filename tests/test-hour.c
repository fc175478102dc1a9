/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* An hour on a virtual clock: a looping call that asks something ten times a second, each time with a time-out, another
 * one that looks at that each minute, and a deadline for all of it. What comes out is known to the last one, and how
 * long it took is told. */

#include "clock-fixture.h"

#define MILLISECOND G_TIME_SPAN_MILLISECOND

typedef struct
{
  guint n_asked;
  guint n_answered;
  guint n_timed_out;
  guint n_minutes;
  guint n_open; /* asked, and neither answered nor timed out */
} Hour;

static gboolean
on_answer (GDeferred *self, gpointer user_data, GError **error)
{
  Hour *hour = user_data;

  hour->n_open--;
  if (g_deferred_get_error (self) == NULL)
    hour->n_answered++;
  else if (g_error_matches (g_deferred_get_error (self), G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    hour->n_timed_out++;
  return g_deferred_return_none (self);
}

/* Every fourth is one that would take 150 milliseconds, and has 120. It is not waited for. */
static gboolean
ask (GDeferred *self, gpointer user_data, GError **error)
{
  Hour     *hour = user_data;
  GTimeSpan takes = (hour->n_asked++ % 4) * 50 * MILLISECOND;
  g_autoptr (GDeferred) answer = g_deferred_delay (takes, NULL);

  hour->n_open++;
  g_deferred_add_timeout (answer, 120 * MILLISECOND, NULL);
  g_deferred_add_both (answer, on_answer, hour, NULL);
  return TRUE;
}

/* Takes ten seconds, and is waited for. */
static gboolean
look (GDeferred *self, gpointer user_data, GError **error)
{
  Hour *hour = user_data;

  hour->n_minutes++;
  g_assert_cmpuint (hour->n_asked, ==, hour->n_minutes * 600);
  g_assert_cmpuint (hour->n_open, <=, 3);
  return g_deferred_return_deferred (self, g_deferred_delay (10 * SECOND, NULL));
}

static gboolean
is_past (GDeferred *self, gpointer unused, GError **error)
{
  say ("%s ", g_deferred_get_error (self)->message);
  return g_deferred_return_none (self);
}

static void
an_hour (void)
{
  Hour   hour = { 0 };
  gint64 began_at = g_get_monotonic_time ();
  g_autoptr (GDeferredLoopingCall) asking = g_deferred_looping_call_new (ask, &hour, NULL);
  g_autoptr (GDeferredLoopingCall) looking = g_deferred_looping_call_new (look, &hour, NULL);
  g_autoptr (GDeferred) all_asked = g_deferred_looping_call_start (asking, 100 * MILLISECOND, FALSE);
  g_autoptr (GDeferred) all_looked_at = NULL;

  /* One microsecond off the grid of the other, so that it is plain which comes first. */
  advance (1);
  all_looked_at = g_deferred_looping_call_start (looking, G_TIME_SPAN_MINUTE, FALSE);
  g_deferred_add_deadline (all_asked, G_TIME_SPAN_HOUR + 1, NULL);
  g_deferred_add_errback (all_asked, is_past, NULL, NULL);
  g_deferred_add_timeout (all_looked_at, G_TIME_SPAN_HOUR, NULL);
  g_deferred_add_errback (all_looked_at, is_past, NULL, NULL);

  advance (G_TIME_SPAN_HOUR);

  trace_is ("The deadline passed Timed out after 3600 s ");
  g_assert_cmpuint (hour.n_asked, ==, 36000);
  g_assert_cmpuint (hour.n_minutes, ==, 59);
  advance (SECOND);
  g_assert_cmpuint (hour.n_open, ==, 0);
  g_assert_cmpuint (hour.n_answered, ==, 27000);
  g_assert_cmpuint (hour.n_timed_out, ==, 9000);
  g_assert_cmpuint (g_deferred_looping_call_get_n_skipped (asking), ==, 0);
  g_test_message ("the hour took %.3f s", (double) (g_get_monotonic_time () - began_at) / G_TIME_SPAN_SECOND);
}

/* The same hour at once, as for a machine that was asleep: all that is overdue is made late, once. */
static void
asleep (void)
{
  Hour hour = { 0 };
  g_autoptr (GDeferredLoopingCall) asking = g_deferred_looping_call_new (ask, &hour, NULL);
  g_autoptr (GDeferred) all_asked = g_deferred_looping_call_start (asking, 100 * MILLISECOND, FALSE);

  g_deferred_clock_jump (fx_clock, G_TIME_SPAN_HOUR);
  advance (0);
  g_assert_cmpuint (hour.n_asked, ==, 1);
  g_assert_cmpuint (hour.n_answered, ==, 1);
  g_assert_cmpuint (g_deferred_looping_call_get_n_ticks (asking), ==, 36000);
  g_assert_cmpuint (g_deferred_looping_call_get_n_skipped (asking), ==, 35999);
  g_deferred_looping_call_stop (asking);
}

static const Case cases[] = {
  { "/hour/on-a-virtual-clock", an_hour },
  { "/hour/asleep", asleep },
};

int
main (int argc, char **argv)
{
  return run_cases_on_clock (argc, argv, cases, G_N_ELEMENTS (cases));
}
