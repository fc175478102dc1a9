/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "outcome-private.h"

void
gd_value_copy_full (const GValue *from, GValue *to)
{
  *to = (GValue) G_VALUE_INIT;
  g_value_init (to, G_VALUE_TYPE (from));
  g_value_copy (from, to);
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
