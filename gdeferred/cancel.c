/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "deferred-private.h"

/* Cancelling, by hand, by a GCancellable, and by the end of an object. */

static void
cancel_cancellable (GDeferred *self)
{
  GdExtras     *extras = gd_deferred_extras (self);
  GCancellable *cancellable = extras != NULL ? g_atomic_pointer_get (&extras->cancellable) : NULL;

  if (cancellable != NULL)
    g_cancellable_cancel (cancellable);
}

/* Whether there was one. */
static gboolean
call_canceller (GDeferred *self)
{
  GdExtras          *extras = gd_deferred_extras (self);
  GDeferredCanceller canceller;
  gpointer           data;
  GDestroyNotify     destroy;

  if (extras == NULL)
    return FALSE;

  canceller = g_steal_pointer (&extras->canceller);
  data = g_steal_pointer (&extras->canceller_data);
  destroy = g_steal_pointer (&extras->canceller_destroy);
  if (canceller != NULL)
    canceller (self, data);
  if (destroy != NULL)
    destroy (data);
  return canceller != NULL;
}

/* Unless another thread was quicker. In one step, so that no late fire falls between. */
static void
take_claim (GdChain *chain, gboolean swallow)
{
  int taken = GD_CLAIM_TAKEN | (swallow ? GD_CLAIM_SWALLOW : 0);
  int old;

  do
    old = g_atomic_int_get (&chain->claim);
  while (!(old & GD_CLAIM_TAKEN) && !g_atomic_int_compare_and_exchange (&chain->claim, old, old | taken));
}

/* Gives the claim as it was before. */
static guint
mark_cancelled (GdChain *chain)
{
  g_atomic_int_add (&chain->claim, GD_CLAIM_ONE_CANCEL);
  return g_atomic_int_or ((guint *) &chain->claim, GD_CLAIM_CANCELLED);
}

/* Not fired, as far as home knows. If another thread has fired it, its outcome will be dropped, and its producer has
 * nothing left to cancel. A canceller that cancels again comes back here, and leaves the rest to the first. */
static void
cancel_unfired (GDeferred *self)
{
  GdChain *chain = &self->chain;
  guint    before = mark_cancelled (chain);
  gboolean had_canceller = FALSE;
  gboolean was_busy;

  if ((before & GD_CLAIM_CANCELLED) && !(before & GD_CLAIM_TAKEN))
    return;

  was_busy = gd_chain_hold (chain);
  cancel_cancellable (self);
  if (!(before & GD_CLAIM_TAKEN))
    had_canceller = call_canceller (self);
  gd_chain_release (chain, was_busy);

  if (chain->flags & GD_CHAIN_FIRED)
    return;

  take_claim (chain, !had_canceller);
  gd_deferred_fail_now (self,
                        g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Operation was cancelled"));
}

/* One that waits passes it on to the one that, through others, it waits for. */
static void
cancel_at_home (GDeferred *self)
{
  g_object_ref (self);
  while (self->chain.flags & GD_CHAIN_WAITING)
    {
      GDeferred *waiting = self;

      mark_cancelled (&waiting->chain);
      self = g_object_ref (gd_chain_owner (waiting->chain.waits_for));
      cancel_cancellable (waiting);
      g_object_unref (waiting);
    }

  if (!(self->chain.flags & GD_CHAIN_FIRED))
    cancel_unfired (self);
  g_object_unref (self);
}

static void
cancel_posted (GDeferred *self, gpointer user_data G_GNUC_UNUSED)
{
  cancel_at_home (self);
}

/**
 * g_deferred_cancel:
 * @self: a Deferred
 *
 * Cancels what would have fired @self. If it was not fired yet, its canceller is called, and the
 * [class@Gio.Cancellable] of [method@Deferred.get_cancellable] is cancelled; if nobody has fired it by then, it fails
 * with %G_IO_ERROR_CANCELLED. If it waits for a Deferred that a callback returned, that one is cancelled. If it is
 * finished, nothing happens.
 *
 * It may be called from any thread. In the home thread it is done when this returns; from elsewhere it is sent to the
 * home context. A result that was on its way from another thread when it is done at home is dropped.
 *
 * Without a canceller, the producer does not know: the next fire is dropped in silence, and those after it fail with
 * %G_DEFERRED_ERROR_ALREADY_CALLED. A Deferred that a function returns for one that was cancelled meanwhile is
 * cancelled, too: nobody waits for it.
 *
 * Since: 1.0
 */
void
g_deferred_cancel (GDeferred *self)
{
  g_return_if_fail (G_IS_DEFERRED (self));

  if (gd_deferred_is_home (self))
    cancel_at_home (self);
  else
    gd_deferred_invoke (self, cancel_posted, NULL, NULL);
}

/**
 * g_deferred_is_cancelled:
 * @self: a Deferred
 *
 * Whether @self was cancelled: for a job in a thread to ask now and then, whether anybody wants its result still; and
 * for one who goes on calling functions on behalf of @self, before each call. It may be asked from any thread, and
 * costs next to nothing.
 *
 * A cancel from another thread counts once the home context has got to it, the end of an owner (see
 * [method@Deferred.bind_owner]) at once.
 *
 * Returns: whether [method@Deferred.cancel] has come to it before it had its result, or an owner has gone before it was
 *   fired
 *
 * Since: 1.0
 */
gboolean
g_deferred_is_cancelled (GDeferred *self)
{
  int claim;

  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);

  claim = g_atomic_int_get (&self->chain.claim);
  return (claim & GD_CLAIM_CANCELLED) || (claim & (GD_CLAIM_MUTED | GD_CLAIM_TAKEN)) == GD_CLAIM_MUTED;
}

