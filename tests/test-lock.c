/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* The lock, and with it what all have in common that others wait for. In the trace "a:L " says that a got the lock. */

#include "fixture.h"
#include "lock-fixture.h"

/* --- what Twisted's own tests say -------------------------------------------------------------------------------- */

static void
twisted_lock (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *control = g_deferred_new ();
  GDeferred     *result;

  ask (lock, "a");
  trace_is ("a:L ");
  locked_is (lock, TRUE, 0);
  ask (lock, "b");
  trace_is ("");
  locked_is (lock, TRUE, 1);
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("b:L ");
  locked_is (lock, TRUE, 0);
  g_assert_true (g_deferred_lock_release (lock));
  locked_is (lock, FALSE, 0);

  result = g_deferred_lock_run (lock, return_it, control, NULL);
  link_both (result, "r");
  locked_is (lock, TRUE, 0);
  ask (lock, "c");
  trace_is ("");
  fire (control, 5);
  trace_is ("c:L r:5 ~r ");
  locked_is (lock, TRUE, 0);

  g_deferred_cancel (ask (lock, "d"));
  trace_is ("d:!CANCELLED ");
  g_assert_true (g_deferred_lock_release (lock));
  locked_is (lock, FALSE, 0);

  g_assert_finalize_object (result);
  g_assert_finalize_object (control);
  g_assert_finalize_object (lock);
}

static void
twisted_cancel_after_acquired (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *d = g_deferred_lock_acquire (lock);

  link_both (d, "a");
  g_deferred_cancel (d);
  trace_is ("a:GObject ~a ");
  locked_is (lock, TRUE, 0);
  g_assert_finalize_object (d);
  g_assert_finalize_object (lock);
}

static void
twisted_cancel_before_acquired (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *d;

  g_assert_true (g_deferred_lock_try_acquire (lock));
  d = g_deferred_lock_acquire (lock);
  g_deferred_cancel (d);
  link_both (d, "a");
  trace_is ("a:!CANCELLED ~a ");
  locked_is (lock, TRUE, 0);
  g_assert_finalize_object (d);
  g_assert_finalize_object (lock);
}

/* --- in line ----------------------------------------------------------------------------------------------------- */

static void
first_come_first_served (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();

  g_assert_true (g_deferred_lock_try_acquire (lock));
  ask (lock, "a");
  ask (lock, "b");
  ask (lock, "c");
  g_assert_false (g_deferred_lock_try_acquire (lock));
  for (guint i = 0; i < 4; i++)
    {
      g_assert_true (g_deferred_lock_release (lock));
      say (". ");
    }
  trace_is ("a:L . b:L . c:L . . ");
  g_assert_true (g_deferred_lock_try_acquire (lock));
  g_assert_finalize_object (lock);
}

static void
cancelled_leave (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *a, *c, *e;

  g_assert_true (g_deferred_lock_try_acquire (lock));
  a = ask (lock, "a");
  ask (lock, "b");
  c = ask (lock, "c");
  ask (lock, "d");
  e = ask (lock, "e");
  g_deferred_cancel (c);
  g_deferred_cancel (a);
  g_deferred_cancel (e);
  trace_is ("c:!CANCELLED a:!CANCELLED e:!CANCELLED ");
  locked_is (lock, TRUE, 2);
  ask (lock, "f");
  for (guint i = 0; i < 4; i++)
    g_assert_true (g_deferred_lock_release (lock));
  trace_is ("b:L d:L f:L ");
  locked_is (lock, FALSE, 0);
  g_assert_finalize_object (lock);
}

/* The wait is for an inner Deferred; its cancel comes through the outer one. */
static void
cancelled_from_outside (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *outer = succeeded_with (1);

  g_assert_true (g_deferred_lock_try_acquire (lock));
  g_deferred_add_callback (outer, acquire_inside, lock, NULL);
  link_both (outer, "o");
  locked_is (lock, TRUE, 1);
  g_deferred_cancel (outer);
  trace_is ("o:!CANCELLED ~o ");
  locked_is (lock, TRUE, 0);
  g_assert_true (g_deferred_lock_release (lock));
  locked_is (lock, FALSE, 0);
  g_assert_finalize_object (outer);
  g_assert_finalize_object (lock);
}

static gpointer
cancel_it (gpointer d)
{
  g_deferred_cancel (d);
  return NULL;
}

/* Word of the cancel is on its way from another thread: the grant that comes first counts. */
static void
cancelled_too_late (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *d;

  g_assert_true (g_deferred_lock_try_acquire (lock));
  d = g_object_ref (ask (lock, "a"));
  g_thread_join (g_thread_new ("cancel", cancel_it, d));
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("a:L ");
  settle (NULL);
  locked_is (lock, TRUE, 0);

  g_object_unref (d);
  d = g_object_ref (ask (lock, "b"));
  g_thread_join (g_thread_new ("cancel", cancel_it, d));
  settle (NULL);
  trace_is ("b:!CANCELLED ");
  locked_is (lock, TRUE, 0);
  g_assert_finalize_object (d);
  g_assert_finalize_object (lock);
}

