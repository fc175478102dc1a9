/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Deferreds behind asynchronous functions in GIO's manner. In the trace "w:3 " says that the callback w got 3. */

#include "fixture.h"

#include <gdeferred/asyncresult.h>

static void answer (GDeferred *d, gpointer source, GCancellable *cancellable, const char *name);

/* The tag of all of them. */
static gpointer tag = answer;

/* The result of a call whose callback is "k". */
static GAsyncResult *kept;

static void
finished (GObject *source, GAsyncResult *result, gpointer name)
{
  GError *error = NULL;
  GValue  value = G_VALUE_INIT;

  g_assert_true (g_async_result_get_user_data (result) == name);
  if (*(const char *) name == 'k')
    {
      kept = g_object_ref (result);
      return;
    }

  if (!g_deferred_finish_value (result, source, tag, &value, &error))
    {
      say ("%s:!%s ", (char *) name, error_word (error));
      g_assert_cmpuint (G_VALUE_TYPE (&value), ==, 0);
      g_error_free (error);
      return;
    }

  g_assert_no_error (error);
  if (G_VALUE_TYPE (&value) == 0)
    say ("%s:- ", (char *) name);
  else
    {
      say ("%s:%d ", (char *) name, g_value_get_int (&value));
      g_value_unset (&value);
    }
}

static void
answer (GDeferred *d, gpointer source, GCancellable *cancellable, const char *name)
{
  g_deferred_answer_callback (d, source, tag, cancellable, finished, (gpointer) name);
}

/* --- what it brings ---------------------------------------------------------------------------------------------- */

static void
never_before_it_returns (void)
{
  GDeferred *d = succeeded_with (3);

  answer (d, NULL, NULL, "w");
  trace_is ("");
  settle (NULL);
  trace_is ("w:3 ");
  g_assert_finalize_object (d);
}

static void
say_and_answer (gpointer d)
{
  answer (d, NULL, NULL, "w");
  say ("returned ");
}

/* Inside of the loop GTask may call at once: not when it was made in the same turn. */
static void
never_before_it_returns_inside_the_loop (void)
{
  GDeferred *d = succeeded_with (3);

  g_idle_add_once (say_and_answer, d);
  settle (NULL);
  trace_is ("returned w:3 ");
  g_assert_finalize_object (d);
}

static void
at_this_point (void)
{
  GDeferred *d = g_deferred_new ();

  link_both (d, "a=1");
  answer (d, NULL, NULL, "v");
  answer (d, NULL, NULL, "w");
  link_both (d, "b=2");
  fire (d, 0);
  trace_is ("a:0 ~a b:1 ~b ");
  settle (NULL);
  trace_is ("v:1 w:1 ");
  g_assert_cmpint (g_deferred_get_int (d), ==, 2);
  g_assert_finalize_object (d);
}

static void
nothing (void)
{
  GDeferred *d = g_deferred_succeed (NULL);

  answer (d, NULL, NULL, "w");
  settle (NULL);
  trace_is ("w:- ");
  g_assert_finalize_object (d);
}

static void
errors_are_handled (void)
{
  GDeferred *d = g_deferred_new ();

  answer (d, NULL, NULL, "w");
  fire_fail (d, "bad");
  settle (NULL);
  trace_is ("w:!bad ");
  state_is (d, FAILED);
  g_assert_finalize_object (d);
}

