/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "toy-private.h"

Toy toy;

/* --- types ------------------------------------------------------------------------------------------------------- */

G_DEFINE_INTERFACE (ToyThing, toy_thing, G_TYPE_OBJECT)
G_DEFINE_TYPE_WITH_CODE (ToyBox, toy_box, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (TOY_TYPE_THING, NULL))
G_DEFINE_BOXED_TYPE (ToyStamp, toy_stamp, toy_stamp_copy, toy_stamp_free)

GType
toy_color_get_type (void)
{
  static const GEnumValue values[] = { { TOY_COLOR_RED, "TOY_COLOR_RED", "red" },
                                       { TOY_COLOR_GREEN, "TOY_COLOR_GREEN", "green" },
                                       { 0, NULL, NULL } };
  static GType            type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("ToyColor", values));
  return type;
}

GType
toy_sides_get_type (void)
{
  static const GFlagsValue values[] = { { TOY_SIDES_LEFT, "TOY_SIDES_LEFT", "left" },
                                        { TOY_SIDES_RIGHT, "TOY_SIDES_RIGHT", "right" },
                                        { 0, NULL, NULL } };
  static GType             type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_flags_register_static ("ToySides", values));
  return type;
}

static ToyStamp *
make_stamp (int number)
{
  ToyStamp *stamp = g_new (ToyStamp, 1);

  stamp->number = number;
  toy.n_stamps++;
  return stamp;
}

ToyStamp *
toy_stamp_copy (ToyStamp *stamp)
{
  return make_stamp (stamp->number);
}

void
toy_stamp_free (ToyStamp *stamp)
{
  toy.n_stamps--;
  g_free (stamp);
}

static void
toy_thing_default_init (ToyThingInterface *iface G_GNUC_UNUSED)
{
}

static void
toy_box_init (ToyBox *self)
{
  toy.n_boxes++;
  self->note = g_strdup ("a note");
  self->variant = g_variant_ref_sink (g_variant_new_int32 (3));
}

static void
free_stamp (gpointer stamp)
{
  toy_stamp_free (stamp);
}

static void
toy_box_finalize (GObject *object)
{
  ToyBox *self = TOY_BOX (object);

  toy.n_boxes--;
  g_free (self->note);
  g_clear_object (&self->lid);
  g_clear_pointer (&self->stamp, toy_stamp_free);
  g_variant_unref (self->variant);
  g_list_free_full (self->lids, g_object_unref);
  g_slist_free_full (self->stamps, free_stamp);
  G_OBJECT_CLASS (toy_box_parent_class)->finalize (object);
}

static void
toy_box_class_init (ToyBoxClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = toy_box_finalize;
}

ToyBox *
toy_box_new (void)
{
  return g_object_new (TOY_TYPE_BOX, NULL);
}

const char *
toy_box_get_note (ToyBox *self)
{
  return self->note;
}

/* --- beginning and ending ---------------------------------------------------------------------------------------- */

static gboolean
come_back (gpointer task)
{
  if (toy.silent)
    g_task_return_boolean (task, FALSE);
  else if (toy.failure != NULL)
    g_task_return_error (task, g_error_copy (toy.failure));
  else
    g_task_return_boolean (task, TRUE);
  return G_SOURCE_REMOVE;
}

