/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/clock.h>

G_BEGIN_DECLS

#define G_TYPE_DEFERRED_THROTTLE (g_deferred_throttle_get_type ())
GD_EXTERN
G_DECLARE_FINAL_TYPE (GDeferredThrottle, g_deferred_throttle, G, DEFERRED_THROTTLE, GObject)

GD_EXTERN GDeferredThrottle *g_deferred_throttle_new (GTimeSpan interval);
GD_EXTERN void               g_deferred_throttle_set_clock (GDeferredThrottle *self, GDeferredClock *clock);
/* Starts at most one an interval: the first at once; of those that come meanwhile the newest starts at the interval's
 * end, and the others are cancelled. What has started is left to run. */
GD_EXTERN GDeferred *g_deferred_throttle_run (GDeferredThrottle *self,
                                              GDeferredCallback  func,
                                              gpointer           user_data,
                                              GDestroyNotify     destroy);
GD_EXTERN void       g_deferred_throttle_cancel (GDeferredThrottle *self);

G_END_DECLS
