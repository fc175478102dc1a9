/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "crawl.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define REDRAW_INTERVAL (G_USEC_PER_SEC / 10)

static gint64   drawn_at;
static gboolean is_drawn;

/* One line that is drawn anew on a terminal; elsewhere, in a log say, ten lines for the whole. */
void
show_progress (const Tally *tally)
{
  guint            n_done = tally->n_fetched + tally->n_failed;
  g_autofree char *size = g_format_size (tally->n_bytes);
  g_autofree char *line
      = g_strdup_printf ("%u of %u done, %u failed, %s", n_done, tally->n_pages, tally->n_failed, size);
  gint64 now = g_get_monotonic_time ();

  if (!isatty (STDERR_FILENO))
    {
      if (n_done * G_GUINT64_CONSTANT (10) / tally->n_pages
          != (n_done - 1) * G_GUINT64_CONSTANT (10) / tally->n_pages)
        fprintf (stderr, "%s\n", line);
    }
  else if (!is_drawn || now - drawn_at >= REDRAW_INTERVAL)
    {
      fprintf (stderr, "\r%s\033[K", line);
      drawn_at = now;
      is_drawn = TRUE;
    }
}

/* The table may go to the same terminal. */
static void
clear_progress (void)
{
  if (is_drawn)
    fputs ("\r\033[K", stderr);
  is_drawn = FALSE;
}

/* URLs, and messages that quote them, come from anywhere: nothing in them may break a line, or command a terminal. */
static void
append_escaped (GString *table, const char *text)
{
  while (*text != '\0')
    {
      gunichar    c = g_utf8_get_char_validated (text, -1);
      const char *end = g_unichar_validate (c) ? g_utf8_next_char (text) : text + 1;

      if (g_unichar_isprint (c) && c != '\\')
        g_string_append_len (table, text, end - text);
      else
        for (const char *byte = text; byte < end; byte++)
          g_string_append_printf (table, "\\x%02x", (guchar) *byte);
      text = end;
    }
}

static double
in_seconds (GTimeSpan time)
{
  return (double) time / G_USEC_PER_SEC;
}

static void
append_row (GString *table, const Page *page)
{
  g_string_append_printf (table, "%8u %10" G_GSIZE_FORMAT " %8.3f s  ", page->n_attempts, page->n_bytes,
                          in_seconds (page->took));
  append_escaped (table, page->url);
  g_string_append (table, ": ");
  if (page->status != 0)
    g_string_append_printf (table, "%u", page->status);
  else
    append_escaped (table, page->failure != NULL ? page->failure->message : "cancelled");
  g_string_append_c (table, '\n');
}

/* On the standard output. */
gboolean
print_table (Crawl *crawl, GError **error)
{
  g_autoptr (GString) table = g_string_new (NULL);
  const Tally *tally = &crawl->tally;

  g_string_append_printf (table, "%8s %10s %10s  %s\n", "attempts", "bytes", "time",
                          "URL: its status, or what went wrong");
  for (guint i = 0; i < crawl->pages->len; i++)
    append_row (table, g_ptr_array_index (crawl->pages, i));
  g_string_append_printf (table,
                          "%u URLs in %.3f s: %u fetched, %u failed, %u cancelled; %" G_GUINT64_FORMAT
                          " bytes\n",
                          tally->n_pages, in_seconds (g_get_monotonic_time () - crawl->began),
                          tally->n_fetched, tally->n_failed,
                          tally->n_pages - tally->n_fetched - tally->n_failed, tally->n_bytes);

  clear_progress ();
  if (fputs (table->str, stdout) != EOF && fflush (stdout) != EOF)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "write error: %s", g_strerror (errno));
  return FALSE;
}
