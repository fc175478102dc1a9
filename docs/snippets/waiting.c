/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static void
reply (gpointer user_data)
{
  GDeferred *answer = user_data;

  g_print ("the answer comes\n");
  g_deferred_callback_int (answer, 42, NULL);
  g_object_unref (answer);
}

/* Gives a Deferred that the main loop fires later. */
static GDeferred *
look_up (const char *name)
{
  GDeferred *answer = g_deferred_new ();

  g_print ("looking up %s\n", name);
  g_idle_add_once (reply, g_object_ref (answer));
  return answer;
}

static gboolean
look_up_name (GDeferred *self, gpointer user_data, GError **error)
{
  return g_deferred_return_deferred (self, look_up (g_deferred_get_string (self)));
}

static gboolean
print (GDeferred *self, gpointer user_data, GError **error)
{
  g_print ("it is %d\n", g_deferred_get_int (self));
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferred) d = g_deferred_new ();

  g_deferred_add_callback (d, look_up_name, NULL, NULL);
  g_deferred_add_callback (d, print, NULL, NULL);

  g_deferred_callback_string (d, "alice", NULL);
  g_assert_cmpint (g_deferred_get_state (d), ==, G_DEFERRED_STATE_WAITING);
  return g_deferred_wait (d, NULL) ? 0 : 1;
}
