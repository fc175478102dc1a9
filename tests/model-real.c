/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* The library's world: real Deferreds. */

#include "model-kept.h"
#include "model-value.h"

#include <stdlib.h>
#include <string.h>

static GCancellable *cancellable;
static GQuark        id_key; /* of a Deferred's number, plus one */

int
play_real_id (gpointer d)
{
  return GPOINTER_TO_INT (g_object_get_qdata (G_OBJECT (d), id_key)) - 1;
}

static gboolean
real_return_deferred (GDeferred *self, Action *action)
{
  GDeferred *inner = play_inner (action, self);
  GValue     value = G_VALUE_INIT;
  gboolean   ok;

  if (inner == NULL)
    return TRUE;
  if (action->ending != END_DEFERRED_VALUE)
    return g_deferred_return_deferred (self, inner);

  g_value_init (&value, G_TYPE_DEFERRED);
  g_value_take_object (&value, inner);
  ok = g_deferred_return_value (self, &value);
  g_value_unset (&value);
  return ok;
}

static gboolean
real_end (GDeferred *self, Action *action, GError **error)
{
  switch (action->ending)
    {
    case END_VALUE:
      return value_return (self, action->value);
    case END_NOTHING:
      return g_deferred_return_none (self);
    case END_SET_ERROR:
    case END_SET_ERROR_TRUE:
      *error = value_error (action->value);
      return action->ending == END_SET_ERROR_TRUE;
    case END_RETURN_ERROR:
      return value_return_error (self, action->value);
    case END_RETURN_ERROR_TRUE:
      return !value_return_error (self, action->value);
    case END_FALSE:
      return FALSE;
    case END_VALUE_ERROR:
      *error = value_error (action->value);
      return g_deferred_return_int (self, -1);
    case END_VALUE_FALSE:
      return !value_return (self, action->value);
    case END_DEFERRED:
    case END_DEFERRED_VALUE:
    case END_FIRED:
    case END_PENDING:
      return real_return_deferred (self, action);
    case END_DEFERRED_ERROR:
      real_return_deferred (self, action);
      *error = value_error (action->value);
      return FALSE;
    case END_DEFERRED_THEN:
      real_return_deferred (self, action);
      return value_return (self, action->value);
    case END_PASS:
    case N_ENDINGS:
    default:
      return TRUE;
    }
}

static gboolean
real_run (GDeferred *self, gpointer data, GError **error)
{
  Action *action = data;

  if (play.script->ops[action->op].kind == OP_MAYBE)
    play.world->watch (self, play.maybe_id, NULL);
  play_action (action, self, play_real_id (self));
  return real_end (self, action, error);
}

static void
real_do (GDeferred *self, gpointer data)
{
  play_action (data, self, play_real_id (self));
}

static void
real_fired (GDeferred *self, gpointer data)
{
  play_handler (data, 1, self, play_real_id (self));
}

static void
real_after (GDeferred *self, gpointer data)
{
  play_handler (data, 2, self, play_real_id (self));
}

static void
real_died (gpointer data)
{
  play_died (GPOINTER_TO_INT (data) - 1);
}

/* Qdata outlives weak references: when it goes, the object is being freed and nobody revives it. */
static void
real_watch (gpointer d, int id, Op *op)
{
  g_object_set_qdata_full (d, id_key, GINT_TO_POINTER (id + 1), real_died);
  if (!play.script->hook)
    {
      g_autofree char *name = g_strdup_printf ("%d", id);

      g_deferred_set_name (d, name);
    }
  g_signal_connect (d, "fired", G_CALLBACK (real_fired), op);
  g_signal_connect_after (d, "fired", G_CALLBACK (real_after), op);
  play_born (d, id);
}

/* The world */

static gpointer
real_make (int id G_GNUC_UNUSED, Action *canceller)
{
  GDeferred *d;

  if (canceller != NULL && !canceller->bare)
    return g_deferred_new_with_canceller (real_do, canceller, play_gone_of (canceller));

  d = g_deferred_new ();
  if (canceller != NULL)
    kept_set_canceller (d, canceller);
  return d;
}

