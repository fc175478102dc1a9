/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "bench.h"

/* So many are in flight at a time. */
#define MANY 1000

/* Firing from another thread: from the first fire until the last callback ran in the main context. */
typedef struct
{
  gpointer items[MANY];
  void (*fire) (gpointer item);
  gint64 started;
} Volley;

static gpointer
fire_all (gpointer data)
{
  Volley *volley = data;

  volley->started = bench_now ();
  for (guint i = 0; i < MANY; i++)
    volley->fire (volley->items[i]);
  return NULL;
}

static double
fire_from_thread (guint n, gpointer (*prepare) (void), void (*fire) (gpointer item), GDestroyNotify destroy)
{
  g_autofree Volley *volley = g_new0 (Volley, 1);
  gint64             sum = 0;

  volley->fire = fire;
  for (guint done = 0; done < n; done += MANY)
    {
      GThread *thread;
      gint64   end;

      for (guint i = 0; i < MANY; i++)
        volley->items[i] = prepare ();
      bench_seen = 0;
      thread = g_thread_new ("bench", fire_all, volley);
      bench_iterate_until (MANY);
      end = bench_now ();
      g_thread_join (thread);
      sum += end - volley->started;
      for (guint i = 0; i < MANY; i++)
        destroy (volley->items[i]);
      bench_expect ("callbacks of what another thread fired", bench_seen, MANY);
    }
  return (double) sum / n;
}

static gpointer
prepare_nothing (void)
{
  return NULL;
}

static void
destroy_nothing (gpointer item)
{
}

static gboolean
idle (gpointer user_data)
{
  bench_seen++;
  return G_SOURCE_REMOVE;
}

static void
fire_idle (gpointer item)
{
  g_idle_add (idle, NULL);
}

static double
idle_from_thread (guint n)
{
  return fire_from_thread (n, prepare_nothing, fire_idle, destroy_nothing);
}

static void
count_task (GObject *source, GAsyncResult *result, gpointer user_data)
{
  if (g_task_propagate_int (G_TASK (result), NULL) == 7)
    bench_seen++;
}

static gpointer
prepare_task (void)
{
  return g_task_new (NULL, NULL, count_task, NULL);
}

static void
fire_task (gpointer task)
{
  g_task_return_int (task, 7);
}

static double
task_from_thread (guint n)
{
  return fire_from_thread (n, prepare_task, fire_task, g_object_unref);
}

static gpointer
prepare_deferred (void)
{
  return g_deferred_add_callback (g_deferred_new (), bench_count_seven, NULL, NULL);
}

static void
fire_deferred (gpointer deferred)
{
  g_deferred_callback_int (deferred, 7, NULL);
}

static double
deferred_from_thread (guint n)
{
  return fire_from_thread (n, prepare_deferred, fire_deferred, g_object_unref);
}

/* Jobs in threads: @in_flight at a time, until the callback of each ran. */
static void
offload (guint n, guint in_flight, void (*start_job) (gpointer data), gpointer data)
{
  guint started = 0;

  bench_seen = 0;
  while (started < n)
    {
      for (guint i = 0; i < in_flight; i++, started++)
        start_job (data);
      bench_iterate_until (started);
    }

  bench_expect ("callbacks of jobs", bench_seen, started);
}

static void
task_job (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_task_return_int (task, 7);
}

static void
start_task (gpointer data)
{
  GTask *task = g_task_new (NULL, NULL, count_task, NULL);

  g_task_run_in_thread (task, task_job);
  g_object_unref (task);
}

static gboolean
deferred_job (GDeferred *self, gpointer user_data, GError **error)
{
  return g_deferred_return_int (self, 7);
}

static void
start_deferred (gpointer data)
{
  GDeferred *deferred = g_deferred_run_in_thread (deferred_job, NULL, NULL);

  g_deferred_add_callback (deferred, bench_count_seven, NULL, NULL);
  g_object_unref (deferred);
}

static void
start_in_pool (gpointer pool)
{
  GDeferred *deferred = g_deferred_thread_pool_run (pool, deferred_job, NULL, NULL);

  g_deferred_add_callback (deferred, bench_count_seven, NULL, NULL);
  g_object_unref (deferred);
}

static void
task_offload (guint n)
{
  offload (n, MANY, start_task, NULL);
}

static void
deferred_offload (guint n)
{
  offload (n, MANY, start_deferred, NULL);
}

static void
task_offload_one (guint n)
{
  offload (n, 1, start_task, NULL);
}

static void
deferred_offload_one (guint n)
{
  offload (n, 1, start_deferred, NULL);
}

static void
pool_offload (guint n)
{
  GDeferredThreadPool *pool = g_deferred_thread_pool_new ("bench", 4);
  GDeferred           *closed;

  offload (n, MANY, start_in_pool, pool);
  closed = g_deferred_thread_pool_close (pool);
  g_deferred_add_both (closed, bench_count, NULL, NULL);
  bench_seen = 0;
  bench_iterate_until (1);
  g_object_unref (closed);
  g_object_unref (pool);
}

const BenchRow bench_thread_rows[] = {
  {
      .id = "fire",
      .what = "firing from another thread, 1,000 in flight",
      .floor_is = "g_idle_add",
      .n = 10000,
      .n_quick = 1000,
      .flags = BENCH_THREADS,
      .budget = 1.0 / 3,
      .measure = { idle_from_thread, task_from_thread, deferred_from_thread, BENCH_DEX (bench_dex_fire) },
  },
  {
      .id = "fire-one-cpu",
      .what = "the same, everything on one CPU",
      .floor_is = "g_idle_add",
      .n = 10000,
      .n_quick = 1000,
      .flags = BENCH_THREADS | BENCH_ONE_CPU,
      .budget = 1.0 / 3,
      .measure = { idle_from_thread, task_from_thread, deferred_from_thread, BENCH_DEX (bench_dex_fire) },
  },
  {
      .id = "offload",
      .what = "a job in a thread, 1,000 in flight, on one CPU",
      .n = 10000,
      .n_quick = 1000,
      .flags = BENCH_THREADS | BENCH_ONE_CPU,
      .budget = 1.0 / 5,
      .run = { NULL, task_offload, deferred_offload, BENCH_DEX (bench_dex_offload) },
  },
  {
      .id = "offload-all-cpus",
      .what = "a job in a thread, 1,000 in flight, on all CPUs",
      .n = 10000,
      .n_quick = 1000,
      .flags = BENCH_THREADS,
      .run = { NULL, task_offload, deferred_offload, BENCH_DEX (bench_dex_offload) },
  },
  {
      .id = "pool",
      .what = "a job in a private pool of 4, 1,000 in flight, on one CPU",
      .n = 10000,
      .n_quick = 1000,
      .flags = BENCH_THREADS | BENCH_ONE_CPU,
      .run = { NULL, task_offload, pool_offload, NULL },
  },
  {
      .id = "offload-one",
      .what = "a job in a thread, one at a time",
      .n = 1000,
      .n_quick = 100,
      .flags = BENCH_THREADS,
      .budget = 1.1,
      .run = { NULL, task_offload_one, deferred_offload_one, BENCH_DEX (bench_dex_offload_one) },
  },
  {
      .id = "offload-one-cpu",
      .what = "a job in a thread, one at a time, on one CPU",
      .n = 1000,
      .n_quick = 100,
      .flags = BENCH_THREADS | BENCH_ONE_CPU,
      .budget = 1.1,
      .run = { NULL, task_offload_one, deferred_offload_one, BENCH_DEX (bench_dex_offload_one) },
  },
  { NULL },
};
