/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/clock.h>

G_BEGIN_DECLS

#define G_TYPE_DEFERRED_RETRY (g_deferred_retry_get_type ())
GD_EXTERN
G_DECLARE_FINAL_TYPE (GDeferredRetry, g_deferred_retry, G, DEFERRED_RETRY, GObject)

/**
 * GDeferredRetryFilter:
 * @error: what the attempt failed with
 * @attempt: how many attempts there have been, at least 1
 * @user_data: (closure): what was given to [method@DeferredRetry.set_filter]
 *
 * Tells which errors are worth another attempt. It is called at home, where the attempts are made.
 *
 * Returns: whether to try again
 *
 * Since: 1.0
 */
typedef gboolean (*GDeferredRetryFilter) (const GError *error, guint attempt, gpointer user_data);

GD_EXTERN GDeferredRetry *g_deferred_retry_new (void);

/* The policy */
GD_EXTERN void g_deferred_retry_set_delays (
    GDeferredRetry *self, GTimeSpan initial_delay, GTimeSpan max_delay, double factor, double jitter);
GD_EXTERN void            g_deferred_retry_set_seed (GDeferredRetry *self, guint32 seed);
GD_EXTERN void            g_deferred_retry_set_max_attempts (GDeferredRetry *self, guint max_attempts);
GD_EXTERN guint           g_deferred_retry_get_max_attempts (GDeferredRetry *self);
GD_EXTERN void            g_deferred_retry_set_deadline (GDeferredRetry *self, GTimeSpan deadline);
GD_EXTERN GTimeSpan       g_deferred_retry_get_deadline (GDeferredRetry *self);
GD_EXTERN void            g_deferred_retry_set_clock (GDeferredRetry *self, GDeferredClock *clock);
GD_EXTERN GDeferredClock *g_deferred_retry_get_clock (GDeferredRetry *self);
GD_EXTERN void            g_deferred_retry_set_filter (GDeferredRetry      *self,
                                                       GDeferredRetryFilter filter,
                                                       gpointer             user_data,
                                                       GDestroyNotify       destroy);

/* Trying */
GD_EXTERN GTimeSpan  g_deferred_retry_next_delay (GDeferredRetry *self,
                                                  const GError   *error,
                                                  guint           attempt,
                                                  GTimeSpan       elapsed);
GD_EXTERN GDeferred *g_deferred_retry_run (GDeferredRetry   *self,
                                           GDeferredCallback func,
                                           gpointer          user_data,
                                           GDestroyNotify    destroy);

G_END_DECLS
