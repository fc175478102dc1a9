/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Task groups that are dropped, whose tasks are cut off, live elsewhere, or are many. */

#include "many-fixture.h"

static gboolean
wait_for_it (GDeferred *self, gpointer inner, GError **error)
{
  return g_deferred_return_deferred (self, g_object_ref (inner));
}

static void
start (GDeferredTaskGroup *group, GDeferred *inner)
{
  g_object_unref (g_deferred_task_group_spawn (group, wait_for_it, inner, NULL));
}

static void
dropped (void)
{
  GDeferredTaskGroup *group = g_deferred_task_group_new ();
  GDeferred          *a = stoppable ("a"), *b = giving ("b");

  start (group, a);
  start (group, b);
  g_assert_finalize_object (group);
  trace_is ("");
  settle (NULL);
  trace_is ("stop-a stop-b ");
  drop (a);
  drop (b);
}

static void
dropped_without_tasks (void)
{
  GDeferredTaskGroup *group = g_deferred_task_group_new ();
  GDeferred          *a = succeeded_with (1);

  start (group, a);
  g_assert_finalize_object (group);
  settle (NULL);
  drop (a);
}

/* An error that it was going to tell is not lost. */
static void
dropped_with_an_error (void)
{
  GDeferredTaskGroup *group = g_deferred_task_group_new ();
  GDeferred          *at_last = g_deferred_new ();
  GDeferred          *a = stubborn (at_last), *b = failed_with ("bad");

  start (group, a);
  start (group, b);
  g_assert_finalize_object (group);
  settle (NULL);
  nothing_reported ();
  fire (at_last, 1);
  reported ("bad");
  drop (at_last);
  drop (a);
  drop (b);
}

static void
dropped_while_one_takes_its_time (void)
{
  GDeferredTaskGroup *group = g_deferred_task_group_new ();
  GDeferred          *at_last = g_deferred_new ();
  GDeferred          *a = stubborn (at_last);

  start (group, a);
  g_assert_finalize_object (group);
  settle (NULL);
  fire (at_last, 1);
  drop (at_last);
  drop (a);
}

/* Closed, it ends by itself, whoever waits. */
static void
dropped_once_closed (void)
{
  GDeferredTaskGroup *group = g_deferred_task_group_new ();
  GDeferred          *a = stoppable ("a");
  GDeferred          *whole;

  start (group, a);
  whole = watch (g_deferred_task_group_close (group), "g");
  g_assert_finalize_object (group);
  g_object_unref (whole);
  settle (NULL);
  trace_is ("");
  fire (a, 1);
  trace_is ("g:- ");
  drop (a);
}

static void
nobody_waits (void)
{
  GDeferredTaskGroup *group = g_deferred_task_group_new ();
  GDeferred          *a = g_deferred_new ();

  start (group, a);
  g_object_unref (g_deferred_task_group_close (group));
  g_assert_finalize_object (group);
  fire_fail (a, "bad");
  reported ("bad");
  drop (a);
}

/* The one of a task's own links, while the group runs its own. */
static gboolean
drop_group (GDeferred *self, gpointer group, GError **error)
{
  g_clear_object ((GDeferredTaskGroup **) group);
  say ("dropped ");
  return TRUE;
}

static void
dropped_by_a_task (void)
{
  GDeferredTaskGroup *group = g_deferred_task_group_new ();
  GDeferred          *a = g_deferred_new (), *b = stoppable ("b");

  g_deferred_add_callback (a, drop_group, &group, NULL);
  start (group, a);
  start (group, b);
  fire (a, 1);
  trace_is ("dropped ");
  g_assert_null (group);
  settle (NULL);
  trace_is ("stop-b ");
  drop (a);
  drop (b);
}

static void
dropped_by_its_end (void)
{
  GDeferredTaskGroup *group = g_deferred_task_group_new ();
  GDeferred          *a = g_deferred_new ();
  GDeferred          *whole;

  start (group, a);
  whole = g_deferred_add_callback (g_deferred_task_group_close (group), drop_group, &group, NULL);
  fire (a, 1);
  trace_is ("dropped ");
  drop (a);
  drop (whole);
}

