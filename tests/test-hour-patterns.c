/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* An hour on the virtual clock: something is asked each second, by a looping call, with a time-out for each attempt and
 * with retries; somebody types all the time; addresses are looked up. Each event is counted, and has to be there
 * exactly as often as plain arithmetic says. What time it takes is told, and is nobody's failure. */

#include "patterns-fixture.h"

#define HOUR G_TIME_SPAN_HOUR

static gint64 began_at;

static void
begin (void)
{
  began_at = g_get_monotonic_time ();
}

static void
end (void)
{
  g_test_message ("the hour took %.3f s", (double) (g_get_monotonic_time () - began_at) / G_TIME_SPAN_SECOND);
}

/* --- a looping call, retries, time-outs -------------------------------------------------------------------------- */

typedef struct
{
  guint n_polls;
  guint n_attempts;
  guint n_timed_out;
  guint n_refused;
  guint n_succeeded;
  guint n_given_up;
  guint n_skipped;
} Counts;

/* How the server behaves in each second. */
typedef enum
{
  FINE,
  REFUSES_TWICE,
  HANGS_ONCE,
  HANGS
} Manners;

static Manners
manners_at (guint second)
{
  if (second % 60 == 0)
    return HANGS;
  if (second % 10 == 0)
    return HANGS_ONCE;
  return second % 7 == 3 ? REFUSES_TWICE : FINE;
}

static Counts          seen;
static guint           poll_second;
static guint           poll_attempt;
static GDeferredRetry *policy;

static gboolean
count_timeout (GDeferred *self, gpointer user_data, GError **error)
{
  seen.n_timed_out++;
  return TRUE;
}

/* An answer takes 50 ms, and 250 ms are enough. */
static gboolean
ask_server (GDeferred *self, gpointer user_data, GError **error)
{
  Manners    manners = manners_at (poll_second);
  GDeferred *answer;

  seen.n_attempts++;
  poll_attempt++;
  if (manners == REFUSES_TWICE && poll_attempt <= 2)
    {
      seen.n_refused++;
      return g_deferred_return_new_error (self, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED, "refused");
    }

  if (manners == HANGS || (manners == HANGS_ONCE && poll_attempt == 1))
    answer = g_deferred_delay (G_TIME_SPAN_DAY, NULL);
  else
    answer = g_deferred_delay (MS (50), NULL);
  g_deferred_add_timeout (answer, MS (250), NULL);
  g_deferred_add_errback_for (answer, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, count_timeout, NULL, NULL);
  return g_deferred_return_deferred (self, answer);
}

static gboolean
count_success (GDeferred *self, gpointer user_data, GError **error)
{
  seen.n_succeeded++;
  return TRUE;
}

