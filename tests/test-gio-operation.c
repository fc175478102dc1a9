/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Operations in GIO's manner, whose outcome becomes that of a Deferred. Most are played by a GTask that the test
 * returns by hand. */

#include "fixture.h"

#include <gdeferred/operation.h>

/* The operation that was started last. */
static GTask *under_way;

static void
play_async (gpointer source, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_assert_null (under_way);
  under_way = g_task_new (source, cancellable, callback, data);
}

static GTask *
take_task (void)
{
  return g_steal_pointer (&under_way);
}

static void
bring_int (int n)
{
  g_autoptr (GTask) task = take_task ();

  g_task_return_int (task, n);
}

static void
bring_error (const char *text)
{
  g_autoptr (GTask) task = take_task ();

  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", text);
}

static void
bring_pointer (gpointer pointer, GDestroyNotify destroy)
{
  g_autoptr (GTask) task = take_task ();

  g_task_return_pointer (task, pointer, destroy);
}

/* --- finish functions of all types ------------------------------------------------------------------------------- */

#define FINISH_INT(name, type)                                                                               \
  static type name##_finish (GObject *source, GAsyncResult *result, GError **error)                          \
  {                                                                                                          \
    g_assert_true (g_task_is_valid (result, source));                                                        \
    return (type) g_task_propagate_int (G_TASK (result), error);                                             \
  }

FINISH_INT (int, int)
FINISH_INT (uint, guint)
FINISH_INT (long, glong)
FINISH_INT (ulong, gulong)
FINISH_INT (int64, gint64)
FINISH_INT (uint64, guint64)
FINISH_INT (double, double)
FINISH_INT (ssize, gssize)
FINISH_INT (boolean, gboolean)
FINISH_INT (enum, GDeferredState)
FINISH_INT (flags, GFileCopyFlags)

static gpointer
pointer_finish (GObject *source, GAsyncResult *result, GError **error)
{
  g_assert_true (g_task_is_valid (result, source));
  return g_task_propagate_pointer (G_TASK (result), error);
}

static int
static_finish (GAsyncResult *result, GError **error)
{
  g_assert_null (g_async_result_get_source_object (result));
  return (int) g_task_propagate_int (G_TASK (result), error);
}

static gboolean
silent_finish (GObject *source, GAsyncResult *result, GError **error)
{
  return FALSE;
}

/* Against the rules of GIO. */
static gpointer
both_finish (GObject *source, GAsyncResult *result, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "bad");
  return g_task_propagate_pointer (G_TASK (result), NULL);
}

static GDeferred *
start (GType type, GCallback finish)
{
  GDeferred *d = g_deferred_new_for_finish (type, finish);

  play_async (NULL, G_DEFERRED_ASYNC (d));
  return d;
}

/* --- what becomes of what they return ---------------------------------------------------------------------------- */

static void
numbers (void)
{
  const struct
  {
    GType     type;
    GCallback finish;
  } kinds[] = {
    { G_TYPE_INT, G_CALLBACK (int_finish) },        { G_TYPE_UINT, G_CALLBACK (uint_finish) },
    { G_TYPE_LONG, G_CALLBACK (long_finish) },      { G_TYPE_ULONG, G_CALLBACK (ulong_finish) },
    { G_TYPE_INT64, G_CALLBACK (int64_finish) },    { G_TYPE_UINT64, G_CALLBACK (uint64_finish) },
    { G_TYPE_DOUBLE, G_CALLBACK (double_finish) },  { G_DEFERRED_TYPE_SSIZE, G_CALLBACK (ssize_finish) },
    { G_TYPE_BOOLEAN, G_CALLBACK (boolean_finish) }
  };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (int n = 0; n < 2; n++)
      {
        GDeferred *d = start (kinds[i].type, kinds[i].finish);

        bring_int (n);
        settle (NULL);
        state_is (d, SUCCEEDED);
        g_assert_cmpstr (G_VALUE_TYPE_NAME (g_deferred_get_result (d)), ==, g_type_name (kinds[i].type));
        g_assert_cmpint (g_deferred_get_int64 (d), ==, n);
        g_assert_finalize_object (d);
      }
}

