/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "cooperator-private.h"

/* The turns of a cooperator's tasks, in slices of time, and the source in the main loop that gives them. What a task
 * does with its turn is not known here. */

typedef struct
{
  GSource              source;
  GDeferredCooperator *cooperator; /* owned */
} SliceSource;

static gboolean
can_run (GSource *source)
{
  return !g_queue_is_empty (&((SliceSource *) source)->cooperator->queue);
}

static gboolean
prepare (GSource *source, int *timeout)
{
  *timeout = -1;
  return can_run (source);
}

static void
drop_source (GDeferredCooperator *self)
{
  g_autoptr (GSource) source = g_steal_pointer (&self->source);

  g_source_destroy (source);
}

static void
run_first (GDeferredCooperator *self)
{
  GDeferredCooperativeTask *task = self->queue.head->data;

  g_queue_unlink (&self->queue, &task->in_queue);
  task->is_queued = FALSE;
  task->on_turn (task);
  g_object_unref (task);
}

/* On a virtual clock, which only moves when a step says so, a slice shall end, too. */
static gboolean
is_over (GDeferredCooperator *self, GDeferredClock *clock, gint64 begin, gint64 real_begin)
{
  return g_deferred_clock_get_time (clock) - begin >= self->budget
         || (g_deferred_clock_is_virtual (clock)
             && g_get_monotonic_time () - real_begin > G_TIME_SPAN_SECOND);
}

/* One slice: at least one step. */
static gboolean
dispatch (GSource *source, GSourceFunc callback G_GNUC_UNUSED, gpointer user_data G_GNUC_UNUSED)
{
  GDeferredCooperator *self = ((SliceSource *) source)->cooperator;
  g_autoptr (GDeferredClock) clock = g_deferred_clock_get_current ();
  gint64 begin = g_deferred_clock_get_time (clock);
  gint64 real_begin = g_get_monotonic_time ();

  self->n_slices++;
  do
    run_first (self);
  while (!g_queue_is_empty (&self->queue) && !is_over (self, clock, begin, real_begin));
  self->n_slices--;

  if (self->n_slices == 0 && g_queue_is_empty (&self->queue))
    drop_source (self);
  return G_SOURCE_CONTINUE;
}

static void
finalize (GSource *source)
{
  g_object_unref (((SliceSource *) source)->cooperator);
}

/* A loop inside a step goes on with the other tasks. */
static GSourceFuncs source_funcs = {
  .prepare = prepare,
  .check = can_run,
  .dispatch = dispatch,
  .finalize = finalize,
};

static void
add_source (GDeferredCooperator *self)
{
  self->source = g_source_new (&source_funcs, sizeof (SliceSource));
  ((SliceSource *) self->source)->cooperator = g_object_ref (self);
  g_source_set_static_name (self->source, "GDeferred cooperator");
  g_source_set_priority (self->source, self->priority);
  g_source_set_can_recurse (self->source, TRUE);
  g_source_attach (self->source, g_deferred_get_context (self->anchor));
}

/* The task's turn comes after those of the others. */
void
gd_slices_push (GDeferredCooperator *self, GDeferredCooperativeTask *task)
{
  task->is_queued = TRUE;
  g_object_ref (task);
  g_queue_push_tail_link (&self->queue, &task->in_queue);
  if (self->source == NULL)
    add_source (self);
}

/* The caller holds the task. */
void
gd_slices_remove (GDeferredCooperator *self, GDeferredCooperativeTask *task)
{
  if (!task->is_queued)
    return;

  g_queue_unlink (&self->queue, &task->in_queue);
  task->is_queued = FALSE;
  g_object_unref (task);
  if (self->n_slices == 0 && g_queue_is_empty (&self->queue))
    drop_source (self);
}
