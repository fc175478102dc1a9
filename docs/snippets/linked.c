/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static gboolean
print_error (GDeferred *self, gpointer user_data, GError **error)
{
  g_print ("failed: %s\n", g_deferred_get_error (self)->message);
  return g_deferred_return_none (self);
}

int
main (int argc, char **argv)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GDeferred) d = g_deferred_new ();
  g_autoptr (GCancellable) passed_on = g_object_ref (g_deferred_get_cancellable (d));

  g_deferred_add_errback (d, print_error, NULL, NULL);
  g_deferred_link_cancellable (d, cancellable);

  g_cancellable_cancel (cancellable);
  g_print ("nothing has happened yet\n");
  g_deferred_wait (d, NULL);

  g_print ("the operation is %s\n", g_cancellable_is_cancelled (passed_on) ? "cancelled" : "under way");
  return 0;
}
