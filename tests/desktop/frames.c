/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Preloaded into a program with windows, in whatever language that is: it has the first window drawn at each turn of its
 * frame clock, and writes for each frame how long after the one before it came, and for how much of that the main thread
 * was busy, in microseconds, to the file that GDEFERRED_FRAMES names. What others have the machine do shows in the first
 * number only. */

#include <gtk/gtk.h>

#include <time.h>

static FILE    *file;
static gpointer watched; /* the clock; only compared */

static gint64
busy_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static gboolean
on_update (GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer data)
{
  static gint64 last, last_busy;
  gint64        now = g_get_monotonic_time ();
  gint64        busy = busy_time ();

  if (g_value_get_object (values) != watched)
    return TRUE;

  if (last != 0)
    fprintf (file, "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n", now - last, busy - last_busy);
  last = now;
  last_busy = busy;
  return TRUE;
}

static gboolean
on_paint (GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer data)
{
  if (watched != NULL)
    return TRUE;

  watched = g_value_get_object (values);
  gdk_frame_clock_begin_updating (watched);
  return FALSE;
}

/* A process that this one starts is not measured. */
static void __attribute__ ((constructor)) measure (void)
{
  const char *name = g_getenv ("GDEFERRED_FRAMES");

  if (name == NULL || (file = fopen (name, "we")) == NULL)
    return;

  g_unsetenv ("GDEFERRED_FRAMES");
  g_unsetenv ("LD_PRELOAD");
  g_type_class_ref (GDK_TYPE_FRAME_CLOCK);
  g_signal_add_emission_hook (g_signal_lookup ("update", GDK_TYPE_FRAME_CLOCK), 0, on_update, NULL, NULL);
  g_signal_add_emission_hook (g_signal_lookup ("paint", GDK_TYPE_FRAME_CLOCK), 0, on_paint, NULL, NULL);
}
