/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Help with debugging: lists, graphs, traces, stacks, and warnings of what is pending for long. */

#include "fixture.h"

#include "gate.h"

#include <signal.h>

static GString *messages; /* of level MESSAGE; the lines of a trace */

static GLogWriterOutput
writer (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  if (!(level & G_LOG_LEVEL_MESSAGE))
    return fx_writer (level, fields, n_fields, data);

  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, "MESSAGE") == 0)
      g_string_append_printf (messages, "%s\n", (const char *) fields[i].value);
  return G_LOG_WRITER_HANDLED;
}

static void
switch_to (const char *switches)
{
  g_assert_true (g_deferred_set_debug (switches));
}

#define contains(text, part)     g_assert_nonnull (strstr ((text), (part)))
#define contains_not(text, part) g_assert_null (strstr ((text), (part)))

static void
off (void)
{
  g_autofree char *list = g_deferred_dump_pending ();
  g_autofree char *graph = g_deferred_dump_graph ();

  contains (list, "G_DEFERRED_DEBUG=pending");
  contains (graph, "G_DEFERRED_DEBUG=pending");
  contains (graph, "digraph");
}

static void
unknown_words (void)
{
  g_autofree char *list = NULL;

  g_assert_false (g_deferred_set_debug ("pending,nonsense"));
  g_assert_false (g_deferred_set_debug ("stall="));
  g_assert_false (g_deferred_set_debug ("stall=-1"));
  g_assert_false (g_deferred_set_debug ("stall=5x"));
  list = g_deferred_dump_pending ();
  contains (list, "Nothing is known");

  switch_to ("pending, stacks");
  g_assert_false (g_deferred_set_debug ("nonsense"));
  g_free (list);
  list = g_deferred_dump_pending ();
  g_assert_cmpstr (list, ==, "Nothing is pending\n");
}

static void
lists_what_is_pending (void)
{
  GDeferred       *before = g_deferred_new ();
  GDeferred       *d;
  GDeferred       *done;
  GDeferred       *paused;
  g_autofree char *list = NULL;

  switch_to ("pending");
  d = g_deferred_new ();
  done = succeeded_with (1);
  paused = succeeded_with (2);
  g_deferred_set_name (d, "the one");
  g_deferred_pause (paused);
  link_both (d, "a");
  list = g_deferred_dump_pending ();

  contains (list, "“the one” pending, made at test-debug");
  contains (list, "calls test-debug");
  contains (list, "succeeded and paused");
  g_assert_cmpint (g_strrstr (list, "paused") - strstr (list, "the one"), >, 0);
  g_strdelimit (list, "#", '\n');
  contains_not (list, "succeeded, ");

  fire (d, 1);
  g_deferred_unpause (paused);
  g_free (list);
  list = g_deferred_dump_pending ();
  g_assert_cmpstr (list, ==, "Nothing is pending\n");

  trace_is ("a:1 ~a ");
  g_object_unref (before);
  g_object_unref (d);
  g_object_unref (done);
  g_object_unref (paused);
}

/* The place in memory of one that is gone may be another one's. */
static void
forgets_what_is_gone (void)
{
  g_autofree char *list = NULL;
  GDeferred       *d;

  switch_to ("pending");
  g_object_unref (g_deferred_new ());
  d = g_deferred_new ();
  switch_to (NULL);
  g_object_unref (d);
  switch_to ("pending");
  list = g_deferred_dump_pending ();
  g_assert_cmpstr (list, ==, "Nothing is pending\n");
}

static char *
number_of (const char *list, const char *name)
{
  g_auto (GStrv) lines = g_strsplit (list, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][0] == '#' && strstr (lines[i], name) != NULL)
      return g_strndup (lines[i] + 1, strcspn (lines[i] + 1, " "));
  g_assert_not_reached ();
}

static void
has_edge (const char *graph, const char *list, const char *from, const char *to, const char *label)
{
  g_autofree char *a = number_of (list, from);
  g_autofree char *b = number_of (list, to);
  g_autofree char *edge = g_strdup_printf ("d%s -> d%s [label=\"%s\"]", a, b, label);

  contains (graph, edge);
}

