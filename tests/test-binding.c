/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* What language bindings stand on: callbacks that the binding keeps. The rules hold for them as for any. The outcomes
 * that it keeps are in test-binding-kept.c. */

#include "binding-fixture.h"

static gboolean
returns_9 (GDeferred *self, gpointer data, GError **error)
{
  return g_deferred_return_int (self, 9);
}

/* --- adding ------------------------------------------------------------------------------------------------------ */

static void
in_order_with_others (void)
{
  GDeferred *d = g_deferred_new ();

  begins (d, "a=2");
  link_both (d, "b");
  begins (d, "c!bad");
  joins (d, "d=4");
  link_callback (d, "e");
  begins (d, "f");
  fire (d, 1);
  trace_is ("a:1 give b:'2' ~b c:'2' d:!bad give e:'4' ~e f:'4' ");
  begins (d, "g=7");
  trace_is ("g:'4' ");
  begins (d, "h");
  trace_is ("h:7 ");
  g_assert_finalize_object (d);
}

static void
errors_take_their_side (void)
{
  GDeferred *d = failed_with ("first");
  GError    *error = error_of ("second");
  GValue     payload = G_VALUE_INIT;

  begins (d, "a");
  trace_is ("a:!first ");
  begins (d, "b=1");
  begins (d, "c!third");
  trace_is ("b:!first c:1 ");
  link_callback (d, "x");
  trace_is ("~x ");
  begins (d, "d=2");
  trace_is ("d:!third ");
  g_assert_finalize_object (d);

  /* What lies beside an error is the value that the dispatcher sees: fx_dispatch compares. */
  d = g_deferred_new ();
  begins (d, "a=1");
  g_value_init (&payload, G_TYPE_STRING);
  g_value_set_string (&payload, "beside");
  g_assert_true (g_deferred_errback_full (d, error, &payload, NULL));
  trace_is ("a:!second ");
  g_value_unset (&payload);
  g_error_free (error);
  g_assert_finalize_object (d);
}

static void
joins_until_another_link_comes (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *fork;

  begins (d, "a");
  joins (d, "b");
  link_callback (d, "x");
  begins (d, "c");
  joins (d, "d");
  fork = g_deferred_fork (d);
  begins (d, "e");
  g_assert_cmpint (add_for (&them, d, "f"), ==, G_DEFERRED_DISPATCHED_ADDED);
  begins (d, "g");
  g_assert_cmpint (add_for (&them, d, "h"), ==, G_DEFERRED_DISPATCHED_ADDED);
  fire (d, 1);
  trace_is ("a:1 b:1 x:1 ~x c:1 d:1 e:1 f:1 g:1 h:1 ");
  g_assert_finalize_object (fork);
  g_assert_finalize_object (d);
}

/* One that says that it has no batch gets a link, whatever lies there. */
static void
joins_only_who_may (void)
{
  GDeferred *d = g_deferred_new ();

  g_assert_cmpint (g_deferred_add_dispatched (d, us.id, FALSE), ==, G_DEFERRED_DISPATCHED_ADDED);
  g_assert_cmpint (g_deferred_add_dispatched (d, us.id, FALSE), ==, G_DEFERRED_DISPATCHED_ADDED);
  g_assert_cmpint (g_deferred_add_dispatched (d, us.id, TRUE), ==, G_DEFERRED_DISPATCHED_JOINED);
  kept_of (&us, d)->n_batches = 2;
  fire (d, 1);
  g_assert_cmpuint (kept_of (&us, d)->n_batches, ==, 0);
  g_assert_cmpint (add_for (&us, d, "a"), ==, G_DEFERRED_DISPATCHED_ADDED);
  trace_is ("a:1 ");
  g_assert_finalize_object (d);
}

static void
joins_while_it_runs (void)
{
  GDeferred *d = g_deferred_new ();

  begins (d, "a+c");
  joins (d, "b");
  fire (d, 1);
  trace_is ("a:1 b:1 c:1 ");

  /* The last callback of a batch, too; and what it adds may add. */
  begins (d, "a+b");
  trace_is ("a:1 b:1 ");

  /* Another link between seals it. */
  begins (d, "a|x");
  trace_is ("a:1 x:1 ~x ");
  g_assert_finalize_object (d);

  d = g_deferred_new ();
  begins (d, "a|x");
  joins (d, "b+d");
  joins (d, "c");
  fire (d, 1);
  trace_is ("a:1 b:1 c:1 x:1 ~x d:1 ");
  g_assert_cmpuint (kept_of (&us, d)->n_batches, ==, 0);
  g_assert_finalize_object (d);
}

