/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/gdeferred.h>

typedef struct
{
  guint n;
  guint divisor;
  guint n_found;
} Primes;

/* One number: a few microseconds. */
static gboolean
test_next (GDeferredCooperativeTask *task, gpointer user_data, GError **error)
{
  Primes  *primes = user_data;
  gboolean is_prime = TRUE;

  for (guint i = 2; i * i <= primes->n && is_prime; i++)
    is_prime = primes->n % i != 0;
  primes->n_found += is_prime;
  return ++primes->n < 100000;
}

static gboolean
say_found (GDeferred *self, gpointer user_data, GError **error)
{
  g_print ("%u primes\n", ((Primes *) user_data)->n_found);
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GDeferredCooperator) cooperator = g_deferred_cooperator_new (5000, G_PRIORITY_DEFAULT_IDLE);
  Primes primes = { .n = 2 };
  g_autoptr (GDeferredCooperativeTask) task
      = g_deferred_cooperator_cooperate (cooperator, test_next, &primes, NULL);
  g_autoptr (GDeferred) done = g_deferred_cooperative_task_when_done (task);

  g_deferred_add_callback (done, say_found, &primes, NULL);
  return g_deferred_wait (done, NULL) ? 0 : 1;
}
