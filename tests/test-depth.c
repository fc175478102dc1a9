/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Rule 10: the stack does not grow with length: a million of everything, in a thread whose stack is 256 KiB.
 * Rule 11: whatever would wait for itself fails. */

#include "fixture.h"

#include <pthread.h>

/* Rule 10 */

#define STACK_SIZE (256 * 1024)

static int         ran, destroyed, finalized;
static GDeferred **many;
static guint       n_many;

static gboolean
count_run (GDeferred *self, gpointer data, GError **error)
{
  ran++;
  return TRUE;
}

static void
count_destroy (gpointer data)
{
  destroyed++;
}

static void
count_finalize (gpointer data, GObject *object)
{
  finalized++;
}

/* The references of `many` go with the callbacks, or with drop_many. */
static void
make_many (void)
{
  n_many = gd_test_scaled (1000000);
  many = g_new (GDeferred *, n_many);
  for (guint i = 0; i < n_many; i++)
    {
      many[i] = g_deferred_new ();
      g_object_weak_ref (G_OBJECT (many[i]), count_finalize, NULL);
    }
  ran = destroyed = finalized = 0;
}

static void
drop_many (gboolean backwards)
{
  for (guint i = 0; i < n_many; i++)
    g_object_unref (many[backwards ? n_many - 1 - i : i]);
}

static void
all_gone (void)
{
  settle (g_main_context_get_thread_default ());
  g_assert_cmpint (finalized, ==, n_many);
  g_clear_pointer (&many, g_free);
}

/* Each but the last returns the one behind it. */
static void
link_many (void)
{
  for (guint i = 0; i + 1 < n_many; i++)
    {
      g_deferred_add_callback (many[i], return_it, many[i + 1], count_destroy);
      g_deferred_add_both (many[i], count_run, NULL, NULL);
    }
}

static void
fire_links (void)
{
  for (guint i = 0; i + 1 < n_many; i++)
    fire (many[i], (int) i);
}

static void
fire_links_backwards (void)
{
  for (guint i = n_many - 1; i-- > 0;)
    fire (many[i], (int) i);
}

static void
long_chain (void)
{
  guint      n = gd_test_scaled (1000000);
  GDeferred *d = g_deferred_new ();

  ran = destroyed = 0;
  for (guint i = 0; i < n; i++)
    g_deferred_add_both (d, count_run, NULL, count_destroy);
  fire (d, 1);
  g_assert_cmpint (ran, ==, n);
  g_assert_cmpint (destroyed, ==, n);

  g_deferred_pause (d);
  for (guint i = 0; i < n; i++)
    g_deferred_add_both (d, count_run, NULL, count_destroy);
  g_deferred_unpause (d);
  g_assert_cmpint (ran, ==, 2 * n);
  g_assert_finalize_object (d);
}

static void
long_chain_never_fired (void)
{
  guint      n = gd_test_scaled (1000000);
  GDeferred *d = g_deferred_new ();

  ran = destroyed = 0;
  for (guint i = 0; i < n; i++)
    g_deferred_add_both (d, count_run, NULL, count_destroy);
  g_deferred_add_errback (d, act, (gpointer) "e0", NULL);
  g_object_unref (d);
  settle (g_main_context_get_thread_default ());
  g_assert_cmpint (destroyed, ==, n);
  g_assert_cmpint (ran, ==, n);
  trace_is ("e:!ABANDONED ");
}

static void
returned_outermost_first (void)
{
  make_many ();
  link_many ();
  fire_links ();
  g_assert_cmpint (destroyed, ==, n_many - 1);
  g_assert_cmpint (ran, ==, 0);
  fire (many[n_many - 1], -5);
  g_assert_cmpint (ran, ==, n_many - 1);
  g_assert_cmpint (g_deferred_get_int (many[0]), ==, -5);
  drop_many (FALSE);
  all_gone ();
}

static void
returned_innermost_first (void)
{
  make_many ();
  link_many ();
  fire_links_backwards ();
  fire_fail (many[n_many - 1], "deep");
  g_assert_cmpint (ran, ==, n_many - 1);
  g_assert_error (g_deferred_get_error (many[0]), G_IO_ERROR, G_IO_ERROR_FAILED);
  link_errback (many[0], "e0");
  trace_is ("e:!deep ~e ");
  drop_many (TRUE);
  all_gone ();
}

