/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Copies a file, and goes on reading while it writes: one that reads and one that writes, with a queue between them
 * that holds so many chunks at most. Whichever is faster waits for the other. */

#include <gdeferred/gdeferred.h>

#include <stdlib.h>

#define CHUNK 65536

typedef struct
{
  GInputStream   *from;
  GOutputStream  *to;
  GDeferredQueue *chunks;
  GDeferred      *done; /* fires when all is written */

  guint64 n_bytes;
  guint   most_waiting; /* chunks at a time */
} Copy;

/* --- GIO's functions, as Deferreds ------------------------------------------------------------------------------- */

static void
on_read (GObject *stream, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GDeferred) chunk = user_data;
  GError *error = NULL;
  GBytes *bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (stream), result, &error);

  if (bytes != NULL)
    g_deferred_callback_take_boxed (chunk, G_TYPE_BYTES, bytes, NULL);
  else
    g_deferred_errback_take (chunk, error, NULL);
}

static GDeferred *
read_chunk (GInputStream *stream)
{
  GDeferred *chunk = g_deferred_new ();

  g_input_stream_read_bytes_async (stream, CHUNK, G_PRIORITY_DEFAULT, g_deferred_get_cancellable (chunk),
                                   on_read, g_object_ref (chunk));
  return chunk;
}

static void
on_written (GObject *stream, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GDeferred) written = user_data;
  GError *error = NULL;
  gsize   n;

  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (stream), result, &n, &error))
    g_deferred_callback_int64 (written, (gint64) n, NULL);
  else
    g_deferred_errback_take (written, error, NULL);
}

/* @bytes has to stay until then. */
static GDeferred *
write_all (GOutputStream *stream, GBytes *bytes)
{
  GDeferred    *written = g_deferred_new ();
  gsize         size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  g_output_stream_write_all_async (stream, data, size, G_PRIORITY_DEFAULT,
                                   g_deferred_get_cancellable (written), on_written, g_object_ref (written));
  return written;
}

/* --- the one that reads ------------------------------------------------------------------------------------------ */

static void read_on (Copy *copy);

/* It waits where the queue is full. */
static gboolean
put_chunk (GDeferred *chunk, gpointer user_data, GError **error)
{
  Copy      *copy = user_data;
  GDeferred *put;

  if (g_bytes_get_size (g_deferred_get_boxed (chunk, G_TYPE_BYTES)) == 0)
    {
      g_deferred_queue_close (copy->chunks);
      return TRUE;
    }

  put = g_deferred_queue_put (copy->chunks, g_deferred_get_result (chunk));
  copy->most_waiting = MAX (copy->most_waiting, g_deferred_queue_get_length (copy->chunks));
  return g_deferred_return_deferred (chunk, put);
}

static gboolean
on_put (GDeferred *chunk, gpointer user_data, GError **error)
{
  Copy *copy = user_data;

  if (!g_deferred_queue_is_closed (copy->chunks))
    read_on (copy);
  return TRUE;
}

/* If the queue was closed, the one that writes has failed, and said so. */
static gboolean
on_read_failed (GDeferred *chunk, gpointer user_data, GError **error)
{
  Copy         *copy = user_data;
  const GError *failure = g_deferred_get_error (chunk);

  if (!g_error_matches (failure, G_DEFERRED_ERROR, G_DEFERRED_ERROR_CLOSED))
    g_deferred_errback (copy->done, failure, NULL);
  g_deferred_queue_close (copy->chunks);
  return g_deferred_return_none (chunk);
}

static void
read_on (Copy *copy)
{
  g_autoptr (GDeferred) chunk = read_chunk (copy->from);

  g_deferred_add_callback (chunk, put_chunk, copy, NULL);
  g_deferred_add_callbacks (chunk, on_put, copy, NULL, on_read_failed, copy, NULL);
}

/* --- the one that writes ----------------------------------------------------------------------------------------- */

static void write_on (Copy *copy);

static gboolean
write_chunk (GDeferred *chunk, gpointer user_data, GError **error)
{
  Copy      *copy = user_data;
  GBytes    *bytes = g_bytes_ref (g_deferred_get_boxed (chunk, G_TYPE_BYTES));
  GDeferred *written = write_all (copy->to, bytes);

  /* Only to keep them. */
  g_deferred_add_callbacks (written, NULL, bytes, (GDestroyNotify) g_bytes_unref, NULL, NULL, NULL);
  return g_deferred_return_deferred (chunk, written);
}

static gboolean
on_chunk_written (GDeferred *chunk, gpointer user_data, GError **error)
{
  Copy *copy = user_data;

  copy->n_bytes += (guint64) g_deferred_get_int64 (chunk);
  write_on (copy);
  return TRUE;
}

/* The queue is closed, and there is nothing left in it; or something went wrong. Reading may have failed before. */
static gboolean
on_end (GDeferred *chunk, gpointer user_data, GError **error)
{
  Copy         *copy = user_data;
  const GError *failure = g_deferred_get_error (chunk);

  if (g_error_matches (failure, G_DEFERRED_ERROR, G_DEFERRED_ERROR_CLOSED))
    g_deferred_callback (copy->done, NULL, NULL);
  else
    g_deferred_errback (copy->done, failure, NULL);
  g_deferred_queue_close (copy->chunks);
  return g_deferred_return_none (chunk);
}

static void
write_on (Copy *copy)
{
  g_autoptr (GDeferred) chunk = g_deferred_queue_get (copy->chunks);

  g_deferred_add_callback (chunk, write_chunk, copy, NULL);
  g_deferred_add_callbacks (chunk, on_chunk_written, copy, NULL, on_end, copy, NULL);
}

/* --- both -------------------------------------------------------------------------------------------------------- */

static gboolean
open_both (Copy *copy, const char *from, const char *to, GError **error)
{
  g_autoptr (GFile) source = g_file_new_for_commandline_arg (from);
  g_autoptr (GFile) destination = g_file_new_for_commandline_arg (to);

  copy->from = G_INPUT_STREAM (g_file_read (source, NULL, error));
  if (copy->from == NULL)
    return FALSE;

  copy->to = G_OUTPUT_STREAM (g_file_replace (destination, NULL, FALSE, G_FILE_CREATE_NONE, NULL, error));
  return copy->to != NULL;
}

static gboolean
copy_all (Copy *copy, GError **error)
{
  copy->done = g_deferred_new ();
  read_on (copy);
  write_on (copy);
  return g_deferred_wait (copy->done, error) && g_output_stream_close (copy->to, NULL, error);
}

int
main (int argc, char **argv)
{
  int  size = argc == 4 ? atoi (argv[3]) : 8;
  Copy copy = { NULL };
  g_autoptr (GError) error = NULL;
  int status = 0;

  if (argc < 3 || argc > 4 || size < 1)
    {
      g_printerr ("Usage: buffer FROM TO [CHUNKS]\n");
      return 2;
    }

  copy.chunks = g_deferred_queue_new (size, -1);
  if (open_both (&copy, argv[1], argv[2], &error) && copy_all (&copy, &error))
    g_print ("%" G_GUINT64_FORMAT " bytes, up to %u chunks ahead\n", copy.n_bytes, copy.most_waiting);
  else
    {
      g_printerr ("buffer: %s\n", error->message);
      status = 1;
    }

  /* What failed may have left the other one waiting. */
  g_deferred_queue_close (copy.chunks);
  g_object_unref (copy.chunks);
  g_clear_object (&copy.done);
  g_clear_object (&copy.from);
  g_clear_object (&copy.to);
  return status;
}
