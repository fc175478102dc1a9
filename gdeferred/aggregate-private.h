/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/list.h>

#include "results-private.h"

G_BEGIN_DECLS

/*
 * What is inside a GDeferredList: it waits for its parts, decides by its flags what becomes of it, and fires.
 *
 * Who owns what: the links on the parts own one reference on the list, all of them together, as long as there is one;
 * the list owns no part. A slot knows its part until the link there has run, or was destroyed without having run: a
 * part cannot go before that.
 *
 * The parts live where the aggregate was made; all of it belongs to that thread. The list itself may have been handed
 * over since.
 *
 * The way of an outcome: the link on the part takes it (on_part), which may be what decides. Then gd_aggregate_settle
 * fires the list if the time has come. While `is_building`, when parts are being added, it has not.
 */
typedef struct _GdAggregate GdAggregate;

/* What happens to the outcomes. The first of them are those of GDeferredListFlags. */
typedef enum
{
  GD_AGGREGATE_FIRE_ON_SUCCESS = G_DEFERRED_LIST_FIRE_ON_ONE_CALLBACK,
  GD_AGGREGATE_FIRE_ON_ERROR = G_DEFERRED_LIST_FIRE_ON_ONE_ERRBACK,
  GD_AGGREGATE_CONSUME = G_DEFERRED_LIST_CONSUME_ERRORS, /* an error leaves nothing in the part */
  GD_AGGREGATE_CANCEL_REST = G_DEFERRED_LIST_CANCEL_REST,
  GD_AGGREGATE_HANDLES = 1 << 8,        /* an error that it takes counts as handled in the part */
  GD_AGGREGATE_HANDLES_LATE = 1 << 9,   /* and one that comes once it was decided, too */
  GD_AGGREGATE_NEEDS_SUCCESS = 1 << 10, /* when all have failed, so has it */
  GD_AGGREGATE_OWNS_CANCEL = 1 << 11,   /* errors after a cancel are no results: it is cancelled */
  GD_AGGREGATE_FLAGS_OF_LIST = (1 << 4) - 1
} GdAggregateFlags;

/* One place. It stays where it is until its link is gone. There may be many of them, so it does not say which it is. */
typedef struct
{
  GdAggregate *aggregate;
  GDeferred   *part; /* not owned; NULL before the link is there, and once it ran */
} GdSlot;

/* For one whose parts come one after the other. */
typedef struct
{
  void (*advance) (GdAggregate *self);      /* in place of gd_aggregate_settle */
  void (*cancel_parts) (GdAggregate *self); /* cancels those that are pending; no more come */
  gsize (*index_of) (const GdSlot *slot);
  void (*slot_gone) (GdAggregate *self, GdSlot *slot); /* no link leads to it any more */
  void (*free_source) (gpointer source);
} GdAggregateHooks;

struct _GdAggregate
{
  GDeferredList    *list;
  guint             flags; /* GdAggregateFlags */
  gssize            index; /* of who decided */
  gsize             n_parts;
  gsize             n_pending;   /* whose outcome is to come */
  gsize             n_links;     /* that are not gone */
  gsize             n_cancelled; /* of the slots, which a cancel has come to */
  GdSlot           *slots;       /* owned; NULL if the hooks know where they are */
  GDeferredResults *results;     /* owned; NULL if nobody will want them */
  GDeferredResults *decision;    /* owned; a single one, which decided */
  gboolean          is_building;
  gboolean          is_decided; /* what comes now changes nothing */
  gboolean          is_settled; /* the time to fire has come */
  gboolean          is_fired;
  gboolean          is_cancelling;
  gpointer          thread;  /* where it belongs */
  GMainContext     *context; /* owned; the same */

  const GdAggregateHooks *hooks; /* nullable */
  gpointer                source;
};

GdAggregate *gd_aggregate_new (guint flags, gsize n_parts, gboolean keep_results, const char *function);
GdAggregate *gd_aggregate_of (GDeferredList *list);
void         gd_aggregate_link (GdSlot *slot, GDeferred *part, gboolean is_home);
void         gd_aggregate_fail_part (GdSlot *slot, const GError *error);
void         gd_aggregate_fail (GdAggregate *self, GError *error);
void         gd_aggregate_settle (GdAggregate *self);
void         gd_aggregate_cancel_part (GdSlot *slot);

G_END_DECLS
