/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/debounce.h>

#include "at-home-private.h"
#include "postponed-private.h"

/**
 * GDeferredDebounce:
 *
 * Runs a function once things have been quiet for a while: for a search as somebody types, or for saving what changes
 * often.
 *
 * Each [method@DeferredDebounce.run] takes the place of the one before it. That one is cancelled, whether it still
 * waits or is under way, and its Deferred fails with %G_IO_ERROR_CANCELLED: the answer to an outdated question is
 * neither waited for nor shown. An error of that kind is not reported when nobody handles it.
 *
 * ```c
 * static void
 * on_text_changed (GDeferredDebounce *typing, const char *text, GDeferredCallback search, GDeferredCallback show)
 * {
 *   g_autoptr (GDeferred) found = g_deferred_debounce_run (typing, search, g_strdup (text), g_free);
 *
 *   g_deferred_add_callback (found, show, NULL, NULL);
 * }
 * ```
 *
 * It belongs to the thread-default main context of the thread that makes it; its methods are called there, and the
 * functions that it runs, too. When it is dropped, what it has not finished is cancelled, from the loop.
 *
 * Since: 1.0
 */
struct _GDeferredDebounce
{
  GObject parent_instance;

  GDeferred      *home;  /* owned; see at-home-private.h */
  GDeferredClock *clock; /* owned */
  GTimeSpan       quiet;

  GDeferredDelayedCall *call; /* owned; NULL when nothing waits */
  GdPostponed          *last; /* the newest one that is not over; NULL when there is none */
};

typedef enum
{
  PROP_QUIET = 1,
  PROP_CLOCK,
  N_PROPS
} Prop;

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (GDeferredDebounce, g_deferred_debounce, G_TYPE_OBJECT)

static void
stop_clock (GDeferredDebounce *self)
{
  GDeferredDelayedCall *call = g_steal_pointer (&self->call);

  if (call == NULL)
    return;

  g_deferred_delayed_call_cancel (call);
  g_deferred_delayed_call_unref (call);
}

static void
on_quiet (gpointer user_data)
{
  GDeferredDebounce *self = user_data;

  g_deferred_debounce_flush (self);
}

/* The call does not keep the debounce: it is cancelled in time. */
static void
start_clock (GDeferredDebounce *self)
{
  stop_clock (self);
  self->call = g_deferred_clock_call_later (self->clock, self->quiet, on_quiet, self, NULL);
}

/* Of the newest one: the others were left. */
static void
on_over (gpointer owner)
{
  GDeferredDebounce *self = owner;

  self->last = NULL;
  stop_clock (self);
}

static void
g_deferred_debounce_init (GDeferredDebounce *self)
{
  self->home = g_deferred_new ();
}

/* Nothing is called before this returns. */
static void
g_deferred_debounce_dispose (GObject *object)
{
  GDeferredDebounce *self = G_DEFERRED_DEBOUNCE (object);
  GdPostponed       *last;

  if (gd_is_disposed_at_home (object, self->home))
    return;

  last = g_steal_pointer (&self->last);
  stop_clock (self);
  if (last != NULL)
    {
      gd_postponed_leave (last);
      gd_postponed_cancel_later (last);
    }

  G_OBJECT_CLASS (g_deferred_debounce_parent_class)->dispose (object);
}

static void
g_deferred_debounce_finalize (GObject *object)
{
  GDeferredDebounce *self = G_DEFERRED_DEBOUNCE (object);

  g_object_unref (self->clock);
  g_object_unref (self->home);

  G_OBJECT_CLASS (g_deferred_debounce_parent_class)->finalize (object);
}

static void
g_deferred_debounce_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  GDeferredDebounce *self = G_DEFERRED_DEBOUNCE (object);

  switch ((Prop) prop_id)
    {
    case PROP_QUIET:
      g_value_set_int64 (value, self->quiet);
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
g_deferred_debounce_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  GDeferredDebounce *self = G_DEFERRED_DEBOUNCE (object);

  switch ((Prop) prop_id)
    {
    case PROP_QUIET:
      g_deferred_debounce_set_quiet (self, g_value_get_int64 (value));
      break;
    case PROP_CLOCK:
      g_deferred_debounce_set_clock (self, g_value_get_object (value));
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
g_deferred_debounce_class_init (GDeferredDebounceClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = g_deferred_debounce_dispose;
  object_class->finalize = g_deferred_debounce_finalize;
  object_class->get_property = g_deferred_debounce_get_property;
  object_class->set_property = g_deferred_debounce_set_property;

  /**
   * GDeferredDebounce:quiet: (getter get_quiet) (setter set_quiet)
   *
   * How long nothing may have been run before the last one is, in microseconds.
   *
   * Since: 1.0
   */
  props[PROP_QUIET] = g_param_spec_int64 ("quiet", NULL, NULL, 0, G_MAXINT64, 0, flags | G_PARAM_CONSTRUCT);
  /**
   * GDeferredDebounce:clock: (getter get_clock) (setter set_clock)
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
 * g_deferred_debounce_new:
 * @quiet: how long nothing may have been run before the last one is, in microseconds
 *
 * Makes a debounce that goes by the current clock.
 *
 * Returns: (transfer full): a new debounce
 *
 * Since: 1.0
 */
GDeferredDebounce *
g_deferred_debounce_new (GTimeSpan quiet)
{
  g_return_val_if_fail (quiet >= 0, NULL);

  return g_object_new (G_TYPE_DEFERRED_DEBOUNCE, "quiet", quiet, NULL);
}

/**
 * g_deferred_debounce_set_quiet: (set-property quiet)
 * @self: the debounce
 * @quiet: how long nothing may have been run before the last one is, in microseconds
 *
 * Changes how long it waits, from the next run on. To be called at home.
 *
 * Since: 1.0
 */
void
g_deferred_debounce_set_quiet (GDeferredDebounce *self, GTimeSpan quiet)
{
  g_return_if_fail (G_IS_DEFERRED_DEBOUNCE (self));
  g_return_if_fail (quiet >= 0);
  gd_return_if_not_home (self->home);

  if (self->quiet == quiet)
    return;

  self->quiet = quiet;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_QUIET]);
}

/**
 * g_deferred_debounce_get_quiet: (get-property quiet)
 * @self: the debounce
 *
 * Gets how long it waits.
 *
 * Returns: microseconds
 *
 * Since: 1.0
 */
GTimeSpan
g_deferred_debounce_get_quiet (GDeferredDebounce *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_DEBOUNCE (self), 0);

  return self->quiet;
}

