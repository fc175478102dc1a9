/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "coord-script.h"

/* --- playing ----------------------------------------------------------------------------------------------------- */

/* What the script has of one operation's Deferred. */
typedef struct
{
  gboolean is_done; /* the operation; each is done once */
  gboolean has_ref;
  gboolean has_owner;
  gboolean has_inner;
  gboolean is_counted; /* it has what it asked for, and somebody knows */
  int      n_pauses;
} Slot;

static const Script *script;
static const World  *world;
static GString      *trace;
static Slot          slots[MAX_OPS];
static int           n_done;
static int           held[2]; /* of each kind, as far as the script knows */

static void
say_outcome (Outcome outcome)
{
  static const char *const errors[]
      = { "CANCELLED", "ABANDONED", "CLOSED", "OVERFLOW", "UNDERFLOW", "WOULD_BLOCK", "OWN", "OTHER" };

  if (outcome.kind == OUTCOME_INT)
    g_string_append_printf (trace, "%d ", outcome.number);
  else if (outcome.kind == OUTCOME_ERROR)
    g_string_append_printf (trace, "!%s ", errors[outcome.number]);
  else
    g_string_append (trace, outcome.kind == OUTCOME_OBJECT ? "got " : "- ");
}

static void
know (int i, Outcome outcome)
{
  const Op *op = &script->ops[i];

  if (op->kind == OP_ACQUIRE && outcome.kind == OUTCOME_OBJECT && !slots[i].is_counted)
    {
      slots[i].is_counted = TRUE;
      held[op->which]++;
    }
}

void
script_made (int i)
{
  slots[i].has_ref = TRUE;
  slots[i].has_owner = script->ops[i].is_owned;
}

static void play_inside (int parent, gboolean is_in_func);

gboolean
script_callback (int i, Outcome outcome)
{
  g_string_append_printf (trace, "[%d: ", i);
  say_outcome (outcome);
  know (i, outcome);
  play_inside (i, FALSE);
  g_string_append_printf (trace, "%d] ", i);
  return outcome.kind == OUTCOME_ERROR;
}

void
script_gone (int i)
{
  g_string_append_printf (trace, "~%d ", i);
}

void
script_func (int i)
{
  n_done++;
  g_string_append_printf (trace, "(%d ", i);
  if (script->ops[i].ending == END_INNER)
    slots[i].has_inner = TRUE;
  play_inside (i, TRUE);
  g_string_append_printf (trace, "%d) ", i);
}

void
script_func_gone (int i)
{
  g_string_append_printf (trace, "-%d ", i);
}

static void
make (int i, const Op *op)
{
  world->make (i, op);
  if (!op->is_kept && slots[i].has_ref)
    {
      slots[i].has_ref = FALSE;
      world->drop (i);
    }
}

static void
say_whether (gboolean it_did)
{
  g_string_append (trace, it_did ? "yes " : "no ");
}

/* What was granted to it has gone on to another. */
static gboolean
is_orphaned (int i)
{
  const Op *op = &script->ops[i];

  return op->is_owned && !op->is_outer && !slots[i].has_owner;
}

static void
look (int i)
{
  static const char *const names[] = { "pending ", "running ", "waiting ", "" };
  Outcome                  outcome = { OUTCOME_NONE, 0 };
  Look                     state = world->look (i, &outcome);

  g_string_append (trace, names[state]);
  if (state != LOOK_DONE)
    return;

  say_outcome (outcome);
  if (slots[i].n_pauses == 0 && !is_orphaned (i))
    know (i, outcome);
}

static void
pause_or_not (int i, gboolean pause)
{
  if (!pause && slots[i].n_pauses == 0)
    return;

  slots[i].n_pauses += pause ? 1 : -1;
  world->pause (i, pause);
}

/* About a Deferred of which the script has a reference. */
static void
do_to (int i, OpKind kind)
{
  switch (kind)
    {
    case OP_CANCEL:
      world->cancel (i);
      break;
    case OP_DROP:
      slots[i].has_ref = FALSE;
      world->drop (i);
      break;
    case OP_LOOK:
      look (i);
      break;
    case OP_FIRE:
      say_whether (world->fire (i));
      break;
    case OP_PAUSE:
    case OP_UNPAUSE:
      pause_or_not (i, kind == OP_PAUSE);
      break;
    default:
      break;
    }
}

