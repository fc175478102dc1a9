/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Where locks, semaphores and queues live, and what happens when they are used elsewhere. */

#include "fixture.h"
#include "gate.h"
#include "lock-fixture.h"

static GDeferredQueue     *queue;
static GDeferredLock      *lock;
static GDeferredSemaphore *semaphore;

/* --- used in another thread -------------------------------------------------------------------------------------- */

static void
failed_here (GDeferred *d)
{
  g_assert_true (g_deferred_is_home (d));
  assert_fails (d, G_DEFERRED_ERROR, G_DEFERRED_ERROR_FAILED);
}

static gpointer
use_all (gpointer freed)
{
  GMainContext *context = g_main_context_new ();
  GError       *error = NULL;

  ((Freed *) freed)->home = g_thread_self ();
  g_main_context_push_thread_default (context);
  failed_here (g_deferred_lock_acquire (lock));
  g_assert_false (g_deferred_lock_try_acquire (lock));
  g_assert_false (g_deferred_lock_release (lock));
  failed_here (g_deferred_lock_run (lock, number_job, freed, freed_at_home));
  failed_here (g_deferred_semaphore_acquire (semaphore));
  g_assert_false (g_deferred_semaphore_try_acquire (semaphore));
  g_assert_false (g_deferred_semaphore_release (semaphore));
  failed_here (g_deferred_queue_put (queue, NULL));
  g_assert_false (g_deferred_queue_put_nowait (queue, NULL, &error));
  g_assert_error (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_FAILED);
  g_error_free (error);
  failed_here (g_deferred_queue_get (queue));
  failed_here (g_deferred_queue_get_nowait (queue));
  g_deferred_queue_close (queue);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return NULL;
}

static void
used_elsewhere (void)
{
  Freed freed = { NULL, 0 };

  lock = g_deferred_lock_new ();
  semaphore = g_deferred_semaphore_new (1);
  queue = g_deferred_queue_new (-1, -1);
  for (guint i = 0; i < 4; i++)
    expect_critical ("called from a thread that is not the home of the lock");
  for (guint i = 0; i < 3; i++)
    expect_critical ("called from a thread that is not the home of the semaphore");
  for (guint i = 0; i < 5; i++)
    expect_critical ("called from a thread that is not the home of the queue");
  g_thread_join (g_thread_new ("elsewhere", use_all, &freed));
  criticals_came ();
  g_assert_cmpint (freed.n_freed, ==, 1);
  locked_is (lock, FALSE, 0);
  g_assert_cmpuint (g_deferred_semaphore_get_n_free (semaphore), ==, 1);
  g_assert_false (g_deferred_queue_is_closed (queue));
  g_assert_finalize_object (lock);
  g_assert_finalize_object (semaphore);
  g_assert_finalize_object (queue);
}

/* --- another context is the thread's default just now ------------------------------------------------------------ */

static void
in_the_home_of_the_lock (void)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *d;

  lock = g_deferred_lock_new ();
  g_main_context_push_thread_default (context);
  d = g_deferred_lock_acquire (lock);
  g_assert_true (g_deferred_get_context (d) == g_main_context_default ());
  g_assert_finalize_object (d);
  d = g_deferred_lock_acquire (lock);
  g_assert_true (g_deferred_get_context (d) == g_main_context_default ());
  link_both (d, "a");
  g_assert_true (g_main_context_get_thread_default () == context);
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("a:GObject ~a ");
  g_assert_finalize_object (d);
  d = g_deferred_lock_run (lock, number_job, NULL, NULL);
  g_assert_true (g_deferred_get_context (d) == g_main_context_default ());
  g_assert_true (g_deferred_lock_release (lock));
  g_assert_finalize_object (d);
  g_main_context_pop_thread_default (context);
  g_assert_finalize_object (lock);
  g_main_context_unref (context);
}

/* A lock of a thread with a context of its own. */
static gpointer
own_context (gpointer data)
{
  GMainContext  *context = g_main_context_new ();
  GDeferredLock *own;
  GDeferred     *d;

  g_main_context_push_thread_default (context);
  own = g_deferred_lock_new ();
  g_assert_true (g_deferred_lock_try_acquire (own));
  d = g_deferred_lock_acquire (own);
  g_assert_true (g_deferred_get_context (d) == context);
  link_both (d, "a0");
  g_assert_finalize_object (own);
  settle (context);
  g_assert_finalize_object (d);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return NULL;
}

static void
home_of_a_thread (void)
{
  g_thread_join (g_thread_new ("own", own_context, NULL));
  trace_is ("a:!ABANDONED ~a ");
}

/* --- the last reference goes elsewhere --------------------------------------------------------------------------- */

static gpointer
drop (gpointer object)
{
  g_object_unref (object);
  return NULL;
}

static void
dropped_elsewhere (void)
{
  gpointer   watched;
  GDeferred *d;

  lock = g_deferred_lock_new ();
  watched = lock;
  g_object_add_weak_pointer (G_OBJECT (lock), &watched);
  g_assert_true (g_deferred_lock_try_acquire (lock));
  d = g_object_ref (ask (lock, "a"));
  g_assert_true (g_main_context_acquire (NULL));
  g_thread_join (g_thread_new ("drop", drop, lock));
  trace_is ("");
  g_assert_nonnull (watched);
  settle (NULL);
  trace_is ("a:!ABANDONED ");
  g_assert_null (watched);
  g_main_context_release (NULL);
  g_assert_finalize_object (d);
}

