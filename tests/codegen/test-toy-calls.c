/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* How the functions that gdeferred-codegen makes begin and end: parameters, failures, cancelling, dropping, misuse. */

#include "../fixture.h"

#include "toy-deferred.h"

static ToyBox *box;

static void
begin (void)
{
  toy = (Toy){ 0 };
  box = toy_box_new ();
}

static void
end (void)
{
  settle (NULL);
  g_assert_finalize_object (box);
  g_assert_cmpuint (toy.n_boxes, ==, 0);
  g_assert_cmpuint (toy.n_stamps, ==, 0);
  g_assert_cmpuint (toy.n_calls, ==, toy.n_finished);
  g_clear_pointer (&toy.written, g_bytes_unref);
}

static GDeferred *
waited_for (GDeferred *d)
{
  GError *error = NULL;

  state_is (d, PENDING);
  g_assert_true (g_deferred_wait (d, &error));
  g_assert_no_error (error);
  return d;
}

static void
succeeds (GDeferred *d)
{
  g_assert_null (g_deferred_get_result (waited_for (d)));
  g_assert_finalize_object (d);
}

static void
is_failure (GDeferred *d, GQuark domain, int code, const char *message)
{
  GError *error = NULL;

  g_assert_false (g_deferred_wait (d, &error));
  g_assert_error (error, domain, code);
  g_assert_cmpstr (error->message, ==, message);
  g_error_free (error);
}

static void
fails (GDeferred *d, GQuark domain, int code, const char *message)
{
  is_failure (d, domain, code, message);
  g_assert_finalize_object (d);
}

static void
is_cancelled (GDeferred *d)
{
  is_failure (d, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Operation was cancelled");
}

/* All that take nothing but the box. */
typedef GDeferred *(*Wrapper) (ToyBox *self);

static const Wrapper wrappers[] = {
  toy_deferred_box_drain,         toy_deferred_box_count,      toy_deferred_box_size,
  toy_deferred_box_volume,        toy_deferred_box_weight,     toy_deferred_box_is_open,
  toy_deferred_box_serial,        toy_deferred_box_color,      toy_deferred_box_sides,
  toy_deferred_box_raw,           toy_deferred_box_kind,       toy_deferred_box_label,
  toy_deferred_box_seen_label,    toy_deferred_box_lid,        toy_deferred_box_seen_lid,
  toy_deferred_box_stamp,         toy_deferred_box_seen_stamp, toy_deferred_box_variant,
  toy_deferred_box_seen_variant,  toy_deferred_box_table,      toy_deferred_box_seen_value,
  toy_deferred_box_value,         toy_deferred_box_fill_value, toy_deferred_box_names,
  toy_deferred_box_seen_names,    toy_deferred_box_data,       toy_deferred_box_seen_data,
  toy_deferred_box_line,          toy_deferred_box_lids,       toy_deferred_box_held_lids,
  toy_deferred_box_seen_lids,     toy_deferred_box_stamps,     toy_deferred_box_seen_stamps,
  toy_deferred_box_words,         toy_deferred_box_seen_words, toy_deferred_box_variants,
  toy_deferred_box_held_variants, toy_deferred_box_row,        toy_deferred_box_inspect,
  toy_deferred_box_weigh,         toy_deferred_box_two_names,  toy_deferred_box_look,
  toy_deferred_box_turn_bytes,    toy_deferred_box_ruled,
};

/* --- ends -------------------------------------------------------------------------------------------------------- */

static void
failures (void)
{
  GError *failure = g_error_new_literal (G_FILE_ERROR, G_FILE_ERROR_NOSPC, "no room");

  begin ();
  toy.failure = failure;
  for (gsize i = 0; i < G_N_ELEMENTS (wrappers); i++)
    fails (wrappers[i](box), G_FILE_ERROR, G_FILE_ERROR_NOSPC, "no room");
  end ();
  g_error_free (failure);
}

static void
false_without_an_error (void)
{
  begin ();
  toy.silent = TRUE;
  fails (toy_deferred_box_open (box, 5), G_DEFERRED_ERROR, G_DEFERRED_ERROR_FAILED,
         "toy_box_open_finish() failed and set no error");
  fails (toy_deferred_box_data (box), G_DEFERRED_ERROR, G_DEFERRED_ERROR_FAILED,
         "toy_box_data_finish() failed and set no error");
  end ();
}

/* The Deferred fails at once, the operation gets to know, and ends later. */
static void
cancelling (void)
{
  begin ();
  toy.stuck = TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (wrappers); i++)
    {
      GDeferred *d = wrappers[i](box);

      settle (NULL);
      state_is (d, PENDING);
      g_deferred_cancel (d);
      state_is (d, FAILED);
      g_assert_cmpuint (toy.n_finished, ==, i);
      is_cancelled (d);
      settle (NULL);
      g_assert_cmpuint (toy.n_finished, ==, i + 1);
      g_assert_finalize_object (d);
    }
  end ();
}

