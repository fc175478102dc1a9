/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Random use and misuse of what is timed or shared, from outside and from every function that is called: there is no
 * model of what should happen, but some things have to be so whatever happens:
 *
 *   - each result comes once, or its owner has gone first; none is left when all that could bring it is gone
 *   - data is freed once, never while the function that it is for is being called, and no function is called after that
 *   - no function is called for a result whose owner is gone
 *   - nothing crashes, and nothing is left: no object, no call of the clock
 *
 * --seed repeats a run; GD_PATTERNS_SCRIPT=N plays the one script with that seed, which is printed when one fails. With
 * AddressSanitizer that takes ASAN_OPTIONS=handle_segv=0. */

#include "testutil.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define N_SCRIPTS 10000

enum
{
  N_PLACES = 12, /* for results, and for what functions have returned */
  N_STEPS = 40,
  MAX_DEPTH = 3, /* of actions within actions */
  MAX_ACTIONS = 400
};

/* What a function is given; a result that it works for may have an owner. */
typedef struct
{
  const char *kind;
  gboolean    is_freed;
  gboolean    is_shared; /* it works for several */
  guint       n_calls;   /* on the stack */
  guint       n_older;   /* results that were there before it */
  gboolean   *owner_gone;
} Data;

/* A result that was handed out. */
typedef struct
{
  GDeferred *deferred; /* owned; nullable */
  guint      n_called;
  guint      n_gone;
  guint      n_pauses;
  gboolean is_simple; /* what brings it waits for nothing but what is older, and what is fired from outside */
  GObject *owner;     /* owned; nullable */
  gboolean owner_gone;
} Result;

static guint32                   last_seed;
static GRand                    *chance;
static guint                     depth;
static guint                     n_actions;
static gboolean                  is_over; /* all is to come to its end */
static GDeferredClock           *virtual_clock;
static GDeferredClock           *other_clock; /* is dropped now and then */
static GPtrArray                *all_data;    /* of Data */
static GPtrArray                *all_results; /* of Result */
static GDeferred                *works[N_PLACES];
static GDeferredRetry           *retry;
static GDeferredCache           *cache;
static GDeferredDebounce        *debounce;
static GDeferredThrottle        *throttle;
static GDeferredTaskGroup       *group;
static GDeferredCooperator      *cooperator;
static GDeferredLock            *lock;
static GDeferredSemaphore       *semaphore;
static GDeferredLoopingCall     *looping[2];
static GDeferredCooperativeTask *tasks[3];
static guint                     task_pauses[3];

static void act (void);

static guint
one_of (guint n)
{
  return (guint) g_rand_int_range (chance, 0, (gint32) n);
}

static gboolean
is_likely (guint percent)
{
  return one_of (100) < percent;
}

static void
act_perhaps (guint percent)
{
  if (!is_over && depth < MAX_DEPTH && n_actions < MAX_ACTIONS && is_likely (percent))
    act ();
}

/* The current one, mostly. */
static GDeferredClock *
some_clock (void)
{
  if (!is_likely (20))
    return NULL;
  if (other_clock == NULL)
    other_clock = g_deferred_clock_new_virtual ();
  return other_clock;
}

static void
drop_clock (void)
{
  GDeferredClock *clock = g_steal_pointer (&other_clock);

  if (clock != NULL)
    g_object_unref (clock);
}

/* --- what functions do ------------------------------------------------------------------------------------------- */

static Data *
data_new (const char *kind)
{
  Data *self = g_new0 (Data, 1);

  self->kind = kind;
  self->n_older = all_results->len;
  g_ptr_array_add (all_data, self);
  return self;
}

static void
data_freed (gpointer user_data)
{
  Data *self = user_data;

  g_assert_false (self->is_freed);
  g_assert_cmpuint (self->n_calls, ==, 0);
  self->is_freed = TRUE;
  act_perhaps (15);
}

static void
data_enter (Data *self)
{
  g_assert_false (self->is_freed);
  g_assert_true (self->owner_gone == NULL || !*self->owner_gone);
  self->n_calls++;
}

static void
on_work_cancelled (GDeferred *work, gpointer user_data)
{
  act_perhaps (30);
  switch (one_of (4))
    {
    case 0:
      g_deferred_callback_int (work, 9, NULL);
      break;
    case 1:
      g_deferred_errback_literal (work, G_IO_ERROR, G_IO_ERROR_FAILED, "worse", NULL);
      break;
    default:
      break;
    }
}

