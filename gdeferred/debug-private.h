/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/debug.h>

#include "outcome-private.h"

G_BEGIN_DECLS

gboolean gd_debug_has_hook (void);
gboolean gd_debug_call_hook (GDeferred *deferred);
void     gd_debug_log_unhandled (const GdOutcome *outcome,
                                 const char      *name,
                                 gconstpointer    made_at,
                                 gconstpointer    fired_at,
                                 const char      *stacks);
char    *gd_debug_place (gconstpointer address);
char    *gd_debug_place_of_fire (gconstpointer address);

G_END_DECLS
