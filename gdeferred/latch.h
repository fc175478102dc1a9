/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

#define G_TYPE_DEFERRED_LATCH (g_deferred_latch_get_type ())
GD_EXTERN
G_DECLARE_FINAL_TYPE (GDeferredLatch, g_deferred_latch, G, DEFERRED_LATCH, GObject)

GD_EXTERN GDeferredLatch *g_deferred_latch_new (guint count);
GD_EXTERN gboolean        g_deferred_latch_count_down (GDeferredLatch *self);
GD_EXTERN guint           g_deferred_latch_get_count (GDeferredLatch *self);
GD_EXTERN GDeferred      *g_deferred_latch_wait (GDeferredLatch *self);

G_END_DECLS
