/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/types.h>

G_BEGIN_DECLS

/*
 * The links of a chain, oldest first, packed into words: most of the time of a long chain is spent on bringing its
 * links from memory.
 *
 *   callback, data                                         a callback without a destroy-notify
 *   BOTH, function, data, destroy-notify                   one function for success and failure
 *   header, and those of the six fields that are not NULL  any other link
 *
 * The header is the kind of the link and a bit for each field that is there; as a number it is smaller than any
 * address. Six words lie inside: room for a short life without malloc. More are on the heap, which is given back when
 * the last link has been taken.
 */
typedef enum
{
  GD_LINK_PAIR,     /* callback and errback, either may be NULL */
  GD_LINK_TRAP,     /* errback for one error: callback_data is its domain, callback_destroy its code */
  GD_LINK_DISPATCH, /* callback_data is for gd_chain_hooks.dispatch */
  GD_LINK_RESUME,   /* errback_data is the chain that waits for this one's outcome */
  GD_LINK_FORK,     /* errback_data is the chain to fire with a copy */
  GD_LINK_CHAIN,    /* errback_data is the chain to fire with the outcome */
} GdLinkKind;

typedef struct
{
  GdLinkKind        kind;
  GDeferredCallback callback;
  gpointer          callback_data;
  GDestroyNotify    callback_destroy;
  GDeferredCallback errback;
  gpointer          errback_data;
  GDestroyNotify    errback_destroy;
} GdLink;

enum
{
  GD_LINKS_INSIDE = 6,
  GD_LINKS_BOTH_WORDS = 4,
  GD_LINKS_DISPATCH_WORDS = 2,
  GD_LINKS_BOTH = 1023,      /* no other header is as large */
  GD_LINKS_HEADER_END = 1024 /* headers are smaller */
};

static inline gboolean
gd_link_hands_on (const GdLink *self)
{
  return self->kind >= GD_LINK_RESUME;
}

typedef struct
{
  union
  {
    gpointer  inside[GD_LINKS_INSIDE];
    gpointer *heap; /* owned */
  } words;
  guint head; /* the first word of the oldest link */
  guint tail; /* behind the youngest; 0 if there is none */
  guint size; /* of the heap's words; 0 if they are inside */
} GdLinks;

gpointer *gd_links_make_room (GdLinks *self, guint n_words);
void      gd_links_add (GdLinks *self, const GdLink *link);
guint     gd_links_unpack (gpointer *words, GdLink *link);
void      gd_links_clear (GdLinks *self);

static inline gboolean
gd_links_any (const GdLinks *self)
{
  return self->tail != 0;
}

static inline gpointer *
gd_links_room (GdLinks *self, guint n_words)
{
  guint     tail = self->tail;
  guint     size = self->size != 0 ? self->size : GD_LINKS_INSIDE;
  gpointer *words = self->size != 0 ? self->words.heap : self->words.inside;

  if (G_UNLIKELY (size - tail < n_words))
    return gd_links_make_room (self, n_words);

  self->tail = tail + n_words;
  return words + tail;
}

static inline void
gd_links_add_callback (GdLinks *self, GDeferredCallback callback, gpointer data)
{
  gpointer *words = gd_links_room (self, 2);

  words[0] = (gpointer) callback;
  words[1] = data;
}

static inline void
gd_links_add_both (GdLinks *self, GDeferredCallback both, gpointer data, GDestroyNotify destroy)
{
  gpointer *words = gd_links_room (self, GD_LINKS_BOTH_WORDS);

  words[0] = GSIZE_TO_POINTER (GD_LINKS_BOTH);
  words[1] = (gpointer) both;
  words[2] = data;
  words[3] = (gpointer) destroy;
}

/* Whether the youngest link is a DISPATCH link with this data: an address that no other link ends with. */
static inline gboolean
gd_links_ends_with_dispatch (GdLinks *self, gconstpointer data)
{
  gpointer *words = self->size != 0 ? self->words.heap : self->words.inside;

  return self->tail != 0 && words[self->tail - 1] == data;
}

/* The words of the oldest link; there is one. */
static inline gpointer *
gd_links_peek (GdLinks *self)
{
  return (self->size != 0 ? self->words.heap : self->words.inside) + self->head;
}

static inline gboolean
gd_links_is_callback (gpointer *words)
{
  return (gsize) words[0] >= GD_LINKS_HEADER_END;
}

static inline gboolean
gd_links_is_both (gpointer *words)
{
  return GPOINTER_TO_SIZE (words[0]) == GD_LINKS_BOTH;
}

/* The oldest link has been read: it leaves before it is run, because what it calls may add others and so move them. */
static inline void
gd_links_drop (GdLinks *self, guint n_words)
{
  self->head += n_words;
  if (self->head == self->tail)
    {
      self->head = self->tail = 0;
      if (self->size != 0)
        gd_links_clear (self);
    }
}

G_END_DECLS
