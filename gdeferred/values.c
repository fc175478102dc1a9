/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/values.h>

#include "deferred-private.h"

/* Firing with values of C types, and looking at them, without a GValue in sight.
 *
 * `fire` checks the Deferred and takes what the value holds, on every path. */

static gboolean
fire (GDeferred *self, GValue *value, gconstpointer site, GError **error, const char *function)
{
  if (G_LIKELY (G_IS_DEFERRED (self) && (error == NULL || *error == NULL)))
    return gd_deferred_fire_value (self, value, site, error);

  g_return_if_fail_warning (G_LOG_DOMAIN, function,
                            G_IS_DEFERRED (self) ? "error == NULL || *error == NULL"
                                                 : "G_IS_DEFERRED (self)");
  g_value_unset (value);
  return FALSE;
}

/* A value that is plain bytes is no Deferred, and owns nothing. */
static inline gboolean
fire_plain (
    GDeferred *self, GType type, guint64 bits, gconstpointer site, GError **error, const char *function)
{
  if (G_LIKELY (G_IS_DEFERRED (self) && (error == NULL || *error == NULL)))
    return gd_deferred_fire_plain (self, type, bits, site, error);

  g_return_if_fail_warning (G_LOG_DOMAIN, function,
                            G_IS_DEFERRED (self) ? "error == NULL || *error == NULL"
                                                 : "G_IS_DEFERRED (self)");
  return FALSE;
}

/* The bytes of a value, as they lie in a GValue. */
typedef union
{
  int     v_int;
  gint64  v_int64;
  double  v_double;
  guint64 bits;
} Plain;

/* The result as @type. What is not of that type is converted into @converted where GObject knows how. NULL if there is
 * nothing; if @optional, that is no mistake. */
static const GValue *
look (GDeferred *self, GType type, gboolean optional, GValue *converted, const char *function)
{
  const GValue *value;

  if (!G_IS_DEFERRED (self))
    {
      g_return_if_fail_warning (G_LOG_DOMAIN, function, "G_IS_DEFERRED (self)");
      return NULL;
    }

  value = g_deferred_get_result (self);
  if (value != NULL && G_VALUE_HOLDS (value, type))
    return value;
  if (value == NULL && optional)
    return NULL;

  if (value != NULL && converted != NULL && g_value_type_transformable (G_VALUE_TYPE (value), type))
    {
      g_value_init (converted, type);
      if (g_value_transform (value, converted))
        return converted;
    }

  g_critical ("%s: the result is %s%s, not a %s", function, value == NULL ? "nothing" : "a ",
              value == NULL ? "" : G_VALUE_TYPE_NAME (value), g_type_name (type));
  return NULL;
}

/**
 * g_deferred_callback_boolean:
 * @self: a Deferred
 * @value: the result
 * @error: return location for a [error@DeferredError]
 *
 * As [method@Deferred.callback], with a boolean. It may be called from any thread.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
g_deferred_callback_boolean (GDeferred *self, gboolean value, GError **error)
{
  Plain plain = { .bits = 0 };

  plain.v_int = value != FALSE;
  return fire_plain (self, G_TYPE_BOOLEAN, plain.bits, GD_CALLER, error, G_STRFUNC);
}

/**
 * g_deferred_get_boolean:
 * @self: a Deferred
 *
 * The result of @self as a boolean, converted if GObject knows how. To be asked at home. If there is no
 * such result, but nothing, an error, or none yet, that is a programmer error.
 *
 * Returns: the result
 *
 * Since: 1.0
 */
gboolean
g_deferred_get_boolean (GDeferred *self)
{
  GValue        converted = G_VALUE_INIT;
  const GValue *value = look (self, G_TYPE_BOOLEAN, FALSE, &converted, G_STRFUNC);

  return value != NULL ? g_value_get_boolean (value) : FALSE;
}

/**
 * g_deferred_callback_int:
 * @self: a Deferred
 * @value: the result
 * @error: return location for a [error@DeferredError]
 *
 * As [method@Deferred.callback], with an integer. It may be called from any thread.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
g_deferred_callback_int (GDeferred *self, int value, GError **error)
{
  Plain plain = { .bits = 0 };

  plain.v_int = value;
  return fire_plain (self, G_TYPE_INT, plain.bits, GD_CALLER, error, G_STRFUNC);
}

/**
 * g_deferred_get_int:
 * @self: a Deferred
 *
 * The result of @self as an integer, converted if GObject knows how. To be asked at home. If there is no
 * such result, but nothing, an error, or none yet, that is a programmer error.
 *
 * Returns: the result
 *
 * Since: 1.0
 */
int
g_deferred_get_int (GDeferred *self)
{
  GValue        converted = G_VALUE_INIT;
  const GValue *value = look (self, G_TYPE_INT, FALSE, &converted, G_STRFUNC);

  return value != NULL ? g_value_get_int (value) : 0;
}

