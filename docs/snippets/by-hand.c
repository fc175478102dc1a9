/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static gboolean
use (GDeferred *self, gpointer name, GError **error)
{
  g_print ("%s has the lock\n", (char *) name);
  return TRUE;
}

static gboolean
release (GDeferred *self, gpointer lock, GError **error)
{
  g_deferred_lock_release (lock);
  return TRUE;
}

static void
use_in_turn (GDeferredLock *lock, const char *name)
{
  g_autoptr (GDeferred) acquired = g_deferred_lock_acquire (lock);

  g_deferred_add_callback (acquired, use, (gpointer) name, NULL);
  g_deferred_add_callback (acquired, release, lock, NULL);
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
