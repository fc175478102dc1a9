/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static gboolean
finish (GDeferred *self, gpointer name, GError **error)
{
  g_print ("%s) ", (char *) name);
  return TRUE;
}

static gboolean
begin (GDeferred *self, gpointer name, GError **error)
{
  g_print ("(%s ", (char *) name);
  return g_deferred_return_deferred (self,
                                     g_deferred_call_later (G_TIME_SPAN_SECOND, NULL, finish, name, NULL));
}

/* Each argument that begins with "w" is a writer. */
static void
run (GDeferredRWLock *lock, char *name)
{
  if (name[0] == 'w')
    g_object_unref (g_deferred_rw_lock_run_write (lock, begin, name, NULL));
  else
    g_object_unref (g_deferred_rw_lock_run_read (lock, begin, name, NULL));
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferredClock) clock = g_deferred_clock_new_virtual ();
  g_autoptr (GDeferredRWLock) lock = g_deferred_rw_lock_new ();

  g_deferred_clock_push (clock);
  for (int i = 1; i < argc; i++)
    run (lock, argv[i]);
  g_deferred_clock_advance (clock, G_TIME_SPAN_MINUTE);
  g_deferred_clock_pop (clock);
  g_print ("\n");
  return 0;
}
