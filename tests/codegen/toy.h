/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* A library with an asynchronous function for each case that gdeferred-codegen knows. Toy-1.0.gir describes it, and more
 * that is not here: what the tool leaves out. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TOY_TYPE_BOX   (toy_box_get_type ())
#define TOY_TYPE_THING (toy_thing_get_type ())
#define TOY_TYPE_STAMP (toy_stamp_get_type ())
#define TOY_TYPE_COLOR (toy_color_get_type ())
#define TOY_TYPE_SIDES (toy_sides_get_type ())

G_DECLARE_INTERFACE (ToyThing, toy_thing, TOY, THING, GObject)
G_DECLARE_FINAL_TYPE (ToyBox, toy_box, TOY, BOX, GObject)

struct _ToyThingInterface
{
  GTypeInterface parent;
};

typedef struct
{
  int number;
} ToyStamp;

typedef enum
{
  TOY_COLOR_RED,
  TOY_COLOR_GREEN,
} ToyColor;

typedef enum
{
  TOY_SIDES_NONE,
  TOY_SIDES_LEFT = 1 << 0,
  TOY_SIDES_RIGHT = 1 << 1,
} ToySides;

typedef enum
{
  TOY_RAW_ONE = 1,
} ToyRaw;

typedef int ToySerial;

typedef void (*ToyProgressCallback) (gint64 current, gint64 total, gpointer user_data);
typedef void (*ToyVisitor) (ToyBox *box, gpointer user_data);

GType toy_stamp_get_type (void);
GType toy_color_get_type (void);
GType toy_sides_get_type (void);

/* What the next operations do, and what they left */
typedef struct
{
  const GError *failure; /* they fail with a copy of it */
  gboolean      silent;  /* they fail, and set no error */
  gboolean      stuck;   /* they end when they are cancelled */
  gboolean      bare;    /* there are no labels */
  gboolean      prompt;  /* they call back before they return */
  guint         n_calls;
  guint         n_finished;
  guint         n_stamps; /* that are alive */
  guint         n_boxes;
  GBytes       *written;
} Toy;

extern Toy toy;

void        toy_report (gint64 current, gint64 total); /* the progress of what toy_box_pour_async() began */
ToyBox     *toy_box_new (void);
ToyStamp   *toy_stamp_copy (ToyStamp *stamp);
void        toy_stamp_free (ToyStamp *stamp);
const char *toy_box_get_note (ToyBox *self);

