/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* How maps end, over items and from elsewhere. */

#include "many-fixture.h"

static GDeferred *current;

static gboolean
not_called (GDeferred *self, gpointer item, gpointer user_data, GError **error)
{
  g_assert_not_reached ();
}

/* --- endings ----------------------------------------------------------------------------------------------------- */

static void
owner_of_a_piece_gone (void)
{
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);
  Pieces     p;
  GDeferred *whole;

  make_pieces (&p, 2);
  g_deferred_bind_owner (p.pieces[0], owner);
  whole = map_pieces (&p, 1, G_DEFERRED_MAP_SETTLE);
  trace_is ("+0 ");
  g_object_unref (owner);
  trace_is ("");
  settle (NULL);
  trace_is ("+1 ");
  fire (p.pieces[1], 1);
  trace_is ("end ~s m:[!CANCELLED 1 ] ");
  drop_pieces (&p);
  drop (whole);
}

/* Rule 25: the source may work on what is gone. */
static void
owner_of_the_whole_gone (void)
{
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);
  Pieces     p;
  GDeferred *whole;

  make_pieces (&p, 3);
  whole = map_pieces (&p, 1, 0);
  g_deferred_bind_owner (whole, owner);
  g_object_unref (owner);
  fire (p.pieces[0], 1);
  trace_is ("+0 ");
  settle (NULL);
  trace_is ("~s ");
  state_is (whole, FAILED);
  drop_pieces (&p);
  drop (whole);
}

/* A pause holds the callbacks of the whole back, and nothing else. */
static void
paused (void)
{
  Pieces     p;
  GDeferred *whole;

  make_pieces (&p, 2);
  whole = map_pieces (&p, 1, 0);
  g_deferred_pause (whole);
  fire (p.pieces[0], 0);
  fire (p.pieces[1], 1);
  trace_is ("+0 +1 end ~s ");
  g_deferred_unpause (whole);
  trace_is ("m:[0 1 ] ");
  drop_pieces (&p);
  drop (whole);
}

static void
pieces_dropped (void)
{
  Pieces     p;
  GDeferred *whole;

  make_pieces (&p, 2);
  whole = map_pieces (&p, 1, G_DEFERRED_MAP_SETTLE);
  g_object_unref (p.pieces[0]);
  trace_is ("+0 ");
  settle (NULL);
  trace_is ("+1 ");
  g_object_unref (p.pieces[1]);
  settle (NULL);
  trace_is ("end ~s m:[!ABANDONED !ABANDONED ] ");
  drop (whole);
}

/* Its pieces keep it. */
static void
whole_dropped (void)
{
  Pieces p;

  make_pieces (&p, 2);
  g_object_unref (map_pieces (&p, 1, 0));
  fire (p.pieces[0], 0);
  trace_is ("+0 +1 ");
  fire (p.pieces[1], 1);
  trace_is ("end ~s m:[0 1 ] ");
  drop_pieces (&p);
}

static gboolean
drop_it (GDeferred *self, gpointer whole, GError **error)
{
  g_clear_object ((GDeferred **) whole);
  return TRUE;
}

static void
dropped_by_its_callback (void)
{
  Pieces     p;
  GDeferred *whole;

  make_pieces (&p, 1);
  whole = map_pieces (&p, 1, 0);
  g_deferred_add_callback (whole, drop_it, &whole, NULL);
  fire (p.pieces[0], 0);
  trace_is ("+0 end ~s m:[0 ] ");
  g_assert_null (whole);
  drop_pieces (&p);
}

static void
a_piece_twice (void)
{
  GDeferred *d = g_deferred_new ();
  Pieces     p = { 3, { d, d, d } };
  GDeferred *whole = map_pieces (&p, 2, 0);

  trace_is ("+0 +1 ");
  fire (d, 4);
  trace_is ("+2 end ~s m:[4 4 4 ] ");
  drop (d);
  drop (whole);
}

/* --- over items -------------------------------------------------------------------------------------------------- */

