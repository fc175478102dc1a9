/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "checksum-jobs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_SIZE 65536

/* Links, FIFOs and the like are left out. What cannot be listed or looked at counts as a file: the attempt to
 * hash it will tell what is wrong. */
static void
list_folder (const char *folder, GPtrArray *folders, GPtrArray *files)
{
  const char    *slash = g_str_has_suffix (folder, "/") ? "" : "/";
  DIR           *listing = opendir (folder);
  struct dirent *entry;

  if (listing == NULL)
    {
      g_ptr_array_add (files, g_strdup (folder));
      return;
    }

  while (errno = 0, (entry = readdir (listing)) != NULL)
    {
      g_autofree char *name = g_strconcat (folder, slash, entry->d_name, NULL);
      struct stat      info;

      if (g_str_equal (entry->d_name, ".") || g_str_equal (entry->d_name, ".."))
        continue;
      if (lstat (name, &info) != 0 || S_ISREG (info.st_mode))
        g_ptr_array_add (files, g_steal_pointer (&name));
      else if (S_ISDIR (info.st_mode))
        g_ptr_array_add (folders, g_steal_pointer (&name));
    }
  if (errno != 0)
    g_ptr_array_add (files, g_strdup (folder));
  closedir (listing);
}

static int
compare_bytes (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Gives a GPtrArray of the names of all files in and below @roots, a strv, in the order of their bytes. */
gboolean
find_files (GDeferred *self, gpointer roots, GError **error)
{
  g_autoptr (GPtrArray) folders = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);

  for (char **root = roots; *root != NULL; root++)
    g_ptr_array_add (folders, g_strdup (*root));

  while (folders->len > 0 && !g_deferred_is_cancelled (self))
    {
      g_autofree char *folder = g_ptr_array_steal_index_fast (folders, folders->len - 1);
      g_autofree char *found = g_strdup_printf ("%u files found", files->len);

      g_deferred_set_progress (self, 0, found);
      list_folder (folder, folders, files);
    }

  g_ptr_array_sort (files, compare_bytes);
  return g_deferred_return_take_boxed (self, G_TYPE_PTR_ARRAY, g_steal_pointer (&files));
}

static gboolean
fail (GError **error, const char *reason)
{
  g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, reason);
  return FALSE;
}

static gboolean
hash_contents (GDeferred *self, int fd, GError **error)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guchar      block[BLOCK_SIZE];
  struct stat info;
  gssize      n = 0;

  if (fstat (fd, &info) != 0)
    return fail (error, g_strerror (errno));
  if (!S_ISREG (info.st_mode))
    return fail (error, S_ISDIR (info.st_mode) ? g_strerror (EISDIR) : "Not a regular file");

  while (!g_deferred_is_cancelled (self) && (n = read (fd, block, sizeof block)) > 0)
    g_checksum_update (sum, block, n);
  if (n < 0)
    return fail (error, g_strerror (errno));
  return g_deferred_return_string (self, g_checksum_get_string (sum));
}

/* Gives the SHA-256 of the file @name as a string of hexadecimal digits; fails with G_FILE_ERROR_FAILED. */
gboolean
hash_file (GDeferred *self, gpointer name, GError **error)
{
  /* Without O_NONBLOCK, a name that is a FIFO by now would keep the thread for ever. */
  int      fd = open (name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  gboolean ok;

  if (fd < 0)
    return fail (error, g_strerror (errno));

  ok = hash_contents (self, fd, error);
  close (fd);
  return ok;
}
