/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* GDeferredRetry: what the policy says, its properties, and misuse. */

#include "retry-fixture.h"

#include <math.h>

/* --- the pure policy --------------------------------------------------------------------------------------------- */

static GTimeSpan
ask (guint attempt, GTimeSpan elapsed)
{
  GError   *error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "bad");
  GTimeSpan delay = g_deferred_retry_next_delay (retry, error, attempt, elapsed);

  g_error_free (error);
  return delay;
}

static void
next_delay (void)
{
  GError *cancelled = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");

  begin ();
  g_assert_cmpint (ask (1, 0), ==, MS (100));
  g_assert_cmpint (ask (2, 0), ==, MS (200));
  g_assert_cmpint (ask (4, G_TIME_SPAN_DAY), ==, MS (800));
  g_assert_cmpint (ask (5, 0), ==, -1);
  g_assert_cmpint (ask (G_MAXUINT, 0), ==, -1);
  g_assert_cmpint (g_deferred_retry_next_delay (retry, cancelled, 1, 0), ==, -1);

  g_deferred_retry_set_max_attempts (retry, 0);
  g_assert_cmpint (ask (5, 0), ==, MS (1000));
  g_assert_cmpint (ask (1000, 0), ==, MS (1000));
  g_assert_cmpint (ask (G_MAXUINT, 0), ==, MS (1000));

  g_deferred_retry_set_deadline (retry, MS (500));
  g_assert_cmpint (ask (1, MS (400)), ==, MS (100));
  g_assert_cmpint (ask (1, MS (400) + 1), ==, -1);
  g_assert_cmpint (ask (1, G_MAXINT64), ==, -1);
  g_deferred_retry_set_deadline (retry, 0);

  g_deferred_retry_set_delays (retry, 0, G_MAXINT64, G_MAXDOUBLE, 0.0);
  g_assert_cmpint (ask (G_MAXUINT, 0), ==, 0);
  g_deferred_retry_set_delays (retry, 1, G_MAXINT64, G_MAXDOUBLE, 1.0);
  for (guint i = 0; i < 100; i++)
    g_assert_cmpint (ask (G_MAXUINT, 0), >=, 0);
  g_deferred_retry_set_delays (retry, MS (300), MS (200), 1.5, 0.0);
  g_assert_cmpint (ask (1, 0), ==, MS (200));
  g_deferred_retry_set_delays (retry, MS (100), MS (10000), 1.5, 0.0);
  g_assert_cmpint (ask (3, 0), ==, MS (225));
  g_error_free (cancelled);
  end ();
}

static void
jitter (void)
{
  GTimeSpan least = G_MAXINT64;
  GTimeSpan most = 0;
  GTimeSpan seen[10];

  begin ();
  g_deferred_retry_set_delays (retry, MS (100), MS (100), 1.0, 0.25);
  for (guint i = 0; i < 10000; i++)
    {
      GTimeSpan delay = ask (1 + i % 4, 0);

      least = MIN (least, delay);
      most = MAX (most, delay);
    }
  g_assert_cmpint (least, >=, MS (75));
  g_assert_cmpint (least, <, MS (80));
  g_assert_cmpint (most, >, MS (120));
  g_assert_cmpint (most, <, MS (125));

  g_deferred_retry_set_seed (retry, 42);
  for (guint i = 0; i < G_N_ELEMENTS (seen); i++)
    seen[i] = ask (1, 0);
  end ();

  begin ();
  g_deferred_retry_set_delays (retry, MS (100), MS (100), 1.0, 0.25);
  g_assert_cmpint (ask (1, 0), !=, ask (1, 0));
  g_deferred_retry_set_seed (retry, 42);
  for (guint i = 0; i < G_N_ELEMENTS (seen); i++)
    g_assert_cmpint (ask (1, 0), ==, seen[i]);
  end ();
}

/* --- misuse and properties --------------------------------------------------------------------------------------- */

