/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* A naive model of aggregates: everything happens by calling, at once; what the library does from the loop is in a queue.
 * It knows no references but the script's own, and no memory. */

#include "many-script.h"

#include <gdeferred/gdeferred.h>

#include <string.h>

typedef struct
{
  gboolean is_error;
  char     text[200];   /* as it is in results: "7", "-", "[7 !bad ]", "bad" */
  char     beside[200]; /* the results beside an error, or nothing */
} Outcome;

typedef struct
{
  guint whole;
  guint place;
} Watch;

typedef struct
{
  gboolean made;
  gboolean making;
  gboolean alive; /* the script has its reference */
  gboolean fired;
  gboolean running;
  gboolean muted;
  gboolean cancelled;
  gboolean in_cancel;
  gboolean waiting; /* a stubborn one, cancelled once */
  gboolean handled;
  Outcome  outcome;
  GArray  *watches; /* of Watch, by which wholes it is watched; in the order of its chain */
  guint    n_run;   /* of those */

  /* a whole */
  gboolean on_value, on_error, consumes, cancels_rest, handles, handles_late, needs_success, owns_cancel;
  GArray  *outcomes; /* of its parts, by place */
  GArray  *places;   /* of guint: which nodes they are */
  GArray  *ended;    /* of gboolean */
  GArray  *told;     /* of gboolean: that they are cancelled */
  guint    n_pending;
  Outcome  decision;
  int      index;
  gboolean building, decided, settled, gave, cancelling;

  /* a map */
  guint    cursor;
  gboolean closed, exhausted, stopped;
} Item;

typedef enum
{
  POST_ABANDON,
  POST_ABANDON_INNER,
  POST_CANCEL
} PostKind;

typedef struct
{
  PostKind kind;
  guint    node;
} Post;

static const Script *script;
static Item          items[MAX_NODES];
static GQueue        posts;
static GString      *trace;

static const Outcome nothing = { FALSE, "-", "" };

static void fire (guint node, const Outcome *outcome);
static void cancel (guint node);
static void act (const Action *action);
static void advance (guint whole);

static Outcome
error (const char *text)
{
  Outcome outcome = { TRUE, "", "" };

  g_strlcpy (outcome.text, text, sizeof outcome.text);
  return outcome;
}

static void
post (PostKind kind, guint node)
{
  Post *letter = g_new (Post, 1);

  *letter = (Post){ kind, node };
  g_queue_push_tail (&posts, letter);
}

static gboolean
is_unhandled (const Item *item)
{
  return item->fired && item->outcome.is_error && !item->handled && !item->muted
         && !(item->cancelled && strcmp (item->outcome.text, "CANCELLED") == 0);
}

static void
say_outcome (const Outcome *outcome)
{
  g_string_append_printf (trace, "%s%s%s ", outcome->is_error ? "!" : "", outcome->text, outcome->beside);
}

/* --- a whole ----------------------------------------------------------------------------------------------------- */

static Outcome
results (const Item *whole)
{
  g_autoptr (GString) text = g_string_new ("[");
  Outcome outcome = { FALSE, "", "" };

  for (guint i = 0; i < whole->outcomes->len; i++)
    {
      const Outcome *one = &g_array_index (whole->outcomes, Outcome, i);

      g_string_append_printf (text, "%s%s ", one->is_error ? "!" : "", one->text);
    }
  g_string_append (text, "]");
  script_shorten (text);
  g_strlcpy (outcome.text, text->str, sizeof outcome.text);
  return outcome;
}

static void
give (guint number)
{
  Item   *whole = &items[number];
  Outcome outcome;

  if (whole->gave)
    return;
  whole->gave = TRUE;

  if (whole->decided)
    outcome = whole->decision;
  else
    outcome = results (whole);
  if (!whole->decided && whole->needs_success)
    {
      outcome.is_error = TRUE;
      memcpy (outcome.beside, outcome.text, sizeof outcome.beside);
      g_strlcpy (outcome.text, "ALL_FAILED", sizeof outcome.text);
    }
  fire (number, &outcome);
}

static void
close_source (guint number)
{
  if (script->nodes[number].whole != WHOLE_MAP || items[number].closed || items[number].building)
    return;

  items[number].closed = TRUE;
  g_string_append_printf (trace, "~%u ", number);
}

