/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Waiting, once, for what the main loop tells: an idle moment, a file descriptor, a Unix signal. */

#include "fixture.h"

#include <gdeferred/sourcewait.h>

#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

typedef struct
{
  int reading;
  int writing;
} Pipe;

static Pipe
open_pipe (void)
{
  int ends[2];

  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  return (Pipe){ ends[0], ends[1] };
}

static void
close_pipe (Pipe *self)
{
  close (self->reading);
  if (self->writing >= 0)
    close (self->writing);
}

static void
write_one (const Pipe *self)
{
  g_assert_cmpint (write (self->writing, "x", 1), ==, 1);
}

static guint
condition_of (GDeferred *d)
{
  const GValue *value = g_deferred_get_result (d);

  g_assert_true (G_VALUE_HOLDS (value, G_TYPE_IO_CONDITION));
  return g_value_get_flags (value);
}

static void
set_flag (gpointer flag, GObject *former)
{
  *(gboolean *) flag = TRUE;
}

/* --- idle -------------------------------------------------------------------------------------------------------- */

static void
say_urgent (gpointer data)
{
  say ("urgent ");
}

static void
idle (void)
{
  GDeferred *d = g_deferred_new_for_idle (G_PRIORITY_LOW);

  link_both (d, "a");
  g_idle_add_once (say_urgent, NULL);
  trace_is ("");
  settle (NULL);
  trace_is ("urgent a:- ~a ");
  g_assert_finalize_object (d);
}

static void
idle_cancelled (void)
{
  GDeferred *d = g_deferred_new_for_idle (G_PRIORITY_DEFAULT);

  link_both (d, "a0");
  g_deferred_cancel (d);
  trace_is ("a:!CANCELLED ~a ");
  g_assert_finalize_object (d);
  g_assert_false (g_main_context_pending (NULL));
}

/* The loop holds it. */
static void
idle_dropped (void)
{
  GDeferred *d = g_deferred_new_for_idle (G_PRIORITY_DEFAULT);
  gboolean   is_gone = FALSE;

  g_object_weak_ref (G_OBJECT (d), set_flag, &is_gone);
  link_both (d, "a");
  g_object_unref (d);
  g_assert_false (is_gone);
  settle (NULL);
  trace_is ("a:- ~a ");
  g_assert_true (is_gone);
}

static void
idle_fired_otherwise (void)
{
  GDeferred *d = g_deferred_new_for_idle (G_PRIORITY_DEFAULT);

  link_both (d, "a");
  fire (d, 3);
  trace_is ("a:3 ~a ");
  g_assert_false (g_main_context_pending (NULL));
  fire_refused (d, ALREADY_CALLED);
  g_assert_finalize_object (d);
}

static gboolean
idle_again (GDeferred *self, gpointer left, GError **error)
{
  GDeferred *next;

  if (--*(int *) left == 0)
    return TRUE;

  next = g_deferred_new_for_idle (G_PRIORITY_DEFAULT);
  g_deferred_add_callback (next, idle_again, left, NULL);
  return g_deferred_return_deferred (self, next);
}

/* Each gets a turn of its own, and the stack does not grow. */
static void
idle_one_after_the_other (void)
{
  int        left = (int) gd_test_scaled (20000);
  GDeferred *d = g_deferred_new_for_idle (G_PRIORITY_DEFAULT);

  g_deferred_add_callback (d, idle_again, &left, NULL);
  settle (NULL);
  g_assert_cmpint (left, ==, 0);
  state_is (d, SUCCEEDED);
  g_assert_finalize_object (d);
}

static void
owner_gone (void)
{
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *d = g_deferred_new_for_idle (G_PRIORITY_LOW);

  link_both (d, "a");
  g_deferred_bind_owner (d, owner);
  g_object_unref (owner);
  settle (NULL);
  trace_is ("~a ");
  g_assert_finalize_object (d);
}

/* --- contexts ---------------------------------------------------------------------------------------------------- */

