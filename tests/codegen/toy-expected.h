/* Written by gdeferred-codegen from Toy-1.0.gir. Do not edit. */

#pragma once

#include <gdeferred/gdeferred.h>
#include <toy.h>

G_BEGIN_DECLS

/* ToyThing */

extern GDeferred *toy_deferred_thing_use (ToyThing *self);

/* ToyBox */

extern GDeferred *toy_deferred_box_open (ToyBox *self, int io_priority);
extern GDeferred *toy_deferred_box_shake (ToyBox *self);
extern GDeferred *toy_deferred_box_drain (ToyBox *self);
extern GDeferred *toy_deferred_box_count (ToyBox *self);
extern GDeferred *toy_deferred_box_size (ToyBox *self);
extern GDeferred *toy_deferred_box_volume (ToyBox *self);
extern GDeferred *toy_deferred_box_weight (ToyBox *self);
extern GDeferred *toy_deferred_box_is_open (ToyBox *self);
extern GDeferred *toy_deferred_box_is_full (ToyBox *self);
extern GDeferred *toy_deferred_box_serial (ToyBox *self);
extern GDeferred *toy_deferred_box_color (ToyBox *self);
extern GDeferred *toy_deferred_box_sides (ToyBox *self);
extern GDeferred *toy_deferred_box_raw (ToyBox *self);
extern GDeferred *toy_deferred_box_kind (ToyBox *self);
extern GDeferred *toy_deferred_box_label (ToyBox *self);
extern GDeferred *toy_deferred_box_seen_label (ToyBox *self);
extern GDeferred *toy_deferred_box_lid (ToyBox *self);
extern GDeferred *toy_deferred_box_seen_lid (ToyBox *self);
extern GDeferred *toy_deferred_box_stamp (ToyBox *self);
extern GDeferred *toy_deferred_box_seen_stamp (ToyBox *self);
extern GDeferred *toy_deferred_box_variant (ToyBox *self);
extern GDeferred *toy_deferred_box_seen_variant (ToyBox *self);
extern GDeferred *toy_deferred_box_table (ToyBox *self);
extern GDeferred *toy_deferred_box_seen_value (ToyBox *self);
extern GDeferred *toy_deferred_box_value (ToyBox *self);
extern GDeferred *toy_deferred_box_fill_value (ToyBox *self);
extern GDeferred *toy_deferred_box_names (ToyBox *self);
extern GDeferred *toy_deferred_box_seen_names (ToyBox *self);
extern GDeferred *toy_deferred_box_data (ToyBox *self);
extern GDeferred *toy_deferred_box_seen_data (ToyBox *self);
extern GDeferred *toy_deferred_box_line (ToyBox *self);
extern GDeferred *toy_deferred_box_lids (ToyBox *self);
extern GDeferred *toy_deferred_box_held_lids (ToyBox *self);
extern GDeferred *toy_deferred_box_seen_lids (ToyBox *self);
extern GDeferred *toy_deferred_box_stamps (ToyBox *self);
extern GDeferred *toy_deferred_box_seen_stamps (ToyBox *self);
extern GDeferred *toy_deferred_box_words (ToyBox *self);
extern GDeferred *toy_deferred_box_seen_words (ToyBox *self);
extern GDeferred *toy_deferred_box_variants (ToyBox *self);
extern GDeferred *toy_deferred_box_held_variants (ToyBox *self);
extern GDeferred *toy_deferred_box_row (ToyBox *self);

#define TOY_TYPE_DEFERRED_BOX_INSPECT_RESULT (toy_deferred_box_inspect_result_get_type ())

typedef struct _ToyDeferredBoxInspectResult ToyDeferredBoxInspectResult;

