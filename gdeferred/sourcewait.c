/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/sourcewait.h>

#include <gdeferred/values.h>

#ifdef G_OS_UNIX
#include <glib-unix.h>
#include <signal.h>
#endif

/* Waiting, once, for what a source of the main loop tells. The source, in the home context, holds the Deferred until it
 * is dispatched or destroyed, and the Deferred destroys the source when it is fired or cancelled. */

static void
end_source (gpointer source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

static void
stop_source (GDeferred *self G_GNUC_UNUSED, gpointer source)
{
  g_source_destroy (source);
}

/* Takes the source, which has to be started then. */
static GDeferred *
deferred_for (GSource *source)
{
  return g_deferred_new_with_canceller (stop_source, source, end_source);
}

/* @user_data leads to @self, and is what holds it. */
static GDeferred *
start (GDeferred *self, GSource *source, GSourceFunc on_ready, gpointer user_data, GDestroyNotify destroy)
{
  g_source_set_callback (source, on_ready, user_data, destroy);
  g_source_attach (source, g_deferred_get_context (self));
  return self;
}

static gboolean
on_idle (gpointer deferred)
{
  g_deferred_callback (deferred, NULL, NULL);
  return G_SOURCE_REMOVE;
}

/**
 * g_deferred_new_for_idle:
 * @priority: a priority of the main loop: %G_PRIORITY_DEFAULT_IDLE, say
 *
 * Waits until the home context has nothing to do that is more urgent: for work that can wait, or that others shall get
 * a turn before. It fires with nothing, in a later turn of the loop and never at once.
 *
 * It may be called from any thread. Cancelling it, and firing it by hand, takes it out of the loop.
 *
 * Returns: (transfer full): a new Deferred
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_new_for_idle (int priority)
{
  GSource   *source = g_idle_source_new ();
  GDeferred *self = deferred_for (source);

  g_source_set_static_name (source, "GDeferred idle");
  g_source_set_priority (source, priority);
  return start (self, source, on_idle, g_object_ref (self), g_object_unref);
}

#ifdef G_OS_UNIX
static gboolean
on_fd (int fd, GIOCondition condition, gpointer deferred)
{
  GValue value = G_VALUE_INIT;

  if (condition & G_IO_NVAL)
    {
      g_deferred_errback_take (deferred,
                               g_error_new (G_IO_ERROR, G_IO_ERROR_CLOSED,
                                            "The file descriptor %d was waited for, and is not open", fd),
                               NULL);
      return G_SOURCE_REMOVE;
    }

  g_value_init (&value, G_TYPE_IO_CONDITION);
  g_value_set_flags (&value, condition);
  g_deferred_callback_take_value (deferred, &value, NULL);
  return G_SOURCE_REMOVE;
}

typedef struct
{
  GDeferred *deferred; /* owned */
  int        signum;
} SignalWait;

static void
signal_wait_free (gpointer user_data)
{
  SignalWait *self = user_data;

  g_object_unref (self->deferred);
  g_free (self);
}

static gboolean
on_unix_signal (gpointer user_data)
{
  SignalWait *self = user_data;

  g_deferred_callback_int (self->deferred, self->signum, NULL);
  return G_SOURCE_REMOVE;
}

/* Those that GLib can wait for. */
static gboolean
can_wait_for (int signum)
{
  static const int known[] = { SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (known[i] == signum)
      return TRUE;
  return FALSE;
}
#else
static GDeferred *
not_supported (void)
{
  g_autoptr (GError) error
      = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "This can be waited for on Unix only");

  return g_deferred_fail (error);
}
#endif

/**
 * g_deferred_new_for_fd:
 * @fd: a file descriptor, which has to stay open meanwhile
 * @condition: what to wait for: %G_IO_IN, say
 *
 * Waits until a file descriptor can be read, or written, or whatever @condition says. It fires with what is so, a
 * [flags@GLib.IOCondition] of which there may be more than @condition asks for: %G_IO_ERR and %G_IO_HUP always count.
 *
 * If @fd is not open, or was closed meanwhile and the loop gets to know of it, it fails with %G_IO_ERROR_CLOSED. That is
 * no way to end the wait: nothing wakes the loop when @fd is closed, and soon another file may have the number. So cancel
 * the Deferred before closing @fd.
 *
 * ```c
 * #include <unistd.h>
 *
 * static gboolean
 * read_one (GDeferred *self, gpointer user_data, GError **error)
 * {
 *   char byte;
 *
 *   return g_deferred_return_boolean (self, read (STDIN_FILENO, &byte, 1) == 1);
 * }
 *
 * static GDeferred *
 * wait_for_a_key (void)
 * {
 *   return g_deferred_add_callback (g_deferred_new_for_fd (STDIN_FILENO, G_IO_IN), read_one, NULL, NULL);
 * }
 * ```
 *
 * It may be called from any thread. On other systems than Unix it fails with %G_IO_ERROR_NOT_SUPPORTED.
 *
 * Returns: (transfer full): a new Deferred
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_new_for_fd (int fd, GIOCondition condition)
{
#ifdef G_OS_UNIX
  GSource   *source;
  GDeferred *self;

  g_return_val_if_fail (fd >= 0, NULL);

  source = g_unix_fd_source_new (fd, condition);
  self = deferred_for (source);
  g_source_set_static_name (source, "GDeferred file descriptor");
  return start (self, source, G_SOURCE_FUNC (on_fd), g_object_ref (self), g_object_unref);
#else
  return not_supported ();
#endif
}

/**
 * g_deferred_new_for_unix_signal:
 * @signum: `SIGHUP`, `SIGINT`, `SIGTERM`, `SIGUSR1`, `SIGUSR2` or `SIGWINCH`
 *
 * Waits for a signal that is sent to the process. It fires with the number, from the loop of the home context. As long
 * as somebody waits for a signal, it does not do what it does by default; after that it does again.
 *
 * ```c
 * #include <signal.h>
 *
 * static gboolean
 * quit (GDeferred *self, gpointer loop, GError **error)
 * {
 *   g_main_loop_quit (loop);
 *   return TRUE;
 * }
 *
 * static void
 * quit_on_sigterm (GMainLoop *loop)
 * {
 *   g_autoptr (GDeferred) signal = g_deferred_new_for_unix_signal (SIGTERM);
 *
 *   g_deferred_add_callback (signal, quit, loop, NULL);
 * }
 * ```
 *
 * It may be called from any thread. On other systems than Unix it fails with %G_IO_ERROR_NOT_SUPPORTED.
 *
 * Returns: (transfer full): a new Deferred
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_new_for_unix_signal (int signum)
{
#ifdef G_OS_UNIX
  GSource    *source;
  SignalWait *wait;
  GDeferred  *self;

  g_return_val_if_fail (can_wait_for (signum), NULL);

  source = g_unix_signal_source_new (signum);
  self = deferred_for (source);
  wait = g_new (SignalWait, 1);
  wait->deferred = g_object_ref (self);
  wait->signum = signum;
  g_source_set_static_name (source, "GDeferred signal");
  return start (self, source, on_unix_signal, wait, signal_wait_free);
#else
  return not_supported ();
#endif
}
