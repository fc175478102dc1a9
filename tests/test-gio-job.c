/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Deferreds as jobs on D-Bus, and jobs on D-Bus as Deferreds again. */

#include "bus-fixture.h"

#include <math.h>

#include <gdeferred/dbusjob.h>

#define JOB "io.gdeferred.Job1"

static const char *
service_name (void)
{
  return g_dbus_connection_get_unique_name (service);
}

static void
export_job (GDeferred *d, const char *path)
{
  GError  *error = NULL;
  gboolean ok = g_deferred_export_job (d, service, path, &error);

  g_assert_no_error (error);
  g_assert_true (ok);
}

static void
say_stop (GDeferred *self, gpointer data)
{
  say ("stop ");
}

static GDeferred *
stoppable (void)
{
  return g_deferred_new_with_canceller (say_stop, NULL, NULL);
}

/* --- looking at it from outside ------------------------------------------------------------------------------------ */

/* Calls a method of the job, and gives what it returns as text, or the error. */
static char *
ask (const char *path, const char *interface, const char *method, GVariant *parameters)
{
  g_autoptr (GDeferred) d = g_deferred_dbus_call (client, service_name (), path, interface, method,
                                                  parameters, NULL, G_DBUS_CALL_FLAGS_NONE, -1);

  if (!g_deferred_wait (d, NULL))
    return g_strdup_printf ("!%s", g_value_get_string (g_deferred_get_payload (d)));
  return g_variant_print (g_deferred_get_variant (d), FALSE);
}

static char *
ask_property (const char *path, const char *name)
{
  return ask (path, "org.freedesktop.DBus.Properties", "Get", g_variant_new ("(ss)", JOB, name));
}

#define property_is(path, name, expected)                                                                    \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    g_autofree char *property_found = ask_property (path, name);                                             \
    g_assert_cmpstr (property_found, ==, expected);                                                          \
  }                                                                                                          \
  G_STMT_END

#define NO_OBJECT "!org.freedesktop.DBus.Error.UnknownMethod"

static void
on_job_signal (GDBusConnection *connection,
               const char      *sender,
               const char      *path,
               const char      *interface,
               const char      *signal,
               GVariant        *parameters,
               gpointer         n_signals)
{
  g_autofree char *text = g_variant_print (parameters, FALSE);

  ++*(guint *) n_signals;
  say ("%s%s ", signal, text);
}

static guint n_signals;

static guint
listen (const char *path)
{
  guint id = g_dbus_connection_signal_subscribe (client, service_name (), NULL, NULL, path, NULL,
                                                 G_DBUS_SIGNAL_FLAGS_NONE, on_job_signal, &n_signals, NULL);

  n_signals = 0;
  round_trip (client);
  return id;
}

static void
listen_no_more (guint id)
{
  g_dbus_connection_signal_unsubscribe (client, id);
  settle (NULL);
}

/* --- exporting ----------------------------------------------------------------------------------------------------- */

static void
properties (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_set_name (d, "the job");
  g_deferred_set_progress (d, 0.25, "at it");
  export_job (d, "/job/1");
  property_is ("/job/1", "Name", "(<'the job'>,)");
  property_is ("/job/1", "Progress", "(<0.25>,)");
  property_is ("/job/1", "Text", "(<'at it'>,)");
  property_is ("/job/1", "State", "(<'pending'>,)");
  g_deferred_set_progress (d, 0.5, NULL);
  property_is ("/job/1", "Progress", "(<0.5>,)");
  property_is ("/job/1", "Text", "(<''>,)");

  fire (d, 3);
  property_is ("/job/1", "State", NO_OBJECT);
  g_assert_finalize_object (d);
}

