/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "http-server.h"

#include <string.h>

/* --- values: the body ---------------------------------------------------------------------------------------------- */

static void
append_json_string (GString *json, const char *string)
{
  g_string_append_c (json, '"');
  for (const char *at = string; *at != '\0'; at++)
    if (*at == '"' || *at == '\\')
      g_string_append_printf (json, "\\%c", *at);
    else if ((guchar) *at < ' ')
      g_string_append_printf (json, "\\u%04x", (guint) *at);
    else
      g_string_append_c (json, *at);
  g_string_append_c (json, '"');
}

static void append_json (GString *json, GVariant *value);

static void
append_json_items (GString *json, GVariant *items)
{
  gboolean is_object = g_variant_is_of_type (items, G_VARIANT_TYPE_DICTIONARY);

  g_string_append_c (json, is_object ? '{' : '[');
  for (gsize i = 0; i < g_variant_n_children (items); i++)
    {
      g_autoptr (GVariant) item = g_variant_get_child_value (items, i);

      g_string_append (json, i > 0 ? ", " : "");
      append_json (json, item);
    }
  g_string_append_c (json, is_object ? '}' : ']');
}

static void
append_json (GString *json, GVariant *value)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARIANT))
    {
      g_autoptr (GVariant) inside = g_variant_get_variant (value);

      append_json (json, inside);
    }
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_DICT_ENTRY))
    {
      g_autoptr (GVariant) name = g_variant_get_child_value (value, 0);
      g_autoptr (GVariant) item = g_variant_get_child_value (value, 1);

      append_json (json, name);
      g_string_append (json, ": ");
      append_json (json, item);
    }
  else if (g_variant_is_container (value))
    append_json_items (json, value);
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    append_json_string (json, g_variant_get_string (value, NULL));
  else /* numbers and booleans look the same there */
    {
      g_autofree char *text = g_variant_print (value, FALSE);

      g_string_append (json, text);
    }
}

static void
set_text (SoupServerMessage *message, const char *type, const char *text, gsize length)
{
  soup_server_message_set_response (message, type, SOUP_MEMORY_COPY, text, length);
}

static void
set_bytes (SoupServerMessage *message, GBytes *bytes)
{
  soup_message_headers_set_content_type (soup_server_message_get_response_headers (message),
                                         "application/octet-stream", NULL);
  if (g_bytes_get_size (bytes) > 0)
    soup_message_body_append_bytes (soup_server_message_get_response_body (message), bytes);
}

/* What a handler's Deferred fires with, as an answer: a string is text, GBytes are bytes, a GVariant is JSON, nothing is
 * "204 No Content". */
void
http_answer (SoupServerMessage *message, const GValue *value)
{
  if (value == NULL)
    {
      soup_server_message_set_status (message, SOUP_STATUS_NO_CONTENT, NULL);
      return;
    }

  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  if (G_VALUE_HOLDS_STRING (value) && g_value_get_string (value) != NULL)
    set_text (message, "text/plain; charset=utf-8", g_value_get_string (value),
              strlen (g_value_get_string (value)));
  else if (G_VALUE_HOLDS (value, G_TYPE_BYTES) && g_value_get_boxed (value) != NULL)
    set_bytes (message, g_value_get_boxed (value));
  else if (G_VALUE_HOLDS_VARIANT (value) && g_value_get_variant (value) != NULL)
    {
      g_autoptr (GString) json = g_string_new (NULL);

      append_json (json, g_value_get_variant (value));
      g_string_append_c (json, '\n');
      set_text (message, "application/json", json->str, json->len);
    }
  else
    {
      g_warning ("A handler has answered with a %s, which has no form in HTTP", G_VALUE_TYPE_NAME (value));
      soup_server_message_set_status (message, SOUP_STATUS_INTERNAL_SERVER_ERROR, NULL);
    }
}

/* --- errors: the status -------------------------------------------------------------------------------------------- */

static const struct
{
  int   code; /* of G_IO_ERROR */
  guint status;
} statuses[] = {
  { G_IO_ERROR_INVALID_ARGUMENT, SOUP_STATUS_BAD_REQUEST },
  { G_IO_ERROR_INVALID_DATA, SOUP_STATUS_BAD_REQUEST },
  { G_IO_ERROR_PERMISSION_DENIED, SOUP_STATUS_FORBIDDEN },
  { G_IO_ERROR_NOT_FOUND, SOUP_STATUS_NOT_FOUND },
  { G_IO_ERROR_NOT_SUPPORTED, SOUP_STATUS_METHOD_NOT_ALLOWED },
  { G_IO_ERROR_BUSY, SOUP_STATUS_SERVICE_UNAVAILABLE },
  { G_IO_ERROR_CANCELLED, SOUP_STATUS_SERVICE_UNAVAILABLE },
  { G_IO_ERROR_TIMED_OUT, SOUP_STATUS_GATEWAY_TIMEOUT },
};

static guint
status_of (const GError *failure)
{
  for (gsize i = 0; i < G_N_ELEMENTS (statuses); i++)
    if (g_error_matches (failure, G_IO_ERROR, statuses[i].code))
      return statuses[i].status;
  if (g_error_matches (failure, G_DEFERRED_ERROR, G_DEFERRED_ERROR_OVERFLOW)) /* of a GDeferredQueue */
    return SOUP_STATUS_SERVICE_UNAVAILABLE;
  return SOUP_STATUS_INTERNAL_SERVER_ERROR;
}

/* What a handler's Deferred fails with, as an answer: a status, and the words. */
void
http_answer_error (SoupServerMessage *message, const GError *failure)
{
  g_autofree char *text = g_strconcat (failure->message, "\n", NULL);
  guint            status = status_of (failure);

  soup_server_message_set_status (message, status, NULL);
  set_text (message, "text/plain; charset=utf-8", text, strlen (text));
  if (status == SOUP_STATUS_SERVICE_UNAVAILABLE)
    soup_message_headers_replace (soup_server_message_get_response_headers (message), "Retry-After", "1");
}

/* --- what is asked for --------------------------------------------------------------------------------------------- */

const char *
http_request_get (HttpRequest *request, const char *name, GError **error)
{
  const char *value = request->query != NULL ? g_hash_table_lookup (request->query, name) : NULL;

  if (value == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "There is no \"%s=\" in the query", name);
  return value;
}

gboolean
http_request_get_number (
    HttpRequest *request, const char *name, guint64 most, guint64 *number, GError **error)
{
  const char *value = http_request_get (request, name, error);

  if (value == NULL)
    return FALSE;
  if (g_ascii_string_to_unsigned (value, 10, 0, most, number, NULL))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               "\"%s\" must be a number from 0 to %" G_GUINT64_FORMAT ", not \"%s\"", name, most, value);
  return FALSE;
}
