/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "bench.h"

/* The same thing with a thousand, over and over, and with all at once: what each costs must not grow. The rest of
 * the growth is the machine's: fresh pages and cache misses, which the row of bare GObjects shows alone. */

#define FEW 1000

static void
over_and_over (BenchRun run, guint n)
{
  for (guint i = 0; i < n / FEW; i++)
    run (FEW);
}

static void
few_links (guint n)
{
  over_and_over (bench_links, n);
}

/* Each waits for the one its callback returned, which is fired only after that. */
static void
waits (guint n)
{
  GDeferred *first = g_deferred_new ();
  GDeferred *last = g_object_ref (first);

  bench_seen = 0;
  for (guint i = 1; i < n; i++)
    {
      GDeferred *next = g_deferred_new ();

      g_deferred_add_callback (last, bench_return_inner, g_object_ref (next), NULL);
      bench_fire_seven (last);
      g_object_unref (last);
      last = next;
    }
  g_deferred_add_callback (first, bench_count_seven, NULL, NULL);
  bench_fire_seven (last);
  g_object_unref (last);
  g_object_unref (first);

  bench_expect ("results through a chain of waits", bench_seen, 1);
}

static void
few_waits (guint n)
{
  over_and_over (waits, n);
}

/* The same, but each returns one that waits already. */
static void
waits_from_inside (guint n)
{
  GDeferred *innermost = g_deferred_new ();
  GDeferred *outer = g_object_ref (innermost);

  bench_seen = 0;
  for (guint i = 1; i < n; i++)
    {
      GDeferred *next = g_deferred_new ();

      g_deferred_add_callback (next, bench_return_inner, outer, NULL);
      bench_fire_seven (next);
      outer = next;
    }
  g_deferred_add_callback (outer, bench_count_seven, NULL, NULL);
  bench_fire_seven (innermost);
  g_object_unref (innermost);
  g_object_unref (outer);

  bench_expect ("results through a chain of waits", bench_seen, 1);
}

static void
few_waits_from_inside (guint n)
{
  over_and_over (waits_from_inside, n);
}

/* All are made, then all fired, then all dropped. */
static void
held_lives (guint n)
{
  g_autofree GDeferred **held = g_new0 (GDeferred *, n);

  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    held[i] = g_deferred_add_callback (g_deferred_new (), bench_count_seven, NULL, NULL);
  for (guint i = 0; i < n; i++)
    bench_fire_seven (held[i]);
  for (guint i = 0; i < n; i++)
    g_object_unref (held[i]);

  bench_expect ("callbacks of lives held", bench_seen, n);
}

static void
few_held_lives (guint n)
{
  over_and_over (held_lives, n);
}

static void
held_bare (guint n)
{
  g_autofree GObject **held = g_new0 (GObject *, n);
  GType                type = bench_bare_type ();

  for (guint i = 0; i < n; i++)
    held[i] = g_object_new (type, NULL);
  for (guint i = 0; i < n; i++)
    g_object_unref (held[i]);
}

static void
few_held_bare (guint n)
{
  over_and_over (held_bare, n);
}

#define GROWTH_ROW(name, text, few, many, limit)                                                             \
  {                                                                                                          \
    .id = name, .what = "1,000,000 against 1,000: " text, .floor_is = "1,000 at a time", .n = 1000000,       \
    .n_quick = 10000, .flags = BENCH_SLOW | BENCH_MINIMUM, .budget = limit,                                  \
    .run                                                                                                     \
        = { few,                                                                                             \
            NULL,                                                                                            \
            many,                                                                                            \
            NULL }                                                                                           \
  }

const BenchRow bench_growth_rows[] = {
  GROWTH_ROW ("growth-links", "links of a chain, each", few_links, bench_links, 1.3),
  GROWTH_ROW ("growth-waits", "a chain of waits, each", few_waits, waits, 1.3),
  GROWTH_ROW (
      "growth-waits-inside", "the same, built from inside", few_waits_from_inside, waits_from_inside, 1.3),
  GROWTH_ROW ("growth-lives", "lives held at a time, each", few_held_lives, held_lives, 1.3),
  GROWTH_ROW ("growth-bare", "bare GObjects held (no Deferred)", few_held_bare, held_bare, 0),
  { NULL },
};
