/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

/**
 * GDeferredDispatch:
 * @G_DEFERRED_DISPATCH_RUN: the chain came to a dispatched link: take the oldest pair of callbacks that the
 *   binding keeps for this Deferred, and call the half that fits
 * @G_DEFERRED_DISPATCH_DROP: the oldest pair can no longer run: take it and drop it
 * @G_DEFERRED_DISPATCH_UNHANDLED: the chain stopped with an error that nobody has handled yet; drop what ties
 *   the error to the Deferred
 *
 * What a [callback@DeferredDispatcher] is called for.
 *
 * Since: 1.0
 */
typedef enum
{
  G_DEFERRED_DISPATCH_RUN,
  G_DEFERRED_DISPATCH_DROP,
  G_DEFERRED_DISPATCH_UNHANDLED,
} GDeferredDispatch;

#define G_TYPE_DEFERRED_DISPATCH (g_deferred_dispatch_get_type ())
GD_EXTERN GType g_deferred_dispatch_get_type (void);

/**
 * GDeferredDispatcher:
 * @self: the Deferred
 * @what: what to do
 * @user_data: (closure): what was registered
 * @error: where to leave the error, if the callback fails
 *
 * Calls the callbacks of one language. The pairs themselves are kept by the binding, in order, with its own
 * object for @self.
 *
 * It is called in the home context of @self.
 *
 * Returns: as [callback@DeferredCallback] for %G_DEFERRED_DISPATCH_RUN; otherwise ignored
 *
 * Since: 1.0
 */
typedef gboolean (*GDeferredDispatcher) (GDeferred        *self,
                                         GDeferredDispatch what,
                                         gpointer          user_data,
                                         GError          **error);

GD_EXTERN guint      g_deferred_register_dispatcher (GDeferredDispatcher dispatcher,
                                                     gpointer            user_data,
                                                     GDestroyNotify      destroy);
GD_EXTERN GDeferred *g_deferred_add_dispatched (GDeferred *self, guint dispatcher);

#define G_TYPE_DEFERRED_CARRIER (g_deferred_carrier_get_type ())
GD_EXTERN
G_DECLARE_FINAL_TYPE (GDeferredCarrier, g_deferred_carrier, G, DEFERRED_CARRIER, GObject)

GD_EXTERN GDeferredCarrier *g_deferred_carrier_new (void);

G_END_DECLS
