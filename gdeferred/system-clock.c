/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "clock-private.h"

#include "tsan-private.h"

/* The clock of a main context: one for each, with one source in it, whatever the number of calls.
 *
 * That of the default context is for ever. Any other one lives as long as somebody holds it or it has calls to make;
 * until then it keeps its context, by the anchor of its calls. */

static GDeferredClock *default_clock; /* atomic */

/* GMainContext to a GWeakRef on its clock. The clock that is in it takes it out as it ends, unless it has a successor
 * by then. */
static GMutex      table_lock;
static GHashTable *table;

/* --- the source -------------------------------------------------------------------------------------------------- */

typedef struct
{
  GSource  source;
  GdCalls *calls; /* owned */
} ClockSource;

/* Only its home adds calls: the loop need not be woken to hear of one. */
static gboolean
prepare (GSource *source, int *timeout)
{
  GdCalls *calls = ((ClockSource *) source)->calls;
  gint64   wait;

  *timeout = -1;
  if (calls->n == 0)
    return FALSE;

  wait = calls->heap[0].time - g_source_get_time (source);
  if (wait <= 0)
    return TRUE;

  *timeout = (int) MIN ((wait - 1) / 1000 + 1, G_MAXINT);
  return FALSE;
}

static gboolean
is_due (GSource *source)
{
  GdCalls *calls = ((ClockSource *) source)->calls;

  return calls->n > 0 && calls->heap[0].time <= g_source_get_time (source);
}

/* What the calls add for now is left for the next turn: other sources shall have theirs. */
static gboolean
dispatch (GSource *source, GSourceFunc callback G_GNUC_UNUSED, gpointer user_data G_GNUC_UNUSED)
{
  GdCalls        *calls = ((ClockSource *) source)->calls;
  gint64          now = g_get_monotonic_time ();
  guint64         end = calls->next_number;
  GDeferredClock *kept = calls->keeps ? g_object_ref (calls->clock) : NULL;

  while (calls->n > 0 && calls->heap[0].time <= now && calls->heap[0].number < end)
    gd_calls_run_first (calls);

  g_clear_object (&kept);
  return G_SOURCE_CONTINUE;
}

static void
finalize (GSource *source)
{
  gd_calls_unref (((ClockSource *) source)->calls);
}

/* Inside a call, a nested loop goes on with the others. */
static GSourceFuncs source_funcs = {
  .prepare = prepare,
  .check = is_due,
  .dispatch = dispatch,
  .finalize = finalize,
};

static GSource *
source_new (GdCalls *calls, GMainContext *context)
{
  GSource *source = g_source_new (&source_funcs, sizeof (ClockSource));

  ((ClockSource *) source)->calls = gd_calls_ref (calls);
  g_source_set_static_name (source, "GDeferred clock");
  g_source_set_can_recurse (source, TRUE);
  g_source_attach (source, context);
  return source;
}

/* --- the table --------------------------------------------------------------------------------------------------- */

static GDeferredClock *
make (GMainContext *context)
{
  GDeferredClock *self = g_object_new (G_TYPE_DEFERRED_CLOCK, NULL);

  gd_calls_unref (self->calls);
  self->calls = gd_calls_new (context, FALSE);
  self->source = source_new (self->calls, context);
  return self;
}

static GDeferredClock *
get_default (void)
{
  GDeferredClock *self = g_atomic_pointer_get (&default_clock);

  if (G_LIKELY (self != NULL))
    return g_object_ref (self);

  gd_mutex_lock (&table_lock);
  if (default_clock == NULL)
    g_atomic_pointer_set (&default_clock, make (g_main_context_default ()));
  gd_mutex_unlock (&table_lock);
  return g_object_ref (default_clock);
}

static void
free_weak_ref (gpointer weak_ref)
{
  g_weak_ref_clear (weak_ref);
  g_free (weak_ref);
}

static GDeferredClock *
make_in_table (GMainContext *context)
{
  GDeferredClock *self = make (context);
  GWeakRef       *weak_ref = g_new (GWeakRef, 1);

  self->calls->clock = self;
  g_weak_ref_init (weak_ref, self);
  g_hash_table_replace (table, context, weak_ref);
  return self;
}

/* With a reference. */
GDeferredClock *
gd_system_clock_get (GMainContext *context)
{
  GDeferredClock *self = NULL;
  GWeakRef       *weak_ref;

  if (context == NULL || context == g_main_context_default ())
    return get_default ();

  gd_mutex_lock (&table_lock);
  if (table == NULL)
    table = g_hash_table_new_full (NULL, NULL, NULL, free_weak_ref);
  weak_ref = g_hash_table_lookup (table, context);
  if (weak_ref != NULL)
    self = g_weak_ref_get (weak_ref);
  if (self == NULL)
    self = make_in_table (context);
  gd_mutex_unlock (&table_lock);

  return self;
}

/* The last reference went, in whatever thread; there are no calls. A successor has made a new entry. */
void
gd_system_clock_end (GDeferredClock *self)
{
  GMainContext   *context = g_deferred_get_context (self->calls->anchor);
  GWeakRef       *weak_ref;
  GDeferredClock *successor = NULL;

  gd_mutex_lock (&table_lock);
  weak_ref = g_hash_table_lookup (table, context);
  if (weak_ref != NULL)
    successor = g_weak_ref_get (weak_ref);
  if (weak_ref != NULL && successor == NULL)
    g_hash_table_remove (table, context);
  gd_mutex_unlock (&table_lock);

  g_clear_object (&successor);
  g_source_destroy (self->source);
  g_source_unref (self->source);
}
