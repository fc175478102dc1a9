/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* What once went wrong: each case failed, most of them at once, before it was mended. */

#include "fixture.h"
#include "gate.h"

static GThread *main_thread;

static gboolean
act_at_main (GDeferred *self, gpointer data, GError **error)
{
  g_assert_true (g_thread_self () == main_thread);
  g_assert_true (g_deferred_is_home (self));
  return act (self, data, error);
}

static gboolean
act_away (GDeferred *self, gpointer data, GError **error)
{
  g_assert_true (g_thread_self () != main_thread);
  g_assert_true (g_deferred_is_home (self));
  return act (self, data, error);
}

static gpointer
in_thread (GThreadFunc func, gpointer data)
{
  main_thread = g_thread_self ();
  return g_thread_join (g_thread_new ("worker", func, data));
}

/* Rule 25: owners */

static void
drop (gpointer d, GObject *owner)
{
  g_object_unref (d);
}

/* A controller that drops its request with the widget: it heard of the widget's end before the bond did. */
static void
owner_that_drops_the_deferred (void)
{
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *d = g_deferred_new ();
  gpointer   weak = d;

  g_object_add_weak_pointer (G_OBJECT (d), &weak);
  g_object_weak_ref (owner, drop, d);
  g_deferred_bind_owner (d, owner);
  fire (d, 1);
  g_assert_finalize_object (owner);
  settle (NULL);
  g_assert_null (weak);
}

static void
owner_that_is_the_result (void)
{
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *d = g_deferred_new ();
  gpointer   weak = owner;

  g_object_add_weak_pointer (owner, &weak);
  g_deferred_bind_owner (d, owner);
  g_assert_true (g_deferred_callback_take_object (d, owner, NULL));
  g_assert_nonnull (weak);
  g_assert_finalize_object (d);
  g_assert_null (weak);
}

/* Rule 21: one that was handed over */

static gpointer
chain_to_it (gpointer data)
{
  GDeferred    *d = data;
  GDeferred    *source;
  GError       *error = NULL;
  GMainContext *context = g_deferred_get_context (d);

  g_main_context_push_thread_default (context);
  source = g_deferred_new ();
  g_deferred_chain_deferred (source, d);
  fire (source, 1);
  g_assert_finalize_object (source);
  g_assert_null (g_deferred_get_waiting_on (d));
  g_assert_true (g_deferred_wait (d, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_deferred_get_int (d), ==, 1);
  g_assert_finalize_object (d);
  g_main_context_pop_thread_default (context);
  return NULL;
}

/* In its new home, what leads to it is gone before the outcome arrives. */
static void
a_source_that_is_gone (void)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *d = g_deferred_new ();

  g_deferred_hand_over (d, context);
  in_thread (chain_to_it, d);
  g_main_context_unref (context);
}

typedef struct
{
  GMainContext *context;
  GDeferred    *outer;
  GDeferred    *inner;
} Pair;

static void
pair_init (Pair *self)
{
  main_thread = g_thread_self ();
  self->context = g_main_context_new ();
  self->outer = g_deferred_new ();
  self->inner = g_deferred_new ();
}

static void
pair_clear (Pair *self)
{
  g_assert_finalize_object (self->outer);
  g_object_unref (self->inner);
  settle (self->context);
  settle (NULL);
  g_main_context_unref (self->context);
}

static gpointer
fire_inner_away (gpointer data)
{
  Pair *pair = data;

  g_main_context_push_thread_default (pair->context);
  fire (pair->inner, 3);
  settle (pair->context);
  g_main_context_pop_thread_default (pair->context);
  return NULL;
}

static gboolean
return_inner_and_hand_over (GDeferred *self, gpointer data, GError **error)
{
  Pair    *pair = data;
  gboolean result = g_deferred_return_deferred (self, g_object_ref (pair->inner));

  g_deferred_hand_over (pair->inner, pair->context);
  return result;
}

static void
after_it_was_returned (void)
{
  Pair pair;

  pair_init (&pair);
  g_deferred_add_callback (pair.outer, return_inner_and_hand_over, &pair, NULL);
  g_deferred_add_both (pair.outer, act_at_main, (gpointer) "a", gone);
  fire (pair.outer, 1);
  in_thread (fire_inner_away, &pair);
  settle (NULL);
  trace_is ("a:3 ~a ");
  pair_clear (&pair);
}

static gpointer
fire_with_inner (gpointer data)
{
  Pair *pair = data;

  g_assert_true (g_deferred_fire_with (pair->outer, return_it, pair->inner, NULL));
  return NULL;
}