static void
negative (void)
{
  GDeferred *d = start (G_DEFERRED_TYPE_SSIZE, G_CALLBACK (ssize_finish));

  bring_int (-7);
  settle (NULL);
  g_assert_cmpint (g_deferred_get_int64 (d), ==, -7);
  g_assert_finalize_object (d);
}

static void
enums_and_flags (void)
{
  GDeferred *d = start (G_TYPE_DEFERRED_STATE, G_CALLBACK (enum_finish));

  bring_int (G_DEFERRED_STATE_WAITING);
  settle (NULL);
  g_assert_cmpint (g_value_get_enum (g_deferred_get_result (d)), ==, G_DEFERRED_STATE_WAITING);
  g_assert_finalize_object (d);

  d = start (G_TYPE_FILE_COPY_FLAGS, G_CALLBACK (flags_finish));
  bring_int (G_FILE_COPY_BACKUP);
  settle (NULL);
  g_assert_cmpuint (g_value_get_flags (g_deferred_get_result (d)), ==, G_FILE_COPY_BACKUP);
  g_assert_finalize_object (d);
}

static void
strings (void)
{
  GDeferred *d = start (G_TYPE_STRING, G_CALLBACK (pointer_finish));
  char      *text = g_strdup ("hello");

  bring_pointer (text, g_free);
  settle (NULL);
  g_assert_true (g_deferred_get_string (d) == text);
  g_assert_finalize_object (d);
}

static void
objects (void)
{
  GObject   *object = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *d = start (G_TYPE_OBJECT, G_CALLBACK (pointer_finish));

  bring_pointer (g_object_ref (object), g_object_unref);
  settle (NULL);
  g_assert_true (g_deferred_get_object (d) == object);
  g_assert_cmpuint (object->ref_count, ==, 2);
  g_assert_finalize_object (d);
  g_assert_finalize_object (object);
}

static void
interfaces (void)
{
  GFile     *file = g_file_new_for_path ("/");
  GDeferred *d = start (G_TYPE_FILE, G_CALLBACK (pointer_finish));

  bring_pointer (g_object_ref (file), g_object_unref);
  settle (NULL);
  g_assert_true (g_deferred_get_object (d) == file);
  g_assert_finalize_object (d);
  g_assert_finalize_object (file);
}

/* One that any instance may have, and that no GValue can hold as such. */
static void
interfaces_of_anything (void)
{
  const GTypeInfo info = { .class_size = sizeof (GTypeInterface) };
  GType           type = g_type_register_static (G_TYPE_INTERFACE, "TestOfAnything", &info, 0);
  GObject        *object = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred      *d = start (type, G_CALLBACK (pointer_finish));

  g_assert_false (G_TYPE_IS_VALUE (type));
  bring_pointer (g_object_ref (object), g_object_unref);
  settle (NULL);
  g_assert_true (g_deferred_get_object (d) == object);
  g_assert_finalize_object (d);
  g_assert_finalize_object (object);
}

static void
boxed (void)
{
  GDeferred *d = start (G_TYPE_STRV, G_CALLBACK (pointer_finish));
  char     **words = g_strsplit ("a b", " ", -1);

  bring_pointer (words, (GDestroyNotify) g_strfreev);
  settle (NULL);
  g_assert_true (g_deferred_get_boxed (d, G_TYPE_STRV) == words);
  g_assert_finalize_object (d);
}

static void
variants (void)
{
  GDeferred *d = start (G_TYPE_VARIANT, G_CALLBACK (pointer_finish));
  GVariant  *variant = g_variant_ref_sink (g_variant_new_int32 (3));

  bring_pointer (g_variant_ref (variant), (GDestroyNotify) g_variant_unref);
  settle (NULL);
  g_assert_true (g_deferred_get_variant (d) == variant);
  g_assert_finalize_object (d);
  g_variant_unref (variant);
}

