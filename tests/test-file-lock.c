/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* The lock between processes, in one process: two objects are as two processes are. What it has in common with other
 * locks, test-lock.c and test-run.c look at. */

#include "fixture.h"
#include "file-lock-fixture.h"
#include "gate.h"

#include <sys/stat.h>

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

/* The clock keeps it: the other one will end. */
static void
dropped_while_some_wait (void)
{
  GDeferredFileLock *other = new_lock ();
  GDeferredFileLock *lock = new_lock ();
  gpointer           watched = lock;
  GDeferred         *c;

  g_object_add_weak_pointer (G_OBJECT (lock), &watched);
  g_assert_true (g_deferred_file_lock_try_acquire (other, NULL));
  ask (lock, "a");
  ask (lock, "b");
  g_object_unref (lock);
  settle (NULL);
  g_assert_nonnull (watched);
  g_assert_true (g_deferred_file_lock_release (other));
  advance (2);
  trace_is ("a ");
  g_assert_null (watched);
  settle (NULL);
  trace_is ("b:!ABANDONED ");

  lock = watched = new_lock ();
  g_object_add_weak_pointer (G_OBJECT (lock), &watched);
  g_assert_true (g_deferred_file_lock_try_acquire (other, NULL));
  c = ask (lock, "c");
  g_object_unref (lock);
  g_deferred_cancel (c);
  trace_is ("c:!CANCELLED ");
  g_assert_null (watched);
  g_assert_cmpuint (n_calls (), ==, 0);
  g_assert_finalize_object (other);
}

static void
disposed_while_some_wait (void)
{
  GDeferredFileLock *other = new_lock ();
  GDeferredFileLock *lock = new_lock ();

  g_assert_true (g_deferred_file_lock_try_acquire (other, NULL));
  ask (lock, "a");
  g_object_run_dispose (G_OBJECT (lock));
  g_assert_cmpuint (n_calls (), ==, 0);
  trace_is ("");
  settle (NULL);
  trace_is ("a:!ABANDONED ");
  g_assert_finalize_object (lock);
  g_assert_finalize_object (other);
}

static void
clock_dropped (void)
{
  GDeferredFileLock *other = new_lock ();
  GDeferredFileLock *lock = g_deferred_file_lock_new (path);
  GDeferredClock    *own = g_deferred_clock_new_virtual ();
  gpointer           watched = lock;

  g_object_add_weak_pointer (G_OBJECT (lock), &watched);
  g_deferred_file_lock_set_clock (lock, own);
  g_assert_true (g_deferred_file_lock_try_acquire (other, NULL));
  ask (lock, "a");
  g_object_unref (lock);
  g_assert_finalize_object (own);
  g_assert_null (watched);
  settle (NULL);
  trace_is ("a:!ABANDONED ");
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

static gboolean
never_run (GDeferred *self, gpointer data, GError **error)
{
  g_assert_not_reached ();
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

/* clang-format off */
#define CASES(X) \
  X (free_at_once, "free-at-once") \
  X (tried_again, "tried-again") \
  X (in_line, "in-line") \
  X (cancelled, "cancelled") \
  X (owner_gone, "owner-gone") \
  X (paused_till_the_owner_is_gone, "paused-till-the-owner-is-gone") \
  X (dropped_while_held, "dropped/while-held") \
  X (dropped_while_some_wait, "dropped/while-some-wait") \
  X (disposed_while_some_wait, "disposed/while-some-wait") \
  X (clock_dropped, "dropped/clock") \
  X (twisted_time_out, "twisted/time-out") \
  X (twisted_unlocked_in_time, "twisted/unlocked-in-time") \
  X (twisted_several_uses, "twisted/several-uses") \
  X (current_clock, "current-clock") \
  X (run, "run") \
  X (run_fails, "run/fails") \
  X (used_elsewhere, "misuse/used-elsewhere") \
  X (wrong_arguments, "misuse/wrong-arguments")
/* clang-format on */

CASES (WITH_PATH)

static const Case cases[] = { CASES (ROW) };

int
main (int argc, char **argv)
{
  return run_cases_in_folder (argc, argv, cases, G_N_ELEMENTS (cases));
}
