/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/signalwait.h>

#include "results-private.h"

/* Waiting, once, for a signal of an object.
 *
 * The handler's closure holds the Deferred, and lives in the object; so the object keeps what waits for it, and is not
 * kept by it. When the Deferred is fired or cancelled, by whatever, the handler is disconnected. When the closure goes
 * without that, the object was disposed, and the Deferred fails.
 *
 * The signal may come in any thread. Values are taken there; what they are compared with stays at home. */

/* What a property is compared with. It is used, and freed, at home; a call of @func holds it. */
typedef struct
{
  GValue                wanted; /* unset: any that is not its type's zero */
  GDeferredPropertyFunc func;   /* in place of it; nullable */
  gpointer              user_data;
  GDestroyNotify        destroy;
} Test;

/* It belongs to the closure, to the Deferred until that has fired, and to what is on its way home. */
typedef struct
{
  GWeakRef  object;
  GClosure *closure; /* to know the handler by; not owned */
  int       is_over; /* atomic: the handler is disconnected, or will be */

  GDeferred *deferred; /* owned, by the closure's share */
  Test      *test;     /* owned; at home; NULL once the Deferred has fired */
} Wait;

/* --- what a property is compared with ---------------------------------------------------------------------------- */

static void
test_clear (gpointer test)
{
  Test *self = test;

  if (G_VALUE_TYPE (&self->wanted) != 0)
    g_value_unset (&self->wanted);
  if (self->destroy != NULL)
    self->destroy (self->user_data);
}

static void
test_unref (Test *self)
{
  g_rc_box_release_full (self, test_clear);
}

/* What a condition makes of a value in most languages: FALSE, 0, NULL and no text are not there. */
static gboolean
is_something (const GValue *value)
{
  GValue as_number = G_VALUE_INIT;

  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_BOOLEAN:
      return g_value_get_boolean (value);
    case G_TYPE_STRING:
      return g_value_get_string (value) != NULL && *g_value_get_string (value) != '\0';
    case G_TYPE_VARIANT:
      return g_value_get_variant (value) != NULL;
    case G_TYPE_ENUM:
      return g_value_get_enum (value) != 0;
    case G_TYPE_FLAGS:
      return g_value_get_flags (value) != 0;
    default:
      if (g_value_fits_pointer (value))
        return g_value_peek_pointer (value) != NULL;
      g_value_init (&as_number, G_TYPE_DOUBLE);
      g_value_transform (value, &as_number);
      return g_value_get_double (&as_number) < 0.0 || g_value_get_double (&as_number) > 0.0;
    }
}

static gboolean
is_equal (const GValue *value, const GValue *wanted, GParamSpec *pspec)
{
  if (G_VALUE_HOLDS (wanted, G_TYPE_STRV) && g_value_get_boxed (wanted) != NULL
      && g_value_get_boxed (value) != NULL)
    return g_strv_equal (g_value_get_boxed (value), g_value_get_boxed (wanted));
  return g_param_values_cmp (pspec, value, wanted) == 0;
}

/* @func may do anything; @self stays. */
static gboolean
test_passes (Test *self, const GValue *value, GParamSpec *pspec)
{
  gboolean passes;

  if (self->func == NULL)
    return G_VALUE_TYPE (&self->wanted) != 0 ? is_equal (value, &self->wanted, pspec) : is_something (value);

  g_rc_box_acquire (self);
  passes = self->func (value, self->user_data);
  test_unref (self);
  return passes;
}

/* --- the wait ---------------------------------------------------------------------------------------------------- */

static void
wait_clear (gpointer wait)
{
  g_weak_ref_clear (&((Wait *) wait)->object);
}

static void
wait_unref (gpointer wait)
{
  g_atomic_rc_box_release_full (wait, wait_clear);
}

/* From any thread. */
static void
wait_stop (Wait *self)
{
  GObject *object;

  if (!g_atomic_int_compare_and_exchange (&self->is_over, FALSE, TRUE))
    return;

  object = g_weak_ref_get (&self->object);
  if (object == NULL)
    return;

  g_signal_handlers_disconnect_matched (object, G_SIGNAL_MATCH_CLOSURE, 0, 0, self->closure, NULL, NULL);
  g_object_unref (object);
}

static void
on_cancel (GDeferred *deferred G_GNUC_UNUSED, gpointer wait)
{
  wait_stop (wait);
}

/* The Deferred was fired, or freed. */
static void
wait_end (gpointer wait)
{
  Wait *self = wait;
  Test *test = g_steal_pointer (&self->test);

  wait_stop (self);
  if (test != NULL)
    test_unref (test);
  wait_unref (self);
}