/**
 * ToyDeferredBoxInspectResult:
 * @box: what toy_box_inspect_finish() returns
 * @label: (nullable): what toy_box_inspect_finish() leaves in @out_label
 * @mark: what toy_box_inspect_finish() leaves in @mark_out
 * @data: what toy_box_inspect_finish() leaves in @data
 * @count: what toy_box_inspect_finish() leaves in @count
 * @names: (array zero-terminated=1): what toy_box_inspect_finish() leaves in @names
 * @stamp: what toy_box_inspect_finish() leaves in @stamp
 * @variant: what toy_box_inspect_finish() leaves in @variant
 * @lids: (element-type Toy.Box): what toy_box_inspect_finish() leaves in @lids
 * @keeper: what toy_box_inspect_finish() leaves in @keeper
 *
 * The result of toy_deferred_box_inspect().
 */
struct _ToyDeferredBoxInspectResult
{
  ToyBox *box;
  char *label;
  char *mark;
  GBytes *data;
  guint16 count;
  char **names;
  ToyStamp *stamp;
  GVariant *variant;
  GPtrArray *lids;
  ToyThing *keeper;
};

extern GType toy_deferred_box_inspect_result_get_type (void) G_GNUC_CONST;
extern ToyDeferredBoxInspectResult *toy_deferred_box_inspect_result_copy (
    const ToyDeferredBoxInspectResult *self);
extern void toy_deferred_box_inspect_result_free (ToyDeferredBoxInspectResult *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ToyDeferredBoxInspectResult, toy_deferred_box_inspect_result_free)

extern GDeferred *toy_deferred_box_inspect (ToyBox *self);
extern GDeferred *toy_deferred_box_weigh (ToyBox *self);
extern GDeferred *toy_deferred_box_read (ToyBox *self, gsize count);
extern GDeferred *toy_deferred_box_read_all (ToyBox *self, gsize count);
extern GDeferred *toy_deferred_box_write (ToyBox *self, GBytes *data);
extern GDeferred *toy_deferred_box_write_maybe (ToyBox *self, GBytes *data);
extern GDeferred *toy_deferred_box_pour (ToyBox *self);
extern GDeferred *toy_deferred_box_tell (ToyBox *self);
extern GDeferred *toy_deferred_box_visit (ToyBox *self,
                                          ToyVisitor visitor,
                                          gpointer visitor_data,
                                          GDestroyNotify visitor_free);
extern GDeferred *toy_deferred_box_send (ToyBox *self, GVariant *message);
extern GDeferred *toy_deferred_box_compare (ToyBox *self,
                                            ToyThing *other,
                                            const char *deferred_,
                                            const char *how);
extern GDeferred *toy_deferred_box_settle (ToyBox *self);
extern GDeferred *toy_deferred_box_set (ToyBox *self, const char *first_name, ...);
extern GDeferred *toy_deferred_box_look (ToyBox *self);
extern GDeferred *toy_deferred_box_turn_bytes (ToyBox *self);
extern GDeferred *toy_deferred_box_ruled (ToyBox *self);
extern GDeferred *toy_deferred_box_make (const char *note);
extern GDeferred *toy_deferred_box_fading (ToyBox *self);

#define TOY_TYPE_DEFERRED_BOX_TWO_NAMES_RESULT (toy_deferred_box_two_names_result_get_type ())

typedef struct _ToyDeferredBoxTwoNamesResult ToyDeferredBoxTwoNamesResult;

/**
 * ToyDeferredBoxTwoNamesResult:
 * @out_name: what toy_box_two_names_finish() leaves in @out_name
 * @name_out: what toy_box_two_names_finish() leaves in @name_out
 *
 * The result of toy_deferred_box_two_names().
 */
struct _ToyDeferredBoxTwoNamesResult
{
  char *out_name;
  char *name_out;
};

extern GType toy_deferred_box_two_names_result_get_type (void) G_GNUC_CONST;
extern ToyDeferredBoxTwoNamesResult *toy_deferred_box_two_names_result_copy (
    const ToyDeferredBoxTwoNamesResult *self);
extern void toy_deferred_box_two_names_result_free (ToyDeferredBoxTwoNamesResult *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ToyDeferredBoxTwoNamesResult, toy_deferred_box_two_names_result_free)

extern GDeferred *toy_deferred_box_two_names (ToyBox *self);

/* Functions */

extern GDeferred *toy_deferred_show_full (ToyBox *parent, const char *note);

G_END_DECLS
