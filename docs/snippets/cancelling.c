/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static gboolean
on_time (gpointer self)
{
  g_deferred_callback (self, NULL, NULL);
  return G_SOURCE_REMOVE;
}

static void
stop_timer (GDeferred *self, gpointer source)
{
  g_print ("the timer is stopped\n");
  g_source_destroy (source);
}

/* Fires after a while. The timer holds the Deferred until then. */
static GDeferred *
delay (guint seconds)
{
  GSource   *source = g_timeout_source_new_seconds (seconds);
  GDeferred *self = g_deferred_new_with_canceller (stop_timer, source, (GDestroyNotify) g_source_unref);

  g_source_set_callback (source, on_time, g_object_ref (self), g_object_unref);
  g_source_attach (source, g_main_context_get_thread_default ());
  return self;
}

static gboolean
have_breakfast (GDeferred *self, gpointer user_data, GError **error)
{
  return g_deferred_return_deferred (self, delay (1800));
}

static gboolean
print (GDeferred *self, gpointer user_data, GError **error)
{
  const GError *failure = g_deferred_get_error (self);

  g_print ("%s\n", failure != NULL ? failure->message : "done");
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferred) morning = g_deferred_maybe (have_breakfast, NULL);

  g_deferred_add_both (morning, print, NULL, NULL);
  g_deferred_cancel (morning);
  return 0;
}
