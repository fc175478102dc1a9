/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * What other threads leave for a main context. There is one inbox a context, shared by all Deferreds that live
 * there, for as long as any does.
 *
 * Any thread posts a letter: one push on a lock-free stack, and a wake-up of the context only if the stack was
 * empty. The context takes the whole stack at once and opens the letters in the order in which they were posted.
 * A posted letter belongs to the inbox; the function that opens it frees it.
 */
typedef struct _GdInbox  GdInbox;
typedef struct _GdLetter GdLetter;

struct _GdLetter
{
  GdLetter *next;
  void (*open) (GdLetter *self, GdInbox *inbox);
};

GdInbox      *gd_inbox_get (GMainContext *context);
GdInbox      *gd_inbox_ref (GdInbox *self);
void          gd_inbox_unref (GdInbox *self);
GMainContext *gd_inbox_context (GdInbox *self);
void          gd_inbox_post (GdInbox *self, GdLetter *letter);

/* The inbox of the default main context, which is never freed and so needs no references. */
extern GdInbox gd_inbox_default;

G_END_DECLS
