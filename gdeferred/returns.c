/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "bridge-private.h"
#include "deferred-private.h"

/* What a callback sees, and what it leaves for the next link. */

/**
 * g_deferred_get_result:
 * @self: a Deferred
 *
 * The value that @self holds now: inside a callback, what the link before left; outside, what the chain has come to.
 *
 * To be asked at home. The value belongs to @self, and stays until the callback returns, or until a callback that is
 * added later sets another.
 *
 * Returns: (transfer none) (nullable): the value, or %NULL for nothing, for an error, and while there is no result
 *
 * Since: 1.0
 */
const GValue *
g_deferred_get_result (GDeferred *self)
{
  const GdOutcome *outcome;

  g_return_val_if_fail (G_IS_DEFERRED (self), NULL);
  gd_return_val_if_away (self, NULL);

  gd_chain_complete (&self->chain);
  outcome = &self->chain.outcome;
  return outcome->error == NULL && G_VALUE_TYPE (&outcome->value) != 0 ? &outcome->value : NULL;
}

/**
 * g_deferred_get_error:
 * @self: a Deferred
 *
 * The error that @self holds now. Looking at it does not count as handling it.
 *
 * To be asked at home. The error belongs to @self, as the value of [method@Deferred.get_result] does.
 *
 * Returns: (transfer none) (nullable): the error, or %NULL if there is none
 *
 * Since: 1.0
 */
const GError *
g_deferred_get_error (GDeferred *self)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), NULL);
  gd_return_val_if_away (self, NULL);

  return self->chain.outcome.error;
}

/**
 * g_deferred_get_payload:
 * @self: a Deferred
 *
 * What was given beside the error that @self holds now, with [method@Deferred.errback_full] say.
 *
 * To be asked at home. The value belongs to @self, as that of [method@Deferred.get_result] does.
 *
 * Returns: (transfer none) (nullable): the payload, or %NULL if there is no error, or none beside it
 *
 * Since: 1.0
 */
const GValue *
g_deferred_get_payload (GDeferred *self)
{
  const GdOutcome *outcome;

  g_return_val_if_fail (G_IS_DEFERRED (self), NULL);
  gd_return_val_if_away (self, NULL);

  gd_chain_complete (&self->chain);
  outcome = &self->chain.outcome;
  return outcome->error != NULL && G_VALUE_TYPE (&outcome->value) != 0 ? &outcome->value : NULL;
}

/**
 * g_deferred_return_deferred:
 * @self: the Deferred whose callback is running
 * @inner: (transfer full): another Deferred
 *
 * Makes the chain of @self wait for @inner, once the callback has returned, and then go on with its outcome, of which
 * @inner is left with nothing. The callbacks that @inner has left then run before. Cancelling @self meanwhile cancels
 * @inner.
 *
 * If @inner is @self, or waits for it through others, the chain fails with %G_DEFERRED_ERROR_LOOP. @inner may live in
 * another main context. A ring that goes through more than one main context is not found: its Deferreds wait until one
 * of them is cancelled.
 *
 * To be called in the thread that runs the callback. Outside of a callback of @self it is a programmer error.
 *
 * ```c
 * static GDeferred *
 * fetch (const char *address)
 * {
 *   return g_deferred_new ();
 * }
 *
 * static gboolean
 * fetch_what_it_names (GDeferred *self, gpointer user_data, GError **error)
 * {
 *   return g_deferred_return_deferred (self, fetch (g_deferred_get_string (self)));
 * }
 * ```
 *
 * Returns: %TRUE, for the callback to return
 *
 * Since: 1.0
 */
gboolean
g_deferred_return_deferred (GDeferred *self, GDeferred *inner)
{
  GdOutcome outcome = GD_OUTCOME_NONE;

  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);
  g_return_val_if_fail (G_IS_DEFERRED (inner), FALSE);

  g_atomic_pointer_set (&gd_chain_hooks.get_inner, gd_bridge_get_inner);
  g_atomic_pointer_set (&gd_chain_hooks.cancel_inner, g_deferred_cancel);
  return gd_deferred_leave (self, &outcome, inner, G_STRFUNC);
}

/* Takes the value. */
gboolean
gd_deferred_leave_value (GDeferred *self, GValue *value, const char *function)
{
  GdOutcome outcome = GD_OUTCOME_NONE;

  if (G_UNLIKELY (gd_value_is_deferred (value)))
    {
      GDeferred *inner = g_value_dup_object (value);

      g_value_unset (value);
      return g_deferred_return_deferred (self, inner);
    }

  gd_value_move (value, &outcome.value);
  return gd_deferred_leave (self, &outcome, NULL, function);
}

/**
 * g_deferred_return_value:
 * @self: the Deferred whose callback is running
 * @value: (nullable): the result, which is copied; %NULL, an unset value and a %NULL pointer all mean "nothing"
 *
 * Sets what the next link sees. A value that holds a Deferred is taken as [method@Deferred.return_deferred] does. The
 * last of the `g_deferred_return_*` functions that a callback calls counts.
 *
 * To be called in the thread that runs the callback. Outside of a callback of @self it is a programmer error.
 *
 * Returns: %TRUE, for the callback to return
 *
 * Since: 1.0
 */
