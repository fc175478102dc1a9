/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "calls-private.h"

G_DEFINE_BOXED_TYPE (GDeferredDelayedCall,
                     g_deferred_delayed_call,
                     g_deferred_delayed_call_ref,
                     g_deferred_delayed_call_unref)

/* --- the heap ---------------------------------------------------------------------------------------------------- */

#define BRANCHES 4

static inline gboolean
comes_before (const GdCallsEntry *a, const GdCallsEntry *b)
{
  return a->time < b->time || (a->time == b->time && a->number < b->number);
}

static inline void
put (GdCalls *self, guint index, const GdCallsEntry *entry)
{
  self->heap[index] = *entry;
  entry->call->index = index;
}

/* Puts the entry at @index, or nearer to the top. */
static void
sift_up (GdCalls *self, guint index, GdCallsEntry entry)
{
  while (index > 0)
    {
      guint parent = (index - 1) / BRANCHES;

      if (!comes_before (&entry, &self->heap[parent]))
        break;
      put (self, index, &self->heap[parent]);
      index = parent;
    }
  put (self, index, &entry);
}

/* Puts the entry at @index, or farther from the top. */
static void
sift_down (GdCalls *self, guint index, GdCallsEntry entry)
{
  for (;;)
    {
      gsize first = (gsize) index * BRANCHES + 1;
      gsize end = MIN (first + BRANCHES, self->n);
      gsize best = first;

      if (first >= self->n)
        break;
      for (gsize i = first + 1; i < end; i++)
        if (comes_before (&self->heap[i], &self->heap[best]))
          best = i;
      if (!comes_before (&self->heap[best], &entry))
        break;
      put (self, index, &self->heap[best]);
      index = (guint) best;
    }
  put (self, index, &entry);
}

/* Puts the entry at @index, or wherever it belongs from there. */
static void
sift (GdCalls *self, guint index, GdCallsEntry entry)
{
  if (index > 0 && comes_before (&entry, &self->heap[(index - 1) / BRANCHES]))
    sift_up (self, index, entry);
  else
    sift_down (self, index, entry);
}

static void
push (GdCalls *self, GdCallsEntry entry)
{
  if (self->n == self->room)
    {
      self->room = MAX (2 * self->room, 8);
      self->heap = g_renew (GdCallsEntry, self->heap, self->room);
    }

  sift_up (self, self->n++, entry);
  if (self->n == 1 && self->clock != NULL)
    {
      self->keeps = TRUE;
      g_object_ref (self->clock);
    }
}

/* The heap's reference on the call is the caller's from here. */
static GDeferredDelayedCall *
take (GdCalls *self, guint index)
{
  GDeferredDelayedCall *call = self->heap[index].call;
  GdCallsEntry          last = self->heap[--self->n];

  if (index < self->n)
    sift (self, index, last);
  call->index = GD_CALL_NOT_PENDING;

  return call;
}

/* The clock may be gone after that, but not the calls, which the caller holds by a handle or otherwise. */
static void
let_go (GdCalls *self)
{
  if (self->n > 0 || !self->keeps)
    return;

  self->keeps = FALSE;
  g_object_unref (self->clock);
}

/* --- the calls --------------------------------------------------------------------------------------------------- */

/* Made by a thread that is at home in the context, as far as anybody can tell now. */
GdCalls *
gd_calls_new (GMainContext *context, gboolean is_virtual)
{
  GdCalls *self = g_new0 (GdCalls, 1);

  self->ref_count = 1;
  self->anchor = g_deferred_new ();
  if (g_deferred_get_context (self->anchor) != context)
    g_deferred_hand_over (self->anchor, context);
  self->is_virtual = is_virtual;
  return self;
}

GdCalls *
gd_calls_ref (GdCalls *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

/* With the last reference there are no calls left: each has one. */
void
gd_calls_unref (GdCalls *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_object_unref (self->anchor);
  g_free (self->heap);
  g_free (self);
}

/* The first thread that asked for the default context's clock may have been taken for its home before the loop of
 * another one ran there. What a Deferred that is made now says counts. */
static gboolean
is_home_by_now (GdCalls *self)
{
  GDeferred *probe = g_deferred_new ();
  gboolean   is_home
      = g_deferred_get_context (probe) == g_deferred_get_context (self->anchor) && g_deferred_is_home (probe);

  g_object_unref (probe);
  return is_home;
}

gboolean
gd_calls_is_home (GdCalls *self)
{
  return g_deferred_is_home (self->anchor) || is_home_by_now (self);
}

/* At home. Gives a reference of the caller's own. */
GDeferredDelayedCall *
gd_calls_add (
    GdCalls *self, gint64 time, GDeferredDelayedFunc func, gpointer user_data, GDestroyNotify destroy)
{
  GDeferredDelayedCall *call = g_new (GDeferredDelayedCall, 1);

  call->ref_count = 2; /* the caller's and the heap's */
  call->calls = gd_calls_ref (self);
  call->time = MAX (time, gd_calls_now (self));
  call->func = func;
  call->user_data = user_data;
  call->destroy = destroy;
  push (self, (GdCallsEntry){ call->time, self->next_number++, call });
  return call;
}

/* Takes the heap's former reference. */
static void
end_call (GDeferredDelayedCall *call)
{
  if (call->destroy != NULL)
    call->destroy (call->user_data);
  g_deferred_delayed_call_unref (call);
}

/* The caller holds the clock, or what else keeps the calls. */
void
gd_calls_run_first (GdCalls *self)
{
  GDeferredDelayedCall *call = take (self, 0);

  let_go (self);
  call->func (call->user_data);
  end_call (call);
}

/* They will not be made. One at a time, because freeing the data of one may cancel others. */
static void
drop_all (GdCalls *self)
{
  while (self->n > 0)
    end_call (take (self, self->n - 1));
}

static void
drop_all_at_home (GDeferred *anchor G_GNUC_UNUSED, gpointer calls)
{
  drop_all (calls);
}

static void
unref_calls (gpointer calls)
{
  gd_calls_unref (calls);
}

/* The clock is gone, in whatever thread. Takes its reference. A system clock has no calls left then. */
void
gd_calls_end (GdCalls *self)
{
  if (!self->is_virtual || gd_calls_is_home (self))
    {
      drop_all (self);
      gd_calls_unref (self);
    }
  else
    g_deferred_invoke (self->anchor, drop_all_at_home, self, unref_calls);
}

/* --- what users see of one call ---------------------------------------------------------------------------------- */

#define return_val_if_away(self, val)                                                                        \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    if (G_UNLIKELY (!gd_calls_is_home ((self)->calls)))                                                      \
      {                                                                                                      \
        g_critical ("%s: called from a thread that is not at home in the clock's main context", G_STRFUNC);  \
        return val;                                                                                          \
      }                                                                                                      \
  }                                                                                                          \
  G_STMT_END

