/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "looping-private.h"

#include "clock-private.h"

/**
 * GDeferredLoopingCall:
 *
 * Calls a function again and again, at times that do not drift: the calls keep to the grid of the moments that are a
 * whole number of intervals after the start, however long the function takes.
 *
 * The function is called as by [func@Deferred.maybe]. If it returns a Deferred, that has to fire before the next call
 * is made. Moments that go by meanwhile, or because the loop was busy, are skipped, and counted:
 * [method@DeferredLoopingCall.get_n_ticks] says how many a call stands for. If the function fails, or the Deferred
 * that it has returned, there are no more calls, and the Deferred of [method@DeferredLoopingCall.start] fails with that
 * error.
 *
 * ```c
 * static gboolean
 * tick (GDeferred *self, gpointer user_data, GError **error)
 * {
 *   g_print (".");
 *   return TRUE;
 * }
 *
 * static GDeferred *
 * tick_for_ever (void)
 * {
 *   g_autoptr (GDeferredLoopingCall) call = g_deferred_looping_call_new (tick, NULL, NULL);
 *
 *   return g_deferred_looping_call_start (call, G_TIME_SPAN_SECOND, TRUE);
 * }
 * ```
 *
 * It goes on whether or not anybody holds it, until it is stopped, or the Deferred is cancelled, or the owner that the
 * Deferred is bound to goes; it can be started again after that. All of it is at home in the thread where it is
 * started, and its functions are called there.
 *
 * Since: 1.0
 */
G_DEFINE_FINAL_TYPE (GDeferredLoopingCall, g_deferred_looping_call, G_TYPE_OBJECT)

/* Nothing that it waits for is left: all that would hold it. */
static void
g_deferred_looping_call_finalize (GObject *object)
{
  GDeferredLoopingCall *self = G_DEFERRED_LOOPING_CALL (object);

  g_clear_object (&self->done);
  g_clear_pointer (&self->call, g_deferred_delayed_call_unref);
  gd_clock_holder_clear (&self->clock);
  gd_clock_holder_clear (&self->used);
  if (self->destroy != NULL)
    self->destroy (self->user_data);

  G_OBJECT_CLASS (g_deferred_looping_call_parent_class)->finalize (object);
}

static void
g_deferred_looping_call_class_init (GDeferredLoopingCallClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = g_deferred_looping_call_finalize;
}

static void
g_deferred_looping_call_init (GDeferredLoopingCall *self)
{
  gd_clock_holder_init (&self->clock);
  gd_clock_holder_init (&self->used);
}

/* --- from outside ------------------------------------------------------------------------------------------------ */

/* One that is not started may be anywhere. */
static gboolean
is_here (GDeferredLoopingCall *self, const char *function)
{
  g_autoptr (GDeferredClock) clock = NULL;

  if (self->done == NULL)
    return TRUE;

  clock = gd_clock_holder_get (&self->used);
  if (clock == NULL || gd_calls_is_home (clock->calls))
    return TRUE;

  g_critical ("%s: called from another thread than the one where it was started", function);
  return FALSE;
}

static void
give_up_at_home (GDeferred *anchor, gpointer user_data)
{
  GDeferredLoopingCall *self = user_data;

  if (self->done != NULL && g_deferred_is_cancelled (self->done))
    gd_looping_give_up (self);
}

static void
free_weak_ref (gpointer weak_ref)
{
  g_weak_ref_clear (weak_ref);
  g_free (weak_ref);
}

/* It may have been handed over to another thread, but not what it is the end of. */
static void
on_cancel (GDeferred *done, gpointer weak_ref)
{
  g_autoptr (GDeferredLoopingCall) self = g_weak_ref_get (weak_ref);
  g_autoptr (GDeferredClock) clock = self != NULL ? gd_clock_holder_get (&self->used) : NULL;

  if (clock == NULL)
    return;

  if (gd_calls_is_home (clock->calls))
    gd_looping_give_up (self);
  else
    g_deferred_invoke (clock->calls->anchor, give_up_at_home, g_object_ref (self), g_object_unref);
}

