/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* GDeferredCache: used from inside, rings, and its end. */

#include "cache-fixture.h"

static guint n_produced;

/* --- re-entrancy ------------------------------------------------------------------------------------------------- */

static void
waiter_asks_again (void)
{
  GDeferred *a;

  begin ();
  a = g_deferred_cache_get (cache, "a");
  g_deferred_add_both (a, get_again, "A", NULL);
  get ("a", "B0");
  fire (get_work ('a'), 1);
  trace_is ("a() A:1 N:1 ~N B:1 ~B ");
  g_assert_finalize_object (a);
  g_deferred_cache_clear (cache);

  a = g_deferred_cache_get (cache, "a");
  g_deferred_add_both (a, get_again, "A", NULL);
  get ("a", "B0");
  fire_fail (get_work ('a'), "bad");
  trace_is ("a() A:!bad a() B:!bad ~B ");
  fire (get_work ('a'), 2);
  trace_is ("N:2 ~N ");
  g_assert_finalize_object (a);
  end ();
}

static gboolean
clear_it (GDeferred *self, gpointer name, GError **error)
{
  say_outcome (name, self);
  g_deferred_cache_clear (cache);
  return TRUE;
}

static gboolean
drop_it (GDeferred *self, gpointer name, GError **error)
{
  say_outcome (name, self);
  g_clear_object (&cache);
  return TRUE;
}

static void
waiter_clears (void)
{
  GDeferred *a;

  begin ();
  a = g_deferred_cache_get (cache, "a");
  g_deferred_add_callback (a, clear_it, "A", NULL);
  get ("a", "B0");
  fire (get_work ('a'), 1);
  trace_is ("a() A:1 B:1 ~B ");
  counts_are (0, 0);
  g_assert_finalize_object (a);
  end ();
}

static void
waiter_drops (void)
{
  GDeferred *a;

  begin ();
  a = g_deferred_cache_get (cache, "a");
  g_deferred_add_callback (a, drop_it, "A", NULL);
  get ("a", "B0");
  fire (get_work ('a'), 1);
  g_assert_null (cache);
  trace_is ("a() A:1 ~d B:1 ~B ");
  g_assert_finalize_object (a);
}

static gboolean
drop_in_function (GDeferred *self, const char *key, gpointer data, GError **error)
{
  g_assert_finalize_object (g_steal_pointer (&cache));
  say ("%s ", (char *) data);
  return work_by_plan (self, key, error);
}

static void
function_drops (void)
{
  GDeferred *a;

  begin_with (drop_in_function);
  watch (g_deferred_cache_get (cache, "a=1"), "A0");
  trace_is ("d a() ~d A:1 ~A ");

  begin_with (drop_in_function);
  a = get_kept ("b", "B0");
  trace_is ("d b() ");
  g_deferred_cancel (a);
  trace_is ("stop-b ~d B:!CANCELLED ~B ");
  g_assert_finalize_object (a);
}

static gboolean
clear_in_function (GDeferred *self, const char *key, gpointer data, GError **error)
{
  g_deferred_cache_clear (cache);
  return work_by_plan (self, key, error);
}

static void
function_clears (void)
{
  begin_with (clear_in_function);
  get ("a=1", "A0");
  counts_are (0, 0);
  get ("b", "B0");
  counts_are (0, 0);
  fire (get_work ('b'), 2);
  trace_is ("a() A:1 ~A b() B:2 ~B ");
  end ();
}

typedef struct
{
  GObject parent;
} Visitor;
typedef GObjectClass VisitorClass;

static GType visitor_get_type (void);
G_DEFINE_TYPE (Visitor, visitor, G_TYPE_OBJECT)

/* Objects that, when they go, use the cache that had them. */
static guint n_visits;

