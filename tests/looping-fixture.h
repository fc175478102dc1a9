/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* For tests of looping calls. In the trace "t@3*1 " says that a call was made when the clock showed 3 seconds and that
 * it stands for one tick. */

#include "clock-fixture.h"

static GDeferredLoopingCall *loop;   /* of the case; owned */
static GDeferred            *done;   /* of its start; owned */
static GDeferred            *answer; /* what the function returns; not owned */
static const char           *plan;   /* what it does else; as that of a link */
static void (*meanwhile) (void);     /* what happens inside the function */

static inline gboolean
tick (GDeferred *self, gpointer unused, GError **error)
{
  g_autofree char *time = g_strdup_printf ("%g", (double) g_deferred_clock_get_time (fx_clock) / SECOND);

  say ("t@%s*%d ", time, (int) g_deferred_looping_call_get_n_ticks (loop));
  if (meanwhile != NULL)
    meanwhile ();
  if (answer != NULL)
    return g_deferred_return_deferred (self, g_object_ref (answer));
  return plan == NULL || act (self, (gpointer) plan, error);
}

static inline void
data_gone (gpointer unused)
{
  say ("~data ");
}

static inline void
set_up (void)
{
  loop = g_deferred_looping_call_new (tick, NULL, data_gone);
  done = NULL;
  answer = NULL;
  plan = NULL;
  meanwhile = NULL;
}

/* Nobody else holds either of them any more. */
static inline void
tear_down (void)
{
  if (done != NULL)
    g_assert_finalize_object (done);
  g_assert_finalize_object (loop);
  trace_is ("~data ");
}

static inline void
start (GTimeSpan interval, gboolean now)
{
  done = g_deferred_looping_call_start (loop, interval, now);
}

static inline gboolean
say_done (GDeferred *self, gpointer unused, GError **error)
{
  const GError *failure = g_deferred_get_error (self);

  g_assert_false (g_deferred_looping_call_get_running (loop));
  if (failure != NULL)
    say ("done:!%s ", error_word (failure));
  else
    say ("%s", g_deferred_get_object (self) == loop ? "done " : "wrong ");
  return g_deferred_return_none (self);
}

static inline void
start_and_say (GTimeSpan interval, gboolean now)
{
  start (interval, now);
  g_deferred_add_both (done, say_done, NULL, NULL);
}

static inline void
stop (void)
{
  g_deferred_looping_call_stop (loop);
}

#define CASE(name)                                                                                           \
  static void name##_body (void);                                                                            \
  static void name (void)                                                                                    \
  {                                                                                                          \
    set_up ();                                                                                               \
    name##_body ();                                                                                          \
    tear_down ();                                                                                            \
  }                                                                                                          \
  static void name##_body (void)

#define running_is(yes) g_assert_cmpint (g_deferred_looping_call_get_running (loop), ==, (yes))
#define skipped_is(n)   g_assert_cmpuint (g_deferred_looping_call_get_n_skipped (loop), ==, (n))

static inline void
refused (int code, GTimeSpan interval, const char *message)
{
  GDeferred *d = g_deferred_looping_call_start (loop, interval, TRUE);
  GError    *error = NULL;

  g_assert_false (g_deferred_wait (d, &error));
  g_assert_error (error, G_IO_ERROR, code);
  g_assert_cmpstr (error->message, ==, message);
  g_error_free (error);
  g_assert_finalize_object (d);
}
