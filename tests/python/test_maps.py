#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""map(): so many at a time, in order, and no item taken before there is room for it."""

import gc
import sys
import weakref

from common import D, GDeferred, in_thread, later, main, raises, seen, settle, take_reports, test, without_collector
from gi.repository import GObject
from loops import beside_a_loop, never, turns, under_each_loop

FirstError, CancelledError = GDeferred.FirstError, GDeferred.CancelledError


class Thing:
    pass


def swallow(_exception):
    pass


def counting(items, taken):
    for item in items:
        taken.append(item)
        yield item


async def counting_async(items, taken):
    for item in items:
        await later()
        taken.append(item)
        yield item


class AsyncItems:
    """An asynchronous iterable that is no generator."""

    def __init__(self, n):
        self.n = n

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.n:
            raise StopAsyncIteration
        self.n -= 1
        return self.n


# --- results ---

@test("maps/results-in-order-however-they-end")
def results():
    thing = Thing()
    assert GDeferred.map(lambda item: [item], [1, thing]).result == [[1], [thing]]
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        parts = [D(), D(), D()]
        d = GDeferred.map(lambda i: parts[i], range(3))
        for i in order:
            parts[i].callback(i * 10)
        assert d.result == [0, 10, 20]
    d = GDeferred.map(lambda i: later(i, turns=3 - i), range(3))
    assert d.wait() == [0, 1, 2]
    parts = [D(), D()]
    d = GDeferred.map(lambda i: parts[i], range(2))
    for part in parts:
        in_thread(part.callback, thing)
    settle()
    assert d.result == [thing, thing]


@test("maps/of-nothing")
def of_nothing():
    assert GDeferred.map(swallow, []).result == []
    assert GDeferred.map(swallow, iter(())).result == []
    assert GDeferred.map(swallow, AsyncItems(0)).result == []


@test("maps/items-of-any-kind")
def items_of_any_kind():
    one = D.succeed("not waited for")
    assert GDeferred.map(lambda item: [item], [one, None, ValueError]).result == [[one], [None], [ValueError]]
    assert GDeferred.map(lambda item: ValueError("a value"), [1]).result[0].args == ("a value",)


@test("maps/coroutines")
def coroutines():
    async def square(number):
        await later()
        return number * number

    assert GDeferred.run(lambda: GDeferred.map(square, range(5), limit=2)) == [0, 1, 4, 9, 16]


@test("maps/asynchronous-iterables")
def asynchronous():
    taken = []
    assert GDeferred.map(lambda item: later(item), counting_async(range(5), taken), limit=2).wait() == list(range(5))
    assert GDeferred.map(lambda item: item, AsyncItems(3)).wait() == [2, 1, 0]

    async def body():
        queue = GDeferred.DeferredQueue()
        done = GDeferred.map(lambda item: [item], queue, limit=3)
        for item in "abc":
            await queue.put(item)
        queue.close()
        return await done

    assert GDeferred.run(body) == [["a"], ["b"], ["c"]]


# --- the limit ---

@test("maps/never-more-than-the-limit-and-no-item-too-early")
def limit():
    parts, taken = {}, []

    def start(i):
        parts[i] = D()
        return parts[i]

    d = GDeferred.map(start, counting(range(10), taken), limit=3)
    assert taken == [0, 1, 2] and list(parts) == [0, 1, 2]
    parts.pop(1).callback()
    assert taken == [0, 1, 2, 3]
    for i in (3, 4, 5, 6, 7, 8, 9, 0, 2):
        assert len(parts) <= 3
        parts.pop(i).callback()
    assert d.result == [None] * 10


@test("maps/the-limit-with-an-asynchronous-iterable")
def limit_async():
    taken, running, most = [], [], []

    async def work(item):
        running.append(item)
        most.append(len(running))
        await turns(3)
        running.remove(item)

    GDeferred.map(work, counting_async(range(10), taken), limit=2).wait()
    assert max(most) == 2 and taken == list(range(10))


@test("maps/an-endless-generator")
def endless():
    def numbers():
        number = 0
        while True:
            yield number
            number += 1

    def stop_at(number):
        if number == 1000:
            raise StopIteration("enough")
        return number

    first = seen(GDeferred.map(stop_at, numbers()))[0][0]
    assert type(first) is FirstError and first.index == 1000


@test("maps/refused")
def refused():
    for wrong in (0, -1):
        with raises(ValueError):
            GDeferred.map(swallow, [], limit=wrong)
    with raises(TypeError):
        GDeferred.map(swallow, 3)
    with raises(TypeError):
        GDeferred.map(3, [])

    def act():
        with raises(RuntimeError):
            GDeferred.map(swallow, [])

    beside_a_loop(act)


# --- failures ---

