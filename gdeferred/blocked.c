/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "jobs-private.h"

#include "tsan-private.h"

/*
 * Finds waits that would never end because all workers of a queue are in them.
 *
 * Who knows what a worker waits for is the home of the Deferred that it waits for: only there can one follow what
 * that one waits for in turn. So each home looks for itself, and leaves what it saw in the queue's list of waits
 * (`on`). The home that completes the picture, all workers there may be wait for jobs of the same queue, fails the
 * wait that it looked at; its worker is free again, and takes the next job.
 *
 * A home looks whenever its loop comes around (the callers see to that), because all that can change what a Deferred
 * waits for happens in its loop; and when the last worker starts to wait, who wakes all homes for that.
 */

/* Lock held. */
static void
wake_all (GdJobs *jobs)
{
  for (GdBlocked *wait = jobs->blocked; wait != NULL; wait = wait->next)
    g_main_context_wakeup (wait->context);
}

/* Lock held. What a wait was seen to wait for is not kept up to date outside of the list. */
static void
list_add (GdJobs *jobs, GdBlocked *wait)
{
  wait->on = NULL;
  wait->next = jobs->blocked;
  jobs->blocked = wait;
  jobs->n_blocked++;
}

/* Lock held. */
static void
list_remove (GdJobs *jobs, GdBlocked *wait)
{
  GdBlocked **at = &jobs->blocked;

  while (*at != wait)
    at = &(*at)->next;
  *at = wait->next;
  jobs->n_blocked--;
}

/* The calling thread is about to wait for what happens in @context, which is not kept alive by this. */
void
gd_blocked_enter (GdBlocked *self, GMainContext *context)
{
  GdWorker *worker = gd_worker_current ();

  *self = (GdBlocked){ .worker = worker, .context = context };
  if (worker == NULL)
    return;

  gd_mutex_lock (&worker->jobs->lock);
  self->outer = worker->blocked;
  if (self->outer != NULL)
    list_remove (worker->jobs, self->outer);
  worker->blocked = self;
  list_add (worker->jobs, self);
  if (worker->jobs->n_blocked == worker->jobs->max_workers)
    wake_all (worker->jobs);
  gd_mutex_unlock (&worker->jobs->lock);
}

/* Lock held. */
static void
leave (GdBlocked *self)
{
  GdWorker *worker = self->worker;

  list_remove (worker->jobs, self);
  worker->blocked = self->outer;
  if (self->outer != NULL)
    list_add (worker->jobs, self->outer);
  self->worker = NULL;
}

/* The worker waits no more, or not for long: it is still there until this returns. Harmless if the check has ended the
 * wait. From here on nobody wakes the context. */
void
gd_blocked_leave (GdBlocked *self)
{
  GdWorker *worker = self->worker;

  if (worker == NULL)
    return;

  gd_mutex_lock (&worker->jobs->lock);
  leave (self);
  gd_mutex_unlock (&worker->jobs->lock);
}

/* The last in the row of those that wait for each other. Those with another home are not looked into. */
static GDeferred *
find_root (GDeferred *awaited)
{
  GDeferred *next;

  while (g_deferred_is_home (awaited) && (next = g_deferred_get_waiting_on (awaited)) != NULL)
    awaited = next;
  return awaited;
}

/* Lock held. A job of a worker that waits itself goes on as little as one in the queue. */
static gboolean
is_stuck_job (GdJobs *jobs, GDeferred *deferred)
{
  for (GdBlocked *wait = jobs->blocked; wait != NULL; wait = wait->next)
    if (wait->worker->running == deferred)
      return TRUE;
  return gd_jobs_has_queued (jobs, deferred);
}

/* Lock held. */
static gboolean
is_closer (GdJobs *jobs, GDeferred *deferred)
{
  return jobs->closers != NULL && g_ptr_array_find (jobs->closers, deferred, NULL);
}

/* Lock held. */
static gboolean
is_stalled (GdJobs *jobs, GdBlocked *self, GDeferred *root)
{
  if (jobs->n_blocked < jobs->max_workers)
    return FALSE;

  if (self->on != root)
    self->on = is_stuck_job (jobs, root) ? root : NULL;

  for (GdBlocked *wait = jobs->blocked; wait != NULL; wait = wait->next)
    if (wait->on == NULL)
      return FALSE;
  return TRUE;
}

/* At home of @awaited. FALSE: its wait would never end, and so has ended now. */
gboolean
gd_blocked_check (GdBlocked *self, GDeferred *awaited, GError **error)
{
  GdWorker  *worker = self->worker;
  GDeferred *root;
  gboolean   ok = FALSE;

  if (worker == NULL)
    return TRUE;

  root = find_root (awaited);
  gd_mutex_lock (&worker->jobs->lock);
  if (root == worker->running)
    g_set_error (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_LOOP,
                 "A thread's job would wait for its own result");
  else if (is_closer (worker->jobs, root))
    g_set_error (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_STALLED,
                 "A job would wait until the thread pool “%s”, in which it runs, has finished all its jobs; "
                 "return the Deferred from a callback instead of waiting for it",
                 worker->jobs->name);
  else if (is_stalled (worker->jobs, self, root))
    g_set_error (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_STALLED,
                 "Each thread of %s%s%s (there can be %u) would wait for a job that only it could run; do "
                 "not wait in a job, or run the jobs that others wait for in a thread pool of their own",
                 worker->jobs->name != NULL ? "the thread pool “" : "the shared pool",
                 worker->jobs->name != NULL ? worker->jobs->name : "", worker->jobs->name != NULL ? "”" : "",
                 worker->jobs->max_workers);
  else
    ok = TRUE;

  if (!ok)
    leave (self);
  gd_mutex_unlock (&worker->jobs->lock);
  return ok;
}
