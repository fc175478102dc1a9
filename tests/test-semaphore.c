/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* The semaphore. What it has in common with the lock, test-lock.c and test-run.c look at. */

#include "fixture.h"

#define free_is(semaphore, n_free, n_waiting)                                                                \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    g_assert_cmpuint (g_deferred_semaphore_get_n_free (semaphore), ==, (n_free));                            \
    g_assert_cmpuint (g_deferred_semaphore_get_n_waiting (semaphore), ==, (n_waiting));                      \
  }                                                                                                          \
  G_STMT_END

static GDeferred *
ask (GDeferredSemaphore *semaphore, const char *name)
{
  GDeferred *d = g_deferred_semaphore_acquire (semaphore);

  g_deferred_add_both (d, act, (gpointer) name, NULL);
  g_object_unref (d);
  return d;
}

static void
twisted_semaphore (void)
{
  const guint         n = 13;
  GDeferredSemaphore *semaphore = g_deferred_semaphore_new (n);
  GDeferred          *control = g_deferred_new ();
  GDeferred          *result;

  g_assert_cmpuint (g_deferred_semaphore_get_limit (semaphore), ==, n);
  result = g_deferred_semaphore_run (semaphore, return_it, control, NULL);
  free_is (semaphore, n - 1, 0);
  link_both (result, "r");
  trace_is ("");
  fire (control, 3);
  trace_is ("r:3 ~r ");
  free_is (semaphore, n, 0);

  for (guint i = 1; i <= n; i++)
    {
      ask (semaphore, "a0");
      trace_is ("a:GObject ");
      free_is (semaphore, n - i, 0);
    }
  g_deferred_cancel (ask (semaphore, "b0"));
  trace_is ("b:!CANCELLED ");
  ask (semaphore, "c0");
  trace_is ("");
  free_is (semaphore, 0, 1);
  g_assert_true (g_deferred_semaphore_release (semaphore));
  trace_is ("c:GObject ");
  for (guint i = 1; i <= n; i++)
    {
      g_assert_true (g_deferred_semaphore_release (semaphore));
      free_is (semaphore, i, 0);
    }
  g_assert_finalize_object (result);
  g_assert_finalize_object (control);
  g_assert_finalize_object (semaphore);
}

static void
twisted_invalid_tokens (void)
{
  expect_critical ("tokens >= 1");
  g_assert_null (g_deferred_semaphore_new (0));
  criticals_came ();
}

static void
twisted_cancel_after_acquired (void)
{
  GDeferredSemaphore *semaphore = g_deferred_semaphore_new (1);
  GDeferred          *d = g_deferred_semaphore_acquire (semaphore);

  g_deferred_cancel (d);
  state_is (d, SUCCEEDED);
  free_is (semaphore, 0, 0);
  g_assert_finalize_object (d);
  g_assert_finalize_object (semaphore);
}

static void
twisted_cancel_before_acquired (void)
{
  GDeferredSemaphore *semaphore = g_deferred_semaphore_new (1);
  GDeferred          *d;

  g_assert_true (g_deferred_semaphore_try_acquire (semaphore));
  d = g_deferred_semaphore_acquire (semaphore);
  g_deferred_cancel (d);
  link_both (d, "a");
  trace_is ("a:!CANCELLED ~a ");
  g_assert_finalize_object (d);
  g_assert_finalize_object (semaphore);
}

static gboolean
release_all (GDeferred *self, gpointer semaphore, GError **error)
{
  for (guint i = 0; i < 3; i++)
    g_assert_true (g_deferred_semaphore_release (semaphore));
  free_is (semaphore, 1, 2);
  g_assert_false (g_deferred_semaphore_try_acquire (semaphore));
  say (". ");
  return TRUE;
}

/* Several tokens come free at a time, inside a callback: each goes to one who waits, in order. */
static void
several_at_a_time (void)
{
  GDeferredSemaphore *semaphore = g_deferred_semaphore_new (3);
  GDeferred          *d;

  for (guint i = 0; i < 3; i++)
    g_assert_true (g_deferred_semaphore_try_acquire (semaphore));
  d = g_deferred_semaphore_acquire (semaphore);
  g_deferred_add_callback (d, release_all, semaphore, NULL);
  ask (semaphore, "a");
  ask (semaphore, "b");
  g_assert_true (g_deferred_semaphore_release (semaphore));
  trace_is (". a:GObject b:GObject ");
  free_is (semaphore, 1, 0);
  g_assert_true (g_deferred_semaphore_try_acquire (semaphore));
  g_assert_false (g_deferred_semaphore_try_acquire (semaphore));
  g_assert_finalize_object (d);
  g_assert_finalize_object (semaphore);
}