static gpointer
add_elsewhere (gpointer d)
{
  g_assert_cmpint (g_deferred_add_dispatched (d, us.id, FALSE), ==, G_DEFERRED_DISPATCHED_REFUSED);
  g_assert_cmpint (g_deferred_add_dispatched (d, us.id, TRUE), ==, G_DEFERRED_DISPATCHED_REFUSED);
  return NULL;
}

/* In silence: it is for the binding to raise what its language raises. */
static void
refused_elsewhere (void)
{
  GDeferred *d = g_deferred_new ();

  begins (d, "a");
  g_thread_join (g_thread_new ("elsewhere", add_elsewhere, d));
  fire (d, 1);
  trace_is ("a:1 ");
  g_thread_join (g_thread_new ("elsewhere", add_elsewhere, d));
  g_assert_finalize_object (d);
}

/* Many batches, one after the other, and one long one, lie on the heap as well as inside. */
static void
many (void)
{
  GDeferred *d = g_deferred_new ();

  for (int i = 0; i < 100; i++)
    {
      begins (d, "a");
      joins (d, "b+c");
      g_deferred_add_callback (d, returns_9, NULL, NULL);
    }
  fire (d, 1);
  g_assert_true (g_str_has_prefix (fx_trace->str, "a:1 b:1 a:9 b:9 "));
  g_assert_true (g_str_has_suffix (fx_trace->str, " c:9 c:9 c:9 "));
  g_assert_cmpuint (fx_trace->len, ==, 300 * strlen ("a:1 "));
  g_string_truncate (fx_trace, 0);
  g_assert_finalize_object (d);
}

/* --- stopping ---------------------------------------------------------------------------------------------------- */

static void
stops_at_a_pause (void)
{
  GDeferred *d = g_deferred_new ();

  begins (d, "a-");
  joins (d, "b");
  fire_kept (d, "1");
  trace_is ("a:1 ");
  g_assert_true (g_deferred_get_paused (d));
  g_assert_false (g_deferred_is_finished (d));
  joins (d, "c=2");
  link_both (d, "x");
  begins (d, "d");
  trace_is ("");
  g_deferred_unpause (d);
  trace_is ("b:1 c:1 give x:'2' ~x d:'2' ");

  /* At the end of a batch there is nothing to come back to. */
  begins (d, "a-");
  begins (d, "b");
  g_deferred_unpause (d);
  trace_is ("a:'2' b:'2' ");
  g_assert_true (g_deferred_is_finished (d));
  g_assert_finalize_object (d);
}

