/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/gdeferred.h>

/* A page whose links are to be checked. */
typedef struct
{
  GFile  *file;
  char   *name;    /* for messages */
  char  **links;   /* once it was read */
  char  **dead;    /* those of them that lead nowhere, once they were looked at */
  GError *failure; /* if it could not be read */
} Page;

Page *page_new (const char *argument);
void  page_free (gpointer page);

/* What the links of a text lead to, but for other servers. */
char **find_links (const char *text);

/* Gives a Deferred that fires with the number of dead links, once the page was read and its links were looked at. */
GDeferred *check_page (Page *page);

/* Does `check` now and each interval after that, until it is cancelled, and tells when the number that comes of it is
 * not the one before. */
GDeferred *watch (GDeferredCallback check, gpointer data, GTimeSpan interval);
