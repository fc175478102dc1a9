/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "retry-private.h"

#include "at-home-private.h"
#include "clock-holder-private.h"
#include "context-private.h"

/* One run: attempts and delays in turn, until it is over. In an rc box, of which the canceller of `deferred` holds one
 * part, and what it waits for another: the link of the attempt, or the clock's call. Each delay ends in a call of the
 * clock's, so the stack does not grow, and who tries for ever leaves the loop its turns. */
typedef struct
{
  GDeferred    *deferred; /* owned until it is over, NULL then */
  GdClockHolder clock;    /* always set; a virtual one may hold this */
  GdRetryRules *rules;    /* owned */
  gint64        started;
  guint         n_attempts;
  gboolean      is_cancelled;
  gboolean      is_followed; /* it was cancelled, and its Deferred waits for what the attempt comes to */

  /* What it waits for: at most one of them. */
  GDeferred            *attempt; /* not owned: it goes when its producer does */
  GDeferredDelayedCall *delay;   /* owned */

  GDeferredCallback func;
  gpointer          user_data;
  GDestroyNotify    destroy; /* NULL once it was called */
  gboolean          is_calling;
} Run;

static void start_attempt (Run *run);

/* A function that is on the stack may use its data still. */
static void
free_data (Run *run)
{
  GDestroyNotify destroy = run->is_calling ? NULL : g_steal_pointer (&run->destroy);

  if (destroy != NULL)
    destroy (run->user_data);
}

static void
run_clear (gpointer user_data)
{
  Run *run = user_data;

  free_data (run);
  gd_clock_holder_clear (&run->clock);
  gd_retry_rules_unref (run->rules);
}

static void
run_unref (gpointer run)
{
  g_rc_box_release_full (run, run_clear);
}

static gboolean
is_over (Run *run)
{
  return run->deferred == NULL;
}

/* The Deferred of a run that ends here, which is transferred. Nothing is tried from here on. */
static GDeferred *
end (Run *run)
{
  return g_steal_pointer (&run->deferred);
}

/* --- delays ------------------------------------------------------------------------------------------------------ */

/* What the clock's call has. It outlasts the call: the next delay may have begun by then. */
typedef struct
{
  Run     *run; /* owned */
  gboolean is_called;
} Delay;

static void
on_time (gpointer user_data)
{
  Delay *delay = user_data;

  delay->is_called = TRUE;
  g_clear_pointer (&delay->run->delay, g_deferred_delayed_call_unref);
  start_attempt (delay->run);
}

static void
say_lost (GDeferred *deferred, gpointer user_data G_GNUC_UNUSED)
{
  g_deferred_errback_literal (deferred, G_DEFERRED_ERROR, G_DEFERRED_ERROR_ABANDONED,
                              "The clock that the next attempt waited for was dropped", NULL);
}

/* The end of the clock's call. If it was neither made nor cancelled, the clock itself goes, and nothing of the user's
 * may be called inside of that. */
static void
on_delay_gone (gpointer user_data)
{
  Delay *delay = user_data;
  Run   *run = delay->run;

  if (!delay->is_called && run->delay != NULL)
    {
      GDeferred *deferred = end (run);

      g_clear_pointer (&run->delay, g_deferred_delayed_call_unref);
      g_deferred_invoke (deferred, say_lost, run->user_data, g_steal_pointer (&run->destroy));
      g_object_unref (deferred);
    }
  run_unref (run);
  g_free (delay);
}

/* FALSE if it cannot be waited for. */
static gboolean
wait_for_delay (Run *run, GTimeSpan span)
{
  g_autoptr (GDeferredClock) clock = gd_clock_holder_get (&run->clock);
  Delay *delay;

  if (clock == NULL)
    return FALSE;

  delay = g_new0 (Delay, 1);
  delay->run = g_rc_box_acquire (run);
  run->delay = g_deferred_clock_call_later (clock, span, on_time, delay, on_delay_gone);
  return run->delay != NULL;
}

static GTimeSpan
elapsed (Run *run)
{
  g_autoptr (GDeferredClock) clock = gd_clock_holder_get (&run->clock);

  return clock != NULL ? g_deferred_clock_get_time (clock) - run->started : 0;
}

