/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Whatever a language binding does while it gives what it keeps, or forgets it, harms nobody. */

#include "binding-fixture.h"

static gboolean
returns_9 (GDeferred *self, gpointer data, GError **error)
{
  return g_deferred_return_int (self, 9);
}

/* What the binding does while it gives, or forgets, once. */
static GDeferred *other;

static void
meddle (GDeferred *self)
{
  us.give_too = us.forget_too = NULL;
  fire_refused (self, ALREADY_CALLED);
  g_assert_cmpint (g_deferred_callback_kept (self, us.id), ==, G_DEFERRED_FIRED_REFUSED);
  if (g_deferred_get_waiting_on (self) == NULL)
    g_deferred_cancel (self);
  g_assert_false (g_deferred_is_finished (self));
  g_deferred_get_result (self);
  g_deferred_get_payload (self);
}

static void
add_links (GDeferred *self)
{
  meddle (self);
  state_is (self, RUNNING);
  link_both (self, "x");
  add_for (&us, self, "y=2");
}

static void
add_to_other (GDeferred *self)
{
  meddle (self);
  link_both (other, "x");
}

static void
wait_for_other (GDeferred *self)
{
  meddle (self);
  link_inner (self, other);
}

static void
pause_other (GDeferred *self)
{
  meddle (self);
  g_deferred_pause (other);
}

static void
unpause (GDeferred *self)
{
  meddle (self);
  g_deferred_unpause (self);
}

static void
cancel_other (GDeferred *self)
{
  meddle (self);
  g_deferred_cancel (other);
}

static void
fire_other (GDeferred *self)
{
  meddle (self);
  fire (other, 8);
}

static void
drop_other (GDeferred *self)
{
  meddle (self);
  g_object_unref (other);
}

static GDeferred *
kept_one (void)
{
  GDeferred *d = g_deferred_new ();

  fire_kept (d, "1");
  return d;
}

/* Links that are added while it gives see what it gave, and who looks sees what they left. */
static void
adds_while_it_gives (void)
{
  GDeferred *d = kept_one ();

  us.give_too = add_links;
  g_assert_cmpstr (g_deferred_get_string (d), ==, "2");
  trace_is ("give x:'1' ~x y:'1' give ");
  g_assert_true (g_deferred_is_finished (d));
  g_assert_finalize_object (d);

  /* So do the links of the loop that is at it. */
  d = g_deferred_new ();
  other = g_deferred_fork (d);
  begins (d, "a");
  us.give_too = add_links;
  fire_kept (d, "1");
  trace_is ("give a:'1' x:'1' ~x y:'1' ");
  g_assert_cmpstr (g_deferred_get_string (other), ==, "1");
  g_assert_finalize_object (other);
  g_assert_finalize_object (d);
}

static void
unpauses_while_it_gives (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_pause (d);
  begins (d, "a=3");
  fire_kept (d, "1");
  us.give_too = unpause;
  g_assert_cmpstr (g_deferred_get_string (d), ==, "3");
  trace_is ("give a:'1' give ");
  g_assert_finalize_object (d);
}

/* One that was idle when its outcome was to be taken over, and then is not. */
static void
taken_over_while_it_changes (void)
{
  GDeferred *outer = g_deferred_new ();
  GDeferred *inner = kept_one ();

  us.give_too = add_links;
  let_return (outer, inner);
  begins (outer, "a>");
  joins (outer, "b");
  fire (outer, 0);
  trace_is ("a:0 give x:'1' ~x y:'1' give b:'2' ");
  g_assert_finalize_object (inner);

  /* It waits for another by then. */
  inner = kept_one ();
  other = g_deferred_new ();
  us.give_too = wait_for_other;
  let_return (outer, inner);
  begins (outer, "a>");
  begins (outer, "b");
  trace_is ("a:'2' give ");
  state_is (inner, WAITING);
  state_is (outer, WAITING);
  fire (other, 3);
  trace_is ("b:3 ");
  g_assert_finalize_object (inner);
  g_assert_finalize_object (other);
  g_assert_finalize_object (outer);
}

/* It waits by then for the very one that is to wait for it. */
static void
a_ring_while_it_gives (void)
{
  GDeferred *outer = g_deferred_new ();
  GDeferred *inner = kept_one ();

  other = outer;
  us.give_too = wait_for_other;
  let_return (outer, inner);
  begins (outer, "a>");
  joins (outer, "b=4");
  fire (outer, 0);
  trace_is ("a:0 give b:!LOOP give ");
  g_assert_cmpstr (g_deferred_get_string (inner), ==, "4");
  g_assert_finalize_object (outer);
  g_assert_finalize_object (inner);
}