static void
cancel_parts (guint number)
{
  Item *whole = &items[number];

  whole->stopped = TRUE;
  for (guint i = 0; i < whole->ended->len; i++)
    if (!g_array_index (whole->ended, gboolean, i) && !g_array_index (whole->told, gboolean, i))
      {
        g_array_index (whole->told, gboolean, i) = TRUE;
        cancel (g_array_index (whole->places, guint, i));
      }
  close_source (number);
}

static void
settle_whole (guint number)
{
  Item *whole = &items[number];

  if (whole->settled || (!whole->decided && whole->n_pending > 0))
    return;
  if (whole->cancelling && !whole->decided && whole->owns_cancel)
    for (guint i = 0; i < whole->outcomes->len; i++)
      if (g_array_index (whole->outcomes, Outcome, i).is_error)
        return;

  whole->settled = TRUE;
  if (whole->decided && whole->cancels_rest)
    cancel_parts (number);
  give (number);
}

static void
cancel_whole (guint number)
{
  Item *whole = &items[number];

  whole->cancelling = TRUE;
  if (!whole->settled)
    cancel_parts (number);

  if (whole->decided || whole->settled)
    {
      whole->settled = TRUE;
      give (number);
    }
  else
    whole->decided = whole->settled = whole->gave = TRUE;
}

/* The link of a whole on @part has its turn. One that is muted calls nobody. */
static void
part_ends (guint part_number, Watch watch)
{
  Item    *part = &items[part_number];
  Item    *whole = &items[watch.whole];
  gboolean muted = part->muted;
  Outcome  outcome = muted ? error ("CANCELLED") : part->outcome;
  gboolean late = whole->decided;

  g_array_index (whole->ended, gboolean, watch.place) = TRUE;
  whole->n_pending--;
  if (!late && (outcome.is_error ? whole->on_error : whole->on_value))
    {
      whole->decided = TRUE;
      whole->index = (int) watch.place;
      whole->decision = outcome;
    }
  else if (!late)
    g_array_index (whole->outcomes, Outcome, watch.place) = outcome;

  if (outcome.is_error && !muted && is_unhandled (part)
      && (late ? whole->handles_late || strcmp (outcome.text, "ABANDONED") == 0 : whole->handles))
    part->handled = TRUE;
  if (!whole->building)
    advance (watch.whole);

  if (outcome.is_error && !muted && whole->consumes)
    {
      part->outcome = nothing;
      part->handled = FALSE;
    }
}

static void
run_watches (guint number)
{
  Item *item = &items[number];

  item->running = TRUE;
  while (item->n_run < item->watches->len)
    part_ends (number, g_array_index (item->watches, Watch, item->n_run++));
  item->running = FALSE;
}

static void
add_part (guint number, guint part)
{
  Item    *whole = &items[number];
  Watch    watch = { number, whole->ended->len };
  gboolean ended = FALSE;

  g_array_append_val (whole->outcomes, nothing);
  g_array_append_val (whole->places, part);
  g_array_append_val (whole->ended, ended);
  g_array_append_val (whole->told, ended);
  whole->n_pending++;
  g_array_append_val (items[part].watches, watch);
  if (items[part].fired && !items[part].running)
    run_watches (part);
}

/* --- a map ------------------------------------------------------------------------------------------------------- */

static gboolean
has_room (guint number)
{
  const Item *whole = &items[number];
  guint       limit = script->nodes[number].limit;

  return !whole->closed && !whole->exhausted && !whole->stopped && !whole->decided && !whole->muted
         && (limit == 0 || whole->n_pending < limit);
}

static void
pull (guint number)
{
  const Node *node = &script->nodes[number];
  Item       *whole = &items[number];

  g_string_append_printf (trace, "n%u ", number);
  if (whole->ended->len == 1)
    act (&node->in_source);
  while (whole->cursor < node->n_parts && !items[node->parts[whole->cursor]].alive)
    whole->cursor++;
  if (whole->cursor == node->n_parts)
    {
      whole->exhausted = TRUE;
      return;
    }

  if (whole->cancelling)
    cancel (node->parts[whole->cursor]);
  if (!whole->gave)
    add_part (number, node->parts[whole->cursor]);
  whole->cursor++;
}

