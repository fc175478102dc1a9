# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Values by key, each produced once. They are kept here, and not in C: keys may be of any kind, and the garbage collector
sees what is kept."""

from __future__ import annotations

from collections import OrderedDict
from types import GenericAlias
from typing import Any, Callable, Hashable

from gi.module import get_introspection_module

from .clocks import DeferredClock, _BaseClock, microseconds
from .coroutines import own
from .deferred import Deferred, _Base, _check_callable
from .homes import AtHome

_BaseCache = get_introspection_module("GDeferred").DeferredCache  # what one of C's is in Python


def _pass(_nothing, deferred):
    return deferred


def _ignore(_exception):
    pass


class _Flight:
    """One value on its way. Each who waits for it has a fork, and another Deferred that waits for that and goes to the
    caller: so rings are found, and nobody can disturb the others."""

    def __init__(self, cache, key):
        self.cache = cache  # None if it has forgotten this
        self.key = key
        self.n_waiting = 0
        self.producer = Deferred()
        self.producer._watch(self.arrived)

    def join(self):
        fork = _Base.fork(self.producer)
        self.n_waiting += 1
        fork._watch(self.left)
        return Deferred.succeed().add_callback(_pass, fork)

    def start(self, function):
        producer, made = self.producer, own(function, self.key)
        _Base.follow(producer, made)
        if producer.get_waiting_on() is None:
            made.add_errback(_ignore)  # it waited for itself, and was told when that ring was broken

    def arrived(self, value, failed):
        self.producer = None
        if self.cache is not None:
            self.cache._landed(self, value, failed)

    def left(self, _value, _failed):
        """With a result, or because it was cancelled."""
        self.n_waiting -= 1
        if not self.n_waiting and self.producer is not None:
            if self.cache is not None:
                self.cache._forget(self)
            self.producer.cancel()


class DeferredCache(AtHome):
    """Values by key, each produced once however many ask for it. ::

        async def load(name):
            ...

        pictures = GDeferred.DeferredCache(load, max_size=100, max_age=300)
        picture = await pictures.get("cat")

    The first who asks for a key has ``function(key)`` called; those who ask meanwhile wait for the same result, and those who
    ask later get the one that is kept. Who cancels leaves, and with the last the work is cancelled. A failure is not kept.

    At most ``max_size`` values are kept, those that were used last, for ``max_age`` seconds; ``None`` is no limit."""

    __module__ = "gi.overrides.GDeferred"
    __class_getitem__ = classmethod(GenericAlias)

    def __init__(self, function: Callable[[Any], Any], max_size: int | None = None, max_age: float | None = None,
                 clock: DeferredClock | None = None):
        _check_callable(function, "The function")
        self._function = function
        self._clock = clock if clock is not None else _BaseClock.get_current()
        self._values = OrderedDict()  # by key; the one that was used last is the last
        self._since = {}  # when they were put there; the oldest is the first
        self._flights = {}
        self.set_max_size(max_size)
        self.set_max_age(max_age)
        self._settle()

    def set_max_size(self, max_size: int | None) -> None:
        """How many values to keep; ``None`` for any number."""
        self._need_home("set_max_size")
        if max_size is not None and max_size < 0:
            raise ValueError(f"The size of a cache is to be at least 0, or None, not {max_size}")
        self._max_size = max_size
        self._drop_unused()

    def set_max_age(self, max_age: float | None) -> None:
        """How long to keep a value, in seconds; ``None`` for ever."""
        self._need_home("set_max_age")
        self._max_age = None if max_age is None else microseconds(max_age, "The age")
        self._drop_old()

    def get(self, key: Hashable) -> Deferred:
        """Gives a Deferred for the value of this key, which may have fired already. To cancel it leaves the others alone."""
        self._need_home("get")
        self._drop_old()
        if key in self._values:
            self._values.move_to_end(key)
            return Deferred.succeed(self._values[key])
        flight = self._flights.get(key)
        if flight is not None:
            return flight.join()
        flight = self._flights[key] = _Flight(self, key)
        waiter = flight.join()
        flight.start(self._function)
        return waiter

    def peek(self, key: Hashable, default: Any = None) -> Any:
        """The value that is kept for this key. It starts nothing, and does not count as use."""
        self._need_home("peek")
        self._drop_old()
        return self._values.get(key, default)

    def remove(self, key: Hashable) -> bool:
        """Forgets this key, because its value is no longer right, say. Who waits for it still gets it. Whether there was
        anything."""
        self._need_home("remove")
        self._drop_old()
        flight = self._flights.get(key)
        if flight is not None:
            self._forget(flight)
        elif key in self._values:
            self._drop(key)
        else:
            return False
        return True

    def clear(self) -> None:
        """Forgets everything."""
        self._need_home("clear")
        for flight in list(self._flights.values()):
            self._forget(flight)
        values, self._values, self._since = self._values, OrderedDict(), {}
        del values  # which may do anything

    def __contains__(self, key: Hashable) -> bool:
        self._need_home("contains")
        self._drop_old()
        return key in self._values

    def __len__(self) -> int:
        self._need_home("len")
        self._drop_old()
        return len(self._values)

    def get_n_in_flight(self) -> int:
        """For how many keys a value is on its way."""
        return len(self._flights)

    # --- what is kept ---

    def _landed(self, flight, value, failed):
        self._forget(flight)
        if not failed and self._max_size != 0 and self._max_age != 0:
            self._values[flight.key] = value
            self._since[flight.key] = _BaseClock.get_time(self._clock)
            self._drop_unused()

    def _forget(self, flight):
        flight.cache = None
        del self._flights[flight.key]

    def _drop(self, key):
        del self._since[key]
        del self._values[key]

    def _drop_unused(self):
        while self._max_size is not None and len(self._values) > self._max_size:
            self._drop(next(iter(self._values)))

    def _drop_old(self):
        if self._max_age is None or not self._since:
            return
        now = _BaseClock.get_time(self._clock)
        while self._since:
            key, since = next(iter(self._since.items()))
            if now - since < self._max_age:
                break
            self._drop(key)
