/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/event.h>

#include "waiters-private.h"

/**
 * GDeferredEvent:
 *
 * Something that is so or not, and that any number can wait for: that a connection is up, say. [method@DeferredEvent.set]
 * makes it so, for all who wait and all who ask later, until [method@DeferredEvent.clear] is called.
 *
 * For something that happens once, with a value, a Deferred with [method@Deferred.fork] does the same.
 *
 * An event belongs to the thread-default main context of the thread that makes it, and is used there only, as are the
 * Deferreds that it gives. If the last reference on an event goes, or it is disposed, those who wait for it fail with
 * %G_DEFERRED_ERROR_ABANDONED, from the loop.
 *
 * ```c
 * static GDeferred *
 * send_when_connected (GDeferredEvent *connected, GDeferredCallback send, gpointer message)
 * {
 *   GDeferred *sent = g_deferred_event_wait (connected);
 *
 *   return g_deferred_add_callback (sent, send, message, NULL);
 * }
 * ```
 *
 * Since: 1.0
 */
struct _GDeferredEvent
{
  GObject parent_instance;

  GdDesk   desk;
  GdLine   line;
  gboolean is_set;
  guint epoch; /* ends when it is set; who came before that is to be told, even if it is cleared meanwhile */
};

G_DEFINE_FINAL_TYPE (GDeferredEvent, g_deferred_event, G_TYPE_OBJECT)

static gboolean
serve (GdDesk *desk)
{
  GDeferredEvent *self = G_DEFERRED_EVENT (desk->object);
  GdWaiter       *waiter = self->line.first;

  if (waiter == NULL || waiter->kind == self->epoch)
    return FALSE;

  gd_waiter_grant (waiter, NULL);
  return TRUE;
}

/* Who was not there has missed it. */
static void
take_back (GdDesk *desk, GdWaiter *waiter)
{
}

static const GdDeskFuncs desk_funcs = { "event", serve, take_back };

static void
g_deferred_event_dispose (GObject *object)
{
  GDeferredEvent *self = G_DEFERRED_EVENT (object);
  GdLine         *lines[] = { &self->line, NULL };

  if (gd_desk_end (&self->desk, lines))
    G_OBJECT_CLASS (g_deferred_event_parent_class)->dispose (object);
}

static void
g_deferred_event_finalize (GObject *object)
{
  gd_desk_clear (&G_DEFERRED_EVENT (object)->desk);

  G_OBJECT_CLASS (g_deferred_event_parent_class)->finalize (object);
}

static void
g_deferred_event_class_init (GDeferredEventClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = g_deferred_event_dispose;
  G_OBJECT_CLASS (klass)->finalize = g_deferred_event_finalize;
}

static void
g_deferred_event_init (GDeferredEvent *self)
{
  gd_desk_init (&self->desk, self, &desk_funcs);
}

/**
 * g_deferred_event_new:
 *
 * Makes an event that is not set, at home in the thread-default main context of the caller.
 *
 * Returns: (transfer full): a new event
 *
 * Since: 1.0
 */
GDeferredEvent *
g_deferred_event_new (void)
{
  return g_object_new (G_TYPE_DEFERRED_EVENT, NULL);
}

/**
 * g_deferred_event_set:
 * @self: an event
 *
 * Sets the event. All who wait for it are told, in the order in which they came, before this returns, or, if the caller
 * is itself a callback that waited for it, once that callback has returned. They are told also if one of them clears
 * the event. On an event that is set it does nothing. To be called at home.
 *
 * Since: 1.0
 */
void
g_deferred_event_set (GDeferredEvent *self)
{
  g_return_if_fail (G_IS_DEFERRED_EVENT (self));
  if (!gd_desk_is_here (&self->desk, G_STRFUNC))
    return;

  self->is_set = TRUE;
  self->epoch++;
  if (self->line.first != NULL)
    gd_desk_serve (&self->desk);
}

/**
 * g_deferred_event_clear:
 * @self: an event
 *
 * Makes the event as it was before it was set: who asks from now on waits for the next time. To be called at home.
 *
 * Since: 1.0
 */
void
g_deferred_event_clear (GDeferredEvent *self)
{
  g_return_if_fail (G_IS_DEFERRED_EVENT (self));
  if (!gd_desk_is_here (&self->desk, G_STRFUNC))
    return;

  self->is_set = FALSE;
}

/**
 * g_deferred_event_is_set:
 * @self: an event
 *
 * Whether the event is set. To be asked at home.
 *
 * Returns: whether it is set
 *
 * Since: 1.0
 */
gboolean
g_deferred_event_is_set (GDeferredEvent *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_EVENT (self), FALSE);

  return self->is_set;
}

/**
 * g_deferred_event_wait:
 * @self: an event
 *
 * Waits until the event is set. The Deferred that is returned fires, with nothing, when that happens: it has fired
 * already if the event is set. When its callbacks run, somebody may have cleared it again.
 *
 * Cancelling the Deferred ends the wait. The reference on it may be dropped once it has callbacks. In another thread
 * than the home of @self it is a critical warning, and gives a Deferred that has failed with
 * %G_DEFERRED_ERROR_FAILED.
 *
 * Returns: (transfer full): a Deferred that fires when the event is set
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_event_wait (GDeferredEvent *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_EVENT (self), NULL);
  if (!gd_desk_is_here (&self->desk, G_STRFUNC))
    return gd_desk_refuse (&self->desk);

  if (!self->is_set)
    return g_object_ref (gd_desk_wait (&self->desk, &self->line, self->epoch)->deferred);
  return gd_desk_succeed (&self->desk, NULL);
}

/**
 * g_deferred_event_get_n_waiting:
 * @self: an event
 *
 * Gets how many wait for the event. To be asked at home.
 *
 * Returns: a number
 *
 * Since: 1.0
 */
guint
g_deferred_event_get_n_waiting (GDeferredEvent *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_EVENT (self), 0);

  return self->line.length;
}