/* Nobody iterates its home any more: any thread will do. */
static void
dropped_when_its_home_is_gone (void)
{
  gpointer      watched;
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  lock = g_deferred_lock_new ();
  g_main_context_pop_thread_default (context);
  watched = lock;
  g_object_add_weak_pointer (G_OBJECT (lock), &watched);
  g_thread_join (g_thread_new ("drop", drop, lock));
  g_assert_null (watched);
  g_main_context_unref (context);
}

/* --- a waiter is handed over ------------------------------------------------------------------------------------- */

typedef struct
{
  GMainContext *context;
  GThread      *thread;
  int           stop; /* atomic */
} Worker;

static gpointer
work (gpointer data)
{
  Worker *worker = data;

  g_main_context_push_thread_default (worker->context);
  while (!g_atomic_int_get (&worker->stop))
    g_main_context_iteration (worker->context, TRUE);
  settle (worker->context);
  g_main_context_pop_thread_default (worker->context);
  return NULL;
}

static void
start (Worker *worker)
{
  *worker = (Worker){ .context = g_main_context_new () };
  worker->thread = g_thread_new ("worker", work, worker);
}

static void
finish (Worker *worker)
{
  g_atomic_int_set (&worker->stop, TRUE);
  g_main_context_wakeup (worker->context);
  g_thread_join (worker->thread);
  settle (NULL);
  g_main_context_unref (worker->context);
}

static gboolean
say_number (GDeferred *self, gpointer name, GError **error)
{
  g_assert_true (g_deferred_is_home (self));
  return act (self, name, error);
}

static GDeferred *
get_elsewhere (Worker *worker, const char *name)
{
  GDeferred *d = g_deferred_queue_get (queue);

  g_deferred_add_both (d, say_number, (gpointer) name, NULL);
  g_deferred_hand_over (d, worker->context);
  return d;
}

static void
put (int n)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  g_value_set_int (&value, n);
  g_assert_true (g_deferred_queue_put_nowait (queue, &value, NULL));
}

static void
get (const char *name)
{
  GDeferred *d = g_deferred_queue_get (queue);

  g_deferred_add_both (d, act, (gpointer) name, NULL);
  g_object_unref (d);
}

static void
handed_over (void)
{
  Worker     worker;
  GDeferred *d;

  queue = g_deferred_queue_new (-1, -1);
  start (&worker);
  d = get_elsewhere (&worker, "a0");
  get ("b0");
  put (1);
  put (2);
  finish (&worker);
  g_assert_cmpuint (g_deferred_queue_get_length (queue), ==, 0);
  g_assert_nonnull (strstr (fx_trace->str, "a:1 "));
  g_assert_nonnull (strstr (fx_trace->str, "b:2 "));
  g_string_truncate (fx_trace, 0);
  g_object_unref (d);
  g_assert_finalize_object (queue);
}

/* Word of it takes its time; no value may be lost meanwhile, nor come in the wrong order later. */
static void
handed_over_and_cancelled (void)
{
  Worker     worker;
  GDeferred *d;

  queue = g_deferred_queue_new (-1, -1);
  for (guint i = 0; i < gd_test_scaled (200); i++)
    {
      gboolean got;

      start (&worker);
      d = get_elsewhere (&worker, "a0");
      g_deferred_cancel (d);
      if (i % 2 == 0)
        put (1);
      finish (&worker);
      if (i % 2 != 0)
        put (1);
      got = strcmp (fx_trace->str, "a:1 ") == 0;
      if (!got)
        {
          get ("b0");
          trace_is ("a:!CANCELLED b:1 ");
        }
      g_string_truncate (fx_trace, 0);
      g_assert_cmpuint (g_deferred_queue_get_length (queue), ==, 0);
      g_assert_cmpuint (g_deferred_queue_get_n_getting (queue), ==, 0);
      g_object_unref (d);
    }
  g_assert_finalize_object (queue);
}

static void
handed_over_and_orphaned (void)
{
  Worker     worker;
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *d;

  queue = g_deferred_queue_new (-1, -1);
  start (&worker);
  d = g_deferred_queue_get (queue);
  g_deferred_bind_owner (d, owner);
  g_deferred_add_both (d, say_number, "a0", NULL);
  g_deferred_hand_over (d, worker.context);
  g_object_unref (owner);
  put (1);
  finish (&worker);
  get ("b0");
  trace_is ("b:1 ");
  g_object_unref (d);
  g_assert_finalize_object (queue);
}

static void
handed_over_and_lost (void)
{
  Worker     worker;
  GDeferred *d;

  queue = g_deferred_queue_new (-1, -1);
  start (&worker);
  d = get_elsewhere (&worker, "a0");
  g_assert_finalize_object (queue);
  finish (&worker);
  trace_is ("a:!ABANDONED ");
  g_object_unref (d);
}

static const Case cases[] = {
  { "/lock-homes/used-elsewhere", used_elsewhere },
  { "/lock-homes/in-the-home-of-the-lock", in_the_home_of_the_lock },
  { "/lock-homes/home-of-a-thread", home_of_a_thread },
  { "/lock-homes/dropped-elsewhere", dropped_elsewhere },
  { "/lock-homes/dropped-when-its-home-is-gone", dropped_when_its_home_is_gone },
  { "/lock-homes/handed-over", handed_over },
  { "/lock-homes/handed-over-and-cancelled", handed_over_and_cancelled },
  { "/lock-homes/handed-over-and-orphaned", handed_over_and_orphaned },
  { "/lock-homes/handed-over-and-lost", handed_over_and_lost },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