static void
null_is_a_result (void)
{
  const GType types[] = { G_TYPE_STRING, G_TYPE_OBJECT, G_TYPE_FILE, G_TYPE_STRV, G_TYPE_VARIANT };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      GDeferred *d = start (types[i], G_CALLBACK (pointer_finish));

      bring_pointer (NULL, NULL);
      settle (NULL);
      state_is (d, SUCCEEDED);
      g_assert_null (g_value_peek_pointer (g_deferred_get_result (d)));
      g_assert_finalize_object (d);
    }
}

static void
well_or_not (void)
{
  GDeferred *well = start (G_TYPE_NONE, G_CALLBACK (boolean_finish));
  GDeferred *bad;
  GDeferred *silent;

  link_both (well, "w");
  bring_int (TRUE);
  settle (NULL);
  trace_is ("w:- ~w ");
  g_assert_finalize_object (well);

  bad = start (G_TYPE_NONE, G_CALLBACK (boolean_finish));
  link_both (bad, "b0");
  bring_error ("no good");
  settle (NULL);
  trace_is ("b:!no good ~b ");
  g_assert_finalize_object (bad);

  silent = start (G_TYPE_NONE, G_CALLBACK (silent_finish));
  bring_int (FALSE);
  settle (NULL);
  g_assert_nonnull (strstr (g_deferred_get_error (silent)->message, "its finish function does not say why"));
  link_both (silent, "s0");
  trace_is ("s:!FAILED ~s ");
  g_assert_finalize_object (silent);
}

static void
errors_pass (void)
{
  GDeferred *d = start (G_TYPE_STRING, G_CALLBACK (pointer_finish));

  link_both (d, "a0");
  bring_error ("no such thing");
  settle (NULL);
  trace_is ("a:!no such thing ~a ");
  g_assert_finalize_object (d);
}

static void
value_beside_an_error (void)
{
  GObject   *object = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *d = start (G_TYPE_OBJECT, G_CALLBACK (both_finish));

  link_both (d, "a0");
  bring_pointer (g_object_ref (object), g_object_unref);
  settle (NULL);
  trace_is ("a:!bad ~a ");
  g_assert_finalize_object (object);
  g_assert_finalize_object (d);
}

static void
without_source (void)
{
  GDeferred *d = g_deferred_new_for_static_finish (G_TYPE_INT, G_CALLBACK (static_finish));

  play_async (NULL, G_DEFERRED_ASYNC (d));
  link_both (d, "a");
  bring_int (4);
  settle (NULL);
  trace_is ("a:4 ~a ");
  g_assert_finalize_object (d);
}

static void
source_comes_along (void)
{
  GObject   *source = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *d = g_deferred_new_for_finish (G_TYPE_INT, G_CALLBACK (int_finish));

  play_async (source, G_DEFERRED_ASYNC (d));
  bring_int (5);
  settle (NULL);
  g_assert_cmpint (g_deferred_get_int (d), ==, 5);
  g_assert_finalize_object (d);
  g_assert_finalize_object (source);
}

/* --- a finish function of one's own ------------------------------------------------------------------------------ */

/* Brings the number that came, and the one that it was given. */
static gboolean
finish_both (GDeferred *self, gpointer source, GAsyncResult *result, gpointer data, GError **error)
{
  GError *failure = NULL;
  gssize  n = g_task_propagate_int (G_TASK (result), &failure);

  say ("finish ");
  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  return g_deferred_return_int (self, 10 * (int) n + *(const char *) data - '0');
}

static GDeferred *
start_own (const char *data)
{
  GDeferred *d = g_deferred_new_for_finish_func (finish_both, (gpointer) data, gone);

  play_async (NULL, G_DEFERRED_ASYNC (d));
  return d;
}

