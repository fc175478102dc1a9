/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* GDeferredThreadPool: what it runs, when, and how it ends. */

#define _GNU_SOURCE

#include "gate.h"
#include "gdeferred/jobs-private.h"
#include "testutil.h"

#include <pthread.h>

typedef struct
{
  GThread *thread;
  char     name[16];
} Seen;

static gboolean
look_at_thread (GDeferred *self, gpointer user_data, GError **error)
{
  Seen *seen = user_data;

  seen->thread = g_thread_self ();
  g_assert_cmpint (pthread_getname_np (pthread_self (), seen->name, sizeof seen->name), ==, 0);
  return g_deferred_return_int (self, 7);
}

static void
test_runs_in_a_thread_of_its_name (void)
{
  g_autoptr (GDeferredThreadPool) pool = g_deferred_thread_pool_new ("painter", 2);
  Seen seen = { NULL };

  assert_gives (g_deferred_thread_pool_run (pool, look_at_thread, &seen, NULL), 7);
  g_assert_nonnull (seen.thread);
  g_assert_true (seen.thread != g_thread_self ());
  g_assert_cmpstr (seen.name, ==, "painter");

  assert_succeeds (g_deferred_thread_pool_close (pool));
}

static void
test_properties (void)
{
  g_autoptr (GDeferredThreadPool) pool = g_deferred_thread_pool_new ("p", 3);
  g_autoptr (GDeferredThreadPool) plain = g_object_new (G_TYPE_DEFERRED_THREAD_POOL, NULL);
  g_autofree char *name = NULL;
  guint            max_threads;

  g_object_get (pool, "name", &name, "max-threads", &max_threads, NULL);
  g_assert_cmpstr (name, ==, "p");
  g_assert_cmpuint (max_threads, ==, 3);
  g_assert_cmpstr (g_deferred_thread_pool_get_name (pool), ==, "p");
  g_assert_cmpuint (g_deferred_thread_pool_get_max_threads (pool), ==, 3);
  g_assert_cmpuint (g_deferred_thread_pool_get_n_queued (pool), ==, 0);

  g_assert_cmpstr (g_deferred_thread_pool_get_name (plain), !=, "");
  g_assert_cmpuint (g_deferred_thread_pool_get_max_threads (plain), >=, 1);
}

/* As many at once as it may, and no more. */
static void
test_uses_all_its_threads_and_no_more (void)
{
  g_autoptr (GDeferredThreadPool) pool = g_deferred_thread_pool_new ("three", 3);
  Gate gate = { .n_here = 0 };

  for (guint i = 0; i < 10; i++)
    g_object_unref (g_deferred_thread_pool_run (pool, gate_job, &gate, NULL));

  gate_await (&gate, 3);
  g_assert_cmpuint (g_deferred_thread_pool_get_n_queued (pool), ==, 7);
  g_assert_cmpuint (gate_count (&gate), ==, 3);
  gate_open (&gate);

  assert_succeeds (g_deferred_thread_pool_close (pool));
  g_assert_cmpuint (gate_count (&gate), ==, 10);
}

static gboolean
count_callback (GDeferred *self, gpointer counter, GError **error)
{
  (*(int *) counter)++;
  return TRUE;
}

static void
run_at_gate (GDeferredThreadPool *pool, Gate *gate, int *n_done)
{
  GDeferred *d = g_deferred_thread_pool_run (pool, gate_job, gate, NULL);

  g_deferred_add_callback (d, count_callback, n_done, NULL);
  g_object_unref (d);
}

/* Also when the threads are there already, idle or about to be: each job that blocks leaves the others to other
 * threads. */
static void
test_jobs_that_block_do_not_hold_up_others (void)
{
  g_autoptr (GDeferredThreadPool) pool = g_deferred_thread_pool_new ("many", 8);

  for (guint round = gd_test_scaled (5000); round > 0; round--)
    {
      Gate gate = { .n_here = 0 };
      int  n_done = 0;
      int  n = 1 + (int) (round % 8);

      for (int i = 0; i < n; i++)
        run_at_gate (pool, &gate, &n_done);
      gate_await (&gate, (guint) n);
      gate_open (&gate);
      while (n_done < n)
        g_main_context_iteration (NULL, TRUE);
    }
  assert_succeeds (g_deferred_thread_pool_close (pool));
}

