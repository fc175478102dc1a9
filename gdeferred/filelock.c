/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/filelock.h>

#include "clock-holder-private.h"
#include "context-private.h"
#include "lockfile-private.h"
#include "permits-private.h"

/**
 * GDeferredFileLock:
 *
 * A lock between processes, by a file: at most one of those that use the same path has it.
 *
 * It is the system that keeps it, with `flock()`: if a process ends, however it ends, its locks are free. So a lock can
 * neither be stale nor has anybody to clean up, and the program `flock` of a shell script can take part. The file is
 * made when it is not there, and never removed; while the lock is held it contains the process id of the holder, for
 * people to read (unless it contained something else before, which is left alone). If somebody else removes or replaces
 * it, the lock is that of the new file. A process that was forked and does not call `exec()` has the lock with its
 * parent, until both have ended.
 *
 * Who waits for one object is served as by a [class@DeferredLock], and all that is said there about waiting, cancelling
 * and threads is true of it. Two objects for the same file are to each other as two processes are. Between these there
 * is no line: while another one has the lock, it is tried again, after 2 milliseconds first and then after twice as long
 * each time, up to 250, by the clock. When the lock is released, and others wait for the same object, the next one tries
 * after 2 milliseconds, so that other processes get a chance.
 *
 * While it waits for another process it is kept, until those who wait have cancelled. If the last reference goes while
 * the lock is held, it is free.
 *
 * The file should be on a local disk: network file systems may make the main loop wait, or may not lock at all.
 *
 * ```c
 * static gboolean
 * update (GDeferred *self, gpointer user_data, GError **error)
 * {
 *   return g_file_set_contents ("/var/lib/thing/state", user_data, -1, error);
 * }
 *
 * static GDeferred *
 * update_alone (const char *state)
 * {
 *   g_autoptr (GDeferredFileLock) lock = g_deferred_file_lock_new ("/var/lib/thing/lock");
 *
 *   return g_deferred_file_lock_run (lock, update, g_strdup (state), g_free);
 * }
 * ```
 *
 * Since: 1.0
 */
struct _GDeferredFileLock
{
  GObject parent_instance;

  GdPermits permits;
  char     *path;
  int       fd;      /* open and locked; -1 if not held */
  GError   *failure; /* of a try, for who is first in line */

  GdClockHolder         clock;         /* that was set */
  GdClockHolder         current_clock; /* where the last one began to wait */
  GDeferredDelayedCall *next_try;
  GTimeSpan             delay; /* before that */
};

#define SHORTEST_DELAY (2 * G_TIME_SPAN_MILLISECOND)
#define LONGEST_DELAY  (250 * G_TIME_SPAN_MILLISECOND)

typedef enum
{
  PROP_PATH = 1,
  N_PROPS
} Prop;

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (GDeferredFileLock, g_deferred_file_lock, G_TYPE_OBJECT)

/* --- trying again ------------------------------------------------------------------------------------------------ */

/* It may be the last that holds us. */
static void
forget_next_try (GDeferredFileLock *self)
{
  GDeferredDelayedCall *next_try = g_steal_pointer (&self->next_try);

  if (next_try == NULL)
    return;

  g_deferred_delayed_call_cancel (next_try);
  g_deferred_delayed_call_unref (next_try);
}

static void
on_next_try (gpointer user_data)
{
  GDeferredFileLock *self = user_data;

  g_clear_pointer (&self->next_try, g_deferred_delayed_call_unref);
  self->delay = MIN (2 * self->delay, LONGEST_DELAY);
  gd_desk_serve (&self->permits.desk);
}

/* As long as it is to be tried again, it need not be held by anybody else: another process will end, or release. */
static void
try_later (GDeferredFileLock *self)
{
  GDeferredClock *clock = gd_clock_holder_get (self->clock.is_set ? &self->clock : &self->current_clock);

  if (clock == NULL)
    clock = g_deferred_clock_get_current ();
  self->next_try
      = g_deferred_clock_call_later (clock, self->delay, on_next_try, g_object_ref (self), g_object_unref);
  g_object_unref (clock);
}

/* If it fails without a failure, another process has the lock. */
static gboolean
try_now (GDeferredFileLock *self)
{
  self->fd = gd_lock_file_open (self->path, &self->failure);
  return self->fd >= 0;
}

static void
fail_first (GDeferredFileLock *self)
{
  g_autoptr (GError) failure = g_steal_pointer (&self->failure);

  gd_waiter_fail (self->permits.line.first, failure->domain, failure->code, failure->message);
}

static gboolean
serve (GdDesk *desk)
{
  GDeferredFileLock *self = G_DEFERRED_FILE_LOCK (desk->object);

  if (self->permits.line.first == NULL)
    {
      forget_next_try (self);
      return FALSE;
    }
  if (self->fd >= 0 || self->next_try != NULL)
    return FALSE;

  if (self->failure == NULL && try_now (self))
    gd_permits_grant (&self->permits);
  else if (self->failure != NULL)
    fail_first (self);
  else
    {
      try_later (self);
      return FALSE;
    }
  return TRUE;
}

