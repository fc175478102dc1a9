/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Waits in a thread pool's jobs that would never end are told so; those that will end are left alone. */

#include "gate.h"
#include "testutil.h"

/* What a job waits for, by way of the main context. */
typedef struct
{
  GDeferredThreadPool *pool;
  GDeferredCallback    func; /* runs in the main context, and gets this */
  GDeferred           *other;
  Gate                *gate;
  int                  n_run;
  gboolean             has_queued; /* what `func` runs has put a job into the queue */
  gboolean             was_stalled;
} Case;

/* Waits for what `func` returns, and gives its number; or -1 if that would have been for ever. */
static gboolean
waiting_job (GDeferred *self, gpointer user_data, GError **error)
{
  Case   *c = user_data;
  GValue  result = G_VALUE_INIT;
  GError *failure = NULL;

  if (!g_deferred_blocking_call (NULL, c->func, c, &result, &failure))
    {
      if (!g_error_matches (failure, G_DEFERRED_ERROR, G_DEFERRED_ERROR_STALLED))
        {
          g_propagate_error (error, failure);
          return FALSE;
        }
      g_error_free (failure);
      c->was_stalled = TRUE;
      return g_deferred_return_int (self, -1);
    }
  return g_deferred_return_take_value (self, &result);
}

/* --- stalls ------------------------------------------------------------------------------------------------------ */

static gboolean
count_and_give_seven (GDeferred *self, gpointer user_data, GError **error)
{
  Case *c = user_data;

  g_atomic_int_inc (&c->n_run);
  return g_deferred_return_int (self, 7);
}

static gboolean
queue_another (GDeferred *self, gpointer user_data, GError **error)
{
  Case      *c = user_data;
  GDeferred *job = g_deferred_thread_pool_run (c->pool, count_and_give_seven, c, NULL);

  c->has_queued = TRUE;
  return g_deferred_return_deferred (self, job);
}

static void
run_case (Case *c, int expected)
{
  assert_gives (g_deferred_thread_pool_run (c->pool, waiting_job, c, NULL), expected);
  g_assert_cmpint (c->was_stalled, ==, expected == -1);
  assert_succeeds (g_deferred_thread_pool_close (c->pool));
  g_object_unref (c->pool);
}

/* The job that was waited for stays accepted, and runs once the thread is free. */
static void
test_job_queued_by_its_own_pool (void)
{
  Case c = { .pool = g_deferred_thread_pool_new ("one", 1), .func = queue_another };

  run_case (&c, -1);
  g_assert_cmpint (c.n_run, ==, 1);
}

static gboolean
queue_another_behind_two (GDeferred *self, gpointer user_data, GError **error)
{
  GDeferred *middle = g_deferred_maybe (queue_another, user_data);

  return g_deferred_return_deferred (self, middle);
}

static void
test_behind_others (void)
{
  Case c = { .pool = g_deferred_thread_pool_new ("one", 1), .func = queue_another_behind_two };

  run_case (&c, -1);
}

static gboolean
fork_another (GDeferred *self, gpointer user_data, GError **error)
{
  Case      *c = user_data;
  GDeferred *d = g_deferred_thread_pool_run (c->pool, count_and_give_seven, c, NULL);

  g_deferred_return_deferred (self, g_deferred_fork (d));
  g_object_unref (d);
  return TRUE;
}

static void
test_behind_a_fork (void)
{
  Case c = { .pool = g_deferred_thread_pool_new ("one", 1), .func = fork_another };

  run_case (&c, -1);
}

static gboolean
fire_none (gpointer deferred)
{
  g_deferred_callback (deferred, NULL, NULL);
  return G_SOURCE_REMOVE;
}

static GDeferred *
fires_from_the_loop (void)
{
  GDeferred *d = g_deferred_new ();

  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, fire_none, g_object_ref (d), g_object_unref);
  return d;
}

/* The wait has begun, on something harmless, when the job is queued. */
static gboolean
queue_another_later (GDeferred *self, gpointer user_data, GError **error)
{
  GDeferred *later = fires_from_the_loop ();

  g_deferred_add_callback (later, queue_another, user_data, NULL);
  return g_deferred_return_deferred (self, later);
}