static void
waits_as_it_waits (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner = g_deferred_new ();

  link_inner (d, inner);
  answer (d, NULL, NULL, "w");
  settle (NULL);
  trace_is ("");
  fire (inner, 5);
  settle (NULL);
  trace_is ("w:5 ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static void
without_a_callback (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_answer_callback (d, NULL, NULL, NULL, NULL, NULL);
  fire_fail (d, "bad");
  settle (NULL);
  g_assert_finalize_object (d);
}

static void
source_object (void)
{
  GObject   *source = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *d = g_deferred_new ();

  answer (d, source, NULL, "w");
  fire (d, 4);
  g_assert_cmpuint (source->ref_count, >, 1);
  settle (NULL);
  trace_is ("w:4 ");
  g_assert_finalize_object (source);
  g_assert_finalize_object (d);
}

/* --- its end ----------------------------------------------------------------------------------------------------- */

static void
set_flag (gpointer flag, GObject *former)
{
  *(gboolean *) flag = TRUE;
}

static void
not_kept_alive (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GDeferred    *d = g_deferred_new ();
  gboolean      is_gone = FALSE;

  g_object_weak_ref (G_OBJECT (d), set_flag, &is_gone);
  answer (d, NULL, cancellable, "w");
  g_object_unref (d);
  trace_is ("");
  settle (NULL);
  trace_is ("w:!ABANDONED ");
  g_assert_true (is_gone);
  g_assert_finalize_object (cancellable);
}

static void
owner_gone (void)
{
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *d = g_deferred_new ();

  g_deferred_bind_owner (d, owner);
  answer (d, NULL, NULL, "w");
  g_object_unref (owner);
  settle (NULL);
  trace_is ("w:!CANCELLED ");
  g_assert_finalize_object (d);
}

static void
say_stop (GDeferred *self, gpointer data)
{
  say ("stop ");
}

static void
cancelled (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GDeferred    *d = g_deferred_new_with_canceller (say_stop, NULL, NULL);

  answer (d, NULL, cancellable, "w");
  g_cancellable_cancel (cancellable);
  trace_is ("");
  settle (NULL);
  trace_is ("stop w:!CANCELLED ");
  g_assert_true (g_deferred_is_cancelled (d));
  g_assert_finalize_object (d);
  g_assert_finalize_object (cancellable);
}

static void
cancelled_before (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GDeferred    *d = g_deferred_new_with_canceller (say_stop, NULL, NULL);
  GDeferred    *fired = succeeded_with (1);

  g_cancellable_cancel (cancellable);
  answer (d, NULL, cancellable, "v");
  answer (fired, NULL, cancellable, "w");
  trace_is ("stop ");
  settle (NULL);
  trace_is ("v:!CANCELLED w:!CANCELLED ");
  state_is (fired, SUCCEEDED);
  g_assert_finalize_object (d);
  g_assert_finalize_object (fired);
  g_assert_finalize_object (cancellable);
}

/* As with every function of GIO: what was cancelled before its callback was called, was cancelled. */
static void
cancelled_on_the_way (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GDeferred    *d = g_deferred_new ();

  answer (d, NULL, cancellable, "w");
  fire (d, 1);
  g_cancellable_cancel (cancellable);
  settle (NULL);
  trace_is ("w:!CANCELLED ");
  g_assert_false (g_deferred_is_cancelled (d));
  g_assert_finalize_object (d);
  g_assert_finalize_object (cancellable);
}

/* The callback comes when the work has ended, and not when that was asked for; and the cancel reaches the work once,
 * not what cleans up after it. */
static void
cancelled_with_a_clean_up (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GDeferred    *d = g_deferred_new ();
  GDeferred    *clean_up = g_deferred_new ();

  g_deferred_add_errback (d, return_it, clean_up, NULL);
  g_object_ref (clean_up);
  answer (d, NULL, cancellable, "w");
  g_cancellable_cancel (cancellable);
  settle (NULL);
  state_is (d, WAITING);
  g_cancellable_reset (cancellable);
  g_cancellable_cancel (cancellable);
  settle (NULL);
  g_assert_false (g_deferred_is_cancelled (clean_up));
  trace_is ("");
  fire (clean_up, 2);
  settle (NULL);
  trace_is ("w:!CANCELLED ");
  g_assert_finalize_object (d);
  g_object_unref (clean_up);
  g_assert_finalize_object (clean_up);
  g_assert_finalize_object (cancellable);
}

static void
one_of_several (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GDeferred    *d = g_deferred_new ();
  GDeferred    *fork = g_deferred_fork (d);

  answer (fork, NULL, cancellable, "v");
  answer (d, NULL, NULL, "w");
  g_cancellable_cancel (cancellable);
  settle (NULL);
  trace_is ("v:!CANCELLED ");
  fire (d, 3);
  settle (NULL);
  trace_is ("w:3 ");
  g_assert_finalize_object (fork);
  g_assert_finalize_object (d);
  g_assert_finalize_object (cancellable);
}

static void
lets_go_of_the_cancellable (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GDeferred    *d = g_deferred_new ();

  answer (d, NULL, cancellable, "w");
  g_assert_cmpuint (g_signal_handler_find (cancellable, G_SIGNAL_MATCH_UNBLOCKED, 0, 0, NULL, NULL, NULL), !=,
                    0);
  fire (d, 3);
  g_assert_cmpuint (g_signal_handler_find (cancellable, G_SIGNAL_MATCH_UNBLOCKED, 0, 0, NULL, NULL, NULL), ==,
                    0);
  settle (NULL);
  trace_is ("w:3 ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (cancellable);
}

/* --- contexts ---------------------------------------------------------------------------------------------------- */

static void
in_the_context_of_the_caller (void)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *d = g_deferred_new ();

  g_main_context_push_thread_default (context);
  answer (d, NULL, NULL, "w");
  g_main_context_pop_thread_default (context);
  fire (d, 3);
  settle (NULL);
  trace_is ("");
  settle (context);
  trace_is ("w:3 ");
  g_assert_finalize_object (d);
  g_main_context_unref (context);
}

typedef struct
{
  GDeferred    *deferred;
  GCancellable *cancellable;
  GMainContext *context;
} Call;

static gpointer
call_elsewhere (gpointer data)
{
  Call *call = data;

  g_main_context_push_thread_default (call->context);
  answer (call->deferred, NULL, call->cancellable, "w");
  g_main_context_pop_thread_default (call->context);
  return NULL;
}

static void
from_another_thread (void)
{
  Call call = { g_deferred_new (), NULL, g_main_context_new () };

  fire (call.deferred, 3);
  g_thread_join (g_thread_new ("caller", call_elsewhere, &call));
  settle (call.context);
  trace_is ("");
  settle (NULL);
  trace_is ("");
  settle (call.context);
  trace_is ("w:3 ");
  g_assert_finalize_object (call.deferred);
  g_main_context_unref (call.context);
}

static void
from_another_thread_and_cancelled (void)
{
  Call call
      = { g_deferred_new_with_canceller (say_stop, NULL, NULL), g_cancellable_new (), g_main_context_new () };

  g_cancellable_cancel (call.cancellable);
  g_thread_join (g_thread_new ("caller", call_elsewhere, &call));
  settle (NULL);
  trace_is ("stop ");
  settle (call.context);
  trace_is ("w:!CANCELLED ");
  g_assert_finalize_object (call.deferred);
  g_assert_finalize_object (call.cancellable);
  g_main_context_unref (call.context);
}

static gpointer
cancel_elsewhere (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
cancelled_from_another_thread (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GDeferred    *d = g_deferred_new_with_canceller (say_stop, NULL, NULL);

  answer (d, NULL, cancellable, "w");
  g_thread_join (g_thread_new ("canceller", cancel_elsewhere, cancellable));
  trace_is ("");
  settle (NULL);
  trace_is ("stop w:!CANCELLED ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (cancellable);
}

/* A race on purpose, of a cancel in another thread with the end of the work: the callback is called once. */
static void
cancelled_as_it_ends (void)
{
  for (guint i = gd_test_scaled (500); i > 0; i--)
    {
      GCancellable *cancellable = g_cancellable_new ();
      GDeferred    *d = g_deferred_new ();
      GThread      *canceller;

      answer (d, NULL, cancellable, "w");
      canceller = g_thread_new ("canceller", cancel_elsewhere, cancellable);
      g_deferred_callback_int (d, 3, NULL);
      while (fx_trace->len == 0)
        g_main_context_iteration (NULL, TRUE);
      g_thread_join (canceller);
      settle (NULL);
      g_assert_true (strcmp (fx_trace->str, "w:3 ") == 0 || strcmp (fx_trace->str, "w:!CANCELLED ") == 0);
      g_string_truncate (fx_trace, 0);
      g_assert_finalize_object (d);
      g_assert_finalize_object (cancellable);
    }
}

/* --- finish functions -------------------------------------------------------------------------------------------- */

/* Takes the Deferred. */
static GAsyncResult *
result_of (GDeferred *d)
{
  answer (d, NULL, NULL, "k");
  settle (NULL);
  g_object_unref (d);
  return g_steal_pointer (&kept);
}

static GAsyncResult *
result_of_object (gpointer object)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_callback_object (d, object, NULL);
  return result_of (d);
}

static GAsyncResult *
result_of_words (const char *const *words)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_callback_boxed (d, G_TYPE_STRV, words, NULL);
  return result_of (d);
}

static GAsyncResult *
result_of_string (const char *text)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_callback_string (d, text, NULL);
  return result_of (d);
}

#define gives(result, call, condition)                                                                       \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    g_autoptr (GAsyncResult) res = (result);                                                                 \
    GError *error = NULL;                                                                                    \
    call;                                                                                                    \
    g_assert_no_error (error);                                                                               \
    g_assert_true (condition);                                                                               \
  }                                                                                                          \
  G_STMT_END

