/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "retry-private.h"

#include "at-home-private.h"

/**
 * GDeferredRetry:
 *
 * A policy for trying again: how often, after which errors, and how long to wait in between. It holds no state of what
 * is being tried, so one of them serves any number of runs, also at the same time.
 *
 * The delay after the first attempt is [property@DeferredRetry:initial-delay], and each one after that longer by
 * [property@DeferredRetry:factor], up to [property@DeferredRetry:max-delay]. To each, chance adds or takes away a part
 * of it, [property@DeferredRetry:jitter] at most, so that those that failed together do not come back together. It
 * gives up, with the error of the last attempt, after [property@DeferredRetry:max-attempts], and where the next attempt
 * would start later than [property@DeferredRetry:deadline] after the first.
 *
 * ```c
 * static gboolean
 * is_temporary (const GError *error, guint attempt, gpointer user_data)
 * {
 *   return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)
 *          || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
 * }
 *
 * static GDeferred *
 * fetch_stubbornly (GDeferredCallback fetch, const char *address)
 * {
 *   g_autoptr (GDeferredRetry) retry = g_deferred_retry_new ();
 *
 *   g_deferred_retry_set_delays (retry, G_TIME_SPAN_SECOND, G_TIME_SPAN_MINUTE, 2.0, 0.1);
 *   g_deferred_retry_set_filter (retry, is_temporary, NULL, NULL);
 *   return g_deferred_retry_run (retry, fetch, g_strdup (address), g_free);
 * }
 * ```
 *
 * It belongs to the thread-default main context of the thread that makes it; its methods are called there. A change
 * counts for the runs that are under way, too. These go on when the policy is dropped.
 *
 * Since: 1.0
 */
struct _GDeferredRetry
{
  GObject parent_instance;

  GDeferred      *home;  /* owned; see at-home-private.h */
  GdRetryRules   *rules; /* owned */
  GDeferredClock *clock; /* owned; NULL for the one that is current when a run begins */
};

typedef enum
{
  PROP_INITIAL_DELAY = 1,
  PROP_MAX_DELAY,
  PROP_FACTOR,
  PROP_JITTER,
  PROP_MAX_ATTEMPTS,
  PROP_DEADLINE,
  PROP_CLOCK,
  N_PROPS
} Prop;

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (GDeferredRetry, g_deferred_retry, G_TYPE_OBJECT)

static void
g_deferred_retry_init (GDeferredRetry *self)
{
  self->home = g_deferred_new ();
  self->rules = gd_retry_rules_new ();
}

static void
g_deferred_retry_finalize (GObject *object)
{
  GDeferredRetry *self = G_DEFERRED_RETRY (object);

  gd_retry_rules_unref (self->rules);
  g_clear_object (&self->clock);
  g_object_unref (self->home);

  G_OBJECT_CLASS (g_deferred_retry_parent_class)->finalize (object);
}

static void
notify (GDeferredRetry *self, Prop prop)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

