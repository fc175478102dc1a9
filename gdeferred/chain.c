/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "chain-private.h"

GdChainHooks gd_chain_hooks;

/* A loop, and the chains whose turn comes when the one it runs has stopped. Oldest first; each owned. */
struct _GdRun
{
  GdChain *first;
  GdChain *last;
};

GdClaimResult
gd_chain_claim_again (GdChain *self)
{
  guint old = g_atomic_int_or ((guint *) &self->claim, GD_CLAIM_TAKEN);

  if (!(old & GD_CLAIM_TAKEN))
    return GD_CLAIM_WON;

  old = g_atomic_int_and ((guint *) &self->claim, ~(guint) GD_CLAIM_SWALLOW);
  return old & GD_CLAIM_SWALLOW ? GD_CLAIM_SWALLOWED : GD_CLAIM_LOST;
}

/* --- the links ------------------------------------------------------------------------------------------------- */

/* Whether @self gets its outcome from @other, directly or through others. Only a chain that has links which hand on
 * can be found so, which spares long waits a search at each step as they are built. */
static gboolean
comes_from (const GdChain *self, const GdChain *other)
{
  if (self == other)
    return TRUE;
  if (other->n_targets == 0)
    return FALSE;

  for (self = self->waits_for; self != NULL; self = self->waits_for)
    if (self == other)
      return TRUE;
  return FALSE;
}

/* The link takes a reference on the target's Deferred. */
void
gd_chain_add_target (GdChain *self, GdLinkKind kind, GdChain *target)
{
  if (!(target->flags & (GD_CHAIN_FIRED | GD_CHAIN_FOREIGN)) && target->waits_for == NULL
      && !comes_from (self, target))
    target->waits_for = self;

  g_object_ref (gd_chain_owner (target));
  self->n_targets++;
  gd_links_add (&self->links, &(GdLink){ .kind = kind, .errback_data = target });
}

/* --- what a function left -------------------------------------------------------------------------------------- */

void
gd_frame_clear (GdFrame *frame)
{
  if (!frame->is_set)
    return;

  frame->is_set = FALSE;
  gd_outcome_clear (&frame->outcome);
  g_clear_object (&frame->inner);
}

/* Makes of the two ways in which a function tells that it failed, an error in the frame. @error is taken; @handled is
 * the error that the function was called for, which must not be lost with a function that forgot its own. */
void
gd_frame_finish (GdFrame *frame, gboolean ok, GError *error, const GError *handled)
{
  if (error == NULL && (ok || (frame->is_set && frame->outcome.error != NULL)))
    return;

  gd_frame_clear (frame);
  if (error == NULL && handled != NULL)
    error = g_error_new (G_DEFERRED_ERROR, G_DEFERRED_ERROR_FAILED,
                         "An errback returned FALSE without setting an error, while it handled: %s",
                         handled->message);
  else if (error == NULL)
    error = g_error_new_literal (G_DEFERRED_ERROR, G_DEFERRED_ERROR_FAILED,
                                 "A callback returned FALSE without setting an error");

  frame->is_set = TRUE;
  frame->inner = NULL;
  frame->keeper = 0;
  frame->seen = FALSE;
  frame->outcome = (GdOutcome){ G_VALUE_INIT, error };
}

/* What the chain held is freed last: the freeing may come back here. A keeper that had the value before has put the new
 * one in its place by itself. */
static inline void
set_outcome_kept (GdChain *self, GdOutcome *outcome, guint8 keeper)
{
  GdOutcome old = self->outcome;
  guint8    old_keeper = self->keeper;

  self->outcome = gd_outcome_steal (outcome);
  self->flags &= ~GD_CHAIN_SEEN;
  self->keeper = keeper;
  gd_outcome_clear (&old);
  if (G_UNLIKELY (old_keeper != 0 && old_keeper != keeper))
    gd_chain_hooks.forget (gd_chain_owner (self), old_keeper);
}

static void
set_outcome (GdChain *self, GdOutcome *outcome)
{
  set_outcome_kept (self, outcome, 0);
}

static void
set_error (GdChain *self, GDeferredError code, const char *message)
{
  GdOutcome outcome = { G_VALUE_INIT, g_error_new_literal (G_DEFERRED_ERROR, code, message) };

  set_outcome (self, &outcome);
}

/* --- handing an outcome on ------------------------------------------------------------------------------------- */

static void
move_outcome (GdChain *from, GdChain *to)
{
  to->outcome = gd_outcome_steal (&from->outcome);
  from->flags &= ~GD_CHAIN_SEEN;
}

static void
queue_push (GdRun *run, GdChain *chain)
{
  chain->flags |= GD_CHAIN_QUEUED;
  chain->u.next = NULL;
  if (run->first == NULL)
    run->first = chain;
  else
    run->last->u.next = chain;
  run->last = chain;
}

