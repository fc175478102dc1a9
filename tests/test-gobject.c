/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Rules 23 to 25: signal, properties, owner; and that it is a GObject as any. */

#include "fixture.h"

#include <math.h>

/* Rule 23: the signal */

static void
on_fired (GDeferred *d, gpointer data)
{
  say ("%s ", (char *) data);
}

static void
listen_fired (GDeferred *d)
{
  g_signal_connect (d, "fired", G_CALLBACK (on_fired), (gpointer) "before");
  g_signal_connect_after (d, "fired", G_CALLBACK (on_fired), (gpointer) "after");
}

static void
before_and_after (void)
{
  GDeferred *d = g_deferred_new ();

  listen_fired (d);
  link_both (d, "a");
  link_both (d, "b");
  fire (d, 1);
  trace_is ("before a:1 ~a b:1 ~b after ");
  link_both (d, "c");
  trace_is ("c:1 ~c ");
  g_assert_finalize_object (d);
}

static void
once_for_each_way_to_fire (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *source = succeeded_with (1);

  listen_fired (d);
  g_deferred_cancel (d);
  trace_is ("before after ");
  fire (d, 1);
  trace_is ("");
  g_assert_finalize_object (d);

  d = g_deferred_new ();
  listen_fired (d);
  g_deferred_chain_deferred (source, d);
  trace_is ("before after ");
  g_assert_finalize_object (d);

  d = g_deferred_new ();
  listen_fired (d);
  g_deferred_fire_with (d, return_it, source, NULL);
  trace_is ("before after ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (source);

  d = g_deferred_new ();
  source = g_deferred_new ();
  listen_fired (d);
  g_deferred_fire_with (d, return_it, source, NULL);
  trace_is ("");
  fire (source, 1);
  trace_is ("before after ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (source);
}

static void
fork_is_told (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *fork = g_deferred_fork (d);

  listen_fired (fork);
  link_both (fork, "f");
  fire (d, 1);
  trace_is ("before f:1 ~f after ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (fork);
}

/* The chain stops when it waits, and is not told again when it goes on. */
static void
after_the_chain_stops (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *inner = g_deferred_new ();

  listen_fired (d);
  link_both (d, "a");
  link_inner (d, inner);
  link_both (d, "b");
  fire (d, 1);
  trace_is ("before a:1 ~a after ");
  fire (inner, 2);
  trace_is ("b:2 ~b ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);

  d = g_deferred_new ();
  listen_fired (d);
  link_both (d, "a");
  g_deferred_pause (d);
  fire (d, 1);
  trace_is ("before after ");
  g_deferred_unpause (d);
  trace_is ("a:1 ~a ");
  g_assert_finalize_object (d);
}

static void
on_fired_act (GDeferred *d, gpointer data)
{
  const char *plan = data;

  say ("%s ", plan);
  if (strcmp (plan, "add") == 0)
    link_both (d, "x");
  else if (strcmp (plan, "pause") == 0)
    g_deferred_pause (d);
  else if (strcmp (plan, "drop") == 0)
    g_object_unref (d);
  else if (strcmp (plan, "cancel") == 0)
    g_deferred_cancel (d);
  else if (strcmp (plan, "stop") == 0)
    g_signal_stop_emission_by_name (d, "fired");
}

static void
handler_does (const char *plan, gboolean after, const char *trace)
{
  GDeferred *d = g_deferred_new ();
  gpointer   weak = d;

  g_object_add_weak_pointer (G_OBJECT (d), &weak);
  link_both (d, "a");
  g_signal_connect_data (d, "fired", G_CALLBACK (on_fired_act), (gpointer) plan, NULL,
                         after ? G_CONNECT_AFTER : 0);
  fire (d, 1);
  trace_is (trace);
  if (strcmp (plan, "pause") == 0)
    g_deferred_unpause (d);
  if (strcmp (plan, "drop") != 0)
    g_object_unref (d);
  g_assert_null (weak);
  g_string_truncate (fx_trace, 0);
}

static void
reentrant_handlers (void)
{
  handler_does ("add", FALSE, "add a:1 ~a x:1 ~x ");
  handler_does ("add", TRUE, "a:1 ~a add x:1 ~x ");
  handler_does ("pause", FALSE, "pause ");
  handler_does ("cancel", FALSE, "cancel a:1 ~a ");
  handler_does ("drop", FALSE, "drop a:1 ~a ");
  handler_does ("drop", TRUE, "a:1 ~a drop ");
  handler_does ("stop", FALSE, "stop a:1 ~a "); /* the callbacks are not a handler that can be stopped */
}

static gboolean
link_disconnects (GDeferred *self, gpointer data, GError **error)
{
  g_signal_handlers_disconnect_by_func (self, on_fired, (gpointer) "after");
  g_signal_handlers_disconnect_matched (self, G_SIGNAL_MATCH_FUNC, 0, 0, NULL, on_fired, NULL);
  return TRUE;
}

static void
disconnected_by_a_callback (void)
{
  GDeferred *d = g_deferred_new ();

  listen_fired (d);
  g_deferred_add_callback (d, link_disconnects, NULL, NULL);
  fire (d, 1);
  trace_is ("before ");
  g_assert_finalize_object (d);
}

/* Rule 24: properties */

static void
on_notify (GDeferred *d, GParamSpec *pspec, gpointer data)
{
  GDeferredState state;
  gboolean       pending, paused;

  g_object_get (d, "state", &state, "pending", &pending, "paused", &paused, NULL);
  if (strcmp (pspec->name, "state") == 0)
    say ("state=%d ", (int) state);
  else if (strcmp (pspec->name, "pending") == 0)
    say ("pending=%d ", pending);
  else if (strcmp (pspec->name, "paused") == 0)
    say ("paused=%d ", paused);
  else if (strcmp (pspec->name, "name") == 0)
    say ("name=%s ", g_deferred_get_name (d));
  else if (strcmp (pspec->name, "progress") == 0)
    say ("progress=%g ", g_deferred_get_progress (d));
  else if (strcmp (pspec->name, "progress-text") == 0)
    say ("text=%s ", g_deferred_get_progress_text (d));
}

static void
readable (void)
{
  GDeferred     *d = g_deferred_new ();
  GDeferredState state = G_DEFERRED_STATE_FAILED;
  gboolean       pending = FALSE, paused = TRUE;
  double         progress = 5;
  char          *text = NULL, *name = NULL;

  g_object_get (d, "state", &state, "pending", &pending, "paused", &paused, "progress", &progress,
                "progress-text", &text, "name", &name, NULL);
  g_assert_cmpint (state, ==, G_DEFERRED_STATE_PENDING);
  g_assert_true (pending);
  g_assert_false (paused);
  g_assert_cmpfloat (progress, ==, 0);
  g_assert_null (text);
  g_assert_null (name);
  g_object_set (d, "name", "the name", NULL);
  g_assert_cmpstr (g_deferred_get_name (d), ==, "the name");
  g_assert_finalize_object (d);
}

static void
state_notifies (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *inner = g_deferred_new ();

  g_signal_connect (d, "notify::pending", G_CALLBACK (on_notify), NULL);
  fire (d, 1);
  trace_is ("pending=0 ");
  link_both (d, "a");
  trace_is ("a:1 ~a ");
  link_inner (d, inner);
  trace_is ("pending=1 ");
  fire_fail (inner, "bad");
  trace_is ("pending=0 ");
  link_errback (d, "b0");
  trace_is ("b:!bad ~b ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);

  d = g_deferred_new ();
  g_signal_connect (d, "notify::state", G_CALLBACK (on_notify), NULL);
  link_both (d, "a!bad");
  fire (d, 1);
  g_assert_true (g_str_has_suffix (fx_trace->str, "state=4 "));
  g_string_truncate (fx_trace, 0);
  link_both (d, "b0");
  g_assert_true (g_str_has_suffix (fx_trace->str, "state=3 "));
  g_string_truncate (fx_trace, 0);
  g_assert_finalize_object (d);
}

static void
paused_notifies (void)
{
  GDeferred *d = g_deferred_new ();

  g_signal_connect (d, "notify::paused", G_CALLBACK (on_notify), NULL);
  g_deferred_pause (d);
  trace_is ("paused=1 ");
  g_deferred_pause (d);
  g_deferred_unpause (d);
  trace_is ("");
  g_deferred_unpause (d);
  trace_is ("paused=0 ");
  g_assert_finalize_object (d);
}

static void
progress_and_name_notify (void)
{
  GDeferred *d = g_deferred_new ();

  g_signal_connect (d, "notify::name", G_CALLBACK (on_notify), NULL);
  g_signal_connect (d, "notify::progress", G_CALLBACK (on_notify), NULL);
  g_signal_connect (d, "notify::progress-text", G_CALLBACK (on_notify), NULL);
  g_deferred_set_name (d, "x");
  trace_is ("name=x ");
  g_deferred_set_name (d, "x");
  trace_is ("");
  g_deferred_set_progress (d, 0.25, NULL);
  trace_is ("progress=0.25 ");
  g_deferred_set_progress (d, 0.25, "text");
  trace_is ("text=text ");
  g_deferred_set_progress (d, 0.5, "text");
  trace_is ("progress=0.5 ");
  g_deferred_set_progress (d, 0.5, "text");
  trace_is ("");
  g_assert_finalize_object (d);
}

static void
progress_has_bounds (void)
{
  static const double wrong[] = { 7, -7, -0.001, 1.001, NAN };
  GDeferred          *d = g_deferred_new ();

  g_deferred_set_progress (d, 0.5, "half");
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      expect_critical ("g_deferred_set_progress");
      g_deferred_set_progress (d, wrong[i], "wrong");
      criticals_came ();
      g_assert_cmpfloat (g_deferred_get_progress (d), ==, 0.5);
      g_assert_cmpstr (g_deferred_get_progress_text (d), ==, "half");
    }
  g_assert_finalize_object (d);
}

/* What a .ui file does with a GtkSpinner and a button's sensitivity. */
static void
bindings (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *inner = g_deferred_new ();
  GObject   *widget = g_object_new (G_TYPE_SIMPLE_ACTION, "name", "widget", NULL);
  GObject   *button = g_object_new (G_TYPE_SIMPLE_ACTION, "name", "button", NULL);
  gboolean   shown, sensitive;

  g_object_bind_property (d, "pending", widget, "enabled", G_BINDING_SYNC_CREATE);
  g_object_bind_property (d, "pending", button, "enabled", G_BINDING_SYNC_CREATE | G_BINDING_INVERT_BOOLEAN);
  for (int i = 0; i < 4; i++)
    {
      if (i == 1)
        fire (d, 1);
      else if (i == 2)
        link_inner (d, inner);
      else if (i == 3)
        fire (inner, 2);
      g_object_get (widget, "enabled", &shown, NULL);
      g_object_get (button, "enabled", &sensitive, NULL);
      g_assert_cmpint (shown, ==, i == 0 || i == 2);
      g_assert_cmpint (sensitive, ==, !shown);
    }
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
  g_object_unref (widget);
  g_object_unref (button);
}

static void
on_notify_act (GDeferred *d, GParamSpec *pspec, gpointer data)
{
  gboolean drop = GPOINTER_TO_INT (data);

  g_signal_handlers_disconnect_by_func (d, on_notify_act, data);
  if (drop)
    g_object_unref (d);
  else
    link_both (d, "n");
}

static void
reentrant_notify (void)
{
  GDeferred *d = g_deferred_new ();
  gpointer   weak = d;

  link_both (d, "a");
  g_signal_connect (d, "notify::state", G_CALLBACK (on_notify_act), GINT_TO_POINTER (FALSE));
  fire (d, 1);
  trace_is ("a:1 ~a n:1 ~n ");
  g_assert_finalize_object (d);

  d = weak = g_deferred_new ();
  g_object_add_weak_pointer (G_OBJECT (d), &weak);
  link_both (d, "a");
  g_signal_connect (d, "notify::state", G_CALLBACK (on_notify_act), GINT_TO_POINTER (TRUE));
  fire (d, 1);
  settle (NULL);
  trace_is ("a:1 ~a ");
  g_assert_null (weak);
}

/* Rule 25: the owner */

static void
stop (GDeferred *self, gpointer data)
{
  say ("stop ");
}

static void
owner_goes (void)
{
  GDeferred *d = g_deferred_new_with_canceller (stop, NULL, NULL);
  GDeferred *fork = g_deferred_fork (d);
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);

  link_both (d, "a");
  link_both (fork, "f0");
  g_deferred_bind_owner (d, owner);
  g_assert_finalize_object (owner);
  trace_is ("");
  settle (NULL);
  trace_is ("stop ~a f:!CANCELLED ~f ");
  g_assert_true (g_deferred_is_cancelled (d));
  g_assert_finalize_object (d);
  g_assert_finalize_object (fork);
}

/* Whatever the kind of the link. */
static void
owner_goes_before_any_link (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *failed = g_deferred_new ();
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);

  g_deferred_add_callback (d, act, (gpointer) "a", NULL);
  g_deferred_add_callbacks (d, act, (gpointer) "b", NULL, act, (gpointer) "c", NULL);
  link_callback (d, "d");
  g_deferred_bind_owner (d, owner);
  g_deferred_pause (d);
  fire (d, 1);

  g_deferred_add_errback (failed, act, (gpointer) "e", NULL);
  g_deferred_add_errback_for (failed, G_IO_ERROR, G_IO_ERROR_CANCELLED, act, (gpointer) "f", gone);
  link_errback (failed, "g");
  g_deferred_bind_owner (failed, owner);

  g_assert_finalize_object (owner);
  settle (NULL);
  trace_is ("~f ~g ");
  g_deferred_unpause (d);
  trace_is ("~d ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (failed);
}

/* The success is already on its way: nothing runs all the same. */
static void
owner_goes_while_fired (void)
{
  GDeferred *d = g_deferred_new ();
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);

  link_both (d, "a");
  g_deferred_bind_owner (d, owner);
  g_deferred_pause (d);
  fire (d, 1);
  g_assert_finalize_object (owner);
  g_deferred_unpause (d);
  trace_is ("~a ");
  link_both (d, "b");
  trace_is ("~b ");
  settle (NULL);
  g_assert_finalize_object (d);
}

static void
owner_is_disposed (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner = g_deferred_new_with_canceller (stop, NULL, NULL);
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);

  link_both (inner, "i");
  link_inner (d, inner);
  link_both (d, "a");
  g_deferred_bind_owner (d, owner);
  g_object_run_dispose (owner);
  trace_is ("");
  settle (NULL);
  trace_is ("stop i:!CANCELLED ~i ~a ");
  g_object_unref (owner);
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static gboolean
drops_owner (GDeferred *self, gpointer owner, GError **error)
{
  say ("drops ");
  g_object_unref (owner);
  return TRUE;
}

static void
owner_goes_in_a_callback (void)
{
  GDeferred *d = g_deferred_new ();
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);

  g_deferred_bind_owner (d, owner);
  g_deferred_add_callback (d, drops_owner, owner, NULL);
  link_both (d, "a");
  fire (d, 1);
  settle (NULL);
  trace_is ("drops ~a ");
  g_assert_finalize_object (d);
}

static void
owner_stays (void)
{
  GDeferred *d = g_deferred_new ();
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);

  link_both (d, "a");
  g_deferred_bind_owner (d, owner);
  g_deferred_bind_owner (d, owner);
  g_assert_cmpuint (owner->ref_count, ==, 1);
  fire (d, 1);
  trace_is ("a:1 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (owner);
}

static void
two_owners (void)
{
  GDeferred *d = g_deferred_new ();
  GObject   *one = g_object_new (G_TYPE_OBJECT, NULL);
  GObject   *two = g_object_new (G_TYPE_OBJECT, NULL);

  link_both (d, "a");
  g_deferred_bind_owner (d, one);
  g_deferred_bind_owner (d, two);
  g_assert_finalize_object (two);
  settle (NULL);
  trace_is ("~a ");
  g_assert_finalize_object (one);
  settle (NULL);
  g_assert_finalize_object (d);
}

static const Case cases[] = {
  { "/rule-23/before-and-after", before_and_after },
  { "/rule-23/once-for-each-way-to-fire", once_for_each_way_to_fire },
  { "/rule-23/a-fork-is-told", fork_is_told },
  { "/rule-23/after-the-chain-stops", after_the_chain_stops },
  { "/rule-23/reentrant-handlers", reentrant_handlers },
  { "/rule-23/disconnected-by-a-callback", disconnected_by_a_callback },
  { "/rule-24/readable", readable },
  { "/rule-24/state-notifies", state_notifies },
  { "/rule-24/paused-notifies", paused_notifies },
  { "/rule-24/progress-and-name-notify", progress_and_name_notify },
  { "/rule-24/progress-has-bounds", progress_has_bounds },
  { "/rule-24/bindings", bindings },
  { "/rule-24/reentrant-notify", reentrant_notify },
  { "/rule-25/the-owner-goes", owner_goes },
  { "/rule-25/the-owner-goes-before-any-link", owner_goes_before_any_link },
  { "/rule-25/the-owner-goes-while-fired", owner_goes_while_fired },
  { "/rule-25/the-owner-is-disposed", owner_is_disposed },
  { "/rule-25/the-owner-goes-in-a-callback", owner_goes_in_a_callback },
  { "/rule-25/the-owner-stays", owner_stays },
  { "/rule-25/two-owners", two_owners },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
