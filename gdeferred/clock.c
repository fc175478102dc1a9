/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "clock-private.h"

/**
 * GDeferredClock:
 *
 * Tells the time, and calls functions when theirs has come. Everything here that has to do with time asks a clock, and
 * so can be tested without waiting.
 *
 * There are two kinds. The *system* clock of a main context, [func@DeferredClock.get_current], shows
 * [func@GLib.get_monotonic_time] and makes its calls from the context's loop. A *virtual* one,
 * [ctor@DeferredClock.new_virtual], stands still until [method@DeferredClock.advance] moves it on, and makes its calls
 * from there. A virtual clock is given to what it is for, call by call, or pushed for a while with
 * [method@DeferredClock.push], so that all that is timed in between uses it.
 *
 * Times and spans are in microseconds. Of calls that are due at the same moment the one that was asked for first is
 * made first.
 *
 * ```c
 * static void
 * ring (gpointer user_data)
 * {
 *   g_print ("It is %d o'clock\n", *(int *) user_data);
 * }
 *
 * static void
 * ring_at_noon (void)
 * {
 *   g_autoptr (GDeferredClock) clock = g_deferred_clock_new_virtual ();
 *   int noon = 12;
 *
 *   g_deferred_delayed_call_unref (
 *       g_deferred_clock_call_later (clock, 12 * G_TIME_SPAN_HOUR, ring, &noon, NULL));
 *   g_deferred_clock_advance (clock, G_TIME_SPAN_DAY);
 * }
 * ```
 *
 * A clock is at home where a Deferred would be that is made in its stead: a virtual one in the thread-default main
 * context of the thread that makes it, a system clock in its context. From another thread it may be held, dropped, and,
 * if it is a system clock, asked for the time; all else is a critical warning and does nothing.
 *
 * A system clock is not kept by those who hold it alone: it stays as long as it has calls to make, and its main context
 * with it. A virtual clock that is dropped makes no more calls; the data of those that are left is freed.
 *
 * Since: 1.0
 */
G_DEFINE_FINAL_TYPE (GDeferredClock, g_deferred_clock, G_TYPE_OBJECT)

/* The clocks that this thread has pushed, innermost first; each owned. */
static void
free_pushed (gpointer list)
{
  g_slist_free_full (list, g_object_unref);
}

static GPrivate pushed = G_PRIVATE_INIT (free_pushed);

#define return_val_if_away(self, val)                                                                        \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    if (G_UNLIKELY (!gd_calls_is_home ((self)->calls)))                                                      \
      {                                                                                                      \
        g_critical ("%s: called from a thread that is not at home in the clock's main context", G_STRFUNC);  \
        return val;                                                                                          \
      }                                                                                                      \
  }                                                                                                          \
  G_STMT_END
#define return_if_away(self) return_val_if_away (self, )

/* One that was made by its type alone is virtual, too: see make() for the system's. */
static void
g_deferred_clock_constructed (GObject *object)
{
  GDeferredClock *self = G_DEFERRED_CLOCK (object);
  GMainContext   *context = g_main_context_ref_thread_default ();

  G_OBJECT_CLASS (g_deferred_clock_parent_class)->constructed (object);

  self->calls = gd_calls_new (context, TRUE);
  g_main_context_unref (context);
}

static void
g_deferred_clock_finalize (GObject *object)
{
  GDeferredClock *self = G_DEFERRED_CLOCK (object);

  if (self->source != NULL)
    gd_system_clock_end (self);
  gd_calls_end (self->calls);

  G_OBJECT_CLASS (g_deferred_clock_parent_class)->finalize (object);
}

static void
g_deferred_clock_class_init (GDeferredClockClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = g_deferred_clock_constructed;
  object_class->finalize = g_deferred_clock_finalize;
}

static void
g_deferred_clock_init (GDeferredClock *self)
{
}

GDeferredClock *
gd_clock_get_current_for (GMainContext *context)
{
  GSList *list = g_private_get (&pushed);

  return list != NULL ? g_object_ref (list->data) : gd_system_clock_get (context);
}

/**
 * g_deferred_clock_get_current:
 *
 * The clock that is used where none is given: the innermost of those that the calling thread has pushed, or else the
 * system clock of its thread-default main context.
 *
 * Returns: (transfer full): the clock
 *
 * Since: 1.0
 */
GDeferredClock *
g_deferred_clock_get_current (void)
{
  return gd_clock_get_current_for (g_main_context_get_thread_default ());
}

/**
 * g_deferred_clock_new_virtual:
 *
 * Makes a clock that shows 0, and stands still until [method@DeferredClock.advance] moves it on.
 *
 * Returns: (transfer full): the clock
 *
 * Since: 1.0
 */
GDeferredClock *
g_deferred_clock_new_virtual (void)
{
  return g_object_new (G_TYPE_DEFERRED_CLOCK, NULL);
}

