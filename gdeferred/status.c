/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "deferred-private.h"

#include "debug-private.h"
#include "tsan-private.h"

/* What a Deferred is, what it is called, and where it lives. */

/**
 * g_deferred_get_state:
 * @self: a Deferred
 *
 * What @self is doing. To be asked at home.
 *
 * Returns: its state
 *
 * Since: 1.0
 */
GDeferredState
g_deferred_get_state (GDeferred *self)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), G_DEFERRED_STATE_PENDING);
  gd_return_val_if_away (self, G_DEFERRED_STATE_PENDING);

  return gd_deferred_look (self);
}

/**
 * g_deferred_get_pending:
 * @self: a Deferred
 *
 * Whether the result of @self is still to come: it was not fired, or waits for another Deferred. To be asked at home.
 *
 * Returns: whether it is pending
 *
 * Since: 1.0
 */
gboolean
g_deferred_get_pending (GDeferred *self)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);

  gd_return_val_if_away (self, FALSE);

  return gd_state_is_pending (gd_deferred_look (self));
}

/**
 * g_deferred_get_paused:
 * @self: a Deferred
 *
 * Whether [method@Deferred.pause] was called oftener than [method@Deferred.unpause]. To be asked at home.
 *
 * Returns: whether it is paused
 *
 * Since: 1.0
 */
gboolean
g_deferred_get_paused (GDeferred *self)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);
  gd_return_val_if_away (self, FALSE);

  return self->chain.pauses > 0;
}

/**
 * g_deferred_is_finished:
 * @self: a Deferred
 *
 * Whether @self has its result, and every callback that was added has run: one that is added now would be called at
 * once. To be asked at home.
 *
 * Returns: whether it is finished, for now
 *
 * Since: 1.0
 */
gboolean
g_deferred_is_finished (GDeferred *self)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);
  gd_return_val_if_away (self, FALSE);

  return gd_chain_is_idle (&self->chain);
}

/**
 * g_deferred_is_heeded:
 * @self: a Deferred, on which the caller has one reference
 *
 * Whether anybody would see a result of @self: somebody else has a reference, or left callbacks, or handlers of its
 * signals, or another Deferred gets its outcome. Once an owner is gone (see [method@Deferred.bind_owner]), only such
 * Deferreds count.
 *
 * It is for producers that give what has to be given back, such as a place in a queue of workers: where nobody heeds
 * @self, it goes to the next. A program in a language whose garbage collector has not run yet may still have a
 * reference that it does not know of. To be asked at home.
 *
 * Returns: whether anybody is there to see the result
 *
 * Since: 1.0
 */
gboolean
g_deferred_is_heeded (GDeferred *self)
{
  const GdChain *chain;

  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);
  gd_return_val_if_away (self, FALSE);

  chain = &self->chain;
  if (gd_chain_is_muted (chain))
    return chain->n_targets > 0;
  return gd_chain_has_links (chain) || g_atomic_int_get (&G_OBJECT (self)->ref_count) > 1
         || gd_deferred_is_listened (self);
}

/**
 * g_deferred_get_waiting_on:
 * @self: a Deferred
 *
 * The Deferred from which @self will get its result: one that a callback of @self returned and that has no result
 * yet, or, while @self is not fired, the one that it was forked from or chained to. To be asked at home.
 *
 * Returns: (transfer none) (nullable): the one that @self waits for, if any is known
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_get_waiting_on (GDeferred *self)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), NULL);
  gd_return_val_if_away (self, NULL);

  return self->chain.waits_for != NULL ? gd_chain_owner (self->chain.waits_for) : NULL;
}

/**
 * g_deferred_set_name:
 * @self: a Deferred
 * @name: (nullable): a name for reports, which is copied
 *
 * Names @self. To be called at home.
 *
 * Since: 1.0
 */
void
g_deferred_set_name (GDeferred *self, const char *name)
{
  g_return_if_fail (G_IS_DEFERRED (self));
  gd_return_if_away (self);

  gd_deferred_set_name (self, name);
}

/**
 * g_deferred_get_name:
 * @self: a Deferred
 *
 * The name that [method@Deferred.set_name] gave to @self. To be asked at home.
 *
 * Returns: (transfer none) (nullable): its name
 *
 * Since: 1.0
 */
