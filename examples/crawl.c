/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/*
 * crawl: fetches URLs, a few at a time, and prints a table of what became of each.
 *
 * Each function below returns the Deferred of the next:
 *
 *     crawl_pages   g_deferred_map(): all pages, a few at a time
 *     fetch_page    g_deferred_retry_run(): one page; again, after a while, where that may help
 *     try_page      g_deferred_add_timeout(): one attempt
 *     fetch         libsoup's asynchronous call
 *
 * So outcomes go up, and a cancel goes down: Ctrl-C cancels the Deferred that g_deferred_react() got, and that reaches
 * every transfer. No function has to know of it; the table is printed by a link that runs however it ended.
 */

#include "crawl.h"

#include <stdio.h>
#include <string.h>

#define MAX_LIMIT   1000
#define MAX_RETRIES 1000
#define MAX_SECONDS 86400.0

#define LONGEST_DELAY (30 * G_USEC_PER_SEC)

typedef struct
{
  int    limit;
  int    retries;
  double timeout; /* seconds, as is delay */
  double delay;
  char  *list;
  char **urls;
} Options;

/* --- one page --------------------------------------------------------------------------------------------- */

static gboolean
note_answer (GDeferred *body, gpointer data, GError **error)
{
  Page *page = data;

  page->status = soup_message_get_status (page->message);
  page->n_bytes = g_bytes_get_size (g_deferred_get_boxed (body, G_TYPE_BYTES));
  return g_deferred_return_none (body); /* a real crawler would look at it now */
}

static gboolean
try_page (GDeferred *self, gpointer data, GError **error)
{
  Page      *page = data;
  GDeferred *body;

  page->n_attempts++;
  g_clear_object (&page->message);
  page->message = soup_message_new_from_uri (SOUP_METHOD_GET, page->uri);

  body = fetch (page->crawl, page->message);
  g_deferred_add_timeout (body, page->crawl->timeout, NULL);
  g_deferred_add_callback (body, note_answer, page, NULL);
  return g_deferred_return_deferred (self, body);
}

static gboolean
note_end (GDeferred *self, gpointer data, GError **error)
{
  Page         *page = data;
  Tally        *tally = &page->crawl->tally;
  const GError *failure = g_deferred_get_error (self);

  page->took = g_get_monotonic_time () - page->began;
  g_clear_object (&page->message);
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return TRUE;

  if (failure != NULL)
    page->failure = g_error_copy (failure);
  tally->n_failed += failure != NULL;
  tally->n_fetched += failure == NULL;
  tally->n_bytes += page->n_bytes;
  show_progress (tally);
  return TRUE;
}

/* A GDeferredMapFunc. The page is among the few under way until it is fetched or given up, also while it waits for its
 * next attempt: a server in trouble is not asked for more and more. */
static gboolean
fetch_page (GDeferred *self, gpointer item, gpointer data, GError **error)
{
  Crawl *crawl = data;
  Page  *page = item;

  page->began = g_get_monotonic_time ();
  g_deferred_add_both (self, note_end, page, NULL);
  page->uri = parse_url (page->url, error);
  return page->uri != NULL
         && g_deferred_return_deferred (self, g_deferred_retry_run (crawl->retry, try_page, page, NULL));
}

/* --- the whole -------------------------------------------------------------------------------------------- */

/* However it ended. */
static gboolean
clean_up (GDeferred *all, gpointer data, GError **error)
{
  return g_deferred_return_deferred (all, wait_for_transfers (data));
}

static gboolean
report (GDeferred *all, gpointer data, GError **error)
{
  Crawl *crawl = data;

  if (!print_table (crawl, error))
    return FALSE;
  if (g_deferred_is_cancelled (all)) /* g_deferred_react() knows by which signal */
    return g_deferred_return_error_literal (all, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled");
  return g_deferred_return_int (all, crawl->tally.n_failed > 0 ? 1 : 0);
}

static gboolean
crawl_pages (GDeferred *self, gpointer data, GError **error)
{
  Crawl     *crawl = data;
  GDeferred *all;

  crawl->began = g_get_monotonic_time ();
  all = g_deferred_map (crawl->pages->pdata, crawl->pages->len, crawl->limit, G_DEFERRED_MAP_SETTLE,
                        fetch_page, crawl, NULL);
  g_deferred_add_both (all, clean_up, crawl, NULL);
  g_deferred_add_callback (all, report, crawl, NULL);
  return g_deferred_return_deferred (self, all);
}

/* --- what to fetch ---------------------------------------------------------------------------------------- */

static void
page_free (gpointer data)
{
  Page *page = data;

  g_free (page->url);
  g_clear_pointer (&page->uri, g_uri_unref);
  g_clear_object (&page->message);
  g_clear_error (&page->failure);
  g_free (page);
}

static void
add_page (Crawl *crawl, const char *url)
{
  Page *page = g_new0 (Page, 1);

  page->crawl = crawl;
  page->url = g_strdup (url);
  g_ptr_array_add (crawl->pages, page);
  crawl->tally.n_pages++;
}

/* One URL a line; none on lines that are empty or begin with #. */
static gboolean
read_list (Crawl *crawl, const char *name, GError **error)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  gsize length;

  if (!g_file_get_contents (name, &text, &length, error))
    return FALSE;
  if (strlen (text) < length) /* what follows would be lost */
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: not a text file", name);
      return FALSE;
    }

  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (*g_strstrip (*line) != '\0' && **line != '#')
      add_page (crawl, *line);
  return TRUE;
}

