/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gio/gio.h>

/* Counts the words of a file, in GIO's manner. */

static void
on_loaded (GObject *file, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;
  GError *error = NULL;

  if (!g_file_load_contents_finish (G_FILE (file), result, &text, NULL, NULL, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  words = g_strsplit_set (g_strstrip (text), " \n", -1);
  g_task_return_int (task, g_strv_length (words));
}

static void
count_words_async (GFile *file, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (file, cancellable, callback, user_data);

  g_file_load_contents_async (file, cancellable, on_loaded, task);
}

static gssize
count_words_finish (GFile *file, GAsyncResult *result, GError **error)
{
  return g_task_propagate_int (G_TASK (result), error);
}

static void
on_counted (GObject *file, GAsyncResult *result, gpointer loop)
{
  g_autoptr (GError) error = NULL;
  gssize n = count_words_finish (G_FILE (file), result, &error);

  if (error != NULL)
    g_print ("%s\n", error->message);
  else
    g_print ("%d words\n", (int) n);
  g_main_loop_quit (loop);
}

int
main (int argc, char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (argv[1]);

  count_words_async (file, NULL, on_counted, loop);
  g_main_loop_run (loop);
  return 0;
}
