/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/list.h>

#include "aggregate-private.h"

#include <stdarg.h>

/* Waiting for several at once. What they have in common is in aggregate.c. */

G_DEFINE_FLAGS_TYPE (GDeferredListFlags,
                     g_deferred_list_flags,
                     G_DEFINE_ENUM_VALUE (G_DEFERRED_LIST_DEFAULT, "default"),
                     G_DEFINE_ENUM_VALUE (G_DEFERRED_LIST_FIRE_ON_ONE_CALLBACK, "fire-on-one-callback"),
                     G_DEFINE_ENUM_VALUE (G_DEFERRED_LIST_FIRE_ON_ONE_ERRBACK, "fire-on-one-errback"),
                     G_DEFINE_ENUM_VALUE (G_DEFERRED_LIST_CONSUME_ERRORS, "consume-errors"),
                     G_DEFINE_ENUM_VALUE (G_DEFERRED_LIST_CANCEL_REST, "cancel-rest"))

/* --- making one -------------------------------------------------------------------------------------------------- */

/* From the first that is finished, what is called may drop the others. */
typedef struct
{
  GDeferred **parts; /* owned; NULL so far */
  gsize       n;
} Held;

static void
hold (Held *held, GDeferred **parts, gsize n)
{
  held->parts = g_new (GDeferred *, n);
  held->n = n;
  for (gsize i = 0; i < n; i++)
    held->parts[i] = G_IS_DEFERRED (parts[i]) ? g_object_ref (parts[i]) : NULL;
}

static void
let_go (Held *held)
{
  for (gsize i = 0; i < held->n; i++)
    g_clear_object (&held->parts[i]);
  g_free (held->parts);
}

/* It has a place, which must not stay empty. */
static void
complain (GdSlot *slot, gsize index, const char *function)
{
  g_autoptr (GError) error = NULL;

  g_critical ("%s: number %" G_GSIZE_FORMAT " is not a Deferred", function, index);
  error = g_error_new (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                       "Number %" G_GSIZE_FORMAT " is not a Deferred", index);
  gd_aggregate_fail_part (slot, error);
}

/* In one go: with many, it is the memory that takes the time. */
static void
link_all (GdAggregate *self, GDeferred **parts, const char *function)
{
  Held held = { NULL, 0 };

  self->is_building = TRUE;
  for (gsize i = 0; i < self->n_parts; i++)
    {
      GDeferred *part = held.parts != NULL ? held.parts[i - (self->n_parts - held.n)] : parts[i];
      GdSlot    *slot = &self->slots[i];
      gboolean   is_home;

      slot->aggregate = self;
      if (G_UNLIKELY (!G_IS_DEFERRED (part)))
        {
          complain (slot, i, function);
          continue;
        }

      is_home = g_deferred_is_home (part);
      if (held.parts == NULL && is_home && g_deferred_is_finished (part))
        hold (&held, parts + i, self->n_parts - i);
      gd_aggregate_link (slot, part, is_home);
    }
  self->is_building = FALSE;

  gd_aggregate_settle (self);
  let_go (&held);
}

/* An empty one that waits for a first success would wait for ever. */
static void
fail_empty (GdAggregate *self)
{
  gd_aggregate_fail (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                                                "None of no Deferreds can be the first: give at least one"));
}

static GDeferred *
make (GDeferred **parts, gsize n_parts, guint flags, const char *function)
{
  const guint  first = GD_AGGREGATE_FIRE_ON_SUCCESS;
  gboolean     needs_results = (flags & first) == 0 || (flags & GD_AGGREGATE_FIRE_ON_ERROR) == 0;
  GdAggregate *self;

  if (n_parts > 0 && parts == NULL)
    {
      g_return_if_fail_warning (G_LOG_DOMAIN, function, "deferreds != NULL || n_deferreds == 0");
      return NULL;
    }

  self = gd_aggregate_new (flags, n_parts, needs_results, function);
  if (self == NULL)
    return NULL;

  if (n_parts == 0 && (flags & first))
    fail_empty (self);
  self->slots = g_new0 (GdSlot, n_parts);
  link_all (self, parts, function);
  return (GDeferred *) self->list;
}

/* Those that are given one by one, up to a NULL. */
static GDeferred *
make_of (GDeferred *first, va_list *rest, guint flags, const char *function)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();

  for (GDeferred *part = first; part != NULL; part = va_arg (*rest, GDeferred *))
    g_ptr_array_add (parts, part);
  return make ((GDeferred **) parts->pdata, parts->len, flags, function);
}

