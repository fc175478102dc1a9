/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* What the tests of retry, cache, debounce and throttle share: a virtual clock that is pushed for each case, and a
 * function that does as its plan says. A plan is a letter and
 *   ""       it returns a Deferred that the test fires, by its letter
 *   "=7"     returns the int 7
 *   "0"      returns nothing
 *   "!bad"   fails with G_IO_ERROR_FAILED, "bad"
 * In the trace "a() " says that it was called, "stop-a " that what it had returned was cancelled. */

#include "clock-fixture.h"

#define MS(n) (G_TIME_SPAN_MILLISECOND * (n))

/* The newest that was returned for each letter; owned. */
static GDeferred *fx_works[128];

static inline void
work_stopped (GDeferred *self, gpointer data)
{
  say ("stop-%c ", *(const char *) data);
}

static inline gboolean
work_by_plan (GDeferred *self, const char *plan, GError **error)
{
  GDeferred **place = &fx_works[(guchar) plan[0]];

  say ("%c() ", plan[0]);
  switch (plan[1])
    {
    case '=':
      return g_deferred_return_int (self, atoi (plan + 2));
    case '0':
      return g_deferred_return_none (self);
    case '!':
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, plan + 2);
      return FALSE;
    default:
      g_clear_object (place);
      *place = g_deferred_new_with_canceller (work_stopped, (gpointer) plan, NULL);
      return g_deferred_return_deferred (self, g_object_ref (*place));
    }
}

static inline gboolean
work (GDeferred *self, gpointer plan, GError **error)
{
  return work_by_plan (self, plan, error);
}

/* Returns one that, when it is cancelled, waits for another one, x, before it is over. */
static inline gboolean
work_and_clean_up (GDeferred *self, gpointer plan, GError **error)
{
  gboolean   ok = work_by_plan (self, plan, error);
  GDeferred *inner = fx_works[*(guchar *) plan];

  g_deferred_add_errback (inner, work, "x", NULL);
  return ok;
}

/* The canceller of what this one returns gives a value instead. */
static inline void
make_do (GDeferred *self, gpointer user_data)
{
  fire (self, 4);
}

static inline gboolean
work_and_make_do (GDeferred *self, gpointer plan, GError **error)
{
  GDeferred **place = &fx_works[*(guchar *) plan];

  g_clear_object (place);
  *place = g_deferred_new_with_canceller (make_do, NULL, NULL);
  return g_deferred_return_deferred (self, g_object_ref (*place));
}

static inline GDeferred *
get_work (char letter)
{
  g_assert_nonnull (fx_works[(guchar) letter]);
  return fx_works[(guchar) letter];
}

/* The producer drops it. */
static inline void
drop_work (char letter)
{
  g_object_unref (get_work (letter));
  fx_works[(guchar) letter] = NULL;
}

/* Takes the reference; the trace says what it comes to, under the letter. */
static inline void
watch (GDeferred *taken, const char *letter)
{
  link_both (taken, letter);
  g_object_unref (taken);
}

/* The same, and what it came to is handled. */
static inline void
watch_to_the_end (GDeferred *taken, const char *plan)
{
  if (plan == NULL)
    {
      g_object_unref (taken);
      return;
    }
  g_assert_true (plan[1] == '0');
  watch (taken, plan);
}

static inline guint
n_calls (void)
{
  g_autolist (GDeferredDelayedCall) calls = g_deferred_clock_get_calls (fx_clock);

  return g_list_length (calls);
}

/* A payload that tells that an error is the very one that a function failed with. */
static inline gboolean
fail_with_payload (GDeferred *self, gpointer user_data, GError **error)
{
  GValue  payload = G_VALUE_INIT;
  GError *failure = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "busy");

  g_value_init (&payload, G_TYPE_INT);
  g_value_set_int (&payload, 77);
  g_deferred_return_error_full (self, failure, &payload);
  g_error_free (failure);
  return FALSE;
}

static inline gboolean
has_payload (GDeferred *self, gpointer user_data, GError **error)
{
  g_assert_error (g_deferred_get_error (self), G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_cmpstr (g_deferred_get_error (self)->message, ==, "busy");
  g_assert_cmpint (g_value_get_int (g_deferred_get_payload (self)), ==, 77);
  say ("payload ");
  return g_deferred_return_none (self);
}

/* A clock whose home is another thread's, as long as that thread is kept. */
typedef struct
{
  GThread        *thread;
  GAsyncQueue    *to;
  GAsyncQueue    *from;
  GDeferredClock *clock;
} Elsewhere;

static inline gpointer
live_elsewhere (gpointer data)
{
  Elsewhere    *elsewhere = data;
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  elsewhere->clock = g_deferred_clock_new_virtual ();
  g_async_queue_push (elsewhere->from, elsewhere);
  g_async_queue_pop (elsewhere->to);
  g_assert_finalize_object (elsewhere->clock);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return NULL;
}

static inline void
elsewhere_begin (Elsewhere *elsewhere)
{
  elsewhere->to = g_async_queue_new ();
  elsewhere->from = g_async_queue_new ();
  elsewhere->thread = g_thread_new ("elsewhere", live_elsewhere, elsewhere);
  g_async_queue_pop (elsewhere->from);
}

static inline void
elsewhere_end (Elsewhere *elsewhere)
{
  g_async_queue_push (elsewhere->to, elsewhere);
  g_thread_join (elsewhere->thread);
  g_async_queue_unref (elsewhere->to);
  g_async_queue_unref (elsewhere->from);
}

/* Nothing may hold the clock but the test itself, when a case is over: no use makes a cycle with it. Nor what was
 * returned. */
static inline void
fx_run_timed (gconstpointer data)
{
  fx_run_on_clock (data);
  for (guint i = 0; i < G_N_ELEMENTS (fx_works); i++)
    if (fx_works[i] != NULL)
      g_assert_finalize_object (g_steal_pointer (&fx_works[i]));
}

static inline int
run_timed_cases (int argc, char **argv, const Case *cases, gsize n_cases)
{
  fx_init (&argc, &argv);
  for (gsize i = 0; i < n_cases; i++)
    g_test_add_data_func (cases[i].path, &cases[i], fx_run_timed);
  return g_test_run ();
}
