/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* For tests of what is timed: each case has a virtual clock of its own, which is pushed, and has to leave nothing that
 * is still to come. */

#include "fixture.h"

static GDeferredClock *fx_clock;

#define SECOND G_TIME_SPAN_SECOND

#define advance(span) g_deferred_clock_advance (fx_clock, (span))

static inline void
calls_left (guint n)
{
  g_autolist (GDeferredDelayedCall) calls = g_deferred_clock_get_calls (fx_clock);

  g_assert_cmpuint (g_list_length (calls), ==, n);
}

/* Runs @func in a thread that has no context, while this one owns the default one. */
static inline gpointer
in_a_worker (GThreadFunc func, gpointer data)
{
  gpointer got;

  g_assert_true (g_main_context_acquire (NULL));
  got = g_thread_join (g_thread_new ("worker", func, data));
  g_main_context_release (NULL);
  return got;
}

static inline void
fx_run_on_clock (gconstpointer data)
{
  GDeferredClock *clock = g_deferred_clock_new_virtual ();

  fx_clock = clock;
  g_deferred_clock_push (clock);
  fx_run (data);
  g_deferred_clock_pop (clock);
  calls_left (0);
  g_assert_finalize_object (clock);
}

static inline int
run_cases_on_clock (int argc, char **argv, const Case *cases, gsize n_cases)
{
  fx_init (&argc, &argv);
  for (gsize i = 0; i < n_cases; i++)
    g_test_add_data_func (cases[i].path, &cases[i], fx_run_on_clock);
  return g_test_run ();
}