/* What cleans up after a cancel takes its time, perhaps. */
static GDeferred *
new_work (guint place)
{
  GDeferred *work
      = is_likely (50) ? g_deferred_new () : g_deferred_new_with_canceller (on_work_cancelled, NULL, NULL);
  GDeferred *old = works[place];

  works[place] = g_object_ref (work);
  if (old != NULL)
    g_object_unref (old);
  return work;
}

static gboolean
clean_up (GDeferred *self, gpointer user_data, GError **error)
{
  act_perhaps (20);
  if (is_over || is_likely (50))
    return TRUE;
  return g_deferred_return_deferred (self, new_work (one_of (N_PLACES)));
}

/* One that does not wait for who asks. Nobody could tell that somebody waits for himself by way of a lock, say. */
static GDeferred *
simple_result (guint n_older)
{
  Result *result = n_older > 0 ? all_results->pdata[one_of (n_older)] : NULL;

  return result != NULL && result->is_simple ? result->deferred : NULL;
}

static gboolean
leave_something (GDeferred *self, guint n_older, GError **error)
{
  GDeferred *work;
  GDeferred *other;

  switch (is_over ? 0 : one_of (8))
    {
    case 0:
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "over");
      return FALSE;
    case 1:
    case 2:
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "bad");
      return FALSE;
    case 3:
      return g_deferred_return_int (self, 1);
    case 4:
      work = works[one_of (N_PLACES)];
      return work == NULL || g_deferred_return_deferred (self, g_object_ref (work));
    case 5:
      other = simple_result (n_older);
      return other == NULL || g_deferred_return_deferred (self, g_object_ref (other));
    default:
      work = new_work (one_of (N_PLACES));
      if (is_likely (30))
        g_deferred_add_errback (work, clean_up, NULL, NULL);
      return g_deferred_return_deferred (self, work);
    }
}

static gboolean
func (GDeferred *self, gpointer user_data, GError **error)
{
  Data    *data = user_data;
  gboolean ok;

  data_enter (data);
  act_perhaps (40);
  ok = leave_something (self, data->is_shared ? 0 : data->n_older, error);
  data->n_calls--;
  return ok;
}

static gboolean
produce (GDeferred *self, const char *key, gpointer user_data, GError **error)
{
  g_assert_cmpuint (strlen (key), ==, 1);
  return func (self, user_data, error);
}

static gboolean
step (GDeferredCooperativeTask *task, gpointer user_data, GError **error)
{
  Data *data = user_data;

  data_enter (data);
  act_perhaps (40);
  if (!is_over && is_likely (20))
    g_main_context_iteration (NULL, FALSE);
  if (is_likely (30))
    {
      GDeferred *work = works[one_of (N_PLACES)];

      if (!is_over && work != NULL)
        g_deferred_cooperative_task_wait_for (task, work);
    }
  if (is_likely (5))
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "bad step");
  data->n_calls--;
  return !is_over && is_likely (80);
}

/* --- results ----------------------------------------------------------------------------------------------------- */

static gboolean
on_result (GDeferred *self, gpointer user_data, GError **error)
{
  Result *result = user_data;

  g_assert_false (result->owner_gone);
  g_assert_cmpuint (result->n_called++, ==, 0);
  act_perhaps (30);
  return g_deferred_return_none (self);
}

static void
result_gone (gpointer user_data)
{
  Result *result = user_data;

  g_assert_cmpuint (result->n_gone++, ==, 0);
  act_perhaps (10);
}

/* Takes the reference. */
static Result *
keep (GDeferred *deferred, Data *data)
{
  Result *result = g_new0 (Result, 1);

  g_assert_true (G_IS_DEFERRED (deferred));
  g_ptr_array_add (all_results, result);
  result->deferred = deferred;
  if (is_likely (15))
    {
      result->owner = g_object_new (G_TYPE_OBJECT, NULL);
      g_deferred_bind_owner (deferred, result->owner);
      if (data != NULL && !data->is_shared)
        data->owner_gone = &result->owner_gone;
    }
  if (is_likely (15))
    g_deferred_add_timeout (deferred, one_of (300), some_clock ());
  g_deferred_add_both (deferred, on_result, result, result_gone);
  return result;
}

static void
end_owner (Result *result)
{
  GObject *owner = g_steal_pointer (&result->owner);

  if (owner == NULL)
    return;

  result->owner_gone = TRUE;
  g_object_unref (owner);
}

static void
drop_result (Result *result)
{
  GDeferred *deferred = g_steal_pointer (&result->deferred);

  if (deferred == NULL)
    return;

  while (result->n_pauses > 0)
    {
      result->n_pauses--;
      g_deferred_unpause (deferred);
    }
  g_object_unref (deferred);
}

