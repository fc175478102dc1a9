/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

/* Firing with a value of a C type */
GD_EXTERN gboolean g_deferred_callback_boolean (GDeferred *self, gboolean value, GError **error);
GD_EXTERN gboolean g_deferred_callback_int (GDeferred *self, int value, GError **error);
GD_EXTERN gboolean g_deferred_callback_int64 (GDeferred *self, gint64 value, GError **error);
GD_EXTERN gboolean g_deferred_callback_double (GDeferred *self, double value, GError **error);
GD_EXTERN gboolean g_deferred_callback_string (GDeferred *self, const char *value, GError **error);
GD_EXTERN gboolean g_deferred_callback_take_string (GDeferred *self, char *value, GError **error);
GD_EXTERN gboolean g_deferred_callback_object (GDeferred *self, gpointer value, GError **error);
GD_EXTERN gboolean g_deferred_callback_take_object (GDeferred *self, gpointer value, GError **error);
GD_EXTERN gboolean g_deferred_callback_boxed (GDeferred    *self,
                                              GType         type,
                                              gconstpointer value,
                                              GError      **error);
GD_EXTERN gboolean g_deferred_callback_take_boxed (GDeferred *self,
                                                   GType      type,
                                                   gpointer   value,
                                                   GError   **error);
GD_EXTERN gboolean g_deferred_callback_variant (GDeferred *self, GVariant *value, GError **error);

/* Looking at a result of a C type */
GD_EXTERN gboolean    g_deferred_get_boolean (GDeferred *self);
GD_EXTERN int         g_deferred_get_int (GDeferred *self);
GD_EXTERN gint64      g_deferred_get_int64 (GDeferred *self);
GD_EXTERN double      g_deferred_get_double (GDeferred *self);
GD_EXTERN const char *g_deferred_get_string (GDeferred *self);
GD_EXTERN gpointer    g_deferred_get_object (GDeferred *self);
GD_EXTERN gpointer    g_deferred_get_boxed (GDeferred *self, GType type);
GD_EXTERN GVariant   *g_deferred_get_variant (GDeferred *self);

/* Returning a value of a C type from a callback */
GD_EXTERN gboolean g_deferred_return_boolean (GDeferred *self, gboolean value);
GD_EXTERN gboolean g_deferred_return_int (GDeferred *self, int value);
GD_EXTERN gboolean g_deferred_return_int64 (GDeferred *self, gint64 value);
GD_EXTERN gboolean g_deferred_return_double (GDeferred *self, double value);
GD_EXTERN gboolean g_deferred_return_string (GDeferred *self, const char *value);
GD_EXTERN gboolean g_deferred_return_take_string (GDeferred *self, char *value);
GD_EXTERN gboolean g_deferred_return_object (GDeferred *self, gpointer value);
GD_EXTERN gboolean g_deferred_return_take_object (GDeferred *self, gpointer value);
GD_EXTERN gboolean g_deferred_return_boxed (GDeferred *self, GType type, gconstpointer value);
GD_EXTERN gboolean g_deferred_return_take_boxed (GDeferred *self, GType type, gpointer value);
GD_EXTERN gboolean g_deferred_return_variant (GDeferred *self, GVariant *value);

G_END_DECLS
