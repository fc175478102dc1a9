/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/results.h>

G_BEGIN_DECLS

/**
 * GDeferredMapFlags:
 * @G_DEFERRED_MAP_DEFAULT: the first error ends it: nothing more is started, and what runs goes on
 * @G_DEFERRED_MAP_CANCEL_REST: what runs then is cancelled, too
 * @G_DEFERRED_MAP_SETTLE: errors end nothing: they are among the results
 *
 * What [func@Deferred.map] and [func@Deferred.map_next] do with errors.
 *
 * Since: 1.0
 */
typedef enum
{
  G_DEFERRED_MAP_DEFAULT = 0,
  G_DEFERRED_MAP_CANCEL_REST = 1 << 0,
  G_DEFERRED_MAP_SETTLE = 1 << 1,
} GDeferredMapFlags;

#define G_TYPE_DEFERRED_MAP_FLAGS (g_deferred_map_flags_get_type ())

GD_EXTERN GType g_deferred_map_flags_get_type (void);

/**
 * GDeferredMapFunc:
 * @self: the Deferred of this item, to set its result with the `g_deferred_return_*` functions
 * @item: (nullable): the item
 * @user_data: (closure): what was given to [func@Deferred.map]
 * @error: where to leave the error, if it fails
 *
 * Does something with one item, at once, or by returning another Deferred: in all but @item a
 * [callback@DeferredCallback]. It is called in the context where [func@Deferred.map] was called.
 *
 * Returns: %TRUE to go on with what was set, %FALSE (with @error set) to fail
 *
 * Since: 1.0
 */
typedef gboolean (*GDeferredMapFunc) (GDeferred *self, gpointer item, gpointer user_data, GError **error);

/**
 * GDeferredNextFunc:
 * @index: how many have been started so far, and the place that the result will have
 * @user_data: (closure): what was given to [func@Deferred.map_next]
 *
 * Starts the next piece of work, for which there is room.
 *
 * It is called in the context where [func@Deferred.map_next] was called, and never while a call of it has not returned.
 *
 * Returns: (transfer full) (nullable): what will have the result, or %NULL if there is nothing more to do
 *
 * Since: 1.0
 */
typedef GDeferred *(*GDeferredNextFunc) (gsize index, gpointer user_data);

/* Both return a GDeferredList. */
GD_EXTERN GDeferred *g_deferred_map (gpointer const   *items,
                                     gsize             n_items,
                                     guint             limit,
                                     GDeferredMapFlags flags,
                                     GDeferredMapFunc  func,
                                     gpointer          user_data,
                                     GDestroyNotify    destroy);
GD_EXTERN GDeferred *g_deferred_map_next (
    guint limit, GDeferredMapFlags flags, GDeferredNextFunc next, gpointer user_data, GDestroyNotify destroy);

G_END_DECLS