/* The wait is all that holds them: whoever produces holds whoever consumes. */
static void
returned_and_dropped (void)
{
  GDeferred *last;

  make_many ();
  link_many ();
  fire_links ();
  last = many[n_many - 1];
  for (guint i = 0; i + 1 < n_many; i++)
    g_object_unref (many[i]);
  g_assert_cmpint (finalized, ==, 0);
  fire (last, 1);
  g_assert_cmpint (ran, ==, n_many - 1);
  g_assert_cmpint (finalized, ==, n_many - 1);
  g_object_unref (last);
  all_gone ();
}

static void
build_chained (gboolean backwards, gboolean fork)
{
  make_many ();
  for (guint i = 0; i < n_many; i++)
    g_deferred_add_both (many[i], count_run, NULL, count_destroy);
  for (guint j = 0; j + 1 < n_many; j++)
    {
      guint i = backwards ? n_many - 2 - j : j;

      if (fork)
        g_deferred_chain_deferred (g_deferred_fork (many[i]), many[i + 1]);
      else
        g_deferred_chain_deferred (many[i], many[i + 1]);
    }
}

static void
chained (void)
{
  for (int backwards = 0; backwards < 2; backwards++)
    {
      build_chained (backwards, FALSE);
      fire (many[0], 4);
      g_assert_cmpint (ran, ==, n_many);
      g_assert_cmpint (g_deferred_get_int (many[n_many - 1]), ==, 4);
      g_assert_null (g_deferred_get_result (many[0]));
      drop_many (backwards);
      all_gone ();
    }
}

static void
forked (void)
{
  GDeferred *d = g_deferred_new ();

  make_many ();
  for (guint i = 0; i < n_many; i++)
    {
      GDeferred *fork = g_deferred_fork (i == 0 ? d : many[i - 1]);

      g_object_unref (many[i]);
      many[i] = fork;
      g_deferred_add_both (fork, count_run, NULL, NULL);
      g_object_weak_ref (G_OBJECT (fork), count_finalize, NULL);
    }
  finalized = 0;
  fire (d, 4);
  g_assert_cmpint (ran, ==, n_many);
  g_assert_cmpint (g_deferred_get_int (many[n_many - 1]), ==, 4);
  g_assert_finalize_object (d);
  drop_many (FALSE);
  all_gone ();
}

static void
many_forks_of_one (void)
{
  GDeferred *d = g_deferred_new ();

  make_many ();
  for (guint i = 0; i < n_many; i++)
    {
      g_object_unref (many[i]);
      many[i] = g_deferred_fork (d);
      g_object_weak_ref (G_OBJECT (many[i]), count_finalize, NULL);
    }
  finalized = 0;
  fire (d, 4);
  g_assert_cmpint (g_deferred_get_int (many[n_many - 1]), ==, 4);
  g_assert_finalize_object (d);
  drop_many (FALSE);
  all_gone ();
}

static void
stop_deep (GDeferred *self, gpointer data)
{
  say ("canceller ");
}

static void
cancelled (void)
{
  for (int backwards = 0; backwards < 2; backwards++)
    {
      make_many ();
      g_object_unref (many[n_many - 1]);
      many[n_many - 1] = g_deferred_new_with_canceller (stop_deep, NULL, NULL);
      g_object_weak_ref (G_OBJECT (many[n_many - 1]), count_finalize, NULL);
      finalized = 0;
      link_many ();
      if (backwards)
        fire_links_backwards ();
      else
        fire_links ();
      g_deferred_cancel (many[0]);
      trace_is ("canceller ");
      g_assert_cmpint (ran, ==, n_many - 1);
      g_assert_error (g_deferred_get_error (many[0]), G_IO_ERROR, G_IO_ERROR_CANCELLED);
      drop_many (backwards);
      all_gone ();
    }
}

