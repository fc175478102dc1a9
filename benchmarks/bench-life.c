/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "bench.h"

/* One Deferred from its making to its end. */

/* So many GTasks are on their way at a time: one main-loop iteration each would measure poll(). */
#define BATCH 100

static void
count_task (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  gssize got = g_task_propagate_int (G_TASK (result), &error);

  if (got == 7 || error != NULL)
    bench_seen++;
}

static void
task_lives (guint n, void (*fire) (GTask *task))
{
  guint made = 0;

  bench_seen = 0;
  while (made < n)
    {
      for (guint i = 0; i < BATCH; i++, made++)
        {
          GTask *task = g_task_new (NULL, NULL, count_task, NULL);

          fire (task);
          g_object_unref (task);
        }
      bench_iterate_until (made);
    }

  bench_expect ("callbacks of tasks", bench_seen, made);
}

static void
fire_task (GTask *task)
{
  g_task_return_int (task, 7);
}

static void
task_life (guint n)
{
  task_lives (n, fire_task);
}

static void
fail_task (GTask *task)
{
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "nothing there");
}

static void
task_error (guint n)
{
  task_lives (n, fail_task);
}

/* A failure: made, passed by a callback, seen by an errback that turns it into a value. */
static GError *
some_error (void)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "nothing there");
}

static void
bare_gobject_and_error (guint n)
{
  GType type = bench_bare_type ();

  for (guint i = 0; i < n; i++)
    {
      GObject *object = g_object_new (type, NULL);

      g_error_free (some_error ());
      g_object_unref (object);
    }
}

static gboolean
handle (GDeferred *self, gpointer user_data, GError **error)
{
  if (g_error_matches (g_deferred_get_error (self), G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    bench_seen++;
  return g_deferred_return_int (self, 7);
}

static void
error_path (guint n)
{

  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    {
      GDeferred *deferred = g_deferred_new ();

      g_deferred_add_callback (deferred, bench_count, NULL, NULL);
      g_deferred_add_errback (deferred, handle, NULL, NULL);
      g_deferred_errback_take (deferred, some_error (), NULL);
      g_object_unref (deferred);
    }

  bench_expect ("errbacks", bench_seen, n);
}

/* A callback returns a Deferred that fires later: two Deferreds, two callbacks, as two lives have. */
static void
two_lives (guint n)
{
  bench_life (2 * n);
}

static void
wait_for_inner (guint n)
{

  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    {
      GDeferred *outer = g_deferred_new ();
      GDeferred *inner = g_deferred_new ();

      g_deferred_add_callback (inner, bench_count, NULL, NULL);
      g_deferred_add_callback (outer, bench_return_inner, g_object_ref (inner), NULL);
      bench_fire_seven (outer);
      bench_fire_seven (inner);
      g_object_unref (inner);
      g_object_unref (outer);
    }

  bench_expect ("callbacks of inner ones", bench_seen, n);
}

static void
wait_and_see (guint n)
{

  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    {
      GDeferred *outer = g_deferred_new ();
      GDeferred *inner = g_deferred_new ();

      g_deferred_add_callback (outer, bench_return_inner, g_object_ref (inner), NULL);
      g_deferred_add_callback (outer, bench_count_seven, NULL, NULL);
      bench_fire_seven (outer);
      bench_fire_seven (inner);
      g_object_unref (inner);
      g_object_unref (outer);
    }

  bench_expect ("callbacks that saw the result of an inner one", bench_seen, n);
}

/* Cancelled before it fired, by one who handles that. */
static void
no_work_to_stop (GDeferred *self, gpointer user_data)
{
}

static void
cancelled_life (guint n)
{

  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    {
      GDeferred *deferred = g_deferred_new_with_canceller (no_work_to_stop, NULL, NULL);

      g_deferred_add_errback (deferred, bench_count, NULL, NULL);
      g_deferred_cancel (deferred);
      g_object_unref (deferred);
    }

  bench_expect ("errbacks of cancelled ones", bench_seen, n);
}

/* What the row "life" has, too, but switched off. */
static void
life_in_the_list (guint n)
{
  g_deferred_set_debug ("pending");
  bench_life (n);
  g_deferred_set_debug (NULL);
}

const BenchRow bench_life_rows[] = {
  {
      .id = "life",
      .what = "a life: new, one callback, fire with an int, unref",
      .floor_is = "bare GObject of the same size",
      .n = 20000,
      .n_quick = 500,
      .budget = 1.15,
      .run = { bench_bare_gobject, task_life, bench_life, BENCH_DEX (bench_dex_life) },
  },
  {
      .id = "wait",
      .what = "a callback returns a pending Deferred that fires later",
      .floor_is = "two lives",
      .n = 10000,
      .n_quick = 500,
      .budget = 1.3,
      .run = { two_lives, NULL, wait_for_inner, NULL },
  },
  {
      .id = "wait-see",
      .what = "the same, and the next callback sees its result",
      .floor_is = "two lives",
      .n = 10000,
      .n_quick = 500,
      .run = { two_lives, NULL, wait_and_see, BENCH_DEX (bench_dex_wait) },
  },
  {
      .id = "error",
      .what = "a life with an error: callback passed by, errback handles it",
      .floor_is = "bare GObject + GError",
      .n = 10000,
      .n_quick = 500,
      .run = { bare_gobject_and_error, task_error, error_path, BENCH_DEX (bench_dex_error) },
  },
  {
      .id = "cancel",
      .what = "a life that is cancelled, with a canceller and an errback",
      .floor_is = "bare GObject + GError",
      .n = 10000,
      .n_quick = 500,
      .run = { bare_gobject_and_error, NULL, cancelled_life, NULL },
  },
  {
      .id = "debug",
      .what = "a life, in the list of what is pending",
      .floor_is = "a life, debugging off",
      .n = 10000,
      .n_quick = 500,
      .run = { bench_life, NULL, life_in_the_list, NULL },
  },
  { NULL },
};
