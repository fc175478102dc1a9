/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/throttle.h>

#include "at-home-private.h"
#include "postponed-private.h"

/**
 * GDeferredThrottle:
 *
 * Runs functions at most once an interval: for following something that changes all the time, a pointer or a volume
 * control, say, with work that takes longer than a change.
 *
 * The first [method@DeferredThrottle.run] starts at once. Of those that come before the interval is over, the newest
 * starts at its end; each that a newer one takes the place of is cancelled, and its Deferred fails with
 * %G_IO_ERROR_CANCELLED. An error of that kind is not reported when nobody handles it. The next interval begins with
 * that start. What has started is left to run, however long it takes.
 *
 * ```c
 * static void
 * on_moved (GDeferredThrottle *preview, GDeferredCallback render, gpointer scene)
 * {
 *   g_object_unref (g_deferred_throttle_run (preview, render, g_object_ref (scene), g_object_unref));
 * }
 * ```
 *
 * It belongs to the thread-default main context of the thread that makes it; its methods are called there, and the
 * functions that it runs, too. When it is dropped, what waits is cancelled, from the loop; what has started goes on.
 *
 * Since: 1.0
 */
struct _GDeferredThrottle
{
  GObject parent_instance;

  GDeferred      *home;  /* owned; see at-home-private.h */
  GDeferredClock *clock; /* owned */
  GTimeSpan       interval;
  gint64          started; /* when the last one was */
  gboolean        has_started;

  GdPostponed          *waiting; /* NULL when none does */
  GDeferredDelayedCall *call;    /* owned; there exactly while one waits */
};

typedef enum
{
  PROP_INTERVAL = 1,
  PROP_CLOCK,
  N_PROPS
} Prop;

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (GDeferredThrottle, g_deferred_throttle, G_TYPE_OBJECT)

/* How long it is until one may start. */
static GTimeSpan
time_left (GDeferredThrottle *self)
{
  GTimeSpan elapsed;

  if (!self->has_started)
    return 0;

  elapsed = g_deferred_clock_get_time (self->clock) - self->started;
  return MAX (self->interval - elapsed, 0);
}

static void
begin_interval (GDeferredThrottle *self)
{
  self->started = g_deferred_clock_get_time (self->clock);
  self->has_started = TRUE;
}

/* None that has started is of interest any more. */
static void
start (GdPostponed *postponed)
{
  gd_postponed_leave (postponed);
  gd_postponed_start (postponed);
}

static void
stop_clock (GDeferredThrottle *self)
{
  GDeferredDelayedCall *call = g_steal_pointer (&self->call);

  if (call == NULL)
    return;

  g_deferred_delayed_call_cancel (call);
  g_deferred_delayed_call_unref (call);
}

/* The one that waits no longer does. */
static GdPostponed *
steal_waiting (GDeferredThrottle *self)
{
  stop_clock (self);
  return g_steal_pointer (&self->waiting);
}

static void
on_time (gpointer user_data)
{
  GDeferredThrottle *self = user_data;
  GdPostponed       *waiting = steal_waiting (self);

  begin_interval (self);
  start (waiting);
}

/* The call does not keep the throttle: it is cancelled in time. */
static void
start_clock (GDeferredThrottle *self, GTimeSpan delay)
{
  stop_clock (self);
  self->call = g_deferred_clock_call_later (self->clock, delay, on_time, self, NULL);
}

/* The one that waits was cancelled: the others were left. */
static void
on_over (gpointer owner)
{
  steal_waiting (owner);
}

static void
cancel (GdPostponed *postponed)
{
  gd_postponed_leave (postponed);
  gd_postponed_cancel (postponed);
}

static void
g_deferred_throttle_init (GDeferredThrottle *self)
{
  self->home = g_deferred_new ();
}

/* Nothing is called before this returns. */
static void
g_deferred_throttle_dispose (GObject *object)
{
  GDeferredThrottle *self = G_DEFERRED_THROTTLE (object);
  GdPostponed       *waiting;

  if (gd_is_disposed_at_home (object, self->home))
    return;

  waiting = steal_waiting (self);
  if (waiting != NULL)
    {
      gd_postponed_leave (waiting);
      gd_postponed_cancel_later (waiting);
    }

  G_OBJECT_CLASS (g_deferred_throttle_parent_class)->dispose (object);
}

