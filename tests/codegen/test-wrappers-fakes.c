/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* GIO's wrappers, on what the machine that runs the tests may not have. */

#include "gio-fixture.h"

#include "fakes.h"

typedef GDeferred *(*Begin) (gpointer object);

/* Each goes well, is cancelled, and fails. */
static void
ends_in_each_way (Begin begin, gpointer object)
{
  g_object_unref (waited_for (begin (object)));
  cancels (begin (object));
  fake_is_broken = TRUE;
  fails (begin (object), G_IO_ERROR, G_IO_ERROR_BUSY);
  fake_is_broken = FALSE;
}

/* --- drives, mounts, volumes ------------------------------------------------------------------------------------- */

#define BEGIN(name, call)                                                                                    \
  static GDeferred *name (gpointer object)                                                                   \
  {                                                                                                          \
    return call;                                                                                             \
  }

BEGIN (drive_eject, g_deferred_drive_eject_with_operation (object, 0, NULL))
BEGIN (drive_start, g_deferred_drive_start (object, 0, NULL))
BEGIN (drive_stop, g_deferred_drive_stop (object, 0, NULL))
BEGIN (drive_poll, g_deferred_drive_poll_for_media (object))
BEGIN (mount_eject, g_deferred_mount_eject_with_operation (object, 0, NULL))
BEGIN (mount_unmount, g_deferred_mount_unmount_with_operation (object, 0, NULL))
BEGIN (mount_remount, g_deferred_mount_remount (object, 0, NULL))
BEGIN (mount_guess, g_deferred_mount_guess_content_type (object, FALSE))
BEGIN (volume_eject, g_deferred_volume_eject_with_operation (object, 0, NULL))
BEGIN (volume_mount, g_deferred_volume_mount (object, 0, NULL))

static void
devices (void)
{
  static const Begin all[] = { drive_eject,   drive_start,   drive_stop,  drive_poll,   mount_eject,
                               mount_unmount, mount_remount, mount_guess, volume_eject, volume_mount };
  GObject           *device = g_object_new (fake_device_get_type (), NULL);
  g_auto (GStrv) types = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    ends_in_each_way (all[i], device);
  types = boxed_of (mount_guess (device), G_TYPE_STRV);
  g_assert_cmpstr (types[0], ==, "x-content/toys");
  g_assert_null (types[1]);
  goes (device);
}

/* --- TLS --------------------------------------------------------------------------------------------------------- */

static GTlsCertificate *certificate;

BEGIN (tls_handshake, g_deferred_tls_connection_handshake (object, 0))
BEGIN (dtls_handshake, g_deferred_dtls_connection_handshake (object, 0))
BEGIN (dtls_shutdown, g_deferred_dtls_connection_shutdown (object, TRUE, FALSE, 0))
BEGIN (dtls_close, g_deferred_dtls_connection_close (object, 0))
BEGIN (verify_chain, g_deferred_tls_database_verify_chain (object, certificate, "a purpose", NULL, NULL, 0))
BEGIN (for_handle, g_deferred_tls_database_lookup_certificate_for_handle (object, "a handle", NULL, 0))
BEGIN (issuer, g_deferred_tls_database_lookup_certificate_issuer (object, certificate, NULL, 0))

static GDeferred *
issued_by (gpointer object)
{
  GByteArray *name = g_byte_array_new ();
  GDeferred  *d = g_deferred_tls_database_lookup_certificates_issued_by (object, name, NULL, 0);

  g_byte_array_unref (name);
  return d;
}

static void
tls_connections (void)
{
  GObject *tls = g_object_new (fake_tls_get_type (), NULL);
  GObject *dtls = g_object_new (fake_dtls_get_type (), NULL);

  ends_in_each_way (tls_handshake, tls);
  ends_in_each_way (dtls_handshake, dtls);
  ends_in_each_way (dtls_shutdown, dtls);
  ends_in_each_way (dtls_close, dtls);
  goes (tls);
  goes (dtls);
}

static void
tls_databases (void)
{
  GObject *database = g_object_new (fake_database_get_type (), NULL);
  g_autoptr (GPtrArray) issued = NULL;
  g_autoptr (GTlsCertificate) found = NULL;

  certificate = g_object_new (fake_certificate_get_type (), NULL);
  ends_in_each_way (verify_chain, database);
  ends_in_each_way (for_handle, database);
  ends_in_each_way (issuer, database);
  ends_in_each_way (issued_by, database);

  g_assert_cmpint (number_of (verify_chain (database)), ==,
                   G_TLS_CERTIFICATE_EXPIRED | G_TLS_CERTIFICATE_REVOKED);
  found = object_of (for_handle (database));
  g_assert_true (G_IS_TLS_CERTIFICATE (found));
  issued = boxed_of (issued_by (database), G_TYPE_PTR_ARRAY);
  g_assert_cmpuint (issued->len, ==, 2);
  g_assert_true (G_IS_TLS_CERTIFICATE (issued->pdata[1]));
  goes (certificate);
  goes (database);
}