/* Nobody waits. Who has asked will be first in line if this fails, and is served then. */
static gboolean
take (gpointer object, guint kind)
{
  GDeferredFileLock *self = object;

  if (self->fd >= 0)
    return FALSE;
  if (try_now (self))
    return TRUE;

  self->delay = SHORTEST_DELAY;
  if (self->failure == NULL)
    try_later (self);
  return FALSE;
}

/* The next in line leaves a moment to other processes. */
static gboolean
put_back (gpointer object, guint kind)
{
  GDeferredFileLock *self = object;

  if (self->fd < 0)
    return FALSE;

  gd_lock_file_close (self->fd);
  self->fd = -1;
  self->delay = SHORTEST_DELAY;
  if (self->permits.line.first != NULL)
    try_later (self);
  return TRUE;
}

static const GdPermitFuncs permit_funcs = {
  .desk = { "file lock", serve, gd_permits_take_back },
  .take = take,
  .put_back = put_back,
};

/* --- the class --------------------------------------------------------------------------------------------------- */

static void
g_deferred_file_lock_dispose (GObject *object)
{
  GDeferredFileLock *self = G_DEFERRED_FILE_LOCK (object);

  if (!gd_permits_end (&self->permits))
    return;

  forget_next_try (self);
  G_OBJECT_CLASS (g_deferred_file_lock_parent_class)->dispose (object);
}

static void
g_deferred_file_lock_finalize (GObject *object)
{
  GDeferredFileLock *self = G_DEFERRED_FILE_LOCK (object);

  if (self->fd >= 0)
    gd_lock_file_close (self->fd);
  gd_permits_clear (&self->permits);
  g_clear_error (&self->failure);
  gd_clock_holder_clear (&self->clock);
  gd_clock_holder_clear (&self->current_clock);
  g_free (self->path);

  G_OBJECT_CLASS (g_deferred_file_lock_parent_class)->finalize (object);
}

static void
g_deferred_file_lock_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  if (prop_id == PROP_PATH)
    g_value_set_string (value, G_DEFERRED_FILE_LOCK (object)->path);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
g_deferred_file_lock_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  const char *path = g_value_get_string (value);

  if (prop_id != PROP_PATH)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  else if (path != NULL)
    G_DEFERRED_FILE_LOCK (object)->path = g_canonicalize_filename (path, NULL);
}

