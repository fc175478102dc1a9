/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

#include <stdlib.h>

static void
print_time (void)
{
  g_autoptr (GDeferredClock) clock = g_deferred_clock_get_current ();

  g_print ("%.1f s: ", (double) g_deferred_clock_get_time (clock) / G_TIME_SPAN_SECOND);
}

/* A server that hangs, and then refuses for a while. */
static gboolean
ask (GDeferred *self, gpointer user_data, GError **error)
{
  static int n_asked;
  int        n_refused = *(int *) user_data;

  print_time ();
  g_print ("asking\n");
  n_asked++;
  if (n_asked == 1)
    return g_deferred_return_deferred (self, g_deferred_delay (G_TIME_SPAN_HOUR, NULL));
  if (n_asked <= 1 + n_refused)
    return g_deferred_return_new_error (self, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED, "It refused");
  return g_deferred_return_string (self, "the answer");
}

/* Half a second for each attempt. */
static gboolean
ask_in_time (GDeferred *self, gpointer user_data, GError **error)
{
  GDeferred *answer = g_deferred_maybe (ask, user_data);

  g_deferred_add_timeout (answer, G_TIME_SPAN_SECOND / 2, NULL);
  return g_deferred_return_deferred (self, answer);
}

static gboolean
is_temporary (const GError *error, guint attempt, gpointer user_data)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
}

static gboolean
print_answer (GDeferred *self, gpointer user_data, GError **error)
{
  print_time ();
  g_print ("%s\n", g_deferred_get_string (self));
  return TRUE;
}

static gboolean
print_error (GDeferred *self, gpointer user_data, GError **error)
{
  print_time ();
  g_print ("%s\n", g_deferred_get_error (self)->message);
  return g_deferred_return_none (self);
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferredClock) clock = g_deferred_clock_new_virtual ();
  g_autoptr (GDeferredRetry) retry = g_deferred_retry_new ();
  g_autoptr (GDeferred) answer = NULL;
  int n_refused = argc > 1 ? atoi (argv[1]) : 1;

  g_deferred_clock_push (clock);

  g_deferred_retry_set_delays (retry, G_TIME_SPAN_SECOND, G_TIME_SPAN_MINUTE, 2.0, 0.0);
  g_deferred_retry_set_filter (retry, is_temporary, NULL, NULL);

  answer = g_deferred_retry_run (retry, ask_in_time, &n_refused, NULL);
  g_deferred_add_timeout (answer, 10 * G_TIME_SPAN_SECOND, NULL);
  g_deferred_add_callbacks (answer, print_answer, NULL, NULL, print_error, NULL, NULL);

  g_deferred_clock_advance (clock, G_TIME_SPAN_MINUTE);
  g_deferred_clock_pop (clock);
  return 0;
}
