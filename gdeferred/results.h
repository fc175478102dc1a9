/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

/**
 * GDeferredResults:
 *
 * The outcomes of many Deferreds, in the order in which these were given, whatever the order in which they fired: what
 * [func@Deferred.gather] and its relatives fire with, for [method@Deferred.get_results] to look at.
 *
 * Each place holds a value, or nothing, or an error with what was given beside it. None of it changes any more, so it
 * may be looked at in any thread that may look at the values themselves.
 *
 * Since: 1.0
 */
typedef struct _GDeferredResults GDeferredResults;

#define G_TYPE_DEFERRED_RESULTS (g_deferred_results_get_type ())

GD_EXTERN GType             g_deferred_results_get_type (void) G_GNUC_CONST;
GD_EXTERN GDeferredResults *g_deferred_results_ref (GDeferredResults *self);
GD_EXTERN void              g_deferred_results_unref (GDeferredResults *self);
GD_EXTERN gsize             g_deferred_results_get_length (GDeferredResults *self);
GD_EXTERN gsize             g_deferred_results_get_n_failed (GDeferredResults *self);
GD_EXTERN const GValue     *g_deferred_results_get_value (GDeferredResults *self, gsize index);
GD_EXTERN const GError     *g_deferred_results_get_error (GDeferredResults *self, gsize index);
GD_EXTERN const GValue     *g_deferred_results_get_payload (GDeferredResults *self, gsize index);
GD_EXTERN int               g_deferred_results_get_int (GDeferredResults *self, gsize index);
GD_EXTERN const char       *g_deferred_results_get_string (GDeferredResults *self, gsize index);
GD_EXTERN gpointer          g_deferred_results_get_object (GDeferredResults *self, gsize index);

GD_EXTERN GDeferredResults *g_deferred_get_results (GDeferred *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GDeferredResults, g_deferred_results_unref)

G_END_DECLS
