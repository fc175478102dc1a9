/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/types.h>

G_BEGIN_DECLS

void       gd_bridge_chain (GDeferred *self, GDeferred *other);
GDeferred *gd_bridge_get_inner (GDeferred *self, GDeferred *inner);

G_END_DECLS