static void
visitor_dispose (GObject *object)
{
  say ("visit ");
  if (cache != NULL && n_visits++ == 0)
    {
      get ("v=1", "V0");
      g_deferred_cache_remove (cache, "w=1");
      counts_are (g_deferred_cache_get_size (cache), 0);
    }
  G_OBJECT_CLASS (visitor_parent_class)->dispose (object);
}

static void
visitor_class_init (VisitorClass *klass)
{
  klass->dispose = visitor_dispose;
}

static void
visitor_init (Visitor *self)
{
}

static gboolean
produce_visitor (GDeferred *self, const char *key, gpointer data, GError **error)
{
  if (key[0] == 'o')
    return g_deferred_return_take_object (self, g_object_new (visitor_get_type (), NULL));
  return work_by_plan (self, key, error);
}

static void
values_use_it_when_they_go (void)
{
  begin_with (produce_visitor);
  get ("w=1", "W0");
  for (guint i = 0; i < 4; i++)
    {
      g_object_unref (g_deferred_cache_get (cache, "o1"));
      g_object_unref (g_deferred_cache_get (cache, "o2"));
      g_object_unref (g_deferred_cache_get (cache, "w=1"));
      g_string_truncate (fx_trace, 0);
      n_visits = 0;
      switch (i)
        {
        case 0:
          g_deferred_cache_set_max_size (cache, 1);
          trace_is ("visit v() visit V:1 ~V ");
          g_deferred_cache_set_max_size (cache, -1);
          break;
        case 1:
          g_deferred_cache_remove (cache, "o1");
          trace_is ("visit V:1 ~V ");
          break;
        case 2:
          g_deferred_cache_clear (cache);
          g_assert_cmpuint (n_visits, ==, 2);
          g_string_truncate (fx_trace, 0);
          break;
        default:
          advance (MS (10));
          g_deferred_cache_set_max_age (cache, MS (10));
          g_assert_cmpuint (n_visits, ==, 2);
          g_string_truncate (fx_trace, 0);
        }
    }
  g_object_unref (g_deferred_cache_get (cache, "o1"));
  g_clear_object (&cache);
  trace_is ("visit ~d ");
}

/* Values that, when they are copied, do something with the cache first. */
typedef struct
{
  int n;
} Box;

static void (*when_copied) (void);

static gpointer
box_copy (gpointer data)
{
  Box *copy;
  void (*func) (void) = when_copied;

  when_copied = NULL;
  if (func != NULL)
    func ();
  copy = g_new (Box, 1);
  copy->n = ((Box *) data)->n;
  return copy;
}

static GType box_get_type (void);
G_DEFINE_BOXED_TYPE (Box, box, box_copy, g_free)

static void
fire_box (GDeferred *d, int n)
{
  Box *box = g_new (Box, 1);

  box->n = n;
  g_assert_true (g_deferred_callback_take_boxed (d, box_get_type (), box, NULL));
}

static void
remove_key (void)
{
  g_assert_true (g_deferred_cache_remove (cache, "a"));
}

static void
ask_for_it (void)
{
  get ("a", "N0");
}

static int
box_of (GDeferred *d)
{
  return ((Box *) g_deferred_get_boxed (d, box_get_type ()))->n;
}

static void
values_use_it_when_they_are_copied (void)
{
  GDeferred *a;

  begin ();
  a = g_deferred_cache_get (cache, "a");
  when_copied = remove_key;
  fire_box (get_work ('a'), 3);
  g_assert_cmpint (box_of (a), ==, 3);
  g_assert_finalize_object (a);
  g_assert_cmpuint (g_deferred_cache_get_size (cache), ==, 0);

  a = g_deferred_cache_get (cache, "a");
  when_copied = ask_for_it;
  fire_box (get_work ('a'), 4);
  g_assert_cmpint (box_of (a), ==, 4);
  g_assert_finalize_object (a);
  trace_is ("a() a() N:Box ~N ");
  counts_are (1, 0);

  when_copied = remove_key;
  a = g_deferred_cache_get (cache, "a");
  g_assert_cmpint (box_of (a), ==, 4);
  g_assert_finalize_object (a);
  counts_are (0, 0);
  end ();
}