static void
g_deferred_throttle_finalize (GObject *object)
{
  GDeferredThrottle *self = G_DEFERRED_THROTTLE (object);

  g_object_unref (self->clock);
  g_object_unref (self->home);

  G_OBJECT_CLASS (g_deferred_throttle_parent_class)->finalize (object);
}

static void
g_deferred_throttle_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  GDeferredThrottle *self = G_DEFERRED_THROTTLE (object);

  switch ((Prop) prop_id)
    {
    case PROP_INTERVAL:
      g_value_set_int64 (value, self->interval);
      break;
    case PROP_CLOCK:
      g_value_set_object (value, self->clock);
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
g_deferred_throttle_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  GDeferredThrottle *self = G_DEFERRED_THROTTLE (object);

  switch ((Prop) prop_id)
    {
    case PROP_INTERVAL:
      g_deferred_throttle_set_interval (self, g_value_get_int64 (value));
      break;
    case PROP_CLOCK:
      g_deferred_throttle_set_clock (self, g_value_get_object (value));
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
g_deferred_throttle_class_init (GDeferredThrottleClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = g_deferred_throttle_dispose;
  object_class->finalize = g_deferred_throttle_finalize;
  object_class->get_property = g_deferred_throttle_get_property;
  object_class->set_property = g_deferred_throttle_set_property;

  /**
   * GDeferredThrottle:interval: (getter get_interval) (setter set_interval)
   *
   * How long it is at least from one start to the next, in microseconds.
   *
   * Since: 1.0
   */
  props[PROP_INTERVAL]
      = g_param_spec_int64 ("interval", NULL, NULL, 0, G_MAXINT64, 0, flags | G_PARAM_CONSTRUCT);
  /**
   * GDeferredThrottle:clock: (getter get_clock) (setter set_clock)
   *
   * The clock that it goes by. Set to %NULL, as it is at first, it is the one that is current then.
   *
   * Since: 1.0
   */
  props[PROP_CLOCK]
      = g_param_spec_object ("clock", NULL, NULL, G_TYPE_DEFERRED_CLOCK, flags | G_PARAM_CONSTRUCT);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

/**
 * g_deferred_throttle_new:
 * @interval: how long it is at least from one start to the next, in microseconds
 *
 * Makes a throttle that goes by the current clock.
 *
 * Returns: (transfer full): a new throttle
 *
 * Since: 1.0
 */
GDeferredThrottle *
g_deferred_throttle_new (GTimeSpan interval)
{
  g_return_val_if_fail (interval >= 0, NULL);

  return g_object_new (G_TYPE_DEFERRED_THROTTLE, "interval", interval, NULL);
}

/**
 * g_deferred_throttle_set_interval: (set-property interval)
 * @self: the throttle
 * @interval: how long it is at least from one start to the next, in microseconds
 *
 * Changes the interval, also the one that has begun; one that waits starts when that is over. To be called at home.
 *
 * Since: 1.0
 */
void
g_deferred_throttle_set_interval (GDeferredThrottle *self, GTimeSpan interval)
{
  g_return_if_fail (G_IS_DEFERRED_THROTTLE (self));
  g_return_if_fail (interval >= 0);
  gd_return_if_not_home (self->home);

  if (self->interval == interval)
    return;

  self->interval = interval;
  if (self->waiting != NULL)
    start_clock (self, time_left (self));
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_INTERVAL]);
}

/**
 * g_deferred_throttle_get_interval: (get-property interval)
 * @self: the throttle
 *
 * Gets how long it is at least from one start to the next.
 *
 * Returns: microseconds
 *
 * Since: 1.0
 */
GTimeSpan
g_deferred_throttle_get_interval (GDeferredThrottle *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_THROTTLE (self), 0);

  return self->interval;
}

/**
 * g_deferred_throttle_set_clock: (set-property clock)
 * @self: the throttle
 * @clock: (nullable): a clock, or %NULL for the current one
 *
 * Sets the clock that it goes by. By the new one, nothing has been started yet; what waits begins to wait anew. To be
 * called at home.
 *
 * Since: 1.0
 */
