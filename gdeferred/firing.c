/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "deferred-private.h"

/**
 * g_deferred_callback:
 * @self: a Deferred
 * @value: (nullable): the result, which is copied; %NULL, an unset value and a %NULL pointer all mean "nothing"
 * @error: return location for a [error@DeferredError]
 *
 * Fires @self with a result, and so runs the callbacks.
 *
 * It may be called from any thread. In the home thread the callbacks run before it returns; from elsewhere the result
 * is sent to the home context and they run there.
 *
 * It fails with %G_DEFERRED_ERROR_ALREADY_CALLED if @self was fired before, and with
 * %G_DEFERRED_ERROR_INVALID_RESULT if @value holds a Deferred; it stays unfired then. After [method@Deferred.cancel] of
 * a Deferred without a canceller, one late result is dropped in silence.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
g_deferred_callback (GDeferred *self, const GValue *value, GError **error)
{
  GValue copy;

  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);
  g_return_val_if_fail (value == NULL || G_VALUE_TYPE (value) == 0 || G_IS_VALUE (value), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  gd_value_copy (value, &copy);
  return gd_deferred_fire_value (self, &copy, GD_CALLER, error);
}

/**
 * g_deferred_callback_take_value: (skip)
 * @self: a Deferred
 * @value: (nullable): the result, which is moved: it is left unset, whatever is returned
 * @error: return location for a [error@DeferredError]
 *
 * As [method@Deferred.callback], without a copy. It may be called from any thread.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
g_deferred_callback_take_value (GDeferred *self, GValue *value, GError **error)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);
  g_return_val_if_fail (value == NULL || G_VALUE_TYPE (value) == 0 || G_IS_VALUE (value), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return gd_deferred_fire_value (self, value, GD_CALLER, error);
}

/**
 * g_deferred_errback:
 * @self: a Deferred
 * @failure: the error, which is copied
 * @error: return location for a [error@DeferredError]
 *
 * Fires @self with an error, and so runs the errbacks. In all else it is as [method@Deferred.callback]; it may be
 * called from any thread.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
g_deferred_errback (GDeferred *self, const GError *failure, GError **error)
{
  GdOutcome outcome = GD_OUTCOME_NONE;

  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);
  g_return_val_if_fail (failure != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  outcome.error = g_error_copy (failure);
  return gd_deferred_fire (self, &outcome, GD_CALLER, error);
}

/**
 * g_deferred_errback_full:
 * @self: a Deferred
 * @failure: the error, which is copied
 * @payload: (nullable): what else belongs to the error, which is copied
 * @error: return location for a [error@DeferredError]
 *
 * As [method@Deferred.errback], with something beside the error, such as a scripting language's own exception, which
 * [method@Deferred.get_payload] gives to the errbacks. It may be called from any thread.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
g_deferred_errback_full (GDeferred *self, const GError *failure, const GValue *payload, GError **error)
{
  GdOutcome outcome = GD_OUTCOME_NONE;

  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);
  g_return_val_if_fail (failure != NULL, FALSE);
  g_return_val_if_fail (payload == NULL || G_VALUE_TYPE (payload) == 0 || G_IS_VALUE (payload), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  outcome.error = g_error_copy (failure);
  gd_value_copy (payload, &outcome.value);
  return gd_deferred_fire (self, &outcome, GD_CALLER, error);
}

/**
 * g_deferred_errback_literal:
 * @self: a Deferred
 * @domain: the error domain
 * @code: the error code
 * @message: the message
 * @error: return location for a [error@DeferredError]
 *
 * As [method@Deferred.errback], with an error made on the spot: for languages that cannot make one. It may be called
 * from any thread.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
g_deferred_errback_literal (GDeferred *self, GQuark domain, int code, const char *message, GError **error)
{
  GdOutcome outcome = GD_OUTCOME_NONE;

  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);
  g_return_val_if_fail (domain != 0, FALSE);
  g_return_val_if_fail (message != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  outcome.error = g_error_new_literal (domain, code, message);
  return gd_deferred_fire (self, &outcome, GD_CALLER, error);
}

/**
 * g_deferred_errback_take: (skip)
 * @self: a Deferred
 * @failure: (transfer full): the error
 * @error: return location for a [error@DeferredError]
 *
 * As [method@Deferred.errback], and takes @failure, whatever is returned. It may be called from any thread.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
g_deferred_errback_take (GDeferred *self, GError *failure, GError **error)
{
  GdOutcome outcome = GD_OUTCOME_NONE;

  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);
  g_return_val_if_fail (failure != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  outcome.error = failure;
  return gd_deferred_fire (self, &outcome, GD_CALLER, error);
}

/**
 * g_deferred_fire_with:
 * @self: a Deferred
 * @func: (scope call) (closure user_data): what to call
 * @user_data: for @func
 * @error: return location for a [error@DeferredError]
 *
 * Calls @func now, in the calling thread, and fires @self with what it leaves, as if it were a callback of @self:
 * inside it the `g_deferred_return_*` functions set the result, %FALSE and @error fail, and a Deferred that it
 * returns is waited for. If it sets nothing, @self is fired with nothing.
 *
 * It may be called from any thread; a thread pool's worker calls its jobs so. In the home thread the callbacks of
 * @self run before it returns.
 *
 * Returns: %TRUE, or %FALSE with @error set, as [method@Deferred.callback]; what @func left is freed then
 *
 * Since: 1.0
 */
