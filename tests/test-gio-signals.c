/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Waiting, once, for a signal, for a property to have a value, for a list to have an item. */

#include "fixture.h"

#include <gdeferred/signalwait.h>

/* --- something that has all that can be waited for ---------------------------------------------------------------- */

G_DECLARE_FINAL_TYPE (Thing, thing, GD, THING, GObject)

struct _Thing
{
  GObject  parent_instance;
  int      number;
  char    *text;
  char   **words;
  gboolean on;
  double   ratio;
  GObject *friend;
  GVariant *variant;
};

enum
{
  PROP_NUMBER = 1,
  PROP_TEXT,
  PROP_WORDS,
  PROP_ON,
  PROP_RATIO,
  PROP_FRIEND,
  PROP_VARIANT,
  PROP_SECRET,
};

G_DEFINE_FINAL_TYPE (Thing, thing, G_TYPE_OBJECT)

static void
thing_finalize (GObject *object)
{
  Thing *self = GD_THING (object);

  g_free (self->text);
  g_strfreev (self->words);
  g_clear_object (&self->friend);
  g_clear_pointer (&self->variant, g_variant_unref);
  G_OBJECT_CLASS (thing_parent_class)->finalize (object);
}

static void
thing_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  Thing *self = GD_THING (object);

  switch (prop_id)
    {
    case PROP_NUMBER:
      g_value_set_int (value, self->number);
      break;
    case PROP_TEXT:
      g_value_set_string (value, self->text);
      break;
    case PROP_WORDS:
      g_value_set_boxed (value, self->words);
      break;
    case PROP_ON:
      g_value_set_boolean (value, self->on);
      break;
    case PROP_RATIO:
      g_value_set_double (value, self->ratio);
      break;
    case PROP_FRIEND:
      g_value_set_object (value, self->friend);
      break;
    case PROP_VARIANT:
      g_value_set_variant (value, self->variant);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
thing_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  Thing *self = GD_THING (object);

  switch (prop_id)
    {
    case PROP_NUMBER:
      self->number = g_value_get_int (value);
      break;
    case PROP_TEXT:
      g_free (self->text);
      self->text = g_value_dup_string (value);
      break;
    case PROP_WORDS:
      g_strfreev (self->words);
      self->words = g_value_dup_boxed (value);
      break;
    case PROP_ON:
      self->on = g_value_get_boolean (value);
      break;
    case PROP_RATIO:
      self->ratio = g_value_get_double (value);
      break;
    case PROP_FRIEND:
      g_set_object (&self->friend, g_value_get_object (value));
      break;
    case PROP_VARIANT:
      g_clear_pointer (&self->variant, g_variant_unref);
      self->variant = g_value_dup_variant (value);
      break;
    case PROP_SECRET:
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
thing_class_init (ThingClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = thing_finalize;
  object_class->get_property = thing_get_property;
  object_class->set_property = thing_set_property;

  g_object_class_install_property (object_class, PROP_NUMBER,
                                   g_param_spec_int ("number", NULL, NULL, 0, 100, 0, flags));
  g_object_class_install_property (object_class, PROP_TEXT,
                                   g_param_spec_string ("text", NULL, NULL, NULL, flags));
  g_object_class_install_property (object_class, PROP_WORDS,
                                   g_param_spec_boxed ("words", NULL, NULL, G_TYPE_STRV, flags));
  g_object_class_install_property (object_class, PROP_ON,
                                   g_param_spec_boolean ("on", NULL, NULL, FALSE, flags));
  g_object_class_install_property (object_class, PROP_RATIO,
                                   g_param_spec_double ("ratio", NULL, NULL, -1, 1, 0, flags));
  g_object_class_install_property (object_class, PROP_FRIEND,
                                   g_param_spec_object ("friend", NULL, NULL, G_TYPE_OBJECT, flags));
  g_object_class_install_property (object_class, PROP_VARIANT,
                                   g_param_spec_variant ("variant", NULL, NULL, G_VARIANT_TYPE_ANY, NULL,
                                                         flags));
  g_object_class_install_property (object_class, PROP_SECRET,
                                   g_param_spec_int ("secret", NULL, NULL, 0, 100, 0,
                                                     G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));

  g_signal_new ("plain", thing_get_type (), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_signal_new ("one", thing_get_type (), G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 1, G_TYPE_INT);
  g_signal_new ("several", thing_get_type (), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
                G_TYPE_INT, G_TYPE_STRING, G_TYPE_OBJECT);
  g_signal_new ("borrowed", thing_get_type (), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE);
  g_signal_new ("asks", thing_get_type (), G_SIGNAL_RUN_LAST, 0, g_signal_accumulator_true_handled, NULL,
                NULL, G_TYPE_BOOLEAN, 0);
}

static void
thing_init (Thing *self)
{
}

static Thing *
thing_new (void)
{
  return g_object_new (thing_get_type (), NULL);
}

static gboolean
has_handlers (gpointer object)
{
  return g_signal_handler_find (object, G_SIGNAL_MATCH_UNBLOCKED, 0, 0, NULL, NULL, NULL) != 0;
}

static void
set_flag (gpointer flag, GObject *former)
{
  *(gboolean *) flag = TRUE;
}

/* --- signals ----------------------------------------------------------------------------------------------------- */

static void
no_argument (void)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_signal (thing, "plain");

  link_both (d, "a");
  g_signal_emit_by_name (thing, "plain");
  trace_is ("a:- ~a ");
  g_assert_false (has_handlers (thing));
  g_signal_emit_by_name (thing, "plain");
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
}

static void
one_argument (void)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_signal (thing, "one");

  link_both (d, "a");
  g_signal_emit_by_name (thing, "one", 7);
  trace_is ("a:7 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
}

static void
several_arguments (void)
{
  Thing            *thing = thing_new ();
  GObject          *object = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred        *d = g_deferred_new_for_signal (thing, "several");
  char             *text = g_strdup ("text");
  GDeferredResults *results;

  g_signal_emit_by_name (thing, "several", 7, text, object);
  g_free (text);
  results = g_deferred_get_results (d);
  g_assert_cmpuint (g_deferred_results_get_length (results), ==, 3);
  g_assert_cmpuint (g_deferred_results_get_n_failed (results), ==, 0);
  g_assert_cmpint (g_deferred_results_get_int (results, 0), ==, 7);
  g_assert_cmpstr (g_deferred_results_get_string (results, 1), ==, "text");
  g_assert_true (g_deferred_results_get_object (results, 2) == object);
  g_assert_finalize_object (d);
  g_assert_finalize_object (object);
  g_assert_finalize_object (thing);
}

/* What the emitter lends is copied. */
static void
borrowed_argument (void)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_signal (thing, "borrowed");
  char       text[] = "text";

  g_signal_emit_by_name (thing, "borrowed", text);
  text[0] = 'n';
  g_assert_cmpstr (g_deferred_get_string (d), ==, "text");
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
}

static void
details (void)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_signal (thing, "one::this");

  link_both (d, "a");
  g_signal_emit_by_name (thing, "one", 1);
  g_signal_emit_by_name (thing, "one::that", 2);
  trace_is ("");
  g_signal_emit_by_name (thing, "one::this", 3);
  trace_is ("a:3 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
}

static gboolean
say_asked (Thing *thing, gpointer answer)
{
  say ("asked ");
  return answer != NULL;
}

/* The others decide. */
static void
return_values (void)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_signal (thing, "asks");
  gboolean   answer = FALSE;

  link_both (d, "a");
  g_signal_connect (thing, "asks", G_CALLBACK (say_asked), thing);
  g_signal_emit_by_name (thing, "asks", &answer);
  trace_is ("a:- ~a asked ");
  g_assert_true (answer);
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
}

