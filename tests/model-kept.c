/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "model-kept.h"

#include "model-value.h"

/* One addition: what to play for a success, and for a failure. */
typedef struct
{
  Op     *op;
  Action *halves[2];
} Pair;

typedef struct
{
  GQueue   pairs; /* of Pair, oldest first; NULL between batches */
  int      n_batches;
  Action  *canceller;
  Result   value;
  gboolean has;     /* value is the outcome */
  gboolean kept;    /* it was left to us */
  gboolean running; /* a batch is */
} Kept;

/* What a callback left. */
typedef struct
{
  gboolean   changed;
  Result     result;
  GDeferred *inner; /* owned */
  gboolean   as_value;
} Left;

static guint  dispatcher;
static GQuark kept_key;

static void
kept_free (gpointer data)
{
  Kept *kept = data;

  g_queue_clear_full (&kept->pairs, g_free);
  g_free (kept);
}

static Kept *
kept_of (GDeferred *d)
{
  Kept *kept = g_object_get_qdata (G_OBJECT (d), kept_key);

  if (kept == NULL)
    {
      kept = g_new0 (Kept, 1);
      g_object_set_qdata_full (G_OBJECT (d), kept_key, kept, kept_free);
    }
  return kept;
}

static gboolean
is_error (Result result)
{
  return result.kind >= RESULT_ERROR;
}

static GError *
error_of (Result result)
{
  if (result.kind == RESULT_DEFERRED_ERROR)
    return g_error_new_literal (G_DEFERRED_ERROR, result.number, "not said");
  return value_error (result);
}

/* --- a batch --------------------------------------------------------------------------------------------------- */

static void
end_with_deferred (GDeferred *self, Action *action, Left *left)
{
  left->inner = (GDeferred *) play_inner (action, self);
  left->as_value = action->ending == END_DEFERRED_VALUE;
  if (action->ending == END_DEFERRED_THEN)
    g_clear_object (&left->inner);
}

static void
end (GDeferred *self, Action *action, Left *left)
{
  left->changed = TRUE;
  switch (action->ending)
    {
    case END_VALUE:
    case END_SET_ERROR:
    case END_SET_ERROR_TRUE:
    case END_RETURN_ERROR:
    case END_RETURN_ERROR_TRUE:
    case END_VALUE_ERROR:
      left->result = action->value;
      break;
    case END_FALSE:
    case END_VALUE_FALSE:
      left->result = (Result){ RESULT_DEFERRED_ERROR, MODEL_NOT_SAID, 0 };
      break;
    case END_DEFERRED_ERROR:
    case END_DEFERRED_THEN:
      end_with_deferred (self, action, left);
      left->result = action->value;
      break;
    case END_DEFERRED:
    case END_DEFERRED_VALUE:
    case END_FIRED:
    case END_PENDING:
      end_with_deferred (self, action, left);
      left->changed = FALSE;
      break;
    case END_NOTHING:
      break;
    case END_PASS:
    case N_ENDINGS:
    default:
      left->changed = FALSE;
      break;
    }
}

static Action *
action_for (const Pair *pair, Result outcome)
{
  gboolean trapped = pair->op->kind != OP_ERRBACK_FOR
                     || (outcome.kind == RESULT_ERROR && outcome.number == pair->op->value.number);

  return trapped ? pair->halves[is_error (outcome)] : NULL;
}

static void
run_pair (GDeferred *self, Kept *kept, Pair *pair, Left *left)
{
  Action *action = action_for (pair, kept->value);

  *left = (Left){ FALSE, result_nothing, NULL, FALSE };
  if (action != NULL)
    {
      play_action (action, self, play_real_id (self));
      end (self, action, left);
    }
  if (pair->op->kind == OP_DISPATCHED)
    play_dispatched_gone (pair->op);
  g_free (pair);

  if (!left->changed)
    return;
  kept->value = left->result;
  g_clear_object (&left->inner);
}

/* Whether it came to its end. */
static gboolean
run_batch (GDeferred *self, Kept *kept, Left *left, gboolean *changed)
{
  Pair *pair;

  while ((pair = g_queue_pop_head (&kept->pairs)) != NULL)
    {
      run_pair (self, kept, pair, left);
      *changed |= left->changed;
      if (g_queue_peek_head (&kept->pairs) != NULL && (left->inner != NULL || !g_deferred_may_go_on (self)))
        return FALSE;
    }
  kept->n_batches--;
  return TRUE;
}

static void
leave_inner (GDeferred *self, Left *left)
{
  GValue value = G_VALUE_INIT;

  if (!left->as_value)
    {
      g_deferred_return_deferred (self, left->inner);
      return;
    }
  g_value_init (&value, G_TYPE_DEFERRED);
  g_value_take_object (&value, left->inner);
  g_deferred_return_value (self, &value);
  g_value_unset (&value);
}

static void
leave_kept (GDeferred *self, Kept *kept, gboolean was_failed)
{
  if (is_error (kept->value))
    {
      GError *error = error_of (kept->value);

      g_deferred_return_error_kept (self, dispatcher, error);
      g_error_free (error);
    }
  else if (!kept->kept || was_failed)
    g_deferred_return_kept (self, dispatcher);
  kept->kept = TRUE;
}

