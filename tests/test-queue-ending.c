/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* The queue where nobody is there to get what was put, when it is closed or dropped, from inside its callbacks, and used
 * wrongly. */

#include "fixture.h"
#include "queue-fixture.h"

/* --- nobody is there to get it ----------------------------------------------------------------------------------- */

static void
owner_gone (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (-1, -1);
  GObject        *owner = g_object_new (G_TYPE_OBJECT, NULL);

  g_deferred_bind_owner (get (queue, "a0"), owner);
  g_deferred_bind_owner (get (queue, "b0"), owner);
  get (queue, "c0");
  g_object_unref (owner);
  put (queue, 1, NULL);
  trace_is ("c:1 ");
  queue_is (queue, 0, 0, 0);

  owner = g_object_new (G_TYPE_OBJECT, NULL);
  g_deferred_bind_owner (get (queue, "a0"), owner);
  g_object_unref (owner);
  put (queue, 2, NULL);
  put (queue, 3, NULL);
  queue_is (queue, 2, 0, 0);
  get (queue, "d0");
  get (queue, "e0");
  trace_is ("d:2 e:3 ");
  g_assert_finalize_object (queue);
}

static void
dropped_get (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (0, -1);

  g_object_unref (g_deferred_queue_get (queue));
  g_object_unref (g_deferred_queue_get (queue));
  put (queue, 1, "p");
  trace_is ("p:- ");
  queue_is (queue, 1, 0, 0);
  get (queue, "a0");
  trace_is ("a:1 ");
  g_assert_finalize_object (queue);
}

/* What comes back goes to the head, though there are others by then. */
static void
paused_till_the_owner_is_gone (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (1, -1);
  GObject        *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred      *d = g_object_ref (get (queue, "a0"));

  g_deferred_bind_owner (d, owner);
  g_deferred_pause (d);
  put (queue, 1, NULL);
  put (queue, 2, NULL);
  queue_is (queue, 1, 0, 0);
  g_object_unref (owner);
  g_deferred_unpause (d);
  queue_is (queue, 2, 0, 0);
  get (queue, "b0");
  get (queue, "c0");
  trace_is ("b:1 c:2 ");
  settle (NULL);
  g_assert_finalize_object (d);
  g_assert_finalize_object (queue);
}

/* The queue is gone before that. */
static void
paused_for_too_long (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (1, -1);
  GObject        *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred      *d = g_object_ref (get (queue, "a0"));

  g_deferred_bind_owner (d, owner);
  g_deferred_pause (d);
  put (queue, 1, NULL);
  g_assert_finalize_object (queue);
  g_object_unref (owner);
  g_deferred_unpause (d);
  settle (NULL);
  g_assert_finalize_object (d);
}

/* What was put stays, whoever is there to hear of it. */
static void
owner_of_a_late_put_is_gone (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (1, -1);
  GObject        *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred      *d;

  put (queue, 1, NULL);
  d = g_object_ref (put (queue, 2, "p"));
  g_deferred_bind_owner (d, owner);
  g_deferred_pause (d);
  get (queue, "a0");
  trace_is ("a:1 ");
  g_object_unref (owner);
  g_deferred_unpause (d);
  queue_is (queue, 1, 0, 0);
  get (queue, "b0");
  trace_is ("b:2 ");
  settle (NULL);
  g_assert_finalize_object (d);
  g_assert_finalize_object (queue);
}

