/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/taskgroup.h>

#include <gdeferred/binding.h>

#include "context-private.h"
#include "depth-private.h"
#include "results-private.h"

/* What the group and its tasks share, so that the tasks do not keep the group: that it is dropped has to be noticed.
 * All but the count of references belongs to the home thread. */
typedef struct
{
  GDeferred        *anchor;  /* owned; at home, never fired: a way to get there */
  GQueue            tasks;   /* of Task, in the order in which they came */
  guint             n_tasks; /* with those that are being started */
  guint             round;   /* of cancelling */
  GQueue            waiters; /* of Waiter */
  GDeferredResults *failure; /* owned; one: the first error */
  gboolean          is_closed;
  gboolean          is_cancelled;
  gboolean          is_ended;
} Shared;

/* It is the data of the link on the task. */
typedef struct
{
  Shared    *shared; /* a reference */
  GDeferred *part;   /* not owned; NULL once the link has run */
  GList      link;   /* in the tasks */
  guint      round;  /* in which it was cancelled last */
} Task;

/* One who waits for the end. The canceller of its Deferred has it. */
typedef struct
{
  Shared *shared; /* a reference */
  GDeferred
       *deferred; /* owned while it is among the waiters, NULL then: fires with what the group comes to */
  GList link;
} Waiter;

struct _GDeferredTaskGroup
{
  GObject parent_instance;

  Shared *shared; /* a reference */
};

/**
 * GDeferredTaskGroup:
 *
 * Tasks that begin and end together: structured concurrency, as trio's nurseries and asyncio's TaskGroup have it.
 *
 * Work is started with [method@DeferredTaskGroup.spawn]. [method@DeferredTaskGroup.close] gives a Deferred that fires
 * once all of it has come to its end: then nothing is left running that anybody started in the group. If a task fails,
 * the others are cancelled, and the group fails with that error, once they have ended, too. A task that is cancelled
 * does not bring the others down.
 *
 * A task must not wait for the end of its own group, which waits for it: neither would ever end.
 *
 * As long as the group has not ended, tasks may start others in it; so work that branches out needs nobody to know how
 * many there will be. It ends when it was closed and the last of them has ended. If a group is dropped that was not
 * closed, its tasks are cancelled.
 *
 * A group lives in the thread-default main context of its maker, and its methods are called there.
 *
 * ```c
 * static gboolean
 * fetch (GDeferred *self, gpointer address, GError **error)
 * {
 *   return g_deferred_return_deferred (self, g_deferred_new ());
 * }
 *
 * static GDeferred *
 * fetch_both (void)
 * {
 *   g_autoptr (GDeferredTaskGroup) group = g_deferred_task_group_new ();
 *
 *   g_object_unref (g_deferred_task_group_spawn (group, fetch, "a", NULL));
 *   g_object_unref (g_deferred_task_group_spawn (group, fetch, "b", NULL));
 *   return g_deferred_task_group_close (group);
 * }
 * ```
 *
 * Since: 1.0
 */
G_DEFINE_TYPE (GDeferredTaskGroup, g_deferred_task_group, G_TYPE_OBJECT)

/* --- what they share --------------------------------------------------------------------------------------------- */

static void
shared_clear (gpointer data)
{
  Shared *self = data;

  g_clear_pointer (&self->failure, g_deferred_results_unref);
  g_object_unref (self->anchor);
}

static void
shared_unref (gpointer self)
{
  g_atomic_rc_box_release_full (self, shared_clear);
}

static void
fire_with_end (Shared *self, GDeferred *waiter)
{
  if (self->failure != NULL)
    gd_results_fire_with (self->failure, 0, waiter);
  else if (self->is_cancelled)
    g_deferred_errback_literal (waiter, G_IO_ERROR, G_IO_ERROR_CANCELLED, "The task group was cancelled",
                                NULL);
  else
    g_deferred_callback (waiter, NULL, NULL);
}

/* What it had is transferred. */
static GDeferred *
leave (Waiter *waiter)
{
  g_queue_unlink (&waiter->shared->waiters, &waiter->link);
  return g_steal_pointer (&waiter->deferred);
}

static void
fire_waiters (GDeferred *anchor G_GNUC_UNUSED, gpointer data)
{
  Shared *self = data;
  GList  *first;

  while ((first = g_queue_peek_head_link (&self->waiters)) != NULL)
    {
      g_autoptr (GDeferred) deferred = leave (first->data);

      fire_with_end (self, deferred);
    }
}

static void
end_if_done (Shared *self)
{
  if (self->is_ended || !self->is_closed || self->n_tasks > 0)
    return;

  self->is_ended = TRUE;
  gd_deep_call (self->anchor, fire_waiters, g_atomic_rc_box_acquire (self), shared_unref);
}

