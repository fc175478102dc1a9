/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "deadlinks.h"

static void
finds_links (void)
{
  g_auto (GStrv) links = find_links ("[a](a.md), [b](b.md#part), [c](https://example.org/c), and (not d)");

  g_assert_cmpstrv (links, ((const char *const[]){ "a.md", "b.md", NULL }));
}

/* --- a check that is played ------------------------------------------------------------------------------- */

typedef struct
{
  int n_checks;
  int n_cancels;
} Played;

static void
count_cancel (GDeferred *self, gpointer data)
{
  ((Played *) data)->n_cancels++;
}

/* The first finds two dead links, the second fails, the third never ends. */
static gboolean
check (GDeferred *self, gpointer data, GError **error)
{
  Played *played = data;

  switch (++played->n_checks)
    {
    case 1:
      return g_deferred_return_int (self, 2);
    case 2:
      return g_deferred_return_new_error (self, G_IO_ERROR, G_IO_ERROR_FAILED, "the disk is gone");
    default:
      return g_deferred_return_deferred (self, g_deferred_new_with_canceller (count_cancel, data, NULL));
    }
}

static gboolean
expect_cancelled (GDeferred *self, gpointer user_data, GError **error)
{
  g_assert_error (g_deferred_get_error (self), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  return g_deferred_return_none (self);
}

/* An hour of it, which takes no time. */
static void
checks_again_and_again (void)
{
  g_autoptr (GDeferredClock) clock = g_deferred_clock_new_virtual ();
  g_autoptr (GDeferred) watched = NULL;
  Played played = { 0 };

  g_deferred_clock_push (clock);
  watched = watch (check, &played, G_TIME_SPAN_MINUTE);
  g_deferred_clock_pop (clock);
  g_assert_cmpint (played.n_checks, ==, 1);

  g_deferred_clock_advance (clock, G_TIME_SPAN_MINUTE);
  g_assert_cmpint (played.n_checks, ==, 2);

  /* The third is waited for: no other begins meanwhile. */
  g_deferred_clock_advance (clock, G_TIME_SPAN_HOUR);
  g_assert_cmpint (played.n_checks, ==, 3);
  g_assert_true (g_deferred_get_pending (watched));

  /* A cancel reaches what the check waits for, and nothing is left that would wake up. */
  g_deferred_add_errback (watched, expect_cancelled, NULL, NULL);
  g_deferred_cancel (watched);
  g_assert_cmpint (played.n_cancels, ==, 1);
  g_assert_false (g_deferred_get_pending (watched));
  g_assert_null (g_deferred_clock_get_calls (clock));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/deadlinks/finds-links", finds_links);
  g_test_add_func ("/deadlinks/checks-again-and-again", checks_again_and_again);
  return g_test_run ();
}
