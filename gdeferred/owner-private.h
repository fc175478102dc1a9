/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/types.h>

G_BEGIN_DECLS

/*
 * The bonds between objects and the Deferreds that end with them. Neither side keeps the other alive.
 *
 * An object has one list of its bonds, which lives as long as the object, and one weak reference for the whole list:
 * GObject does not let go of a single weak reference while it tells of them, so a bond must be able to end by itself,
 * also while its owner is being disposed.
 */
typedef struct _GdBond GdBond;

GdBond *gd_bond_new (GObject *owner, GDeferred *deferred, GdBond *next);
void    gd_bond_free_all (GdBond *first);

/* Called for each Deferred of an owner that is being disposed. */
extern void (*gd_bond_owner_gone) (GDeferred *deferred);

G_END_DECLS