static void
act_on_result (void)
{
  Result *result = all_results->len > 0 ? all_results->pdata[one_of (all_results->len)] : NULL;

  if (result == NULL || result->deferred == NULL)
    return;

  switch (one_of (6))
    {
    case 0:
      end_owner (result);
      break;
    case 1:
      drop_result (result);
      break;
    case 2:
      result->n_pauses++;
      g_deferred_pause (result->deferred);
      break;
    case 3:
      if (result->n_pauses > 0)
        {
          result->n_pauses--;
          g_deferred_unpause (result->deferred);
        }
      break;
    default:
      g_deferred_cancel (result->deferred);
      break;
    }
}

static void
act_on_work (void)
{
  GDeferred **place = &works[one_of (N_PLACES)];
  GDeferred  *work = *place;

  if (work == NULL)
    return;

  switch (one_of (5))
    {
    case 0:
      *place = NULL;
      g_object_unref (work);
      break;
    case 1:
      g_deferred_errback_literal (work, G_IO_ERROR, G_IO_ERROR_FAILED, "bad work", NULL);
      break;
    case 2:
      g_deferred_cancel (work);
      break;
    default:
      g_deferred_callback_int (work, 3, NULL);
      break;
    }
}

/* --- objects ----------------------------------------------------------------------------------------------------- */

static void
make_objects (void)
{
  if (retry == NULL)
    {
      retry = g_deferred_retry_new ();
      g_deferred_retry_set_delays (retry, one_of (100), 400, 2.0, 0.5);
      g_deferred_retry_set_seed (retry, 1);
    }
  if (cache == NULL)
    {
      Data *data = data_new ("cache");

      data->is_shared = TRUE;
      cache = g_deferred_cache_new (produce, data, data_freed);
      g_deferred_cache_set_max_size (cache, (int) one_of (4) - 1);
      g_deferred_cache_set_max_age (cache, (int) one_of (300) - 1);
    }
  if (debounce == NULL)
    debounce = g_deferred_debounce_new (one_of (100));
  if (throttle == NULL)
    throttle = g_deferred_throttle_new (one_of (100));
  if (group == NULL)
    group = g_deferred_task_group_new ();
  if (cooperator == NULL)
    cooperator = g_deferred_cooperator_new (one_of (2), G_PRIORITY_DEFAULT);
  if (lock == NULL)
    lock = g_deferred_lock_new ();
  if (semaphore == NULL)
    semaphore = g_deferred_semaphore_new (2);
}

static void
drop_object (gpointer place)
{
  gpointer object = *(gpointer *) place;

  *(gpointer *) place = NULL;
  if (object != NULL)
    g_object_unref (object);
}

static gpointer
place_of (guint number)
{
  const gpointer places[] = { &retry,      &cache, &debounce,  &throttle,   &group,
                              &cooperator, &lock,  &semaphore, &looping[0], &looping[1] };

  return number < G_N_ELEMENTS (places) ? places[number] : NULL;
}

static void
drop_some_object (void)
{
  drop_object (place_of (one_of (10)));
}

static void
start_run (void)
{
  Data      *data = data_new ("run");
  GDeferred *result = NULL;
  guint      kind;

  make_objects ();
  kind = one_of (7);
  switch (kind)
    {
    case 0:
      result = g_deferred_retry_run (retry, func, data, data_freed);
      break;
    case 1:
      result = g_deferred_debounce_run (debounce, func, data, data_freed);
      break;
    case 2:
      result = g_deferred_throttle_run (throttle, func, data, data_freed);
      break;
    case 3:
      result = g_deferred_lock_run (lock, func, data, data_freed);
      break;
    case 4:
      result = g_deferred_semaphore_run (semaphore, func, data, data_freed);
      break;
    case 5:
      result = g_deferred_task_group_spawn (group, func, data, data_freed);
      break;
    default:
      data_freed (data);
      result = g_deferred_delay (one_of (200), some_clock ());
      break;
    }
  keep (result, data)->is_simple = kind <= 2 || kind == 6;
}

static void
act_on_cache (void)
{
  static const char *const keys[] = { "a", "b", "c" };
  const char              *key = keys[one_of (3)];

  make_objects ();
  switch (one_of (8))
    {
    case 0:
      g_deferred_cache_clear (cache);
      break;
    case 1:
      g_deferred_cache_remove (cache, key);
      break;
    case 2:
      g_deferred_cache_peek (cache, key);
      break;
    default:
      keep (g_deferred_cache_get (cache, key), NULL);
      break;
    }
}

