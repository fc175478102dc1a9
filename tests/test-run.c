/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Running with the lock, and giving it back whatever happens. */

#include "fixture.h"
#include "lock-fixture.h"

/* What is run: says its name, and leaves what a plan says (see fixture.h), or the Deferred `inner`. */
typedef struct
{
  const char *plan;
  GDeferred  *inner;
} Work;

static gboolean
do_work (GDeferred *self, gpointer data, GError **error)
{
  Work *work = data;

  g_assert_null (g_deferred_get_result (self));
  if (work->inner == NULL)
    return act (self, (gpointer) work->plan, error);

  say ("%c( ", work->plan[0]);
  return g_deferred_return_deferred (self, g_object_ref (work->inner));
}

static void
work_gone (gpointer data)
{
  Work *work = data;

  say ("~%c ", work->plan[0]);
  g_clear_object (&work->inner);
  g_free (work);
}

static GDeferred *
run (GDeferredLock *lock, const char *plan, GDeferred *inner)
{
  Work *work = g_new (Work, 1);

  *work = (Work){ plan, inner != NULL ? g_object_ref (inner) : NULL };
  return g_deferred_lock_run (lock, do_work, work, work_gone);
}

static GDeferredLock *
taken_lock (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();

  g_assert_true (g_deferred_lock_try_acquire (lock));
  return lock;
}

/* The same when the lock is free, and when one has to wait for it. */
static GDeferredLock *
new_lock (gboolean is_taken)
{
  return is_taken ? taken_lock () : g_deferred_lock_new ();
}

static void
let_go_if (GDeferredLock *lock, gboolean is_taken)
{
  if (is_taken)
    g_assert_true (g_deferred_lock_release (lock));
}

/* --- what it leaves ---------------------------------------------------------------------------------------------- */

static void
leaves (const char *plan, const char *trace)
{
  for (int is_taken = 0; is_taken < 2; is_taken++)
    {
      GDeferredLock *lock = new_lock (is_taken);
      GDeferred     *result = run (lock, plan, NULL);

      let_go_if (lock, is_taken);
      link_both (result, "r0");
      trace_is (trace);
      locked_is (lock, FALSE, 0);
      g_assert_finalize_object (result);
      g_assert_finalize_object (lock);
    }
}

static void
leaves_an_outcome (void)
{
  leaves ("a=7", "a:- ~a r:7 ~r ");
  leaves ("a0", "a:- ~a r:- ~r ");
  leaves ("a", "a:- ~a r:- ~r ");
  leaves ("a!bad", "a:- ~a r:!bad ~r ");
  leaves ("a?", "a:- ~a r:!FAILED ~r ");
}

/* The lock is free again before the result's callbacks are called. */
static gboolean
check_free (GDeferred *self, gpointer lock, GError **error)
{
  locked_is (lock, FALSE, 0);
  say ("free ");
  return TRUE;
}

static void
waits_for_a_deferred (void)
{
  for (int is_taken = 0; is_taken < 2; is_taken++)
    {
      GDeferredLock *lock = new_lock (is_taken);
      GDeferred     *inner = g_deferred_new ();
      GDeferred     *result = run (lock, "a", inner);

      g_deferred_add_both (result, check_free, lock, NULL);
      link_both (result, "r");
      let_go_if (lock, is_taken);
      trace_is ("a( ~a ");
      locked_is (lock, TRUE, 0);
      fire (inner, 4);
      trace_is ("free r:4 ~r ");
      g_assert_finalize_object (result);
      g_assert_finalize_object (inner);
      g_assert_finalize_object (lock);
    }
}

static void
one_after_the_other (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *inner = g_deferred_new ();

  g_object_unref (run (lock, "a", inner));
  g_object_unref (run (lock, "b=1", NULL));
  g_object_unref (run (lock, "c!bad", NULL));
  ask (lock, "d");
  trace_is ("a( ~a ");
  locked_is (lock, TRUE, 3);
  fire (inner, 0);
  trace_is ("b:- ~b c:- ~c d:L ");
  reported ("bad");
  g_assert_finalize_object (inner);
  g_assert_finalize_object (lock);
}

static gboolean
fail_with_payload (GDeferred *self, gpointer data, GError **error)
{
  GError *failure = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "bad");
  GValue  payload = G_VALUE_INIT;

  g_value_init (&payload, G_TYPE_INT);
  g_value_set_int (&payload, 17);
  g_deferred_return_error_full (self, failure, &payload);
  g_error_free (failure);
  return FALSE;
}

