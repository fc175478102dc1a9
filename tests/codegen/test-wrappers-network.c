/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* GIO's wrappers, on sockets of this machine. */

#include "gio-fixture.h"

#include <sys/socket.h>

static GSocketListener *
listener_on (guint16 *port)
{
  GSocketListener *listener = g_socket_listener_new ();
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) address = NULL;

  g_assert_true (g_socket_listener_add_address (listener, any, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP,
                                                NULL, &address, NULL));
  *port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
  return listener;
}

static GSocketAddress *
loopback_address (guint16 port)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);

  return g_inet_socket_address_new (loopback, port);
}

/* A port that nobody listens on: one that was ours just now. */
static guint16
closed_port (void)
{
  guint16 port;
  g_autoptr (GSocketListener) listener = listener_on (&port);

  g_socket_listener_close (listener);
  return port;
}

static GSocketClient *
direct_client (void)
{
  GSocketClient *client = g_socket_client_new ();

  g_socket_client_set_enable_proxy (client, FALSE);
  return client;
}

/* What one side says, the other hears. */
static void
are_connected (GSocketConnection *one, GSocketConnection *other)
{
  g_autoptr (GBytes) said = bytes_from ("hello");
  g_autoptr (GBytes) heard = NULL;

  g_assert_cmpint (number_of (
                       g_deferred_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (one)),
                                                           said, 0)),
                   ==, 5);
  heard
      = boxed_of (g_deferred_input_stream_read_all (g_io_stream_get_input_stream (G_IO_STREAM (other)), 5, 0),
                  G_TYPE_BYTES);
  bytes_are (heard, "hello");
}

/* Whoever connects, and the other side of it. */
static void
accepted (GSocketListener *listener, GDeferred *connecting)
{
  GDeferred *accepting = g_deferred_socket_listener_accept (listener);
  g_autoptr (GSocketConnection) connection = object_of (connecting);
  g_autoptr (GDeferredSocketListenerAcceptResult) result
      = boxed_of (accepting, G_TYPE_DEFERRED_SOCKET_LISTENER_ACCEPT_RESULT);

  g_assert_null (result->source_object);
  are_connected (connection, result->socket_connection);
  succeeds (g_deferred_io_stream_close (G_IO_STREAM (connection), 0));
}

static void
connecting (void)
{
  guint16 port;
  g_autoptr (GSocketListener) listener = listener_on (&port);
  g_autoptr (GSocketClient) client = direct_client ();
  g_autoptr (GSocketAddress) address = loopback_address (port);
  g_autofree char *uri = g_strdup_printf ("http://127.0.0.1:%u/", port);

  accepted (listener, g_deferred_socket_client_connect (client, G_SOCKET_CONNECTABLE (address)));
  accepted (listener, g_deferred_socket_client_connect_to_host (client, "127.0.0.1", port));
  accepted (listener, g_deferred_socket_client_connect_to_uri (client, uri, 80));
}

static void
not_connecting (void)
{
  guint16 port = closed_port ();
  g_autoptr (GSocketClient) client = direct_client ();
  g_autoptr (GSocketAddress) address = loopback_address (port);

  fails (g_deferred_socket_client_connect (client, G_SOCKET_CONNECTABLE (address)), G_IO_ERROR,
         G_IO_ERROR_CONNECTION_REFUSED);
  fails (g_deferred_socket_client_connect_to_host (client, "127.0.0.1", port), G_IO_ERROR,
         G_IO_ERROR_CONNECTION_REFUSED);
  fails (g_deferred_socket_client_connect_to_uri (client, "no uri", 80), G_IO_ERROR,
         G_IO_ERROR_INVALID_ARGUMENT);
  cancels (g_deferred_socket_client_connect (client, G_SOCKET_CONNECTABLE (address)));
}

static void
accepting_sockets (void)
{
  guint16 port;
  g_autoptr (GSocketListener) listener = listener_on (&port);
  g_autoptr (GSocketAddress) address = loopback_address (port);
  g_autoptr (GSocket) socket
      = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GSocketConnection) connection = g_socket_connection_factory_create_connection (socket);
  GDeferred *accepting = g_deferred_socket_listener_accept_socket (listener);
  g_autoptr (GDeferredSocketListenerAcceptSocketResult) result = NULL;

  succeeds (g_deferred_socket_connection_connect (connection, address));
  result = boxed_of (accepting, G_TYPE_DEFERRED_SOCKET_LISTENER_ACCEPT_SOCKET_RESULT);
  g_assert_true (g_socket_is_connected (result->socket));

  cancels (g_deferred_socket_listener_accept (listener));
  cancels (g_deferred_socket_listener_accept_socket (listener));
  g_socket_listener_close (listener);
  fails (g_deferred_socket_listener_accept (listener), G_IO_ERROR, G_IO_ERROR_CLOSED);
}