static void
changes_are_told (void)
{
  GDeferred *d = g_deferred_new ();
  guint      id = listen ("/job/2");

  export_job (d, "/job/2");
  g_deferred_set_progress (d, 0.25, "one");
  g_deferred_set_progress (d, 0.5, "two");
  until (n_signals == 1);
  trace_is ("PropertiesChanged('" JOB "', {'Progress': <0.5>, 'Text': <'two'>}, []) ");

  g_deferred_set_progress (d, 0.625, "three");
  g_deferred_set_progress (d, 0.75, "two");
  g_deferred_set_name (d, "job");
  until (n_signals == 2);
  trace_is ("PropertiesChanged('" JOB "', {'Name': <'job'>, 'Progress': <0.75>}, []) ");

  fire (d, 3);
  until (n_signals == 4);
  trace_is ("PropertiesChanged('" JOB "', {'State': <'succeeded'>}, []) Finished(true, [<3>], '', '') ");
  listen_no_more (id);
  g_assert_finalize_object (d);
}

/* However often somebody reports, others are told ten times a second. */
static void
changes_are_told_now_and_then (void)
{
  GDeferred *d = g_deferred_new ();
  guint      id = listen ("/job/3");

  export_job (d, "/job/3");
  for (int i = 0; i <= 10000; i++)
    {
      g_deferred_set_progress (d, i / 10000.0, NULL);
      if (i % 100 == 0)
        settle (NULL);
    }
  until (strstr (fx_trace->str, "<1.0>") != NULL);
  g_assert_cmpuint (n_signals, >=, 2);
  g_assert_cmpuint (n_signals, <, 100);
  fire (d, 1);
  until (strstr (fx_trace->str, "Finished") != NULL);
  g_string_truncate (fx_trace, 0);
  listen_no_more (id);
  g_assert_finalize_object (d);
}