static void
typed_numbers (void)
{
  GDeferred *d = g_deferred_new ();

  gives (result_of (succeeded_with (7)), int n = g_deferred_finish_int (res, NULL, tag, &error), n == 7);
  gives (result_of (succeeded_with (7)), gint64 n = g_deferred_finish_int64 (res, NULL, tag, &error), n == 7);
  gives (result_of (succeeded_with (7)), double n = g_deferred_finish_double (res, NULL, tag, &error),
         n > 6.9 && n < 7.1);
  gives (result_of (succeeded_with (1)), gboolean n = g_deferred_finish_boolean (res, NULL, tag, &error), n);
  gives (result_of (g_deferred_succeed (NULL)),
         gboolean n = g_deferred_finish_boolean (res, NULL, tag, &error), n);

  g_deferred_callback_boolean (d, FALSE, NULL);
  gives (result_of (d), gboolean n = g_deferred_finish_boolean (res, NULL, tag, &error), !n);
}

static void
typed_pointers (void)
{
  GObject    *object = g_object_new (G_TYPE_OBJECT, NULL);
  GVariant   *variant = g_variant_ref_sink (g_variant_new_string ("v"));
  GDeferred  *d = g_deferred_new ();
  const char *words[] = { "a", "b", NULL };

  gives (result_of_string ("hello"), g_autofree char *s = g_deferred_finish_string (res, NULL, tag, &error),
         g_str_equal (s, "hello"));
  gives (result_of_object (object), g_autoptr (GObject) o = g_deferred_finish_object (res, NULL, tag, &error),
         o == object);
  gives (result_of_words (words),
         g_auto (GStrv) b = g_deferred_finish_boxed (res, NULL, tag, G_TYPE_STRV, &error),
         g_strv_equal ((const char *const *) b, words));

  g_deferred_callback_variant (d, variant, NULL);
  gives (result_of (d), g_autoptr (GVariant) v = g_deferred_finish_variant (res, NULL, tag, &error),
         v == variant);
  g_variant_unref (variant);
  g_assert_finalize_object (object);
}

