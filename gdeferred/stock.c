/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "stock-private.h"

/* Getters that stand in line and are about to get a value. */
guint
gd_stock_n_about_to_get (GdStock *self)
{
  return MIN (self->values.length, self->getters.length);
}

/* @demand: values that will be taken at once, beside those that getters in line wait for. */
gboolean
gd_stock_has_room (GdStock *self, guint demand)
{
  return self->size < 0 || self->values.length < (guint64) self->size + self->getters.length + demand;
}

/* Takes in the values of those who have waited for room. They are told when they are served. */
void
gd_stock_accept (GdStock *self, guint demand)
{
  while (self->putters.first != NULL && !self->is_closed && gd_stock_has_room (self, demand))
    {
      GdWaiter *putter = self->putters.first;

      gd_ring_push (&self->values, &putter->value);
      putter->is_settled = TRUE;
      gd_waiter_move (putter, &self->accepted);
    }
}

static gboolean
hand_over (GdStock *self)
{
  GdWaiter *getter = self->getters.first;
  GValue    value = gd_ring_pop (&self->values);

  if (!gd_waiter_grant (getter, &value))
    gd_ring_push_front (&self->values, &value);
  return TRUE;
}

static gboolean
serve (GdDesk *desk)
{
  GdStock  *self = (GdStock *) desk;
  GdWaiter *waiter;

  if (self->accepted.first != NULL)
    {
      gd_waiter_grant (self->accepted.first, NULL);
      return TRUE;
    }
  if (self->getters.first != NULL && self->values.length > 0)
    return hand_over (self);

  waiter = self->getters.first != NULL ? self->getters.first : self->putters.first;
  if (waiter == NULL || !self->is_closed)
    return FALSE;

  gd_waiter_fail (waiter, G_DEFERRED_ERROR, G_DEFERRED_ERROR_CLOSED, GD_STOCK_CLOSED);
  return TRUE;
}

/* A putter that was accepted cannot be undone: its value is in. */
static void
take_back (GdDesk *desk, GdWaiter *waiter)
{
  GdStock *self = (GdStock *) desk;

  if (!waiter->is_settled)
    gd_ring_push_front (&self->values, &waiter->value);
}

/* Without waiting. The putters that this made room for are to be served after that. */
gboolean
gd_stock_take (GdStock *self, GValue *value)
{
  if (self->getters.first != NULL || self->desk.n_undecided > 0)
    return FALSE;

  gd_stock_accept (self, 1);
  if (self->values.length == 0)
    return FALSE;

  *value = gd_ring_pop (&self->values);
  return TRUE;
}

void
gd_stock_serve_accepted (GdStock *self)
{
  if (self->accepted.first != NULL)
    gd_desk_serve (&self->desk);
}

/* There is room; then nobody waits for it. The object may be gone after that, if the caller does not hold it. */
void
gd_stock_put (GdStock *self, const GValue *value)
{
  GValue copy = G_VALUE_INIT;

  gd_value_set_copy (&copy, value);
  gd_ring_push (&self->values, &copy);
  if (self->getters.first != NULL)
    gd_desk_serve (&self->desk);
}

void
gd_stock_init (GdStock *self, gpointer object)
{
  static const GdDeskFuncs funcs = { "queue", serve, take_back };

  gd_desk_init (&self->desk, object, &funcs);
  self->size = -1;
}
