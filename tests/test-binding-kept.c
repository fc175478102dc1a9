/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Outcomes that a language binding keeps: who makes it give them, and when it is to forget them. */

#include "binding-fixture.h"

static gboolean
does_nothing (GDeferred *self, gpointer data, GError **error)
{
  return TRUE;
}

static gboolean
returns_9 (GDeferred *self, gpointer data, GError **error)
{
  return g_deferred_return_int (self, 9);
}

static gboolean
returns_none (GDeferred *self, gpointer data, GError **error)
{
  return g_deferred_return_none (self);
}

static gboolean
returns_false (GDeferred *self, gpointer data, GError **error)
{
  return FALSE;
}

static gboolean
returns_deferred (GDeferred *self, gpointer deferred, GError **error)
{
  return g_deferred_return_deferred (self, g_object_ref (deferred));
}

static void
error_is (GDeferred *d, const char *text)
{
  g_assert_error (g_deferred_get_error (d), G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_cmpstr (g_deferred_get_error (d)->message, ==, text);
}

/* What was kept beside an error, once it is in C. */
static void
payload_is (GDeferred *d, const char *text)
{
  const GValue *payload = g_deferred_get_payload (d);

  g_assert_nonnull (payload);
  g_assert_cmpstr (g_value_get_string (payload), ==, text);
}

/* --- staying ----------------------------------------------------------------------------------------------------- */

/* Links that do not look pass it on, and nothing crosses. */
static void
stays_where_it_is (void)
{
  GDeferred *d = g_deferred_new ();

  begins (d, "a");
  g_deferred_add_both (d, does_nothing, NULL, NULL);
  begins (d, "b=2");
  link_errback (d, "x");
  begins (d, "c!bad");
  link_callback (d, "y");
  begins (d, "d");
  g_deferred_add_both (d, does_nothing, NULL, NULL);
  begins (d, "e!worse");
  joins (d, "f=3");
  fire_kept (d, "1");
  trace_is ("a:1 b:1 ~x c:2 ~y d:!bad e:!bad f:!worse ");
  begins (d, "g");
  trace_is ("g:3 ");
  g_assert_finalize_object (d);
}

static void
fires_with_an_error (void)
{
  GDeferred *d = g_deferred_new ();

  link_callback (d, "x");
  begins (d, "a");
  fail_kept (d, "bad");
  trace_is ("~x a:!bad ");
  state_is (d, FAILED);
  error_is (d, "bad");
  trace_is ("");
  g_assert_null (g_deferred_get_result (d));
  trace_is ("give ");
  payload_is (d, "bad");
  begins (d, "b=1");
  g_assert_finalize_object (d);
  trace_is ("b:!bad ");
}

static void
nothing_is_kept_too (void)
{
  GDeferred *d = g_deferred_new ();

  fire_kept (d, NULL);
  state_is (d, SUCCEEDED);
  begins (d, "a");
  g_assert_null (g_deferred_get_result (d));
  trace_is ("a:- give ");
  g_assert_finalize_object (d);
}

static void
a_second_fire_is_refused (void)
{
  GDeferred *d = g_deferred_new ();

  fire_kept (d, "1");
  g_assert_cmpint (fire_for (&us, d, "2", FALSE), ==, G_DEFERRED_FIRED_REFUSED);
  g_assert_cmpint (fire_for (&us, d, "2", TRUE), ==, G_DEFERRED_FIRED_REFUSED);
  g_assert_cmpint (fire_for (&them, d, "2", FALSE), ==, G_DEFERRED_FIRED_REFUSED);
  fire_refused (d, ALREADY_CALLED);
  begins (d, "a");
  trace_is ("a:1 ");
  g_assert_finalize_object (d);

  d = succeeded_with (1);
  g_assert_cmpint (fire_for (&us, d, "2", FALSE), ==, G_DEFERRED_FIRED_REFUSED);
  g_assert_cmpint (g_deferred_get_int (d), ==, 1);
  g_assert_finalize_object (d);
}

static void
a_late_fire_is_swallowed (void)
{
  for (int failed = 0; failed < 2; failed++)
    {
      GDeferred *d = g_deferred_new ();

      begins (d, "a=0");
      g_deferred_cancel (d);
      trace_is ("a:!CANCELLED ");
      g_assert_cmpint (fire_for (&us, d, "1", failed), ==, G_DEFERRED_FIRED_SWALLOWED);
      g_assert_cmpint (fire_for (&us, d, "1", failed), ==, G_DEFERRED_FIRED_REFUSED);
      begins (d, "b");
      trace_is ("b:0 ");
      g_assert_finalize_object (d);
    }
}

static gpointer
use_elsewhere (gpointer d)
{
  GError *error = error_of ("bad");

  expect_critical ("g_deferred_callback_kept");
  g_assert_cmpint (g_deferred_callback_kept (d, us.id), ==, G_DEFERRED_FIRED_REFUSED);
  expect_critical ("g_deferred_errback_kept");
  g_assert_cmpint (g_deferred_errback_kept (d, us.id, error), ==, G_DEFERRED_FIRED_REFUSED);
  expect_critical ("g_deferred_take_unhandled");
  g_assert_false (g_deferred_take_unhandled (d));
  expect_critical ("g_deferred_is_finished");
  g_assert_false (g_deferred_is_finished (d));
  criticals_came ();
  g_error_free (error);
  return NULL;
}

static void
only_at_home (void)
{
  GDeferred *d = g_deferred_new ();

  g_thread_join (g_thread_new ("elsewhere", use_elsewhere, d));
  state_is (d, PENDING);
  fire_kept (d, "1");
  g_assert_finalize_object (d);
}

/* --- giving ------------------------------------------------------------------------------------------------------ */

static void
gives_to_who_looks (void)
{
  GDeferred    *d = g_deferred_new ();
  const GValue *value;

  fire_kept (d, "1");
  state_is (d, SUCCEEDED);
  trace_is ("");
  value = g_deferred_get_result (d);
  trace_is ("give ");
  g_assert_cmpstr (g_value_get_string (value), ==, "1");
  g_assert_true (g_deferred_get_result (d) == value);
  begins (d, "a");
  trace_is ("a:'1' ");
  begins (d, "b=2");
  begins (d, "c?");
  begins (d, "d");
  trace_is ("b:'1' c:2 give ?:'2' d:'2' ");
  g_assert_finalize_object (d);

  d = g_deferred_new ();
  fail_kept (d, "bad");
  payload_is (d, "bad");
  trace_is ("give ");
  payload_is (d, "bad");
  trace_is ("");
  begins (d, "a=0");
  trace_is ("a:!bad ");
  g_assert_finalize_object (d);
}

/* While it is paused, or tells that it fired, as well. */
static void
looks (GDeferred *d, gpointer name)
{
  say_outcome (name, d);
}

static void
gives_at_any_time (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_pause (d);
  begins (d, "a");
  fire_kept (d, "1");
  g_assert_cmpstr (g_deferred_get_string (d), ==, "1");
  trace_is ("give ");
  g_deferred_unpause (d);
  trace_is ("a:'1' ");
  g_assert_finalize_object (d);

  d = g_deferred_new ();
  g_signal_connect (d, "fired", G_CALLBACK (looks), (gpointer) "s");
  g_signal_connect_after (d, "fired", G_CALLBACK (looks), (gpointer) "t");
  begins (d, "a=2");
  fire_kept (d, "1");
  trace_is ("give s:'1' a:'1' give t:'2' ");
  g_assert_finalize_object (d);
}

static void
gives_to_a_fork (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *before = g_deferred_fork (d);
  GDeferred *after;

  begins (d, "a=2");
  fire_kept (d, "1");
  trace_is ("give a:'1' ");
  after = g_deferred_fork (d);
  trace_is ("give ");
  g_assert_cmpstr (g_deferred_get_string (before), ==, "1");
  g_assert_cmpstr (g_deferred_get_string (after), ==, "2");
  begins (after, "b");
  trace_is ("b:'2' ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (before);
  g_assert_finalize_object (after);

  d = g_deferred_new ();
  fail_kept (d, "bad");
  after = g_deferred_fork (d);
  trace_is ("give ");
  error_is (after, "bad");
  payload_is (after, "bad");
  begins (after, "b=0");
  trace_is ("b:!bad ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (after);
}

static void
gives_to_a_chained_one (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *other = g_deferred_new ();

  begins (other, "b");
  fire_kept (d, "1");
  g_deferred_chain_deferred (d, other);
  trace_is ("give b:'1' ");
  begins (d, "a");
  trace_is ("a:- ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (other);
}

static void
gives_to_who_waits (void)
{
  GDeferred *outer = g_deferred_new ();
  GDeferred *inner = g_deferred_new ();

  /* It has come to its end. */
  fire_kept (inner, "1");
  let_return (outer, inner);
  begins (outer, "a>");
  joins (outer, "b");
  fire_kept (outer, "0");
  trace_is ("a:0 give forget b:'1' ");
  begins (inner, "c");
  trace_is ("c:- ");
  g_assert_finalize_object (inner);

  /* It has not. */
  inner = g_deferred_new ();
  let_return (outer, inner);
  begins (outer, "d>");
  begins (outer, "e=0");
  trace_is ("d:'1' ");
  begins (inner, "f");
  fail_kept (inner, "bad");
  trace_is ("give f:- e:!bad ");
  g_assert_finalize_object (outer);
  g_assert_finalize_object (inner);
}

static gpointer
live_elsewhere (gpointer data)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *d;

  g_main_context_push_thread_default (context);
  d = g_deferred_new ();
  g_deferred_chain_deferred (d, data);
  fire_kept (d, "1");
  begins (d, "a");
  g_assert_finalize_object (d);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return NULL;
}

static void
gives_to_another_home (void)
{
  GDeferred *d = g_deferred_new ();

  begins (d, "b");
  g_thread_join (g_thread_new ("elsewhere", live_elsewhere, d));
  trace_is ("give a:- ");
  settle (NULL);
  trace_is ("b:'1' ");
  g_assert_finalize_object (d);
}

static void
gives_to_wait (void)
{
  GDeferred *d = g_deferred_new ();
  GError    *error = NULL;

  fire_kept (d, "1");
  g_assert_true (g_deferred_wait (d, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (g_deferred_get_string (d), ==, "1");
  trace_is ("give ");
  g_assert_finalize_object (d);
}

/* A success gives no error, nor a failure a success. */
static gboolean
gives_wrongly (GDeferred *self, guint what, const GValue *value, gpointer data)
{
  GError *error = error_of ("wrong");

  say ("give ");
  if (g_deferred_get_error (self) == NULL)
    g_deferred_return_error (self, error);
  else if (GPOINTER_TO_INT (data) == 1)
    g_deferred_return_int (self, 7);
  g_error_free (error);
  return TRUE;
}

static void
gives_nothing_that_does_not_fit (void)
{
  for (int i = 0; i < 2; i++)
    {
      GDeferred *d = g_deferred_new ();
      guint      id = g_deferred_register_dispatcher (gives_wrongly, GINT_TO_POINTER (i), NULL);
      GError    *error = error_of ("bad");

      g_deferred_callback_kept (d, id);
      g_assert_null (g_deferred_get_result (d));
      g_assert_null (g_deferred_get_error (d));
      g_assert_finalize_object (d);

      d = g_deferred_new ();
      g_deferred_errback_kept (d, id, error);
      g_assert_null (g_deferred_get_payload (d));
      error_is (d, "bad");
      g_assert_true (g_deferred_take_unhandled (d));
      g_assert_finalize_object (d);
      g_error_free (error);
    }
  trace_is ("give give give give ");
}

/* --- forgetting -------------------------------------------------------------------------------------------------- */

static void
forgets_what_is_replaced (void)
{
  GDeferred *d = g_deferred_new ();

  fire_kept (d, "1");
  g_deferred_add_callback (d, returns_9, NULL, NULL);
  trace_is ("forget ");
  begins (d, "a=2");
  g_deferred_add_callback (d, returns_false, NULL, NULL);
  trace_is ("a:9 forget ");
  begins (d, "b!bad");
  g_deferred_add_errback (d, returns_none, NULL, NULL);
  trace_is ("b:!FAILED forget ");
  begins (d, "c*");
  begins (d, "d");
  trace_is ("c:- d:5 ");
  begins (d, "e=3");
  begins (d, "f*");
  trace_is ("e:5 f:3 forget ");
  g_assert_cmpint (g_deferred_get_int (d), ==, 5);
  g_assert_finalize_object (d);
}

static void
forgets_what_it_waits_for (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *inner = g_deferred_new ();

  fire_kept (d, "1");
  link_inner (d, inner);
  trace_is ("forget ");
  state_is (d, WAITING);
  fire (inner, 2);
  begins (d, "a");
  trace_is ("a:2 ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

/* --- not reached ------------------------------------------------------------------------------------------------- */

/* Who looks now sees nothing; who is to be given it waits for the loop. */
static void
given_when_it_can_be_reached (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *fork;
  GDeferred *outer = succeeded_with (0);
  GDeferred *next = g_deferred_new ();

  fire_kept (d, "1");
  us.fails = 1;
  g_assert_null (g_deferred_get_result (d));

  us.fails = 2;
  fork = g_deferred_fork (d);
  link_both (fork, "f");
  trace_is ("");
  reach (d);
  trace_is ("give f:'1' ~f ");

  begins (d, "a=2");
  trace_is ("a:'1' ");
  us.fails = 2;
  g_deferred_add_callback (outer, returns_deferred, d, NULL);
  link_both (outer, "o");
  trace_is ("");
  state_is (outer, WAITING);
  reach (d);
  trace_is ("give o:'2' ~o ");

  /* Another binding is not told of a value that it could not see. */
  begins (outer, "k=2");
  trace_is ("k:'2' ");
  us.fails = 1;
  add_for (&them, outer, "t");
  trace_is ("");
  reach (outer);
  trace_is ("give t:'2' ");

  begins (outer, "b!bad");
  us.fails = 1;
  g_deferred_chain_deferred (outer, next);
  link_errback (next, "n0");
  reach (outer);
  trace_is ("b:'2' give n:!bad ~n ");

  g_assert_finalize_object (d);
  g_assert_finalize_object (fork);
  g_assert_finalize_object (outer);
  g_assert_finalize_object (next);
}

/* --- side by side ------------------------------------------------------------------------------------------------ */

static void
two_bindings (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *inner = g_deferred_new ();

  begins (d, "a=2");
  add_for (&them, d, "b");
  add_for (&them, d, "c=3");
  begins (d, "d");
  add_for (&them, d, "e!bad");
  add_for (&them, d, "f");
  begins (d, "g=4");
  fire_kept (d, "1");
  trace_is ("a:1 give b:'2' c:'2' give d:'3' e:'3' f:!bad give g:!bad ");

  /* What the one keeps, the other replaces without a look. */
  let_return (d, inner);
  g_assert_cmpint (fire_for (&them, inner, "5", FALSE), ==, G_DEFERRED_FIRED_ACCEPTED);
  add_for (&them, d, "h>");
  trace_is ("give h:'4' give ");
  begins (d, "i");
  trace_is ("i:'5' ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

/* --- unhandled --------------------------------------------------------------------------------------------------- */

static void
reported_at_the_last_reference (void)
{
  GDeferred *d = g_deferred_new ();

  fail_kept (d, "bad");
  begins (d, "a");
  trace_is ("a:!bad ");
  nothing_reported ();
  g_assert_finalize_object (d);
  reported ("bad");

  d = g_deferred_new ();
  begins (d, "a!bad");
  joins (d, "b!worse");
  fire_kept (d, "1");
  trace_is ("a:1 b:!bad ");
  g_assert_finalize_object (d);
  reported ("worse");
}

static void
reported_by_the_binding (void)
{
  GDeferred *d = g_deferred_new ();

  us.reports = TRUE;
  fail_kept (d, "bad");
  g_assert_finalize_object (d);
  trace_is ("r:!bad ");
  nothing_reported ();

  /* One that C has is reported as any. */
  d = g_deferred_new ();
  fail_kept (d, "worse");
  payload_is (d, "worse");
  g_assert_finalize_object (d);
  trace_is ("give ");
  reported ("worse");
  us.reports = FALSE;
}

static void
hook (GDeferred *self, gpointer data)
{
  payload_is (self, "bad");
  say ("hook ");
}

/* It is still kept then, and what was kept goes with the binding's object. */
static void
given_to_the_hook (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_set_unhandled_hook (hook, NULL, NULL);
  fail_kept (d, "bad");
  g_object_unref (d);
  settle (NULL);
  trace_is ("give hook ");
  g_deferred_set_unhandled_hook (NULL, NULL, NULL);
}

static void
taken (void)
{
  GDeferred *d = g_deferred_new ();

  g_assert_false (g_deferred_take_unhandled (d));
  fire_kept (d, "1");
  g_assert_false (g_deferred_take_unhandled (d));
  begins (d, "a!bad");
  g_assert_true (g_deferred_take_unhandled (d));
  g_assert_false (g_deferred_take_unhandled (d));
  begins (d, "b");
  g_assert_false (g_deferred_take_unhandled (d));
  begins (d, "c!worse");
  g_assert_true (g_deferred_take_unhandled (d));
  trace_is ("a:1 b:!bad c:!bad ");
  g_assert_finalize_object (d);

  d = failed_with ("bad");
  g_assert_true (g_deferred_take_unhandled (d));
  g_assert_finalize_object (d);
}

static const Case cases[] = {
  { "/rule-03/kept/stays-where-it-is", stays_where_it_is },
  { "/rule-03/kept/fires-with-an-error", fires_with_an_error },
  { "/rule-03/kept/nothing-is-kept-too", nothing_is_kept_too },
  { "/rule-01/kept/a-second-fire-is-refused", a_second_fire_is_refused },
  { "/rule-14/kept/a-late-fire-is-swallowed", a_late_fire_is_swallowed },
  { "/rule-20/kept/only-at-home", only_at_home },
  { "/rule-03/kept/gives-to-who-looks", gives_to_who_looks },
  { "/rule-12/kept/gives-at-any-time", gives_at_any_time },
  { "/rule-08/kept/gives-to-a-fork", gives_to_a_fork },
  { "/rule-08/kept/gives-to-a-chained-one", gives_to_a_chained_one },
  { "/rule-08/kept/gives-to-who-waits", gives_to_who_waits },
  { "/rule-19/kept/gives-to-another-home", gives_to_another_home },
  { "/rule-03/kept/gives-to-wait", gives_to_wait },
  { "/rule-03/kept/gives-nothing-that-does-not-fit", gives_nothing_that_does_not_fit },
  { "/rule-13/kept/forgets-what-is-replaced", forgets_what_is_replaced },
  { "/rule-13/kept/forgets-what-it-waits-for", forgets_what_it_waits_for },
  { "/rule-08/kept/given-when-it-can-be-reached", given_when_it_can_be_reached },
  { "/rule-08/kept/two-bindings", two_bindings },
  { "/rule-16/kept/reported-at-the-last-reference", reported_at_the_last_reference },
  { "/rule-16/kept/reported-by-the-binding", reported_by_the_binding },
  { "/rule-16/kept/given-to-the-hook", given_to_the_hook },
  { "/rule-16/kept/taken", taken },
};

int
main (int argc, char **argv)
{
  begin_bindings ();
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
