/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/binding.h>

#include "deferred-private.h"
#include "tsan-private.h"

/* What language bindings stand on: callbacks that are kept by the binding and called through one function, in place of
 * a closure each; and an object to carry what no GType holds. */

G_DEFINE_ENUM_TYPE (GDeferredDispatch,
                    g_deferred_dispatch,
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_DISPATCH_RUN, "run"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_DISPATCH_DROP, "drop"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_DISPATCH_UNHANDLED, "unhandled"))

typedef struct
{
  GDeferredDispatcher func;
  gpointer            user_data;
} Dispatcher;

/* One for a language, for as long as the process lives: links may be left that need it. */
enum
{
  MAX_DISPATCHERS = 16
};
static GMutex     lock;
static Dispatcher dispatchers[MAX_DISPATCHERS];
static int        n_dispatchers; /* atomic; entries below it do not change */

static gboolean
dispatch (GDeferred *self, gpointer data, gboolean drop, GError **error)
{
  Dispatcher *dispatcher = data;

  return dispatcher->func (self, drop ? G_DEFERRED_DISPATCH_DROP : G_DEFERRED_DISPATCH_RUN,
                           dispatcher->user_data, error);
}

static void
unhandled (GDeferred *self)
{
  int n = g_atomic_int_get (&n_dispatchers);

  for (int i = 0; i < n; i++)
    dispatchers[i].func (self, G_DEFERRED_DISPATCH_UNHANDLED, dispatchers[i].user_data, NULL);
}

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
      gd_chain_hooks.dispatch = dispatch;
      gd_chain_hooks.unhandled = unhandled;
      g_atomic_int_set (&n_dispatchers, n + 1);
    }
  gd_mutex_unlock (&lock);

  if (n == MAX_DISPATCHERS)
    g_critical ("%s: there is no room for more than %d dispatchers", G_STRFUNC, MAX_DISPATCHERS);
  return n < MAX_DISPATCHERS ? (guint) n + 1 : 0;
}

/**
 * g_deferred_add_dispatched:
 * @self: a Deferred
 * @dispatcher: a number that [func@Deferred.register_dispatcher] gave
 *
 * Adds a link whose callbacks the binding keeps, with its own object for @self. When its turn comes, the dispatcher is
 * called with %G_DEFERRED_DISPATCH_RUN, or, if it can no longer run, with %G_DEFERRED_DISPATCH_DROP: once for each
 * link, in order. When a chain with such links stops with an error that nobody has handled, the dispatchers are called
 * with %G_DEFERRED_DISPATCH_UNHANDLED.
 *
 * To be called at home, where the dispatcher is called, too.
 *
 * Returns: (transfer none): @self
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_add_dispatched (GDeferred *self, guint dispatcher)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), self);
  g_return_val_if_fail (dispatcher > 0 && dispatcher <= (guint) g_atomic_int_get (&n_dispatchers), self);
  gd_return_val_if_away (self, self);

  self->chain.flags |= GD_CHAIN_DISPATCHED;
  gd_chain_add (&self->chain,
                &(GdLink){ .kind = GD_LINK_DISPATCH, .callback_data = &dispatchers[dispatcher - 1] });
  return self;
}

/**
 * GDeferredCarrier:
 *
 * An object with nothing in it: for a binding to hang a value on that no [struct@GObject.Value] can hold, and so to
 * send it through a Deferred.
 *
 * Since: 1.0
 */
struct _GDeferredCarrier
{
  GObject parent_instance;
};

G_DEFINE_FINAL_TYPE (GDeferredCarrier, g_deferred_carrier, G_TYPE_OBJECT)

static void
g_deferred_carrier_class_init (GDeferredCarrierClass *klass G_GNUC_UNUSED)
{
}

static void
g_deferred_carrier_init (GDeferredCarrier *self G_GNUC_UNUSED)
{
}

/**
 * g_deferred_carrier_new:
 *
 * Makes a carrier. It may be called from any thread.
 *
 * Returns: (transfer full): a new carrier
 *
 * Since: 1.0
 */
GDeferredCarrier *
g_deferred_carrier_new (void)
{
  return g_object_new (G_TYPE_DEFERRED_CARRIER, NULL);
}