static void
act_on_group (void)
{
  GDeferred *work = works[one_of (N_PLACES)];

  make_objects ();
  switch (one_of (5))
    {
    case 0:
      keep (g_deferred_task_group_close (group), NULL);
      break;
    case 1:
      g_deferred_task_group_cancel (group);
      break;
    default:
      if (work != NULL)
        g_deferred_task_group_add (group, work);
      break;
    }
}

static void
act_on_looping (void)
{
  GDeferredLoopingCall **place = &looping[one_of (2)];
  Data                  *data;

  if (*place == NULL)
    {
      data = data_new ("looping call");
      *place = g_deferred_looping_call_new (func, data, data_freed);
    }

  switch (one_of (5))
    {
    case 4:
      g_deferred_looping_call_set_clock (*place, some_clock ());
      break;
    case 0:
      g_deferred_looping_call_stop (*place);
      break;
    case 1:
      g_deferred_looping_call_reset (*place);
      break;
    default:
      keep (g_deferred_looping_call_start (*place, 1 + one_of (100), is_likely (50)), NULL);
      break;
    }
}

static void
drop_task (guint number)
{
  GDeferredCooperativeTask *task = g_steal_pointer (&tasks[number]);
  guint                     n_pauses = task_pauses[number];

  task_pauses[number] = 0;
  if (task == NULL)
    return;

  if (is_likely (50))
    while (n_pauses-- > 0)
      g_deferred_cooperative_task_resume (task);
  g_object_unref (task);
}

static void
new_task (guint number)
{
  GDeferredCooperativeTask *task;

  make_objects ();
  task = g_deferred_cooperator_cooperate (cooperator, step, data_new ("task"), data_freed);
  drop_task (number);
  if (tasks[number] != NULL)
    g_object_unref (task);
  else
    tasks[number] = task;
}

static void
act_on_task (void)
{
  guint number = one_of (3);

  if (tasks[number] == NULL)
    new_task (number);
  if (tasks[number] == NULL)
    return;

  switch (one_of (7))
    {
    case 0:
      g_deferred_cooperative_task_stop (tasks[number]);
      break;
    case 1:
      task_pauses[number]++;
      g_deferred_cooperative_task_pause (tasks[number]);
      break;
    case 2:
      if (task_pauses[number] > 0)
        {
          task_pauses[number]--;
          g_deferred_cooperative_task_resume (tasks[number]);
        }
      break;
    case 3:
      if (cooperator != NULL && is_likely (20))
        g_deferred_cooperator_stop (cooperator);
      break;
    case 4:
      drop_task (number);
      break;
    default:
      keep (g_deferred_cooperative_task_when_done (tasks[number]), NULL);
      break;
    }
}

static void
act_on_timed (void)
{
  make_objects ();
  switch (one_of (10))
    {
    case 0:
      g_deferred_debounce_cancel (debounce);
      break;
    case 1:
      g_deferred_debounce_flush (debounce);
      break;
    case 2:
      g_deferred_debounce_set_quiet (debounce, one_of (100));
      break;
    case 3:
      g_deferred_debounce_set_clock (debounce, some_clock ());
      break;
    case 4:
      g_deferred_throttle_cancel (throttle);
      break;
    case 5:
      g_deferred_throttle_set_interval (throttle, one_of (100));
      break;
    case 6:
      g_deferred_throttle_set_clock (throttle, some_clock ());
      break;
    case 7:
      g_deferred_retry_set_clock (retry, some_clock ());
      break;
    case 8:
      g_deferred_cache_set_clock (cache, some_clock ());
      break;
    default:
      drop_clock ();
      break;
    }
}

/* Another source of the loop, beside the library's. */
static gboolean
on_idle (gpointer n_turns)
{
  guint *n = n_turns;

  if (!is_over && is_likely (20))
    act_on_task ();
  act_perhaps (30);
  return !is_over && --*n > 0;
}

static void
add_source (void)
{
  guint *n_turns = g_new (guint, 1);

  *n_turns = 1 + one_of (20);
  g_idle_add_full (G_PRIORITY_DEFAULT, on_idle, n_turns, g_free);
}

/* --- one script -------------------------------------------------------------------------------------------------- */

