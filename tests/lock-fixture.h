/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* What the tests of the lock share. */

#include "fixture.h"

#define locked_is(lock, is_locked, waiting)                                                                  \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    g_assert_cmpint (g_deferred_lock_get_locked (lock), ==, (is_locked));                                    \
    g_assert_cmpuint (g_deferred_lock_get_n_waiting (lock), ==, (waiting));                                  \
  }                                                                                                          \
  G_STMT_END

/* Whether the link whose end comes next was called. */
static gboolean fx_called;

static inline gboolean
say_locked (GDeferred *self, gpointer name, GError **error)
{
  const GValue *value = g_deferred_get_result (self);

  if (value != NULL && G_VALUE_HOLDS_OBJECT (value) && G_IS_DEFERRED_LOCK (g_value_get_object (value)))
    say ("%s:L ", (char *) name);
  else
    say_outcome (name, self);
  fx_called = TRUE;
  return g_deferred_return_none (self);
}

/* That it was not called, but only let go. */
static inline void
say_let_go (gpointer name)
{
  if (!fx_called)
    say ("~%s ", (char *) name);
  fx_called = FALSE;
}

/* Waits for the lock, and says that it got it. The reference is the lock's only, as long as it waits. */
static inline GDeferred *
ask (GDeferredLock *lock, const char *name)
{
  GDeferred *d = g_deferred_lock_acquire (lock);

  g_deferred_add_both (d, say_locked, (gpointer) name, say_let_go);
  g_object_unref (d);
  return d;
}

static inline gboolean
acquire_inside (GDeferred *self, gpointer lock, GError **error)
{
  return g_deferred_return_deferred (self, g_deferred_lock_acquire (lock));
}
