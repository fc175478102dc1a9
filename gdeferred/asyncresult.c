/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/asyncresult.h>

/* A Deferred as the work behind an asynchronous function in GIO's manner, for libraries that offer such functions.
 *
 * A GTask does what callers expect of GIO: one callback, in their context, never too early. A fork of the Deferred
 * leads to it, and lives where the Deferred does; a GTask can be returned from any thread. */

/* It belongs to the links of the fork, and to the handler of the cancellable, which any thread may call. */
typedef struct
{
  GTask        *task;        /* owned; NULL once it was returned; at home */
  GCancellable *cancellable; /* owned; nullable */
  gulong        handler;     /* at home */

  GWeakRef deferred;     /* that the cancellable is to reach, and does not keep */
  int      is_cancelled; /* atomic: a second cancel might reach what cleans up after the first */
} Answer;

/* The task data of those that are ours: their values can be taken. */
static char is_ours;

static void
cancel_posted (GDeferred *self, gpointer user_data G_GNUC_UNUSED)
{
  g_deferred_cancel (self);
}

/* Inside g_cancellable_cancel(): it only sends word. */
static void
on_cancelled (GCancellable *cancellable G_GNUC_UNUSED, gpointer answer)
{
  Answer    *self = answer;
  GDeferred *deferred = g_weak_ref_get (&self->deferred);

  if (deferred == NULL)
    return;

  if (g_atomic_int_compare_and_exchange (&self->is_cancelled, FALSE, TRUE))
    g_deferred_invoke (deferred, cancel_posted, NULL, NULL);
  g_object_unref (deferred);
}

static void
free_value (gpointer value)
{
  g_value_unset (value);
  g_free (value);
}

static GTask *
answer_take_task (Answer *self)
{
  if (self->handler != 0)
    g_signal_handler_disconnect (self->cancellable, self->handler);
  self->handler = 0;
  return g_steal_pointer (&self->task);
}

static gboolean
succeed (GDeferred *fork, gpointer answer, GError **error)
{
  g_autoptr (GTask) task = answer_take_task (answer);
  const GValue *result = g_deferred_get_result (fork);
  GValue       *value = g_new0 (GValue, 1);

  if (result != NULL)
    {
      g_value_init (value, G_VALUE_TYPE (result));
      g_value_copy (result, value);
    }
  g_task_return_pointer (task, value, free_value);
  return TRUE;
}

static gboolean
fail (GDeferred *fork, gpointer answer, GError **error)
{
  g_autoptr (GTask) task = answer_take_task (answer);

  g_task_return_error (task, g_error_copy (g_deferred_get_error (fork)));
  return g_deferred_return_none (fork);
}

static void
answer_clear (gpointer answer)
{
  Answer *self = answer;

  g_clear_object (&self->cancellable);
  g_weak_ref_clear (&self->deferred);
}

static void
answer_unref (gpointer answer)
{
  g_atomic_rc_box_release_full (answer, answer_clear);
}

static void
unref_by_closure (gpointer answer, GClosure *closure G_GNUC_UNUSED)
{
  answer_unref (answer);
}

/* At home. A fork always calls one of the two. */
static void
attach (GDeferred *self, gpointer answer)
{
  g_autoptr (GDeferred) fork = g_deferred_fork (self);

  g_deferred_add_callbacks (fork, succeed, g_atomic_rc_box_acquire (answer), answer_unref, fail, answer,
                            NULL);
}

static Answer *
answer_new (GDeferred *deferred, GTask *task, GCancellable *cancellable)
{
  Answer *self = g_atomic_rc_box_new0 (Answer);

  self->task = task;
  g_weak_ref_init (&self->deferred, deferred);
  if (cancellable != NULL)
    {
      self->cancellable = g_object_ref (cancellable);
      self->handler = g_signal_connect_data (cancellable, "cancelled", G_CALLBACK (on_cancelled),
                                             g_atomic_rc_box_acquire (self), unref_by_closure, 0);
    }
  return self;
}

