/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "deadlinks.h"

/* How many links of a page are looked at at a time. */
#define LIMIT 4

/* --- what GIO does, as Deferreds -------------------------------------------------------------------------- */

static GDeferred *
look_at (GFile *file)
{
  GDeferred *info = g_deferred_new_for_finish (G_TYPE_FILE_INFO, G_CALLBACK (g_file_query_info_finish));

  g_file_query_info_async (file, G_FILE_ATTRIBUTE_STANDARD_TYPE, G_FILE_QUERY_INFO_NONE, G_PRIORITY_DEFAULT,
                           G_DEFERRED_ASYNC (info));
  return info;
}

static gboolean
finish_load (GDeferred *self, gpointer file, GAsyncResult *result, gpointer user_data, GError **error)
{
  char *text = NULL;

  return g_file_load_contents_finish (file, result, &text, NULL, NULL, error)
         && g_deferred_return_take_string (self, text);
}

static GDeferred *
load (GFile *file)
{
  GDeferred *text = g_deferred_new_for_finish_func (finish_load, NULL, NULL);

  g_file_load_contents_async (file, G_DEFERRED_ASYNC (text));
  return text;
}

/* --- one page --------------------------------------------------------------------------------------------- */

Page *
page_new (const char *argument)
{
  Page *page = g_new0 (Page, 1);

  page->file = g_file_new_for_commandline_arg (argument);
  page->name = g_strdup (argument);
  return page;
}

void
page_free (gpointer data)
{
  Page *page = data;

  g_object_unref (page->file);
  g_free (page->name);
  g_strfreev (page->links);
  g_strfreev (page->dead);
  g_clear_error (&page->failure);
  g_free (page);
}

char **
find_links (const char *text)
{
  g_autoptr (GRegex) link = g_regex_new ("\\]\\(([^)#\\s]+)", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autoptr (GStrvBuilder) links = g_strv_builder_new ();

  for (g_regex_match (link, text, 0, &match); g_match_info_matches (match); g_match_info_next (match, NULL))
    {
      g_autofree char *target = g_match_info_fetch (match, 1);

      if (g_uri_peek_scheme (target) == NULL)
        g_strv_builder_add (links, target);
    }
  return g_strv_builder_end (links);
}

static gboolean
is_alive (GDeferred *self, gpointer user_data, GError **error)
{
  return g_deferred_return_boolean (self, TRUE);
}

static gboolean
is_dead (GDeferred *self, gpointer user_data, GError **error)
{
  return g_deferred_return_boolean (self, FALSE);
}

/* A GDeferredMapFunc. That there is no such file is what we want to know, and no failure. */
static gboolean
check_link (GDeferred *self, gpointer target, gpointer data, GError **error)
{
  Page *page = data;
  g_autoptr (GFile) folder = g_file_get_parent (page->file);
  g_autoptr (GFile) file = g_file_resolve_relative_path (folder, target);
  GDeferred *info = look_at (file);

  g_deferred_add_callback (info, is_alive, NULL, NULL);
  g_deferred_add_errback_for (info, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, is_dead, NULL, NULL);
  return g_deferred_return_deferred (self, info);
}

static gboolean
check_links (GDeferred *text, gpointer data, GError **error)
{
  Page *page = data;

  g_clear_pointer (&page->links, g_strfreev);
  page->links = find_links (g_deferred_get_string (text));
  return g_deferred_return_deferred (text,
                                     g_deferred_map ((gpointer *) page->links, g_strv_length (page->links),
                                                     LIMIT, G_DEFERRED_MAP_CANCEL_REST, check_link, page,
                                                     NULL));
}

static gboolean
note_dead (GDeferred *self, gpointer data, GError **error)
{
  GDeferredResults *alive = g_deferred_get_results (self);
  Page             *page = data;
  g_autoptr (GStrvBuilder) dead = g_strv_builder_new ();

  for (gsize i = 0; i < g_deferred_results_get_length (alive); i++)
    if (!g_value_get_boolean (g_deferred_results_get_value (alive, i)))
      g_strv_builder_add (dead, page->links[i]);

  g_strfreev (page->dead);
  page->dead = g_strv_builder_end (dead);
  return g_deferred_return_int (self, (int) g_strv_length (page->dead));
}

GDeferred *
check_page (Page *page)
{
  GDeferred *checked = load (page->file);

  g_deferred_add_callback (checked, check_links, page, NULL);
  g_deferred_add_callback (checked, note_dead, page, NULL);
  return checked;
}

/* --- again and again -------------------------------------------------------------------------------------- */

typedef struct
{
  GDeferredCallback check;
  gpointer          data;
  int               last; /* what came of it the last time */
} Watch;

static gboolean
tell_change (GDeferred *self, gpointer data, GError **error)
{
  Watch *watch = data;
  int    now = g_deferred_get_int (self);

  if (now != watch->last)
    g_print ("%d dead links\n", now);
  watch->last = now;
  return TRUE;
}

/* One that fails is told of, and the next one comes as if nothing had happened; but a cancel ends it all. */
static gboolean
tell_error (GDeferred *self, gpointer data, GError **error)
{
  const GError *failure = g_deferred_get_error (self);

  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return TRUE;

  g_print ("%s\n", failure->message);
  return g_deferred_return_none (self);
}

static gboolean
check_once (GDeferred *self, gpointer data, GError **error)
{
  Watch     *watch = data;
  GDeferred *checked = g_deferred_maybe (watch->check, watch->data);

  g_deferred_add_callbacks (checked, tell_change, watch, NULL, tell_error, NULL, NULL);
  return g_deferred_return_deferred (self, checked);
}

GDeferred *
watch (GDeferredCallback check, gpointer data, GTimeSpan interval)
{
  Watch *watch = g_new (Watch, 1);
  g_autoptr (GDeferredLoopingCall) call = g_deferred_looping_call_new (check_once, watch, g_free);

  *watch = (Watch){ check, data, -1 };
  return g_deferred_looping_call_start (call, interval, TRUE);
}
