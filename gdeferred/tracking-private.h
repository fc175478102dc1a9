/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/types.h>

G_BEGIN_DECLS

/*
 * What G_DEFERRED_DEBUG switches on: a trail for each Deferred that is made from then on, kept beside it in a table.
 * The table is empty while nothing is switched on, as nobody would take out what has gone. Then all that it costs is a
 * look at gd_tracking where a Deferred is made, fired and freed, and one at gd_chain_hooks.trace where a callback was
 * called.
 *
 * A trail is there until its Deferred is finalized, which waits for the lock: so a Deferred that is found in the table
 * has its memory as long as the lock is held. What else may be read of it is for who asks to know.
 */
typedef enum
{
  GD_TRACK_PENDING = 1 << 0, /* keep trails */
  GD_TRACK_STACKS = 1 << 1,  /* ... with the stacks where they were made and fired */
  GD_TRACK_TRACE = 1 << 2,   /* log what happens to each */
  GD_TRACK_STALL = 1 << 3,   /* warn of those that are pending for long */
} GdTrack;

extern int gd_tracking; /* GdTrack; atomic, as a program may switch while threads run */

static inline gboolean
gd_is_tracking (void)
{
  return G_UNLIKELY (g_atomic_int_get (&gd_tracking) != 0);
}

typedef struct
{
  guint    n_frames;
  gpointer frames[24];
} GdStack;

/* One that may be gone: then its place in memory has no trail, or that of another one. */
typedef struct
{
  GDeferred *deferred;
  guint64    number;
} GdTrailKey;

typedef struct
{
  GDeferred *deferred; /* not owned */
  guint64    number;   /* in the order in which they were made, from 1 */
  gint64     made;     /* monotonic time */
  gboolean   warned;
  GdStack    made_at;
  GdStack    fired_at;
  GArray    *waits_for; /* of GdTrailKey: what gd_tracking_note_wait told; NULL if none */
} GdTrail;

/* What the house above knows. Called with the lock held. */
typedef struct
{
  gboolean (*is_pending) (GDeferred *deferred);
  char *(*describe) (GDeferred *deferred);
  void (*trace_chains) (gboolean on);
} GdTrackingHooks;

typedef void (*GdTrailFunc) (GdTrail *trail, gpointer user_data);

void     gd_tracking_init (const GdTrackingHooks *hooks);
gboolean gd_tracking_switch (const char *switches);
void     gd_tracking_made (GDeferred *deferred);
void     gd_tracking_fired (GDeferred *deferred);
void     gd_tracking_gone (GDeferred *deferred);
void     gd_tracking_note_wait (GDeferred *deferred, GDeferred *other);
void     gd_tracking_trace (GDeferred *deferred, const char *format, ...) G_GNUC_PRINTF (2, 3);
guint64  gd_tracking_number (GDeferred *deferred);
char    *gd_tracking_stacks (GDeferred *deferred);
gboolean gd_tracking_foreach (GdTrailFunc func, gpointer user_data);

/* For who is called by gd_tracking_foreach. */
GdTrail *gd_tracking_find (GDeferred *deferred);
gboolean gd_tracking_is_pending (GdTrail *trail);
char    *gd_tracking_describe (GdTrail *trail);

G_END_DECLS
