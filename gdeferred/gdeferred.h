/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* The one header that programs include. */

#include <gdeferred/types.h>
#include <gdeferred/version.h>

#include <gdeferred/deferred.h>
#include <gdeferred/values.h>

#include <gdeferred/async.h>
#include <gdeferred/asyncresult.h>
#include <gdeferred/binding.h>
#include <gdeferred/cache.h>
#include <gdeferred/carrier.h>
#include <gdeferred/clock.h>
#include <gdeferred/cooperator.h>
#include <gdeferred/dbus.h>
#include <gdeferred/dbusjob.h>
#include <gdeferred/debounce.h>
#include <gdeferred/debug.h>
#include <gdeferred/event.h>
#include <gdeferred/filelock.h>
#include <gdeferred/latch.h>
#include <gdeferred/list.h>
#include <gdeferred/lock.h>
#include <gdeferred/loopingcall.h>
#include <gdeferred/map.h>
#include <gdeferred/operation.h>
#include <gdeferred/parts.h>
#include <gdeferred/process.h>
#include <gdeferred/queue.h>
#include <gdeferred/results.h>
#include <gdeferred/retry.h>
#include <gdeferred/rwlock.h>
#include <gdeferred/semaphore.h>
#include <gdeferred/signalwait.h>
#include <gdeferred/sourcewait.h>
#include <gdeferred/taskgroup.h>
#include <gdeferred/thread.h>
#include <gdeferred/threadpool.h>
#include <gdeferred/throttle.h>
#include <gdeferred/timer.h>
#include <gdeferred/wait.h>
