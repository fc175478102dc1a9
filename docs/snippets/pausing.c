/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static gboolean
print (GDeferred *self, gpointer word, GError **error)
{
  g_print ("%s\n", (char *) word);
  return TRUE;
}

static void
add_all_at_once (GDeferred *d)
{
  g_deferred_pause (d);
  g_deferred_add_callback (d, print, "the first callback", NULL);
  g_print ("nothing has run yet\n");
  g_deferred_add_callback (d, print, "the second callback", NULL);
  g_deferred_unpause (d);
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferred) d = g_deferred_succeed (NULL);

  g_deferred_add_callback (d, print, "called before add_callback returns", NULL);
  add_all_at_once (d);
  return 0;
}