/**
 * g_deferred_answer_callback:
 * @self: the Deferred that does the work
 * @source_object: (type GObject.Object) (nullable): the object that the asynchronous function belongs to
 * @tag: (nullable): the asynchronous function itself, which tells its results from others
 * @cancellable: (nullable): what the caller gave: it cancels @self
 * @callback: (scope async) (nullable): what the caller gave
 * @user_data: for @callback
 *
 * Makes an asynchronous function in GIO's manner of a Deferred: for a library that works with Deferreds, and offers
 * `_async()` and `_finish()` to those who do not.
 *
 * ```c
 * typedef struct _Library Library;
 *
 * static GDeferred *
 * library_count_books (Library *self)
 * {
 *   return g_deferred_new ();
 * }
 *
 * static void
 * library_count_books_async (Library            *self,
 *                            GCancellable       *cancellable,
 *                            GAsyncReadyCallback callback,
 *                            gpointer            user_data)
 * {
 *   g_autoptr (GDeferred) count = library_count_books (self);
 *
 *   g_deferred_answer_callback (count, self, library_count_books_async, cancellable, callback, user_data);
 * }
 *
 * static int
 * library_count_books_finish (Library *self, GAsyncResult *result, GError **error)
 * {
 *   return g_deferred_finish_int (result, self, library_count_books_async, error);
 * }
 * ```
 *
 * It behaves as GIO's own functions do. @callback is called once, in the thread-default main context of the caller,
 * never before the asynchronous function has returned. It gets the outcome that @self has after the callbacks that it
 * has now, with one of the `g_deferred_finish_*` functions. The outcome stays in @self, too, but an error counts as
 * handled. If @self is dropped before it fires, @callback gets %G_DEFERRED_ERROR_ABANDONED; it is not kept alive by
 * this.
 *
 * When @cancellable is cancelled, @self is, from the loop of its home context, and @callback is called when that has
 * come to an end; it gets %G_IO_ERROR_CANCELLED then, whatever @self makes of it. Where several callers wait for one
 * Deferred, and one of them must not end it for all, give each a fork.
 *
 * It may be called from any thread. If that is not at home, the outcome is the one that @self has when its home has
 * got the word.
 *
 * Since: 1.0
 */
void
g_deferred_answer_callback (GDeferred          *self,
                            gpointer            source_object,
                            gpointer            tag,
                            GCancellable       *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer            user_data)
{
  Answer *answer;
  GTask  *task;

  g_return_if_fail (G_IS_DEFERRED (self));
  g_return_if_fail (source_object == NULL || G_IS_OBJECT (source_object));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (source_object, cancellable, callback, user_data);
  (g_task_set_source_tag) (task, tag);
  g_task_set_task_data (task, &is_ours, NULL);
  answer = answer_new (self, task, cancellable);

  g_object_ref (self);
  if (g_deferred_is_home (self))
    attach (self, answer);
  else
    g_deferred_invoke (self, attach, g_atomic_rc_box_acquire (answer), answer_unref);

  if (cancellable != NULL && g_cancellable_is_cancelled (cancellable)
      && g_atomic_int_compare_and_exchange (&answer->is_cancelled, FALSE, TRUE))
    g_deferred_cancel (self);
  g_object_unref (self);
  answer_unref (answer);
}

/* --- finish functions -------------------------------------------------------------------------------------------- */

static gboolean
check (GAsyncResult *result, gpointer source_object, gpointer tag, GError **error, const char *function)
{
  const char *broken = NULL;

  if (!g_task_is_valid (result, source_object))
    broken = "g_task_is_valid (result, source_object)";
  else if (!g_async_result_is_tagged (result, tag))
    broken = "g_async_result_is_tagged (result, tag)";
  else if (g_task_get_task_data (G_TASK (result)) != &is_ours)
    broken = "the result is one of g_deferred_answer_callback()";
  else if (error != NULL && *error != NULL)
    broken = "error == NULL || *error == NULL";
  if (broken != NULL)
    g_return_if_fail_warning (G_LOG_DOMAIN, function, broken);
  return broken == NULL;
}

/* The value, converted to @type if it has another; it is unset where there is nothing. FALSE if there is an error. */
static gboolean
take (GAsyncResult *result, GType type, GValue *value, GError **error)
{
  g_autofree GValue *found = g_task_propagate_pointer (G_TASK (result), error);

  if (found == NULL)
    return FALSE;

  if (G_VALUE_TYPE (found) == 0 || G_VALUE_HOLDS (found, type))
    {
      *value = *found;
      return TRUE;
    }

  g_value_init (value, type);
  if (!g_value_transform (found, value))
    {
      g_set_error (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_INVALID_RESULT,
                   "The result is a %s, which cannot be had as a %s", G_VALUE_TYPE_NAME (found),
                   g_type_name (type));
      g_value_unset (value);
    }
  g_value_unset (found);
  return G_VALUE_TYPE (value) != 0;
}

/* For types of which nothing is no value. */
static gboolean
take_some (GAsyncResult *result, GType type, GValue *value, GError **error)
{
  if (!take (result, type, value, error))
    return FALSE;

  if (G_VALUE_TYPE (value) != 0)
    return TRUE;

  g_set_error (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_INVALID_RESULT,
               "The result is nothing, which cannot be had as a %s", g_type_name (type));
  return FALSE;
}

