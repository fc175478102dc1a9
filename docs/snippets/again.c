/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static GDeferredLoopingCall *call;
static int                   n_calls;

/* The second one takes as long as two and a half others. */
static gboolean
look (GDeferred *self, gpointer user_data, GError **error)
{
  g_print ("call %d stands for %" G_GUINT64_FORMAT "\n", ++n_calls,
           g_deferred_looping_call_get_n_ticks (call));
  if (n_calls == 3)
    g_deferred_looping_call_stop (call);
  if (n_calls == 2)
    return g_deferred_return_deferred (self, g_deferred_delay (50 * G_TIME_SPAN_MILLISECOND, NULL));
  return TRUE;
}

static gboolean
say_done (GDeferred *self, gpointer user_data, GError **error)
{
  g_print ("done\n");
  return TRUE;
}

/* On a virtual clock, so that what is printed is always the same. */
int
main (int argc, char **argv)
{
  g_autoptr (GDeferredClock) clock = g_deferred_clock_new_virtual ();
  g_autoptr (GDeferred) done = NULL;

  g_deferred_clock_push (clock);
  call = g_deferred_looping_call_new (look, NULL, NULL);
  done = g_deferred_looping_call_start (call, 20 * G_TIME_SPAN_MILLISECOND, TRUE);
  g_deferred_add_callback (done, say_done, NULL, NULL);
  g_deferred_clock_advance (clock, G_TIME_SPAN_SECOND);
  g_deferred_clock_pop (clock);

  g_object_unref (call);
  return 0;
}
