/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "model-private.h"

typedef struct
{
  ModelDeferred *self; /* owned */
  ModelCanceller func;
  gpointer       data;
  GDestroyNotify destroy;
} Letter;

const Result result_nothing = { RESULT_NOTHING, 0, 0 };

Model *
model_new (const ModelEvents *events, gboolean report_from_loop)
{
  Model *self = g_new0 (Model, 1);

  self->events = *events;
  self->report_from_loop = report_from_loop;
  g_queue_init (&self->letters);
  return self;
}

void
model_free (Model *self)
{
  g_queue_clear_full (&self->letters, g_free);
  g_queue_clear (&self->linked);
  g_free (self);
}

/* Life and death */

ModelDeferred *
model_deferred_new (Model *model, int id, ModelCanceller canceller, gpointer data, GDestroyNotify destroy)
{
  ModelDeferred *self = g_new0 (ModelDeferred, 1);

  self->model = model;
  self->id = id;
  self->refs = 1;
  self->result = result_nothing;
  self->canceller = canceller;
  self->canceller_data = data;
  self->canceller_destroy = destroy;
  g_queue_init (&self->links);
  return self;
}

/* From here on its signal has handlers. */
void
model_watch (ModelDeferred *self, gpointer handler_data)
{
  self->watched = TRUE;
  self->handler_data = handler_data;
}

ModelDeferred *
model_ref (ModelDeferred *self)
{
  self->refs++;
  return self;
}

void
model_drop_canceller (ModelDeferred *self)
{
  GDestroyNotify destroy = self->canceller_destroy;

  g_queue_remove (&self->model->linked, self);
  self->linked = FALSE;
  self->canceller = NULL;
  self->canceller_destroy = NULL;
  if (destroy != NULL)
    destroy (self->canceller_data);
}

static gboolean
is_unhandled (ModelDeferred *self)
{
  return self->fired && model_is_error (self->result) && !self->seen && !self->muted
         && !(self->cancelled && self->result.kind == RESULT_CANCELLED);
}

static void
report (ModelDeferred *self)
{
  self->seen = TRUE;
  self->model->events.report (self, self->result);
}

void
model_invoke (ModelDeferred *self, ModelCanceller func, gpointer data, GDestroyNotify destroy)
{
  Letter *letter = g_new0 (Letter, 1);

  *letter = (Letter){ model_ref (self), func, data, destroy };
  g_queue_push_tail (&self->model->letters, letter);
}

void
model_iterate (Model *self)
{
  Letter *letter;

  while ((letter = g_queue_pop_head (&self->letters)) != NULL)
    {
      letter->func (letter->self, letter->data);
      if (letter->destroy != NULL)
        letter->destroy (letter->data);
      model_unref (letter->self);
      g_free (letter);
    }
}

static void
report_later (ModelDeferred *self, gpointer data G_GNUC_UNUSED)
{
  report (self);
}

/* A pause does not outlive who could undo it. */
static void
abandon (ModelDeferred *self, gpointer data G_GNUC_UNUSED)
{
  gboolean was_paused = self->pauses > 0;

  self->pauses = 0;
  if (!self->fired)
    model_fire (self, model_own_error (MODEL_ABANDONED));
  else if (was_paused)
    model_take_turns (self);
}

/* Rule 17: what still has links is kept until the loop ran them; rule 16: an error nobody handled is reported. */
void
model_unref (ModelDeferred *self)
{
  if (--self->refs > 0)
    return;

  /* It fails anyway: the cancellable reaches it no more. */
  g_queue_remove (&self->model->linked, self);
  if (!g_queue_is_empty (&self->links))
    {
      model_invoke (self, abandon, NULL, NULL);
      return;
    }
  if (is_unhandled (self) && self->model->report_from_loop)
    {
      model_invoke (self, report_later, NULL, NULL);
      return;
    }

  if (is_unhandled (self))
    report (self);

  /* The data may have held the owner, whose end is a letter to this one; its signal has lost its handlers then. */
  self->refs++;
  model_drop_canceller (self);
  self->watched = FALSE;
  if (--self->refs > 0)
    return;

  self->model->events.freed (self->id);
  g_free (self);
}