static int
real_fire (gpointer d, Result result)
{
  return (play_real_id (d) + result.number) % 2 == 0 ? value_fire (d, result) : kept_fire (d, result);
}

static gpointer
real_made (int id G_GNUC_UNUSED, Result result)
{
  return value_made (result);
}

static gpointer
real_maybe (int id G_GNUC_UNUSED, Action *action)
{
  return g_deferred_maybe (real_run, action);
}

static GDeferredCallback
real_func (const Action *action)
{
  return action->absent ? NULL : real_run;
}

static void
real_add (gpointer d, Op *op)
{
  gpointer       same = NULL;
  Action        *first = &op->action[0];
  Action        *second = &op->action[1];
  GDestroyNotify gone;

  if (kept_takes (op))
    {
      kept_add (d, op);
      return;
    }

  gone = play_gone_of (first);
  switch (op->kind)
    {
    case OP_CALLBACK:
      same = g_deferred_add_callback (d, real_run, first, gone);
      break;
    case OP_ERRBACK:
      same = g_deferred_add_errback (d, real_run, first, gone);
      break;
    case OP_BOTH:
      same = g_deferred_add_both (d, real_run, first, gone);
      break;
    case OP_PAIR:
      same = g_deferred_add_callbacks (d, real_func (first), first, gone, real_func (second), second,
                                       play_gone_of (second));
      break;
    case OP_ERRBACK_FOR:
      same = g_deferred_add_errback_for (d, model_error_quark (), op->value.number, real_run, first, gone);
      break;
    default:
      break;
    }
  g_assert_true (same == d);
}

static int
real_fire_with (gpointer d, Action *action)
{
  GError *error = NULL;

  return value_outcome (g_deferred_fire_with (d, real_run, action, &error), &error);
}

static int
real_fire_deferred (gpointer d, gpointer other)
{
  GError *error = NULL;

  return value_outcome (g_deferred_callback_object (d, other, &error), &error);
}

static void
real_chain (gpointer d, gpointer other)
{
  g_assert_true (g_deferred_chain_deferred (d, other) == d);
}

static gpointer
real_fork (gpointer d, int id G_GNUC_UNUSED)
{
  return g_deferred_fork (d);
}

static void
real_pause (gpointer d)
{
  g_deferred_pause (d);
}

static void
real_unpause (gpointer d)
{
  g_deferred_unpause (d);
}

static void
real_cancel (gpointer d)
{
  g_deferred_cancel (d);
}

static void
real_invoke (gpointer d, Action *action)
{
  g_deferred_invoke (d, real_do, action, play_gone_of (action));
}

static gpointer
real_bind (gpointer d, int id G_GNUC_UNUSED)
{
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);

  g_deferred_bind_owner (d, owner);
  return owner;
}

static void
real_link (gpointer d)
{
  g_deferred_link_cancellable (d, cancellable);
}

static void
real_cancel_cancellable (void)
{
  g_cancellable_cancel (cancellable);
}

/* What another thread does, and has done before the script goes on. */
typedef struct
{
  GDeferred *d;
  Result     result;
  int        code;
} Errand;

static gpointer
fire_thread (gpointer data)
{
  Errand *errand = data;

  errand->code = value_fire (errand->d, errand->result);
  return NULL;
}

static gpointer
cancel_thread (gpointer data)
{
  g_deferred_cancel (((Errand *) data)->d);
  return NULL;
}

static gpointer
unref_thread (gpointer data)
{
  g_object_unref (((Errand *) data)->d);
  return NULL;
}

static int
run_errand (GThreadFunc func, GDeferred *d, Result result)
{
  Errand errand = { d, result, -1 };

  g_thread_join (g_thread_new ("errand", func, &errand));
  return errand.code;
}

static int
real_fire_away (gpointer d, Result result)
{
  return run_errand (fire_thread, d, result);
}

static void
real_cancel_away (gpointer d)
{
  run_errand (cancel_thread, d, result_nothing);
}

static void
real_unref_away (gpointer d)
{
  run_errand (unref_thread, d, result_nothing);
}

