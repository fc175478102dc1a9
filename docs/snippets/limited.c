/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static void
finish (gpointer user_data)
{
  GDeferred *page = user_data;

  g_print ("%s is here\n", g_deferred_get_name (page));
  g_deferred_callback_string (page, g_deferred_get_name (page), NULL);
  g_object_unref (page);
}

/* Gives a Deferred that the main loop fires later. */
static GDeferred *
fetch (const char *name)
{
  GDeferred *page = g_deferred_new ();

  g_print ("fetching %s\n", name);
  g_deferred_set_name (page, name);
  g_idle_add_once (finish, g_object_ref (page));
  return page;
}

/* A GDeferredMapFunc. */
static gboolean
fetch_page (GDeferred *self, gpointer name, gpointer user_data, GError **error)
{
  return g_deferred_return_deferred (self, fetch (name));
}

static gboolean
print_all (GDeferred *pages, gpointer user_data, GError **error)
{
  GDeferredResults *results = g_deferred_get_results (pages);

  for (gsize i = 0; i < g_deferred_results_get_length (results); i++)
    g_print ("%s ", g_deferred_results_get_string (results, i));
  g_print ("\n");
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferred) pages = NULL;

  pages = g_deferred_map ((gpointer *) argv + 1, argc - 1, 2, G_DEFERRED_MAP_CANCEL_REST, fetch_page, NULL,
                          NULL);
  g_deferred_add_callback (pages, print_all, NULL, NULL);
  return !g_deferred_wait (pages, NULL);
}
