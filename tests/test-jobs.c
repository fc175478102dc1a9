/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Rule 22: jobs in threads, cancelled or not; calls from a thread into a main context. */

#include "fixture.h"

static GThread *main_thread;

/* Iterates until the trace holds @word. */
static void
until_said (const char *word)
{
  gboolean said = FALSE;

  while (!said)
    {
      g_mutex_lock (&fx_lock);
      said = strstr (fx_trace->str, word) != NULL;
      g_mutex_unlock (&fx_lock);
      if (!said)
        g_main_context_iteration (NULL, TRUE);
    }
}

/* A worker may hold the Deferred for a moment longer than it takes its outcome to arrive. */
static void
until_gone (gpointer *weak)
{
  while (*weak != NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
let_go (GDeferred *d)
{
  gpointer weak = d;

  g_object_add_weak_pointer (G_OBJECT (d), &weak);
  g_object_unref (d);
  until_gone (&weak);
}

/* A gate that jobs wait at. */
typedef struct
{
  GMutex   lock;
  GCond    cond;
  guint    arrived;
  gboolean open;
} Gate;

static Gate gate;

static void
wait_at_gate (void)
{
  g_mutex_lock (&gate.lock);
  gate.arrived++;
  g_cond_broadcast (&gate.cond);
  while (!gate.open)
    g_cond_wait (&gate.cond, &gate.lock);
  g_mutex_unlock (&gate.lock);
}

static void
close_gate (void)
{
  gate.arrived = 0;
  gate.open = FALSE;
}

static void
open_gate (void)
{
  g_mutex_lock (&gate.lock);
  gate.open = TRUE;
  g_cond_broadcast (&gate.cond);
  g_mutex_unlock (&gate.lock);
}

static void
await_arrivals (guint n)
{
  g_mutex_lock (&gate.lock);
  while (gate.arrived < n)
    g_cond_wait (&gate.cond, &gate.lock);
  g_mutex_unlock (&gate.lock);
}

static gboolean
job (GDeferred *self, gpointer data, GError **error)
{
  const char *plan = data;

  g_assert_true (g_thread_self () != main_thread);
  g_assert_false (g_deferred_is_cancelled (self));
  switch (plan[1])
    {
    case '=':
      return g_deferred_return_int (self, atoi (plan + 2));
    case '!':
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, plan + 2);
      return FALSE;
    case '?':
      return FALSE;
    default:
      return TRUE;
    }
}

static void
gone_at_home (gpointer data)
{
  g_assert_true (g_thread_self () == main_thread);
  gone (data);
}

static gboolean
end (GDeferred *self, gpointer data, GError **error)
{
  g_assert_true (g_thread_self () == main_thread);
  say_outcome (data, self);
  say ("end ");
  return g_deferred_return_none (self);
}

static void
ends_as (const char *plan, const char *trace)
{
  GDeferred *d = g_deferred_run_in_thread (job, (gpointer) plan, gone_at_home);
  char      *data_gone = g_strdup_printf ("~%c ", plan[0]);

  g_deferred_add_both (d, end, (gpointer) "r", NULL);
  until_said ("end ");
  until_said (data_gone);
  g_assert_nonnull (strstr (fx_trace->str, trace));
  g_assert_cmpuint (fx_trace->len, ==, strlen (trace) + strlen ("end ~a "));
  g_string_truncate (fx_trace, 0);
  let_go (d);
  g_free (data_gone);
}

static void
outcomes (void)
{
  main_thread = g_thread_self ();
  ends_as ("a=42", "r:42 ");
  ends_as ("a!bad", "r:!bad ");
  ends_as ("a?", "r:!FAILED ");
  ends_as ("a", "r:- ");
}

static gboolean
blocked_job (GDeferred *self, gpointer data, GError **error)
{
  wait_at_gate ();
  return g_deferred_return_int (self, 1);
}

static gboolean
must_not_run (GDeferred *self, gpointer data, GError **error)
{
  g_assert_not_reached ();
}

/* The victim is behind more jobs than there are threads. */
static void
cancelled_before_it_starts (void)
{
  enum
  {
    N_BLOCKERS = 300
  };
  GDeferred *blockers[N_BLOCKERS];
  GDeferred *victim;

  main_thread = g_thread_self ();
  close_gate ();
  for (int i = 0; i < N_BLOCKERS; i++)
    blockers[i] = g_deferred_run_in_thread (blocked_job, NULL, NULL);
  victim = g_deferred_run_in_thread (must_not_run, (gpointer) "v", gone_at_home);
  g_deferred_add_both (victim, end, (gpointer) "r", NULL);
  await_arrivals (1);
  g_deferred_cancel (victim);
  g_assert_nonnull (strstr (fx_trace->str, "~v "));
  g_assert_nonnull (strstr (fx_trace->str, "r:!CANCELLED end "));
  g_string_truncate (fx_trace, 0);
  let_go (victim);

  open_gate ();
  for (int i = 0; i < N_BLOCKERS; i++)
    {
      g_assert_true (g_deferred_wait (blockers[i], NULL));
      g_object_unref (blockers[i]);
    }
}

static gboolean
polling_job (GDeferred *self, gpointer data, GError **error)
{
  GCancellable *cancellable = g_deferred_get_cancellable (self);

  wait_at_gate ();
  g_assert_true (g_deferred_is_cancelled (self));
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  say ("late ");
  return g_deferred_return_take_object (self, g_object_ref (data));
}

static void
cancelled_while_it_runs (void)
{
  GDeferred *d;
  GObject   *value = g_object_new (G_TYPE_OBJECT, NULL);
  gpointer   weak;

  main_thread = g_thread_self ();
  close_gate ();
  weak = d = g_deferred_run_in_thread (polling_job, value, g_object_unref);
  g_object_ref (value);
  g_object_add_weak_pointer (G_OBJECT (d), &weak);
  g_deferred_add_both (d, end, (gpointer) "r", NULL);
  await_arrivals (1);
  g_deferred_cancel (d);
  trace_is ("r:!CANCELLED end ");
  g_object_unref (d);
  open_gate ();
  until_said ("late ");
  while (value->ref_count > 1)
    g_main_context_iteration (NULL, TRUE);
  until_gone (&weak);
  trace_is ("late ");
  g_assert_finalize_object (value);
}

/* Dropped is not cancelled: the job runs, its data goes at home. */
static void
dropped (void)
{
  GDeferred *d;

  main_thread = g_thread_self ();
  d = g_deferred_run_in_thread (job, (gpointer) "a=1", gone_at_home);
  g_object_unref (d);
  until_said ("~a ");
  trace_is ("~a ");

  d = g_deferred_run_in_thread (job, (gpointer) "b!nobody cares", gone_at_home);
  g_object_unref (d);
  until_said ("~b ");
  trace_is ("~b ");
  while (g_queue_is_empty (&fx_reports))
    g_main_context_iteration (NULL, TRUE);
  reported ("nobody cares");
}

static gboolean
progressing_job (GDeferred *self, gpointer data, GError **error)
{
  g_deferred_set_progress (self, 0.5, "half");
  return TRUE;
}

static void
on_progress (GDeferred *self, GParamSpec *pspec, gpointer data)
{
  g_assert_true (g_thread_self () == main_thread);
  say ("%g ", g_deferred_get_progress (self));
}

static void
progress (void)
{
  GDeferred *d;

  main_thread = g_thread_self ();
  d = g_deferred_run_in_thread (progressing_job, NULL, NULL);
  g_signal_connect (d, "notify::progress", G_CALLBACK (on_progress), NULL);
  g_assert_true (g_deferred_wait (d, NULL));
  trace_is ("0.5 ");
  let_go (d);
}

/* Several in one thread */

static GThread *job_thread;

static gboolean
numbered_job (GDeferred *self, gpointer data, GError **error)
{
  if (job_thread == NULL)
    job_thread = g_thread_self ();
  g_assert_true (g_thread_self () == job_thread);
  say ("%s ", (char *) data);
  return TRUE;
}

static gboolean
failing_job (GDeferred *self, gpointer data, GError **error)
{
  say ("%s ", (char *) data);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "bad");
  return FALSE;
}

