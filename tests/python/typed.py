# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""For mypy, which runs nothing of this: types that it is to find, and in the lines that say so, errors."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from gi.repository import GDeferred
from typing_extensions import assert_type

Text = GDeferred.Deferred[str]
Number = GDeferred.Deferred[int]


def load(name: str, size: int = 3) -> str:
    return name * size


async def length(text: str) -> int:
    return len(text)


def give_up(error: OSError, instead: int) -> int:
    return instead


@GDeferred.inline_callbacks
def total(names: list[str]) -> Generator[Number, int, int]:
    sum = 0
    for name in names:
        sum += yield GDeferred.Deferred.succeed(len(name))
    return sum


async def right(name: str) -> int:
    text = GDeferred.run_in_thread(load, name, size=4)
    assert_type(await text, str)
    assert_type(text.wait(), str)
    more = text.add_callback(length).add_callback(lambda number: number + 1)
    assert_type(more, Number)
    assert_type(text.add_callback(len).add_errback(give_up, 7, when=OSError), Number)
    both = text.add_both(lambda outcome: 1)
    assert_type(both, Number)
    assert_type(text.add_callbacks(None, print), GDeferred.Deferred[Any])
    assert_type(text.fork(), Text)
    assert_type(await text.as_future(), str)
    assert_type(await total([name]), int)
    assert_type(GDeferred.maybe_deferred(length, name), Number)
    assert_type(GDeferred.maybe_deferred(len, name), Number)
    assert_type(GDeferred.blocking_call_from_thread(length, name), int)
    assert_type(GDeferred.Deferred.from_coroutine(length(name)), Number)
    assert_type(GDeferred.DeferredThreadPool.new("loaders", 2).run(load, name), Text)

    numbers: Number = GDeferred.Deferred(lambda d: d.cancel())
    try:
        numbers.callback(3)
    except GDeferred.AlreadyCalledError:
        pass
    return numbers.wait()


async def many(names: list[str]) -> None:
    lengths = [length(name) for name in names]
    assert_type(await GDeferred.gather(lengths, cancel_rest=True), list[int])
    assert_type(await GDeferred.gather(length("a"), length("b")), list[int])
    assert_type(await GDeferred.race(lengths), tuple[int, int])
    assert_type(await GDeferred.any(length("a"), length("b")), int)
    for success, value in await GDeferred.settled(lengths):
        assert_type(success, bool)
    assert_type(await GDeferred.map(length, names, limit=3), list[int])
    assert_type(await GDeferred.map(len, iter(names)), list[int])
    assert_type(await GDeferred.map(length, names, settle=True), list[Any])
    async with GDeferred.DeferredTaskGroup() as group:
        assert_type(group.spawn(length, "a"), Number)
        assert_type(group.close(), GDeferred.Deferred[None])


async def timed(clock: GDeferred.DeferredClock) -> None:
    with clock as the_same:
        assert_type(the_same.get_time(), float)
        assert_type(GDeferred.delay(0.5), GDeferred.Deferred[None])
    assert_type(clock.call_later(1, length, "a"), Number)
    assert_type(GDeferred.call_later(1, load, "a", size=4, clock=clock), Text)
    assert_type(GDeferred.run_in_thread(load, "a").add_timeout(2, clock), Text)
    ticking = GDeferred.DeferredLoopingCall(load, "a", size=2)
    assert_type(await ticking.start(1), GDeferred.DeferredLoopingCall)
    assert_type(await GDeferred.cooperate(total(["a"]).wait() for _ in range(3)).when_done(), None)
    assert_type(clock.get_calls()[0].reset(1.5), bool)


async def coordinated() -> None:
    lock, queue = GDeferred.DeferredLock(), GDeferred.DeferredQueue[int](size=3)
    async with lock, GDeferred.DeferredRWLock().reading(), GDeferred.DeferredFileLock("/run/lock"):
        assert_type(lock.run(length, "a"), Number)
    await queue.put(3)
    async for item in queue:
        assert_type(item, int)
    assert_type(await queue.get(), int)
    assert_type(await GDeferred.map(str, queue), list[str])


async def patterns() -> None:
    stubborn = GDeferred.DeferredRetry(max_attempts=3, when=(OSError, ValueError))
    assert_type(stubborn.run(length, "a"), Number)
    assert_type(stubborn(length)("a"), Number)
    assert_type(await GDeferred.retry(length, "a", when=lambda error, attempt: attempt < 3), int)
    lengths = GDeferred.DeferredCache(length, max_size=3)
    assert_type(lengths.get("a"), Number)
    assert_type(GDeferred.DeferredDebounce(0.3)(load)("a", size=2), Text)
    assert_type(GDeferred.DeferredThrottle(0.3).run(load, "a"), Text)


assert_type(GDeferred.run(right, "greeting"), int)


def wrong(text: Text) -> None:
    text.add_callback(3)  # an error
    text.add_callback(load, "many")  # an error
    text.add_callback(load, 3, 4)  # an error
    text.add_callback(load, sise=3)  # an error
    text.add_errback(print, when="OSError")  # an error
    text.callback(2)  # an error
    text.errback("lost")  # an error
    text.failed = True  # an error
    text.chain_deferred(3)  # an error
    GDeferred.Deferred(3)  # an error
    GDeferred.Deferred.fail("lost")  # an error
    GDeferred.Deferred.from_coroutine(length)  # an error
    GDeferred.ensure_deferred(3)  # an error
    GDeferred.inline_callbacks(load)  # an error
    GDeferred.run(length)  # an error
    GDeferred.run_in_thread(load, 3)  # an error
    GDeferred.set_unhandled_error_hook(3)  # an error
    GDeferred.gather([1, 2])  # an error
    GDeferred.gather(text, cancel_others=True)  # an error
    GDeferred.map(length, [1, 2])  # an error
    GDeferred.map(length, ["a"], limit="all")  # an error
    GDeferred.delay("soon")  # an error
    GDeferred.call_later(1, 3)  # an error
    text.add_timeout("soon")  # an error
    GDeferred.DeferredLoopingCall(load).start(1)  # an error
    GDeferred.DeferredTaskGroup().spawn(length, 3)  # an error
    GDeferred.DeferredLock().run(length, 3)  # an error
    GDeferred.DeferredSemaphore("many")  # an error
    GDeferred.DeferredQueue[int]().put("text")  # an error
    GDeferred.DeferredCache(length).get(3)  # an error
    GDeferred.DeferredRetry(when="OSError")  # an error
    GDeferred.DeferredDebounce(0.3).run(length, 3)  # an error