static gboolean
come_back_cancelled (GCancellable *cancellable G_GNUC_UNUSED, gpointer task)
{
  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

void
toy_start (gpointer source, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask   *task = g_task_new (source, cancellable, toy.prompt ? NULL : callback, user_data);
  GSource *waiting;

  toy.n_calls++;
  g_task_set_check_cancellable (task, FALSE); /* what is there is given, cancelled or not */
  if (toy.prompt)
    {
      come_back (task);
      callback (source, G_ASYNC_RESULT (task), user_data);
      g_object_unref (task);
      return;
    }

  waiting = toy.stuck ? g_cancellable_source_new (cancellable) : g_idle_source_new ();
  if (toy.stuck)
    g_task_attach_source (task, waiting, G_SOURCE_FUNC (come_back_cancelled));
  else
    g_task_attach_source (task, waiting, come_back);
  g_source_unref (waiting);
  g_object_unref (task);
}

gboolean
toy_ended (GAsyncResult *result, GError **error)
{
  toy.n_finished++;
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- one result -------------------------------------------------------------------------------------------------- */

TOY_ASYNC (toy_box_open_async, ToyBox *self, int io_priority)
{
  g_assert_cmpint (io_priority, ==, 5);
  toy_start (self, cancellable, callback, user_data);
}

FINISH (gboolean, open, TRUE)

START (shake_async)

void
toy_box_shake_finish (ToyBox *self, GAsyncResult *result)
{
  toy_ended (result, NULL);
}

START (drain_async)

TOY_FINISH (void, drain_finish)
{
  toy_ended (result, error);
}

PAIR (int, count, -3)
PAIR (gsize, size, 4000000000)
PAIR (guint64, volume, G_MAXUINT64)
PAIR (double, weight, 0.5)

START (is_open)

TOY_FINISH (gboolean, is_open_finish)
{
  toy_ended (result, error);
  return FALSE;
}

START (is_full)

gboolean
toy_box_is_full_finish (ToyBox *self, GAsyncResult *result)
{
  return toy_ended (result, NULL);
}

PAIR (ToySerial, serial, 77)
PAIR (ToyColor, color, TOY_COLOR_GREEN)
PAIR (ToySides, sides, TOY_SIDES_LEFT | TOY_SIDES_RIGHT)
PAIR (ToyRaw, raw, TOY_RAW_ONE)
PAIR (GType, kind, TOY_TYPE_BOX)

PAIR (char *, label, toy.bare ? NULL : g_strdup (self->note))
PAIR (const char *, seen_label, toy.bare ? NULL : self->note)
PAIR (ToyBox *, lid, toy_box_new ())

static ToyBox *
own_lid (ToyBox *self)
{
  if (self->lid == NULL)
    self->lid = toy_box_new ();
  return self->lid;
}

static ToyStamp *
own_stamp (ToyBox *self)
{
  if (self->stamp == NULL)
    self->stamp = make_stamp (7);
  return self->stamp;
}

PAIR (ToyThing *, seen_lid, TOY_THING (own_lid (self)))
PAIR (ToyStamp *, stamp, make_stamp (8))
PAIR (const ToyStamp *, seen_stamp, own_stamp (self))
PAIR (GVariant *, variant, g_variant_new_string ("floating"))
PAIR (GVariant *, seen_variant, self->variant)

static GHashTable *
make_table (void)
{
  GHashTable *table = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);

  g_hash_table_insert (table, (gpointer) "key", g_strdup ("value"));
  return table;
}

PAIR (GHashTable *, table, make_table ())

static GValue *
make_value (GValue *value)
{
  g_value_init (value, G_TYPE_INT);
  g_value_set_int (value, 11);
  return value;
}

static const GValue *
static_value (void)
{
  static GValue value = G_VALUE_INIT;

  return G_IS_VALUE (&value) ? &value : make_value (&value);
}

PAIR (const GValue *, seen_value, static_value ())
PAIR (GValue *, value, make_value (g_new0 (GValue, 1)))

START (fill_value)

gboolean
toy_box_fill_value_finish (ToyBox *self, GAsyncResult *result, GValue *value, GError **error)
{
  make_value (value);
  return toy_ended (result, error);
}

/* --- many -------------------------------------------------------------------------------------------------------- */

static const char *const some_names[] = { "red", "green", NULL };

PAIR (char **, names, g_strdupv ((char **) some_names))
PAIR (const char *const *, seen_names, some_names)

START (data)

gboolean
toy_box_data_finish (ToyBox *self, GAsyncResult *result, guint8 **data, gsize *n_bytes, GError **error)
{
  *data = g_memdup2 ("a\0b", 3);
  *n_bytes = 3;
  return toy_ended (result, error);
}

START (seen_data)

const guint8 *
toy_box_seen_data_finish (ToyBox *self, GAsyncResult *result, int *n_bytes, GError **error)
{
  *n_bytes = 3;
  return toy_ended (result, error) ? (const guint8 *) "c\0d" : NULL;
}

PAIR (char *, line, g_strdup ("a line"))

static GList *
own_lids (ToyBox *self)
{
  if (self->lids == NULL)
    self->lids = g_list_prepend (g_list_prepend (NULL, toy_box_new ()), toy_box_new ());
  return self->lids;
}

static GSList *
own_stamps (ToyBox *self)
{
  if (self->stamps == NULL)
    self->stamps = g_slist_prepend (g_slist_prepend (NULL, make_stamp (2)), make_stamp (1));
  return self->stamps;
}

static gpointer
copy_stamp (gconstpointer stamp, gpointer user_data G_GNUC_UNUSED)
{
  return toy_stamp_copy ((gpointer) stamp);
}

static GList *
two (gpointer first, gpointer second)
{
  return g_list_prepend (g_list_prepend (NULL, second), first);
}

PAIR (GList *, lids, two (toy_box_new (), toy_box_new ()))
PAIR (GList *, held_lids, g_list_copy (own_lids (self)))
PAIR (GList *, seen_lids, own_lids (self))
PAIR (GSList *, stamps, g_slist_copy_deep (own_stamps (self), copy_stamp, NULL))
PAIR (GSList *, seen_stamps, own_stamps (self))
PAIR (GList *, words, two (g_strdup ("one"), g_strdup ("two")))
PAIR (GList *, variants, two (g_variant_ref (self->variant), g_variant_ref (self->variant)))
PAIR (GList *, held_variants, two (self->variant, g_variant_new_int32 (4)))

START (seen_words)

TOY_FINISH (GList *, seen_words_finish)
{
  static GList second = { (gpointer) "two", NULL, NULL };
  static GList first = { (gpointer) "one", &second, NULL };

  return toy_ended (result, error) ? &first : NULL;
}

static ToyBox **
make_row (void)
{
  ToyBox **row = g_new0 (ToyBox *, 3);

  row[0] = toy_box_new ();
  row[1] = toy_box_new ();
  return row;
}

PAIR (ToyBox **, row, make_row ())

/* --- several ----------------------------------------------------------------------------------------------------- */

START (inspect_async)

ToyBox *
toy_box_inspect_finish (ToyBox       *self,
                        GAsyncResult *result,
                        char        **out_label,
                        const char  **mark_out,
                        guint8      **data,
                        gsize        *length,
                        guint16      *count,
                        char       ***names,
                        ToyStamp    **stamp,
                        GVariant    **variant,
                        GList       **lids,
                        ToyThing    **keeper,
                        GError      **error)
{
  if (!toy_ended (result, error))
    return NULL;
  *out_label = g_strdup ("label");
  *mark_out = "mark";
  *data = g_memdup2 ("xy", 2);
  *length = 2;
  *count = 9;
  *names = g_strdupv ((char **) some_names);
  *stamp = make_stamp (6);
  *variant = g_variant_new_int32 (12);
  *lids = two (toy_box_new (), toy_box_new ());
  *keeper = TOY_THING (own_lid (self));
  return toy_box_new ();
}

START (weigh_async)

/* One of those that leave something although they fail. */
gboolean
toy_box_weigh_finish (ToyBox *self, GAsyncResult *result, double *weight, char **unit, GError **error)
{
  g_assert_null (weight); /* a rule says so */
  *unit = g_strdup ("kg");
  return toy_ended (result, error);
}

START (two_names_async)

gboolean
toy_box_two_names_finish (
    ToyBox *self, GAsyncResult *result, char **out_name, char **name_out, GError **error)
{
  *out_name = g_strdup ("first");
  *name_out = g_strdup ("second");
  return toy_ended (result, error);
}
