/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

/**
 * GDeferredJob: (skip)
 * @func: what to run, in a worker thread
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, in the home context of the Deferred
 *
 * One of the jobs given to [func@Deferred.run_all_in_thread].
 *
 * Since: 1.0
 */
typedef struct
{
  GDeferredCallback func;
  gpointer          user_data;
  GDestroyNotify    destroy;
} GDeferredJob;

GD_EXTERN GDeferred *
g_deferred_run_in_thread (GDeferredCallback func, gpointer user_data, GDestroyNotify destroy);
GD_EXTERN GDeferred *g_deferred_run_all_in_thread (const GDeferredJob *jobs, gsize n_jobs);
GD_EXTERN gboolean   g_deferred_blocking_call (
      GMainContext *context, GDeferredCallback func, gpointer user_data, GValue *result, GError **error);

G_END_DECLS