static void
advance (guint number)
{
  Item *whole = &items[number];

  if (script->nodes[number].whole != WHOLE_MAP)
    {
      settle_whole (number);
      return;
    }

  whole->building = TRUE;
  while (has_room (number))
    pull (number);
  whole->building = FALSE;
  if (whole->exhausted || whole->stopped || whole->decided)
    close_source (number);
  if (whole->exhausted || whole->decided)
    settle_whole (number);
}

/* --- any --------------------------------------------------------------------------------------------------------- */

/* First the script's own, which it adds as soon as it has one. */
static void
run_links (guint number)
{
  Item *item = &items[number];

  item->running = TRUE;
  if (!item->muted)
    {
      g_string_append_printf (trace, "%u:", number);
      say_outcome (&item->outcome);
      act (&script->nodes[number].when_fired);
    }
  run_watches (number);
}

static void
fire (guint number, const Outcome *outcome)
{
  const Node *node = &script->nodes[number];
  Item       *item = &items[number];

  if (item->fired)
    return;

  if (!node->is_whole && node->leaf == LEAF_STUBBORN && !item->waiting && !item->muted && outcome->is_error
      && strcmp (outcome->text, "CANCELLED") == 0)
    {
      item->waiting = TRUE;
      if (!item->alive)
        post (POST_ABANDON_INNER, number);
      return;
    }

  item->waiting = FALSE;
  item->fired = TRUE;
  item->outcome = *outcome;
  if (!item->making)
    run_links (number);
}

static void
call_canceller (guint number)
{
  const Node *node = &script->nodes[number];
  Outcome     worse = error ("worse");
  Outcome     nine = { FALSE, "9", "" };

  if (node->is_whole)
    {
      cancel_whole (number);
      return;
    }

  if (node->leaf != LEAF_PLAIN && node->leaf != LEAF_STUBBORN)
    g_string_append_printf (trace, "stop%u ", number);
  if (node->leaf == LEAF_GIVES)
    fire (number, &nine);
  if (node->leaf == LEAF_WORSENS)
    fire (number, &worse);
}

static void
cancel (guint number)
{
  Item   *item = &items[number];
  Outcome outcome = error ("CANCELLED");

  if (item->fired || item->in_cancel)
    return;

  item->cancelled = TRUE;
  if (!item->waiting)
    {
      item->in_cancel = TRUE;
      call_canceller (number);
      item->in_cancel = FALSE;
    }
  fire (number, &outcome);
}

static void
drop (guint number)
{
  Item *item = &items[number];

  item->alive = FALSE;
  if (!script->nodes[number].is_whole && !item->fired)
    post (item->waiting ? POST_ABANDON_INNER : POST_ABANDON, number);
}

/* --- the script -------------------------------------------------------------------------------------------------- */

static void
set_flags (const Node *node, Item *item)
{
  gboolean is_map = node->whole == WHOLE_MAP;
  gboolean is_list = node->whole == WHOLE_LIST;
  guint    flags = is_list || node->whole == WHOLE_GATHER ? node->flags : 0;

  item->needs_success = node->whole == WHOLE_ANY;
  item->handles_late = node->whole == WHOLE_RACE || node->whole == WHOLE_ANY;
  item->handles = !is_list;
  item->on_value = item->handles_late || (is_list && (flags & G_DEFERRED_LIST_FIRE_ON_ONE_CALLBACK));
  item->on_error = node->whole == WHOLE_RACE || node->whole == WHOLE_GATHER
                   || (is_list && (flags & G_DEFERRED_LIST_FIRE_ON_ONE_ERRBACK))
                   || (is_map && !(node->flags & G_DEFERRED_MAP_SETTLE));
  item->consumes = (flags & G_DEFERRED_LIST_CONSUME_ERRORS) != 0;
  item->cancels_rest = item->handles_late || (flags & G_DEFERRED_LIST_CANCEL_REST)
                       || (is_map && (node->flags & G_DEFERRED_MAP_CANCEL_REST));
  item->owns_cancel = item->needs_success || node->whole == WHOLE_SETTLED || (is_map && !item->on_error);
}

static void
make_whole (guint number)
{
  const Node *node = &script->nodes[number];
  Item       *item = &items[number];
  gboolean    is_map = node->whole == WHOLE_MAP;

  set_flags (node, item);
  item->making = TRUE;
  item->building = TRUE;
  for (guint i = 0; i < node->n_parts && !is_map; i++)
    if (items[node->parts[i]].alive)
      add_part (number, node->parts[i]);
  item->building = FALSE;
  if (!is_map && item->ended->len == 0 && item->on_value)
    {
      item->decided = TRUE;
      item->decision = error ("EMPTY");
    }
  advance (number);
  item->making = FALSE;
}

