/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "crawl.h"

G_DEFINE_QUARK (http - error - quark, http_error)

SoupSession *
open_session (guint limit)
{
  /* A session has two connections for a host unless it is told otherwise, and lets the rest wait, while their time
   * runs. How many there are is for us to say. */
  return soup_session_new_with_options ("max-conns", (int) limit, "max-conns-per-host", (int) limit,
                                        "user-agent", "gdeferred-crawl ", NULL);
}

GUri *
parse_url (const char *url, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, error);

  if (uri == NULL)
    return NULL;
  if (!g_str_equal (g_uri_get_scheme (uri), "http") && !g_str_equal (g_uri_get_scheme (uri), "https"))
    g_set_error (error, G_URI_ERROR, G_URI_ERROR_BAD_SCHEME, "Not http or https, but %s",
                 g_uri_get_scheme (uri));
  else if (g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0')
    g_set_error_literal (error, G_URI_ERROR, G_URI_ERROR_BAD_HOST, "No host in it");
  else
    return g_steal_pointer (&uri);
  return NULL;
}

/* --- libsoup's call as a Deferred ------------------------------------------------------------------------- */

/* The server, or what lies between, did not keep up the connection. */
static gboolean
is_lost_connection (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT);
}

/* libsoup takes any answer for a success, also one with a body that ends early. (Of a body without a length nobody can
 * tell; and of one in chunks that ends between two of them libsoup does not.) */
static gboolean
check_answer (GDeferred *self, gpointer message, GError **error)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  gint64              length = soup_message_headers_get_content_length (headers); /* 0 where there is none */
  gint64 came = soup_message_metrics_get_response_body_bytes_received (soup_message_get_metrics (message));
  guint  status = soup_message_get_status (message);
  const GError *failure = g_deferred_get_error (self);

  if (failure != NULL && (status == SOUP_STATUS_NONE || !is_lost_connection (failure)))
    return TRUE; /* which leaves it as it is */
  if (!SOUP_STATUS_IS_SUCCESSFUL (status))
    return g_deferred_return_new_error (self, HTTP_ERROR, (int) status, "HTTP %u %s", status,
                                        soup_status_get_phrase (status));
  if (came < length)
    return g_deferred_return_new_error (self, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                                        "Cut off midway: got %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
                                        " bytes",
                                        came, length);
  if (failure != NULL)
    return g_deferred_return_new_error (self, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                                        "Cut off midway: got %" G_GINT64_FORMAT " bytes", came);
  return TRUE;
}

/* A GDeferredFinishFunc. */
static gboolean
finish_fetch (GDeferred *self, gpointer session, GAsyncResult *result, gpointer data, GError **error)
{
  GBytes *body = soup_session_send_and_read_finish (session, result, error);

  return body != NULL && g_deferred_return_take_boxed (self, G_TYPE_BYTES, body);
}

/* libsoup has called back, whether or not anybody waits for it still. */
static void
end_transfer (gpointer data)
{
  Crawl *crawl = data;

  if (--crawl->n_transfers == 0 && crawl->transfers_ended != NULL)
    g_deferred_callback (crawl->transfers_ended, NULL, NULL);
}

/* Gives a Deferred for the body of an answer with a status of 2xx, as GBytes. It fails with HTTP_ERROR for any other
 * status, with G_IO_ERROR_PARTIAL_INPUT for half a body, and with what libsoup and GIO come up with. */
GDeferred *
fetch (Crawl *crawl, SoupMessage *message)
{
  GDeferred *self = g_deferred_new_for_finish_func (finish_fetch, crawl, end_transfer);

  crawl->n_transfers++;
  soup_message_add_flags (message, SOUP_MESSAGE_COLLECT_METRICS);
  soup_session_send_and_read_async (crawl->session, message, G_PRIORITY_DEFAULT, G_DEFERRED_ASYNC (self));
  g_deferred_add_both (self, check_answer, g_object_ref (message), g_object_unref);
  return self;
}

/* Gives a Deferred that fires when no transfer is under way. One that is cancelled fails at once, but takes libsoup a turn
 * of the main loop or two to break off. */
GDeferred *
wait_for_transfers (Crawl *crawl)
{
  if (crawl->n_transfers == 0)
    return g_deferred_succeed (NULL);

  crawl->transfers_ended = g_deferred_new ();
  return g_object_ref (crawl->transfers_ended);
}

/* A GDeferredRetryFilter: whether it may go better next time. */
gboolean
is_passing (const GError *error, guint n_attempts, gpointer user_data)
{
  return (error->domain == HTTP_ERROR && error->code >= 500) || is_lost_connection (error)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}
