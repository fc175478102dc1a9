/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/dbus.h>

#include <gdeferred/operation.h>
#include <gdeferred/values.h>

#include "dbus-private.h"

/* Methods that are answered by Deferreds, and calls that become Deferreds. */

/* --- answering ---------------------------------------------------------------------------------------------------- */

static void
cut (gpointer tie)
{
  gd_peer_cut (tie);
}

/* The tie is cut when its turn comes: from then on there is nothing left to cancel, and @self may go. */
static void
tie_to_peer (GDeferred *self, GDBusConnection *connection, const char *name)
{
  g_deferred_add_callbacks (self, NULL, gd_peer_tie (connection, name, self, g_deferred_cancel), cut, NULL,
                            NULL, NULL);
}

/* It belongs to the link of a fork, which calls one of its functions in any case. */
typedef struct
{
  GDBusMethodInvocation *invocation; /* owned; NULL once it was answered, which takes the reference */
} Answer;

static void
answer_free (gpointer answer)
{
  Answer *self = answer;

  if (self->invocation != NULL)
    g_dbus_method_invocation_return_error_literal (g_steal_pointer (&self->invocation), G_DBUS_ERROR,
                                                   G_DBUS_ERROR_FAILED, "The service did not answer");
  g_free (self);
}

/* Who does not want a reply may leave, and have the work done all the same. */
static gboolean
is_waited_for (GDBusMethodInvocation *invocation)
{
  GDBusMessage *message = g_dbus_method_invocation_get_message (invocation);

  return !(g_dbus_message_get_flags (message) & G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);
}

static void
tie_to_caller (GDeferred *self, GDBusMethodInvocation *invocation)
{
  GDBusConnection *connection = g_dbus_method_invocation_get_connection (invocation);
  gboolean         is_bus = g_dbus_connection_get_unique_name (connection) != NULL;

  tie_to_peer (self, connection, is_bus ? g_dbus_method_invocation_get_sender (invocation) : NULL);
}

static gboolean
is_get (GDBusMethodInvocation *invocation)
{
  return g_str_equal (g_dbus_method_invocation_get_method_name (invocation), "Get");
}

/* The type of what is to be returned, a tuple; NULL if nobody knows. A property may be asked for by a call, too, and
 * set by one. */
static GVariantType *
out_type_of (GDBusMethodInvocation *invocation)
{
  const GDBusMethodInfo *info = g_dbus_method_invocation_get_method_info (invocation);
  g_autoptr (GString) type = NULL;

  if (g_dbus_method_invocation_get_property_info (invocation) != NULL)
    return g_variant_type_copy (is_get (invocation) ? G_VARIANT_TYPE ("(v)") : G_VARIANT_TYPE_UNIT);
  if (info == NULL)
    return NULL;

  type = g_string_new ("(");
  for (gsize i = 0; info->out_args != NULL && info->out_args[i] != NULL; i++)
    g_string_append (type, info->out_args[i]->signature);
  g_string_append_c (type, ')');
  return g_variant_type_new (type->str);
}

/* Whether it is all of a reply as it is. NULL as @type is any. */
static gboolean
is_reply (const GValue *result, const GVariantType *type)
{
  GVariant *variant = result != NULL && G_VALUE_HOLDS_VARIANT (result) ? g_value_get_variant (result) : NULL;

  if (variant == NULL || !g_variant_is_of_type (variant, type != NULL ? type : G_VARIANT_TYPE_TUPLE))
    return FALSE;
  return g_variant_n_children (variant) == 0 || gd_dbus_can_carry (variant);
}

/* A tuple with one thing in it, which is taken. NULL if there was none to put in. */
static GVariant *
tuple_of (GVariant *only)
{
  GVariant *tuple;

  if (only == NULL)
    return NULL;

  tuple = g_variant_ref_sink (g_variant_new_tuple (&only, 1));
  g_variant_unref (only);
  return tuple;
}

/* What to return for a result: a reference on a tuple, or NULL if it is of another type. */
static GVariant *
reply_for (const GValue *result, const GVariantType *type)
{
  if (is_reply (result, type))
    return g_value_dup_variant (result);

  if (type == NULL && result != NULL)
    return tuple_of (gd_dbus_variant_of (result));
  if (type == NULL || g_variant_type_equal (type, G_VARIANT_TYPE_UNIT))
    return result == NULL ? g_variant_ref_sink (g_variant_new_tuple (NULL, 0)) : NULL;
  if (result == NULL || g_variant_type_n_items (type) != 1)
    return NULL;
  return tuple_of (gd_dbus_variant_as (result, g_variant_type_first (type)));
}

