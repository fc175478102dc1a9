/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "bench.h"

#include <stdio.h>
#include <string.h>

#ifdef HAVE_LIBDEX
#include <libdex.h>
#endif

#define N_COLUMNS 8

static const char *const headings[N_COLUMNS]
    = { "what", "floor", "GTask", "GDeferred", "libdex", "ratio", "budget", "met" };

static char *
cpu_model (void)
{
  g_autofree char *text = NULL;
  char            *line;

  if (!g_file_get_contents ("/proc/cpuinfo", &text, NULL, NULL))
    return g_strdup ("unknown CPU");
  line = strstr (text, "model name");
  line = line == NULL ? NULL : strchr (line, ':');
  if (line == NULL)
    return g_strdup ("unknown CPU");
  line[strcspn (line, "\n")] = '\0';
  return g_strdup (g_strstrip (line + 1));
}

/* The date and the machine, in words. */
static char *
circumstances (guint rounds, gboolean quick)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *date = g_date_time_format (now, "%e %B %Y");
  g_autofree char *cpu = cpu_model ();
  GString         *words = g_string_new (NULL);

  g_string_append_printf (words, "%s, %s, %u CPUs, GLib %u.%u.%u", g_strstrip (date), cpu,
                          g_get_num_processors (), glib_major_version, glib_minor_version,
                          glib_micro_version);
#ifdef HAVE_LIBDEX
  g_string_append (words, ", libdex " DEX_VERSION_S);
#endif
#ifndef __OPTIMIZE__
  g_string_append (words, ", NOT OPTIMISED");
#endif
  g_string_append_printf (words, "; median of %u rounds", rounds);
  if (quick)
    g_string_append (words, ", quick: the numbers mean nothing");
  return g_string_free (words, FALSE);
}

static char *
number (const BenchResult *result, BenchSide side)
{
  double value = result->value[side];

  if (value <= 0)
    return g_strdup ("");
  return g_strdup_printf (value < 99.95 ? "%.1f" : "%.0f", value);
}

static gboolean
is_bytes (const BenchRow *row)
{
  return (row->flags & BENCH_BYTES) != 0;
}

static char *
verdict (const BenchResult *result)
{
  double reached = is_bytes (result->row) ? result->value[BENCH_GDEFERRED] : result->ratio;

  if (result->row->budget <= 0 || reached <= 0)
    return g_strdup ("");
  return g_strdup (reached <= result->row->budget ? "yes" : "no");
}

static void
fill_line (const BenchResult *result, char **cells)
{
  const BenchRow  *row = result->row;
  g_autofree char *floor = number (result, BENCH_FLOOR);

  cells[0] = g_strdup (row->what);
  if (row->floor_is == NULL)
    cells[1] = g_strdup ("GTask");
  else if (*floor == '\0')
    cells[1] = g_strdup ("");
  else
    cells[1] = g_strdup_printf ("%s (%s)", floor, row->floor_is);
  cells[2] = number (result, BENCH_GTASK);
  cells[3] = number (result, BENCH_GDEFERRED);
  cells[4] = number (result, BENCH_LIBDEX);
  cells[5] = result->ratio > 0 ? g_strdup_printf ("%.2f", result->ratio) : g_strdup ("");
  if (row->budget <= 0)
    cells[6] = g_strdup ("");
  else
    cells[6] = g_strdup_printf (is_bytes (row) ? "%.0f bytes" : "%.2f", row->budget);
  cells[7] = verdict (result);
}

/* The cells of the table, row by row, headings first. */
static GPtrArray *
make_cells (GPtrArray *results)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  char     **line = g_new0 (char *, N_COLUMNS + 1);

  for (guint column = 0; column < N_COLUMNS; column++)
    line[column] = g_strdup (headings[column]);
  g_ptr_array_add (lines, line);

  for (guint i = 0; i < results->len; i++)
    {
      line = g_new0 (char *, N_COLUMNS + 1);
      fill_line (g_ptr_array_index (results, i), line);
      g_ptr_array_add (lines, line);
    }
  return lines;
}

static void
print_cell (const char *text, guint column, glong width)
{
  int padding = (int) (width - g_utf8_strlen (text, -1));

  if (column < 2)
    printf ("%s%*s", text, padding, "");
  else
    printf ("%*s%s", padding, "", text);
}

static void
print_cells (GPtrArray *lines, const char *before, const char *between, const char *after, gboolean rule)
{
  glong widths[N_COLUMNS] = { 0 };

  for (guint i = 0; i < lines->len; i++)
    for (guint column = 0; column < N_COLUMNS; column++)
      widths[column]
          = MAX (widths[column], g_utf8_strlen (((char **) g_ptr_array_index (lines, i))[column], -1));

  for (guint i = 0; i < lines->len; i++)
    {
      char **line = g_ptr_array_index (lines, i);

      printf ("%s", before);
      for (guint column = 0; column < N_COLUMNS; column++)
        {
          printf ("%s", column > 0 ? between : "");
          print_cell (line[column], column, widths[column]);
        }
      printf ("%s\n", after);

      if (i == 0 && rule)
        for (guint column = 0; column < N_COLUMNS; column++)
          printf ("|%s%s", column < 2 ? "---" : "--:", column == N_COLUMNS - 1 ? "|\n" : "");
    }
}

void
bench_print_table (GPtrArray *results, guint rounds, gboolean quick)
{
  g_autofree char *words = circumstances (rounds, quick);
  g_autoptr (GPtrArray) lines = make_cells (results);

  printf ("%s\nns each, except where bytes are measured; ratio of GDeferred to the floor\n\n", words);
  print_cells (lines, "", "  ", "", FALSE);
}

void
bench_print_markdown (GPtrArray *results, guint rounds, gboolean quick)
{
  g_autofree char *words = circumstances (rounds, quick);
  g_autoptr (GPtrArray) lines = make_cells (results);

  print_cells (lines, "| ", " | ", " |", TRUE);
  printf ("\nNanoseconds each, except where bytes are measured; the ratio is that of GDeferred to the floor, "
          "taken "
          "within each round.\nMeasured on %s.\n",
          words);
}
