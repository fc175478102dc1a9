/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* The lock used from inside its callbacks, by very many, to its end, and wrongly. In the trace "a:L " says that a got
 * the lock. */

#include "fixture.h"
#include "lock-fixture.h"

/* --- from inside ------------------------------------------------------------------------------------------------- */

static gboolean
use_it (GDeferred *self, gpointer name, GError **error)
{
  GDeferredLock *lock = g_deferred_get_object (self);

  say ("%s( ", (char *) name);
  g_assert_true (g_deferred_lock_release (lock));
  locked_is (lock, g_deferred_lock_get_n_waiting (lock) > 0, g_deferred_lock_get_n_waiting (lock));
  g_assert_false (g_deferred_lock_get_n_waiting (lock) > 0 && g_deferred_lock_try_acquire (lock));
  say (") ");
  return g_deferred_return_none (self);
}

static void
ask_and_release (GDeferredLock *lock, const char *name)
{
  g_autoptr (GDeferred) d = g_deferred_lock_acquire (lock);

  g_deferred_add_callback (d, use_it, (gpointer) name, NULL);
}

/* A callback that releases goes on to its end before the next is called. */
static void
released_inside (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();

  g_assert_true (g_deferred_lock_try_acquire (lock));
  ask_and_release (lock, "a");
  ask_and_release (lock, "b");
  ask_and_release (lock, "c");
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("a( ) b( ) c( ) ");
  locked_is (lock, FALSE, 0);
  g_assert_finalize_object (lock);
}

static gboolean
release_twice (GDeferred *self, gpointer data, GError **error)
{
  GDeferredLock *lock = g_deferred_get_object (self);

  g_assert_true (g_deferred_lock_release (lock));
  expect_critical ("released without being acquired");
  g_assert_false (g_deferred_lock_release (lock));
  criticals_came ();
  return g_deferred_return_none (self);
}

static void
released_twice_inside (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *d;

  g_assert_true (g_deferred_lock_try_acquire (lock));
  d = g_deferred_lock_acquire (lock);
  g_deferred_add_callback (d, release_twice, NULL, NULL);
  g_object_unref (d);
  ask (lock, "b");
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("b:L ");
  locked_is (lock, TRUE, 0);
  g_assert_finalize_object (lock);
}

static gboolean
release_and_wait (GDeferred *self, gpointer data, GError **error)
{
  GDeferredLock *lock = g_deferred_get_object (self);
  GDeferred     *again;

  g_assert_true (g_deferred_lock_release (lock));
  again = g_deferred_lock_acquire (lock);
  say ("wait ");
  g_assert_true (g_deferred_wait (again, error));
  say ("got ");
  g_object_unref (again);
  g_assert_true (g_deferred_lock_release (lock));
  return g_deferred_return_none (self);
}

/* The loop that serves is on the stack, inside of this callback; the main loop serves in its place. */
static void
nested_loop (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *d;

  g_assert_true (g_deferred_lock_try_acquire (lock));
  d = g_deferred_lock_acquire (lock);
  g_deferred_add_callback (d, release_and_wait, NULL, NULL);
  ask_and_release (lock, "b");
  ask_and_release (lock, "c");
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("wait b( ) c( ) got ");
  locked_is (lock, FALSE, 0);
  g_assert_finalize_object (d);
  settle (NULL);
  g_assert_finalize_object (lock);
}

static gboolean
cancel_next (GDeferred *self, gpointer next, GError **error)
{
  g_assert_true (g_deferred_lock_release (g_deferred_get_object (self)));
  g_deferred_cancel (next);
  return g_deferred_return_none (self);
}

static void
next_is_cancelled_inside (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *a, *b;

  g_assert_true (g_deferred_lock_try_acquire (lock));
  a = g_deferred_lock_acquire (lock);
  b = ask (lock, "b");
  ask (lock, "c");
  g_deferred_add_callback (a, cancel_next, b, NULL);
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("b:!CANCELLED c:L ");
  g_object_unref (a);
  g_assert_finalize_object (lock);
}

