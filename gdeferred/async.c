/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/async.h>

/* A Deferred in GIO's manner, for those who wait for it in theirs: Vala's `yield`, for one. */

/* One wait. It belongs to two links: one of @self, and one of the fork through which it gets its outcome. Before its
 * turn has come, @self leads on to the wait, and is alive as long as the fork has not fired; the wait must not hold it,
 * or nobody who drops it could ever abandon it. From then on nothing leads back, and the wait does. */
typedef struct
{
  GDeferred          *self; /* NULL once the callback is on its way */
  gboolean            is_owner;
  GCancellable       *cancellable; /* owned; nullable */
  GAsyncReadyCallback callback;
  gpointer            user_data;
} Wait;

static void
wait_clear (gpointer user_data)
{
  Wait *wait = user_data;

  g_clear_object (&wait->cancellable);
}

static void
wait_unref (gpointer user_data)
{
  g_rc_box_release_full (user_data, wait_clear);
}

/* The end of a link that calls nothing: its turn came, and that of the fork is next. */
static void
take_self (gpointer user_data)
{
  Wait *wait = user_data;

  if (wait->self != NULL)
    {
      g_object_ref (wait->self);
      wait->is_owner = TRUE;
    }
  wait_unref (wait);
}

/* In the home context, whatever the thread-default one is that moment; the result stays in the fork. */
static GTask *
make_task (Wait *wait, GDeferred *fork)
{
  GMainContext *home = g_deferred_get_context (fork);
  GTask        *task;

  g_main_context_push_thread_default (home);
  task = g_task_new (wait->self, wait->cancellable, wait->callback, wait->user_data);
  g_main_context_pop_thread_default (home);

  g_task_set_source_tag (task, g_deferred_wait_async);
  g_task_set_task_data (task, g_object_ref (fork), g_object_unref);
  if (wait->is_owner)
    g_object_unref (wait->self);
  wait->self = NULL;
  return task;
}

static gboolean
succeed (GDeferred *fork, gpointer wait, GError **error)
{
  g_autoptr (GTask) task = make_task (wait, fork);

  g_task_return_boolean (task, TRUE);
  return TRUE;
}

static gboolean
fail (GDeferred *fork, gpointer wait, GError **error)
{
  g_autoptr (GTask) task = make_task (wait, fork);

  g_task_return_error (task, g_error_copy (g_deferred_get_error (fork)));
  return g_deferred_return_none (fork);
}

/**
 * g_deferred_wait_async:
 * @self: a Deferred
 * @cancellable: (nullable): ends the wait, and only the wait
 * @callback: (scope async) (nullable): is called when @self has a result, or the wait was cancelled
 * @user_data: for @callback
 *
 * Waits, in the manner of GIO's asynchronous functions, until @self has a result, after the callbacks that it has now.
 * For languages and libraries that know this manner: in Vala it is `yield deferred.wait_async ()`.
 *
 * @callback gets the outcome with [method@Deferred.wait_finish]. It is called once, from the loop of the home context
 * of @self, never before this function returns. The result stays in @self for the callbacks that are added later;
 * others can wait for it, too. An error is passed on to @callback, and @self is not reported for it.
 *
 * If @cancellable is cancelled, @callback gets %G_IO_ERROR_CANCELLED, and @self goes on as if nobody had waited: it is
 * not cancelled, and an error that it fails with later is not handled by this wait. To cancel the work itself call
 * [method@Deferred.cancel], which reaches @callback as the error that @self fails with. Nor does waiting keep @self
 * alive: if the last reference goes before @self is fired, @callback gets %G_DEFERRED_ERROR_ABANDONED.
 *
 * To be called at home. As long as somebody waits for it, @self cannot be handed over to another context.
 *
 * ```c
 * static void
 * print_number (GObject *source, GAsyncResult *result, gpointer user_data)
 * {
 *   g_autoptr (GError) error = NULL;
 *   const GValue *number = g_deferred_wait_finish (G_DEFERRED (source), result, &error);
 *
 *   if (error == NULL)
 *     g_print ("%d\n", g_value_get_int (number));
 *   else
 *     g_printerr ("%s\n", error->message);
 * }
 *
 * static void
 * print_later (GDeferred *number)
 * {
 *   g_deferred_wait_async (number, NULL, print_number, NULL);
 * }
 * ```
 *
 * Since: 1.0
 */
void
g_deferred_wait_async (GDeferred          *self,
                       GCancellable       *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer            user_data)
{
  g_autoptr (GDeferred) fork = NULL;
  Wait *wait;

  g_return_if_fail (G_IS_DEFERRED (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  if (!g_deferred_is_home (self))
    {
      g_critical ("%s: called from a thread that is not the Deferred's home", G_STRFUNC);
      return;
    }

  wait = g_rc_box_new0 (Wait);
  wait->self = self;
  wait->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  wait->callback = callback;
  wait->user_data = user_data;

  g_deferred_add_callbacks (self, NULL, g_rc_box_acquire (wait), take_self, NULL, NULL, NULL);
  fork = g_deferred_fork (self);
  g_deferred_add_callbacks (fork, succeed, wait, wait_unref, fail, wait, NULL);
  g_deferred_link_cancellable (fork, cancellable);
}

/**
 * g_deferred_wait_finish:
 * @self: the Deferred that was waited for
 * @result: what the callback of [method@Deferred.wait_async] was given
 * @error: return location for the error that @self failed with, or %G_IO_ERROR_CANCELLED
 *
 * Ends a wait that [method@Deferred.wait_async] began. To be called once for each, at home, most simply in the
 * callback.
 *
 * %NULL without an error is a success with nothing as its result.
 *
 * Returns: (transfer none) (nullable): the result that @self had then; it stays there for as long as @result does
 *
 * Since: 1.0
 */
const GValue *
g_deferred_wait_finish (GDeferred *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, g_deferred_wait_async), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  return g_deferred_get_result (g_task_get_task_data (G_TASK (result)));
}
