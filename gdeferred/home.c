/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "home-private.h"

#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif

_Thread_local gpointer        gd_me;
static _Thread_local gboolean is_first_thread; /* of the process, where that can be known */

/* The thread last known to own the default main context. It spares that one the context's lock at each creation. */
static gpointer default_owner;

/* Whether the default main context has ever been seen to be owned, by a running loop say. From then on no other thread
 * asks whether nobody owns it: one can only ask by taking it, and would have the loop's own thread find it taken. */
static int default_was_owned;

/* Addresses of threads, and of their variables, come back when a thread has ended; these numbers do not. */
static gpointer
me (void)
{
  static gsize last;

  if (gd_me != NULL)
    return gd_me;

#ifdef __linux__
  is_first_thread = syscall (SYS_gettid) == getpid ();
#endif
  gd_me = GSIZE_TO_POINTER (g_atomic_pointer_add (&last, 1) + 1);
  return gd_me;
}

static gboolean
nobody_owns (GMainContext *context)
{
  if (!g_main_context_acquire (context))
    return FALSE;

  g_main_context_release (context);
  return TRUE;
}

static gpointer
own_default (void)
{
  g_atomic_int_set (&default_was_owned, TRUE);
  g_atomic_pointer_set (&default_owner, me ());
  return gd_me;
}

/* The default main context: the calling thread if it is at home there, or NULL. The process's first thread is, unless
 * another one owns it just now. */
static gpointer
settle_in_default (void)
{
  gpointer thread = me ();

  if (g_main_context_is_owner (NULL))
    return own_default ();

  if (!is_first_thread && g_atomic_int_get (&default_was_owned))
    return NULL;

  if (nobody_owns (NULL))
    return thread;

  g_atomic_int_set (&default_was_owned, TRUE);
  return NULL;
}

/* A thread owns its thread-default context for as long as that is pushed. */
void
gd_home_init (GdHome *self)
{
  GMainContext *context = g_main_context_get_thread_default ();

  if (context != NULL)
    {
      self->inbox = gd_inbox_get (context);
      self->thread = me ();
      return;
    }

  self->inbox = &gd_inbox_default;
  self->thread
      = gd_me != NULL && g_atomic_pointer_get (&default_owner) == gd_me ? gd_me : settle_in_default ();
}

void
gd_home_clear (GdHome *self)
{
  gd_inbox_unref (self->inbox);
}

/* Only the reference to the new inbox is taken: the old one stays with the caller, because a thread that fires may
 * be about to post there. */
void
gd_home_move (GdHome *self, GMainContext *context)
{
  g_atomic_pointer_set (&self->inbox, gd_inbox_get (context));
  g_atomic_pointer_set (&self->thread, g_main_context_is_owner (context) ? me () : NULL);
}

/* The same place as another Deferred, made in it by one who is at home there or goes by its letters. */
void
gd_home_join (GdHome *self, GdHome *other)
{
  GdInbox *inbox = self->inbox;

  if (inbox != other->inbox)
    {
      self->inbox = gd_inbox_ref (other->inbox);
      gd_inbox_unref (inbox);
    }
  g_atomic_pointer_set (&self->thread, g_atomic_pointer_get (&other->thread));
}

/* The calling thread dispatches the home context, or owns it. */
void
gd_home_arrive (GdHome *self)
{
  if (self->inbox == &gd_inbox_default)
    own_default ();
  g_atomic_pointer_set (&self->thread, me ());
}

/* The home thread was not settled yet, or the context has another owner now. The thread of the default context may ask
 * between two turns of its loop, or before the first. */
gboolean
gd_home_settle (GdHome *self)
{
  GdInbox *inbox = g_atomic_pointer_get (&self->inbox);

  if (g_main_context_is_owner (gd_inbox_context (inbox)))
    {
      gd_home_arrive (self);
      return TRUE;
    }

  if (inbox != &gd_inbox_default || g_atomic_pointer_get (&self->thread) != NULL)
    return FALSE;

  return (g_atomic_pointer_get (&default_owner) == me () || is_first_thread) && nobody_owns (NULL)
         && g_atomic_pointer_compare_and_exchange (&self->thread, NULL, gd_me);
}

gboolean
gd_home_settle_quickly (GdHome *self)
{
  GMainContext *context = g_main_context_get_thread_default ();

  if (context != NULL && gd_inbox_context (g_atomic_pointer_get (&self->inbox)) == context)
    {
      gd_home_arrive (self);
      return TRUE;
    }

  return g_atomic_pointer_get (&self->thread) == NULL && gd_home_settle (self);
}