static GdChain *
queue_pop (GdRun *run)
{
  GdChain *chain = run->first;

  if (chain != NULL)
    {
      run->first = chain->u.next;
      chain->flags &= ~GD_CHAIN_QUEUED;
      chain->u.frame = NULL;
    }
  return chain;
}

/* Takes the outcome of @inner, now or when there is one, and the reference on it. */
static void
wait_for (GdChain *self, GDeferred *inner_owner)
{
  GdChain  *inner = (GdChain *) ((char *) inner_owner + sizeof (GObject));
  GdOutcome outcome = GD_OUTCOME_NONE;

  /* First, as it may do anything. */
  gboolean completed = !gd_chain_is_idle (inner) || gd_chain_complete (inner);

  if (comes_from (inner, self))
    set_error (self, G_DEFERRED_ERROR_LOOP,
               inner == self ? "A callback returned the Deferred that it was called by"
                             : "A callback returned a Deferred that waits for the one it was called by");
  else if (gd_chain_is_idle (inner) && completed)
    {
      outcome = gd_outcome_steal (&inner->outcome);
      inner->flags &= ~GD_CHAIN_SEEN;
      set_outcome (self, &outcome);
    }
  else
    {
      self->flags |= GD_CHAIN_WAITING;
      self->waits_for = inner;
      gd_chain_add_target (inner, GD_LINK_RESUME, self);
      set_outcome (self, &outcome);
      if (!completed)
        gd_chain_hooks.retry (gd_chain_owner (inner));
    }
  g_object_unref (inner_owner);
}

static void
take_frame (GdChain *self, GdFrame *frame)
{
  frame->is_set = FALSE;
  if (frame->inner != NULL)
    wait_for (self, gd_chain_hooks.get_inner (gd_chain_owner (self), g_steal_pointer (&frame->inner)));
  else
    {
      set_outcome_kept (self, &frame->outcome, frame->keeper);
      if (frame->seen && self->outcome.error != NULL)
        self->flags |= GD_CHAIN_SEEN;
    }
}

/* A target that is still RUNNING was resumed by the destroy-notify of the very link that made it wait: its loop,
 * further down the stack, goes on by itself. */
static void
resume (GdRun *run, GdChain *self, GdChain *target)
{
  target->flags &= ~GD_CHAIN_WAITING;
  target->waits_for = NULL;
  move_outcome (self, target);

  if (target->flags & GD_CHAIN_RUNNING)
    g_object_unref (gd_chain_owner (target));
  else
    queue_push (run, target);
}

/* The target had been fired: the outcome must not vanish without a word. */
static void
refuse_chaining (GdChain *self)
{
  g_autofree char *message = NULL;

  message = g_strdup_printf ("The Deferred that this one was chained to had been fired already%s%s",
                             self->outcome.error != NULL ? "; it missed: " : "",
                             self->outcome.error != NULL ? self->outcome.error->message : "");
  set_error (self, G_DEFERRED_ERROR_ALREADY_CALLED, message);
}

/* What @self goes on with once it has given its outcome to the target of a link. */
static void
after_giving (GdChain *self, GdLinkKind kind)
{
  GdOutcome nothing = GD_OUTCOME_NONE;

  if (kind == GD_LINK_CHAIN)
    set_outcome (self, &nothing);
  else if (self->outcome.error != NULL)
    self->flags |= GD_CHAIN_SEEN;
}

/* The link's reference on the target is the queue's from here, or goes. */
static void
fire_target (GdRun *run, GdChain *self, GdLinkKind kind, GdChain *target)
{
  GDeferred    *owner = gd_chain_owner (target);
  gboolean      foreign = (target->flags & GD_CHAIN_FOREIGN) != 0;
  GdClaimResult claim;

  if (!foreign && target->waits_for == self && !(target->flags & GD_CHAIN_WAITING))
    target->waits_for = NULL;

  claim = foreign ? gd_chain_hooks.fire_elsewhere (owner, &self->outcome) : gd_chain_claim (target);
  if (claim == GD_CLAIM_LOST)
    {
      if (kind == GD_LINK_CHAIN)
        refuse_chaining (self);
      g_object_unref (owner);
      return;
    }

  if (claim == GD_CLAIM_SWALLOWED || foreign)
    {
      if (claim == GD_CLAIM_WON || kind == GD_LINK_CHAIN)
        after_giving (self, kind);
      g_object_unref (owner);
      return;
    }

  if (kind == GD_LINK_CHAIN)
    move_outcome (self, target);
  else
    {
      gd_outcome_copy (&self->outcome, &target->outcome);
      after_giving (self, kind);
    }
  target->waits_for = NULL;
  target->flags |= GD_CHAIN_FIRED | GD_CHAIN_FRESH;
  queue_push (run, target);
}

