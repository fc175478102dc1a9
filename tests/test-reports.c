/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Rule 16: an error that nobody handled is reported once, when the last reference goes. */

#include "fixture.h"

static const char *
field (GHashTable *report, const char *name)
{
  const char *value = g_hash_table_lookup (report, name);

  g_assert_nonnull (value);
  return value;
}

static void
says_what_and_where (void)
{
  GDeferred  *d = g_deferred_new ();
  GError     *failure = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no such thing");
  GHashTable *report;
  const char *message;

  g_deferred_set_name (d, "the search");
  g_deferred_errback_take (d, failure, NULL);
  nothing_reported ();
  g_assert_finalize_object (d);

  report = take_report ("no such thing");
  g_assert_cmpstr (field (report, "GDEFERRED_ERROR_DOMAIN"), ==, "g-io-error-quark");
  g_assert_cmpstr (field (report, "GDEFERRED_ERROR_CODE"), ==, "1");
  g_assert_cmpstr (field (report, "GDEFERRED_NAME"), ==, "the search");
  g_assert_nonnull (strstr (field (report, "GDEFERRED_MADE_AT"), "test-reports"));
  g_assert_nonnull (strstr (field (report, "GDEFERRED_FIRED_AT"), "test-reports"));
  g_assert_cmpstr (field (report, "GDEFERRED_MADE_AT"), !=, field (report, "GDEFERRED_FIRED_AT"));

  message = field (report, "MESSAGE");
  g_assert_nonnull (strstr (message, "no such thing"));
  g_assert_nonnull (strstr (message, "g-io-error-quark"));
  g_assert_nonnull (strstr (message, "the search"));
  g_assert_nonnull (strstr (message, field (report, "GDEFERRED_MADE_AT")));
  g_assert_nonnull (strstr (message, field (report, "GDEFERRED_FIRED_AT")));
  g_hash_table_unref (report);
  settle (NULL);
}

static void
at_the_last_reference (void)
{
  GDeferred *d = failed_with ("bad");

  g_object_ref (d);
  link_callback (d, "a");
  trace_is ("~a ");
  settle (NULL);
  g_object_unref (d);
  settle (NULL);
  nothing_reported ();
  g_assert_finalize_object (d);
  reported ("bad");
}

static void
looking_is_not_handling (void)
{
  GDeferred *d = failed_with ("bad");

  g_assert_nonnull (g_deferred_get_error (d));
  link_errback (d, "a");
  trace_is ("a:!bad ~a ");
  g_assert_finalize_object (d);
  reported ("bad");
}

static void
handled (void)
{
  GDeferred *d = failed_with ("bad");

  link_errback (d, "a=1");
  link_callback (d, "b!worse");
  link_errback (d, "c0");
  trace_is ("a:!bad ~a b:1 ~b c:!worse ~c ");
  g_assert_finalize_object (d);
}

static void
raised_while_handling (void)
{
  GDeferred *d = failed_with ("bad");

  link_errback (d, "a!worse");
  trace_is ("a:!bad ~a ");
  g_assert_finalize_object (d);
  reported ("worse");

  d = failed_with ("bad");
  link_errback (d, "a?");
  trace_is ("a:!bad ~a ");
  g_assert_finalize_object (d);
  reported ("bad");
}

/* Who was handed the error answers for it, and it alone. */
static void
handed_on (void)
{
  GDeferred *d = failed_with ("forked");
  GDeferred *other = g_deferred_fork (d);

  g_assert_finalize_object (d);
  nothing_reported ();
  g_assert_finalize_object (other);
  reported ("forked");

  d = failed_with ("chained");
  other = g_deferred_new ();
  g_deferred_chain_deferred (d, other);
  g_assert_finalize_object (d);
  nothing_reported ();
  g_assert_finalize_object (other);
  reported ("chained");

  d = failed_with ("waited for");
  other = succeeded_with (1);
  link_inner (other, d);
  g_assert_finalize_object (d);
  nothing_reported ();
  g_assert_finalize_object (other);
  reported ("waited for");
}

static void
seen_once_only (void)
{
  GDeferred *d = failed_with ("bad");
  GDeferred *fork = g_deferred_fork (d);

  link_errback (fork, "f0");
  link_errback (d, "a!worse");
  trace_is ("f:!bad ~f a:!bad ~a ");
  g_assert_finalize_object (d);
  reported ("worse");
  g_assert_finalize_object (fork);
}

