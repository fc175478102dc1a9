/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/map.h>

#include "aggregate-private.h"
#include "context-private.h"

#include <gdeferred/binding.h>

#include <string.h>

/* Work that is started piece by piece, so many at a time. An aggregate whose parts come one after the other, from a
 * source. */

G_DEFINE_FLAGS_TYPE (GDeferredMapFlags,
                     g_deferred_map_flags,
                     G_DEFINE_ENUM_VALUE (G_DEFERRED_MAP_DEFAULT, "default"),
                     G_DEFINE_ENUM_VALUE (G_DEFERRED_MAP_CANCEL_REST, "cancel-rest"),
                     G_DEFINE_ENUM_VALUE (G_DEFERRED_MAP_SETTLE, "settle"))

enum
{
  FIRST_LENGTH = 16, /* of the results, where nobody knows how many there will be */
  PROGRESS_STEPS = 1000
};

typedef struct
{
  GdSlot   slot;
  gsize    index;
  GList    link; /* in one of the source's queues */
  gboolean is_cancelled;
} Running;

/* It belongs to the aggregate. */
typedef struct
{
  guint             limit;     /* 0: none */
  gsize             n_known;   /* how many there will be; 0 if nobody knows */
  gsize             n_told;    /* how many were finished when the progress was set last */
  GQueue            running;   /* of Running, in the order in which they were started */
  GQueue            cancelled; /* of those that a cancel has come to */
  GDeferredNextFunc next;      /* NULL once it will not be called again */
  gpointer          user_data;
  GDestroyNotify    destroy;
  gboolean          is_exhausted;
  gboolean          is_stopped;
} Source;

/* --- the source -------------------------------------------------------------------------------------------------- */

/* While it is being called, its data is in use. */
static void
close_source (GdAggregate *self)
{
  Source        *source = self->source;
  GDestroyNotify destroy;

  if (self->is_building || source->next == NULL)
    return;

  source->next = NULL;
  destroy = g_steal_pointer (&source->destroy);
  if (destroy != NULL)
    destroy (source->user_data);
}

static gsize
index_of (const GdSlot *slot)
{
  return ((const Running *) slot)->index;
}

static void
slot_gone (GdAggregate *self, GdSlot *slot)
{
  Source  *source = self->source;
  Running *running = (Running *) slot;

  g_queue_unlink (running->is_cancelled ? &source->cancelled : &source->running, &running->link);
  g_free (running);
}

/* Whatever is called here, the queues are whole; nothing more is started. */
static void
cancel_parts (GdAggregate *self)
{
  Source *source = self->source;
  GList  *link;

  source->is_stopped = TRUE;
  while ((link = g_queue_pop_head_link (&source->running)) != NULL)
    {
      Running *running = link->data;

      running->is_cancelled = TRUE;
      g_queue_push_tail_link (&source->cancelled, link);
      gd_aggregate_cancel_part (&running->slot);
    }
  close_source (self);
}

/* Takes the reference on @part. */
static void
add_part (GdAggregate *self, GDeferred *part)
{
  Source  *source = self->source;
  Running *running = g_new0 (Running, 1);
  gsize    length;

  running->slot.aggregate = self;
  running->index = self->n_parts++;
  running->link.data = running;
  g_queue_push_tail_link (&source->running, &running->link);

  length = g_deferred_results_get_length (self->results);
  if (self->n_parts > length)
    self->results = gd_results_grow (self->results, MAX (2 * length, FIRST_LENGTH));

  gd_aggregate_link (&running->slot, part, g_deferred_is_home (part));
  g_object_unref (part);
}

/* --- pulling ----------------------------------------------------------------------------------------------------- */

/* From elsewhere, because it was handed over, its progress cannot be asked for. */
static void
tell_progress (GdAggregate *self)
{
  Source    *source = self->source;
  GDeferred *list = (GDeferred *) self->list;
  gsize      n_finished = self->n_parts - self->n_pending;

  if (source->n_known == 0 || n_finished == source->n_told
      || n_finished - source->n_told < source->n_known / PROGRESS_STEPS || !g_deferred_is_home (list))
    return;

  source->n_told = n_finished;
  g_deferred_set_progress (list, (double) n_finished / (double) source->n_known,
                           g_deferred_get_progress_text (list));
}

