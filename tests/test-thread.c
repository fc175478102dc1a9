/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Jobs in the shared threads, and rows of jobs. */

#include "gate.h"
#include "gdeferred/jobs-private.h"
#include "testutil.h"

#include <gdeferred/debug.h>

static GThread *main_thread;

static gboolean
must_not_run (GDeferred *self, gpointer user_data, GError **error)
{
  g_assert_not_reached ();
}

static gboolean
count_callback (GDeferred *self, gpointer counter, GError **error)
{
  (*(int *) counter)++;
  return TRUE;
}

/* --- what comes back --------------------------------------------------------------------------------------------- */

static gboolean
compute (GDeferred *self, gpointer user_data, GError **error)
{
  g_assert_true (g_thread_self () != main_thread);
  g_assert_false (g_deferred_is_home (self));
  return g_deferred_return_int (self, 6 * GPOINTER_TO_INT (user_data));
}

static gboolean
check_at_home (GDeferred *self, gpointer user_data, GError **error)
{
  g_assert_true (g_thread_self () == main_thread);
  g_assert_cmpint (g_deferred_get_int (self), ==, 42);
  return g_deferred_return_int (self, 43);
}

static void
test_result_comes_home (void)
{
  GDeferred *d = g_deferred_run_in_thread (compute, GINT_TO_POINTER (7), NULL);

  g_assert_cmpint (g_deferred_get_state (d), ==, G_DEFERRED_STATE_PENDING);
  g_deferred_add_callback (d, check_at_home, NULL, NULL);
  assert_gives (d, 43);
}

static gboolean
say_nothing (GDeferred *self, gpointer user_data, GError **error)
{
  return TRUE;
}

static void
test_result_of_nothing (void)
{
  g_autoptr (GDeferred) d = g_deferred_run_in_thread (say_nothing, NULL, NULL);

  g_assert_true (g_deferred_wait (d, NULL));
  g_assert_null (g_deferred_get_result (d));
}

static gboolean
fail_with_error (GDeferred *self, gpointer user_data, GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "full");
  return FALSE;
}

static gboolean
fail_silently (GDeferred *self, gpointer user_data, GError **error)
{
  return FALSE;
}

