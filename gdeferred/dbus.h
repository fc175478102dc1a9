/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

GD_EXTERN void       g_deferred_answer_invocation (GDeferred *self, GDBusMethodInvocation *invocation);
GD_EXTERN void       g_deferred_bind_peer (GDeferred *self, GDBusConnection *connection, const char *name);
GD_EXTERN GDeferred *g_deferred_dbus_call (GDBusConnection    *connection,
                                           const char         *bus_name,
                                           const char         *object_path,
                                           const char         *interface_name,
                                           const char         *method_name,
                                           GVariant           *parameters,
                                           const GVariantType *reply_type,
                                           GDBusCallFlags      flags,
                                           int                 timeout_msec);
GD_EXTERN GDeferred *g_deferred_proxy_call (
    GDBusProxy *proxy, const char *method_name, GVariant *parameters, GDBusCallFlags flags, int timeout_msec);

G_END_DECLS
