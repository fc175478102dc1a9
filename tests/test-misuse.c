/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Bad input never corrupts and never aborts: every function with every kind of bad argument says so with a critical,
 * and the Deferred works as before. What is only right at home is called from elsewhere too (rule 21). */

#include "fixture.h"

static gboolean
does_nothing (GDeferred *self, gpointer data, GError **error)
{
  return TRUE;
}

static void
invoked (GDeferred *self, gpointer data)
{
}

static GError an_error = { .code = G_IO_ERROR_FAILED, .message = (char *) "an error" };

/* One call of each function that has a Deferred as `self`. What is taken is nothing, where a function that refuses
 * its `self` leaves it. */
#define CALL(name, expression)                                                                               \
  static void call_##name (GDeferred *d)                                                                     \
  {                                                                                                          \
    expression;                                                                                              \
  }

CALL (callback, g_assert_false (g_deferred_callback (d, NULL, NULL)))
CALL (callback_take_value, g_assert_false (g_deferred_callback_take_value (d, NULL, NULL)))
CALL (errback, g_assert_false (g_deferred_errback (d, NULL, NULL)))
CALL (errback_full, g_assert_false (g_deferred_errback_full (d, NULL, NULL, NULL)))
CALL (errback_literal, g_assert_false (g_deferred_errback_literal (d, G_IO_ERROR, 0, "x", NULL)))
CALL (errback_take, g_assert_false (g_deferred_errback_take (d, NULL, NULL)))
CALL (fire_with, g_assert_false (g_deferred_fire_with (d, does_nothing, NULL, NULL)))
CALL (fire_with_full, g_assert_false (g_deferred_fire_with_full (d, does_nothing, NULL, NULL, NULL)))
CALL (callback_boolean, g_assert_false (g_deferred_callback_boolean (d, TRUE, NULL)))
CALL (callback_int, g_assert_false (g_deferred_callback_int (d, 1, NULL)))
CALL (callback_int64, g_assert_false (g_deferred_callback_int64 (d, 1, NULL)))
CALL (callback_double, g_assert_false (g_deferred_callback_double (d, 1, NULL)))
CALL (callback_string, g_assert_false (g_deferred_callback_string (d, "x", NULL)))
CALL (callback_take_string, g_assert_false (g_deferred_callback_take_string (d, g_strdup ("x"), NULL)))
CALL (callback_object, g_assert_false (g_deferred_callback_object (d, NULL, NULL)))
CALL (callback_take_object, g_assert_false (g_deferred_callback_take_object (d, NULL, NULL)))
CALL (callback_boxed, g_assert_false (g_deferred_callback_boxed (d, G_TYPE_STRV, NULL, NULL)))
CALL (callback_take_boxed, g_assert_false (g_deferred_callback_take_boxed (d, G_TYPE_STRV, NULL, NULL)))
CALL (callback_variant, g_assert_false (g_deferred_callback_variant (d, g_variant_new_int32 (1), NULL)))

CALL (add_callbacks, g_deferred_add_callbacks (d, does_nothing, NULL, NULL, does_nothing, NULL, NULL))
CALL (add_callback, g_deferred_add_callback (d, does_nothing, NULL, NULL))
CALL (add_errback, g_deferred_add_errback (d, does_nothing, NULL, NULL))
CALL (add_errback_for, g_deferred_add_errback_for (d, G_IO_ERROR, 0, does_nothing, NULL, NULL))
CALL (add_both, g_deferred_add_both (d, does_nothing, NULL, NULL))
CALL (add_dispatched, g_assert_cmpuint (g_deferred_add_dispatched (d, 1, TRUE), ==, 0))
CALL (stay_dispatched, g_deferred_stay_dispatched (d))
CALL (may_go_on, g_deferred_may_go_on (d))
CALL (set_dispatched_canceller, g_deferred_set_dispatched_canceller (d, 1))
CALL (callback_kept, g_assert_cmpuint (g_deferred_callback_kept (d, 1), ==, 0))
CALL (errback_kept, g_assert_cmpuint (g_deferred_errback_kept (d, 1, &an_error), ==, 0))
CALL (return_kept, g_deferred_return_kept (d, 1))
CALL (return_error_kept, g_deferred_return_error_kept (d, 1, &an_error))
CALL (take_unhandled, g_assert_false (g_deferred_take_unhandled (d)))
CALL (abandon, g_deferred_abandon (d))
CALL (is_finished, g_assert_false (g_deferred_is_finished (d)))
CALL (chain_deferred, {
  GDeferred *other = g_deferred_new ();
  g_deferred_chain_deferred (d, other);
  g_object_unref (other);
})
CALL (fork, g_assert_null (g_deferred_fork (d)))
CALL (pause, g_deferred_pause (d))
CALL (unpause, g_deferred_unpause (d))

