/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "owner-private.h"

void (*gd_bond_owner_gone) (GDeferred *deferred);

struct _GdBond
{
  GdBond    *next_of_deferred; /* owned by the Deferred, with all that follow */
  GDeferred *deferred;

  GdBond **place; /* what points to this one in the owner's list; NULL once the owner is gone */
  GdBond  *next_of_owner;
};

typedef struct
{
  GdBond  *first;
  gboolean is_watched; /* the weak reference is there */
} Bonds;

static GQuark
bonds_quark (void)
{
  return g_quark_from_static_string ("gdeferred-bonds");
}

static void
bond_leave_owner (GdBond *self)
{
  if (self->place == NULL)
    return;

  *self->place = self->next_of_owner;
  if (self->next_of_owner != NULL)
    self->next_of_owner->place = self->place;
  self->place = NULL;
}

static void
bonds_end (Bonds *self)
{
  while (self->first != NULL)
    {
      GdBond *bond = self->first;

      bond_leave_owner (bond);
      gd_bond_owner_gone (bond->deferred);
    }
}

static void
owner_gone (gpointer user_data, GObject *owner G_GNUC_UNUSED)
{
  Bonds *self = user_data;

  self->is_watched = FALSE;
  bonds_end (self);
}

static void
bonds_free (gpointer data)
{
  bonds_end (data);
  g_free (data);
}

static Bonds *
get_bonds (GObject *owner)
{
  Bonds *self = g_object_get_qdata (owner, bonds_quark ());

  if (self == NULL)
    {
      self = g_new0 (Bonds, 1);
      g_object_set_qdata_full (owner, bonds_quark (), self, bonds_free);
    }
  if (!self->is_watched)
    {
      g_object_weak_ref (owner, owner_gone, self);
      self->is_watched = TRUE;
    }
  return self;
}

/* @next is the Deferred's list so far. */
GdBond *
gd_bond_new (GObject *owner, GDeferred *deferred, GdBond *next)
{
  Bonds  *bonds = get_bonds (owner);
  GdBond *self = g_new (GdBond, 1);

  self->next_of_deferred = next;
  self->deferred = deferred;
  self->place = &bonds->first;
  self->next_of_owner = bonds->first;
  if (bonds->first != NULL)
    bonds->first->place = &self->next_of_owner;
  bonds->first = self;
  return self;
}

void
gd_bond_free_all (GdBond *first)
{
  while (first != NULL)
    {
      GdBond *next = first->next_of_deferred;

      bond_leave_owner (first);
      g_free (first);
      first = next;
    }
}
