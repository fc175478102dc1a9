/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

/*
 * Calls within calls: an aggregate that fires may be a part of another, which then fires, and so on; cancelling goes the
 * other way. The engine runs what waits for each other in one loop, but knows nothing of aggregates. So the first few
 * are called, as everybody expects; what is deeper goes on from the loop of its home, and the stack stays flat.
 */
/* Calls @func for @self, which is at home, now or from the loop. */
void gd_deep_call (GDeferred *self, GDeferredInvokeFunc func, gpointer user_data, GDestroyNotify destroy);
void gd_deep_cancel (GDeferred *self);
/* The same as firing it, with copies where it takes longer. */
void gd_deep_callback (GDeferred *self, const GValue *value);
void gd_deep_errback (GDeferred *self, const GError *error, const GValue *payload);

G_END_DECLS
