/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/types.h>

#include "links-private.h"
#include "outcome-private.h"

G_BEGIN_DECLS

/*
 * The engine: the links of a Deferred and the loop that runs them. It knows no threads, no timers and no GIO. All of
 * a chain but its claim belongs to the thread that is at home.
 *
 * The states of a chain, by its flags:
 *
 *   FIRED  RUNNING  QUEUED  WAITING   state
 *     -       -        -       -      pending: links gather; an outcome is awaited
 *     x       x        -       -      a loop runs its links, or tells that it fired
 *     x       -        x       -      it was handed an outcome; a loop that is on the stack runs it next
 *     x       -        -       x      a link returned another chain; that one hands its outcome over later
 *     x       -        -       -      idle: it holds its outcome, and every link has run; or PAUSED
 *
 *   pending -> running | waiting       fired, by anyone (waiting: by a function that returned a chain)
 *   pending -> queued                  fired, by a link of another chain (fork, chain_deferred)
 *   queued  -> running                 its turn came
 *   running -> waiting | idle          a link returned a chain that has no outcome yet | no link left, or paused
 *   waiting -> queued                  the inner chain came to the link that it left there
 *   idle    -> running                 a link was added, or the last pause undone
 *
 * Invariants (gd_chain_check verifies them, where one chain shows it):
 *
 *   1. Not FIRED: no outcome, and none of RUNNING, QUEUED, WAITING.
 *   2. FIRED: the claim is taken. (Taken but not FIRED: another thread won, and its outcome is on the way.)
 *   3. At most one of RUNNING, QUEUED, WAITING.
 *   4. WAITING: waits_for is the inner chain, which has a link back to this one, and the outcome is nothing.
 *   5. Idle: there is no link. (One that is paused is not idle.)
 *   6. A frame is there exactly while a link of this chain is being called.
 *   7. waits_for without WAITING: not FIRED, and that chain has a link that will fire this one. It is a hint for
 *      the search for rings, and may be NULL.
 *   8. Following waits_for never comes back to where it began.
 *   9. The words of the links lie within their room.
 *  10. SEEN: the outcome is an error.
 *  11. n_targets is the number of links that hand on (RESUME, FORK, CHAIN). (Not verified: it takes a walk.)
 *  12. A keeper is there only when FIRED; the value is unset then: the keeper has it.
 *
 * Who owns what: a link that hands on (RESUME, FORK, CHAIN) owns a reference on the target's Deferred; waits_for owns
 * nothing, because the chain it points to cannot go before it has run that link. So producers hold consumers, never
 * the other way round, and no use makes a cycle. A queue owns a reference on each chain in it.
 *
 * No recursion: a chain that hands its outcome on puts the target at the end of the queue of the loop that runs it,
 * and goes on with its own links. The loop then takes the next from the queue.
 */
typedef struct _GdChain GdChain;
typedef struct _GdRun   GdRun;

/* What a function that is being called leaves for the next link. It is on the stack of who calls it. */
typedef struct _GdFrame GdFrame;
struct _GdFrame
{
  gboolean   is_set; /* the outcome, inner, keeper and seen count only if set */
  GdOutcome  outcome;
  GDeferred *inner;  /* owned; in place of an outcome */
  guint8     keeper; /* as in the chain */
  gboolean   stays;  /* a DISPATCH link is not done, and is to be called again */
  gboolean   seen;   /* the error was handed to someone already, as the flag SEEN says */

  /* For functions that are called outside of a chain: whose they are, and the frame around this one. */
  GDeferred *self;
  GdFrame   *outer;
};

typedef enum
{
  GD_CHAIN_FIRED = 1 << 0,
  GD_CHAIN_RUNNING = 1 << 1,
  GD_CHAIN_QUEUED = 1 << 2,
  GD_CHAIN_WAITING = 1 << 3,
  GD_CHAIN_SEEN = 1 << 4,       /* the error was handed to someone who answers for it */
  GD_CHAIN_FRESH = 1 << 5,      /* fired, and nobody was told yet */
  GD_CHAIN_ANNOUNCING = 1 << 6, /* `run`, not `frame`, is in use */
  GD_CHAIN_BUSY = 1 << 7,       /* a loop is on the stack that touches this chain again */
  GD_CHAIN_REVIVED = 1 << 8,    /* its last reference went meanwhile; that loop drops it */
  GD_CHAIN_LOOKED = 1 << 9,     /* somebody saw the state RUNNING, and wants to know how it ended */
  GD_CHAIN_FOREIGN = 1 << 10,   /* it was handed over to another home before it fired */
  GD_CHAIN_PAUSED = 1 << 11     /* `pauses` is not zero */
} GdChainFlags;

