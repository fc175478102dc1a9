/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "http-server.h"

#define BACKLOG    1024
#define SOCKET_KEY "http-socket"

typedef struct
{
  char          *method;
  HttpRouteFlags flags;
  HttpHandler    handler;
  gpointer       user_data;
} Route;

/* --- requests ------------------------------------------------------------------------------------------------------ */

static GDeferred *
handle_unknown (HttpRequest *request, gpointer data)
{
  const char *path = g_uri_get_path (soup_server_message_get_uri (request->message));
  g_autoptr (GError) error = g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no %s here", path);

  return g_deferred_fail (error);
}

static GDeferred *
handle_other_method (HttpRequest *request, gpointer data)
{
  const char *method = soup_server_message_get_method (request->message);
  g_autoptr (GError) error = g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s is not for this", method);

  return g_deferred_fail (error);
}

static const Route unknown = { NULL, HTTP_COUNTED, handle_unknown, NULL };
static const Route other_method = { NULL, HTTP_COUNTED, handle_other_method, NULL };

static const Route *
find_route (HttpServer *self, const char *path, const char *method)
{
  const Route *route = g_hash_table_lookup (self->routes, path);

  if (route == NULL)
    return &unknown;
  return g_str_equal (method, route->method)
                 || (g_str_equal (method, "HEAD") && g_str_equal (route->method, "GET"))
             ? route
             : &other_method;
}

/* All is answered or broken off, and in the next turn of the loop the connections are closed. */
static gboolean
is_too_late (HttpServer *self)
{
  return self->is_cancelled
         || (g_deferred_task_group_is_closed (self->under_way)
             && g_deferred_task_group_get_n_tasks (self->under_way) == 0);
}

static void
on_request (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query, gpointer data)
{
  HttpServer  *self = data;
  const Route *route = find_route (self, path, soup_server_message_get_method (message));

  if (is_too_late (self))
    soup_server_message_pause (message);
  else
    http_exchange (self, message, query, route->flags, route->handler, route->user_data);
}

/* --- the server ---------------------------------------------------------------------------------------------------- */

static void
route_free (gpointer data)
{
  Route *self = data;

  g_free (self->method);
  g_free (self);
}

/* A request that is not answered within timeout is answered with an error. */
HttpServer *
http_server_new (GTimeSpan timeout)
{
  HttpServer *self = g_new0 (HttpServer, 1);

  self->soup = soup_server_new (NULL, NULL);
  self->routes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, route_free);
  self->under_way = g_deferred_task_group_new ();
  self->timeout = timeout;
  soup_server_add_handler (self->soup, NULL, on_request, self, NULL);
  return self;
}

/* Not before http_server_stop() has come to its end. */
void
http_server_free (HttpServer *self)
{
  g_object_unref (self->soup);
  g_clear_object (&self->incoming);
  g_clear_object (&self->listener);
  g_hash_table_unref (self->routes);
  g_object_unref (self->under_way);
  g_free (self);
}

/* What is for GET is for HEAD, too. */
void
http_server_add (HttpServer    *self,
                 const char    *method,
                 const char    *path,
                 HttpRouteFlags flags,
                 HttpHandler    handler,
                 gpointer       user_data)
{
  Route *route = g_new (Route, 1);

  *route = (Route){ g_strdup (method), flags, handler, user_data };
  g_hash_table_insert (self->routes, g_strdup (path), route);
}

/* --- clients ------------------------------------------------------------------------------------------------------- */

/* The listening socket is ours, not libsoup's: so we can close it, and go on answering. */
static void
give_to_soup (HttpServer *self, GSocket *socket)
{
  g_autoptr (GSocketConnection) stream = g_socket_connection_factory_create_connection (socket);
  g_autoptr (GSocketAddress) here = g_socket_get_local_address (socket, NULL);
  g_autoptr (GSocketAddress) there = g_socket_get_remote_address (socket, NULL);

  if (here == NULL || there == NULL)
    return;
  g_object_set_data_full (G_OBJECT (here), SOCKET_KEY, g_object_ref (socket), g_object_unref);
  soup_server_accept_iostream (self->soup, G_IO_STREAM (stream), here, there, NULL);
}

