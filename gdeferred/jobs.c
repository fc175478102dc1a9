/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "jobs-private.h"

#include "tsan-private.h"

/* GTask's pool has ten threads for everybody. What we leave free is for GIO itself: a worker that stepped back after
 * a while would not help it, because GTask puts tasks that are started by its own threads ahead of all others. */
#define SHARED_MAX_WORKERS 8

/* A worker of the shared queue holds one of GTask's threads while it lingers, one of a private pool only its own. */
#define SHARED_LINGER  (5 * G_TIME_SPAN_MILLISECOND)
#define PRIVATE_LINGER (5 * G_TIME_SPAN_SECOND)

typedef enum
{
  GD_JOB_QUEUED,   /* in the queue */
  GD_JOB_OUT,      /* never to run */
  GD_JOB_TAKEN,    /* a worker runs it, or is about to */
  GD_JOB_RETURNED, /* its function has returned, and the outcome is on its way home */
} GdJobState;

struct _GdJob
{
  GdJob *prev; /* in the queue, under its lock */
  GdJob *next;
  int    state;   /* GdJobState; atomic; up to GD_JOB_TAKEN it changes only under the lock */
  guint  n_ended; /* of the two that hold a job which a worker took: at home */

  GdJobs           *jobs;     /* owned */
  GDeferred        *deferred; /* owned */
  GDeferredCallback func;
  gpointer          user_data;
  GDestroyNotify    destroy;
};

static GPrivate current_worker = G_PRIVATE_INIT (NULL);

/* --- a job ------------------------------------------------------------------------------------------------------- */

/* At home. */
static void
job_free (GdJob *self)
{
  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_object_unref (self->deferred);
  gd_jobs_unref (self->jobs);
  g_free (self);
}

/* It is resolved, or will be: no wait for it is a stall. Lock held. */
static void
forget_waits (GdJobs *jobs, GDeferred *deferred)
{
  for (GdBlocked *wait = jobs->blocked; wait != NULL; wait = wait->next)
    if (wait->on == deferred)
      wait->on = NULL;
}

/* Lock held. */
static void
unlink_job (GdJobs *jobs, GdJob *job, GdJobState state)
{
  if (job->prev != NULL)
    job->prev->next = job->next;
  else
    jobs->first = job->next;
  if (job->next != NULL)
    job->next->prev = job->prev;
  else
    jobs->last = job->prev;

  jobs->n_queued--;
  if (jobs->n_blocked > 0)
    forget_waits (jobs, job->deferred);
  g_atomic_int_set (&job->state, (int) state);
}

static GdJobState
job_get_state (GdJob *self)
{
  return (GdJobState) g_atomic_int_get (&self->state);
}

/* It is resolved, or will be: it leaves the queue, and nobody is seen to wait for it any more. */
static void
job_resolve (GdJob *self)
{
  gd_mutex_lock (&self->jobs->lock);
  if (job_get_state (self) == GD_JOB_QUEUED)
    unlink_job (self->jobs, self, GD_JOB_OUT);
  else
    forget_waits (self->jobs, self->deferred);
  gd_mutex_unlock (&self->jobs->lock);
}

/* The canceller of the job's Deferred. A job that runs already is left to notice by itself. */
static void
job_cancel (GDeferred *deferred, gpointer user_data)
{
  job_resolve (user_data);
}

/* The Deferred has fired, by whomever, and so lets go of its canceller: the first of the two. */
static void
job_fired (gpointer user_data)
{
  GdJob *self = user_data;

  if (job_get_state (self) != GD_JOB_RETURNED)
    job_resolve (self);
  if (job_get_state (self) == GD_JOB_OUT || ++self->n_ended == 2)
    job_free (self);
}

/* What the worker left has come home, or was refused: the second. */
static void
job_ran (gpointer user_data)
{
  GdJob *self = user_data;

  if (++self->n_ended == 2)
    job_free (self);
}

static gboolean
job_call (GDeferred *deferred, gpointer user_data, GError **error)
{
  GdJob   *self = user_data;
  gboolean ok = self->func (deferred, self->user_data, error);

  g_atomic_int_set (&self->state, GD_JOB_RETURNED);
  return ok;
}

/* --- the workers ------------------------------------------------------------------------------------------------- */