static void
own_function (void)
{
  GDeferred *d = start_own ("7");

  link_both (d, "a");
  bring_int (3);
  trace_is ("");
  settle (NULL);
  trace_is ("finish a:37 ~a ~7 ");
  g_assert_finalize_object (d);

  d = start_own ("7");
  link_both (d, "a0");
  bring_error ("bad");
  settle (NULL);
  trace_is ("finish a:!bad ~a ~7 ");
  g_assert_finalize_object (d);
}

/* It is two operations then, one after the other. */
static gboolean
finish_and_go_on (GDeferred *self, gpointer source, GAsyncResult *result, gpointer data, GError **error)
{
  return g_deferred_return_deferred (self, start_own (data));
}

static void
own_function_waits (void)
{
  GDeferred *d = g_deferred_new_for_finish_func (finish_and_go_on, "5", NULL);

  play_async (NULL, G_DEFERRED_ASYNC (d));
  link_both (d, "a");
  bring_int (0);
  settle (NULL);
  trace_is ("");
  bring_int (2);
  settle (NULL);
  trace_is ("finish a:25 ~a ~5 ");
  g_assert_finalize_object (d);
}

static void
never_started (void)
{
  GDeferred *d = g_deferred_new_for_finish_func (finish_both, "7", gone);

  g_assert_finalize_object (d);
  trace_is ("~7 ");

  d = g_deferred_new_for_finish (G_TYPE_INT, G_CALLBACK (int_finish));
  link_both (d, "a0");
  g_object_unref (d);
  settle (NULL);
  trace_is ("a:!ABANDONED ~a ");
}

/* --- its end ----------------------------------------------------------------------------------------------------- */

static void
cancelled (void)
{
  GObject      *object = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred    *d = start (G_TYPE_OBJECT, G_CALLBACK (pointer_finish));
  GCancellable *cancellable = g_object_ref (g_task_get_cancellable (under_way));

  link_both (d, "a0");
  g_task_set_check_cancellable (under_way, FALSE);
  g_assert_false (g_cancellable_is_cancelled (cancellable));
  g_deferred_cancel (d);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  trace_is ("a:!CANCELLED ~a ");

  /* It was done all the same: what it brings is dropped. */
  bring_pointer (g_object_ref (object), g_object_unref);
  settle (NULL);
  g_assert_finalize_object (object);
  g_assert_finalize_object (d);
  g_assert_finalize_object (cancellable);
}

static void
cancelled_with_own_function (void)
{
  GDeferred *d = start_own ("7");

  g_deferred_cancel (d);
  g_deferred_add_errback (d, act, "e0", NULL);
  trace_is ("e:!CANCELLED ");
  bring_int (3);
  settle (NULL);
  trace_is ("finish ~7 ");
  g_assert_finalize_object (d);
}

static void
cancelled_before_it_begins (void)
{
  GDeferred *d = g_deferred_new_for_finish_func (finish_both, "7", gone);

  g_deferred_cancel (d);
  play_async (NULL, G_DEFERRED_ASYNC (d));
  g_assert_true (g_cancellable_is_cancelled (g_task_get_cancellable (under_way)));
  bring_int (3);
  settle (NULL);
  trace_is ("finish ~7 ");
  g_assert_finalize_object (d);
}

static void
a_fresh_cancellable (void)
{
  GDeferred *first = start (G_TYPE_INT, G_CALLBACK (int_finish));
  GTask     *first_task = take_task ();
  GDeferred *second = start (G_TYPE_INT, G_CALLBACK (int_finish));

  g_assert_true (g_task_get_cancellable (first_task) != g_task_get_cancellable (under_way));
  g_deferred_cancel (first);
  g_assert_false (g_cancellable_is_cancelled (g_task_get_cancellable (under_way)));
  bring_int (2);
  g_task_return_int (first_task, 1);
  g_object_unref (first_task);
  settle (NULL);
  g_assert_cmpint (g_deferred_get_int (second), ==, 2);
  g_assert_finalize_object (first);
  g_assert_finalize_object (second);
}

static gboolean
start_inside (GDeferred *self, gpointer data, GError **error)
{
  return g_deferred_return_deferred (self, start (G_TYPE_INT, G_CALLBACK (int_finish)));
}