static GDeferred *waiter;

static void
cancel_waiter (gpointer unused, GObject *value)
{
  g_deferred_cancel (waiter);
}

/* The last one leaves while its value is being kept, as another one goes. */
static void
left_while_it_is_kept (void)
{
  begin_with (produce_visitor);
  n_visits = 1;
  g_deferred_cache_set_max_size (cache, 1);
  waiter = g_deferred_cache_get (cache, "o");
  g_object_weak_ref (g_value_get_object (g_deferred_cache_peek (cache, "o")), cancel_waiter, NULL);
  g_object_unref (waiter);
  waiter = g_deferred_cache_get (cache, "a");
  fire (get_work ('a'), 1);
  trace_is ("a() visit ");
  g_assert_true (g_deferred_cache_contains (cache, "a"));
  g_assert_finalize_object (waiter);
  end ();
}

/* --- rings ------------------------------------------------------------------------------------------------------- */

static gboolean
ask_next (GDeferred *self, const char *key, gpointer data, GError **error)
{
  const char next[] = { (char) (key[0] + 1), 0 };

  say ("%s ", key);
  return g_deferred_return_deferred (self, g_deferred_cache_get (cache, key[0] < 'c' ? next : "a"));
}

static gboolean
ask_itself (GDeferred *self, const char *key, gpointer data, GError **error)
{
  say ("%s ", key);
  return g_deferred_return_deferred (self, g_deferred_cache_get (cache, key));
}

static void
rings (void)
{
  begin_with (ask_itself);
  get ("a", "A0");
  trace_is ("a A:!LOOP ~A ");
  counts_are (0, 0);
  end ();

  begin_with (ask_next);
  get ("a", "A0");
  trace_is ("a b c A:!LOOP ~A ");
  counts_are (0, 0);
  end ();
}

static gboolean
ask_later (GDeferred *self, gpointer key, GError **error)
{
  return g_deferred_return_deferred (self, g_deferred_cache_get (cache, key));
}

static gboolean
ask_itself_later (GDeferred *self, const char *key, gpointer data, GError **error)
{
  GDeferred *inner = g_deferred_new ();

  say ("%s ", key);
  g_deferred_add_callback (inner, ask_later, (gpointer) key, NULL);
  fx_works['i'] = g_object_ref (inner);
  return g_deferred_return_deferred (self, inner);
}

static void
rings_that_close_later (void)
{
  begin_with (ask_itself_later);
  get ("a", "A0");
  trace_is ("a ");
  fire (get_work ('i'), 1);
  trace_is ("A:!LOOP ~A ");
  counts_are (0, 0);
  drop_work ('i');
  reported ("waits for the one");
  end ();
}

static gboolean
ask_and_leave_it (GDeferred *self, const char *key, gpointer data, GError **error)
{
  if (key[0] == 'a')
    {
      get ("a", "B0");
      return work_by_plan (self, "a", error);
    }
  return g_deferred_return_deferred (self, g_deferred_cache_get (cache, "a"));
}

/* Asking alone is no ring; nor are many that wait for one. */
static void
no_ring (void)
{
  begin_with (ask_and_leave_it);
  get ("a", "A0");
  get ("b", "X0");
  get ("c", "Y0");
  trace_is ("a() ");
  fire (get_work ('a'), 1);
  trace_is ("A:1 ~A B:1 ~B X:1 ~X Y:1 ~Y ");
  counts_are (3, 0);
  end ();
}

/* --- ending ------------------------------------------------------------------------------------------------------ */

