/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/gdeferred.h>

/* What checksum does in threads: both block, and neither touches anything but what it is given. */
gboolean find_files (GDeferred *self, gpointer roots, GError **error);
gboolean hash_file (GDeferred *self, gpointer name, GError **error);
