/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* What the tests of many at once share. In the trace, results are in brackets: "g:[1 - !bad ] ". */

#include "fixture.h"

#include "gate.h"

static inline void
say_results (GDeferredResults *results)
{
  say ("[");
  for (gsize i = 0; i < g_deferred_results_get_length (results); i++)
    {
      const GError *error = g_deferred_results_get_error (results, i);
      const GValue *value = g_deferred_results_get_value (results, i);

      if (error != NULL)
        say ("!%s ", error_word (error));
      else if (value == NULL)
        say ("- ");
      else if (G_VALUE_HOLDS_INT (value))
        say ("%d ", g_value_get_int (value));
      else
        say ("%s ", G_VALUE_TYPE_NAME (value));
    }
  say ("]");
}

/* Says what its Deferred holds, and leaves that as it is. */
static inline gboolean
say_whole (GDeferred *self, gpointer name, GError **error)
{
  const GError     *failure = g_deferred_get_error (self);
  GDeferredResults *results = g_deferred_get_results (self);

  if (results == NULL)
    {
      say_outcome (name, self);
      return TRUE;
    }

  say ("%s:", (char *) name);
  if (failure != NULL)
    say ("!%s", error_word (failure));
  say_results (results);
  say (" ");
  return TRUE;
}

/* The same, and an error counts as handled. */
static inline gboolean
say_and_end (GDeferred *self, gpointer name, GError **error)
{
  say_whole (self, name, error);
  return g_deferred_get_error (self) != NULL ? g_deferred_return_none (self) : TRUE;
}

static inline GDeferred *
watch (GDeferred *whole, const char *name)
{
  g_assert_nonnull (whole);
  return g_deferred_add_both (whole, say_and_end, (gpointer) name, NULL);
}

#define index_is(whole, n)  g_assert_cmpint (g_deferred_list_get_index (G_DEFERRED_LIST (whole)), ==, n)
#define length_is(whole, n) g_assert_cmpuint (g_deferred_list_get_length (G_DEFERRED_LIST (whole)), ==, n)
#define pending_are(whole, n)                                                                                \
  g_assert_cmpuint (g_deferred_list_get_n_pending (G_DEFERRED_LIST (whole)), ==, n)

static inline void
say_stop (GDeferred *self, gpointer name)
{
  say ("stop-%s ", (char *) name);
}

/* One whose canceller says so, and leaves the rest to the cancel. */
static inline GDeferred *
stoppable (const char *name)
{
  return g_deferred_new_with_canceller (say_stop, (gpointer) name, NULL);
}

static inline void
fire_with_nine (GDeferred *self, gpointer name)
{
  say ("stop-%s ", (char *) name);
  fire (self, 9);
}

/* One whose canceller fires it with 9. */
static inline GDeferred *
giving (const char *name)
{
  return g_deferred_new_with_canceller (fire_with_nine, (gpointer) name, NULL);
}

static inline void
go_on_waiting (GDeferred *self, gpointer user_data)
{
}

static inline gboolean
return_again (GDeferred *self, gpointer inner, GError **error)
{
  return g_deferred_get_error (self) != NULL ? g_deferred_return_deferred (self, g_object_ref (inner)) : TRUE;
}

/* One that goes on when it is cancelled, until @at_last fires. */
static inline GDeferred *
stubborn (GDeferred *at_last)
{
  GDeferred *d = g_deferred_new_with_canceller (go_on_waiting, NULL, NULL);

  g_deferred_add_both (d, return_again, g_object_ref (at_last), g_object_unref);
  return d;
}

static inline void
drop (GDeferred *d)
{
  g_assert_finalize_object (d);
}

/* One that has not fired: its links are told from the loop. */
static inline void
abandon (GDeferred *d)
{
  state_is (d, PENDING);
  g_object_add_weak_pointer (G_OBJECT (d), (gpointer *) &d);
  g_object_unref (d);
  settle (NULL);
  g_assert_null (d);
}