/* The same for the value of a property. */
static GVariant *
property_reply_for (const GValue *result, const GDBusPropertyInfo *property)
{
  GVariant *value = result != NULL ? gd_dbus_variant_as (result, G_VARIANT_TYPE (property->signature)) : NULL;
  GVariant *boxed;

  if (value == NULL)
    return NULL;

  boxed = g_variant_ref_sink (g_variant_new_variant (value));
  g_variant_unref (value);
  return tuple_of (boxed);
}

static const char *
type_name_of (const GValue *result)
{
  if (result == NULL)
    return "nothing";
  if (G_VALUE_HOLDS_VARIANT (result) && g_value_get_variant (result) != NULL)
    return g_variant_get_type_string (g_value_get_variant (result));
  return G_VALUE_TYPE_NAME (result);
}

/* Takes the invocation. The peer gets an answer, and whoever wrote the method is told. */
static void
refuse (GDBusMethodInvocation *invocation, const GValue *result, const GVariantType *type)
{
  g_autofree char *wanted = type != NULL ? g_variant_type_dup_string (type) : g_strdup ("a type of D-Bus");
  g_autofree char *message
      = g_strdup_printf ("The method %s.%s is to return %s, and its Deferred has brought %s",
                         g_dbus_method_invocation_get_interface_name (invocation),
                         g_dbus_method_invocation_get_method_name (invocation), wanted,
                         type_name_of (result));

  g_warning ("%s", message);
  g_dbus_method_invocation_return_error_literal (invocation, G_DBUS_ERROR, G_DBUS_ERROR_FAILED, message);
}

static gboolean
succeed (GDeferred *fork, gpointer answer, GError **error)
{
  GDBusMethodInvocation   *invocation = g_steal_pointer (&((Answer *) answer)->invocation);
  const GDBusPropertyInfo *property = g_dbus_method_invocation_get_property_info (invocation);
  const GValue            *result = g_deferred_get_result (fork);
  g_autoptr (GVariantType) type = out_type_of (invocation);
  g_autoptr (GVariant) reply = NULL;

  if (property != NULL && is_get (invocation))
    reply = property_reply_for (result, property);
  else
    reply = reply_for (result, type);
  if (reply != NULL)
    g_dbus_method_invocation_return_value (invocation, reply);
  else
    refuse (invocation, result, type);
  return TRUE;
}

static gboolean
fail (GDeferred *fork, gpointer answer, GError **error)
{
  GDBusMethodInvocation *invocation = g_steal_pointer (&((Answer *) answer)->invocation);
  const GError          *failure = g_deferred_get_error (fork);
  g_autofree char       *name = gd_dbus_name_of_error (failure, g_deferred_get_payload (fork));
  g_autofree char       *message = gd_dbus_message_of_error (failure);

  g_dbus_method_invocation_return_dbus_error (invocation, name, message);
  return g_deferred_return_none (fork);
}

/* At home. Who has an answer at once need not be watched. */
static void
attach (GDeferred *self, gpointer answer)
{
  Answer *attached = answer;
  g_autoptr (GDeferred) fork = NULL;

  if (!g_deferred_is_finished (self) && is_waited_for (attached->invocation))
    tie_to_caller (self, attached->invocation);
  fork = g_deferred_fork (self);
  g_deferred_add_callbacks (fork, succeed, attached, answer_free, fail, attached, NULL);
}