/* A service that echoes, in the manner of GSocketService, and several clients at the same time. */
static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer n_served)
{
  GInputStream  *input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  GDeferred     *d = g_deferred_output_stream_splice (output, input, G_OUTPUT_STREAM_SPLICE_NONE, 0);

  g_object_set_data_full (G_OBJECT (d), "connection", g_object_ref (connection), g_object_unref);
  g_object_unref (d);
  ++*(guint *) n_served;
  return TRUE;
}

static void
service (void)
{
  g_autoptr (GSocketService) echo = g_socket_service_new ();
  g_autoptr (GSocketClient) client = direct_client ();
  guint16    port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (echo), NULL, NULL);
  guint      n_served = 0;
  GDeferred *connecting[5];

  g_signal_connect (echo, "incoming", G_CALLBACK (on_incoming), &n_served);
  for (guint i = 0; i < G_N_ELEMENTS (connecting); i++)
    connecting[i] = g_deferred_socket_client_connect_to_host (client, "127.0.0.1", port);
  for (guint i = 0; i < G_N_ELEMENTS (connecting); i++)
    {
      g_autoptr (GSocketConnection) connection = object_of (connecting[i]);

      are_connected (connection, connection);
      succeeds (g_deferred_io_stream_close (G_IO_STREAM (connection), 0));
    }
  g_assert_cmpuint (n_served, ==, G_N_ELEMENTS (connecting));
  g_socket_service_stop (echo);
  g_socket_listener_close (G_SOCKET_LISTENER (echo));
}

static void
credentials (void)
{
  g_autoptr (GSocketConnection) sender = NULL, receiver = NULL;
  g_autoptr (GSocket) first = NULL, second = NULL;
  g_autoptr (GCredentials) got = NULL;
  GDeferred *receiving;
  int        fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  first = g_socket_new_from_fd (fds[0], NULL);
  second = g_socket_new_from_fd (fds[1], NULL);
  sender = g_socket_connection_factory_create_connection (first);
  receiver = g_socket_connection_factory_create_connection (second);

  receiving = g_deferred_unix_connection_receive_credentials (G_UNIX_CONNECTION (receiver));
  succeeds (g_deferred_unix_connection_send_credentials (G_UNIX_CONNECTION (sender)));
  got = object_of (receiving);
  g_assert_cmpint (g_credentials_get_unix_pid (got, NULL), ==, getpid ());
}

/* --- names ------------------------------------------------------------------------------------------------------- */

static void
resolver (void)
{
  g_autoptr (GResolver) asked = g_resolver_get_default ();
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GPtrArray) addresses
      = boxed_of (g_deferred_resolver_lookup_by_name (asked, "localhost"), G_TYPE_PTR_ARRAY);
  g_autoptr (GPtrArray) ipv4
      = boxed_of (g_deferred_resolver_lookup_by_name_with_flags (asked, "localhost",
                                                                 G_RESOLVER_NAME_LOOKUP_FLAGS_IPV4_ONLY),
                  G_TYPE_PTR_ARRAY);

  g_assert_cmpuint (addresses->len, >, 0);
  for (guint i = 0; i < addresses->len; i++)
    g_assert_true (g_inet_address_get_is_loopback (addresses->pdata[i]));
  g_assert_cmpuint (ipv4->len, >, 0);
  g_assert_true (g_inet_address_equal (ipv4->pdata[0], loopback));

  fails (g_deferred_resolver_lookup_by_name (asked, "no name"), G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND);
  cancels (g_deferred_resolver_lookup_by_name (asked, "localhost"));
}

static void
enumerated_addresses (void)
{
  g_autoptr (GSocketAddress) address = loopback_address (80);
  g_autoptr (GSocketAddressEnumerator) addresses
      = g_socket_connectable_enumerate (G_SOCKET_CONNECTABLE (address));
  g_autoptr (GSocketAddress) first = object_of (g_deferred_socket_address_enumerator_next (addresses));
  GDeferred *last = waited_for (g_deferred_socket_address_enumerator_next (addresses));

  g_assert_cmpuint (g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (first)), ==, 80);
  g_assert_null (g_deferred_get_object (last));
  g_object_unref (last);
}

