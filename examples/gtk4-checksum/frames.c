/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "frames.h"

typedef struct
{
  gint64  last;
  GArray *spans; /* of gint64, in microseconds */
} Frames;

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 one = *(const gint64 *) a;
  gint64 other = *(const gint64 *) b;

  return one < other ? -1 : one > other;
}

static double
milliseconds_at (GArray *spans, double share)
{
  return (double) g_array_index (spans, gint64, (guint) (share * (spans->len - 1))) / 1000;
}

static void
frames_free (gpointer data)
{
  Frames *self = data;

  g_array_sort (self->spans, compare);
  if (self->spans->len > 0)
    g_print ("%u frames, apart by %.1f ms in the median, %.1f ms in 99 of 100, %.1f ms at worst\n",
             self->spans->len, milliseconds_at (self->spans, 0.5), milliseconds_at (self->spans, 0.99),
             milliseconds_at (self->spans, 1));
  g_array_unref (self->spans);
  g_free (self);
}

/* A tick callback has the widget drawn at each turn of the frame clock. */
static gboolean
on_tick (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  Frames *self = data;
  gint64  now = g_get_monotonic_time ();
  gint64  span = now - self->last;

  if (self->last != 0)
    g_array_append_val (self->spans, span);
  self->last = now;
  return G_SOURCE_CONTINUE;
}

void
frames_measure (GtkWidget *widget)
{
  Frames *self = g_new0 (Frames, 1);

  self->spans = g_array_new (FALSE, FALSE, sizeof (gint64));
  gtk_widget_add_tick_callback (widget, on_tick, self, frames_free);
}
