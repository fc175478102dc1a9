/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Parts that other threads fire, cancel and drop while their whole is made, cancelled and dropped at home. Whatever comes
 * out: it comes once, it is possible, and nothing is left. */

#include "many-fixture.h"

#define N_ROUNDS 2000

enum
{
  N_PARTS = 4,
  N_KINDS = 6
};

static GDeferred *parts[N_PARTS]; /* each with a reference for the thread that gets it */
static guint      n_living;

typedef enum
{
  FIRE,
  FIRE_TOO,
  FAIL,
  CANCEL,
  N_DEEDS
} Deed;

/* What two threads do, each to every other part. */
typedef struct
{
  Deed     deeds[N_PARTS];
  guint    first;
  GThread *thread;
} Worker;

static void
act_on (GDeferred *d, guint number, Deed deed)
{
  switch (deed)
    {
    case FAIL:
      g_deferred_errback_literal (d, G_IO_ERROR, G_IO_ERROR_FAILED, "bad", NULL);
      break;
    case CANCEL:
      g_deferred_cancel (d);
      break;
    case FIRE:
    case FIRE_TOO:
    case N_DEEDS:
    default:
      g_deferred_callback_int (d, (int) number, NULL);
      break;
    }
  g_object_unref (d);
}

static gpointer
work (gpointer data)
{
  Worker *worker = data;

  for (guint i = worker->first; i < N_PARTS; i += 2)
    act_on (parts[i], i, worker->deeds[i]);
  return NULL;
}

static void
start (Worker *workers, GRand *rand)
{
  for (guint i = 0; i < N_PARTS; i++)
    {
      g_object_ref (parts[i]);
      workers[i % 2].deeds[i] = (Deed) g_rand_int_range (rand, 0, N_DEEDS);
    }
  for (guint i = 0; i < 2; i++)
    {
      workers[i].first = i;
      workers[i].thread = g_thread_new ("worker", work, &workers[i]);
    }
}

/* Until all has arrived. */
static void
finish (Worker *workers)
{
  settle (NULL);
  for (guint i = 0; i < 2; i++)
    g_thread_join (workers[i].thread);
  settle (NULL);
}

static GDeferred *
next_part (gsize index, gpointer data)
{
  return index < N_PARTS ? g_object_ref (parts[index]) : NULL;
}

static GDeferred *
make_whole (guint kind)
{
  switch (kind)
    {
    case 0:
      return g_deferred_gather (parts, N_PARTS, G_DEFERRED_LIST_CANCEL_REST);
    case 1:
      return g_deferred_race (parts, N_PARTS);
    case 2:
      return g_deferred_any (parts, N_PARTS);
    case 3:
      return g_deferred_settled (parts, N_PARTS);
    case 4:
      return g_deferred_map_next (2, G_DEFERRED_MAP_DEFAULT, next_part, NULL, NULL);
    default:
      return g_deferred_list_new (parts, N_PARTS, G_DEFERRED_LIST_CONSUME_ERRORS);
    }
}

static void
check_values (GDeferredResults *results)
{
  g_assert_cmpuint (g_deferred_results_get_length (results), ==, N_PARTS);
  for (guint i = 0; i < N_PARTS; i++)
    if (g_deferred_results_get_error (results, i) == NULL)
      g_assert_cmpint (g_deferred_results_get_int (results, i), ==, (int) i);
}

/* A value is that of its place. */
static gboolean
check_outcome (GDeferred *whole, gpointer n_fired, GError **error)
{
  GDeferredResults *results = g_deferred_get_results (whole);
  gssize            index = g_deferred_list_get_index (G_DEFERRED_LIST (whole));

  ++*(guint *) n_fired;
  if (results != NULL)
    check_values (results);
  else if (g_deferred_get_error (whole) == NULL)
    g_assert_cmpint (g_deferred_get_int (whole), ==, (int) index);
  return g_deferred_return_none (whole);
}

static void
one_less (gpointer data, GObject *former)
{
  n_living--;
}

static GDeferred *
born (GDeferred *d)
{
  g_object_weak_ref (G_OBJECT (d), one_less, NULL);
  n_living++;
  return d;
}

static void
play_round (GRand *rand)
{
  Worker     workers[2];
  gboolean   first = g_rand_boolean (rand);
  guint      n_fired = 0;
  GDeferred *whole;

  for (guint i = 0; i < N_PARTS; i++)
    parts[i] = born (g_deferred_new ());
  if (first)
    start (workers, rand);
  whole = born (make_whole ((guint) g_rand_int_range (rand, 0, N_KINDS)));
  g_deferred_add_both (whole, check_outcome, &n_fired, NULL);
  if (!first)
    start (workers, rand);

  if (g_rand_int_range (rand, 0, 4) == 0)
    g_deferred_cancel (whole);
  g_object_unref (whole);
  finish (workers);
  g_assert_cmpuint (n_fired, ==, 1);
  for (guint i = 0; i < N_PARTS; i++)
    g_object_unref (parts[i]);
  settle (NULL);
  g_assert_cmpuint (n_living, ==, 0);
}

/* Errors that came too late to be told, or that a list has left in its part. */
static void
forget_reports (void)
{
  GHashTable *record;

  while ((record = g_queue_pop_head (&fx_reports)) != NULL)
    g_hash_table_unref (record);
}

static void
many_rounds (void)
{
  const guint n = gd_test_scaled (N_ROUNDS);
  GRand      *rand = g_rand_new_with_seed ((guint) g_test_rand_int ());

  for (guint i = 0; i < n; i++)
    {
      play_round (rand);
      forget_reports ();
    }
  g_rand_free (rand);
}

/* --- groups ------------------------------------------------------------------------------------------------------ */

static gboolean
wait_for_it (GDeferred *self, gpointer inner, GError **error)
{
  return g_deferred_return_deferred (self, g_object_ref (inner));
}

static gboolean
count_end (GDeferred *whole, gpointer n, GError **error)
{
  ++*(guint *) n;
  return g_deferred_return_none (whole);
}

static void
play_group (GRand *rand)
{
  Worker              workers[2];
  GDeferredTaskGroup *group = g_deferred_task_group_new ();
  guint               n_ends = 0;
  GDeferred          *whole;

  for (guint i = 0; i < N_PARTS; i++)
    {
      parts[i] = born (g_deferred_new ());
      g_object_unref (g_deferred_task_group_spawn (group, wait_for_it, parts[i], NULL));
    }
  start (workers, rand);
  whole = g_deferred_add_both (g_deferred_task_group_close (group), count_end, &n_ends, NULL);
  if (g_rand_boolean (rand))
    g_deferred_cancel (whole);
  g_object_unref (group);
  finish (workers);
  g_assert_cmpuint (n_ends, ==, 1);
  g_assert_finalize_object (whole);
  for (guint i = 0; i < N_PARTS; i++)
    g_object_unref (parts[i]);
  settle (NULL);
  g_assert_cmpuint (n_living, ==, 0);
}

static void
many_groups (void)
{
  const guint n = gd_test_scaled (N_ROUNDS);
  GRand      *rand = g_rand_new_with_seed ((guint) g_test_rand_int ());

  for (guint i = 0; i < n; i++)
    {
      play_group (rand);
      forget_reports ();
    }
  g_rand_free (rand);
}

static const Case cases[] = {
  { "/rule-20/many/parts-fired-by-threads", many_rounds },
  { "/rule-20/many/tasks-fired-by-threads", many_groups },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
