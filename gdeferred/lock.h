/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

#define G_TYPE_DEFERRED_LOCK (g_deferred_lock_get_type ())
GD_EXTERN
G_DECLARE_FINAL_TYPE (GDeferredLock, g_deferred_lock, G, DEFERRED_LOCK, GObject)

GD_EXTERN GDeferredLock *g_deferred_lock_new (void);
GD_EXTERN GDeferred     *g_deferred_lock_acquire (GDeferredLock *self);
GD_EXTERN gboolean       g_deferred_lock_try_acquire (GDeferredLock *self);
GD_EXTERN gboolean       g_deferred_lock_release (GDeferredLock *self);
GD_EXTERN GDeferred *
g_deferred_lock_run (GDeferredLock *self, GDeferredCallback func, gpointer user_data, GDestroyNotify destroy);
GD_EXTERN gboolean g_deferred_lock_get_locked (GDeferredLock *self);
GD_EXTERN guint    g_deferred_lock_get_n_waiting (GDeferredLock *self);

G_END_DECLS
