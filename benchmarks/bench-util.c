/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#define _GNU_SOURCE

#include "bench.h"

#include <sched.h>
#include <stdlib.h>
#include <time.h>

volatile guint bench_seen;

static gboolean something_wrong;

static clockid_t clock_in_use = CLOCK_MONOTONIC;

/* What other programs do meanwhile must not count. Where threads run side by side only the wall's clock can tell how
 * long they took; on one CPU, which one of them always keeps busy, the time that the process had says the same. */
void
bench_choose_clock (BenchFlags flags)
{
  if (!(flags & BENCH_THREADS))
    clock_in_use = CLOCK_THREAD_CPUTIME_ID;
  else if (flags & BENCH_ONE_CPU)
    clock_in_use = CLOCK_PROCESS_CPUTIME_ID;
  else
    clock_in_use = CLOCK_MONOTONIC;
}

gint64
bench_now (void)
{
  struct timespec now;

  clock_gettime (clock_in_use, &now);
  return (gint64) now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

/* A benchmark of something that does not work is worth nothing: each run says what it must have done. */
void
bench_expect (const char *what, guint64 got, guint64 wanted)
{
  if (got == wanted)
    return;

  g_printerr ("wrong: %s: %" G_GUINT64_FORMAT " in place of %" G_GUINT64_FORMAT "\n", what, got, wanted);
  something_wrong = TRUE;
}

gboolean
bench_all_right (void)
{
  return !something_wrong;
}

void
bench_iterate_until (guint seen)
{
  while (bench_seen < seen)
    g_main_context_iteration (NULL, TRUE);
}

#ifdef __linux__
/* Threads made later take the affinity of the one that makes them, but those of the pools are there already. */
static void
set_affinity_of_all (const cpu_set_t *cpus)
{
  g_autoptr (GDir) threads = g_dir_open ("/proc/self/task", 0, NULL);
  const char *name;

  sched_setaffinity (0, sizeof *cpus, cpus);
  while (threads != NULL && (name = g_dir_read_name (threads)) != NULL)
    sched_setaffinity (atoi (name), sizeof *cpus, cpus);
}

void
bench_pin (gboolean one_cpu)
{
  static cpu_set_t allowed;
  static gboolean  known;
  cpu_set_t        one;
  int              last = 0;

  if (!known)
    known = sched_getaffinity (0, sizeof allowed, &allowed) == 0;
  if (!known)
    return;

  if (!one_cpu)
    {
      set_affinity_of_all (&allowed);
      return;
    }

  for (int i = 0; i < CPU_SETSIZE; i++)
    if (CPU_ISSET (i, &allowed))
      last = i;
  CPU_ZERO (&one);
  CPU_SET (last, &one);
  set_affinity_of_all (&one);
}
#else
void
bench_pin (gboolean one_cpu)
{
}
#endif

/* A GObject that is nothing but as big as a GDeferred. */
GType
bench_bare_type (void)
{
  static GType type;

  if (type == 0)
    {
      GTypeQuery query;

      g_type_query (G_TYPE_DEFERRED, &query);
      type = g_type_register_static_simple (G_TYPE_OBJECT, "BenchBare", sizeof (GObjectClass), NULL,
                                            query.instance_size, NULL, 0);
    }
  return type;
}

gboolean
bench_count (GDeferred *self, gpointer user_data, GError **error)
{
  bench_seen++;
  return TRUE;
}

gboolean
bench_count_seven (GDeferred *self, gpointer user_data, GError **error)
{
  if (g_deferred_get_error (self) == NULL && g_deferred_get_int (self) == 7)
    bench_seen++;
  return TRUE;
}

gboolean
bench_return_inner (GDeferred *self, gpointer inner, GError **error)
{
  return g_deferred_return_deferred (self, inner);
}

void
bench_fire_seven (GDeferred *self)
{
  if (!g_deferred_callback_int (self, 7, NULL))
    bench_expect ("fired", 0, 1);
}

void
bench_bare_gobject (guint n)
{
  GType type = bench_bare_type ();

  for (guint i = 0; i < n; i++)
    g_object_unref (g_object_new (type, NULL));
}

/* What any list of callbacks costs: the same record, kept in a GArray, called through its pointer. */
typedef struct
{
  GDeferredCallback callback;
  gpointer          callback_data;
  GDestroyNotify    callback_destroy;
  GDeferredCallback errback;
  gpointer          errback_data;
  GDestroyNotify    errback_destroy;
} Link;

void
bench_array_chain (guint n)
{
  GArray *links = g_array_new (FALSE, FALSE, sizeof (Link));

  for (guint i = 0; i < n; i++)
    {
      Link link = { .callback = bench_count, .callback_data = links };

      g_array_append_val (links, link);
    }
  for (guint i = 0; i < n; i++)
    {
      Link *link = &g_array_index (links, Link, i);

      link->callback (NULL, link->callback_data, NULL);
    }
  g_array_unref (links);
}

void
bench_array_links (guint n)
{

  bench_seen = 0;
  bench_array_chain (n);

  bench_expect ("calls from the array", bench_seen, n);
}

void
bench_links (guint n)
{
  GDeferred *deferred = g_deferred_new ();

  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    g_deferred_add_callback (deferred, bench_count, deferred, NULL);
  bench_fire_seven (deferred);
  g_object_unref (deferred);

  bench_expect ("callbacks of a chain", bench_seen, n);
}

void
bench_life (guint n)
{

  bench_seen = 0;
  for (guint i = 0; i < n; i++)
    {
      GDeferred *deferred = g_deferred_new ();

      g_deferred_add_callback (deferred, bench_count, NULL, NULL);
      bench_fire_seven (deferred);
      g_object_unref (deferred);
    }

  bench_expect ("callbacks of lives", bench_seen, n);
}