/* --- the loop -------------------------------------------------------------------------------------------------- */

static inline void
call (GdChain *self, GDeferredCallback func, gpointer data)
{
  GdFrame  frame;
  GError  *error = NULL;
  gboolean ok;

  frame.is_set = FALSE;
  self->u.frame = &frame;
  ok = func (gd_chain_owner (self), data, &error);
  self->u.frame = NULL;

  if (G_UNLIKELY (!ok || error != NULL))
    gd_frame_finish (&frame, ok, error, self->outcome.error);
  if (frame.is_set)
    take_frame (self, &frame);
  if (G_UNLIKELY (gd_chain_hooks.trace != NULL))
    gd_chain_hooks.trace (gd_chain_owner (self), func);
}

/* The link stays in its place meanwhile: callbacks of the same binding that are added may join it. */
static void
call_dispatcher (GdChain *self, gpointer data)
{
  gboolean drop = gd_chain_is_muted (self);
  GdFrame  frame = { .is_set = FALSE };

  self->u.frame = &frame;
  gd_chain_hooks.dispatch (gd_chain_owner (self), data, drop);
  self->u.frame = NULL;
  if (drop || !frame.stays)
    gd_links_drop (&self->links, GD_LINKS_DISPATCH_WORDS);

  if (drop)
    gd_frame_clear (&frame);
  else if (frame.is_set)
    take_frame (self, &frame);
}

static void
run_pair (GdChain *self, const GdLink *link)
{
  gboolean          failed = self->outcome.error != NULL;
  GDeferredCallback func = failed ? link->errback : link->callback;

  if (func != NULL && !gd_chain_is_muted (self))
    call (self, func, failed ? link->errback_data : link->callback_data);
  if (link->callback_destroy != NULL)
    link->callback_destroy (link->callback_data);
  if (link->errback_destroy != NULL)
    link->errback_destroy (link->errback_data);
}

static inline void
run_both (GdChain *self, gpointer *words)
{
  GDeferredCallback both = (GDeferredCallback) words[1];
  gpointer          data = words[2];
  GDestroyNotify    destroy = (GDestroyNotify) words[3];

  gd_links_drop (&self->links, GD_LINKS_BOTH_WORDS);
  if (!gd_chain_is_muted (self))
    call (self, both, data);
  if (destroy != NULL)
    destroy (data);
}

static void
run_trap (GdChain *self, const GdLink *link)
{
  GQuark domain = GPOINTER_TO_UINT (link->callback_data);
  int    code = (int) (gssize) link->callback_destroy;

  if (self->outcome.error != NULL && g_error_matches (self->outcome.error, domain, code)
      && !gd_chain_is_muted (self))
    call (self, link->errback, link->errback_data);
  if (link->errback_destroy != NULL)
    link->errback_destroy (link->errback_data);
}

static void
run_link (GdRun *run, GdChain *self, const GdLink *link)
{
  switch (link->kind)
    {
    case GD_LINK_TRAP:
      run_trap (self, link);
      break;
    case GD_LINK_RESUME:
      self->n_targets--;
      resume (run, self, link->errback_data);
      break;
    case GD_LINK_FORK:
    case GD_LINK_CHAIN:
      self->n_targets--;
      fire_target (run, self, link->kind, link->errback_data);
      break;
    case GD_LINK_DISPATCH: /* see run_links */
    case GD_LINK_PAIR:
    default:
      run_pair (self, link);
      break;
    }
}

static void
run_links (GdRun *run, GdChain *self)
{
  while (gd_links_any (&self->links) && !(self->flags & (GD_CHAIN_WAITING | GD_CHAIN_PAUSED)))
    {
      gpointer *words = gd_links_peek (&self->links);

      if (G_LIKELY (gd_links_is_callback (words)))
        {
          GDeferredCallback callback = (GDeferredCallback) words[0];
          gpointer          data = words[1];

          gd_links_drop (&self->links, 2);
          if (self->outcome.error == NULL && !gd_chain_is_muted (self))
            call (self, callback, data);
        }
      else if (gd_links_is_both (words))
        run_both (self, words);
      else
        {
          GdLink link;
          guint  n_words = gd_links_unpack (words, &link);

          if (link.kind == GD_LINK_DISPATCH)
            {
              call_dispatcher (self, link.callback_data);
              continue;
            }
          if (gd_link_hands_on (&link) && !gd_chain_complete (self))
            {
              gd_chain_hooks.retry (gd_chain_owner (self));
              continue;
            }
          gd_links_drop (&self->links, n_words);
          run_link (run, self, &link);
        }
    }
}

/* Listeners hear of the state in which the chain stops; of the one in between only who asked. */
static inline void
tell (GdChain *self)
{
  GDeferredState told = self->told;
  GDeferredState state = gd_chain_state (self);

  if (state == told && !(self->flags & GD_CHAIN_LOOKED))
    return;

  self->told = state;
  self->flags &= ~GD_CHAIN_LOOKED;
  gd_chain_hooks.changed (gd_chain_owner (self), told);
}

