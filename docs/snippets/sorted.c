/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Has its arguments sorted by another program. */

#include <gdeferred-gio/gdeferred-gio.h>

static gboolean
print (GDeferred *self, gpointer user_data, GError **error)
{
  const GDeferredSubprocessCommunicateUtf8Result *said
      = g_deferred_get_boxed (self, G_TYPE_DEFERRED_SUBPROCESS_COMMUNICATE_UTF8_RESULT);

  g_print ("%s", said->stdout_buf);
  return TRUE;
}

int
main (int argc, char **argv)
{
  GSubprocessFlags flags = G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE;
  g_autoptr (GSubprocess) sort = g_subprocess_new (flags, NULL, "sort", NULL);
  g_autofree char *words = g_strjoinv ("\n", argv + 1);
  g_autoptr (GDeferred) d = g_deferred_subprocess_communicate_utf8 (sort, words);

  g_deferred_add_callback (d, print, NULL, NULL);
  return !g_deferred_wait (d, NULL);
}
