/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/dbusjob.h>

#include <gdeferred/values.h>

#include "dbus-private.h"
#include "dbusjob-private.h"

/* A Deferred as an object on D-Bus, for others to watch and to cancel. */

static const char introspection_xml[] = "<node>"
                                        "  <interface name='" GD_JOB_INTERFACE "'>"
                                        "    <method name='" GD_JOB_CANCEL "'/>"
                                        "    <property name='" GD_JOB_NAME "' type='s' access='read'/>"
                                        "    <property name='" GD_JOB_PROGRESS "' type='d' access='read'/>"
                                        "    <property name='" GD_JOB_STATE "' type='s' access='read'/>"
                                        "    <property name='" GD_JOB_TEXT "' type='s' access='read'/>"
                                        "    <signal name='" GD_JOB_FINISHED "'>"
                                        "      <arg name='succeeded' type='b'/>"
                                        "      <arg name='result' type='av'/>"
                                        "      <arg name='error_name' type='s'/>"
                                        "      <arg name='error_message' type='s'/>"
                                        "    </signal>"
                                        "  </interface>"
                                        "</node>";

/* How often others are told of progress, at most. */
#define INTERVAL (100 * G_TIME_SPAN_MILLISECOND)

/* It belongs to a link of a fork of the Deferred; the object goes with it. All of it is at home. Before its turn has come
 * the Deferred leads on to the job, and must not be held by it, or nobody who drops it could ever abandon it. From then
 * on nothing leads back, and the job does. */
typedef struct
{
  GDeferred       *deferred;
  gboolean         is_owner;   /* of the Deferred */
  GDBusConnection *connection; /* owned */
  char            *path;
  guint            registration;
  gulong           handler; /* for notifications */

  GHashTable *told;    /* of names to GVariant: what others know */
  GSource    *source;  /* owned; tells them the rest */
  gint64      told_at; /* monotonic time */
} Job;

/* --- properties ---------------------------------------------------------------------------------------------------- */

static const char *const property_names[] = { GD_JOB_NAME, GD_JOB_PROGRESS, GD_JOB_STATE, GD_JOB_TEXT };

static const char *
state_name (GDeferred *deferred)
{
  g_autoptr (GEnumClass) states = g_type_class_ref (G_TYPE_DEFERRED_STATE);

  return g_enum_get_value (states, (int) g_deferred_get_state (deferred))->value_nick;
}

static GVariant *
new_text (const char *text)
{
  return text != NULL ? g_variant_new_take_string (g_utf8_make_valid (text, -1)) : g_variant_new_string ("");
}

/* What it is now. Floating. */
static GVariant *
get_property (GDeferred *deferred, const char *name)
{
  if (g_str_equal (name, GD_JOB_PROGRESS))
    return g_variant_new_double (g_deferred_get_progress (deferred));
  if (g_str_equal (name, GD_JOB_STATE))
    return g_variant_new_string (state_name (deferred));
  if (g_str_equal (name, GD_JOB_TEXT))
    return new_text (g_deferred_get_progress_text (deferred));
  return new_text (g_deferred_get_name (deferred));
}

/* Whether others do not know it yet. Takes the value. */
static gboolean
is_news (Job *self, const char *name, GVariant *value)
{
  GVariant *told = g_hash_table_lookup (self->told, name);

  g_variant_ref_sink (value);
  if (told != NULL && g_variant_equal (told, value))
    {
      g_variant_unref (value);
      return FALSE;
    }

  g_hash_table_insert (self->told, (gpointer) name, value);
  return TRUE;
}

static void
emit (Job *self, const char *interface, const char *signal, GVariant *parameters)
{
  g_dbus_connection_emit_signal (self->connection, NULL, self->path, interface, signal, parameters, NULL);
}

/* Those that have changed. @state is what is said of that, if not what it is. */
static void
tell (Job *self, const char *state)
{
  g_auto (GVariantBuilder) changed = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  guint n_changed = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (property_names); i++)
    {
      const char *name = property_names[i];
      GVariant   *value;

      if (state != NULL && g_str_equal (name, GD_JOB_STATE))
        value = g_variant_new_string (state);
      else
        value = get_property (self->deferred, name);
      if (!is_news (self, name, value))
        continue;
      g_variant_builder_add (&changed, "{sv}", name, g_hash_table_lookup (self->told, name));
      n_changed++;
    }

  if (n_changed > 0)
    emit (self, "org.freedesktop.DBus.Properties", "PropertiesChanged",
          g_variant_new ("(sa{sv}as)", GD_JOB_INTERFACE, &changed, NULL));
}

