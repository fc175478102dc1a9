/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/*
 * checksum: prints what sha256sum prints, for every regular file in and below the given folders.
 *
 * The main loop does nothing that may take long: threads look for the files and hash them, a few at a time, and
 * it waits for the reader of its output without blocking. So Ctrl-C works at any moment.
 *
 * Links are followed only where they are given as an argument, as `find -H` does. Lines come in the order of
 * the names, byte by byte.
 */

#include "checksum-jobs.h"
#include "checksum-output.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* How many files, for each thread, may be hashed before the one whose line comes next. */
#define LOOK_AHEAD 16
#define MAX_JOBS   256

typedef struct
{
  char               **roots;
  GDeferredThreadPool *pool;

  GDeferred *done; /* fires when every file is */
  GDeferred *loop; /* waits for one file after the other */

  GPtrArray *files;    /* names, in the order of the output */
  GQueue     hashes;   /* of Deferreds: those of files[n_done...], as far as they were started */
  char      *line;     /* that of files[n_done], once it is hashed */
  GPtrArray *failures; /* messages */
  guint      n_started;
  guint      n_done;
} Checksum;

/* --- one file after the other ---------------------------------------------------------------------------- */

/* Never more than a few Deferreds, however many files there are. */
static void
start_hashing (Checksum *run)
{
  guint limit = LOOK_AHEAD * g_deferred_thread_pool_get_max_threads (run->pool);

  for (; run->n_started < MIN (run->n_done + limit, run->files->len); run->n_started++)
    {
      char *name = g_strdup (g_ptr_array_index (run->files, run->n_started));

      g_queue_push_tail (&run->hashes, g_deferred_thread_pool_run (run->pool, hash_file, name, g_free));
    }
}

static gboolean
make_line (GDeferred *hash, gpointer data, GError **error)
{
  Checksum        *run = data;
  const char      *name = g_ptr_array_index (run->files, run->n_done);
  g_autofree char *escaped = escape_name (name);

  run->line = g_strdup_printf ("%s%s  %s\n", g_str_equal (name, escaped) ? "" : "\\",
                               g_deferred_get_string (hash), escaped);
  return g_deferred_return_deferred (hash, wait_for_room (STDOUT_FILENO));
}

static gboolean
note_failure (GDeferred *hash, gpointer data, GError **error)
{
  Checksum        *run = data;
  g_autofree char *escaped = escape_name (g_ptr_array_index (run->files, run->n_done));

  g_ptr_array_add (run->failures,
                   g_strdup_printf ("checksum: %s: %s", escaped, g_deferred_get_error (hash)->message));
  return g_deferred_return_none (hash);
}

static gboolean
write_line (GDeferred *hash, gpointer data, GError **error)
{
  Checksum        *run = data;
  g_autofree char *line = g_steal_pointer (&run->line);
  g_autofree char *text = NULL;

  if (line != NULL)
    {
      if (isatty (STDOUT_FILENO))
        bar_clear ();
      if (!write_text (STDOUT_FILENO, line, error))
        return FALSE;
    }

  run->n_done++;
  text = g_strdup_printf ("%u of %u files", run->n_done, run->files->len);
  g_deferred_set_progress (run->done, (double) run->n_done / run->files->len, text);
  return TRUE;
}

/* Written, cancelled, or there is nowhere to write to. */
static gboolean
finish (GDeferred *loop, gpointer data, GError **error)
{
  Checksum     *run = data;
  const GError *failure = g_deferred_get_error (loop);

  if (failure == NULL)
    return g_deferred_callback (run->done, NULL, error);
  return g_deferred_errback (run->done, failure, error) && g_deferred_return_none (loop);
}

/* A link that adds itself again, and returns the Deferred that its next turn waits for. */
static gboolean
next_file (GDeferred *loop, gpointer data, GError **error)
{
  Checksum  *run = data;
  GDeferred *hash;

  if (run->n_done == run->files->len)
    return finish (loop, run, error);

  start_hashing (run);
  hash = g_queue_pop_head (&run->hashes);
  g_deferred_add_callback (hash, make_line, run, NULL);
  g_deferred_add_errback_for (hash, G_FILE_ERROR, G_FILE_ERROR_FAILED, note_failure, run, NULL);
  g_deferred_add_callback (hash, write_line, run, NULL);
  g_deferred_add_callbacks (loop, next_file, run, NULL, finish, run, NULL);
  return g_deferred_return_deferred (loop, hash);
}

