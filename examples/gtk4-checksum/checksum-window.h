/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define CHECKSUM_TYPE_WINDOW (checksum_window_get_type ())
G_DECLARE_FINAL_TYPE (ChecksumWindow, checksum_window, CHECKSUM, WINDOW, GtkApplicationWindow)

ChecksumWindow *checksum_window_new (GtkApplication *app);
void            checksum_window_add (ChecksumWindow *self, const char *const *names);

G_END_DECLS
