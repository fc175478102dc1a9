/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/lock.h>

#include "permits-private.h"

/**
 * GDeferredLock:
 *
 * A lock for code that waits with Deferreds: who holds it may take several turns of the main loop, and nobody else
 * gets it meanwhile. It is no lock between threads.
 *
 * [method@DeferredLock.acquire] gives a Deferred that fires when the lock is the caller's, who has to call
 * [method@DeferredLock.release] in the end. [method@DeferredLock.run] does both around a function, whatever happens to
 * it; use it where you can.
 *
 * Who comes first gets it first, and nobody overtakes. Who cancels the wait leaves the queue. If nobody is there any
 * more to get the lock when its turn comes, because the owner that the Deferred was bound to is gone, or because the
 * last reference on a Deferred without callbacks went, the next in the queue gets it.
 *
 * A lock belongs to the thread-default main context of the thread that makes it, and is used there only, as are the
 * Deferreds that it gives. It may be released, and acquired again, inside a callback that waited for it; the next one
 * gets it once that callback has returned, or when it iterates the main loop. If the last reference on a lock goes, or
 * it is disposed, those who wait for it fail with %G_DEFERRED_ERROR_ABANDONED, from the loop.
 *
 * ```c
 * static gboolean
 * append_line (GDeferred *self, gpointer user_data, GError **error)
 * {
 *   return g_deferred_return_deferred (self, g_deferred_new ());
 * }
 *
 * static GDeferred *
 * append_one_after_the_other (GDeferredLock *lock, const char *line)
 * {
 *   return g_deferred_lock_run (lock, append_line, g_strdup (line), g_free);
 * }
 * ```
 *
 * Since: 1.0
 */
struct _GDeferredLock
{
  GObject parent_instance;

  GdPermits permits;
  gboolean  is_taken;
};

G_DEFINE_FINAL_TYPE (GDeferredLock, g_deferred_lock, G_TYPE_OBJECT)

static gboolean
take (gpointer object, guint kind)
{
  GDeferredLock *self = object;

  if (self->is_taken)
    return FALSE;

  self->is_taken = TRUE;
  return TRUE;
}

static gboolean
put_back (gpointer object, guint kind)
{
  GDeferredLock *self = object;

  if (!self->is_taken)
    return FALSE;

  self->is_taken = FALSE;
  return TRUE;
}

static const GdPermitFuncs permit_funcs = {
  .desk = { "lock", gd_permits_serve, gd_permits_take_back },
  .take = take,
  .put_back = put_back,
};

static void
g_deferred_lock_dispose (GObject *object)
{
  if (gd_permits_end (&G_DEFERRED_LOCK (object)->permits))
    G_OBJECT_CLASS (g_deferred_lock_parent_class)->dispose (object);
}

static void
g_deferred_lock_finalize (GObject *object)
{
  gd_permits_clear (&G_DEFERRED_LOCK (object)->permits);

  G_OBJECT_CLASS (g_deferred_lock_parent_class)->finalize (object);
}

static void
g_deferred_lock_class_init (GDeferredLockClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = g_deferred_lock_dispose;
  G_OBJECT_CLASS (klass)->finalize = g_deferred_lock_finalize;
}

static void
g_deferred_lock_init (GDeferredLock *self)
{
  gd_permits_init (&self->permits, self, &permit_funcs);
}

/**
 * g_deferred_lock_new:
 *
 * Makes a lock that nobody holds, at home in the thread-default main context of the caller.
 *
 * Returns: (transfer full): a new lock
 *
 * Since: 1.0
 */
GDeferredLock *
g_deferred_lock_new (void)
{
  return g_object_new (G_TYPE_DEFERRED_LOCK, NULL);
}