static void
in_its_home (void)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *d;

  g_main_context_push_thread_default (context);
  d = g_deferred_new_for_idle (G_PRIORITY_DEFAULT);
  link_both (d, "a");
  g_main_context_pop_thread_default (context);
  settle (NULL);
  trace_is ("");
  settle (context);
  trace_is ("a:- ~a ");
  g_assert_finalize_object (d);
  g_main_context_unref (context);
}

static gpointer
wait_from_here (gpointer place)
{
  *(GDeferred **) place = g_deferred_new_for_idle (G_PRIORITY_DEFAULT);
  return NULL;
}

static void
made_in_another_thread (void)
{
  GDeferred *d = NULL;

  g_main_context_acquire (NULL);
  g_thread_join (g_thread_new ("maker", wait_from_here, &d));
  link_both (d, "a");
  g_main_context_release (NULL);
  settle (NULL);
  trace_is ("a:- ~a ");
  g_assert_finalize_object (d);
}

static void
handed_over (void)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *d = g_deferred_new_for_idle (G_PRIORITY_DEFAULT);

  link_both (d, "a");
  g_deferred_hand_over (d, context);
  settle (NULL);
  trace_is ("");
  settle (context);
  trace_is ("a:- ~a ");
  g_assert_finalize_object (d);
  g_main_context_unref (context);
}

/* --- file descriptors -------------------------------------------------------------------------------------------- */

static void
fd_to_read (void)
{
  Pipe       ends = open_pipe ();
  GDeferred *d = g_deferred_new_for_fd (ends.reading, G_IO_IN);

  settle (NULL);
  state_is (d, PENDING);
  write_one (&ends);
  state_is (d, PENDING);
  settle (NULL);
  g_assert_cmpuint (condition_of (d), ==, G_IO_IN);
  g_assert_finalize_object (d);
  g_assert_false (g_main_context_pending (NULL));
  close_pipe (&ends);
}

static void
fd_to_write (void)
{
  Pipe       ends = open_pipe ();
  GDeferred *d = g_deferred_new_for_fd (ends.writing, G_IO_OUT);

  settle (NULL);
  g_assert_cmpuint (condition_of (d), ==, G_IO_OUT);
  g_assert_finalize_object (d);
  close_pipe (&ends);
}

static void
fd_hangs_up (void)
{
  Pipe       ends = open_pipe ();
  GDeferred *d = g_deferred_new_for_fd (ends.reading, G_IO_IN);

  close (ends.writing);
  ends.writing = -1;
  settle (NULL);
  g_assert_cmpuint (condition_of (d), ==, G_IO_HUP);
  g_assert_finalize_object (d);
  close_pipe (&ends);
}

static void
fd_closed (void)
{
  Pipe       ends = open_pipe ();
  GDeferred *d = g_deferred_new_for_fd (ends.reading, G_IO_IN);

  close_pipe (&ends);
  settle (NULL);
  state_is (d, FAILED);
  g_assert_error (g_deferred_get_error (d), G_IO_ERROR, G_IO_ERROR_CLOSED);
  link_errback (d, "e0");
  g_string_truncate (fx_trace, 0);
  g_assert_finalize_object (d);
}

static void
fd_cancelled (void)
{
  Pipe       ends = open_pipe ();
  GDeferred *d = g_deferred_new_for_fd (ends.reading, G_IO_IN);

  link_both (d, "a0");
  write_one (&ends);
  g_deferred_cancel (d);
  trace_is ("a:!CANCELLED ~a ");
  g_assert_finalize_object (d);
  g_assert_false (g_main_context_pending (NULL));
  close_pipe (&ends);
}

/* One waits for what the other does: each is told once. */
static void
fd_two_wait (void)
{
  Pipe       ends = open_pipe ();
  GDeferred *first = g_deferred_new_for_fd (ends.reading, G_IO_IN);
  GDeferred *second = g_deferred_new_for_fd (ends.reading, G_IO_IN);

  write_one (&ends);
  settle (NULL);
  g_assert_cmpuint (condition_of (first), ==, G_IO_IN);
  g_assert_cmpuint (condition_of (second), ==, G_IO_IN);
  g_assert_finalize_object (first);
  g_assert_finalize_object (second);
  close_pipe (&ends);
}

