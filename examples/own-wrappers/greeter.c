/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "greeter.h"

#include <string.h>

struct _HelloGreeter
{
  GObject parent_instance;
};

G_DEFINE_TYPE (HelloGreeter, hello_greeter, G_TYPE_OBJECT)

static void
hello_greeter_init (HelloGreeter *self G_GNUC_UNUSED)
{
}

static void
hello_greeter_class_init (HelloGreeterClass *klass G_GNUC_UNUSED)
{
}

/**
 * hello_greeter_new:
 *
 * Returns: (transfer full): a new greeter
 */
HelloGreeter *
hello_greeter_new (void)
{
  return g_object_new (hello_greeter_get_type (), NULL);
}

/**
 * hello_greeter_greet_async:
 * @self: a greeter
 * @name: whom to greet
 * @cancellable: (nullable): stops it
 * @callback: is called when it is done
 * @user_data: for @callback
 *
 * Thinks of a greeting.
 */
void
hello_greeter_greet_async (HelloGreeter       *self,
                           const char         *name,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  if (*name == 0)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "There is nobody to greet");
  else
    g_task_return_pointer (task, g_strdup_printf ("Hello, %s", name), g_free);
}

/**
 * hello_greeter_greet_finish:
 * @self: a greeter
 * @result: what the callback was given
 * @n_letters: (out) (optional): how long it is
 * @error: the error
 *
 * Returns: (transfer full): the greeting
 */
char *
hello_greeter_greet_finish (HelloGreeter *self G_GNUC_UNUSED,
                            GAsyncResult      *result,
                            guint             *n_letters,
                            GError           **error)
{
  char *greeting = g_task_propagate_pointer (G_TASK (result), error);

  if (greeting != NULL && n_letters != NULL)
    *n_letters = (guint) strlen (greeting);
  return greeting;
}
