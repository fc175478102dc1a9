/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "bench.h"

/* The sides of a row take turns, so that whatever else the machine does hits them alike; the ratio is taken within
 * each turn, and the median of the ratios is what counts. */

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a;
  double y = *(const double *) b;

  return (x > y) - (x < y);
}

static double
middle_or_least (GArray *values, gboolean least)
{
  if (values->len == 0)
    return 0;

  g_array_sort (values, compare);
  return g_array_index (values, double, least ? 0 : values->len / 2);
}

/* What the budget compares with. */
static BenchSide
yardstick (const BenchRow *row)
{
  return row->floor_is != NULL ? BENCH_FLOOR : BENCH_GTASK;
}

/* What one of @n items takes; 0 if this side has no such thing. */
static double
run_side (const BenchRow *row, guint side, guint n)
{
  gint64 start;

  if (row->measure[side] != NULL)
    return row->measure[side](n);
  if (row->run[side] == NULL)
    return 0;

  start = bench_now ();
  row->run[side](n);
  return (double) (bench_now () - start) / n;
}

static void
take_turn (const BenchRow *row, guint n, guint sides, gboolean backwards, GArray **values, GArray *ratios)
{
  double    value[BENCH_N_SIDES] = { 0 };
  BenchSide other = yardstick (row);

  for (guint i = 0; i < BENCH_N_SIDES; i++)
    {
      guint side = backwards ? BENCH_N_SIDES - 1 - i : i;

      if ((sides & (1u << side)) == 0)
        continue;
      value[side] = run_side (row, side, n);
      if (value[side] > 0)
        g_array_append_val (values[side], value[side]);
    }

  if (value[other] > 0 && value[BENCH_GDEFERRED] > 0)
    {
      double ratio = value[BENCH_GDEFERRED] / value[other];

      g_array_append_val (ratios, ratio);
    }
}

/* Measures the sides named in @sides and leaves the rest of @result as it is. */
void
bench_measure (BenchResult *result, guint rounds, gboolean quick, guint sides)
{
  const BenchRow *row = result->row;
  gboolean        least = (row->flags & BENCH_MINIMUM) != 0;
  guint           n = quick ? row->n_quick : row->n;
  GArray         *values[BENCH_N_SIDES];
  GArray         *ratios = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint side = 0; side < BENCH_N_SIDES; side++)
    values[side] = g_array_new (FALSE, FALSE, sizeof (double));
  if ((row->flags & BENCH_SLOW) != 0)
    rounds = (rounds + 2) / 3;

  bench_pin ((row->flags & BENCH_ONE_CPU) != 0);
  bench_choose_clock (row->flags);
  if (!quick && (row->flags & BENCH_BYTES) == 0)
    {
      GArray *unused = g_array_new (FALSE, FALSE, sizeof (double));

      /* Caches, pools and classes get warm. */
      take_turn (row, row->n_quick, sides, FALSE, values, unused);
      g_array_unref (unused);
      for (guint side = 0; side < BENCH_N_SIDES; side++)
        g_array_set_size (values[side], 0);
    }
  for (guint i = 0; i < rounds; i++)
    take_turn (row, n, sides, i % 2 != 0, values, ratios);
  bench_pin (FALSE);

  for (guint side = 0; side < BENCH_N_SIDES; side++)
    {
      if (values[side]->len > 0)
        result->value[side] = middle_or_least (values[side], least);
      g_array_unref (values[side]);
    }
  if (ratios->len > 0)
    result->ratio = least ? result->value[BENCH_GDEFERRED] / result->value[yardstick (row)]
                          : middle_or_least (ratios, FALSE);
  g_array_unref (ratios);
}
