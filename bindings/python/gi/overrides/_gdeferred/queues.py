# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Queues, events and latches: what one leaves for others, or tells them."""

from __future__ import annotations

from typing import Any

from gi.module import get_introspection_module
from gi.overrides import override
from gi.repository import GLib

from .deferred import Deferred, _Base
from .errors import QueueClosed, QueueUnderflow, from_error
from .futures import Grant
from .homes import AtHome, enter, guard
from .values import to_value

_GDeferred = get_introspection_module("GDeferred")
_BaseQueue = _GDeferred.DeferredQueue
_BaseEvent = _GDeferred.DeferredEvent
_BaseLatch = _GDeferred.DeferredLatch


def _item(value):
    if isinstance(value, _Base):
        raise TypeError("A Deferred cannot be an item: wait for it, and put its result")
    return None if value is None else to_value(value)


def _limit(number, what):
    if number is None:
        return -1
    if number < 0:
        raise ValueError(f"{what} of a queue is to be at least 0, or None, not {number}")
    return number


def _unget(queue, value):
    queue.unget(value)


@override
class DeferredQueue(_BaseQueue, AtHome):
    """Items from who has them for who waits for them, first in, first out. ::

        async def work(queue):
            async for item in queue:
                await handle(item)

        await queue.put("a")
        queue.close()

    It holds at most ``size`` items; who puts another one waits. At most ``backlog`` wait to get one; the next fails with
    :exc:`QueueUnderflow`. ``None`` is no limit."""

    __module__ = "gi.overrides.GDeferred"

    def __init__(self, size: int | None = None, backlog: int | None = None):
        _BaseQueue.__init__(self, size=_limit(size, "The size"), backlog=_limit(backlog, "The backlog"))
        self._settle()

    def put(self, item: Any = None) -> Deferred:
        """Puts an item at the end, any object but a Deferred. Gives a Deferred that fires when there was room for it; to cancel
        that before takes the item back. It fails with :exc:`QueueClosed` if the queue is closed."""
        self._need_home("put")
        return enter(_BaseQueue.put, self, _item(item))

    def put_nowait(self, item: Any = None) -> None:
        """Puts an item at the end, or raises :exc:`QueueOverflow` or :exc:`QueueClosed`."""
        self._need_home("put_nowait")
        try:
            enter(_BaseQueue.put_nowait, self, _item(item))
        except GLib.Error as error:
            raise from_error(error) from None

    def unget(self, item: Any = None) -> None:
        """Puts an item back to where it was, at the head, whatever the size, closed or not."""
        self._need_home("unget")
        enter(_BaseQueue.unget, self, _item(item))

    def get(self) -> Deferred:
        """Gives a Deferred for the first item. To cancel it leaves the queue. It fails with :exc:`QueueUnderflow` if too many
        wait, and with :exc:`QueueClosed` if the queue is closed and empty."""
        self._need_home("get")
        deferred = enter(_BaseQueue.get, self)
        if not deferred.is_finished():
            deferred._grant = Grant(self, _unget)
        return deferred

    def get_nowait(self) -> Any:
        """The first item. Raises :exc:`QueueUnderflow` if there is none, and :exc:`QueueClosed` if there will be none."""
        self._need_home("get_nowait")
        deferred = enter(_BaseQueue.get_nowait, self)
        if deferred is None:
            raise QueueUnderflow("There is nothing in the queue")
        return deferred.wait()

    def __aiter__(self) -> DeferredQueue:
        return self

    async def __anext__(self) -> Any:
        try:
            return await self.get()
        except QueueClosed:
            raise StopAsyncIteration from None


guard(DeferredQueue, _BaseQueue, "close", "is_closed", "get_length", "get_n_getting", "get_n_putting")


@override
class DeferredEvent(_BaseEvent, AtHome):
    """Something that has happened, or not yet: those that wait go on when it is set, and until it is cleared nobody waits. ::

        await event.wait()
    """

    __module__ = "gi.overrides.GDeferred"

    def __init__(self):
        _BaseEvent.__init__(self)
        self._settle()


guard(DeferredEvent, _BaseEvent, "set", "clear", "is_set", "wait", "get_n_waiting")


@override
class DeferredLatch(_BaseLatch, AtHome):
    """Opens when it was counted down so many times, and stays open. ::

        await latch.wait()
    """

    __module__ = "gi.overrides.GDeferred"

    def __init__(self, count: int):
        if count < 0:
            raise ValueError(f"The count of a latch is to be at least 0, not {count}")
        _BaseLatch.__init__(self, count=count)
        self._settle()

    def count_down(self) -> None:
        """Counts down by one; at 0 those that wait go on."""
        self._need_home("count_down")
        if not self.get_count():
            raise RuntimeError("count_down() of a latch that is open")
        enter(_BaseLatch.count_down, self)


guard(DeferredLatch, _BaseLatch, "get_count", "wait")
