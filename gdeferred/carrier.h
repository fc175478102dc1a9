/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/types.h>

G_BEGIN_DECLS

#define G_TYPE_DEFERRED_CARRIER (g_deferred_carrier_get_type ())
GD_EXTERN
G_DECLARE_FINAL_TYPE (GDeferredCarrier, g_deferred_carrier, G, DEFERRED_CARRIER, GObject)

GD_EXTERN GDeferredCarrier *g_deferred_carrier_new (void);

G_END_DECLS