/**
 * g_deferred_answer_invocation:
 * @self: the Deferred that does the work
 * @invocation: (transfer full): a call of a method that somebody waits for
 *
 * Answers a call of a method on D-Bus with the outcome that @self has after the callbacks that it has now. The call is
 * answered once, whatever happens: with the result, with the error, and if @self is dropped before it fires with
 * %G_DEFERRED_ERROR_ABANDONED.
 *
 * ```c
 * static GDeferred *
 * measure (const char *path)
 * {
 *   return g_deferred_new ();
 * }
 *
 * static void
 * on_method_call (GDBusConnection       *connection,
 *                 const char            *sender,
 *                 const char            *object_path,
 *                 const char            *interface_name,
 *                 const char            *method_name,
 *                 GVariant              *parameters,
 *                 GDBusMethodInvocation *invocation,
 *                 gpointer               user_data)
 * {
 *   g_autoptr (GDeferred) size = NULL;
 *   const char *path;
 *
 *   g_variant_get (parameters, "(&s)", &path);
 *   size = measure (path);
 *   g_deferred_answer_invocation (size, invocation);
 * }
 * ```
 *
 * The result is compared with the out arguments of the method, as its introspection data has them. It may be
 *
 * - a #GVariant of the whole tuple;
 * - nothing, for a method that returns nothing;
 * - for a method that returns one thing a #GVariant of that, or another value that can become it: an integer that fits, a
 *   string, %G_TYPE_STRV, %G_TYPE_BYTES for `ay` and so on.
 *
 * For all else the caller gets %G_DBUS_ERROR_FAILED, and a warning is logged. Where the properties of an object are asked
 * for by calls, because its vtable has no function for that, the result is the value of the property.
 *
 * An error travels as GDBus has it: errors of a registered domain, as those of Deferreds are, under their names, and all
 * others so that a caller that uses GLib gets the same domain and code. One that came over D-Bus, with
 * [func@Deferred.dbus_call] or else, goes on under the name with which it came. It counts as handled.
 *
 * If the caller leaves the bus, or its connection is closed, before it has its answer, @self is cancelled, from the loop
 * of its home; unless it has said that it does not want one. Where several calls wait for one Deferred, give each a fork.
 *
 * It may be called from any thread.
 *
 * Since: 1.0
 */
void
g_deferred_answer_invocation (GDeferred *self, GDBusMethodInvocation *invocation)
{
  Answer *answer;

  g_return_if_fail (G_IS_DBUS_METHOD_INVOCATION (invocation));
  if (!G_IS_DEFERRED (self))
    {
      g_critical ("%s: assertion 'G_IS_DEFERRED (self)' failed", G_STRFUNC);
      g_dbus_method_invocation_return_error_literal (invocation, G_DBUS_ERROR, G_DBUS_ERROR_FAILED,
                                                     "The service has made a mistake");
      return;
    }

  answer = g_new0 (Answer, 1);
  answer->invocation = invocation;
  if (g_deferred_is_home (self))
    attach (self, answer);
  else
    g_deferred_invoke (self, attach, answer, NULL);
}

/* --- callers that leave ------------------------------------------------------------------------------------------- */

/**
 * g_deferred_bind_peer:
 * @self: a Deferred
 * @connection: a connection
 * @name: (nullable): whose name on the bus; %NULL where @connection leads to one peer, and not to a bus
 *
 * Cancels @self when somebody leaves the bus, or when @connection is closed: from the loop of its home context, and
 * unless @self has come to the end of the callbacks that it has now. For work that is done for a caller, and that has no
 * call to answer any more: see [method@Deferred.export_job].
 *
 * If @name has left already, or is nobody's, @self is cancelled, too. To be called at home. As long as @self is bound, it
 * cannot be handed over to another context.
 *
 * Since: 1.0
 */
void
g_deferred_bind_peer (GDeferred *self, GDBusConnection *connection, const char *name)
{
  g_return_if_fail (G_IS_DEFERRED (self));
  g_return_if_fail (G_IS_DBUS_CONNECTION (connection));
  g_return_if_fail (name == NULL || g_dbus_is_name (name));
  if (!g_deferred_is_home (self))
    {
      g_critical ("%s: called from a thread that is not the Deferred's home", G_STRFUNC);
      return;
    }

  if (!g_deferred_is_finished (self))
    tie_to_peer (self, connection, name);
}

/* --- calling ------------------------------------------------------------------------------------------------------ */

/* Takes the reply, or the error. */
static gboolean
return_reply (GDeferred *self, GVariant *reply, GError *failure)
{
  gboolean ok;

  if (reply == NULL)
    return gd_dbus_return_error (self, failure);

  ok = g_deferred_return_variant (self, reply);
  g_variant_unref (reply);
  return ok;
}

static gboolean
finish_call (GDeferred *self, gpointer connection, GAsyncResult *result, gpointer user_data, GError **error)
{
  GError   *failure = NULL;
  GVariant *reply = g_dbus_connection_call_finish (connection, result, &failure);

  return return_reply (self, reply, failure);
}

static gboolean
finish_proxy_call (GDeferred *self, gpointer proxy, GAsyncResult *result, gpointer user_data, GError **error)
{
  GError   *failure = NULL;
  GVariant *reply = g_dbus_proxy_call_finish (proxy, result, &failure);

  return return_reply (self, reply, failure);
}

