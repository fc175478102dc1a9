/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "cache-private.h"

#include "at-home-private.h"

/**
 * GDeferredCache:
 *
 * Values by key, each produced once however many ask for it: for addresses that are looked up, pictures that are
 * loaded, settings that are fetched.
 *
 * The first [method@DeferredCache.get] of a key calls the function that was given with the cache. Those that come while
 * it is under way wait for the same result, each with a Deferred of its own; those that come later get the value that
 * is kept. A failure goes to all who wait for it, and is not kept: the next one to ask tries again.
 *
 * Who cancels only leaves; when the last of those who wait has left, the work is cancelled.
 *
 * ```c
 * static GDeferred *
 * look_up (GDeferredCache *addresses, const char *name)
 * {
 *   return g_deferred_cache_get (addresses, name);
 * }
 *
 * static GDeferredCache *
 * make_cache (GDeferredCacheFunc resolve)
 * {
 *   GDeferredCache *addresses = g_deferred_cache_new (resolve, NULL, NULL);
 *
 *   g_deferred_cache_set_max_size (addresses, 1000);
 *   g_deferred_cache_set_max_age (addresses, 5 * G_TIME_SPAN_MINUTE);
 *   return addresses;
 * }
 * ```
 *
 * It belongs to the thread-default main context of the thread that makes it; its methods are called there, and its
 * function, too. When it is dropped, what it keeps goes, but those who wait still get their result.
 *
 * Since: 1.0
 */
struct _GDeferredCache
{
  GObject parent_instance;

  GDeferred    *home;  /* owned; see at-home-private.h */
  GdCacheStore *store; /* owned */
};

typedef enum
{
  PROP_MAX_SIZE = 1,
  PROP_MAX_AGE,
  PROP_CLOCK,
  N_PROPS
} Prop;

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (GDeferredCache, g_deferred_cache, G_TYPE_OBJECT)

static void
g_deferred_cache_init (GDeferredCache *self)
{
  self->home = g_deferred_new ();
  self->store = gd_cache_store_new ();
}

static void
g_deferred_cache_dispose (GObject *object)
{
  GDeferredCache *self = G_DEFERRED_CACHE (object);

  if (gd_is_disposed_at_home (object, self->home))
    return;

  gd_cache_store_drop_all (self->store);

  G_OBJECT_CLASS (g_deferred_cache_parent_class)->dispose (object);
}

static void
g_deferred_cache_finalize (GObject *object)
{
  GDeferredCache *self = G_DEFERRED_CACHE (object);

  gd_cache_store_unref (self->store);
  g_object_unref (self->home);

  G_OBJECT_CLASS (g_deferred_cache_parent_class)->finalize (object);
}

