/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Rules 19 and 21: main contexts and threads. */

#include "fixture.h"

/* A thread that runs one function while the test waits for it. With `running`, the test's thread owns the default
 * main context meanwhile, as a program's does that runs its main loop. */
static gpointer
in_thread (gpointer (*func) (gpointer), gpointer data, gboolean running)
{
  gpointer result;

  if (running)
    g_assert_true (g_main_context_acquire (NULL));
  result = g_thread_join (g_thread_new ("worker", func, data));
  if (running)
    g_main_context_release (NULL);
  return result;
}

static GThread *home_thread;

static gboolean
at_home (GDeferred *self, gpointer data, GError **error)
{
  g_assert_true (g_thread_self () == home_thread);
  g_assert_true (g_deferred_is_home (self));
  return act (self, data, error);
}

static void
gone_at_home (gpointer data)
{
  g_assert_true (g_thread_self () == home_thread);
  gone (data);
}

static void
link_home (GDeferred *d, const char *plan)
{
  home_thread = g_thread_self ();
  g_deferred_add_both (d, at_home, (gpointer) plan, gone_at_home);
}

/* Rule 19: home */

static void
the_thread_default_context (void)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *d;

  d = g_deferred_new ();
  g_assert_true (g_deferred_get_context (d) == g_main_context_default ());
  g_assert_true (g_deferred_is_home (d));
  g_assert_finalize_object (d);

  g_main_context_push_thread_default (context);
  d = g_deferred_new ();
  g_assert_true (g_deferred_get_context (d) == context);
  g_assert_true (g_deferred_is_home (d));
  g_main_context_pop_thread_default (context);

  /* Settled at creation. */
  g_assert_true (g_deferred_get_context (d) == context);
  g_assert_true (g_deferred_is_home (d));
  link_home (d, "a");
  fire (d, 1);
  trace_is ("a:1 ~a ");
  g_assert_finalize_object (d);
  g_main_context_unref (context);
}

static gpointer
make_two (gpointer unused)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *later;

  g_assert_true (g_deferred_get_context (d) == g_main_context_default ());
  g_assert_true (g_deferred_is_home (d));
  link_home (d, "w");
  fire (d, 1);
  trace_is ("w:1 ~w ");
  g_assert_finalize_object (d);

  later = g_deferred_new ();
  link_home (later, "x0");
  fire_fail (later, "bad");
  trace_is ("x:!bad ~x ");
  g_assert_finalize_object (later);
  return NULL;
}

static void
a_worker_while_nobody_owns (void)
{
  in_thread (make_two, NULL, FALSE);
}

static gpointer
make_away (gpointer unused)
{
  GDeferred *d = g_deferred_new ();

  g_assert_true (g_deferred_get_context (d) == g_main_context_default ());
  g_assert_false (g_deferred_is_home (d));
  expect_critical ("home");
  g_deferred_add_both (d, at_home, (gpointer) "a", gone_at_home);
  criticals_came ();
  fire (d, 5);
  return d;
}

static void
a_worker_while_the_loop_runs (void)
{
  GDeferred *d;

  home_thread = g_thread_self ();
  d = in_thread (make_away, NULL, TRUE);
  g_assert_true (g_deferred_is_home (d));
  settle (NULL);
  trace_is ("~a ");
  g_assert_cmpint (g_deferred_get_int (d), ==, 5);
  link_home (d, "b");
  trace_is ("b:5 ~b ");
  g_assert_finalize_object (d);
}

/* Settled once: that the loop rests does not make the worker at home. */
static GMutex step_lock;
static GCond  step_cond;
static int    step;

static void
go_to_step (int to)
{
  g_mutex_lock (&step_lock);
  step = to;
  g_cond_broadcast (&step_cond);
  g_mutex_unlock (&step_lock);
}

static void
await_step (int awaited)
{
  g_mutex_lock (&step_lock);
  while (step != awaited)
    g_cond_wait (&step_cond, &step_lock);
  g_mutex_unlock (&step_lock);
}

static gpointer
make_away_and_add_later (gpointer unused)
{
  GDeferred *d = g_deferred_new ();

  go_to_step (1);
  await_step (2);
  g_assert_false (g_deferred_is_home (d));
  expect_critical ("home");
  g_deferred_add_both (d, at_home, (gpointer) "a", gone_at_home);
  criticals_came ();
  fire (d, 5);
  return d;
}

static void
settled_once (void)
{
  GThread   *thread;
  GDeferred *d;

  home_thread = g_thread_self ();
  step = 0;
  g_assert_true (g_main_context_acquire (NULL));
  thread = g_thread_new ("worker", make_away_and_add_later, NULL);
  await_step (1);
  g_main_context_release (NULL);
  go_to_step (2);
  d = g_thread_join (thread);
  settle (NULL);
  trace_is ("~a ");
  link_home (d, "b");
  trace_is ("b:5 ~b ");
  g_assert_finalize_object (d);
}

