/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* What language bindings stand on: the rules hold for dispatched links as for any (13, 25), and the carrier. */

#include "fixture.h"

/* A binding in small: plans are kept with the Deferred, oldest first. */
static guint us;

static GQueue *
plans_of (GDeferred *d)
{
  GQueue *plans = g_object_get_data (G_OBJECT (d), "plans");

  if (plans == NULL)
    {
      plans = g_queue_new ();
      g_object_set_data_full (G_OBJECT (d), "plans", plans, (GDestroyNotify) g_queue_free);
    }
  return plans;
}

static gboolean
dispatch (GDeferred *self, GDeferredDispatch what, gpointer data, GError **error)
{
  g_assert_cmpstr (data, ==, "data");
  switch (what)
    {
    case G_DEFERRED_DISPATCH_RUN:
      return act (self, g_queue_pop_head (plans_of (self)), error);
    case G_DEFERRED_DISPATCH_DROP:
      say ("drop-%s ", (char *) g_queue_pop_head (plans_of (self)));
      return FALSE;
    case G_DEFERRED_DISPATCH_UNHANDLED:
      say_outcome ("unhandled", self);
      return FALSE;
    default:
      g_assert_not_reached ();
    }
}

static void
link_ours (GDeferred *d, const char *plan)
{
  if (us == 0)
    us = g_deferred_register_dispatcher (dispatch, (gpointer) "data", NULL);
  g_assert_cmpuint (us, >, 0);
  g_queue_push_tail (plans_of (d), (gpointer) plan);
  g_assert_true (g_deferred_add_dispatched (d, us) == d);
}

static void
in_order_with_others (void)
{
  GDeferred *d = g_deferred_new ();

  link_ours (d, "a=2");
  link_both (d, "b");
  link_ours (d, "c!bad");
  link_ours (d, "d0");
  fire (d, 1);
  trace_is ("a:1 b:2 ~b c:2 d:!bad ");
  link_ours (d, "e");
  trace_is ("e:- ");
  g_assert_finalize_object (d);
}

static gboolean
dispatch_wait (GDeferred *self, GDeferredDispatch what, gpointer data, GError **error)
{
  if (what != G_DEFERRED_DISPATCH_RUN)
    return TRUE;
  return g_deferred_return_deferred (self, g_object_ref (g_object_get_data (G_OBJECT (self), "inner")));
}

static void
a_second_one (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *inner = g_deferred_new ();
  guint      other = g_deferred_register_dispatcher (dispatch_wait, NULL, NULL);

  g_assert_cmpuint (other, !=, us);
  g_object_set_data (G_OBJECT (d), "inner", inner);
  g_deferred_add_dispatched (d, other);
  link_ours (d, "a");
  fire (d, 1);
  state_is (d, WAITING);
  fire (inner, 2);
  trace_is ("a:2 ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static void
unhandled_is_told (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *fork;

  link_ours (d, "a!bad");
  fire (d, 1);
  trace_is ("a:1 unhandled:!bad ");
  link_ours (d, "b");
  trace_is ("b:!bad unhandled:!bad ");
  link_ours (d, "c0");
  trace_is ("c:!bad ");
  link_ours (d, "d!worse");
  trace_is ("d:- unhandled:!worse ");
  g_assert_finalize_object (d);
  reported ("worse");

  /* Not while somebody else answers for it, nor while links are left to run. */
  d = g_deferred_new ();
  link_ours (d, "a");
  fork = g_deferred_fork (d);
  link_both (fork, "f0");
  fire_fail (d, "bad");
  trace_is ("a:!bad f:!bad ~f ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (fork);

  d = g_deferred_new ();
  link_ours (d, "a-");
  fire_fail (d, "bad");
  trace_is ("a:!bad ");
  g_deferred_unpause (d);
  g_string_truncate (fx_trace, 0);
  link_ours (d, "b0");
  trace_is ("b:!bad ");
  g_assert_finalize_object (d);
}

static void
dropped_for_its_owner (void)
{
  GDeferred *d = g_deferred_new ();
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);

  link_ours (d, "a");
  link_both (d, "b");
  link_ours (d, "c");
  g_deferred_bind_owner (d, owner);
  g_assert_finalize_object (owner);
  trace_is ("");
  settle (NULL);
  g_assert_true (g_str_has_prefix (fx_trace->str, "drop-a ~b drop-c "));
  g_string_truncate (fx_trace,
                     0); /* it may be told that the cancellation is unhandled: nothing is tied to it */
  g_assert_finalize_object (d);
}

static void
abandoned (void)
{
  GDeferred *d = g_deferred_new ();

  link_ours (d, "a0");
  g_object_unref (d);
  trace_is ("");
  settle (NULL);
  trace_is ("a:!ABANDONED ");
}

static void
unknown (void)
{
  GDeferred *d = g_deferred_new ();

  expect_critical ("g_deferred_add_dispatched");
  g_assert_true (g_deferred_add_dispatched (d, 0) == d);
  expect_critical ("g_deferred_add_dispatched");
  g_assert_true (g_deferred_add_dispatched (d, 12345) == d);
  expect_critical ("g_deferred_register_dispatcher");
  g_assert_cmpuint (g_deferred_register_dispatcher (NULL, NULL, NULL), ==, 0);
  criticals_came ();
  link_ours (d, "a");
  fire (d, 1);
  trace_is ("a:1 ");
  g_assert_finalize_object (d);
}

static void
carrier (void)
{
  GDeferredCarrier *it = g_deferred_carrier_new ();
  GDeferred        *d = g_deferred_new ();

  g_assert_true (G_IS_DEFERRED_CARRIER (it));
  g_assert_true (g_deferred_callback_object (d, it, NULL));
  g_assert_true (g_deferred_get_object (d) == (gpointer) it);
  g_assert_finalize_object (d);
  g_assert_finalize_object (it);
}

static const Case cases[] = {
  { "/rule-05/dispatched/in-order-with-others", in_order_with_others },
  { "/rule-08/dispatched/a-second-one", a_second_one },
  { "/rule-16/dispatched/unhandled-is-told", unhandled_is_told },
  { "/rule-25/dispatched/dropped-for-its-owner", dropped_for_its_owner },
  { "/rule-17/dispatched/abandoned", abandoned },
  { "/rule-21/dispatched/unknown", unknown },
  { "/rule-03/carrier", carrier },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
