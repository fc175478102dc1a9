/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* What the tests of the rules share: links that write what they see into one trace, which a test compares whole.
 *
 * A link is given as a plan: a letter, its name in the trace, and what it does once it wrote what it saw.
 *   "a"      passes the outcome through
 *   "a=7"    returns the int 7
 *   "a0"     returns nothing
 *   "a!bad"  fails with G_IO_ERROR_FAILED, "bad"
 *   "a?"     returns FALSE and sets no error
 *   "a-"     pauses its Deferred
 * In the trace "a:3 " says that a ran and saw 3 ("-" is nothing, "!bad" an error), and "~a " that its data went. */

#include <gdeferred/gdeferred.h>

#include <stdlib.h>
#include <string.h>

#include "testutil.h"

static GString *fx_trace;
static GMutex   fx_lock;
static GQueue   fx_reports = G_QUEUE_INIT; /* of GHashTable: the fields of each warning */

G_GNUC_PRINTF (1, 2)
static inline void
say (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_mutex_lock (&fx_lock);
  g_string_append_vprintf (fx_trace, format, args);
  g_mutex_unlock (&fx_lock);
  va_end (args);
}

/* The whole trace since the last look. */
#define trace_is(expected)                                                                                   \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    g_assert_cmpstr (fx_trace->str, ==, expected);                                                           \
    g_string_truncate (fx_trace, 0);                                                                         \
  }                                                                                                          \
  G_STMT_END

static inline const char *
error_word (const GError *error)
{
  static const char *const own[]
      = { "ALREADY_CALLED", "INVALID_RESULT", "LOOP",      "ABANDONED",  "FAILED",
          "STALLED",        "OVERFLOW",       "UNDERFLOW", "ALL_FAILED", "CLOSED" };

  if (error->domain == G_DEFERRED_ERROR)
    return own[error->code];
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return "CANCELLED";
  return error->message;
}

static inline void
say_outcome (const char *name, GDeferred *d)
{
  const GError *error = g_deferred_get_error (d);
  const GValue *value = g_deferred_get_result (d);

  if (error != NULL)
    say ("%s:!%s ", name, error_word (error));
  else if (value == NULL)
    say ("%s:- ", name);
  else if (G_VALUE_HOLDS_INT (value))
    say ("%s:%d ", name, g_value_get_int (value));
  else if (G_VALUE_HOLDS_STRING (value))
    say ("%s:'%s' ", name, g_value_get_string (value));
  else
    say ("%s:%s ", name, G_VALUE_TYPE_NAME (value));
}

static inline gboolean
act (GDeferred *self, gpointer data, GError **error)
{
  const char *plan = data;
  char        name[2] = { plan[0], 0 };

  say_outcome (name, self);
  switch (plan[1])
    {
    case '=':
      return g_deferred_return_int (self, atoi (plan + 2));
    case '0':
      return g_deferred_return_none (self);
    case '!':
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, plan + 2);
      return FALSE;
    case '?':
      return FALSE;
    case '-':
      g_deferred_pause (self);
      return TRUE;
    default:
      return TRUE;
    }
}

static inline void
gone (gpointer data)
{
  say ("~%c ", *(const char *) data);
}

static inline void
link_both (GDeferred *d, const char *plan)
{
  g_assert_true (g_deferred_add_both (d, act, (gpointer) plan, gone) == d);
}

static inline void
link_callback (GDeferred *d, const char *plan)
{
  g_assert_true (g_deferred_add_callback (d, act, (gpointer) plan, gone) == d);
}

static inline void
link_errback (GDeferred *d, const char *plan)
{
  g_assert_true (g_deferred_add_errback (d, act, (gpointer) plan, gone) == d);
}

static inline void
link_pair (GDeferred *d, const char *callback, const char *errback)
{
  g_assert_true (g_deferred_add_callbacks (d, act, (gpointer) callback, gone, act, (gpointer) errback, gone)
                 == d);
}

static inline gboolean
return_it (GDeferred *self, gpointer inner, GError **error)
{
  return g_deferred_return_deferred (self, g_object_ref (inner));
}

/* A link that waits for @inner and holds a reference to it until it ran. */
static inline void
link_inner (GDeferred *d, GDeferred *inner)
{
  g_deferred_add_callback (d, return_it, g_object_ref (inner), g_object_unref);
}