static void
cancelled_through_an_outer (void)
{
  GDeferred    *d = g_deferred_maybe (start_inside, NULL);
  GCancellable *cancellable = g_object_ref (g_task_get_cancellable (under_way));

  link_both (d, "a0");
  g_deferred_cancel (d);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  trace_is ("a:!CANCELLED ~a ");
  bring_int (1);
  settle (NULL);
  g_assert_finalize_object (d);
  g_assert_finalize_object (cancellable);
}

static void
set_flag (gpointer flag, GObject *former)
{
  *(gboolean *) flag = TRUE;
}

static void
dropped_meanwhile (void)
{
  GDeferred *d = start (G_TYPE_INT, G_CALLBACK (int_finish));
  gboolean   is_gone = FALSE;

  g_object_weak_ref (G_OBJECT (d), set_flag, &is_gone);
  link_both (d, "a");
  g_object_unref (d);
  settle (NULL);
  g_assert_false (is_gone);
  bring_int (6);
  settle (NULL);
  trace_is ("a:6 ~a ");
  g_assert_true (is_gone);

  g_object_unref (start (G_TYPE_INT, G_CALLBACK (int_finish)));
  bring_error ("nobody cares");
  settle (NULL);
  reported ("nobody cares");
}

static void
fired_otherwise (void)
{
  GDeferred *d = start_own ("7");

  link_both (d, "a");
  fire (d, 1);
  trace_is ("a:1 ~a ");
  bring_int (2);
  settle (NULL);
  trace_is ("finish ~7 ");
  g_assert_cmpint (g_deferred_get_int (d), ==, 1);
  g_assert_finalize_object (d);
}

static void
owner_gone (void)
{
  GObject      *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred    *d = start (G_TYPE_INT, G_CALLBACK (int_finish));
  GCancellable *cancellable = g_object_ref (g_task_get_cancellable (under_way));

  g_deferred_bind_owner (d, owner);
  link_both (d, "a");
  g_object_unref (owner);
  settle (NULL);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  trace_is ("~a ");
  bring_int (6);
  settle (NULL);
  g_assert_finalize_object (d);
  g_assert_finalize_object (cancellable);
}

/* --- other contexts ---------------------------------------------------------------------------------------------- */

static gpointer
run_elsewhere (gpointer deferred)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *d = deferred;

  g_main_context_push_thread_default (context);
  play_async (NULL, G_DEFERRED_ASYNC (d));
  bring_int (3);
  settle (context);
  say ("called back ");
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return NULL;
}

/* The data is freed at home, and the callbacks are called there. */
static void
from_another_context (void)
{
  GDeferred *d = g_deferred_new_for_finish_func (finish_both, "7", gone);

  link_both (d, "a");
  g_thread_join (g_thread_new ("elsewhere", run_elsewhere, d));
  trace_is ("finish called back ");
  settle (NULL);
  trace_is ("a:37 ~a ~7 ");
  g_assert_finalize_object (d);
}

static gpointer
call_back (gpointer task)
{
  GAsyncReadyCallback callback = g_deferred_async_ready;

  callback (NULL, task, g_task_get_task_data (task));
  return NULL;
}

/* A library that calls back in whatever thread, and whose reference is the last one. */
static void
from_any_thread (void)
{
  GDeferred *d = g_deferred_new_for_finish_func (finish_both, "7", gone);
  GTask     *task = g_task_new (NULL, NULL, NULL, NULL);
  gboolean   is_gone = FALSE;

  g_object_weak_ref (G_OBJECT (d), set_flag, &is_gone);
  link_both (d, "a");
  g_task_return_int (task, 2);
  g_task_set_task_data (task, g_deferred_begin_async (d), NULL);
  g_object_unref (d);
  g_thread_join (g_thread_new ("elsewhere", call_back, task));
  trace_is ("finish ");
  settle (NULL);
  trace_is ("a:27 ~a ~7 ");
  g_assert_true (is_gone);
  g_object_unref (task);
}

