/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Waiting in a loop for a Deferred: its rules 8, 11, 16 and 19; and the main function of a program. */

#include "fixture.h"

#include <signal.h>
#include <unistd.h>

static gboolean
fire_five (gpointer d)
{
  say ("fires ");
  fire (d, 5);
  return G_SOURCE_REMOVE;
}

static void
until_it_fired (void)
{
  GDeferred *d = g_deferred_new ();
  GError    *error = NULL;

  link_both (d, "a");
  g_idle_add (fire_five, d);
  g_assert_true (g_deferred_wait (d, &error));
  g_assert_no_error (error);
  trace_is ("fires a:5 ~a ");

  /* It kept its result: it can be waited for again. */
  g_assert_cmpint (g_deferred_get_int (d), ==, 5);
  g_assert_true (g_deferred_wait (d, NULL));
  g_assert_cmpint (g_deferred_get_int (d), ==, 5);
  g_assert_finalize_object (d);
}

static void
fired_before (void)
{
  GDeferred *d = succeeded_with (1);
  GError    *error = NULL;
  guint      idle;

  idle = g_idle_add (fire_five, NULL);
  g_assert_true (g_deferred_wait (d, &error));
  g_assert_no_error (error);
  g_assert_true (g_source_remove (idle)); /* the loop need not run */
  g_assert_finalize_object (d);
}

