# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""A function called for each of many items, a few at a time."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from typing import Callable

from .coroutines import ensure_deferred, fire, own
from .deferred import Deferred, _check_callable
from .errors import FirstError
from .homes import need_home_here


class _Map:
    """It takes an item when there is room for it, and not before. What runs holds it, and it holds what it will fire.

    Where the next item has to be waited for, that wait is ``coming``."""

    def __init__(self, function, items, limit, cancel_rest, settle):
        self.function = function
        self.limit = limit
        self.cancel_rest = cancel_rest
        self.settle = settle
        self.outcomes = []
        self.running = {}  # Deferreds by index
        self.coming = None
        self.ended = False  # there are no more items, or no more are wanted
        self.filling = False
        self.cancelling = False
        self.deferred = Deferred(self.cancel)
        self.is_async = isinstance(items, AsyncIterable)
        self.items = type(items).__aiter__(items) if self.is_async else iter(items)

    def fill(self):
        """Starts what there is room for. What ends at once does not call this again from inside of itself."""
        if self.filling:
            return
        self.filling = True
        while not self.ended and self.coming is None and (self.limit is None or len(self.running) < self.limit):
            (self.take_async if self.is_async else self.take_next)()
        self.filling = False
        if self.ended and not self.running and self.deferred is not None:
            deferred, self.deferred = self.deferred, None
            fire(deferred.callback, self.outcomes)

    # --- items ---

    def take_next(self):
        try:
            item = next(self.items)
        except StopIteration:
            self.ended = True
        except Exception as exception:
            self.fail(exception)
        else:
            self.start(item)

    def take_async(self):
        try:
            coming = ensure_deferred(self.items.__anext__())
        except Exception as exception:
            self.fail(exception)
            return
        self.coming = coming
        coming._watch(self.came)

    def came(self, item, failed):
        self.coming = None
        if not failed:
            if not self.ended:
                self.start(item)
        elif isinstance(item, StopAsyncIteration):
            self.ended = True
        else:
            self.fail(item)
        self.fill()

    # --- what is made of them ---

    def start(self, item):
        index = len(self.outcomes)
        self.outcomes.append(None)
        running = self.running[index] = own(self.function, item)
        running._watch(lambda value, failed: self.over(index, value, failed))
        if self.cancelling:
            running.cancel()

    def over(self, index, value, failed):
        self.running.pop(index, None)
        if self.settle:
            self.outcomes[index] = (not failed, value)
        elif not failed:
            self.outcomes[index] = value
        else:
            self.fail(FirstError(value, index))
        self.fill()

    # --- the end ---

    def fail(self, exception):
        deferred, self.deferred, self.ended = self.deferred, None, True
        if deferred is None:
            return
        if self.cancel_rest:
            self.cancel_all()
        fire(deferred.errback, exception)

    def cancel_all(self):
        self.cancelling = True
        for deferred in [self.coming, *self.running.values()]:
            if deferred is not None:
                deferred.cancel()

    def cancel(self, _deferred):
        self.ended = True
        self.deferred = None
        self.cancel_all()


def map(function: Callable, items: Iterable | AsyncIterable, limit: int | None = None, cancel_rest: bool = False,
        settle: bool = False) -> Deferred:
    """Calls ``function(item)`` for each item, which may return a Deferred or be a coroutine function, with at most ``limit``
    under way at a time, and fires with the list of results, in the order of the items. ::

        pages = await GDeferred.map(fetch, addresses, limit=8)

    An item is taken when there is room for it and not before, so a generator, an asynchronous one, too, may go on for
    ever. The first failure, a :exc:`FirstError` with its index, ends it: nothing more is started, and with ``cancel_rest``
    what runs is cancelled. With ``settle`` no failure ends it: the list has ``(success, result_or_exception)``.

    To cancel it cancels what runs, and takes no more."""
    need_home_here("map")
    _check_callable(function, "The function")
    if limit is not None and not limit > 0:
        raise ValueError(f"The limit is to be at least 1, or None, not {limit}")
    mapping = _Map(function, items, limit, cancel_rest, settle)
    deferred = mapping.deferred
    mapping.fill()
    return deferred
