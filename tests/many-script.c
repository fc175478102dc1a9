/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "many-script.h"

/* --- making one up ----------------------------------------------------------------------------------------------- */

static guint
below (GRand *rand, guint n)
{
  return (guint) g_rand_int_range (rand, 0, (int) n);
}

static gboolean
one_in (GRand *rand, guint n)
{
  return below (rand, n) == 0;
}

static Action
small_action (GRand *rand, const Script *script)
{
  Action action = { 1 + below (rand, N_SMALL_ACTIONS - 1), 0 };

  if (action.kind == DO_END_OWNER && !one_in (rand, 3))
    action.kind = DO_FIRE;
  action.node = below (rand, action.kind <= DO_FAIL ? script->n_leaves : script->n_nodes);
  return action;
}

static void
random_whole (GRand *rand, const Script *script, Node *node, guint number)
{
  node->is_whole = TRUE;
  node->whole = below (rand, N_WHOLE_KINDS);
  node->flags = below (rand, node->whole == WHOLE_MAP ? 4 : 16);
  node->limit = below (rand, 4);
  node->n_parts = below (rand, MAX_PARTS + 1);
  for (guint i = 0; i < node->n_parts; i++)
    node->parts[i] = below (rand, number);
  if (one_in (rand, 4))
    node->in_source = small_action (rand, script);
}

static void
random_steps (GRand *rand, Script *script)
{
  guint next = script->n_leaves;

  script->n_steps = 6 + below (rand, MAX_STEPS - 6);
  for (guint i = 0; i < script->n_steps; i++)
    {
      Action *step = &script->steps[i];

      if (next < script->n_nodes && !one_in (rand, 3))
        *step = (Action){ DO_MAKE, next++ };
      else if (one_in (rand, 6))
        step->kind = DO_SETTLE;
      else
        *step = small_action (rand, script);
    }
}

void
script_random (Script *self, guint seed)
{
  GRand *rand = g_rand_new_with_seed (seed);

  *self = (Script){ .seed = seed };
  self->n_leaves = 1 + below (rand, MAX_LEAVES);
  self->n_nodes = self->n_leaves + 1 + below (rand, MAX_WHOLES);
  for (guint i = 0; i < self->n_nodes; i++)
    {
      Node *node = &self->nodes[i];

      if (i < self->n_leaves)
        node->leaf = below (rand, N_LEAF_KINDS);
      else
        random_whole (rand, self, node, i);
      if (one_in (rand, 4))
        node->when_fired = small_action (rand, self);
    }
  random_steps (rand, self);
  g_rand_free (rand);
}

/* --- printing it ------------------------------------------------------------------------------------------------- */

static char *
action_text (const Action *action)
{
  static const char *const names[] = { "nothing", "fire", "fail", "cancel", "drop", "end owner of", "make" };

  if (action->kind == DO_SETTLE)
    return g_strdup ("settle");
  return g_strdup_printf ("%s %u", names[action->kind], action->node);
}

static void
print_node (const Node *node, guint number)
{
  static const char *const leaves[] = { "plain", "tells", "gives", "worsens", "stubborn" };
  static const char *const wholes[] = { "list", "gather", "race", "any", "settled", "map" };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *then = action_text (&node->when_fired);
  g_autofree char *source = action_text (&node->in_source);

  g_string_printf (text, "%u: %s", number, node->is_whole ? wholes[node->whole] : leaves[node->leaf]);
  if (node->is_whole)
    {
      g_string_append_printf (text, ", flags %u of", node->flags);
      for (guint i = 0; i < node->n_parts; i++)
        g_string_append_printf (text, " %u", node->parts[i]);
    }
  if (node->is_whole && node->whole == WHOLE_MAP)
    g_string_append_printf (text, ", limit %u, in the source %s", node->limit, source);
  g_test_message ("%s; when fired %s", text->str, then);
}

void
script_print (const Script *self)
{
  g_test_message ("script %u (GD_MODEL_SCRIPT=%u plays it alone)", self->seed, self->seed);
  for (guint i = 0; i < self->n_nodes; i++)
    print_node (&self->nodes[i], i);
  for (guint i = 0; i < self->n_steps; i++)
    {
      g_autofree char *step = action_text (&self->steps[i]);

      if (self->steps[i].kind != DO_NOTHING)
        g_test_message ("  %s", step);
    }
}

/* Results of results of results are long, and only need to be the same. */
void
script_shorten (GString *results)
{
  if (results->len > 100)
    g_string_printf (results, "[#%u]", g_str_hash (results->str));
}