static void
several (void)
{
  const GDeferredJob jobs[] = { { numbered_job, (gpointer) "1", gone_at_home },
                                { numbered_job, (gpointer) "2", gone_at_home },
                                { numbered_job, (gpointer) "3", gone_at_home } };
  GDeferred         *d;

  main_thread = g_thread_self ();
  job_thread = NULL;
  d = g_deferred_run_all_in_thread (jobs, G_N_ELEMENTS (jobs));
  g_assert_true (g_deferred_wait (d, NULL));
  until_said ("~3 ");
  trace_is ("1 2 3 ~1 ~2 ~3 ");
  let_go (d);
}

static void
several_of_none (void)
{
  GDeferred *d = g_deferred_run_all_in_thread (NULL, 0);

  g_assert_true (g_deferred_wait (d, NULL));
  let_go (d);
}

static gboolean
gate_job (GDeferred *self, gpointer data, GError **error)
{
  wait_at_gate ();
  return TRUE;
}

static void
several_cancelled (void)
{
  const GDeferredJob jobs[]
      = { { gate_job, (gpointer) "1", gone_at_home }, { must_not_run, (gpointer) "2", gone_at_home } };
  GDeferred *d;

  main_thread = g_thread_self ();
  close_gate ();
  d = g_deferred_run_all_in_thread (jobs, G_N_ELEMENTS (jobs));
  g_deferred_add_both (d, end, (gpointer) "r", NULL);
  await_arrivals (1);
  g_deferred_cancel (d);
  g_assert_nonnull (strstr (fx_trace->str, "r:!CANCELLED end "));
  open_gate ();
  until_said ("~1 ");
  until_said ("~2 ");
  settle (NULL);
  let_go (d);
  g_string_truncate (fx_trace, 0);
}

