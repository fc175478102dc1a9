/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static void
stop (GDeferred *self, gpointer name)
{
  g_print ("%s is stopped\n", (char *) name);
}

/* A task that goes on until somebody ends it. */
static gboolean
work (GDeferred *self, gpointer name, GError **error)
{
  GDeferred *job = g_deferred_new_with_canceller (stop, name, NULL);

  g_print ("%s is at work\n", (char *) name);
  g_object_set_data_full (G_OBJECT (self), "job", g_object_ref (job), g_object_unref);
  return g_deferred_return_deferred (self, job);
}

static gboolean
print (GDeferred *end, gpointer user_data, GError **error)
{
  const GError *failure = g_deferred_get_error (end);

  g_print ("the end: %s\n", failure != NULL ? failure->message : "all is done");
  return g_deferred_return_none (end);
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferredTaskGroup) group = g_deferred_task_group_new ();
  g_autoptr (GDeferred) ann = g_deferred_task_group_spawn (group, work, "Ann", NULL);
  g_autoptr (GDeferred) bob = g_deferred_task_group_spawn (group, work, "Bob", NULL);
  g_autoptr (GDeferred) cem = g_deferred_task_group_spawn (group, work, "Cem", NULL);
  g_autoptr (GDeferred) end = g_deferred_task_group_close (group);

  g_deferred_add_both (end, print, NULL, NULL);

  g_deferred_callback (g_object_get_data (G_OBJECT (ann), "job"), NULL, NULL);
  g_print ("%u are left\n", g_deferred_task_group_get_n_tasks (group));
  g_deferred_errback_literal (g_object_get_data (G_OBJECT (bob), "job"), G_IO_ERROR, G_IO_ERROR_FAILED,
                              "Bob is ill", NULL);
  return 0;
}