const char *
g_deferred_get_name (GDeferred *self)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), NULL);
  gd_return_val_if_away (self, NULL);

  return gd_deferred_extras (self) != NULL ? gd_deferred_extras (self)->name : NULL;
}

/**
 * g_deferred_describe:
 * @self: a Deferred
 *
 * What @self is and where it comes from, on one line, for logs and debuggers. To be called at home.
 *
 * Returns: (transfer full): the description
 *
 * Since: 1.0
 */
char *
g_deferred_describe (GDeferred *self)
{
  g_autofree char *made = NULL;
  g_autofree char *fired = NULL;
  const char      *name;
  GEnumClass      *states;
  char            *text;

  g_return_val_if_fail (G_IS_DEFERRED (self), NULL);
  gd_return_val_if_away (self, NULL);

  name = g_deferred_get_name (self);
  made = gd_debug_place (self->made_at);
  fired = self->chain.flags & GD_CHAIN_FIRED ? gd_debug_place_of_fire (self->fired_at) : NULL;
  states = g_type_class_ref (G_TYPE_DEFERRED_STATE);
  text = g_strdup_printf ("Deferred %p%s%s%s, %s, made at %s%s%s", self, name != NULL ? " “" : "",
                          name != NULL ? name : "", name != NULL ? "”" : "",
                          g_enum_get_value (states, (int) gd_chain_state (&self->chain))->value_nick, made,
                          fired != NULL ? ", fired at " : "", fired != NULL ? fired : "");
  g_type_class_unref (states);
  return text;
}

/**
 * g_deferred_get_context:
 * @self: a Deferred
 *
 * The main context in which @self lives, and in which its callbacks are called. It may be asked from any thread.
 *
 * Returns: (transfer none): the home context
 *
 * Since: 1.0
 */
GMainContext *
g_deferred_get_context (GDeferred *self)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), NULL);

  return gd_inbox_context (g_atomic_pointer_get (&self->home.inbox));
}

/**
 * g_deferred_is_home:
 * @self: a Deferred
 *
 * Whether the calling thread is the one that may add callbacks to @self. It may be asked from any thread.
 *
 * Returns: whether the caller is at home
 *
 * Since: 1.0
 */
gboolean
g_deferred_is_home (GDeferred *self)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);

  return gd_deferred_is_home (self);
}

/**
 * g_deferred_hand_over:
 * @self: a Deferred
 * @context: (nullable): where it is to live; %NULL for the global default main context
 *
 * Moves @self to another main context. From then on its callbacks, those it has too, are called there, and the caller
 * may only do what is right from any thread, unless @context is its own.
 *
 * To be called at home, and not while @self runs its callbacks, or waits for a Deferred that one of them returned, or
 * has others that will get its outcome (forks, chained ones, those that wait for it): that is a programmer error, and
 * does nothing. A fork, or a Deferred that another one is chained to, can be handed over.
 *
 * Since: 1.0
 */
void
g_deferred_hand_over (GDeferred *self, GMainContext *context)
{
  const guint busy = GD_CHAIN_RUNNING | GD_CHAIN_QUEUED | GD_CHAIN_WAITING | GD_CHAIN_BUSY;
  GdInbox    *former;
  GdExtras   *extras;

  g_return_if_fail (G_IS_DEFERRED (self));
  gd_return_if_away (self);
  if (G_UNLIKELY ((self->chain.flags & busy) != 0 || self->chain.n_targets > 0))
    {
      g_critical ("%s: the Deferred runs its callbacks, waits for another one, is being cancelled, or has "
                  "others that "
                  "get its outcome; hand it over before that",
                  G_STRFUNC);
      return;
    }

  if (gd_inbox_context (self->home.inbox) == (context != NULL ? context : g_main_context_default ()))
    return;

  extras = gd_extras_get (&self->extras);
  former = self->home.inbox;
  extras->former_inboxes = g_slist_prepend (extras->former_inboxes, former);
  self->chain.waits_for = NULL;
  self->chain.flags |= GD_CHAIN_FOREIGN;
  GD_TSAN_RELEASE (self);
  gd_home_move (&self->home, context);
}
