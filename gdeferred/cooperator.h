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

/* TRUE: there is more to do; FALSE: done, or failed if @error is set. */
typedef gboolean (*GDeferredStepFunc) (GDeferredCooperativeTask *task, gpointer user_data, GError **error);

GD_EXTERN GDeferredCooperator      *g_deferred_cooperator_new (GTimeSpan budget, int priority);
GD_EXTERN GDeferredCooperativeTask *g_deferred_cooperator_cooperate (GDeferredCooperator *self,
                                                                     GDeferredStepFunc    step,
                                                                     gpointer             user_data,
                                                                     GDestroyNotify       destroy);
GD_EXTERN void                      g_deferred_cooperator_stop (GDeferredCooperator *self);
GD_EXTERN guint                     g_deferred_cooperator_get_n_tasks (GDeferredCooperator *self);

GD_EXTERN void       g_deferred_cooperative_task_pause (GDeferredCooperativeTask *self);
GD_EXTERN void       g_deferred_cooperative_task_resume (GDeferredCooperativeTask *self);
GD_EXTERN void       g_deferred_cooperative_task_stop (GDeferredCooperativeTask *self);
GD_EXTERN GDeferred *g_deferred_cooperative_task_when_done (GDeferredCooperativeTask *self);
/* Inside of a step: the next one comes when @deferred has its result; its error is the task's. */
GD_EXTERN void g_deferred_cooperative_task_wait_for (GDeferredCooperativeTask *self, GDeferred *deferred);

G_END_DECLS
