/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Rule 21: a Deferred moves to another home. Rule 20: functions called there. */

#include "fixture.h"

static GThread *main_thread;

/* A thread that iterates its own context until it is told to stop. */
typedef struct
{
  GMainContext *context;
  GThread      *thread;
  int           started; /* atomic: it owns its context */
  gboolean      stop;    /* in its own thread */
} Worker;

static gpointer
work (gpointer data)
{
  Worker *worker = data;

  g_main_context_push_thread_default (worker->context);
  g_atomic_int_set (&worker->started, TRUE);
  g_main_context_wakeup (NULL);
  while (!worker->stop)
    g_main_context_iteration (worker->context, TRUE);
  settle (worker->context);
  g_main_context_pop_thread_default (worker->context);
  return NULL;
}

static void
start (Worker *worker)
{
  main_thread = g_thread_self ();
  worker->started = worker->stop = FALSE;
  worker->context = g_main_context_new ();
  worker->thread = g_thread_new ("worker", work, worker);
  while (!g_atomic_int_get (&worker->started))
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
tell_to_stop (gpointer data)
{
  ((Worker *) data)->stop = TRUE;
  return G_SOURCE_REMOVE;
}

/* What the worker was given before is done when this returns. */
static void
finish (Worker *worker)
{
  GSource *source = g_idle_source_new ();

  g_source_set_callback (source, tell_to_stop, worker, NULL);
  g_source_attach (source, worker->context);
  g_source_unref (source);
  g_thread_join (worker->thread);
  g_main_context_unref (worker->context);
}

static gboolean
act_away (GDeferred *self, gpointer data, GError **error)
{
  g_assert_true (g_thread_self () != main_thread);
  g_assert_true (g_deferred_is_home (self));
  return act (self, data, error);
}

static void
gone_away (gpointer data)
{
  g_assert_true (g_thread_self () != main_thread);
  gone (data);
}

static void
on_fired_away (GDeferred *self, gpointer data)
{
  g_assert_true (g_thread_self () != main_thread);
  say ("fired ");
}

static void
moves (void)
{
  GDeferred *d = g_deferred_new ();
  Worker     worker;

  start (&worker);
  g_deferred_add_both (d, act_away, (gpointer) "a", gone_away);
  g_signal_connect (d, "fired", G_CALLBACK (on_fired_away), NULL);
  g_deferred_hand_over (d, worker.context);
  g_assert_true (g_deferred_get_context (d) == worker.context);
  g_assert_false (g_deferred_is_home (d));
  expect_critical ("home");
  g_deferred_add_both (d, act_away, (gpointer) "b", gone_away);
  criticals_came ();
  fire (d, 1);
  fire_refused (d, ALREADY_CALLED);
  g_object_unref (d);
  finish (&worker);
  g_assert_true (g_str_has_suffix (fx_trace->str, "fired a:1 ~a ")
                 || g_str_has_suffix (fx_trace->str, "~b "));
  g_assert_nonnull (strstr (fx_trace->str, "fired a:1 ~a "));
  g_assert_nonnull (strstr (fx_trace->str, "~b "));
  g_string_truncate (fx_trace, 0);
}

static void
moves_when_finished (void)
{
  GDeferred *d = succeeded_with (1);
  Worker     worker;

  start (&worker);
  link_both (d, "a=2");
  trace_is ("a:1 ~a ");
  g_deferred_hand_over (d, worker.context);
  g_assert_false (g_deferred_is_home (d));
  g_object_unref (d);
  finish (&worker);
}

static void
fails_when_dropped (void)
{
  GDeferred *d = g_deferred_new ();
  Worker     worker;

  start (&worker);
  g_deferred_add_both (d, act_away, (gpointer) "a0", gone_away);
  g_deferred_hand_over (d, worker.context);
  g_object_unref (d);
  finish (&worker);
  trace_is ("a:!ABANDONED ~a ");
}

static gpointer
fire_it (gpointer d)
{
  fire (d, 9);
  return NULL;
}

/* What was on its way to the old home follows to the new one. */
static void
in_flight (void)
{
  GDeferred *d = g_deferred_new ();
  Worker     worker;

  start (&worker);
  g_deferred_add_both (d, act_away, (gpointer) "a", gone_away);
  g_thread_join (g_thread_new ("producer", fire_it, d));
  g_deferred_hand_over (d, worker.context);
  settle (NULL);
  g_object_unref (d);
  finish (&worker);
  trace_is ("a:9 ~a ");
}

static void
to_the_same_home (void)
{
  GDeferred *d = g_deferred_new ();

  link_both (d, "a");
  g_deferred_hand_over (d, NULL);
  g_deferred_hand_over (d, g_main_context_default ());
  g_assert_true (g_deferred_get_context (d) == g_main_context_default ());
  fire (d, 1);
  settle (NULL);
  trace_is ("a:1 ~a ");
  settle (NULL);
  g_assert_finalize_object (d);
}

/* One that others hand outcomes to: a fork, a chained one. They arrive in the new home. */
static void
targets (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *fork = g_deferred_fork (d);
  GDeferred *chained = g_deferred_new ();
  Worker     worker;

  start (&worker);
  g_deferred_chain_deferred (d, chained);
  g_deferred_add_both (fork, act_away, (gpointer) "f", gone_away);
  g_deferred_add_both (chained, act_away, (gpointer) "c", gone_away);
  g_deferred_hand_over (fork, worker.context);
  g_deferred_hand_over (chained, worker.context);
  fire (d, 5);
  g_assert_finalize_object (d);
  g_object_unref (fork);
  g_object_unref (chained);
  finish (&worker);
  trace_is ("f:5 ~f c:5 ~c ");
}

/* Those that are handed an outcome stay at home, and so does one that hands it to them. */
static void
what_hands_on (void)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *d = g_deferred_new ();
  GDeferred    *outer = succeeded_with (1);
  GDeferred    *fork = g_deferred_fork (d);
  GDeferred    *chained = g_deferred_new ();

  link_inner (outer, d);
  g_deferred_chain_deferred (d, chained);
  link_both (fork, "f");
  link_both (outer, "o");
  link_both (chained, "c");
  expect_critical ("hand_over");
  g_deferred_hand_over (d, context);
  criticals_came ();
  g_assert_true (g_deferred_is_home (d));
  fire (d, 5);
  trace_is ("f:5 ~f o:5 ~o c:- ~c ");

  /* They have it: nothing ties them any more. */
  g_deferred_hand_over (d, context);
  g_assert_true (g_deferred_get_context (d) == context);
  g_object_unref (d);
  settle (context);
  g_assert_finalize_object (outer);
  g_assert_finalize_object (fork);
  g_assert_finalize_object (chained);
  g_main_context_unref (context);
}

