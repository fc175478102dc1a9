/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Rules 5 to 8: the chain. Rules 9, 12 and 13 are in test-links.c, 10 and 11 in test-depth.c. */

#include "fixture.h"

/* Rule 5: in order, each once */

static void
in_order (void)
{
  GDeferred *d = g_deferred_new ();

  link_both (d, "a");
  link_both (d, "b");
  link_callback (d, "c");
  link_both (d, "d");
  g_deferred_add_callback (d, act, (gpointer) "e", NULL);
  g_deferred_add_callback (d, act, (gpointer) "f", NULL);
  trace_is ("");
  fire (d, 1);
  trace_is ("a:1 ~a b:1 ~b c:1 ~c d:1 ~d e:1 f:1 ");
  g_deferred_pause (d);
  g_deferred_unpause (d);
  trace_is ("");
  g_assert_finalize_object (d);
}

static void
halves (void)
{
  GDeferred *d = g_deferred_new ();

  link_callback (d, "a");
  link_errback (d, "b");
  link_callback (d, "c!bad");
  link_callback (d, "d");
  link_errback (d, "e=5");
  link_errback (d, "f");
  link_callback (d, "g");
  fire (d, 1);
  trace_is ("a:1 ~a ~b c:1 ~c ~d e:!bad ~e ~f g:5 ~g ");
  g_assert_finalize_object (d);
}

static void
pairs (void)
{
  GDeferred *d = g_deferred_new ();

  /* The errback of a link does not see the error of its own callback. */
  g_deferred_add_callbacks (d, act, (gpointer) "a!bad", NULL, act, (gpointer) "A", NULL);
  g_deferred_add_callbacks (d, act, (gpointer) "b", NULL, act, (gpointer) "B=2", NULL);
  g_deferred_add_callbacks (d, act, (gpointer) "c", NULL, act, (gpointer) "C", NULL);
  g_deferred_add_callbacks (d, NULL, NULL, NULL, act, (gpointer) "D", NULL);
  g_deferred_add_callbacks (d, act, (gpointer) "e", NULL, NULL, NULL, NULL);
  fire (d, 1);
  trace_is ("a:1 B:!bad c:2 e:2 ");
  g_assert_finalize_object (d);
}

static void
empty_links (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_add_callbacks (d, NULL, NULL, NULL, NULL, NULL, NULL);
  link_both (d, "a");
  fire (d, 1);
  trace_is ("a:1 ~a ");
  g_assert_finalize_object (d);
}

static void
errback_for (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_add_errback_for (d, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, act, (gpointer) "a=1", gone);
  g_deferred_add_errback_for (d, G_DEFERRED_ERROR, G_IO_ERROR_FAILED, act, (gpointer) "b=2", gone);
  g_deferred_add_errback_for (d, G_IO_ERROR, G_IO_ERROR_FAILED, act, (gpointer) "c=3", gone);
  g_deferred_add_errback_for (d, G_IO_ERROR, G_IO_ERROR_FAILED, act, (gpointer) "d=4", gone);
  link_both (d, "e");
  fire_fail (d, "bad");
  trace_is ("~a ~b c:!bad ~c ~d e:3 ~e ");
  g_assert_finalize_object (d);
}

/* Rule 6: nothing set passes the result through */

static void
passes_through (void)
{
  GDeferred *d = g_deferred_new ();

  link_both (d, "a");
  link_callback (d, "b");
  link_both (d, "c=7");
  link_both (d, "d");
  link_both (d, "e");
  g_deferred_callback_string (d, "text", NULL);
  trace_is ("a:'text' ~a b:'text' ~b c:'text' ~c d:7 ~d e:7 ~e ");
  g_assert_finalize_object (d);
}

/* An errback that sets nothing has handled nothing. */
static void
errback_passes_through (void)
{
  GDeferred *d = failed_with ("bad");

  link_errback (d, "a");
  link_both (d, "b");
  trace_is ("a:!bad ~a b:!bad ~b ");
  link_errback (d, "c0");
  trace_is ("c:!bad ~c ");
  g_assert_finalize_object (d);
}

static gboolean
returns_twice (GDeferred *self, gpointer data, GError **error)
{
  g_deferred_return_int (self, 5);
  say_outcome ("still", self);
  return g_deferred_return_string (self, "last");
}

static void
last_return_wins (void)
{
  GDeferred *d = succeeded_with (1);

  g_deferred_add_callback (d, returns_twice, NULL, NULL);
  link_both (d, "b");
  g_assert_true (strstr (fx_trace->str, "b:'last' ~b ") != NULL);
  g_string_truncate (fx_trace, 0);
  g_assert_finalize_object (d);
}

