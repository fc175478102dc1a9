/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/gdeferred.h>

#include "model.h"

G_BEGIN_DECLS

GQuark     model_error_quark (void);
Result     value_from_error (GQuark domain, int code);
Result     value_look (GDeferred *d);
GError    *value_error (Result result);
GDeferred *value_made (Result result);
int        value_fire (GDeferred *d, Result result);
int        value_outcome (gboolean won, GError **error);
gboolean   value_return (GDeferred *self, Result result);
gboolean   value_return_error (GDeferred *self, Result result);
int        value_tokens (void);
void       value_forget_tokens (void);

G_END_DECLS