/* --- Unix signals ------------------------------------------------------------------------------------------------ */

static void
wait_until (GDeferred *d)
{
  while (g_deferred_get_pending (d))
    g_main_context_iteration (NULL, TRUE);
}

static void
unix_signal (void)
{
  const int numbers[] = { SIGHUP, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      GDeferred *d = g_deferred_new_for_unix_signal (numbers[i]);

      settle (NULL);
      state_is (d, PENDING);
      kill (getpid (), numbers[i]);
      state_is (d, PENDING);
      wait_until (d);
      g_assert_cmpint (g_deferred_get_int (d), ==, numbers[i]);
      g_assert_finalize_object (d);
    }
}

static void
unix_signal_several_wait (void)
{
  GDeferred *first = g_deferred_new_for_unix_signal (SIGUSR1);
  GDeferred *second = g_deferred_new_for_unix_signal (SIGUSR1);
  GDeferred *other = g_deferred_new_for_unix_signal (SIGUSR2);

  kill (getpid (), SIGUSR1);
  wait_until (first);
  wait_until (second);
  state_is (other, PENDING);
  g_deferred_cancel (other);
  g_assert_finalize_object (first);
  g_assert_finalize_object (second);
  g_assert_finalize_object (other);
}

static gboolean
is_handled (int signum)
{
  struct sigaction action;

  g_assert_cmpint (sigaction (signum, NULL, &action), ==, 0);
  return action.sa_handler != SIG_DFL;
}

/* What the signal does by default, it does again. */
static void
unix_signal_let_go (void)
{
  GDeferred *d = g_deferred_new_for_unix_signal (SIGUSR1);
  GDeferred *cancelled = g_deferred_new_for_unix_signal (SIGUSR2);

  g_assert_true (is_handled (SIGUSR1));
  kill (getpid (), SIGUSR1);
  wait_until (d);
  g_assert_false (is_handled (SIGUSR1));

  g_assert_true (is_handled (SIGUSR2));
  g_deferred_cancel (cancelled);
  g_assert_false (is_handled (SIGUSR2));
  g_assert_finalize_object (d);
  g_assert_finalize_object (cancelled);
}

/* --- misuse ------------------------------------------------------------------------------------------------------ */

static void
bad_arguments (void)
{
  expect_critical ("fd >= 0");
  g_assert_null (g_deferred_new_for_fd (-1, G_IO_IN));
  expect_critical ("can_wait_for (signum)");
  g_assert_null (g_deferred_new_for_unix_signal (SIGKILL));
  expect_critical ("can_wait_for (signum)");
  g_assert_null (g_deferred_new_for_unix_signal (0));
  criticals_came ();
}

static const Case cases[] = {
  { "/gio/sources/idle-fires-when-there-is-nothing-more-urgent", idle },
  { "/rule-14/gio/sources/idle-cancelled", idle_cancelled },
  { "/rule-17/gio/sources/idle-held-by-the-loop", idle_dropped },
  { "/rule-01/gio/sources/idle-fired-otherwise", idle_fired_otherwise },
  { "/rule-10/gio/sources/idle-one-after-the-other", idle_one_after_the_other },
  { "/rule-25/gio/sources/owner-gone", owner_gone },
  { "/rule-19/gio/sources/in-its-home", in_its_home },
  { "/rule-19/gio/sources/made-in-another-thread", made_in_another_thread },
  { "/rule-21/gio/sources/handed-over", handed_over },
  { "/gio/sources/fd-to-read", fd_to_read },
  { "/gio/sources/fd-to-write", fd_to_write },
  { "/gio/sources/fd-hangs-up", fd_hangs_up },
  { "/gio/sources/fd-closed-fails", fd_closed },
  { "/rule-14/gio/sources/fd-cancelled", fd_cancelled },
  { "/gio/sources/fd-two-wait", fd_two_wait },
  { "/gio/sources/unix-signal", unix_signal },
  { "/gio/sources/unix-signal-several-wait", unix_signal_several_wait },
  { "/rule-18/gio/sources/unix-signal-let-go", unix_signal_let_go },
  { "/misuse/gio/sources/bad-arguments", bad_arguments },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
