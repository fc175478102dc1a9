/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

/*
 * What the files about D-Bus share.
 *
 * Values (dbusvalue.c): results as variants, and errors as names and messages, and back.
 */
gboolean  gd_dbus_can_carry (GVariant *variant);
GVariant *gd_dbus_variant_of (const GValue *value);
GVariant *gd_dbus_variant_as (const GValue *value, const GVariantType *type);
void      gd_dbus_register_errors (void);
char     *gd_dbus_name_of_error (const GError *error, const GValue *payload);
char     *gd_dbus_message_of_error (const GError *error);
gboolean  gd_dbus_return_error (GDeferred *self, GError *failure);

/*
 * Peers (dbuspeer.c): those who called us, and may leave before they have their answer. All ties between the Deferreds
 * of one context and one caller share one watch for its name, or for the connection, where that has no names.
 *
 * A tie is made, and cut, at the home of its Deferred. It owns nothing. When the peer has gone, @gone is called with the
 * Deferred, from the loop of the home, unless the tie was cut before; it has to be cut after that, too.
 */
typedef struct _GdPeerTie GdPeerTie;
typedef void (*GdPeerGone) (GDeferred *deferred);

GdPeerTie *gd_peer_tie (GDBusConnection *connection, const char *name, GDeferred *deferred, GdPeerGone gone);
void       gd_peer_cut (GdPeerTie *tie);

G_END_DECLS