static gpointer
fire_int (gpointer d)
{
  g_assert_false (g_deferred_is_home (d));
  fire (d, 9);
  return NULL;
}

/* The thread that was at home is gone: another one is not at home for having its place. */
static gpointer
make_with_own_context (gpointer context)
{
  GDeferred *d;

  g_main_context_push_thread_default (context);
  d = g_deferred_new ();
  g_assert_true (g_deferred_is_home (d));
  g_main_context_pop_thread_default (context);
  return d;
}

static gpointer
is_away (gpointer d)
{
  g_assert_false (g_deferred_is_home (d));
  fire (d, 5);
  return NULL;
}

static void
thread_that_is_gone (void)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *d = in_thread (make_with_own_context, context, FALSE);

  in_thread (is_away, d, FALSE);
  g_main_context_push_thread_default (context);
  g_assert_true (g_deferred_is_home (d));
  settle (context);
  g_assert_cmpint (g_deferred_get_int (d), ==, 5);
  g_assert_finalize_object (d);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
}

static void
on_fired (GDeferred *d, gpointer data)
{
  g_assert_true (g_thread_self () == home_thread);
  say ("%s ", (char *) data);
}

static void
on_state (GDeferred *d, GParamSpec *pspec, gpointer data)
{
  g_assert_true (g_thread_self () == home_thread);
  say ("state-%d ", (int) g_deferred_get_state (d));
}

static void
all_happens_at_home (void)
{
  GDeferred *d = g_deferred_new ();

  link_home (d, "a");
  g_signal_connect (d, "fired", G_CALLBACK (on_fired), (gpointer) "fired");
  g_signal_connect_after (d, "fired", G_CALLBACK (on_fired), (gpointer) "after");
  in_thread (fire_int, d, FALSE);
  trace_is ("");
  state_is (d, PENDING);
  settle (NULL);
  trace_is ("fired a:9 ~a after ");
  g_assert_finalize_object (d);
}

static void
notifications_at_home (void)
{
  GDeferred *d = g_deferred_new ();

  home_thread = g_thread_self ();
  g_signal_connect (d, "notify::state", G_CALLBACK (on_state), NULL);
  in_thread (fire_int, d, TRUE);
  trace_is ("");
  settle (NULL);
  g_assert_true (g_str_has_suffix (fx_trace->str, "state-3 "));
  g_string_truncate (fx_trace, 0);
  g_assert_finalize_object (d);
}

/* A worker's own Deferred, fired from the main thread, runs where the worker iterates. */
typedef struct
{
  GDeferred *deferred;
  GMutex     lock;
  GCond      cond;
  gboolean   done;
} Worker;

static gboolean
finish_worker (GDeferred *self, gpointer data, GError **error)
{
  Worker *worker = data;

  g_assert_true (g_thread_self () == home_thread);
  say_outcome ("worker", self);
  worker->done = TRUE;
  return TRUE;
}

static gpointer
work (gpointer data)
{
  Worker       *worker = data;
  GMainContext *context = g_main_context_new ();
  GDeferred    *d;

  g_main_context_push_thread_default (context);
  home_thread = g_thread_self ();
  d = g_deferred_new ();
  g_deferred_add_both (d, finish_worker, worker, NULL);
  g_mutex_lock (&worker->lock);
  worker->deferred = d;
  g_cond_signal (&worker->cond);
  g_mutex_unlock (&worker->lock);
  while (!worker->done)
    g_main_context_iteration (context, TRUE);
  g_object_unref (d);
  settle (context);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return NULL;
}

static void
home_in_a_worker (void)
{
  Worker   worker = { NULL };
  GThread *thread = g_thread_new ("worker", work, &worker);

  g_mutex_lock (&worker.lock);
  while (worker.deferred == NULL)
    g_cond_wait (&worker.cond, &worker.lock);
  g_mutex_unlock (&worker.lock);
  g_object_ref (worker.deferred);
  g_assert_false (g_deferred_is_home (worker.deferred));
  fire (worker.deferred, 3);
  fire_refused (worker.deferred, ALREADY_CALLED);
  g_object_unref (worker.deferred);
  g_thread_join (thread);
  trace_is ("worker:3 ");
}

static gpointer
drop (gpointer d)
{
  g_object_unref (d);
  return NULL;
}

static void
dropped_elsewhere (void)
{
  GDeferred *d = g_deferred_new ();
  gpointer   weak = d;

  /* Not fired. */
  g_object_add_weak_pointer (G_OBJECT (d), &weak);
  link_home (d, "a0");
  in_thread (drop, d, FALSE);
  trace_is ("");
  settle (NULL);
  trace_is ("a:!ABANDONED ~a ");
  g_assert_null (weak);

  /* Fired with an error that nobody handled. */
  in_thread (drop, failed_with ("bad"), FALSE);
  settle (NULL);
  reported ("bad");

  /* Paused. */
  d = succeeded_with (1);
  g_deferred_pause (d);
  link_home (d, "a");
  in_thread (drop, d, TRUE);
  trace_is ("");
  settle (NULL);
  trace_is ("a:1 ~a ");
}