static void
stop (GdChain *self)
{
  self->flags &= ~GD_CHAIN_RUNNING;
  tell (self);
}

/* Between those who are told before the callbacks and those who are told after the chain has stopped. */
void
gd_chain_run_announced (GdChain *self)
{
  GdRun *run = self->u.run;

  if (!(self->flags & GD_CHAIN_ANNOUNCING))
    return;

  self->flags &= ~GD_CHAIN_ANNOUNCING;
  self->u.frame = NULL;
  run_links (run, self);
  stop (self);
}

/* A function that is called here may drop the last reference: then dispose sees BUSY and leaves a reference to the
 * loop, marked REVIVED. The loop that set BUSY is the one that drops it, as the last thing it does. */
static void
run_one (GdRun *run, GdChain *self)
{
  gboolean was_busy = gd_chain_hold (self);

  self->flags |= GD_CHAIN_RUNNING;
  if (self->flags & GD_CHAIN_FRESH)
    {
      self->flags = (self->flags & ~GD_CHAIN_FRESH) | GD_CHAIN_ANNOUNCING;
      self->u.run = run;
      gd_chain_hooks.fired (gd_chain_owner (self));
      gd_chain_run_announced (self);
    }
  else
    {
      run_links (run, self);
      stop (self);
    }

  if (!was_busy)
    gd_chain_check (self);
  gd_chain_release (self, was_busy);
}

/* The chain may be gone when this returns. */
void
gd_chain_run (GdChain *self)
{
  GdRun run = { NULL, NULL };

  run_one (&run, self);
  while ((self = queue_pop (&run)) != NULL)
    {
      run_one (&run, self);
      g_object_unref (gd_chain_owner (self));
    }
}

/* The caller holds the claim, and has put the outcome in its place. */
void
gd_chain_fire (GdChain *self)
{
  self->waits_for = NULL;
  self->flags |= GD_CHAIN_FIRED | GD_CHAIN_FRESH;
  gd_chain_run (self);
}

/* The same with what a function left, which may be another Deferred. */
void
gd_chain_fire_frame (GdChain *self, GdFrame *frame)
{
  gboolean was_busy = gd_chain_hold (self);

  gd_chain_check (self);
  self->waits_for = NULL;
  self->flags |= GD_CHAIN_FIRED | GD_CHAIN_FRESH | GD_CHAIN_RUNNING;
  take_frame (self, frame);
  self->flags &= ~GD_CHAIN_RUNNING;
  if (!(self->flags & GD_CHAIN_WAITING))
    gd_chain_run (self);
  else
    tell (self);
  gd_chain_release (self, was_busy);
}

#ifdef GD_CHECKS
static guint
count_bits (guint flags)
{
  return flags == 0 ? 0 : 1 + count_bits (flags & (flags - 1));
}

void
gd_chain_check (const GdChain *self)
{
  guint    doing = self->flags & (GD_CHAIN_RUNNING | GD_CHAIN_QUEUED | GD_CHAIN_WAITING);
  gboolean fired = (self->flags & GD_CHAIN_FIRED) != 0;
  gboolean nothing = self->outcome.error == NULL && G_VALUE_TYPE (&self->outcome.value) == 0;

  g_assert_true (fired || (nothing && doing == 0));
  g_assert_true (!fired || (g_atomic_int_get (&self->claim) & GD_CLAIM_TAKEN));
  g_assert_cmpuint (count_bits (doing), <=, 1);
  if (self->flags & GD_CHAIN_WAITING)
    {
      g_assert_nonnull (self->waits_for);
      g_assert_true (nothing);
      g_assert_true (gd_chain_has_links (self->waits_for));
    }
  g_assert_true (!gd_chain_is_idle (self) || !gd_chain_has_links (self) || (self->flags & GD_CHAIN_FRESH));
  g_assert_cmpint ((self->flags & GD_CHAIN_PAUSED) != 0, ==, self->pauses > 0);
  if (doing == 0)
    g_assert_null (self->u.frame);
  g_assert_true (self->waits_for == NULL || !fired || (self->flags & GD_CHAIN_WAITING));
  g_assert_true (self->waits_for != self);
  g_assert_cmpuint (self->links.head, <=, self->links.tail);
  g_assert_cmpuint (self->links.tail, <=, self->links.size != 0 ? self->links.size : GD_LINKS_INSIDE);
  g_assert_true (!(self->flags & GD_CHAIN_SEEN) || self->outcome.error != NULL);
  g_assert_true (self->keeper == 0 || (fired && G_VALUE_TYPE (&self->outcome.value) == 0));
}
#endif
