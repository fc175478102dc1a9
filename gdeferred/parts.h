/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

GD_EXTERN void g_deferred_add_part (GDeferred *self, GDeferred *part, double weight);

G_END_DECLS
