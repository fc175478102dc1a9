/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/binding.h>

#include "deferred-private.h"
#include "tsan-private.h"

/* What language bindings stand on: callbacks, cancellers and outcomes that are kept by the binding, with its own object
 * for the Deferred, where the garbage collector of the language sees them. */

G_DEFINE_ENUM_TYPE (GDeferredDispatch,
                    g_deferred_dispatch,
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_DISPATCH_CALLBACK, "callback"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_DISPATCH_ERRBACK, "errback"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_DISPATCH_DROP, "drop"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_DISPATCH_GIVE, "give"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_DISPATCH_FORGET, "forget"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_DISPATCH_CANCEL, "cancel"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_DISPATCH_REPORT, "report"))

G_DEFINE_ENUM_TYPE (GDeferredDispatched,
                    g_deferred_dispatched,
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_DISPATCHED_REFUSED, "refused"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_DISPATCHED_ADDED, "added"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_DISPATCHED_JOINED, "joined"))

G_DEFINE_ENUM_TYPE (GDeferredFired,
                    g_deferred_fired,
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_FIRED_REFUSED, "refused"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_FIRED_SWALLOWED, "swallowed"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_FIRED_ACCEPTED, "accepted"))

typedef struct
{
  GDeferredDispatcher func;
  gpointer            user_data;
} Dispatcher;

/* One for a language, for as long as the process lives: links may be left that need it. */
enum
{
  MAX_DISPATCHERS = 16,
  RETRY_AFTER_MS = 5
};
static GMutex     lock;
static Dispatcher dispatchers[MAX_DISPATCHERS];
static int        n_dispatchers; /* atomic; entries below it do not change */

/* --- called by the engine ---------------------------------------------------------------------------------------- */

static void
go_on (GDeferred *self, gpointer user_data G_GNUC_UNUSED)
{
  g_deferred_unpause (self);
}

/* It may have been handed over meanwhile. */
static gboolean
try_again (gpointer self)
{
  gd_deferred_invoke (self, go_on, NULL, NULL);
  return G_SOURCE_REMOVE;
}

/* A binding was not reached: what the chain came to is where it was. It gets time to finish what it is at. */
static void
retry (GDeferred *self)
{
  GSource *source = g_timeout_source_new (RETRY_AFTER_MS);

  g_deferred_pause (self);
  g_source_set_callback (source, try_again, g_object_ref (self), g_object_unref);
  g_source_attach (source, g_deferred_get_context (self));
  g_source_unref (source);
}

static void
stay_and_retry (GDeferred *self)
{
  self->chain.u.frame->stays = TRUE;
  retry (self);
}

static void
dispatch (GDeferred *self, gpointer data, gboolean drop)
{
  GdChain          *chain = &self->chain;
  Dispatcher       *dispatcher = data;
  const GValue     *value = NULL;
  GDeferredDispatch what = G_DEFERRED_DISPATCH_DROP;

  if (!drop)
    {
      if (chain->keeper != 0 && &dispatchers[chain->keeper - 1] != dispatcher && !gd_chain_complete (chain))
        {
          stay_and_retry (self);
          return;
        }
      if (G_VALUE_TYPE (&chain->outcome.value) != 0)
        value = &chain->outcome.value;
      what = chain->outcome.error != NULL ? G_DEFERRED_DISPATCH_ERRBACK : G_DEFERRED_DISPATCH_CALLBACK;
    }

  if (G_UNLIKELY (!dispatcher->func (self, what, value, dispatcher->user_data)) && !drop
      && !chain->u.frame->is_set)
    stay_and_retry (self);
}

static gboolean
ask_to_give (GDeferred *self, gpointer data, GError **error G_GNUC_UNUSED)
{
  Dispatcher *dispatcher = data;

  return dispatcher->func (self, G_DEFERRED_DISPATCH_GIVE, NULL, dispatcher->user_data);
}

/* Only the value: the error is where it always is. The chain counts as running, so that links which are added meanwhile
 * see the value, too. */
static gboolean
give (GDeferred *self)
{
  GdChain    *chain = &self->chain;
  Dispatcher *keeper = &dispatchers[chain->keeper - 1];
  guint8      number = chain->keeper;
  gboolean    was_running = (chain->flags & GD_CHAIN_RUNNING) != 0;
  GdFrame     frame = { .is_set = FALSE };
  gboolean    reached;

  chain->keeper = 0;
  chain->flags |= GD_CHAIN_RUNNING;
  reached = gd_deferred_call (self, &frame, ask_to_give, keeper, NULL) || frame.is_set;
  if (!reached)
    chain->keeper = number;
  if (frame.is_set && (frame.outcome.error != NULL) == (chain->outcome.error != NULL))
    gd_value_move (&frame.outcome.value, &chain->outcome.value);
  gd_frame_clear (&frame);

  if (!was_running)
    {
      chain->flags &= ~GD_CHAIN_RUNNING;
      gd_chain_run_if_idle (chain);
    }
  return reached;
}

