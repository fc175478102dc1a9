/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/timer.h>

#include <gdeferred/binding.h>

#include "clock-private.h"
#include "tsan-private.h"

/* Deferreds that fire when a time has come, and others that are cancelled then. */

static GDeferredClock *
get_clock (GDeferredClock *clock, GDeferred *self)
{
  return clock != NULL ? g_object_ref (clock) : gd_clock_get_current_for (g_deferred_get_context (self));
}

static gboolean
is_here (GDeferredClock *clock)
{
  if (G_LIKELY (gd_calls_is_home (clock->calls)))
    return TRUE;

  g_critical ("The clock is not at home in the thread that the Deferred is at home in");
  return FALSE;
}

/* --- delays ------------------------------------------------------------------------------------------------------ */

/* What a Deferred that waits for its time has for its canceller, and, where it was made elsewhere, the letter that
 * brings it home. Until then, or if that comes too late, there is no call. */
typedef struct
{
  int                   ref_count; /* atomic */
  GDeferredClock       *clock;     /* owned; nullable; while there is no call */
  gboolean              is_absolute;
  gint64                time;
  GDeferredDelayedCall *call; /* owned; nullable */
} Delay;

static gpointer
delay_ref (Delay *delay)
{
  g_atomic_int_inc (&delay->ref_count);
  return delay;
}

static void
delay_unref (gpointer user_data)
{
  Delay *delay = user_data;

  if (!g_atomic_int_dec_and_test (&delay->ref_count))
    return;

  g_clear_object (&delay->clock);
  g_clear_pointer (&delay->call, g_deferred_delayed_call_unref);
  g_free (delay);
}

static void
stop_delay (GDeferred *self, gpointer user_data)
{
  Delay *delay = user_data;

  if (delay->call != NULL)
    gd_delayed_call_cancel_from_anywhere (delay->call);
}

static void
fire (gpointer self)
{
  g_deferred_callback (self, NULL, NULL);
}

static gboolean
is_unfired (GDeferred *self)
{
  return g_deferred_get_state (self) == G_DEFERRED_STATE_PENDING;
}

static void
say_lost (GDeferred *self, gpointer user_data G_GNUC_UNUSED)
{
  g_deferred_errback_literal (self, G_DEFERRED_ERROR, G_DEFERRED_ERROR_ABANDONED,
                              "The clock that it waited for was dropped", NULL);
}

/* The call was made, or taken back by the canceller: then there is nothing to say. Or else the clock is gone, and others
 * may still hold the Deferred, which nobody will fire: it hears of that from its loop. */
static void
let_go (gpointer user_data)
{
  GDeferred *self = user_data;

  if (!g_deferred_is_home (self))
    say_lost (self, NULL);
  else if (!g_deferred_is_cancelled (self) && is_unfired (self))
    g_deferred_invoke (self, say_lost, NULL, NULL);
  g_object_unref (self);
}

/* At home. The call holds the Deferred, as a producer does. */
static void
start_delay (GDeferred *self, gpointer user_data)
{
  Delay *delay = user_data;
  g_autoptr (GDeferredClock) clock = get_clock (delay->clock, self);

  g_clear_object (&delay->clock);
  if (!is_unfired (self))
    return;

  if (!is_here (clock))
    g_deferred_errback_literal (self, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                                "The clock is at home in another thread than the Deferred", NULL);
  else if (delay->is_absolute)
    delay->call = g_deferred_clock_call_at (clock, delay->time, fire, g_object_ref (self), let_go);
  else
    delay->call = g_deferred_clock_call_later (clock, delay->time, fire, g_object_ref (self), let_go);
}

static GDeferred *
delay_new (gint64 time, gboolean is_absolute, GDeferredClock *clock)
{
  Delay     *delay = g_new0 (Delay, 1);
  GDeferred *self = g_deferred_new_with_canceller (stop_delay, delay, delay_unref);

  delay->ref_count = 1;
  delay->clock = clock != NULL ? g_object_ref (clock) : NULL;
  delay->is_absolute = is_absolute;
  delay->time = time;
  if (g_deferred_is_home (self))
    start_delay (self, delay);
  else
    g_deferred_invoke (self, start_delay, delay_ref (delay), delay_unref);
  return self;
}