static gboolean
work (GDeferred *self, gpointer item, gpointer data, GError **error)
{
  Pieces *p = data;
  int     n = item != NULL ? *(int *) item : -1;

  say ("%d ", n);
  if (n == 7)
    return g_deferred_return_int (self, 70);
  if (n == 8)
    return g_deferred_return_new_error (self, G_IO_ERROR, G_IO_ERROR_FAILED, "eight");
  return g_deferred_return_deferred (self, g_object_ref (p->pieces[p->n++]));
}

static void
say_progress (GObject *whole, GParamSpec *pspec, gpointer user_data)
{
  say ("%g%% ", 100 * g_deferred_get_progress (G_DEFERRED (whole)));
}

static void
over_items (void)
{
  int            numbers[] = { 1, 7, 2 };
  gpointer const items[] = { &numbers[0], &numbers[1], NULL, &numbers[2] };
  Pieces         p = { 0, { g_deferred_new (), g_deferred_new (), g_deferred_new () } };
  GDeferred     *whole = watch (g_deferred_map (items, 4, 2, 0, work, &p, source_gone), "m");

  trace_is ("1 7 -1 ");
  g_assert_cmpfloat (g_deferred_get_progress (whole), ==, 0.25);
  g_deferred_set_progress (whole, 0.25, "working");
  g_signal_connect (whole, "notify::progress", G_CALLBACK (say_progress), NULL);
  fire (p.pieces[1], 11);
  trace_is ("50% 2 ");
  fire (p.pieces[2], 12);
  trace_is ("75% ~s ");
  g_assert_cmpstr (g_deferred_get_progress_text (whole), ==, "working");
  fire (p.pieces[0], 10);
  trace_is ("100% m:[10 70 11 12 ] ");
  drop_pieces (&p);
  drop (whole);
}

static void
over_items_with_an_error (void)
{
  int            numbers[] = { 7, 8, 7 };
  gpointer const items[] = { &numbers[0], &numbers[1], &numbers[2] };
  GDeferred     *whole = watch (g_deferred_map (items, 3, 0, 0, work, NULL, source_gone), "m");

  trace_is ("7 8 ~s m:!eight ");
  index_is (whole, 1);
  drop (whole);
}

/* Not oftener than anybody can see. */
static gboolean
wait_for_gate (GDeferred *self, gpointer item, gpointer gate, GError **error)
{
  return g_deferred_return_deferred (self, g_deferred_fork (gate));
}

static void
count (GObject *whole, GParamSpec *pspec, gpointer n)
{
  ++*(guint *) n;
}

static void
progress_in_steps (void)
{
  g_autofree gpointer *items = g_new0 (gpointer, 20000);
  GDeferred           *gate = g_deferred_new ();
  GDeferred           *whole = g_deferred_map (items, 20000, 0, 0, wait_for_gate, gate, NULL);
  guint                n = 0;

  g_signal_connect (whole, "notify::progress", G_CALLBACK (count), &n);
  fire (gate, 1);
  g_assert_cmpfloat (g_deferred_get_progress (whole), ==, 1.0);
  g_assert_cmpuint (n, ==, 1000);
  state_is (whole, SUCCEEDED);
  drop (gate);
  drop (whole);
}

/* --- elsewhere --------------------------------------------------------------------------------------------------- */

static gpointer
fire_from_thread (gpointer data)
{
  Pieces *p = data;

  for (gsize i = p->n; i-- > 0;)
    fire (p->pieces[i], (int) i);
  return NULL;
}

static void
fired_from_a_thread (void)
{
  Pieces     p;
  GDeferred *whole;

  make_pieces (&p, 3);
  whole = map_pieces (&p, 2, 0);
  g_thread_join (g_thread_new ("producer", fire_from_thread, &p));
  trace_is ("+0 +1 ");
  settle (NULL);
  trace_is ("+2 end ~s m:[0 1 2 ] ");
  drop_pieces (&p);
  drop (whole);
}