static void
do_to_rest (int i, OpKind kind)
{
  if (kind == OP_OWNER_GONE && slots[i].has_owner)
    {
      slots[i].has_owner = FALSE;
      world->owner_gone (i);
    }
  else if (kind == OP_FIRE_INNER && slots[i].has_inner)
    world->fire_inner (i);
  else if (kind == OP_DROP_INNER && slots[i].has_inner)
    {
      slots[i].has_inner = FALSE;
      world->drop_inner (i);
    }
}

static void
try_to_take (guint which)
{
  gboolean is_taken = world->try (which);

  say_whether (is_taken);
  if (is_taken)
    held[which]++;
}

static void
do_op (int i, const Op *op)
{
  switch (op->kind)
    {
    case OP_ACQUIRE:
    case OP_RUN:
    case OP_GET:
    case OP_GET_NOWAIT:
    case OP_PUT:
      make (i, op);
      break;
    case OP_TRY:
      try_to_take (op->which);
      break;
    case OP_RELEASE:
      if (held[op->which] > 0)
        {
          held[op->which]--;
          world->release (op->which);
        }
      break;
    case OP_PUT_NOWAIT:
      g_string_append_printf (trace, "%d ", world->put_nowait (i));
      break;
    case OP_CLOSE:
      world->close ();
      break;
    case OP_ITERATE:
      world->iterate ();
      break;
    case OP_DISPOSE:
      world->dispose ();
      break;
    case OP_OWNER_GONE:
    case OP_FIRE_INNER:
    case OP_DROP_INNER:
      do_to_rest (op->target, op->kind);
      break;
    default:
      if (slots[op->target].has_ref)
        do_to (op->target, op->kind);
    }
}

static void
play_inside (int parent, gboolean is_in_func)
{
  for (int i = 0; i < script->n_ops; i++)
    {
      const Op *op = &script->ops[i];

      if (op->parent != parent || op->is_in_func != is_in_func || op->is_dead || slots[i].is_done)
        continue;

      slots[i].is_done = TRUE;
      n_done++;
      g_string_append_printf (trace, "\n%d. ", i);
      do_op (i, op);
      world->count (trace);
    }
}

/* The operations inside of callbacks may make more. */
static void
drop_all (void)
{
  for (int i = 0; i < script->n_ops; i++)
    {
      if (slots[i].has_ref)
        do_to (i, OP_DROP);
      do_to_rest (i, OP_DROP_INNER);
      do_to_rest (i, OP_OWNER_GONE);
    }
}

const char *
script_play (const Script *what, const World *where)
{
  static GString *traces[2];
  GString       **own = &traces[where == &model_world];

  if (*own == NULL)
    *own = g_string_new (NULL);
  g_string_truncate (*own, 0);
  trace = *own;
  script = what;
  world = where;
  for (guint i = 0; i < MAX_OPS; i++)
    slots[i] = (Slot){ .is_done = FALSE };
  held[0] = held[1] = 0;

  world->begin (script);
  play_inside (-1, FALSE);
  do
    {
      n_done = 0;
      g_string_append (trace, "\nend ");
      drop_all ();
      world->iterate ();
      world->dispose ();
      world->iterate ();
    }
  while (n_done > 0);
  world->end ();
  return trace->str;
}

/* --- making them ------------------------------------------------------------------------------------------------- */

static const char *const object_names[] = { "lock", "semaphore", "read-write lock", "queue" };

static const char *const op_names[]
    = { "acquire",    "run",        "get",        "get_nowait", "put",     "try",    "release",
        "put_nowait", "close",      "cancel",     "drop",       "look",    "fire",   "pause",
        "unpause",    "owner_gone", "fire_inner", "drop_inner", "iterate", "dispose" };

/* How often of a hundred, or so. */
static const int weights_of_locks[N_OPS] = {
  [OP_ACQUIRE] = 30,   [OP_RUN] = 10,       [OP_TRY] = 4,        [OP_RELEASE] = 28, [OP_CANCEL] = 8,
  [OP_DROP] = 3,       [OP_LOOK] = 5,       [OP_FIRE] = 1,       [OP_PAUSE] = 3,    [OP_UNPAUSE] = 4,
  [OP_OWNER_GONE] = 5, [OP_FIRE_INNER] = 6, [OP_DROP_INNER] = 2, [OP_ITERATE] = 6,  [OP_DISPOSE] = 1,
};

