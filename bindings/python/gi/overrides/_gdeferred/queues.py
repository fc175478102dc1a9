# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Queues: what one leaves for another."""

from __future__ import annotations

from operator import index
from types import GenericAlias
from typing import Any

from gi.module import get_introspection_module
from gi.overrides import override
from gi.repository import Gio, GLib

from .deferred import Deferred, _Base
from .errors import QueueClosed, QueueUnderflow, from_error
from .futures import Grant
from .homes import AtHome, enter, guard
from .values import Store, to_value

_GDeferred = get_introspection_module("GDeferred")
_BaseQueue = _GDeferred.DeferredQueue


def _limit(number, what):
    if number is None:
        return -1
    number = index(number)
    if number < 0:
        raise ValueError(f"{what} of a queue is to be at least 0, or None, not {number}")
    return number


def _unget(queue, value):
    queue.unget(value)


@override
class DeferredQueue(AtHome, _BaseQueue):
    """Items from who has them for who waits for them, first in, first out. ::

        async def work(queue):
            async for item in queue:
                await handle(item)

        await queue.put("a")
        queue.close()

    It holds at most ``size`` items; who puts another one waits. At most ``backlog`` wait to get one; the next fails with
    :exc:`QueueUnderflow`. ``None`` is no limit."""

    __module__ = "gi.overrides.GDeferred"
    __class_getitem__ = classmethod(GenericAlias)
    _store = None  # of one that was made in C

    def __init__(self, size: int | None = None, backlog: int | None = None):
        _BaseQueue.__init__(self, size=_limit(size, "The size"), backlog=_limit(backlog, "The backlog"))
        self._settle()
        self._store = Store()

    def _to_value(self, item):
        if isinstance(item, _Base):
            raise TypeError("A Deferred cannot be an item: wait for it, and put its result")
        if item is None:
            return None
        store = self._store
        return to_value(item) if store is None else store.to_value(item)

    def put(self, item: Any = None) -> Deferred:
        """Puts an item at the end, any object but a Deferred. Gives a Deferred that fires when there was room for it; to cancel
        that before takes the item back. It fails with :exc:`QueueClosed` if the queue is closed."""
        self._need_home("put")
        return enter(_BaseQueue.put, self, self._to_value(item))

    def put_nowait(self, item: Any = None) -> None:
        """Puts an item at the end, or raises :exc:`QueueOverflow` or :exc:`QueueClosed`."""
        self._need_home("put_nowait")
        try:
            enter(_BaseQueue.put_nowait, self, self._to_value(item))
        except GLib.Error as error:
            raise from_error(error) from None

    def unget(self, item: Any = None) -> None:
        """Puts an item back to where it was, at the head, whatever the size, closed or not."""
        self._need_home("unget")
        enter(_BaseQueue.unget, self, self._to_value(item))

    def get(self) -> Deferred:
        """Gives a Deferred for the first item. To cancel it leaves the queue. It fails with :exc:`QueueUnderflow` if too many
        wait, and with :exc:`QueueClosed` if the queue is closed and empty."""
        self._need_home("get")
        deferred = enter(_BaseQueue.get, self)
        if deferred.is_finished():
            deferred.get_result()
        return Grant.mark(deferred, self, _unget, self._store)

    def get_nowait(self) -> Any:
        """The first item. Raises :exc:`QueueUnderflow` if there is none, and :exc:`QueueClosed` if there will be none."""
        self._need_home("get_nowait")
        try:
            return enter(_BaseQueue.get_nowait, self).wait()
        except GLib.Error as error:
            if error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.WOULD_BLOCK):
                raise QueueUnderflow("The queue is empty") from None
            raise

    def __aiter__(self) -> DeferredQueue:
        return self

    async def __anext__(self) -> Any:
        try:
            return await self.get()
        except QueueClosed:
            raise StopAsyncIteration from None


guard(DeferredQueue, _BaseQueue, "close", "is_closed", "get_length", "get_n_getting", "get_n_putting")