static void
test_errors_come_home (void)
{
  assert_fails (g_deferred_run_in_thread (fail_with_error, NULL, NULL), G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  assert_fails (g_deferred_run_in_thread (fail_silently, NULL, NULL), G_DEFERRED_ERROR,
                G_DEFERRED_ERROR_FAILED);
}

static gboolean
return_another (GDeferred *self, gpointer other, GError **error)
{
  return g_deferred_return_deferred (self, g_object_ref (other));
}

static void
test_job_may_return_a_deferred (void)
{
  g_autoptr (GDeferred) other = g_deferred_new ();
  GDeferred *d = g_deferred_run_in_thread (return_another, other, NULL);

  while (g_deferred_get_state (d) == G_DEFERRED_STATE_PENDING)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (g_deferred_get_waiting_on (d) == other);
  g_deferred_callback_int (other, 4, NULL);
  assert_gives (d, 4);
}

/* While the main loop runs, what a worker makes belongs to it. */
static gboolean
make_one (GDeferred *self, gpointer user_data, GError **error)
{
  GDeferred **made = user_data;

  *made = g_deferred_new ();
  g_assert_false (g_deferred_is_home (*made));
  g_deferred_callback_int (*made, 12, NULL);
  return TRUE;
}

static void
test_worker_makes_deferreds_for_the_main_loop (void)
{
  GDeferred *made = NULL;

  g_assert_true (g_main_context_acquire (NULL));
  assert_succeeds (g_deferred_run_in_thread (make_one, &made, NULL));
  assert_gives (made, 12);
  g_main_context_release (NULL);
}

/* --- many -------------------------------------------------------------------------------------------------------- */

static gboolean
check_number (GDeferred *self, gpointer number, GError **error)
{
  g_assert_cmpint (g_deferred_get_int (self), ==, GPOINTER_TO_INT (number));
  return TRUE;
}

static void
test_many_lose_nothing (void)
{
  int n_jobs = (int) gd_test_scaled (50000);
  int n_done = 0;

  for (int i = 0; i < n_jobs; i++)
    {
      GDeferred *d = g_deferred_run_in_thread (number_job, GINT_TO_POINTER (i), NULL);

      g_deferred_add_callback (d, check_number, GINT_TO_POINTER (i), NULL);
      g_deferred_add_callback (d, count_callback, &n_done, NULL);
      g_object_unref (d);
      if (i % 1000 == 0)
        g_main_context_iteration (NULL, FALSE);
    }
  while (n_done < n_jobs)
    g_main_context_iteration (NULL, TRUE);
}

/* Jobs that block side by side; and when ours have taken all the threads they may, GTask has some left. */
static void
gtask_func (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_int (task, 5);
}

static void
gtask_done (GObject *source, GAsyncResult *result, gpointer number)
{
  *(gssize *) number = g_task_propagate_int (G_TASK (result), NULL);
}

static void
fill_shared_threads (Gate *gate, int *n_done)
{
  guint n = gd_jobs_get_shared ()->max_workers;

  for (guint i = 0; i < n; i++)
    {
      GDeferred *d = g_deferred_run_in_thread (gate_job, gate, NULL);

      g_deferred_add_callback (d, count_callback, n_done, NULL);
      g_object_unref (d);
    }
  gate_await (gate, n);
}

static void
empty_shared_threads (Gate *gate, int *n_done)
{
  gate_open (gate);
  while (*n_done < (int) gd_jobs_get_shared ()->max_workers)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_leave_threads_to_gtask (void)
{
  Gate   gate = { .n_here = 0 };
  int    n_done = 0;
  gssize number = 0;
  GTask *task;

  /* GTask's pool has ten to begin with, and is slow to grow. */
  g_assert_cmpuint (gd_jobs_get_shared ()->max_workers, <, 10);
  fill_shared_threads (&gate, &n_done);
  g_object_unref (g_deferred_run_in_thread (number_job, NULL, NULL));

  task = g_task_new (NULL, NULL, gtask_done, &number);
  g_task_run_in_thread (task, gtask_func);
  g_object_unref (task);
  while (number != 5)
    g_main_context_iteration (NULL, TRUE);

  g_assert_cmpuint (gate_count (&gate), ==, gd_jobs_get_shared ()->max_workers);
  g_assert_cmpuint (gd_jobs_get_n_queued (gd_jobs_get_shared ()), ==, 1);
  empty_shared_threads (&gate, &n_done);
}

static gboolean
never_called (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static gpointer
use_a_context_for_a_moment (gpointer freed)
{
  GMainContext *context = g_main_context_new ();
  GSource      *marker = g_timeout_source_new_seconds (1000);

  g_source_set_callback (marker, never_called, freed, freed_at_home);
  g_source_attach (marker, context);
  g_source_unref (marker);
  ((Freed *) freed)->home = g_thread_self ();

  g_main_context_push_thread_default (context);
  for (int i = 0; i < 100; i++)
    assert_gives (g_deferred_run_in_thread (number_job, GINT_TO_POINTER (i), NULL), i);
  gd_test_settle ();
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return NULL;
}

/* Workers hold nothing of the context that started them: it is freed when its user is done with it. */
static void
test_context_is_freed (void)
{
  Freed freed = { NULL };

  g_thread_join (g_thread_new ("user", use_a_context_for_a_moment, &freed));
  g_assert_cmpint (freed.n_freed, ==, 1);
}

/* --- rule 22 ----------------------------------------------------------------------------------------------------- */

static void
test_cancelled_before_start (void)
{
  Gate       gate = { .n_here = 0 };
  Freed      freed = { .home = main_thread };
  int        n_done = 0;
  GDeferred *d;

  fill_shared_threads (&gate, &n_done);
  d = g_deferred_run_in_thread (must_not_run, &freed, freed_at_home);
  g_deferred_cancel (d);
  g_assert_cmpint (freed.n_freed, ==, 1);
  assert_fails (d, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  empty_shared_threads (&gate, &n_done);
}

typedef struct
{
  Freed freed; /* first: it is what the destroy-notify gets */
  Gate  gate;
  int   n_returned;
} Slow;

static gboolean
slow_job (GDeferred *self, gpointer user_data, GError **error)
{
  Slow *slow = user_data;

  gate_pass (&slow->gate);
  g_assert_true (g_deferred_is_cancelled (self));
  g_assert_true (g_cancellable_is_cancelled (g_deferred_get_cancellable (self)));
  g_assert_cmpint (slow->freed.n_freed, ==, 0);
  g_atomic_int_inc (&slow->n_returned);
  return g_deferred_return_int (self, 1);
}

static void
test_cancelled_while_it_runs (void)
{
  Slow       slow = { .freed.home = main_thread };
  int        n_called = 0;
  GDeferred *d = g_deferred_run_in_thread (slow_job, &slow, freed_at_home);

  g_deferred_add_callback (d, count_callback, &n_called, NULL);
  gate_await (&slow.gate, 1);
  g_deferred_cancel (d);
  g_assert_cmpint (g_deferred_get_state (d), ==, G_DEFERRED_STATE_FAILED);
  assert_fails (d, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  gd_test_settle ();
  g_assert_cmpint (slow.freed.n_freed, ==, 0);

  gate_open (&slow.gate);
  while (slow.freed.n_freed == 0)
    g_main_context_iteration (NULL, TRUE);
  gd_test_settle ();
  g_assert_cmpint (slow.n_returned, ==, 1);
  g_assert_cmpint (slow.freed.n_freed, ==, 1);
  g_assert_cmpint (n_called, ==, 0);
}

/* The result is there, but home has not heard of it. */
static void
test_cancelled_while_the_result_is_on_its_way (void)
{
  Slow       slow = { .freed.home = main_thread, .gate.is_open = TRUE };
  GDeferred *d = g_deferred_run_in_thread (number_job, &slow, freed_at_home);
  GdJobs    *shared = gd_jobs_get_shared ();
  gboolean   is_done = FALSE;

  while (!is_done)
    {
      g_mutex_lock (&shared->lock);
      is_done = shared->n_ready == shared->n_workers && shared->n_queued == 0;
      g_mutex_unlock (&shared->lock);
      g_thread_yield ();
    }
  g_deferred_cancel (d);
  g_assert_cmpint (g_deferred_get_state (d), ==, G_DEFERRED_STATE_FAILED);
  assert_fails (d, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  while (slow.freed.n_freed == 0)
    g_main_context_iteration (NULL, TRUE);
  gd_test_settle ();
  g_assert_cmpint (slow.freed.n_freed, ==, 1);
}

static void
test_dropped_one_runs (void)
{
  Freed freed = { .home = main_thread };

  g_object_unref (g_deferred_run_in_thread (number_job, &freed, freed_at_home));
  while (freed.n_freed == 0)
    g_main_context_iteration (NULL, TRUE);
  gd_test_settle ();
  g_assert_cmpint (freed.n_freed, ==, 1);
}

static void
count_report (GDeferred *self, gpointer counter)
{
  g_assert_error (g_deferred_get_error (self), G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_true (g_thread_self () == main_thread);
  (*(int *) counter)++;
}

static void
test_dropped_one_that_fails_is_reported (void)
{
  int n_reports = 0;

  g_deferred_set_unhandled_hook (count_report, &n_reports, NULL);
  g_object_unref (g_deferred_run_in_thread (fail_with_error, NULL, NULL));
  while (n_reports == 0)
    g_main_context_iteration (NULL, TRUE);
  gd_test_settle ();
  g_assert_cmpint (n_reports, ==, 1);
  g_deferred_set_unhandled_hook (NULL, NULL, NULL);
}

/* --- rows of jobs ------------------------------------------------------------------------------------------------ */

typedef struct
{
  GString *trace;
  GThread *thread;
  char     name;
} Step;

static gboolean
step_job (GDeferred *self, gpointer user_data, GError **error)
{
  Step   *step = user_data;
  GError *failure = NULL;

  g_assert_true (g_thread_self () != main_thread);
  step->thread = g_thread_self ();
  g_string_append_c (step->trace, step->name);
  switch (step->name)
    {
    case 'f':
      return fail_with_error (self, NULL, error);
    case 'F':
      return FALSE;
    case 'e':
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "TRUE all the same");
      return TRUE;
    case 'r':
      failure = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NO_SPACE, "returned");
      return g_deferred_return_take_error (self, failure);
    case '-':
      return TRUE;
    default:
      return g_deferred_return_int (self, step->name);
    }
}

static void
step_freed (gpointer user_data)
{
  Step *step = user_data;

  g_assert_true (g_thread_self () == main_thread);
  g_string_append_printf (step->trace, "~%c", step->name);
}

/* Runs a row of steps with these names, to the end. */
static GDeferred *
start_row (const char *names, GString *trace, Step *steps)
{
  GDeferredJob jobs[8];
  gsize        n = strlen (names);

  g_assert_cmpuint (n, <=, G_N_ELEMENTS (jobs));
  for (gsize i = 0; i < n; i++)
    {
      steps[i] = (Step){ trace, NULL, names[i] };
      jobs[i] = (GDeferredJob){ step_job, &steps[i], step_freed };
    }
  return g_deferred_run_all_in_thread (jobs, n);
}

static void
test_row_runs_in_order_in_one_thread (void)
{
  g_autoptr (GString) trace = g_string_new (NULL);
  Step steps[8];

  assert_gives (start_row ("abcd", trace, steps), 'd');
  g_assert_cmpstr (trace->str, ==, "abcd~a~b~c~d");
  for (guint i = 1; i < 4; i++)
    g_assert_true (steps[i].thread == steps[0].thread);

  assert_gives (start_row ("ab-", trace, steps), 'b');
}

static void
test_row_ends_with_the_first_failure (void)
{
  static const char *const rows[] = { "abfc", "abec", "abrc" };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GString) trace = g_string_new (NULL);
      g_autofree char *expected = g_strdup_printf ("ab%c~a~b~%c~c", rows[i][2], rows[i][2]);
      Step             steps[8];

      assert_fails (start_row (rows[i], trace, steps), G_IO_ERROR, G_IO_ERROR_NO_SPACE);
      g_assert_cmpstr (trace->str, ==, expected);
    }
}

static void
test_row_ends_with_a_failure_without_error (void)
{
  g_autoptr (GString) trace = g_string_new (NULL);
  Step steps[8];

  assert_fails (start_row ("Fa", trace, steps), G_DEFERRED_ERROR, G_DEFERRED_ERROR_FAILED);
  g_assert_cmpstr (trace->str, ==, "F~F~a");
}

static void
test_empty_row_has_fired (void)
{
  g_autoptr (GDeferred) d = g_deferred_run_all_in_thread (NULL, 0);

  g_assert_cmpint (g_deferred_get_state (d), ==, G_DEFERRED_STATE_SUCCEEDED);
  g_assert_null (g_deferred_get_result (d));
}

static void
test_cancelled_row_does_not_go_on (void)
{
  Slow         slow = { .freed.home = main_thread };
  Freed        freed = { .home = main_thread };
  GDeferredJob jobs[] = {
    { slow_job, &slow, freed_at_home },
    { must_not_run, &freed, freed_at_home },
  };
  GDeferred *d = g_deferred_run_all_in_thread (jobs, G_N_ELEMENTS (jobs));

  gate_await (&slow.gate, 1);
  g_deferred_cancel (d);
  assert_fails (d, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  gate_open (&slow.gate);
  while (freed.n_freed == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (slow.freed.n_freed, ==, 1);
}

static void
test_row_cancelled_before_start (void)
{
  Gate         gate = { .n_here = 0 };
  Freed        freed = { .home = main_thread };
  int          n_done = 0;
  GDeferredJob jobs[] = {
    { must_not_run, &freed, freed_at_home },
    { must_not_run, &freed, freed_at_home },
    { must_not_run, NULL, NULL },
  };
  GDeferred *d;

  fill_shared_threads (&gate, &n_done);
  d = g_deferred_run_all_in_thread (jobs, G_N_ELEMENTS (jobs));
  g_deferred_cancel (d);
  g_assert_cmpint (freed.n_freed, ==, 2);
  assert_fails (d, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  empty_shared_threads (&gate, &n_done);
}

/* --- bad input --------------------------------------------------------------------------------------------------- */

#define EXPECT_CRITICAL(pattern) g_test_expect_message ("GDeferred", G_LOG_LEVEL_CRITICAL, pattern)

static void
test_bad_input_is_told_and_does_no_harm (void)
{
  GDeferredJob jobs[] = { { number_job, NULL, NULL }, { NULL, NULL, NULL } };

  EXPECT_CRITICAL ("*func != NULL*");
  g_assert_null (g_deferred_run_in_thread (NULL, NULL, NULL));
  EXPECT_CRITICAL ("*jobs != NULL*");
  g_assert_null (g_deferred_run_all_in_thread (NULL, 1));
  EXPECT_CRITICAL ("*func != NULL*");
  g_assert_null (g_deferred_run_all_in_thread (jobs, 2));
  g_test_assert_expected_messages ();
}

int
main (int argc, char **argv)
{
  gd_test_init (&argc, &argv);
  main_thread = g_thread_self ();

#define T(path, name) g_test_add_func ("/thread/" path, test_##name)
  T ("rule-19/result-comes-home", result_comes_home);
  T ("rule-19/worker-makes-deferreds-for-the-main-loop", worker_makes_deferreds_for_the_main_loop);
  T ("result-of-nothing", result_of_nothing);
  T ("errors-come-home", errors_come_home);
  T ("job-may-return-a-deferred", job_may_return_a_deferred);
  T ("many-lose-nothing", many_lose_nothing);
  T ("leave-threads-to-gtask", leave_threads_to_gtask);
  T ("context-is-freed", context_is_freed);
  T ("rule-22/cancelled-before-start", cancelled_before_start);
  T ("rule-22/cancelled-while-it-runs", cancelled_while_it_runs);
  T ("rule-22/cancelled-while-the-result-is-on-its-way", cancelled_while_the_result_is_on_its_way);
  T ("dropped-one-runs", dropped_one_runs);
  T ("rule-16/dropped-one-that-fails-is-reported", dropped_one_that_fails_is_reported);
  T ("row/runs-in-order-in-one-thread", row_runs_in_order_in_one_thread);
  T ("row/ends-with-the-first-failure", row_ends_with_the_first_failure);
  T ("row/ends-with-a-failure-without-error", row_ends_with_a_failure_without_error);
  T ("row/empty-one-has-fired", empty_row_has_fired);
  T ("rule-22/cancelled-row-does-not-go-on", cancelled_row_does_not_go_on);
  T ("rule-22/row-cancelled-before-start", row_cancelled_before_start);
  T ("bad-input-is-told-and-does-no-harm", bad_input_is_told_and_does_no_harm);

  return g_test_run ();
}
