/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/clock.h>

G_BEGIN_DECLS

/*
 * The calls that one clock is to make: a heap with four branches, ordered by time and, at the same time, by number,
 * so that of two calls for one moment the one that was asked for first comes first.
 *
 * It is what a clock, its source and the handles of its calls share, and lives as long as any of them. All of it but
 * its anchor belongs to the home of the clock.
 *
 *   1. heap[i].call->index == i, for each call that is pending; for any other call it is GD_CALL_NOT_PENDING.
 *   2. The heap holds a reference on each call in it, and a call that is pending owns its user_data.
 *   3. keeps: there are calls and the clock is one that lives for its calls (see system-clock.c); it holds a reference
 *      on the clock then.
 *
 * Nobody's function is called before all that is true again.
 */
typedef struct
{
  gint64                time;
  guint64               number;
  GDeferredDelayedCall *call; /* owned */
} GdCallsEntry;

typedef struct
{
  int             ref_count; /* atomic */
  GDeferred      *anchor;    /* owned; it is never fired: it knows where home is */
  GDeferredClock *clock;     /* that lives for its calls; NULL for one that does not */
  gboolean        keeps;
  gboolean        is_virtual;
  gint64          now; /* of a virtual one */
  guint64         next_number;
  guint           n;
  guint           room;
  GdCallsEntry   *heap;
} GdCalls;

#define GD_CALL_NOT_PENDING G_MAXUINT

struct _GDeferredDelayedCall
{
  int                  ref_count; /* atomic */
  GdCalls             *calls;     /* owned */
  guint                index;
  gint64               time;
  GDeferredDelayedFunc func;
  gpointer             user_data;
  GDestroyNotify       destroy;
};

GdCalls              *gd_calls_new (GMainContext *context, gboolean is_virtual);
GdCalls              *gd_calls_ref (GdCalls *self);
void                  gd_calls_unref (GdCalls *self);
gboolean              gd_calls_is_home (GdCalls *self);
GDeferredDelayedCall *gd_calls_add (
    GdCalls *self, gint64 time, GDeferredDelayedFunc func, gpointer user_data, GDestroyNotify destroy);
void gd_calls_run_first (GdCalls *self);
void gd_calls_end (GdCalls *self);

static inline gint64
gd_calls_now (const GdCalls *self)
{
  return self->is_virtual ? self->now : g_get_monotonic_time ();
}

/* @span from now; as late as can be if that is later. */
static inline gint64
gd_time_add (gint64 time, GTimeSpan span)
{
  return span > G_MAXINT64 - MAX (time, 0) ? G_MAXINT64 : time + span;
}

/* What the other rooms of time need beside the public header. */

/* For one that was handed over to another home than that of the clock: from any thread. */
void gd_delayed_call_cancel_from_anywhere (GDeferredDelayedCall *self);

G_END_DECLS
