/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>
#include <locale.h>

static gboolean
finish_load (GDeferred *self, gpointer file, GAsyncResult *result, gpointer user_data, GError **error)
{
  char *text = NULL;

  return g_file_load_contents_finish (file, result, &text, NULL, NULL, error)
         && g_deferred_return_take_string (self, text);
}

static GDeferred *
load (GFile *file)
{
  GDeferred *text = g_deferred_new_for_finish_func (finish_load, NULL, NULL);

  g_file_load_contents_async (file, G_DEFERRED_ASYNC (text));
  return text;
}

static gboolean
parse_width (GDeferred *self, gpointer user_data, GError **error)
{
  gint64 width;

  return g_ascii_string_to_signed (g_deferred_get_string (self), 10, 20, 200, &width, error)
         && g_deferred_return_int (self, (int) width);
}

static gboolean
use_default (GDeferred *self, gpointer user_data, GError **error)
{
  return g_deferred_return_int (self, 80);
}

/* Says what it was about. It is an error still. */
static gboolean
explain (GDeferred *self, gpointer user_data, GError **error)
{
  g_propagate_prefixed_error (error, g_error_copy (g_deferred_get_error (self)), "Cannot use the settings: ");
  return FALSE;
}

static gboolean
print_width (GDeferred *self, gpointer user_data, GError **error)
{
  g_print ("%d columns\n", g_deferred_get_int (self));
  return g_deferred_return_none (self);
}

static gboolean
print_settings (GDeferred *program, gpointer name, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (name);
  GDeferred *width = load (file);

  g_deferred_add_callback (width, parse_width, NULL, NULL);
  g_deferred_add_errback_for (width, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, use_default, NULL, NULL);
  g_deferred_add_errback (width, explain, NULL, NULL);
  g_deferred_add_callback (width, print_width, NULL, NULL);
  return g_deferred_return_deferred (program, width);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  return g_deferred_react (print_settings, argv[1]);
}
