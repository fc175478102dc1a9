/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

#include "chain-private.h"
#include "extras-private.h"
#include "home-private.h"

G_BEGIN_DECLS

/* What the files that make up the Deferred itself share: delivery.c and tracing.c at the bottom, deferred.c (the class)
 * upon them, and above that making.c, bridge.c, status.c, firing.c, callbacks.c, returns.c, cancel.c, progress.c,
 * values.c, return-values.c, binding.c and dump.c, each of which adds to the class what it is named for. */
struct _GDeferred
{
  GObject parent_instance;

  GdChain       chain; /* must follow the header: gd_chain_owner */
  GdHome        home;
  GdExtras     *extras;   /* owned; NULL for most; atomic */
  gconstpointer made_at;  /* return addresses, for reports */
  gconstpointer fired_at; /* by who holds the claim */
};

typedef enum
{
  GD_PROP_STATE = 1,
  GD_PROP_PENDING,
  GD_PROP_PAUSED,
  GD_PROP_PROGRESS,
  GD_PROP_PROGRESS_TEXT,
  GD_PROP_NAME,
  GD_N_PROPS
} GdProp;

extern GParamSpec *gd_deferred_props[GD_N_PROPS];
extern GType       gd_deferred_type;

/* The public question, without a call for instances of the class itself. */
static inline gboolean
gd_is_deferred (gconstpointer object)
{
  const GTypeInstance *instance = object;

  return instance != NULL
         && ((instance->g_class != NULL && instance->g_class->g_type == gd_deferred_type)
             || G_TYPE_CHECK_INSTANCE_TYPE (instance, G_TYPE_DEFERRED));
}

#undef G_IS_DEFERRED
#define G_IS_DEFERRED(object) gd_is_deferred (object)

/* The place in the program that called the public function which says this. */
#ifdef __GNUC__
#define GD_CALLER __builtin_return_address (0)
#else
#define GD_CALLER NULL
#endif

typedef void (*GdTracingLinkFunc) (const GdLink *link, gpointer user_data);

void gd_tracing_init (void);
void gd_tracing_fired (GDeferred *self);
void gd_tracing_foreach_link (GDeferred *self, GdTracingLinkFunc func, gpointer user_data);

GDeferred *gd_deferred_new (gconstpointer made_at);
gboolean   gd_deferred_is_unhandled (GDeferred *self);
gboolean   gd_deferred_is_listened (GDeferred *self);
void       gd_deferred_abandon (GDeferred *self, gpointer unused);
void       gd_deferred_set_name (GDeferred *self, const char *name);
gboolean   gd_deferred_fire (GDeferred *self, GdOutcome *outcome, gconstpointer site, GError **error);
gboolean
     gd_deferred_fire_plain (GDeferred *self, GType type, guint64 bits, gconstpointer site, GError **error);
void gd_deferred_refuse_value (GValue *value, GError **error);
gboolean gd_deferred_fire_value (GDeferred *self, GValue *value, gconstpointer site, GError **error);
gboolean gd_deferred_fire_with (GDeferred        *self,
                                GDeferredCallback func,
                                gpointer          user_data,
                                GDestroyNotify    destroy,
                                gconstpointer     site,
                                GError          **error);
void     gd_deferred_fail_now (GDeferred *self, GError *failure);
void     gd_deferred_post_outcome (GDeferred *self, const GdOutcome *outcome);
void
gd_deferred_invoke (GDeferred *self, GDeferredInvokeFunc func, gpointer user_data, GDestroyNotify destroy);
gboolean gd_deferred_call (
    GDeferred *self, GdFrame *frame, GDeferredCallback func, gpointer user_data, GError **error);
GdFrame *gd_deferred_frame (GDeferred *self);
gboolean gd_deferred_leave (GDeferred *self, GdOutcome *outcome, GDeferred *inner, const char *function);
gboolean gd_deferred_leave_value (GDeferred *self, GValue *value, const char *function);

/* Whether somebody tries to fire with a Deferred, or to return one as a value. */
static inline gboolean
gd_value_is_deferred (const GValue *value)
{
  return !gd_type_is_plain (G_VALUE_TYPE (value)) && G_VALUE_HOLDS_OBJECT (value)
         && G_IS_DEFERRED (g_value_get_object (value));
}

/* NULL for most. Another thread may be making them. */
static inline GdExtras *
gd_deferred_extras (GDeferred *self)
{
  return g_atomic_pointer_get (&self->extras);
}

static inline gboolean
gd_deferred_is_home (GDeferred *self)
{
  return gd_home_is_here (&self->home);
}

/* Which thread is at home in one may not be settled: the context counts. */
static inline gboolean
gd_deferred_shares_home (GDeferred *self, GDeferred *other)
{
  return g_atomic_pointer_get (&self->home.inbox) == g_atomic_pointer_get (&other->home.inbox);
}

static inline gboolean
gd_state_is_pending (GDeferredState state)
{
  return state == G_DEFERRED_STATE_PENDING || state == G_DEFERRED_STATE_WAITING;
}

/* Who sees that it is running will want to hear how it ended. */
static inline GDeferredState
gd_deferred_look (GDeferred *self)
{
  GDeferredState state = gd_chain_state (&self->chain);

  if (state == G_DEFERRED_STATE_RUNNING)
    self->chain.flags |= GD_CHAIN_LOOKED;
  return state;
}

/* For what may only be done at home. Says so, and what to do about it. */
#define gd_return_val_if_away(self, val)                                                                     \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    if (G_UNLIKELY (!gd_deferred_is_home (self)))                                                            \
      {                                                                                                      \
        g_critical ("%s: called from a thread that is not the Deferred's home; push a thread-default main "  \
                    "context before making it, or hand it over with g_deferred_hand_over()",                 \
                    G_STRFUNC);                                                                              \
        return val;                                                                                          \
      }                                                                                                      \
  }                                                                                                          \
  G_STMT_END
#define gd_return_if_away(self) gd_return_val_if_away (self, )

G_END_DECLS
