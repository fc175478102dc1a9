/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static gboolean
use (GDeferred *self, gpointer name, GError **error)
{
  g_print ("%s has the lock\n", (char *) name);
  if (g_str_equal (name, "alice"))
    return g_deferred_return_error_literal (self, G_IO_ERROR, G_IO_ERROR_FAILED, "alice has failed");
  return TRUE;
}

static gboolean
release (GDeferred *self, gpointer lock, GError **error)
{
  g_deferred_lock_release (lock);
  return TRUE;
}

/* The lock is ours from here on: it is what the Deferred has fired with. */
static gboolean
use_and_release (GDeferred *acquired, gpointer name, GError **error)
{
  GDeferredLock *lock = g_deferred_get_object (acquired);
  GDeferred     *used = g_deferred_maybe (use, name);

  g_deferred_add_both (used, release, g_object_ref (lock), g_object_unref);
  return g_deferred_return_deferred (acquired, used);
}

static gboolean
print_error (GDeferred *self, gpointer user_data, GError **error)
{
  g_print ("%s\n", g_deferred_get_error (self)->message);
  return g_deferred_return_none (self);
}

static void
use_in_turn (GDeferredLock *lock, const char *name)
{
  g_autoptr (GDeferred) acquired = g_deferred_lock_acquire (lock);

  g_deferred_add_callback (acquired, use_and_release, (gpointer) name, NULL);
  g_deferred_add_errback (acquired, print_error, NULL, NULL);
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferredLock) lock = g_deferred_lock_new ();

  if (g_deferred_lock_try_acquire (lock))
    {
      use_in_turn (lock, "alice");
      use_in_turn (lock, "bob");
      g_print ("main releases it\n");
      g_deferred_lock_release (lock);
    }
  return 0;
}
