/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* What gdeferred-codegen makes of libsoup, fetching from a server on this machine. */

#include "gio-fixture.h"

#include "soup-deferred.h"

#include <glib-unix.h>
#include <stdio.h>

static SoupSession *session;
static char        *base;

/* --- the server, which is another process: some of libsoup's leak what a client leaves behind --------------------- */

static void
on_request (
    SoupServer *self, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  if (strcmp (path, "/hello") == 0)
    {
      soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
      soup_server_message_set_response (message, "text/plain", SOUP_MEMORY_STATIC, "Hello over HTTP", 15);
    }
  else if (strcmp (path, "/parts") == 0)
    {
      static const char body[] = "--x\r\nContent-Type: text/plain\r\n\r\none\r\n--x\r\n\r\ntwo\r\n--x--\r\n";

      soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
      soup_server_message_set_response (message, "multipart/mixed; boundary=x", SOUP_MEMORY_STATIC, body,
                                        sizeof body - 1);
    }
  else if (strcmp (path, "/slow") == 0)
    soup_server_message_pause (message);
  else
    soup_server_message_set_status (message, SOUP_STATUS_NOT_FOUND, NULL);
}

static void
on_websocket (SoupServer              *self,
              SoupServerMessage       *message,
              const char              *path,
              SoupWebsocketConnection *connection,
              gpointer                 user_data)
{
  soup_websocket_connection_send_text (connection, "welcome");
  g_object_ref (connection);
}

