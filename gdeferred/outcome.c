/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "outcome-private.h"

/* NULL, an unset GValue and a GValue of a NULL pointer all mean nothing: bindings produce each of them for their own
 * word for nothing. */
static gboolean
value_is_nothing (const GValue *value)
{
  return value == NULL || G_VALUE_TYPE (value) == 0
         || (G_VALUE_TYPE (value) == G_TYPE_POINTER && g_value_get_pointer (value) == NULL);
}

/* @to is unset memory or nothing. */
void
gd_value_copy (const GValue *from, GValue *to)
{
  *to = (GValue) G_VALUE_INIT;
  if (value_is_nothing (from))
    return;

  if (gd_type_is_plain (G_VALUE_TYPE (from)))
    {
      *to = *from;
      return;
    }

  g_value_init (to, G_VALUE_TYPE (from));
  g_value_copy (from, to);
}

/* Leaves @from unset. */
void
gd_value_move (GValue *from, GValue *to)
{
  *to = (GValue) G_VALUE_INIT;
  if (from == NULL)
    return;

  if (!value_is_nothing (from))
    *to = *from;
  *from = (GValue) G_VALUE_INIT;
}

void
gd_outcome_copy (const GdOutcome *from, GdOutcome *to)
{
  gd_value_copy (&from->value, &to->value);
  to->error = from->error != NULL ? g_error_copy (from->error) : NULL;
}

void
gd_outcome_free_contents (GdOutcome *outcome)
{
  GdOutcome old = gd_outcome_steal (outcome);

  g_clear_error (&old.error);
  if (G_VALUE_TYPE (&old.value) != 0)
    g_value_unset (&old.value);
}
