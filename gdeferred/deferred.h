/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/types.h>

G_BEGIN_DECLS

#define G_TYPE_DEFERRED    (g_deferred_get_type ())
#define G_DEFERRED(obj)    (G_TYPE_CHECK_INSTANCE_CAST ((obj), G_TYPE_DEFERRED, GDeferred))
#define G_IS_DEFERRED(obj) (G_TYPE_CHECK_INSTANCE_TYPE ((obj), G_TYPE_DEFERRED))

/**
 * GDeferredClass:
 *
 * The class of [class@Deferred]. It has nothing to override.
 *
 * Since: 1.0
 */
struct _GDeferredClass
{
  /*< private >*/
  GObjectClass parent_class;
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GDeferred, g_object_unref)

GD_EXTERN GType g_deferred_get_type (void) G_GNUC_CONST;

/* Making one */
GD_EXTERN GDeferred *g_deferred_new (void);
GD_EXTERN GDeferred *
g_deferred_new_with_canceller (GDeferredCanceller canceller, gpointer user_data, GDestroyNotify destroy);
GD_EXTERN void       g_deferred_set_canceller (GDeferred         *self,
                                               GDeferredCanceller canceller,
                                               gpointer           user_data,
                                               GDestroyNotify     destroy);
GD_EXTERN GDeferred *g_deferred_succeed (const GValue *value);
GD_EXTERN GDeferred *g_deferred_fail (const GError *failure);
GD_EXTERN GDeferred *g_deferred_maybe (GDeferredCallback func, gpointer user_data);

/* Firing it: from any thread */
GD_EXTERN gboolean g_deferred_callback (GDeferred *self, const GValue *value, GError **error);
GD_EXTERN gboolean g_deferred_callback_take_value (GDeferred *self, GValue *value, GError **error);
GD_EXTERN gboolean g_deferred_errback (GDeferred *self, const GError *failure, GError **error);
GD_EXTERN gboolean g_deferred_errback_full (GDeferred    *self,
                                            const GError *failure,
                                            const GValue *payload,
                                            GError      **error);
GD_EXTERN gboolean
g_deferred_errback_literal (GDeferred *self, GQuark domain, int code, const char *message, GError **error);
GD_EXTERN gboolean g_deferred_errback_take (GDeferred *self, GError *failure, GError **error);
GD_EXTERN gboolean g_deferred_fire_with (GDeferred        *self,
                                         GDeferredCallback func,
                                         gpointer          user_data,
                                         GError          **error);
GD_EXTERN gboolean g_deferred_follow (GDeferred *self, GDeferred *other, GError **error);
GD_EXTERN gboolean g_deferred_fire_with_full (
    GDeferred *self, GDeferredCallback func, gpointer user_data, GDestroyNotify destroy, GError **error);

/* The chain: at home */
GD_EXTERN GDeferred *g_deferred_add_callbacks (GDeferred        *self,
                                               GDeferredCallback callback,
                                               gpointer          callback_data,
                                               GDestroyNotify    callback_destroy,
                                               GDeferredCallback errback,
                                               gpointer          errback_data,
                                               GDestroyNotify    errback_destroy);
GD_EXTERN GDeferred *g_deferred_add_callback (GDeferred        *self,
                                              GDeferredCallback callback,
                                              gpointer          user_data,
                                              GDestroyNotify    destroy);
GD_EXTERN GDeferred *g_deferred_add_errback (GDeferred        *self,
                                             GDeferredCallback errback,
                                             gpointer          user_data,
                                             GDestroyNotify    destroy);
GD_EXTERN GDeferred *g_deferred_add_errback_for (GDeferred        *self,
                                                 GQuark            domain,
                                                 int               code,
                                                 GDeferredCallback errback,
                                                 gpointer          user_data,
                                                 GDestroyNotify    destroy);