/* What the operation gives nevertheless is freed. */
static void
cancelled_too_late (void)
{
  begin ();
  for (gsize i = 0; i < G_N_ELEMENTS (wrappers); i++)
    {
      GDeferred *d = wrappers[i](box);

      g_deferred_cancel (d);
      is_cancelled (d);
      settle (NULL);
      g_assert_finalize_object (d);
    }
  end ();
}

static void
each_has_a_cancellable_of_its_own (void)
{
  GDeferred *first, *second;

  begin ();
  toy.stuck = TRUE;
  first = toy_deferred_box_count (box);
  second = toy_deferred_box_count (box);
  g_deferred_cancel (first);
  settle (NULL);
  g_assert_cmpuint (toy.n_finished, ==, 1);
  state_is (second, PENDING);
  is_cancelled (first);
  g_assert_finalize_object (first);
  g_deferred_cancel (second);
  is_cancelled (second);
  settle (NULL);
  g_assert_finalize_object (second);
  end ();
}

static void
without_a_cancellable (void)
{
  GDeferred *d;

  begin ();
  succeeds (toy_deferred_box_settle (box));

  d = toy_deferred_box_settle (box);
  g_deferred_cancel (d);
  is_cancelled (d);
  g_assert_cmpuint (toy.n_finished, ==, 1);
  settle (NULL);
  g_assert_cmpuint (toy.n_finished, ==, 2);
  g_assert_finalize_object (d);
  end ();
}

/* The operation goes on for a caller who does not want to know. */
static void
dropped (void)
{
  begin ();
  for (gsize i = 0; i < G_N_ELEMENTS (wrappers); i++)
    g_object_unref (wrappers[i](box));
  g_assert_cmpuint (toy.n_finished, ==, 0);
  settle (NULL);
  g_assert_cmpuint (toy.n_finished, ==, G_N_ELEMENTS (wrappers));
  end ();
}

static void
dropped_and_failed (void)
{
  GError *failure = g_error_new_literal (G_FILE_ERROR, G_FILE_ERROR_NOSPC, "no room");

  begin ();
  toy.failure = failure;
  g_object_unref (toy_deferred_box_count (box));
  end ();
  reported ("no room");
  g_error_free (failure);
}

static void
called_back_at_once (void)
{
  GDeferred *d;

  begin ();
  toy.prompt = TRUE;
  d = toy_deferred_box_count (box);
  state_is (d, SUCCEEDED);
  g_assert_cmpint (g_deferred_get_int (d), ==, -3);
  g_assert_finalize_object (d);
  end ();
}

/* In a thread with a context of its own all of it happens in that context. */
static gpointer
in_thread (gpointer user_data G_GNUC_UNUSED)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *d;

  g_main_context_push_thread_default (context);
  d = toy_deferred_box_count (box);
  g_assert_true (g_deferred_get_context (d) == context);
  g_assert_cmpint (g_deferred_get_int (waited_for (d)), ==, -3);
  g_assert_finalize_object (d);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return NULL;
}