static gboolean
drop_lock (GDeferred *self, gpointer lock, GError **error)
{
  g_assert_true (g_deferred_lock_release (lock));
  g_object_unref (lock);
  return g_deferred_return_none (self);
}

static void
dropped_inside (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *a;
  gpointer       watched = lock;

  g_object_add_weak_pointer (G_OBJECT (lock), &watched);
  g_assert_true (g_deferred_lock_try_acquire (lock));
  a = g_deferred_lock_acquire (lock);
  g_deferred_add_callback (a, drop_lock, lock, NULL);
  ask_and_release (lock, "b");
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("b( ) ");
  g_assert_null (watched);
  g_assert_finalize_object (a);
}

static gboolean
release_and_count (GDeferred *self, gpointer count, GError **error)
{
  ++*(guint *) count;
  g_deferred_lock_release (g_deferred_get_object (self));
  return g_deferred_return_none (self);
}

/* Each releases inside its callback. The stack is as it would be for one. */
static void
a_million (void)
{
  const guint    n = gd_test_scaled (1000000);
  GDeferredLock *lock = g_deferred_lock_new ();
  guint          count = 0;

  g_assert_true (g_deferred_lock_try_acquire (lock));
  for (guint i = 0; i < n; i++)
    {
      GDeferred *d = g_deferred_lock_acquire (lock);

      g_deferred_add_callback (d, release_and_count, &count, NULL);
      g_object_unref (d);
    }
  g_assert_cmpuint (g_deferred_lock_get_n_waiting (lock), ==, n);
  g_assert_true (g_deferred_lock_release (lock));
  g_assert_cmpuint (count, ==, n);
  locked_is (lock, FALSE, 0);
  g_assert_finalize_object (lock);
}

static void
a_million_cancelled (void)
{
  const guint    n = gd_test_scaled (200000);
  GDeferredLock *lock = g_deferred_lock_new ();
  GPtrArray     *all = g_ptr_array_new_with_free_func (g_object_unref);

  g_assert_true (g_deferred_lock_try_acquire (lock));
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (all, g_deferred_lock_acquire (lock));
  for (guint i = 0; i < n; i += 2)
    g_deferred_cancel (g_ptr_array_index (all, i));
  g_assert_cmpuint (g_deferred_lock_get_n_waiting (lock), ==, n / 2);
  for (guint i = n; i > 0; i--)
    g_deferred_cancel (g_ptr_array_index (all, i - 1));
  locked_is (lock, TRUE, 0);
  g_ptr_array_unref (all);
  g_assert_finalize_object (lock);
}

/* --- its end ----------------------------------------------------------------------------------------------------- */

static void
dropped_while_some_wait (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *d;

  g_assert_true (g_deferred_lock_try_acquire (lock));
  ask (lock, "a");
  d = g_object_ref (ask (lock, "b"));
  g_object_unref (g_deferred_lock_acquire (lock));
  g_assert_finalize_object (lock);
  trace_is ("");
  state_is (d, PENDING);
  settle (NULL);
  trace_is ("a:!ABANDONED b:!ABANDONED ");
  reported ("The lock that it waited for is gone");
  g_assert_finalize_object (d);
}

static void
cancelled_when_it_is_gone (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *d;

  g_assert_true (g_deferred_lock_try_acquire (lock));
  d = g_object_ref (ask (lock, "a"));
  g_assert_finalize_object (lock);
  g_deferred_cancel (d);
  trace_is ("a:!CANCELLED ");
  settle (NULL);
  trace_is ("");
  g_assert_finalize_object (d);
}

/* Who disposes of it may go on using it. */
static void
disposed (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();

  g_assert_true (g_deferred_lock_try_acquire (lock));
  ask (lock, "a");
  g_object_run_dispose (G_OBJECT (lock));
  settle (NULL);
  trace_is ("a:!ABANDONED ");
  locked_is (lock, TRUE, 0);
  ask (lock, "b");
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("b:L ");
  g_assert_finalize_object (lock);
}

