/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <glib.h>

/*
 * ThreadSanitizer does not see the synchronisation inside a GLib that was built without it. Where we rely on a GMutex
 * or on a hand-over through GLib, these tell it. They are nothing in other builds.
 */
#if defined(__SANITIZE_THREAD__)
#define GD_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define GD_TSAN 1
#endif
#endif

#ifdef GD_TSAN
void __tsan_acquire (void *address);
void __tsan_release (void *address);
#define GD_TSAN_ACQUIRE(address) __tsan_acquire ((void *) (address))
#define GD_TSAN_RELEASE(address) __tsan_release ((void *) (address))
#else
#define GD_TSAN_ACQUIRE(address) ((void) 0)
#define GD_TSAN_RELEASE(address) ((void) 0)
#endif

static inline void
gd_mutex_lock (GMutex *mutex)
{
  g_mutex_lock (mutex);
  GD_TSAN_ACQUIRE (mutex);
}

static inline void
gd_mutex_unlock (GMutex *mutex)
{
  GD_TSAN_RELEASE (mutex);
  g_mutex_unlock (mutex);
}

static inline void
gd_cond_wait (GCond *cond, GMutex *mutex)
{
  GD_TSAN_RELEASE (mutex);
  g_cond_wait (cond, mutex);
  GD_TSAN_ACQUIRE (mutex);
}

static inline gboolean
gd_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  gboolean in_time;

  GD_TSAN_RELEASE (mutex);
  in_time = g_cond_wait_until (cond, mutex, end_time);
  GD_TSAN_ACQUIRE (mutex);
  return in_time;
}
