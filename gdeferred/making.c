/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "deferred-private.h"

/* Making a Deferred: one to be fired later, or one that is fired already. */

/**
 * g_deferred_new:
 *
 * Makes a Deferred that nobody has fired, at home in the thread-default main context of the caller.
 *
 * It may be called from any thread. A thread that has no context of its own, while another thread runs the default
 * one, makes Deferreds that live over there: it can fire and cancel them, but not add callbacks.
 *
 * Returns: (transfer full): a new Deferred
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_new (void)
{
  return gd_deferred_new (GD_CALLER);
}

/**
 * g_deferred_new_with_canceller:
 * @canceller: (nullable) (scope notified) (closure user_data) (destroy destroy): how to stop the work
 * @user_data: for @canceller
 * @destroy: (nullable): frees @user_data, in the home context, as soon as the Deferred was fired, before its callbacks,
 *   or freed
 *
 * As [ctor@Deferred.new], with a function that [method@Deferred.cancel] calls, once at most, in the home context.
 *
 * Returns: (transfer full): a new Deferred
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_new_with_canceller (GDeferredCanceller canceller, gpointer user_data, GDestroyNotify destroy)
{
  GDeferred *self = gd_deferred_new (GD_CALLER);
  GdExtras  *extras;

  if (canceller == NULL && destroy == NULL)
    return self;

  extras = gd_extras_get (&self->extras);
  extras->canceller = canceller;
  extras->canceller_data = user_data;
  extras->canceller_destroy = destroy;
  return self;
}

/**
 * g_deferred_set_canceller:
 * @self: a Deferred that has no canceller yet
 * @canceller: (scope notified) (closure user_data) (destroy destroy): how to stop the work
 * @user_data: for @canceller
 * @destroy: (nullable): frees @user_data, as with [ctor@Deferred.new_with_canceller]
 *
 * Gives @self what [ctor@Deferred.new_with_canceller] gives to those that it makes: for classes that are derived from
 * [class@Deferred]. To be called, in any thread, by who made @self, before anybody else knows it.
 *
 * Since: 1.0
 */
void
g_deferred_set_canceller (GDeferred         *self,
                          GDeferredCanceller canceller,
                          gpointer           user_data,
                          GDestroyNotify     destroy)
{
  GdExtras *extras;

  g_return_if_fail (G_IS_DEFERRED (self));
  g_return_if_fail (canceller != NULL);

  extras = gd_extras_get (&self->extras);
  g_return_if_fail (extras->canceller == NULL);
  g_return_if_fail (g_atomic_int_get (&self->chain.claim) == 0);

  if (self->made_at == NULL)
    self->made_at = GD_CALLER;
  extras->canceller = canceller;
  extras->canceller_data = user_data;
  extras->canceller_destroy = destroy;
}

/* Takes the outcome. In a thread that is not at home it goes there, as any other. */
static GDeferred *
new_fired (GdOutcome *outcome, gconstpointer site)
{
  GDeferred *self = gd_deferred_new (site);

  if (G_UNLIKELY (!gd_home_is_surely_here (&self->home)))
    {
      gd_deferred_fire (self, outcome, site, NULL);
      return self;
    }

  self->fired_at = site;
  self->chain.outcome = *outcome;
  gd_chain_begin_fired (&self->chain);
  gd_chain_check (&self->chain);
  return self;
}

/**
 * g_deferred_succeed:
 * @value: (nullable): the result, which is copied; %NULL for nothing
 *
 * Makes a Deferred that is fired already, for a function that has its answer at once but promised a Deferred.
 * A callback that is added to it is called at once, in the thread-default context of the caller, if the caller is at
 * home there (see [ctor@Deferred.new]).
 *
 * With a @value that holds a Deferred it fails with %G_DEFERRED_ERROR_INVALID_RESULT.
 *
 * Returns: (transfer full): a new Deferred
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_succeed (const GValue *value)
{
  GdOutcome outcome = GD_OUTCOME_NONE;

  g_return_val_if_fail (value == NULL || G_VALUE_TYPE (value) == 0 || G_IS_VALUE (value), NULL);

  gd_value_copy (value, &outcome.value);
  if (G_UNLIKELY (gd_value_is_deferred (&outcome.value)))
    gd_deferred_refuse_value (&outcome.value, &outcome.error);
  return new_fired (&outcome, GD_CALLER);
}

/**
 * g_deferred_fail:
 * @failure: the error, which is copied
 *
 * Makes a Deferred that has failed already. An errback that is added to it is called at once, in the thread-default
 * context of the caller, if the caller is at home there (see [ctor@Deferred.new]). If there is none, the error is
 * reported.
 *
 * Returns: (transfer full): a new Deferred
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_fail (const GError *failure)
{
  GdOutcome outcome = GD_OUTCOME_NONE;

  g_return_val_if_fail (failure != NULL, NULL);

  outcome.error = g_error_copy (failure);
  return new_fired (&outcome, GD_CALLER);
}

/**
 * g_deferred_maybe:
 * @func: (scope call) (closure user_data): a function that sets a value, fails, or returns a Deferred
 * @user_data: for @func
 *
 * Calls @func now, in the calling thread, and gives a Deferred in each case: for a function that may or may not have
 * to wait. Inside @func the `g_deferred_return_*` functions set the result.
 *
 * Returns: (transfer full): a new Deferred, at home in the thread-default context of the caller
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_maybe (GDeferredCallback func, gpointer user_data)
{
  GDeferred *self;

  g_return_val_if_fail (func != NULL, NULL);

  self = gd_deferred_new (GD_CALLER);
  gd_deferred_fire_with (self, func, user_data, NULL, GD_CALLER, NULL);
  return self;
}
