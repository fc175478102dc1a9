/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* clang-format off */
#include <gdeferred/gdeferred.h>
static gboolean load (GDeferred *self, gpointer file, GError **error) {  /* in a thread: it may block */
  char *s = NULL;
  return g_file_load_contents (file, NULL, &s, NULL, NULL, error) && g_deferred_return_take_string (self, s);
}
static gboolean tell (GDeferred *self, gpointer words, GError **error) { /* in the main loop again */
  const GError *failure = g_deferred_get_error (self);
  g_print ("%s: %s\n", (char *) words, failure ? failure->message : g_deferred_get_string (self));
  return g_deferred_return_none (self);
}
int main (int argc, char **argv) {
  g_autoptr (GDeferred) d = g_deferred_run_in_thread (load, g_file_new_for_path (argv[1]), g_object_unref);
  g_deferred_add_callbacks (d, tell, "It says", NULL, tell, "Sorry", NULL);
  return !g_deferred_wait (d, NULL);
}
