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

void gd_value_copy (const GValue *from, GValue *to);
void gd_value_move (GValue *from, GValue *to);

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