/* As at home: the outcome does not vanish without a word. */
static void
chained_to_fired (void)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *d = g_deferred_new ();
  GDeferred    *chained = g_deferred_new ();

  g_deferred_chain_deferred (d, chained);
  link_both (d, "a0");
  g_deferred_hand_over (chained, context);
  fire (chained, 1);
  fire_fail (d, "bad");
  trace_is ("a:!ALREADY_CALLED ~a ");
  g_assert_finalize_object (d);
  g_object_unref (chained);
  settle (context);
  g_main_context_unref (context);
}

/* Nobody owns the new context yet: whoever hands over is not at home there for that. */
static void
before_the_worker_starts (void)
{
  GDeferred *d = g_deferred_new ();
  Worker     worker = { .context = g_main_context_new () };

  main_thread = g_thread_self ();
  g_deferred_add_both (d, act_away, (gpointer) "a", gone_away);
  g_deferred_hand_over (d, worker.context);
  g_assert_false (g_deferred_is_home (d));
  fire (d, 5);
  g_object_unref (d);
  trace_is ("");
  worker.thread = g_thread_new ("worker", work, &worker);
  finish (&worker);
  trace_is ("a:5 ~a ");
}

static void
cancelled_after (void)
{
  GDeferred *d = g_deferred_new ();
  Worker     worker;

  start (&worker);
  g_deferred_add_both (d, act_away, (gpointer) "a0", gone_away);
  g_deferred_hand_over (d, worker.context);
  g_deferred_cancel (d);
  g_object_unref (d);
  finish (&worker);
  trace_is ("a:!CANCELLED ~a ");
}

static gboolean
hands_itself_over (GDeferred *self, gpointer context, GError **error)
{
  g_deferred_hand_over (self, context);
  return TRUE;
}

/* In the middle of a run it cannot move; a critical says so, and the run goes on where it was. */
static void
while_running (void)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *d = g_deferred_new ();

  g_deferred_add_callback (d, hands_itself_over, context, NULL);
  link_both (d, "a");
  expect_critical ("hand_over");
  fire (d, 1);
  criticals_came ();
  trace_is ("a:1 ~a ");
  g_assert_true (g_deferred_is_home (d));
  g_assert_finalize_object (d);
  g_main_context_unref (context);
}

/* One that waits, or is waited for, is tied to those it waits with. */
static void
while_waiting (void)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *d = succeeded_with (1);
  GDeferred    *inner = g_deferred_new ();

  link_inner (d, inner);
  link_both (d, "a");
  expect_critical ("hand_over");
  g_deferred_hand_over (d, context);
  criticals_came ();
  fire (inner, 2);
  trace_is ("a:2 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
  g_main_context_unref (context);
}