static void
waited (void)
{
  GDeferred *d = failed_with ("bad");
  GError    *error = NULL;

  g_assert_false (g_deferred_wait (d, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_error_free (error);
  g_assert_finalize_object (d);
}

static void
cancellations (void)
{
  GDeferred *d = g_deferred_new ();
  GError    *failure = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "not by you");

  g_deferred_cancel (d);
  g_assert_finalize_object (d);
  nothing_reported ();

  /* Cancelled by nobody who has it: somebody's error, as any. */
  d = g_deferred_fail (failure);
  g_assert_finalize_object (d);
  reported ("not by you");

  /* Cancelled, but failed with another error. */
  d = g_deferred_new ();
  link_errback (d, "a!worse");
  g_deferred_cancel (d);
  trace_is ("a:!CANCELLED ~a ");
  g_assert_finalize_object (d);
  reported ("worse");
  g_error_free (failure);
}

static void
outer_that_was_cancelled (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner = g_deferred_new ();

  link_inner (d, inner);
  g_deferred_cancel (d);
  g_assert_error (g_deferred_get_error (d), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static void
abandoned (void)
{
  GDeferred *d = g_deferred_new ();

  link_callback (d, "a");
  g_object_unref (d);
  nothing_reported ();
  settle (NULL);
  trace_is ("~a ");
  reported ("");
}

static void
own_errors (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_add_callback (d, return_it, d, NULL);
  fire (d, 1);
  g_assert_finalize_object (d);
  reported ("g-deferred-error-quark");
}

/* The hook */

static void
on_unhandled (GDeferred *self, gpointer data)
{
  say_outcome (data, self);
}

static void
hook_gone (gpointer data)
{
  say ("~%s ", (char *) data);
}

static void
to_the_hook (void)
{
  GDeferred *d = failed_with ("bad");
  gpointer   weak = d;

  g_deferred_set_unhandled_hook (on_unhandled, (gpointer) "hook", hook_gone);
  g_object_add_weak_pointer (G_OBJECT (d), &weak);
  g_object_unref (d);
  trace_is (""); /* from the loop, never from inside the last unref */
  settle (NULL);
  trace_is ("hook:!bad ");
  g_assert_null (weak);
  nothing_reported ();

  g_deferred_set_unhandled_hook (on_unhandled, (gpointer) "other", hook_gone);
  trace_is ("~hook ");
  g_object_unref (failed_with ("worse"));
  settle (NULL);
  trace_is ("other:!worse ");
  g_deferred_set_unhandled_hook (NULL, NULL, NULL);
  trace_is ("~other ");
  g_object_unref (failed_with ("worst"));
  reported ("worst");
}

static GDeferred *kept;

static void
keep (GDeferred *self, gpointer data)
{
  say ("kept ");
  kept = g_object_ref (self);
}

static void
hook_keeps_it (void)
{
  g_deferred_set_unhandled_hook (keep, NULL, NULL);
  g_object_unref (failed_with ("bad"));
  settle (NULL);
  trace_is ("kept ");
  g_assert_error (g_deferred_get_error (kept), G_IO_ERROR, G_IO_ERROR_FAILED);
  g_object_unref (kept);
  settle (NULL);
  trace_is (""); /* once */
  g_deferred_set_unhandled_hook (NULL, NULL, NULL);
}

static void
handle (GDeferred *self, gpointer data)
{
  link_errback (self, "h0");
}

static void
hook_adds_an_errback (void)
{
  g_deferred_set_unhandled_hook (handle, NULL, NULL);
  g_object_unref (failed_with ("bad"));
  settle (NULL);
  trace_is ("h:!bad ~h ");
  g_deferred_set_unhandled_hook (NULL, NULL, NULL);
}

static void
replace_within (GDeferred *self, gpointer data)
{
  say_outcome ("first", self);
  g_deferred_set_unhandled_hook (NULL, NULL, NULL);
}

static void
hook_replaces_itself (void)
{
  g_deferred_set_unhandled_hook (replace_within, (gpointer) "first", hook_gone);
  g_object_unref (failed_with ("bad"));
  settle (NULL);
  trace_is ("first:!bad ~first ");
}

/* What describes it for a report */
static void
described (void)
{
  GDeferred *d = g_deferred_new ();
  char      *text;

  g_deferred_set_name (d, "the download");
  text = g_deferred_describe (d);
  g_assert_nonnull (strstr (text, "the download"));
  g_assert_nonnull (strstr (text, "test-reports"));
  g_free (text);
  fire (d, 1);
  text = g_deferred_describe (d);
  g_assert_nonnull (strstr (text, "the download"));
  g_free (text);
  g_assert_finalize_object (d);
}

static const Case cases[] = {
  { "/rule-16/says-what-and-where", says_what_and_where },
  { "/rule-16/at-the-last-reference", at_the_last_reference },
  { "/rule-16/looking-is-not-handling", looking_is_not_handling },
  { "/rule-16/handled", handled },
  { "/rule-16/raised-while-handling", raised_while_handling },
  { "/rule-16/handed-on", handed_on },
  { "/rule-16/seen-once-only", seen_once_only },
  { "/rule-16/waited-for", waited },
  { "/rule-16/cancellations", cancellations },
  { "/rule-16/an-outer-that-was-cancelled", outer_that_was_cancelled },
  { "/rule-16/abandoned", abandoned },
  { "/rule-16/own-errors", own_errors },
  { "/rule-16/to-the-hook", to_the_hook },
  { "/rule-16/the-hook-keeps-it", hook_keeps_it },
  { "/rule-16/the-hook-adds-an-errback", hook_adds_an_errback },
  { "/rule-16/the-hook-replaces-itself", hook_replaces_itself },
  { "/rule-16/described", described },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