static void
fail_gone (GDeferred *deferred, gpointer user_data G_GNUC_UNUSED)
{
  g_deferred_errback_literal (deferred, G_DEFERRED_ERROR, G_DEFERRED_ERROR_ABANDONED,
                              "The object that was waited for is gone", NULL);
}

/* Inside of the object's dispose, as a rule. */
static void
closure_gone (gpointer wait, GClosure *closure G_GNUC_UNUSED)
{
  Wait *self = wait;

  if (g_atomic_int_compare_and_exchange (&self->is_over, FALSE, TRUE))
    g_deferred_invoke (self->deferred, fail_gone, NULL, NULL);
  g_object_unref (self->deferred);
  wait_unref (self);
}

/* @kept gets a reference on the wait, if it is not NULL. */
static GDeferred *
wait_new (GObject *object, const char *detailed_signal, GClosureMarshal marshal, Test *test, Wait **kept)
{
  Wait      *self = g_atomic_rc_box_new0 (Wait);
  GDeferred *deferred = g_deferred_new_with_canceller (on_cancel, self, wait_end);

  if (kept != NULL)
    *kept = g_atomic_rc_box_acquire (self);
  g_weak_ref_init (&self->object, object);
  self->deferred = g_object_ref (deferred);
  self->test = test;
  self->closure = g_closure_new_simple (sizeof (GClosure), g_atomic_rc_box_acquire (self));
  g_closure_set_marshal (self->closure, marshal);
  g_closure_add_finalize_notifier (self->closure, self, closure_gone);
  g_signal_connect_closure (object, detailed_signal, self->closure, FALSE);
  return deferred;
}

/* Takes what the value holds. A signal may bring a Deferred, which no Deferred can be fired with. */
static void
wait_fire (Wait *self, GValue *value)
{
  GError *error = NULL;

  if (!g_deferred_callback_take_value (self->deferred, value, &error)
      && g_error_matches (error, G_DEFERRED_ERROR, G_DEFERRED_ERROR_INVALID_RESULT))
    g_deferred_errback (self->deferred, error, NULL);
  g_clear_error (&error);
  wait_stop (self);
}

/* --- signals ----------------------------------------------------------------------------------------------------- */

/* Nothing, the one that there is, or all of them. The first parameter is the object. */
static void
pack (const GValue *params, guint n_params, GValue *value)
{
  GDeferredResults *results;

  if (n_params == 1)
    return;

  if (n_params == 2)
    {
      g_value_init (value, G_VALUE_TYPE (&params[1]));
      g_value_copy (&params[1], value);
      return;
    }

  results = gd_results_new (n_params - 1);
  for (guint i = 1; i < n_params; i++)
    gd_results_set_value (results, i - 1, &params[i]);
  g_value_init (value, G_TYPE_DEFERRED_RESULTS);
  g_value_take_boxed (value, results);
}

static void
on_signal (GClosure             *closure,
           GValue *return_value  G_GNUC_UNUSED,
           guint                 n_params,
           const GValue         *params,
           gpointer hint         G_GNUC_UNUSED,
           gpointer marshal_data G_GNUC_UNUSED)
{
  GValue value = G_VALUE_INIT;

  pack (params, n_params, &value);
  wait_fire (closure->data, &value);
}

/**
 * g_deferred_new_for_signal:
 * @object: (type GObject.Object): an object
 * @detailed_signal: the name of one of its signals, and its detail, if any: "notify::visible"
 *
 * Waits until @object emits a signal. The Deferred fires inside the emission, if that is in its home, and else from the
 * loop there. Its result is what the signal brings:
 *
 * | arguments of the signal | the result |
 * |---|---|
 * | none | nothing |
 * | one | that |
 * | several | a [struct@DeferredResults] of them, in order |
 *
 * What the signal's handlers may return is left to others.
 *
 * The wait does not keep @object alive. If it is disposed before, the Deferred fails with %G_DEFERRED_ERROR_ABANDONED,
 * from the loop of its home. Until then @object keeps the Deferred, so that its callbacks are called even if nobody else
 * holds it. Cancelling it disconnects the handler.
 *
 * ```c
 * static gboolean
 * print_volume (GDeferred *self, gpointer user_data, GError **error)
 * {
 *   g_autofree char *name = g_volume_get_name (g_deferred_get_object (self));
 *
 *   g_print ("%s was plugged in\n", name);
 *   return TRUE;
 * }
 *
 * static GDeferred *
 * wait_for_volume (GVolumeMonitor *monitor)
 * {
 *   return g_deferred_add_callback (g_deferred_new_for_signal (monitor, "volume-added"), print_volume, NULL, NULL);
 * }
 * ```
 *
 * It may be called from any thread.
 *
 * Returns: (transfer full): a new Deferred
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_new_for_signal (gpointer object, const char *detailed_signal)
{
  guint  signal_id;
  GQuark detail;

  g_return_val_if_fail (G_IS_OBJECT (object), NULL);
  g_return_val_if_fail (detailed_signal != NULL, NULL);
  if (!g_signal_parse_name (detailed_signal, G_OBJECT_TYPE (object), &signal_id, &detail, TRUE))
    {
      g_critical ("%s: a %s has no signal “%s”", G_STRFUNC, G_OBJECT_TYPE_NAME (object), detailed_signal);
      return NULL;
    }

  return wait_new (object, detailed_signal, on_signal, NULL, NULL);
}

/* --- properties -------------------------------------------------------------------------------------------------- */