static gboolean
emit_again (GDeferred *self, gpointer thing, GError **error)
{
  say ("once ");
  g_signal_emit_by_name (thing, "plain");
  return TRUE;
}

static void
emitted_by_its_own_callback (void)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_signal (thing, "plain");

  g_deferred_add_callback (d, emit_again, thing, NULL);
  g_signal_emit_by_name (thing, "plain");
  trace_is ("once ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
}

static gboolean
wait_again (GDeferred *self, gpointer thing, GError **error)
{
  GDeferred *next = g_deferred_new_for_signal (thing, "one");

  link_both (next, "n");
  g_object_unref (next);
  return TRUE;
}

/* One that begins to wait inside of the emission waits for the next one. */
static void
waits_again_in_its_callback (void)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_signal (thing, "one");

  g_deferred_add_callback (d, wait_again, thing, NULL);
  g_signal_emit_by_name (thing, "one", 1);
  trace_is ("");
  g_signal_emit_by_name (thing, "one", 2);
  trace_is ("n:2 ~n ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
}

static void
several_wait (void)
{
  Thing     *thing = thing_new ();
  GDeferred *first = g_deferred_new_for_signal (thing, "one");
  GDeferred *second = g_deferred_new_for_signal (thing, "one");

  link_both (first, "a");
  link_both (second, "b");
  g_signal_emit_by_name (thing, "one", 4);
  trace_is ("a:4 ~a b:4 ~b ");
  g_assert_finalize_object (first);
  g_assert_finalize_object (second);
  g_assert_finalize_object (thing);
}

