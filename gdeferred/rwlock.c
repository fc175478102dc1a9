/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/rwlock.h>

#include "permits-private.h"

/**
 * GDeferredRWLock:
 *
 * A lock that either any number of readers hold, or one writer. It is a [class@DeferredLock] in all else: what is said
 * there about waiting, cancelling and threads is true of it.
 *
 * Readers and writers wait in one line. A reader that comes while a writer waits gets the lock after that writer, so
 * that writers are not kept waiting by ever more readers; when the writer is done, all the readers next in line get the
 * lock together. So a reader must not ask for the lock a second time and wait for that: a writer may have come in
 * between, who waits for the first to be released. Neither can a reader become a writer without releasing first.
 *
 * ```c
 * static gboolean
 * look_up (GDeferred *self, gpointer key, GError **error)
 * {
 *   return g_deferred_return_deferred (self, g_deferred_new ());
 * }
 *
 * static GDeferred *
 * look_up_while_nobody_writes (GDeferredRWLock *lock, const char *key)
 * {
 *   return g_deferred_rw_lock_run_read (lock, look_up, g_strdup (key), g_free);
 * }
 * ```
 *
 * Since: 1.0
 */
struct _GDeferredRWLock
{
  GObject parent_instance;

  GdPermits permits;
  guint     n_readers;
  gboolean  is_writing;
};

enum
{
  READ,
  WRITE
};

G_DEFINE_FINAL_TYPE (GDeferredRWLock, g_deferred_rw_lock, G_TYPE_OBJECT)

static gboolean
take (gpointer object, guint kind)
{
  GDeferredRWLock *self = object;

  if (self->is_writing || (kind == WRITE && self->n_readers > 0))
    return FALSE;

  if (kind == WRITE)
    self->is_writing = TRUE;
  else
    self->n_readers++;
  return TRUE;
}

static gboolean
put_back (gpointer object, guint kind)
{
  GDeferredRWLock *self = object;

  if (kind == WRITE ? !self->is_writing : self->n_readers == 0)
    return FALSE;

  if (kind == WRITE)
    self->is_writing = FALSE;
  else
    self->n_readers--;
  return TRUE;
}

static const GdPermitFuncs permit_funcs = {
  .desk = { "read-write lock", gd_permits_serve, gd_permits_take_back },
  .take = take,
  .put_back = put_back,
};

static void
g_deferred_rw_lock_dispose (GObject *object)
{
  if (gd_permits_end (&G_DEFERRED_RW_LOCK (object)->permits))
    G_OBJECT_CLASS (g_deferred_rw_lock_parent_class)->dispose (object);
}

static void
g_deferred_rw_lock_finalize (GObject *object)
{
  gd_permits_clear (&G_DEFERRED_RW_LOCK (object)->permits);

  G_OBJECT_CLASS (g_deferred_rw_lock_parent_class)->finalize (object);
}

static void
g_deferred_rw_lock_class_init (GDeferredRWLockClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = g_deferred_rw_lock_dispose;
  G_OBJECT_CLASS (klass)->finalize = g_deferred_rw_lock_finalize;
}

static void
g_deferred_rw_lock_init (GDeferredRWLock *self)
{
  gd_permits_init (&self->permits, self, &permit_funcs);
}

/**
 * g_deferred_rw_lock_new:
 *
 * Makes a lock that nobody holds, at home in the thread-default main context of the caller.
 *
 * Returns: (transfer full): a new lock
 *
 * Since: 1.0
 */
GDeferredRWLock *
g_deferred_rw_lock_new (void)
{
  return g_object_new (G_TYPE_DEFERRED_RW_LOCK, NULL);
}

/**
 * g_deferred_rw_lock_acquire_read:
 * @self: a lock
 *
 * Asks for the lock, to read. The Deferred that is returned fires, with @self, when nobody writes and nobody who came
 * before waits to write; [method@DeferredRWLock.release_read] ends it. In all else it is as
 * [method@DeferredLock.acquire].
 *
 * Returns: (transfer full): a Deferred that fires with @self
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_rw_lock_acquire_read (GDeferredRWLock *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_RW_LOCK (self), NULL);

  return gd_permits_acquire (&self->permits, READ, G_STRFUNC);
}

/**
 * g_deferred_rw_lock_acquire_write:
 * @self: a lock
 *
 * Asks for the lock, to write. The Deferred that is returned fires, with @self, when nobody else has the lock and those
 * who came before are done; [method@DeferredRWLock.release_write] ends it. In all else it is as
 * [method@DeferredLock.acquire].
 *
 * If it is cancelled while it waits, the readers that waited for it alone get the lock.
 *
 * Returns: (transfer full): a Deferred that fires with @self
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_rw_lock_acquire_write (GDeferredRWLock *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_RW_LOCK (self), NULL);

  return gd_permits_acquire (&self->permits, WRITE, G_STRFUNC);
}

/**
 * g_deferred_rw_lock_try_acquire_read:
 * @self: a lock
 *
 * Takes the lock, to read, if nobody writes and nobody waits. To be called at home.
 *
 * Returns: whether the caller has it now, to be released with [method@DeferredRWLock.release_read]
 *
 * Since: 1.0
 */
