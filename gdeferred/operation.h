/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

/**
 * GDeferredFinishFunc:
 * @self: the Deferred that the outcome is for
 * @source: (type GObject.Object) (nullable): the object that the operation was started on
 * @result: what the operation's finish function wants
 * @user_data: (closure): what was given to [ctor@Deferred.new_for_finish_func]
 * @error: where to leave the error, if the operation has failed
 *
 * Calls the finish function of an asynchronous operation, and sets what it gave with one of the `g_deferred_return_*`
 * functions.
 *
 * It is called once, where the operation calls back, which is the thread-default main context that it was started in;
 * and it is called even if nobody wants the outcome any more, because @self was cancelled, say. What it sets is dropped
 * then.
 *
 * Returns: %TRUE to go on with what was set, %FALSE (with @error set) for a failure
 *
 * Since: 1.0
 */
typedef gboolean (*GDeferredFinishFunc) (
    GDeferred *self, gpointer source, GAsyncResult *result, gpointer user_data, GError **error);

/**
 * G_DEFERRED_TYPE_SSIZE: (skip)
 *
 * The type to name for a finish function that returns a `gssize`: see [ctor@Deferred.new_for_finish].
 *
 * Since: 1.0
 */
#define G_DEFERRED_TYPE_SSIZE (sizeof (gssize) == sizeof (glong) ? G_TYPE_LONG : G_TYPE_INT64)

/**
 * G_DEFERRED_ASYNC: (skip)
 * @self: a Deferred that was made for an operation, a plain variable
 *
 * The last three arguments of an asynchronous function of GIO's manner, its cancellable, its callback and the data for
 * that, for its outcome to become that of @self: see [ctor@Deferred.new_for_finish].
 *
 * Since: 1.0
 */
#define G_DEFERRED_ASYNC(self) g_deferred_get_cancellable (self), G_DEFERRED_READY (self)

/**
 * G_DEFERRED_READY: (skip)
 * @self: a Deferred that was made for an operation, a plain variable
 *
 * The last two of what %G_DEFERRED_ASYNC stands for: where there are other arguments between them and the cancellable,
 * or no cancellable at all.
 *
 * Since: 1.0
 */
#define G_DEFERRED_READY(self) g_deferred_async_ready, g_deferred_begin_async (self)

GD_EXTERN GDeferred *g_deferred_new_for_finish (GType type, GCallback finish);
GD_EXTERN GDeferred *g_deferred_new_for_static_finish (GType type, GCallback finish);
GD_EXTERN GDeferred *
g_deferred_new_for_finish_func (GDeferredFinishFunc func, gpointer user_data, GDestroyNotify destroy);
GD_EXTERN gpointer g_deferred_begin_async (GDeferred *self);
GD_EXTERN void     g_deferred_async_ready (GObject *source, GAsyncResult *result, gpointer user_data);

G_END_DECLS
