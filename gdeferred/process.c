/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/process.h>

#include <gdeferred/list.h>
#include <gdeferred/operation.h>
#include <gdeferred/values.h>

#ifdef G_OS_UNIX
#include <glib-unix.h>
#include <signal.h>
#endif
#include <string.h>

/* A child process, from its start to its end, with all that it writes: the end, the two outputs and the input are
 * waited for together. */

enum
{
  PART_END,
  PART_STDOUT,
  PART_STDERR,
  PART_STDIN,
  N_PARTS
};

struct _GDeferredProcessOutput
{
  GBytes *out; /* owned; nullable */
  GBytes *err; /* owned; nullable */
  int     exit_status;
  int     term_signal;
};

G_DEFINE_BOXED_TYPE (GDeferredProcessOutput,
                     g_deferred_process_output,
                     g_deferred_process_output_ref,
                     g_deferred_process_output_unref)

/**
 * g_deferred_process_output_ref:
 * @self: what a process has left
 *
 * Takes a reference. It may be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
GDeferredProcessOutput *
g_deferred_process_output_ref (GDeferredProcessOutput *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

static void
clear_output (gpointer output)
{
  GDeferredProcessOutput *self = output;

  g_clear_pointer (&self->out, g_bytes_unref);
  g_clear_pointer (&self->err, g_bytes_unref);
}

/**
 * g_deferred_process_output_unref:
 * @self: (transfer full): what a process has left
 *
 * Drops a reference. It may be called from any thread.
 *
 * Since: 1.0
 */
void
g_deferred_process_output_unref (GDeferredProcessOutput *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, clear_output);
}

/**
 * g_deferred_process_output_get_stdout:
 * @self: what a process has left
 *
 * Gets what the process wrote to its standard output.
 *
 * Returns: (transfer none) (nullable): all of it; %NULL if that did not go to us
 *
 * Since: 1.0
 */
GBytes *
g_deferred_process_output_get_stdout (GDeferredProcessOutput *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->out;
}

/**
 * g_deferred_process_output_get_stderr:
 * @self: what a process has left
 *
 * Gets what the process wrote to its standard error output.
 *
 * Returns: (transfer none) (nullable): all of it; %NULL if that did not go to us
 *
 * Since: 1.0
 */
GBytes *
g_deferred_process_output_get_stderr (GDeferredProcessOutput *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->err;
}

/**
 * g_deferred_process_output_dup_text:
 * @self: what a process has left
 *
 * Gets what the process wrote to its standard output as text. Bytes that are no UTF-8 are replaced by U+FFFD.
 *
 * Returns: (transfer full): the text, which is empty if the output did not go to us
 *
 * Since: 1.0
 */
char *
g_deferred_process_output_dup_text (GDeferredProcessOutput *self)
{
  gconstpointer data;
  gsize         size = 0;

  g_return_val_if_fail (self != NULL, NULL);

  data = self->out != NULL ? g_bytes_get_data (self->out, &size) : NULL;
  return size > 0 ? g_utf8_make_valid (data, (gssize) size) : g_strdup ("");
}

/**
 * g_deferred_process_output_get_exit_status:
 * @self: what a process has left
 *
 * Gets the exit status of the process.
 *
 * Returns: the status, which is 0 if all went well; -1 if a signal ended it
 *
 * Since: 1.0
 */
int
g_deferred_process_output_get_exit_status (GDeferredProcessOutput *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return self->exit_status;
}

/**
 * g_deferred_process_output_get_term_signal:
 * @self: what a process has left
 *
 * Gets the signal that ended the process.
 *
 * Returns: its number; 0 if the process came to an end by itself
 *
 * Since: 1.0
 */
int
g_deferred_process_output_get_term_signal (GDeferredProcessOutput *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->term_signal;
}

/* --- running it -------------------------------------------------------------------------------------------------- */

static GDeferredProcessOutput *
output_of (GSubprocess *process, GDeferredResults *parts)
{
  GDeferredProcessOutput *self = g_atomic_rc_box_new0 (GDeferredProcessOutput);
  const GValue           *out = g_deferred_results_get_value (parts, PART_STDOUT);
  const GValue           *err = g_deferred_results_get_value (parts, PART_STDERR);

  self->out = out != NULL ? g_value_dup_boxed (out) : NULL;
  self->err = err != NULL ? g_value_dup_boxed (err) : NULL;
  self->exit_status = g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process) : -1;
  self->term_signal = g_subprocess_get_if_signaled (process) ? g_subprocess_get_term_sig (process) : 0;
  return self;
}