static void
pieces_elsewhere (void)
{
  There      there;
  Pieces     p = { 2 };
  GDeferred *whole;

  there_begin (&there);
  there_call (&there, make_there, &p.pieces[0]);
  there_call (&there, make_there, &p.pieces[1]);

  whole = map_pieces (&p, 1, 0);
  fire (p.pieces[0], 5);
  settle_both (&there);
  trace_is ("+0 +1 ");
  g_deferred_cancel (whole);
  trace_is ("~s m:!CANCELLED ");
  settle_both (&there);
  drop (whole);
  there_call (&there, drop_there, p.pieces[0]);
  there_call (&there, drop_cancelled_there, p.pieces[1]);
  there_end (&there);
}

/* What the source makes is at home where the map was made, whichever loop it was called from. */
static GDeferred *
where_am_i (gsize index, gpointer context)
{
  g_assert_true (g_main_context_get_thread_default () == context);
  return index < 3 ? g_object_ref (current) : NULL;
}

static void
called_in_its_context (void)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *whole;

  g_main_context_push_thread_default (context);
  current = g_deferred_new ();
  whole = watch (g_deferred_map_next (1, 0, where_am_i, context, NULL), "m");
  g_main_context_pop_thread_default (context);
  fire (current, 2);
  trace_is ("m:[2 2 2 ] ");
  g_clear_object (&current);
  drop (whole);
  g_main_context_unref (context);
}

static gpointer
map_elsewhere (gpointer pieces)
{
  expect_critical ("g_deferred_map_next: called from a thread that has no main context of its own");
  g_assert_null (g_deferred_map_next (1, 0, next_piece, pieces, source_gone));
  criticals_came ();
  return NULL;
}

static void
from_elsewhere (void)
{
  Pieces p = { 0 };

  g_main_context_acquire (NULL);
  g_thread_join (g_thread_new ("elsewhere", map_elsewhere, &p));
  g_main_context_release (NULL);
  trace_is ("~s ");
}

static GDeferred *
return_wrongly (gsize index, gpointer object)
{
  return index == 1 ? object : g_deferred_succeed (NULL);
}

static void
bad_arguments (void)
{
  GObject   *object = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *whole;

  expect_critical ("next != NULL");
  g_assert_null (g_deferred_map_next (1, 0, NULL, NULL, NULL));
  expect_critical ("func != NULL");
  g_assert_null (g_deferred_map (NULL, 0, 1, 0, NULL, NULL, NULL));
  expect_critical ("items != NULL || n_items == 0");
  g_assert_null (g_deferred_map (NULL, 1, 1, 0, not_called, NULL, NULL));
  expect_critical ("what the function returned is not a Deferred");
  whole = watch (g_deferred_map_next (1, 0, return_wrongly, object, source_gone), "m");
  criticals_came ();
  trace_is ("~s m:[- ] ");
  g_assert_finalize_object (object);
  drop (whole);
}

static const Case cases[] = {
  { "/rule-25/map/the-owner-of-a-piece-is-gone", owner_of_a_piece_gone },
  { "/rule-25/map/nothing-is-started-once-its-owner-is-gone", owner_of_the_whole_gone },
  { "/rule-12/map/a-pause-holds-back-its-callbacks-only", paused },
  { "/rule-17/map/pieces-dropped", pieces_dropped },
  { "/rule-18/map/its-pieces-keep-it", whole_dropped },
  { "/rule-18/map/dropped-by-its-callback", dropped_by_its_callback },
  { "/map/a-piece-more-than-once", a_piece_twice },
  { "/map/over-items", over_items },
  { "/map/over-items-with-an-error", over_items_with_an_error },
  { "/rule-24/map/progress-in-steps", progress_in_steps },
  { "/rule-20/map/fired-from-a-thread", fired_from_a_thread },
  { "/rule-19/map/pieces-elsewhere", pieces_elsewhere },
  { "/rule-19/map/the-source-is-called-in-its-context", called_in_its_context },
  { "/rule-21/map/not-from-elsewhere", from_elsewhere },
  { "/misuse/map/bad-arguments", bad_arguments },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
