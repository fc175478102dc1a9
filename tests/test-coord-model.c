/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Locks, semaphores, read-write locks and queues against the model in coord-model.c: nobody is forgotten, nobody
 * overtakes, nothing is granted twice or lost. --seed repeats a run; GD_COORD_SCRIPT=N plays the one script with that
 * seed. A script that fails is printed, and then what of it takes to fail. */

#include "coord-script.h"
#include "testutil.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_SCRIPTS 100000

static Script   script;
static gboolean playing;

/* Errors that nobody handled are not what this is about. */
static GLogWriterOutput
ignore_warnings (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  if (level & G_LOG_LEVEL_WARNING)
    return G_LOG_WRITER_HANDLED;
  return g_log_writer_default (level, fields, n_fields, data);
}

static gboolean
plays_alike (const char **library, const char **model)
{
  playing = TRUE;
  *model = script_play (&script, &model_world);
  *library = script_play (&script, &real_world);
  playing = FALSE;
  return strcmp (*library, *model) == 0;
}

/* In a process of its own, which it may crash. */
static gboolean
still_fails (void)
{
  const char *library, *model;
  pid_t       child = fork ();
  int         status;

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      signal (SIGSEGV, SIG_DFL);
      signal (SIGABRT, SIG_DFL);
      signal (SIGTRAP, SIG_DFL);
      close (STDERR_FILENO);
      close (STDOUT_FILENO);
      _exit (plays_alike (&library, &model) ? 0 : 1);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  return !WIFEXITED (status) || WEXITSTATUS (status) != 0;
}

static gboolean
fails_without (gboolean *what)
{
  gboolean before = *what;

  *what = TRUE;
  if (still_fails ())
    return TRUE;
  *what = before;
  return FALSE;
}

/* Leaves out whatever it can. */
static void
shrink (void)
{
  gboolean shrunk = TRUE;

  while (shrunk)
    {
      shrunk = FALSE;
      for (int i = script.n_ops - 1; i >= 0; i--)
        if (!script.ops[i].is_dead)
          shrunk |= fails_without (&script.ops[i].is_dead);
    }
}

static void
print_lines (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (int i = 0; lines[i] != NULL; i++)
    g_test_message ("%s", lines[i]);
}

static void
fail (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const char *library = NULL;
  const char *model = NULL;

  script_print (&script, text);
  shrink ();
  g_string_append (text, "which fails like this, too:\n");
  script_print (&script, text);
  print_lines (text->str);
  plays_alike (&library, &model);
  g_test_message ("the library:");
  print_lines (library);
  g_test_message ("the model:");
  print_lines (model);
  g_test_fail_printf ("script %u: the library and the model differ", script.seed);
}

/* A crash: in what? The process is lost anyway. */
static void
on_deadly_signal (int number)
{
  g_autoptr (GString) text = g_string_new (NULL);

  signal (number, SIG_DFL);
  if (playing)
    {
      script_print (&script, text);
      g_string_append_printf (text, "GD_COORD_SCRIPT=%u shrinks it\n", script.seed);
    }
  if (write (STDERR_FILENO, text->str, text->len) < 0)
    _exit (3);
  raise (number);
}

static void
random_scripts_play_alike (void)
{
  const char *only = g_getenv ("GD_COORD_SCRIPT");
  guint       n = only != NULL ? 1 : gd_test_scaled (N_SCRIPTS);
  guint64     n_bytes = 0;

  for (guint i = 0; i < n && !g_test_failed (); i++)
    {
      const char *library, *model;
      guint       seed = only != NULL ? (guint) strtoul (only, NULL, 10) : (guint) g_test_rand_int ();

      script_random (&script, seed);
      if (only != NULL ? still_fails () : !plays_alike (&library, &model))
        fail ();
      else if (only == NULL)
        n_bytes += strlen (model);
    }
  g_test_message ("%u scripts, whose traces have %" G_GUINT64_FORMAT " bytes", n, n_bytes);
}

int
main (int argc, char **argv)
{
  gd_test_init (&argc, &argv);
  g_log_set_writer_func (ignore_warnings, NULL, NULL);
  signal (SIGSEGV, on_deadly_signal);
  signal (SIGABRT, on_deadly_signal);
  signal (SIGTRAP, on_deadly_signal);

  g_test_add_func ("/coord-model/random-scripts-play-alike", random_scripts_play_alike);
  return g_test_run ();
}