static void
waiting_is_told (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *inner = g_deferred_new ();
  guint      id = listen ("/job/4");

  link_inner (d, inner);
  export_job (d, "/job/4");
  fire (d, 1);
  until (n_signals == 1);
  trace_is ("PropertiesChanged('" JOB "', {'State': <'waiting'>}, []) ");
  property_is ("/job/4", "State", "(<'waiting'>,)");
  fire (inner, 2);
  until (n_signals == 3);
  trace_is ("PropertiesChanged('" JOB "', {'State': <'succeeded'>}, []) Finished(true, [<2>], '', '') ");
  listen_no_more (id);
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static void
finished_with (GDeferred *d, const char *expected)
{
  guint id = listen ("/job/5");

  export_job (d, "/job/5");
  until (strstr (fx_trace->str, "Finished") != NULL);
  g_assert_cmpstr (strstr (fx_trace->str, "Finished"), ==, expected);
  g_string_truncate (fx_trace, 0);
  property_is ("/job/5", "State", NO_OBJECT);
  listen_no_more (id);
  g_assert_finalize_object (d);
}

static void
outcomes (void)
{
  GObject   *object = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *odd = g_deferred_new ();
  GDeferred *tuple = g_deferred_new ();
  GDeferred *maybe = g_deferred_new ();

  finished_with (succeeded_with (7), "Finished(true, [<7>], '', '') ");
  finished_with (g_deferred_succeed (NULL), "Finished(true, [], '', '') ");
  finished_with (
      failed_with ("bad"),
      "Finished(false, [], 'org.gtk.GDBus.UnmappedGError.Quark._g_2dio_2derror_2dquark.Code0', 'bad') ");

  g_deferred_callback_variant (tuple, g_variant_new ("(is)", 1, "a"), NULL);
  finished_with (tuple, "Finished(true, [<(1, 'a')>], '', '') ");

  g_deferred_callback_variant (maybe, g_variant_new ("(mi)", TRUE, 1), NULL);
  finished_with (maybe, "Finished(true, [], '', '') ");

  g_deferred_callback_object (odd, object, NULL);
  finished_with (odd, "Finished(true, [], '', '') ");
  g_assert_finalize_object (object);
}

static void
cancelled (void)
{
  GDeferred       *d = stoppable ();
  guint            id = listen ("/job/6");
  g_autofree char *answer = NULL;

  export_job (d, "/job/6");
  answer = ask ("/job/6", JOB, "Cancel", NULL);
  g_assert_cmpstr (answer, ==, "()");
  until (n_signals == 2);
  trace_is ("stop PropertiesChanged('" JOB "', {'State': <'failed'>}, []) "
            "Finished(false, [], 'org.gtk.GDBus.UnmappedGError.Quark._g_2dio_2derror_2dquark.Code19', "
            "'Operation was cancelled') ");
  listen_no_more (id);
  g_assert_finalize_object (d);
}

static void
dropped (void)
{
  GDeferred *d = g_deferred_new ();
  guint      id = listen ("/job/7");

  export_job (d, "/job/7");
  g_object_unref (d);
  until (n_signals == 2);
  g_assert_nonnull (strstr (fx_trace->str, "Finished(false, [], 'io.gdeferred.Error.Abandoned', "));
  g_string_truncate (fx_trace, 0);
  property_is ("/job/7", "State", NO_OBJECT);
  listen_no_more (id);
}

static gboolean
return_int (GDeferred *self, gpointer data, GError **error)
{
  return g_deferred_return_int (self, 7);
}

/* Whoever fires it, and holds nothing any more: it goes before the others hear of it. */
static void
fire_and_drop (gpointer d)
{
  fire (d, 1);
  g_object_unref (d);
}

static void
fired_and_dropped (void)
{
  GDeferred *d = g_deferred_new ();
  guint      id = listen ("/job/13");

  export_job (d, "/job/13");
  g_deferred_set_progress (d, 0.5, NULL);
  g_deferred_add_callback (d, return_int, NULL, NULL);
  g_idle_add_once (fire_and_drop, d);
  until (strstr (fx_trace->str, "Finished") != NULL);
  g_assert_nonnull (strstr (fx_trace->str, "'Progress': <0.5>"));
  g_assert_nonnull (strstr (fx_trace->str, "Finished(true, [<1>]"));
  g_string_truncate (fx_trace, 0);
  listen_no_more (id);

  id = listen ("/job/14");
  d = g_deferred_run_in_thread (return_int, NULL, NULL);
  export_job (d, "/job/14");
  g_object_unref (d);
  until (strstr (fx_trace->str, "Finished") != NULL);
  g_assert_nonnull (strstr (fx_trace->str, "Finished(true, [<7>]"));
  g_string_truncate (fx_trace, 0);
  listen_no_more (id);
}

static void
owner_gone (void)
{
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred *d = stoppable ();
  guint      id = listen ("/job/8");

  g_deferred_bind_owner (d, owner);
  export_job (d, "/job/8");
  g_object_unref (owner);
  until (n_signals == 2);
  g_assert_nonnull (strstr (fx_trace->str, "Finished(false"));
  g_string_truncate (fx_trace, 0);
  listen_no_more (id);
  g_assert_finalize_object (d);
}

/* The job goes on when its callbacks do; what was exported is its outcome at this point. */
static void
at_this_point (void)
{
  GDeferred *d = g_deferred_new ();
  guint      id = listen ("/job/9");

  export_job (d, "/job/9");
  link_both (d, "a=8");
  fire (d, 7);
  trace_is ("a:7 ~a ");
  until (n_signals == 2);
  g_assert_nonnull (strstr (fx_trace->str, "Finished(true, [<7>]"));
  g_string_truncate (fx_trace, 0);
  listen_no_more (id);
  g_assert_finalize_object (d);
}

static void
exported_twice (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *other = g_deferred_new ();
  GError    *error = NULL;

  export_job (d, "/job/10");
  export_job (d, "/job/11");
  g_assert_false (g_deferred_export_job (other, service, "/job/10", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_error_free (error);
  property_is ("/job/11", "State", "(<'pending'>,)");
  fire (d, 3);
  property_is ("/job/10", "State", NO_OBJECT);
  property_is ("/job/11", "State", NO_OBJECT);
  g_assert_finalize_object (d);
  g_assert_finalize_object (other);
}

static void
text_that_is_none (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_set_progress (d, 0.5, "a\xff");
  export_job (d, "/job/12");
  property_is ("/job/12", "Text", "(<'a\xef\xbf\xbd'>,)");
  fire (d, 1);
  settle (NULL);
  g_assert_finalize_object (d);
}

static void
connection_closed (void)
{
  GDBusConnection *other = connect_to_bus ();
  GDeferred       *d = g_deferred_new ();

  g_assert_true (g_deferred_export_job (d, other, "/job", NULL));
  leave (other);
  g_deferred_set_progress (d, 0.5, NULL);
  settle (NULL);
  fire (d, 3);
  settle (NULL);
  g_assert_finalize_object (d);
}

/* --- following ----------------------------------------------------------------------------------------------------- */

/* The method that starts it is any that returns an object path. */
static GDeferred *
start_job (GDeferred *answer)
{
  g_queue_push_tail (&answers, answer);
  return g_deferred_dbus_job_call (client, service_name (), PATH, INTERFACE, "Get_o", NULL,
                                   G_DBUS_CALL_FLAGS_NONE, -1);
}

static GDeferred *
path_answer (const char *path)
{
  GDeferred *d = g_deferred_new ();

  g_assert_true (g_deferred_callback_string (d, path, NULL));
  return d;
}

/* A job that is under way on the other side. */
static GDeferred *
start_and_arrive (GDeferred *job, const char *path)
{
  GDeferred *d;

  export_job (job, path);
  d = start_job (path_answer (path));
  until (g_queue_is_empty (&answers));
  round_trip (client);
  return d;
}

static void
followed (void)
{
  GDeferred *job = g_deferred_new ();
  GDeferred *d = start_and_arrive (job, "/job/20");

  state_is (d, PENDING);
  g_deferred_set_progress (job, 0.25, "quarter");
  until (g_deferred_get_progress (d) > 0.0);
  g_assert_cmpfloat (g_deferred_get_progress (d), ==, 0.25);
  g_assert_cmpstr (g_deferred_get_progress_text (d), ==, "quarter");
  g_deferred_set_progress (job, 0.5, "quarter");
  until (g_deferred_get_progress (d) > 0.25);
  g_assert_cmpstr (g_deferred_get_progress_text (d), ==, "quarter");
  g_deferred_set_progress (job, 0.5, NULL);
  until (g_deferred_get_progress_text (d) == NULL);

  link_both (d, "a");
  fire (job, 7);
  until (!g_deferred_get_pending (d));
  trace_is ("a:GVariant ~a ");
  g_assert_cmpint (g_variant_get_int32 (g_deferred_get_variant (d)), ==, 7);
  settle (NULL);
  g_assert_finalize_object (d);
  g_assert_finalize_object (job);
}

static void
nothing (void)
{
  GDeferred *job = g_deferred_new ();
  GDeferred *d = start_and_arrive (job, "/job/21");

  link_both (d, "a");
  g_assert_true (g_deferred_callback (job, NULL, NULL));
  until (!g_deferred_get_pending (d));
  trace_is ("a:- ~a ");
  settle (NULL);
  g_assert_finalize_object (d);
  g_assert_finalize_object (job);
}

static void
errors (void)
{
  GDeferred *job = g_deferred_new ();
  GDeferred *d = start_and_arrive (job, "/job/22");

  g_deferred_errback_literal (job, G_DEFERRED_ERROR, G_DEFERRED_ERROR_OVERFLOW, "too much", NULL);
  g_assert_false (g_deferred_wait (d, NULL));
  g_assert_error (g_deferred_get_error (d), G_DEFERRED_ERROR, G_DEFERRED_ERROR_OVERFLOW);
  g_assert_cmpstr (g_deferred_get_error (d)->message, ==, "too much");
  g_assert_cmpstr (g_value_get_string (g_deferred_get_payload (d)), ==, "io.gdeferred.Error.Overflow");
  settle (NULL);
  g_assert_finalize_object (d);
  g_assert_finalize_object (job);
}

/* Its end is on its way before its path is. */
static void
ended_before_the_reply (void)
{
  GDeferred *answer = g_deferred_new ();
  GDeferred *d = start_job (g_object_ref (answer));
  GDeferred *job = g_deferred_new ();
  GDeferred *other = g_deferred_new ();

  until (g_queue_is_empty (&answers));
  export_job (other, "/job/23/other");
  export_job (job, "/job/23");
  g_deferred_set_progress (job, 0.5, "half");
  fire (other, 1);
  fire (job, 2);
  round_trip (service);
  round_trip (client);
  state_is (d, PENDING);
  g_deferred_callback_string (answer, "/job/23", NULL);
  g_assert_true (g_deferred_wait (d, NULL));
  g_assert_cmpint (g_variant_get_int32 (g_deferred_get_variant (d)), ==, 2);
  g_assert_cmpfloat (g_deferred_get_progress (d), ==, 0.5);
  settle (NULL);
  g_assert_finalize_object (d);
  g_assert_finalize_object (job);
  g_assert_finalize_object (other);
  g_assert_finalize_object (answer);
}

/* Jobs of others are none of ours. */
static void
two_jobs (void)
{
  GDeferred *job = g_deferred_new ();
  GDeferred *other = g_deferred_new ();
  GDeferred *d = start_and_arrive (job, "/job/24");
  GDeferred *e = start_and_arrive (other, "/job/25");

  g_deferred_set_progress (other, 0.5, NULL);
  until (g_deferred_get_progress (e) > 0.0);
  g_assert_cmpfloat (g_deferred_get_progress (d), ==, 0.0);
  fire (other, 2);
  g_assert_true (g_deferred_wait (e, NULL));
  state_is (d, PENDING);
  fire (job, 1);
  g_assert_true (g_deferred_wait (d, NULL));
  settle (NULL);
  g_assert_finalize_object (d);
  g_assert_finalize_object (e);
  g_assert_finalize_object (job);
  g_assert_finalize_object (other);
}

static void
cancelled_here (void)
{
  GDeferred *job = stoppable ();
  GDeferred *d = start_and_arrive (job, "/job/26");

  link_both (d, "a0");
  g_deferred_cancel (d);
  trace_is ("a:!CANCELLED ~a ");
  until (g_deferred_is_cancelled (job));
  trace_is ("stop ");
  settle (NULL);
  g_assert_finalize_object (d);
  g_assert_finalize_object (job);
}

static void
cancelled_before_the_reply (void)
{
  GDeferred *job = stoppable ();
  GDeferred *d;

  export_job (job, "/job/27");
  d = start_job (path_answer ("/job/27"));
  link_both (d, "a0");
  g_deferred_cancel (d);
  trace_is ("a:!CANCELLED ~a ");
  until (g_deferred_is_cancelled (job));
  trace_is ("stop ");
  settle (NULL);
  g_assert_finalize_object (d);
  g_assert_finalize_object (job);
}

static void
set_flag (gpointer flag, GObject *former)
{
  *(gboolean *) flag = TRUE;
}

static void
dropped_here (void)
{
  GDeferred *job = g_deferred_new ();
  GDeferred *d = start_and_arrive (job, "/job/28");
  gboolean   is_gone = FALSE;

  g_object_weak_ref (G_OBJECT (d), set_flag, &is_gone);
  link_both (d, "a");
  g_object_unref (d);
  g_assert_false (is_gone);
  fire (job, 3);
  until (is_gone);
  trace_is ("a:GVariant ~a ");
  settle (NULL);
  g_assert_finalize_object (job);
}

static void
not_started (void)
{
  GError    *error = g_error_new_literal (G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED, "no");
  GDeferred *d = start_job (g_deferred_fail (error));

  g_assert_false (g_deferred_wait (d, NULL));
  g_assert_error (g_deferred_get_error (d), G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED);
  g_assert_cmpstr (g_deferred_get_error (d)->message, ==, "no");
  settle (NULL);
  g_assert_finalize_object (d);
  g_error_free (error);

  g_queue_push_tail (&answers, succeeded_with (3));
  d = g_deferred_dbus_job_call (client, service_name (), PATH, INTERFACE, "Get_i", NULL,
                                G_DBUS_CALL_FLAGS_NONE, -1);
  g_assert_false (g_deferred_wait (d, NULL));
  g_assert_error (g_deferred_get_error (d), G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  settle (NULL);
  g_assert_finalize_object (d);
}

static void
service_leaves (void)
{
  GDBusConnection *other = connect_to_bus ();
  GDeferred       *job = g_deferred_new ();
  GDeferred       *d;

  register_service (other);
  g_assert_true (g_deferred_export_job (job, other, "/job", NULL));
  g_queue_push_tail (&answers, path_answer ("/job"));
  d = g_deferred_dbus_job_call (client, g_dbus_connection_get_unique_name (other), PATH, INTERFACE, "Get_o",
                                NULL, G_DBUS_CALL_FLAGS_NONE, -1);
  until (g_queue_is_empty (&answers));
  round_trip (client);
  state_is (d, PENDING);
  leave (other);
  g_assert_false (g_deferred_wait (d, NULL));
  g_assert_error (g_deferred_get_error (d), G_IO_ERROR, G_IO_ERROR_CLOSED);
  fire (job, 1);
  settle (NULL);
  g_assert_finalize_object (d);
  g_assert_finalize_object (job);
}

static void
fired_otherwise (void)
{
  GDeferred *job = stoppable ();
  GDeferred *d = start_and_arrive (job, "/job/29");

  link_both (d, "a");
  fire (d, 1);
  trace_is ("a:1 ~a ");
  fire (job, 3);
  round_trip (client);
  settle (NULL);
  g_assert_finalize_object (d);
  g_assert_finalize_object (job);
}

/* Whoever sends such signals with other things in them is not to break us. */
static void
odd_signals (void)
{
  GDeferred *job = g_deferred_new ();
  GDeferred *d = start_and_arrive (job, "/job/30");

  g_dbus_connection_emit_signal (service, NULL, "/job/30", JOB, "Finished", g_variant_new ("(s)", "odd"),
                                 NULL);
  g_dbus_connection_emit_signal (service, NULL, "/job/30", "org.freedesktop.DBus.Properties",
                                 "PropertiesChanged", g_variant_new ("(su)", JOB, 3), NULL);
  g_dbus_connection_emit_signal (
      service, NULL, "/job/30", "org.freedesktop.DBus.Properties", "PropertiesChanged",
      g_variant_new_parsed ("('" JOB "', {'Progress': <5.0>, 'Text': <3>}, @as [])"), NULL);
  until (g_deferred_get_progress (d) > 0.0);
  g_assert_cmpfloat (g_deferred_get_progress (d), ==, 1.0);
  g_assert_null (g_deferred_get_progress_text (d));
  g_dbus_connection_emit_signal (
      service, NULL, "/job/30", "org.freedesktop.DBus.Properties", "PropertiesChanged",
      g_variant_new_parsed ("('" JOB "', {'Progress': <%d>, 'Text': <'odd'>}, @as [])", (double) NAN), NULL);
  until (g_deferred_get_progress_text (d) != NULL);
  g_dbus_connection_emit_signal (service, NULL, "/job/30", JOB, "Finished",
                                 g_variant_new ("(bavss)", FALSE, NULL, "no name", "odd"), NULL);
  g_assert_false (g_deferred_wait (d, NULL));
  g_assert_error (g_deferred_get_error (d), G_DBUS_ERROR, G_DBUS_ERROR_FAILED);
  fire (job, 3);
  settle (NULL);
  g_assert_finalize_object (d);
  g_assert_finalize_object (job);
}

/* --- misuse -------------------------------------------------------------------------------------------------------- */

static void
bad_arguments (void)
{
  GDeferred           *d = g_deferred_new ();
  GError              *error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "old");
  const GDBusCallFlags none = G_DBUS_CALL_FLAGS_NONE;
  g_autoptr (GVariant) no_tuple = g_variant_ref_sink (g_variant_new_int32 (3));

  expect_critical ("G_IS_DEFERRED (self)");
  g_assert_false (g_deferred_export_job (NULL, service, "/job", NULL));
  expect_critical ("G_IS_DBUS_CONNECTION (connection)");
  g_assert_false (g_deferred_export_job (d, NULL, "/job", NULL));
  expect_critical ("g_variant_is_object_path (object_path)");
  g_assert_false (g_deferred_export_job (d, service, "job", NULL));
  expect_critical ("error == NULL || ?error == NULL");
  g_assert_false (g_deferred_export_job (d, service, "/job", &error));

  expect_critical ("G_IS_DBUS_CONNECTION (connection)");
  g_assert_null (g_deferred_dbus_job_call (NULL, NULL, PATH, INTERFACE, "M", NULL, none, -1));
  expect_critical ("g_dbus_is_name (bus_name)");
  g_assert_null (g_deferred_dbus_job_call (client, "no name", PATH, INTERFACE, "M", NULL, none, -1));
  expect_critical ("g_variant_is_object_path (object_path)");
  g_assert_null (g_deferred_dbus_job_call (client, NULL, "nowhere", INTERFACE, "M", NULL, none, -1));
  expect_critical ("g_dbus_is_interface_name (interface_name)");
  g_assert_null (g_deferred_dbus_job_call (client, NULL, PATH, "none", "M", NULL, none, -1));
  expect_critical ("g_dbus_is_member_name (method_name)");
  g_assert_null (g_deferred_dbus_job_call (client, NULL, PATH, INTERFACE, "no method", NULL, none, -1));
  expect_critical ("g_variant_is_of_type (parameters, G_VARIANT_TYPE_TUPLE)");
  g_assert_null (g_deferred_dbus_job_call (client, NULL, PATH, INTERFACE, "M", no_tuple, none, -1));
  expect_critical ("timeout_msec >= -1");
  g_assert_null (g_deferred_dbus_job_call (client, NULL, PATH, INTERFACE, "M", NULL, none, -2));
  criticals_came ();
  g_error_free (error);
  g_assert_finalize_object (d);
}

static gpointer
export_elsewhere (gpointer d)
{
  expect_critical ("g_deferred_export_job: called from a thread that is not the Deferred's home");
  g_assert_false (g_deferred_export_job (d, service, "/job", NULL));
  criticals_came ();
  return NULL;
}

static void
exported_elsewhere (void)
{
  GDeferred *d = g_deferred_new ();

  g_thread_join (g_thread_new ("elsewhere", export_elsewhere, d));
  property_is ("/job", "State", NO_OBJECT);
  g_assert_finalize_object (d);
}

static const Case cases[] = {
  { "/gio/job/properties", properties },
  { "/gio/job/changes-are-told", changes_are_told },
  { "/gio/job/changes-are-told-now-and-then", changes_are_told_now_and_then },
  { "/gio/job/waiting-is-told", waiting_is_told },
  { "/gio/job/outcomes", outcomes },
  { "/rule-14/gio/job/cancelled", cancelled },
  { "/rule-17/gio/job/dropped", dropped },
  { "/rule-17/gio/job/fired-and-dropped", fired_and_dropped },
  { "/rule-25/gio/job/owner-gone", owner_gone },
  { "/rule-05/gio/job/at-this-point-of-the-chain", at_this_point },
  { "/gio/job/exported-twice", exported_twice },
  { "/gio/job/text-that-is-none", text_that_is_none },
  { "/gio/job/connection-closed", connection_closed },
  { "/gio/job/followed", followed },
  { "/gio/job/followed-to-nothing", nothing },
  { "/gio/job/followed-to-an-error", errors },
  { "/gio/job/followed-though-it-ended-before-the-reply", ended_before_the_reply },
  { "/gio/job/followed-beside-another", two_jobs },
  { "/rule-14/gio/job/followed-and-cancelled", cancelled_here },
  { "/rule-14/gio/job/followed-and-cancelled-before-the-reply", cancelled_before_the_reply },
  { "/rule-17/gio/job/followed-and-dropped", dropped_here },
  { "/gio/job/not-started", not_started },
  { "/gio/job/service-leaves", service_leaves },
  { "/rule-01/gio/job/followed-and-fired-otherwise", fired_otherwise },
  { "/gio/job/odd-signals", odd_signals },
  { "/misuse/gio/job/bad-arguments", bad_arguments },
  { "/rule-21/gio/job/exported-elsewhere", exported_elsewhere },
};

int
main (int argc, char **argv)
{
  return run_bus_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
