/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* The outcomes of many. */

#include "many-fixture.h"

static GDeferredResults *
results_of (GDeferred *whole)
{
  GDeferredResults *results = g_deferred_get_results (whole);

  g_assert_nonnull (results);
  return results;
}

static GDeferred *
with_string (const char *text)
{
  GDeferred *d = g_deferred_new ();

  g_assert_true (g_deferred_callback_string (d, text, NULL));
  return d;
}

static void
each_kind (void)
{
  GObject          *object = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred        *parts[5] = { succeeded_with (3), with_string ("x"), g_deferred_succeed (NULL),
                                 failed_with ("bad"), g_deferred_new () };
  GDeferred        *whole;
  GDeferredResults *results;

  g_assert_true (g_deferred_callback_object (parts[4], object, NULL));
  whole = g_deferred_settled (parts, 5);
  results = results_of (whole);
  for (guint i = 0; i < 5; i++)
    drop (parts[i]);

  g_assert_cmpuint (g_deferred_results_get_length (results), ==, 5);
  g_assert_cmpuint (g_deferred_results_get_n_failed (results), ==, 1);
  g_assert_cmpint (g_deferred_results_get_int (results, 0), ==, 3);
  g_assert_cmpstr (g_deferred_results_get_string (results, 1), ==, "x");
  g_assert_null (g_deferred_results_get_value (results, 2));
  g_assert_null (g_deferred_results_get_error (results, 2));
  g_assert_null (g_deferred_results_get_string (results, 2));
  g_assert_null (g_deferred_results_get_object (results, 2));
  g_assert_null (g_deferred_results_get_value (results, 3));
  g_assert_error (g_deferred_results_get_error (results, 3), G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_null (g_deferred_results_get_payload (results, 3));
  g_assert_null (g_deferred_results_get_string (results, 3));
  g_assert_true (g_deferred_results_get_object (results, 4) == object);
  g_assert_null (g_deferred_results_get_error (results, 4));
  g_assert_null (g_deferred_results_get_payload (results, 4));

  drop (whole);
  g_assert_finalize_object (object);
}

static void
payload (void)
{
  GError           *error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "bad");
  GValue            beside = G_VALUE_INIT;
  GDeferred        *part = g_deferred_new ();
  GDeferred        *whole = g_deferred_settled_of (part, NULL);
  GDeferredResults *results;

  g_value_init (&beside, G_TYPE_STRING);
  g_value_set_static_string (&beside, "beside");
  g_assert_true (g_deferred_errback_full (part, error, &beside, NULL));
  drop (part);

  results = results_of (whole);
  g_assert_null (g_deferred_results_get_value (results, 0));
  g_assert_cmpstr (g_value_get_string (g_deferred_results_get_payload (results, 0)), ==, "beside");
  g_value_unset (&beside);
  g_error_free (error);
  drop (whole);
}

/* Whoever has a reference keeps them, and what is in them. */
static void
kept (void)
{
  GObject          *object = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred        *part = g_deferred_new ();
  GDeferred        *whole = g_deferred_gather_of (0, part, NULL);
  GDeferredResults *results;
  GDeferredResults *copy;

  g_assert_true (g_deferred_callback_object (part, object, NULL));
  drop (part);
  results = g_deferred_results_ref (results_of (whole));
  drop (whole);
  copy = g_boxed_copy (G_TYPE_DEFERRED_RESULTS, results);
  g_assert_true (copy == results);
  g_boxed_free (G_TYPE_DEFERRED_RESULTS, copy);

  g_assert_true (g_deferred_results_get_object (results, 0) == object);
  g_object_unref (object);
  g_object_add_weak_pointer (object, (gpointer *) &object);
  g_deferred_results_unref (results);
  g_assert_null (object);
}

