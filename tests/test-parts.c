/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* The progress of a whole from that of its parts. In the trace "50% " is what the whole told. */

#include "many-fixture.h"

#include <math.h>

static void
say_progress (GObject *whole, GParamSpec *pspec, gpointer user_data)
{
  say ("%.6g%% ", 100 * g_deferred_get_progress (G_DEFERRED (whole)));
}

static GDeferred *
told (GDeferred *whole)
{
  g_signal_connect (whole, "notify::progress", G_CALLBACK (say_progress), NULL);
  return whole;
}

#define progress(d, x) g_deferred_set_progress ((d), (x), NULL)

static void
by_weight (void)
{
  GDeferred *whole = told (g_deferred_new ()), *a = g_deferred_new (), *b = g_deferred_new ();

  g_deferred_add_part (whole, a, 1);
  g_deferred_add_part (whole, b, 3);
  trace_is ("");
  progress (a, 0.5);
  trace_is ("12.5% ");
  progress (b, 1.0 / 3);
  trace_is ("37.5% ");
  fire (a, 1);
  trace_is ("50% ");
  fire_fail (b, "bad");
  trace_is ("100% ");
  state_is (whole, PENDING);
  link_errback (b, "b0");
  trace_is ("b:!bad ~b ");
  fire (whole, 1);
  drop (a);
  drop (b);
  drop (whole);
}

/* However the numbers are rounded. */
static void
all_is_all (void)
{
  GDeferred *whole = g_deferred_new ();
  GDeferred *parts[10];

  for (guint i = 0; i < 10; i++)
    {
      parts[i] = g_deferred_new ();
      g_deferred_add_part (whole, parts[i], 0.1);
    }
  for (guint i = 0; i < 10; i++)
    progress (parts[i], 0.7);
  for (guint i = 0; i < 10; i++)
    {
      g_assert_cmpfloat (g_deferred_get_progress (whole), <, 1.0);
      fire (parts[i], 1);
      drop (parts[i]);
    }
  g_assert_cmpfloat (g_deferred_get_progress (whole), ==, 1.0);
  drop (whole);
}

static void
parts_that_have_got_on (void)
{
  GDeferred *whole = told (g_deferred_new ()), *a = g_deferred_new (), *b = succeeded_with (1);

  progress (a, 0.5);
  g_deferred_add_part (whole, a, 2);
  trace_is ("50% ");
  g_deferred_add_part (whole, b, 2);
  trace_is ("75% ");
  drop (b);
  drop (a);
  settle (NULL);
  trace_is ("100% ");
  drop (whole);
}

/* Neither because a part does, nor because there are more. */
static void
never_goes_back (void)
{
  GDeferred *whole = told (g_deferred_new ()), *a = g_deferred_new (), *b = g_deferred_new ();

  g_deferred_add_part (whole, a, 1);
  progress (a, 0.5);
  progress (a, 0.25);
  trace_is ("50% ");
  g_deferred_add_part (whole, b, 1);
  progress (b, 0.25);
  trace_is ("");
  progress (b, 0.75);
  trace_is ("62.5% ");
  fire (a, 1);
  fire (b, 1);
  trace_is ("87.5% 100% ");
  drop (a);
  drop (b);
  drop (whole);
}

/* It has a result when the chain has come to one. */
static void
a_part_that_waits (void)
{
  GDeferred *whole = told (g_deferred_new ()), *a = g_deferred_new (), *inner = g_deferred_new ();

  link_inner (a, inner);
  g_deferred_add_part (whole, a, 1);
  fire (a, 1);
  trace_is ("");
  progress (a, 0.25);
  trace_is ("25% ");
  fire (inner, 1);
  trace_is ("100% ");
  drop (a);
  drop (inner);
  drop (whole);
}

static void
text_stays (void)
{
  GDeferred *whole = g_deferred_new (), *a = g_deferred_new ();

  g_deferred_add_part (whole, a, 1);
  g_deferred_set_progress (whole, 0, "loading");
  g_deferred_set_progress (a, 0.5, "the first");
  g_assert_cmpstr (g_deferred_get_progress_text (whole), ==, "loading");
  g_assert_cmpfloat (g_deferred_get_progress (whole), ==, 0.5);
  drop (a);
  settle (NULL);
  drop (whole);
}

