/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/wait.h>

#include "jobs-private.h"

#ifdef G_OS_UNIX
#include <glib-unix.h>
#endif

/* It, or the last one of those that it waits for, runs a callback that is on the stack now, and so cannot go on
 * before we return. */
static gboolean
would_wait_for_us (GDeferred *deferred)
{
  for (; deferred != NULL && g_deferred_is_home (deferred); deferred = g_deferred_get_waiting_on (deferred))
    if (g_deferred_get_state (deferred) == G_DEFERRED_STATE_RUNNING)
      return TRUE;
  return FALSE;
}

static gboolean
ignore_error (GDeferred *deferred, gpointer user_data, GError **error)
{
  return g_deferred_return_none (deferred);
}

/* Iterates the home of @self until @outcome, a fork of it, has fired. */
static gboolean
iterate (GDeferred *self, GDeferred *outcome, GError **error)
{
  GMainContext *context = g_main_context_ref (g_deferred_get_context (self));
  gboolean      is_owner = g_main_context_acquire (context);
  gboolean      ok = TRUE;
  GdBlocked     blocked;

  gd_blocked_enter (&blocked, context);
  while (g_deferred_get_pending (outcome) && (ok = gd_blocked_check (&blocked, self, error)))
    g_main_context_iteration (context, TRUE);
  gd_blocked_leave (&blocked);

  if (is_owner)
    g_main_context_release (context);
  g_main_context_unref (context);
  return ok;
}

/**
 * g_deferred_wait:
 * @self: a Deferred
 * @error: return location for the error that @self failed with, or one of those named below
 *
 * Iterates the home context of @self until @self has a result, after the callbacks that it has now. The result stays
 * in @self, where [method@Deferred.get_result] shows it; an error counts as handled.
 *
 * It is for scripts, tests and the `main()` of small programs, and for a thread that has a context of its own. In a
 * program that is driven by events, add a callback instead: everything else that happens in the context happens
 * inside this call, and waits that are nested end in the reverse order only.
 *
 * It must be called in the home context of @self; from elsewhere it is a critical warning, and %FALSE without an
 * error. For waiting in another thread see [func@Deferred.blocking_call].
 *
 * It fails at once with %G_DEFERRED_ERROR_LOOP where waiting could never end: inside a callback of @self, or of a
 * Deferred that @self waits for. In a job of a thread pool it fails with %G_DEFERRED_ERROR_STALLED if no thread of
 * the pool is left to run what @self waits for. @self stays as it is then, and can still fire later; an error that it
 * fails with later counts as handled. If @self is paused, it iterates until somebody unpauses it.
 *
 * ```c
 * static void
 * print_number (GDeferred *number)
 * {
 *   g_autoptr (GError) error = NULL;
 *
 *   if (g_deferred_wait (number, &error))
 *     g_print ("%d\n", g_deferred_get_int (number));
 *   else
 *     g_printerr ("%s\n", error->message);
 * }
 * ```
 *
 * Returns: %TRUE if @self succeeded, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
g_deferred_wait (GDeferred *self, GError **error)
{
  g_autoptr (GDeferred) outcome = NULL;
  const GError *failure;
  gboolean      ok;

  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!g_deferred_is_home (self))
    {
      g_critical ("%s: called from a thread that is not the Deferred's home", G_STRFUNC);
      return FALSE;
    }
  if (would_wait_for_us (self))
    {
      g_set_error (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_LOOP,
                   "A callback would wait for the Deferred that it is called by, or that waits for it");
      return FALSE;
    }

  g_object_ref (self);
  outcome = g_deferred_fork (self);
  ok = iterate (self, outcome, error);
  g_object_unref (self);

  failure = ok ? g_deferred_get_error (outcome) : NULL;
  if (failure != NULL)
    {
      g_propagate_error (error, g_error_copy (failure));
      ok = FALSE;
    }
  g_deferred_add_errback (outcome, ignore_error, NULL, NULL);
  return ok;
}

/* --- the main function of a program ------------------------------------------------------------------------------ */

typedef struct
{
  GDeferred *deferred; /* NULL while main is called */
  int        signal;   /* that came, or 0 */
} React;

#ifdef G_OS_UNIX
typedef struct
{
  React   *react;
  int      signal;
  GSource *source; /* owned */
} Watch;

/* GLib lets go of the signal with the last reference on its source. */
static void
watch_stop (Watch *self)
{
  if (self->source == NULL)
    return;

  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
}