/**
 * g_deferred_debounce_set_clock: (set-property clock)
 * @self: the debounce
 * @clock: (nullable): a clock, or %NULL for the current one
 *
 * Sets the clock that it goes by. What waits begins to wait anew. To be called at home.
 *
 * Since: 1.0
 */
void
g_deferred_debounce_set_clock (GDeferredDebounce *self, GDeferredClock *clock)
{
  g_autoptr (GDeferredClock) chosen = NULL;

  g_return_if_fail (G_IS_DEFERRED_DEBOUNCE (self));
  g_return_if_fail (clock == NULL || G_IS_DEFERRED_CLOCK (clock));
  gd_return_if_not_home (self->home);

  chosen = gd_clock_or_current (clock);
  if (!g_set_object (&self->clock, chosen))
    return;

  g_object_ref (self);
  if (self->call != NULL)
    {
      start_clock (self);
      if (self->call == NULL) /* as the clock has said, which is elsewhere */
        gd_postponed_cancel (self->last);
    }
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CLOCK]);
  g_object_unref (self);
}

/**
 * g_deferred_debounce_get_clock: (get-property clock)
 * @self: the debounce
 *
 * Gets the clock that it goes by.
 *
 * Returns: (transfer none): the clock
 *
 * Since: 1.0
 */
GDeferredClock *
g_deferred_debounce_get_clock (GDeferredDebounce *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_DEBOUNCE (self), NULL);

  return self->clock;
}

/**
 * g_deferred_debounce_run:
 * @self: the debounce
 * @func: (scope notified) (closure user_data) (destroy destroy): what to call, as [func@Deferred.maybe] does; it gets a
 *   Deferred of its own
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, when @func was called, or will not be
 *
 * Calls @func when nothing newer was run for the quiet time, from the clock, never before this returns. The run before
 * this one is cancelled, before this returns, if it is not over; its Deferred fails with %G_IO_ERROR_CANCELLED, at once
 * unless what its function has returned takes its time to end.
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
g_deferred_debounce_run (GDeferredDebounce *self,
                         GDeferredCallback  func,
                         gpointer           user_data,
                         GDestroyNotify     destroy)
{
  GdPostponed *older;
  GDeferred   *outer;

  g_return_val_if_fail (G_IS_DEFERRED_DEBOUNCE (self), NULL);
  g_return_val_if_fail (func != NULL, NULL);
  if (gd_refuse_away (self->home, G_STRFUNC, user_data, destroy))
    return NULL;

  older = self->last;
  self->last = gd_postponed_new (self, on_over, func, user_data, destroy);
  outer = gd_postponed_make_outer (self->last);
  start_clock (self);
  if (self->call == NULL) /* as the clock has said, which is elsewhere */
    gd_postponed_cancel (self->last);

  /* Last, as it may do anything: begin a newer one, say, which cancels this one. */
  if (older != NULL)
    {
      gd_postponed_leave (older);
      gd_postponed_cancel (older);
    }
  return outer;
}

/**
 * g_deferred_debounce_run_deferred:
 * @self: the debounce
 * @start: a Deferred that nobody else fires
 *
 * As [method@DeferredDebounce.run], with a Deferred in place of a function: @start is fired, with nothing, when its turn
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
g_deferred_debounce_run_deferred (GDeferredDebounce *self, GDeferred *start)
{
  g_return_val_if_fail (G_IS_DEFERRED_DEBOUNCE (self), NULL);
  g_return_val_if_fail (G_IS_DEFERRED (start), NULL);

  return g_deferred_debounce_run (self, gd_start_call, gd_start_new (start), gd_start_free);
}

/**
 * g_deferred_debounce_cancel:
 * @self: the debounce
 *
 * Cancels what waits or is under way. To be called at home.
 *
 * Since: 1.0
 */
void
g_deferred_debounce_cancel (GDeferredDebounce *self)
{
  GdPostponed *last;

  g_return_if_fail (G_IS_DEFERRED_DEBOUNCE (self));
  gd_return_if_not_home (self->home);

  stop_clock (self);
  last = g_steal_pointer (&self->last);
  if (last == NULL)
    return;

  gd_postponed_leave (last);
  gd_postponed_cancel (last);
}

/**
 * g_deferred_debounce_flush:
 * @self: the debounce
 *
 * Calls at once what waits, before this returns: when somebody presses Enter, say. To be called at home.
 *
 * Returns: whether anything waited
 *
 * Since: 1.0
 */
gboolean
g_deferred_debounce_flush (GDeferredDebounce *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_DEBOUNCE (self), FALSE);
  gd_return_val_if_not_home (self->home, FALSE);

  if (self->call == NULL)
    return FALSE;

  stop_clock (self);
  gd_postponed_start (self->last);
  return TRUE;
}
