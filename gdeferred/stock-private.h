/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include "ring-private.h"
#include "waiters-private.h"

G_BEGIN_DECLS

#define GD_STOCK_CLOSED "The queue was closed"

/*
 * What a queue holds, and who waits for that or to add to it. Values are in order; as many more of them than may be as
 * getters stand in line: each of those is about to get one.
 */
typedef struct
{
  GdDesk   desk; /* first: one is taken for the other */
  int      size; /* -1: no limit */
  gboolean is_closed;
  GdLine   getters;
  GdLine   putters;  /* their values are not in: while there is no room, or until they are told of the end */
  GdLine   accepted; /* putters whose value is in, and who are to be told */
  GdRing   values;
} GdStock;

void     gd_stock_init (GdStock *self, gpointer object);
guint    gd_stock_n_about_to_get (GdStock *self);
gboolean gd_stock_has_room (GdStock *self, guint demand);
void     gd_stock_accept (GdStock *self, guint demand);
void     gd_stock_put (GdStock *self, const GValue *value);
gboolean gd_stock_take (GdStock *self, GValue *value);
void     gd_stock_serve_accepted (GdStock *self);

G_END_DECLS
