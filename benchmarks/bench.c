/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "bench.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const BenchRow *const groups[] = {
  bench_chain_rows,  bench_life_rows, bench_coord_rows,    bench_thread_rows, bench_memory_rows,
  bench_growth_rows, bench_many_rows, bench_patterns_rows, bench_time_rows,   bench_gio_rows,
};

static const char *const side_names[BENCH_N_SIDES] = { "floor", "gtask", "gdeferred", "libdex" };

static int      option_rounds;
static gboolean option_quick;
static gboolean option_markdown;
static gboolean option_list;
static char   **option_rows;
static char    *option_side;
static char    *option_memory_of;
static int      option_count = 100000;

static const GOptionEntry entries[] = {
  { "rounds", 'r', 0, G_OPTION_ARG_INT, &option_rounds, "So many rounds (21)", "N" },
  { "quick", 'q', 0, G_OPTION_ARG_NONE, &option_quick, "See that everything runs; the numbers mean nothing",
    NULL },
  { "row", 0, 0, G_OPTION_ARG_STRING_ARRAY, &option_rows, "Only this row (may be given again)", "ID" },
  { "side", 0, 0, G_OPTION_ARG_STRING, &option_side, "Only one: floor, gtask, gdeferred or libdex", "SIDE" },
  { "list", 0, 0, G_OPTION_ARG_NONE, &option_list, "List the rows", NULL },
  { "markdown", 0, 0, G_OPTION_ARG_NONE, &option_markdown, "Print the table in Markdown", NULL },
  { "memory-of", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &option_memory_of, NULL, NULL },
  { "count", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT, &option_count, NULL, NULL },
  { NULL },
};

static gboolean
is_wanted (const BenchRow *row)
{
  return option_rows == NULL || g_strv_contains ((const char *const *) option_rows, row->id);
}

static GPtrArray *
wanted_rows (void)
{
  GPtrArray *results = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; i < G_N_ELEMENTS (groups); i++)
    for (const BenchRow *row = groups[i]; row->id != NULL; row++)
      if (is_wanted (row))
        {
          BenchResult *result = g_new0 (BenchResult, 1);

          result->row = row;
          g_ptr_array_add (results, result);
        }
  return results;
}

/* The bits of the sides to measure; 0 for a name that is none. */
static guint
wanted_sides (void)
{
  if (option_side == NULL)
    return (1u << BENCH_N_SIDES) - 1;

  for (guint side = 0; side < BENCH_N_SIDES; side++)
    if (strcmp (option_side, side_names[side]) == 0)
      return 1u << side;
  return 0;
}

static void
measure_all (GPtrArray *results, guint rounds, guint sides)
{
  gboolean tell = isatty (STDERR_FILENO);

  if (sides == 0)
    return;

  for (guint i = 0; i < results->len; i++)
    {
      BenchResult *result = g_ptr_array_index (results, i);

      if (tell)
        fprintf (stderr, "\r\033[K%u of %u: %s", i + 1, results->len, result->row->what);
      bench_measure (result, rounds, option_quick, sides);
    }
  if (tell)
    fprintf (stderr, "\r\033[K");
}

static void
run_rows (GPtrArray *results, guint rounds, guint sides)
{
  measure_all (results, rounds, sides & ~(1u << BENCH_LIBDEX));
#ifdef HAVE_LIBDEX
  /* In the end: it adds sources of its own to the default context, which would slow the others down. */
  if ((sides & (1u << BENCH_LIBDEX)) != 0)
    {
      bench_dex_init ();
      measure_all (results, rounds, 1u << BENCH_LIBDEX);
    }
#endif
}

static gboolean
parse_options (int *argc, char ***argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("- what GDeferred costs");
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return FALSE;
    }
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) results = NULL;
  guint rounds;

  setlocale (LC_CTYPE, "");
  if (!parse_options (&argc, &argv))
    return 2;
  if (option_memory_of != NULL)
    return bench_memory_child (option_memory_of, MAX (option_count, 1));

  results = wanted_rows ();
  if (results->len == 0 || wanted_sides () == 0)
    {
      g_printerr ("no such row or side; --list lists the rows\n");
      return 2;
    }
  if (option_list)
    {
      for (guint i = 0; i < results->len; i++)
        {
          const BenchRow *row = ((BenchResult *) g_ptr_array_index (results, i))->row;

          printf ("%-20s %s\n", row->id, row->what);
        }
      return 0;
    }

  rounds = option_rounds > 0 ? option_rounds : option_quick ? 2 : 21;
  run_rows (results, rounds, wanted_sides ());
  if (option_markdown)
    bench_print_markdown (results, rounds, option_quick);
  else
    bench_print_table (results, rounds, option_quick);

  return bench_all_right () ? 0 : 1;
}
