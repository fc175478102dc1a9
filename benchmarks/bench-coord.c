/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "bench.h"

/* Locks and queues: what one costs that nobody waits for, against a life, and what each of many costs who wait. */

static void
lock_and_release (guint n)
{
  g_autoptr (GDeferredLock) lock = g_deferred_lock_new ();

  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    {
      GDeferred *deferred = g_deferred_lock_acquire (lock);

      g_deferred_add_callback (deferred, bench_count, NULL, NULL);
      g_deferred_lock_release (lock);
      g_object_unref (deferred);
    }

  bench_expect ("callbacks that have the lock", bench_seen, n);
}

static gboolean
count_in_run (GDeferred *self, gpointer user_data, GError **error)
{
  bench_seen++;
  return TRUE;
}

static void
run_with_lock (guint n)
{
  g_autoptr (GDeferredLock) lock = g_deferred_lock_new ();

  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    g_object_unref (g_deferred_lock_run (lock, count_in_run, NULL, NULL));

  bench_expect ("functions that have run with the lock", bench_seen, n);
}

static void
put_and_get (guint n)
{
  g_autoptr (GDeferredQueue) queue = g_deferred_queue_new (-1, -1);
  GValue seven = G_VALUE_INIT;

  g_value_init (&seven, G_TYPE_INT);
  g_value_set_int (&seven, 7);
  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    {
      GDeferred *got;

      g_object_unref (g_deferred_queue_put (queue, &seven));
      got = g_deferred_queue_get (queue);
      g_deferred_add_callback (got, bench_count_seven, NULL, NULL);
      g_object_unref (got);
    }

  bench_expect ("values got", bench_seen, n);
}

static void
get_and_put (guint n)
{
  g_autoptr (GDeferredQueue) queue = g_deferred_queue_new (-1, -1);
  GValue seven = G_VALUE_INIT;

  g_value_init (&seven, G_TYPE_INT);
  g_value_set_int (&seven, 7);
  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    {
      GDeferred *got = g_deferred_queue_get (queue);

      g_deferred_add_callback (got, bench_count_seven, NULL, NULL);
      g_object_unref (got);
      g_deferred_queue_put_nowait (queue, &seven, NULL);
    }

  bench_expect ("values got", bench_seen, n);
}

static gboolean
count_and_release (GDeferred *self, gpointer lock, GError **error)
{
  bench_seen++;
  g_deferred_lock_release (lock);
  return TRUE;
}

/* All wait, then one after the other has it. */
static void
wait_in_line (guint n)
{
  g_autoptr (GDeferredLock) lock = g_deferred_lock_new ();

  bench_seen = 0;
  g_deferred_lock_try_acquire (lock);
  for (guint i = 0; i < n; i++)
    {
      GDeferred *deferred = g_deferred_lock_acquire (lock);

      g_deferred_add_callback (deferred, count_and_release, lock, NULL);
      g_object_unref (deferred);
    }
  g_deferred_lock_release (lock);

  bench_expect ("callbacks that had the lock", bench_seen, n);
}

/* All wait, then they leave; those in the middle first. */
static void
leave_line (guint n)
{
  g_autoptr (GDeferredLock) lock = g_deferred_lock_new ();
  g_autofree GDeferred **waiting = g_new (GDeferred *, n);

  g_deferred_lock_try_acquire (lock);
  for (guint i = 0; i < n; i++)
    waiting[i] = g_deferred_lock_acquire (lock);
  for (guint i = 0; i < n; i++)
    {
      GDeferred *deferred = waiting[(n / 2 + i) % n];

      g_deferred_cancel (deferred);
      g_object_unref (deferred);
    }

  bench_expect ("left in line", g_deferred_lock_get_n_waiting (lock), 0);
}

#define FEW 10

static void
few_in_line (guint n)
{
  for (guint i = 0; i < n / FEW; i++)
    wait_in_line (FEW);
}

static void
few_leave_line (guint n)
{
  for (guint i = 0; i < n / FEW; i++)
    leave_line (FEW);
}

const BenchRow bench_coord_rows[] = {
  {
      .id = "lock",
      .what = "a lock acquired and released, nobody waits, one callback",
      .floor_is = "a life",
      .n = 20000,
      .n_quick = 500,
      .budget = 1.5,
      .run = { bench_life, NULL, lock_and_release, NULL },
  },
  {
      .id = "lock-run",
      .what = "a function run with a lock, nobody waits",
      .floor_is = "a life",
      .n = 20000,
      .n_quick = 500,
      .run = { bench_life, NULL, run_with_lock, NULL },
  },
  {
      .id = "queue",
      .what = "a value put into a queue and got, one callback",
      .floor_is = "a life",
      .n = 20000,
      .n_quick = 500,
      .budget = 2.0,
      .run = { bench_life, NULL, put_and_get, NULL },
  },
  {
      .id = "queue-wait",
      .what = "a value got by one who waits for it",
      .floor_is = "a life",
      .n = 20000,
      .n_quick = 500,
      .run = { bench_life, NULL, get_and_put, NULL },
  },
  {
      .id = "lock-line",
      .what = "10,000 wait for a lock, each has it and releases it",
      .floor_is = "10 at a time",
      .n = 10000,
      .n_quick = 1000,
      .flags = BENCH_MINIMUM,
      .budget = 1.3,
      .run = { few_in_line, NULL, wait_in_line, NULL },
  },
  {
      .id = "lock-leave",
      .what = "10,000 wait for a lock, and are cancelled",
      .floor_is = "10 at a time",
      .n = 10000,
      .n_quick = 1000,
      .flags = BENCH_MINIMUM,
      .budget = 1.3,
      .run = { few_leave_line, NULL, leave_line, NULL },
  },
  { NULL },
};