static void
forget (GDeferred *self, guint keeper)
{
  dispatchers[keeper - 1].func (self, G_DEFERRED_DISPATCH_FORGET, NULL, dispatchers[keeper - 1].user_data);
}

static gboolean
report (GDeferred *self)
{
  Dispatcher *keeper = &dispatchers[self->chain.keeper - 1];

  return keeper->func (self, G_DEFERRED_DISPATCH_REPORT, NULL, keeper->user_data);
}

static void
call_canceller (GDeferred *self, gpointer data)
{
  Dispatcher *dispatcher = data;

  dispatcher->func (self, G_DEFERRED_DISPATCH_CANCEL, NULL, dispatcher->user_data);
}

/* --- called by the binding --------------------------------------------------------------------------------------- */

/**
 * g_deferred_register_dispatcher:
 * @dispatcher: (scope notified) (closure user_data) (destroy destroy): what calls the callbacks of a language
 * @user_data: for @dispatcher
 * @destroy: (nullable): would free @user_data; it is never called, as links may be left for as long as the process
 *   lives
 *
 * Registers the dispatcher of a language binding: once in the life of a process. There is room for 16.
 *
 * It may be called from any thread.
 *
 * Returns: its number, for [method@Deferred.add_dispatched], or 0 if there is no room
 *
 * Since: 1.0
 */
guint
g_deferred_register_dispatcher (GDeferredDispatcher    dispatcher,
                                gpointer               user_data,
                                GDestroyNotify destroy G_GNUC_UNUSED)
{
  int n;

  g_return_val_if_fail (dispatcher != NULL, 0);

  gd_mutex_lock (&lock);
  n = n_dispatchers;
  if (n < MAX_DISPATCHERS)
    {
      dispatchers[n].func = dispatcher;
      dispatchers[n].user_data = user_data;
      g_atomic_pointer_set (&gd_chain_hooks.dispatch, dispatch);
      g_atomic_pointer_set (&gd_chain_hooks.give, give);
      g_atomic_pointer_set (&gd_chain_hooks.report, report);
      g_atomic_pointer_set (&gd_chain_hooks.retry, retry);
      g_atomic_pointer_set (&gd_chain_hooks.forget, forget);
      g_atomic_int_set (&n_dispatchers, n + 1);
    }
  gd_mutex_unlock (&lock);

  if (n == MAX_DISPATCHERS)
    g_critical ("%s: there is no room for more than %d dispatchers", G_STRFUNC, MAX_DISPATCHERS);
  return n < MAX_DISPATCHERS ? (guint) n + 1 : 0;
}

static gboolean
is_dispatcher (guint dispatcher)
{
  return dispatcher > 0 && dispatcher <= (guint) g_atomic_int_get (&n_dispatchers);
}

/**
 * g_deferred_add_dispatched:
 * @self: a Deferred
 * @dispatcher: a number that [func@Deferred.register_dispatcher] gave
 * @may_join: whether the binding has a batch for @self that has not ended
 *
 * Adds a link for callbacks that the binding keeps. When its turn comes, the dispatcher is called, with
 * %G_DEFERRED_DISPATCH_CALLBACK or %G_DEFERRED_DISPATCH_ERRBACK, to run the oldest batch; or, if it can no longer run,
 * with %G_DEFERRED_DISPATCH_DROP, to drop it. If @self has its result already, that is before this returns, so the
 * batch has to be there.
 *
 * With @may_join, and when no other link was added since the youngest batch was begun, no link is needed: the callbacks
 * belong to that batch, even while it runs.
 *
 * To be called at home, where the dispatcher is called, too; elsewhere it is refused, for the binding to raise its
 * own kind of error.
 *
 * Returns: a [enum@DeferredDispatched], as a plain number, which is cheaper to hand over: whether a batch was begun,
 *   joined, or neither
 *
 * Since: 1.0
 */
