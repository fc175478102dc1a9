/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Rules 1 to 4: firing. */

#include "fixture.h"

/* Rule 1: one shot */

static void
fire_again (GDeferred *d, gboolean first_fails, gboolean then_fails)
{
  GError  *failure = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "late");
  GError  *error = NULL;
  gboolean fired;

  if (first_fails)
    fire_fail (d, "first");
  else
    fire (d, 1);

  fired = then_fails ? g_deferred_errback (d, failure, &error) : g_deferred_callback_int (d, 2, &error);
  g_assert_false (fired);
  g_assert_error (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_ALREADY_CALLED);
  g_clear_error (&error);
  g_error_free (failure);
}

static void
second_fails (void)
{
  for (int i = 0; i < 4; i++)
    {
      GDeferred *d = g_deferred_new ();

      link_both (d, "a");
      fire_again (d, i & 1, i & 2);
      trace_is (i & 1 ? "a:!first ~a " : "a:1 ~a ");
      link_both (d, "b0");
      trace_is (i & 1 ? "b:!first ~b " : "b:1 ~b ");
      g_assert_finalize_object (d);
    }
}

static void
second_without_error (void)
{
  GDeferred *d = g_deferred_new ();
  GError    *failure = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "late");

  fire (d, 1);
  g_assert_false (g_deferred_callback (d, NULL, NULL));
  g_assert_false (g_deferred_callback_int (d, 2, NULL));
  g_assert_false (g_deferred_errback (d, failure, NULL));
  g_assert_false (g_deferred_errback_take (d, failure, NULL));
  g_assert_false (g_deferred_errback_literal (d, G_IO_ERROR, G_IO_ERROR_FAILED, "late", NULL));
  g_assert_cmpint (g_deferred_get_int (d), ==, 1);
  g_assert_finalize_object (d);
}

static void
with_an_error_on_the_spot (void)
{
  GDeferred *d = g_deferred_new ();

  link_both (d, "a");
  g_assert_true (g_deferred_errback_literal (d, G_IO_ERROR, G_IO_ERROR_BUSY, "literal", NULL));
  g_assert_error (g_deferred_get_error (d), G_IO_ERROR, G_IO_ERROR_BUSY);
  link_errback (d, "b0");
  trace_is ("a:!literal ~a b:!literal ~b ");
  g_assert_finalize_object (d);
}

static gboolean
fires_itself (GDeferred *self, gpointer data, GError **error)
{
  say_outcome ("self", self);
  fire_refused (self, ALREADY_CALLED);
  say_outcome ("self", self);
  return TRUE;
}

static void
from_inside_a_callback (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_add_callback (d, fires_itself, NULL, NULL);
  link_both (d, "b");
  fire (d, 1);
  trace_is ("self:1 self:1 b:1 ~b ");
  g_assert_finalize_object (d);
}

static void
on_fired_fire_again (GDeferred *d, gpointer data)
{
  say ("fired ");
  fire_refused (d, ALREADY_CALLED);
}

static void
from_a_signal_handler (void)
{
  GDeferred *d = g_deferred_new ();

  link_both (d, "a");
  g_signal_connect (d, "fired", G_CALLBACK (on_fired_fire_again), NULL);
  fire (d, 1);
  trace_is ("fired a:1 ~a ");
  g_assert_finalize_object (d);
}

static void
fire_from_destroy (gpointer d)
{
  say ("~ ");
  fire_refused (d, ALREADY_CALLED);
}

static void
from_a_destroy_notify (void)
{
  GDeferred *d = g_deferred_new ();

  g_deferred_add_callback (d, act, (gpointer) "a", NULL);
  g_deferred_add_callback (d, return_it, d, fire_from_destroy); /* a ring, which only adds to the confusion */
  link_both (d, "b0");
  fire (d, 1);
  trace_is ("a:1 ~ b:!LOOP ~b ");
  g_assert_finalize_object (d);
}

static void
while_paused (void)
{
  GDeferred *d = g_deferred_new ();

  link_both (d, "a");
  g_deferred_pause (d);
  fire (d, 1);
  fire_refused (d, ALREADY_CALLED);
  g_deferred_unpause (d);
  trace_is ("a:1 ~a ");
  g_assert_finalize_object (d);
}