#define fire(d, n)                                                                                           \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    GError *fire_error = NULL;                                                                               \
    g_assert_true (g_deferred_callback_int ((d), (n), &fire_error));                                         \
    g_assert_no_error (fire_error);                                                                          \
  }                                                                                                          \
  G_STMT_END

#define fire_fail(d, text)                                                                                   \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    GError *fire_error = NULL;                                                                               \
    GError *fire_why = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, (text));                          \
    g_assert_true (g_deferred_errback ((d), fire_why, &fire_error));                                         \
    g_assert_no_error (fire_error);                                                                          \
    g_error_free (fire_why);                                                                                 \
  }                                                                                                          \
  G_STMT_END

#define fire_refused(d, kind)                                                                                \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    GError *fire_error = NULL;                                                                               \
    g_assert_false (g_deferred_callback_int ((d), -1, &fire_error));                                         \
    g_assert_error (fire_error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_##kind);                                  \
    g_error_free (fire_error);                                                                               \
  }                                                                                                          \
  G_STMT_END

#define state_is(d, what) g_assert_cmpint (g_deferred_get_state (d), ==, G_DEFERRED_STATE_##what)

static inline GDeferred *
failed_with (const char *text)
{
  GError    *error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, text);
  GDeferred *d = g_deferred_fail (error);

  g_error_free (error);
  return d;
}

static inline GDeferred *
succeeded_with (int n)
{
  GValue     value = G_VALUE_INIT;
  GDeferred *d;

  g_value_init (&value, G_TYPE_INT);
  g_value_set_int (&value, n);
  d = g_deferred_succeed (&value);
  g_value_unset (&value);
  return d;
}

/* Runs what is ready in @context (NULL: the default one) and waits for nothing. */
static inline void
settle (GMainContext *context)
{
  while (g_main_context_iteration (context, FALSE))
    ;
}

#define expect_critical(pattern) g_test_expect_message ("GDeferred", G_LOG_LEVEL_CRITICAL, "*" pattern "*")
#define criticals_came()         g_test_assert_expected_messages ()

/* Reports of unhandled errors */

static inline GLogWriterOutput
fx_writer (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  GHashTable *record;
  const char *domain = NULL;

  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, "GLIB_DOMAIN") == 0)
      domain = fields[i].value;
  if (!(level & G_LOG_LEVEL_WARNING) || g_strcmp0 (domain, "GDeferred") != 0)
    return g_log_writer_default (level, fields, n_fields, data);

  record = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (gsize i = 0; i < n_fields; i++)
    g_hash_table_insert (record, g_strdup (fields[i].key),
                         fields[i].length < 0 ? g_strdup (fields[i].value)
                                              : g_strndup (fields[i].value, fields[i].length));
  g_mutex_lock (&fx_lock);
  g_queue_push_tail (&fx_reports, record);
  g_mutex_unlock (&fx_lock);
  return G_LOG_WRITER_HANDLED;
}

/* Takes the oldest report: one must have come, about an error with @text. */
static inline GHashTable *
take_report (const char *text)
{
  GHashTable *record;

  g_mutex_lock (&fx_lock);
  record = g_queue_pop_head (&fx_reports);
  g_mutex_unlock (&fx_lock);
  g_assert_nonnull (record);
  g_assert_nonnull (strstr (g_hash_table_lookup (record, "MESSAGE"), text));
  return record;
}

static inline void
reported (const char *text)
{
  g_hash_table_unref (take_report (text));
}

static inline void
nothing_reported (void)
{
  GHashTable *record = g_queue_peek_head (&fx_reports);

  if (record != NULL)
    g_test_message ("reported: %s", (char *) g_hash_table_lookup (record, "MESSAGE"));
  g_assert_null (record);
}

/* Cases: each begins with an empty trace and no reports, and must end so. */
typedef struct
{
  const char *path;
  void (*run) (void);
} Case;

static inline void
fx_run (gconstpointer data)
{
  const Case *one = data;

  g_string_truncate (fx_trace, 0);
  one->run ();
  settle (NULL);
  trace_is ("");
  nothing_reported ();
}

static inline void
fx_init (int *argc, char ***argv)
{
  fx_trace = g_string_new (NULL);
  gd_test_init (argc, argv);
  g_log_set_writer_func (fx_writer, NULL, NULL);
}

static inline int
run_cases (int argc, char **argv, const Case *cases, gsize n_cases)
{
  fx_init (&argc, &argv);
  for (gsize i = 0; i < n_cases; i++)
    g_test_add_data_func (cases[i].path, &cases[i], fx_run);
  return g_test_run ();
}
