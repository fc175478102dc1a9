/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* The queue: room, values. What all have in common that others wait for, test-lock.c looks at. */

#include "fixture.h"
#include "queue-fixture.h"

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
  trace_is ("c:!CLOSED ");
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
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