static void
while_waiting (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *inner = g_deferred_new ();

  link_inner (d, inner);
  link_both (d, "a");
  fire (d, 1);
  state_is (d, WAITING);
  fire_refused (d, ALREADY_CALLED);
  trace_is ("");
  fire (inner, 2);
  trace_is ("a:2 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static void
ready_made (void)
{
  GDeferred *good = succeeded_with (1);
  GDeferred *bad = failed_with ("bad");

  state_is (good, SUCCEEDED);
  state_is (bad, FAILED);
  fire_refused (good, ALREADY_CALLED);
  fire_refused (bad, ALREADY_CALLED);
  link_errback (bad, "e0");
  trace_is ("e:!bad ~e ");
  g_assert_finalize_object (good);
  g_assert_finalize_object (bad);
}

/* The one way to fire with what a function makes */
static gboolean
make_nine (GDeferred *self, gpointer data, GError **error)
{
  say ("func ");
  return g_deferred_return_int (self, 9);
}

static gboolean
make_failure (GDeferred *self, gpointer data, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "made");
  return FALSE;
}

static void
fire_with (void)
{
  GDeferred *d = g_deferred_new ();
  GError    *error = NULL;

  link_both (d, "a");
  g_assert_true (g_deferred_fire_with (d, make_nine, NULL, &error));
  g_assert_no_error (error);
  trace_is ("func a:9 ~a ");
  g_assert_false (g_deferred_fire_with (d, make_failure, NULL, &error));
  g_assert_error (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_ALREADY_CALLED);
  g_clear_error (&error);
  g_assert_cmpint (g_deferred_get_int (d), ==, 9);
  g_assert_finalize_object (d);

  d = g_deferred_new ();
  link_both (d, "a0");
  g_assert_true (g_deferred_fire_with (d, make_failure, NULL, &error));
  g_assert_no_error (error);
  trace_is ("a:!made ~a ");
  g_assert_finalize_object (d);
}

/* What the function of a refused one leaves does not end up with the callback that runs. */
static gboolean
fires_itself_with (GDeferred *self, gpointer data, GError **error)
{
  GError *refusal = NULL;

  g_assert_false (g_deferred_fire_with (self, make_nine, NULL, &refusal));
  g_assert_error (refusal, G_DEFERRED_ERROR, G_DEFERRED_ERROR_ALREADY_CALLED);
  g_error_free (refusal);
  return TRUE;
}

static void
fire_with_from_inside (void)
{
  GDeferred *d = succeeded_with (1);

  g_deferred_add_callback (d, fires_itself_with, NULL, NULL);
  g_assert_cmpint (g_deferred_get_int (d), ==, 1);
  g_string_truncate (fx_trace, 0); /* whether a refused function is called is not said */
  g_assert_finalize_object (d);
}

/* Rule 2: never with a Deferred */

static void
refused_with (GDeferred *d, gboolean fired, GError **error)
{
  g_assert_false (fired);
  g_assert_error (*error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_INVALID_RESULT);
  g_clear_error (error);
  state_is (d, PENDING);
  g_assert_true (g_deferred_get_pending (d));
}

static void
deferred_refused (void)
{
  static const gboolean as_object[] = { FALSE, TRUE };
  GDeferred            *inner = g_deferred_new ();
  GDeferred            *d = g_deferred_new ();

  link_both (d, "a");
  for (gsize i = 0; i < G_N_ELEMENTS (as_object); i++)
    {
      GValue  value = G_VALUE_INIT;
      GError *error = NULL;

      g_value_init (&value, as_object[i] ? G_TYPE_OBJECT : G_TYPE_DEFERRED);
      g_value_set_object (&value, inner);
      refused_with (d, g_deferred_callback (d, &value, &error), &error);
      refused_with (d, g_deferred_callback_object (d, inner, &error), &error);
      refused_with (d, g_deferred_callback_take_object (d, g_object_ref (inner), &error), &error);
      refused_with (d, g_deferred_callback_take_value (d, &value, &error), &error);
    }
  trace_is ("");
  state_is (inner, PENDING);
  g_assert_finalize_object (inner);

  fire (d, 3);
  trace_is ("a:3 ~a ");
  g_assert_finalize_object (d);
}

static void
itself_refused (void)
{
  GDeferred *d = g_deferred_new ();
  GError    *error = NULL;

  refused_with (d, g_deferred_callback_object (d, d, &error), &error);
  g_assert_finalize_object (d);
}

static GType
subclass_type (void)
{
  static GType type = 0;

  if (type == 0)
    {
      GTypeQuery query;

      g_type_query (G_TYPE_DEFERRED, &query);
      type = g_type_register_static_simple (G_TYPE_DEFERRED, "FiringSubclass", (guint) query.class_size, NULL,
                                            (guint) query.instance_size, NULL, 0);
    }
  return type;
}

static void
subclass_refused (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *inner = g_object_new (subclass_type (), NULL);
  GValue     value = G_VALUE_INIT;
  GError    *error = NULL;

  g_value_init (&value, subclass_type ());
  g_value_take_object (&value, inner);
  refused_with (d, g_deferred_callback (d, &value, &error), &error);
  g_value_unset (&value);
  g_assert_finalize_object (d);
}

/* Rule 3: any GValue, or nothing */

static void
nothing (void)
{
  GValue              unset = G_VALUE_INIT;
  GValue              null_pointer = G_VALUE_INIT;
  const GValue *const nothings[] = { NULL, &unset, &null_pointer };

  g_value_init (&null_pointer, G_TYPE_POINTER);
  for (gsize i = 0; i < G_N_ELEMENTS (nothings); i++)
    {
      GDeferred *d = g_deferred_new ();
      GError    *error = NULL;

      link_both (d, "a");
      g_assert_true (g_deferred_callback (d, nothings[i], &error));
      g_assert_no_error (error);
      trace_is ("a:- ~a ");
      state_is (d, SUCCEEDED);
      g_assert_null (g_deferred_get_result (d));
      g_assert_null (g_deferred_get_error (d));
      g_assert_finalize_object (d);

      d = g_deferred_succeed (nothings[i]);
      state_is (d, SUCCEEDED);
      g_assert_null (g_deferred_get_result (d));
      g_assert_finalize_object (d);
    }
}

static void
returned_nothing (void)
{
  GDeferred *d = succeeded_with (4);

  link_both (d, "a0");
  link_both (d, "b");
  trace_is ("a:4 ~a b:- ~b ");
  g_assert_finalize_object (d);
}

static void
any_type (void)
{
  static const struct
  {
    GType       type;
    gint64      number;
    const char *text;
  } kinds[] = {
    { G_TYPE_BOOLEAN, 1, "TRUE" },
    { G_TYPE_CHAR, -7, "-7" },
    { G_TYPE_UCHAR, 200, "200" },
    { G_TYPE_INT, -2000000, "-2000000" },
    { G_TYPE_UINT, 3000000000, "3000000000" },
    { G_TYPE_INT64, -9000000000, "-9000000000" },
    { G_TYPE_UINT64, 9000000000, "9000000000" },
    { G_TYPE_FLOAT, -3, "-3.000000" },
    { G_TYPE_DOUBLE, 4, "4.000000" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      GDeferred *d = g_deferred_new ();
      GValue     number = G_VALUE_INIT;
      GValue     value = G_VALUE_INIT;
      char      *contents;

      g_value_init (&number, G_TYPE_INT64);
      g_value_set_int64 (&number, kinds[i].number);
      g_value_init (&value, kinds[i].type);
      g_assert_true (g_value_transform (&number, &value));
      g_assert_true (g_deferred_callback (d, &value, NULL));
      g_value_reset (&value);
      g_assert_cmpuint (G_VALUE_TYPE (g_deferred_get_result (d)), ==, kinds[i].type);
      contents = g_strdup_value_contents (g_deferred_get_result (d));
      g_assert_cmpstr (contents, ==, kinds[i].text);
      g_free (contents);
      g_assert_finalize_object (d);
    }
}

static void
counted_type (void)
{
  GDeferred *d = g_deferred_new ();
  GObject   *object = g_object_new (G_TYPE_OBJECT, NULL);
  GVariant  *variant = g_variant_ref_sink (g_variant_new_int32 (3));
  GValue     value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_OBJECT);
  g_value_set_object (&value, object);
  g_assert_true (g_deferred_callback (d, &value, NULL));
  g_value_unset (&value);
  g_assert_true (g_value_get_object (g_deferred_get_result (d)) == object);
  g_assert_cmpuint (object->ref_count, ==, 2);
  g_assert_finalize_object (d);
  g_assert_finalize_object (object);

  d = g_deferred_new ();
  g_value_init (&value, G_TYPE_VARIANT);
  g_value_set_variant (&value, variant);
  g_assert_true (g_deferred_callback_take_value (d, &value, NULL));
  g_assert_true (g_value_get_variant (g_deferred_get_result (d)) == variant);
  g_assert_finalize_object (d);
  g_variant_unref (variant);
}

/* Rule 4: added after firing runs at once */

static void
added_after (void)
{
  GDeferred *d = g_deferred_new ();

  fire (d, 1);
  link_both (d, "a=2");
  trace_is ("a:1 ~a ");
  link_callback (d, "b!bad");
  trace_is ("b:2 ~b ");
  link_callback (d, "c");
  trace_is ("~c ");
  link_errback (d, "d=5");
  trace_is ("d:!bad ~d ");
  link_pair (d, "e", "f");
  trace_is ("e:5 ~e ~f ");
  g_assert_finalize_object (d);
}

static void
added_to_ready_made (void)
{
  GDeferred *d = succeeded_with (1);

  link_both (d, "a");
  trace_is ("a:1 ~a ");
  g_assert_finalize_object (d);
  d = failed_with ("bad");
  link_pair (d, "a", "b0");
  g_assert_cmpuint (fx_trace->len, >, 0);
  g_assert_true (g_str_has_prefix (fx_trace->str, "b:!bad "));
  g_string_truncate (fx_trace, 0);
  g_assert_finalize_object (d);
}

static void
added_after_a_wait (void)
{
  GDeferred *d = succeeded_with (1);
  GDeferred *inner = g_deferred_new ();

  link_inner (d, inner);
  link_both (d, "a");
  trace_is ("");
  fire (inner, 2);
  trace_is ("a:2 ~a ");
  link_both (d, "b");
  trace_is ("b:2 ~b ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static void
maybe (void)
{
  GDeferred *inner = g_deferred_new ();
  GDeferred *d = g_deferred_maybe (act, (gpointer) "m=6");

  trace_is ("m:- ");
  state_is (d, SUCCEEDED);
  link_both (d, "a");
  trace_is ("a:6 ~a ");
  g_assert_finalize_object (d);

  d = g_deferred_maybe (act, (gpointer) "m!bad");
  link_both (d, "a0");
  trace_is ("m:- a:!bad ~a ");
  g_assert_finalize_object (d);

  d = g_deferred_maybe (act, (gpointer) "m");
  link_both (d, "a");
  trace_is ("m:- a:- ~a ");
  g_assert_finalize_object (d);

  d = g_deferred_maybe (return_it, inner);
  state_is (d, WAITING);
  link_both (d, "a");
  fire (inner, 8);
  trace_is ("a:8 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (inner);
}

static void
go_on_with (GDeferred *self, gpointer rest)
{
  say ("canceller ");
  g_assert_true (g_deferred_follow (self, rest, NULL));
}

/* What it comes to is what the other comes to. A canceller can have it wait on. */
static void
follow (void)
{
  GDeferred *d = g_deferred_new ();
  GDeferred *other = g_deferred_new ();
  GError    *error = NULL;

  link_both (d, "a");
  g_assert_true (g_deferred_follow (d, other, NULL));
  state_is (d, WAITING);
  g_assert_true (g_deferred_get_waiting_on (d) == other);
  g_assert_false (g_deferred_follow (d, other, &error));
  g_assert_error (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_ALREADY_CALLED);
  g_clear_error (&error);
  fire (other, 8);
  trace_is ("a:8 ~a ");
  g_assert_finalize_object (d);

  d = g_deferred_new ();
  fire_fail (other = (g_object_unref (other), g_deferred_new ()), "bad");
  g_deferred_follow (d, other, NULL);
  link_both (d, "b0");
  trace_is ("b:!bad ~b ");
  g_assert_finalize_object (d);

  g_object_unref (other);
  other = g_deferred_new ();
  d = g_deferred_new_with_canceller (go_on_with, other, NULL);
  link_both (d, "c");
  g_deferred_cancel (d);
  state_is (d, WAITING);
  fire (other, 9);
  trace_is ("canceller c:9 ~c ");
  g_assert_finalize_object (d);

  d = g_deferred_new ();
  link_both (d, "d0");
  g_deferred_follow (d, d, NULL);
  trace_is ("d:!LOOP ~d ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (other);
}

static const Case cases[] = {
  { "/rule-01/second-fails-and-changes-nothing", second_fails },
  { "/rule-01/second-without-error", second_without_error },
  { "/rule-01/with-an-error-on-the-spot", with_an_error_on_the_spot },
  { "/rule-01/from-inside-a-callback", from_inside_a_callback },
  { "/rule-01/from-a-signal-handler", from_a_signal_handler },
  { "/rule-01/from-a-destroy-notify", from_a_destroy_notify },
  { "/rule-01/while-paused", while_paused },
  { "/rule-01/while-waiting", while_waiting },
  { "/rule-01/ready-made-are-fired", ready_made },
  { "/rule-01/fire-with", fire_with },
  { "/rule-01/fire-with-from-inside", fire_with_from_inside },
  { "/rule-01/follow", follow },
  { "/rule-02/a-deferred-is-refused", deferred_refused },
  { "/rule-02/itself-is-refused", itself_refused },
  { "/rule-02/a-subclass-is-refused", subclass_refused },
  { "/rule-03/nothing", nothing },
  { "/rule-03/returned-nothing", returned_nothing },
  { "/rule-03/any-type", any_type },
  { "/rule-03/counted-types", counted_type },
  { "/rule-04/added-after-firing-runs-at-once", added_after },
  { "/rule-04/added-to-ready-made", added_to_ready_made },
  { "/rule-04/added-after-a-wait", added_after_a_wait },
  { "/rule-04/maybe", maybe },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
