/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Which clock is current, and the clocks of main contexts. */

#include "fixture.h"

static GDeferredClock *fx_clock; /* that the calls look at */

#define not_pending(call)                                                                                    \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    g_assert_false (g_deferred_delayed_call_is_pending (call));                                              \
    g_assert_false (g_deferred_delayed_call_cancel (call));                                                  \
    g_assert_false (g_deferred_delayed_call_reset (call, 1));                                                \
  }                                                                                                          \
  G_STMT_END

static void
tell_name (gpointer name)
{
  say ("%s ", (char *) name);
}

/* --- which clock ------------------------------------------------------------------------------------------------- */

static void
push_and_pop (void)
{
  g_autoptr (GDeferredClock) outermost = g_deferred_clock_get_current ();
  GDeferredClock *outer = g_deferred_clock_new_virtual ();
  GDeferredClock *inner = g_deferred_clock_new_virtual ();
  GDeferredClock *got;

  g_assert_false (g_deferred_clock_is_virtual (outermost));
  g_deferred_clock_push (outer);
  g_deferred_clock_push (inner);
  g_deferred_clock_push (outer);
  got = g_deferred_clock_get_current ();
  g_assert_true (got == outer);
  g_object_unref (got);

  g_deferred_clock_pop (outer);
  got = g_deferred_clock_get_current ();
  g_assert_true (got == inner);
  g_object_unref (got);

  expect_critical ("g_deferred_clock_pop: the clock is not the one that this thread has pushed last");
  g_deferred_clock_pop (outer);
  criticals_came ();

  g_deferred_clock_pop (inner);
  g_deferred_clock_pop (outer);
  expect_critical ("g_deferred_clock_pop: the clock is not the one that this thread has pushed last");
  g_deferred_clock_pop (outer);
  criticals_came ();

  got = g_deferred_clock_get_current ();
  g_assert_true (got == outermost);
  g_object_unref (got);
  g_assert_finalize_object (outer);
  g_assert_finalize_object (inner);
}

/* The stack holds it. */
static void
pushed_and_dropped (void)
{
  g_autoptr (GDeferredClock) got = NULL;

  fx_clock = g_deferred_clock_new_virtual ();
  g_deferred_clock_push (fx_clock);
  g_object_unref (fx_clock);
  got = g_deferred_clock_get_current ();
  g_assert_true (got == fx_clock);
  g_deferred_clock_pop (fx_clock);
}

static gpointer
leave_pushed (gpointer unused)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  GDeferredClock *clock;

  g_main_context_push_thread_default (context);
  clock = g_deferred_clock_new_virtual ();
  g_object_add_weak_pointer (G_OBJECT (clock), (gpointer *) &fx_clock);
  fx_clock = clock;
  g_deferred_clock_push (clock);
  g_object_unref (clock);
  g_main_context_pop_thread_default (context);
  return NULL;
}

/* A thread that ends lets go of what it pushed. */
static void
thread_ends (void)
{
  g_thread_join (g_thread_new ("pusher", leave_pushed, NULL));
  g_assert_null (fx_clock);
}

/* --- the system's ------------------------------------------------------------------------------------------------ */

static void
of_the_default_context (void)
{
  g_autoptr (GDeferredClock) clock = g_deferred_clock_get_current ();
  g_autoptr (GDeferredClock) again = g_deferred_clock_get_current ();
  gint64 before = g_get_monotonic_time ();
  gint64 time = g_deferred_clock_get_time (clock);

  g_assert_true (clock == again);
  g_assert_false (g_deferred_clock_is_virtual (clock));
  g_assert_cmpint (before, <=, time);
  g_assert_cmpint (time, <=, g_get_monotonic_time ());
}

static void
iterate_until (const char *trace)
{
  while (fx_trace->len < strlen (trace))
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
  trace_is (trace);
}

