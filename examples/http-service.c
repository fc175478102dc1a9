/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/*
 * http-service: files and their checksums over HTTP, on loopback. http-client puts load on it.
 *
 * Every handler is a function that returns a Deferred; so one that takes long holds up no other, and one that nobody
 * waits for any more is cancelled. http-server.c is what makes answers of them. SIGTERM, or Ctrl-C, ends it in good
 * order: it listens no more, answers all that has come, and then it goes. A second one breaks off what is left.
 */

#include "http-server.h"

#include <glib-unix.h>
#include <stdio.h>

#define BLOCK        65536
#define THREADS      4
#define MOST_QUEUED  1000
#define AT_A_TIME    4
#define MOST_WAITING 16
#define MOST_MS      3600000
#define MAX_SECONDS  86400.0

typedef struct
{
  HttpServer          *server;
  GFile               *root;
  GDeferredThreadPool *pool;
  GDeferredCache      *digests; /* by path */
  GDeferredSemaphore  *room;    /* for those of /limited */
  guint64              n_digests;
  GDeferred           *stop; /* as its producer; fires when it is to end */
} Service;

typedef struct
{
  int    port;
  double timeout; /* seconds */
  char  *root;
} Options;

/* --- a fast one, a slow one, and one with a limit ------------------------------------------------------------------ */

static GDeferred *
handle_hello (HttpRequest *request, gpointer service)
{
  GValue text = G_VALUE_INIT;

  g_value_init (&text, G_TYPE_STRING);
  g_value_set_static_string (&text, "Hello\n");
  return g_deferred_succeed (&text);
}

static gboolean
say_awake (GDeferred *delay, gpointer data, GError **error)
{
  return g_deferred_return_string (delay, "Awake\n");
}

static GDeferred *
doze (guint64 ms)
{
  GDeferred *delay = g_deferred_delay ((GTimeSpan) ms * G_TIME_SPAN_MILLISECOND, NULL);

  return g_deferred_add_callback (delay, say_awake, NULL, NULL);
}

static GDeferred *
handle_sleep (HttpRequest *request, gpointer service)
{
  guint64 ms;
  g_autoptr (GError) error = NULL;

  if (!http_request_get_number (request, "ms", MOST_MS, &ms, &error))
    return g_deferred_fail (error);
  return doze (ms);
}

static gboolean
doze_in_turn (GDeferred *self, gpointer ms, GError **error)
{
  return g_deferred_return_deferred (self, doze (GPOINTER_TO_SIZE (ms)));
}

/* A few at a time, and a few wait. */
static GDeferred *
handle_limited (HttpRequest *request, gpointer service)
{
  Service *self = service;
  guint64  ms;
  g_autoptr (GError) error = NULL;

  if (!http_request_get_number (request, "ms", MOST_MS, &ms, &error))
    return g_deferred_fail (error);
  if (g_deferred_semaphore_get_n_waiting (self->room) >= MOST_WAITING)
    {
      error = g_error_new (G_IO_ERROR, G_IO_ERROR_BUSY, "%d are waiting already", MOST_WAITING);
      return g_deferred_fail (error);
    }
  return g_deferred_semaphore_run (self->room, doze_in_turn, GSIZE_TO_POINTER (ms), NULL);
}

/* --- files --------------------------------------------------------------------------------------------------------- */

static GFile *
find_file (Service *self, HttpRequest *request, GError **error)
{
  const char *name = http_request_get (request, "name", error);
  g_autoptr (GFile) file = name != NULL ? g_file_resolve_relative_path (self->root, name) : NULL;

  if (file == NULL)
    return NULL;
  if (g_file_has_prefix (file, self->root))
    return g_steal_pointer (&file);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "%s is not among the files served", name);
  return NULL;
}

static gboolean
finish_load (GDeferred *bytes, gpointer file, GAsyncResult *result, gpointer data, GError **error)
{
  GBytes *contents = g_file_load_bytes_finish (file, result, NULL, error);

  return contents != NULL && g_deferred_return_take_boxed (bytes, G_TYPE_BYTES, contents);
}

static GDeferred *
handle_file (HttpRequest *request, gpointer service)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = find_file (service, request, &error);
  GDeferred *bytes;

  if (file == NULL)
    return g_deferred_fail (error);
  bytes = g_deferred_new_for_finish_func (finish_load, NULL, NULL);
  g_file_load_bytes_async (file, G_DEFERRED_ASYNC (bytes));
  return bytes;
}

