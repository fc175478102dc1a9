/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static const char *const users[] = { "Alice", "Angus", "Agnes", NULL };

/* It has its answer at once, and gives a Deferred all the same, so that it may become slower one day. */
static GDeferred *
is_valid_user (const char *user)
{
  g_auto (GValue) valid = G_VALUE_INIT;

  if (*user == '\0')
    {
      g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "who?");

      return g_deferred_fail (error);
    }

  g_value_init (&valid, G_TYPE_BOOLEAN);
  g_value_set_boolean (&valid, g_strv_contains (users, user));
  return g_deferred_succeed (&valid);
}

static gboolean
print (GDeferred *self, gpointer user, GError **error)
{
  g_print ("%s: %s\n", (char *) user, g_deferred_get_boolean (self) ? "valid" : "unknown");
  return TRUE;
}

static gboolean
complain (GDeferred *self, gpointer user_data, GError **error)
{
  g_print ("%s\n", g_deferred_get_error (self)->message);
  return g_deferred_return_none (self);
}

/* What somebody else wrote: it sets a value, fails, or returns a Deferred. */
static gboolean
ask (GDeferred *self, gpointer user, GError **error)
{
  return g_deferred_return_boolean (self, g_strv_contains (users, user));
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferred) known = is_valid_user ("Alice");
  g_autoptr (GDeferred) nobody = is_valid_user ("");
  g_autoptr (GDeferred) wrapped = g_deferred_maybe (ask, "Mallory");

  g_deferred_add_callback (known, print, "Alice", NULL);
  g_deferred_add_errback (nobody, complain, NULL, NULL);
  g_deferred_add_callback (wrapped, print, "Mallory", NULL);
  return 0;
}