void
g_deferred_throttle_set_clock (GDeferredThrottle *self, GDeferredClock *clock)
{
  g_autoptr (GDeferredClock) chosen = NULL;

  g_return_if_fail (G_IS_DEFERRED_THROTTLE (self));
  g_return_if_fail (clock == NULL || G_IS_DEFERRED_CLOCK (clock));
  gd_return_if_not_home (self->home);

  chosen = gd_clock_or_current (clock);
  if (!g_set_object (&self->clock, chosen))
    return;

  g_object_ref (self);
  self->has_started = FALSE;
  if (self->waiting != NULL)
    {
      begin_interval (self);
      start_clock (self, self->interval);
      if (self->call == NULL) /* as the clock has said, which is elsewhere */
        gd_postponed_cancel (self->waiting);
    }
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CLOCK]);
  g_object_unref (self);
}

/**
 * g_deferred_throttle_get_clock: (get-property clock)
 * @self: the throttle
 *
 * Gets the clock that it goes by.
 *
 * Returns: (transfer none): the clock
 *
 * Since: 1.0
 */
GDeferredClock *
g_deferred_throttle_get_clock (GDeferredThrottle *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_THROTTLE (self), NULL);

  return self->clock;
}

/**
 * g_deferred_throttle_run:
 * @self: the throttle
 * @func: (scope notified) (closure user_data) (destroy destroy): what to call, as [func@Deferred.maybe] does; it gets a
 *   Deferred of its own
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, when @func was called, or will not be
 *
 * Calls @func before this returns, if the interval since the last start is over. Otherwise it waits for the end of it,
 * and takes the place of one that waited: that one's Deferred fails with %G_IO_ERROR_CANCELLED, before this returns.
 *
 * Cancelling the Deferred that is returned, while it waits, is the end of it; while @func is under way, it cancels what
 * @func has returned. Nobody needs to keep it: a run goes on when it is dropped. It cannot be handed over to another
 * home, but a fork of it can.
 *
 * To be called at home, there @func is called, too. @func and the callbacks of a run that is cancelled may use @self.
 *
 * Returns: (transfer full): a Deferred for what @func comes to
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_throttle_run (GDeferredThrottle *self,
                         GDeferredCallback  func,
                         gpointer           user_data,
                         GDestroyNotify     destroy)
{
  GdPostponed *older;
  GdPostponed *postponed;
  GDeferred   *outer;
  GTimeSpan    left;

  g_return_val_if_fail (G_IS_DEFERRED_THROTTLE (self), NULL);
  g_return_val_if_fail (func != NULL, NULL);
  if (gd_refuse_away (self->home, G_STRFUNC, user_data, destroy))
    return NULL;

  older = steal_waiting (self);
  left = time_left (self);
  postponed = gd_postponed_new (self, on_over, func, user_data, destroy);
  outer = gd_postponed_make_outer (postponed);
  if (left > 0)
    {
      self->waiting = postponed;
      start_clock (self, left);
      if (self->call == NULL) /* as the clock has said, which is elsewhere */
        gd_postponed_cancel (postponed);
    }
  else
    begin_interval (self);

  /* Last, as both may do anything: run a newer one, say, or drop the last reference. */
  if (older != NULL)
    cancel (older);
  if (left == 0)
    start (postponed);
  return outer;
}

/**
 * g_deferred_throttle_run_deferred:
 * @self: the throttle
 * @start: a Deferred that nobody else fires
 *
 * As [method@DeferredThrottle.run], with a Deferred in place of a function: @start is fired, with nothing, when its turn
 * has come, and what it comes to is the outcome. If its turn does not come, it is cancelled.
 *
 * It is for languages where a callback of a Deferred costs less than a function that is given to C, and for what is
 * prepared as a chain.
 *
 * Returns: (transfer full): a Deferred for what @start comes to
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_throttle_run_deferred (GDeferredThrottle *self, GDeferred *start)
{
  g_return_val_if_fail (G_IS_DEFERRED_THROTTLE (self), NULL);
  g_return_val_if_fail (G_IS_DEFERRED (start), NULL);

  return g_deferred_throttle_run (self, gd_start_call, gd_start_new (start), gd_start_free);
}

/**
 * g_deferred_throttle_cancel:
 * @self: the throttle
 *
 * Cancels what waits. What has started goes on, and so does the interval. To be called at home.
 *
 * Since: 1.0
 */
void
g_deferred_throttle_cancel (GDeferredThrottle *self)
{
  GdPostponed *waiting;

  g_return_if_fail (G_IS_DEFERRED_THROTTLE (self));
  gd_return_if_not_home (self->home);

  waiting = steal_waiting (self);
  if (waiting != NULL)
    cancel (waiting);
}
