/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

/* What is made until gd_context_leave() is at home in @context, wherever the loop was that called here: the caller is at
 * home there. Whether there is something to leave. */
static inline gboolean
gd_context_enter (GMainContext *context)
{
  GMainContext *current = g_main_context_get_thread_default ();

  if (G_LIKELY ((current != NULL ? current : g_main_context_default ()) == context))
    return FALSE;

  g_main_context_push_thread_default (context);
  return TRUE;
}

static inline void
gd_context_leave (GMainContext *context, gboolean entered)
{
  if (G_UNLIKELY (entered))
    g_main_context_pop_thread_default (context);
}

G_END_DECLS
