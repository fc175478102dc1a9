/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Task groups. */

#include "many-fixture.h"

static GDeferredTaskGroup *group;

static gboolean
wait_for_it (GDeferred *self, gpointer inner, GError **error)
{
  return g_deferred_return_deferred (self, g_object_ref (inner));
}

/* A task that comes to what @inner comes to. */
static GDeferred *
spawn (GDeferred *inner)
{
  return g_deferred_task_group_spawn (group, wait_for_it, inner, NULL);
}

/* The same, and nobody keeps the task. */
static void
start (GDeferred *inner)
{
  g_object_unref (spawn (inner));
}

static void
begin (void)
{
  group = g_deferred_task_group_new ();
}

static GDeferred *
close_group (void)
{
  return watch (g_deferred_task_group_close (group), "g");
}

static void
end (void)
{
  g_assert_finalize_object (group);
  group = NULL;
  settle (NULL);
}

#define tasks_are(n) g_assert_cmpuint (g_deferred_task_group_get_n_tasks (group), ==, n)

static void
waits_for_all (void)
{
  GDeferred *a = g_deferred_new (), *b = g_deferred_new ();
  GDeferred *whole;

  begin ();
  start (a);
  start (b);
  tasks_are (2);
  g_assert_false (g_deferred_task_group_is_closed (group));
  whole = close_group ();
  g_assert_true (g_deferred_task_group_is_closed (group));
  fire (b, 2);
  tasks_are (1);
  trace_is ("");
  fire (a, 1);
  trace_is ("g:- ");
  tasks_are (0);
  end ();
  drop (a);
  drop (b);
  drop (whole);
}

static void
without_tasks (void)
{
  GDeferred *whole;

  begin ();
  whole = close_group ();
  trace_is ("g:- ");
  end ();
  drop (whole);
}

/* One that has no task left is open until it is closed. */
static void
not_over_before_it_is_closed (void)
{
  GDeferred *a = succeeded_with (1), *b = g_deferred_new ();
  GDeferred *whole;

  begin ();
  start (a);
  tasks_are (0);
  start (b);
  tasks_are (1);
  fire (b, 1);
  whole = close_group ();
  trace_is ("g:- ");
  end ();
  drop (a);
  drop (b);
  drop (whole);
}

static void
first_error (void)
{
  GDeferred *a = stoppable ("a"), *b = g_deferred_new (), *c = stoppable ("c");
  GDeferred *task;
  GDeferred *whole;

  begin ();
  start (a);
  task = spawn (b);
  start (c);
  whole = close_group ();
  fire_fail (b, "bad");
  trace_is ("stop-a stop-c g:!bad ");
  g_assert_error (g_deferred_get_error (task), G_IO_ERROR, G_IO_ERROR_FAILED);
  drop (task);
  end ();
  drop (a);
  drop (b);
  drop (c);
  drop (whole);
}

static void
first_error_before_it_is_closed (void)
{
  GDeferred *a = stoppable ("a"), *b = failed_with ("bad");
  GDeferred *whole;

  begin ();
  start (a);
  start (b);
  trace_is ("stop-a ");
  tasks_are (0);
  whole = close_group ();
  trace_is ("g:!bad ");
  end ();
  drop (a);
  drop (b);
  drop (whole);
}

/* Nothing outlives it: it waits for those that take their time. */
static void
fails_when_all_have_ended (void)
{
  GDeferred *at_last = g_deferred_new ();
  GDeferred *a = stubborn (at_last), *b = g_deferred_new ();
  GDeferred *whole;

  begin ();
  start (a);
  start (b);
  whole = close_group ();
  fire_fail (b, "bad");
  tasks_are (1);
  trace_is ("");
  fire (at_last, 1);
  trace_is ("g:!bad ");
  end ();
  drop (at_last);
  drop (a);
  drop (b);
  drop (whole);
}

