/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

/* The body returns a Deferred, and is not asynchronous at all: it has done all its work by then. */
static GDeferred *
large_fibonacci_number (int target)
{
  GDeferred *d = g_deferred_new ();
  guint64    first = 0;
  guint64    second = 1;

  for (int i = 1; i < target; i++)
    {
      guint64 next = first + second;

      first = second;
      second = next;
      if (i % 30 == 0)
        g_print ("progress: at number %d\n", i);
    }

  g_deferred_callback_int64 (d, (gint64) second, NULL);
  return d;
}

static gboolean
print_number (GDeferred *self, gpointer user_data, GError **error)
{
  g_print ("the result is %" G_GINT64_FORMAT "\n", g_deferred_get_int64 (self));
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferred) d = large_fibonacci_number (90);

  g_print ("the function has returned\n");
  g_deferred_add_callback (d, print_number, NULL, NULL);
  g_print ("the callback was added\n");
  return 0;
}
