/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "model-random.h"

#define DEEPEST 3

/* Chance: xorshift, as a GRand would cost more than the script it makes. */

static guint64 chance;

static int
below (int n)
{
  chance ^= chance << 13;
  chance ^= chance >> 7;
  chance ^= chance << 17;
  return (int) ((chance >> 33) % (guint64) n);
}

static gboolean
percent (int n)
{
  return below (100) < n;
}

/* Picks by weight. */
static int
weighted (const guint8 *weights, int n)
{
  int sum = 0;
  int pick;

  for (int i = 0; i < n; i++)
    sum += weights[i];
  pick = below (sum);
  for (int i = 0; i < n; i++)
    {
      pick -= weights[i];
      if (pick < 0)
        return i;
    }
  return n - 1;
}

static Result
random_value (void)
{
  static const ResultKind kinds[] = { RESULT_INT, RESULT_INT, RESULT_STRING, RESULT_TOKEN };

  return (Result){ kinds[below (G_N_ELEMENTS (kinds))], below (100), 0 };
}

static Result
random_error (void)
{
  return (Result){ RESULT_ERROR, 1 + below (3), percent (25) ? 1 + below (9) : 0 };
}

static Result
random_result (void)
{
  if (percent (10))
    return (Result){ RESULT_NOTHING, 0, 0 };
  return percent (60) ? random_value () : random_error ();
}

static int
random_slot (const Script *self, gboolean inside)
{
  return inside && percent (30) ? SCRIPT_SELF : below (self->n_slots);
}

static const guint8 ending_weights[N_ENDINGS] = {
  [END_PASS] = 12,
  [END_VALUE] = 10,
  [END_NOTHING] = 3,
  [END_SET_ERROR] = 6,
  [END_SET_ERROR_TRUE] = 1,
  [END_RETURN_ERROR] = 3,
  [END_RETURN_ERROR_TRUE] = 1,
  [END_FALSE] = 2,
  [END_VALUE_ERROR] = 1,
  [END_VALUE_FALSE] = 1,
  [END_DEFERRED] = 14,
  [END_DEFERRED_VALUE] = 2,
  [END_DEFERRED_ERROR] = 1,
  [END_DEFERRED_THEN] = 1,
  [END_FIRED] = 3,
  [END_PENDING] = 5,
};

static const guint8 op_weights[N_OPS] = {
  [OP_NEW] = 8,
  [OP_MADE] = 4,
  [OP_MAYBE] = 3,
  [OP_CALLBACK] = 9,
  [OP_ERRBACK] = 6,
  [OP_BOTH] = 9,
  [OP_PAIR] = 6,
  [OP_ERRBACK_FOR] = 3,
  [OP_FIRE] = 16,
  [OP_FIRE_WITH] = 3,
  [OP_FIRE_DEFERRED] = 1,
  [OP_PAUSE] = 5,
  [OP_UNPAUSE] = 5,
  [OP_CANCEL] = 7,
  [OP_FORK] = 6,
  [OP_CHAIN] = 6,
  [OP_INVOKE] = 2,
  [OP_COPY] = 3,
  [OP_DISPATCHED] = 4,
  [OP_BIND] = 2,
  [OP_DISOWN] = 2,
  [OP_LINK] = 2,
  [OP_CANCEL_CANCELLABLE] = 1,
  [OP_DROP] = 8,
  [OP_ITERATE] = 5,
  [OP_LOOK] = 2,
  [OP_FIRE_AWAY] = 4,
  [OP_CANCEL_AWAY] = 1,
  [OP_DROP_AWAY] = 2,
};

static int generate_ops (Script *self, int n, int depth, int *begin);

/* A GError set by hand has no payload. */
static Result
random_ending_value (Ending ending)
{
  Result result;

  switch (ending)
    {
    case END_FIRED:
      return random_result ();
    case END_RETURN_ERROR:
    case END_RETURN_ERROR_TRUE:
      return random_error ();
    case END_SET_ERROR:
    case END_SET_ERROR_TRUE:
    case END_VALUE_ERROR:
    case END_DEFERRED_ERROR:
      result = random_error ();
      result.payload = 0;
      return result;
    default:
      return random_value ();
    }
}

