/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/gdeferred.h>
#include <libsoup/soup.h>

typedef struct
{
  guint   n_pages;
  guint   n_fetched;
  guint   n_failed;
  guint64 n_bytes;
} Tally;

typedef struct
{
  SoupSession    *session;
  GDeferredRetry *retry;
  GTimeSpan       timeout; /* of one attempt */
  guint           limit;   /* so many pages at a time */
  GPtrArray      *pages;
  Tally           tally;
  gint64          began;

  guint      n_transfers; /* of libsoup's that have not called back */
  GDeferred *transfers_ended;
} Crawl;

/* One URL, and what became of it: fetched, failed, or, as long as it is neither, cancelled. It is noted here, because of
 * a map that is cancelled there are no results. */
typedef struct
{
  Crawl       *crawl;
  char        *url;
  GUri        *uri;     /* once it is parsed */
  SoupMessage *message; /* that of the last attempt */
  guint        n_attempts;
  gint64       began;
  GTimeSpan    took;
  guint        status;  /* that of the answer, once it is fetched; else 0 */
  gsize        n_bytes; /* those of its body */
  GError      *failure; /* nullable */
} Page;

/* crawl-fetch.c: what libsoup does, as a Deferred. The codes of HTTP_ERROR are the statuses of HTTP. */
#define HTTP_ERROR (http_error_quark ())
GQuark       http_error_quark (void);
SoupSession *open_session (guint limit);
GUri        *parse_url (const char *url, GError **error);
GDeferred   *fetch (Crawl *crawl, SoupMessage *message);
GDeferred   *wait_for_transfers (Crawl *crawl);
gboolean     is_passing (const GError *error, guint n_attempts, gpointer user_data);

/* crawl-output.c */
void     show_progress (const Tally *tally);
gboolean print_table (Crawl *crawl, GError **error);