/* A macro, because the arguments of one function cannot be passed to another. */
#define MAKE_OF(made, first, flags)                                                                          \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    va_list rest;                                                                                            \
                                                                                                             \
    va_start (rest, first);                                                                                  \
    made = make_of (first, &rest, flags, G_STRFUNC);                                                         \
    va_end (rest);                                                                                           \
  }                                                                                                          \
  G_STMT_END

enum
{
  GATHER = GD_AGGREGATE_FIRE_ON_ERROR | GD_AGGREGATE_HANDLES,
  RACE = GD_AGGREGATE_FIRE_ON_SUCCESS | GD_AGGREGATE_FIRE_ON_ERROR | GD_AGGREGATE_CANCEL_REST
         | GD_AGGREGATE_HANDLES | GD_AGGREGATE_HANDLES_LATE,
  ANY = GD_AGGREGATE_FIRE_ON_SUCCESS | GD_AGGREGATE_NEEDS_SUCCESS | GD_AGGREGATE_CANCEL_REST
        | GD_AGGREGATE_HANDLES | GD_AGGREGATE_HANDLES_LATE | GD_AGGREGATE_OWNS_CANCEL,
  SETTLED = GD_AGGREGATE_HANDLES | GD_AGGREGATE_OWNS_CANCEL
};

