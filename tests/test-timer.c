/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Delays, and calls after one. */

#include "clock-fixture.h"

/* --- delays ------------------------------------------------------------------------------------------------------ */

static void
delay (void)
{
  GDeferred *d = g_deferred_delay (3 * SECOND, NULL);

  link_both (d, "a");
  advance (3 * SECOND - 1);
  trace_is ("");
  state_is (d, PENDING);
  advance (1);
  trace_is ("a:- ~a ");
  g_assert_finalize_object (d);
}

/* Never before it was returned. */
static void
no_delay (void)
{
  GDeferred *d = g_deferred_delay (0, NULL);
  GDeferred *e = g_deferred_delay (-SECOND, NULL);

  link_both (d, "a");
  link_both (e, "b");
  state_is (d, PENDING);
  advance (0);
  trace_is ("a:- ~a b:- ~b ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (e);
}

/* The clock holds it. */
static void
nobody_holds (void)
{
  GDeferred *d = g_deferred_delay (SECOND, NULL);

  link_both (d, "a");
  g_object_unref (d);
  advance (SECOND);
  trace_is ("a:- ~a ");
}

static void
delay_until (void)
{
  GDeferred *d = g_deferred_delay_until (5, NULL);
  GDeferred *past = NULL;

  link_both (d, "a");
  advance (4);
  trace_is ("");
  past = g_deferred_delay_until (2, NULL);
  link_both (past, "b");
  advance (0);
  trace_is ("b:- ~b ");
  advance (1);
  trace_is ("a:- ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (past);
}

static void
cancelled (void)
{
  GDeferred *d = g_deferred_delay (SECOND, NULL);

  link_both (d, "a");
  g_deferred_cancel (d);
  trace_is ("a:!CANCELLED ~a ");
  calls_left (0);
  g_assert_finalize_object (d);
}

static void
cancel_after (void)
{
  GDeferred *d = g_deferred_delay (SECOND, NULL);

  advance (SECOND);
  g_deferred_cancel (d);
  link_both (d, "a");
  trace_is ("a:- ~a ");
  g_assert_finalize_object (d);
}

/* Through one that waits for it. */
static void
cancelled_from_outside (void)
{
  GDeferred *outer = succeeded_with (1);
  GDeferred *d = g_deferred_delay (SECOND, NULL);

  link_inner (outer, d);
  link_both (outer, "a");
  g_object_unref (d);
  g_deferred_cancel (outer);
  trace_is ("a:!CANCELLED ~a ");
  calls_left (0);
  g_assert_finalize_object (outer);
}

static gboolean
delay_again (GDeferred *self, gpointer unused, GError **error)
{
  say ("again ");
  return g_deferred_return_deferred (self, g_deferred_delay (SECOND, NULL));
}

/* Each from the end of the one before, to the microsecond. */
static void
one_after_the_other (void)
{
  GDeferred *d = g_deferred_delay (SECOND, NULL);

  g_deferred_add_callback (d, delay_again, NULL, NULL);
  g_deferred_add_callback (d, delay_again, NULL, NULL);
  link_both (d, "a");
  advance (2 * SECOND);
  trace_is ("again again ");
  advance (SECOND);
  trace_is ("a:- ~a ");
  g_assert_finalize_object (d);
}

/* A virtual clock that goes lets go of what waits for it. */
static void
clock_dropped (void)
{
  GDeferredClock *clock = g_deferred_clock_new_virtual ();
  GDeferred      *d = g_deferred_delay (SECOND, clock);

  link_both (d, "a");
  g_object_unref (d);
  g_assert_finalize_object (clock);
  trace_is ("");
  settle (NULL);
  trace_is ("a:!ABANDONED ~a ");
  reported ("The clock that it waited for was dropped");
}

/* Somebody else holds it, and is told as well. */
static void
clock_dropped_and_held (void)
{
  GDeferredClock *clock = g_deferred_clock_new_virtual ();
  GDeferred      *d = g_deferred_delay (SECOND, clock);

  link_both (d, "a0");
  g_assert_finalize_object (clock);
  trace_is ("");
  settle (NULL);
  trace_is ("a:!ABANDONED ~a ");
  g_assert_finalize_object (d);
}

/* That its time has come says nothing about what it waits for then, nor undoes a pause. */
static void
waits_afterwards (void)
{
  GDeferred *d = g_deferred_delay (SECOND, NULL);
  GDeferred *inner = g_deferred_new ();

  link_inner (d, inner);
  link_both (d, "a");
  g_deferred_pause (inner);
  g_deferred_pause (d);
  advance (SECOND);
  settle (NULL);
  g_deferred_unpause (d);
  g_deferred_pause (d);
  state_is (d, WAITING);
  fire (inner, 3);
  g_deferred_unpause (inner);
  settle (NULL);
  trace_is ("");
  g_deferred_unpause (d);
  trace_is ("a:3 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static gpointer
drop_it (gpointer object)
{
  g_object_unref (object);
  return NULL;
}

static gboolean
say_thread (GDeferred *self, gpointer thread, GError **error)
{
  say (g_thread_self () == thread ? "here " : "elsewhere ");
  return g_deferred_return_none (self);
}

/* Its clock is dropped by another thread: what it leaves is done at home. */
static void
clock_dropped_elsewhere (void)
{
  GDeferredClock *clock = g_deferred_clock_new_virtual ();
  GDeferred      *d = g_deferred_delay (SECOND, clock);

  g_deferred_add_both (d, say_thread, g_thread_self (), NULL);
  g_object_unref (d);
  in_a_worker (drop_it, clock);
  trace_is ("");
  settle (NULL);
  trace_is ("here ");
}

static void
own_clock (void)
{
  GDeferredClock *clock = g_deferred_clock_new_virtual ();
  GDeferred      *d = g_deferred_delay (SECOND, clock);
  GDeferred      *e = g_deferred_new ();

  link_both (d, "a");
  g_deferred_add_timeout (e, 2 * SECOND, clock);
  link_both (e, "b0");
  advance (5 * SECOND);
  trace_is ("");
  g_deferred_clock_advance (clock, 5 * SECOND);
  trace_is ("a:- ~a b:!Timed out after 2 s ~b ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (e);
  g_assert_finalize_object (clock);
}

/* The system's, for once. */
static void
real_time (void)
{
  g_autoptr (GDeferredClock) clock = g_deferred_clock_new_virtual ();
  gint64     begin = g_get_monotonic_time ();
  GDeferred *d;
  GDeferred *never = g_deferred_new ();
  GError    *error = NULL;

  g_deferred_clock_pop (fx_clock);
  d = g_deferred_delay (2000, NULL);
  g_deferred_add_timeout (never, 3000, NULL);
  g_assert_true (g_deferred_wait (d, NULL));
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 2000);
  g_assert_false (g_deferred_wait (never, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpstr (error->message, ==, "Timed out after 3 ms");
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 3000);
  g_error_free (error);
  g_assert_finalize_object (d);
  g_assert_finalize_object (never);
  g_deferred_clock_push (fx_clock);
}

/* --- call_later: Twisted's deferLater ---------------------------------------------------------------------------- */

static GDeferred *
act_later (const char *plan)
{
  return g_deferred_call_later (3 * SECOND, NULL, act, (gpointer) plan, gone);
}

static void
later_succeeds (void)
{
  GDeferred *d = act_later ("f=7");

  link_both (d, "a");
  advance (2 * SECOND);
  trace_is ("");
  advance (SECOND);
  trace_is ("f:- ~f a:7 ~a ");
  g_assert_finalize_object (d);
}

static void
later_fails (void)
{
  GDeferred *d = act_later ("f!bad");

  link_both (d, "a0");
  advance (3 * SECOND);
  trace_is ("f:- ~f a:!bad ~a ");
  g_assert_finalize_object (d);
}

static void
later_cancelled (void)
{
  GDeferred *d = act_later ("f");

  link_both (d, "a");
  g_deferred_cancel (d);
  trace_is ("~f a:!CANCELLED ~a ");
  calls_left (0);
  g_assert_finalize_object (d);
}

static void
later_waits (void)
{
  GDeferred *inner = g_deferred_new ();
  GDeferred *d = g_deferred_call_later (SECOND, NULL, return_it, g_object_ref (inner), g_object_unref);
  GDeferred *other = g_deferred_call_later (SECOND, NULL, return_it, g_object_ref (inner), g_object_unref);

  link_both (d, "a");
  link_both (other, "b");
  g_deferred_cancel (other);
  trace_is ("b:!CANCELLED ~b ");
  advance (SECOND);
  state_is (d, WAITING);
  g_deferred_cancel (d);
  trace_is ("a:!CANCELLED ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (other);
  g_assert_finalize_object (inner);
}

/* The owner went, and the letter that cancels has not come yet when the time does. */
static void
later_without_owner (void)
{
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *d = act_later ("f");

  g_deferred_bind_owner (d, owner);
  g_object_unref (owner);
  advance (3 * SECOND);
  trace_is ("~f ");
  settle (NULL);
  g_assert_finalize_object (d);
}

/* --- other threads ----------------------------------------------------------------------------------------------- */

static gpointer
make_delay (gpointer unused)
{
  return g_deferred_delay (SECOND, NULL);
}

/* It comes home, where the clock is that is current there. */
static void
delay_from_a_worker (void)
{
  GDeferred *d = in_a_worker (make_delay, NULL);

  link_both (d, "a");
  calls_left (0);
  settle (NULL);
  calls_left (1);
  advance (SECOND);
  trace_is ("a:- ~a ");
  g_assert_finalize_object (d);
}

/* It was cancelled here before it has come. */
static void
cancelled_on_the_way (void)
{
  GDeferred *d = in_a_worker (make_delay, NULL);

  link_both (d, "a");
  g_deferred_cancel (d);
  trace_is ("a:!CANCELLED ~a ");
  settle (NULL);
  calls_left (0);
  g_assert_finalize_object (d);
}

static gpointer
make_and_cancel (gpointer unused)
{
  GDeferred *d = g_deferred_call_later (SECOND, NULL, act, (gpointer) "f", gone);

  g_deferred_cancel (d);
  g_object_unref (d);
  d = g_deferred_call_later (2 * SECOND, NULL, act, (gpointer) "g", gone);
  g_object_unref (d);
  return NULL;
}

static void
later_from_a_worker (void)
{
  in_a_worker (make_and_cancel, NULL);
  trace_is ("");
  settle (NULL);
  trace_is ("~f ");
  calls_left (1);
  advance (2 * SECOND);
  trace_is ("g:- ~g ");
}

static gpointer
cancel_it (gpointer d)
{
  g_deferred_cancel (d);
  return NULL;
}

static void
cancelled_from_a_worker (void)
{
  GDeferred *d = g_deferred_delay (SECOND, NULL);

  link_both (d, "a");
  in_a_worker (cancel_it, d);
  calls_left (1);
  settle (NULL);
  trace_is ("a:!CANCELLED ~a ");
  calls_left (0);
  g_assert_finalize_object (d);
}

static void
misuse (void)
{
  GDeferred *d = g_deferred_new ();

  expect_critical ("G_IS_DEFERRED_CLOCK (clock)");
  g_assert_null (g_deferred_delay (1, (GDeferredClock *) d));
  expect_critical ("G_IS_DEFERRED_CLOCK (clock)");
  g_assert_null (g_deferred_delay_until (1, (GDeferredClock *) d));
  expect_critical ("G_IS_DEFERRED_CLOCK (clock)");
  g_assert_null (g_deferred_call_later (1, (GDeferredClock *) d, act, NULL, NULL));
  expect_critical ("func != NULL");
  g_assert_null (g_deferred_call_later (1, NULL, NULL, NULL, NULL));
  expect_critical ("G_IS_DEFERRED (self)");
  g_assert_null (g_deferred_add_timeout (NULL, 1, NULL));
  expect_critical ("G_IS_DEFERRED_CLOCK (clock)");
  g_assert_true (g_deferred_add_timeout (d, 1, (GDeferredClock *) d) == d);
  expect_critical ("G_IS_DEFERRED (self)");
  g_assert_null (g_deferred_add_deadline (NULL, 1, NULL));
  expect_critical ("G_IS_DEFERRED_CLOCK (clock)");
  g_assert_true (g_deferred_add_deadline (d, 1, (GDeferredClock *) d) == d);
  criticals_came ();
  calls_left (0);
  g_assert_finalize_object (d);
}

static const Case cases[] = {
  { "/timer/delay/fires", delay },
  { "/timer/delay/none", no_delay },
  { "/timer/delay/nobody-holds-it", nobody_holds },
  { "/timer/delay/until", delay_until },
  { "/timer/delay/cancelled", cancelled },
  { "/timer/delay/cancel-after", cancel_after },
  { "/timer/delay/cancelled-from-outside", cancelled_from_outside },
  { "/timer/delay/one-after-the-other", one_after_the_other },
  { "/timer/delay/clock-dropped", clock_dropped },
  { "/timer/delay/clock-dropped-and-held", clock_dropped_and_held },
  { "/timer/delay/clock-dropped-elsewhere", clock_dropped_elsewhere },
  { "/timer/delay/waits-afterwards", waits_afterwards },
  { "/timer/delay/own-clock", own_clock },
  { "/timer/delay/real-time", real_time },
  { "/timer/later/succeeds", later_succeeds },
  { "/timer/later/fails", later_fails },
  { "/timer/later/cancelled", later_cancelled },
  { "/timer/later/waits", later_waits },
  { "/timer/later/without-owner", later_without_owner },
  { "/timer/threads/delay", delay_from_a_worker },
  { "/timer/threads/cancelled-on-the-way", cancelled_on_the_way },
  { "/timer/threads/later", later_from_a_worker },
  { "/timer/threads/cancelled", cancelled_from_a_worker },
  { "/timer/misuse", misuse },
};

int
main (int argc, char **argv)
{
  return run_cases_on_clock (argc, argv, cases, G_N_ELEMENTS (cases));
}
