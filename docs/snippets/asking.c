/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

/* In the main thread. It could as well show a dialog, and return a Deferred for what the user says. */
static gboolean
ask (GDeferred *self, gpointer question, GError **error)
{
  g_print ("%s\n", (char *) question);
  return g_deferred_return_string (self, "yes");
}

/* In a thread of its own, which waits for the answer. */
static gboolean
overwrite (GDeferred *self, gpointer user_data, GError **error)
{
  g_auto (GValue) answer = G_VALUE_INIT;

  if (!g_deferred_blocking_call (NULL, ask, "Overwrite it?", &answer, error))
    return FALSE;
  return g_deferred_return_boolean (self, g_str_equal (g_value_get_string (&answer), "yes"));
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferred) d = g_deferred_run_in_thread (overwrite, NULL, NULL);

  if (g_deferred_wait (d, NULL))
    g_print ("%s\n", g_deferred_get_boolean (d) ? "overwritten" : "left alone");
  return 0;
}
