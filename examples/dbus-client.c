/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/*
 * dbus-client: asks dbus-service, over the session bus.
 *
 * The job that a whole folder is over there is a Deferred here: it has its progress, and cancelling it, with Ctrl-C
 * say, cancels the job.
 */

#include <gdeferred/gdeferred.h>

#include <stdlib.h>
#include <string.h>

#define NAME "org.example.Files1"
#define PATH "/org/example/Files1"

static const char usage[] = "Usage: dbus-client COMMAND\n"
                            "\n"
                            "  size FILE                 its size\n"
                            "  digest FILE               its SHA-256 checksum\n"
                            "  folder FOLDER [PERCENT]   those of all files in it; cancelled at PERCENT\n"
                            "  sleep MILLISECONDS        an answer after a while\n"
                            "  load N M MILLISECONDS     N such answers, M at a time\n"
                            "  status                    what the service has done\n";

static GDeferred *
call (GDBusConnection *bus, const char *method, GVariant *parameters, const char *reply_type)
{
  return g_deferred_dbus_call (bus, NAME, PATH, NAME, method, parameters, G_VARIANT_TYPE (reply_type),
                               G_DBUS_CALL_FLAGS_NONE, G_MAXINT);
}

/* --- one call ------------------------------------------------------------------------------------------------------ */

static gboolean
print_size (GDeferred *reply, gpointer data, GError **error)
{
  guint64 size;

  g_variant_get (g_deferred_get_variant (reply), "(t)", &size);
  g_print ("%" G_GUINT64_FORMAT "\n", size);
  return g_deferred_return_none (reply);
}

static GDeferred *
ask_size (GDBusConnection *bus, char **argv)
{
  GDeferred *reply = call (bus, "Size", g_variant_new ("(s)", argv[0]), "(t)");

  return g_deferred_add_callback (reply, print_size, NULL, NULL);
}

static gboolean
print_digest (GDeferred *reply, gpointer data, GError **error)
{
  const char *digest;

  g_variant_get (g_deferred_get_variant (reply), "(&s)", &digest);
  g_print ("%s\n", digest);
  return g_deferred_return_none (reply);
}

static GDeferred *
ask_digest (GDBusConnection *bus, char **argv)
{
  GDeferred *reply = call (bus, "Digest", g_variant_new ("(s)", argv[0]), "(s)");

  return g_deferred_add_callback (reply, print_digest, NULL, NULL);
}

static gboolean
print_status (GDeferred *reply, gpointer data, GError **error)
{
  guint   under_way;
  guint64 answered, failed, cancelled;

  g_variant_get (g_deferred_get_variant (reply), "(uttt)", &under_way, &answered, &failed, &cancelled);
  g_print ("%u under way, %" G_GUINT64_FORMAT " answered, %" G_GUINT64_FORMAT " failed, %" G_GUINT64_FORMAT
           " cancelled\n",
           under_way, answered, failed, cancelled);
  return g_deferred_return_none (reply);
}

static GDeferred *
ask_status (GDBusConnection *bus, char **argv)
{
  return g_deferred_add_callback (call (bus, "Status", NULL, "(uttt)"), print_status, NULL, NULL);
}

static GDeferred *
sleep_over_there (GDBusConnection *bus, const char *milliseconds)
{
  return call (bus, "Sleep", g_variant_new ("(u)", (guint) strtoul (milliseconds, NULL, 10)), "()");
}

static gboolean
print_awake (GDeferred *reply, gpointer data, GError **error)
{
  g_print ("awake\n");
  return g_deferred_return_none (reply);
}

static GDeferred *
ask_sleep (GDBusConnection *bus, char **argv)
{
  return g_deferred_add_callback (sleep_over_there (bus, argv[0]), print_awake, NULL, NULL);
}

/* --- a job --------------------------------------------------------------------------------------------------------- */

static void
on_progress (GDeferred *job, GParamSpec *pspec, gpointer percent)
{
  double so_far = 100 * g_deferred_get_progress (job);

  g_printerr ("%.0f%%\n", so_far);
  if (percent != NULL && so_far >= strtod (percent, NULL))
    g_deferred_cancel (job);
}

