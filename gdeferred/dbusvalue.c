/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "dbus-private.h"

#include <string.h>

/* Results and errors, as they travel on D-Bus. */

/* --- results ------------------------------------------------------------------------------------------------------ */

static gboolean
is_integer (const GValue *value)
{
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_CHAR:
    case G_TYPE_UCHAR:
    case G_TYPE_INT:
    case G_TYPE_UINT:
    case G_TYPE_LONG:
    case G_TYPE_ULONG:
    case G_TYPE_INT64:
    case G_TYPE_UINT64:
    case G_TYPE_ENUM:
    case G_TYPE_FLAGS:
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
is_unsigned (const GValue *value)
{
  GType type = G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value));

  return type == G_TYPE_ULONG || type == G_TYPE_UINT64;
}

static guint64
get_unsigned (const GValue *value)
{
  GValue as_uint64 = G_VALUE_INIT;

  g_value_init (&as_uint64, G_TYPE_UINT64);
  g_value_transform (value, &as_uint64);
  return g_value_get_uint64 (&as_uint64);
}

static gint64
get_signed (const GValue *value)
{
  GValue as_int64 = G_VALUE_INIT;

  g_value_init (&as_int64, G_TYPE_INT64);
  g_value_transform (value, &as_int64);
  return g_value_get_int64 (&as_int64);
}

/* What lies from @min to @max; NULL for any other, and for what is no integer. */
static GVariant *
new_signed (const GValue *value, gint64 min, gint64 max, char type)
{
  gint64 number;

  if (!is_integer (value) || (is_unsigned (value) && get_unsigned (value) > G_MAXINT64))
    return NULL;

  number = get_signed (value);
  if (number < min || number > max)
    return NULL;
  if (type == 'n')
    return g_variant_new_int16 ((gint16) number);
  return type == 'i' ? g_variant_new_int32 ((gint32) number) : g_variant_new_int64 (number);
}

static GVariant *
new_unsigned (const GValue *value, guint64 max, char type)
{
  guint64 number;

  if (!is_integer (value) || (!is_unsigned (value) && get_signed (value) < 0))
    return NULL;

  number = get_unsigned (value);
  if (number > max)
    return NULL;
  switch (type)
    {
    case 'y':
      return g_variant_new_byte ((guchar) number);
    case 'q':
      return g_variant_new_uint16 ((guint16) number);
    case 'u':
      return g_variant_new_uint32 ((guint32) number);
    default:
      return g_variant_new_uint64 (number);
    }
}

static GVariant *
new_double (const GValue *value)
{
  GValue as_double = G_VALUE_INIT;

  if (!is_integer (value) && !G_VALUE_HOLDS_DOUBLE (value) && !G_VALUE_HOLDS_FLOAT (value))
    return NULL;

  g_value_init (&as_double, G_TYPE_DOUBLE);
  g_value_transform (value, &as_double);
  return g_variant_new_double (g_value_get_double (&as_double));
}

static GVariant *
new_string (const GValue *value, char type)
{
  const char *text = G_VALUE_HOLDS_STRING (value) ? g_value_get_string (value) : NULL;

  if (text == NULL || !g_utf8_validate (text, -1, NULL))
    return NULL;
  if (type == 'o')
    return g_variant_is_object_path (text) ? g_variant_new_object_path (text) : NULL;
  if (type == 'g')
    return g_variant_is_signature (text) ? g_variant_new_signature (text) : NULL;
  return g_variant_new_string (text);
}

static GVariant *
new_strv (const GValue *value)
{
  const char *const *words = g_value_get_boxed (value);

  for (gsize i = 0; words != NULL && words[i] != NULL; i++)
    if (!g_utf8_validate (words[i], -1, NULL))
      return NULL;
  return g_variant_new_strv (words, words != NULL ? -1 : 0);
}

static GVariant *
new_bytes (const GValue *value)
{
  GBytes *bytes = g_value_get_boxed (value);

  return bytes != NULL ? g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE) : NULL;
}

/* D-Bus knows no maybe types, and no empty tuples but as the whole body of a message. */
gboolean
gd_dbus_can_carry (GVariant *variant)
{
  const char *type = g_variant_get_type_string (variant);
  gboolean    can = TRUE;

  if (strchr (type, 'm') != NULL || strstr (type, "()") != NULL)
    return FALSE;

  for (gsize i = 0; can && strchr (type, 'v') != NULL && i < g_variant_n_children (variant); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (variant, i);

      can = gd_dbus_can_carry (child);
    }
  return can;
}

/* Floating, or a new reference. */
static GVariant *
new_natural (const GValue *value)
{
  if (G_VALUE_HOLDS_VARIANT (value))
    {
      GVariant *variant = g_value_get_variant (value);

      return variant != NULL && gd_dbus_can_carry (variant) ? g_variant_ref (variant) : NULL;
    }
  if (G_VALUE_HOLDS_BOOLEAN (value))
    return g_variant_new_boolean (g_value_get_boolean (value));
  if (G_VALUE_HOLDS_INT (value) || G_VALUE_HOLDS_ENUM (value))
    return new_signed (value, G_MININT32, G_MAXINT32, 'i');
  if (G_VALUE_HOLDS_UINT (value) || G_VALUE_HOLDS_FLAGS (value))
    return new_unsigned (value, G_MAXUINT32, 'u');
  if (is_unsigned (value))
    return new_unsigned (value, G_MAXUINT64, 't');
  if (is_integer (value))
    return new_signed (value, G_MININT64, G_MAXINT64, 'x');
  if (G_VALUE_HOLDS_STRING (value))
    return new_string (value, 's');
  if (G_VALUE_HOLDS (value, G_TYPE_STRV))
    return new_strv (value);
  if (G_VALUE_HOLDS (value, G_TYPE_BYTES))
    return new_bytes (value);
  return new_double (value);
}