/**
 * g_deferred_callback_int64:
 * @self: a Deferred
 * @value: the result
 * @error: return location for a [error@DeferredError]
 *
 * As [method@Deferred.callback], with a 64-bit integer. It may be called from any thread.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
g_deferred_callback_int64 (GDeferred *self, gint64 value, GError **error)
{
  Plain plain = { .bits = 0 };

  plain.v_int64 = value;
  return fire_plain (self, G_TYPE_INT64, plain.bits, GD_CALLER, error, G_STRFUNC);
}

/**
 * g_deferred_get_int64:
 * @self: a Deferred
 *
 * The result of @self as a 64-bit integer, converted if GObject knows how. To be asked at home. If there is no
 * such result, but nothing, an error, or none yet, that is a programmer error.
 *
 * Returns: the result
 *
 * Since: 1.0
 */
gint64
g_deferred_get_int64 (GDeferred *self)
{
  GValue        converted = G_VALUE_INIT;
  const GValue *value = look (self, G_TYPE_INT64, FALSE, &converted, G_STRFUNC);

  return value != NULL ? g_value_get_int64 (value) : 0;
}

/**
 * g_deferred_callback_double:
 * @self: a Deferred
 * @value: the result
 * @error: return location for a [error@DeferredError]
 *
 * As [method@Deferred.callback], with a floating-point number. It may be called from any thread.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
g_deferred_callback_double (GDeferred *self, double value, GError **error)
{
  Plain plain = { .bits = 0 };

  plain.v_double = value;
  return fire_plain (self, G_TYPE_DOUBLE, plain.bits, GD_CALLER, error, G_STRFUNC);
}

/**
 * g_deferred_get_double:
 * @self: a Deferred
 *
 * The result of @self as a floating-point number, converted if GObject knows how. To be asked at home. If there is no
 * such result, but nothing, an error, or none yet, that is a programmer error.
 *
 * Returns: the result
 *
 * Since: 1.0
 */
double
g_deferred_get_double (GDeferred *self)
{
  GValue        converted = G_VALUE_INIT;
  const GValue *value = look (self, G_TYPE_DOUBLE, FALSE, &converted, G_STRFUNC);

  return value != NULL ? g_value_get_double (value) : 0.0;
}

/**
 * g_deferred_callback_string:
 * @self: a Deferred
 * @value: (nullable): the result, which is copied
 * @error: return location for a [error@DeferredError]
 *
 * As [method@Deferred.callback], with a string. It may be called from any thread.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
g_deferred_callback_string (GDeferred *self, const char *value, GError **error)
{
  GValue holder = G_VALUE_INIT;

  g_value_init (&holder, G_TYPE_STRING);
  g_value_set_string (&holder, value);
  return fire (self, &holder, GD_CALLER, error, G_STRFUNC);
}

/**
 * g_deferred_callback_take_string: (skip)
 * @self: a Deferred
 * @value: (transfer full) (nullable): the result
 * @error: return location for a [error@DeferredError]
 *
 * As [method@Deferred.callback], with a string that is taken, whatever is returned. It may be called from any thread.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
g_deferred_callback_take_string (GDeferred *self, char *value, GError **error)
{
  GValue holder = G_VALUE_INIT;

  g_value_init (&holder, G_TYPE_STRING);
  g_value_take_string (&holder, value);
  return fire (self, &holder, GD_CALLER, error, G_STRFUNC);
}

/**
 * g_deferred_get_string:
 * @self: a Deferred
 *
 * The result of @self as a string. To be asked at home. A result of another type is a programmer error; for nothing,
 * for an error and while @self is pending it gives %NULL in silence.
 *
 * Returns: (transfer none) (nullable): the result, which belongs to @self, or %NULL if
 *   there is none
 *
 * Since: 1.0
 */
const char *
g_deferred_get_string (GDeferred *self)
{
  const GValue *value = look (self, G_TYPE_STRING, TRUE, NULL, G_STRFUNC);

  return value != NULL ? g_value_get_string (value) : NULL;
}

