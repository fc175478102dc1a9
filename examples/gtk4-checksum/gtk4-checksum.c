/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/*
 * gtk4-checksum: a window with the SHA-256 of every file in the folders that are dropped on it, chosen, or named on the
 * command line.
 *
 * A thread looks for the files, a pool of threads hashes them, and a cooperator makes the rows in the time that drawing
 * leaves. What the widgets show, they take from the Deferreds' properties: see window.ui and row.ui.
 */

#include "checksum-window.h"

static ChecksumWindow *
open_window (GApplication *app)
{
  ChecksumWindow *window = checksum_window_new (GTK_APPLICATION (app));

  gtk_window_present (GTK_WINDOW (window));
  return window;
}

static void
activate (GApplication *app)
{
  open_window (app);
}

static void
open_files (GApplication *app, GFile **files, int n_files, const char *hint)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) all = NULL;

  for (int i = 0; i < n_files; i++)
    {
      g_autofree char *name = g_file_get_path (files[i]);

      if (name != NULL)
        g_strv_builder_add (names, name);
    }
  all = g_strv_builder_end (names);
  checksum_window_add (open_window (app), (const char *const *) all);
}

int
main (int argc, char **argv)
{
  g_autoptr (GtkApplication) app
      = gtk_application_new ("io.gdeferred.Checksum", G_APPLICATION_HANDLES_OPEN | G_APPLICATION_NON_UNIQUE);

  g_signal_connect (app, "activate", G_CALLBACK (activate), NULL);
  g_signal_connect (app, "open", G_CALLBACK (open_files), NULL);
  return g_application_run (G_APPLICATION (app), argc, argv);
}
