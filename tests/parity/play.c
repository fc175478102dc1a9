/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Usage: play CASES: plays what the file says, and prints what came of it. cases.txt explains the words;
 * play.py and play.js do the same in their languages. */

#include <stdio.h>
#include <string.h>

#include "play-private.h"

static void
print_trace (void)
{
  g_mutex_lock (&play_lock);
  puts (play_trace->str);
  g_string_truncate (play_trace, 0);
  g_mutex_unlock (&play_lock);
}

static void
play_line (char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);

  if (strcmp (words[0], "expect") == 0)
    print_trace ();
  else if (g_str_has_suffix (words[0], ":"))
    {
      words[0][strlen (words[0]) - 1] = 0;
      play_put (play_plans, words[0], g_strsplit (strchr (line, ' ') + 1, "; ", -1));
    }
  else
    play_step (words);
}

/* What is ready; without end it is a fault that shows in the trace. */
void
play_loop (void)
{
  for (int i = 0; i < 1000 && g_main_context_iteration (NULL, FALSE); i++)
    ;
}

/* What is left when a case has ended belongs to none. */
static void
end_case (void)
{
  if (play_trace->len > 0)
    print_trace ();
  g_hash_table_remove_all (play_deferreds);
  g_hash_table_remove_all (play_things);
  play_loop ();
  g_hash_table_remove_all (play_gates);
  g_hash_table_remove_all (play_plans);
  g_string_truncate (play_trace, 0);
  play_tracks = FALSE;
}

static void
play_file (char **lines)
{
  for (int i = 0; lines[i] != NULL; i++)
    {
      char *line = g_strstrip (lines[i]);

      if (g_str_has_prefix (line, "case "))
        {
          end_case ();
          puts (line);
        }
      else if (*line != 0 && *line != '#' && !g_str_has_prefix (line, "only "))
        play_line (line);
    }
  end_case ();
}

static void
on_unhandled (GDeferred *d, gpointer data)
{
  g_autofree char *word = play_error_word (g_deferred_get_error (d));

  play_say ("unhandled(%s)", word);
}

/* What is a programmer error in C is an exception in other languages. */
static GLogWriterOutput
on_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  if (!(level & G_LOG_LEVEL_CRITICAL))
    return g_log_writer_default (level, fields, n_fields, data);

  play_say ("refused");
  return G_LOG_WRITER_HANDLED;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (argc != 2 || !g_file_get_contents (argv[1], &text, NULL, &error))
    {
      g_printerr ("%s\n", error != NULL ? error->message : "Usage: play CASES");
      return 2;
    }

  setvbuf (stdout, NULL, _IOLBF, 0); /* a crash takes no line along */
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  g_log_set_writer_func (on_log, NULL, NULL);
  g_deferred_set_unhandled_hook (on_unhandled, NULL, NULL);
  play_world_init ();
  lines = g_strsplit (text, "\n", -1);
  play_file (lines);
  return 0;
}
