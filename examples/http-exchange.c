/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/*
 * A request and its answer are one chain, which begins with what the handler returns:
 *
 *     the handler's       its result is the answer
 *     add_timeout()       504, if that takes too long
 *     send_answer()       gives it to libsoup, and waits until it is sent
 *     count_exchange()    how it went
 *
 * and a task of a group, which knows what is under way. To break it off is to cancel that chain, wherever it is.
 */

#define _GNU_SOURCE /* for POLLRDHUP */

#include "http-server.h"

#include <poll.h>

/* Shared by the chain, and by libsoup's message as long as that has not ended. */
typedef struct
{
  HttpRequest request;
  HttpServer *server;
  GDeferred  *answer; /* not owned; until it has a result */
  GDeferred  *sent;   /* owned, as its producer */
  GDeferred  *watch;  /* owned; nullable */
  gboolean    is_counted;
  gboolean    is_failure;
  gboolean    is_written;
  gboolean    is_over; /* libsoup is done with the message */
  gboolean    is_left; /* by the client */
} Exchange;

static void
exchange_clear (gpointer data)
{
  Exchange *self = data;

  g_object_unref (self->request.message);
  g_clear_pointer (&self->request.query, g_hash_table_unref);
  g_object_unref (self->sent);
}

static void
exchange_unref (gpointer data)
{
  g_rc_box_release_full (data, exchange_clear);
}

static void
closure_unref (gpointer data, GClosure *closure)
{
  exchange_unref (data);
}

/* --- the client ---------------------------------------------------------------------------------------------------- */

static void
leave (Exchange *self)
{
  self->is_left = TRUE;
  if (self->answer != NULL)
    g_deferred_cancel (self->answer);
}

static gboolean
on_left (GDeferred *watch, gpointer data, GError **error)
{
  leave (data);
  return g_deferred_return_none (watch);
}

/* As long as there is no answer, libsoup does not look at the socket, and would not know. */
static void
watch_client (Exchange *self)
{
  GSocket *socket = http_server_get_socket (self->request.message);

  if (socket == NULL)
    return;
  self->watch = g_deferred_new_for_fd (g_socket_get_fd (socket), (GIOCondition) POLLRDHUP);
  g_deferred_add_callback (self->watch, on_left, self, NULL);
}

static void
stop_watching (Exchange *self)
{
  g_autoptr (GDeferred) watch = g_steal_pointer (&self->watch);

  if (watch != NULL)
    g_deferred_cancel (watch);
}

/* --- the answer ---------------------------------------------------------------------------------------------------- */

static gboolean
send_answer (GDeferred *answer, gpointer data, GError **error)
{
  Exchange          *self = data;
  SoupServerMessage *message = self->request.message;
  const GError      *failure = g_deferred_get_error (answer);

  self->answer = NULL;
  stop_watching (self);
  self->is_failure = failure != NULL;
  self->is_left = self->is_left || g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  if (self->is_over)
    return g_deferred_return_none (answer);

  if (failure != NULL)
    http_answer_error (message, failure);
  else
    http_answer (message, g_deferred_get_result (answer));
  /* Before 3.4, libsoup does not see that a client closes a connection between two requests, and keeps it for good. */
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Connection", "close");
  soup_server_message_unpause (message);
  return g_deferred_return_deferred (answer, g_object_ref (self->sent));
}

static gboolean
count_exchange (GDeferred *answer, gpointer data, GError **error)
{
  Exchange   *self = data;
  HttpCounts *counts = &self->server->counts;

  if (self->is_counted)
    {
      counts->n_held--;
      if (self->is_left || !self->is_written)
        counts->n_cancelled++;
      else if (self->is_failure)
        counts->n_failed++;
      else
        counts->n_answered++;
    }
  return g_deferred_return_none (answer);
}

static void
on_wrote_body (SoupServerMessage *message, gpointer data)
{
  ((Exchange *) data)->is_written = TRUE;
}

static void
end_exchange (Exchange *self)
{
  g_rc_box_acquire (self);
  g_signal_handlers_disconnect_by_data (self->request.message, self);
  self->is_over = TRUE;
  stop_watching (self);
  if (self->answer != NULL)
    leave (self);
  g_deferred_callback (self->sent, NULL, NULL);
  exchange_unref (self);
}

static void
on_finished (SoupServerMessage *message, gpointer data)
{
  end_exchange (data);
}

static void
on_disconnected (SoupServerMessage *message, gpointer data)
{
  end_exchange (data);
}

static void
listen_to (SoupServerMessage *message, const char *signal, GCallback handler, Exchange *exchange)
{
  g_signal_connect_data (message, signal, handler, g_rc_box_acquire (exchange), closure_unref, 0);
}

static Exchange *
exchange_new (HttpServer *server, SoupServerMessage *message, GHashTable *query, HttpRouteFlags flags)
{
  Exchange *self = g_rc_box_new0 (Exchange);

  self->request.message = g_object_ref (message);
  self->request.query = query != NULL ? g_hash_table_ref (query) : NULL;
  self->server = server;
  self->sent = g_deferred_new ();
  self->is_counted = flags == HTTP_COUNTED;
  if (self->is_counted)
    {
      server->counts.n_held++;
      server->counts.most_held = MAX (server->counts.most_held, server->counts.n_held);
    }
  listen_to (message, "wrote-body", G_CALLBACK (on_wrote_body), self);
  listen_to (message, "finished", G_CALLBACK (on_finished), self);
  listen_to (message, "disconnected", G_CALLBACK (on_disconnected), self);
  return self;
}

/* Has the handler answer the message. */
void
http_exchange (HttpServer        *server,
               SoupServerMessage *message,
               GHashTable        *query,
               HttpRouteFlags     flags,
               HttpHandler        handler,
               gpointer           user_data)
{
  Exchange *self = exchange_new (server, message, query, flags);
  g_autoptr (GDeferred) answer = NULL;

  soup_server_message_pause (message);
  answer = self->answer = handler (&self->request, user_data);
  g_deferred_add_timeout (answer, server->timeout, NULL);
  g_deferred_add_both (answer, send_answer, g_rc_box_acquire (self), exchange_unref);
  if (self->answer != NULL)
    watch_client (self);
  g_deferred_add_both (answer, count_exchange, self, exchange_unref);
  g_deferred_task_group_add (server->under_way, answer);
}
