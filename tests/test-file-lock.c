/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* The lock between processes, with real processes, some of which are killed while they hold it. What it has in common
 * with other locks, test-lock.c and test-run.c look at. Nothing waits for the time to pass: the clock is virtual. */

#define _GNU_SOURCE

#include "fixture.h"
#include "gate.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char     *program;
static char           *folder;
static char           *path;
static GDeferredClock *test_clock;

static GDeferredFileLock *
new_lock (void)
{
  GDeferredFileLock *lock = g_deferred_file_lock_new (path);

  g_deferred_file_lock_set_clock (lock, test_clock);
  return lock;
}

static gboolean
say_got (GDeferred *self, gpointer name, GError **error)
{
  if (g_deferred_get_error (self) != NULL)
    say_outcome (name, self);
  else
    say ("%s ", (char *) name);
  return g_deferred_return_none (self);
}

static GDeferred *
ask (GDeferredFileLock *lock, const char *name)
{
  GDeferred *d = g_deferred_file_lock_acquire (lock);

  g_deferred_add_both (d, say_got, (gpointer) name, NULL);
  g_object_unref (d);
  return d;
}

#define advance(milliseconds) g_deferred_clock_advance (test_clock, (milliseconds) *G_TIME_SPAN_MILLISECOND)

static guint
n_calls (void)
{
  GPtrArray *calls = g_deferred_clock_get_calls (test_clock);
  guint      n = calls->len;

  g_ptr_array_unref (calls);
  return n;
}

/* How long it is, in milliseconds, till the only call. */
static int
time_till_next (void)
{
  GPtrArray *calls = g_deferred_clock_get_calls (test_clock);
  gint64     time;

  g_assert_cmpuint (calls->len, ==, 1);
  time = g_deferred_delayed_call_get_time (g_ptr_array_index (calls, 0));
  g_ptr_array_unref (calls);
  return (int) ((time - g_deferred_clock_get_time (test_clock)) / G_TIME_SPAN_MILLISECOND);
}

static void
contents_are (const char *expected)
{
  g_autofree char *contents = NULL;

  g_assert_true (g_file_get_contents (path, &contents, NULL, NULL));
  g_assert_cmpstr (contents, ==, expected);
}

/* --- another process --------------------------------------------------------------------------------------------- */

typedef struct
{
  pid_t pid;
  int   to; /* closed: it ends */
} Child;

/* What it does: holds the lock until its standard input ends. */
static int
hold (const char *file, gboolean takes)
{
  g_autoptr (GDeferredFileLock) lock = g_deferred_file_lock_new (file);
  char byte = 'n';

  if (takes && g_deferred_file_lock_try_acquire (lock, NULL))
    byte = 'y';
  if (write (STDOUT_FILENO, &byte, 1) != 1)
    return 1;
  while (read (STDIN_FILENO, &byte, 1) > 0)
    ;
  return 0;
}

#define N_COUNTED 20

static gboolean
count_one (GDeferred *self, gpointer file, GError **error)
{
  g_autofree char *text = NULL;
  FILE            *stream;

  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  stream = fopen (file, "w");
  fprintf (stream, "%d", atoi (text) + 1);
  return fclose (stream) == 0;
}

/* Or counts in a file, with the lock and real time. */
static int
count (const char *file)
{
  g_autofree char *lock_file = g_strconcat (file, ".lock", NULL);
  g_autoptr (GDeferredFileLock) lock = g_deferred_file_lock_new (lock_file);
  char byte;

  if (write (STDOUT_FILENO, "r", 1) != 1 || read (STDIN_FILENO, &byte, 1) > 0)
    return 1;
  for (guint i = 0; i < N_COUNTED; i++)
    {
      g_autoptr (GDeferred) counted = g_deferred_file_lock_run (lock, count_one, (gpointer) file, NULL);

      if (!g_deferred_wait (counted, NULL))
        return 1;
    }
  return 0;
}

