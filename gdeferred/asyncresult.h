/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

GD_EXTERN void g_deferred_answer_callback (GDeferred          *self,
                                           gpointer            source_object,
                                           gpointer            tag,
                                           GCancellable       *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer            user_data);

GD_EXTERN gboolean g_deferred_finish_boolean (GAsyncResult *result,
                                              gpointer      source_object,
                                              gpointer      tag,
                                              GError      **error);
GD_EXTERN int
g_deferred_finish_int (GAsyncResult *result, gpointer source_object, gpointer tag, GError **error);
GD_EXTERN gint64 g_deferred_finish_int64 (GAsyncResult *result,
                                          gpointer      source_object,
                                          gpointer      tag,
                                          GError      **error);
GD_EXTERN double
g_deferred_finish_double (GAsyncResult *result, gpointer source_object, gpointer tag, GError **error);
GD_EXTERN char *
g_deferred_finish_string (GAsyncResult *result, gpointer source_object, gpointer tag, GError **error);
GD_EXTERN gpointer g_deferred_finish_object (GAsyncResult *result,
                                             gpointer      source_object,
                                             gpointer      tag,
                                             GError      **error);
GD_EXTERN gpointer g_deferred_finish_boxed (
    GAsyncResult *result, gpointer source_object, gpointer tag, GType type, GError **error);
GD_EXTERN GVariant *
g_deferred_finish_variant (GAsyncResult *result, gpointer source_object, gpointer tag, GError **error);
GD_EXTERN gboolean g_deferred_finish_value (
    GAsyncResult *result, gpointer source_object, gpointer tag, GValue *value, GError **error);

G_END_DECLS
