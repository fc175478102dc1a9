/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Who keeps what of a list; parts that are cut off, live elsewhere, or do anything meanwhile. */

#include "many-fixture.h"

#define CANCEL_REST G_DEFERRED_LIST_CANCEL_REST

static void
set_flag (gpointer flag, GObject *former)
{
  *(gboolean *) flag = TRUE;
}

/* Parts keep it, it keeps none of them, and when the last has told it goes. */
static void
kept_by_its_parts (void)
{
  GDeferred *a = g_deferred_new (), *b = g_deferred_new ();
  GDeferred *whole = watch (g_deferred_gather_of (0, a, b, NULL), "w");
  gboolean   is_gone = FALSE;

  g_assert_cmpuint (G_OBJECT (a)->ref_count, ==, 1);
  g_assert_cmpuint (G_OBJECT (whole)->ref_count, ==, 2);
  g_object_weak_ref (G_OBJECT (whole), set_flag, &is_gone);
  g_object_unref (whole);
  fire (a, 1);
  g_assert_false (is_gone);
  fire (b, 2);
  trace_is ("w:[1 2 ] ");
  g_assert_true (is_gone);
  drop (a);
  drop (b);
}

static void
parts_dropped (void)
{
  GDeferred *a = g_deferred_new (), *b = g_deferred_new (), *c = g_deferred_new ();
  GDeferred *gathered = watch (g_deferred_gather_of (0, a, b, NULL), "g");
  GDeferred *settled = watch (g_deferred_settled_of (a, c, NULL), "s");

  abandon (a);
  trace_is ("g:!ABANDONED ");
  abandon (b);
  abandon (c);
  trace_is ("s:[!ABANDONED !ABANDONED ] ");
  nothing_reported ();
  drop (gathered);
  drop (settled);
}

/* Of a part that is dropped when it is too late, nobody needs to hear. */
static void
dropped_late (void)
{
  GDeferred *a = g_deferred_new (), *b = g_deferred_new ();
  GDeferred *whole = watch (g_deferred_gather_of (0, a, b, NULL), "g");

  fire_fail (a, "bad");
  trace_is ("g:!bad ");
  drop (a);
  abandon (b);
  nothing_reported ();
  drop (whole);
}

static gboolean
drop_it (GDeferred *self, gpointer place, GError **error)
{
  g_clear_object ((GDeferred **) place);
  say ("dropped ");
  return TRUE;
}

static void
dropped_by_its_callback (void)
{
  GDeferred *a = g_deferred_new ();
  GDeferred *whole = watch (g_deferred_gather_of (0, a, NULL), "w");

  g_deferred_add_callback (whole, drop_it, &whole, NULL);
  g_deferred_add_callback (whole, drop_it, &a, NULL);
  fire (a, 1);
  trace_is ("w:[1 ] dropped dropped ");
  g_assert_null (a);
  g_assert_null (whole);
}

/* The last reference on a part goes while the list is being made. */
static void
drop_others (GDeferred *self, gpointer parts)
{
  GDeferred **p = parts;

  say ("drop ");
  g_clear_object (&p[2]);
  g_clear_object (&p[3]);
}

static void
dropped_while_it_is_made (void)
{
  GDeferred *parts[4] = { NULL, failed_with ("bad"), stoppable ("c"), g_deferred_new () };
  GDeferred *array[4];
  GDeferred *whole;

  parts[0] = g_deferred_new_with_canceller (drop_others, parts, NULL);
  memcpy (array, parts, sizeof array);
  whole = watch (g_deferred_gather (array, 4, CANCEL_REST), "w");
  trace_is ("drop stop-c w:!bad ");
  settle (NULL);
  g_assert_null (parts[2]);
  g_assert_null (parts[3]);
  drop (parts[0]);
  drop (parts[1]);
  drop (whole);
}

/* What lies beside an error that is consumed goes while the list is being made, and takes another part with it. */
static void
drop_part (gpointer place, GObject *former)
{
  say ("gone ");
  g_clear_object ((GDeferred **) place);
}

