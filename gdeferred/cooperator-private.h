/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/cooperator.h>

G_BEGIN_DECLS

/*
 * Who holds whom: the cooperator's source, which is there while any task can be run, holds the cooperator; the
 * cooperator those tasks that can be run; each task its cooperator; and a Deferred that a task waits for that task, by
 * its link. Only who has paused a task holds it, or nobody does: then it is gone, and who waits for it is told.
 *
 *   1. A task is in the queue exactly while it can be run and is not being run: neither paused nor waiting nor ended.
 *   2. It is in the list of all exactly while it has not ended. The list holds nothing.
 */
struct _GDeferredCooperator
{
  GObject parent_instance;

  GDeferred *anchor; /* owned; it is never fired: it knows where home is */
  GTimeSpan  budget;
  int        priority;
  gboolean   is_stopped;
  guint      n_slices; /* that are on the stack: one inside the other, where a step runs a loop */
  GQueue     queue;    /* of tasks, next first; each owned */
  GQueue     all;      /* of tasks */
  GSource   *source;   /* owned; nullable */
};

/* Its caller holds @task, and has taken it out of the queue. */
typedef void (*GdTurn) (GDeferredCooperativeTask *task);

struct _GDeferredCooperativeTask
{
  GObject parent_instance;

  GDeferredCooperator *cooperator; /* owned; NULL of one that was made by its type alone */
  GDeferred           *done;       /* owned; those who want to know get forks of it */
  GdTurn               on_turn;
  GDeferredStepFunc    step;
  gpointer             user_data;
  GDestroyNotify       destroy; /* until it has ended */
  const char          *why;     /* it was cancelled */

  GList    in_queue; /* these two are the links in the queues of the cooperator */
  GList    in_all;
  gboolean is_queued;
  gboolean is_stepping;
  gboolean is_last; /* its function has no more to do */
  gboolean has_ended;
  guint    n_pauses;
  GQueue   waits; /* of GdTaskWait */
};

/* slices.c */
void gd_slices_push (GDeferredCooperator *self, GDeferredCooperativeTask *task);
void gd_slices_remove (GDeferredCooperator *self, GDeferredCooperativeTask *task);

/* cooperativetask.c */
GDeferredCooperativeTask *gd_task_new (GDeferredCooperator *cooperator,
                                       GDeferredStepFunc    step,
                                       gpointer             user_data,
                                       GDestroyNotify       destroy);
void                      gd_task_cancel (GDeferredCooperativeTask *self, const char *why);

G_END_DECLS