static void
unhandled (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *d;

  g_assert_true (g_deferred_lock_try_acquire (lock));
  d = g_deferred_lock_acquire (lock);
  g_assert_finalize_object (lock);
  settle (NULL);
  state_is (d, FAILED);
  g_assert_finalize_object (d);
  reported ("The lock that it waited for is gone");
}

/* --- others that touch what is not theirs ------------------------------------------------------------------------ */

static void
fired_by_another (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *d;

  g_assert_true (g_deferred_lock_try_acquire (lock));
  d = ask (lock, "a");
  ask (lock, "b");
  fire (d, 7);
  trace_is ("a:7 ");
  locked_is (lock, TRUE, 1);
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("b:L ");
  g_assert_finalize_object (lock);
}

static gpointer
fire_it (gpointer d)
{
  fire (d, 7);
  return NULL;
}

static void
fired_by_another_thread (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *d;

  g_assert_true (g_deferred_lock_try_acquire (lock));
  d = ask (lock, "a");
  ask (lock, "b");
  g_thread_join (g_thread_new ("fire", fire_it, d));
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("b:L ");
  settle (NULL);
  trace_is ("a:7 ");
  locked_is (lock, TRUE, 0);
  g_assert_finalize_object (lock);
}

static void
not_acquired (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();

  expect_critical ("g_deferred_lock_release: the lock is released without being acquired");
  g_assert_false (g_deferred_lock_release (lock));
  criticals_came ();
  locked_is (lock, FALSE, 0);
  ask (lock, "a");
  trace_is ("a:L ");
  g_assert_finalize_object (lock);
}

static void
no_lock (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GObject       *object = g_object_new (G_TYPE_OBJECT, NULL);
  gpointer       wrong = object;

  expect_critical ("G_IS_DEFERRED_LOCK (self)");
  g_assert_null (g_deferred_lock_acquire (wrong));
  expect_critical ("G_IS_DEFERRED_LOCK (self)");
  g_assert_false (g_deferred_lock_try_acquire (wrong));
  expect_critical ("G_IS_DEFERRED_LOCK (self)");
  g_assert_false (g_deferred_lock_release (wrong));
  expect_critical ("G_IS_DEFERRED_LOCK (self)");
  g_assert_null (g_deferred_lock_run (wrong, return_it, NULL, NULL));
  expect_critical ("func != NULL");
  g_assert_null (g_deferred_lock_run (lock, NULL, NULL, NULL));
  expect_critical ("G_IS_DEFERRED_LOCK (self)");
  g_assert_false (g_deferred_lock_get_locked (wrong));
  expect_critical ("G_IS_DEFERRED_LOCK (self)");
  g_assert_cmpuint (g_deferred_lock_get_n_waiting (wrong), ==, 0);
  criticals_came ();
  g_assert_finalize_object (object);
  g_assert_finalize_object (lock);
}

static const Case cases[] = {
  { "/lock/inside/released", released_inside },
  { "/lock/inside/released-twice", released_twice_inside },
  { "/lock/inside/nested-loop", nested_loop },
  { "/lock/inside/next-is-cancelled", next_is_cancelled_inside },
  { "/lock/inside/dropped", dropped_inside },
  { "/lock/many/million", a_million },
  { "/lock/many/cancelled", a_million_cancelled },
  { "/lock/end/dropped-while-some-wait", dropped_while_some_wait },
  { "/lock/end/cancelled-when-it-is-gone", cancelled_when_it_is_gone },
  { "/lock/end/disposed", disposed },
  { "/lock/end/unhandled", unhandled },
  { "/lock/misuse/fired-by-another", fired_by_another },
  { "/lock/misuse/fired-by-another-thread", fired_by_another_thread },
  { "/lock/misuse/not-acquired", not_acquired },
  { "/lock/misuse/no-lock", no_lock },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
