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
#include <gdeferred/carrier.h>
#include <gdeferred/dbus.h>
#include <gdeferred/dbusjob.h>
#include <gdeferred/debug.h>
#include <gdeferred/list.h>
#include <gdeferred/operation.h>
#include <gdeferred/process.h>
#include <gdeferred/results.h>
#include <gdeferred/signalwait.h>
#include <gdeferred/sourcewait.h>
#include <gdeferred/thread.h>
#include <gdeferred/threadpool.h>
#include <gdeferred/wait.h>
