/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "inbox-private.h"

#include "tsan-private.h"

struct _GdInbox
{
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

/* Letters hold Deferreds, which hold the inbox: none can be left here. */
void
gd_inbox_unref (GdInbox *self)
{
  gboolean last;

  if (self == &gd_inbox_default)
    return;

  gd_mutex_lock (&table_lock);
  last = --self->ref_count == 0;
  if (last)
    g_hash_table_remove (table, self->context);
  gd_mutex_unlock (&table_lock);

  if (!last)
    return;

  if (self->source != NULL)
    {
      g_source_destroy (self->source);
      g_source_unref (self->source);
    }
  g_main_context_unref (self->context);
  g_free (self);
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

/* The source stays ready until all that was taken is opened, so that a nested loop inside one of the letters goes on
 * with the rest. A letter posted meanwhile found an empty stack, perhaps, and woke a source that was ready anyway:
 * hence the second look after the source was put to sleep. */
static gboolean
dispatch (GSource *source, GSourceFunc never_called G_GNUC_UNUSED, gpointer user_data)
{
  GdInbox *self = user_data;

  gd_inbox_ref (self);
  take_pushed (self);
  while (self->first != NULL)
    {
      GdLetter *letter = self->first;

      self->first = letter->next;
      letter->open (letter, self);
    }

  g_source_set_ready_time (source, -1);
  if (g_atomic_pointer_get (&self->pushed) != NULL)
    g_source_set_ready_time (source, 0);
  gd_inbox_unref (self);

  return G_SOURCE_CONTINUE;
}

/* A source hands out its user data only together with a callback. */
static gboolean
never_called (gpointer user_data G_GNUC_UNUSED)
{
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = { .dispatch = dispatch };

static GSource *
get_source (GdInbox *self)
{
  GSource *source = g_atomic_pointer_get (&self->source);

  if (source != NULL)
    return source;

  source = g_source_new (&source_funcs, sizeof (GSource));
  g_source_set_static_name (source, "GDeferred inbox");
  g_source_set_can_recurse (source, TRUE);
  g_source_set_callback (source, never_called, self, NULL);
  GD_TSAN_RELEASE (self);
  if (g_atomic_pointer_compare_and_exchange (&self->source, NULL, source))
    {
      g_source_attach (source, self->context);
      return source;
    }

  g_source_unref (source);
  return g_atomic_pointer_get (&self->source);
}

/* The poster holds a reference on a Deferred that lives here, hence on the inbox. */
void
gd_inbox_post (GdInbox *self, GdLetter *letter)
{
  GSource  *source = get_source (self);
  GdLetter *head;

  do
    {
      head = g_atomic_pointer_get (&self->pushed);
      letter->next = head;
    }
  while (!g_atomic_pointer_compare_and_exchange (&self->pushed, head, letter));

  if (head == NULL)
    g_source_set_ready_time (source, 0);
}