static gboolean
are_parameters (GVariant *parameters)
{
  return parameters == NULL || g_variant_is_of_type (parameters, G_VARIANT_TYPE_TUPLE);
}

/**
 * g_deferred_dbus_call:
 * @connection: a connection
 * @bus_name: (nullable): whom to call; %NULL where @connection leads to one peer, and not to a bus
 * @object_path: the object
 * @interface_name: the interface
 * @method_name: the method
 * @parameters: (nullable): a tuple of its arguments, which is taken if it is floating
 * @reply_type: (nullable): the type of the reply, a tuple: with another one it fails with %G_IO_ERROR_INVALID_ARGUMENT
 * @flags: how to call
 * @timeout_msec: milliseconds; -1 for what D-Bus thinks right, %G_MAXINT to wait for ever
 *
 * Calls a method on D-Bus. The Deferred fires with the reply, a #GVariant that is a tuple.
 *
 * If the method fails, the Deferred does, with the error that GDBus makes of it, without the name in front of its message
 * that GDBus puts there. That name is beside the error: [method@Deferred.get_payload].
 *
 * Cancelling the Deferred drops the reply. The other side is not told: for that see [func@Deferred.dbus_job_call].
 *
 * ```c
 * static GDeferred *
 * get_id (GDBusConnection *bus)
 * {
 *   return g_deferred_dbus_call (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
 *                                "GetId", NULL, G_VARIANT_TYPE ("(s)"), G_DBUS_CALL_FLAGS_NONE, -1);
 * }
 * ```
 *
 * It may be called from any thread.
 *
 * Returns: (transfer full): a new Deferred
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_dbus_call (GDBusConnection    *connection,
                      const char         *bus_name,
                      const char         *object_path,
                      const char         *interface_name,
                      const char         *method_name,
                      GVariant           *parameters,
                      const GVariantType *reply_type,
                      GDBusCallFlags      flags,
                      int                 timeout_msec)
{
  GDeferred *self;

  g_return_val_if_fail (G_IS_DBUS_CONNECTION (connection), NULL);
  g_return_val_if_fail (bus_name == NULL || g_dbus_is_name (bus_name), NULL);
  g_return_val_if_fail (object_path != NULL && g_variant_is_object_path (object_path), NULL);
  g_return_val_if_fail (interface_name != NULL && g_dbus_is_interface_name (interface_name), NULL);
  g_return_val_if_fail (method_name != NULL && g_dbus_is_member_name (method_name), NULL);
  g_return_val_if_fail (are_parameters (parameters), NULL);
  g_return_val_if_fail (reply_type == NULL || g_variant_type_is_tuple (reply_type), NULL);
  g_return_val_if_fail (timeout_msec >= -1, NULL);

  gd_dbus_register_errors ();
  self = g_deferred_new_for_finish_func (finish_call, NULL, NULL);
  g_dbus_connection_call (connection, bus_name, object_path, interface_name, method_name, parameters,
                          reply_type, flags, timeout_msec, G_DEFERRED_ASYNC (self));
  return self;
}

/**
 * g_deferred_proxy_call:
 * @proxy: a proxy
 * @method_name: the method; with its interface in front of it, if that is not the one of @proxy
 * @parameters: (nullable): a tuple of its arguments, which is taken if it is floating
 * @flags: how to call
 * @timeout_msec: milliseconds; -1 for what @proxy thinks right, %G_MAXINT to wait for ever
 *
 * As [func@Deferred.dbus_call], through a proxy.
 *
 * It may be called from any thread.
 *
 * Returns: (transfer full): a new Deferred
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_proxy_call (
    GDBusProxy *proxy, const char *method_name, GVariant *parameters, GDBusCallFlags flags, int timeout_msec)
{
  GDeferred *self;

  g_return_val_if_fail (G_IS_DBUS_PROXY (proxy), NULL);
  g_return_val_if_fail (method_name != NULL
                            && (g_dbus_is_member_name (method_name)
                                || g_dbus_is_interface_name (method_name)),
                        NULL);
  g_return_val_if_fail (are_parameters (parameters), NULL);
  g_return_val_if_fail (timeout_msec >= -1, NULL);

  gd_dbus_register_errors ();
  self = g_deferred_new_for_finish_func (finish_proxy_call, NULL, NULL);
  g_dbus_proxy_call (proxy, method_name, parameters, flags, timeout_msec, G_DEFERRED_ASYNC (self));
  return self;
}