gboolean
g_deferred_rw_lock_try_acquire_read (GDeferredRWLock *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_RW_LOCK (self), FALSE);

  return gd_permits_try_acquire (&self->permits, READ, G_STRFUNC);
}

/**
 * g_deferred_rw_lock_try_acquire_write:
 * @self: a lock
 *
 * Takes the lock, to write, if nobody has it and nobody waits. To be called at home.
 *
 * Returns: whether the caller has it now, to be released with [method@DeferredRWLock.release_write]
 *
 * Since: 1.0
 */
gboolean
g_deferred_rw_lock_try_acquire_write (GDeferredRWLock *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_RW_LOCK (self), FALSE);

  return gd_permits_try_acquire (&self->permits, WRITE, G_STRFUNC);
}

/**
 * g_deferred_rw_lock_release_read:
 * @self: a lock that the caller has acquired to read
 *
 * Ends reading. With the last reader the writer who has waited longest gets the lock, as [method@DeferredLock.release]
 * says.
 *
 * To be called at home. If nobody reads, it is a programmer error, and does nothing.
 *
 * Returns: %FALSE if nobody had the lock to read
 *
 * Since: 1.0
 */
gboolean
g_deferred_rw_lock_release_read (GDeferredRWLock *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_RW_LOCK (self), FALSE);

  return gd_permits_release (&self->permits, READ, G_STRFUNC);
}

/**
 * g_deferred_rw_lock_release_write:
 * @self: a lock that the caller has acquired to write
 *
 * Ends writing. Who has waited longest gets the lock; if that is a reader, so do the readers that follow it in line.
 *
 * To be called at home. If nobody writes, it is a programmer error, and does nothing.
 *
 * Returns: %FALSE if nobody had the lock to write
 *
 * Since: 1.0
 */
gboolean
g_deferred_rw_lock_release_write (GDeferredRWLock *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_RW_LOCK (self), FALSE);

  return gd_permits_release (&self->permits, WRITE, G_STRFUNC);
}

/**
 * g_deferred_rw_lock_run_read:
 * @self: a lock
 * @func: (scope notified) (closure user_data) (destroy destroy): what to do while nobody writes
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, once @func was called or never will be
 *
 * Acquires the lock to read, calls @func, and releases the lock when that is done, whatever happens: see
 * [method@DeferredLock.run].
 *
 * Returns: (transfer full): a Deferred that fires with what @func leaves
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_rw_lock_run_read (GDeferredRWLock  *self,
                             GDeferredCallback func,
                             gpointer          user_data,
                             GDestroyNotify    destroy)
{
  g_return_val_if_fail (G_IS_DEFERRED_RW_LOCK (self), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  return gd_permits_run (&self->permits, READ, func, user_data, destroy, G_STRFUNC);
}

/**
 * g_deferred_rw_lock_run_write:
 * @self: a lock
 * @func: (scope notified) (closure user_data) (destroy destroy): what to do while nobody else reads or writes
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, once @func was called or never will be
 *
 * Acquires the lock to write, calls @func, and releases the lock when that is done, whatever happens: see
 * [method@DeferredLock.run].
 *
 * Returns: (transfer full): a Deferred that fires with what @func leaves
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_rw_lock_run_write (GDeferredRWLock  *self,
                              GDeferredCallback func,
                              gpointer          user_data,
                              GDestroyNotify    destroy)
{
  g_return_val_if_fail (G_IS_DEFERRED_RW_LOCK (self), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  return gd_permits_run (&self->permits, WRITE, func, user_data, destroy, G_STRFUNC);
}

/**
 * g_deferred_rw_lock_get_n_readers:
 * @self: a lock
 *
 * Gets how many have the lock to read. To be asked at home.
 *
 * Returns: a number
 *
 * Since: 1.0
 */
guint
g_deferred_rw_lock_get_n_readers (GDeferredRWLock *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_RW_LOCK (self), 0);

  return self->n_readers;
}

/**
 * g_deferred_rw_lock_get_writing:
 * @self: a lock
 *
 * Whether somebody has the lock to write. To be asked at home.
 *
 * Returns: whether there is a writer
 *
 * Since: 1.0
 */
gboolean
g_deferred_rw_lock_get_writing (GDeferredRWLock *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_RW_LOCK (self), FALSE);

  return self->is_writing;
}

/**
 * g_deferred_rw_lock_get_n_waiting:
 * @self: a lock
 *
 * Gets how many wait for the lock, to read or to write. To be asked at home.
 *
 * Returns: a number
 *
 * Since: 1.0
 */
guint
g_deferred_rw_lock_get_n_waiting (GDeferredRWLock *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_RW_LOCK (self), 0);

  return self->permits.line.length;
}