/* A worker has returned it; it moves before home gets to know of that. */
static void
on_its_way_to_an_outer_one (void)
{
  Pair pair;

  pair_init (&pair);
  g_deferred_add_both (pair.outer, act_at_main, (gpointer) "a", gone);
  in_thread (fire_with_inner, &pair);
  g_deferred_hand_over (pair.inner, pair.context);
  settle (NULL);
  in_thread (fire_inner_away, &pair);
  settle (NULL);
  trace_is ("a:3 ~a ");
  pair_clear (&pair);
}

static void
hand_over_in_canceller (GDeferred *self, gpointer context)
{
  g_deferred_hand_over (self, context);
}

static void
stays_and_ends (GDeferred *d, const char *trace)
{
  criticals_came ();
  trace_is (trace);
  g_assert_true (g_deferred_get_context (d) == g_main_context_default ());
  g_assert_finalize_object (d);
}

static void
by_its_canceller (void)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *d = g_deferred_new_with_canceller (hand_over_in_canceller, context, NULL);

  main_thread = g_thread_self ();
  g_deferred_add_both (d, act_at_main, (gpointer) "a0", gone);
  expect_critical ("hand_over");
  g_deferred_cancel (d);
  stays_and_ends (d, "a:!CANCELLED ~a ");
  g_main_context_unref (context);
}

static void
hand_over_in_cancelled (GCancellable *cancellable, gpointer d)
{
  g_deferred_hand_over (d, g_object_get_data (d, "context"));
}

static void
by_its_cancellable (void)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *d = g_deferred_new ();

  main_thread = g_thread_self ();
  g_object_set_data (G_OBJECT (d), "context", context);
  g_deferred_add_both (d, act_at_main, (gpointer) "a0", gone);
  g_signal_connect (g_deferred_get_cancellable (d), "cancelled", G_CALLBACK (hand_over_in_cancelled), d);
  expect_critical ("hand_over");
  g_deferred_cancel (d);
  stays_and_ends (d, "a:!CANCELLED ~a ");
  g_main_context_unref (context);
}

static void
hand_over_unpaused (GDeferred *self, GParamSpec *pspec, gpointer context)
{
  if (!g_deferred_get_paused (self))
    g_deferred_hand_over (self, context);
}

static void
as_it_is_unpaused (void)
{
  GMainContext *context = g_main_context_new ();
  GDeferred    *d = g_deferred_new ();

  main_thread = g_thread_self ();
  g_deferred_pause (d);
  fire (d, 1);
  g_deferred_add_both (d, act_at_main, (gpointer) "a", gone);
  g_signal_connect (d, "notify::paused", G_CALLBACK (hand_over_unpaused), context);
  expect_critical ("hand_over");
  g_deferred_unpause (d);
  stays_and_ends (d, "a:1 ~a ");
  g_main_context_unref (context);
}

/* Rule 21: away from home */

static gpointer
touch_properties (gpointer d)
{
  static const char *const names[] = { "state", "pending", "paused", "progress", "progress-text", "name" };
  GValue                   value = G_VALUE_INIT;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      expect_critical ("home");
      g_object_get_property (d, names[i], &value);
      criticals_came ();
      g_value_unset (&value);
    }
  expect_critical ("home");
  g_object_set (d, "name", "away", NULL);
  criticals_came ();
  return NULL;
}

static void
properties_elsewhere (void)
{
  GDeferred *d = g_deferred_new ();
  char      *name;

  g_object_set (d, "name", "home", NULL);
  in_thread (touch_properties, d);
  g_object_get (d, "name", &name, NULL);
  g_assert_cmpstr (name, ==, "home");
  g_free (name);
  fire (d, 1);
  link_both (d, "a");
  trace_is ("a:1 ~a ");
  g_assert_finalize_object (d);
}

/* Rules 12 and 14 */

static void
pause_outlives_run_dispose (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_pause (d);
  fire (d, 1);
  link_both (d, "a");
  g_object_run_dispose (G_OBJECT (d));
  settle (NULL);
  trace_is ("");
  g_assert_true (g_deferred_get_paused (d));
  g_deferred_unpause (d);
  trace_is ("a:1 ~a ");
  g_assert_finalize_object (d);
}

