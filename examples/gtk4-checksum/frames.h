/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Measures how far apart the frames of a widget are, and prints it on the standard output when the widget goes. */
void frames_measure (GtkWidget *widget);

G_END_DECLS
