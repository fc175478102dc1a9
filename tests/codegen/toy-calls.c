/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "toy-private.h"

/* The functions that are there for their parameters, and for how they are finished. */

/* --- parameters -------------------------------------------------------------------------------------------------- */

static void
fill (void *buffer, gsize count)
{
  for (gsize i = 0; i < MIN (count, 4); i++)
    ((char *) buffer)[i] = "read"[i];
}

TOY_ASYNC (toy_box_read_async, ToyBox *self, void *buffer, gsize count)
{
  fill (buffer, count);
  toy_start (self, cancellable, callback, user_data);
}

FINISH (gssize, read, 4)

TOY_ASYNC (toy_box_read_all_async, ToyBox *self, void *buffer, gsize count)
{
  fill (buffer, count);
  toy_start (self, cancellable, callback, user_data);
}

gboolean
toy_box_read_all_finish (ToyBox *self, GAsyncResult *result, gsize *bytes_read, GError **error)
{
  *bytes_read = 3;
  return toy_ended (result, error);
}

/* As GIO does, it reads what the caller should have kept only when it comes to it. */
typedef struct
{
  const void *data;
  gsize       length;
} Written;

static void
write_it (ToyBox *self, const void *data, gsize length)
{
  Written *written = g_new (Written, 1);

  written->data = data;
  written->length = length;
  g_object_set_data_full (G_OBJECT (self), "written", written, g_free);
}

static gboolean
is_written (ToyBox *self)
{
  Written *written = g_object_get_data (G_OBJECT (self), "written");

  g_clear_pointer (&toy.written, g_bytes_unref);
  if (written->data != NULL)
    toy.written = g_bytes_new (written->data, written->length);
  return TRUE;
}

TOY_ASYNC (toy_box_write_async, ToyBox *self, const void *data, gsize length)
{
  g_return_if_fail (data != NULL);
  write_it (self, data, length);
  toy_start (self, cancellable, callback, user_data);
}

FINISH (gssize, write, is_written (self) ? (gssize) g_bytes_get_size (toy.written) : -1)

TOY_ASYNC (toy_box_write_maybe_async, ToyBox *self, gsize length, const void *data)
{
  write_it (self, data, length);
  toy_start (self, cancellable, callback, user_data);
}

FINISH (gboolean, write_maybe, is_written (self))

static ToyProgressCallback reporter;
static gpointer            reporter_data;

void
toy_report (gint64 current, gint64 total)
{
  reporter (current, total, reporter_data);
}

void
toy_box_pour_async (ToyBox             *self,
                    GCancellable       *cancellable,
                    ToyProgressCallback progress_callback,
                    gpointer            progress_data,
                    GAsyncReadyCallback callback,
                    gpointer            user_data)
{
  reporter = progress_callback;
  reporter_data = progress_data;
  toy_report (1, 4);
  toy_start (self, cancellable, callback, user_data);
}

FINISH (gboolean, pour, TRUE)

TOY_ASYNC (toy_box_tell_async, ToyBox *self, ToyVisitor visitor, gpointer visitor_data)
{
  g_assert_null (visitor);
  g_assert_null (visitor_data);
  toy_start (self, cancellable, callback, user_data);
}

FINISH (gboolean, tell, TRUE)

TOY_ASYNC (
    toy_box_visit_async, ToyBox *self, ToyVisitor visitor, gpointer visitor_data, GDestroyNotify visitor_free)
{
  visitor (self, visitor_data);
  visitor_free (visitor_data);
  toy_start (self, cancellable, callback, user_data);
}

FINISH (gboolean, visit, TRUE)

TOY_ASYNC (toy_box_send_async, ToyBox *self, GVariant *message, guint *out_serial)
{
  g_assert_null (out_serial);
  g_variant_unref (g_variant_ref_sink (message));
  toy_start (self, cancellable, callback, user_data);
}

FINISH (gboolean, send, TRUE)

TOY_ASYNC (toy_box_compare_async, ToyBox *self, ToyThing *other, const char *deferred, const char *how)
{
  g_object_set_data (G_OBJECT (self), "same", GINT_TO_POINTER (TOY_THING (self) == other));
  toy_start (self, cancellable, callback, user_data);
}

FINISH (int, compare, GPOINTER_TO_INT (g_object_get_data (G_OBJECT (self), "same")))

void
toy_box_settle (ToyBox *self, GAsyncReadyCallback callback, gpointer user_data)
{
  toy_start (self, NULL, callback, user_data);
}

FINISH (gboolean, settle, TRUE)

/* --- ways to a finish function ----------------------------------------------------------------------------------- */

void
toy_box_set_async (ToyBox             *self,
                   GCancellable       *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer            user_data,
                   const char         *first_name,
                   ...)
{
  g_assert_not_reached ();
}

void
toy_box_set_valist_async (ToyBox             *self,
                          const char         *first_name,
                          va_list             var_args,
                          GCancellable       *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer            user_data)
{
  for (const char *name = first_name; name != NULL; name = va_arg (var_args, const char *))
    {
      g_free (self->note);
      self->note = g_strdup_printf ("%s=%d", name, va_arg (var_args, int));
    }
  toy_start (self, cancellable, callback, user_data);
}

FINISH (gboolean, set, TRUE)

START (look_async)

TOY_FINISH (char *, end_of_look)
{
  return toy_ended (result, error) ? g_strdup ("looked") : NULL;
}

START (turn_bytes_async)
FINISH (gboolean, turn, TRUE)
START (ruled_async)
FINISH (gboolean, ruled_by, TRUE)

START (fading_async)
FINISH (gboolean, fading, TRUE)

TOY_ASYNC (toy_box_make, const char *note)
{
  ToyBox *box = toy_box_new ();

  g_free (box->note);
  box->note = g_strdup (note);
  toy_start (box, cancellable, callback, user_data);
  g_object_unref (box);
}

ToyBox *
toy_box_make_finish (GAsyncResult *result, GError **error)
{
  return toy_ended (result, error) ? TOY_BOX (g_async_result_get_source_object (result)) : NULL;
}

TOY_ASYNC (toy_show_full, ToyBox *parent, const char *note)
{
  toy_start (parent, cancellable, callback, user_data);
}

gboolean
toy_show_full_finish (ToyBox *parent, GAsyncResult *result, GError **error)
{
  g_assert_true (g_task_is_valid (result, parent));
  return toy_ended (result, error);
}

TOY_ASYNC (toy_thing_use_async, ToyThing *self)
{
  toy_start (self, cancellable, callback, user_data);
}

char *
toy_thing_use_finish (ToyThing *self, GAsyncResult *result, GError **error)
{
  return toy_ended (result, error) ? g_strdup ("used") : NULL;
}
