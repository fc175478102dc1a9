/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* GDeferredCache: cancelled waiters, and misuse. */

#include "cache-fixture.h"

static guint n_produced;

/* --- leaving ----------------------------------------------------------------------------------------------------- */

static void
one_leaves (void)
{
  GDeferred *a;

  begin ();
  a = get_kept ("a", "A0");
  get ("a", "B0");
  g_deferred_cancel (a);
  trace_is ("a() A:!CANCELLED ~A ");
  counts_are (0, 1);
  g_assert_finalize_object (a);
  fire (get_work ('a'), 3);
  trace_is ("B:3 ~B ");
  counts_are (1, 0);
  end ();
}

static void
the_last_leaves (void)
{
  GDeferred *a;
  GDeferred *b;

  begin ();
  a = get_kept ("a", "A0");
  b = get_kept ("a", "B0");
  g_deferred_cancel (a);
  g_deferred_cancel (a);
  trace_is ("a() A:!CANCELLED ~A ");
  g_deferred_cancel (b);
  trace_is ("stop-a B:!CANCELLED ~B ");
  counts_are (0, 0);
  g_assert_finalize_object (a);
  g_assert_finalize_object (b);
  get ("a", "C0");
  trace_is ("a() ");
  fire (get_work ('a'), 1);
  trace_is ("C:1 ~C ");
  end ();
}

static void
stop_and_get (GDeferred *self, gpointer data)
{
  say ("stop ");
  get ("a", "S0");
}

static gboolean
produce_first_with_stop_and_get (GDeferred *self, const char *key, gpointer data, GError **error)
{
  GDeferred *inner;

  if (n_produced++ > 0)
    return work_by_plan (self, key, error);

  say ("first ");
  inner = g_deferred_new_with_canceller (stop_and_get, NULL, NULL);
  fx_works['z'] = g_object_ref (inner);
  return g_deferred_return_deferred (self, inner);
}

/* Whoever asks while the work is being cancelled does not get the dying one. */
static void
asked_while_it_is_cancelled (void)
{
  GDeferred *a;

  n_produced = 0;
  begin_with (produce_first_with_stop_and_get);
  a = g_deferred_cache_get (cache, "a");
  g_deferred_add_both (a, get_again, "A", NULL);
  g_deferred_cancel (a);
  trace_is ("first stop a() A:!CANCELLED ");
  g_assert_finalize_object (a);
  counts_are (0, 1);
  fire (get_work ('a'), 2);
  trace_is ("S:2 ~S N:2 ~N ");
  end ();
}

static gboolean
clean_up (GDeferred *self, const char *key, gpointer data, GError **error)
{
  return work_and_clean_up (self, (gpointer) key, error);
}

static gboolean
make_do_instead (GDeferred *self, const char *key, gpointer data, GError **error)
{
  say ("%s() ", key);
  return work_and_make_do (self, (gpointer) key, error);
}

/* What comes of work that was cancelled is nobody's. */
static void
work_outlives_the_cancel (void)
{
  GDeferred *a;

  begin_with (clean_up);
  a = get_kept ("a", "A0");
  g_deferred_cancel (a);
  trace_is ("a() stop-a x() A:!CANCELLED ~A ");
  g_assert_finalize_object (a);
  get ("b", "B0");
  fire_fail (get_work ('x'), "nobody wants to know");
  nothing_reported ();
  fire (get_work ('b'), 1);
  trace_is ("b() B:1 ~B ");
  g_deferred_cache_clear (cache);

  a = get_kept ("a", "A0");
  g_deferred_cancel (a);
  fire (get_work ('x'), 1);
  trace_is ("a() stop-a x() A:!CANCELLED ~A ");
  counts_are (0, 0);
  g_assert_finalize_object (a);
  end ();

  begin_with (make_do_instead);
  a = get_kept ("a", "A0");
  g_deferred_cancel (a);
  trace_is ("a() A:!CANCELLED ~A ");
  counts_are (0, 0);
  g_assert_finalize_object (a);
  end ();
}

/* Dropping is not leaving. */
static void
dropped_waiters (void)
{
  GDeferred *b;

  begin ();
  g_object_unref (g_deferred_cache_get (cache, "a"));
  b = get_kept ("a", "B0");
  g_deferred_cancel (b);
  trace_is ("a() B:!CANCELLED ~B ");
  g_assert_finalize_object (b);
  fire (get_work ('a'), 1);
  counts_are (1, 0);
  end ();
}

static void
cancelled_when_it_is_over (void)
{
  GDeferred *a;

  begin ();
  a = get_kept ("a", "A");
  fire (get_work ('a'), 1);
  g_deferred_cancel (a);
  trace_is ("a() A:1 ~A ");
  counts_are (1, 0);
  g_assert_finalize_object (a);
  a = get_kept ("a", "A");
  g_deferred_cancel (a);
  trace_is ("A:1 ~A ");
  counts_are (1, 0);
  g_assert_finalize_object (a);
  end ();
}

