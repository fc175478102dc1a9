/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Rules 1 to 18, and of 20, 23 and 25 what can be told in advance, all at once: random scripts are played on real
 * Deferreds and on the model in model.c, and whatever can be seen of the two must be the same, in the same order.
 * --seed repeats a run; GD_MODEL_SCRIPT=N plays the one script with that seed. A script that fails is printed, and
 * then what of it takes to fail. */

#include "model-play.h"
#include "testutil.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_SCRIPTS 120000 /* about three seconds */

static Script   script;
static Model   *model;
static GArray  *seen_of_library; /* of Seen */
static GArray  *seen_of_model;
static gboolean playing;

/* --- the model's world ----------------------------------------------------------------------------------------- */

static void
model_end (ModelDeferred *self, Action *action, ModelReturn *leaves)
{
  switch (action->ending)
    {
    case END_VALUE:
      leaves->set = TRUE;
      leaves->result = action->value;
      break;
    case END_NOTHING:
      leaves->set = TRUE;
      break;
    case END_SET_ERROR:
    case END_SET_ERROR_TRUE:
    case END_RETURN_ERROR:
    case END_RETURN_ERROR_TRUE:
    case END_VALUE_ERROR:
      leaves->failed = TRUE;
      leaves->result = action->value;
      break;
    case END_FALSE:
    case END_VALUE_FALSE:
      leaves->failed = TRUE;
      break;
    case END_DEFERRED:
    case END_DEFERRED_VALUE:
    case END_FIRED:
    case END_PENDING:
      leaves->inner = play_inner (action, self);
      break;
    case END_DEFERRED_ERROR:
      leaves->inner = play_inner (action, self);
      leaves->failed = TRUE;
      leaves->result = action->value;
      break;
    case END_DEFERRED_THEN:
      /* What is returned last counts, and what was before it goes. */
      leaves->inner = play_inner (action, self);
      if (leaves->inner != NULL)
        model_unref (g_steal_pointer (&leaves->inner));
      leaves->set = TRUE;
      leaves->result = action->value;
      break;
    case END_PASS:
    case N_ENDINGS:
    default:
      break;
    }
}

static void
on_run (ModelDeferred *self, gpointer data, ModelReturn *leaves)
{
  Action *action = data;

  if (play.script->ops[action->op].kind == OP_MAYBE)
    play.world->watch (self, play.maybe_id, NULL);
  play_action (action, self, self->id);
  model_end (self, action, leaves);
}

static void
on_do (ModelDeferred *self, gpointer data)
{
  play_action (data, self, self->id);
}

static void
on_dispatch (ModelDeferred *self, gpointer data, ModelReturn *leaves)
{
  Op *op = data;

  if (leaves != NULL)
    on_run (self, &op->action[self->result.kind >= RESULT_ERROR], leaves);
  play_dispatched_gone (op);
}

static gpointer
world_make (int id, Action *canceller)
{
  return model_deferred_new (model, id, canceller != NULL ? on_do : NULL, canceller,
                             canceller != NULL ? play_gone_of (canceller) : NULL);
}

static gpointer
world_made (int id, Result result)
{
  return model_made (model, id, result);
}

static gpointer
world_maybe (int id, Action *action)
{
  return model_maybe (model, id, on_run, action);
}

static void
world_watch (gpointer d, int id, Op *op)
{
  model_watch (d, op);
  play_born (d, id);
}

static ModelFunc
world_func (const Action *action)
{
  return action->absent ? NULL : on_run;
}

static void
world_add (gpointer d, Op *op)
{
  Action        *first = &op->action[0];
  Action        *second = &op->action[1];
  GDestroyNotify gone = op->kind == OP_DISPATCHED ? NULL : play_gone_of (first);

  switch (op->kind)
    {
    case OP_CALLBACK:
      model_add (d, on_run, first, gone, NULL, NULL, NULL, -1);
      break;
    case OP_ERRBACK:
      model_add (d, NULL, NULL, NULL, on_run, first, gone, -1);
      break;
    case OP_BOTH:
      model_add (d, on_run, first, gone, on_run, first, NULL, -1);
      break;
    case OP_PAIR:
      model_add (d, world_func (first), first, gone, world_func (second), second, play_gone_of (second), -1);
      break;
    case OP_DISPATCHED:
      model_add_dispatched (d, on_dispatch, op);
      break;
    case OP_ERRBACK_FOR:
      model_add (d, NULL, NULL, NULL, on_run, first, gone, op->value.number);
      break;
    default:
      break;
    }
}

static int
world_fire (gpointer d, Result result)
{
  return model_fire (d, result);
}

static int
world_fire_away (gpointer d, Result result)
{
  return model_fire_away (d, result);
}

static int
world_fire_with (gpointer d, Action *action)
{
  return model_fire_with (d, on_run, action);
}

static int
world_fire_deferred (gpointer d G_GNUC_UNUSED, gpointer other G_GNUC_UNUSED)
{
  return MODEL_INVALID_RESULT;
}

