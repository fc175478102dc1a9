/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/*
 * Linked into each program that is built with ThreadSanitizer, and into no other.
 *
 * A GLib from a distribution is built without ThreadSanitizer, which therefore sees none of the order that GLib's
 * locks, queues and loops make between threads, and takes every use of them for a race. The functions here stand in
 * front of GLib's, do the same by calling them, and tell ThreadSanitizer what happened before what: "release" comes
 * before what another thread does after its "acquire" of the same address.
 *
 * They reach calls from our own code and from one GLib library to another, not calls inside one library. Where in
 * doubt they tell too little: a false report is seen and can be mended, a race that is hidden cannot.
 */

#include <gio/gio.h>

#include <dlfcn.h>

void __tsan_acquire (void *address);
void __tsan_release (void *address);

/* GLib's own function of the name, found once. */
#define REAL(name)                                                                                           \
  ({                                                                                                         \
    static gpointer real_;                                                                                   \
    gpointer        found_ = g_atomic_pointer_get (&real_);                                                  \
    if (found_ == NULL)                                                                                      \
      {                                                                                                      \
        found_ = dlsym (RTLD_NEXT, #name);                                                                   \
        g_atomic_pointer_set (&real_, found_);                                                               \
      }                                                                                                      \
    (__typeof__ (&(name))) found_;                                                                           \
  })

/* --- locks ---------------------------------------------------------------------------------------------------- */

#define LOCK(type, try, lock, unlock)                                                                        \
  void (lock) (type * self)                                                                                  \
  {                                                                                                          \
    REAL (lock) (self);                                                                                      \
    __tsan_acquire (self);                                                                                   \
  }                                                                                                          \
  gboolean (try) (type * self)                                                                               \
  {                                                                                                          \
    gboolean locked = REAL (try) (self);                                                                     \
    if (locked)                                                                                              \
      __tsan_acquire (self);                                                                                 \
    return locked;                                                                                           \
  }                                                                                                          \
  void (unlock) (type * self)                                                                                \
  {                                                                                                          \
    __tsan_release (self);                                                                                   \
    REAL (unlock) (self);                                                                                    \
  }

LOCK (GMutex, g_mutex_trylock, g_mutex_lock, g_mutex_unlock)
LOCK (GRecMutex, g_rec_mutex_trylock, g_rec_mutex_lock, g_rec_mutex_unlock)
LOCK (GRWLock, g_rw_lock_writer_trylock, g_rw_lock_writer_lock, g_rw_lock_writer_unlock)
LOCK (GRWLock, g_rw_lock_reader_trylock, g_rw_lock_reader_lock, g_rw_lock_reader_unlock)

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  __tsan_release (mutex);
  REAL (g_cond_wait) (cond, mutex);
  __tsan_acquire (mutex);
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  gboolean signalled;

  __tsan_release (mutex);
  signalled = REAL (g_cond_wait_until) (cond, mutex, end_time);
  __tsan_acquire (mutex);
  return signalled;
}

/* --- what is done once ---------------------------------------------------------------------------------------- */

gboolean (g_once_init_enter) (volatile void *location)
{
  gboolean first = REAL (g_once_init_enter) (location);

  if (!first)
    __tsan_acquire ((void *) location);
  return first;
}

/* The fast way in is inline: it reads the location, and gets its order from our own store of the same value. */
void (g_once_init_leave) (volatile void *location, gsize result)
{
  __tsan_release ((void *) location);
  REAL (g_once_init_leave) (location, result);
  __atomic_store_n ((gsize *) location, result, __ATOMIC_RELEASE);
}

/* --- objects -------------------------------------------------------------------------------------------------- */

/* The thread that drops the last reference comes after all others that dropped one. Whether it is the last shows only
 * inside GLib, so the others are dropped here; those of objects with toggle references are GLib's alone. */
void
g_object_unref (gpointer instance)
{
  GObject *object = instance;
  gint    *count = (gint *) &object->ref_count;

  __tsan_release (object);
  while (!(g_datalist_get_flags (&object->qdata) & 1))
    {
      gint old = g_atomic_int_get (count);

      if (old <= 1)
        break;
      if (g_atomic_int_compare_and_exchange (count, old, old - 1))
        return;
    }
  __tsan_acquire (object);
  REAL (g_object_unref) (object);
}

gpointer
g_weak_ref_get (GWeakRef *self)
{
  gpointer object = REAL (g_weak_ref_get) (self);

  __tsan_acquire (self);
  return object;
}

void
g_weak_ref_set (GWeakRef *self, gpointer object)
{
  __tsan_release (self);
  REAL (g_weak_ref_set) (self, object);
}

gulong
g_cancellable_connect (GCancellable *self, GCallback callback, gpointer data, GDestroyNotify destroy)
{
  __tsan_release (self);
  return REAL (g_cancellable_connect) (self, callback, data, destroy);
}

