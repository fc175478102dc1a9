/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

GD_EXTERN gboolean   g_deferred_export_job (GDeferred       *self,
                                            GDBusConnection *connection,
                                            const char      *object_path,
                                            GError         **error);
GD_EXTERN GDeferred *g_deferred_dbus_job_call (GDBusConnection *connection,
                                               const char      *bus_name,
                                               const char      *object_path,
                                               const char      *interface_name,
                                               const char      *method_name,
                                               GVariant        *parameters,
                                               GDBusCallFlags   flags,
                                               int              timeout_msec);

G_END_DECLS