/**
 * g_deferred_list_new:
 * @deferreds: (array length=n_deferreds) (nullable) (transfer none): the parts
 * @n_deferreds: their number
 * @flags: what to do with their outcomes
 *
 * Makes a Deferred that waits for several, as Twisted's `DeferredList` does. [func@Deferred.gather],
 * [func@Deferred.settled], [func@Deferred.any] and [func@Deferred.race] are simpler to use.
 *
 * It fires with the outcomes of all, values and errors: [method@Deferred.get_results]. The links that the parts were
 * given before come first; the outcome then goes on to those that they are given later. So an error that nobody
 * handles there is reported, unless @flags has %G_DEFERRED_LIST_CONSUME_ERRORS: the part goes on with nothing then.
 *
 * With %G_DEFERRED_LIST_FIRE_ON_ONE_CALLBACK or %G_DEFERRED_LIST_FIRE_ON_ONE_ERRBACK it fires as soon as one has
 * succeeded, or failed, with the value or the error of that one, and what was given beside the error;
 * [method@DeferredList.get_index] tells which one it was. If it never comes to that, it fires with the outcomes of all.
 *
 * Without parts it has fired when this returns; with %G_DEFERRED_LIST_FIRE_ON_ONE_CALLBACK it has then failed with
 * %G_IO_ERROR_INVALID_ARGUMENT. The same Deferred may be there more than once.
 *
 * Cancelling it cancels each part that has not fired, in order. What they come to then decides as always; if it is
 * still not decided, because a part goes on, it fails with %G_IO_ERROR_CANCELLED.
 *
 * The list is kept by its parts, as a fork is, and keeps none of them. One that is dropped before it fired fails with
 * %G_DEFERRED_ERROR_ABANDONED; one that falls silent, because its owner is gone, counts as one that failed with
 * %G_IO_ERROR_CANCELLED.
 *
 * To be called at home, where all of this happens. Parts that live in another main context are waited for as with
 * [method@Deferred.return_deferred], which leaves them with nothing. A part must not be handed over to another context
 * afterwards; the list may be. A part that itself waits for the list, by returning it from a callback ahead of the
 * list's, makes a ring, which is not found: both wait until one of them is cancelled. What is no Deferred at all is a
 * programmer error; its place fails with %G_IO_ERROR_INVALID_ARGUMENT.
 *
 * Returns: (transfer full): a new [class@DeferredList]
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_list_new (GDeferred **deferreds, gsize n_deferreds, GDeferredListFlags flags)
{
  return make (deferreds, n_deferreds, flags & GD_AGGREGATE_FLAGS_OF_LIST, G_STRFUNC);
}

/**
 * g_deferred_list_new_of: (skip)
 * @flags: what to do with the outcomes
 * @first: (nullable): the first part
 * @...: the others, and then %NULL
 *
 * As [ctor@DeferredList.new], with the parts one by one.
 *
 * Returns: (transfer full): a new [class@DeferredList]
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_list_new_of (GDeferredListFlags flags, GDeferred *first, ...)
{
  GDeferred *made;

  MAKE_OF (made, first, flags & GD_AGGREGATE_FLAGS_OF_LIST);
  return made;
}

/**
 * g_deferred_gather:
 * @deferreds: (array length=n_deferreds) (nullable) (transfer none): the parts
 * @n_deferreds: their number
 * @flags: %G_DEFERRED_LIST_CANCEL_REST and %G_DEFERRED_LIST_CONSUME_ERRORS count here
 *
 * Waits for all of several. It fires with their values, in the order of @deferreds: [method@Deferred.get_results]. If
 * one fails, it fails at once, with the error of that one and what was given beside it;
 * [method@DeferredList.get_index] tells which one it was, and the others go on, or are cancelled if @flags says so.
 *
 * The error that it fails with counts as handled in the part. One that comes later, from another part, does not, and is
 * reported unless somebody handles it there, or @flags has %G_DEFERRED_LIST_CONSUME_ERRORS.
 *
 * In all else it is as [ctor@DeferredList.new].
 *
 * ```c
 * static gboolean
 * print_sum (GDeferred *self, gpointer user_data, GError **error)
 * {
 *   GDeferredResults *both = g_deferred_get_results (self);
 *
 *   g_print ("%d\n", g_deferred_results_get_int (both, 0) + g_deferred_results_get_int (both, 1));
 *   return TRUE;
 * }
 *
 * static void
 * print_sum_later (GDeferred *one, GDeferred *other)
 * {
 *   g_autoptr (GDeferred) both = g_deferred_gather_of (G_DEFERRED_LIST_CANCEL_REST, one, other, NULL);
 *
 *   g_deferred_add_callback (both, print_sum, NULL, NULL);
 * }
 * ```
 *
 * Returns: (transfer full): a new [class@DeferredList]
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_gather (GDeferred **deferreds, gsize n_deferreds, GDeferredListFlags flags)
{
  const guint more = flags & (G_DEFERRED_LIST_CANCEL_REST | G_DEFERRED_LIST_CONSUME_ERRORS);

  return make (deferreds, n_deferreds, GATHER | more, G_STRFUNC);
}

/**
 * g_deferred_gather_of: (skip)
 * @flags: as for [func@Deferred.gather]
 * @first: (nullable): the first part
 * @...: the others, and then %NULL
 *
 * As [func@Deferred.gather], with the parts one by one.
 *
 * Returns: (transfer full): a new [class@DeferredList]
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_gather_of (GDeferredListFlags flags, GDeferred *first, ...)
{
  const guint more = flags & (G_DEFERRED_LIST_CANCEL_REST | G_DEFERRED_LIST_CONSUME_ERRORS);
  GDeferred  *made;

  MAKE_OF (made, first, GATHER | more);
  return made;
}

/**
 * g_deferred_race:
 * @deferreds: (array length=n_deferreds) (transfer none): the parts
 * @n_deferreds: their number, which should not be 0
 *
 * Waits for the first of several to fire, whether it succeeds or fails, and takes its outcome.
 * [method@DeferredList.get_index] tells which one it was. Before it fires the others are cancelled; errors of theirs
 * are not reported.
 *
 * A race of none has failed with %G_IO_ERROR_INVALID_ARGUMENT when this returns. In all else it is as
 * [ctor@DeferredList.new].
 *
 * Returns: (transfer full): a new [class@DeferredList]
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_race (GDeferred **deferreds, gsize n_deferreds)
{
  return make (deferreds, n_deferreds, RACE, G_STRFUNC);
}

/**
 * g_deferred_race_of: (skip)
 * @first: (nullable): the first part
 * @...: the others, and then %NULL
 *
 * As [func@Deferred.race], with the parts one by one.
 *
 * Returns: (transfer full): a new [class@DeferredList]
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_race_of (GDeferred *first, ...)
{
  GDeferred *made;

  MAKE_OF (made, first, RACE);
  return made;
}

/**
 * g_deferred_any:
 * @deferreds: (array length=n_deferreds) (transfer none): the parts
 * @n_deferreds: their number, which should not be 0
 *
 * Waits for the first of several to succeed, and takes its value, as Twisted's `race` does.
 * [method@DeferredList.get_index] tells which one it was. Before it fires the others are cancelled.
 *
 * If all fail, it fails with %G_DEFERRED_ERROR_ALL_FAILED, whose message has those of the first ten; all of the errors
 * are beside it, for [method@Deferred.get_results]. Errors of the parts are not reported.
 *
 * One of none has failed with %G_IO_ERROR_INVALID_ARGUMENT when this returns. If it is cancelled, and no part has a
 * value to give even so, it fails with %G_IO_ERROR_CANCELLED. In all else it is as [ctor@DeferredList.new].
 *
 * Returns: (transfer full): a new [class@DeferredList]
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_any (GDeferred **deferreds, gsize n_deferreds)
{
  return make (deferreds, n_deferreds, ANY, G_STRFUNC);
}

/**
 * g_deferred_any_of: (skip)
 * @first: (nullable): the first part
 * @...: the others, and then %NULL
 *
 * As [func@Deferred.any], with the parts one by one.
 *
 * Returns: (transfer full): a new [class@DeferredList]
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_any_of (GDeferred *first, ...)
{
  GDeferred *made;

  MAKE_OF (made, first, ANY);
  return made;
}

/**
 * g_deferred_settled:
 * @deferreds: (array length=n_deferreds) (nullable) (transfer none): the parts
 * @n_deferreds: their number
 *
 * Waits until all of several have fired, and never fails for an error of theirs. It fires with all outcomes, values and
 * errors, in the order of @deferreds: [method@Deferred.get_results]. The errors count as handled in the parts.
 *
 * If it is cancelled, it fails with %G_IO_ERROR_CANCELLED, unless all parts have a value to give even so. In all else it
 * is as [ctor@DeferredList.new].
 *
 * Returns: (transfer full): a new [class@DeferredList]
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_settled (GDeferred **deferreds, gsize n_deferreds)
{
  return make (deferreds, n_deferreds, SETTLED, G_STRFUNC);
}

/**
 * g_deferred_settled_of: (skip)
 * @first: (nullable): the first part
 * @...: the others, and then %NULL
 *
 * As [func@Deferred.settled], with the parts one by one.
 *
 * Returns: (transfer full): a new [class@DeferredList]
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_settled_of (GDeferred *first, ...)
{
  GDeferred *made;

  MAKE_OF (made, first, SETTLED);
  return made;
}

/* --- looking at one ---------------------------------------------------------------------------------------------- */

