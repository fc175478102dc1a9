/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "retry-private.h"

GdRetryRules *
gd_retry_rules_new (void)
{
  GdRetryRules *self = g_rc_box_new0 (GdRetryRules);

  self->initial_delay = GD_RETRY_INITIAL_DELAY;
  self->max_delay = GD_RETRY_MAX_DELAY;
  self->factor = GD_RETRY_FACTOR;
  self->jitter = GD_RETRY_JITTER;
  self->max_attempts = GD_RETRY_MAX_ATTEMPTS;
  self->random = g_rand_new ();
  return self;
}

static void
filter_clear (gpointer user_data)
{
  GdRetryFilter *filter = user_data;

  if (filter->destroy != NULL)
    filter->destroy (filter->user_data);
}

static void
filter_unref (GdRetryFilter *filter)
{
  if (filter != NULL)
    g_rc_box_release_full (filter, filter_clear);
}

static void
rules_clear (gpointer user_data)
{
  GdRetryRules *self = user_data;

  g_rand_free (self->random);
  filter_unref (self->filter);
}

void
gd_retry_rules_unref (GdRetryRules *self)
{
  g_rc_box_release_full (self, rules_clear);
}

void
gd_retry_rules_set_filter (GdRetryRules        *self,
                           GDeferredRetryFilter func,
                           gpointer             user_data,
                           GDestroyNotify       destroy)
{
  GdRetryFilter *old = g_steal_pointer (&self->filter);

  if (func != NULL)
    {
      self->filter = g_rc_box_new (GdRetryFilter);
      *self->filter = (GdRetryFilter){ func, user_data, destroy };
    }
  filter_unref (old);
}

/* Who cancels wants it to end. The filter may set another one, or none. */
static gboolean
is_worth_it (GdRetryRules *self, const GError *error, guint attempt)
{
  GdRetryFilter *filter = self->filter;
  gboolean       is;

  if (filter == NULL)
    return !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  g_rc_box_acquire (filter);
  is = filter->func (error, attempt, filter->user_data);
  filter_unref (filter);
  return is;
}

static double
power (double base, guint exponent)
{
  double result = 1.0;

  for (; exponent > 0; exponent /= 2)
    {
      if (exponent % 2 == 1)
        result *= base;
      base *= base;
    }
  return result;
}

/* Chance keeps those that failed together from coming back together, so it may exceed the longest delay, too. */
static GTimeSpan
delay_after (GdRetryRules *self, guint attempt)
{
  double delay
      = self->initial_delay > 0 ? (double) self->initial_delay * power (self->factor, attempt - 1) : 0;

  delay = MIN (delay, (double) self->max_delay);
  if (self->jitter > 0)
    delay *= 1.0 + g_rand_double_range (self->random, -self->jitter, self->jitter);
  return delay < (double) G_MAXINT64 ? (GTimeSpan) delay : G_MAXINT64;
}

GTimeSpan
gd_retry_rules_next_delay (GdRetryRules *self, const GError *error, guint attempt, GTimeSpan elapsed)
{
  GTimeSpan delay;

  if (!is_worth_it (self, error, attempt))
    return -1;
  if (self->max_attempts > 0 && attempt >= self->max_attempts)
    return -1;

  delay = delay_after (self, attempt);
  if (self->deadline > 0 && delay > self->deadline - elapsed)
    return -1;
  return delay;
}
