/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "deferred-private.h"

#include "tracking-private.h"

/* How an outcome gets from its producer to the chain, wherever the producer is. It knows the instance, not the class:
 * what is public about firing is in firing.c. */

/* Functions that this thread is calling on behalf of Deferreds that are not fired yet; innermost first. */
static _Thread_local GdFrame *frames;

/* --- what goes home ---------------------------------------------------------------------------------------------- */

typedef struct
{
  GdLetter            letter;
  GDeferred          *self; /* owned */
  GDeferredInvokeFunc func;
  gpointer            user_data;
  GDestroyNotify      destroy;
} InvokeLetter;

typedef struct
{
  GdLetter       letter;
  GDeferred     *self; /* owned */
  GdFrame        frame;
  gpointer       user_data; /* of the function that left the frame */
  GDestroyNotify destroy;
} FireLetter;

/* One that was handed over since then is followed to its new home. */
static gboolean
has_arrived (GDeferred *self, GdLetter *letter, GdInbox *inbox)
{
  if (self->home.inbox != inbox)
    {
      gd_inbox_post (self->home.inbox, letter);
      return FALSE;
    }

  gd_home_arrive (&self->home);
  return TRUE;
}

static void
post (GDeferred *self, GdLetter *letter)
{
  gd_inbox_post (g_atomic_pointer_get (&self->home.inbox), letter);
}

static void
open_invoke (GdLetter *letter, GdInbox *inbox)
{
  InvokeLetter *invoke = (InvokeLetter *) letter;

  if (!has_arrived (invoke->self, letter, inbox))
    return;

  invoke->func (invoke->self, invoke->user_data);
  if (invoke->destroy != NULL)
    invoke->destroy (invoke->user_data);
  g_object_unref (invoke->self);
  g_free (invoke);
}

/* Calls @func from the home loop, and then @destroy. */
void
gd_deferred_invoke (GDeferred *self, GDeferredInvokeFunc func, gpointer user_data, GDestroyNotify destroy)
{
  InvokeLetter *invoke = g_new (InvokeLetter, 1);

  invoke->letter.open = open_invoke;
  invoke->self = g_object_ref (self);
  invoke->func = func;
  invoke->user_data = user_data;
  invoke->destroy = destroy;
  post (self, &invoke->letter);
}

/* What came too late. Nobody waits for what a function has started for one that was cancelled meanwhile. */
static void
drop_frame (GDeferred *self, GdFrame *frame)
{
  if (frame->is_set && frame->inner != NULL && (g_atomic_int_get (&self->chain.claim) & GD_CLAIM_CANCELLED))
    gd_chain_hooks.cancel_inner (frame->inner);
  gd_frame_clear (frame);
}

/* A cancel at home may have been quicker: then the outcome that was on its way is dropped. */
static void
open_fire (GdLetter *letter, GdInbox *inbox)
{
  FireLetter *fire = (FireLetter *) letter;
  GDeferred  *self = fire->self;

  if (!has_arrived (self, letter, inbox))
    return;

  if (self->chain.flags & GD_CHAIN_FIRED)
    drop_frame (self, &fire->frame);
  else
    gd_chain_fire_frame (&self->chain, &fire->frame);
  if (fire->destroy != NULL)
    fire->destroy (fire->user_data);
  g_object_unref (self);
  g_free (fire);
}

static void
post_fire (GDeferred *self, const GdFrame *frame, gpointer user_data, GDestroyNotify destroy)
{
  FireLetter *fire = g_new (FireLetter, 1);

  fire->letter.open = open_fire;
  fire->self = g_object_ref (self);
  fire->frame = *frame;
  fire->user_data = user_data;
  fire->destroy = destroy;
  post (self, &fire->letter);
}

/* For one whose claim the caller has won, elsewhere. */
void
gd_deferred_post_outcome (GDeferred *self, const GdOutcome *outcome)
{
  GdFrame frame = { .is_set = TRUE };

  gd_outcome_copy (outcome, &frame.outcome);
  post_fire (self, &frame, NULL, NULL);
}

/* --- firing ------------------------------------------------------------------------------------------------------ */

/* Whether the caller has the right to fire. If not, @done is what its function returns. */
static gboolean
claim (GDeferred *self, gconstpointer site, gboolean *done, GError **error)
{
  switch (gd_chain_claim (&self->chain))
    {
    case GD_CLAIM_WON:
      self->fired_at = site;
      if (gd_is_tracking ())
        gd_tracking_fired (self);
      return TRUE;
    case GD_CLAIM_SWALLOWED:
      *done = TRUE;
      return FALSE;
    case GD_CLAIM_LOST:
    default:
      *done = FALSE;
      g_set_error (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_ALREADY_CALLED,
                   "The Deferred %p has been fired already: it fires only once", self);
      return FALSE;
    }
}

static void
nothing_to_do (GDeferred *self G_GNUC_UNUSED, gpointer user_data G_GNUC_UNUSED)
{
}

/* Takes what the frame holds, and @user_data, whatever it returns. From elsewhere the Deferred must not be touched
 * once the letter is posted: what @user_data holds may be all that keeps it. */
static gboolean
fire_frame (GDeferred     *self,
            GdFrame       *frame,
            gpointer       user_data,
            GDestroyNotify destroy,
            gconstpointer  site,
            GError       **error)
{
  gboolean done = TRUE;
  gboolean won = claim (self, site, &done, error);
  gboolean home = gd_home_is_surely_here (&self->home);

  if (won && !home)
    {
      post_fire (self, frame, user_data, destroy);
      return done;
    }

  if (won)
    gd_chain_fire_frame (&self->chain, frame);
  else
    drop_frame (self, frame);

  if (destroy != NULL && home)
    destroy (user_data);
  else if (destroy != NULL)
    gd_deferred_invoke (self, nothing_to_do, user_data, destroy);
  return done;
}

