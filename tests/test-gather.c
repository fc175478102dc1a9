/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Gather and settled. Where a case is named twisted-..., it is that test of Twisted's test_defer.py. */

#include "many-fixture.h"

#define CONSUME     G_DEFERRED_LIST_CONSUME_ERRORS
#define CANCEL_REST G_DEFERRED_LIST_CANCEL_REST

/* test_gatherResults */
static void
gather (void)
{
  GDeferred *a = succeeded_with (1), *b = succeeded_with (2), *c = failed_with ("bad");
  GDeferred *good = watch (g_deferred_gather_of (0, a, b, NULL), "g");
  GDeferred *bad = watch (g_deferred_gather_of (0, a, c, NULL), "b");

  trace_is ("g:[1 2 ] b:!bad ");
  index_is (good, -1);
  index_is (bad, 1);
  g_assert_cmpint (g_deferred_get_int (a), ==, 1);
  drop (a);
  drop (b);
  drop (c);
  drop (good);
  drop (bad);
}

/* test_gatherResultsWithConsumeErrors */
static void
gather_consumes (void)
{
  GDeferred *good = succeeded_with (1), *bad = failed_with ("bad"), *late = g_deferred_new ();
  GDeferred *whole = watch (g_deferred_gather_of (CONSUME, good, bad, late, NULL), "w");

  link_both (bad, "b");
  trace_is ("w:!bad b:- ~b ");
  link_both (late, "l");
  fire_fail (late, "late");
  trace_is ("l:- ~l ");
  drop (good);
  drop (bad);
  drop (late);
  drop (whole);
}

/* The error that it failed with is told once: by it. It is there still for the part's own links. */
static void
gather_handles_its_error (void)
{
  GDeferred *a = g_deferred_new (), *b = g_deferred_new ();
  GDeferred *whole = g_deferred_gather_of (0, a, b, NULL);

  fire_fail (a, "bad");
  g_assert_error (g_deferred_get_error (a), G_IO_ERROR, G_IO_ERROR_FAILED);
  drop (a);
  nothing_reported ();
  abandon (b);
  drop (whole);
  reported ("bad");
}

static void
gather_leaves_later_errors (void)
{
  GDeferred *a = g_deferred_new (), *b = g_deferred_new ();
  GDeferred *whole = watch (g_deferred_gather_of (0, a, b, NULL), "w");

  fire_fail (a, "bad");
  fire_fail (b, "late");
  trace_is ("w:!bad ");
  drop (a);
  nothing_reported ();
  drop (b);
  reported ("late");
  drop (whole);
}

static void
gather_cancels_the_rest (void)
{
  GDeferred *a = stoppable ("a"), *b = g_deferred_new (), *c = stoppable ("c"), *d = succeeded_with (4);
  GDeferred *whole = watch (g_deferred_gather_of (CANCEL_REST, a, b, c, d, NULL), "w");

  fire_fail (b, "bad");
  trace_is ("stop-a stop-c w:!bad ");
  index_is (whole, 1);
  drop (a);
  drop (b);
  drop (c);
  drop (d);
  drop (whole);
}

/* Of one that fails at once those that were not linked yet are cancelled, too. */
static void
gather_cancels_the_rest_at_once (void)
{
  GDeferred *a = stoppable ("a"), *b = failed_with ("bad"), *c = stoppable ("c");
  GDeferred *whole = watch (g_deferred_gather_of (CANCEL_REST, a, b, c, NULL), "w");

  trace_is ("stop-a stop-c w:!bad ");
  pending_are (whole, 0);
  drop (a);
  drop (b);
  drop (c);
  drop (whole);
}

/* Whatever it was: domain, code, message, and what lies beside. */
static void
gather_keeps_the_error (void)
{
  GError    *error = g_error_new_literal (G_FILE_ERROR, G_FILE_ERROR_NOSPC, "full");
  GValue     payload = G_VALUE_INIT;
  GDeferred *a = g_deferred_new ();
  GDeferred *whole = g_deferred_gather_of (0, a, NULL);

  g_value_init (&payload, G_TYPE_INT);
  g_value_set_int (&payload, 5);
  g_assert_true (g_deferred_errback_full (a, error, &payload, NULL));
  g_assert_error (g_deferred_get_error (whole), G_FILE_ERROR, G_FILE_ERROR_NOSPC);
  g_assert_cmpstr (g_deferred_get_error (whole)->message, ==, "full");
  g_assert_cmpint (g_value_get_int (g_deferred_get_payload (whole)), ==, 5);
  g_error_free (error);
  watch (whole, "w");
  trace_is ("w:!full ");
  drop (a);
  drop (whole);
}

static void
settled (void)
{
  GDeferred *a = g_deferred_new (), *b = g_deferred_new (), *c = g_deferred_new ();
  GDeferred *whole = watch (g_deferred_settled_of (a, b, c, NULL), "w");

  fire_fail (c, "bad");
  fire_fail (a, "worse");
  trace_is ("");
  g_assert_true (g_deferred_callback (b, NULL, NULL));
  trace_is ("w:[!worse - !bad ] ");
  g_assert_nonnull (g_deferred_get_error (a));
  drop (a);
  drop (b);
  drop (c);
  drop (whole);
}

/* That it never fails is for the errors of its parts: it is as cancelled as anything. */
static void
cancel_settled (void)
{
  GDeferred *a = giving ("a"), *b = stoppable ("b"), *c = giving ("c"), *d = giving ("d");
  GDeferred *stopped = watch (g_deferred_settled_of (a, b, NULL), "s");
  GDeferred *given = watch (g_deferred_settled_of (c, d, NULL), "g");

  g_deferred_cancel (stopped);
  trace_is ("stop-a stop-b s:!CANCELLED ");
  g_deferred_cancel (given);
  trace_is ("stop-c stop-d g:[9 9 ] ");
  drop (a);
  drop (b);
  drop (c);
  drop (d);
  drop (stopped);
  drop (given);
}

static const Case cases[] = {
  { "/gather/twisted-test_gatherResults", gather },
  { "/gather/twisted-test_gatherResultsWithConsumeErrors", gather_consumes },
  { "/rule-16/gather/the-error-it-fails-with-is-told-once", gather_handles_its_error },
  { "/rule-16/gather/later-errors-are-reported", gather_leaves_later_errors },
  { "/gather/cancels-the-rest", gather_cancels_the_rest },
  { "/gather/cancels-the-rest-at-once", gather_cancels_the_rest_at_once },
  { "/gather/keeps-the-error-whole", gather_keeps_the_error },
  { "/settled/waits-for-all-and-never-fails", settled },
  { "/rule-14/settled/is-cancelled-as-anything-is", cancel_settled },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
