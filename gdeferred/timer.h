/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/clock.h>

G_BEGIN_DECLS

GD_EXTERN GDeferred *g_deferred_delay (GTimeSpan delay, GDeferredClock *clock);
GD_EXTERN GDeferred *g_deferred_delay_until (gint64 time, GDeferredClock *clock);
GD_EXTERN GDeferred *g_deferred_call_later (GTimeSpan         delay,
                                            GDeferredClock   *clock,
                                            GDeferredCallback func,
                                            gpointer          user_data,
                                            GDestroyNotify    destroy);
GD_EXTERN GDeferred *g_deferred_add_timeout (GDeferred *self, GTimeSpan timeout, GDeferredClock *clock);
GD_EXTERN GDeferred *g_deferred_add_deadline (GDeferred *self, gint64 time, GDeferredClock *clock);

G_END_DECLS