guint
g_deferred_add_dispatched (GDeferred *self, guint dispatcher, gboolean may_join)
{
  Dispatcher *data;

  g_return_val_if_fail (G_IS_DEFERRED (self), G_DEFERRED_DISPATCHED_REFUSED);
  g_return_val_if_fail (is_dispatcher (dispatcher), G_DEFERRED_DISPATCHED_REFUSED);

  if (!gd_deferred_is_home (self))
    return G_DEFERRED_DISPATCHED_REFUSED;

  data = &dispatchers[dispatcher - 1];
  if (may_join && gd_links_ends_with_dispatch (&self->chain.links, data))
    return G_DEFERRED_DISPATCHED_JOINED;

  gd_chain_add (&self->chain, &(GdLink){ .kind = GD_LINK_DISPATCH, .callback_data = data });
  return G_DEFERRED_DISPATCHED_ADDED;
}

/**
 * g_deferred_stay_dispatched:
 * @self: the Deferred whose batch is running
 *
 * Says that the batch has not ended: it is called for again when the chain goes on, after a Deferred that one of its
 * callbacks returned has its result, or after a pause.
 *
 * To be called inside of the dispatcher.
 *
 * Since: 1.0
 */
void
g_deferred_stay_dispatched (GDeferred *self)
{
  GdFrame *frame;

  g_return_if_fail (G_IS_DEFERRED (self));

  frame = gd_deferred_frame (self);
  g_return_if_fail (frame != NULL);
  frame->stays = TRUE;
}

/**
 * g_deferred_may_go_on:
 * @self: the Deferred whose batch is running
 *
 * Whether the next callback of the batch may be called. If not, because of a pause, or because an owner went, the
 * dispatcher calls [method@Deferred.stay_dispatched] and returns.
 *
 * To be called inside of the dispatcher.
 *
 * Returns: whether to go on
 *
 * Since: 1.0
 */
gboolean
g_deferred_may_go_on (GDeferred *self)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);

  return !(self->chain.flags & GD_CHAIN_PAUSED) && !gd_chain_is_muted (&self->chain);
}

/**
 * g_deferred_set_dispatched_canceller:
 * @self: a Deferred that has no canceller yet
 * @dispatcher: a number that [func@Deferred.register_dispatcher] gave
 *
 * Has the dispatcher called, with %G_DEFERRED_DISPATCH_CANCEL, in place of a canceller. To be called, in any thread,
 * by who made @self, before anybody else knows it.
 *
 * Since: 1.0
 */
void
g_deferred_set_dispatched_canceller (GDeferred *self, guint dispatcher)
{
  GdExtras *extras;

  g_return_if_fail (G_IS_DEFERRED (self));
  g_return_if_fail (is_dispatcher (dispatcher));

  extras = gd_extras_get (&self->extras);
  g_return_if_fail (extras->canceller == NULL);
  extras->canceller = call_canceller;
  extras->canceller_data = &dispatchers[dispatcher - 1];
}

/* The value, or what lies beside @failure, is the keeper's. @failure is taken. */
static guint
fire_kept (GDeferred *self, guint dispatcher, GError *failure, gconstpointer site)
{
  GdClaimResult claim = gd_chain_claim (&self->chain);

  if (claim != GD_CLAIM_WON)
    {
      g_clear_error (&failure);
      return claim == GD_CLAIM_SWALLOWED ? G_DEFERRED_FIRED_SWALLOWED : G_DEFERRED_FIRED_REFUSED;
    }

  self->fired_at = site;
  self->chain.keeper = (guint8) dispatcher;
  self->chain.outcome.error = failure;
  gd_chain_fire (&self->chain);
  return G_DEFERRED_FIRED_ACCEPTED;
}

/**
 * g_deferred_callback_kept:
 * @self: a Deferred
 * @dispatcher: a number that [func@Deferred.register_dispatcher] gave
 *
 * Fires @self with a value that the binding keeps with its own object for @self. It never crosses into C unless
 * somebody asks for it: the dispatcher is called with %G_DEFERRED_DISPATCH_GIVE then, and with
 * %G_DEFERRED_DISPATCH_FORGET when it is replaced.
 *
 * To be called at home; elsewhere it is a programmer error.
 *
 * Returns: a [enum@DeferredFired], as a plain number, which is cheaper to hand over: whether @self took it
 *
 * Since: 1.0
 */
guint
g_deferred_callback_kept (GDeferred *self, guint dispatcher)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), G_DEFERRED_FIRED_REFUSED);
  g_return_val_if_fail (is_dispatcher (dispatcher), G_DEFERRED_FIRED_REFUSED);
  gd_return_val_if_away (self, G_DEFERRED_FIRED_REFUSED);

  return fire_kept (self, dispatcher, NULL, GD_CALLER);
}