static gboolean
check_payload (GDeferred *self, gpointer data, GError **error)
{
  g_assert_cmpint (g_value_get_int (g_deferred_get_payload (self)), ==, 17);
  say ("payload ");
  return g_deferred_return_none (self);
}

static void
payload (void)
{
  for (int is_taken = 0; is_taken < 2; is_taken++)
    {
      GDeferredLock *lock = new_lock (is_taken);
      GDeferred     *result = g_deferred_lock_run (lock, fail_with_payload, NULL, NULL);

      let_go_if (lock, is_taken);
      g_deferred_add_errback (result, check_payload, NULL, NULL);
      trace_is ("payload ");
      g_assert_finalize_object (result);
      g_assert_finalize_object (lock);
    }
}

static void
unhandled (void)
{
  GDeferredLock *lock = taken_lock ();

  g_object_unref (run (lock, "a!bad", NULL));
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("a:- ~a ");
  reported ("bad");
  nothing_reported ();
  g_assert_finalize_object (lock);
}

/* --- cancelling, at each stage ----------------------------------------------------------------------------------- */

static void
cancelled_while_it_waits (void)
{
  GDeferredLock *lock = taken_lock ();
  GDeferred     *result = run (lock, "a", NULL);

  link_both (result, "r0");
  ask (lock, "b");
  g_deferred_cancel (result);
  trace_is ("~a r:!CANCELLED ~r ");
  locked_is (lock, TRUE, 1);
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("b:L ");
  g_assert_finalize_object (result);
  g_assert_finalize_object (lock);
}

static void
stop_work (GDeferred *inner, gpointer data)
{
  say ("stop ");
}

static void
cancelled_while_it_runs (void)
{
  for (int is_taken = 0; is_taken < 2; is_taken++)
    {
      GDeferredLock *lock = new_lock (is_taken);
      GDeferred     *inner = g_deferred_new_with_canceller (stop_work, NULL, NULL);
      GDeferred     *result = run (lock, "a", inner);

      link_both (result, "r0");
      ask (lock, "b");
      let_go_if (lock, is_taken);
      trace_is ("a( ~a ");
      g_deferred_cancel (result);
      trace_is ("stop b:L r:!CANCELLED ~r ");
      g_assert_finalize_object (result);
      g_assert_finalize_object (inner);
      g_assert_finalize_object (lock);
    }
}

static void
answer_instead (GDeferred *inner, gpointer data)
{
  fire (inner, 9);
}

static void
cancelled_but_answered (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *inner = g_deferred_new_with_canceller (answer_instead, NULL, NULL);
  GDeferred     *result = run (lock, "a", inner);

  link_both (result, "r");
  g_deferred_cancel (result);
  trace_is ("a( ~a r:9 ~r ");
  locked_is (lock, FALSE, 0);
  g_assert_finalize_object (result);
  g_assert_finalize_object (inner);
  g_assert_finalize_object (lock);
}

static void
cancelled_when_it_is_done (void)
{
  GDeferredLock *lock = taken_lock ();
  GDeferred     *result = run (lock, "a=1", NULL);

  g_assert_true (g_deferred_lock_release (lock));
  g_deferred_cancel (result);
  link_both (result, "r");
  trace_is ("a:- ~a r:1 ~r ");
  locked_is (lock, FALSE, 0);
  g_assert_finalize_object (result);
  g_assert_finalize_object (lock);
}

/* What it waits for, waits itself. */
static void
cancelled_deep_inside (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *inner = g_deferred_new_with_canceller (stop_work, NULL, NULL);
  GDeferred     *middle = succeeded_with (1);
  GDeferred     *result;

  link_inner (middle, inner);
  result = run (lock, "a", middle);
  link_both (result, "r0");
  g_deferred_cancel (result);
  trace_is ("a( ~a stop r:!CANCELLED ~r ");
  locked_is (lock, FALSE, 0);
  g_assert_finalize_object (result);
  g_assert_finalize_object (middle);
  g_assert_finalize_object (inner);
  g_assert_finalize_object (lock);
}

static gboolean
cancel_other (GDeferred *self, gpointer other, GError **error)
{
  say ("cancel ");
  g_deferred_cancel (other);
  g_assert_true (g_deferred_lock_release (g_deferred_get_object (self)));
  return TRUE;
}