/**
 * g_deferred_clock_push:
 * @self: a clock
 *
 * Makes @self the one that [func@DeferredClock.get_current] gives in this thread, until it is popped. Pushed clocks
 * nest. What was begun with another clock stays with that one.
 *
 * To be called at home.
 *
 * Since: 1.0
 */
void
g_deferred_clock_push (GDeferredClock *self)
{
  g_return_if_fail (G_IS_DEFERRED_CLOCK (self));
  return_if_away (self);

  g_private_set (&pushed, g_slist_prepend (g_private_get (&pushed), g_object_ref (self)));
}

/**
 * g_deferred_clock_pop:
 * @self: the clock that was pushed last, of those that are still there
 *
 * Undoes one [method@DeferredClock.push] of the same thread. For any other clock than the innermost one it is a
 * programmer error, and does nothing.
 *
 * Since: 1.0
 */
void
g_deferred_clock_pop (GDeferredClock *self)
{
  GSList *list = g_private_get (&pushed);

  g_return_if_fail (G_IS_DEFERRED_CLOCK (self));
  if (G_UNLIKELY (list == NULL || list->data != self))
    {
      g_critical ("%s: the clock is not the one that this thread has pushed last", G_STRFUNC);
      return;
    }

  g_private_set (&pushed, g_slist_delete_link (list, list));
  g_object_unref (self);
}

/**
 * g_deferred_clock_is_virtual:
 * @self: a clock
 *
 * Whether @self was made by [ctor@DeferredClock.new_virtual]. It may be asked from any thread.
 *
 * Returns: whether it is a virtual one
 *
 * Since: 1.0
 */
gboolean
g_deferred_clock_is_virtual (GDeferredClock *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_CLOCK (self), FALSE);

  return self->calls->is_virtual;
}

/**
 * g_deferred_clock_get_time:
 * @self: a clock
 *
 * What time it is: for a system clock [func@GLib.get_monotonic_time]; for a virtual one how far it was moved on, and,
 * inside one of its calls, the time of that call. A system clock may be asked from any thread.
 *
 * Returns: the time in microseconds
 *
 * Since: 1.0
 */
gint64
g_deferred_clock_get_time (GDeferredClock *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_CLOCK (self), 0);
  if (self->calls->is_virtual)
    return_val_if_away (self, 0);

  return gd_calls_now (self->calls);
}

static void
nothing_to_do (GDeferred *anchor G_GNUC_UNUSED, gpointer user_data G_GNUC_UNUSED)
{
}

/* What was given is freed all the same, and at home. */
static GDeferredDelayedCall *
add (GDeferredClock      *self,
     gint64               time,
     GDeferredDelayedFunc func,
     gpointer             user_data,
     GDestroyNotify       destroy,
     const char          *function)
{
  if (G_LIKELY (gd_calls_is_home (self->calls)))
    return gd_calls_add (self->calls, time, func, user_data, destroy);

  g_critical ("%s: called from a thread that is not at home in the clock's main context", function);
  g_deferred_invoke (self->calls->anchor, nothing_to_do, user_data, destroy);
  return NULL;
}

/**
 * g_deferred_clock_call_later:
 * @self: a clock
 * @delay: how long to wait, in microseconds; less than 0 counts as 0
 * @func: (scope notified) (closure user_data) (destroy destroy): what to call
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, at home, after the call, or when it is clear that it will not be made
 *
 * Calls @func once when @delay is over. It is never called before this function returns, even without a delay: a
 * system clock does it from the next turn of its loop, a virtual one from [method@DeferredClock.advance].
 *
 * [func@Deferred.delay] gives a Deferred, which is mostly what one wants. To be called at home.
 *
 * Returns: (transfer full): the call, to cancel it or to give it another time; it may be dropped
 *
 * Since: 1.0
 */