CALL (get_result, g_assert_null (g_deferred_get_result (d)))
CALL (get_error, g_assert_null (g_deferred_get_error (d)))
CALL (get_payload, g_assert_null (g_deferred_get_payload (d)))
CALL (get_string, g_assert_null (g_deferred_get_string (d)))
CALL (get_object, g_assert_null (g_deferred_get_object (d)))
CALL (get_boxed, g_assert_null (g_deferred_get_boxed (d, G_TYPE_STRV)))
CALL (get_variant, g_assert_null (g_deferred_get_variant (d)))
CALL (return_value, g_assert_false (g_deferred_return_value (d, NULL)))
CALL (return_take_value, g_assert_false (g_deferred_return_take_value (d, NULL)))
CALL (return_none, g_assert_false (g_deferred_return_none (d)))
CALL (return_error, g_assert_false (g_deferred_return_error (d, NULL)))
CALL (return_error_full, g_assert_false (g_deferred_return_error_full (d, NULL, NULL)))
CALL (return_error_literal, g_assert_false (g_deferred_return_error_literal (d, G_IO_ERROR, 0, "x")))
CALL (return_take_error, g_assert_false (g_deferred_return_take_error (d, NULL)))
CALL (return_new_error, g_assert_false (g_deferred_return_new_error (d, G_IO_ERROR, 0, "x")))
CALL (return_deferred, g_assert_false (g_deferred_return_deferred (d, NULL)))
CALL (return_boolean, g_assert_false (g_deferred_return_boolean (d, TRUE)))
CALL (return_int, g_assert_false (g_deferred_return_int (d, 1)))
CALL (return_int64, g_assert_false (g_deferred_return_int64 (d, 1)))
CALL (return_double, g_assert_false (g_deferred_return_double (d, 1)))
CALL (return_string, g_assert_false (g_deferred_return_string (d, "x")))
CALL (return_take_string, g_assert_false (g_deferred_return_take_string (d, g_strdup ("x"))))
CALL (return_object, g_assert_false (g_deferred_return_object (d, NULL)))
CALL (return_take_object, g_assert_false (g_deferred_return_take_object (d, NULL)))
CALL (return_boxed, g_assert_false (g_deferred_return_boxed (d, G_TYPE_STRV, NULL)))
CALL (return_take_boxed, g_assert_false (g_deferred_return_take_boxed (d, G_TYPE_STRV, NULL)))
CALL (return_variant, g_assert_false (g_deferred_return_variant (d, g_variant_new_int32 (1))))

