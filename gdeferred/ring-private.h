/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Values, oldest first. All zeros is an empty one. */
typedef struct
{
  GValue *values; /* owned */
  guint   head;   /* where the oldest is */
  guint   length;
  guint   room; /* a power of 2, or 0 */
} GdRing;

void   gd_ring_push (GdRing *self, GValue *value);
void   gd_ring_push_front (GdRing *self, GValue *value);
GValue gd_ring_pop (GdRing *self);
void   gd_ring_clear (GdRing *self);

G_END_DECLS
