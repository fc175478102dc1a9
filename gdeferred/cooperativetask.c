/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "cooperator-private.h"

/**
 * GDeferredCooperativeTask:
 *
 * Long work that a [class@DeferredCooperator] does step by step.
 *
 * It has ended when its function says so, when that or something that it waits for fails, or when it is stopped. It
 * lives where its cooperator does, and its methods are called there: from another thread they are a critical warning, and
 * do nothing.
 *
 * Since: 1.0
 */
G_DEFINE_FINAL_TYPE (GDeferredCooperativeTask, g_deferred_cooperative_task, G_TYPE_OBJECT)

static void
free_data (GDeferredCooperativeTask *self)
{
  GDestroyNotify destroy = g_steal_pointer (&self->destroy);

  if (destroy != NULL)
    destroy (self->user_data);
}

/* It has ended, or nobody can make it go on: who waits for it gets to know that by the end of @done. */
static void
g_deferred_cooperative_task_finalize (GObject *object)
{
  GDeferredCooperativeTask *self = G_DEFERRED_COOPERATIVE_TASK (object);

  if (self->cooperator != NULL && !self->has_ended)
    g_queue_unlink (&self->cooperator->all, &self->in_all);
  free_data (self);
  g_object_unref (self->done);
  g_clear_object (&self->cooperator);

  G_OBJECT_CLASS (g_deferred_cooperative_task_parent_class)->finalize (object);
}

static void
g_deferred_cooperative_task_class_init (GDeferredCooperativeTaskClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = g_deferred_cooperative_task_finalize;
}

/* --- what it waits for ------------------------------------------------------------------------------------------- */

/* It belongs to a link of @deferred. */
typedef struct
{
  GDeferredCooperativeTask *task; /* owned */
  GDeferred                *deferred;
  gboolean                  counts; /* it is in the task's queue */
  GList                     link;
} GdTaskWait;

static void
leave (GdTaskWait *wait)
{
  wait->counts = FALSE;
  g_queue_unlink (&wait->task->waits, &wait->link);
}

static void
cancel_waits (GDeferredCooperativeTask *self)
{
  while (!g_queue_is_empty (&self->waits))
    {
      GdTaskWait *wait = self->waits.head->data;
      g_autoptr (GDeferred) deferred = g_object_ref (wait->deferred);

      leave (wait);
      g_deferred_cancel (deferred);
    }
}

/* --- its end ----------------------------------------------------------------------------------------------------- */

/* The caller holds it, and fires `done`. A step that is on the stack still has its data. */
static void
end (GDeferredCooperativeTask *self)
{
  self->has_ended = TRUE;
  if (self->cooperator != NULL)
    {
      g_queue_unlink (&self->cooperator->all, &self->in_all);
      gd_slices_remove (self->cooperator, self);
    }
  if (!self->is_stepping)
    free_data (self);
  cancel_waits (self);
}

static void
fail (GDeferredCooperativeTask *self, const GError *error, const GValue *payload)
{
  g_object_ref (self);
  end (self);
  g_deferred_errback_full (self->done, error, payload, NULL);
  g_object_unref (self);
}

static void
succeed (GDeferredCooperativeTask *self)
{
  g_object_ref (self);
  end (self);
  g_deferred_callback (self->done, NULL, NULL);
  g_object_unref (self);
}

/* The canceller of `done`. */
static void
on_cancel (GDeferred *done, gpointer weak_ref)
{
  g_autoptr (GDeferredCooperativeTask) self = g_weak_ref_get (weak_ref);

  if (self == NULL)
    return;

  end (self);
  g_deferred_errback_literal (done, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                              self->why != NULL ? self->why : "The owner of the task has gone", NULL);
}

static void
free_weak_ref (gpointer weak_ref)
{
  g_weak_ref_clear (weak_ref);
  g_free (weak_ref);
}

static void
g_deferred_cooperative_task_init (GDeferredCooperativeTask *self)
{
  GWeakRef *weak_ref = g_new (GWeakRef, 1);

  g_weak_ref_init (weak_ref, self);
  self->done = g_deferred_new_with_canceller (on_cancel, weak_ref, free_weak_ref);
  self->in_queue.data = self;
  self->in_all.data = self;
  g_queue_init (&self->waits);
}

/* @why is static. */
void
gd_task_cancel (GDeferredCooperativeTask *self, const char *why)
{
  if (self->has_ended)
    return;

  self->why = why;
  g_deferred_cancel (self->done);
}

/* --- its steps --------------------------------------------------------------------------------------------------- */

