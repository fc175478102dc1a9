/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "bridge-private.h"

#include "deferred-private.h"

/* Between Deferreds of different homes, which the engine does not know: an outcome crosses as if any other thread had
 * fired the one with it. */

static gboolean
fire_other (GDeferred *self, gpointer other, GError **error)
{
  GdOutcome outcome;
  GdOutcome nothing = GD_OUTCOME_NONE;

  gd_chain_complete (&self->chain);
  gd_outcome_copy (&self->chain.outcome, &outcome);
  if (!gd_deferred_fire (other, &outcome, NULL, error))
    return FALSE;
  return gd_deferred_leave (self, &nothing, NULL, G_STRFUNC);
}

/* A stand-in that was cancelled has had its say. */
static gboolean
fire_stand_in (GDeferred *self, gpointer stand_in, GError **error G_GNUC_UNUSED)
{
  if (!fire_other (self, stand_in, NULL))
    gd_deferred_leave (self, &(GdOutcome) GD_OUTCOME_NONE, NULL, G_STRFUNC);
  return TRUE;
}

/* At the home of @self. */
static void
add_link (GDeferred *self, GDeferredCallback fire, GDeferred *other)
{
  const GdLink link = { GD_LINK_PAIR, fire, g_object_ref (other), g_object_unref, fire, other, NULL };

  gd_chain_add (&self->chain, &link);
}

/* At the home of @self: a link that fires @other with the outcome, and leaves nothing. */
void
gd_bridge_chain (GDeferred *self, GDeferred *other)
{
  add_link (self, fire_other, other);
}

static void
add_stand_in (GDeferred *other, gpointer stand_in)
{
  add_link (other, fire_stand_in, stand_in);
}

static void
cancel_other (GDeferred *stand_in G_GNUC_UNUSED, gpointer user_data)
{
  GDeferred *other = g_weak_ref_get (user_data);

  if (other == NULL)
    return;

  g_deferred_cancel (other);
  g_object_unref (other);
}

static void
free_weak_ref (gpointer weak_ref)
{
  g_weak_ref_clear (weak_ref);
  g_free (weak_ref);
}

/* For @other, one that lives where @self does: it is fired from over there, and cancelling it cancels @other. @other
 * holds it by a link; it does not hold @other. */
static GDeferred *
stand_in_for (GDeferred *other, GDeferred *self)
{
  GWeakRef  *weak_ref = g_new (GWeakRef, 1);
  GDeferred *stand_in;

  g_weak_ref_init (weak_ref, other);
  stand_in = g_deferred_new_with_canceller (cancel_other, weak_ref, free_weak_ref);
  gd_home_join (&stand_in->home, &self->home);

  if (gd_deferred_is_home (other))
    add_stand_in (other, stand_in);
  else
    gd_deferred_invoke (other, add_stand_in, g_object_ref (stand_in), g_object_unref);
  return stand_in;
}

/* What @self will wait for, having been given @inner to wait for. */
GDeferred *
gd_bridge_get_inner (GDeferred *self, GDeferred *inner)
{
  GDeferred *stand_in;

  if (gd_deferred_shares_home (self, inner))
    return inner;

  stand_in = stand_in_for (inner, self);
  g_object_unref (inner);
  return stand_in;
}
