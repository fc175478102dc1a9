/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* The steps of a case, and what the functions in it do. */

#include <stdlib.h>
#include <string.h>

#include "play-private.h"

gboolean play_tracks;

/* --- functions, as their plans say ---------------------------------------------------------------------- */

static gboolean
end (GDeferred *self, char **words, GError **error)
{
  g_auto (GValue) value = G_VALUE_INIT;

  if (strcmp (words[0], "raise") == 0)
    {
      *error = play_make_error (words[1]);
      return FALSE;
    }
  play_make_value (words[1], &value);
  return g_deferred_return_value (self, &value);
}

/* A plan's last step may say what it returns or raises; if it does not, what it saw is passed on. */
static gboolean
play_plan (GDeferred *self, const char *name, const char *saw, GError **error)
{
  GStrv steps = play_find (play_plans, name);

  play_say ("%s(%s)", name, saw);
  for (int i = 0; steps != NULL && steps[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit (steps[i], " ", -1);

      if (strcmp (words[0], "return") == 0 || strcmp (words[0], "raise") == 0)
        return end (self, words, error);
      play_step (words);
    }
  return TRUE;
}

static gboolean
run_link (GDeferred *self, gpointer name, GError **error)
{
  g_autofree char *saw = play_outcome_word (self);

  return play_plan (self, name, saw, error);
}

static gboolean
run_job (GDeferred *self, gpointer name, GError **error)
{
  return play_plan (self, name, "", error);
}

static void
run_plain (GDeferred *self, gpointer name)
{
  play_plan (self, name, "", NULL);
}

static void
gone (gpointer name)
{
  if (play_tracks)
    play_say ("~%s", (char *) name);
}

static gpointer
plan (const char *name)
{
  return (gpointer) g_intern_string (name);
}

static GDeferredCallback
half (const char *name)
{
  return strcmp (name, "none") == 0 ? NULL : run_link;
}

static void
say_refused (GError *error)
{
  g_autofree char *word = error != NULL ? play_error_word (error) : NULL;

  if (g_error_matches (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_INVALID_RESULT))
    play_say ("refused");
  else if (word != NULL)
    play_say ("refused:%s", word);
  g_clear_error (&error);
}

/* --- the steps ------------------------------------------------------------------------------------------ */

static void
step_new (char **words)
{
  play_put (play_deferreds, words[1],
            words[2] != NULL ? g_deferred_new_with_canceller (run_plain, plan (words[2]), NULL)
                             : g_deferred_new ());
}

static void
step_succeed (char **words)
{
  g_auto (GValue) value = G_VALUE_INIT;

  play_make_value (words[2], &value);
  play_put (play_deferreds, words[1], g_deferred_succeed (&value));
}

static void
step_fail (char **words)
{
  g_autoptr (GError) error = play_make_error (words[2]);

  play_put (play_deferreds, words[1], g_deferred_fail (error));
}

static void
step_maybe (char **words)
{
  play_put (play_deferreds, words[1], g_deferred_maybe (run_job, plan (words[2])));
}

static void
step_callback (char **words)
{
  g_auto (GValue) value = G_VALUE_INIT;
  GError *error = NULL;

  play_make_value (words[2], &value);
  g_deferred_callback (play_deferred (words[1]), &value, &error);
  say_refused (error);
}

static void
step_errback (char **words)
{
  g_autoptr (GError) failure = play_make_error (words[2]);
  GError *error = NULL;

  g_deferred_errback (play_deferred (words[1]), failure, &error);
  say_refused (error);
}

static void
step_add_callback (char **words)
{
  g_deferred_add_callback (play_deferred (words[1]), run_link, plan (words[2]), gone);
}

static void
step_add_errback (char **words)
{
  g_deferred_add_errback (play_deferred (words[1]), run_link, plan (words[2]), gone);
}

static void
step_add_both (char **words)
{
  g_deferred_add_both (play_deferred (words[1]), run_link, plan (words[2]), gone);
}

static void
step_add_callbacks (char **words)
{
  g_deferred_add_callbacks (play_deferred (words[1]), half (words[2]), plan (words[2]), gone, half (words[3]),
                            plan (words[3]), gone);
}

static void
step_add_errback_for (char **words)
{
  g_deferred_add_errback_for (play_deferred (words[1]), G_IO_ERROR, play_error_code (words[2]), run_link,
                              plan (words[3]), gone);
}

static void
step_chain_deferred (char **words)
{
  g_deferred_chain_deferred (play_deferred (words[1]), play_deferred (words[2]));
}

static void
step_fork (char **words)
{
  play_put (play_deferreds, words[2], g_deferred_fork (play_deferred (words[1])));
}

static void
step_pause (char **words)
{
  g_deferred_pause (play_deferred (words[1]));
}

static void
step_unpause (char **words)
{
  g_deferred_unpause (play_deferred (words[1]));
}

static void
step_cancel (char **words)
{
  g_deferred_cancel (play_deferred (words[1]));
}

static void
step_link_cancellable (char **words)
{
  g_deferred_link_cancellable (play_deferred (words[1]), play_thing (words[2], G_TYPE_CANCELLABLE));
}

static void
step_trip (char **words)
{
  g_cancellable_cancel (play_thing (words[1], G_TYPE_CANCELLABLE));
}

static void
step_bind_owner (char **words)
{
  g_deferred_bind_owner (play_deferred (words[1]), play_thing (words[2], G_TYPE_OBJECT));
}

static void
step_dispose (char **words)
{
  g_object_run_dispose (play_thing (words[1], G_TYPE_OBJECT));
}

static void
step_set_name (char **words)
{
  g_deferred_set_name (play_deferred (words[1]), words[2]);
}

static void
step_set_progress (char **words)
{
  g_deferred_set_progress (play_deferred (words[1]), g_ascii_strtod (words[2], NULL), words[3]);
}

static void
step_look (char **words)
{
  GDeferred       *d = play_deferred (words[1]);
  GDeferredState   state = g_deferred_get_state (d);
  g_autofree char *nick = play_nick (G_TYPE_DEFERRED_STATE, (int) state);
  g_autofree char *outcome = play_outcome_word (d);
  gboolean         has_one = state != G_DEFERRED_STATE_PENDING && state != G_DEFERRED_STATE_WAITING;

  play_say ("%s:%s%s%s%s", words[1], nick, g_deferred_get_paused (d) ? "+paused" : "", has_one ? "=" : "",
            has_one ? outcome : "");
}

static void
step_get (char **words)
{
  g_auto (GValue) value = G_VALUE_INIT;
  g_autofree char *word = NULL;

  g_object_get_property (G_OBJECT (play_deferred (words[1])), words[2], &value);
  word = play_value_word (&value);
  play_say ("%s.%s=%s", words[1], words[2], word);
}

static void
step_is_cancelled (char **words)
{
  play_say ("%s.is_cancelled=%s", words[1],
            g_deferred_is_cancelled (play_deferred (words[1])) ? "true" : "false");
}

static void
step_waiting_on (char **words)
{
  GDeferred *inner = g_deferred_get_waiting_on (play_deferred (words[1]));

  play_say ("%s->%s", words[1], inner != NULL ? play_name_of (inner) : "none");
}

static void
step_connect (char **words)
{
  gboolean after = strcmp (words[0], "connect_after") == 0;

  g_signal_connect_data (play_deferred (words[1]), words[2], G_CALLBACK (run_plain), plan (words[3]), NULL,
                         after ? G_CONNECT_AFTER : 0);
}

static void
on_notify (GDeferred *d, GParamSpec *pspec, gpointer name)
{
  char *words[] = { NULL, name, (char *) pspec->name, NULL };

  step_get (words);
}

static void
step_notify (char **words)
{
  g_autofree char *signal = g_strdup_printf ("notify::%s", words[2]);

  g_signal_connect (play_deferred (words[1]), signal, G_CALLBACK (on_notify), plan (words[1]));
}

static void
step_track (char **words)
{
  play_tracks = TRUE;
}

/* The last of it may run functions, which say things: not under the lock. */
static void
step_drop (char **words)
{
  gpointer name, d = play_deferred (words[1]);

  g_mutex_lock (&play_lock);
  g_hash_table_steal_extended (play_deferreds, words[1], &name, NULL);
  g_mutex_unlock (&play_lock);
  g_free (name);
  g_object_unref (d);
}

static void
step_loop (char **words)
{
  play_loop ();
}

static gboolean
on_deadline (gpointer data)
{
  g_error ("it takes too long");
  return G_SOURCE_REMOVE;
}

static void
step_until (char **words)
{
  guint deadline = g_timeout_add_seconds (20, on_deadline, NULL);

  while (g_deferred_get_pending (play_deferred (words[1])))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (deadline);
}

/* --- many at once --------------------------------------------------------------------------------------- */

static gboolean
add_one (GDeferred *self, gpointer data, GError **error)
{
  return g_deferred_return_int64 (self, g_deferred_get_int64 (self) + 1);
}

static void
step_links (char **words)
{
  for (int i = atoi (words[2]); i > 0; i--)
    g_deferred_add_callback (play_deferred (words[1]), add_one, NULL, NULL);
}

static gboolean
return_inner (GDeferred *self, gpointer inner, GError **error)
{
  return g_deferred_return_deferred (self, g_object_ref (inner));
}

/* The first waits for another, that for another, and so on, down to the last. */
static void
step_tower (char **words)
{
  GDeferred *below = g_object_ref (play_deferred (words[2]));

  for (int i = atoi (words[3]); i > 0; i--)
    {
      GDeferred *d = g_deferred_succeed (NULL);

      g_deferred_add_callback (d, return_inner, below, NULL);
      g_object_unref (below);
      below = d;
    }
  play_put (play_deferreds, words[1], below);
}

static void
step_relay (char **words)
{
  GDeferred *from = g_object_ref (play_deferred (words[1]));

  for (int i = atoi (words[3]); i > 0; i--)
    {
      GDeferred *to = g_deferred_new ();

      g_deferred_chain_deferred (from, to);
      g_object_unref (from);
      from = to;
    }
  play_put (play_deferreds, words[2], from);
}

/* --- threads -------------------------------------------------------------------------------------------- */

static gpointer
run_away (gpointer words)
{
  play_step (words);
  return NULL;
}

static void
step_away (char **words)
{
  g_thread_join (g_thread_new ("away", run_away, words + 1));
}

static void
step_run_in_thread (char **words)
{
  play_put (play_deferreds, words[1], g_deferred_run_in_thread (run_job, plan (words[2]), gone));
}

static void
step_run_in_pool (char **words)
{
  GDeferredThreadPool *pool = play_find (play_things, words[2]);

  if (pool == NULL)
    play_put (play_things, words[2], pool = g_deferred_thread_pool_new (words[2], 1));
  play_put (play_deferreds, words[1], g_deferred_thread_pool_run (pool, run_job, plan (words[3]), gone));
}

static void
step_blocking_call (char **words)
{
  g_auto (GValue) value = G_VALUE_INIT;
  g_autoptr (GError) error = NULL;
  g_autofree char *word = NULL;

  if (g_deferred_blocking_call (NULL, run_job, plan (words[1]), &value, &error))
    word = play_value_word (&value);
  else
    word = play_error_word (error);
  play_say ("got:%s%s", error != NULL ? "!" : "", word);
}

static void
step_pass (char **words)
{
  gate_pass (play_gate (words[1]));
}

static void
step_await (char **words)
{
  gate_await (play_gate (words[1]), 1);
}

static void
step_open (char **words)
{
  gate_open (play_gate (words[1]));
}

/* --- their names ---------------------------------------------------------------------------------------- */

static const struct
{
  const char *name;
  guint       n_min, n_max; /* words after it */
  void (*play) (char **words);
} steps[] = {
  { "add_both", 2, 2, step_add_both },
  { "add_callback", 2, 2, step_add_callback },
  { "add_callbacks", 3, 3, step_add_callbacks },
  { "add_errback", 2, 2, step_add_errback },
  { "add_errback_for", 3, 3, step_add_errback_for },
  { "await", 1, 1, step_await },
  { "away", 1, 6, step_away },
  { "bind_owner", 2, 2, step_bind_owner },
  { "blocking_call", 1, 1, step_blocking_call },
  { "callback", 2, 2, step_callback },
  { "cancel", 1, 1, step_cancel },
  { "chain_deferred", 2, 2, step_chain_deferred },
  { "connect", 3, 3, step_connect },
  { "connect_after", 3, 3, step_connect },
  { "dispose", 1, 1, step_dispose },
  { "drop", 1, 1, step_drop },
  { "errback", 2, 2, step_errback },
  { "fail", 2, 2, step_fail },
  { "fork", 2, 2, step_fork },
  { "get", 2, 2, step_get },
  { "is_cancelled", 1, 1, step_is_cancelled },
  { "link_cancellable", 2, 2, step_link_cancellable },
  { "links", 2, 2, step_links },
  { "look", 1, 1, step_look },
  { "loop", 0, 0, step_loop },
  { "maybe", 2, 2, step_maybe },
  { "new", 1, 2, step_new },
  { "notify", 2, 2, step_notify },
  { "open", 1, 1, step_open },
  { "pass", 1, 1, step_pass },
  { "pause", 1, 1, step_pause },
  { "relay", 3, 3, step_relay },
  { "run_in_pool", 3, 3, step_run_in_pool },
  { "run_in_thread", 2, 2, step_run_in_thread },
  { "set_name", 2, 2, step_set_name },
  { "set_progress", 2, 3, step_set_progress },
  { "succeed", 2, 2, step_succeed },
  { "tower", 3, 3, step_tower },
  { "track", 0, 0, step_track },
  { "trip", 1, 1, step_trip },
  { "unpause", 1, 1, step_unpause },
  { "until", 1, 1, step_until },
  { "waiting_on", 1, 1, step_waiting_on },
};

void
play_step (char **words)
{
  guint n = g_strv_length (words) - 1;

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    if (strcmp (steps[i].name, words[0]) == 0 && n >= steps[i].n_min && n <= steps[i].n_max)
      {
        steps[i].play (words);
        return;
      }
  g_error ("there is no step %s with %u words after it", words[0], n);
}