/* What another thread has seen, on its way home. */
typedef struct
{
  Wait       *wait;  /* a reference */
  GParamSpec *pspec; /* owned */
  GValue      value;
} Sighting;

static void
sighting_free (gpointer sighting)
{
  Sighting *self = sighting;

  if (G_VALUE_TYPE (&self->value) != 0)
    g_value_unset (&self->value);
  g_param_spec_unref (self->pspec);
  wait_unref (self->wait);
  g_free (self);
}

/* At home. Takes what the value holds. */
static void
look (Wait *self, GValue *value, GParamSpec *pspec)
{
  if (self->test != NULL && test_passes (self->test, value, pspec))
    wait_fire (self, value);
  else
    g_value_unset (value);
}

static void
look_posted (GDeferred *deferred G_GNUC_UNUSED, gpointer sighting)
{
  Sighting *self = sighting;

  look (self->wait, &self->value, self->pspec);
}

/* In any thread. Takes what the value holds. */
static void
sight (Wait *self, GValue *value, GParamSpec *pspec)
{
  Sighting *sighting;

  if (g_deferred_is_home (self->deferred))
    {
      look (self, value, pspec);
      return;
    }

  sighting = g_new (Sighting, 1);
  sighting->wait = g_atomic_rc_box_acquire (self);
  sighting->pspec = g_param_spec_ref (pspec);
  sighting->value = *value;
  g_deferred_invoke (self->deferred, look_posted, sighting, sighting_free);
}

static void
on_notify (GClosure             *closure,
           GValue *return_value  G_GNUC_UNUSED,
           guint n_params        G_GNUC_UNUSED,
           const GValue         *params,
           gpointer hint         G_GNUC_UNUSED,
           gpointer marshal_data G_GNUC_UNUSED)
{
  Wait       *self = closure->data;
  GParamSpec *pspec = g_value_get_param (&params[1]);
  GValue      value = G_VALUE_INIT;

  if (g_atomic_int_get (&self->is_over))
    return;

  g_object_get_property (g_value_get_object (&params[0]), pspec->name, &value);
  sight (self, &value, pspec);
}

/* NULL, and a critical of @function, if there is no such property to be waited for. */
static GParamSpec *
find_property (gpointer object, const char *property_name, const char *function)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (object), property_name);

  if (pspec != NULL && (pspec->flags & G_PARAM_READABLE))
    return pspec;

  g_critical ("%s: a %s has no property “%s” that can be read", function, G_OBJECT_TYPE_NAME (object),
              property_name);
  return NULL;
}

/* Takes the test. It may have passed already; or what it calls, or another thread, changes the property before anybody
 * listens. */
static GDeferred *
wait_for_property (GObject *object, GParamSpec *pspec, Test *test)
{
  g_autofree char *signal = g_strconcat ("notify::", pspec->name, NULL);
  g_auto (GValue) value = G_VALUE_INIT;
  GValue     later = G_VALUE_INIT;
  GDeferred *deferred;
  Wait      *wait;

  g_object_get_property (object, pspec->name, &value);
  if (test_passes (test, &value, pspec))
    {
      test_unref (test);
      return g_deferred_succeed (&value);
    }

  deferred = wait_new (object, signal, on_notify, test, &wait);
  g_object_get_property (object, pspec->name, &later);
  if (is_equal (&value, &later, pspec))
    g_value_unset (&later);
  else
    sight (wait, &later, pspec);
  wait_unref (wait);
  return deferred;
}

