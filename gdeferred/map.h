/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/results.h>

G_BEGIN_DECLS

typedef enum
{
  G_DEFERRED_MAP_DEFAULT = 0, /* the first error ends it: nothing more is started, what runs goes on */
  G_DEFERRED_MAP_CANCEL_REST = 1 << 0, /* ... and what runs is cancelled */
  G_DEFERRED_MAP_SETTLE = 1 << 1,      /* errors end nothing: they are in the results */
} GDeferredMapFlags;

#define G_TYPE_DEFERRED_MAP_FLAGS (g_deferred_map_flags_get_type ())
GD_EXTERN GType g_deferred_map_flags_get_type (void);

/* As a GDeferredCallback; @self is the Deferred of this item. */
typedef gboolean (*GDeferredMapFunc) (GDeferred *self, gpointer item, gpointer user_data, GError **error);

/* Starts the next one, and returns its Deferred (transfer full), or NULL when there are no more. It is called only when
 * there is room for one more. */
typedef GDeferred *(*GDeferredNextFunc) (gsize index, gpointer user_data);

/* Both return a GDeferredList, whose index tells which one failed. */
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
