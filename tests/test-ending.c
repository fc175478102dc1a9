/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Rules 14 and 15: cancelling. Rule 16 is in test-reports.c, 17 and 18 in test-dropping.c. */

#include "fixture.h"

/* Rule 14: cancel. The plan says what the canceller does. */

static void
canceller (GDeferred *self, gpointer data)
{
  const char *plan = data;
  GError     *failure;

  say ("stop ");
  g_assert_true (g_deferred_is_cancelled (self));
  if (strcmp (plan, "value") == 0)
    fire (self, 7);
  else if (strcmp (plan, "error") == 0)
    fire_fail (self, "own");
  else if (strcmp (plan, "again") == 0)
    g_deferred_cancel (self);
  else if (strcmp (plan, "again, then value") == 0)
    {
      g_deferred_cancel (self);
      fire (self, 7);
    }
  else if (strcmp (plan, "drop") == 0)
    g_object_unref (self);
  else if (strcmp (plan, "refused") == 0)
    {
      failure = NULL;
      g_assert_false (g_deferred_callback_object (self, self, &failure));
      g_assert_error (failure, G_DEFERRED_ERROR, G_DEFERRED_ERROR_INVALID_RESULT);
      g_error_free (failure);
    }
  else if (strcmp (plan, "pause") == 0)
    g_deferred_pause (self);
  else if (strcmp (plan, "link") == 0)
    link_both (self, "x");
}

static GDeferred *
cancellable_with (const char *plan)
{
  GDeferred *d = g_deferred_new_with_canceller (canceller, (gpointer) plan, NULL);

  link_both (d, "a");
  return d;
}

