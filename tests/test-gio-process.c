/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Child processes, from their start to their end. */

#include "fixture.h"

#include <gdeferred/operation.h>
#include <gdeferred/process.h>

#include <signal.h>

static GDeferred *
run_shell (const char *script, GBytes *input)
{
  const char *argv[] = { "sh", "-c", script, NULL };

  return g_deferred_run_process (argv, input);
}

static GDeferredProcessOutput *
output_of (GDeferred *d)
{
  GDeferredProcessOutput *output = g_deferred_get_process_output (d);

  g_assert_nonnull (output);
  return output;
}

static void
bytes_are (GBytes *bytes, const char *expected)
{
  g_assert_nonnull (bytes);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected, strlen (expected));
}

static void
output (void)
{
  GDeferred              *d = run_shell ("echo out; echo err >&2", NULL);
  GDeferredProcessOutput *kept;
  char                   *text;

  state_is (d, PENDING);
  g_assert_null (g_deferred_get_process_output (d));
  g_assert_true (g_deferred_wait (d, NULL));
  bytes_are (g_deferred_process_output_get_stdout (output_of (d)), "out\n");
  bytes_are (g_deferred_process_output_get_stderr (output_of (d)), "err\n");
  g_assert_cmpint (g_deferred_process_output_get_exit_status (output_of (d)), ==, 0);
  g_assert_cmpint (g_deferred_process_output_get_term_signal (output_of (d)), ==, 0);

  kept = g_deferred_process_output_ref (output_of (d));
  g_assert_finalize_object (d);
  text = g_deferred_process_output_dup_text (kept);
  g_assert_cmpstr (text, ==, "out\n");
  g_free (text);
  g_deferred_process_output_unref (kept);
}

static void
text_is (const char *script, const char *expected)
{
  GDeferred *d = run_shell (script, NULL);
  char      *text;

  g_assert_true (g_deferred_wait (d, NULL));
  text = g_deferred_process_output_dup_text (output_of (d));
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
  g_assert_finalize_object (d);
}

static void
as_text (void)
{
  text_is ("printf 'a\\377b'", "a\xef\xbf\xbd"
                               "b");
  text_is ("printf 'a\\0b'", "a\xef\xbf\xbd"
                             "b");
  text_is (":", "");
}

/* More than a pipe holds, both ways at once. */
static void
through_and_back (void)
{
  const gsize size = 4 << 20;
  guint8     *data = g_malloc (size);
  GBytes     *input;
  GDeferred  *d;

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (i * 7 >> 3);
  input = g_bytes_new_take (data, size);
  d = run_shell ("cat", input);
  g_assert_true (g_deferred_wait (d, NULL));
  g_assert_true (g_bytes_equal (g_deferred_process_output_get_stdout (output_of (d)), input));
  g_assert_finalize_object (d);
  g_bytes_unref (input);
}

/* It is no failure if a program is content with less. */
static void
input_that_nobody_reads (void)
{
  const gsize size = 4 << 20;
  GBytes     *input = g_bytes_new_take (g_malloc0 (size), size);
  GDeferred  *d = run_shell ("exec <&-; echo done", input);
  GError     *error = NULL;

  g_deferred_wait (d, &error);
  g_assert_no_error (error);
  bytes_are (g_deferred_process_output_get_stdout (output_of (d)), "done\n");
  g_assert_finalize_object (d);
  g_bytes_unref (input);
}

static void
without_input (void)
{
  GDeferred *d = run_shell ("cat; echo end", NULL);

  g_assert_true (g_deferred_wait (d, NULL));
  bytes_are (g_deferred_process_output_get_stdout (output_of (d)), "end\n");
  g_assert_finalize_object (d);
}

/* --- failing ------------------------------------------------------------------------------------------------------ */

