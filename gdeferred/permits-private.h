/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include "waiters-private.h"

G_BEGIN_DECLS

/*
 * What is acquired and released: the common part of the locks and the semaphore. There may be several kinds of permit;
 * all who wait stand in one line, so that nobody overtakes, and who is first gets what it waits for as soon as that
 * may be had.
 */
typedef struct
{
  GdDeskFuncs desk; /* gd_permits_serve and gd_permits_take_back */

  /* Takes one, if it may be had: nobody is ahead. */
  gboolean (*take) (gpointer object, guint kind);
  /* The reverse; FALSE if none is taken. Those who wait are served after that. */
  gboolean (*put_back) (gpointer object, guint kind);
} GdPermitFuncs;

/* Inside of the object. */
typedef struct
{
  GdDesk               desk; /* first: one is taken for the other */
  GdLine               line;
  const GdPermitFuncs *funcs;
} GdPermits;

void       gd_permits_init (GdPermits *self, gpointer object, const GdPermitFuncs *funcs);
gboolean   gd_permits_end (GdPermits *self);
void       gd_permits_clear (GdPermits *self);
gboolean   gd_permits_serve (GdDesk *desk);
void       gd_permits_grant (GdPermits *self);
void       gd_permits_take_back (GdDesk *desk, GdWaiter *waiter);
GDeferred *gd_permits_acquire (GdPermits *self, guint kind, const char *function);
gboolean   gd_permits_try_acquire (GdPermits *self, guint kind, const char *function);
gboolean   gd_permits_release (GdPermits *self, guint kind, const char *function);
GDeferred *gd_permits_run (GdPermits        *self,
                           guint             kind,
                           GDeferredCallback func,
                           gpointer          user_data,
                           GDestroyNotify    destroy,
                           const char       *function);

G_END_DECLS
