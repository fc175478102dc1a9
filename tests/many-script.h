/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* Random scripts for the model-based test of many at once: a tree of aggregates over a handful of Deferreds, and what
 * is done to them, from outside and by their callbacks. */

#include "testutil.h"

G_BEGIN_DECLS

enum
{
  MAX_LEAVES = 6,
  MAX_WHOLES = 6,
  MAX_NODES = MAX_LEAVES + MAX_WHOLES,
  MAX_PARTS = 5,
  MAX_STEPS = 24
};

/* What becomes of one that is cancelled. */
typedef enum
{
  LEAF_PLAIN,
  LEAF_TELLS,    /* it has a canceller */
  LEAF_GIVES,    /* that fires it with 9 */
  LEAF_WORSENS,  /* that fails it with "worse" */
  LEAF_STUBBORN, /* it goes on, until it is fired or cancelled again */
  N_LEAF_KINDS
} LeafKind;

typedef enum
{
  WHOLE_LIST,
  WHOLE_GATHER,
  WHOLE_RACE,
  WHOLE_ANY,
  WHOLE_SETTLED,
  WHOLE_MAP,
  N_WHOLE_KINDS
} WholeKind;

typedef enum
{
  DO_NOTHING,
  DO_FIRE,   /* with the number of the leaf */
  DO_FAIL,   /* with "bad" */
  DO_CANCEL, /* a leaf or a whole */
  DO_DROP,
  DO_END_OWNER,
  N_SMALL_ACTIONS, /* callbacks do those above */
  DO_MAKE = N_SMALL_ACTIONS,
  DO_SETTLE
} ActionKind;

typedef struct
{
  ActionKind kind;
  guint      node;
} Action;

/* The leaves come first, each whole after its parts. */
typedef struct
{
  gboolean is_whole;
  LeafKind leaf;

  WholeKind whole;
  guint     flags; /* of GDeferredListFlags, or of GDeferredMapFlags */
  guint     limit;
  guint     n_parts;
  guint     parts[MAX_PARTS];
  Action    in_source; /* when a map asks for its second part */

  Action when_fired; /* by its own callback */
} Node;

typedef struct
{
  guint  seed;
  guint  n_leaves;
  guint  n_nodes;
  guint  n_steps;
  Node   nodes[MAX_NODES];
  Action steps[MAX_STEPS];
} Script;

void script_random (Script *self, guint seed);
void script_print (const Script *self);
void script_shorten (GString *results);

/* Plays it as the library should: the trace, and then the reports, sorted. */
char *model_play (const Script *script);

G_END_DECLS
