/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/results.h>

G_BEGIN_DECLS

/* What those who gather outcomes fill in, one place after the other, as long as nobody else knows it. Places that were
 * not filled hold nothing. */
GDeferredResults *gd_results_new (gsize length);
GDeferredResults *gd_results_grow (GDeferredResults *self, gsize length);
void              gd_results_set_value (GDeferredResults *self, gsize index, const GValue *value);
void              gd_results_set (GDeferredResults *self, gsize index, GDeferred *from, const GError *error);
void              gd_results_take_error (GDeferredResults *self, gsize index, GError *error);
gboolean          gd_results_fire_with (GDeferredResults *self, gsize index, GDeferred *deferred);

G_END_DECLS
