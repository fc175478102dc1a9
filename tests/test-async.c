/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Waiting in the manner of GIO. In the trace "w:3 " says that the wait w ended with 3. */

#include "fixture.h"

#include <gdeferred/async.h>

static void
finished (GObject *source, GAsyncResult *result, gpointer name)
{
  GDeferred    *d = G_DEFERRED (source);
  GError       *error = NULL;
  const GValue *value = g_deferred_wait_finish (d, result, &error);

  g_assert_true (g_deferred_is_home (d));
  if (error != NULL)
    {
      g_assert_null (value);
      say ("%s:!%s ", (char *) name, error_word (error));
      g_error_free (error);
    }
  else if (value == NULL)
    say ("%s:- ", (char *) name);
  else
    say ("%s:%d ", (char *) name, g_value_get_int (value));
}

static void
wait_for (GDeferred *d, GCancellable *cancellable, const char *name)
{
  g_deferred_wait_async (d, cancellable, finished, (gpointer) name);
}

static void
several_see_it (void)
{
  GDeferred *d = g_deferred_new ();

  wait_for (d, NULL, "v");
  wait_for (d, NULL, "w");
  settle (NULL);
  trace_is ("");

  fire (d, 3);
  trace_is ("");
  wait_for (d, NULL, "x");
  trace_is ("");
  settle (NULL);
  trace_is ("v:3 w:3 x:3 ");
  g_assert_cmpint (g_deferred_get_int (d), ==, 3);
  g_assert_finalize_object (d);
}

static void
at_this_point (void)
{
  GDeferred *d = g_deferred_new ();

  link_both (d, "a=1");
  wait_for (d, NULL, "w");
  link_both (d, "b=2");
  fire (d, 0);
  trace_is ("a:0 ~a b:1 ~b ");
  settle (NULL);
  trace_is ("w:1 ");
  g_assert_cmpint (g_deferred_get_int (d), ==, 2);
  g_assert_finalize_object (d);
}

static void
nothing (void)
{
  GDeferred *d = g_deferred_succeed (NULL);

  wait_for (d, NULL, "w");
  settle (NULL);
  trace_is ("w:- ");
  g_assert_finalize_object (d);
}

