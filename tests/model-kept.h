/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* A language binding in small, for the library's world: it keeps callbacks, cancellers and outcomes with their
 * Deferred, where the model knows of none. What can be seen is to be the same. */

#include "model-play.h"

#include <gdeferred/gdeferred.h>

G_BEGIN_DECLS

void     kept_init (void);
gboolean kept_takes (const Op *op);
void     kept_add (GDeferred *d, Op *op);
void     kept_set_canceller (GDeferred *d, Action *action);
int      kept_fire (GDeferred *d, Result result);
Result   kept_look (GDeferred *d);

G_END_DECLS
