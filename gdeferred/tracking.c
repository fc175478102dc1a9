/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "tracking-private.h"

#include "debug-private.h"
#include "tsan-private.h"

#ifdef __GLIBC__
#include <execinfo.h>
#endif

int gd_tracking;

static GdTrackingHooks hooks;

static GMutex      lock;
static GHashTable *trails; /* GDeferred to GdTrail, owned; made by the first; under the lock, as all below */
static guint64     last_number;
static double      stall_seconds;
static GSource    *stall_source; /* owned */

static void
trail_free (gpointer data)
{
  GdTrail *self = data;

  g_clear_pointer (&self->waits_for, g_array_unref);
  g_free (self);
}

GdTrail *
gd_tracking_find (GDeferred *deferred)
{
  return trails != NULL ? g_hash_table_lookup (trails, deferred) : NULL;
}

/* --- stacks ------------------------------------------------------------------------------------------------------ */

static void
take_stack (GdStack *stack)
{
#ifdef __GLIBC__
  stack->n_frames = (guint) backtrace (stack->frames, G_N_ELEMENTS (stack->frames));
#endif
}

static void
print_stack (GString *text, const char *what, const GdStack *stack)
{
  /* The first two are ours. */
  if (stack->n_frames <= 2)
    return;

  g_string_append_printf (text, "\n  %s at", what);
  for (guint i = 2; i < stack->n_frames; i++)
    {
      g_autofree char *place = gd_debug_place (stack->frames[i]);

      g_string_append_printf (text, "\n    %s", place);
    }
}

static char *
get_stacks (const GdTrail *trail)
{
  GString *text;

  if (trail == NULL || trail->made_at.n_frames == 0)
    return NULL;

  text = g_string_new (NULL);
  print_stack (text, "made", &trail->made_at);
  print_stack (text, "fired", &trail->fired_at);
  return g_string_free (text, FALSE);
}

/* Where it was made and fired, for the end of a report; NULL if that was not kept. */
char *
gd_tracking_stacks (GDeferred *deferred)
{
  char *text;

  gd_mutex_lock (&lock);
  text = get_stacks (gd_tracking_find (deferred));
  gd_mutex_unlock (&lock);
  return text;
}

/* --- trails ------------------------------------------------------------------------------------------------------ */

void
gd_tracking_made (GDeferred *deferred)
{
  GdTrail *trail = g_new0 (GdTrail, 1);
  guint64  number = 0;
  int      flags;

  trail->deferred = deferred;
  trail->made = g_get_monotonic_time ();
  if (g_atomic_int_get (&gd_tracking) & GD_TRACK_STACKS)
    take_stack (&trail->made_at);

  gd_mutex_lock (&lock);
  flags = g_atomic_int_get (&gd_tracking);
  if (trails == NULL)
    trails = g_hash_table_new_full (NULL, NULL, NULL, trail_free);
  if (flags != 0)
    {
      number = trail->number = ++last_number;
      g_hash_table_insert (trails, deferred, g_steal_pointer (&trail));
    }
  gd_mutex_unlock (&lock);

  g_clear_pointer (&trail, trail_free);
  if (flags & GD_TRACK_TRACE)
    g_log_structured ("GDeferred", G_LOG_LEVEL_MESSAGE, "MESSAGE", "#%" G_GUINT64_FORMAT " is made", number);
}

void
gd_tracking_fired (GDeferred *deferred)
{
  GdStack  stack = { 0 };
  GdTrail *trail;

  if (g_atomic_int_get (&gd_tracking) & GD_TRACK_STACKS)
    take_stack (&stack);

  gd_mutex_lock (&lock);
  trail = gd_tracking_find (deferred);
  if (trail != NULL)
    trail->fired_at = stack;
  gd_mutex_unlock (&lock);
}

void
gd_tracking_gone (GDeferred *deferred)
{
  gd_tracking_trace (deferred, "is gone");

  gd_mutex_lock (&lock);
  if (trails != NULL)
    g_hash_table_remove (trails, deferred);
  gd_mutex_unlock (&lock);
}

/* Of a wait that no link of the engine tells. */
void
gd_tracking_note_wait (GDeferred *deferred, GDeferred *other)
{
  GdTrail *trail;
  GdTrail *of_other;

  gd_mutex_lock (&lock);
  trail = gd_tracking_find (deferred);
  of_other = gd_tracking_find (other);
  if (trail != NULL && of_other != NULL)
    {
      GdTrailKey key = { other, of_other->number };

      if (trail->waits_for == NULL)
        trail->waits_for = g_array_new (FALSE, FALSE, sizeof key);
      g_array_append_val (trail->waits_for, key);
    }
  gd_mutex_unlock (&lock);
}

/* What it is called in traces and lists; 0 if it has no trail. */
guint64
gd_tracking_number (GDeferred *deferred)
{
  GdTrail *trail;
  guint64  number;

  gd_mutex_lock (&lock);
  trail = gd_tracking_find (deferred);
  number = trail != NULL ? trail->number : 0;
  gd_mutex_unlock (&lock);
  return number;
}

void
gd_tracking_trace (GDeferred *deferred, const char *format, ...)
{
  guint64          number;
  g_autofree char *text = NULL;
  va_list          args;

  if (!(g_atomic_int_get (&gd_tracking) & GD_TRACK_TRACE))
    return;
  number = gd_tracking_number (deferred);
  if (number == 0)
    return;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_log_structured ("GDeferred", G_LOG_LEVEL_MESSAGE, "MESSAGE", "#%" G_GUINT64_FORMAT " %s", number, text);
}