/* To the next step, or to its end, if nothing keeps it from that. */
static void
go_on (GDeferredCooperativeTask *self)
{
  if (self->has_ended || self->is_stepping || !g_queue_is_empty (&self->waits))
    return;

  if (self->is_last)
    succeed (self);
  else if (self->n_pauses == 0 && !self->is_queued && self->cooperator != NULL)
    gd_slices_push (self->cooperator, self);
}

/* It was stopped inside its step, and then failed: nobody asks for that error any more, so it is reported. */
static void
tell_of (GError *error)
{
  if (error == NULL)
    return;

  g_object_unref (g_deferred_fail (error));
  g_error_free (error);
}

static void
take_turn (GDeferredCooperativeTask *self)
{
  GError  *error = NULL;
  gboolean has_more;

  /* Its owner has gone; the cancel is on its way. */
  if (g_deferred_is_cancelled (self->done))
    return;

  self->is_stepping = TRUE;
  has_more = self->step (self, self->user_data, &error);
  self->is_stepping = FALSE;

  if (self->has_ended)
    {
      free_data (self);
      tell_of (error);
      return;
    }

  self->is_last = !has_more;
  if (error == NULL)
    {
      go_on (self);
      return;
    }

  fail (self, error, NULL);
  g_error_free (error);
}

GDeferredCooperativeTask *
gd_task_new (GDeferredCooperator *cooperator,
             GDeferredStepFunc    step,
             gpointer             user_data,
             GDestroyNotify       destroy)
{
  GDeferredCooperativeTask *self = g_object_new (G_TYPE_DEFERRED_COOPERATIVE_TASK, NULL);

  self->cooperator = g_object_ref (cooperator);
  self->on_turn = take_turn;
  self->step = step;
  self->user_data = user_data;
  self->destroy = destroy;
  g_queue_push_tail_link (&cooperator->all, &self->in_all);
  go_on (self);
  return self;
}

/* --- from outside ------------------------------------------------------------------------------------------------ */

#define return_val_if_away(self, val)                                                                        \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    if (G_UNLIKELY (!g_deferred_is_home ((self)->done)))                                                     \
      {                                                                                                      \
        g_critical ("%s: called from a thread that is not the cooperator's home", G_STRFUNC);                \
        return val;                                                                                          \
      }                                                                                                      \
  }                                                                                                          \
  G_STMT_END
#define return_if_away(self) return_val_if_away (self, )

/**
 * g_deferred_cooperative_task_pause:
 * @self: a task
 *
 * Calls no more steps until [method@DeferredCooperativeTask.resume] was called as often. It may be called inside a step.
 *
 * Who pauses a task holds it: nobody else does. If it is dropped, those who wait for it get
 * %G_DEFERRED_ERROR_ABANDONED.
 *
 * Since: 1.0
 */
void
g_deferred_cooperative_task_pause (GDeferredCooperativeTask *self)
{
  g_return_if_fail (G_IS_DEFERRED_COOPERATIVE_TASK (self));
  return_if_away (self);

  self->n_pauses++;
  if (self->cooperator != NULL)
    gd_slices_remove (self->cooperator, self);
}

/**
 * g_deferred_cooperative_task_resume:
 * @self: a task
 *
 * Undoes one [method@DeferredCooperativeTask.pause]. With the last one it goes on, from the loop, unless it waits for
 * something. Without a pause to undo it is a programmer error, and does nothing.
 *
 * Since: 1.0
 */
void
g_deferred_cooperative_task_resume (GDeferredCooperativeTask *self)
{
  g_return_if_fail (G_IS_DEFERRED_COOPERATIVE_TASK (self));
  return_if_away (self);
  if (G_UNLIKELY (self->n_pauses == 0))
    {
      g_critical ("%s: there is no g_deferred_cooperative_task_pause() to undo", G_STRFUNC);
      return;
    }

  self->n_pauses--;
  go_on (self);
}

/**
 * g_deferred_cooperative_task_stop:
 * @self: a task
 *
 * Ends the task: no more steps are called, what it waits for is cancelled, and those who wait for it get
 * %G_IO_ERROR_CANCELLED. It may be called inside a step, which is the last one then. If the task has ended, nothing
 * happens.
 *
 * Since: 1.0
 */
void
g_deferred_cooperative_task_stop (GDeferredCooperativeTask *self)
{
  g_return_if_fail (G_IS_DEFERRED_COOPERATIVE_TASK (self));
  return_if_away (self);

  gd_task_cancel (self, "The task was stopped");
}

