/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* For tests of the cooperator. Each case has one with a budget of five milliseconds, on a virtual clock, which has to
 * be gone at the end, and leave no source in the loop. */

#include "clock-fixture.h"

static GDeferredCooperator *cooperator; /* of the case; owned; NULL where the case has dropped it */
static GDeferred           *inner;      /* what wait_for_inner() waits for; not owned */

/* A task: so many steps, each of which takes so long. In the step `at` it acts besides. */
typedef struct
{
  const char *name;
  int         n;
  GTimeSpan   takes;
  int         at;
  void (*act) (GDeferredCooperativeTask *task);
  gboolean    is_quiet;
  const char *error; /* what the last step fails with */
  int         i;
} Work;

static inline gboolean
step (GDeferredCooperativeTask *task, gpointer user_data, GError **error)
{
  Work *work = user_data;

  if (++work->i <= work->n && !work->is_quiet)
    say ("%s%d ", work->name, work->i);
  if (work->takes > 0)
    g_deferred_clock_jump (fx_clock, work->takes);
  if (work->i == work->at)
    work->act (task);
  if (work->i == work->n && work->error != NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, work->error);
  return work->i < work->n;
}

static inline void
work_gone (gpointer user_data)
{
  say ("~%s ", ((Work *) user_data)->name);
}

static inline GDeferredCooperativeTask *
add (Work *work)
{
  return g_deferred_cooperator_cooperate (cooperator, step, work, work_gone);
}

static inline void
drop (GDeferredCooperativeTask *task)
{
  g_object_unref (task);
}

static inline void
stop (GDeferredCooperativeTask *task)
{
  g_deferred_cooperative_task_stop (task);
  g_object_unref (task);
}

static inline gboolean
say_end_of (GDeferred *self, gpointer name, GError **error)
{
  say_outcome (name, self);
  return g_deferred_return_none (self);
}

static inline void
say_end (GDeferredCooperativeTask *task, const char *name)
{
  GDeferred *done = g_deferred_cooperative_task_when_done (task);

  g_deferred_add_both (done, say_end_of, (gpointer) name, NULL);
  g_object_unref (done);
}

static inline void
wait_for_inner (GDeferredCooperativeTask *task)
{
  g_deferred_cooperative_task_wait_for (task, inner);
}

/* One turn of the loop, in which there is something to do. */
static inline void
turn (void)
{
  g_assert_true (g_main_context_iteration (NULL, FALSE));
}

static inline void
no_turn (void)
{
  g_assert_false (g_main_context_iteration (NULL, FALSE));
}

static inline gboolean
has_source (void)
{
  for (guint id = 1; id < 5000; id++)
    {
      GSource *source = g_main_context_find_source_by_id (NULL, id);

      if (source != NULL && g_strcmp0 (g_source_get_name (source), "GDeferred cooperator") == 0)
        return TRUE;
    }
  return FALSE;
}

static const Case *fx_case;

static inline void
fx_with_cooperator (void)
{
  inner = NULL;
  cooperator = g_deferred_cooperator_new (5000, G_PRIORITY_DEFAULT_IDLE);
  fx_case->run ();
  g_assert_false (has_source ());
  if (cooperator != NULL)
    g_assert_finalize_object (cooperator);
}

static inline void
fx_run_on_cooperator (gconstpointer data)
{
  const Case with_cooperator = { NULL, fx_with_cooperator };

  fx_case = data;
  fx_run_on_clock (&with_cooperator);
}

static inline int
run_cases_on_cooperator (int argc, char **argv, const Case *cases, gsize n_cases)
{
  fx_init (&argc, &argv);
  for (gsize i = 0; i < n_cases; i++)
    g_test_add_data_func (cases[i].path, &cases[i], fx_run_on_cooperator);
  return g_test_run ();
}
