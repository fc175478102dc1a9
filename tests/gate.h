/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* What tests of threads hold them up with, so that nothing depends on who is quicker. */

#include <gdeferred/gdeferred.h>

G_BEGIN_DECLS

typedef struct
{
  GMutex   lock;
  GCond    cond;
  guint    n_here; /* how many have come so far */
  gboolean is_open;
} Gate;

/* Comes to the gate, and stays there until it is open. */
static inline void
gate_pass (Gate *self)
{
  g_mutex_lock (&self->lock);
  self->n_here++;
  g_cond_broadcast (&self->cond);
  while (!self->is_open)
    g_cond_wait (&self->cond, &self->lock);
  g_mutex_unlock (&self->lock);
}

/* Blocks until so many have come. */
static inline void
gate_await (Gate *self, guint n)
{
  g_mutex_lock (&self->lock);
  while (self->n_here < n)
    g_cond_wait (&self->cond, &self->lock);
  g_mutex_unlock (&self->lock);
}

static inline guint
gate_count (Gate *self)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = self->n_here;
  g_mutex_unlock (&self->lock);
  return n;
}

static inline void
gate_open (Gate *self)
{
  g_mutex_lock (&self->lock);
  self->is_open = TRUE;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
}

/* Jobs: one that stays at the gate it gets, one that counts into the int it gets, and one that gives its data, as a
 * number. */
static inline gboolean
gate_job (GDeferred *self, gpointer gate, GError **error)
{
  gate_pass (gate);
  return TRUE;
}

static inline gboolean
count_job (GDeferred *self, gpointer counter, GError **error)
{
  g_atomic_int_inc ((int *) counter);
  return TRUE;
}

static inline gboolean
number_job (GDeferred *self, gpointer number, GError **error)
{
  return g_deferred_return_int (self, GPOINTER_TO_INT (number));
}

/* A destroy-notify: counts, and must come in the thread that is to free. */
typedef struct
{
  GThread *home;
  int      n_freed;
} Freed;

static inline void
freed_at_home (gpointer user_data)
{
  Freed *self = user_data;

  g_assert_true (g_thread_self () == self->home);
  self->n_freed++;
}

/* The rest of a Deferred's life: iterates the thread's context until it has failed so, and drops it. */
#define assert_fails(deferred, domain, code)                                                                 \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    GDeferred *d_ = (deferred);                                                                              \
    GError    *error_ = NULL;                                                                                \
    g_assert_false (g_deferred_wait (d_, &error_));                                                          \
    g_assert_error (error_, (domain), (code));                                                               \
    g_error_free (error_);                                                                                   \
    g_object_unref (d_);                                                                                     \
  }                                                                                                          \
  G_STMT_END

/* Until it has succeeded, with whatever. */
#define assert_succeeds(deferred)                                                                            \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    GDeferred *d_ = (deferred);                                                                              \
    GError    *error_ = NULL;                                                                                \
    g_deferred_wait (d_, &error_);                                                                           \
    g_assert_no_error (error_);                                                                              \
    g_object_unref (d_);                                                                                     \
  }                                                                                                          \
  G_STMT_END

/* Until it has succeeded with that number. */
#define assert_gives(deferred, number)                                                                       \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    GDeferred *of_ = (deferred);                                                                             \
    assert_succeeds (g_object_ref (of_));                                                                    \
    g_assert_cmpint (g_deferred_get_int (of_), ==, (number));                                                \
    g_object_unref (of_);                                                                                    \
  }                                                                                                          \
  G_STMT_END

G_END_DECLS