static gboolean
parse_arguments (int argc, char **argv, Options *options)
{
  /* Names and URLs as the bytes that they are, whatever the locale. */
  GOptionEntry entries[] = {
    { "limit", 'n', 0, G_OPTION_ARG_INT, &options->limit, "Fetch at most N at a time (default: 8)", "N" },
    { "timeout", 't', 0, G_OPTION_ARG_DOUBLE, &options->timeout,
      "Give up an attempt after S seconds (default: 10)", "S" },
    { "retries", 'r', 0, G_OPTION_ARG_INT, &options->retries, "Try again up to N times (default: 2)", "N" },
    { "delay", 'd', 0, G_OPTION_ARG_DOUBLE, &options->delay,
      "Wait about S seconds before that, and each time twice as long (default: 0.5)", "S" },
    { "list", 'l', 0, G_OPTION_ARG_FILENAME, &options->list, "Fetch the URLs in FILE, too: one a line",
      "FILE" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->urls, NULL, "URL..." },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_set_summary (context, "Fetches each URL, and prints a table of what became of it.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    fprintf (stderr, "crawl: %s\n", error->message);
  else if (options->urls == NULL && options->list == NULL)
    fprintf (stderr, "crawl: which URL? Try --help\n");
  else if (options->limit < 1 || options->limit > MAX_LIMIT)
    fprintf (stderr, "crawl: limit must be a number from 1 to %d\n", MAX_LIMIT);
  else if (options->retries < 0 || options->retries > MAX_RETRIES)
    fprintf (stderr, "crawl: retries must be a number from 0 to %d\n", MAX_RETRIES);
  else if (!(options->timeout >= 0.001 && options->timeout <= MAX_SECONDS))
    fprintf (stderr, "crawl: timeout must be a number of seconds from 0.001 to %g\n", MAX_SECONDS);
  else if (!(options->delay >= 0 && options->delay <= MAX_SECONDS))
    fprintf (stderr, "crawl: delay must be a number of seconds from 0 to %g\n", MAX_SECONDS);
  else
    return TRUE;
  return FALSE;
}

static GDeferredRetry *
make_retry (const Options *options)
{
  GDeferredRetry *retry = g_deferred_retry_new ();
  GTimeSpan       first = (GTimeSpan) (options->delay * G_USEC_PER_SEC);

  /* The jitter keeps those that failed together from coming back together. */
  g_deferred_retry_set_delays (retry, first, MAX (first, LONGEST_DELAY), 2, 0.5);
  g_deferred_retry_set_max_attempts (retry, options->retries + 1);
  g_deferred_retry_set_filter (retry, is_passing, NULL, NULL);
  return retry;
}

static gboolean
gather_pages (Crawl *crawl, const Options *options)
{
  g_autoptr (GError) error = NULL;

  for (char **url = options->urls; url != NULL && *url != NULL; url++)
    add_page (crawl, *url);
  if (options->list == NULL || read_list (crawl, options->list, &error))
    return TRUE;
  fprintf (stderr, "crawl: %s\n", error->message);
  return FALSE;
}

int
main (int argc, char **argv)
{
  Options options = { .limit = 8, .retries = 2, .timeout = 10, .delay = 0.5 };
  Crawl   crawl = { 0 };
  int     status = 2;

  crawl.pages = g_ptr_array_new_with_free_func (page_free);
  if (parse_arguments (argc, argv, &options) && gather_pages (&crawl, &options))
    {
      crawl.limit = options.limit;
      crawl.timeout = (GTimeSpan) (options.timeout * G_USEC_PER_SEC);
      crawl.session = open_session (crawl.limit);
      crawl.retry = make_retry (&options);
      status = g_deferred_react (crawl_pages, &crawl);
      g_clear_object (&crawl.transfers_ended);
      g_object_unref (crawl.retry);
      g_object_unref (crawl.session);
    }

  g_ptr_array_unref (crawl.pages);
  g_strfreev (options.urls);
  g_free (options.list);
  return status;
}
