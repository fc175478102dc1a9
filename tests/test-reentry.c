/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Rules 8, 9, 12 to 15 and 17 from the inside: what callbacks, cancellers and destroy-notifies may do to their own
 * Deferred, and to those that are about to be handed its outcome. */

#include "fixture.h"

/* One callback that does one thing to one Deferred. */
typedef enum
{
  ADD,
  PAUSE,
  UNPAUSE,
  CANCEL,
  DROP,
  FIRE,
  WAIT,
  FORK,
  LOOP,
} Deed;

typedef struct
{
  Deed       deed;
  GDeferred *target;
  GDeferred *made; /* by FORK */
} Act;

static void
perform (Act *what)
{
  GError *error = NULL;

  switch (what->deed)
    {
    case ADD:
      link_both (what->target, "x");
      break;
    case PAUSE:
      g_deferred_pause (what->target);
      break;
    case UNPAUSE:
      g_deferred_unpause (what->target);
      break;
    case CANCEL:
      g_deferred_cancel (what->target);
      break;
    case DROP:
      g_object_unref (what->target);
      break;
    case FIRE:
      fire_refused (what->target, ALREADY_CALLED);
      break;
    case WAIT:
      g_assert_false (g_deferred_wait (what->target, &error));
      g_assert_error (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_LOOP);
      g_error_free (error);
      break;
    case FORK:
      what->made = g_deferred_fork (what->target);
      link_both (what->made, "y");
      break;
    case LOOP:
      settle (NULL);
      break;
    default:
      g_assert_not_reached ();
    }
  say ("done ");
}

static gboolean
perform_link (GDeferred *self, gpointer what, GError **error)
{
  perform (what);
  return TRUE;
}

static void
perform_destroy (gpointer what)
{
  perform (what);
}

static gboolean
nothing (GDeferred *self, gpointer data, GError **error)
{
  return TRUE;
}

/* The target was handed the outcome by a link that ran, and its turn comes when the chain has stopped. */
static void
to_a_fork_in_line (Deed deed, const char *trace)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *fork = g_deferred_fork (d);
  Act        what = { deed, fork, NULL };

  link_both (fork, "f");
  g_deferred_add_callback (d, perform_link, &what, NULL);
  link_both (d, "d");
  fire (d, 1);
  trace_is (trace);
  if (deed == PAUSE)
    {
      g_deferred_unpause (fork);
      trace_is ("f:1 ~f ");
    }
  if (deed == FORK)
    g_assert_finalize_object (what.made);
  if (deed != DROP)
    g_assert_finalize_object (fork);
  g_assert_finalize_object (d);
}

static void
fork_in_line (void)
{
  to_a_fork_in_line (ADD, "done d:1 ~d f:1 ~f x:1 ~x ");
  to_a_fork_in_line (PAUSE, "done d:1 ~d ");
  to_a_fork_in_line (CANCEL, "done d:1 ~d f:1 ~f ");
  to_a_fork_in_line (DROP, "done d:1 ~d f:1 ~f ");
  to_a_fork_in_line (FIRE, "done d:1 ~d f:1 ~f ");
  to_a_fork_in_line (WAIT, "done d:1 ~d f:1 ~f ");
  to_a_fork_in_line (FORK, "done d:1 ~d f:1 ~f y:1 ~y ");
  to_a_fork_in_line (LOOP, "done d:1 ~d f:1 ~f ");
}

/* The outer that waits, from a callback of the inner that comes after the wait. */
static void
to_an_outer_in_line (Deed deed, const char *trace)
{
  GDeferred *outer = succeeded_with (1);
  GDeferred *inner = g_deferred_new ();
  Act        what = { deed, outer, NULL };

  link_inner (outer, inner);
  link_both (outer, "o");
  g_deferred_add_callback (inner, perform_link, &what, NULL);
  link_both (inner, "i");
  fire (inner, 2);
  trace_is (trace);
  if (deed == PAUSE)
    {
      g_deferred_unpause (outer);
      trace_is ("o:2 ~o ");
    }
  if (deed == FORK)
    g_assert_finalize_object (what.made);
  if (deed != DROP)
    g_assert_finalize_object (outer);
  g_assert_finalize_object (inner);
}

