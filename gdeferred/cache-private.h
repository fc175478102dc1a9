/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/cache.h>

G_BEGIN_DECLS

/* What produces. Those in flight need it when the cache has gone. In an rc box. */
typedef struct
{
  GDeferredCacheFunc func;
  gpointer           user_data;
  GDestroyNotify     destroy;
} GdCacheSource;

typedef struct _GdCacheEntry GdCacheEntry;

/*
 * What a cache has, by key. In an rc box, so that functions of the user's, which the end of a value may call, can drop
 * the cache while its store is in use. Invariants:
 *
 *   1. An entry that is in the table is in flight or kept. One that is in flight has a producer, which has not come to
 *      its first link.
 *   2. An entry is in both queues exactly while it is kept and in the table.
 *   3. An entry that is not in the table knows no store; those who wait for it get their result all the same.
 *   4. Before anything is called or freed that is not ours, all of that is so.
 */
typedef struct
{
  GdCacheSource  *source; /* owned */
  GDeferredClock *clock;  /* owned */
  int             max_size;
  GTimeSpan       max_age;

  GHashTable *entries; /* owns them; by their own keys */
  GQueue      by_use;  /* those that are kept, used last first */
  GQueue      by_age;  /* the same, oldest first */
} GdCacheStore;

/* A key's. It is in flight, then it is kept, or out. In an rc box, of which the table holds one part, and the links of
 * the Deferreds of those that are in flight the others: so producer and waiters need no cache. */
struct _GdCacheEntry
{
  GdCacheStore  *store;  /* NULL once it is out */
  GdCacheSource *source; /* owned */
  char          *key;

  GDeferred *producer; /* in flight; not owned: it goes when what it waits for does */
  GDeferred *made;     /* owned, while the function is being called */
  guint      n_waiters;

  gboolean is_kept;
  GValue   value; /* unset for nothing */
  gint64   since;
  GList    by_use;
  GList    by_age;
};

GdCacheStore *gd_cache_store_new (void);
void          gd_cache_store_unref (GdCacheStore *self);
void          gd_cache_store_set_source (GdCacheStore      *self,
                                         GDeferredCacheFunc func,
                                         gpointer           user_data,
                                         GDestroyNotify     destroy);
gboolean      gd_cache_store_set_clock (GdCacheStore *self, GDeferredClock *clock);
void          gd_cache_store_drop_old (GdCacheStore *self);
void          gd_cache_store_drop_unused (GdCacheStore *self);
void          gd_cache_store_drop_all (GdCacheStore *self);
GdCacheEntry *gd_cache_store_look_up (GdCacheStore *self, const char *key);
GDeferred    *gd_cache_store_produce (GdCacheStore *self, const char *key);

void       gd_cache_entry_drop (GdCacheEntry *self);
GDeferred *gd_cache_entry_join (GdCacheEntry *self);
GDeferred *gd_cache_entry_use (GdCacheEntry *self);

G_END_DECLS
