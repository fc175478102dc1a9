/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "waiters-private.h"

#include "context-private.h"

/* What goes on while one is being fired, on the stack of who fires it. */
struct _GdGrant
{
  gboolean is_decided;
  gboolean is_undelivered;
  GValue   value; /* what was not delivered */
};

/* Word to the home loop, to go on serving. */
struct _GdPost
{
  GdDesk *desk; /* NULL once the object is gone */
};

/* A copy; NULL and an unset value are nothing. Numbers own no memory. */
void
gd_value_set_copy (GValue *self, const GValue *value)
{
  gd_value_clear (self);
  if (value == NULL || G_VALUE_TYPE (value) == 0)
    return;

  if (gd_value_is_number (value))
    *self = *value;
  else
    {
      g_value_init (self, G_VALUE_TYPE (value));
      g_value_copy (value, self);
    }
}

/* --- lines ------------------------------------------------------------------------------------------------------- */

static void
line_append (GdLine *self, GdWaiter *waiter)
{
  waiter->line = self;
  waiter->next = NULL;
  waiter->previous = self->last;
  if (self->last != NULL)
    self->last->next = waiter;
  else
    self->first = waiter;
  self->last = waiter;
  self->length++;
}

static void
line_remove (GdLine *self, GdWaiter *waiter)
{
  if (waiter->previous != NULL)
    waiter->previous->next = waiter->next;
  else
    self->first = waiter->next;
  if (waiter->next != NULL)
    waiter->next->previous = waiter->previous;
  else
    self->last = waiter->previous;
  self->length--;
  waiter->line = NULL;
}

/* To the end of another line of the same desk. */
void
gd_waiter_move (GdWaiter *self, GdLine *line)
{
  line_remove (self->line, self);
  line_append (line, self);
}

static gboolean
is_waiting (GdWaiter *self)
{
  return self->line != NULL && self->line != &self->desk->late;
}

/* The line's reference is the caller's from here. */
static GDeferred *
leave_line (GdWaiter *self)
{
  line_remove (self->line, self);
  return self->deferred;
}

/* Those behind it may have waited for it to go. */
static void
walk_away (GdWaiter *self)
{
  GdDesk  *desk = self->desk;
  gboolean was_first = self->previous == NULL;

  g_object_unref (leave_line (self));
  if (was_first)
    gd_desk_serve (desk);
}

/* --- the link that each of them begins with ---------------------------------------------------------------------- */

static gboolean
on_called (GDeferred *deferred, gpointer user_data, GError **error)
{
  GdWaiter *self = user_data;

  self->is_called = TRUE;
  return TRUE;
}

/* What was granted, to be given to another. */
static void
keep_value (GdWaiter *self)
{
  const GValue *value = g_deferred_get_result (self->deferred);

  if (value != NULL)
    gd_value_set_copy (&self->value, value);
}

static void
free_waiter (GdWaiter *self)
{
  gd_value_clear (&self->value);
  if (self->given != NULL)
    g_value_unset (self->given);
  g_free (self->given);
  g_object_unref (self->home);
  g_free (self);
}

static void
decide (GdGrant *grant, GdWaiter *self)
{
  grant->is_decided = TRUE;
  grant->is_undelivered = self->is_undelivered;
  if (self->is_undelivered)
    {
      grant->value = self->value;
      self->value = (GValue) G_VALUE_INIT;
    }
  self->desk->n_undecided--;
}

static void
decide_late (GdWaiter *self)
{
  GdDesk *desk = self->desk;

  line_remove (&desk->late, self);
  if (!self->is_undelivered)
    return;

  if (self->given != NULL && G_VALUE_TYPE (&self->value) == 0)
    gd_value_set_copy (&self->value, self->given);
  g_object_ref (desk->object);
  desk->funcs->take_back (desk, self);
  gd_desk_serve (desk);
  g_object_unref (desk->object);
}

/* At home, the link is gone. One that still stands in its line was fired by somebody else. */
static void
finish (GdWaiter *self)
{
  if (self->grant != NULL)
    decide (self->grant, self);
  else if (self->line != NULL && self->line == &self->desk->late)
    decide_late (self);
  else if (self->line != NULL)
    walk_away (self);
  free_waiter (self);
}

static void
finish_from_elsewhere (GDeferred *home G_GNUC_UNUSED, gpointer user_data)
{
  finish (user_data);
}

/* Whether what was granted has come to nobody. While we fire, we hold one reference. At any other time the link was
 * called for somebody who did something with the Deferred, or it was not called: nobody hears, but others that the
 * Deferred leads on to. One that was handed over may have been cancelled, as the grant was on its way. */
static gboolean
was_missed (GdWaiter *self, gboolean is_being_fired)
{
  if (g_deferred_get_error (self->deferred) != NULL)
    return TRUE;
  if (self->is_called && !is_being_fired)
    return FALSE;
  return !g_deferred_is_heeded (self->deferred);
}

