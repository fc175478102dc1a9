/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* What the tests of the queue share. */

#include "fixture.h"

static inline GValue *
number (int n)
{
  static GValue value;

  if (G_VALUE_TYPE (&value) == 0)
    g_value_init (&value, G_TYPE_INT);
  g_value_set_int (&value, n);
  return &value;
}

/* Puts, and says when that was done: the reference is the queue's only, as long as it waits. */
static inline GDeferred *
put (GDeferredQueue *queue, int n, const char *name)
{
  GDeferred *d = g_deferred_queue_put (queue, number (n));

  if (name != NULL)
    g_deferred_add_both (d, act, (gpointer) name, NULL);
  g_object_unref (d);
  return d;
}

static inline GDeferred *
get (GDeferredQueue *queue, const char *name)
{
  GDeferred *d = g_deferred_queue_get (queue);

  g_deferred_add_both (d, act, (gpointer) name, NULL);
  g_object_unref (d);
  return d;
}

static inline void
get_now (GDeferredQueue *queue, const char *name)
{
  GDeferred *d = g_deferred_queue_get_nowait (queue);

  g_assert_true (g_deferred_is_finished (d));
  g_deferred_add_both (d, act, (gpointer) name, NULL);
  g_object_unref (d);
}

static inline void
put_now (GDeferredQueue *queue, int n)
{
  GError *error = NULL;

  if (g_deferred_queue_put_nowait (queue, number (n), &error))
    {
      g_assert_no_error (error);
      say ("put ");
      return;
    }
  say ("!%s ", error_word (error));
  g_error_free (error);
}

#define queue_is(queue, length, getting, putting)                                                            \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    g_assert_cmpuint (g_deferred_queue_get_length (queue), ==, (length));                                    \
    g_assert_cmpuint (g_deferred_queue_get_n_getting (queue), ==, (getting));                                \
    g_assert_cmpuint (g_deferred_queue_get_n_putting (queue), ==, (putting));                                \
  }                                                                                                          \
  G_STMT_END
