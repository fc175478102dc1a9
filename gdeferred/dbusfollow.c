/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/dbus.h>
#include <gdeferred/dbusjob.h>
#include <gdeferred/values.h>

#include "dbus-private.h"
#include "dbusjob-private.h"

/* A job that another process has exported, as a Deferred again.
 *
 * Which job it is comes with the reply to the call that starts it, and the job may end before that is looked at. So
 * signals of all jobs are listened to before the call is made, and what they say is kept until the reply comes. */

/* What is known of one job. */
typedef struct
{
  double    progress;
  char     *text;    /* nullable */
  GVariant *outcome; /* nullable */
} News;

/* It belongs to the Deferred until that has fired, to the call, and to the subscriptions. It, and they, hold the Deferred
 * meanwhile. All of it is at home. */
typedef struct
{
  GDeferred       *deferred;   /* owned; NULL once it was fired */
  GDBusConnection *connection; /* owned */
  char            *bus_name;   /* nullable */
  char            *path;       /* NULL before the reply */
  GHashTable      *early;      /* of paths to News; NULL after the reply */
  guint            properties;
  guint            finished;
  GdPeerTie       *tie; /* nullable */
  gboolean         is_cancelled;
} Follow;

static void
news_free (gpointer news)
{
  News *self = news;

  g_free (self->text);
  g_clear_pointer (&self->outcome, g_variant_unref);
  g_free (self);
}

static void
follow_clear (gpointer follow)
{
  Follow *self = follow;

  g_clear_pointer (&self->early, g_hash_table_unref);
  g_object_unref (self->connection);
  g_free (self->bus_name);
  g_free (self->path);
}

static void
follow_unref (gpointer follow)
{
  g_atomic_rc_box_release_full (follow, follow_clear);
}

/* The Deferred was fired. */
static void
follow_end (gpointer follow)
{
  Follow    *self = follow;
  GDeferred *deferred = g_steal_pointer (&self->deferred);

  g_dbus_connection_signal_unsubscribe (self->connection, self->properties);
  g_dbus_connection_signal_unsubscribe (self->connection, self->finished);
  g_clear_pointer (&self->tie, gd_peer_cut);
  g_object_unref (deferred);
  follow_unref (self);
}

/* --- cancelling ---------------------------------------------------------------------------------------------------- */

/* Nobody waits for the reply. */
static void
cancel_job (Follow *self, const char *path)
{
  g_dbus_connection_call (self->connection, self->bus_name, path, GD_JOB_INTERFACE, GD_JOB_CANCEL, NULL, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL, NULL);
}

static void
on_cancel (GDeferred *deferred G_GNUC_UNUSED, gpointer follow)
{
  Follow *self = follow;

  self->is_cancelled = TRUE;
  if (self->path != NULL)
    cancel_job (self, self->path);
}

/* --- what the job tells -------------------------------------------------------------------------------------------- */

static void
fail (GDeferred *deferred, const char *name, const char *message)
{
  g_autoptr (GError) error = g_dbus_error_new_for_dbus_error (name, message);
  g_auto (GValue) payload = G_VALUE_INIT;

  g_dbus_error_strip_remote_error (error);
  g_value_init (&payload, G_TYPE_STRING);
  g_value_set_string (&payload, name);
  g_deferred_errback_full (deferred, error, &payload, NULL);
}

static void
come_to_an_end (GDeferred *deferred, GVariant *outcome)
{
  g_autoptr (GVariant) results = NULL;
  g_autoptr (GVariant) result = NULL;
  const char *name;
  const char *message;
  gboolean    ok;

  g_variant_get (outcome, "(b@av&s&s)", &ok, &results, &name, &message);
  if (!ok)
    fail (deferred, g_dbus_is_interface_name (name) ? name : "org.freedesktop.DBus.Error.Failed", message);
  else if (g_variant_n_children (results) == 0)
    g_deferred_callback (deferred, NULL, NULL);
  else
    {
      g_variant_get_child (results, 0, "v", &result);
      g_deferred_callback_variant (deferred, result, NULL);
    }
}