static void
fails (void)
{
  GDeferred *d = failed_with ("bad");
  GError    *error = NULL;

  g_assert_false (g_deferred_wait (d, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "bad");
  g_clear_error (&error);
  g_assert_false (g_deferred_wait (d, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_error_free (error);
  g_assert_finalize_object (d);
}

static gboolean
unpause (gpointer d)
{
  g_deferred_unpause (d);
  return G_SOURCE_REMOVE;
}

static void
for_its_inner (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner = g_deferred_new ();

  link_inner (d, inner);
  link_both (d, "a");
  g_idle_add (fire_five, inner);
  g_assert_true (g_deferred_wait (d, NULL));
  trace_is ("fires a:5 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);

  d = succeeded_with (1);
  g_deferred_pause (d);
  g_idle_add (unpause, d);
  g_assert_true (g_deferred_wait (d, NULL));
  g_assert_finalize_object (d);
}

static gboolean
waits (GDeferred *self, gpointer other, GError **error)
{
  GError *failure = NULL;

  g_assert_false (g_deferred_wait (other, &failure));
  g_assert_error (failure, G_DEFERRED_ERROR, G_DEFERRED_ERROR_LOOP);
  g_error_free (failure);
  say ("refused ");
  return TRUE;
}

static void
for_itself (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *outer = succeeded_with (1);

  g_deferred_add_callback (d, waits, d, NULL);
  g_deferred_add_callback (d, waits, outer, NULL);
  link_inner (outer, d);
  fire (d, 1);
  trace_is ("refused refused ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (outer);
}

static gboolean
waits_for_other (GDeferred *self, gpointer other, GError **error)
{
  g_idle_add (fire_five, other);
  g_assert_true (g_deferred_wait (other, error));
  say ("waited ");
  return g_deferred_return_int (self, g_deferred_get_int (other));
}

static void
inside_a_callback (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *other = g_deferred_new ();

  g_deferred_add_callback (d, waits_for_other, other, NULL);
  link_both (d, "a");
  fire (d, 1);
  trace_is ("fires waited a:5 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (other);
}

static gpointer
fire_from_thread (gpointer d)
{
  fire (d, 8);
  return NULL;
}

static void
fired_elsewhere (void)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *d;
  GThread      *thread;

  g_main_context_push_thread_default (context);
  d = g_deferred_new ();
  thread = g_thread_new ("producer", fire_from_thread, d);
  g_assert_true (g_deferred_wait (d, NULL));
  g_assert_cmpint (g_deferred_get_int (d), ==, 8);
  g_thread_join (thread);
  settle (context);
  g_assert_finalize_object (d);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
}

static gboolean
cancel_it (gpointer d)
{
  g_deferred_cancel (d);
  return G_SOURCE_REMOVE;
}

static void
cancelled (void)
{
  GDeferred *d = g_deferred_new ();
  GError    *error = NULL;

  g_idle_add (cancel_it, d);
  g_assert_false (g_deferred_wait (d, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_error_free (error);
  g_assert_finalize_object (d);
}

static gboolean
drop_reference (gpointer d)
{
  g_object_unref (d);
  return G_SOURCE_REMOVE;
}

/* Nobody is left who could fire it: the wait ends all the same. */
static void
dropped_meanwhile (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner = g_deferred_new ();
  GError    *error = NULL;

  g_deferred_add_callback (d, return_it, inner, NULL);
  g_idle_add (drop_reference, inner);
  g_assert_false (g_deferred_wait (d, &error));
  g_assert_error (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_ABANDONED);
  g_error_free (error);
  g_assert_finalize_object (d);
}

/* The main function of a program */

static gboolean
raise_signal (gpointer number)
{
  raise (GPOINTER_TO_INT (number));
  return G_SOURCE_REMOVE;
}

static void
say_stop (GDeferred *self, gpointer data)
{
  say ("stop ");
}

static gboolean
program (GDeferred *self, gpointer data, GError **error)
{
  const char *plan = data;
  GDeferred  *d = NULL;

  switch (plan[0])
    {
    case 'n':
      return TRUE;
    case 'i':
      return g_deferred_return_int (self, 7);
    case 's':
      return g_deferred_return_string (self, "not a status");
    case 'f':
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "what went wrong");
      return FALSE;
    case 'l':
      d = g_deferred_new ();
      g_idle_add_full (G_PRIORITY_LOW, fire_five, g_object_ref (d), g_object_unref);
      return g_deferred_return_deferred (self, d);
    case 'I':
    case 'T':
      d = g_deferred_new_with_canceller (say_stop, NULL, NULL);
      g_idle_add (raise_signal, GINT_TO_POINTER (plan[0] == 'I' ? SIGINT : SIGTERM));
      g_object_set_data_full (G_OBJECT (self), "kept", g_object_ref (d), g_object_unref);
      if (plan[1] == 'h')
        link_errback (d, "h=3");
      return g_deferred_return_deferred (self, d);
    default:
      g_assert_not_reached ();
    }
}

static void
complain (const char *text)
{
  say ("%s", text);
}

static void
ends_with (const char *plan, int status, const char *trace)
{
  GPrintFunc former = g_set_printerr_handler (complain);

  g_assert_cmpint (g_deferred_react (program, (gpointer) plan), ==, status);
  g_set_printerr_handler (former);
  trace_is (trace);
}

static void
exit_status (void)
{
  ends_with ("nothing", 0, "");
  ends_with ("int", 7, "");
  ends_with ("string", 0, "");
  ends_with ("later", 5, "fires ");
}

static void
exit_with_error (void)
{
  char *complaint = g_strdup_printf ("%s: what went wrong\n", g_get_prgname ());

  ends_with ("fails", 1, complaint);
  g_free (complaint);
}

static void
exit_by_signal (void)
{
  ends_with ("I", 128 + SIGINT, "stop ");
  ends_with ("T", 128 + SIGTERM, "stop ");
  ends_with ("Ihandled", 3, "stop h:!CANCELLED ~h ");
}

static gboolean
raise_again (gpointer number)
{
  raise (GPOINTER_TO_INT (number));
  g_print ("lives on\n");
  _exit (0);
}

/* It would never end. */
static gboolean
clean_up (GDeferred *self, gpointer number, GError **error)
{
  g_print ("cleans up\n");
  g_idle_add (raise_again, number);
  return g_deferred_return_deferred (self, g_object_ref (g_object_get_data (G_OBJECT (self), "never")));
}

static gboolean
cleans_up_for_ever (GDeferred *self, gpointer number, GError **error)
{
  GDeferred *d = g_deferred_new ();

  g_object_set_data_full (G_OBJECT (d), "never", g_deferred_new (), g_object_unref);
  g_deferred_add_errback (d, clean_up, number, NULL);
  g_idle_add (raise_signal, number);
  g_object_set_data_full (G_OBJECT (self), "kept", g_object_ref (d), g_object_unref);
  return g_deferred_return_deferred (self, d);
}

static void
signals_twice (int number)
{
  if (g_test_subprocess ())
    _exit (g_deferred_react (cleans_up_for_ever, GINT_TO_POINTER (number)));

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stdout ("*cleans up*");
  g_test_trap_assert_stdout_unmatched ("*lives on*");
}

/* The second one is not caught any more. */
static void
second_interrupt (void)
{
  signals_twice (SIGINT);
}

static void
second_termination (void)
{
  signals_twice (SIGTERM);
}

static gboolean
wait_for_other_signal (GDeferred *self, gpointer inner, GError **error)
{
  raise (SIGTERM);
  return return_it (self, inner, error);
}

static gboolean
one_then_the_other (GDeferred *self, gpointer data, GError **error)
{
  GDeferred *d = g_deferred_new_with_canceller (say_stop, NULL, NULL);
  GDeferred *inner = g_deferred_new_with_canceller (say_stop, NULL, NULL);

  g_deferred_add_errback (d, wait_for_other_signal, inner, NULL);
  g_object_set_data_full (G_OBJECT (self), "kept", g_object_ref (d), g_object_unref);
  g_object_set_data_full (G_OBJECT (self), "kept, too", inner, g_object_unref);
  g_idle_add (raise_signal, GINT_TO_POINTER (SIGINT));
  return g_deferred_return_deferred (self, d);
}

static void
other_signal (void)
{
  g_assert_cmpint (g_deferred_react (one_then_the_other, NULL), ==, 128 + SIGTERM);
  trace_is ("stop stop ");
}

static gboolean
is_never_called (GDeferred *self, gpointer data, GError **error)
{
  g_assert_not_reached ();
}

static gpointer
react_elsewhere (gpointer data)
{
  expect_critical ("belongs to another");
  g_assert_cmpint (g_deferred_react (is_never_called, NULL), ==, 1);
  criticals_came ();
  return NULL;
}

static void
react_without_context (void)
{
  g_assert_true (g_main_context_acquire (NULL));
  g_thread_join (g_thread_new ("elsewhere", react_elsewhere, NULL));
  g_main_context_release (NULL);
}

static gboolean
move_away (GDeferred *self, gpointer context, GError **error)
{
  g_deferred_hand_over (self, context);
  return TRUE;
}

static void
react_handed_over (void)
{
  GMainContext *context = g_main_context_new ();

  expect_critical ("not the Deferred's home");
  g_assert_cmpint (g_deferred_react (move_away, context), ==, 1);
  criticals_came ();
  settle (context);
  g_main_context_unref (context);
}

static const Case cases[] = {
  { "/rule-19/wait/until-it-fired", until_it_fired },
  { "/rule-19/wait/fired-before", fired_before },
  { "/rule-16/wait/fails", fails },
  { "/rule-08/wait/for-its-inner", for_its_inner },
  { "/rule-11/wait/for-itself", for_itself },
  { "/rule-09/wait/inside-a-callback", inside_a_callback },
  { "/rule-19/wait/fired-elsewhere", fired_elsewhere },
  { "/rule-14/wait/cancelled", cancelled },
  { "/rule-17/wait/dropped-meanwhile", dropped_meanwhile },
  { "/rule-03/react/exit-status", exit_status },
  { "/rule-16/react/exit-with-error", exit_with_error },
  { "/rule-14/react/exit-by-signal", exit_by_signal },
  { "/rule-14/react/second-interrupt", second_interrupt },
  { "/rule-14/react/second-termination", second_termination },
  { "/rule-14/react/other-signal", other_signal },
  { "/rule-21/react/without-context", react_without_context },
  { "/rule-21/react/handed-over", react_handed_over },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
