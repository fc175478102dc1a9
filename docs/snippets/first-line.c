/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static GDeferred *
open_file (GFile *file)
{
  GDeferred *self = g_deferred_new_for_finish (G_TYPE_FILE_INPUT_STREAM, G_CALLBACK (g_file_read_finish));

  g_file_read_async (file, G_PRIORITY_DEFAULT, G_DEFERRED_ASYNC (self));
  return self;
}

static gboolean
finish_line (GDeferred *self, gpointer stream, GAsyncResult *result, gpointer user_data, GError **error)
{
  GError *failure = NULL;
  char   *line = g_data_input_stream_read_line_finish_utf8 (stream, result, NULL, &failure);

  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  return g_deferred_return_take_string (self, line);
}

static gboolean
read_line (GDeferred *self, gpointer user_data, GError **error)
{
  g_autoptr (GDataInputStream) stream = g_data_input_stream_new (g_deferred_get_object (self));
  GDeferred *line = g_deferred_new_for_finish_func (finish_line, NULL, NULL);

  g_data_input_stream_read_line_async (stream, G_PRIORITY_DEFAULT, G_DEFERRED_ASYNC (line));
  return g_deferred_return_deferred (self, line);
}

int
main (int argc, char **argv)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (argv[1]);
  g_autoptr (GDeferred) line = open_file (file);
  g_autoptr (GError) error = NULL;

  g_deferred_add_callback (line, read_line, NULL, NULL);
  if (g_deferred_wait (line, &error))
    g_print ("%s\n", g_deferred_get_string (line));
  else
    g_print ("%s\n", error->message);
  return 0;
}
