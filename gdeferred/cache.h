/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/clock.h>

G_BEGIN_DECLS

#define G_TYPE_DEFERRED_CACHE (g_deferred_cache_get_type ())
GD_EXTERN
G_DECLARE_FINAL_TYPE (GDeferredCache, g_deferred_cache, G, DEFERRED_CACHE, GObject)

/**
 * GDeferredCacheFunc:
 * @self: the Deferred that the value is for
 * @key: what was asked for; it stays as long as the Deferred is pending
 * @user_data: (closure): what was given with the function
 * @error: where to leave the error, if it fails
 *
 * Produces the value for a key. In all else it is as a [callback@DeferredCallback] that [func@Deferred.maybe] calls:
 * `g_deferred_return_*` functions set the value, and it may return another Deferred. It is called in the home context of
 * the cache.
 *
 * Returns: %TRUE to go on with what was set, %FALSE (with @error set) to fail
 *
 * Since: 1.0
 */
typedef gboolean (*GDeferredCacheFunc) (GDeferred *self, const char *key, gpointer user_data, GError **error);

GD_EXTERN GDeferredCache                *
g_deferred_cache_new (GDeferredCacheFunc func, gpointer user_data, GDestroyNotify destroy);
GD_EXTERN void g_deferred_cache_set_max_size (GDeferredCache *self, int max_size);
GD_EXTERN int  g_deferred_cache_get_max_size (GDeferredCache *self);
GD_EXTERN void g_deferred_cache_set_max_age (GDeferredCache *self, GTimeSpan max_age);
GD_EXTERN GTimeSpan       g_deferred_cache_get_max_age (GDeferredCache *self);
GD_EXTERN void            g_deferred_cache_set_clock (GDeferredCache *self, GDeferredClock *clock);
GD_EXTERN GDeferredClock *g_deferred_cache_get_clock (GDeferredCache *self);
GD_EXTERN GDeferred      *g_deferred_cache_get (GDeferredCache *self, const char *key);
GD_EXTERN const GValue   *g_deferred_cache_peek (GDeferredCache *self, const char *key);
GD_EXTERN gboolean        g_deferred_cache_contains (GDeferredCache *self, const char *key);
GD_EXTERN gboolean        g_deferred_cache_remove (GDeferredCache *self, const char *key);
GD_EXTERN void            g_deferred_cache_clear (GDeferredCache *self);
GD_EXTERN guint           g_deferred_cache_get_size (GDeferredCache *self);
GD_EXTERN guint           g_deferred_cache_get_n_in_flight (GDeferredCache *self);

G_END_DECLS
