/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/*
 * linecount: counts the lines of files, as wc -l does.
 *
 * A few files are read at a time, and the table is in the order in which they were given. A file that cannot be read
 * spoils nothing: it is named in the end. Ctrl-C cancels what is being read.
 */

#include <gdeferred/gdeferred.h>

#include <string.h>

#define AT_A_TIME 8

/* A GAsyncReadyCallback. It owns the reference that was given with it. */
static void
on_loaded (GObject *file, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GDeferred) text = user_data;
  GError *error = NULL;
  char   *contents;

  if (g_file_load_contents_finish (G_FILE (file), result, &contents, NULL, NULL, &error))
    g_deferred_callback_take_string (text, contents, NULL);
  else
    g_deferred_errback_take (text, error, NULL);
}

static GDeferred *
load (const char *name)
{
  g_autoptr (GFile) file = g_file_new_for_path (name);
  GDeferred *text = g_deferred_new ();

  g_file_load_contents_async (file, g_deferred_get_cancellable (text), on_loaded, g_object_ref (text));
  return text;
}

static gboolean
count_lines (GDeferred *text, gpointer data, GError **error)
{
  gint64 n = 0;

  for (const char *c = strchr (g_deferred_get_string (text), '\n'); c != NULL; c = strchr (c + 1, '\n'))
    n++;
  return g_deferred_return_int64 (text, n);
}

/* One file: a GDeferredMapFunc. */
static gboolean
count (GDeferred *self, gpointer name, gpointer data, GError **error)
{
  GDeferred *text = load (name);

  g_deferred_add_callback (text, count_lines, NULL, NULL);
  return g_deferred_return_deferred (self, text);
}

static void
print_progress (GObject *whole, GParamSpec *pspec, gpointer data)
{
  g_printerr ("\r%3.0f%%", 100 * g_deferred_get_progress (G_DEFERRED (whole)));
}

/* The exit status is that of wc: 1 if a file could not be read. */
static gboolean
print_table (GDeferred *whole, gpointer names, GError **error)
{
  GDeferredResults *counts = g_deferred_get_results (whole);
  gint64            total = 0;

  for (gsize i = 0; i < g_deferred_results_get_length (counts); i++)
    {
      const GError *failure = g_deferred_results_get_error (counts, i);
      gint64        n = failure == NULL ? g_value_get_int64 (g_deferred_results_get_value (counts, i)) : 0;

      total += n;
      if (failure != NULL)
        g_printerr ("linecount: %s\n", failure->message);
      else
        g_print ("%8" G_GINT64_FORMAT " %s\n", n, ((char **) names)[i]);
    }
  g_print ("%8" G_GINT64_FORMAT " total\n", total);
  return g_deferred_return_int (whole, g_deferred_results_get_n_failed (counts) > 0 ? 1 : 0);
}

static gboolean progress;

static gboolean
run (GDeferred *self, gpointer data, GError **error)
{
  char     **names = data;
  GDeferred *whole = g_deferred_map ((gpointer *) names, g_strv_length (names), AT_A_TIME,
                                     G_DEFERRED_MAP_SETTLE, count, NULL, NULL);

  if (progress)
    g_signal_connect (whole, "notify::progress", G_CALLBACK (print_progress), NULL);
  g_deferred_add_callback (whole, print_table, names, NULL);
  return g_deferred_return_deferred (self, whole);
}

int
main (int argc, char **argv)
{
  const GOptionEntry entries[]
      = { { "progress", 'p', 0, G_OPTION_ARG_NONE, &progress, "Tell how far it got", NULL }, { NULL } };
  g_autoptr (GOptionContext) options = g_option_context_new ("FILE...");
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error))
    {
      g_printerr ("linecount: %s\n", error->message);
      return 2;
    }
  return g_deferred_react (run, argv + 1);
}