GD_EXTERN GDeferred *
g_deferred_add_both (GDeferred *self, GDeferredCallback both, gpointer user_data, GDestroyNotify destroy);
GD_EXTERN GDeferred *g_deferred_chain_deferred (GDeferred *self, GDeferred *other);
GD_EXTERN GDeferred *g_deferred_fork (GDeferred *self);
GD_EXTERN void       g_deferred_pause (GDeferred *self);
GD_EXTERN void       g_deferred_unpause (GDeferred *self);

/* What a callback sees and what it leaves */
GD_EXTERN const GValue *g_deferred_get_result (GDeferred *self);
GD_EXTERN const GError *g_deferred_get_error (GDeferred *self);
GD_EXTERN const GValue *g_deferred_get_payload (GDeferred *self);
GD_EXTERN gboolean      g_deferred_return_value (GDeferred *self, const GValue *value);
GD_EXTERN gboolean      g_deferred_return_take_value (GDeferred *self, GValue *value);
GD_EXTERN gboolean      g_deferred_return_none (GDeferred *self);
GD_EXTERN gboolean      g_deferred_return_error (GDeferred *self, const GError *failure);
GD_EXTERN gboolean      g_deferred_return_error_full (GDeferred    *self,
                                                      const GError *failure,
                                                      const GValue *payload);
GD_EXTERN gboolean      g_deferred_return_take_error (GDeferred *self, GError *failure);
GD_EXTERN gboolean      g_deferred_return_error_literal (GDeferred  *self,
                                                         GQuark      domain,
                                                         int         code,
                                                         const char *message);
GD_EXTERN gboolean      g_deferred_return_new_error (
         GDeferred *self, GQuark domain, int code, const char *format, ...) G_GNUC_PRINTF (4, 5);
GD_EXTERN gboolean g_deferred_return_deferred (GDeferred *self, GDeferred *inner);

/* Cancelling, and whom it depends on */
GD_EXTERN void          g_deferred_cancel (GDeferred *self);
GD_EXTERN gboolean      g_deferred_is_cancelled (GDeferred *self);
GD_EXTERN guint         g_deferred_get_n_cancels (GDeferred *self);
GD_EXTERN GCancellable *g_deferred_get_cancellable (GDeferred *self);
GD_EXTERN void          g_deferred_link_cancellable (GDeferred *self, GCancellable *cancellable);
GD_EXTERN void          g_deferred_bind_owner (GDeferred *self, GObject *owner);

/* What it is and how far it got */
GD_EXTERN GDeferredState g_deferred_get_state (GDeferred *self);
GD_EXTERN gboolean       g_deferred_get_pending (GDeferred *self);
GD_EXTERN gboolean       g_deferred_get_paused (GDeferred *self);
GD_EXTERN gboolean       g_deferred_is_finished (GDeferred *self);
GD_EXTERN gboolean       g_deferred_is_heeded (GDeferred *self);
GD_EXTERN GDeferred     *g_deferred_get_waiting_on (GDeferred *self);
GD_EXTERN void           g_deferred_set_name (GDeferred *self, const char *name);
GD_EXTERN const char    *g_deferred_get_name (GDeferred *self);
GD_EXTERN char          *g_deferred_describe (GDeferred *self);
GD_EXTERN void           g_deferred_set_progress (GDeferred *self, double fraction, const char *text);
GD_EXTERN double         g_deferred_get_progress (GDeferred *self);
GD_EXTERN const char    *g_deferred_get_progress_text (GDeferred *self);

/* Its home */
GD_EXTERN GMainContext *g_deferred_get_context (GDeferred *self);
GD_EXTERN gboolean      g_deferred_is_home (GDeferred *self);
GD_EXTERN void          g_deferred_hand_over (GDeferred *self, GMainContext *context);
GD_EXTERN void
g_deferred_invoke (GDeferred *self, GDeferredInvokeFunc func, gpointer user_data, GDestroyNotify destroy);

G_END_DECLS