/**
 * g_deferred_errback_kept:
 * @self: a Deferred
 * @dispatcher: a number that [func@Deferred.register_dispatcher] gave
 * @failure: the error, which is copied
 *
 * Fires @self with an error beside which the binding keeps something, the language's own exception, as
 * [method@Deferred.callback_kept] does with a value.
 *
 * To be called at home; elsewhere it is a programmer error.
 *
 * Returns: a [enum@DeferredFired], as a plain number: whether @self took it
 *
 * Since: 1.0
 */
guint
g_deferred_errback_kept (GDeferred *self, guint dispatcher, const GError *failure)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), G_DEFERRED_FIRED_REFUSED);
  g_return_val_if_fail (is_dispatcher (dispatcher), G_DEFERRED_FIRED_REFUSED);
  g_return_val_if_fail (failure != NULL, G_DEFERRED_FIRED_REFUSED);
  gd_return_val_if_away (self, G_DEFERRED_FIRED_REFUSED);

  return fire_kept (self, dispatcher, g_error_copy (failure), GD_CALLER);
}

static void
return_kept (GDeferred *self, guint dispatcher, GError *failure, const char *function)
{
  GdOutcome outcome = { G_VALUE_INIT, failure };

  if (gd_deferred_leave (self, &outcome, NULL, function))
    gd_deferred_frame (self)->keeper = (guint8) dispatcher;
}

/**
 * g_deferred_return_kept:
 * @self: the Deferred whose batch is running
 * @dispatcher: a number that [func@Deferred.register_dispatcher] gave
 *
 * Leaves a value that the binding keeps, as [method@Deferred.callback_kept] does. If it kept one already, and the chain
 * is on the callback side, it may just put the new one in its place.
 *
 * To be called inside of the dispatcher.
 *
 * Since: 1.0
 */
void
g_deferred_return_kept (GDeferred *self, guint dispatcher)
{
  g_return_if_fail (G_IS_DEFERRED (self));
  g_return_if_fail (is_dispatcher (dispatcher));

  return_kept (self, dispatcher, NULL, G_STRFUNC);
}

/**
 * g_deferred_return_error_kept:
 * @self: the Deferred whose batch is running
 * @dispatcher: a number that [func@Deferred.register_dispatcher] gave
 * @failure: the error, which is copied
 *
 * Leaves an error beside which the binding keeps something, as [method@Deferred.errback_kept] does.
 *
 * To be called inside of the dispatcher.
 *
 * Since: 1.0
 */
void
g_deferred_return_error_kept (GDeferred *self, guint dispatcher, const GError *failure)
{
  g_return_if_fail (G_IS_DEFERRED (self));
  g_return_if_fail (is_dispatcher (dispatcher));
  g_return_if_fail (failure != NULL);

  return_kept (self, dispatcher, g_error_copy (failure), G_STRFUNC);
}

/**
 * g_deferred_take_unhandled:
 * @self: a Deferred
 *
 * Whether @self holds an error that nobody has handled; from here on it counts as handled. For a binding that reports
 * such errors itself, or that has told somebody who awaits @self. Inside of the dispatcher it speaks of the error that
 * was left with [method@Deferred.return_error_kept] just before.
 *
 * To be called at home.
 *
 * Returns: whether there was an error to handle
 *
 * Since: 1.0
 */
gboolean
g_deferred_take_unhandled (GDeferred *self)
{
  GdFrame *frame;

  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);
  gd_return_val_if_away (self, FALSE);

  frame = gd_deferred_frame (self);
  if (frame != NULL && frame->is_set && frame->outcome.error != NULL)
    {
      gboolean was_seen = frame->seen;

      frame->seen = TRUE;
      return !was_seen;
    }

  if (!gd_deferred_is_unhandled (self))
    return FALSE;
  self->chain.flags |= GD_CHAIN_SEEN;
  return TRUE;
}

/**
 * g_deferred_abandon:
 * @self: a Deferred
 *
 * Does, from the loop of the home context, what the last unref of @self would do: one that was not fired fails with
 * %G_DEFERRED_ERROR_ABANDONED, one that is paused goes on. For a binding whose own object for @self has the only
 * reference left, and is about to go with all the callbacks that it keeps: @self stays until they have been called.
 *
 * It may be called from any thread.
 *
 * Since: 1.0
 */
void
g_deferred_abandon (GDeferred *self)
{
  g_return_if_fail (G_IS_DEFERRED (self));

  gd_deferred_invoke (self, gd_deferred_abandon, NULL, NULL);
}
