/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Jobs in threads, met at every moment of their lives: while they are taken, while they return, while what they gave
 * is on its way. */

#include <gdeferred/gdeferred.h>

#include "testutil.h"

static GThread *home;

/* --- a callback attached while the job completes ----------------------------------------------------------------- */

enum
{
  BATCH = 64
};

typedef struct
{
  int n_called;
  int n_freed;
  int has_returned; /* atomic: the job is about to be done */
} Attach;

static gboolean
quick_job (GDeferred *self, gpointer user_data, GError **error)
{
  Attach *attach = user_data;

  g_atomic_int_set (&attach->has_returned, 1);
  return g_deferred_return_int (self, 11);
}

static gboolean
called_once (GDeferred *self, gpointer user_data, GError **error)
{
  Attach *attach = user_data;

  g_assert_true (g_thread_self () == home);
  g_assert_cmpint (g_deferred_get_int (self), ==, 11);
  attach->n_called++;
  return TRUE;
}

static void
freed_once (gpointer user_data)
{
  Attach *attach = user_data;

  g_assert_true (g_thread_self () == home);
  attach->n_freed++;
}

/* The home thread sets out to attach a little earlier or later each time, in steps that are short beside what is
 * raced, so that it meets the job's end at each point of it. */
static void
attach_after (GDeferred *d, Attach *attach, guint delay)
{
  volatile guint spin = 0;

  if (delay % 2)
    while (!g_atomic_int_get (&attach->has_returned))
      ;
  while (spin < delay)
    spin++;
  if (delay % 3 == 0)
    g_main_context_iteration (NULL, FALSE);
  g_deferred_add_callback (d, called_once, attach, freed_once);
}

static void
test_attached_while_the_job_completes (void)
{
  for (guint i = 0, n = gd_test_scaled (40000); i < n; i++)
    {
      Attach     attach = { 0 };
      GDeferred *d = g_deferred_run_in_thread (quick_job, &attach, NULL);

      attach_after (d, &attach, i % 400);
      g_object_unref (d);
      while (attach.n_freed == 0)
        g_main_context_iteration (NULL, TRUE);
      g_main_context_iteration (NULL, FALSE);
      g_assert_cmpint (attach.n_called, ==, 1);
      g_assert_cmpint (attach.n_freed, ==, 1);
    }
}

/* The same with the pool's own threads, and many in flight. */
static void
test_attached_to_many_while_they_complete (void)
{
  g_autoptr (GDeferredThreadPool) pool = g_deferred_thread_pool_new ("race", 4);

  for (guint round = gd_test_scaled (1000); round > 0; round--)
    {
      Attach     attach[BATCH] = { { 0 } };
      GDeferred *d[BATCH];

      for (guint i = 0; i < BATCH; i++)
        d[i] = g_deferred_thread_pool_run (pool, quick_job, &attach[i], NULL);
      for (guint i = 0; i < BATCH; i++)
        {
          g_deferred_add_callback (d[i], called_once, &attach[i], freed_once);
          g_object_unref (d[i]);
        }
      for (guint i = 0; i < BATCH; i++)
        while (attach[i].n_freed == 0)
          g_main_context_iteration (NULL, TRUE);
      for (guint i = 0; i < BATCH; i++)
        g_assert_cmpint (attach[i].n_called, ==, 1);
    }
}

/* --- jobs that are cancelled at any moment ----------------------------------------------------------------------- */

typedef struct
{
  int n_run;   /* atomic */
  int n_ended; /* atomic: its function has returned, or is about to */
  int n_freed;
  int n_seen;
} Job;

static gboolean
short_job (GDeferred *self, gpointer user_data, GError **error)
{
  Job           *job = user_data;
  volatile guint spin = 0;

  g_atomic_int_inc (&job->n_run);
  while (spin < 100 && !g_deferred_is_cancelled (self))
    spin++;
  g_atomic_int_inc (&job->n_ended);
  return g_deferred_return_int (self, 3);
}

static void
job_freed (gpointer user_data)
{
  Job *job = user_data;

  g_assert_true (g_thread_self () == home);
  g_assert_cmpint (g_atomic_int_get (&job->n_run), ==, g_atomic_int_get (&job->n_ended));
  job->n_freed++;
}

static gboolean
job_seen (GDeferred *self, gpointer user_data, GError **error)
{
  Job *job = user_data;

  g_assert_true (g_thread_self () == home);
  job->n_seen++;
  if (g_deferred_get_error (self) != NULL)
    g_assert_error (g_deferred_get_error (self), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  else
    {
      g_assert_cmpint (g_deferred_get_int (self), ==, 3);
      g_assert_cmpint (g_atomic_int_get (&job->n_run), ==, 1);
    }
  return g_deferred_return_none (self);
}

static gpointer
cancel_all (gpointer user_data)
{
  GDeferred **jobs = user_data;

  for (guint i = 1; i < BATCH; i += 2)
    {
      g_deferred_cancel (jobs[i]);
      g_object_unref (jobs[i]);
    }
  return NULL;
}

static void
cancel_some (GDeferredThreadPool *pool, guint round)
{
  Job        jobs[BATCH] = { { 0 } };
  GDeferred *deferreds[BATCH];
  GThread   *canceller;

  for (guint i = 0; i < BATCH; i++)
    {
      deferreds[i] = pool != NULL ? g_deferred_thread_pool_run (pool, short_job, &jobs[i], job_freed)
                                  : g_deferred_run_in_thread (short_job, &jobs[i], job_freed);
      g_deferred_add_both (deferreds[i], job_seen, &jobs[i], NULL);
    }

  canceller = g_thread_new ("canceller", cancel_all, deferreds);
  for (guint i = 0; i < BATCH; i += 2)
    {
      if ((i + round) % 3 == 0)
        g_main_context_iteration (NULL, FALSE);
      if ((i + round) % 5 != 0)
        g_deferred_cancel (deferreds[i]);
      g_object_unref (deferreds[i]);
    }
  for (guint i = 0; i < BATCH; i++)
    while (jobs[i].n_freed == 0)
      g_main_context_iteration (NULL, TRUE);
  g_thread_join (canceller);
  gd_test_settle ();

  for (guint i = 0; i < BATCH; i++)
    {
      g_assert_cmpint (jobs[i].n_freed, ==, 1);
      g_assert_cmpint (jobs[i].n_seen, ==, 1);
      g_assert_cmpint (jobs[i].n_run, <=, 1);
    }
}

static void
test_rule_22_jobs_cancelled_at_any_moment (void)
{
  g_autoptr (GDeferredThreadPool) pool = g_deferred_thread_pool_new ("race", 2);

  for (guint round = gd_test_scaled (400); round > 0; round--)
    {
      cancel_some (NULL, round);
      cancel_some (pool, round);
    }
}

int
main (int argc, char **argv)
{
  gd_test_init (&argc, &argv);
  home = g_thread_self ();

#define T(path, name) g_test_add_func ("/race-jobs/" path, test_##name)
  T ("callback-attached-while-the-job-completes-runs-once", attached_while_the_job_completes);
  T ("callbacks-attached-to-many-while-they-complete-run-once", attached_to_many_while_they_complete);
  T ("rule-22/cancelled-at-any-moment", rule_22_jobs_cancelled_at_any_moment);

  return g_test_run ();
}
