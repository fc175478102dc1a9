/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* The scripts' operations, done with a model: plain lists, references counted by hand, one object at a time. It shares
 * no line with the library. Of Deferreds it knows what the scripts can tell. */

#include "coord-script.h"

typedef struct _Model Model;

typedef enum
{
  LINK_WAITER,   /* tells the object whether its grant was delivered */
  LINK_FUNC,     /* calls the function that is to be run */
  LINK_END,      /* of a run */
  LINK_RESUME,   /* gives the outcome to the Deferred that waits for it */
  LINK_CALLBACK, /* the script's */
} LinkKind;

typedef struct
{
  LinkKind kind;
  int      op;
  Model   *target; /* owned */
} Link;

/* A Deferred. */
struct _Model
{
  int      refs;
  gboolean is_freed;
  gboolean is_fired;
  gboolean is_queued;
  gboolean is_running;
  gboolean is_muted;
  gboolean is_cancelled;
  int      n_pauses;
  int      n_busy;
  gboolean is_revived;
  Outcome  outcome;
  GQueue   links;
  Model   *waits_for; /* not owned */
  gboolean is_held;   /* of a run's work: it has the permit */

  /* Of one that waits for the object. */
  gboolean is_waiter;
  GQueue  *line;    /* that it stands in */
  gboolean is_lost; /* the object was disposed */
  gboolean is_settled;
  gboolean is_granted;
  gboolean is_being_granted;
  gboolean is_undelivered;
  gboolean is_late;
  guint    which;
  Outcome  value; /* of a putter */
};

typedef enum
{
  LETTER_CANCEL,
  LETTER_ABANDON,
  LETTER_LOST,
  LETTER_SERVE
} LetterKind;

typedef struct
{
  LetterKind kind;
  Model     *to; /* owned */
} Letter;

static const Script *script;
static GPtrArray    *all; /* of Model */
static GQueue        letters = G_QUEUE_INIT;
static Model        *made[MAX_OPS];
static Model        *inside[MAX_OPS]; /* what the one above waits for, if it is an outer one */
static Model        *inner[MAX_OPS];  /* of functions that are run */

/* The object. */
static int      n_taken[2];
static GQueue   line = G_QUEUE_INIT;     /* who waits for it; of a queue, to get */
static GQueue   putters = G_QUEUE_INIT;  /* who waits for room */
static GQueue   accepted = G_QUEUE_INIT; /* whose value is in, and who is to be told */
static GQueue   values = G_QUEUE_INIT;   /* of Outcome */
static gboolean is_closed;
static int      n_serving;
static Letter  *posted;

static const Outcome nothing = { OUTCOME_NONE, 0 };

static Outcome
error (ErrorKind kind)
{
  return (Outcome){ OUTCOME_ERROR, (int) kind };
}

static void serve (void);
static void run (Model *first);
static void model_cancel (Model *self);

/* --- references and letters -------------------------------------------------------------------------------------- */

static Model *
model_new (void)
{
  Model *self = g_new0 (Model, 1);

  self->refs = 1;
  g_queue_init (&self->links);
  g_ptr_array_add (all, self);
  return self;
}

static Model *
ref (Model *self)
{
  self->refs++;
  return self;
}

static Letter *
post (LetterKind kind, Model *to)
{
  Letter *letter = g_new (Letter, 1);

  *letter = (Letter){ kind, to != NULL ? ref (to) : NULL };
  g_queue_push_tail (&letters, letter);
  return letter;
}

/* With links left it comes back from the loop. */
static void
unref (Model *self)
{
  if (--self->refs > 0)
    return;

  if (self->n_busy > 0)
    {
      self->is_revived = TRUE;
      self->refs = 1;
    }
  else if (self->links.length > 0)
    post (LETTER_ABANDON, self);
  else
    self->is_freed = TRUE;
}

static void
hold (Model *self)
{
  self->n_busy++;
}

static void
let_go (Model *self)
{
  if (--self->n_busy > 0 || !self->is_revived)
    return;

  self->is_revived = FALSE;
  unref (self);
}

static void
add_link (Model *self, LinkKind kind, int op, Model *target)
{
  Link *link = g_new (Link, 1);

  *link = (Link){ kind, op, target != NULL ? ref (target) : NULL };
  g_queue_push_tail (&self->links, link);
}

static gboolean
leads_on (Model *self)
{
  for (GList *l = self->links.head; l != NULL; l = l->next)
    if (((Link *) l->data)->target != NULL)
      return TRUE;
  return FALSE;
}

