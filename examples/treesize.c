/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/*
 * treesize: how many files there are in and below a folder, and how many bytes in them.
 *
 * Each folder is a task, which starts one more for each folder that it finds: nobody has to know how many there will
 * be. The first error, or Ctrl-C, ends them all, and the program ends when they have ended.
 */

#include <gdeferred/gdeferred.h>

#define AT_A_TIME 100

typedef struct
{
  GDeferredTaskGroup *tasks;
  guint64             n_bytes;
  guint               n_files;
  guint               n_folders;
} Walk;

/* One folder that is being read; it belongs to the operation that is under way. */
typedef struct
{
  Walk            *walk;
  GFile           *folder;
  GFileEnumerator *files;
  GDeferred       *done;
} Folder;

static gboolean start_folder (GDeferred *self, gpointer data, GError **error);

static void
folder_free (Folder *self)
{
  g_object_unref (self->folder);
  g_clear_object (&self->files);
  g_object_unref (self->done);
  g_free (self);
}

static void
folder_failed (Folder *self, GError *error)
{
  g_deferred_errback_take (self->done, error, NULL);
  folder_free (self);
}

static void
note (Folder *self, GFileInfo *info)
{
  Walk *walk = self->walk;

  if (g_file_info_get_file_type (info) == G_FILE_TYPE_DIRECTORY)
    {
      g_autoptr (GFile) child = g_file_get_child (self->folder, g_file_info_get_name (info));
      g_autoptr (GDeferred) task = NULL;
      gpointer with[] = { walk, child };

      task = g_deferred_task_group_spawn (walk->tasks, start_folder, with, NULL);
    }
  else
    {
      walk->n_files++;
      walk->n_bytes += (guint64) g_file_info_get_size (info);
    }
}

static void
on_more_files (GObject *files, GAsyncResult *result, gpointer data)
{
  Folder *self = data;
  GError *error = NULL;
  GList  *infos = g_file_enumerator_next_files_finish (G_FILE_ENUMERATOR (files), result, &error);

  if (error != NULL)
    {
      folder_failed (self, error);
      return;
    }
  if (infos == NULL)
    {
      self->walk->n_folders++;
      g_deferred_callback (self->done, NULL, NULL);
      folder_free (self);
      return;
    }

  for (GList *link = infos; link != NULL; link = link->next)
    note (self, link->data);
  g_list_free_full (infos, g_object_unref);
  g_file_enumerator_next_files_async (self->files, AT_A_TIME, G_PRIORITY_DEFAULT,
                                      g_deferred_get_cancellable (self->done), on_more_files, self);
}

static void
on_opened (GObject *folder, GAsyncResult *result, gpointer data)
{
  Folder *self = data;
  GError *error = NULL;

  self->files = g_file_enumerate_children_finish (G_FILE (folder), result, &error);
  if (self->files == NULL)
    folder_failed (self, error);
  else
    g_file_enumerator_next_files_async (self->files, AT_A_TIME, G_PRIORITY_DEFAULT,
                                        g_deferred_get_cancellable (self->done), on_more_files, self);
}

/* A task: @data is a Walk and a GFile. */
static gboolean
start_folder (GDeferred *self, gpointer data, GError **error)
{
  gpointer *with = data;
  Folder   *folder = g_new0 (Folder, 1);

  folder->walk = with[0];
  folder->folder = g_object_ref (with[1]);
  folder->done = g_deferred_new ();
  g_file_enumerate_children_async (folder->folder, "standard::name,standard::type,standard::size",
                                   G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, G_PRIORITY_DEFAULT,
                                   g_deferred_get_cancellable (folder->done), on_opened, folder);
  return g_deferred_return_deferred (self, g_object_ref (folder->done));
}

static gboolean
print (GDeferred *self, gpointer data, GError **error)
{
  Walk *walk = data;

  g_print ("%u files in %u folders: %" G_GUINT64_FORMAT " bytes\n", walk->n_files, walk->n_folders,
           walk->n_bytes);
  return TRUE;
}

static gboolean
run (GDeferred *self, gpointer name, GError **error)
{
  static Walk walk;
  g_autoptr (GFile) folder = g_file_new_for_commandline_arg (name);
  g_autoptr (GDeferred) first = NULL;
  GDeferred *whole;
  gpointer   with[] = { &walk, folder };

  walk.tasks = g_deferred_task_group_new ();
  first = g_deferred_task_group_spawn (walk.tasks, start_folder, with, NULL);
  whole = g_deferred_task_group_close (walk.tasks);
  g_deferred_add_callbacks (whole, print, &walk, NULL, NULL, walk.tasks, g_object_unref);
  return g_deferred_return_deferred (self, whole);
}

int
main (int argc, char **argv)
{
  g_set_prgname ("treesize");
  if (argc != 2)
    {
      g_printerr ("Usage: treesize FOLDER\n");
      return 2;
    }
  return g_deferred_react (run, argv[1]);
}
