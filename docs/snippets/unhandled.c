/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static void
on_unhandled (GDeferred *self, gpointer user_data)
{
  const GError *error = g_deferred_get_error (self);

  g_print ("%s: %s\n", g_deferred_get_name (self), error->message);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no such page");
  GDeferred *d = g_deferred_fail (error);

  g_deferred_set_unhandled_hook (on_unhandled, NULL, NULL);
  g_deferred_set_name (d, "download");
  g_object_unref (d);

  while (g_main_context_iteration (NULL, FALSE))
    ;
  return 0;
}