/* Each task that there is goes to the end before it is cancelled, so that the order stays, whatever cancellers do to the
 * queue. What is started meanwhile is not in it: see g_deferred_task_group_spawn(). */
static void
cancel_tasks (Shared *self)
{
  guint  round = ++self->round;
  GList *link;

  while ((link = self->tasks.head) != NULL && ((Task *) link->data)->round < round)
    {
      Task *task = link->data;

      g_queue_unlink (&self->tasks, link);
      g_queue_push_tail_link (&self->tasks, link);
      task->round = round;
      if (task->part != NULL)
        gd_deep_cancel (task->part);
    }
}

/* --- the tasks --------------------------------------------------------------------------------------------------- */

static gboolean
is_stopping (Shared *self)
{
  return self->failure != NULL || self->is_cancelled;
}

/* As in asyncio, one that was cancelled is no failure; nor is one that was dropped when all were to end. Of several
 * errors the first is the group's. */
static void
take_error (Shared *self, GDeferred *part, const GError *error)
{
  if (is_stopping (self) && g_error_matches (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_ABANDONED))
    {
      g_deferred_take_unhandled (part);
      return;
    }

  if (self->failure != NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  self->failure = gd_results_new (1);
  gd_results_set (self->failure, 0, part, error);
  g_deferred_take_unhandled (part);
  cancel_tasks (self);
}

static void
task_ended (Task *task)
{
  task->part = NULL;
  task->shared->n_tasks--;
  end_if_done (task->shared);
}

static gboolean
on_task (GDeferred *part, gpointer data, GError **error G_GNUC_UNUSED)
{
  Task         *task = data;
  const GError *failure = g_deferred_get_error (part);

  task->part = NULL;
  if (failure != NULL)
    take_error (task->shared, part, failure);
  task_ended (task);
  return TRUE;
}

/* Without having run, because its owner is gone: it was cancelled. */
static void
task_gone (gpointer data)
{
  Task   *task = data;
  Shared *shared = task->shared;

  if (task->part != NULL)
    task_ended (task);
  g_queue_unlink (&shared->tasks, &task->link);
  g_free (task);
  shared_unref (shared);
}

static gboolean
return_it (GDeferred *self, gpointer inner, GError **error G_GNUC_UNUSED)
{
  return g_deferred_return_deferred (self, g_object_ref (inner));
}

/* It is counted already. */
static void
link_task (Shared *self, GDeferred *part)
{
  g_autoptr (GDeferred) stand_in = NULL;
  Task *task = g_new0 (Task, 1);

  if (!g_deferred_is_home (part))
    {
      gboolean entered = gd_context_enter (g_deferred_get_context (self->anchor));

      part = stand_in = g_deferred_maybe (return_it, part);
      gd_context_leave (g_deferred_get_context (self->anchor), entered);
    }

  task->shared = g_atomic_rc_box_acquire (self);
  task->part = part;
  task->link.data = task;
  g_queue_push_tail_link (&self->tasks, &task->link);
  g_deferred_add_both (part, on_task, task, task_gone);
}

/* --- its end ----------------------------------------------------------------------------------------------------- */

/*
 * What close() returns waits for a waiter: a Deferred that the group fires in the end. A cancel goes through to the
 * waiter, and its canceller cancels the tasks. If some of them take their time, the waiter fails all the same, as every
 * Deferred does that is cancelled; the whole then waits for another one.
 */
static GDeferred *wait_end (Shared *self);

static void
cancel_waiter (GDeferred *deferred, gpointer data)
{
  Waiter *waiter = data;
  Shared *self = waiter->shared;

  if (!self->is_ended)
    {
      self->is_cancelled = TRUE;
      cancel_tasks (self);
    }

  if (waiter->deferred == NULL)
    return;
  if (self->is_ended)
    fire_with_end (self, deferred);
  g_object_unref (leave (waiter));
}

static void
free_waiter (gpointer data)
{
  shared_unref (((Waiter *) data)->shared);
  g_free (data);
}

static gboolean
return_waiter (GDeferred *whole, gpointer data, GError **error G_GNUC_UNUSED)
{
  Shared    *self = data;
  Waiter    *waiter = g_new0 (Waiter, 1);
  GDeferred *deferred = g_deferred_new_with_canceller (cancel_waiter, waiter, free_waiter);

  waiter->shared = g_atomic_rc_box_acquire (self);
  waiter->link.data = waiter;
  if (self->is_ended)
    fire_with_end (self, deferred);
  else
    {
      waiter->deferred = g_object_ref (deferred);
      g_queue_push_tail_link (&self->waiters, &waiter->link);
    }
  return g_deferred_return_deferred (whole, deferred);
}

/* Who cancelled the group knows of it. */
static gboolean
wait_on (GDeferred *whole, gpointer data, GError **error G_GNUC_UNUSED)
{
  Shared *self = data;

  if (!self->is_ended)
    return g_deferred_return_deferred (whole, wait_end (self));
  if (self->is_cancelled && self->failure == NULL)
    g_deferred_take_unhandled (whole);
  return TRUE;
}

static GDeferred *
wait_end (Shared *self)
{
  GMainContext *context = g_deferred_get_context (self->anchor);
  gboolean      entered = gd_context_enter (context);
  GDeferred    *whole = g_deferred_maybe (return_waiter, self);

  gd_context_leave (context, entered);
  return g_deferred_add_both (whole, wait_on, g_atomic_rc_box_acquire (self), shared_unref);
}

/* What is left when the group is dropped; from the loop. An error that nobody will be told is reported. */
static void
end_dropped (GDeferred *anchor G_GNUC_UNUSED, gpointer data)
{
  Shared *self = data;

  if (self->is_closed)
    return;

  self->is_closed = TRUE;
  if (!is_stopping (self))
    {
      self->is_cancelled = TRUE;
      cancel_tasks (self);
    }
  end_if_done (self);
  g_object_unref (wait_end (self));
}

/* --- the group --------------------------------------------------------------------------------------------------- */

static void
g_deferred_task_group_finalize (GObject *object)
{
  Shared *shared = G_DEFERRED_TASK_GROUP (object)->shared;

  g_deferred_invoke (shared->anchor, end_dropped, shared, shared_unref);

  G_OBJECT_CLASS (g_deferred_task_group_parent_class)->finalize (object);
}

static void
g_deferred_task_group_class_init (GDeferredTaskGroupClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = g_deferred_task_group_finalize;
}

static void
g_deferred_task_group_init (GDeferredTaskGroup *self)
{
  self->shared = g_atomic_rc_box_new0 (Shared);
  self->shared->anchor = g_deferred_new ();
}

static gboolean
is_home (GDeferredTaskGroup *self, const char *function)
{
  if (G_LIKELY (g_deferred_is_home (self->shared->anchor)))
    return TRUE;

  g_critical ("%s: called from a thread that is not the home of the task group", function);
  return FALSE;
}

/**
 * g_deferred_task_group_new:
 *
 * Makes a group without tasks, at home in the thread-default main context of the caller.
 *
 * Returns: (transfer full): a new group
 *
 * Since: 1.0
 */
GDeferredTaskGroup *
g_deferred_task_group_new (void)
{
  return g_object_new (G_TYPE_DEFERRED_TASK_GROUP, NULL);
}

static GDeferred *
refuse (Shared *self)
{
  g_autoptr (GError) error = NULL;
  GDeferred *part;

  if (self->is_ended)
    error = g_error_new_literal (
        G_IO_ERROR, G_IO_ERROR_CLOSED,
        "The task group has ended: start tasks before the last one has come to its end");
  else if (self->failure != NULL)
    error = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The task group ends, as a task has failed: %s",
                         g_deferred_results_get_error (self->failure, 0)->message);
  else
    error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The task group was cancelled");

  part = g_deferred_fail (error);
  if (!self->is_ended)
    g_deferred_take_unhandled (part);
  return part;
}