/* The claim: the only word of a chain that other threads touch. */
typedef enum
{
  GD_CLAIM_TAKEN = 1 << 0,     /* somebody won the right to fire */
  GD_CLAIM_SWALLOW = 1 << 1,   /* one late fire is dropped in silence */
  GD_CLAIM_MUTED = 1 << 2,     /* callbacks are no longer called, only destroyed */
  GD_CLAIM_CANCELLED = 1 << 3, /* cancel was called */
  GD_CLAIM_ONE_CANCEL = 1 << 8 /* the bits from here up count how often */
} GdClaim;

typedef enum
{
  GD_CLAIM_WON,
  GD_CLAIM_SWALLOWED,
  GD_CLAIM_LOST
} GdClaimResult;

/* It lies right behind the GObject header of its Deferred: see gd_chain_owner. */
struct _GdChain
{
  int       claim;  /* GdClaim; atomic */
  guint16   flags;  /* GdChainFlags */
  guint8    told;   /* GDeferredState that listeners know */
  guint8    keeper; /* the binding that keeps the value, or what lies beside the error; 0 for none */
  GdLinks   links;
  GdOutcome outcome;
  union
  {
    GdFrame *frame; /* RUNNING: the function being called */
    GdRun   *run;   /* ANNOUNCING: the loop that tells */
    GdChain *next;  /* QUEUED */
  } u;
  GdChain *waits_for;
  guint    n_targets; /* links that hand on */
  guint    pauses;
};

static inline GDeferred *
gd_chain_owner (const GdChain *self)
{
  return (GDeferred *) ((char *) self - sizeof (GObject));
}

/* What the engine asks of the house above it. */
typedef struct
{
  /* It fired: tell whoever listens, and call gd_chain_run_announced in between. */
  void (*fired) (GDeferred *owner);
  /* It stopped, and its state is not what `told` was. */
  void (*changed) (GDeferred *owner, GDeferredState told);
  /* A FOREIGN one is to be fired, with a copy of the outcome. */
  GdClaimResult (*fire_elsewhere) (GDeferred *owner, const GdOutcome *outcome);
  /* A function of @owner returned @inner: gives it, or one of the same home in its place. Both are transferred. */
  GDeferred *(*get_inner) (GDeferred *owner, GDeferred *inner);
  /* The same came too late: @owner was cancelled, and nobody waits for @inner. */
  void (*cancel_inner) (GDeferred *inner);
  /* A DISPATCH link's turn. */
  void (*dispatch) (GDeferred *owner, gpointer data, gboolean drop);
  /* Somebody needs what the keeper has: put it into the outcome. FALSE if the keeper could not be asked. */
  gboolean (*give) (GDeferred *owner);
  /* Nobody handled the error: the keeper may tell of it, and says whether it did. */
  gboolean (*report) (GDeferred *owner);
  /* Runs the links again later, from the home's loop. */
  void (*retry) (GDeferred *owner);
  /* What @keeper had is no longer the outcome. */
  void (*forget) (GDeferred *owner, guint keeper);
  /* A function was called for a link of @owner, and left what is there now. NULL unless somebody traces. */
  void (*trace) (GDeferred *owner, GDeferredCallback func);
} GdChainHooks;

extern GdChainHooks gd_chain_hooks;

GdClaimResult gd_chain_claim_again (GdChain *self);
void          gd_chain_add_target (GdChain *self, GdLinkKind kind, GdChain *target);
void          gd_chain_fire (GdChain *self);
void          gd_chain_fire_frame (GdChain *self, GdFrame *frame);
void          gd_chain_run (GdChain *self);
void          gd_chain_run_announced (GdChain *self);
void          gd_frame_finish (GdFrame *frame, gboolean ok, GError *error, const GError *handled);
void          gd_frame_clear (GdFrame *frame);