/**
 * g_deferred_finish_boolean:
 * @result: what the callback was given
 * @source_object: (type GObject.Object) (nullable): as it was given to [method@Deferred.answer_callback]
 * @tag: (nullable): the same
 * @error: return location for the error that the Deferred failed with, for %G_IO_ERROR_CANCELLED, or for
 *   %G_DEFERRED_ERROR_INVALID_RESULT if its result is of another kind
 *
 * The body of a finish function: gives the outcome as a boolean. Nothing for a result is %TRUE, for functions that only say
 * whether all went well. It can be called once for a result.
 *
 * Returns: the result, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
g_deferred_finish_boolean (GAsyncResult *result, gpointer source_object, gpointer tag, GError **error)
{
  GValue   value = G_VALUE_INIT;
  gboolean answer = TRUE;

  if (!check (result, source_object, tag, error, G_STRFUNC) || !take (result, G_TYPE_BOOLEAN, &value, error))
    return FALSE;

  if (G_VALUE_TYPE (&value) != 0)
    answer = g_value_get_boolean (&value);
  return answer;
}

/**
 * g_deferred_finish_int:
 * @result: what the callback was given
 * @source_object: (type GObject.Object) (nullable): as it was given to [method@Deferred.answer_callback]
 * @tag: (nullable): the same
 * @error: return location for the error that the Deferred failed with, for %G_IO_ERROR_CANCELLED, or for
 *   %G_DEFERRED_ERROR_INVALID_RESULT if its result is of another kind
 *
 * As [func@Deferred.finish_boolean], for an integer. Nothing for a result is an error here.
 *
 * Returns: the result, or -1 with @error set
 *
 * Since: 1.0
 */
int
g_deferred_finish_int (GAsyncResult *result, gpointer source_object, gpointer tag, GError **error)
{
  GValue value = G_VALUE_INIT;

  if (!check (result, source_object, tag, error, G_STRFUNC) || !take_some (result, G_TYPE_INT, &value, error))
    return -1;
  return g_value_get_int (&value);
}

/**
 * g_deferred_finish_int64:
 * @result: what the callback was given
 * @source_object: (type GObject.Object) (nullable): as it was given to [method@Deferred.answer_callback]
 * @tag: (nullable): the same
 * @error: return location for the error that the Deferred failed with, for %G_IO_ERROR_CANCELLED, or for
 *   %G_DEFERRED_ERROR_INVALID_RESULT if its result is of another kind
 *
 * As [func@Deferred.finish_boolean], for a 64-bit integer, or a `gssize`. Nothing for a result is an error here.
 *
 * Returns: the result, or -1 with @error set
 *
 * Since: 1.0
 */
gint64
g_deferred_finish_int64 (GAsyncResult *result, gpointer source_object, gpointer tag, GError **error)
{
  GValue value = G_VALUE_INIT;

  if (!check (result, source_object, tag, error, G_STRFUNC)
      || !take_some (result, G_TYPE_INT64, &value, error))
    return -1;
  return g_value_get_int64 (&value);
}

/**
 * g_deferred_finish_double:
 * @result: what the callback was given
 * @source_object: (type GObject.Object) (nullable): as it was given to [method@Deferred.answer_callback]
 * @tag: (nullable): the same
 * @error: return location for the error that the Deferred failed with, for %G_IO_ERROR_CANCELLED, or for
 *   %G_DEFERRED_ERROR_INVALID_RESULT if its result is of another kind
 *
 * As [func@Deferred.finish_boolean], for a floating-point number. Nothing for a result is an error here.
 *
 * Returns: the result, or -1.0 with @error set
 *
 * Since: 1.0
 */
double
g_deferred_finish_double (GAsyncResult *result, gpointer source_object, gpointer tag, GError **error)
{
  GValue value = G_VALUE_INIT;

  if (!check (result, source_object, tag, error, G_STRFUNC)
      || !take_some (result, G_TYPE_DOUBLE, &value, error))
    return -1.0;
  return g_value_get_double (&value);
}

/**
 * g_deferred_finish_string:
 * @result: what the callback was given
 * @source_object: (type GObject.Object) (nullable): as it was given to [method@Deferred.answer_callback]
 * @tag: (nullable): the same
 * @error: return location for the error that the Deferred failed with, for %G_IO_ERROR_CANCELLED, or for
 *   %G_DEFERRED_ERROR_INVALID_RESULT if its result is of another kind
 *
 * As [func@Deferred.finish_boolean], for a string.
 *
 * Returns: (transfer full) (nullable): the result, or %NULL for nothing, or with @error set
 *
 * Since: 1.0
 */
char *
g_deferred_finish_string (GAsyncResult *result, gpointer source_object, gpointer tag, GError **error)
{
  GValue value = G_VALUE_INIT;
  char  *answer = NULL;

  if (!check (result, source_object, tag, error, G_STRFUNC) || !take (result, G_TYPE_STRING, &value, error))
    return NULL;

  if (G_VALUE_TYPE (&value) != 0)
    {
      answer = g_value_dup_string (&value);
      g_value_unset (&value);
    }
  return answer;
}

