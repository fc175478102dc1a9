/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "permits-private.h"

#include <gdeferred/values.h>

#include "context-private.h"

void
gd_permits_init (GdPermits *self, gpointer object, const GdPermitFuncs *funcs)
{
  self->funcs = funcs;
  gd_desk_init (&self->desk, object, &funcs->desk);
}

/* For dispose: see gd_desk_end(). */
gboolean
gd_permits_end (GdPermits *self)
{
  GdLine *lines[] = { &self->line, NULL };

  return gd_desk_end (&self->desk, lines);
}

/* For finalize. */
void
gd_permits_clear (GdPermits *self)
{
  gd_desk_clear (&self->desk);
}

/* --- serving ----------------------------------------------------------------------------------------------------- */

/* To who is first in line, what was taken for it. */
void
gd_permits_grant (GdPermits *self)
{
  GObject  *object = self->desk.object;
  GdWaiter *waiter = self->line.first;
  guint     kind = waiter->kind;
  GValue    value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_OBJECT);
  g_value_set_object (&value, object);
  if (!gd_waiter_grant (waiter, &value))
    self->funcs->put_back (object, kind);
  g_value_unset (&value);
}

gboolean
gd_permits_serve (GdDesk *desk)
{
  GdPermits *self = (GdPermits *) desk;
  GdWaiter  *waiter = self->line.first;

  if (waiter == NULL || !self->funcs->take (desk->object, waiter->kind))
    return FALSE;

  gd_permits_grant (self);
  return TRUE;
}

void
gd_permits_take_back (GdDesk *desk, GdWaiter *waiter)
{
  ((GdPermits *) desk)->funcs->put_back (desk->object, waiter->kind);
}

static gboolean
take_at_once (GdPermits *self, guint kind)
{
  return self->line.first == NULL && self->funcs->take (self->desk.object, kind);
}

/* --- acquiring and releasing ------------------------------------------------------------------------------------- */

GDeferred *
gd_permits_acquire (GdPermits *self, guint kind, const char *function)
{
  GValue value = G_VALUE_INIT;

  if (!gd_desk_is_here (&self->desk, function))
    return gd_desk_refuse (&self->desk);

  if (!take_at_once (self, kind))
    return g_object_ref (gd_desk_wait (&self->desk, &self->line, kind)->deferred);

  g_value_init (&value, G_TYPE_OBJECT);
  g_value_set_object (&value, self->desk.object);
  return gd_desk_succeed (&self->desk, &value);
}

gboolean
gd_permits_try_acquire (GdPermits *self, guint kind, const char *function)
{
  return gd_desk_is_here (&self->desk, function) && take_at_once (self, kind);
}

/* The object may be gone after that, unless the caller has a reference. */
gboolean
gd_permits_release (GdPermits *self, guint kind, const char *function)
{
  if (!gd_desk_is_here (&self->desk, function))
    return FALSE;
  if (G_UNLIKELY (!self->funcs->put_back (self->desk.object, kind)))
    {
      g_critical ("%s: the %s is released without being acquired", function, self->desk.funcs->what);
      return FALSE;
    }

  if (self->line.first != NULL)
    gd_desk_serve (&self->desk);
  return TRUE;
}

/* --- running with a permit --------------------------------------------------------------------------------------- */

/* One run. It belongs to the last of our links on the Deferred that does the work, which is never given to the user:
 * nothing can come between it and the release. The one that the user has waits for that, and so has its outcome when
 * the release is done, that of a cancelled run, too: what is cancelled is the work, which may take its time to end.
 * While it waits, the run does not hold the object, whose line leads to it. */
typedef struct
{
  GdPermits        *permits; /* valid when it has `object` */
  GObject          *object;  /* owned: it has the permit */
  guint             kind;
  GDeferredCallback func;
  gpointer          user_data;
  GDestroyNotify    destroy;
} Run;

/* Its function was called, or never will be. */
static void
forget_func (gpointer user_data)
{
  Run           *run = user_data;
  GDestroyNotify destroy = g_steal_pointer (&run->destroy);

  if (destroy != NULL)
    destroy (run->user_data);
}

static void
end_run (gpointer user_data)
{
  Run *run = user_data;

  if (run->object != NULL)
    {
      gd_permits_release (run->permits, run->kind, "the end of a run");
      g_object_unref (run->object);
    }
  g_free (run);
}

static GDeferred *
call_func (Run *run)
{
  GMainContext *context = run->permits->desk.context;
  gboolean      entered = gd_context_enter (context);
  GDeferred    *deferred = g_deferred_maybe (run->func, run->user_data);

  gd_context_leave (context, entered);
  return deferred;
}

static gboolean
on_permitted (GDeferred *work, gpointer user_data, GError **error)
{
  Run *run = user_data;

  run->object = g_object_ref (g_deferred_get_object (work));
  return g_deferred_return_deferred (work, call_func (run));
}

static gboolean
wait_for_work (GDeferred *result, gpointer work, GError **error)
{
  return g_deferred_return_deferred (result, g_object_ref (work));
}

/* What the user gets. */
static GDeferred *
result_of (GdPermits *self, GDeferred *work)
{
  gboolean   entered = gd_context_enter (self->desk.context);
  GDeferred *result = g_deferred_maybe (wait_for_work, work);

  gd_context_leave (self->desk.context, entered);
  return result;
}

static GDeferred *
run_later (GdPermits *self, Run *run)
{
  GDeferred *work = gd_desk_wait (&self->desk, &self->line, run->kind)->deferred;

  g_deferred_add_callback (work, on_permitted, run, forget_func);
  g_deferred_add_callbacks (work, NULL, run, end_run, NULL, NULL, NULL);
  return result_of (self, work);
}

static GDeferred *
run_now (GdPermits *self, Run *run)
{
  g_autoptr (GObject) object = g_object_ref (self->desk.object);
  g_autoptr (GDeferred) work = NULL;

  run->object = g_object_ref (object);
  work = call_func (run);
  forget_func (run);
  g_deferred_add_callbacks (work, NULL, run, end_run, NULL, NULL, NULL);
  return g_deferred_is_finished (work) ? g_steal_pointer (&work) : result_of (self, work);
}

GDeferred *
gd_permits_run (GdPermits        *self,
                guint             kind,
                GDeferredCallback func,
                gpointer          user_data,
                GDestroyNotify    destroy,
                const char       *function)
{
  Run *run;

  if (!gd_desk_is_here (&self->desk, function))
    {
      if (destroy != NULL)
        destroy (user_data);
      return gd_desk_refuse (&self->desk);
    }

  run = g_new (Run, 1);
  *run = (Run){ self, NULL, kind, func, user_data, destroy };
  if (take_at_once (self, kind))
    return run_now (self, run);
  return run_later (self, run);
}