static void
nothing_as_a_pointer (void)
{
  gives (result_of (g_deferred_succeed (NULL)),
         gpointer p = g_deferred_finish_string (res, NULL, tag, &error), p == NULL);
  gives (result_of (g_deferred_succeed (NULL)),
         gpointer p = g_deferred_finish_object (res, NULL, tag, &error), p == NULL);
  gives (result_of (g_deferred_succeed (NULL)),
         gpointer p = g_deferred_finish_boxed (res, NULL, tag, G_TYPE_STRV, &error), p == NULL);
  gives (result_of (g_deferred_succeed (NULL)),
         gpointer p = g_deferred_finish_variant (res, NULL, tag, &error), p == NULL);
  gives (result_of_string (NULL), gpointer p = g_deferred_finish_string (res, NULL, tag, &error), p == NULL);
}

#define fails(result, call, domain, code)                                                                    \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    g_autoptr (GAsyncResult) res = (result);                                                                 \
    GError *error = NULL;                                                                                    \
    g_assert_true (call);                                                                                    \
    g_assert_error (error, domain, code);                                                                    \
    g_error_free (error);                                                                                    \
  }                                                                                                          \
  G_STMT_END

#define mismatch(result, call) fails (result, call, G_DEFERRED_ERROR, G_DEFERRED_ERROR_INVALID_RESULT)

static void
of_another_kind (void)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);

  mismatch (result_of_string ("7"), g_deferred_finish_int (res, NULL, tag, &error) == -1);
  mismatch (result_of_string ("7"), g_deferred_finish_int64 (res, NULL, tag, &error) == -1);
  mismatch (result_of_string ("7"), g_deferred_finish_double (res, NULL, tag, &error) < 0.0);
  mismatch (result_of_string ("7"), !g_deferred_finish_boolean (res, NULL, tag, &error));
  mismatch (result_of_string ("7"), g_deferred_finish_object (res, NULL, tag, &error) == NULL);
  mismatch (result_of_string ("7"), g_deferred_finish_boxed (res, NULL, tag, G_TYPE_STRV, &error) == NULL);
  mismatch (result_of_string ("7"), g_deferred_finish_variant (res, NULL, tag, &error) == NULL);
  mismatch (result_of_object (object), g_deferred_finish_string (res, NULL, tag, &error) == NULL);
  g_assert_finalize_object (object);
}

