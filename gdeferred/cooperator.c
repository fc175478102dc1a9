/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "cooperator-private.h"

/**
 * GDeferredCooperator:
 *
 * Does long work in the main loop without holding it up: the work is cut into steps, and in each turn of the loop the
 * cooperator calls steps for some milliseconds, its *budget*, and then leaves the turn to others. For work that cannot
 * go to a thread, because it is on widgets or on objects that belong to this thread.
 *
 * Several tasks take turns, one step each. At %G_PRIORITY_DEFAULT_IDLE none of that is in the way of input or drawing,
 * which come first; they wait for one budget, or one step if that takes longer, and no more.
 *
 * ```c
 * typedef struct
 * {
 *   GListStore *store;
 *   int         next;
 *   int         end;
 * } Fill;
 *
 * static gboolean
 * fill_one (GDeferredCooperativeTask *task, gpointer user_data, GError **error)
 * {
 *   Fill *fill = user_data;
 *   g_autoptr (GObject) row = g_object_new (G_TYPE_OBJECT, NULL);
 *
 *   g_list_store_append (fill->store, row);
 *   return ++fill->next < fill->end;
 * }
 *
 * static GDeferred *
 * fill_all (GDeferredCooperator *cooperator, Fill *fill)
 * {
 *   g_autoptr (GDeferredCooperativeTask) task
 *       = g_deferred_cooperator_cooperate (cooperator, fill_one, fill, NULL);
 *
 *   return g_deferred_cooperative_task_when_done (task);
 * }
 * ```
 *
 * It may be dropped while it has tasks: they keep it. Where nothing is to be run, it has no source in the loop. It and
 * its tasks are at home in the thread-default main context of the thread that makes it; all of their methods are to be
 * called there.
 *
 * Since: 1.0
 */

typedef enum
{
  PROP_BUDGET = 1,
  PROP_PRIORITY,
  N_PROPS
} Prop;

#define DEFAULT_BUDGET (5 * G_TIME_SPAN_MILLISECOND)

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (GDeferredCooperator, g_deferred_cooperator, G_TYPE_OBJECT)

/* Tasks hold it: there are none left. */
static void
g_deferred_cooperator_finalize (GObject *object)
{
  GDeferredCooperator *self = G_DEFERRED_COOPERATOR (object);

  g_object_unref (self->anchor);

  G_OBJECT_CLASS (g_deferred_cooperator_parent_class)->finalize (object);
}