static void
converted (void)
{
  GDeferred        *part = g_deferred_new ();
  GDeferred        *whole = g_deferred_gather_of (0, part, NULL);
  GDeferredResults *results;

  g_assert_true (g_deferred_callback_int64 (part, 12, NULL));
  results = results_of (whole);
  g_assert_cmpint (g_deferred_results_get_int (results, 0), ==, 12);
  expect_critical ("result 0 is a gint64, not a gchararray");
  g_assert_null (g_deferred_results_get_string (results, 0));
  expect_critical ("result 0 is a gint64, not a GObject");
  g_assert_null (g_deferred_results_get_object (results, 0));
  criticals_came ();
  drop (part);
  drop (whole);
}

static void
holds_none (void)
{
  GDeferred *pending = g_deferred_new ();
  GDeferred *nothing = g_deferred_succeed (NULL);
  GDeferred *other = succeeded_with (3);
  GDeferred *failed = failed_with ("bad");

  g_assert_null (g_deferred_get_results (pending));
  g_assert_null (g_deferred_get_results (nothing));
  g_assert_null (g_deferred_get_results (other));
  g_assert_null (g_deferred_get_results (failed));
  drop (pending);
  drop (nothing);
  drop (other);
  drop (failed);
  reported ("bad");
}

/* Results that hold results that hold results: freed one after the other. */
static void
deep (void)
{
  const guint n = gd_test_scaled (300000);
  GDeferred  *whole = succeeded_with (1);

  for (guint i = 0; i < n; i++)
    {
      GDeferred *next = g_deferred_gather_of (0, whole, NULL);

      g_object_unref (whole);
      whole = next;
    }
  drop (whole);
}

static void
bad_arguments (void)
{
  GDeferred        *whole = g_deferred_gather (NULL, 0, 0);
  GDeferred        *one = g_deferred_gather_of (0, whole, NULL);
  GDeferred        *none = g_deferred_succeed (NULL);
  GDeferred        *of_nothing = g_deferred_gather_of (0, none, NULL);
  GDeferredResults *results = results_of (whole);

  expect_critical ("index < self->length");
  g_assert_null (g_deferred_results_get_value (results, 0));
  expect_critical ("index < self->length");
  g_assert_null (g_deferred_results_get_error (results, 0));
  expect_critical ("index < self->length");
  g_assert_null (g_deferred_results_get_payload (results, 0));
  expect_critical ("index < self->length");
  g_assert_cmpint (g_deferred_results_get_int (results, 0), ==, 0);
  expect_critical ("index < self->length");
  g_assert_null (g_deferred_results_get_string (results, 0));
  expect_critical ("index < self->length");
  g_assert_null (g_deferred_results_get_object (results, 0));
  expect_critical ("result 0 is a GDeferredResults, not a gint");
  g_assert_cmpint (g_deferred_results_get_int (results_of (one), 0), ==, 0);
  expect_critical ("result 0 is nothing, not a gint");
  g_assert_cmpint (g_deferred_results_get_int (results_of (of_nothing), 0), ==, 0);
  expect_critical ("self != NULL");
  g_assert_null (g_deferred_results_ref (NULL));
  expect_critical ("self != NULL");
  g_deferred_results_unref (NULL);
  expect_critical ("self != NULL");
  g_assert_cmpuint (g_deferred_results_get_length (NULL), ==, 0);
  expect_critical ("self != NULL");
  g_assert_cmpuint (g_deferred_results_get_n_failed (NULL), ==, 0);
  expect_critical ("self != NULL");
  g_assert_null (g_deferred_results_get_value (NULL, 0));
  expect_critical ("G_IS_DEFERRED (self)");
  g_assert_null (g_deferred_get_results (NULL));
  criticals_came ();

  drop (of_nothing);
  drop (none);
  drop (one);
  drop (whole);
}

static const Case cases[] = {
  { "/results/values-nothing-and-errors-each-in-its-place", each_kind },
  { "/results/what-lies-beside-an-error", payload },
  { "/rule-18/results/a-reference-keeps-them", kept },
  { "/results/numbers-are-converted", converted },
  { "/results/a-Deferred-may-hold-none", holds_none },
  { "/rule-10/results/of-results-of-results-are-freed-in-little-stack", deep },
  { "/misuse/results/bad-arguments", bad_arguments },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
