/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/thread.h>
#include <gdeferred/wait.h>

#include "jobs-private.h"
#include "tsan-private.h"

/* --- a job ------------------------------------------------------------------------------------------------------- */

/**
 * g_deferred_run_in_thread:
 * @func: (scope notified) (closure user_data) (destroy destroy): what to run, in another thread
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, in the home context of the Deferred that is returned, perhaps before its
 *   callbacks run
 *
 * Runs a function that takes long, or that blocks, in another thread, and fires the Deferred that is returned with
 * what it leaves: inside @func the `g_deferred_return_*` functions, called with the Deferred that @func gets, set the
 * result; %FALSE with an error set fails it. The Deferred's callbacks run in its home, as always.
 *
 * The threads are those of GTask, of which they use at most eight at once; many small jobs share one. So eight jobs
 * that block hold up all others: give such jobs, and those that must not run too often at once, a
 * [class@DeferredThreadPool] of their own.
 *
 * A job whose Deferred is cancelled before it started never starts. One that runs is not interrupted: its Deferred
 * fails at once, and what it still leaves is dropped. It can ask with [method@Deferred.is_cancelled] whether to go
 * on, or hand [method@Deferred.get_cancellable] to blocking functions of GIO. In each case @user_data is freed once,
 * after @func returned.
 *
 * The Deferred belongs to the thread-default main context of the caller; it may be called from any thread.
 *
 * ```c
 * static gboolean
 * read_text (GDeferred *self, gpointer file, GError **error)
 * {
 *   char *text = NULL;
 *
 *   return g_file_load_contents (file, g_deferred_get_cancellable (self), &text, NULL, NULL, error)
 *          && g_deferred_return_take_string (self, text);
 * }
 *
 * static GDeferred *
 * start_reading (GFile *file)
 * {
 *   return g_deferred_run_in_thread (read_text, g_object_ref (file), g_object_unref);
 * }
 * ```
 *
 * Returns: (transfer full): a Deferred that fires with what @func leaves
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_run_in_thread (GDeferredCallback func, gpointer user_data, GDestroyNotify destroy)
{
  g_return_val_if_fail (func != NULL, NULL);

  return gd_jobs_run (gd_jobs_get_shared (), func, user_data, destroy);
}

typedef struct
{
  gsize        n_jobs;
  GDeferredJob jobs[];
} JobRow;

static void
job_row_free (gpointer data)
{
  JobRow *self = data;

  for (gsize i = 0; i < self->n_jobs; i++)
    if (self->jobs[i].destroy != NULL)
      self->jobs[i].destroy (self->jobs[i].user_data);
  g_free (self);
}

static gboolean
job_row_run (GDeferred *deferred, gpointer user_data, GError **error)
{
  JobRow *self = user_data;
  GError *failure = NULL;

  for (gsize i = 0; i < self->n_jobs && !g_deferred_is_cancelled (deferred); i++)
    {
      gboolean ok = self->jobs[i].func (deferred, self->jobs[i].user_data, &failure);

      if (failure != NULL)
        g_propagate_error (error, failure);
      if (!ok || failure != NULL)
        return FALSE;
    }
  return TRUE;
}

/**
 * g_deferred_run_all_in_thread: (skip)
 * @jobs: (array length=n_jobs): the jobs, which are copied
 * @n_jobs: how many there are
 *
 * Runs several functions one after the other in the same thread, as [func@Deferred.run_in_thread] runs one. Each gets
 * the Deferred that is returned. It fires with the result that the last of them set; one that sets none leaves that
 * of those before it.
 *
 * The first that fails ends it: those after it are not run, and the Deferred fails with that error. So it is with
 * those that have not begun when the Deferred is cancelled. The data of all of them is freed, in order and in the
 * home context, when the last one has ended.
 *
 * With no jobs at all the Deferred has fired with nothing.
 *
 * Returns: (transfer full): a Deferred
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_run_all_in_thread (const GDeferredJob *jobs, gsize n_jobs)
{
  JobRow *row;

  g_return_val_if_fail (jobs != NULL || n_jobs == 0, NULL);
  for (gsize i = 0; i < n_jobs; i++)
    g_return_val_if_fail (jobs[i].func != NULL, NULL);

  if (n_jobs == 0)
    return g_deferred_succeed (NULL);

  row = g_malloc (sizeof (JobRow) + n_jobs * sizeof (GDeferredJob));
  row->n_jobs = n_jobs;
  memcpy (row->jobs, jobs, n_jobs * sizeof (GDeferredJob));
  return gd_jobs_run (gd_jobs_get_shared (), job_row_run, row, job_row_free);
}

/* --- a call into another thread's context ------------------------------------------------------------------------ */

