/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* GIO's wrappers, on a message bus of the test's own. */

#include "gio-fixture.h"

#include <gio/gunixfdlist.h>
#include <fcntl.h>

#define NAME     "org.example.Toy"
#define PATH     "/org/example/Toy"
#define IFACE    "org.example.Toy"
#define BUS      "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"

static GTestDBus       *bus;
static GDBusConnection *server; /* which answers, in a thread of its own */
static GMainLoop       *server_loop;

/* --- the other side ---------------------------------------------------------------------------------------------- */

static const char xml[]
    = "<node><interface name='" IFACE "'>"
      "<method name='Add'><arg type='i' direction='in'/><arg type='i' direction='in'/>"
      "<arg type='i' direction='out'/></method>"
      "<method name='Fail'/><method name='Never'/>"
      "<method name='Pass'><arg type='h' direction='in'/><arg type='h' direction='out'/></method>"
      "</interface></node>";

static void
on_call (GDBusConnection       *connection,
         const char            *sender,
         const char            *path,
         const char            *interface,
         const char            *method,
         GVariant              *parameters,
         GDBusMethodInvocation *invocation,
         gpointer               user_data)
{
  int one, other;

  if (strcmp (method, "Add") == 0)
    {
      g_variant_get (parameters, "(ii)", &one, &other);
      g_dbus_method_invocation_return_value (invocation, g_variant_new ("(i)", one + other));
    }
  else if (strcmp (method, "Fail") == 0)
    g_dbus_method_invocation_return_dbus_error (invocation, "org.example.Toy.Broken", "it is broken");
  else if (strcmp (method, "Pass") == 0)
    g_dbus_method_invocation_return_value_with_unix_fd_list (
        invocation, g_variant_new ("(h)", 0),
        g_dbus_message_get_unix_fd_list (g_dbus_method_invocation_get_message (invocation)));
  else
    g_object_unref (invocation);
}

static const GDBusInterfaceVTable vtable = { .method_call = on_call };

static gpointer
serve (gpointer ready)
{
  GMainContext *context = g_main_context_new ();
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (xml, NULL);
  g_autoptr (GVariant) reply = NULL;
  GError *error = NULL;
  guint   id;

  g_main_context_push_thread_default (context);
  server = g_dbus_connection_new_for_address_sync (g_test_dbus_get_bus_address (bus),
                                                   G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                                       | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                                   NULL, NULL, &error);
  g_assert_no_error (error);
  id = g_dbus_connection_register_object (server, PATH, node->interfaces[0], &vtable, NULL, NULL, NULL);
  g_assert_cmpuint (id, !=, 0);
  reply = g_dbus_connection_call_sync (server, BUS, BUS_PATH, BUS, "RequestName",
                                       g_variant_new ("(su)", NAME, 0), NULL, 0, -1, NULL, NULL);
  g_assert_nonnull (reply);

  server_loop = g_main_loop_new (context, FALSE);
  g_async_queue_push (ready, server);
  g_main_loop_run (server_loop);

  g_dbus_connection_unregister_object (server, id);
  g_dbus_connection_close_sync (server, NULL, NULL);
  g_object_unref (server);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_main_context_pop_thread_default (context);
  g_main_loop_unref (server_loop);
  g_main_context_unref (context);
  return NULL;
}

/* --- connections ------------------------------------------------------------------------------------------------- */

static GDBusConnection *
connected (void)
{
  return object_of (g_deferred_dbus_connection_new_for_address (
      g_test_dbus_get_bus_address (bus),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL));
}

static void
disconnect (GDBusConnection *connection)
{
  succeeds (g_deferred_dbus_connection_flush (connection));
  succeeds (g_deferred_dbus_connection_close (connection));
  g_object_unref (connection);
}

static void
session_bus (void)
{
  g_autoptr (GDBusConnection) session = object_of (g_deferred_bus_get (G_BUS_TYPE_SESSION));
  g_autoptr (GDBusConnection) again = object_of (g_deferred_bus_get (G_BUS_TYPE_SESSION));

  g_assert_true (session == again);
  g_assert_nonnull (g_dbus_connection_get_unique_name (session));
  cancels (g_deferred_bus_get (G_BUS_TYPE_SESSION));
}

