/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

typedef struct
{
  const char *name;
  GDeferred  *job; /* owned */
} Worker;

static void
stop (GDeferred *job, gpointer worker)
{
  g_print ("%s is stopped\n", ((Worker *) worker)->name);
}

/* A task that goes on until somebody ends it. */
static gboolean
work (GDeferred *self, gpointer data, GError **error)
{
  Worker *worker = data;

  g_print ("%s is at work\n", worker->name);
  worker->job = g_deferred_new_with_canceller (stop, worker, NULL);
  return g_deferred_return_deferred (self, g_object_ref (worker->job));
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
  Worker workers[] = { { .name = "Ann" }, { .name = "Bob" }, { .name = "Cem" } };
  g_autoptr (GDeferredTaskGroup) group = g_deferred_task_group_new ();
  g_autoptr (GDeferred) end = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (workers); i++)
    g_object_unref (g_deferred_task_group_spawn (group, work, &workers[i], NULL));
  end = g_deferred_task_group_close (group);
  g_deferred_add_both (end, print, NULL, NULL);

  g_deferred_callback (workers[0].job, NULL, NULL);
  g_print ("%u are left\n", g_deferred_task_group_get_n_tasks (group));
  g_deferred_errback_literal (workers[1].job, G_IO_ERROR, G_IO_ERROR_FAILED, "Bob is ill", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (workers); i++)
    g_object_unref (workers[i].job);
  return 0;
}