static void
stops_for_a_deferred (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *inner = g_deferred_new ();

  let_return (d, inner);
  begins (d, "a>");
  joins (d, "b=6");
  joins (d, "c");
  fire (d, 1);
  trace_is ("a:1 ");
  state_is (d, WAITING);
  joins (d, "d");
  fire (inner, 5);
  trace_is ("b:5 c:6 d:6 ");
  g_assert_finalize_object (inner);

  /* The last of a batch: no batch is left to come back to. */
  inner = g_deferred_new ();
  let_return (d, inner);
  begins (d, "a>");
  trace_is ("a:6 forget ");
  g_assert_cmpuint (kept_of (&us, d)->n_batches, ==, 0);
  fire_fail (inner, "bad");
  begins (d, "b=0");
  trace_is ("b:!bad ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

/* The error of a ring comes to the rest of the same batch. */
static void
stops_for_itself (void)
{
  GDeferred *d = g_deferred_new ();

  let_return (d, d);
  begins (d, "a>");
  joins (d, "b=1");
  fire_kept (d, "1");
  trace_is ("a:1 forget b:!LOOP ");
  g_assert_finalize_object (d);
}

static void
dropped_for_its_owner (void)
{
  GDeferred *d = g_deferred_new ();
  GObject   *owner = let_own (d);

  begins (d, "a");
  joins (d, "b");
  link_both (d, "x");
  begins (d, "c");
  g_assert_finalize_object (owner);
  trace_is ("");
  settle (NULL);
  trace_is ("drop-a drop-b ~x drop-c ");
  begins (d, "d");
  trace_is ("drop-d ");
  g_assert_finalize_object (d);
}

static void
stops_for_its_owner (void)
{
  GDeferred *d = g_deferred_new ();

  let_own (d);
  begins (d, "a~");
  joins (d, "b");
  joins (d, "c");
  link_both (d, "x");
  begins (d, "d");
  fire_kept (d, "1");
  trace_is ("a:1 drop-b drop-c ~x drop-d ");
  g_assert_cmpuint (kept_of (&us, d)->n_batches, ==, 0);

  /* What was kept is the outcome still. */
  g_assert_cmpstr (g_deferred_get_string (d), ==, "1");
  trace_is ("give ");
  settle (NULL);
  g_assert_finalize_object (d);
}

static void
may_go_on (void)
{
  GDeferred *d = g_deferred_new ();
  GObject   *owner = let_own (d);

  g_assert_true (g_deferred_may_go_on (d));
  g_deferred_pause (d);
  g_assert_false (g_deferred_may_go_on (d));
  g_deferred_unpause (d);
  g_assert_true (g_deferred_may_go_on (d));
  g_object_unref (owner);
  g_assert_false (g_deferred_may_go_on (d));
  settle (NULL);
  g_assert_finalize_object (d);
}

/* --- not reached ------------------------------------------------------------------------------------------------- */

static void
tried_again_from_the_loop (void)
{
  GDeferred *d = g_deferred_new ();

  begins (d, "a");
  joins (d, "b");
  link_both (d, "x");
  us.fails = 3;
  fire_kept (d, "1");
  trace_is ("");
  g_assert_true (g_deferred_get_paused (d));
  begins (d, "c");
  reach (d);
  g_assert_cmpuint (us.fails, ==, 0);
  trace_is ("a:1 b:1 give x:'1' ~x c:'1' ");
  g_assert_false (g_deferred_get_paused (d));
  g_assert_finalize_object (d);
}

/* The loop keeps it until then. */
static void
tried_again_without_references (void)
{
  GDeferred *d = g_deferred_new ();
  gpointer   weak = d;

  g_object_add_weak_pointer (G_OBJECT (d), &weak);
  begins (d, "a!bad");
  us.fails = 1;
  fire (d, 1);
  g_object_unref (d);
  trace_is ("");
  while (weak != NULL)
    g_main_context_iteration (NULL, TRUE);
  trace_is ("a:1 ");
  reported ("bad");
}

/* A pause that somebody else made is theirs to undo. */
static void
tried_again_after_a_pause (void)
{
  GDeferred *d = g_deferred_new ();

  begins (d, "a");
  us.fails = 1;
  fire (d, 1);
  g_deferred_pause (d);
  while (G_OBJECT (d)->ref_count > 1)
    g_main_context_iteration (NULL, TRUE);
  trace_is ("");
  g_deferred_unpause (d);
  trace_is ("a:1 ");
  g_assert_finalize_object (d);
}

static gboolean
leaves_and_says_no (GDeferred *self, guint what, const GValue *value, gpointer data)
{
  say ("no-%u ", what);
  if (what == G_DEFERRED_DISPATCH_CALLBACK)
    g_deferred_return_int (self, 3);
  else
    g_deferred_stay_dispatched (self); /* which what is dropped cannot */
  return FALSE;
}

static void
not_tried_again_once_it_left_something (void)
{
  GDeferred *d = g_deferred_new ();
  GObject   *owner = let_own (d);
  guint      id = g_deferred_register_dispatcher (leaves_and_says_no, NULL, NULL);

  g_deferred_add_dispatched (d, id, FALSE);
  link_both (d, "x");
  fire (d, 1);
  trace_is ("no-0 x:3 ~x ");
  g_assert_finalize_object (owner);
  g_deferred_add_dispatched (d, id, FALSE);
  trace_is ("no-2 ");
  g_assert_false (g_deferred_get_paused (d));
  settle (NULL);
  g_assert_finalize_object (d);
}

/* --- other things -------------------------------------------------------------------------------------------- */

static void
is_finished (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *inner = g_deferred_new ();

  g_assert_false (g_deferred_is_finished (d));
  let_return (d, inner);
  begins (d, "a>");
  fire (d, 1);
  trace_is ("a:1 ");
  g_assert_false (g_deferred_is_finished (d));
  fire (inner, 2);
  g_assert_true (g_deferred_is_finished (d));
  g_assert_true (g_deferred_is_finished (inner));
  g_deferred_pause (d);
  g_assert_false (g_deferred_is_finished (d));
  g_deferred_unpause (d);
  g_assert_true (g_deferred_is_finished (d));
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static void
unknown (void)
{
  GDeferred *d = g_deferred_new ();

  for (guint i = 0; i < 2; i++)
    {
      guint id = i == 0 ? 0 : 12345;

      expect_critical ("g_deferred_add_dispatched");
      g_assert_cmpint (g_deferred_add_dispatched (d, id, FALSE), ==, G_DEFERRED_DISPATCHED_REFUSED);
      expect_critical ("g_deferred_callback_kept");
      g_assert_cmpint (g_deferred_callback_kept (d, id), ==, G_DEFERRED_FIRED_REFUSED);
      expect_critical ("g_deferred_set_dispatched_canceller");
      g_deferred_set_dispatched_canceller (d, id);
    }
  expect_critical ("g_deferred_errback_kept");
  g_assert_cmpint (g_deferred_errback_kept (d, us.id, NULL), ==, G_DEFERRED_FIRED_REFUSED);
  expect_critical ("g_deferred_stay_dispatched");
  g_deferred_stay_dispatched (d);
  expect_critical ("g_deferred_return_kept");
  g_deferred_return_kept (d, us.id);
  expect_critical ("g_deferred_return_error_kept");
  g_deferred_return_error_kept (d, us.id, NULL);
  expect_critical ("g_deferred_register_dispatcher");
  g_assert_cmpuint (g_deferred_register_dispatcher (NULL, NULL, NULL), ==, 0);
  criticals_came ();
  begins (d, "a");
  fire (d, 1);
  trace_is ("a:1 ");
  g_assert_finalize_object (d);
}

/* The last case: it takes the room that there is. */
static void
room_for_sixteen (void)
{
  guint id;

  for (id = us.id; id < 16;)
    id = g_deferred_register_dispatcher (leaves_and_says_no, NULL, NULL);
  g_assert_cmpuint (id, ==, 16);
  expect_critical ("no room");
  g_assert_cmpuint (g_deferred_register_dispatcher (leaves_and_says_no, NULL, NULL), ==, 0);
  criticals_came ();
}

static const Case cases[] = {
  { "/rule-05/dispatched/in-order-with-others", in_order_with_others },
  { "/rule-05/dispatched/errors-take-their-side", errors_take_their_side },
  { "/rule-05/dispatched/joins-until-another-link-comes", joins_until_another_link_comes },
  { "/rule-05/dispatched/joins-only-who-may", joins_only_who_may },
  { "/rule-09/dispatched/joins-while-it-runs", joins_while_it_runs },
  { "/rule-21/dispatched/refused-elsewhere", refused_elsewhere },
  { "/rule-05/dispatched/many", many },
  { "/rule-12/dispatched/stops-at-a-pause", stops_at_a_pause },
  { "/rule-08/dispatched/stops-for-a-deferred", stops_for_a_deferred },
  { "/rule-11/dispatched/stops-for-itself", stops_for_itself },
  { "/rule-25/dispatched/dropped-for-its-owner", dropped_for_its_owner },
  { "/rule-25/dispatched/stops-for-its-owner", stops_for_its_owner },
  { "/rule-25/dispatched/may-go-on", may_go_on },
  { "/rule-05/dispatched/tried-again-from-the-loop", tried_again_from_the_loop },
  { "/rule-18/dispatched/tried-again-without-references", tried_again_without_references },
  { "/rule-12/dispatched/tried-again-after-a-pause", tried_again_after_a_pause },
  { "/rule-05/dispatched/not-tried-again-once-it-left-something", not_tried_again_once_it_left_something },
  { "/rule-04/dispatched/is-finished", is_finished },
  { "/rule-21/dispatched/unknown", unknown },
  { "/rule-21/dispatched/room-for-sixteen", room_for_sixteen },
};

int
main (int argc, char **argv)
{
  begin_bindings ();
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