static void
world_chain (gpointer d, gpointer other)
{
  model_chain (d, other);
}

static gpointer
world_fork (gpointer d, int id)
{
  return model_fork (d, id);
}

static void
world_pause (gpointer d)
{
  model_pause (d);
}

static void
world_unpause (gpointer d)
{
  model_unpause (d);
}

static void
world_cancel (gpointer d)
{
  model_cancel (d);
}

static void
world_cancel_away (gpointer d)
{
  model_cancel_away (d);
}

static void
world_invoke (gpointer d, Action *action)
{
  model_invoke (d, on_do, action, play_gone_of (action));
}

/* The owner is the id: whom it owns may be gone before it. */
static gpointer
world_bind (gpointer d G_GNUC_UNUSED, int id)
{
  return GINT_TO_POINTER (id + 1);
}

static void
world_disown (gpointer owner)
{
  ModelDeferred *d = g_ptr_array_index (play.alive, GPOINTER_TO_INT (owner) - 1);

  if (d != NULL)
    model_owner_gone (d);
}

static void
world_link (gpointer d)
{
  model_link_cancellable (d);
}

static void
world_cancel_cancellable (void)
{
  model_cancel_cancellable (model);
}

static gpointer
world_ref (gpointer d)
{
  return model_ref (d);
}

static void
world_unref (gpointer d)
{
  model_unref (d);
}

static void
world_unref_away (gpointer d)
{
  model_unref_away (d);
}

static void
world_iterate (void)
{
  model_iterate (model);
}

/* An owner that goes cancels, from the loop; it counts from the first. */
static gboolean
is_cancelled (const ModelDeferred *self)
{
  return self->cancelled || (self->muted && !self->fired && !self->claimed);
}

static void
world_look (gpointer d, Seen *state, Seen *waits)
{
  ModelDeferred *self = d;
  ModelDeferred *inner = model_waits_for (self);

  *state = (Seen){ SEEN_LOOK, (int) model_state (self),
                   (self->pauses > 0 ? 1 : 0) | (is_cancelled (self) ? 2 : 0), self->id, self->result };
  if (inner != NULL)
    *waits = (Seen){ SEEN_WAITS, inner->id, 0, self->id, result_nothing };
}

static const World world_of_model = {
  .make = world_make,
  .made = world_made,
  .maybe = world_maybe,
  .watch = world_watch,
  .add = world_add,
  .fire = world_fire,
  .fire_away = world_fire_away,
  .fire_with = world_fire_with,
  .fire_deferred = world_fire_deferred,
  .chain = world_chain,
  .fork = world_fork,
  .pause = world_pause,
  .unpause = world_unpause,
  .cancel = world_cancel,
  .cancel_away = world_cancel_away,
  .invoke = world_invoke,
  .bind = world_bind,
  .disown = world_disown,
  .link = world_link,
  .cancel_cancellable = world_cancel_cancellable,
  .ref = world_ref,
  .unref = world_unref,
  .unref_away = world_unref_away,
  .iterate = world_iterate,
  .look = world_look,
};

static void
on_fired (gpointer op, ModelDeferred *d, gboolean after)
{
  play_handler (op, after ? 2 : 1, d, d->id);
}

/* The log shows no payload. */
static void
on_report (ModelDeferred *d, Result error)
{
  if (!script.hook)
    error.payload = 0;
  play_see (SEEN_REPORT, 0, 0, d->id, error);
}

static void
on_critical (void)
{
  play_see (SEEN_CRITICAL, 0, 0, 0, result_nothing);
}

static const ModelEvents model_events = { on_fired, on_report, on_critical, play_died };

/* --- comparing ------------------------------------------------------------------------------------------------- */

typedef struct
{
  int      alive;  /* Deferreds */
  int      data;   /* whose destroy-notify did not run, or ran twice */
  int      tokens; /* values */
  gboolean over;
} Rest;

static Rest rest_of_library;
static Rest rest_of_model;

static gboolean
take_rest (Rest *rest, int tokens)
{
  *rest = (Rest){ play.n_alive, play.n_adds - play.n_gone, tokens, play.over };
  return rest->alive == 0 && rest->data == 0 && rest->tokens == 0 && !rest->over;
}

static gboolean
same_at (guint i)
{
  return memcmp (&g_array_index (seen_of_library, Seen, i), &g_array_index (seen_of_model, Seen, i),
                 sizeof (Seen))
         == 0;
}

/* How many things both have seen alike, from the first on. */
static guint
count_same (void)
{
  guint n = MIN (seen_of_library->len, seen_of_model->len);
  guint i = 0;

  while (i < n && same_at (i))
    i++;
  return i;
}

/* Plays the script in both worlds; TRUE if they are alike and nothing is left of either. */
static gboolean
plays_alike (void)
{
  gboolean clean;

  playing = TRUE;
  play_real_start (script.hook);
  play_script (&play_real, &script, seen_of_library);
  clean = take_rest (&rest_of_library, play_real_tokens ());

  model = model_new (&model_events, script.hook);
  play_script (&world_of_model, &script, seen_of_model);
  clean = take_rest (&rest_of_model, 0) && clean;
  model_free (model);
  playing = FALSE;

  return clean && seen_of_library->len == seen_of_model->len && count_same () == seen_of_model->len;
}