/* Inner ones of another home (rule 8): waited for, and cancelled, over there */

typedef struct
{
  GMainContext *context;
  GDeferred    *deferred;
  GMutex        lock;
  GCond         cond;
} Maker;

static void
stop_away (GDeferred *self, gpointer data)
{
  g_assert_true (g_thread_self () != main_thread);
  say ("stop ");
}

static gboolean
make_away (gpointer data)
{
  Maker *maker = data;

  g_mutex_lock (&maker->lock);
  maker->deferred = g_deferred_new_with_canceller (stop_away, NULL, NULL);
  g_assert_true (g_deferred_get_context (maker->deferred) == maker->context);
  g_deferred_add_both (maker->deferred, act_away, (gpointer) "i", gone_away);
  g_cond_signal (&maker->cond);
  g_mutex_unlock (&maker->lock);
  return G_SOURCE_REMOVE;
}

static GDeferred *
made_in (GMainContext *context)
{
  Maker    maker = { .context = context };
  GSource *source = g_idle_source_new ();

  g_source_set_callback (source, make_away, &maker, NULL);
  g_source_attach (source, context);
  g_source_unref (source);
  g_mutex_lock (&maker.lock);
  while (maker.deferred == NULL)
    g_cond_wait (&maker.cond, &maker.lock);
  g_mutex_unlock (&maker.lock);
  return maker.deferred;
}

static gboolean
act_at_main (GDeferred *self, gpointer data, GError **error)
{
  g_assert_true (g_thread_self () == main_thread);
  return act (self, data, error);
}

/* @trace is what both threads said, in whatever order. */
static void
inner_of_another_home (gboolean cancel, const char *const *trace)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner;
  Worker     worker;
  gsize      length = 0;

  start (&worker);
  inner = made_in (worker.context);
  link_inner (d, inner);
  g_deferred_add_both (d, act_at_main, (gpointer) "d0", NULL);
  trace_is ("");
  state_is (d, WAITING);
  if (cancel)
    g_deferred_cancel (d);
  else
    fire (inner, 5);
  while (g_deferred_get_pending (d))
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (d);
  g_object_unref (inner);
  finish (&worker);

  for (; *trace != NULL; trace++)
    {
      g_assert_nonnull (strstr (fx_trace->str, *trace));
      length += strlen (*trace);
    }
  g_assert_cmpuint (fx_trace->len, ==, length);
  g_string_truncate (fx_trace, 0);
}

static void
waits_for_another_home (void)
{
  static const char *const trace[] = { "i:5 ", "~i ", "d:5 ", NULL };

  inner_of_another_home (FALSE, trace);
}

static void
cancels_in_another_home (void)
{
  static const char *const trace[] = { "stop ", "i:!CANCELLED ", "~i ", "d:!CANCELLED ", NULL };

  inner_of_another_home (TRUE, trace);
}

/* Functions called at home */

static void
invoked (GDeferred *self, gpointer data)
{
  g_assert_true (g_deferred_is_home (self));
  say ("%s ", (char *) data);
}

static void
invoke (void)
{
  GDeferred *d = g_deferred_new ();
  gpointer   weak = d;

  g_object_add_weak_pointer (G_OBJECT (d), &weak);
  g_deferred_invoke (d, invoked, (gpointer) "one", gone);
  g_deferred_invoke (d, invoked, (gpointer) "two", NULL);
  trace_is ("");
  g_object_unref (d);
  g_assert_nonnull (weak);
  settle (NULL);
  trace_is ("one ~o two ");
  g_assert_null (weak);
}

static const Case cases[] = {
  { "/rule-21/hand-over/moves", moves },
  { "/rule-21/hand-over/moves-when-finished", moves_when_finished },
  { "/rule-21/hand-over/fails-when-dropped", fails_when_dropped },
  { "/rule-21/hand-over/in-flight", in_flight },
  { "/rule-21/hand-over/to-the-same-home", to_the_same_home },
  { "/rule-21/hand-over/targets", targets },
  { "/rule-21/hand-over/what-hands-on", what_hands_on },
  { "/rule-21/hand-over/chained-to-a-fired-one", chained_to_fired },
  { "/rule-21/hand-over/before-the-worker-starts", before_the_worker_starts },
  { "/rule-21/hand-over/cancelled-after", cancelled_after },
  { "/rule-21/hand-over/while-running", while_running },
  { "/rule-21/hand-over/while-waiting", while_waiting },
  { "/rule-08/waits-for-another-home", waits_for_another_home },
  { "/rule-15/cancels-in-another-home", cancels_in_another_home },
  { "/rule-20/invoke", invoke },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
