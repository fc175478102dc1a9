/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* Random scripts for locks, semaphores, read-write locks and queues, played in one of two worlds: with the library
 * (coord-real.c), and with a model of it that is written to be read (coord-model.c). Whatever can be seen goes into one
 * trace, and the two must be the same.
 *
 * Each operation has a number, and so has the Deferred that it makes. An operation inside of another is done by the
 * callback of that one's Deferred, or by the function that is run with the lock. */

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  OBJECT_LOCK,
  OBJECT_SEMAPHORE,
  OBJECT_RW_LOCK,
  OBJECT_QUEUE,
  N_OBJECTS
} ObjectKind;

typedef enum
{
  /* These make a Deferred. */
  OP_ACQUIRE,
  OP_RUN,
  OP_GET,
  OP_GET_NOWAIT,
  OP_PUT,
  /* These do not. */
  OP_TRY,
  OP_RELEASE,
  OP_PUT_NOWAIT,
  OP_CLOSE,
  /* These do something to the Deferred of another operation, if the script still has it. */
  OP_CANCEL,
  OP_DROP,
  OP_LOOK,
  OP_FIRE,
  OP_PAUSE,
  OP_UNPAUSE,
  OP_OWNER_GONE,
  OP_FIRE_INNER,
  OP_DROP_INNER,
  /* And these to all of them. */
  OP_ITERATE,
  OP_DISPOSE,
  N_OPS
} OpKind;

/* How a function that is run ends. */
typedef enum
{
  END_VALUE,
  END_ERROR,
  END_INNER, /* a Deferred that the script fires later */
  N_ENDINGS
} Ending;

typedef struct
{
  OpKind   kind;
  int      parent;     /* the operation whose callback does this one; -1 for none */
  gboolean is_in_func; /* not the callback: the function that is run */
  int      target;     /* the operation whose Deferred this is about */
  guint    which;      /* to read or to write */
  gboolean is_kept;    /* the script keeps the reference */
  gboolean is_heard;   /* there is a callback */
  gboolean is_outer;   /* the script gets a Deferred that waits for the one that waits for the object */
  gboolean is_owned;   /* it has an owner; the inner one, if there are two and `is_inner_owned` */
  gboolean is_inner_owned;
  Ending   ending;
  gboolean is_dead; /* left out, while a failure is being shrunk */
} Op;

#define MAX_OPS 48

typedef struct
{
  guint      seed;
  ObjectKind object;
  int        size; /* tokens of a semaphore; of a queue, as its backlog */
  int        backlog;
  int        n_ops;
  Op         ops[MAX_OPS];
} Script;

typedef enum
{
  OUTCOME_NONE,
  OUTCOME_INT,
  OUTCOME_OBJECT, /* the lock itself */
  OUTCOME_ERROR
} OutcomeKind;

typedef struct
{
  OutcomeKind kind;
  int         number; /* or one of the errors below */
} Outcome;

typedef enum
{
  ERROR_CANCELLED,
  ERROR_ABANDONED,
  ERROR_CLOSED,
  ERROR_OVERFLOW,
  ERROR_UNDERFLOW,
  ERROR_WOULD_BLOCK,
  ERROR_OWN,
  ERROR_OTHER
} ErrorKind;

typedef enum
{
  LOOK_PENDING,
  LOOK_RUNNING,
  LOOK_WAITING,
  LOOK_DONE
} Look;

/* What the two worlds do. The Deferred of an operation is known by the number of that. */
typedef struct
{
  const char *name;
  void (*begin) (const Script *script);
  void (*end) (void); /* the script has dropped all that it had */
  void (*make) (int i, const Op *op);
  gboolean (*try) (guint which);
  void (*release) (guint which);
  int (*put_nowait) (int value); /* an ErrorKind, or -1 */
  void (*close) (void);
  void (*cancel) (int i);
  void (*drop) (int i);
  Look (*look) (int i, Outcome *outcome);
  gboolean (*fire) (int i);
  void (*pause) (int i, gboolean pause);
  void (*owner_gone) (int i);
  void (*fire_inner) (int i);
  void (*drop_inner) (int i);
  void (*iterate) (void);
  void (*dispose) (void);
  void (*count) (GString *trace);
} World;

extern const World real_world;
extern const World model_world;

/* What the worlds call. */
void     script_made (int i);                      /* the script has it now; its callback comes next */
gboolean script_callback (int i, Outcome outcome); /* whether it leaves nothing, in place of what it saw */
void     script_gone (int i);
void     script_func (int i);
void     script_func_gone (int i);

void script_random (Script *script, guint seed);
void script_print (const Script *script, GString *to);
/* The trace, until the next call. */
const char *script_play (const Script *script, const World *world);

G_END_DECLS