CALL (cancel, g_deferred_cancel (d))
CALL (is_cancelled, g_assert_false (g_deferred_is_cancelled (d)))
CALL (get_n_cancels, g_assert_cmpuint (g_deferred_get_n_cancels (d), ==, 0))
CALL (get_cancellable, g_assert_null (g_deferred_get_cancellable (d)))
CALL (link_cancellable, g_deferred_link_cancellable (d, NULL))
CALL (bind_owner, {
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);
  g_deferred_bind_owner (d, owner);
  g_object_unref (owner);
})
CALL (get_state, g_assert_cmpint (g_deferred_get_state (d), ==, G_DEFERRED_STATE_PENDING))
CALL (get_pending, g_assert_false (g_deferred_get_pending (d)))
CALL (get_paused, g_assert_false (g_deferred_get_paused (d)))
CALL (get_waiting_on, g_assert_null (g_deferred_get_waiting_on (d)))
CALL (set_name, g_deferred_set_name (d, "x"))
CALL (get_name, g_assert_null (g_deferred_get_name (d)))
CALL (describe, g_assert_null (g_deferred_describe (d)))
CALL (set_progress, g_deferred_set_progress (d, 0.5, NULL))
CALL (get_progress, g_assert_cmpfloat (g_deferred_get_progress (d), ==, 0))
CALL (get_progress_text, g_assert_null (g_deferred_get_progress_text (d)))
CALL (get_context, g_assert_null (g_deferred_get_context (d)))
CALL (is_home, g_assert_false (g_deferred_is_home (d)))
CALL (hand_over, g_deferred_hand_over (d, NULL))
CALL (invoke, g_deferred_invoke (d, invoked, NULL, NULL))
CALL (wait, g_assert_false (g_deferred_wait (d, NULL)))

/* These give a number, and say nothing more than that it is none: 0. */
CALL (get_boolean, g_assert_false (g_deferred_get_boolean (d)))
CALL (get_int, g_assert_cmpint (g_deferred_get_int (d), ==, 0))
CALL (get_int64, g_assert_cmpint (g_deferred_get_int64 (d), ==, 0))
CALL (get_double, g_assert_cmpfloat (g_deferred_get_double (d), ==, 0))

#define ANYWHERE(name)                                                                                       \
  {                                                                                                          \
    "g_deferred_" #name ":", call_##name, FALSE                                                              \
  }
#define AT_HOME(name)                                                                                        \
  {                                                                                                          \
    "g_deferred_" #name ":", call_##name, TRUE                                                               \
  }

static const struct
{
  const char *name; /* as criticals begin */
  void (*call) (GDeferred *);
  gboolean home_only;
} calls[] = {
  ANYWHERE (callback),
  ANYWHERE (callback_take_value),
  ANYWHERE (errback),
  ANYWHERE (errback_full),
  ANYWHERE (errback_literal),
  ANYWHERE (errback_take),
  ANYWHERE (fire_with),
  ANYWHERE (fire_with_full),
  ANYWHERE (callback_boolean),
  ANYWHERE (callback_int),
  ANYWHERE (callback_int64),
  ANYWHERE (callback_double),
  ANYWHERE (callback_string),
  ANYWHERE (callback_take_string),
  ANYWHERE (callback_object),
  ANYWHERE (callback_take_object),
  ANYWHERE (callback_boxed),
  ANYWHERE (callback_take_boxed),
  ANYWHERE (callback_variant),
  AT_HOME (add_callbacks),
  AT_HOME (add_callback),
  AT_HOME (add_errback),
  AT_HOME (add_errback_for),
  AT_HOME (add_both),
  ANYWHERE (add_dispatched),
  AT_HOME (stay_dispatched),
  ANYWHERE (may_go_on),
  ANYWHERE (set_dispatched_canceller),
  AT_HOME (callback_kept),
  AT_HOME (errback_kept),
  AT_HOME (return_kept),
  AT_HOME (return_error_kept),
  AT_HOME (take_unhandled),
  ANYWHERE (abandon),
  AT_HOME (is_finished),
  AT_HOME (chain_deferred),
  AT_HOME (fork),
  AT_HOME (pause),
  AT_HOME (unpause),
  AT_HOME (get_result),
  AT_HOME (get_error),
  AT_HOME (get_payload),
  ANYWHERE (get_string),
  ANYWHERE (get_object),
  ANYWHERE (get_boxed),
  ANYWHERE (get_variant),
  AT_HOME (return_value),
  AT_HOME (return_take_value),
  AT_HOME (return_none),
  AT_HOME (return_error),
  AT_HOME (return_error_full),
  AT_HOME (return_error_literal),
  AT_HOME (return_take_error),
  AT_HOME (return_new_error),
  AT_HOME (return_deferred),
  AT_HOME (return_boolean),
  AT_HOME (return_int),
  AT_HOME (return_int64),
  AT_HOME (return_double),
  AT_HOME (return_string),
  AT_HOME (return_take_string),
  AT_HOME (return_object),
  AT_HOME (return_take_object),
  AT_HOME (return_boxed),
  AT_HOME (return_take_boxed),
  AT_HOME (return_variant),
  ANYWHERE (cancel),
  ANYWHERE (is_cancelled),
  ANYWHERE (get_n_cancels),
  ANYWHERE (get_cancellable),
  AT_HOME (link_cancellable),
  AT_HOME (bind_owner),
  AT_HOME (get_state),
  AT_HOME (get_pending),
  AT_HOME (get_paused),
  AT_HOME (get_waiting_on),
  AT_HOME (set_name),
  ANYWHERE (get_name),
  AT_HOME (describe),
  ANYWHERE (set_progress),
  AT_HOME (get_progress),
  AT_HOME (get_progress_text),
  ANYWHERE (get_context),
  ANYWHERE (is_home),
  AT_HOME (hand_over),
  ANYWHERE (invoke),
  AT_HOME (wait),
  ANYWHERE (get_boolean),
  ANYWHERE (get_int),
  ANYWHERE (get_int64),
  ANYWHERE (get_double),
};

