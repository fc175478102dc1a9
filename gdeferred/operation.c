/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/operation.h>

/* An asynchronous operation in GIO's manner, whose outcome becomes that of a Deferred.
 *
 * The Deferred has the Operation as data until the operation calls back; so it goes with a Deferred for which nothing
 * was ever started. While the operation runs, a reference on the Deferred is its user_data. */
typedef struct
{
  /* One or the other. */
  GDeferredFinishFunc func;
  GCallback           finish;

  gpointer       user_data; /* of @func */
  GDestroyNotify destroy;

  GType    type;       /* that @finish returns */
  gboolean has_source; /* that is its first argument */
  gboolean is_begun;

  /* Once it has called back. */
  GDeferred    *deferred; /* owned */
  GObject      *source;   /* as long as the finish function is called */
  GAsyncResult *result;
} Operation;

static GQuark
operation_quark (void)
{
  return g_quark_from_static_string ("gdeferred-operation");
}

static void
operation_free (gpointer user_data)
{
  Operation *self = user_data;

  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_clear_object (&self->deferred);
  g_free (self);
}

static GDeferred *
deferred_for (const Operation *operation)
{
  GDeferred *deferred = g_deferred_new ();

  g_object_set_qdata_full (G_OBJECT (deferred), operation_quark (), g_memdup2 (operation, sizeof *operation),
                           operation_free);
  return deferred;
}

/* --- calling a finish function by the type that it returns ------------------------------------------------------ */

static gboolean
can_take (GType type)
{
  switch (G_TYPE_FUNDAMENTAL (type))
    {
    case G_TYPE_NONE:
    case G_TYPE_BOOLEAN:
    case G_TYPE_INT:
    case G_TYPE_UINT:
    case G_TYPE_LONG:
    case G_TYPE_ULONG:
    case G_TYPE_INT64:
    case G_TYPE_UINT64:
    case G_TYPE_DOUBLE:
    case G_TYPE_ENUM:
    case G_TYPE_FLAGS:
    case G_TYPE_STRING:
    case G_TYPE_VARIANT:
    case G_TYPE_OBJECT:
    case G_TYPE_INTERFACE:
      return TRUE;
    case G_TYPE_BOXED:
      return G_TYPE_IS_VALUE (type);
    default:
      return FALSE;
    }
}

/* An interface has no room in a GValue of its own for sure. */
static GType
type_of_value (GType type)
{
  return G_TYPE_FUNDAMENTAL (type) == G_TYPE_INTERFACE ? G_TYPE_OBJECT : type;
}

/* The finish function, as one that returns @type, called. */
#define CALL(type)                                                                                           \
  (self->has_source                                                                                          \
       ? ((type (*) (gpointer, GAsyncResult *, GError **)) self->finish) (self->source, self->result, error) \
       : ((type (*) (GAsyncResult *, GError **)) self->finish) (self->result, error))

/* All that is returned is ours. */
static void
call_into (Operation *self, GValue *value, GError **error)
{
  switch (G_TYPE_FUNDAMENTAL (self->type))
    {
    case G_TYPE_BOOLEAN:
      g_value_set_boolean (value, CALL (gboolean));
      break;
    case G_TYPE_INT:
      g_value_set_int (value, CALL (int));
      break;
    case G_TYPE_UINT:
      g_value_set_uint (value, CALL (guint));
      break;
    case G_TYPE_LONG:
      g_value_set_long (value, CALL (glong));
      break;
    case G_TYPE_ULONG:
      g_value_set_ulong (value, CALL (gulong));
      break;
    case G_TYPE_INT64:
      g_value_set_int64 (value, CALL (gint64));
      break;
    case G_TYPE_UINT64:
      g_value_set_uint64 (value, CALL (guint64));
      break;
    case G_TYPE_DOUBLE:
      g_value_set_double (value, CALL (double));
      break;
    case G_TYPE_ENUM:
      g_value_set_enum (value, CALL (int));
      break;
    case G_TYPE_FLAGS:
      g_value_set_flags (value, CALL (guint));
      break;
    case G_TYPE_STRING:
      g_value_take_string (value, CALL (char *));
      break;
    case G_TYPE_VARIANT:
      g_value_take_variant (value, CALL (GVariant *));
      break;
    case G_TYPE_BOXED:
      g_value_take_boxed (value, CALL (gpointer));
      break;
    case G_TYPE_OBJECT:
    case G_TYPE_INTERFACE:
    default:
      g_value_take_object (value, CALL (gpointer));
    }
}

