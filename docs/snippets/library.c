/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

/* --- the library, inside --- */

static gboolean
count (GDeferred *self, gpointer library, GError **error)
{
  return g_deferred_return_int (self, (int) g_list_model_get_n_items (library));
}

static GDeferred *
library_count (GListModel *library)
{
  GDeferred *idle = g_deferred_new_for_idle (G_PRIORITY_DEFAULT);

  return g_deferred_add_callback (idle, count, g_object_ref (library), g_object_unref);
}

/* --- what it offers --- */

static void
library_count_async (GListModel         *library,
                     GCancellable       *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer            user_data)
{
  g_autoptr (GDeferred) number = library_count (library);

  g_deferred_answer_callback (number, library, library_count_async, cancellable, callback, user_data);
}

static int
library_count_finish (GListModel *library, GAsyncResult *result, GError **error)
{
  return g_deferred_finish_int (result, library, library_count_async, error);
}

/* --- who uses it --- */

static void
on_counted (GObject *library, GAsyncResult *result, gpointer loop)
{
  g_autoptr (GError) error = NULL;
  int number = library_count_finish (G_LIST_MODEL (library), result, &error);

  if (error == NULL)
    g_print ("%d books\n", number);
  else
    g_print ("%s\n", error->message);
  g_main_loop_quit (loop);
}

static void
run (GListModel *library, GCancellable *cancellable)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  library_count_async (library, cancellable, on_counted, loop);
  g_main_loop_run (loop);
}

int
main (void)
{
  g_autoptr (GListStore) books = g_list_store_new (G_TYPE_OBJECT);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GObject) book = g_object_new (G_TYPE_OBJECT, NULL);

  g_list_store_append (books, book);
  g_list_store_append (books, book);
  run (G_LIST_MODEL (books), cancellable);

  g_cancellable_cancel (cancellable);
  run (G_LIST_MODEL (books), cancellable);
  return 0;
}
