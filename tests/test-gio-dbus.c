/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Methods on D-Bus that are answered by Deferreds, calls that become Deferreds, callers that leave. */

#include "bus-fixture.h"

#include <glib/gstdio.h>

/* --- results ------------------------------------------------------------------------------------------------------- */

/* Calls @method, which is answered with @answer, which is taken. */
static GDeferred *
reply_to (const char *method, GDeferred *answer)
{
  g_queue_push_tail (&answers, answer);
  return call (client, method, NULL);
}

static void
replies (const char *method, GDeferred *answer, const char *expected)
{
  g_autoptr (GDeferred) d = reply_to (method, answer);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_deferred_wait (d, &error);
  g_assert_no_error (error);
  text = g_variant_print (g_deferred_get_variant (d), TRUE);
  g_assert_cmpstr (text, ==, expected);
}

/* One that holds the value, which is unset. */
static GDeferred *
holding (GValue *value)
{
  GDeferred *d = g_deferred_new ();

  g_assert_true (g_deferred_callback_take_value (d, value, NULL));
  return d;
}

#define HOLDING(type, setter, ...)                                                                           \
  ({                                                                                                         \
    GValue holding_value = G_VALUE_INIT;                                                                     \
    g_value_init (&holding_value, type);                                                                     \
    setter (&holding_value, __VA_ARGS__);                                                                    \
    holding (&holding_value);                                                                                \
  })

static GDeferred *
of_variant (const char *text)
{
  GDeferred *d = g_deferred_new ();
  GVariant  *variant = g_variant_new_parsed (text);

  g_assert_true (g_deferred_callback_variant (d, variant, NULL));
  return d;
}

static void
nothing (void)
{
  replies ("Nothing", g_deferred_succeed (NULL), "()");
  replies ("Nothing", of_variant ("()"), "()");
}

static void
tuples (void)
{
  replies ("Two", of_variant ("(7, 'seven')"), "(7, 'seven')");
  replies ("Get_i", of_variant ("(7,)"), "(7,)");
  replies ("Pair", of_variant ("((1, 2),)"), "((1, 2),)");
}

static void
single_variants (void)
{
  replies ("Get_i", of_variant ("7"), "(7,)");
  replies ("Get_s", of_variant ("'text'"), "('text',)");
  replies ("Pair", of_variant ("(1, 2)"), "((1, 2),)");
  replies ("Get_v", of_variant ("<7>"), "(<7>,)");
  replies ("Get_v", of_variant ("7"), "(<7>,)");
}

static void
other_values (void)
{
  const char *const words[] = { "a", "b", NULL };
  g_autoptr (GBytes) bytes = g_bytes_new_static ("ab", 2);

  replies ("Get_b", HOLDING (G_TYPE_BOOLEAN, g_value_set_boolean, TRUE), "(true,)");
  replies ("Get_y", succeeded_with (255), "(byte 0xff,)");
  replies ("Get_n", succeeded_with (-32768), "(int16 -32768,)");
  replies ("Get_q", succeeded_with (65535), "(uint16 65535,)");
  replies ("Get_i", succeeded_with (-5), "(-5,)");
  replies ("Get_u", HOLDING (G_TYPE_UINT, g_value_set_uint, G_MAXUINT), "(uint32 4294967295,)");
  replies ("Get_x", succeeded_with (-5), "(int64 -5,)");
  replies ("Get_t", HOLDING (G_TYPE_UINT64, g_value_set_uint64, G_MAXUINT64),
           "(uint64 18446744073709551615,)");
  replies ("Get_i", HOLDING (G_TYPE_INT64, g_value_set_int64, 5), "(5,)");
  replies ("Get_i", HOLDING (G_TYPE_DEFERRED_STATE, g_value_set_enum, G_DEFERRED_STATE_FAILED), "(4,)");
  replies ("Get_u", HOLDING (G_TYPE_FILE_COPY_FLAGS, g_value_set_flags, 3), "(uint32 3,)");
  replies ("Get_d", HOLDING (G_TYPE_DOUBLE, g_value_set_double, 0.5), "(0.5,)");
  replies ("Get_d", succeeded_with (2), "(2.0,)");
  replies ("Get_s", HOLDING (G_TYPE_STRING, g_value_set_string, "text"), "('text',)");
  replies ("Get_o", HOLDING (G_TYPE_STRING, g_value_set_string, "/a"), "(objectpath '/a',)");
  replies ("Get_g", HOLDING (G_TYPE_STRING, g_value_set_string, "ai"), "(signature 'ai',)");
  replies ("Get_as", HOLDING (G_TYPE_STRV, g_value_set_boxed, words), "(['a', 'b'],)");
  replies ("Get_as", HOLDING (G_TYPE_STRV, g_value_set_boxed, NULL), "(@as [],)");
  replies ("Get_ay", HOLDING (G_TYPE_BYTES, g_value_set_boxed, bytes), "([byte 0x61, 0x62],)");
  replies ("Get_v", succeeded_with (3), "(<3>,)");
  replies ("Get_v", HOLDING (G_TYPE_STRING, g_value_set_string, "text"), "(<'text'>,)");
}

