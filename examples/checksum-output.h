/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/gdeferred.h>

char      *escape_name (const char *name);
GDeferred *wait_for_room (int fd);
gboolean   write_text (int fd, const char *text, GError **error);

void bar_follow (GDeferred *work);
void bar_clear (void);