/* Whether anybody would see the outcome, beside who has one reference. */
static gboolean
is_heeded (Model *self)
{
  return self->is_muted ? leads_on (self) : self->links.length > 0 || self->refs > 1;
}

/* --- lines ------------------------------------------------------------------------------------------------------- */

static void
stand_in (GQueue *where, Model *self)
{
  self->line = where;
  g_queue_push_tail (where, self);
}

static gboolean
leave (Model *self)
{
  gboolean was_first = self->line->head->data == self;

  g_queue_remove (self->line, self);
  self->line = NULL;
  return was_first;
}

/* --- chains ------------------------------------------------------------------------------------------------------ */

static gboolean
fire_it (Model *self, Outcome outcome)
{
  if (self->is_fired)
    return FALSE;

  self->is_fired = TRUE;
  self->outcome = outcome;
  run (self);
  return TRUE;
}

static gboolean
is_idle (Model *self)
{
  return self->is_fired && !self->is_running && !self->is_queued && self->waits_for == NULL
         && self->n_pauses == 0;
}

static void
put_value_back (Outcome value)
{
  g_queue_push_head (&values, g_memdup2 (&value, sizeof value));
}

static void
take_back (Model *self)
{
  if (script->object != OBJECT_QUEUE)
    n_taken[self->which]--;
  else if (!self->is_settled)
    put_value_back (self->outcome);
}

static void
run_waiter_link (Model *self)
{
  gboolean is_called = !self->is_muted;

  if (self->is_granted)
    self->is_undelivered = !(is_called && !self->is_being_granted) && !is_heeded (self);

  if (self->is_being_granted)
    self->is_being_granted = FALSE;
  else if (self->is_late)
    {
      self->is_late = FALSE;
      if (self->is_undelivered && !self->is_lost)
        {
          take_back (self);
          serve ();
        }
    }
  else if (self->line != NULL)
    {
      gboolean was_first = leave (self);

      unref (self);
      if (was_first)
        serve ();
    }
}

/* Whether what waits for the work of a run, by its last link, was cancelled; there is none while the lock is free. */
static gboolean
result_is_cancelled (Model *work)
{
  Model *result = work->links.length > 0 ? ((Link *) work->links.tail->data)->target : NULL;

  return result != NULL && (result->is_cancelled || result->is_muted);
}

/* It leaves an outcome in @self, or has it wait for one. */
static void
call_func (Model *self, int op)
{
  switch (script->ops[op].ending)
    {
    case END_VALUE:
      script_func (op);
      self->outcome = (Outcome){ OUTCOME_INT, 1000 + op };
      return;
    case END_ERROR:
      script_func (op);
      self->outcome = error (ERROR_OWN);
      return;
    case END_INNER:
    case N_ENDINGS:
    default:
      break;
    }

  inner[op] = ref (model_new ());
  script_func (op);
  if (result_is_cancelled (self))
    model_cancel (inner[op]);
  if (is_idle (inner[op]))
    {
      self->outcome = inner[op]->outcome;
      inner[op]->outcome = nothing;
    }
  else
    {
      self->outcome = nothing;
      self->waits_for = inner[op];
      add_link (inner[op], LINK_RESUME, op, self);
    }
  unref (inner[op]);
}

static void
end_of_run (Model *self, int op)
{
  if (!self->is_held)
    return;

  self->is_held = FALSE;
  n_taken[script->ops[op].which]--;
  if (line.length > 0)
    serve ();
}

static void
run_link (Model *self, Link *link, GQueue *turns)
{
  switch (link->kind)
    {
    case LINK_WAITER:
      run_waiter_link (self);
      break;
    case LINK_FUNC:
      if (self->outcome.kind != OUTCOME_ERROR)
        {
          self->is_held = TRUE;
          if (result_is_cancelled (self))
            self->outcome = error (ERROR_CANCELLED);
          else
            call_func (self, link->op);
        }
      script_func_gone (link->op);
      break;
    case LINK_END:
      end_of_run (self, link->op);
      break;
    case LINK_CALLBACK:
      if (!self->is_muted && script_callback (link->op, self->outcome))
        self->outcome = nothing;
      script_gone (link->op);
      break;
    case LINK_RESUME:
    default:
      link->target->waits_for = NULL;
      link->target->outcome = self->outcome;
      self->outcome = nothing;
      link->target->is_queued = TRUE;
      g_queue_push_tail (turns, link->target);
    }
}

