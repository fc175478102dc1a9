/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/clock.h>

G_BEGIN_DECLS

#define G_TYPE_DEFERRED_DEBOUNCE (g_deferred_debounce_get_type ())
GD_EXTERN
G_DECLARE_FINAL_TYPE (GDeferredDebounce, g_deferred_debounce, G, DEFERRED_DEBOUNCE, GObject)

GD_EXTERN GDeferredDebounce *g_deferred_debounce_new (GTimeSpan quiet);
GD_EXTERN void               g_deferred_debounce_set_quiet (GDeferredDebounce *self, GTimeSpan quiet);
GD_EXTERN GTimeSpan          g_deferred_debounce_get_quiet (GDeferredDebounce *self);
GD_EXTERN void               g_deferred_debounce_set_clock (GDeferredDebounce *self, GDeferredClock *clock);
GD_EXTERN GDeferredClock    *g_deferred_debounce_get_clock (GDeferredDebounce *self);
GD_EXTERN GDeferred         *g_deferred_debounce_run (GDeferredDebounce *self,
                                                      GDeferredCallback  func,
                                                      gpointer           user_data,
                                                      GDestroyNotify     destroy);
GD_EXTERN GDeferred         *g_deferred_debounce_run_deferred (GDeferredDebounce *self, GDeferred *start);
GD_EXTERN void               g_deferred_debounce_cancel (GDeferredDebounce *self);
GD_EXTERN gboolean           g_deferred_debounce_flush (GDeferredDebounce *self);

G_END_DECLS