/* Somebody else has fired it, and it is paused. */
static void
fired_by_another (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (1, -1);
  GDeferred      *d = g_object_ref (get (queue, "a0"));

  g_deferred_pause (d);
  fire (d, 7);
  put (queue, 1, "p");
  trace_is ("p:- ");
  g_deferred_unpause (d);
  trace_is ("a:7 ");
  queue_is (queue, 1, 0, 0);
  get (queue, "b0");
  trace_is ("b:1 ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (queue);
}

/* Word that a put was accepted is still to come when it is cancelled: that is too late. */
static gboolean
get_and_cancel (GDeferred *self, gpointer user_data, GError **error)
{
  GDeferred **last = user_data;

  get (g_object_get_data (G_OBJECT (*last), "queue"), "b0");
  g_deferred_cancel (*last);
  say (". ");
  return g_deferred_return_none (self);
}

static void
put_is_cancelled_too_late (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (1, -1);
  GDeferred      *first = g_deferred_queue_put (queue, number (1));
  GDeferred      *last = NULL;

  g_object_unref (first);
  first = g_deferred_queue_put (queue, number (2));
  g_deferred_add_callback (first, get_and_cancel, &last, NULL);
  last = put (queue, 3, "p");
  g_object_set_data (G_OBJECT (last), "queue", queue);
  get (queue, "a0");
  trace_is ("b:2 p:- . a:1 ");
  queue_is (queue, 1, 0, 0);
  get (queue, "c0");
  trace_is ("c:3 ");
  g_assert_finalize_object (first);
  g_assert_finalize_object (queue);
}

static void
get_meanwhile (GObject *d, GParamSpec *pspec, gpointer queue)
{
  say ("handler ");
  put (queue, 3, "p");
  get (queue, "x0");
  get_now (queue, "y0");
  g_object_run_dispose (g_object_get_data (d, "owner"));
}

/* While it is not known yet whether the oldest was delivered, nobody gets the next. */
static void
owner_goes_as_it_is_given (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (-1, -1);
  GObject        *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred      *d = get (queue, "a0");

  g_object_set_data (G_OBJECT (d), "owner", owner);
  g_deferred_bind_owner (d, owner);
  g_signal_connect (d, "notify::pending", G_CALLBACK (get_meanwhile), queue);
  put (queue, 1, NULL);
  trace_is ("handler p:- y:!The queue is empty x:1 ");
  get (queue, "b0");
  trace_is ("b:3 ");
  g_object_unref (owner);
  g_assert_finalize_object (queue);
}

/* --- the end ----------------------------------------------------------------------------------------------------- */

static void
closed_with_values (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (2, -1);

  put (queue, 1, NULL);
  put (queue, 2, NULL);
  put (queue, 3, "p0");
  put (queue, 4, "q0");
  g_assert_false (g_deferred_queue_is_closed (queue));
  g_deferred_queue_close (queue);
  g_assert_true (g_deferred_queue_is_closed (queue));
  trace_is ("p:!CLOSED q:!CLOSED ");
  g_deferred_queue_close (queue);
  put (queue, 5, "r0");
  put_now (queue, 6);
  trace_is ("r:!CLOSED !CLOSED ");
  get (queue, "a0");
  get (queue, "b0");
  get (queue, "c0");
  trace_is ("a:1 b:2 c:!CLOSED ");
  g_assert_finalize_object (queue);
}

static void
closed_while_some_wait (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (-1, -1);

  get (queue, "a0");
  get (queue, "b0");
  g_deferred_queue_close (queue);
  trace_is ("a:!CLOSED b:!CLOSED ");
  queue_is (queue, 0, 0, 0);
  g_assert_finalize_object (queue);
}

static void
closed_has_a_code (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (-1, -1);
  GDeferred      *d;
  GError         *error = NULL;

  g_deferred_queue_close (queue);
  d = g_deferred_queue_get (queue);
  g_assert_false (g_deferred_wait (d, &error));
  g_assert_error (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_finalize_object (d);
  d = g_deferred_queue_put (queue, NULL);
  g_assert_false (g_deferred_wait (d, &error));
  g_assert_error (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_finalize_object (d);
  g_assert_finalize_object (queue);
}

static gboolean
close_inside (GDeferred *self, gpointer queue, GError **error)
{
  say ("%d ", g_deferred_get_int (self));
  put (queue, 2, "p");
  put (queue, 3, "q");
  g_deferred_queue_close (queue);
  put (queue, 4, "r0");
  say (". ");
  queue_is (queue, 0, 1, 0);
  return g_deferred_return_none (self);
}

/* Those who are about to get a value still get it. */
static void
closed_inside (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (0, -1);
  GDeferred      *d = g_deferred_queue_get (queue);

  g_deferred_add_callback (d, close_inside, queue, NULL);
  get (queue, "a0");
  get (queue, "b0");
  get (queue, "c0");
  put (queue, 1, "o");
  trace_is ("1 p:- q:- r:!CLOSED . a:2 b:3 c:!CLOSED o:- ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (queue);
}

static void
dropped_while_some_wait (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (0, -1);

  get (queue, "a0");
  g_assert_finalize_object (queue);
  trace_is ("");
  settle (NULL);
  trace_is ("a:!ABANDONED ");

  queue = g_deferred_queue_new (0, -1);
  put (queue, 1, "p0");
  g_assert_finalize_object (queue);
  settle (NULL);
  trace_is ("p:!ABANDONED ");
}

/* --- from inside ------------------------------------------------------------------------------------------------- */

static gboolean
get_next (GDeferred *self, gpointer queue, GError **error)
{
  GDeferred *next;

  say ("%d ", g_deferred_get_int (self));
  next = g_deferred_queue_get (queue);
  g_deferred_add_callback (next, get_next, queue, NULL);
  g_object_unref (next);
  return g_deferred_return_none (self);
}

static void
consumer (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (1, -1);
  GDeferred      *d = g_deferred_queue_get (queue);

  g_deferred_add_callback (d, get_next, queue, NULL);
  g_object_unref (d);
  put (queue, 1, "p");
  put (queue, 2, "q");
  trace_is ("1 p:- 2 q:- ");
  queue_is (queue, 0, 1, 0);
  g_object_unref (queue);
  settle (NULL);
  reported ("The queue that it waited for is gone");
}

/* --- putting back ------------------------------------------------------------------------------------------------- */

static void
put_back (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (1, -1);

  put (queue, 1, "p");
  put (queue, 2, "q");
  trace_is ("p:- ");
  get (queue, "a0");
  trace_is ("q:- a:1 ");
  g_deferred_queue_unget (queue, number (1));
  queue_is (queue, 2, 0, 0);
  put_now (queue, 3);
  trace_is ("!OVERFLOW ");
  get (queue, "b0");
  put_now (queue, 3);
  get (queue, "c0");
  trace_is ("b:1 !OVERFLOW c:2 ");

  get (queue, "d0");
  get (queue, "e0");
  g_deferred_queue_unget (queue, number (4));
  trace_is ("d:4 ");
  g_deferred_queue_close (queue);
  trace_is ("e:!CLOSED ");
  g_deferred_queue_unget (queue, NULL);
  get (queue, "f0");
  get (queue, "g0");
  trace_is ("f:- g:!CLOSED ");
  g_assert_finalize_object (queue);
}

static gboolean
put_back_inside_of (GDeferred *self, gpointer queue, GError **error)
{
  int n = g_deferred_get_int (self);

  say ("%d ", n);
  g_deferred_queue_unget (queue, number (n));
  get (queue, "a0");
  return g_deferred_return_none (self);
}

/* It goes to who waits already, ahead of what was put after it. */
static void
put_back_inside (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (-1, -1);
  GDeferred      *d = g_deferred_queue_get (queue);

  g_deferred_add_callback (d, put_back_inside_of, queue, NULL);
  get (queue, "b0");
  put (queue, 1, NULL);
  trace_is ("1 b:1 ");
  put (queue, 2, NULL);
  trace_is ("a:2 ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (queue);
}

/* --- misuse ------------------------------------------------------------------------------------------------------ */

static void
wrong_arguments (void)
{
  GObject   *object = g_object_new (G_TYPE_OBJECT, NULL);
  gpointer   wrong = object;
  GValue     bad = { .g_type = 4 };
  GValue     deferred = G_VALUE_INIT;
  GDeferred *home = g_deferred_new ();
  gpointer   queue;

  expect_critical ("size >= -1");
  g_assert_null (g_deferred_queue_new (-2, 0));
  expect_critical ("backlog >= -1");
  g_assert_null (g_deferred_queue_new (0, -2));
  expect_critical ("G_IS_DEFERRED_QUEUE (self)");
  g_assert_null (g_deferred_queue_put (wrong, NULL));
  expect_critical ("G_IS_DEFERRED_QUEUE (self)");
  g_assert_false (g_deferred_queue_put_nowait (wrong, NULL, NULL));
  expect_critical ("G_IS_DEFERRED_QUEUE (self)");
  g_deferred_queue_unget (wrong, NULL);
  expect_critical ("G_IS_DEFERRED_QUEUE (self)");
  g_assert_null (g_deferred_queue_get (wrong));
  expect_critical ("G_IS_DEFERRED_QUEUE (self)");
  g_assert_null (g_deferred_queue_get_nowait (wrong));
  expect_critical ("G_IS_DEFERRED_QUEUE (self)");
  g_deferred_queue_close (wrong);
  expect_critical ("G_IS_DEFERRED_QUEUE (self)");
  g_assert_false (g_deferred_queue_is_closed (wrong));
  expect_critical ("G_IS_DEFERRED_QUEUE (self)");
  g_assert_cmpuint (g_deferred_queue_get_length (wrong), ==, 0);
  expect_critical ("G_IS_DEFERRED_QUEUE (self)");
  g_assert_cmpuint (g_deferred_queue_get_n_getting (wrong), ==, 0);
  expect_critical ("G_IS_DEFERRED_QUEUE (self)");
  g_assert_cmpuint (g_deferred_queue_get_n_putting (wrong), ==, 0);
  criticals_came ();

  queue = g_deferred_queue_new (-1, -1);
  expect_critical ("is_value (value)");
  g_assert_null (g_deferred_queue_put (queue, &bad));
  expect_critical ("is_value (value)");
  g_assert_false (g_deferred_queue_put_nowait (queue, &bad, NULL));
  expect_critical ("is_value (value)");
  g_deferred_queue_unget (queue, &bad);
  g_value_set_object (g_value_init (&deferred, G_TYPE_OBJECT), home);
  expect_critical ("!holds_deferred (value)");
  g_deferred_queue_unget (queue, &deferred);
  g_value_unset (&deferred);
  g_object_unref (home);
  criticals_came ();
  queue_is (queue, 0, 0, 0);
  g_assert_finalize_object (queue);
  g_assert_finalize_object (object);
}

static const Case cases[] = {
  { "/queue/nobody/owner-gone", owner_gone },
  { "/queue/nobody/dropped-get", dropped_get },
  { "/queue/nobody/paused-till-the-owner-is-gone", paused_till_the_owner_is_gone },
  { "/queue/nobody/owner-goes-as-it-is-given", owner_goes_as_it_is_given },
  { "/queue/nobody/paused-for-too-long", paused_for_too_long },
  { "/queue/nobody/owner-of-a-late-put-is-gone", owner_of_a_late_put_is_gone },
  { "/queue/nobody/fired-by-another", fired_by_another },
  { "/queue/inside/put-is-cancelled-too-late", put_is_cancelled_too_late },
  { "/queue/end/closed-with-values", closed_with_values },
  { "/queue/end/closed-while-some-wait", closed_while_some_wait },
  { "/queue/end/closed-has-a-code", closed_has_a_code },
  { "/queue/end/closed-inside", closed_inside },
  { "/queue/end/dropped-while-some-wait", dropped_while_some_wait },
  { "/queue/inside/consumer", consumer },
  { "/queue/put-back/at-the-head", put_back },
  { "/queue/put-back/inside", put_back_inside },
  { "/queue/misuse/wrong-arguments", wrong_arguments },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
