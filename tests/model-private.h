/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* What the two halves of the model share. */

#include "model.h"

typedef enum
{
  LINK_USER,       /* callbacks */
  LINK_DISPATCHED, /* a binding's: @callback is for both */
  LINK_FORK,       /* copies the result to @target */
  LINK_CHAIN,      /* moves the result to @target, firing it */
  LINK_WAITER,     /* moves the result to @target, which waits for it */
} LinkKind;

typedef struct
{
  LinkKind       kind;
  ModelFunc      callback, errback;
  gpointer       callback_data, errback_data;
  GDestroyNotify callback_destroy, errback_destroy;
  int            trap;
  ModelDeferred *target; /* owned */
} Link;

struct _Model
{
  ModelEvents events;
  gboolean    cancellable_cancelled;
  GQueue      linked; /* of ModelDeferred, none owned */
  gboolean    report_from_loop;
  GQueue      letters; /* of Letter: what the loop does next */
};

static inline Result
model_own_error (ModelError code)
{
  return (Result){ RESULT_DEFERRED_ERROR, code, 0 };
}

static inline gboolean
model_is_error (Result result)
{
  return result.kind == RESULT_ERROR || result.kind == RESULT_DEFERRED_ERROR
         || result.kind == RESULT_CANCELLED;
}

void model_drop_canceller (ModelDeferred *self);
void model_take_turns (ModelDeferred *first);
void model_fire_now (ModelDeferred *self, Result result);
