/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* A language binding in small: it keeps plans with a Deferred, in batches, and outcomes, which are texts.
 *
 * A plan is a letter, its name in the trace, and what it does; the first half is as in fixture.h, but kept:
 *   "a"      passes the outcome through
 *   "a=7"    returns "7"
 *   "a!bad"  fails with "bad"
 *   "a-"     pauses its Deferred
 *   "a>"     returns the Deferred that was given with let_return()
 *   "a+b"    adds the plan "b"
 *   "a|b"    adds the link "b" of fixture.h
 *   "a?"     asks C for the result
 *   "a*"     leaves a kept value, and then the int 5 in its place
 *   "a."     drops a reference to its Deferred
 *   "a~"     ends the owner that was given with let_own()
 * A kept outcome shows as "a:7 " or "a:!bad ", one that was brought to C as "a:'7' ". */

#include "fixture.h"

typedef struct
{
  guint       id;
  const char *key;                      /* of what it keeps with a Deferred */
  guint       fails;                    /* so often more it cannot be reached */
  gboolean    reports;                  /* it tells by itself what nobody handled */
  void (*give_too) (GDeferred *self);   /* called when it gives */
  void (*forget_too) (GDeferred *self); /* called when it forgets */
} Binding;

static Binding us = { .key = "ours" };
static Binding them = { .key = "theirs" };

typedef struct
{
  GQueue   plans; /* oldest first; NULL between batches */
  guint    n_batches;
  char    *value; /* owned; NULL is nothing, too */
  gboolean failed;
  gboolean kept;
} Kept;

static inline void
kept_free (gpointer data)
{
  Kept *kept = data;

  g_queue_clear (&kept->plans);
  g_free (kept->value);
  g_free (kept);
}

static inline Kept *
kept_of (Binding *binding, GDeferred *d)
{
  Kept *kept = g_object_get_data (G_OBJECT (d), binding->key);

  if (kept == NULL)
    {
      kept = g_new0 (Kept, 1);
      g_object_set_data_full (G_OBJECT (d), binding->key, kept, kept_free);
    }
  return kept;
}

static inline void
keep (Kept *kept, const char *value, gboolean failed)
{
  g_free (kept->value);
  kept->value = g_strdup (value);
  kept->failed = failed;
}

static inline guint
add_for (Binding *binding, GDeferred *d, const char *plan)
{
  Kept *kept = kept_of (binding, d);
  guint answer;

  if (kept->n_batches == 0)
    {
      kept->n_batches = 1;
      g_queue_push_tail (&kept->plans, (gpointer) plan);
      return g_deferred_add_dispatched (d, binding->id, FALSE);
    }

  answer = g_deferred_add_dispatched (d, binding->id, TRUE);
  if (answer == G_DEFERRED_DISPATCHED_ADDED)
    {
      kept->n_batches++;
      g_queue_push_tail (&kept->plans, NULL);
    }
  g_queue_push_tail (&kept->plans, (gpointer) plan);
  return answer;
}

/* After a binding could not be reached: until it was. */
static inline void
reach (GDeferred *d)
{
  while (g_deferred_get_paused (d))
    g_main_context_iteration (NULL, TRUE);
}

#define begins(d, plan) g_assert_cmpint (add_for (&us, (d), (plan)), ==, G_DEFERRED_DISPATCHED_ADDED)
#define joins(d, plan)  g_assert_cmpint (add_for (&us, (d), (plan)), ==, G_DEFERRED_DISPATCHED_JOINED)

static inline void
let_return (GDeferred *d, GDeferred *inner)
{
  g_object_set_data (G_OBJECT (d), "inner", inner);
}

static inline GObject *
let_own (GDeferred *d)
{
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);

  g_deferred_bind_owner (d, owner);
  g_object_set_data (G_OBJECT (d), "owner", owner);
  return owner;
}

static inline GError *
error_of (const char *text)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, text);
}

static inline void
say_kept (GDeferred *self, Kept *kept, const char *plan)
{
  const char name[2] = { plan[0], 0 };

  if (kept->kept)
    say ("%s:%s%s ", name, kept->failed ? "!" : "", kept->value != NULL ? kept->value : "-");
  else
    say_outcome (name, self);
}

static inline void
leave_kept (Binding *binding, GDeferred *self, Kept *kept, const char *value, gboolean failed)
{
  gboolean had = kept->kept && !kept->failed;

  keep (kept, value, failed);
  kept->kept = TRUE;
  if (failed)
    {
      GError *error = error_of (value);

      g_deferred_return_error_kept (self, binding->id, error);
      g_error_free (error);
    }
  else if (!had)
    g_deferred_return_kept (self, binding->id);
}

