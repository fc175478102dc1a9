/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* The queue. What all have in common that others wait for, test-lock.c looks at. */

#include "fixture.h"

static GValue *
number (int n)
{
  static GValue value;

  if (G_VALUE_TYPE (&value) == 0)
    g_value_init (&value, G_TYPE_INT);
  g_value_set_int (&value, n);
  return &value;
}

/* Puts, and says when that was done: the reference is the queue's only, as long as it waits. */
static GDeferred *
put (GDeferredQueue *queue, int n, const char *name)
{
  GDeferred *d = g_deferred_queue_put (queue, number (n));

  if (name != NULL)
    g_deferred_add_both (d, act, (gpointer) name, NULL);
  g_object_unref (d);
  return d;
}

static GDeferred *
get (GDeferredQueue *queue, const char *name)
{
  GDeferred *d = g_deferred_queue_get (queue);

  g_deferred_add_both (d, act, (gpointer) name, NULL);
  g_object_unref (d);
  return d;
}

static void
get_now (GDeferredQueue *queue, const char *name)
{
  GDeferred *d = g_deferred_queue_get_nowait (queue);

  g_assert_true (g_deferred_is_finished (d));
  g_deferred_add_both (d, act, (gpointer) name, NULL);
  g_object_unref (d);
}

static void
put_now (GDeferredQueue *queue, int n)
{
  GError *error = NULL;

  if (g_deferred_queue_put_nowait (queue, number (n), &error))
    {
      g_assert_no_error (error);
      say ("put ");
      return;
    }
  say ("!%s ", error_word (error));
  g_error_free (error);
}

#define queue_is(queue, length, getting, putting)                                                            \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    g_assert_cmpuint (g_deferred_queue_get_length (queue), ==, (length));                                    \
    g_assert_cmpuint (g_deferred_queue_get_n_getting (queue), ==, (getting));                                \
    g_assert_cmpuint (g_deferred_queue_get_n_putting (queue), ==, (putting));                                \
  }                                                                                                          \
  G_STMT_END

/* --- what Twisted's own tests say -------------------------------------------------------------------------------- */

static void
twisted_queue (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (2, 2);

  get (queue, "a0");
  get (queue, "b0");
  get (queue, "c0");
  trace_is ("c:!UNDERFLOW ");
  put_now (queue, 0);
  trace_is ("a:0 put ");
  put_now (queue, 1);
  trace_is ("b:1 put ");
  put_now (queue, 2);
  put_now (queue, 3);
  put_now (queue, 4);
  trace_is ("put put !OVERFLOW ");
  get (queue, "d0");
  trace_is ("d:2 ");
  get (queue, "e0");
  trace_is ("e:3 ");
  g_assert_finalize_object (queue);

  queue = g_deferred_queue_new (-1, -1);
  get (queue, "a0");
  get (queue, "b0");
  put_now (queue, 0);
  put_now (queue, 1);
  trace_is ("a:0 put b:1 put ");
  g_assert_finalize_object (queue);

  queue = g_deferred_queue_new (0, -1);
  put_now (queue, 0);
  trace_is ("!OVERFLOW ");
  g_assert_finalize_object (queue);

  queue = g_deferred_queue_new (-1, 0);
  get (queue, "a0");
  trace_is ("a:!UNDERFLOW ");
  g_assert_finalize_object (queue);
}

static void
twisted_cancel_after_synchronous_get (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (-1, -1);
  GDeferred      *d = g_object_ref (get (queue, "a"));

  g_assert_true (g_deferred_queue_put_nowait (queue, NULL, NULL));
  trace_is ("a:- ");
  g_deferred_cancel (d);
  state_is (d, SUCCEEDED);
  g_assert_finalize_object (d);
  g_assert_finalize_object (queue);
}

static void
twisted_cancel_after_get (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (-1, -1);

  g_deferred_cancel (get (queue, "a0"));
  trace_is ("a:!CANCELLED ");
  put_now (queue, 1);
  queue_is (queue, 1, 0, 0);
  get (queue, "b0");
  trace_is ("put b:1 ");
  g_assert_finalize_object (queue);
}

/* --- room -------------------------------------------------------------------------------------------------------- */

static void
back_pressure (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (2, -1);

  put (queue, 1, "p");
  put (queue, 2, "q");
  trace_is ("p:- q:- ");
  put (queue, 3, "r");
  put (queue, 4, "s");
  trace_is ("");
  queue_is (queue, 2, 0, 2);
  put_now (queue, 9);
  trace_is ("!OVERFLOW ");
  get (queue, "a0");
  trace_is ("r:- a:1 ");
  queue_is (queue, 2, 0, 1);
  get (queue, "b0");
  get (queue, "c0");
  get (queue, "d0");
  trace_is ("s:- b:2 c:3 d:4 ");
  queue_is (queue, 0, 0, 0);
  g_assert_finalize_object (queue);
}

