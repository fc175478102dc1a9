#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Coroutines and generators on a GMainLoop, with no asyncio at all."""

import contextvars
import gc
import resource
import sys
import types
import weakref

from common import D, RAW, GDeferred, State, later, main, raises, seen, settle, take_reports, test, without_collector

start = D.from_coroutine
var = contextvars.ContextVar("var", default="default")


class Thing:
    pass


def swallow(_exception):
    pass


# --- awaiting ---

@test("await/ready-pending-and-failed")
def awaiting():
    async def body():
        error = ValueError()
        assert await D.succeed(1) == 1 and await later(2) == 2 and await D.succeed() is None
        for failing in (D.fail(error), later(error)):
            with raises(ValueError) as caught:
                await failing
            assert caught.value is error
        return "end"

    assert GDeferred.run(body) == "end"


@test("await/again-and-by-several-and-without-consuming")
def awaiting_again():
    value = Thing()

    async def body(d):
        return [await d, await d]

    d = D()
    bodies = [start(body(d)) for _ in range(3)]
    d.callback(value)
    for one in bodies:
        assert one.result == [value, value]
    assert d.result is value and start(body(d)).result == [value, value]
    got = []
    d.add_callback(got.append)
    assert got == [value]


@test("await/a-failure-again-and-by-several")
def awaiting_a_failure_again():
    error = ValueError()

    async def body(d):
        caught = []
        for _ in range(2):
            try:
                await d
            except ValueError as e:
                caught.append(e)
        return caught

    d = D()
    bodies = [start(body(d)) for _ in range(3)]
    d.errback(error)
    for one in bodies:
        assert one.result == [error, error]
    assert d.failed and d.result is error
    del d
    assert take_reports() == [], "who awaits it has heard of it"


@test("await/sees-what-the-callbacks-before-it-left")
def order():
    async def body(d):
        return await d

    d = D().add_callback(lambda v: v + 1)
    first = start(body(d))
    d.add_callback(lambda v: v * 10)
    second = start(body(d))
    d.callback(1)
    assert (first.result, second.result) == (2, 20)


@test("await/paused-waiting-and-of-c")
def other_sorts():
    async def body(d):
        return await d

    paused = D()
    paused.pause()
    one = start(body(paused))
    paused.callback("unpaused")
    assert not one.called
    paused.unpause()
    assert one.result == "unpaused"
    inner = D()
    two = start(body(D.succeed().add_callback(lambda _: inner)))
    inner.callback("inner")
    assert two.result == "inner"


@test("await/an-exception-that-is-a-value")
def exception_as_a_value():
    value = ValueError()

    async def body(d):
        got = await d
        assert got is value
        return got

    d = D()
    pending = start(body(d))
    d.callback(value)
    for one in (pending, start(body(d))):
        assert one.result is value and not one.failed


@test("await/starts-at-once-and-resumes-at-once")
def at_once():
    trace, d = [], D()

    async def body():
        trace.append("started")
        trace.append(await d)

    start(body())
    assert trace == ["started"]
    d.callback("resumed")
    assert trace == ["started", "resumed"]


@test("await/a-million-ready-ones-take-no-stack-and-no-memory")
def a_million():
    async def ready(n):
        d, total = D.succeed(1), 0
        for _ in range(n):
            total += await d
        return total

    assert GDeferred.run(ready, 1000) == 1000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert GDeferred.run(ready, 1_000_000) == 1_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8 * 1024, "KiB"


@test("await/many-that-are-fired-in-turn-take-no-stack")
def many_in_turn():
    def depth():
        frame, n = sys._getframe(), 0
        while frame is not None:
            frame, n = frame.f_back, n + 1
        return n

    depths = set()

    async def body():
        for _ in range(3000):
            await D.succeed().add_callback(lambda _: D.succeed())
            depths.add(depth())
            await later()

    GDeferred.run(body)
    assert len(depths) <= 2, depths


@test("await/coroutines-in-coroutines")
def nested():
    async def inner(n):
        return n if n == 0 else 1 + await inner(n - 1)

    async def outer():
        return await start(inner(50)) + await inner(50)

    assert start(outer()).result == 100


@test("await/what-it-returns-or-raises")
def endings():
    async def returning(value):
        return value

    async def raising(exception):
        raise exception

    value, error = Thing(), KeyError("k")
    assert start(returning(value)).result is value
    d = start(raising(error))
    assert d.failed and d.result is error
    assert [e.name for e in __import__("traceback").extract_tb(error.__traceback__)] == ["raising"]
    d.add_errback(swallow)
    inner = D()
    d = start(returning(inner))
    assert d.state == State.WAITING
    inner.callback("of the Deferred that it returned")
    assert d.result == "of the Deferred that it returned"


@test("await/nobody-elses-futures")
def foreign():
    @types.coroutine
    def bare():
        yield "what is this?"

    async def body():
        with raises(TypeError):
            await bare()
        return "went on"

    assert start(body()).result == "went on"


@test("await/as-a-callback")
def as_a_callback():
    async def double(value, factor=2):
        await later()
        return value * factor

    async def mend(exception):
        await later()
        return type(exception)

    async def fail(value):
        raise ValueError(value)

    d = D().add_callback(double).add_callback(double, factor=10).add_callback(fail).add_errback(mend)
    d.callback(3)
    assert d.wait() is ValueError


# --- what is left over ---

@test("await/a-coroutine-and-all-it-holds-goes-when-it-ends")
def coroutines_go():
    with without_collector():
        for fail in (False, True):
            thing, d = Thing(), D()
            gone = weakref.ref(thing)

            async def body(thing):
                try:
                    await d
                finally:
                    thing.used = True

            one = start(body(thing))
            del thing
            assert gone() is not None
            (d.errback if fail else d.callback)(ValueError() if fail else 1)
            assert gone() is None
            one.add_errback(swallow)


@test("await/pending-and-lost-its-caller-is-told")
def pending_and_lost():
    trace = []

    async def body():
        try:
            await D()
        finally:
            trace.append("finally")

    calls = seen(start(body()))
    gc.collect()  # it holds what it awaits, which holds it
    settle()
    (error, failed), = calls
    assert failed and error.matches(GDeferred.DeferredError.quark(), GDeferred.DeferredError.ABANDONED)
    assert trace == ["finally"]


@test("await/a-ring-of-a-coroutine-and-what-it-awaits-is-collected")
def rings_are_collected():
    thing = Thing()
    gone = weakref.ref(thing)

    async def body(thing):
        thing.d = D()
        await thing.d

    d = start(body(thing))
    del thing, d
    for _ in range(3):
        gc.collect()
        settle()
    assert gone() is None
    take_reports()


@test("await/never-awaited-coroutines-of-c-deferreds")
def awaiting_raw():
    async def body(d):
        return await d

    d = RAW.new()
    try:
        one = start(body(d))
    except TypeError:
        return
    d.callback(3)
    assert one.result == 3 or isinstance(one.result, TypeError)
    one.add_errback(swallow)


if __name__ == "__main__":
    sys.exit(main())
