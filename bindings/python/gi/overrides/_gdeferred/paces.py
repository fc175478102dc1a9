# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Not too often: what is run often waits until it is quiet, or until it is its turn."""

from __future__ import annotations

import functools
from typing import Callable

from gi.module import get_introspection_module
from gi.overrides import override

from .clocks import DeferredClock, in_seconds, microseconds
from .coroutines import call
from .deferred import Deferred, _check_callable
from .homes import AtHome, enter, guard

_GDeferred = get_introspection_module("GDeferred")
_BaseDebounce = _GDeferred.DeferredDebounce
_BaseThrottle = _GDeferred.DeferredThrottle


class _Paced(AtHome):
    """What both have."""

    def __call__(self, function: Callable) -> Callable[..., Deferred]:
        """A function that runs this one."""
        _check_callable(function, "The function")

        @functools.wraps(function)
        def run(*args, **kwargs) -> Deferred:
            return self.run(function, *args, **kwargs)

        return run

    def _run(self, run_deferred, function, args, kwargs):
        self._need_home("run")
        _check_callable(function, "The function")
        return enter(run_deferred, self, Deferred().add_callback(call, function, args, kwargs))


@override
class DeferredDebounce(_Paced, _BaseDebounce):
    """Runs the newest of what is asked for often, once nothing was asked for in so many seconds; the others are cancelled,
    waiting or under way. ::

        typing = GDeferred.DeferredDebounce(0.3)

        @typing
        async def search(text):
            show(await look_up(text))

        entry.connect("search-changed", lambda entry: search(entry.get_text()))
    """

    __module__ = "gi.overrides.GDeferred"

    def __init__(self, quiet: float, clock: DeferredClock | None = None):
        _BaseDebounce.__init__(self, quiet=microseconds(quiet, "The time of quiet"), clock=clock)
        self._settle()

    def run(self, function: Callable, /, *args, **kwargs) -> Deferred:
        """Calls ``function(*args, **kwargs)`` when it was quiet, and gives a Deferred for what that returns. It fails with
        :exc:`CancelledError` when a newer one takes its place."""
        return self._run(_BaseDebounce.run_deferred, function, args, kwargs)

    def set_quiet(self, seconds: float) -> None:
        """Changes how long it is to be quiet, from the next run on."""
        self._need_home("set_quiet")
        _BaseDebounce.set_quiet(self, microseconds(seconds, "The time of quiet"))

    def get_quiet(self) -> float:
        """How long it is to be quiet, in seconds."""
        return in_seconds(_BaseDebounce.get_quiet(self))


guard(DeferredDebounce, _BaseDebounce, "cancel", "flush", "set_clock")


@override
class DeferredThrottle(_Paced, _BaseThrottle):
    """Starts what is asked for often at most once in so many seconds: the first at once, then the newest; the others are
    cancelled. What has started is left to run. ::

        preview = GDeferred.DeferredThrottle(0.1)
        slider.connect("value-changed", lambda slider: preview.run(render, slider.get_value()))
    """

    __module__ = "gi.overrides.GDeferred"

    def __init__(self, interval: float, clock: DeferredClock | None = None):
        _BaseThrottle.__init__(self, interval=microseconds(interval, "The interval"), clock=clock)
        self._settle()

    def run(self, function: Callable, /, *args, **kwargs) -> Deferred:
        """Calls ``function(*args, **kwargs)`` when it is its turn, and gives a Deferred for what that returns. It fails with
        :exc:`CancelledError` when a newer one takes its place."""
        return self._run(_BaseThrottle.run_deferred, function, args, kwargs)

    def set_interval(self, seconds: float) -> None:
        """Changes the interval, also the one that has begun."""
        self._need_home("set_interval")
        enter(_BaseThrottle.set_interval, self, microseconds(seconds, "The interval"))

    def get_interval(self) -> float:
        """The interval, in seconds."""
        return in_seconds(_BaseThrottle.get_interval(self))


guard(DeferredThrottle, _BaseThrottle, "cancel", "set_clock")