/**
 * g_deferred_looping_call_new:
 * @func: (scope notified) (closure user_data) (destroy destroy): what to call
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, when the looping call is freed
 *
 * Makes a looping call, which does nothing until it is started. The Deferred that @func is called with is one for that
 * call alone. It is called in the thread that starts the looping call.
 *
 * Returns: (transfer full): the looping call
 *
 * Since: 1.0
 */
GDeferredLoopingCall *
g_deferred_looping_call_new (GDeferredCallback func, gpointer user_data, GDestroyNotify destroy)
{
  GDeferredLoopingCall *self;

  g_return_val_if_fail (func != NULL, NULL);

  self = g_object_new (G_TYPE_DEFERRED_LOOPING_CALL, NULL);
  self->func = func;
  self->user_data = user_data;
  self->destroy = destroy;
  return self;
}

/**
 * g_deferred_looping_call_set_clock:
 * @self: a looping call
 * @clock: (nullable): the clock that it is to go by from the next start on, or %NULL for the one that is current then
 *
 * Gives it a clock. A virtual one is not kept by that: if it is dropped, starting fails, and one that was started ends
 * with %G_DEFERRED_ERROR_ABANDONED.
 *
 * Since: 1.0
 */
void
g_deferred_looping_call_set_clock (GDeferredLoopingCall *self, GDeferredClock *clock)
{
  g_return_if_fail (G_IS_DEFERRED_LOOPING_CALL (self));
  g_return_if_fail (clock == NULL || G_IS_DEFERRED_CLOCK (clock));

  gd_clock_holder_set (&self->clock, clock);
}

static GDeferred *
refuse (int code, const char *message)
{
  GError error = { G_IO_ERROR, code, (char *) message };

  return g_deferred_fail (&error);
}

static GDeferred *
begin (GDeferredLoopingCall *self, GDeferredClock *clock, GTimeSpan interval, gboolean now)
{
  GWeakRef  *weak_ref = g_new (GWeakRef, 1);
  GDeferred *done = g_deferred_new_with_canceller (on_cancel, weak_ref, free_weak_ref);

  g_weak_ref_init (weak_ref, self);
  gd_clock_holder_set (&self->used, clock);
  self->done = g_object_ref (done);
  self->is_running = TRUE;
  self->interval = interval;
  self->begin = g_deferred_clock_get_time (clock);
  self->index = 0;
  self->n_ticks = 0;
  self->n_skipped = 0;

  if (now)
    gd_looping_call (self);
  else
    gd_looping_schedule (self);
  return done;
}

/**
 * g_deferred_looping_call_start:
 * @self: a looping call
 * @interval: how long from one call to the next, in microseconds
 * @now: whether to make the first call at once, before this function returns, and not after @interval
 *
 * Begins to call the function. With an @interval of 0 it is called whenever the main loop has nothing more urgent to
 * do, or, on a virtual clock, each microsecond.
 *
 * The Deferred that is returned fires with @self after [method@DeferredLoopingCall.stop], as soon as no call is under
 * way any more. It fails when a call does. Cancelling it ends all at once: no more calls are made, what a call that is
 * under way waits for is cancelled, too, and the Deferred fails with %G_IO_ERROR_CANCELLED.
 *
 * If it is started already, or has not ended since, the Deferred that is returned has failed with
 * %G_IO_ERROR_PENDING; if @interval is less than 0, with %G_IO_ERROR_INVALID_ARGUMENT; if the clock that it was given is
 * gone, with %G_IO_ERROR_CLOSED.
 *
 * To be called in the thread that is to make the calls, where the clock has to be at home: otherwise it is a critical
 * warning, and the Deferred has failed with %G_IO_ERROR_INVALID_ARGUMENT.
 *
 * Returns: (transfer full): a Deferred that fires when it has stopped
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_looping_call_start (GDeferredLoopingCall *self, GTimeSpan interval, gboolean now)
{
  g_autoptr (GDeferredClock) clock = NULL;

  g_return_val_if_fail (G_IS_DEFERRED_LOOPING_CALL (self), NULL);

  clock = gd_clock_holder_get (&self->clock);
  if (interval < 0)
    return refuse (G_IO_ERROR_INVALID_ARGUMENT, "The interval of a looping call is less than 0");
  if (self->func == NULL)
    return refuse (G_IO_ERROR_INVALID_ARGUMENT, "The looping call has no function");
  if (self->done != NULL)
    return refuse (G_IO_ERROR_PENDING, self->is_running
                                           ? "The looping call is running already"
                                           : "The last call of the looping call has not ended yet");
  if (clock == NULL)
    return refuse (G_IO_ERROR_CLOSED, "The clock of the looping call is gone");
  if (!gd_calls_is_home (clock->calls))
    {
      g_critical ("%s: the clock is not at home in this thread", G_STRFUNC);
      return refuse (G_IO_ERROR_INVALID_ARGUMENT, "The clock is at home in another thread");
    }

  return begin (self, clock, interval, now);
}

/**
 * g_deferred_looping_call_stop:
 * @self: a looping call
 *
 * Makes no more calls. If one is under way, it is left to end; its error is not lost. It may be called inside the
 * function. If it is not running, nothing happens.
 *
 * To be called in the thread where it was started: elsewhere it is a critical warning, and does nothing.
 *
 * Since: 1.0
 */