static void
dropped_by_what_is_consumed (void)
{
  GError    *error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "worse");
  GObject   *object = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *a = failed_with ("bad"), *b = g_deferred_new (), *c = g_deferred_new ();
  GDeferred *array[3] = { a, b, c };
  GValue     payload = G_VALUE_INIT;
  GDeferred *whole;

  g_object_weak_ref (object, drop_part, &c);
  g_value_init (&payload, G_TYPE_OBJECT);
  g_value_take_object (&payload, object);
  g_assert_true (g_deferred_errback_full (b, error, &payload, NULL));
  g_value_unset (&payload);
  g_error_free (error);

  whole
      = g_deferred_list_new (array, 3, G_DEFERRED_LIST_FIRE_ON_ONE_ERRBACK | G_DEFERRED_LIST_CONSUME_ERRORS);
  trace_is ("gone ");
  pending_are (whole, 1);
  watch (whole, "w");
  trace_is ("w:!bad ");
  settle (NULL);
  g_assert_null (c);
  drop (a);
  drop (b);
  drop (whole);
}

static void
owner_of_a_part_gone (void)
{
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *a = g_deferred_new (), *b = g_deferred_new ();
  GDeferred *list, *gathered, *any;

  g_deferred_bind_owner (a, owner);
  list = watch (g_deferred_list_new_of (0, a, b, NULL), "l");
  gathered = watch (g_deferred_gather_of (0, b, a, NULL), "g");
  any = watch (g_deferred_any_of (a, b, NULL), "a");
  g_object_unref (owner);
  trace_is ("");
  settle (NULL);
  trace_is ("g:!CANCELLED ");
  index_is (gathered, 1);
  fire (b, 2);
  trace_is ("l:[!CANCELLED 2 ] a:2 ");
  drop (a);
  drop (b);
  drop (list);
  drop (gathered);
  drop (any);
}

/* Its result was there, but no callback is called any more: nor is ours. */
static void
owner_gone_with_a_result (void)
{
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *a = succeeded_with (1);
  GDeferred *whole;

  g_deferred_bind_owner (a, owner);
  g_object_unref (owner);
  whole = watch (g_deferred_gather_of (0, a, NULL), "w");
  trace_is ("w:!CANCELLED ");
  settle (NULL);
  drop (a);
  drop (whole);
}

static void
owner_of_the_whole_gone (void)
{
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *a = stoppable ("a");
  GDeferred *whole = watch (g_deferred_gather_of (0, a, NULL), "w");

  g_deferred_bind_owner (whole, owner);
  g_object_unref (owner);
  trace_is ("");
  settle (NULL);
  trace_is ("stop-a ");
  drop (a);
  drop (whole);
}

/* A canceller that ends some of the others, cancels the whole, and drops it. */
static void
run_wild (GDeferred *self, gpointer data)
{
  GDeferred **d = data;

  say ("wild ");
  fire (d[1], 1);
  g_deferred_cancel (d[3]);
  g_clear_object (&d[2]);
  g_clear_object (&d[3]);
  say ("tame ");
}

static void
wild_cancellers (void)
{
  GDeferred *d[4] = { NULL, g_deferred_new (), stoppable ("c"), NULL };
  GDeferred *whole;

  d[0] = g_deferred_new_with_canceller (run_wild, d, NULL);
  whole = d[3] = watch (g_deferred_settled (d, 3), "w");
  g_object_add_weak_pointer (G_OBJECT (whole), (gpointer *) &whole);
  g_deferred_cancel (d[3]);
  trace_is ("wild tame stop-c w:!CANCELLED ");
  settle (NULL);
  g_assert_null (whole);
  drop (d[0]);
  drop (d[1]);
}

/* By hand, as any Deferred: what its parts come to is of no use then. */
static void
fired_by_hand (void)
{
  GDeferred *a = g_deferred_new ();
  GDeferred *whole = watch (g_deferred_gather_of (0, a, NULL), "w");

  fire (whole, 5);
  trace_is ("w:5 ");
  fire (a, 1);
  trace_is ("");
  drop (a);
  drop (whole);
}

/* A part waits for the list ahead of the list's link: a ring. A cancel ends it. */
static gboolean
return_at (GDeferred *self, gpointer place, GError **error)
{
  return g_deferred_return_deferred (self, g_object_ref (*(GDeferred **) place));
}

