/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "results-private.h"

#include <gdeferred/values.h>

#include <string.h>

typedef struct
{
  GValue  value; /* with an error: what was given beside it */
  GError *error; /* owned */
} Entry;

struct _GDeferredResults
{
  int               ref_count; /* atomic */
  gsize             n_failed;
  gsize             length;
  GDeferredResults *next_doomed; /* see g_deferred_results_unref */
  Entry             entries[];
};

G_DEFINE_BOXED_TYPE (GDeferredResults, g_deferred_results, g_deferred_results_ref, g_deferred_results_unref)

/* --- filling them in --------------------------------------------------------------------------------------------- */

static gsize
size_for (gsize length)
{
  return sizeof (GDeferredResults) + length * sizeof (Entry);
}

GDeferredResults *
gd_results_new (gsize length)
{
  GDeferredResults *self = g_malloc0 (size_for (length));

  self->ref_count = 1;
  self->length = length;
  return self;
}

/* It may move. */
GDeferredResults *
gd_results_grow (GDeferredResults *self, gsize length)
{
  gsize old = self->length;

  self = g_realloc (self, size_for (length));
  if (length > old)
    memset (self->entries + old, 0, (length - old) * sizeof (Entry));
  self->length = length;
  return self;
}

/* Values of the types up to the numbers own nothing. */
static inline void
copy_value (const GValue *from, GValue *to)
{
  if (from == NULL)
    return;

  if (G_VALUE_TYPE (from) <= G_TYPE_DOUBLE && G_VALUE_TYPE (from) != G_TYPE_INTERFACE)
    *to = *from;
  else
    {
      g_value_init (to, G_VALUE_TYPE (from));
      g_value_copy (from, to);
    }
}

void
gd_results_set_value (GDeferredResults *self, gsize index, const GValue *value)
{
  copy_value (value, &self->entries[index].value);
}

/* Copies what @from holds; @error is its error. */
void
gd_results_set (GDeferredResults *self, gsize index, GDeferred *from, const GError *error)
{
  Entry *entry = &self->entries[index];

  if (G_LIKELY (error == NULL))
    {
      copy_value (g_deferred_get_result (from), &entry->value);
      return;
    }

  copy_value (g_deferred_get_payload (from), &entry->value);
  entry->error = g_error_copy (error);
  self->n_failed++;
}

void
gd_results_take_error (GDeferredResults *self, gsize index, GError *error)
{
  self->entries[index].error = error;
  self->n_failed++;
}

/* Fires @deferred with what is at @index. Whether that took it. */
gboolean
gd_results_fire_with (GDeferredResults *self, gsize index, GDeferred *deferred)
{
  Entry *entry = &self->entries[index];

  if (entry->error != NULL)
    return g_deferred_errback_full (deferred, entry->error, &entry->value, NULL);
  return g_deferred_callback (deferred, &entry->value, NULL);
}

/* --- keeping them ------------------------------------------------------------------------------------------------ */

/**
 * g_deferred_results_ref:
 * @self: results
 *
 * Takes a reference. It may be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
GDeferredResults *
g_deferred_results_ref (GDeferredResults *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&self->ref_count);
  return self;
}

static void
free_results (GDeferredResults *self)
{
  for (gsize i = 0; i < self->length; i++)
    {
      Entry *entry = &self->entries[i];

      g_clear_error (&entry->error);
      if (G_VALUE_TYPE (&entry->value) > G_TYPE_DOUBLE)
        g_value_unset (&entry->value);
    }
  g_free (self);
}

/**
 * g_deferred_results_unref:
 * @self: (transfer full): results
 *
 * Drops a reference; the last one frees what @self holds. It may be called from any thread in which that may be freed.
 *
 * Since: 1.0
 */
/* Results may be the values of results, as deep as somebody gathers what was gathered: those that go while others are
 * being freed wait until these are. */
void
g_deferred_results_unref (GDeferredResults *self)
{
  static _Thread_local GDeferredResults *doomed;
  static _Thread_local gboolean          is_freeing;

  g_return_if_fail (self != NULL);

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  self->next_doomed = doomed;
  doomed = self;
  if (is_freeing)
    return;

  is_freeing = TRUE;
  while (doomed != NULL)
    {
      GDeferredResults *next = doomed;

      doomed = next->next_doomed;
      free_results (next);
    }
  is_freeing = FALSE;
}

/* --- looking at them --------------------------------------------------------------------------------------------- */

/**
 * g_deferred_results_get_length:
 * @self: results
 *
 * How many places @self has.
 *
 * Returns: the number of outcomes
 *
 * Since: 1.0
 */
gsize
g_deferred_results_get_length (GDeferredResults *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->length;
}

/**
 * g_deferred_results_get_n_failed:
 * @self: results
 *
 * How many of the outcomes are errors.
 *
 * Returns: their number
 *
 * Since: 1.0
 */
gsize
g_deferred_results_get_n_failed (GDeferredResults *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->n_failed;
}

/* NULL if it is unset, which is "nothing". */
static const GValue *
value_of (Entry *entry)
{
  return G_VALUE_TYPE (&entry->value) != 0 ? &entry->value : NULL;
}

