/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Work that is started piece by piece. */

#include "many-fixture.h"

static void
in_order (void)
{
  Pieces     p;
  GDeferred *whole;

  make_pieces (&p, 4);
  whole = map_pieces (&p, 2, 0);
  trace_is ("+0 +1 ");
  length_is (whole, 2);
  pending_are (whole, 2);
  fire (p.pieces[1], 11);
  trace_is ("+2 ");
  length_is (whole, 3);
  pending_are (whole, 2);
  fire (p.pieces[2], 12);
  trace_is ("+3 ");
  fire (p.pieces[3], 13);
  trace_is ("end ~s ");
  fire (p.pieces[0], 10);
  trace_is ("m:[10 11 12 13 ] ");
  index_is (whole, -1);
  drop_pieces (&p);
  drop (whole);
}

static void
no_limit (void)
{
  Pieces     p;
  GDeferred *whole;

  make_pieces (&p, 3);
  whole = map_pieces (&p, 0, 0);
  trace_is ("+0 +1 +2 end ~s ");
  for (guint i = 3; i-- > 0;)
    fire (p.pieces[i], (int) i);
  trace_is ("m:[0 1 2 ] ");
  drop_pieces (&p);
  drop (whole);
}

static gboolean
not_called (GDeferred *self, gpointer item, gpointer user_data, GError **error)
{
  g_assert_not_reached ();
}

static void
nothing_to_do (void)
{
  Pieces     p = { 0 };
  GDeferred *whole = map_pieces (&p, 3, 0);

  trace_is ("end ~s m:[] ");
  drop (whole);
  whole = watch (g_deferred_map (NULL, 0, 1, 0, not_called, NULL, NULL), "a");
  trace_is ("a:[] ");
  drop (whole);
}

static GDeferred *
count_down (gsize index, gpointer left)
{
  if (*(guint *) left == 0)
    return NULL;
  --*(guint *) left;
  return succeeded_with ((int) index);
}

/* Rule 10: a million that are ready when they come. */
static void
all_ready (void)
{
  const guint       n = gd_test_scaled (1000000);
  guint             left = n;
  GDeferred        *whole = g_deferred_map_next (1, 0, count_down, &left, NULL);
  GDeferredResults *results = g_deferred_get_results (whole);

  g_assert_cmpuint (g_deferred_results_get_length (results), ==, n);
  for (guint i = 0; i < n; i++)
    g_assert_cmpint (g_deferred_results_get_int (results, i), ==, (int) i);
  length_is (whole, n);
  drop (whole);
}

static GDeferred *current;

/* Fires the piece before, while it is being asked for the next. */
static GDeferred *
fire_the_last (gsize index, gpointer left)
{
  if (current != NULL)
    {
      GDeferred *last = g_steal_pointer (&current);

      fire (last, (int) index - 1);
      g_object_unref (last);
    }
  if (*(guint *) left == 0)
    return NULL;
  --*(guint *) left;
  current = g_deferred_new ();
  return g_object_ref (current);
}

static void
fired_by_the_source (void)
{
  const guint n = gd_test_scaled (100000);
  guint       left = n;
  GDeferred  *whole = g_deferred_map_next (2, 0, fire_the_last, &left, NULL);

  g_assert_cmpuint (left, ==, 0);
  g_assert_cmpuint (g_deferred_results_get_length (g_deferred_get_results (whole)), ==, n);
  drop (whole);
}

/* One fires the other: each is started by the end of the one before. */
static void
fire_queued (GQueue *queue)
{
  GDeferred *d = g_queue_pop_head (queue);

  fire (d, 1);
  g_object_unref (d);
}

typedef struct
{
  GQueue waiting;
  guint  left;
  guint  most;
} Busy;

static GDeferred *
start_one (gsize index, gpointer data)
{
  Busy      *busy = data;
  GDeferred *d;

  if (busy->left == 0)
    return NULL;
  busy->left--;
  d = g_deferred_new ();
  g_queue_push_tail (&busy->waiting, g_object_ref (d));
  busy->most = MAX (busy->most, busy->waiting.length);
  return d;
}