static gboolean
on_end_of_input (int fd, GIOCondition condition, gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

/* Until the input ends. */
static int
serve (void)
{
  static char *protocols[] = { (char *) "chat", NULL };
  GMainLoop   *loop = g_main_loop_new (NULL, FALSE);
  SoupServer  *server = soup_server_new (NULL, NULL);
  GSList      *uris;

  soup_server_add_handler (server, NULL, on_request, NULL, NULL);
  soup_server_add_websocket_handler (server, "/websocket", NULL, protocols, on_websocket, NULL, NULL);
  g_assert_true (soup_server_listen_local (server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, NULL));
  uris = soup_server_get_uris (server);
  printf ("%s\n", g_uri_to_string (uris->data));
  fflush (stdout);
  g_unix_fd_add (0, G_IO_IN | G_IO_HUP, on_end_of_input, loop);
  g_main_loop_run (loop);
  return 0;
}

/* --- the client -------------------------------------------------------------------------------------------------- */

static SoupMessage *
message_for (const char *path)
{
  g_autofree char *uri = g_strconcat (base, path, NULL);

  return soup_message_new ("GET", uri);
}

static void
fetching (void)
{
  g_autoptr (SoupMessage) message = message_for ("hello");
  g_autoptr (GBytes) body
      = boxed_of (soup_deferred_session_send_and_read (session, message, 0), G_TYPE_BYTES);

  g_assert_cmpuint (soup_message_get_status (message), ==, SOUP_STATUS_OK);
  bytes_are (body, "Hello over HTTP");
}

static void
several_at_once (void)
{
  GDeferred   *pending[8];
  SoupMessage *messages[8];

  for (guint i = 0; i < G_N_ELEMENTS (pending); i++)
    {
      messages[i] = message_for (i % 2 ? "missing" : "hello");
      pending[i] = soup_deferred_session_send_and_read (session, messages[i], 0);
    }
  for (guint i = 0; i < G_N_ELEMENTS (pending); i++)
    {
      g_bytes_unref (boxed_of (pending[i], G_TYPE_BYTES));
      g_assert_cmpuint (soup_message_get_status (messages[i]), ==,
                        i % 2 ? SOUP_STATUS_NOT_FOUND : SOUP_STATUS_OK);
      g_object_unref (messages[i]);
    }
}

static gboolean
read_it (GDeferred *self, gpointer user_data, GError **error)
{
  return g_deferred_return_deferred (self, g_deferred_input_stream_read_all (g_deferred_get_object (self),
                                                                             100, G_PRIORITY_DEFAULT));
}

/* A wrapper of libsoup's, and then one of GIO's. */
static void
streaming (void)
{
  g_autoptr (SoupMessage) message = message_for ("hello");
  GDeferred *d = soup_deferred_session_send (session, message, 0);
  g_autoptr (GBytes) body = NULL;

  g_deferred_add_callback (d, read_it, NULL, NULL);
  body = boxed_of (d, G_TYPE_BYTES);
  bytes_are (body, "Hello over HTTP");
}

static void
cancelling (void)
{
  g_autoptr (SoupMessage) message = message_for ("slow");

  cancels (soup_deferred_session_send_and_read (session, message, 0));
}

static void
nobody_there (void)
{
  g_autoptr (SoupMessage) message = soup_message_new ("GET", "http://127.0.0.1:1/");

  fails (soup_deferred_session_send_and_read (session, message, 0), G_IO_ERROR,
         G_IO_ERROR_CONNECTION_REFUSED);
}

static void
preconnecting (void)
{
  g_autoptr (SoupMessage) message = message_for ("hello");

  succeeds (soup_deferred_session_preconnect (session, message, 0));
}

static void
parts (void)
{
  g_autoptr (SoupMessage) message = message_for ("parts");
  g_autoptr (GInputStream) body = object_of (soup_deferred_session_send (session, message, 0));
  g_autoptr (SoupMultipartInputStream) stream = soup_multipart_input_stream_new (message, body);
  g_autoptr (GInputStream) first = object_of (soup_deferred_multipart_input_stream_next_part (stream, 0));
  g_autoptr (GBytes) one = boxed_of (g_deferred_input_stream_read_all (first, 100, 0), G_TYPE_BYTES);
  g_autoptr (GInputStream) second = object_of (soup_deferred_multipart_input_stream_next_part (stream, 0));
  g_autoptr (GBytes) two = boxed_of (g_deferred_input_stream_read_all (second, 100, 0), G_TYPE_BYTES);
  GDeferred *end = waited_for (soup_deferred_multipart_input_stream_next_part (stream, 0));

  bytes_are (one, "one");
  bytes_are (two, "two");
  g_assert_null (g_deferred_get_object (end));
  g_object_unref (end);
}

static void
on_message (SoupWebsocketConnection *connection, int type, GBytes *text, gpointer user_data)
{
  bytes_are (text, "welcome");
  say ("welcome ");
}

static void
websockets (void)
{
  static char *protocols[] = { (char *) "chat", NULL };
  g_autoptr (SoupMessage) message = message_for ("websocket");
  g_autoptr (SoupMessage) no_websocket = message_for ("hello");
  g_autoptr (SoupWebsocketConnection) connection
      = object_of (soup_deferred_session_websocket_connect (session, message, NULL, protocols, 0));

  g_signal_connect (connection, "message", G_CALLBACK (on_message), NULL);
  while (fx_trace->len == 0)
    g_main_context_iteration (NULL, TRUE);
  trace_is ("welcome ");
  soup_websocket_connection_close (connection, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
  while (soup_websocket_connection_get_state (connection) != SOUP_WEBSOCKET_STATE_CLOSED)
    g_main_context_iteration (NULL, TRUE);

  fails (soup_deferred_session_websocket_connect (session, no_websocket, NULL, NULL, 0), SOUP_WEBSOCKET_ERROR,
         SOUP_WEBSOCKET_ERROR_NOT_WEBSOCKET);
}

static void
misuse (void)
{
  g_autoptr (SoupMessage) message = message_for ("hello");

  expect_critical ("session, soup_session");
  g_assert_null (soup_deferred_session_send ((SoupSession *) message, message, 0));
  criticals_came ();
  expect_critical ("msg, soup_message");
  g_assert_null (soup_deferred_session_send (session, NULL, 0));
  criticals_came ();
}

static const Case cases[] = {
  { "/soup/fetching", fetching },
  { "/soup/several-at-once", several_at_once },
  { "/soup/streaming", streaming },
  { "/soup/cancelling", cancelling },
  { "/soup/nobody-there", nobody_there },
  { "/soup/preconnecting", preconnecting },
  { "/soup/parts", parts },
  { "/soup/websockets", websockets },
  { "/soup/misuse", misuse },
};

static GSubprocess *
start_server (const char *program)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GDataInputStream) output = NULL;
  GSubprocess *server;

  g_subprocess_launcher_setenv (launcher, "ASAN_OPTIONS", "detect_leaks=0", TRUE);
  server = g_subprocess_launcher_spawn (launcher, NULL, program, "serve", NULL);
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (server));
  base = g_data_input_stream_read_line (output, NULL, NULL, NULL);
  g_assert_nonnull (base);
  return server;
}

int
main (int argc, char **argv)
{
  g_autoptr (GSubprocess) server = NULL;
  int status;

  if (argc == 2 && strcmp (argv[1], "serve") == 0)
    return serve ();

  server = start_server (argv[0]);
  session = soup_session_new_with_options ("proxy-resolver", NULL, NULL);
  status = run_cases (argc, argv, cases, G_N_ELEMENTS (cases));

  g_output_stream_close (g_subprocess_get_stdin_pipe (server), NULL, NULL);
  succeeds (g_deferred_subprocess_wait (server));
  soup_session_abort (session);
  settle (NULL);
  g_object_unref (session);
  g_free (base);
  return status;
}
