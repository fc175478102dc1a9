/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* A program outside the tree: knows of GDeferred only what pkg-config says. */

#include <gdeferred/gdeferred.h>

typedef struct
{
  GMainLoop *loop;
  GDeferred *inner;
  int        result;
  gboolean   failed;
} Program;

static gboolean
wait_for_inner (GDeferred *self, gpointer user_data, GError **error)
{
  Program *program = user_data;

  return g_deferred_return_deferred (self, g_object_ref (program->inner));
}

static gboolean
fail_after (GDeferred *self, gpointer user_data, GError **error)
{
  Program *program = user_data;

  program->result = g_deferred_get_int (self);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "lost");
  return FALSE;
}

static gboolean
end (GDeferred *self, gpointer user_data, GError **error)
{
  Program *program = user_data;

  program->failed = g_error_matches (g_deferred_get_error (self), G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_main_loop_quit (program->loop);
  return g_deferred_return_none (self);
}

static gboolean
fire (gpointer user_data)
{
  Program *program = user_data;

  return !g_deferred_callback_int (program->inner, 42, NULL);
}

int
main (void)
{
  Program program = { g_main_loop_new (NULL, FALSE), g_deferred_new (), 0, FALSE };
  g_autoptr (GDeferred) outer = g_deferred_new ();
  g_autoptr (GError) again = NULL;

  g_deferred_add_callback (outer, wait_for_inner, &program, NULL);
  g_deferred_add_callback (outer, fail_after, &program, NULL);
  g_deferred_add_errback (outer, end, &program, NULL);

  g_assert_true (g_deferred_callback_string (outer, "go", NULL));
  g_assert_false (g_deferred_callback_string (outer, "again", &again));
  g_assert_error (again, G_DEFERRED_ERROR, G_DEFERRED_ERROR_ALREADY_CALLED);

  g_idle_add (fire, &program);
  g_main_loop_run (program.loop);
  g_assert_cmpint (program.result, ==, 42);
  g_assert_true (program.failed);

  g_object_unref (program.inner);
  g_main_loop_unref (program.loop);
  return 0;
}
