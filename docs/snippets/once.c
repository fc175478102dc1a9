/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static gboolean
print_word (GDeferred *self, gpointer user_data, GError **error)
{
  g_print ("activated with %s\n", g_variant_get_string (g_deferred_get_variant (self), NULL));
  return TRUE;
}

static gboolean
print_enabled (GDeferred *self, gpointer user_data, GError **error)
{
  g_print ("enabled again\n");
  return TRUE;
}

static gboolean
print_failure (GDeferred *self, gpointer user_data, GError **error)
{
  g_print ("%s\n", g_deferred_get_error (self)->message);
  return g_deferred_return_none (self);
}

int
main (void)
{
  GSimpleAction *action = g_simple_action_new ("say", G_VARIANT_TYPE_STRING);
  g_autoptr (GDeferred) activated = g_deferred_new_for_signal (action, "activate");
  g_autoptr (GDeferred) enabled = NULL;
  g_autoptr (GDeferred) again = NULL;

  g_deferred_add_callback (activated, print_word, NULL, NULL);
  g_action_activate (G_ACTION (action), g_variant_new_string ("hello"));

  g_simple_action_set_enabled (action, FALSE);
  enabled = g_deferred_new_for_property (action, "enabled", NULL);
  g_deferred_add_callback (enabled, print_enabled, NULL, NULL);
  g_simple_action_set_enabled (action, TRUE);

  again = g_deferred_new_for_signal (action, "activate");
  g_deferred_add_errback (again, print_failure, NULL, NULL);
  g_object_unref (action);
  g_deferred_wait (again, NULL);
  return 0;
}
