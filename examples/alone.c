/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Runs a command while no other does with the same lock file, as flock(1): in turn, or, with --wait, not at all if the
 * turn does not come in time. It ends as the command does; with 75 if the time was over, and with 1 if something else
 * went wrong. */

#include <gdeferred/gdeferred.h>

#define STATUS_FAILED   1
#define STATUS_USAGE    2
#define STATUS_TOO_LATE 75

static double option_wait = -1;
static char **option_rest;

static const GOptionEntry entries[] = {
  { "wait", 'w', 0, G_OPTION_ARG_DOUBLE, &option_wait, "Wait for so long only", "SECONDS" },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &option_rest, NULL, "FILE COMMAND [ARGUMENT...]" },
  { NULL },
};

static void
on_ended (GObject *process, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GDeferred) ended = user_data;
  GError *error = NULL;

  if (!g_subprocess_wait_finish (G_SUBPROCESS (process), result, &error))
    g_deferred_errback_take (ended, error, NULL);
  else if (g_subprocess_get_if_exited (G_SUBPROCESS (process)))
    g_deferred_callback_int (ended, g_subprocess_get_exit_status (G_SUBPROCESS (process)), NULL);
  else
    g_deferred_callback_int (ended, 128 + g_subprocess_get_term_sig (G_SUBPROCESS (process)), NULL);
}

/* With the lock. */
static gboolean
run_command (GDeferred *self, gpointer command, GError **error)
{
  g_autoptr (GSubprocess) process = g_subprocess_newv (command, G_SUBPROCESS_FLAGS_STDIN_INHERIT, error);
  GDeferred *ended;

  if (process == NULL)
    return FALSE;

  ended = g_deferred_new ();
  g_subprocess_wait_async (process, g_deferred_get_cancellable (ended), on_ended, g_object_ref (ended));
  return g_deferred_return_deferred (self, ended);
}

static gboolean
release (GDeferred *self, gpointer lock, GError **error)
{
  g_deferred_file_lock_release (lock);
  return TRUE;
}

/* What comes after this has the lock. */
static gboolean
use (GDeferred *self, gpointer command, GError **error)
{
  GObject   *lock = g_deferred_get_object (self);
  GDeferred *ended = g_deferred_maybe (run_command, command);

  g_deferred_add_both (ended, release, g_object_ref (lock), g_object_unref);
  return g_deferred_return_deferred (self, ended);
}

/* The time-out is for the wait only: g_deferred_file_lock_run() is simpler where there is none. */
static GDeferred *
run_alone (const char *path, char **command)
{
  g_autoptr (GDeferredFileLock) lock = g_deferred_file_lock_new (path);
  GDeferred *ended;

  if (option_wait < 0)
    return g_deferred_file_lock_run (lock, run_command, command, NULL);

  ended = g_deferred_file_lock_acquire (lock);
  g_deferred_add_timeout (ended, (GTimeSpan) (option_wait * G_TIME_SPAN_SECOND), NULL);
  g_deferred_add_callback (ended, use, command, NULL);
  return ended;
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GDeferred) ended = NULL;
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_strict_posix (context, TRUE);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("alone: %s\n", error->message);
      return STATUS_USAGE;
    }
  if (option_rest == NULL || g_strv_length (option_rest) < 2)
    {
      g_printerr ("Usage: alone [--wait=SECONDS] FILE COMMAND [ARGUMENT...]\n");
      return STATUS_USAGE;
    }

  ended = run_alone (option_rest[0], option_rest + 1);
  if (g_deferred_wait (ended, &error))
    return g_deferred_get_int (ended);

  g_printerr ("alone: %s\n", error->message);
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) ? STATUS_TOO_LATE : STATUS_FAILED;
}