static GDeferred *
start (Shared *self, GDeferredCallback func, gpointer user_data)
{
  GDeferred *part;

  g_atomic_rc_box_acquire (self);
  self->n_tasks++;
  part = g_deferred_maybe (func, user_data);
  link_task (self, part);
  if (is_stopping (self))
    g_deferred_cancel (part);
  shared_unref (self);
  return part;
}

/**
 * g_deferred_task_group_spawn:
 * @self: a task group
 * @func: (scope notified) (closure user_data) (destroy destroy): what starts the task: it is called now, as by
 *   [func@Deferred.maybe], and usually returns another Deferred
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, when @func has returned
 *
 * Starts a task in @self. If it fails, the others are cancelled, and nothing more is started while they end.
 *
 * What is returned is the task: its links are called once the group has taken notice of its outcome, and cancelling it
 * cancels it alone. The error with which the group fails counts as handled in it.
 *
 * If @self has ended, @func is not called, and what is returned has failed with %G_IO_ERROR_CLOSED; if it was cancelled,
 * or a task has failed, with %G_IO_ERROR_CANCELLED. If that happens while @func is being called, what it returns is
 * cancelled. That the group was closed is no obstacle, as long as one task has not come to its end.
 *
 * To be called at home.
 *
 * Returns: (transfer full): a new Deferred
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_task_group_spawn (GDeferredTaskGroup *self,
                             GDeferredCallback   func,
                             gpointer            user_data,
                             GDestroyNotify      destroy)
{
  GDeferred *part = NULL;

  g_return_val_if_fail (G_IS_DEFERRED_TASK_GROUP (self), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  if (is_home (self, G_STRFUNC))
    {
      Shared *shared = self->shared;

      part = shared->is_ended || is_stopping (shared) ? refuse (shared) : start (shared, func, user_data);
    }
  if (destroy != NULL)
    destroy (user_data);
  return part;
}

/**
 * g_deferred_task_group_add:
 * @self: a task group
 * @task: a Deferred, which may be anybody's
 *
 * Makes a task of @self of what was started already. The links that @task has now belong to it, those that are added
 * later do not.
 *
 * If @self has ended, or is about to, as it was cancelled or a task has failed, nothing is done: @task goes on, and is
 * the caller's. To be called at home; @task may live in another main context, as a part of [ctor@DeferredList.new] may.
 *
 * Returns: whether @task is a task of @self now
 *
 * Since: 1.0
 */