static void
a_task_is_abandoned (void)
{
  GDeferredTaskGroup *group = g_deferred_task_group_new ();
  GDeferred          *a = g_deferred_new (), *b = stoppable ("b");
  GDeferred          *whole;

  start (group, a);
  start (group, b);
  whole = watch (g_deferred_task_group_close (group), "g");
  g_object_unref (a);
  trace_is ("");
  settle (NULL);
  trace_is ("stop-b g:!ABANDONED ");
  g_assert_finalize_object (group);
  drop (b);
  drop (whole);
}

/* When all are to end anyway it is no failure. */
static void
a_task_is_abandoned_late (void)
{
  GDeferredTaskGroup *group = g_deferred_task_group_new ();
  GDeferred          *at_last = g_deferred_new ();
  GDeferred          *a = stubborn (at_last);
  GDeferred          *whole;

  g_assert_true (g_deferred_task_group_add (group, a));
  whole = watch (g_deferred_task_group_close (group), "g");
  g_deferred_cancel (whole);
  g_object_unref (at_last);
  trace_is ("");
  settle (NULL);
  trace_is ("g:!CANCELLED ");
  g_assert_error (g_deferred_get_error (a), G_DEFERRED_ERROR, G_DEFERRED_ERROR_ABANDONED);
  g_assert_finalize_object (group);
  drop (a);
  drop (whole);
}

static void
owner_of_a_task_gone (void)
{
  GDeferredTaskGroup *group = g_deferred_task_group_new ();
  GObject            *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred          *a = g_deferred_new (), *b = stoppable ("b");
  GDeferred          *whole;

  g_deferred_bind_owner (a, owner);
  g_assert_true (g_deferred_task_group_add (group, a));
  g_assert_true (g_deferred_task_group_add (group, b));
  whole = watch (g_deferred_task_group_close (group), "g");
  g_object_unref (owner);
  settle (NULL);
  g_assert_cmpuint (g_deferred_task_group_get_n_tasks (group), ==, 1);
  trace_is ("");
  fire (b, 1);
  trace_is ("g:- ");
  g_assert_finalize_object (group);
  drop (a);
  drop (b);
  drop (whole);
}

static void
owner_of_the_whole_gone (void)
{
  GDeferredTaskGroup *group = g_deferred_task_group_new ();
  GObject            *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred          *a = stoppable ("a");
  GDeferred          *whole;

  start (group, a);
  whole = watch (g_deferred_task_group_close (group), "g");
  g_deferred_bind_owner (whole, owner);
  g_object_unref (owner);
  settle (NULL);
  trace_is ("stop-a ");
  state_is (whole, FAILED);
  g_assert_finalize_object (group);
  drop (a);
  drop (whole);
}

/* A canceller that ends other tasks, starts one, and cancels once more. */
typedef struct
{
  GDeferredTaskGroup *group;
  GDeferred          *other;
} Wild;

static void
run_wild (GDeferred *self, gpointer data)
{
  Wild *wild = data;

  say ("wild ");
  fire (wild->other, 1);
  g_object_unref (g_deferred_task_group_spawn (wild->group, wait_for_it, wild->other, NULL));
  g_deferred_task_group_cancel (wild->group);
  say ("tame ");
}

static void
wild_cancellers (void)
{
  Wild       wild = { g_deferred_task_group_new (), g_deferred_new () };
  GDeferred *a = g_deferred_new_with_canceller (run_wild, &wild, NULL);
  GDeferred *b = stoppable ("b");
  GDeferred *whole;

  start (wild.group, a);
  start (wild.group, wild.other);
  start (wild.group, b);
  whole = watch (g_deferred_task_group_close (wild.group), "g");
  g_deferred_cancel (whole);
  trace_is ("wild stop-b tame g:!CANCELLED ");
  g_assert_finalize_object (wild.group);
  drop (a);
  drop (b);
  drop (wild.other);
  drop (whole);
}

/* --- many -------------------------------------------------------------------------------------------------------- */

