/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* The cooperator: slices, turns, fairness. In the trace "a1 " is the first step of the task a. A step takes as long on
 * the virtual clock as the case says. */

#include "cooperator-fixture.h"

/* --- steps and slices -------------------------------------------------------------------------------------------- */

static void
steps (void)
{
  Work                      a = { .name = "a", .n = 3 };
  GDeferredCooperativeTask *task = add (&a);

  say_end (task, "A");
  trace_is ("");
  turn ();
  trace_is ("a1 a2 a3 ~a A:- ");
  g_assert_finalize_object (task);
  no_turn ();
}

/* The one after the other, a step each. */
static void
take_turns (void)
{
  Work a = { .name = "a", .n = 3 };
  Work b = { .name = "b", .n = 1 };
  Work c = { .name = "c", .n = 2 };

  drop (add (&a));
  drop (add (&b));
  drop (add (&c));
  g_assert_cmpuint (g_deferred_cooperator_get_n_tasks (cooperator), ==, 3);
  turn ();
  trace_is ("a1 b1 ~b c1 a2 c2 ~c a3 ~a ");
  g_assert_cmpuint (g_deferred_cooperator_get_n_tasks (cooperator), ==, 0);
}

/* A slice is five milliseconds; the next one goes on with who is next. */
static void
slices (void)
{
  Work a = { .name = "a", .n = 4, .takes = 2000 };
  Work b = { .name = "b", .n = 4, .takes = 1000 };

  drop (add (&a));
  drop (add (&b));
  turn ();
  trace_is ("a1 b1 a2 ");
  turn ();
  trace_is ("b2 a3 b3 a4 ~a ");
  turn ();
  trace_is ("b4 ~b ");
  no_turn ();
}

/* It ends the slice, and that is all. */
static void
long_step (void)
{
  Work a = { .name = "a", .n = 2, .takes = SECOND };
  Work b = { .name = "b", .n = 2, .takes = 0 };

  drop (add (&a));
  drop (add (&b));
  turn ();
  trace_is ("a1 ");
  turn ();
  trace_is ("b1 a2 ~a ");
  turn ();
  trace_is ("b2 ~b ");
}

static void
no_budget (void)
{
  Work a = { .name = "a", .n = 2 };
  Work b = { .name = "b", .n = 2 };

  g_object_unref (cooperator);
  cooperator = g_deferred_cooperator_new (0, G_PRIORITY_LOW);
  g_assert_cmpint (g_deferred_cooperator_get_budget (cooperator), ==, 0);
  g_assert_cmpint (g_deferred_cooperator_get_priority (cooperator), ==, G_PRIORITY_LOW);
  drop (add (&a));
  drop (add (&b));
  turn ();
  trace_is ("a1 ");
  turn ();
  trace_is ("b1 ");
  turn ();
  turn ();
  trace_is ("a2 ~a b2 ~b ");
}

/* The virtual clock does not move, and still others get their turn. */
static void
clock_that_stands (void)
{
  Work                      a = { .name = "", .n = G_MAXINT, .is_quiet = TRUE };
  GDeferredCooperativeTask *task = add (&a);

  turn ();
  g_assert_cmpint (a.i, >, 0);
  stop (task);
  trace_is ("~ ");
}

/* --- among others ------------------------------------------------------------------------------------------------ */

static guint n_others;

static gboolean
count_other (gpointer left)
{
  n_others++;
  return --*(int *) left > 0;
}

/* As long as others have something to do that is more urgent, nothing is run. */
static void
others_come_first (void)
{
  Work a = { .name = "a", .n = 2, .takes = SECOND };
  int  drawing = 50;
  int  input = 50;

  n_others = 0;
  drop (add (&a));
  g_idle_add_full (G_PRIORITY_HIGH_IDLE + 20, count_other, &drawing, NULL);
  g_idle_add_full (G_PRIORITY_DEFAULT, count_other, &input, NULL);
  while (n_others < 100)
    {
      trace_is ("");
      g_assert_true (g_main_context_iteration (NULL, FALSE));
    }
  turn ();
  trace_is ("a1 ");
  turn ();
  trace_is ("a2 ~a ");
}

/* A source that has something to do each ten milliseconds of the virtual clock. */
typedef struct
{
  GSource   source;
  GTimeSpan next;
  GTimeSpan latest; /* by how much it was too late at most */
  guint     n;
} Ticker;