/* What nobody has looked at yet still has its signal to send. It waits all the same. */
static void
linked_while_it_waits (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GDeferred    *inner = g_deferred_new ();
  GDeferred    *d = g_deferred_maybe (return_it, inner);

  link_both (inner, "i");
  state_is (d, WAITING);
  g_deferred_link_cancellable (d, cancellable);
  g_cancellable_cancel (cancellable);
  settle (NULL);
  state_is (inner, SUCCEEDED);
  state_is (d, FAILED);
  trace_is ("i:!CANCELLED ~i ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
  g_assert_finalize_object (cancellable);
}

/* Rule 19: the homes of others */

typedef struct
{
  GMainContext *context;
  GDeferred    *deferred;
  Gate          gate;
} Elsewhere;

static gpointer
take_possession (gpointer data)
{
  Elsewhere *elsewhere = data;

  g_main_context_push_thread_default (elsewhere->context);
  g_deferred_add_both (elsewhere->deferred, act_away, (gpointer) "o", gone);
  gate_pass (&elsewhere->gate);
  settle (elsewhere->context);
  g_main_context_pop_thread_default (elsewhere->context);
  return NULL;
}

/* Made by the thread that chains to it, but for another context, whose thread then comes. */
static void
chained_to_another_context (void)
{
  Elsewhere  elsewhere = { .context = g_main_context_new () };
  GDeferred *d = g_deferred_new ();
  GThread   *thread;

  main_thread = g_thread_self ();
  g_main_context_push_thread_default (elsewhere.context);
  elsewhere.deferred = g_deferred_new ();
  g_main_context_pop_thread_default (elsewhere.context);
  g_deferred_chain_deferred (d, elsewhere.deferred);

  thread = g_thread_new ("worker", take_possession, &elsewhere);
  gate_await (&elsewhere.gate, 1);
  fire (d, 3);
  g_assert_finalize_object (d);
  trace_is ("");
  gate_open (&elsewhere.gate);
  g_thread_join (thread);
  trace_is ("o:3 ~o ");
  g_object_unref (elsewhere.deferred);
  settle (elsewhere.context);
  g_main_context_unref (elsewhere.context);
}

static gpointer
own_default (gpointer data)
{
  g_assert_true (g_main_context_acquire (NULL));
  gate_pass (data);
  settle (NULL);
  g_main_context_release (NULL);
  return NULL;
}

/* The program's first thread made some while nobody owned the default context; that says nothing of later. */
static void
another_thread_runs_the_loop (void)
{
  Gate       gate = { .n_here = 0 };
  GDeferred *d;
  gpointer   weak;
  GThread   *thread;

  g_object_unref (g_deferred_new ());
  thread = g_thread_new ("loop", own_default, &gate);
  gate_await (&gate, 1);
  weak = d = g_deferred_new ();
  g_object_add_weak_pointer (G_OBJECT (d), &weak);
  g_assert_false (g_deferred_is_home (d));
  expect_critical ("home");
  link_both (d, "a");
  criticals_came ();
  fire (d, 1);
  g_object_unref (d);
  trace_is ("");
  gate_open (&gate);
  g_thread_join (thread);
  trace_is ("~a ");
  g_assert_null (weak);
}

/* A context whose thread has left it is kept by nothing. */

typedef struct
{
  Gate     gate;
  GThread *worker;
  gint     n_finalized; /* atomic: sources of the context */
} Left;

static Left *left;

static void
count_source (GSource *source)
{
  g_atomic_int_inc (&left->n_finalized);
}

static gboolean
never_dispatched (GSource *source, GSourceFunc func, gpointer data)
{
  return G_SOURCE_REMOVE;
}

static GSourceFuncs source_funcs = { .dispatch = never_dispatched, .finalize = count_source };

static gpointer
fire_and_linger (gpointer d)
{
  fire (d, 1);
  gate_pass (&left->gate);
  g_object_unref (d);
  return NULL;
}

static gpointer
consume (gpointer data)
{
  GMainContext *context = g_main_context_new ();
  GSource      *source = g_source_new (&source_funcs, sizeof (GSource));
  GDeferred    *d;

  g_source_attach (source, context);
  g_source_unref (source);
  g_main_context_push_thread_default (context);
  d = g_deferred_new ();
  left->worker = g_thread_new ("worker", fire_and_linger, g_object_ref (d));
  assert_gives (d, 1);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return NULL;
}

static void
context_that_was_left (void)
{
  Left here = { .worker = NULL };

  left = &here;
  in_thread (consume, NULL);
  g_assert_cmpint (g_atomic_int_get (&here.n_finalized), ==, 0);
  gate_open (&here.gate);
  g_thread_join (here.worker);
  g_assert_cmpint (g_atomic_int_get (&here.n_finalized), ==, 1);
}

/* Inboxes that end while their context is iterated: only chance shows what is wrong there, and a sanitizer. */

typedef struct
{
  GMainContext *context;
  GDeferred    *deferred;
  Gate          gate;
  gint          n_rounds; /* atomic: of the loop */
  gint          quit;     /* atomic */
} Looping;

static gpointer
make_hand_over_and_loop (gpointer data)
{
  Looping   *looping = data;
  GDeferred *other;

  g_main_context_push_thread_default (looping->context);
  other = g_deferred_new ();
  looping->deferred = g_deferred_new ();
  /* What has come here once has made the inbox's source. */
  g_thread_join (g_thread_new ("producer", fire_and_drop, other));
  settle (looping->context);
  g_deferred_hand_over (looping->deferred, NULL);
  gate_open (&looping->gate);
  loop (looping);
  g_main_context_pop_thread_default (looping->context);
  return NULL;
}
