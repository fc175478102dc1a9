/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Rule 3 with C types: what goes in comes out, and belongs to whom it should. Payloads beside errors. */

#include "fixture.h"

/* A boxed type that counts. */
typedef struct
{
  int n;
} Counted;

static int copies, frees;

static gpointer
counted_copy (gpointer boxed)
{
  copies++;
  return g_memdup2 (boxed, sizeof (Counted));
}

static void
counted_free (gpointer boxed)
{
  frees++;
  g_free (boxed);
}

static GType counted_get_type (void);
G_DEFINE_BOXED_TYPE (Counted, counted, counted_copy, counted_free)

static Counted *
counted_new (int n)
{
  Counted *self = g_new (Counted, 1);

  self->n = n;
  copies = frees = 0;
  return self;
}

/* Fired with, and looked at */

static void
fired_with_plain_types (void)
{
  GDeferred *d = g_deferred_new ();

  g_assert_true (g_deferred_callback_boolean (d, TRUE, NULL));
  g_assert_true (g_deferred_get_boolean (d));
  g_assert_true (G_VALUE_HOLDS_BOOLEAN (g_deferred_get_result (d)));
  g_assert_finalize_object (d);

  d = g_deferred_new ();
  g_assert_true (g_deferred_callback_int (d, G_MININT, NULL));
  g_assert_cmpint (g_deferred_get_int (d), ==, G_MININT);
  g_assert_cmpint (g_deferred_get_int64 (d), ==, G_MININT); /* converted */
  g_assert_finalize_object (d);

  d = g_deferred_new ();
  g_assert_true (g_deferred_callback_int64 (d, G_MAXINT64, NULL));
  g_assert_cmpint (g_deferred_get_int64 (d), ==, G_MAXINT64);
  g_assert_finalize_object (d);

  d = g_deferred_new ();
  g_assert_true (g_deferred_callback_double (d, 0.1, NULL));
  g_assert_cmpfloat (g_deferred_get_double (d), ==, 0.1);
  g_assert_finalize_object (d);
}

static void
fired_with_strings (void)
{
  GDeferred  *d = g_deferred_new ();
  char        text[] = "text";
  char       *taken = g_strdup ("taken");
  const char *pointer = taken;

  g_assert_true (g_deferred_callback_string (d, text, NULL));
  text[0] = 'n'; /* a copy was made */
  g_assert_cmpstr (g_deferred_get_string (d), ==, "text");
  g_assert_finalize_object (d);

  d = g_deferred_new ();
  g_assert_true (g_deferred_callback_take_string (d, taken, NULL));
  g_assert_true (g_deferred_get_string (d) == pointer);
  g_assert_finalize_object (d);

  d = g_deferred_new ();
  g_assert_true (g_deferred_callback_string (d, NULL, NULL));
  g_assert_null (g_deferred_get_string (d));
  g_assert_finalize_object (d);
}

static void
fired_with_objects (void)
{
  GDeferred *d = g_deferred_new ();
  GObject   *object = g_object_new (G_TYPE_OBJECT, NULL);

  g_assert_true (g_deferred_callback_object (d, object, NULL));
  g_assert_true (g_deferred_get_object (d) == object);
  g_assert_cmpuint (object->ref_count, ==, 2);
  g_assert_finalize_object (d);
  g_assert_cmpuint (object->ref_count, ==, 1);

  d = g_deferred_new ();
  g_assert_true (g_deferred_callback_take_object (d, object, NULL));
  g_assert_cmpuint (object->ref_count, ==, 1);
  g_object_ref (object);
  g_assert_finalize_object (d);
  g_assert_finalize_object (object);
}

