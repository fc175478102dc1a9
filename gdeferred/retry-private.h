/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/retry.h>

G_BEGIN_DECLS

/* What the rules are at first */
#define GD_RETRY_INITIAL_DELAY (100 * G_TIME_SPAN_MILLISECOND)
#define GD_RETRY_MAX_DELAY     (30 * G_TIME_SPAN_SECOND)
#define GD_RETRY_FACTOR        2.0
#define GD_RETRY_JITTER        0.1
#define GD_RETRY_MAX_ATTEMPTS  5

typedef struct
{
  GDeferredRetryFilter func;
  gpointer             user_data;
  GDestroyNotify       destroy;
} GdRetryFilter;

/*
 * When to try again. A policy shares its rules with the runs that it has begun, so that a change counts for them, too.
 * A run does not hold the policy, which holds a clock: that clock holds the run while it waits, and may be dropped with
 * it. In an rc box.
 */
typedef struct
{
  GTimeSpan initial_delay;
  GTimeSpan max_delay;
  double    factor;
  double    jitter;
  guint     max_attempts; /* 0: no limit */
  GTimeSpan deadline;     /* 0: none */

  GRand         *random; /* owned */
  GdRetryFilter *filter; /* owned, in an rc box; NULL for the usual one */
} GdRetryRules;

GdRetryRules *gd_retry_rules_new (void);
void          gd_retry_rules_unref (GdRetryRules *self);
void          gd_retry_rules_set_filter (GdRetryRules        *self,
                                         GDeferredRetryFilter func,
                                         gpointer             user_data,
                                         GDestroyNotify       destroy);
GTimeSpan
gd_retry_rules_next_delay (GdRetryRules *self, const GError *error, guint attempt, GTimeSpan elapsed);

GDeferred *gd_retry_run (GdRetryRules     *rules,
                         GDeferredClock   *clock,
                         GDeferredCallback func,
                         gpointer          user_data,
                         GDestroyNotify    destroy);

G_END_DECLS
