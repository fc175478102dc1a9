/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "home-private.h"

#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif

_Thread_local char gd_me;

/* The thread last known to be at home in the default main context: its owner, or the process's first thread while
 * nobody owned it. It spares those the context's lock at each creation; any other thread asks each time. */
static gpointer default_thread;

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

static gpointer
settle_in_default (void)
{
  if (g_main_context_is_owner (NULL))
    {
      g_atomic_pointer_set (&default_thread, &gd_me);
      return &gd_me;
    }

  if (!nobody_owns (NULL))
    return NULL;

  if (is_first_thread ())
    g_atomic_pointer_set (&default_thread, &gd_me);
  return &gd_me;
}

/* A thread owns its thread-default context for as long as that is pushed. */
void
gd_home_init (GdHome *self)
{
  GMainContext *context = g_main_context_get_thread_default ();

  if (context != NULL)
    {
      self->inbox = gd_inbox_get (context);
      self->thread = &gd_me;
      return;
    }

  self->inbox = &gd_inbox_default;
  self->thread = g_atomic_pointer_get (&default_thread) == &gd_me ? &gd_me : settle_in_default ();
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
  g_atomic_pointer_set (&self->thread, g_main_context_is_owner (context) ? &gd_me : NULL);
}

/* The calling thread dispatches the home context. */
void
gd_home_arrive (GdHome *self)
{
  if (self->inbox == &gd_inbox_default)
    g_atomic_pointer_set (&default_thread, &gd_me);
  g_atomic_pointer_set (&self->thread, &gd_me);
}

/* The home thread was not settled yet, or the context has another owner now. */
gboolean
gd_home_settle (GdHome *self)
{
  GMainContext *context = gd_inbox_context (g_atomic_pointer_get (&self->inbox));

  if (g_main_context_is_owner (context))
    {
      gd_home_arrive (self);
      return TRUE;
    }

  return g_atomic_pointer_get (&self->thread) == NULL && nobody_owns (context)
         && g_atomic_pointer_compare_and_exchange (&self->thread, NULL, &gd_me);
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