static void
fails_with_cancelled (void)
{
  GDeferred *d = cancellable_with ("");

  g_assert_false (g_deferred_is_cancelled (d));
  g_deferred_cancel (d);
  trace_is ("stop a:!CANCELLED ~a ");
  g_assert_true (g_deferred_is_cancelled (d));
  state_is (d, FAILED);
  g_assert_error (g_deferred_get_error (d), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_deferred_cancel (d);
  trace_is ("");
  fire_refused (d, ALREADY_CALLED);
  g_assert_finalize_object (d);
}

static void
canceller_fires (void)
{
  GDeferred *d = cancellable_with ("value");

  g_deferred_cancel (d);
  trace_is ("stop a:7 ~a ");
  state_is (d, SUCCEEDED);
  fire_refused (d, ALREADY_CALLED);
  g_assert_finalize_object (d);

  d = cancellable_with ("error");
  g_deferred_cancel (d);
  trace_is ("stop a:!own ~a ");
  fire_refused (d, ALREADY_CALLED);
  link_errback (d, "b0");
  trace_is ("b:!own ~b ");
  g_assert_finalize_object (d);
}

static void
canceller_errors (void)
{
  GDeferred *d = cancellable_with ("refused");

  g_deferred_cancel (d);
  trace_is ("stop a:!CANCELLED ~a ");
  g_assert_finalize_object (d);
}

static void
canceller_cancels (void)
{
  GDeferred *d = cancellable_with ("again");

  g_deferred_cancel (d);
  trace_is ("stop a:!CANCELLED ~a ");
  fire_refused (d, ALREADY_CALLED);
  g_assert_finalize_object (d);

  /* The outer cancel goes on: it is still the canceller's to fire. */
  d = cancellable_with ("again, then value");
  g_deferred_cancel (d);
  trace_is ("stop a:7 ~a ");
  g_assert_finalize_object (d);
}

static void
canceller_drops (void)
{
  GDeferred *d = cancellable_with ("drop");
  gpointer   weak = d;

  g_object_add_weak_pointer (G_OBJECT (d), &weak);
  g_deferred_cancel (d);
  settle (NULL);
  trace_is ("stop a:!CANCELLED ~a ");
  g_assert_null (weak);
}

static void
canceller_pauses_or_adds (void)
{
  GDeferred *d = cancellable_with ("pause");

  g_deferred_cancel (d);
  trace_is ("stop ");
  g_deferred_unpause (d);
  trace_is ("a:!CANCELLED ~a ");
  g_assert_finalize_object (d);

  d = cancellable_with ("link");
  g_deferred_cancel (d);
  trace_is ("stop a:!CANCELLED ~a x:!CANCELLED ~x ");
  g_assert_finalize_object (d);
}

static void
never_after_firing (void)
{
  GDeferred *d = cancellable_with ("value");

  g_deferred_pause (d);
  fire (d, 1);
  g_deferred_cancel (d);
  g_deferred_unpause (d);
  trace_is ("a:1 ~a ");
  g_assert_finalize_object (d);
}

static void
one_late_fire_is_swallowed (void)
{
  for (int fails = 0; fails < 2; fails++)
    {
      GDeferred *d = g_deferred_new ();
      GObject   *value = g_object_new (G_TYPE_OBJECT, NULL);

      link_both (d, "a");
      g_deferred_cancel (d);
      trace_is ("a:!CANCELLED ~a ");
      if (fails)
        fire_fail (d, "late");
      else
        g_assert_true (g_deferred_callback_object (d, value, NULL));
      g_assert_finalize_object (value);
      g_assert_error (g_deferred_get_error (d), G_IO_ERROR, G_IO_ERROR_CANCELLED);
      fire_refused (d, ALREADY_CALLED);
      g_deferred_cancel (d);
      fire_refused (d, ALREADY_CALLED);
      link_both (d, "b");
      trace_is ("b:!CANCELLED ~b ");
      g_assert_finalize_object (d);
    }
}

static void
late_fire_with_a_deferred (void)
{
  GDeferred *d = g_deferred_new ();
  GError    *error = NULL;

  g_deferred_cancel (d);
  g_assert_false (g_deferred_callback_object (d, d, &error));
  g_assert_error (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_INVALID_RESULT);
  g_error_free (error);
  fire (d, 1);
  fire_refused (d, ALREADY_CALLED);
  g_assert_finalize_object (d);
}

static void
cancel_is_handled (void)
{
  GDeferred *d = g_deferred_new ();

  link_errback (d, "a=3");
  link_callback (d, "b");
  g_deferred_cancel (d);
  trace_is ("a:!CANCELLED ~a b:3 ~b ");
  state_is (d, SUCCEEDED);
  g_assert_finalize_object (d);
}

static void
own_cancellable (void)
{
  GDeferred    *d = cancellable_with ("");
  GCancellable *cancellable = g_deferred_get_cancellable (d);
  GCancellable *late;

  g_assert_true (G_IS_CANCELLABLE (cancellable));
  g_assert_true (g_deferred_get_cancellable (d) == cancellable);
  g_assert_false (g_cancellable_is_cancelled (cancellable));
  g_deferred_cancel (d);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  trace_is ("stop a:!CANCELLED ~a ");
  g_assert_finalize_object (d);

  /* Asked for afterwards. */
  d = g_deferred_new ();
  g_deferred_cancel (d);
  late = g_deferred_get_cancellable (d);
  g_assert_true (g_cancellable_is_cancelled (late));
  g_assert_finalize_object (d);
}

static void
own_cancellable_of_one_that_waits (void)
{
  GDeferred    *d = succeeded_with (1);
  GDeferred    *inner = g_deferred_new ();
  GCancellable *outer = g_deferred_get_cancellable (d);
  GCancellable *below = g_deferred_get_cancellable (inner);

  link_inner (d, inner);
  g_deferred_cancel (d);
  g_assert_true (g_deferred_is_cancelled (d));
  g_assert_true (g_cancellable_is_cancelled (outer));
  g_assert_true (g_cancellable_is_cancelled (below));
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static gboolean
cancelled_meanwhile (GDeferred *self, gpointer inner, GError **error)
{
  g_deferred_cancel (self);
  return g_deferred_return_deferred (self, g_object_ref (inner));
}

/* Nobody would wait for what it returns: that would go on for nothing. */
static void
cancels_what_a_function_returns_too_late (void)
{
  GDeferred *inner = cancellable_with ("");
  GDeferred *d = g_deferred_maybe (cancelled_meanwhile, inner);

  trace_is ("stop a:!CANCELLED ~a ");
  state_is (d, FAILED);
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);

  /* From a thread, where the cancel is only on its way. */
  inner = cancellable_with ("");
  d = g_deferred_run_in_thread (cancelled_meanwhile, inner, NULL);
  g_object_add_weak_pointer (G_OBJECT (d), (gpointer *) &d);
  g_object_unref (d);
  while (d != NULL || g_deferred_get_pending (inner))
    g_main_context_iteration (NULL, TRUE);
  trace_is ("stop a:!CANCELLED ~a ");
  g_assert_finalize_object (inner);
}

static void
canceller_says_after (GDeferred *self, gpointer data)
{
  fire (self, 7);
  say ("still %c ", *(const char *) data);
}

/* It fires, and then goes on using its data. */
static void
data_stays_while_the_canceller_runs (void)
{
  GDeferred *d = g_deferred_new_with_canceller (canceller_says_after, (gpointer) "k", gone);

  link_both (d, "a");
  g_deferred_cancel (d);
  trace_is ("a:7 ~a still k ~k ");
  g_assert_finalize_object (d);
}

static void
linked_cancellable (void)
{
  GDeferred    *d = cancellable_with ("");
  GCancellable *cancellable = g_cancellable_new ();

  g_deferred_link_cancellable (d, cancellable);
  g_cancellable_cancel (cancellable);
  trace_is (""); /* never inside the emission */
  settle (NULL);
  trace_is ("stop a:!CANCELLED ~a ");
  g_assert_finalize_object (d);

  /* Cancelled before: at once. */
  d = cancellable_with ("");
  g_deferred_link_cancellable (d, cancellable);
  trace_is ("stop a:!CANCELLED ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (cancellable);
}

static void
linked_lets_go_when_fired (void)
{
  GDeferred    *d = g_deferred_new ();
  GCancellable *cancellable = g_cancellable_new ();

  link_both (d, "a");
  g_deferred_link_cancellable (d, cancellable);
  fire (d, 1);
  trace_is ("a:1 ~a ");
  g_assert_cmpuint (G_OBJECT (cancellable)->ref_count, ==, 1);
  g_cancellable_cancel (cancellable);
  settle (NULL);
  g_assert_false (g_deferred_is_cancelled (d));
  g_assert_finalize_object (d);
  g_assert_finalize_object (cancellable);

  /* Fired between the cancel and its arrival. */
  d = g_deferred_new ();
  link_both (d, "a");
  cancellable = g_cancellable_new ();
  g_deferred_link_cancellable (d, cancellable);
  g_cancellable_cancel (cancellable);
  fire (d, 1);
  settle (NULL);
  trace_is ("a:1 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (cancellable);
}

/* Rule 15: cancelling one that waits */

static void
cancels_the_inner (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *middle = succeeded_with (2);
  GDeferred *inner = cancellable_with ("");

  link_inner (middle, inner);
  link_both (middle, "m");
  link_inner (d, middle);
  link_both (d, "d");
  g_deferred_cancel (d);
  trace_is ("stop a:!CANCELLED ~a m:!CANCELLED ~m d:!CANCELLED ~d ");
  g_assert_true (g_deferred_is_cancelled (inner));
  g_assert_finalize_object (d);
  g_assert_finalize_object (middle);
  g_assert_finalize_object (inner);
}

static void
inner_saves_it (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner = g_deferred_new ();

  link_errback (inner, "i=5");
  link_inner (d, inner);
  link_both (d, "d");
  g_deferred_cancel (d);
  trace_is ("i:!CANCELLED ~i d:5 ~d ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static gboolean
cancels_itself (GDeferred *self, gpointer data, GError **error)
{
  g_deferred_cancel (self);
  return TRUE;
}

static void
nothing_on_a_finished_one (void)
{
  GDeferred *d = succeeded_with (1);

  g_deferred_cancel (d);
  state_is (d, SUCCEEDED);
  g_assert_false (g_deferred_is_cancelled (d));
  fire_refused (d, ALREADY_CALLED);
  link_both (d, "a");
  g_deferred_add_callback (d, cancels_itself, NULL, NULL);
  link_both (d, "b");
  trace_is ("a:1 ~a b:1 ~b ");
  g_assert_finalize_object (d);
}

static gboolean
cancels_other (GDeferred *self, gpointer other, GError **error)
{
  g_deferred_cancel (other);
  say ("cancelled ");
  return TRUE;
}

/* The inner runs, and one of its callbacks cancels who waits for it: the inner is fired, so nothing is cancelled. */
static void
cancelled_by_the_inner (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner = g_deferred_new ();

  g_deferred_add_callback (inner, cancels_other, d, NULL);
  link_inner (d, inner);
  link_both (d, "d");
  fire (inner, 2);
  trace_is ("cancelled d:2 ~d ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static void
second_cancel_finds_the_next_wait (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner = g_deferred_new ();
  GDeferred *next = cancellable_with ("");

  link_errback (inner, "i=5");
  link_inner (d, inner);
  link_inner (d, next);
  link_both (d, "d");
  g_deferred_cancel (d);
  trace_is ("i:!CANCELLED ~i ");
  state_is (d, WAITING);
  g_deferred_cancel (d);
  trace_is ("stop a:!CANCELLED ~a d:!CANCELLED ~d ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
  g_assert_finalize_object (next);
}

/* A set whose members leave it when they end, cancelled as a whole. */
static gboolean
leaves (GDeferred *self, gpointer set, GError **error)
{
  g_hash_table_remove (set, self);
  return g_deferred_return_none (self);
}

static void
a_set_that_shrinks (void)
{
  GHashTable *set = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  GPtrArray  *all = g_ptr_array_new ();

  for (int i = 0; i < 10; i++)
    {
      GDeferred *d = g_deferred_new ();

      g_deferred_add_both (d, leaves, set, NULL);
      g_hash_table_add (set, d);
      g_ptr_array_add (all, d);
    }
  for (guint i = 0; i < all->len; i++)
    g_deferred_cancel (g_ptr_array_index (all, i));
  g_assert_cmpuint (g_hash_table_size (set), ==, 0);
  g_ptr_array_unref (all);
  g_hash_table_unref (set);
}

static const Case cases[] = {
  { "/rule-14/fails-with-cancelled", fails_with_cancelled },
  { "/rule-14/the-canceller-fires", canceller_fires },
  { "/rule-14/the-canceller-errors", canceller_errors },
  { "/rule-14/the-canceller-cancels", canceller_cancels },
  { "/rule-14/the-canceller-drops-the-last-reference", canceller_drops },
  { "/rule-14/the-canceller-pauses-or-adds", canceller_pauses_or_adds },
  { "/rule-14/never-called-after-firing", never_after_firing },
  { "/rule-14/one-late-fire-is-swallowed", one_late_fire_is_swallowed },
  { "/rule-14/a-late-fire-with-a-deferred", late_fire_with_a_deferred },
  { "/rule-14/a-cancel-is-handled", cancel_is_handled },
  { "/rule-14/what-a-function-returns-too-late-is-cancelled", cancels_what_a_function_returns_too_late },
  { "/rule-14/own-cancellable", own_cancellable },
  { "/rule-14/own-cancellable-of-one-that-waits", own_cancellable_of_one_that_waits },
  { "/rule-14/data-stays-while-the-canceller-runs", data_stays_while_the_canceller_runs },
  { "/rule-14/linked-cancellable", linked_cancellable },
  { "/rule-14/linked-lets-go-when-fired", linked_lets_go_when_fired },
  { "/rule-15/cancels-the-inner", cancels_the_inner },
  { "/rule-15/the-inner-saves-it", inner_saves_it },
  { "/rule-15/nothing-on-a-finished-one", nothing_on_a_finished_one },
  { "/rule-15/cancelled-by-the-inner", cancelled_by_the_inner },
  { "/rule-15/a-second-cancel-finds-the-next-wait", second_cancel_finds_the_next_wait },
  { "/rule-15/a-set-that-shrinks", a_set_that_shrinks },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
