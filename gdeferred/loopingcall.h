/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/clock.h>

G_BEGIN_DECLS

#define G_TYPE_DEFERRED_LOOPING_CALL (g_deferred_looping_call_get_type ())
GD_EXTERN
G_DECLARE_FINAL_TYPE (GDeferredLoopingCall, g_deferred_looping_call, G, DEFERRED_LOOPING_CALL, GObject)

GD_EXTERN GDeferredLoopingCall *
g_deferred_looping_call_new (GDeferredCallback func, gpointer user_data, GDestroyNotify destroy);
GD_EXTERN void g_deferred_looping_call_set_clock (GDeferredLoopingCall *self, GDeferredClock *clock);
GD_EXTERN GDeferred                *
g_deferred_looping_call_start (GDeferredLoopingCall *self, GTimeSpan interval, gboolean now);
GD_EXTERN void g_deferred_looping_call_stop (GDeferredLoopingCall *self);
GD_EXTERN void g_deferred_looping_call_reset (GDeferredLoopingCall *self);
GD_EXTERN gboolean  g_deferred_looping_call_get_running (GDeferredLoopingCall *self);
GD_EXTERN GTimeSpan g_deferred_looping_call_get_interval (GDeferredLoopingCall *self);
GD_EXTERN guint64   g_deferred_looping_call_get_n_ticks (GDeferredLoopingCall *self);
GD_EXTERN guint64   g_deferred_looping_call_get_n_skipped (GDeferredLoopingCall *self);

G_END_DECLS