/* Nobody overtakes who waits to put, though a callback made room meanwhile. */
static void
cancelled_put (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (1, -1);
  GDeferred      *d;

  put (queue, 1, NULL);
  d = put (queue, 2, "p");
  put (queue, 3, "q");
  g_deferred_cancel (d);
  trace_is ("p:!CANCELLED ");
  queue_is (queue, 1, 0, 1);
  get (queue, "a0");
  get (queue, "b0");
  get (queue, "c0");
  trace_is ("q:- a:1 b:3 ");
  g_assert_finalize_object (queue);
  settle (NULL);
  trace_is ("c:!ABANDONED ");
}

static void
dropped_put (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (1, -1);

  put (queue, 1, NULL);
  put (queue, 2, NULL);
  put (queue, 3, NULL);
  get (queue, "a0");
  get (queue, "b0");
  get (queue, "c0");
  trace_is ("a:1 b:2 c:3 ");
  g_assert_finalize_object (queue);
}

static void
owner_of_put_gone (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (1, -1);
  GObject        *owner = g_object_new (G_TYPE_OBJECT, NULL);

  put (queue, 1, NULL);
  g_deferred_bind_owner (put (queue, 2, "p"), owner);
  put (queue, 3, "q");
  g_object_unref (owner);
  settle (NULL);
  queue_is (queue, 1, 0, 1);
  get (queue, "a0");
  get (queue, "b0");
  trace_is ("q:- a:1 b:3 ");
  g_assert_finalize_object (queue);
}

/* From hand to hand. */
static void
no_room_at_all (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (0, -1);

  put (queue, 1, "p");
  put (queue, 2, "q");
  trace_is ("");
  queue_is (queue, 0, 0, 2);
  get (queue, "a0");
  trace_is ("p:- a:1 ");
  get_now (queue, "b0");
  trace_is ("q:- b:2 ");
  get_now (queue, "c0");
  trace_is ("c:!The queue is empty ");
  get (queue, "d0");
  put (queue, 3, "r");
  trace_is ("d:3 r:- ");
  queue_is (queue, 0, 0, 0);
  g_assert_finalize_object (queue);
}

static void
get_without_waiting (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (-1, -1);

  get_now (queue, "a0");
  put_now (queue, 1);
  get_now (queue, "b0");
  trace_is ("a:!The queue is empty put b:1 ");
  g_deferred_queue_close (queue);
  get_now (queue, "c0");
  trace_is ("c:!The queue was closed ");
  g_assert_finalize_object (queue);
}

/* --- values ------------------------------------------------------------------------------------------------------ */

static void
in_order_around_the_ring (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (-1, -1);
  int             in = 0;
  int             out = 0;

  for (int i = 0; i < 1000; i++)
    {
      for (int j = 0; j < i % 13; j++)
        g_assert_true (g_deferred_queue_put_nowait (queue, number (in++), NULL));
      for (int j = 0; j < i % 11 && out < in; j++)
        {
          GDeferred *d = g_deferred_queue_get (queue);

          g_assert_cmpint (g_deferred_get_int (d), ==, out++);
          g_object_unref (d);
        }
      queue_is (queue, (guint) (in - out), 0, 0);
    }
  g_assert_finalize_object (queue);
}

static void
any_value (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (-1, -1);
  GObject        *object = g_object_new (G_TYPE_OBJECT, NULL);
  GValue          value = G_VALUE_INIT;
  GDeferred      *d;

  g_value_init (&value, G_TYPE_STRING);
  g_value_set_string (&value, "text");
  g_object_unref (g_deferred_queue_put (queue, &value));
  g_value_set_string (&value, NULL);
  g_object_unref (g_deferred_queue_put (queue, &value));
  g_value_unset (&value);
  g_object_unref (g_deferred_queue_put (queue, &value));
  g_object_unref (g_deferred_queue_put (queue, NULL));
  g_value_init (&value, G_TYPE_OBJECT);
  g_value_set_object (&value, object);
  g_object_unref (g_deferred_queue_put (queue, &value));
  g_value_unset (&value);
  queue_is (queue, 5, 0, 0);

  get (queue, "a0");
  get (queue, "b0");
  get (queue, "c0");
  get (queue, "d0");
  trace_is ("a:'text' b:'(null)' c:- d:- ");
  d = g_deferred_queue_get (queue);
  g_assert_true (g_deferred_get_object (d) == object);
  g_object_unref (d);
  g_assert_finalize_object (object);
  g_assert_finalize_object (queue);
}

static void
values_go_with_it (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (1, -1);
  GObject        *object = g_object_new (G_TYPE_OBJECT, NULL);
  GValue          value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_OBJECT);
  g_value_set_object (&value, object);
  for (guint i = 0; i < 3; i++)
    g_object_unref (g_deferred_queue_put (queue, &value));
  g_value_unset (&value);
  g_assert_finalize_object (queue);
  settle (NULL);
  reported ("The queue that it waited for is gone");
  reported ("The queue that it waited for is gone");
  g_assert_finalize_object (object);
}

