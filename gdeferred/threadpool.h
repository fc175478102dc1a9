/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

#define G_TYPE_DEFERRED_THREAD_POOL (g_deferred_thread_pool_get_type ())
GD_EXTERN
G_DECLARE_FINAL_TYPE (GDeferredThreadPool, g_deferred_thread_pool, G, DEFERRED_THREAD_POOL, GObject)

GD_EXTERN GDeferredThreadPool *g_deferred_thread_pool_new (const char *name, guint max_threads);
GD_EXTERN GDeferred           *g_deferred_thread_pool_run (GDeferredThreadPool *self,
                                                           GDeferredCallback    func,
                                                           gpointer             user_data,
                                                           GDestroyNotify       destroy);
GD_EXTERN GDeferred           *g_deferred_thread_pool_close (GDeferredThreadPool *self);
GD_EXTERN const char          *g_deferred_thread_pool_get_name (GDeferredThreadPool *self);
GD_EXTERN guint                g_deferred_thread_pool_get_max_threads (GDeferredThreadPool *self);
GD_EXTERN guint                g_deferred_thread_pool_get_n_queued (GDeferredThreadPool *self);

G_END_DECLS
