/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static gboolean
show (GDeferred *self, gpointer window, GError **error)
{
  g_print ("shown in window %p\n", window);
  return TRUE;
}

static void
forget (gpointer word)
{
  g_print ("%s\n", (char *) word);
}

static void
stop_loading (GDeferred *self, gpointer user_data)
{
  g_print ("no more loading\n");
}

int
main (int argc, char **argv)
{
  GObject *window = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GDeferred) d = g_deferred_new_with_canceller (stop_loading, NULL, NULL);

  g_deferred_bind_owner (d, window);
  g_deferred_add_callback (d, show, window, NULL);
  g_deferred_add_both (d, show, "what it needs is freed", forget);

  g_object_unref (window);
  g_print ("the window is gone\n");
  g_deferred_wait (d, NULL);
  return 0;
}
