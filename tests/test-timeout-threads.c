/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Time-outs and other threads: those that fire, those that live there, and the wrong ones. */

#include "clock-fixture.h"

#define TIMED_OUT "!Timed out after 10 s "

static GDeferred *
with_timeout (GDeferred *d)
{
  g_assert_true (g_deferred_add_timeout (d, 10 * SECOND, NULL) == d);
  return d;
}

static gpointer
use_foreign_clock (gpointer unused)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  GDeferred *d;

  g_main_context_push_thread_default (context);
  d = g_deferred_delay (SECOND, fx_clock);
  link_both (d, "a0");
  g_assert_finalize_object (d);

  d = g_deferred_new ();
  g_assert_true (g_deferred_add_timeout (d, SECOND, fx_clock) == d);
  link_both (d, "b");
  fire (d, 3);
  g_assert_finalize_object (d);
  g_main_context_pop_thread_default (context);
  return NULL;
}

/* A clock of another thread. */
static void
foreign_clock (void)
{
  for (int i = 0; i < 2; i++)
    expect_critical ("The clock is not at home in the thread that the Deferred is at home in");
  in_a_worker (use_foreign_clock, NULL);
  criticals_came ();
  settle (NULL);
  trace_is ("a:!The clock is at home in another thread than the Deferred ~a b:3 ~b ");
  calls_left (0);
}

static gpointer
add_away (gpointer d)
{
  g_assert_true (g_deferred_add_timeout (d, SECOND, NULL) == d);
  g_assert_true (g_deferred_add_deadline (d, SECOND, NULL) == d);
  return NULL;
}

static void
timeout_away (void)
{
  GDeferred *d = g_deferred_new ();

  for (int i = 0; i < 2; i++)
    expect_critical ("called from a thread that is not the Deferred's home");
  in_a_worker (add_away, d);
  criticals_came ();
  calls_left (0);
  fire (d, 3);
  g_assert_finalize_object (d);
}

/* Lives in a thread of its own, with @d, until that has a result. */
typedef struct
{
  GMainContext *context;
  GDeferred    *d;
} There;

static gpointer
live_there (gpointer data)
{
  There  *there = data;
  GError *error = NULL;

  g_main_context_push_thread_default (there->context);
  if (!g_deferred_wait (there->d, &error))
    say ("there:!%s ", error_word (error));
  else
    say ("there:%d ", g_deferred_get_int (there->d));
  g_clear_error (&error);
  g_object_unref (there->d);
  while (g_main_context_iteration (there->context, FALSE))
    ;
  g_main_context_pop_thread_default (there->context);
  return NULL;
}

/* Takes the Deferred. */
static GThread *
move_there (There *there, GDeferred *d)
{
  there->context = g_main_context_new ();
  there->d = d;
  g_deferred_hand_over (d, there->context);
  return g_thread_new ("there", live_there, there);
}

static void
end_there (There *there, GThread *thread)
{
  g_thread_join (thread);
  g_main_context_unref (there->context);
}

/* The clock stays here. */
static void
handed_over (void)
{
  There    there;
  GThread *thread = move_there (&there, with_timeout (g_deferred_new ()));

  advance (10 * SECOND);
  end_there (&there, thread);
  trace_is ("there:" TIMED_OUT);
  settle (NULL);
  calls_left (0);
}

/* Fired over there, just when its time is up, or just before. */
static void
handed_over_and_fired (void)
{
  for (guint i = 0; i < gd_test_scaled (200); i++)
    {
      There      there;
      GDeferred *d = with_timeout (g_deferred_new ());
      GThread   *thread = move_there (&there, g_object_ref (d));

      if (i % 2 == 0)
        advance (10 * SECOND);
      g_deferred_callback_int (d, 3, NULL);
      if (i % 2 != 0)
        advance (10 * SECOND);
      end_there (&there, thread);
      if (strcmp (fx_trace->str, "there:3 ") != 0)
        g_assert_cmpstr (fx_trace->str, ==, "there:" TIMED_OUT);
      g_string_truncate (fx_trace, 0);
      g_object_unref (d);
      settle (NULL);
      calls_left (0);
    }
}