/* The caller gets an error, and who wrote the method a warning. */
static void
refused (const char *method, GDeferred *answer, const char *what)
{
  g_autoptr (GDeferred) d = reply_to (method, answer);
  g_autofree char *message = g_strdup_printf ("The method " INTERFACE ".%s is to return %s", method, what);

  g_test_expect_message ("GDeferred", G_LOG_LEVEL_WARNING, message);
  g_assert_false (g_deferred_wait (d, NULL));
  criticals_came ();
  g_assert_error (g_deferred_get_error (d), G_DBUS_ERROR, G_DBUS_ERROR_FAILED);
  g_assert_cmpstr (g_deferred_get_error (d)->message, ==, message);
}

static void
of_another_type (void)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);

  refused ("Nothing", succeeded_with (3), "(), and its Deferred has brought gint");
  refused ("Nothing", of_variant ("(3,)"), "(), and its Deferred has brought (i)");
  refused ("Two", of_variant ("(3, 4)"), "(is), and its Deferred has brought (ii)");
  refused ("Two", succeeded_with (3), "(is), and its Deferred has brought gint");
  refused ("Two", g_deferred_succeed (NULL), "(is), and its Deferred has brought nothing");
  refused ("Get_i", g_deferred_succeed (NULL), "(i), and its Deferred has brought nothing");
  refused ("Get_i", of_variant ("'3'"), "(i), and its Deferred has brought s");
  refused ("Get_i", HOLDING (G_TYPE_STRING, g_value_set_string, "3"),
           "(i), and its Deferred has brought gchararray");
  refused ("Get_s", succeeded_with (3), "(s), and its Deferred has brought gint");
  refused ("Get_s", HOLDING (G_TYPE_STRING, g_value_set_string, NULL),
           "(s), and its Deferred has brought gchararray");
  refused ("Get_s", HOLDING (G_TYPE_STRING, g_value_set_string, "\xff"),
           "(s), and its Deferred has brought gchararray");
  refused ("Get_o", HOLDING (G_TYPE_STRING, g_value_set_string, "a"),
           "(o), and its Deferred has brought gchararray");
  refused ("Get_g", HOLDING (G_TYPE_STRING, g_value_set_string, "?"),
           "(g), and its Deferred has brought gchararray");
  refused ("Get_b", succeeded_with (1), "(b), and its Deferred has brought gint");
  refused ("Get_d", HOLDING (G_TYPE_STRING, g_value_set_string, "1"),
           "(d), and its Deferred has brought gchararray");
  refused ("Get_v", HOLDING (G_TYPE_OBJECT, g_value_set_object, object),
           "(v), and its Deferred has brought GObject");
  refused ("Get_i", HOLDING (G_TYPE_OBJECT, g_value_set_object, object),
           "(i), and its Deferred has brought GObject");
  refused ("Get_v", of_variant ("<@mi 3>"), "(v), and its Deferred has brought v");
  refused ("Get_v", of_variant ("(<()>,)"), "(v), and its Deferred has brought (v)");
  refused ("Get_v", of_variant ("[<3>, <[<just 3>]>]"), "(v), and its Deferred has brought av");
  g_assert_finalize_object (object);
}

static void
out_of_range (void)
{
  refused ("Get_y", succeeded_with (256), "(y), and its Deferred has brought gint");
  refused ("Get_y", succeeded_with (-1), "(y), and its Deferred has brought gint");
  refused ("Get_n", succeeded_with (32768), "(n), and its Deferred has brought gint");
  refused ("Get_q", succeeded_with (-1), "(q), and its Deferred has brought gint");
  refused ("Get_i", HOLDING (G_TYPE_INT64, g_value_set_int64, (gint64) G_MAXINT32 + 1),
           "(i), and its Deferred has brought gint64");
  refused ("Get_u", succeeded_with (-1), "(u), and its Deferred has brought gint");
  refused ("Get_x", HOLDING (G_TYPE_UINT64, g_value_set_uint64, G_MAXUINT64),
           "(x), and its Deferred has brought guint64");
  refused ("Get_t", succeeded_with (-1), "(t), and its Deferred has brought gint");
}

/* Without a function for them in the vtable, properties come as calls. */
static const char properties_xml[] = "<node><interface name='" INTERFACE "'>"
                                     "  <property name='Number' type='i' access='readwrite'/>"
                                     "</interface></node>";

static GDeferred *
property_call (const char *method, GVariant *parameters, GDeferred *answer)
{
  g_queue_push_tail (&answers, answer);
  return g_deferred_dbus_call (client, g_dbus_connection_get_unique_name (service), "/properties",
                               "org.freedesktop.DBus.Properties", method, parameters, NULL,
                               G_DBUS_CALL_FLAGS_NONE, -1);
}

static void
properties (void)
{
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (properties_xml, NULL);
  guint id = g_dbus_connection_register_object (service, "/properties", node->interfaces[0], &service_vtable,
                                                NULL, NULL, NULL);
  GDeferred       *d = property_call ("Get", g_variant_new ("(ss)", INTERFACE, "Number"), succeeded_with (3));
  g_autofree char *text = NULL;

  g_assert_true (g_deferred_wait (d, NULL));
  text = g_variant_print (g_deferred_get_variant (d), TRUE);
  g_assert_cmpstr (text, ==, "(<3>,)");
  g_assert_finalize_object (d);

  g_test_expect_message ("GDeferred", G_LOG_LEVEL_WARNING,
                         "*Properties.Get is to return (v)*has brought gboolean");
  d = property_call ("Get", g_variant_new ("(ss)", INTERFACE, "Number"),
                     HOLDING (G_TYPE_BOOLEAN, g_value_set_boolean, TRUE));
  g_assert_false (g_deferred_wait (d, NULL));
  criticals_came ();
  g_assert_finalize_object (d);

  d = property_call ("Set", g_variant_new ("(ssv)", INTERFACE, "Number", g_variant_new_int32 (4)),
                     g_deferred_succeed (NULL));
  g_assert_true (g_deferred_wait (d, NULL));
  g_assert_finalize_object (d);
  g_dbus_connection_unregister_object (service, id);
}