static void
test_job_queued_after_the_wait_began (void)
{
  Case c = { .pool = g_deferred_thread_pool_new ("one", 1), .func = queue_another_later };

  run_case (&c, -1);
}

/* The job was queued long before; that it is waited for comes last, and without any other job. */
static gboolean
return_other (GDeferred *self, gpointer user_data, GError **error)
{
  return g_deferred_return_deferred (self, g_object_ref (((Case *) user_data)->other));
}

static gboolean
return_other_later (GDeferred *self, gpointer user_data, GError **error)
{
  Case      *c = user_data;
  GDeferred *later = fires_from_the_loop ();

  c->other = g_deferred_thread_pool_run (c->pool, count_and_give_seven, c, NULL);
  g_deferred_add_callback (later, return_other, c, NULL);
  return g_deferred_return_deferred (self, later);
}

static void
test_job_waited_for_after_it_was_queued (void)
{
  Case c = { .pool = g_deferred_thread_pool_new ("one", 1), .func = return_other_later };

  run_case (&c, -1);
  g_object_unref (c.other);
}

/* The last thread's wait completes the stall; one wait is ended, which is enough for all to go on. */
static void
test_last_thread_begins_to_wait (void)
{
  GDeferredThreadPool *pool = g_deferred_thread_pool_new ("three", 3);
  Case                 cases[3];
  GDeferred           *jobs[3];
  guint                n_stalled = 0;

  for (guint i = 0; i < 3; i++)
    {
      cases[i] = (Case){ .pool = pool, .func = queue_another };
      jobs[i] = g_deferred_thread_pool_run (pool, waiting_job, &cases[i], NULL);
    }
  for (guint i = 0; i < 3; i++)
    {
      assert_succeeds (g_object_ref (jobs[i]));
      n_stalled += (guint) cases[i].was_stalled;
      g_assert_cmpint (g_deferred_get_int (jobs[i]), ==, cases[i].was_stalled ? -1 : 7);
      g_object_unref (jobs[i]);
    }
  g_assert_cmpuint (n_stalled, ==, 1);
  assert_succeeds (g_deferred_thread_pool_close (pool));
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (cases[i].n_run, ==, 1);
  g_object_unref (pool);
}

/* One waits for a job that is in the queue, the other for the first one, which runs and waits. */
static void
test_one_waits_for_the_other (void)
{
  GDeferredThreadPool *pool = g_deferred_thread_pool_new ("two", 2);
  Case                 first = { .pool = pool, .func = queue_another_later };
  Case                 second = { .pool = pool, .func = return_other };
  GDeferred           *waits;

  second.other = g_deferred_thread_pool_run (pool, waiting_job, &first, NULL);
  waits = g_deferred_thread_pool_run (pool, waiting_job, &second, NULL);
  assert_succeeds (waits);
  assert_succeeds (second.other);
  g_assert_true (first.was_stalled != second.was_stalled);
  assert_succeeds (g_deferred_thread_pool_close (pool));
  g_assert_cmpint (first.n_run, ==, 1);
  g_object_unref (pool);
}

/* The threads that GTask lends us. */
static gboolean
share_another (GDeferred *self, gpointer user_data, GError **error)
{
  return g_deferred_return_deferred (self, g_deferred_run_in_thread (count_and_give_seven, user_data, NULL));
}