static GDeferred *other_waiter;

static gboolean
cancel_other (GDeferred *self, gpointer name, GError **error)
{
  say_outcome (name, self);
  g_deferred_cancel (other_waiter);
  return TRUE;
}

/* One waiter's callback cancels another, who has the result already. */
static void
cancelled_by_a_waiter (void)
{
  GDeferred *a;

  begin ();
  a = g_deferred_cache_get (cache, "a");
  g_deferred_add_callback (a, cancel_other, "A", NULL);
  other_waiter = get_kept ("a", "B");
  fire (get_work ('a'), 1);
  trace_is ("a() A:1 B:1 ~B ");
  counts_are (1, 0);
  g_assert_finalize_object (a);
  g_assert_finalize_object (g_steal_pointer (&other_waiter));
  end ();
}

static void
owner_gone (void)
{
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *a;

  begin ();
  a = g_deferred_cache_get (cache, "a");
  g_deferred_bind_owner (a, owner);
  watch (a, "A0");
  get ("a", "B0");
  g_object_unref (owner);
  settle (NULL);
  trace_is ("a() ~A ");
  counts_are (0, 1);
  fire (get_work ('a'), 1);
  trace_is ("B:1 ~B ");

  owner = g_object_new (G_TYPE_OBJECT, NULL);
  a = g_deferred_cache_get (cache, "b");
  g_deferred_bind_owner (a, owner);
  watch (a, "A0");
  g_object_unref (owner);
  settle (NULL);
  trace_is ("b() stop-b ~A ");
  counts_are (1, 0);
  end ();
}

static GObject *bound;

static gboolean
bind_itself (GDeferred *self, const char *key, gpointer data, GError **error)
{
  g_deferred_bind_owner (self, bound);
  return work_by_plan (self, key, error);
}

/* The function's own Deferred is muted, and who waits hears of it all the same. */
static void
function_binds_an_owner (void)
{
  bound = g_object_new (G_TYPE_OBJECT, NULL);
  begin_with (bind_itself);
  get ("a", "A0");
  get ("a", "B0");
  g_clear_object (&bound);
  settle (NULL);
  trace_is ("a() stop-a A:!CANCELLED ~A B:!CANCELLED ~B ");
  counts_are (0, 0);
  end ();
}

static void
timed_out (void)
{
  GDeferred *a;

  begin ();
  a = g_deferred_cache_get (cache, "a");
  g_deferred_add_timeout (a, MS (100), NULL);
  watch (a, "A0");
  a = g_deferred_cache_get (cache, "a");
  g_deferred_add_timeout (a, MS (200), NULL);
  watch (a, "B0");
  advance (MS (100));
  trace_is ("a() A:!Timed out after 100 ms ~A ");
  advance (MS (100));
  trace_is ("stop-a B:!Timed out after 200 ms ~B ");
  end ();
}

/* It leaves when it is cancelled, though its callbacks are held back. */
static void
paused (void)
{
  GDeferred *a;

  begin ();
  a = get_kept ("a", "A0");
  g_deferred_pause (a);
  g_deferred_cancel (a);
  trace_is ("a() stop-a ");
  counts_are (0, 0);
  g_deferred_unpause (a);
  trace_is ("A:!CANCELLED ~A ");
  g_assert_finalize_object (a);

  a = get_kept ("b", "B0");
  g_deferred_pause (a);
  fire (get_work ('b'), 2);
  get ("b", "C0");
  trace_is ("b() C:2 ~C ");
  g_deferred_unpause (a);
  trace_is ("B:2 ~B ");
  g_assert_finalize_object (a);
  end ();
}

static void
producers_own (void)
{
  GDeferred *a;

  begin ();
  a = get_kept ("a", "A0");
  fire_refused (a, ALREADY_CALLED);
  expect_critical ("hand it over before that");
  g_deferred_hand_over (a, NULL);
  criticals_came ();
  fire (get_work ('a'), 1);
  trace_is ("a() A:1 ~A ");
  g_assert_finalize_object (a);
  end ();
}

/* --- misuse and properties --------------------------------------------------------------------------------------- */

