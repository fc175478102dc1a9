/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "bench.h"

/* Retry, cache, debounce and throttle: what they cost beside what they do it for. */

#define N_WAITERS 1000

static gboolean
give_seven (GDeferred *self, gpointer user_data, GError **error)
{
  return g_deferred_return_int (self, 7);
}

static gboolean
produce_seven (GDeferred *self, const char *key, gpointer user_data, GError **error)
{
  return g_deferred_return_int (self, 7);
}

static gboolean
produce_later (GDeferred *self, const char *key, gpointer place, GError **error)
{
  *(GDeferred **) place = g_deferred_new ();
  return g_deferred_return_deferred (self, g_object_ref (*(GDeferred **) place));
}

static void
ask (GDeferredCache *cache, const char *key)
{
  GDeferred *value = g_deferred_cache_get (cache, key);

  g_deferred_add_callback (value, bench_count_seven, NULL, NULL);
  g_object_unref (value);
}

static void
hits (guint n)
{
  GDeferredCache *cache = g_deferred_cache_new (produce_seven, NULL, NULL);

  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    ask (cache, "key");
  g_object_unref (cache);

  bench_expect ("callbacks of values that were kept", bench_seen, n);
}

static void
misses (guint n)
{
  GDeferredCache *cache = g_deferred_cache_new (produce_seven, NULL, NULL);

  bench_seen = 0;
  g_deferred_cache_set_max_size (cache, 0);
  for (guint i = 0; i < n; i++)
    ask (cache, "key");
  g_object_unref (cache);

  bench_expect ("callbacks of values that were produced", bench_seen, n);
}

static void
waiters (guint n)
{
  GDeferred      *producer = NULL;
  GDeferredCache *cache = g_deferred_cache_new (produce_later, &producer, NULL);

  bench_seen = 0;
  for (guint i = 0; i < n; i += N_WAITERS)
    {
      for (guint k = 0; k < N_WAITERS; k++)
        ask (cache, "key");
      bench_fire_seven (producer);
      g_object_unref (producer);
      g_deferred_cache_clear (cache);
    }
  g_object_unref (cache);

  bench_expect ("callbacks of those that waited", bench_seen, (n + N_WAITERS - 1) / N_WAITERS * N_WAITERS);
}

/* Each key but the first ones makes an older one go; a look-up of another in between. */
static void
turn_over (guint n, guint size)
{
  GDeferredCache *cache = g_deferred_cache_new (produce_seven, NULL, NULL);
  char            key[16];

  bench_seen = 0;
  g_deferred_cache_set_max_size (cache, (int) size);
  for (guint i = 0; i < n; i++)
    {
      g_snprintf (key, sizeof key, "%u", i);
      ask (cache, key);
      g_snprintf (key, sizeof key, "%u", i - MIN (i, size / 2));
      ask (cache, key);
    }
  g_object_unref (cache);

  bench_expect ("callbacks of a cache that is full", bench_seen, 2 * (guint64) n);
}

static void
turn_over_few (guint n)
{
  turn_over (n, 1000);
}

static void
turn_over_many (guint n)
{
  turn_over (n, n / 2);
}

static void
first_attempts (guint n)
{
  GDeferredRetry *retry = g_deferred_retry_new ();

  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    {
      GDeferred *result = g_deferred_retry_run (retry, give_seven, NULL, NULL);

      g_deferred_add_callback (result, bench_count_seven, NULL, NULL);
      g_object_unref (result);
    }
  g_object_unref (retry);

  bench_expect ("callbacks of first attempts", bench_seen, n);
}

static void
outrun (guint n)
{
  GDeferredClock    *clock = g_deferred_clock_new_virtual ();
  GDeferredDebounce *debounce = g_deferred_debounce_new (1000);

  bench_seen = 0;
  g_deferred_debounce_set_clock (debounce, clock);
  for (guint i = 0; i < n; i++)
    {
      GDeferred *result = g_deferred_debounce_run (debounce, give_seven, NULL, NULL);

      g_deferred_add_both (result, bench_count, NULL, NULL);
      g_object_unref (result);
    }
  g_deferred_clock_advance (clock, 1000);
  g_object_unref (debounce);
  g_object_unref (clock);

  bench_expect ("callbacks of those that were outrun", bench_seen, n);
}

const BenchRow bench_patterns_rows[] = {
  {
      .id = "cache-hit",
      .what = "a value that a cache has, with one callback",
      .floor_is = "a life",
      .n = 20000,
      .n_quick = 500,
      .run = { bench_life, NULL, hits, NULL },
  },
  {
      .id = "cache-miss",
      .what = "a value that a cache has produced at once",
      .floor_is = "a life",
      .n = 20000,
      .n_quick = 500,
      .run = { bench_life, NULL, misses, NULL },
  },
  {
      .id = "cache-wait",
      .what = "1,000 wait for a value of a cache, each with one callback",
      .floor_is = "a life",
      .n = 20000,
      .n_quick = 1000,
      .run = { bench_life, NULL, waiters, NULL },
  },
  {
      .id = "growth-cache",
      .what = "100,000 values against 1,000: a miss that makes one go, and a hit",
      .floor_is = "1,000 values",
      .n = 200000,
      .n_quick = 4000,
      .flags = BENCH_SLOW | BENCH_MINIMUM,
      .budget = 2.0,
      .run = { turn_over_few, NULL, turn_over_many, NULL },
  },
  {
      .id = "retry",
      .what = "a retry that succeeds at once, with one callback",
      .floor_is = "a life",
      .n = 20000,
      .n_quick = 500,
      .run = { bench_life, NULL, first_attempts, NULL },
  },
  {
      .id = "debounce",
      .what = "a run of a debounce that the next one outruns",
      .floor_is = "a life",
      .n = 20000,
      .n_quick = 500,
      .run = { bench_life, NULL, outrun, NULL },
  },
  { NULL },
};
