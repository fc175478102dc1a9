/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

/* What is to be tested: reminds every ten minutes, and gives up after an hour. It does not know of any clock. */
static gboolean
remind (GDeferred *self, gpointer n_reminders, GError **error)
{
  ++*(int *) n_reminders;
  return TRUE;
}

static GDeferred *
remind_for_an_hour (int *n_reminders)
{
  g_autoptr (GDeferredLoopingCall) call = g_deferred_looping_call_new (remind, n_reminders, NULL);
  GDeferred *done = g_deferred_looping_call_start (call, 10 * G_TIME_SPAN_MINUTE, FALSE);

  return g_deferred_add_timeout (done, G_TIME_SPAN_HOUR, NULL);
}

static gboolean
expect_time_out (GDeferred *self, gpointer user_data, GError **error)
{
  g_assert_error (g_deferred_get_error (self), G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_print ("%s\n", g_deferred_get_error (self)->message);
  return g_deferred_return_none (self);
}

/* The test. It takes no time. */
int
main (int argc, char **argv)
{
  g_autoptr (GDeferredClock) clock = g_deferred_clock_new_virtual ();
  g_autoptr (GDeferred) done = NULL;
  int n_reminders = 0;

  g_deferred_clock_push (clock);
  done = remind_for_an_hour (&n_reminders);
  g_deferred_clock_pop (clock);
  g_deferred_add_errback (done, expect_time_out, NULL, NULL);

  g_deferred_clock_advance (clock, 59 * G_TIME_SPAN_MINUTE);
  g_assert_cmpint (n_reminders, ==, 5);
  g_assert_true (g_deferred_get_pending (done));

  g_deferred_clock_advance (clock, G_TIME_SPAN_MINUTE);
  g_assert_false (g_deferred_get_pending (done));

  g_assert_null (g_deferred_clock_get_calls (clock));
  g_print ("%d reminders\n", n_reminders);
  return 0;
}
