/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/queue.h>

#include "stock-private.h"

/**
 * GDeferredQueue:
 *
 * A queue of values between those who make them and those who use them, who need not know each other nor be equally
 * fast.
 *
 * [method@DeferredQueue.get] gives a Deferred that fires with the oldest value, as soon as there is one. The queue may
 * be limited: [method@DeferredQueue.put] then gives a Deferred that fires when there was room for the value, so that
 * who waits for it cannot run ahead of those who get. [method@DeferredQueue.close] ends it all: what is in the queue
 * can still be got, and from then on every get fails with %G_DEFERRED_ERROR_CLOSED.
 *
 * Values are got in the order in which they were put, by those who wait for them in the order in which they came. Who
 * cancels leaves, and loses no value: where nobody is there any more to get it, because the owner that a Deferred was
 * bound to is gone, or because the last reference on one without callbacks went, it goes to the next.
 *
 * A queue belongs to the thread-default main context of the thread that makes it, and is used there only, as are the
 * Deferreds that it gives. If a callback that waited for the queue uses the queue in turn, the others are served once
 * that callback has returned, or when it iterates the main loop. If the last reference on a queue goes, or it is
 * disposed, those who wait for it fail with %G_DEFERRED_ERROR_ABANDONED, from the loop.
 *
 * ```c
 * static gboolean
 * handle (GDeferred *job, gpointer queue, GError **error)
 * {
 *   g_print ("%s\n", g_deferred_get_string (job));
 *   return g_deferred_return_deferred (job, g_deferred_queue_get (queue));
 * }
 * ```
 *
 * Since: 1.0
 */
struct _GDeferredQueue
{
  GObject parent_instance;

  int     backlog; /* -1: no limit */
  GdStock stock;
};

typedef enum
{
  PROP_SIZE = 1,
  PROP_BACKLOG,
  N_PROPS
} Prop;

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (GDeferredQueue, g_deferred_queue, G_TYPE_OBJECT)

/* --- the class --------------------------------------------------------------------------------------------------- */

static void
g_deferred_queue_dispose (GObject *object)
{
  GDeferredQueue *self = G_DEFERRED_QUEUE (object);
  GdLine         *lines[] = { &self->stock.getters, &self->stock.putters, &self->stock.accepted, NULL };

  if (!gd_desk_end (&self->stock.desk, lines))
    return;

  gd_ring_clear (&self->stock.values);
  G_OBJECT_CLASS (g_deferred_queue_parent_class)->dispose (object);
}

static void
g_deferred_queue_finalize (GObject *object)
{
  GDeferredQueue *self = G_DEFERRED_QUEUE (object);

  gd_desk_clear (&self->stock.desk);

  G_OBJECT_CLASS (g_deferred_queue_parent_class)->finalize (object);
}

