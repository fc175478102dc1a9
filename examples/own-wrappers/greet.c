/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "hello-deferred.h"

static gboolean
print (GDeferred *self, gpointer user_data, GError **error)
{
  const HelloDeferredGreeterGreetResult *result
      = g_deferred_get_boxed (self, HELLO_TYPE_DEFERRED_GREETER_GREET_RESULT);

  g_print ("%s (%u letters)\n", result->value, result->n_letters);
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (HelloGreeter) greeter = hello_greeter_new ();
  g_autoptr (GDeferred) d = hello_deferred_greeter_greet (greeter, argc > 1 ? argv[1] : "");
  g_autoptr (GError) error = NULL;

  g_deferred_add_callback (d, print, NULL, NULL);
  if (!g_deferred_wait (d, &error))
    g_print ("%s\n", error->message);
  return error != NULL;
}