static void
several_with_a_failure (void)
{
  const GDeferredJob jobs[]
      = { { failing_job, (gpointer) "1", gone_at_home }, { numbered_job, (gpointer) "2", gone_at_home } };
  GDeferred *d;
  GError    *error = NULL;

  main_thread = g_thread_self ();
  job_thread = NULL;
  d = g_deferred_run_all_in_thread (jobs, G_N_ELEMENTS (jobs));
  g_assert_false (g_deferred_wait (d, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_error_free (error);
  until_said ("~1 ");
  until_said ("~2 ");
  g_assert_true (g_str_has_prefix (fx_trace->str, "1 "));
  g_string_truncate (fx_trace, 0);
  let_go (d);
}

/* From a worker into a main context */

static gboolean
in_main (GDeferred *self, gpointer data, GError **error)
{
  g_assert_true (g_thread_self () == main_thread);
  say ("%s ", (char *) data);
  if (strcmp (data, "fail") == 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
      return FALSE;
    }
  return g_deferred_return_int (self, 17);
}

static gboolean
calling_job (GDeferred *self, gpointer data, GError **error)
{
  GValue   value = G_VALUE_INIT;
  GError  *failure = NULL;
  gboolean ok;

  ok = g_deferred_blocking_call (NULL, in_main, (gpointer) "call", &value, &failure);
  g_assert_no_error (failure);
  g_assert_true (ok);
  g_assert_cmpint (g_value_get_int (&value), ==, 17);
  g_value_unset (&value);
  g_assert_true (g_deferred_blocking_call (NULL, in_main, (gpointer) "again", NULL, NULL));
  g_assert_false (g_deferred_blocking_call (NULL, in_main, (gpointer) "fail", &value, &failure));
  g_assert_error (failure, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_clear_error (&failure);
  g_assert_false (g_deferred_blocking_call (NULL, in_main, (gpointer) "fail", NULL, NULL));
  return TRUE;
}

static void
blocking_call (void)
{
  GDeferred *d;

  main_thread = g_thread_self ();
  d = g_deferred_run_in_thread (calling_job, NULL, NULL);
  g_assert_true (g_deferred_wait (d, NULL));
  trace_is ("call again fail fail ");
  let_go (d);
}

static gboolean
return_pending (GDeferred *self, gpointer inner, GError **error)
{
  g_assert_true (g_thread_self () == main_thread);
  return g_deferred_return_deferred (self, g_object_ref (inner));
}

static gboolean
waiting_job (GDeferred *self, gpointer inner, GError **error)
{
  GValue value = G_VALUE_INIT;

  g_assert_true (g_deferred_blocking_call (NULL, return_pending, inner, &value, error));
  return g_deferred_return_take_value (self, &value);
}

static gboolean
fire_later (gpointer d)
{
  fire (d, 23);
  return G_SOURCE_REMOVE;
}

static void
blocking_call_waits (void)
{
  GDeferred *inner = g_deferred_new ();
  GDeferred *d;

  main_thread = g_thread_self ();
  d = g_deferred_run_in_thread (waiting_job, inner, NULL);
  g_idle_add (fire_later, inner);
  g_assert_true (g_deferred_wait (d, NULL));
  g_assert_cmpint (g_deferred_get_int (d), ==, 23);
  let_go (d);
  settle (NULL);
  g_assert_finalize_object (inner);
}

/* From the context's own thread: it must not wait for itself. */
static void
blocking_call_at_home (void)
{
  GValue value = G_VALUE_INIT;

  main_thread = g_thread_self ();
  g_assert_true (g_deferred_blocking_call (NULL, in_main, (gpointer) "call", &value, NULL));
  g_assert_cmpint (g_value_get_int (&value), ==, 17);
  trace_is ("call ");
}

static const Case cases[] = {
  { "/rule-22/outcomes", outcomes },
  { "/rule-22/cancelled-before-it-starts", cancelled_before_it_starts },
  { "/rule-22/cancelled-while-it-runs", cancelled_while_it_runs },
  { "/rule-22/dropped", dropped },
  { "/rule-22/progress", progress },
  { "/rule-22/several", several },
  { "/rule-22/several-of-none", several_of_none },
  { "/rule-22/several-cancelled", several_cancelled },
  { "/rule-22/several-with-a-failure", several_with_a_failure },
  { "/rule-22/blocking-call", blocking_call },
  { "/rule-22/blocking-call-waits", blocking_call_waits },
  { "/rule-22/blocking-call-at-home", blocking_call_at_home },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