static void
run_one (Model *self, GQueue *turns)
{
  hold (self);
  self->is_running = TRUE;
  while (self->links.length > 0 && self->waits_for == NULL && self->n_pauses == 0)
    {
      Link *link = g_queue_pop_head (&self->links);

      run_link (self, link, turns);
      g_free (link);
    }
  self->is_running = FALSE;
  let_go (self);
}

static void
run (Model *first)
{
  GQueue turns = G_QUEUE_INIT;

  run_one (first, &turns);
  while (turns.length > 0)
    {
      Model *next = g_queue_pop_head (&turns);

      next->is_queued = FALSE;
      run_one (next, &turns);
      unref (next);
    }
}

/* --- the object -------------------------------------------------------------------------------------------------- */

/* Whether it was delivered, or may still be. */
static gboolean
grant (Model *self, Outcome outcome)
{
  leave (self);
  if (self->is_fired) /* by somebody else, and it is paused */
    {
      unref (self);
      return FALSE;
    }

  self->is_granted = self->is_being_granted = TRUE;
  fire_it (self, outcome);
  if (self->is_being_granted)
    {
      self->is_being_granted = FALSE;
      self->is_late = TRUE;
    }
  unref (self);
  return !self->is_undelivered;
}

static gboolean
may_take (guint which)
{
  switch (script->object)
    {
    case OBJECT_LOCK:
      return n_taken[0] == 0;
    case OBJECT_SEMAPHORE:
      return n_taken[0] < script->size;
    default:
      return n_taken[1] == 0 && (which == 0 || n_taken[0] == 0);
    }
}

static gboolean
take (guint which)
{
  if (!may_take (which))
    return FALSE;

  n_taken[which]++;
  return TRUE;
}

static gboolean
serve_permit (void)
{
  Model *first = line.head != NULL ? line.head->data : NULL;

  if (first == NULL || !take (first->which))
    return FALSE;

  if (!grant (first, (Outcome){ OUTCOME_OBJECT, 0 }))
    n_taken[first->which]--;
  return TRUE;
}

static Outcome
pop_value (void)
{
  Outcome *first = g_queue_pop_head (&values);
  Outcome  value = *first;

  g_free (first);
  return value;
}

static gboolean
serve_queue (void)
{
  GQueue *of = line.length > 0 ? &line : &putters;

  if (accepted.length > 0)
    grant (accepted.head->data, nothing);
  else if (line.length > 0 && values.length > 0)
    {
      Outcome value = pop_value ();

      if (!grant (line.head->data, value))
        put_value_back (value);
    }
  else if (is_closed && of->length > 0)
    {
      Model *first = of->head->data;

      leave (first);
      first->is_lost = TRUE;
      fire_it (first, error (ERROR_CLOSED));
      unref (first);
    }
  else
    return FALSE;
  return TRUE;
}

static void
serve_all (void)
{
  n_serving++;
  while (script->object == OBJECT_QUEUE ? serve_queue () : serve_permit ())
    ;
  n_serving--;
}

static void
serve (void)
{
  if (n_serving == 0)
    serve_all ();
  else if (posted == NULL)
    posted = post (LETTER_SERVE, NULL);
}

static Model *
wait_in (GQueue *where, guint which)
{
  Model *self = model_new ();

  self->is_waiter = TRUE;
  self->which = which;
  add_link (self, LINK_WAITER, -1, NULL);
  stand_in (where, self);
  return self;
}

/* A putter that has its value in cannot be cancelled any more. */
static void
cancel_waiter (Model *self)
{
  if (self->line == NULL)
    return;
  if (self->is_settled)
    {
      grant (self, nothing);
      return;
    }
  if (!leave (self))
    {
      unref (self);
      return;
    }

  fire_it (self, error (ERROR_CANCELLED));
  unref (self);
  serve ();
}

static void
model_cancel (Model *self)
{
  for (; self->waits_for != NULL; self = self->waits_for)
    self->is_cancelled = TRUE;
  if (self->is_fired || self->is_cancelled)
    return;

  ref (self);
  self->is_cancelled = TRUE;
  if (self->is_waiter)
    cancel_waiter (self);
  fire_it (self, error (ERROR_CANCELLED));
  unref (self);
}

/* --- what makes a Deferred --------------------------------------------------------------------------------------- */

static Model *
fired (Outcome outcome)
{
  Model *self = model_new ();

  fire_it (self, outcome);
  return self;
}

static Model *
acquire (guint which)
{
  if (line.length > 0 || !take (which))
    return ref (wait_in (&line, which));
  return fired ((Outcome){ OUTCOME_OBJECT, 0 });
}