static void
on_gone (gpointer user_data)
{
  GdWaiter *self = user_data;
  gboolean  is_home = g_deferred_is_home (self->home);

  self->is_undelivered
      = g_atomic_int_get (&self->is_granted) && was_missed (self, is_home && self->grant != NULL);
  if (self->is_undelivered)
    keep_value (self);

  if (is_home)
    finish (self);
  else
    g_deferred_invoke (self->home, finish_from_elsewhere, self, NULL);
}

/* --- cancelling -------------------------------------------------------------------------------------------------- */

/* The object may serve others now, or stop what it does for those who wait; this one hears first of how it ended. In
 * another home the link will send word. */
static void
on_cancel (GDeferred *deferred, gpointer user_data)
{
  GdWaiter *self = user_data;
  GdDesk   *desk;

  if (!g_deferred_is_home (self->home))
    return;

  desk = self->desk;
  if (desk == NULL || !is_waiting (self))
    return;
  if (self->is_settled)
    {
      g_object_ref (desk->object);
      gd_waiter_grant (self, NULL);
      g_object_unref (desk->object);
      return;
    }
  if (self->previous != NULL)
    {
      g_object_unref (leave_line (self));
      return;
    }

  g_object_ref (desk->object);
  leave_line (self);
  g_deferred_errback_literal (deferred, G_IO_ERROR, G_IO_ERROR_CANCELLED, "The wait was cancelled", NULL);
  g_object_unref (deferred);
  gd_desk_serve (desk);
  g_object_unref (desk->object);
}

/* --- the desk ---------------------------------------------------------------------------------------------------- */

void
gd_desk_init (GdDesk *self, gpointer object, const GdDeskFuncs *funcs)
{
  self->funcs = funcs;
  self->object = object;
  self->home = g_deferred_new ();
  self->context = g_deferred_get_context (self->home);
}

/* For finalize. */
void
gd_desk_clear (GdDesk *self)
{
  g_clear_object (&self->home);
}

static void
nothing_to_do (GDeferred *home G_GNUC_UNUSED, gpointer user_data G_GNUC_UNUSED)
{
}

static void
abandon (GDeferred *deferred, gpointer what)
{
  g_autofree char *message = NULL;

  message = g_strdup_printf ("The %s that it waited for is gone", (const char *) what);
  g_deferred_errback_literal (deferred, G_DEFERRED_ERROR, G_DEFERRED_ERROR_ABANDONED, message, NULL);
}

static void
end_line (GdDesk *self, GdLine *line)
{
  while (line->first != NULL)
    {
      GdWaiter *waiter = line->first;

      line_remove (line, waiter);
      waiter->desk = NULL;
      if (line == &self->late)
        continue;

      g_deferred_invoke (waiter->deferred, abandon, (gpointer) self->funcs->what, NULL);
      g_object_unref (waiter->deferred);
    }
}

/* For dispose: whoever waits in one of the lines, which end with NULL, fails, from the loop. In a thread that is not
 * the object's home it does nothing but have the object disposed there, and returns FALSE: the object is not to go on
 * with its dispose then. If nobody iterates the context, any thread will do. */
gboolean
gd_desk_end (GdDesk *self, GdLine *lines[])
{
  GMainContext *context = g_deferred_get_context (self->home);
  gboolean      is_home = g_deferred_is_home (self->home);

  if (!is_home && !g_main_context_acquire (context))
    {
      g_deferred_invoke (self->home, nothing_to_do, g_object_ref (self->object), g_object_unref);
      return FALSE;
    }

  for (gsize i = 0; lines[i] != NULL; i++)
    end_line (self, lines[i]);
  end_line (self, &self->late);
  if (self->posted != NULL)
    self->posted->desk = NULL;
  self->posted = NULL;

  if (!is_home)
    g_main_context_release (context);
  return TRUE;
}

/* Says so if it is not. */
gboolean
gd_desk_is_here (GdDesk *self, const char *function)
{
  if (G_LIKELY (g_deferred_is_home (self->home)))
    return TRUE;

  g_critical ("%s: called from a thread that is not the home of the %s", function, self->funcs->what);
  return FALSE;
}

/* For a caller who is elsewhere, and was told. */
GDeferred *
gd_desk_refuse (GdDesk *self)
{
  g_autoptr (GError) error = NULL;

  error = g_error_new (G_DEFERRED_ERROR, G_DEFERRED_ERROR_FAILED,
                       "The %s was used in a thread that is not its home", self->funcs->what);
  return g_deferred_fail (error);
}

static gboolean
is_ours (GdDesk *self, GDeferred *deferred)
{
  return G_LIKELY (g_deferred_get_context (deferred) == self->context);
}

/* One that has fired with @value, which is taken; NULL is nothing. Another context may be the thread's default just
 * now: then the first is thrown away. */
