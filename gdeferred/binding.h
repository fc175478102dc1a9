/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

/**
 * GDeferredDispatch:
 * @G_DEFERRED_DISPATCH_CALLBACK: the chain came to a dispatched link, on the callback side: run the oldest batch
 * @G_DEFERRED_DISPATCH_ERRBACK: the same, on the errback side
 * @G_DEFERRED_DISPATCH_DROP: the oldest batch can no longer run: drop it
 * @G_DEFERRED_DISPATCH_GIVE: somebody else needs what the binding keeps: leave it as a callback would, with
 *   [method@Deferred.return_value] or [method@Deferred.return_error_full], and keep it no longer
 * @G_DEFERRED_DISPATCH_FORGET: what the binding keeps is no longer the outcome: drop it
 * @G_DEFERRED_DISPATCH_CANCEL: call the canceller that the binding has for this Deferred
 * @G_DEFERRED_DISPATCH_REPORT: nobody handled the error beside which the binding keeps something: tell of it. It is
 *   called inside the last unref, so a language that can do nothing there returns %FALSE, and a plain warning is logged
 *
 * What a [callback@DeferredDispatcher] is called for.
 *
 * Since: 1.0
 */
typedef enum
{
  G_DEFERRED_DISPATCH_CALLBACK,
  G_DEFERRED_DISPATCH_ERRBACK,
  G_DEFERRED_DISPATCH_DROP,
  G_DEFERRED_DISPATCH_GIVE,
  G_DEFERRED_DISPATCH_FORGET,
  G_DEFERRED_DISPATCH_CANCEL,
  G_DEFERRED_DISPATCH_REPORT,
} GDeferredDispatch;

#define G_TYPE_DEFERRED_DISPATCH (g_deferred_dispatch_get_type ())
GD_EXTERN GType g_deferred_dispatch_get_type (void);

/**
 * GDeferredDispatched:
 * @G_DEFERRED_DISPATCHED_REFUSED: no: it was called from a thread that is not the home of the Deferred
 * @G_DEFERRED_DISPATCHED_ADDED: a link was added: it begins a batch
 * @G_DEFERRED_DISPATCHED_JOINED: the callbacks belong to the youngest batch
 *
 * What became of callbacks that a binding adds.
 *
 * Since: 1.0
 */
typedef enum
{
  G_DEFERRED_DISPATCHED_REFUSED,
  G_DEFERRED_DISPATCHED_ADDED,
  G_DEFERRED_DISPATCHED_JOINED,
} GDeferredDispatched;

#define G_TYPE_DEFERRED_DISPATCHED (g_deferred_dispatched_get_type ())
GD_EXTERN GType g_deferred_dispatched_get_type (void);

/**
 * GDeferredFired:
 * @G_DEFERRED_FIRED_REFUSED: no: it had been fired already
 * @G_DEFERRED_FIRED_SWALLOWED: no: it had been cancelled, and one late outcome is dropped in silence
 * @G_DEFERRED_FIRED_ACCEPTED: yes
 *
 * What became of an outcome that a binding keeps.
 *
 * Since: 1.0
 */
typedef enum
{
  G_DEFERRED_FIRED_REFUSED,
  G_DEFERRED_FIRED_SWALLOWED,
  G_DEFERRED_FIRED_ACCEPTED,
} GDeferredFired;

#define G_TYPE_DEFERRED_FIRED (g_deferred_fired_get_type ())
GD_EXTERN GType g_deferred_fired_get_type (void);

/**
 * GDeferredDispatcher:
 * @self: the Deferred
 * @what: a [enum@DeferredDispatch]; a plain number, because it is cheaper to hand over
 * @value: (nullable): for a batch, when the binding does not keep the outcome: the result, or what lies beside the
 *   error
 * @user_data: (closure): what was registered
 *
 * Calls what the binding of one language keeps for Deferreds: batches of callbacks, cancellers, outcomes.
 *
 * It is called in the home context of @self.
 *
 * Returns: %TRUE. %FALSE without anything left says that the call did not come through, as when a garbage collector is
 *   at work; a batch, and an outcome that another Deferred is to have, are asked for again then, after a moment, from
 *   the loop of the home context.
 *
 * Since: 1.0
 */
typedef gboolean (*GDeferredDispatcher) (GDeferred    *self,
                                         guint         what,
                                         const GValue *value,
                                         gpointer      user_data);

GD_EXTERN guint g_deferred_register_dispatcher (GDeferredDispatcher dispatcher,
                                                gpointer            user_data,
                                                GDestroyNotify      destroy);

GD_EXTERN guint    g_deferred_add_dispatched (GDeferred *self, guint dispatcher, gboolean may_join);
GD_EXTERN void     g_deferred_stay_dispatched (GDeferred *self);
GD_EXTERN gboolean g_deferred_may_go_on (GDeferred *self);
GD_EXTERN void     g_deferred_set_dispatched_canceller (GDeferred *self, guint dispatcher);

GD_EXTERN guint    g_deferred_callback_kept (GDeferred *self, guint dispatcher);
GD_EXTERN guint    g_deferred_errback_kept (GDeferred *self, guint dispatcher, const GError *failure);
GD_EXTERN void     g_deferred_return_kept (GDeferred *self, guint dispatcher);
GD_EXTERN void     g_deferred_return_error_kept (GDeferred *self, guint dispatcher, const GError *failure);
GD_EXTERN gboolean g_deferred_take_unhandled (GDeferred *self);
GD_EXTERN void     g_deferred_abandon (GDeferred *self);

G_END_DECLS
