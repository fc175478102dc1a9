/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Rule 20: firing, cancelling and telling progress from another thread than home. */

#include "fixture.h"

/* A thread that runs one function while the test waits for it. With `running`, the test's thread owns the default
 * main context meanwhile, as a program's does that runs its main loop. */
static gpointer
in_thread (gpointer (*func) (gpointer), gpointer data, gboolean running)
{
  gpointer result;

  if (running)
    g_assert_true (g_main_context_acquire (NULL));
  result = g_thread_join (g_thread_new ("worker", func, data));
  if (running)
    g_main_context_release (NULL);
  return result;
}

static GThread *home_thread;

static gboolean
at_home (GDeferred *self, gpointer data, GError **error)
{
  g_assert_true (g_thread_self () == home_thread);
  g_assert_true (g_deferred_is_home (self));
  return act (self, data, error);
}

static void
gone_at_home (gpointer data)
{
  g_assert_true (g_thread_self () == home_thread);
  gone (data);
}

static void
link_home (GDeferred *d, const char *plan)
{
  home_thread = g_thread_self ();
  g_deferred_add_both (d, at_home, (gpointer) plan, gone_at_home);
}

static gpointer
fire_int (gpointer d)
{
  g_assert_false (g_deferred_is_home (d));
  fire (d, 9);
  return NULL;
}

static gboolean
make_seven (GDeferred *self, gpointer data, GError **error)
{
  g_assert_true (g_thread_self () != home_thread);
  say ("func ");
  return g_deferred_return_int (self, 7);
}

static gpointer
fire_both_ways (gpointer data)
{
  GDeferred **d = data;

  fire (d[0], 1);
  fire_refused (d[0], ALREADY_CALLED);
  fire_fail (d[1], "bad");
  g_deferred_cancel (d[2]);
  g_assert_true (g_deferred_fire_with (d[3], make_seven, NULL, NULL));
  return NULL;
}

static void
handed_home_in_order (void)
{
  GDeferred *d[4];

  for (int i = 0; i < 4; i++)
    d[i] = g_deferred_new ();
  link_home (d[0], "a");
  link_home (d[1], "b0");
  link_home (d[2], "c0");
  link_home (d[3], "d");
  in_thread (fire_both_ways, d, FALSE);
  trace_is ("func ");
  for (int i = 0; i < 4; i++)
    state_is (d[i], PENDING);
  fire_refused (d[0], ALREADY_CALLED); /* decided at the call */
  settle (NULL);
  trace_is ("a:1 ~a b:!bad ~b c:!CANCELLED ~c d:7 ~d ");
  for (int i = 0; i < 4; i++)
    g_assert_finalize_object (d[i]);
}

static void
never_called (GDeferred *self, gpointer data)
{
  g_assert_not_reached ();
}

static void
cancel_wins_over_what_is_in_flight (void)
{
  GDeferred *d = g_deferred_new_with_canceller (never_called, NULL, NULL);

  link_home (d, "a0");
  in_thread (fire_int, d, FALSE);
  g_deferred_cancel (d);
  trace_is ("a:!CANCELLED ~a ");
  settle (NULL);
  trace_is ("");
  g_assert_null (g_deferred_get_result (d));
  fire_refused (d, ALREADY_CALLED);
  g_assert_finalize_object (d);
}

static gpointer
cancel (gpointer d)
{
  g_deferred_cancel (d);
  g_deferred_cancel (d);
  return NULL;
}

static void
stop_at_home (GDeferred *self, gpointer data)
{
  g_assert_true (g_thread_self () == home_thread);
  say ("stop ");
}

static void
cancelled_from_elsewhere (void)
{
  GDeferred *d = g_deferred_new_with_canceller (stop_at_home, (gpointer) "k", gone_at_home);

  link_home (d, "a0");
  in_thread (cancel, d, TRUE);
  trace_is ("");
  settle (NULL);
  trace_is ("stop ~k a:!CANCELLED ~a ");
  g_assert_finalize_object (d);
}

static gpointer
report_progress (gpointer d)
{
  g_deferred_set_progress (d, 0.25, "a quarter");
  g_deferred_set_progress (d, 0.5, "half");
  fire (d, 1);
  return NULL;
}

static void
on_progress (GDeferred *d, GParamSpec *pspec, gpointer data)
{
  g_assert_true (g_thread_self () == home_thread);
  g_assert_cmpint (g_deferred_get_state (d), ==, G_DEFERRED_STATE_PENDING);
  say ("%s ", g_deferred_get_progress_text (d));
}

static void
progress_from_elsewhere (void)
{
  GDeferred *d = g_deferred_new ();

  link_home (d, "a");
  g_signal_connect (d, "notify::progress", G_CALLBACK (on_progress), NULL);
  in_thread (report_progress, d, TRUE);
  trace_is ("");
  settle (NULL);
  g_assert_true (g_str_has_suffix (fx_trace->str, "half a:1 ~a "));
  g_string_truncate (fx_trace, 0);
  g_assert_cmpfloat (g_deferred_get_progress (d), ==, 0.5);
  g_assert_finalize_object (d);
}

static GDeferred **racees;
static guint       n_racees;
static int         at_the_line; /* how often a racer has come to the next one */

/* Each waits for the others before each Deferred: all claim it in the same moment. */
static gpointer
race (gpointer data)
{
  gsize won = 0;

  for (guint i = 0; i < n_racees; i++)
    {
      g_atomic_int_inc (&at_the_line);
      for (guint looks = 0; g_atomic_int_get (&at_the_line) < 2 * (int) (i + 1); looks++)
        if (looks > 1000)
          g_thread_yield ();
      won += g_deferred_callback_int (racees[i], (int) i, NULL) ? 1 : 0;
    }
  return GSIZE_TO_POINTER (won);
}

static void
only_one_wins (void)
{
  GThread *threads[2];
  gsize    won = 0;

  n_racees = gd_test_scaled (20000);
  racees = g_new (GDeferred *, n_racees);
  for (guint i = 0; i < n_racees; i++)
    racees[i] = g_deferred_new ();
  for (int i = 0; i < 2; i++)
    threads[i] = g_thread_new ("racer", race, NULL);
  for (int i = 0; i < 2; i++)
    won += GPOINTER_TO_SIZE (g_thread_join (threads[i]));
  g_assert_cmpuint (won, ==, n_racees);
  settle (NULL);
  for (guint i = 0; i < n_racees; i++)
    {
      g_assert_cmpint (g_deferred_get_int (racees[i]), ==, (int) i);
      g_assert_finalize_object (racees[i]);
    }
  g_free (racees);
}

static const Case cases[] = {
  { "/rule-20/handed-home-in-order", handed_home_in_order },
  { "/rule-20/cancel-wins-over-what-is-in-flight", cancel_wins_over_what_is_in_flight },
  { "/rule-20/cancelled-from-elsewhere", cancelled_from_elsewhere },
  { "/rule-20/progress-from-elsewhere", progress_from_elsewhere },
  { "/rule-20/only-one-wins", only_one_wins },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
