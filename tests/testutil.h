/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/gdeferred.h>

G_BEGIN_DECLS

void  gd_test_init (int *argc, char ***argv);
guint gd_test_scaled (guint n);
void  gd_test_settle (void);

G_END_DECLS