/**
 * GDeferredList:
 *
 * A Deferred that gets its outcome from several others, its parts: what [ctor@DeferredList.new],
 * [func@Deferred.gather], [func@Deferred.settled], [func@Deferred.any], [func@Deferred.race] and [func@Deferred.map]
 * give. In C they return it as a [class@Deferred], for the functions of that are what one needs most.
 *
 * Since: 1.0
 */

static gboolean
is_home (GDeferredList *self, const char *function)
{
  if (G_LIKELY (g_deferred_is_home ((GDeferred *) self)))
    return TRUE;

  g_critical ("%s: called from a thread that is not the Deferred's home", function);
  return FALSE;
}

/**
 * g_deferred_list_get_index:
 * @self: a list
 *
 * The place of the part that decided what became of @self: whose value, or error, it was fired with. To be asked at
 * home.
 *
 * If @self was cancelled, that is the first part that failed by it, or that gave a value all the same.
 *
 * Returns: the place, from 0; -1 if all counted, if it was cancelled and no part has decided it, or if it is not decided
 *   yet
 *
 * Since: 1.0
 */
gssize
g_deferred_list_get_index (GDeferredList *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_LIST (self), -1);

  return is_home (self, G_STRFUNC) ? gd_aggregate_of (self)->index : -1;
}

/**
 * g_deferred_list_get_length:
 * @self: a list
 *
 * How many parts @self has; of [func@Deferred.map], how many have been started so far. To be asked at home.
 *
 * Returns: the number of parts
 *
 * Since: 1.0
 */
gsize
g_deferred_list_get_length (GDeferredList *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_LIST (self), 0);

  return is_home (self, G_STRFUNC) ? gd_aggregate_of (self)->n_parts : 0;
}

/**
 * g_deferred_list_get_n_pending:
 * @self: a list
 *
 * How many of the parts have not come to their outcome yet; also when @self has fired, because one of them decided it.
 * To be asked at home.
 *
 * Returns: the number of parts that are pending
 *
 * Since: 1.0
 */
gsize
g_deferred_list_get_n_pending (GDeferredList *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_LIST (self), 0);

  return is_home (self, G_STRFUNC) ? gd_aggregate_of (self)->n_pending : 0;
}