static void
g_deferred_cooperator_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  GDeferredCooperator *self = G_DEFERRED_COOPERATOR (object);

  switch ((Prop) prop_id)
    {
    case PROP_BUDGET:
      g_value_set_int64 (value, self->budget);
      break;
    case PROP_PRIORITY:
      g_value_set_int (value, self->priority);
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
g_deferred_cooperator_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  GDeferredCooperator *self = G_DEFERRED_COOPERATOR (object);

  switch ((Prop) prop_id)
    {
    case PROP_BUDGET:
      self->budget = g_value_get_int64 (value);
      break;
    case PROP_PRIORITY:
      self->priority = g_value_get_int (value);
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
g_deferred_cooperator_class_init (GDeferredCooperatorClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = g_deferred_cooperator_finalize;
  object_class->get_property = g_deferred_cooperator_get_property;
  object_class->set_property = g_deferred_cooperator_set_property;

  /**
   * GDeferredCooperator:budget: (getter get_budget)
   *
   * For how long it calls steps in each turn of the loop, in microseconds. It calls one in any case.
   *
   * Since: 1.0
   */
  props[PROP_BUDGET] = g_param_spec_int64 ("budget", NULL, NULL, 0, G_MAXINT64, DEFAULT_BUDGET, flags);

  /**
   * GDeferredCooperator:priority: (getter get_priority)
   *
   * The priority of its source: as long as there is something to do for others with a lower number, it waits.
   *
   * Since: 1.0
   */
  props[PROP_PRIORITY]
      = g_param_spec_int ("priority", NULL, NULL, G_MININT, G_MAXINT, G_PRIORITY_DEFAULT_IDLE, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
g_deferred_cooperator_init (GDeferredCooperator *self)
{
  self->anchor = g_deferred_new ();
  g_queue_init (&self->queue);
  g_queue_init (&self->all);
}

/* --- from outside ------------------------------------------------------------------------------------------------ */

/**
 * g_deferred_cooperator_new:
 * @budget: for how long to call steps in each turn of the loop, in microseconds; 5000 is a good choice where there is
 *   something to draw
 * @priority: the priority in the loop, %G_PRIORITY_DEFAULT_IDLE for most
 *
 * Makes a cooperator, at home in the thread-default main context of the caller.
 *
 * Returns: (transfer full): the cooperator
 *
 * Since: 1.0
 */
GDeferredCooperator *
g_deferred_cooperator_new (GTimeSpan budget, int priority)
{
  g_return_val_if_fail (budget >= 0, NULL);

  return g_object_new (G_TYPE_DEFERRED_COOPERATOR, "budget", budget, "priority", priority, NULL);
}

#define return_val_if_away(self, val)                                                                        \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    if (G_UNLIKELY (!g_deferred_is_home ((self)->anchor)))                                                   \
      {                                                                                                      \
        g_critical ("%s: called from a thread that is not the cooperator's home", G_STRFUNC);                \
        return val;                                                                                          \
      }                                                                                                      \
  }                                                                                                          \
  G_STMT_END

/**
 * g_deferred_cooperator_cooperate:
 * @self: a cooperator
 * @step: (scope notified) (closure user_data) (destroy destroy): one step of the work
 * @user_data: for @step
 * @destroy: (nullable): frees @user_data, at home, when the task has ended
 *
 * Adds a task. @step is called again and again, from the loop, as long as it returns %TRUE; never before this function
 * returns.
 *
 * The task goes on whether or not anybody holds it. Its end can be heard of with
 * [method@DeferredCooperativeTask.when_done]; an error that nobody has heard of is reported when the task is dropped.
 *
 * If @self was stopped, so is the task. To be called at home.
 *
 * Returns: (transfer full): the task
 *
 * Since: 1.0
 */
GDeferredCooperativeTask *
g_deferred_cooperator_cooperate (GDeferredCooperator *self,
                                 GDeferredStepFunc    step,
                                 gpointer             user_data,
                                 GDestroyNotify       destroy)
{
  GDeferredCooperativeTask *task;

  g_return_val_if_fail (G_IS_DEFERRED_COOPERATOR (self), NULL);
  g_return_val_if_fail (step != NULL, NULL);
  return_val_if_away (self, NULL);

  task = gd_task_new (self, step, user_data, destroy);
  if (self->is_stopped)
    gd_task_cancel (task, "The cooperator was stopped");
  return task;
}

/**
 * g_deferred_cooperator_stop:
 * @self: a cooperator
 *
 * Stops all of its tasks, also those that are paused or wait, as [method@DeferredCooperativeTask.stop] does, and those
 * that are added later. To be called at home.
 *
 * Since: 1.0
 */
void
g_deferred_cooperator_stop (GDeferredCooperator *self)
{
  g_return_if_fail (G_IS_DEFERRED_COOPERATOR (self));
  return_val_if_away (self, );

  g_object_ref (self);
  self->is_stopped = TRUE;
  while (!g_queue_is_empty (&self->all))
    {
      g_autoptr (GDeferredCooperativeTask) task = g_object_ref (self->all.head->data);

      gd_task_cancel (task, "The cooperator was stopped");
    }
  g_object_unref (self);
}

/**
 * g_deferred_cooperator_get_n_tasks:
 * @self: a cooperator
 *
 * How many tasks have not ended, those that are paused or wait among them. To be asked at home.
 *
 * Returns: a number
 *
 * Since: 1.0
 */
guint
g_deferred_cooperator_get_n_tasks (GDeferredCooperator *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_COOPERATOR (self), 0);
  return_val_if_away (self, 0);

  return self->all.length;
}

/**
 * g_deferred_cooperator_get_budget: (get-property budget)
 * @self: a cooperator
 *
 * Gets for how long it calls steps in each turn of the loop.
 *
 * Returns: microseconds
 *
 * Since: 1.0
 */
GTimeSpan
g_deferred_cooperator_get_budget (GDeferredCooperator *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_COOPERATOR (self), 0);

  return self->budget;
}

/**
 * g_deferred_cooperator_get_priority: (get-property priority)
 * @self: a cooperator
 *
 * Gets the priority of its source.
 *
 * Returns: a priority, as GLib counts them
 *
 * Since: 1.0
 */
int
g_deferred_cooperator_get_priority (GDeferredCooperator *self)
{
  g_return_val_if_fail (G_IS_DEFERRED_COOPERATOR (self), 0);

  return self->priority;
}
