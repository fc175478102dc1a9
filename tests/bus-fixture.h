/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* A bus of the test's own, a service on it whose methods are answered by what the test says, and a client. All live in
 * the default main context. */

#include "fixture.h"

#include <gdeferred/dbus.h>

static GTestDBus       *bus;
static GDBusConnection *service;
static GDBusConnection *client;

#define PATH      "/org/example/Test"
#define INTERFACE "org.example.Test"

static const char service_xml[]
    = "<node><interface name='" INTERFACE "'>"
      "  <method name='Nothing'/>"
      "  <method name='Two'><arg type='i' direction='out'/><arg type='s' direction='out'/></method>"
      "  <method name='Any'><arg type='s' direction='in'/></method>"
#define METHOD(type) "  <method name='Get_" type "'><arg type='" type "' direction='out'/></method>"
    METHOD ("b") METHOD ("y") METHOD ("n") METHOD ("q") METHOD ("i") METHOD ("u") METHOD ("x") METHOD ("t")
        METHOD ("d") METHOD ("s") METHOD ("o") METHOD ("g") METHOD ("v") METHOD ("as")
            METHOD ("ay") "  <method name='Pair'><arg type='(ii)' direction='out'/></method>"
                          "</interface></node>";

/* What answers the next calls, in order; each takes a reference. */
static GQueue answers = G_QUEUE_INIT;

static inline void
on_call (GDBusConnection       *connection,
         const char            *sender,
         const char            *path,
         const char            *interface,
         const char            *method,
         GVariant              *parameters,
         GDBusMethodInvocation *invocation,
         gpointer               data)
{
  GDeferred *answer = g_queue_pop_head (&answers);

  g_assert_nonnull (answer);
  g_deferred_answer_invocation (answer, invocation);
  g_object_unref (answer);
}

static const GDBusInterfaceVTable service_vtable = { on_call, NULL, NULL, { 0 } };

static inline GDBusConnection *
connect_to_bus (void)
{
  GError          *error = NULL;
  GDBusConnection *connection
      = g_dbus_connection_new_for_address_sync (g_test_dbus_get_bus_address (bus),
                                                G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                                    | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                                NULL, NULL, &error);

  g_assert_no_error (error);
  g_dbus_connection_set_exit_on_close (connection, FALSE);
  return connection;
}

static inline guint
register_service (GDBusConnection *connection)
{
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (service_xml, NULL);
  guint id;

  g_assert_nonnull (node);
  id = g_dbus_connection_register_object (connection, PATH, node->interfaces[0], &service_vtable, NULL, NULL,
                                          NULL);
  g_assert_cmpuint (id, !=, 0);
  return id;
}

/* Closes it for good: the other side sees it go. */
static inline void
leave (GDBusConnection *connection)
{
  g_assert_true (g_dbus_connection_close_sync (connection, NULL, NULL));
  g_object_unref (connection);
}

static inline GDeferred *
call (GDBusConnection *caller, const char *method, GVariant *parameters)
{
  return g_deferred_dbus_call (caller, g_dbus_connection_get_unique_name (service), PATH, INTERFACE, method,
                               parameters, NULL, G_DBUS_CALL_FLAGS_NONE, -1);
}

/* Iterates until it is so. */
#define until(condition)                                                                                     \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    while (!(condition))                                                                                     \
      g_main_context_iteration (NULL, TRUE);                                                                 \
  }                                                                                                          \
  G_STMT_END

/* A round trip to the bus and back: what was sent before has arrived, and what came of it is on its way. */
static inline void
round_trip (GDBusConnection *connection)
{
  g_autoptr (GDeferred) ping
      = g_deferred_dbus_call (connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                              "org.freedesktop.DBus.Peer", "Ping", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1);

  g_assert_true (g_deferred_wait (ping, NULL));
}

static inline int
run_bus_cases (int argc, char **argv, const Case *cases, gsize n_cases)
{
  g_autofree char *daemon = g_find_program_in_path ("dbus-daemon");
  guint            id;
  int              status;

  if (daemon == NULL)
    {
      g_print ("1..0 # SKIP there is no dbus-daemon\n");
      return 0;
    }

  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);
  service = connect_to_bus ();
  client = connect_to_bus ();
  id = register_service (service);

  status = run_cases (argc, argv, cases, n_cases);

  g_dbus_connection_unregister_object (service, id);
  leave (client);
  leave (service);
  settle (NULL);
  g_test_dbus_down (bus);
  g_object_unref (bus);
  return status;
}