static void
nothing_as_a_number (void)
{
  mismatch (result_of (g_deferred_succeed (NULL)), g_deferred_finish_int (res, NULL, tag, &error) == -1);
  mismatch (result_of (g_deferred_succeed (NULL)), g_deferred_finish_int64 (res, NULL, tag, &error) == -1);
  mismatch (result_of (g_deferred_succeed (NULL)), g_deferred_finish_double (res, NULL, tag, &error) < 0.0);
}

#define bad(call) fails (result_of (failed_with ("bad")), call, G_IO_ERROR, G_IO_ERROR_FAILED)

static void
typed_errors (void)
{
  bad (g_deferred_finish_int (res, NULL, tag, &error) == -1);
  bad (g_deferred_finish_int64 (res, NULL, tag, &error) == -1);
  bad (g_deferred_finish_double (res, NULL, tag, &error) < 0.0);
  bad (!g_deferred_finish_boolean (res, NULL, tag, &error));
  bad (g_deferred_finish_string (res, NULL, tag, &error) == NULL);
  bad (g_deferred_finish_object (res, NULL, tag, &error) == NULL);
  bad (g_deferred_finish_boxed (res, NULL, tag, G_TYPE_STRV, &error) == NULL);
  bad (g_deferred_finish_variant (res, NULL, tag, &error) == NULL);
}

/* What nobody fetched is freed with the result. */
static void
never_finished (void)
{
  GObject      *object = g_object_new (G_TYPE_OBJECT, NULL);
  GAsyncResult *result = result_of_object (object);

  g_assert_finalize_object (result);
  g_assert_finalize_object (object);
}

/* --- misuse ------------------------------------------------------------------------------------------------------ */

static void
bad_arguments (void)
{
  GParamSpec *no_object = g_param_spec_ref_sink (g_param_spec_boolean ("no", NULL, NULL, FALSE, 0));
  GDeferred  *d = g_deferred_new ();

  expect_critical ("G_IS_DEFERRED (self)");
  answer (NULL, NULL, NULL, "w");
  expect_critical ("G_IS_OBJECT (source_object)");
  answer (d, no_object, NULL, "w");
  expect_critical ("G_IS_CANCELLABLE (cancellable)");
  answer (d, NULL, (GCancellable *) d, "w");
  criticals_came ();
  fire (d, 1);
  settle (NULL);
  trace_is ("");
  g_assert_finalize_object (d);
  g_param_spec_unref (no_object);
}

static void
refused (GAsyncResult *result, gpointer source, gpointer other_tag, const char *pattern)
{
  GError *error = NULL;
  GValue  value = G_VALUE_INIT;

  for (int i = 0; i < 9; i++)
    g_test_expect_message ("GDeferred", G_LOG_LEVEL_CRITICAL, pattern);
  g_assert_false (g_deferred_finish_boolean (result, source, other_tag, &error));
  g_assert_cmpint (g_deferred_finish_int (result, source, other_tag, &error), ==, -1);
  g_assert_cmpint (g_deferred_finish_int64 (result, source, other_tag, &error), ==, -1);
  g_assert_cmpfloat (g_deferred_finish_double (result, source, other_tag, &error), ==, -1.0);
  g_assert_null (g_deferred_finish_string (result, source, other_tag, &error));
  g_assert_null (g_deferred_finish_object (result, source, other_tag, &error));
  g_assert_null (g_deferred_finish_boxed (result, source, other_tag, G_TYPE_STRV, &error));
  g_assert_null (g_deferred_finish_variant (result, source, other_tag, &error));
  g_assert_false (g_deferred_finish_value (result, source, other_tag, &value, &error));
  criticals_came ();
  g_assert_no_error (error);
}

static void
bad_results (void)
{
  GObject      *other = g_object_new (G_TYPE_OBJECT, NULL);
  GTask        *foreign = g_task_new (NULL, NULL, NULL, NULL);
  GAsyncResult *result = result_of (succeeded_with (3));

  (g_task_set_source_tag) (foreign, tag);
  g_task_return_pointer (foreign, other, NULL);
  settle (NULL);
  refused (NULL, NULL, tag, "*g_task_is_valid (result, source_object)*");
  refused (result, other, tag, "*g_task_is_valid (result, source_object)*");
  refused (result, NULL, NULL, "*g_async_result_is_tagged (result, tag)*");
  refused (G_ASYNC_RESULT (foreign), NULL, tag, "*one of g_deferred_answer_callback()*");
  g_assert_cmpint (g_deferred_finish_int (result, NULL, tag, NULL), ==, 3);

  g_assert_finalize_object (foreign);
  g_assert_finalize_object (result);
  g_assert_finalize_object (other);
}

