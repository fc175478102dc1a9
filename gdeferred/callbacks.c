/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "bridge-private.h"
#include "deferred-private.h"

/* Adding to the chain, holding it back, and leading it on to other Deferreds. */

static void
destroy_pair (GDeferred *self G_GNUC_UNUSED, gpointer user_data)
{
  GdLink *link = user_data;

  if (link->callback_destroy != NULL && link->kind == GD_LINK_PAIR)
    link->callback_destroy (link->callback_data);
  if (link->errback_destroy != NULL)
    link->errback_destroy (link->errback_data);
}

/* What was given is freed all the same, and at home. */
static G_GNUC_NO_INLINE void
refuse (GDeferred *self, GdLink link, const char *function)
{
  g_critical (
      "%s: called from a thread that is not the Deferred's home; push a thread-default main context before "
      "making it, or hand it over with g_deferred_hand_over()",
      function);
  gd_deferred_invoke (self, destroy_pair, g_memdup2 (&link, sizeof link), g_free);
}

static GDeferred *
add (GDeferred *self, GdLink link, const char *function)
{
  if (G_UNLIKELY (!gd_deferred_is_home (self)))
    {
      refuse (self, link, function);
      return self;
    }

  gd_chain_add (&self->chain, &link);
  return self;
}

/**
 * g_deferred_add_callbacks:
 * @self: a Deferred
 * @callback: (nullable) (scope notified) (closure callback_data) (destroy callback_destroy): for success
 * @callback_data: for @callback
 * @callback_destroy: (nullable): frees @callback_data
 * @errback: (nullable) (scope notified) (closure errback_data) (destroy errback_destroy): for failure
 * @errback_data: for @errback
 * @errback_destroy: (nullable): frees @errback_data
 *
 * Adds a link: after success so far @callback is called, after failure @errback, never both. A half that is %NULL
 * passes the outcome through. An error that @callback raises goes to the next link, not to @errback.
 *
 * To be called at home; there they are called, too, in the order in which they were added. If @self is fired, and
 * neither paused nor waiting nor already running its callbacks, that is before this function returns.
 *
 * Both destroy-notifies are called once, at home, as soon as the link has run or can no longer run.
 *
 * Returns: (transfer none): @self
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_add_callbacks (GDeferred        *self,
                          GDeferredCallback callback,
                          gpointer          callback_data,
                          GDestroyNotify    callback_destroy,
                          GDeferredCallback errback,
                          gpointer          errback_data,
                          GDestroyNotify    errback_destroy)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), self);

  return add (self,
              (GdLink){ GD_LINK_PAIR, callback, callback_data, callback_destroy, errback, errback_data,
                        errback_destroy },
              G_STRFUNC);
}

/**
 * g_deferred_add_callback:
 * @self: a Deferred
 * @callback: (scope notified) (closure user_data) (destroy destroy): for success
 * @user_data: for @callback
 * @destroy: (nullable): frees @user_data
 *
 * Adds a link for success; a failure passes it by. In all else it is as [method@Deferred.add_callbacks].
 *
 * Returns: (transfer none): @self
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_add_callback (GDeferred        *self,
                         GDeferredCallback callback,
                         gpointer          user_data,
                         GDestroyNotify    destroy)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), self);
  g_return_val_if_fail (callback != NULL, self);

  if (G_UNLIKELY (destroy != NULL || !gd_deferred_is_home (self)))
    return add (self, (GdLink){ GD_LINK_PAIR, callback, user_data, destroy, NULL, NULL, NULL }, G_STRFUNC);

  gd_links_add_callback (&self->chain.links, callback, user_data);
  gd_chain_run_if_idle (&self->chain);
  return self;
}

/**
 * g_deferred_add_errback:
 * @self: a Deferred
 * @errback: (scope notified) (closure user_data) (destroy destroy): for failure
 * @user_data: for @errback
 * @destroy: (nullable): frees @user_data
 *
 * Adds a link for failure; a success passes it by. The error is handled when @errback sets a value, or nothing with
 * [method@Deferred.return_none]; if it only returns %TRUE, the error goes on to the next link. So one that does no more
 * than print the error has to end with [method@Deferred.return_none]. In all else it is as
 * [method@Deferred.add_callbacks].
 *
 * Returns: (transfer none): @self
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_add_errback (GDeferred        *self,
                        GDeferredCallback errback,
                        gpointer          user_data,
                        GDestroyNotify    destroy)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), self);
  g_return_val_if_fail (errback != NULL, self);

  return add (self, (GdLink){ .errback = errback, .errback_data = user_data, .errback_destroy = destroy },
              G_STRFUNC);
}

/**
 * g_deferred_add_errback_for:
 * @self: a Deferred
 * @domain: the error domain
 * @code: the error code in @domain
 * @errback: (scope notified) (closure user_data) (destroy destroy): for that error
 * @user_data: for @errback
 * @destroy: (nullable): frees @user_data
 *
 * Adds a link for one kind of error; a success and every other error pass it by. In all else it is as
 * [method@Deferred.add_errback].
 *
 * ```c
 * static gboolean
 * use_defaults (GDeferred *self, gpointer user_data, GError **error)
 * {
 *   return g_deferred_return_string (self, "defaults");
 * }
 *
 * static void
 * fall_back (GDeferred *contents)
 * {
 *   g_deferred_add_errback_for (contents, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, use_defaults, NULL, NULL);
 * }
 * ```
 *
 * Returns: (transfer none): @self
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_add_errback_for (GDeferred        *self,
                            GQuark            domain,
                            int               code,
                            GDeferredCallback errback,
                            gpointer          user_data,
                            GDestroyNotify    destroy)
{
  GdLink trap;

  g_return_val_if_fail (G_IS_DEFERRED (self), self);
  g_return_val_if_fail (domain != 0, self);
  g_return_val_if_fail (errback != NULL, self);

  trap = (GdLink){ .kind = GD_LINK_TRAP,
                   .callback_data = GUINT_TO_POINTER (domain),
                   .callback_destroy = (GDestroyNotify) (gssize) code,
                   .errback = errback,
                   .errback_data = user_data,
                   .errback_destroy = destroy };
  return add (self, trap, G_STRFUNC);
}

/**
 * g_deferred_add_both:
 * @self: a Deferred
 * @both: (scope notified) (closure user_data) (destroy destroy): for success and for failure
 * @user_data: for @both
 * @destroy: (nullable): frees @user_data
 *
 * Adds a link that is called in either case: for cleaning up, say. [method@Deferred.get_error] tells which it is. In
 * all else it is as [method@Deferred.add_callbacks].
 *
 * Returns: (transfer none): @self
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_add_both (GDeferred *self, GDeferredCallback both, gpointer user_data, GDestroyNotify destroy)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), self);
  g_return_val_if_fail (both != NULL, self);

  if (G_UNLIKELY (!gd_deferred_is_home (self)))
    return add (self, (GdLink){ GD_LINK_PAIR, both, user_data, destroy, both, user_data, NULL }, G_STRFUNC);

  gd_links_add_both (&self->chain.links, both, user_data, destroy);
  gd_chain_run_if_idle (&self->chain);
  return self;
}

static void
add_target (GDeferred *self, GdLinkKind kind, GDeferred *target)
{
  gd_chain_add_target (&self->chain, kind, &target->chain);
  gd_chain_run_if_idle (&self->chain);
}

/**
 * g_deferred_chain_deferred:
 * @self: a Deferred
 * @other: another Deferred, which @self keeps until then
 *
 * Adds a link that fires @other with the outcome of @self so far, and leaves @self with nothing. The callbacks of
 * @other run after those that @self has left. If @other was fired already, @self goes on with
 * %G_DEFERRED_ERROR_ALREADY_CALLED; if it was cancelled, the outcome is dropped in silence.
 *
 * To be called in the home of @self. @other may live in another context.
 *
 * Returns: (transfer none): @self
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_chain_deferred (GDeferred *self, GDeferred *other)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), self);
  g_return_val_if_fail (G_IS_DEFERRED (other), self);
  g_return_val_if_fail (self != other, self);
  gd_return_val_if_away (self, self);

  if (gd_deferred_shares_home (self, other))
    add_target (self, GD_LINK_CHAIN, other);
  else
    gd_bridge_chain (self, other);
  return self;
}

/**
 * g_deferred_fork:
 * @self: a Deferred
 *
 * Adds a link that fires a new Deferred with a copy of the outcome of @self so far, and goes on with it unchanged: so
 * that several parties can each have a chain of their own. The callbacks of forks run after those that @self has left,
 * in the order in which the forks were made. An error is the fork's to handle, too, and @self is not reported for it.
 *
 * Cancelling a fork leaves @self alone. To be called at home.
 *
 * Returns: (transfer full): the new Deferred, which lives where @self does
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_fork (GDeferred *self)
{
  GDeferred *fork;

  g_return_val_if_fail (G_IS_DEFERRED (self), NULL);
  gd_return_val_if_away (self, NULL);

  fork = gd_deferred_new (GD_CALLER);
  gd_home_join (&fork->home, &self->home);
  add_target (self, GD_LINK_FORK, fork);
  return fork;
}

static void
notify_paused (GDeferred *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), gd_deferred_props[GD_PROP_PAUSED]);
}

/**
 * g_deferred_pause:
 * @self: a Deferred
 *
 * Holds the chain of @self back until [method@Deferred.unpause] was called as often. It may be fired meanwhile. From
 * inside a callback of @self it stops the chain before the next link.
 *
 * Who pauses must unpause. To be called at home.
 *
 * Since: 1.0
 */
