/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Random scripts, played by the library and by a naive model, which must see the same. */

#include "fixture.h"

#include "many-script.h"

#define N_SCRIPTS 20000

static const Script *script;
static GDeferred    *nodes[MAX_NODES];    /* owned while the script has them */
static GDeferred    *at_last[MAX_LEAVES]; /* of stubborn ones; owned as long as these are */
static GObject      *owners[MAX_NODES];   /* owned, until they end */
static guint         cursors[MAX_NODES];
static guint         n_living;

static void act_really (const Action *action);

/* --- what it sees ------------------------------------------------------------------------------------------------ */

static void append_value (GString *to, const GValue *value);

static const char *
word_of (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT) ? "EMPTY" : error_word (error);
}

static char *
results_text (GDeferredResults *results)
{
  GString *text = g_string_new ("[");

  for (gsize i = 0; i < g_deferred_results_get_length (results); i++)
    {
      const GError *error = g_deferred_results_get_error (results, i);

      if (error != NULL)
        g_string_append_printf (text, "!%s", word_of (error));
      else
        append_value (text, g_deferred_results_get_value (results, i));
      g_string_append_c (text, ' ');
    }
  g_string_append_c (text, ']');
  script_shorten (text);
  return g_string_free (text, FALSE);
}

static void
append_value (GString *to, const GValue *value)
{
  g_autofree char *text = NULL;

  if (value == NULL)
    text = g_strdup ("-");
  else if (G_VALUE_HOLDS_INT (value))
    text = g_strdup_printf ("%d", g_value_get_int (value));
  else
    text = results_text (g_value_get_boxed (value));
  g_string_append (to, text);
}

static void
say_what_it_has (GDeferred *d)
{
  const GError     *error = g_deferred_get_error (d);
  GDeferredResults *beside = error != NULL ? g_deferred_get_results (d) : NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *more = beside != NULL ? results_text (beside) : g_strdup ("");

  if (error == NULL)
    append_value (text, g_deferred_get_result (d));
  else
    g_string_append_printf (text, "!%s", word_of (error));
  say ("%s%s ", text->str, more);
}

/* --- what is there ----------------------------------------------------------------------------------------------- */

static gboolean
when_fired (GDeferred *self, gpointer data, GError **error)
{
  const Node *node = data;

  say ("%u:", (guint) (node - script->nodes));
  say_what_it_has (self);
  act_really (&node->when_fired);
  return TRUE;
}

static void
when_cancelled (GDeferred *self, gpointer data)
{
  const Node *node = data;

  if (node->leaf == LEAF_STUBBORN)
    return;
  say ("stop%u ", (guint) (node - script->nodes));
  if (node->leaf == LEAF_GIVES)
    g_deferred_callback_int (self, 9, NULL);
  if (node->leaf == LEAF_WORSENS)
    g_deferred_errback_literal (self, G_IO_ERROR, G_IO_ERROR_FAILED, "worse", NULL);
}

static gboolean
wait_even_so (GDeferred *self, gpointer inner, GError **error)
{
  return g_deferred_return_deferred (self, g_object_ref (inner));
}

static GDeferred *
make_leaf (guint number)
{
  const Node *node = &script->nodes[number];
  GDeferred  *d;

  if (node->leaf == LEAF_PLAIN)
    return g_deferred_new ();

  d = g_deferred_new_with_canceller (when_cancelled, (gpointer) node, NULL);
  if (node->leaf == LEAF_STUBBORN)
    {
      at_last[number] = g_deferred_new ();
      g_deferred_add_errback_for (d, G_IO_ERROR, G_IO_ERROR_CANCELLED, wait_even_so,
                                  g_object_ref (at_last[number]), g_object_unref);
    }
  return d;
}

static GDeferred *
next_part (gsize index, gpointer data)
{
  const Node *node = data;
  guint       number = (guint) (node - script->nodes);

  say ("n%u ", number);
  if (index == 1)
    act_really (&node->in_source);
  while (cursors[number] < node->n_parts && nodes[node->parts[cursors[number]]] == NULL)
    cursors[number]++;
  return cursors[number] < node->n_parts ? g_object_ref (nodes[node->parts[cursors[number]++]]) : NULL;
}

static void
source_gone (gpointer data)
{
  say ("~%u ", (guint) ((const Node *) data - script->nodes));
}