static gboolean
drop_it (GDeferred *self, gpointer thing, GError **error)
{
  g_object_unref (thing);
  return TRUE;
}

/* The last reference on the object goes inside the emission. */
static void
object_dropped_by_its_callback (void)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_signal (thing, "plain");
  gboolean   is_gone = FALSE;

  g_object_weak_ref (G_OBJECT (thing), set_flag, &is_gone);
  g_deferred_add_callback (d, drop_it, thing, NULL);
  link_both (d, "a");
  g_signal_emit_by_name (thing, "plain");
  trace_is ("a:- ~a ");
  g_assert_true (is_gone);
  settle (NULL);
  g_assert_finalize_object (d);
}

/* A Deferred among the arguments cannot be the result, and its chain is not what waits. */
static void
a_deferred_as_an_argument (void)
{
  GObject   *other = G_OBJECT (g_deferred_new ());
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_property (thing, "friend", NULL);

  link_both (d, "a0");
  g_object_set (thing, "friend", other, NULL);
  trace_is ("a:!INVALID_RESULT ~a ");
  g_assert_false (has_handlers (thing));
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
  g_assert_finalize_object (other);
}

/* --- the end of a wait -------------------------------------------------------------------------------------------- */

static void
not_kept_alive (void)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_signal (thing, "plain");

  link_both (d, "a0");
  g_assert_cmpuint (G_OBJECT (thing)->ref_count, ==, 1);
  g_assert_finalize_object (thing);
  trace_is ("");
  settle (NULL);
  trace_is ("a:!ABANDONED ~a ");
  g_assert_finalize_object (d);
}

/* Disposed, and held by somebody still: nothing will come. */
static void
disposed (void)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_signal (thing, "plain");

  link_both (d, "a0");
  g_object_run_dispose (G_OBJECT (thing));
  settle (NULL);
  trace_is ("a:!ABANDONED ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
}

static void
disconnected_by_others (void)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_signal (thing, "plain");

  link_both (d, "a0");
  g_signal_handler_disconnect (thing, g_signal_handler_find (thing, G_SIGNAL_MATCH_UNBLOCKED, 0, 0, NULL,
                                                             NULL, NULL));
  settle (NULL);
  trace_is ("a:!ABANDONED ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
}

static void
cancelled (void)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_signal (thing, "plain");

  link_both (d, "a0");
  g_deferred_cancel (d);
  trace_is ("a:!CANCELLED ~a ");
  g_assert_false (has_handlers (thing));
  g_signal_emit_by_name (thing, "plain");
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
}

static void
dropped (void)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_signal (thing, "plain");
  gboolean   is_gone = FALSE;

  g_object_weak_ref (G_OBJECT (d), set_flag, &is_gone);
  link_both (d, "a");
  g_object_unref (d);
  settle (NULL);
  g_assert_false (is_gone);
  g_signal_emit_by_name (thing, "plain");
  trace_is ("a:- ~a ");
  g_assert_true (is_gone);
  g_assert_finalize_object (thing);
}

static void
fired_otherwise (void)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_signal (thing, "plain");

  link_both (d, "a");
  fire (d, 1);
  trace_is ("a:1 ~a ");
  g_assert_false (has_handlers (thing));
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
}

