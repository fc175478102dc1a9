# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Locks and semaphores: who has acquired one releases it."""

from __future__ import annotations

from typing import Callable

from gi.module import get_introspection_module
from gi.overrides import override

from .coroutines import Driver, own
from .deferred import Deferred, _check_callable
from .futures import Grant
from .homes import AtHome, enter, guard

_GDeferred = get_introspection_module("GDeferred")
_BaseLock = _GDeferred.DeferredLock
_BaseSemaphore = _GDeferred.DeferredSemaphore


def acquired(owner, acquire, release):
    """Who gives up waiting once it was granted passes it on."""
    return Grant.mark(enter(acquire, owner), owner, release)


async def run_within(held, function, args, kwargs):
    async with held:
        return await own(function, *args, **kwargs)


class Acquired(AtHome):
    """What all that can be acquired and released has."""

    def __aenter__(self):
        return self.acquire()

    async def __aexit__(self, *_exception):
        self.release()

    def run(self, function: Callable, /, *args, **kwargs) -> Deferred:
        """Acquires it, calls ``function(*args, **kwargs)``, waits for what that returns, and releases it, whatever happened. Gives a
        Deferred for the result. To cancel that leaves the queue, or cancels what the function waits for."""
        self._need_home("run")
        _check_callable(function, "The function")
        return Driver(run_within(self, function, args, kwargs)).start()


def give_back(owner, _value):
    owner.release()


@override
class DeferredLock(Acquired, _BaseLock):
    """One at a time. Those that wait get it in the order in which they came. ::

        lock = GDeferred.DeferredLock()

        async def save(text):
            async with lock:
                await write(text)
    """

    __module__ = "gi.overrides.GDeferred"

    def __init__(self):
        _BaseLock.__init__(self)
        self._settle()

    def acquire(self) -> Deferred:
        """Gives a Deferred that fires when it is ours. To cancel that leaves the queue."""
        self._need_home("acquire")
        return acquired(self, _BaseLock.acquire, give_back)

    def release(self) -> None:
        """Gives it to who has waited longest."""
        self._need_home("release")
        if not self.get_locked():
            raise RuntimeError("release() of a lock that nobody has acquired")
        enter(_BaseLock.release, self)


guard(DeferredLock, _BaseLock, "try_acquire", "get_locked", "get_n_waiting")


@override
class DeferredSemaphore(Acquired, _BaseSemaphore):
    """So many at a time. Those that wait get a token in the order in which they came. ::

        tokens = GDeferred.DeferredSemaphore(4)

        async def fetch(address):
            async with tokens:
                return await download(address)
    """

    __module__ = "gi.overrides.GDeferred"

    def __init__(self, limit: int = 1):
        if not limit > 0:
            raise ValueError(f"The limit of a semaphore is to be at least 1, not {limit}")
        _BaseSemaphore.__init__(self, limit=limit)
        self._settle()

    def acquire(self) -> Deferred:
        """Gives a Deferred that fires when there is a token for it. To cancel that leaves the queue."""
        self._need_home("acquire")
        return acquired(self, _BaseSemaphore.acquire, give_back)

    def release(self) -> None:
        """Gives a token back, to who has waited longest."""
        self._need_home("release")
        if self.get_n_free() >= self.get_limit():
            raise RuntimeError("release() of a semaphore of which nobody has a token")
        enter(_BaseSemaphore.release, self)


guard(DeferredSemaphore, _BaseSemaphore, "try_acquire", "get_limit", "get_n_free", "get_n_waiting")
