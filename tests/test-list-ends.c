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

/* --- many -------------------------------------------------------------------------------------------------------- */

static GDeferred *
nested (guint n, GDeferred *innermost)
{
  GDeferred *whole = g_object_ref (innermost);

  for (guint i = 0; i < n; i++)
    {
      GDeferred *next = g_deferred_gather_of (0, whole, NULL);

      g_object_unref (whole);
      whole = next;
    }
  return whole;
}

static void
count (GDeferred *self, gpointer n)
{
  ++*(guint *) n;
}

/* Rule 10: from below, from above, and by the loss of the innermost. */
static void
deep (void)
{
  const guint n = gd_test_scaled (200000);
  GDeferred  *innermost = g_deferred_new ();
  GDeferred  *whole = nested (n, innermost);
  guint       n_stopped = 0;

  fire (innermost, 1);
  settle (NULL);
  state_is (whole, SUCCEEDED);
  drop (innermost);
  g_object_unref (whole);

  innermost = g_deferred_new_with_canceller (count, &n_stopped, NULL);
  whole = nested (n, innermost);
  g_deferred_cancel (whole);
  settle (NULL);
  g_assert_cmpuint (n_stopped, ==, 1);
  g_assert_error (g_deferred_get_error (whole), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  drop (innermost);
  g_object_unref (whole);

  innermost = g_deferred_new ();
  whole = watch (nested (n, innermost), "w");
  abandon (innermost);
  trace_is ("w:!ABANDONED ");
  g_object_unref (whole);
}

/* As those expect who nest a few by hand. */
static void
a_few_at_once (void)
{
  GDeferred *innermost = g_deferred_new ();
  GDeferred *whole = nested (10, innermost);

  fire (innermost, 1);
  state_is (whole, SUCCEEDED);
  drop (innermost);
  drop (whole);
}

/* --- elsewhere --------------------------------------------------------------------------------------------------- */

static gpointer
fire_in_reverse (gpointer data)
{
  GDeferred **d = data;

  fire (d[2], 3);
  fire_fail (d[1], "bad");
  g_deferred_cancel (d[0]);
  return NULL;
}

static void
fired_from_a_thread (void)
{
  GDeferred *d[3] = { g_deferred_new (), g_deferred_new (), g_deferred_new () };
  GDeferred *whole = watch (g_deferred_settled (d, 3), "w");

  g_thread_join (g_thread_new ("producer", fire_in_reverse, d));
  trace_is ("");
  settle (NULL);
  trace_is ("w:[!CANCELLED !bad 3 ] ");
  for (guint i = 0; i < 3; i++)
    drop (d[i]);
  drop (whole);
}

static gpointer
cancel_it (gpointer d)
{
  g_deferred_cancel (d);
  return NULL;
}

static void
cancelled_from_a_thread (void)
{
  GDeferred *a = stoppable ("a");
  GDeferred *whole = watch (g_deferred_gather_of (0, a, NULL), "w");

  g_thread_join (g_thread_new ("elsewhere", cancel_it, whole));
  trace_is ("");
  settle (NULL);
  trace_is ("stop-a w:!CANCELLED ");
  drop (a);
  drop (whole);
}

static void
fire_four (gpointer d)
{
  fire ((GDeferred *) d, 4);
}

static void
parts_elsewhere (void)
{
  There      there;
  GDeferred *d[3] = { g_deferred_new () };
  GDeferred *settled, *gathered;

  there_begin (&there);
  there_call (&there, make_there, &d[1]);
  there_call (&there, make_there, &d[2]);
  settled = watch (g_deferred_settled (d, 2), "s");
  gathered = watch (g_deferred_gather_of (0, d[2], NULL), "g");
  there_call (&there, fire_four, d[1]);
  trace_is ("");
  settle_both (&there);
  trace_is ("");
  fire (d[0], 1);
  trace_is ("s:[1 4 ] ");
  g_deferred_cancel (gathered);
  trace_is ("g:!CANCELLED ");
  settle_both (&there);
  drop (d[0]);
  there_call (&there, drop_there, d[1]);
  there_call (&there, drop_cancelled_there, d[2]);
  there_end (&there);
  drop (settled);
  drop (gathered);
}

/* A list that was handed over is cancelled there, its parts are here. */
static void
add_watch (gpointer whole)
{
  watch (whole, "w");
}

static void
handed_over (void)
{
  There      there;
  GDeferred *a = stoppable ("a"), *b = g_deferred_new (), *c = g_deferred_new ();
  GDeferred *one = g_deferred_gather_of (0, a, NULL);
  GDeferred *two = g_deferred_gather_of (0, b, NULL);
  GDeferred *three = g_deferred_gather_of (0, c, NULL);

  there_begin (&there);
  g_deferred_hand_over (one, there.context);
  g_deferred_hand_over (two, there.context);
  g_deferred_hand_over (three, there.context);
  there_call (&there, add_watch, one);
  there_call (&there, add_watch, two);
  g_deferred_cancel (one);
  there_call (&there, NULL, NULL);
  trace_is ("w:!CANCELLED ");
  settle (NULL);
  trace_is ("stop-a ");
  fire (b, 2);
  there_call (&there, NULL, NULL);
  trace_is ("w:[2 ] ");
  g_object_unref (three);
  fire (c, 3);
  settle_both (&there);
  drop (a);
  drop (b);
  drop (c);
  there_call (&there, drop_there, one);
  there_call (&there, drop_there, two);
  settle_both (&there);
  there_end (&there);
}

/* It is cancelled over there while its parts fire here. */
static gpointer
cancel_there (gpointer data)
{
  GDeferred *whole = data;

  g_main_context_push_thread_default (g_deferred_get_context (whole));
  g_deferred_cancel (whole);
  g_main_context_pop_thread_default (g_deferred_get_context (whole));
  return NULL;
}

static void
cancelled_there_fired_here (void)
{
  const guint n = gd_test_scaled (300);

  for (guint i = 0; i < n; i++)
    {
      GMainContext *context = g_main_context_new ();
      GDeferred    *d[3] = { g_deferred_new (), g_deferred_new (), g_deferred_new () };
      GDeferred    *whole = g_deferred_settled (d, 3);
      GThread      *thread;

      g_deferred_hand_over (whole, context);
      thread = g_thread_new ("there", cancel_there, whole);
      for (guint j = 3; j-- > 0;)
        g_deferred_callback_int (d[j], 1, NULL);
      g_thread_join (thread);
      settle (NULL);
      for (guint j = 0; j < 3; j++)
        drop (d[j]);
      settle (context);
      g_object_unref (whole);
      settle (context);
      g_main_context_unref (context);
    }
}

static gpointer
gather_elsewhere (gpointer data)
{
  GDeferred     *d = *(GDeferred **) data;
  GDeferred     *parts[1] = { d };
  GDeferredList *list = ((GDeferredList **) data)[1];

  expect_critical ("g_deferred_gather: called from a thread that has no main context of its own");
  g_assert_null (g_deferred_gather (parts, 1, 0));
  expect_critical ("g_deferred_race_of: called from a thread that has no main context of its own");
  g_assert_null (g_deferred_race_of (d, NULL));
  expect_critical ("g_deferred_list_get_index: called from a thread that is not the Deferred's home");
  g_assert_cmpint (g_deferred_list_get_index (list), ==, -1);
  expect_critical ("g_deferred_list_get_length: called from a thread");
  g_assert_cmpuint (g_deferred_list_get_length (list), ==, 0);
  expect_critical ("g_deferred_list_get_n_pending: called from a thread");
  g_assert_cmpuint (g_deferred_list_get_n_pending (list), ==, 0);
  criticals_came ();
  return NULL;
}

static void
not_from_elsewhere (void)
{
  GDeferred *d[2] = { succeeded_with (1) };

  d[1] = g_deferred_gather (d, 1, 0);
  g_main_context_acquire (NULL);
  g_thread_join (g_thread_new ("elsewhere", gather_elsewhere, d));
  g_main_context_release (NULL);
  drop (d[0]);
  drop (d[1]);
}

/* --- misuse ------------------------------------------------------------------------------------------------------ */

static void
bad_arguments (void)
{
  GObject   *object = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *a = g_deferred_new ();
  GDeferred *parts[2] = { a, (GDeferred *) object };
  GDeferred *bare = g_object_new (G_TYPE_DEFERRED_LIST, NULL);

  expect_critical ("g_deferred_list_new: number 1 is not a Deferred");
  g_assert_null (g_deferred_list_new (parts, 2, 0));
  expect_critical ("g_deferred_gather: assertion 'deferreds != NULL");
  g_assert_null (g_deferred_gather (NULL, 1, 0));
  expect_critical ("g_deferred_any_of: number 0 is not a Deferred");
  g_assert_null (g_deferred_any_of ((GDeferred *) object, NULL));
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
  { "/rule-10/list/of-lists-of-lists", deep },
  { "/rule-10/list/a-few-of-them-at-once", a_few_at_once },
  { "/rule-20/list/fired-from-a-thread", fired_from_a_thread },
  { "/rule-20/list/cancelled-from-a-thread", cancelled_from_a_thread },
  { "/rule-19/list/parts-elsewhere", parts_elsewhere },
  { "/rule-21/list/handed-over", handed_over },
  { "/rule-21/list/cancelled-there-while-its-parts-fire-here", cancelled_there_fired_here },
  { "/rule-21/list/not-from-elsewhere", not_from_elsewhere },
  { "/misuse/list/bad-arguments", bad_arguments },
  { "/misuse/list/set-canceller", set_canceller },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
