/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

/* Counts the words of a file. */

static void
on_loaded (GObject *file, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GDeferred) self = user_data;
  GError *error = NULL;
  char   *text;

  if (g_file_load_contents_finish (G_FILE (file), result, &text, NULL, NULL, &error))
    g_deferred_callback_take_string (self, text, NULL);
  else
    g_deferred_errback_take (self, error, NULL);
}

static gboolean
count (GDeferred *self, gpointer user_data, GError **error)
{
  g_autofree char *text = g_strstrip (g_strdup (g_deferred_get_string (self)));
  g_auto (GStrv) words = g_strsplit_set (text, " \n", -1);

  return g_deferred_return_int (self, (int) g_strv_length (words));
}

static GDeferred *
count_words (GFile *file)
{
  GDeferred *self = g_deferred_new ();

  g_file_load_contents_async (file, g_deferred_get_cancellable (self), on_loaded, g_object_ref (self));
  return g_deferred_add_callback (self, count, NULL, NULL);
}

static gboolean
print (GDeferred *self, gpointer user_data, GError **error)
{
  g_print ("%d words\n", g_deferred_get_int (self));
  return g_deferred_return_none (self);
}

static gboolean
run (GDeferred *program, gpointer file, GError **error)
{
  return g_deferred_return_deferred (program,
                                     g_deferred_add_callback (count_words (file), print, NULL, NULL));
}

int
main (int argc, char **argv)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (argv[1]);

  return g_deferred_react (run, file);
}