static void
make (guint number)
{
  Item *item = &items[number];

  item->made = TRUE;
  item->index = -1;
  item->watches = g_array_new (FALSE, FALSE, sizeof (Watch));
  item->outcomes = g_array_new (FALSE, FALSE, sizeof (Outcome));
  item->places = g_array_new (FALSE, FALSE, sizeof (guint));
  item->ended = g_array_new (FALSE, FALSE, sizeof (gboolean));
  item->told = g_array_new (FALSE, FALSE, sizeof (gboolean));
  if (script->nodes[number].is_whole)
    make_whole (number);
  item->alive = TRUE;
  if (item->fired)
    run_links (number);
}

static void
deliver (void)
{
  Post *letter;

  while ((letter = g_queue_pop_head (&posts)) != NULL)
    {
      Outcome abandoned = error ("ABANDONED");
      Item   *item = &items[letter->node];

      if (letter->kind == POST_CANCEL)
        cancel (letter->node);
      else if (item->waiting == (letter->kind == POST_ABANDON_INNER))
        fire (letter->node, &abandoned);
      g_free (letter);
    }
}

static void
act (const Action *action)
{
  Outcome bad = error ("bad");
  Outcome number = { FALSE, "", "" };
  Item   *item = &items[action->node];

  g_snprintf (number.text, sizeof number.text, "%u", action->node);
  switch (action->kind)
    {
    case DO_MAKE:
      make (action->node);
      break;
    case DO_SETTLE:
      deliver ();
      break;
    case DO_FIRE:
    case DO_FAIL:
      if (item->alive)
        fire (action->node, action->kind == DO_FIRE ? &number : &bad);
      break;
    case DO_CANCEL:
      if (item->alive)
        cancel (action->node);
      break;
    case DO_DROP:
      if (item->alive)
        drop (action->node);
      break;
    case DO_END_OWNER:
      if (item->alive && !item->muted)
        {
          item->muted = TRUE;
          post (POST_CANCEL, action->node);
        }
      break;
    case DO_NOTHING:
    default:
      break;
    }
}

static void
look_at (guint number)
{
  const Item *item = &items[number];

  if (!item->alive)
    return;

  g_string_append_printf (trace, "%u=", number);
  if (item->fired)
    say_outcome (&item->outcome);
  else
    g_string_append (trace, "? ");
  if (script->nodes[number].is_whole)
    g_string_append_printf (trace, "(%d, %u of %u) ", item->index, item->n_pending, item->ended->len);
}

static int
by_text (gconstpointer one, gconstpointer other)
{
  return strcmp (*(char *const *) one, *(char *const *) other);
}

static void
clear (void)
{
  for (guint i = 0; i < script->n_nodes; i++)
    if (items[i].made)
      {
        g_array_unref (items[i].watches);
        g_array_unref (items[i].outcomes);
        g_array_unref (items[i].places);
        g_array_unref (items[i].ended);
        g_array_unref (items[i].told);
      }
}

char *
model_play (const Script *played)
{
  g_autoptr (GPtrArray) reports = g_ptr_array_new ();

  script = played;
  memset (items, 0, sizeof items);
  trace = g_string_new (NULL);
  for (guint i = 0; i < script->n_leaves; i++)
    make (i);
  for (guint i = 0; i < script->n_steps; i++)
    act (&script->steps[i]);
  deliver ();
  for (guint i = 0; i < script->n_nodes; i++)
    look_at (i);
  for (guint i = 0; i < script->n_nodes; i++)
    if (items[i].alive)
      drop (i);
  deliver ();

  for (guint i = 0; i < script->n_nodes; i++)
    if (items[i].made && is_unhandled (&items[i]))
      g_ptr_array_add (reports, items[i].outcome.text);
  g_ptr_array_sort (reports, by_text);
  for (guint i = 0; i < reports->len; i++)
    g_string_append_printf (trace, "{%s} ", (char *) g_ptr_array_index (reports, i));
  clear ();
  return g_string_free (trace, FALSE);
}
