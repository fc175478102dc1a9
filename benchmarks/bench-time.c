/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "bench.h"

/* Time-outs: hardly any is ever needed, so what counts is what one costs that is added and not needed. */

static void
source_life (guint n)
{
  for (guint i = 0; i < n; i++)
    {
      GSource *source = g_timeout_source_new (5000);

      g_source_set_callback (source, G_SOURCE_FUNC (bench_iterate_until), NULL, NULL);
      g_source_attach (source, NULL);
      g_source_destroy (source);
      g_source_unref (source);
    }
}

/* The budget is three times what a source costs, but not more than a microsecond. */
#define BUDGET_SOURCES 3.0
#define BUDGET_NS      1000.0

static double
measure_sources (guint n)
{
  gint64 begin = bench_now ();

  source_life (n);
  return MIN ((double) (bench_now () - begin) / n, BUDGET_NS / BUDGET_SOURCES);
}

static void
lives_with_timeout (guint n)
{
  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    {
      GDeferred *deferred = g_deferred_new ();

      g_deferred_add_timeout (deferred, 5 * G_TIME_SPAN_SECOND, NULL);
      g_deferred_add_callback (deferred, bench_count_seven, NULL, NULL);
      bench_fire_seven (deferred);
      g_object_unref (deferred);
    }

  bench_expect ("callbacks of lives with a time-out", bench_seen, n);
}

/* What it costs beside the life itself. */
static double
measure_timeouts (guint n)
{
  gint64 begin = bench_now ();
  gint64 between;

  bench_life (n);
  between = bench_now ();
  lives_with_timeout (n);
  return MAX ((double) (bench_now () - between - (between - begin)), 0) / n;
}

static void
lives_delayed (guint n)
{
  GDeferredClock *clock = g_deferred_clock_new_virtual ();

  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    {
      GDeferred *deferred = g_deferred_delay (5, clock);

      g_deferred_add_callback (deferred, bench_count, NULL, NULL);
      g_deferred_clock_advance (clock, 5);
      g_object_unref (deferred);
    }
  g_object_unref (clock);

  bench_expect ("callbacks of delays", bench_seen, n);
}

/* All pending at once, with times in no order. */
static void
held_timeouts (guint n)
{
  g_autofree GDeferred **held = g_new0 (GDeferred *, n);
  guint32                random = 1;

  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    {
      random = random * 1664525 + 1013904223;
      held[i] = g_deferred_new ();
      g_deferred_add_timeout (held[i], G_TIME_SPAN_MINUTE + random / 64, NULL);
      g_deferred_add_callback (held[i], bench_count_seven, NULL, NULL);
    }
  for (guint i = 0; i < n; i++)
    bench_fire_seven (held[i]);
  for (guint i = 0; i < n; i++)
    g_object_unref (held[i]);

  bench_expect ("callbacks of lives with a time-out", bench_seen, n);
}

static void
few_held_timeouts (guint n)
{
  for (guint i = 0; i < n / 1000; i++)
    held_timeouts (1000);
}

const BenchRow bench_time_rows[] = {
  {
      .id = "timeout",
      .what = "a time-out, added and disarmed (beside the life)",
      .floor_is = "GSource attached and destroyed, or a third of 1 us",
      .n = 20000,
      .n_quick = 500,
      .budget = BUDGET_SOURCES,
      .measure = { measure_sources, NULL, measure_timeouts, NULL },
  },
  {
      .id = "delay",
      .what = "a delay with one callback, on a virtual clock",
      .floor_is = "GSource attached and destroyed",
      .n = 20000,
      .n_quick = 500,
      .run = { source_life, NULL, lives_delayed, NULL },
  },
  {
      .id = "growth-timeouts",
      .what = "100,000 against 1,000: time-outs pending, each with its life",
      .floor_is = "1,000 at a time",
      .n = 100000,
      .n_quick = 2000,
      .flags = BENCH_SLOW | BENCH_MINIMUM,
      .budget = 2.0,
      .run = { few_held_timeouts, NULL, held_timeouts, NULL },
  },
  { NULL },
};