static void
cancelled_chained (void)
{
  build_chained (FALSE, FALSE);
  g_deferred_cancel (many[0]);
  g_assert_cmpint (ran, ==, n_many);
  g_assert_error (g_deferred_get_error (many[n_many - 1]), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  link_errback (many[n_many - 1], "e0");
  trace_is ("e:!CANCELLED ~e ");
  drop_many (FALSE);
  all_gone ();
}

static void
never_fired (void)
{
  for (int backwards = 0; backwards < 2; backwards++)
    {
      make_many ();
      link_many ();
      link_errback (many[0], "e0");
      fire_links_backwards ();
      drop_many (backwards);
      settle (g_main_context_get_thread_default ());
      trace_is ("e:!ABANDONED ~e ");
      g_assert_cmpint (ran, ==, n_many - 1);
      g_assert_cmpint (destroyed, ==, n_many - 1);
      all_gone ();
    }
}

static void
chained_never_fired (void)
{
  for (int backwards = 0; backwards < 2; backwards++)
    {
      build_chained (backwards, FALSE);
      link_errback (many[n_many - 1], "e0");
      drop_many (backwards);
      settle (g_main_context_get_thread_default ());
      trace_is ("e:!ABANDONED ~e ");
      g_assert_cmpint (destroyed, ==, n_many);
      all_gone ();
    }
}

/* Where nobody waits on anybody: held only by data of the one before. */
static void
held_by_data_never_fired (void)
{
  make_many ();
  for (guint i = 0; i + 1 < n_many; i++)
    g_deferred_add_callback (many[i], return_it, many[i + 1], g_object_unref);
  for (guint i = 0; i < n_many; i++)
    g_deferred_add_errback (many[i], act, (gpointer) "e0", NULL);
  g_object_unref (many[0]);
  settle (g_main_context_get_thread_default ());
  g_assert_cmpuint (fx_trace->len, ==, n_many * strlen ("e:!ABANDONED "));
  g_string_truncate (fx_trace, 0);
  all_gone ();
}

static gpointer
in_small_stack (gpointer run)
{
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  ((void (*) (void)) run) ();
  settle (context);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return NULL;
}

static void
with_small_stack (void (*run) (void))
{
  pthread_attr_t attr;
  pthread_t      thread;

  g_assert_cmpint (pthread_attr_init (&attr), ==, 0);
  g_assert_cmpint (pthread_attr_setstacksize (&attr, STACK_SIZE), ==, 0);
  g_assert_cmpint (pthread_create (&thread, &attr, in_small_stack, run), ==, 0);
  g_assert_cmpint (pthread_join (thread, NULL), ==, 0);
  pthread_attr_destroy (&attr);
}

#define SMALL(name)                                                                                          \
  static void name##_on_a_small_stack (void)                                                                 \
  {                                                                                                          \
    with_small_stack (name);                                                                                 \
  }

SMALL (long_chain)
SMALL (long_chain_never_fired)
SMALL (returned_outermost_first)
SMALL (returned_innermost_first)
SMALL (returned_and_dropped)
SMALL (chained)
SMALL (forked)
SMALL (many_forks_of_one)
SMALL (cancelled)
SMALL (cancelled_chained)
SMALL (never_fired)
SMALL (chained_never_fired)
SMALL (held_by_data_never_fired)

/* Rule 11 */

static void
ring_of_one (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_add_callback (d, return_it, d, NULL);
  link_both (d, "a0");
  fire (d, 1);
  trace_is ("a:!LOOP ~a ");
  state_is (d, SUCCEEDED);
  g_deferred_cancel (d);
  g_assert_finalize_object (d);
}

static void
ring_of (guint n)
{
  GDeferred *d[3];

  for (guint i = 0; i < n; i++)
    d[i] = g_deferred_new ();
  for (guint i = 0; i < n; i++)
    g_deferred_add_callback (d[i], return_it, d[(i + 1) % n], NULL);
  link_both (d[n - 1], "z");
  link_both (d[0], "a0");
  for (guint i = 0; i < n; i++)
    fire (d[i], (int) i);
  trace_is ("z:!LOOP ~z a:!LOOP ~a ");
  for (guint i = 0; i < n; i++)
    g_assert_finalize_object (d[i]);
}

static void
ring_of_two (void)
{
  ring_of (2);
}

static void
ring_of_three (void)
{
  ring_of (3);
}

/* A wait of waits is no ring. */
static void
no_ring (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *fork = g_deferred_fork (d);

  link_inner (d, fork);
  link_both (d, "a");
  trace_is ("a:1 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (fork);
}

static void
ring_by_fork (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *inner = g_deferred_new ();
  GDeferred *fork;

  /* The fork would be fired by a link that comes after the one that waits for it. */
  g_deferred_add_callback (d, return_it, inner, NULL);
  fork = g_deferred_fork (d);
  g_deferred_add_callback (inner, return_it, fork, NULL);
  link_both (inner, "i");
  link_both (d, "a0");
  fire (d, 1);
  fire (inner, 2);
  trace_is ("i:!LOOP ~i a:!LOOP ~a ");
  link_errback (fork, "f0");
  trace_is ("f:!LOOP ~f ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
  g_assert_finalize_object (fork);
}

static gboolean
returns_own_fork (GDeferred *self, gpointer data, GError **error)
{
  return g_deferred_return_deferred (self, g_deferred_fork (self));
}

static void
ring_by_own_fork (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_add_callback (d, returns_own_fork, NULL, NULL);
  link_both (d, "a0");
  fire (d, 1);
  trace_is ("a:!LOOP ~a ");
  g_assert_finalize_object (d);
}

static void
ring_by_chaining (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *other = g_deferred_new ();

  g_deferred_add_callback (d, return_it, other, NULL);
  g_deferred_chain_deferred (d, other);
  link_both (other, "o0");
  link_both (d, "a");
  fire (d, 1);
  trace_is ("a:- ~a o:!LOOP ~o ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (other);
}

/* Chained in a ring, nobody waits for himself: the last finds the first fired. */
static void
chained_in_a_ring (void)
{
  GDeferred *one = g_deferred_new ();
  GDeferred *two = g_deferred_new ();

  g_deferred_chain_deferred (one, two);
  g_deferred_chain_deferred (two, one);
  link_both (two, "a0");
  fire (one, 1);
  trace_is ("a:!ALREADY_CALLED ~a ");
  g_assert_finalize_object (one);
  g_assert_finalize_object (two);
}

static void
cancelled_after_a_ring (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner = g_deferred_new ();

  g_deferred_add_callback (inner, return_it, d, NULL);
  link_inner (d, inner);
  g_deferred_cancel (d);
  g_assert_error (g_deferred_get_error (d), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static const Case cases[] = {
  { "/rule-10/long-chain", long_chain_on_a_small_stack },
  { "/rule-10/long-chain-never-fired", long_chain_never_fired_on_a_small_stack },
  { "/rule-10/returned-outermost-first", returned_outermost_first_on_a_small_stack },
  { "/rule-10/returned-innermost-first", returned_innermost_first_on_a_small_stack },
  { "/rule-10/returned-and-dropped", returned_and_dropped_on_a_small_stack },
  { "/rule-10/chained", chained_on_a_small_stack },
  { "/rule-10/forked", forked_on_a_small_stack },
  { "/rule-10/many-forks-of-one", many_forks_of_one_on_a_small_stack },
  { "/rule-10/cancelled", cancelled_on_a_small_stack },
  { "/rule-10/cancelled-chained", cancelled_chained_on_a_small_stack },
  { "/rule-10/never-fired", never_fired_on_a_small_stack },
  { "/rule-10/chained-never-fired", chained_never_fired_on_a_small_stack },
  { "/rule-10/held-by-data-never-fired", held_by_data_never_fired_on_a_small_stack },
  { "/rule-11/ring-of-one", ring_of_one },
  { "/rule-11/ring-of-two", ring_of_two },
  { "/rule-11/ring-of-three", ring_of_three },
  { "/rule-11/no-ring", no_ring },
  { "/rule-11/ring-by-fork", ring_by_fork },
  { "/rule-11/ring-by-own-fork", ring_by_own_fork },
  { "/rule-11/ring-by-chaining", ring_by_chaining },
  { "/rule-11/chained-in-a-ring", chained_in_a_ring },
  { "/rule-11/cancelled-in-place-of-a-ring", cancelled_after_a_ring },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
