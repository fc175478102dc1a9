/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/threadpool.h>

#include "jobs-private.h"

/**
 * GDeferredThreadPool:
 *
 * A pool of threads of its own, for work that must not be in the way of others: that blocks for long, that must not
 * run more than so many times at once, or that shall be over at a known time.
 *
 * [func@Deferred.run_in_thread] needs no pool and is right for most work; it shares its threads with everybody.
 *
 * Threads are started when jobs come, at most [property@DeferredThreadPool:max-threads] of them, with the pool's
 * name. They stay for some seconds in case there is more to do. Jobs start in the order in which they were given.
 *
 * A pool that is dropped without [method@DeferredThreadPool.close] still runs the jobs that it has accepted.
 *
 * ```c
 * static void
 * scale_all (GListModel *pictures, GDeferredCallback scale, GDeferredCallback show)
 * {
 *   g_autoptr (GDeferredThreadPool) pool = g_deferred_thread_pool_new ("scaler", 2);
 *
 *   for (guint i = 0; i < g_list_model_get_n_items (pictures); i++)
 *     {
 *       GObject *picture = g_list_model_get_item (pictures, i);
 *       g_autoptr (GDeferred) scaled = g_deferred_thread_pool_run (pool, scale, picture, g_object_unref);
 *
 *       g_deferred_add_callback (scaled, show, NULL, NULL);
 *     }
 * }
 * ```
 *
 * A job may wait for another Deferred with [func@Deferred.blocking_call] or [method@Deferred.wait]. If all threads of
 * the pool did that for jobs of the same pool, none would ever be run: the wait that would complete such a stall
 * fails with %G_DEFERRED_ERROR_STALLED instead.
 *
 * All of its methods may be called from any thread.
 *
 * Since: 1.0
 */
struct _GDeferredThreadPool
{
  GObject parent_instance;

  /* Given when it is made. */
  char *name;
  guint max_threads;

  GdJobs *jobs; /* outlives this, while there is work */
};

typedef enum
{
  PROP_NAME = 1,
  PROP_MAX_THREADS,
  N_PROPS
} Prop;

#define DEFAULT_NAME        "gdeferred-pool"
#define DEFAULT_MAX_THREADS 10

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (GDeferredThreadPool, g_deferred_thread_pool, G_TYPE_OBJECT)

static void
g_deferred_thread_pool_constructed (GObject *object)
{
  GDeferredThreadPool *self = G_DEFERRED_THREAD_POOL (object);

  G_OBJECT_CLASS (g_deferred_thread_pool_parent_class)->constructed (object);

  if (self->name == NULL)
    self->name = g_strdup (DEFAULT_NAME);
  self->jobs = gd_jobs_new (self->name, self->max_threads);
}

static void
g_deferred_thread_pool_finalize (GObject *object)
{
  GDeferredThreadPool *self = G_DEFERRED_THREAD_POOL (object);

  gd_jobs_close_quietly (self->jobs);
  gd_jobs_unref (self->jobs);
  g_free (self->name);

  G_OBJECT_CLASS (g_deferred_thread_pool_parent_class)->finalize (object);
}

