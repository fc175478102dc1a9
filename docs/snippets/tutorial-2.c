/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

static gboolean
finish_load (GDeferred *self, gpointer file, GAsyncResult *result, gpointer user_data, GError **error)
{
  char *text = NULL;

  return g_file_load_contents_finish (file, result, &text, NULL, NULL, error)
         && g_deferred_return_take_string (self, text);
}

/* Gives a Deferred for the text of a file. */
static GDeferred *
load (GFile *file)
{
  GDeferred *text = g_deferred_new_for_finish_func (finish_load, NULL, NULL);

  g_file_load_contents_async (file, G_DEFERRED_ASYNC (text));
  return text;
}

/* Gives what the links of a page lead to, but for other servers. */
static char **
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
take_links (GDeferred *page, gpointer user_data, GError **error)
{
  return g_deferred_return_take_boxed (page, G_TYPE_STRV, find_links (g_deferred_get_string (page)));
}

static gboolean
print_links (GDeferred *page, gpointer user_data, GError **error)
{
  char **links = g_deferred_get_boxed (page, G_TYPE_STRV);

  for (guint i = 0; links[i] != NULL; i++)
    g_print ("%s\n", links[i]);
  return g_deferred_return_none (page);
}

static gboolean
run (GDeferred *program, gpointer name, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (name);
  GDeferred *page = load (file);

  g_deferred_add_callback (page, take_links, NULL, NULL);
  g_deferred_add_callback (page, print_links, NULL, NULL);
  return g_deferred_return_deferred (program, page);
}

int
main (int argc, char **argv)
{
  return g_deferred_react (run, argv[1]);
}
