/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

/*
 * A function that is called later, at a time that its owner decides, and the Deferred for what it comes to. It waits,
 * then it is under way, then it is over:
 *
 *   1. It belongs to a link of its Deferred, and goes with that: when the function has its result, or was cancelled.
 *   2. While it waits, it holds that Deferred: the owner is the producer, and whoever waits may drop what they got. Under
 *      way, what the function waits for holds the Deferred, as usual.
 *   3. It tells its owner when it is over, unless the owner has left it. Until then the owner's pointer is good.
 */
typedef struct _GdPostponed GdPostponed;

typedef void (*GdPostponedOver) (gpointer owner);

GdPostponed *gd_postponed_new (
    gpointer owner, GdPostponedOver over, GDeferredCallback func, gpointer user_data, GDestroyNotify destroy);
GDeferred *gd_postponed_make_outer (GdPostponed *self);
gboolean   gd_postponed_waits (const GdPostponed *self);
void       gd_postponed_leave (GdPostponed *self);
void       gd_postponed_start (GdPostponed *self);
void       gd_postponed_cancel (GdPostponed *self);
void       gd_postponed_cancel_later (GdPostponed *self);

/* For functions that are given as a Deferred: to call it is to fire that, and to wait for it. */
gpointer gd_start_new (GDeferred *start);
void     gd_start_free (gpointer self);
gboolean gd_start_call (GDeferred *deferred, gpointer self, GError **error);

G_END_DECLS
