/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* What once went wrong with what stands on the Deferred: each case failed before it was mended. */

#include "patterns-fixture.h"

#include <glib/gstdio.h>

static gboolean
is_not_called (GDeferred *self, gpointer plan, GError **error)
{
  return act (self, plan, error);
}

/* The cooperator: a loop inside a step */

static GDeferredCooperativeTask *other_task;

static gboolean
no_step (GDeferredCooperativeTask *task, gpointer user_data, GError **error)
{
  say ("other ");
  return FALSE;
}

static gboolean
iterate (GDeferredCooperativeTask *task, gpointer user_data, GError **error)
{
  say ("step ");
  g_main_context_iteration (NULL, FALSE);
  say ("back ");
  return FALSE;
}

static gboolean
pause_other (gpointer user_data)
{
  gboolean *is_inside = user_data;

  if (!*is_inside)
    {
      *is_inside = TRUE;
      return G_SOURCE_CONTINUE;
    }
  g_deferred_cooperative_task_pause (other_task);
  return G_SOURCE_REMOVE;
}

/* Both sources are ready in the loop inside the step; the idle one comes first, and leaves the cooperator nothing. */
static void
nothing_left_inside_a_step (void)
{
  GDeferredCooperator      *cooperator = g_deferred_cooperator_new (0, G_PRIORITY_DEFAULT_IDLE);
  GDeferredCooperativeTask *task;
  gboolean                  is_inside = FALSE;

  g_idle_add (pause_other, &is_inside);
  task = g_deferred_cooperator_cooperate (cooperator, iterate, NULL, NULL);
  other_task = g_deferred_cooperator_cooperate (cooperator, no_step, NULL, NULL);
  settle (NULL);
  trace_is ("step back ");
  g_deferred_cooperative_task_resume (other_task);
  settle (NULL);
  trace_is ("other ");
  g_object_unref (task);
  g_object_unref (other_task);
  g_assert_finalize_object (cooperator);
}

/* The owner of a result goes: what would work on it is not called any more. */

static void
bind (GDeferred *d, GObject *owner)
{
  g_deferred_bind_owner (d, owner);
  watch (d, "D");
}

