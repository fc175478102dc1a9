/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/clock.h>

G_BEGIN_DECLS

#define G_TYPE_DEFERRED_COOPERATOR (g_deferred_cooperator_get_type ())
GD_EXTERN
G_DECLARE_FINAL_TYPE (GDeferredCooperator, g_deferred_cooperator, G, DEFERRED_COOPERATOR, GObject)

#define G_TYPE_DEFERRED_COOPERATIVE_TASK (g_deferred_cooperative_task_get_type ())
GD_EXTERN
G_DECLARE_FINAL_TYPE (
    GDeferredCooperativeTask, g_deferred_cooperative_task, G, DEFERRED_COOPERATIVE_TASK, GObject)

/**
 * GDeferredStepFunc:
 * @task: the task
 * @user_data: (closure): what was given to [method@DeferredCooperator.cooperate]
 * @error: where to leave the error, if it fails
 *
 * One step of a task: a small part of long work, that takes a millisecond perhaps. What it has to remember for the next
 * one is in @user_data.
 *
 * It is called in the cooperator's home context. An error in @error is a failure, whatever is returned.
 *
 * Returns: %TRUE if there is more to do, %FALSE if that was all, or, with @error set, if it failed
 *
 * Since: 1.0
 */
typedef gboolean (*GDeferredStepFunc) (GDeferredCooperativeTask *task, gpointer user_data, GError **error);

GD_EXTERN GDeferredCooperator      *g_deferred_cooperator_new (GTimeSpan budget, int priority);
GD_EXTERN GDeferredCooperativeTask *g_deferred_cooperator_cooperate (GDeferredCooperator *self,
                                                                     GDeferredStepFunc    step,
                                                                     gpointer             user_data,
                                                                     GDestroyNotify       destroy);
GD_EXTERN void                      g_deferred_cooperator_stop (GDeferredCooperator *self);
GD_EXTERN guint                     g_deferred_cooperator_get_n_tasks (GDeferredCooperator *self);
GD_EXTERN GTimeSpan                 g_deferred_cooperator_get_budget (GDeferredCooperator *self);
GD_EXTERN int                       g_deferred_cooperator_get_priority (GDeferredCooperator *self);

GD_EXTERN void       g_deferred_cooperative_task_pause (GDeferredCooperativeTask *self);
GD_EXTERN void       g_deferred_cooperative_task_resume (GDeferredCooperativeTask *self);
GD_EXTERN void       g_deferred_cooperative_task_stop (GDeferredCooperativeTask *self);
GD_EXTERN GDeferred *g_deferred_cooperative_task_when_done (GDeferredCooperativeTask *self);
GD_EXTERN void g_deferred_cooperative_task_wait_for (GDeferredCooperativeTask *self, GDeferred *deferred);
GD_EXTERN void g_deferred_cooperative_task_bind_owner (GDeferredCooperativeTask *self, GObject *owner);

G_END_DECLS