static gboolean
on_time (gpointer job)
{
  Job *self = job;

  g_source_set_ready_time (self->source, -1);
  self->told_at = g_get_monotonic_time ();
  tell (self, NULL);
  return G_SOURCE_CONTINUE;
}

/* A property is soon told of, together with others; and soon after that, it takes its time. */
static void
on_notify (GDeferred *deferred G_GNUC_UNUSED, GParamSpec *pspec G_GNUC_UNUSED, gpointer job)
{
  Job *self = job;

  if (g_source_get_ready_time (self->source) == -1)
    g_source_set_ready_time (self->source, self->told_at + INTERVAL);
}

static gboolean
dispatch (GSource *source G_GNUC_UNUSED, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs source_funcs = { .dispatch = dispatch };

/* --- its end ------------------------------------------------------------------------------------------------------- */

static void
job_free (gpointer job)
{
  Job *self = job;

  g_hash_table_unref (self->told);
  g_object_unref (self->connection);
  g_free (self->path);
  if (self->is_owner)
    g_object_unref (self->deferred);
  g_free (self);
}

/* The end of a link that calls nothing: its turn came, and that of the fork is next. */
static void
take_deferred (gpointer job)
{
  Job *self = job;

  g_object_ref (self->deferred);
  self->is_owner = TRUE;
}

/* Without the name of an error it is a success; without a result it came to nothing. */
static void
finish (Job *self, GVariant *result, const char *error_name, const char *message)
{
  g_auto (GVariantBuilder) results = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("av"));
  gboolean ok = error_name == NULL;

  g_signal_handler_disconnect (self->deferred, self->handler);
  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);

  tell (self, ok ? "succeeded" : "failed");
  if (result != NULL)
    g_variant_builder_add (&results, "v", result);
  emit (self, GD_JOB_INTERFACE, GD_JOB_FINISHED,
        g_variant_new (GD_JOB_OUTCOME, ok, &results, ok ? "" : error_name, ok ? "" : message));
  g_dbus_connection_unregister_object (self->connection, self->registration);
}

static gboolean
on_success (GDeferred *fork, gpointer job, GError **error)
{
  g_autoptr (GVariant) result = gd_dbus_variant_of (g_deferred_get_result (fork));

  finish (job, result, NULL, NULL);
  return TRUE;
}

static gboolean
on_failure (GDeferred *fork, gpointer job, GError **error)
{
  const GError    *failure = g_deferred_get_error (fork);
  g_autofree char *name = gd_dbus_name_of_error (failure, g_deferred_get_payload (fork));
  g_autofree char *message = gd_dbus_message_of_error (failure);

  finish (job, NULL, name, message);
  return g_deferred_return_none (fork);
}

/* --- the object ---------------------------------------------------------------------------------------------------- */

/* There is one method. */
static void
on_method_call (GDBusConnection *connection G_GNUC_UNUSED,
                const char *sender          G_GNUC_UNUSED,
                const char *object_path     G_GNUC_UNUSED,
                const char *interface_name  G_GNUC_UNUSED,
                const char *method_name     G_GNUC_UNUSED,
                GVariant *parameters        G_GNUC_UNUSED,
                GDBusMethodInvocation      *invocation,
                gpointer                    job)
{
  Job *self = job;

  g_dbus_method_invocation_return_value (invocation, NULL);
  g_deferred_cancel (self->deferred);
}

static GVariant *
on_get_property (GDBusConnection *connection G_GNUC_UNUSED,
                 const char *sender          G_GNUC_UNUSED,
                 const char *object_path     G_GNUC_UNUSED,
                 const char *interface_name  G_GNUC_UNUSED,
                 const char                 *property_name,
                 GError                    **error,
                 gpointer                    job)
{
  Job *self = job;

  return get_property (self->deferred, property_name);
}

static const GDBusInterfaceVTable vtable = { on_method_call, on_get_property, NULL, { 0 } };

static GDBusInterfaceInfo *
get_interface (void)
{
  static GDBusNodeInfo *node;

  if (g_once_init_enter (&node))
    g_once_init_leave (&node, g_dbus_node_info_new_for_xml (introspection_xml, NULL));
  return node->interfaces[0];
}

