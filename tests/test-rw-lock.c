/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* The read-write lock. What it has in common with the lock, test-lock.c and test-run.c look at. */

#include "fixture.h"

#define rw_is(lock, readers, writing, waiting)                                                               \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    g_assert_cmpuint (g_deferred_rw_lock_get_n_readers (lock), ==, (readers));                               \
    g_assert_cmpint (g_deferred_rw_lock_get_writing (lock), ==, (writing));                                  \
    g_assert_cmpuint (g_deferred_rw_lock_get_n_waiting (lock), ==, (waiting));                               \
  }                                                                                                          \
  G_STMT_END

static gboolean
say_got (GDeferred *self, gpointer name, GError **error)
{
  if (g_deferred_get_error (self) != NULL)
    say_outcome (name, self);
  else
    say ("%s ", (char *) name);
  return g_deferred_return_none (self);
}

static GDeferred *
listen (GDeferred *d, const char *name)
{
  g_deferred_add_both (d, say_got, (gpointer) name, NULL);
  g_object_unref (d);
  return d;
}

static GDeferred *
to_read (GDeferredRWLock *lock, const char *name)
{
  return listen (g_deferred_rw_lock_acquire_read (lock), name);
}

static GDeferred *
to_write (GDeferredRWLock *lock, const char *name)
{
  return listen (g_deferred_rw_lock_acquire_write (lock), name);
}

static void
many_readers_or_one_writer (void)
{
  GDeferredRWLock *lock = g_deferred_rw_lock_new ();

  to_read (lock, "r1");
  to_read (lock, "r2");
  trace_is ("r1 r2 ");
  rw_is (lock, 2, FALSE, 0);
  to_write (lock, "w1");
  trace_is ("");
  g_assert_true (g_deferred_rw_lock_release_read (lock));
  trace_is ("");
  rw_is (lock, 1, FALSE, 1);
  g_assert_true (g_deferred_rw_lock_release_read (lock));
  trace_is ("w1 ");
  rw_is (lock, 0, TRUE, 0);
  to_write (lock, "w2");
  to_read (lock, "r3");
  trace_is ("");
  g_assert_true (g_deferred_rw_lock_release_write (lock));
  trace_is ("w2 ");
  g_assert_true (g_deferred_rw_lock_release_write (lock));
  trace_is ("r3 ");
  g_assert_true (g_deferred_rw_lock_release_read (lock));
  rw_is (lock, 0, FALSE, 0);
  g_assert_finalize_object (lock);
}

/* Readers that come after a writer get the lock after it, all that are next in line together. */
static void
writers_are_not_starved (void)
{
  GDeferredRWLock *lock = g_deferred_rw_lock_new ();

  to_read (lock, "r1");
  to_write (lock, "w1");
  to_read (lock, "r2");
  to_read (lock, "r3");
  to_write (lock, "w2");
  to_read (lock, "r4");
  g_assert_false (g_deferred_rw_lock_try_acquire_read (lock));
  g_assert_false (g_deferred_rw_lock_try_acquire_write (lock));
  trace_is ("r1 ");
  rw_is (lock, 1, FALSE, 5);
  g_assert_true (g_deferred_rw_lock_release_read (lock));
  trace_is ("w1 ");
  g_assert_true (g_deferred_rw_lock_release_write (lock));
  trace_is ("r2 r3 ");
  rw_is (lock, 2, FALSE, 2);
  g_assert_true (g_deferred_rw_lock_release_read (lock));
  g_assert_true (g_deferred_rw_lock_release_read (lock));
  trace_is ("w2 ");
  g_assert_true (g_deferred_rw_lock_release_write (lock));
  trace_is ("r4 ");
  g_assert_finalize_object (lock);
}

