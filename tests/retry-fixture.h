/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* GDeferredRetry. In the trace "a1 " says that attempt 1 of run a was made, "A:3 " what came of the run, "~a " that its
 * data went, "?bad/2 " that the filter was asked about the error "bad" after attempt 2. */

#include "patterns-fixture.h"

static GDeferredRetry *retry;

/* Without chance, so that times are exact: 100, 200, 400 ... 1000 ms. */
static inline void
begin (void)
{
  retry = g_deferred_retry_new ();
  g_deferred_retry_set_delays (retry, MS (100), MS (1000), 2.0, 0.0);
}

static inline void
end (void)
{
  g_assert_finalize_object (g_steal_pointer (&retry));
}

/* What the attempts of a run do: a plan each, as work_by_plan() takes it; the last one serves all that follow. */
typedef struct
{
  const char    letter;
  const char   *plans[6];
  guint         n;
  gint64        times[16]; /* of the first attempts */
  GMainContext *context;   /* of the last one */
} Script;

static inline gboolean
play (GDeferred *self, gpointer data, GError **error)
{
  Script     *script = data;
  const char *plan = NULL;

  for (guint i = 0; i <= script->n && i < G_N_ELEMENTS (script->plans) && script->plans[i] != NULL; i++)
    plan = script->plans[i];
  if (script->n < G_N_ELEMENTS (script->times))
    script->times[script->n] = g_deferred_clock_get_time (fx_clock);
  script->context = g_deferred_get_context (self);
  script->n++;
  say ("%c%u ", script->letter, script->n);
  if (plan[0] == '=')
    return g_deferred_return_int (self, atoi (plan + 1));
  if (plan[0] == '!')
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, plan + 1);
      return FALSE;
    }
  return work_by_plan (self, plan, error);
}

static inline void
script_gone (gpointer data)
{
  say ("~%c ", ((Script *) data)->letter);
}

static inline GDeferred *
try_script (Script *script)
{
  return g_deferred_retry_run (retry, play, script, script_gone);
}

static inline gboolean
always (const GError *error, guint attempt, gpointer user_data)
{
  return TRUE;
}
