/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A file that is locked as long as it is open. What may wait is left to the caller: nothing in here does. */

/* The descriptor, or -1: without an error if somebody else has the lock. */
int  gd_lock_file_open (const char *path, GError **error);
void gd_lock_file_close (int fd);

G_END_DECLS