static void
g_deferred_cache_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  GDeferredCache *self = G_DEFERRED_CACHE (object);

  switch ((Prop) prop_id)
    {
    case PROP_MAX_SIZE:
      g_value_set_int (value, self->store->max_size);
      break;
    case PROP_MAX_AGE:
      g_value_set_int64 (value, self->store->max_age);
      break;
    case PROP_CLOCK:
      g_value_set_object (value, self->store->clock);
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
g_deferred_cache_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  GDeferredCache *self = G_DEFERRED_CACHE (object);

  switch ((Prop) prop_id)
    {
    case PROP_MAX_SIZE:
      g_deferred_cache_set_max_size (self, g_value_get_int (value));
      break;
    case PROP_MAX_AGE:
      g_deferred_cache_set_max_age (self, g_value_get_int64 (value));
      break;
    case PROP_CLOCK:
      g_deferred_cache_set_clock (self, g_value_get_object (value));
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
g_deferred_cache_class_init (GDeferredCacheClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags
      = G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = g_deferred_cache_dispose;
  object_class->finalize = g_deferred_cache_finalize;
  object_class->get_property = g_deferred_cache_get_property;
  object_class->set_property = g_deferred_cache_set_property;

  /**
   * GDeferredCache:max-size: (getter get_max_size) (setter set_max_size)
   *
   * How many values it keeps at most. -1 means any number, as at first, and 0 none: only what is in flight is shared.
   *
   * Since: 1.0
   */
  props[PROP_MAX_SIZE] = g_param_spec_int ("max-size", NULL, NULL, -1, G_MAXINT, -1, flags);
  /**
   * GDeferredCache:max-age: (getter get_max_age) (setter set_max_age)
   *
   * How long it keeps a value, in microseconds. -1 means for ever, as at first, and 0 not at all: only what is in
   * flight is shared.
   *
   * Since: 1.0
   */
  props[PROP_MAX_AGE] = g_param_spec_int64 ("max-age", NULL, NULL, -1, G_MAXINT64, -1, flags);
  /**
   * GDeferredCache:clock: (getter get_clock) (setter set_clock)
   *
   * The clock that the age of values goes by. Set to %NULL, as it is at first, it is the one that is current then.
   *
   * Since: 1.0
   */
  props[PROP_CLOCK] = g_param_spec_object ("clock", NULL, NULL, G_TYPE_DEFERRED_CLOCK, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

/**
 * g_deferred_cache_new:
 * @func: (scope notified) (closure user_data) (destroy destroy): produces the value for a key
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, at home, when the cache has gone and nothing is in flight
 *
 * Makes a cache without limits that goes by the current clock.
 *
 * Returns: (transfer full): a new cache
 *
 * Since: 1.0
 */
GDeferredCache *
g_deferred_cache_new (GDeferredCacheFunc func, gpointer user_data, GDestroyNotify destroy)
{
  GDeferredCache *self;

  g_return_val_if_fail (func != NULL, NULL);

  self = g_object_new (G_TYPE_DEFERRED_CACHE, NULL);
  gd_cache_store_set_source (self->store, func, user_data, destroy);
  return self;
}

/**
 * g_deferred_cache_set_max_size: (set-property max-size)
 * @self: the cache
 * @max_size: how many values it keeps at most; -1 for any number
 *
 * Limits how many values it keeps. Those that were not asked for the longest go first. To be called at home.
 *
 * Since: 1.0
 */
void
g_deferred_cache_set_max_size (GDeferredCache *self, int max_size)
{
  g_return_if_fail (G_IS_DEFERRED_CACHE (self));
  g_return_if_fail (max_size >= -1);
  gd_return_if_not_home (self->home);

  if (self->store->max_size == max_size)
    return;

  self->store->max_size = max_size;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MAX_SIZE]);
  gd_cache_store_drop_unused (self->store);
}

/**
 * g_deferred_cache_get_max_size: (get-property max-size)
 * @self: the cache
 *
 * Gets how many values it keeps at most.
 *
 * Returns: a number; -1 for any
 *
 * Since: 1.0
 */
int
g_deferred_cache_get_max_size (GDeferredCache *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_CACHE (self), -1);

  return self->store->max_size;
}

/**
 * g_deferred_cache_set_max_age: (set-property max-age)
 * @self: the cache
 * @max_age: how long it keeps a value, in microseconds; -1 for ever
 *
 * Limits how long it keeps values, those that it has, too. Nothing wakes up for that: they go when the cache is next
 * asked for anything. To be called at home.
 *
 * Since: 1.0
 */
void
g_deferred_cache_set_max_age (GDeferredCache *self, GTimeSpan max_age)
{
  g_return_if_fail (G_IS_DEFERRED_CACHE (self));
  g_return_if_fail (max_age >= -1);
  gd_return_if_not_home (self->home);

  if (self->store->max_age == max_age)
    return;

  self->store->max_age = max_age;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MAX_AGE]);
  gd_cache_store_drop_old (self->store);
}

/**
 * g_deferred_cache_get_max_age: (get-property max-age)
 * @self: the cache
 *
 * Gets how long it keeps a value.
 *
 * Returns: microseconds; -1 for ever
 *
 * Since: 1.0
 */
GTimeSpan
g_deferred_cache_get_max_age (GDeferredCache *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_CACHE (self), -1);

  return self->store->max_age;
}

/**
 * g_deferred_cache_set_clock: (set-property clock)
 * @self: the cache
 * @clock: (nullable): a clock, or %NULL for the current one
 *
 * Sets the clock that the age of values goes by. By the new one, those that it has are as good as new. To be called at
 * home.
 *
 * Since: 1.0
 */
void
g_deferred_cache_set_clock (GDeferredCache *self, GDeferredClock *clock)
{
  g_autoptr (GDeferredClock) chosen = NULL;

  g_return_if_fail (G_IS_DEFERRED_CACHE (self));
  g_return_if_fail (clock == NULL || G_IS_DEFERRED_CLOCK (clock));
  gd_return_if_not_home (self->home);

  chosen = gd_clock_or_current (clock);
  if (gd_cache_store_set_clock (self->store, chosen))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CLOCK]);
}

/**
 * g_deferred_cache_get_clock: (get-property clock)
 * @self: the cache
 *
 * Gets the clock that the age of values goes by.
 *
 * Returns: (transfer none): the clock
 *
 * Since: 1.0
 */
GDeferredClock *
g_deferred_cache_get_clock (GDeferredCache *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_CACHE (self), NULL);

  return self->store->clock;
}