static gboolean
count_failure (GDeferred *self, gpointer user_data, GError **error)
{
  g_assert_error (g_deferred_get_error (self), G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  seen.n_given_up++;
  return g_deferred_return_none (self);
}

static gboolean
poll_server (GDeferred *self, gpointer user_data, GError **error)
{
  GDeferred *polled;

  seen.n_polls++;
  poll_second = (guint) (g_deferred_clock_get_time (fx_clock) / G_TIME_SPAN_SECOND);
  poll_attempt = 0;
  polled = g_deferred_retry_run (policy, ask_server, NULL, NULL);
  g_deferred_add_callbacks (polled, count_success, NULL, NULL, count_failure, NULL, NULL);
  return g_deferred_return_deferred (self, polled);
}

/* The same by arithmetic. Delays are 100, 200, 400 ms; so one that hangs four times takes 1.7 s, and the tick after it
 * is skipped. */
static Counts
expected_counts (void)
{
  Counts counts = { 0 };

  for (guint second = 1; second <= 3600; second++)
    {
      Manners manners = manners_at (second);

      if (second > 1 && manners_at (second - 1) == HANGS)
        {
          counts.n_skipped++;
          continue;
        }
      counts.n_polls++;
      counts.n_attempts += manners == FINE ? 1 : manners == HANGS_ONCE ? 2 : manners == REFUSES_TWICE ? 3 : 4;
      counts.n_timed_out += manners == HANGS ? 4 : manners == HANGS_ONCE ? 1 : 0;
      counts.n_refused += manners == REFUSES_TWICE ? 2 : 0;
      counts.n_given_up += manners == HANGS ? 1 : 0;
      counts.n_succeeded += manners == HANGS ? 0 : 1;
    }
  return counts;
}

static void
polling (void)
{
  GDeferredLoopingCall *loop = g_deferred_looping_call_new (poll_server, NULL, NULL);
  Counts                expected = expected_counts ();
  GDeferred            *looping;

  begin ();
  seen = (Counts){ 0 };
  policy = g_deferred_retry_new ();
  g_deferred_retry_set_delays (policy, MS (100), MS (1000), 2.0, 0.0);
  g_deferred_retry_set_max_attempts (policy, 4);
  looping = g_deferred_looping_call_start (loop, G_TIME_SPAN_SECOND, FALSE);
  advance (HOUR);
  g_deferred_looping_call_stop (loop);
  seen.n_skipped = (guint) g_deferred_looping_call_get_n_skipped (loop);
  /* What the last one began is still to come to its end. */
  advance (MS (1700));
  end ();

  g_assert_cmpuint (seen.n_polls, ==, expected.n_polls);
  g_assert_cmpuint (seen.n_attempts, ==, expected.n_attempts);
  g_assert_cmpuint (seen.n_timed_out, ==, expected.n_timed_out);
  g_assert_cmpuint (seen.n_refused, ==, expected.n_refused);
  g_assert_cmpuint (seen.n_succeeded, ==, expected.n_succeeded);
  g_assert_cmpuint (seen.n_given_up, ==, expected.n_given_up);
  g_assert_cmpuint (seen.n_skipped, ==, expected.n_skipped);
  g_assert_cmpuint (seen.n_given_up, ==, 60);
  g_assert_cmpuint (seen.n_polls, ==, 3600 - 59);
  g_assert_cmpuint (seen.n_timed_out, ==, 60 * 4 + 300);

  g_assert_true (g_deferred_is_finished (looping));
  g_assert_finalize_object (looping);
  g_assert_finalize_object (loop);
  g_assert_finalize_object (g_steal_pointer (&policy));
}

/* --- typing ------------------------------------------------------------------------------------------------------ */

typedef struct
{
  GDeferredDebounce *debounce;
  GDeferredThrottle *throttle;
  guint              n_keys;
  guint              n_searches;
  guint              n_found;
  guint              n_outrun;
  guint              n_previews;
} Typing;

static gboolean
search (GDeferred *self, gpointer user_data, GError **error)
{
  Typing *typing = user_data;

  typing->n_searches++;
  return g_deferred_return_deferred (self, g_deferred_delay (MS (300), NULL));
}

static gboolean
count_found (GDeferred *self, gpointer user_data, GError **error)
{
  ((Typing *) user_data)->n_found++;
  return TRUE;
}

static gboolean
count_outrun (GDeferred *self, gpointer user_data, GError **error)
{
  ((Typing *) user_data)->n_outrun++;
  return g_deferred_return_none (self);
}

static gboolean
preview (GDeferred *self, gpointer user_data, GError **error)
{
  ((Typing *) user_data)->n_previews++;
  return TRUE;
}

/* Called each 50 ms: in the first quarter of each second there is a burst of five keys. */
static gboolean
press_key (GDeferred *self, gpointer user_data, GError **error)
{
  Typing    *typing = user_data;
  guint      twentieth = (guint) (g_deferred_clock_get_time (fx_clock) / MS (50)) % 20;
  GDeferred *found;

  if (twentieth >= 5)
    return TRUE;

  typing->n_keys++;
  found = g_deferred_debounce_run (typing->debounce, search, typing, NULL);
  g_deferred_add_callbacks (found, count_found, typing, NULL, count_outrun, typing, NULL);
  g_object_unref (found);
  g_object_unref (g_deferred_throttle_run (typing->throttle, preview, typing, NULL));
  return TRUE;
}

/* Five keys a second, of which the last one is searched for. Previews: of the first key at once, and of the newest,
 * which are the third and the fifth, 110 and 220 ms later. */
static void
typing_all_the_time (void)
{
  Typing                typing = { 0 };
  GDeferredLoopingCall *keys = g_deferred_looping_call_new (press_key, &typing, NULL);
  GDeferred            *pressing;

  begin ();
  typing.debounce = g_deferred_debounce_new (MS (200));
  typing.throttle = g_deferred_throttle_new (MS (110));
  pressing = g_deferred_looping_call_start (keys, MS (50), TRUE);
  advance (HOUR - 1);
  g_deferred_looping_call_stop (keys);
  advance (G_TIME_SPAN_SECOND);
  end ();

  g_assert_cmpuint (typing.n_keys, ==, 5 * 3600);
  g_assert_cmpuint (typing.n_searches, ==, 3600);
  g_assert_cmpuint (typing.n_found, ==, 3600);
  g_assert_cmpuint (typing.n_outrun, ==, 4 * 3600);
  g_assert_cmpuint (typing.n_previews, ==, 3 * 3600);

  g_assert_finalize_object (pressing);
  g_assert_finalize_object (keys);
  g_assert_finalize_object (typing.debounce);
  g_assert_finalize_object (typing.throttle);
}

/* --- looking up -------------------------------------------------------------------------------------------------- */

static guint n_produced;
static guint n_got;

static gboolean
resolve (GDeferred *self, const char *key, gpointer user_data, GError **error)
{
  n_produced++;
  return g_deferred_return_deferred (self, g_deferred_delay (MS (1500), NULL));
}

static gboolean
count_got (GDeferred *self, gpointer user_data, GError **error)
{
  n_got++;
  return TRUE;
}

static gboolean
look_up (GDeferred *self, gpointer cache, GError **error)
{
  g_object_unref (g_deferred_add_callback (g_deferred_cache_get (cache, "a"), count_got, NULL, NULL));
  return TRUE;
}

/* A value is kept for a minute from when it is there, 1.5 s after the first second that asks for it; so the next to
 * produce one is asked for 62 seconds later. */
static void
looking_up (void)
{
  GDeferredCache       *cache = g_deferred_cache_new (resolve, NULL, NULL);
  GDeferredLoopingCall *asking = g_deferred_looping_call_new (look_up, cache, NULL);
  GDeferred            *asked;

  begin ();
  n_produced = 0;
  n_got = 0;
  g_deferred_cache_set_max_age (cache, G_TIME_SPAN_MINUTE);
  asked = g_deferred_looping_call_start (asking, G_TIME_SPAN_SECOND, TRUE);
  advance (HOUR - 1);
  g_deferred_looping_call_stop (asking);
  advance (MS (1500));
  end ();

  g_assert_cmpuint (n_got, ==, 3600);
  g_assert_cmpuint (n_produced, ==, (3600 + 61) / 62);

  g_assert_finalize_object (asked);
  g_assert_finalize_object (asking);
  g_assert_finalize_object (cache);
}

static const Case cases[] = {
  { "/hour/polling-with-retries-and-time-outs", polling },
  { "/hour/typing", typing_all_the_time },
  { "/hour/looking-up", looking_up },
};

int
main (int argc, char **argv)
{
  return run_timed_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
