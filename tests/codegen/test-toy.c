/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* What gdeferred-codegen makes of a library that has one function for each case: that the results are right, and belong
 * to whom they should. */

#include "../fixture.h"

#include "toy-deferred.h"

static ToyBox *box;

static void
begin (void)
{
  toy = (Toy){ 0 };
  box = toy_box_new ();
}

/* The operations have ended, and nothing is left of what they gave. */
static void
end (void)
{
  settle (NULL);
  g_assert_finalize_object (box);
  g_assert_cmpuint (toy.n_boxes, ==, 0);
  g_assert_cmpuint (toy.n_stamps, ==, 0);
  g_assert_cmpuint (toy.n_calls, ==, toy.n_finished);
  g_clear_pointer (&toy.written, g_bytes_unref);
}

/* Waits for one that was not there at once, and has a result now. */
static GDeferred *
waited_for (GDeferred *d)
{
  GError *error = NULL;

  state_is (d, PENDING);
  g_assert_true (g_deferred_wait (d, &error));
  g_assert_no_error (error);
  state_is (d, SUCCEEDED);
  return d;
}

static void
gives_nothing (GDeferred *d)
{
  g_assert_null (g_deferred_get_result (waited_for (d)));
  g_assert_finalize_object (d);
}

static GType
type_of (GDeferred *d)
{
  return G_VALUE_TYPE (g_deferred_get_result (d));
}

/* --- one result -------------------------------------------------------------------------------------------------- */

static void
nothing (void)
{
  begin ();
  gives_nothing (toy_deferred_box_open (box, 5));
  gives_nothing (toy_deferred_box_shake (box));
  gives_nothing (toy_deferred_box_drain (box));
  end ();
}

#define is_number(name, type, get, expected)                                                                 \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    GDeferred *d = waited_for (toy_deferred_box_##name (box));                                               \
    g_assert_true (type_of (d) == (type));                                                                   \
    g_assert_true (get (d) == (expected));                                                                   \
    g_assert_finalize_object (d);                                                                            \
  }                                                                                                          \
  G_STMT_END

static void
numbers (void)
{
  begin ();
  is_number (count, G_TYPE_INT, g_deferred_get_int, -3);
  is_number (serial, G_TYPE_INT, g_deferred_get_int, 77);
  is_number (size, G_TYPE_INT64, g_deferred_get_int64, 4000000000);
  is_number (volume, G_TYPE_UINT64, g_deferred_get_int64, -1);
  is_number (weight, G_TYPE_DOUBLE, g_deferred_get_double, 0.5);
  is_number (is_open, G_TYPE_BOOLEAN, g_deferred_get_boolean, FALSE);
  is_number (is_full, G_TYPE_BOOLEAN, g_deferred_get_boolean, TRUE);
  is_number (color, TOY_TYPE_COLOR, g_deferred_get_int, TOY_COLOR_GREEN);
  is_number (sides, TOY_TYPE_SIDES, g_deferred_get_int, TOY_SIDES_LEFT | TOY_SIDES_RIGHT);
  is_number (raw, G_TYPE_INT, g_deferred_get_int, TOY_RAW_ONE);
  end ();
}

static void
strings (void)
{
  g_autoptr (GDeferred) label = NULL, seen_label = NULL, line = NULL, used = NULL;

  begin ();
  label = waited_for (toy_deferred_box_label (box));
  seen_label = waited_for (toy_deferred_box_seen_label (box));
  line = waited_for (toy_deferred_box_line (box));
  used = waited_for (toy_deferred_thing_use (TOY_THING (box)));
  end ();

  g_assert_cmpstr (g_deferred_get_string (label), ==, "a note");
  g_assert_cmpstr (g_deferred_get_string (seen_label), ==, "a note");
  g_assert_cmpstr (g_deferred_get_string (line), ==, "a line");
  g_assert_cmpstr (g_deferred_get_string (used), ==, "used");
}

static void
no_string (void)
{
  g_autoptr (GDeferred) label = NULL, seen_label = NULL;

  begin ();
  toy.bare = TRUE;
  label = waited_for (toy_deferred_box_label (box));
  seen_label = waited_for (toy_deferred_box_seen_label (box));
  end ();
  g_assert_null (g_deferred_get_string (label));
  g_assert_null (g_deferred_get_string (seen_label));
}

static void
objects (void)
{
  GDeferred *given, *seen;

  begin ();
  given = waited_for (toy_deferred_box_lid (box));
  seen = waited_for (toy_deferred_box_seen_lid (box));
  g_assert_true (TOY_IS_BOX (g_deferred_get_object (given)));
  g_assert_cmpuint (G_OBJECT (g_deferred_get_object (given))->ref_count, ==, 1);
  g_assert_cmpuint (G_OBJECT (g_deferred_get_object (seen))->ref_count, ==, 2);
  g_assert_finalize_object (given);
  g_assert_finalize_object (seen);
  end ();
}

