/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static int next_number = 1;

/* The producer: one number after the other, as there is room. */
static void produce (GDeferredQueue *queue);

static gboolean
on_put (GDeferred *put, gpointer queue, GError **error)
{
  produce (queue);
  return TRUE;
}

static void
produce (GDeferredQueue *queue)
{
  GValue number = G_VALUE_INIT;

  if (next_number > 5)
    {
      g_print ("no more\n");
      g_deferred_queue_close (queue);
      return;
    }

  g_print ("putting %d\n", next_number);
  g_value_init (&number, G_TYPE_INT);
  g_value_set_int (&number, next_number++);

  g_autoptr (GDeferred) put = g_deferred_queue_put (queue, &number);
  g_deferred_add_callback (put, on_put, queue, NULL);
}

/* The consumer: a second for each. */
static void consume (GDeferredQueue *queue);

static gboolean
use (GDeferred *number, gpointer user_data, GError **error)
{
  g_print ("    got %d\n", g_deferred_get_int (number));
  return g_deferred_return_deferred (number, g_deferred_delay (G_TIME_SPAN_SECOND, NULL));
}

static gboolean
on_used (GDeferred *number, gpointer queue, GError **error)
{
  consume (queue);
  return TRUE;
}

static gboolean
on_closed (GDeferred *number, gpointer user_data, GError **error)
{
  g_print ("    that was all\n");
  return g_deferred_return_none (number);
}

static void
consume (GDeferredQueue *queue)
{
  g_autoptr (GDeferred) number = g_deferred_queue_get (queue);

  g_deferred_add_callback (number, use, NULL, NULL);
  g_deferred_add_callback (number, on_used, queue, NULL);
  g_deferred_add_errback_for (number, G_DEFERRED_ERROR, G_DEFERRED_ERROR_CLOSED, on_closed, NULL, NULL);
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferredClock) clock = g_deferred_clock_new_virtual ();
  g_autoptr (GDeferredQueue) queue = g_deferred_queue_new (2, -1);

  g_deferred_clock_push (clock);
  produce (queue);
  consume (queue);
  g_deferred_clock_advance (clock, G_TIME_SPAN_MINUTE);
  g_deferred_clock_pop (clock);
  return 0;
}
