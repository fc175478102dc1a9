/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>
#include <locale.h>

static gboolean
cook (GDeferred *self, gpointer user_data, GError **error)
{
  return g_deferred_return_string (self, "dinner");
}

static gboolean
start_cooking (GDeferred *self, gpointer kitchen, GError **error)
{
  return g_deferred_return_deferred (self, g_deferred_thread_pool_run (kitchen, cook, NULL, NULL));
}

/* It holds the only thread of the pool, and waits for a job that needs it. */
static gboolean
serve (GDeferred *self, gpointer kitchen, GError **error)
{
  return g_deferred_blocking_call (NULL, start_cooking, kitchen, NULL, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferredThreadPool) kitchen = g_deferred_thread_pool_new ("kitchen", 1);
  g_autoptr (GDeferred) d = g_deferred_thread_pool_run (kitchen, serve, kitchen, NULL);
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  if (!g_deferred_wait (d, &error))
    g_print ("%s\n", error->message);
  return 0;
}
