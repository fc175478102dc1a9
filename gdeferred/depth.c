/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "depth-private.h"

enum
{
  MAX_DEPTH = 32
};

static _Thread_local guint depth;

void
gd_deep_call (GDeferred *self, GDeferredInvokeFunc func, gpointer user_data, GDestroyNotify destroy)
{
  if (depth >= MAX_DEPTH)
    {
      g_deferred_invoke (self, func, user_data, destroy);
      return;
    }

  depth++;
  func (self, user_data);
  if (destroy != NULL)
    destroy (user_data);
  depth--;
}

static void
cancel (GDeferred *self, gpointer user_data G_GNUC_UNUSED)
{
  g_object_ref (self);
  g_deferred_cancel (self);
  g_object_unref (self);
}

void
gd_deep_cancel (GDeferred *self)
{
  gd_deep_call (self, cancel, NULL, NULL);
}

typedef struct
{
  GError *error; /* owned; nullable */
  GValue  value; /* or what lies beside the error; unset for nothing */
} Outcome;

static Outcome *
outcome_new (const GError *error, const GValue *value)
{
  Outcome *self = g_new0 (Outcome, 1);

  self->error = error != NULL ? g_error_copy (error) : NULL;
  if (value != NULL && G_VALUE_TYPE (value) != 0)
    {
      g_value_init (&self->value, G_VALUE_TYPE (value));
      g_value_copy (value, &self->value);
    }
  return self;
}

static void
outcome_free (gpointer outcome)
{
  Outcome *self = outcome;

  g_clear_error (&self->error);
  if (G_VALUE_TYPE (&self->value) != 0)
    g_value_unset (&self->value);
  g_free (self);
}

static void
fire (GDeferred *self, gpointer outcome)
{
  Outcome *given = outcome;

  if (given->error != NULL)
    g_deferred_errback_full (self, given->error, &given->value, NULL);
  else
    g_deferred_callback (self, &given->value, NULL);
}

static void
fire_deep (GDeferred *self, const GError *error, const GValue *value)
{
  if (depth >= MAX_DEPTH)
    {
      g_deferred_invoke (self, fire, outcome_new (error, value), outcome_free);
      return;
    }

  depth++;
  if (error != NULL)
    g_deferred_errback_full (self, error, value, NULL);
  else
    g_deferred_callback (self, value, NULL);
  depth--;
}

void
gd_deep_callback (GDeferred *self, const GValue *value)
{
  fire_deep (self, NULL, value);
}

void
gd_deep_errback (GDeferred *self, const GError *error, const GValue *payload)
{
  fire_deep (self, error, payload);
}
