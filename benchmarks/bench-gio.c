/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "bench.h"

/* Operations in GIO's manner, and waiting for signals. */

#define BATCH 1000

/* An operation that has its result at once, which GTask brings from the loop. */
static void
seven_async (gpointer source, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (source, cancellable, callback, user_data);

  g_task_return_int (task, 7);
  g_object_unref (task);
}

static int
seven_finish (gpointer source, GAsyncResult *result, GError **error)
{
  return (int) g_task_propagate_int (G_TASK (result), error);
}

static void
on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  if (seven_finish (source, result, NULL) == 7)
    bench_seen++;
}

static void
bare_operations (guint n)
{
  bench_seen = 0;
  for (guint i = 1; i <= n; i++)
    {
      GCancellable *cancellable = g_cancellable_new ();

      seven_async (NULL, cancellable, on_ready, NULL);
      g_object_unref (cancellable);
      if (i % BATCH == 0)
        bench_iterate_until (i);
    }
}

static void
operations (guint n)
{
  bench_seen = 0;
  for (guint i = 1; i <= n; i++)
    {
      GDeferred *self = g_deferred_new_for_finish (G_TYPE_INT, G_CALLBACK (seven_finish));

      seven_async (NULL, G_DEFERRED_ASYNC (self));
      g_deferred_add_callback (self, bench_count_seven, NULL, NULL);
      g_object_unref (self);
      if (i % BATCH == 0)
        bench_iterate_until (i);
    }
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  bench_seen++;
}

/* Any object with a signal will do. */
static void
bare_signals (guint n)
{
  g_autoptr (GCancellable) object = g_cancellable_new ();

  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    {
      gulong id = g_signal_connect (object, "cancelled", G_CALLBACK (on_cancelled), NULL);

      g_signal_emit_by_name (object, "cancelled");
      g_signal_handler_disconnect (object, id);
    }
  bench_expect ("signals", bench_seen, n);
}

static void
signals (guint n)
{
  g_autoptr (GCancellable) object = g_cancellable_new ();

  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    {
      GDeferred *self = g_deferred_new_for_signal (object, "cancelled");

      g_deferred_add_callback (self, bench_count, NULL, NULL);
      g_signal_emit_by_name (object, "cancelled");
      g_object_unref (self);
    }
  bench_expect ("waits for signals", bench_seen, n);
}

const BenchRow bench_gio_rows[] = {
  {
      .id = "operation",
      .what = "an operation of GIO's as a Deferred",
      .n = 20 * BATCH,
      .n_quick = BATCH,
      .budget = 2.0,
      .run = { NULL, bare_operations, operations, NULL },
  },
  {
      .id = "signal",
      .what = "waiting for a signal",
      .floor_is = "connect, emit, disconnect",
      .n = 20 * BATCH,
      .n_quick = BATCH,
      .budget = 4.0,
      .run = { bare_signals, NULL, signals, NULL },
  },
  { NULL },
};
