/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

#define G_TYPE_DEFERRED_TASK_GROUP (g_deferred_task_group_get_type ())

GD_EXTERN
G_DECLARE_FINAL_TYPE (GDeferredTaskGroup, g_deferred_task_group, G, DEFERRED_TASK_GROUP, GObject)

GD_EXTERN GDeferredTaskGroup *g_deferred_task_group_new (void);
GD_EXTERN GDeferred          *g_deferred_task_group_spawn (GDeferredTaskGroup *self,
                                                           GDeferredCallback   func,
                                                           gpointer            user_data,
                                                           GDestroyNotify      destroy);
GD_EXTERN gboolean            g_deferred_task_group_add (GDeferredTaskGroup *self, GDeferred *task);
GD_EXTERN GDeferred          *g_deferred_task_group_close (GDeferredTaskGroup *self);
GD_EXTERN void                g_deferred_task_group_cancel (GDeferredTaskGroup *self);
GD_EXTERN guint               g_deferred_task_group_get_n_tasks (GDeferredTaskGroup *self);
GD_EXTERN gboolean            g_deferred_task_group_is_closed (GDeferredTaskGroup *self);

G_END_DECLS