static gboolean
append (GDeferred *self, gpointer letter, GError **error)
{
  static GString *all;

  if (all == NULL)
    all = g_string_new (NULL);
  if (letter != NULL)
    {
      g_string_append (all, letter);
      return TRUE;
    }
  g_deferred_return_take_string (self, g_string_free (g_steal_pointer (&all), FALSE));
  return TRUE;
}

static void
test_starts_jobs_in_order (void)
{
  g_autoptr (GDeferredThreadPool) pool = g_deferred_thread_pool_new ("one", 1);
  g_autoptr (GDeferred) last = NULL;
  static const char *const letters[] = { "a", "b", "c", "d", "e" };

  for (guint i = 0; i < G_N_ELEMENTS (letters); i++)
    g_object_unref (g_deferred_thread_pool_run (pool, append, (gpointer) letters[i], NULL));
  last = g_deferred_thread_pool_run (pool, append, NULL, NULL);

  g_assert_true (g_deferred_wait (last, NULL));
  g_assert_cmpstr (g_deferred_get_string (last), ==, "abcde");
}

/* --- cancelling -------------------------------------------------------------------------------------------------- */

static gboolean
must_not_run (GDeferred *self, gpointer user_data, GError **error)
{
  g_assert_not_reached ();
}

/* Those in the middle of the queue, its first and its last: out of it at once, and freed at once. */
static void
test_cancelled_jobs_leave_the_queue (void)
{
  g_autoptr (GDeferredThreadPool) pool = g_deferred_thread_pool_new ("one", 1);
  static const guint order[] = { 1, 0, 3, 5, 4 };
  GDeferred         *queued[6];
  Gate               gate = { .n_here = 0 };
  Freed              freed = { .home = g_thread_self () };
  int                n_run = 0;

  g_object_unref (g_deferred_thread_pool_run (pool, gate_job, &gate, NULL));
  gate_await (&gate, 1);
  for (guint i = 0; i < G_N_ELEMENTS (queued); i++)
    queued[i] = i == 2 ? g_deferred_thread_pool_run (pool, count_job, &n_run, NULL)
                       : g_deferred_thread_pool_run (pool, must_not_run, &freed, freed_at_home);

  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    {
      g_deferred_cancel (queued[order[i]]);
      g_assert_cmpint (freed.n_freed, ==, (int) i + 1);
      g_assert_cmpuint (g_deferred_thread_pool_get_n_queued (pool), ==, 5 - i);
      assert_fails (queued[order[i]], G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }

  gate_open (&gate);
  assert_succeeds (queued[2]);
  assert_succeeds (g_deferred_thread_pool_close (pool));
  g_assert_cmpint (n_run, ==, 1);
  g_assert_cmpint (freed.n_freed, ==, 5);
}

/* Somebody else knew the answer: nobody wants the job any more. */
static void
test_job_fired_by_others_leaves_the_queue (void)
{
  g_autoptr (GDeferredThreadPool) pool = g_deferred_thread_pool_new ("one", 1);
  GDeferred *queued;
  Gate       gate = { .n_here = 0 };
  Freed      freed = { .home = g_thread_self () };

  g_object_unref (g_deferred_thread_pool_run (pool, gate_job, &gate, NULL));
  gate_await (&gate, 1);
  queued = g_deferred_thread_pool_run (pool, must_not_run, &freed, freed_at_home);
  g_assert_true (g_deferred_callback_int (queued, 5, NULL));
  g_assert_cmpint (freed.n_freed, ==, 1);
  g_assert_cmpuint (g_deferred_thread_pool_get_n_queued (pool), ==, 0);

  gate_open (&gate);
  assert_gives (queued, 5);
  assert_succeeds (g_deferred_thread_pool_close (pool));
}

/* --- its end ----------------------------------------------------------------------------------------------------- */

static gboolean
callbacks_were_first (GDeferred *self, gpointer counter, GError **error)
{
  g_assert_null (g_deferred_get_result (self));
  g_assert_cmpint (*(int *) counter, ==, 20);
  *(int *) counter = -1;
  return TRUE;
}

static void
test_close_comes_after_all_accepted_jobs (void)
{
  g_autoptr (GDeferredThreadPool) pool = g_deferred_thread_pool_new ("two", 2);
  g_autoptr (GDeferred) closed = NULL;
  Gate gate = { .n_here = 0 };
  int  n_done = 0;

  for (guint i = 0; i < 20; i++)
    run_at_gate (pool, &gate, &n_done);

  closed = g_deferred_thread_pool_close (pool);
  g_deferred_add_callback (closed, callbacks_were_first, &n_done, NULL);
  gd_test_settle ();
  g_assert_true (g_deferred_get_pending (closed));

  gate_open (&gate);
  g_assert_true (g_deferred_wait (closed, NULL));
  g_assert_cmpint (n_done, ==, -1);
}

static void
test_close_of_an_unused_one_fires_at_once (void)
{
  g_autoptr (GDeferredThreadPool) pool = g_deferred_thread_pool_new (NULL, 1);
  g_autoptr (GDeferred) closed = g_deferred_thread_pool_close (pool);

  g_assert_cmpint (g_deferred_get_state (closed), ==, G_DEFERRED_STATE_SUCCEEDED);
  g_assert_null (g_deferred_get_result (closed));
}

/* Threads that linger are sent away; the pool is not held up by how long they would have stayed. */
static void
test_close_does_not_wait_for_idle_threads (void)
{
  g_autoptr (GDeferredThreadPool) pool = g_deferred_thread_pool_new ("idle", 4);
  gint64 start;

  for (guint i = 0; i < 20; i++)
    assert_gives (g_deferred_thread_pool_run (pool, number_job, GINT_TO_POINTER (i), NULL), (int) i);

  start = g_get_monotonic_time ();
  assert_succeeds (g_deferred_thread_pool_close (pool));
  g_assert_cmpint (g_get_monotonic_time () - start, <, 4 * G_TIME_SPAN_SECOND);
}

static void
test_closed_twice_fires_both (void)
{
  g_autoptr (GDeferredThreadPool) pool = g_deferred_thread_pool_new ("twice", 1);
  GDeferred *first;
  GDeferred *second;
  GDeferred *third;
  Gate       gate = { .n_here = 0 };

  g_object_unref (g_deferred_thread_pool_run (pool, gate_job, &gate, NULL));
  first = g_deferred_thread_pool_close (pool);
  second = g_deferred_thread_pool_close (pool);
  third = g_deferred_thread_pool_close (pool);
  g_assert_true (first != second);
  g_deferred_cancel (second);
  gate_open (&gate);

  assert_succeeds (first);
  assert_fails (second, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_succeeds (third);
  assert_succeeds (g_deferred_thread_pool_close (pool));
}

static void
test_closed_one_refuses_jobs (void)
{
  g_autoptr (GDeferredThreadPool) pool = g_deferred_thread_pool_new ("closed", 1);
  Freed freed = { .home = g_thread_self () };

  assert_succeeds (g_deferred_thread_pool_close (pool));
  assert_fails (g_deferred_thread_pool_run (pool, must_not_run, &freed, freed_at_home), G_IO_ERROR,
                G_IO_ERROR_CLOSED);
  g_assert_cmpint (freed.n_freed, ==, 1);
}

static void
test_close_waits_for_a_cancelled_job_that_runs (void)
{
  g_autoptr (GDeferredThreadPool) pool = g_deferred_thread_pool_new ("busy", 1);
  GDeferred *closed;
  GDeferred *job;
  Gate       gate = { .n_here = 0 };

  job = g_deferred_thread_pool_run (pool, gate_job, &gate, NULL);
  gate_await (&gate, 1);
  g_deferred_cancel (job);
  assert_fails (job, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  closed = g_deferred_thread_pool_close (pool);
  gd_test_settle ();
  g_assert_true (g_deferred_get_pending (closed));
  gate_open (&gate);
  assert_succeeds (closed);
}

/* Its work outlives it. */
static void
test_dropped_one_runs_what_it_accepted (void)
{
  GDeferredThreadPool *pool = g_deferred_thread_pool_new ("dropped", 1);
  GDeferred           *last = NULL;
  Gate                 gate = { .n_here = 0 };
  int                  n_run = 0;

  g_object_unref (g_deferred_thread_pool_run (pool, gate_job, &gate, NULL));
  for (guint i = 0; i < 10; i++)
    g_object_unref (g_deferred_thread_pool_run (pool, count_job, &n_run, NULL));
  last = g_deferred_thread_pool_run (pool, number_job, GINT_TO_POINTER (3), NULL);
  g_assert_finalize_object (pool);

  gate_open (&gate);
  assert_gives (last, 3);
  g_assert_cmpint (n_run, ==, 10);
}

/* Its threads do not wait for jobs that nobody can give them. */
static int n_threads_left_running;

static void
thread_ends (gpointer counter)
{
  g_atomic_int_add ((int *) counter, -1);
}

static GPrivate ends = G_PRIVATE_INIT (thread_ends);

static gboolean
note_thread (GDeferred *self, gpointer counter, GError **error)
{
  if (g_private_get (&ends) == NULL)
    {
      g_atomic_int_inc ((int *) counter);
      g_private_set (&ends, counter);
    }
  return TRUE;
}

static void
test_dropped_one_sends_its_threads_away (void)
{
  GDeferredThreadPool *pool = g_deferred_thread_pool_new ("dropped", 1);
  gint64               start = g_get_monotonic_time ();

  assert_succeeds (g_deferred_thread_pool_run (pool, note_thread, &n_threads_left_running, NULL));
  g_assert_finalize_object (pool);
  while (g_atomic_int_get (&n_threads_left_running) > 0)
    g_thread_yield ();
  g_assert_cmpint (g_get_monotonic_time () - start, <, 4 * G_TIME_SPAN_SECOND);
}

static gboolean
drop_pool (GDeferred *self, gpointer pool, GError **error)
{
  g_object_unref (pool);
  return g_deferred_return_int (self, 1);
}

static void
test_may_be_dropped_by_its_own_job (void)
{
  GDeferredThreadPool *pool = g_deferred_thread_pool_new ("suicidal", 1);
  GDeferred           *closed = g_deferred_thread_pool_run (pool, drop_pool, pool, NULL);

  assert_gives (closed, 1);
}

static gpointer
close_from_here (gpointer pool)
{
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  assert_succeeds (g_deferred_thread_pool_close (pool));
  gd_test_settle ();
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return NULL;
}

static void
test_may_be_closed_and_used_from_any_thread (void)
{
  g_autoptr (GDeferredThreadPool) pool = g_deferred_thread_pool_new ("shared", 2);
  GThread *threads[4];
  int      n_run = 0;

  for (guint i = 0; i < 100; i++)
    g_object_unref (g_deferred_thread_pool_run (pool, count_job, &n_run, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("closer", close_from_here, pool);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (g_atomic_int_get (&n_run), ==, 100);
  gd_test_settle ();
}

/* Pools that come and go, closed or dropped at any moment, lose no job. */
static void
test_many_short_lives_lose_nothing (void)
{
  for (guint round = gd_test_scaled (1000); round > 0; round--)
    {
      GDeferredThreadPool *pool = g_deferred_thread_pool_new ("brief", 1 + round % 4);
      int                  n_run = 0;
      int                  n_done = 0;
      int                  n_jobs = (int) (round % 7);

      for (int i = 0; i < n_jobs; i++)
        {
          GDeferred *d = g_deferred_thread_pool_run (pool, count_job, &n_run, NULL);

          g_deferred_add_callback (d, count_callback, &n_done, NULL);
          g_object_unref (d);
        }

      if (round % 2)
        assert_succeeds (g_deferred_thread_pool_close (pool));
      g_object_unref (pool);
      while (n_done < n_jobs)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpint (g_atomic_int_get (&n_run), ==, n_jobs);
    }
}

/* --- bad luck, bad input ----------------------------------------------------------------------------------------- */

/* A system that has no thread for us, at times. */
static gboolean (*start_for_real) (GdJobs *, GError **);
static int n_threads_left;

static gboolean
start_or_not (GdJobs *jobs, GError **error)
{
  if (n_threads_left > 0)
    {
      n_threads_left--;
      return start_for_real (jobs, error);
    }
  g_set_error (error, G_THREAD_ERROR, G_THREAD_ERROR_AGAIN, "No more threads");
  return FALSE;
}

static void
test_no_thread_to_be_had (void)
{
  GdJobs *jobs = gd_jobs_new ("poor", 4);
  Freed   freed = { .home = g_thread_self () };
  Gate    gate = { .n_here = 0 };
  int     n_done = 0;

  start_for_real = jobs->start;
  jobs->start = start_or_not;
  n_threads_left = 0;
  assert_fails (gd_jobs_run (jobs, must_not_run, &freed, freed_at_home), G_THREAD_ERROR,
                G_THREAD_ERROR_AGAIN);
  g_assert_cmpint (freed.n_freed, ==, 1);
  g_assert_cmpuint (gd_jobs_get_n_queued (jobs), ==, 0);

  n_threads_left = 2;
  for (guint i = 0; i < 6; i++)
    {
      GDeferred *d = gd_jobs_run (jobs, gate_job, &gate, NULL);

      g_deferred_add_callback (d, count_callback, &n_done, NULL);
      g_object_unref (d);
    }
  gate_await (&gate, 2);
  g_assert_cmpuint (gd_jobs_get_n_queued (jobs), ==, 4);
  gate_open (&gate);
  assert_succeeds (gd_jobs_close (jobs));
  g_assert_cmpint (n_done, ==, 6);
  gd_jobs_unref (jobs);
}

#define EXPECT_CRITICAL(pattern) g_test_expect_message ("GDeferred", G_LOG_LEVEL_CRITICAL, pattern)

static void
test_bad_input_is_told_and_does_no_harm (void)
{
  g_autoptr (GDeferredThreadPool) pool = g_deferred_thread_pool_new ("good", 1);
  GObject *other = g_object_new (G_TYPE_OBJECT, NULL);
  gpointer bad[] = { NULL, other };

  EXPECT_CRITICAL ("*max_threads >= 1*");
  g_assert_null (g_deferred_thread_pool_new ("none", 0));
  EXPECT_CRITICAL ("*func != NULL*");
  g_assert_null (g_deferred_thread_pool_run (pool, NULL, NULL, NULL));

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      EXPECT_CRITICAL ("*IS_DEFERRED_THREAD_POOL*");
      g_assert_null (g_deferred_thread_pool_run (bad[i], number_job, NULL, NULL));
      EXPECT_CRITICAL ("*IS_DEFERRED_THREAD_POOL*");
      g_assert_null (g_deferred_thread_pool_close (bad[i]));
      EXPECT_CRITICAL ("*IS_DEFERRED_THREAD_POOL*");
      g_assert_null (g_deferred_thread_pool_get_name (bad[i]));
      EXPECT_CRITICAL ("*IS_DEFERRED_THREAD_POOL*");
      g_assert_cmpuint (g_deferred_thread_pool_get_max_threads (bad[i]), ==, 0);
      EXPECT_CRITICAL ("*IS_DEFERRED_THREAD_POOL*");
      g_assert_cmpuint (g_deferred_thread_pool_get_n_queued (bad[i]), ==, 0);
    }
  g_test_assert_expected_messages ();

  g_object_unref (other);
  assert_gives (g_deferred_thread_pool_run (pool, number_job, GINT_TO_POINTER (2), NULL), 2);
  assert_succeeds (g_deferred_thread_pool_close (pool));
}

int
main (int argc, char **argv)
{
  gd_test_init (&argc, &argv);

#define T(path, name) g_test_add_func ("/threadpool/" path, test_##name)
  T ("runs-in-a-thread-of-its-name", runs_in_a_thread_of_its_name);
  T ("properties", properties);
  T ("uses-all-its-threads-and-no-more", uses_all_its_threads_and_no_more);
  T ("jobs-that-block-do-not-hold-up-others", jobs_that_block_do_not_hold_up_others);
  T ("starts-jobs-in-order", starts_jobs_in_order);
  T ("rule-22/cancelled-jobs-leave-the-queue", cancelled_jobs_leave_the_queue);
  T ("rule-22/job-fired-by-others-leaves-the-queue", job_fired_by_others_leaves_the_queue);
  T ("close/comes-after-all-accepted-jobs", close_comes_after_all_accepted_jobs);
  T ("close/of-an-unused-one-fires-at-once", close_of_an_unused_one_fires_at_once);
  T ("close/does-not-wait-for-idle-threads", close_does_not_wait_for_idle_threads);
  T ("close/twice-fires-both", closed_twice_fires_both);
  T ("close/refuses-jobs", closed_one_refuses_jobs);
  T ("close/waits-for-a-cancelled-job-that-runs", close_waits_for_a_cancelled_job_that_runs);
  T ("close/from-any-thread", may_be_closed_and_used_from_any_thread);
  T ("dropped/runs-what-it-accepted", dropped_one_runs_what_it_accepted);
  T ("dropped/sends-its-threads-away", dropped_one_sends_its_threads_away);
  T ("dropped/by-its-own-job", may_be_dropped_by_its_own_job);
  T ("many-short-lives-lose-nothing", many_short_lives_lose_nothing);
  T ("no-thread-to-be-had", no_thread_to_be_had);
  T ("bad-input-is-told-and-does-no-harm", bad_input_is_told_and_does_no_harm);

  return g_test_run ();
}