/* It is still what it was: pending, with its one link. */
static void
still_works (GDeferred *d)
{
  settle (NULL);
  trace_is ("");
  state_is (d, PENDING);
  g_assert_false (g_deferred_get_paused (d));
  g_assert_false (g_deferred_is_cancelled (d));
  fire (d, 3);
  trace_is ("a:3 ~a ");
  settle (NULL);
  trace_is ("");
  g_assert_finalize_object (d);
}

static void
wrong_self (void)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      char *pattern = g_strdup_printf ("*%s*", calls[i].name);

      g_test_expect_message ("GDeferred", G_LOG_LEVEL_CRITICAL, pattern);
      calls[i].call (NULL);
      g_test_expect_message ("GDeferred", G_LOG_LEVEL_CRITICAL, pattern);
      calls[i].call ((GDeferred *) object);
      criticals_came ();
      g_free (pattern);
    }
  g_assert_finalize_object (object);
}

static gpointer
call_away (gpointer data)
{
  GDeferred *d = data;

  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      char *pattern = g_strdup_printf ("*%s*", calls[i].name);

      if (calls[i].home_only)
        {
          g_test_expect_message ("GDeferred", G_LOG_LEVEL_CRITICAL, pattern);
          calls[i].call (d);
          criticals_came ();
        }
      g_free (pattern);
    }
  return NULL;
}

static gboolean
dispatch (GDeferred *self, guint what, const GValue *value, gpointer data)
{
  g_assert_not_reached ();
}

static void
wrong_thread (void)
{
  GDeferred *d = g_deferred_new ();

  g_assert_cmpuint (g_deferred_register_dispatcher (dispatch, NULL, NULL), ==, 1);
  an_error.domain = G_IO_ERROR;
  link_both (d, "a");
  g_thread_join (g_thread_new ("elsewhere", call_away, d));
  still_works (d);
}

/* Firing */