/**
 * g_deferred_finish_object:
 * @result: what the callback was given
 * @source_object: (type GObject.Object) (nullable): as it was given to [method@Deferred.answer_callback]
 * @tag: (nullable): the same
 * @error: return location for the error that the Deferred failed with, for %G_IO_ERROR_CANCELLED, or for
 *   %G_DEFERRED_ERROR_INVALID_RESULT if its result is of another kind
 *
 * As [func@Deferred.finish_boolean], for an object.
 *
 * Returns: (type GObject.Object) (transfer full) (nullable): the result, or %NULL for nothing, or with @error set
 *
 * Since: 1.0
 */
gpointer
g_deferred_finish_object (GAsyncResult *result, gpointer source_object, gpointer tag, GError **error)
{
  GValue   value = G_VALUE_INIT;
  gpointer answer = NULL;

  if (!check (result, source_object, tag, error, G_STRFUNC) || !take (result, G_TYPE_OBJECT, &value, error))
    return NULL;

  if (G_VALUE_TYPE (&value) != 0)
    {
      answer = g_value_dup_object (&value);
      g_value_unset (&value);
    }
  return answer;
}

/**
 * g_deferred_finish_boxed: (skip)
 * @result: what the callback was given
 * @source_object: (type GObject.Object) (nullable): as it was given to [method@Deferred.answer_callback]
 * @tag: (nullable): the same
 * @type: its boxed type
 * @error: return location for the error that the Deferred failed with, for %G_IO_ERROR_CANCELLED, or for
 *   %G_DEFERRED_ERROR_INVALID_RESULT if its result is of another kind
 *
 * As [func@Deferred.finish_boolean], for a boxed value.
 *
 * Returns: (transfer full) (nullable): the result, or %NULL for nothing, or with @error set
 *
 * Since: 1.0
 */
gpointer
g_deferred_finish_boxed (
    GAsyncResult *result, gpointer source_object, gpointer tag, GType type, GError **error)
{
  GValue   value = G_VALUE_INIT;
  gpointer answer = NULL;

  g_return_val_if_fail (G_TYPE_IS_BOXED (type) && G_TYPE_IS_VALUE (type), NULL);
  if (!check (result, source_object, tag, error, G_STRFUNC) || !take (result, type, &value, error))
    return NULL;

  if (G_VALUE_TYPE (&value) != 0)
    {
      answer = g_value_dup_boxed (&value);
      g_value_unset (&value);
    }
  return answer;
}

/**
 * g_deferred_finish_variant:
 * @result: what the callback was given
 * @source_object: (type GObject.Object) (nullable): as it was given to [method@Deferred.answer_callback]
 * @tag: (nullable): the same
 * @error: return location for the error that the Deferred failed with, for %G_IO_ERROR_CANCELLED, or for
 *   %G_DEFERRED_ERROR_INVALID_RESULT if its result is of another kind
 *
 * As [func@Deferred.finish_boolean], for a variant.
 *
 * Returns: (transfer full) (nullable): the result, or %NULL for nothing, or with @error set
 *
 * Since: 1.0
 */
GVariant *
g_deferred_finish_variant (GAsyncResult *result, gpointer source_object, gpointer tag, GError **error)
{
  GValue    value = G_VALUE_INIT;
  GVariant *answer = NULL;

  if (!check (result, source_object, tag, error, G_STRFUNC) || !take (result, G_TYPE_VARIANT, &value, error))
    return NULL;

  if (G_VALUE_TYPE (&value) != 0)
    {
      answer = g_value_dup_variant (&value);
      g_value_unset (&value);
    }
  return answer;
}

/**
 * g_deferred_finish_value:
 * @result: what the callback was given
 * @source_object: (type GObject.Object) (nullable): as it was given to [method@Deferred.answer_callback]
 * @tag: (nullable): the same
 * @value: (out caller-allocates): where to put the result; all zero bytes, and left so for nothing
 * @error: return location for the error that the Deferred failed with, or for %G_IO_ERROR_CANCELLED
 *
 * As [func@Deferred.finish_boolean], for a result of any kind.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
g_deferred_finish_value (
    GAsyncResult *result, gpointer source_object, gpointer tag, GValue *value, GError **error)
{
  g_autofree GValue *found = NULL;

  g_return_val_if_fail (value != NULL && G_VALUE_TYPE (value) == 0, FALSE);
  if (!check (result, source_object, tag, error, G_STRFUNC))
    return FALSE;

  found = g_task_propagate_pointer (G_TASK (result), error);
  if (found == NULL)
    return FALSE;

  *value = *found;
  return TRUE;
}