static void
real_unref (gpointer d)
{
  g_object_unref (d);
}

static void
real_look (gpointer d, Seen *state, Seen *waits)
{
  GDeferred *inner = g_deferred_get_waiting_on (d);
  gboolean   paused = g_deferred_get_paused (d);

  *state
      = (Seen){ SEEN_LOOK, (int) g_deferred_get_state (d),
                (paused ? 1 : 0) | (g_deferred_is_cancelled (d) ? 2 : 0), play_real_id (d), kept_look (d) };
  if (inner != NULL)
    *waits = (Seen){ SEEN_WAITS, play_real_id (inner), 0, play_real_id (d), result_nothing };
}

/* A loop that finds no end is one of the faults that may be met. */
static void
real_iterate (void)
{
  GMainContext *context = g_main_context_get_thread_default ();

  for (int i = 0; i < 1000 && g_main_context_iteration (context, FALSE); i++)
    play.over |= i == 999;
}

const World play_real = {
  .make = real_make,
  .made = real_made,
  .maybe = real_maybe,
  .watch = real_watch,
  .add = real_add,
  .fire = real_fire,
  .fire_away = real_fire_away,
  .fire_with = real_fire_with,
  .fire_deferred = real_fire_deferred,
  .chain = real_chain,
  .fork = real_fork,
  .pause = real_pause,
  .unpause = real_unpause,
  .cancel = real_cancel,
  .cancel_away = real_cancel_away,
  .invoke = real_invoke,
  .bind = real_bind,
  .disown = g_object_unref,
  .link = real_link,
  .cancel_cancellable = real_cancel_cancellable,
  .ref = g_object_ref,
  .unref = real_unref,
  .unref_away = real_unref_away,
  .iterate = real_iterate,
  .look = real_look,
};

/* Reports and criticals */

static void
real_hook (GDeferred *self, gpointer data G_GNUC_UNUSED)
{
  play_see (SEEN_REPORT, 0, 0, play_real_id (self), value_look (self));
}

static const char *
find_field (const GLogField *fields, gsize n_fields, const char *key)
{
  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, key) == 0)
      return fields[i].value;
  return "";
}

static GLogWriterOutput
real_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  const char *domain = find_field (fields, n_fields, "GDEFERRED_ERROR_DOMAIN");
  int         code = atoi (find_field (fields, n_fields, "GDEFERRED_ERROR_CODE"));

  if (strcmp (find_field (fields, n_fields, "GLIB_DOMAIN"), "GDeferred") != 0
      || (level & (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL)) == 0)
    {
      g_log_writer_default (level, fields, n_fields, data);
      g_assert_cmpint (level & (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL), ==, 0);
      return G_LOG_WRITER_HANDLED;
    }

  if (level & G_LOG_LEVEL_CRITICAL)
    {
      play_see (SEEN_CRITICAL, 0, 0, 0, result_nothing);
      return G_LOG_WRITER_HANDLED;
    }

  play_see (SEEN_REPORT, 0, 0, atoi (find_field (fields, n_fields, "GDEFERRED_NAME")),
            value_from_error (g_quark_try_string (domain), code));
  return G_LOG_WRITER_HANDLED;
}

/* The library's criticals are expected here, as scripts do what earns them: they are seen, and not fatal. Those of
 * others, who found something broken, are. */
void
play_real_init (void)
{
  g_log_set_default_handler (g_log_default_handler, NULL);
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  g_log_set_writer_func (real_log, NULL, NULL);
  id_key = g_quark_from_static_string ("model-test-id");
  kept_init ();
}

/* Before each script. */
void
play_real_start (gboolean to_hook)
{
  g_clear_object (&cancellable);
  cancellable = g_cancellable_new ();
  g_deferred_set_unhandled_hook (to_hook ? real_hook : NULL, NULL, NULL);
}

/* After a script that left something behind: in the context that was, not in this one. */
void
play_real_forget (void)
{
  g_main_context_push_thread_default (g_main_context_new ());
  value_forget_tokens ();
}

/* How many values are left. */
int
play_real_tokens (void)
{
  return value_tokens ();
}