static void
elsewhere (void)
{
  begin ();
  g_thread_join (g_thread_new ("elsewhere", in_thread, NULL));
  end ();
}

/* --- parameters -------------------------------------------------------------------------------------------------- */

static void
reading (void)
{
  GDeferred *read, *all, *none;
  gsize      size;

  begin ();
  read = waited_for (toy_deferred_box_read (box, 10));
  all = waited_for (toy_deferred_box_read_all (box, 4));
  g_assert_cmpmem (g_bytes_get_data (g_deferred_get_boxed (read, G_TYPE_BYTES), &size), size, "read", 4);
  g_assert_cmpmem (g_bytes_get_data (g_deferred_get_boxed (all, G_TYPE_BYTES), &size), size, "rea", 3);
  g_assert_finalize_object (read);
  g_assert_finalize_object (all);

  none = toy_deferred_box_read_all (box, 0);
  g_deferred_cancel (none);
  is_cancelled (none);
  settle (NULL);
  g_assert_finalize_object (none);
  end ();
}

/* The bytes are there until the operation looks at them, although their owner has let go of them. */
static void
writing (void)
{
  GBytes    *bytes;
  GDeferred *d;
  gsize      size;

  begin ();
  bytes = g_bytes_new ("to be written", 13);
  d = toy_deferred_box_write (box, bytes);
  g_bytes_unref (bytes);
  g_assert_cmpint (g_deferred_get_int64 (waited_for (d)), ==, 13);
  g_assert_cmpmem (g_bytes_get_data (toy.written, &size), size, "to be written", 13);
  g_assert_finalize_object (d);

  bytes = g_bytes_new (NULL, 0);
  d = toy_deferred_box_write (box, bytes);
  g_bytes_unref (bytes);
  g_assert_cmpint (g_deferred_get_int64 (waited_for (d)), ==, 0);
  g_assert_finalize_object (d);

  bytes = g_bytes_new ("some", 4);
  succeeds (toy_deferred_box_write_maybe (box, bytes));
  g_bytes_unref (bytes);
  g_assert_cmpmem (g_bytes_get_data (toy.written, &size), size, "some", 4);
  succeeds (toy_deferred_box_write_maybe (box, NULL));
  g_assert_null (toy.written);
  end ();
}

static void
on_progress (GObject *d, GParamSpec *pspec G_GNUC_UNUSED, gpointer user_data G_GNUC_UNUSED)
{
  say ("%.2f ", g_deferred_get_progress (G_DEFERRED (d)));
}

static void
progress (void)
{
  GDeferred *d;

  begin ();
  d = toy_deferred_box_pour (box);
  g_signal_connect (d, "notify::progress", G_CALLBACK (on_progress), NULL);
  g_assert_cmpfloat (g_deferred_get_progress (d), ==, 0.25);
  toy_report (2, 4);
  trace_is ("0.50 ");
  toy_report (0, 0);
  trace_is ("0.00 ");
  g_deferred_cancel (d);
  toy_report (3, 4);
  trace_is ("");
  is_cancelled (d);
  settle (NULL);
  g_assert_finalize_object (d);
  end ();
}

static void
visit (ToyBox *self, gpointer name)
{
  g_assert_true (self == box);
  say ("visit:%s ", (char *) name);
}

static void
callbacks (void)
{
  begin ();
  succeeds (toy_deferred_box_tell (box));
  succeeds (toy_deferred_box_visit (box, visit, (gpointer) "v", gone));
  trace_is ("visit:v ~v ");
  end ();
}

