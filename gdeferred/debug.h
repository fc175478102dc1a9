/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/types.h>

G_BEGIN_DECLS

/**
 * GDeferredUnhandledFunc:
 * @self: the Deferred whose error nobody handled
 * @user_data: (closure): what was given with the hook
 *
 * Learns of an error that nobody handled. [method@Deferred.get_error] and [method@Deferred.describe] say what
 * and where; the Deferred is gone once the hook returns and nobody took a reference.
 *
 * It is called once for an error, from the loop of the Deferred's home context.
 *
 * Since: 1.0
 */
typedef void (*GDeferredUnhandledFunc) (GDeferred *self, gpointer user_data);

GD_EXTERN void
g_deferred_set_unhandled_hook (GDeferredUnhandledFunc hook, gpointer user_data, GDestroyNotify destroy);

GD_EXTERN gboolean g_deferred_set_debug (const char *switches);
GD_EXTERN char    *g_deferred_dump_pending (void);
GD_EXTERN char    *g_deferred_dump_graph (void);
GD_EXTERN void     g_deferred_print_pending (void);
GD_EXTERN guint    g_deferred_dump_on_signal (int signum);
GD_EXTERN void     g_deferred_note_wait (GDeferred *self, GDeferred *other);

G_END_DECLS