/* From the end of the owner on, not from the loop's next turn. */
static void
counts_as_cancelled_at_once (void)
{
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *inner = g_deferred_new ();
  GDeferred *d = g_deferred_maybe (return_it, inner);

  g_deferred_bind_owner (d, owner);
  g_assert_false (g_deferred_is_cancelled (d));
  g_object_unref (owner);
  g_assert_true (g_deferred_is_cancelled (d));
  g_assert_false (g_deferred_is_cancelled (inner));
  settle (NULL);
  g_assert_true (g_deferred_is_cancelled (inner));
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static void
run_whose_owner_is_gone (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GObject       *owner = g_object_new (G_TYPE_OBJECT, NULL);

  g_assert_true (g_deferred_lock_try_acquire (lock));
  bind (g_deferred_lock_run (lock, is_not_called, "f", gone), owner);
  g_object_unref (owner);
  g_deferred_lock_release (lock);
  settle (NULL);
  trace_is ("~f ~D ");
  g_assert_false (g_deferred_lock_get_locked (lock));
  g_assert_finalize_object (lock);
}

static gboolean
cancel_and_work (GDeferred *self, gpointer run, GError **error)
{
  g_deferred_cancel (*(GDeferred **) run);
  return work (self, (gpointer) "w", error);
}

/* Inside of its function, which was called when the lock was free. */
static void
run_cancelled_by_its_function (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *run;

  g_assert_true (g_deferred_lock_try_acquire (lock));
  run = g_deferred_lock_run (lock, cancel_and_work, &run, NULL);
  link_both (run, "a0");
  g_deferred_lock_release (lock);
  trace_is ("w() stop-w a:!CANCELLED ~a ");
  g_assert_false (g_deferred_lock_get_locked (lock));
  g_assert_finalize_object (run);
  g_assert_finalize_object (lock);
}

static void
retry_whose_owner_is_gone (void)
{
  GDeferredRetry *retry = g_deferred_retry_new ();
  GObject        *owner = g_object_new (G_TYPE_OBJECT, NULL);

  bind (g_deferred_retry_run (retry, work, "a!bad", gone), owner);
  trace_is ("a() ");
  g_object_unref (owner);
  advance (SECOND);
  settle (NULL);
  trace_is ("~a ~D ");
  g_assert_finalize_object (retry);
}

static void
debounce_whose_owner_is_gone (void)
{
  GDeferredDebounce *debounce = g_deferred_debounce_new (SECOND);
  GObject           *owner = g_object_new (G_TYPE_OBJECT, NULL);

  bind (g_deferred_debounce_run (debounce, is_not_called, "f", gone), owner);
  g_object_unref (owner);
  advance (SECOND);
  settle (NULL);
  trace_is ("~f ~D ");
  g_assert_finalize_object (debounce);
}

static void
throttle_whose_owner_is_gone (void)
{
  GDeferredThrottle *throttle = g_deferred_throttle_new (SECOND);
  GObject           *owner = g_object_new (G_TYPE_OBJECT, NULL);

  watch (g_deferred_throttle_run (throttle, work, "a0", gone), "A");
  trace_is ("a() ~a A:- ~A ");
  bind (g_deferred_throttle_run (throttle, is_not_called, "f", gone), owner);
  g_object_unref (owner);
  advance (SECOND);
  settle (NULL);
  trace_is ("~f ~D ");
  g_assert_finalize_object (throttle);
}

/* The clock goes: a pause stays its pauser's, and one that lives elsewhere hears of it, too. */

static void
delay_paused_as_its_clock_goes (void)
{
  GDeferredClock *clock = g_deferred_clock_new_virtual ();
  GDeferred      *d = g_deferred_delay (SECOND, clock);

  g_deferred_pause (d);
  link_both (d, "a0");
  g_assert_finalize_object (clock);
  settle (NULL);
  trace_is ("");
  g_deferred_unpause (d);
  trace_is ("a:!ABANDONED ~a ");
  g_assert_finalize_object (d);
}

static void
looping_call_paused_as_its_clock_goes (void)
{
  GDeferredClock       *clock = g_deferred_clock_new_virtual ();
  GDeferredLoopingCall *call = g_deferred_looping_call_new (work, (gpointer) "w0", NULL);
  GDeferred            *d;

  g_deferred_looping_call_set_clock (call, clock);
  d = g_deferred_looping_call_start (call, SECOND, FALSE);
  g_deferred_pause (d);
  link_both (d, "a0");
  g_assert_finalize_object (clock);
  settle (NULL);
  trace_is ("");
  g_deferred_unpause (d);
  trace_is ("a:!ABANDONED ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (call);
}

static void
delay_handed_over_as_its_clock_goes (void)
{
  GDeferredClock *clock = g_deferred_clock_new_virtual ();
  GMainContext   *context = g_main_context_new ();
  GDeferred      *d = g_deferred_delay (SECOND, clock);

  link_both (d, "a0");
  g_deferred_hand_over (d, context);
  g_assert_finalize_object (clock);
  trace_is ("");
  settle (context);
  trace_is ("a:!ABANDONED ~a ");
  g_main_context_push_thread_default (context);
  g_assert_finalize_object (d);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
}

/* Its clock is gone, and what it waits for is still to be cancelled. */
static void
looping_call_cancelled_without_its_clock (void)
{
  GDeferredClock       *clock = g_deferred_clock_new_virtual ();
  GDeferredLoopingCall *call = g_deferred_looping_call_new (work, (gpointer) "w", NULL);
  GDeferred            *d;

  g_deferred_looping_call_set_clock (call, clock);
  d = g_deferred_looping_call_start (call, SECOND, TRUE);
  trace_is ("w() ");
  g_assert_finalize_object (clock);
  g_deferred_cancel (d);
  trace_is ("stop-w ");
  g_assert_false (g_deferred_looping_call_get_running (call));
  g_assert_finalize_object (d);
  g_assert_finalize_object (call);
}

/* Where the loop runs a context that it has not pushed, and somebody else has the default one. */
static gpointer
loop_without_pushing (gpointer data)
{
  GMainContext         *context = g_main_context_new ();
  GDeferredLoopingCall *call = g_deferred_looping_call_new (work, (gpointer) "w", NULL);
  GDeferredClock       *clock;
  GDeferred            *d;

  g_main_context_push_thread_default (context);
  clock = g_deferred_clock_new_virtual ();
  g_deferred_looping_call_set_clock (call, clock);
  d = g_deferred_looping_call_start (call, SECOND, FALSE);
  link_both (d, "a0");
  g_main_context_pop_thread_default (context);

  g_assert_true (g_main_context_acquire (context));
  g_deferred_clock_advance (clock, SECOND);
  trace_is ("w() ");
  fire_fail (get_work ('w'), "bad");
  trace_is ("a:!bad ~a ");
  drop_work ('w');
  g_assert_finalize_object (d);
  g_assert_finalize_object (call);
  g_assert_finalize_object (clock);
  g_main_context_release (context);
  g_main_context_unref (context);
  return NULL;
}

static void
looping_call_in_a_context_that_is_not_pushed (void)
{
  in_a_worker (loop_without_pushing, NULL);
}

/* The last reference goes elsewhere: it ends at home. */

static GThread *home_thread;

static void
gone_at_home (gpointer data)
{
  g_assert_true (g_thread_self () == home_thread);
  gone (data);
}

static gpointer
unref_elsewhere (gpointer object)
{
  g_object_unref (object);
  return NULL;
}

static void
drop_elsewhere (gpointer object)
{
  gpointer weak = object;

  home_thread = g_thread_self ();
  g_object_add_weak_pointer (object, &weak);
  in_a_worker (unref_elsewhere, object);
  g_assert_nonnull (weak);
  settle (NULL);
  g_assert_null (weak);
}

static void
debounce_dropped_elsewhere (void)
{
  GDeferredDebounce *debounce = g_deferred_debounce_new (SECOND);

  watch (g_deferred_debounce_run (debounce, is_not_called, "f", gone), "A0");
  drop_elsewhere (debounce);
  settle (NULL);
  trace_is ("~f A:!CANCELLED ~A ");
  advance (SECOND);
}

static void
throttle_dropped_elsewhere (void)
{
  GDeferredThrottle *throttle = g_deferred_throttle_new (SECOND);

  watch (g_deferred_throttle_run (throttle, work, "a0", gone), "A");
  watch (g_deferred_throttle_run (throttle, is_not_called, "f", gone), "B0");
  trace_is ("a() ~a A:- ~A ");
  drop_elsewhere (throttle);
  settle (NULL);
  trace_is ("~f B:!CANCELLED ~B ");
  advance (SECOND);
}

static gboolean
produce (GDeferred *self, const char *key, gpointer user_data, GError **error)
{
  return work (self, user_data, error);
}

static void
cache_dropped_elsewhere (void)
{
  GDeferredCache *cache = g_deferred_cache_new (produce, (gpointer) "w", gone);

  watch (g_deferred_cache_get (cache, "key"), "A0");
  trace_is ("w() ");
  drop_elsewhere (cache);
  trace_is ("");
  fire (get_work ('w'), 1);
  trace_is ("~w A:1 ~A ");
}

static gboolean
never (const GError *error, guint attempt, gpointer user_data)
{
  return FALSE;
}

static void
retry_dropped_elsewhere (void)
{
  GDeferredRetry *retry = g_deferred_retry_new ();

  g_deferred_retry_set_filter (retry, never, (gpointer) "f", gone_at_home);
  drop_elsewhere (retry);
  trace_is ("~f ");
}

static void
task_dropped_elsewhere (void)
{
  GDeferredCooperator      *cooperator = g_deferred_cooperator_new (0, G_PRIORITY_DEFAULT_IDLE);
  GDeferredCooperativeTask *task
      = g_deferred_cooperator_cooperate (cooperator, no_step, (gpointer) "t", gone_at_home);

  g_deferred_cooperative_task_pause (task);
  drop_elsewhere (task);
  trace_is ("~t ");
  g_assert_cmpuint (g_deferred_cooperator_get_n_tasks (cooperator), ==, 0);
  g_assert_finalize_object (cooperator);
}

/* A queue that is dropped by who gets the value */

static gboolean
drop_queue (GDeferred *self, gpointer queue, GError **error)
{
  g_object_unref (queue);
  return TRUE;
}

static void
put_to_who_drops_the_queue (void)
{
  GDeferredQueue *queue = g_deferred_queue_new (-1, -1);
  GDeferred      *got = g_deferred_queue_get (queue);
  gpointer        weak = queue;
  GDeferred      *put;

  g_object_add_weak_pointer (G_OBJECT (queue), &weak);
  g_deferred_add_callback (got, drop_queue, queue, NULL);
  put = g_deferred_queue_put (queue, NULL);
  g_assert_null (weak);
  state_is (put, SUCCEEDED);
  g_object_unref (put);
  g_object_unref (got);
}

/* A lock between processes, that one of the same process holds */

static char *lock_path;

static void
locks_begin (GDeferredFileLock **holder, GDeferredFileLock **lock)
{
  g_autofree char *folder = g_dir_make_tmp ("gdeferred-XXXXXX", NULL);

  lock_path = g_build_filename (folder, "lock", NULL);
  *holder = g_deferred_file_lock_new (lock_path);
  *lock = g_deferred_file_lock_new (lock_path);
  g_assert_true (g_deferred_file_lock_try_acquire (*holder, NULL));
}

static void
locks_end (GDeferredFileLock *holder, GDeferredFileLock *lock)
{
  g_autofree char *folder = g_path_get_dirname (lock_path);

  g_assert_finalize_object (holder);
  g_assert_finalize_object (lock);
  g_unlink (lock_path);
  g_rmdir (folder);
  g_clear_pointer (&lock_path, g_free);
}

static void
file_lock_whose_clock_goes (void)
{
  GDeferredClock    *clock = g_deferred_clock_new_virtual ();
  GDeferredFileLock *holder, *lock;

  locks_begin (&holder, &lock);
  g_deferred_file_lock_set_clock (lock, clock);
  watch (g_deferred_file_lock_acquire (lock), "a0");
  g_assert_finalize_object (clock);
  settle (NULL);
  g_deferred_file_lock_release (holder);
  trace_is ("");
  advance (SECOND);
  trace_is ("a:GObject ~a ");
  g_deferred_file_lock_release (lock);
  settle (NULL);
  locks_end (holder, lock);
}

typedef struct
{
  GDeferredFileLock *holder;
  GDeferredFileLock *lock;
  GDeferred         *second;
} Locks;

/* The line is empty for a moment, with the next try on its way, while a loop on the stack serves it. */
static gboolean
pass_it_on (GDeferred *self, gpointer data, GError **error)
{
  Locks *locks = data;

  g_deferred_file_lock_release (locks->lock);
  g_deferred_cancel (locks->second);
  g_assert_true (g_deferred_file_lock_try_acquire (locks->holder, NULL));
  watch (g_deferred_file_lock_acquire (locks->lock), "c0");
  g_assert_cmpuint (n_calls (), ==, 1);
  return g_deferred_return_none (self);
}

static void
file_lock_tries_by_one_call (void)
{
  Locks      locks;
  GDeferred *first;

  locks_begin (&locks.holder, &locks.lock);
  first = g_deferred_file_lock_acquire (locks.lock);
  locks.second = g_deferred_file_lock_acquire (locks.lock);
  g_deferred_add_callback (first, pass_it_on, &locks, NULL);
  g_object_unref (first);
  watch (g_object_ref (locks.second), "b0");
  g_deferred_file_lock_release (locks.holder);
  advance (SECOND);
  trace_is ("b:!CANCELLED ~b ");
  g_object_unref (locks.second);
  g_deferred_file_lock_release (locks.holder);
  advance (SECOND);
  trace_is ("c:GObject ~c ");
  g_deferred_file_lock_release (locks.lock);
  settle (NULL);
  locks_end (locks.holder, locks.lock);
}

/* Long rows of those that wait for each other: the stack does not grow with them. */

static GDeferred *row_begin; /* what the first one waits for */
static GDeferred *last_done;

static gboolean
wait_for_the_last (GDeferredCooperativeTask *task, gpointer before, GError **error)
{
  g_deferred_cooperative_task_wait_for (task, before);
  return FALSE;
}

static void
row_of_tasks (void)
{
  GDeferredCooperator *cooperator = g_deferred_cooperator_new (SECOND, G_PRIORITY_DEFAULT);
  GDeferred           *before = g_object_ref (row_begin);

  for (guint i = 0; i < gd_test_scaled (100000); i++)
    {
      GDeferredCooperativeTask *last_task;

      last_task = g_deferred_cooperator_cooperate (cooperator, wait_for_the_last, before, g_object_unref);
      before = g_deferred_cooperative_task_when_done (last_task);
      g_object_unref (last_task);
    }
  settle (NULL);
  watch (before, "a0");
  g_object_unref (cooperator);
}

static void
tasks_in_a_row (void)
{
  row_begin = g_deferred_new ();
  row_of_tasks ();
  fire (row_begin, 1);
  settle (NULL);
  trace_is ("a:- ~a ");
  g_assert_finalize_object (row_begin);

  row_begin = g_deferred_new ();
  row_of_tasks ();
  fire_fail (row_begin, "bad");
  settle (NULL);
  trace_is ("a:!bad ~a ");
  g_assert_finalize_object (row_begin);
}

/* Not too many: GLib looks through the weak references on a virtual clock, of which each has one. */
static gboolean
call_once (GDeferred *self, gpointer call, GError **error)
{
  g_deferred_looping_call_stop (*(GDeferredLoopingCall **) call);
  return g_deferred_return_deferred (self, g_steal_pointer (&last_done));
}

static void
looping_calls_in_a_row (void)
{
  row_begin = g_deferred_new ();
  last_done = g_object_ref (row_begin);
  for (guint i = 0; i < gd_test_scaled (20000); i++)
    {
      GDeferredLoopingCall *call = NULL;

      call = g_deferred_looping_call_new (call_once, &call, NULL);
      last_done = g_deferred_looping_call_start (call, SECOND, TRUE);
      g_object_unref (call);
    }
  fire_fail (row_begin, "bad");
  settle (NULL);
  watch (g_steal_pointer (&last_done), "a0");
  trace_is ("a:!bad ~a ");
  g_assert_finalize_object (row_begin);
}

static const Case cases[] = {
  { "/clock-gone/delay-handed-over", delay_handed_over_as_its_clock_goes },
  { "/clock-gone/delay-paused", delay_paused_as_its_clock_goes },
  { "/clock-gone/looping-call-paused", looping_call_paused_as_its_clock_goes },
  { "/cooperator/nothing-left-inside-a-step", nothing_left_inside_a_step },
  { "/clock-gone/looping-call-cancelled", looping_call_cancelled_without_its_clock },
  { "/dropped-elsewhere/cache", cache_dropped_elsewhere },
  { "/dropped-elsewhere/cooperative-task", task_dropped_elsewhere },
  { "/dropped-elsewhere/debounce", debounce_dropped_elsewhere },
  { "/dropped-elsewhere/retry", retry_dropped_elsewhere },
  { "/dropped-elsewhere/throttle", throttle_dropped_elsewhere },
  { "/file-lock/tries-by-one-call", file_lock_tries_by_one_call },
  { "/file-lock/whose-clock-goes", file_lock_whose_clock_goes },
  { "/lock-run/cancelled-by-its-function", run_cancelled_by_its_function },
  { "/looping-call/in-a-context-that-is-not-pushed", looping_call_in_a_context_that_is_not_pushed },
  { "/queue/put-to-who-drops-the-queue", put_to_who_drops_the_queue },
  { "/rule-10/cooperative-tasks", tasks_in_a_row },
  { "/rule-10/looping-calls", looping_calls_in_a_row },
  { "/rule-25/one-that-waits-counts-as-cancelled-at-once", counts_as_cancelled_at_once },
  { "/rule-25/debounce/whose-owner-is-gone", debounce_whose_owner_is_gone },
  { "/rule-25/lock-run/whose-owner-is-gone", run_whose_owner_is_gone },
  { "/rule-25/retry/whose-owner-is-gone", retry_whose_owner_is_gone },
  { "/rule-25/throttle/whose-owner-is-gone", throttle_whose_owner_is_gone },
};

int
main (int argc, char **argv)
{
  return run_timed_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