static GDeferred *
make_whole (const Node *node)
{
  GDeferred *parts[MAX_PARTS];
  guint      n = 0;

  for (guint i = 0; i < node->n_parts; i++)
    if (nodes[node->parts[i]] != NULL)
      parts[n++] = nodes[node->parts[i]];

  switch (node->whole)
    {
    case WHOLE_LIST:
      return g_deferred_list_new (parts, n, node->flags);
    case WHOLE_GATHER:
      return g_deferred_gather (parts, n, node->flags);
    case WHOLE_RACE:
      return g_deferred_race (parts, n);
    case WHOLE_ANY:
      return g_deferred_any (parts, n);
    case WHOLE_SETTLED:
      return g_deferred_settled (parts, n);
    case WHOLE_MAP:
    case N_WHOLE_KINDS:
    default:
      return g_deferred_map_next (node->limit, node->flags, next_part, (gpointer) node, source_gone);
    }
}

static void
one_less (gpointer data, GObject *former)
{
  n_living--;
}

static void
make_node (guint number)
{
  const Node *node = &script->nodes[number];
  GDeferred  *d = node->is_whole ? make_whole (node) : make_leaf (number);

  n_living++;
  g_object_weak_ref (G_OBJECT (d), one_less, NULL);
  nodes[number] = d;
  owners[number] = g_object_new (G_TYPE_OBJECT, NULL);
  g_deferred_bind_owner (d, owners[number]);
  g_deferred_add_both (d, when_fired, (gpointer) node, NULL);
}

/* --- what is done ------------------------------------------------------------------------------------------------ */

static void
fire_node (guint number, gboolean fails)
{
  GDeferred *d = nodes[number];

  if (at_last[number] != NULL && g_deferred_get_state (d) == G_DEFERRED_STATE_WAITING)
    d = at_last[number];
  g_object_ref (d);
  if (fails)
    g_deferred_errback_literal (d, G_IO_ERROR, G_IO_ERROR_FAILED, "bad", NULL);
  else
    g_deferred_callback_int (d, (int) number, NULL);
  g_object_unref (d);
}

static void
drop_node (guint number)
{
  g_clear_object (&nodes[number]);
  if (number < MAX_LEAVES)
    g_clear_object (&at_last[number]);
}

static void
act_really (const Action *action)
{
  guint number = action->node;

  if (action->kind == DO_SETTLE)
    settle (NULL);
  else if (action->kind == DO_MAKE)
    make_node (number);
  else if (nodes[number] == NULL)
    return;
  else if (action->kind == DO_FIRE || action->kind == DO_FAIL)
    fire_node (number, action->kind == DO_FAIL);
  else if (action->kind == DO_CANCEL)
    g_deferred_cancel (nodes[number]);
  else if (action->kind == DO_DROP)
    drop_node (number);
  else if (action->kind == DO_END_OWNER)
    g_clear_object (&owners[number]);
}

static void
look_really (guint number)
{
  GDeferred *d = nodes[number];

  if (d == NULL)
    return;

  say ("%u=", number);
  if (g_deferred_get_pending (d))
    say ("? ");
  else
    say_what_it_has (d);
  if (G_IS_DEFERRED_LIST (d))
    say ("(%d, %u of %u) ", (int) g_deferred_list_get_index (G_DEFERRED_LIST (d)),
         (guint) g_deferred_list_get_n_pending (G_DEFERRED_LIST (d)),
         (guint) g_deferred_list_get_length (G_DEFERRED_LIST (d)));
}

static int
by_text (gconstpointer one, gconstpointer other)
{
  return strcmp (*(char *const *) one, *(char *const *) other);
}

