/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/*
 * What Deferreds don't do: make your code asynchronous.
 *
 * One blocking function is called twice: first in the main loop, which stands still meanwhile, then in a
 * thread, while the loop goes on.
 */

#include <gdeferred/gdeferred.h>
#include <gmp.h>

static int   target = 10000;
static int   repeat = 500;
static guint ticks;

/* A long running function that blocks. One number takes only a millisecond or so, hence the repetition. */
static gboolean
large_fibonacci_number (GDeferred *self, gpointer data, GError **error)
{
  mpz_t first, second;
  char *digits;

  mpz_inits (first, second, NULL);
  for (int turn = 0; turn < repeat; turn++)
    {
      mpz_set_ui (first, 0);
      mpz_set_ui (second, 1);
      for (int i = 0; i < target - 1; i++)
        {
          mpz_add (first, first, second);
          mpz_swap (first, second);
        }
    }

  /* GMP takes its memory from malloc(), as GLib does. */
  digits = mpz_get_str (NULL, 10, second);
  mpz_clears (first, second, NULL);
  return g_deferred_return_take_string (self, digits);
}

static gboolean
print_length (GDeferred *self, gpointer data, GError **error)
{
  const char *digits = g_deferred_get_string (self);

  g_print ("The Fibonacci number %d has %" G_GSIZE_FORMAT " digits: %.20s...\n", target, strlen (digits),
           digits);
  return TRUE;
}

static gboolean
print_number (GDeferred *self, gpointer data, GError **error)
{
  g_print ("large_fibonacci_number result = %s\n", g_deferred_get_string (self));
  return TRUE;
}

static gboolean
print_ticks (GDeferred *self, gpointer ticks_before, GError **error)
{
  g_print ("Meanwhile the loop ticked %u times.\n", ticks - GPOINTER_TO_UINT (ticks_before));
  return TRUE;
}

static gboolean
quit (GDeferred *self, gpointer loop, GError **error)
{
  g_main_loop_quit (loop);
  return TRUE;
}

/* Gives a Deferred, but not before all the work is done. */
static void
call_blocking (void)
{
  g_autoptr (GDeferred) d = NULL;
  gint64 time_before = g_get_monotonic_time ();
  guint  ticks_before = ticks;

  g_print ("The blocking way:\n");
  d = g_deferred_maybe (large_fibonacci_number, NULL);
  g_print ("Total time taken for the call: %.3f seconds\n",
           (double) (g_get_monotonic_time () - time_before) / G_USEC_PER_SEC);

  g_print ("Adding the callback now.\n");
  g_deferred_add_callback (d, print_length, NULL, NULL);
  g_deferred_add_callback (d, print_ticks, GUINT_TO_POINTER (ticks_before), NULL);
}

static void
call_in_thread (GMainLoop *loop)
{
  g_autoptr (GDeferred) d = NULL;

  g_print ("\nIn a thread:\n");
  d = g_deferred_run_in_thread (large_fibonacci_number, NULL, NULL);
  g_deferred_add_callback (d, print_number, NULL, NULL);
  g_deferred_add_callback (d, print_ticks, GUINT_TO_POINTER (ticks), NULL);
  g_deferred_add_both (d, quit, loop, NULL);
  g_print ("1st line after the addition of the callback\n");
  g_print ("2nd line after the addition of the callback\n");
}

static void
run (gpointer loop)
{
  call_blocking ();
  call_in_thread (loop);
}

static gboolean
tick (gpointer data)
{
  ticks++;
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  GOptionEntry entries[] = {
    { "number", 'n', 0, G_OPTION_ARG_INT, &target, "Which Fibonacci number (default: 10000)", "N" },
    { "repeat", 'r', 0, G_OPTION_ARG_INT, &repeat, "Compute it this many times over (default: 500)",
      "TIMES" },
    { NULL },
  };
  g_autoptr (GOptionContext) options = g_option_context_new (NULL);
  g_autoptr (GMainLoop) loop = NULL;
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error) || target < 1 || repeat < 1)
    {
      g_printerr ("fibonacci: %s\n", error != NULL ? error->message : "the numbers must be positive");
      return 2;
    }

  loop = g_main_loop_new (NULL, FALSE);
  g_timeout_add (10, tick, NULL);
  g_idle_add_once (run, loop);
  g_main_loop_run (loop);
  return 0;
}
