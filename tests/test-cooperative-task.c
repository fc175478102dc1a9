/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* One task of a cooperator: pausing, stopping, its end, its owner. */

#include "task-fixture.h"

/* --- pausing ----------------------------------------------------------------------------------------------------- */

static void
pause_and_resume (void)
{
  BEGIN ();
  turn ();
  trace_is ("a1 ");
  g_deferred_cooperative_task_pause (task);
  g_assert_false (has_source ());
  no_turn ();
  g_assert_cmpuint (g_deferred_cooperator_get_n_tasks (cooperator), ==, 1);
  g_deferred_cooperative_task_resume (task);
  trace_is ("");
  turn ();
  trace_is ("a2 ");
  g_deferred_cooperative_task_stop (task);
  trace_is ("~a ");
  finish ();
}

static void
pauses_nest (void)
{
  BEGIN ();
  g_deferred_cooperative_task_pause (task);
  g_deferred_cooperative_task_pause (task);
  g_deferred_cooperative_task_resume (task);
  no_turn ();
  g_deferred_cooperative_task_resume (task);
  turn ();
  trace_is ("a1 ");
  expect_critical ("there is no g_deferred_cooperative_task_pause() to undo");
  g_deferred_cooperative_task_resume (task);
  criticals_came ();
  g_deferred_cooperative_task_stop (task);
  trace_is ("~a ");
  finish ();
}

static void
pause_it (GDeferredCooperativeTask *self)
{
  g_deferred_cooperative_task_pause (self);
}

static void
paused_inside (void)
{
  BEGIN (.n = 2, .at = 1, .act = pause_it);
  turn ();
  trace_is ("a1 ");
  no_turn ();
  g_deferred_cooperative_task_resume (task);
  turn ();
  trace_is ("a2 ~a ");
  finish ();
}

static void
pause_and_resume_it (GDeferredCooperativeTask *self)
{
  g_deferred_cooperative_task_pause (self);
  g_deferred_cooperative_task_resume (self);
}

/* It is in the queue once. */
static void
resumed_inside (void)
{
  BEGIN (.n = 3, .at = 1, .act = pause_and_resume_it);
  turn ();
  trace_is ("a1 ");
  turn ();
  trace_is ("a2 ");
  turn ();
  trace_is ("a3 ~a ");
  no_turn ();
  finish ();
}

/* In the last step: there is nothing to hold back. */
static void
paused_at_the_end (void)
{
  BEGIN (.n = 1, .at = 1, .act = pause_it);
  say_end (task, "A");
  turn ();
  trace_is ("a1 ~a A:- ");
  g_deferred_cooperative_task_resume (task);
  finish ();
}

/* It was paused, and who did that has dropped it. */
static void
paused_and_lost (void)
{
  BEGIN ();
  say_end (task, "A");
  turn ();
  g_deferred_cooperative_task_pause (task);
  finish ();
  trace_is ("a1 ~a ");
  g_assert_cmpuint (g_deferred_cooperator_get_n_tasks (cooperator), ==, 0);
  settle (NULL);
  trace_is ("A:!ABANDONED ");
}

/* --- its end ----------------------------------------------------------------------------------------------------- */

/* Each that was asked for has its own result, and its own chain. */
static void
when_done (void)
{
  GDeferred *first;
  GDeferred *second;
  GDeferred *late;

  BEGIN (.n = 1);
  first = g_deferred_cooperative_task_when_done (task);
  second = g_deferred_cooperative_task_when_done (task);
  link_both (first, "b=1");
  link_both (first, "c");
  link_both (second, "d=2");
  link_both (second, "e");
  turn ();
  trace_is ("a1 ~a b:- ~b c:1 ~c d:- ~d e:2 ~e ");
  late = g_deferred_cooperative_task_when_done (task);
  link_both (late, "f");
  trace_is ("f:- ~f ");
  g_assert_finalize_object (first);
  g_assert_finalize_object (second);
  g_assert_finalize_object (late);
  finish ();
}

/* Cancelling it only ends the wait. */
static void
leaves (void)
{
  GDeferred *done;

  BEGIN (.n = 2);
  done = g_deferred_cooperative_task_when_done (task);
  link_both (done, "d0");
  say_end (task, "A");
  g_deferred_cancel (done);
  trace_is ("d:!CANCELLED ~d ");
  turn ();
  turn ();
  trace_is ("a1 a2 ~a A:- ");
  g_object_unref (done);
  finish ();
}