/* Calls come in the home context, whatever the thread-default one is that moment. */
static gboolean
job_register (Job *self, GError **error)
{
  g_main_context_push_thread_default (g_deferred_get_context (self->deferred));
  self->registration = g_dbus_connection_register_object (self->connection, self->path, get_interface (),
                                                          &vtable, self, NULL, error);
  g_main_context_pop_thread_default (g_deferred_get_context (self->deferred));
  return self->registration != 0;
}

static void
job_watch (Job *self)
{
  g_autoptr (GDeferred) fork = NULL;

  self->source = g_source_new (&source_funcs, sizeof (GSource));
  g_source_set_static_name (self->source, "GDeferred job on D-Bus");
  g_source_set_callback (self->source, on_time, self, NULL);
  g_source_attach (self->source, g_deferred_get_context (self->deferred));
  self->handler = g_signal_connect (self->deferred, "notify", G_CALLBACK (on_notify), self);

  for (gsize i = 0; i < G_N_ELEMENTS (property_names); i++)
    is_news (self, property_names[i], get_property (self->deferred, property_names[i]));

  g_deferred_add_callbacks (self->deferred, NULL, self, take_deferred, NULL, NULL, NULL);
  fork = g_deferred_fork (self->deferred);
  g_deferred_add_callbacks (fork, on_success, self, job_free, on_failure, self, NULL);
}

/**
 * g_deferred_export_job:
 * @self: the Deferred that does the work
 * @connection: a connection
 * @object_path: where on it; one that is not used again, as who asks late must not find another job
 * @error: return location for an error
 *
 * Puts @self onto D-Bus as an object, for others to see how far it got, to cancel it, and to hear of its end: for work
 * that takes longer than the call of a method should. The method that starts it returns the object path.
 *
 * The object has the interface `io.gdeferred.Job1`:
 *
 * | member | what it is |
 * |---|---|
 * | `Progress`, a `d`; `Text`, an `s` | what [method@Deferred.set_progress] was told |
 * | `State`, an `s` | the state of @self: "pending", "running", "waiting"; "succeeded" or "failed" at the end |
 * | `Name`, an `s` | its name |
 * | `Cancel ()` | cancels @self |
 * | `Finished (b succeeded, av result, s error_name, s error_message)` | is emitted once, with the outcome that @self has after the callbacks that it has now; of results there is one or none |
 *
 * Properties that change are told of ten times a second at most, by `PropertiesChanged`. A result that D-Bus has no type
 * for is left out. After `Finished` the object is gone. So it is when @self is dropped; the error is
 * %G_DEFERRED_ERROR_ABANDONED then. An error counts as handled.
 *
 * Nobody who leaves the bus cancels it, unless [method@Deferred.bind_peer] says so.
 *
 * It fails if there is such an object already, with %G_IO_ERROR_EXISTS.
 *
 * ```c
 * static GDeferred *
 * index_folder (const char *folder)
 * {
 *   return g_deferred_new ();
 * }
 *
 * static void
 * start_indexing (GDBusMethodInvocation *invocation, const char *folder)
 * {
 *   static guint n_jobs;
 *   g_autoptr (GDeferred) job = index_folder (folder);
 *   g_autofree char *path = g_strdup_printf ("/org/example/Indexer/jobs/%u", ++n_jobs);
 *   GError *error = NULL;
 *
 *   if (g_deferred_export_job (job, g_dbus_method_invocation_get_connection (invocation), path, &error))
 *     g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", path));
 *   else
 *     g_dbus_method_invocation_take_error (invocation, error);
 * }
 * ```
 *
 * On the other side [func@Deferred.dbus_job_call] makes a Deferred of it again.
 *
 * To be called at home. As long as it is exported, @self cannot be handed over to another context.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
g_deferred_export_job (GDeferred *self, GDBusConnection *connection, const char *object_path, GError **error)
{
  Job *job;

  g_return_val_if_fail (G_IS_DEFERRED (self), FALSE);
  g_return_val_if_fail (G_IS_DBUS_CONNECTION (connection), FALSE);
  g_return_val_if_fail (object_path != NULL && g_variant_is_object_path (object_path), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  if (!g_deferred_is_home (self))
    {
      g_critical ("%s: called from a thread that is not the Deferred's home", G_STRFUNC);
      return FALSE;
    }

  job = g_new0 (Job, 1);
  job->deferred = self;
  job->connection = g_object_ref (connection);
  job->path = g_strdup (object_path);
  job->told = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_variant_unref);
  if (!job_register (job, error))
    {
      job_free (job);
      return FALSE;
    }

  job_watch (job);
  return TRUE;
}
