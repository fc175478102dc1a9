/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* What once went wrong: each case failed before it was mended. Those of homes are in test-mended-homes.c. */

#include "fixture.h"

static GThread *main_thread;

static gboolean
act_at_main (GDeferred *self, gpointer data, GError **error)
{
  g_assert_true (g_thread_self () == main_thread);
  g_assert_true (g_deferred_is_home (self));
  return act (self, data, error);
}

static gpointer
in_thread (GThreadFunc func, gpointer data)
{
  main_thread = g_thread_self ();
  return g_thread_join (g_thread_new ("worker", func, data));
}

/* Rule 25: owners */

static void
drop (gpointer d, GObject *owner)
{
  g_object_unref (d);
}

/* A controller that drops its request with the widget: it heard of the widget's end before the bond did. */
static void
owner_that_drops_the_deferred (void)
{
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *d = g_deferred_new ();
  gpointer   weak = d;

  g_object_add_weak_pointer (G_OBJECT (d), &weak);
  g_object_weak_ref (owner, drop, d);
  g_deferred_bind_owner (d, owner);
  fire (d, 1);
  g_assert_finalize_object (owner);
  settle (NULL);
  g_assert_null (weak);
}

static void
owner_that_is_the_result (void)
{
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *d = g_deferred_new ();
  gpointer   weak = owner;

  g_object_add_weak_pointer (owner, &weak);
  g_deferred_bind_owner (d, owner);
  g_assert_true (g_deferred_callback_take_object (d, owner, NULL));
  g_assert_nonnull (weak);
  g_assert_finalize_object (d);
  g_assert_null (weak);
}

/* Rule 21: one that was handed over */

static gpointer
chain_to_it (gpointer data)
{
  GDeferred    *d = data;
  GDeferred    *source;
  GError       *error = NULL;
  GMainContext *context = g_deferred_get_context (d);

  g_main_context_push_thread_default (context);
  source = g_deferred_new ();
  g_deferred_chain_deferred (source, d);
  fire (source, 1);
  g_assert_finalize_object (source);
  g_assert_null (g_deferred_get_waiting_on (d));
  g_assert_true (g_deferred_wait (d, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_deferred_get_int (d), ==, 1);
  g_assert_finalize_object (d);
  g_main_context_pop_thread_default (context);
  return NULL;
}

/* In its new home, what leads to it is gone before the outcome arrives. */
static void
a_source_that_is_gone (void)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *d = g_deferred_new ();

  g_deferred_hand_over (d, context);
  in_thread (chain_to_it, d);
  g_main_context_unref (context);
}

typedef struct
{
  GMainContext *context;
  GDeferred    *outer;
  GDeferred    *inner;
} Pair;

static void
pair_init (Pair *self)
{
  main_thread = g_thread_self ();
  self->context = g_main_context_new ();
  self->outer = g_deferred_new ();
  self->inner = g_deferred_new ();
}

static void
pair_clear (Pair *self)
{
  g_assert_finalize_object (self->outer);
  g_object_unref (self->inner);
  settle (self->context);
  settle (NULL);
  g_main_context_unref (self->context);
}

static gpointer
fire_inner_away (gpointer data)
{
  Pair *pair = data;

  g_main_context_push_thread_default (pair->context);
  fire (pair->inner, 3);
  settle (pair->context);
  g_main_context_pop_thread_default (pair->context);
  return NULL;
}

static gboolean
return_inner_and_hand_over (GDeferred *self, gpointer data, GError **error)
{
  Pair    *pair = data;
  gboolean result = g_deferred_return_deferred (self, g_object_ref (pair->inner));

  g_deferred_hand_over (pair->inner, pair->context);
  return result;
}

static void
after_it_was_returned (void)
{
  Pair pair;

  pair_init (&pair);
  g_deferred_add_callback (pair.outer, return_inner_and_hand_over, &pair, NULL);
  g_deferred_add_both (pair.outer, act_at_main, (gpointer) "a", gone);
  fire (pair.outer, 1);
  in_thread (fire_inner_away, &pair);
  settle (NULL);
  trace_is ("a:3 ~a ");
  pair_clear (&pair);
}

static gpointer
fire_with_inner (gpointer data)
{
  Pair *pair = data;

  g_assert_true (g_deferred_fire_with (pair->outer, return_it, pair->inner, NULL));
  return NULL;
}

/* A worker has returned it; it moves before home gets to know of that. */
static void
on_its_way_to_an_outer_one (void)
{
  Pair pair;

  pair_init (&pair);
  g_deferred_add_both (pair.outer, act_at_main, (gpointer) "a", gone);
  in_thread (fire_with_inner, &pair);
  g_deferred_hand_over (pair.inner, pair.context);
  settle (NULL);
  in_thread (fire_inner_away, &pair);
  settle (NULL);
  trace_is ("a:3 ~a ");
  pair_clear (&pair);
}

static void
hand_over_in_canceller (GDeferred *self, gpointer context)
{
  g_deferred_hand_over (self, context);
}

