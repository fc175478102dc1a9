/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/*
 * http-client: puts load on a server, and tells how it did: how many answers of each status, how long they took, and what
 * became of the requests that got none.
 *
 * It is one g_deferred_map_next(): so many requests at a time, the next as soon as one has its answer.
 */

#include <gdeferred/gdeferred.h>
#include <libsoup/soup.h>

#include <stdio.h>
#include <string.h>

#define MAX_REQUESTS  100000000
#define MAX_AT_A_TIME 10000

typedef struct
{
  int    n;
  int    limit;
  char **urls;
} Options;

typedef struct
{
  const Options *options;
  SoupSession   *session;
  GPtrArray     *uris;
  GHashTable    *statuses; /* how many of each; by status */
  GHashTable    *failures; /* how many of each; by message */
  GArray        *times;    /* gint64: how long each answer took */
  guint          n_failed;
  gint64         began;
} Load;

typedef struct
{
  Load        *load;
  SoupMessage *message;
  gint64       began;
} Request;

/* --- one request --------------------------------------------------------------------------------------------------- */

static void
request_free (gpointer data)
{
  Request *self = data;

  g_object_unref (self->message);
  g_free (self);
}

/* libsoup takes an answer that ends early for a success. */
static gboolean
finish_request (GDeferred *self, gpointer session, GAsyncResult *result, gpointer data, GError **error)
{
  SoupMessage *message = soup_session_get_async_result_message (session, result);
  g_autoptr (GBytes) body = soup_session_send_and_read_finish (session, result, error);
  gint64 length;

  if (body == NULL)
    {
      if (soup_message_get_status (message) != SOUP_STATUS_NONE)
        g_prefix_error (error, "Cut off midway: ");
      return FALSE;
    }
  length = soup_message_headers_get_content_length (soup_message_get_response_headers (message));
  if ((gint64) g_bytes_get_size (body) < length)
    return g_deferred_return_new_error (self, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT, "Cut off midway");
  return g_deferred_return_none (self);
}

static void
count (GHashTable *table, gpointer key)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (table, key));

  g_hash_table_insert (table, key, GUINT_TO_POINTER (n + 1));
}

static gboolean
note_answer (GDeferred *self, gpointer data, GError **error)
{
  Request *request = data;
  gint64   took = g_get_monotonic_time () - request->began;

  g_array_append_val (request->load->times, took);
  count (request->load->statuses, GUINT_TO_POINTER (soup_message_get_status (request->message)));
  return g_deferred_return_none (self);
}

static gboolean
note_failure (GDeferred *self, gpointer data, GError **error)
{
  Load         *load = ((Request *) data)->load;
  const GError *failure = g_deferred_get_error (self);

  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return TRUE;
  load->n_failed++;
  count (load->failures, (gpointer) g_intern_string (failure->message));
  return g_deferred_return_none (self);
}

/* A GDeferredNextFunc. */
static GDeferred *
next_request (gsize index, gpointer data)
{
  Load      *load = data;
  Request   *request;
  GDeferred *answer;

  if (index == (gsize) load->options->n)
    return NULL;

  request = g_new (Request, 1);
  request->load = load;
  request->message = soup_message_new_from_uri (SOUP_METHOD_GET, load->uris->pdata[index % load->uris->len]);
  request->began = g_get_monotonic_time ();
  answer = g_deferred_new_for_finish_func (finish_request, NULL, NULL);
  soup_session_send_and_read_async (load->session, request->message, G_PRIORITY_DEFAULT,
                                    G_DEFERRED_ASYNC (answer));
  return g_deferred_add_callbacks (answer, note_answer, request, NULL, note_failure, request, request_free);
}

/* --- the report ---------------------------------------------------------------------------------------------------- */

static int
compare_statuses (gconstpointer a, gconstpointer b)
{
  return GPOINTER_TO_INT (a) - GPOINTER_TO_INT (b);
}

static void
print_statuses (GHashTable *statuses)
{
  GList *keys = g_list_sort (g_hash_table_get_keys (statuses), compare_statuses);

  for (GList *at = keys; at != NULL; at = at->next)
    g_print ("%u %s: %u\n", GPOINTER_TO_UINT (at->data), soup_status_get_phrase (GPOINTER_TO_UINT (at->data)),
             GPOINTER_TO_UINT (g_hash_table_lookup (statuses, at->data)));
  g_list_free (keys);
}

static void
print_failures (Load *load)
{
  GList *keys = g_list_sort (g_hash_table_get_keys (load->failures), (GCompareFunc) strcmp);

  g_print ("No answer: %u\n", load->n_failed);
  for (GList *at = keys; at != NULL; at = at->next)
    g_print ("  %s: %u\n", (char *) at->data,
             GPOINTER_TO_UINT (g_hash_table_lookup (load->failures, at->data)));
  g_list_free (keys);
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 first = *(const gint64 *) a, second = *(const gint64 *) b;

  return (first > second) - (first < second);
}