static void
many_tasks (void)
{
  const guint         n = gd_test_scaled (100000);
  GDeferredTaskGroup *group = g_deferred_task_group_new ();
  GDeferred          *gate = g_deferred_new ();
  GDeferred          *whole;

  for (guint i = 0; i < n; i++)
    {
      GDeferred *fork = g_deferred_fork (gate);

      g_assert_true (g_deferred_task_group_add (group, fork));
      g_object_unref (fork);
    }
  whole = watch (g_deferred_task_group_close (group), "g");
  g_assert_cmpuint (g_deferred_task_group_get_n_tasks (group), ==, n);
  g_deferred_cancel (whole);
  trace_is ("g:!CANCELLED ");
  g_assert_finalize_object (group);
  fire (gate, 1);
  drop (gate);
  drop (whole);
}

/* Each is the only task of the next: in little stack, whether it ends from below or is cancelled from above. */
static GDeferred *
nested (guint n, GDeferred *innermost)
{
  GDeferred *whole = g_object_ref (innermost);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GDeferredTaskGroup) group = g_deferred_task_group_new ();

      g_assert_true (g_deferred_task_group_add (group, whole));
      g_object_unref (whole);
      whole = g_deferred_task_group_close (group);
    }
  return whole;
}

static void
deep (void)
{
  const guint n = gd_test_scaled (100000);
  GDeferred  *innermost = g_deferred_new ();
  GDeferred  *whole = watch (nested (n, innermost), "g");

  fire_fail (innermost, "bad");
  settle (NULL);
  trace_is ("g:!bad ");
  drop (innermost);
  g_object_unref (whole);
  settle (NULL);

  innermost = stoppable ("i");
  whole = watch (nested (n, innermost), "g");
  g_deferred_cancel (whole);
  settle (NULL);
  trace_is ("stop-i g:!CANCELLED ");
  drop (innermost);
  g_object_unref (whole);
  settle (NULL);
}

/* --- elsewhere --------------------------------------------------------------------------------------------------- */

static gpointer
fire_it (gpointer d)
{
  fire (d, 1);
  return NULL;
}

static void
fired_from_a_thread (void)
{
  GDeferredTaskGroup *group = g_deferred_task_group_new ();
  GDeferred          *a = g_deferred_new ();
  GDeferred          *whole;

  start (group, a);
  whole = watch (g_deferred_task_group_close (group), "g");
  g_thread_join (g_thread_new ("producer", fire_it, a));
  trace_is ("");
  settle (NULL);
  trace_is ("g:- ");
  g_assert_finalize_object (group);
  drop (a);
  drop (whole);
}

static gpointer
unref_it (gpointer object)
{
  g_object_unref (object);
  return NULL;
}

static void
dropped_in_a_thread (void)
{
  GDeferredTaskGroup *group = g_deferred_task_group_new ();
  GDeferred          *a = stoppable ("a");

  start (group, a);
  g_thread_join (g_thread_new ("elsewhere", unref_it, group));
  trace_is ("");
  settle (NULL);
  trace_is ("stop-a ");
  drop (a);
}

static void
tasks_elsewhere (void)
{
  There               there;
  GDeferredTaskGroup *group = g_deferred_task_group_new ();
  GDeferred          *a;
  GDeferred          *b;
  GDeferred          *whole;

  there_begin (&there);
  there_call (&there, make_there, &a);
  there_call (&there, make_there, &b);

  g_assert_true (g_deferred_task_group_add (group, a));
  g_assert_true (g_deferred_task_group_add (group, b));
  whole = watch (g_deferred_task_group_close (group), "g");
  fire_fail (a, "bad");
  trace_is ("");
  settle_both (&there);
  trace_is ("g:!bad ");
  g_assert_finalize_object (group);
  drop (whole);
  there_call (&there, drop_there, a);
  there_call (&there, drop_cancelled_there, b);
  there_end (&there);
}

static gpointer
use_elsewhere (gpointer data)
{
  GDeferredTaskGroup *group = data;
  GDeferred          *d = g_deferred_new ();

  expect_critical ("g_deferred_task_group_spawn: called from a thread that is not the home");
  g_assert_null (g_deferred_task_group_spawn (group, wait_for_it, "x", gone));
  expect_critical ("g_deferred_task_group_add: called");
  g_assert_false (g_deferred_task_group_add (group, d));
  expect_critical ("g_deferred_task_group_close: called");
  g_assert_null (g_deferred_task_group_close (group));
  expect_critical ("g_deferred_task_group_cancel: called");
  g_deferred_task_group_cancel (group);
  expect_critical ("g_deferred_task_group_get_n_tasks: called");
  g_assert_cmpuint (g_deferred_task_group_get_n_tasks (group), ==, 0);
  expect_critical ("g_deferred_task_group_is_closed: called");
  g_assert_false (g_deferred_task_group_is_closed (group));
  criticals_came ();
  g_object_unref (d);
  return NULL;
}