/* --- GIO itself -------------------------------------------------------------------------------------------------- */

static gboolean
finish_load (GDeferred *self, gpointer source, GAsyncResult *result, gpointer data, GError **error)
{
  char *text;

  return g_file_load_contents_finish (source, result, &text, NULL, NULL, error)
         && g_deferred_return_take_string (self, text);
}

static GDeferred *
load (GFile *file)
{
  GDeferred *d = g_deferred_new_for_finish_func (finish_load, NULL, NULL);

  g_file_load_contents_async (file, G_DEFERRED_ASYNC (d));
  return d;
}

static void
report_copy (goffset current, goffset total, gpointer d)
{
  g_deferred_set_progress (d, total > 0 ? (double) current / (double) total : 1.0, NULL);
}

static void
files (void)
{
  GFileIOStream *stream = NULL;
  GFile         *file = g_file_new_tmp ("gdeferred-XXXXXX", &stream, NULL);
  char          *other_path = g_strconcat (g_file_peek_path (file), "-copy", NULL);
  GFile         *other = g_file_new_for_path (other_path);
  GDeferred     *d;

  g_assert_nonnull (file);
  g_object_unref (stream);
  g_assert_true (g_file_replace_contents (file, "hello", 5, NULL, FALSE, 0, NULL, NULL, NULL));

  d = g_deferred_new_for_finish (G_TYPE_FILE_INPUT_STREAM, G_CALLBACK (g_file_read_finish));
  g_file_read_async (file, G_PRIORITY_DEFAULT, G_DEFERRED_ASYNC (d));
  g_assert_true (g_deferred_wait (d, NULL));
  g_assert_true (G_IS_FILE_INPUT_STREAM (g_deferred_get_object (d)));
  g_assert_finalize_object (d);

  d = g_deferred_new_for_finish (G_TYPE_NONE, G_CALLBACK (g_file_copy_finish));
  g_file_copy_async (file, other, G_FILE_COPY_NONE, G_PRIORITY_DEFAULT, g_deferred_get_cancellable (d),
                     report_copy, d, G_DEFERRED_READY (d));
  g_assert_true (g_deferred_wait (d, NULL));
  g_assert_null (g_deferred_get_result (d));
  g_assert_cmpfloat (g_deferred_get_progress (d), ==, 1.0);
  g_assert_finalize_object (d);

  d = load (other);
  g_assert_true (g_deferred_wait (d, NULL));
  g_assert_cmpstr (g_deferred_get_string (d), ==, "hello");
  g_assert_finalize_object (d);

  g_file_delete (file, NULL, NULL);
  g_file_delete (other, NULL, NULL);
  d = load (other);
  g_assert_false (g_deferred_wait (d, NULL));
  g_assert_error (g_deferred_get_error (d), G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_finalize_object (d);

  g_object_unref (file);
  g_object_unref (other);
  g_free (other_path);
}

/* --- misuse ------------------------------------------------------------------------------------------------------ */

static void
bad_types (void)
{
  const GType types[]
      = { G_TYPE_POINTER, G_TYPE_CHAR, G_TYPE_FLOAT, G_TYPE_PARAM, G_TYPE_INVALID, G_TYPE_BOXED };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      expect_critical ("can_take (type)");
      g_assert_null (g_deferred_new_for_finish (types[i], G_CALLBACK (int_finish)));
      expect_critical ("can_take (type)");
      g_assert_null (g_deferred_new_for_static_finish (types[i], G_CALLBACK (static_finish)));
    }
  criticals_came ();
}

static void
bad_arguments (void)
{
  expect_critical ("finish != NULL");
  g_assert_null (g_deferred_new_for_finish (G_TYPE_INT, NULL));
  expect_critical ("finish != NULL");
  g_assert_null (g_deferred_new_for_static_finish (G_TYPE_INT, NULL));
  expect_critical ("func != NULL");
  g_assert_null (g_deferred_new_for_finish_func (NULL, NULL, NULL));
  expect_critical ("G_IS_DEFERRED (self)");
  g_assert_null (g_deferred_begin_async (NULL));
  criticals_came ();
}