void
g_cancellable_disconnect (GCancellable *self, gulong handler)
{
  REAL (g_cancellable_disconnect) (self, handler);
  if (self != NULL)
    __tsan_acquire (self);
}

void
g_cancellable_cancel (GCancellable *self)
{
  if (self != NULL)
    {
      __tsan_acquire (self);
      __tsan_release (self);
    }
  REAL (g_cancellable_cancel) (self);
}

gboolean
g_cancellable_is_cancelled (GCancellable *self)
{
  gboolean cancelled = REAL (g_cancellable_is_cancelled) (self);

  if (cancelled)
    __tsan_acquire (self);
  return cancelled;
}

/* --- queues and pools ----------------------------------------------------------------------------------------- */

void
g_async_queue_push (GAsyncQueue *self, gpointer data)
{
  __tsan_release (self);
  REAL (g_async_queue_push) (self, data);
}

gpointer
g_async_queue_pop (GAsyncQueue *self)
{
  gpointer data = REAL (g_async_queue_pop) (self);

  __tsan_acquire (self);
  return data;
}

gpointer
g_async_queue_try_pop (GAsyncQueue *self)
{
  gpointer data = REAL (g_async_queue_try_pop) (self);

  if (data != NULL)
    __tsan_acquire (self);
  return data;
}

gpointer
g_async_queue_timeout_pop (GAsyncQueue *self, guint64 timeout)
{
  gpointer data = REAL (g_async_queue_timeout_pop) (self, timeout);

  if (data != NULL)
    __tsan_acquire (self);
  return data;
}

/* A pool's own function and data, in place of which the pool gets ours. Never freed: pools are few. */
typedef struct
{
  GFunc    func;
  gpointer user_data;
} Worker;

static void
work (gpointer data, gpointer user_data)
{
  Worker *worker = user_data;

  __tsan_acquire (worker);
  worker->func (data, worker->user_data);
  __tsan_release (worker);
}

static Worker *
worker_new (GFunc func, gpointer user_data)
{
  static GSList *all;
  static GMutex  lock;
  Worker        *worker = g_new (Worker, 1);

  worker->func = func;
  worker->user_data = user_data;
  g_mutex_lock (&lock);
  all = g_slist_prepend (all, worker);
  g_mutex_unlock (&lock);
  return worker;
}

GThreadPool *
g_thread_pool_new (GFunc func, gpointer user_data, gint max_threads, gboolean exclusive, GError **error)
{
  return REAL (g_thread_pool_new) (work, worker_new (func, user_data), max_threads, exclusive, error);
}

GThreadPool *
g_thread_pool_new_full (GFunc          func,
                        gpointer       user_data,
                        GDestroyNotify free_item,
                        gint           max_threads,
                        gboolean       exclusive,
                        GError       **error)
{
  return REAL (g_thread_pool_new_full) (work, worker_new (func, user_data), free_item, max_threads, exclusive,
                                        error);
}

gboolean
g_thread_pool_push (GThreadPool *pool, gpointer data, GError **error)
{
  __tsan_release (pool->user_data);
  return REAL (g_thread_pool_push) (pool, data, error);
}

void
g_thread_pool_free (GThreadPool *pool, gboolean immediate, gboolean wait)
{
  gpointer worker = pool->user_data;

  REAL (g_thread_pool_free) (pool, immediate, wait);
  __tsan_acquire (worker);
}

/* --- loops ---------------------------------------------------------------------------------------------------- */

/* The functions of a kind of source, in place of which it gets ours. One for a kind, never freed. */
typedef struct
{
  GSourceFuncs  ours; /* first: what the source points at */
  GSourceFuncs *theirs;
} Kind;

static GSourceFuncs *
funcs_of (GSource *source)
{
  __tsan_acquire (source);
  return ((Kind *) source->source_funcs)->theirs;
}

static gboolean
source_prepare (GSource *source, int *timeout)
{
  return funcs_of (source)->prepare (source, timeout);
}

static gboolean
source_check (GSource *source)
{
  return funcs_of (source)->check (source);
}

static gboolean
source_dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  return funcs_of (source)->dispatch (source, callback, data);
}

static void
source_finalize (GSource *source)
{
  funcs_of (source)->finalize (source);
}

static gboolean
call_closure (gpointer closure)
{
  GValue   result = G_VALUE_INIT;
  gboolean goes_on;

  g_value_init (&result, G_TYPE_BOOLEAN);
  g_closure_invoke (closure, &result, 0, NULL, NULL);
  goes_on = g_value_get_boolean (&result);
  g_value_unset (&result);
  return goes_on;
}