/* Firing by a function that returns one which gives: what is added to the one being fired sees the outcome. */
static void
fired_with_one_that_gives (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *inner = kept_one ();

  other = d;
  us.give_too = add_to_other;
  begins (d, "a");
  g_assert_true (g_deferred_fire_with (d, return_it, inner, NULL));
  trace_is ("give a:'1' x:'1' ~x ");
  g_assert_finalize_object (inner);
  g_assert_finalize_object (d);
}

/* Those that are about to get the outcome are paused, cancelled, fired. */
static void
meddles_with_targets_while_it_gives (void)
{
  GDeferred *d = g_deferred_new ();

  other = g_deferred_new ();
  link_inner (other, d);
  begins (other, "a");
  fire (other, 0);
  us.give_too = pause_other;
  fire_kept (d, "1");
  trace_is ("give ");
  g_deferred_unpause (other);
  trace_is ("a:'1' ");
  g_assert_finalize_object (other);
  g_assert_finalize_object (d);

  d = g_deferred_new ();
  other = g_deferred_fork (d);
  begins (other, "a=0");
  us.give_too = cancel_other;
  fire_kept (d, "1");
  trace_is ("give a:!CANCELLED ");
  g_assert_finalize_object (other);
  g_assert_finalize_object (d);

  d = g_deferred_new ();
  other = g_deferred_new ();
  g_deferred_chain_deferred (d, other);
  begins (d, "a=0");
  us.give_too = fire_other;
  fire_kept (d, "1");
  trace_is ("give a:!ALREADY_CALLED ");
  g_assert_cmpint (g_deferred_get_int (other), ==, 8);
  g_assert_finalize_object (other);
  g_assert_finalize_object (d);
}

static void
drops_references_while_it_gives (void)
{
  gpointer   weak;
  GDeferred *outer = g_deferred_new ();

  /* Its own last one, but for that of who takes it over. */
  weak = other = kept_one ();
  g_object_add_weak_pointer (G_OBJECT (other), &weak);
  let_return (outer, other);
  us.give_too = drop_other;
  begins (outer, "a>");
  joins (outer, "b");
  fire (outer, 0);
  trace_is ("a:0 give b:'1' ");
  g_assert_null (weak);
  g_assert_finalize_object (outer);

  /* In the middle of its loop. */
  weak = other = g_deferred_new ();
  g_object_add_weak_pointer (G_OBJECT (other), &weak);
  begins (other, "a?");
  joins (other, "b");
  us.give_too = drop_other;
  fire_kept (other, "1");
  trace_is ("a:1 give ?:'1' b:'1' ");
  g_assert_null (weak);
}

static void
meddles_while_it_forgets (void)
{
  GDeferred *d = kept_one ();
  GDeferred *inner;
  gpointer   weak;

  us.forget_too = add_links;
  g_deferred_add_callback (d, returns_9, NULL, NULL);
  trace_is ("forget x:9 ~x y:9 ");

  /* It waits already: what is cancelled is the other. */
  inner = g_deferred_new ();
  other = inner;
  us.forget_too = cancel_other;
  link_inner (d, inner);
  begins (d, "a=5");
  trace_is ("forget a:!CANCELLED ");
  g_assert_finalize_object (inner);

  inner = g_deferred_new ();
  other = inner;
  us.forget_too = fire_other;
  link_inner (d, inner);
  begins (d, "a=6");
  trace_is ("forget a:8 ");
  g_assert_finalize_object (inner);

  weak = other = d;
  g_object_add_weak_pointer (G_OBJECT (d), &weak);
  us.forget_too = drop_other;
  g_deferred_add_callback (d, returns_9, NULL, NULL);
  trace_is ("forget ");
  g_assert_null (weak);
}

static const Case cases[] = {
  { "/rule-09/kept/adds-while-it-gives", adds_while_it_gives },
  { "/rule-12/kept/unpauses-while-it-gives", unpauses_while_it_gives },
  { "/rule-08/kept/taken-over-while-it-changes", taken_over_while_it_changes },
  { "/rule-11/kept/a-ring-while-it-gives", a_ring_while_it_gives },
  { "/rule-09/kept/fired-with-one-that-gives", fired_with_one_that_gives },
  { "/rule-14/kept/meddles-with-targets-while-it-gives", meddles_with_targets_while_it_gives },
  { "/rule-18/kept/drops-references-while-it-gives", drops_references_while_it_gives },
  { "/rule-09/kept/meddles-while-it-forgets", meddles_while_it_forgets },
};

int
main (int argc, char **argv)
{
  begin_bindings ();
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
