/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* What once went wrong with homes, rules 19 and 21: each case failed before it was mended. */

#include "fixture.h"
#include "gate.h"

/* ThreadSanitizer does not see how GLib's own lock orders a source's end after the loop's looks at it. */
static guint
rounds (void)
{
#ifdef __SANITIZE_THREAD__
  g_test_skip ("ThreadSanitizer does not see GLib's lock");
  return 0;
#else
  return gd_test_scaled (150);
#endif
}

static GThread *main_thread;

static gboolean
act_away (GDeferred *self, gpointer data, GError **error)
{
  g_assert_true (g_thread_self () != main_thread);
  g_assert_true (g_deferred_is_home (self));
  return act (self, data, error);
}

/* The homes of others */

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
  g_thread_join (g_thread_new ("consumer", consume, NULL));
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
  Gate          gate;     /* opens when the context has got its inbox, and is iterated */
  gint          n_rounds; /* atomic */
  gint          quit;     /* atomic */
} Looping;

static void
loop (Looping *self)
{
  while (!g_atomic_int_get (&self->quit))
    {
      g_main_context_iteration (self->context, FALSE);
      g_atomic_int_inc (&self->n_rounds);
    }
}

static void
first_letter (GDeferred *d, gpointer gate)
{
  g_object_unref (d);
  gate_open (gate);
}

static gpointer
make_and_loop (gpointer data)
{
  Looping   *self = data;
  GDeferred *other;
  Gate       unused = { .n_here = 0 };

  g_main_context_push_thread_default (self->context);
  other = g_deferred_new ();
  self->deferred = g_deferred_new ();
  g_deferred_invoke (other, first_letter, &unused, NULL);
  settle (self->context);
  g_deferred_hand_over (self->deferred, NULL);
  gate_open (&self->gate);
  loop (self);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

static gpointer
only_loop (gpointer data)
{
  Looping *self = data;

  g_main_context_push_thread_default (self->context);
  loop (self);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

/* Without sleeping, so that both threads do run. */
static void
await_rounds (Looping *self, gint n)
{
  gint until = g_atomic_int_get (&self->n_rounds) + n;

  for (guint spins = 1; g_atomic_int_get (&self->n_rounds) < until; spins++)
    if (spins % 10000 == 0)
      g_thread_yield ();
}

/* Drops it while the other thread iterates, a little later each time, and that one then goes on for a while. */
static void
drop_meanwhile (Looping *self, GThread *thread, guint late)
{
  gate_pass (&self->gate);
  await_rounds (self, 3);
  for (late = late % 100; late > 0; late--)
    g_atomic_int_get (&self->quit);
  g_object_unref (self->deferred);
  await_rounds (self, 3);
  g_atomic_int_set (&self->quit, TRUE);
  g_thread_join (thread);
  g_main_context_unref (self->context);
}

/* A thread makes one, hands it to the main thread, and iterates on; that one drops it. */
static void
dropped_while_the_former_home_loops (void)
{
  g_assert_true (g_main_context_acquire (NULL));
  for (guint i = rounds (); i > 0; i--)
    {
      Looping looping = { .context = g_main_context_new () };

      drop_meanwhile (&looping, g_thread_new ("worker", make_and_loop, &looping), i);
      settle (NULL);
    }
  g_main_context_release (NULL);
}

/* The main thread makes two in the context of a thread to come. One moves there, the other is dropped. */
static void
dropped_while_the_context_loops (void)
{
  for (guint i = rounds (); i > 0; i--)
    {
      Looping    looping = { .context = g_main_context_new () };
      GDeferred *moving;
      GThread   *thread;

      g_main_context_push_thread_default (looping.context);
      moving = g_deferred_new ();
      looping.deferred = g_deferred_new ();
      g_main_context_pop_thread_default (looping.context);
      thread = g_thread_new ("worker", only_loop, &looping);
      g_deferred_invoke (moving, first_letter, &looping.gate, NULL);
      drop_meanwhile (&looping, thread, i);
    }
}

static const Case cases[] = {
  { "/rule-19/chained-to-another-context", chained_to_another_context },
  { "/rule-19/a-context-that-was-left", context_that_was_left },
  { "/rule-19/dropped-while-the-context-loops", dropped_while_the_context_loops },
  { "/rule-21/hand-over/dropped-while-the-former-home-loops", dropped_while_the_former_home_loops },
  /* Last: where it cannot tell which thread was the first, the library thinks otherwise of this one from here on. */
  { "/rule-19/another-thread-runs-the-loop", another_thread_runs_the_loop },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
