/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "cache-private.h"

#include "at-home-private.h"

/* What a cache has: values that are kept, and those that are in flight. Each who waits for one in flight has a fork of
 * its producer's Deferred, whose first link tells when it has its result or was cancelled. So the engine finds rings by
 * itself, those through several keys, too. A fork that was cancelled stays with the producer until that is done. */

static GdCacheEntry *
entry_ref (GdCacheEntry *self)
{
  return g_rc_box_acquire (self);
}

static void
source_clear (gpointer user_data)
{
  GdCacheSource *source = user_data;

  if (source->destroy != NULL)
    source->destroy (source->user_data);
}

static void
source_unref (GdCacheSource *source)
{
  g_rc_box_release_full (source, source_clear);
}

static void
entry_clear (gpointer user_data)
{
  GdCacheEntry *self = user_data;

  if (G_VALUE_TYPE (&self->value) != 0)
    g_value_unset (&self->value);
  source_unref (self->source);
  g_free (self->key);
}

/* It may do anything, as it may free a value. */
static void
entry_unref (gpointer self)
{
  g_rc_box_release_full (self, entry_clear);
}

static GdCacheEntry *
entry_new (GdCacheStore *store, const char *key)
{
  GdCacheEntry *self = g_rc_box_new0 (GdCacheEntry);

  self->store = store;
  self->source = g_rc_box_acquire (store->source);
  self->key = g_strdup (key);
  self->by_use.data = self;
  self->by_age.data = self;
  g_hash_table_insert (store->entries, self->key, self);
  return self;
}

/* The key's next one is another. */
void
gd_cache_entry_drop (GdCacheEntry *self)
{
  GdCacheStore *store = g_steal_pointer (&self->store);

  if (self->is_kept)
    {
      g_queue_unlink (&store->by_use, &self->by_use);
      g_queue_unlink (&store->by_age, &self->by_age);
    }
  g_hash_table_steal (store->entries, self->key);
  entry_unref (self);
}

/* --- the store --------------------------------------------------------------------------------------------------- */

static GHashTable *
new_table (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, NULL, entry_unref);
}

GdCacheStore *
gd_cache_store_new (void)
{
  GdCacheStore *self = g_rc_box_new0 (GdCacheStore);

  self->max_size = -1;
  self->max_age = -1;
  self->entries = new_table ();
  return self;
}

static void
store_clear (gpointer user_data)
{
  GdCacheStore *self = user_data;

  g_hash_table_unref (self->entries);
  g_object_unref (self->clock);
  if (self->source != NULL)
    source_unref (self->source);
}

/* Empty by then. */
void
gd_cache_store_unref (GdCacheStore *self)
{
  g_rc_box_release_full (self, store_clear);
}

void
gd_cache_store_set_source (GdCacheStore      *self,
                           GDeferredCacheFunc func,
                           gpointer           user_data,
                           GDestroyNotify     destroy)
{
  self->source = g_rc_box_new (GdCacheSource);
  *self->source = (GdCacheSource){ func, user_data, destroy };
}

/* Whether it is another one. The times of two clocks cannot be compared. */
gboolean
gd_cache_store_set_clock (GdCacheStore *self, GDeferredClock *clock)
{
  if (!g_set_object (&self->clock, clock))
    return FALSE;

  for (GList *link = self->by_age.head; link != NULL; link = link->next)
    ((GdCacheEntry *) link->data)->since = g_deferred_clock_get_time (clock);
  return TRUE;
}

void
gd_cache_store_drop_old (GdCacheStore *self)
{
  gint64 now;

  if (self->max_age < 0 || self->by_age.head == NULL)
    return;

  now = g_deferred_clock_get_time (self->clock);
  g_rc_box_acquire (self);
  while (self->by_age.head != NULL)
    {
      GdCacheEntry *oldest = self->by_age.head->data;

      if (now - oldest->since < self->max_age)
        break;
      gd_cache_entry_drop (oldest);
    }
  gd_cache_store_unref (self);
}

void
gd_cache_store_drop_unused (GdCacheStore *self)
{
  g_rc_box_acquire (self);
  while (self->max_size >= 0 && self->by_use.length > (guint) self->max_size)
    gd_cache_entry_drop (self->by_use.tail->data);
  gd_cache_store_unref (self);
}

void
gd_cache_store_drop_all (GdCacheStore *self)
{
  GHashTable    *old = self->entries;
  GHashTableIter iter;
  gpointer       entry;

  g_hash_table_iter_init (&iter, old);
  while (g_hash_table_iter_next (&iter, NULL, &entry))
    ((GdCacheEntry *) entry)->store = NULL;

  self->entries = new_table ();
  g_queue_init (&self->by_use);
  g_queue_init (&self->by_age);
  g_hash_table_unref (old);
}