/* Has @self take over the outcome of @other, now or when there is one. */
static void
take_over (Model *self, Model *other, int op)
{
  self->is_fired = TRUE;
  if (is_idle (other))
    {
      self->outcome = other->outcome;
      other->outcome = nothing;
    }
  else
    {
      self->waits_for = other;
      add_link (other, LINK_RESUME, op, self);
    }
}

static Model *
run_now (int op)
{
  Model *work = model_new ();
  Model *result;

  call_func (work, op);
  work->is_fired = TRUE;
  script_func_gone (op);
  work->is_held = TRUE;
  add_link (work, LINK_END, op, NULL);
  if (is_idle (work))
    {
      run (work);
      return work;
    }

  result = model_new ();
  take_over (result, work, op);
  unref (work);
  return result;
}

static Model *
run_later (int op, guint which)
{
  Model *work = wait_in (&line, which);
  Model *result = model_new ();

  add_link (work, LINK_FUNC, op, NULL);
  add_link (work, LINK_END, op, NULL);
  take_over (result, work, op);
  return result;
}

/* Those who stand in line are about to get the values that there are. */
static gboolean
has_room (guint demand)
{
  return script->size < 0 || values.length < (guint) script->size + line.length + demand;
}

static void
accept_values (guint demand)
{
  while (putters.length > 0 && !is_closed && has_room (demand))
    {
      Model *putter = putters.head->data;

      leave (putter);
      putter->is_settled = TRUE;
      g_queue_push_tail (&values, g_memdup2 (&putter->value, sizeof putter->value));
      stand_in (&accepted, putter);
    }
}

static Model *
get_at_once (void)
{
  Model *self;

  if (line.length > 0)
    return NULL;
  accept_values (1);
  if (values.length == 0)
    return NULL;

  self = fired (pop_value ());
  if (accepted.length > 0)
    serve ();
  return self;
}

static Model *
get (gboolean may_wait)
{
  Model *self = get_at_once ();

  if (self != NULL)
    return self;
  if (is_closed && values.length <= line.length)
    return fired (error (ERROR_CLOSED));
  if (!may_wait)
    return fired (error (ERROR_WOULD_BLOCK));
  if (script->backlog >= 0 && line.length >= values.length + (guint) script->backlog)
    return fired (error (ERROR_UNDERFLOW));

  self = ref (wait_in (&line, 0));
  accept_values (0);
  if (values.length > 0)
    serve ();
  return self;
}

static Outcome
number (int i)
{
  return i % 8 == 7 ? nothing : (Outcome){ OUTCOME_INT, i };
}

static gboolean
put_at_once (int i)
{
  Outcome value = number (i);

  if (putters.length > 0 || !has_room (0))
    return FALSE;

  g_queue_push_tail (&values, g_memdup2 (&value, sizeof value));
  if (line.length > 0)
    serve ();
  return TRUE;
}

static Model *
put (int i)
{
  Model *self;

  if (is_closed)
    return fired (error (ERROR_CLOSED));
  if (put_at_once (i))
    return fired (nothing);

  self = ref (wait_in (&putters, 0));
  self->value = number (i);
  return self;
}

static Model *
make_one (int i, const Op *op)
{
  switch (op->kind)
    {
    case OP_ACQUIRE:
      return acquire (op->which);
    case OP_RUN:
      return line.length == 0 && take (op->which) ? run_now (i) : run_later (i, op->which);
    case OP_GET:
    case OP_GET_NOWAIT:
      return get (op->kind == OP_GET);
    default:
      return put (i);
    }
}

static Model *
make_outer (int i, const Op *op)
{
  Model *self = model_new ();

  inside[i] = make_one (i, op);
  take_over (self, inside[i], i);
  unref (inside[i]);
  return self;
}

static void
make (int i, const Op *op)
{
  inside[i] = NULL;
  made[i] = op->is_outer ? make_outer (i, op) : make_one (i, op);
  script_made (i);
  if (op->is_heard)
    add_link (made[i], LINK_CALLBACK, i, NULL);
  if (is_idle (made[i]))
    run (made[i]);
}

/* --- and the rest ------------------------------------------------------------------------------------------------ */

static void
begin (const Script *what)
{
  script = what;
  all = g_ptr_array_new_with_free_func (g_free);
  n_taken[0] = n_taken[1] = 0;
  is_closed = FALSE;
}

static void
end (void)
{
  for (guint i = 0; i < all->len; i++)
    g_assert_true (((Model *) g_ptr_array_index (all, i))->is_freed);
  g_ptr_array_unref (all);
}

static gboolean
try_to_take (guint which)
{
  return line.length == 0 && take (which);
}