/**
 * g_deferred_delay:
 * @delay: how long, in microseconds; less than 0 counts as 0
 * @clock: (nullable): the clock that measures it, or %NULL for the current one
 *
 * Gives a Deferred that fires with nothing when @delay is over. It never fires before this function returns: without a
 * delay it does in the next turn of the main loop, or when the virtual clock is moved on, be it by 0.
 *
 * Cancelling it takes the time off the clock's list. It fires whether or not anybody else holds it. If it waits for a
 * virtual clock that is dropped, it fails with %G_DEFERRED_ERROR_ABANDONED.
 *
 * ```c
 * static gboolean
 * greet (GDeferred *self, gpointer user_data, GError **error)
 * {
 *   g_print ("Good morning\n");
 *   return TRUE;
 * }
 *
 * static void
 * greet_tomorrow (void)
 * {
 *   g_autoptr (GDeferred) tomorrow = g_deferred_delay (G_TIME_SPAN_DAY, NULL);
 *
 *   g_deferred_add_callback (tomorrow, greet, NULL, NULL);
 * }
 * ```
 *
 * It may be called from any thread; in one that has no main context of its own the time counts from when the home
 * context gets to it. @clock has to be at home where the Deferred is: otherwise it is a critical warning, and the
 * Deferred fails with %G_IO_ERROR_INVALID_ARGUMENT.
 *
 * Returns: (transfer full): the Deferred
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_delay (GTimeSpan delay, GDeferredClock *clock)
{
  g_return_val_if_fail (clock == NULL || G_IS_DEFERRED_CLOCK (clock), NULL);

  return delay_new (delay, FALSE, clock);
}

/**
 * g_deferred_delay_until:
 * @time: when, in microseconds, as [method@DeferredClock.get_time] shows it
 * @clock: (nullable): the clock that shows it, or %NULL for the current one
 *
 * As [func@Deferred.delay], until a given time. A time that is past counts as now.
 *
 * Returns: (transfer full): a Deferred that fires with nothing
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_delay_until (gint64 time, GDeferredClock *clock)
{
  g_return_val_if_fail (clock == NULL || G_IS_DEFERRED_CLOCK (clock), NULL);

  return delay_new (time, TRUE, clock);
}

typedef struct
{
  GDeferredCallback func;
  gpointer          user_data;
  GDestroyNotify    destroy;
} Func;

static void
add_func (GDeferred *self, gpointer user_data)
{
  Func *func = user_data;

  g_deferred_add_callback (self, func->func, func->user_data, func->destroy);
}

/**
 * g_deferred_call_later:
 * @delay: how long to wait, in microseconds; less than 0 counts as 0
 * @clock: (nullable): the clock that measures it, or %NULL for the current one
 * @func: (scope notified) (closure user_data) (destroy destroy): what to call
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, at home, after the call, or when it is clear that it will not be made
 *
 * Calls @func when @delay is over, as the first callback of the Deferred that is returned: it sets a value, fails, or
 * returns another Deferred. Cancelling the Deferred before that takes the call back; cancelling it while it waits for
 * the Deferred that @func returned cancels that one.
 *
 * In all else it is as [func@Deferred.delay].
 *
 * Returns: (transfer full): a Deferred for the outcome of @func
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_call_later (GTimeSpan         delay,
                       GDeferredClock   *clock,
                       GDeferredCallback func,
                       gpointer          user_data,
                       GDestroyNotify    destroy)
{
  const Func link = { func, user_data, destroy };
  GDeferred *self;

  g_return_val_if_fail (clock == NULL || G_IS_DEFERRED_CLOCK (clock), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  self = delay_new (delay, FALSE, clock);
  if (g_deferred_is_home (self))
    g_deferred_add_callback (self, func, user_data, destroy);
  else
    g_deferred_invoke (self, add_func, g_memdup2 (&link, sizeof link), g_free);
  return self;
}

/* --- time-outs --------------------------------------------------------------------------------------------------- */

/* One time-out. It is shared by the link of @self that ends it and by the call that is to come.
 *
 * It must not hold @self: if nobody else does, nobody will fire it, and who waits for it is to hear of that at once.
 * As long as the link is there, so is @self. Both may have been handed over to another home than the clock's, so the
 * clock's thread takes a reference under the lock, and all else happens at the home of @self. */
typedef struct
{
  int                   ref_count; /* atomic */
  GDeferred            *self; /* NULL once the link is gone; under the lock where the clock looks at it */
  GDeferredDelayedCall *call; /* owned */
  GTimeSpan             span; /* NO_SPAN: a time was given */
  gboolean              is_up;
  gulong                state_handler; /* 0: there is none */
} Timeout;

