/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

#include <string.h>

#define MILLISECOND G_TIME_SPAN_MILLISECOND

static gboolean
answer (GDeferred *self, gpointer text, GError **error)
{
  return g_deferred_return_take_string (self, g_strdup_printf ("all about %s", (char *) text));
}

/* Takes half a second. */
static gboolean
search (GDeferred *self, gpointer text, GError **error)
{
  g_print ("  searching for %s\n", (char *) text);
  return g_deferred_return_deferred (self, g_deferred_call_later (500 * MILLISECOND, NULL, answer,
                                                                  g_strdup (text), g_free));
}

static gboolean
show (GDeferred *self, gpointer user_data, GError **error)
{
  g_print ("  found %s\n", g_deferred_get_string (self));
  return TRUE;
}

static void
on_text_changed (GDeferredDebounce *typing, const char *text)
{
  g_autoptr (GDeferred) found = g_deferred_debounce_run (typing, search, g_strdup (text), g_free);

  g_deferred_add_callback (found, show, NULL, NULL);
}

static gboolean
draw (GDeferred *self, gpointer text, GError **error)
{
  g_print ("  drawing %s\n", (char *) text);
  return TRUE;
}

/* A key each tenth of a second, which pauses after the third. */
static void
type (GDeferredDebounce *typing, GDeferredThrottle *preview, GDeferredClock *clock, const char *word)
{
  for (gsize n = 1; n <= strlen (word); n++)
    {
      g_autofree char *text = g_strndup (word, n);

      g_print ("%s\n", text);
      on_text_changed (typing, text);
      g_object_unref (g_deferred_throttle_run (preview, draw, g_strdup (text), g_free));
      g_deferred_clock_advance (clock, (n == 3 ? 400 : 100) * MILLISECOND);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferredClock) clock = g_deferred_clock_new_virtual ();
  g_autoptr (GDeferredDebounce) typing = NULL;
  g_autoptr (GDeferredThrottle) preview = NULL;

  g_deferred_clock_push (clock);

  typing = g_deferred_debounce_new (250 * MILLISECOND);
  preview = g_deferred_throttle_new (150 * MILLISECOND);

  type (typing, preview, clock, "defer");
  g_deferred_clock_advance (clock, G_TIME_SPAN_SECOND);
  g_deferred_clock_pop (clock);
  return 0;
}
