# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Clocks, the system's and virtual ones, and what waits for a time. In Python times are seconds, in C microseconds."""

from __future__ import annotations

from typing import Callable, Iterable

from gi.module import get_introspection_module
from gi.overrides import override

from .coroutines import call
from .deferred import Deferred, _Base, _check_callable
from .homes import AtHome, enter, guard, need_home_here

_GDeferred = get_introspection_module("GDeferred")
_BaseClock = _GDeferred.DeferredClock
_BaseCall = _GDeferred.DeferredDelayedCall

_MAX = (1 << 63) - 1


def microseconds(seconds, what="The delay"):
    """What C is given of a time in seconds."""
    try:
        number = round(seconds * 1_000_000)
    except (TypeError, ValueError, OverflowError):  # a text, a NaN, an infinity
        kind = ValueError if isinstance(seconds, float) else TypeError
        raise kind(f"{what} is to be a number of seconds, not {seconds!r}") from None
    if not 0 <= number <= _MAX:
        raise ValueError(f"{what} is to be a number of seconds from 0 on, not {seconds!r}")
    return number


def in_seconds(number):
    return number / 1_000_000


@override
class DeferredDelayedCall(_BaseCall):
    """A call that a clock is to make."""

    __module__ = "gi.overrides.GDeferred"

    def get_time(self) -> float:
        """When it is due, in seconds, on its clock."""
        return in_seconds(_BaseCall.get_time(self))

    def reset(self, seconds: float) -> bool:
        """Has it made in so many seconds from now. Whether it was still to be made."""
        return _BaseCall.reset(self, microseconds(seconds))


@override
class DeferredClock(AtHome, _BaseClock):
    """A clock whose time passes only when it is told to: tests of what happens in an hour take no time. ::

        clock = GDeferred.DeferredClock()
        with clock:
            d = fetch().add_timeout(60)
        clock.advance(60)

    All that is timed takes a clock, as ``clock``. In a ``with`` block, what is given none takes this one; elsewhere that of
    the system. Times are seconds."""

    __module__ = "gi.overrides.GDeferred"

    def __init__(self):
        _BaseClock.__init__(self)
        self._settle()

    def __enter__(self):
        self.push()
        return self

    def __exit__(self, *_exception):
        self.pop()

    def get_time(self) -> float:
        """What time it is, in seconds since it does not matter when."""
        return in_seconds(_BaseClock.get_time(self))

    def _need_virtual(self, function):
        self._need_home(function)
        if not self.is_virtual():
            raise RuntimeError(f"{function}() is for virtual clocks; the time of the system passes by itself")

    def advance(self, seconds: float) -> None:
        """Lets so many seconds pass, and makes the calls that become due, each at its time."""
        number = microseconds(seconds, "The time that passes")
        self._need_virtual("advance")
        enter(_BaseClock.advance, self, number)

    def pump(self, seconds: Iterable[float]) -> None:
        """Advances by one time after the other."""
        for each in seconds:
            self.advance(each)

    def jump(self, seconds: float) -> None:
        """Lets so many seconds pass without making a call, as if the main loop had been held up. What has become due is called
        late, by the next :meth:`advance`, be it one by 0."""
        number = microseconds(seconds, "The time that passes")
        self._need_virtual("jump")
        enter(_BaseClock.jump, self, number)

    def call_later(self, seconds: float, function: Callable, /, *args, **kwargs) -> Deferred:
        """As :func:`call_later`, on this clock."""
        return call_later(seconds, function, *args, clock=self, **kwargs)


guard(DeferredClock, _BaseClock, "get_calls", "pop", "push")


# --- what waits ---

def delay(seconds: float, clock: DeferredClock | None = None) -> Deferred:
    """Fires in so many seconds, with nothing. ::

        await GDeferred.delay(0.5)
    """
    number = microseconds(seconds)
    need_home_here("delay")
    return _Base.delay(number, clock)


def delay_until(time: float, clock: DeferredClock | None = None) -> Deferred:
    """Fires at a time, as the clock counts: see :meth:`DeferredClock.get_time`."""
    number = microseconds(time, "The time")
    need_home_here("delay_until")
    return _Base.delay_until(number, clock)


def call_later(seconds: float, function: Callable, /, *args, clock: DeferredClock | None = None, **kwargs) -> Deferred:
    """Calls ``function(*args, **kwargs)`` in so many seconds, and gives a Deferred for what it returns or raises. If that is
    cancelled before then, it is not called."""
    _check_callable(function, "The function")
    return delay(seconds, clock).add_callback(call, function, args, kwargs)


def add_timeout(self, seconds: float, clock: DeferredClock | None = None) -> Deferred:
    """Cancels it, if it has no result in so many seconds. It fails with :exc:`TimeoutError` then, unless its canceller gave it
    a result."""
    number = microseconds(seconds, "The timeout")
    self._need_home("add_timeout")
    return enter(_Base.add_timeout, self, number, clock)


def add_deadline(self, time: float, clock: DeferredClock | None = None) -> Deferred:
    """As :meth:`add_timeout`, at a time, as the clock counts: see :meth:`DeferredClock.get_time`."""
    number = microseconds(time, "The time")
    self._need_home("add_deadline")
    return enter(_Base.add_deadline, self, number, clock)


Deferred.add_timeout = add_timeout
Deferred.add_deadline = add_deadline
