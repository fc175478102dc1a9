/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "postponed-private.h"

#include "at-home-private.h"
#include "context-private.h"

struct _GdPostponed
{
  GDeferred *deferred; /* owned while it waits; nobody else has it */
  GDeferred *outer;    /* held by a later link of that */
  gboolean   waits;

  gpointer        owner; /* NULL when nobody is to be told */
  GdPostponedOver over;

  GDeferredCallback func;
  gpointer          user_data;
  GDestroyNotify    destroy; /* NULL once the function was called, and its data is on the stack */
};

/* The end of the link. The owner is told first: freeing the data may lead back to it. */
static void
is_over (gpointer user_data)
{
  GdPostponed *self = user_data;

  if (self->owner != NULL)
    self->over (self->owner);
  if (self->destroy != NULL)
    self->destroy (self->user_data);
  if (self->waits)
    g_object_unref (self->deferred);
  g_free (self);
}

GdPostponed *
gd_postponed_new (
    gpointer owner, GdPostponedOver over, GDeferredCallback func, gpointer user_data, GDestroyNotify destroy)
{
  GdPostponed *self = g_new (GdPostponed, 1);

  self->deferred = g_deferred_new ();
  self->outer = NULL;
  self->waits = TRUE;
  self->owner = owner;
  self->over = over;
  self->func = func;
  self->user_data = user_data;
  self->destroy = destroy;
  g_deferred_add_callbacks (self->deferred, NULL, self, is_over, NULL, NULL, NULL);
  return self;
}

/* The Deferred for the caller, which is transferred. To be made before anything else is done. */
GDeferred *
gd_postponed_make_outer (GdPostponed *self)
{
  self->outer = gd_outer_new (self->deferred);
  return self->outer;
}

gboolean
gd_postponed_waits (const GdPostponed *self)
{
  return self->waits;
}

/* The owner does not want to know any more. */
void
gd_postponed_leave (GdPostponed *self)
{
  self->owner = NULL;
}

/* The function gets a Deferred of its own: what it does to that, adding links, say, comes before ours. It may lead to a
 * cancel of the one that waits for it, which must reach what it returns. */
static gboolean
call (GDeferred *deferred, gpointer user_data, GError **error G_GNUC_UNUSED)
{
  GdPostponed   *self = user_data;
  gpointer       data = self->user_data;
  GDestroyNotify destroy = g_steal_pointer (&self->destroy);
  GDeferred     *result = g_deferred_maybe (self->func, data); /* may be the end of self */

  if (destroy != NULL)
    destroy (data);
  if (!g_deferred_is_cancelled (deferred))
    return g_deferred_return_deferred (deferred, result);

  g_deferred_add_errback (result, gd_ignore, NULL, NULL);
  g_deferred_cancel (result);
  g_object_unref (result);
  return TRUE;
}

/* Calls the function, of one that waits. @self may be gone when this returns. */
void
gd_postponed_start (GdPostponed *self)
{
  GDeferred    *deferred = self->deferred;
  GMainContext *context = g_deferred_get_context (deferred);
  gboolean      entered;

  g_return_if_fail (self->waits);

  if (g_deferred_is_cancelled (self->outer)) /* its owner has gone; the cancel is on its way */
    {
      gd_postponed_cancel (self);
      return;
    }

  self->waits = FALSE;
  entered = gd_context_enter (context);
  g_deferred_fire_with (deferred, call, self, NULL);
  g_object_unref (deferred);
  gd_context_leave (context, entered);
}

/* Wherever it has got to. The one that the caller got is cancelled, so that it is not reported for it. @self may be
 * gone when this returns. */
void
gd_postponed_cancel (GdPostponed *self)
{
  GDeferred *outer = g_object_ref (self->outer);

  g_deferred_cancel (outer);
  g_object_unref (outer);
}

static void
cancel_now (GDeferred *outer, gpointer user_data G_GNUC_UNUSED)
{
  g_deferred_cancel (outer);
}

/* The same from the loop, for an owner that is being disposed: nothing is called before this returns. */
void
gd_postponed_cancel_later (GdPostponed *self)
{
  g_deferred_invoke (self->outer, cancel_now, NULL, NULL);
}

typedef struct
{
  GDeferred *start; /* owned until it is fired */
} Start;

gpointer
gd_start_new (GDeferred *start)
{
  Start *self = g_new (Start, 1);

  self->start = g_object_ref (start);
  return self;
}

/* One whose turn did not come is cancelled: who waits for it is told. */
void
gd_start_free (gpointer user_data)
{
  Start *self = user_data;

  if (self->start != NULL)
    {
      g_deferred_cancel (self->start);
      g_object_unref (self->start);
    }
  g_free (self);
}

/* If somebody else has fired it, or cancelled it, then what it has come to counts. */
gboolean
gd_start_call (GDeferred *deferred, gpointer user_data, GError **error G_GNUC_UNUSED)
{
  GDeferred *start = g_steal_pointer (&((Start *) user_data)->start);

  g_deferred_callback (start, NULL, NULL);
  return g_deferred_return_deferred (deferred, start);
}
