/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* How Deferreds end whose callbacks and cancellers a language binding keeps; and the carrier. */

#include "binding-fixture.h"

static void
drops_the_last_reference (void)
{
  GDeferred *d = g_deferred_new ();
  gpointer   weak = d;

  g_object_add_weak_pointer (G_OBJECT (d), &weak);
  begins (d, "a.");
  joins (d, "b=2");
  link_both (d, "x");
  begins (d, "c");
  fire_kept (d, "1");
  trace_is ("a:1 b:1 give x:'2' ~x c:'2' ");
  g_assert_null (weak);
}

static void
abandoned (void)
{
  GDeferred *d = g_deferred_new ();

  begins (d, "a=0");
  joins (d, "b");
  g_object_unref (d);
  trace_is ("");
  settle (NULL);
  trace_is ("a:!ABANDONED b:0 ");

  /* By a binding, in which somebody may have taken a reference again meanwhile. */
  d = g_deferred_new ();
  g_deferred_pause (d);
  begins (d, "a=0");
  g_deferred_abandon (d);
  trace_is ("");
  settle (NULL);
  trace_is ("a:!ABANDONED ");
  g_deferred_pause (d);
  begins (d, "b");
  g_deferred_abandon (d);
  settle (NULL);
  trace_is ("b:0 ");
  g_deferred_abandon (d);
  g_assert_false (g_deferred_get_paused (d));
  settle (NULL);
  g_assert_finalize_object (d);
}

static void
canceller (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_set_dispatched_canceller (d, us.id);
  begins (d, "a=0");
  g_deferred_cancel (d);
  trace_is ("cancel a:!CANCELLED ");
  g_deferred_cancel (d);
  trace_is ("");

  /* With a canceller, nothing is swallowed. */
  g_assert_cmpint (fire_for (&us, d, "1", FALSE), ==, G_DEFERRED_FIRED_REFUSED);
  g_assert_finalize_object (d);

  /* It goes when the Deferred fires. */
  d = g_deferred_new ();
  g_deferred_set_dispatched_canceller (d, us.id);
  fire (d, 1);
  g_deferred_cancel (d);
  trace_is ("");
  g_assert_finalize_object (d);

  /* For one that waits, it is that of the other. */
  d = g_deferred_new ();
  let_return (d, g_deferred_new ());
  g_deferred_set_dispatched_canceller (g_object_get_data (G_OBJECT (d), "inner"), us.id);
  begins (d, "a>");
  joins (d, "b=0");
  fire (d, 1);
  g_deferred_cancel (d);
  trace_is ("a:1 cancel b:!CANCELLED ");
  g_assert_finalize_object (g_object_get_data (G_OBJECT (d), "inner"));
  g_assert_finalize_object (d);
}

static void
cancels (GDeferred *self, gpointer data)
{
}

static void
one_canceller_only (void)
{
  GDeferred *d = g_deferred_new_with_canceller (cancels, NULL, NULL);

  expect_critical ("g_deferred_set_dispatched_canceller");
  g_deferred_set_dispatched_canceller (d, us.id);
  criticals_came ();
  g_deferred_cancel (d);
  trace_is ("");
  g_assert_true (g_deferred_take_unhandled (d) == FALSE);
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

/* What it says besides comes with the report of the error that it lies beside. */
static void
carries_a_report (void)
{
  GDeferredCarrier *it = g_deferred_carrier_new ();
  GDeferred        *d = g_deferred_new ();
  GError           *error = error_of ("bad");
  GValue            payload = G_VALUE_INIT;
  char             *text;

  g_object_get (it, "report", &text, NULL);
  g_assert_null (text);
  g_object_set (it, "report", "in line 1", NULL);
  g_object_set (it, "report", "in line 7", NULL);
  g_object_get (it, "report", &text, NULL);
  g_assert_cmpstr (text, ==, "in line 7");
  g_free (text);

  g_value_init (&payload, G_TYPE_OBJECT);
  g_value_take_object (&payload, it);
  g_assert_true (g_deferred_errback_full (d, error, &payload, NULL));
  g_value_unset (&payload);
  g_error_free (error);
  g_object_unref (d);
  reported ("in line 7");
}

static const Case cases[] = {
  { "/rule-18/dispatched/drops-the-last-reference", drops_the_last_reference },
  { "/rule-17/dispatched/abandoned", abandoned },
  { "/rule-14/dispatched/canceller", canceller },
  { "/rule-14/dispatched/one-canceller-only", one_canceller_only },
  { "/rule-03/carrier", carrier },
  { "/rule-16/carrier/carries-a-report", carries_a_report },
};

int
main (int argc, char **argv)
{
  begin_bindings ();
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