/**
 * g_deferred_cache_get:
 * @self: the cache
 * @key: what to get the value of
 *
 * Gives the value for @key: one that is kept, one that is in flight, or a new one, for which the function of the cache
 * is called before this returns. A success is kept, in a copy, as the limits allow, before those who wait get theirs.
 *
 * Cancelling the Deferred that is returned is leaving: those who are left still get the result. If nobody is left, the
 * work is cancelled, and forgotten at once: who asks then starts it anew. Dropping the Deferred is not leaving. It
 * cannot be handed over to another home while it waits, but a fork of it can.
 *
 * A function that asks for the key that it was called for, even through other keys, and returns what it gets, would
 * wait for itself: that fails with %G_DEFERRED_ERROR_LOOP.
 *
 * To be called at home. Those who wait, and the function, may use @self, even clear or drop it.
 *
 * Returns: (transfer full): a new Deferred
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_cache_get (GDeferredCache *self, const char *key)
{
  GdCacheEntry *entry;

  g_return_val_if_fail (G_IS_DEFERRED_CACHE (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);
  g_return_val_if_fail (self->store->source != NULL, NULL);
  gd_return_val_if_not_home (self->home, NULL);

  entry = gd_cache_store_look_up (self->store, key);
  if (entry == NULL)
    return gd_cache_store_produce (self->store, key);
  return entry->is_kept ? gd_cache_entry_use (entry) : gd_cache_entry_join (entry);
}

/**
 * g_deferred_cache_peek:
 * @self: the cache
 * @key: what to look for
 *
 * Looks at the value that is kept for @key, and starts nothing; it does not count as use, either. To be called at home.
 *
 * Returns: (transfer none) (nullable): the value, until @self is next used; %NULL if there is none, or if it is nothing
 *   (see [method@DeferredCache.contains])
 *
 * Since: 1.0
 */
const GValue *
g_deferred_cache_peek (GDeferredCache *self, const char *key)
{
  GdCacheEntry *entry;

  g_return_val_if_fail (G_IS_DEFERRED_CACHE (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);
  gd_return_val_if_not_home (self->home, NULL);

  entry = gd_cache_store_look_up (self->store, key);
  return entry != NULL && G_VALUE_TYPE (&entry->value) != 0 ? &entry->value : NULL;
}

/**
 * g_deferred_cache_contains:
 * @self: the cache
 * @key: what to look for
 *
 * Tells whether a value is kept for @key. It does not count as use. To be called at home.
 *
 * Returns: whether there is one
 *
 * Since: 1.0
 */
gboolean
g_deferred_cache_contains (GDeferredCache *self, const char *key)
{
  GdCacheEntry *entry;

  g_return_val_if_fail (G_IS_DEFERRED_CACHE (self), FALSE);
  g_return_val_if_fail (key != NULL, FALSE);
  gd_return_val_if_not_home (self->home, FALSE);

  entry = gd_cache_store_look_up (self->store, key);
  return entry != NULL && entry->is_kept;
}

/**
 * g_deferred_cache_remove:
 * @self: the cache
 * @key: what to forget
 *
 * Forgets what there is for @key, because it is no longer right, say. If it is in flight, those who wait still get the
 * result, which is not kept then; who asks from now on starts anew. To be called at home.
 *
 * Returns: whether there was anything
 *
 * Since: 1.0
 */
gboolean
g_deferred_cache_remove (GDeferredCache *self, const char *key)
{
  GdCacheEntry *entry;

  g_return_val_if_fail (G_IS_DEFERRED_CACHE (self), FALSE);
  g_return_val_if_fail (key != NULL, FALSE);
  gd_return_val_if_not_home (self->home, FALSE);

  entry = gd_cache_store_look_up (self->store, key);
  if (entry != NULL)
    gd_cache_entry_drop (entry);
  return entry != NULL;
}

/**
 * g_deferred_cache_clear:
 * @self: the cache
 *
 * Forgets everything, as [method@DeferredCache.remove] does with one key. To be called at home.
 *
 * Since: 1.0
 */
void
g_deferred_cache_clear (GDeferredCache *self)
{
  g_return_if_fail (G_IS_DEFERRED_CACHE (self));
  gd_return_if_not_home (self->home);

  gd_cache_store_drop_all (self->store);
}

/**
 * g_deferred_cache_get_size:
 * @self: the cache
 *
 * Gets how many values are kept. To be called at home.
 *
 * Returns: a number
 *
 * Since: 1.0
 */
guint
g_deferred_cache_get_size (GDeferredCache *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_CACHE (self), 0);
  gd_return_val_if_not_home (self->home, 0);

  gd_cache_store_drop_old (self->store);
  return self->store->by_use.length;
}

/**
 * g_deferred_cache_get_n_in_flight:
 * @self: the cache
 *
 * Gets for how many keys a value is being produced that will be kept. To be called at home.
 *
 * Returns: a number
 *
 * Since: 1.0
 */
guint
g_deferred_cache_get_n_in_flight (GDeferredCache *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_CACHE (self), 0);
  gd_return_val_if_not_home (self->home, 0);

  return g_hash_table_size (self->store->entries) - self->store->by_use.length;
}