static void
g_deferred_retry_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  GDeferredRetry *self = G_DEFERRED_RETRY (object);

  switch ((Prop) prop_id)
    {
    case PROP_INITIAL_DELAY:
      g_value_set_int64 (value, self->rules->initial_delay);
      break;
    case PROP_MAX_DELAY:
      g_value_set_int64 (value, self->rules->max_delay);
      break;
    case PROP_FACTOR:
      g_value_set_double (value, self->rules->factor);
      break;
    case PROP_JITTER:
      g_value_set_double (value, self->rules->jitter);
      break;
    case PROP_MAX_ATTEMPTS:
      g_value_set_uint (value, self->rules->max_attempts);
      break;
    case PROP_DEADLINE:
      g_value_set_int64 (value, self->rules->deadline);
      break;
    case PROP_CLOCK:
      g_value_set_object (value, self->clock);
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
g_deferred_retry_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  GDeferredRetry *self = G_DEFERRED_RETRY (object);
  GdRetryRules   *rules = self->rules;

  switch ((Prop) prop_id)
    {
    case PROP_INITIAL_DELAY:
      g_deferred_retry_set_delays (self, g_value_get_int64 (value), rules->max_delay, rules->factor,
                                   rules->jitter);
      break;
    case PROP_MAX_DELAY:
      g_deferred_retry_set_delays (self, rules->initial_delay, g_value_get_int64 (value), rules->factor,
                                   rules->jitter);
      break;
    case PROP_FACTOR:
      g_deferred_retry_set_delays (self, rules->initial_delay, rules->max_delay, g_value_get_double (value),
                                   rules->jitter);
      break;
    case PROP_JITTER:
      g_deferred_retry_set_delays (self, rules->initial_delay, rules->max_delay, rules->factor,
                                   g_value_get_double (value));
      break;
    case PROP_MAX_ATTEMPTS:
      g_deferred_retry_set_max_attempts (self, g_value_get_uint (value));
      break;
    case PROP_DEADLINE:
      g_deferred_retry_set_deadline (self, g_value_get_int64 (value));
      break;
    case PROP_CLOCK:
      g_deferred_retry_set_clock (self, g_value_get_object (value));
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_delays (GParamFlags flags)
{
  /**
   * GDeferredRetry:initial-delay:
   *
   * How long it is from the end of the first attempt to the second, in microseconds: a tenth of a second, if nothing
   * else is said. With 0 there is no delay but for the turn of the loop that each attempt waits for.
   *
   * Since: 1.0
   */
  props[PROP_INITIAL_DELAY]
      = g_param_spec_int64 ("initial-delay", NULL, NULL, 0, G_MAXINT64, GD_RETRY_INITIAL_DELAY, flags);
  /**
   * GDeferredRetry:max-delay:
   *
   * What a delay does not grow beyond, in microseconds, but for its jitter: half a minute, if nothing else is said.
   *
   * Since: 1.0
   */
  props[PROP_MAX_DELAY]
      = g_param_spec_int64 ("max-delay", NULL, NULL, 0, G_MAXINT64, GD_RETRY_MAX_DELAY, flags);
  /**
   * GDeferredRetry:factor:
   *
   * How many times as long as the one before a delay is, 1 at least: 2, if nothing else is said.
   *
   * Since: 1.0
   */
  props[PROP_FACTOR] = g_param_spec_double ("factor", NULL, NULL, 1.0, G_MAXDOUBLE, GD_RETRY_FACTOR, flags);
  /**
   * GDeferredRetry:jitter:
   *
   * Which part of a delay chance may add to it or take away, from 0 to 1: a tenth, if nothing else is said.
   *
   * Since: 1.0
   */
  props[PROP_JITTER] = g_param_spec_double ("jitter", NULL, NULL, 0.0, 1.0, GD_RETRY_JITTER, flags);
}

static void
g_deferred_retry_class_init (GDeferredRetryClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = g_deferred_retry_finalize;
  object_class->get_property = g_deferred_retry_get_property;
  object_class->set_property = g_deferred_retry_set_property;

  install_delays (flags);
  /**
   * GDeferredRetry:max-attempts: (getter get_max_attempts) (setter set_max_attempts)
   *
   * How many attempts there are at most, with the first: 5, if nothing else is said. 0 means any number.
   *
   * Since: 1.0
   */
  props[PROP_MAX_ATTEMPTS]
      = g_param_spec_uint ("max-attempts", NULL, NULL, 0, G_MAXUINT, GD_RETRY_MAX_ATTEMPTS, flags);
  /**
   * GDeferredRetry:deadline: (getter get_deadline) (setter set_deadline)
   *
   * How long after the first attempt another one may start, in microseconds. 0 means any time, as at first.
   *
   * Since: 1.0
   */
  props[PROP_DEADLINE] = g_param_spec_int64 ("deadline", NULL, NULL, 0, G_MAXINT64, 0, flags);
  /**
   * GDeferredRetry:clock: (getter get_clock) (setter set_clock)
   *
   * The clock that runs go by. %NULL, as it is at first, means the one that is current when a run begins.
   *
   * Since: 1.0
   */
  props[PROP_CLOCK] = g_param_spec_object ("clock", NULL, NULL, G_TYPE_DEFERRED_CLOCK, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

/**
 * g_deferred_retry_new:
 *
 * Makes a policy of five attempts at most, with delays of about 0.1, 0.2, 0.4 and 0.8 seconds, after all errors but
 * %G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer full): a new policy
 *
 * Since: 1.0
 */
GDeferredRetry *
g_deferred_retry_new (void)
{
  return g_object_new (G_TYPE_DEFERRED_RETRY, NULL);
}

/**
 * g_deferred_retry_set_delays:
 * @self: the policy
 * @initial_delay: the delay after the first attempt, in microseconds
 * @max_delay: what a delay does not grow beyond, in microseconds
 * @factor: how many times as long as the one before a delay is, 1 at least
 * @jitter: which part of a delay chance may add to it or take away, from 0 to 1
 *
 * Sets how long it waits between attempts: all that the properties [property@DeferredRetry:initial-delay],
 * [property@DeferredRetry:max-delay], [property@DeferredRetry:factor] and [property@DeferredRetry:jitter] say. To be
 * called at home.
 *
 * Since: 1.0
 */
void
g_deferred_retry_set_delays (
    GDeferredRetry *self, GTimeSpan initial_delay, GTimeSpan max_delay, double factor, double jitter)
{
  GdRetryRules old;

  g_return_if_fail (G_IS_DEFERRED_RETRY (self));
  g_return_if_fail (initial_delay >= 0);
  g_return_if_fail (max_delay >= 0);
  g_return_if_fail (factor >= 1.0);
  g_return_if_fail (jitter >= 0.0 && jitter <= 1.0);
  gd_return_if_not_home (self->home);

  old = *self->rules;
  self->rules->initial_delay = initial_delay;
  self->rules->max_delay = max_delay;
  self->rules->factor = factor;
  self->rules->jitter = jitter;

  if (old.initial_delay != initial_delay)
    notify (self, PROP_INITIAL_DELAY);
  if (old.max_delay != max_delay)
    notify (self, PROP_MAX_DELAY);
  if (old.factor < factor || old.factor > factor)
    notify (self, PROP_FACTOR);
  if (old.jitter < jitter || old.jitter > jitter)
    notify (self, PROP_JITTER);
}

/**
 * g_deferred_retry_set_seed:
 * @self: the policy
 * @seed: any number
 *
 * Makes the jitter of the delays that come the same each time: for tests. To be called at home.
 *
 * Since: 1.0
 */
void
g_deferred_retry_set_seed (GDeferredRetry *self, guint32 seed)
{
  g_return_if_fail (G_IS_DEFERRED_RETRY (self));
  gd_return_if_not_home (self->home);

  g_rand_set_seed (self->rules->random, seed);
}

/**
 * g_deferred_retry_set_max_attempts: (set-property max-attempts)
 * @self: the policy
 * @max_attempts: how many attempts there are at most, with the first; 0 for any number
 *
 * Limits the number of attempts. To be called at home.
 *
 * Since: 1.0
 */
void
g_deferred_retry_set_max_attempts (GDeferredRetry *self, guint max_attempts)
{
  g_return_if_fail (G_IS_DEFERRED_RETRY (self));
  gd_return_if_not_home (self->home);

  if (self->rules->max_attempts == max_attempts)
    return;

  self->rules->max_attempts = max_attempts;
  notify (self, PROP_MAX_ATTEMPTS);
}

/**
 * g_deferred_retry_get_max_attempts: (get-property max-attempts)
 * @self: the policy
 *
 * Gets how many attempts there are at most.
 *
 * Returns: a number; 0 for any
 *
 * Since: 1.0
 */
guint
g_deferred_retry_get_max_attempts (GDeferredRetry *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_RETRY (self), 0);

  return self->rules->max_attempts;
}

/**
 * g_deferred_retry_set_deadline: (set-property deadline)
 * @self: the policy
 * @deadline: how long after the first attempt another one may start, in microseconds; 0 for any time
 *
 * Limits the time in which attempts start. If the next one would start later, its delay is not waited for: the run
 * fails at once. An attempt that is under way is not ended by it; for that there is [method@Deferred.add_timeout], on
 * what the function returns for each of them, or on what [method@DeferredRetry.run] returns for all.
 *
 * To be called at home.
 *
 * Since: 1.0
 */
void
g_deferred_retry_set_deadline (GDeferredRetry *self, GTimeSpan deadline)
{
  g_return_if_fail (G_IS_DEFERRED_RETRY (self));
  g_return_if_fail (deadline >= 0);
  gd_return_if_not_home (self->home);

  if (self->rules->deadline == deadline)
    return;

  self->rules->deadline = deadline;
  notify (self, PROP_DEADLINE);
}

/**
 * g_deferred_retry_get_deadline: (get-property deadline)
 * @self: the policy
 *
 * Gets how long after the first attempt another one may start.
 *
 * Returns: microseconds; 0 for any time
 *
 * Since: 1.0
 */
GTimeSpan
g_deferred_retry_get_deadline (GDeferredRetry *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_RETRY (self), 0);

  return self->rules->deadline;
}

/**
 * g_deferred_retry_set_clock: (set-property clock)
 * @self: the policy
 * @clock: (nullable): a clock, or %NULL for the one that is current when a run begins
 *
 * Sets the clock that the runs go by that begin from now on. To be called at home.
 *
 * Since: 1.0
 */
void
g_deferred_retry_set_clock (GDeferredRetry *self, GDeferredClock *clock)
{
  g_return_if_fail (G_IS_DEFERRED_RETRY (self));
  g_return_if_fail (clock == NULL || G_IS_DEFERRED_CLOCK (clock));
  gd_return_if_not_home (self->home);

  if (g_set_object (&self->clock, clock))
    notify (self, PROP_CLOCK);
}

/**
 * g_deferred_retry_get_clock: (get-property clock)
 * @self: the policy
 *
 * Gets the clock that runs go by.
 *
 * Returns: (transfer none) (nullable): the clock that was set, if any
 *
 * Since: 1.0
 */
GDeferredClock *
g_deferred_retry_get_clock (GDeferredRetry *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_RETRY (self), NULL);

  return self->clock;
}

/**
 * g_deferred_retry_set_filter:
 * @self: the policy
 * @filter: (nullable) (scope notified) (closure user_data) (destroy destroy): tells which errors are worth another
 *   attempt; %NULL for all but %G_IO_ERROR_CANCELLED
 * @user_data: for @filter
 * @destroy: (nullable): frees @user_data, when neither the policy nor a run needs it any more
 *
 * Sets a function that is asked after each attempt that failed. It is not asked when the run was cancelled, and its yes
 * does not exceed the limits. It is called at home.
 *
 * To be called at home.
 *
 * Since: 1.0
 */
void
g_deferred_retry_set_filter (GDeferredRetry      *self,
                             GDeferredRetryFilter filter,
                             gpointer             user_data,
                             GDestroyNotify       destroy)
{
  g_return_if_fail (G_IS_DEFERRED_RETRY (self));
  if (gd_refuse_away (self->home, G_STRFUNC, user_data, destroy))
    return;

  gd_retry_rules_set_filter (self->rules, filter, user_data, destroy);
}

/**
 * g_deferred_retry_next_delay:
 * @self: the policy
 * @error: what the last attempt failed with
 * @attempt: how many attempts there have been, at least 1
 * @elapsed: how long ago the first one started, in microseconds
 *
 * What the policy says after an attempt that failed: for those who write the loop themselves, as a coroutine in another
 * language, say. [method@DeferredRetry.run] asks the same. Each time chance is asked anew. To be called at home.
 *
 * Returns: how long to wait before the next attempt, in microseconds, or -1 to give up
 *
 * Since: 1.0
 */
GTimeSpan
g_deferred_retry_next_delay (GDeferredRetry *self, const GError *error, guint attempt, GTimeSpan elapsed)
{
  g_return_val_if_fail (G_IS_DEFERRED_RETRY (self), -1);
  g_return_val_if_fail (error != NULL, -1);
  g_return_val_if_fail (attempt > 0, -1);
  g_return_val_if_fail (elapsed >= 0, -1);
  gd_return_val_if_not_home (self->home, -1);

  return gd_retry_rules_next_delay (self->rules, error, attempt, elapsed);
}

/**
 * g_deferred_retry_run:
 * @self: the policy
 * @func: (scope notified) (closure user_data) (destroy destroy): what to try, as [func@Deferred.maybe] calls it; each
 *   attempt gets a Deferred of its own
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, at home, when nothing will be tried any more
 *
 * Tries @func until an attempt succeeds, or the policy gives up. The first attempt starts before this returns, the
 * others from the clock. The Deferred that is returned gets the outcome of the last attempt as it is: the value, or the
 * error and what lies beside it.
 *
 * Cancelling that Deferred during an attempt cancels what @func has returned, and has the outcome of that, even if it
 * takes its time to end, or is a value. During a delay it ends that, with %G_IO_ERROR_CANCELLED. In both cases nothing
 * is tried any more. Dropping the Deferred does not end the run. It cannot be handed over to another home, but a fork of
 * it can.
 *
 * If the clock is dropped during a delay, the Deferred fails with %G_DEFERRED_ERROR_ABANDONED.
 *
 * To be called at home, there @func is called, too.
 *
 * Returns: (transfer full): a Deferred for what the last attempt comes to
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_retry_run (GDeferredRetry   *self,
                      GDeferredCallback func,
                      gpointer          user_data,
                      GDestroyNotify    destroy)
{
  g_autoptr (GDeferredClock) clock = NULL;

  g_return_val_if_fail (G_IS_DEFERRED_RETRY (self), NULL);
  g_return_val_if_fail (func != NULL, NULL);
  if (gd_refuse_away (self->home, G_STRFUNC, user_data, destroy))
    return NULL;

  clock = gd_clock_or_current (self->clock);
  return gd_retry_run (self->rules, clock, func, user_data, destroy);
}