/* Never before call_later returned, never too early, in order; even if this is slow. */
static void
from_the_loop (void)
{
  g_autoptr (GDeferredClock) clock = g_deferred_clock_get_current ();
  gint64                begin = g_deferred_clock_get_time (clock);
  GDeferredDelayedCall *last = g_deferred_clock_call_later (clock, 100000, tell_name, (gpointer) "c", NULL);

  g_deferred_delayed_call_unref (g_deferred_clock_call_later (clock, 0, tell_name, (gpointer) "a", NULL));
  g_deferred_delayed_call_unref (g_deferred_clock_call_later (clock, -1, tell_name, (gpointer) "b", NULL));
  trace_is ("");
  iterate_until ("a b c ");
  not_pending (last);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 100000);
  g_deferred_delayed_call_unref (last);
}

/* The loop sleeps until it is time, and does not ask again and again. */
static void
sleeps (void)
{
  g_autoptr (GDeferredClock) clock = g_deferred_clock_get_current ();
  guint n_turns = 0;

  settle (NULL);
  g_deferred_delayed_call_unref (g_deferred_clock_call_later (clock, 5500, tell_name, (gpointer) "a", NULL));
  while (fx_trace->len == 0)
    {
      g_main_context_iteration (NULL, TRUE);
      n_turns++;
    }
  trace_is ("a ");
  g_assert_cmpuint (n_turns, <, 4);
}

static gboolean
set_true (gpointer flag)
{
  *(gboolean *) flag = TRUE;
  return G_SOURCE_REMOVE;
}

static guint n_again;

static void
once_more (gpointer clock)
{
  n_again++;
  g_deferred_delayed_call_unref (g_deferred_clock_call_later (clock, 0, once_more, clock, NULL));
}

static void
take_back_all (GDeferredClock *clock)
{
  g_autolist (GDeferredDelayedCall) calls = g_deferred_clock_get_calls (clock);

  for (GList *link = calls; link != NULL; link = link->next)
    g_deferred_delayed_call_cancel (link->data);
}

/* What a call adds for now waits for the next turn: the others have theirs. */
static void
turns (void)
{
  g_autoptr (GDeferredClock) clock = g_deferred_clock_get_current ();
  gboolean seen = FALSE;

  n_again = 0;
  once_more (clock);
  g_timeout_add (0, set_true, &seen);
  for (guint i = 0; i < 1000 || !seen; i++)
    {
      guint before = n_again;

      g_main_context_iteration (NULL, TRUE);
      g_assert_cmpuint (n_again, <=, before + 1);
    }
  take_back_all (clock);
}

static void
nest (gpointer user_data)
{
  const char *wait_for = user_data;

  say ("( ");
  while (strstr (fx_trace->str, wait_for) == NULL)
    g_main_context_iteration (NULL, TRUE);
  say (") ");
}

/* A loop inside a call makes the calls that are due, the very next ones too. */
static void
nested_loop (void)
{
  g_autoptr (GDeferredClock) clock = g_deferred_clock_get_current ();

  g_deferred_delayed_call_unref (g_deferred_clock_call_later (clock, 0, nest, (gpointer) "c ", NULL));
  g_deferred_delayed_call_unref (g_deferred_clock_call_later (clock, 0, tell_name, (gpointer) "a", NULL));
  g_deferred_delayed_call_unref (g_deferred_clock_call_later (clock, 2000, tell_name, (gpointer) "c", NULL));
  iterate_until ("( a c ) ");
}

static guint
count_sources (GMainContext *context)
{
  guint n = 0;

  for (guint id = 1; id < 200; id++)
    n += g_main_context_find_source_by_id (context, id) != NULL;
  return n;
}

static void
nothing (gpointer unused)
{
}