#define NO_SPAN -1

static GMutex timeouts_lock;

/* Under it a Deferred has how many of the cancels that came to it were those of its time-outs. */
static GQuark
own_cancels_quark (void)
{
  static GQuark quark;

  if (G_UNLIKELY (quark == 0))
    quark = g_quark_from_static_string ("gd-own-cancels");
  return quark;
}

static Timeout *
timeout_ref (Timeout *timeout)
{
  g_atomic_int_inc (&timeout->ref_count);
  return timeout;
}

static void
timeout_unref (gpointer user_data)
{
  Timeout *timeout = user_data;

  if (!g_atomic_int_dec_and_test (&timeout->ref_count))
    return;

  g_clear_pointer (&timeout->call, g_deferred_delayed_call_unref);
  g_free (timeout);
}

static guint
count_own_cancels (GDeferred *self)
{
  return GPOINTER_TO_UINT (g_object_get_qdata (G_OBJECT (self), own_cancels_quark ()));
}

static void on_state (GDeferred *self, GParamSpec *pspec, gpointer user_data);

/* Cancels what @self waits for, be it its producer or another Deferred. One that runs its callbacks, or was stopped
 * between two of them by a pause, cannot be cancelled now, but may wait again before it comes to our link. */
static void
give_up (GDeferred *self, Timeout *timeout)
{
  guint n = count_own_cancels (self);

  if (g_deferred_get_pending (self))
    {
      g_object_set_qdata (G_OBJECT (self), own_cancels_quark (), GUINT_TO_POINTER (n + 1));
      g_deferred_cancel (self);
    }
  else if (timeout->state_handler == 0)
    timeout->state_handler = g_signal_connect (self, "notify::state", G_CALLBACK (on_state), timeout);
}

static void
on_state (GDeferred *self, GParamSpec *pspec, gpointer user_data)
{
  Timeout *timeout = user_data;

  if (!g_deferred_get_pending (self))
    return;

  g_clear_signal_handler (&timeout->state_handler, self);
  timeout_ref (timeout);
  give_up (self, timeout);
  timeout_unref (timeout);
}

/* At the home of @self. */
static void
time_is_up (GDeferred *self, gpointer user_data)
{
  Timeout *timeout = user_data;

  if (timeout->self == NULL)
    return;

  timeout->is_up = TRUE;
  give_up (self, timeout);
}

/* At the clock's home. */
static void
on_time (gpointer user_data)
{
  Timeout   *timeout = user_data;
  GDeferred *self;

  gd_mutex_lock (&timeouts_lock);
  self = timeout->self != NULL ? g_object_ref (timeout->self) : NULL;
  gd_mutex_unlock (&timeouts_lock);
  if (self == NULL)
    return;

  if (g_deferred_is_home (self))
    time_is_up (self, timeout);
  else
    g_deferred_invoke (self, time_is_up, timeout_ref (timeout), timeout_unref);
  g_object_unref (self);
}

static char *
describe (GTimeSpan span)
{
  if (span < G_TIME_SPAN_MILLISECOND)
    return g_strdup_printf ("%d µs", (int) span);
  if (span < G_TIME_SPAN_SECOND)
    return g_strdup_printf ("%g ms", (double) span / G_TIME_SPAN_MILLISECOND);
  return g_strdup_printf ("%g s", (double) span / G_TIME_SPAN_SECOND);
}

