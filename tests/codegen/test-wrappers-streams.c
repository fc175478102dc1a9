/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* GIO's wrappers, on pipes, streams in memory, and processes. */

#include "gio-fixture.h"

#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib-unix.h>

static GInputStream *
memory_with (const char *text)
{
  g_autoptr (GBytes) bytes = bytes_from (text);

  return g_memory_input_stream_new_from_bytes (bytes);
}

/* --- streams ----------------------------------------------------------------------------------------------------- */

static void
is_read (GDeferred *d, const char *text)
{
  g_autoptr (GBytes) bytes = boxed_of (d, G_TYPE_BYTES);

  bytes_are (bytes, text);
}

static void
reading (void)
{
  g_autoptr (GInputStream) stream = memory_with ("one two three");

  is_read (g_deferred_input_stream_read (stream, 4, 0), "one ");
  g_assert_cmpint (number_of (g_deferred_input_stream_skip (stream, 4, 0)), ==, 4);
  is_read (g_deferred_input_stream_read_bytes (stream, 2, 0), "th");
  is_read (g_deferred_input_stream_read_all (stream, 100, 0), "ree");
  is_read (g_deferred_input_stream_read (stream, 100, 0), "");
  is_read (g_deferred_input_stream_read_all (stream, 0, 0), "");
  succeeds (g_deferred_input_stream_close (stream, 0));
  fails (g_deferred_input_stream_read (stream, 1, 0), G_IO_ERROR, G_IO_ERROR_CLOSED);
  fails (g_deferred_input_stream_read_all (stream, 1, 0), G_IO_ERROR, G_IO_ERROR_CLOSED);
  fails (g_deferred_input_stream_skip (stream, 1, 0), G_IO_ERROR, G_IO_ERROR_CLOSED);
}

static void
lines (void)
{
  g_autoptr (GInputStream) memory = memory_with ("first line\nand: then\nbad \xff\n");
  g_autoptr (GDataInputStream) stream = g_data_input_stream_new (memory);
  g_autofree char *line = string_of (g_deferred_data_input_stream_read_line (stream, 0));
  g_autoptr (GDeferredDataInputStreamReadUptoResult) word
      = boxed_of (g_deferred_data_input_stream_read_upto (stream, ":", -1, 0),
                  G_TYPE_DEFERRED_DATA_INPUT_STREAM_READ_UPTO_RESULT);
  g_autofree char *rest = string_of (g_deferred_data_input_stream_read_line (stream, 0));

  g_assert_cmpstr (line, ==, "first line");
  g_assert_cmpstr (word->value, ==, "and");
  g_assert_cmpuint (word->length, ==, 3);
  g_assert_cmpstr (rest, ==, ": then");
  fails (g_deferred_data_input_stream_read_line (stream, 0), G_CONVERT_ERROR,
         G_CONVERT_ERROR_ILLEGAL_SEQUENCE);
  g_assert_null (string_of (g_deferred_data_input_stream_read_line (stream, 0)));
}

static void
filling (void)
{
  g_autoptr (GInputStream) memory = memory_with ("to fill");
  g_autoptr (GInputStream) stream = g_buffered_input_stream_new (memory);

  g_assert_cmpint (number_of (
                       g_deferred_buffered_input_stream_fill (G_BUFFERED_INPUT_STREAM (stream), -1, 0)),
                   ==, 7);
}

static void
writing (void)
{
  g_autoptr (GInputStream) source = memory_with (", spliced");
  g_autoptr (GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr (GBytes) bytes = bytes_from ("12345");
  g_autoptr (GBytes) none = g_bytes_new (NULL, 0);
  g_autoptr (GBytes) written = NULL;

  g_assert_cmpint (number_of (g_deferred_output_stream_write (stream, bytes, 0)), ==, 5);
  g_assert_cmpint (number_of (g_deferred_output_stream_write_bytes (stream, bytes, 0)), ==, 5);
  g_assert_cmpint (number_of (g_deferred_output_stream_write_all (stream, bytes, 0)), ==, 5);
  g_assert_cmpint (number_of (g_deferred_output_stream_write (stream, none, 0)), ==, 0);
  g_assert_cmpint (number_of (g_deferred_output_stream_write_all (stream, none, 0)), ==, 0);
  g_assert_cmpint (number_of (g_deferred_output_stream_splice (stream, source,
                                                               G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, 0)),
                   ==, 9);
  written = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (stream));
  bytes_are (written, "123451234512345, spliced");
  fails (g_deferred_output_stream_write (stream, bytes, 0), G_IO_ERROR, G_IO_ERROR_CLOSED);
  fails (g_deferred_output_stream_write_all (stream, bytes, 0), G_IO_ERROR, G_IO_ERROR_CLOSED);
}

/* --- pipes ------------------------------------------------------------------------------------------------------- */

static GIOStream *
pipe_streams (void)
{
  g_autoptr (GInputStream) input = NULL;
  g_autoptr (GOutputStream) output = NULL;
  int fds[2];

  g_assert_true (g_unix_open_pipe (fds, FD_CLOEXEC, NULL));
  g_assert_true (g_unix_set_fd_nonblocking (fds[1], TRUE, NULL));
  input = g_unix_input_stream_new (fds[0], TRUE);
  output = g_unix_output_stream_new (fds[1], TRUE);
  return g_simple_io_stream_new (input, output);
}