/**
 * g_deferred_delayed_call_ref:
 * @self: a call
 *
 * Takes a reference, from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
GDeferredDelayedCall *
g_deferred_delayed_call_ref (GDeferredDelayedCall *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&self->ref_count);
  return self;
}

/**
 * g_deferred_delayed_call_unref:
 * @self: (transfer full): a call
 *
 * Drops a reference, from any thread. A call that is to come still comes: see [method@DeferredDelayedCall.cancel].
 *
 * Since: 1.0
 */
void
g_deferred_delayed_call_unref (GDeferredDelayedCall *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  gd_calls_unref (self->calls);
  g_free (self);
}

static void
cancel (GDeferredDelayedCall *self)
{
  GdCalls *calls = self->calls;

  if (self->index == GD_CALL_NOT_PENDING)
    return;

  gd_calls_ref (calls);
  take (calls, self->index);
  let_go (calls);
  end_call (self);
  gd_calls_unref (calls);
}

/**
 * g_deferred_delayed_call_cancel:
 * @self: a call
 *
 * Takes the call back. Its data is freed before this returns. To be called at the clock's home, also from inside other
 * calls.
 *
 * Returns: %TRUE, or %FALSE if there was nothing to take back: it was called already, is being called just now, was
 *   cancelled before, or its clock is gone
 *
 * Since: 1.0
 */
gboolean
g_deferred_delayed_call_cancel (GDeferredDelayedCall *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  return_val_if_away (self, FALSE);

  if (self->index == GD_CALL_NOT_PENDING)
    return FALSE;

  cancel (self);
  return TRUE;
}

static void
cancel_at_home (GDeferred *anchor G_GNUC_UNUSED, gpointer call)
{
  cancel (call);
}

static void
unref_call (gpointer call)
{
  g_deferred_delayed_call_unref (call);
}

void
gd_delayed_call_cancel_from_anywhere (GDeferredDelayedCall *self)
{
  if (gd_calls_is_home (self->calls))
    cancel (self);
  else
    g_deferred_invoke (self->calls->anchor, cancel_at_home, g_deferred_delayed_call_ref (self), unref_call);
}

/**
 * g_deferred_delayed_call_reset:
 * @self: a call
 * @delay: when it is to come, in microseconds from now
 *
 * Gives the call another time, earlier or later than the one it had. Among calls for the same moment it is the last
 * one then. To be called at the clock's home.
 *
 * Returns: %TRUE, or %FALSE if it is not to come any more: it was called already, is being called just now, was
 *   cancelled, or its clock is gone
 *
 * Since: 1.0
 */
gboolean
g_deferred_delayed_call_reset (GDeferredDelayedCall *self, GTimeSpan delay)
{
  GdCalls *calls;

  g_return_val_if_fail (self != NULL, FALSE);
  return_val_if_away (self, FALSE);

  if (self->index == GD_CALL_NOT_PENDING)
    return FALSE;

  calls = self->calls;
  self->time = gd_time_add (gd_calls_now (calls), MAX (delay, 0));
  sift (calls, self->index, (GdCallsEntry){ self->time, calls->next_number++, self });
  return TRUE;
}

/**
 * g_deferred_delayed_call_is_pending:
 * @self: a call
 *
 * Whether the call is still to come. While it is being called it is not. To be asked at the clock's home.
 *
 * Returns: whether it is to come
 *
 * Since: 1.0
 */
gboolean
g_deferred_delayed_call_is_pending (GDeferredDelayedCall *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  return_val_if_away (self, FALSE);

  return self->index != GD_CALL_NOT_PENDING;
}

/**
 * g_deferred_delayed_call_get_time:
 * @self: a call
 *
 * When the call is to come, or was to come, in microseconds on its clock. To be asked at the clock's home.
 *
 * Returns: a time, as [method@DeferredClock.get_time] gives it
 *
 * Since: 1.0
 */
gint64
g_deferred_delayed_call_get_time (GDeferredDelayedCall *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return_val_if_away (self, 0);

  return self->time;
}