/* A value handed back unchanged is the value, even where it is the very one of the Deferred. */
static gboolean
returns_its_own (GDeferred *self, gpointer data, GError **error)
{
  return g_deferred_return_value (self, g_deferred_get_result (self));
}

static gboolean
returns_its_own_error (GDeferred *self, gpointer data, GError **error)
{
  return g_deferred_return_error (self, g_deferred_get_error (self));
}

static void
returns_what_it_sees (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_add_callback (d, returns_its_own, NULL, NULL);
  link_both (d, "a");
  g_deferred_callback_string (d, "text", NULL);
  trace_is ("a:'text' ~a ");
  link_both (d, "b!bad");
  g_deferred_add_errback (d, returns_its_own_error, NULL, NULL);
  link_both (d, "c0");
  trace_is ("b:'text' ~b c:!bad ~c ");
  g_assert_finalize_object (d);
}

/* Rule 7: from one side to the other */

static void
sides (void)
{
  GDeferred *d = g_deferred_new ();

  link_callback (d, "a!one");
  link_errback (d, "b!two");
  link_errback (d, "c=3");
  link_callback (d, "d!four");
  link_errback (d, "e0");
  link_callback (d, "f");
  fire (d, 1);
  trace_is ("a:1 ~a b:!one ~b c:!two ~c d:3 ~d e:!four ~e f:- ~f ");
  g_assert_finalize_object (d);
}

static void
false_without_error (void)
{
  GDeferred *d = succeeded_with (1);

  link_callback (d, "a?");
  g_assert_error (g_deferred_get_error (d), G_DEFERRED_ERROR, G_DEFERRED_ERROR_FAILED);
  link_both (d, "b0");
  trace_is ("a:1 ~a b:!FAILED ~b ");
  g_assert_finalize_object (d);

  d = failed_with ("the first trouble");
  link_errback (d, "a?");
  g_assert_error (g_deferred_get_error (d), G_DEFERRED_ERROR, G_DEFERRED_ERROR_FAILED);
  g_assert_nonnull (strstr (g_deferred_get_error (d)->message, "the first trouble"));
  link_both (d, "b0");
  trace_is ("a:!the first trouble ~a b:!FAILED ~b ");
  g_assert_finalize_object (d);
}

/* A set *error says that the call inside failed, whatever the callback makes of it. */
static gboolean
true_with_error (GDeferred *self, gpointer data, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "bad");
  return TRUE;
}

static gboolean
value_then_false (GDeferred *self, gpointer data, GError **error)
{
  g_deferred_return_int (self, 5);
  if (data != NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, data);
  return FALSE;
}

static void
error_wins (void)
{
  GDeferred *d = succeeded_with (1);

  g_deferred_add_callback (d, true_with_error, NULL, NULL);
  link_both (d, "a=2");
  g_deferred_add_callback (d, value_then_false, (gpointer) "worse", NULL);
  link_both (d, "b=3");
  g_deferred_add_callback (d, value_then_false, NULL, NULL);
  link_both (d, "c=4");
  trace_is ("a:!bad ~a b:!worse ~b c:!FAILED ~c ");
  g_assert_finalize_object (d);
}

static gboolean
return_new_error (GDeferred *self, gpointer data, GError **error)
{
  gboolean returned
      = g_deferred_return_new_error (self, G_IO_ERROR, G_IO_ERROR_BUSY, "%s and %d", (char *) data, 3);

  g_assert_false (returned);
  return returned;
}

static gboolean
return_take_error (GDeferred *self, gpointer data, GError **error)
{
  return g_deferred_return_take_error (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_EXISTS, data));
}

static gboolean
return_error_literal (GDeferred *self, gpointer data, GError **error)
{
  return g_deferred_return_error_literal (self, G_IO_ERROR, G_IO_ERROR_PENDING, data);
}

static void
returned_errors (void)
{
  GDeferred *d = succeeded_with (1);

  g_deferred_add_callback (d, return_new_error, (gpointer) "made", NULL);
  g_assert_error (g_deferred_get_error (d), G_IO_ERROR, G_IO_ERROR_BUSY);
  link_errback (d, "a");
  g_deferred_add_errback (d, return_take_error, (gpointer) "taken", NULL);
  g_assert_error (g_deferred_get_error (d), G_IO_ERROR, G_IO_ERROR_EXISTS);
  link_errback (d, "b");
  g_deferred_add_errback (d, return_error_literal, (gpointer) "literal", NULL);
  g_assert_error (g_deferred_get_error (d), G_IO_ERROR, G_IO_ERROR_PENDING);
  link_errback (d, "c0");
  trace_is ("a:!made and 3 ~a b:!taken ~b c:!literal ~c ");
  g_assert_finalize_object (d);
}

