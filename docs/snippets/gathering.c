/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>
#include <locale.h>

static gboolean
parse (GDeferred *self, gpointer text, GError **error)
{
  char  *end;
  gint64 number = g_ascii_strtoll (text, &end, 10);

  if (*end == 0)
    return g_deferred_return_int (self, (int) number);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "“%s” is not a number", (char *) text);
  return FALSE;
}

/* In a thread, as if it took long. */
static GDeferred *
start (char *text)
{
  return g_deferred_run_in_thread (parse, text, NULL);
}

static gboolean
print_sum (GDeferred *all, gpointer user_data, GError **error)
{
  GDeferredResults *numbers = g_deferred_get_results (all);
  int               sum = 0;

  for (gsize i = 0; i < g_deferred_results_get_length (numbers); i++)
    sum += g_deferred_results_get_int (numbers, i);
  g_print ("%d\n", sum);
  return TRUE;
}

static gboolean
print_error (GDeferred *all, gpointer user_data, GError **error)
{
  g_print ("number %d: %s\n", (int) g_deferred_list_get_index (G_DEFERRED_LIST (all)),
           g_deferred_get_error (all)->message);
  return g_deferred_return_none (all);
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) numbers = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GDeferred) all = NULL;

  setlocale (LC_ALL, "");
  for (int i = 1; i < argc; i++)
    g_ptr_array_add (numbers, start (argv[i]));

  all = g_deferred_gather ((GDeferred **) numbers->pdata, numbers->len, G_DEFERRED_LIST_CANCEL_REST);
  g_deferred_add_callbacks (all, print_sum, NULL, NULL, print_error, NULL, NULL);
  return !g_deferred_wait (all, NULL);
}
