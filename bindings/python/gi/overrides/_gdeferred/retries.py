# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Trying again."""

from __future__ import annotations

import functools
from typing import Callable

from gi.module import get_introspection_module
from gi.overrides import override
from gi.repository import GLib

from .clocks import DeferredClock, _BaseClock, in_seconds, microseconds
from .coroutines import fire, own
from .deferred import Deferred, _Base, _check_callable, _kinds
from .errors import _CODES, DOMAIN, to_error
from .homes import AtHome, guard

_GDeferred = get_introspection_module("GDeferred")
_BaseRetry = _GDeferred.DeferredRetry

_ANY_ERROR = GLib.Error("One that is worth another attempt", DOMAIN, int(_CODES.FAILED))


class _Attempts:
    """One run: attempts and delays in turn. What it waits for holds it, and it holds what it will fire."""

    def __init__(self, policy, function, args, kwargs):
        self.policy = policy
        self.function, self.args, self.kwargs = function, args, kwargs
        clock = policy.get_clock() or _BaseClock.get_current()
        self.clock = clock.weak_ref()  # which may hold this
        self.started = _BaseClock.get_time(clock)
        self.number = 0
        self.cancelled = False
        self.waits_for = None
        self.deferred = Deferred(self.cancel)

    def start(self, _nothing=None):
        self.number += 1
        self.waits_for = None
        attempt = own(self.function, *self.args, **self.kwargs)
        self.waits_for = attempt
        attempt._watch(self.ended)
        if self.deferred is None:
            attempt.cancel()  # the function has cancelled the whole

    def ended(self, value, failed):
        self.waits_for = None
        if self.deferred is not None and not (failed and self.goes_on_after(value)):
            self.finish(value, failed)

    def goes_on_after(self, exception):
        if self.cancelled or not isinstance(exception, Exception):
            return False
        clock = self.clock()
        elapsed = 0 if clock is None else _BaseClock.get_time(clock) - self.started
        try:
            delay = self.policy._next_delay(exception, self.number, elapsed)
        except Exception as filter_failed:
            self.failed_to_wait(filter_failed)
        if self.deferred is None:
            return True  # the filter has failed, or cancelled the whole
        if delay < 0 or clock is None:
            return False
        self.waits_for = waiting = _Base.delay(delay, clock)
        waiting.add_callbacks(self.start, self.failed_to_wait)
        return True

    def failed_to_wait(self, exception):
        if self.deferred is not None:
            self.finish(exception, True)

    def finish(self, value, failed):
        deferred, self.deferred = self.deferred, None
        fire(deferred.errback if failed else deferred.callback, value)

    def cancel(self, _deferred):
        """An attempt may take its time to end, and has a say in how: what it comes to is waited for."""
        self.cancelled = True
        if self.waits_for is not None:
            self.waits_for.cancel()
        deferred, self.deferred = self.deferred, None
        if deferred is not None and self.waits_for is not None:
            self.deferred = Deferred(self.waits_for.cancel)
            _Base.follow(deferred, self.deferred)