/* Where a program says why it has failed, as a rule. NULL if there is none. */
static char *
last_line_of (GBytes *bytes)
{
  gsize            size;
  const char      *data = g_bytes_get_data (bytes, &size);
  g_autofree char *text = g_utf8_make_valid (data != NULL ? data : "", (gssize) size);
  const char      *line;

  g_strchomp (text);
  line = strrchr (text, '\n');
  line = line != NULL ? line + 1 : text;
  return *line != '\0' ? g_strdup (line) : NULL;
}

/* NULL if it went well. */
static GError *
failure_of (GSubprocess *process, GDeferredProcessOutput *output)
{
  g_autofree char *line = NULL;
  GError          *error = NULL;

  if (g_spawn_check_wait_status (g_subprocess_get_status (process), &error))
    return NULL;

  line = output->err != NULL ? last_line_of (output->err) : NULL;
  if (line != NULL)
    {
      g_autofree char *how = g_steal_pointer (&error->message);

      error->message = g_strdup_printf ("%s: %s", how, line);
    }
  return error;
}

/* All parts have come to an end. */
static gboolean
finish (GDeferred *self, gpointer process, GError **error)
{
  GDeferredProcessOutput *output = output_of (process, g_deferred_get_results (self));
  g_autoptr (GError) failure = failure_of (process, output);
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_DEFERRED_PROCESS_OUTPUT);
  g_value_take_boxed (&value, output);
  if (failure != NULL)
    return g_deferred_return_error_full (self, failure, &value);
  return g_deferred_return_take_value (self, &value);
}

static GDeferred *
wait_for (GSubprocess *process)
{
  GDeferred *self = g_deferred_new_for_finish (G_TYPE_NONE, G_CALLBACK (g_subprocess_wait_finish));

  g_signal_connect_object (g_deferred_get_cancellable (self), "cancelled",
                           G_CALLBACK (g_subprocess_force_exit), process, G_CONNECT_SWAPPED);
  g_subprocess_wait_async (process, G_DEFERRED_ASYNC (self));
  return self;
}

static gboolean
finish_read (GDeferred *self, gpointer memory, GAsyncResult *result, gpointer user_data, GError **error)
{
  return g_output_stream_splice_finish (memory, result, error) >= 0
         && g_deferred_return_take_boxed (self, G_TYPE_BYTES, g_memory_output_stream_steal_as_bytes (memory));
}

#define SPLICE_FLAGS (G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET)

/* Nothing, if there is no such pipe. */
static GDeferred *
read_all (GInputStream *pipe)
{
  g_autoptr (GOutputStream) memory = NULL;
  GDeferred *self;

  if (pipe == NULL)
    return g_deferred_succeed (NULL);

  memory = g_memory_output_stream_new_resizable ();
  self = g_deferred_new_for_finish_func (finish_read, NULL, NULL);
  g_output_stream_splice_async (memory, pipe, SPLICE_FLAGS, G_PRIORITY_DEFAULT, G_DEFERRED_ASYNC (self));
  return self;
}

/* A program need not read to the end. */
static gboolean
finish_write (GDeferred *self, gpointer pipe, GAsyncResult *result, gpointer user_data, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (g_output_stream_splice_finish (pipe, result, &failure) >= 0
      || g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* GIO writes when there is room, not only as much as there is room for: it would wait in the main loop for a program that
 * reads no further before we read what it wrote. This is our end's alone. */
static void
never_wait (GOutputStream *pipe)
{
#ifdef G_OS_UNIX
  int fd;

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (pipe), "fd") == NULL)
    return;

  g_object_get (pipe, "fd", &fd, NULL);
  g_unix_set_fd_nonblocking (fd, TRUE, NULL);
#endif
}

static GDeferred *
write_all (GOutputStream *pipe, GBytes *bytes)
{
  g_autoptr (GInputStream) memory = NULL;
  GDeferred *self;

  if (bytes == NULL)
    return g_deferred_succeed (NULL);

  never_wait (pipe);
  memory = g_memory_input_stream_new_from_bytes (bytes);
  self = g_deferred_new_for_finish_func (finish_write, NULL, NULL);
  g_output_stream_splice_async (pipe, memory, SPLICE_FLAGS, G_PRIORITY_DEFAULT, G_DEFERRED_ASYNC (self));
  return self;
}

/* What GLib's sockets do, too: by default, to write to one that does not read would end the process. GLib's children
 * have it as it was. */