static void
keeps_the_error (void)
{
  GError    *error = g_error_new_literal (G_FILE_ERROR, G_FILE_ERROR_NOSPC, "full");
  GValue     payload = G_VALUE_INIT;
  GDeferred *a = g_deferred_new ();
  GDeferred *whole;

  g_value_init (&payload, G_TYPE_INT);
  g_value_set_int (&payload, 5);
  begin ();
  start (a);
  g_assert_true (g_deferred_errback_full (a, error, &payload, NULL));
  whole = g_deferred_task_group_close (group);
  g_assert_error (g_deferred_get_error (whole), G_FILE_ERROR, G_FILE_ERROR_NOSPC);
  g_assert_cmpint (g_value_get_int (g_deferred_get_payload (whole)), ==, 5);
  watch (whole, "g");
  trace_is ("g:!full ");
  g_error_free (error);
  end ();
  drop (a);
  drop (whole);
}

/* Only the first is the group's. */
static void
later_errors (void)
{
  GDeferred *at_last = g_deferred_new ();
  GDeferred *a = stubborn (at_last), *b = g_deferred_new ();
  GDeferred *whole;

  begin ();
  start (a);
  start (b);
  whole = close_group ();
  fire_fail (b, "bad");
  fire_fail (at_last, "late");
  trace_is ("g:!bad ");
  reported ("late");
  nothing_reported ();
  end ();
  drop (at_last);
  drop (a);
  drop (b);
  drop (whole);
}

/* As in asyncio. */
static void
one_cancelled (void)
{
  GDeferred *a = stoppable ("a"), *b = g_deferred_new ();
  GDeferred *task;
  GDeferred *whole;

  begin ();
  task = spawn (a);
  start (b);
  whole = close_group ();
  g_deferred_cancel (task);
  trace_is ("stop-a ");
  tasks_are (1);
  fire (b, 1);
  trace_is ("g:- ");
  drop (task);
  end ();
  drop (a);
  drop (b);
  drop (whole);
}

static void
cancelled (void)
{
  GDeferred *a = stoppable ("a"), *b = giving ("b");
  GDeferred *whole;

  begin ();
  start (a);
  start (b);
  whole = close_group ();
  g_deferred_cancel (whole);
  trace_is ("stop-a stop-b g:!CANCELLED ");
  g_assert_true (g_deferred_is_cancelled (whole));
  end ();
  drop (a);
  drop (b);
  drop (whole);
}

/* Rule 14, and that nothing outlives the group: it is cancelled when all have ended. */
static void
cancelled_with_a_stubborn_one (void)
{
  GDeferred *last = stoppable ("l"), *last_but_one = stubborn (last);
  GDeferred *a = stubborn (last_but_one), *b = stoppable ("b");
  GDeferred *whole;

  begin ();
  start (a);
  start (b);
  whole = close_group ();
  g_deferred_cancel (whole);
  trace_is ("stop-b ");
  tasks_are (1);
  state_is (whole, WAITING);
  g_deferred_cancel (whole);
  trace_is ("");
  state_is (whole, WAITING);
  g_deferred_cancel (whole);
  trace_is ("stop-l g:!CANCELLED ");
  end ();
  drop (last);
  drop (last_but_one);
  drop (a);
  drop (b);
  drop (whole);
}

static void
cancelled_and_a_stubborn_one_succeeds (void)
{
  GDeferred *at_last = g_deferred_new ();
  GDeferred *a = stubborn (at_last);
  GDeferred *whole;

  begin ();
  start (a);
  whole = close_group ();
  g_deferred_cancel (whole);
  trace_is ("");
  fire (at_last, 1);
  trace_is ("g:!CANCELLED ");
  end ();
  drop (at_last);
  drop (a);
  drop (whole);
}

