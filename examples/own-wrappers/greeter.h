/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gio/gio.h>

G_DECLARE_FINAL_TYPE (HelloGreeter, hello_greeter, HELLO, GREETER, GObject)

HelloGreeter *hello_greeter_new (void);
void          hello_greeter_greet_async (HelloGreeter       *self,
                                         const char         *name,
                                         GCancellable       *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer            user_data);
char *hello_greeter_greet_finish (HelloGreeter *self, GAsyncResult *result, guint *n_letters, GError **error);
