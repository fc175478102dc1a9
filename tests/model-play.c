/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "model-play.h"

#define MOST_SEEN 4000

Play play;

void
play_see (SeenKind kind, int a, int b, int id, Result result)
{
  Seen seen = { kind, a, b, id, result };

  if (play.seen->len >= MOST_SEEN)
    play.over = TRUE;
  else
    g_array_append_val (play.seen, seen);
}

void
play_born (gpointer d, int id)
{
  g_ptr_array_index (play.alive, id) = d;
}

static int
new_id (void)
{
  g_ptr_array_add (play.alive, NULL);
  play.n_alive++;
  play.alive_sum += (int) play.alive->len - 1;
  return (int) play.alive->len - 1;
}

void
play_died (int id)
{
  g_ptr_array_index (play.alive, id) = NULL;
  play.n_alive--;
  play.alive_sum -= id;
}

static void
look (gpointer d)
{
  Seen state = { SEEN_LOOK, 0, 0, 0, result_nothing };
  Seen waits = { SEEN_WAITS, -1, 0, 0, result_nothing };

  play.world->look (d, &state, &waits);
  play_see (state.kind, state.a, state.b, state.id, state.result);
  if (waits.a >= 0)
    play_see (waits.kind, waits.a, 0, waits.id, result_nothing);
}

/* --- playing --------------------------------------------------------------------------------------------------- */

static void play_ops (int begin, int n, gpointer self);

static gpointer
slot_get (int slot, gpointer self)
{
  return slot == SCRIPT_SELF ? self : play.slots[slot];
}

/* Takes the reference; a slot that is taken lets it go. */
static void
slot_put (int slot, gpointer d)
{
  if (slot != SCRIPT_SELF && play.slots[slot] == NULL)
    play.slots[slot] = d;
  else
    play.world->unref (d);
}

static void
slot_drop (int slot, gboolean away)
{
  gpointer d = slot == SCRIPT_SELF ? NULL : g_steal_pointer (&play.slots[slot]);

  if (d == NULL)
    return;
  if (away)
    play.world->unref_away (d);
  else
    play.world->unref (d);
}

void
play_action (Action *action, gpointer self, int id)
{
  Seen state = { SEEN_LOOK, 0, 0, 0, result_nothing };
  Seen waits = state;

  play.world->look (self, &state, &waits);
  play_see (SEEN_RUN, action->op, action->half, id, state.result);
  play_see (SEEN_LOOK, state.a, state.b, state.id, result_nothing);
  play.depth++;
  play_ops (action->begin, action->n, self);
  play.depth--;
}

/* What a handler of `fired` does; @op is NULL for Deferreds whose handlers do nothing. */
void
play_handler (Op *op, int half, gpointer self, int id)
{
  play_see (half == 1 ? SEEN_FIRED : SEEN_AFTER, 0, 0, id, result_nothing);
  if (op != NULL && op->has[half])
    play_action (&op->action[half], self, id);
}

/* The destroy-notify of what an action is added with. */
void
play_gone (gpointer data)
{
  Action *action = data;

  play.n_gone++;
  play_see (SEEN_GONE, action->op, action->half, 0, result_nothing);
  play.depth++;
  play_ops (action->gone_begin, action->gone_n, NULL);
  play.depth--;
}

/* The end of a link that a binding keeps. */
void
play_dispatched_gone (Op *op)
{
  for (int half = 0; half < 2; half++)
    if (play_gone_of (&op->action[half]) != NULL)
      play_gone (&op->action[half]);
}

/* What is given with an action, and has to be called once for it. */
GDestroyNotify
play_gone_of (const Action *action)
{
  if (action->bare)
    return NULL;

  play.n_adds++;
  return play_gone;
}

/* The Deferred that an action's end returns, with a reference for it; NULL if there is none. */
gpointer
play_inner (Action *action, gpointer self)
{
  gpointer d = NULL;
  int      id;

  switch (action->ending)
    {
    case END_DEFERRED:
    case END_DEFERRED_VALUE:
    case END_DEFERRED_ERROR:
    case END_DEFERRED_THEN:
      d = slot_get (action->slot, self);
      return d != NULL ? play.world->ref (d) : NULL;

    case END_FIRED:
      id = new_id ();
      d = play.world->made (id, action->value);
      play.world->watch (d, id, NULL);
      return d;

    case END_PENDING:
      id = new_id ();
      d = play.world->make (id, NULL);
      play.world->watch (d, id, NULL);
      if (action->slot != SCRIPT_SELF && play.slots[action->slot] == NULL)
        play.slots[action->slot] = play.world->ref (d);
      return d;

    default:
      return NULL;
    }
}