static void
not_from_elsewhere (void)
{
  GDeferredTaskGroup *group = g_deferred_task_group_new ();
  GDeferred          *whole;

  g_main_context_acquire (NULL);
  g_thread_join (g_thread_new ("elsewhere", use_elsewhere, group));
  g_main_context_release (NULL);
  trace_is ("~x ");
  whole = watch (g_deferred_task_group_close (group), "g");
  trace_is ("g:- ");
  g_assert_finalize_object (group);
  drop (whole);
}

static void
bad_arguments (void)
{
  GDeferredTaskGroup *group = g_deferred_task_group_new ();
  GDeferred          *d = g_deferred_new ();

  expect_critical ("G_IS_DEFERRED_TASK_GROUP (self)");
  g_assert_null (g_deferred_task_group_spawn (NULL, wait_for_it, NULL, NULL));
  expect_critical ("func != NULL");
  g_assert_null (g_deferred_task_group_spawn (group, NULL, NULL, NULL));
  expect_critical ("G_IS_DEFERRED_TASK_GROUP (self)");
  g_assert_false (g_deferred_task_group_add ((gpointer) d, d));
  expect_critical ("G_IS_DEFERRED (task)");
  g_assert_false (g_deferred_task_group_add (group, (gpointer) group));
  expect_critical ("G_IS_DEFERRED_TASK_GROUP (self)");
  g_assert_null (g_deferred_task_group_close (NULL));
  expect_critical ("G_IS_DEFERRED_TASK_GROUP (self)");
  g_deferred_task_group_cancel (NULL);
  expect_critical ("G_IS_DEFERRED_TASK_GROUP (self)");
  g_assert_cmpuint (g_deferred_task_group_get_n_tasks (NULL), ==, 0);
  expect_critical ("G_IS_DEFERRED_TASK_GROUP (self)");
  g_assert_false (g_deferred_task_group_is_closed (NULL));
  criticals_came ();
  g_assert_finalize_object (group);
  drop (d);
}

static const Case cases[] = {
  { "/rule-17/task-group/dropped-its-tasks-are-cancelled-from-the-loop", dropped },
  { "/rule-17/task-group/dropped-without-tasks", dropped_without_tasks },
  { "/rule-16/task-group/dropped-with-an-error", dropped_with_an_error },
  { "/rule-17/task-group/dropped-while-one-takes-its-time", dropped_while_one_takes_its_time },
  { "/rule-18/task-group/dropped-once-closed", dropped_once_closed },
  { "/rule-16/task-group/nobody-waits", nobody_waits },
  { "/rule-18/task-group/dropped-by-a-task", dropped_by_a_task },
  { "/rule-18/task-group/dropped-by-its-end", dropped_by_its_end },
  { "/rule-17/task-group/a-task-is-abandoned", a_task_is_abandoned },
  { "/rule-17/task-group/a-task-is-abandoned-late", a_task_is_abandoned_late },
  { "/rule-25/task-group/the-owner-of-a-task-is-gone", owner_of_a_task_gone },
  { "/rule-25/task-group/the-owner-of-the-whole-is-gone", owner_of_the_whole_gone },
  { "/rule-14/task-group/wild-cancellers", wild_cancellers },
  { "/task-group/many-tasks", many_tasks },
  { "/rule-10/task-group/of-groups-of-groups", deep },
  { "/rule-20/task-group/fired-from-a-thread", fired_from_a_thread },
  { "/rule-20/task-group/dropped-in-a-thread", dropped_in_a_thread },
  { "/rule-19/task-group/tasks-elsewhere", tasks_elsewhere },
  { "/rule-21/task-group/not-from-elsewhere", not_from_elsewhere },
  { "/misuse/task-group/bad-arguments", bad_arguments },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