/**
 * g_deferred_results_get_value:
 * @self: results
 * @index: a place, below [method@DeferredResults.get_length]
 *
 * The value at @index. It belongs to @self.
 *
 * Returns: (transfer none) (nullable): the value, or %NULL for nothing, and for an error
 *
 * Since: 1.0
 */
const GValue *
g_deferred_results_get_value (GDeferredResults *self, gsize index)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (index < self->length, NULL);

  return self->entries[index].error == NULL ? value_of (&self->entries[index]) : NULL;
}

/**
 * g_deferred_results_get_error:
 * @self: results
 * @index: a place, below [method@DeferredResults.get_length]
 *
 * The error at @index. It belongs to @self.
 *
 * Returns: (transfer none) (nullable): the error, or %NULL if that one succeeded
 *
 * Since: 1.0
 */
const GError *
g_deferred_results_get_error (GDeferredResults *self, gsize index)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (index < self->length, NULL);

  return self->entries[index].error;
}

/**
 * g_deferred_results_get_payload:
 * @self: results
 * @index: a place, below [method@DeferredResults.get_length]
 *
 * What was given beside the error at @index, with [method@Deferred.errback_full] say. It belongs to @self.
 *
 * Returns: (transfer none) (nullable): the payload, or %NULL if there is no error, or none beside it
 *
 * Since: 1.0
 */
const GValue *
g_deferred_results_get_payload (GDeferredResults *self, gsize index)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (index < self->length, NULL);

  return self->entries[index].error != NULL ? value_of (&self->entries[index]) : NULL;
}

/* What it is, and says, is as in values.c: only numbers are converted, and only they have to be there. */
static const GValue *
look (GDeferredResults *self, gsize index, GType type, GValue *converted, const char *function)
{
  const GValue *value = g_deferred_results_get_value (self, index);

  if (value != NULL && G_VALUE_HOLDS (value, type))
    return value;
  if (value == NULL && converted == NULL)
    return NULL;

  if (value != NULL && converted != NULL && g_value_type_transformable (G_VALUE_TYPE (value), type))
    {
      g_value_init (converted, type);
      if (g_value_transform (value, converted))
        return converted;
    }

  g_critical ("%s: result %" G_GSIZE_FORMAT " is %s%s, not a %s", function, index,
              value == NULL ? "nothing" : "a ", value == NULL ? "" : G_VALUE_TYPE_NAME (value),
              g_type_name (type));
  return NULL;
}

/**
 * g_deferred_results_get_int:
 * @self: results
 * @index: a place, below [method@DeferredResults.get_length]
 *
 * The value at @index as an integer, converted if GObject knows how. If there is no such value, but nothing, or an
 * error, that is a programmer error.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
int
g_deferred_results_get_int (GDeferredResults *self, gsize index)
{
  GValue        converted = G_VALUE_INIT;
  const GValue *value;

  g_return_val_if_fail (self != NULL, 0);
  g_return_val_if_fail (index < self->length, 0);

  value = look (self, index, G_TYPE_INT, &converted, G_STRFUNC);
  return value != NULL ? g_value_get_int (value) : 0;
}

/**
 * g_deferred_results_get_string:
 * @self: results
 * @index: a place, below [method@DeferredResults.get_length]
 *
 * The value at @index as a string, which belongs to @self. A value of another type is a programmer error; for nothing,
 * and for an error, it gives %NULL in silence.
 *
 * Returns: (transfer none) (nullable): the string, or %NULL if there is none
 *
 * Since: 1.0
 */
const char *
g_deferred_results_get_string (GDeferredResults *self, gsize index)
{
  const GValue *value;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (index < self->length, NULL);

  value = look (self, index, G_TYPE_STRING, NULL, G_STRFUNC);
  return value != NULL ? g_value_get_string (value) : NULL;
}

/**
 * g_deferred_results_get_object:
 * @self: results
 * @index: a place, below [method@DeferredResults.get_length]
 *
 * The value at @index as an object, which belongs to @self. A value of another type is a programmer error; for nothing,
 * and for an error, it gives %NULL in silence.
 *
 * Returns: (type GObject.Object) (transfer none) (nullable): the object, or %NULL if there is none
 *
 * Since: 1.0
 */
gpointer
g_deferred_results_get_object (GDeferredResults *self, gsize index)
{
  const GValue *value;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (index < self->length, NULL);

  value = look (self, index, G_TYPE_OBJECT, NULL, G_STRFUNC);
  return value != NULL ? g_value_get_object (value) : NULL;
}

/**
 * g_deferred_get_results:
 * @self: a Deferred
 *
 * The results of many that @self holds now, as its value; or beside its error, as [func@Deferred.any] leaves those of
 * all that have failed.
 *
 * To be asked at home. They belong to @self, as the value of [method@Deferred.get_result] does: who wants to keep them
 * takes a reference.
 *
 * Returns: (transfer none) (nullable): the results, or %NULL if it holds none
 *
 * Since: 1.0
 */
GDeferredResults *
g_deferred_get_results (GDeferred *self)
{
  const GValue *value;

  g_return_val_if_fail (G_IS_DEFERRED (self), NULL);

  value = g_deferred_get_error (self) != NULL ? g_deferred_get_payload (self) : g_deferred_get_result (self);
  return value != NULL && G_VALUE_HOLDS (value, G_TYPE_DEFERRED_RESULTS) ? g_value_get_boxed (value) : NULL;
}
