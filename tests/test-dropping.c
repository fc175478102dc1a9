/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Rules 17 and 18: dropping and leaking. */

#include "fixture.h"

/* Rule 17: dropped before it fired */

static void
abandoned (void)
{
  GDeferred *d = g_deferred_new ();

  link_callback (d, "a");
  link_errback (d, "b=1");
  link_callback (d, "c");
  g_object_unref (d);
  trace_is ("");
  settle (NULL);
  trace_is ("~a b:!ABANDONED ~b c:1 ~c ");
}

static void
abandoned_by_run_dispose (void)
{
  GDeferred *d = g_deferred_new ();

  link_errback (d, "a0");
  g_object_run_dispose (G_OBJECT (d));
  trace_is ("");
  g_object_unref (d);
  settle (NULL);
  trace_is ("a:!ABANDONED ~a ");
}

static void
without_links_it_goes_at_once (void)
{
  GDeferred *d = g_deferred_new ();

  g_assert_finalize_object (d);
  d = g_deferred_new ();
  g_deferred_pause (d);
  g_assert_finalize_object (d);
}

static gboolean
looks_and_keeps (GDeferred *self, gpointer kept, GError **error)
{
  fire_refused (self, ALREADY_CALLED);
  link_both (self, "x");
  *(GDeferred **) kept = g_object_ref (self);
  return g_deferred_return_none (self);
}

static void
kept_by_its_errback (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *kept = NULL;

  g_deferred_add_errback (d, looks_and_keeps, &kept, NULL);
  g_object_unref (d);
  settle (NULL);
  trace_is ("x:- ~x ");
  g_assert_true (kept == d);
  link_both (d, "y");
  trace_is ("y:- ~y ");
  g_assert_finalize_object (d);
}

static void
those_that_wait_hear_of_it (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner = g_deferred_new ();
  GDeferred *fork = g_deferred_fork (inner);
  GDeferred *chained = g_deferred_new ();

  link_inner (d, inner);
  g_deferred_chain_deferred (inner, chained);
  link_both (d, "d0");
  link_both (fork, "f0");
  link_both (chained, "c");
  g_object_unref (inner);
  trace_is ("");
  settle (NULL);
  trace_is ("f:!ABANDONED ~f d:!ABANDONED ~d c:- ~c ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (fork);
  g_assert_finalize_object (chained);
}

/* Only the producer has a reference, and fires: the consumer's links run although the consumer let go. */
static void
consumer_lets_go (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner = g_deferred_new ();
  gpointer   weak = d;

  g_object_add_weak_pointer (G_OBJECT (d), &weak);
  link_inner (d, inner);
  link_both (d, "d");
  g_object_unref (d);
  settle (NULL);
  g_assert_nonnull (weak);
  fire (inner, 2);
  trace_is ("d:2 ~d ");
  g_assert_null (weak);
  g_assert_finalize_object (inner);
}

static void
fired_but_paused (void)
{
  GDeferred *d = g_deferred_new ();

  link_both (d, "a");
  g_deferred_pause (d);
  fire (d, 1);
  g_object_unref (d);
  trace_is ("");
  settle (NULL);
  trace_is ("a:1 ~a ");
}

/* Rule 18: nothing leaks. What the other tests let go with g_assert_finalize_object is not repeated here. */

static void
a_fork_keeps_nothing (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *fork = g_deferred_fork (d);
  GDeferred *unread = g_deferred_fork (d);

  g_object_unref (unread);
  link_both (fork, "f0");
  g_assert_cmpuint (G_OBJECT (d)->ref_count, ==, 1);
  g_object_unref (d);
  settle (NULL);
  trace_is ("f:!ABANDONED ~f ");
  g_assert_finalize_object (fork);
  reported ("");
}

static void
a_wait_keeps_no_inner (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner = g_deferred_new ();

  link_inner (d, inner);
  g_assert_cmpuint (G_OBJECT (inner)->ref_count, ==, 1);
  fire (inner, 1);
  g_assert_finalize_object (inner);
  g_assert_finalize_object (d);
}

static void
values_are_freed (void)
{
  GDeferred *d = g_deferred_new ();
  GObject   *object = g_object_new (G_TYPE_OBJECT, NULL);

  g_deferred_callback_take_object (d, object, NULL);
  g_object_ref (object);
  link_both (d, "a0");
  g_assert_cmpuint (object->ref_count, ==, 1);
  g_string_truncate (fx_trace, 0);
  g_assert_finalize_object (object);
  g_assert_finalize_object (d);
}

static void
a_linked_cancellable_is_let_go (void)
{
  GDeferred    *d = g_deferred_new ();
  GCancellable *cancellable = g_cancellable_new ();

  g_deferred_link_cancellable (d, cancellable);
  g_deferred_get_cancellable (d);
  g_assert_finalize_object (d);
  g_cancellable_cancel (cancellable);
  settle (NULL);
  g_assert_finalize_object (cancellable);
}

static const Case cases[] = {
  { "/rule-17/abandoned", abandoned },
  { "/rule-17/by-run-dispose", abandoned_by_run_dispose },
  { "/rule-17/without-links-it-goes-at-once", without_links_it_goes_at_once },
  { "/rule-17/kept-by-its-errback", kept_by_its_errback },
  { "/rule-17/those-that-wait-hear-of-it", those_that_wait_hear_of_it },
  { "/rule-17/the-consumer-lets-go", consumer_lets_go },
  { "/rule-17/fired-but-paused", fired_but_paused },
  { "/rule-18/a-fork-keeps-nothing", a_fork_keeps_nothing },
  { "/rule-18/a-wait-keeps-no-inner", a_wait_keeps_no_inner },
  { "/rule-18/values-are-freed", values_are_freed },
  { "/rule-18/a-linked-cancellable-is-let-go", a_linked_cancellable_is_let_go },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
