/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "testutil.h"

/* What every test program starts with. Warnings and criticals are fatal, as g_test_init() leaves them.
 * G_TEST_OPTION_ISOLATE_DIRS is left out: it leaks in GLib 2.74, and nothing here looks at a user's folders. */
void
gd_test_init (int *argc, char ***argv)
{
  g_test_init (argc, argv, NULL);
}

/* How often to do something that is done n times on the bare machine: valgrind and ThreadSanitizer are up to
 * fifty times slower, so their runs set GD_TEST_SCALE to a percentage. Never 0: a loop that does not run tests
 * nothing. */
guint
gd_test_scaled (guint n)
{
  const char *scale = g_getenv ("GD_TEST_SCALE");
  guint64     percent = scale != NULL ? g_ascii_strtoull (scale, NULL, 10) : 100;
  guint64     scaled = (guint64) n * percent / 100;

  return (guint) CLAMP (scaled, 1, G_MAXUINT);
}

/* Runs the thread's main context until nothing is left in it: what was posted has then arrived. */
void
gd_test_settle (void)
{
  while (g_main_context_iteration (g_main_context_get_thread_default (), FALSE))
    ;
}
