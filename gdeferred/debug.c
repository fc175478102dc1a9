/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* dladdr */
#endif

#include "debug-private.h"

#include "tsan-private.h"

#include <dlfcn.h>

typedef struct
{
  gatomicrefcount        ref_count;
  GDeferredUnhandledFunc func;
  gpointer               user_data;
  GDestroyNotify         destroy;
} Hook;

static GMutex hook_lock;
static Hook  *the_hook; /* owned; under hook_lock, but for the question whether there is one */

static void
hook_unref (Hook *hook)
{
  if (hook == NULL || !g_atomic_ref_count_dec (&hook->ref_count))
    return;

  if (hook->destroy != NULL)
    hook->destroy (hook->user_data);
  g_free (hook);
}

/**
 * g_deferred_set_unhandled_hook:
 * @hook: (nullable) (scope notified) (closure user_data) (destroy destroy): what to call, or %NULL for the default
 * @user_data: for @hook
 * @destroy: (nullable): frees @user_data, once the hook is replaced: in the thread that replaces it, or in the one that
 *   was calling it then, after the call
 *
 * Sets what is done with an error that nobody handled, in the whole process.
 *
 * An error is handled when an errback turns it into a value, when it is handed to another Deferred (that one answers
 * for it then), or when [method@Deferred.wait] returned it. One that was not is reported once, when the last reference
 * to its Deferred goes. A cancellation is not reported for the Deferred that was cancelled.
 *
 * The default logs a warning with GLib's structured log, at once. A hook is called from the loop of the Deferred's
 * home context, never from inside the last unref; so a program that sets one, and leaves its main loop, does not
 * hear of errors that come to light later.
 *
 * It may be called from any thread.
 *
 * ```c
 * static void
 * on_unhandled (GDeferred *deferred, gpointer user_data)
 * {
 *   g_autofree char *what = g_deferred_describe (deferred);
 *
 *   g_printerr ("%s: %s\n", what, g_deferred_get_error (deferred)->message);
 * }
 *
 * int
 * main (void)
 * {
 *   g_deferred_set_unhandled_hook (on_unhandled, NULL, NULL);
 *   return 0;
 * }
 * ```
 *
 * Since: 1.0
 */
void
g_deferred_set_unhandled_hook (GDeferredUnhandledFunc hook, gpointer user_data, GDestroyNotify destroy)
{
  Hook *fresh = NULL;
  Hook *old;

  if (hook != NULL)
    {
      fresh = g_new0 (Hook, 1);
      g_atomic_ref_count_init (&fresh->ref_count);
      fresh->func = hook;
      fresh->user_data = user_data;
      fresh->destroy = destroy;
    }

  gd_mutex_lock (&hook_lock);
  old = the_hook;
  g_atomic_pointer_set (&the_hook, fresh);
  gd_mutex_unlock (&hook_lock);

  hook_unref (old);
}

gboolean
gd_debug_has_hook (void)
{
  return g_atomic_pointer_get (&the_hook) != NULL;
}

/* FALSE if there is no hook any more. */
gboolean
gd_debug_call_hook (GDeferred *deferred)
{
  Hook *hook;

  gd_mutex_lock (&hook_lock);
  hook = the_hook;
  if (hook != NULL)
    g_atomic_ref_count_inc (&hook->ref_count);
  gd_mutex_unlock (&hook_lock);

  if (hook == NULL)
    return FALSE;

  hook->func (deferred, hook->user_data);
  hook_unref (hook);
  return TRUE;
}

/* Where in the program an address is, as a debugger takes it. */
char *
gd_debug_place (gconstpointer address)
{
  Dl_info          info;
  g_autofree char *file = NULL;

  if (address == NULL)
    return g_strdup ("an unknown place");
  if (dladdr (address, &info) == 0 || info.dli_fname == NULL)
    return g_strdup_printf ("%p", address);

  file = g_path_get_basename (info.dli_fname);
  if (info.dli_sname != NULL)
    return g_strdup_printf ("%s(%s+0x%" G_GINTPTR_MODIFIER "x)", file, info.dli_sname,
                            (guintptr) address - (guintptr) info.dli_saddr);
  return g_strdup_printf ("%s(+0x%" G_GINTPTR_MODIFIER "x)", file,
                          (guintptr) address - (guintptr) info.dli_fbase);
}

/* Without an address: it was cancelled or abandoned, or another Deferred handed it its outcome. */
char *
gd_debug_place_of_fire (gconstpointer address)
{
  return address != NULL ? gd_debug_place (address) : g_strdup ("a place inside the library");
}

/* What the binding of a language adds: the stack of an exception, where it lies beside the error. */
static char *
get_report (const GValue *payload)
{
  GObject *object = G_VALUE_HOLDS_OBJECT (payload) ? g_value_get_object (payload) : NULL;
  char    *report = NULL;

  if (object != NULL && g_object_class_find_property (G_OBJECT_GET_CLASS (object), "report") != NULL)
    g_object_get (object, "report", &report, NULL);
  return report;
}

void
gd_debug_log_unhandled (const GdOutcome *outcome,
                        const char      *name,
                        gconstpointer    made_at,
                        gconstpointer    fired_at,
                        const char      *stacks)
{
  const GError    *error = outcome->error;
  g_autofree char *made = gd_debug_place (made_at);
  g_autofree char *fired = gd_debug_place_of_fire (fired_at);
  g_autofree char *report = get_report (&outcome->value);
  g_autofree char *code = g_strdup_printf ("%d", error->code);
  const char      *domain = g_quark_to_string (error->domain);

  g_log_structured (
      "GDeferred", G_LOG_LEVEL_WARNING, "GDEFERRED_ERROR_DOMAIN", domain, "GDEFERRED_ERROR_CODE", code,
      "GDEFERRED_NAME", name != NULL ? name : "", "GDEFERRED_MADE_AT", made, "GDEFERRED_FIRED_AT", fired,
      "MESSAGE", "Nobody handled the error of a Deferred%s%s%s: %s (%s, %s), made at %s, fired at %s%s%s%s",
      name != NULL ? " named “" : "", name != NULL ? name : "", name != NULL ? "”" : "", error->message,
      domain, code, made, fired, stacks != NULL ? stacks : "", report != NULL ? "\n" : "",
      report != NULL ? report : "");
}
