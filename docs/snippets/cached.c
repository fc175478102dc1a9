/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static gboolean
reply (GDeferred *self, gpointer user_data, GError **error)
{
  g_print ("an address is found\n");
  return g_deferred_return_string (self, "192.0.2.1");
}

/* Takes a second. */
static gboolean
resolve (GDeferred *self, const char *name, gpointer user_data, GError **error)
{
  g_print ("looking up %s\n", name);
  return g_deferred_return_deferred (self,
                                     g_deferred_call_later (G_TIME_SPAN_SECOND, NULL, reply, NULL, NULL));
}

static gboolean
print_address (GDeferred *self, gpointer who, GError **error)
{
  g_print ("%s: %s\n", (char *) who, g_deferred_get_string (self));
  return TRUE;
}

static gboolean
print_error (GDeferred *self, gpointer who, GError **error)
{
  g_print ("%s: %s\n", (char *) who, g_deferred_get_error (self)->message);
  return g_deferred_return_none (self);
}

static GDeferred *
look_up (GDeferredCache *addresses, const char *name, const char *who)
{
  GDeferred *address = g_deferred_cache_get (addresses, name);

  return g_deferred_add_callbacks (address, print_address, (gpointer) who, NULL, print_error, (gpointer) who,
                                   NULL);
}

static void
several_ask (GDeferredCache *addresses, GDeferredClock *clock)
{
  g_autoptr (GDeferred) one = look_up (addresses, "example.org", "one");
  g_autoptr (GDeferred) another = look_up (addresses, "example.org", "another");
  g_autoptr (GDeferred) impatient = look_up (addresses, "example.org", "impatient");

  g_deferred_cancel (impatient);
  g_deferred_clock_advance (clock, G_TIME_SPAN_SECOND);

  g_object_unref (look_up (addresses, "example.org", "late"));
}

static void
nobody_waits (GDeferredCache *addresses, GDeferredClock *clock)
{
  g_autoptr (GDeferred) only = look_up (addresses, "example.com", "only");

  g_deferred_cancel (only);
  g_deferred_clock_advance (clock, G_TIME_SPAN_SECOND);
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferredClock) clock = g_deferred_clock_new_virtual ();
  g_autoptr (GDeferredCache) addresses = NULL;

  g_deferred_clock_push (clock);

  addresses = g_deferred_cache_new (resolve, NULL, NULL);
  g_deferred_cache_set_max_size (addresses, 1000);
  g_deferred_cache_set_max_age (addresses, 5 * G_TIME_SPAN_MINUTE);

  several_ask (addresses, clock);
  nobody_waits (addresses, clock);
  g_deferred_clock_pop (clock);
  return 0;
}