typedef struct
{
  guint now, most, done;
} Count;

static Count count;

static gboolean
finish_one (GDeferred *self, gpointer data, GError **error)
{
  count.now--;
  count.done++;
  return TRUE;
}

static gboolean
start_one (GDeferred *self, gpointer all, GError **error)
{
  GDeferred *work = g_deferred_new ();

  count.now++;
  count.most = MAX (count.most, count.now);
  g_deferred_add_callback (work, finish_one, NULL, NULL);
  g_ptr_array_add (all, g_object_ref (work));
  return g_deferred_return_deferred (self, work);
}

/* The semaphore lives as long as somebody runs with it. */
static void
never_more_than_its_limit (void)
{
  GDeferredSemaphore *semaphore = g_deferred_semaphore_new (4);
  GPtrArray          *all = g_ptr_array_new_with_free_func (g_object_unref);
  gpointer            watched = semaphore;

  count = (Count){ 0, 0, 0 };
  g_object_add_weak_pointer (G_OBJECT (semaphore), &watched);
  for (guint i = 0; i < 100; i++)
    g_object_unref (g_deferred_semaphore_run (semaphore, start_one, all, NULL));
  g_object_unref (semaphore);
  while (all->len > 0)
    {
      g_autoptr (GDeferred) one = g_object_ref (g_ptr_array_index (all, all->len / 2));

      g_ptr_array_remove_fast (all, one);
      fire (one, 0);
    }
  g_assert_cmpuint (count.done, ==, 100);
  g_assert_cmpuint (count.most, ==, 4);
  g_assert_null (watched);
  g_ptr_array_unref (all);
}

static void
made_by_its_type (void)
{
  GDeferredSemaphore *semaphore = g_object_new (G_TYPE_DEFERRED_SEMAPHORE, NULL);
  guint               limit;

  g_object_get (semaphore, "limit", &limit, NULL);
  g_assert_cmpuint (limit, ==, 1);
  free_is (semaphore, 1, 0);
  g_assert_finalize_object (semaphore);
}

static void
misuse (void)
{
  GDeferredSemaphore *semaphore = g_deferred_semaphore_new (2);
  GObject            *object = g_object_new (G_TYPE_OBJECT, NULL);
  gpointer            wrong = object;

  expect_critical ("g_deferred_semaphore_release: the semaphore is released without being acquired");
  g_assert_false (g_deferred_semaphore_release (semaphore));
  expect_critical ("G_IS_DEFERRED_SEMAPHORE (self)");
  g_assert_null (g_deferred_semaphore_acquire (wrong));
  expect_critical ("G_IS_DEFERRED_SEMAPHORE (self)");
  g_assert_false (g_deferred_semaphore_try_acquire (wrong));
  expect_critical ("G_IS_DEFERRED_SEMAPHORE (self)");
  g_assert_false (g_deferred_semaphore_release (wrong));
  expect_critical ("G_IS_DEFERRED_SEMAPHORE (self)");
  g_assert_null (g_deferred_semaphore_run (wrong, return_it, NULL, NULL));
  expect_critical ("func != NULL");
  g_assert_null (g_deferred_semaphore_run (semaphore, NULL, NULL, NULL));
  expect_critical ("G_IS_DEFERRED_SEMAPHORE (self)");
  g_assert_cmpuint (g_deferred_semaphore_get_limit (wrong), ==, 0);
  expect_critical ("G_IS_DEFERRED_SEMAPHORE (self)");
  g_assert_cmpuint (g_deferred_semaphore_get_n_free (wrong), ==, 0);
  expect_critical ("G_IS_DEFERRED_SEMAPHORE (self)");
  g_assert_cmpuint (g_deferred_semaphore_get_n_waiting (wrong), ==, 0);
  criticals_came ();
  free_is (semaphore, 2, 0);
  g_assert_finalize_object (object);
  g_assert_finalize_object (semaphore);
}

static const Case cases[] = {
  { "/semaphore/twisted/semaphore", twisted_semaphore },
  { "/semaphore/twisted/invalid-tokens", twisted_invalid_tokens },
  { "/semaphore/twisted/cancel-after-acquired", twisted_cancel_after_acquired },
  { "/semaphore/twisted/cancel-before-acquired", twisted_cancel_before_acquired },
  { "/semaphore/several-at-a-time", several_at_a_time },
  { "/semaphore/never-more-than-its-limit", never_more_than_its_limit },
  { "/semaphore/made-by-its-type", made_by_its_type },
  { "/semaphore/misuse", misuse },
};

int
main (int argc, char **argv)
{
  return run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
}