/* The lock is held as long as the work goes on, and the outcome comes with the release. */
static void
cancelled_run_waits_for_its_work (void)
{
  for (int later = 0; later < 2; later++)
    {
      GDeferredLock *lock = g_deferred_lock_new ();
      GDeferred     *clean_up = g_deferred_new ();
      GDeferred     *work = g_deferred_new ();
      GDeferred     *result;

      /* It waits for a clean-up that goes on when it is cancelled. */
      g_deferred_add_both (work, return_it, clean_up, NULL);
      if (later)
        g_assert_true (g_deferred_lock_try_acquire (lock));
      result = g_deferred_lock_run (lock, return_it, work, NULL);
      link_both (result, "r");
      if (later)
        g_assert_true (g_deferred_lock_release (lock));
      ask (lock, "b");

      g_deferred_cancel (result);
      trace_is ("");
      locked_is (lock, TRUE, 1);
      fire (clean_up, 5);
      trace_is ("b:L r:5 ~r ");
      g_assert_finalize_object (result);
      g_assert_finalize_object (work);
      g_assert_finalize_object (clean_up);
      g_assert_finalize_object (lock);
    }
}

/* --- nobody is there to get it ----------------------------------------------------------------------------------- */

/* The owner is gone, and the cancel on its way. */
static void
owner_gone (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GObject       *owner = g_object_new (G_TYPE_OBJECT, NULL);

  g_assert_true (g_deferred_lock_try_acquire (lock));
  g_deferred_bind_owner (ask (lock, "a"), owner);
  ask (lock, "b");
  g_object_unref (owner);
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("~a b:L ");
  settle (NULL);
  locked_is (lock, TRUE, 0);
  g_assert_true (g_deferred_lock_release (lock));
  locked_is (lock, FALSE, 0);
  g_assert_finalize_object (lock);
}

static void
owner_gone_and_cancelled (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GObject       *owner = g_object_new (G_TYPE_OBJECT, NULL);

  g_assert_true (g_deferred_lock_try_acquire (lock));
  g_deferred_bind_owner (ask (lock, "a"), owner);
  ask (lock, "b");
  g_object_unref (owner);
  settle (NULL);
  trace_is ("~a ");
  locked_is (lock, TRUE, 1);
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("b:L ");
  g_assert_finalize_object (lock);
}

/* What it leads on to gets the lock, and nobody else. */
static void
owner_gone_but_others_wait (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GObject       *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred     *d;
  GDeferred     *outer = succeeded_with (1);

  g_assert_true (g_deferred_lock_try_acquire (lock));
  d = g_deferred_lock_acquire (lock);
  link_both (d, "a");
  g_deferred_bind_owner (d, owner);
  link_inner (outer, d);
  link_both (outer, "o");
  ask (lock, "b");
  g_object_unref (owner);
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("~a o:GObject ~o ");
  settle (NULL);
  locked_is (lock, TRUE, 1);
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("b:L ");
  g_assert_finalize_object (outer);
  g_assert_finalize_object (d);
  g_assert_finalize_object (lock);
}

static void
end_owner (GObject *d, GParamSpec *pspec, gpointer owner)
{
  say ("handler ");
  g_object_run_dispose (owner);
}

/* A window that closes when nothing is pending any more, say. */
static void
owner_goes_as_it_is_granted (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GObject       *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred     *d;

  g_assert_true (g_deferred_lock_try_acquire (lock));
  d = ask (lock, "a");
  g_deferred_bind_owner (d, owner);
  g_signal_connect (d, "notify::pending", G_CALLBACK (end_owner), owner);
  ask (lock, "b");
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("handler ~a b:L ");
  g_object_unref (owner);
  settle (NULL);
  locked_is (lock, TRUE, 0);
  g_assert_finalize_object (lock);
}

static void
dropped_with_callbacks (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();

  g_assert_true (g_deferred_lock_try_acquire (lock));
  ask (lock, "a");
  settle (NULL);
  trace_is ("");
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("a:L ");
  g_assert_finalize_object (lock);
}

static void
dropped_without_callbacks (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();

  g_assert_true (g_deferred_lock_try_acquire (lock));
  g_object_unref (g_deferred_lock_acquire (lock));
  g_object_unref (g_deferred_lock_acquire (lock));
  ask (lock, "b");
  g_object_unref (g_deferred_lock_acquire (lock));
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("b:L ");
  g_assert_true (g_deferred_lock_release (lock));
  locked_is (lock, FALSE, 0);
  g_assert_finalize_object (lock);
}

