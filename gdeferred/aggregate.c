/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "aggregate-private.h"
#include "context-private.h"
#include "depth-private.h"

#include <gdeferred/binding.h>
#include <gdeferred/debug.h>
#include <gdeferred/values.h>

enum
{
  MAX_DEPTH = 32,   /* aggregates of aggregates that fire, or are cancelled, within each other */
  MAX_MESSAGES = 10 /* in that of an error of all */
};

/* --- the class --------------------------------------------------------------------------------------------------- */

static int           private_offset;
static GObjectClass *parent_class;

GdAggregate *
gd_aggregate_of (GDeferredList *list)
{
  return G_STRUCT_MEMBER_P (list, private_offset);
}

static void
list_init (GTypeInstance *instance, gpointer klass G_GNUC_UNUSED)
{
  GdAggregate *self = gd_aggregate_of ((GDeferredList *) instance);

  self->list = (GDeferredList *) instance;
  self->index = -1;
}

static void
list_finalize (GObject *object)
{
  GdAggregate *self = gd_aggregate_of ((GDeferredList *) object);

  g_free (self->slots);
  g_clear_pointer (&self->results, g_deferred_results_unref);
  g_clear_pointer (&self->decision, g_deferred_results_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
  if (self->hooks != NULL)
    self->hooks->free_source (self->source);

  parent_class->finalize (object);
}

static void
list_class_init (gpointer klass, gpointer data G_GNUC_UNUSED)
{
  g_type_class_adjust_private_offset (klass, &private_offset);
  parent_class = g_type_class_peek_parent (klass);
  G_OBJECT_CLASS (klass)->finalize = list_finalize;
}

/* Not G_DEFINE_TYPE, which has to know the parent's struct. */
GType
g_deferred_list_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      GTypeQuery parent;
      GType      made;

      g_type_query (G_TYPE_DEFERRED, &parent);
      made = g_type_register_static_simple (G_TYPE_DEFERRED, "GDeferredList", sizeof (GDeferredListClass),
                                            list_class_init, parent.instance_size, list_init,
                                            G_TYPE_FLAG_FINAL);
      private_offset = g_type_add_instance_private (made, sizeof (GdAggregate));
      g_once_init_leave (&type, made);
    }
  return type;
}

/* --- how it ends ------------------------------------------------------------------------------------------------- */

/* Takes the results. */
static void
fire_all_failed (GDeferred *list, GDeferredResults *results)
{
  g_autoptr (GString) message = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  GValue payload = G_VALUE_INIT;
  gsize  n = g_deferred_results_get_length (results);

  g_string_printf (message, "All of %" G_GSIZE_FORMAT " have failed", n);
  for (gsize i = 0; i < MIN (n, MAX_MESSAGES); i++)
    g_string_append_printf (message, "%s%s", i == 0 ? ": " : "; ",
                            g_deferred_results_get_error (results, i)->message);
  if (n > MAX_MESSAGES)
    g_string_append_printf (message, "; and %" G_GSIZE_FORMAT " more", n - MAX_MESSAGES);

  error = g_error_new_literal (G_DEFERRED_ERROR, G_DEFERRED_ERROR_ALL_FAILED, message->str);
  g_value_init (&payload, G_TYPE_DEFERRED_RESULTS);
  g_value_take_boxed (&payload, results);
  g_deferred_errback_full (list, error, &payload, NULL);
  g_value_unset (&payload);
}

/* If anybody told of its progress. The last part told of its own end when it was too late. */
static void
tell_all_done (GDeferred *list)
{
  if (g_deferred_is_home (list) && g_deferred_get_progress (list) > 0.0)
    g_deferred_set_progress (list, 1.0, g_deferred_get_progress_text (list));
}

/* The values of one that is decided are of no use. They are freed last: that may do anything. */
static void
fire_now (GdAggregate *self)
{
  GDeferred        *list = (GDeferred *) self->list;
  GDeferredResults *decision;
  GDeferredResults *results;

  if (self->is_fired)
    return;

  self->is_fired = TRUE;
  decision = g_steal_pointer (&self->decision);
  results = g_steal_pointer (&self->results);
  if (decision == NULL)
    tell_all_done (list);
  if (decision != NULL)
    gd_results_fire_with (decision, 0, list);
  else if (self->flags & GD_AGGREGATE_NEEDS_SUCCESS)
    fire_all_failed (list, g_steal_pointer (&results));
  else
    g_deferred_callback_take_boxed (list, G_TYPE_DEFERRED_RESULTS, g_steal_pointer (&results), NULL);

  g_clear_pointer (&decision, g_deferred_results_unref);
  g_clear_pointer (&results, g_deferred_results_unref);
}

