/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "extras-private.h"

GdExtras *
gd_extras_get (GdExtras **location)
{
  GdExtras *self = g_atomic_pointer_get (location);

  if (self != NULL)
    return self;

  self = g_new0 (GdExtras, 1);
  if (g_atomic_pointer_compare_and_exchange (location, NULL, self))
    return self;

  g_free (self);
  return g_atomic_pointer_get (location);
}

/* Not g_cancellable_disconnect, which waits for a handler that runs, in a thread that may wait for us. What the
 * handler holds is kept by its closure until it has returned. */
static void
unlink_cancellable (GdExtras *self)
{
  if (self->linked == NULL)
    return;

  g_signal_handler_disconnect (self->linked, self->linked_handler);
  self->linked_handler = 0;
  g_clear_object (&self->linked);
}

static void
free_canceller (GdExtras *self)
{
  GDestroyNotify destroy = self->canceller_destroy;
  gpointer       data = self->canceller_data;

  self->canceller = NULL;
  self->canceller_data = NULL;
  self->canceller_destroy = NULL;
  if (destroy != NULL)
    destroy (data);
}

/* There is nothing left to cancel. */
void
gd_extras_fired (GdExtras *self)
{
  unlink_cancellable (self);
  free_canceller (self);
}

/* No owner's end will reach the Deferred any more. */
void
gd_extras_cut_bonds (GdExtras *self)
{
  gd_bond_free_all (g_steal_pointer (&self->bonds));
}

void
gd_extras_free (GdExtras *self)
{
  gd_extras_fired (self);
  gd_extras_cut_bonds (self);
  g_slist_free_full (self->former_inboxes, (GDestroyNotify) gd_inbox_unref);
  g_clear_object (&self->cancellable);
  g_free (self->progress_text);
  g_free (self->name);
  g_free (self);
}
