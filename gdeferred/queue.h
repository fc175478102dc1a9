/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

#define G_TYPE_DEFERRED_QUEUE (g_deferred_queue_get_type ())
GD_EXTERN
G_DECLARE_FINAL_TYPE (GDeferredQueue, g_deferred_queue, G, DEFERRED_QUEUE, GObject)

GD_EXTERN GDeferredQueue *g_deferred_queue_new (int size, int backlog);
GD_EXTERN GDeferred      *g_deferred_queue_put (GDeferredQueue *self, const GValue *value);
GD_EXTERN gboolean   g_deferred_queue_put_nowait (GDeferredQueue *self, const GValue *value, GError **error);
GD_EXTERN void       g_deferred_queue_unget (GDeferredQueue *self, const GValue *value);
GD_EXTERN GDeferred *g_deferred_queue_get (GDeferredQueue *self);
GD_EXTERN GDeferred *g_deferred_queue_get_nowait (GDeferredQueue *self);
GD_EXTERN void       g_deferred_queue_close (GDeferredQueue *self);
GD_EXTERN gboolean   g_deferred_queue_is_closed (GDeferredQueue *self);
GD_EXTERN guint      g_deferred_queue_get_length (GDeferredQueue *self);
GD_EXTERN guint      g_deferred_queue_get_n_getting (GDeferredQueue *self);
GD_EXTERN guint      g_deferred_queue_get_n_putting (GDeferredQueue *self);

G_END_DECLS
