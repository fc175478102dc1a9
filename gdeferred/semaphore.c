/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/semaphore.h>

#include "permits-private.h"

/**
 * GDeferredSemaphore:
 *
 * A number of tokens, for at most so many things at a time: connections to a server, say. It is a [class@DeferredLock]
 * that several can hold, and all that is said there about waiting, cancelling and threads is true of it.
 *
 * ```c
 * static gboolean
 * fetch (GDeferred *self, gpointer address, GError **error)
 * {
 *   return g_deferred_return_deferred (self, g_deferred_new ());
 * }
 *
 * static void
 * fetch_all (const char *const *addresses)
 * {
 *   g_autoptr (GDeferredSemaphore) four = g_deferred_semaphore_new (4);
 *
 *   for (; *addresses != NULL; addresses++)
 *     g_object_unref (g_deferred_semaphore_run (four, fetch, (gpointer) *addresses, NULL));
 * }
 * ```
 *
 * Since: 1.0
 */
struct _GDeferredSemaphore
{
  GObject parent_instance;

  GdPermits permits;
  guint     limit;
  guint     n_free;
};

typedef enum
{
  PROP_LIMIT = 1,
  N_PROPS
} Prop;

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (GDeferredSemaphore, g_deferred_semaphore, G_TYPE_OBJECT)

static gboolean
take (gpointer object, guint kind)
{
  GDeferredSemaphore *self = object;

  if (self->n_free == 0)
    return FALSE;

  self->n_free--;
  return TRUE;
}

static gboolean
put_back (gpointer object, guint kind)
{
  GDeferredSemaphore *self = object;

  if (self->n_free == self->limit)
    return FALSE;

  self->n_free++;
  return TRUE;
}

static const GdPermitFuncs permit_funcs = {
  .desk = { "semaphore", gd_permits_serve, gd_permits_take_back },
  .take = take,
  .put_back = put_back,
};

static void
g_deferred_semaphore_constructed (GObject *object)
{
  GDeferredSemaphore *self = G_DEFERRED_SEMAPHORE (object);

  G_OBJECT_CLASS (g_deferred_semaphore_parent_class)->constructed (object);

  self->n_free = self->limit;
}

static void
g_deferred_semaphore_dispose (GObject *object)
{
  if (gd_permits_end (&G_DEFERRED_SEMAPHORE (object)->permits))
    G_OBJECT_CLASS (g_deferred_semaphore_parent_class)->dispose (object);
}

static void
g_deferred_semaphore_finalize (GObject *object)
{
  gd_permits_clear (&G_DEFERRED_SEMAPHORE (object)->permits);

  G_OBJECT_CLASS (g_deferred_semaphore_parent_class)->finalize (object);
}

static void
g_deferred_semaphore_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  if (prop_id == PROP_LIMIT)
    g_value_set_uint (value, G_DEFERRED_SEMAPHORE (object)->limit);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