static void
owner_gone (void)
{
  GObject   *owner = g_object_new (G_TYPE_OBJECT, NULL);
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_signal (thing, "plain");

  g_deferred_bind_owner (d, owner);
  link_both (d, "a");
  g_object_unref (owner);
  g_signal_emit_by_name (thing, "plain");
  settle (NULL);
  trace_is ("~a ");
  g_assert_false (has_handlers (thing));
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
}

/* Its owner is what it waits for. */
static void
owner_is_the_object (void)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_signal (thing, "plain");

  g_deferred_bind_owner (d, G_OBJECT (thing));
  link_both (d, "a");
  g_assert_finalize_object (thing);
  settle (NULL);
  trace_is ("~a ");
  g_assert_finalize_object (d);
}

/* --- from other threads ------------------------------------------------------------------------------------------- */

static gpointer
emit_twice (gpointer thing)
{
  g_signal_emit_by_name (thing, "one", 8);
  g_signal_emit_by_name (thing, "one", 9);
  say ("emitted ");
  return NULL;
}

static void
from_another_thread (void)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_signal (thing, "one");

  link_both (d, "a");
  g_thread_join (g_thread_new ("emitter", emit_twice, thing));
  trace_is ("emitted ");
  g_assert_false (has_handlers (thing));
  settle (NULL);
  trace_is ("a:8 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
}

static gpointer
drop_object (gpointer object)
{
  g_object_unref (object);
  return NULL;
}

static void
disposed_in_another_thread (void)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_signal (thing, "one");

  link_both (d, "a0");
  g_thread_join (g_thread_new ("dropper", drop_object, thing));
  trace_is ("");
  settle (NULL);
  trace_is ("a:!ABANDONED ~a ");
  g_assert_finalize_object (d);
}

static gpointer
emit_until_told (gpointer thing)
{
  for (guint i = 0; i < 50; i++)
    g_signal_emit_by_name (thing, "one", 5);
  g_object_unref (thing);
  return NULL;
}

/* A race on purpose: emissions and the end in one thread, cancels in the other. Each wait ends once. */
static void
cancelled_as_it_comes (void)
{
  for (guint i = gd_test_scaled (300); i > 0; i--)
    {
      Thing     *thing = thing_new ();
      GDeferred *waits[10];
      GThread   *emitter;

      for (gsize n = 0; n < G_N_ELEMENTS (waits); n++)
        {
          waits[n] = g_deferred_new_for_signal (thing, "one");
          link_both (waits[n], "a0");
        }
      emitter = g_thread_new ("emitter", emit_until_told, thing);
      for (gsize n = 0; n < G_N_ELEMENTS (waits); n++)
        {
          g_main_context_iteration (NULL, FALSE);
          g_deferred_cancel (waits[n]);
        }
      g_thread_join (emitter);
      settle (NULL);
      for (gsize n = 0; n < G_N_ELEMENTS (waits); n++)
        {
          state_is (waits[n], SUCCEEDED);
          g_assert_finalize_object (waits[n]);
        }
      g_string_truncate (fx_trace, 0);
    }
}

/* --- properties --------------------------------------------------------------------------------------------------- */

static void
property_comes_to_it (void)
{
  Thing     *thing = thing_new ();
  GValue     seven = G_VALUE_INIT;
  GDeferred *d;

  g_value_init (&seven, G_TYPE_INT);
  g_value_set_int (&seven, 7);
  d = g_deferred_new_for_property (thing, "number", &seven);
  link_both (d, "a");
  g_object_set (thing, "number", 6, "text", "7", NULL);
  trace_is ("");
  g_object_set (thing, "number", 7, NULL);
  trace_is ("a:7 ~a ");
  g_assert_false (has_handlers (thing));
  g_object_set (thing, "number", 7, NULL);
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
}

static void
property_has_it_already (void)
{
  Thing     *thing = thing_new ();
  GValue     zero = G_VALUE_INIT;
  GDeferred *d;

  g_value_init (&zero, G_TYPE_INT);
  d = g_deferred_new_for_property (thing, "number", &zero);
  link_both (d, "a");
  trace_is ("a:0 ~a ");
  g_assert_false (has_handlers (thing));
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
}