static void
no_deferred (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (-1, -1);
  GDeferred      *inner = g_deferred_new ();
  GValue          value = G_VALUE_INIT;
  GError         *error = NULL;
  GDeferred      *d;

  g_value_init (&value, G_TYPE_DEFERRED);
  g_value_set_object (&value, inner);
  d = g_deferred_queue_put (queue, &value);
  link_both (d, "p0");
  trace_is ("p:!INVALID_RESULT ~p ");
  g_assert_false (g_deferred_queue_put_nowait (queue, &value, &error));
  g_assert_error (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_INVALID_RESULT);
  g_error_free (error);
  g_value_unset (&value);
  queue_is (queue, 0, 0, 0);
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
  g_assert_finalize_object (queue);
}

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

static void
get_meanwhile (GObject *d, GParamSpec *pspec, gpointer queue)
{
  say ("handler ");
  get (queue, "x0");
  get_now (queue, "y0");
  put (queue, 3, "p");
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
  trace_is ("handler y:!The queue is empty p:- x:1 ");
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
  trace_is ("p:!The queue was closed q:!The queue was closed ");
  g_deferred_queue_close (queue);
  put (queue, 5, "r0");
  put_now (queue, 6);
  trace_is ("r:!The queue was closed !The queue was closed ");
  get (queue, "a0");
  get (queue, "b0");
  get (queue, "c0");
  trace_is ("a:1 b:2 c:!The queue was closed ");
  g_assert_finalize_object (queue);
}

static void
closed_while_some_wait (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (-1, -1);

  get (queue, "a0");
  get (queue, "b0");
  g_deferred_queue_close (queue);
  trace_is ("a:!The queue was closed b:!The queue was closed ");
  queue_is (queue, 0, 0, 0);
  g_assert_finalize_object (queue);
}

static void
closed_is_an_io_error (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (-1, -1);
  GDeferred      *d;
  GError         *error = NULL;

  g_deferred_queue_close (queue);
  d = g_deferred_queue_get (queue);
  g_assert_false (g_deferred_wait (d, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_finalize_object (d);
  d = g_deferred_queue_put (queue, NULL);
  g_assert_false (g_deferred_wait (d, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
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
  trace_is ("1 p:- q:- r:!The queue was closed . a:2 b:3 c:!The queue was closed o:- ");
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

/* --- misuse ------------------------------------------------------------------------------------------------------ */

static void
wrong_arguments (void)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  gpointer wrong = object;
  GValue   bad = { .g_type = 4 };
  gpointer queue;

  expect_critical ("size >= -1");
  g_assert_null (g_deferred_queue_new (-2, 0));
  expect_critical ("backlog >= -1");
  g_assert_null (g_deferred_queue_new (0, -2));
  expect_critical ("G_IS_DEFERRED_QUEUE (self)");
  g_assert_null (g_deferred_queue_put (wrong, NULL));
  expect_critical ("G_IS_DEFERRED_QUEUE (self)");
  g_assert_false (g_deferred_queue_put_nowait (wrong, NULL, NULL));
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
  criticals_came ();
  queue_is (queue, 0, 0, 0);
  g_assert_finalize_object (queue);
  g_assert_finalize_object (object);
}

static const Case cases[] = {
  { "/queue/twisted/queue", twisted_queue },
  { "/queue/twisted/cancel-after-synchronous-get", twisted_cancel_after_synchronous_get },
  { "/queue/twisted/cancel-after-get", twisted_cancel_after_get },
  { "/queue/room/back-pressure", back_pressure },
  { "/queue/room/cancelled-put", cancelled_put },
  { "/queue/room/dropped-put", dropped_put },
  { "/queue/room/owner-of-put-gone", owner_of_put_gone },
  { "/queue/room/none-at-all", no_room_at_all },
  { "/queue/get-without-waiting", get_without_waiting },
  { "/queue/values/in-order-around-the-ring", in_order_around_the_ring },
  { "/queue/values/any", any_value },
  { "/queue/values/go-with-it", values_go_with_it },
  { "/queue/values/no-deferred", no_deferred },
  { "/queue/nobody/owner-gone", owner_gone },
  { "/queue/nobody/dropped-get", dropped_get },
  { "/queue/nobody/paused-till-the-owner-is-gone", paused_till_the_owner_is_gone },
  { "/queue/nobody/owner-goes-as-it-is-given", owner_goes_as_it_is_given },
  { "/queue/end/closed-with-values", closed_with_values },
  { "/queue/end/closed-while-some-wait", closed_while_some_wait },
  { "/queue/end/closed-is-an-io-error", closed_is_an_io_error },
  { "/queue/end/closed-inside", closed_inside },
  { "/queue/end/dropped-while-some-wait", dropped_while_some_wait },
  { "/queue/inside/consumer", consumer },
  { "/queue/misuse/wrong-arguments", wrong_arguments },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
