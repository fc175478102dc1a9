/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/latch.h>

#include "waiters-private.h"

/**
 * GDeferredLatch:
 *
 * Holds back whoever waits until something has happened so many times: until all the parts of a program have started,
 * say. Once it is open it stays open.
 *
 * If there is a Deferred for each of the things that are to happen, gather them instead.
 *
 * A latch belongs to the thread-default main context of the thread that makes it, and is used there only, as are the
 * Deferreds that it gives. If the last reference on a latch goes, or it is disposed, those who wait for it fail with
 * %G_DEFERRED_ERROR_ABANDONED, from the loop.
 *
 * ```c
 * static GDeferred *
 * show_when_both_are_there (GDeferredLatch *two, GDeferredCallback show)
 * {
 *   GDeferred *shown = g_deferred_latch_wait (two);
 *
 *   return g_deferred_add_callback (shown, show, NULL, NULL);
 * }
 * ```
 *
 * Since: 1.0
 */
struct _GDeferredLatch
{
  GObject parent_instance;

  GdDesk desk;
  GdLine line;
  guint  count;
};

typedef enum
{
  PROP_COUNT = 1,
  N_PROPS
} Prop;

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (GDeferredLatch, g_deferred_latch, G_TYPE_OBJECT)

static gboolean
serve (GdDesk *desk)
{
  GDeferredLatch *self = G_DEFERRED_LATCH (desk->object);

  if (self->count > 0 || self->line.first == NULL)
    return FALSE;

  gd_waiter_grant (self->line.first, NULL);
  return TRUE;
}

/* Who was not there has missed it. */
static void
take_back (GdDesk *desk, GdWaiter *waiter)
{
}

static const GdDeskFuncs desk_funcs = { "latch", serve, take_back };

static void
g_deferred_latch_dispose (GObject *object)
{
  GDeferredLatch *self = G_DEFERRED_LATCH (object);
  GdLine         *lines[] = { &self->line, NULL };

  if (gd_desk_end (&self->desk, lines))
    G_OBJECT_CLASS (g_deferred_latch_parent_class)->dispose (object);
}

static void
g_deferred_latch_finalize (GObject *object)
{
  gd_desk_clear (&G_DEFERRED_LATCH (object)->desk);

  G_OBJECT_CLASS (g_deferred_latch_parent_class)->finalize (object);
}

static void
g_deferred_latch_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  if (prop_id == PROP_COUNT)
    g_value_set_uint (value, G_DEFERRED_LATCH (object)->count);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
g_deferred_latch_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  if (prop_id == PROP_COUNT)
    G_DEFERRED_LATCH (object)->count = g_value_get_uint (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
g_deferred_latch_class_init (GDeferredLatchClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = g_deferred_latch_dispose;
  object_class->finalize = g_deferred_latch_finalize;
  object_class->get_property = g_deferred_latch_get_property;
  object_class->set_property = g_deferred_latch_set_property;

  /**
   * GDeferredLatch:count: (getter get_count)
   *
   * How often it has still to be counted down. It notifies.
   *
   * Since: 1.0
   */
  props[PROP_COUNT] = g_param_spec_uint ("count", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
g_deferred_latch_init (GDeferredLatch *self)
{
  gd_desk_init (&self->desk, self, &desk_funcs);
}

/**
 * g_deferred_latch_new:
 * @count: how often it has to be counted down; a latch with 0 is open
 *
 * Makes a latch, at home in the thread-default main context of the caller.
 *
 * Returns: (transfer full): a new latch
 *
 * Since: 1.0
 */
GDeferredLatch *
g_deferred_latch_new (guint count)
{
  return g_object_new (G_TYPE_DEFERRED_LATCH, "count", count, NULL);
}

/**
 * g_deferred_latch_count_down:
 * @self: a latch that is not open
 *
 * Counts down by one. At 0 the latch opens: all who wait are told, in the order in which they came, before this
 * returns.
 *
 * To be called at home. On a latch that is open it is a programmer error, and does nothing.
 *
 * Returns: %FALSE if the latch was open
 *
 * Since: 1.0
 */
gboolean
g_deferred_latch_count_down (GDeferredLatch *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_LATCH (self), FALSE);
  if (!gd_desk_is_here (&self->desk, G_STRFUNC))
    return FALSE;
  if (G_UNLIKELY (self->count == 0))
    {
      g_critical ("%s: the latch is counted down below zero", G_STRFUNC);
      return FALSE;
    }

  g_object_ref (self);
  self->count--;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_COUNT]);
  if (self->count == 0 && self->line.first != NULL)
    gd_desk_serve (&self->desk);
  g_object_unref (self);
  return TRUE;
}

/**
 * g_deferred_latch_get_count: (get-property count)
 * @self: a latch
 *
 * Gets how often it has still to be counted down. To be asked at home.
 *
 * Returns: a number; 0 if it is open
 *
 * Since: 1.0
 */
guint
g_deferred_latch_get_count (GDeferredLatch *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_LATCH (self), 0);

  return self->count;
}

/**
 * g_deferred_latch_wait:
 * @self: a latch
 *
 * Waits until the latch opens. The Deferred that is returned fires, with nothing, when that happens: it has fired
 * already if the latch is open.
 *
 * Cancelling the Deferred ends the wait. The reference on it may be dropped once it has callbacks. In another thread
 * than the home of @self it is a critical warning, and gives a Deferred that has failed with
 * %G_DEFERRED_ERROR_FAILED.
 *
 * Returns: (transfer full): a Deferred that fires when the latch is open
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_latch_wait (GDeferredLatch *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_LATCH (self), NULL);
  if (!gd_desk_is_here (&self->desk, G_STRFUNC))
    return gd_desk_refuse (&self->desk);

  if (self->count > 0)
    return g_object_ref (gd_desk_wait (&self->desk, &self->line, 0)->deferred);
  return gd_desk_succeed (&self->desk, NULL);
}