static void
g_deferred_queue_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  GDeferredQueue *self = G_DEFERRED_QUEUE (object);

  switch ((Prop) prop_id)
    {
    case PROP_SIZE:
      g_value_set_int (value, self->stock.size);
      break;
    case PROP_BACKLOG:
      g_value_set_int (value, self->backlog);
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
g_deferred_queue_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  GDeferredQueue *self = G_DEFERRED_QUEUE (object);

  switch ((Prop) prop_id)
    {
    case PROP_SIZE:
      self->stock.size = g_value_get_int (value);
      break;
    case PROP_BACKLOG:
      self->backlog = g_value_get_int (value);
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
g_deferred_queue_class_init (GDeferredQueueClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = g_deferred_queue_dispose;
  object_class->finalize = g_deferred_queue_finalize;
  object_class->get_property = g_deferred_queue_get_property;
  object_class->set_property = g_deferred_queue_set_property;

  /**
   * GDeferredQueue:size:
   *
   * How many values it holds at most, -1 for any number. With 0 it holds none: a value goes from who puts it to who
   * waits for it.
   *
   * Since: 1.0
   */
  props[PROP_SIZE] = g_param_spec_int ("size", NULL, NULL, -1, G_MAXINT, -1, flags);
  /**
   * GDeferredQueue:backlog:
   *
   * How many may wait for a value at a time, -1 for any number.
   *
   * Since: 1.0
   */
  props[PROP_BACKLOG] = g_param_spec_int ("backlog", NULL, NULL, -1, G_MAXINT, -1, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
g_deferred_queue_init (GDeferredQueue *self)
{
  gd_stock_init (&self->stock, self);
}

/**
 * g_deferred_queue_new:
 * @size: how many values it holds at most, -1 for any number, 0 to hand values over only to those who wait for one
 * @backlog: how many may wait for a value at a time, -1 for any number
 *
 * Makes an empty queue, at home in the thread-default main context of the caller.
 *
 * Returns: (transfer full): a new queue
 *
 * Since: 1.0
 */
GDeferredQueue *
g_deferred_queue_new (int size, int backlog)
{
  g_return_val_if_fail (size >= -1, NULL);
  g_return_val_if_fail (backlog >= -1, NULL);

  return g_object_new (G_TYPE_DEFERRED_QUEUE, "size", size, "backlog", backlog, NULL);
}

/* --- putting ----------------------------------------------------------------------------------------------------- */

static gboolean
is_value (const GValue *value)
{
  return value == NULL || G_VALUE_TYPE (value) == 0 || gd_value_is_number (value) || G_IS_VALUE (value);
}

static gboolean
holds_deferred (const GValue *value)
{
  return value != NULL && !gd_value_is_number (value) && G_VALUE_HOLDS_OBJECT (value)
         && G_IS_DEFERRED (g_value_get_object (value));
}

/* Whether @value may be put at all. */
static gboolean
may_put (GDeferredQueue *self, const GValue *value, GError **error)
{
  if (holds_deferred (value))
    g_set_error_literal (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_INVALID_RESULT,
                         "A Deferred cannot be put into a queue: put what it fires with, from a callback");
  else if (self->stock.is_closed)
    g_set_error_literal (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_CLOSED, GD_STOCK_CLOSED);
  else
    return TRUE;
  return FALSE;
}

/**
 * g_deferred_queue_put:
 * @self: a queue
 * @value: (nullable): the value, which is copied; %NULL for nothing, which is a value, too
 *
 * Puts a value at the end of the queue. The Deferred that is returned fires, with nothing, when the value is in: it has
 * fired already if there was room, or somebody waited for a value, and nobody waited to put one. Who gets the value has
 * it before this returns, unless the caller is itself a callback that waited for the queue.
 *
 * Wait for it before you put the next, and you are never ahead of those who get by more than the queue holds. Cancel it
 * while it waits, and the value is not put. Drop the reference on it, and the value is put in its turn all the same.
 *
 * It fails with %G_DEFERRED_ERROR_CLOSED if the queue was closed before the value was in, and with
 * %G_DEFERRED_ERROR_INVALID_RESULT if @value holds a Deferred. In another thread than the home of @self it is a
 * critical warning, and fails with %G_DEFERRED_ERROR_FAILED.
 *
 * Returns: (transfer full): a Deferred that fires when the value is in the queue
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_queue_put (GDeferredQueue *self, const GValue *value)
{
  g_autoptr (GError) error = NULL;
  GValue    copy = G_VALUE_INIT;
  GdWaiter *putter;

  g_return_val_if_fail (G_IS_DEFERRED_QUEUE (self), NULL);
  g_return_val_if_fail (is_value (value), NULL);
  if (!gd_desk_is_here (&self->stock.desk, G_STRFUNC))
    return gd_desk_refuse (&self->stock.desk);

  if (!may_put (self, value, &error))
    return gd_desk_fail (&self->stock.desk, error->domain, error->code, error->message);

  if (gd_stock_has_room (&self->stock, 0))
    {
      GDeferred *done = gd_desk_succeed (&self->stock.desk, NULL);

      gd_stock_put (&self->stock, value);
      return done;
    }

  gd_value_set_copy (&copy, value);
  putter = gd_desk_wait (&self->stock.desk, &self->stock.putters, 0);
  putter->value = copy;
  return g_object_ref (putter->deferred);
}

/**
 * g_deferred_queue_put_nowait:
 * @self: a queue
 * @value: (nullable): the value, which is copied; %NULL for nothing, which is a value, too
 * @error: return location for %G_DEFERRED_ERROR_OVERFLOW if there is no room, or somebody waits for it, or for the
 *   errors that [method@DeferredQueue.put] fails with
 *
 * Puts a value at the end of the queue, if that can be done at once. To be called at home.
 *
 * Returns: whether the value was put
 *
 * Since: 1.0
 */
gboolean
g_deferred_queue_put_nowait (GDeferredQueue *self, const GValue *value, GError **error)
{
  g_return_val_if_fail (G_IS_DEFERRED_QUEUE (self), FALSE);
  g_return_val_if_fail (is_value (value), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!gd_desk_is_here (&self->stock.desk, G_STRFUNC))
    {
      g_set_error_literal (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_FAILED,
                           "The queue was used in a thread that is not its home");
      return FALSE;
    }
  if (!may_put (self, value, error))
    return FALSE;

  if (!gd_stock_has_room (&self->stock, 0))
    {
      g_set_error (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_OVERFLOW,
                   "The queue is full: it holds %u values, and %u wait to be put",
                   g_deferred_queue_get_length (self), self->stock.putters.length);
      return FALSE;
    }

  gd_stock_put (&self->stock, value);
  return TRUE;
}

/**
 * g_deferred_queue_unget:
 * @self: a queue
 * @value: (nullable): the value, which is copied; %NULL for nothing
 *
 * Puts a value back that was got and not used: at the head of the queue, so that it is the next to be got. That is done
 * whatever the size of the queue, and if it is closed, too.
 *
 * It is for who has taken a value on behalf of somebody who has gone meanwhile; a bindings' `await` that was broken off
 * between the value and its receiver does so. To be called at home.
 *
 * Since: 1.0
 */
void
g_deferred_queue_unget (GDeferredQueue *self, const GValue *value)
{
  GValue copy = G_VALUE_INIT;

  g_return_if_fail (G_IS_DEFERRED_QUEUE (self));
  g_return_if_fail (is_value (value));
  g_return_if_fail (!holds_deferred (value));
  if (!gd_desk_is_here (&self->stock.desk, G_STRFUNC))
    return;

  gd_value_set_copy (&copy, value);
  gd_ring_push_front (&self->stock.values, &copy);
  if (self->stock.getters.first != NULL)
    gd_desk_serve (&self->stock.desk);
}

/* --- getting ----------------------------------------------------------------------------------------------------- */

static GDeferred *
give (GDeferredQueue *self, GValue *value)
{
  GDeferred *deferred = gd_desk_succeed (&self->stock.desk, value);

  gd_stock_serve_accepted (&self->stock);
  return deferred;
}

/* In line. There may be a value for it already, which is being served to it by a loop on the stack. */
static GDeferred *
wait_for_value (GDeferredQueue *self)
{
  GDeferred *deferred = g_object_ref (gd_desk_wait (&self->stock.desk, &self->stock.getters, 0)->deferred);

  gd_stock_accept (&self->stock, 0);
  if (self->stock.values.length > 0)
    gd_desk_serve (&self->stock.desk);
  return deferred;
}

/**
 * g_deferred_queue_get:
 * @self: a queue
 *
 * Asks for the oldest value in the queue, which leaves the queue with that. The Deferred that is returned fires with
 * it: it has fired already if there was one, and nobody waited.
 *
 * Cancelling the Deferred before it has fired ends the wait: it fails with %G_IO_ERROR_CANCELLED, and no value is lost.
 * The reference on it may be dropped once it has callbacks.
 *
 * It fails with %G_DEFERRED_ERROR_CLOSED if the queue was closed and has no value left, and with
 * %G_DEFERRED_ERROR_UNDERFLOW if as many wait as may. In another thread than the home of @self it is a critical
 * warning, and fails with %G_DEFERRED_ERROR_FAILED.
 *
 * Returns: (transfer full): a Deferred that fires with the value
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_queue_get (GDeferredQueue *self)
{
  GValue value;
  guint  n_getting;

  g_return_val_if_fail (G_IS_DEFERRED_QUEUE (self), NULL);
  if (!gd_desk_is_here (&self->stock.desk, G_STRFUNC))
    return gd_desk_refuse (&self->stock.desk);

  if (gd_stock_take (&self->stock, &value))
    return give (self, &value);
  if (self->stock.values.length > self->stock.getters.length)
    return wait_for_value (self);
  if (self->stock.is_closed)
    return gd_desk_fail (&self->stock.desk, G_DEFERRED_ERROR, G_DEFERRED_ERROR_CLOSED, GD_STOCK_CLOSED);

  n_getting = self->stock.getters.length - self->stock.values.length;
  if (self->backlog >= 0 && n_getting >= (guint) self->backlog)
    return gd_desk_fail (&self->stock.desk, G_DEFERRED_ERROR, G_DEFERRED_ERROR_UNDERFLOW,
                         "The queue is empty, and as many wait for a value as may");
  return wait_for_value (self);
}

/**
 * g_deferred_queue_get_nowait:
 * @self: a queue
 *
 * Takes the oldest value out of the queue if there is one, and nobody waits for it. If there is none, the Deferred that
 * is returned has failed, with %G_IO_ERROR_WOULD_BLOCK, or, if the queue was closed, with %G_DEFERRED_ERROR_CLOSED.
 *
 * To be called at home; elsewhere it is as [method@DeferredQueue.get].
 *
 * Returns: (transfer full): a Deferred that has fired
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_queue_get_nowait (GDeferredQueue *self)
{
  GValue value;

  g_return_val_if_fail (G_IS_DEFERRED_QUEUE (self), NULL);
  if (!gd_desk_is_here (&self->stock.desk, G_STRFUNC))
    return gd_desk_refuse (&self->stock.desk);

  if (gd_stock_take (&self->stock, &value))
    return give (self, &value);
  if (self->stock.is_closed && self->stock.values.length <= self->stock.getters.length)
    return gd_desk_fail (&self->stock.desk, G_DEFERRED_ERROR, G_DEFERRED_ERROR_CLOSED, GD_STOCK_CLOSED);
  return gd_desk_fail (&self->stock.desk, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "The queue is empty");
}

/* --- its end, and what it holds ---------------------------------------------------------------------------------- */

/**
 * g_deferred_queue_close:
 * @self: a queue
 *
 * Accepts no more values. Those that are in can still be got. Whoever waits for a value fails with
 * %G_DEFERRED_ERROR_CLOSED, and so does whoever waits to put one: its value was not accepted. So does every put and, once
 * the queue is empty, every get from then on.
 *
 * To be called at home. A queue may be closed again, which does nothing.
 *
 * Since: 1.0
 */
void
g_deferred_queue_close (GDeferredQueue *self)
{
  g_return_if_fail (G_IS_DEFERRED_QUEUE (self));
  if (!gd_desk_is_here (&self->stock.desk, G_STRFUNC) || self->stock.is_closed)
    return;

  self->stock.is_closed = TRUE;
  if (self->stock.getters.first != NULL || self->stock.putters.first != NULL)
    gd_desk_serve (&self->stock.desk);
}

/**
 * g_deferred_queue_is_closed:
 * @self: a queue
 *
 * Whether the queue was closed. To be asked at home.
 *
 * Returns: whether it accepts no more values
 *
 * Since: 1.0
 */
gboolean
g_deferred_queue_is_closed (GDeferredQueue *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_QUEUE (self), FALSE);

  return self->stock.is_closed;
}

/**
 * g_deferred_queue_get_length:
 * @self: a queue
 *
 * Gets how many values are in the queue, for the next who asks. It can be more than the size if values came back from
 * getters that were gone. To be asked at home.
 *
 * Returns: a number
 *
 * Since: 1.0
 */
guint
g_deferred_queue_get_length (GDeferredQueue *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_QUEUE (self), 0);

  return self->stock.values.length - gd_stock_n_about_to_get (&self->stock);
}

/**
 * g_deferred_queue_get_n_getting:
 * @self: a queue
 *
 * Gets how many wait for a value. To be asked at home.
 *
 * Returns: a number
 *
 * Since: 1.0
 */
guint
g_deferred_queue_get_n_getting (GDeferredQueue *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_QUEUE (self), 0);

  return self->stock.getters.length - gd_stock_n_about_to_get (&self->stock);
}

/**
 * g_deferred_queue_get_n_putting:
 * @self: a queue
 *
 * Gets how many wait for room to put a value. To be asked at home.
 *
 * Returns: a number
 *
 * Since: 1.0
 */
guint
g_deferred_queue_get_n_putting (GDeferredQueue *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_QUEUE (self), 0);

  return self->stock.putters.length;
}