static void
run (GDeferred *self, Kept *kept, gboolean failed, const GValue *value)
{
  Left     left = { 0 };
  gboolean changed = FALSE;

  g_assert_false (kept->running);
  if (!kept->kept)
    {
      kept->value = value_look (self);
      kept->has = TRUE;
      g_assert_true (failed || value == g_deferred_get_result (self));
    }
  g_assert_true (failed == is_error (kept->value));
  g_assert_true (!kept->kept || value == NULL);

  kept->running = TRUE;
  if (!run_batch (self, kept, &left, &changed))
    g_deferred_stay_dispatched (self);
  kept->running = FALSE;

  if (left.inner != NULL)
    leave_inner (self, &left);
  else if (changed)
    leave_kept (self, kept, failed);
  kept->has = kept->kept;
}

static void
drop (Kept *kept)
{
  Pair *pair;

  while ((pair = g_queue_pop_head (&kept->pairs)) != NULL)
    {
      if (pair->op->kind == OP_DISPATCHED)
        play_dispatched_gone (pair->op);
      g_free (pair);
    }
  kept->n_batches--;
}

static void
give (GDeferred *self, Kept *kept)
{
  g_assert_true (kept->kept);
  kept->kept = FALSE;
  kept->has = kept->running;
  if (kept->value.kind == RESULT_ERROR)
    value_return_error (self, kept->value);
  else if (!is_error (kept->value))
    value_return (self, kept->value);
}

static gboolean
dispatch (GDeferred *self, guint what, const GValue *value, gpointer user_data G_GNUC_UNUSED)
{
  Kept *kept = kept_of (self);

  switch ((GDeferredDispatch) what)
    {
    case G_DEFERRED_DISPATCH_CALLBACK:
    case G_DEFERRED_DISPATCH_ERRBACK:
      run (self, kept, what == G_DEFERRED_DISPATCH_ERRBACK, value);
      break;
    case G_DEFERRED_DISPATCH_DROP:
      drop (kept);
      break;
    case G_DEFERRED_DISPATCH_GIVE:
      give (self, kept);
      break;
    case G_DEFERRED_DISPATCH_FORGET:
      g_assert_true (kept->kept);
      kept->kept = kept->has = FALSE;
      break;
    case G_DEFERRED_DISPATCH_CANCEL:
      play_action (g_steal_pointer (&kept->canceller), self, play_real_id (self));
      break;
    case G_DEFERRED_DISPATCH_REPORT:
      return FALSE;
    default:
      g_assert_not_reached ();
    }
  return TRUE;
}

/* --- for the world --------------------------------------------------------------------------------------------- */

void
kept_init (void)
{
  kept_key = g_quark_from_static_string ("model-test-kept");
  dispatcher = g_deferred_register_dispatcher (dispatch, NULL, NULL);
}

/* Whether the callbacks of an addition are to be kept. Where they come with a destroy-notify it is the library that
 * calls it, in its order. */
gboolean
kept_takes (const Op *op)
{
  switch (op->kind)
    {
    case OP_DISPATCHED:
      return TRUE;
    case OP_CALLBACK:
    case OP_ERRBACK:
    case OP_BOTH:
    case OP_ERRBACK_FOR:
      return op->action[0].bare && op->slot % 3 != 0;
    case OP_PAIR:
      return op->action[0].bare && op->action[1].bare;
    default:
      return FALSE;
    }
}

void
kept_add (GDeferred *d, Op *op)
{
  Kept    *kept = kept_of (d);
  Pair    *pair = g_new (Pair, 1);
  Action  *first = op->action[0].absent ? NULL : &op->action[0];
  Action  *second = op->action[1].absent ? NULL : &op->action[1];
  gboolean two = op->kind == OP_PAIR || op->kind == OP_DISPATCHED;

  pair->op = op;
  pair->halves[0] = op->kind == OP_ERRBACK || op->kind == OP_ERRBACK_FOR ? NULL : first;
  pair->halves[1] = two ? second : op->kind == OP_CALLBACK ? NULL : first;

  if (kept->n_batches == 0)
    {
      kept->n_batches = 1;
      g_queue_push_tail (&kept->pairs, pair);
      g_assert_cmpuint (g_deferred_add_dispatched (d, dispatcher, FALSE), ==, G_DEFERRED_DISPATCHED_ADDED);
      return;
    }

  if (g_deferred_add_dispatched (d, dispatcher, TRUE) == G_DEFERRED_DISPATCHED_ADDED)
    {
      kept->n_batches++;
      g_queue_push_tail (&kept->pairs, NULL);
    }
  g_queue_push_tail (&kept->pairs, pair);
}

void
kept_set_canceller (GDeferred *d, Action *action)
{
  kept_of (d)->canceller = action;
  g_deferred_set_dispatched_canceller (d, dispatcher);
}

int
kept_fire (GDeferred *d, Result result)
{
  Kept    *kept = kept_of (d);
  gboolean had = kept->has;
  GError  *error = is_error (result) ? error_of (result) : NULL;
  guint    answer;

  if (!had)
    {
      kept->value = result;
      kept->has = kept->kept = TRUE;
    }
  answer = error != NULL ? g_deferred_errback_kept (d, dispatcher, error)
                         : g_deferred_callback_kept (d, dispatcher);
  g_clear_error (&error);

  if (answer != G_DEFERRED_FIRED_ACCEPTED && !had)
    kept->has = kept->kept = FALSE;
  return answer == G_DEFERRED_FIRED_REFUSED ? MODEL_ALREADY_CALLED : -1;
}

/* In the middle of a batch only the binding knows; else it is asked, or the library, which asks the binding then. */
Result
kept_look (GDeferred *d)
{
  Kept *kept = kept_of (d);

  if (kept->running && kept->value.number % 3 == 0)
    g_deferred_get_result (d);
  return kept->running || (kept->has && kept->value.number % 2 == 0) ? kept->value : value_look (d);
}