/* That somebody else wants it to end, too, must not be lost. */
static gboolean
translate (GDeferred *self, gpointer user_data, GError **error)
{
  Timeout         *timeout = user_data;
  g_autofree char *span = NULL;

  if (!timeout->is_up || !g_error_matches (g_deferred_get_error (self), G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || g_deferred_get_n_cancels (self) != count_own_cancels (self))
    return TRUE;

  if (timeout->span == NO_SPAN)
    return g_deferred_return_error_literal (self, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "The deadline passed");

  span = describe (timeout->span);
  return g_deferred_return_new_error (self, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "Timed out after %s", span);
}

/* The link has run, or will not: @self is at this place of its chain, or at its end. */
static void
disarm (gpointer user_data)
{
  Timeout *timeout = user_data;

  g_clear_signal_handler (&timeout->state_handler, timeout->self);
  gd_mutex_lock (&timeouts_lock);
  timeout->self = NULL;
  gd_mutex_unlock (&timeouts_lock);

  gd_delayed_call_cancel_from_anywhere (timeout->call);
  timeout_unref (timeout);
}

static void
add_timeout (GDeferred *self, GTimeSpan span, gint64 time, GDeferredClock *own_clock)
{
  g_autoptr (GDeferredClock) clock = get_clock (own_clock, self);
  Timeout *timeout;

  if (!is_here (clock))
    return;

  timeout = g_new0 (Timeout, 1);
  timeout->ref_count = 2; /* the call's and the link's */
  timeout->self = self;
  timeout->span = span;
  if (span == NO_SPAN)
    timeout->call = g_deferred_clock_call_at (clock, time, on_time, timeout, timeout_unref);
  else
    timeout->call = g_deferred_clock_call_later (clock, span, on_time, timeout, timeout_unref);
  g_deferred_add_callbacks (self, NULL, NULL, NULL, translate, timeout, disarm);
}

#define return_val_if_away(self, val)                                                                        \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    if (G_UNLIKELY (!g_deferred_is_home (self)))                                                             \
      {                                                                                                      \
        g_critical ("%s: called from a thread that is not the Deferred's home", G_STRFUNC);                  \
        return val;                                                                                          \
      }                                                                                                      \
  }                                                                                                          \
  G_STMT_END

/**
 * g_deferred_add_timeout:
 * @self: a Deferred
 * @timeout: how long it may take, in microseconds; less than 0 counts as 0
 * @clock: (nullable): the clock that measures it, or %NULL for the current one
 *
 * Cancels @self if, after @timeout, it has not come to this place in its chain. The time-out covers what was added to
 * @self before, and nothing that is added later.
 *
 * If it ends with %G_IO_ERROR_CANCELLED then, that becomes %G_IO_ERROR_TIMED_OUT, with a message that says how long it
 * was. If it ends otherwise, because the canceller had a value to give, or failed with another error, or a link
 * before this one handled the error, that counts. If it was cancelled by somebody else, before or after the time was
 * up, it stays %G_IO_ERROR_CANCELLED.
 *
 * Several time-outs on one Deferred may nest. While a callback of @self is being called, or @self is held by
 * [method@Deferred.pause] after it was fired, there is nothing to cancel; it is cancelled then as soon as it waits for
 * another Deferred.
 *
 * The time-out does not keep @self: if its producer drops it, those who wait are told at once.
 *
 * ```c
 * static gboolean
 * complain (GDeferred *self, gpointer user_data, GError **error)
 * {
 *   g_printerr ("The server does not answer\n");
 *   return g_deferred_return_none (self);
 * }
 *
 * static void
 * be_impatient (GDeferred *answer)
 * {
 *   g_deferred_add_timeout (answer, 5 * G_TIME_SPAN_SECOND, NULL);
 *   g_deferred_add_errback_for (answer, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, complain, NULL, NULL);
 * }
 * ```
 *
 * To be called at home. @clock has to be at home there, too; @self may be handed over to another home later.
 *
 * Returns: (transfer none): @self
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_add_timeout (GDeferred *self, GTimeSpan timeout, GDeferredClock *clock)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), self);
  g_return_val_if_fail (clock == NULL || G_IS_DEFERRED_CLOCK (clock), self);
  return_val_if_away (self, self);

  if (!g_deferred_is_finished (self))
    add_timeout (self, MAX (timeout, 0), 0, clock);
  return self;
}

/**
 * g_deferred_add_deadline:
 * @self: a Deferred
 * @time: until when it may take, in microseconds, as [method@DeferredClock.get_time] shows it
 * @clock: (nullable): the clock that shows it, or %NULL for the current one
 *
 * As [method@Deferred.add_timeout], with the time at which it has to be done: several things that follow each other
 * can have one deadline together. One that is past cancels @self in the next turn of the clock.
 *
 * Returns: (transfer none): @self
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_add_deadline (GDeferred *self, gint64 time, GDeferredClock *clock)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), self);
  g_return_val_if_fail (clock == NULL || G_IS_DEFERRED_CLOCK (clock), self);
  return_val_if_away (self, self);

  if (!g_deferred_is_finished (self))
    add_timeout (self, NO_SPAN, time, clock);
  return self;
}
