/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Searches for words as somebody types, over a server that is slow and now and then busy:
 *
 *   a debounce, so that nothing is asked before there is a pause, and outdated questions are dropped,
 *   a cache behind it, so that nothing is asked twice,
 *   and in that retries, with a time-out for each attempt.
 *
 * The server is played, and so is the typing: each letter of the argument is a key, "<" deletes one, and "." is a
 * pause. It takes no time, but with --real, which is for looking on. */

#include <gdeferred/gdeferred.h>

#include <string.h>

#define MILLISECOND G_TIME_SPAN_MILLISECOND
#define KEY         (80 * MILLISECOND)
#define PAUSE       (200 * MILLISECOND)

static const char *const words[] = {
  "abandon", "callback", "cancel", "chain",    "context", "default", "defer",   "deferred", "define", "delay",
  "errback", "error",    "fire",   "generate", "loop",    "pause",   "produce", "result",   "thread", "wait",
};

typedef struct
{
  GDeferredClock    *clock;
  GDeferredDebounce *typing;
  GDeferredCache    *answers;
  GDeferredRetry    *retry;

  gint64     began_at;
  GString   *text;  /* what was typed so far */
  GDeferred *found; /* the newest search; owned; nullable */
  guint      n_requests;
} Search;

G_GNUC_PRINTF (2, 3)
static void
say (Search *self, const char *format, ...)
{
  gint64           elapsed = g_deferred_clock_get_time (self->clock) - self->began_at;
  g_autofree char *message = NULL;
  va_list          args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_print ("%5d ms  %s\n", (int) (elapsed / (10 * MILLISECOND)) * 10, message);
}

/* --- the server -------------------------------------------------------------------------------------------------- */

/* What is asked, of whom. */
typedef struct
{
  Search *search;
  char   *text;
} Query;

static Query *
query_new (Search *search, const char *text)
{
  Query *query = g_new (Query, 1);

  query->search = search;
  query->text = g_strdup (text);
  return query;
}

static void
query_free (gpointer user_data)
{
  Query *query = user_data;

  g_free (query->text);
  g_free (query);
}

static gboolean
find_words (GDeferred *self, gpointer user_data, GError **error)
{
  Query   *query = user_data;
  GString *list = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_has_prefix (words[i], query->text))
      g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", words[i]);
  return g_deferred_return_take_string (self, g_string_free (list, FALSE));
}

/* Every third request is refused, every fourth is forgotten; the others take their time. */
static gboolean
ask_server (GDeferred *self, gpointer user_data, GError **error)
{
  Query     *query = user_data;
  guint      n = ++query->search->n_requests;
  GDeferred *answer;

  say (query->search, "    request %u: \"%s\"", n, query->text);
  if (n % 3 == 0)
    return g_deferred_return_new_error (self, G_IO_ERROR, G_IO_ERROR_BUSY, "The server is busy");

  answer = g_deferred_call_later (n % 4 == 0 ? G_TIME_SPAN_HOUR : 120 * MILLISECOND, query->search->clock,
                                  find_words, query_new (query->search, query->text), query_free);
  g_deferred_add_timeout (answer, 300 * MILLISECOND, query->search->clock);
  return g_deferred_return_deferred (self, answer);
}

/* --- asking ------------------------------------------------------------------------------------------------------ */

static gboolean
tell_why_again (GDeferred *self, gpointer user_data, GError **error)
{
  const GError *failure = g_deferred_get_error (self);

  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    say (user_data, "    outdated");
  else
    say (user_data, "    %s", failure->message);
  return TRUE;
}

/* One attempt: it only adds to what the server does that one sees of it. */
static gboolean
attempt (GDeferred *self, gpointer user_data, GError **error)
{
  Query *query = user_data;

  g_deferred_add_errback (self, tell_why_again, query->search, NULL);
  return ask_server (self, query, error);
}

/* For the cache: the matches for a text, as a string. */
static gboolean
get_answer (GDeferred *self, const char *text, gpointer search, GError **error)
{
  Query *query = query_new (search, text);

  return g_deferred_return_deferred (self,
                                     g_deferred_retry_run (query->search->retry, attempt, query, query_free));
}

