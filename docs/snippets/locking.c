/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static gboolean
finish (GDeferred *self, gpointer name, GError **error)
{
  g_print ("saved %s\n", (char *) name);
  return TRUE;
}

/* It takes a second, by the clock. */
static gboolean
save (GDeferred *self, gpointer name, GError **error)
{
  g_print ("saving %s\n", (char *) name);
  return g_deferred_return_deferred (self,
                                     g_deferred_call_later (G_TIME_SPAN_SECOND, NULL, finish, name, NULL));
}

static gboolean
print_error (GDeferred *self, gpointer name, GError **error)
{
  g_print ("%s: %s\n", (char *) name, g_deferred_get_error (self)->message);
  return g_deferred_return_none (self);
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferredClock) clock = g_deferred_clock_new_virtual ();
  g_autoptr (GDeferredLock) lock = g_deferred_lock_new ();

  g_deferred_clock_push (clock);

  g_autoptr (GDeferred) first = g_deferred_lock_run (lock, save, "first", NULL);
  g_autoptr (GDeferred) second = g_deferred_lock_run (lock, save, "second", NULL);
  g_autoptr (GDeferred) third = g_deferred_lock_run (lock, save, "third", NULL);

  g_deferred_add_errback (second, print_error, "second", NULL);
  g_deferred_cancel (second);

  g_deferred_clock_advance (clock, G_TIME_SPAN_MINUTE);
  g_deferred_clock_pop (clock);
  return 0;
}