static void
g_deferred_thread_pool_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  GDeferredThreadPool *self = G_DEFERRED_THREAD_POOL (object);

  switch ((Prop) prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_MAX_THREADS:
      g_value_set_uint (value, self->max_threads);
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
g_deferred_thread_pool_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  GDeferredThreadPool *self = G_DEFERRED_THREAD_POOL (object);

  switch ((Prop) prop_id)
    {
    case PROP_NAME:
      self->name = g_value_dup_string (value);
      break;
    case PROP_MAX_THREADS:
      self->max_threads = g_value_get_uint (value);
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
g_deferred_thread_pool_class_init (GDeferredThreadPoolClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->constructed = g_deferred_thread_pool_constructed;
  object_class->finalize = g_deferred_thread_pool_finalize;
  object_class->get_property = g_deferred_thread_pool_get_property;
  object_class->set_property = g_deferred_thread_pool_set_property;

  /**
   * GDeferredThreadPool:name: (getter get_name)
   *
   * What its threads are called, in debuggers and the like. Systems may show only the first letters of it.
   *
   * Since: 1.0
   */
  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);

  /**
   * GDeferredThreadPool:max-threads: (getter get_max_threads)
   *
   * How many threads it has at most, and so how many of its jobs run at once.
   *
   * Since: 1.0
   */
  props[PROP_MAX_THREADS]
      = g_param_spec_uint ("max-threads", NULL, NULL, 1, G_MAXUINT, DEFAULT_MAX_THREADS, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
g_deferred_thread_pool_init (GDeferredThreadPool *self)
{
}

/**
 * g_deferred_thread_pool_new:
 * @name: (nullable): what its threads are called, or %NULL for a name that fits all pools
 * @max_threads: how many threads it has at most, at least 1
 *
 * Makes a pool. No thread is started before there is a job.
 *
 * Returns: (transfer full): the pool
 *
 * Since: 1.0
 */
GDeferredThreadPool *
g_deferred_thread_pool_new (const char *name, guint max_threads)
{
  g_return_val_if_fail (max_threads >= 1, NULL);

  return g_object_new (G_TYPE_DEFERRED_THREAD_POOL, "name", name, "max-threads", max_threads, NULL);
}

/**
 * g_deferred_thread_pool_run:
 * @self: the pool
 * @func: (scope notified) (closure user_data) (destroy destroy): what to run, in one of the pool's threads
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, in the home context of the Deferred that is returned, perhaps before its
 *   callbacks run
 *
 * As [func@Deferred.run_in_thread], in a thread of this pool.
 *
 * If the pool was closed, the Deferred that is returned has failed with %G_IO_ERROR_CLOSED; @user_data is freed all
 * the same. If the system gives the pool not even one thread, it fails with the [error@GLib.ThreadError].
 *
 * It may be called from any thread.
 *
 * Returns: (transfer full): a Deferred that fires with what @func leaves
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_thread_pool_run (GDeferredThreadPool *self,
                            GDeferredCallback    func,
                            gpointer             user_data,
                            GDestroyNotify       destroy)
{
  g_return_val_if_fail (G_IS_DEFERRED_THREAD_POOL (self), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  return gd_jobs_run (self->jobs, func, user_data, destroy);
}

/**
 * g_deferred_thread_pool_close:
 * @self: the pool
 *
 * Accepts no more jobs. Those that were accepted are run, and lose nothing.
 *
 * The Deferred that is returned fires, with nothing, when the last of them has ended and no thread takes jobs any
 * more; so it waits for the functions of cancelled jobs too, as long as they run. Where it has the same home as the
 * jobs' Deferreds, their callbacks run before its own.
 *
 * A pool may be closed again, from elsewhere too: each call gives another Deferred that fires at the same time.
 * Cancelling it does not open the pool again.
 *
 * It may be called from any thread. A job that waits, in the pool's own thread, for the pool to close would wait for
 * itself: that wait fails with %G_DEFERRED_ERROR_STALLED.
 *
 * Returns: (transfer full): a Deferred that fires when all is done
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_thread_pool_close (GDeferredThreadPool *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_THREAD_POOL (self), NULL);

  return gd_jobs_close (self->jobs);
}

/**
 * g_deferred_thread_pool_get_name: (get-property name)
 * @self: the pool
 *
 * Gets what the pool's threads are called.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *
g_deferred_thread_pool_get_name (GDeferredThreadPool *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_THREAD_POOL (self), NULL);

  return self->name;
}

/**
 * g_deferred_thread_pool_get_max_threads: (get-property max-threads)
 * @self: the pool
 *
 * Gets how many threads the pool has at most.
 *
 * Returns: a number, at least 1
 *
 * Since: 1.0
 */
guint
g_deferred_thread_pool_get_max_threads (GDeferredThreadPool *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_THREAD_POOL (self), 0);

  return self->max_threads;
}

/**
 * g_deferred_thread_pool_get_n_queued:
 * @self: the pool
 *
 * Gets how many of the accepted jobs have not started. Other threads may have changed that when it returns.
 *
 * Returns: a number
 *
 * Since: 1.0
 */
guint
g_deferred_thread_pool_get_n_queued (GDeferredThreadPool *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_THREAD_POOL (self), 0);

  return gd_jobs_get_n_queued (self->jobs);
}
