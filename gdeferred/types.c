/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include <gdeferred/types.h>

/**
 * g_deferred_error_quark:
 *
 * The domain of [error@DeferredError]. It may be called from any thread.
 *
 * Returns: the domain
 *
 * Since: 1.0
 */
/* Not G_DEFINE_QUARK, whose cache threads write without a word to each other. */
GQuark
g_deferred_error_quark (void)
{
  static int quark;
  int        known = g_atomic_int_get (&quark);

  if (known == 0)
    {
      known = (int) g_quark_from_static_string ("g-deferred-error-quark");
      g_atomic_int_set (&quark, known);
    }
  return (GQuark) known;
}

G_DEFINE_ENUM_TYPE (GDeferredError,
                    g_deferred_error,
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_ERROR_ALREADY_CALLED, "already-called"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_ERROR_INVALID_RESULT, "invalid-result"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_ERROR_LOOP, "loop"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_ERROR_ABANDONED, "abandoned"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_ERROR_FAILED, "failed"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_ERROR_STALLED, "stalled"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_ERROR_OVERFLOW, "overflow"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_ERROR_UNDERFLOW, "underflow"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_ERROR_ALL_FAILED, "all-failed"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_ERROR_CLOSED, "closed"))

G_DEFINE_ENUM_TYPE (GDeferredState,
                    g_deferred_state,
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_STATE_PENDING, "pending"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_STATE_RUNNING, "running"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_STATE_WAITING, "waiting"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_STATE_SUCCEEDED, "succeeded"),
                    G_DEFINE_ENUM_VALUE (G_DEFERRED_STATE_FAILED, "failed"))
