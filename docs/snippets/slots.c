/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static gboolean
finish (GDeferred *self, gpointer name, GError **error)
{
  g_print ("%s done\n", (char *) name);
  return TRUE;
}

static gboolean
fetch (GDeferred *self, gpointer name, GError **error)
{
  g_print ("%s starts\n", (char *) name);
  return g_deferred_return_deferred (self,
                                     g_deferred_call_later (G_TIME_SPAN_SECOND, NULL, finish, name, NULL));
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferredClock) clock = g_deferred_clock_new_virtual ();
  g_autoptr (GDeferredSemaphore) two = g_deferred_semaphore_new (2);

  g_deferred_clock_push (clock);
  for (int i = 1; i < argc; i++)
    g_object_unref (g_deferred_semaphore_run (two, fetch, argv[i], NULL));
  g_deferred_clock_advance (clock, G_TIME_SPAN_MINUTE);
  g_deferred_clock_pop (clock);
  return 0;
}
