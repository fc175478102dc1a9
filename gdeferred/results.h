/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

/* The outcomes of many, in the order in which they were given; boxed, immutable, with a reference count. */
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

/* What gather, settled, map and lists fire with; also of the aggregate error of `any`. NULL where there is none. */
GD_EXTERN GDeferredResults *g_deferred_get_results (GDeferred *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GDeferredResults, g_deferred_results_unref)

G_END_DECLS