/* One source, however many calls; none when the clock is gone; and the context is not kept. */
static void
of_another_context (void)
{
  GMainContext         *context = g_main_context_new ();
  GDeferredClock       *clock;
  GDeferredClock       *again;
  GDeferredDelayedCall *call;
  guint                 before = count_sources (context);

  g_main_context_push_thread_default (context);
  clock = g_deferred_clock_get_current ();
  again = g_deferred_clock_get_current ();
  g_assert_true (clock == again);
  g_object_unref (again);
  g_assert_finalize_object (clock);
  g_assert_cmpuint (count_sources (context), ==, before);

  clock = g_deferred_clock_get_current ();
  for (int i = 0; i < 100; i++)
    g_deferred_delayed_call_unref (g_deferred_clock_call_later (clock, i, nothing, NULL, NULL));
  g_deferred_delayed_call_unref (
      g_deferred_clock_call_later (clock, 1000, tell_name, (gpointer) "last", NULL));
  g_assert_cmpuint (count_sources (context), <=, before + 1);
  g_object_add_weak_pointer (G_OBJECT (clock), (gpointer *) &clock);
  g_object_unref (clock);
  g_assert_nonnull (clock);
  iterate_until ("last ");
  g_assert_null (clock);

  clock = g_deferred_clock_get_current ();
  call = g_deferred_clock_call_later (clock, 1000, tell_name, (gpointer) "no", gone);
  g_object_add_weak_pointer (G_OBJECT (clock), (gpointer *) &clock);
  g_object_unref (clock);
  g_deferred_delayed_call_cancel (call);
  trace_is ("~n ");
  g_assert_null (clock);
  not_pending (call);
  g_deferred_delayed_call_unref (call);

  g_assert_cmpuint (count_sources (context), ==, before);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
}

static void
add_to_current (gpointer unused)
{
  g_autoptr (GDeferredClock) clock = g_deferred_clock_get_current ();

  g_assert_true (clock == fx_clock);
  g_deferred_delayed_call_unref (g_deferred_clock_call_later (clock, 0, tell_name, (gpointer) "next", NULL));
}

/* It is the same clock as long as a call of it is being made. */
static void
kept_by_its_last_call (void)
{
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  fx_clock = g_deferred_clock_get_current ();
  g_object_add_weak_pointer (G_OBJECT (fx_clock), (gpointer *) &fx_clock);
  g_deferred_delayed_call_unref (g_deferred_clock_call_later (fx_clock, 0, add_to_current, NULL, NULL));
  g_object_unref (fx_clock);
  iterate_until ("next ");
  g_assert_null (fx_clock);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
}

static gpointer
ask_from_elsewhere (gpointer clock)
{
  gint64 before = g_get_monotonic_time ();

  g_assert_cmpint (g_deferred_clock_get_time (clock), >=, before);
  g_object_unref (clock);
  return NULL;
}

/* To ask a system clock for the time, and to drop it, is right from anywhere. */
static void
time_from_elsewhere (void)
{
  GMainContext   *context = g_main_context_new ();
  GDeferredClock *clock;

  g_thread_join (g_thread_new ("asks", ask_from_elsewhere, g_deferred_clock_get_current ()));
  g_main_context_push_thread_default (context);
  clock = g_deferred_clock_get_current ();
  g_thread_join (g_thread_new ("asks", ask_from_elsewhere, clock));
  clock = g_deferred_clock_get_current ();
  settle (context);
  g_assert_finalize_object (clock);
  settle (context);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
}

static gpointer
drop_all (gpointer queue)
{
  GDeferredClock *clock;

  while ((clock = g_async_queue_pop (queue)) != queue)
    g_object_unref (clock);
  return NULL;
}

static void
count (gpointer n)
{
  ++*(guint *) n;
}

/* Another thread drops the clock just as this one asks for it anew, and adds a call to it. */
static void
dropped_elsewhere (void)
{
  const guint   n = gd_test_scaled (5000);
  GMainContext *context = g_main_context_new ();
  GAsyncQueue  *queue = g_async_queue_new ();
  GThread      *thread = g_thread_new ("drops", drop_all, queue);
  guint         n_calls = 0;

  g_main_context_push_thread_default (context);
  for (guint i = 0; i < n; i++)
    {
      GDeferredClock *clock = g_deferred_clock_get_current ();
      GDeferredClock *again = g_deferred_clock_get_current ();

      g_assert_true (clock == again);
      g_object_unref (again);
      if (i % 3 == 0)
        g_deferred_delayed_call_unref (g_deferred_clock_call_later (clock, 0, count, &n_calls, NULL));
      g_async_queue_push (queue, clock);
      if (i % 5 == 0)
        g_main_context_iteration (context, FALSE);
    }
  g_async_queue_push (queue, queue);
  g_thread_join (thread);
  settle (context);
  g_assert_cmpuint (n_calls, ==, (n + 2) / 3);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  g_async_queue_unref (queue);
}