static void
boxed_types (void)
{
  GDeferred *given, *seen, *table;

  begin ();
  given = waited_for (toy_deferred_box_stamp (box));
  seen = waited_for (toy_deferred_box_seen_stamp (box));
  table = waited_for (toy_deferred_box_table (box));
  g_assert_cmpuint (toy.n_stamps, ==, 3);
  g_assert_cmpint (((ToyStamp *) g_deferred_get_boxed (given, TOY_TYPE_STAMP))->number, ==, 8);
  g_assert_cmpint (((ToyStamp *) g_deferred_get_boxed (seen, TOY_TYPE_STAMP))->number, ==, 7);
  g_assert_cmpstr (g_hash_table_lookup (g_deferred_get_boxed (table, G_TYPE_HASH_TABLE), "key"), ==, "value");
  g_assert_finalize_object (given);
  g_assert_finalize_object (seen);
  g_assert_finalize_object (table);
  end ();
}

static void
variants (void)
{
  GDeferred *given, *seen;
  GVariant  *variant;

  begin ();
  given = waited_for (toy_deferred_box_variant (box));
  seen = waited_for (toy_deferred_box_seen_variant (box));
  variant = g_deferred_get_variant (given);
  g_assert_false (g_variant_is_floating (variant));
  g_assert_cmpstr (g_variant_get_string (variant, NULL), ==, "floating");
  g_assert_cmpint (g_variant_get_int32 (g_deferred_get_variant (seen)), ==, 3);
  g_assert_finalize_object (given);
  g_assert_finalize_object (seen);
  end ();
}

static void
values (void)
{
  begin ();
  is_number (seen_value, G_TYPE_INT, g_deferred_get_int, 11);
  is_number (value, G_TYPE_INT, g_deferred_get_int, 11);
  is_number (fill_value, G_TYPE_INT, g_deferred_get_int, 11);
  end ();

  begin ();
  {
    GDeferred *d = waited_for (toy_deferred_box_kind (box));

    g_assert_true (g_value_get_gtype (g_deferred_get_result (d)) == TOY_TYPE_BOX);
    g_assert_finalize_object (d);
  }
  end ();
}

/* --- many -------------------------------------------------------------------------------------------------------- */

static void
is_array (GDeferred *d, guint length)
{
  GPtrArray *array = g_deferred_get_boxed (waited_for (d), G_TYPE_PTR_ARRAY);

  g_assert_cmpuint (array->len, ==, length);
  g_assert_finalize_object (d);
}

static void
strings_in_arrays (void)
{
  static const char *const expected[] = { "red", "green", NULL };
  g_autoptr (GDeferred) given = NULL, seen = NULL;

  begin ();
  given = waited_for (toy_deferred_box_names (box));
  seen = waited_for (toy_deferred_box_seen_names (box));
  g_assert_true (g_strv_equal (g_deferred_get_boxed (given, G_TYPE_STRV), expected));
  g_assert_true (g_strv_equal (g_deferred_get_boxed (seen, G_TYPE_STRV), expected));
  end ();
}

static void
bytes (void)
{
  g_autoptr (GDeferred) given = NULL, seen = NULL;
  gsize size;

  begin ();
  given = waited_for (toy_deferred_box_data (box));
  seen = waited_for (toy_deferred_box_seen_data (box));
  g_assert_cmpmem (g_bytes_get_data (g_deferred_get_boxed (given, G_TYPE_BYTES), &size), size, "a\0b", 3);
  g_assert_cmpmem (g_bytes_get_data (g_deferred_get_boxed (seen, G_TYPE_BYTES), &size), size, "c\0d", 3);
  end ();
}

static void
lists (void)
{
  begin ();
  is_array (toy_deferred_box_lids (box), 2);
  is_array (toy_deferred_box_held_lids (box), 2);
  is_array (toy_deferred_box_seen_lids (box), 2);
  is_array (toy_deferred_box_stamps (box), 2);
  is_array (toy_deferred_box_seen_stamps (box), 2);
  is_array (toy_deferred_box_words (box), 2);
  is_array (toy_deferred_box_variants (box), 2);
  is_array (toy_deferred_box_held_variants (box), 2);
  is_array (toy_deferred_box_row (box), 2);
  end ();
}

