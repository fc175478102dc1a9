/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

GD_EXTERN GDeferred *g_deferred_new_for_idle (int priority);
GD_EXTERN GDeferred *g_deferred_new_for_fd (int fd, GIOCondition condition);
GD_EXTERN GDeferred *g_deferred_new_for_unix_signal (int signum);

G_END_DECLS