/* --- the whole ------------------------------------------------------------------------------------------- */

/* Whoever waits for @loop itself would see the first result that passes by: hence @done. */
static gboolean
hash_files (GDeferred *all, gpointer data, GError **error)
{
  Checksum *run = data;

  run->files = g_ptr_array_ref (g_deferred_get_boxed (all, G_TYPE_PTR_ARRAY));
  run->done = g_deferred_new ();
  run->loop = g_deferred_succeed (NULL);
  bar_follow (run->done);
  g_deferred_add_callback (run->loop, next_file, run, NULL);
  return g_deferred_return_deferred (all, g_object_ref (run->done));
}

/* However it ended. */
static gboolean
stop_hashing (GDeferred *all, gpointer data, GError **error)
{
  Checksum  *run = data;
  GDeferred *hash;

  if (run->loop != NULL)
    g_deferred_cancel (run->loop);
  while ((hash = g_queue_pop_head (&run->hashes)) != NULL)
    {
      g_deferred_cancel (hash);
      g_object_unref (hash);
    }
  bar_clear ();
  return TRUE;
}

static gboolean
report (GDeferred *all, gpointer data, GError **error)
{
  Checksum *run = data;

  for (guint i = 0; i < run->failures->len; i++)
    fprintf (stderr, "%s\n", (char *) g_ptr_array_index (run->failures, i));
  return g_deferred_return_int (all, run->failures->len > 0 ? 1 : 0);
}

static gboolean
report_cancelled (GDeferred *all, gpointer data, GError **error)
{
  Checksum *run = data;

  fprintf (stderr, "cancelled: %u of %u files hashed\n", run->n_done - run->failures->len,
           run->files != NULL ? run->files->len : 0);
  return TRUE;
}

static gboolean
checksum (GDeferred *self, gpointer data, GError **error)
{
  Checksum  *run = data;
  GDeferred *all = g_deferred_run_in_thread (find_files, g_strdupv (run->roots), (GDestroyNotify) g_strfreev);

  bar_follow (all);
  g_deferred_add_callback (all, hash_files, run, NULL);
  g_deferred_add_both (all, stop_hashing, run, NULL);
  g_deferred_add_callback (all, report, run, NULL);
  g_deferred_add_errback_for (all, G_IO_ERROR, G_IO_ERROR_CANCELLED, report_cancelled, run, NULL);
  return g_deferred_return_deferred (self, all);
}

static gboolean
parse_arguments (int argc, char **argv, char ***roots, int *jobs)
{
  GOptionEntry entries[] = {
    { "jobs", 'j', 0, G_OPTION_ARG_INT, jobs, "Hash at most N files at a time (default: one a processor)",
      "N" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, roots, NULL, "FOLDER..." },
    { NULL },
  };
  g_autoptr (GOptionContext) options = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_set_summary (options, "Prints the SHA-256 of every file in and below each FOLDER.");
  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error))
    fprintf (stderr, "checksum: %s\n", error->message);
  else if (*roots == NULL)
    fprintf (stderr, "checksum: which folder? Try --help\n");
  else if (*jobs < 1 || *jobs > MAX_JOBS)
    fprintf (stderr, "checksum: jobs must be a number from 1 to %d\n", MAX_JOBS);
  else
    return TRUE;
  return FALSE;
}

int
main (int argc, char **argv)
{
  g_auto (GStrv) roots = NULL;
  g_autoptr (GDeferredThreadPool) pool = NULL;
  Checksum run = { 0 };
  int      jobs = (int) MIN (g_get_num_processors (), MAX_JOBS);
  int      status;

  if (!parse_arguments (argc, argv, &roots, &jobs))
    return 2;

  /* Else what is opened next would be taken for it. */
  if (fcntl (STDOUT_FILENO, F_GETFD) == -1)
    {
      perror ("checksum: standard output");
      return 1;
    }

  pool = g_deferred_thread_pool_new ("checksum", jobs);
  run.roots = roots;
  run.pool = pool;
  run.failures = g_ptr_array_new_with_free_func (g_free);
  status = g_deferred_react (checksum, &run);

  g_clear_object (&run.done);
  g_clear_object (&run.loop);
  g_ptr_array_unref (run.failures);
  g_clear_pointer (&run.files, g_ptr_array_unref);
  g_free (run.line);
  return status;
}
