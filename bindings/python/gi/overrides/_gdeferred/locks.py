# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Locks and semaphores: who has acquired one releases it."""

from __future__ import annotations

import os
from typing import Callable

from gi.module import get_introspection_module
from gi.overrides import override

from .coroutines import Driver, maybe_deferred
from .deferred import Deferred, _check_callable
from .errors import from_error
from .futures import Grant
from .homes import AtHome, enter, guard
from gi.repository import GLib

_GDeferred = get_introspection_module("GDeferred")
_BaseLock = _GDeferred.DeferredLock
_BaseSemaphore = _GDeferred.DeferredSemaphore
_BaseRWLock = _GDeferred.DeferredRWLock
_BaseFileLock = _GDeferred.DeferredFileLock


def _acquired(owner, acquire, release):
    """Who gives up waiting once it was granted passes it on."""
    deferred = enter(acquire, owner)
    if not deferred.is_finished():
        deferred._grant = Grant(owner, release)
    return deferred


async def _run_within(held, function, args, kwargs):
    async with held:
        return await maybe_deferred(function, *args, **kwargs)


class _Acquired(AtHome):
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
        return Driver(_run_within(self, function, args, kwargs)).start()


def _give_back(owner, _value):
    owner.release()


@override
class DeferredLock(_BaseLock, _Acquired):
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
        return _acquired(self, _BaseLock.acquire, _give_back)

    def release(self) -> None:
        """Gives it to who has waited longest."""
        self._need_home("release")
        if not self.get_locked():
            raise RuntimeError("release() of a lock that nobody has acquired")
        enter(_BaseLock.release, self)


guard(DeferredLock, _BaseLock, "try_acquire", "get_locked", "get_n_waiting")


@override
class DeferredSemaphore(_BaseSemaphore, _Acquired):
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
        return _acquired(self, _BaseSemaphore.acquire, _give_back)

    def release(self) -> None:
        """Gives a token back, to who has waited longest."""
        self._need_home("release")
        if self.get_n_free() >= self.get_limit():
            raise RuntimeError("release() of a semaphore of which nobody has a token")
        enter(_BaseSemaphore.release, self)


guard(DeferredSemaphore, _BaseSemaphore, "try_acquire", "get_limit", "get_n_free", "get_n_waiting")


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
class DeferredRWLock(_BaseRWLock, AtHome):
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
        return _acquired(self, _BaseRWLock.acquire_read, _give_back_read)

    def acquire_write(self) -> Deferred:
        """Gives a Deferred that fires when one may write. To cancel that leaves the queue."""
        self._need_home("acquire_write")
        return _acquired(self, _BaseRWLock.acquire_write, _give_back_write)

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
        return Driver(_run_within(self.reading(), function, args, kwargs)).start()

    def run_write(self, function: Callable, /, *args, **kwargs) -> Deferred:
        """Acquires it for writing, calls ``function(*args, **kwargs)``, waits for what that returns, and releases it."""
        self._need_home("run_write")
        _check_callable(function, "The function")
        return Driver(_run_within(self.writing(), function, args, kwargs)).start()


def _give_back_read(owner, _value):
    owner.release_read()


def _give_back_write(owner, _value):
    owner.release_write()


guard(DeferredRWLock, _BaseRWLock, "try_acquire_read", "try_acquire_write", "get_n_readers", "get_writing", "get_n_waiting")


@override
class DeferredFileLock(_BaseFileLock, _Acquired):
    """A lock that programs share, by a file. If the one that has it ends, however it ends, the next one gets it. ::

        async with GDeferred.DeferredFileLock("/run/user/1000/backup.lock"):
            await back_up()
    """

    __module__ = "gi.overrides.GDeferred"

    def __init__(self, path: str | os.PathLike):
        _BaseFileLock.__init__(self, path=os.fspath(path))
        self._settle()

    def acquire(self) -> Deferred:
        """Gives a Deferred that fires when it is ours. To cancel that gives up waiting."""
        self._need_home("acquire")
        return _acquired(self, _BaseFileLock.acquire, _give_back)

    def try_acquire(self) -> bool:
        """Whether it is ours now. Raises :exc:`GLib.Error` if the file cannot be used."""
        self._need_home("try_acquire")
        try:
            return enter(_BaseFileLock.try_acquire, self)
        except GLib.Error as error:
            raise from_error(error) from None

    def release(self) -> None:
        """Gives it to who has waited longest in this program, or to another program."""
        self._need_home("release")
        if not self.get_locked():
            raise RuntimeError("release() of a lock that is not ours")
        enter(_BaseFileLock.release, self)


guard(DeferredFileLock, _BaseFileLock, "get_locked", "set_clock")