/* What they hold is there when who gave it has gone. */
static void
lists_own_what_is_in_them (void)
{
  g_autoptr (GDeferred) words = NULL, stamps = NULL, lids = NULL;
  GPtrArray *array;

  begin ();
  words = waited_for (toy_deferred_box_seen_words (box));
  stamps = waited_for (toy_deferred_box_seen_stamps (box));
  lids = waited_for (toy_deferred_box_held_lids (box));
  g_assert_finalize_object (box);

  array = g_deferred_get_boxed (words, G_TYPE_PTR_ARRAY);
  g_assert_cmpstr (array->pdata[0], ==, "one");
  g_assert_cmpstr (array->pdata[1], ==, "two");
  array = g_deferred_get_boxed (stamps, G_TYPE_PTR_ARRAY);
  g_assert_cmpint (((ToyStamp *) array->pdata[0])->number, ==, 1);
  g_assert_cmpint (((ToyStamp *) array->pdata[1])->number, ==, 2);
  array = g_deferred_get_boxed (lids, G_TYPE_PTR_ARRAY);
  g_assert_cmpuint (G_OBJECT (array->pdata[0])->ref_count, ==, 1);
  g_assert_cmpuint (toy.n_boxes, ==, 2);
  g_assert_cmpuint (toy.n_stamps, ==, 2);

  g_clear_object (&stamps);
  g_clear_object (&lids);
  box = toy_box_new ();
  end ();
}

/* --- several ----------------------------------------------------------------------------------------------------- */

static void
is_inspected (const ToyDeferredBoxInspectResult *result)
{
  gsize size;

  g_assert_true (TOY_IS_BOX (result->box));
  g_assert_cmpstr (result->label, ==, "label");
  g_assert_cmpstr (result->mark, ==, "mark");
  g_assert_cmpmem (g_bytes_get_data (result->data, &size), size, "xy", 2);
  g_assert_cmpuint (result->count, ==, 9);
  g_assert_cmpstr (result->names[1], ==, "green");
  g_assert_cmpint (result->stamp->number, ==, 6);
  g_assert_false (g_variant_is_floating (result->variant));
  g_assert_cmpint (g_variant_get_int32 (result->variant), ==, 12);
  g_assert_cmpuint (result->lids->len, ==, 2);
  g_assert_true (TOY_IS_THING (result->keeper));
}

static void
several (void)
{
  GDeferred *d, *fork;
  g_autoptr (ToyDeferredBoxInspectResult) copy = NULL;

  begin ();
  d = waited_for (toy_deferred_box_inspect (box));
  fork = g_deferred_fork (d);
  copy
      = toy_deferred_box_inspect_result_copy (g_deferred_get_boxed (d, TOY_TYPE_DEFERRED_BOX_INSPECT_RESULT));
  g_assert_cmpuint (toy.n_stamps, ==, 3);
  is_inspected (g_deferred_get_boxed (d, TOY_TYPE_DEFERRED_BOX_INSPECT_RESULT));
  g_assert_finalize_object (d);
  is_inspected (g_deferred_get_boxed (fork, TOY_TYPE_DEFERRED_BOX_INSPECT_RESULT));
  g_assert_finalize_object (fork);
  g_assert_cmpuint (toy.n_stamps, ==, 1);
  is_inspected (copy);
  g_clear_pointer (&copy, toy_deferred_box_inspect_result_free);
  end ();
}

static void
names_of_fields (void)
{
  GDeferred                          *d;
  const ToyDeferredBoxTwoNamesResult *result;

  begin ();
  d = waited_for (toy_deferred_box_two_names (box));
  result = g_deferred_get_boxed (d, TOY_TYPE_DEFERRED_BOX_TWO_NAMES_RESULT);
  g_assert_cmpstr (result->out_name, ==, "first");
  g_assert_cmpstr (result->name_out, ==, "second");
  g_assert_finalize_object (d);

  d = waited_for (toy_deferred_box_weigh (box)); /* of two, a rule omits one */
  g_assert_cmpstr (g_deferred_get_string (d), ==, "kg");
  g_assert_finalize_object (d);
  end ();
}

static const Case cases[] = {
  { "/toy/nothing", nothing },
  { "/toy/numbers", numbers },
  { "/toy/strings", strings },
  { "/toy/no-string", no_string },
  { "/toy/objects", objects },
  { "/toy/boxed-types", boxed_types },
  { "/toy/variants", variants },
  { "/toy/values-and-types", values },
  { "/toy/arrays-of-strings", strings_in_arrays },
  { "/toy/bytes", bytes },
  { "/toy/lists", lists },
  { "/toy/lists-own-what-is-in-them", lists_own_what_is_in_them },
  { "/toy/several-in-a-struct", several },
  { "/toy/names-of-fields", names_of_fields },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