/* It has the lock, or has failed to get it, when this returns. It inherits all that is not closed on exec. */
static char
start (Child *child, const char *mode)
{
  posix_spawn_file_actions_t actions;
  char                      *argv[] = { (char *) program, (char *) mode, path, NULL };
  int                        to[2];
  int                        from[2];
  char                       byte = 0;

  g_assert_cmpint (pipe (to), ==, 0);
  g_assert_cmpint (pipe (from), ==, 0);
  fcntl (to[1], F_SETFD, FD_CLOEXEC);
  fcntl (from[0], F_SETFD, FD_CLOEXEC);
  posix_spawn_file_actions_init (&actions);
  posix_spawn_file_actions_adddup2 (&actions, to[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2 (&actions, from[1], STDOUT_FILENO);
  g_assert_cmpint (posix_spawn (&child->pid, program, &actions, NULL, argv, environ), ==, 0);
  posix_spawn_file_actions_destroy (&actions);
  close (to[0]);
  close (from[1]);
  child->to = to[1];
  g_assert_cmpint (read (from[0], &byte, 1), ==, 1);
  close (from[0]);
  return byte;
}

static void
end (Child *child, int by_signal)
{
  int status;

  if (by_signal != 0)
    kill (child->pid, by_signal);
  close (child->to);
  g_assert_cmpint (waitpid (child->pid, &status, 0), ==, child->pid);
  if (by_signal != 0)
    g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == by_signal);
  else
    g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
}

/* --- in one process ---------------------------------------------------------------------------------------------- */

static void
free_at_once (void)
{
  GDeferredFileLock *lock = new_lock ();
  char               pid[32];

  g_assert_cmpstr (g_deferred_file_lock_get_path (lock), ==, path);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_false (g_deferred_file_lock_get_locked (lock));
  ask (lock, "a");
  trace_is ("a ");
  g_assert_true (g_deferred_file_lock_get_locked (lock));
  g_snprintf (pid, sizeof pid, "%ld\n", (long) getpid ());
  contents_are (pid);
  g_assert_true (g_deferred_file_lock_release (lock));
  g_assert_false (g_deferred_file_lock_get_locked (lock));
  contents_are ("");
  g_assert_cmpuint (n_calls (), ==, 0);
  g_assert_finalize_object (lock);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
}

/* Two objects are as two processes. It is tried again after growing delays. */
static void
tried_again (void)
{
  static const int   delays[] = { 2, 4, 8, 16, 32, 64, 128, 250, 250, 250 };
  GDeferredFileLock *other = new_lock ();
  GDeferredFileLock *lock = new_lock ();
  GError            *error = NULL;

  g_assert_true (g_deferred_file_lock_try_acquire (other, &error));
  g_assert_no_error (error);
  g_assert_false (g_deferred_file_lock_try_acquire (other, &error));
  g_assert_no_error (error);
  g_assert_false (g_deferred_file_lock_try_acquire (lock, &error));
  g_assert_no_error (error);
  ask (lock, "a");
  g_assert_false (g_deferred_file_lock_try_acquire (lock, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (delays); i++)
    {
      g_assert_cmpint (time_till_next (), ==, delays[i]);
      advance (delays[i]);
    }
  trace_is ("");
  g_assert_true (g_deferred_file_lock_release (other));
  g_assert_false (g_deferred_file_lock_try_acquire (lock, NULL));
  advance (249);
  trace_is ("");
  advance (1);
  trace_is ("a ");
  g_assert_cmpuint (n_calls (), ==, 0);
  g_assert_finalize_object (other);
  g_assert_finalize_object (lock);
}

/* In the line of one object nobody overtakes, and between two of them others get a chance. */
static void
in_line (void)
{
  GDeferredFileLock *lock = new_lock ();

  ask (lock, "a");
  ask (lock, "b");
  ask (lock, "c");
  trace_is ("a ");
  g_assert_cmpuint (n_calls (), ==, 0);
  g_assert_true (g_deferred_file_lock_release (lock));
  g_assert_false (g_deferred_file_lock_get_locked (lock));
  g_assert_cmpint (time_till_next (), ==, 2);
  ask (lock, "d");
  g_assert_cmpint (time_till_next (), ==, 2);
  advance (2);
  trace_is ("b ");
  g_assert_true (g_deferred_file_lock_release (lock));
  advance (2);
  trace_is ("c ");
  g_assert_true (g_deferred_file_lock_release (lock));
  advance (2);
  trace_is ("d ");
  g_assert_true (g_deferred_file_lock_release (lock));
  g_assert_cmpuint (n_calls (), ==, 0);
  g_assert_finalize_object (lock);
}

static void
cancelled (void)
{
  GDeferredFileLock *other = new_lock ();
  GDeferredFileLock *lock = new_lock ();
  GDeferred         *a, *b;

  g_assert_true (g_deferred_file_lock_try_acquire (other, NULL));
  a = ask (lock, "a");
  b = ask (lock, "b");
  g_deferred_cancel (a);
  trace_is ("a:!CANCELLED ");
  g_assert_cmpuint (n_calls (), ==, 1);
  g_deferred_cancel (b);
  trace_is ("b:!CANCELLED ");
  g_assert_cmpuint (n_calls (), ==, 0);
  g_assert_true (g_deferred_file_lock_release (other));
  g_assert_true (g_deferred_file_lock_try_acquire (lock, NULL));
  g_assert_finalize_object (other);
  g_assert_finalize_object (lock);
}

/* It is tried anew for the next in line, after the shortest delay. */
static void
owner_gone (void)
{
  GDeferredFileLock *other = new_lock ();
  GDeferredFileLock *lock = new_lock ();
  GObject           *owner = g_object_new (G_TYPE_OBJECT, NULL);

  g_assert_true (g_deferred_file_lock_try_acquire (other, NULL));
  g_deferred_bind_owner (ask (lock, "a"), owner);
  ask (lock, "b");
  g_object_unref (owner);
  g_assert_true (g_deferred_file_lock_release (other));
  advance (2);
  trace_is ("");
  g_assert_false (g_deferred_file_lock_get_locked (lock));
  advance (2);
  trace_is ("b ");
  settle (NULL);
  g_assert_finalize_object (other);
  g_assert_finalize_object (lock);
}

static void
paused_till_the_owner_is_gone (void)
{
  GDeferredFileLock *other = new_lock ();
  GDeferredFileLock *lock = new_lock ();
  GObject           *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred         *a;

  g_assert_true (g_deferred_file_lock_try_acquire (other, NULL));
  a = g_object_ref (ask (lock, "a"));
  g_deferred_bind_owner (a, owner);
  g_deferred_pause (a);
  g_assert_true (g_deferred_file_lock_release (other));
  advance (2);
  g_assert_true (g_deferred_file_lock_get_locked (lock));
  g_object_unref (owner);
  g_deferred_unpause (a);
  g_assert_false (g_deferred_file_lock_get_locked (lock));
  settle (NULL);
  trace_is ("");
  g_assert_cmpuint (n_calls (), ==, 0);
  g_assert_finalize_object (a);
  g_assert_finalize_object (other);
  g_assert_finalize_object (lock);
}

static void
dropped_while_held (void)
{
  GDeferredFileLock *lock = new_lock ();
  GDeferredFileLock *other = new_lock ();

  g_assert_true (g_deferred_file_lock_try_acquire (lock, NULL));
  g_assert_finalize_object (lock);
  contents_are ("");
  g_assert_true (g_deferred_file_lock_try_acquire (other, NULL));
  g_assert_finalize_object (other);
}

static void
dropped_while_some_wait (void)
{
  GDeferredFileLock *other = new_lock ();
  GDeferredFileLock *lock = new_lock ();

  g_assert_true (g_deferred_file_lock_try_acquire (other, NULL));
  ask (lock, "a");
  ask (lock, "b");
  g_assert_finalize_object (lock);
  g_assert_cmpuint (n_calls (), ==, 0);
  trace_is ("");
  settle (NULL);
  trace_is ("a:!ABANDONED b:!ABANDONED ");
  g_assert_finalize_object (other);
}

/* --- what Twisted's own tests say -------------------------------------------------------------------------------- */

static void
twisted_time_out (void)
{
  GDeferredFileLock *other = new_lock ();
  GDeferredFileLock *lock = new_lock ();
  GDeferred         *d;

  g_assert_true (g_deferred_file_lock_try_acquire (other, NULL));
  d = g_deferred_file_lock_acquire (lock);
  g_deferred_add_timeout (d, 5500 * G_TIME_SPAN_MILLISECOND, test_clock);
  for (guint i = 0; i < 10; i++)
    advance (1000);
  g_assert_true (g_error_matches (g_deferred_get_error (d), G_IO_ERROR, G_IO_ERROR_TIMED_OUT));
  g_deferred_add_errback (d, say_got, "a", NULL);
  g_string_truncate (fx_trace, 0);
  g_assert_cmpuint (n_calls (), ==, 0);
  g_assert_finalize_object (d);
  g_assert_finalize_object (other);
  g_assert_finalize_object (lock);
}

static void
unlock (gpointer lock)
{
  g_assert_true (g_deferred_file_lock_release (lock));
}

static void
twisted_unlocked_in_time (void)
{
  GDeferredFileLock *other = new_lock ();
  GDeferredFileLock *lock = new_lock ();
  GDeferred         *d;

  g_assert_true (g_deferred_file_lock_try_acquire (other, NULL));
  g_deferred_delayed_call_unref (
      g_deferred_clock_call_later (test_clock, G_TIME_SPAN_SECOND, unlock, other, NULL));
  d = ask (lock, "a");
  g_deferred_add_timeout (d, 10 * G_TIME_SPAN_SECOND, test_clock);
  for (guint i = 0; i < 10; i++)
    advance (1000);
  trace_is ("a ");
  g_assert_cmpuint (n_calls (), ==, 0);
  g_assert_finalize_object (other);
  g_assert_finalize_object (lock);
}

static void
twisted_several_uses (void)
{
  GDeferredFileLock *other = new_lock ();
  GDeferredFileLock *lock = new_lock ();

  g_assert_true (g_deferred_file_lock_try_acquire (other, NULL));
  ask (lock, "a");
  g_assert_true (g_deferred_file_lock_release (other));
  advance (1000);
  trace_is ("a ");
  g_assert_true (g_deferred_file_lock_release (lock));
  ask (lock, "b");
  trace_is ("b ");
  g_assert_finalize_object (other);
  g_assert_finalize_object (lock);
}

/* Without a clock of its own: the one that is current when somebody begins to wait. */
static void
current_clock (void)
{
  GDeferredFileLock *other = g_deferred_file_lock_new (path);
  GDeferredFileLock *lock = g_deferred_file_lock_new (path);

  g_assert_true (g_deferred_file_lock_try_acquire (other, NULL));
  g_deferred_clock_push (test_clock);
  ask (lock, "a");
  g_deferred_clock_pop (test_clock);
  g_assert_cmpint (time_till_next (), ==, 2);
  advance (2);
  g_assert_cmpint (time_till_next (), ==, 4);
  g_assert_true (g_deferred_file_lock_release (other));
  advance (4);
  trace_is ("a ");
  g_assert_finalize_object (other);
  g_assert_finalize_object (lock);
}

/* --- between processes ------------------------------------------------------------------------------------------- */

static void
holder_ends (void)
{
  GDeferredFileLock *lock = new_lock ();
  Child              child;
  char               pid[32];

  g_assert_cmpint (start (&child, "--hold"), ==, 'y');
  g_snprintf (pid, sizeof pid, "%ld\n", (long) child.pid);
  contents_are (pid);
  g_assert_false (g_deferred_file_lock_try_acquire (lock, NULL));
  ask (lock, "a");
  advance (1000);
  trace_is ("");
  end (&child, 0);
  advance (250);
  trace_is ("a ");
  g_assert_cmpint (start (&child, "--hold"), ==, 'n');
  end (&child, 0);
  g_assert_finalize_object (lock);
}

/* Again and again: the lock of one that is killed is never stale. */
static void
holder_is_killed (void)
{
  GDeferredFileLock *lock = new_lock ();
  char               pid[32];

  for (guint i = 0; i < gd_test_scaled (20); i++)
    {
      Child child;

      g_assert_cmpint (start (&child, "--hold"), ==, 'y');
      ask (lock, "a");
      advance (1000);
      trace_is ("");
      end (&child, SIGKILL);
      g_snprintf (pid, sizeof pid, "%ld\n", (long) child.pid);
      contents_are (pid);
      advance (250);
      trace_is ("a ");
      g_snprintf (pid, sizeof pid, "%ld\n", (long) getpid ());
      contents_are (pid);
      g_assert_true (g_deferred_file_lock_release (lock));
    }
  g_assert_finalize_object (lock);
}

/* Each adds one to a number, over and over; all begin together. */
static void
many_count (void)
{
  Child            children[4];
  char             expected[32];
  g_autofree char *lock_file = g_strconcat (path, ".lock", NULL);

  g_assert_true (g_file_set_contents (path, "0", -1, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    g_assert_cmpint (start (&children[i], "--count"), ==, 'r');
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    close (children[i].to);
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    {
      int status;

      g_assert_cmpint (waitpid (children[i].pid, &status, 0), ==, children[i].pid);
      g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
    }
  g_snprintf (expected, sizeof expected, "%d", (int) G_N_ELEMENTS (children) * N_COUNTED);
  contents_are (expected);
  g_unlink (lock_file);
}

/* A program that is started while we hold the lock does not hold it with us. */
static void
not_inherited (void)
{
  GDeferredFileLock *lock = new_lock ();
  Child              child;

  g_assert_true (g_deferred_file_lock_try_acquire (lock, NULL));
  g_assert_cmpint (start (&child, "--only-live"), ==, 'n');
  g_assert_true (g_deferred_file_lock_release (lock));
  g_assert_true (g_deferred_file_lock_try_acquire (lock, NULL));
  end (&child, 0);
  g_assert_finalize_object (lock);
}

/* --- the file ---------------------------------------------------------------------------------------------------- */

static void
removed (void)
{
  GDeferredFileLock *first = new_lock ();
  GDeferredFileLock *second = new_lock ();
  GDeferredFileLock *third = new_lock ();

  g_assert_true (g_deferred_file_lock_try_acquire (first, NULL));
  ask (second, "b");
  g_assert_cmpint (g_unlink (path), ==, 0);
  advance (2);
  trace_is ("b ");
  g_assert_true (g_deferred_file_lock_release (first));
  g_assert_false (g_deferred_file_lock_try_acquire (third, NULL));
  g_assert_true (g_deferred_file_lock_release (second));
  g_assert_true (g_deferred_file_lock_try_acquire (third, NULL));
  g_assert_finalize_object (first);
  g_assert_finalize_object (second);
  g_assert_finalize_object (third);
}

static void
replaced (void)
{
  GDeferredFileLock *first = new_lock ();
  GDeferredFileLock *second = new_lock ();
  char              *other = g_strconcat (path, ".new", NULL);

  g_assert_true (g_deferred_file_lock_try_acquire (first, NULL));
  ask (second, "b");
  g_assert_true (g_file_set_contents (other, "", 0, NULL));
  g_assert_cmpint (g_rename (other, path), ==, 0);
  advance (2);
  trace_is ("b ");
  g_free (other);
  g_assert_finalize_object (first);
  g_assert_finalize_object (second);
}

/* What is in the file may be dear to somebody. */
static void
other_contents (void)
{
  static const char *const contents[]
      = { "my only copy\n", "12345678901234567890123456789012345678901234567890\n", "12\n3x" };
  GDeferredFileLock *lock = new_lock ();

  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_assert_true (g_file_set_contents (path, contents[i], -1, NULL));
      g_assert_true (g_deferred_file_lock_try_acquire (lock, NULL));
      contents_are (contents[i]);
      g_assert_true (g_deferred_file_lock_release (lock));
      contents_are (contents[i]);
    }
  g_assert_true (g_file_set_contents (path, "4711\n", -1, NULL));
  g_assert_true (g_deferred_file_lock_try_acquire (lock, NULL));
  g_assert_true (g_deferred_file_lock_release (lock));
  contents_are ("");
  g_assert_finalize_object (lock);
}

static gboolean
never_run (GDeferred *self, gpointer data, GError **error)
{
  g_assert_not_reached ();
}

static void
fails_with (const char *file, int code)
{
  GDeferredFileLock *lock = g_deferred_file_lock_new (file);
  GError            *error = NULL;

  g_assert_false (g_deferred_file_lock_try_acquire (lock, &error));
  g_assert_error (error, G_IO_ERROR, code);
  g_assert_nonnull (strstr (error->message, file));
  g_error_free (error);
  assert_fails (g_deferred_file_lock_acquire (lock), G_IO_ERROR, code);
  assert_fails (g_deferred_file_lock_acquire (lock), G_IO_ERROR, code);
  assert_fails (g_deferred_file_lock_run (lock, never_run, "r", gone), G_IO_ERROR, code);
  trace_is ("~r ");
  g_assert_false (g_deferred_file_lock_get_locked (lock));
  g_assert_finalize_object (lock);
}

static void
cannot_be_opened (void)
{
  char *missing = g_build_filename (folder, "no", "such", "folder", NULL);
  char *fifo = g_build_filename (folder, "fifo", NULL);

  fails_with (missing, G_IO_ERROR_NOT_FOUND);
  fails_with (folder, G_IO_ERROR_IS_DIRECTORY);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  fails_with (fifo, G_IO_ERROR_INVALID_ARGUMENT);
  g_unlink (fifo);
  g_free (missing);
  g_free (fifo);
}

/* Root may do anything. */
static void
be_nobody (gboolean nobody)
{
  if (getuid () == 0)
    g_assert_cmpint (seteuid (nobody ? 65534 : 0), ==, 0);
}

static void
permissions (void)
{
  GDeferredFileLock *lock = new_lock ();

  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  g_assert_cmpint (g_chmod (path, 0444), ==, 0);
  be_nobody (TRUE);
  g_assert_true (g_deferred_file_lock_try_acquire (lock, NULL));
  contents_are ("");
  g_assert_true (g_deferred_file_lock_release (lock));
  be_nobody (FALSE);

  g_assert_cmpint (g_chmod (path, 0000), ==, 0);
  be_nobody (TRUE);
  fails_with (path, G_IO_ERROR_PERMISSION_DENIED);
  be_nobody (FALSE);
  g_assert_finalize_object (lock);
}

/* Each who waits is told. */
static void
fails_while_some_wait (void)
{
  GDeferredFileLock *other = new_lock ();
  GDeferredFileLock *lock = new_lock ();

  g_assert_true (g_deferred_file_lock_try_acquire (other, NULL));
  ask (lock, "a");
  ask (lock, "b");
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  advance (2);
  g_assert_nonnull (strstr (fx_trace->str, "a:!Cannot open the lock file"));
  g_assert_nonnull (strstr (fx_trace->str, "b:!Cannot open the lock file"));
  g_string_truncate (fx_trace, 0);
  g_assert_cmpuint (n_calls (), ==, 0);
  g_assert_cmpint (g_rmdir (path), ==, 0);
  ask (lock, "c");
  trace_is ("c ");
  g_assert_finalize_object (other);
  g_assert_finalize_object (lock);
}

/* --- running ----------------------------------------------------------------------------------------------------- */

static void
run (void)
{
  GDeferredFileLock *other = new_lock ();
  GDeferredFileLock *lock = new_lock ();
  GDeferred         *inner = g_deferred_new ();
  GDeferred         *result;

  g_assert_true (g_deferred_file_lock_try_acquire (other, NULL));
  result = g_deferred_file_lock_run (lock, return_it, inner, NULL);
  link_both (result, "r");
  g_assert_true (g_deferred_file_lock_release (other));
  g_assert_false (g_deferred_file_lock_get_locked (lock));
  advance (2);
  g_assert_true (g_deferred_file_lock_get_locked (lock));
  g_assert_false (g_deferred_file_lock_try_acquire (other, NULL));
  fire (inner, 5);
  trace_is ("r:5 ~r ");
  g_assert_true (g_deferred_file_lock_try_acquire (other, NULL));
  g_assert_finalize_object (result);
  g_assert_finalize_object (inner);
  g_assert_finalize_object (other);
  g_assert_finalize_object (lock);
}

static gboolean
fail_inside (GDeferred *self, gpointer lock, GError **error)
{
  g_assert_true (g_deferred_file_lock_get_locked (lock));
  g_object_unref (lock);
  return g_deferred_return_error_literal (self, G_IO_ERROR, G_IO_ERROR_FAILED, "bad");
}

static void
run_fails (void)
{
  GDeferredFileLock *lock = new_lock ();
  GDeferred         *result = g_deferred_file_lock_run (lock, fail_inside, lock, NULL);

  link_both (result, "r0");
  trace_is ("r:!bad ~r ");
  contents_are ("");
  g_assert_finalize_object (result);
}

/* --- misuse ------------------------------------------------------------------------------------------------------ */

static GDeferredFileLock *lock_of_main;

static gpointer
use_it (gpointer data)
{
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  assert_fails (g_deferred_file_lock_acquire (lock_of_main), G_DEFERRED_ERROR, G_DEFERRED_ERROR_FAILED);
  g_assert_false (g_deferred_file_lock_try_acquire (lock_of_main, NULL));
  g_assert_false (g_deferred_file_lock_release (lock_of_main));
  assert_fails (g_deferred_file_lock_run (lock_of_main, never_run, NULL, NULL), G_DEFERRED_ERROR,
                G_DEFERRED_ERROR_FAILED);
  g_deferred_file_lock_set_clock (lock_of_main, NULL);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return NULL;
}

static void
used_elsewhere (void)
{
  lock_of_main = new_lock ();
  for (guint i = 0; i < 5; i++)
    expect_critical ("not the home of the file lock");
  g_thread_join (g_thread_new ("elsewhere", use_it, NULL));
  criticals_came ();
  g_assert_false (g_deferred_file_lock_get_locked (lock_of_main));
  g_assert_finalize_object (lock_of_main);
}

static void
wrong_arguments (void)
{
  GDeferredFileLock *lock = new_lock ();
  GObject           *object = g_object_new (G_TYPE_OBJECT, NULL);
  gpointer           wrong = object;
  char              *named;

  expect_critical ("path != NULL");
  g_assert_null (g_deferred_file_lock_new (NULL));
  expect_critical ("the file lock is released without being acquired");
  g_assert_false (g_deferred_file_lock_release (lock));
  expect_critical ("func != NULL");
  g_assert_null (g_deferred_file_lock_run (lock, NULL, NULL, NULL));
  expect_critical ("G_IS_DEFERRED_CLOCK (clock)");
  g_deferred_file_lock_set_clock (lock, wrong);
  for (guint i = 0; i < 7; i++)
    expect_critical ("G_IS_DEFERRED_FILE_LOCK (self)");
  g_deferred_file_lock_set_clock (wrong, NULL);
  g_assert_null (g_deferred_file_lock_acquire (wrong));
  g_assert_false (g_deferred_file_lock_try_acquire (wrong, NULL));
  g_assert_false (g_deferred_file_lock_release (wrong));
  g_assert_null (g_deferred_file_lock_run (wrong, never_run, NULL, NULL));
  g_assert_false (g_deferred_file_lock_get_locked (wrong));
  g_assert_null (g_deferred_file_lock_get_path (wrong));
  criticals_came ();
  g_object_get (lock, "path", &named, NULL);
  g_assert_cmpstr (named, ==, path);
  g_free (named);
  g_assert_finalize_object (lock);

  lock = g_object_new (G_TYPE_DEFERRED_FILE_LOCK, NULL);
  assert_fails (g_deferred_file_lock_acquire (lock), G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME);
  g_assert_finalize_object (lock);
  g_assert_finalize_object (object);
}

/* --- cases, each with a path of its own -------------------------------------------------------------------------- */

static void
with_path (void (*run_case) (void))
{
  static int n;

  path = g_strdup_printf ("%s/lock-%d", folder, n++);
  test_clock = g_deferred_clock_new_virtual ();
  run_case ();
  g_assert_cmpuint (n_calls (), ==, 0);
  g_assert_finalize_object (test_clock);
  g_unlink (path);
  g_free (path);
}

#define CASES(X)                                                                                             \
  X (free_at_once, "free-at-once")                                                                           \
  X (tried_again, "tried-again")                                                                             \
  X (in_line, "in-line")                                                                                     \
  X (cancelled, "cancelled")                                                                                 \
  X (owner_gone, "owner-gone")                                                                               \
  X (paused_till_the_owner_is_gone, "paused-till-the-owner-is-gone")                                         \
  X (dropped_while_held, "dropped/while-held")                                                               \
  X (dropped_while_some_wait, "dropped/while-some-wait")                                                     \
  X (twisted_time_out, "twisted/time-out")                                                                   \
  X (twisted_unlocked_in_time, "twisted/unlocked-in-time")                                                   \
  X (twisted_several_uses, "twisted/several-uses")                                                           \
  X (current_clock, "current-clock")                                                                         \
  X (holder_ends, "process/holder-ends")                                                                     \
  X (holder_is_killed, "process/holder-is-killed")                                                           \
  X (many_count, "process/many-count")                                                                       \
  X (not_inherited, "process/not-inherited")                                                                 \
  X (removed, "file/removed")                                                                                \
  X (replaced, "file/replaced")                                                                              \
  X (other_contents, "file/other-contents")                                                                  \
  X (cannot_be_opened, "file/cannot-be-opened")                                                              \
  X (permissions, "file/permissions")                                                                        \
  X (fails_while_some_wait, "file/fails-while-some-wait")                                                    \
  X (run, "run")                                                                                             \
  X (run_fails, "run/fails")                                                                                 \
  X (used_elsewhere, "misuse/used-elsewhere")                                                                \
  X (wrong_arguments, "misuse/wrong-arguments")

#define WITH_PATH(name, text)                                                                                \
  static void case_##name (void)                                                                             \
  {                                                                                                          \
    with_path (name);                                                                                        \
  }
CASES (WITH_PATH)

#define ROW(name, text) { "/file-lock/" text, case_##name },
static const Case cases[] = { CASES (ROW) };

int
main (int argc, char **argv)
{
  int status;

  if (argc == 3 && g_str_equal (argv[1], "--hold"))
    return hold (argv[2], TRUE);
  if (argc == 3 && g_str_equal (argv[1], "--only-live"))
    return hold (argv[2], FALSE);

  if (argc == 3 && g_str_equal (argv[1], "--count"))
    return count (argv[2]);

  program = argv[0];
  folder = g_dir_make_tmp ("gdeferred-XXXXXX", NULL);
  g_assert_nonnull (folder);
  g_chmod (folder, 0755);
  status = run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (folder);
  return status;
}