static gpointer
use_elsewhere (gpointer data)
{
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  expect_critical ("g_deferred_cache_get: called from a thread that is not the object's home");
  g_assert_null (g_deferred_cache_get (cache, "a=1"));
  expect_critical ("g_deferred_cache_peek: called from");
  g_assert_null (g_deferred_cache_peek (cache, "b=1"));
  expect_critical ("g_deferred_cache_contains: called from");
  g_assert_false (g_deferred_cache_contains (cache, "b=1"));
  expect_critical ("g_deferred_cache_remove: called from");
  g_assert_false (g_deferred_cache_remove (cache, "b=1"));
  expect_critical ("g_deferred_cache_clear: called from");
  g_deferred_cache_clear (cache);
  expect_critical ("g_deferred_cache_get_size: called from");
  g_assert_cmpuint (g_deferred_cache_get_size (cache), ==, 0);
  expect_critical ("g_deferred_cache_get_n_in_flight: called from");
  g_assert_cmpuint (g_deferred_cache_get_n_in_flight (cache), ==, 0);
  expect_critical ("g_deferred_cache_set_max_size: called from");
  g_deferred_cache_set_max_size (cache, 0);
  expect_critical ("g_deferred_cache_set_max_age: called from");
  g_deferred_cache_set_max_age (cache, 0);
  expect_critical ("g_deferred_cache_set_clock: called from");
  g_deferred_cache_set_clock (cache, NULL);
  criticals_came ();
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return NULL;
}

static void
elsewhere (void)
{
  begin ();
  get ("b=1", "B0");
  g_thread_join (g_thread_new ("elsewhere", use_elsewhere, NULL));
  trace_is ("b() B:1 ~B ");
  counts_are (1, 0);
  end ();
}

static void
bad_arguments (void)
{
  GDeferredCache *without = g_object_new (G_TYPE_DEFERRED_CACHE, NULL);

  begin ();
  expect_critical ("func != NULL");
  g_assert_null (g_deferred_cache_new (NULL, NULL, NULL));
  expect_critical ("self->store->source != NULL");
  g_assert_null (g_deferred_cache_get (without, "a"));
  g_assert_finalize_object (without);
  expect_critical ("key != NULL");
  g_assert_null (g_deferred_cache_get (cache, NULL));
  expect_critical ("key != NULL");
  g_assert_null (g_deferred_cache_peek (cache, NULL));
  expect_critical ("key != NULL");
  g_assert_false (g_deferred_cache_contains (cache, NULL));
  expect_critical ("key != NULL");
  g_assert_false (g_deferred_cache_remove (cache, NULL));
  expect_critical ("max_size >= -1");
  g_deferred_cache_set_max_size (cache, -2);
  expect_critical ("max_age >= -1");
  g_deferred_cache_set_max_age (cache, -2);
  expect_critical ("G_IS_DEFERRED_CLOCK (clock)");
  g_deferred_cache_set_clock (cache, (GDeferredClock *) cache);
  criticals_came ();
  end ();
}

static void
bad_selves (void)
{
  for (guint i = 0; i < 13; i++)
    expect_critical ("G_IS_DEFERRED_CACHE (self)");
  g_assert_null (g_deferred_cache_get (NULL, "a"));
  g_assert_null (g_deferred_cache_peek (NULL, "a"));
  g_assert_false (g_deferred_cache_contains (NULL, "a"));
  g_assert_false (g_deferred_cache_remove (NULL, "a"));
  g_deferred_cache_clear (NULL);
  g_assert_cmpuint (g_deferred_cache_get_size (NULL), ==, 0);
  g_assert_cmpuint (g_deferred_cache_get_n_in_flight (NULL), ==, 0);
  g_deferred_cache_set_max_size (NULL, 1);
  g_assert_cmpint (g_deferred_cache_get_max_size (NULL), ==, -1);
  g_deferred_cache_set_max_age (NULL, 1);
  g_assert_cmpint (g_deferred_cache_get_max_age (NULL), ==, -1);
  g_deferred_cache_set_clock (NULL, NULL);
  g_assert_null (g_deferred_cache_get_clock (NULL));
  criticals_came ();
}

static const Case cases[] = {
  { "/rule-14/cache/who-cancels-leaves", one_leaves },
  { "/rule-15/cache/the-last-one-cancels-the-work", the_last_leaves },
  { "/rule-15/cache/asked-while-the-work-is-cancelled", asked_while_it_is_cancelled },
  { "/rule-15/cache/work-that-outlives-the-cancel", work_outlives_the_cancel },
  { "/cache/dropping-is-not-leaving", dropped_waiters },
  { "/rule-14/cache/cancelled-when-it-is-over", cancelled_when_it_is_over },
  { "/rule-14/cache/cancelled-by-another-waiter", cancelled_by_a_waiter },
  { "/rule-25/cache/a-waiters-owner-is-gone", owner_gone },
  { "/rule-25/cache/the-function-binds-an-owner", function_binds_an_owner },
  { "/cache/with-time-outs", timed_out },
  { "/rule-12/cache/paused-waiters", paused },
  { "/rule-01/cache/the-result-is-not-the-consumers-to-fire", producers_own },
  { "/misuse/cache/elsewhere", elsewhere },
  { "/misuse/cache/bad-arguments", bad_arguments },
  { "/misuse/cache/no-cache", bad_selves },
};

int
main (int argc, char **argv)
{
  return run_timed_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