/* Takes the outcome, whatever it returns. From elsewhere the Deferred must not be touched once the letter is posted:
 * the caller's reference may be all that keeps it. */
gboolean
gd_deferred_fire (GDeferred *self, GdOutcome *outcome, gconstpointer site, GError **error)
{
  gboolean done = TRUE;

  if (!claim (self, site, &done, error))
    gd_outcome_clear (outcome);
  else if (gd_home_is_surely_here (&self->home))
    {
      self->chain.outcome = *outcome;
      gd_chain_fire (&self->chain);
    }
  else
    {
      GdFrame frame = { .is_set = TRUE, .outcome = *outcome };

      post_fire (self, &frame, NULL, NULL);
    }
  return done;
}

/* A value that is plain bytes goes straight to its place: a struct on the way would cost as much as all the rest. */
gboolean
gd_deferred_fire_plain (GDeferred *self, GType type, guint64 bits, gconstpointer site, GError **error)
{
  GdOutcome outcome = { .value = { .g_type = type, .data[0].v_uint64 = bits } };
  gboolean  done = TRUE;

  if (!gd_home_is_known (&self->home))
    return gd_deferred_fire (self, &outcome, site, error);

  if (claim (self, site, &done, error))
    {
      self->chain.outcome.value.g_type = type;
      self->chain.outcome.value.data[0].v_uint64 = bits;
      gd_chain_fire (&self->chain);
    }
  return done;
}

/* One that holds a Deferred; it is taken. */
void
gd_deferred_refuse_value (GValue *value, GError **error)
{
  g_value_unset (value);
  g_set_error_literal (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_INVALID_RESULT,
                       "A Deferred cannot be fired with a Deferred: return it from a callback instead");
}

/* Takes the value, whatever it returns. */
gboolean
gd_deferred_fire_value (GDeferred *self, GValue *value, gconstpointer site, GError **error)
{
  GdOutcome outcome = GD_OUTCOME_NONE;

  gd_value_move (value, &outcome.value);
  if (G_LIKELY (!gd_value_is_deferred (&outcome.value)))
    return gd_deferred_fire (self, &outcome, site, error);

  gd_deferred_refuse_value (&outcome.value, error);
  return FALSE;
}

/* At home, where a result that is on its way from another thread has not arrived: it will be dropped. */
void
gd_deferred_fail_now (GDeferred *self, GError *failure)
{
  gd_chain_check (&self->chain);
  if (self->chain.flags & GD_CHAIN_FIRED)
    {
      g_error_free (failure);
      return;
    }

  self->chain.outcome.error = failure;
  gd_chain_fire (&self->chain);
}

/* Calls @func for @self in this thread, whatever @self is doing; what it leaves goes to @frame. */
gboolean
gd_deferred_call (GDeferred *self, GdFrame *frame, GDeferredCallback func, gpointer user_data, GError **error)
{
  GdFrame *around = gd_home_is_surely_here (&self->home) ? gd_chain_frame (&self->chain) : NULL;
  gboolean ok;

  frame->self = self;
  frame->outer = frames;
  frames = frame;
  if (around != NULL)
    self->chain.u.frame = frame;
  ok = func (self, user_data, error);
  if (around != NULL)
    self->chain.u.frame = around;
  frames = frame->outer;
  return ok;
}

/* Calls @func now, in this thread, and fires with what it left. */
gboolean
gd_deferred_fire_with (GDeferred        *self,
                       GDeferredCallback func,
                       gpointer          user_data,
                       GDestroyNotify    destroy,
                       gconstpointer     site,
                       GError          **error)
{
  GdFrame  frame = { .is_set = FALSE };
  gboolean home = gd_home_is_surely_here (&self->home);
  GError  *failure = NULL;
  gboolean ok;
  gboolean done;

  /* From elsewhere the caller's reference lasts: a last unref here would only have to go home, too. */
  if (home)
    g_object_ref (self);

  ok = gd_deferred_call (self, &frame, func, user_data, &failure);
  gd_frame_finish (&frame, ok, failure, NULL);
  if (!frame.is_set)
    frame = (GdFrame){ .is_set = TRUE };
  done = fire_frame (self, &frame, user_data, destroy, site, error);

  if (home)
    g_object_unref (self);
  return done;
}

/* The innermost function that runs on behalf of @self in this thread, to leave its result in; NULL if none does. */
GdFrame *
gd_deferred_frame (GDeferred *self)
{
  GdFrame *frame = gd_home_is_surely_here (&self->home) ? gd_chain_frame (&self->chain) : NULL;

  if (frame != NULL)
    return frame;

  for (frame = frames; frame != NULL && frame->self != self; frame = frame->outer)
    ;
  return frame;
}

/* Puts the outcome, or the inner Deferred, into the frame of the function that is running; they are taken. */
gboolean
gd_deferred_leave (GDeferred *self, GdOutcome *outcome, GDeferred *inner, const char *function)
{
  GdFrame *frame = gd_deferred_frame (self);

  if (G_UNLIKELY (frame == NULL))
    {
      g_critical ("%s: called outside of a callback of the Deferred; to fire it, use g_deferred_callback()",
                  function);
      gd_outcome_clear (outcome);
      g_clear_object (&inner);
      return FALSE;
    }

  gd_frame_clear (frame);
  frame->is_set = TRUE;
  frame->outcome = gd_outcome_steal (outcome);
  frame->inner = inner;
  frame->keeper = 0;
  frame->seen = FALSE;
  return TRUE;
}