g_deferred_semaphore_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  if (prop_id == PROP_LIMIT)
    G_DEFERRED_SEMAPHORE (object)->limit = g_value_get_uint (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
g_deferred_semaphore_class_init (GDeferredSemaphoreClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->constructed = g_deferred_semaphore_constructed;
  object_class->dispose = g_deferred_semaphore_dispose;
  object_class->finalize = g_deferred_semaphore_finalize;
  object_class->get_property = g_deferred_semaphore_get_property;
  object_class->set_property = g_deferred_semaphore_set_property;

  /**
   * GDeferredSemaphore:limit: (getter get_limit)
   *
   * How many tokens there are.
   *
   * Since: 1.0
   */
  props[PROP_LIMIT] = g_param_spec_uint ("limit", NULL, NULL, 1, G_MAXUINT, 1, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
g_deferred_semaphore_init (GDeferredSemaphore *self)
{
  gd_permits_init (&self->permits, self, &permit_funcs);
}

/**
 * g_deferred_semaphore_new:
 * @tokens: how many can hold the semaphore at a time, at least 1
 *
 * Makes a semaphore that nobody holds, at home in the thread-default main context of the caller.
 *
 * Returns: (transfer full): a new semaphore
 *
 * Since: 1.0
 */
GDeferredSemaphore *
g_deferred_semaphore_new (guint tokens)
{
  g_return_val_if_fail (tokens >= 1, NULL);

  return g_object_new (G_TYPE_DEFERRED_SEMAPHORE, "limit", tokens, NULL);
}

/**
 * g_deferred_semaphore_acquire:
 * @self: a semaphore
 *
 * Asks for a token. The Deferred that is returned fires, with @self, when the caller has one: it has fired already if
 * one was free and nobody waited. The token is given back with [method@DeferredSemaphore.release] then. In all else it
 * is as [method@DeferredLock.acquire].
 *
 * Returns: (transfer full): a Deferred that fires with @self
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_semaphore_acquire (GDeferredSemaphore *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_SEMAPHORE (self), NULL);

  return gd_permits_acquire (&self->permits, 0, G_STRFUNC);
}

/**
 * g_deferred_semaphore_try_acquire:
 * @self: a semaphore
 *
 * Takes a token if one is free and nobody waits for it. To be called at home.
 *
 * Returns: whether the caller has one now, to be given back with [method@DeferredSemaphore.release]
 *
 * Since: 1.0
 */
gboolean
g_deferred_semaphore_try_acquire (GDeferredSemaphore *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_SEMAPHORE (self), FALSE);

  return gd_permits_try_acquire (&self->permits, 0, G_STRFUNC);
}

/**
 * g_deferred_semaphore_release:
 * @self: a semaphore of which the caller has a token
 *
 * Gives a token back. Who has waited longest gets it, as [method@DeferredLock.release] says.
 *
 * To be called at home. To release more than was acquired is a programmer error, and does nothing.
 *
 * Returns: %FALSE if nobody had a token
 *
 * Since: 1.0
 */
gboolean
g_deferred_semaphore_release (GDeferredSemaphore *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_SEMAPHORE (self), FALSE);

  return gd_permits_release (&self->permits, 0, G_STRFUNC);
}

/**
 * g_deferred_semaphore_run:
 * @self: a semaphore
 * @func: (scope notified) (closure user_data) (destroy destroy): what to do while having a token
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, once @func was called or never will be
 *
 * Acquires a token, calls @func, and gives the token back when that is done, whatever happens: see
 * [method@DeferredLock.run].
 *
 * Returns: (transfer full): a Deferred that fires with what @func leaves
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_semaphore_run (GDeferredSemaphore *self,
                          GDeferredCallback   func,
                          gpointer            user_data,
                          GDestroyNotify      destroy)
{
  g_return_val_if_fail (G_IS_DEFERRED_SEMAPHORE (self), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  return gd_permits_run (&self->permits, 0, func, user_data, destroy, G_STRFUNC);
}

/**
 * g_deferred_semaphore_get_limit: (get-property limit)
 * @self: a semaphore
 *
 * Gets how many tokens there are.
 *
 * Returns: a number, at least 1
 *
 * Since: 1.0
 */
guint
g_deferred_semaphore_get_limit (GDeferredSemaphore *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_SEMAPHORE (self), 0);

  return self->limit;
}

/**
 * g_deferred_semaphore_get_n_free:
 * @self: a semaphore
 *
 * Gets how many tokens nobody has, nor is about to get. To be asked at home.
 *
 * Returns: a number
 *
 * Since: 1.0
 */
guint
g_deferred_semaphore_get_n_free (GDeferredSemaphore *self)
{
  guint n_waiting;

  g_return_val_if_fail (G_IS_DEFERRED_SEMAPHORE (self), 0);

  n_waiting = self->permits.line.length;
  return self->n_free > n_waiting ? self->n_free - n_waiting : 0;
}

/**
 * g_deferred_semaphore_get_n_waiting:
 * @self: a semaphore
 *
 * Gets how many wait for a token. To be asked at home.
 *
 * Returns: a number
 *
 * Since: 1.0
 */
guint
g_deferred_semaphore_get_n_waiting (GDeferredSemaphore *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_SEMAPHORE (self), 0);

  return self->permits.line.length;
}
