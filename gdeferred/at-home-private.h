/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/clock.h>

G_BEGIN_DECLS

/*
 * For objects that belong to one main context, as Deferreds do. Such an object keeps a Deferred that is never fired,
 * made with it: who is at home for the one is at home for the other.
 */

static inline void
gd_do_nothing (GDeferred *home G_GNUC_UNUSED, gpointer user_data G_GNUC_UNUSED)
{
}

/* Whether the caller is elsewhere, which is said then. What was given with the call is freed all the same, at home. */
static inline gboolean
gd_refuse_away (GDeferred *home, const char *function, gpointer user_data, GDestroyNotify destroy)
{
  if (G_LIKELY (g_deferred_is_home (home)))
    return FALSE;

  g_critical ("%s: called from a thread that is not the object's home; push a thread-default main context "
              "before making it",
              function);
  if (destroy != NULL)
    g_deferred_invoke (home, gd_do_nothing, user_data, destroy);
  return TRUE;
}

#define gd_return_val_if_not_home(home, val)                                                                 \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    if (gd_refuse_away ((home), G_STRFUNC, NULL, NULL))                                                      \
      return val;                                                                                            \
  }                                                                                                          \
  G_STMT_END
#define gd_return_if_not_home(home) gd_return_val_if_not_home (home, )

/* For dispose, which an object's last reference may bring about in any thread: elsewhere the object is sent home, or is
 * disposed as if it were there, if nobody runs that context; then there is nothing left for the caller to do. */
static inline gboolean
gd_is_disposed_at_home (GObject *object, GDeferred *home)
{
  GMainContext *context = g_deferred_get_context (home);

  if (G_LIKELY (g_deferred_is_home (home)))
    return FALSE;

  if (g_main_context_acquire (context))
    {
      G_OBJECT_GET_CLASS (object)->dispose (object);
      g_main_context_release (context);
    }
  else
    g_deferred_invoke (home, gd_do_nothing, g_object_ref (object), g_object_unref);
  return TRUE;
}

/* The one that was given, or else the current one; transferred. */
static inline GDeferredClock *
gd_clock_or_current (GDeferredClock *clock)
{
  return clock != NULL ? g_object_ref (clock) : g_deferred_clock_get_current ();
}

static inline gboolean
gd_return_it (GDeferred *outer, gpointer inner, GError **error G_GNUC_UNUSED)
{
  return g_deferred_return_deferred (outer, g_object_ref ((GDeferred *) inner));
}

/* What is given to the caller: a Deferred that waits for @inner, and so passes a cancel on to it. Who has it can pause
 * it, bind it to owners and try to fire it, and @inner is none the wiser; as one that waits it is not handed over to
 * another home, either. */
static inline GDeferred *
gd_outer_new (GDeferred *inner)
{
  return g_deferred_maybe (gd_return_it, inner);
}

/* For the result of something that nobody waits for any more. */
static inline gboolean
gd_ignore (GDeferred *self, gpointer user_data G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
  return g_deferred_return_none (self);
}

G_END_DECLS
