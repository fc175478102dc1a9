/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Lists of lists of lists, and lists and parts that live elsewhere. */

#include "many-fixture.h"

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

static const Case cases[] = {
  { "/rule-10/list/of-lists-of-lists", deep },
  { "/rule-10/list/a-few-of-them-at-once", a_few_at_once },
  { "/rule-20/list/fired-from-a-thread", fired_from_a_thread },
  { "/rule-20/list/cancelled-from-a-thread", cancelled_from_a_thread },
  { "/rule-19/list/parts-elsewhere", parts_elsewhere },
  { "/rule-21/list/handed-over", handed_over },
  { "/rule-21/list/cancelled-there-while-its-parts-fire-here", cancelled_there_fired_here },
  { "/rule-21/list/not-from-elsewhere", not_from_elsewhere },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