/* As the type that is natural for it. A reference, or NULL if D-Bus knows no such thing, or if there is none. */
GVariant *
gd_dbus_variant_of (const GValue *value)
{
  GVariant *variant = value != NULL ? new_natural (value) : NULL;

  return variant != NULL ? g_variant_take_ref (variant) : NULL;
}

static GVariant *
new_basic (const GValue *value, char type)
{
  switch (type)
    {
    case 'b':
      return G_VALUE_HOLDS_BOOLEAN (value) ? g_variant_new_boolean (g_value_get_boolean (value)) : NULL;
    case 'y':
      return new_unsigned (value, G_MAXUINT8, type);
    case 'n':
      return new_signed (value, G_MININT16, G_MAXINT16, type);
    case 'q':
      return new_unsigned (value, G_MAXUINT16, type);
    case 'i':
      return new_signed (value, G_MININT32, G_MAXINT32, type);
    case 'u':
      return new_unsigned (value, G_MAXUINT32, type);
    case 'x':
      return new_signed (value, G_MININT64, G_MAXINT64, type);
    case 't':
      return new_unsigned (value, G_MAXUINT64, type);
    case 'd':
      return new_double (value);
    case 's':
    case 'o':
    case 'g':
      return new_string (value, type);
    default:
      return NULL;
    }
}

/* As @type, or NULL if it cannot be that. A reference. */
GVariant *
gd_dbus_variant_as (const GValue *value, const GVariantType *type)
{
  g_autoptr (GVariant) variant = NULL;

  if (!G_VALUE_HOLDS_VARIANT (value) && g_variant_type_is_basic (type))
    {
      GVariant *basic = new_basic (value, *g_variant_type_peek_string (type));

      return basic != NULL ? g_variant_ref_sink (basic) : NULL;
    }

  variant = gd_dbus_variant_of (value);
  if (variant == NULL || g_variant_is_of_type (variant, type))
    return g_steal_pointer (&variant);
  if (g_variant_type_equal (type, G_VARIANT_TYPE_VARIANT))
    return g_variant_ref_sink (g_variant_new_variant (variant));
  return NULL;
}

/* --- errors ------------------------------------------------------------------------------------------------------- */

/* Under these names the errors of Deferreds travel, and arrive as what they were. */
void
gd_dbus_register_errors (void)
{
  static gsize                 quark;
  static const GDBusErrorEntry entries[] = {
    { G_DEFERRED_ERROR_ALREADY_CALLED, "io.gdeferred.Error.AlreadyCalled" },
    { G_DEFERRED_ERROR_INVALID_RESULT, "io.gdeferred.Error.InvalidResult" },
    { G_DEFERRED_ERROR_LOOP, "io.gdeferred.Error.Loop" },
    { G_DEFERRED_ERROR_ABANDONED, "io.gdeferred.Error.Abandoned" },
    { G_DEFERRED_ERROR_FAILED, "io.gdeferred.Error.Failed" },
    { G_DEFERRED_ERROR_STALLED, "io.gdeferred.Error.Stalled" },
    { G_DEFERRED_ERROR_OVERFLOW, "io.gdeferred.Error.Overflow" },
    { G_DEFERRED_ERROR_UNDERFLOW, "io.gdeferred.Error.Underflow" },
    { G_DEFERRED_ERROR_ALL_FAILED, "io.gdeferred.Error.AllFailed" },
    { G_DEFERRED_ERROR_CLOSED, "io.gdeferred.Error.Closed" },
  };

  g_dbus_error_register_error_domain (g_quark_to_string (G_DEFERRED_ERROR), &quark, entries,
                                      G_N_ELEMENTS (entries));
}

/* One that came over D-Bus goes on under the name that it came with: that is the payload which gd_dbus_return_error()
 * leaves, or in the message still. */
char *
gd_dbus_name_of_error (const GError *error, const GValue *payload)
{
  char *name = g_dbus_error_get_remote_error (error);

  gd_dbus_register_errors ();
  if (name == NULL && payload != NULL && G_VALUE_HOLDS_STRING (payload))
    name = g_value_dup_string (payload);
  if (name != NULL && g_dbus_is_interface_name (name))
    return name;

  g_free (name);
  return g_dbus_error_encode_gerror (error);
}

char *
gd_dbus_message_of_error (const GError *error)
{
  g_autoptr (GError) copy = g_error_copy (error);

  g_dbus_error_strip_remote_error (copy);
  return g_steal_pointer (&copy->message);
}

/* Takes an error that came over D-Bus. The name that it came with, which GDBus puts into its message, goes beside it. */
gboolean
gd_dbus_return_error (GDeferred *self, GError *failure)
{
  g_autoptr (GError) taken = failure;
  g_auto (GValue) name = G_VALUE_INIT;

  if (!g_dbus_error_is_remote_error (failure))
    return g_deferred_return_error (self, failure);

  g_value_init (&name, G_TYPE_STRING);
  g_value_take_string (&name, g_dbus_error_get_remote_error (failure));
  g_dbus_error_strip_remote_error (failure);
  return g_deferred_return_error_full (self, failure, &name);
}