/* --- attempts ---------------------------------------------------------------------------------------------------- */

/* Whether it goes on after that. The rules may ask a function of the user's, which may cancel. */
static gboolean
goes_on_after (Run *run, const GError *failure)
{
  GTimeSpan delay;

  if (run->is_cancelled)
    return FALSE;

  delay = gd_retry_rules_next_delay (run->rules, failure, run->n_attempts, elapsed (run));
  if (is_over (run))
    return TRUE;
  return delay >= 0 && wait_for_delay (run, delay);
}

/* The outcome of the last attempt is the run's: as it is, with what may lie beside it. That of an attempt that nobody
 * waits for any more is dropped. */
static gboolean
on_outcome (GDeferred *attempt, gpointer user_data, GError **error G_GNUC_UNUSED)
{
  Run          *run = user_data;
  const GError *failure = g_deferred_get_error (attempt);
  GDeferred    *deferred;

  run->attempt = NULL;
  if (run->is_followed)
    {
      free_data (run);
      return TRUE;
    }
  if (is_over (run) || (failure != NULL && goes_on_after (run, failure)))
    return g_deferred_return_none (attempt);

  deferred = end (run);
  g_deferred_chain_deferred (attempt, deferred);
  g_object_unref (deferred);
  free_data (run);
  return TRUE;
}

/* The function gets a Deferred of its own: what it does to that, adding links, say, comes before ours. */
static gboolean
call (GDeferred *attempt, gpointer user_data, GError **error G_GNUC_UNUSED)
{
  Run *run = user_data;

  return g_deferred_return_deferred (attempt, g_deferred_maybe (run->func, run->user_data));
}

/* The function may have the run cancelled, which must reach what it returns. */
static void
start_attempt (Run *run)
{
  GMainContext *context = g_deferred_get_context (run->deferred);
  gboolean      entered = gd_context_enter (context);
  GDeferred    *attempt;

  g_rc_box_acquire (run);
  run->n_attempts++;
  run->is_calling = TRUE;
  attempt = g_deferred_maybe (call, run);
  run->is_calling = FALSE;

  if (is_over (run))
    free_data (run);
  else
    run->attempt = attempt;
  g_deferred_add_callbacks (attempt, on_outcome, g_rc_box_acquire (run), run_unref, on_outcome, run, NULL);
  if (is_over (run))
    g_deferred_cancel (attempt);

  g_object_unref (attempt);
  run_unref (run);
  gd_context_leave (context, entered);
}

/* --- the whole --------------------------------------------------------------------------------------------------- */

/* An attempt may take its time to end, and has a say in how. */
static void
on_cancel (GDeferred *deferred, gpointer user_data)
{
  Run                  *run = user_data;
  GDeferredDelayedCall *delay = g_steal_pointer (&run->delay);

  run->is_cancelled = TRUE;
  if (delay != NULL)
    {
      g_deferred_delayed_call_cancel (delay);
      g_deferred_delayed_call_unref (delay);
    }
  if (run->attempt != NULL)
    {
      g_autoptr (GDeferred) attempt = g_object_ref (run->attempt);

      g_deferred_cancel (attempt);
      run->is_followed = !is_over (run);
    }
  if (is_over (run))
    return;

  if (run->is_followed)
    g_deferred_follow (deferred, run->attempt, NULL);
  else
    free_data (run);
  g_object_unref (end (run));
}

GDeferred *
gd_retry_run (GdRetryRules     *rules,
              GDeferredClock   *clock,
              GDeferredCallback func,
              gpointer          user_data,
              GDestroyNotify    destroy)
{
  Run       *run = g_rc_box_new0 (Run);
  GDeferred *outer;

  run->deferred = g_deferred_new_with_canceller (on_cancel, run, run_unref);
  run->rules = g_rc_box_acquire (rules);
  gd_clock_holder_init (&run->clock);
  gd_clock_holder_set (&run->clock, clock);
  run->started = g_deferred_clock_get_time (clock);
  run->func = func;
  run->user_data = user_data;
  run->destroy = destroy;

  outer = gd_outer_new (run->deferred);
  start_attempt (run);
  return outer;
}