static void
test_shared_threads (void)
{
  GDeferred *jobs[20];
  Case       cases[20];
  guint      n_stalled = 0;

  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    {
      cases[i] = (Case){ .func = share_another };
      jobs[i] = g_deferred_run_in_thread (waiting_job, &cases[i], NULL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    {
      assert_succeeds (jobs[i]);
      n_stalled += (guint) cases[i].was_stalled;
    }
  g_assert_cmpuint (n_stalled, >=, 1);
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    while (g_atomic_int_get (&cases[i].n_run) == 0)
      g_main_context_iteration (NULL, TRUE);
  gd_test_settle ();
}

/* A worker that waits in a context of its own. */
static gboolean
wait_in_own_context (GDeferred *self, gpointer user_data, GError **error)
{
  Case         *c = user_data;
  GMainContext *context = g_main_context_new ();
  GError       *failure = NULL;
  GDeferred    *d;

  g_main_context_push_thread_default (context);
  d = g_deferred_maybe (c->func, c);
  c->was_stalled = !g_deferred_wait (d, &failure);
  g_assert_error (failure, G_DEFERRED_ERROR, G_DEFERRED_ERROR_STALLED);
  g_error_free (failure);
  g_object_unref (d);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return g_deferred_return_int (self, -1);
}

static void
run_own_context_case (GDeferredCallback func)
{
  GDeferredThreadPool *pool = g_deferred_thread_pool_new ("one", 1);
  Case                 c = { .pool = pool, .func = func };

  assert_gives (g_deferred_thread_pool_run (pool, wait_in_own_context, &c, NULL), -1);
  g_assert_true (c.was_stalled);
  assert_succeeds (g_deferred_thread_pool_close (pool));
  g_assert_cmpint (c.n_run, ==, 1);
  g_object_unref (pool);
}

static void
test_wait_in_own_context (void)
{
  run_own_context_case (queue_another);
}

static gboolean
fire_later_in_own_context (gpointer deferred)
{
  return fire_none (deferred);
}

static gboolean
queue_another_later_here (GDeferred *self, gpointer user_data, GError **error)
{
  GDeferred *later = g_deferred_new ();
  GSource   *source = g_idle_source_new ();

  g_source_set_callback (source, fire_later_in_own_context, g_object_ref (later), g_object_unref);
  g_source_attach (source, g_main_context_get_thread_default ());
  g_source_unref (source);
  g_deferred_add_callback (later, queue_another, user_data, NULL);
  return g_deferred_return_deferred (self, later);
}

static void
test_wait_in_own_context_begun_before (void)
{
  run_own_context_case (queue_another_later_here);
}

/* The home of one wait sleeps when another one, elsewhere, completes the stall: it is woken to look again. */
static int is_main_polling;

static int
poll_and_tell (GPollFD *fds, guint n_fds, int timeout)
{
  int n_ready;

  g_atomic_int_set (&is_main_polling, timeout != 0);
  n_ready = g_poll (fds, n_fds, timeout);
  g_atomic_int_set (&is_main_polling, FALSE);
  return n_ready;
}

static gboolean
wait_once_main_sleeps (GDeferred *self, gpointer user_data, GError **error)
{
  Case         *c = user_data;
  GMainContext *context = g_main_context_new ();
  GDeferred    *d;

  while (g_deferred_thread_pool_get_n_queued (c->pool) == 0 || !g_atomic_int_get (&is_main_polling))
    g_thread_yield ();

  g_main_context_push_thread_default (context);
  d = g_deferred_maybe (c->func, c);
  c->was_stalled = !g_deferred_wait (d, NULL);
  g_object_unref (d);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return TRUE;
}

static void
test_sleeping_home_is_woken (void)
{
  GDeferredThreadPool *pool = g_deferred_thread_pool_new ("two", 2);
  Case                 sleeper = { .pool = pool, .func = queue_another };
  Case                 last = { .pool = pool, .func = queue_another };
  GDeferred           *jobs[2];

  g_main_context_set_poll_func (NULL, poll_and_tell);
  jobs[0] = g_deferred_thread_pool_run (pool, waiting_job, &sleeper, NULL);
  jobs[1] = g_deferred_thread_pool_run (pool, wait_once_main_sleeps, &last, NULL);
  assert_succeeds (jobs[0]);
  assert_succeeds (jobs[1]);
  g_main_context_set_poll_func (NULL, NULL);

  g_assert_true (sleeper.was_stalled || last.was_stalled);
  assert_succeeds (g_deferred_thread_pool_close (pool));
  g_assert_cmpint (sleeper.n_run, ==, 1);
  g_assert_cmpint (last.n_run, ==, 1);
  g_object_unref (pool);
}

/* --- waits for oneself ------------------------------------------------------------------------------------------- */

static gboolean
expect_loop (GDeferred *self, gpointer user_data, GError **error)
{
  Case   *c = user_data;
  GError *failure = NULL;

  g_assert_false (g_deferred_blocking_call (NULL, c->func, c, NULL, &failure));
  g_assert_error (failure, G_DEFERRED_ERROR, G_DEFERRED_ERROR_LOOP);
  g_error_free (failure);
  return g_deferred_return_int (self, 3);
}

static gboolean
fork_other (GDeferred *self, gpointer user_data, GError **error)
{
  return g_deferred_return_deferred (self, g_deferred_fork (((Case *) user_data)->other));
}

static void
test_own_result (void)
{
  Case c = { .pool = g_deferred_thread_pool_new ("four", 4), .func = fork_other };

  /* The main context does not run before `other` is set. */
  c.other = g_deferred_thread_pool_run (c.pool, expect_loop, &c, NULL);
  assert_gives (c.other, 3);
  assert_succeeds (g_deferred_thread_pool_close (c.pool));
  g_object_unref (c.pool);
}

static gboolean
close_pool (GDeferred *self, gpointer user_data, GError **error)
{
  return g_deferred_return_deferred (self, g_deferred_thread_pool_close (((Case *) user_data)->pool));
}

static void
test_own_pool_to_close (void)
{
  Case c = { .pool = g_deferred_thread_pool_new ("four", 4), .func = close_pool };

  run_case (&c, -1);
}

/* --- no stalls --------------------------------------------------------------------------------------------------- */

/* A thread is left that will take the job. */
static void
test_a_free_thread_is_no_stall (void)
{
  Case c = { .pool = g_deferred_thread_pool_new ("two", 2), .func = queue_another };

  run_case (&c, 7);
}

/* Another pool's jobs do not need this one's threads. */
static gboolean
ask_other_pool (GDeferred *self, gpointer user_data, GError **error)
{
  Case                *c = user_data;
  GDeferredThreadPool *pool = g_deferred_thread_pool_new ("other", 1);
  GDeferred           *d = g_deferred_thread_pool_run (pool, count_and_give_seven, c, NULL);

  g_object_unref (pool);
  return g_deferred_return_deferred (self, d);
}

static void
test_another_pool_is_no_stall (void)
{
  Case c = { .pool = g_deferred_thread_pool_new ("one", 1), .func = ask_other_pool };

  run_case (&c, 7);
}

/* All threads wait, and jobs are queued; but one of the waits is for something that will come. */
static gboolean
await_gate_deferred (GDeferred *self, gpointer user_data, GError **error)
{
  Case *c = user_data;

  c->other = g_deferred_new ();
  return g_deferred_return_deferred (self, g_object_ref (c->other));
}

static void
test_other_waits_are_no_stall (void)
{
  GDeferredThreadPool *pool = g_deferred_thread_pool_new ("two", 2);
  Case                 first = { .pool = pool, .func = await_gate_deferred };
  Case                 second = { .pool = pool, .func = queue_another };
  GDeferred           *jobs[2];

  jobs[0] = g_deferred_thread_pool_run (pool, waiting_job, &first, NULL);
  jobs[1] = g_deferred_thread_pool_run (pool, waiting_job, &second, NULL);
  while (first.other == NULL || !second.has_queued)
    g_main_context_iteration (NULL, TRUE);

  /* More jobs, and everybody has had the chance to look. */
  for (guint i = 0; i < 10; i++)
    {
      g_object_unref (g_deferred_thread_pool_run (pool, number_job, NULL, NULL));
      gd_test_settle ();
    }
  g_assert_cmpuint (g_deferred_thread_pool_get_n_queued (pool), ==, 11);

  g_deferred_callback_int (first.other, 5, NULL);
  g_object_unref (first.other);
  assert_gives (jobs[0], 5);
  assert_gives (jobs[1], 7);
  assert_succeeds (g_deferred_thread_pool_close (pool));
  g_object_unref (pool);
}

/* The job that is waited for is cancelled instead. */
static void
test_cancelled_job_ends_the_wait (void)
{
  GDeferredThreadPool *pool = g_deferred_thread_pool_new ("two", 2);
  Gate                 gate = { .n_here = 0 };
  Case                 c = { .pool = pool, .func = return_other };
  GDeferred           *job;

  g_object_unref (g_deferred_thread_pool_run (pool, gate_job, &gate, NULL));
  job = g_deferred_thread_pool_run (pool, waiting_job, &c, NULL);
  while (g_deferred_thread_pool_get_n_queued (pool) > 0)
    g_thread_yield ();
  c.other = g_deferred_thread_pool_run (pool, count_and_give_seven, &c, NULL);
  gd_test_settle ();
  g_deferred_cancel (c.other);
  assert_fails (job, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  gate_open (&gate);
  assert_succeeds (g_deferred_thread_pool_close (pool));
  g_assert_cmpint (c.n_run, ==, 0);
  g_object_unref (c.other);
  g_object_unref (pool);
}

/* --- all of it --------------------------------------------------------------------------------------------------- */

/* Jobs that wait for jobs that wait for jobs, as it comes: every wait ends, with a result or told that it would not. */
typedef struct
{
  GDeferredThreadPool *pool;
  int                  n_started;
  int                  n_ended;
} Tree;

typedef struct
{
  Tree *tree;
  guint seed;
  guint depth;
} Node;

static gboolean run_node (GDeferred *self, gpointer user_data, GError **error);

static GDeferred *
start_node (Tree *tree, guint seed, guint depth)
{
  Node *node = g_new (Node, 1);

  *node = (Node){ tree, seed * 1103515245 + 12345, depth };
  g_atomic_int_inc (&tree->n_started);
  return g_deferred_thread_pool_run (tree->pool, run_node, node, g_free);
}

static gboolean
start_child (GDeferred *self, gpointer user_data, GError **error)
{
  Node *node = user_data;

  return g_deferred_return_deferred (self, start_node (node->tree, node->seed, node->depth - 1));
}

static gboolean
run_node (GDeferred *self, gpointer user_data, GError **error)
{
  Node   *node = user_data;
  GError *failure = NULL;

  for (guint i = 0; node->depth > 0 && i <= (node->seed >> 20) % 3; i++)
    {
      node->seed++;
      if (!g_deferred_blocking_call (NULL, start_child, node, NULL, &failure))
        {
          g_assert_error (failure, G_DEFERRED_ERROR, G_DEFERRED_ERROR_STALLED);
          g_clear_error (&failure);
        }
    }
  g_atomic_int_inc (&node->tree->n_ended);
  return TRUE;
}

static void
test_random_trees_all_end (void)
{
  for (guint round = gd_test_scaled (200); round > 0; round--)
    {
      Tree tree = { .pool = g_deferred_thread_pool_new ("tree", 1 + round % 4) };

      for (guint i = 0; i < 4; i++)
        g_object_unref (start_node (&tree, (guint) g_test_rand_int_range (0, G_MAXINT), 3));
      while (g_atomic_int_get (&tree.n_ended) < g_atomic_int_get (&tree.n_started))
        g_main_context_iteration (NULL, TRUE);
      assert_succeeds (g_deferred_thread_pool_close (tree.pool));
      g_assert_cmpint (tree.n_ended, ==, tree.n_started);
      g_object_unref (tree.pool);
    }
}

int
main (int argc, char **argv)
{
  gd_test_init (&argc, &argv);

#define T(path, name) g_test_add_func ("/stall/" path, test_##name)
  T ("job-queued-by-its-own-pool", job_queued_by_its_own_pool);
  T ("behind-others", behind_others);
  T ("behind-a-fork", behind_a_fork);
  T ("job-queued-after-the-wait-began", job_queued_after_the_wait_began);
  T ("job-waited-for-after-it-was-queued", job_waited_for_after_it_was_queued);
  T ("last-thread-begins-to-wait", last_thread_begins_to_wait);
  T ("one-waits-for-the-other", one_waits_for_the_other);
  T ("shared-threads", shared_threads);
  T ("wait-in-own-context", wait_in_own_context);
  T ("wait-in-own-context-begun-before", wait_in_own_context_begun_before);
  T ("sleeping-home-is-woken", sleeping_home_is_woken);
  T ("own-result-is-a-loop", own_result);
  T ("own-pool-to-close", own_pool_to_close);
  T ("not/with-a-free-thread", a_free_thread_is_no_stall);
  T ("not/another-pool", another_pool_is_no_stall);
  T ("not/other-waits", other_waits_are_no_stall);
  T ("not/cancelled-job-ends-the-wait", cancelled_job_ends_the_wait);
  T ("random-trees-all-end", random_trees_all_end);

  return g_test_run ();
}