static void
reachable (void)
{
  g_autoptr (GSocketAddress) address = loopback_address (80);

  succeeds (g_deferred_network_monitor_can_reach (g_network_monitor_get_default (),
                                                  G_SOCKET_CONNECTABLE (address)));
}

/* --- proxies ----------------------------------------------------------------------------------------------------- */

static void
proxies (void)
{
  static const char *const ignored[] = { "localhost", NULL };
  g_autoptr (GProxyResolver) asked = g_simple_proxy_resolver_new ("socks5://proxy:1080", (char **) ignored);
  g_auto (GStrv) used = boxed_of (g_deferred_proxy_resolver_lookup (asked, "http://elsewhere/"), G_TYPE_STRV);
  g_auto (GStrv) direct
      = boxed_of (g_deferred_proxy_resolver_lookup (asked, "http://localhost/"), G_TYPE_STRV);

  g_assert_cmpstr (used[0], ==, "socks5://proxy:1080");
  g_assert_cmpstr (direct[0], ==, "direct://");
}

static void
hears (GIOStream *stream, const char *bytes, gsize size)
{
  g_autoptr (GBytes) heard
      = boxed_of (g_deferred_input_stream_read_all (g_io_stream_get_input_stream (stream), size, 0),
                  G_TYPE_BYTES);

  g_assert_cmpmem (g_bytes_get_data (heard, NULL), g_bytes_get_size (heard), bytes, size);
}

static void
says (GIOStream *stream, const char *bytes, gsize size)
{
  g_autoptr (GBytes) said = g_bytes_new (bytes, size);

  g_assert_cmpint (number_of (
                       g_deferred_output_stream_write_all (g_io_stream_get_output_stream (stream), said, 0)),
                   ==, size);
}

/* A SOCKS server for one client: what it asks for is granted, and the end of the connection is ours. */
static void
through_a_proxy (void)
{
  guint16 port;
  g_autoptr (GSocketListener) listener = listener_on (&port);
  g_autoptr (GSocketClient) client = direct_client ();
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address
      = g_proxy_address_new (loopback, port, "socks5", "127.0.0.1", 80, NULL, NULL);
  g_autoptr (GProxy) proxy = g_proxy_get_default_for_protocol ("socks5");
  GDeferred *accepting = g_deferred_socket_listener_accept (listener);
  g_autoptr (GSocketConnection) connection
      = object_of (g_deferred_socket_client_connect_to_host (client, "127.0.0.1", port));
  g_autoptr (GDeferredSocketListenerAcceptResult) result
      = boxed_of (accepting, G_TYPE_DEFERRED_SOCKET_LISTENER_ACCEPT_RESULT);
  GIOStream *server = G_IO_STREAM (result->socket_connection);
  GDeferred *d = g_deferred_proxy_connect (proxy, G_IO_STREAM (connection), G_PROXY_ADDRESS (address));
  g_autoptr (GIOStream) stream = NULL;

  hears (server, "\5\1\0", 3);
  says (server, "\5\0", 2);
  hears (server, "\5\1\0\1\x7f\0\0\1\0\x50", 10);
  says (server, "\5\0\0\1\x7f\0\0\1\0\x50", 10);
  stream = object_of (d);
  are_connected (G_SOCKET_CONNECTION (stream), result->socket_connection);

  d = g_deferred_proxy_connect (proxy, stream, G_PROXY_ADDRESS (address));
  hears (server, "\5\1\0", 3);
  says (server, "\4\0", 2);
  fails (d, G_IO_ERROR, G_IO_ERROR_PROXY_FAILED);
}

static const Case cases[] = {
  { "/gio/network/connecting", connecting },
  { "/gio/network/not-connecting", not_connecting },
  { "/gio/network/accepting-sockets", accepting_sockets },
  { "/gio/network/service", service },
  { "/gio/network/credentials", credentials },
  { "/gio/network/resolver", resolver },
  { "/gio/network/enumerated-addresses", enumerated_addresses },
  { "/gio/network/reachable", reachable },
  { "/gio/network/proxies", proxies },
  { "/gio/network/through-a-proxy", through_a_proxy },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
