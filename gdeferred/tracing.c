/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "deferred-private.h"

#include "debug-private.h"
#include "tracking-private.h"

/* How a Deferred looks to who follows it: in traces, lists and warnings. It knows the instance, not the class. */

/* In a debugger all threads stand still; elsewhere only the home may look into a chain. */
static gboolean
may_look (GDeferred *self)
{
  return gd_home_is_known (&self->home);
}

static gboolean
is_pending (GDeferred *self)
{
  const GdChain *chain = &self->chain;

  if (!may_look (self))
    return (g_atomic_int_get (&chain->claim) & GD_CLAIM_TAKEN) == 0;
  return !(chain->flags & GD_CHAIN_FIRED) || (chain->flags & (GD_CHAIN_WAITING | GD_CHAIN_PAUSED))
         || gd_chain_has_links (chain);
}

static const char *
word_for_state (const GdChain *chain)
{
  switch (gd_chain_state (chain))
    {
    case G_DEFERRED_STATE_PENDING:
      return "pending";
    case G_DEFERRED_STATE_RUNNING:
      return "running";
    case G_DEFERRED_STATE_WAITING:
      return "waiting";
    case G_DEFERRED_STATE_SUCCEEDED:
      return "succeeded";
    case G_DEFERRED_STATE_FAILED:
    default:
      return "failed";
    }
}

static void
append_link (GString *text, const GdLink *link)
{
  static const char *const for_whom[] = { "is waited for by", "is forked to", "is chained to" };
  GDeferredCallback        func = link->callback != NULL ? link->callback : link->errback;
  g_autofree char         *place = NULL;
  GdTrail                 *target;

  if (gd_link_hands_on (link))
    {
      target = gd_tracking_find (gd_chain_owner (link->errback_data));
      g_string_append_printf (text, "\n    %s #%" G_GUINT64_FORMAT, for_whom[link->kind - GD_LINK_RESUME],
                              target != NULL ? target->number : 0);
    }
  else if (link->kind == GD_LINK_DISPATCH)
    g_string_append (text, "\n    calls what a language binding keeps");
  else
    {
      place = gd_debug_place ((gconstpointer) func);
      g_string_append_printf (text, "\n    calls %s", place);
    }
}

void
gd_tracing_foreach_link (GDeferred *self, GdTracingLinkFunc func, gpointer user_data)
{
  const GdLinks *links = &self->chain.links;
  gpointer      *words = links->size != 0 ? links->words.heap : ((GdLinks *) links)->words.inside;
  guint          at = links->head;

  if (!may_look (self) || !gd_links_any (links))
    return;

  while (at < links->tail)
    {
      GdLink link = { .kind = GD_LINK_PAIR };

      if (gd_links_is_callback (words + at))
        {
          link.callback = (GDeferredCallback) words[at];
          at += 2;
        }
      else
        at += gd_links_unpack (words + at, &link);
      func (&link, user_data);
    }
}

static void
append_each_link (const GdLink *link, gpointer text)
{
  append_link (text, link);
}

static char *
describe (GDeferred *self)
{
  g_autofree char *made = gd_debug_place (self->made_at);
  GdExtras        *extras = gd_deferred_extras (self);
  GString         *text;

  if (!may_look (self))
    return g_strdup_printf ("in the main context of another thread, made at %s", made);

  text = g_string_new (NULL);
  if (extras != NULL && extras->name != NULL)
    g_string_append_printf (text, "“%s” ", extras->name);
  g_string_append_printf (text, "%s%s, made at %s", word_for_state (&self->chain),
                          self->chain.flags & GD_CHAIN_PAUSED ? " and paused" : "", made);
  gd_tracing_foreach_link (self, append_each_link, text);
  return g_string_free (text, FALSE);
}

/* --- tracing ----------------------------------------------------------------------------------------------------- */

enum
{
  MAX_VALUE_CHARS = 80
};

static char *
describe_outcome (GDeferred *self)
{
  const GdChain   *chain = &self->chain;
  g_autofree char *contents = NULL;

  if (chain->flags & GD_CHAIN_WAITING)
    return g_strdup_printf ("waits for #%" G_GUINT64_FORMAT,
                            gd_tracking_number (gd_chain_owner (chain->waits_for)));
  if (chain->outcome.error != NULL)
    return g_strdup_printf ("has failed: %s (%s, %d)", chain->outcome.error->message,
                            g_quark_to_string (chain->outcome.error->domain), chain->outcome.error->code);
  if (chain->keeper != 0)
    return g_strdup ("has a value that a language binding keeps");
  if (G_VALUE_TYPE (&chain->outcome.value) == 0)
    return g_strdup ("has nothing");

  contents = g_strdup_value_contents (&chain->outcome.value);
  if (g_utf8_strlen (contents, -1) > MAX_VALUE_CHARS)
    strcpy (g_utf8_offset_to_pointer (contents, MAX_VALUE_CHARS - 3), "...");
  return g_strdup_printf ("has %s", contents);
}

static void
trace_call (GDeferred *self, GDeferredCallback func)
{
  g_autofree char *place = gd_debug_place ((gconstpointer) func);
  g_autofree char *outcome = describe_outcome (self);

  gd_tracking_trace (self, "called %s, and %s", place, outcome);
}

void
gd_tracing_fired (GDeferred *self)
{
  g_autofree char *place = gd_debug_place_of_fire (self->fired_at);
  g_autofree char *outcome = describe_outcome (self);

  gd_tracking_trace (self, "is fired at %s, and %s", place, outcome);
}

static void
trace_chains (gboolean on)
{
  gd_chain_hooks.trace = on ? trace_call : NULL;
}

void
gd_tracing_init (void)
{
  gd_tracking_init (&(GdTrackingHooks){ is_pending, describe, trace_chains });
}
