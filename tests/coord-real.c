/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* The scripts' operations, done with the library. */

#include "coord-script.h"

#include <gdeferred/gdeferred.h>

static GDeferredLock      *lock;
static GDeferredSemaphore *semaphore;
static GDeferredRWLock    *rw_lock;
static GDeferredQueue     *queue;
static gpointer            object; /* whichever it is */

static GDeferred *made[MAX_OPS];
static GObject   *owners[MAX_OPS];
static GDeferred *inner[MAX_OPS];
static GObject   *watched[3 * MAX_OPS]; /* weak: nothing may be left in the end */
static int        n_watched;
static const Op  *ops;

static void
watch (gpointer what)
{
  watched[n_watched] = what;
  g_object_add_weak_pointer (what, (gpointer *) &watched[n_watched]);
  n_watched++;
}

static void
begin (const Script *script)
{
  lock = NULL;
  semaphore = NULL;
  rw_lock = NULL;
  queue = NULL;
  n_watched = 0;
  ops = script->ops;
  switch (script->object)
    {
    case OBJECT_LOCK:
      object = lock = g_deferred_lock_new ();
      break;
    case OBJECT_SEMAPHORE:
      object = semaphore = g_deferred_semaphore_new ((guint) script->size);
      break;
    case OBJECT_RW_LOCK:
      object = rw_lock = g_deferred_rw_lock_new ();
      break;
    case OBJECT_QUEUE:
    case N_OBJECTS:
    default:
      object = queue = g_deferred_queue_new (script->size, script->backlog);
    }
  watch (object);
}

static void
end (void)
{
  g_object_unref (object);
  for (int i = 0; i < n_watched; i++)
    g_assert_null (watched[i]);
}

static ErrorKind
kind_of_error (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return ERROR_CANCELLED;
  if (g_error_matches (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_CLOSED))
    return ERROR_CLOSED;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return ERROR_WOULD_BLOCK;
  if (g_error_matches (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_ABANDONED))
    return ERROR_ABANDONED;
  if (g_error_matches (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_OVERFLOW))
    return ERROR_OVERFLOW;
  if (g_error_matches (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_UNDERFLOW))
    return ERROR_UNDERFLOW;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FAILED))
    return ERROR_OWN;
  return ERROR_OTHER;
}

static Outcome
outcome_of (GDeferred *d)
{
  const GError *error = g_deferred_get_error (d);
  const GValue *value = g_deferred_get_result (d);

  if (error != NULL)
    return (Outcome){ OUTCOME_ERROR, kind_of_error (error) };
  if (value == NULL)
    return (Outcome){ OUTCOME_NONE, 0 };
  if (G_VALUE_HOLDS_INT (value))
    return (Outcome){ OUTCOME_INT, g_value_get_int (value) };
  g_assert_true (g_value_get_object (value) == object);
  return (Outcome){ OUTCOME_OBJECT, 0 };
}

/* --- what makes a Deferred --------------------------------------------------------------------------------------- */

static gboolean
on_called (GDeferred *self, gpointer i, GError **error)
{
  if (script_callback (GPOINTER_TO_INT (i), outcome_of (self)))
    return g_deferred_return_none (self);
  return TRUE;
}

static void
on_gone (gpointer i)
{
  script_gone (GPOINTER_TO_INT (i));
}

static gboolean
on_run (GDeferred *self, gpointer data, GError **error)
{
  int i = GPOINTER_TO_INT (data);

  if (ops[i].ending == END_INNER)
    {
      GDeferred *waits_for = g_deferred_new ();

      watch (waits_for);
      inner[i] = g_object_ref (waits_for);
      script_func (i);
      return g_deferred_return_deferred (self, waits_for);
    }

  script_func (i);
  if (ops[i].ending == END_VALUE)
    return g_deferred_return_int (self, 1000 + i);
  return g_deferred_return_error_literal (self, G_IO_ERROR, G_IO_ERROR_FAILED, "own");
}

static void
on_run_gone (gpointer i)
{
  script_func_gone (GPOINTER_TO_INT (i));
}

static GDeferred *
acquire (guint which)
{
  if (lock != NULL)
    return g_deferred_lock_acquire (lock);
  if (semaphore != NULL)
    return g_deferred_semaphore_acquire (semaphore);
  return which == 0 ? g_deferred_rw_lock_acquire_read (rw_lock) : g_deferred_rw_lock_acquire_write (rw_lock);
}

static GDeferred *
run (int i, guint which)
{
  gpointer data = GINT_TO_POINTER (i);

  if (lock != NULL)
    return g_deferred_lock_run (lock, on_run, data, on_run_gone);
  if (semaphore != NULL)
    return g_deferred_semaphore_run (semaphore, on_run, data, on_run_gone);
  return which == 0 ? g_deferred_rw_lock_run_read (rw_lock, on_run, data, on_run_gone)
                    : g_deferred_rw_lock_run_write (rw_lock, on_run, data, on_run_gone);
}

static void
set_number (GValue *value, int i)
{
  *value = (GValue) G_VALUE_INIT;
  if (i % 8 == 7) /* "nothing" is a value, too */
    return;
  g_value_init (value, G_TYPE_INT);
  g_value_set_int (value, i);
}

static GDeferred *
put (int i)
{
  GValue value;

  set_number (&value, i);
  return g_deferred_queue_put (queue, &value);
}

