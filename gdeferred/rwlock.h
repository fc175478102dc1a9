/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

#define G_TYPE_DEFERRED_RW_LOCK (g_deferred_rw_lock_get_type ())
GD_EXTERN
G_DECLARE_FINAL_TYPE (GDeferredRWLock, g_deferred_rw_lock, G, DEFERRED_RW_LOCK, GObject)

GD_EXTERN GDeferredRWLock *g_deferred_rw_lock_new (void);
GD_EXTERN GDeferred       *g_deferred_rw_lock_acquire_read (GDeferredRWLock *self);
GD_EXTERN GDeferred       *g_deferred_rw_lock_acquire_write (GDeferredRWLock *self);
GD_EXTERN gboolean         g_deferred_rw_lock_try_acquire_read (GDeferredRWLock *self);
GD_EXTERN gboolean         g_deferred_rw_lock_try_acquire_write (GDeferredRWLock *self);
GD_EXTERN gboolean         g_deferred_rw_lock_release_read (GDeferredRWLock *self);
GD_EXTERN gboolean         g_deferred_rw_lock_release_write (GDeferredRWLock *self);
GD_EXTERN GDeferred       *g_deferred_rw_lock_run_read (GDeferredRWLock  *self,
                                                        GDeferredCallback func,
                                                        gpointer          user_data,
                                                        GDestroyNotify    destroy);
GD_EXTERN GDeferred       *g_deferred_rw_lock_run_write (GDeferredRWLock  *self,
                                                         GDeferredCallback func,
                                                         gpointer          user_data,
                                                         GDestroyNotify    destroy);
GD_EXTERN guint            g_deferred_rw_lock_get_n_readers (GDeferredRWLock *self);
GD_EXTERN gboolean         g_deferred_rw_lock_get_writing (GDeferredRWLock *self);
GD_EXTERN guint            g_deferred_rw_lock_get_n_waiting (GDeferredRWLock *self);

G_END_DECLS
