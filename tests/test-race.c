/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Everything that other threads may do to a Deferred, done at the same time, over and over, while its home adds
 * callbacks, cancels, and lets go. Whoever wins: each link runs once, at home, and all see the same outcome. */

#include <gdeferred/gdeferred.h>

#include "testutil.h"

static GThread *home;

/* --- the arena --------------------------------------------------------------------------------------------------- */

/* A batch of Deferreds, and some threads that each go through it, in their own order, and do something to each. */
enum
{
  N_RACERS = 3,
  BATCH = 64
};

typedef struct
{
  GDeferred *deferred; /* the racers' references are dropped by the racers */
  int        n_links;
  int        n_called;
  int        n_freed;
  int        outcome;    /* what the first link saw: the number of the racer who fired, or CANCELLED */
  int        n_accepted; /* atomic: fires that were told TRUE */
  int        winner;     /* atomic: who was told TRUE last */
  int        n_gone;     /* its weak references told */
} Racee;

#define CANCELLED 1000
#define ABANDONED 1001

typedef void (*RacerFunc) (Racee *racee, guint number, GRand *rand);

typedef struct
{
  GMutex   lock;
  GCond    cond;
  guint    round;  /* under the lock: the racers start when it changes */
  guint    n_busy; /* under the lock */
  gboolean is_over;

  RacerFunc func;
  Racee     racees[BATCH];
} Arena;

typedef struct
{
  Arena   *arena;
  guint    number;
  GRand   *rand;
  GThread *thread;
} Racer;

static void
race_through (Racer *self)
{
  guint step = 1 + 2 * (guint) g_rand_int_range (self->rand, 0, BATCH / 2);
  guint at = (guint) g_rand_int_range (self->rand, 0, BATCH);

  /* An odd step meets each one of a power of two. */
  for (guint i = 0; i < BATCH; i++, at += step)
    self->arena->func (&self->arena->racees[at % BATCH], self->number, self->rand);
}

static gpointer
racer_main (gpointer user_data)
{
  Racer *self = user_data;
  Arena *arena = self->arena;
  guint  round = 0;

  g_mutex_lock (&arena->lock);
  while (TRUE)
    {
      while (arena->round == round && !arena->is_over)
        g_cond_wait (&arena->cond, &arena->lock);
      if (arena->is_over)
        break;
      round = arena->round;
      g_mutex_unlock (&arena->lock);
      race_through (self);
      g_mutex_lock (&arena->lock);
      arena->n_busy--;
      g_cond_broadcast (&arena->cond);
    }
  g_mutex_unlock (&arena->lock);
  return NULL;
}

static void
arena_open (Arena *arena, Racer *racers, RacerFunc func)
{
  arena->func = func;
  for (guint i = 0; i < N_RACERS; i++)
    {
      racers[i] = (Racer){ arena, i, g_rand_new_with_seed ((guint32) g_test_rand_int ()), NULL };
      racers[i].thread = g_thread_new ("racer", racer_main, &racers[i]);
    }
}

static void
arena_start (Arena *arena)
{
  g_mutex_lock (&arena->lock);
  arena->round++;
  arena->n_busy = N_RACERS;
  g_cond_broadcast (&arena->cond);
  g_mutex_unlock (&arena->lock);
}

static gboolean
arena_is_busy (Arena *arena)
{
  gboolean is_busy;

  g_mutex_lock (&arena->lock);
  is_busy = arena->n_busy > 0;
  g_mutex_unlock (&arena->lock);
  return is_busy;
}

static void
arena_close (Arena *arena, Racer *racers)
{
  g_mutex_lock (&arena->lock);
  arena->is_over = TRUE;
  g_cond_broadcast (&arena->cond);
  g_mutex_unlock (&arena->lock);
  for (guint i = 0; i < N_RACERS; i++)
    {
      g_thread_join (racers[i].thread);
      g_rand_free (racers[i].rand);
    }
}

/* --- what the racers do ------------------------------------------------------------------------------------------ */

static gboolean
give_number (GDeferred *self, gpointer number, GError **error)
{
  return g_deferred_return_int (self, GPOINTER_TO_INT (number));
}

