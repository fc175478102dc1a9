/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "ring-private.h"

enum
{
  LEAST_ROOM = 8,
  ROOM_TO_KEEP = 1024 /* more than that is given back when there is no value left */
};

static GValue *
at (GdRing *self, guint index)
{
  return &self->values[(self->head + index) & (self->room - 1)];
}

static void
make_room (GdRing *self)
{
  guint   room = self->room == 0 ? LEAST_ROOM : 2 * self->room;
  GValue *values;

  if (self->length < self->room)
    return;

  values = g_new (GValue, room);
  for (guint i = 0; i < self->length; i++)
    values[i] = *at (self, i);
  g_free (self->values);
  self->values = values;
  self->room = room;
  self->head = 0;
}

/* Moves the value. */
void
gd_ring_push (GdRing *self, GValue *value)
{
  make_room (self);
  *at (self, self->length) = *value;
  self->length++;
  *value = (GValue) G_VALUE_INIT;
}

/* As the oldest. */
void
gd_ring_push_front (GdRing *self, GValue *value)
{
  make_room (self);
  self->head = (self->head - 1) & (self->room - 1);
  *at (self, 0) = *value;
  self->length++;
  *value = (GValue) G_VALUE_INIT;
}

/* The oldest; there is one. */
GValue
gd_ring_pop (GdRing *self)
{
  GValue value = *at (self, 0);

  self->head = (self->head + 1) & (self->room - 1);
  self->length--;
  if (self->length == 0 && self->room > ROOM_TO_KEEP)
    {
      g_free (self->values);
      *self = (GdRing){ NULL, 0, 0, 0 };
    }
  return value;
}

/* What a value's end does to the ring is done to one that is in order. */
void
gd_ring_clear (GdRing *self)
{
  while (self->length > 0)
    {
      GValue value = gd_ring_pop (self);

      g_value_unset (&value);
    }
  g_free (self->values);
  *self = (GdRing){ NULL, 0, 0, 0 };
}