/* A pipe, say, could keep the thread for good. */
static GFileInputStream *
open_file (GFile *file, GCancellable *cancellable, GError **error)
{
  if (g_file_query_file_type (file, G_FILE_QUERY_INFO_NONE, cancellable) != G_FILE_TYPE_SPECIAL)
    return g_file_read (file, cancellable, error);

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "Not a regular file");
  return NULL;
}

/* In a thread. */
static gboolean
digest_file (GDeferred *self, gpointer path, GError **error)
{
  GCancellable *cancellable = g_deferred_get_cancellable (self);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = open_file (file, cancellable, error);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 block[BLOCK];
  gssize n;

  if (stream == NULL)
    return FALSE;

  while ((n = g_input_stream_read (G_INPUT_STREAM (stream), block, sizeof block, cancellable, error)) > 0)
    g_checksum_update (checksum, block, n);
  return n == 0 && g_deferred_return_string (self, g_checksum_get_string (checksum));
}

/* A GDeferredCacheFunc. However many ask for a file at a time, it is read once. */
static gboolean
digest_once (GDeferred *self, const char *path, gpointer service, GError **error)
{
  Service *of = service;

  if (g_deferred_thread_pool_get_n_queued (of->pool) >= MOST_QUEUED)
    return g_deferred_return_error_literal (self, G_IO_ERROR, G_IO_ERROR_BUSY, "Too many files to read");
  of->n_digests++;
  return g_deferred_return_deferred (self, g_deferred_thread_pool_run (of->pool, digest_file, g_strdup (path),
                                                                       g_free));
}

static gboolean
end_line (GDeferred *digest, gpointer data, GError **error)
{
  return g_deferred_return_take_string (digest, g_strconcat (g_deferred_get_string (digest), "\n", NULL));
}

static GDeferred *
handle_digest (HttpRequest *request, gpointer service)
{
  Service *self = service;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = find_file (self, request, &error);

  if (file == NULL)
    return g_deferred_fail (error);
  return g_deferred_add_callback (g_deferred_cache_get (self->digests, g_file_peek_path (file)), end_line,
                                  NULL, NULL);
}

/* --- what it has done ---------------------------------------------------------------------------------------------- */

static gboolean
tell_stats (GDeferred *answer, gpointer service, GError **error)
{
  Service        *self = service;
  HttpCounts     *counts = &self->server->counts;
  GVariantBuilder stats = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&stats, "{sv}", "held", g_variant_new_uint32 (counts->n_held));
  g_variant_builder_add (&stats, "{sv}", "most-held", g_variant_new_uint32 (counts->most_held));
  g_variant_builder_add (&stats, "{sv}", "answered", g_variant_new_uint64 (counts->n_answered));
  g_variant_builder_add (&stats, "{sv}", "failed", g_variant_new_uint64 (counts->n_failed));
  g_variant_builder_add (&stats, "{sv}", "cancelled", g_variant_new_uint64 (counts->n_cancelled));
  g_variant_builder_add (&stats, "{sv}", "digests", g_variant_new_uint64 (self->n_digests));
  g_variant_builder_add (&stats, "{sv}", "waiting",
                         g_variant_new_uint32 (g_deferred_semaphore_get_n_waiting (self->room)));
  return g_deferred_return_variant (answer, g_variant_builder_end (&stats));
}

static GDeferred *
handle_stats (HttpRequest *request, gpointer service)
{
  return g_deferred_maybe (tell_stats, service);
}

/* --- the beginning and the end ------------------------------------------------------------------------------------- */

/* The first one ends it in good order, the next breaks off what is left, and one more does not even wait until those who
 * waited are told. */
static gboolean
on_signal (gpointer service)
{
  Service *self = service;
  g_autoptr (GDeferred) stop = g_steal_pointer (&self->stop);

  if (stop != NULL)
    g_deferred_callback (stop, NULL, NULL);
  else
    http_server_cancel (self->server);
  return G_SOURCE_CONTINUE;
}

static gboolean
stop_server (GDeferred *stop, gpointer service, GError **error)
{
  return g_deferred_return_deferred (stop, http_server_stop (((Service *) service)->server));
}

/* Jobs that nobody waits for any more may still be reading. */
static gboolean
close_pool (GDeferred *stop, gpointer service, GError **error)
{
  return g_deferred_return_deferred (stop, g_deferred_thread_pool_close (((Service *) service)->pool));
}

