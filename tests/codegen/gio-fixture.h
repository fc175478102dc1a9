/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* What the tests of GIO's wrappers share. Nothing in them is there at once; each is waited for in a loop that runs. */

#include "../fixture.h"

#include <gdeferred-gio/gdeferred-gio.h>

static inline GDeferred *
waited_for (GDeferred *d)
{
  GError *error = NULL;

  g_assert_true (G_IS_DEFERRED (d));
  g_deferred_wait (d, &error);
  g_assert_no_error (error);
  state_is (d, SUCCEEDED);
  return d;
}

/* Waits for one that has nothing to give but that it succeeded. */
static inline void
succeeds (GDeferred *d)
{
  g_assert_null (g_deferred_get_result (waited_for (d)));
  g_object_unref (d);
}

/* Waits for an object, which the caller gets. */
static inline gpointer
object_of (GDeferred *d)
{
  gpointer object = g_object_ref (g_deferred_get_object (waited_for (d)));

  g_object_unref (d);
  return object;
}

static inline char *
string_of (GDeferred *d)
{
  char *string = g_strdup (g_deferred_get_string (waited_for (d)));

  g_object_unref (d);
  return string;
}

static inline gint64
number_of (GDeferred *d)
{
  gint64 number = g_deferred_get_int64 (waited_for (d));

  g_object_unref (d);
  return number;
}

static inline gpointer
boxed_of (GDeferred *d, GType type)
{
  gpointer boxed = g_boxed_copy (type, g_deferred_get_boxed (waited_for (d), type));

  g_object_unref (d);
  return boxed;
}

static inline GVariant *
variant_of (GDeferred *d)
{
  GVariant *variant = g_variant_ref (g_deferred_get_variant (waited_for (d)));

  g_object_unref (d);
  return variant;
}

static inline void
fails (GDeferred *d, GQuark domain, int code)
{
  GError *error = NULL;

  g_assert_true (G_IS_DEFERRED (d));
  g_deferred_wait (d, &error);
  g_assert_error (error, domain, code);
  g_error_free (error);
  g_object_unref (d);
}

/* Some answers depend on the system that the test runs on: that there is one has to do. */
static inline void
ends (GDeferred *d)
{
  GError *error = NULL;

  g_assert_true (G_IS_DEFERRED (d));
  if (!g_deferred_wait (d, &error))
    g_test_message ("it failed: %s", error->message);
  g_clear_error (&error);
  g_object_unref (d);
}

/* GIO may free data in a thread of its own. */
static inline void
set_true (gpointer flag)
{
  g_atomic_int_set ((gboolean *) flag, TRUE);
  g_main_context_wakeup (NULL);
}

static inline void
set_true_when_gone (gpointer flag, GObject *object G_GNUC_UNUSED)
{
  set_true (flag);
}

/* Drops the last reference but those of threads of GIO's, which may be at the end of a job still. */
static inline void
goes (gpointer object)
{
  gboolean is_gone = FALSE;

  g_object_weak_ref (object, set_true_when_gone, &is_gone);
  g_object_unref (object);
  while (!g_atomic_int_get (&is_gone))
    g_thread_yield ();
}

/* Cancels one that is under way: it fails at once, and its operation, which has the other reference, ends for it. */
static inline void
cancels (GDeferred *d)
{
  gboolean gone_now = FALSE;

  g_assert_true (G_IS_DEFERRED (d));
  state_is (d, PENDING);
  g_deferred_cancel (d);
  state_is (d, FAILED);
  g_assert_true (g_error_matches (g_deferred_get_error (d), G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_object_set_data_full (G_OBJECT (d), "gone", &gone_now, set_true);
  g_deferred_wait (d, NULL);
  g_object_unref (d);
  while (!g_atomic_int_get (&gone_now))
    g_main_context_iteration (NULL, TRUE);
}

static inline void
bytes_are (GBytes *bytes, const char *text)
{
  gsize         size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  g_assert_cmpmem (data, size, text, strlen (text));
}

static inline GBytes *
bytes_from (const char *text)
{
  return g_bytes_new (text, strlen (text));
}
