/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* g_deferred_blocking_call: from a thread into a main context, and back with what came of it. */

#include "gate.h"
#include "testutil.h"

static GThread *main_thread;

static gboolean
must_not_run (GDeferred *self, gpointer user_data, GError **error)
{
  g_assert_not_reached ();
}

static gboolean
say_nothing (GDeferred *self, gpointer user_data, GError **error)
{
  return TRUE;
}

static gboolean
fail_with_error (GDeferred *self, gpointer user_data, GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "full");
  return FALSE;
}

static gboolean
count_callback (GDeferred *self, gpointer counter, GError **error)
{
  (*(int *) counter)++;
  return TRUE;
}

/* What a call from another thread is to do, and what came of it. */
typedef struct
{
  GMainContext     *context;
  GDeferredCallback func;
  gpointer          user_data;
  GValue            result;
  GError           *error;
  gboolean          ok;
} Asked;

static gboolean
asking_job (GDeferred *self, gpointer user_data, GError **error)
{
  Asked *asked = user_data;

  asked->ok = g_deferred_blocking_call (asked->context, asked->func, asked->user_data, &asked->result,
                                        &asked->error);
  return TRUE;
}

static void
ask_from_a_job (Asked *asked)
{
  assert_succeeds (g_deferred_run_in_thread (asking_job, asked, NULL));
}

static gboolean
answer_in_main (GDeferred *self, gpointer user_data, GError **error)
{
  g_assert_true (g_thread_self () == main_thread);
  g_assert_true (g_main_context_get_thread_default () == NULL
                 || g_main_context_get_thread_default () == g_main_context_default ());
  g_assert_true (g_main_context_is_owner (NULL));
  g_assert_true (g_deferred_is_home (self));
  return g_deferred_return_take_string (self, g_strdup (user_data));
}

static void
test_call_gives_the_result (void)
{
  Asked asked = { .func = answer_in_main, .user_data = (gpointer) "yes", .result = G_VALUE_INIT };

  ask_from_a_job (&asked);
  g_assert_true (asked.ok);
  g_assert_no_error (asked.error);
  g_assert_cmpstr (g_value_get_string (&asked.result), ==, "yes");

  /* What was in the value before is freed. */
  asked.user_data = (gpointer) "no";
  ask_from_a_job (&asked);
  g_assert_cmpstr (g_value_get_string (&asked.result), ==, "no");
  g_value_unset (&asked.result);
}

static void
test_call_without_result (void)
{
  Asked asked = { .func = say_nothing, .result = G_VALUE_INIT };

  ask_from_a_job (&asked);
  g_assert_true (asked.ok);
  g_assert_true (G_VALUE_HOLDS_POINTER (&asked.result));
  g_assert_null (g_value_get_pointer (&asked.result));
  g_value_unset (&asked.result);
}

static gboolean
ignoring_job (GDeferred *self, gpointer user_data, GError **error)
{
  g_assert_true (g_deferred_blocking_call (NULL, answer_in_main, (gpointer) "ignored", NULL, NULL));
  g_assert_false (g_deferred_blocking_call (NULL, fail_with_error, NULL, NULL, NULL));
  return TRUE;
}

static void
test_call_may_ignore_what_comes (void)
{
  assert_succeeds (g_deferred_run_in_thread (ignoring_job, NULL, NULL));
}

