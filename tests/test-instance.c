/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Rule 18, and that a Deferred is a GObject as any: weak and toggle references, dispose, subclasses. */

#include "fixture.h"

static int n_disposed;

static void
on_weak (gpointer data, GObject *object)
{
  n_disposed++;
}

static void
weak_references (void)
{
  GDeferred *d = g_deferred_new ();
  GWeakRef   weak;
  GDeferred *again;

  n_disposed = 0;
  g_weak_ref_init (&weak, d);
  g_object_weak_ref (G_OBJECT (d), on_weak, NULL);
  g_object_set_data_full (G_OBJECT (d), "data", (gpointer) "k", gone);
  fire (d, 1);
  again = g_weak_ref_get (&weak);
  g_assert_true (again == d);
  g_object_unref (again);
  g_object_unref (d);
  trace_is ("~k ");
  g_assert_cmpint (n_disposed, ==, 1);
  g_assert_null (g_weak_ref_get (&weak));
  g_weak_ref_clear (&weak);
}

/* Kept at its last unref until its home ran it, it is seen by weak references until then, and told once. */
static void
weak_references_of_an_abandoned_one (void)
{
  GDeferred *d = g_deferred_new ();

  n_disposed = 0;
  link_errback (d, "a0");
  g_object_weak_ref (G_OBJECT (d), on_weak, NULL);
  g_object_unref (d);
  g_assert_cmpint (n_disposed, ==, 0);
  settle (NULL);
  trace_is ("a:!ABANDONED ~a ");
  g_assert_cmpint (n_disposed, ==, 1);
}

static void
on_toggle (gpointer data, GObject *object, gboolean is_last)
{
  say (is_last ? "last " : "shared ");
}

static void
toggle_references (void)
{
  GDeferred *d = g_deferred_new ();

  g_object_add_toggle_ref (G_OBJECT (d), on_toggle, NULL);
  g_object_unref (d);
  trace_is ("last ");
  fire (d, 1);
  g_string_truncate (fx_trace, 0); /* a run may hold it */
  g_object_ref (d);
  trace_is ("shared ");
  g_object_unref (d);
  trace_is ("last ");
  g_object_remove_toggle_ref (G_OBJECT (d), on_toggle, NULL);
}

static void
run_dispose (void)
{
  GDeferred *d = g_deferred_new ();

  fire (d, 1);
  g_object_run_dispose (G_OBJECT (d));
  g_object_run_dispose (G_OBJECT (d));
  link_both (d, "a=2");
  g_assert_cmpint (g_deferred_get_int (d), ==, 2);
  trace_is ("a:1 ~a ");
  g_assert_finalize_object (d);

  d = g_deferred_new ();
  g_object_run_dispose (G_OBJECT (d));
  fire (d, 1);
  g_assert_cmpint (g_deferred_get_int (d), ==, 1);
  g_assert_finalize_object (d);
}

static gboolean
disposes (GDeferred *self, gpointer data, GError **error)
{
  g_object_run_dispose (G_OBJECT (self));
  return TRUE;
}

static void
run_dispose_in_a_callback (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_add_callback (d, disposes, NULL, NULL);
  link_both (d, "a");
  fire (d, 1);
  trace_is ("a:1 ~a ");
  settle (NULL);
  g_assert_finalize_object (d);
}

static gboolean
drops (GDeferred *self, gpointer data, GError **error)
{
  g_object_unref (self);
  say ("dropped ");
  return TRUE;
}

static void
last_reference_in_a_callback (void)
{
  GDeferred *d = g_deferred_new ();
  gpointer   weak = d;

  g_object_add_weak_pointer (G_OBJECT (d), &weak);
  g_deferred_add_callback (d, drops, NULL, NULL);
  link_both (d, "a");
  fire (d, 1);
  settle (NULL);
  trace_is ("dropped a:1 ~a ");
  g_assert_null (weak);

  d = weak = succeeded_with (1);
  g_object_add_weak_pointer (G_OBJECT (d), &weak);
  g_deferred_add_callback (d, drops, NULL, NULL);
  settle (NULL);
  trace_is ("dropped ");
  g_assert_null (weak);
}

static void
on_fired (GDeferred *d, gpointer data)
{
  say ("%s ", (char *) data);
}

static void
listen_fired (GDeferred *d)
{
  g_signal_connect (d, "fired", G_CALLBACK (on_fired), (gpointer) "before");
  g_signal_connect_after (d, "fired", G_CALLBACK (on_fired), (gpointer) "after");
}

static GType
derive (const char *name)
{
  GTypeQuery query;

  g_type_query (G_TYPE_DEFERRED, &query);
  return g_type_register_static_simple (G_TYPE_DEFERRED, name, (guint) query.class_size, NULL,
                                        (guint) query.instance_size, NULL, 0);
}

static void
subclass (void)
{
  GDeferred *d = g_object_new (derive ("GObjectSubclass"), "name", "derived", NULL);

  g_assert_true (G_IS_DEFERRED (d));
  listen_fired (d);
  link_both (d, "a");
  fire (d, 1);
  trace_is ("before a:1 ~a after ");
  g_assert_cmpstr (g_deferred_get_name (d), ==, "derived");
  g_assert_finalize_object (d);

  d = g_object_new (g_type_from_name ("GObjectSubclass"), NULL);
  link_both (d, "a0");
  g_object_unref (d);
  settle (NULL);
  trace_is ("a:!ABANDONED ~a ");
}

static const Case cases[] = {
  { "/rule-18/weak-references", weak_references },
  { "/rule-18/weak-references-of-an-abandoned-one", weak_references_of_an_abandoned_one },
  { "/rule-18/toggle-references", toggle_references },
  { "/rule-18/run-dispose", run_dispose },
  { "/rule-18/run-dispose-in-a-callback", run_dispose_in_a_callback },
  { "/rule-18/last-reference-in-a-callback", last_reference_in_a_callback },
  { "/rule-18/a-subclass", subclass },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