gboolean
g_deferred_task_group_add (GDeferredTaskGroup *self, GDeferred *task)
{
  Shared *shared;

  g_return_val_if_fail (G_IS_DEFERRED_TASK_GROUP (self), FALSE);
  g_return_val_if_fail (G_IS_DEFERRED (task), FALSE);
  if (!is_home (self, G_STRFUNC))
    return FALSE;

  shared = self->shared;
  if (shared->is_ended || is_stopping (shared))
    return FALSE;

  shared->n_tasks++;
  link_task (shared, task);
  return TRUE;
}

/**
 * g_deferred_task_group_close:
 * @self: a task group
 *
 * Lets @self end: once the last of its tasks has come to its end, or at once if there is none. Tasks may start others
 * until then.
 *
 * What is returned fires when the group has ended: with nothing; or with the first error that a task has failed with,
 * and what was given beside it; or with %G_IO_ERROR_CANCELLED if the group was cancelled. Cancelling it cancels every
 * task, each time anew. It then waits for them to end, however long that takes: nothing outlives a group.
 *
 * Later errors, of tasks that were being cancelled say, are not the group's: they are reported unless somebody handles
 * them in the task.
 *
 * It may be called again, and gives another Deferred with the same outcome. To be called at home.
 *
 * Returns: (transfer full): a new Deferred
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_task_group_close (GDeferredTaskGroup *self)
{
  Shared *shared;

  g_return_val_if_fail (G_IS_DEFERRED_TASK_GROUP (self), NULL);
  if (!is_home (self, G_STRFUNC))
    return NULL;

  shared = self->shared;
  shared->is_closed = TRUE;
  end_if_done (shared);
  return wait_end (shared);
}

/**
 * g_deferred_task_group_cancel:
 * @self: a task group
 *
 * Cancels every task of @self. No more are started; [method@DeferredTaskGroup.close] waits for those that take their
 * time, and fails with %G_IO_ERROR_CANCELLED, unless a task has failed. Of a group that has ended nothing is left to
 * cancel.
 *
 * To be called at home.
 *
 * Since: 1.0
 */
void
g_deferred_task_group_cancel (GDeferredTaskGroup *self)
{
  Shared *shared;

  g_return_if_fail (G_IS_DEFERRED_TASK_GROUP (self));
  if (!is_home (self, G_STRFUNC) || self->shared->is_ended)
    return;

  shared = g_atomic_rc_box_acquire (self->shared);
  shared->is_cancelled = TRUE;
  cancel_tasks (shared);
  shared_unref (shared);
}

/**
 * g_deferred_task_group_get_n_tasks:
 * @self: a task group
 *
 * How many tasks of @self have not come to their end. To be asked at home.
 *
 * Returns: the number of tasks
 *
 * Since: 1.0
 */
guint
g_deferred_task_group_get_n_tasks (GDeferredTaskGroup *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_TASK_GROUP (self), 0);

  return is_home (self, G_STRFUNC) ? self->shared->n_tasks : 0;
}

/**
 * g_deferred_task_group_is_closed:
 * @self: a task group
 *
 * Whether [method@DeferredTaskGroup.close] was called. To be asked at home.
 *
 * Returns: whether @self is closed
 *
 * Since: 1.0
 */
gboolean
g_deferred_task_group_is_closed (GDeferredTaskGroup *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_TASK_GROUP (self), FALSE);

  return is_home (self, G_STRFUNC) && self->shared->is_closed;
}