/* --- pieces of a map --------------------------------------------------------------------------------------------- */

/* In the trace "+2 " says that the piece 2 was started, "end " that there are no more, and "~s " that the data of the
 * source went. */
enum
{
  MAX_PIECES = 16
};

/* A source of @n pieces, each a Deferred of the test's. */
typedef struct
{
  gsize      n;
  GDeferred *pieces[MAX_PIECES];
} Pieces;

static inline void
make_pieces (Pieces *pieces, gsize n)
{
  pieces->n = n;
  for (gsize i = 0; i < n; i++)
    pieces->pieces[i] = g_deferred_new ();
}

static inline void
drop_pieces (Pieces *pieces)
{
  for (gsize i = 0; i < pieces->n; i++)
    drop (pieces->pieces[i]);
}

static inline GDeferred *
next_piece (gsize index, gpointer data)
{
  Pieces *pieces = data;

  if (index == pieces->n)
    {
      say ("end ");
      return NULL;
    }
  say ("+%" G_GSIZE_FORMAT " ", index);
  return g_object_ref (pieces->pieces[index]);
}

static inline void
source_gone (gpointer data)
{
  say ("~s ");
}

static inline GDeferred *
map_pieces (Pieces *pieces, guint limit, GDeferredMapFlags flags)
{
  return watch (g_deferred_map_next (limit, flags, next_piece, pieces, source_gone), "m");
}

/* --- another home ------------------------------------------------------------------------------------------------ */

/* A thread with a main context of its own, whose loop runs. */
typedef struct
{
  GMainContext *context;
  GMainLoop    *loop;
  GThread      *thread;
} There;

static inline gpointer
be_there (gpointer data)
{
  There *there = data;

  g_main_context_push_thread_default (there->context);
  g_main_loop_run (there->loop);
  while (g_main_context_iteration (there->context, FALSE))
    ;
  g_main_context_pop_thread_default (there->context);
  return NULL;
}

static inline void
there_begin (There *there)
{
  there->context = g_main_context_new ();
  there->loop = g_main_loop_new (there->context, FALSE);
  there->thread = g_thread_new ("there", be_there, there);
}

static inline void
there_end (There *there)
{
  g_main_loop_quit (there->loop);
  g_thread_join (there->thread);
  g_main_loop_unref (there->loop);
  g_main_context_unref (there->context);
}

typedef struct
{
  void (*func) (gpointer data);
  gpointer data;
  Gate     gate;
} ThereCall;

static inline gboolean
there_dispatch (gpointer data)
{
  ThereCall *call = data;

  if (call->func != NULL)
    call->func (call->data);
  gate_pass (&call->gate);
  return G_SOURCE_REMOVE;
}

/* Calls @func over there, after all that was sent there before, and returns when it has. */
static inline void
there_call (There *there, void (*func) (gpointer data), gpointer data)
{
  ThereCall call = { .func = func, .data = data, .gate.is_open = TRUE };
  GSource  *source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_LOW);
  g_source_set_callback (source, there_dispatch, &call, NULL);
  g_source_attach (source, there->context);
  gate_await (&call.gate, 1);
  g_mutex_lock (&call.gate.lock); /* it has left the gate */
  g_mutex_unlock (&call.gate.lock);
  g_source_unref (source);
}

/* What was sent either way has arrived, as often as it goes to and fro. */
static inline void
settle_both (There *there)
{
  for (guint i = 0; i < 5; i++)
    {
      there_call (there, NULL, NULL);
      settle (NULL);
    }
}

static inline void
make_there (gpointer place)
{
  *(GDeferred **) place = g_deferred_new ();
}

static inline void
drop_cancelled_there (gpointer d)
{
  g_assert_true (g_deferred_is_cancelled (d));
  drop (d);
}

static inline void
drop_there (gpointer d)
{
  drop (d);
}
