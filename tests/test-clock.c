/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Virtual clocks and their calls. In the trace "a@5 " says that the call a was made when the clock showed 5, and "~a "
 * that its data went. */

#include "fixture.h"

static GDeferredClock *fx_clock; /* that the calls look at */

static void
tell_time (gpointer name)
{
  say ("%c@%d ", *(const char *) name, (int) g_deferred_clock_get_time (fx_clock));
}

static GDeferredDelayedCall *
later (GTimeSpan delay, const char *name)
{
  return g_deferred_clock_call_later (fx_clock, delay, tell_time, (gpointer) name, gone);
}

/* The same, and nobody holds it. */
static void
later_free (GTimeSpan delay, const char *name)
{
  g_deferred_delayed_call_unref (later (delay, name));
}

#define advance(span) g_deferred_clock_advance (fx_clock, (span))
#define time_is(t)    g_assert_cmpint (g_deferred_clock_get_time (fx_clock), ==, (t))
#define pending(call) g_assert_true (g_deferred_delayed_call_is_pending (call))
#define not_pending(call)                                                                                    \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    g_assert_false (g_deferred_delayed_call_is_pending (call));                                              \
    g_assert_false (g_deferred_delayed_call_cancel (call));                                                  \
    g_assert_false (g_deferred_delayed_call_reset (call, 1));                                                \
  }                                                                                                          \
  G_STMT_END

static void
calls_are (const char *expected)
{
  g_autolist (GDeferredDelayedCall) calls = g_deferred_clock_get_calls (fx_clock);
  g_autoptr (GString) times = g_string_new (NULL);

  for (GList *link = calls; link != NULL; link = link->next)
    g_string_append_printf (times, "%d ", (int) g_deferred_delayed_call_get_time (link->data));
  g_assert_cmpstr (times->str, ==, expected);
}

/* Each of these has a virtual clock of its own, and is the only one to hold it at its end. */
static void
on_virtual (gconstpointer run)
{
  GDeferredClock *clock = g_deferred_clock_new_virtual ();

  fx_clock = clock;
  ((void (*) (void)) run) ();
  if (fx_clock != NULL)
    g_assert_finalize_object (clock);
}