/* Data that says where it is freed */
static gboolean
value_freed (GDeferred *self, gpointer data, GError **error)
{
  return g_deferred_return_none (self);
}

static void
on_value_gone (gpointer data, GObject *object)
{
  g_assert_true (g_thread_self () == home_thread);
  say ("~value ");
}

static void
values_go_at_home (void)
{
  GDeferred *d = g_deferred_new ();
  GObject   *value = g_object_new (G_TYPE_OBJECT, NULL);

  home_thread = g_thread_self ();
  g_object_weak_ref (value, on_value_gone, NULL);
  g_deferred_callback_take_object (d, value, NULL);
  in_thread (drop, d, FALSE);
  trace_is ("");
  settle (NULL);
  trace_is ("~value ");

  d = g_deferred_new ();
  g_deferred_add_both (d, value_freed, NULL, NULL);
  value = g_object_new (G_TYPE_OBJECT, NULL);
  g_object_weak_ref (value, on_value_gone, NULL);
  g_deferred_callback_take_object (d, value, NULL);
  trace_is ("~value ");
  g_assert_finalize_object (d);
}

/* Rule 21: callbacks are added at home */

static gpointer
add_away (gpointer d)
{
  expect_critical ("g_deferred_add_callbacks*home");
  g_assert_true (g_deferred_add_callbacks (d, at_home, (gpointer) "p", gone_at_home, at_home, (gpointer) "q",
                                           gone_at_home)
                 == d);
  expect_critical ("g_deferred_add_callback*home");
  g_assert_true (g_deferred_add_callback (d, at_home, (gpointer) "r", gone_at_home) == d);
  expect_critical ("g_deferred_add_errback*home");
  g_assert_true (g_deferred_add_errback (d, at_home, (gpointer) "s", gone_at_home) == d);
  expect_critical ("g_deferred_add_both*home");
  g_assert_true (g_deferred_add_both (d, at_home, (gpointer) "t", gone_at_home) == d);
  expect_critical ("g_deferred_add_errback_for*home");
  g_assert_true (g_deferred_add_errback_for (d, G_IO_ERROR, 0, at_home, (gpointer) "u", gone_at_home) == d);
  criticals_came ();
  return NULL;
}

static void
added_elsewhere (void)
{
  for (int fired = 0; fired < 2; fired++)
    {
      GDeferred *d = g_deferred_new ();

      link_home (d, "a");
      if (fired)
        {
          fire (d, 1);
          trace_is ("a:1 ~a ");
        }
      in_thread (add_away, d, FALSE);
      trace_is ("");
      settle (NULL);
      trace_is ("~p ~q ~r ~s ~t ~u ");
      if (!fired)
        {
          fire (d, 1);
          trace_is ("a:1 ~a ");
        }
      link_home (d, "b");
      trace_is ("b:1 ~b ");
      g_assert_finalize_object (d);
    }
}

static gpointer
touch_away (gpointer d)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *other = g_deferred_new ();

  expect_critical ("home");
  g_deferred_pause (d);
  expect_critical ("home");
  g_deferred_unpause (d);
  expect_critical ("home");
  g_assert_null (g_deferred_fork (d));
  expect_critical ("home");
  g_assert_true (g_deferred_chain_deferred (d, other) == d);
  expect_critical ("home");
  g_deferred_hand_over (d, context);
  expect_critical ("home");
  g_assert_null (g_deferred_get_result (d));
  expect_critical ("home");
  g_assert_null (g_deferred_get_error (d));
  expect_critical ("home");
  g_assert_false (g_deferred_wait (d, NULL));
  criticals_came ();
  g_object_unref (other);
  g_main_context_unref (context);
  return NULL;
}

static void
touched_elsewhere (void)
{
  GDeferred *d = g_deferred_new ();

  link_home (d, "a");
  in_thread (touch_away, d, FALSE);
  g_assert_false (g_deferred_get_paused (d));
  fire (d, 1);
  trace_is ("a:1 ~a ");
  g_assert_finalize_object (d);
}

static const Case cases[] = {
  { "/rule-19/the-thread-default-context", the_thread_default_context },
  { "/rule-19/a-worker-while-nobody-owns-the-context", a_worker_while_nobody_owns },
  { "/rule-19/a-worker-while-the-loop-runs", a_worker_while_the_loop_runs },
  { "/rule-19/settled-once", settled_once },
  { "/rule-19/a-thread-that-is-gone", thread_that_is_gone },
  { "/rule-19/all-happens-at-home", all_happens_at_home },
  { "/rule-19/notifications-at-home", notifications_at_home },
  { "/rule-19/home-in-a-worker", home_in_a_worker },
  { "/rule-19/dropped-elsewhere", dropped_elsewhere },
  { "/rule-19/values-go-at-home", values_go_at_home },
  { "/rule-21/added-elsewhere", added_elsewhere },
  { "/rule-21/touched-elsewhere", touched_elsewhere },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