/* A real error says more than that it was cancelled. */
static void
cancelled_and_one_fails (void)
{
  GDeferred *at_last = g_deferred_new ();
  GDeferred *a = stubborn (at_last);
  GDeferred *whole;

  begin ();
  start (a);
  whole = close_group ();
  g_deferred_cancel (whole);
  fire_fail (at_last, "bad");
  trace_is ("g:!bad ");
  end ();
  drop (at_last);
  drop (a);
  drop (whole);
}

static void
cancel_the_group (void)
{
  GDeferred *a = stoppable ("a");
  GDeferred *whole;

  begin ();
  start (a);
  g_deferred_task_group_cancel (group);
  trace_is ("stop-a ");
  whole = close_group ();
  trace_is ("g:!CANCELLED ");
  drop (whole);
  whole = g_deferred_task_group_close (group);
  drop (whole);
  nothing_reported ();
  g_deferred_task_group_cancel (group);
  end ();
  drop (a);
}

static void
cancel_once_it_has_ended (void)
{
  GDeferred *whole;

  begin ();
  whole = close_group ();
  g_deferred_task_group_cancel (group);
  g_deferred_cancel (whole);
  trace_is ("g:- ");
  drop (whole);
  whole = close_group ();
  trace_is ("g:- ");
  end ();
  drop (whole);
}

static void
close_twice (void)
{
  GDeferred *a = stoppable ("a");
  GDeferred *one;
  GDeferred *two;

  begin ();
  start (a);
  one = close_group ();
  two = watch (g_deferred_task_group_close (group), "h");
  g_deferred_cancel (one);
  trace_is ("stop-a g:!CANCELLED h:!CANCELLED ");
  end ();
  drop (a);
  drop (one);
  drop (two);
}

/* --- starting more ----------------------------------------------------------------------------------------------- */

static gboolean
must_not_run (GDeferred *self, gpointer data, GError **error)
{
  g_assert_not_reached ();
}

static void
refused (const char *word)
{
  GDeferred *other = g_deferred_new ();
  GDeferred *task = g_deferred_task_group_spawn (group, must_not_run, "x", gone);

  trace_is ("~x ");
  g_assert_false (g_deferred_task_group_add (group, other));
  link_errback (task, "e0");
  trace_is (word);
  drop (task);
  drop (other);
}

static void
after_its_end (void)
{
  GDeferred *whole;

  begin ();
  whole = close_group ();
  trace_is ("g:- ");
  refused ("e:!The task group has ended: start tasks before the last one has come to its end ~e ");
  g_object_unref (g_deferred_task_group_spawn (group, must_not_run, NULL, NULL));
  reported ("has ended");
  end ();
  drop (whole);
}

/* Who is told so need not say it again. */
static void
after_a_failure_or_a_cancel (void)
{
  GDeferred *a = failed_with ("bad"), *whole;

  begin ();
  start (a);
  refused ("e:!CANCELLED ~e ");
  g_object_unref (g_deferred_task_group_spawn (group, must_not_run, NULL, NULL));
  nothing_reported ();
  whole = close_group ();
  trace_is ("g:!bad ");
  end ();
  drop (a);
  drop (whole);

  begin ();
  g_deferred_task_group_cancel (group);
  refused ("e:!CANCELLED ~e ");
  whole = close_group ();
  trace_is ("g:!CANCELLED ");
  end ();
  drop (whole);
}

static gboolean
spawn_another (GDeferred *self, gpointer inner, GError **error)
{
  start (inner);
  return TRUE;
}

/* A task starts others as long as it has not ended, be the group closed or not. */
static void
from_a_task (void)
{
  GDeferred *a = g_deferred_new (), *b = g_deferred_new ();
  GDeferred *whole;

  begin ();
  g_deferred_add_callback (a, spawn_another, b, NULL);
  start (a);
  whole = close_group ();
  fire (a, 1);
  tasks_are (1);
  trace_is ("");
  fire (b, 1);
  trace_is ("g:- ");
  end ();
  drop (a);
  drop (b);
  drop (whole);
}

