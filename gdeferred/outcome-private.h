/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * What a Deferred holds once it fired: a value, nothing, or an error.
 *
 *   error == NULL, value unset     nothing
 *   error == NULL, value set       a value
 *   error != NULL                  an error; the value, where set, is the payload beside it
 *
 * An outcome owns what it holds and is moved by plain assignment: who assigns it away forgets it
 * (gd_outcome_steal). All zero bytes is an outcome of nothing.
 */
typedef struct
{
  GValue  value;
  GError *error;
} GdOutcome;

#define GD_OUTCOME_NONE                                                                                      \
  {                                                                                                          \
    G_VALUE_INIT, NULL                                                                                       \
  }

/* Values of these types own no memory, so that they are copied and forgotten as plain bytes. */
static inline gboolean
gd_type_is_plain (GType type)
{
  return type <= G_TYPE_DOUBLE && type != G_TYPE_INTERFACE;
}

static inline gboolean
gd_outcome_is_plain (const GdOutcome *outcome)
{
  return outcome->error == NULL && gd_type_is_plain (G_VALUE_TYPE (&outcome->value));
}

static inline GdOutcome
gd_outcome_steal (GdOutcome *outcome)
{
  GdOutcome stolen = *outcome;

  *outcome = (GdOutcome) GD_OUTCOME_NONE;
  return stolen;
}

void gd_value_copy_full (const GValue *from, GValue *to);

/* NULL, an unset GValue and a GValue of a NULL pointer all mean nothing: bindings produce each of them for their own
 * word for nothing. */
static inline gboolean
gd_value_is_nothing (const GValue *value)
{
  return value == NULL || G_VALUE_TYPE (value) == 0
         || (G_VALUE_TYPE (value) == G_TYPE_POINTER && g_value_get_pointer (value) == NULL);
}

/* Whatever was in @to is overwritten. */
static inline void
gd_value_copy (const GValue *from, GValue *to)
{
  if (gd_value_is_nothing (from))
    *to = (GValue) G_VALUE_INIT;
  else if (gd_type_is_plain (G_VALUE_TYPE (from)))
    *to = *from;
  else
    gd_value_copy_full (from, to);
}

/* The same, and leaves @from unset. */
static inline void
gd_value_move (GValue *from, GValue *to)
{
  *to = (GValue) G_VALUE_INIT;
  if (from == NULL)
    return;

  if (!gd_value_is_nothing (from))
    *to = *from;
  *from = (GValue) G_VALUE_INIT;
}

void gd_outcome_copy (const GdOutcome *from, GdOutcome *to);
void gd_outcome_free_contents (GdOutcome *outcome);

/* Leaves the outcome as nothing. What it held is freed after that, so that whoever is called by the freeing sees a
 * whole outcome. */
static inline void
gd_outcome_clear (GdOutcome *outcome)
{
  if (gd_outcome_is_plain (outcome))
    *outcome = (GdOutcome) GD_OUTCOME_NONE;
  else
    gd_outcome_free_contents (outcome);
}

G_END_DECLS