static GdJobs *
jobs_ref (GdJobs *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

static void
fire_closer (GDeferred *deferred, gpointer user_data)
{
  g_deferred_callback (deferred, NULL, NULL);
}

static void
fire_closers (GPtrArray *closers)
{
  for (guint i = 0; i < closers->len; i++)
    {
      GDeferred *closer = g_ptr_array_index (closers, i);

      g_deferred_invoke (closer, fire_closer, closer, g_object_unref);
    }
  g_ptr_array_unref (closers);
}

/* Lock held. The caller fires what it gets, once it has let go of the lock. */
static GPtrArray *
worker_gone (GdJobs *jobs)
{
  jobs->n_ready--;
  jobs->n_workers--;
  return jobs->n_workers == 0 ? g_steal_pointer (&jobs->closers) : NULL;
}

/* Lock held. FALSE: nothing came for long enough, or nothing can come any more. */
static gboolean
worker_sleep (GdWorker *self)
{
  GdJobs *jobs = self->jobs;
  gint64  end = g_get_monotonic_time () + jobs->linger;

  jobs->n_sleeping++;
  while (jobs->n_woken == 0 && !jobs->closed)
    if (!gd_cond_wait_until (&jobs->cond, &jobs->lock, end))
      break;

  /* Whoever woke one has counted it out already. */
  if (jobs->n_woken > 0)
    {
      jobs->n_woken--;
      return TRUE;
    }
  jobs->n_sleeping--;
  return FALSE;
}

/* Lock held. NULL: the worker is to leave. Before it sleeps it lets others run once: those who are adding jobs then
 * go on with that, and need not wake it for each. */
static GdJob *
worker_wait_for_job (GdWorker *self)
{
  GdJobs *jobs = self->jobs;

  if (jobs->first == NULL && !jobs->closed)
    {
      gd_mutex_unlock (&jobs->lock);
      g_thread_yield ();
      gd_mutex_lock (&jobs->lock);
    }

  while (jobs->first == NULL)
    if (jobs->closed || !worker_sleep (self))
      return jobs->first;

  return jobs->first;
}

static GdJob *
worker_next (GdWorker *self)
{
  GdJobs    *jobs = self->jobs;
  GPtrArray *closers = NULL;
  GdJob     *job;

  gd_mutex_lock (&jobs->lock);
  if (!self->is_ready)
    {
      jobs->n_ready++;
      if (jobs->n_blocked > 0)
        forget_waits (jobs, self->running);
      self->running = NULL;
    }

  job = worker_wait_for_job (self);
  self->is_ready = job == NULL;
  if (job != NULL)
    {
      jobs->n_ready--;
      unlink_job (jobs, job, GD_JOB_TAKEN);
      self->running = job->deferred;
    }
  else
    closers = worker_gone (jobs);
  gd_mutex_unlock (&jobs->lock);

  if (closers != NULL)
    fire_closers (closers);
  return job;
}

/* Takes a reference on the queue. */
static void
worker_main (GdJobs *jobs)
{
  GdWorker self = { .jobs = jobs, .is_ready = TRUE };
  GdJob   *job;

  GD_TSAN_ACQUIRE (jobs);
  g_private_set (&current_worker, &self);
  while ((job = worker_next (&self)) != NULL)
    g_deferred_fire_with_full (job->deferred, job_call, job, job_ran, NULL);
  g_private_set (&current_worker, NULL);
  gd_jobs_unref (jobs);
}

/* The worker that the calling thread is, or NULL. */
GdWorker *
gd_worker_current (void)
{
  return g_private_get (&current_worker);
}

static gpointer
private_worker (gpointer jobs)
{
  worker_main (jobs);
  return NULL;
}

static gboolean
start_private (GdJobs *self, GError **error)
{
  GThread *thread = g_thread_try_new (self->name, private_worker, jobs_ref (self), error);

  if (thread == NULL)
    {
      gd_jobs_unref (self);
      return FALSE;
    }
  g_thread_unref (thread);
  return TRUE;
}

static void
shared_worker (GTask *task, gpointer source, gpointer jobs, GCancellable *cancellable)
{
  worker_main (jobs);
  g_task_return_boolean (task, TRUE);
}

/* A GTask completes in the context that was thread-default when it was made. That one may not be iterated any more
 * when the worker ends, and would not be freed then: so ours complete in a context of their own, which is cleared
 * when the next one starts. */
static gboolean
start_shared (GdJobs *self, GError **error)
{
  static GMutex        lock;
  static GMainContext *sink;
  GTask               *task;

  gd_mutex_lock (&lock);
  if (sink == NULL)
    sink = g_main_context_new ();
  g_main_context_push_thread_default (sink);
  task = g_task_new (NULL, NULL, NULL, NULL);
  while (g_main_context_iteration (sink, FALSE))
    ;
  g_main_context_pop_thread_default (sink);
  gd_mutex_unlock (&lock);

  g_task_set_task_data (task, jobs_ref (self), NULL);
  GD_TSAN_RELEASE (self);
  g_task_run_in_thread (task, shared_worker);
  g_object_unref (task);
  return TRUE;
}

/* --- the queue --------------------------------------------------------------------------------------------------- */

/* A NULL name is that of the shared queue. */
static GdJobs *
jobs_new (const char *name, guint max_workers, gint64 linger, gboolean (*start) (GdJobs *, GError **))
{
  GdJobs *self = g_new0 (GdJobs, 1);

  self->ref_count = 1;
  self->name = g_strdup (name);
  self->max_workers = max_workers;
  self->linger = linger;
  self->start = start;
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  return self;
}

GdJobs *
gd_jobs_new (const char *name, guint max_workers)
{
  return jobs_new (name, max_workers, PRIVATE_LINGER, start_private);
}

GdJobs *
gd_jobs_get_shared (void)
{
  static GdJobs *shared;

  if (g_once_init_enter (&shared))
    g_once_init_leave (&shared, jobs_new (NULL, SHARED_MAX_WORKERS, SHARED_LINGER, start_shared));
  return shared;
}

void
gd_jobs_unref (GdJobs *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  g_free (self->name);
  g_free (self);
}

/* The system gives us no thread. Jobs are safe as long as there is any worker; without one they fail. */
static void
start_failed (GdJobs *self, const GError *error)
{
  GPtrArray *failed = g_ptr_array_new_with_free_func (g_object_unref);
  GPtrArray *closers;

  gd_mutex_lock (&self->lock);
  closers = worker_gone (self);
  while (self->n_workers == 0 && self->first != NULL)
    {
      g_ptr_array_add (failed, g_object_ref (self->first->deferred));
      unlink_job (self, self->first, GD_JOB_OUT);
    }
  gd_mutex_unlock (&self->lock);

  for (guint i = 0; i < failed->len; i++)
    g_deferred_errback (g_ptr_array_index (failed, i), error, NULL);
  g_ptr_array_unref (failed);
  if (closers != NULL)
    fire_closers (closers);
}

static void
start_worker (GdJobs *self)
{
  g_autoptr (GError) error = NULL;

  if (!self->start (self, &error))
    start_failed (self, error);
}

/* FALSE: the queue is closed. */
static gboolean
push (GdJobs *self, GdJob *job)
{
  gboolean wake = FALSE;
  gboolean start = FALSE;

  gd_mutex_lock (&self->lock);
  if (self->closed)
    {
      g_atomic_int_set (&job->state, GD_JOB_OUT);
      gd_mutex_unlock (&self->lock);
      return FALSE;
    }

  job->prev = self->last;
  if (self->last != NULL)
    self->last->next = job;
  else
    self->first = job;
  self->last = job;
  self->n_queued++;

  if (self->n_sleeping > 0)
    {
      self->n_sleeping--;
      self->n_woken++;
      wake = TRUE;
    }
  else if (self->n_queued > self->n_ready && self->n_workers < self->max_workers)
    {
      self->n_workers++;
      self->n_ready++;
      start = TRUE;
    }
  gd_mutex_unlock (&self->lock);

  if (wake)
    g_cond_signal (&self->cond);
  if (start)
    start_worker (self);
  return TRUE;
}

/* Returns: (transfer full): fires with what @func leaves */
GDeferred *
gd_jobs_run (GdJobs *self, GDeferredCallback func, gpointer user_data, GDestroyNotify destroy)
{
  GdJob     *job = g_new (GdJob, 1);
  GDeferred *deferred = g_deferred_new_with_canceller (job_cancel, job, job_fired);

  *job = (GdJob){
    .state = GD_JOB_QUEUED,
    .jobs = jobs_ref (self),
    .deferred = g_object_ref (deferred),
    .func = func,
    .user_data = user_data,
    .destroy = destroy,
  };

  if (!push (self, job))
    {
      GError *error
          = g_error_new (G_IO_ERROR, G_IO_ERROR_CLOSED, "The thread pool “%s” is closed", self->name);

      g_deferred_errback_take (deferred, error, NULL);
    }
  return deferred;
}

/* Idle workers leave; the others once the queue is empty. @closer is NULL or taken. */
static void
close_jobs (GdJobs *self, GDeferred *closer)
{
  gboolean is_done;

  gd_mutex_lock (&self->lock);
  self->closed = TRUE;
  is_done = self->n_workers == 0;
  if (closer != NULL && !is_done)
    {
      if (self->closers == NULL)
        self->closers = g_ptr_array_new ();
      g_ptr_array_add (self->closers, g_steal_pointer (&closer));
    }
  g_cond_broadcast (&self->cond);
  gd_mutex_unlock (&self->lock);

  if (closer != NULL)
    {
      g_deferred_callback (closer, NULL, NULL);
      g_object_unref (closer);
    }
}

/* Returns: (transfer full): fires with nothing */
GDeferred *
gd_jobs_close (GdJobs *self)
{
  GDeferred *closer = g_deferred_new ();

  close_jobs (self, g_object_ref (closer));
  return closer;
}

/* Nobody is left who could add a job. */
void
gd_jobs_close_quietly (GdJobs *self)
{
  close_jobs (self, NULL);
}

guint
gd_jobs_get_n_queued (GdJobs *self)
{
  guint n_queued;

  gd_mutex_lock (&self->lock);
  n_queued = self->n_queued;
  gd_mutex_unlock (&self->lock);
  return n_queued;
}

/* Lock held. Slow: only for a pool that may have stalled. */
gboolean
gd_jobs_has_queued (GdJobs *self, GDeferred *deferred)
{
  for (GdJob *job = self->first; job != NULL; job = job->next)
    if (job->deferred == deferred)
      return TRUE;
  return FALSE;
}