static void
answered_later (void)
{
  GDeferred *answer = g_deferred_new ();
  GDeferred *d = reply_to ("Get_i", g_object_ref (answer));

  until (g_queue_is_empty (&answers));
  round_trip (client);
  state_is (d, PENDING);
  link_both (answer, "a=8");
  fire (answer, 7);
  trace_is ("a:7 ~a ");
  g_assert_true (g_deferred_wait (d, NULL));
  g_assert_finalize_object (d);
  g_assert_finalize_object (answer);
}

/* The answer is what there is at this point; what follows is another matter. */
static void
at_this_point (void)
{
  GDeferred       *answer = g_deferred_new ();
  GDeferred       *d = reply_to ("Get_i", g_object_ref (answer));
  g_autofree char *text = NULL;

  until (g_queue_is_empty (&answers));
  link_both (answer, "a=8");
  fire (answer, 7);
  trace_is ("a:7 ~a ");
  g_assert_true (g_deferred_wait (d, NULL));
  text = g_variant_print (g_deferred_get_variant (d), TRUE);
  g_assert_cmpstr (text, ==, "(7,)");
  g_assert_cmpint (g_deferred_get_int (answer), ==, 8);
  g_assert_finalize_object (d);
  g_assert_finalize_object (answer);
}

/* --- errors -------------------------------------------------------------------------------------------------------- */

static GDeferred *
failing (GQuark domain, int code, const char *message)
{
  g_autoptr (GError) error = g_error_new_literal (domain, code, message);

  return g_deferred_fail (error);
}

static void
fails (GDeferred *answer, GQuark domain, int code, const char *message, const char *name)
{
  g_autoptr (GDeferred) d = reply_to ("Nothing", answer);

  g_assert_false (g_deferred_wait (d, NULL));
  g_assert_error (g_deferred_get_error (d), domain, code);
  g_assert_cmpstr (g_deferred_get_error (d)->message, ==, message);
  g_assert_cmpstr (g_value_get_string (g_deferred_get_payload (d)), ==, name);
}

static void
errors (void)
{
  GQuark own = g_quark_from_static_string ("test-own-error");

  fails (failing (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no"), G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no",
         "org.gtk.GDBus.UnmappedGError.Quark._g_2dio_2derror_2dquark.Code1");
  fails (failing (G_IO_ERROR, G_IO_ERROR_CANCELLED, "no"), G_IO_ERROR, G_IO_ERROR_CANCELLED, "no",
         "org.gtk.GDBus.UnmappedGError.Quark._g_2dio_2derror_2dquark.Code19");
  fails (failing (G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED, "no"), G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
         "no", "org.freedesktop.DBus.Error.AccessDenied");
  fails (failing (G_DEFERRED_ERROR, G_DEFERRED_ERROR_STALLED, "no"), G_DEFERRED_ERROR,
         G_DEFERRED_ERROR_STALLED, "no", "io.gdeferred.Error.Stalled");
  fails (failing (own, 17, "no"), own, 17, "no",
         "org.gtk.GDBus.UnmappedGError.Quark._test_2down_2derror.Code17");
}

/* As an error of another service does, that nobody here has a number for. */
static void
foreign_errors (void)
{
  GError    *error = g_dbus_error_new_for_dbus_error ("org.example.Error.Odd", "it is odd");
  GDeferred *d;

  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_DBUS_ERROR);
  fails (g_deferred_fail (error), G_IO_ERROR, G_IO_ERROR_DBUS_ERROR, "it is odd", "org.example.Error.Odd");
  g_error_free (error);

  /* What comes of a call is what answers the next one. */
  error = g_dbus_error_new_for_dbus_error ("org.example.Error.Odd", "it is odd");
  d = reply_to ("Nothing", g_deferred_fail (error));
  g_error_free (error);
  fails (d, G_IO_ERROR, G_IO_ERROR_DBUS_ERROR, "it is odd", "org.example.Error.Odd");
}

/* A payload that is no name of an error is somebody else's. */
static void
payload_of_another_kind (void)
{
  GError    *error = g_error_new_literal (G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED, "no");
  GDeferred *answer = g_deferred_new ();
  GValue     payload = G_VALUE_INIT;

  g_value_init (&payload, G_TYPE_STRING);
  g_value_set_static_string (&payload, "any text");
  g_assert_true (g_deferred_errback_full (answer, error, &payload, NULL));
  fails (answer, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED, "no", "org.freedesktop.DBus.Error.AccessDenied");
  g_value_unset (&payload);
  g_error_free (error);
}

static void
abandoned (void)
{
  fails (g_deferred_new (), G_DEFERRED_ERROR, G_DEFERRED_ERROR_ABANDONED,
         "The Deferred was dropped before anybody fired it", "io.gdeferred.Error.Abandoned");
}