static void
error_set_already (void)
{
  GDeferred *d = g_deferred_new ();
  GError    *set = g_error_new_literal (G_IO_ERROR, 0, "set already");
  GError    *error = set;

  link_both (d, "a");
#define REFUSED(call)                                                                                        \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    expect_critical ("error");                                                                               \
    g_assert_false (call);                                                                                   \
    criticals_came ();                                                                                       \
    g_assert_true (error == set);                                                                            \
  }                                                                                                          \
  G_STMT_END
  REFUSED (g_deferred_callback (d, NULL, &error));
  REFUSED (g_deferred_callback_take_value (d, NULL, &error));
  REFUSED (g_deferred_errback (d, set, &error));
  REFUSED (g_deferred_errback_full (d, set, NULL, &error));
  REFUSED (g_deferred_errback_literal (d, G_IO_ERROR, 0, "x", &error));
  REFUSED (g_deferred_fire_with (d, does_nothing, NULL, &error));
  REFUSED (g_deferred_callback_boolean (d, TRUE, &error));
  REFUSED (g_deferred_callback_int (d, 1, &error));
  REFUSED (g_deferred_callback_int64 (d, 1, &error));
  REFUSED (g_deferred_callback_double (d, 1, &error));
  REFUSED (g_deferred_callback_string (d, "x", &error));
  REFUSED (g_deferred_callback_take_string (d, g_strdup ("x"), &error));
  REFUSED (g_deferred_callback_object (d, d, &error));
  REFUSED (g_deferred_callback_take_object (d, g_object_ref (d), &error));
  REFUSED (g_deferred_callback_boxed (d, G_TYPE_STRV, NULL, &error));
  REFUSED (g_deferred_callback_take_boxed (d, G_TYPE_STRV, NULL, &error));
  REFUSED (g_deferred_callback_variant (d, g_variant_new_int32 (1), &error));
  REFUSED (g_deferred_wait (d, &error));
  still_works (d);
  g_error_free (set);
}

static GValue no_value = { .g_type = G_TYPE_NONE };

static void
wrong_arguments (void)
{
  GDeferred  *d = g_deferred_new ();
  GObject    *object = g_object_new (G_TYPE_OBJECT, NULL);
  GParamSpec *no_object = g_param_spec_ref_sink (g_param_spec_int ("x", NULL, NULL, 0, 1, 0, 0));
  GError     *failure = g_error_new_literal (G_IO_ERROR, 0, "failure");

  link_both (d, "a");
#define WRONG(name, call)                                                                                    \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    expect_critical ("g_deferred_" name ":");                                                                \
    call;                                                                                                    \
    criticals_came ();                                                                                       \
  }                                                                                                          \
  G_STMT_END
  WRONG ("callback", g_deferred_callback (d, &no_value, NULL));
  WRONG ("callback_take_value", g_deferred_callback_take_value (d, &no_value, NULL));
  WRONG ("errback", g_deferred_errback (d, NULL, NULL));
  WRONG ("errback_full", g_deferred_errback_full (d, NULL, NULL, NULL));
  WRONG ("errback_full", g_deferred_errback_full (d, failure, &no_value, NULL));
  WRONG ("errback_literal", g_deferred_errback_literal (d, 0, 0, "x", NULL));
  WRONG ("errback_literal", g_deferred_errback_literal (d, G_IO_ERROR, 0, NULL, NULL));
  WRONG ("errback_take", g_deferred_errback_take (d, NULL, NULL));
  WRONG ("fire_with", g_deferred_fire_with (d, NULL, NULL, NULL));
  WRONG ("follow", g_deferred_follow (d, NULL, NULL));
  WRONG ("fire_with_full", g_deferred_fire_with_full (d, NULL, NULL, NULL, NULL));
  WRONG ("callback_object", g_deferred_callback_object (d, no_object, NULL));
  WRONG ("callback_take_object", g_deferred_callback_take_object (d, no_object, NULL));
  WRONG ("callback_boxed", g_deferred_callback_boxed (d, G_TYPE_INT, NULL, NULL));
  WRONG ("callback_boxed", g_deferred_callback_boxed (d, G_TYPE_BOXED, NULL, NULL));
  WRONG ("callback_boxed", g_deferred_callback_boxed (d, G_TYPE_INVALID, NULL, NULL));
  WRONG ("callback_take_boxed", g_deferred_callback_take_boxed (d, G_TYPE_OBJECT, NULL, NULL));
  WRONG ("get_boxed", g_assert_null (g_deferred_get_boxed (d, G_TYPE_INT)));
  WRONG ("add_callback", g_assert_true (g_deferred_add_callback (d, NULL, NULL, NULL) == d));
  WRONG ("add_errback", g_assert_true (g_deferred_add_errback (d, NULL, NULL, NULL) == d));
  WRONG ("add_both", g_assert_true (g_deferred_add_both (d, NULL, NULL, NULL) == d));
  WRONG ("add_errback_for",
         g_assert_true (g_deferred_add_errback_for (d, G_IO_ERROR, 0, NULL, NULL, NULL) == d));
  WRONG ("add_errback_for",
         g_assert_true (g_deferred_add_errback_for (d, 0, 0, does_nothing, NULL, NULL) == d));
  WRONG ("chain_deferred", g_assert_true (g_deferred_chain_deferred (d, NULL) == d));
  WRONG ("chain_deferred", g_assert_true (g_deferred_chain_deferred (d, (GDeferred *) object) == d));
  WRONG ("chain_deferred", g_assert_true (g_deferred_chain_deferred (d, d) == d));
  WRONG ("link_cancellable", g_deferred_link_cancellable (d, (GCancellable *) object));
  WRONG ("bind_owner", g_deferred_bind_owner (d, NULL));
  WRONG ("bind_owner", g_deferred_bind_owner (d, (GObject *) no_object));
  WRONG ("invoke", g_deferred_invoke (d, NULL, NULL, NULL));
  WRONG ("set_progress", g_deferred_set_progress (d, 2, NULL));
  WRONG ("unpause", g_deferred_unpause (d));
  g_deferred_link_cancellable (d, NULL);
  still_works (d);
  g_error_free (failure);
  g_param_spec_unref (no_object);
  g_assert_finalize_object (object);
}

