/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/clock.h>

#include "calls-private.h"

G_BEGIN_DECLS

struct _GDeferredClock
{
  GObject parent_instance;

  GdCalls *calls;  /* owned */
  GSource *source; /* owned; NULL for a virtual one */
};

/* clock.c: the innermost clock that this thread has pushed, with a reference, or else the system's in @context. */
GDeferredClock *gd_clock_get_current_for (GMainContext *context);

/* system-clock.c */
GDeferredClock *gd_system_clock_get (GMainContext *context);
void            gd_system_clock_end (GDeferredClock *self);

G_END_DECLS