static void
fire (Racee *racee, guint number, GRand *rand)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) failure = NULL;
  gboolean was_accepted;

  switch (g_rand_int_range (rand, 0, 3))
    {
    case 0:
      was_accepted = g_deferred_callback_int (racee->deferred, (int) number, &error);
      break;
    case 1:
      failure = g_error_new_literal (G_IO_ERROR, (int) number, "a racer's");
      was_accepted = g_deferred_errback (racee->deferred, failure, &error);
      break;
    default:
      was_accepted
          = g_deferred_fire_with (racee->deferred, give_number, GINT_TO_POINTER ((int) number), &error);
      break;
    }

  if (was_accepted)
    {
      g_assert_no_error (error);
      g_atomic_int_set (&racee->winner, (int) number);
      g_atomic_int_inc (&racee->n_accepted);
    }
  else
    g_assert_error (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_ALREADY_CALLED);
}

static void
race_to_fire (Racee *racee, guint number, GRand *rand)
{
  fire (racee, number, rand);
  g_object_unref (racee->deferred);
}

static void
nothing (GDeferred *self, gpointer counter)
{
  g_assert_true (g_thread_self () == home);
  (*(int *) counter)++;
}

static void
race_with_everything (Racee *racee, guint number, GRand *rand)
{
  guint n = (guint) g_rand_int_range (rand, 1, 4);

  while (n-- > 0)
    switch (g_rand_int_range (rand, 0, 6))
      {
      case 0:
        g_deferred_cancel (racee->deferred);
        break;
      case 1:
        g_deferred_set_progress (racee->deferred, g_rand_double (rand), "racing");
        break;
      case 2:
        g_deferred_is_cancelled (racee->deferred);
        g_cancellable_is_cancelled (g_deferred_get_cancellable (racee->deferred));
        break;
      case 3:
        g_object_unref (g_object_ref (racee->deferred));
        break;
      default:
        fire (racee, number, rand);
        break;
      }
  g_object_unref (racee->deferred);
}

static void
race_to_drop (Racee *racee, guint number, GRand *rand)
{
  if (g_rand_int_range (rand, 0, 4) == 0)
    fire (racee, number, rand);
  g_object_unref (racee->deferred);
}

/* --- what home does ---------------------------------------------------------------------------------------------- */

static int
outcome_of (GDeferred *self)
{
  const GError *error = g_deferred_get_error (self);

  if (error == NULL)
    return g_deferred_get_int (self);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return CANCELLED;
  if (g_error_matches (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_ABANDONED))
    return ABANDONED;
  g_assert_true (error->domain == G_IO_ERROR);
  return error->code;
}

/* Passes on what it saw, so that the next sees the same. */
static gboolean
see (GDeferred *self, gpointer user_data, GError **error)
{
  Racee *racee = user_data;

  g_assert_true (g_thread_self () == home);
  if (racee->n_called++ == 0)
    racee->outcome = outcome_of (self);
  else
    g_assert_cmpint (racee->outcome, ==, outcome_of (self));
  return TRUE;
}

static void
link_freed (gpointer user_data)
{
  Racee *racee = user_data;

  g_assert_true (g_thread_self () == home);
  racee->n_freed++;
}

static void
racee_gone (gpointer user_data, GObject *where_it_was)
{
  Racee *racee = user_data;

  g_assert_true (g_thread_self () == home);
  racee->n_gone++;
}

static gboolean
handle (GDeferred *self, gpointer user_data, GError **error)
{
  return g_deferred_return_none (self);
}

static void
add_link (Racee *racee)
{
  racee->n_links++;
  g_deferred_add_both (racee->deferred, see, racee, link_freed);
}

static void
racees_new (Arena *arena, guint n_references)
{
  for (guint i = 0; i < BATCH; i++)
    {
      Racee *racee = &arena->racees[i];

      *racee = (Racee){ .deferred = g_deferred_new () };
      g_object_weak_ref (G_OBJECT (racee->deferred), racee_gone, racee);
      for (guint n = 1; n < n_references; n++)
        g_object_ref (racee->deferred);
    }
}

static void
wait_for_racers_and_settle (Arena *arena)
{
  while (arena_is_busy (arena))
    g_main_context_iteration (NULL, FALSE);
  gd_test_settle ();
}

static void
check_links (Racee *racee)
{
  g_assert_cmpint (racee->n_called, ==, racee->n_links);
  g_assert_cmpint (racee->n_freed, ==, racee->n_links);
}

/* --- the races --------------------------------------------------------------------------------------------------- */