static void
owner_gone (void)
{
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *answer = g_deferred_new ();
  GDeferred *d = reply_to ("Nothing", g_object_ref (answer));

  g_deferred_bind_owner (answer, owner);
  until (g_queue_is_empty (&answers));
  g_object_unref (owner);
  g_assert_false (g_deferred_wait (d, NULL));
  g_assert_error (g_deferred_get_error (d), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_finalize_object (d);
  g_assert_finalize_object (answer);
}

/* --- callers that leave -------------------------------------------------------------------------------------------- */

static void
say_stop (GDeferred *self, gpointer name)
{
  say ("stop-%s ", (char *) name);
}

static GDeferred *
stoppable (const char *name)
{
  return g_deferred_new_with_canceller (say_stop, (gpointer) name, NULL);
}

/* Of the calls of one caller. */
static void
calls_come (GDBusConnection *caller, GDeferred *answer, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_queue_push_tail (&answers, g_object_ref (answer));
      g_object_unref (call (caller, "Nothing", NULL));
    }
}

static void
caller_leaves (void)
{
  GDBusConnection *other = connect_to_bus ();
  GDeferred       *answer = stoppable ("a");
  GDeferred       *kept = stoppable ("b");
  GDeferred       *d;

  calls_come (other, answer, 1);
  until (g_queue_is_empty (&answers));
  d = reply_to ("Nothing", g_object_ref (kept));
  until (g_queue_is_empty (&answers));
  round_trip (service);
  trace_is ("");

  leave (other);
  until (g_deferred_is_cancelled (answer));
  trace_is ("stop-a ");
  state_is (kept, PENDING);
  g_assert_true (g_deferred_callback (kept, NULL, NULL));
  g_assert_true (g_deferred_wait (d, NULL));
  settle (NULL);
  while (g_queue_peek_head (&fx_reports) != NULL)
    reported ("closed");
  g_assert_finalize_object (answer);
  g_assert_finalize_object (kept);
  g_assert_finalize_object (d);
}

/* A cancel of one may end the others, or one that is further on; and each of a caller's calls is told. */
static gboolean
cancel_other (GDeferred *self, gpointer other, GError **error)
{
  g_deferred_cancel (other);
  return g_deferred_return_none (self);
}

static void
caller_with_several_calls_leaves (void)
{
  GDBusConnection *other = connect_to_bus ();
  GDeferred       *all[5];

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    {
      all[i] = stoppable ("x");
      calls_come (other, all[i], 1);
    }
  g_deferred_add_errback (all[0], cancel_other, all[1], NULL);
  g_deferred_add_errback (all[0], cancel_other, all[4], NULL);
  until (g_queue_is_empty (&answers));
  leave (other);
  until (g_deferred_is_cancelled (all[3]));
  settle (NULL);
  trace_is ("stop-x stop-x stop-x stop-x stop-x ");
  while (g_queue_peek_head (&fx_reports) != NULL)
    reported ("closed");
  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    g_assert_finalize_object (all[i]);
}

/* It was gone before anybody looked: the call was still in the queue. */
static void
caller_left_before (void)
{
  GDBusConnection *other = connect_to_bus ();
  GDeferred       *answer = stoppable ("a");

  calls_come (other, answer, 1);
  g_assert_true (g_dbus_connection_flush_sync (other, NULL, NULL));
  leave (other);
  until (g_deferred_is_cancelled (answer));
  trace_is ("stop-a ");
  settle (NULL);
  while (g_queue_peek_head (&fx_reports) != NULL)
    reported ("closed");
  g_assert_finalize_object (answer);
}

static void
caller_that_has_its_answer_leaves (void)
{
  GDBusConnection *other = connect_to_bus ();
  GDeferred       *answer = stoppable ("a");
  GDeferred       *d;

  g_queue_push_tail (&answers, g_object_ref (answer));
  d = call (other, "Nothing", NULL);
  until (g_queue_is_empty (&answers));
  link_both (answer, "a");
  g_deferred_pause (answer);
  g_deferred_callback (answer, NULL, NULL);
  g_deferred_unpause (answer);
  trace_is ("a:- ~a ");
  g_assert_true (g_deferred_wait (d, NULL));
  leave (other);
  round_trip (service);
  settle (NULL);
  g_assert_false (g_deferred_is_cancelled (answer));
  g_assert_finalize_object (answer);
  g_assert_finalize_object (d);
}

static gboolean
run_loop (GDeferred *self, gpointer other, GError **error)
{
  leave (other);
  for (int i = 0; i < 20; i++)
    round_trip (service);
  settle (NULL);
  return TRUE;
}

static void
fire_and_drop (gpointer d)
{
  fire (d, 1);
  g_object_unref (d);
}

/* The one that has the answer is gone already, and others that the same loop runs before the answer is given let the
 * caller leave. */
static void
caller_leaves_between (void)
{
  GDBusConnection *other = connect_to_bus ();
  GDeferred       *answer = stoppable ("a");
  GDeferred       *first = g_deferred_fork (answer);

  g_deferred_add_callback (first, run_loop, other, NULL);
  g_queue_push_tail (&answers, g_object_ref (answer));
  g_object_unref (call (other, "Get_i", NULL));
  until (g_queue_is_empty (&answers));
  g_idle_add_once (fire_and_drop, answer);
  until (g_deferred_is_finished (first));
  settle (NULL);
  trace_is ("");
  while (g_queue_peek_head (&fx_reports) != NULL)
    reported ("closed");
  g_assert_finalize_object (first);
}

