/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

#define G_TYPE_DEFERRED_SEMAPHORE (g_deferred_semaphore_get_type ())
GD_EXTERN
G_DECLARE_FINAL_TYPE (GDeferredSemaphore, g_deferred_semaphore, G, DEFERRED_SEMAPHORE, GObject)

GD_EXTERN GDeferredSemaphore *g_deferred_semaphore_new (guint tokens);
GD_EXTERN GDeferred          *g_deferred_semaphore_acquire (GDeferredSemaphore *self);
GD_EXTERN gboolean            g_deferred_semaphore_try_acquire (GDeferredSemaphore *self);
GD_EXTERN gboolean            g_deferred_semaphore_release (GDeferredSemaphore *self);
GD_EXTERN GDeferred          *g_deferred_semaphore_run (GDeferredSemaphore *self,
                                                        GDeferredCallback   func,
                                                        gpointer            user_data,
                                                        GDestroyNotify      destroy);
GD_EXTERN guint               g_deferred_semaphore_get_limit (GDeferredSemaphore *self);
GD_EXTERN guint               g_deferred_semaphore_get_n_free (GDeferredSemaphore *self);
GD_EXTERN guint               g_deferred_semaphore_get_n_waiting (GDeferredSemaphore *self);

G_END_DECLS