void
g_deferred_pause (GDeferred *self)
{
  g_return_if_fail (G_IS_DEFERRED (self));
  gd_return_if_away (self);

  if (self->chain.pauses++ > 0)
    return;

  self->chain.flags |= GD_CHAIN_PAUSED;
  notify_paused (self);
}

/**
 * g_deferred_unpause:
 * @self: a Deferred
 *
 * Undoes one [method@Deferred.pause]. With the last one the callbacks that were held back run, before this returns.
 * It never ends a wait for a Deferred that a callback returned.
 *
 * To be called at home. Without a pause to undo it is a programmer error, and does nothing.
 *
 * Since: 1.0
 */
void
g_deferred_unpause (GDeferred *self)
{
  gboolean was_busy;

  g_return_if_fail (G_IS_DEFERRED (self));
  gd_return_if_away (self);
  if (G_UNLIKELY (self->chain.pauses == 0))
    {
      g_critical ("%s: there is no g_deferred_pause() to undo", G_STRFUNC);
      return;
    }

  if (--self->chain.pauses > 0)
    return;

  was_busy = gd_chain_hold (&self->chain);
  self->chain.flags &= ~GD_CHAIN_PAUSED;
  notify_paused (self);
  gd_chain_run_if_idle (&self->chain);
  gd_chain_release (&self->chain, was_busy);
}
