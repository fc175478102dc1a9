/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

/*
 * A queue of jobs and the workers that take from it: what stands behind g_deferred_run_in_thread() and behind each
 * GDeferredThreadPool. They differ only in how a worker is started and how long one without work lingers.
 *
 * A job lives and dies at home, because the caller's data is freed with it. The canceller of its Deferred holds it,
 * and, from the moment a worker takes it, the letter in which the worker sends the outcome home. The second of them
 * frees it, so that the data outlasts the function, and the worker never has the last reference of anything: the job
 * owns one on its Deferred, which lasts until the letter is there.
 *
 * Invariants, whenever the lock is free:
 *
 *   1. A job is in the queue exactly while its state is GD_JOB_QUEUED.
 *   2. n_ready counts the workers that will look at the queue before they do anything else: those that are on their
 *      way up, those that sleep, those that were woken. n_sleeping of them sleep and nobody has woken them.
 *   3. Each job in the queue has a ready worker that does not sleep, or all max_workers there may be exist. Hence no
 *      job waits for another one to return while a thread could be had.
 *   4. A worker leaves only when the queue is empty; the last one that leaves a closed queue tells who waits for
 *      that. A closed queue accepts no job, and so needs no worker once the last one has left.
 *   5. `blocked` holds for each worker that waits in g_deferred_wait() or g_deferred_blocking_call() the innermost
 *      such wait.
 *   6. A wait's `on` is NULL or the Deferred of a job that has not been resolved: whoever takes a job out of the
 *      queue, or is done with one that ran, takes it out of the waits first.
 */
typedef struct _GdJobs    GdJobs;
typedef struct _GdJob     GdJob;
typedef struct _GdWorker  GdWorker;
typedef struct _GdBlocked GdBlocked;

struct _GdJobs
{
  int    ref_count; /* atomic; a job, a worker and whoever can add jobs own one */
  char  *name;
  guint  max_workers;
  gint64 linger; /* microseconds that a worker stays without work */
  gboolean (*start) (GdJobs *self, GError **error);

  GMutex lock; /* for all that follows */
  GCond  cond; /* wakes sleeping workers */

  GdJob     *first;
  GdJob     *last;
  guint      n_queued;
  guint      n_workers; /* those on their way up included */
  guint      n_ready;
  guint      n_sleeping;
  guint      n_woken; /* wake-ups that no worker has taken for itself yet */
  gboolean   closed;
  GPtrArray *closers; /* GDeferred, owned: to fire when the last worker of the closed queue has left */

  GdBlocked *blocked;
  guint      n_blocked;
};

struct _GdWorker
{
  GdJobs    *jobs;
  gboolean   is_ready;
  GDeferred *running; /* whose job it runs; only to compare with */
  GdBlocked *blocked; /* the wait that it is in, or NULL */
};

/* One wait of a worker. `worker` belongs to who enters, and then to the home of what is waited for; the rest is under
 * the lock of the queue. */
struct _GdBlocked
{
  GdWorker     *worker;  /* NULL: the thread is no worker, or it waits no more */
  GMainContext *context; /* not owned; what to wake for another check */
  GDeferred    *on;      /* the job that it can be seen to wait for; only to compare with */
  GdBlocked    *outer;   /* the wait of the same worker around this one */
  GdBlocked    *next;
};

GdJobs    *gd_jobs_new (const char *name, guint max_workers);
GdJobs    *gd_jobs_get_shared (void);
void       gd_jobs_unref (GdJobs *self);
GDeferred *gd_jobs_run (GdJobs *self, GDeferredCallback func, gpointer user_data, GDestroyNotify destroy);
GDeferred *gd_jobs_close (GdJobs *self);
void       gd_jobs_close_quietly (GdJobs *self);
guint      gd_jobs_get_n_queued (GdJobs *self);
gboolean   gd_jobs_has_queued (GdJobs *self, GDeferred *deferred);
GdWorker  *gd_worker_current (void);

void     gd_blocked_enter (GdBlocked *self, GMainContext *context);
void     gd_blocked_leave (GdBlocked *self);
gboolean gd_blocked_check (GdBlocked *self, GDeferred *awaited, GError **error);

G_END_DECLS