#define VIRTUAL(name)                                                                                        \
  static void name##_virtual (void);                                                                         \
  static void name (void)                                                                                    \
  {                                                                                                          \
    on_virtual (name##_virtual);                                                                             \
  }                                                                                                          \
  static void name##_virtual (void)

VIRTUAL (stands_still)
{
  time_is (0);
  g_assert_true (g_deferred_clock_is_virtual (fx_clock));
  later_free (0, "a");
  later_free (-5, "b");
  settle (NULL);
  trace_is ("");
  time_is (0);
  advance (0);
  trace_is ("a@0 ~a b@0 ~b ");
  advance (7);
  time_is (7);
}

VIRTUAL (call_later)
{
  GDeferredDelayedCall *call = later (2, "a");

  g_assert_cmpint (g_deferred_delayed_call_get_time (call), ==, 2);
  pending (call);
  advance (1);
  pending (call);
  advance (1);
  trace_is ("a@2 ~a ");
  not_pending (call);
  advance (10);
  g_assert_cmpint (g_deferred_delayed_call_get_time (call), ==, 2);
  g_deferred_delayed_call_unref (call);
}

VIRTUAL (cancelled)
{
  GDeferredDelayedCall *call = later (1, "a");

  g_assert_true (g_deferred_delayed_call_cancel (call));
  trace_is ("~a ");
  not_pending (call);
  calls_are ("");
  advance (2);
  g_deferred_delayed_call_unref (call);
}

static void
try_itself (gpointer call)
{
  not_pending (*(GDeferredDelayedCall **) call);
  say ("tried ");
}

VIRTUAL (cancel_inside)
{
  GDeferredDelayedCall *call = NULL;

  call = g_deferred_clock_call_later (fx_clock, 1, try_itself, &call, NULL);
  advance (1);
  trace_is ("tried ");
  g_deferred_delayed_call_unref (call);
}

VIRTUAL (reset_later)
{
  GDeferredDelayedCall *call = later (2, "a");

  advance (1);
  g_assert_true (g_deferred_delayed_call_reset (call, 3));
  g_assert_cmpint (g_deferred_delayed_call_get_time (call), ==, 4);
  advance (2);
  trace_is ("");
  advance (1);
  trace_is ("a@4 ~a ");
  g_deferred_delayed_call_unref (call);
}

VIRTUAL (reset_sooner)
{
  GDeferredDelayedCall *call = later (4, "a");

  g_assert_true (g_deferred_delayed_call_reset (call, 3));
  g_assert_cmpint (g_deferred_delayed_call_get_time (call), ==, 3);
  advance (3);
  trace_is ("a@3 ~a ");
  g_deferred_delayed_call_unref (call);
}

VIRTUAL (order)
{
  GDeferredDelayedCall *a = later (1, "a");
  GDeferredDelayedCall *e;

  later_free (3, "c");
  later_free (2, "b");
  later_free (3, "d");
  e = later (2, "e");
  calls_are ("1 2 2 3 3 ");
  g_assert_true (g_deferred_delayed_call_reset (a, 3)); /* among equals the last now */
  g_assert_true (g_deferred_delayed_call_reset (e, 2));
  advance (3);
  trace_is ("b@2 ~b e@2 ~e c@3 ~c d@3 ~d a@3 ~a ");
  g_deferred_delayed_call_unref (a);
  g_deferred_delayed_call_unref (e);
}

static void
reset_by_three (gpointer call)
{
  g_assert_true (g_deferred_delayed_call_reset (call, 3));
}

VIRTUAL (reset_inside)
{
  const GTimeSpan       steps[] = { 1, 1, 1, 1, 1, 1 };
  GDeferredDelayedCall *b = later (2, "b");

  g_deferred_delayed_call_unref (g_deferred_clock_call_later (fx_clock, 1, reset_by_three, b, NULL));
  later_free (3, "c");
  g_deferred_clock_pump (fx_clock, steps, G_N_ELEMENTS (steps));
  trace_is ("c@3 ~c b@4 ~b ");
  time_is (6);
  g_deferred_delayed_call_unref (b);
}

static void
cancel_it (gpointer call)
{
  g_assert_true (g_deferred_delayed_call_cancel (call));
}

VIRTUAL (cancel_another_inside)
{
  GDeferredDelayedCall *b = later (1, "b");
  GDeferredDelayedCall *a = g_deferred_clock_call_later (fx_clock, 1, cancel_it, b, NULL);

  g_assert_true (g_deferred_delayed_call_reset (b, 1));
  later_free (1, "c");
  advance (1);
  trace_is ("~b c@1 ~c ");
  g_deferred_delayed_call_unref (a);
  g_deferred_delayed_call_unref (b);
}

static void
add_more (gpointer unused)
{
  say ("more@%d ", (int) g_deferred_clock_get_time (fx_clock));
  later_free (0, "a");
  later_free (4, "b");
  later_free (100, "c");
}

VIRTUAL (added_meanwhile)
{
  g_deferred_delayed_call_unref (g_deferred_clock_call_later (fx_clock, 3, add_more, NULL, NULL));
  later_free (5, "d");
  advance (10);
  trace_is ("more@3 a@3 ~a d@5 ~d b@7 ~b ");
  time_is (10);
  calls_are ("103 ");
  advance (93);
  trace_is ("c@103 ~c ");
}

static void
take_two (gpointer name)
{
  tell_time (name);
  advance (2);
}

/* The call takes two; what comes due in that time is made inside. */
VIRTUAL (advance_inside)
{
  g_deferred_delayed_call_unref (g_deferred_clock_call_later (fx_clock, 1, take_two, (gpointer) "a", NULL));
  later_free (2, "b");
  later_free (4, "c");
  advance (2);
  trace_is ("a@1 b@2 ~b ");
  time_is (3);
  advance (1);
  trace_is ("c@4 ~c ");
}

static void
block_for_five (gpointer unused)
{
  g_deferred_clock_jump (fx_clock, 5);
}

VIRTUAL (jump)
{
  later_free (2, "a");
  g_deferred_clock_jump (fx_clock, 3);
  trace_is ("");
  time_is (3);
  advance (0);
  trace_is ("a@3 ~a ");

  g_deferred_delayed_call_unref (g_deferred_clock_call_later (fx_clock, 1, block_for_five, NULL, NULL));
  later_free (4, "b");
  advance (1);
  trace_is ("b@9 ~b ");
  time_is (9);
}

/* A time that is past counts as now. */
VIRTUAL (call_at)
{
  GDeferredDelayedCall *b;

  g_deferred_clock_jump (fx_clock, 10);
  later_free (0, "a");
  b = g_deferred_clock_call_at (fx_clock, 3, tell_time, (gpointer) "b", gone);
  g_assert_cmpint (g_deferred_delayed_call_get_time (b), ==, 10);
  g_deferred_delayed_call_unref (g_deferred_clock_call_at (fx_clock, 12, tell_time, (gpointer) "c", gone));
  advance (5);
  trace_is ("a@10 ~a b@10 ~b c@12 ~c ");
  g_deferred_delayed_call_unref (b);
}

VIRTUAL (never)
{
  later_free (G_MAXINT64, "a");
  advance (1);
  later_free (G_MAXINT64, "b");
  later_free (G_MAXINT64 - 1, "c");
  advance (G_MAXINT64 - 10);
  trace_is ("");
  advance (8);
  trace_is ("");
  advance (G_MAXINT64);
  trace_is ("a@-1 ~a b@-1 ~b c@-1 ~c ");
}

/* Dropped with calls left, whose data it frees; then the handle of one is worth nothing. */
VIRTUAL (dropped)
{
  GDeferredDelayedCall *call = later (1, "a");

  later_free (2, "b");
  g_assert_finalize_object (fx_clock);
  fx_clock = NULL;
  g_assert_cmpuint (fx_trace->len, ==, strlen ("~a ~b "));
  g_string_truncate (fx_trace, 0);
  not_pending (call);
  g_assert_cmpint (g_deferred_delayed_call_get_time (call), ==, 1);
  g_deferred_delayed_call_unref (call);
}

static void
cancel_and_unref (gpointer call)
{
  g_deferred_delayed_call_cancel (call);
  g_deferred_delayed_call_unref (call);
}

/* Freeing the data of one takes back others. */
VIRTUAL (dropped_with_ties)
{
  GDeferredDelayedCall *call = later (1, "a");

  for (int i = 0; i < 20; i++)
    call = g_deferred_clock_call_later (fx_clock, (i * 7) % 20, tell_time, call, cancel_and_unref);
  g_deferred_delayed_call_unref (call);
  g_assert_finalize_object (fx_clock);
  fx_clock = NULL;
  trace_is ("~a ");
}

static void
drop_clock (gpointer unused)
{
  g_clear_object (&fx_clock);
  say ("dropped ");
}

static void
tell_name (gpointer name)
{
  say ("%s ", (char *) name);
}

/* The advance that is under way holds it until it has ended. */
VIRTUAL (dropped_inside)
{
  GDeferredClock *clock = fx_clock;

  g_deferred_delayed_call_unref (g_deferred_clock_call_later (clock, 1, drop_clock, NULL, NULL));
  g_deferred_delayed_call_unref (g_deferred_clock_call_later (clock, 1, tell_name, (gpointer) "a", NULL));
  later_free (2, "b");
  g_deferred_clock_advance (clock, 1);
  trace_is ("dropped a ~b ");
}

/* By its type alone, as a scripting language can. */
static void
made_by_type (void)
{
  fx_clock = g_object_new (G_TYPE_DEFERRED_CLOCK, NULL);
  g_assert_true (g_deferred_clock_is_virtual (fx_clock));
  later_free (1, "a");
  advance (1);
  trace_is ("a@1 ~a ");
  g_assert_finalize_object (fx_clock);
}

typedef struct
{
  GDeferredDelayedCall *handle;
  gint64                time;
  guint                 number;
} Expected;

static gint64 last_time;
static guint  last_number;
static guint  n_made;

static void
made (gpointer user_data)
{
  Expected *expected = user_data;

  g_assert_cmpint (g_deferred_clock_get_time (fx_clock), ==, expected->time);
  g_assert_true (expected->time > last_time
                 || (expected->time == last_time && expected->number > last_number));
  last_time = expected->time;
  last_number = expected->number;
  expected->time = -1;
  n_made++;
}

/* Thousands that are added, given another time and taken back at random: the heap keeps its order. */
VIRTUAL (heap)
{
  const guint          n = gd_test_scaled (20000);
  g_autofree Expected *all = g_new0 (Expected, n);
  guint                number = 0;
  guint                n_cancelled = 0;

  last_time = -1;
  n_made = 0;
  for (guint i = 0; i < n; i++)
    {
      guint other = g_test_rand_int_range (0, (int) i + 1);

      all[i].time = g_test_rand_int_range (0, 1000);
      all[i].number = number++;
      all[i].handle = g_deferred_clock_call_later (fx_clock, all[i].time, made, &all[i], NULL);
      if (i % 3 == 0 && g_deferred_delayed_call_cancel (all[other].handle))
        {
          all[other].time = -1;
          n_cancelled++;
        }
      other = g_test_rand_int_range (0, (int) i + 1);
      if (i % 3 == 1 && all[other].time >= 0)
        {
          all[other].time = g_test_rand_int_range (0, 1000);
          all[other].number = number++;
          g_assert_true (g_deferred_delayed_call_reset (all[other].handle, all[other].time));
        }
    }

  while (n_made + n_cancelled < n)
    advance (g_test_rand_int_range (0, 50));
  calls_are ("");
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpint (all[i].time, ==, -1);
      g_deferred_delayed_call_unref (all[i].handle);
    }
}

