/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static gboolean
print_error (GDeferred *self, gpointer loop, GError **error)
{
  g_print ("%s\n", g_deferred_get_error (self)->message);
  g_main_loop_quit (loop);
  return g_deferred_return_none (self);
}

int
main (int argc, char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  GDeferred *d = g_deferred_new ();

  g_deferred_add_errback (d, print_error, loop, NULL);
  g_object_unref (d);
  g_print ("dropped\n");

  g_main_loop_run (loop);
  return 0;
}