static void
linked_twice (void)
{
  GDeferred    *d = g_deferred_new ();
  GCancellable *one = g_cancellable_new ();
  GCancellable *two = g_cancellable_new ();

  link_both (d, "a");
  g_deferred_link_cancellable (d, one);
  WRONG ("link_cancellable", g_deferred_link_cancellable (d, two));
  g_cancellable_cancel (two);
  still_works (d);
  g_assert_finalize_object (one);
  g_assert_finalize_object (two);
}

/* Leaving a result where no callback runs */

static void
outside_of_a_callback (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *inner = g_deferred_new ();

  link_both (d, "a");
  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    if (g_str_has_prefix (calls[i].name, "g_deferred_return_"))
      {
        char *pattern = g_strdup_printf ("*%s*", calls[i].name);

        g_test_expect_message ("GDeferred", G_LOG_LEVEL_CRITICAL, pattern);
        calls[i].call (d);
        criticals_came ();
        g_free (pattern);
      }
  WRONG ("return_deferred", g_assert_false (g_deferred_return_deferred (d, g_object_ref (inner))));
  g_assert_finalize_object (inner);
  WRONG ("return_take_error",
         g_assert_false (g_deferred_return_take_error (d, g_error_new_literal (G_IO_ERROR, 0, "x"))));
  still_works (d);
}

/* In a callback, but another one's. */
static gboolean
leaves_with_other (GDeferred *self, gpointer other, GError **error)
{
  WRONG ("return_int", g_assert_false (g_deferred_return_int (other, 7)));
  return TRUE;
}

static void
in_another_ones_callback (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *other = succeeded_with (2);

  g_deferred_add_callback (d, leaves_with_other, other, NULL);
  fire (d, 1);
  g_assert_cmpint (g_deferred_get_int (d), ==, 1);
  g_assert_cmpint (g_deferred_get_int (other), ==, 2);
  g_assert_finalize_object (d);
  g_assert_finalize_object (other);
}

