/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "inbox-private.h"

#include "tsan-private.h"

struct _GdInbox
{
  int           n_posting; /* threads inside gd_inbox_post; atomic; not used by the default one */
  int           ref_count; /* under the lock of the table; not used by the default one */
  GMainContext *context;   /* owned; NULL is the default one */
  GSource      *source;    /* owned; made by the first post; atomic */
  GdLetter     *pushed;    /* newest first; any thread; atomic */
  GdLetter     *first;     /* taken, oldest first; whoever iterates the context */
  GdLetter    **last;
};

GdInbox gd_inbox_default = { .ref_count = 1 };

/* GMainContext to its GdInbox, the default one left out. An inbox is in it exactly while it has references. */
static GMutex      table_lock;
static GHashTable *table;

GdInbox *
gd_inbox_get (GMainContext *context)
{
  GdInbox *self;

  if (context == NULL || context == g_main_context_default ())
    return &gd_inbox_default;

  gd_mutex_lock (&table_lock);
  if (table == NULL)
    table = g_hash_table_new (NULL, NULL);
  self = g_hash_table_lookup (table, context);
  if (self == NULL)
    {
      self = g_new0 (GdInbox, 1);
      self->context = g_main_context_ref (context);
      g_hash_table_insert (table, context, self);
    }
  self->ref_count++;
  gd_mutex_unlock (&table_lock);

  return self;
}

GdInbox *
gd_inbox_ref (GdInbox *self)
{
  if (self != &gd_inbox_default)
    {
      gd_mutex_lock (&table_lock);
      self->ref_count++;
      gd_mutex_unlock (&table_lock);
    }
  return self;
}

/* Letters hold Deferreds, which hold the inbox: none can be left here. This may be another thread than the one that
 * iterates the context, and that one may just be looking at the source: the memory goes with the source. */
void
gd_inbox_unref (GdInbox *self)
{
  GMainContext *context = self->context;
  GSource      *source;
  gboolean      last;

  if (self == &gd_inbox_default)
    return;

  gd_mutex_lock (&table_lock);
  last = --self->ref_count == 0;
  if (last)
    g_hash_table_remove (table, context);
  gd_mutex_unlock (&table_lock);

  if (!last)
    return;

  /* Their letters were opened: all that they still do is to wake the context. */
  while (g_atomic_int_get (&self->n_posting) > 0)
    g_thread_yield ();

  source = self->source;
  if (source != NULL)
    {
      g_source_destroy (source);
      g_source_unref (source);
    }
  else
    g_free (self);
  g_main_context_unref (context);
}

GMainContext *
gd_inbox_context (GdInbox *self)
{
  return self->context != NULL ? self->context : g_main_context_default ();
}

static void
take_pushed (GdInbox *self)
{
  GdLetter  *letter = NULL;
  GdLetter  *batch = NULL;
  GdLetter **end = NULL;

  do
    letter = g_atomic_pointer_get (&self->pushed);
  while (!g_atomic_pointer_compare_and_exchange (&self->pushed, letter, NULL));

  if (letter == NULL)
    return;

  /* The oldest ends up in front; the newest, met first, becomes the end. */
  end = &letter->next;
  while (letter != NULL)
    {
      GdLetter *older = letter->next;

      letter->next = batch;
      batch = letter;
      letter = older;
    }

  if (self->first == NULL)
    self->first = batch;
  else
    *self->last = batch;
  self->last = end;
}

typedef struct
{
  GSource  source;
  GdInbox *inbox; /* its memory is freed with this; the default one is for ever */
} InboxSource;

/* Also inside a letter: a nested loop goes on with the rest. */
static gboolean
has_letters (GSource *source)
{
  GdInbox *self = ((InboxSource *) source)->inbox;

  return self->first != NULL || g_atomic_pointer_get (&self->pushed) != NULL;
}

static gboolean
prepare (GSource *source, int *timeout)
{
  *timeout = -1;
  return has_letters (source);
}

static gboolean
dispatch (GSource *source, GSourceFunc callback G_GNUC_UNUSED, gpointer user_data G_GNUC_UNUSED)
{
  GdInbox *self = ((InboxSource *) source)->inbox;

  take_pushed (self);
  while (self->first != NULL)
    {
      GdLetter *letter = self->first;

      self->first = letter->next;
      letter->open (letter, self);
    }

  return G_SOURCE_CONTINUE;
}

static void
finalize (GSource *source)
{
  g_free (((InboxSource *) source)->inbox);
}

static GSourceFuncs source_funcs = {
  .prepare = prepare,
  .check = has_letters,
  .dispatch = dispatch,
  .finalize = finalize,
};

/* Made by the first thread that posts. */
static void
ensure_source (GdInbox *self)
{
  GSource *source;

  if (G_LIKELY (g_atomic_pointer_get (&self->source) != NULL))
    return;

  source = g_source_new (&source_funcs, sizeof (InboxSource));
  ((InboxSource *) source)->inbox = self;
  g_source_set_static_name (source, "GDeferred inbox");
  g_source_set_can_recurse (source, TRUE);
  GD_TSAN_RELEASE (self);
  if (g_atomic_pointer_compare_and_exchange (&self->source, NULL, source))
    {
      g_source_attach (source, self->context);
      return;
    }

  ((InboxSource *) source)->inbox = NULL;
  g_source_unref (source);
}

/* The poster holds a reference on a Deferred that lives here, hence on the inbox; but home may have opened the letter,
 * and dropped the last Deferred, before the wake-up: then it waits for that. A reference of our own could be the last,
 * and the context, with all that it holds for its thread, go in this one. */
void
gd_inbox_post (GdInbox *self, GdLetter *letter)
{
  GdLetter *head;

  if (self != &gd_inbox_default)
    g_atomic_int_inc (&self->n_posting);
  ensure_source (self);
  do
    {
      head = g_atomic_pointer_get (&self->pushed);
      letter->next = head;
    }
  while (!g_atomic_pointer_compare_and_exchange (&self->pushed, head, letter));

  if (head == NULL)
    g_main_context_wakeup (self->context);
  if (self != &gd_inbox_default)
    g_atomic_int_add (&self->n_posting, -1);
}