gboolean
g_deferred_return_value (GDeferred *self, const GValue *value)
{
  GValue copy;

  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);
  g_return_val_if_fail (value == NULL || G_VALUE_TYPE (value) == 0 || G_IS_VALUE (value), FALSE);

  gd_value_copy (value, &copy);
  return gd_deferred_leave_value (self, &copy, G_STRFUNC);
}

/**
 * g_deferred_return_take_value: (skip)
 * @self: the Deferred whose callback is running
 * @value: (nullable): the result, which is moved: it is left unset, whatever is returned
 *
 * As [method@Deferred.return_value], without a copy.
 *
 * Returns: %TRUE, for the callback to return
 *
 * Since: 1.0
 */
gboolean
g_deferred_return_take_value (GDeferred *self, GValue *value)
{
  GValue moved;

  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);
  g_return_val_if_fail (value == NULL || G_VALUE_TYPE (value) == 0 || G_IS_VALUE (value), FALSE);

  gd_value_move (value, &moved);
  return gd_deferred_leave_value (self, &moved, G_STRFUNC);
}

/**
 * g_deferred_return_none:
 * @self: the Deferred whose callback is running
 *
 * Sets nothing as what the next link sees: for an errback that has handled the error and has no value to put in its
 * place, say.
 *
 * To be called in the thread that runs the callback. Outside of a callback of @self it is a programmer error.
 *
 * Returns: %TRUE, for the callback to return
 *
 * Since: 1.0
 */
gboolean
g_deferred_return_none (GDeferred *self)
{
  GdOutcome outcome = GD_OUTCOME_NONE;

  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);

  return gd_deferred_leave (self, &outcome, NULL, G_STRFUNC);
}

static gboolean
leave_error (GDeferred *self, GError *failure, const GValue *payload, const char *function)
{
  GdOutcome outcome = { G_VALUE_INIT, failure };

  gd_value_copy (payload, &outcome.value);
  gd_deferred_leave (self, &outcome, NULL, function);
  return FALSE;
}

/**
 * g_deferred_return_error:
 * @self: the Deferred whose callback is running
 * @failure: the error, which is copied
 *
 * Makes the chain go on as a failure.
 *
 * To be called in the thread that runs the callback. Outside of a callback of @self it is a programmer error.
 *
 * Returns: %FALSE, for the callback to return
 *
 * Since: 1.0
 */
gboolean
g_deferred_return_error (GDeferred *self, const GError *failure)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);
  g_return_val_if_fail (failure != NULL, FALSE);

  return leave_error (self, g_error_copy (failure), NULL, G_STRFUNC);
}

/**
 * g_deferred_return_error_full:
 * @self: the Deferred whose callback is running
 * @failure: the error, which is copied
 * @payload: (nullable): what else belongs to the error, which is copied
 *
 * As [method@Deferred.return_error], with something beside the error: see [method@Deferred.errback_full].
 *
 * Returns: %FALSE, for the callback to return
 *
 * Since: 1.0
 */
gboolean
g_deferred_return_error_full (GDeferred *self, const GError *failure, const GValue *payload)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);
  g_return_val_if_fail (failure != NULL, FALSE);
  g_return_val_if_fail (payload == NULL || G_VALUE_TYPE (payload) == 0 || G_IS_VALUE (payload), FALSE);

  return leave_error (self, g_error_copy (failure), payload, G_STRFUNC);
}

/**
 * g_deferred_return_error_literal:
 * @self: the Deferred whose callback is running
 * @domain: the error domain
 * @code: the error code
 * @message: the message
 *
 * As [method@Deferred.return_error], with an error made on the spot: for languages that cannot make one.
 *
 * Returns: %FALSE, for the callback to return
 *
 * Since: 1.0
 */
gboolean
g_deferred_return_error_literal (GDeferred *self, GQuark domain, int code, const char *message)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);
  g_return_val_if_fail (domain != 0, FALSE);
  g_return_val_if_fail (message != NULL, FALSE);

  return leave_error (self, g_error_new_literal (domain, code, message), NULL, G_STRFUNC);
}

/**
 * g_deferred_return_take_error: (skip)
 * @self: the Deferred whose callback is running
 * @failure: (transfer full): the error
 *
 * As [method@Deferred.return_error], and takes @failure.
 *
 * Returns: %FALSE, for the callback to return
 *
 * Since: 1.0
 */
gboolean
g_deferred_return_take_error (GDeferred *self, GError *failure)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);
  g_return_val_if_fail (failure != NULL, FALSE);

  return leave_error (self, failure, NULL, G_STRFUNC);
}

/**
 * g_deferred_return_new_error: (skip)
 * @self: the Deferred whose callback is running
 * @domain: the error domain
 * @code: the error code
 * @format: the message, as for `printf()`
 * @...: what @format asks for
 *
 * As [method@Deferred.return_error], with an error made on the spot.
 *
 * Returns: %FALSE, for the callback to return
 *
 * Since: 1.0
 */
gboolean
g_deferred_return_new_error (GDeferred *self, GQuark domain, int code, const char *format, ...)
{
  GError *failure;
  va_list args;

  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);
  g_return_val_if_fail (domain != 0, FALSE);
  g_return_val_if_fail (format != NULL, FALSE);

  va_start (args, format);
  failure = g_error_new_valist (domain, code, format, args);
  va_end (args);
  return leave_error (self, failure, NULL, G_STRFUNC);
}