/* With gather, which fires before the last part tells that it has ended. */
static void
of_a_gather (void)
{
  GDeferred *a = g_deferred_new (), *b = g_deferred_new ();
  GDeferred *whole = told (watch (g_deferred_gather_of (0, a, b, NULL), "g"));

  g_deferred_add_part (whole, a, 1);
  g_deferred_add_part (whole, b, 1);
  fire (a, 1);
  trace_is ("50% ");
  fire (b, 2);
  trace_is ("100% g:[1 2 ] ");
  drop (a);
  drop (b);
  drop (whole);
}

static void
of_a_gather_that_fails (void)
{
  GDeferred *a = g_deferred_new (), *b = g_deferred_new ();
  GDeferred *whole = told (watch (g_deferred_gather_of (0, a, b, NULL), "g"));

  g_deferred_add_part (whole, a, 1);
  g_deferred_add_part (whole, b, 1);
  fire_fail (a, "bad");
  trace_is ("g:!bad ");
  fire (b, 2);
  trace_is ("");
  drop (a);
  drop (b);
  drop (whole);
}

static void
part_of_two (void)
{
  GDeferred *one = told (g_deferred_new ()), *two = told (g_deferred_new ()), *a = g_deferred_new ();

  g_deferred_add_part (one, a, 1);
  g_deferred_add_part (two, a, 1);
  g_deferred_add_part (two, a, 1);
  progress (a, 0.5);
  trace_is ("50% 25% 50% ");
  fire (one, 1);
  progress (a, 0.75);
  trace_is ("62.5% 75% ");
  g_assert_finalize_object (two);
  fire (a, 1);
  trace_is ("");
  drop (one);
  drop (a);
}

static void
nobody_keeps_anybody (void)
{
  GDeferred *whole = g_deferred_new (), *a = g_deferred_new (), *b = g_deferred_new ();

  g_deferred_add_part (whole, a, 1);
  g_deferred_add_part (whole, b, 1);
  drop (a);
  settle (NULL);
  drop (whole);
  progress (b, 0.5);
  drop (b);
  settle (NULL);
}

/* A part that is dropped unfired has nobody who would be told: as if it had had no whole. */
static void
part_dropped (void)
{
  GDeferred *whole = told (g_deferred_new ()), *a = g_deferred_new (), *b = g_deferred_new ();

  g_deferred_add_part (whole, a, 1);
  g_deferred_add_part (whole, b, 1);
  drop (a);
  trace_is ("");
  settle (NULL);
  trace_is ("50% ");
  nothing_reported ();
  drop (b);
  settle (NULL);
  trace_is ("100% ");
  drop (whole);
}

/* What hears of it may do anything. */
static void
go_on (GObject *whole, GParamSpec *pspec, gpointer other)
{
  if (g_deferred_get_progress (G_DEFERRED (whole)) < 0.3)
    {
      progress (other, 0.5);
      say ("nested ");
    }
}

static void
changed_from_within (void)
{
  GDeferred *whole = told (g_deferred_new ()), *a = g_deferred_new (), *b = g_deferred_new ();

  g_signal_connect (whole, "notify::progress", G_CALLBACK (go_on), b);
  g_deferred_add_part (whole, a, 1);
  g_deferred_add_part (whole, b, 1);
  progress (a, 0.5);
  trace_is ("25% nested 50% ");
  drop (a);
  drop (b);
  settle (NULL);
  trace_is ("75% 100% ");
  drop (whole);
}

static void
fire_it (GObject *whole, GParamSpec *pspec, gpointer a)
{
  fire (G_DEFERRED (whole), 1);
  g_object_unref (a);
}

static void
ended_from_within (void)
{
  GDeferred *whole = g_deferred_new (), *a = g_deferred_new ();
  gulong     handler = g_signal_connect (whole, "notify::progress", G_CALLBACK (fire_it), a);

  g_deferred_add_part (whole, a, 1);
  progress (a, 0.5);
  g_signal_handler_disconnect (whole, handler);
  settle (NULL);
  drop (whole);
}

/* Each follows the other, and comes to rest. */
static void
ring (void)
{
  GDeferred *a = g_deferred_new (), *b = g_deferred_new (), *c = g_deferred_new ();

  g_deferred_add_part (a, b, 1);
  g_deferred_add_part (b, a, 1);
  g_deferred_add_part (b, c, 1);
  progress (c, 0.5);
  g_assert_cmpfloat_with_epsilon (g_deferred_get_progress (a), 0.5, 1e-6);
  g_assert_cmpfloat_with_epsilon (g_deferred_get_progress (b), 0.5, 1e-6);
  g_object_unref (a);
  g_object_unref (b);
  g_object_unref (c);
  settle (NULL);
}