/**
 * g_deferred_get_n_cancels:
 * @self: a Deferred
 *
 * How often [method@Deferred.cancel] has come to @self before it had its result. One who has cancelled it, because
 * its time was up for instance, can tell by this whether somebody else wants it to end, too: then the error stays
 * %G_IO_ERROR_CANCELLED. It may be asked from any thread.
 *
 * A cancel from another thread counts once the home context has got to it.
 *
 * Returns: a number, 0 for one that was not cancelled
 *
 * Since: 1.0
 */
guint
g_deferred_get_n_cancels (GDeferred *self)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), 0);

  return (guint) g_atomic_int_get (&self->chain.claim) / GD_CLAIM_ONE_CANCEL;
}

/**
 * g_deferred_get_cancellable:
 * @self: a Deferred
 *
 * A [class@Gio.Cancellable] that is cancelled when @self is, to pass to the operations that will fire it. It is made by
 * the first call, and it may be called from any thread.
 *
 * ```c
 * static GDeferred *
 * start (GFile *file, GAsyncReadyCallback ready)
 * {
 *   GDeferred *self = g_deferred_new ();
 *
 *   g_file_load_contents_async (file, g_deferred_get_cancellable (self), ready, g_object_ref (self));
 *   return self;
 * }
 * ```
 *
 * Returns: (transfer none): the cancellable, which belongs to @self
 *
 * Since: 1.0
 */
GCancellable *
g_deferred_get_cancellable (GDeferred *self)
{
  GdExtras     *extras;
  GCancellable *cancellable;

  g_return_val_if_fail (G_IS_DEFERRED (self), NULL);

  extras = gd_extras_get (&self->extras);
  cancellable = g_atomic_pointer_get (&extras->cancellable);
  if (cancellable != NULL)
    return cancellable;

  cancellable = g_cancellable_new ();
  if (!g_atomic_pointer_compare_and_exchange (&extras->cancellable, NULL, cancellable))
    g_object_unref (cancellable);

  cancellable = g_atomic_pointer_get (&extras->cancellable);
  if (g_deferred_is_cancelled (self))
    g_cancellable_cancel (cancellable);
  return cancellable;
}

/* Called inside the emission, in whichever thread, with the cancellable's lock held perhaps: it only sends word. */
static void
on_cancelled (GCancellable *cancellable G_GNUC_UNUSED, gpointer weak_ref)
{
  GDeferred *self = g_weak_ref_get (weak_ref);

  if (self == NULL)
    return;

  gd_deferred_invoke (self, cancel_posted, NULL, NULL);
  g_object_unref (self);
}

static void
free_weak_ref (gpointer weak_ref, GClosure *closure G_GNUC_UNUSED)
{
  g_weak_ref_clear (weak_ref);
  g_free (weak_ref);
}

/**
 * g_deferred_link_cancellable:
 * @self: a Deferred
 * @cancellable: (nullable): what cancels it; %NULL does nothing
 *
 * Cancels @self when @cancellable is cancelled: from the loop of the home context, never inside
 * [method@Gio.Cancellable.cancel], so that nothing can lock up. If @cancellable is cancelled already, @self is
 * cancelled before this returns. The link ends when @self is fired.
 *
 * To be called at home, and with one cancellable only.
 *
 * Since: 1.0
 */
void
g_deferred_link_cancellable (GDeferred *self, GCancellable *cancellable)
{
  GdExtras *extras;
  GWeakRef *weak_ref;

  g_return_if_fail (G_IS_DEFERRED (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  gd_return_if_away (self);

  if (cancellable == NULL || (self->chain.flags & (GD_CHAIN_FIRED | GD_CHAIN_FRESH)) == GD_CHAIN_FIRED)
    return;

  extras = gd_extras_get (&self->extras);
  if (G_UNLIKELY (extras->linked != NULL))
    {
      g_critical ("%s: the Deferred is linked to a GCancellable already", G_STRFUNC);
      return;
    }

  weak_ref = g_new (GWeakRef, 1);
  g_weak_ref_init (weak_ref, self);
  extras->linked = g_object_ref (cancellable);
  extras->linked_handler = g_signal_connect_data (cancellable, "cancelled", G_CALLBACK (on_cancelled),
                                                  weak_ref, free_weak_ref, 0);
  if (g_cancellable_is_cancelled (cancellable))
    cancel_at_home (self);
}

/* Called inside the owner's dispose: nothing of the user's may run in it. From here on no callback does. */
static void
on_owner_gone (GDeferred *self)
{
  g_atomic_int_or ((guint *) &self->chain.claim, GD_CLAIM_MUTED);
  gd_deferred_invoke (self, cancel_posted, NULL, NULL);
}

/**
 * g_deferred_bind_owner:
 * @self: a Deferred
 * @owner: the object, a widget say, that the callbacks of @self work on
 *
 * Ends @self with @owner. When @owner is disposed, none of the callbacks that @self has left, or is given later, is
 * called any more, even if the result was there already, and @self is cancelled, from the loop of its home context.
 * Their data is freed then. Other Deferreds that @self leads on to get the error, or the result if it was there
 * already.
 *
 * Neither keeps the other alive. A Deferred may have several owners. To be called at home, and @owner should be
 * disposed there, as widgets are.
 *
 * Since: 1.0
 */
void
g_deferred_bind_owner (GDeferred *self, GObject *owner)
{
  GdExtras *extras;

  g_return_if_fail (G_IS_DEFERRED (self));
  g_return_if_fail (G_IS_OBJECT (owner));
  gd_return_if_away (self);

  extras = gd_extras_get (&self->extras);
  g_atomic_pointer_set (&gd_bond_owner_gone, on_owner_gone);
  extras->bonds = gd_bond_new (owner, self, extras->bonds);
}