/* Without our source the signal does again what it does by default: the second one ends the program. */
static gboolean
on_signal (gpointer user_data)
{
  Watch *self = user_data;

  self->react->signal = self->signal;
  if (self->react->deferred != NULL)
    g_deferred_cancel (self->react->deferred);
  watch_stop (self);
  return G_SOURCE_REMOVE;
}

static void
watch_start (Watch *self, React *react, int signal)
{
  self->react = react;
  self->signal = signal;
  self->source = g_unix_signal_source_new (signal);
  g_source_set_callback (self->source, on_signal, self, NULL);
  g_source_attach (self->source, g_main_context_get_thread_default ());
}
#endif

static gboolean
get_status (GDeferred *deferred, int *status)
{
  const GValue *result = g_deferred_get_result (deferred);
  GValue        as_int = G_VALUE_INIT;

  switch (result != NULL ? G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (result)) : G_TYPE_NONE)
    {
    case G_TYPE_INT:
    case G_TYPE_UINT:
    case G_TYPE_LONG:
    case G_TYPE_ULONG:
    case G_TYPE_INT64:
    case G_TYPE_UINT64:
      g_value_init (&as_int, G_TYPE_INT);
      g_value_transform (result, &as_int);
      *status = g_value_get_int (&as_int);
      return TRUE;
    default:
      return FALSE;
    }
}

static void
complain (const GError *error)
{
  if (g_get_prgname () != NULL)
    g_printerr ("%s: %s\n", g_get_prgname (), error->message);
  else
    g_printerr ("%s\n", error->message);
}

static int
finish (React *self)
{
  g_autoptr (GError) error = NULL;
  int status;

  if (!g_deferred_wait (self->deferred, &error))
    {
      if (error == NULL) /* the program handed it over: the wait has complained */
        return 1;
      if (self->signal == 0 || !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        complain (error);
      return self->signal != 0 ? 128 + self->signal : 1;
    }

  if (get_status (self->deferred, &status))
    return status;
  return self->signal != 0 ? 128 + self->signal : 0;
}

/**
 * g_deferred_react:
 * @main: (scope call) (closure user_data): the program
 * @user_data: for @main
 *
 * Runs a program that works with Deferreds: calls @main, iterates the thread-default main context until the Deferred
 * that @main returned has a result, and makes an exit status of that.
 *
 * @main is called as by [func@Deferred.maybe]: it returns a Deferred with [method@Deferred.return_deferred], or a
 * result at once.
 *
 * | what comes out | exit status |
 * |---|---|
 * | an integer | that |
 * | any other value (a boolean, too), or nothing | 0 |
 * | an error | 1, and the program's name and the error's message on the standard error output |
 *
 * `SIGINT` (Ctrl-C) and `SIGTERM` cancel the program's Deferred. The status is 128 and the signal's number then,
 * unless the program makes an integer of it; that it was cancelled is not reported as an error. A second signal of the
 * same kind ends the program at once; the other kind cancels once more.
 *
 * To be called in the thread that owns the thread-default main context, or may take it; from elsewhere it is a critical
 * warning, and 1, and @main is not called.
 *
 * ```c
 * static gboolean
 * work (GDeferred *self, gpointer user_data, GError **error)
 * {
 *   return g_deferred_return_int (self, 0);
 * }
 *
 * static gboolean
 * run (GDeferred *self, gpointer user_data, GError **error)
 * {
 *   return g_deferred_return_deferred (self, g_deferred_run_in_thread (work, NULL, NULL));
 * }
 *
 * int
 * main (int argc, char **argv)
 * {
 *   return g_deferred_react (run, NULL);
 * }
 * ```
 *
 * Returns: the exit status, to return from `main()`
 *
 * Since: 1.0
 */
int
g_deferred_react (GDeferredCallback main, gpointer user_data)
{
  React self = { NULL, 0 };
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  int status;
#ifdef G_OS_UNIX
  Watch on_int;
  Watch on_term;
#endif

  g_return_val_if_fail (main != NULL, 1);

  if (!g_main_context_acquire (context))
    {
      g_critical ("%s: called from a thread whose default main context belongs to another one; push one of "
                  "its own first",
                  G_STRFUNC);
      return 1;
    }

#ifdef G_OS_UNIX
  watch_start (&on_int, &self, SIGINT);
  watch_start (&on_term, &self, SIGTERM);
#endif

  self.deferred = g_deferred_maybe (main, user_data);
  if (self.signal != 0)
    g_deferred_cancel (self.deferred);
  status = finish (&self);

#ifdef G_OS_UNIX
  watch_stop (&on_int);
  watch_stop (&on_term);
#endif
  g_object_unref (self.deferred);
  g_main_context_release (context);
  return status;
}