static gpointer
use_elsewhere (gpointer data)
{
  GMainContext *context = g_main_context_new ();
  GError       *error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "bad");

  g_main_context_push_thread_default (context);
  expect_critical ("g_deferred_retry_run: called from a thread that is not the object's home");
  g_assert_null (g_deferred_retry_run (retry, work, "a", gone));
  expect_critical ("g_deferred_retry_set_filter: called from");
  g_deferred_retry_set_filter (retry, always, "f", gone);
  expect_critical ("g_deferred_retry_next_delay: called from");
  g_assert_cmpint (g_deferred_retry_next_delay (retry, error, 1, 0), ==, -1);
  expect_critical ("g_deferred_retry_set_delays: called from");
  g_deferred_retry_set_delays (retry, 1, 1, 1.0, 0.0);
  expect_critical ("g_deferred_retry_set_seed: called from");
  g_deferred_retry_set_seed (retry, 1);
  expect_critical ("g_deferred_retry_set_max_attempts: called from");
  g_deferred_retry_set_max_attempts (retry, 1);
  expect_critical ("g_deferred_retry_set_deadline: called from");
  g_deferred_retry_set_deadline (retry, 1);
  expect_critical ("g_deferred_retry_set_clock: called from");
  g_deferred_retry_set_clock (retry, fx_clock);
  criticals_came ();
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  g_error_free (error);
  return NULL;
}

static void
elsewhere (void)
{
  begin ();
  g_thread_join (g_thread_new ("elsewhere", use_elsewhere, NULL));
  trace_is ("");
  settle (NULL);
  trace_is ("~a ~f ");
  g_assert_cmpint (ask (1, 0), ==, MS (100));
  end ();
}

static void
bad_delays (void)
{
  expect_critical ("initial_delay >= 0");
  g_deferred_retry_set_delays (retry, -1, 1, 1.0, 0.0);
  expect_critical ("max_delay >= 0");
  g_deferred_retry_set_delays (retry, 1, -1, 1.0, 0.0);
  expect_critical ("factor >= 1.0");
  g_deferred_retry_set_delays (retry, 1, 1, 0.99, 0.0);
  expect_critical ("factor >= 1.0");
  g_deferred_retry_set_delays (retry, 1, 1, (double) NAN, 0.0);
  expect_critical ("jitter >= 0.0");
  g_deferred_retry_set_delays (retry, 1, 1, 1.0, -0.1);
  expect_critical ("jitter <= 1.0");
  g_deferred_retry_set_delays (retry, 1, 1, 1.0, 1.1);
  expect_critical ("G_IS_DEFERRED_RETRY (self)");
  g_deferred_retry_set_delays (NULL, 1, 1, 1.0, 1.0);
}

static void
bad_arguments (void)
{
  GError *error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "bad");

  begin ();
  bad_delays ();
  expect_critical ("G_IS_DEFERRED_RETRY (self)");
  g_deferred_retry_set_seed (NULL, 1);
  expect_critical ("G_IS_DEFERRED_RETRY (self)");
  g_deferred_retry_set_max_attempts (NULL, 1);
  expect_critical ("G_IS_DEFERRED_RETRY (self)");
  g_assert_cmpuint (g_deferred_retry_get_max_attempts (NULL), ==, 0);
  expect_critical ("deadline >= 0");
  g_deferred_retry_set_deadline (retry, -1);
  expect_critical ("G_IS_DEFERRED_RETRY (self)");
  g_deferred_retry_set_deadline (NULL, 1);
  expect_critical ("G_IS_DEFERRED_RETRY (self)");
  g_assert_cmpint (g_deferred_retry_get_deadline (NULL), ==, 0);
  expect_critical ("G_IS_DEFERRED_CLOCK (clock)");
  g_deferred_retry_set_clock (retry, (GDeferredClock *) retry);
  expect_critical ("G_IS_DEFERRED_RETRY (self)");
  g_deferred_retry_set_clock (NULL, NULL);
  expect_critical ("G_IS_DEFERRED_RETRY (self)");
  g_assert_null (g_deferred_retry_get_clock (NULL));
  expect_critical ("G_IS_DEFERRED_RETRY (self)");
  g_deferred_retry_set_filter (NULL, always, NULL, NULL);
  expect_critical ("G_IS_DEFERRED_RETRY (self)");
  g_assert_cmpint (g_deferred_retry_next_delay (NULL, error, 1, 0), ==, -1);
  expect_critical ("error != NULL");
  g_assert_cmpint (g_deferred_retry_next_delay (retry, NULL, 1, 0), ==, -1);
  expect_critical ("attempt > 0");
  g_assert_cmpint (g_deferred_retry_next_delay (retry, error, 0, 0), ==, -1);
  expect_critical ("elapsed >= 0");
  g_assert_cmpint (g_deferred_retry_next_delay (retry, error, 1, -1), ==, -1);
  expect_critical ("func != NULL");
  g_assert_null (g_deferred_retry_run (retry, NULL, NULL, NULL));
  expect_critical ("G_IS_DEFERRED_RETRY (self)");
  g_assert_null (g_deferred_retry_run (NULL, work, "a", gone));
  criticals_came ();
  g_assert_cmpint (ask (1, 0), ==, MS (100));
  g_error_free (error);
  end ();
}

