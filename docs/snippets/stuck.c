/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

#include <stdio.h>

static gboolean
wait_for_page (GDeferred *self, gpointer page, GError **error)
{
  return g_deferred_return_deferred (self, g_object_ref (page));
}

int
main (int argc, char **argv)
{
  g_deferred_set_debug ("pending");

  g_autoptr (GDeferred) page = g_deferred_new ();
  g_autoptr (GDeferred) title = g_deferred_succeed (NULL);
  g_autofree char *list = NULL;
  g_autofree char *graph = NULL;

  g_deferred_set_name (page, "page");
  g_deferred_set_name (title, "title");
  g_deferred_add_callback (title, wait_for_page, page, NULL);

  list = g_deferred_dump_pending ();
  graph = g_deferred_dump_graph ();
  printf ("%s%s", list, argc > 1 ? graph : "");
  return 0;
}