static void
not_for_an_operation (void)
{
  GDeferred *d = g_deferred_new ();

  expect_critical ("g_deferred_begin_async: the Deferred was made for no operation");
  play_async (NULL, G_DEFERRED_ASYNC (d));
  criticals_came ();
  bring_int (3);
  settle (NULL);
  state_is (d, PENDING);
  g_assert_finalize_object (d);
}

static void
begun_twice (void)
{
  GDeferred *d = start (G_TYPE_INT, G_CALLBACK (int_finish));
  GTask     *first = take_task ();

  expect_critical ("g_deferred_begin_async: * was used for one already");
  play_async (NULL, G_DEFERRED_ASYNC (d));
  criticals_came ();
  bring_int (3);
  settle (NULL);
  state_is (d, PENDING);
  g_task_return_int (first, 4);
  g_object_unref (first);
  settle (NULL);
  g_assert_cmpint (g_deferred_get_int (d), ==, 4);

  expect_critical ("g_deferred_begin_async: * was used for one already");
  g_assert_null (g_deferred_begin_async (d));
  criticals_came ();
  g_assert_finalize_object (d);
}

static const Case cases[] = {
  { "/gio/operation/numbers-and-booleans", numbers },
  { "/gio/operation/a-negative-number-is-no-error", negative },
  { "/gio/operation/enumerations-and-flags", enums_and_flags },
  { "/gio/operation/strings-are-taken", strings },
  { "/gio/operation/objects-are-taken", objects },
  { "/gio/operation/interfaces-are-taken", interfaces },
  { "/gio/operation/interfaces-of-anything-are-taken", interfaces_of_anything },
  { "/gio/operation/boxed-values-are-taken", boxed },
  { "/gio/operation/variants-are-taken", variants },
  { "/gio/operation/NULL-without-an-error-is-a-result", null_is_a_result },
  { "/gio/operation/NONE-says-whether-it-went-well", well_or_not },
  { "/gio/operation/errors-pass", errors_pass },
  { "/gio/operation/a-value-beside-an-error-is-freed", value_beside_an_error },
  { "/gio/operation/without-a-source-object", without_source },
  { "/gio/operation/the-source-object-comes-along", source_comes_along },
  { "/gio/operation/a-finish-function-of-ones-own", own_function },
  { "/gio/operation/a-finish-function-of-ones-own-may-wait", own_function_waits },
  { "/rule-13/gio/operation/never-started", never_started },
  { "/rule-14/gio/operation/cancel-reaches-it-and-drops-what-it-brings", cancelled },
  { "/rule-14/gio/operation/cancelled-and-finished-all-the-same", cancelled_with_own_function },
  { "/rule-14/gio/operation/cancelled-before-it-begins", cancelled_before_it_begins },
  { "/rule-14/gio/operation/each-has-a-cancellable-of-its-own", a_fresh_cancellable },
  { "/rule-15/gio/operation/cancelled-through-one-that-waits", cancelled_through_an_outer },
  { "/rule-17/gio/operation/the-operation-holds-what-is-dropped", dropped_meanwhile },
  { "/rule-01/gio/operation/fired-otherwise-meanwhile", fired_otherwise },
  { "/rule-25/gio/operation/its-owner-is-gone", owner_gone },
  { "/rule-20/gio/operation/started-in-another-context", from_another_context },
  { "/rule-20/gio/operation/called-back-in-any-thread", from_any_thread },
  { "/gio/operation/files", files },
  { "/misuse/gio/operation/types-that-cannot-be-taken", bad_types },
  { "/misuse/gio/operation/bad-arguments", bad_arguments },
  { "/misuse/gio/operation/not-made-for-one", not_for_an_operation },
  { "/misuse/gio/operation/begun-twice", begun_twice },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
