/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "deadlinks.h"

static double timeout = 10;
static double interval = 0;

/* A GDeferredMapFunc: one page, in time. */
static gboolean
check_in_time (GDeferred *self, gpointer page, gpointer user_data, GError **error)
{
  GDeferred *checked = check_page (page);

  g_deferred_add_timeout (checked, (GTimeSpan) (timeout * G_TIME_SPAN_SECOND), NULL);
  return g_deferred_return_deferred (self, checked);
}

/* The number of all dead links. A page that cannot be read counts as one. */
static gboolean
count_dead (GDeferred *self, gpointer data, GError **error)
{
  GDeferredResults *results = g_deferred_get_results (self);
  GPtrArray        *pages = data;
  int               n_dead = 0;

  for (guint i = 0; i < pages->len; i++)
    {
      Page         *page = g_ptr_array_index (pages, i);
      const GError *failure = g_deferred_results_get_error (results, i);

      g_clear_error (&page->failure);
      if (failure != NULL)
        page->failure = g_error_copy (failure);
      n_dead += failure != NULL ? 1 : g_deferred_results_get_int (results, i);
    }
  return g_deferred_return_int (self, n_dead);
}

static gboolean
check_pages (GDeferred *self, gpointer data, GError **error)
{
  GPtrArray *pages = data;
  GDeferred *all
      = g_deferred_map (pages->pdata, pages->len, 8, G_DEFERRED_MAP_SETTLE, check_in_time, NULL, NULL);

  g_deferred_add_callback (all, count_dead, pages, NULL);
  return g_deferred_return_deferred (self, all);
}

static gboolean
report (GDeferred *self, gpointer data, GError **error)
{
  GPtrArray *pages = data;

  for (guint i = 0; i < pages->len; i++)
    {
      Page *page = g_ptr_array_index (pages, i);

      if (page->failure != NULL)
        g_print ("%s: %s\n", page->name, page->failure->message);
      else
        for (guint j = 0; page->dead[j] != NULL; j++)
          g_print ("%s: %s is not there\n", page->name, page->dead[j]);
    }
  return g_deferred_return_int (self, g_deferred_get_int (self) > 0 ? 1 : 0);
}

static gboolean
run (GDeferred *program, gpointer pages, GError **error)
{
  GDeferred *checked;

  if (interval > 0)
    return g_deferred_return_deferred (program, watch (check_pages, pages,
                                                       (GTimeSpan) (interval * G_TIME_SPAN_SECOND)));

  checked = g_deferred_maybe (check_pages, pages);
  g_deferred_add_callback (checked, report, pages, NULL);
  return g_deferred_return_deferred (program, checked);
}

int
main (int argc, char **argv)
{
  GOptionEntry entries[] = {
    { "timeout", 't', 0, G_OPTION_ARG_DOUBLE, &timeout, "How long a page may take (default: 10)", "SECONDS" },
    { "watch", 'w', 0, G_OPTION_ARG_DOUBLE, &interval, "Check them again and again", "SECONDS" },
    { NULL },
  };
  g_autoptr (GOptionContext) options = g_option_context_new ("PAGE…");
  g_autoptr (GPtrArray) pages = g_ptr_array_new_with_free_func (page_free);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }

  for (int i = 1; i < argc; i++)
    g_ptr_array_add (pages, page_new (argv[i]));
  return g_deferred_react (run, pages);
}
