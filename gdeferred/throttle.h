/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/clock.h>

G_BEGIN_DECLS

#define G_TYPE_DEFERRED_THROTTLE (g_deferred_throttle_get_type ())
GD_EXTERN
G_DECLARE_FINAL_TYPE (GDeferredThrottle, g_deferred_throttle, G, DEFERRED_THROTTLE, GObject)

GD_EXTERN GDeferredThrottle *g_deferred_throttle_new (GTimeSpan interval);
GD_EXTERN void               g_deferred_throttle_set_interval (GDeferredThrottle *self, GTimeSpan interval);
GD_EXTERN GTimeSpan          g_deferred_throttle_get_interval (GDeferredThrottle *self);
GD_EXTERN void               g_deferred_throttle_set_clock (GDeferredThrottle *self, GDeferredClock *clock);
GD_EXTERN GDeferredClock    *g_deferred_throttle_get_clock (GDeferredThrottle *self);
GD_EXTERN GDeferred         *g_deferred_throttle_run (GDeferredThrottle *self,
                                                      GDeferredCallback  func,
                                                      gpointer           user_data,
                                                      GDestroyNotify     destroy);
GD_EXTERN GDeferred         *g_deferred_throttle_run_deferred (GDeferredThrottle *self, GDeferred *start);
GD_EXTERN void               g_deferred_throttle_cancel (GDeferredThrottle *self);

G_END_DECLS
