/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "bench.h"

/* Many at once. */

#define FEW  1000
#define MANY 100000

static gboolean
count_results (GDeferred *self, gpointer user_data, GError **error)
{
  GDeferredResults *results = g_deferred_get_results (self);

  for (gsize i = 0; i < g_deferred_results_get_length (results); i++)
    if (g_value_get_int (g_deferred_results_get_value (results, i)) == 7)
      bench_seen++;
  return TRUE;
}

/* Makes as many, gathers them, fires each, and looks at each result. */
static void
gather (guint n)
{
  g_autofree GDeferred **parts = g_new (GDeferred *, n);
  g_autoptr (GDeferred) whole = NULL;

  for (guint i = 0; i < n; i++)
    parts[i] = g_deferred_new ();
  whole = g_deferred_gather (parts, n, G_DEFERRED_LIST_DEFAULT);
  g_deferred_add_callback (whole, count_results, NULL, NULL);
  for (guint i = 0; i < n; i++)
    {
      bench_fire_seven (parts[i]);
      g_object_unref (parts[i]);
    }
}

static void
gather_few (guint n)
{
  bench_seen = 0;
  for (guint i = 0; i < n / FEW; i++)
    gather (FEW);
  bench_expect ("results of gathers", bench_seen, n);
}

static void
gather_many (guint n)
{
  bench_seen = 0;
  gather (n);
  bench_expect ("results of a gather", bench_seen, n);
}

const BenchRow bench_many_rows[] = {
  {
      .id = "gather-1000",
      .what = "gather of 1,000, for each",
      .floor_is = "a life",
      .n = 20 * FEW,
      .n_quick = FEW,
      .budget = 1.4,
      .run = { bench_life, NULL, gather_few, NULL },
  },
  {
      .id = "gather-100000",
      .what = "gather of 100,000, for each",
      .floor_is = "a life",
      .n = MANY,
      .n_quick = FEW,
      .budget = 1.4,
      .flags = BENCH_SLOW | BENCH_MINIMUM,
      .run = { bench_life, NULL, gather_many, NULL },
  },
  { NULL },
};
