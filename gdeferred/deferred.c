/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "deferred-private.h"

#include "debug-private.h"
#include "tracking-private.h"
#include "tsan-private.h"

/**
 * GDeferred:
 *
 * A result that is not there yet, and the chain of callbacks that will see it.
 *
 * A function that cannot answer at once returns a Deferred. Its caller adds callbacks, for success, and errbacks, for
 * failure; the producer fires it, once, with [method@Deferred.callback] or [method@Deferred.errback]. The links then
 * run in order, each seeing what the one before left: a callback that fails continues on the errback side, an errback
 * that returns a value continues on the callback side, and a callback that returns another Deferred makes the chain
 * wait for that one.
 *
 * A Deferred lives in a main context, its *home*: the thread-default one where it was made. It may be fired and
 * cancelled from any thread; its callbacks are added, and called, at home. If it is fired already, a callback that is
 * added is called at once, before the function that adds it returns.
 *
 * ```c
 * static gboolean
 * print_number (GDeferred *self, gpointer user_data, GError **error)
 * {
 *   g_print ("%d\n", g_deferred_get_int (self));
 *   return TRUE;
 * }
 *
 * int
 * main (void)
 * {
 *   g_autoptr (GDeferred) deferred = g_deferred_new ();
 *
 *   g_deferred_add_callback (deferred, print_number, NULL, NULL);
 *   g_deferred_callback_int (deferred, 42, NULL);
 *   return 0;
 * }
 * ```
 *
 * Dropping the last reference of a Deferred that was not fired fails it with %G_DEFERRED_ERROR_ABANDONED, so that
 * nobody waits for ever. Nothing is cancelled by that: neither the canceller is called nor the
 * [class@Gio.Cancellable] cancelled. Dropping one whose error nobody handled, that one too, reports the error.
 *
 * The class can be derived in scripting languages; C code composes instead, as the instance is opaque.
 *
 * Since: 1.0
 */
G_DEFINE_TYPE (GDeferred, g_deferred, G_TYPE_OBJECT)

G_STATIC_ASSERT (offsetof (GDeferred, chain) == sizeof (GObject));

GParamSpec  *gd_deferred_props[GD_N_PROPS];
GType        gd_deferred_type;
static guint fired_signal;

/* --- telling ----------------------------------------------------------------------------------------------------- */

/* One look-up that covers the signal and every property. A subclass may listen in other ways. */
gboolean
gd_deferred_is_listened (GDeferred *self)
{
  return G_OBJECT_TYPE (self) != gd_deferred_type
         || g_signal_handler_find (self, G_SIGNAL_MATCH_UNBLOCKED, 0, 0, NULL, NULL, NULL) != 0;
}

static void
notify_state (GDeferred *self, GDeferredState told, GDeferredState state)
{
  g_object_notify_by_pspec (G_OBJECT (self), gd_deferred_props[GD_PROP_STATE]);
  if (gd_state_is_pending (told) != gd_state_is_pending (state))
    g_object_notify_by_pspec (G_OBJECT (self), gd_deferred_props[GD_PROP_PENDING]);
}

static void
on_changed (GDeferred *self, GDeferredState told)
{
  if (gd_deferred_is_listened (self))
    notify_state (self, told, gd_chain_state (&self->chain));
}

static void
on_fired (GDeferred *self)
{
  GdExtras      *extras = gd_deferred_extras (self);
  GDeferredState told = self->chain.told;

  if (extras != NULL)
    gd_extras_fired (extras);
  if (gd_is_tracking ())
    gd_tracing_fired (self);

  if (!gd_deferred_is_listened (self))
    {
      self->chain.told = gd_chain_outcome_state (&self->chain);
      return;
    }

  self->chain.told = G_DEFERRED_STATE_RUNNING;
  notify_state (self, told, G_DEFERRED_STATE_RUNNING);
  g_signal_emit (self, fired_signal, 0);
}

/* The default handler of the signal: the callbacks run between its two kinds of handlers. */
static void
run_callbacks (GDeferred *self)
{
  gd_chain_run_announced (&self->chain);
}

