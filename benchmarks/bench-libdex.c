/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "bench.h"

#ifdef HAVE_LIBDEX

#include <libdex.h>

/* libdex beside it, where it is installed: each run does what the GDeferred run of the same row does, the way
 * libdex would have it. */

#define MANY 1000

void
bench_dex_init (void)
{
  dex_init ();
}

static DexFuture *
count (DexFuture *future, gpointer user_data)
{
  bench_seen++;
  return NULL;
}

static DexFuture *
count_seven (DexFuture *future, gpointer user_data)
{
  const GValue *value = dex_future_get_value (future, NULL);

  if (value != NULL && g_value_get_int (value) == 7)
    bench_seen++;
  return NULL;
}

static DexFuture *
handle (DexFuture *future, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (dex_future_get_value (future, &error) == NULL
      && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    bench_seen++;
  return dex_future_new_for_int (7);
}

static DexFuture *
return_inner (DexFuture *future, gpointer inner)
{
  return inner;
}

static void
watch (DexPromise *promise)
{
  dex_future_disown (dex_future_then (dex_ref (DEX_FUTURE (promise)), count_seven, NULL, NULL));
}

static void
chain_of (guint n)
{
  DexPromise *promise = dex_promise_new ();
  DexFuture  *future = dex_ref (DEX_FUTURE (promise));
  guint       seen = bench_seen + n;

  for (guint i = 0; i < n; i++)
    future = dex_future_then (future, count, NULL, NULL);
  dex_promise_resolve_int (promise, 7);
  bench_iterate_until (seen);
  dex_unref (future);
  dex_unref (promise);
}

static void
chains_of (guint each, guint n)
{

  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    chain_of (each);

  bench_expect ("callbacks of libdex", bench_seen, n * each);
}

void
bench_dex_links (guint n)
{
  chains_of (MANY, n / MANY);
}

void
bench_dex_life (guint n)
{
  chains_of (1, n);
}

void
bench_dex_ten (guint n)
{
  chains_of (10, n);
}

void
bench_dex_error (guint n)
{

  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    {
      DexPromise *promise = dex_promise_new ();
      DexFuture  *future = dex_ref (DEX_FUTURE (promise));

      future = dex_future_then (future, count, NULL, NULL);
      future = dex_future_catch (future, handle, NULL, NULL);
      dex_promise_reject (promise, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "nothing there"));
      dex_unref (future);
      dex_unref (promise);
    }

  bench_expect ("errors of libdex", bench_seen, n);
}

void
bench_dex_wait (guint n)
{

  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    {
      DexPromise *outer = dex_promise_new ();
      DexPromise *inner = dex_promise_new ();
      DexFuture  *future = dex_ref (DEX_FUTURE (outer));

      future = dex_future_then (future, return_inner, dex_ref (DEX_FUTURE (inner)), NULL);
      future = dex_future_then (future, count_seven, NULL, NULL);
      dex_promise_resolve_int (outer, 7);
      dex_promise_resolve_int (inner, 7);
      dex_unref (future);
      dex_unref (inner);
      dex_unref (outer);
    }

  bench_expect ("results of inner ones of libdex", bench_seen, n);
}

void
bench_dex_late (guint n)
{
  DexFuture *future = dex_future_new_for_int (7);

  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    dex_unref (dex_future_then (dex_ref (future), count, NULL, NULL));
  dex_unref (future);

  bench_expect ("late callbacks of libdex", bench_seen, n);
}

void
bench_dex_fork (guint n)
{

  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    {
      DexPromise *promise = dex_promise_new ();

      watch (promise);
      watch (promise);
      dex_promise_resolve_int (promise, 7);
      dex_unref (promise);
    }

  bench_expect ("two watchers of libdex", bench_seen, 2 * n);
}

void
bench_dex_observers (guint n)
{

  bench_seen = 0;
  for (guint i = 0; i < n / MANY; i++)
    {
      DexPromise *promise = dex_promise_new ();

      for (guint j = 0; j < MANY; j++)
        watch (promise);
      dex_promise_resolve_int (promise, 7);
      dex_unref (promise);
    }

  bench_expect ("watchers of libdex", bench_seen, n / MANY * MANY);
}

typedef struct
{
  DexPromise *promises[MANY];
  gint64      started;
} Volley;

static gpointer
resolve_all (gpointer data)
{
  Volley *volley = data;

  volley->started = bench_now ();
  for (guint i = 0; i < MANY; i++)
    dex_promise_resolve_int (volley->promises[i], 7);
  return NULL;
}

double
bench_dex_fire (guint n)
{
  g_autofree Volley *volley = g_new0 (Volley, 1);
  gint64             sum = 0;

  for (guint done = 0; done < n; done += MANY)
    {
      GThread *thread;
      gint64   end;

      for (guint i = 0; i < MANY; i++)
        watch (volley->promises[i] = dex_promise_new ());
      bench_seen = 0;
      thread = g_thread_new ("bench", resolve_all, volley);
      bench_iterate_until (MANY);
      end = bench_now ();
      g_thread_join (thread);
      sum += end - volley->started;
      for (guint i = 0; i < MANY; i++)
        dex_unref (volley->promises[i]);
    }
  return (double) sum / n;
}

/* A fiber on the thread pool: what libdex offers for work that is to be done elsewhere. */
static DexFuture *
job (gpointer user_data)
{
  return dex_future_new_for_int (7);
}

static void
start_job (void)
{
  DexFuture *future = dex_scheduler_spawn (dex_thread_pool_scheduler_get_default (), 0, job, NULL, NULL);

  dex_future_disown (dex_future_then (future, count_seven, NULL, NULL));
}

static void
offload (guint n, guint in_flight)
{
  guint started = 0;

  bench_seen = 0;
  while (started < n)
    {
      for (guint i = 0; i < in_flight; i++, started++)
        start_job ();
      bench_iterate_until (started);
    }

  bench_expect ("jobs of libdex", bench_seen, started);
}

void
bench_dex_offload (guint n)
{
  offload (n, MANY);
}

void
bench_dex_offload_one (guint n)
{
  offload (n, 1);
}

void
bench_dex_hold (gpointer *items, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      DexPromise *promise = dex_promise_new ();

      items[i] = dex_future_then (DEX_FUTURE (promise), count, NULL, NULL);
    }
}

#endif
