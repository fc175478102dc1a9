/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* The chain: links, turns, firing. */

#include "model-private.h"

static gboolean claim (ModelDeferred *self, int *refused);
static void     fire (ModelDeferred *self, Result result, GQueue *turns);

/* Rule 11. */
static gboolean
is_ring (ModelDeferred *outer, ModelDeferred *inner)
{
  for (ModelDeferred *d = inner; d != NULL; d = d->waits_for != NULL ? d->waits_for : d->promised)
    if (d == outer)
      return TRUE;
  return FALSE;
}

static void
set_result (ModelDeferred *self, Result result)
{
  self->result = result;
  self->seen = FALSE;
}

static Result
take_result (ModelDeferred *self)
{
  Result result = self->result;

  set_result (self, result_nothing);
  return result;
}

/* Rule 8: the result is moved, now or when the inner one came to the link that is left there. */
static void
wait_for (ModelDeferred *self, ModelDeferred *inner)
{
  if (is_ring (self, inner))
    {
      set_result (self, model_own_error (MODEL_LOOP));
    }
  else if (inner->fired && !inner->running && inner->pauses == 0 && inner->waits_for == NULL)
    {
      set_result (self, take_result (inner));
    }
  else
    {
      Link *link = g_new0 (Link, 1);

      link->kind = LINK_WAITER;
      link->target = model_ref (self);
      g_queue_push_tail (&inner->links, link);
      self->waits_for = inner;
      set_result (self, result_nothing);
    }
}

/* Rules 6 and 7: takes over what a callback left. */
static void
settle (ModelDeferred *self, ModelReturn *leaves)
{
  if (leaves->failed)
    set_result (self,
                leaves->result.kind == RESULT_NOTHING ? model_own_error (MODEL_NOT_SAID) : leaves->result);
  else if (leaves->inner != NULL)
    wait_for (self, leaves->inner);
  else if (leaves->set)
    set_result (self, leaves->result);

  if (leaves->inner != NULL)
    model_unref (leaves->inner);
}

/* Rules 5 and 13. */
static void
run_user_link (ModelDeferred *self, Link *link)
{
  gboolean failed = model_is_error (self->result);
  gboolean trapped
      = link->trap < 0 || (self->result.kind == RESULT_ERROR && self->result.number == link->trap);
  ModelFunc   func = failed ? (trapped ? link->errback : NULL) : link->callback;
  ModelReturn leaves = { 0 };

  if (func != NULL && !self->muted)
    {
      func (self, failed ? link->errback_data : link->callback_data, &leaves);
      settle (self, &leaves);
    }

  if (link->callback_destroy != NULL)
    link->callback_destroy (link->callback_data);
  if (link->errback_destroy != NULL)
    link->errback_destroy (link->errback_data);
}

static void
run_dispatched_link (ModelDeferred *self, Link *link)
{
  ModelReturn leaves = { 0 };

  if (self->muted)
    {
      link->callback (self, link->callback_data, NULL);
      return;
    }
  link->callback (self, link->callback_data, &leaves);
  settle (self, &leaves);
}

static void
give_turn (ModelDeferred *self, GQueue *turns)
{
  self->running = TRUE;
  g_queue_push_tail (turns, model_ref (self));
}

/* A target that was cancelled swallows what it is given once; an error that is only copied stays this one's business
 * then. One that was fired in another way fails a chain, and does not concern a fork. */
static void
hand_on (ModelDeferred *self, ModelDeferred *target, gboolean moves, GQueue *turns)
{
  int refused;

  if (target->promised == self)
    target->promised = NULL;

  if (claim (target, &refused))
    {
      fire (target, self->result, turns);
      self->seen = TRUE;
      if (moves)
        set_result (self, result_nothing);
    }
  else if (moves)
    set_result (self, refused < 0 ? result_nothing : model_own_error (MODEL_ALREADY_CALLED));
}

/* Hands the result on to who has its turn later. */
static void
run_link (ModelDeferred *self, Link *link, GQueue *turns)
{
  ModelDeferred *target = link->target;

  switch (link->kind)
    {
    case LINK_USER:
      run_user_link (self, link);
      return;

    case LINK_DISPATCHED:
      run_dispatched_link (self, link);
      return;

    case LINK_WAITER:
      target->waits_for = NULL;
      set_result (target, take_result (self));
      /* Who is at its turn still, in the destroy-notify of the very link that waits, goes on there. */
      if (!target->running)
        give_turn (target, turns);
      break;

    case LINK_FORK:
    case LINK_CHAIN:
      hand_on (self, target, link->kind == LINK_CHAIN, turns);
      break;
    }

  model_unref (target);
}

/* Rules 9, 12 and 23. */
static void
take_turn (ModelDeferred *self, GQueue *turns)
{
  gboolean fresh = !self->told;
  gboolean tells = self->watched && fresh;

  self->told = TRUE;
  if (fresh)
    model_drop_canceller (self);
  if (tells)
    self->model->events.fired (self->handler_data, self, FALSE);

  while (!g_queue_is_empty (&self->links) && self->pauses == 0 && self->waits_for == NULL)
    {
      Link *link = g_queue_pop_head (&self->links);

      run_link (self, link, turns);
      g_free (link);
    }

  self->running = FALSE;
  if (tells)
    self->model->events.fired (self->handler_data, self, TRUE);
}

