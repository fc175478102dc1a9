/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* One task of a cooperator that waits for Deferreds. */

#include "task-fixture.h"

/* --- waiting ----------------------------------------------------------------------------------------------------- */

static void
begin_waiting (void)
{
  inner = g_deferred_new ();
  BEGIN (.n = 2, .at = 1, .act = wait_for_inner);
  say_end (task, "A");
  turn ();
  trace_is ("a1 ");
  no_turn ();
}

static void
waits (void)
{
  begin_waiting ();
  fire (inner, 7);
  trace_is ("");
  g_assert_cmpint (g_deferred_get_int (inner), ==, 7);
  turn ();
  trace_is ("a2 ~a A:- ");
  g_assert_finalize_object (inner);
  finish ();
}

static void
waits_and_is_paused (void)
{
  begin_waiting ();
  g_deferred_cooperative_task_pause (task);
  g_deferred_cooperative_task_resume (task);
  no_turn ();
  g_deferred_cooperative_task_pause (task);
  fire (inner, 7);
  no_turn ();
  g_deferred_cooperative_task_resume (task);
  turn ();
  trace_is ("a2 ~a A:- ");
  g_assert_finalize_object (inner);
  finish ();
}

static void
waits_in_vain (void)
{
  begin_waiting ();
  fire_fail (inner, "bad");
  trace_is ("~a A:!bad ");
  no_turn ();
  g_assert_finalize_object (inner);
  finish ();
}

static void
waits_for_what_is_there (void)
{
  inner = succeeded_with (3);
  BEGIN (.n = 2, .at = 1, .act = wait_for_inner);
  turn ();
  turn ();
  trace_is ("a1 a2 ~a ");
  g_assert_finalize_object (inner);
  finish ();
}

static void
wait_and_nest (GDeferredCooperativeTask *self)
{
  g_deferred_cooperative_task_wait_for (self, inner);
  settle (NULL);
  say ("back ");
}

/* Not even a loop inside of the step calls the next one before it has ended. */
static void
waits_for_what_is_there_and_nests (void)
{
  inner = succeeded_with (3);
  BEGIN (.n = 2, .at = 1, .act = wait_and_nest);
  turn ();
  trace_is ("a1 back ");
  turn ();
  trace_is ("a2 ~a ");
  g_assert_finalize_object (inner);
  finish ();
}

static void
waits_for_what_has_failed (void)
{
  inner = failed_with ("bad");
  BEGIN (.n = 2, .at = 1, .act = wait_for_inner);
  say_end (task, "A");
  turn ();
  trace_is ("a1 A:!bad ~a ");
  no_turn ();
  g_assert_finalize_object (inner);
  finish ();
}

/* What it waits for does not keep it from being stopped, and is cancelled. */
static void
waits_and_is_stopped (void)
{
  begin_waiting ();
  g_deferred_cooperative_task_stop (task);
  trace_is ("~a A:!CANCELLED ");
  g_assert_true (g_deferred_is_cancelled (inner));
  g_assert_finalize_object (inner);
  finish ();
}

static void
resist (GDeferred *self, gpointer unused)
{
  fire_fail (self, "late");
}

/* The error comes too late for the task, and is not lost. */
static void
stopped_and_resisted (void)
{
  inner = g_deferred_new_with_canceller (resist, NULL, NULL);
  BEGIN (.n = 2, .at = 1, .act = wait_for_inner);
  turn ();
  g_deferred_cooperative_task_stop (task);
  trace_is ("a1 ~a ");
  g_assert_finalize_object (inner);
  reported ("late");
  finish ();
}

static void
waits_and_is_lost (void)
{
  begin_waiting ();
  g_object_unref (inner);
  settle (NULL);
  trace_is ("~a A:!ABANDONED ");
  finish ();
}

/* The Deferred holds it. */
static void
waits_and_nobody_holds_it (void)
{
  begin_waiting ();
  g_object_unref (task);
  fire (inner, 1);
  turn ();
  trace_is ("a2 ~a A:- ");
  g_assert_finalize_object (inner);
}

static void
inner_without_owner (void)
{
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);

  begin_waiting ();
  g_deferred_bind_owner (inner, owner);
  g_object_unref (owner);
  settle (NULL);
  trace_is ("~a A:!CANCELLED ");
  g_assert_finalize_object (inner);
  finish ();
}

static GDeferred *second;

static void
wait_for_two (GDeferredCooperativeTask *self)
{
  g_deferred_cooperative_task_wait_for (self, inner);
  g_deferred_cooperative_task_wait_for (self, second);
}