/**
 * g_deferred_callback_object:
 * @self: a Deferred
 * @value: (type GObject.Object) (nullable): the result, which is referenced
 * @error: return location for a [error@DeferredError]
 *
 * As [method@Deferred.callback], with an object. It may be called from any thread.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
g_deferred_callback_object (GDeferred *self, gpointer value, GError **error)
{
  GValue holder = G_VALUE_INIT;

  g_return_val_if_fail (value == NULL || G_IS_OBJECT (value), FALSE);

  g_value_init (&holder, G_TYPE_OBJECT);
  g_value_set_object (&holder, value);
  return fire (self, &holder, GD_CALLER, error, G_STRFUNC);
}

/**
 * g_deferred_callback_take_object: (skip)
 * @self: a Deferred
 * @value: (type GObject.Object) (transfer full) (nullable): the result
 * @error: return location for a [error@DeferredError]
 *
 * As [method@Deferred.callback], with an object that is taken, whatever is returned. It may be called from any thread.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
g_deferred_callback_take_object (GDeferred *self, gpointer value, GError **error)
{
  GValue holder = G_VALUE_INIT;

  g_return_val_if_fail (value == NULL || G_IS_OBJECT (value), FALSE);

  g_value_init (&holder, G_TYPE_OBJECT);
  g_value_take_object (&holder, value);
  return fire (self, &holder, GD_CALLER, error, G_STRFUNC);
}

/**
 * g_deferred_get_object:
 * @self: a Deferred
 *
 * The result of @self as an object. To be asked at home. A result of another type is a programmer error; for nothing,
 * for an error and while @self is pending it gives %NULL in silence.
 *
 * Returns: (type GObject.Object) (transfer none) (nullable): the result, which belongs to @self, or %NULL if
 *   there is none
 *
 * Since: 1.0
 */
gpointer
g_deferred_get_object (GDeferred *self)
{
  const GValue *value = look (self, G_TYPE_OBJECT, TRUE, NULL, G_STRFUNC);

  return value != NULL ? g_value_get_object (value) : NULL;
}

/**
 * g_deferred_callback_boxed: (skip)
 * @self: a Deferred
 * @type: its boxed type
 * @value: (nullable): the result, which is copied
 * @error: return location for a [error@DeferredError]
 *
 * As [method@Deferred.callback], with a boxed value. It may be called from any thread.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
g_deferred_callback_boxed (GDeferred *self, GType type, gconstpointer value, GError **error)
{
  GValue holder = G_VALUE_INIT;

  g_return_val_if_fail (G_TYPE_IS_BOXED (type) && G_TYPE_IS_VALUE (type), FALSE);

  g_value_init (&holder, type);
  g_value_set_boxed (&holder, value);
  return fire (self, &holder, GD_CALLER, error, G_STRFUNC);
}

/**
 * g_deferred_callback_take_boxed: (skip)
 * @self: a Deferred
 * @type: its boxed type
 * @value: (transfer full) (nullable): the result
 * @error: return location for a [error@DeferredError]
 *
 * As [method@Deferred.callback], with a boxed value that is taken, whatever is returned. It may be called from any
 * thread.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
g_deferred_callback_take_boxed (GDeferred *self, GType type, gpointer value, GError **error)
{
  GValue holder = G_VALUE_INIT;

  g_return_val_if_fail (G_TYPE_IS_BOXED (type) && G_TYPE_IS_VALUE (type), FALSE);

  g_value_init (&holder, type);
  g_value_take_boxed (&holder, value);
  return fire (self, &holder, GD_CALLER, error, G_STRFUNC);
}

/**
 * g_deferred_get_boxed: (skip)
 * @self: a Deferred
 * @type: a boxed type
 *
 * The result of @self as a boxed value. To be asked at home. A result of another type is a programmer error; for
 * nothing, for an error and while @self is pending it gives %NULL in silence.
 *
 * Returns: (transfer none) (nullable): the result, which belongs to @self, or %NULL if
 *   there is none
 *
 * Since: 1.0
 */
gpointer
g_deferred_get_boxed (GDeferred *self, GType type)
{
  const GValue *value;

  g_return_val_if_fail (G_TYPE_IS_BOXED (type) && G_TYPE_IS_VALUE (type), NULL);

  value = look (self, type, TRUE, NULL, G_STRFUNC);
  return value != NULL ? g_value_get_boxed (value) : NULL;
}

/**
 * g_deferred_callback_variant:
 * @self: a Deferred
 * @value: (nullable): the result, which is referenced, or taken if it is floating
 * @error: return location for a [error@DeferredError]
 *
 * As [method@Deferred.callback], with a variant. It may be called from any thread.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
g_deferred_callback_variant (GDeferred *self, GVariant *value, GError **error)
{
  GValue holder = G_VALUE_INIT;

  g_value_init (&holder, G_TYPE_VARIANT);
  g_value_set_variant (&holder, value);
  return fire (self, &holder, GD_CALLER, error, G_STRFUNC);
}

/**
 * g_deferred_get_variant:
 * @self: a Deferred
 *
 * The result of @self as a variant. To be asked at home. A result of another type is a programmer error; for nothing,
 * for an error and while @self is pending it gives %NULL in silence.
 *
 * Returns: (transfer none) (nullable): the result, which belongs to @self, or %NULL if
 *   there is none
 *
 * Since: 1.0
 */
GVariant *
g_deferred_get_variant (GDeferred *self)
{
  const GValue *value = look (self, G_TYPE_VARIANT, TRUE, NULL, G_STRFUNC);

  return value != NULL ? g_value_get_variant (value) : NULL;
}