static void
on_notify (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  say ("%s ", pspec->name);
}

static void
properties (void)
{
  GDeferredClock *clock = NULL;
  gint64          initial = 0;
  gint64          longest = 0;
  gint64          span = 0;
  double          factor = 0;
  double          jitter_part = 0;
  guint           n = 0;

  retry = g_object_new (G_TYPE_DEFERRED_RETRY, "initial-delay", MS (1), "max-delay", MS (2), "factor", 3.0,
                        "jitter", 0.5, "max-attempts", 6, "deadline", MS (7), "clock", fx_clock, NULL);
  g_signal_connect (retry, "notify", G_CALLBACK (on_notify), NULL);
  g_object_get (retry, "initial-delay", &initial, "max-delay", &longest, "factor", &factor, "jitter",
                &jitter_part, "max-attempts", &n, "deadline", &span, "clock", &clock, NULL);
  g_assert_cmpint (initial, ==, MS (1));
  g_assert_cmpint (longest, ==, MS (2));
  g_assert_cmpfloat (factor, ==, 3.0);
  g_assert_cmpfloat (jitter_part, ==, 0.5);
  g_assert_cmpuint (n, ==, 6);
  g_assert_cmpint (span, ==, MS (7));
  g_assert_true (clock == fx_clock);
  g_object_unref (clock);

  g_object_set (retry, "initial-delay", MS (1), "max-delay", MS (2), "factor", 3.0, "jitter", 0.5,
                "max-attempts", 6, "deadline", MS (7), "clock", fx_clock, NULL);
  trace_is ("");
  g_object_set (retry, "initial-delay", MS (2), NULL);
  g_object_set (retry, "max-delay", MS (3), NULL);
  g_object_set (retry, "factor", 4.0, NULL);
  g_object_set (retry, "jitter", 0.25, NULL);
  g_object_set (retry, "max-attempts", 7, NULL);
  g_object_set (retry, "deadline", MS (8), NULL);
  g_object_set (retry, "clock", NULL, NULL);
  trace_is ("initial-delay max-delay factor jitter max-attempts deadline clock ");
  g_deferred_retry_set_delays (retry, MS (3), MS (4), 3.0, 0.125);
  trace_is ("initial-delay max-delay factor jitter ");
  g_assert_null (g_deferred_retry_get_clock (retry));
  end ();
}

static const Case cases[] = {
  { "/retry/next-delay", next_delay },         { "/retry/jitter-and-its-seed", jitter },
  { "/misuse/retry/elsewhere", elsewhere },    { "/misuse/retry/bad-arguments", bad_arguments },
  { "/rule-24/retry/properties", properties },
};

int
main (int argc, char **argv)
{
  return run_timed_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
