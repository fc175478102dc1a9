/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/clock.h>

G_BEGIN_DECLS

/*
 * What an object has that is timed and was given a clock to use. A virtual clock holds the calls that it is to make,
 * and they mostly hold the object: it must not hold the clock, or none of them would ever go. A system clock is held:
 * it lives for its calls anyway.
 */
typedef struct
{
  gboolean        is_set;
  GDeferredClock *held;  /* owned; nullable */
  GWeakRef        clock; /* if there is none that is held */
} GdClockHolder;

static inline void
gd_clock_holder_init (GdClockHolder *self)
{
  self->is_set = FALSE;
  self->held = NULL;
  g_weak_ref_init (&self->clock, NULL);
}

static inline void
gd_clock_holder_set (GdClockHolder *self, GDeferredClock *clock)
{
  gboolean is_held = clock != NULL && !g_deferred_clock_is_virtual (clock);

  self->is_set = clock != NULL;
  g_clear_object (&self->held);
  self->held = is_held ? g_object_ref (clock) : NULL;
  g_weak_ref_set (&self->clock, is_held ? NULL : clock);
}

static inline void
gd_clock_holder_clear (GdClockHolder *self)
{
  g_clear_object (&self->held);
  g_weak_ref_clear (&self->clock);
}

/* The one that was set, or else the current one, with a reference. NULL if it was set and is gone. */
static inline GDeferredClock *
gd_clock_holder_get (GdClockHolder *self)
{
  if (!self->is_set)
    return g_deferred_clock_get_current ();
  if (self->held != NULL)
    return g_object_ref (self->held);
  return g_weak_ref_get (&self->clock);
}

G_END_DECLS