static void
while_it_waits (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner = g_deferred_new ();

  link_inner (d, inner);
  g_deferred_pause (inner);
  wait_for (d, NULL, "w");
  fire (inner, 5);
  settle (NULL);
  trace_is ("");
  g_deferred_unpause (inner);
  settle (NULL);
  trace_is ("w:5 ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static gboolean
wait_inside (GDeferred *self, gpointer name, GError **error)
{
  wait_for (self, NULL, name);
  return TRUE;
}

static void
inside_a_callback (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_add_callback (d, wait_inside, "w", NULL);
  link_both (d, "a=2");
  fire (d, 1);
  settle (NULL);
  trace_is ("a:1 ~a w:2 ");
  g_assert_finalize_object (d);
}

static void
error_is_handled (void)
{
  GDeferred *d = g_deferred_new ();

  wait_for (d, NULL, "w");
  fire_fail (d, "bad");
  wait_for (d, NULL, "x");
  settle (NULL);
  trace_is ("w:!bad x:!bad ");
  state_is (d, FAILED);
  g_assert_finalize_object (d);
  nothing_reported ();
}

/* The wait has seen one error, not the next. */
static void
later_error_is_not (void)
{
  GDeferred *d = g_deferred_new ();

  wait_for (d, NULL, "w");
  link_errback (d, "e!worse");
  fire_fail (d, "bad");
  settle (NULL);
  trace_is ("e:!bad ~e w:!bad ");
  g_assert_finalize_object (d);
  reported ("worse");
}

static void
without_a_callback (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_wait_async (d, NULL, NULL, NULL);
  fire_fail (d, "bad");
  settle (NULL);
  g_assert_finalize_object (d);
}

static void
say_stop (GDeferred *self, gpointer data)
{
  say ("stop ");
}

static void
only_the_wait (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GDeferred    *d = g_deferred_new_with_canceller (say_stop, NULL, NULL);

  wait_for (d, cancellable, "v");
  wait_for (d, NULL, "w");
  g_cancellable_cancel (cancellable);
  trace_is ("");
  settle (NULL);
  trace_is ("v:!CANCELLED ");
  g_assert_false (g_deferred_is_cancelled (d));
  state_is (d, PENDING);

  fire (d, 3);
  settle (NULL);
  trace_is ("w:3 ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (cancellable);
}

static void
cancelled_before (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GDeferred    *pending = g_deferred_new ();
  GDeferred    *fired = succeeded_with (1);

  g_cancellable_cancel (cancellable);
  wait_for (pending, cancellable, "v");
  wait_for (fired, cancellable, "w");
  trace_is ("");
  settle (NULL);
  trace_is ("v:!CANCELLED w:!CANCELLED ");
  fire (pending, 1);
  g_assert_finalize_object (pending);
  g_assert_finalize_object (fired);
  g_assert_finalize_object (cancellable);
}

/* As with every function of GIO: what was cancelled before its callback was called, was cancelled. */
static void
cancelled_on_the_way (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GDeferred    *d = g_deferred_new ();

  wait_for (d, cancellable, "w");
  fire (d, 1);
  g_cancellable_cancel (cancellable);
  settle (NULL);
  trace_is ("w:!CANCELLED ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (cancellable);
}

static void
not_handled_after_it (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GDeferred    *d = g_deferred_new ();

  wait_for (d, cancellable, "w");
  g_cancellable_cancel (cancellable);
  settle (NULL);
  trace_is ("w:!CANCELLED ");
  fire_fail (d, "bad");
  g_assert_finalize_object (d);
  reported ("bad");
  g_assert_finalize_object (cancellable);
}

static void
the_work (void)
{
  GDeferred *d = g_deferred_new_with_canceller (say_stop, NULL, NULL);

  wait_for (d, NULL, "w");
  g_deferred_cancel (d);
  settle (NULL);
  trace_is ("stop w:!CANCELLED ");
  g_assert_finalize_object (d);
}

static void
set_flag (gpointer flag, GObject *former)
{
  *(gboolean *) flag = TRUE;
}

static void
dropped_meanwhile (void)
{
  GDeferred *d = g_deferred_new ();
  gboolean   is_gone = FALSE;

  g_object_weak_ref (G_OBJECT (d), set_flag, &is_gone);
  wait_for (d, NULL, "v");
  wait_for (d, NULL, "w");
  g_assert_cmpint (G_OBJECT (d)->ref_count, ==, 1);
  g_object_unref (d);
  trace_is ("");
  settle (NULL);
  trace_is ("v:!ABANDONED w:!ABANDONED ");
  g_assert_true (is_gone);
}

/* Nobody else holds it once it has fired: not before the callback has seen it. */
static void
dropped_after_firing (void)
{
  GDeferred *d = g_deferred_new ();
  gboolean   is_gone = FALSE;

  g_object_weak_ref (G_OBJECT (d), set_flag, &is_gone);
  wait_for (d, NULL, "w");
  fire (d, 3);
  g_object_unref (d);
  g_assert_false (is_gone);
  settle (NULL);
  trace_is ("w:3 ");
  g_assert_true (is_gone);
}

static void
inner_dropped (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner = g_deferred_new ();

  g_deferred_add_callback (d, return_it, inner, NULL);
  wait_for (d, NULL, "w");
  g_object_unref (inner);
  settle (NULL);
  trace_is ("w:!ABANDONED ");
  g_assert_finalize_object (d);
}

static void
owner_gone (void)
{
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *d = g_deferred_new ();
  GDeferred *paused = succeeded_with (4);

  g_deferred_bind_owner (d, owner);
  g_deferred_pause (paused);
  g_deferred_bind_owner (paused, owner);
  wait_for (d, NULL, "v");
  wait_for (paused, NULL, "w");
  g_object_unref (owner);
  g_deferred_unpause (paused);
  settle (NULL);
  trace_is ("w:4 v:!CANCELLED ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (paused);
}

static void
keep_result (GObject *source, GAsyncResult *result, gpointer kept)
{
  *(GAsyncResult **) kept = g_object_ref (result);
}

/* The result is the one that there was, and its place is the GAsyncResult. */
static void
result_stays (void)
{
  GDeferred    *d = succeeded_with (1);
  GAsyncResult *result = NULL;
  const GValue *value;
  GError       *error = NULL;

  g_deferred_wait_async (d, NULL, keep_result, &result);
  settle (NULL);
  g_assert_true (g_async_result_get_user_data (result) == &result);
  link_both (d, "a=2");
  trace_is ("a:1 ~a ");

  value = g_deferred_wait_finish (d, result, &error);
  g_assert_no_error (error);
  link_both (d, "b=3");
  trace_is ("b:2 ~b ");
  g_assert_cmpint (g_value_get_int (value), ==, 1);
  g_assert_finalize_object (result);
  g_assert_finalize_object (d);
}

static gpointer
fire_from_thread (gpointer d)
{
  fire (d, 8);
  return NULL;
}

/* The thread-default context is another one, both at the call and as it fires. */
static void
in_its_home (void)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *d;

  g_main_context_push_thread_default (context);
  d = g_deferred_new ();
  g_main_context_pop_thread_default (context);

  wait_for (d, NULL, "w");
  g_thread_join (g_thread_new ("producer", fire_from_thread, d));
  settle (NULL);
  trace_is ("");
  settle (context);
  trace_is ("w:8 ");
  g_assert_finalize_object (d);
  g_main_context_unref (context);
}

static gpointer
wait_elsewhere (gpointer d)
{
  expect_critical ("g_deferred_wait_async: called from a thread that is not the Deferred's home");
  wait_for (d, NULL, "w");
  criticals_came ();
  return NULL;
}

static void
elsewhere (void)
{
  GDeferred *d = g_deferred_new ();

  g_thread_join (g_thread_new ("elsewhere", wait_elsewhere, d));
  fire (d, 1);
  settle (NULL);
  trace_is ("");
  g_assert_finalize_object (d);
}

static void
bad_arguments (void)
{
  GDeferred *d = g_deferred_new ();

  expect_critical ("G_IS_DEFERRED (self)");
  g_deferred_wait_async (NULL, NULL, finished, "w");
  expect_critical ("G_IS_CANCELLABLE (cancellable)");
  g_deferred_wait_async (d, (GCancellable *) d, finished, "w");
  criticals_came ();
  fire (d, 1);
  settle (NULL);
  trace_is ("");
  g_assert_finalize_object (d);
}

static void
refused (GDeferred *d, gpointer result, const char *pattern)
{
  GError *error = NULL;

  g_test_expect_message ("GDeferred", G_LOG_LEVEL_CRITICAL, pattern);
  g_assert_null (g_deferred_wait_finish (d, result, &error));
  g_assert_no_error (error);
  criticals_came ();
}

static void
bad_results (void)
{
  GDeferred    *d = succeeded_with (1);
  GDeferred    *other = succeeded_with (2);
  GTask        *foreign = g_task_new (d, NULL, NULL, NULL);
  GAsyncResult *result = NULL;

  g_task_return_boolean (foreign, TRUE);
  g_deferred_wait_async (d, NULL, keep_result, &result);
  settle (NULL);
  refused (NULL, result, "*G_IS_DEFERRED (self)*");
  refused (d, NULL, "*g_task_is_valid (result, self)*");
  refused (other, result, "*g_task_is_valid (result, self)*");
  refused (d, foreign, "*g_async_result_is_tagged*");
  g_assert_cmpint (g_value_get_int (g_deferred_wait_finish (d, result, NULL)), ==, 1);

  g_assert_finalize_object (foreign);
  g_assert_finalize_object (result);
  g_assert_finalize_object (d);
  g_assert_finalize_object (other);
}

static const Case cases[] = {
  { "/rule-04/async/several-see-it-and-none-before-the-call-returns", several_see_it },
  { "/rule-05/async/sees-the-result-at-this-point-of-the-chain", at_this_point },
  { "/rule-03/async/nothing-is-NULL-without-an-error", nothing },
  { "/rule-08/async/waits-as-long-as-its-Deferred-waits", while_it_waits },
  { "/rule-11/async/inside-a-callback-it-waits-for-the-rest", inside_a_callback },
  { "/rule-16/async/an-error-is-handled-by-the-wait", error_is_handled },
  { "/rule-16/async/a-later-error-is-not", later_error_is_not },
  { "/rule-16/async/without-a-callback-it-is-handled-too", without_a_callback },
  { "/rule-14/async/a-cancellable-ends-the-wait-and-not-the-work", only_the_wait },
  { "/rule-14/async/cancelled-before-it-began", cancelled_before },
  { "/rule-14/async/cancelled-while-the-result-was-on-its-way", cancelled_on_the_way },
  { "/rule-16/async/an-error-after-the-wait-was-cancelled-is-reported", not_handled_after_it },
  { "/rule-14/async/a-cancel-of-the-work-reaches-the-wait", the_work },
  { "/rule-17/async/a-wait-keeps-nothing-alive-and-is-told-of-the-end", dropped_meanwhile },
  { "/rule-18/async/after-firing-it-lives-until-the-callback", dropped_after_firing },
  { "/rule-17/async/told-of-the-end-of-the-inner-one", inner_dropped },
  { "/rule-25/async/told-when-the-owner-is-gone", owner_gone },
  { "/rule-18/async/the-result-stays-as-long-as-the-GAsyncResult", result_stays },
  { "/rule-19/async/called-in-its-home", in_its_home },
  { "/rule-21/async/not-from-elsewhere", elsewhere },
  { "/misuse/async/bad-arguments", bad_arguments },
  { "/misuse/async/bad-results", bad_results },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
