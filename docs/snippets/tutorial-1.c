/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

/* Gives a Deferred for what there is to know of a file. It fails if there is no such file. */
static GDeferred *
look_at (GFile *file)
{
  GDeferred *info = g_deferred_new_for_finish (G_TYPE_FILE_INFO, G_CALLBACK (g_file_query_info_finish));

  g_file_query_info_async (file, G_FILE_ATTRIBUTE_STANDARD_TYPE, G_FILE_QUERY_INFO_NONE, G_PRIORITY_DEFAULT,
                           G_DEFERRED_ASYNC (info));
  return info;
}

static gboolean
say_found (GDeferred *self, gpointer name, GError **error)
{
  g_print ("%s is there\n", (char *) name);
  return TRUE;
}

static gboolean
say_missing (GDeferred *self, gpointer name, GError **error)
{
  g_print ("%s is not there\n", (char *) name);
  return g_deferred_return_none (self);
}

int
main (int argc, char **argv)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (argv[1]);
  g_autoptr (GDeferred) info = look_at (file);

  g_deferred_add_callbacks (info, say_found, argv[1], NULL, say_missing, argv[1], NULL);
  g_print ("we have asked\n");
  g_deferred_wait (info, NULL);
  return 0;
}