static void
never_more_than_the_limit (void)
{
  Busy       busy = { G_QUEUE_INIT, 500, 0 };
  GDeferred *whole = g_deferred_map_next (7, 0, start_one, &busy, NULL);

  while (g_deferred_get_pending (whole))
    fire_queued (&busy.waiting);
  g_assert_cmpuint (busy.most, ==, 7);
  g_assert_cmpuint (g_deferred_results_get_length (g_deferred_get_results (whole)), ==, 500);
  drop (whole);
}

static void
first_error (void)
{
  Pieces     p;
  GDeferred *whole;

  make_pieces (&p, 3);
  whole = map_pieces (&p, 2, 0);
  fire_fail (p.pieces[1], "bad");
  trace_is ("+0 +1 ~s m:!bad ");
  index_is (whole, 1);
  state_is (p.pieces[0], PENDING);
  fire_fail (p.pieces[0], "late");
  drop (p.pieces[0]);
  reported ("late");
  drop (p.pieces[1]);
  nothing_reported ();
  drop (p.pieces[2]);
  drop (whole);
}

static void
first_error_cancels_the_rest (void)
{
  Pieces     p = { 3, { stoppable ("a"), g_deferred_new (), stoppable ("c") } };
  GDeferred *whole = map_pieces (&p, 0, G_DEFERRED_MAP_CANCEL_REST);

  fire_fail (p.pieces[1], "bad");
  trace_is ("+0 +1 +2 end ~s stop-a stop-c m:!bad ");
  index_is (whole, 1);
  pending_are (whole, 0);
  drop_pieces (&p);
  drop (whole);
}

static void
error_at_once (void)
{
  Pieces     p = { 3, { stoppable ("a"), failed_with ("bad"), stoppable ("c") } };
  GDeferred *whole = map_pieces (&p, 0, G_DEFERRED_MAP_CANCEL_REST);

  trace_is ("+0 +1 ~s stop-a m:!bad ");
  index_is (whole, 1);
  drop_pieces (&p);
  drop (whole);
}

static void
settle_all (void)
{
  Pieces p
      = { 4, { failed_with ("bad"), g_deferred_new (), g_deferred_succeed (NULL), failed_with ("worse") } };
  GDeferred *whole = map_pieces (&p, 1, G_DEFERRED_MAP_SETTLE);

  trace_is ("+0 +1 ");
  fire (p.pieces[1], 1);
  trace_is ("+2 +3 end ~s m:[!bad 1 - !worse ] ");
  drop_pieces (&p);
  drop (whole);
}

static void
cancel (void)
{
  Pieces     p = { 4, { stoppable ("a"), stoppable ("b"), stoppable ("c"), g_deferred_new () } };
  GDeferred *whole = map_pieces (&p, 2, 0);

  trace_is ("+0 +1 ");
  g_deferred_cancel (whole);
  trace_is ("stop-a ~s m:!CANCELLED stop-b ");
  index_is (whole, 0);
  state_is (p.pieces[2], PENDING);
  drop_pieces (&p);
  drop (whole);
}

/* Some were never started, so that there are no results of all. */
static void
cancel_settle (void)
{
  Pieces     p = { 3, { giving ("a"), stoppable ("b"), g_deferred_new () } };
  GDeferred *whole = map_pieces (&p, 2, G_DEFERRED_MAP_SETTLE);

  g_deferred_cancel (whole);
  trace_is ("+0 +1 stop-a ~s stop-b m:!CANCELLED ");
  drop_pieces (&p);
  drop (whole);
}

static void
cancel_once_all_are_started (void)
{
  Pieces     p = { 2, { giving ("a"), stoppable ("b") } };
  Pieces     q = { 2, { giving ("a"), giving ("b") } };
  GDeferred *settled = map_pieces (&p, 0, G_DEFERRED_MAP_SETTLE);
  GDeferred *given = map_pieces (&q, 0, 0);

  trace_is ("+0 +1 end ~s +0 +1 end ~s ");
  g_deferred_cancel (settled);
  trace_is ("stop-a stop-b m:!CANCELLED ");
  g_deferred_cancel (given);
  trace_is ("stop-a stop-b m:[9 9 ] ");
  drop_pieces (&p);
  drop_pieces (&q);
  drop (settled);
  drop (given);
}