static void
ignore_sigpipe (void)
{
#ifdef G_OS_UNIX
  struct sigaction action;

  if (sigaction (SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_DFL)
    signal (SIGPIPE, SIG_IGN);
#endif
}

/**
 * g_deferred_new_for_process:
 * @process: a child process that was started, for this alone
 * @input: (nullable): what it reads from its standard input, if that comes from us
 *
 * As [func@Deferred.run_process], for a process that was started with a [class@Gio.SubprocessLauncher], say. Of what it
 * writes, one gets what it was told to write into pipes. Without @input its standard input is left as it is.
 *
 * Returns: (transfer full): a Deferred that fires with a [struct@DeferredProcessOutput]
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_new_for_process (GSubprocess *process, GBytes *input)
{
  GDeferred *parts[N_PARTS];
  GDeferred *self;

  g_return_val_if_fail (G_IS_SUBPROCESS (process), NULL);
  g_return_val_if_fail (input == NULL || g_subprocess_get_stdin_pipe (process) != NULL, NULL);

  if (input != NULL)
    ignore_sigpipe ();
  parts[PART_END] = wait_for (process);
  parts[PART_STDOUT] = read_all (g_subprocess_get_stdout_pipe (process));
  parts[PART_STDERR] = read_all (g_subprocess_get_stderr_pipe (process));
  parts[PART_STDIN] = write_all (g_subprocess_get_stdin_pipe (process), input);
  self = g_deferred_gather (parts, N_PARTS, G_DEFERRED_LIST_CANCEL_REST | G_DEFERRED_LIST_CONSUME_ERRORS);
  for (gsize i = 0; i < N_PARTS; i++)
    g_object_unref (parts[i]);
  return g_deferred_add_callback (self, finish, g_object_ref (process), g_object_unref);
}

/**
 * g_deferred_run_process:
 * @argv: (array zero-terminated=1): the program, which is looked for in the `PATH`, and its arguments
 * @input: (nullable): what it reads from its standard input; with %NULL there is nothing to read
 *
 * Runs a program to its end. The Deferred fires with what it wrote and how it ended.
 *
 * If its exit status is not 0 the Deferred fails, with the status as the code of a %G_SPAWN_EXIT_ERROR; if a signal ended
 * it, with %G_SPAWN_ERROR_FAILED. The message ends with the last line of what it wrote to its standard error output, and
 * [method@Deferred.get_process_output] gives all of that to an errback. If the program could not be started, it fails with
 * a [error@GLib.SpawnError].
 *
 * Cancelling the Deferred kills the process, by `SIGKILL`. Its own children may live on, and as long as they have its
 * outputs open, and nobody cancels, it is waited for them.
 *
 * With @input, a process that does not read it all is no failure; `SIGPIPE` is ignored from then on in this process, if
 * it was not handled, as it is with the sockets of GIO.
 *
 * ```c
 * static gboolean
 * print_output (GDeferred *self, gpointer user_data, GError **error)
 * {
 *   g_autofree char *text = g_deferred_process_output_dup_text (g_deferred_get_process_output (self));
 *
 *   g_print ("%s", text);
 *   return TRUE;
 * }
 *
 * static GDeferred *
 * list_folder (const char *folder)
 * {
 *   const char *argv[] = { "ls", "-l", "--", folder, NULL };
 *
 *   return g_deferred_add_callback (g_deferred_run_process (argv, NULL), print_output, NULL, NULL);
 * }
 * ```
 *
 * To be called in the thread that is at home in the thread-default main context: see [ctor@Deferred.new].
 *
 * Returns: (transfer full): a Deferred that fires with a [struct@DeferredProcessOutput]
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_run_process (const char *const *argv, GBytes *input)
{
  GSubprocessFlags flags = G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  g_return_val_if_fail (argv != NULL && argv[0] != NULL && argv[0][0] != '\0', NULL);

  if (input != NULL)
    flags |= G_SUBPROCESS_FLAGS_STDIN_PIPE;
  process = g_subprocess_newv (argv, flags, &error);
  if (process == NULL)
    return g_deferred_fail (error);
  return g_deferred_new_for_process (process, input);
}

/**
 * g_deferred_get_process_output:
 * @self: a Deferred
 *
 * What a process has left: the result that @self holds now, or what was given beside its error.
 *
 * To be asked at home. It belongs to @self, as the value of [method@Deferred.get_result] does.
 *
 * Returns: (transfer none) (nullable): what it has left, or %NULL if @self holds none
 *
 * Since: 1.0
 */
GDeferredProcessOutput *
g_deferred_get_process_output (GDeferred *self)
{
  const GValue *value;

  g_return_val_if_fail (G_IS_DEFERRED (self), NULL);

  value = g_deferred_get_result (self);
  if (value == NULL)
    value = g_deferred_get_payload (self);
  if (value == NULL || !G_VALUE_HOLDS (value, G_TYPE_DEFERRED_PROCESS_OUTPUT))
    return NULL;
  return g_value_get_boxed (value);
}