/* --- other threads ----------------------------------------------------------------------------------------------- */

static gpointer
use_from_elsewhere (gpointer call)
{
  const GTimeSpan one = 1;

  g_assert_null (g_deferred_clock_call_later (fx_clock, 1, tell_time, (gpointer) "x", gone));
  g_assert_null (g_deferred_clock_call_at (fx_clock, 1, tell_time, (gpointer) "y", gone));
  g_assert_null (g_deferred_clock_get_calls (fx_clock));
  g_assert_cmpint (g_deferred_clock_get_time (fx_clock), ==, 0);
  g_deferred_clock_push (fx_clock);
  g_deferred_clock_advance (fx_clock, 1);
  g_deferred_clock_pump (fx_clock, &one, 1);
  g_deferred_clock_jump (fx_clock, 1);
  g_assert_false (g_deferred_delayed_call_cancel (call));
  g_assert_false (g_deferred_delayed_call_reset (call, 1));
  g_assert_false (g_deferred_delayed_call_is_pending (call));
  g_assert_cmpint (g_deferred_delayed_call_get_time (call), ==, 0);
  g_assert_true (g_deferred_clock_is_virtual (fx_clock));
  return NULL;
}

VIRTUAL (elsewhere)
{
  GDeferredDelayedCall *call = later (5, "a");

  for (int i = 0; i < 12; i++)
    expect_critical ("called from a thread that is not at home in the clock's main context");
  g_assert_true (g_main_context_acquire (NULL));
  g_thread_join (g_thread_new ("elsewhere", use_from_elsewhere, call));
  g_main_context_release (NULL);
  criticals_came ();
  settle (NULL);
  trace_is ("~x ~y ");

  time_is (0);
  pending (call);
  calls_are ("5 ");
  g_assert_true (g_deferred_delayed_call_cancel (call));
  trace_is ("~a ");
  g_deferred_delayed_call_unref (call);
}