static void
exit_status (void)
{
  GDeferred *d = run_shell ("echo out; echo first >&2; echo no such luck >&2; echo >&2; exit 3", NULL);

  g_assert_false (g_deferred_wait (d, NULL));
  g_assert_error (g_deferred_get_error (d), G_SPAWN_EXIT_ERROR, 3);
  g_assert_true (g_str_has_suffix (g_deferred_get_error (d)->message, ": no such luck"));
  bytes_are (g_deferred_process_output_get_stdout (output_of (d)), "out\n");
  bytes_are (g_deferred_process_output_get_stderr (output_of (d)), "first\nno such luck\n\n");
  g_assert_cmpint (g_deferred_process_output_get_exit_status (output_of (d)), ==, 3);
  g_assert_cmpint (g_deferred_process_output_get_term_signal (output_of (d)), ==, 0);
  g_assert_finalize_object (d);

  d = run_shell ("exit 4", NULL);
  g_assert_false (g_deferred_wait (d, NULL));
  g_assert_error (g_deferred_get_error (d), G_SPAWN_EXIT_ERROR, 4);
  g_assert_false (g_str_has_suffix (g_deferred_get_error (d)->message, ": "));
  g_assert_finalize_object (d);
}

static void
ended_by_a_signal (void)
{
  GDeferred *d = run_shell ("echo out; kill -TERM $$", NULL);

  g_assert_false (g_deferred_wait (d, NULL));
  g_assert_error (g_deferred_get_error (d), G_SPAWN_ERROR, G_SPAWN_ERROR_FAILED);
  bytes_are (g_deferred_process_output_get_stdout (output_of (d)), "out\n");
  g_assert_cmpint (g_deferred_process_output_get_exit_status (output_of (d)), ==, -1);
  g_assert_cmpint (g_deferred_process_output_get_term_signal (output_of (d)), ==, SIGTERM);
  g_assert_finalize_object (d);
}

static void
not_started (void)
{
  const char *argv[] = { "gdeferred-no-such-program", NULL };
  GDeferred  *d = g_deferred_run_process (argv, NULL);

  state_is (d, FAILED);
  g_assert_error (g_deferred_get_error (d), G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT);
  g_assert_null (g_deferred_get_process_output (d));
  g_assert_false (g_deferred_wait (d, NULL));
  g_assert_finalize_object (d);
}

/* --- its end ------------------------------------------------------------------------------------------------------ */

static GSubprocess *
start_sleep (GSubprocessFlags flags)
{
  GSubprocess *process = g_subprocess_new (flags, NULL, "sleep", "1000", NULL);

  g_assert_nonnull (process);
  return process;
}

static void
was_killed (GSubprocess *process)
{
  GDeferred *end = g_deferred_new_for_finish (G_TYPE_NONE, G_CALLBACK (g_subprocess_wait_finish));

  g_subprocess_wait_async (process, G_DEFERRED_ASYNC (end));
  g_assert_true (g_deferred_wait (end, NULL));
  g_assert_true (g_subprocess_get_if_signaled (process));
  g_assert_cmpint (g_subprocess_get_term_sig (process), ==, SIGKILL);
  g_assert_finalize_object (end);
}

static void
set_flag (gpointer flag, GObject *former)
{
  g_atomic_int_set ((gboolean *) flag, TRUE);
  g_main_context_wakeup (NULL);
}

/* What runs still in GIO's threads may hold it for a moment, and be the last to. */
static void
unref_and_wait (gpointer object)
{
  gboolean is_gone = FALSE;

  g_object_weak_ref (object, set_flag, &is_gone);
  g_object_unref (object);
  while (!g_atomic_int_get (&is_gone))
    g_main_context_iteration (NULL, TRUE);
}