static void
fire_list (GDeferred *list, gpointer user_data G_GNUC_UNUSED)
{
  fire_now (gd_aggregate_of ((GDeferredList *) list));
}

/* What is fired from elsewhere, because it was handed over, calls nobody here. */
static void
fire (GdAggregate *self)
{
  GDeferred *list = (GDeferred *) self->list;

  if (g_deferred_is_home (list))
    gd_deep_call (list, fire_list, NULL, NULL);
  else
    fire_now (self);
}

void
gd_aggregate_cancel_part (GdSlot *slot)
{
  if (slot->part != NULL)
    gd_deep_cancel (slot->part);
}

/* Each once: a part that takes its time to end is not to be hurried by a cancel of the rest within a cancel of all. What
 * is called may end parts, and comes back here perhaps. */
static void
cancel_parts (GdAggregate *self)
{
  if (self->hooks != NULL)
    self->hooks->cancel_parts (self);
  else
    while (self->n_cancelled < self->n_parts)
      gd_aggregate_cancel_part (&self->slots[self->n_cancelled++]);
}

/* Fires the list if it was decided, or if there is nothing left to wait for. The caller, or a link, holds it. */
void
gd_aggregate_settle (GdAggregate *self)
{
  if (self->is_settled || !(self->is_decided || self->n_pending == 0))
    return;

  if (self->is_cancelling && !self->is_decided && (self->flags & GD_AGGREGATE_OWNS_CANCEL)
      && g_deferred_results_get_n_failed (self->results) > 0)
    return;

  self->is_settled = TRUE;
  if (self->is_decided && (self->flags & GD_AGGREGATE_CANCEL_REST))
    cancel_parts (self);
  fire (self);
}

static void
advance (GdAggregate *self)
{
  if (self->is_building)
    return;

  if (self->hooks != NULL)
    self->hooks->advance (self);
  else
    gd_aggregate_settle (self);
}

/* --- the outcomes ------------------------------------------------------------------------------------------------ */

static void
record (GDeferredResults *results, gsize index, GDeferred *from, const GError *failure)
{
  if (from != NULL)
    gd_results_set (results, index, from, failure);
  else
    gd_results_take_error (results, index, g_error_copy (failure));
}

static gsize
index_of (GdAggregate *self, const GdSlot *slot)
{
  return self->hooks != NULL ? self->hooks->index_of (slot) : (gsize) (slot - self->slots);
}

/* The outcome of @from, whose error is @failure; or, without @from, that error. */
static void
take (GdAggregate *self, const GdSlot *slot, GDeferred *from, const GError *failure)
{
  guint decides = failure != NULL ? GD_AGGREGATE_FIRE_ON_ERROR : GD_AGGREGATE_FIRE_ON_SUCCESS;

  self->n_pending--;
  if (self->is_decided)
    return;

  if (self->flags & decides)
    {
      self->is_decided = TRUE;
      self->index = (gssize) index_of (self, slot);
      self->decision = gd_results_new (1);
      record (self->decision, 0, from, failure);
    }
  else if (self->results != NULL)
    record (self->results, index_of (self, slot), from, failure);
}

/* Decides it with an error that is nobody's. */
void
gd_aggregate_fail (GdAggregate *self, GError *error)
{
  self->is_decided = TRUE;
  self->decision = gd_results_new (1);
  gd_results_take_error (self->decision, 0, error);
}

/* That a part was dropped would be no error at all, if it were not for the link of one that has no use for it. */
static gboolean
is_handled (GdAggregate *self, gboolean late, const GError *error)
{
  if (late)
    return (self->flags & GD_AGGREGATE_HANDLES_LATE)
           || g_error_matches (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_ABANDONED);
  return (self->flags & GD_AGGREGATE_HANDLES) != 0;
}

static gboolean
on_part (GDeferred *part, gpointer data, GError **error G_GNUC_UNUSED)
{
  GdSlot       *slot = data;
  GdAggregate  *self = slot->aggregate;
  const GError *failure = g_deferred_get_error (part);
  gboolean      late = self->is_decided;

  slot->part = NULL;
  take (self, slot, part, failure);
  if (failure != NULL && is_handled (self, late, failure))
    g_deferred_take_unhandled (part);
  advance (self);

  return failure != NULL && (self->flags & GD_AGGREGATE_CONSUME) ? g_deferred_return_none (part) : TRUE;
}