/* NULL if there is none. */
GdCacheEntry *
gd_cache_store_look_up (GdCacheStore *self, const char *key)
{
  gd_cache_store_drop_old (self);
  return g_hash_table_lookup (self->entries, key);
}

/* --- what is kept ------------------------------------------------------------------------------------------------ */

/* Copying the value may do anything, too. */
static void
keep (GdCacheEntry *self, const GValue *value)
{
  GValue copy = G_VALUE_INIT;

  if (value != NULL)
    {
      g_value_init (&copy, G_VALUE_TYPE (value));
      g_value_copy (value, &copy);
    }
  if (self->store == NULL)
    {
      if (value != NULL)
        g_value_unset (&copy);
      return;
    }

  self->value = copy;
  self->is_kept = TRUE;
  self->since = g_deferred_clock_get_time (self->store->clock);
  g_queue_push_head_link (&self->store->by_use, &self->by_use);
  g_queue_push_tail_link (&self->store->by_age, &self->by_age);
  gd_cache_store_drop_unused (self->store);
}

/* A Deferred that has a copy of the value, which is the one that was used last now. */
GDeferred *
gd_cache_entry_use (GdCacheEntry *self)
{
  GDeferred *deferred;

  g_queue_unlink (&self->store->by_use, &self->by_use);
  g_queue_push_head_link (&self->store->by_use, &self->by_use);
  entry_ref (self);
  deferred = g_deferred_succeed (&self->value);
  entry_unref (self);
  return deferred;
}

/* --- what is in flight ------------------------------------------------------------------------------------------- */

/* The first link of the producer's Deferred: so the cache has the value when the waiters' callbacks ask it. An error
 * that nobody waits for is nobody's. */
static gboolean
on_produced (GDeferred *producer, gpointer user_data, GError **error G_GNUC_UNUSED)
{
  GdCacheEntry *self = user_data;
  gboolean      failed = g_deferred_get_error (producer) != NULL;

  if (self->store != NULL && (failed || self->store->max_age == 0))
    gd_cache_entry_drop (self);
  else if (self->store != NULL)
    keep (self, g_deferred_get_result (producer));

  self->producer = NULL;
  if (failed && self->n_waiters == 0)
    return g_deferred_return_none (producer);
  return TRUE;
}

/* The first link of a waiter's fork is over. Whoever asks after the last has left must not join what is ending. */
static void
on_waiter_gone (gpointer user_data)
{
  GdCacheEntry *self = user_data;

  self->n_waiters--;
  if (self->n_waiters == 0 && self->producer != NULL && !self->is_kept)
    {
      GDeferred *producer = g_object_ref (self->producer);

      if (self->store != NULL)
        gd_cache_entry_drop (self);
      g_deferred_cancel (producer);
      g_object_unref (producer);
    }
  entry_unref (self);
}

/* One more that waits for it. */
GDeferred *
gd_cache_entry_join (GdCacheEntry *self)
{
  g_autoptr (GDeferred) fork = g_deferred_fork (self->producer);

  self->n_waiters++;
  g_deferred_add_callbacks (fork, NULL, entry_ref (self), on_waiter_gone, NULL, NULL, NULL);
  return gd_outer_new (fork);
}

static gboolean
call_func (GDeferred *made, gpointer user_data, GError **error)
{
  GdCacheEntry *self = user_data;

  return self->source->func (made, self->key, self->source->user_data, error);
}

/* The function gets a Deferred of its own: what it does to that, adding links, say, comes before ours. */
static gboolean
produce (GDeferred *producer, gpointer user_data, GError **error G_GNUC_UNUSED)
{
  GdCacheEntry *self = user_data;

  self->made = g_deferred_maybe (call_func, self);
  return g_deferred_return_deferred (producer, g_object_ref (self->made));
}

/* Calls the function, and gives the Deferred of the first who waits. The producer takes what was made, an error too,
 * now or later. But if the function asks for its own key, and returns that, the producer does not wait, but fails; the
 * error that comes back to what was made, the ring being broken, is nobody's. */
GDeferred *
gd_cache_store_produce (GdCacheStore *self, const char *key)
{
  GdCacheEntry *entry = entry_new (self, key);
  GDeferred    *producer = g_deferred_new ();
  GDeferred    *outer;

  entry->producer = producer;
  g_deferred_add_callbacks (producer, on_produced, entry_ref (entry), entry_unref, on_produced, entry, NULL);
  outer = gd_cache_entry_join (entry);

  entry_ref (entry);
  g_deferred_fire_with (producer, produce, entry, NULL);
  g_deferred_add_errback (entry->made, gd_ignore, NULL, NULL);
  g_clear_object (&entry->made);
  entry_unref (entry);
  g_object_unref (producer);
  return outer;
}