static void
fired_with_boxed (void)
{
  GDeferred *d = g_deferred_new ();
  Counted   *counted = counted_new (5);

  g_assert_true (g_deferred_callback_boxed (d, counted_get_type (), counted, NULL));
  g_assert_cmpint (copies, ==, 1);
  g_assert_true (g_deferred_get_boxed (d, counted_get_type ()) != counted);
  g_assert_cmpint (((Counted *) g_deferred_get_boxed (d, counted_get_type ()))->n, ==, 5);
  g_assert_cmpint (copies, ==, 1);
  g_assert_finalize_object (d);
  g_assert_cmpint (frees, ==, 1);

  d = g_deferred_new ();
  g_assert_true (g_deferred_callback_take_boxed (d, counted_get_type (), counted, NULL));
  g_assert_true (g_deferred_get_boxed (d, counted_get_type ()) == counted);
  g_assert_cmpint (copies, ==, 1);
  g_assert_finalize_object (d);
  g_assert_cmpint (frees, ==, 2);
}

static void
fired_with_variants (void)
{
  GDeferred *d = g_deferred_new ();
  GVariant  *variant = g_variant_ref_sink (g_variant_new ("(is)", 3, "x"));

  g_assert_true (g_deferred_callback_variant (d, variant, NULL));
  g_assert_true (g_deferred_get_variant (d) == variant);
  g_assert_finalize_object (d);

  /* A floating one is sunk. */
  d = g_deferred_new ();
  g_assert_true (g_deferred_callback_variant (d, g_variant_new_int32 (4), NULL));
  g_assert_false (g_variant_is_floating (g_deferred_get_variant (d)));
  g_assert_cmpint (g_variant_get_int32 (g_deferred_get_variant (d)), ==, 4);
  g_assert_finalize_object (d);
  g_variant_unref (variant);
}

/* Taken is taken, whether it fires or not. */
static void
taken_when_refused (void)
{
  GDeferred *d = succeeded_with (1);
  GObject   *object = g_object_new (G_TYPE_OBJECT, NULL);
  GValue     value = G_VALUE_INIT;

  g_assert_false (g_deferred_callback_take_string (d, g_strdup ("text"), NULL));
  g_assert_false (g_deferred_callback_take_object (d, g_object_ref (object), NULL));
  g_assert_cmpuint (object->ref_count, ==, 1);
  g_assert_false (g_deferred_callback_take_boxed (d, counted_get_type (), counted_new (1), NULL));
  g_assert_cmpint (frees, ==, 1);
  g_assert_false (g_deferred_callback_variant (d, g_variant_new_int32 (4), NULL));
  g_assert_false (g_deferred_errback_take (d, g_error_new_literal (G_IO_ERROR, 0, "text"), NULL));
  g_value_init (&value, counted_get_type ());
  g_value_take_boxed (&value, counted_new (2));
  g_assert_false (g_deferred_callback_take_value (d, &value, NULL));
  g_assert_cmpint (frees, ==, 1);
  g_assert_false (G_IS_VALUE (&value));

  g_assert_cmpint (g_deferred_get_int (d), ==, 1);
  g_assert_finalize_object (d);
  g_assert_finalize_object (object);
}

static void
moved_not_copied (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *outer = succeeded_with (1);
  GDeferred *chained = g_deferred_new ();
  GDeferred *fork;
  GValue     value = G_VALUE_INIT;

  link_inner (outer, d);
  g_deferred_chain_deferred (outer, chained);
  g_value_init (&value, counted_get_type ());
  g_value_take_boxed (&value, counted_new (2));
  g_assert_true (g_deferred_callback_take_value (d, &value, NULL));
  g_assert_cmpint (((Counted *) g_deferred_get_boxed (chained, counted_get_type ()))->n, ==, 2);
  g_assert_cmpint (copies, ==, 0);
  fork = g_deferred_fork (chained);
  g_assert_cmpint (copies, ==, 1);
  g_assert_finalize_object (d);
  g_assert_finalize_object (outer);
  g_assert_finalize_object (chained);
  g_assert_cmpint (frees, ==, 1);
  g_assert_finalize_object (fork);
  g_assert_cmpint (frees, ==, 2);
}

/* Returned */

