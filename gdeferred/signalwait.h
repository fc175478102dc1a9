/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

/**
 * GDeferredPropertyFunc:
 * @value: the value that a property has now
 * @user_data: (closure): what was given to [ctor@Deferred.new_for_property_func]
 *
 * Says whether a property has the value that is waited for.
 *
 * It is called in the home context, and no more once it has said yes.
 *
 * Returns: %TRUE if it has
 *
 * Since: 1.0
 */
typedef gboolean (*GDeferredPropertyFunc) (const GValue *value, gpointer user_data);

GD_EXTERN GDeferred *g_deferred_new_for_signal (gpointer object, const char *detailed_signal);
GD_EXTERN GDeferred *
g_deferred_new_for_property (gpointer object, const char *property_name, const GValue *value);
GD_EXTERN GDeferred *g_deferred_new_for_property_func (gpointer              object,
                                                       const char           *property_name,
                                                       GDeferredPropertyFunc func,
                                                       gpointer              user_data,
                                                       GDestroyNotify        destroy);
GD_EXTERN GDeferred *g_deferred_new_for_items (GListModel *model);

G_END_DECLS
