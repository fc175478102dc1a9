/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/gdeferred.h>

G_BEGIN_DECLS

typedef struct
{
  char   *name;
  guint64 size;
} FoundFile;

/* For a thread: gives a GPtrArray of FoundFile, all regular files in and below @roots, a strv. */
gboolean find_files (GDeferred *self, gpointer roots, GError **error);

G_END_DECLS