gboolean
g_deferred_fire_with (GDeferred *self, GDeferredCallback func, gpointer user_data, GError **error)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);
  g_return_val_if_fail (func != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return gd_deferred_fire_with (self, func, user_data, NULL, GD_CALLER, error);
}

static gboolean
return_other (GDeferred *self, gpointer other, GError **error G_GNUC_UNUSED)
{
  return g_deferred_return_deferred (self, g_object_ref ((GDeferred *) other));
}

/**
 * g_deferred_follow:
 * @self: a Deferred
 * @other: another one
 * @error: return location for a [error@DeferredError]
 *
 * Fires @self with what @other comes to: its chain begins by waiting for @other, as if a callback had returned it. A
 * cancel goes on to @other; so a canceller that calls this makes those who wait wait on.
 *
 * It may be called from any thread.
 *
 * Returns: %TRUE, or %FALSE with @error set, as [method@Deferred.callback]
 *
 * Since: 1.0
 */
gboolean
g_deferred_follow (GDeferred *self, GDeferred *other, GError **error)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);
  g_return_val_if_fail (G_IS_DEFERRED (other), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return gd_deferred_fire_with (self, return_other, other, NULL, GD_CALLER, error);
}

/**
 * g_deferred_fire_with_full:
 * @self: a Deferred
 * @func: (scope notified) (closure user_data) (destroy destroy): what to call
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, in the home context
 * @error: return location for a [error@DeferredError]
 *
 * As [method@Deferred.fire_with], for data that must be freed in the home context: after the result has arrived there,
 * and also if it was not accepted. The data may hold the only reference on @self that the caller has.
 *
 * It may be called from any thread.
 *
 * Returns: %TRUE, or %FALSE with @error set, as [method@Deferred.fire_with]
 *
 * Since: 1.0
 */
gboolean
g_deferred_fire_with_full (
    GDeferred *self, GDeferredCallback func, gpointer user_data, GDestroyNotify destroy, GError **error)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);
  g_return_val_if_fail (func != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return gd_deferred_fire_with (self, func, user_data, destroy, GD_CALLER, error);
}

/**
 * g_deferred_invoke:
 * @self: a Deferred
 * @func: (scope notified) (closure user_data) (destroy destroy): what to call
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, in the home context, after the call
 *
 * Calls @func once in the home context of @self, from its loop and never at once, in order with everything else that
 * is sent there (results, cancellations, progress). @self is kept alive until then.
 *
 * It may be called from any thread.
 *
 * Since: 1.0
 */
void
g_deferred_invoke (GDeferred *self, GDeferredInvokeFunc func, gpointer user_data, GDestroyNotify destroy)
{
  g_return_if_fail (G_IS_DEFERRED (self));
  g_return_if_fail (func != NULL);

  gd_deferred_invoke (self, func, user_data, destroy);
}
