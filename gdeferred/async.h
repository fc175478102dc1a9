/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

GD_EXTERN void          g_deferred_wait_async (GDeferred          *self,
                                               GCancellable       *cancellable,
                                               GAsyncReadyCallback callback,
                                               gpointer            user_data);
GD_EXTERN const GValue *g_deferred_wait_finish (GDeferred *self, GAsyncResult *result, GError **error);

G_END_DECLS