static void
play_birth (Op *op)
{
  int      id = new_id ();
  gpointer d;

  if (op->kind == OP_MAYBE)
    {
      play.maybe_id = id;
      d = play.world->maybe (id, &op->action[0]);
    }
  else if (op->kind == OP_MADE)
    {
      d = play.world->made (id, op->value);
      play.world->watch (d, id, op);
    }
  else
    {
      d = play.world->make (id, op->has[0] ? &op->action[0] : NULL);
      play.world->watch (d, id, op);
    }
  slot_put (op->slot, d);
}

static void
play_fork (Op *op, gpointer d)
{
  int      id = new_id ();
  gpointer child = play.world->fork (d, id);

  play.world->watch (child, id, NULL);
  slot_put (op->other, child);
}

/* One owner at a time, as the order in which several are told is not promised. */
static void
play_bind (gpointer d)
{
  Seen state, waits;

  if (play.owner != NULL)
    return;

  play.world->look (d, &state, &waits);
  play.owner = play.world->bind (d, state.id);
}

static void
play_disown (void)
{
  gpointer owner = g_steal_pointer (&play.owner);

  if (owner != NULL)
    play.world->disown (owner);
}

static void
play_fire (Op *op, gpointer d, gpointer other)
{
  int code = -1;

  if (op->kind == OP_FIRE)
    code = play.world->fire (d, op->value);
  else if (op->kind == OP_FIRE_AWAY)
    code = play.world->fire_away (d, op->value);
  else if (op->kind == OP_FIRE_WITH)
    code = play.world->fire_with (d, &op->action[0]);
  else if (other != NULL)
    code = play.world->fire_deferred (d, other);
  play_see (SEEN_OUTCOME, (int) (op - play.script->ops), code, 0, result_nothing);
}

static void
play_add (Op *op, gpointer d, gpointer other)
{
  switch (op->kind)
    {
    case OP_FORK:
      play_fork (op, d);
      break;
    case OP_CHAIN:
      if (other != NULL)
        play.world->chain (d, other);
      break;
    case OP_INVOKE:
      play.world->invoke (d, &op->action[0]);
      break;
    default:
      play.world->add (d, op);
      break;
    }
}

static void
play_on (Op *op, gpointer d, gpointer other)
{
  switch (op->kind)
    {
    case OP_FIRE:
    case OP_FIRE_AWAY:
    case OP_FIRE_WITH:
    case OP_FIRE_DEFERRED:
      play_fire (op, d, other);
      break;
    case OP_PAUSE:
      play.world->pause (d);
      break;
    case OP_UNPAUSE:
      play.world->unpause (d);
      break;
    case OP_CANCEL:
      play.world->cancel (d);
      break;
    case OP_CANCEL_AWAY:
      play.world->cancel_away (d);
      break;
    case OP_BIND:
      play_bind (d);
      break;
    case OP_LINK:
      play.world->link (d);
      break;
    case OP_COPY:
      slot_put (op->other, play.world->ref (d));
      break;
    case OP_LOOK:
      look (d);
      break;
    default:
      play_add (op, d, other);
      break;
    }
}

/* The player holds nothing for the time of a call: a callback may drop the last reference to what called it. */
static void
play_op (Op *op, gpointer self)
{
  gpointer d;

  if (op->dropped || play.over)
    return;

  switch (op->kind)
    {
    case OP_NEW:
    case OP_MADE:
    case OP_MAYBE:
      play_birth (op);
      return;
    case OP_DROP:
    case OP_DROP_AWAY:
      /* Inside a callback it is not promised who else holds a reference, for the time of a call, and so whether this
       * one is the last. */
      slot_drop (op->slot, op->kind == OP_DROP_AWAY && play.depth == 0);
      return;
    case OP_ITERATE:
      play.world->iterate ();
      return;
    case OP_DISOWN:
      play_disown ();
      return;
    case OP_CANCEL_CANCELLABLE:
      play.world->cancel_cancellable ();
      return;
    default:
      break;
    }

  d = slot_get (op->slot, self);
  if (d == NULL)
    return;

  play_on (op, d, slot_get (op->other, self));
}

static void
play_ops (int begin, int n, gpointer self)
{
  for (int i = begin; i < begin + n; i++)
    play_op (&play.script->ops[i], self);
}

static gboolean
holds_something (void)
{
  for (int slot = 0; slot < SCRIPT_SLOTS; slot++)
    if (play.slots[slot] != NULL)
      return TRUE;
  return play.owner != NULL;
}

/* What runs in the end may fill the slots again, but each operation does so once only. */
static void
let_go (void)
{
  do
    {
      play_disown ();
      for (int slot = 0; slot < SCRIPT_SLOTS; slot++)
        slot_drop (slot, FALSE);
      play.world->iterate ();
    }
  while (holds_something () && !play.over);
}

