/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "looping-private.h"

#include "clock-private.h"
#include "depth-private.h"

/* --- when -------------------------------------------------------------------------------------------------------- */

GDeferred *
gd_looping_end (GDeferredLoopingCall *self)
{
  self->is_running = FALSE;
  gd_clock_holder_set (&self->used, NULL);
  return g_steal_pointer (&self->done);
}

static void
say_lost (GDeferred *done, gpointer user_data G_GNUC_UNUSED)
{
  g_deferred_errback_literal (done, G_DEFERRED_ERROR, G_DEFERRED_ERROR_ABANDONED,
                              "The clock of the looping call was dropped", NULL);
}

/* Nothing will call it any more: the clock is gone. It may be in its finalize. */
static void
lose (GDeferredLoopingCall *self)
{
  g_autoptr (GDeferred) done = gd_looping_end (self);

  g_clear_pointer (&self->call, g_deferred_delayed_call_unref);
  if (done != NULL)
    g_deferred_invoke (done, say_lost, NULL, NULL);
}

static void
on_time (gpointer user_data)
{
  GDeferredLoopingCall *self = user_data;

  g_clear_pointer (&self->call, g_deferred_delayed_call_unref);
  gd_looping_call (self);
}

/* It was made, and is not ours any more then; or it was taken back by us, likewise; or it is lost. */
static void
end_call (gpointer user_data)
{
  GDeferredLoopingCall *self = user_data;

  if (self->call != NULL && !g_deferred_delayed_call_is_pending (self->call))
    lose (self);
  g_object_unref (self);
}

static gboolean
on_idle (gpointer user_data)
{
  GDeferredLoopingCall *self = user_data;

  g_clear_pointer (&self->source, g_source_unref);
  gd_looping_call (self);
  return G_SOURCE_REMOVE;
}

/* Without an interval: whenever the loop has nothing better to do, or else nothing would ever be drawn. */
static void
schedule_idle (GDeferredLoopingCall *self, GDeferredClock *clock)
{
  self->source = g_idle_source_new ();
  g_source_set_static_name (self->source, "GDeferred looping call");
  g_source_set_callback (self->source, on_idle, g_object_ref (self), g_object_unref);
  g_source_attach (self->source, g_deferred_get_context (clock->calls->anchor));
}

/* How many moments of the grid are past, the first one left out. */
static gint64
index_at (GDeferredLoopingCall *self, gint64 time)
{
  return self->interval > 0 ? (time - self->begin) / self->interval : 0;
}

/* The next moment of the grid. On a virtual clock calls without an interval are as close to each other as there is
 * time between: moving it on would never end else. */
static gint64
next_time (GDeferredLoopingCall *self, gint64 now)
{
  if (self->interval == 0)
    return gd_time_add (now, 1);

  return gd_time_add (self->begin + index_at (self, now) * self->interval, self->interval);
}

void
gd_looping_schedule (GDeferredLoopingCall *self)
{
  g_autoptr (GDeferredClock) clock = gd_clock_holder_get (&self->used);

  if (clock == NULL)
    lose (self);
  else if (self->interval == 0 && !g_deferred_clock_is_virtual (clock))
    schedule_idle (self, clock);
  else
    self->call = g_deferred_clock_call_at (clock, next_time (self, g_deferred_clock_get_time (clock)),
                                           on_time, g_object_ref (self), end_call);
}

/* It may have held itself by that. */
void
gd_looping_unschedule (GDeferredLoopingCall *self)
{
  g_autoptr (GDeferredDelayedCall) call = g_steal_pointer (&self->call);
  g_autoptr (GSource) source = g_steal_pointer (&self->source);

  if (call != NULL)
    g_deferred_delayed_call_cancel (call);
  if (source != NULL)
    g_source_destroy (source);
}

/* --- one call ---------------------------------------------------------------------------------------------------- */

