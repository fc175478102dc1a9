# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Awaiting a Deferred, under whichever loop; and asyncio's Futures. asyncio itself is imported only where it is in use."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from .batches import UNCHANGED
from .deferred import Deferred, _Base, _thread, take
from .errors import AlreadyCalledError, CancelledError

if TYPE_CHECKING:
    import asyncio
    import concurrent.futures


_is_finished = _Base.is_finished


class Waiting:
    """What ``await`` hands to the driver of the coroutine. Our own knows it; for asyncio it is a Future."""

    __slots__ = ("deferred", "outcome", "_loop", "_cancelled", "_asyncio_future_blocking")

    def __init__(self, deferred):
        self.deferred = deferred
        self.outcome = None
        self._loop = None
        self._cancelled = False
        self._asyncio_future_blocking = True

    def get_loop(self):
        if self._loop is None:
            self._loop = _running_loop()
        return self._loop

    def add_done_callback(self, callback, *, context=None):
        loop = self.get_loop()
        pump = _Pump.of(loop, self.deferred)

        def arrived(*outcome):
            self.outcome = outcome
            pump.leave()
            if not loop.is_closed():
                loop.call_soon(callback, self, context=context)

        pump.enter(loop)
        self.deferred._watch(arrived)

    def cancel(self, msg=None):
        if self.outcome is not None:
            return False
        self._cancelled = True
        self.deferred.cancel()
        return True

    def result(self):
        value, failed = self.outcome
        if not failed:
            return value
        if self._cancelled and isinstance(value, CancelledError):
            from asyncio import CancelledError as Cancelled

            raise Cancelled() from value
        raise value


class Grant:
    """For a Deferred whose result is to be given back by whoever has got it: a lock, an item. Between the result and the turn
    of asyncio's loop that hands it to the task, the task may be cancelled: then nobody knows of it but we."""

    __slots__ = ("owner", "give_back", "store", "n_waiting", "is_taken")

    # An attribute of the Deferred would keep it: PyGObject drops no object that has any, while C has it.
    of_deferred: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()

    def __init__(self, owner, give_back, store):
        self.owner = weakref.ref(owner)  # which holds those that wait
        self.give_back = give_back
        self.store = store  # that is to stay: the result is in it
        self.n_waiting = 0
        self.is_taken = False

    @classmethod
    def mark(cls, deferred, owner, give_back, store=None):
        if not _is_finished(deferred):
            cls.of_deferred[deferred] = cls(owner, give_back, store)
        return deferred

    def given_up(self, waiting):
        """One that waited does so no longer."""
        self.n_waiting -= 1
        if self.n_waiting or self.is_taken:
            return
        if waiting.outcome is None:
            waiting.deferred.cancel()  # if it has not been
            return
        owner, (value, failed) = self.owner(), waiting.outcome
        if not failed and owner is not None:
            self.is_taken = True
            self.give_back(owner, value)


_grants = Grant.of_deferred


def _running_loop():
    from asyncio import get_running_loop

    return get_running_loop()


class Whose:
    """Awaited, it gives what runs the coroutine: the driver, who answers at once, or asyncio's task."""

    _asyncio_future_blocking = True

    def __await__(self):
        driver = yield self
        return driver if driver is not None else AsyncioTask()

    def get_loop(self):
        return _running_loop()

    def add_done_callback(self, callback, *, context=None):
        self.get_loop().call_soon(callback, self, context=context)

    def cancel(self, msg=None):
        return False

    def result(self):
        return None


class AsyncioTask:
    """The task of asyncio's that is running."""

    def __init__(self):
        from asyncio import current_task

        self.task = current_task()
        self.handle = None

    def interrupt(self):
        # A task that cancels itself could not take it back.
        self.handle = self.task.get_loop().call_soon(self.cancel)

    def cancel(self):
        self.handle = None
        self.task.cancel()

    def went_on(self):
        """What interrupt() has raised was caught by who called that. Whether somebody else cancels it, too."""
        if self.handle is not None:
            self.handle.cancel()
            return False
        return hasattr(self.task, "uncancel") and self.task.uncancel() > 0


