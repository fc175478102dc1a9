/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/values.h>

#include "deferred-private.h"

/* Returning values of C types from callbacks, without a GValue in sight.
 *
 * `leave` checks the Deferred and takes what the value holds, on every path. */

static gboolean
leave (GDeferred *self, GValue *value, const char *function)
{
  if (G_LIKELY (G_IS_DEFERRED (self)))
    return gd_deferred_leave_value (self, value, function);

  g_return_if_fail_warning (G_LOG_DOMAIN, function, "G_IS_DEFERRED (self)");
  g_value_unset (value);
  return FALSE;
}

/**
 * g_deferred_return_boolean:
 * @self: the Deferred whose callback is running
 * @value: the result
 *
 * As [method@Deferred.return_value], with a boolean.
 *
 * Returns: %TRUE, for the callback to return
 *
 * Since: 1.0
 */
gboolean
g_deferred_return_boolean (GDeferred *self, gboolean value)
{
  GValue holder = { .g_type = G_TYPE_BOOLEAN, .data[0].v_int = value != FALSE };

  return leave (self, &holder, G_STRFUNC);
}

/**
 * g_deferred_return_int:
 * @self: the Deferred whose callback is running
 * @value: the result
 *
 * As [method@Deferred.return_value], with an integer.
 *
 * Returns: %TRUE, for the callback to return
 *
 * Since: 1.0
 */
gboolean
g_deferred_return_int (GDeferred *self, int value)
{
  GValue holder = { .g_type = G_TYPE_INT, .data[0].v_int = value };

  return leave (self, &holder, G_STRFUNC);
}

/**
 * g_deferred_return_int64:
 * @self: the Deferred whose callback is running
 * @value: the result
 *
 * As [method@Deferred.return_value], with a 64-bit integer.
 *
 * Returns: %TRUE, for the callback to return
 *
 * Since: 1.0
 */
gboolean
g_deferred_return_int64 (GDeferred *self, gint64 value)
{
  GValue holder = { .g_type = G_TYPE_INT64, .data[0].v_int64 = value };

  return leave (self, &holder, G_STRFUNC);
}

/**
 * g_deferred_return_double:
 * @self: the Deferred whose callback is running
 * @value: the result
 *
 * As [method@Deferred.return_value], with a floating-point number.
 *
 * Returns: %TRUE, for the callback to return
 *
 * Since: 1.0
 */
gboolean
g_deferred_return_double (GDeferred *self, double value)
{
  GValue holder = { .g_type = G_TYPE_DOUBLE, .data[0].v_double = value };

  return leave (self, &holder, G_STRFUNC);
}

/**
 * g_deferred_return_string:
 * @self: the Deferred whose callback is running
 * @value: (nullable): the result, which is copied
 *
 * As [method@Deferred.return_value], with a string.
 *
 * Returns: %TRUE, for the callback to return
 *
 * Since: 1.0
 */
gboolean
g_deferred_return_string (GDeferred *self, const char *value)
{
  GValue holder = G_VALUE_INIT;

  g_value_init (&holder, G_TYPE_STRING);
  g_value_set_string (&holder, value);
  return leave (self, &holder, G_STRFUNC);
}

/**
 * g_deferred_return_take_string: (skip)
 * @self: the Deferred whose callback is running
 * @value: (transfer full) (nullable): the result
 *
 * As [method@Deferred.return_value], with a string that is taken.
 *
 * Returns: %TRUE, for the callback to return
 *
 * Since: 1.0
 */
gboolean
g_deferred_return_take_string (GDeferred *self, char *value)
{
  GValue holder = G_VALUE_INIT;

  g_value_init (&holder, G_TYPE_STRING);
  g_value_take_string (&holder, value);
  return leave (self, &holder, G_STRFUNC);
}

/**
 * g_deferred_return_object:
 * @self: the Deferred whose callback is running
 * @value: (type GObject.Object) (nullable): the result, which is referenced
 *
 * As [method@Deferred.return_value], with an object.
 *
 * Returns: %TRUE, for the callback to return
 *
 * Since: 1.0
 */
gboolean
g_deferred_return_object (GDeferred *self, gpointer value)
{
  GValue holder = G_VALUE_INIT;

  g_return_val_if_fail (value == NULL || G_IS_OBJECT (value), FALSE);

  g_value_init (&holder, G_TYPE_OBJECT);
  g_value_set_object (&holder, value);
  return leave (self, &holder, G_STRFUNC);
}

/**
 * g_deferred_return_take_object: (skip)
 * @self: the Deferred whose callback is running
 * @value: (type GObject.Object) (transfer full) (nullable): the result
 *
 * As [method@Deferred.return_value], with an object that is taken.
 *
 * Returns: %TRUE, for the callback to return
 *
 * Since: 1.0
 */
gboolean
g_deferred_return_take_object (GDeferred *self, gpointer value)
{
  GValue holder = G_VALUE_INIT;

  g_return_val_if_fail (value == NULL || G_IS_OBJECT (value), FALSE);

  g_value_init (&holder, G_TYPE_OBJECT);
  g_value_take_object (&holder, value);
  return leave (self, &holder, G_STRFUNC);
}

/**
 * g_deferred_return_boxed: (skip)
 * @self: the Deferred whose callback is running
 * @type: its boxed type
 * @value: (nullable): the result, which is copied
 *
 * As [method@Deferred.return_value], with a boxed value.
 *
 * Returns: %TRUE, for the callback to return
 *
 * Since: 1.0
 */
gboolean
g_deferred_return_boxed (GDeferred *self, GType type, gconstpointer value)
{
  GValue holder = G_VALUE_INIT;

  g_return_val_if_fail (G_TYPE_IS_BOXED (type) && G_TYPE_IS_VALUE (type), FALSE);

  g_value_init (&holder, type);
  g_value_set_boxed (&holder, value);
  return leave (self, &holder, G_STRFUNC);
}

/**
 * g_deferred_return_take_boxed: (skip)
 * @self: the Deferred whose callback is running
 * @type: its boxed type
 * @value: (transfer full) (nullable): the result
 *
 * As [method@Deferred.return_value], with a boxed value that is taken.
 *
 * Returns: %TRUE, for the callback to return
 *
 * Since: 1.0
 */
gboolean
g_deferred_return_take_boxed (GDeferred *self, GType type, gpointer value)
{
  GValue holder = G_VALUE_INIT;

  g_return_val_if_fail (G_TYPE_IS_BOXED (type) && G_TYPE_IS_VALUE (type), FALSE);

  g_value_init (&holder, type);
  g_value_take_boxed (&holder, value);
  return leave (self, &holder, G_STRFUNC);
}

/**
 * g_deferred_return_variant:
 * @self: the Deferred whose callback is running
 * @value: (nullable): the result, which is referenced, or taken if it is floating
 *
 * As [method@Deferred.return_value], with a variant.
 *
 * Returns: %TRUE, for the callback to return
 *
 * Since: 1.0
 */
gboolean
g_deferred_return_variant (GDeferred *self, GVariant *value)
{
  GValue holder = G_VALUE_INIT;

  g_value_init (&holder, G_TYPE_VARIANT);
  g_value_set_variant (&holder, value);
  return leave (self, &holder, G_STRFUNC);
}
