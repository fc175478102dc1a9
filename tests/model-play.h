/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* Plays a script in a world, the library's or the model's, and writes down whatever can be seen of it. */

#include "model-random.h"

G_BEGIN_DECLS

typedef enum
{
  SEEN_RUN,       /* operation, half, Deferred; what it saw */
  SEEN_GONE,      /* operation, half: a destroy-notify */
  SEEN_FIRED,     /* -, -, Deferred */
  SEEN_AFTER,     /* -, -, Deferred */
  SEEN_OUTCOME,   /* operation, -1 or the error's code */
  SEEN_REPORT,    /* -, -, Deferred; its error */
  SEEN_CRITICAL,  /* */
  SEEN_LOOK,      /* state, flags, Deferred; its result */
  SEEN_WAITS,     /* for which, -, Deferred */
  SEEN_ALIVE,     /* how many, sum of their numbers */
  SEEN_LEFT_OVER, /* -, -, Deferred: a ring that the script made */
} SeenKind;

typedef struct
{
  SeenKind kind;
  int      a, b;
  int      id;
  Result   result;
} Seen;

/* One world: what makes Deferreds and works them. */
typedef struct
{
  gpointer (*make) (int id, Action *canceller);
  gpointer (*made) (int id, Result result);
  gpointer (*maybe) (int id, Action *action);
  void (*watch) (gpointer d, int id, Op *op);
  void (*add) (gpointer d, Op *op);
  int (*fire) (gpointer d, Result result);
  int (*fire_away) (gpointer d, Result result);
  int (*fire_with) (gpointer d, Action *action);
  int (*fire_deferred) (gpointer d, gpointer other);
  void (*chain) (gpointer d, gpointer other);
  gpointer (*fork) (gpointer d, int id);
  void (*pause) (gpointer d);
  void (*unpause) (gpointer d);
  void (*cancel) (gpointer d);
  void (*cancel_away) (gpointer d);
  void (*invoke) (gpointer d, Action *action);
  gpointer (*bind) (gpointer d, int id);
  void (*disown) (gpointer owner);
  void (*link) (gpointer d);
  void (*cancel_cancellable) (void);
  gpointer (*ref) (gpointer d);
  void (*unref) (gpointer d);
  void (*unref_away) (gpointer d);
  void (*iterate) (void);
  void (*look) (gpointer d, Seen *state, Seen *waits);
} World;

/* A script being played in a world; only one is, at any time. */
typedef struct
{
  const World *world;
  Script      *script;
  GArray      *seen; /* of Seen */
  gpointer     slots[SCRIPT_SLOTS];
  gpointer     owner;
  GPtrArray   *alive; /* by id; NULL once freed */
  int          n_alive, alive_sum;
  int          n_adds, n_gone; /* destroy-notifies given, and called */
  int          depth;          /* of actions inside actions */
  int          maybe_id;       /* of the Deferred that world->maybe makes */
  gboolean     over;           /* too much was seen: the script does not end */
} Play;

extern Play play;

void play_script (const World *world, Script *script, GArray *seen);
void seen_print (const GArray *all, guint from, guint to, GString *out);

/* For the worlds. */
void           play_see (SeenKind kind, int a, int b, int id, Result result);
void           play_born (gpointer d, int id);
void           play_died (int id);
void           play_action (Action *action, gpointer self, int id);
void           play_handler (Op *op, int half, gpointer self, int id);
void           play_gone (gpointer action);
void           play_dispatched_gone (Op *op);
GDestroyNotify play_gone_of (const Action *action);
gpointer       play_inner (Action *action, gpointer self);

extern const World play_real;
void               play_real_init (void);
void               play_real_forget (void);
void               play_real_start (gboolean to_hook);
int                play_real_tokens (void);
int                play_real_id (gpointer d);

G_END_DECLS
