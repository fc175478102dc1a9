/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/types.h>

#include "inbox-private.h"
#include "owner-private.h"

G_BEGIN_DECLS

/*
 * What few Deferreds have, so that the others do not pay for it. Made when first needed, by any thread; all but the
 * fields marked atomic belong to the home thread.
 */
typedef struct
{
  char *name;

  GDeferredCanceller canceller;
  gpointer           canceller_data;
  GDestroyNotify     canceller_destroy;

  GCancellable *cancellable; /* owned; the one that the Deferred cancels; atomic */
  GCancellable *linked;      /* owned; the one that cancels the Deferred */
  gulong        linked_handler;
  GdBond       *bonds; /* owned; with its owners */

  double   progress;
  char    *progress_text;
  gpointer progress_posted; /* GdProgress on its way home; atomic */

  GSList *former_inboxes; /* owned: somebody may still be about to post there */
} GdExtras;

GdExtras *gd_extras_get (GdExtras **location);
void      gd_extras_fired (GdExtras *self);
void      gd_extras_cut_bonds (GdExtras *self);
void      gd_extras_free (GdExtras *self);

G_END_DECLS