static void
say_reports (void)
{
  static const struct
  {
    const char *message;
    const char *word;
  } words[] = { { "error of a Deferred: bad (", "bad" },
                { "error of a Deferred: worse (", "worse" },
                { "error of a Deferred: Operation was cancelled", "CANCELLED" },
                { "error of a Deferred: The owner of", "CANCELLED" },
                { "error of a Deferred: The Deferred was dropped before", "ABANDONED" },
                { "error of a Deferred: All of", "ALL_FAILED" },
                { "error of a Deferred: None of", "EMPTY" } };
  g_autoptr (GPtrArray) reports = g_ptr_array_new ();
  GHashTable *record;

  while ((record = g_queue_pop_head (&fx_reports)) != NULL)
    {
      const char *message = g_hash_table_lookup (record, "MESSAGE");

      for (guint i = 0; i < G_N_ELEMENTS (words); i++)
        if (strstr (message, words[i].message) != NULL)
          g_ptr_array_add (reports, (gpointer) words[i].word);
      g_hash_table_unref (record);
    }
  g_ptr_array_sort (reports, by_text);
  for (guint i = 0; i < reports->len; i++)
    say ("{%s} ", (char *) g_ptr_array_index (reports, i));
}

static char *
play (const Script *played)
{
  script = played;
  memset (cursors, 0, sizeof cursors);
  for (guint i = 0; i < script->n_leaves; i++)
    make_node (i);
  for (guint i = 0; i < script->n_steps; i++)
    act_really (&script->steps[i]);
  settle (NULL);
  for (guint i = 0; i < script->n_nodes; i++)
    look_really (i);
  for (guint i = 0; i < script->n_nodes; i++)
    drop_node (i);
  settle (NULL);

  for (guint i = 0; i < script->n_nodes; i++)
    g_clear_object (&owners[i]);
  settle (NULL);
  say_reports ();
  if (n_living != 0)
    say ("%u are left ", n_living);
  n_living = 0;
  return g_string_free (g_steal_pointer (&fx_trace), FALSE);
}

/* --- comparing --------------------------------------------------------------------------------------------------- */

static gboolean
plays_alike (const Script *played, char **seen, char **wanted)
{
  fx_trace = g_string_new (NULL);
  *seen = play (played);
  *wanted = model_play (played);
  return strcmp (*seen, *wanted) == 0;
}

static gboolean
still_fails (const Script *played)
{
  g_autofree char *seen = NULL;
  g_autofree char *wanted = NULL;

  return !plays_alike (played, &seen, &wanted);
}

static gboolean
try_without (Script *shrunk, Action *action)
{
  Action old = *action;

  if (old.kind == DO_NOTHING)
    return FALSE;

  action->kind = DO_NOTHING;
  if (still_fails (shrunk))
    return TRUE;
  *action = old;
  return FALSE;
}

static void
shrink (Script *shrunk)
{
  gboolean smaller = TRUE;

  while (smaller)
    {
      smaller = FALSE;
      for (guint i = shrunk->n_steps; i-- > 0;)
        smaller |= try_without (shrunk, &shrunk->steps[i]);
      for (guint i = 0; i < shrunk->n_nodes; i++)
        smaller |= try_without (shrunk, &shrunk->nodes[i].when_fired)
                   | try_without (shrunk, &shrunk->nodes[i].in_source);
    }
}

static void
tell_failure (Script *failed)
{
  g_autofree char *seen = NULL;
  g_autofree char *wanted = NULL;

  script_print (failed);
  shrink (failed);
  g_test_message ("which fails like this, too:");
  script_print (failed);
  plays_alike (failed, &seen, &wanted);
  g_test_message ("the library: %s", seen);
  g_test_message ("the model:   %s", wanted);
  g_test_fail_printf ("script %u: the library and the model differ", failed->seed);
}

static void
random_scripts_play_alike (void)
{
  const char *only = g_getenv ("GD_MODEL_SCRIPT");
  guint       n = only != NULL ? 1 : gd_test_scaled (N_SCRIPTS);
  gsize       n_seen = 0;
  GString    *own_trace = fx_trace;

  for (guint i = 0; i < n && !g_test_failed (); i++)
    {
      Script           one;
      g_autofree char *seen = NULL;
      g_autofree char *wanted = NULL;

      script_random (&one, only != NULL ? (guint) strtoul (only, NULL, 10) : (guint) g_test_rand_int ());
      if (only != NULL)
        script_print (&one);
      if (!plays_alike (&one, &seen, &wanted))
        tell_failure (&one);
      n_seen += strlen (seen);
    }
  fx_trace = own_trace;
  g_test_message ("%u scripts, %" G_GSIZE_FORMAT " characters of trace", n, n_seen);
}

static const Case cases[] = {
  { "/model/many/random-scripts-play-alike", random_scripts_play_alike },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
