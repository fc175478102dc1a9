# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Deferreds that feel native in Python. See :class:`Deferred`."""

from gi.overrides import override

from gi.overrides._gdeferred.coroutines import ensure_deferred, inline_callbacks, maybe_deferred, run
from gi.overrides._gdeferred.deferred import Deferred
from gi.overrides._gdeferred.errors import (AlreadyCalledError, CancelledError, FirstError, QueueOverflow, QueueUnderflow,
                                            TimeoutError, set_unhandled_error_hook)
from gi.overrides._gdeferred.gio import wrap
from gi.overrides._gdeferred.threads import DeferredThreadPool, blocking_call_from_thread, run_in_thread

Deferred = override(Deferred)
DeferredThreadPool = override(DeferredThreadPool)

__all__ = [
    "AlreadyCalledError",
    "CancelledError",
    "Deferred",
    "DeferredThreadPool",
    "FirstError",
    "QueueOverflow",
    "QueueUnderflow",
    "TimeoutError",
    "blocking_call_from_thread",
    "ensure_deferred",
    "inline_callbacks",
    "maybe_deferred",
    "run",
    "run_in_thread",
    "set_unhandled_error_hook",
    "wrap",
]