static void
g_deferred_file_lock_class_init (GDeferredFileLockClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = g_deferred_file_lock_dispose;
  object_class->finalize = g_deferred_file_lock_finalize;
  object_class->get_property = g_deferred_file_lock_get_property;
  object_class->set_property = g_deferred_file_lock_set_property;

  /**
   * GDeferredFileLock:path: (getter get_path)
   *
   * The file.
   *
   * Since: 1.0
   */
  props[PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
g_deferred_file_lock_init (GDeferredFileLock *self)
{
  self->fd = -1;
  gd_clock_holder_init (&self->clock);
  gd_clock_holder_init (&self->current_clock);
  gd_permits_init (&self->permits, self, &permit_funcs);
}

/**
 * g_deferred_file_lock_new:
 * @path: (type filename): the file, which is made when the lock is acquired if it is not there
 *
 * Makes a lock that is not held, at home in the thread-default main context of the caller. Nothing is done with the
 * file yet.
 *
 * Returns: (transfer full): a new lock
 *
 * Since: 1.0
 */
GDeferredFileLock *
g_deferred_file_lock_new (const char *path)
{
  g_return_val_if_fail (path != NULL, NULL);

  return g_object_new (G_TYPE_DEFERRED_FILE_LOCK, "path", path, NULL);
}

/**
 * g_deferred_file_lock_set_clock:
 * @self: a file lock
 * @clock: (nullable): a clock that lives where @self does; %NULL for the one that is current when somebody waits
 *
 * Sets the clock by which the lock is tried again while another process has it; @self does not keep one that is
 * virtual. To be called at home; it counts from the next try on.
 *
 * Since: 1.0
 */
void
g_deferred_file_lock_set_clock (GDeferredFileLock *self, GDeferredClock *clock)
{
  g_return_if_fail (G_IS_DEFERRED_FILE_LOCK (self));
  g_return_if_fail (clock == NULL || G_IS_DEFERRED_CLOCK (clock));
  if (!gd_desk_is_here (&self->permits.desk, G_STRFUNC))
    return;

  gd_clock_holder_set (&self->clock, clock);
}

/* --- acquiring and releasing ------------------------------------------------------------------------------------- */

static void
look_at_clock (GDeferredFileLock *self)
{
  GMainContext   *context = self->permits.desk.context;
  gboolean        entered = gd_context_enter (context);
  GDeferredClock *clock = g_deferred_clock_get_current ();

  gd_context_leave (context, entered);
  gd_clock_holder_set (&self->current_clock, clock);
  g_object_unref (clock);
}

/* One who is first in line may have failed already. */
static GDeferred *
serve_and_return (GDeferredFileLock *self, GDeferred *deferred)
{
  if (self->permits.line.first != NULL)
    gd_desk_serve (&self->permits.desk);
  return deferred;
}

/**
 * g_deferred_file_lock_acquire:
 * @self: a file lock
 *
 * Asks for the lock. The Deferred that is returned fires, with @self, when the lock is the caller's: it has fired
 * already if the lock was free and nobody waited for @self. It is released with [method@DeferredFileLock.release] then.
 *
 * It fails with an error of %G_IO_ERROR if the file cannot be made, opened or locked. In all else it is as
 * [method@DeferredLock.acquire]; to wait for so long only, add a time-out.
 *
 * Returns: (transfer full): a Deferred that fires with @self
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_file_lock_acquire (GDeferredFileLock *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_FILE_LOCK (self), NULL);
  if (!gd_desk_is_here (&self->permits.desk, G_STRFUNC))
    return gd_desk_refuse (&self->permits.desk);

  look_at_clock (self);
  return serve_and_return (self, gd_permits_acquire (&self->permits, 0, G_STRFUNC));
}

/**
 * g_deferred_file_lock_try_acquire:
 * @self: a file lock
 * @error: return location for an error of %G_IO_ERROR, if the file cannot be made, opened or locked
 *
 * Takes the lock if it is free, and nobody waits for @self. To be called at home.
 *
 * Returns: whether the lock is the caller's now, to be released with [method@DeferredFileLock.release]; if not, and
 *   @error is not set, somebody else has it
 *
 * Since: 1.0
 */
gboolean
g_deferred_file_lock_try_acquire (GDeferredFileLock *self, GError **error)
{
  g_return_val_if_fail (G_IS_DEFERRED_FILE_LOCK (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  if (!gd_desk_is_here (&self->permits.desk, G_STRFUNC))
    return FALSE;

  if (self->fd >= 0 || self->permits.line.first != NULL)
    return FALSE;

  self->fd = gd_lock_file_open (self->path, error);
  return self->fd >= 0;
}

/**
 * g_deferred_file_lock_release:
 * @self: a file lock that the caller has acquired
 *
 * Gives the lock back.
 *
 * To be called at home. To release a lock that @self does not hold is a programmer error, and does nothing.
 *
 * Returns: %FALSE if @self did not hold the lock
 *
 * Since: 1.0
 */
gboolean
g_deferred_file_lock_release (GDeferredFileLock *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_FILE_LOCK (self), FALSE);

  return gd_permits_release (&self->permits, 0, G_STRFUNC);
}

/**
 * g_deferred_file_lock_run:
 * @self: a file lock
 * @func: (scope notified) (closure user_data) (destroy destroy): what to do while holding the lock
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, once @func was called or never will be
 *
 * Acquires the lock, calls @func, and releases the lock when that is done, whatever happens: see
 * [method@DeferredLock.run]. If the lock cannot be acquired, the Deferred that is returned fails as that of
 * [method@DeferredFileLock.acquire] does.
 *
 * Returns: (transfer full): a Deferred that fires with what @func leaves
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_file_lock_run (GDeferredFileLock *self,
                          GDeferredCallback  func,
                          gpointer           user_data,
                          GDestroyNotify     destroy)
{
  g_autoptr (GDeferredFileLock) held = NULL;

  g_return_val_if_fail (G_IS_DEFERRED_FILE_LOCK (self), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  held = g_object_ref (self);
  if (g_deferred_is_home (self->permits.desk.home))
    look_at_clock (self);
  return serve_and_return (self, gd_permits_run (&self->permits, 0, func, user_data, destroy, G_STRFUNC));
}

/**
 * g_deferred_file_lock_get_locked:
 * @self: a file lock
 *
 * Whether @self holds the lock. Another process that holds it does not count. To be asked at home.
 *
 * Returns: whether it is locked
 *
 * Since: 1.0
 */
gboolean
g_deferred_file_lock_get_locked (GDeferredFileLock *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_FILE_LOCK (self), FALSE);

  return self->fd >= 0;
}

/**
 * g_deferred_file_lock_get_path: (get-property path)
 * @self: a file lock
 *
 * Gets the file, as an absolute path.
 *
 * Returns: (transfer none) (type filename): the path
 *
 * Since: 1.0
 */
const char *
g_deferred_file_lock_get_path (GDeferredFileLock *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_FILE_LOCK (self), NULL);

  return self->path;
}