static gboolean
return_kind (GDeferred *self, gpointer kind, GError **error)
{
  switch (GPOINTER_TO_INT (kind))
    {
    case 0:
      return g_deferred_return_boolean (self, TRUE);
    case 1:
      return g_deferred_return_int (self, -7);
    case 2:
      return g_deferred_return_int64 (self, G_MININT64);
    case 3:
      return g_deferred_return_double (self, 0.5);
    case 4:
      return g_deferred_return_string (self, "text");
    case 5:
      return g_deferred_return_take_string (self, g_strdup ("taken"));
    case 6:
      return g_deferred_return_variant (self, g_variant_new_int32 (6));
    default:
      g_assert_not_reached ();
    }
}

static void
returned (void)
{
  static const char *const contents[]
      = { "TRUE", "-7", "-9223372036854775808", "0.500000", "\"text\"", "\"taken\"" };
  GDeferred *d = g_deferred_new ();

  fire (d, 1);
  for (int kind = 0; kind < 7; kind++)
    {
      char *text;

      g_deferred_add_callback (d, return_kind, GINT_TO_POINTER (kind), NULL);
      state_is (d, SUCCEEDED);
      if (kind == 6)
        {
          g_assert_cmpint (g_variant_get_int32 (g_deferred_get_variant (d)), ==, 6);
          continue;
        }
      text = g_strdup_value_contents (g_deferred_get_result (d));
      g_assert_cmpstr (text, ==, contents[kind]);
      g_free (text);
    }
  g_assert_finalize_object (d);
}

static gboolean
return_object (GDeferred *self, gpointer object, GError **error)
{
  return g_deferred_return_object (self, object);
}

static gboolean
return_take_object (GDeferred *self, gpointer object, GError **error)
{
  return g_deferred_return_take_object (self, object);
}

static gboolean
return_boxed (GDeferred *self, gpointer boxed, GError **error)
{
  return g_deferred_return_boxed (self, counted_get_type (), boxed);
}

static gboolean
return_take_boxed (GDeferred *self, gpointer boxed, GError **error)
{
  return g_deferred_return_take_boxed (self, counted_get_type (), boxed);
}

static gboolean
return_take_value (GDeferred *self, gpointer value, GError **error)
{
  gboolean ok = g_deferred_return_take_value (self, value);

  g_assert_false (G_IS_VALUE ((GValue *) value));
  return ok;
}

static void
returned_and_owned (void)
{
  GDeferred *d = succeeded_with (1);
  GObject   *object = g_object_new (G_TYPE_OBJECT, NULL);
  Counted   *counted = counted_new (5);
  GValue     value = G_VALUE_INIT;

  g_deferred_add_callback (d, return_object, object, NULL);
  g_assert_cmpuint (object->ref_count, ==, 2);
  g_deferred_add_callback (d, return_take_object, g_object_ref (object), NULL);
  g_assert_cmpuint (object->ref_count, ==, 2);
  g_deferred_add_callback (d, return_boxed, counted, NULL);
  g_assert_cmpuint (object->ref_count, ==, 1);
  g_assert_cmpint (copies, ==, 1);
  g_deferred_add_callback (d, return_take_boxed, counted, NULL);
  g_assert_true (g_deferred_get_boxed (d, counted_get_type ()) == counted);
  g_assert_cmpint (copies, ==, 1);
  g_assert_cmpint (frees, ==, 1);
  g_value_init (&value, G_TYPE_OBJECT);
  g_value_set_object (&value, object);
  g_deferred_add_callback (d, return_take_value, &value, NULL);
  g_assert_cmpint (frees, ==, 2);
  g_assert_cmpuint (object->ref_count, ==, 2);
  g_assert_finalize_object (d);
  g_assert_finalize_object (object);
}

