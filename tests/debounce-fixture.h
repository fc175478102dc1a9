/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* GDeferredDebounce. In the trace "a() " says that the function of run a was called, "a:3 " what came of it, "~a "
 * that its data went; a capital letter is the same for what the Deferred of the run was given. */

#include "patterns-fixture.h"

static GDeferredDebounce *debounce;

static inline void
run (const char *plan, const char *watcher)
{
  watch_to_the_end (g_deferred_debounce_run (debounce, work, (gpointer) plan, gone), watcher);
}

static inline void
begin (void)
{
  debounce = g_deferred_debounce_new (MS (100));
}

static inline void
end (void)
{
  g_assert_finalize_object (g_steal_pointer (&debounce));
}