static void
cancel_with_a_stubborn_piece (void)
{
  GDeferred *at_last = g_deferred_new ();
  Pieces     p = { 3, { stubborn (at_last), stoppable ("b"), g_deferred_new () } };
  GDeferred *whole = map_pieces (&p, 2, G_DEFERRED_MAP_SETTLE);

  g_deferred_cancel (whole);
  trace_is ("+0 +1 stop-b ~s m:!CANCELLED ");
  pending_are (whole, 1);
  fire (at_last, 1);
  trace_is ("");
  pending_are (whole, 0);
  drop (at_last);
  drop_pieces (&p);
  drop (whole);
}

/* What it was starting is cancelled, too. */
static GDeferred *
cancel_inside (gsize index, gpointer whole)
{
  if (index == 0)
    return g_object_ref (current);

  g_deferred_cancel (*(GDeferred **) whole);
  say ("started ");
  return stoppable ("b");
}

static void
cancelled_by_the_source (void)
{
  GDeferred *whole;

  current = g_deferred_new ();
  whole = watch (g_deferred_map_next (1, 0, cancel_inside, &whole, source_gone), "m");
  fire (current, 1);
  trace_is ("m:!CANCELLED started stop-b ~s ");
  g_clear_object (&current);
  drop (whole);
}

/* A piece that fails while the source starts another one: that one is started, and is part of it. */
static GDeferred *
fail_inside (gsize index, gpointer user_data)
{
  say ("+%" G_GSIZE_FORMAT " ", index);
  if (index == 0)
    return g_object_ref (current);

  fire_fail (current, "bad");
  say ("started ");
  return stoppable ("b");
}

static void
failed_while_starting (void)
{
  GDeferred *whole;

  current = g_deferred_new ();
  whole = watch (g_deferred_map_next (2, G_DEFERRED_MAP_CANCEL_REST, fail_inside, NULL, source_gone), "m");
  trace_is ("+0 +1 started ~s stop-b m:!bad ");
  length_is (whole, 2);
  g_clear_object (&current);
  drop (whole);
}

static GDeferred *
loop_inside (gsize index, gpointer pieces)
{
  Pieces *p = pieces;

  if (index == 1)
    {
      fire (p->pieces[0], 0);
      settle (NULL);
      say ("looped ");
    }
  return next_piece (index, pieces);
}

static void
loop_in_the_source (void)
{
  Pieces     p;
  GDeferred *whole;

  make_pieces (&p, 2);
  whole = watch (g_deferred_map_next (0, 0, loop_inside, &p, source_gone), "m");
  trace_is ("+0 looped +1 end ~s ");
  fire (p.pieces[1], 1);
  trace_is ("m:[0 1 ] ");
  drop_pieces (&p);
  drop (whole);
}

static const Case cases[] = {
  { "/map/limited-and-in-order", in_order },
  { "/map/without-a-limit", no_limit },
  { "/map/nothing-to-do", nothing_to_do },
  { "/rule-10/map/a-million-that-are-ready", all_ready },
  { "/rule-10/map/the-source-fires-what-runs", fired_by_the_source },
  { "/map/never-more-than-the-limit", never_more_than_the_limit },
  { "/map/the-first-error-ends-it", first_error },
  { "/map/the-first-error-cancels-the-rest", first_error_cancels_the_rest },
  { "/map/an-error-at-once", error_at_once },
  { "/map/settle", settle_all },
  { "/rule-14/map/cancel", cancel },
  { "/rule-14/map/cancel-settle", cancel_settle },
  { "/rule-14/map/cancel-once-all-are-started", cancel_once_all_are_started },
  { "/rule-14/map/cancel-with-a-stubborn-piece", cancel_with_a_stubborn_piece },
  { "/rule-14/map/cancelled-by-its-source", cancelled_by_the_source },
  { "/map/failed-while-the-source-starts-another", failed_while_starting },
  { "/map/a-loop-inside-the-source", loop_in_the_source },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