/*
 * The calling thread sleeps on `cond`; its call is a source in the other context: it runs the function once, and then
 * stays to see whenever that loop comes around whether the wait can still end. If the context goes, so does the
 * source, and with it the hope for a result.
 */
typedef struct
{
  int               ref_count; /* atomic; the caller, the source, and the link of the Deferred own one */
  GDeferredCallback func;
  gpointer          user_data;
  GMainContext     *context; /* not owned: waiting for a context must not keep it alive */
  GdBlocked         blocked;
  GMutex            lock;
  GCond             cond;

  /* Of the home of `awaited`. */
  GSource   *source;  /* owned, until it is destroyed; holds this */
  GDeferred *awaited; /* owned; what func gave, while it is waited for */

  /* Set by the home thread, and then the caller's. */
  gboolean is_done; /* under the lock */
  GValue   result;
  GError  *error;
} Call;

static void
call_unref (gpointer data)
{
  Call *self = data;

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  if (G_IS_VALUE (&self->result))
    g_value_unset (&self->result);
  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  g_free (self);
}

static Call *
call_ref (Call *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

/* At home, or where the context is freed. The function's data is the caller's again after that. */
static void
call_done (Call *self)
{
  gd_blocked_leave (&self->blocked);
  g_clear_object (&self->awaited);

  gd_mutex_lock (&self->lock);
  self->is_done = TRUE;
  g_cond_signal (&self->cond);
  gd_mutex_unlock (&self->lock);
}

/* The link of `awaited`. If the wait has been given up, it leaves things as they are. */
static gboolean
call_on_result (GDeferred *awaited, gpointer user_data, GError **error)
{
  Call         *self = user_data;
  const GError *failure = g_deferred_get_error (awaited);
  const GValue *result = g_deferred_get_result (awaited);

  if (self->is_done)
    return TRUE;

  if (failure != NULL)
    self->error = g_error_copy (failure);
  else if (result != NULL)
    {
      g_value_init (&self->result, G_VALUE_TYPE (result));
      g_value_copy (result, &self->result);
    }
  g_deferred_return_none (awaited);

  call_done (self);
  g_source_destroy (self->source);
  return TRUE;
}

static void
call_check (Call *self)
{
  if (self->awaited != NULL && !gd_blocked_check (&self->blocked, self->awaited, &self->error))
    {
      call_done (self);
      g_source_destroy (self->source);
    }
}

/* The source went, perhaps before the result came: then with its context. */
static void
call_on_source_gone (gpointer user_data)
{
  Call *self = user_data;

  GD_TSAN_ACQUIRE (self);
  if (!self->is_done)
    {
      self->error
          = g_error_new_literal (G_DEFERRED_ERROR, G_DEFERRED_ERROR_ABANDONED,
                                 "The main context was freed before it could run what was called in it");
      call_done (self);
    }
  g_source_unref (self->source);
  call_unref (self);
}

typedef struct
{
  GSource source;
  Call   *call; /* owned by the source's callback */
} CallSource;

static gboolean
call_source_prepare (GSource *source, int *timeout)
{
  *timeout = -1;
  call_check (((CallSource *) source)->call);
  return FALSE;
}

static gboolean
call_source_dispatch (GSource *source, GSourceFunc never_called, gpointer user_data)
{
  Call      *self = ((CallSource *) source)->call;
  GDeferred *awaited;

  GD_TSAN_ACQUIRE (self);
  g_source_set_ready_time (source, -1);

  g_main_context_push_thread_default (self->context);
  awaited = g_deferred_maybe (self->func, self->user_data);
  self->awaited = g_object_ref (awaited);
  g_deferred_add_both (awaited, call_on_result, call_ref (self), call_unref);
  g_object_unref (awaited);
  g_main_context_pop_thread_default (self->context);

  return G_SOURCE_CONTINUE;
}

static GSourceFuncs call_source_funcs = { .prepare = call_source_prepare, .dispatch = call_source_dispatch };

static gboolean
never_called (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
call_attach (Call *self, GMainContext *context)
{
  GSource *source = g_source_new (&call_source_funcs, sizeof (CallSource));

  ((CallSource *) source)->call = self;
  self->source = source;
  g_source_set_static_name (source, "GDeferred blocking call");
  g_source_set_can_recurse (source, TRUE);
  g_source_set_ready_time (source, 0);
  g_source_set_callback (source, never_called, call_ref (self), call_on_source_gone);
  GD_TSAN_RELEASE (self);
  g_source_attach (source, context);
}

/* What the caller gets, if it wants it. A result of nothing has to be some value. */
static void
give_result (GValue *from, GValue *result)
{
  if (result == NULL)
    return;

  if (G_IS_VALUE (result))
    g_value_unset (result);
  if (G_IS_VALUE (from))
    {
      *result = *from;
      *from = (GValue) G_VALUE_INIT;
    }
  else
    g_value_init (result, G_TYPE_POINTER);
}

static gboolean
call_elsewhere (
    GMainContext *context, GDeferredCallback func, gpointer user_data, GValue *result, GError **error)
{
  Call    *self = g_new0 (Call, 1);
  gboolean ok;

  self->ref_count = 1;
  self->func = func;
  self->user_data = user_data;
  self->context = context;
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);

  gd_blocked_enter (&self->blocked, context);
  call_attach (self, context);
  gd_mutex_lock (&self->lock);
  while (!self->is_done)
    gd_cond_wait (&self->cond, &self->lock);
  gd_mutex_unlock (&self->lock);

  ok = self->error == NULL;
  if (ok)
    give_result (&self->result, result);
  else
    g_propagate_error (error, g_steal_pointer (&self->error));
  call_unref (self);
  return ok;
}

/* The caller owns the context: nobody else could run it meanwhile. */
static gboolean
call_here (GMainContext *context, GDeferredCallback func, gpointer user_data, GValue *result, GError **error)
{
  g_autoptr (GDeferred) awaited = NULL;
  const GValue *value;
  GValue        copy = G_VALUE_INIT;
  gboolean      ok;

  g_main_context_push_thread_default (context);
  awaited = g_deferred_maybe (func, user_data);
  ok = g_deferred_wait (awaited, error);
  value = ok ? g_deferred_get_result (awaited) : NULL;
  if (value != NULL)
    {
      g_value_init (&copy, G_VALUE_TYPE (value));
      g_value_copy (value, &copy);
    }
  g_clear_object (&awaited);
  g_main_context_pop_thread_default (context);

  if (ok)
    give_result (&copy, result);
  if (G_IS_VALUE (&copy))
    g_value_unset (&copy);
  return ok;
}

/* The default context belongs to the main thread even while that does not iterate it: a worker that took it then
 * would run the main thread's sources. */
static gboolean
may_acquire (GMainContext *context)
{
  return g_main_context_is_owner (context) || gd_worker_current () == NULL
         || context != g_main_context_default ();
}

/**
 * g_deferred_blocking_call:
 * @context: (nullable): the main context to call it in, or %NULL for the default one
 * @func: (scope call) (closure user_data): what to call
 * @user_data: for @func
 * @result: (out caller-allocates) (optional): where to put the result; all zero bytes, or a value, which is unset then
 * @error: return location for the error that @func failed with, or one of those named below
 *
 * Calls a function in another thread's main context and waits for its result: for a thread's job that needs something
 * which only the main thread may touch.
 *
 * @func is called as by [func@Deferred.maybe], in @context, with @context as thread-default. If it returns a
 * Deferred, the call waits for that one's result. A result of nothing becomes a %G_TYPE_POINTER of %NULL.
 *
 * It may be called from any thread that can afford to block; the loop of @context goes on meanwhile. If the calling
 * thread owns @context, or nobody does and it can take it, @func is called here and now, and @context is iterated
 * until there is a result. (A thread pool's worker does not take the default context: that is the main thread's.)
 *
 * It fails
 * - with %G_DEFERRED_ERROR_STALLED if it is called in a job of a thread pool and what @func returned waits for another
 *   job of that pool, while all of its threads wait like this one, so that no thread is left to run it. The other job
 *   stays in the queue, and is run when this one has returned.
 * - with %G_DEFERRED_ERROR_LOOP if what @func returned waits for the very job that calls;
 * - with %G_DEFERRED_ERROR_ABANDONED if @context is freed before it has run @func, which is never called then.
 *
 * ```c
 * static gboolean
 * get_title (GDeferred *self, gpointer window, GError **error)
 * {
 *   g_autofree char *title = NULL;
 *
 *   g_object_get (window, "title", &title, NULL);
 *   return g_deferred_return_string (self, title);
 * }
 *
 * static gboolean
 * job (GDeferred *self, gpointer window, GError **error)
 * {
 *   g_auto (GValue) title = G_VALUE_INIT;
 *
 *   if (!g_deferred_blocking_call (NULL, get_title, window, &title, error))
 *     return FALSE;
 *   return g_deferred_return_value (self, &title);
 * }
 * ```
 *
 * Returns: %TRUE with @result set, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
g_deferred_blocking_call (
    GMainContext *context, GDeferredCallback func, gpointer user_data, GValue *result, GError **error)
{
  gboolean ok;

  g_return_val_if_fail (func != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (context == NULL)
    context = g_main_context_default ();
  if (!may_acquire (context) || !g_main_context_acquire (context))
    return call_elsewhere (context, func, user_data, result, error);

  ok = call_here (context, func, user_data, result, error);
  g_main_context_release (context);
  return ok;
}