/**
 * g_deferred_lock_acquire:
 * @self: a lock
 *
 * Asks for the lock. The Deferred that is returned fires, with @self, when the lock is the caller's: it has fired
 * already if the lock was free and nobody waited. It is released with [method@DeferredLock.release] then, also if a
 * callback of the Deferred fails.
 *
 * Cancelling the Deferred before it has fired ends the wait: it fails with %G_IO_ERROR_CANCELLED, and will not get the
 * lock. Cancelling it later does nothing: the lock is still the caller's to release. The reference on the Deferred may
 * be dropped once it has callbacks.
 *
 * In another thread than the home of @self it is a critical warning, and gives a Deferred that has failed with
 * %G_DEFERRED_ERROR_FAILED.
 *
 * Returns: (transfer full): a Deferred that fires with @self
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_lock_acquire (GDeferredLock *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_LOCK (self), NULL);

  return gd_permits_acquire (&self->permits, 0, G_STRFUNC);
}

/**
 * g_deferred_lock_try_acquire:
 * @self: a lock
 *
 * Takes the lock if it is free and nobody waits for it. To be called at home.
 *
 * Returns: whether the lock is the caller's now, to be released with [method@DeferredLock.release]
 *
 * Since: 1.0
 */
gboolean
g_deferred_lock_try_acquire (GDeferredLock *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_LOCK (self), FALSE);

  return gd_permits_try_acquire (&self->permits, 0, G_STRFUNC);
}

/**
 * g_deferred_lock_release:
 * @self: a lock that the caller has acquired
 *
 * Gives the lock back. Who has waited longest gets it: its callbacks are called before this returns, or, if the caller
 * is itself such a callback, after that one has returned.
 *
 * To be called at home. To release a lock that nobody holds is a programmer error, and does nothing.
 *
 * Returns: %FALSE if nobody held the lock
 *
 * Since: 1.0
 */
gboolean
g_deferred_lock_release (GDeferredLock *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_LOCK (self), FALSE);

  return gd_permits_release (&self->permits, 0, G_STRFUNC);
}

/**
 * g_deferred_lock_run:
 * @self: a lock
 * @func: (scope notified) (closure user_data) (destroy destroy): what to do while holding the lock
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, once @func was called or never will be
 *
 * Acquires the lock, calls @func, as [func@Deferred.maybe] does, and releases the lock when @func is done: when it has
 * returned, or the Deferred that it returned has its outcome. That happens in each case: if it fails, if it is
 * cancelled, if the Deferred that it returned is abandoned. @func is called before this returns, if the lock was free.
 *
 * The Deferred that is returned has the outcome of @func, and the lock is released before its callbacks are called.
 * Cancelling it while it waits for the lock ends the wait, and @func is not called; cancelling it later cancels the
 * Deferred that @func has returned. If that takes its time to end, because it has something to tidy up, the lock is held
 * until then, and only after the release does the Deferred fire. The same happens when an owner goes that it was bound
 * to. Dropping the reference on it does not stop anything.
 *
 * Do not release the lock inside @func. In another thread than the home of @self this is a critical warning, and gives
 * a Deferred that has failed with %G_DEFERRED_ERROR_FAILED.
 *
 * Returns: (transfer full): a Deferred that fires with what @func leaves
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_lock_run (GDeferredLock *self, GDeferredCallback func, gpointer user_data, GDestroyNotify destroy)
{
  g_return_val_if_fail (G_IS_DEFERRED_LOCK (self), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  return gd_permits_run (&self->permits, 0, func, user_data, destroy, G_STRFUNC);
}

/**
 * g_deferred_lock_get_locked:
 * @self: a lock
 *
 * Whether somebody holds the lock, or is about to get it. To be asked at home.
 *
 * Returns: whether it is locked
 *
 * Since: 1.0
 */
gboolean
g_deferred_lock_get_locked (GDeferredLock *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_LOCK (self), FALSE);

  return self->is_taken || self->permits.line.first != NULL;
}

/**
 * g_deferred_lock_get_n_waiting:
 * @self: a lock
 *
 * How many wait for the lock. To be asked at home.
 *
 * Returns: a number
 *
 * Since: 1.0
 */
guint
g_deferred_lock_get_n_waiting (GDeferredLock *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_LOCK (self), 0);

  return self->permits.line.length;
}
