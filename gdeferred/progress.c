/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "deferred-private.h"

/* How far the producer got. Of what other threads report only the latest goes home, so that a busy producer cannot
 * flood a slow home. */

typedef struct
{
  double fraction;
  char  *text; /* owned */
} GdProgress;

static void
free_progress (GdProgress *progress)
{
  g_free (progress->text);
  g_free (progress);
}

static gpointer
exchange (gpointer *location, gpointer value)
{
  gpointer old;

  do
    old = g_atomic_pointer_get (location);
  while (!g_atomic_pointer_compare_and_exchange (location, old, value));
  return old;
}

static void
set_at_home (GDeferred *self, double fraction, const char *text)
{
  GdExtras *extras = gd_extras_get (&self->extras);
  gboolean  fraction_changed = extras->progress < fraction || extras->progress > fraction;
  gboolean  text_changed = g_strcmp0 (extras->progress_text, text) != 0;

  if (!gd_state_is_pending (gd_chain_state (&self->chain)))
    return;

  g_object_ref (self);
  extras->progress = fraction;
  if (text_changed)
    {
      char *old = extras->progress_text;

      extras->progress_text = g_strdup (text);
      g_free (old);
    }
  if (fraction_changed)
    g_object_notify_by_pspec (G_OBJECT (self), gd_deferred_props[GD_PROP_PROGRESS]);
  if (text_changed)
    g_object_notify_by_pspec (G_OBJECT (self), gd_deferred_props[GD_PROP_PROGRESS_TEXT]);
  g_object_unref (self);
}

static void
set_posted (GDeferred *self, gpointer user_data G_GNUC_UNUSED)
{
  GdProgress *progress = exchange (&gd_deferred_extras (self)->progress_posted, NULL);

  set_at_home (self, progress->fraction, progress->text);
  free_progress (progress);
}

/**
 * g_deferred_set_progress:
 * @self: a Deferred
 * @fraction: how far it got, from 0 to 1
 * @text: (nullable): what it is at, for a person to read, which is copied
 *
 * Tells how far the producer of @self got. It may be called from any thread: the properties change, and notify, in the
 * home context. Of several reports that another thread makes before the home context runs, only the latest counts.
 * Once @self has its result, nothing changes any more; while it waits for a Deferred that a callback returned, it has
 * none yet.
 *
 * Since: 1.0
 */
void
g_deferred_set_progress (GDeferred *self, double fraction, const char *text)
{
  GdProgress *progress;
  GdProgress *old;

  g_return_if_fail (G_IS_DEFERRED (self));
  g_return_if_fail (fraction >= 0.0 && fraction <= 1.0);

  if (gd_home_is_surely_here (&self->home))
    {
      set_at_home (self, fraction, text);
      return;
    }

  progress = g_new (GdProgress, 1);
  progress->fraction = fraction;
  progress->text = g_strdup (text);
  old = exchange (&gd_extras_get (&self->extras)->progress_posted, progress);
  if (old == NULL)
    gd_deferred_invoke (self, set_posted, NULL, NULL);
  else
    free_progress (old);
}

/**
 * g_deferred_get_progress:
 * @self: a Deferred
 *
 * How far the producer of @self got. To be asked at home.
 *
 * Returns: the fraction, from 0 to 1
 *
 * Since: 1.0
 */
double
g_deferred_get_progress (GDeferred *self)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), 0.0);
  gd_return_val_if_away (self, 0.0);

  return gd_deferred_extras (self) != NULL ? gd_deferred_extras (self)->progress : 0.0;
}

/**
 * g_deferred_get_progress_text:
 * @self: a Deferred
 *
 * What the producer of @self is at. To be asked at home.
 *
 * Returns: (transfer none) (nullable): the text, which belongs to @self
 *
 * Since: 1.0
 */
const char *
g_deferred_get_progress_text (GDeferred *self)
{
  g_return_val_if_fail (G_IS_DEFERRED (self), NULL);
  gd_return_val_if_away (self, NULL);

  return gd_deferred_extras (self) != NULL ? gd_deferred_extras (self)->progress_text : NULL;
}