static void
addresses (void)
{
  g_autoptr (GDeferredDbusAddressGetStreamResult) result
      = boxed_of (g_deferred_dbus_address_get_stream (g_test_dbus_get_bus_address (bus)),
                  G_TYPE_DEFERRED_DBUS_ADDRESS_GET_STREAM_RESULT);
  g_autoptr (GDBusConnection) connection = NULL;

  g_assert_true (G_IS_IO_STREAM (result->io_stream));
  g_assert_cmpint (strlen (result->guid), ==, 32);
  connection = object_of (g_deferred_dbus_connection_new (
      result->io_stream, NULL,
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL));
  disconnect (g_steal_pointer (&connection));

  fails (g_deferred_dbus_address_get_stream ("nonsense"), G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  fails (g_deferred_dbus_connection_new_for_address ("unix:path=/nowhere/at/all",
                                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL),
         G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
closed (void)
{
  GDBusConnection *connection = connected ();

  succeeds (g_deferred_dbus_connection_close (connection));
  succeeds (g_deferred_dbus_connection_close (connection));
  fails (g_deferred_dbus_connection_call (connection, NAME, PATH, IFACE, "Add", NULL, NULL, 0, -1),
         G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_object_unref (connection);
}

/* --- calls ------------------------------------------------------------------------------------------------------- */

static int
answer_of (GDeferred *d)
{
  g_autoptr (GVariant) reply = variant_of (d);
  int answer;

  g_variant_get (reply, "(i)", &answer);
  return answer;
}

static void
calls (void)
{
  GDBusConnection *connection = connected ();

  g_assert_cmpint (answer_of (g_deferred_dbus_connection_call (connection, NAME, PATH, IFACE, "Add",
                                                               g_variant_new ("(ii)", 2, 3),
                                                               G_VARIANT_TYPE ("(i)"), 0, -1)),
                   ==, 5);
  fails (g_deferred_dbus_connection_call (connection, NAME, PATH, IFACE, "Fail", NULL, NULL, 0, -1),
         G_IO_ERROR, G_IO_ERROR_DBUS_ERROR);
  fails (g_deferred_dbus_connection_call (connection, NAME, PATH, IFACE, "NoSuch", NULL, NULL, 0, -1),
         G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD);
  fails (g_deferred_dbus_connection_call (connection, "org.example.Nobody", PATH, IFACE, "Add", NULL, NULL, 0,
                                          -1),
         G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN);
  fails (g_deferred_dbus_connection_call (connection, NAME, PATH, IFACE, "Add", g_variant_new ("(ii)", 2, 3),
                                          G_VARIANT_TYPE ("(s)"), 0, -1),
         G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  fails (g_deferred_dbus_connection_call (connection, NAME, PATH, IFACE, "Never", NULL, NULL, 0, 10),
         G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  cancels (g_deferred_dbus_connection_call (connection, NAME, PATH, IFACE, "Never", NULL, NULL, 0, -1));
  disconnect (connection);
}

static void
many_calls (void)
{
  GDBusConnection *connection = connected ();
  GDeferred       *pending[100];

  for (int i = 0; i < 100; i++)
    pending[i] = g_deferred_dbus_connection_call (connection, NAME, PATH, IFACE, "Add",
                                                  g_variant_new ("(ii)", i, i), NULL, 0, -1);
  for (int i = 99; i >= 0; i--)
    g_assert_cmpint (answer_of (pending[i]), ==, 2 * i);
  disconnect (connection);
}

static void
messages (void)
{
  GDBusConnection *connection = connected ();
  g_autoptr (GDBusMessage) message = g_dbus_message_new_method_call (NAME, PATH, IFACE, "Add");
  g_autoptr (GDBusMessage) never = g_dbus_message_new_method_call (NAME, PATH, IFACE, "Never");
  g_autoptr (GDBusMessage) reply = NULL;

  g_dbus_message_set_body (message, g_variant_new ("(ii)", 4, 5));
  reply = object_of (g_deferred_dbus_connection_send_message_with_reply (connection, message, 0, -1));
  g_assert_cmpint (g_dbus_message_get_message_type (reply), ==, G_DBUS_MESSAGE_TYPE_METHOD_RETURN);
  fails (g_deferred_dbus_connection_send_message_with_reply (connection, never, 0, 10), G_IO_ERROR,
         G_IO_ERROR_TIMED_OUT);
  disconnect (connection);
}

/* A file descriptor goes there and comes back. */
static GUnixFDList *
one_fd (void)
{
  int fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  return g_unix_fd_list_new_from_array (&fd, 1);
}

static void
file_descriptors (void)
{
  GDBusConnection *connection = connected ();
  g_autoptr (GUnixFDList) fds = one_fd ();
  g_autoptr (GDBusProxy) proxy
      = object_of (g_deferred_dbus_proxy_new (connection, 0, NULL, NAME, PATH, IFACE));
  g_autoptr (GDeferredDBusConnectionCallWithUnixFdListResult) called
      = boxed_of (g_deferred_dbus_connection_call_with_unix_fd_list (connection, NAME, PATH, IFACE, "Pass",
                                                                     g_variant_new ("(h)", 0), NULL, 0, -1,
                                                                     fds),
                  G_TYPE_DEFERRED_DBUS_CONNECTION_CALL_WITH_UNIX_FD_LIST_RESULT);
  g_autoptr (GDeferredDBusProxyCallWithUnixFdListResult) by_proxy
      = boxed_of (g_deferred_dbus_proxy_call_with_unix_fd_list (proxy, "Pass", g_variant_new ("(h)", 0), 0,
                                                                -1, fds),
                  G_TYPE_DEFERRED_DBUS_PROXY_CALL_WITH_UNIX_FD_LIST_RESULT);
  g_autoptr (GDeferredDBusProxyCallWithUnixFdListResult) none
      = boxed_of (g_deferred_dbus_proxy_call_with_unix_fd_list (proxy, "Add", g_variant_new ("(ii)", 1, 1), 0,
                                                                -1, NULL),
                  G_TYPE_DEFERRED_DBUS_PROXY_CALL_WITH_UNIX_FD_LIST_RESULT);

  g_assert_cmpint (g_unix_fd_list_get_length (called->fd_list), ==, 1);
  g_assert_true (g_variant_is_of_type (called->variant, G_VARIANT_TYPE ("(h)")));
  g_assert_cmpint (g_unix_fd_list_get_length (by_proxy->fd_list), ==, 1);
  g_assert_null (none->fd_list);
  disconnect (connection);
}

/* --- proxies ----------------------------------------------------------------------------------------------------- */

static void
proxies (void)
{
  g_autoptr (GDBusProxy) proxy
      = object_of (g_deferred_dbus_proxy_new_for_bus (G_BUS_TYPE_SESSION, 0, NULL, NAME, PATH, IFACE));
  g_autofree char *owner = g_dbus_proxy_get_name_owner (proxy);

  g_assert_cmpstr (owner, ==, g_dbus_connection_get_unique_name (server));
  g_assert_cmpint (answer_of (
                       g_deferred_dbus_proxy_call (proxy, "Add", g_variant_new ("(ii)", 20, 3), 0, -1)),
                   ==, 23);
  fails (g_deferred_dbus_proxy_call (proxy, "Fail", NULL, 0, -1), G_IO_ERROR, G_IO_ERROR_DBUS_ERROR);
  cancels (g_deferred_dbus_proxy_call (proxy, "Never", NULL, 0, -1));
}

static void
initables (void)
{
  GDBusConnection *connection = connected ();
  g_autoptr (GDBusProxy) proxy = object_of (
      g_deferred_async_initable_new (G_TYPE_DBUS_PROXY, G_PRIORITY_DEFAULT, "g-connection", connection,
                                     "g-name", NAME, "g-object-path", PATH, "g-interface-name", IFACE, NULL));
  g_autoptr (GDBusProxy) other = g_object_new (G_TYPE_DBUS_PROXY, "g-connection", connection, "g-name", NAME,
                                               "g-object-path", PATH, "g-interface-name", IFACE, NULL);

  succeeds (g_deferred_async_initable_init (G_ASYNC_INITABLE (other), G_PRIORITY_DEFAULT));
  g_assert_cmpint (answer_of (g_deferred_dbus_proxy_call (proxy, "Add", g_variant_new ("(ii)", 1, 2), 0, -1)),
                   ==, 3);
  g_assert_cmpint (answer_of (g_deferred_dbus_proxy_call (other, "Add", g_variant_new ("(ii)", 3, 4), 0, -1)),
                   ==, 7);
  disconnect (connection);
}

static GType
proxy_type (GDBusObjectManagerClient *manager, const char *path, const char *interface, gpointer user_data)
{
  return interface == NULL ? G_TYPE_DBUS_OBJECT_PROXY : G_TYPE_DBUS_PROXY;
}

/* Nobody has an object manager there; the data of the function goes all the same. */
static void
object_managers (void)
{
  GDBusConnection *connection = connected ();
  gboolean         first_gone = FALSE, second_gone = FALSE;

  ends (g_deferred_dbus_object_manager_client_new (connection,
                                                   G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_DO_NOT_AUTO_START, NAME,
                                                   "/nothing", proxy_type, &first_gone, set_true));
  ends (g_deferred_dbus_object_manager_client_new_for_bus (
      G_BUS_TYPE_SESSION, G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_DO_NOT_AUTO_START, NAME, "/nothing", proxy_type,
      &second_gone, set_true));
  while (!g_atomic_int_get (&first_gone) || !g_atomic_int_get (&second_gone))
    g_main_context_iteration (NULL, TRUE);
  disconnect (connection);
}

/* --- misuse ------------------------------------------------------------------------------------------------------ */

static void
misuse (void)
{
  g_autoptr (GDBusConnection) connection = connected ();

  g_test_expect_message ("GDeferredGio", G_LOG_LEVEL_CRITICAL, "*object_path != NULL*");
  g_assert_null (g_deferred_dbus_connection_call (connection, NAME, NULL, IFACE, "Add", NULL, NULL, 0, -1));
  criticals_came ();
  g_test_expect_message ("GDeferredGio", G_LOG_LEVEL_CRITICAL, "*connection, g_dbus_connection*");
  g_assert_null (g_deferred_dbus_connection_close ((GDBusConnection *) bus));
  criticals_came ();
  disconnect (g_steal_pointer (&connection));
}

static const Case cases[] = {
  { "/gio/dbus/session-bus", session_bus },
  { "/gio/dbus/addresses", addresses },
  { "/gio/dbus/closed", closed },
  { "/gio/dbus/calls", calls },
  { "/gio/dbus/many-calls", many_calls },
  { "/gio/dbus/messages", messages },
  { "/gio/dbus/file-descriptors", file_descriptors },
  { "/gio/dbus/proxies", proxies },
  { "/gio/dbus/initables", initables },
  { "/gio/dbus/object-managers", object_managers },
  { "/gio/dbus/misuse", misuse },
};

static gboolean
quit (gpointer user_data G_GNUC_UNUSED)
{
  g_main_loop_quit (server_loop);
  return G_SOURCE_REMOVE;
}

int
main (int argc, char **argv)
{
  GAsyncQueue     *ready = g_async_queue_new ();
  GThread         *thread;
  int              status;
  g_autofree char *daemon = g_find_program_in_path ("dbus-daemon");

  if (daemon == NULL)
    {
      g_print ("1..0 # SKIP there is no dbus-daemon\n");
      return 0;
    }

  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);
  thread = g_thread_new ("server", serve, ready);
  g_async_queue_pop (ready);

  status = run_cases (argc, argv, cases, G_N_ELEMENTS (cases));

  g_main_context_invoke (g_main_loop_get_context (server_loop), quit, NULL);
  g_thread_join (thread);
  g_async_queue_unref (ready);
  g_test_dbus_down (bus);
  g_object_unref (bus);
  return status;
}