static void
begin_waiting_for_two (int n)
{
  inner = g_deferred_new ();
  second = g_deferred_new ();
  BEGIN (.n = n, .at = 1, .act = wait_for_two);
  say_end (task, "A");
  turn ();
  trace_is ("a1 ");
}

static void
waits_for_several (void)
{
  begin_waiting_for_two (2);
  fire (second, 1);
  no_turn ();
  fire (inner, 1);
  turn ();
  trace_is ("a2 ~a A:- ");
  g_assert_finalize_object (inner);
  g_assert_finalize_object (second);
  finish ();
}

/* When one fails, the other is not needed any more. */
static void
one_of_several_fails (void)
{
  begin_waiting_for_two (2);
  fire_fail (second, "bad");
  trace_is ("~a A:!bad ");
  g_assert_true (g_deferred_is_cancelled (inner));
  g_assert_finalize_object (inner);
  g_assert_finalize_object (second);
  finish ();
}

/* There is no next step: it ends when they have. */
static void
last_step_waits (void)
{
  begin_waiting_for_two (1);
  fire (second, 1);
  trace_is ("");
  g_assert_cmpuint (g_deferred_cooperator_get_n_tasks (cooperator), ==, 1);
  fire (inner, 1);
  trace_is ("~a A:- ");
  g_assert_finalize_object (inner);
  g_assert_finalize_object (second);
  finish ();
}

static void
wait_for_itself (GDeferredCooperativeTask *self)
{
  GDeferred *outer = succeeded_with (1);

  inner = g_deferred_cooperative_task_when_done (self);
  link_inner (outer, inner);
  g_deferred_cooperative_task_wait_for (self, outer);
  g_object_unref (outer);
  g_object_unref (inner);
}

static void
waits_for_its_end (void)
{
  BEGIN (.n = 2, .at = 1, .act = wait_for_itself);
  say_end (task, "A");
  turn ();
  g_assert_cmpuint (fx_reports.length, ==, 1);
  reported ("The task would wait for its own end");
  trace_is ("a1 A:!LOOP ~a ");
  finish ();
}

static void
stop_and_wait (GDeferredCooperativeTask *self)
{
  g_deferred_cooperative_task_stop (self);
  g_deferred_cooperative_task_wait_for (self, inner);
}

static void
waits_after_its_end (void)
{
  inner = g_deferred_new ();
  BEGIN (.at = 1, .act = stop_and_wait);
  turn ();
  trace_is ("a1 ~a ");
  g_assert_true (g_deferred_is_cancelled (inner));
  g_assert_finalize_object (inner);
  finish ();
}

static gpointer
fire_away (gpointer d)
{
  fire (d, 1);
  return NULL;
}

/* It lives in a context that nobody runs until the end. */
static void
waits_for_one_elsewhere (void)
{
  GMainContext *context = g_main_context_new ();

  inner = g_deferred_new ();
  g_deferred_hand_over (inner, context);
  BEGIN (.n = 2, .at = 1, .act = wait_for_inner);
  say_end (task, "A");
  turn ();
  trace_is ("a1 ");
  in_a_worker (fire_away, inner);
  settle (context);
  settle (NULL);
  trace_is ("a2 ~a A:- ");
  g_object_unref (inner);
  settle (context);
  g_main_context_unref (context);
  finish ();
}

static const Case cases[] = {
  { "/cooperative-task/wait/waits", waits },
  { "/cooperative-task/wait/paused", waits_and_is_paused },
  { "/cooperative-task/wait/in-vain", waits_in_vain },
  { "/cooperative-task/wait/for-what-is-there", waits_for_what_is_there },
  { "/cooperative-task/wait/for-what-is-there-and-nests", waits_for_what_is_there_and_nests },
  { "/cooperative-task/wait/for-what-has-failed", waits_for_what_has_failed },
  { "/cooperative-task/wait/stopped", waits_and_is_stopped },
  { "/cooperative-task/wait/stopped-and-resisted", stopped_and_resisted },
  { "/cooperative-task/wait/lost", waits_and_is_lost },
  { "/cooperative-task/wait/nobody-holds-it", waits_and_nobody_holds_it },
  { "/cooperative-task/wait/inner-without-owner", inner_without_owner },
  { "/cooperative-task/wait/several", waits_for_several },
  { "/cooperative-task/wait/one-of-several-fails", one_of_several_fails },
  { "/cooperative-task/wait/last-step", last_step_waits },
  { "/cooperative-task/wait/its-own-end", waits_for_its_end },
  { "/cooperative-task/wait/after-its-end", waits_after_its_end },
  { "/cooperative-task/threads/waits", waits_for_one_elsewhere },
};

int
main (int argc, char **argv)
{
  return run_cases_on_cooperator (argc, argv, cases, G_N_ELEMENTS (cases));
}
