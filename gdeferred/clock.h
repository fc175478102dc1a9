/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

#define G_TYPE_DEFERRED_CLOCK (g_deferred_clock_get_type ())
GD_EXTERN
G_DECLARE_FINAL_TYPE (GDeferredClock, g_deferred_clock, G, DEFERRED_CLOCK, GObject)

/**
 * GDeferredDelayedCall:
 *
 * One call that a [class@DeferredClock] is to make, or has made, or was to make before it was cancelled. It has a
 * reference count; to hold a reference does not make the call any surer, and to drop it does not cancel.
 *
 * Since: 1.0
 */
typedef struct _GDeferredDelayedCall GDeferredDelayedCall;

/**
 * GDeferredDelayedFunc:
 * @user_data: (closure): what was given to [method@DeferredClock.call_later]
 *
 * A function that a clock calls when its time has come, in the clock's home context.
 *
 * Since: 1.0
 */
typedef void (*GDeferredDelayedFunc) (gpointer user_data);

GD_EXTERN GDeferredClock *g_deferred_clock_get_current (void);
GD_EXTERN GDeferredClock *g_deferred_clock_new_virtual (void);
GD_EXTERN void            g_deferred_clock_push (GDeferredClock *self);
GD_EXTERN void            g_deferred_clock_pop (GDeferredClock *self);
GD_EXTERN gboolean        g_deferred_clock_is_virtual (GDeferredClock *self);
GD_EXTERN gint64          g_deferred_clock_get_time (GDeferredClock *self);

GD_EXTERN GDeferredDelayedCall *g_deferred_clock_call_later (GDeferredClock      *self,
                                                             GTimeSpan            delay,
                                                             GDeferredDelayedFunc func,
                                                             gpointer             user_data,
                                                             GDestroyNotify       destroy);
GD_EXTERN GDeferredDelayedCall *g_deferred_clock_call_at (
    GDeferredClock *self, gint64 time, GDeferredDelayedFunc func, gpointer user_data, GDestroyNotify destroy);
GD_EXTERN GList *g_deferred_clock_get_calls (GDeferredClock *self);

/* Virtual clocks only */
GD_EXTERN void g_deferred_clock_advance (GDeferredClock *self, GTimeSpan span);
GD_EXTERN void g_deferred_clock_pump (GDeferredClock *self, const GTimeSpan *spans, gsize n_spans);
GD_EXTERN void g_deferred_clock_jump (GDeferredClock *self, GTimeSpan span);

#define G_TYPE_DEFERRED_DELAYED_CALL (g_deferred_delayed_call_get_type ())
GD_EXTERN GType                 g_deferred_delayed_call_get_type (void) G_GNUC_CONST;
GD_EXTERN GDeferredDelayedCall *g_deferred_delayed_call_ref (GDeferredDelayedCall *self);
GD_EXTERN void                  g_deferred_delayed_call_unref (GDeferredDelayedCall *self);
GD_EXTERN gboolean              g_deferred_delayed_call_cancel (GDeferredDelayedCall *self);
GD_EXTERN gboolean              g_deferred_delayed_call_reset (GDeferredDelayedCall *self, GTimeSpan delay);
GD_EXTERN gboolean              g_deferred_delayed_call_is_pending (GDeferredDelayedCall *self);
GD_EXTERN gint64                g_deferred_delayed_call_get_time (GDeferredDelayedCall *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GDeferredDelayedCall, g_deferred_delayed_call_unref)

G_END_DECLS
