/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "checksum-output.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#define BAR_WIDTH    20
#define BAR_INTERVAL (G_USEC_PER_SEC / 10)

static gint64   bar_drawn_at;
static gboolean bar_is_shown;

/* As sha256sum does, so that a name never breaks a line. */
char *
escape_name (const char *name)
{
  GString *escaped = g_string_new (NULL);

  for (; *name != '\0'; name++)
    switch (*name)
      {
      case '\\':
        g_string_append (escaped, "\\\\");
        break;
      case '\n':
        g_string_append (escaped, "\\n");
        break;
      case '\r':
        g_string_append (escaped, "\\r");
        break;
      default:
        g_string_append_c (escaped, *name);
      }
  return g_string_free (escaped, FALSE);
}

static gboolean
on_room (int fd, GIOCondition condition, gpointer deferred)
{
  g_deferred_callback (deferred, NULL, NULL);
  return G_SOURCE_REMOVE;
}

static void
stop_watching (GDeferred *self, gpointer source)
{
  g_source_destroy (source);
}

/* Gives a Deferred that fires when @fd takes a few thousand bytes: whoever reads from there may be slow, and
 * the loop must not stand still for it. */
GDeferred *
wait_for_room (int fd)
{
  struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };
  GDeferred    *self;
  GSource      *source;

  if (poll (&poll_fd, 1, 0) == 1)
    return g_deferred_succeed (NULL);

  source = g_unix_fd_source_new (fd, G_IO_OUT | G_IO_ERR | G_IO_HUP);
  self = g_deferred_new_with_canceller (stop_watching, source, (GDestroyNotify) g_source_unref);
  g_source_set_callback (source, G_SOURCE_FUNC (on_room), g_object_ref (self), g_object_unref);
  g_source_attach (source, g_deferred_get_context (self));
  return self;
}

gboolean
write_text (int fd, const char *text, GError **error)
{
  gsize left = strlen (text);

  while (left > 0)
    {
      gssize n = write (fd, text, left);

      if (n < 0 && errno != EINTR)
        {
          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "write error: %s",
                       g_strerror (errno));
          return FALSE;
        }
      text += MAX (n, 0);
      left -= MAX (n, 0);
    }
  return TRUE;
}

static void
bar_draw (GDeferred *work)
{
  gint64 now = g_get_monotonic_time ();
  int    n = (int) (g_deferred_get_progress (work) * BAR_WIDTH);

  if (bar_is_shown && now - bar_drawn_at < BAR_INTERVAL)
    return;

  fprintf (stderr, "\r[%.*s%.*s] %s\033[K", n, "####################", BAR_WIDTH - n, "....................",
           g_deferred_get_progress_text (work));
  bar_drawn_at = now;
  bar_is_shown = TRUE;
}

/* Shows how far @work got, if there is a terminal to show it on. */
void
bar_follow (GDeferred *work)
{
  if (isatty (STDERR_FILENO))
    g_signal_connect (work, "notify::progress-text", G_CALLBACK (bar_draw), NULL);
}

/* Anything else that is written may go to the same terminal. */
void
bar_clear (void)
{
  if (bar_is_shown)
    fputs ("\r\033[K", stderr);
  bar_is_shown = FALSE;
}