static gboolean
call_finish (GDeferred *deferred, Operation *self, GError **error)
{
  GValue  value = G_VALUE_INIT;
  GError *failure = NULL;

  g_value_init (&value, type_of_value (self->type));
  call_into (self, &value, &failure);
  if (failure == NULL)
    return g_deferred_return_take_value (deferred, &value);

  g_value_unset (&value);
  g_propagate_error (error, failure);
  return FALSE;
}

/* What it returns says whether it went well, and nothing else. */
static gboolean
call_plain_finish (Operation *self, GError **error)
{
  if (CALL (gboolean))
    return TRUE;

  if (*error == NULL)
    g_set_error_literal (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_FAILED,
                         "The operation has failed, and its finish function does not say why");
  return FALSE;
}

/* A GDeferredCallback; @error is there. */
static gboolean
finish_operation (GDeferred *deferred, gpointer user_data, GError **error)
{
  Operation *self = user_data;

  if (self->func != NULL)
    return self->func (deferred, self->source, self->result, self->user_data, error);
  if (self->type == G_TYPE_NONE)
    return call_plain_finish (self, error);
  return call_finish (deferred, self, error);
}

/* --- the public functions ---------------------------------------------------------------------------------------- */

/**
 * g_deferred_new_for_finish: (skip)
 * @type: the type of what @finish returns, or %G_TYPE_NONE
 * @finish: a finish function: `g_file_read_finish()`, say, cast with `G_CALLBACK()`
 *
 * Makes a Deferred for one operation in GIO's manner. The operation is started with %G_DEFERRED_ASYNC in the place of
 * its last three arguments; when it calls back, @finish is called, and the Deferred is fired with what that returns,
 * or with its error.
 *
 * ```c
 * static GDeferred *
 * open_file (GFile *file)
 * {
 *   GDeferred *self = g_deferred_new_for_finish (G_TYPE_FILE_INPUT_STREAM, G_CALLBACK (g_file_read_finish));
 *
 *   g_file_read_async (file, G_PRIORITY_DEFAULT, G_DEFERRED_ASYNC (self));
 *   return self;
 * }
 * ```
 *
 * Cancelling the Deferred cancels the operation, by a [class@Gio.Cancellable] that is made for it. What the operation
 * still brings is dropped. Until it calls back it holds the Deferred, so that its caller need not.
 *
 * @finish takes the source object, the [iface@Gio.AsyncResult] and a place for an error, and returns one of these:
 *
 * | it returns | name as @type | the result |
 * |---|---|---|
 * | `gboolean`, which only says whether it went well | %G_TYPE_NONE | nothing |
 * | `gboolean`, an answer | %G_TYPE_BOOLEAN | that |
 * | `int`, `guint`, `glong`, `gulong`, `gint64`, `guint64`, `double`, an enumeration, flags | its type | that |
 * | `gssize` | %G_DEFERRED_TYPE_SSIZE | that, for [method@Deferred.get_int64] |
 * | `char *`, an object, a boxed type, a `GVariant *`: all (transfer full) | its type | that |
 *
 * For all other kinds, and for those with more arguments, there is [ctor@Deferred.new_for_finish_func]; for those
 * without a source object [ctor@Deferred.new_for_static_finish]. An error decides: where one is set, what was returned
 * beside it counts for nothing, and without one a %NULL is a result, too. Only with %G_TYPE_NONE is %FALSE without an
 * error a failure, %G_DEFERRED_ERROR_FAILED.
 *
 * The Deferred can be used for one operation only.
 *
 * Returns: (transfer full): a new Deferred
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_new_for_finish (GType type, GCallback finish)
{
  const Operation operation = { .finish = finish, .type = type, .has_source = TRUE };

  g_return_val_if_fail (can_take (type), NULL);
  g_return_val_if_fail (finish != NULL, NULL);

  return deferred_for (&operation);
}

/**
 * g_deferred_new_for_static_finish: (skip)
 * @type: the type of what @finish returns, or %G_TYPE_NONE
 * @finish: a finish function: `g_bus_get_finish()`, say, cast with `G_CALLBACK()`
 *
 * As [ctor@Deferred.new_for_finish], for a finish function that takes the [iface@Gio.AsyncResult] and a place for an
 * error, and no source object.
 *
 * ```c
 * static GDeferred *
 * get_session_bus (void)
 * {
 *   GDeferred *self = g_deferred_new_for_static_finish (G_TYPE_DBUS_CONNECTION, G_CALLBACK (g_bus_get_finish));
 *
 *   g_bus_get (G_BUS_TYPE_SESSION, G_DEFERRED_ASYNC (self));
 *   return self;
 * }
 * ```
 *
 * Returns: (transfer full): a new Deferred
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_new_for_static_finish (GType type, GCallback finish)
{
  const Operation operation = { .finish = finish, .type = type, .has_source = FALSE };

  g_return_val_if_fail (can_take (type), NULL);
  g_return_val_if_fail (finish != NULL, NULL);

  return deferred_for (&operation);
}

/**
 * g_deferred_new_for_finish_func:
 * @func: (scope notified) (closure user_data) (destroy destroy): calls the finish function
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, in the home context, once the operation has called back; or with the
 *   Deferred, if none was started
 *
 * As [ctor@Deferred.new_for_finish], for a finish function that needs one who knows it: because it gives several
 * values, say.
 *
 * ```c
 * static gboolean
 * finish_load (GDeferred *self, gpointer source, GAsyncResult *result, gpointer user_data, GError **error)
 * {
 *   char *text;
 *
 *   return g_file_load_contents_finish (source, result, &text, NULL, NULL, error)
 *          && g_deferred_return_take_string (self, text);
 * }
 *
 * static GDeferred *
 * load (GFile *file)
 * {
 *   GDeferred *self = g_deferred_new_for_finish_func (finish_load, NULL, NULL);
 *
 *   g_file_load_contents_async (file, G_DEFERRED_ASYNC (self));
 *   return self;
 * }
 * ```
 *
 * Returns: (transfer full): a new Deferred
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_new_for_finish_func (GDeferredFinishFunc func, gpointer user_data, GDestroyNotify destroy)
{
  const Operation operation = { .func = func, .user_data = user_data, .destroy = destroy };

  g_return_val_if_fail (func != NULL, NULL);

  return deferred_for (&operation);
}

/**
 * g_deferred_begin_async: (skip)
 * @self: a Deferred that was made for an operation
 *
 * The data for [func@Deferred.async_ready], which will call the finish function that @self was made for. See
 * %G_DEFERRED_READY, which is simpler.
 *
 * To be called once, and only for an operation that is then started.
 *
 * Returns: (transfer full) (nullable): a reference on @self; %NULL if that is for no operation, or for one that was
 *   begun already
 *
 * Since: 1.0
 */
