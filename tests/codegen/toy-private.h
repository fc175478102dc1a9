/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include "toy.h"

struct _ToyBox
{
  GObject   parent_instance;
  char     *note;
  ToyBox   *lid;
  ToyStamp *stamp;
  GVariant *variant;
  GList    *lids;
  GSList   *stamps;
};

/* Each operation is a GTask that gives TRUE, or fails. */
void toy_start (gpointer source, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean toy_ended (GAsyncResult *result, GError **error);

#define START(name)                                                                                          \
  TOY_BOX_ASYNC (name)                                                                                       \
  {                                                                                                          \
    toy_start (self, cancellable, callback, user_data);                                                      \
  }

#define FINISH(type, name, value)                                                                            \
  TOY_FINISH (type, name##_finish)                                                                           \
  {                                                                                                          \
    return toy_ended (result, error) ? (value) : (type) 0;                                                   \
  }

#define PAIR(type, name, value)                                                                              \
  START (name)                                                                                               \
  FINISH (type, name, value)