static gboolean
fire_first (GDeferred *self, gpointer first, GError **error)
{
  fire (first, 1);
  return g_deferred_return_int (self, 2);
}

/* The last one ends while another one is being started: that one counts. */
static void
while_the_last_one_ends (void)
{
  GDeferred *a = g_deferred_new ();
  GDeferred *task;
  GDeferred *whole;

  begin ();
  start (a);
  whole = close_group ();
  task = g_deferred_task_group_spawn (group, fire_first, a, NULL);
  trace_is ("g:- ");
  g_assert_cmpint (g_deferred_get_int (task), ==, 2);
  drop (task);
  end ();
  drop (a);
  drop (whole);
}

static gboolean
cancel_first (GDeferred *self, gpointer inner, GError **error)
{
  g_deferred_task_group_cancel (group);
  say ("started ");
  return g_deferred_return_deferred (self, g_object_ref (inner));
}

static void
cancelled_by_what_it_starts (void)
{
  GDeferred *a = stoppable ("a"), *b = stoppable ("b");
  GDeferred *whole;

  begin ();
  start (a);
  whole = close_group ();
  g_object_unref (g_deferred_task_group_spawn (group, cancel_first, b, NULL));
  trace_is ("stop-a started stop-b g:!CANCELLED ");
  end ();
  drop (a);
  drop (b);
  drop (whole);
}

static void
adopted (void)
{
  GDeferred *a = g_deferred_new (), *b = succeeded_with (2), *c = stoppable ("c");
  GDeferred *whole;

  begin ();
  g_assert_true (g_deferred_task_group_add (group, a));
  g_assert_true (g_deferred_task_group_add (group, b));
  g_assert_true (g_deferred_task_group_add (group, c));
  g_assert_true (g_deferred_task_group_add (group, c));
  tasks_are (3);
  whole = close_group ();
  fire_fail (a, "bad");
  trace_is ("stop-c g:!bad ");
  g_assert_cmpint (g_deferred_get_int (b), ==, 2);
  drop (a);
  drop (b);
  drop (c);
  end ();
  drop (whole);
}

static const Case cases[] = {
  { "/task-group/fires-when-all-have-ended", waits_for_all },
  { "/task-group/without-tasks", without_tasks },
  { "/task-group/is-not-over-before-it-is-closed", not_over_before_it_is_closed },
  { "/task-group/the-first-error-cancels-the-others", first_error },
  { "/task-group/an-error-before-it-is-closed", first_error_before_it_is_closed },
  { "/task-group/fails-when-all-have-ended", fails_when_all_have_ended },
  { "/task-group/keeps-the-error-whole", keeps_the_error },
  { "/rule-16/task-group/later-errors-are-reported", later_errors },
  { "/task-group/one-that-is-cancelled-leaves-the-others-alone", one_cancelled },
  { "/rule-14/task-group/cancelled", cancelled },
  { "/rule-14/task-group/cancelled-waits-for-those-that-take-their-time", cancelled_with_a_stubborn_one },
  { "/rule-14/task-group/cancelled-and-one-succeeds-even-so", cancelled_and_a_stubborn_one_succeeds },
  { "/rule-14/task-group/cancelled-and-one-fails", cancelled_and_one_fails },
  { "/rule-14/task-group/cancel-of-the-group", cancel_the_group },
  { "/rule-15/task-group/cancel-once-it-has-ended", cancel_once_it_has_ended },
  { "/task-group/closed-twice", close_twice },
  { "/task-group/nothing-is-started-after-its-end", after_its_end },
  { "/task-group/nothing-is-started-after-a-failure-or-a-cancel", after_a_failure_or_a_cancel },
  { "/task-group/tasks-start-tasks", from_a_task },
  { "/task-group/the-last-ends-while-another-is-started", while_the_last_one_ends },
  { "/rule-14/task-group/cancelled-by-what-it-starts", cancelled_by_what_it_starts },
  { "/task-group/adopts-tasks", adopted },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