static void
cancelled_writer_lets_readers_in (void)
{
  GDeferredRWLock *lock = g_deferred_rw_lock_new ();
  GDeferred       *w1, *w2;

  to_read (lock, "r1");
  w1 = to_write (lock, "w1");
  to_read (lock, "r2");
  w2 = to_write (lock, "w2");
  to_read (lock, "r3");
  trace_is ("r1 ");
  g_deferred_cancel (w2);
  trace_is ("w2:!CANCELLED ");
  g_deferred_cancel (w1);
  trace_is ("w1:!CANCELLED r2 r3 ");
  rw_is (lock, 3, FALSE, 0);
  g_assert_finalize_object (lock);
}

/* The owner of the writer is gone. */
static void
orphaned_writer_lets_readers_in (void)
{
  GDeferredRWLock *lock = g_deferred_rw_lock_new ();
  GObject         *owner = g_object_new (G_TYPE_OBJECT, NULL);

  to_read (lock, "r1");
  g_deferred_bind_owner (to_write (lock, "w1"), owner);
  to_read (lock, "r2");
  g_object_unref (owner);
  trace_is ("r1 ");
  settle (NULL);
  trace_is ("r2 ");
  rw_is (lock, 2, FALSE, 0);

  owner = g_object_new (G_TYPE_OBJECT, NULL);
  g_deferred_bind_owner (to_write (lock, "w2"), owner);
  to_read (lock, "r3");
  g_object_unref (owner);
  g_assert_true (g_deferred_rw_lock_release_read (lock));
  g_assert_true (g_deferred_rw_lock_release_read (lock));
  trace_is ("r3 ");
  settle (NULL);
  rw_is (lock, 1, FALSE, 0);
  g_assert_finalize_object (lock);
}

static void
fired_writer_lets_readers_in (void)
{
  GDeferredRWLock *lock = g_deferred_rw_lock_new ();
  GDeferred       *w1;

  to_read (lock, "r1");
  w1 = to_write (lock, "w1");
  to_read (lock, "r2");
  fire (w1, 5);
  trace_is ("r1 r2 w1 ");
  rw_is (lock, 2, FALSE, 0);
  g_assert_finalize_object (lock);
}

static void
dropped_reader_is_passed_by (void)
{
  GDeferredRWLock *lock = g_deferred_rw_lock_new ();

  g_assert_true (g_deferred_rw_lock_try_acquire_write (lock));
  g_object_unref (g_deferred_rw_lock_acquire_read (lock));
  to_write (lock, "w1");
  g_assert_true (g_deferred_rw_lock_release_write (lock));
  trace_is ("w1 ");
  rw_is (lock, 0, TRUE, 0);
  g_assert_finalize_object (lock);
}

static gboolean
read_and_release (GDeferred *self, gpointer name, GError **error)
{
  GDeferredRWLock *lock = g_deferred_get_object (self);

  say ("%s ", (char *) name);
  g_assert_true (g_deferred_rw_lock_release_read (lock));
  to_read (lock, "again");
  return g_deferred_return_none (self);
}

static void
released_inside (void)
{
  GDeferredRWLock *lock = g_deferred_rw_lock_new ();
  GDeferred       *r1;

  g_assert_true (g_deferred_rw_lock_try_acquire_write (lock));
  r1 = g_deferred_rw_lock_acquire_read (lock);
  g_deferred_add_callback (r1, read_and_release, "r1", NULL);
  to_read (lock, "r2");
  to_write (lock, "w1");
  g_assert_true (g_deferred_rw_lock_release_write (lock));
  trace_is ("r1 r2 ");
  rw_is (lock, 1, FALSE, 2);
  g_assert_true (g_deferred_rw_lock_release_read (lock));
  trace_is ("w1 ");
  g_assert_true (g_deferred_rw_lock_release_write (lock));
  trace_is ("again ");
  g_assert_finalize_object (r1);
  g_assert_finalize_object (lock);
}

