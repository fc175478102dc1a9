/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include "inbox-private.h"

G_BEGIN_DECLS

/*
 * Where a Deferred lives: a main context, and the thread that may touch the Deferred.
 *
 * The thread is settled at creation: the one that makes it, if it owns the context or nobody does. Otherwise, and
 * after a hand-over, it is NULL until a thread proves to be at home, by owning the context when it asks or by opening
 * a letter there; that nobody owns the context just then is no proof. From then on the question "am I at home?" is
 * one comparison.
 */
typedef struct
{
  GdInbox *inbox;  /* owned */
  gpointer thread; /* the home thread's gd_me, or NULL; atomic; written at home only */
} GdHome;

/* Names the thread: a number that no other thread ever has, or NULL until me() in home.c has given one. */
#ifdef __GNUC__
extern _Thread_local gpointer gd_me __attribute__ ((tls_model ("initial-exec")));
#else
extern _Thread_local gpointer gd_me;
#endif

void     gd_home_init (GdHome *self);
void     gd_home_clear (GdHome *self);
void     gd_home_move (GdHome *self, GMainContext *context);
void     gd_home_join (GdHome *self, GdHome *other);
void     gd_home_arrive (GdHome *self);
gboolean gd_home_settle (GdHome *self);
gboolean gd_home_settle_quickly (GdHome *self);

static inline gboolean
gd_home_is_known (GdHome *self)
{
  gpointer thread = g_atomic_pointer_get (&self->thread);

  return thread == gd_me && thread != NULL;
}

static inline gboolean
gd_home_is_here (GdHome *self)
{
  return gd_home_is_known (self) || gd_home_settle (self);
}

/* For firing, which is right from anywhere: it never contends for the context's lock, and at worst takes a home
 * thread that has not proved itself yet for another one. */
static inline gboolean
gd_home_is_surely_here (GdHome *self)
{
  return gd_home_is_known (self) || gd_home_settle_quickly (self);
}

G_END_DECLS
