/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "home-private.h"

#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif

_Thread_local gpointer gd_me;

/* The thread last known to be at home in the default main context: its owner, or the process's first thread while
 * nobody owned it. It spares those the context's lock at each creation; any other thread asks each time. */
static gpointer default_thread;

/* Addresses of threads, and of their variables, come back when a thread has ended; these numbers do not. */
static gpointer
me (void)
{
  static gsize last;

  if (gd_me == NULL)
    gd_me = GSIZE_TO_POINTER (g_atomic_pointer_add (&last, 1) + 1);
  return gd_me;
}

static gboolean
is_first_thread (void)
{
#ifdef __linux__
  return syscall (SYS_gettid) == getpid ();
#else
  return FALSE;
#endif
}

static gboolean
nobody_owns (GMainContext *context)
{
  if (!g_main_context_acquire (context))
    return FALSE;

  g_main_context_release (context);
  return TRUE;
}

/* The default main context: the calling thread if it is at home there, or NULL. */
static gpointer
settle_in_default (void)
{
  if (g_main_context_is_owner (NULL))
    {
      g_atomic_pointer_set (&default_thread, me ());
      return gd_me;
    }

  if (!nobody_owns (NULL))
    return NULL;

  if (is_first_thread ())
    g_atomic_pointer_set (&default_thread, me ());
  return me ();
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
      = gd_me != NULL && g_atomic_pointer_get (&default_thread) == gd_me ? gd_me : settle_in_default ();
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
    g_atomic_pointer_set (&default_thread, me ());
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

  return (g_atomic_pointer_get (&default_thread) == me () || is_first_thread ()) && nobody_owns (NULL)
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