static gboolean
print_table (GDeferred *job, gpointer data, GError **error)
{
  GVariantIter lines;
  const char  *file, *digest;

  g_variant_iter_init (&lines, g_deferred_get_variant (job));
  while (g_variant_iter_next (&lines, "(&s&s)", &file, &digest))
    g_print ("%s  %s\n", digest, file);
  return g_deferred_return_none (job);
}

static GDeferred *
ask_folder (GDBusConnection *bus, char **argv)
{
  GDeferred *job = g_deferred_dbus_job_call (bus, NAME, PATH, NAME, "DigestFolder",
                                             g_variant_new ("(s)", argv[0]), G_DBUS_CALL_FLAGS_NONE, -1);

  g_signal_connect (job, "notify::progress", G_CALLBACK (on_progress), argv[1]);
  return g_deferred_add_callback (job, print_table, NULL, NULL);
}

/* --- many calls ---------------------------------------------------------------------------------------------------- */

typedef struct
{
  GDBusConnection *bus;
  const char      *milliseconds;
  gsize            n;
  guint            n_answered;
  guint            n_failed;
} Load;

static gboolean
count (GDeferred *reply, gpointer n, GError **error)
{
  ++*(guint *) n;
  return g_deferred_return_none (reply);
}

static GDeferred *
next_call (gsize index, gpointer data)
{
  Load      *load = data;
  GDeferred *reply;

  if (index == load->n)
    return NULL;

  reply = sleep_over_there (load->bus, load->milliseconds);
  return g_deferred_add_callbacks (reply, count, &load->n_answered, NULL, count, &load->n_failed, NULL);
}

static gboolean
print_load (GDeferred *all, gpointer data, GError **error)
{
  Load *load = data;

  g_print ("%u answered, %u failed\n", load->n_answered, load->n_failed);
  return g_deferred_return_none (all);
}

static GDeferred *
ask_much (GDBusConnection *bus, char **argv)
{
  Load      *load = g_new0 (Load, 1);
  GDeferred *all;

  load->bus = bus;
  load->n = strtoul (argv[0], NULL, 10);
  load->milliseconds = argv[2];
  all = g_deferred_map_next ((guint) strtoul (argv[1], NULL, 10), G_DEFERRED_MAP_SETTLE, next_call, load,
                             NULL);
  return g_deferred_add_callback (all, print_load, load, g_free);
}

/* --- the program --------------------------------------------------------------------------------------------------- */

static const struct
{
  const char *name;
  int         n_least;
  int         n_most;
  GDeferred *(*ask) (GDBusConnection *bus, char **argv);
} commands[] = {
  { "digest", 1, 1, ask_digest }, { "folder", 1, 2, ask_folder }, { "load", 3, 3, ask_much },
  { "size", 1, 1, ask_size },     { "sleep", 1, 1, ask_sleep },   { "status", 0, 0, ask_status },
};

typedef struct
{
  char **argv;
  gsize  command;
} Client;

static gboolean
ask (GDeferred *program, gpointer data, GError **error)
{
  Client          *self = data;
  GDBusConnection *bus = g_deferred_get_object (program);
  GDeferred       *answer = commands[self->command].ask (bus, self->argv + 2);

  g_object_set_data_full (G_OBJECT (answer), "bus", g_object_ref (bus), g_object_unref);
  return g_deferred_return_deferred (program, answer);
}

static gboolean
run (GDeferred *self, gpointer client, GError **error)
{
  GDeferred *program
      = g_deferred_new_for_static_finish (G_TYPE_DBUS_CONNECTION, G_CALLBACK (g_bus_get_finish));

  g_bus_get (G_BUS_TYPE_SESSION, G_DEFERRED_ASYNC (program));
  g_deferred_add_callback (program, ask, client, NULL);
  return g_deferred_return_deferred (self, program);
}

int
main (int argc, char **argv)
{
  Client self = { argv, 0 };

  g_set_prgname ("dbus-client");
  while (argc > 1 && self.command < G_N_ELEMENTS (commands)
         && strcmp (commands[self.command].name, argv[1]) != 0)
    self.command++;
  if (argc < 2 || self.command == G_N_ELEMENTS (commands) || argc - 2 < commands[self.command].n_least
      || argc - 2 > commands[self.command].n_most)
    {
      g_printerr ("%s", usage);
      return 2;
    }
  return g_deferred_react (run, &self);
}