/* An owner that is gone has muted the list; the cancel is on its way. What the source would work on may be gone, too. */
static gboolean
is_muted (GDeferred *list)
{
  return g_deferred_is_home (list) && !g_deferred_may_go_on (list) && !g_deferred_get_paused (list);
}

static gboolean
has_room (GdAggregate *self)
{
  Source *source = self->source;

  return source->next != NULL && !source->is_exhausted && !source->is_stopped && !self->is_decided
         && (source->limit == 0 || self->n_pending < source->limit) && !is_muted ((GDeferred *) self->list);
}

static void
pull (GdAggregate *self)
{
  Source    *source = self->source;
  gboolean   entered = gd_context_enter (self->context);
  GDeferred *part = source->next (self->n_parts, source->user_data);

  gd_context_leave (self->context, entered);
  if (G_UNLIKELY (part != NULL && !G_IS_DEFERRED (part)))
    {
      g_critical ("g_deferred_map_next: what the function returned is not a Deferred");
      part = NULL;
    }

  if (part == NULL)
    {
      source->is_exhausted = TRUE;
      return;
    }

  /* It was cancelled by what it was starting. */
  if (self->is_cancelling)
    g_deferred_cancel (part);
  if (self->results != NULL)
    add_part (self, part);
  else
    g_object_unref (part);
}

/* Parts that are finished when they come, and those that what is called here ends, do not start others by themselves:
 * this loop does. */
static void
advance (GdAggregate *self)
{
  Source        *source = self->source;
  GDeferredList *list = g_object_ref (self->list);

  self->is_building = TRUE;
  tell_progress (self);
  while (has_room (self))
    {
      pull (self);
      tell_progress (self);
    }
  self->is_building = FALSE;

  if (source->is_exhausted || source->is_stopped || self->is_decided)
    close_source (self);
  if (source->is_exhausted && self->n_pending == 0 && self->results != NULL)
    self->results = gd_results_grow (self->results, self->n_parts);
  if (source->is_exhausted || self->is_decided)
    gd_aggregate_settle (self);
  g_object_unref (list);
}

/* --- making one -------------------------------------------------------------------------------------------------- */

static const GdAggregateHooks hooks = { advance, cancel_parts, index_of, slot_gone, g_free };

/* What is to be freed with @destroy is, even if that is all that can be done. */
static GDeferred *
map_next (const Source *given, gsize n_known, GDeferredMapFlags flags, const char *function)
{
  guint        what = GD_AGGREGATE_HANDLES;
  GdAggregate *self;
  Source      *source;

  what |= flags & G_DEFERRED_MAP_SETTLE ? GD_AGGREGATE_OWNS_CANCEL : GD_AGGREGATE_FIRE_ON_ERROR;
  if (flags & G_DEFERRED_MAP_CANCEL_REST)
    what |= GD_AGGREGATE_CANCEL_REST;

  self = gd_aggregate_new (what, 0, TRUE, function);
  if (self == NULL)
    {
      if (given->destroy != NULL)
        given->destroy (given->user_data);
      return NULL;
    }

  source = g_memdup2 (given, sizeof *given);
  source->n_known = n_known;
  self->source = source;
  self->hooks = &hooks;
  self->results = gd_results_grow (self->results, n_known);
  advance (self);
  return (GDeferred *) self->list;
}