static void
dropped_in_flight (void)
{
  GDeferred *c;

  begin ();
  get ("a", "A0");
  get ("a", "B0");
  c = get_kept ("c", "C0");
  get ("d=1", "D0");
  g_assert_finalize_object (g_steal_pointer (&cache));
  trace_is ("a() c() d() D:1 ~D ");
  fire (get_work ('a'), 1);
  trace_is ("A:1 ~A B:1 ~B ");
  g_deferred_cancel (c);
  trace_is ("stop-c ~d C:!CANCELLED ~C ");
  g_assert_finalize_object (c);
}

static void
disposed_and_used_again (void)
{
  begin ();
  get ("a", "A0");
  get ("b=2", "B0");
  g_object_run_dispose (G_OBJECT (cache));
  counts_are (0, 0);
  get ("b=2", "B0");
  fire (get_work ('a'), 1);
  trace_is ("a() b() B:2 ~B b() B:2 ~B A:1 ~A ");
  counts_are (1, 0);
  end ();
}

static gboolean
count_it (GDeferred *self, gpointer n, GError **error)
{
  ++*(guint *) n;
  return TRUE;
}

static void
many_waiters (void)
{
  guint       n = gd_test_scaled (100000);
  guint       n_got = 0;
  GDeferred **waiters = g_new (GDeferred *, n);

  begin ();
  for (guint i = 0; i < n; i++)
    g_object_unref (g_deferred_add_callback (g_deferred_cache_get (cache, "a"), count_it, &n_got, NULL));
  fire (get_work ('a'), 1);
  g_assert_cmpuint (n_got, ==, n);
  g_deferred_cache_clear (cache);

  for (guint i = 0; i < n; i++)
    waiters[i] = g_deferred_cache_get (cache, "a");
  trace_is ("a() a() ");
  for (guint i = 0; i < n; i++)
    {
      trace_is ("");
      g_deferred_cancel (waiters[n - 1 - i]);
    }
  trace_is ("stop-a ");
  for (guint i = 0; i < n; i++)
    g_object_unref (waiters[i]);
  g_free (waiters);
  end ();
}

static gboolean
produce_key (GDeferred *self, const char *key, gpointer data, GError **error)
{
  ++n_produced;
  return g_deferred_return_string (self, key);
}

static void
many_keys (void)
{
  guint n = gd_test_scaled (100000);

  begin_with (produce_key);
  n_produced = 0;
  g_deferred_cache_set_max_size (cache, 1000);
  g_deferred_cache_set_max_age (cache, MS (50000));
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *key = g_strdup_printf ("%u", i);
      g_autoptr (GDeferred) d = g_deferred_cache_get (cache, key);

      g_assert_cmpstr (g_deferred_get_string (d), ==, key);
      advance (MS (1));
    }
  g_assert_cmpuint (n_produced, ==, n);
  g_assert_cmpuint (g_deferred_cache_get_size (cache), ==, MIN (n, 1000));
  end ();
}

static const Case cases[] = {
  { "/cache/reentry/a-waiter-asks-again", waiter_asks_again },
  { "/cache/reentry/a-waiter-clears-it", waiter_clears },
  { "/cache/reentry/a-waiter-drops-it", waiter_drops },
  { "/cache/reentry/the-function-drops-it", function_drops },
  { "/cache/reentry/the-function-clears-it", function_clears },
  { "/cache/reentry/values-use-it-when-they-go", values_use_it_when_they_go },
  { "/cache/reentry/values-use-it-when-they-are-copied", values_use_it_when_they_are_copied },
  { "/cache/reentry/the-last-one-leaves-while-it-is-kept", left_while_it_is_kept },
  { "/rule-11/cache/rings", rings },
  { "/rule-11/cache/rings-that-close-later", rings_that_close_later },
  { "/rule-11/cache/what-is-no-ring", no_ring },
  { "/rule-17/cache/dropped-in-flight", dropped_in_flight },
  { "/rule-18/cache/disposed-and-used-again", disposed_and_used_again },
  { "/cache/many-waiters", many_waiters },
  { "/cache/many-keys", many_keys },
};

int
main (int argc, char **argv)
{
  return run_timed_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