/* In the right place, but with wrong arguments: each says FALSE, and so the chain goes on with an error. */
static gboolean
leaves_wrong (GDeferred *self, gpointer data, GError **error)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  GError  *failure = g_error_new_literal (G_IO_ERROR, 0, "failure");

  WRONG ("return_value", g_assert_false (g_deferred_return_value (self, &no_value)));
  WRONG ("return_take_value", g_assert_false (g_deferred_return_take_value (self, &no_value)));
  WRONG ("return_error", g_assert_false (g_deferred_return_error (self, NULL)));
  WRONG ("return_error_full", g_assert_false (g_deferred_return_error_full (self, NULL, NULL)));
  WRONG ("return_error_full", g_assert_false (g_deferred_return_error_full (self, failure, &no_value)));
  WRONG ("return_error_literal", g_assert_false (g_deferred_return_error_literal (self, 0, 0, "x")));
  WRONG ("return_error_literal",
         g_assert_false (g_deferred_return_error_literal (self, G_IO_ERROR, 0, NULL)));
  WRONG ("return_take_error", g_assert_false (g_deferred_return_take_error (self, NULL)));
  WRONG ("return_new_error", g_assert_false (g_deferred_return_new_error (self, 0, 0, "x")));
  WRONG ("return_deferred", g_assert_false (g_deferred_return_deferred (self, NULL)));
  WRONG ("return_deferred", g_assert_false (g_deferred_return_deferred (self, (GDeferred *) object)));
  WRONG ("return_boxed", g_assert_false (g_deferred_return_boxed (self, G_TYPE_INT, NULL)));
  WRONG ("return_take_boxed", g_assert_false (g_deferred_return_take_boxed (self, G_TYPE_INT, NULL)));
  g_assert_finalize_object (object);
  g_error_free (failure);
  return FALSE;
}

static void
wrong_inside (void)
{
  GDeferred *d = succeeded_with (1);

  g_deferred_add_callback (d, leaves_wrong, NULL, NULL);
  link_both (d, "a0");
  trace_is ("a:!FAILED ~a ");
  g_assert_finalize_object (d);
}

/* Functions without a Deferred */

static void
makers (void)
{
  const GDeferredJob wrong[] = { { does_nothing, NULL, NULL }, { NULL, NULL, NULL } };
  GError            *set = g_error_new_literal (G_IO_ERROR, 0, "set already");
  GError            *error = set;

  WRONG ("succeed", g_assert_null (g_deferred_succeed (&no_value)));
  WRONG ("fail", g_assert_null (g_deferred_fail (NULL)));
  WRONG ("maybe", g_assert_null (g_deferred_maybe (NULL, NULL)));
  WRONG ("run_in_thread", g_assert_null (g_deferred_run_in_thread (NULL, NULL, NULL)));
  WRONG ("run_all_in_thread", g_assert_null (g_deferred_run_all_in_thread (NULL, 3)));
  WRONG ("run_all_in_thread", g_assert_null (g_deferred_run_all_in_thread (wrong, 2)));
  WRONG ("blocking_call", g_assert_false (g_deferred_blocking_call (NULL, NULL, NULL, NULL, NULL)));
  WRONG ("blocking_call", g_assert_false (g_deferred_blocking_call (NULL, does_nothing, NULL, NULL, &error)));
  WRONG ("react", g_assert_cmpint (g_deferred_react (NULL, NULL), ==, 1));
  g_assert_true (error == set);
  g_error_free (set);
}

/* A value that is a Deferred is what succeed cannot be given. */
static void
succeed_with_a_deferred (void)
{
  GDeferred *inner = g_deferred_new ();
  GDeferred *d;
  GValue     value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_DEFERRED);
  g_value_take_object (&value, inner);
  d = g_deferred_succeed (&value);
  g_value_unset (&value);
  link_both (d, "a0");
  trace_is ("a:!INVALID_RESULT ~a ");
  g_assert_finalize_object (d);
}

static const Case cases[] = {
  { "/rule-21/misuse/wrong-thread", wrong_thread },
  { "/rule-01/misuse/wrong-self", wrong_self },
  { "/rule-01/misuse/error-set-already", error_set_already },
  { "/rule-01/misuse/wrong-arguments", wrong_arguments },
  { "/rule-14/misuse/linked-twice", linked_twice },
  { "/rule-06/misuse/outside-of-a-callback", outside_of_a_callback },
  { "/rule-06/misuse/in-another-ones-callback", in_another_ones_callback },
  { "/rule-06/misuse/wrong-inside", wrong_inside },
  { "/rule-02/misuse/makers", makers },
  { "/rule-02/misuse/succeed-with-a-deferred", succeed_with_a_deferred },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
