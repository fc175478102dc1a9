/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* A program outside the tree that uses the wrappers for GIO: knows of them only what pkg-config says. */

#include <gdeferred-gio/gdeferred-gio.h>

int
main (int argc, char **argv)
{
  g_autoptr (GFile) file = g_file_new_for_path (argv[0]);
  g_autoptr (GFile) missing = g_file_new_for_path ("/nowhere/at/all");
  g_autoptr (GDeferred) loading = g_deferred_file_load_contents (file);
  g_autoptr (GDeferred) failing = g_deferred_file_load_contents (missing);
  g_autoptr (GError) error = NULL;
  const GDeferredFileLoadContentsResult *loaded;

  g_assert_true (g_deferred_wait (loading, &error));
  loaded = g_deferred_get_boxed (loading, G_TYPE_DEFERRED_FILE_LOAD_CONTENTS_RESULT);
  g_assert_cmpmem (g_bytes_get_data (loaded->contents, NULL), 4, "\177ELF", 4);

  g_assert_false (g_deferred_wait (failing, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  return 0;
}