static void
print_times (GArray *times)
{
  const double percents[] = { 50, 90, 99, 99.9, 100 };

  if (times->len == 0)
    return;
  g_array_sort (times, compare_times);
  g_print ("Within, ms:");
  for (gsize i = 0; i < G_N_ELEMENTS (percents); i++)
    g_print ("%s %g%% %.2f", i > 0 ? "," : "", percents[i],
             g_array_index (times, gint64, (guint) ((times->len - 1) * percents[i] / 100)) / 1000.0);
  g_print ("\n");
}

static gboolean
report (GDeferred *all, gpointer data, GError **error)
{
  Load  *load = data;
  double seconds = (g_get_monotonic_time () - load->began) / (double) G_USEC_PER_SEC;
  guint  n = load->times->len + load->n_failed;

  g_print ("%u requests, %d at a time, in %.2f s: %.0f a second\n", n, load->options->limit, seconds,
           n / MAX (seconds, 0.001));
  print_statuses (load->statuses);
  print_failures (load);
  print_times (load->times);
  return g_deferred_return_int (all, load->n_failed > 0 ? 1 : 0);
}

/* --- the program --------------------------------------------------------------------------------------------------- */

static gboolean
put_load (GDeferred *self, gpointer data, GError **error)
{
  Load      *load = data;
  GDeferred *all;

  load->began = g_get_monotonic_time ();
  all = g_deferred_map_next ((guint) load->options->limit, G_DEFERRED_MAP_SETTLE, next_request, load, NULL);
  g_deferred_add_callback (all, report, load, NULL);
  return g_deferred_return_deferred (self, all);
}

static gboolean
parse_urls (Load *load)
{
  for (char **url = load->options->urls; *url != NULL; url++)
    {
      g_autoptr (GError) error = NULL;
      GUri *uri = g_uri_parse (*url, SOUP_HTTP_URI_FLAGS, &error);

      if (uri == NULL)
        {
          g_printerr ("http-client: %s: %s\n", *url, error->message);
          return FALSE;
        }
      g_ptr_array_add (load->uris, uri);
    }
  return TRUE;
}

static int
run (const Options *options)
{
  Load load = { .options = options };
  int  status = 2;

  /* There are as many connections as requests at a time, and they are kept where the server keeps them. */
  load.session = soup_session_new_with_options ("max-conns", options->limit, "max-conns-per-host",
                                                options->limit, "user-agent", "gdeferred-http-client ", NULL);
  load.uris = g_ptr_array_new_with_free_func ((GDestroyNotify) g_uri_unref);
  load.statuses = g_hash_table_new (NULL, NULL);
  load.failures = g_hash_table_new (NULL, NULL);
  load.times = g_array_new (FALSE, FALSE, sizeof (gint64));
  if (parse_urls (&load))
    status = g_deferred_react (put_load, &load);

  g_array_unref (load.times);
  g_hash_table_unref (load.failures);
  g_hash_table_unref (load.statuses);
  g_ptr_array_unref (load.uris);
  g_object_unref (load.session);
  return status;
}

static gboolean
parse_arguments (int argc, char **argv, Options *options)
{
  GOptionEntry entries[] = {
    { "requests", 'n', 0, G_OPTION_ARG_INT, &options->n, "Send N requests (default: 1000)", "N" },
    { "limit", 'l', 0, G_OPTION_ARG_INT, &options->limit, "At most N at a time (default: 10)", "N" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->urls, NULL, "URL..." },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_set_summary (context, "Asks for each URL in turn, many times, and tells how that went.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    g_printerr ("http-client: %s\n", error->message);
  else if (options->urls == NULL)
    g_printerr ("http-client: which URL? Try --help\n");
  else if (options->n < 1 || options->n > MAX_REQUESTS)
    g_printerr ("http-client: requests must be a number from 1 to %d\n", MAX_REQUESTS);
  else if (options->limit < 1 || options->limit > MAX_AT_A_TIME)
    g_printerr ("http-client: limit must be a number from 1 to %d\n", MAX_AT_A_TIME);
  else
    return TRUE;
  return FALSE;
}

int
main (int argc, char **argv)
{
  Options options = { .n = 1000, .limit = 10 };
  int     status = 2;

  g_set_prgname ("http-client");
  setvbuf (stdout, NULL, _IOLBF, 0);
  if (parse_arguments (argc, argv, &options))
    status = run (&options);
  g_strfreev (options.urls);
  return status;
}
