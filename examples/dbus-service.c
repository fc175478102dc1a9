/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/*
 * dbus-service: sizes and checksums of files, for others on the session bus. dbus-client is one of them.
 *
 * Every method is a function that returns a Deferred; so one that takes long holds up no other. Who leaves the bus has
 * no more work done for it. Whole folders are a job, which others can watch and cancel. SIGTERM, or Ctrl-C, ends it in
 * good order: it gives its name back, answers all that it was asked before, and then it goes.
 */

#include <gdeferred/gdeferred.h>

#include <stdio.h>
#include <string.h>

#define NAME      "org.example.Files1"
#define PATH      "/org/example/Files1"
#define AT_A_TIME 4
#define BLOCK     65536

static const char introspection_xml[] = "<node>"
                                        "  <interface name='" NAME "'>"
                                        "    <method name='Size'>"
                                        "      <arg name='file' type='s' direction='in'/>"
                                        "      <arg name='size' type='t' direction='out'/>"
                                        "    </method>"
                                        "    <method name='Digest'>"
                                        "      <arg name='file' type='s' direction='in'/>"
                                        "      <arg name='sha256' type='s' direction='out'/>"
                                        "    </method>"
                                        "    <method name='DigestFolder'>"
                                        "      <arg name='folder' type='s' direction='in'/>"
                                        "      <arg name='job' type='o' direction='out'/>"
                                        "    </method>"
                                        "    <method name='Sleep'>"
                                        "      <arg name='milliseconds' type='u' direction='in'/>"
                                        "    </method>"
                                        "    <method name='Status'>"
                                        "      <arg name='under_way' type='u' direction='out'/>"
                                        "      <arg name='answered' type='t' direction='out'/>"
                                        "      <arg name='failed' type='t' direction='out'/>"
                                        "      <arg name='cancelled' type='t' direction='out'/>"
                                        "    </method>"
                                        "  </interface>"
                                        "</node>";

typedef struct
{
  GDBusConnection    *bus;       /* owned */
  GDeferredTaskGroup *under_way; /* owned; all that is not answered yet */
  GDeferred          *stop;      /* owned, as its producer; fires when it is to end */
  guint               name;
  guint               n_jobs;
  guint64             n_answered;
  guint64             n_failed;
  guint64             n_cancelled;
} Service;

/* --- sizes and checksums ------------------------------------------------------------------------------------------- */

static gboolean
finish_size (GDeferred *self, gpointer file, GAsyncResult *result, gpointer data, GError **error)
{
  g_autoptr (GFileInfo) info = g_file_query_info_finish (file, result, error);

  return info != NULL && g_deferred_return_int64 (self, g_file_info_get_size (info));
}

static GDeferred *
size_of (const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GDeferred *size = g_deferred_new_for_finish_func (finish_size, NULL, NULL);

  g_file_query_info_async (file, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE, G_PRIORITY_DEFAULT,
                           G_DEFERRED_ASYNC (size));
  return size;
}

/* In a thread. */
static gboolean
digest_file (GDeferred *self, gpointer path, GError **error)
{
  GCancellable *cancellable = g_deferred_get_cancellable (self);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, error);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 block[BLOCK];
  gssize n;

  if (stream == NULL)
    return FALSE;

  while ((n = g_input_stream_read (G_INPUT_STREAM (stream), block, sizeof block, cancellable, error)) > 0)
    g_checksum_update (checksum, block, n);
  return n == 0 && g_deferred_return_string (self, g_checksum_get_string (checksum));
}

static GDeferred *
digest_of (const char *path)
{
  return g_deferred_run_in_thread (digest_file, g_strdup (path), g_free);
}

/* --- whole folders ------------------------------------------------------------------------------------------------- */

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* In a thread: the paths of the files in a folder, sorted. */
static gboolean
list_files (GDeferred *self, gpointer folder, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();
  const char *name;

  if (dir == NULL)
    return FALSE;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        g_ptr_array_add (paths, g_steal_pointer (&path));
    }
  g_ptr_array_sort (paths, compare);
  g_ptr_array_add (paths, NULL);
  return g_deferred_return_take_boxed (self, G_TYPE_STRV, g_ptr_array_steal (paths, NULL));
}

/* One line of the table. */
static gboolean
make_line (GDeferred *digest, gpointer path, GError **error)
{
  return g_deferred_return_variant (digest, g_variant_new ("(ss)", path, g_deferred_get_string (digest)));
}

static gboolean
digest_one (GDeferred *self, gpointer path, gpointer paths, GError **error)
{
  GDeferred *digest = digest_of (path);

  g_deferred_add_callback (digest, make_line, g_strdup (path), g_free);
  return g_deferred_return_deferred (self, digest);
}

