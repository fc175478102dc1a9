/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "links-private.h"

#include <string.h>

enum
{
  N_FIELDS = 6,
  FIRST_HEAP_SIZE = 16
};

G_STATIC_ASSERT ((GD_LINK_CHAIN << N_FIELDS | ((1 << N_FIELDS) - 1)) < GD_LINKS_BOTH);
G_STATIC_ASSERT (GD_LINKS_BOTH < GD_LINKS_HEADER_END);
G_STATIC_ASSERT (sizeof (GDeferredCallback) == sizeof (gpointer));

/* Words of links that were taken make room before the memory grows. */
gpointer *
gd_links_make_room (GdLinks *self, guint n_words)
{
  guint     count = self->tail - self->head;
  gpointer *words = gd_links_peek (self);

  if (self->size == 0)
    {
      gpointer *heap = g_new (gpointer, FIRST_HEAP_SIZE);

      memcpy (heap, words, count * sizeof (gpointer));
      self->words.heap = heap;
      self->size = FIRST_HEAP_SIZE;
    }
  else
    {
      if (self->head <= self->size / 2)
        {
          self->size *= 2;
          self->words.heap = g_renew (gpointer, self->words.heap, self->size);
        }
      memmove (self->words.heap, self->words.heap + self->head, count * sizeof (gpointer));
    }

  self->head = 0;
  self->tail = count + n_words;
  return self->words.heap + count;
}

void
gd_links_add (GdLinks *self, const GdLink *link)
{
  const gpointer fields[N_FIELDS] = {
    (gpointer) link->callback, link->callback_data, (gpointer) link->callback_destroy,
    (gpointer) link->errback,  link->errback_data,  (gpointer) link->errback_destroy,
  };
  gsize     mask = 0;
  guint     n_words = 1;
  gpointer *words;

  for (guint i = 0; i < N_FIELDS; i++)
    if (fields[i] != NULL)
      {
        mask |= (gsize) 1 << i;
        n_words++;
      }

  words = gd_links_room (self, n_words);
  *words++ = GSIZE_TO_POINTER ((gsize) link->kind << N_FIELDS | mask);
  for (guint i = 0; i < N_FIELDS; i++)
    if (fields[i] != NULL)
      *words++ = fields[i];
}

static guint
unpack_both (gpointer *words, GdLink *link)
{
  link->kind = GD_LINK_PAIR;
  link->callback = link->errback = (GDeferredCallback) words[1];
  link->callback_data = link->errback_data = words[2];
  link->callback_destroy = (GDestroyNotify) words[3];
  link->errback_destroy = NULL;
  return GD_LINKS_BOTH_WORDS;
}

/* How many words it takes. */
guint
gd_links_unpack (gpointer *words, GdLink *link)
{
  gsize    header = GPOINTER_TO_SIZE (words[0]);
  gpointer fields[N_FIELDS];
  guint    n_words = 1;

  if (gd_links_is_both (words))
    return unpack_both (words, link);

  for (guint i = 0; i < N_FIELDS; i++)
    fields[i] = header & ((gsize) 1 << i) ? words[n_words++] : NULL;

  link->kind = (GdLinkKind) (header >> N_FIELDS);
  link->callback = (GDeferredCallback) fields[0];
  link->callback_data = fields[1];
  link->callback_destroy = (GDestroyNotify) fields[2];
  link->errback = (GDeferredCallback) fields[3];
  link->errback_data = fields[4];
  link->errback_destroy = (GDestroyNotify) fields[5];
  return n_words;
}

/* There is no link left. */
void
gd_links_clear (GdLinks *self)
{
  g_free (self->words.heap);
  self->words.heap = NULL;
  self->size = 0;
}
