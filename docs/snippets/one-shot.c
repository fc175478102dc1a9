/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static gboolean
print (GDeferred *self, gpointer user_data, GError **error)
{
  g_print ("the answer is %d\n", g_deferred_get_int (self));
  return TRUE;
}

static gboolean
complain (GDeferred *self, gpointer user_data, GError **error)
{
  g_print ("no answer: %s\n", g_deferred_get_error (self)->message);
  return g_deferred_return_none (self);
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferred) good = g_deferred_new ();
  g_autoptr (GDeferred) bad = g_deferred_new ();
  g_autoptr (GError) error = NULL;

  g_deferred_add_callbacks (good, print, NULL, NULL, complain, NULL, NULL);
  g_deferred_add_callbacks (bad, print, NULL, NULL, complain, NULL, NULL);

  g_deferred_callback_int (good, 42, NULL);
  g_deferred_errback_literal (bad, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE, "nobody is there", NULL);

  if (!g_deferred_callback_int (good, 43, &error))
    g_print ("refused: %d\n", g_error_matches (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_ALREADY_CALLED));

  g_deferred_add_callback (good, print, NULL, NULL);
  return 0;
}