static gpointer
drop_elsewhere (gpointer clock)
{
  g_object_unref (clock);
  return NULL;
}

static void
say_where (gpointer thread)
{
  say (g_thread_self () == thread ? "here " : "elsewhere ");
}

/* By another thread: what its calls have is freed at home. */
VIRTUAL (dropped_by_another_thread)
{
  GDeferredDelayedCall *call
      = g_deferred_clock_call_later (fx_clock, 1, tell_time, g_thread_self (), say_where);

  g_assert_true (g_main_context_acquire (NULL));
  g_thread_join (g_thread_new ("drops", drop_elsewhere, fx_clock));
  g_main_context_release (NULL);
  fx_clock = NULL;
  trace_is ("");
  settle (NULL);
  trace_is ("here ");
  not_pending (call);
  g_deferred_delayed_call_unref (call);
}

static const Case cases[] = {
  { "/clock/virtual/stands-still", stands_still },
  { "/clock/virtual/call-later", call_later },
  { "/clock/virtual/cancelled", cancelled },
  { "/clock/virtual/cancel-inside-itself", cancel_inside },
  { "/clock/virtual/reset-later", reset_later },
  { "/clock/virtual/reset-sooner", reset_sooner },
  { "/clock/virtual/order", order },
  { "/clock/virtual/reset-another-inside", reset_inside },
  { "/clock/virtual/cancel-another-inside", cancel_another_inside },
  { "/clock/virtual/added-meanwhile", added_meanwhile },
  { "/clock/virtual/advance-inside", advance_inside },
  { "/clock/virtual/jump", jump },
  { "/clock/virtual/call-at", call_at },
  { "/clock/virtual/never", never },
  { "/clock/virtual/dropped", dropped },
  { "/clock/virtual/dropped-with-ties", dropped_with_ties },
  { "/clock/virtual/dropped-inside", dropped_inside },
  { "/clock/virtual/made-by-type", made_by_type },
  { "/clock/virtual/heap", heap },
  { "/clock/threads/elsewhere", elsewhere },
  { "/clock/threads/dropped", dropped_by_another_thread },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
