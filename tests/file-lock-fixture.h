/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* What the tests of the lock between processes share. Nothing waits for the time to pass: the clock is virtual. */

#include "fixture.h"

#include <glib/gstdio.h>
#include <unistd.h>

static char           *folder;
static char           *path;
static GDeferredClock *test_clock;

static inline GDeferredFileLock *
new_lock (void)
{
  GDeferredFileLock *lock = g_deferred_file_lock_new (path);

  g_deferred_file_lock_set_clock (lock, test_clock);
  return lock;
}

static inline gboolean
say_got (GDeferred *self, gpointer name, GError **error)
{
  if (g_deferred_get_error (self) != NULL)
    say_outcome (name, self);
  else
    say ("%s ", (char *) name);
  return g_deferred_return_none (self);
}

static inline GDeferred *
ask (GDeferredFileLock *lock, const char *name)
{
  GDeferred *d = g_deferred_file_lock_acquire (lock);

  g_deferred_add_both (d, say_got, (gpointer) name, NULL);
  g_object_unref (d);
  return d;
}

#define advance(milliseconds) g_deferred_clock_advance (test_clock, (milliseconds) *G_TIME_SPAN_MILLISECOND)

static inline guint
n_calls (void)
{
  g_autolist (GDeferredDelayedCall) calls = g_deferred_clock_get_calls (test_clock);

  return g_list_length (calls);
}

/* How long it is, in milliseconds, till the only call. */
static inline int
time_till_next (void)
{
  g_autolist (GDeferredDelayedCall) calls = g_deferred_clock_get_calls (test_clock);
  gint64 time;

  g_assert_cmpuint (g_list_length (calls), ==, 1);
  time = g_deferred_delayed_call_get_time (calls->data);
  return (int) ((time - g_deferred_clock_get_time (test_clock)) / G_TIME_SPAN_MILLISECOND);
}

static inline void
contents_are (const char *expected)
{
  g_autofree char *contents = NULL;

  g_assert_true (g_file_get_contents (path, &contents, NULL, NULL));
  g_assert_cmpstr (contents, ==, expected);
}

/* --- cases, each with a path of its own -------------------------------------------------------------------------- */

static inline void
with_path (void (*run_case) (void))
{
  static int n;

  path = g_strdup_printf ("%s/lock-%d", folder, n++);
  test_clock = g_deferred_clock_new_virtual ();
  run_case ();
  g_assert_cmpuint (n_calls (), ==, 0);
  g_assert_finalize_object (test_clock);
  g_unlink (path);
  g_free (path);
}

#define WITH_PATH(name, text)                                                                                \
  static void case_##name (void)                                                                             \
  {                                                                                                          \
    with_path (name);                                                                                        \
  }

#define ROW(name, text) { "/file-lock/" text, case_##name },

static inline int
run_cases_in_folder (int argc, char **argv, const Case *cases, gsize n_cases)
{
  int status;

  folder = g_dir_make_tmp ("gdeferred-XXXXXX", NULL);
  g_assert_nonnull (folder);
  g_chmod (folder, 0755);
  status = run_cases (argc, argv, cases, n_cases);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (folder);
  return status;
}
