# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Python functions in other threads."""

from __future__ import annotations

import inspect
from typing import Any, Callable

from gi.module import get_introspection_module
from gi.overrides import override
from gi.repository import GLib

from .coroutines import maybe_deferred
from .deferred import Deferred, _Base
from .errors import from_error, let_go, to_error, without_first
from .values import boxed, to_value

_GDeferred = get_introspection_module("GDeferred")
_BasePool = _GDeferred.DeferredThreadPool


def _job_of(function, args, kwargs):
    """What C calls in the thread: it leaves there what the function returned or raised."""
    if not callable(function):
        raise TypeError(f"The function is to be callable, not {type(function).__name__}")
    if inspect.iscoroutinefunction(function):
        raise TypeError("A coroutine function cannot run in a thread: it runs on the main loop, where it may await "
                        "what runs in threads")

    def job(deferred, *_):
        try:
            value = function(*args, **kwargs)
        except BaseException as exception:
            without_first(exception)
            let_go(exception)
            deferred.return_error_full(to_error(exception), boxed(exception))
            return True
        if isinstance(value, _Base):
            deferred.return_deferred(value)
        elif value is not None:
            deferred.return_value(to_value(value))
        return True

    return job


def _adopted(deferred):
    return deferred._adopt() if deferred.is_home() else deferred


def run_in_thread(function: Callable, /, *args, **kwargs) -> Deferred:
    """Calls a function in a thread, and gives a Deferred for what it returns or raises. Cancelling that before the function
    was started takes it out of the queue; later, what it returns is dropped."""
    return _adopted(_Base.run_in_thread(_job_of(function, args, kwargs)))


@override
class DeferredThreadPool(_GDeferred.DeferredThreadPool):
    """Threads of one's own: ``DeferredThreadPool.new(name, max_threads)``."""

    __module__ = "gi.overrides.GDeferred"

    def run(self, function: Callable, /, *args, **kwargs) -> Deferred:
        """As :func:`run_in_thread`, in a thread of this pool."""
        return _adopted(_BasePool.run(self, _job_of(function, args, kwargs)))


def blocking_call_from_thread(function: Callable, /, *args, context: GLib.MainContext | None = None, **kwargs) -> Any:
    """For a function in a thread: calls another one in the main thread (or in ``context``), waits for what it returns, or
    for its Deferred or coroutine, and returns or raises that."""
    if not callable(function):
        raise TypeError(f"The function is to be callable, not {type(function).__name__}")
    outcome = []

    def call(self, *_):
        deferred = maybe_deferred(function, *args, **kwargs)
        deferred.add_both(lambda value: outcome.append((value, deferred.failed)))
        return self.return_deferred(deferred)

    try:
        _Base.blocking_call(context, call)
    except GLib.Error as error:
        if not outcome:
            raise from_error(error) from None
    value, failed = outcome[0]
    if failed:
        raise value
    return value
