/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* GDeferredCache. A key is a plan as well, which the function of the cache follows. In the trace "a() " says that the
 * function was called for key a, "A:3 " what somebody got, "~d " that the data of the function went. */

#include "patterns-fixture.h"

static GDeferredCache *cache;

static inline gboolean
produce (GDeferred *self, const char *key, gpointer data, GError **error)
{
  return work_by_plan (self, key, error);
}

static inline void
begin_with (GDeferredCacheFunc func)
{
  cache = g_deferred_cache_new (func, "d", gone);
}

static inline void
begin (void)
{
  begin_with (produce);
}

static inline void
end (void)
{
  g_assert_finalize_object (g_steal_pointer (&cache));
  trace_is ("~d ");
}

static inline void
get (const char *key, const char *watcher)
{
  watch_to_the_end (g_deferred_cache_get (cache, key), watcher);
}

/* For those that are to be cancelled. */
static inline GDeferred *
get_kept (const char *key, const char *watcher)
{
  GDeferred *d = g_deferred_cache_get (cache, key);

  link_both (d, watcher);
  return d;
}

static inline void
counts_are (guint size, guint n_in_flight)
{
  g_assert_cmpuint (g_deferred_cache_get_size (cache), ==, size);
  g_assert_cmpuint (g_deferred_cache_get_n_in_flight (cache), ==, n_in_flight);
}

static inline gboolean
get_again (GDeferred *self, gpointer name, GError **error)
{
  say_outcome (name, self);
  get ("a", "N0");
  return g_deferred_return_none (self);
}