gpointer
g_deferred_begin_async (GDeferred *self)
{
  Operation *operation;

  g_return_val_if_fail (G_IS_DEFERRED (self), NULL);

  operation = g_object_get_qdata (G_OBJECT (self), operation_quark ());
  if (operation == NULL || operation->is_begun)
    {
      g_critical ("%s: the Deferred was made for no operation, or was used for one already", G_STRFUNC);
      return NULL;
    }

  operation->is_begun = TRUE;
  return g_object_ref (self);
}

/**
 * g_deferred_async_ready: (skip)
 * @source: (nullable): the object that the operation was started on
 * @result: what its finish function wants
 * @user_data: (transfer full): what [method@Deferred.begin_async] returned
 *
 * A [callback@Gio.AsyncReadyCallback] that fires a Deferred with the outcome of an operation. See %G_DEFERRED_READY.
 *
 * Since: 1.0
 */
void
g_deferred_async_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDeferred *self = user_data;
  Operation *operation;

  if (self == NULL)
    return; /* told when it was begun */

  operation = g_object_steal_qdata (G_OBJECT (self), operation_quark ());
  g_return_if_fail (operation != NULL);

  operation->deferred = self;
  operation->source = source;
  operation->result = result;
  g_deferred_fire_with_full (self, finish_operation, operation, operation_free, NULL);
}
