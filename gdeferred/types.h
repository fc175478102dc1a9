/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#ifndef GD_EXTERN
#define GD_EXTERN extern
#endif

typedef struct _GDeferred      GDeferred;
typedef struct _GDeferredClass GDeferredClass;

/**
 * GDeferredCallback:
 * @self: the Deferred whose chain runs this link
 * @user_data: (closure): what was given when the callback was added
 * @error: where to leave the error, if it fails
 *
 * One link of a chain; also a job that runs in a thread, and any function whose outcome is to become a Deferred.
 *
 * Inside it, [method@Deferred.get_result] and [method@Deferred.get_error] show the outcome so far, and the
 * `g_deferred_return_*` functions set what the next link sees. A callback that returns %TRUE and sets nothing
 * passes the outcome on unchanged. An error in @error is a failure, whatever is returned.
 *
 * It is called in the Deferred's home context, except by functions that say otherwise.
 *
 * Returns: %TRUE to go on with what was set, %FALSE (with @error set) to go on as a failure
 *
 * Since: 1.0
 */
typedef gboolean (*GDeferredCallback) (GDeferred *self, gpointer user_data, GError **error);

/**
 * GDeferredCanceller:
 * @self: the Deferred that is being cancelled
 * @user_data: (closure): what was given with the canceller
 *
 * Stops the work that would have fired @self. It may fire @self itself, with a value or an error;
 * if it does not, @self fails with %G_IO_ERROR_CANCELLED.
 *
 * It is called at most once, in the home context, and never after @self was fired.
 *
 * Since: 1.0
 */
typedef void (*GDeferredCanceller) (GDeferred *self, gpointer user_data);

/**
 * GDeferredInvokeFunc:
 * @self: the Deferred
 * @user_data: (closure): what was given to [method@Deferred.invoke]
 *
 * A function that [method@Deferred.invoke] calls in the home context.
 *
 * Since: 1.0
 */
typedef void (*GDeferredInvokeFunc) (GDeferred *self, gpointer user_data);

/**
 * GDeferredState:
 * @G_DEFERRED_STATE_PENDING: not fired yet
 * @G_DEFERRED_STATE_RUNNING: fired, and one of its callbacks is being called, or is about to be
 * @G_DEFERRED_STATE_WAITING: fired, and a callback returned another Deferred that has no result yet
 * @G_DEFERRED_STATE_SUCCEEDED: the result so far is a value (or nothing)
 * @G_DEFERRED_STATE_FAILED: the result so far is an error
 *
 * What a [class@Deferred] is doing.
 *
 * Since: 1.0
 */
typedef enum
{
  G_DEFERRED_STATE_PENDING,
  G_DEFERRED_STATE_RUNNING,
  G_DEFERRED_STATE_WAITING,
  G_DEFERRED_STATE_SUCCEEDED,
  G_DEFERRED_STATE_FAILED,
} GDeferredState;

/**
 * GDeferredError:
 * @G_DEFERRED_ERROR_ALREADY_CALLED: the Deferred was fired before, and fires once only
 * @G_DEFERRED_ERROR_INVALID_RESULT: a Deferred cannot be fired with a Deferred: return it from a callback
 * @G_DEFERRED_ERROR_LOOP: the Deferred would wait for itself, directly or through others
 * @G_DEFERRED_ERROR_ABANDONED: the last reference to the Deferred went before anybody fired it; or the lock, queue or
 *   clock that it waited for is gone
 * @G_DEFERRED_ERROR_FAILED: a callback returned %FALSE and set no error; an exception of another language, seen from C;
 *   or a lock, a queue and the like was used in a thread that is not its home
 * @G_DEFERRED_ERROR_STALLED: a job would have waited for a job that no free thread is left to run
 * @G_DEFERRED_ERROR_OVERFLOW: a queue holds as much as it may
 * @G_DEFERRED_ERROR_UNDERFLOW: as many wait for a queue as may
 * @G_DEFERRED_ERROR_ALL_FAILED: one of several was to succeed, and all have failed
 * @G_DEFERRED_ERROR_CLOSED: a queue was closed
 *
 * What can go wrong with a Deferred itself.
 *
 * Since: 1.0
 */
typedef enum
{
  G_DEFERRED_ERROR_ALREADY_CALLED,
  G_DEFERRED_ERROR_INVALID_RESULT,
  G_DEFERRED_ERROR_LOOP,
  G_DEFERRED_ERROR_ABANDONED,
  G_DEFERRED_ERROR_FAILED,
  G_DEFERRED_ERROR_STALLED,
  G_DEFERRED_ERROR_OVERFLOW,
  G_DEFERRED_ERROR_UNDERFLOW,
  G_DEFERRED_ERROR_ALL_FAILED,
  G_DEFERRED_ERROR_CLOSED,
} GDeferredError;

#define G_DEFERRED_ERROR (g_deferred_error_quark ())

GD_EXTERN GQuark g_deferred_error_quark (void);

#define G_TYPE_DEFERRED_ERROR (g_deferred_error_get_type ())
GD_EXTERN GType g_deferred_error_get_type (void);

#define G_TYPE_DEFERRED_STATE (g_deferred_state_get_type ())
GD_EXTERN GType g_deferred_state_get_type (void);

G_END_DECLS