static void
other_parameters (void)
{
  GDeferred *d;

  begin ();
  succeeds (toy_deferred_box_send (box, g_variant_new_int32 (1)));
  d = waited_for (toy_deferred_box_compare (box, TOY_THING (box), "d", NULL));
  g_assert_cmpint (g_deferred_get_int (d), ==, 1);
  g_assert_finalize_object (d);
  d = waited_for (toy_deferred_box_compare (box, NULL, "d", NULL));
  g_assert_cmpint (g_deferred_get_int (d), ==, 0);
  g_assert_finalize_object (d);
  end ();
}

/* --- ways to a finish function ----------------------------------------------------------------------------------- */

static void
variable_arguments (void)
{
  begin ();
  succeeds (toy_deferred_box_set (box, "a", 1, "b", 2, NULL));
  g_assert_cmpstr (toy_box_get_note (box), ==, "b=2");
  succeeds (toy_deferred_box_set (box, NULL));
  end ();
}

static void
finish_functions (void)
{
  GDeferred *d;

  begin ();
  d = waited_for (toy_deferred_box_look (box));
  g_assert_cmpstr (g_deferred_get_string (d), ==, "looked");
  g_assert_finalize_object (d);
  succeeds (toy_deferred_box_turn_bytes (box));
  succeeds (toy_deferred_box_ruled (box));
  succeeds (toy_deferred_box_fading (box));
  succeeds (toy_deferred_show_full (box, "note"));
  succeeds (toy_deferred_show_full (NULL, "note"));

  d = waited_for (toy_deferred_box_make ("made"));
  g_assert_cmpstr (toy_box_get_note (g_deferred_get_object (d)), ==, "made");
  g_assert_finalize_object (d);
  end ();
}

/* --- misuse ------------------------------------------------------------------------------------------------------ */

#define refused(call, pattern)                                                                               \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    expect_critical (pattern);                                                                               \
    g_assert_null (call);                                                                                    \
    criticals_came ();                                                                                       \
  }                                                                                                          \
  G_STMT_END

static void
misuse (void)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);

  begin ();
  refused (toy_deferred_box_count (NULL), "toy_deferred_box_count: assertion*self, toy_box*failed");
  refused (toy_deferred_box_count ((ToyBox *) object),
           "toy_deferred_box_count: assertion*self, toy_box*failed");
  refused (toy_deferred_thing_use ((ToyThing *) object), "assertion*self, toy_thing*failed");
  refused (toy_deferred_box_compare (box, (ToyThing *) object, "d", NULL), "assertion*other*failed");
  refused (toy_deferred_box_compare (box, NULL, NULL, NULL), "assertion*deferred_ != NULL*failed");
  refused (toy_deferred_box_make (NULL), "assertion*note != NULL*failed");
  refused (toy_deferred_box_write (box, NULL), "assertion*data != NULL*failed");
  refused (toy_deferred_box_send (box, NULL), "assertion*message != NULL*failed");
  g_assert_cmpuint (toy.n_calls, ==, 0);
  end ();
  g_assert_finalize_object (object);
}

static const Case cases[] = {
  { "/toy/failures", failures },
  { "/toy/false-without-an-error", false_without_an_error },
  { "/toy/cancelling", cancelling },
  { "/toy/cancelled-too-late", cancelled_too_late },
  { "/toy/each-has-a-cancellable-of-its-own", each_has_a_cancellable_of_its_own },
  { "/toy/without-a-cancellable", without_a_cancellable },
  { "/toy/dropped", dropped },
  { "/toy/dropped-and-failed", dropped_and_failed },
  { "/toy/called-back-at-once", called_back_at_once },
  { "/toy/elsewhere", elsewhere },
  { "/toy/reading", reading },
  { "/toy/writing", writing },
  { "/toy/progress", progress },
  { "/toy/callbacks", callbacks },
  { "/toy/other-parameters", other_parameters },
  { "/toy/variable-arguments", variable_arguments },
  { "/toy/finish-functions", finish_functions },
  { "/toy/misuse", misuse },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