/* Rule 8: a returned Deferred is waited for */

static void
waits_for_inner (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *inner = g_deferred_new ();

  link_both (d, "a");
  link_inner (d, inner);
  link_both (d, "b");
  link_both (inner, "i=9");
  fire (d, 1);
  trace_is ("a:1 ~a ");
  state_is (d, WAITING);
  g_assert_true (g_deferred_get_pending (d));
  g_assert_true (g_deferred_get_waiting_on (d) == inner);
  link_both (inner, "j"); /* younger than the wait: the result is gone by then */
  fire (inner, 2);
  trace_is ("i:2 ~i j:- ~j b:9 ~b ");
  state_is (d, SUCCEEDED);
  g_assert_null (g_deferred_get_waiting_on (d));
  g_assert_null (g_deferred_get_result (inner));
  g_assert_null (g_deferred_get_error (inner));
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static void
takes_over_at_once (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *inner = succeeded_with (2);
  GDeferred *bad = failed_with ("bad");

  link_inner (d, inner);
  link_both (d, "a");
  link_inner (d, bad);
  link_both (d, "b0");
  fire (d, 1);
  trace_is ("a:2 ~a b:!bad ~b ");
  g_assert_null (g_deferred_get_result (inner));
  g_assert_null (g_deferred_get_error (bad));
  link_both (bad, "c");
  trace_is ("c:- ~c ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
  g_assert_finalize_object (bad);
}

static void
inner_fails (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner = g_deferred_new ();

  link_inner (d, inner);
  link_callback (d, "a");
  link_errback (d, "b0");
  fire_fail (inner, "bad");
  trace_is ("~a b:!bad ~b ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static void
paused_inner (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner = succeeded_with (2);

  g_deferred_pause (inner);
  link_both (inner, "i");
  link_inner (d, inner);
  link_both (d, "a");
  trace_is ("");
  state_is (d, WAITING);
  g_deferred_unpause (inner);
  trace_is ("i:2 ~i a:2 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static void
waiting_inner (void)
{
  GDeferred *outer = succeeded_with (1);
  GDeferred *middle = succeeded_with (2);
  GDeferred *inner = g_deferred_new ();

  link_inner (middle, inner);
  link_both (middle, "m");
  link_inner (outer, middle);
  link_both (outer, "o");
  trace_is ("");
  g_assert_true (g_deferred_get_waiting_on (outer) == middle);
  fire (inner, 3);
  trace_is ("m:3 ~m o:3 ~o ");
  g_assert_finalize_object (outer);
  g_assert_finalize_object (middle);
  g_assert_finalize_object (inner);
}

/* All that an inner has to run, what is added meanwhile included, runs before the outer resumes. */
static gboolean
adds_to (GDeferred *self, gpointer other, GError **error)
{
  say ("adds ");
  link_both (other, "x=8");
  return TRUE;
}

static void
inner_finishes_first (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner = g_deferred_new ();

  g_deferred_add_callback (inner, adds_to, inner, NULL);
  link_both (inner, "i");
  link_inner (d, inner);
  link_both (inner, "j");
  link_both (d, "a");
  fire (inner, 2);
  trace_is ("adds i:2 ~i j:- ~j x:- ~x a:2 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

/* Two wait for one: the first takes the result, the second goes on with nothing; neither hangs. */
static void
two_wait_for_one (void)
{
  GDeferred *one = succeeded_with (1);
  GDeferred *two = succeeded_with (2);
  GDeferred *inner = g_deferred_new ();

  link_inner (one, inner);
  link_inner (two, inner);
  link_both (one, "a");
  link_both (two, "b");
  fire (inner, 3);
  trace_is ("a:3 ~a b:- ~b ");
  g_assert_finalize_object (one);
  g_assert_finalize_object (two);
  g_assert_finalize_object (inner);
}

static gboolean
errback_returns_inner (GDeferred *self, gpointer inner, GError **error)
{
  return g_deferred_return_deferred (self, g_object_ref (inner));
}

static void
errback_waits (void)
{
  GDeferred *d = failed_with ("bad");
  GDeferred *inner = g_deferred_new ();

  g_deferred_add_errback (d, errback_returns_inner, inner, NULL);
  link_both (d, "a");
  state_is (d, WAITING);
  fire (inner, 4);
  trace_is ("a:4 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

/* Returned and then failed: the error goes on, and nobody waits for what was returned. */
static gboolean
inner_then_false (GDeferred *self, gpointer inner, GError **error)
{
  g_deferred_return_deferred (self, g_object_ref (inner));
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "bad");
  return FALSE;
}

static void
returned_then_failed (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner = g_deferred_new ();

  g_deferred_add_callback (d, inner_then_false, inner, NULL);
  link_both (d, "a0");
  trace_is ("a:!bad ~a ");
  fire (inner, 1);
  g_assert_cmpint (g_deferred_get_int (inner), ==, 1);
  g_assert_finalize_object (inner);
  g_assert_finalize_object (d);
}

/* A GValue that holds a Deferred is a returned Deferred. */
static gboolean
value_of_deferred (GDeferred *self, gpointer inner, GError **error)
{
  return g_deferred_return_object (self, inner);
}

static void
returned_in_a_value (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner = g_deferred_new ();

  g_deferred_add_callback (d, value_of_deferred, inner, NULL);
  link_both (d, "a");
  state_is (d, WAITING);
  fire (inner, 2);
  trace_is ("a:2 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

/* Handing on: whoever hands on finishes first, then those it handed to, first in first out. */
static void
handing_on_is_flat (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *fork = g_deferred_fork (d);
  GDeferred *second = g_deferred_fork (d);
  GDeferred *chained = g_deferred_new ();

  link_both (d, "a=2");
  link_both (fork, "f");
  link_both (second, "g");
  g_deferred_chain_deferred (d, chained);
  link_both (d, "b");
  link_both (chained, "c");
  fire (d, 1);
  trace_is ("a:1 ~a b:- ~b f:1 ~f g:1 ~g c:2 ~c ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (fork);
  g_assert_finalize_object (second);
  g_assert_finalize_object (chained);
}

static void
chained_to_fired (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *other = succeeded_with (5);
  GDeferred *cancelled = g_deferred_new ();

  g_deferred_chain_deferred (d, other);
  link_both (d, "a=2");
  g_deferred_cancel (cancelled);
  g_deferred_chain_deferred (d, cancelled);
  link_both (d, "b");
  fire (d, 1);
  trace_is ("a:!ALREADY_CALLED ~a b:- ~b ");
  g_assert_cmpint (g_deferred_get_int (other), ==, 5);
  g_assert_finalize_object (d);
  g_assert_finalize_object (other);
  g_assert_finalize_object (cancelled);
}

static void
fork_of_failed (void)
{
  GDeferred *d = failed_with ("bad");
  GDeferred *fork = g_deferred_fork (d);

  link_both (fork, "a0");
  link_both (d, "b0");
  trace_is ("a:!bad ~a b:!bad ~b ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (fork);
}

static const Case cases[] = {
  { "/rule-05/in-order-each-once", in_order },
  { "/rule-05/a-missing-half-passes-through", halves },
  { "/rule-05/the-half-that-fits", pairs },
  { "/rule-05/both-halves-missing", empty_links },
  { "/rule-05/errback-for-traps-one-kind", errback_for },
  { "/rule-06/nothing-set-passes-through", passes_through },
  { "/rule-06/an-errback-that-sets-nothing", errback_passes_through },
  { "/rule-06/the-last-return-wins", last_return_wins },
  { "/rule-06/returning-what-it-sees", returns_what_it_sees },
  { "/rule-07/from-side-to-side", sides },
  { "/rule-07/false-without-error", false_without_error },
  { "/rule-07/an-error-set-wins", error_wins },
  { "/rule-07/returned-errors", returned_errors },
  { "/rule-08/waits-and-takes-over", waits_for_inner },
  { "/rule-08/takes-over-at-once", takes_over_at_once },
  { "/rule-08/an-inner-that-fails", inner_fails },
  { "/rule-08/a-paused-inner", paused_inner },
  { "/rule-08/a-waiting-inner", waiting_inner },
  { "/rule-08/the-inner-finishes-first", inner_finishes_first },
  { "/rule-08/two-wait-for-one", two_wait_for_one },
  { "/rule-08/an-errback-waits", errback_waits },
  { "/rule-08/returned-then-failed", returned_then_failed },
  { "/rule-08/returned-in-a-value", returned_in_a_value },
  { "/rule-08/handing-on-is-flat", handing_on_is_flat },
  { "/rule-08/chained-to-a-fired-one", chained_to_fired },
  { "/rule-08/fork-of-a-failed-one", fork_of_failed },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
