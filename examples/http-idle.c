/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/*
 * A connection may be kept after an answer, for another request. If the client closes it then, libsoup before 3.4 does
 * not: it, and its file descriptor, stay for good, and after a thousand of them the server is deaf. So here somebody looks
 * at connections between requests, ahead of libsoup, and closes those that the client has closed.
 */

#define _GNU_SOURCE /* for POLLRDHUP */

#include "http-server.h"

#include <glib-unix.h>
#include <poll.h>
#include <sys/socket.h>

#define KEY "http-idle"

/* Belongs to the socket until the next request, or until libsoup disconnects. */
typedef struct
{
  SoupServerMessage *message; /* owned; the last one that the connection has brought */
  GSocket           *socket;  /* owned */
  GSource           *source;  /* owned */
} Idle;

static void
idle_free (gpointer data)
{
  Idle *self = data;

  g_signal_handlers_disconnect_by_data (self->message, self);
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_object_unref (self->message);
  g_object_unref (self->socket);
  g_free (self);
}

static void
on_disconnected (SoupServerMessage *message, gpointer data)
{
  g_object_set_data (G_OBJECT (((Idle *) data)->socket), KEY, NULL);
}

/* The client has closed its end. What it sent before is libsoup's to read, and to close. */
static gboolean
on_left (int fd, GIOCondition condition, gpointer data)
{
  Idle *self = data;
  char  byte;
  g_autoptr (GIOStream) stream = NULL;

  if (recv (fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
    g_object_set_data (G_OBJECT (self->socket), KEY, NULL);
  else
    stream = soup_server_message_steal_connection (self->message);
  if (stream != NULL)
    g_io_stream_close (stream, NULL, NULL);
  return G_SOURCE_REMOVE;
}

/* The message is answered, and libsoup about to keep the connection or to close it. */
void
http_idle_begin (SoupServerMessage *message)
{
  GSocket *socket = soup_server_message_get_socket (message);
  Idle    *self;

  if (soup_check_version (3, 4, 0) || socket == NULL)
    return;

  soup_message_body_truncate (soup_server_message_get_response_body (message));
  self = g_new (Idle, 1);
  self->message = g_object_ref (message);
  self->socket = g_object_ref (socket);
  self->source = g_unix_fd_source_new (g_socket_get_fd (socket), (GIOCondition) POLLRDHUP);
  g_signal_connect (message, "disconnected", G_CALLBACK (on_disconnected), self);
  g_source_set_priority (self->source, G_PRIORITY_HIGH);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_left), self, NULL);
  g_source_attach (self->source, g_main_context_get_thread_default ());
  g_object_set_data_full (G_OBJECT (socket), KEY, self, idle_free);
}

/* There is a request. To give the connection away libsoup asks for both addresses, and warns where it comes too late; those
 * that it has it keeps. */
void
http_idle_end (SoupServerMessage *message)
{
  GSocket *socket = soup_server_message_get_socket (message);

  if (socket == NULL)
    return;
  g_object_set_data (G_OBJECT (socket), KEY, NULL);
  soup_server_message_get_remote_address (message);
}