/* Whether the outcome of this one is still waited for. If so, it is not under way any more. */
static gboolean
end_tick (GdTick *tick)
{
  GDeferredLoopingCall *self = tick->self;

  tick->part = NULL;
  if (self->tick != tick)
    return FALSE;

  self->tick = NULL;
  return TRUE;
}

void
gd_looping_succeed (GDeferredLoopingCall *self)
{
  g_autoptr (GDeferred) done = gd_looping_end (self);
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_OBJECT);
  g_value_set_object (&value, self);
  gd_deep_callback (done, &value);
}

/* An error that comes too late is left in @part, which tells of it. */
static gboolean
on_outcome (GDeferred *part, gpointer user_data, GError **error)
{
  GdTick               *tick = user_data;
  GDeferredLoopingCall *self = tick->self;
  const GError         *failure = g_deferred_get_error (part);
  g_autoptr (GDeferred) done = NULL;

  if (!end_tick (tick))
    return TRUE;

  if (failure != NULL)
    {
      done = gd_looping_end (self);
      gd_deep_errback (done, failure, g_deferred_get_payload (part));
      return g_deferred_return_none (part);
    }

  if (self->is_running)
    gd_looping_schedule (self);
  else
    gd_looping_succeed (self);
  return TRUE;
}

/* If that was not called, the function had bound @part to an owner that has gone. */
static void
free_tick (gpointer user_data)
{
  GdTick               *tick = user_data;
  GDeferredLoopingCall *self = tick->self;

  if (end_tick (tick))
    {
      g_autoptr (GDeferred) done = gd_looping_end (self);

      g_deferred_errback_literal (done, G_IO_ERROR, G_IO_ERROR_CANCELLED, "The owner of the call has gone",
                                  NULL);
    }
  g_object_unref (self);
  g_free (tick);
}

static void
count (GDeferredLoopingCall *self)
{
  g_autoptr (GDeferredClock) clock = gd_clock_holder_get (&self->used);
  gint64 index = clock != NULL ? index_at (self, g_deferred_clock_get_time (clock)) : self->index;

  self->n_ticks = (guint64) MAX (index - self->index, 1);
  self->n_skipped += self->n_ticks - 1;
  self->index = index;
}

/* What is made in the function is at home where the clock is, be that the thread's default context just now or not. */
static GDeferred *
call_func (GDeferredLoopingCall *self)
{
  g_autoptr (GDeferredClock) clock = gd_clock_holder_get (&self->used);
  g_autoptr (GMainContext) current = g_main_context_ref_thread_default ();
  GMainContext *context = clock != NULL ? g_deferred_get_context (clock->calls->anchor) : current;
  GDeferred    *part;

  if (G_UNLIKELY (context != current))
    g_main_context_push_thread_default (context);
  part = g_deferred_maybe (self->func, self->user_data);
  if (G_UNLIKELY (context != current))
    g_main_context_pop_thread_default (context);
  return part;
}

void
gd_looping_call (GDeferredLoopingCall *self)
{
  GdTick *tick;
  g_autoptr (GDeferred) part = NULL;

  /* Its owner has gone; the cancel is on its way. */
  if (g_deferred_is_cancelled (self->done))
    return;

  count (self);
  tick = g_new0 (GdTick, 1);
  tick->self = g_object_ref (self);
  self->tick = tick;
  part = call_func (self);
  if (tick->is_cancelled)
    g_deferred_cancel (part);
  tick->part = part;
  g_deferred_add_both (part, on_outcome, tick, free_tick);
}

/* The Deferred is ended by the one who cancels it; a call that is under way is cancelled, too. */
void
gd_looping_give_up (GDeferredLoopingCall *self)
{
  g_autoptr (GDeferred) done = gd_looping_end (self);
  GdTick *tick = g_steal_pointer (&self->tick);

  gd_looping_unschedule (self);
  if (tick == NULL)
    return;

  tick->is_cancelled = TRUE;
  if (tick->part != NULL)
    {
      g_autoptr (GDeferred) part = g_object_ref (tick->part);

      g_deferred_cancel (part);
    }
}