static void
generate_action (Script *self, Op *op, int half, int depth)
{
  Action *action = &op->action[half];

  op->has[half] = TRUE;
  action->op = (int) (op - self->ops);
  action->half = half;
  action->ending = weighted (ending_weights, N_ENDINGS);
  action->value = random_ending_value (action->ending);
  action->slot = random_slot (self, TRUE);
  action->bare = percent (40);
  action->absent = op->kind == OP_PAIR && percent (15);

  if (depth < DEEPEST && percent (depth == 0 ? 45 : 30))
    action->n = generate_ops (self, 1 + below (3), depth + 1, &action->begin);
  if (depth < DEEPEST && percent (5))
    action->gone_n = generate_ops (self, 1, depth + 1, &action->gone_begin);
}

static void
generate_op (Script *self, Op *op, int depth)
{
  op->kind = weighted (op_weights, N_OPS);
  op->slot = random_slot (self, depth > 0);
  op->other = random_slot (self, depth > 0);
  op->value = random_result ();

  switch (op->kind)
    {
    case OP_NEW:
      if (percent (30))
        generate_action (self, op, 0, depth);
      if (percent (5))
        generate_action (self, op, 1, depth);
      if (percent (5))
        generate_action (self, op, 2, depth);
      break;

    case OP_PAIR:
    case OP_DISPATCHED:
      generate_action (self, op, 0, depth);
      generate_action (self, op, 1, depth);
      break;

    case OP_MAYBE:
    case OP_CALLBACK:
    case OP_ERRBACK:
    case OP_BOTH:
    case OP_FIRE_WITH:
    case OP_INVOKE:
      generate_action (self, op, 0, depth);
      break;

    case OP_ERRBACK_FOR:
      op->value = random_error ();
      generate_action (self, op, 0, depth);
      break;

    default:
      break;
    }
}

/* The operations of one list lie side by side; those inside them come behind. */
static int
generate_ops (Script *self, int n, int depth, int *begin)
{
  n = MIN (n, SCRIPT_OPS - self->n_ops);
  *begin = self->n_ops;
  self->n_ops += n;
  for (int i = 0; i < n; i++)
    generate_op (self, &self->ops[*begin + i], depth);
  return n;
}

/* The same seed makes the same script, always. Most scripts begin with something in each slot. */
void
script_random (Script *self, guint seed)
{
  int begin;
  int first;

  memset (self, 0, sizeof *self);
  chance = ((guint64) seed + 1) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  for (int i = 0; i < 4; i++)
    below (2);

  self->seed = seed;
  self->hook = percent (30);
  self->n_slots = 1 + below (SCRIPT_SLOTS);
  first = percent (90) ? self->n_slots : 0;
  self->n_top = generate_ops (self, first + 2 + below (13), 0, &begin);
  for (int i = 0; i < first && i < self->n_top; i++)
    {
      if (self->ops[i].kind != OP_NEW && self->ops[i].kind != OP_MAYBE)
        self->ops[i].kind = percent (80) ? OP_NEW : OP_MADE;
      /* The actions of what it was serve as canceller and handlers. */
      self->ops[i].slot = i;
    }
}

/* Printing */

static const char *const op_names[N_OPS] = {
  [OP_NEW] = "new",
  [OP_MADE] = "made",
  [OP_MAYBE] = "maybe",
  [OP_CALLBACK] = "callback",
  [OP_ERRBACK] = "errback",
  [OP_BOTH] = "both",
  [OP_PAIR] = "pair",
  [OP_ERRBACK_FOR] = "errback-for",
  [OP_DISPATCHED] = "dispatched",
  [OP_FIRE] = "fire",
  [OP_FIRE_AWAY] = "fire-away",
  [OP_CANCEL_AWAY] = "cancel-away",
  [OP_DROP_AWAY] = "drop-away",
  [OP_FIRE_WITH] = "fire-with",
  [OP_FIRE_DEFERRED] = "fire-with-deferred",
  [OP_PAUSE] = "pause",
  [OP_UNPAUSE] = "unpause",
  [OP_CANCEL] = "cancel",
  [OP_INVOKE] = "invoke",
  [OP_FORK] = "fork",
  [OP_CHAIN] = "chain",
  [OP_BIND] = "bind",
  [OP_DISOWN] = "disown",
  [OP_LINK] = "link",
  [OP_CANCEL_CANCELLABLE] = "cancel-cancellable",
  [OP_COPY] = "copy",
  [OP_DROP] = "drop",
  [OP_ITERATE] = "iterate",
  [OP_LOOK] = "look",
};

