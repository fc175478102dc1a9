/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

/* In one of the pool's threads. */
static gboolean
square (GDeferred *self, gpointer number, GError **error)
{
  int n = GPOINTER_TO_INT (number);

  return g_deferred_return_int (self, n * n);
}

/* In the main thread. */
static gboolean
add (GDeferred *self, gpointer sum, GError **error)
{
  *(int *) sum += g_deferred_get_int (self);
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferredThreadPool) pool = g_deferred_thread_pool_new ("squares", 2);
  g_autoptr (GDeferred) closed = NULL;
  int sum = 0;

  for (int i = 1; i <= 10; i++)
    {
      g_autoptr (GDeferred) d = g_deferred_thread_pool_run (pool, square, GINT_TO_POINTER (i), NULL);

      g_deferred_add_callback (d, add, &sum, NULL);
    }

  closed = g_deferred_thread_pool_close (pool);
  g_deferred_wait (closed, NULL);
  g_print ("%d\n", sum);
  return 0;
}
