/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* GDeferredCache: what it has, and for how long. */

#include "cache-fixture.h"

/* --- once a key -------------------------------------------------------------------------------------------------- */

static void
produced_once (void)
{
  begin ();
  get ("a", "A0");
  get ("a", "B0");
  trace_is ("a() ");
  counts_are (0, 1);
  get ("b=7", "X0");
  trace_is ("b() X:7 ~X ");
  counts_are (1, 1);
  fire (get_work ('a'), 3);
  trace_is ("A:3 ~A B:3 ~B ");
  counts_are (2, 0);
  get ("a", "C0");
  get ("b=7", "Y0");
  trace_is ("C:3 ~C Y:7 ~Y ");
  end ();
}

static void
failures_are_not_kept (void)
{
  begin ();
  get ("a", "A0");
  get ("a", "B0");
  fire_fail (get_work ('a'), "bad");
  trace_is ("a() A:!bad ~A B:!bad ~B ");
  counts_are (0, 0);
  get ("a", "C0");
  trace_is ("a() ");
  fire (get_work ('a'), 1);
  trace_is ("C:1 ~C ");
  get ("b!worse", "D0");
  get ("b!worse", "E0");
  trace_is ("b() D:!worse ~D b() E:!worse ~E ");
  end ();
}

static gboolean
fail (GDeferred *self, const char *key, gpointer data, GError **error)
{
  return fail_with_payload (self, data, error);
}

static gboolean
fail_later (GDeferred *self, const char *key, gpointer data, GError **error)
{
  work_by_plan (self, key, error);
  g_deferred_add_both (self, fail_with_payload, NULL, NULL);
  return TRUE;
}

static void
error_as_it_is (void)
{
  begin_with (fail);
  g_object_unref (g_deferred_add_errback (g_deferred_cache_get (cache, "a"), has_payload, NULL, NULL));
  trace_is ("payload ");
  end ();

  begin_with (fail_later);
  for (guint i = 0; i < 3; i++)
    g_object_unref (g_deferred_add_errback (g_deferred_cache_get (cache, "a"), has_payload, NULL, NULL));
  trace_is ("a() ");
  fire (get_work ('a'), 1);
  trace_is ("payload payload payload ");
  end ();
}

static void
nothing_is_a_value (void)
{
  begin ();
  get ("a0", "A0");
  get ("a0", "B0");
  trace_is ("a() A:- ~A B:- ~B ");
  counts_are (1, 0);
  g_assert_null (g_deferred_cache_peek (cache, "a0"));
  g_assert_true (g_deferred_cache_contains (cache, "a0"));
  g_assert_true (g_deferred_cache_remove (cache, "a0"));
  end ();
}

static void
a_copy_each (void)
{
  GDeferred *first;
  GDeferred *second;

  begin ();
  first = g_deferred_cache_get (cache, "a");
  second = g_deferred_cache_get (cache, "a");
  g_deferred_callback_string (get_work ('a'), "text", NULL);
  g_assert_cmpstr (g_deferred_get_string (first), ==, "text");
  g_assert_cmpstr (g_deferred_get_string (second), ==, "text");
  g_assert_true (g_deferred_get_string (first) != g_deferred_get_string (second));
  g_assert_cmpstr (g_value_get_string (g_deferred_cache_peek (cache, "a")), ==, "text");
  trace_is ("a() ");
  g_assert_finalize_object (first);
  g_assert_finalize_object (second);
  end ();
}

static gboolean
with_links_of_its_own (GDeferred *self, const char *key, gpointer data, GError **error)
{
  link_both (self, "i=8");
  return work_by_plan (self, key, error);
}

static void
own_links_come_first (void)
{
  begin_with (with_links_of_its_own);
  get ("a=7", "A0");
  get ("a=7", "B0");
  trace_is ("a() i:7 ~i A:8 ~A B:8 ~B ");
  get ("b", "C0");
  fire (get_work ('b'), 6);
  trace_is ("b() i:6 ~i C:8 ~C ");
  end ();
}

