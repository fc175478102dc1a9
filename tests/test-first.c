/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Race and any. Where a case is named twisted-..., it is that test of Twisted's RaceTests; what Twisted calls race, and
 * what wants a success, is any here. */

#include "many-fixture.h"

/* test_success */
static void
any_success (void)
{
  GDeferred *a = stoppable ("a"), *b = g_deferred_new (), *c = stoppable ("c");
  GDeferred *whole = watch (g_deferred_any_of (a, b, c, NULL), "w");

  length_is (whole, 3);
  fire (b, 2);
  trace_is ("stop-a stop-c w:2 ");
  index_is (whole, 1);
  pending_are (whole, 0);
  g_assert_error (g_deferred_get_error (a), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (g_deferred_get_int (b), ==, 2);
  drop (a);
  drop (b);
  drop (c);
  drop (whole);
}

/* test_resultFromFailure... : with one that fails first, it is the next that counts. */
static void
any_after_failures (void)
{
  GDeferred *a = g_deferred_new (), *b = g_deferred_new (), *c = g_deferred_new ();
  GDeferred *whole = watch (g_deferred_any_of (a, b, c, NULL), "w");

  fire_fail (c, "bad");
  fire_fail (a, "worse");
  trace_is ("");
  fire (b, 2);
  trace_is ("w:2 ");
  index_is (whole, 1);
  drop (a);
  drop (b);
  drop (c);
  drop (whole);
}

/* test_failure: an aggregate of all errors */
static void
any_all_failed (void)
{
  GDeferred        *a = g_deferred_new (), *b = g_deferred_new ();
  GDeferred        *whole = g_deferred_any_of (a, b, NULL);
  GDeferredResults *results;

  fire_fail (b, "bad");
  fire_fail (a, "worse");
  index_is (whole, -1);
  g_assert_error (g_deferred_get_error (whole), G_DEFERRED_ERROR, G_DEFERRED_ERROR_ALL_FAILED);
  g_assert_cmpstr (g_deferred_get_error (whole)->message, ==, "All of 2 have failed: worse; bad");
  results = g_deferred_get_results (whole);
  g_assert_cmpuint (g_deferred_results_get_length (results), ==, 2);
  g_assert_cmpuint (g_deferred_results_get_n_failed (results), ==, 2);
  watch (whole, "w");
  trace_is ("w:!ALL_FAILED[!worse !bad ] ");
  drop (a);
  drop (b);
  drop (whole);
}

/* However many there are, the message can be read. */
static void
any_many_failed (void)
{
  GDeferred *parts[12];
  GDeferred *whole;

  for (guint i = 0; i < 12; i++)
    parts[i] = failed_with (i < 10 ? "bad" : "unseen");
  whole = g_deferred_any (parts, 12);
  g_assert_cmpstr (g_deferred_get_error (whole)->message, ==,
                   "All of 12 have failed: bad; bad; bad; bad; bad; bad; bad; bad; bad; bad; and 2 more");
  g_deferred_add_errback (whole, act, "w0", NULL);
  trace_is ("w:!ALL_FAILED ");
  for (guint i = 0; i < 12; i++)
    drop (parts[i]);
  drop (whole);
}

/* Errors of losers, whenever they come, are nobody's. */
static void
errors_of_losers (void)
{
  GDeferred *at_last = g_deferred_new (), *later = g_deferred_new ();
  GDeferred *a = stubborn (at_last), *b = g_deferred_new (), *c = stubborn (later);
  GDeferred *any = watch (g_deferred_any_of (a, b, NULL), "a");
  GDeferred *race = watch (g_deferred_race_of (b, c, NULL), "r");

  fire (b, 2);
  trace_is ("a:2 r:2 ");
  fire_fail (at_last, "late");
  fire_fail (later, "later");
  trace_is ("");
  drop (at_last);
  drop (later);
  drop (a);
  drop (b);
  drop (c);
  nothing_reported ();
  drop (any);
  drop (race);
}

static void
race_value (void)
{
  GDeferred *a = stoppable ("a"), *b = g_deferred_new ();
  GDeferred *whole = watch (g_deferred_race_of (a, b, NULL), "w");

  fire (b, 2);
  trace_is ("stop-a w:2 ");
  index_is (whole, 1);
  drop (a);
  drop (b);
  drop (whole);
}

static void
race_error (void)
{
  GDeferred *a = g_deferred_new (), *b = stoppable ("b");
  GDeferred *whole = watch (g_deferred_race_of (a, b, NULL), "w");

  fire_fail (a, "bad");
  trace_is ("stop-b w:!bad ");
  index_is (whole, 0);
  drop (a);
  nothing_reported ();
  drop (b);
  drop (whole);
}

static void
race_nothing (void)
{
  GDeferred *a = g_deferred_succeed (NULL);
  GDeferred *race = watch (g_deferred_race_of (a, NULL), "r");
  GDeferred *any = watch (g_deferred_any_of (a, NULL), "a");

  trace_is ("r:- a:- ");
  drop (a);
  drop (race);
  drop (any);
}

/* Of several that have fired already the first in order wins, and those that were not linked yet are cancelled. */
static void
fired_already (void)
{
  GDeferred *a = stoppable ("a"), *b = succeeded_with (2), *c = succeeded_with (3), *d = stoppable ("d");
  GDeferred *any = watch (g_deferred_any_of (a, b, c, d, NULL), "a");

  trace_is ("stop-a stop-d a:2 ");
  index_is (any, 1);
  g_assert_cmpint (g_deferred_get_int (c), ==, 3);
  drop (a);
  drop (b);
  drop (c);
  drop (d);
  drop (any);
}

/* Twisted's never fires. */
static void
of_none (void)
{
  GDeferred *race = g_deferred_race (NULL, 0);
  GDeferred *any = g_deferred_any (NULL, 0);

  g_assert_error (g_deferred_get_error (race), G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_error (g_deferred_get_error (any), G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  index_is (race, -1);
  g_assert_null (g_deferred_get_results (any));
  drop (race);
  reported ("give at least one");
  drop (any);
  reported ("give at least one");
}

/* test_resultFromCancel: with the whole, all are. */
static void
cancel (void)
{
  GDeferred *a = stoppable ("a"), *b = stoppable ("b");
  GDeferred *any = watch (g_deferred_any_of (a, b, NULL), "w");
  GDeferred *c = stoppable ("c"), *d = stoppable ("d");
  GDeferred *race = watch (g_deferred_race_of (c, d, NULL), "r");

  g_deferred_cancel (any);
  trace_is ("stop-a stop-b w:!CANCELLED ");
  index_is (any, -1);
  g_deferred_cancel (race);
  trace_is ("stop-c stop-d r:!CANCELLED ");
  index_is (race, 0);
  drop (a);
  drop (b);
  drop (c);
  drop (d);
  drop (any);
  drop (race);
}

static void
cancel_and_one_gives (void)
{
  GDeferred *a = stoppable ("a"), *b = giving ("b"), *c = stoppable ("c");
  GDeferred *any = watch (g_deferred_any_of (a, b, c, NULL), "w");

  g_deferred_cancel (any);
  trace_is ("stop-a stop-b stop-c w:9 ");
  index_is (any, 1);
  drop (a);
  drop (b);
  drop (c);
  drop (any);
}

static void
cancel_with_a_stubborn_one (void)
{
  GDeferred *at_last = g_deferred_new ();
  GDeferred *a = stubborn (at_last), *b = stoppable ("b");
  GDeferred *any = watch (g_deferred_any_of (a, b, NULL), "w");

  g_deferred_cancel (any);
  trace_is ("stop-b w:!CANCELLED ");
  fire_fail (at_last, "late");
  drop (at_last);
  drop (a);
  drop (b);
  drop (any);
}

static void
cancelled_all_the_same (void)
{
  GDeferred *a = g_deferred_new (), *b = g_deferred_new ();
  GDeferred *any = watch (g_deferred_any_of (a, b, NULL), "w");

  g_deferred_cancel (a);
  g_deferred_cancel (b);
  trace_is ("w:!ALL_FAILED[!CANCELLED !CANCELLED ] ");
  drop (a);
  drop (b);
  drop (any);
}

/* One that was lost is told to nobody: the others go on. */
static void
abandoned (void)
{
  GDeferred *a = g_deferred_new (), *b = g_deferred_new ();
  GDeferred *any = watch (g_deferred_any_of (a, b, NULL), "w");

  abandon (a);
  trace_is ("");
  fire (b, 2);
  trace_is ("w:2 ");
  drop (b);
  drop (any);
}

/* A canceller of a loser that cancels the whole, which is decided. */
static void
cancel_whole (GDeferred *self, gpointer whole)
{
  say ("stop ");
  g_deferred_cancel (*(GDeferred **) whole);
  say ("stopped ");
}

static void
cancelled_while_it_cancels_the_rest (void)
{
  GDeferred *whole;
  GDeferred *a = g_deferred_new_with_canceller (cancel_whole, &whole, NULL);
  GDeferred *b = g_deferred_new (), *c = stoppable ("c");

  whole = watch (g_deferred_race_of (a, b, c, NULL), "w");
  fire (b, 2);
  trace_is ("stop w:2 stopped stop-c ");
  drop (a);
  drop (b);
  drop (c);
  drop (whole);
}

/* One that fires another loser meanwhile: it has lost. */
static void
fire_other (GDeferred *self, gpointer other)
{
  fire ((GDeferred *) other, 7);
}

static void
a_loser_fires_a_loser (void)
{
  GDeferred *c = stoppable ("c");
  GDeferred *a = g_deferred_new_with_canceller (fire_other, c, NULL), *b = g_deferred_new ();
  GDeferred *whole = watch (g_deferred_race_of (a, b, c, NULL), "w");

  fire (b, 2);
  trace_is ("w:2 ");
  g_assert_cmpint (g_deferred_get_int (c), ==, 7);
  drop (a);
  drop (b);
  drop (c);
  drop (whole);
}

static void
the_same_twice (void)
{
  GDeferred *a = g_deferred_new (), *b = stoppable ("b");
  GDeferred *race = watch (g_deferred_race_of (a, a, b, NULL), "r");
  GDeferred *any = watch (g_deferred_any_of (a, a, NULL), "a");

  fire_fail (a, "bad");
  trace_is ("stop-b r:!bad a:!ALL_FAILED[!bad !bad ] ");
  index_is (race, 0);
  drop (a);
  drop (b);
  drop (race);
  drop (any);
}

static const Case cases[] = {
  { "/any/twisted-test_success", any_success },
  { "/any/a-success-after-failures", any_after_failures },
  { "/any/twisted-test_failure", any_all_failed },
  { "/any/the-message-is-bounded", any_many_failed },
  { "/rule-16/first/errors-of-losers-are-not-reported", errors_of_losers },
  { "/race/the-first-is-a-value", race_value },
  { "/race/the-first-is-an-error", race_error },
  { "/rule-03/first/nothing-is-a-value", race_nothing },
  { "/rule-04/any/of-several-that-have-fired-the-first-in-order", fired_already },
  { "/first/of-none-fails", of_none },
  { "/rule-14/first/twisted-test_resultFromCancel", cancel },
  { "/rule-14/first/cancelled-and-one-gives-a-value", cancel_and_one_gives },
  { "/rule-14/first/cancelled-and-one-goes-on", cancel_with_a_stubborn_one },
  { "/rule-14/first/all-parts-cancelled-one-by-one", cancelled_all_the_same },
  { "/rule-17/first/an-abandoned-part", abandoned },
  { "/rule-14/first/cancelled-while-it-cancels-the-rest", cancelled_while_it_cancels_the_rest },
  { "/rule-14/first/a-loser-fires-another", a_loser_fires_a_loser },
  { "/first/each-place-counts", the_same_twice },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
