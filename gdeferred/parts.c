/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/parts.h>

#include "depth-private.h"

#include <math.h>

/* The progress of a whole, from that of its parts.
 *
 * Who owns what: a whole has a Sum, in its data. Each of its parts has a Part, in the closure of a signal handler, with
 * a reference on the Sum. None of them keeps a Deferred. */

enum
{
  STEPS = 1 << 30 /* from nothing to all */
};

/* But for the weak reference it belongs to the home of the whole. */
typedef struct
{
  GWeakRef whole;
  double   weight; /* of all parts */
  double   done;   /* of that */
  guint    n_open; /* parts that are not done */
} Sum;

typedef struct
{
  Sum   *sum; /* a reference */
  double weight;
  int    steps;     /* how far it got; atomic; written in the home of the part, and by its end */
  int    counted;   /* what the sum has of that */
  int    is_posted; /* word of it is on its way to the home of the whole; atomic */
  gulong handler;
} Part;

static void
sum_clear (gpointer data)
{
  g_weak_ref_clear (&((Sum *) data)->whole);
}

static void
sum_unref (gpointer sum)
{
  g_atomic_rc_box_release_full (sum, sum_clear);
}

static void
part_clear (gpointer data)
{
  sum_unref (((Part *) data)->sum);
}

static void
part_unref (gpointer part)
{
  g_atomic_rc_box_release_full (part, part_clear);
}

/* --- in the home of the whole ------------------------------------------------------------------------------------ */

/* It does not go back, be there more parts than at first. Who hears of it may change it: GObject tells of a property
 * again, and not from within. */
static void
tell (GDeferred *whole, gpointer data)
{
  Sum   *sum = data;
  double fraction = sum->n_open == 0 ? 1.0 : MIN (sum->done / sum->weight, 1.0);

  if (fraction > g_deferred_get_progress (whole))
    g_deferred_set_progress (whole, fraction, g_deferred_get_progress_text (whole));
}

static void
count (GDeferred *whole, gpointer data)
{
  Part *part = data;
  Sum  *sum = part->sum;
  int   steps;

  g_atomic_int_set (&part->is_posted, FALSE);
  steps = g_atomic_int_get (&part->steps);
  if (steps == part->counted)
    return;

  sum->done += part->weight * (steps - part->counted) / STEPS;
  part->counted = steps;
  if (steps == STEPS)
    sum->n_open--;
  gd_deep_call (whole, tell, g_atomic_rc_box_acquire (sum), sum_unref);
}

/* --- in the home of the part ------------------------------------------------------------------------------------- */

/* Takes the reference on the whole. */
static void
post_count (Part *part, GDeferred *whole)
{
  if (g_atomic_int_compare_and_exchange (&part->is_posted, FALSE, TRUE))
    g_deferred_invoke (whole, count, g_atomic_rc_box_acquire (part), part_unref);
  g_object_unref (whole);
}

static int
steps_of (GDeferred *deferred)
{
  if (!g_deferred_get_pending (deferred) && g_deferred_get_state (deferred) != G_DEFERRED_STATE_RUNNING)
    return STEPS;
  return (int) (g_deferred_get_progress (deferred) * STEPS);
}

static void
stop_watching (Part *part, GDeferred *deferred)
{
  g_atomic_int_set (&part->steps, STEPS);
  g_signal_handler_disconnect (deferred, part->handler);
}

/* A whole that has come to its end, or is gone, needs no more word. */
static void
on_notify (GDeferred *deferred, GParamSpec *pspec G_GNUC_UNUSED, gpointer data)
{
  Part      *part = data;
  int        steps = steps_of (deferred);
  GDeferred *whole;

  if (steps <= g_atomic_int_get (&part->steps))
    return;

  g_atomic_int_set (&part->steps, steps);
  whole = g_weak_ref_get (&part->sum->whole);
  if (whole == NULL || (g_deferred_is_home (whole) && !g_deferred_get_pending (whole)))
    steps = STEPS;
  else if (g_deferred_is_home (whole))
    count (whole, part);
  else
    post_count (part, g_object_ref (whole));

  if (steps == STEPS)
    stop_watching (part, deferred);
  g_clear_object (&whole);
}

/* The handler is gone, most likely with the part, which may be in its dispose. One that was dropped is done, too. */
static void
on_part_gone (gpointer data, GClosure *closure G_GNUC_UNUSED)
{
  Part      *part = data;
  GDeferred *whole = NULL;

  if (g_atomic_int_get (&part->steps) < STEPS)
    {
      g_atomic_int_set (&part->steps, STEPS);
      whole = g_weak_ref_get (&part->sum->whole);
    }
  if (whole != NULL)
    post_count (part, whole);
  part_unref (part);
}

static void
watch (GDeferred *deferred, gpointer data)
{
  Part *part = data;

  part->handler = g_signal_connect_data (deferred, "notify", G_CALLBACK (on_notify),
                                         g_atomic_rc_box_acquire (part), on_part_gone, 0);
  on_notify (deferred, NULL, part);
}

/* --- both -------------------------------------------------------------------------------------------------------- */

static GQuark
sum_quark (void)
{
  return g_quark_from_static_string ("gdeferred-sum");
}

static Sum *
get_sum (GDeferred *whole)
{
  Sum *sum = g_object_get_qdata (G_OBJECT (whole), sum_quark ());

  if (sum == NULL)
    {
      sum = g_atomic_rc_box_new0 (Sum);
      g_weak_ref_init (&sum->whole, whole);
      g_object_set_qdata_full (G_OBJECT (whole), sum_quark (), sum, sum_unref);
    }
  return sum;
}

/**
 * g_deferred_add_part:
 * @self: a Deferred
 * @part: another one, on which @self depends
 * @weight: how much of the whole it is, above 0: a number of bytes, say, or 1 for each
 *
 * Makes the progress of @self follow that of its parts, each by its weight, together with those that were added before.
 * A part that has its result, or was dropped, counts as done. The progress of @self never goes back, even if a part is
 * added late; its text stays as it is. It is told as long as @self has no result.
 *
 * That is all: @self does not wait for @part, neither keeps the other, and the result of @part is not touched. Together
 * with [func@Deferred.gather]:
 *
 * ```c
 * static GDeferred *
 * load_both (GDeferred *small, GDeferred *large)
 * {
 *   GDeferred *both = g_deferred_gather_of (G_DEFERRED_LIST_DEFAULT, small, large, NULL);
 *
 *   g_deferred_add_part (both, small, 1);
 *   g_deferred_add_part (both, large, 99);
 *   return both;
 * }
 * ```
 *
 * To be called in the home of @self. @part may live in another context.
 *
 * Since: 1.0
 */
void
g_deferred_add_part (GDeferred *self, GDeferred *part, double weight)
{
  Part *link;
  Sum  *sum;

  g_return_if_fail (G_IS_DEFERRED (self));
  g_return_if_fail (G_IS_DEFERRED (part));
  g_return_if_fail (self != part);
  g_return_if_fail (weight > 0.0 && isfinite (weight));
  if (!g_deferred_is_home (self))
    {
      g_critical ("%s: called from a thread that is not the Deferred's home", G_STRFUNC);
      return;
    }

  sum = get_sum (self);
  sum->weight += weight;
  sum->n_open++;

  link = g_atomic_rc_box_new0 (Part);
  link->sum = g_atomic_rc_box_acquire (sum);
  link->weight = weight;
  if (g_deferred_is_home (part))
    watch (part, link);
  else
    g_deferred_invoke (part, watch, g_atomic_rc_box_acquire (link), part_unref);
  part_unref (link);
}
