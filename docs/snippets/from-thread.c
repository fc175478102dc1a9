/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static gpointer
work (gpointer user_data)
{
  g_autoptr (GDeferred) self = user_data;

  g_deferred_set_progress (self, 0.5, "half of it");
  g_deferred_callback_string (self, "all of it", NULL);
  return NULL;
}

static gboolean
print (GDeferred *self, gpointer main_thread, GError **error)
{
  g_assert_true (g_thread_self () == main_thread);
  g_print ("%s, after %.0f %%\n", g_deferred_get_string (self), 100 * g_deferred_get_progress (self));
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferred) d = g_deferred_new ();

  g_deferred_add_callback (d, print, g_thread_self (), NULL);
  g_thread_unref (g_thread_new ("worker", work, g_object_ref (d)));

  return g_deferred_wait (d, NULL) ? 0 : 1;
}