static void
looked_at (void)
{
  begin ();
  g_assert_null (g_deferred_cache_peek (cache, "a"));
  g_assert_false (g_deferred_cache_contains (cache, "a"));
  get ("a", "A0");
  g_assert_null (g_deferred_cache_peek (cache, "a"));
  g_assert_false (g_deferred_cache_contains (cache, "a"));
  fire (get_work ('a'), 5);
  g_assert_cmpint (g_value_get_int (g_deferred_cache_peek (cache, "a")), ==, 5);
  g_assert_true (g_deferred_cache_contains (cache, "a"));
  trace_is ("a() A:5 ~A ");
  end ();
}

static void
reports (void)
{
  begin ();
  g_object_unref (g_deferred_cache_get (cache, "a"));
  get ("a", "A0");
  fire_fail (get_work ('a'), "bad");
  trace_is ("a() A:!bad ~A ");
  reported ("bad");
  g_object_unref (g_deferred_cache_get (cache, "b!worse"));
  trace_is ("b() ");
  reported ("worse");
  get ("c!worst", "C0");
  trace_is ("c() C:!worst ~C ");
  end ();
}

static void
producer_dropped (void)
{
  begin ();
  get ("a", "A0");
  get ("a", "B0");
  drop_work ('a');
  trace_is ("a() ");
  settle (NULL);
  trace_is ("A:!ABANDONED ~A B:!ABANDONED ~B ");
  counts_are (0, 0);
  end ();
}

static gpointer
fire_in_thread (gpointer d)
{
  fire (d, 9);
  return NULL;
}

static void
fired_from_a_thread (void)
{
  begin ();
  get ("a", "A0");
  get ("a", "B0");
  g_thread_join (g_thread_new ("producer", fire_in_thread, get_work ('a')));
  get ("a", "C0");
  trace_is ("a() ");
  settle (NULL);
  trace_is ("A:9 ~A B:9 ~B C:9 ~C ");
  end ();
}

/* --- limits ------------------------------------------------------------------------------------------------------ */

static void
size (void)
{
  begin ();
  g_deferred_cache_set_max_size (cache, 2);
  g_assert_cmpint (g_deferred_cache_get_max_size (cache), ==, 2);
  get ("a=1", "A0");
  get ("b=2", "B0");
  get ("a=1", "A0");
  get ("c=3", "C0");
  trace_is ("a() A:1 ~A b() B:2 ~B A:1 ~A c() C:3 ~C ");
  counts_are (2, 0);
  g_assert_true (g_deferred_cache_contains (cache, "a=1"));
  g_assert_false (g_deferred_cache_contains (cache, "b=2"));

  /* Looking is not using; those in flight do not count. */
  g_assert_cmpint (g_value_get_int (g_deferred_cache_peek (cache, "a=1")), ==, 1);
  get ("d", "D0");
  get ("e", "E0");
  counts_are (2, 2);
  fire (get_work ('d'), 4);
  g_assert_false (g_deferred_cache_contains (cache, "a=1"));
  g_assert_true (g_deferred_cache_contains (cache, "c=3"));
  fire (get_work ('e'), 5);
  counts_are (2, 0);
  g_assert_true (g_deferred_cache_contains (cache, "d"));
  g_assert_true (g_deferred_cache_contains (cache, "e"));
  trace_is ("d() e() D:4 ~D E:5 ~E ");

  g_deferred_cache_set_max_size (cache, 1);
  g_assert_true (g_deferred_cache_contains (cache, "e"));
  counts_are (1, 0);
  g_deferred_cache_set_max_size (cache, -1);
  for (guint i = 0; i < 10; i++)
    {
      char *key = g_strdup_printf ("k=%u", i);

      g_object_unref (g_deferred_cache_get (cache, key));
      g_free (key);
    }
  counts_are (11, 0);
  g_string_truncate (fx_trace, 0);
  end ();
}

/* Not even until the cache is next used. */
static void
value_is_not_kept (void)
{
  GObject *value = g_object_new (G_TYPE_OBJECT, NULL);

  g_object_unref (g_deferred_cache_get (cache, "o"));
  g_deferred_callback_object (get_work ('o'), value, NULL);
  drop_work ('o');
  trace_is ("o() ");
  g_assert_finalize_object (value);
}

