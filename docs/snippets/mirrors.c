/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

typedef struct
{
  const char *name;
  gboolean    works;
  GDeferred  *answer; /* owned */
} Mirror;

static gboolean
answer (gpointer user_data)
{
  Mirror *mirror = user_data;

  if (mirror->works)
    g_deferred_callback_string (mirror->answer, mirror->name, NULL);
  else
    g_deferred_errback_literal (mirror->answer, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED, mirror->name,
                                NULL);
  g_object_unref (mirror->answer);
  return G_SOURCE_REMOVE;
}

static void
stop (GDeferred *self, gpointer user_data)
{
  Mirror *mirror = user_data;

  g_print ("%s is not needed any more\n", mirror->name);
  g_source_remove_by_user_data (mirror);
  g_object_unref (mirror->answer);
}

/* Gives a Deferred for what a mirror answers, after so many milliseconds. */
static GDeferred *
ask (Mirror *mirror, guint after)
{
  GDeferred *self = g_deferred_new_with_canceller (stop, mirror, NULL);

  mirror->answer = g_object_ref (self);
  g_timeout_add (after, answer, mirror);
  return self;
}

static gboolean
print (GDeferred *first, gpointer user_data, GError **error)
{
  const GError *failure = g_deferred_get_error (first);

  g_print ("%s\n", failure != NULL ? failure->message : g_deferred_get_string (first));
  return g_deferred_return_none (first);
}

int
main (int argc, char **argv)
{
  Mirror mirrors[] = { { "Oslo", FALSE }, { "Lima", TRUE }, { "Perth", TRUE } };
  g_autoptr (GDeferred) oslo = ask (&mirrors[0], 1);
  g_autoptr (GDeferred) lima = ask (&mirrors[1], 20);
  g_autoptr (GDeferred) perth = ask (&mirrors[2], 60000);
  g_autoptr (GDeferred) first = g_deferred_any_of (oslo, lima, perth, NULL);
  g_autoptr (GDeferred) none = NULL;

  g_deferred_add_both (first, print, NULL, NULL);
  g_deferred_wait (first, NULL);

  none = g_deferred_any_of (oslo, perth, NULL);
  g_deferred_add_both (none, print, NULL, NULL);
  return 0;
}