static const int weights_of_queues[N_OPS] = {
  [OP_GET] = 26,    [OP_GET_NOWAIT] = 4, [OP_PUT] = 26,    [OP_PUT_NOWAIT] = 8, [OP_CLOSE] = 1,
  [OP_CANCEL] = 8,  [OP_DROP] = 3,       [OP_LOOK] = 4,    [OP_FIRE] = 1,       [OP_PAUSE] = 3,
  [OP_UNPAUSE] = 4, [OP_OWNER_GONE] = 5, [OP_ITERATE] = 6, [OP_DISPOSE] = 1,
};

static OpKind
random_kind (GRand *rand, const int *weights)
{
  int total = 0;
  int chosen;

  for (int kind = 0; kind < N_OPS; kind++)
    total += weights[kind];
  chosen = g_rand_int_range (rand, 0, total);
  for (int kind = 0; kind < N_OPS; kind++)
    {
      chosen -= weights[kind];
      if (chosen < 0)
        return kind;
    }
  return OP_ITERATE;
}

static gboolean
one_in (GRand *rand, int n)
{
  return g_rand_int_range (rand, 0, n) == 0;
}

static gboolean
makes_one (OpKind kind)
{
  return kind <= OP_PUT;
}

/* One of those before @i that make a Deferred; the latest are the likeliest. -1 if there is none. */
static int
random_maker (const Script *self, int i, GRand *rand)
{
  int tries = 8;

  while (i > 0 && tries-- > 0)
    {
      int j = g_rand_int_range (rand, 0, i);
      int k = g_rand_int_range (rand, 0, i);

      j = MAX (j, k);
      if (makes_one (self->ops[j].kind))
        return j;
    }
  return -1;
}

static void
random_op (Script *self, int i, GRand *rand)
{
  Op *op = &self->ops[i];
  int target;
  int parent;

  *op = (Op){ .kind = random_kind (rand, self->object == OBJECT_QUEUE ? weights_of_queues : weights_of_locks),
              .parent = -1,
              .which = self->object == OBJECT_RW_LOCK ? (guint) g_rand_int_range (rand, 0, 2) : 0,
              .is_kept = !one_in (rand, 3),
              .is_heard = !one_in (rand, 5),
              .is_outer = one_in (rand, 6),
              .is_owned = one_in (rand, 4),
              .is_inner_owned = one_in (rand, 2),
              .ending = (Ending) g_rand_int_range (rand, 0, N_ENDINGS) };

  target = random_maker (self, i, rand);
  op->target = target >= 0 ? target : 0;
  parent = one_in (rand, 2) ? random_maker (self, i, rand) : -1;
  if (parent < 0)
    return;

  op->parent = parent;
  op->is_in_func = self->ops[parent].kind == OP_RUN && one_in (rand, 2);
}

void
script_random (Script *self, guint seed)
{
  GRand *rand = g_rand_new_with_seed (seed);

  self->seed = seed;
  self->object = (ObjectKind) g_rand_int_range (rand, 0, N_OBJECTS);
  self->size = self->object == OBJECT_QUEUE ? g_rand_int_range (rand, -1, 4) : g_rand_int_range (rand, 1, 4);
  self->backlog = one_in (rand, 3) ? g_rand_int_range (rand, 0, 4) : -1;
  self->n_ops = g_rand_int_range (rand, 3, MAX_OPS + 1);
  for (int i = 0; i < self->n_ops; i++)
    random_op (self, i, rand);
  g_rand_free (rand);
}

static void
print_inside (const Script *self, int parent, gboolean is_in_func, int depth, GString *to)
{
  for (int i = 0; i < self->n_ops; i++)
    {
      const Op *op = &self->ops[i];

      if (op->parent != parent || op->is_in_func != is_in_func || op->is_dead)
        continue;

      g_string_append_printf (to, "%*s%d. %s %d%s%s%s%s%s, ends %d, to %d%s\n", 2 * depth, "", i,
                              op_names[op->kind], (int) op->which, op->is_kept ? " kept" : "",
                              op->is_heard ? " heard" : "", op->is_outer ? " outer" : "",
                              op->is_owned ? " owned" : "", op->is_inner_owned ? " inner" : "",
                              (int) op->ending, op->target, is_in_func ? " (in its function)" : "");
      if (makes_one (op->kind))
        {
          print_inside (self, i, TRUE, depth + 1, to);
          print_inside (self, i, FALSE, depth + 1, to);
        }
    }
}

void
script_print (const Script *self, GString *to)
{
  g_string_append_printf (to, "script %u: a %s, size %d, backlog %d\n", self->seed,
                          object_names[self->object], self->size, self->backlog);
  print_inside (self, -1, FALSE, 1, to);
}
