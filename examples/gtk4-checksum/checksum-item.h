/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/gdeferred.h>

G_BEGIN_DECLS

/* A row: one file, and the Deferred of its checksum. The row's widgets follow the properties of both, by row.ui. */
#define CHECKSUM_TYPE_ITEM (checksum_item_get_type ())
G_DECLARE_FINAL_TYPE (ChecksumItem, checksum_item, CHECKSUM, ITEM, GObject)

ChecksumItem *checksum_item_new (const char *name, guint64 size);
void          checksum_item_start (ChecksumItem *self, GDeferredThreadPool *pool);
GDeferred    *checksum_item_get_deferred (ChecksumItem *self);

G_END_DECLS