/**
 * g_deferred_new_for_property:
 * @object: (type GObject.Object): an object
 * @property_name: the name of one of its properties
 * @value: (nullable): the value that is waited for; with %NULL any that is not %FALSE, 0, %NULL or an empty string
 *
 * Waits until a property has a value. The Deferred fires with that value: at once, if the property has it already, else
 * inside the notification, if that is in its home, and else from the loop there. Of what another thread does with
 * @object each notification counts, with the value that there was.
 *
 * Strings, arrays of strings, numbers, variants and the like are equal if they say the same; objects and other boxed
 * values if they are the same.
 *
 * In all else it is as [ctor@Deferred.new_for_signal].
 *
 * ```c
 * static GDeferred *
 * wait_for_network (void)
 * {
 *   return g_deferred_new_for_property (g_network_monitor_get_default (), "network-available", NULL);
 * }
 * ```
 *
 * Returns: (transfer full): a new Deferred
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_new_for_property (gpointer object, const char *property_name, const GValue *value)
{
  GParamSpec *pspec;
  Test       *test;

  g_return_val_if_fail (G_IS_OBJECT (object), NULL);
  g_return_val_if_fail (property_name != NULL, NULL);
  g_return_val_if_fail (value == NULL || G_IS_VALUE (value), NULL);

  pspec = find_property (object, property_name, G_STRFUNC);
  if (pspec == NULL)
    return NULL;

  test = g_rc_box_new0 (Test);
  if (value == NULL)
    return wait_for_property (object, pspec, test);

  g_value_init (&test->wanted, G_PARAM_SPEC_VALUE_TYPE (pspec));
  if (g_value_transform (value, &test->wanted))
    return wait_for_property (object, pspec, test);

  test_unref (test);
  g_critical ("%s: the property “%s” of a %s is a %s, and cannot become a %s", G_STRFUNC, pspec->name,
              G_OBJECT_TYPE_NAME (object), g_type_name (G_PARAM_SPEC_VALUE_TYPE (pspec)),
              G_VALUE_TYPE_NAME (value));
  return NULL;
}

/**
 * g_deferred_new_for_property_func:
 * @object: (type GObject.Object): an object
 * @property_name: the name of one of its properties
 * @func: (scope notified) (closure user_data) (destroy destroy): says whether a value will do
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, in the home context, as soon as the Deferred was fired, before its callbacks,
 *   or freed
 *
 * As [ctor@Deferred.new_for_property], for whatever @func says yes to. It is asked for the first time before this
 * returns.
 *
 * Returns: (transfer full): a new Deferred
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_new_for_property_func (gpointer              object,
                                  const char           *property_name,
                                  GDeferredPropertyFunc func,
                                  gpointer              user_data,
                                  GDestroyNotify        destroy)
{
  GParamSpec *pspec;
  Test       *test;

  g_return_val_if_fail (G_IS_OBJECT (object), NULL);
  g_return_val_if_fail (property_name != NULL, NULL);
  g_return_val_if_fail (func != NULL, NULL);

  pspec = find_property (object, property_name, G_STRFUNC);
  if (pspec == NULL)
    return NULL;

  test = g_rc_box_new0 (Test);
  test->func = func;
  test->user_data = user_data;
  test->destroy = destroy;
  return wait_for_property (object, pspec, test);
}

/* --- list models ------------------------------------------------------------------------------------------------- */

/* The value is left unset if the model is empty. */
static void
get_first (GListModel *model, GValue *value)
{
  GObject *item = g_list_model_get_item (model, 0);

  if (item == NULL)
    return;

  g_value_init (value, G_TYPE_OBJECT);
  g_value_take_object (value, item);
}

static void
on_items_changed (GClosure             *closure,
                  GValue *return_value  G_GNUC_UNUSED,
                  guint n_params        G_GNUC_UNUSED,
                  const GValue         *params,
                  gpointer hint         G_GNUC_UNUSED,
                  gpointer marshal_data G_GNUC_UNUSED)
{
  GValue value = G_VALUE_INIT;

  get_first (g_value_get_object (&params[0]), &value);
  if (G_VALUE_TYPE (&value) != 0)
    wait_fire (closure->data, &value);
}

/**
 * g_deferred_new_for_items:
 * @model: a list
 *
 * Waits until there is something in a list. The Deferred fires with the first item: at once, if there is one already,
 * else when the list tells that it has changed.
 *
 * In all else it is as [ctor@Deferred.new_for_signal].
 *
 * Returns: (transfer full): a new Deferred
 *
 * Since: 1.0
 */
GDeferred *
g_deferred_new_for_items (GListModel *model)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_return_val_if_fail (G_IS_LIST_MODEL (model), NULL);

  get_first (model, &value);
  if (G_VALUE_TYPE (&value) != 0)
    return g_deferred_succeed (&value);
  return wait_new (G_OBJECT (model), "items-changed", on_items_changed, NULL, NULL);
}