@test("maps/the-first-failure-ends-it")
def failure():
    taken, error = [], ValueError()
    parts = [D(), D(), D()]
    d = GDeferred.map(lambda i: parts[i], counting(range(3), taken), limit=2)
    calls = seen(d)
    parts[1].errback(error)
    assert calls == [(FirstError(error, 1), True)] and taken == [0, 1]
    assert not parts[0].called
    parts[0].callback("goes on")
    assert len(calls) == 1 and taken == [0, 1]


@test("maps/the-first-failure-may-cancel-the-rest")
def failure_cancels():
    cancelled = []
    parts = [D(cancelled.append) for _ in range(3)]
    calls = seen(GDeferred.map(lambda i: parts[i], range(3), cancel_rest=True))
    parts[1].errback(ValueError())
    assert cancelled == [parts[0], parts[2]] and len(calls) == 1 and calls[0][0].index == 1


@test("maps/failures-may-be-among-the-results")
def settle_all():
    d = GDeferred.map(lambda i: 1 // i, [1, 0, 2], settle=True)
    (good, one), (bad, error), (also_good, zero) = d.result
    assert (good, one, bad, also_good, zero) == (True, 1, False, True, 0) and type(error) is ZeroDivisionError


@test("maps/an-iterable-that-fails")
def iterable_fails():
    error = ValueError()

    def items():
        yield 1
        raise error

    async def items_async():
        yield 1
        await later()
        raise error

    for settle_too in (False, True):
        d = GDeferred.map(lambda item: item, items(), settle=settle_too)
        assert d.result is error
        d.add_errback(swallow)
        d = GDeferred.map(lambda item: item, items_async(), settle=settle_too)
        with raises(ValueError) as caught:
            d.wait()
        assert caught.value is error


@test("maps/later-failures-are-nobodys")
def later_failures():
    parts = [D(), D()]
    d = GDeferred.map(lambda i: parts[i], range(2))
    parts[0].errback(ValueError())
    parts[1].errback(KeyError())
    d.add_errback(swallow)
    parts.clear()
    gc.collect()
    assert take_reports() == []


# --- cancelling ---

@test("maps/cancelled")
def cancelled():
    taken, stopped = [], []
    parts = [D(stopped.append) for _ in range(2)]
    d = GDeferred.map(lambda i: parts[i], counting(range(5), taken), limit=2)
    calls = seen(d)
    d.cancel()
    assert stopped == parts and taken == [0, 1]
    assert len(calls) == 1 and type(calls[0][0]) is CancelledError


@test("maps/cancelled-while-an-item-is-awaited")
def cancelled_while_taking():
    trace = []

    async def items():
        try:
            await never(trace.append)
        finally:
            trace.append("left")
        yield 1

    d = GDeferred.map(swallow, items())
    calls = seen(d)
    d.cancel()
    assert len(trace) == 2 and trace[1] == "left" and type(calls[0][0]) is CancelledError


@test("maps/cancelled-by-its-function")
def cancelled_by_function():
    stopped, box = [], []

    def work(i):
        if i == 1:
            box[0].cancel()
        return never(stopped.append)

    first = D()
    box.append(GDeferred.map(lambda i: first if i == 0 else work(i), range(5), limit=1))
    calls = seen(box[0])
    first.callback()
    assert len(stopped) == 1 and type(calls[0][0]) is CancelledError


def under(body):
    under_each_loop("maps/awaited-and-cancelled", body)
    return body


@under
async def awaited(loop):
    from loops import end_of, start

    stopped = []
    task = start(loop, awaits(GDeferred.map(lambda i: never(stopped.append), range(3))))
    await turns(2)
    task.cancel()
    assert await end_of(task) == "cancelled" and len(stopped) == 3


async def awaits(d):
    return await d


# --- what is left ---

@test("maps/an-item-whose-deferred-is-dropped")
def dropped():
    with without_collector():
        calls = seen(GDeferred.map(lambda i: D(), range(2)))
        settle()
        assert len(calls) == 1 and calls[0][0].exception.matches(GDeferred.DeferredError.quark(),
                                                                 GDeferred.DeferredError.ABANDONED)


@test("maps/an-item-whose-owner-is-gone")
def owner_gone():
    owner, part = GObject.Object(), D()
    part.bind_owner(owner)
    calls = seen(GDeferred.map(lambda i: part, range(1)))
    owner.run_dispose()
    settle()
    assert len(calls) == 1 and type(calls[0][0].exception) is CancelledError


@test("maps/everything-goes-by-its-references")
def goes():
    with without_collector():
        for fail in (False, True):
            thing, part = Thing(), D()
            gone = weakref.ref(thing)
            d = GDeferred.map(lambda i, thing=thing: part, range(3), limit=2)
            dead = weakref.ref(d)
            del thing
            (part.errback if fail else part.callback)(ValueError() if fail else 1)
            d.add_errback(swallow)
            del d
            assert gone() is None and dead() is None, fail


@test("maps/thousands-that-end-at-once")
def many():
    assert GDeferred.map(lambda i: i, range(20000), limit=1).result == list(range(20000))


if __name__ == "__main__":
    sys.exit(main())
