/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "depth-private.h"

enum
{
  MAX_DEPTH = 32
};

static _Thread_local guint depth;

void
gd_deep_call (GDeferred *self, GDeferredInvokeFunc func, gpointer user_data, GDestroyNotify destroy)
{
  if (depth >= MAX_DEPTH)
    {
      g_deferred_invoke (self, func, user_data, destroy);
      return;
    }

  depth++;
  func (self, user_data);
  if (destroy != NULL)
    destroy (user_data);
  depth--;
}

static void
cancel (GDeferred *self, gpointer user_data G_GNUC_UNUSED)
{
  g_object_ref (self);
  g_deferred_cancel (self);
  g_object_unref (self);
}

void
gd_deep_cancel (GDeferred *self)
{
  gd_deep_call (self, cancel, NULL, NULL);
}
