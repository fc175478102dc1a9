# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Functions that are called again and again, at their times."""

from __future__ import annotations

from typing import Callable

from gi.module import get_introspection_module
from gi.repository import Gio, GLib

from .clocks import DeferredClock, microseconds
from .coroutines import own
from .deferred import Deferred, _check_callable
from .homes import enter, need_home_here

_BaseLoopingCall = get_introspection_module("GDeferred").DeferredLoopingCall


class _Tick:
    """What C calls. It knows the looping call of C's, and not the one of Python's: that one may well be held by the function."""

    def __init__(self, function, args, kwargs, with_count):
        self.function, self.args, self.kwargs = function, args, kwargs
        self.with_count = with_count
        self.call = None

    def __call__(self, deferred, *_):
        count = (self.call().get_n_ticks(),) if self.with_count else ()
        return deferred.return_deferred(own(self.function, *count, *self.args, **self.kwargs))


def _pass(_nothing, deferred):
    return deferred


class DeferredLoopingCall:
    """Calls a function every so many seconds, at times that do not drift. ::

        ticking = GDeferred.DeferredLoopingCall(show_time)
        ticking.start(1)

    If the function returns a Deferred, or is a coroutine function, that has to end before the next call; moments that go by
    meanwhile are skipped. A failure ends it. It goes on whether or not anybody holds it, until it is stopped.

    :attr:`clock` is what it goes by from the next start on."""

    __module__ = "gi.overrides.GDeferred"

    def __init__(self, function: Callable, /, *args, **kwargs):
        _check_callable(function, "The function")
        self._clock = None
        self._work = function, args, kwargs
        self._with_count = False
        self._call = None  # that of C's, as long as it is there: whatever it waits for holds it
        self._ended = True
        self._interval = 0.0

    @property
    def clock(self) -> DeferredClock | None:
        """The clock to go by, which is not kept by that; ``None`` for the one that is current at the start."""
        return None if self._clock is None else self._clock()

    @clock.setter
    def clock(self, clock):
        self._clock = None if clock is None else clock.weak_ref()

    @classmethod
    def with_count(cls, function: Callable, /, *args, **kwargs) -> DeferredLoopingCall:
        """One that calls ``function(count, *args, **kwargs)``: for how many moments this call stands, 1 if none was skipped."""
        self = cls(function, *args, **kwargs)
        self._with_count = True
        return self

    def start(self, interval: float, now: bool = True) -> Deferred:
        """Calls the function now, or after ``interval`` seconds, and then every ``interval``. Gives a Deferred that fires with this
        object when it has been stopped and no call is under way, and fails when a call does. To cancel it ends everything at
        once."""
        number = microseconds(interval, "The interval")
        need_home_here("start")
        active = self._active()
        if active is not None and not self._ended:
            return active.start(number, now)  # which refuses
        tick = _Tick(*self._work, self._with_count)
        call = _BaseLoopingCall.new(tick)
        if self._clock is not None:
            clock = self._clock()
            if clock is None:
                closed = "The clock of the looping call is gone"
                return Deferred.fail(GLib.Error.new_literal(Gio.io_error_quark(), closed, Gio.IOErrorEnum.CLOSED))
            call.set_clock(clock)
        self._call = tick.call = call.weak_ref()
        self._ended, self._interval = False, number / 1_000_000
        done = enter(call.start, number, now)
        done._watch(self._end)
        done.add_callback(lambda _: self)
        # Another one waits for it, which goes to the caller.
        return Deferred.succeed().add_callback(_pass, done)

    def _active(self):
        return None if self._call is None else self._call()

    def _end(self, _value, _failed):
        self._ended = True

    def stop(self) -> None:
        """Makes no more calls. One that is under way is left to end."""
        call = self._active()
        if call is not None:
            need_home_here("stop")
            enter(call.stop)

    def reset(self) -> None:
        """Begins the interval anew: the next call is one interval from now."""
        call = self._active()
        if call is not None:
            need_home_here("reset")
            call.reset()

    @property
    def running(self) -> bool:
        """Whether it was started, and neither stopped nor failed since."""
        call = self._active()
        return call is not None and call.get_running()

    @property
    def interval(self) -> float:
        """The interval that it was started with last, in seconds."""
        return self._interval

    @property
    def n_skipped(self) -> int:
        """How many moments have been skipped since the start, while it runs."""
        call = self._active()
        return 0 if call is None else call.get_n_skipped()
