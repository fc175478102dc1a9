/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

GD_EXTERN gboolean g_deferred_wait (GDeferred *self, GError **error);
GD_EXTERN int      g_deferred_react (GDeferredCallback main, gpointer user_data);

G_END_DECLS