static gboolean
set_and_compare (const GValue *value, gpointer thing)
{
  int number = g_value_get_int (value);

  say ("?%d ", number);
  if (number == 0)
    g_object_set (thing, "number", 7, NULL);
  return number == 7;
}

/* As it is being looked at for the first time, as another thread may do. */
static void
property_changes_as_it_is_looked_at (void)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_property_func (thing, "number", set_and_compare, thing, NULL);

  trace_is ("?0 ?7 ");
  link_both (d, "a");
  trace_is ("a:7 ~a ");
  g_assert_false (has_handlers (thing));
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
}

static void
property_converted (void)
{
  Thing     *thing = thing_new ();
  GValue     seven = G_VALUE_INIT;
  GDeferred *d;

  g_value_init (&seven, G_TYPE_INT64);
  g_value_set_int64 (&seven, 7);
  d = g_deferred_new_for_property (thing, "number", &seven);
  link_both (d, "a");
  g_object_set (thing, "number", 7, NULL);
  trace_is ("a:7 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
}

/* Waits for the value that the property has after it was set to it; and for that it is not before. */
static void
equal_after_set (const char *name, const GValue *value)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_property (thing, name, value);

  state_is (d, PENDING);
  g_object_set_property (G_OBJECT (thing), name, value);
  state_is (d, SUCCEEDED);
  g_assert_finalize_object (d);

  d = g_deferred_new_for_property (thing, name, value);
  state_is (d, SUCCEEDED);
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
}

static void
property_of_any_type (void)
{
  const char *const words[] = { "a", "b", NULL };
  GObject          *object = g_object_new (G_TYPE_OBJECT, NULL);
  GValue            value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_STRING);
  g_value_set_static_string (&value, "text");
  equal_after_set ("text", &value);
  g_value_unset (&value);

  g_value_init (&value, G_TYPE_STRV);
  g_value_set_static_boxed (&value, words);
  equal_after_set ("words", &value);
  g_value_unset (&value);

  g_value_init (&value, G_TYPE_BOOLEAN);
  g_value_set_boolean (&value, TRUE);
  equal_after_set ("on", &value);
  g_value_unset (&value);

  g_value_init (&value, G_TYPE_DOUBLE);
  g_value_set_double (&value, 0.5);
  equal_after_set ("ratio", &value);
  g_value_unset (&value);

  g_value_init (&value, G_TYPE_VARIANT);
  g_value_set_variant (&value, g_variant_new_int32 (3));
  equal_after_set ("variant", &value);
  g_value_unset (&value);

  g_value_init (&value, G_TYPE_OBJECT);
  g_value_set_object (&value, object);
  equal_after_set ("friend", &value);
  g_value_unset (&value);
  g_assert_finalize_object (object);
}

static void
property_not_equal (void)
{
  const char *const words[] = { "a", "b", NULL };
  const char *const others[] = { "a", NULL };
  Thing            *thing = thing_new ();
  GValue            value = G_VALUE_INIT;
  GDeferred        *d;

  g_value_init (&value, G_TYPE_STRV);
  g_value_set_static_boxed (&value, words);
  d = g_deferred_new_for_property (thing, "words", &value);
  g_object_set (thing, "words", others, NULL);
  g_object_set (thing, "words", NULL, NULL);
  state_is (d, PENDING);
  g_object_set (thing, "words", words, NULL);
  state_is (d, SUCCEEDED);
  g_value_unset (&value);
  g_assert_finalize_object (d);

  g_value_init (&value, G_TYPE_STRV);
  d = g_deferred_new_for_property (thing, "words", &value);
  state_is (d, PENDING);
  g_object_set (thing, "words", NULL, NULL);
  state_is (d, SUCCEEDED);
  g_value_unset (&value);
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
}

static void
something (Thing *thing, const char *name)
{
  GDeferred *d = g_deferred_new_for_property (thing, name, NULL);

  state_is (d, SUCCEEDED);
  g_assert_finalize_object (d);
}

static GDeferred *
not_something (Thing *thing, const char *name)
{
  GDeferred *d = g_deferred_new_for_property (thing, name, NULL);

  state_is (d, PENDING);
  g_object_notify (G_OBJECT (thing), name);
  state_is (d, PENDING);
  return d;
}

