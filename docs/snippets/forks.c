/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static gboolean
print (GDeferred *self, gpointer who, GError **error)
{
  const GValue *result = g_deferred_get_result (self);

  g_print ("%s: %s\n", (char *) who, result != NULL ? g_value_get_string (result) : "nothing");
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferred) d = g_deferred_new ();
  g_autoptr (GDeferred) first = g_deferred_fork (d);
  g_autoptr (GDeferred) second = g_deferred_fork (d);
  g_autoptr (GDeferred) other = g_deferred_new ();

  g_deferred_add_callback (d, print, "d", NULL);
  g_deferred_chain_deferred (d, other);
  g_deferred_add_callback (d, print, "d after chain_deferred", NULL);

  g_deferred_add_callback (second, print, "second fork", NULL);
  g_deferred_add_callback (first, print, "first fork", NULL);
  g_deferred_add_callback (other, print, "other", NULL);

  g_deferred_callback_string (d, "hello", NULL);
  return 0;
}
