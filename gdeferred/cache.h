/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/clock.h>

G_BEGIN_DECLS

#define G_TYPE_DEFERRED_CACHE (g_deferred_cache_get_type ())
GD_EXTERN
G_DECLARE_FINAL_TYPE (GDeferredCache, g_deferred_cache, G, DEFERRED_CACHE, GObject)

/* Produces the value for @key; as a GDeferredCallback else. */
typedef gboolean (*GDeferredCacheFunc) (GDeferred *self, const char *key, gpointer user_data, GError **error);

GD_EXTERN GDeferredCache                *
g_deferred_cache_new (GDeferredCacheFunc func, gpointer user_data, GDestroyNotify destroy);
GD_EXTERN void g_deferred_cache_set_max_size (GDeferredCache *self, guint max_size);
GD_EXTERN void g_deferred_cache_set_max_age (GDeferredCache *self, GTimeSpan max_age);
GD_EXTERN void g_deferred_cache_set_clock (GDeferredCache *self, GDeferredClock *clock);
GD_EXTERN GDeferred    *g_deferred_cache_get (GDeferredCache *self, const char *key);
GD_EXTERN const GValue *g_deferred_cache_peek (GDeferredCache *self, const char *key);
GD_EXTERN gboolean      g_deferred_cache_remove (GDeferredCache *self, const char *key);
GD_EXTERN void          g_deferred_cache_clear (GDeferredCache *self);
GD_EXTERN guint         g_deferred_cache_get_size (GDeferredCache *self);

G_END_DECLS