static void
an_error_that_is_set (void)
{
  GAsyncResult *result = result_of (succeeded_with (3));
  GError       *error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "old");

  expect_critical ("error == NULL || ?error == NULL");
  g_assert_cmpint (g_deferred_finish_int (result, NULL, tag, &error), ==, -1);
  criticals_came ();
  g_error_free (error);
  g_assert_finalize_object (result);
}

static void
bad_type_and_value (void)
{
  GAsyncResult *result = result_of (succeeded_with (3));
  GValue        value = G_VALUE_INIT;

  expect_critical ("G_TYPE_IS_BOXED (type)");
  g_assert_null (g_deferred_finish_boxed (result, NULL, tag, G_TYPE_INT, NULL));
  expect_critical ("value != NULL");
  g_assert_false (g_deferred_finish_value (result, NULL, tag, NULL, NULL));
  g_value_init (&value, G_TYPE_INT);
  expect_critical ("G_VALUE_TYPE (value) == 0");
  g_assert_false (g_deferred_finish_value (result, NULL, tag, &value, NULL));
  criticals_came ();
  g_assert_finalize_object (result);
}

static void
once (void)
{
  GAsyncResult *result = result_of (succeeded_with (3));

  g_assert_cmpint (g_deferred_finish_int (result, NULL, tag, NULL), ==, 3);
  g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_CRITICAL, "*result_set*");
  g_assert_cmpint (g_deferred_finish_int (result, NULL, tag, NULL), ==, -1);
  criticals_came ();
  g_assert_finalize_object (result);
}

static const Case cases[] = {
  { "/rule-04/gio/result/never-before-the-call-returns", never_before_it_returns },
  { "/rule-04/gio/result/never-before-the-call-returns-inside-the-loop",
    never_before_it_returns_inside_the_loop },
  { "/rule-05/gio/result/sees-the-result-at-this-point-of-the-chain", at_this_point },
  { "/rule-03/gio/result/nothing", nothing },
  { "/rule-16/gio/result/an-error-is-handled", errors_are_handled },
  { "/rule-08/gio/result/waits-as-its-Deferred-waits", waits_as_it_waits },
  { "/gio/result/without-a-callback", without_a_callback },
  { "/gio/result/the-source-object-is-kept-meanwhile", source_object },
  { "/rule-17/gio/result/keeps-nothing-alive-and-is-told-of-the-end", not_kept_alive },
  { "/rule-25/gio/result/told-when-the-owner-is-gone", owner_gone },
  { "/rule-14/gio/result/the-cancellable-cancels-the-work", cancelled },
  { "/rule-14/gio/result/cancelled-before", cancelled_before },
  { "/rule-14/gio/result/cancelled-while-the-result-was-on-its-way", cancelled_on_the_way },
  { "/rule-14/gio/result/cancelled-once-and-waits-for-the-clean-up", cancelled_with_a_clean_up },
  { "/rule-14/gio/result/a-fork-is-cancelled-alone", one_of_several },
  { "/rule-18/gio/result/lets-go-of-the-cancellable", lets_go_of_the_cancellable },
  { "/rule-19/gio/result/called-in-the-context-of-the-caller", in_the_context_of_the_caller },
  { "/rule-20/gio/result/from-another-thread", from_another_thread },
  { "/rule-20/gio/result/from-another-thread-and-cancelled", from_another_thread_and_cancelled },
  { "/rule-20/gio/result/cancelled-from-another-thread", cancelled_from_another_thread },
  { "/rule-20/gio/result/cancelled-as-it-ends", cancelled_as_it_ends },
  { "/gio/result/numbers", typed_numbers },
  { "/gio/result/strings-objects-boxed-values-variants", typed_pointers },
  { "/gio/result/nothing-as-a-pointer-is-NULL", nothing_as_a_pointer },
  { "/gio/result/nothing-as-a-number-is-an-error", nothing_as_a_number },
  { "/gio/result/of-another-kind-is-an-error", of_another_kind },
  { "/gio/result/errors-of-all-types", typed_errors },
  { "/rule-18/gio/result/never-finished", never_finished },
  { "/misuse/gio/result/bad-arguments", bad_arguments },
  { "/misuse/gio/result/bad-results", bad_results },
  { "/misuse/gio/result/an-error-that-is-set", an_error_that_is_set },
  { "/misuse/gio/result/bad-type-and-value", bad_type_and_value },
  { "/misuse/gio/result/once", once },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
