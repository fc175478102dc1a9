/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* The event and the latch. What they have in common with the lock, test-lock.c looks at. */

#include "fixture.h"
#include "gate.h"

static GDeferred *
listen (GDeferred *d, const char *name)
{
  g_deferred_add_both (d, act, (gpointer) name, NULL);
  g_object_unref (d);
  return d;
}

static GDeferred *
await (GDeferredEvent *event, const char *name)
{
  return listen (g_deferred_event_wait (event), name);
}

#define event_is(event, set, waiting)                                                                        \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    g_assert_cmpint (g_deferred_event_is_set (event), ==, (set));                                            \
    g_assert_cmpuint (g_deferred_event_get_n_waiting (event), ==, (waiting));                                \
  }                                                                                                          \
  G_STMT_END

/* --- the event --------------------------------------------------------------------------------------------------- */

static void
all_are_told (void)
{
  GDeferredEvent *event = g_deferred_event_new ();

  event_is (event, FALSE, 0);
  await (event, "a");
  await (event, "b");
  event_is (event, FALSE, 2);
  trace_is ("");
  g_deferred_event_set (event);
  trace_is ("a:- b:- ");
  event_is (event, TRUE, 0);
  g_deferred_event_set (event);
  await (event, "c");
  trace_is ("c:- ");
  g_deferred_event_clear (event);
  await (event, "d");
  event_is (event, FALSE, 1);
  trace_is ("");
  g_deferred_event_set (event);
  trace_is ("d:- ");
  g_assert_finalize_object (event);
}

static void
cancelled_leave (void)
{
  GDeferredEvent *event = g_deferred_event_new ();
  GDeferred      *a = await (event, "a0");

  await (event, "b");
  g_deferred_cancel (a);
  trace_is ("a:!CANCELLED ");
  event_is (event, FALSE, 1);
  g_deferred_event_set (event);
  trace_is ("b:- ");
  g_assert_finalize_object (event);
}

static gboolean
clear_and_wait (GDeferred *self, gpointer event, GError **error)
{
  g_deferred_event_clear (event);
  await (event, "x");
  say ("cleared ");
  return TRUE;
}