/* A list counts on its parts, and one that lives elsewhere has a stand-in. */
static void
draws_parts_of_a_list (void)
{
  GDeferred       *part;
  GDeferred       *all;
  g_autofree char *list = NULL;
  g_autofree char *graph = NULL;

  switch_to ("pending");
  part = g_deferred_new ();
  g_deferred_set_name (part, "the part");
  all = g_deferred_gather_of (G_DEFERRED_LIST_DEFAULT, part, NULL);
  g_deferred_set_name (all, "the whole");
  list = g_deferred_dump_pending ();
  graph = g_deferred_dump_graph ();
  has_edge (graph, list, "the whole", "the part", "counts on");

  fire (part, 1);
  g_object_unref (part);
  g_object_unref (all);
}

static void
draws_who_waits_for_whom (void)
{
  GDeferred       *inner;
  GDeferred       *outer;
  GDeferred       *fork;
  GDeferred       *chained;
  GDeferred       *whole;
  g_autofree char *list = NULL;
  g_autofree char *graph = NULL;

  switch_to ("pending");
  inner = g_deferred_new ();
  outer = succeeded_with (1);
  chained = g_deferred_new ();
  whole = g_deferred_new ();
  fork = g_deferred_fork (inner);
  g_deferred_set_name (inner, "in\"ner\\");
  g_deferred_set_name (outer, "outer");
  g_deferred_set_name (fork, "branch");
  g_deferred_set_name (chained, "next");
  g_deferred_set_name (whole, "whole");
  g_deferred_add_callback (outer, return_it, inner, NULL);
  g_deferred_chain_deferred (inner, chained);
  g_deferred_note_wait (whole, inner);
  g_deferred_note_wait (whole, outer);

  list = g_deferred_dump_pending ();
  graph = g_deferred_dump_graph ();
  contains (graph, "in\\\"ner\\\\");
  has_edge (graph, list, "outer", "ner", "waits for");
  has_edge (graph, list, "branch", "ner", "is a fork of");
  has_edge (graph, list, "next", "ner", "is chained to");
  has_edge (graph, list, "whole", "ner", "counts on");
  has_edge (graph, list, "whole", "outer", "counts on");

  fire (inner, 1);
  g_free (graph);
  graph = g_deferred_dump_graph ();
  contains_not (graph, "counts on");
  contains (graph, "whole");

  g_object_unref (inner);
  g_object_unref (outer);
  g_object_unref (fork);
  g_object_unref (chained);
  g_object_unref (whole);
}

static void
reports_have_stacks (void)
{
  GDeferred  *d;
  GHashTable *report;
  const char *message;

  switch_to ("stacks");
  d = g_deferred_new ();
  fire_fail (d, "bad");
  g_assert_finalize_object (d);

  report = take_report ("bad");
  message = g_hash_table_lookup (report, "MESSAGE");
  contains (message, "\n  made at\n    ");
  contains (message, "\n  fired at\n    ");
  contains (strstr (message, "\n  made at"), "test-debug");
  contains (strstr (message, "\n  fired at"), "test-debug");
  g_hash_table_unref (report);
}

static void
traces (void)
{
  GDeferred *inner;
  GDeferred *d;

  g_string_truncate (messages, 0);
  switch_to ("trace");
  inner = g_deferred_new ();
  d = g_deferred_new ();
  link_both (d, "a=7");
  link_both (d, "b!bad");
  link_both (d, "c0");
  g_deferred_add_callback (d, return_it, inner, NULL);
  fire (d, 3);
  g_object_unref (inner);
  settle (NULL);
  link_errback (d, "d0");
  g_assert_finalize_object (d);
  trace_is ("a:3 ~a b:7 ~b c:!bad ~c d:!ABANDONED ~d ");

  contains (messages->str, " is made\n");
  contains (messages->str, "is fired at test-debug");
  contains (messages->str, ", and has 3\n");
  contains (messages->str, ", and has 7\n");
  contains (messages->str, ", and has failed: bad (g-io-error-quark, 0)\n");
  contains (messages->str, ", and has nothing\n");
  contains (messages->str, ", and waits for #");
  contains (messages->str, " is gone\n");

  g_string_truncate (messages, 0);
  switch_to (NULL);
  d = g_deferred_new ();
  link_both (d, "a");
  fire (d, 3);
  g_assert_finalize_object (d);
  trace_is ("a:3 ~a ");
  g_assert_cmpstr (messages->str, ==, "");
}