/* --- bad input --------------------------------------------------------------------------------------------------- */

static void
misuse (void)
{
  g_autoptr (GDeferredClock) clock = g_deferred_clock_get_current ();
  g_autoptr (GDeferredClock) virtual_one = g_deferred_clock_new_virtual ();
  GDeferred      *no_clock = g_deferred_new ();
  const GTimeSpan back[] = { 1, -1 };

  for (int i = 0; i < 10; i++)
    expect_critical ("G_IS_DEFERRED_CLOCK (self)");
  g_deferred_clock_push ((GDeferredClock *) no_clock);
  g_deferred_clock_pop (NULL);
  g_deferred_clock_is_virtual (NULL);
  g_deferred_clock_get_time (NULL);
  g_deferred_clock_call_later (NULL, 1, nothing, NULL, NULL);
  g_deferred_clock_call_at (NULL, 1, nothing, NULL, NULL);
  g_deferred_clock_get_calls (NULL);
  g_deferred_clock_advance (NULL, 1);
  g_deferred_clock_pump (NULL, back, 1);
  g_deferred_clock_jump (NULL, 1);

  expect_critical ("func != NULL");
  g_assert_null (g_deferred_clock_call_later (clock, 1, NULL, NULL, NULL));
  expect_critical ("func != NULL");
  g_assert_null (g_deferred_clock_call_at (clock, 1, NULL, NULL, NULL));

  expect_critical ("span >= 0");
  g_deferred_clock_advance (virtual_one, -1);
  expect_critical ("span >= 0");
  g_deferred_clock_jump (virtual_one, -1);
  expect_critical ("spans*i* >= 0");
  g_deferred_clock_pump (virtual_one, back, 2);
  expect_critical ("spans != NULL");
  g_deferred_clock_pump (virtual_one, NULL, 1);
  g_deferred_clock_pump (virtual_one, NULL, 0);
  g_assert_cmpint (g_deferred_clock_get_time (virtual_one), ==, 0);

  for (int i = 0; i < 3; i++)
    expect_critical ("a system clock moves on by itself");
  g_deferred_clock_advance (clock, 1);
  g_deferred_clock_pump (clock, back, 1);
  g_deferred_clock_jump (clock, 1);

  for (int i = 0; i < 6; i++)
    expect_critical ("self != NULL");
  g_deferred_delayed_call_ref (NULL);
  g_deferred_delayed_call_unref (NULL);
  g_deferred_delayed_call_cancel (NULL);
  g_deferred_delayed_call_reset (NULL, 1);
  g_deferred_delayed_call_is_pending (NULL);
  g_deferred_delayed_call_get_time (NULL);
  criticals_came ();
  g_object_unref (no_clock);
}

static void
boxed (void)
{
  GDeferredClock       *clock = g_deferred_clock_new_virtual ();
  GDeferredDelayedCall *call = g_deferred_clock_call_later (clock, 1, nothing, NULL, NULL);
  GDeferredDelayedCall *copy = g_boxed_copy (G_TYPE_DEFERRED_DELAYED_CALL, call);

  g_assert_true (copy == call);
  g_boxed_free (G_TYPE_DEFERRED_DELAYED_CALL, copy);
  g_deferred_delayed_call_unref (call);
  g_assert_finalize_object (clock);
}

static const Case cases[] = {
  { "/clock/push/nests", push_and_pop },
  { "/clock/push/holds", pushed_and_dropped },
  { "/clock/push/thread-ends", thread_ends },
  { "/clock/system/default-context", of_the_default_context },
  { "/clock/system/from-the-loop", from_the_loop },
  { "/clock/system/sleeps", sleeps },
  { "/clock/system/turns", turns },
  { "/clock/system/nested-loop", nested_loop },
  { "/clock/system/another-context", of_another_context },
  { "/clock/system/kept-by-its-last-call", kept_by_its_last_call },
  { "/clock/threads/time", time_from_elsewhere },
  { "/clock/threads/dropped-elsewhere", dropped_elsewhere },
  { "/clock/misuse", misuse },
  { "/clock/boxed", boxed },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
