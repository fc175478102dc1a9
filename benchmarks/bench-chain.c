/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "bench.h"

/* Many callbacks on one Deferred, and many Deferreds on one. */

#define MANY 1000

/* Chains of a thousand; @n is how many links in all. */
static void
array_links_by_1000 (guint n)
{
  for (guint i = 0; i < n / MANY; i++)
    bench_array_links (MANY);
}

static void
links_by_1000 (guint n)
{
  for (guint i = 0; i < n / MANY; i++)
    bench_links (MANY);
}

static void
array_of_ten (guint n)
{
  GType type = bench_bare_type ();

  for (guint i = 0; i < n; i++)
    {
      GObject *object = g_object_new (type, NULL);

      bench_array_chain (10);
      g_object_unref (object);
    }
}

static void
ten_callbacks (guint n)
{

  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    {
      GDeferred *deferred = g_deferred_new ();

      for (int j = 0; j < 10; j++)
        g_deferred_add_callback (deferred, bench_count, NULL, NULL);
      bench_fire_seven (deferred);
      g_object_unref (deferred);
    }

  bench_expect ("callbacks by ten", bench_seen, 10 * n);
}

/* A callback added when the result is there already runs at once. */
static void
late_callbacks (guint n)
{
  GDeferred *deferred = g_deferred_new ();

  bench_fire_seven (deferred);
  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    g_deferred_add_callback (deferred, bench_count, NULL, NULL);
  g_object_unref (deferred);

  bench_expect ("late callbacks", bench_seen, n);
}

/* A Deferred and a fork of it, a callback on each. */
static void
two_bare_gobjects (guint n)
{
  bench_bare_gobject (2 * n);
}

static void
life_with_fork (guint n)
{

  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    {
      GDeferred *deferred = g_deferred_new ();
      GDeferred *fork;

      g_deferred_add_callback (deferred, bench_count, NULL, NULL);
      fork = g_deferred_fork (deferred);
      g_deferred_add_callback (fork, bench_count_seven, NULL, NULL);
      bench_fire_seven (deferred);
      g_object_unref (fork);
      g_object_unref (deferred);
    }

  bench_expect ("callbacks beside a fork", bench_seen, 2 * n);
}

/* One Deferred with a thousand that watch it, per watcher. */
static void
observers (guint n)
{
  g_autofree GDeferred **forks = g_new (GDeferred *, MANY);

  bench_seen = 0;
  for (guint i = 0; i < n / MANY; i++)
    {
      GDeferred *deferred = g_deferred_new ();

      for (guint j = 0; j < MANY; j++)
        {
          forks[j] = g_deferred_fork (deferred);
          g_deferred_add_callback (forks[j], bench_count_seven, NULL, NULL);
        }
      bench_fire_seven (deferred);
      for (guint j = 0; j < MANY; j++)
        g_object_unref (forks[j]);
      g_object_unref (deferred);
    }

  bench_expect ("watchers", bench_seen, n / MANY * MANY);
}

/* Progress while nobody listens, against a GObject's own notification that nobody hears. */
static void
notify_unheard (guint n)
{
  GDeferred  *deferred = g_deferred_new ();
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (deferred), "progress");

  for (guint i = 0; i < n; i++)
    g_object_notify_by_pspec (G_OBJECT (deferred), pspec);
  g_object_unref (deferred);
}

static void
progress (guint n)
{
  GDeferred *deferred = g_deferred_new ();

  for (guint i = 1; i <= n; i++)
    g_deferred_set_progress (deferred, (double) i / n, NULL);
  bench_expect ("progress in the end", (guint64) (100 * g_deferred_get_progress (deferred)), 100);
  g_object_unref (deferred);
}

const BenchRow bench_chain_rows[] = {
  {
      .id = "links",
      .what = "one more callback on a chain, run; 1,000,000 on one",
      .floor_is = "GArray append + call",
      .n = 1000000,
      .n_quick = 10000,
      .flags = BENCH_SLOW,
      .budget = 0.75,
      .run = { bench_array_links, NULL, bench_links, NULL },
  },
  {
      .id = "links-1000",
      .what = "one more callback on a chain, run; 1,000 on each",
      .floor_is = "GArray append + call",
      .n = 100000,
      .n_quick = 5000,
      .run = { array_links_by_1000, NULL, links_by_1000, BENCH_DEX (bench_dex_links) },
  },
  {
      .id = "late",
      .what = "a callback added after firing, run",
      .floor_is = "GArray append + call",
      .n = 100000,
      .n_quick = 5000,
      .run = { array_links_by_1000, NULL, late_callbacks, BENCH_DEX (bench_dex_late) },
  },
  {
      .id = "ten",
      .what = "a life with ten callbacks",
      .floor_is = "bare GObject + a GArray of ten, called",
      .n = 10000,
      .n_quick = 500,
      .run = { array_of_ten, NULL, ten_callbacks, BENCH_DEX (bench_dex_ten) },
  },
  {
      .id = "fork",
      .what = "a life, and a fork of it with a callback",
      .floor_is = "two bare GObjects",
      .n = 10000,
      .n_quick = 500,
      .run = { two_bare_gobjects, NULL, life_with_fork, BENCH_DEX (bench_dex_fork) },
  },
  {
      .id = "observers",
      .what = "1,000 forks of one Deferred, per fork with a callback",
      .floor_is = "bare GObject",
      .n = 10000,
      .n_quick = 1000,
      .run = { bench_bare_gobject, NULL, observers, BENCH_DEX (bench_dex_observers) },
  },
  {
      .id = "progress",
      .what = "progress told, nobody listens",
      .floor_is = "g_object_notify_by_pspec",
      .n = 100000,
      .n_quick = 5000,
      .run = { notify_unheard, NULL, progress, NULL },
  },
  { NULL },
};