static gboolean
make_table (GDeferred *lines, gpointer data, GError **error)
{
  GDeferredResults *all = g_deferred_get_results (lines);
  GVariantBuilder   table = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ss)"));

  for (gsize i = 0; i < g_deferred_results_get_length (all); i++)
    g_variant_builder_add_value (&table, g_value_get_variant (g_deferred_results_get_value (all, i)));
  return g_deferred_return_variant (lines, g_variant_builder_end (&table));
}

/* Some at a time; the first error, or a cancel, ends them all. How far that got is how far the job got. */
static gboolean
digest_all (GDeferred *job, gpointer data, GError **error)
{
  char     **paths = g_strdupv (g_deferred_get_boxed (job, G_TYPE_STRV));
  GDeferred *lines
      = g_deferred_map ((gpointer const *) paths, g_strv_length (paths), AT_A_TIME,
                        G_DEFERRED_MAP_CANCEL_REST, digest_one, paths, (GDestroyNotify) g_strfreev);

  g_deferred_add_part (job, lines, 1.0);
  g_deferred_add_callback (lines, make_table, NULL, NULL);
  return g_deferred_return_deferred (job, lines);
}

static GDeferred *
digest_folder (const char *folder)
{
  GDeferred *job = g_deferred_run_in_thread (list_files, g_strdup (folder), g_free);

  g_deferred_set_name (job, folder);
  return g_deferred_add_callback (job, digest_all, NULL, NULL);
}

/* --- the methods --------------------------------------------------------------------------------------------------- */

static gboolean
count_answer (GDeferred *task, gpointer service, GError **error)
{
  ((Service *) service)->n_answered++;
  return g_deferred_return_none (task);
}

static gboolean
count_failure (GDeferred *task, gpointer service, GError **error)
{
  Service *self = service;

  if (g_error_matches (g_deferred_get_error (task), G_IO_ERROR, G_IO_ERROR_CANCELLED))
    self->n_cancelled++;
  else
    self->n_failed++;
  return g_deferred_return_none (task);
}

/* The service does not go before it is done. */
static void
take_in (Service *self, GDeferred *work)
{
  g_autoptr (GDeferred) task = g_deferred_fork (work);

  g_deferred_add_callbacks (task, count_answer, self, NULL, count_failure, self, NULL);
  g_deferred_task_group_add (self->under_way, task);
}

static GDeferred *
method_size (Service *self, const char *caller, GVariant *parameters)
{
  const char *file;

  g_variant_get (parameters, "(&s)", &file);
  return size_of (file);
}

static GDeferred *
method_digest (Service *self, const char *caller, GVariant *parameters)
{
  const char *file;

  g_variant_get (parameters, "(&s)", &file);
  return digest_of (file);
}

static GDeferred *
method_sleep (Service *self, const char *caller, GVariant *parameters)
{
  guint milliseconds;

  g_variant_get (parameters, "(u)", &milliseconds);
  return g_deferred_delay (milliseconds * G_TIME_SPAN_MILLISECOND, NULL);
}

/* Answered at once, with where to find the job. */
static gboolean
start_job (GDeferred *answer, gpointer data, GError **error)
{
  gpointer        *with = data;
  Service         *self = with[0];
  g_autofree char *path = g_strdup_printf (PATH "/jobs/%u", ++self->n_jobs);
  g_autoptr (GDeferred) job = digest_folder (with[2]);

  if (!g_deferred_export_job (job, self->bus, path, error))
    return FALSE;

  g_deferred_bind_peer (job, self->bus, with[1]);
  take_in (self, job);
  return g_deferred_return_string (answer, path);
}

static GDeferred *
method_digest_folder (Service *self, const char *caller, GVariant *parameters)
{
  const char *folder;

  g_variant_get (parameters, "(&s)", &folder);
  return g_deferred_maybe (start_job, (gpointer[]){ self, (gpointer) caller, (gpointer) folder });
}

static gboolean
tell_status (GDeferred *answer, gpointer service, GError **error)
{
  Service *self = service;

  return g_deferred_return_variant (answer,
                                    g_variant_new ("(uttt)",
                                                   g_deferred_task_group_get_n_tasks (self->under_way),
                                                   self->n_answered, self->n_failed, self->n_cancelled));
}

static GDeferred *
method_status (Service *self, const char *caller, GVariant *parameters)
{
  return g_deferred_maybe (tell_status, self);
}

static const struct
{
  const char *name;
  GDeferred *(*call) (Service *self, const char *caller, GVariant *parameters);
  gboolean is_work;
} methods[] = {
  { "Digest", method_digest, TRUE },  { "DigestFolder", method_digest_folder, FALSE },
  { "Size", method_size, TRUE },      { "Sleep", method_sleep, TRUE },
  { "Status", method_status, FALSE },
};