@override
class DeferredRetry(AtHome, _BaseRetry):
    """How often to try again, after which failures, and how long to wait before that. One such policy serves any number of
    functions. ::

        stubborn = GDeferred.DeferredRetry(max_attempts=5, when=OSError)
        page = await stubborn.run(fetch, address)

        @stubborn
        async def load(name):
            ...

    After the first attempt it waits ``initial_delay`` seconds, then each time longer by ``factor``, up to ``max_delay``; chance
    makes each delay longer or shorter by up to the part ``jitter`` of it. It gives up after ``max_attempts`` (0: never), and
    where the next attempt would start later than ``deadline`` seconds after the first; with the last failure.

    ``when`` is an exception class, a tuple of some, or a function ``when(exception, attempt)``; without it all but
    :exc:`CancelledError` are worth another attempt."""

    __module__ = "gi.overrides.GDeferred"
    _is_worth_it = None

    def __init__(self, max_attempts: int | None = None, initial_delay: float | None = None, max_delay: float | None = None,
                 factor: float | None = None, jitter: float | None = None, deadline: float | None = None,
                 when: type[BaseException] | tuple[type[BaseException], ...] | Callable[[Exception, int], object] | None = None,
                 clock: DeferredClock | None = None):
        times = {"initial_delay": initial_delay, "max_delay": max_delay, "deadline": deadline}
        others = {"max_attempts": max_attempts, "factor": factor, "jitter": jitter, "clock": clock}
        given = {name: microseconds(seconds, name) for name, seconds in times.items() if seconds is not None}
        given.update((name, value) for name, value in others.items() if value is not None)
        if factor is not None and not factor >= 1:
            raise ValueError(f"The factor is to be at least 1, not {factor}")
        if jitter is not None and not 0 <= jitter <= 1:
            raise ValueError(f"The jitter is to be from 0 to 1, not {jitter}")
        if max_attempts is not None and not max_attempts >= 0:
            raise ValueError(f"max_attempts is to be at least 0, not {max_attempts}")
        if when is not None:
            self._is_worth_it = _filter_of(when)
        _BaseRetry.__init__(self, **given)
        self._settle()

    def run(self, function: Callable, /, *args, **kwargs) -> Deferred:
        """Calls ``function(*args, **kwargs)``, again if it fails, and gives a Deferred for what it returns at last. To cancel that
        cancels the attempt that is under way, or the wait for the next."""
        self._need_home("run")
        _check_callable(function, "The function")
        attempts = _Attempts(self, function, args, kwargs)
        deferred = attempts.deferred
        attempts.start()
        return deferred

    def __call__(self, function: Callable) -> Callable[..., Deferred]:
        """A function that runs this one."""
        _check_callable(function, "The function")

        @functools.wraps(function)
        def run(*args, **kwargs) -> Deferred:
            return self.run(function, *args, **kwargs)

        return run

    def set_delays(self, initial_delay: float, max_delay: float, factor: float, jitter: float) -> None:
        """Sets how many seconds to wait."""
        self._need_home("set_delays")
        _BaseRetry.set_delays(self, microseconds(initial_delay), microseconds(max_delay), factor, jitter)

    def set_deadline(self, seconds: float) -> None:
        """Sets how long after the first attempt the last one may start; 0 for any time."""
        self._need_home("set_deadline")
        _BaseRetry.set_deadline(self, microseconds(seconds))

    def get_deadline(self) -> float:
        """How long after the first attempt the last one may start, in seconds; 0 for any time."""
        return in_seconds(_BaseRetry.get_deadline(self))

    def _next_delay(self, exception, attempt, elapsed):
        if self._is_worth_it is None:
            return _BaseRetry.next_delay(self, to_error(exception), attempt, elapsed)
        if not self._is_worth_it(exception, attempt):
            return -1
        return _BaseRetry.next_delay(self, _ANY_ERROR, attempt, elapsed)

    def next_delay(self, exception: BaseException, attempt: int, elapsed: float) -> float | None:
        """How many seconds to wait after this attempt, the first is 1, or ``None`` to give up: for who writes the loop himself.
        ``elapsed`` is the time since the first."""
        self._need_home("next_delay")
        delay = self._next_delay(exception, attempt, microseconds(elapsed, "The time since the first attempt"))
        return None if delay < 0 else in_seconds(delay)


guard(DeferredRetry, _BaseRetry, "get_max_attempts", "set_max_attempts", "get_clock", "set_clock", "set_seed")


def _filter_of(when):
    if callable(when) and not isinstance(when, type):
        return when
    kinds = _kinds(when)
    return lambda exception, _attempt: isinstance(exception, kinds)


def retry(function: Callable, /, *args, max_attempts: int | None = None, initial_delay: float | None = None,
          max_delay: float | None = None, factor: float | None = None, jitter: float | None = None,
          deadline: float | None = None,
          when: type[BaseException] | tuple[type[BaseException], ...] | Callable[[Exception, int], object] | None = None,
          clock: DeferredClock | None = None) -> Deferred:
    """Calls ``function(*args)``, again if it fails, as a :class:`DeferredRetry` of these parameters does. ::

        page = await GDeferred.retry(fetch, address, max_attempts=5, when=OSError)
    """
    return DeferredRetry(max_attempts, initial_delay, max_delay, factor, jitter, deadline, when, clock).run(function, *args)
