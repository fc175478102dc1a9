/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/*
 * Runs a command again and again, at times that do not drift, as watch(1) does: never two at once, each with a time
 * limit, so many times, or until Ctrl-C.
 *
 *   every --timeout 2 --times 10 5 ping -c 1 example.org
 */

#include <gdeferred/gdeferred.h>
#include <locale.h>

static double timeout;
static int    times;
static char **command; /* the interval, and then the command; not owned */

typedef struct
{
  GDeferredLoopingCall *call; /* owned */
  int                   n_runs;
  int                   n_failed;
} Every;

static gboolean
print_output (GDeferred *self, gpointer user_data, GError **error)
{
  g_autofree char *text = g_deferred_process_output_dup_text (g_deferred_get_process_output (self));

  g_print ("%s", text);
  return TRUE;
}

/* Ctrl-C is not handled here, nor that there is no such command: these errors end the looping call. */
static gboolean
count_failure (GDeferred *self, gpointer user_data, GError **error)
{
  Every        *every = user_data;
  const GError *failure = g_deferred_get_error (self);

  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED) || failure->domain == G_SPAWN_ERROR)
    return TRUE;

  every->n_failed++;
  g_printerr ("every: %s\n", failure->message);
  return g_deferred_return_none (self);
}

static gboolean
stop_after_the_last (GDeferred *self, gpointer user_data, GError **error)
{
  Every *every = user_data;

  if (every->n_runs == times)
    g_deferred_looping_call_stop (every->call);
  return TRUE;
}

/* The time-out kills the command, as any cancel does. */
static gboolean
run_command (GDeferred *self, gpointer user_data, GError **error)
{
  Every     *every = user_data;
  GDeferred *output = g_deferred_run_process ((const char *const *) command + 1, NULL);

  every->n_runs++;
  if (timeout > 0)
    g_deferred_add_timeout (output, (GTimeSpan) (timeout * G_TIME_SPAN_SECOND), NULL);
  g_deferred_add_callbacks (output, print_output, NULL, NULL, count_failure, every, NULL);
  g_deferred_add_both (output, stop_after_the_last, every, NULL);
  return g_deferred_return_deferred (self, output);
}

static gboolean
print_summary (GDeferred *self, gpointer user_data, GError **error)
{
  Every  *every = user_data;
  guint64 n_skipped = g_deferred_looping_call_get_n_skipped (every->call);

  if (n_skipped > 0)
    g_print ("skipped %" G_GUINT64_FORMAT ", as the command was still running\n", n_skipped);
  return g_deferred_get_error (self) != NULL || g_deferred_return_int (self, every->n_failed > 0 ? 1 : 0);
}

static void
free_every (gpointer user_data)
{
  Every *every = user_data;

  g_object_unref (every->call);
  g_free (every);
}

static gboolean
run (GDeferred *self, gpointer user_data, GError **error)
{
  double     interval = g_ascii_strtod (command[0], NULL);
  Every     *every = g_new0 (Every, 1);
  GDeferred *done;

  every->call = g_deferred_looping_call_new (run_command, every, NULL);
  done = g_deferred_looping_call_start (every->call, (GTimeSpan) (interval * G_TIME_SPAN_SECOND), TRUE);
  g_deferred_add_both (done, print_summary, every, free_every);
  return g_deferred_return_deferred (self, done);
}

int
main (int argc, char **argv)
{
  GOptionEntry entries[] = {
    { "timeout", 't', 0, G_OPTION_ARG_DOUBLE, &timeout, "How long the command may take (default: any time)",
      "SECONDS" },
    { "times", 'n', 0, G_OPTION_ARG_INT, &times, "How often to run it (default: until Ctrl-C)", "N" },
    { NULL },
  };
  g_autoptr (GOptionContext) options = g_option_context_new ("SECONDS COMMAND [ARGUMENT…]");
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (options, entries, NULL);
  g_option_context_set_strict_posix (options, TRUE);
  if (!g_option_context_parse (options, &argc, &argv, &error) || argc < 3 || timeout < 0 || times < 0
      || !(g_ascii_strtod (argv[1], NULL) > 0))
    {
      g_printerr ("every: %s\n", error != NULL ? error->message : "give an interval above 0, and a command");
      return 2;
    }

  command = argv + 1;
  return g_deferred_react (run, NULL);
}