/* Of the connection that has brought the message. Nullable. */
GSocket *
http_server_get_socket (SoupServerMessage *message)
{
  GSocketAddress *here = soup_server_message_get_local_address (message);

  return here != NULL ? g_object_get_data (G_OBJECT (here), SOCKET_KEY) : NULL;
}

/* Takes those who are waiting. While it does, more may come: so no more than that. FALSE if it cannot have them. */
static gboolean
accept_clients (HttpServer *self)
{
  g_autoptr (GError) error = NULL;
  GSocket *socket;

  for (int n = 0; n < BACKLOG && (socket = g_socket_accept (self->listener, NULL, &error)) != NULL; n++)
    {
      give_to_soup (self, socket);
      g_object_unref (socket);
    }
  return error == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
}

static void wait_for_clients (HttpServer *self);

static gboolean
on_clients (GDeferred *incoming, gpointer data, GError **error)
{
  HttpServer *self = data;

  if (!accept_clients (self))
    return g_deferred_return_deferred (incoming, g_deferred_delay (G_TIME_SPAN_SECOND / 10, NULL));
  return TRUE;
}

static gboolean
on_accepted (GDeferred *incoming, gpointer data, GError **error)
{
  wait_for_clients (data);
  return TRUE;
}

/* There may be no file descriptor left for one: then it tries again a little later. */
static void
wait_for_clients (HttpServer *self)
{
  g_clear_object (&self->incoming);
  self->incoming = g_deferred_new_for_fd (g_socket_get_fd (self->listener), G_IO_IN);
  g_deferred_add_callback (self->incoming, on_clients, self, NULL);
  g_deferred_add_callback (self->incoming, on_accepted, self, NULL);
}

/* On loopback only; port may be 0 for one that is free. */
gboolean
http_server_listen (HttpServer *self, guint16 port, GError **error)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, port);
  g_autoptr (GSocket) socket
      = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);

  if (socket == NULL)
    return FALSE;
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_listen_backlog (socket, BACKLOG);
  if (!g_socket_bind (socket, address, TRUE, error) || !g_socket_listen (socket, error))
    return FALSE;
  self->listener = g_steal_pointer (&socket);
  wait_for_clients (self);
  return TRUE;
}

char *
http_server_get_url (HttpServer *self)
{
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (self->listener, NULL);

  return g_strdup_printf ("http://127.0.0.1:%u/",
                          g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)));
}

/* --- the end ------------------------------------------------------------------------------------------------------- */

/* What has come has been read now. */
static gboolean
answer_the_rest (GDeferred *stop, gpointer data, GError **error)
{
  HttpServer *self = data;

  return g_deferred_return_deferred (stop, g_deferred_task_group_close (self->under_way));
}

/* The last answer may have called us, and libsoup be in the midst of it. */
static gboolean
let_it_end (GDeferred *stop, gpointer data, GError **error)
{
  return g_deferred_return_deferred (stop, g_deferred_new_for_idle (G_PRIORITY_DEFAULT));
}

static gboolean
disconnect (GDeferred *stop, gpointer data, GError **error)
{
  HttpServer *self = data;

  soup_server_disconnect (self->soup);
  return TRUE;
}

/* Listens no more, answers all that has come, and then closes the connections. Gives a Deferred that fires when that is
 * done. */
GDeferred *
http_server_stop (HttpServer *self)
{
  GDeferred *stop = g_deferred_new_for_idle (G_PRIORITY_DEFAULT_IDLE);

  g_deferred_cancel (self->incoming);
  accept_clients (self);
  g_socket_close (self->listener, NULL);
  g_deferred_add_callback (stop, answer_the_rest, self, NULL);
  g_deferred_add_both (stop, let_it_end, self, NULL);
  return g_deferred_add_callback (stop, disconnect, self, NULL);
}

/* Breaks off what is under way. Those who wait are told. */
void
http_server_cancel (HttpServer *self)
{
  self->is_cancelled = TRUE;
  g_deferred_task_group_cancel (self->under_way);
}