/* Those who waited when it was set are told though it was cleared, and only those. */
static void
cleared_inside (void)
{
  GDeferredEvent *event = g_deferred_event_new ();
  GDeferred      *d = g_deferred_event_wait (event);

  g_deferred_add_callback (d, clear_and_wait, event, NULL);
  await (event, "b");
  g_deferred_event_set (event);
  trace_is ("cleared b:- ");
  event_is (event, FALSE, 1);
  g_deferred_event_set (event);
  trace_is ("x:- ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (event);
}

static gboolean
set_again (GDeferred *self, gpointer event, GError **error)
{
  g_deferred_event_clear (event);
  await (event, "x");
  g_deferred_event_set (event);
  say ("set ");
  return TRUE;
}

static void
set_inside (void)
{
  GDeferredEvent *event = g_deferred_event_new ();
  GDeferred      *d = g_deferred_event_wait (event);

  g_deferred_add_callback (d, set_again, event, NULL);
  await (event, "b");
  g_deferred_event_set (event);
  trace_is ("set b:- x:- ");
  event_is (event, TRUE, 0);
  g_assert_finalize_object (d);
  g_assert_finalize_object (event);
}

static gboolean
cancel_it (GDeferred *self, gpointer other, GError **error)
{
  g_deferred_cancel (other);
  return TRUE;
}

static void
next_is_cancelled_inside (void)
{
  GDeferredEvent *event = g_deferred_event_new ();
  GDeferred      *a = g_deferred_event_wait (event);
  GDeferred      *b = await (event, "b0");

  await (event, "c");
  g_deferred_add_callback (a, cancel_it, b, NULL);
  g_deferred_event_set (event);
  trace_is ("b:!CANCELLED c:- ");
  g_assert_finalize_object (a);
  g_assert_finalize_object (event);
}

static void
owner_gone (void)
{
  GDeferredEvent *event = g_deferred_event_new ();
  GObject        *owner = g_object_new (G_TYPE_OBJECT, NULL);

  g_deferred_bind_owner (await (event, "a"), owner);
  await (event, "b");
  g_object_unref (owner);
  g_deferred_event_set (event);
  trace_is ("b:- ");
  settle (NULL);
  g_assert_finalize_object (event);
}

static void
paused (void)
{
  GDeferredEvent *event = g_deferred_event_new ();
  GObject        *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred      *a = g_object_ref (await (event, "a"));
  GDeferred      *b = g_object_ref (await (event, "b"));

  g_deferred_bind_owner (b, owner);
  g_deferred_pause (a);
  g_deferred_pause (b);
  g_deferred_event_set (event);
  g_object_unref (owner);
  trace_is ("");
  g_deferred_unpause (a);
  trace_is ("a:- ");
  g_deferred_unpause (b);
  settle (NULL);
  g_assert_finalize_object (a);
  g_assert_finalize_object (b);
  g_assert_finalize_object (event);
}

static gboolean
drop_it (GDeferred *self, gpointer object, GError **error)
{
  g_object_unref (object);
  return TRUE;
}

static void
dropped_inside (void)
{
  GDeferredEvent *event = g_deferred_event_new ();
  GDeferred      *d = g_deferred_event_wait (event);
  gpointer        watched = event;

  g_object_add_weak_pointer (G_OBJECT (event), &watched);
  g_deferred_add_callback (d, drop_it, event, NULL);
  await (event, "b");
  g_deferred_event_set (event);
  trace_is ("b:- ");
  g_assert_null (watched);
  g_assert_finalize_object (d);
}

static void
dropped_while_some_wait (void)
{
  GDeferredEvent *event = g_deferred_event_new ();

  await (event, "a0");
  g_assert_finalize_object (event);
  trace_is ("");
  settle (NULL);
  trace_is ("a:!ABANDONED ");
}

static gboolean
wait_for_next (GDeferred *self, gpointer event, GError **error)
{
  GDeferred *other;

  g_deferred_event_clear (event);
  other = g_object_ref (await (event, "b"));
  say ("( ");
  g_assert_true (g_deferred_wait (other, error));
  say (") ");
  g_object_unref (other);
  return TRUE;
}

static gboolean
set_it (gpointer event)
{
  g_deferred_event_set (event);
  return G_SOURCE_REMOVE;
}

static void
nested_loop (void)
{
  GDeferredEvent *event = g_deferred_event_new ();
  GDeferred      *d = g_deferred_event_wait (event);

  g_deferred_add_callback (d, wait_for_next, event, NULL);
  await (event, "c");
  g_idle_add (set_it, event);
  g_idle_add (set_it, event);
  settle (NULL);
  trace_is ("( c:- b:- ) ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (event);
}

/* --- the latch --------------------------------------------------------------------------------------------------- */

static void
counted_down (void)
{
  GDeferredLatch *latch = g_deferred_latch_new (2);
  GDeferred      *c;

  listen (g_deferred_latch_wait (latch), "a");
  listen (g_deferred_latch_wait (latch), "b");
  c = listen (g_deferred_latch_wait (latch), "c0");
  g_assert_true (g_deferred_latch_count_down (latch));
  g_assert_cmpuint (g_deferred_latch_get_count (latch), ==, 1);
  trace_is ("");
  g_deferred_cancel (c);
  trace_is ("c:!CANCELLED ");
  g_assert_true (g_deferred_latch_count_down (latch));
  trace_is ("a:- b:- ");
  listen (g_deferred_latch_wait (latch), "d");
  trace_is ("d:- ");
  expect_critical ("counted down below zero");
  g_assert_false (g_deferred_latch_count_down (latch));
  criticals_came ();
  g_assert_cmpuint (g_deferred_latch_get_count (latch), ==, 0);
  g_assert_finalize_object (latch);
}

static void
open_from_the_start (void)
{
  GDeferredLatch *latch = g_deferred_latch_new (0);

  listen (g_deferred_latch_wait (latch), "a");
  trace_is ("a:- ");
  g_assert_finalize_object (latch);
}

static void
say_count (GObject *latch, GParamSpec *pspec, gpointer data)
{
  guint count;

  g_object_get (latch, "count", &count, NULL);
  say ("%u ", count);
}

static void
count_is_notified (void)
{
  GDeferredLatch *latch = g_deferred_latch_new (2);

  g_signal_connect (latch, "notify::count", G_CALLBACK (say_count), NULL);
  listen (g_deferred_latch_wait (latch), "a");
  g_assert_true (g_deferred_latch_count_down (latch));
  g_assert_true (g_deferred_latch_count_down (latch));
  trace_is ("1 0 a:- ");
  g_assert_finalize_object (latch);
}

static void
latch_dropped (void)
{
  GDeferredLatch *latch = g_deferred_latch_new (1);
  GObject        *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred      *d;

  listen (g_deferred_latch_wait (latch), "a0");
  g_assert_finalize_object (latch);
  settle (NULL);
  trace_is ("a:!ABANDONED ");

  latch = g_deferred_latch_new (1);
  d = g_object_ref (listen (g_deferred_latch_wait (latch), "b"));
  g_deferred_bind_owner (d, owner);
  g_deferred_pause (d);
  g_assert_true (g_deferred_latch_count_down (latch));
  g_object_unref (owner);
  g_deferred_unpause (d);
  settle (NULL);
  g_assert_finalize_object (d);
  g_assert_finalize_object (latch);
}

/* --- misuse ------------------------------------------------------------------------------------------------------ */

static GDeferredEvent *event_of_main;
static GDeferredLatch *latch_of_main;

static gpointer
use_both (gpointer data)
{
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  g_deferred_event_set (event_of_main);
  g_deferred_event_clear (event_of_main);
  assert_fails (g_deferred_event_wait (event_of_main), G_DEFERRED_ERROR, G_DEFERRED_ERROR_FAILED);
  g_assert_false (g_deferred_latch_count_down (latch_of_main));
  assert_fails (g_deferred_latch_wait (latch_of_main), G_DEFERRED_ERROR, G_DEFERRED_ERROR_FAILED);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return NULL;
}

static void
used_elsewhere (void)
{
  event_of_main = g_deferred_event_new ();
  latch_of_main = g_deferred_latch_new (1);
  for (guint i = 0; i < 3; i++)
    expect_critical ("not the home of the event");
  for (guint i = 0; i < 2; i++)
    expect_critical ("not the home of the latch");
  g_thread_join (g_thread_new ("elsewhere", use_both, NULL));
  criticals_came ();
  event_is (event_of_main, FALSE, 0);
  g_assert_cmpuint (g_deferred_latch_get_count (latch_of_main), ==, 1);
  g_assert_finalize_object (event_of_main);
  g_assert_finalize_object (latch_of_main);
}

static void
wrong_arguments (void)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  gpointer wrong = object;

  for (guint i = 0; i < 5; i++)
    expect_critical ("G_IS_DEFERRED_EVENT (self)");
  g_deferred_event_set (wrong);
  g_deferred_event_clear (wrong);
  g_assert_null (g_deferred_event_wait (wrong));
  event_is (wrong, FALSE, 0);
  for (guint i = 0; i < 3; i++)
    expect_critical ("G_IS_DEFERRED_LATCH (self)");
  g_assert_false (g_deferred_latch_count_down (wrong));
  g_assert_null (g_deferred_latch_wait (wrong));
  g_assert_cmpuint (g_deferred_latch_get_count (wrong), ==, 0);
  criticals_came ();
  g_assert_finalize_object (object);
}

static const Case cases[] = {
  { "/event/all-are-told", all_are_told },
  { "/event/cancelled-leave", cancelled_leave },
  { "/event/inside/cleared", cleared_inside },
  { "/event/inside/set", set_inside },
  { "/event/inside/next-is-cancelled", next_is_cancelled_inside },
  { "/event/inside/dropped", dropped_inside },
  { "/event/inside/nested-loop", nested_loop },
  { "/event/owner-gone", owner_gone },
  { "/event/paused", paused },
  { "/event/dropped-while-some-wait", dropped_while_some_wait },
  { "/latch/counted-down", counted_down },
  { "/latch/open-from-the-start", open_from_the_start },
  { "/latch/count-is-notified", count_is_notified },
  { "/latch/dropped", latch_dropped },
  { "/event/misuse/used-elsewhere", used_elsewhere },
  { "/event/misuse/wrong-arguments", wrong_arguments },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
