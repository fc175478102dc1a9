/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "dbus-private.h"

/* One caller, as the Deferreds of one context know it. It is there as long as there are ties, and all of it but its
 * place in the table belongs to that context. */
typedef struct
{
  GDBusConnection *connection; /* owned */
  char            *name;       /* NULL where the connection has no names: who is at its other end */
  GMainContext    *context;    /* owned */

  GQueue   ties; /* of GdPeerTie */
  gboolean is_gone;
  guint    watch;  /* for the name */
  gulong   closed; /* for the connection */
} Peer;

struct _GdPeerTie
{
  GList      link;
  Peer      *peer; /* owned; NULL once it has gone */
  GDeferred *deferred;
  GdPeerGone gone;
};

static GMutex      lock;
static GHashTable *peers; /* a set of Peer, without references */

static guint
peer_hash (gconstpointer peer)
{
  const Peer *self = peer;

  return g_direct_hash (self->connection) ^ g_direct_hash (self->context)
         ^ (self->name != NULL ? g_str_hash (self->name) : 0);
}

static gboolean
peer_equal (gconstpointer a, gconstpointer b)
{
  const Peer *one = a;
  const Peer *other = b;

  return one->connection == other->connection && one->context == other->context
         && g_strcmp0 (one->name, other->name) == 0;
}

static void
peer_clear (gpointer peer)
{
  Peer *self = peer;

  g_object_unref (self->connection);
  g_main_context_unref (self->context);
  g_free (self->name);
}

static void
peer_unref (gpointer peer)
{
  g_atomic_rc_box_release_full (peer, peer_clear);
}

/* Nobody finds it any more, and nothing tells it any more. */
static void
peer_stop (Peer *self)
{
  if (self->is_gone)
    return;

  self->is_gone = TRUE;
  g_mutex_lock (&lock);
  g_hash_table_remove (peers, self);
  g_mutex_unlock (&lock);

  if (self->watch != 0)
    g_bus_unwatch_name (self->watch);
  if (self->closed != 0)
    g_signal_handler_disconnect (self->connection, self->closed);
}

/* Who is told may cut this tie, and others. */
static gboolean
peer_leave (gpointer peer)
{
  Peer *self = peer;

  g_atomic_rc_box_acquire (self);
  peer_stop (self);
  while (self->ties.head != NULL)
    {
      GdPeerTie *tie = self->ties.head->data;

      g_queue_unlink (&self->ties, &tie->link);
      tie->peer = NULL;
      peer_unref (self);
      tie->gone (tie->deferred);
    }
  peer_unref (self);
  return G_SOURCE_REMOVE;
}

static void
on_vanished (GDBusConnection *connection G_GNUC_UNUSED, const char *name G_GNUC_UNUSED, gpointer peer)
{
  peer_leave (peer);
}

static void
leave_later (Peer *self)
{
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "GDeferred peer");
  g_source_set_callback (source, peer_leave, g_atomic_rc_box_acquire (self), peer_unref);
  g_source_attach (source, self->context);
  g_source_unref (source);
}

/* In the context of the connection. */
static void
on_closed (GDBusConnection *connection   G_GNUC_UNUSED,
           gboolean remote_peer_vanished G_GNUC_UNUSED,
           GError *error                 G_GNUC_UNUSED,
           gpointer                      peer)
{
  leave_later (peer);
}

static void
unref_by_closure (gpointer peer, GClosure *closure G_GNUC_UNUSED)
{
  peer_unref (peer);
}

static void
peer_start (Peer *self)
{
  if (self->name != NULL)
    {
      g_main_context_push_thread_default (self->context);
      self->watch
          = g_bus_watch_name_on_connection (self->connection, self->name, G_BUS_NAME_WATCHER_FLAGS_NONE, NULL,
                                            on_vanished, g_atomic_rc_box_acquire (self), peer_unref);
      g_main_context_pop_thread_default (self->context);
      return;
    }

  self->closed = g_signal_connect_data (self->connection, "closed", G_CALLBACK (on_closed),
                                        g_atomic_rc_box_acquire (self), unref_by_closure, 0);
  if (g_dbus_connection_is_closed (self->connection))
    leave_later (self);
}

/* Gives a reference. Only the thread of the context looks for its peers. */
static Peer *
get_peer (GDBusConnection *connection, const char *name, GMainContext *context)
{
  const Peer wanted = { .connection = connection, .name = (char *) name, .context = context };
  Peer      *self;

  g_mutex_lock (&lock);
  if (peers == NULL)
    peers = g_hash_table_new (peer_hash, peer_equal);
  self = g_hash_table_lookup (peers, &wanted);
  g_mutex_unlock (&lock);
  if (self != NULL)
    return g_atomic_rc_box_acquire (self);

  self = g_atomic_rc_box_new0 (Peer);
  self->connection = g_object_ref (connection);
  self->name = g_strdup (name);
  self->context = g_main_context_ref (context);
  g_mutex_lock (&lock);
  g_hash_table_add (peers, self);
  g_mutex_unlock (&lock);
  peer_start (self);
  return self;
}

GdPeerTie *
gd_peer_tie (GDBusConnection *connection, const char *name, GDeferred *deferred, GdPeerGone gone)
{
  GdPeerTie *self = g_new0 (GdPeerTie, 1);

  self->link.data = self;
  self->deferred = deferred;
  self->gone = gone;
  self->peer = get_peer (connection, name, g_deferred_get_context (deferred));
  g_queue_push_tail_link (&self->peer->ties, &self->link);
  return self;
}

void
gd_peer_cut (GdPeerTie *self)
{
  Peer *peer = self->peer;

  if (peer != NULL)
    {
      g_queue_unlink (&peer->ties, &self->link);
      if (peer->ties.head == NULL)
        peer_stop (peer);
      peer_unref (peer);
    }
  g_free (self);
}