static void
shared_only (void)
{
  begin ();
  get ("b=1", "X0");
  g_deferred_cache_set_max_size (cache, 0);
  counts_are (0, 0);
  get ("a", "A0");
  get ("a", "B0");
  fire (get_work ('a'), 1);
  trace_is ("b() X:1 ~X a() A:1 ~A B:1 ~B ");
  counts_are (0, 0);
  get ("b=1", "X0");
  get ("b=1", "X0");
  trace_is ("b() X:1 ~X b() X:1 ~X ");

  value_is_not_kept ();

  g_deferred_cache_set_max_size (cache, -1);
  g_deferred_cache_set_max_age (cache, 0);
  value_is_not_kept ();
  get ("b=1", "X0");
  get ("b=1", "X0");
  trace_is ("b() X:1 ~X b() X:1 ~X ");
  counts_are (0, 0);
  end ();
}

static void
age (void)
{
  begin ();
  g_deferred_cache_set_max_age (cache, MS (100));
  g_assert_cmpint (g_deferred_cache_get_max_age (cache), ==, MS (100));
  get ("a=1", "A0");
  advance (MS (50));
  get ("b=2", "B0");
  /* Being used does not make it younger. */
  get ("a=1", "A0");
  advance (MS (49));
  get ("a=1", "A0");
  trace_is ("a() A:1 ~A b() B:2 ~B A:1 ~A A:1 ~A ");
  g_assert_cmpuint (n_calls (), ==, 0);
  advance (MS (1));
  counts_are (1, 0);
  get ("a=1", "A0");
  trace_is ("a() A:1 ~A ");
  g_assert_nonnull (g_deferred_cache_peek (cache, "b=2"));
  advance (MS (50));
  g_assert_null (g_deferred_cache_peek (cache, "b=2"));
  counts_are (1, 0);
  advance (MS (50));
  g_assert_false (g_deferred_cache_contains (cache, "a=1"));
  g_assert_false (g_deferred_cache_remove (cache, "a=1"));

  /* The age of a value counts from when it was there. */
  get ("c", "C0");
  advance (MS (1000));
  get ("c", "D0");
  fire (get_work ('c'), 3);
  trace_is ("c() C:3 ~C D:3 ~D ");
  advance (MS (99));
  counts_are (1, 0);
  g_deferred_cache_set_max_age (cache, MS (99));
  counts_are (0, 0);

  g_deferred_cache_set_max_age (cache, -1);
  get ("d=4", "D0");
  advance (G_TIME_SPAN_DAY);
  get ("d=4", "D0");
  trace_is ("d() D:4 ~D D:4 ~D ");
  end ();
}

static void
clocks (void)
{
  GDeferredClock *other = g_deferred_clock_new_virtual ();

  begin ();
  g_deferred_cache_set_max_age (cache, MS (100));
  g_assert_true (g_deferred_cache_get_clock (cache) == fx_clock);
  advance (G_TIME_SPAN_DAY);
  get ("a=1", "A0");
  advance (MS (99));
  g_deferred_cache_set_clock (cache, other);
  g_assert_true (g_deferred_cache_get_clock (cache) == other);
  advance (MS (99));
  g_deferred_clock_advance (other, MS (99));
  counts_are (1, 0);
  g_deferred_clock_advance (other, MS (1));
  counts_are (0, 0);
  g_deferred_cache_set_clock (cache, NULL);
  g_assert_true (g_deferred_cache_get_clock (cache) == fx_clock);
  trace_is ("a() A:1 ~A ");
  g_assert_finalize_object (other);

  g_deferred_clock_pop (fx_clock);
  g_deferred_cache_set_clock (cache, NULL);
  g_assert_false (g_deferred_clock_is_virtual (g_deferred_cache_get_clock (cache)));
  get ("a=1", "A0");
  get ("a=1", "A0");
  trace_is ("a() A:1 ~A A:1 ~A ");
  g_deferred_clock_push (fx_clock);
  end ();
}

/* --- forgetting -------------------------------------------------------------------------------------------------- */