static gboolean
say_goodbye (GDeferred *stop, gpointer service, GError **error)
{
  HttpCounts *counts = &((Service *) service)->server->counts;

  g_print ("%" G_GUINT64_FORMAT " answered, %" G_GUINT64_FORMAT " failed, %" G_GUINT64_FORMAT " cancelled\n",
           counts->n_answered, counts->n_failed, counts->n_cancelled);
  return g_deferred_return_none (stop);
}

static void
serve (Service *self)
{
  guint            on_int = g_unix_signal_add (SIGINT, on_signal, self);
  guint            on_term = g_unix_signal_add (SIGTERM, on_signal, self);
  g_autofree char *url = http_server_get_url (self->server);
  g_autoptr (GDeferred) end = g_deferred_new ();

  self->stop = g_object_ref (end);
  g_deferred_add_callback (end, stop_server, self, NULL);
  g_deferred_add_callback (end, close_pool, self, NULL);
  g_deferred_add_callback (end, say_goodbye, self, NULL);
  g_print ("Listening on %s\n", url);
  g_deferred_wait (end, NULL);
  g_source_remove (on_int);
  g_source_remove (on_term);
}

static void
add_routes (Service *self)
{
  http_server_add (self->server, "GET", "/hello", HTTP_COUNTED, handle_hello, self);
  http_server_add (self->server, "GET", "/sleep", HTTP_COUNTED, handle_sleep, self);
  http_server_add (self->server, "GET", "/limited", HTTP_COUNTED, handle_limited, self);
  http_server_add (self->server, "GET", "/file", HTTP_COUNTED, handle_file, self);
  http_server_add (self->server, "GET", "/digest", HTTP_COUNTED, handle_digest, self);
  http_server_add (self->server, "GET", "/stats", HTTP_UNCOUNTED, handle_stats, self);
}

static int
run (const Options *options)
{
  Service self = { NULL };
  int     status = 0;
  g_autoptr (GError) error = NULL;

  self.server = http_server_new ((GTimeSpan) (options->timeout * G_USEC_PER_SEC));
  self.root = g_file_new_for_commandline_arg (options->root != NULL ? options->root : ".");
  self.pool = g_deferred_thread_pool_new ("digests", THREADS);
  self.digests = g_deferred_cache_new (digest_once, &self, NULL);
  g_deferred_cache_set_max_size (self.digests, 1000);
  g_deferred_cache_set_max_age (self.digests, 10 * G_TIME_SPAN_SECOND);
  self.room = g_deferred_semaphore_new (AT_A_TIME);

  add_routes (&self);
  if (http_server_listen (self.server, (guint16) options->port, &error))
    serve (&self);
  else
    {
      g_printerr ("http-service: %s\n", error->message);
      status = 1;
    }

  g_object_unref (self.room);
  g_object_unref (self.digests);
  g_object_unref (self.pool);
  g_object_unref (self.root);
  http_server_free (self.server);
  return status;
}

static gboolean
parse_arguments (int argc, char **argv, Options *options)
{
  GOptionEntry entries[] = {
    { "port", 'p', 0, G_OPTION_ARG_INT, &options->port, "Listen on port N, or any with 0 (default: 8080)",
      "N" },
    { "root", 'r', 0, G_OPTION_ARG_FILENAME, &options->root, "Serve the files in FOLDER (default: this one)",
      "FOLDER" },
    { "timeout", 't', 0, G_OPTION_ARG_DOUBLE, &options->timeout,
      "Give up a request after S seconds (default: 30)", "S" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_set_summary (context, "Serves files and their checksums over HTTP, on loopback.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    g_printerr ("http-service: %s\n", error->message);
  else if (argc > 1)
    g_printerr ("http-service: what is \"%s\"? Try --help\n", argv[1]);
  else if (options->port < 0 || options->port > G_MAXUINT16)
    g_printerr ("http-service: port must be a number from 0 to %d\n", G_MAXUINT16);
  else if (!(options->timeout >= 0.001 && options->timeout <= MAX_SECONDS))
    g_printerr ("http-service: timeout must be a number of seconds from 0.001 to %g\n", MAX_SECONDS);
  else
    return TRUE;
  return FALSE;
}

int
main (int argc, char **argv)
{
  Options options = { .port = 8080, .timeout = 30 };
  int     status = 2;

  g_set_prgname ("http-service");
  setvbuf (stdout, NULL, _IOLBF, 0);
  if (parse_arguments (argc, argv, &options))
    status = run (&options);
  g_free (options.root);
  return status;
}