class _Pump:
    """A loop of asyncio's that does not run on a GMainContext gives it a turn now and then, for as long as somebody waits:
    what other threads fire arrives there."""

    _INTERVAL = 0.002
    _MAX_TURNS = 100
    _pumps: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()  # of each loop, by context

    def __init__(self, context):
        self.context = context
        self.n_waiting = 0
        self.turns = False

    @classmethod
    def of(cls, loop, deferred):
        if type(loop).__module__.startswith("gi."):
            return cls(None)
        context = deferred.get_context()
        pumps = cls._pumps.setdefault(loop, {})
        pump = pumps.get(hash(context))
        if pump is None:
            pump = pumps[hash(context)] = cls(context)
        return pump

    def enter(self, loop):
        self.n_waiting += 1
        if self.context is not None and not self.turns:
            self.turns = True
            loop.call_soon(self._turn, loop)

    def leave(self):
        self.n_waiting -= 1

    def _turn(self, loop):
        if self.n_waiting == 0:
            self.turns = False
            return
        try:
            for _ in range(self._MAX_TURNS):
                if not self.context.iteration(False):
                    break
        finally:  # A loop that Ctrl-C broke off may be run again.
            loop.call_later(self._INTERVAL, self._turn, loop)


def _await(self):
    """Waits for the result, after the callbacks that were added so far, and leaves it where it is."""
    kept = self._kept
    if (kept is None or kept.thread is not _thread.me) and not self.is_home():
        self._refuse_thread("It is awaited")
    if _is_finished(self):
        return kept.value if kept is not None and kept.has and not kept.failed else take(self)
    waiting = Waiting(self)
    grant = _grants and _grants.get(self)
    if not grant:
        yield waiting
    else:
        grant.n_waiting += 1
        try:
            yield waiting
        except BaseException:
            grant.given_up(waiting)
            raise
        grant.is_taken = True
    if waiting.outcome is None:
        raise RuntimeError("This loop cannot await a Deferred: it went on before there was a result")
    value, failed = waiting.outcome
    if failed:
        raise value
    return value


def as_future(self, loop: asyncio.AbstractEventLoop | None = None) -> asyncio.Future:
    """A Future of asyncio's, for ``loop`` or the running one. Cancelling it cancels the Deferred."""
    self._need_home("as_future")
    loop = loop or _running_loop()
    future = loop.create_future()
    pump = _Pump.of(loop, self)

    def arrived(value, failed):
        pump.leave()
        if future.done():
            return UNCHANGED
        if loop.is_closed():
            return None
        if not failed:
            future.set_result(value)
        elif isinstance(value, CancelledError):
            future.cancel()
        elif isinstance(value, StopIteration):
            future.set_exception(RuntimeError("The Deferred failed with StopIteration, which a Future cannot"))
        else:
            future.set_exception(value)
        return None

    pump.enter(loop)
    self._watch(arrived)
    future.add_done_callback(lambda future: self.cancel() if future.cancelled() else None)
    return future


def _fire(deferred, future):
    try:
        if future.cancelled():
            deferred.errback(CancelledError())
        elif future.exception() is not None:
            deferred.errback(future.exception())
        else:
            deferred.callback(future.result())
    except AlreadyCalledError:
        pass  # It was cancelled, and the Future had its result all the same.


def from_future(cls, future: asyncio.Future | concurrent.futures.Future) -> Deferred:
    """A Deferred for a Future, of asyncio's or of concurrent.futures'. Cancelling it cancels the Future."""
    if not hasattr(future, "add_done_callback"):
        raise TypeError(f"A Future is wanted, not {type(future).__name__}")
    deferred = cls(lambda deferred: future.cancel())
    if future.done():
        _fire(deferred, future)
    else:
        future.add_done_callback(lambda future: _fire(deferred, future))
    return deferred


Deferred.__await__ = _await
Deferred.as_future = as_future
Deferred.from_future = classmethod(from_future)
