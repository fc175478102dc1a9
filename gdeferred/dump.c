/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "deferred-private.h"

#include "debug-private.h"
#include "tracking-private.h"

#include <stdio.h>

#ifdef G_OS_UNIX
#include <glib-unix.h>
#endif

/* What is pending, and what waits for what, for a person to read. */

/**
 * g_deferred_set_debug:
 * @switches: (nullable): words, with commas between them; %NULL switches everything off
 *
 * Switches help with debugging on, as the environment variable `G_DEFERRED_DEBUG` does when the program starts. What is
 * on costs time and memory for each Deferred; what is off costs nothing. It counts for Deferreds that are made from
 * then on.
 *
 * | word | what it does |
 * |---|---|
 * | `pending` | keeps a list of all Deferreds, for [func@Deferred.dump_pending] and [func@Deferred.dump_graph] |
 * | `stacks` | keeps the stacks where each was made and fired, for lists, warnings and reports of unhandled errors |
 * | `trace` | logs what happens to each, a line an event, as messages of the log domain `GDeferred` |
 * | `all` | all of these |
 * | `stall=SECONDS` | warns of each one that is pending for longer than that, once; the default main context looks |
 *
 * With a word that it does not know nothing changes.
 *
 * It may be called from any thread.
 *
 * Returns: whether all words are known
 *
 * Since: 1.0
 */
gboolean
g_deferred_set_debug (const char *switches)
{
  g_type_class_unref (g_type_class_ref (G_TYPE_DEFERRED));
  return gd_tracking_switch (switches);
}

/* --- the list ---------------------------------------------------------------------------------------------------- */

static const char *
complaint (void)
{
  return g_atomic_int_get (&gd_tracking) != 0
             ? NULL
             : "Nothing is known: set G_DEFERRED_DEBUG=pending, or call g_deferred_set_debug()";
}

static void
list_one (GdTrail *trail, gpointer user_data)
{
  GString         *text = user_data;
  g_autofree char *what = NULL;

  if (!gd_tracking_is_pending (trail))
    return;

  what = gd_tracking_describe (trail);
  g_string_append_printf (text, "#%" G_GUINT64_FORMAT " %.1f s old, %s\n", trail->number,
                          (double) (g_get_monotonic_time () - trail->made) / G_USEC_PER_SEC, what);
}

/**
 * g_deferred_dump_pending:
 *
 * Lists the Deferreds that are pending, wait, are paused or have callbacks left, oldest first: number, age, name, state,
 * where they were made, what they will call and whom they will tell. Of those that live in the main context of another
 * thread only the place where they were made is known.
 *
 * It needs `pending` of [func@Deferred.set_debug]; without it the text says so. It may be called from any thread.
 *
 * Returns: (transfer full): the list, for a person to read
 *
 * Since: 1.0
 */
char *
g_deferred_dump_pending (void)
{
  GString *text = g_string_new (NULL);

  if (complaint () != NULL)
    g_string_append_printf (text, "%s\n", complaint ());
  else if (!gd_tracking_foreach (list_one, text))
    g_string_append (text, "Another thread is at work on the list just now\n");
  else if (text->len == 0)
    g_string_append (text, "Nothing is pending\n");
  return g_string_free (text, FALSE);
}

/* --- the graph --------------------------------------------------------------------------------------------------- */

typedef struct
{
  GString *text;
  guint64  number; /* whose links are looked at */
} Graph;

static void
draw_edge (const GdLink *link, gpointer user_data)
{
  static const char *const labels[] = { "waits for", "is a fork of", "is chained to" };
  Graph                   *graph = user_data;
  GdTrail                 *target;

  if (!gd_link_hands_on (link))
    return;

  target = gd_tracking_find (gd_chain_owner (link->errback_data));
  if (target != NULL)
    g_string_append_printf (graph->text,
                            "  d%" G_GUINT64_FORMAT " -> d%" G_GUINT64_FORMAT " [label=\"%s\"];\n",
                            target->number, graph->number, labels[link->kind - GD_LINK_RESUME]);
}

static void
append_escaped (GString *text, const char *words)
{
  for (; *words != '\0'; words++)
    if (*words == '\n')
      g_string_append (text, "\\l");
    else
      {
        if (*words == '"' || *words == '\\')
          g_string_append_c (text, '\\');
        g_string_append_c (text, *words);
      }
}