static const char *const ending_names[N_ENDINGS] = {
  "pass",
  "return value",
  "return nothing",
  "set error",
  "set error, TRUE",
  "return error",
  "return error, TRUE",
  "FALSE",
  "return value, set error",
  "return value, FALSE",
  "return deferred",
  "return deferred as value",
  "return deferred, set error",
  "return deferred, return value",
  "return new fired",
  "return new pending",
};

void
result_print (Result result, GString *to)
{
  static const char *const own[]
      = { "ALREADY_CALLED", "INVALID_RESULT", "LOOP", "ABANDONED", "FAILED", "STALLED" };

  switch (result.kind)
    {
    case RESULT_NOTHING:
      g_string_append (to, "nothing");
      break;
    case RESULT_INT:
      g_string_append_printf (to, "%d", result.number);
      break;
    case RESULT_STRING:
      g_string_append_printf (to, "'%d'", result.number);
      break;
    case RESULT_TOKEN:
      g_string_append_printf (to, "<%d>", result.number);
      break;
    case RESULT_ERROR:
      g_string_append_printf (to, "error %d", result.number);
      break;
    case RESULT_DEFERRED_ERROR:
      g_string_append (to, result.number >= 0 && result.number < (int) G_N_ELEMENTS (own) ? own[result.number]
                                                                                          : "?");
      break;
    case RESULT_CANCELLED:
      g_string_append (to, "CANCELLED");
      break;
    case RESULT_STRANGE:
      g_string_append_printf (to, "strange %d", result.number);
      break;
    }
  if (result.payload != 0)
    g_string_append_printf (to, "+%d", result.payload);
}

static void
print_slot (int slot, GString *to)
{
  if (slot == SCRIPT_SELF)
    g_string_append (to, "self");
  else
    g_string_append_printf (to, "[%d]", slot);
}

static void print_ops (const Script *self, int begin, int n, int indent, GString *to);

static void
print_action (const Script *self, const Action *action, int indent, GString *to)
{
  static const char *const halves[] = { "first", "second", "third" };

  g_string_append_printf (to, "%*s%s%s%s: ", indent, "", halves[action->half],
                          action->absent ? ", absent" : "", action->bare ? ", bare" : "");
  g_string_append_printf (to, "%s ", ending_names[action->ending]);
  result_print (action->value, to);
  g_string_append (to, ", ");
  print_slot (action->slot, to);
  g_string_append_c (to, '\n');
  print_ops (self, action->begin, action->n, indent + 2, to);
  if (action->gone_n > 0)
    {
      g_string_append_printf (to, "%*sand when its data goes:\n", indent, "");
      print_ops (self, action->gone_begin, action->gone_n, indent + 2, to);
    }
}

static void
print_op (const Script *self, const Op *op, int indent, GString *to)
{
  g_string_append_printf (to, "%*s#%d %s ", indent, "", (int) (op - self->ops), op_names[op->kind]);
  print_slot (op->slot, to);

  switch (op->kind)
    {
    case OP_MADE:
    case OP_FIRE:
    case OP_FIRE_AWAY:
    case OP_ERRBACK_FOR:
      g_string_append_c (to, ' ');
      result_print (op->value, to);
      break;
    case OP_FORK:
    case OP_CHAIN:
    case OP_COPY:
    case OP_FIRE_DEFERRED:
      g_string_append_c (to, ' ');
      print_slot (op->other, to);
      break;
    default:
      break;
    }

  g_string_append_c (to, '\n');
  for (int i = 0; i < SCRIPT_ACTIONS; i++)
    if (op->has[i])
      print_action (self, &op->action[i], indent + 4, to);
}

static void
print_ops (const Script *self, int begin, int n, int indent, GString *to)
{
  for (int i = begin; i < begin + n; i++)
    if (!self->ops[i].dropped)
      print_op (self, &self->ops[i], indent, to);
}

void
script_print (const Script *self, GString *to)
{
  g_string_append_printf (to, "script %u, reports to the %s\n", self->seed, self->hook ? "hook" : "log");
  print_ops (self, 0, self->n_top, 2, to);
}
