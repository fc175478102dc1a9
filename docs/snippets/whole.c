/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static void
print_progress (GObject *whole, GParamSpec *pspec, gpointer user_data)
{
  g_print ("%.0f%%\n", 100 * g_deferred_get_progress (G_DEFERRED (whole)));
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferred) text = g_deferred_new ();
  g_autoptr (GDeferred) film = g_deferred_new ();
  g_autoptr (GDeferred) both = g_deferred_gather_of (G_DEFERRED_LIST_DEFAULT, text, film, NULL);

  g_deferred_add_part (both, text, 1);
  g_deferred_add_part (both, film, 9);
  g_signal_connect (both, "notify::progress", G_CALLBACK (print_progress), NULL);

  g_deferred_set_progress (film, 0.5, NULL);
  g_deferred_callback (text, NULL, NULL);
  g_deferred_callback (film, NULL, NULL);
  return 0;
}
