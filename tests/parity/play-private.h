/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* What the steps of a case act on, and how values and errors are written in it. */

#include <gdeferred/gdeferred.h>

#include "../gate.h"

G_BEGIN_DECLS

/* Jobs say and look up, too: all of this is under the lock. */
extern GMutex      play_lock;
extern GString    *play_trace;     /* a blank before each word */
extern GHashTable *play_plans;     /* name: the steps, a GStrv */
extern GHashTable *play_deferreds; /* name: a GDeferred */
extern GHashTable *play_things;    /* name: any other GObject */
extern GHashTable *play_gates;     /* name: a Gate; when the case ends nobody may be at it */

void        play_world_init (void);
void        play_say (const char *format, ...) G_GNUC_PRINTF (1, 2);
gpointer    play_find (GHashTable *table, const char *name);
void        play_put (GHashTable *table, const char *name, gpointer what);
GDeferred  *play_deferred (const char *name);
const char *play_name_of (GDeferred *d);
gpointer    play_thing (const char *name, GType type);
Gate       *play_gate (const char *name);

char   *play_nick (GType type, int code);
char   *play_error_word (const GError *error);
int     play_error_code (const char *word);
GError *play_make_error (const char *word);
void    play_make_value (const char *word, GValue *value);
char   *play_value_word (const GValue *value);
char   *play_outcome_word (GDeferred *d);

/* The steps */
extern gboolean play_tracks; /* whether the end of a function is said, too */

void play_step (char **words);
void play_loop (void);

G_END_DECLS