/* Who does not wait for an answer may leave: the work is wanted all the same. */
static void
caller_that_wants_no_answer_leaves (void)
{
  GDBusConnection *other = connect_to_bus ();
  GDeferred       *answer = stoppable ("a");

  g_queue_push_tail (&answers, g_object_ref (answer));
  g_dbus_connection_call (other, g_dbus_connection_get_unique_name (service), PATH, INTERFACE, "Nothing",
                          NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
  until (g_queue_is_empty (&answers));
  leave (other);
  round_trip (service);
  settle (NULL);
  state_is (answer, PENDING);
  g_assert_true (g_deferred_callback (answer, NULL, NULL));
  g_assert_finalize_object (answer);
}

static void
caller_leaves_and_the_work_cleans_up (void)
{
  GDBusConnection *other = connect_to_bus ();
  GDeferred       *answer = g_deferred_new ();
  GDeferred       *clean_up = g_deferred_new ();

  g_deferred_add_errback (answer, return_it, g_object_ref (clean_up), g_object_unref);
  calls_come (other, answer, 1);
  until (g_queue_is_empty (&answers));
  leave (other);
  until (g_deferred_get_state (answer) == G_DEFERRED_STATE_WAITING);
  settle (NULL);
  g_assert_false (g_deferred_is_cancelled (clean_up));
  g_assert_true (g_deferred_callback (clean_up, NULL, NULL));
  settle (NULL);
  state_is (answer, SUCCEEDED);
  while (g_queue_peek_head (&fx_reports) != NULL)
    reported ("closed");
  g_assert_finalize_object (answer);
  g_assert_finalize_object (clean_up);
}

/* --- without a bus ------------------------------------------------------------------------------------------------- */

static GDBusConnection *accepted;

static gboolean
on_connection (GDBusServer *server, GDBusConnection *connection, gpointer data)
{
  accepted = g_object_ref (connection);
  register_service (connection);
  return TRUE;
}

static GDBusServer *
start_server (void)
{
  g_autofree char *guid = g_dbus_generate_guid ();
  g_autofree char *folder = g_dir_make_tmp ("gdeferred-XXXXXX", NULL);
  g_autofree char *address = g_strdup_printf ("unix:path=%s/socket", folder);
  GDBusServer *server = g_dbus_server_new_sync (address, G_DBUS_SERVER_FLAGS_NONE, guid, NULL, NULL, NULL);

  g_assert_nonnull (server);
  g_signal_connect (server, "new-connection", G_CALLBACK (on_connection), NULL);
  g_dbus_server_start (server);
  g_object_set_data_full (G_OBJECT (server), "folder", g_steal_pointer (&folder), g_free);
  return server;
}

static void
stop_server (GDBusServer *server)
{
  g_autofree char *folder = g_strdup (g_object_get_data (G_OBJECT (server), "folder"));

  g_dbus_server_stop (server);
  g_object_unref (server);
  g_rmdir (folder);
}

static gpointer
connect_in_thread (gpointer server)
{
  return g_dbus_connection_new_for_address_sync (g_dbus_server_get_client_address (server),
                                                 G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, NULL,
                                                 NULL);
}

static GDBusConnection *
connect_to_server (GDBusServer *server)
{
  GThread *thread = g_thread_new ("client", connect_in_thread, server);

  until (accepted != NULL);
  return g_thread_join (thread);
}

static void
without_a_bus (void)
{
  GDBusServer     *server = start_server ();
  GDBusConnection *caller = connect_to_server (server);
  GDeferred       *answer = stoppable ("a");
  GDeferred       *d;

  g_queue_push_tail (&answers, succeeded_with (7));
  d = g_deferred_dbus_call (caller, NULL, PATH, INTERFACE, "Get_i", NULL, G_VARIANT_TYPE ("(i)"),
                            G_DBUS_CALL_FLAGS_NONE, -1);
  g_assert_true (g_deferred_wait (d, NULL));
  g_assert_finalize_object (d);

  g_queue_push_tail (&answers, g_object_ref (answer));
  d = g_deferred_dbus_call (caller, NULL, PATH, INTERFACE, "Nothing", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1);
  until (g_queue_is_empty (&answers));
  leave (caller);
  until (g_deferred_is_cancelled (answer));
  trace_is ("stop-a ");
  g_assert_false (g_deferred_wait (d, NULL));
  g_assert_finalize_object (answer);
  g_assert_finalize_object (d);
  g_clear_object (&accepted);
  stop_server (server);
}

/* --- bound to a peer ----------------------------------------------------------------------------------------------- */

static void
bound (void)
{
  GDBusConnection *other = connect_to_bus ();
  GDeferred       *d = stoppable ("a");
  GDeferred       *fired = stoppable ("b");

  g_deferred_bind_peer (d, service, g_dbus_connection_get_unique_name (other));
  g_deferred_bind_peer (fired, service, g_dbus_connection_get_unique_name (other));
  link_both (d, "a0");
  fire (fired, 3);
  g_assert_cmpint (g_deferred_get_int (fired), ==, 3);
  round_trip (service);
  settle (NULL);
  state_is (d, PENDING);
  leave (other);
  until (!g_deferred_get_pending (d));
  trace_is ("stop-a a:!CANCELLED ~a ");
  g_assert_false (g_deferred_is_cancelled (fired));
  g_assert_finalize_object (d);
  g_assert_finalize_object (fired);
}

static void
bound_to_nobody (void)
{
  GDeferred *d = stoppable ("a");

  g_deferred_bind_peer (d, service, "org.example.Nobody");
  state_is (d, PENDING);
  until (!g_deferred_get_pending (d));
  trace_is ("stop-a ");
  g_assert_finalize_object (d);
}

/* It takes no part in the chain. */
static void
bound_and_failing (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_bind_peer (d, service, g_dbus_connection_get_unique_name (client));
  fire_fail (d, "bad");
  g_assert_finalize_object (d);
  reported ("bad");

  d = g_deferred_new ();
  g_deferred_bind_peer (d, service, g_dbus_connection_get_unique_name (client));
  link_both (d, "a0");
  g_object_unref (d);
  settle (NULL);
  trace_is ("a:!ABANDONED ~a ");
}

static void
bound_too_late (void)
{
  GDeferred *d = succeeded_with (3);

  g_deferred_bind_peer (d, service, "org.example.Nobody");
  round_trip (service);
  settle (NULL);
  g_assert_cmpint (g_deferred_get_int (d), ==, 3);
  g_assert_finalize_object (d);
}

/* --- homes --------------------------------------------------------------------------------------------------------- */

static gpointer
fire_elsewhere (gpointer d)
{
  fire (d, 5);
  return NULL;
}

static void
fired_in_another_thread (void)
{
  GDeferred *answer = g_deferred_new ();
  GDeferred *d = reply_to ("Get_i", g_object_ref (answer));

  until (g_queue_is_empty (&answers));
  g_thread_join (g_thread_new ("producer", fire_elsewhere, answer));
  g_assert_true (g_deferred_wait (d, NULL));
  g_assert_finalize_object (d);
  g_assert_finalize_object (answer);
}

typedef struct
{
  GMainLoop    *loop;
  GMainContext *context;
  GDeferred    *answer; /* lives there */
  int           is_ready;
} Home;

static gpointer
be_home (gpointer data)
{
  Home *home = data;

  g_main_context_push_thread_default (home->context);
  home->answer = stoppable ("a");
  g_atomic_int_set (&home->is_ready, TRUE);
  g_main_loop_run (home->loop);
  settle (home->context);
  g_clear_object (&home->answer);
  g_main_context_pop_thread_default (home->context);
  return NULL;
}

/* The Deferred lives in another thread than the one that the call came in; and so does the watch for the caller. */
static void
answered_from_another_home (void)
{
  GMainContext *context = g_main_context_new ();
  Home          home = { g_main_loop_new (context, FALSE), context, NULL, FALSE };
  GThread      *thread = g_thread_new ("home", be_home, &home);
  GDeferred    *d;

  while (!g_atomic_int_get (&home.is_ready))
    g_thread_yield ();
  d = reply_to ("Get_i", g_object_ref (home.answer));
  until (g_queue_is_empty (&answers));
  fire (home.answer, 6);
  g_assert_true (g_deferred_wait (d, NULL));
  g_assert_finalize_object (d);
  g_main_loop_quit (home.loop);
  g_thread_join (thread);
  g_main_loop_unref (home.loop);
  g_main_context_unref (context);
}

static void
caller_of_another_home_leaves (void)
{
  GMainContext    *context = g_main_context_new ();
  Home             home = { g_main_loop_new (context, FALSE), context, NULL, FALSE };
  GThread         *thread = g_thread_new ("home", be_home, &home);
  GDBusConnection *other = connect_to_bus ();

  while (!g_atomic_int_get (&home.is_ready))
    g_thread_yield ();
  calls_come (other, home.answer, 1);
  until (g_queue_is_empty (&answers));
  leave (other);
  while (!g_deferred_is_cancelled (home.answer))
    g_main_context_iteration (NULL, FALSE);
  g_main_loop_quit (home.loop);
  g_thread_join (thread);
  settle (NULL);
  trace_is ("stop-a ");
  while (g_queue_peek_head (&fx_reports) != NULL)
    reported ("closed");
  g_main_loop_unref (home.loop);
  g_main_context_unref (context);
}

/* --- calls --------------------------------------------------------------------------------------------------------- */

static void
call_fails (GDeferred *d, GQuark domain, int code)
{
  g_assert_false (g_deferred_wait (d, NULL));
  g_assert_error (g_deferred_get_error (d), domain, code);
  g_assert_false (g_str_has_prefix (g_deferred_get_error (d)->message, "GDBus.Error"));
  g_assert_finalize_object (d);
}

static void
calls_that_fail (void)
{
  const char *name = g_dbus_connection_get_unique_name (service);

  call_fails (g_deferred_dbus_call (client, "org.example.Nobody", PATH, INTERFACE, "Nothing", NULL, NULL,
                                    G_DBUS_CALL_FLAGS_NO_AUTO_START, -1),
              G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER);
  call_fails (g_deferred_dbus_call (client, name, "/nowhere", INTERFACE, "Nothing", NULL, NULL,
                                    G_DBUS_CALL_FLAGS_NONE, -1),
              G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD);
  call_fails (g_deferred_dbus_call (client, name, PATH, INTERFACE, "Any", g_variant_new ("(i)", 3), NULL,
                                    G_DBUS_CALL_FLAGS_NONE, -1),
              G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS);
}

static void
reply_of_another_type (void)
{
  GDeferred *d;

  g_queue_push_tail (&answers, succeeded_with (3));
  d = g_deferred_dbus_call (client, g_dbus_connection_get_unique_name (service), PATH, INTERFACE, "Get_i",
                            NULL, G_VARIANT_TYPE ("(s)"), G_DBUS_CALL_FLAGS_NONE, -1);
  call_fails (d, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

static void
call_times_out (void)
{
  GDeferred *answer = g_deferred_new ();
  GDeferred *d;

  g_queue_push_tail (&answers, g_object_ref (answer));
  d = g_deferred_dbus_call (client, g_dbus_connection_get_unique_name (service), PATH, INTERFACE, "Nothing",
                            NULL, NULL, G_DBUS_CALL_FLAGS_NONE, 1);
  call_fails (d, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  until (g_queue_is_empty (&answers));
  g_assert_true (g_deferred_callback (answer, NULL, NULL));
  g_assert_finalize_object (answer);
}

static void
call_cancelled (void)
{
  GDeferred *answer = g_deferred_new ();
  GDeferred *d = reply_to ("Nothing", g_object_ref (answer));

  link_both (d, "a0");
  g_deferred_cancel (d);
  trace_is ("a:!CANCELLED ~a ");
  until (g_queue_is_empty (&answers));
  g_assert_true (g_deferred_callback (answer, NULL, NULL));
  round_trip (client);
  settle (NULL);
  g_assert_finalize_object (answer);
  g_assert_finalize_object (d);
}

static void
proxies (void)
{
  GDBusProxy *proxy
      = g_dbus_proxy_new_sync (client, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES, NULL,
                               g_dbus_connection_get_unique_name (service), PATH, INTERFACE, NULL, NULL);
  GDeferred       *d;
  g_autofree char *text = NULL;

  g_assert_nonnull (proxy);
  g_queue_push_tail (&answers, of_variant ("(7, 'seven')"));
  d = g_deferred_proxy_call (proxy, "Two", NULL, G_DBUS_CALL_FLAGS_NONE, -1);
  g_assert_true (g_deferred_wait (d, NULL));
  text = g_variant_print (g_deferred_get_variant (d), TRUE);
  g_assert_cmpstr (text, ==, "(7, 'seven')");
  g_assert_finalize_object (d);

  g_queue_push_tail (&answers, succeeded_with (1));
  d = g_deferred_proxy_call (proxy, INTERFACE ".Get_i", NULL, G_DBUS_CALL_FLAGS_NONE, -1);
  g_assert_true (g_deferred_wait (d, NULL));
  g_assert_finalize_object (d);

  g_queue_push_tail (&answers, failing (G_DEFERRED_ERROR, G_DEFERRED_ERROR_LOOP, "round"));
  d = g_deferred_proxy_call (proxy, "Nothing", NULL, G_DBUS_CALL_FLAGS_NONE, -1);
  call_fails (d, G_DEFERRED_ERROR, G_DEFERRED_ERROR_LOOP);

  d = g_deferred_proxy_call (proxy, "Any", g_variant_new ("(s)", "x"), G_DBUS_CALL_FLAGS_NONE, -1);
  g_queue_push_tail (&answers, g_deferred_succeed (NULL));
  g_assert_true (g_deferred_wait (d, NULL));
  g_assert_finalize_object (d);
  g_object_unref (proxy);
  settle (NULL);
}

/* --- misuse -------------------------------------------------------------------------------------------------------- */

static void
on_bad_call (GDBusConnection       *connection,
             const char            *sender,
             const char            *path,
             const char            *interface,
             const char            *method,
             GVariant              *parameters,
             GDBusMethodInvocation *invocation,
             gpointer               data)
{
  expect_critical ("G_IS_DEFERRED (self)");
  g_deferred_answer_invocation (NULL, invocation);
  criticals_came ();
}

/* The caller is not left waiting. */
static void
answered_with_no_Deferred (void)
{
  static const GDBusInterfaceVTable vtable = { on_bad_call, NULL, NULL, { 0 } };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (service_xml, NULL);
  guint id
      = g_dbus_connection_register_object (service, "/bad", node->interfaces[0], &vtable, NULL, NULL, NULL);

  call_fails (g_deferred_dbus_call (client, g_dbus_connection_get_unique_name (service), "/bad", INTERFACE,
                                    "Nothing", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1),
              G_DBUS_ERROR, G_DBUS_ERROR_FAILED);
  g_dbus_connection_unregister_object (service, id);
}

static void
bad_arguments (void)
{
  GDeferred  *d = g_deferred_new ();
  GDBusProxy *proxy
      = g_dbus_proxy_new_sync (client, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES, NULL,
                               g_dbus_connection_get_unique_name (service), PATH, INTERFACE, NULL, NULL);
  g_autoptr (GVariant) no_tuple = g_variant_ref_sink (g_variant_new_int32 (3));
  const GDBusCallFlags none = G_DBUS_CALL_FLAGS_NONE;

  expect_critical ("G_IS_DBUS_METHOD_INVOCATION (invocation)");
  g_deferred_answer_invocation (d, NULL);

  expect_critical ("G_IS_DBUS_CONNECTION (connection)");
  g_assert_null (g_deferred_dbus_call (NULL, NULL, PATH, INTERFACE, "M", NULL, NULL, none, -1));
  expect_critical ("g_dbus_is_name (bus_name)");
  g_assert_null (g_deferred_dbus_call (client, "no name", PATH, INTERFACE, "M", NULL, NULL, none, -1));
  expect_critical ("g_variant_is_object_path (object_path)");
  g_assert_null (g_deferred_dbus_call (client, NULL, "nowhere", INTERFACE, "M", NULL, NULL, none, -1));
  expect_critical ("g_dbus_is_interface_name (interface_name)");
  g_assert_null (g_deferred_dbus_call (client, NULL, PATH, "none", "M", NULL, NULL, none, -1));
  expect_critical ("g_dbus_is_member_name (method_name)");
  g_assert_null (g_deferred_dbus_call (client, NULL, PATH, INTERFACE, "no method", NULL, NULL, none, -1));
  expect_critical ("are_parameters (parameters)");
  g_assert_null (g_deferred_dbus_call (client, NULL, PATH, INTERFACE, "M", no_tuple, NULL, none, -1));
  expect_critical ("g_variant_type_is_tuple (reply_type)");
  g_assert_null (
      g_deferred_dbus_call (client, NULL, PATH, INTERFACE, "M", NULL, G_VARIANT_TYPE ("i"), none, -1));
  expect_critical ("timeout_msec >= -1");
  g_assert_null (g_deferred_dbus_call (client, NULL, PATH, INTERFACE, "M", NULL, NULL, none, -2));

  expect_critical ("G_IS_DBUS_PROXY (proxy)");
  g_assert_null (g_deferred_proxy_call (NULL, "M", NULL, none, -1));
  expect_critical ("method_name != NULL");
  g_assert_null (g_deferred_proxy_call (proxy, "no method", NULL, none, -1));
  expect_critical ("are_parameters (parameters)");
  g_assert_null (g_deferred_proxy_call (proxy, "M", no_tuple, none, -1));
  expect_critical ("timeout_msec >= -1");
  g_assert_null (g_deferred_proxy_call (proxy, "M", NULL, none, -2));

  expect_critical ("G_IS_DEFERRED (self)");
  g_deferred_bind_peer (NULL, client, NULL);
  expect_critical ("G_IS_DBUS_CONNECTION (connection)");
  g_deferred_bind_peer (d, NULL, NULL);
  expect_critical ("g_dbus_is_name (name)");
  g_deferred_bind_peer (d, client, "no name");
  criticals_came ();

  g_object_unref (proxy);
  g_assert_finalize_object (d);
}

static gpointer
bind_elsewhere (gpointer d)
{
  expect_critical ("g_deferred_bind_peer: called from a thread that is not the Deferred's home");
  g_deferred_bind_peer (d, service, "org.example.Nobody");
  criticals_came ();
  return NULL;
}

static void
bound_elsewhere (void)
{
  GDeferred *d = g_deferred_new ();

  g_thread_join (g_thread_new ("elsewhere", bind_elsewhere, d));
  round_trip (service);
  settle (NULL);
  state_is (d, PENDING);
  g_assert_finalize_object (d);
}

static const Case cases[] = {
  { "/gio/dbus/answer/nothing", nothing },
  { "/gio/dbus/answer/tuples", tuples },
  { "/gio/dbus/answer/single-variants", single_variants },
  { "/gio/dbus/answer/other-values", other_values },
  { "/gio/dbus/answer/of-another-type", of_another_type },
  { "/gio/dbus/answer/out-of-range", out_of_range },
  { "/gio/dbus/answer/properties", properties },
  { "/gio/dbus/answer/later", answered_later },
  { "/rule-05/gio/dbus/answer/at-this-point-of-the-chain", at_this_point },
  { "/gio/dbus/answer/errors", errors },
  { "/gio/dbus/answer/errors-of-others-keep-their-names", foreign_errors },
  { "/gio/dbus/answer/a-payload-of-another-kind", payload_of_another_kind },
  { "/rule-17/gio/dbus/answer/abandoned", abandoned },
  { "/rule-25/gio/dbus/answer/owner-gone", owner_gone },
  { "/rule-14/gio/dbus/answer/caller-leaves", caller_leaves },
  { "/rule-14/gio/dbus/answer/caller-with-several-calls-leaves", caller_with_several_calls_leaves },
  { "/rule-14/gio/dbus/answer/caller-left-before", caller_left_before },
  { "/rule-14/gio/dbus/answer/caller-that-has-its-answer-leaves", caller_that_has_its_answer_leaves },
  { "/rule-17/gio/dbus/answer/caller-leaves-between", caller_leaves_between },
  { "/rule-14/gio/dbus/answer/caller-that-wants-no-answer-leaves", caller_that_wants_no_answer_leaves },
  { "/rule-14/gio/dbus/answer/caller-leaves-and-the-work-cleans-up", caller_leaves_and_the_work_cleans_up },
  { "/gio/dbus/answer/without-a-bus", without_a_bus },
  { "/rule-14/gio/dbus/bound/to-a-peer", bound },
  { "/rule-14/gio/dbus/bound/to-nobody", bound_to_nobody },
  { "/rule-16/gio/dbus/bound/and-failing", bound_and_failing },
  { "/gio/dbus/bound/too-late", bound_too_late },
  { "/rule-20/gio/dbus/answer/fired-in-another-thread", fired_in_another_thread },
  { "/rule-20/gio/dbus/answer/from-another-home", answered_from_another_home },
  { "/rule-20/gio/dbus/answer/caller-of-another-home-leaves", caller_of_another_home_leaves },
  { "/gio/dbus/call/fails", calls_that_fail },
  { "/gio/dbus/call/reply-of-another-type", reply_of_another_type },
  { "/gio/dbus/call/times-out", call_times_out },
  { "/rule-14/gio/dbus/call/cancelled", call_cancelled },
  { "/gio/dbus/call/proxies", proxies },
  { "/misuse/gio/dbus/answered-with-no-Deferred", answered_with_no_Deferred },
  { "/misuse/gio/dbus/bad-arguments", bad_arguments },
  { "/rule-21/gio/dbus/bound/elsewhere", bound_elsewhere },
};

int
main (int argc, char **argv)
{
  return run_bus_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
