/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* The lock between processes, with real ones, some of which are killed while they hold it; and its file. */

#define _GNU_SOURCE

#include "fixture.h"
#include "file-lock-fixture.h"
#include "gate.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static const char *program;

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

/* In place of the C library's: what is to happen between opening the file and locking it. */
static void (*before_flock) (void);

int
flock (int fd, int operation)
{
  if (before_flock != NULL)
    before_flock ();
  return (int) syscall (SYS_flock, fd, operation);
}

static void
replace (void)
{
  g_autofree char *other = g_strconcat (path, ".new", NULL);

  g_assert_true (g_file_set_contents (other, "", 0, NULL));
  g_assert_cmpint (g_rename (other, path), ==, 0);
}

static void
replace_once (void)
{
  before_flock = NULL;
  replace ();
}

/* What it has locked then is not the file that others find. */
static void
replaced_meanwhile (void)
{
  GDeferredFileLock *lock = new_lock ();
  GDeferredFileLock *other = new_lock ();
  GError            *error = NULL;

  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  before_flock = replace_once;
  g_assert_true (g_deferred_file_lock_try_acquire (lock, &error));
  g_assert_null (before_flock);
  g_assert_false (g_deferred_file_lock_try_acquire (other, &error));
  g_assert_no_error (error);
  g_assert_true (g_deferred_file_lock_release (lock));

  before_flock = replace;
  g_assert_false (g_deferred_file_lock_try_acquire (lock, &error));
  g_assert_no_error (error);
  before_flock = NULL;
  g_assert_true (g_deferred_file_lock_try_acquire (lock, &error));
  g_assert_finalize_object (lock);
  g_assert_finalize_object (other);
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

/* clang-format off */
#define CASES(X) \
  X (removed, "file/removed") \
  X (replaced, "file/replaced") \
  X (replaced_meanwhile, "file/replaced-meanwhile") \
  X (other_contents, "file/other-contents") \
  X (cannot_be_opened, "file/cannot-be-opened") \
  X (permissions, "file/permissions") \
  X (fails_while_some_wait, "file/fails-while-some-wait") \
  X (holder_ends, "process/holder-ends") \
  X (holder_is_killed, "process/holder-is-killed") \
  X (many_count, "process/many-count") \
  X (not_inherited, "process/not-inherited")
/* clang-format on */

CASES (WITH_PATH)

static const Case cases[] = { CASES (ROW) };

int
main (int argc, char **argv)
{
  if (argc == 3 && g_str_equal (argv[1], "--hold"))
    return hold (argv[2], TRUE);
  if (argc == 3 && g_str_equal (argv[1], "--only-live"))
    return hold (argv[2], FALSE);
  if (argc == 3 && g_str_equal (argv[1], "--count"))
    return count (argv[2]);

  program = argv[0];
  return run_cases_in_folder (argc, argv, cases, G_N_ELEMENTS (cases));
}