static void
removed (void)
{
  GDeferred *x;

  begin ();
  g_assert_false (g_deferred_cache_remove (cache, "a"));
  get ("b=2", "B0");
  g_assert_true (g_deferred_cache_remove (cache, "b=2"));
  g_assert_false (g_deferred_cache_remove (cache, "b=2"));
  get ("b=2", "B0");
  trace_is ("b() B:2 ~B b() B:2 ~B ");

  get ("a", "A0");
  g_assert_true (g_deferred_cache_remove (cache, "a"));
  counts_are (1, 0);
  x = g_object_ref (get_work ('a'));
  get ("a", "C0");
  trace_is ("a() a() ");
  fire (x, 1);
  trace_is ("A:1 ~A ");
  g_assert_false (g_deferred_cache_contains (cache, "a"));
  fire (get_work ('a'), 2);
  trace_is ("C:2 ~C ");
  g_assert_cmpint (g_value_get_int (g_deferred_cache_peek (cache, "a")), ==, 2);
  g_assert_finalize_object (x);
  end ();
}

static void
removed_and_the_last_leaves (void)
{
  GDeferred *a;

  begin ();
  a = get_kept ("a", "A0");
  g_deferred_cache_remove (cache, "a");
  get ("a", "B0");
  trace_is ("a() a() ");
  g_deferred_cancel (a);
  trace_is ("stop-a A:!CANCELLED ~A ");
  counts_are (0, 1);
  fire (get_work ('a'), 1);
  trace_is ("B:1 ~B ");
  g_assert_finalize_object (a);
  end ();
}

static void
cleared (void)
{
  begin ();
  g_deferred_cache_clear (cache);
  get ("a", "A0");
  get ("b=2", "B0");
  get ("c!bad", "C0");
  g_deferred_cache_clear (cache);
  counts_are (0, 0);
  get ("b=2", "B0");
  trace_is ("a() b() B:2 ~B c() C:!bad ~C b() B:2 ~B ");
  fire (get_work ('a'), 1);
  trace_is ("A:1 ~A ");
  counts_are (1, 0);
  g_deferred_cache_set_max_size (cache, 1);
  counts_are (1, 0);
  end ();
}

/* --- properties --- */

static void
on_notify (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  say ("%s ", pspec->name);
}

static void
properties (void)
{
  GDeferredClock *clock = NULL;
  int             max_size = 0;
  gint64          max_age = 0;

  begin ();
  g_signal_connect (cache, "notify", G_CALLBACK (on_notify), NULL);
  g_object_get (cache, "max-size", &max_size, "max-age", &max_age, "clock", &clock, NULL);
  g_assert_cmpint (max_size, ==, -1);
  g_assert_cmpint (max_age, ==, -1);
  g_assert_true (clock == fx_clock);
  g_object_set (cache, "max-size", -1, "max-age", (gint64) -1, "clock", clock, NULL);
  trace_is ("");
  g_object_unref (clock);

  clock = g_deferred_clock_new_virtual ();
  g_object_set (cache, "max-size", 5, NULL);
  g_object_set (cache, "max-age", MS (6), NULL);
  g_object_set (cache, "clock", clock, NULL);
  trace_is ("max-size max-age clock ");
  g_assert_cmpint (g_deferred_cache_get_max_size (cache), ==, 5);
  g_assert_cmpint (g_deferred_cache_get_max_age (cache), ==, MS (6));
  g_assert_true (g_deferred_cache_get_clock (cache) == clock);
  end ();
  g_assert_finalize_object (clock);
}

static const Case cases[] = {
  { "/cache/produced-once-a-key", produced_once },
  { "/cache/failures-are-not-kept", failures_are_not_kept },
  { "/cache/the-error-is-as-it-was", error_as_it_is },
  { "/rule-03/cache/nothing-is-a-value", nothing_is_a_value },
  { "/cache/a-copy-each", a_copy_each },
  { "/cache/the-functions-own-links-come-first", own_links_come_first },
  { "/cache/looking-starts-nothing", looked_at },
  { "/rule-16/cache/reports", reports },
  { "/rule-17/cache/the-producer-is-dropped", producer_dropped },
  { "/rule-20/cache/fired-from-a-thread", fired_from_a_thread },
  { "/cache/max-size-drops-what-was-not-used-the-longest", size },
  { "/cache/without-room-what-is-in-flight-is-shared", shared_only },
  { "/cache/max-age", age },
  { "/cache/clocks", clocks },
  { "/cache/remove", removed },
  { "/cache/remove-and-the-last-one-leaves", removed_and_the_last_leaves },
  { "/cache/clear", cleared },
  { "/rule-24/cache/properties", properties },
};

int
main (int argc, char **argv)
{
  return run_timed_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