static void
kept_without_callbacks (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *d;

  g_assert_true (g_deferred_lock_try_acquire (lock));
  d = g_deferred_lock_acquire (lock);
  ask (lock, "b");
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("");
  state_is (d, SUCCEEDED);
  g_assert_true (g_deferred_get_object (d) == lock);
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("b:L ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (lock);
}

static void
on_fired (GDeferred *d, gpointer lock)
{
  say ("fired ");
}

static void
dropped_with_a_handler (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *d;

  g_assert_true (g_deferred_lock_try_acquire (lock));
  d = g_deferred_lock_acquire (lock);
  g_signal_connect (d, "fired", G_CALLBACK (on_fired), NULL);
  g_object_unref (d);
  ask (lock, "b");
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("fired ");
  locked_is (lock, TRUE, 1);
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("b:L ");
  g_assert_finalize_object (lock);
}

/* --- paused ------------------------------------------------------------------------------------------------------ */

static void
paused (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *d;

  g_assert_true (g_deferred_lock_try_acquire (lock));
  d = g_object_ref (ask (lock, "a"));
  ask (lock, "b");
  g_deferred_pause (d);
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("");
  locked_is (lock, TRUE, 1);
  g_deferred_unpause (d);
  trace_is ("a:L ");
  locked_is (lock, TRUE, 1);
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("b:L ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (lock);
}

/* Nobody but the caller is there, who adds a callback later. */
static void
paused_and_kept (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GDeferred     *d;

  g_assert_true (g_deferred_lock_try_acquire (lock));
  d = g_deferred_lock_acquire (lock);
  ask (lock, "b");
  g_deferred_pause (d);
  g_assert_true (g_deferred_lock_release (lock));
  g_deferred_unpause (d);
  trace_is ("");
  locked_is (lock, TRUE, 1);
  link_both (d, "a");
  trace_is ("a:GObject ~a ");
  g_assert_true (g_deferred_lock_release (lock));
  trace_is ("b:L ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (lock);
}

static void
paused_till_the_owner_is_gone (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GObject       *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred     *d;

  g_assert_true (g_deferred_lock_try_acquire (lock));
  d = g_object_ref (ask (lock, "a"));
  ask (lock, "b");
  g_deferred_bind_owner (d, owner);
  g_deferred_pause (d);
  g_assert_true (g_deferred_lock_release (lock));
  g_object_unref (owner);
  settle (NULL);
  trace_is ("");
  g_deferred_unpause (d);
  trace_is ("b:L ~a ");
  locked_is (lock, TRUE, 0);
  g_assert_finalize_object (d);
  g_assert_finalize_object (lock);
}

/* The lock is gone before that. */
static void
paused_for_too_long (void)
{
  GDeferredLock *lock = g_deferred_lock_new ();
  GObject       *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred     *d;

  g_assert_true (g_deferred_lock_try_acquire (lock));
  d = g_object_ref (ask (lock, "a"));
  g_deferred_bind_owner (d, owner);
  g_deferred_pause (d);
  g_assert_true (g_deferred_lock_release (lock));
  g_object_unref (owner);
  g_object_run_dispose (G_OBJECT (lock));
  g_deferred_unpause (d);
  settle (NULL);
  trace_is ("~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (lock);
}

static const Case cases[] = {
  { "/lock/twisted/lock", twisted_lock },
  { "/lock/twisted/cancel-after-acquired", twisted_cancel_after_acquired },
  { "/lock/twisted/cancel-before-acquired", twisted_cancel_before_acquired },
  { "/lock/line/first-come-first-served", first_come_first_served },
  { "/lock/line/cancelled-leave", cancelled_leave },
  { "/lock/line/cancelled-from-outside", cancelled_from_outside },
  { "/lock/run/a-cancelled-one-waits-for-its-work", cancelled_run_waits_for_its_work },
  { "/lock/line/cancelled-too-late", cancelled_too_late },
  { "/lock/nobody/owner-gone", owner_gone },
  { "/lock/nobody/owner-gone-and-cancelled", owner_gone_and_cancelled },
  { "/lock/nobody/owner-gone-but-others-wait", owner_gone_but_others_wait },
  { "/lock/nobody/owner-goes-as-it-is-granted", owner_goes_as_it_is_granted },
  { "/lock/nobody/dropped-with-callbacks", dropped_with_callbacks },
  { "/lock/nobody/dropped-without-callbacks", dropped_without_callbacks },
  { "/lock/nobody/kept-without-callbacks", kept_without_callbacks },
  { "/lock/nobody/dropped-with-a-handler", dropped_with_a_handler },
  { "/lock/paused", paused },
  { "/lock/paused/kept", paused_and_kept },
  { "/lock/paused/till-the-owner-is-gone", paused_till_the_owner_is_gone },
  { "/lock/paused/for-too-long", paused_for_too_long },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
