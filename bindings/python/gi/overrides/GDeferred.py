# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Deferreds that feel native in Python. See :class:`Deferred`."""

from gi.overrides._gdeferred.caches import DeferredCache
from gi.overrides._gdeferred.clocks import DeferredClock, DeferredDelayedCall, call_later, delay, delay_until
from gi.overrides._gdeferred.cooperators import DeferredCooperativeTask, DeferredCooperator, cooperate
from gi.overrides._gdeferred.coroutines import ensure_deferred, inline_callbacks, maybe_deferred, run
from gi.overrides._gdeferred.deferred import Deferred
from gi.overrides._gdeferred.errors import (AllFailed, AlreadyCalledError, CancelledError, FirstError, QueueClosed, QueueOverflow,
                                            QueueUnderflow, TimeoutError, set_unhandled_error_hook)
from gi.overrides._gdeferred.events import DeferredEvent, DeferredLatch
from gi.overrides._gdeferred.filelocks import DeferredFileLock
from gi.overrides._gdeferred.gio import run_process, wrap
from gi.overrides._gdeferred.groups import DeferredTaskGroup
from gi.overrides._gdeferred.lists import DeferredList, DeferredResults, any, gather, race, settled
from gi.overrides._gdeferred.locks import DeferredLock, DeferredSemaphore
from gi.overrides._gdeferred.loops import DeferredLoopingCall
from gi.overrides._gdeferred.maps import map
from gi.overrides._gdeferred.paces import DeferredDebounce, DeferredThrottle
from gi.overrides._gdeferred.queues import DeferredQueue
from gi.overrides._gdeferred.retries import DeferredRetry, retry
from gi.overrides._gdeferred.rwlocks import DeferredRWLock
from gi.overrides._gdeferred.threads import DeferredThreadPool, blocking_call_from_thread, run_in_thread

__all__ = [
    "AllFailed",
    "AlreadyCalledError",
    "CancelledError",
    "Deferred",
    "DeferredCache",
    "DeferredClock",
    "DeferredCooperativeTask",
    "DeferredCooperator",
    "DeferredDebounce",
    "DeferredDelayedCall",
    "DeferredEvent",
    "DeferredFileLock",
    "DeferredLatch",
    "DeferredList",
    "DeferredLock",
    "DeferredLoopingCall",
    "DeferredQueue",
    "DeferredRWLock",
    "DeferredResults",
    "DeferredRetry",
    "DeferredSemaphore",
    "DeferredTaskGroup",
    "DeferredThreadPool",
    "DeferredThrottle",
    "FirstError",
    "QueueClosed",
    "QueueOverflow",
    "QueueUnderflow",
    "TimeoutError",
    "any",
    "blocking_call_from_thread",
    "call_later",
    "cooperate",
    "delay",
    "delay_until",
    "ensure_deferred",
    "gather",
    "inline_callbacks",
    "map",
    "maybe_deferred",
    "race",
    "retry",
    "run",
    "run_in_thread",
    "run_process",
    "set_unhandled_error_hook",
    "settled",
    "wrap",
]
