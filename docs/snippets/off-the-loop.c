/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

/* As somebody else's library may have it: it blocks, and knows nothing of Deferreds. */
static guint64
large_fibonacci_number (int target)
{
  guint64 first = 0;
  guint64 second = 1;

  for (int i = 1; i < target; i++)
    {
      guint64 next = first + second;

      first = second;
      second = next;
    }
  return second;
}

/* Runs in another thread. */
static gboolean
compute (GDeferred *self, gpointer target, GError **error)
{
  return g_deferred_return_int64 (self, (gint64) large_fibonacci_number (GPOINTER_TO_INT (target)));
}

/* Runs in the main loop. */
static gboolean
print_number (GDeferred *self, gpointer user_data, GError **error)
{
  g_print ("the result is %" G_GINT64_FORMAT "\n", g_deferred_get_int64 (self));
  return g_deferred_return_none (self);
}

static gboolean
run (GDeferred *program, gpointer user_data, GError **error)
{
  GDeferred *d = g_deferred_run_in_thread (compute, GINT_TO_POINTER (90), NULL);

  g_deferred_add_callback (d, print_number, NULL, NULL);
  g_print ("1st line after the callback was added\n");
  g_print ("2nd line after the callback was added\n");
  return g_deferred_return_deferred (program, d);
}

int
main (int argc, char **argv)
{
  return g_deferred_react (run, NULL);
}
