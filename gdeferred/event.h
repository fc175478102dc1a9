/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

#define G_TYPE_DEFERRED_EVENT (g_deferred_event_get_type ())
GD_EXTERN
G_DECLARE_FINAL_TYPE (GDeferredEvent, g_deferred_event, G, DEFERRED_EVENT, GObject)

GD_EXTERN GDeferredEvent *g_deferred_event_new (void);
GD_EXTERN void            g_deferred_event_set (GDeferredEvent *self);
GD_EXTERN void            g_deferred_event_clear (GDeferredEvent *self);
GD_EXTERN gboolean        g_deferred_event_is_set (GDeferredEvent *self);
GD_EXTERN GDeferred      *g_deferred_event_wait (GDeferredEvent *self);
GD_EXTERN guint           g_deferred_event_get_n_waiting (GDeferredEvent *self);

G_END_DECLS