/* Fires what is still alive: rings that the script itself has made. */
static void
break_rings (void)
{
  for (guint id = 0; id < play.alive->len && !play.over; id++)
    {
      gpointer d = g_ptr_array_index (play.alive, id);
      Seen     state, waits;

      if (d == NULL)
        continue;

      play_see (SEEN_LEFT_OVER, 0, 0, (int) id, result_nothing);
      d = play.world->ref (d);
      for (play.world->look (d, &state, &waits); (state.b & 1) != 0; play.world->look (d, &state, &waits))
        play.world->unpause (d);
      play.world->fire (d, result_nothing);
      play.world->unref (d);
      play.world->iterate ();
    }
}

void
play_script (const World *world, Script *script, GArray *seen)
{
  play.world = world;
  play.script = script;
  play.seen = seen;
  play.over = FALSE;
  play.n_alive = play.alive_sum = play.n_adds = play.n_gone = 0;
  g_array_set_size (seen, 0);
  if (play.alive == NULL)
    play.alive = g_ptr_array_new ();
  g_ptr_array_set_size (play.alive, 0);
  memset (play.slots, 0, sizeof play.slots);

  for (int i = 0; i < script->n_top; i++)
    {
      play_op (&script->ops[i], NULL);
      for (int slot = 0; slot < script->n_slots; slot++)
        if (play.slots[slot] != NULL)
          look (play.slots[slot]);
      play_see (SEEN_ALIVE, play.n_alive, play.alive_sum, 0, result_nothing);
    }

  let_go ();
  for (guint round = 0; round <= play.alive->len && play.n_alive > 0; round++)
    {
      break_rings ();
      let_go ();
    }
}

/* --- printing -------------------------------------------------------------------------------------------------- */

static const char *const states[] = { "PENDING", "RUNNING", "WAITING", "SUCCEEDED", "FAILED" };
static const char *const halves[] = { "first", "second", "third" };

static void
print_outcome (const Seen *seen, GString *to)
{
  g_string_append_printf (to, "#%d ", seen->a);
  if (seen->b < 0)
    g_string_append (to, "won");
  else
    result_print ((Result){ RESULT_DEFERRED_ERROR, seen->b, 0 }, to);
}

static void
print_seen (const Seen *seen, GString *to)
{
  static const char *const news[] = {
    [SEEN_FIRED] = "fired",
    [SEEN_AFTER] = "fired, after",
    [SEEN_REPORT] = "reported: ",
    [SEEN_LEFT_OVER] = "left over",
  };

  switch (seen->kind)
    {
    case SEEN_RUN:
      g_string_append_printf (to, "#%d %s called for d%d, which has ", seen->a, halves[seen->b], seen->id);
      result_print (seen->result, to);
      break;
    case SEEN_GONE:
      g_string_append_printf (to, "#%d %s freed", seen->a, halves[seen->b]);
      break;
    case SEEN_OUTCOME:
      print_outcome (seen, to);
      break;
    case SEEN_CRITICAL:
      g_string_append (to, "critical");
      break;
    case SEEN_LOOK:
      g_string_append_printf (to, "d%d is %s%s%s: ", seen->id, states[seen->a], seen->b & 1 ? ", paused" : "",
                              seen->b & 2 ? ", cancelled" : "");
      result_print (seen->result, to);
      break;
    case SEEN_WAITS:
      g_string_append_printf (to, "d%d waits for d%d", seen->id, seen->a);
      break;
    case SEEN_ALIVE:
      g_string_append_printf (to, "%d alive (%d)", seen->a, seen->b);
      break;
    default:
      g_string_append_printf (to, "d%d %s", seen->id, news[seen->kind]);
      if (seen->kind == SEEN_REPORT)
        result_print (seen->result, to);
      break;
    }
}

static gboolean
is_look (const Seen *seen)
{
  return seen->kind == SEEN_LOOK || seen->kind == SEEN_WAITS || seen->kind == SEEN_ALIVE;
}

/* The same look as before, and nothing has happened since. */
static gboolean
is_old (const GArray *all, guint i)
{
  const Seen *seen = &g_array_index (all, Seen, i);

  for (const Seen *before = seen; is_look (before) && i > 0; i--)
    if (memcmp (seen, --before, sizeof *seen) == 0)
      return TRUE;
  return FALSE;
}

void
seen_print (const GArray *all, guint from, guint to, GString *out)
{
  for (guint i = from; i < MIN (to, all->len); i++)
    {
      const Seen *seen = &g_array_index (all, Seen, i);

      if (is_old (all, i))
        continue;
      g_string_append (out, "    ");
      print_seen (seen, out);
      g_string_append_c (out, '\n');
    }
}
