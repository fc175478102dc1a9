/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
#include <malloc.h>
#define HAVE_MALLINFO2 1
#endif

/* What is held is measured in a process of its own for each side. In this one the slices and chunks that the rows
 * before left free would be filled first, and a Deferred would seem to take no memory at all. */

/* In use, and not in free lists: mallinfo2 () knows the slabs that GSlice took too. */
static gsize
heap_in_use (void)
{
#ifdef HAVE_MALLINFO2
  struct mallinfo2 info = mallinfo2 ();

  return info.uordblks + info.hblkhd;
#else
  return 0;
#endif
}

static gsize
resident (void)
{
  g_autofree char *text = NULL;
  unsigned long    size = 0;
  unsigned long    pages = 0;

  if (!g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    return 0;
  if (sscanf (text, "%lu %lu", &size, &pages) != 2)
    return 0;
  return pages * (gsize) sysconf (_SC_PAGESIZE);
}

static void
hold_bare (gpointer *items, guint n)
{
  GType type = bench_bare_type ();

  for (guint i = 0; i < n; i++)
    items[i] = g_object_new (type, NULL);
}

static void
no_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
}

static void
hold_tasks (gpointer *items, guint n)
{
  for (guint i = 0; i < n; i++)
    items[i] = g_task_new (NULL, NULL, no_result, NULL);
}

static void
hold_deferreds (gpointer *items, guint n)
{
  for (guint i = 0; i < n; i++)
    items[i] = g_deferred_add_callback (g_deferred_new (), bench_count, NULL, NULL);
}

static const struct
{
  const char *side;
  void (*hold) (gpointer *items, guint n);
} sides[] = {
  { "floor", hold_bare },
  { "gtask", hold_tasks },
  { "gdeferred", hold_deferreds },
#ifdef HAVE_LIBDEX
  { "libdex", bench_dex_hold },
#endif
};

/* Prints the bytes of the heap and the resident bytes that @n of @side take, each. */
int
bench_memory_child (const char *side, guint n)
{
  for (gsize i = 0; i < G_N_ELEMENTS (sides); i++)
    {
      gpointer *items;
      gsize     heap;
      gsize     pages;

      if (strcmp (side, sides[i].side) != 0)
        continue;

#ifdef HAVE_LIBDEX
      if (strcmp (side, "libdex") == 0)
        bench_dex_init ();
#endif
      /* The first few bring classes and caches with them. */
      items = g_new0 (gpointer, n + 100);
      memset (items, 0xff, (n + 100) * sizeof *items);
      sides[i].hold (items, 100);
      heap = heap_in_use ();
      pages = resident ();
      sides[i].hold (items + 100, n);
      printf ("%.1f %.1f\n", (double) (heap_in_use () - heap) / n, (double) (resident () - pages) / n);
      fflush (stdout);
      /* They are never freed: that is not what is measured, and takes a while. */
      _exit (0);
    }
  return 1;
}

static double
ask_child (const char *side, guint n, gboolean want_heap)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *number = g_strdup_printf ("%u", n);
  const char      *argv[] = { self, "--memory-of", side, "--count", number, NULL };
  g_autofree char *output = NULL;
  double           heap = 0;
  double           pages = 0;
  int              status = 0;

  if (self == NULL
      || !g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL, &status,
                        NULL))
    return 0;
  if (status != 0 || sscanf (output, "%lf %lf", &heap, &pages) != 2)
    {
      bench_expect ("exit status of the memory measurement", (guint64) status, 0);
      return 0;
    }
  return want_heap ? heap : pages;
}

#define MEMORY_RUNS(name, side)                                                                              \
  static double name##_heap (guint n)                                                                        \
  {                                                                                                          \
    return ask_child (side, n, TRUE);                                                                        \
  }                                                                                                          \
  static double name##_resident (guint n)                                                                    \
  {                                                                                                          \
    return ask_child (side, n, FALSE);                                                                       \
  }

MEMORY_RUNS (bare, "floor")
MEMORY_RUNS (task, "gtask")
MEMORY_RUNS (deferred, "gdeferred")
#ifdef HAVE_LIBDEX
MEMORY_RUNS (dex, "libdex")
#endif

const BenchRow bench_memory_rows[] = {
  {
      .id = "memory",
      .what = "bytes a pending Deferred with one callback, heap",
      .floor_is = "bare GObject of the same size",
      .n = 200000,
      .n_quick = 10000,
      .flags = BENCH_BYTES | BENCH_SLOW,
      .budget = 208,
      .measure = { bare_heap, task_heap, deferred_heap, BENCH_DEX (dex_heap) },
  },
  {
      .id = "memory-resident",
      .what = "the same, resident pages",
      .floor_is = "bare GObject of the same size",
      .n = 200000,
      .n_quick = 10000,
      .flags = BENCH_BYTES | BENCH_SLOW,
      .budget = 208,
      .measure = { bare_resident, task_resident, deferred_resident, BENCH_DEX (dex_resident) },
  },
  { NULL },
};
