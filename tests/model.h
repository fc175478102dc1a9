/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* A Deferred as the rules describe it, written to be read and not to be fast: plain lists, references counted by
 * hand, one world at a time and no threads. It shares no line with the library, so that the two can disagree.
 *
 * What the rules leave open, it does as the library does, and says so where it does. */

#include <glib.h>

G_BEGIN_DECLS

typedef struct _Model         Model;
typedef struct _ModelDeferred ModelDeferred;

/* An outcome, in the library's world and in the model's. */
typedef enum
{
  RESULT_NOTHING,
  RESULT_INT,
  RESULT_STRING,
  RESULT_TOKEN, /* a boxed value whose copies are counted */
  RESULT_ERROR, /* of the test's own domain */
  RESULT_DEFERRED_ERROR,
  RESULT_CANCELLED,
  RESULT_STRANGE,
} ResultKind;

typedef struct
{
  ResultKind kind;
  int        number;  /* the value, or the error's code */
  int        payload; /* beside an error; 0 is none */
} Result;

extern const Result result_nothing;

/* In the order of GDeferredState and GDeferredError: what is compared are the numbers. */
typedef enum
{
  MODEL_PENDING,
  MODEL_RUNNING,
  MODEL_WAITING,
  MODEL_SUCCEEDED,
  MODEL_FAILED,
} ModelState;

typedef enum
{
  MODEL_ALREADY_CALLED,
  MODEL_INVALID_RESULT,
  MODEL_LOOP,
  MODEL_ABANDONED,
  MODEL_NOT_SAID,
} ModelError;

/* What a callback leaves. */
typedef struct
{
  gboolean
      failed; /* FALSE was returned, or an error set: @result is it, RESULT_NOTHING is an error not said */
  gboolean       set; /* a result was returned: @inner where there is one, or @result */
  Result         result;
  ModelDeferred *inner; /* a reference, given */
} ModelReturn;

typedef void (*ModelFunc) (ModelDeferred *self, gpointer data, ModelReturn *leaves);
typedef void (*ModelCanceller) (ModelDeferred *self, gpointer data);

/* What the model tells its world. */
typedef struct
{
  void (*fired) (gpointer handler_data, ModelDeferred *self, gboolean after);
  void (*report) (ModelDeferred *self, Result error);
  void (*critical) (void);
  void (*freed) (int id);
} ModelEvents;

/* What can be seen of one is read from it directly. */
struct _ModelDeferred
{
  Model *model;
  int    id;
  int    refs;

  gboolean       claimed; /* somebody won; fired when that has arrived */
  gboolean       fired;
  gboolean       running; /* in a queue of turns, or at its turn */
  int            pauses;
  ModelDeferred *waits_for; /* not owned: what is waited for owns who waits */
  ModelDeferred
          *promised; /* not owned: the first one that was told to fire this one, for the search for rings */
  Result   result;
  gboolean seen; /* the error is somebody else's business */
  GQueue   links;

  gboolean watched; /* its signal has handlers */
  gpointer handler_data;
  gboolean told;

  gboolean muted;  /* its owner is gone */
  gboolean linked; /* to the cancellable */

  gboolean       cancelled;
  gboolean       swallows; /* one late fire */
  ModelCanceller canceller;
  gpointer       canceller_data;
  GDestroyNotify canceller_destroy;
};

/* Reports come from the loop if @report_from_loop, at the last unref otherwise. */
Model *model_new (const ModelEvents *events, gboolean report_from_loop);
void   model_free (Model *self);
void   model_iterate (Model *self);
void   model_cancel_cancellable (Model *self);

ModelDeferred *
model_deferred_new (Model *model, int id, ModelCanceller canceller, gpointer data, GDestroyNotify destroy);
ModelDeferred *model_made (Model *model, int id, Result result);
ModelDeferred *model_maybe (Model *model, int id, ModelFunc func, gpointer data);
ModelDeferred *model_ref (ModelDeferred *self);
void           model_unref (ModelDeferred *self);
void           model_watch (ModelDeferred *self, gpointer handler_data);

/* -1 if it won, a ModelError if not. */
int model_fire (ModelDeferred *self, Result result);
int model_fire_with (ModelDeferred *self, ModelFunc func, gpointer data);

/* From another thread: what is claimed at once arrives through the loop. */
int  model_fire_away (ModelDeferred *self, Result result);
void model_cancel_away (ModelDeferred *self);
void model_unref_away (ModelDeferred *self);

/* The errback is for errors of the test's domain with @trap for a code, or for every error if it is negative. */
void model_add (ModelDeferred *self,
                ModelFunc      callback,
                gpointer       callback_data,
                GDestroyNotify callback_destroy,
                ModelFunc      errback,
                gpointer       errback_data,
                GDestroyNotify errback_destroy,
                int            trap);
/* A link of a binding: @func is called without @leaves if it is only to be dropped. */
void           model_add_dispatched (ModelDeferred *self, ModelFunc func, gpointer data);
void           model_chain (ModelDeferred *self, ModelDeferred *other);
ModelDeferred *model_fork (ModelDeferred *self, int id);
void           model_pause (ModelDeferred *self);
void           model_unpause (ModelDeferred *self);
void           model_cancel (ModelDeferred *self);
void           model_invoke (ModelDeferred *self, ModelCanceller func, gpointer data, GDestroyNotify destroy);

void           model_link_cancellable (ModelDeferred *self);
void           model_owner_gone (ModelDeferred *self);
ModelState     model_state (ModelDeferred *self);
ModelDeferred *model_waits_for (ModelDeferred *self);

G_END_DECLS