static void
on_method_call (GDBusConnection       *bus,
                const char            *caller,
                const char            *path,
                const char            *interface,
                const char            *method,
                GVariant              *parameters,
                GDBusMethodInvocation *invocation,
                gpointer               service)
{
  Service *self = service;
  g_autoptr (GDeferred) answer = NULL;
  gsize i = 0;

  if (g_deferred_task_group_is_closed (self->under_way))
    {
      g_dbus_method_invocation_return_error_literal (invocation, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN,
                                                     "The service is about to go");
      return;
    }

  while (strcmp (methods[i].name, method) != 0)
    i++; /* GDBus lets no others through */
  answer = methods[i].call (self, caller, parameters);
  g_deferred_answer_invocation (answer, invocation);
  if (methods[i].is_work)
    take_in (self, answer);
}

/* --- the beginning and the end ------------------------------------------------------------------------------------- */

static void
on_name_acquired (GDBusConnection *bus, const char *name, gpointer service)
{
  g_print ("ready\n");
}

static void
on_name_lost (GDBusConnection *bus, const char *name, gpointer service)
{
  Service *self = service;

  if (self->stop != NULL)
    g_deferred_errback_literal (self->stop, G_IO_ERROR, G_IO_ERROR_EXISTS, "Somebody else has the name " NAME,
                                NULL);
}

/* What Ctrl-C and SIGTERM do is to cancel the Deferred of the program, and so this one. It makes a good end of that. */
static void
begin_to_stop (GDeferred *stop, gpointer service)
{
  g_deferred_callback (stop, NULL, NULL);
}

/* Those who call from now on are told by the bus that nobody is there. What has come before is in the queue of the main
 * loop: a turn later all of it is under way. */
static gboolean
give_name_back (GDeferred *stop, gpointer service, GError **error)
{
  Service *self = service;

  g_clear_object (&self->stop);
  g_bus_unown_name (self->name);
  return g_deferred_return_deferred (stop, g_deferred_new_for_idle (G_PRIORITY_DEFAULT));
}

static gboolean
answer_the_rest (GDeferred *stop, gpointer service, GError **error)
{
  Service *self = service;

  return g_deferred_return_deferred (stop, g_deferred_task_group_close (self->under_way));
}

/* The answers are on their way then. */
static gboolean
flush (GDeferred *stop, gpointer service, GError **error)
{
  Service   *self = service;
  GDeferred *flushed = g_deferred_new_for_finish (G_TYPE_NONE, G_CALLBACK (g_dbus_connection_flush_finish));

  g_dbus_connection_flush (self->bus, G_DEFERRED_ASYNC (flushed));
  return g_deferred_return_deferred (stop, flushed);
}

static gboolean
say_goodbye (GDeferred *stop, gpointer service, GError **error)
{
  Service *self = service;

  g_print ("%" G_GUINT64_FORMAT " answered, %" G_GUINT64_FORMAT " failed, %" G_GUINT64_FORMAT " cancelled\n",
           self->n_answered, self->n_failed, self->n_cancelled);
  return g_deferred_return_int (stop, 0);
}

static const GDBusInterfaceVTable vtable = { on_method_call, NULL, NULL, { 0 } };

static gboolean
serve (GDeferred *program, gpointer service, GError **error)
{
  Service *self = service;
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (introspection_xml, NULL);

  self->bus = g_object_ref (g_deferred_get_object (program));
  if (g_dbus_connection_register_object (self->bus, PATH, node->interfaces[0], &vtable, self, NULL, error)
      == 0)
    return FALSE;

  self->stop = g_deferred_new_with_canceller (begin_to_stop, self, NULL);
  g_deferred_add_callback (self->stop, give_name_back, self, NULL);
  g_deferred_add_callback (self->stop, answer_the_rest, self, NULL);
  g_deferred_add_callback (self->stop, flush, self, NULL);
  g_deferred_add_callback (self->stop, say_goodbye, self, NULL);
  self->name = g_bus_own_name_on_connection (self->bus, NAME, G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE,
                                             on_name_acquired, on_name_lost, self, NULL);
  return g_deferred_return_deferred (program, g_object_ref (self->stop));
}

static gboolean
run (GDeferred *self, gpointer service, GError **error)
{
  GDeferred *program
      = g_deferred_new_for_static_finish (G_TYPE_DBUS_CONNECTION, G_CALLBACK (g_bus_get_finish));

  g_bus_get (G_BUS_TYPE_SESSION, G_DEFERRED_ASYNC (program));
  g_deferred_add_callback (program, serve, service, NULL);
  return g_deferred_return_deferred (self, program);
}

int
main (int argc, char **argv)
{
  Service self = { NULL };
  int     status;

  g_set_prgname ("dbus-service");
  setvbuf (stdout, NULL, _IOLBF, 0);
  if (argc != 1)
    {
      g_printerr ("Usage: dbus-service\n");
      return 2;
    }

  self.under_way = g_deferred_task_group_new ();
  status = g_deferred_react (run, &self);
  g_object_unref (self.under_way);
  g_clear_object (&self.stop);
  g_clear_object (&self.bus);
  return status;
}