static void
tls_interactions (void)
{
  GTlsInteraction *interaction = g_object_new (G_TYPE_TLS_INTERACTION, NULL);
  GTlsPassword    *password = g_tls_password_new (G_TLS_PASSWORD_NONE, "a password");
  GObject         *tls = g_object_new (fake_tls_get_type (), NULL);

  g_assert_cmpint (number_of (g_deferred_tls_interaction_ask_password (interaction, password)), ==,
                   G_TLS_INTERACTION_UNHANDLED);
  g_assert_cmpint (number_of (g_deferred_tls_interaction_request_certificate (interaction,
                                                                              (GTlsConnection *) tls, 0)),
                   ==, G_TLS_INTERACTION_UNHANDLED);
  cancels (g_deferred_tls_interaction_ask_password (interaction, password));
  goes (interaction);
  goes (password);
  goes (tls);
}

/* --- others ------------------------------------------------------------------------------------------------------ */

static void
permissions (void)
{
  GPermission *permission = g_simple_permission_new (FALSE);

  fails (g_deferred_permission_acquire (permission), G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  fails (g_deferred_permission_release (permission), G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  goes (permission);
}

static GInetAddress *loopback;

BEGIN (by_address, g_deferred_resolver_lookup_by_address (object, loopback))
BEGIN (records, g_deferred_resolver_lookup_records (object, "a.name", G_RESOLVER_RECORD_TXT))
BEGIN (targets, g_deferred_resolver_lookup_service (object, "toy", "tcp", "example.org"))

static void
resolver (void)
{
  GResolver       *asked = g_object_new (fake_resolver_get_type (), NULL);
  GSrvTarget      *target;
  g_autofree char *name = NULL;
  g_autoptr (GPtrArray) found = NULL, services = NULL;

  loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  fake_port = 99;
  ends_in_each_way (by_address, asked);
  ends_in_each_way (records, asked);
  ends_in_each_way (targets, asked);

  name = string_of (by_address (asked));
  g_assert_cmpstr (name, ==, "127.0.0.1");
  found = boxed_of (records (asked), G_TYPE_PTR_ARRAY);
  g_assert_cmpuint (found->len, ==, 1);
  g_assert_cmpstr (g_variant_get_string (found->pdata[0], NULL), ==, "a.name");
  services = boxed_of (targets (asked), G_TYPE_PTR_ARRAY);
  g_assert_cmpuint (services->len, ==, 1);
  target = services->pdata[0];
  g_assert_cmpuint (g_srv_target_get_port (target), ==, 99);
  g_clear_object (&loopback);
  goes (asked);
}

/* The address comes from the resolver, the connection is real. */
static void
service (void)
{
  g_autoptr (GSocketService) listening = g_socket_service_new ();
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GResolver) usual = g_resolver_get_default ();
  GResolver *asked = g_object_new (fake_resolver_get_type (), NULL);
  g_autoptr (GSocketConnection) connection = NULL;

  fake_port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (listening), NULL, NULL);
  g_socket_client_set_enable_proxy (client, FALSE);
  g_resolver_set_default (asked);

  connection = object_of (g_deferred_socket_client_connect_to_service (client, "example.org", "toy"));
  g_assert_true (G_IS_TCP_CONNECTION (connection));
  fake_is_broken = TRUE;
  fails (g_deferred_socket_client_connect_to_service (client, "example.org", "toy"), G_IO_ERROR,
         G_IO_ERROR_BUSY);
  fake_is_broken = FALSE;

  g_resolver_set_default (usual);
  g_socket_service_stop (listening);
  g_socket_listener_close (G_SOCKET_LISTENER (listening));
  goes (asked);
}

static const Case cases[] = {
  { "/gio/fakes/devices", devices },
  { "/gio/fakes/tls-connections", tls_connections },
  { "/gio/fakes/tls-databases", tls_databases },
  { "/gio/fakes/tls-interactions", tls_interactions },
  { "/gio/fakes/permissions", permissions },
  { "/gio/fakes/resolver", resolver },
  { "/gio/fakes/service", service },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