static void
outer_in_line (void)
{
  to_an_outer_in_line (ADD, "done i:- ~i o:2 ~o x:2 ~x ");
  to_an_outer_in_line (PAUSE, "done i:- ~i ");
  to_an_outer_in_line (CANCEL, "done i:- ~i o:2 ~o ");
  to_an_outer_in_line (DROP, "done i:- ~i o:2 ~o ");
  to_an_outer_in_line (FIRE, "done i:- ~i o:2 ~o ");
  to_an_outer_in_line (WAIT, "done i:- ~i o:2 ~o ");
  to_an_outer_in_line (FORK, "done i:- ~i o:2 ~o y:2 ~y ");
  to_an_outer_in_line (LOOP, "done i:- ~i o:2 ~o ");
}

/* Its own, from a callback, and from a destroy-notify. */
static void
to_itself (Deed deed, gboolean from_destroy, const char *trace)
{
  GDeferred *d = g_deferred_new ();
  Act        what = { deed, d, NULL };

  if (from_destroy)
    g_deferred_add_callback (d, nothing, &what, perform_destroy);
  else
    g_deferred_add_callback (d, perform_link, &what, NULL);
  link_both (d, "a");
  fire (d, 1);
  trace_is (trace);
  if (deed == PAUSE)
    {
      g_deferred_unpause (d);
      trace_is ("a:1 ~a ");
    }
  if (deed == FORK)
    g_assert_finalize_object (what.made);
  if (deed != DROP)
    g_assert_finalize_object (d);
}

static void
itself (void)
{
  for (int from_destroy = 0; from_destroy < 2; from_destroy++)
    {
      to_itself (ADD, from_destroy, "done a:1 ~a x:1 ~x ");
      to_itself (PAUSE, from_destroy, "done ");
      to_itself (CANCEL, from_destroy, "done a:1 ~a ");
      to_itself (DROP, from_destroy, "done a:1 ~a ");
      to_itself (FIRE, from_destroy, "done a:1 ~a ");
      to_itself (WAIT, from_destroy, "done a:1 ~a ");
      to_itself (FORK, from_destroy, "done a:1 ~a y:1 ~y ");
      to_itself (LOOP, from_destroy, "done a:1 ~a ");
    }
}

/* The last link there is: nothing comes after what it does. */
static void
to_itself_at_the_end (Deed deed, const char *trace)
{
  GDeferred *d = g_deferred_new ();
  Act        what = { deed, d, NULL };
  gpointer   weak = d;

  g_object_add_weak_pointer (G_OBJECT (d), &weak);
  fire (d, 1);
  g_deferred_add_callback (d, nothing, &what, perform_destroy);
  trace_is (trace);
  g_clear_object (&what.made);
  if (deed != DROP)
    g_object_unref (d);
  settle (NULL);
  g_assert_null (weak);
}

static void
itself_at_the_end (void)
{
  to_itself_at_the_end (ADD, "done x:1 ~x ");
  to_itself_at_the_end (PAUSE, "done ");
  to_itself_at_the_end (CANCEL, "done ");
  to_itself_at_the_end (DROP, "done ");
  to_itself_at_the_end (WAIT, "done ");
  to_itself_at_the_end (FORK, "done y:1 ~y ");
}

/* What goes with the value that is replaced, and comes back to the Deferred. */
static void
on_value_gone (gpointer what, GObject *value)
{
  perform (what);
}

static void
from_a_dying_value (void)
{
  static const Deed deeds[] = { ADD, PAUSE, CANCEL, FORK, LOOP };

  for (gsize i = 0; i < G_N_ELEMENTS (deeds); i++)
    {
      GDeferred *d = g_deferred_new ();
      GObject   *value = g_object_new (G_TYPE_OBJECT, NULL);
      Act        what = { deeds[i], d, NULL };

      g_object_weak_ref (value, on_value_gone, &what);
      g_deferred_callback_take_object (d, value, NULL);
      link_both (d, "a=2");
      if (deeds[i] == PAUSE)
        g_deferred_unpause (d);
      g_assert_cmpint (g_deferred_get_int (d), ==, 2);
      g_assert_nonnull (strstr (fx_trace->str, "done "));
      if (deeds[i] == ADD)
        g_assert_nonnull (strstr (fx_trace->str, "x:2 ~x "));
      if (deeds[i] == FORK)
        g_assert_nonnull (strstr (fx_trace->str, "y:2 ~y "));
      g_string_truncate (fx_trace, 0);
      g_clear_object (&what.made);
      g_assert_finalize_object (d);
    }
}