void
g_deferred_looping_call_stop (GDeferredLoopingCall *self)
{
  g_autoptr (GDeferredLoopingCall) held = NULL;

  g_return_if_fail (G_IS_DEFERRED_LOOPING_CALL (self));
  if (!self->is_running || !is_here (self, G_STRFUNC))
    return;

  held = g_object_ref (self);
  self->is_running = FALSE;
  if (self->tick != NULL)
    return;

  gd_looping_unschedule (self);
  gd_looping_succeed (self);
}

/**
 * g_deferred_looping_call_reset:
 * @self: a looping call
 *
 * Begins the interval anew: the next call is one interval from now, or, if a call is under way, at the first of the
 * moments that are a whole number of intervals from now. If it is not running, nothing happens.
 *
 * To be called in the thread where it was started: elsewhere it is a critical warning, and does nothing.
 *
 * Since: 1.0
 */
void
g_deferred_looping_call_reset (GDeferredLoopingCall *self)
{
  g_autoptr (GDeferredClock) clock = NULL;
  g_autoptr (GDeferredLoopingCall) held = NULL;

  g_return_if_fail (G_IS_DEFERRED_LOOPING_CALL (self));
  if (!self->is_running || !is_here (self, G_STRFUNC))
    return;

  held = g_object_ref (self);
  clock = gd_clock_holder_get (&self->used);
  if (clock == NULL)
    return;

  self->begin = g_deferred_clock_get_time (clock);
  self->index = 0;
  if (self->tick != NULL)
    return;

  gd_looping_unschedule (self);
  gd_looping_schedule (self);
}

/**
 * g_deferred_looping_call_get_running:
 * @self: a looping call
 *
 * Whether it was started, and has neither been stopped nor failed since.
 *
 * Returns: whether it goes on
 *
 * Since: 1.0
 */
gboolean
g_deferred_looping_call_get_running (GDeferredLoopingCall *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_LOOPING_CALL (self), FALSE);

  return self->is_running;
}

/**
 * g_deferred_looping_call_get_interval:
 * @self: a looping call
 *
 * The interval that it was started with last.
 *
 * Returns: the interval in microseconds
 *
 * Since: 1.0
 */
GTimeSpan
g_deferred_looping_call_get_interval (GDeferredLoopingCall *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_LOOPING_CALL (self), 0);

  return self->interval;
}

/**
 * g_deferred_looping_call_get_n_ticks:
 * @self: a looping call
 *
 * How many moments of the grid the call that is being made, or was made last, stands for: 1, unless some were skipped
 * since the call before. The numbers of all calls add up to the moments that are past, with that of the start, if a call
 * was made then. Without an interval it is always 1.
 *
 * Returns: a number, 0 before the first call
 *
 * Since: 1.0
 */
guint64
g_deferred_looping_call_get_n_ticks (GDeferredLoopingCall *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_LOOPING_CALL (self), 0);

  return self->n_ticks;
}

/**
 * g_deferred_looping_call_get_n_skipped:
 * @self: a looping call
 *
 * How many moments of the grid have been skipped since the start.
 *
 * Returns: a number
 *
 * Since: 1.0
 */
guint64
g_deferred_looping_call_get_n_skipped (GDeferredLoopingCall *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_LOOPING_CALL (self), 0);

  return self->n_skipped;
}
