/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/clock.h>

G_BEGIN_DECLS

#define G_TYPE_DEFERRED_FILE_LOCK (g_deferred_file_lock_get_type ())
GD_EXTERN
G_DECLARE_FINAL_TYPE (GDeferredFileLock, g_deferred_file_lock, G, DEFERRED_FILE_LOCK, GObject)

GD_EXTERN GDeferredFileLock *g_deferred_file_lock_new (const char *path);
GD_EXTERN void               g_deferred_file_lock_set_clock (GDeferredFileLock *self, GDeferredClock *clock);
GD_EXTERN GDeferred         *g_deferred_file_lock_acquire (GDeferredFileLock *self);
GD_EXTERN gboolean           g_deferred_file_lock_try_acquire (GDeferredFileLock *self, GError **error);
GD_EXTERN gboolean           g_deferred_file_lock_release (GDeferredFileLock *self);
GD_EXTERN GDeferred         *g_deferred_file_lock_run (GDeferredFileLock *self,
                                                       GDeferredCallback  func,
                                                       gpointer           user_data,
                                                       GDestroyNotify     destroy);
GD_EXTERN gboolean           g_deferred_file_lock_get_locked (GDeferredFileLock *self);
GD_EXTERN const char        *g_deferred_file_lock_get_path (GDeferredFileLock *self);

G_END_DECLS