static void
release (guint which)
{
  g_assert_cmpint (n_taken[which], >, 0);
  n_taken[which]--;
  if (line.length > 0)
    serve ();
}

static int
put_nowait (int i)
{
  if (is_closed)
    return ERROR_CLOSED;
  return put_at_once (i) ? -1 : ERROR_OVERFLOW;
}

static void
close_queue (void)
{
  if (is_closed)
    return;

  is_closed = TRUE;
  if (line.length > 0 || putters.length > 0)
    serve ();
}

static void
cancel (int i)
{
  model_cancel (made[i]);
}

static void
drop (int i)
{
  unref (made[i]);
}

static Look
look (int i, Outcome *outcome)
{
  if (!made[i]->is_fired)
    return LOOK_PENDING;
  if (made[i]->is_running || made[i]->is_queued)
    return LOOK_RUNNING;
  if (made[i]->waits_for != NULL)
    return LOOK_WAITING;

  *outcome = made[i]->outcome;
  return LOOK_DONE;
}

static gboolean
fire (int i)
{
  return fire_it (made[i], (Outcome){ OUTCOME_INT, 2000 + i });
}

static void
pause_or_not (int i, gboolean pause)
{
  Model *self = made[i];

  if (pause)
    {
      self->n_pauses++;
      return;
    }

  hold (self);
  self->n_pauses--;
  if (is_idle (self))
    run (self);
  let_go (self);
}

static void
owner_gone (int i)
{
  const Op *op = &script->ops[i];
  Model    *self = op->is_outer && op->is_inner_owned ? inside[i] : made[i];

  if (self->is_freed)
    return;

  self->is_muted = TRUE;
  post (LETTER_CANCEL, self);
}

static void
fire_inner (int i)
{
  fire_it (inner[i], (Outcome){ OUTCOME_INT, 3000 + i });
}

static void
drop_inner (int i)
{
  unref (inner[i]);
}

static void
open_letter (Letter *letter)
{
  Model *to = letter->to;

  switch (letter->kind)
    {
    case LETTER_CANCEL:
      model_cancel (to);
      break;
    case LETTER_ABANDON:
      to->n_pauses = 0;
      if (is_idle (to))
        run (to);
      else if (!to->is_fired)
        fire_it (to, error (ERROR_ABANDONED));
      break;
    case LETTER_LOST:
      fire_it (to, error (ERROR_ABANDONED));
      break;
    case LETTER_SERVE:
    default:
      if (letter != posted)
        break;
      posted = NULL;
      serve_all ();
    }
}

static void
iterate (void)
{
  while (letters.length > 0)
    {
      Letter *letter = g_queue_pop_head (&letters);

      open_letter (letter);
      if (letter->to != NULL)
        unref (letter->to);
      g_free (letter);
    }
}

static void
lose_all (GQueue *of)
{
  while (of->length > 0)
    {
      Model *first = of->head->data;

      leave (first);
      first->is_lost = TRUE;
      post (LETTER_LOST, first);
      unref (first);
    }
}

static void
dispose (void)
{
  lose_all (&line);
  lose_all (&putters);
  lose_all (&accepted);
  for (guint i = 0; i < all->len; i++)
    if (((Model *) g_ptr_array_index (all, i))->is_late)
      ((Model *) g_ptr_array_index (all, i))->is_lost = TRUE;
  posted = NULL;
  g_queue_clear_full (&values, g_free);
}

static void
count (GString *trace)
{
  guint about_to_get = MIN (line.length, values.length);
  int   n_free = script->size - n_taken[0] - (int) line.length;

  switch (script->object)
    {
    case OBJECT_LOCK:
      g_string_append_printf (trace, "{%d %u} ", n_taken[0] > 0 || line.length > 0, line.length);
      break;
    case OBJECT_SEMAPHORE:
      g_string_append_printf (trace, "{%d %u} ", MAX (n_free, 0), line.length);
      break;
    case OBJECT_RW_LOCK:
      g_string_append_printf (trace, "{%d %d %u} ", n_taken[0], n_taken[1], line.length);
      break;
    case OBJECT_QUEUE:
    case N_OBJECTS:
    default:
      g_string_append_printf (trace, "{%u %u %u %d} ", values.length - about_to_get,
                              line.length - about_to_get, putters.length, is_closed);
    }
}

const World model_world = { "the model", begin,      end,     make,    try_to_take, release,      put_nowait,
                            close_queue, cancel,     drop,    look,    fire,        pause_or_not, owner_gone,
                            fire_inner,  drop_inner, iterate, dispose, count };