static gboolean
is_time (GSource *source)
{
  return g_deferred_clock_get_time (fx_clock) >= ((Ticker *) source)->next;
}

static gboolean
prepare_ticker (GSource *source, int *timeout)
{
  *timeout = -1;
  return is_time (source);
}

static gboolean
dispatch_ticker (GSource *source, GSourceFunc callback, gpointer user_data)
{
  Ticker *ticker = (Ticker *) source;

  ticker->latest = MAX (ticker->latest, g_deferred_clock_get_time (fx_clock) - ticker->next);
  ticker->next += 10000;
  ticker->n++;
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs ticker_funcs = { prepare_ticker, is_time, dispatch_ticker, NULL, NULL, NULL };

/* For a second of work a hundred ticks a second come, each at most one slice and one step too late. */
static void
ticks_come (void)
{
  Work     a = { .name = "a", .n = 700, .takes = 700, .is_quiet = TRUE };
  Work     b = { .name = "b", .n = 730, .takes = 700, .is_quiet = TRUE };
  GSource *source = g_source_new (&ticker_funcs, sizeof (Ticker));
  Ticker  *ticker = (Ticker *) source;

  ticker->next = 10000;
  g_source_attach (source, NULL);
  drop (add (&a));
  drop (add (&b));
  while (g_deferred_cooperator_get_n_tasks (cooperator) > 0)
    g_assert_true (g_main_context_iteration (NULL, FALSE));
  settle (NULL);
  trace_is ("~a ~b ");
  g_assert_cmpint (g_deferred_clock_get_time (fx_clock), ==, 1001000);
  g_assert_cmpuint (ticker->n, ==, 100);
  g_assert_cmpint (ticker->latest, <, 5000 + 700);
  g_source_destroy (source);
  g_source_unref (source);
}

/* Two that are at work at once do not keep each other from it. */
static void
two_cooperators (void)
{
  Work                 a = { .name = "a", .n = 2, .takes = SECOND };
  Work                 b = { .name = "b", .n = 2, .takes = SECOND };
  GDeferredCooperator *other = g_deferred_cooperator_new (5000, G_PRIORITY_DEFAULT_IDLE);

  drop (add (&a));
  drop (g_deferred_cooperator_cooperate (other, step, &b, work_gone));
  g_object_unref (other);
  turn ();
  trace_is ("a1 b1 ");
  turn ();
  trace_is ("a2 ~a b2 ~b ");
}

/* --- from inside ------------------------------------------------------------------------------------------------- */

static Work added = { .name = "b", .n = 2 };

static void
add_another (GDeferredCooperativeTask *task)
{
  added.i = 0;
  drop (add (&added));
}

static void
added_inside (void)
{
  Work a = { .name = "a", .n = 2, .at = 1, .act = add_another };

  drop (add (&a));
  turn ();
  trace_is ("a1 b1 a2 ~a b2 ~b ");
}

static gboolean
add_after (GDeferred *self, gpointer unused, GError **error)
{
  add_another (NULL);
  return TRUE;
}

/* By who hears that another one has ended. */
static void
added_at_an_end (void)
{
  Work                      a = { .name = "a", .n = 1 };
  GDeferredCooperativeTask *task = add (&a);
  GDeferred                *done = g_deferred_cooperative_task_when_done (task);

  g_deferred_add_callback (done, add_after, NULL, NULL);
  turn ();
  trace_is ("a1 ~a b1 b2 ~b ");
  g_assert_finalize_object (done);
  g_assert_finalize_object (task);
  no_turn ();
}

static void
nest (GDeferredCooperativeTask *task)
{
  say ("( ");
  while (g_main_context_iteration (NULL, FALSE))
    ;
  say (") ");
}

/* A step that runs a loop: the others go on in it, and it does not. */
static void
nested_loop (void)
{
  Work a = { .name = "a", .n = 2, .at = 1, .act = nest };
  Work b = { .name = "b", .n = 2 };

  drop (add (&a));
  drop (add (&b));
  turn ();
  trace_is ("a1 ( b1 b2 ~b ) a2 ~a ");
  no_turn ();
}

static void
nested_alone (void)
{
  Work a = { .name = "a", .n = 2, .at = 1, .act = nest };

  drop (add (&a));
  turn ();
  trace_is ("a1 ( ) a2 ~a ");
}

/* --- its end ----------------------------------------------------------------------------------------------------- */

/* The tasks keep it. */
static void
dropped (void)
{
  Work                 a = { .name = "a", .n = 2, .takes = SECOND };
  GDeferredCooperator *watched = cooperator;

  g_object_add_weak_pointer (G_OBJECT (watched), (gpointer *) &watched);
  drop (add (&a));
  g_clear_object (&cooperator);
  turn ();
  trace_is ("a1 ");
  g_assert_nonnull (watched);
  turn ();
  trace_is ("a2 ~a ");
  g_assert_null (watched);
}

static void
drop_cooperator (GDeferredCooperativeTask *task)
{
  g_clear_object (&cooperator);
}

static void
dropped_inside (void)
{
  Work a = { .name = "a", .n = 1, .at = 1, .act = drop_cooperator };

  drop (add (&a));
  turn ();
  trace_is ("a1 ~a ");
}

static void
stopped (void)
{
  Work                      a = { .name = "a", .n = 2 };
  Work                      b = { .name = "b", .n = 2 };
  Work                      c = { .name = "c", .n = 2, .at = 1, .act = wait_for_inner };
  Work                      d = { .name = "d", .n = 2 };
  GDeferredCooperativeTask *tasks[4];

  inner = g_deferred_new ();
  tasks[0] = add (&c);
  turn ();
  trace_is ("c1 ");
  tasks[1] = add (&a);
  tasks[2] = add (&b);
  g_deferred_cooperative_task_pause (tasks[2]);
  say_end (tasks[0], "C");
  say_end (tasks[1], "A");
  say_end (tasks[2], "B");
  g_assert_cmpuint (g_deferred_cooperator_get_n_tasks (cooperator), ==, 3);

  g_deferred_cooperator_stop (cooperator);
  trace_is ("~c C:!CANCELLED ~a A:!CANCELLED ~b B:!CANCELLED ");
  g_assert_true (g_deferred_is_cancelled (inner));
  g_assert_cmpuint (g_deferred_cooperator_get_n_tasks (cooperator), ==, 0);

  tasks[3] = add (&d);
  trace_is ("~d ");
  say_end (tasks[3], "D");
  trace_is ("D:!CANCELLED ");
  no_turn ();
  g_deferred_cooperator_stop (cooperator);
  for (int i = 0; i < 4; i++)
    g_assert_finalize_object (tasks[i]);
  g_assert_finalize_object (inner);
}

static gboolean
stop_all (GDeferred *self, gpointer unused, GError **error)
{
  g_deferred_cooperator_stop (cooperator);
  say ("stopped ");
  return TRUE;
}

/* By who hears that a task has ended: that one has. */
static void
stopped_at_an_end (void)
{
  Work                      a = { .name = "a", .n = 1 };
  Work                      b = { .name = "b", .n = 1 };
  GDeferredCooperativeTask *task = add (&a);
  GDeferred                *done = g_deferred_cooperative_task_when_done (task);

  g_deferred_add_callback (done, stop_all, NULL, NULL);
  link_both (done, "d");
  drop (add (&b));
  turn ();
  trace_is ("a1 ~a ~b stopped d:- ~d ");
  g_assert_finalize_object (done);
  g_assert_finalize_object (task);
}

static void
stop_cooperator (GDeferredCooperativeTask *task)
{
  g_deferred_cooperator_stop (cooperator);
}

static void
stopped_inside (void)
{
  Work a = { .name = "a", .n = 2, .at = 1, .act = stop_cooperator };
  Work b = { .name = "b", .n = 2 };

  drop (add (&a));
  drop (add (&b));
  turn ();
  trace_is ("a1 ~b ~a ");
  no_turn ();
}

/* --- many, other threads, bad input ------------------------------------------------------------------------------ */

/* Each gets as many steps as any other, wherever the slices end. */
static void
fair (void)
{
  const guint      n = gd_test_scaled (1000);
  g_autofree Work *works = g_new0 (Work, n);
  guint            rest = n;

  for (guint i = 0; i < n; i++)
    {
      works[i] = (Work){ .name = "x", .n = 50, .takes = g_test_rand_int_range (0, 3000), .is_quiet = TRUE };
      drop (g_deferred_cooperator_cooperate (cooperator, step, &works[i], NULL));
    }
  while (rest > 0)
    {
      guint least = G_MAXUINT;
      guint most = 0;

      turn ();
      rest = g_deferred_cooperator_get_n_tasks (cooperator);
      for (guint i = 0; i < n; i += 7)
        {
          least = MIN (least, (guint) works[i].i);
          most = MAX (most, (guint) works[i].i);
        }
      g_assert_cmpuint (most - least, <=, 1);
    }
}

static gpointer
use_away (gpointer unused)
{
  Work a = { .name = "a", .n = 1 };

  g_assert_null (g_deferred_cooperator_cooperate (cooperator, step, &a, NULL));
  g_deferred_cooperator_stop (cooperator);
  g_assert_cmpuint (g_deferred_cooperator_get_n_tasks (cooperator), ==, 0);
  return NULL;
}

static void
elsewhere (void)
{
  Work a = { .name = "a", .n = 1 };

  drop (add (&a));
  for (int i = 0; i < 3; i++)
    expect_critical ("called from a thread that is not the cooperator's home");
  in_a_worker (use_away, NULL);
  criticals_came ();
  turn ();
  trace_is ("a1 ~a ");
}

static gpointer
in_its_own_context (gpointer unused)
{
  GMainContext        *context = g_main_context_new ();
  Work                 a = { .name = "a", .n = 2 };
  GDeferredCooperator *own;

  g_main_context_push_thread_default (context);
  own = g_deferred_cooperator_new (5000, G_PRIORITY_DEFAULT);
  drop (g_deferred_cooperator_cooperate (own, step, &a, work_gone));
  g_object_unref (own);
  settle (context);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return NULL;
}

static void
another_context (void)
{
  in_a_worker (in_its_own_context, NULL);
  trace_is ("a1 a2 ~a ");
}

static void
misuse (void)
{
  GDeferred *d = g_deferred_new ();

  expect_critical ("budget >= 0");
  g_assert_null (g_deferred_cooperator_new (-1, 0));
  for (int i = 0; i < 5; i++)
    expect_critical ("G_IS_DEFERRED_COOPERATOR (self)");
  g_assert_null (g_deferred_cooperator_cooperate (NULL, step, NULL, NULL));
  g_deferred_cooperator_stop ((GDeferredCooperator *) d);
  g_deferred_cooperator_get_n_tasks (NULL);
  g_deferred_cooperator_get_budget (NULL);
  g_deferred_cooperator_get_priority (NULL);
  expect_critical ("step != NULL");
  g_assert_null (g_deferred_cooperator_cooperate (cooperator, NULL, NULL, NULL));
  criticals_came ();
  g_object_unref (d);
}

static void
made_by_type (void)
{
  GDeferredCooperator *other = g_object_new (G_TYPE_DEFERRED_COOPERATOR, NULL);
  GTimeSpan            budget;
  int                  priority;

  g_object_get (other, "budget", &budget, "priority", &priority, NULL);
  g_assert_cmpint (budget, ==, 5000);
  g_assert_cmpint (priority, ==, G_PRIORITY_DEFAULT_IDLE);
  g_assert_finalize_object (other);
}

static const Case cases[] = {
  { "/cooperator/slices/steps", steps },
  { "/cooperator/slices/take-turns", take_turns },
  { "/cooperator/slices/budget", slices },
  { "/cooperator/slices/long-step", long_step },
  { "/cooperator/slices/no-budget", no_budget },
  { "/cooperator/slices/clock-that-stands", clock_that_stands },
  { "/cooperator/others/come-first", others_come_first },
  { "/cooperator/others/ticks-come", ticks_come },
  { "/cooperator/others/two-cooperators", two_cooperators },
  { "/cooperator/inside/added", added_inside },
  { "/cooperator/inside/added-at-an-end", added_at_an_end },
  { "/cooperator/inside/nested-loop", nested_loop },
  { "/cooperator/inside/nested-alone", nested_alone },
  { "/cooperator/end/dropped", dropped },
  { "/cooperator/end/dropped-inside", dropped_inside },
  { "/cooperator/end/stopped", stopped },
  { "/cooperator/end/stopped-at-an-end", stopped_at_an_end },
  { "/cooperator/end/stopped-inside", stopped_inside },
  { "/cooperator/fair", fair },
  { "/cooperator/threads/elsewhere", elsewhere },
  { "/cooperator/threads/another-context", another_context },
  { "/cooperator/misuse", misuse },
  { "/cooperator/made-by-type", made_by_type },
};

int
main (int argc, char **argv)
{
  return run_cases_on_cooperator (argc, argv, cases, G_N_ELEMENTS (cases));
}
