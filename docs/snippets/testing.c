/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

/* --- what is to be tested --------------------------------------------------------------------------------- */

static gboolean
make_greeting (GDeferred *self, gpointer user_data, GError **error)
{
  return g_deferred_return_take_string (self, g_strdup_printf ("Hello, %s", g_deferred_get_string (self)));
}

/* Asks for a name, five seconds at most, and makes a greeting of it. */
static GDeferred *
greet (GDeferredCallback ask, gpointer server)
{
  GDeferred *name = g_deferred_maybe (ask, server);

  g_deferred_add_timeout (name, 5 * G_TIME_SPAN_SECOND, NULL);
  g_deferred_add_callback (name, make_greeting, NULL, NULL);
  return name;
}

/* --- a server that is played ------------------------------------------------------------------------------ */

typedef struct
{
  GDeferred *question; /* owned; the last that was asked */
  int        n_cancels;
} Server;

static void
count_cancel (GDeferred *question, gpointer server)
{
  ((Server *) server)->n_cancels++;
}

/* The test fires the question, or does not. */
static gboolean
ask (GDeferred *self, gpointer data, GError **error)
{
  Server *server = data;

  g_clear_object (&server->question);
  server->question = g_deferred_new_with_canceller (count_cancel, server, NULL);
  return g_deferred_return_deferred (self, g_object_ref (server->question));
}

/* --- around each test ------------------------------------------------------------------------------------- */

typedef struct
{
  GDeferredClock *clock;
  Server          server;
} Fixture;

static void
fail_test (GDeferred *self, gpointer user_data)
{
  g_autofree char *what = g_deferred_describe (self);

  g_error ("%s: nobody has handled: %s", what, g_deferred_get_error (self)->message);
}

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  g_deferred_set_unhandled_hook (fail_test, NULL, NULL);
  fixture->clock = g_deferred_clock_new_virtual ();
  g_deferred_clock_push (fixture->clock);
}

/* Whatever the main loop has still to do is done, and nothing may be left. */
static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  g_clear_object (&fixture->server.question);
  while (g_main_context_iteration (NULL, FALSE))
    ;

  g_assert_null (g_deferred_clock_get_calls (fixture->clock));
  g_deferred_clock_pop (fixture->clock);
  g_assert_finalize_object (fixture->clock);
}

static gboolean
forget (GDeferred *self, gpointer user_data, GError **error)
{
  return g_deferred_return_none (self);
}

/* That it has failed was expected, so it counts as handled. */
#define assert_failed(d, domain, code)                                                                       \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    g_assert_error (g_deferred_get_error (d), domain, code);                                                 \
    g_deferred_add_errback (d, forget, NULL, NULL);                                                          \
  }                                                                                                          \
  G_STMT_END

/* --- the tests -------------------------------------------------------------------------------------------- */

static void
greets (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GDeferred) d = greet (ask, &fixture->server);

  g_assert_true (g_deferred_get_pending (d));
  g_deferred_callback_string (fixture->server.question, "Ann", NULL);
  g_assert_cmpstr (g_deferred_get_string (d), ==, "Hello, Ann");
}

static void
gives_up_in_time (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GDeferred) d = greet (ask, &fixture->server);

  g_deferred_clock_advance (fixture->clock, 5 * G_TIME_SPAN_SECOND - 1);
  g_assert_true (g_deferred_get_pending (d));

  g_deferred_clock_advance (fixture->clock, 1);
  g_assert_cmpint (fixture->server.n_cancels, ==, 1);
  assert_failed (d, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

static void
cancels_the_question (Fixture *fixture, gconstpointer user_data)
{
  GDeferred *d = greet (ask, &fixture->server);

  g_deferred_cancel (d);
  g_assert_cmpint (fixture->server.n_cancels, ==, 1);
  assert_failed (d, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_finalize_object (d);
}

/* That comes from the main loop. */
static void
is_told_that_the_server_is_gone (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GDeferred) d = greet (ask, &fixture->server);

  g_clear_object (&fixture->server.question);
  while (g_deferred_get_pending (d))
    g_main_context_iteration (NULL, TRUE);
  assert_failed (d, G_DEFERRED_ERROR, G_DEFERRED_ERROR_ABANDONED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/greets", Fixture, NULL, set_up, greets, tear_down);
  g_test_add ("/gives-up-in-time", Fixture, NULL, set_up, gives_up_in_time, tear_down);
  g_test_add ("/cancels-the-question", Fixture, NULL, set_up, cancels_the_question, tear_down);
  g_test_add ("/is-told", Fixture, NULL, set_up, is_told_that_the_server_is_gone, tear_down);
  return g_test_run ();
}
