/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Lists, gather and settled. Where a case is named twisted-..., it is that test of Twisted's test_defer.py. */

#include "many-fixture.h"

#define ONE_CALLBACK G_DEFERRED_LIST_FIRE_ON_ONE_CALLBACK
#define ONE_ERRBACK  G_DEFERRED_LIST_FIRE_ON_ONE_ERRBACK
#define CONSUME      G_DEFERRED_LIST_CONSUME_ERRORS
#define CANCEL_REST  G_DEFERRED_LIST_CANCEL_REST

/* testDeferredList */
static void
list_of_three (void)
{
  GDeferred *a = g_deferred_new (), *b = g_deferred_new (), *c = g_deferred_new ();
  GDeferred *whole = watch (g_deferred_list_new_of (0, a, b, c, NULL), "w");

  length_is (whole, 3);
  pending_are (whole, 3);
  fire (c, 3);
  fire (a, 1);
  pending_are (whole, 1);
  trace_is ("");
  link_errback (b, "c0");
  fire_fail (b, "bad");
  trace_is ("w:[1 !bad 3 ] c:!bad ~c ");
  pending_are (whole, 0);
  index_is (whole, -1);
  drop (a);
  drop (b);
  drop (c);
  drop (whole);
}

/* testEmptyDeferredList, testDeferredListEmpty. Twisted's never fires if it is to fire on one callback. */
static void
empty (void)
{
  GDeferred *list = watch (g_deferred_list_new (NULL, 0, 0), "l");
  GDeferred *on_error = watch (g_deferred_list_new (NULL, 0, ONE_ERRBACK), "e");
  GDeferred *gathered = watch (g_deferred_gather_of (0, NULL, NULL), "g");
  GDeferred *settled = watch (g_deferred_settled_of (NULL, NULL), "s");
  GDeferred *on_value = g_deferred_list_new (NULL, 0, ONE_CALLBACK);

  trace_is ("l:[] e:[] g:[] s:[] ");
  length_is (list, 0);
  g_assert_error (g_deferred_get_error (on_value), G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  index_is (on_value, -1);
  watch (on_value, "v");
  trace_is ("v:!None of no Deferreds can be the first: give at least one ");
  drop (list);
  drop (on_error);
  drop (gathered);
  drop (settled);
  drop (on_value);
}

/* testDeferredListFireOnOneError. Twisted wraps the error in a FirstError. */
static void
fire_on_one_error (void)
{
  GDeferred *a = g_deferred_new (), *b = g_deferred_new (), *c = g_deferred_new ();
  GDeferred *whole = watch (g_deferred_list_new_of (ONE_ERRBACK, a, b, c, NULL), "w");

  link_errback (b, "c0");
  fire (a, 1);
  trace_is ("");
  fire_fail (b, "bad");
  trace_is ("w:!bad c:!bad ~c ");
  index_is (whole, 1);
  pending_are (whole, 1);
  fire (c, 3);
  pending_are (whole, 0);
  drop (a);
  drop (b);
  drop (c);
  drop (whole);
}

static void
fire_on_one_value (void)
{
  GDeferred *a = g_deferred_new (), *b = g_deferred_new (), *c = g_deferred_new ();
  GDeferred *whole = watch (g_deferred_list_new_of (ONE_CALLBACK, a, b, c, NULL), "w");

  link_errback (a, "c0");
  fire_fail (a, "bad");
  trace_is ("c:!bad ~c ");
  fire (c, 3);
  trace_is ("w:3 ");
  index_is (whole, 2);
  fire (b, 2);
  trace_is ("");
  drop (a);
  drop (b);
  drop (c);
  drop (whole);
}

/* There is no first value: all of it. */
static void
fire_on_one_value_none (void)
{
  GDeferred *a = g_deferred_new (), *b = g_deferred_new ();
  GDeferred *whole = watch (g_deferred_list_new_of (ONE_CALLBACK | CONSUME, a, b, NULL), "w");

  fire_fail (b, "bad");
  trace_is ("");
  fire_fail (a, "worse");
  trace_is ("w:[!worse !bad ] ");
  index_is (whole, -1);
  drop (a);
  drop (b);
  drop (whole);
}

/* Both flags: the first outcome. */
static void
fire_on_either (void)
{
  GDeferred *a = g_deferred_new (), *b = g_deferred_new ();
  GDeferred *one = watch (g_deferred_list_new_of (ONE_CALLBACK | ONE_ERRBACK | CONSUME, a, b, NULL), "o");
  GDeferred *c = g_deferred_new ();
  GDeferred *two = watch (g_deferred_list_new_of (ONE_CALLBACK | ONE_ERRBACK | CONSUME, b, c, NULL), "t");

  fire_fail (a, "bad");
  trace_is ("o:!bad ");
  fire (c, 3);
  trace_is ("t:3 ");
  fire (b, 2);
  drop (a);
  drop (b);
  drop (c);
  drop (one);
  drop (two);
}

/* testDeferredListDontConsumeErrors */
static void
not_consumed (void)
{
  GDeferred *a = g_deferred_new ();
  GDeferred *b = g_deferred_new ();
  GDeferred *whole = watch (g_deferred_list_new_of (0, a, b, NULL), "w");

  link_errback (a, "e0");
  fire_fail (a, "bad");
  fire_fail (b, "nobody's");
  trace_is ("e:!bad ~e w:[!bad !nobody's ] ");
  drop (a);
  nothing_reported ();
  drop (b);
  reported ("nobody's");
  drop (whole);
}

/* testDeferredListConsumeErrors */
static void
consumed (void)
{
  GDeferred *a = g_deferred_new ();
  GDeferred *whole = watch (g_deferred_list_new_of (CONSUME, a, NULL), "w");

  link_both (a, "e");
  fire_fail (a, "bad");
  trace_is ("w:[!bad ] e:- ~e ");
  drop (a);
  drop (whole);
}

/* testDeferredListFireOnOneErrorWithAlreadyFiredDeferreds */
static void
one_error_fired_already (void)
{
  GDeferred *a = failed_with ("bad"), *b = g_deferred_new ();
  GDeferred *whole = watch (g_deferred_list_new_of (ONE_ERRBACK, a, b, NULL), "w");

  trace_is ("w:!bad ");
  index_is (whole, 0);
  link_errback (a, "e0");
  trace_is ("e:!bad ~e ");
  drop (a);
  abandon (b);
  drop (whole);
}

/* testDeferredListWithAlreadyFiredDeferreds */
static void
fired_already (void)
{
  GDeferred *a = failed_with ("bad"), *b = succeeded_with (2);
  GDeferred *whole = watch (g_deferred_list_new_of (0, a, b, NULL), "w");

  trace_is ("w:[!bad 2 ] ");
  link_errback (a, "e0");
  trace_is ("e:!bad ~e ");
  drop (a);
  drop (b);
  drop (whole);
}

/* What the links ahead of the list leave is what it sees, and what it saw goes on to those behind. */
static void
in_the_midst_of_a_chain (void)
{
  GDeferred *a = g_deferred_new ();
  GDeferred *whole;

  link_both (a, "a=2");
  whole = watch (g_deferred_list_new_of (0, a, NULL), "w");
  link_both (a, "b=3");
  fire (a, 1);
  trace_is ("a:1 ~a w:[2 ] b:2 ~b ");
  g_assert_cmpint (g_deferred_get_int (a), ==, 3);
  drop (a);
  drop (whole);
}

/* test_cancelDeferredList, test_cancelDeferredListCallback */
static void
cancel_list (void)
{
  GDeferred *a = giving ("a"), *b = g_deferred_new (), *c = stoppable ("c");
  GDeferred *whole = watch (g_deferred_list_new_of (0, a, b, c, NULL), "w");

  g_deferred_cancel (whole);
  trace_is ("stop-a stop-c w:[9 !CANCELLED !CANCELLED ] ");
  g_assert_error (g_deferred_get_error (b), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_error (g_deferred_get_error (c), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  drop (a);
  drop (b);
  drop (c);
  drop (whole);
}

/* test_cancelDeferredListWithFireOnOneCallback */
static void
cancel_on_one_value (void)
{
  GDeferred *a = g_deferred_new (), *b = g_deferred_new ();
  GDeferred *whole = watch (g_deferred_list_new_of (ONE_CALLBACK, a, b, NULL), "w");

  g_deferred_cancel (whole);
  trace_is ("w:[!CANCELLED !CANCELLED ] ");
  drop (a);
  drop (b);
  drop (whole);
}

/* test_cancelDeferredListWithFireOnOneCallbackAndDeferredCallback */
static void
cancel_on_one_value_given (void)
{
  GDeferred *a = giving ("a"), *b = g_deferred_new ();
  GDeferred *whole = watch (g_deferred_list_new_of (ONE_CALLBACK, a, b, NULL), "w");

  g_deferred_cancel (whole);
  trace_is ("stop-a w:9 ");
  index_is (whole, 0);
  g_assert_error (g_deferred_get_error (b), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  drop (a);
  drop (b);
  drop (whole);
}

/* test_cancelDeferredListWithFireOnOneErrback, test_cancelGatherResults */
static void
cancel_on_one_error (guint flags)
{
  GDeferred *a = stoppable ("a"), *b = stoppable ("b");
  GDeferred *whole
      = watch (flags != 0 ? g_deferred_list_new_of (flags, a, b, NULL) : g_deferred_gather_of (0, a, b, NULL),
               "w");

  g_deferred_cancel (whole);
  trace_is ("stop-a w:!CANCELLED stop-b ");
  index_is (whole, 0);
  g_assert_error (g_deferred_get_error (a), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_error (g_deferred_get_error (b), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  drop (a);
  drop (b);
  drop (whole);
}

static void
cancel_list_on_one_error (void)
{
  cancel_on_one_error (ONE_ERRBACK);
}

static void
cancel_gather (void)
{
  cancel_on_one_error (0);
}

/* test_cancelDeferredListWithFireOnOneErrbackAllDeferredsCallback, test_cancelGatherResultsWithAllDeferredsCallback */
static void
cancel_all_give (void)
{
  GDeferred *a = giving ("a"), *b = giving ("b"), *c = giving ("c"), *d = giving ("d");
  GDeferred *list = watch (g_deferred_list_new_of (ONE_ERRBACK, a, b, NULL), "l");
  GDeferred *gathered = watch (g_deferred_gather_of (0, c, d, NULL), "g");

  g_deferred_cancel (list);
  trace_is ("stop-a stop-b l:[9 9 ] ");
  g_deferred_cancel (gathered);
  trace_is ("stop-c stop-d g:[9 9 ] ");
  drop (a);
  drop (b);
  drop (c);
  drop (d);
  drop (list);
  drop (gathered);
}

/* test_cancelDeferredListWithOriginalDeferreds */
static void
the_array_is_copied (void)
{
  GDeferred *parts[3] = { g_deferred_new (), g_deferred_new (), g_deferred_new () };
  GDeferred *array[3] = { parts[0], parts[1] };
  GDeferred *whole = watch (g_deferred_list_new (array, 2, 0), "w");

  array[0] = array[2] = parts[2];
  array[1] = NULL;
  g_deferred_cancel (whole);
  trace_is ("w:[!CANCELLED !CANCELLED ] ");
  state_is (parts[2], PENDING);
  for (guint i = 0; i < 3; i++)
    drop (parts[i]);
  drop (whole);
}

static void
fail_worse (GDeferred *self, gpointer user_data)
{
  fire_fail (self, "worse");
}

/* test_cancelDeferredListWithException: here it is an error that the canceller leaves. */
static void
cancel_fails (void)
{
  GDeferred *a = g_deferred_new_with_canceller (fail_worse, NULL, NULL), *b = g_deferred_new ();
  GDeferred *whole = watch (g_deferred_list_new_of (0, a, b, NULL), "w");

  g_deferred_cancel (whole);
  trace_is ("w:[!worse !CANCELLED ] ");
  drop (a);
  reported ("worse");
  drop (b);
  drop (whole);
}

/* test_cancelFiredOnOneCallbackDeferredList, test_cancelFiredOnOneErrbackDeferredList */
static void
cancel_once_fired (void)
{
  GDeferred *a = g_deferred_new (), *b = stoppable ("b");
  GDeferred *c = g_deferred_new (), *d = stoppable ("d");
  GDeferred *on_value = watch (g_deferred_list_new_of (ONE_CALLBACK, a, b, NULL), "v");
  GDeferred *on_error = watch (g_deferred_list_new_of (ONE_ERRBACK | CONSUME, c, d, NULL), "e");

  fire (a, 1);
  fire_fail (c, "bad");
  trace_is ("v:1 e:!bad ");
  g_deferred_cancel (on_value);
  g_deferred_cancel (on_error);
  trace_is ("");
  state_is (b, PENDING);
  state_is (d, PENDING);
  drop (a);
  abandon (b);
  drop (c);
  abandon (d);
  drop (on_value);
  drop (on_error);
}

/* Twisted's does not: one that has fired, but waits, has something to cancel. */
static void
cancel_while_waiting (void)
{
  GDeferred *a = succeeded_with (1);
  GDeferred *inner = stoppable ("i");
  GDeferred *whole = g_deferred_list_new_of (0, a, NULL);

  link_inner (whole, inner);
  watch (whole, "w");
  state_is (whole, WAITING);
  g_deferred_cancel (whole);
  trace_is ("stop-i w:!CANCELLED ");
  drop (a);
  drop (inner);
  drop (whole);
}

/* In each place, and in each list. */
static void
more_than_once (void)
{
  GDeferred *a = g_deferred_new ();
  GDeferred *gathered = watch (g_deferred_gather_of (0, a, a, NULL), "g");
  GDeferred *settled_one = watch (g_deferred_settled_of (a, a, NULL), "s");
  GDeferred *settled_two = watch (g_deferred_settled_of (a, NULL), "t");

  length_is (gathered, 2);
  fire_fail (a, "bad");
  trace_is ("g:!bad s:[!bad !bad ] t:[!bad ] ");
  drop (a);
  drop (gathered);
  drop (settled_one);
  drop (settled_two);
}

/* Rule 14: nobody is left waiting, whatever the parts do. */
static void
cancel_with_a_stubborn_part (void)
{
  GDeferred *at_last = g_deferred_new (), *other = g_deferred_new ();
  GDeferred *a = stubborn (at_last), *b = stoppable ("b"), *c = stubborn (other);
  GDeferred *list = watch (g_deferred_list_new_of (0, a, b, NULL), "l");
  GDeferred *settled_one = watch (g_deferred_settled_of (c, NULL), "s");

  g_deferred_cancel (list);
  trace_is ("stop-b l:!CANCELLED ");
  index_is (list, -1);
  pending_are (list, 1);
  g_deferred_cancel (settled_one);
  trace_is ("s:!CANCELLED ");

  fire (at_last, 5);
  fire_fail (other, "late");
  trace_is ("");
  pending_are (list, 0);
  drop (at_last);
  drop (other);
  drop (a);
  drop (b);
  drop (c);
  reported ("late");
  drop (list);
  drop (settled_one);
}

static const Case cases[] = {
  { "/list/twisted-testDeferredList", list_of_three },
  { "/list/twisted-testEmptyDeferredList-and-one-that-could-never-fire-fails", empty },
  { "/list/twisted-testDeferredListFireOnOneError", fire_on_one_error },
  { "/list/fires-on-one-callback", fire_on_one_value },
  { "/list/without-a-first-value-fires-with-all", fire_on_one_value_none },
  { "/list/fires-on-either", fire_on_either },
  { "/list/twisted-testDeferredListDontConsumeErrors", not_consumed },
  { "/list/twisted-testDeferredListConsumeErrors", consumed },
  { "/list/twisted-testDeferredListFireOnOneErrorWithAlreadyFiredDeferreds", one_error_fired_already },
  { "/list/twisted-testDeferredListWithAlreadyFiredDeferreds", fired_already },
  { "/rule-05/list/sees-its-point-of-the-chain", in_the_midst_of_a_chain },
  { "/rule-14/list/twisted-test_cancelDeferredList-and-Callback", cancel_list },
  { "/rule-14/list/twisted-test_cancelDeferredListWithFireOnOneCallback", cancel_on_one_value },
  { "/rule-14/list/twisted-test_cancelDeferredListWithFireOnOneCallbackAndDeferredCallback",
    cancel_on_one_value_given },
  { "/rule-14/list/twisted-test_cancelDeferredListWithFireOnOneErrback", cancel_list_on_one_error },
  { "/rule-14/gather/twisted-test_cancelGatherResults", cancel_gather },
  { "/rule-14/list/twisted-test_cancelGatherResultsWithAllDeferredsCallback", cancel_all_give },
  { "/rule-14/list/twisted-test_cancelDeferredListWithOriginalDeferreds", the_array_is_copied },
  { "/rule-14/list/twisted-test_cancelDeferredListWithException", cancel_fails },
  { "/rule-15/list/twisted-test_cancelFiredOnOneCallbackDeferredList-and-Errback", cancel_once_fired },
  { "/rule-15/list/one-that-fired-and-waits-passes-a-cancel-on", cancel_while_waiting },
  { "/rule-14/list/a-part-that-goes-on-does-not-keep-it", cancel_with_a_stubborn_part },
  { "/list/each-place-counts", more_than_once },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