static void
becomes_something (GDeferred *d)
{
  state_is (d, SUCCEEDED);
  g_assert_finalize_object (d);
}

static void
property_is_something (void)
{
  const char *const words[] = { "a", NULL };
  Thing            *thing = thing_new ();
  GObject          *object = g_object_new (G_TYPE_OBJECT, NULL);
  GDeferred        *on = not_something (thing, "on");
  GDeferred        *number = not_something (thing, "number");
  GDeferred        *ratio = not_something (thing, "ratio");
  GDeferred        *text = not_something (thing, "text");
  GDeferred        *words_set = not_something (thing, "words");
  GDeferred *friend = not_something (thing, "friend");
  GDeferred *variant = not_something (thing, "variant");

  g_object_set (thing, "text", "", NULL);
  state_is (text, PENDING);
  g_object_set (thing, "on", TRUE, "number", 3, "ratio", -0.25, "text", "x", "words", words, "friend", object,
                "variant", g_variant_new_int32 (0), NULL);
  becomes_something (on);
  becomes_something (number);
  becomes_something (ratio);
  becomes_something (text);
  becomes_something (words_set);
  becomes_something (friend);
  becomes_something (variant);
  something (thing, "on");
  something (thing, "variant");
  g_assert_finalize_object (thing);
  g_assert_finalize_object (object);
}

/* Frozen notifications come together, and the value is that of then. */
static void
property_frozen (void)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_property (thing, "number", NULL);

  link_both (d, "a");
  g_object_freeze_notify (G_OBJECT (thing));
  g_object_set (thing, "number", 1, NULL);
  g_object_set (thing, "number", 2, NULL);
  trace_is ("");
  g_object_thaw_notify (G_OBJECT (thing));
  trace_is ("a:2 ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
}

static gboolean
is_large (const GValue *value, gpointer data)
{
  say ("%d? ", g_value_get_int (value));
  return g_value_get_int (value) > 10;
}

static void
property_func (void)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_property_func (thing, "number", is_large, "t", gone);

  link_both (d, "a");
  trace_is ("0? ");
  g_object_set (thing, "number", 5, NULL);
  trace_is ("5? ");
  g_object_set (thing, "number", 15, NULL);
  trace_is ("15? ~t a:15 ~a ");
  g_object_set (thing, "number", 20, NULL);
  trace_is ("");

  g_assert_finalize_object (d);
  d = g_deferred_new_for_property_func (thing, "number", is_large, "t", gone);
  trace_is ("20? ~t ");
  g_assert_cmpint (g_deferred_get_int (d), ==, 20);
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
}

static void
property_func_cancelled (void)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_property_func (thing, "number", is_large, "t", gone);

  link_both (d, "a0");
  g_deferred_cancel (d);
  trace_is ("0? ~t a:!CANCELLED ~a ");
  g_object_set (thing, "number", 15, NULL);
  trace_is ("");
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
}

static void
property_func_gone (void)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_property_func (thing, "number", is_large, "t", gone);

  link_both (d, "a0");
  g_assert_finalize_object (thing);
  trace_is ("0? ");
  settle (NULL);
  trace_is ("~t a:!ABANDONED ~a ");
  g_assert_finalize_object (d);
}

typedef struct
{
  GDeferred *deferred;
  gboolean   is_alive;
} Asked;

static gboolean
cancel_it (const GValue *value, gpointer data)
{
  Asked *asked = data;

  if (asked->deferred == NULL)
    return FALSE;

  g_deferred_cancel (asked->deferred);
  g_assert_true (asked->is_alive);
  return TRUE;
}

static void
asked_gone (gpointer data)
{
  ((Asked *) data)->is_alive = FALSE;
  say ("~ ");
}

/* Its data stays as long as it is called. */
static void
property_func_cancels (void)
{
  Thing *thing = thing_new ();
  Asked  asked = { NULL, TRUE };

  asked.deferred = g_deferred_new_for_property_func (thing, "number", cancel_it, &asked, asked_gone);
  link_both (asked.deferred, "a0");
  g_object_set (thing, "number", 1, NULL);
  trace_is ("a:!CANCELLED ~a ~ ");
  g_assert_false (has_handlers (thing));
  g_assert_finalize_object (asked.deferred);
  g_assert_finalize_object (thing);
}