static GDeferred *
make_one (int i, const Op *op)
{
  switch (op->kind)
    {
    case OP_ACQUIRE:
      return acquire (op->which);
    case OP_RUN:
      return run (i, op->which);
    case OP_GET:
      return g_deferred_queue_get (queue);
    case OP_GET_NOWAIT:
      return g_deferred_queue_get_nowait (queue);
    default:
      return put (i);
    }
}

static gboolean
make_inside (GDeferred *self, gpointer data, GError **error)
{
  int        i = GPOINTER_TO_INT (data);
  GDeferred *d = make_one (i, &ops[i]);

  watch (d);
  if (ops[i].is_owned && ops[i].is_inner_owned)
    g_deferred_bind_owner (d, owners[i]);
  return g_deferred_return_deferred (self, d);
}

static void
make (int i, const Op *op)
{
  GDeferred *d;

  owners[i] = op->is_owned ? g_object_new (G_TYPE_OBJECT, NULL) : NULL;
  if (op->is_outer)
    {
      d = g_deferred_succeed (NULL);
      g_deferred_add_callback (d, make_inside, GINT_TO_POINTER (i), NULL);
    }
  else
    d = make_one (i, op);
  watch (d);
  made[i] = d;
  if (op->is_owned && !(op->is_outer && op->is_inner_owned))
    g_deferred_bind_owner (d, owners[i]);
  script_made (i);
  if (op->is_heard)
    g_deferred_add_both (d, on_called, GINT_TO_POINTER (i), on_gone);
}

/* --- and the rest ------------------------------------------------------------------------------------------------ */

static gboolean
try_to_take (guint which)
{
  if (lock != NULL)
    return g_deferred_lock_try_acquire (lock);
  if (semaphore != NULL)
    return g_deferred_semaphore_try_acquire (semaphore);
  return which == 0 ? g_deferred_rw_lock_try_acquire_read (rw_lock)
                    : g_deferred_rw_lock_try_acquire_write (rw_lock);
}

static void
release (guint which)
{
  if (lock != NULL)
    g_assert_true (g_deferred_lock_release (lock));
  else if (semaphore != NULL)
    g_assert_true (g_deferred_semaphore_release (semaphore));
  else if (which == 0)
    g_assert_true (g_deferred_rw_lock_release_read (rw_lock));
  else
    g_assert_true (g_deferred_rw_lock_release_write (rw_lock));
}

static int
put_nowait (int i)
{
  GError   *error = NULL;
  GValue    value;
  ErrorKind kind;

  set_number (&value, i);
  if (g_deferred_queue_put_nowait (queue, &value, &error))
    return -1;

  kind = kind_of_error (error);
  g_error_free (error);
  return (int) kind;
}

static void
close_queue (void)
{
  g_deferred_queue_close (queue);
}

static void
cancel (int i)
{
  g_deferred_cancel (made[i]);
}

static void
drop (int i)
{
  g_object_unref (made[i]);
}

static Look
look (int i, Outcome *outcome)
{
  switch (g_deferred_get_state (made[i]))
    {
    case G_DEFERRED_STATE_PENDING:
      return LOOK_PENDING;
    case G_DEFERRED_STATE_RUNNING:
      return LOOK_RUNNING;
    case G_DEFERRED_STATE_WAITING:
      return LOOK_WAITING;
    default:
      *outcome = outcome_of (made[i]);
      return LOOK_DONE;
    }
}

static gboolean
fire (int i)
{
  return g_deferred_callback_int (made[i], 2000 + i, NULL);
}

static void
pause_or_not (int i, gboolean pause)
{
  if (pause)
    g_deferred_pause (made[i]);
  else
    g_deferred_unpause (made[i]);
}

static void
owner_gone (int i)
{
  g_object_unref (owners[i]);
}

static void
fire_inner (int i)
{
  g_deferred_callback_int (inner[i], 3000 + i, NULL);
}

static void
drop_inner (int i)
{
  g_object_unref (inner[i]);
}

static void
iterate (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
dispose (void)
{
  g_object_run_dispose (object);
}

static void
count (GString *trace)
{
  if (lock != NULL)
    g_string_append_printf (trace, "{%d %u} ", g_deferred_lock_get_locked (lock),
                            g_deferred_lock_get_n_waiting (lock));
  else if (semaphore != NULL)
    g_string_append_printf (trace, "{%u %u} ", g_deferred_semaphore_get_n_free (semaphore),
                            g_deferred_semaphore_get_n_waiting (semaphore));
  else if (rw_lock != NULL)
    g_string_append_printf (trace, "{%u %d %u} ", g_deferred_rw_lock_get_n_readers (rw_lock),
                            g_deferred_rw_lock_get_writing (rw_lock),
                            g_deferred_rw_lock_get_n_waiting (rw_lock));
  else
    g_string_append_printf (trace, "{%u %u %u %d} ", g_deferred_queue_get_length (queue),
                            g_deferred_queue_get_n_getting (queue), g_deferred_queue_get_n_putting (queue),
                            g_deferred_queue_is_closed (queue));
}

const World real_world = { "the library", begin,      end,     make,    try_to_take, release,      put_nowait,
                           close_queue,   cancel,     drop,    look,    fire,        pause_or_not, owner_gone,
                           fire_inner,    drop_inner, iterate, dispose, count };
