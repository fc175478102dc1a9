/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

/*
 * Those who wait for an object: for a lock, a queue, an event. What they wait for, only the object knows.
 *
 * A waiter is a Deferred that stands in a line until the object's desk fires it. A desk serves one waiter after the
 * other, never two at a time: what a callback gives back while others are being served is given to the next once the
 * callback has returned. So the stack does not grow with the number of waiters; and should a callback iterate the main
 * loop in place of returning, the loop goes on serving.
 *
 * Who owns what: a line owns a reference on the Deferred of each waiter in it, and the first link of that Deferred
 * owns the GdWaiter. Nobody in here owns the object: who waits for one that goes fails.
 *
 * A grant is delivered when somebody was there to get it. If the Deferred's owner went before its callbacks could run,
 * or if nobody has a reference on it and it has no callbacks, or if somebody else had fired it, then it was not: the
 * object gives it to the next. That is known when our link has run, or was only destroyed: at once as a rule, late if
 * the Deferred is paused or was handed over to another context (where the link runs then, and sends word).
 *
 * All of it belongs to the home of the desk, but what a waiter has that its link leaves: that is the link's, until it
 * sends word.
 */
typedef struct _GdWaiter GdWaiter;
typedef struct _GdDesk   GdDesk;
typedef struct _GdGrant  GdGrant;
typedef struct _GdPost   GdPost;

/* First come, first served. */
typedef struct
{
  GdWaiter *first;
  GdWaiter *last;
  guint     length;
} GdLine;

struct _GdWaiter
{
  GdWaiter  *previous;
  GdWaiter  *next;
  GdLine    *line;       /* that it stands in; or its desk's `late`; NULL for none */
  GdDesk    *desk;       /* NULL once the object is gone */
  GDeferred *home;       /* owned; the desk's */
  GDeferred *deferred;   /* owned while it stands in a line; from then on valid for the link, which it runs */
  GdGrant   *grant;      /* on the stack of who is firing it */
  guint      kind;       /* for the object to use */
  gboolean   is_settled; /* it has what it waited for, and a cancel comes too late; it is only to be told */
  int        is_granted; /* atomic */
  GValue    *given;      /* owned; nullable: a copy of what was granted to one that was handed over */
  GValue value; /* for the object to use, while it stands in line; then what was granted and not delivered */

  /* What the link leaves, beside the value. */
  gboolean is_called; /* not only its destroy-notify */
  gboolean is_undelivered;
};

typedef struct
{
  const char *what; /* for messages */

  /* Serves one waiter, if that can be; whether it did. */
  gboolean (*serve) (GdDesk *self);
  /* What was granted to @waiter late turns out not to have been delivered. Others are served after that. */
  void (*take_back) (GdDesk *self, GdWaiter *waiter);
} GdDeskFuncs;

/* Inside of the object. */
struct _GdDesk
{
  const GdDeskFuncs *funcs;
  GObject           *object;    /* that it is in */
  GDeferred         *home;      /* owned; never fired: it stands for where the object lives */
  GMainContext      *context;   /* of @home */
  GdLine             late;      /* granted, and not known yet whether delivered */
  guint              n_serving; /* loops on the stack */
  guint   n_undecided; /* grants on the stack of which it is not known yet whether they are delivered */
  GdPost *posted;      /* what will come from the loop; owned by it */
};

void       gd_desk_init (GdDesk *self, gpointer object, const GdDeskFuncs *funcs);
gboolean   gd_desk_end (GdDesk *self, GdLine *lines[]);
void       gd_desk_clear (GdDesk *self);
gboolean   gd_desk_is_here (GdDesk *self, const char *function);
GDeferred *gd_desk_refuse (GdDesk *self);
GDeferred *gd_desk_succeed (GdDesk *self, GValue *value);
GDeferred *gd_desk_fail (GdDesk *self, GQuark domain, int code, const char *message);
GdWaiter  *gd_desk_wait (GdDesk *self, GdLine *line, guint kind);
void       gd_desk_serve (GdDesk *self);
void       gd_desk_serve_later (GdDesk *self);
gboolean   gd_waiter_grant (GdWaiter *self, GValue *value);
void       gd_waiter_fail (GdWaiter *self, GQuark domain, int code, const char *message);
void       gd_waiter_move (GdWaiter *self, GdLine *line);

void gd_value_set_copy (GValue *self, const GValue *value);

/* Or a truth value, or something else that is plain bytes. */
static inline gboolean
gd_value_is_number (const GValue *value)
{
  return G_VALUE_TYPE (value) >= G_TYPE_CHAR && G_VALUE_TYPE (value) <= G_TYPE_DOUBLE;
}

/* What is plain bytes needs no look at its type's table. */
static inline void
gd_value_clear (GValue *self)
{
  if (G_VALUE_TYPE (self) == 0 || gd_value_is_number (self))
    *self = (GValue) G_VALUE_INIT;
  else
    g_value_unset (self);
}

G_END_DECLS
