/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/results.h>

G_BEGIN_DECLS

/**
 * GDeferredListFlags:
 * @G_DEFERRED_LIST_DEFAULT: it fires when all have fired, and the errors are among the results
 * @G_DEFERRED_LIST_FIRE_ON_ONE_CALLBACK: it fires as soon as one has succeeded, with the value of that one
 * @G_DEFERRED_LIST_FIRE_ON_ONE_ERRBACK: it fails as soon as one has failed, with the error of that one
 * @G_DEFERRED_LIST_CONSUME_ERRORS: an error leaves nothing in the Deferred that failed, for the links that it has left
 * @G_DEFERRED_LIST_CANCEL_REST: when one has decided it, the others are cancelled
 *
 * What a [class@DeferredList] does with the outcomes of its parts.
 *
 * Since: 1.0
 */
typedef enum
{
  G_DEFERRED_LIST_DEFAULT = 0,
  G_DEFERRED_LIST_FIRE_ON_ONE_CALLBACK = 1 << 0,
  G_DEFERRED_LIST_FIRE_ON_ONE_ERRBACK = 1 << 1,
  G_DEFERRED_LIST_CONSUME_ERRORS = 1 << 2,
  G_DEFERRED_LIST_CANCEL_REST = 1 << 3,
} GDeferredListFlags;

#define G_TYPE_DEFERRED_LIST_FLAGS (g_deferred_list_flags_get_type ())

GD_EXTERN GType g_deferred_list_flags_get_type (void);

#define G_TYPE_DEFERRED_LIST (g_deferred_list_get_type ())

GD_EXTERN
G_DECLARE_FINAL_TYPE (GDeferredList, g_deferred_list, G, DEFERRED_LIST, GDeferred)

GD_EXTERN GDeferred *g_deferred_list_new (GDeferred **deferreds, gsize n_deferreds, GDeferredListFlags flags);
GD_EXTERN GDeferred *
g_deferred_list_new_of (GDeferredListFlags flags, GDeferred *first, ...) G_GNUC_NULL_TERMINATED;
GD_EXTERN gssize g_deferred_list_get_index (GDeferredList *self);
GD_EXTERN gsize  g_deferred_list_get_length (GDeferredList *self);
GD_EXTERN gsize  g_deferred_list_get_n_pending (GDeferredList *self);

/* All of these return a GDeferredList. */
GD_EXTERN GDeferred *g_deferred_gather (GDeferred **deferreds, gsize n_deferreds, GDeferredListFlags flags);
GD_EXTERN GDeferred *
g_deferred_gather_of (GDeferredListFlags flags, GDeferred *first, ...) G_GNUC_NULL_TERMINATED;
GD_EXTERN GDeferred *g_deferred_race (GDeferred **deferreds, gsize n_deferreds);
GD_EXTERN GDeferred *g_deferred_race_of (GDeferred *first, ...) G_GNUC_NULL_TERMINATED;
GD_EXTERN GDeferred *g_deferred_any (GDeferred **deferreds, gsize n_deferreds);
GD_EXTERN GDeferred *g_deferred_any_of (GDeferred *first, ...) G_GNUC_NULL_TERMINATED;
GD_EXTERN GDeferred *g_deferred_settled (GDeferred **deferreds, gsize n_deferreds);
GD_EXTERN GDeferred *g_deferred_settled_of (GDeferred *first, ...) G_GNUC_NULL_TERMINATED;

G_END_DECLS