/* Whether the Deferred may have to wait. */
static inline gboolean
follow (Binding *binding, GDeferred *self, Kept *kept, const char *plan)
{
  switch (plan[1])
    {
    case '=':
      leave_kept (binding, self, kept, plan + 2, FALSE);
      break;
    case '!':
      leave_kept (binding, self, kept, plan + 2, TRUE);
      break;
    case '-':
      g_deferred_pause (self);
      break;
    case '>':
      return g_deferred_return_deferred (self, g_object_ref (g_object_get_data (G_OBJECT (self), "inner")));
    case '+':
      add_for (binding, self, plan + 2);
      break;
    case '|':
      link_both (self, plan + 2);
      break;
    case '?':
      say_outcome ("?", self);
      break;
    case '*':
      g_deferred_return_kept (self, binding->id);
      g_deferred_return_int (self, 5);
      break;
    case '.':
      g_object_unref (self);
      break;
    case '~':
      g_object_unref (g_object_get_data (G_OBJECT (self), "owner"));
      break;
    default:
      g_assert_cmpint (plan[1], ==, 0);
    }
  return FALSE;
}

static inline void
run_batch (Binding *binding, GDeferred *self, Kept *kept)
{
  const char *plan;
  gboolean    waits;

  while ((plan = g_queue_pop_head (&kept->plans)) != NULL)
    {
      say_kept (self, kept, plan);
      waits = follow (binding, self, kept, plan);
      if (g_queue_peek_head (&kept->plans) != NULL && (waits || !g_deferred_may_go_on (self)))
        {
          g_deferred_stay_dispatched (self);
          return;
        }
    }
  kept->n_batches--;
}

static inline void
drop_batch (Kept *kept)
{
  const char *plan;

  while ((plan = g_queue_pop_head (&kept->plans)) != NULL)
    say ("drop-%c ", plan[0]);
  kept->n_batches--;
}

static inline void
give (Binding *binding, GDeferred *self, Kept *kept)
{
  GValue  value = G_VALUE_INIT;
  GError *error;

  g_assert_true (kept->kept);
  kept->kept = FALSE;
  say ("give ");
  if (binding->give_too != NULL)
    binding->give_too (self);

  g_value_init (&value, G_TYPE_STRING);
  g_value_set_string (&value, kept->value);
  if (kept->failed)
    {
      error = error_of ("the error that C has counts");
      g_deferred_return_error_full (self, error, &value);
      g_error_free (error);
    }
  else
    g_deferred_return_value (self, kept->value != NULL ? &value : NULL);
  g_value_unset (&value);
}

static inline gboolean
fx_dispatch (GDeferred *self, guint what, const GValue *value, gpointer user_data)
{
  Binding *binding = user_data;
  Kept    *kept = kept_of (binding, self);

  if (binding->fails > 0)
    {
      binding->fails--;
      return FALSE;
    }

  switch ((GDeferredDispatch) what)
    {
    case G_DEFERRED_DISPATCH_CALLBACK:
    case G_DEFERRED_DISPATCH_ERRBACK:
      g_assert_true ((what == G_DEFERRED_DISPATCH_ERRBACK) == (g_deferred_get_error (self) != NULL));
      if (kept->kept)
        g_assert_null (value);
      else
        g_assert_true (value
                       == (what == G_DEFERRED_DISPATCH_ERRBACK ? g_deferred_get_payload (self)
                                                               : g_deferred_get_result (self)));
      run_batch (binding, self, kept);
      break;
    case G_DEFERRED_DISPATCH_DROP:
      g_assert_null (value);
      drop_batch (kept);
      break;
    case G_DEFERRED_DISPATCH_GIVE:
      give (binding, self, kept);
      break;
    case G_DEFERRED_DISPATCH_FORGET:
      g_assert_true (kept->kept);
      kept->kept = FALSE;
      say ("forget ");
      if (binding->forget_too != NULL)
        binding->forget_too (self);
      break;
    case G_DEFERRED_DISPATCH_CANCEL:
      say ("cancel ");
      break;
    case G_DEFERRED_DISPATCH_REPORT:
      if (binding->reports)
        say_kept (self, kept, "report");
      return binding->reports;
    default:
      g_assert_not_reached ();
    }
  return TRUE;
}

static inline guint
fire_for (Binding *binding, GDeferred *d, const char *value, gboolean failed)
{
  Kept   *kept = kept_of (binding, d);
  GError *error = failed ? error_of (value) : NULL;
  guint   answer;

  if (g_deferred_get_state (d) == G_DEFERRED_STATE_PENDING)
    {
      keep (kept, value, failed);
      kept->kept = TRUE;
    }
  answer
      = failed ? g_deferred_errback_kept (d, binding->id, error) : g_deferred_callback_kept (d, binding->id);
  g_clear_error (&error);
  return answer;
}

#define fire_kept(d, value)                                                                                  \
  g_assert_cmpint (fire_for (&us, (d), (value), FALSE), ==, G_DEFERRED_FIRED_ACCEPTED)
#define fail_kept(d, text) g_assert_cmpint (fire_for (&us, (d), (text), TRUE), ==, G_DEFERRED_FIRED_ACCEPTED)

static inline void
begin_bindings (void)
{
  us.id = g_deferred_register_dispatcher (fx_dispatch, &us, NULL);
  them.id = g_deferred_register_dispatcher (fx_dispatch, &them, NULL);
}
