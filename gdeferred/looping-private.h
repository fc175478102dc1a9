/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/loopingcall.h>

#include "clock-holder-private.h"

G_BEGIN_DECLS

/*
 * A looping call from its start until its end. While it goes on, exactly one of call, source and tick is there, and
 * what that stands for holds the looping call: a call of the clock, a source of the loop, a link of the Deferred that
 * is waited for. So it needs nobody else to hold it. (When an owner of `done` has gone, none of them may be there, until
 * the cancel that is on its way has come.)
 */

/* One call of the function. It belongs to the link of @part that hears how it ended. */
typedef struct
{
  GDeferredLoopingCall *self; /* owned */
  GDeferred            *part; /* as long as its link is there; NULL before and after that */
  gboolean              is_cancelled;
} GdTick;

struct _GDeferredLoopingCall
{
  GObject parent_instance;

  GDeferredCallback func;
  gpointer          user_data;
  GDestroyNotify    destroy;
  GdClockHolder     clock; /* that was set */

  /* From the start until the last call has ended. */
  GDeferred    *done;       /* owned */
  GdClockHolder used;       /* the clock */
  gboolean      is_running; /* it was not stopped */
  GTimeSpan     interval;
  gint64        begin; /* of the grid */
  gint64        index; /* in the grid, of the last call */
  guint64       n_ticks;
  guint64       n_skipped;

  /* One of these says what it waits for. */
  GDeferredDelayedCall *call;   /* owned */
  GSource              *source; /* owned; in place of the call, where there is no interval */
  GdTick               *tick;
};

/* Gives the Deferred, for the caller to fire. It can be started again from there. */
GDeferred *gd_looping_end (GDeferredLoopingCall *self);
void       gd_looping_schedule (GDeferredLoopingCall *self);
void       gd_looping_unschedule (GDeferredLoopingCall *self);
void       gd_looping_call (GDeferredLoopingCall *self);
void       gd_looping_succeed (GDeferredLoopingCall *self);
void       gd_looping_give_up (GDeferredLoopingCall *self);

G_END_DECLS