/* A part's links are not called any more: it will not tell what becomes of it. */
static void
fall_silent (GdSlot *slot)
{
  g_autoptr (GError) error = NULL;

  error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                               "The owner of a Deferred that was waited for is gone");
  slot->part = NULL;
  take (slot->aggregate, slot, NULL, error);
  advance (slot->aggregate);
}

/* The last link gives up the reference of them all. */
static void
on_link_gone (gpointer data)
{
  GdSlot      *slot = data;
  GdAggregate *self = slot->aggregate;

  if (G_UNLIKELY (slot->part != NULL))
    fall_silent (slot);

  if (self->hooks != NULL)
    self->hooks->slot_gone (self, slot);
  if (--self->n_links == 0)
    g_object_unref (self->list);
}

static gboolean
wait_for (GDeferred *self, gpointer part, GError **error G_GNUC_UNUSED)
{
  return g_deferred_return_deferred (self, g_object_ref (part));
}

/* Waits for @part, or takes its outcome at once. One that lives elsewhere, not @is_home, has a stand-in. The caller holds
 * the list. */
void
gd_aggregate_link (GdSlot *slot, GDeferred *part, gboolean is_home)
{
  GdAggregate *self = slot->aggregate;
  g_autoptr (GDeferred) stand_in = NULL;

  if (G_UNLIKELY (!is_home))
    {
      gboolean entered = gd_context_enter (self->context);

      part = stand_in = g_deferred_maybe (wait_for, part);
      gd_context_leave (self->context, entered);
    }

  slot->part = part;
  self->n_pending++;
  if (self->n_links++ == 0)
    g_object_ref (self->list);
  g_deferred_note_wait ((GDeferred *) self->list, part);
  g_deferred_add_both (part, on_part, slot, on_link_gone);
}

/* For a place whose part is none, while it is being built. */
void
gd_aggregate_fail_part (GdSlot *slot, const GError *error)
{
  slot->aggregate->n_pending++;
  take (slot->aggregate, slot, NULL, error);
}

/* --- cancelling -------------------------------------------------------------------------------------------------- */

/* Parts that go on do not keep it: it is cancelled. */
static void
cancel_here (GdAggregate *self)
{
  self->is_cancelling = TRUE;
  if (!self->is_settled)
    cancel_parts (self);

  if (self->is_decided || self->is_settled)
    {
      self->is_settled = TRUE;
      fire_now (self);
      return;
    }

  self->is_decided = TRUE;
  self->is_settled = TRUE;
  self->is_fired = TRUE;
  g_clear_pointer (&self->results, g_deferred_results_unref);
}

static gboolean
on_cancelled_elsewhere (gpointer list)
{
  cancel_here (gd_aggregate_of (list));
  return G_SOURCE_REMOVE;
}

/* The list's canceller. One that was handed over is cancelled by the engine; here its parts are. */
static void
cancel_list (GDeferred *list, gpointer user_data G_GNUC_UNUSED)
{
  GdAggregate *self = gd_aggregate_of ((GDeferredList *) list);
  GSource     *source;

  if (self->thread == g_thread_self ())
    {
      cancel_here (self);
      return;
    }

  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_cancelled_elsewhere, g_object_ref (list), g_object_unref);
  g_source_attach (source, self->context);
  g_source_unref (source);
}

/* For an aggregate of @n_parts so far, whose slots the caller fills in; NULL from a thread that is not at home. */
GdAggregate *
gd_aggregate_new (guint flags, gsize n_parts, gboolean keep_results, const char *function)
{
  GDeferred   *list = g_object_new (G_TYPE_DEFERRED_LIST, NULL);
  GdAggregate *self = gd_aggregate_of ((GDeferredList *) list);

  if (!g_deferred_is_home (list))
    {
      g_critical ("%s: called from a thread that has no main context of its own, while another one runs the "
                  "default one; push a thread-default main context",
                  function);
      g_object_unref (list);
      return NULL;
    }

  g_deferred_set_canceller (list, cancel_list, NULL, NULL);
  self->flags = flags;
  self->n_parts = n_parts;
  self->results = keep_results ? gd_results_new (n_parts) : NULL;
  self->thread = g_thread_self ();
  self->context = g_main_context_ref (g_deferred_get_context (list));
  return self;
}
