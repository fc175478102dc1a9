/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static gboolean
ring (GDeferred *self, gpointer user_data, GError **error)
{
  g_print ("The tea is ready\n");
  return TRUE;
}

static gboolean
say_why_not (GDeferred *self, gpointer user_data, GError **error)
{
  g_print ("No tea: %s\n", g_deferred_get_error (self)->message);
  return g_deferred_return_none (self);
}

/* Gives a Deferred that fires in 50 milliseconds: this tea is weak. */
static GDeferred *
brew (void)
{
  GDeferred *ready = g_deferred_delay (50 * G_TIME_SPAN_MILLISECOND, NULL);

  g_deferred_add_callbacks (ready, ring, NULL, NULL, say_why_not, NULL, NULL);
  return ready;
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferred) tea = brew ();
  g_autoptr (GDeferred) more = brew ();

  g_deferred_cancel (more);
  return g_deferred_wait (tea, NULL) ? 0 : 1;
}