static void
act (void)
{
  n_actions++;
  depth++;
  switch (one_of (17))
    {
    case 0:
    case 1:
    case 2:
      start_run ();
      break;
    case 3:
      act_on_cache ();
      break;
    case 4:
      act_on_group ();
      break;
    case 5:
      act_on_looping ();
      break;
    case 6:
    case 15:
      act_on_task ();
      break;
    case 7:
    case 8:
      act_on_result ();
      break;
    case 9:
    case 10:
      act_on_work ();
      break;
    case 11:
      g_deferred_clock_advance (is_likely (20) && other_clock != NULL ? other_clock : virtual_clock,
                                one_of (150));
      break;
    case 13:
      act_on_timed ();
      break;
    case 14:
      add_source ();
      break;
    case 12:
      g_main_context_iteration (NULL, FALSE);
      break;
    default:
      if (is_likely (30))
        drop_some_object ();
      break;
    }
  depth--;
}

static void
settle_all (void)
{
  for (guint i = 0; i < 3; i++)
    {
      gd_test_settle ();
      g_deferred_clock_advance (virtual_clock, G_TIME_SPAN_SECOND);
    }
  gd_test_settle ();
}

/* Everything that could bring a result, or hold one back, goes. */
static void
drop_all (void)
{
  is_over = TRUE;
  for (guint i = 0; i < 2; i++)
    if (looping[i] != NULL)
      g_deferred_looping_call_stop (looping[i]);
  for (guint i = 0; i < 3; i++)
    drop_task (i);
  for (guint i = 0; i < N_PLACES; i++)
    drop_object (&works[i]);
  for (guint i = 0; i < all_results->len; i++)
    drop_result (all_results->pdata[i]);
  settle_all ();
  for (guint i = 0; place_of (i) != NULL; i++)
    drop_object (place_of (i));
  drop_clock ();
  for (guint i = 0; i < all_results->len; i++)
    end_owner (all_results->pdata[i]);
  settle_all ();
}

static void
check_all (void)
{
  for (guint i = 0; i < all_results->len; i++)
    {
      Result *result = all_results->pdata[i];

      g_assert_cmpuint (result->n_gone, ==, 1);
      g_assert_true (result->n_called == 1 || result->owner_gone);
    }
  for (guint i = 0; i < all_data->len; i++)
    {
      Data *data = all_data->pdata[i];

      if (!data->is_freed)
        g_error ("The data of a %s is not freed", data->kind);
    }
}

static void
play (guint32 seed)
{
  g_autolist (GDeferredDelayedCall) calls = NULL;

  chance = g_rand_new_with_seed (seed);
  virtual_clock = g_deferred_clock_new_virtual ();
  g_deferred_clock_push (virtual_clock);
  all_data = g_ptr_array_new_with_free_func (g_free);
  all_results = g_ptr_array_new_with_free_func (g_free);
  is_over = FALSE;
  n_actions = 0;

  for (guint i = 0; i < N_STEPS; i++)
    act ();
  drop_all ();
  check_all ();
  calls = g_deferred_clock_get_calls (virtual_clock);
  g_assert_null (calls);

  g_deferred_clock_pop (virtual_clock);
  g_assert_finalize_object (virtual_clock);
  g_ptr_array_unref (all_results);
  g_ptr_array_unref (all_data);
  g_rand_free (chance);
}

static void
random_scripts (void)
{
  const char *only = g_getenv ("GD_PATTERNS_SCRIPT");
  guint       n = gd_test_scaled (N_SCRIPTS);

  if (only != NULL)
    {
      play ((guint32) g_ascii_strtoull (only, NULL, 10));
      return;
    }

  for (guint i = 0; i < n; i++)
    {
      guint32 seed = (guint32) g_test_rand_int ();

      last_seed = seed;
      play (seed);
    }
  g_test_message ("%u scripts", n);
}

/* What fails is played again by its seed. */
static void
say_seed (int signum)
{
  char  text[] = "# GD_PATTERNS_SCRIPT=0000000000\n";
  char *digit = text + strlen (text) - 2;

  for (guint32 rest = last_seed; rest > 0; rest /= 10)
    *digit-- = (char) ('0' + rest % 10);
  if (write (STDERR_FILENO, text, strlen (text)) < 0)
    last_seed = 0;
  signal (signum, SIG_DFL);
  raise (signum);
}

/* Errors that nobody handled are not what this is about. */
static GLogWriterOutput
ignore_warnings (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  if (level & G_LOG_LEVEL_WARNING)
    return G_LOG_WRITER_HANDLED;
  return g_log_writer_default (level, fields, n_fields, data);
}

int
main (int argc, char **argv)
{
  gd_test_init (&argc, &argv);
  g_log_set_writer_func (ignore_warnings, NULL, NULL);
  signal (SIGABRT, say_seed);
  signal (SIGSEGV, say_seed);
  signal (SIGTRAP, say_seed);
  g_test_add_func ("/patterns/random", random_scripts);
  return g_test_run ();
}