static GdClaimResult
fire_elsewhere (GDeferred *self, const GdOutcome *outcome)
{
  GdClaimResult claim = gd_chain_claim (&self->chain);

  if (claim == GD_CLAIM_WON)
    gd_deferred_post_outcome (self, outcome);
  return claim;
}

/* --- its end ----------------------------------------------------------------------------------------------------- */

/* Whoever cancels a Deferred knows that it was cancelled. */
gboolean
gd_deferred_is_unhandled (GDeferred *self)
{
  int claim = g_atomic_int_get (&self->chain.claim);

  return self->chain.outcome.error != NULL && !(self->chain.flags & GD_CHAIN_SEEN)
         && !(claim & GD_CLAIM_MUTED)
         && !((claim & GD_CLAIM_CANCELLED)
              && g_error_matches (self->chain.outcome.error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

static void
log_unhandled (GDeferred *self)
{
  GdExtras        *extras = gd_deferred_extras (self);
  g_autofree char *stacks = gd_is_tracking () ? gd_tracking_stacks (self) : NULL;

  gd_debug_log_unhandled (&self->chain.outcome, extras != NULL ? extras->name : NULL, self->made_at,
                          self->fired_at, stacks);
}

static void
report_to_hook (GDeferred *self, gpointer user_data G_GNUC_UNUSED)
{
  if (self->chain.outcome.error != NULL && !gd_debug_call_hook (self))
    log_unhandled (self);
}

/* The last reference went with links left. */
void
gd_deferred_abandon (GDeferred *self, gpointer user_data G_GNUC_UNUSED)
{
  self->chain.pauses = 0;
  self->chain.flags &= ~GD_CHAIN_PAUSED;

  if (self->chain.flags & GD_CHAIN_FIRED)
    gd_chain_run_if_idle (&self->chain);
  else if (gd_chain_claim (&self->chain) == GD_CLAIM_WON)
    gd_deferred_fail_now (self, g_error_new_literal (G_DEFERRED_ERROR, G_DEFERRED_ERROR_ABANDONED,
                                                     "The Deferred was dropped before anybody fired it"));
}

/* At home, once the last reference has gone. Whether it is finished; if not, it comes back from the home's loop. */
static gboolean
finish (GDeferred *self)
{
  if (gd_chain_has_links (&self->chain))
    {
      gd_deferred_invoke (self, gd_deferred_abandon, NULL, NULL);
      return FALSE;
    }

  if (gd_deferred_is_unhandled (self))
    {
      self->chain.flags |= GD_CHAIN_SEEN;
      if (gd_debug_has_hook ())
        {
          gd_deferred_invoke (self, report_to_hook, NULL, NULL);
          return FALSE;
        }
      if (self->chain.keeper == 0 || !gd_chain_hooks.report (self))
        log_unhandled (self);
    }

  if (gd_deferred_extras (self) != NULL)
    gd_extras_fired (gd_deferred_extras (self));
  return TRUE;
}

/* Called by g_object_unref of another thread, as the last thing it does with the object: the toggle reference that its
 * dispose took is the only one left. It goes home in a letter. */
static void go_home (gpointer user_data, GObject *object, gboolean is_last_reference);

static void
come_home (GDeferred *self, gpointer user_data G_GNUC_UNUSED)
{
  g_object_remove_toggle_ref (G_OBJECT (self), go_home, NULL);
}

/* Whether there is nothing in it that belongs to its home. */
static gboolean
is_spent (GDeferred *self)
{
  GType type = G_VALUE_TYPE (&self->chain.outcome.value);

  return (self->chain.flags & GD_CHAIN_FIRED) && !gd_chain_has_links (&self->chain)
         && (gd_type_is_plain (type) || type == G_TYPE_STRING || type == G_TYPE_VARIANT)
         && !gd_deferred_is_unhandled (self) && gd_deferred_extras (self) == NULL;
}

/* A thread that ran a loop of its own, and has left it, iterates its context no more: a letter would lie there for
 * ever, and keep the context. Who owns a context is at home in it: nobody else can be running this one then. */
static gboolean
end_here (GDeferred *self)
{
  GMainContext *context;
  gboolean      is_over;

  if (g_atomic_pointer_get (&self->home.inbox) == &gd_inbox_default)
    return FALSE;

  context = g_main_context_ref (gd_inbox_context (self->home.inbox));
  is_over = g_main_context_acquire (context);
  if (is_over)
    {
      is_over = is_spent (self);
      if (is_over)
        g_object_remove_toggle_ref (G_OBJECT (self), go_home, NULL);
      g_main_context_release (context);
    }
  g_main_context_unref (context);
  return is_over;
}

static void
go_home (gpointer user_data G_GNUC_UNUSED, GObject *object, gboolean is_last_reference)
{
  GDeferred *self = (GDeferred *) object;

  if (is_last_reference && !end_here (self))
    gd_deferred_invoke (self, come_home, NULL, NULL);
}

/* Before 2.79, g_object_unref clears by itself, as soon as dispose has returned and before it lets go of the last
 * reference, all that GObject's own dispose clears: handlers, closures, weak references. To do it twice would take a
 * fifth of the time that a short life costs in all. A subclass may count on the usual order. */
static gboolean unref_clears;

static inline gboolean
is_last_unref (GObject *object)
{
  return G_OBJECT_TYPE (object) == gd_deferred_type && g_atomic_int_get (&object->ref_count) == 1;
}

/* What has to be called or freed at home keeps the Deferred alive until the home context gets to it; it comes back
 * here then. A g_object_run_dispose() from elsewhere, with references left, does nothing. */
static void
g_deferred_dispose (GObject *object)
{
  GDeferred *self = (GDeferred *) object;

  GD_TSAN_ACQUIRE (self);
  if (!gd_deferred_is_home (self))
    {
      if (g_atomic_int_get (&object->ref_count) == 1)
        g_object_add_toggle_ref (object, go_home, NULL);
      return;
    }

  if (self->chain.flags & GD_CHAIN_BUSY)
    {
      if (!(self->chain.flags & GD_CHAIN_REVIVED))
        {
          self->chain.flags |= GD_CHAIN_REVIVED;
          g_object_ref (self);
        }
      return;
    }

  /* With references left, it was g_object_run_dispose(): a pause is still its pauser's to undo. */
  if ((self->chain.flags & GD_CHAIN_PAUSED) && g_atomic_int_get (&object->ref_count) > 1)
    return;

  if (finish (self) && !(unref_clears && is_last_unref (object)))
    G_OBJECT_CLASS (g_deferred_parent_class)->dispose (object);
}

/* The bonds with owners go first: freeing the result may be the end of one. */
static void
g_deferred_finalize (GObject *object)
{
  GDeferred *self = (GDeferred *) object;
  GdExtras  *extras = gd_deferred_extras (self);

  gd_chain_check (&self->chain);
  if (gd_is_tracking ())
    gd_tracking_gone (self);
  if (extras != NULL)
    gd_extras_cut_bonds (extras);
  gd_outcome_clear (&self->chain.outcome);
  if (extras != NULL)
    gd_extras_free (extras);
  gd_home_clear (&self->home);

  G_OBJECT_CLASS (g_deferred_parent_class)->finalize (object);
}

/* --- the class --------------------------------------------------------------------------------------------------- */

static void
g_deferred_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  GDeferred *self = G_DEFERRED (object);
  GdExtras  *extras = gd_deferred_extras (self);

  gd_return_if_away (self);

  switch ((GdProp) prop_id)
    {
    case GD_PROP_STATE:
      g_value_set_enum (value, (int) gd_deferred_look (self));
      break;
    case GD_PROP_PENDING:
      g_value_set_boolean (value, gd_state_is_pending (gd_deferred_look (self)));
      break;
    case GD_PROP_PAUSED:
      g_value_set_boolean (value, (self->chain.flags & GD_CHAIN_PAUSED) != 0);
      break;
    case GD_PROP_PROGRESS:
      g_value_set_double (value, extras != NULL ? extras->progress : 0.0);
      break;
    case GD_PROP_PROGRESS_TEXT:
      g_value_set_string (value, extras != NULL ? extras->progress_text : NULL);
      break;
    case GD_PROP_NAME:
      g_value_set_string (value, extras != NULL ? extras->name : NULL);
      break;
    case GD_N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

void
gd_deferred_set_name (GDeferred *self, const char *name)
{
  GdExtras *extras = gd_extras_get (&self->extras);
  char     *old = extras->name;

  if (g_strcmp0 (old, name) == 0)
    return;

  extras->name = g_strdup (name);
  g_free (old);
  g_object_notify_by_pspec (G_OBJECT (self), gd_deferred_props[GD_PROP_NAME]);
}

static void
g_deferred_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  if (gd_deferred_extras ((GDeferred *) object) != NULL)
    gd_return_if_away ((GDeferred *) object);

  if (prop_id == GD_PROP_NAME)
    gd_deferred_set_name (G_DEFERRED (object), g_value_get_string (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  /**
   * GDeferred:state: (getter get_state)
   *
   * What it is doing. It notifies when it fires, and when the chain stops, or begins to wait, in another state than the
   * one it notified of last.
   *
   * Since: 1.0
   */
  gd_deferred_props[GD_PROP_STATE]
      = g_param_spec_enum ("state", NULL, NULL, G_TYPE_DEFERRED_STATE, G_DEFERRED_STATE_PENDING, readable);
  /**
   * GDeferred:pending: (getter get_pending)
   *
   * Whether the result is still to come: it was not fired, or waits for another Deferred. It can go to %FALSE and
   * back to %TRUE, when a callback returns another Deferred.
   *
   * Since: 1.0
   */
  gd_deferred_props[GD_PROP_PENDING] = g_param_spec_boolean ("pending", NULL, NULL, TRUE, readable);
  /**
   * GDeferred:paused: (getter get_paused)
   *
   * Whether somebody has paused it.
   *
   * Since: 1.0
   */
  gd_deferred_props[GD_PROP_PAUSED] = g_param_spec_boolean ("paused", NULL, NULL, FALSE, readable);
  /**
   * GDeferred:progress: (getter get_progress)
   *
   * How far its producer got, from 0 to 1.
   *
   * Since: 1.0
   */
  gd_deferred_props[GD_PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, 0.0, 1.0, 0.0, readable);
  /**
   * GDeferred:progress-text: (getter get_progress_text)
   *
   * What its producer is at, for a person to read.
   *
   * Since: 1.0
   */
  gd_deferred_props[GD_PROP_PROGRESS_TEXT]
      = g_param_spec_string ("progress-text", NULL, NULL, NULL, readable);
  /**
   * GDeferred:name: (getter get_name) (setter set_name)
   *
   * What reports call it.
   *
   * Since: 1.0
   */
  gd_deferred_props[GD_PROP_NAME]
      = g_param_spec_string ("name", NULL, NULL, NULL,
                             G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, GD_N_PROPS, gd_deferred_props);
}

static void
g_deferred_class_init (GDeferredClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = g_deferred_dispose;
  object_class->finalize = g_deferred_finalize;
  object_class->get_property = g_deferred_get_property;
  object_class->set_property = g_deferred_set_property;
  install_properties (object_class);
  unref_clears = glib_check_version (2, 79, 0) != NULL;

  /**
   * GDeferred::fired:
   * @self: the Deferred
   *
   * It has got its result: once in its life. Handlers run before the callbacks, those that were connected with
   * `g_signal_connect_after()` after the chain has stopped: at its end, at a pause, or where it waits for another
   * Deferred. All are called in the home context.
   *
   * Since: 1.0
   */
  fired_signal = g_signal_new_class_handler ("fired", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                             G_CALLBACK (run_callbacks), NULL, NULL, NULL, G_TYPE_NONE, 0);

  gd_deferred_type = G_TYPE_FROM_CLASS (klass);
  gd_chain_hooks.fired = on_fired;
  gd_chain_hooks.changed = on_changed;
  gd_chain_hooks.fire_elsewhere = fire_elsewhere;
  gd_tracing_init ();
}

static void
g_deferred_init (GDeferred *self)
{
  gd_home_init (&self->home);
  if (gd_is_tracking ())
    gd_tracking_made (self);
}

GDeferred *
gd_deferred_new (gconstpointer made_at)
{
  GDeferred *self = (GDeferred *) g_object_new_with_properties (G_TYPE_DEFERRED, 0, NULL, NULL);

  self->made_at = made_at;
  return self;
}