static void
take_in (News *self, GVariant *properties)
{
  GVariantDict dict = G_VARIANT_DICT_INIT (properties);
  const char  *text;

  g_variant_dict_lookup (&dict, GD_JOB_PROGRESS, "d", &self->progress);
  if (g_variant_dict_lookup (&dict, GD_JOB_TEXT, "&s", &text))
    {
      g_free (self->text);
      self->text = *text != '\0' ? g_strdup (text) : NULL;
    }
  g_variant_dict_clear (&dict);
}

/* It may be over after that. Whatever another process says, the progress is a number from 0 to 1. */
static void
follow_news (Follow *self, const News *news)
{
  g_autoptr (GDeferred) deferred = g_object_ref (self->deferred);
  double progress = news->progress > 0.0 ? MIN (news->progress, 1.0) : 0.0;

  g_deferred_set_progress (deferred, progress, news->text);
  if (news->outcome != NULL)
    come_to_an_end (deferred, news->outcome);
}

static News *
early_news_of (Follow *self, const char *path)
{
  News *news = g_hash_table_lookup (self->early, path);

  if (news == NULL)
    {
      news = g_new0 (News, 1);
      g_hash_table_insert (self->early, g_strdup (path), news);
    }
  return news;
}

static void
on_properties_changed (GDBusConnection *connection G_GNUC_UNUSED,
                       const char *sender          G_GNUC_UNUSED,
                       const char                 *path,
                       const char *interface       G_GNUC_UNUSED,
                       const char *signal          G_GNUC_UNUSED,
                       GVariant                   *parameters,
                       gpointer                    follow)
{
  Follow *self = follow;
  g_autoptr (GVariant) properties = NULL;
  News news;

  if (self->deferred == NULL || !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;

  properties = g_variant_get_child_value (parameters, 1);
  if (self->early != NULL)
    take_in (early_news_of (self, path), properties);
  else if (g_str_equal (path, self->path))
    {
      news = (News){ g_deferred_get_progress (self->deferred),
                     g_strdup (g_deferred_get_progress_text (self->deferred)), NULL };
      take_in (&news, properties);
      follow_news (self, &news);
      g_free (news.text);
    }
}

static void
on_finished (GDBusConnection *connection G_GNUC_UNUSED,
             const char *sender          G_GNUC_UNUSED,
             const char                 *path,
             const char *interface       G_GNUC_UNUSED,
             const char *signal          G_GNUC_UNUSED,
             GVariant                   *parameters,
             gpointer                    follow)
{
  Follow *self = follow;

  if (self->deferred == NULL || !g_variant_is_of_type (parameters, G_VARIANT_TYPE (GD_JOB_OUTCOME)))
    return;

  if (self->early != NULL)
    {
      News *news = early_news_of (self, path);

      g_clear_pointer (&news->outcome, g_variant_unref);
      news->outcome = g_variant_ref (parameters);
    }
  else if (g_str_equal (path, self->path))
    {
      g_autoptr (GDeferred) deferred = g_object_ref (self->deferred);

      come_to_an_end (deferred, parameters);
    }
}

static void
on_gone (GDeferred *deferred)
{
  g_deferred_errback_literal (deferred, G_IO_ERROR, G_IO_ERROR_CLOSED,
                              "The service that did the work has left the bus", NULL);
}

/* --- the call ------------------------------------------------------------------------------------------------------ */

static gboolean
on_started (GDeferred *call, gpointer follow, GError **error)
{
  Follow *self = follow;
  g_autoptr (GHashTable) early = g_steal_pointer (&self->early);
  const News *news;

  g_variant_get (g_deferred_get_variant (call), "(o)", &self->path);
  if (self->is_cancelled)
    cancel_job (self, self->path);
  if (self->deferred == NULL)
    return TRUE;

  news = g_hash_table_lookup (early, self->path);
  if (news != NULL)
    follow_news (self, news);
  if (self->deferred != NULL)
    self->tie = gd_peer_tie (self->connection, self->bus_name, self->deferred, on_gone);
  return TRUE;
}

static gboolean
on_not_started (GDeferred *call, gpointer follow, GError **error)
{
  Follow *self = follow;

  if (self->deferred != NULL)
    {
      g_autoptr (GDeferred) deferred = g_object_ref (self->deferred);

      g_deferred_errback_full (deferred, g_deferred_get_error (call), g_deferred_get_payload (call), NULL);
    }
  return g_deferred_return_none (call);
}

static void
follow_start (Follow *self)
{
  self->properties
      = g_dbus_connection_signal_subscribe (self->connection, self->bus_name,
                                            "org.freedesktop.DBus.Properties", "PropertiesChanged", NULL,
                                            GD_JOB_INTERFACE, G_DBUS_SIGNAL_FLAGS_NONE, on_properties_changed,
                                            g_atomic_rc_box_acquire (self), follow_unref);
  self->finished
      = g_dbus_connection_signal_subscribe (self->connection, self->bus_name, GD_JOB_INTERFACE,
                                            GD_JOB_FINISHED, NULL, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                            on_finished, g_atomic_rc_box_acquire (self), follow_unref);
}

/**
 * g_deferred_dbus_job_call:
 * @connection: a connection
 * @bus_name: (nullable): whom to call; %NULL where @connection leads to one peer, and not to a bus
 * @object_path: the object
 * @interface_name: the interface
 * @method_name: the method, which returns the object path of a job, an `o`
 * @parameters: (nullable): a tuple of its arguments, which is taken if it is floating
 * @flags: how to call
 * @timeout_msec: milliseconds, for the call; the job may take longer
 *
 * Calls a method that starts a job, such as [method@Deferred.export_job] puts onto the bus, and gives a Deferred for the
 * job: its progress is that of the job, cancelling it cancels the job, and it fires with what the job comes to, a
 * #GVariant or nothing, or with its error, as [func@Deferred.dbus_call] has it. Nothing is missed, however soon the job
 * ends.
 *
 * If the service leaves the bus before the job has come to an end, the Deferred fails with %G_IO_ERROR_CLOSED.
 *
 * To be called in the thread that is at home in the thread-default main context: see [ctor@Deferred.new].
 *
 * Returns: (transfer full): a new Deferred
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_dbus_job_call (GDBusConnection *connection,
                          const char      *bus_name,
                          const char      *object_path,
                          const char      *interface_name,
                          const char      *method_name,
                          GVariant        *parameters,
                          GDBusCallFlags   flags,
                          int              timeout_msec)
{
  Follow *follow;
  g_autoptr (GDeferred) call = NULL;
  GDeferred *self;

  g_return_val_if_fail (G_IS_DBUS_CONNECTION (connection), NULL);
  g_return_val_if_fail (bus_name == NULL || g_dbus_is_name (bus_name), NULL);
  g_return_val_if_fail (object_path != NULL && g_variant_is_object_path (object_path), NULL);
  g_return_val_if_fail (interface_name != NULL && g_dbus_is_interface_name (interface_name), NULL);
  g_return_val_if_fail (method_name != NULL && g_dbus_is_member_name (method_name), NULL);
  g_return_val_if_fail (parameters == NULL || g_variant_is_of_type (parameters, G_VARIANT_TYPE_TUPLE), NULL);
  g_return_val_if_fail (timeout_msec >= -1, NULL);

  follow = g_atomic_rc_box_new0 (Follow);
  follow->connection = g_object_ref (connection);
  follow->bus_name = g_strdup (bus_name);
  follow->early = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, news_free);
  self = g_deferred_new_with_canceller (on_cancel, follow, follow_end);
  follow->deferred = g_object_ref (self);
  follow_start (follow);

  call = g_deferred_dbus_call (connection, bus_name, object_path, interface_name, method_name, parameters,
                               G_VARIANT_TYPE ("(o)"), flags, timeout_msec);
  g_deferred_add_callbacks (call, on_started, g_atomic_rc_box_acquire (follow), follow_unref, on_not_started,
                            follow, NULL);
  return self;
}