/* Those who are handed an outcome on the way have their turns after this one, first in first out. */
static void
take_turns_in (GQueue *turns)
{
  ModelDeferred *d;

  while ((d = g_queue_pop_head (turns)) != NULL)
    {
      take_turn (d, turns);
      model_unref (d);
    }
}

void
model_take_turns (ModelDeferred *first)
{
  GQueue turns = G_QUEUE_INIT;

  if (!first->fired || first->running || first->waits_for != NULL)
    return;

  give_turn (first, &turns);
  take_turns_in (&turns);
}

/* Firing */

/* Rule 1: whether the caller may fire it, -1, or why not. One that is not to fire, and not told, is swallowed. */
static gboolean
claim (ModelDeferred *self, int *refused)
{
  *refused = -1;
  if (!self->claimed)
    {
      self->claimed = TRUE;
      return TRUE;
    }

  if (!self->swallows)
    *refused = MODEL_ALREADY_CALLED;
  self->swallows = FALSE;
  return FALSE;
}

static void
fire (ModelDeferred *self, Result result, GQueue *turns)
{
  self->fired = TRUE;
  self->promised = NULL;
  set_result (self, result);
  give_turn (self, turns);
}

/* The claim is taken. */
void
model_fire_now (ModelDeferred *self, Result result)
{
  GQueue turns = G_QUEUE_INIT;

  fire (self, result, &turns);
  take_turns_in (&turns);
}

int
model_fire (ModelDeferred *self, Result result)
{
  int refused;

  if (claim (self, &refused))
    model_fire_now (self, result);
  return refused;
}

/* Rule 20. A cancel at home may be quicker than what is on its way. */
static void
arrive (ModelDeferred *self, gpointer data)
{
  if (!self->fired)
    model_fire_now (self, *(Result *) data);
}

int
model_fire_away (ModelDeferred *self, Result result)
{
  int refused;

  if (claim (self, &refused))
    model_invoke (self, arrive, g_memdup2 (&result, sizeof result), g_free);
  return refused;
}

/* As if @func were a callback: what it leaves may be a Deferred that has to be waited for. It is called even if the
 * outcome will be dropped, and sees @self as it is. */
int
model_fire_with (ModelDeferred *self, ModelFunc func, gpointer data)
{
  ModelReturn leaves = { 0 };
  int         refused;

  model_ref (self);
  func (self, data, &leaves);

  if (claim (self, &refused))
    {
      self->fired = TRUE;
      self->promised = NULL;
      settle (self, &leaves);
      model_take_turns (self);
    }
  else if (leaves.inner != NULL)
    {
      if (self->cancelled && !leaves.failed)
        model_cancel (leaves.inner);
      model_unref (leaves.inner);
    }

  model_unref (self);
  return refused;
}

ModelDeferred *
model_maybe (Model *model, int id, ModelFunc func, gpointer data)
{
  ModelDeferred *self = model_deferred_new (model, id, NULL, NULL, NULL);

  model_fire_with (self, func, data);
  return self;
}

ModelDeferred *
model_made (Model *model, int id, Result result)
{
  ModelDeferred *self = model_deferred_new (model, id, NULL, NULL, NULL);

  model_fire (self, result);
  return self;
}

/* Links for everybody */

void
model_add (ModelDeferred *self,
           ModelFunc      callback,
           gpointer       callback_data,
           GDestroyNotify callback_destroy,
           ModelFunc      errback,
           gpointer       errback_data,
           GDestroyNotify errback_destroy,
           int            trap)
{
  Link *link = g_new0 (Link, 1);

  *link = (Link){ LINK_USER,        callback,        errback, callback_data, errback_data,
                  callback_destroy, errback_destroy, trap,    NULL };
  g_queue_push_tail (&self->links, link);
  model_take_turns (self);
}

void
model_add_dispatched (ModelDeferred *self, ModelFunc func, gpointer data)
{
  Link *link = g_new0 (Link, 1);

  link->kind = LINK_DISPATCHED;
  link->callback = func;
  link->callback_data = data;
  g_queue_push_tail (&self->links, link);
  model_take_turns (self);
}

static void
add_target (ModelDeferred *self, LinkKind kind, ModelDeferred *target)
{
  Link *link = g_new0 (Link, 1);

  if (!target->fired && target->promised == NULL && !is_ring (target, self))
    target->promised = self;
  link->kind = kind;
  link->target = model_ref (target);
  g_queue_push_tail (&self->links, link);
  model_take_turns (self);
}

void
model_chain (ModelDeferred *self, ModelDeferred *other)
{
  if (self == other)
    self->model->events.critical ();
  else
    add_target (self, LINK_CHAIN, other);
}

ModelDeferred *
model_fork (ModelDeferred *self, int id)
{
  ModelDeferred *child = model_deferred_new (self->model, id, NULL, NULL, NULL);

  add_target (self, LINK_FORK, child);
  return child;
}