#ifdef GD_CHECKS
void gd_chain_check (const GdChain *self);
#else
#define gd_chain_check(self) ((void) 0)
#endif

static inline gboolean
gd_chain_has_links (const GdChain *self)
{
  return gd_links_any (&self->links);
}

/* Neither running nor about to, and nothing holds it back. */
static inline gboolean
gd_chain_is_idle (const GdChain *self)
{
  const guint mask = GD_CHAIN_FIRED | GD_CHAIN_RUNNING | GD_CHAIN_QUEUED | GD_CHAIN_WAITING | GD_CHAIN_PAUSED;

  return (self->flags & mask) == GD_CHAIN_FIRED;
}

/* A chain that is idle does not wait for somebody to run what was added. It may be gone after that. */
static inline void
gd_chain_run_if_idle (GdChain *self)
{
  if (gd_chain_is_idle (self))
    gd_chain_run (self);
}

static inline void
gd_chain_add (GdChain *self, const GdLink *link)
{
  gd_links_add (&self->links, link);
  gd_chain_run_if_idle (self);
}

/* One atomic operation decides who fires; the first try is for the usual case, where nothing has happened yet. */
static inline GdClaimResult
gd_chain_claim (GdChain *self)
{
  if (G_LIKELY (g_atomic_int_compare_and_exchange (&self->claim, 0, GD_CLAIM_TAKEN)))
    return GD_CLAIM_WON;
  return gd_chain_claim_again (self);
}

static inline gboolean
gd_chain_is_muted (const GdChain *self)
{
  return (g_atomic_int_get (&self->claim) & GD_CLAIM_MUTED) != 0;
}

/* While functions are called that may do anything: a last reference that they drop is kept (see run_one), and it cannot
 * be handed over. */
static inline gboolean
gd_chain_hold (GdChain *self)
{
  gboolean was_busy = (self->flags & GD_CHAIN_BUSY) != 0;

  self->flags |= GD_CHAIN_BUSY;
  return was_busy;
}

/* It may be gone after that. */
static inline void
gd_chain_release (GdChain *self, gboolean was_busy)
{
  gboolean revived = (self->flags & GD_CHAIN_REVIVED) != 0;

  if (was_busy)
    return;

  self->flags &= ~(GD_CHAIN_BUSY | GD_CHAIN_REVIVED);
  if (revived)
    g_object_unref (gd_chain_owner (self));
}

/* Before the outcome is looked at, or moved. Links that came in meanwhile may have had it kept again. FALSE if the keeper
 * cannot give now; a retry leads back. */
static inline gboolean
gd_chain_complete (GdChain *self)
{
  while (G_UNLIKELY (self->keeper != 0))
    if (!gd_chain_hooks.give (gd_chain_owner (self)))
      return FALSE;
  return TRUE;
}

static inline GDeferredState
gd_chain_outcome_state (const GdChain *self)
{
  return self->outcome.error != NULL ? G_DEFERRED_STATE_FAILED : G_DEFERRED_STATE_SUCCEEDED;
}

static inline GDeferredState
gd_chain_state (const GdChain *self)
{
  if (!(self->flags & GD_CHAIN_FIRED))
    return G_DEFERRED_STATE_PENDING;
  if (self->flags & (GD_CHAIN_RUNNING | GD_CHAIN_QUEUED))
    return G_DEFERRED_STATE_RUNNING;
  if (self->flags & GD_CHAIN_WAITING)
    return G_DEFERRED_STATE_WAITING;
  return gd_chain_outcome_state (self);
}

/* For one that was just made, has its outcome in its place, and that nobody has seen yet: there is nobody to tell, and
 * no link to run. */
static inline void
gd_chain_begin_fired (GdChain *self)
{
  self->claim = GD_CLAIM_TAKEN;
  self->flags |= GD_CHAIN_FIRED;
  self->told = (guint8) gd_chain_outcome_state (self);
}

/* The function that is being called by this chain's loop, if any. (One that is called inside it, to fire the chain a
 * second time, puts its own frame there meanwhile.) */
static inline GdFrame *
gd_chain_frame (const GdChain *self)
{
  return (self->flags & (GD_CHAIN_RUNNING | GD_CHAIN_ANNOUNCING)) == GD_CHAIN_RUNNING ? self->u.frame : NULL;
}

G_END_DECLS