static Kind *
kind_of (GSourceFuncs *theirs)
{
  static GHashTable *kinds;
  static GMutex      lock;
  Kind              *kind;

  g_mutex_lock (&lock);
  if (kinds == NULL)
    kinds = g_hash_table_new (NULL, NULL);
  kind = g_hash_table_lookup (kinds, theirs);
  if (kind == NULL)
    {
      kind = g_new0 (Kind, 1);
      kind->ours = *theirs;
      kind->theirs = theirs;
      kind->ours.prepare = theirs->prepare != NULL ? source_prepare : NULL;
      kind->ours.check = theirs->check != NULL ? source_check : NULL;
      kind->ours.dispatch = source_dispatch;
      kind->ours.finalize = theirs->finalize != NULL ? source_finalize : NULL;
      if (theirs == &g_idle_funcs || theirs == &g_timeout_funcs) /* GLib knows these by their addresses */
        {
          kind->ours.closure_callback = call_closure;
          kind->ours.closure_marshal = (GSourceDummyMarshal) g_cclosure_marshal_generic;
        }
      g_hash_table_insert (kinds, theirs, kind);
    }
  g_mutex_unlock (&lock);
  return kind;
}

GSource *
g_source_new (GSourceFuncs *funcs, guint size)
{
  return REAL (g_source_new) (&kind_of (funcs)->ours, size);
}

guint
g_source_attach (GSource *source, GMainContext *context)
{
  __tsan_release (source);
  return REAL (g_source_attach) (source, context);
}

void
g_source_set_ready_time (GSource *source, gint64 ready_time)
{
  __tsan_release (source);
  REAL (g_source_set_ready_time) (source, ready_time);
}

void
g_source_destroy (GSource *source)
{
  __tsan_release (source);
  REAL (g_source_destroy) (source);
}

void
g_source_unref (GSource *source)
{
  __tsan_release (source);
  REAL (g_source_unref) (source);
}

GSource *
g_idle_source_new (void)
{
  GSource *source = REAL (g_idle_source_new) ();

  g_source_set_funcs (source, &kind_of (&g_idle_funcs)->ours);
  return source;
}

GSource *
g_timeout_source_new (guint interval)
{
  GSource *source = REAL (g_timeout_source_new) (interval);

  g_source_set_funcs (source, &kind_of (&g_timeout_funcs)->ours);
  return source;
}

/* Takes over the source. */
static guint
add_source (GSource       *source,
            GMainContext  *context,
            gint           priority,
            GSourceFunc    func,
            gpointer       data,
            GDestroyNotify notify)
{
  guint id;

  g_source_set_priority (source, priority);
  g_source_set_callback (source, func, data, notify);
  id = g_source_attach (source, context);
  g_source_unref (source);
  return id;
}

guint
g_idle_add_full (gint priority, GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  return add_source (g_idle_source_new (), NULL, priority, func, data, notify);
}

guint
g_idle_add (GSourceFunc func, gpointer data)
{
  return g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, func, data, NULL);
}

gboolean
g_idle_remove_by_data (gpointer data)
{
  return g_source_remove_by_funcs_user_data (&kind_of (&g_idle_funcs)->ours, data);
}

guint
g_timeout_add_full (gint priority, guint interval, GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  return add_source (g_timeout_source_new (interval), NULL, priority, func, data, notify);
}

guint
g_timeout_add (guint interval, GSourceFunc func, gpointer data)
{
  return g_timeout_add_full (G_PRIORITY_DEFAULT, interval, func, data, NULL);
}

/* As GLib does it. */
void
g_main_context_invoke_full (
    GMainContext *context, gint priority, GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  GMainContext *own = g_main_context_get_thread_default ();
  gboolean      ours;

  if (context == NULL)
    context = g_main_context_default ();
  if (own == NULL)
    own = g_main_context_default ();

  ours = g_main_context_is_owner (context) || own == context;
  if (!ours || !g_main_context_acquire (context))
    {
      add_source (g_idle_source_new (), context, priority, func, data, notify);
      return;
    }

  while (func (data))
    ;
  g_main_context_release (context);
  if (notify != NULL)
    notify (data);
}

void
g_main_context_invoke (GMainContext *context, GSourceFunc func, gpointer data)
{
  g_main_context_invoke_full (context, G_PRIORITY_DEFAULT, func, data, NULL);
}

void
g_main_context_push_thread_default (GMainContext *context)
{
  REAL (g_main_context_push_thread_default) (context);
  if (context != NULL)
    __tsan_acquire (context);
}

void
g_main_context_pop_thread_default (GMainContext *context)
{
  if (context != NULL)
    __tsan_release (context);
  REAL (g_main_context_pop_thread_default) (context);
}

void
g_main_loop_run (GMainLoop *loop)
{
  REAL (g_main_loop_run) (loop);
  __tsan_acquire (loop);
}

void
g_main_loop_quit (GMainLoop *loop)
{
  __tsan_release (loop);
  REAL (g_main_loop_quit) (loop);
}