static void
fails (void)
{
  BEGIN (.n = 2, .error = "bad");
  say_end (task, "A");
  turn ();
  turn ();
  trace_is ("a1 a2 ~a A:!bad ");
  say_end (task, "B");
  trace_is ("B:!bad ");
  g_deferred_cooperative_task_stop (task);
  finish ();
}

static gboolean
more_and_fail (GDeferredCooperativeTask *self, gpointer unused, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "bad");
  return TRUE;
}

/* An error is one, whatever is returned. */
static void
fails_and_has_more (void)
{
  task = g_deferred_cooperator_cooperate (cooperator, more_and_fail, NULL, NULL);
  say_end (task, "A");
  turn ();
  trace_is ("A:!bad ");
  no_turn ();
  finish ();
}

static void
fails_unheard (void)
{
  BEGIN (.n = 1, .error = "bad");
  turn ();
  trace_is ("a1 ~a ");
  nothing_reported ();
  finish ();
  reported ("bad");
}

static void
stopped (void)
{
  BEGIN ();
  say_end (task, "A");
  turn ();
  g_deferred_cooperative_task_stop (task);
  trace_is ("a1 ~a A:!CANCELLED ");
  no_turn ();
  g_deferred_cooperative_task_stop (task);
  g_deferred_cooperative_task_pause (task);
  g_deferred_cooperative_task_resume (task);
  no_turn ();
  finish ();
}

/* Nobody has asked for its end, and nobody is told. */
static void
stopped_unheard (void)
{
  BEGIN ();
  g_deferred_cooperative_task_stop (task);
  trace_is ("~a ");
  finish ();
  nothing_reported ();
}

static void
stopped_while_paused (void)
{
  BEGIN ();
  g_deferred_cooperative_task_pause (task);
  g_deferred_cooperative_task_stop (task);
  g_deferred_cooperative_task_resume (task);
  trace_is ("~a ");
  no_turn ();
  finish ();
}

static void
stop_it (GDeferredCooperativeTask *self)
{
  g_deferred_cooperative_task_stop (self);
  say ("stopped ");
}

/* The step that is under way still has its data. */
static void
stopped_inside (void)
{
  BEGIN (.at = 2, .act = stop_it);
  say_end (task, "A");
  turn ();
  turn ();
  trace_is ("a1 a2 A:!CANCELLED stopped ~a ");
  no_turn ();
  finish ();
}

static void
stopped_inside_and_fails (void)
{
  BEGIN (.n = 1, .at = 1, .act = stop_it, .error = "bad");
  say_end (task, "A");
  turn ();
  trace_is ("a1 A:!CANCELLED stopped ~a ");
  reported ("bad");
  finish ();
}

static void
drop_it (GDeferredCooperativeTask *self)
{
  g_clear_object (&task);
}

static void
dropped_inside (void)
{
  BEGIN (.n = 2, .at = 1, .act = drop_it);
  say_end (task, "A");
  turn ();
  turn ();
  trace_is ("a1 a2 ~a A:- ");
}

static void
drop_it_paused (GDeferredCooperativeTask *self)
{
  g_deferred_cooperative_task_pause (self);
  g_clear_object (&task);
}

static void
dropped_inside_and_paused (void)
{
  BEGIN (.at = 1, .act = drop_it_paused);
  say_end (task, "A");
  turn ();
  trace_is ("a1 ~a ");
  settle (NULL);
  trace_is ("A:!ABANDONED ");
}

/* --- its owner --------------------------------------------------------------------------------------------------- */

static void
without_owner (void)
{
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);

  BEGIN ();
  g_deferred_cooperative_task_bind_owner (task, owner);
  say_end (task, "A");
  turn ();
  trace_is ("a1 ");
  g_object_unref (owner);
  settle (NULL);
  trace_is ("~a A:!CANCELLED ");
  finish ();
}

static GObject *owner_of_task;

static void
drop_owner (GDeferredCooperativeTask *self)
{
  g_clear_object (&owner_of_task);
}

/* Its turn comes before the letter that tells of that, and the step is not called. */
static void
without_owner_at_once (void)
{
  Work other = { .name = "b", .n = 1, .at = 1, .act = drop_owner };

  owner_of_task = g_object_new (G_TYPE_OBJECT, NULL);
  drop (add (&other));
  BEGIN ();
  g_deferred_cooperative_task_bind_owner (task, owner_of_task);
  turn ();
  settle (NULL);
  trace_is ("b1 ~b ~a ");
  finish ();
}

static void
owner_of_one_that_has_ended (void)
{
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);

  BEGIN (.n = 1);
  turn ();
  trace_is ("a1 ~a ");
  g_deferred_cooperative_task_bind_owner (task, owner);
  g_object_unref (owner);
  finish ();
}