/* At its home, where the word that its time is up has not come yet. It waits for another one then. */
static gpointer
fire_before_word_comes (gpointer data)
{
  There     *there = data;
  GDeferred *inner;

  g_main_context_push_thread_default (there->context);
  inner = g_deferred_new ();
  fire (there->d, 3);
  settle (there->context);
  link_inner (there->d, inner);
  g_assert_false (g_deferred_is_cancelled (inner));
  fire (inner, 4);
  say_outcome ("there", there->d);
  g_object_unref (there->d);
  g_object_unref (inner);
  settle (there->context);
  g_main_context_pop_thread_default (there->context);
  return NULL;
}

static void
up_and_fired_there (void)
{
  There there = { g_main_context_new (), with_timeout (g_deferred_new ()) };

  g_deferred_hand_over (there.d, there.context);
  advance (10 * SECOND);
  in_a_worker (fire_before_word_comes, &there);
  trace_is ("there:4 ");
  settle (NULL);
  calls_left (0);
  g_main_context_unref (there.context);
}

/* A delay that lives there, and is cancelled there. */
static void
delay_handed_over (void)
{
  There      there;
  GDeferred *d = g_deferred_delay (SECOND, NULL);
  GThread   *thread = move_there (&there, g_object_ref (d));

  g_deferred_cancel (d);
  end_there (&there, thread);
  trace_is ("there:!CANCELLED ");
  settle (NULL);
  calls_left (0);
  g_object_unref (d);

  d = g_deferred_delay (SECOND, NULL);
  g_deferred_add_callback (d, act, (gpointer) "a=4", gone);
  thread = move_there (&there, d);
  advance (SECOND);
  end_there (&there, thread);
  trace_is ("a:- ~a there:4 ");
}

/* The context that was pushed last is not where the Deferred lives. */
static void
lives_in_another_context (void)
{
  GMainContext   *context = g_main_context_new ();
  GDeferred      *d = g_deferred_new ();
  GDeferredClock *clock;

  g_deferred_clock_pop (fx_clock);
  g_main_context_push_thread_default (context);
  g_deferred_add_timeout (d, 1000, NULL);
  link_both (d, "a0");
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);

  clock = g_deferred_clock_get_current ();
  while (g_deferred_get_pending (d))
    g_main_context_iteration (NULL, TRUE);
  trace_is ("a:!Timed out after 1 ms ~a ");
  g_assert_finalize_object (d);
  g_object_unref (clock);
  g_deferred_clock_push (fx_clock);
}

/* A result was on its way from another thread when the time was up. */
static gpointer
fire_it (gpointer d)
{
  fire (d, 3);
  return NULL;
}

static void
result_on_its_way (void)
{
  GDeferred *d = with_timeout (g_deferred_new ());

  link_both (d, "a0");
  in_a_worker (fire_it, d);
  advance (10 * SECOND);
  trace_is ("a:" TIMED_OUT "~a ");
  settle (NULL);
  g_assert_finalize_object (d);
}

static const Case cases[] = {
  { "/timer/threads/foreign-clock", foreign_clock },
  { "/timer/threads/away", timeout_away },
  { "/timer/threads/handed-over", handed_over },
  { "/timer/threads/handed-over-and-fired", handed_over_and_fired },
  { "/timer/threads/up-and-fired-there", up_and_fired_there },
  { "/timer/threads/delay-handed-over", delay_handed_over },
  { "/timer/threads/another-context", lives_in_another_context },
  { "/timer/threads/result-on-its-way", result_on_its_way },
};

int
main (int argc, char **argv)
{
  return run_cases_on_clock (argc, argv, cases, G_N_ELEMENTS (cases));
}