static void
cancelled (void)
{
  GSubprocess *process = start_sleep (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  GDeferred   *d = g_deferred_new_for_process (process, NULL);

  link_both (d, "a0");
  g_deferred_cancel (d);
  trace_is ("a:!CANCELLED ~a ");
  was_killed (process);
  unref_and_wait (d);
  unref_and_wait (process);
}

static void
owner_gone (void)
{
  GObject     *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GSubprocess *process = start_sleep (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  GDeferred   *d = g_deferred_new_for_process (process, NULL);

  g_deferred_bind_owner (d, owner);
  link_both (d, "a");
  g_object_unref (owner);
  settle (NULL);
  trace_is ("~a ");
  was_killed (process);
  unref_and_wait (d);
  unref_and_wait (process);
}

/* Nobody waits for it: it runs to its end, and what went wrong is reported. */
static void
dropped (void)
{
  unref_and_wait (run_shell ("echo oh >&2; exit 5", NULL));
  reported (": oh");
}

/* What did not go into pipes is not there. */
static void
without_pipes (void)
{
  GSubprocess *process
      = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE, NULL, "sh", "-c", "echo out; exit 6", NULL);
  GDeferred *d = g_deferred_new_for_process (process, NULL);
  char      *text;

  g_assert_false (g_deferred_wait (d, NULL));
  g_assert_error (g_deferred_get_error (d), G_SPAWN_EXIT_ERROR, 6);
  g_assert_null (g_deferred_process_output_get_stdout (output_of (d)));
  g_assert_null (g_deferred_process_output_get_stderr (output_of (d)));
  text = g_deferred_process_output_dup_text (output_of (d));
  g_assert_cmpstr (text, ==, "");
  g_free (text);
  g_assert_finalize_object (d);
  g_object_unref (process);
}

static void
several_at_once (void)
{
  GDeferred *all[8];

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    all[i] = run_shell ("cat; echo $$", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_assert_true (g_deferred_wait (all[i], NULL));
      g_assert_finalize_object (all[i]);
    }
}

/* --- misuse ------------------------------------------------------------------------------------------------------- */

static void
bad_arguments (void)
{
  const char  *none[] = { NULL };
  const char  *empty[] = { "", NULL };
  GBytes      *input = g_bytes_new_static ("x", 1);
  GSubprocess *process = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, NULL, "true", NULL);
  GDeferred   *d = g_deferred_new ();

  expect_critical ("argv != NULL");
  g_assert_null (g_deferred_run_process (NULL, NULL));
  expect_critical ("argv?0? != NULL");
  g_assert_null (g_deferred_run_process (none, NULL));
  expect_critical ("argv?0??0? !=");
  g_assert_null (g_deferred_run_process (empty, NULL));
  expect_critical ("G_IS_SUBPROCESS (process)");
  g_assert_null (g_deferred_new_for_process (NULL, NULL));
  expect_critical ("g_subprocess_get_stdin_pipe (process) != NULL");
  g_assert_null (g_deferred_new_for_process (process, input));
  expect_critical ("G_IS_DEFERRED (self)");
  g_assert_null (g_deferred_get_process_output (NULL));

  for (int i = 0; i < 7; i++)
    expect_critical ("self != NULL");
  g_assert_null (g_deferred_process_output_ref (NULL));
  g_deferred_process_output_unref (NULL);
  g_assert_null (g_deferred_process_output_get_stdout (NULL));
  g_assert_null (g_deferred_process_output_get_stderr (NULL));
  g_assert_null (g_deferred_process_output_dup_text (NULL));
  g_assert_cmpint (g_deferred_process_output_get_exit_status (NULL), ==, -1);
  g_assert_cmpint (g_deferred_process_output_get_term_signal (NULL), ==, 0);
  criticals_came ();

  fire (d, 3);
  g_assert_null (g_deferred_get_process_output (d));
  g_assert_finalize_object (d);
  g_assert_true (g_subprocess_wait (process, NULL, NULL));
  g_object_unref (process);
  g_bytes_unref (input);
}

static const Case cases[] = {
  { "/gio/process/output", output },
  { "/gio/process/as-text", as_text },
  { "/gio/process/through-and-back", through_and_back },
  { "/gio/process/input-that-nobody-reads", input_that_nobody_reads },
  { "/gio/process/without-input", without_input },
  { "/gio/process/exit-status", exit_status },
  { "/gio/process/ended-by-a-signal", ended_by_a_signal },
  { "/gio/process/not-started", not_started },
  { "/rule-14/gio/process/cancelled", cancelled },
  { "/rule-25/gio/process/owner-gone", owner_gone },
  { "/rule-16/gio/process/dropped", dropped },
  { "/gio/process/without-pipes", without_pipes },
  { "/gio/process/several-at-once", several_at_once },
  { "/misuse/gio/process/bad-arguments", bad_arguments },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
