/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>
#include <locale.h>

static gboolean
parse (GDeferred *self, gpointer user_data, GError **error)
{
  gint64 number;

  return g_ascii_string_to_signed (g_deferred_get_string (self), 10, 0, 100, &number, error)
         && g_deferred_return_int64 (self, number);
}

static gboolean
use_default (GDeferred *self, gpointer user_data, GError **error)
{
  g_print ("%s; taking 7\n", g_deferred_get_error (self)->message);
  return g_deferred_return_int64 (self, 7);
}

static gboolean
twice (GDeferred *self, gpointer user_data, GError **error)
{
  return g_deferred_return_int64 (self, 2 * g_deferred_get_int64 (self));
}

static gboolean
print (GDeferred *self, gpointer user_data, GError **error)
{
  const GError *failure = g_deferred_get_error (self);

  if (failure != NULL)
    g_print ("%s\n", failure->message);
  else
    g_print ("%" G_GINT64_FORMAT "\n", g_deferred_get_int64 (self));
  return g_deferred_return_none (self);
}

static void
run (const char *text)
{
  g_autoptr (GDeferred) d = g_deferred_new ();

  g_deferred_add_callback (d, parse, NULL, NULL);
  g_deferred_add_errback_for (d, G_NUMBER_PARSER_ERROR, G_NUMBER_PARSER_ERROR_INVALID, use_default, NULL,
                              NULL);
  g_deferred_add_callback (d, twice, NULL, NULL);
  g_deferred_add_both (d, print, NULL, NULL);

  g_deferred_callback_string (d, text, NULL);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  for (int i = 1; i < argc; i++)
    run (argv[i]);
  return 0;
}
