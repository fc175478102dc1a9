/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Writes what is in a file, in capitals, to another. */

#include <gdeferred-gio/gdeferred-gio.h>

static gboolean
write_in_capitals (GDeferred *self, gpointer to, GError **error)
{
  const GDeferredFileLoadContentsResult *loaded
      = g_deferred_get_boxed (self, G_TYPE_DEFERRED_FILE_LOAD_CONTENTS_RESULT);
  gsize       size;
  const char *text = g_bytes_get_data (loaded->contents, &size);
  char       *capitals = g_ascii_strup (text, size);
  g_autoptr (GBytes) bytes = g_bytes_new_take (capitals, size);

  return g_deferred_return_deferred (self, g_deferred_file_replace_contents (to, bytes, NULL, FALSE,
                                                                             G_FILE_CREATE_NONE));
}

int
main (int argc, char **argv)
{
  g_autoptr (GFile) from = g_file_new_for_path (argv[1]);
  g_autoptr (GDeferred) d = g_deferred_file_load_contents (from);
  g_autoptr (GError) error = NULL;

  g_deferred_add_callback (d, write_in_capitals, g_file_new_for_path (argv[2]), g_object_unref);
  if (!g_deferred_wait (d, &error))
    g_print ("%s\n", error->message);
  return 0;
}