/* By the one that gets the lock next: it has its outcome by then. */
static void
cancelled_as_it_ends (void)
{
  for (int is_taken = 0; is_taken < 2; is_taken++)
    {
      GDeferredLock *lock = new_lock (is_taken);
      GDeferred     *inner = g_deferred_new ();
      GDeferred     *result = run (lock, "a", inner);
      GDeferred     *next = g_deferred_lock_acquire (lock);

      link_both (result, "r");
      g_deferred_add_callback (next, cancel_other, result, NULL);
      let_go_if (lock, is_taken);
      trace_is ("a( ~a ");
      fire (inner, 6);
      trace_is ("cancel r:6 ~r ");
      g_assert_finalize_object (next);
      g_assert_finalize_object (result);
      g_assert_finalize_object (inner);
      g_assert_finalize_object (lock);
    }
}

/* --- somebody goes ----------------------------------------------------------------------------------------------- */

static void
owner_goes_while_it_waits (void)
{
  GDeferredLock *lock = taken_lock ();
  GObject       *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred     *result = run (lock, "a", NULL);

  link_both (result, "r");
  g_deferred_bind_owner (result, owner);
  g_object_unref (owner);
  trace_is ("");
  settle (NULL);
  trace_is ("~a ~r ");
  locked_is (lock, TRUE, 0);
  g_assert_finalize_object (result);
  g_assert_finalize_object (lock);
}

static void
owner_goes_while_it_runs (void)
{
  for (int is_taken = 0; is_taken < 2; is_taken++)
    {
      GDeferredLock *lock = new_lock (is_taken);
      GObject       *owner = g_object_new (G_TYPE_OBJECT, NULL);
      GDeferred     *inner = g_deferred_new_with_canceller (stop_work, NULL, NULL);
      GDeferred     *result = run (lock, "a", inner);

      link_both (result, "r");
      g_deferred_bind_owner (result, owner);
      let_go_if (lock, is_taken);
      trace_is ("a( ~a ");
      g_object_unref (owner);
      locked_is (lock, TRUE, 0);
      settle (NULL);
      trace_is ("stop ~r ");
      locked_is (lock, FALSE, 0);
      g_assert_finalize_object (result);
      g_assert_finalize_object (inner);
      g_assert_finalize_object (lock);
    }
}

static gboolean
bind_and_wait (GDeferred *self, gpointer inner, GError **error)
{
  g_deferred_bind_owner (self, g_object_get_data (inner, "owner"));
  return g_deferred_return_deferred (self, g_object_ref (inner));
}

/* The function's own Deferred has an owner: what releases is not the owner's to take away. */
static void
owner_from_inside (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GObject       *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred     *inner = g_deferred_new_with_canceller (stop_work, NULL, NULL);
  GDeferred     *result;

  g_object_set_data (G_OBJECT (inner), "owner", owner);
  result = g_deferred_lock_run (lock, bind_and_wait, inner, NULL);
  link_both (result, "r0");
  g_object_unref (owner);
  locked_is (lock, TRUE, 0);
  settle (NULL);
  trace_is ("stop r:!CANCELLED ~r ");
  locked_is (lock, FALSE, 0);
  g_assert_finalize_object (result);
  g_assert_finalize_object (inner);
  g_assert_finalize_object (lock);
}

static void
abandoned_inside (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *inner = g_deferred_new ();
  GDeferred     *result = run (lock, "a", inner);

  link_both (result, "r0");
  g_object_unref (inner);
  settle (NULL);
  trace_is ("a( ~a r:!ABANDONED ~r ");
  locked_is (lock, FALSE, 0);
  g_assert_finalize_object (result);
  g_assert_finalize_object (lock);
}

/* Who drops the result does not stop the run. */
static void
result_dropped (void)
{
  GDeferredLock *lock = taken_lock ();
  GDeferred     *inner = g_deferred_new ();

  g_object_unref (run (lock, "a", inner));
  settle (NULL);
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("a( ~a ");
  locked_is (lock, TRUE, 0);
  fire (inner, 1);
  locked_is (lock, FALSE, 0);
  g_assert_finalize_object (inner);
  g_assert_finalize_object (lock);
}

static void
lock_dropped_while_it_waits (void)
{
  GDeferredLock *lock = taken_lock ();
  GDeferred     *result = run (lock, "a", NULL);

  link_both (result, "r0");
  g_assert_finalize_object (lock);
  trace_is ("");
  settle (NULL);
  trace_is ("~a r:!ABANDONED ~r ");
  g_assert_finalize_object (result);
}