static void
ring_through_a_list (void)
{
  GDeferred *a = g_deferred_new ();
  GDeferred *whole;

  g_deferred_add_callback (a, return_at, &whole, NULL);
  whole = g_deferred_gather_of (0, a, NULL);
  fire (a, 1);
  state_is (a, WAITING);
  g_deferred_cancel (a);
  g_assert_error (g_deferred_get_error (a), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  drop (a);
  drop (whole);
}

/* --- misuse ------------------------------------------------------------------------------------------------------ */

static void
bad_arguments (void)
{
  GObject   *object = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *a = g_deferred_new ();
  GDeferred *parts[2] = { a, (GDeferred *) object };
  GDeferred *bare = g_object_new (G_TYPE_DEFERRED_LIST, NULL);
  GDeferred *whole;

  expect_critical ("g_deferred_gather: assertion 'deferreds != NULL");
  g_assert_null (g_deferred_gather (NULL, 1, 0));

  /* Nobody waits for what is not there. */
  expect_critical ("g_deferred_settled: number 1 is not a Deferred");
  whole = watch (g_deferred_settled (parts, 2), "s");
  fire (a, 1);
  trace_is ("s:[1 !Number 1 is not a Deferred ] ");
  drop (whole);
  expect_critical ("g_deferred_list_new: number 1 is not a Deferred");
  whole = watch (g_deferred_list_new (parts, 2, CANCEL_REST), "l");
  trace_is ("l:[1 !Number 1 is not a Deferred ] ");
  drop (whole);
  expect_critical ("g_deferred_race_of: number 0 is not a Deferred");
  whole = watch (g_deferred_race_of ((GDeferred *) object, NULL), "r");
  trace_is ("r:!Number 0 is not a Deferred ");
  drop (whole);

  expect_critical ("G_IS_DEFERRED_LIST (self)");
  g_assert_cmpint (g_deferred_list_get_index ((GDeferredList *) a), ==, -1);
  expect_critical ("G_IS_DEFERRED_LIST (self)");
  g_assert_cmpuint (g_deferred_list_get_length (NULL), ==, 0);
  expect_critical ("G_IS_DEFERRED_LIST (self)");
  g_assert_cmpuint (g_deferred_list_get_n_pending (NULL), ==, 0);
  criticals_came ();

  index_is (bare, -1);
  length_is (bare, 0);
  pending_are (bare, 0);
  fire (bare, 1);
  drop (bare);
  drop (a);
  g_assert_finalize_object (object);
}

static void
set_canceller (void)
{
  GDeferred *d = g_deferred_new (), *fired = succeeded_with (1);

  g_deferred_set_canceller (d, say_stop, (gpointer) "d", gone);
  expect_critical ("extras->canceller == NULL");
  g_deferred_set_canceller (d, say_stop, (gpointer) "e", NULL);
  expect_critical ("canceller != NULL");
  g_deferred_set_canceller (d, NULL, NULL, NULL);
  expect_critical ("claim");
  g_deferred_set_canceller (fired, say_stop, NULL, NULL);
  expect_critical ("G_IS_DEFERRED (self)");
  g_deferred_set_canceller (NULL, say_stop, NULL, NULL);
  criticals_came ();
  g_deferred_cancel (d);
  trace_is ("stop-d ~d ");
  drop (d);
  drop (fired);
}

static const Case cases[] = {
  { "/rule-18/list/is-kept-by-its-parts", kept_by_its_parts },
  { "/rule-17/list/parts-dropped", parts_dropped },
  { "/rule-17/list/a-part-dropped-late", dropped_late },
  { "/rule-18/list/dropped-by-its-callback", dropped_by_its_callback },
  { "/rule-18/list/parts-dropped-while-it-is-made", dropped_while_it_is_made },
  { "/rule-18/list/a-part-dropped-by-what-is-consumed", dropped_by_what_is_consumed },
  { "/rule-25/list/the-owner-of-a-part-is-gone", owner_of_a_part_gone },
  { "/rule-25/list/the-owner-of-a-part-that-has-fired-is-gone", owner_gone_with_a_result },
  { "/rule-25/list/the-owner-of-the-whole-is-gone", owner_of_the_whole_gone },
  { "/rule-14/list/wild-cancellers", wild_cancellers },
  { "/rule-01/list/fired-by-hand", fired_by_hand },
  { "/rule-11/list/a-ring-through-a-list-ends-with-a-cancel", ring_through_a_list },
  { "/misuse/list/bad-arguments", bad_arguments },
  { "/misuse/list/set-canceller", set_canceller },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
