/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/carrier.h>

/**
 * GDeferredCarrier:
 *
 * An object with next to nothing in it: for a binding to hang a value on that no [struct@GObject.Value] can hold, and
 * so to send it through a Deferred.
 *
 * Since: 1.0
 */
struct _GDeferredCarrier
{
  GObject parent_instance;
  char   *report; /* nullable */
};

enum
{
  PROP_REPORT = 1
};

G_DEFINE_FINAL_TYPE (GDeferredCarrier, g_deferred_carrier, G_TYPE_OBJECT)

static void
g_deferred_carrier_finalize (GObject *object)
{
  g_free (((GDeferredCarrier *) object)->report);
  G_OBJECT_CLASS (g_deferred_carrier_parent_class)->finalize (object);
}

static void
g_deferred_carrier_get_property (GObject      *object,
                                 guint prop_id G_GNUC_UNUSED,
                                 GValue       *value,
                                 GParamSpec   *pspec)
{
  g_value_set_string (value, ((GDeferredCarrier *) object)->report);
}

static void
g_deferred_carrier_set_property (GObject      *object,
                                 guint prop_id G_GNUC_UNUSED,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  GDeferredCarrier *self = (GDeferredCarrier *) object;

  g_free (self->report);
  self->report = g_value_dup_string (value);
}

static void
g_deferred_carrier_class_init (GDeferredCarrierClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = g_deferred_carrier_finalize;
  object_class->get_property = g_deferred_carrier_get_property;
  object_class->set_property = g_deferred_carrier_set_property;

  /**
   * GDeferredCarrier:report:
   *
   * What the warning about an error that nobody handled tells besides, if the carrier lies beside that error: where in
   * a script it comes from, say. When the last reference goes, no script can be asked.
   *
   * Since: 1.0
   */
  g_object_class_install_property (object_class, PROP_REPORT,
                                   g_param_spec_string ("report", NULL, NULL, NULL,
                                                        G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
}

static void
g_deferred_carrier_init (GDeferredCarrier *self G_GNUC_UNUSED)
{
}

/**
 * g_deferred_carrier_new:
 *
 * Makes a carrier. It may be called from any thread.
 *
 * Returns: (transfer full): a new carrier
 *
 * Since: 1.0
 */
GDeferredCarrier *
g_deferred_carrier_new (void)
{
  return g_object_new (G_TYPE_DEFERRED_CARRIER, NULL);
}
