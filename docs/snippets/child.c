/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static gboolean
print_output (GDeferred *self, gpointer user_data, GError **error)
{
  g_autofree char *text = g_deferred_process_output_dup_text (g_deferred_get_process_output (self));

  g_print ("%s", text);
  return TRUE;
}

static gboolean
print_failure (GDeferred *self, gpointer user_data, GError **error)
{
  GDeferredProcessOutput *output = g_deferred_get_process_output (self);

  if (output != NULL)
    g_print ("status %d, %s\n", g_deferred_process_output_get_exit_status (output),
             g_deferred_get_error (self)->message);
  else
    g_print ("%s\n", g_deferred_get_error (self)->message);
  return g_deferred_return_none (self);
}

static GDeferred *
run (const char *const *argv, GBytes *input)
{
  GDeferred *self = g_deferred_run_process (argv, input);

  return g_deferred_add_callbacks (self, print_output, NULL, NULL, print_failure, NULL, NULL);
}

int
main (void)
{
  const char *sort[] = { "sort", NULL };
  const char *wrong[] = { "sh", "-c", "echo 'no such luck' >&2; exit 3", NULL };
  g_autoptr (GBytes) words = g_bytes_new_static ("pear\napple\n", 11);
  g_autoptr (GDeferred) sorted = run (sort, words);
  g_autoptr (GDeferred) failed = NULL;

  g_deferred_wait (sorted, NULL);
  failed = run (wrong, NULL);
  g_deferred_wait (failed, NULL);
  return 0;
}