/**
 * g_deferred_map_next:
 * @limit: how many may run at a time; 0 for no limit
 * @flags: what to do with errors
 * @next: (scope notified) (closure user_data) (destroy destroy): starts one more
 * @user_data: for @next
 * @destroy: (nullable): frees @user_data, as soon as @next will not be called again
 *
 * Does work piece by piece, with at most @limit pieces under way. @next is called for the first of them at once, and
 * then each time that one has come to its end, until it gives %NULL: so a source of any length, that is read as it goes,
 * fills neither memory nor the other end. Pieces that are finished when they come cost no stack.
 *
 * It fires with the results in the order in which the pieces were started: [method@Deferred.get_results]. If one fails,
 * it fails at once, with the error of that one; [method@DeferredList.get_index] tells which one it was. Nothing more is
 * started then; what is under way goes on, and is cancelled first if @flags has %G_DEFERRED_MAP_CANCEL_REST. The error
 * that it fails with counts as handled in its piece; one that comes later does not. With %G_DEFERRED_MAP_SETTLE it never
 * fails for an error: all are among the results.
 *
 * Cancelling it starts nothing more, and cancels what is under way. It fails with %G_IO_ERROR_CANCELLED then, or with
 * what a piece fails with that is cancelled; unless all had been started, and have a value to give even so. Nothing is
 * started once an owner, which it was given with [method@Deferred.bind_owner], is gone.
 *
 * To be called at home. Pieces may live in another main context, as parts of [ctor@DeferredList.new] may. What @next
 * returns is kept by its producer alone, as everywhere.
 *
 * ```c
 * static GDeferred *
 * fetch (const char *address)
 * {
 *   return g_deferred_new ();
 * }
 *
 * static GDeferred *
 * fetch_next (gsize index, gpointer addresses)
 * {
 *   const char *address = ((char **) addresses)[index];
 *
 *   return address != NULL ? fetch (address) : NULL;
 * }
 *
 * static GDeferred *
 * fetch_all (char **addresses)
 * {
 *   return g_deferred_map_next (4, G_DEFERRED_MAP_CANCEL_REST, fetch_next, g_strdupv (addresses),
 *                               (GDestroyNotify) g_strfreev);
 * }
 * ```
 *
 * Returns: (transfer full): a new [class@DeferredList]
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_map_next (
    guint limit, GDeferredMapFlags flags, GDeferredNextFunc next, gpointer user_data, GDestroyNotify destroy)
{
  const Source source = { .limit = limit, .next = next, .user_data = user_data, .destroy = destroy };

  g_return_val_if_fail (next != NULL, NULL);

  return map_next (&source, 0, flags, G_STRFUNC);
}

/* The items of a map; the one that is being started. */
typedef struct
{
  GDeferredMapFunc func;
  gpointer         user_data;
  GDestroyNotify   destroy;
  gsize            n_items;
  gsize            index;
  gpointer         items[];
} Items;

static void
free_items (gpointer data)
{
  Items *items = data;

  if (items->destroy != NULL)
    items->destroy (items->user_data);
  g_free (items);
}

static gboolean
call_func (GDeferred *self, gpointer data, GError **error)
{
  Items *items = data;

  return items->func (self, items->items[items->index], items->user_data, error);
}

static GDeferred *
next_item (gsize index, gpointer data)
{
  Items *items = data;

  if (index == items->n_items)
    return NULL;

  items->index = index;
  return g_deferred_maybe (call_func, items);
}

/**
 * g_deferred_map: (skip)
 * @items: (nullable): the items, whose pointers are copied
 * @n_items: their number
 * @limit: how many may be worked on at a time; 0 for no limit
 * @flags: what to do with errors
 * @func: what to do with an item: it is called as by [func@Deferred.maybe]
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, as soon as @func will not be called again
 *
 * Does something with each item of an array, with at most @limit of them under way, as [func@Deferred.map_next] does.
 * Its progress is the share of the items that are finished.
 *
 * What the items point to has to stay until @destroy is called. Where @func returns another Deferred, it is that one
 * that needs what it works on until its end.
 *
 * Returns: (transfer full): a new [class@DeferredList]
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_map (gpointer const   *items,
                gsize             n_items,
                guint             limit,
                GDeferredMapFlags flags,
                GDeferredMapFunc  func,
                gpointer          user_data,
                GDestroyNotify    destroy)
{
  Items *copy;

  g_return_val_if_fail (items != NULL || n_items == 0, NULL);
  g_return_val_if_fail (n_items < (G_MAXSIZE - sizeof (Items)) / sizeof (gpointer), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  copy = g_malloc (sizeof (Items) + n_items * sizeof (gpointer));
  *copy = (Items){ func, user_data, destroy, n_items, 0 };
  if (n_items > 0)
    memcpy (copy->items, items, n_items * sizeof (gpointer));

  return map_next (&(Source){ .limit = limit, .next = next_item, .user_data = copy, .destroy = free_items },
                   n_items, flags, G_STRFUNC);
}