/* --- other threads, bad input ------------------------------------------------------------------------------------ */

static gpointer
use_away (gpointer unused)
{
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);

  g_deferred_cooperative_task_pause (task);
  g_deferred_cooperative_task_resume (task);
  g_deferred_cooperative_task_stop (task);
  g_assert_null (g_deferred_cooperative_task_when_done (task));
  g_deferred_cooperative_task_wait_for (task, inner);
  g_deferred_cooperative_task_bind_owner (task, owner);
  g_object_unref (owner);
  return NULL;
}

static void
elsewhere (void)
{
  inner = g_deferred_new ();
  BEGIN (.n = 1);
  for (int i = 0; i < 6; i++)
    expect_critical ("called from a thread that is not the cooperator's home");
  in_a_worker (use_away, NULL);
  criticals_came ();
  turn ();
  trace_is ("a1 ~a ");
  g_assert_finalize_object (inner);
  finish ();
}

static void
misuse (void)
{
  GDeferred *d = g_deferred_new ();

  BEGIN (.n = 1);
  for (int i = 0; i < 6; i++)
    expect_critical ("G_IS_DEFERRED_COOPERATIVE_TASK (self)");
  g_deferred_cooperative_task_pause (NULL);
  g_deferred_cooperative_task_resume ((GDeferredCooperativeTask *) d);
  g_deferred_cooperative_task_stop (NULL);
  g_deferred_cooperative_task_when_done (NULL);
  g_deferred_cooperative_task_wait_for (NULL, d);
  g_deferred_cooperative_task_bind_owner (NULL, G_OBJECT (d));
  expect_critical ("G_IS_DEFERRED (deferred)");
  g_deferred_cooperative_task_wait_for (task, NULL);
  expect_critical ("called outside of a step of the task");
  g_deferred_cooperative_task_wait_for (task, d);
  expect_critical ("G_IS_OBJECT (owner)");
  g_deferred_cooperative_task_bind_owner (task, NULL);
  criticals_came ();
  turn ();
  trace_is ("a1 ~a ");
  finish ();
  g_assert_finalize_object (d);
}

/* Without a cooperator it does nothing, and can be ended. */
static void
made_by_type (void)
{
  task = g_object_new (G_TYPE_DEFERRED_COOPERATIVE_TASK, NULL);
  say_end (task, "A");
  g_deferred_cooperative_task_pause (task);
  g_deferred_cooperative_task_resume (task);
  no_turn ();
  g_deferred_cooperative_task_stop (task);
  trace_is ("A:!CANCELLED ");
  finish ();
}

static const Case cases[] = {
  { "/cooperative-task/pause/and-resume", pause_and_resume },
  { "/cooperative-task/pause/nests", pauses_nest },
  { "/cooperative-task/pause/inside", paused_inside },
  { "/cooperative-task/pause/resumed-inside", resumed_inside },
  { "/cooperative-task/pause/at-the-end", paused_at_the_end },
  { "/cooperative-task/pause/lost", paused_and_lost },
  { "/cooperative-task/end/when-done", when_done },
  { "/cooperative-task/end/leaves", leaves },
  { "/cooperative-task/end/fails", fails },
  { "/cooperative-task/end/fails-and-has-more", fails_and_has_more },
  { "/cooperative-task/end/fails-unheard", fails_unheard },
  { "/cooperative-task/end/stopped", stopped },
  { "/cooperative-task/end/stopped-unheard", stopped_unheard },
  { "/cooperative-task/end/stopped-while-paused", stopped_while_paused },
  { "/cooperative-task/end/stopped-inside", stopped_inside },
  { "/cooperative-task/end/stopped-inside-and-fails", stopped_inside_and_fails },
  { "/cooperative-task/end/dropped-inside", dropped_inside },
  { "/cooperative-task/end/dropped-inside-and-paused", dropped_inside_and_paused },
  { "/cooperative-task/owner/goes", without_owner },
  { "/cooperative-task/owner/goes-at-once", without_owner_at_once },
  { "/cooperative-task/owner/of-one-that-has-ended", owner_of_one_that_has_ended },
  { "/cooperative-task/threads/elsewhere", elsewhere },
  { "/cooperative-task/misuse", misuse },
  { "/cooperative-task/made-by-type", made_by_type },
};

int
main (int argc, char **argv)
{
  return run_cases_on_cooperator (argc, argv, cases, G_N_ELEMENTS (cases));
}
