/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Whether anybody would see a result. */

#include "fixture.h"

static void
by_nobody (void)
{
  GDeferred *d = g_deferred_new ();

  g_assert_false (g_deferred_is_heeded (d));
  g_deferred_set_name (d, "alone");
  g_assert_false (g_deferred_is_heeded (d));
  fire (d, 1);
  g_assert_false (g_deferred_is_heeded (d));
  g_assert_finalize_object (d);
}

static void
by_another_reference (void)
{
  GDeferred *d = g_deferred_new ();

  g_object_ref (d);
  g_assert_true (g_deferred_is_heeded (d));
  g_object_unref (d);
  g_assert_false (g_deferred_is_heeded (d));
  g_assert_finalize_object (d);
}

static gboolean
look (GDeferred *self, gpointer expected, GError **error)
{
  say ("%s ", g_deferred_is_heeded (self) ? "yes" : "no");
  return TRUE;
}

/* Those that are still to come. */
static void
by_callbacks (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_add_callback (d, look, NULL, NULL);
  g_deferred_add_errback (d, look, NULL, NULL);
  g_deferred_add_callback (d, look, NULL, NULL);
  g_assert_true (g_deferred_is_heeded (d));
  fire (d, 1);
  trace_is ("yes no ");
  g_assert_false (g_deferred_is_heeded (d));
  g_assert_finalize_object (d);
}

static void
on_notify (GObject *d, GParamSpec *pspec, gpointer data)
{
}

static void
by_handlers (void)
{
  GDeferred *d = g_deferred_new ();
  gulong     handler = g_signal_connect (d, "notify::state", G_CALLBACK (on_notify), NULL);

  g_assert_true (g_deferred_is_heeded (d));
  g_signal_handler_block (d, handler);
  g_assert_false (g_deferred_is_heeded (d));
  g_signal_handler_unblock (d, handler);
  g_signal_handler_disconnect (d, handler);
  g_assert_false (g_deferred_is_heeded (d));
  g_assert_finalize_object (d);
}

static void
by_others_that_wait (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *outer = succeeded_with (1);

  link_inner (outer, d);
  g_assert_true (g_deferred_is_heeded (d));
  fire (d, 1);
  g_assert_false (g_deferred_is_heeded (d));
  g_assert_finalize_object (outer);
  g_assert_finalize_object (d);
}

/* Its callbacks are not called any more, and who has a reference knows that. */
static void
owner_gone (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *fork;
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);

  g_deferred_bind_owner (d, owner);
  g_assert_false (g_deferred_is_heeded (d));
  g_object_ref (d);
  link_both (d, "a");
  g_assert_true (g_deferred_is_heeded (d));
  g_object_unref (owner);
  g_assert_false (g_deferred_is_heeded (d));
  fork = g_deferred_fork (d);
  g_assert_true (g_deferred_is_heeded (d));
  settle (NULL);
  trace_is ("~a ");
  g_deferred_add_errback (fork, look, NULL, NULL);
  trace_is ("no ");
  g_object_unref (d);
  g_assert_finalize_object (d);
  g_deferred_cancel (fork);
  g_deferred_add_errback (fork, act, "e0", NULL);
  trace_is ("e:!CANCELLED ");
  g_assert_finalize_object (fork);
}

static gpointer
ask (gpointer d)
{
  g_assert_false (g_deferred_is_heeded (d));
  return NULL;
}

static void
misuse (void)
{
  GDeferred *d = g_deferred_new ();
  GObject   *object = g_object_new (G_TYPE_OBJECT, NULL);
  gpointer   wrong = object;

  expect_critical ("G_IS_DEFERRED (self)");
  g_assert_false (g_deferred_is_heeded (wrong));
  g_object_ref (d);
  expect_critical ("g_deferred_is_heeded");
  g_thread_join (g_thread_new ("elsewhere", ask, d));
  criticals_came ();
  g_object_unref (d);
  g_assert_finalize_object (object);
  g_assert_finalize_object (d);
}

static const Case cases[] = {
  { "/heeded/by-nobody", by_nobody },
  { "/heeded/by-another-reference", by_another_reference },
  { "/heeded/by-callbacks", by_callbacks },
  { "/heeded/by-handlers", by_handlers },
  { "/heeded/by-others-that-wait", by_others_that_wait },
  { "/heeded/owner-gone", owner_gone },
  { "/heeded/misuse", misuse },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