#define TOY_ASYNC(name, ...)                                                                                 \
  void name (__VA_ARGS__, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
#define TOY_BOX_ASYNC(name)    TOY_ASYNC (toy_box_##name, ToyBox *self)
#define TOY_FINISH(type, name) type toy_box_##name (ToyBox *self, GAsyncResult *result, GError **error)

/* Nothing */
TOY_ASYNC (toy_box_open_async, ToyBox *self, int io_priority);
TOY_FINISH (gboolean, open_finish);
TOY_BOX_ASYNC (shake_async);
void toy_box_shake_finish (ToyBox *self, GAsyncResult *result);
TOY_BOX_ASYNC (drain_async);
TOY_FINISH (void, drain_finish);

/* Numbers */
TOY_BOX_ASYNC (count);
TOY_FINISH (int, count_finish);
TOY_BOX_ASYNC (size);
TOY_FINISH (gsize, size_finish);
TOY_BOX_ASYNC (volume);
TOY_FINISH (guint64, volume_finish);
TOY_BOX_ASYNC (weight);
TOY_FINISH (double, weight_finish);
TOY_BOX_ASYNC (is_open);
TOY_FINISH (gboolean, is_open_finish);
TOY_BOX_ASYNC (is_full);
gboolean toy_box_is_full_finish (ToyBox *self, GAsyncResult *result);
TOY_BOX_ASYNC (serial);
TOY_FINISH (ToySerial, serial_finish);
TOY_BOX_ASYNC (color);
TOY_FINISH (ToyColor, color_finish);
TOY_BOX_ASYNC (sides);
TOY_FINISH (ToySides, sides_finish);
TOY_BOX_ASYNC (raw);
TOY_FINISH (ToyRaw, raw_finish);
TOY_BOX_ASYNC (kind);
TOY_FINISH (GType, kind_finish);

/* Strings, objects, boxed types, variants: given, and only shown */
TOY_BOX_ASYNC (label);
TOY_FINISH (char *, label_finish);
TOY_BOX_ASYNC (seen_label);
TOY_FINISH (const char *, seen_label_finish);
TOY_BOX_ASYNC (lid);
TOY_FINISH (ToyBox *, lid_finish);
TOY_BOX_ASYNC (seen_lid);
TOY_FINISH (ToyThing *, seen_lid_finish);
TOY_BOX_ASYNC (stamp);
TOY_FINISH (ToyStamp *, stamp_finish);
TOY_BOX_ASYNC (seen_stamp);
TOY_FINISH (const ToyStamp *, seen_stamp_finish);
TOY_BOX_ASYNC (variant);
TOY_FINISH (GVariant *, variant_finish);
TOY_BOX_ASYNC (seen_variant);
TOY_FINISH (GVariant *, seen_variant_finish);
TOY_BOX_ASYNC (table);
TOY_FINISH (GHashTable *, table_finish);
TOY_BOX_ASYNC (seen_value);
TOY_FINISH (const GValue *, seen_value_finish);
TOY_BOX_ASYNC (value);
TOY_FINISH (GValue *, value_finish);
TOY_BOX_ASYNC (fill_value);
gboolean toy_box_fill_value_finish (ToyBox *self, GAsyncResult *result, GValue *value, GError **error);

/* Many */
TOY_BOX_ASYNC (names);
TOY_FINISH (char **, names_finish);
TOY_BOX_ASYNC (seen_names);
TOY_FINISH (const char *const *, seen_names_finish);
TOY_BOX_ASYNC (data);
gboolean
toy_box_data_finish (ToyBox *self, GAsyncResult *result, guint8 **data, gsize *n_bytes, GError **error);
TOY_BOX_ASYNC (seen_data);
const guint8 *toy_box_seen_data_finish (ToyBox *self, GAsyncResult *result, int *n_bytes, GError **error);
TOY_BOX_ASYNC (line);
TOY_FINISH (char *, line_finish);
TOY_BOX_ASYNC (lids);
TOY_FINISH (GList *, lids_finish);
TOY_BOX_ASYNC (held_lids);
TOY_FINISH (GList *, held_lids_finish);
TOY_BOX_ASYNC (seen_lids);
TOY_FINISH (GList *, seen_lids_finish);
TOY_BOX_ASYNC (stamps);
TOY_FINISH (GSList *, stamps_finish);
TOY_BOX_ASYNC (seen_stamps);
TOY_FINISH (GSList *, seen_stamps_finish);
TOY_BOX_ASYNC (words);
TOY_FINISH (GList *, words_finish);
TOY_BOX_ASYNC (seen_words);
TOY_FINISH (GList *, seen_words_finish);
TOY_BOX_ASYNC (variants);
TOY_FINISH (GList *, variants_finish);
TOY_BOX_ASYNC (held_variants);
TOY_FINISH (GList *, held_variants_finish);
TOY_BOX_ASYNC (row);
TOY_FINISH (ToyBox **, row_finish);

/* Several, and what is left after a failure */
TOY_BOX_ASYNC (inspect_async);
ToyBox *toy_box_inspect_finish (ToyBox       *self,
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
                                GError      **error);
TOY_BOX_ASYNC (weigh_async);
gboolean
toy_box_weigh_finish (ToyBox *self, GAsyncResult *result, double *weight, char **unit, GError **error);
TOY_BOX_ASYNC (two_names_async);
gboolean toy_box_two_names_finish (
    ToyBox *self, GAsyncResult *result, char **out_name, char **name_out, GError **error);

/* Parameters */
TOY_ASYNC (toy_box_read_async, ToyBox *self, void *buffer, gsize count);
TOY_FINISH (gssize, read_finish);
TOY_ASYNC (toy_box_read_all_async, ToyBox *self, void *buffer, gsize count);
gboolean toy_box_read_all_finish (ToyBox *self, GAsyncResult *result, gsize *bytes_read, GError **error);
TOY_ASYNC (toy_box_write_async, ToyBox *self, const void *data, gsize length);
TOY_FINISH (gssize, write_finish);
TOY_ASYNC (toy_box_write_maybe_async, ToyBox *self, gsize length, const void *data);
TOY_FINISH (gboolean, write_maybe_finish);
void toy_box_pour_async (ToyBox             *self,
                         GCancellable       *cancellable,
                         ToyProgressCallback progress_callback,
                         gpointer            progress_data,
                         GAsyncReadyCallback callback,
                         gpointer            user_data);
TOY_FINISH (gboolean, pour_finish);
TOY_ASYNC (toy_box_tell_async, ToyBox *self, ToyVisitor visitor, gpointer visitor_data);
TOY_FINISH (gboolean, tell_finish);
TOY_ASYNC (toy_box_visit_async,
           ToyBox        *self,
           ToyVisitor     visitor,
           gpointer       visitor_data,
           GDestroyNotify visitor_free);
TOY_FINISH (gboolean, visit_finish);
TOY_ASYNC (toy_box_send_async, ToyBox *self, GVariant *message, guint *out_serial);
TOY_FINISH (gboolean, send_finish);
TOY_ASYNC (toy_box_compare_async, ToyBox *self, ToyThing *other, const char *deferred, const char *how);
TOY_FINISH (int, compare_finish);
void toy_box_settle (ToyBox *self, GAsyncReadyCallback callback, gpointer user_data);
TOY_FINISH (gboolean, settle_finish);

/* Ways to a finish function */
void toy_box_set_async (ToyBox             *self,
                        GCancellable       *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer            user_data,
                        const char         *first_name,
                        ...);
void toy_box_set_valist_async (ToyBox             *self,
                               const char         *first_name,
                               va_list             var_args,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data);
TOY_FINISH (gboolean, set_finish);
TOY_BOX_ASYNC (look_async);
TOY_FINISH (char *, end_of_look);
TOY_BOX_ASYNC (turn_bytes_async);
TOY_FINISH (gboolean, turn_finish);
TOY_BOX_ASYNC (ruled_async);
TOY_FINISH (gboolean, ruled_by_finish);
TOY_BOX_ASYNC (fading_async);
TOY_FINISH (gboolean, fading_finish);
TOY_ASYNC (toy_box_make, const char *note);
ToyBox *toy_box_make_finish (GAsyncResult *result, GError **error);
TOY_ASYNC (toy_show_full, ToyBox *parent, const char *note);
gboolean toy_show_full_finish (ToyBox *parent, GAsyncResult *result, GError **error);
TOY_ASYNC (toy_thing_use_async, ToyThing *self);
char *toy_thing_use_finish (ToyThing *self, GAsyncResult *result, GError **error);

G_END_DECLS
