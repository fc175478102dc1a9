# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""The lock for readers and writers."""

from __future__ import annotations

from typing import Callable

from gi.module import get_introspection_module
from gi.overrides import override

from .coroutines import Driver
from .deferred import Deferred, _check_callable
from .homes import AtHome, enter, guard
from .locks import acquired, run_within

_GDeferred = get_introspection_module("GDeferred")
_BaseRWLock = _GDeferred.DeferredRWLock


class _Side:
    """One of the two ways to acquire a :class:`DeferredRWLock`, for ``async with``."""

    __slots__ = ("acquire", "release")

    def __init__(self, acquire, release):
        self.acquire, self.release = acquire, release

    def __aenter__(self):
        return self.acquire()

    async def __aexit__(self, *_exception):
        self.release()


@override
class DeferredRWLock(AtHome, _BaseRWLock):
    """Any number of readers, or one writer. They get it in the order in which they came, so that readers, however many, keep
    no writer waiting for ever. ::

        async with lock.reading():
            show(await load())
    """

    __module__ = "gi.overrides.GDeferred"

    def __init__(self):
        _BaseRWLock.__init__(self)
        self._settle()

    def reading(self) -> _Side:
        """For ``async with``: acquires it for reading."""
        return _Side(self.acquire_read, self.release_read)

    def writing(self) -> _Side:
        """For ``async with``: acquires it for writing."""
        return _Side(self.acquire_write, self.release_write)

    def acquire_read(self) -> Deferred:
        """Gives a Deferred that fires when one may read. To cancel that leaves the queue."""
        self._need_home("acquire_read")
        return acquired(self, _BaseRWLock.acquire_read, _give_back_read)

    def acquire_write(self) -> Deferred:
        """Gives a Deferred that fires when one may write. To cancel that leaves the queue."""
        self._need_home("acquire_write")
        return acquired(self, _BaseRWLock.acquire_write, _give_back_write)

    def release_read(self) -> None:
        """Says that a reader is done."""
        self._need_home("release_read")
        if not self.get_n_readers():
            raise RuntimeError("release_read() of a lock that nobody reads")
        enter(_BaseRWLock.release_read, self)

    def release_write(self) -> None:
        """Says that the writer is done."""
        self._need_home("release_write")
        if not self.get_writing():
            raise RuntimeError("release_write() of a lock that nobody writes")
        enter(_BaseRWLock.release_write, self)

    def run_read(self, function: Callable, /, *args, **kwargs) -> Deferred:
        """Acquires it for reading, calls ``function(*args, **kwargs)``, waits for what that returns, and releases it."""
        self._need_home("run_read")
        _check_callable(function, "The function")
        return Driver(run_within(self.reading(), function, args, kwargs)).start()

    def run_write(self, function: Callable, /, *args, **kwargs) -> Deferred:
        """Acquires it for writing, calls ``function(*args, **kwargs)``, waits for what that returns, and releases it."""
        self._need_home("run_write")
        _check_callable(function, "The function")
        return Driver(run_within(self.writing(), function, args, kwargs)).start()


def _give_back_read(owner, _value):
    owner.release_read()


def _give_back_write(owner, _value):
    owner.release_write()


guard(DeferredRWLock, _BaseRWLock, "try_acquire_read", "try_acquire_write", "get_n_readers", "get_writing", "get_n_waiting")