static void
deep (void)
{
  const guint            n = gd_test_scaled (20000);
  g_autofree GDeferred **wholes = g_new (GDeferred *, n + 1);

  for (guint i = 0; i <= n; i++)
    wholes[i] = g_deferred_new ();
  for (guint i = 0; i < n; i++)
    g_deferred_add_part (wholes[i], wholes[i + 1], 1);
  progress (wholes[n], 0.5);
  settle (NULL);
  g_assert_cmpfloat (g_deferred_get_progress (wholes[0]), ==, 0.5);
  for (guint i = 0; i <= n; i++)
    g_object_unref (wholes[i]);
  settle (NULL);
}

static void
progress_there (gpointer d)
{
  progress (d, 0.5);
  progress (d, 0.75);
}

static void
end_there (gpointer d)
{
  fire ((GDeferred *) d, 1);
  drop (d);
}

static void
parts_elsewhere (void)
{
  There      there;
  GDeferred *whole = told (g_deferred_new ());
  GDeferred *a, *b;

  there_begin (&there);
  there_call (&there, make_there, &a);
  there_call (&there, make_there, &b);
  g_deferred_add_part (whole, a, 1);
  g_deferred_add_part (whole, b, 1);
  there_call (&there, progress_there, a);
  trace_is ("");
  settle (NULL);
  trace_is ("37.5% ");
  there_call (&there, end_there, a);
  settle (NULL);
  trace_is ("50% ");
  there_call (&there, drop_there, b);
  settle (NULL);
  trace_is ("100% ");
  there_end (&there);
  drop (whole);
}

static void
whole_gone_elsewhere (void)
{
  There      there;
  GDeferred *whole = g_deferred_new ();
  GDeferred *a;

  there_begin (&there);
  there_call (&there, make_there, &a);
  g_deferred_add_part (whole, a, 1);
  drop (whole);
  there_call (&there, progress_there, a);
  there_call (&there, drop_there, a);
  there_end (&there);
}

static gpointer
add_elsewhere (gpointer data)
{
  GDeferred **d = data;

  expect_critical ("g_deferred_add_part: called from a thread that is not the Deferred's home");
  g_deferred_add_part (d[0], d[1], 1);
  criticals_came ();
  return NULL;
}

static void
bad_arguments (void)
{
  GDeferred   *d[] = { g_deferred_new (), g_deferred_new () };
  const double wrong[] = { 0, -1, NAN, INFINITY };

  expect_critical ("G_IS_DEFERRED (self)");
  g_deferred_add_part (NULL, d[1], 1);
  expect_critical ("G_IS_DEFERRED (part)");
  g_deferred_add_part (d[0], NULL, 1);
  expect_critical ("self != part");
  g_deferred_add_part (d[0], d[0], 1);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      expect_critical ("weight > 0.0 && isfinite (weight)");
      g_deferred_add_part (d[0], d[1], wrong[i]);
    }
  criticals_came ();
  g_thread_join (g_thread_new ("elsewhere", add_elsewhere, d));
  progress (d[1], 0.5);
  g_assert_cmpfloat (g_deferred_get_progress (d[0]), ==, 0);
  drop (d[0]);
  drop (d[1]);
}

static const Case cases[] = {
  { "/rule-24/parts/by-weight", by_weight },
  { "/rule-24/parts/all-of-them-are-all", all_is_all },
  { "/rule-24/parts/that-have-got-on-already", parts_that_have_got_on },
  { "/rule-24/parts/the-whole-never-goes-back", never_goes_back },
  { "/rule-24/parts/one-that-waits-is-not-done", a_part_that_waits },
  { "/rule-24/parts/the-text-stays", text_stays },
  { "/rule-24/parts/of-a-gather", of_a_gather },
  { "/rule-24/parts/of-a-gather-that-fails", of_a_gather_that_fails },
  { "/rule-24/parts/of-two-wholes", part_of_two },
  { "/rule-18/parts/nobody-keeps-anybody", nobody_keeps_anybody },
  { "/rule-17/parts/one-that-is-dropped-is-done-from-the-loop", part_dropped },
  { "/rule-24/parts/changed-from-within", changed_from_within },
  { "/rule-24/parts/ended-from-within", ended_from_within },
  { "/rule-24/parts/in-a-ring", ring },
  { "/rule-10/parts/of-parts-of-parts", deep },
  { "/rule-20/parts/elsewhere", parts_elsewhere },
  { "/rule-20/parts/elsewhere-and-the-whole-is-gone", whole_gone_elsewhere },
  { "/misuse/parts/bad-arguments", bad_arguments },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