static gpointer
count_up (gpointer thing)
{
  for (int i = 1; i <= 20; i++)
    g_object_set (thing, "number", i, NULL);
  return NULL;
}

/* Each value that there was is asked about, at home, and none after the answer. */
static void
property_from_another_thread (void)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_property_func (thing, "number", is_large, "t", gone);

  link_both (d, "a");
  trace_is ("0? ");
  g_thread_join (g_thread_new ("setter", count_up, thing));
  trace_is ("");
  settle (NULL);
  trace_is ("1? 2? 3? 4? 5? 6? 7? 8? 9? 10? 11? ~t a:11 ~a ");
  g_assert_false (has_handlers (thing));
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
}

/* What is on its way is dropped. */
static void
property_cancelled_on_the_way (void)
{
  Thing     *thing = thing_new ();
  GDeferred *d = g_deferred_new_for_property_func (thing, "number", is_large, "t", gone);

  link_both (d, "a0");
  g_thread_join (g_thread_new ("setter", count_up, thing));
  g_deferred_cancel (d);
  settle (NULL);
  trace_is ("0? ~t a:!CANCELLED ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (thing);
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

static void
items (void)
{
  GListStore *store = g_list_store_new (G_TYPE_OBJECT);
  Thing      *thing = thing_new ();
  GDeferred  *d = g_deferred_new_for_items (G_LIST_MODEL (store));

  state_is (d, PENDING);
  g_list_store_append (store, thing);
  g_assert_true (g_deferred_get_object (d) == thing);
  g_assert_false (has_handlers (store));
  g_assert_finalize_object (d);

  d = g_deferred_new_for_items (G_LIST_MODEL (store));
  g_assert_true (g_deferred_get_object (d) == thing);
  g_assert_false (has_handlers (store));
  g_assert_finalize_object (d);

  g_list_store_remove_all (store);
  d = g_deferred_new_for_items (G_LIST_MODEL (store));
  g_list_model_items_changed (G_LIST_MODEL (store), 0, 0, 0);
  state_is (d, PENDING);
  g_list_store_append (store, thing);
  state_is (d, SUCCEEDED);
  g_assert_finalize_object (d);
  g_assert_finalize_object (store);
  g_assert_finalize_object (thing);
}

static void
items_of_a_list_that_goes (void)
{
  GListStore *store = g_list_store_new (G_TYPE_OBJECT);
  GDeferred  *d = g_deferred_new_for_items (G_LIST_MODEL (store));

  link_both (d, "a0");
  g_assert_finalize_object (store);
  settle (NULL);
  trace_is ("a:!ABANDONED ~a ");
  g_assert_finalize_object (d);
}

/* --- misuse ------------------------------------------------------------------------------------------------------- */

static void
bad_arguments (void)
{
  Thing *thing = thing_new ();
  GValue unset = G_VALUE_INIT;
  GValue text = G_VALUE_INIT;

  expect_critical ("G_IS_OBJECT (object)");
  g_assert_null (g_deferred_new_for_signal (NULL, "plain"));
  expect_critical ("detailed_signal != NULL");
  g_assert_null (g_deferred_new_for_signal (thing, NULL));
  expect_critical ("a Thing has no signal “none”");
  g_assert_null (g_deferred_new_for_signal (thing, "none"));
  expect_critical ("a Thing has no signal “plain::detail”");
  g_assert_null (g_deferred_new_for_signal (thing, "plain::detail"));

  expect_critical ("G_IS_OBJECT (object)");
  g_assert_null (g_deferred_new_for_property (NULL, "number", NULL));
  expect_critical ("property_name != NULL");
  g_assert_null (g_deferred_new_for_property (thing, NULL, NULL));
  expect_critical ("a Thing has no property “none” that can be read");
  g_assert_null (g_deferred_new_for_property (thing, "none", NULL));
  expect_critical ("a Thing has no property “secret” that can be read");
  g_assert_null (g_deferred_new_for_property (thing, "secret", NULL));
  expect_critical ("value == NULL || G_IS_VALUE (value)");
  g_assert_null (g_deferred_new_for_property (thing, "number", &unset));
  g_value_init (&text, G_TYPE_STRING);
  expect_critical ("the property “number” of a Thing is a gint, and cannot become a gchararray");
  g_assert_null (g_deferred_new_for_property (thing, "number", &text));

  expect_critical ("G_IS_OBJECT (object)");
  g_assert_null (g_deferred_new_for_property_func (NULL, "number", is_large, NULL, NULL));
  expect_critical ("property_name != NULL");
  g_assert_null (g_deferred_new_for_property_func (thing, NULL, is_large, NULL, NULL));
  expect_critical ("func != NULL");
  g_assert_null (g_deferred_new_for_property_func (thing, "number", NULL, NULL, NULL));
  expect_critical ("a Thing has no property “none” that can be read");
  g_assert_null (g_deferred_new_for_property_func (thing, "none", is_large, NULL, NULL));

  expect_critical ("G_IS_LIST_MODEL (model)");
  g_assert_null (g_deferred_new_for_items (NULL));
  criticals_came ();
  g_assert_finalize_object (thing);
}

static const Case cases[] = {
  { "/gio/signals/no-argument", no_argument },
  { "/gio/signals/one-argument", one_argument },
  { "/gio/signals/several-arguments", several_arguments },
  { "/gio/signals/a-borrowed-argument-is-copied", borrowed_argument },
  { "/gio/signals/details", details },
  { "/gio/signals/what-is-returned-is-left-to-others", return_values },
  { "/rule-09/gio/signals/emitted-by-its-own-callback", emitted_by_its_own_callback },
  { "/rule-09/gio/signals/waits-again-in-its-callback", waits_again_in_its_callback },
  { "/gio/signals/several-wait", several_wait },
  { "/rule-18/gio/signals/the-object-is-dropped-by-its-callback", object_dropped_by_its_callback },
  { "/rule-02/gio/signals/a-Deferred-as-an-argument", a_deferred_as_an_argument },
  { "/rule-17/gio/signals/the-object-is-not-kept-and-its-end-is-told", not_kept_alive },
  { "/rule-17/gio/signals/disposed", disposed },
  { "/rule-17/gio/signals/disconnected-by-others", disconnected_by_others },
  { "/rule-14/gio/signals/cancelled", cancelled },
  { "/rule-17/gio/signals/kept-by-the-object", dropped },
  { "/rule-01/gio/signals/fired-otherwise", fired_otherwise },
  { "/rule-25/gio/signals/owner-gone", owner_gone },
  { "/rule-25/gio/signals/owner-is-the-object", owner_is_the_object },
  { "/rule-20/gio/signals/from-another-thread", from_another_thread },
  { "/rule-20/gio/signals/disposed-in-another-thread", disposed_in_another_thread },
  { "/rule-20/gio/signals/cancelled-as-it-comes", cancelled_as_it_comes },
  { "/gio/properties/comes-to-the-value", property_comes_to_it },
  { "/gio/properties/changes-as-it-is-looked-at", property_changes_as_it_is_looked_at },
  { "/rule-04/gio/properties/has-the-value-already", property_has_it_already },
  { "/gio/properties/the-value-is-converted", property_converted },
  { "/gio/properties/of-any-type", property_of_any_type },
  { "/gio/properties/not-equal", property_not_equal },
  { "/gio/properties/becomes-something", property_is_something },
  { "/gio/properties/frozen", property_frozen },
  { "/gio/properties/func", property_func },
  { "/rule-13/gio/properties/func-cancelled", property_func_cancelled },
  { "/rule-17/gio/properties/func-and-the-object-goes", property_func_gone },
  { "/rule-13/gio/properties/func-cancels", property_func_cancels },
  { "/rule-20/gio/properties/from-another-thread", property_from_another_thread },
  { "/rule-20/gio/properties/cancelled-on-the-way", property_cancelled_on_the_way },
  { "/gio/items/the-first-item", items },
  { "/rule-17/gio/items/a-list-that-goes", items_of_a_list_that_goes },
  { "/misuse/gio/signals/bad-arguments", bad_arguments },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