/* What runs keeps it, and so do those who run after it. */
static void
lock_dropped_while_it_runs (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *inner = g_deferred_new ();
  gpointer       watched = lock;

  g_object_add_weak_pointer (G_OBJECT (lock), &watched);
  g_object_unref (run (lock, "a", inner));
  g_object_unref (run (lock, "b", inner));
  g_object_unref (lock);
  g_assert_nonnull (watched);
  trace_is ("a( ~a ");
  fire (inner, 1);
  trace_is ("b( ~b ");
  g_assert_null (watched);
  g_assert_finalize_object (inner);
}

/* --- from inside ------------------------------------------------------------------------------------------------- */

static gboolean
run_again (GDeferred *self, gpointer lock, GError **error)
{
  locked_is (lock, TRUE, 0);
  g_object_unref (run (lock, "b0", NULL));
  locked_is (lock, TRUE, 1);
  say ("a ");
  return TRUE;
}

static void
run_inside (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();

  g_object_unref (g_deferred_lock_run (lock, run_again, lock, NULL));
  trace_is ("a b:- ~b ");
  locked_is (lock, FALSE, 0);
  g_assert_finalize_object (lock);
}

static gboolean
drop_lock (GDeferred *self, gpointer lock, GError **error)
{
  g_object_unref (lock);
  return g_deferred_return_int (self, 3);
}

static void
dropped_inside (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  gpointer       watched = lock;
  GDeferred     *result;

  g_object_add_weak_pointer (G_OBJECT (lock), &watched);
  result = g_deferred_lock_run (lock, drop_lock, lock, NULL);
  g_assert_null (watched);
  link_both (result, "r");
  trace_is ("r:3 ~r ");
  g_assert_finalize_object (result);
}

static gboolean
release_inside (GDeferred *self, gpointer lock, GError **error)
{
  g_assert_true (g_deferred_lock_release (lock));
  return TRUE;
}

static void
released_inside (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();

  expect_critical ("the lock is released without being acquired");
  g_object_unref (g_deferred_lock_run (lock, release_inside, lock, NULL));
  criticals_came ();
  locked_is (lock, FALSE, 0);
  g_assert_finalize_object (lock);
}

static gboolean
count_one (GDeferred *self, gpointer count, GError **error)
{
  ++*(guint *) count;
  return TRUE;
}

/* Each is done at once, and lets the next one in. */
static void
a_million (void)
{
  const guint    n = gd_test_scaled (300000);
  GDeferredLock *lock = taken_lock ();
  guint          count = 0;

  for (guint i = 0; i < n; i++)
    g_object_unref (g_deferred_lock_run (lock, count_one, &count, NULL));
  g_assert_true (g_deferred_lock_release (lock));
  g_assert_cmpuint (count, ==, n);
  g_assert_finalize_object (lock);
}

static const Case cases[] = {
  { "/run/leaves-an-outcome", leaves_an_outcome },
  { "/run/waits-for-a-deferred", waits_for_a_deferred },
  { "/run/one-after-the-other", one_after_the_other },
  { "/run/payload", payload },
  { "/run/unhandled", unhandled },
  { "/run/cancelled/while-it-waits", cancelled_while_it_waits },
  { "/run/cancelled/while-it-runs", cancelled_while_it_runs },
  { "/run/cancelled/but-answered", cancelled_but_answered },
  { "/run/cancelled/when-it-is-done", cancelled_when_it_is_done },
  { "/run/cancelled/deep-inside", cancelled_deep_inside },
  { "/run/cancelled/as-it-ends", cancelled_as_it_ends },
  { "/run/gone/owner-while-it-waits", owner_goes_while_it_waits },
  { "/run/gone/owner-while-it-runs", owner_goes_while_it_runs },
  { "/run/gone/owner-from-inside", owner_from_inside },
  { "/run/gone/abandoned-inside", abandoned_inside },
  { "/run/gone/result", result_dropped },
  { "/run/gone/lock-while-it-waits", lock_dropped_while_it_waits },
  { "/run/gone/lock-while-it-runs", lock_dropped_while_it_runs },
  { "/run/inside/again", run_inside },
  { "/run/inside/dropped", dropped_inside },
  { "/run/inside/released", released_inside },
  { "/run/million", a_million },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
