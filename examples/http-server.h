/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/gdeferred.h>
#include <libsoup/soup.h>

/*
 * A server whose handlers return Deferreds. This, http-server.c, http-exchange.c and http-answer.c are all that lies between
 * libsoup and GDeferred: take them along to use it elsewhere.
 */

/* What is asked for. It stays as long as the Deferred that the handler returns has no result. */
typedef struct
{
  SoupServerMessage *message;
  GHashTable        *query; /* nullable; names and values: what follows "?" in the URL */
} HttpRequest;

/* Gives a Deferred, which becomes the server's, for the answer: see http_answer(). It is cancelled when the client has
 * left, and when the time is up. */
typedef GDeferred *(*HttpHandler) (HttpRequest *request, gpointer user_data);

typedef enum
{
  HTTP_COUNTED,
  HTTP_UNCOUNTED, /* who asks after the others is not one of them */
} HttpRouteFlags;

typedef struct
{
  guint   n_held;      /* requests that came, and are not answered yet */
  guint   most_held;   /* that there ever were at a time */
  guint64 n_answered;  /* with what a handler had to give */
  guint64 n_failed;    /* with an error */
  guint64 n_cancelled; /* whose clients had left, or that were broken off */
} HttpCounts;

typedef struct
{
  HttpCounts          counts;    /* to be read */
  SoupServer         *soup;      /* owned */
  GSocket            *listener;  /* owned; nullable */
  GDeferred          *incoming;  /* owned; nullable: waits for clients */
  GHashTable         *routes;    /* owned; by path */
  GDeferredTaskGroup *under_way; /* owned */
  GTimeSpan           timeout;   /* of a request */
  gboolean            is_cancelled;
} HttpServer;

HttpServer *http_server_new (GTimeSpan timeout);
void        http_server_free (HttpServer *self);
void        http_server_add (HttpServer    *self,
                             const char    *method,
                             const char    *path,
                             HttpRouteFlags flags,
                             HttpHandler    handler,
                             gpointer       user_data);
gboolean    http_server_listen (HttpServer *self, guint16 port, GError **error);
char       *http_server_get_url (HttpServer *self);
GSocket    *http_server_get_socket (SoupServerMessage *message);
GDeferred  *http_server_stop (HttpServer *self);
void        http_server_cancel (HttpServer *self);

/* http-exchange.c */
void http_exchange (HttpServer        *server,
                    SoupServerMessage *message,
                    GHashTable        *query,
                    HttpRouteFlags     flags,
                    HttpHandler        handler,
                    gpointer           user_data);

/* http-answer.c */
void        http_answer (SoupServerMessage *message, const GValue *value);
void        http_answer_error (SoupServerMessage *message, const GError *failure);
const char *http_request_get (HttpRequest *request, const char *name, GError **error);
gboolean    http_request_get_number (
       HttpRequest *request, const char *name, guint64 most, guint64 *number, GError **error);