GDeferred *
gd_desk_succeed (GdDesk *self, GValue *value)
{
  GDeferred *deferred = g_deferred_succeed (value);

  if (!is_ours (self, deferred))
    {
      gboolean entered = gd_context_enter (self->context);

      g_object_unref (deferred);
      deferred = g_deferred_succeed (value);
      gd_context_leave (self->context, entered);
    }
  if (value != NULL)
    gd_value_clear (value);
  return deferred;
}

/* One that has failed. */
GDeferred *
gd_desk_fail (GdDesk *self, GQuark domain, int code, const char *message)
{
  GError    *error = g_error_new_literal (domain, code, message);
  gboolean   entered = gd_context_enter (self->context);
  GDeferred *deferred = g_deferred_fail (error);

  gd_context_leave (self->context, entered);
  g_error_free (error);
  return deferred;
}

static GDeferred *
make (GdDesk *self, GdWaiter *waiter)
{
  GDeferred *deferred = g_deferred_new_with_canceller (on_cancel, waiter, NULL);
  gboolean   entered;

  if (is_ours (self, deferred))
    return deferred;

  g_object_unref (deferred);
  entered = gd_context_enter (self->context);
  deferred = g_deferred_new_with_canceller (on_cancel, waiter, NULL);
  gd_context_leave (self->context, entered);
  return deferred;
}

/* A new one at the end of @line. Its Deferred is the line's. */
GdWaiter *
gd_desk_wait (GdDesk *self, GdLine *line, guint kind)
{
  GdWaiter *waiter = g_new0 (GdWaiter, 1);

  waiter->deferred = make (self, waiter);
  waiter->desk = self;
  waiter->home = g_object_ref (self->home);
  waiter->kind = kind;
  g_deferred_add_callback (waiter->deferred, on_called, waiter, on_gone);
  line_append (line, waiter);
  return waiter;
}

/* --- serving ----------------------------------------------------------------------------------------------------- */

static void
serve_all (GdDesk *self)
{
  GObject *object = g_object_ref (self->object);

  self->n_serving++;
  while (self->funcs->serve (self))
    ;
  self->n_serving--;
  g_object_unref (object);
}

static void
open_post (GDeferred *home G_GNUC_UNUSED, gpointer user_data)
{
  GdPost *post = user_data;
  GdDesk *desk = post->desk;

  if (desk == NULL)
    return;

  desk->posted = NULL;
  serve_all (desk);
}

/* From the loop, if the object is there still. */
void
gd_desk_serve_later (GdDesk *self)
{
  if (self->posted != NULL)
    return;

  self->posted = g_new (GdPost, 1);
  self->posted->desk = self;
  g_deferred_invoke (self->home, open_post, self->posted, g_free);
}

/* Serves those who can be served. The object may be gone after that. A loop that is on the stack goes on with it; the
 * callback that it is in may iterate the main loop meanwhile. */
void
gd_desk_serve (GdDesk *self)
{
  if (self->n_serving > 0)
    gd_desk_serve_later (self);
  else
    serve_all (self);
}

/* One that was handed over may just be cancelled where it is now: the value is not to be lost by that. Another one may
 * have been fired by somebody else, and be paused. */
static gboolean
fire (GdWaiter *self, GValue *value)
{
  if (value != NULL && !g_deferred_is_home (self->deferred))
    {
      self->given = g_new0 (GValue, 1);
      gd_value_set_copy (self->given, value);
      return g_deferred_callback (self->deferred, value, NULL);
    }
  if (G_UNLIKELY (g_deferred_get_state (self->deferred) != G_DEFERRED_STATE_PENDING))
    return FALSE;
  return g_deferred_callback_take_value (self->deferred, value, NULL);
}

/* Fires it with @value, NULL for nothing. Whether that was delivered, or may still be; if not, @value is as it was, and
 * otherwise it is unset. (A value for one that another thread has fired just now is lost: that is not for others to
 * do.) */
gboolean
gd_waiter_grant (GdWaiter *self, GValue *value)
{
  GdDesk    *desk = self->desk;
  GDeferred *deferred = leave_line (self);
  GdGrant    grant = { .value = G_VALUE_INIT };
  gboolean   is_fired;

  self->grant = &grant;
  g_atomic_int_set (&self->is_granted, TRUE);
  desk->n_undecided++;
  is_fired = fire (self, value);
  if (!grant.is_decided)
    {
      desk->n_undecided--;
      self->grant = NULL;
      grant.is_undelivered = !is_fired;
      if (is_fired)
        line_append (&desk->late, self);
      else
        self->desk = NULL;
    }
  g_object_unref (deferred);

  if (value == NULL)
    g_value_unset (&grant.value);
  else if (is_fired)
    {
      g_value_unset (value);
      *value = grant.value;
    }
  return !grant.is_undelivered;
}

/* Ends its wait with an error. */
void
gd_waiter_fail (GdWaiter *self, GQuark domain, int code, const char *message)
{
  GDeferred *deferred = leave_line (self);

  self->desk = NULL;
  g_deferred_errback_literal (deferred, domain, code, message, NULL);
  g_object_unref (deferred);
}