/* --- failing --------------------------------------------------------------------------------------------------- */

/* In a child, so that a crash, a loop without end and what the last attempt left behind do not matter. */
static gboolean
still_fails (void)
{
  int   status = 0;
  pid_t child = fork ();

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      signal (SIGSEGV, SIG_DFL);
      signal (SIGABRT, SIG_DFL);
      signal (SIGTRAP, SIG_DFL);
      if (freopen ("/dev/null", "w", stdout) == NULL || freopen ("/dev/null", "w", stderr) == NULL)
        _exit (2);
      alarm (10);
      play_real_forget ();
      _exit (plays_alike () ? 0 : 1);
    }

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  return status != 0;
}

static gboolean
try_ending (Action *action, Ending ending)
{
  Ending old = action->ending;

  if (old == ending)
    return FALSE;

  action->ending = ending;
  if (still_fails ())
    return TRUE;
  action->ending = old;
  return FALSE;
}

static gboolean
try_without (Op *op)
{
  if (op->dropped)
    return FALSE;

  op->dropped = TRUE;
  op->dropped = still_fails ();
  return op->dropped;
}

/* Drops whatever can be dropped, one at a time, for as long as that gets anywhere. */
static void
shrink (void)
{
  gboolean shrunk = TRUE;

  while (shrunk)
    {
      shrunk = FALSE;
      for (int i = script.n_ops - 1; i >= 0; i--)
        {
          Op *op = &script.ops[i];

          shrunk |= try_without (op);
          for (int half = 0; half < SCRIPT_ACTIONS && !op->dropped; half++)
            if (op->has[half])
              shrunk |= try_ending (&op->action[half], END_PASS);
        }
    }
}

static void
print_rest (const char *name, const Rest *rest, GString *to)
{
  g_string_append_printf (to, "left of %s: %d Deferreds, %d data, %d values%s\n", name, rest->alive,
                          rest->data, rest->tokens, rest->over ? ", and it found no end" : "");
}

static void
print_difference (GString *to)
{
  guint same = count_same ();

  g_string_append (to, "both see\n");
  seen_print (seen_of_model, 0, same, to);
  g_string_append (to, "then the library sees\n");
  seen_print (seen_of_library, same, same + 8, to);
  g_string_append (to, "and the model\n");
  seen_print (seen_of_model, same, same + 8, to);
  print_rest ("the library", &rest_of_library, to);
  print_rest ("the model", &rest_of_model, to);
}

static void
print_lines (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (int i = 0; lines[i] != NULL; i++)
    g_test_message ("%s", lines[i]);
}

static void
fail (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  script_print (&script, text);
  shrink ();
  g_string_append (text, "which fails like this, too:\n");
  script_print (&script, text);
  print_lines (text->str);

  g_string_truncate (text, 0);
  play_real_forget ();
  plays_alike ();
  print_difference (text);
  print_lines (text->str);
  g_test_fail_printf ("script %u: the library and the model differ", script.seed);
}

/* A crash: in what? The process is lost anyway. */
static void
on_deadly_signal (int number)
{
  g_autoptr (GString) text = g_string_new (NULL);

  signal (number, SIG_DFL);
  if (playing)
    {
      script_print (&script, text);
      g_string_append_printf (text, "GD_MODEL_SCRIPT=%u shrinks it\n", script.seed);
    }
  if (write (STDERR_FILENO, text->str, text->len) < 0)
    _exit (3);
  raise (number);
}

static void
random_scripts_play_alike (void)
{
  const char *only = g_getenv ("GD_MODEL_SCRIPT");
  guint       n = only != NULL ? 1 : gd_test_scaled (N_SCRIPTS);
  guint64     n_seen = 0;

  for (guint i = 0; i < n && !g_test_failed (); i++)
    {
      guint seed = only != NULL ? (guint) strtoul (only, NULL, 10) : (guint) g_test_rand_int ();

      script_random (&script, seed);
      if (only != NULL ? still_fails () : !plays_alike ())
        fail ();
      n_seen += seen_of_model->len;
    }
  g_test_message ("%u scripts, %" G_GUINT64_FORMAT " events", n, n_seen);
}

int
main (int argc, char **argv)
{
  gd_test_init (&argc, &argv);
  play_real_init ();
  signal (SIGSEGV, on_deadly_signal);
  signal (SIGABRT, on_deadly_signal);
  signal (SIGTRAP, on_deadly_signal);

  seen_of_library = g_array_new (FALSE, FALSE, sizeof (Seen));
  seen_of_model = g_array_new (FALSE, FALSE, sizeof (Seen));
  g_test_add_func ("/model/rules-1-to-18/random-scripts-play-alike", random_scripts_play_alike);
  return g_test_run ();
}