static int
compare_trails (gconstpointer a, gconstpointer b)
{
  const GdTrail *one = *(GdTrail *const *) a;
  const GdTrail *other = *(GdTrail *const *) b;

  return one->number < other->number ? -1 : one->number > other->number;
}

/* Oldest first, with the lock held: @func must neither make nor drop a Deferred. FALSE if somebody else has the lock,
 * which in a debugger may be for ever. */
gboolean
gd_tracking_foreach (GdTrailFunc func, gpointer user_data)
{
  GHashTableIter iter;
  gpointer       trail;
  GPtrArray     *sorted;

  if (!g_mutex_trylock (&lock))
    return FALSE;

  sorted = g_ptr_array_new ();
  if (trails != NULL)
    {
      g_hash_table_iter_init (&iter, trails);
      while (g_hash_table_iter_next (&iter, NULL, &trail))
        g_ptr_array_add (sorted, trail);
    }
  g_ptr_array_sort (sorted, compare_trails);
  for (guint i = 0; i < sorted->len; i++)
    func (g_ptr_array_index (sorted, i), user_data);
  g_ptr_array_unref (sorted);

  g_mutex_unlock (&lock);
  return TRUE;
}

gboolean
gd_tracking_is_pending (GdTrail *trail)
{
  return hooks.is_pending (trail->deferred);
}

char *
gd_tracking_describe (GdTrail *trail)
{
  g_autofree char *what = hooks.describe (trail->deferred);
  g_autofree char *stacks = get_stacks (trail);

  return g_strconcat (what, stacks, NULL);
}

/* --- those that are pending for long ----------------------------------------------------------------------------- */

static void
find_stalled (GdTrail *trail, gpointer messages)
{
  double           seconds = (double) (g_get_monotonic_time () - trail->made) / G_USEC_PER_SEC;
  g_autofree char *what = NULL;

  if (trail->warned || seconds < stall_seconds || !gd_tracking_is_pending (trail))
    return;

  trail->warned = TRUE;
  what = gd_tracking_describe (trail);
  g_ptr_array_add (messages, g_strdup_printf ("Pending for %.1f s: #%" G_GUINT64_FORMAT ", %s", seconds,
                                              trail->number, what));
}

static gboolean
warn_of_stalled (gpointer user_data G_GNUC_UNUSED)
{
  g_autoptr (GPtrArray) messages = g_ptr_array_new_with_free_func (g_free);

  gd_tracking_foreach (find_stalled, messages);
  for (guint i = 0; i < messages->len; i++)
    g_log_structured ("GDeferred", G_LOG_LEVEL_WARNING, "MESSAGE", "%s",
                      (char *) g_ptr_array_index (messages, i));
  return G_SOURCE_CONTINUE;
}

static void
watch_stalls (double seconds)
{
  GSource *old;

  gd_mutex_lock (&lock);
  old = g_steal_pointer (&stall_source);
  stall_seconds = seconds;
  if (seconds > 0)
    {
      stall_source = g_timeout_source_new ((guint) CLAMP (seconds * 500, 1, 60000));
      g_source_set_static_name (stall_source, "GDeferred stall watch");
      g_source_set_callback (stall_source, warn_of_stalled, NULL, NULL);
      g_source_attach (stall_source, NULL);
    }
  gd_mutex_unlock (&lock);

  if (old != NULL)
    {
      g_source_destroy (old);
      g_source_unref (old);
    }
}

/* --- switches ---------------------------------------------------------------------------------------------------- */

/* FALSE if it is none. */
static gboolean
parse_switch (const char *word, int *flags, double *seconds)
{
  static const struct
  {
    const char *word;
    int         flags;
  } known[] = {
    { "", 0 },
    { "pending", GD_TRACK_PENDING },
    { "stacks", GD_TRACK_PENDING | GD_TRACK_STACKS },
    { "trace", GD_TRACK_PENDING | GD_TRACK_TRACE },
    { "all", GD_TRACK_PENDING | GD_TRACK_STACKS | GD_TRACK_TRACE },
  };
  char *end = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (strcmp (word, known[i].word) == 0)
      {
        *flags |= known[i].flags;
        return TRUE;
      }

  if (!g_str_has_prefix (word, "stall="))
    return FALSE;
  *seconds = g_ascii_strtod (word + strlen ("stall="), &end);
  *flags |= GD_TRACK_PENDING | GD_TRACK_STALL;
  return *end == '\0' && *seconds > 0;
}

/* Nothing is changed if one of them is unknown. */
gboolean
gd_tracking_switch (const char *switches)
{
  g_auto (GStrv) words = g_strsplit_set (switches != NULL ? switches : "", ",: ", -1);
  int    flags = 0;
  double seconds = 0;

  for (guint i = 0; words[i] != NULL; i++)
    if (!parse_switch (words[i], &flags, &seconds))
      return FALSE;

  watch_stalls (seconds);
  gd_mutex_lock (&lock);
  g_atomic_int_set (&gd_tracking, flags);
  if (flags == 0 && trails != NULL)
    g_hash_table_remove_all (trails);
  gd_mutex_unlock (&lock);
  hooks.trace_chains ((flags & GD_TRACK_TRACE) != 0);
  return TRUE;
}

void
gd_tracking_init (const GdTrackingHooks *of_class)
{
  const char *switches = g_getenv ("G_DEFERRED_DEBUG");

  hooks = *of_class;
  if (switches != NULL && *switches != '\0' && !gd_tracking_switch (switches))
    g_log_structured ("GDeferred", G_LOG_LEVEL_WARNING, "MESSAGE",
                      "G_DEFERRED_DEBUG is “%s”, but knows pending, stacks, trace, all, and stall=SECONDS",
                      switches);
}
