/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gio/gio.h>

/* What this machine may not have, or should not be asked for, behind GIO's own classes and interfaces: a device that is
 * drive, volume and mount in one, TLS, and a resolver that knows some answers. */

G_BEGIN_DECLS

GType fake_device_get_type (void);
GType fake_certificate_get_type (void);
GType fake_database_get_type (void);
GType fake_tls_get_type (void);
GType fake_dtls_get_type (void);
GType fake_resolver_get_type (void);

extern gboolean fake_is_broken; /* all fail with G_IO_ERROR_BUSY */
extern guint16  fake_port;      /* where the resolver finds its service */

G_END_DECLS