static void
test_call_gives_the_error (void)
{
  Asked asked = { .func = fail_with_error, .result = G_VALUE_INIT };

  ask_from_a_job (&asked);
  g_assert_false (asked.ok);
  g_assert_error (asked.error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_false (G_IS_VALUE (&asked.result));
  g_error_free (asked.error);
}

static gboolean
fire_eight (gpointer deferred)
{
  g_deferred_callback_int (deferred, 8, NULL);
  return G_SOURCE_REMOVE;
}

static gboolean
answer_later (GDeferred *self, gpointer user_data, GError **error)
{
  GDeferred *later = g_deferred_new ();

  g_idle_add_full (G_PRIORITY_LOW, fire_eight, g_object_ref (later), g_object_unref);
  return g_deferred_return_deferred (self, later);
}

static void
test_call_waits_for_a_deferred (void)
{
  Asked asked = { .func = answer_later, .result = G_VALUE_INIT };

  ask_from_a_job (&asked);
  g_assert_true (asked.ok);
  g_assert_cmpint (g_value_get_int (&asked.result), ==, 8);
}

/* From a thread that is no job, into another one that runs its own context. */
static gboolean
answer_and_quit (GDeferred *self, gpointer loop, GError **error)
{
  g_assert_true (g_main_loop_get_context (loop) == g_main_context_get_thread_default ());
  g_assert_true (g_deferred_get_context (self) == g_main_loop_get_context (loop));
  g_main_loop_quit (loop);
  return g_deferred_return_int (self, 21);
}

static gpointer
run_loop (gpointer loop)
{
  g_main_loop_run (loop);
  return NULL;
}

static void
test_call_into_another_thread (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (context, FALSE);
  GThread *thread = g_thread_new ("looper", run_loop, loop);
  GValue   result = G_VALUE_INIT;

  while (!g_main_loop_is_running (loop))
    g_thread_yield ();
  g_assert_true (g_deferred_blocking_call (context, answer_and_quit, loop, &result, NULL));
  g_assert_cmpint (g_value_get_int (&result), ==, 21);
  g_thread_join (thread);
}

/* Nobody else could run it: it is run here. */
static void
test_call_into_ones_own_context (void)
{
  GMainContext *context = g_main_context_new ();
  GValue        result = G_VALUE_INIT;

  g_assert_true (g_deferred_blocking_call (NULL, answer_later, NULL, &result, NULL));
  g_assert_cmpint (g_value_get_int (&result), ==, 8);
  g_assert_true (g_deferred_blocking_call (NULL, say_nothing, NULL, &result, NULL));
  g_assert_true (G_VALUE_HOLDS_POINTER (&result));
  g_assert_true (g_deferred_blocking_call (context, number_job, GINT_TO_POINTER (4), &result, NULL));
  g_assert_cmpint (g_value_get_int (&result), ==, 4);
  g_assert_null (g_main_context_get_thread_default ());

  g_main_context_push_thread_default (context);
  g_assert_true (g_deferred_blocking_call (context, number_job, GINT_TO_POINTER (5), &result, NULL));
  g_assert_cmpint (g_value_get_int (&result), ==, 5);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
}

/* A job does not take the default context when the main thread just does not hold it: it waits for the main thread. */
static void
test_call_leaves_the_default_context_to_its_thread (void)
{
  for (guint round = gd_test_scaled (2000); round > 0; round--)
    {
      Asked asked = { .func = answer_in_main, .user_data = (gpointer) "here", .result = G_VALUE_INIT };
      int   n_done = 0;

      GDeferred *d = g_deferred_run_in_thread (asking_job, &asked, NULL);

      g_deferred_add_callback (d, count_callback, &n_done, NULL);
      g_object_unref (d);
      while (n_done == 0)
        g_main_context_iteration (NULL, FALSE);
      g_assert_true (asked.ok);
      g_value_unset (&asked.result);
    }
}

/* The context goes before it has run what it was asked for. */
typedef struct
{
  GMainContext *context;
  Gate          gate;
} Doomed;

static gpointer
hold_and_free (gpointer user_data)
{
  Doomed *doomed = user_data;

  g_assert_true (g_main_context_acquire (doomed->context));
  gate_pass (&doomed->gate);
  while (!g_main_context_pending (doomed->context))
    g_thread_yield ();
  g_main_context_release (doomed->context);
  g_main_context_unref (doomed->context);
  return NULL;
}

static void
test_call_into_a_context_that_goes (void)
{
  Doomed   doomed = { .context = g_main_context_new () };
  GThread *thread = g_thread_new ("holder", hold_and_free, &doomed);
  Asked    asked = { .context = doomed.context, .func = must_not_run, .result = G_VALUE_INIT };

  gate_await (&doomed.gate, 1);
  gate_open (&doomed.gate);
  ask_from_a_job (&asked);
  g_assert_false (asked.ok);
  g_assert_error (asked.error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_ABANDONED);
  g_error_free (asked.error);
  g_thread_join (thread);
}

/* --- bad input --------------------------------------------------------------------------------------------------- */

#define EXPECT_CRITICAL(pattern) g_test_expect_message ("GDeferred", G_LOG_LEVEL_CRITICAL, pattern)

static void
test_bad_input_is_told_and_does_no_harm (void)
{
  GError *error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "set before");

  EXPECT_CRITICAL ("*func != NULL*");
  g_assert_false (g_deferred_blocking_call (NULL, NULL, NULL, NULL, NULL));
  EXPECT_CRITICAL ("*error == NULL*");
  g_assert_false (g_deferred_blocking_call (NULL, must_not_run, NULL, NULL, &error));
  g_test_assert_expected_messages ();
  g_error_free (error);
}

int
main (int argc, char **argv)
{
  gd_test_init (&argc, &argv);
  main_thread = g_thread_self ();

#define T(path, name) g_test_add_func ("/call/" path, test_##name)
  T ("gives-the-result", call_gives_the_result);
  T ("without-result", call_without_result);
  T ("may-ignore-what-comes", call_may_ignore_what_comes);
  T ("gives-the-error", call_gives_the_error);
  T ("waits-for-a-deferred", call_waits_for_a_deferred);
  T ("into-another-thread", call_into_another_thread);
  T ("into-ones-own-context", call_into_ones_own_context);
  T ("leaves-the-default-context-to-its-thread", call_leaves_the_default_context_to_its_thread);
  T ("into-a-context-that-goes", call_into_a_context_that_goes);
  T ("bad-input-is-told-and-does-no-harm", bad_input_is_told_and_does_no_harm);

  return g_test_run ();
}