/* Several fire; home adds links meanwhile. One wins, and what it gave is what all links see. */
static void
test_rule_20_one_of_many_wins (void)
{
  Arena arena = { .round = 0 };
  Racer racers[N_RACERS];

  arena_open (&arena, racers, race_to_fire);
  for (guint round = gd_test_scaled (600); round > 0; round--)
    {
      racees_new (&arena, N_RACERS + 1);
      arena_start (&arena);
      for (guint n = 0; n < 3; n++)
        for (guint i = 0; i < BATCH; i++)
          {
            add_link (&arena.racees[i]);
            if (i % 16 == 0)
              g_main_context_iteration (NULL, FALSE);
          }
      wait_for_racers_and_settle (&arena);

      for (guint i = 0; i < BATCH; i++)
        {
          Racee *racee = &arena.racees[i];

          check_links (racee);
          g_assert_cmpint (racee->n_accepted, ==, 1);
          g_assert_cmpint (racee->outcome, ==, racee->winner);
          g_deferred_add_errback (racee->deferred, handle, NULL, NULL);
          g_object_unref (racee->deferred);
        }
      gd_test_settle ();
      for (guint i = 0; i < BATCH; i++)
        g_assert_cmpint (arena.racees[i].n_gone, ==, 1);
    }
  arena_close (&arena, racers);
}

/* Fires, cancels, progress, here and there. Each ends once, with what a racer gave or cancelled; and however that came
 * about, of the fires just one was told that it counted, or was swallowed. */
static void
test_rule_14_cancels_among_fires (void)
{
  Arena arena = { .round = 0 };
  Racer racers[N_RACERS];

  arena_open (&arena, racers, race_with_everything);
  for (guint round = gd_test_scaled (600); round > 0; round--)
    {
      int n_invoked = 0;

      racees_new (&arena, N_RACERS + 1);
      arena_start (&arena);
      for (guint i = 0; i < BATCH; i++)
        {
          add_link (&arena.racees[i]);
          if (i % 5 == 0)
            g_deferred_cancel (arena.racees[i].deferred);
          if (i % 7 == 0)
            g_deferred_invoke (arena.racees[i].deferred, nothing, &n_invoked, NULL);
          add_link (&arena.racees[i]);
        }
      wait_for_racers_and_settle (&arena);
      g_assert_cmpint (n_invoked, ==, (BATCH + 6) / 7);

      for (guint i = 0; i < BATCH; i++)
        {
          Racee *racee = &arena.racees[i];

          g_deferred_cancel (racee->deferred);
          check_links (racee);
          g_assert_cmpint (racee->n_accepted, <=, 1);
          if (racee->outcome != CANCELLED)
            g_assert_cmpint (racee->outcome, ==, racee->winner);
          g_deferred_add_errback (racee->deferred, handle, NULL, NULL);
          g_object_unref (racee->deferred);
        }
      gd_test_settle ();
      for (guint i = 0; i < BATCH; i++)
        g_assert_cmpint (arena.racees[i].n_gone, ==, 1);
    }
  arena_close (&arena, racers);
}

/* The last reference goes in any thread, with links left or not, fired or not. */
static void
test_rule_17_dropped_anywhere (void)
{
  Arena arena = { .round = 0 };
  Racer racers[N_RACERS];

  arena_open (&arena, racers, race_to_drop);
  for (guint round = gd_test_scaled (600); round > 0; round--)
    {
      racees_new (&arena, N_RACERS + 1);
      for (guint i = 0; i < BATCH; i++)
        {
          Racee *racee = &arena.racees[i];

          if (i % 4 == 0)
            continue;
          add_link (racee);
          g_deferred_add_errback (racee->deferred, handle, NULL, NULL);
        }
      for (guint i = 0; i < BATCH; i += 4)
        g_deferred_add_errback (arena.racees[i].deferred, handle, NULL, NULL);

      arena_start (&arena);
      for (guint i = 0; i < BATCH; i++)
        g_object_unref (arena.racees[i].deferred);
      wait_for_racers_and_settle (&arena);

      for (guint i = 0; i < BATCH; i++)
        {
          Racee *racee = &arena.racees[i];

          check_links (racee);
          g_assert_cmpint (racee->n_gone, ==, 1);
          g_assert_cmpint (racee->n_accepted, <=, 1);
          if (racee->n_links > 0)
            g_assert_cmpint (racee->outcome, ==, racee->n_accepted == 1 ? racee->winner : ABANDONED);
        }
    }
  arena_close (&arena, racers);
}

int
main (int argc, char **argv)
{
  gd_test_init (&argc, &argv);
  home = g_thread_self ();

#define T(path, name) g_test_add_func ("/race/" path, test_##name)
  T ("rule-20/one-of-many-wins", rule_20_one_of_many_wins);
  T ("rule-14/cancels-among-fires", rule_14_cancels_among_fires);
  T ("rule-17/dropped-anywhere", rule_17_dropped_anywhere);

  return g_test_run ();
}