/* A fork made by a callback sees what the links that were there before leave. */
static void
fork_made_inside (void)
{
  GDeferred *d = g_deferred_new ();
  Act        what = { FORK, d, NULL };

  g_deferred_add_callback (d, perform_link, &what, NULL);
  link_both (d, "a=2");
  fire (d, 1);
  link_both (d, "b=3");
  trace_is ("done a:1 ~a y:2 ~y b:2 ~b ");
  g_assert_cmpint (g_deferred_get_int (what.made), ==, 2);
  g_assert_finalize_object (what.made);
  g_assert_finalize_object (d);
}

/* The producer's only reference, dropped by the callbacks that its firing runs. */
static void
producer_drops_inside (void)
{
  GDeferred *outer = succeeded_with (1);
  GDeferred *inner = g_deferred_new ();
  Act        what = { DROP, inner, NULL };
  gpointer   weak = inner;

  g_object_add_weak_pointer (G_OBJECT (inner), &weak);
  g_deferred_add_callback (inner, perform_link, &what, NULL);
  g_deferred_add_callback (outer, return_it, inner, NULL);
  link_both (outer, "o");
  fire (inner, 2);
  settle (NULL);
  trace_is ("done o:2 ~o ");
  g_assert_null (weak);
  g_assert_finalize_object (outer);
}

/* An inner that comes to be while the outer's callback runs, and fires before it returns. */
static gboolean
returns_fired (GDeferred *self, gpointer data, GError **error)
{
  GDeferred *inner = g_deferred_new ();

  link_both (inner, "i=5");
  fire (inner, 4);
  return g_deferred_return_deferred (self, inner);
}

static void
inner_fires_inside (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_add_callback (d, returns_fired, NULL, NULL);
  link_both (d, "a");
  fire (d, 1);
  trace_is ("i:4 ~i a:5 ~a ");
  g_assert_finalize_object (d);
}

/* A callback of the inner fires the outer, which then returns the inner: that is fired, but not at its end. */
static gboolean
fires_other (GDeferred *self, gpointer other, GError **error)
{
  fire (other, 1);
  say ("fired ");
  return TRUE;
}

static void
returned_to_one_it_fires (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *inner = g_deferred_new ();

  link_inner (d, inner);
  link_both (d, "d");
  g_deferred_add_callback (inner, fires_other, d, NULL);
  link_both (inner, "i=5");
  fire (inner, 2);
  trace_is ("fired i:2 ~i d:5 ~d ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

/* Paused by one callback of a nested loop, unpaused by the next: it goes on where it stopped, once. */
static gboolean
unpause_from_idle (gpointer d)
{
  say ("idle ");
  g_deferred_unpause (d);
  return G_SOURCE_REMOVE;
}

static gboolean
pauses_and_loops (GDeferred *self, gpointer data, GError **error)
{
  g_deferred_pause (self);
  g_idle_add (unpause_from_idle, self);
  settle (NULL);
  say ("after ");
  return g_deferred_return_int (self, 2);
}

static void
unpaused_in_a_nested_loop (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_add_callback (d, pauses_and_loops, NULL, NULL);
  link_both (d, "a");
  fire (d, 1);
  trace_is ("idle after a:2 ~a ");
  g_assert_finalize_object (d);
}

static const Case cases[] = {
  { "/rule-09/inside/a-fork-in-line", fork_in_line },
  { "/rule-08/inside/an-outer-in-line", outer_in_line },
  { "/rule-09/inside/itself", itself },
  { "/rule-13/inside/itself-at-the-end", itself_at_the_end },
  { "/rule-09/inside/from-a-dying-value", from_a_dying_value },
  { "/rule-09/inside/a-fork-made-inside", fork_made_inside },
  { "/rule-17/inside/the-producer-drops", producer_drops_inside },
  { "/rule-08/inside/the-inner-fires", inner_fires_inside },
  { "/rule-08/inside/returned-to-one-it-fires", returned_to_one_it_fires },
  { "/rule-12/inside/unpaused-in-a-nested-loop", unpaused_in_a_nested_loop },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
