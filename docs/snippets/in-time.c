/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

/* A server that takes its time, and stops when nobody waits any more. */
static GDeferred *
ask (GTimeSpan takes)
{
  return g_deferred_delay (takes, NULL);
}

static gboolean
say_answer (GDeferred *self, gpointer user_data, GError **error)
{
  g_print ("an answer\n");
  return TRUE;
}

static gboolean
say_error (GDeferred *self, gpointer user_data, GError **error)
{
  g_print ("%s\n", g_deferred_get_error (self)->message);
  return g_deferred_return_none (self);
}

static void
ask_in_time (GTimeSpan takes)
{
  g_autoptr (GDeferred) answer = ask (takes);

  g_deferred_add_timeout (answer, 20 * G_TIME_SPAN_MILLISECOND, NULL);
  g_deferred_add_callbacks (answer, say_answer, NULL, NULL, say_error, NULL, NULL);
  g_deferred_wait (answer, NULL);
}

static gboolean
ask_again (GDeferred *self, gpointer user_data, GError **error)
{
  return g_deferred_return_deferred (self, ask (15 * G_TIME_SPAN_MILLISECOND));
}

/* Two questions, one after the other, in the same time together. */
static void
ask_twice_in_time (void)
{
  g_autoptr (GDeferredClock) clock = g_deferred_clock_get_current ();
  gint64 deadline = g_deferred_clock_get_time (clock) + 20 * G_TIME_SPAN_MILLISECOND;
  g_autoptr (GDeferred) answers = ask (15 * G_TIME_SPAN_MILLISECOND);

  g_deferred_add_callback (answers, ask_again, NULL, NULL);
  g_deferred_add_deadline (answers, deadline, clock);
  g_deferred_add_callbacks (answers, say_answer, NULL, NULL, say_error, NULL, NULL);
  g_deferred_wait (answers, NULL);
}

int
main (int argc, char **argv)
{
  ask_in_time (1 * G_TIME_SPAN_MILLISECOND);
  ask_in_time (G_TIME_SPAN_HOUR);
  ask_twice_in_time ();
  return 0;
}