/* For the debounce. */
static gboolean
search_now (GDeferred *self, gpointer user_data, GError **error)
{
  Query *query = user_data;

  say (query->search, "  searching for \"%s\"", query->text);
  return g_deferred_return_deferred (self, g_deferred_cache_get (query->search->answers, query->text));
}

static gboolean
show (GDeferred *self, gpointer search, GError **error)
{
  const char *list = g_deferred_get_string (self);

  say (search, "  %s", list[0] != 0 ? list : "nothing found");
  return TRUE;
}

/* One that was cancelled has nothing to show; the next is on its way. */
static gboolean
show_error (GDeferred *self, gpointer search, GError **error)
{
  if (!g_error_matches (g_deferred_get_error (self), G_IO_ERROR, G_IO_ERROR_CANCELLED))
    say (search, "  Sorry: %s", g_deferred_get_error (self)->message);
  return g_deferred_return_none (self);
}

static void
on_text_changed (Search *self)
{
  say (self, "%s", self->text->str);
  g_clear_object (&self->found);
  if (self->text->len == 0)
    {
      g_deferred_debounce_cancel (self->typing);
      return;
    }

  self->found
      = g_deferred_debounce_run (self->typing, search_now, query_new (self, self->text->str), query_free);
  g_deferred_add_callbacks (self->found, show, self, NULL, show_error, self, NULL);
}

/* --- typing ------------------------------------------------------------------------------------------------------ */

typedef struct
{
  Search *search;
  char    key;
} Press;

static void
press (gpointer user_data)
{
  Press   *pressed = user_data;
  GString *text = pressed->search->text;

  if (pressed->key != '<')
    g_string_append_c (text, pressed->key);
  else if (text->len > 0)
    g_string_truncate (text, text->len - 1);
  on_text_changed (pressed->search);
}

/* Gives the time that it will take. */
static GTimeSpan
type (Search *self, const char *keys)
{
  GTimeSpan when = 0;

  for (; *keys != 0; keys++)
    {
      Press *pressed;

      when += *keys == '.' ? PAUSE : KEY;
      if (*keys == '.')
        continue;

      pressed = g_new (Press, 1);
      *pressed = (Press){ self, *keys };
      g_deferred_delayed_call_unref (g_deferred_clock_call_later (self->clock, when, press, pressed, g_free));
    }
  return when;
}

static void
look_on (Search *self, GTimeSpan takes)
{
  g_autoptr (GDeferred) typed = g_deferred_delay (takes, self->clock);

  g_deferred_wait (typed, NULL);
  if (self->found != NULL)
    g_deferred_wait (self->found, NULL);
}

static void
play (const char *keys, gboolean really)
{
  Search    self = { .text = g_string_new (NULL) };
  GTimeSpan takes;

  self.clock = really ? g_deferred_clock_get_current () : g_deferred_clock_new_virtual ();
  g_deferred_clock_push (self.clock);
  self.typing = g_deferred_debounce_new (150 * MILLISECOND);
  self.answers = g_deferred_cache_new (get_answer, &self, NULL);
  self.retry = g_deferred_retry_new ();
  g_deferred_retry_set_delays (self.retry, 50 * MILLISECOND, G_TIME_SPAN_SECOND, 2.0, 0.0);

  self.began_at = g_deferred_clock_get_time (self.clock);
  takes = type (&self, keys);
  if (really)
    look_on (&self, takes);
  else
    g_deferred_clock_advance (self.clock, takes + G_TIME_SPAN_MINUTE);

  g_clear_object (&self.found);
  g_object_unref (self.typing);
  g_object_unref (self.answers);
  g_object_unref (self.retry);
  g_deferred_clock_pop (self.clock);
  g_object_unref (self.clock);
  g_string_free (self.text, TRUE);
}

int
main (int argc, char **argv)
{
  gboolean really = argc > 1 && strcmp (argv[1], "--real") == 0;

  if (argc != (really ? 3 : 2))
    {
      g_printerr ("Usage: search [--real] KEYS\n"
                  "Each letter is a key, \"<\" deletes one, and \".\" is a pause.\n");
      return 2;
    }

  play (argv[argc - 1], really);
  return 0;
}
