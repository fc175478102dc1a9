/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Time-outs that are several, that find nothing to cancel, and that end otherwise; deadlines. */

#include "clock-fixture.h"

#define TIMED_OUT "!Timed out after 10 s "

static GDeferred *
with_timeout (GDeferred *d)
{
  g_assert_true (g_deferred_add_timeout (d, 10 * SECOND, NULL) == d);
  return d;
}

static void
give_seven (GDeferred *self, gpointer unused)
{
  say ("stop ");
  fire (self, 7);
}

/* --- time-outs: several ------------------------------------------------------------------------------------------ */

static void
shorter_first (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_add_timeout (d, 5 * SECOND, NULL);
  g_deferred_add_timeout (d, 10 * SECOND, NULL);
  link_both (d, "a0");
  advance (5 * SECOND);
  trace_is ("a:!Timed out after 5 s ~a ");
  calls_left (0);
  g_assert_finalize_object (d);
}

static void
shorter_last (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_add_timeout (d, 10 * SECOND, NULL);
  g_deferred_add_timeout (d, 5 * SECOND, NULL);
  link_both (d, "a0");
  advance (5 * SECOND);
  trace_is ("a:!Timed out after 5 s ~a ");
  calls_left (0);
  g_assert_finalize_object (d);
}

/* The inner one of the two was resisted. */
static void
both_are_up (void)
{
  GDeferred *stubborn = g_deferred_new_with_canceller (give_seven, NULL, NULL);
  GDeferred *second = g_deferred_new ();
  GDeferred *d = succeeded_with (1);

  link_inner (d, stubborn);
  link_inner (d, second);
  g_deferred_add_timeout (d, 5 * SECOND, NULL);
  g_deferred_add_timeout (d, 10 * SECOND, NULL);
  link_both (d, "a0");
  advance (5 * SECOND);
  trace_is ("stop ");
  advance (5 * SECOND);
  trace_is ("a:!Timed out after 5 s ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (stubborn);
  g_assert_finalize_object (second);
}

/* --- time-outs: paused, running ---------------------------------------------------------------------------------- */

static void
paused (void)
{
  GDeferred *d = with_timeout (g_deferred_new ());

  link_both (d, "a0");
  g_deferred_pause (d);
  advance (10 * SECOND);
  trace_is ("");
  state_is (d, FAILED);
  g_deferred_unpause (d);
  trace_is ("a:" TIMED_OUT "~a ");
  g_assert_finalize_object (d);
}

/* It has its result; somebody keeps it from going on. */
static void
fired_and_paused (void)
{
  GDeferred *d = with_timeout (g_deferred_new ());
  GDeferred *inner = g_deferred_new ();

  link_both (d, "a");
  g_deferred_pause (d);
  fire (d, 3);
  advance (20 * SECOND);
  g_deferred_unpause (d);
  trace_is ("a:3 ~a ");

  link_inner (d, inner);
  state_is (d, WAITING);
  g_assert_false (g_deferred_is_cancelled (inner));
  fire (inner, 1);
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

/* And when it goes on, it waits, which it has no time for. */
static void
fired_and_paused_then_waits (void)
{
  GDeferred *inner = g_deferred_new ();
  GDeferred *d = g_deferred_new ();

  link_callback (d, "b-");
  link_inner (d, inner);
  with_timeout (d);
  link_both (d, "a0");
  g_deferred_pause (d);
  fire (d, 3);
  advance (20 * SECOND);
  trace_is ("");
  g_deferred_unpause (d);
  trace_is ("b:3 ~b ");
  g_deferred_unpause (d);
  trace_is ("a:" TIMED_OUT "~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

/* It is cancelled once, as any other is. */
static void
then_waits_again (void)
{
  GDeferred *stubborn = g_deferred_new_with_canceller (give_seven, NULL, NULL);
  GDeferred *second = g_deferred_new ();
  GDeferred *d = g_deferred_new ();

  link_inner (d, stubborn);
  link_callback (d, "b-");
  link_inner (d, second);
  with_timeout (d);
  link_both (d, "a");
  g_deferred_pause (d);
  fire (d, 3);
  advance (20 * SECOND);
  g_deferred_unpause (d);
  trace_is ("stop b:7 ~b ");
  g_deferred_unpause (d);
  state_is (d, WAITING);
  g_assert_false (g_deferred_is_cancelled (second));
  fire (second, 5);
  trace_is ("a:5 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (stubborn);
  g_assert_finalize_object (second);
}

static gboolean
take_long (GDeferred *self, gpointer inner, GError **error)
{
  advance (20 * SECOND);
  say ("late ");
  return inner == NULL || g_deferred_return_deferred (self, g_object_ref (inner));
}

static void
up_while_running (void)
{
  GDeferred *inner = g_deferred_new ();
  GDeferred *d = g_deferred_new ();
  GDeferred *e = g_deferred_new ();

  g_deferred_add_callback (d, take_long, inner, NULL);
  with_timeout (d);
  link_both (d, "a0");
  fire (d, 3);
  trace_is ("late a:" TIMED_OUT "~a ");

  g_deferred_add_callback (e, take_long, NULL, NULL);
  with_timeout (e);
  link_both (e, "b");
  fire (e, 3);
  trace_is ("late b:3 ~b ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (e);
  g_assert_finalize_object (inner);
}

/* --- time-outs: its end ------------------------------------------------------------------------------------------ */

static void
dropped (void)
{
  GDeferred *d = with_timeout (g_deferred_new ());

  link_both (d, "a0");
  g_object_unref (d);
  settle (NULL);
  trace_is ("a:!ABANDONED ~a ");
  calls_left (0);
}

/* Its time is up between its last reference and the letter that tells of that. */
static void
dropped_and_up (void)
{
  GDeferred *d = with_timeout (g_deferred_new ());

  link_both (d, "a0");
  g_object_unref (d);
  advance (10 * SECOND);
  settle (NULL);
  trace_is ("a:" TIMED_OUT "~a ");
  calls_left (0);
}

static gboolean
drop (GDeferred *self, gpointer holder, GError **error)
{
  g_clear_object ((GDeferred **) holder);
  return g_deferred_return_none (self);
}

static void
dropped_inside (void)
{
  GDeferred *d = with_timeout (g_deferred_new ());
  GDeferred *watched = d;

  g_object_add_weak_pointer (G_OBJECT (watched), (gpointer *) &watched);
  g_deferred_add_both (d, drop, &d, NULL);
  link_both (d, "a");
  advance (10 * SECOND);
  trace_is ("a:- ~a ");
  g_assert_null (d);
  g_assert_null (watched);
}

static void
without_owner (void)
{
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *d = with_timeout (g_deferred_new ());

  link_both (d, "a");
  g_deferred_bind_owner (d, owner);
  g_object_unref (owner);
  settle (NULL);
  trace_is ("~a ");
  calls_left (0);
  g_assert_finalize_object (d);
}

/* Its time is up before the letter of the owner's end comes. */
static void
without_owner_and_up (void)
{
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *d = with_timeout (g_deferred_new ());

  link_both (d, "a");
  g_deferred_bind_owner (d, owner);
  g_object_unref (owner);
  advance (10 * SECOND);
  trace_is ("~a ");
  settle (NULL);
  calls_left (0);
  g_assert_finalize_object (d);
}

static void
finished_before (void)
{
  GDeferred *d = succeeded_with (3);
  GDeferred *e = failed_with ("bad");

  g_assert_true (g_deferred_add_timeout (d, SECOND, NULL) == d);
  g_assert_true (g_deferred_add_deadline (e, SECOND, NULL) == e);
  calls_left (0);
  link_both (e, "b0");
  trace_is ("b:!bad ~b ");
  g_assert_cmpint (g_deferred_get_int (d), ==, 3);
  g_assert_finalize_object (d);
  g_assert_finalize_object (e);
}

/* The clock goes first. */
static void
clock_goes (void)
{
  GDeferredClock *clock = g_deferred_clock_new_virtual ();
  GDeferred      *d = g_deferred_new ();

  g_deferred_add_timeout (d, SECOND, clock);
  link_both (d, "a");
  g_assert_finalize_object (clock);
  fire (d, 3);
  trace_is ("a:3 ~a ");
  g_assert_finalize_object (d);
}

/* The one that it was forked from goes on. */
static void
of_a_fork (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *fork = with_timeout (g_deferred_fork (d));

  link_both (fork, "f0");
  link_both (d, "a");
  advance (10 * SECOND);
  trace_is ("f:" TIMED_OUT "~f ");
  fire (d, 3);
  trace_is ("a:3 ~a ");
  g_assert_finalize_object (fork);
  g_assert_finalize_object (d);
}

/* --- deadlines, and how long it was ------------------------------------------------------------------------------ */

static void
deadline (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *e;

  g_assert_true (g_deferred_add_deadline (d, 5 * SECOND, NULL) == d);
  link_both (d, "a0");
  advance (3 * SECOND);
  e = g_deferred_delay (4 * SECOND, NULL);
  g_deferred_add_deadline (e, 5 * SECOND, NULL);
  link_both (e, "b0");
  trace_is ("");
  advance (2 * SECOND);
  trace_is ("a:!The deadline passed ~a b:!The deadline passed ~b ");
  calls_left (0);
  g_assert_finalize_object (d);
  g_assert_finalize_object (e);
}

static void
deadline_is_past (void)
{
  GDeferred *d = g_deferred_new ();

  advance (SECOND);
  g_deferred_add_deadline (d, 5, NULL);
  link_both (d, "a0");
  trace_is ("");
  state_is (d, PENDING);
  advance (0);
  trace_is ("a:!The deadline passed ~a ");
  g_assert_finalize_object (d);
}

static void
how_long (void)
{
  const struct
  {
    GTimeSpan   span;
    const char *text;
  } all[] = {
    { -1, "0 µs" },
    { 0, "0 µs" },
    { 999, "999 µs" },
    { 1500, "1.5 ms" },
    { 250000, "250 ms" },
    { 1500000, "1.5 s" },
    { G_TIME_SPAN_HOUR, "3600 s" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autofree char *expected = g_strdup_printf ("a:!Timed out after %s ~a ", all[i].text);
      GDeferred       *d = g_deferred_new ();

      g_deferred_add_timeout (d, all[i].span, NULL);
      link_both (d, "a0");
      trace_is ("");
      advance (MAX (all[i].span, 0));
      trace_is (expected);
      g_assert_finalize_object (d);
    }
}

/* --- many -------------------------------------------------------------------------------------------------------- */

static guint n_up;

static gboolean
count_up (GDeferred *self, gpointer unused, GError **error)
{
  n_up += g_error_matches (g_deferred_get_error (self), G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  return g_deferred_return_none (self);
}

/* Of 100,000 pending ones every third is in time. */
static void
many (void)
{
  const guint n = gd_test_scaled (100000);
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_object_unref);

  n_up = 0;
  for (guint i = 0; i < n; i++)
    {
      GDeferred *d = g_deferred_new ();

      g_deferred_add_timeout (d, g_test_rand_int_range (1, 1000), NULL);
      g_deferred_add_both (d, count_up, NULL, NULL);
      g_ptr_array_add (all, d);
    }
  calls_left (n);
  for (guint i = 0; i < n; i += 3)
    fire (all->pdata[i], 1);
  calls_left (n - (n + 2) / 3);
  advance (1000);
  g_assert_cmpuint (n_up, ==, n - (n + 2) / 3);
  calls_left (0);
}

static const Case cases[] = {
  { "/timer/several/shorter-first", shorter_first },
  { "/timer/several/shorter-last", shorter_last },
  { "/timer/several/both-are-up", both_are_up },
  { "/timer/held/paused", paused },
  { "/timer/held/fired-and-paused", fired_and_paused },
  { "/timer/held/then-waits", fired_and_paused_then_waits },
  { "/timer/held/then-waits-again", then_waits_again },
  { "/timer/held/running", up_while_running },
  { "/timer/end/dropped", dropped },
  { "/timer/end/dropped-and-up", dropped_and_up },
  { "/timer/end/dropped-inside", dropped_inside },
  { "/timer/end/without-owner", without_owner },
  { "/timer/end/without-owner-and-up", without_owner_and_up },
  { "/timer/end/finished-before", finished_before },
  { "/timer/end/clock-goes", clock_goes },
  { "/timer/end/of-a-fork", of_a_fork },
  { "/timer/deadline/passes", deadline },
  { "/timer/deadline/is-past", deadline_is_past },
  { "/timer/deadline/how-long", how_long },
  { "/timer/many", many },
};

int
main (int argc, char **argv)
{
  return run_cases_on_clock (argc, argv, cases, G_N_ELEMENTS (cases));
}