static void
run_both_kinds (void)
{
  GDeferredRWLock *lock = g_deferred_rw_lock_new ();
  GDeferred       *reading = g_deferred_new ();
  GDeferred       *writing = g_deferred_new ();

  listen (g_deferred_rw_lock_run_read (lock, return_it, reading, NULL), "r1");
  listen (g_deferred_rw_lock_run_write (lock, return_it, writing, NULL), "w1");
  listen (g_deferred_rw_lock_run_read (lock, return_it, succeeded_with (1), g_object_unref), "r2");
  rw_is (lock, 1, FALSE, 2);
  fire (reading, 1);
  trace_is ("r1 ");
  rw_is (lock, 0, TRUE, 1);
  fire_fail (writing, "bad");
  trace_is ("r2 w1:!bad ");
  rw_is (lock, 0, FALSE, 0);
  g_assert_finalize_object (reading);
  g_assert_finalize_object (writing);
  g_assert_finalize_object (lock);
}

static void
dropped_while_some_wait (void)
{
  GDeferredRWLock *lock = g_deferred_rw_lock_new ();

  g_assert_true (g_deferred_rw_lock_try_acquire_read (lock));
  g_assert_true (g_deferred_rw_lock_try_acquire_read (lock));
  to_write (lock, "w1");
  to_read (lock, "r1");
  g_assert_finalize_object (lock);
  settle (NULL);
  trace_is ("w1:!ABANDONED r1:!ABANDONED ");
}

static void
misuse (void)
{
  GDeferredRWLock *lock = g_deferred_rw_lock_new ();
  GObject         *object = g_object_new (G_TYPE_OBJECT, NULL);
  gpointer         wrong = object;

  g_assert_true (g_deferred_rw_lock_try_acquire_read (lock));
  expect_critical ("the read-write lock is released without being acquired");
  g_assert_false (g_deferred_rw_lock_release_write (lock));
  g_assert_true (g_deferred_rw_lock_release_read (lock));
  expect_critical ("the read-write lock is released without being acquired");
  g_assert_false (g_deferred_rw_lock_release_read (lock));
  g_assert_true (g_deferred_rw_lock_try_acquire_write (lock));
  expect_critical ("the read-write lock is released without being acquired");
  g_assert_false (g_deferred_rw_lock_release_read (lock));
  rw_is (lock, 0, TRUE, 0);
  for (guint i = 0; i < 11; i++)
    expect_critical ("G_IS_DEFERRED_RW_LOCK (self)");
  g_assert_null (g_deferred_rw_lock_acquire_read (wrong));
  g_assert_null (g_deferred_rw_lock_acquire_write (wrong));
  g_assert_false (g_deferred_rw_lock_try_acquire_read (wrong));
  g_assert_false (g_deferred_rw_lock_try_acquire_write (wrong));
  g_assert_false (g_deferred_rw_lock_release_read (wrong));
  g_assert_false (g_deferred_rw_lock_release_write (wrong));
  g_assert_null (g_deferred_rw_lock_run_read (wrong, return_it, NULL, NULL));
  g_assert_null (g_deferred_rw_lock_run_write (wrong, return_it, NULL, NULL));
  rw_is (wrong, 0, FALSE, 0);
  expect_critical ("func != NULL");
  g_assert_null (g_deferred_rw_lock_run_read (lock, NULL, NULL, NULL));
  expect_critical ("func != NULL");
  g_assert_null (g_deferred_rw_lock_run_write (lock, NULL, NULL, NULL));
  criticals_came ();
  g_assert_finalize_object (object);
  g_assert_finalize_object (lock);
}

static const Case cases[] = {
  { "/rw-lock/many-readers-or-one-writer", many_readers_or_one_writer },
  { "/rw-lock/writers-are-not-starved", writers_are_not_starved },
  { "/rw-lock/writer-that-goes/cancelled", cancelled_writer_lets_readers_in },
  { "/rw-lock/writer-that-goes/orphaned", orphaned_writer_lets_readers_in },
  { "/rw-lock/writer-that-goes/fired-by-another", fired_writer_lets_readers_in },
  { "/rw-lock/dropped-reader-is-passed-by", dropped_reader_is_passed_by },
  { "/rw-lock/released-inside", released_inside },
  { "/rw-lock/run", run_both_kinds },
  { "/rw-lock/dropped-while-some-wait", dropped_while_some_wait },
  { "/rw-lock/misuse", misuse },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
