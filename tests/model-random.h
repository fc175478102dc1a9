/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* Random scripts for the model-based test: what is done to a handful of Deferreds, and what their callbacks do. A
 * script is a tree of operations in one array, so that any of them can be dropped while a failure is being shrunk. */

#include "model.h"

G_BEGIN_DECLS

#define SCRIPT_SLOTS   6 /* where a script keeps its references */
#define SCRIPT_SELF    6 /* the slot number that means the Deferred whose callback this is */
#define SCRIPT_OPS     56
#define SCRIPT_ACTIONS 3

/* How a callback ends. */
typedef enum
{
  END_PASS,
  END_VALUE,
  END_NOTHING,
  END_SET_ERROR,         /* *error is set, FALSE */
  END_SET_ERROR_TRUE,    /* *error is set, TRUE: fails all the same */
  END_RETURN_ERROR,      /* g_deferred_return_error (), FALSE */
  END_RETURN_ERROR_TRUE, /* the same, and TRUE */
  END_FALSE,             /* and no error */
  END_VALUE_ERROR,       /* a value is returned, then *error set */
  END_VALUE_FALSE,       /* a value is returned, then FALSE */
  END_DEFERRED,          /* the one in the slot */
  END_DEFERRED_VALUE,    /* the same, in a GValue */
  END_DEFERRED_ERROR,    /* the same, then *error is set */
  END_DEFERRED_THEN,     /* the same, then a value is returned over it */
  END_FIRED,             /* a new one that fired */
  END_PENDING,           /* a new one that did not; goes to the slot, too, if that is empty */
  N_ENDINGS,
} Ending;

/* A callback, canceller, signal handler, or function that fires. */
typedef struct
{
  int      op;     /* which operation's it is */
  int      half;   /* which action of that operation */
  gboolean bare;   /* given without a destroy-notify */
  gboolean absent; /* given without a function: half a pair */
  Ending   ending;
  Result   value;
  int      slot;
  int      begin, n;           /* operations done before it ends */
  int      gone_begin, gone_n; /* operations done by its destroy-notify */
} Action;

typedef enum
{
  OP_NEW, /* actions: canceller, `fired` handler, handler after */
  OP_MADE,
  OP_MAYBE,
  OP_CALLBACK,
  OP_ERRBACK,
  OP_BOTH,
  OP_PAIR,
  OP_ERRBACK_FOR,
  OP_DISPATCHED,
  OP_FIRE,
  OP_FIRE_AWAY, /* from another thread */
  OP_FIRE_WITH,
  OP_FIRE_DEFERRED,
  OP_PAUSE,
  OP_UNPAUSE,
  OP_CANCEL,
  OP_CANCEL_AWAY,
  OP_INVOKE,
  OP_FORK,
  OP_CHAIN,
  OP_BIND,   /* to a new owner, if there is none */
  OP_DISOWN, /* the owner goes */
  OP_LINK,   /* to the script's cancellable */
  OP_CANCEL_CANCELLABLE,
  OP_COPY,
  OP_DROP,
  OP_DROP_AWAY,
  OP_ITERATE,
  OP_LOOK,
  N_OPS,
} OpKind;

typedef struct
{
  OpKind   kind;
  int      slot, other;
  Result   value; /* what it fires with; a trap's code */
  gboolean has[SCRIPT_ACTIONS];
  Action   action[SCRIPT_ACTIONS];
  gboolean dropped;
} Op;

typedef struct
{
  guint    seed;
  gboolean hook; /* reports go to a hook, not to the log */
  int      n_slots;
  int      n_top;
  int      n_ops;
  Op       ops[SCRIPT_OPS]; /* the first n_top are the script proper */
} Script;

void script_random (Script *self, guint seed);
void script_print (const Script *self, GString *to);
void result_print (Result result, GString *to);

G_END_DECLS