static void
draw_one (GdTrail *trail, gpointer user_data)
{
  Graph           *graph = user_data;
  g_autofree char *what = NULL;

  if (!gd_tracking_is_pending (trail))
    return;

  what = gd_tracking_describe (trail);
  g_string_append_printf (graph->text, "  d%" G_GUINT64_FORMAT " [label=\"#%" G_GUINT64_FORMAT " ",
                          trail->number, trail->number);
  append_escaped (graph->text, what);
  g_string_append (graph->text, "\\l\"];\n");

  graph->number = trail->number;
  gd_tracing_foreach_link (trail->deferred, draw_edge, graph);
  for (guint i = 0; trail->waits_for != NULL && i < trail->waits_for->len; i++)
    {
      const GdTrailKey *key = &g_array_index (trail->waits_for, GdTrailKey, i);
      GdTrail          *other = gd_tracking_find (key->deferred);

      if (other != NULL && other->number == key->number && gd_tracking_is_pending (other))
        g_string_append_printf (graph->text,
                                "  d%" G_GUINT64_FORMAT " -> d%" G_GUINT64_FORMAT " [label=\"counts on\"];\n",
                                trail->number, other->number);
    }
}

/**
 * g_deferred_dump_graph:
 *
 * Draws what [func@Deferred.dump_pending] lists, and what waits for what, in the DOT language of Graphviz. An arrow goes
 * from the one that waits to the one that it waits for.
 *
 * It may be called from any thread.
 *
 * Returns: (transfer full): the graph
 *
 * Since: 1.0
 */
char *
g_deferred_dump_graph (void)
{
  Graph graph = { g_string_new ("digraph deferreds {\n  node [shape=box];\n"), 0 };

  if (complaint () != NULL)
    g_string_append_printf (graph.text, "  nothing [label=\"%s\"];\n", complaint ());
  else if (!gd_tracking_foreach (draw_one, &graph))
    g_string_append (graph.text, "  nothing [label=\"Another thread is at work on the list just now\"];\n");
  g_string_append (graph.text, "}\n");
  return g_string_free (graph.text, FALSE);
}

/* --- from outside ------------------------------------------------------------------------------------------------ */

/**
 * g_deferred_print_pending:
 *
 * Prints [func@Deferred.dump_pending] to the standard error output: for a debugger, as `call
 * g_deferred_print_pending()` in gdb.
 *
 * Since: 1.0
 */
void
g_deferred_print_pending (void)
{
  g_autofree char *list = g_deferred_dump_pending ();

  fputs (list, stderr);
}

#ifdef G_OS_UNIX
static gboolean
on_signal (gpointer user_data G_GNUC_UNUSED)
{
  g_autofree char *graph = g_deferred_dump_graph ();

  g_deferred_print_pending ();
  fputs (graph, stderr);
  return G_SOURCE_CONTINUE;
}

/**
 * g_deferred_dump_on_signal:
 * @signum: `SIGUSR1`, `SIGUSR2` or `SIGHUP`
 *
 * Has the program print [func@Deferred.dump_pending] and [func@Deferred.dump_graph] to its standard error output
 * whenever it gets a signal, from the thread-default main context of the caller, and switches `pending` on if it was not.
 * So one that seems to hang can be asked what it waits for: `kill -USR1 PID`.
 *
 * Returns: the number of the source, for [func@GLib.Source.remove]
 *
 * Since: 1.0
 */
guint
g_deferred_dump_on_signal (int signum)
{
  GSource *source;
  guint    id;

  g_return_val_if_fail (signum == SIGUSR1 || signum == SIGUSR2 || signum == SIGHUP, 0);

  if (g_atomic_int_get (&gd_tracking) == 0)
    g_deferred_set_debug ("pending");

  source = g_unix_signal_source_new (signum);
  g_source_set_static_name (source, "GDeferred dump");
  g_source_set_callback (source, on_signal, NULL, NULL);
  id = g_source_attach (source, g_main_context_get_thread_default ());
  g_source_unref (source);
  return id;
}
#endif

/**
 * g_deferred_note_wait:
 * @self: a Deferred
 * @other: one that it counts on
 *
 * Has [func@Deferred.dump_graph] draw an arrow from @self to @other, for waits that no chain shows: such as that of a
 * list of Deferreds for its parts. Nothing else comes of it, and nothing at all while debugging is off.
 *
 * It may be called from any thread.
 *
 * Since: 1.0
 */
void
g_deferred_note_wait (GDeferred *self, GDeferred *other)
{
  g_return_if_fail (G_IS_DEFERRED (self));
  g_return_if_fail (G_IS_DEFERRED (other));

  if (gd_is_tracking ())
    gd_tracking_note_wait (self, other);
}