/**
 * g_deferred_cooperative_task_when_done:
 * @self: a task
 *
 * Gives a Deferred that fires, with nothing, when the task has ended, or fails with what it has failed with. It may be
 * asked for as often as one likes, also after the end. Each is the caller's own: cancelling it only ends the wait. To
 * end the task there is [method@DeferredCooperativeTask.stop].
 *
 * Returns: (transfer full): the Deferred
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_cooperative_task_when_done (GDeferredCooperativeTask *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_COOPERATIVE_TASK (self), NULL);
  return_val_if_away (self, NULL);

  return g_deferred_fork (self->done);
}

/**
 * g_deferred_cooperative_task_bind_owner:
 * @self: a task
 * @owner: the object, a widget say, that its steps work on
 *
 * Ends the task with @owner: when that is disposed, no more steps are called, and the task is stopped from the loop.
 * Neither keeps the other alive. See [method@Deferred.bind_owner].
 *
 * Since: 1.0
 */
void
g_deferred_cooperative_task_bind_owner (GDeferredCooperativeTask *self, GObject *owner)
{
  g_return_if_fail (G_IS_DEFERRED_COOPERATIVE_TASK (self));
  g_return_if_fail (G_IS_OBJECT (owner));
  return_if_away (self);

  if (!self->has_ended)
    g_deferred_bind_owner (self->done, owner);
}

/* A result is left where it is, and so is an error that comes too late. */
static gboolean
on_outcome (GDeferred *deferred, gpointer user_data, GError **error)
{
  GdTaskWait   *wait = user_data;
  const GError *failure = g_deferred_get_error (deferred);

  if (!wait->counts)
    return TRUE;

  leave (wait);
  if (failure == NULL)
    {
      go_on (wait->task);
      return TRUE;
    }

  fail (wait->task, failure, g_deferred_get_payload (deferred));
  return g_deferred_return_none (deferred);
}

/* If that was not called, an owner of what it waited for has gone. */
static void
free_wait (gpointer user_data)
{
  GdTaskWait *wait = user_data;

  if (wait->counts)
    {
      leave (wait);
      gd_task_cancel (wait->task, "The owner of what the task waited for has gone");
    }
  g_object_unref (wait->task);
  g_free (wait);
}

static void
wait_at_home (GDeferredCooperativeTask *self, GDeferred *deferred)
{
  GdTaskWait *wait = g_new0 (GdTaskWait, 1);

  wait->task = g_object_ref (self);
  wait->deferred = deferred;
  wait->counts = TRUE;
  wait->link.data = wait;
  g_queue_push_tail_link (&self->waits, &wait->link);
  g_deferred_add_both (deferred, on_outcome, wait, free_wait);
}

static gboolean
return_it (GDeferred *self, gpointer deferred, GError **error)
{
  return g_deferred_return_deferred (self, g_object_ref (deferred));
}

static gboolean
waits_for_itself (GDeferredCooperativeTask *self, GDeferred *deferred)
{
  while (deferred != NULL && deferred != self->done && g_deferred_is_home (deferred))
    deferred = g_deferred_get_waiting_on (deferred);
  return deferred == self->done;
}

/**
 * g_deferred_cooperative_task_wait_for:
 * @self: the task whose step is being called
 * @deferred: what the next step needs, which may live in another main context
 *
 * To be called inside a step: the next one is called when @deferred has its result, after the callbacks that it has
 * now. If it fails, the task does, with that error. If the task is stopped, @deferred is cancelled. Waiting does not
 * hold @deferred.
 *
 * A step may wait for several; then the next one comes when all have their results. If there is no next step, the task
 * ends then. One that would wait for its own end fails with %G_DEFERRED_ERROR_LOOP.
 *
 * Since: 1.0
 */
void
g_deferred_cooperative_task_wait_for (GDeferredCooperativeTask *self, GDeferred *deferred)
{
  g_return_if_fail (G_IS_DEFERRED_COOPERATIVE_TASK (self));
  g_return_if_fail (G_IS_DEFERRED (deferred));
  return_if_away (self);
  if (G_UNLIKELY (!self->is_stepping))
    {
      g_critical ("%s: called outside of a step of the task", G_STRFUNC);
      return;
    }

  if (self->has_ended)
    g_deferred_cancel (deferred);
  else if (waits_for_itself (self, deferred))
    {
      const GError error
          = { G_DEFERRED_ERROR, G_DEFERRED_ERROR_LOOP, (char *) "The task would wait for its own end" };

      fail (self, &error, NULL);
    }
  else if (g_deferred_is_home (deferred))
    wait_at_home (self, deferred);
  else
    {
      g_autoptr (GDeferred) here = g_deferred_maybe (return_it, deferred);

      wait_at_home (self, here);
    }
}