static void
nothing_to_do (ModelDeferred *self G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
}

/* The end is for the loop at home. */
void
model_unref_away (ModelDeferred *self)
{
  if (--self->refs > 0)
    return;

  g_queue_remove (&self->model->linked, self);
  model_invoke (self, nothing_to_do, NULL, NULL);
}

/* Pausing and cancelling */

void
model_pause (ModelDeferred *self)
{
  self->pauses++;
}

void
model_unpause (ModelDeferred *self)
{
  if (self->pauses == 0)
    {
      self->model->events.critical ();
      return;
    }
  /* As the library does: kept for the time of the call. */
  model_ref (self);
  self->pauses--;
  model_take_turns (self);
  model_unref (self);
}

static void
call_canceller (ModelDeferred *self)
{
  ModelCanceller canceller = self->canceller;
  GDestroyNotify destroy = self->canceller_destroy;

  self->canceller = NULL;
  self->canceller_destroy = NULL;
  canceller (self, self->canceller_data);
  if (destroy != NULL)
    destroy (self->canceller_data);
}

void
model_cancel (ModelDeferred *self)
{
  ModelCanceller canceller = self->canceller;

  if (self->waits_for != NULL)
    {
      self->cancelled = TRUE;
      model_cancel (self->waits_for);
      return;
    }
  /* A canceller that cancels again: the call that called it does the rest. */
  if (self->fired || (self->cancelled && !self->claimed))
    return;

  model_ref (self);
  self->cancelled = TRUE;
  if (self->claimed)
    canceller = NULL; /* what is on its way will be dropped, and it was fired, so nothing is left to cancel */
  else if (canceller != NULL)
    call_canceller (self);

  if (!self->fired)
    {
      self->swallows = !self->claimed && canceller == NULL;
      self->claimed = TRUE;
      model_fire_now (self, (Result){ RESULT_CANCELLED, 0, 0 });
    }
  model_unref (self);
}

static void
cancel_later (ModelDeferred *self, gpointer data G_GNUC_UNUSED)
{
  model_cancel (self);
}

void
model_cancel_away (ModelDeferred *self)
{
  model_invoke (self, cancel_later, NULL, NULL);
}

/* Rule 25: no callback runs from here on; the rest is for the loop. */
void
model_owner_gone (ModelDeferred *self)
{
  self->muted = TRUE;
  if (model_waits_for (self) != NULL && self->fired)
    self->cancelled = TRUE;
  model_invoke (self, cancel_later, NULL, NULL);
}

void
model_link_cancellable (ModelDeferred *self)
{
  if (self->fired && self->told)
    return;
  if (self->linked)
    {
      self->model->events.critical ();
      return;
    }

  self->linked = TRUE;
  g_queue_push_tail (&self->model->linked, self);
  if (self->model->cancellable_cancelled)
    model_cancel (self);
}

/* Never inside the call: from the loop. */
void
model_cancel_cancellable (Model *self)
{
  if (self->cancellable_cancelled)
    return;

  self->cancellable_cancelled = TRUE;
  for (GList *l = self->linked.head; l != NULL; l = l->next)
    model_invoke (l->data, cancel_later, NULL, NULL);
}

/* Looking */

ModelState
model_state (ModelDeferred *self)
{
  if (!self->fired)
    return MODEL_PENDING;
  if (self->running)
    return MODEL_RUNNING;
  if (self->waits_for != NULL)
    return MODEL_WAITING;
  return model_is_error (self->result) ? MODEL_FAILED : MODEL_SUCCEEDED;
}

/* Rule 11 counts a promise, too. */
ModelDeferred *
model_waits_for (ModelDeferred *self)
{
  return self->waits_for != NULL ? self->waits_for : self->promised;
}
