/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/clock.h>

G_BEGIN_DECLS

/* A policy; it can be used for any number of runs, also at the same time. */
#define G_TYPE_DEFERRED_RETRY (g_deferred_retry_get_type ())
GD_EXTERN
G_DECLARE_FINAL_TYPE (GDeferredRetry, g_deferred_retry, G, DEFERRED_RETRY, GObject)

/* Whether to try again; @attempt is the number of attempts so far. */
typedef gboolean (*GDeferredRetryFilter) (const GError *error, guint attempt, gpointer user_data);

/* Properties, all with setters: initial-delay, max-delay (us), factor, jitter (0 to 1), max-attempts (0: no limit),
 * deadline (us for all of it; 0: none). */
GD_EXTERN GDeferredRetry *g_deferred_retry_new (void);
GD_EXTERN void            g_deferred_retry_set_delays (
               GDeferredRetry *self, GTimeSpan initial, GTimeSpan longest, double factor, double jitter);
GD_EXTERN void g_deferred_retry_set_max_attempts (GDeferredRetry *self, guint max_attempts);
GD_EXTERN void g_deferred_retry_set_deadline (GDeferredRetry *self, GTimeSpan deadline);
GD_EXTERN void g_deferred_retry_set_clock (GDeferredRetry *self, GDeferredClock *clock);
GD_EXTERN void g_deferred_retry_set_filter (GDeferredRetry      *self,
                                            GDeferredRetryFilter filter,
                                            gpointer             user_data,
                                            GDestroyNotify       destroy);
/* The delay before the next attempt, or -1 to give up: for those who write the loop themselves. */
GD_EXTERN GTimeSpan  g_deferred_retry_next_delay (GDeferredRetry *self,
                                                  const GError   *error,
                                                  guint           attempt,
                                                  GTimeSpan       elapsed);
GD_EXTERN GDeferred *g_deferred_retry_run (GDeferredRetry   *self,
                                           GDeferredCallback func,
                                           gpointer          user_data,
                                           GDestroyNotify    destroy);

G_END_DECLS