/* More than a pipe holds: the bytes have to be there as long as it takes. */
static void
through_a_pipe (void)
{
  g_autoptr (GIOStream) stream = pipe_streams ();
  g_autofree char *much = g_strnfill (400000, 'y');
  GBytes          *bytes = bytes_from (much);
  GDeferred *writer = g_deferred_output_stream_write_all (g_io_stream_get_output_stream (stream), bytes, 0);

  g_bytes_unref (bytes);
  is_read (g_deferred_input_stream_read_all (g_io_stream_get_input_stream (stream), 400000, 0), much);
  g_assert_cmpint (number_of (writer), ==, 400000);
  succeeds (g_deferred_io_stream_close (stream, 0));
}

static void
cancelling (void)
{
  g_autoptr (GIOStream) stream = pipe_streams ();
  GInputStream    *input = g_io_stream_get_input_stream (stream);
  g_autofree char *much = g_strnfill (400000, 'y');
  g_autoptr (GBytes) bytes = bytes_from (much);

  cancels (g_deferred_input_stream_read (input, 10, 0));
  cancels (g_deferred_input_stream_read_all (input, 10, 0));
  cancels (g_deferred_input_stream_read_bytes (input, 10, 0));
  cancels (g_deferred_input_stream_skip (input, 10, 0));
  cancels (g_deferred_output_stream_write_all (g_io_stream_get_output_stream (stream), bytes, 0));
}

static void
splicing (void)
{
  g_autoptr (GIOStream) first = pipe_streams ();
  g_autoptr (GIOStream) second = pipe_streams ();
  g_autoptr (GInputStream) memory = memory_with ("from one to the other");
  g_autoptr (GOutputStream) collected = g_memory_output_stream_new_resizable ();
  g_autoptr (GIOStream) one = g_simple_io_stream_new (memory, g_io_stream_get_output_stream (first));
  g_autoptr (GIOStream) other = g_simple_io_stream_new (g_io_stream_get_input_stream (second), collected);

  succeeds (g_deferred_output_stream_close (g_io_stream_get_output_stream (second), 0));
  succeeds (g_deferred_io_stream_splice (one, other, G_IO_STREAM_SPLICE_WAIT_FOR_BOTH, 0));
  g_assert_cmpuint (g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (collected)), ==, 21);
}

/* --- processes --------------------------------------------------------------------------------------------------- */

#define PIPES                                                                                                \
  (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE)

static GSubprocess *
shell (const char *script, GSubprocessFlags flags)
{
  GError      *error = NULL;
  GSubprocess *process = g_subprocess_new (flags, &error, "sh", "-c", script, NULL);

  g_assert_no_error (error);
  return process;
}

static void
communicate (void)
{
  g_autoptr (GSubprocess) process = shell ("cat; echo oops >&2", PIPES);
  GBytes    *bytes = bytes_from ("to the shell\n");
  GDeferred *d = g_deferred_subprocess_communicate (process, bytes);
  g_autoptr (GDeferredSubprocessCommunicateResult) result = NULL;

  g_bytes_unref (bytes);
  result = boxed_of (d, G_TYPE_DEFERRED_SUBPROCESS_COMMUNICATE_RESULT);
  bytes_are (result->stdout_buf, "to the shell\n");
  bytes_are (result->stderr_buf, "oops\n");
}

static void
communicate_utf8 (void)
{
  g_autoptr (GSubprocess) process
      = shell ("cat", G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GSubprocess) bad = shell ("printf '\\377'", G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GDeferredSubprocessCommunicateUtf8Result) result
      = boxed_of (g_deferred_subprocess_communicate_utf8 (process, "grüße"),
                  G_TYPE_DEFERRED_SUBPROCESS_COMMUNICATE_UTF8_RESULT);

  g_assert_cmpstr (result->stdout_buf, ==, "grüße");
  g_assert_null (result->stderr_buf);
  fails (g_deferred_subprocess_communicate_utf8 (bad, NULL), G_IO_ERROR, G_IO_ERROR_FAILED);
}

static void
wait_for_process (void)
{
  g_autoptr (GSubprocess) good = shell ("exit 0", 0);
  g_autoptr (GSubprocess) bad = shell ("exit 3", 0);
  g_autoptr (GSubprocess) endless = shell ("exec sleep 1000", 0);

  succeeds (g_deferred_subprocess_wait (good));
  succeeds (g_deferred_subprocess_wait_check (good));
  succeeds (g_deferred_subprocess_wait (bad));
  fails (g_deferred_subprocess_wait_check (bad), G_SPAWN_EXIT_ERROR, 3);

  cancels (g_deferred_subprocess_wait (endless));
  cancels (g_deferred_subprocess_wait_check (endless));
  g_assert_false (g_subprocess_get_if_exited (good) && g_subprocess_get_identifier (endless) == NULL);
  g_subprocess_force_exit (endless);
  succeeds (g_deferred_subprocess_wait (endless));
  g_assert_true (g_subprocess_get_if_signaled (endless));
}

static void
cancelled_communication (void)
{
  g_autoptr (GSubprocess) process = shell ("exec sleep 1000", G_SUBPROCESS_FLAGS_STDOUT_PIPE);

  cancels (g_deferred_subprocess_communicate (process, NULL));
  g_subprocess_force_exit (process);
  succeeds (g_deferred_subprocess_wait (process));
}

static const Case cases[] = {
  { "/gio/streams/reading", reading },
  { "/gio/streams/lines", lines },
  { "/gio/streams/filling", filling },
  { "/gio/streams/writing", writing },
  { "/gio/streams/through-a-pipe", through_a_pipe },
  { "/gio/streams/cancelling", cancelling },
  { "/gio/streams/splicing", splicing },
  { "/gio/processes/communicate", communicate },
  { "/gio/processes/communicate-utf8", communicate_utf8 },
  { "/gio/processes/wait", wait_for_process },
  { "/gio/processes/cancelled-communication", cancelled_communication },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
