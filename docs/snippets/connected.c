/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static gboolean
print (GDeferred *self, gpointer text, GError **error)
{
  g_print ("%s\n", (char *) text);
  return TRUE;
}

static void
print_when (GDeferred *told, const char *text)
{
  g_deferred_add_callback (told, print, (gpointer) text, NULL);
  g_object_unref (told);
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferredEvent) connected = g_deferred_event_new ();
  g_autoptr (GDeferredLatch) parts = g_deferred_latch_new (2);

  print_when (g_deferred_event_wait (connected), "sending one");
  print_when (g_deferred_event_wait (connected), "sending two");
  g_print ("connecting\n");
  g_deferred_event_set (connected);
  print_when (g_deferred_event_wait (connected), "sending three");

  print_when (g_deferred_latch_wait (parts), "both parts are there");
  g_print ("the first\n");
  g_deferred_latch_count_down (parts);
  g_print ("the second\n");
  g_deferred_latch_count_down (parts);
  return 0;
}