static void
warns_of_long_waits_once (void)
{
  GDeferred *d;
  GDeferred *done;
  gint64     end = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;

  switch_to ("stall=0.002");
  d = g_deferred_new ();
  done = succeeded_with (1);
  g_deferred_set_name (d, "slow");
  while (g_queue_is_empty (&fx_reports) && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  reported ("slow");

  for (int i = 0; i < 10; i++)
    g_main_context_iteration (NULL, TRUE);
  nothing_reported ();
  switch_to (NULL);
  g_object_unref (d);
  g_object_unref (done);
}

typedef struct
{
  Gate       gate;
  GDeferred *made;
} Other;

static gpointer
other_thread (gpointer data)
{
  Other        *other = data;
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  other->made = g_deferred_new ();
  link_both (other->made, "a");
  gate_pass (&other->gate);
  fire (other->made, 1);
  g_object_unref (other->made);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return NULL;
}

/* While that thread lives, only it may look into what is its own. */
static void
those_of_other_threads (void)
{
  Other            other = { 0 };
  g_autofree char *list = NULL;
  GThread         *thread;

  switch_to ("pending");
  thread = g_thread_new ("other", other_thread, &other);
  gate_await (&other.gate, 1);
  list = g_deferred_dump_pending ();
  contains (list, "in the main context of another thread, made at test-debug");
  gate_open (&other.gate);
  g_thread_join (thread);
  trace_is ("a:1 ~a ");
}

static void
on_a_signal (void)
{
  if (g_test_subprocess ())
    {
      GDeferred *d;
      guint      id = g_deferred_dump_on_signal (SIGUSR1);

      d = g_deferred_new ();
      g_deferred_set_name (d, "the long one");
      raise (SIGUSR1);
      g_main_context_iteration (NULL, TRUE);
      g_source_remove (id);
      g_object_unref (d);
      exit (0);
    }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*#1 * old, “the long one” pending, made at test-debug*digraph*the long one*");
}

static void
by_the_environment (void)
{
  if (g_test_subprocess ())
    {
      GDeferred *d = g_deferred_new ();

      GHashTable *report = g_queue_peek_head (&fx_reports);

      g_deferred_print_pending ();
      if (report != NULL)
        g_printerr ("%s\n", (char *) g_hash_table_lookup (report, "MESSAGE"));
      g_object_unref (d);
      exit (0);
    }

  g_setenv ("G_DEFERRED_DEBUG", "pending", TRUE);
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*#1 *pending, made at test-debug*");

  g_setenv ("G_DEFERRED_DEBUG", "nonsense", TRUE);
  g_test_trap_subprocess (NULL, 0, 0);
  g_unsetenv ("G_DEFERRED_DEBUG");
  g_test_trap_assert_stderr ("*Nothing is known*nonsense*pending, stacks, trace, all, and stall=SECONDS*");
}

static void
wrong_uses (void)
{
  GDeferred *d = g_deferred_new ();

  expect_critical ("G_IS_DEFERRED (self)");
  g_deferred_note_wait (NULL, d);
  criticals_came ();
  expect_critical ("G_IS_DEFERRED (other)");
  g_deferred_note_wait (d, NULL);
  criticals_came ();
  expect_critical ("signum == SIGUSR1");
  g_assert_cmpuint (g_deferred_dump_on_signal (SIGTERM), ==, 0);
  criticals_came ();
  g_deferred_note_wait (d, d);
  g_object_unref (d);
}

static const Case cases[] = {
  { "/debug/off", off },
  { "/debug/unknown-words", unknown_words },
  { "/debug/lists-what-is-pending", lists_what_is_pending },
  { "/debug/forgets-what-is-gone", forgets_what_is_gone },
  { "/debug/draws-who-waits-for-whom", draws_who_waits_for_whom },
  { "/debug/draws-parts-of-a-list", draws_parts_of_a_list },
  { "/debug/reports-have-stacks", reports_have_stacks },
  { "/debug/traces", traces },
  { "/debug/warns-of-long-waits-once", warns_of_long_waits_once },
  { "/debug/those-of-other-threads", those_of_other_threads },
  { "/debug/on-a-signal", on_a_signal },
  { "/debug/by-the-environment", by_the_environment },
  { "/debug/wrong-uses", wrong_uses },
};

static void
run_switched_off (gconstpointer data)
{
  fx_run (data);
  switch_to (NULL);
}

int
main (int argc, char **argv)
{
  fx_trace = g_string_new (NULL);
  messages = g_string_new (NULL);
  gd_test_init (&argc, &argv);
  g_log_set_writer_func (writer, NULL, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add_data_func (cases[i].path, &cases[i], run_switched_off);
  return g_test_run ();
}