GDeferredDelayedCall *
g_deferred_clock_call_later (GDeferredClock      *self,
                             GTimeSpan            delay,
                             GDeferredDelayedFunc func,
                             gpointer             user_data,
                             GDestroyNotify       destroy)
{
  g_return_val_if_fail (G_IS_DEFERRED_CLOCK (self), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  return add (self, gd_time_add (gd_calls_now (self->calls), MAX (delay, 0)), func, user_data, destroy,
              G_STRFUNC);
}

/**
 * g_deferred_clock_call_at:
 * @self: a clock
 * @time: when, in microseconds, as [method@DeferredClock.get_time] shows it
 * @func: (scope notified) (closure user_data) (destroy destroy): what to call
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, at home, after the call, or when it is clear that it will not be made
 *
 * As [method@DeferredClock.call_later], at a given time. A time that is past counts as now.
 *
 * Returns: (transfer full): the call, to cancel it or to give it another time; it may be dropped
 *
 * Since: 1.0
 */
GDeferredDelayedCall *
g_deferred_clock_call_at (
    GDeferredClock *self, gint64 time, GDeferredDelayedFunc func, gpointer user_data, GDestroyNotify destroy)
{
  g_return_val_if_fail (G_IS_DEFERRED_CLOCK (self), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  return add (self, time, func, user_data, destroy, G_STRFUNC);
}

static int
compare (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const GdCalls      *calls = user_data;
  const GdCallsEntry *x = &calls->heap[((const GDeferredDelayedCall *) a)->index];
  const GdCallsEntry *y = &calls->heap[((const GDeferredDelayedCall *) b)->index];

  if (x->time != y->time)
    return x->time < y->time ? -1 : 1;
  return x->number < y->number ? -1 : 1;
}

/**
 * g_deferred_clock_get_calls:
 * @self: a clock
 *
 * The calls that are to come, in the order in which they will. A test can assert that nothing is left. To be called at
 * home.
 *
 * Returns: (transfer full) (element-type GDeferredDelayedCall): the calls, in a list that is the caller's
 *
 * Since: 1.0
 */
GList *
g_deferred_clock_get_calls (GDeferredClock *self)
{
  GList *list = NULL;

  g_return_val_if_fail (G_IS_DEFERRED_CLOCK (self), NULL);
  return_val_if_away (self, NULL);

  for (guint i = 0; i < self->calls->n; i++)
    list = g_list_prepend (list, g_deferred_delayed_call_ref (self->calls->heap[i].call));
  return g_list_sort_with_data (list, compare, self->calls);
}

/* --- virtual ones ------------------------------------------------------------------------------------------------ */

#define return_if_not_virtual(self)                                                                          \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    if (G_UNLIKELY (!(self)->calls->is_virtual))                                                             \
      {                                                                                                      \
        g_critical ("%s: a system clock moves on by itself", G_STRFUNC);                                     \
        return;                                                                                              \
      }                                                                                                      \
  }                                                                                                          \
  G_STMT_END

/* Time may be past @end already, if a call has moved it on. */
static void
advance (GdCalls *calls, GTimeSpan span)
{
  gint64 end = gd_time_add (calls->now, span);

  while (calls->n > 0 && calls->heap[0].time <= MAX (end, calls->now))
    {
      calls->now = MAX (calls->now, calls->heap[0].time);
      gd_calls_run_first (calls);
    }
  calls->now = MAX (calls->now, end);
}

/**
 * g_deferred_clock_advance:
 * @self: a virtual clock
 * @span: how far, in microseconds, at least 0
 *
 * Moves @self on by @span, and makes the calls that are due by then, each at its own time: inside a call, the clock
 * shows the moment for which it was asked. Calls that are added meanwhile are made too, if they are due.
 *
 * A call may move the clock on itself, as if it took so long. Others that come due by that are made inside it; what
 * becomes overdue by [method@DeferredClock.jump] is made late, after it. Calls without a delay that go on asking for
 * another one without a delay never let this function return.
 *
 * Only the clock moves. What else there is to do, results that come from other threads for one, is the main loop's.
 *
 * To be called at home.
 *
 * Since: 1.0
 */
void
g_deferred_clock_advance (GDeferredClock *self, GTimeSpan span)
{
  g_return_if_fail (G_IS_DEFERRED_CLOCK (self));
  g_return_if_fail (span >= 0);
  return_if_not_virtual (self);
  return_if_away (self);

  g_object_ref (self);
  advance (self->calls, span);
  g_object_unref (self);
}

/**
 * g_deferred_clock_pump:
 * @self: a virtual clock
 * @spans: (array length=n_spans): how far each time, in microseconds, at least 0
 * @n_spans: how many times
 *
 * Calls [method@DeferredClock.advance] with each of the spans. To be called at home.
 *
 * Since: 1.0
 */
void
g_deferred_clock_pump (GDeferredClock *self, const GTimeSpan *spans, gsize n_spans)
{
  g_return_if_fail (G_IS_DEFERRED_CLOCK (self));
  g_return_if_fail (spans != NULL || n_spans == 0);
  return_if_not_virtual (self);
  return_if_away (self);
  for (gsize i = 0; i < n_spans; i++)
    g_return_if_fail (spans[i] >= 0);

  g_object_ref (self);
  for (gsize i = 0; i < n_spans; i++)
    advance (self->calls, spans[i]);
  g_object_unref (self);
}

/**
 * g_deferred_clock_jump:
 * @self: a virtual clock
 * @span: how far, in microseconds, at least 0
 *
 * Moves @self on by @span and makes no call, as when something blocks a main loop for so long. What has become overdue
 * is made late, by the next [method@DeferredClock.advance], be it one by 0, or by the one that is under way.
 *
 * To be called at home.
 *
 * Since: 1.0
 */
void
g_deferred_clock_jump (GDeferredClock *self, GTimeSpan span)
{
  g_return_if_fail (G_IS_DEFERRED_CLOCK (self));
  g_return_if_fail (span >= 0);
  return_if_not_virtual (self);
  return_if_away (self);

  self->calls->now = gd_time_add (self->calls->now, span);
}