/* The types that do not match: a critical, and nothing of the value. */
static void
looked_at_as_something_else (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_callback_string (d, "text", NULL);
  expect_critical ("g_deferred_get_object*gchararray*GObject");
  g_assert_null (g_deferred_get_object (d));
  expect_critical ("g_deferred_get_variant*gchararray*GVariant");
  g_assert_null (g_deferred_get_variant (d));
  expect_critical ("g_deferred_get_boxed*gchararray*");
  g_assert_null (g_deferred_get_boxed (d, counted_get_type ()));
  criticals_came ();
  g_assert_cmpstr (g_deferred_get_string (d), ==, "text");
  g_assert_finalize_object (d);
}

/* Looked at where there is nothing. */
static void
looked_at_nothing (void)
{
  GDeferred *d = g_deferred_succeed (NULL);

  g_assert_null (g_deferred_get_string (d));
  g_assert_null (g_deferred_get_object (d));
  g_assert_null (g_deferred_get_variant (d));
  g_assert_null (g_deferred_get_boxed (d, counted_get_type ()));
  expect_critical ("g_deferred_get_int*nothing");
  g_assert_cmpint (g_deferred_get_int (d), ==, 0);
  criticals_came ();
  g_assert_finalize_object (d);
}

/* Payloads */

static void
say_payload (GDeferred *d)
{
  const GValue *payload = g_deferred_get_payload (d);

  say ("%s ", payload != NULL ? g_value_get_string (payload) : "none");
}

static gboolean
return_other_payload (GDeferred *self, gpointer data, GError **error)
{
  GValue   payload = G_VALUE_INIT;
  GError  *failure = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  gboolean ok;

  say_payload (self);
  g_value_init (&payload, G_TYPE_STRING);
  g_value_set_string (&payload, "other");
  ok = g_deferred_return_error_full (self, failure, &payload);
  g_assert_false (ok);
  g_value_unset (&payload);
  g_error_free (failure);
  return ok;
}

static void
payloads (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *outer = succeeded_with (1);
  GDeferred *chained = g_deferred_new ();
  GDeferred *fork = g_deferred_fork (d);
  GValue     payload = G_VALUE_INIT;
  GError    *failure = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "bad");

  link_inner (outer, d);
  g_deferred_chain_deferred (outer, chained);
  g_value_init (&payload, G_TYPE_STRING);
  g_value_set_string (&payload, "extra");
  g_assert_true (g_deferred_errback_full (d, failure, &payload, NULL));
  g_value_unset (&payload);
  g_error_free (failure);

  g_assert_null (g_deferred_get_result (chained));
  say_payload (fork);
  say_payload (chained);
  say_payload (outer);
  trace_is ("extra extra none ");
  g_deferred_add_errback (chained, return_other_payload, NULL, NULL);
  say_payload (chained);
  trace_is ("extra other ");
  link_errback (chained, "c=1");
  say_payload (chained);
  link_errback (fork, "f!worse");
  say_payload (fork);
  trace_is ("c:!busy ~c none f:!bad ~f none ");
  link_errback (fork, "g0");
  g_string_truncate (fx_trace, 0);
  g_assert_finalize_object (d);
  g_assert_finalize_object (outer);
  g_assert_finalize_object (chained);
  g_assert_finalize_object (fork);
}

static const Case cases[] = {
  { "/rule-03/fired-with-plain-types", fired_with_plain_types },
  { "/rule-03/fired-with-strings", fired_with_strings },
  { "/rule-03/fired-with-objects", fired_with_objects },
  { "/rule-03/fired-with-boxed", fired_with_boxed },
  { "/rule-03/fired-with-variants", fired_with_variants },
  { "/rule-03/taken-when-refused", taken_when_refused },
  { "/rule-03/moved-not-copied", moved_not_copied },
  { "/rule-06/returned", returned },
  { "/rule-06/returned-and-owned", returned_and_owned },
  { "/rule-03/looked-at-as-something-else", looked_at_as_something_else },
  { "/rule-03/looked-at-nothing", looked_at_nothing },
  { "/rule-07/payloads", payloads },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