static void
stayed (GDeferred *d, const char *trace)
{
  criticals_came ();
  trace_is (trace);
  g_assert_true (g_deferred_get_context (d) == g_main_context_default ());
  g_assert_finalize_object (d);
}

static void
by_its_canceller (void)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *d = g_deferred_new_with_canceller (hand_over_in_canceller, context, NULL);

  main_thread = g_thread_self ();
  g_deferred_add_both (d, act_at_main, (gpointer) "a0", gone);
  expect_critical ("hand_over");
  g_deferred_cancel (d);
  stayed (d, "a:!CANCELLED ~a ");
  g_main_context_unref (context);
}

static void
hand_over_in_cancelled (GCancellable *cancellable, gpointer d)
{
  g_deferred_hand_over (d, g_object_get_data (d, "context"));
}

static void
by_its_cancellable (void)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *d = g_deferred_new ();

  main_thread = g_thread_self ();
  g_object_set_data (G_OBJECT (d), "context", context);
  g_deferred_add_both (d, act_at_main, (gpointer) "a0", gone);
  g_signal_connect (g_deferred_get_cancellable (d), "cancelled", G_CALLBACK (hand_over_in_cancelled), d);
  expect_critical ("hand_over");
  g_deferred_cancel (d);
  stayed (d, "a:!CANCELLED ~a ");
  g_main_context_unref (context);
}

static void
hand_over_unpaused (GDeferred *self, GParamSpec *pspec, gpointer context)
{
  if (!g_deferred_get_paused (self))
    g_deferred_hand_over (self, context);
}

static void
as_it_is_unpaused (void)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *d = g_deferred_new ();

  main_thread = g_thread_self ();
  g_deferred_pause (d);
  fire (d, 1);
  g_deferred_add_both (d, act_at_main, (gpointer) "a", gone);
  g_signal_connect (d, "notify::paused", G_CALLBACK (hand_over_unpaused), context);
  expect_critical ("hand_over");
  g_deferred_unpause (d);
  stayed (d, "a:1 ~a ");
  g_main_context_unref (context);
}

/* Rule 21: away from home */

static gpointer
touch_properties (gpointer d)
{
  static const char *const names[] = { "state", "pending", "paused", "progress", "progress-text", "name" };
  GValue                   value = G_VALUE_INIT;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      expect_critical ("home");
      g_object_get_property (d, names[i], &value);
      criticals_came ();
      g_value_unset (&value);
    }
  expect_critical ("home");
  g_object_set (d, "name", "away", NULL);
  criticals_came ();
  return NULL;
}

static void
properties_elsewhere (void)
{
  GDeferred *d = g_deferred_new ();
  char      *name;

  g_object_set (d, "name", "home", NULL);
  in_thread (touch_properties, d);
  g_object_get (d, "name", &name, NULL);
  g_assert_cmpstr (name, ==, "home");
  g_free (name);
  fire (d, 1);
  link_both (d, "a");
  trace_is ("a:1 ~a ");
  g_assert_finalize_object (d);
}

/* Rules 12 and 14 */

static void
pause_outlives_run_dispose (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_pause (d);
  fire (d, 1);
  link_both (d, "a");
  g_object_run_dispose (G_OBJECT (d));
  settle (NULL);
  trace_is ("");
  g_assert_true (g_deferred_get_paused (d));
  g_deferred_unpause (d);
  trace_is ("a:1 ~a ");
  g_assert_finalize_object (d);
}

/* What nobody has looked at yet still has its signal to send. It waits all the same. */
static void
linked_while_it_waits (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GDeferred    *inner = g_deferred_new ();
  GDeferred    *d;

  link_both (inner, "i");
  d = g_deferred_maybe (return_it, inner);
  state_is (d, WAITING);
  g_deferred_link_cancellable (d, cancellable);
  g_cancellable_cancel (cancellable);
  settle (NULL);
  state_is (inner, SUCCEEDED);
  state_is (d, FAILED);
  trace_is ("i:!CANCELLED ~i ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
  g_assert_finalize_object (cancellable);
}

static const Case cases[] = {
  { "/rule-12/a-pause-outlives-run-dispose", pause_outlives_run_dispose },
  { "/rule-14/linked-while-it-waits", linked_while_it_waits },
  { "/rule-21/properties-elsewhere", properties_elsewhere },
  { "/rule-21/hand-over/a-source-that-is-gone", a_source_that_is_gone },
  { "/rule-21/hand-over/after-it-was-returned", after_it_was_returned },
  { "/rule-21/hand-over/on-its-way-to-an-outer-one", on_its_way_to_an_outer_one },
  { "/rule-21/hand-over/by-its-canceller", by_its_canceller },
  { "/rule-21/hand-over/by-its-cancellable", by_its_cancellable },
  { "/rule-21/hand-over/as-it-is-unpaused", as_it_is_unpaused },
  { "/rule-25/owner-that-drops-the-deferred", owner_that_drops_the_deferred },
  { "/rule-25/owner-that-is-the-result", owner_that_is_the_result },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
