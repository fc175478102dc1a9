/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "checksum-files.h"

#include <sys/stat.h>

static void
found_file_free (gpointer data)
{
  FoundFile *file = data;

  g_free (file->name);
  g_free (file);
}

static void
add_file (GPtrArray *files, const char *name, guint64 size)
{
  FoundFile *file = g_new (FoundFile, 1);

  *file = (FoundFile){ g_strdup (name), size };
  g_ptr_array_add (files, file);
}

/* Links are left out. What cannot be looked at counts as a file: hashing it will tell what is wrong. */
static void
look_at (const char *name, GPtrArray *folders, GPtrArray *files)
{
  struct stat info;

  if (lstat (name, &info) != 0)
    add_file (files, name, 0);
  else if (S_ISREG (info.st_mode))
    add_file (files, name, (guint64) info.st_size);
  else if (S_ISDIR (info.st_mode))
    g_ptr_array_add (folders, g_strdup (name));
}

static void
list_folder (const char *folder, GPtrArray *folders, GPtrArray *files)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *entry;

  if (dir == NULL)
    add_file (files, folder, 0);
  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *name = g_build_filename (folder, entry, NULL);

      look_at (name, folders, files);
    }
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(FoundFile *const *) a)->name, (*(FoundFile *const *) b)->name);
}

gboolean
find_files (GDeferred *self, gpointer roots, GError **error)
{
  g_autoptr (GPtrArray) folders = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (found_file_free);

  for (char **root = roots; *root != NULL; root++)
    look_at (*root, folders, files);
  while (folders->len > 0 && !g_deferred_is_cancelled (self))
    {
      g_autofree char *folder = g_ptr_array_steal_index_fast (folders, folders->len - 1);

      list_folder (folder, folders, files);
    }

  g_ptr_array_sort (files, compare_names);
  return g_deferred_return_take_boxed (self, G_TYPE_PTR_ARRAY, g_steal_pointer (&files));
}
