/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

/* A GAsyncReadyCallback. It owns the reference that was given with it. */
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

/* Gives a Deferred for the text of a file. */
static GDeferred *
load (GFile *file)
{
  GDeferred *self = g_deferred_new ();

  g_file_load_contents_async (file, g_deferred_get_cancellable (self), on_loaded, g_object_ref (self));
  return self;
}

static gboolean
print_length (GDeferred *self, gpointer user_data, GError **error)
{
  g_print ("%zu bytes\n", strlen (g_deferred_get_string (self)));
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (argv[1]);
  g_autoptr (GDeferred) text = load (file);
  g_autoptr (GError) error = NULL;

  g_deferred_add_callback (text, print_length, NULL, NULL);
  if (!g_deferred_wait (text, &error))
    g_print ("%s\n", error->message);
  return 0;
}
