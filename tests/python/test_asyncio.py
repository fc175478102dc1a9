#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Deferreds under asyncio, with its own loop and with the one of gi.events where PyGObject has that."""

import asyncio
import concurrent.futures
import contextvars
import functools
import gc
import sys
import threading
import weakref

from common import D, GDeferred, in_thread, later, main, raises, seen, settle, test, until
from gi.repository import GLib
from loops import run_on_gi_events, run_plain

var = contextvars.ContextVar("var", default="default")


class Thing:
    pass


def swallow(_exception):
    pass


def under_each_loop(name):
    def register(body):
        for kind, run in (("plain", run_plain), ("gi-events", run_on_gi_events)):
            def play(run=run):
                coroutine = body()
                try:
                    run(coroutine)
                finally:
                    coroutine.close()

            test(f"asyncio/{kind}/{name}")(functools.update_wrapper(play, body))
        return body

    return register


async def value_of(d):
    return await d


def soon(value):
    """Fired by asyncio's loop."""
    d = D()
    fire = d.errback if isinstance(value, Exception) else d.callback
    asyncio.get_running_loop().call_later(0.001, lambda: d.called or fire(value))
    return d


@under_each_loop("await-ready-pending-failed-and-again")
async def awaiting():
    value, error = Thing(), ValueError()
    assert await D.succeed(value) is value
    d = soon(value)
    assert await d is value and await d is value and d.result is value
    for failing in (D.fail(error), soon(error)):
        for _ in range(2):
            with raises(ValueError) as caught:
                await failing
            assert caught.value is error
    exception_as_a_value = soon(None).add_callback(lambda _: error)
    assert await exception_as_a_value is error


@under_each_loop("what-glib-fires")
async def fired_by_glib():
    assert await later("idle", turns=3) == "idle"
    d = D()
    GLib.timeout_add(5, lambda: d.callback("timer"))
    assert await d == "timer"


@under_each_loop("what-threads-fire")
async def fired_by_threads():
    assert await GDeferred.run_in_thread(lambda: 5) == 5
    with raises(ZeroDivisionError):
        await GDeferred.run_in_thread(lambda: 1 / 0)
    d = D()
    threading.Thread(target=d.callback, args=("a thread",)).start()
    assert await d == "a thread"
    results = await asyncio.gather(*(value_of(GDeferred.run_in_thread(lambda i=i: i)) for i in range(50)))
    assert results == list(range(50))


@under_each_loop("gather-and-wait-for")
async def gathering():
    assert await asyncio.gather(value_of(soon(1)), soon(2).as_future(), value_of(D.succeed(3))) == [1, 2, 3]
    assert await asyncio.wait_for(value_of(soon(4)), 30) == 4
    cancelled = []
    with raises(asyncio.TimeoutError):
        await asyncio.wait_for(value_of(D(cancelled.append)), 0.005)
    assert len(cancelled) == 1
    with raises(asyncio.TimeoutError):
        await asyncio.wait_for(D(cancelled.append).as_future(), 0.005)
    assert len(cancelled) == 2
    done, pending = await asyncio.wait([asyncio.ensure_future(value_of(soon(i))) for i in range(3)])
    assert sorted(task.result() for task in done) == [0, 1, 2] and not pending


@under_each_loop("cancelling-a-task-reaches-the-canceller")
async def cancel_a_task():
    cancelled = []
    d = D(cancelled.append)
    task = asyncio.ensure_future(value_of(d))
    await asyncio.sleep(0)
    task.cancel()
    with raises(asyncio.CancelledError):
        await task
    assert cancelled == [d] and task.cancelled() and type(d.result) is GDeferred.CancelledError
    d.add_errback(swallow)

    async def catching():
        try:
            await D()
        except asyncio.CancelledError:
            return await soon("cleaned up")

    task = asyncio.ensure_future(catching())
    await asyncio.sleep(0)
    task.cancel()
    assert await task == "cleaned up"


@under_each_loop("a-canceller-that-answers")
async def canceller_answers():
    task = asyncio.ensure_future(value_of(D(lambda d: d.callback("answer"))))
    await asyncio.sleep(0)
    task.cancel()
    try:
        assert await task == "answer"
    except asyncio.CancelledError:
        pass


@under_each_loop("cancelling-the-deferred")
async def cancel_the_deferred():
    d = D()
    task = asyncio.ensure_future(value_of(d))
    await asyncio.sleep(0)
    d.cancel()
    with raises(GDeferred.CancelledError):
        await task
    assert not task.cancelled()


@under_each_loop("task-groups")
async def task_groups():
    if not hasattr(asyncio, "TaskGroup"):
        return
    cancelled = []
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(value_of(D(cancelled.append)))
            group.create_task(value_of(soon(ValueError("one fails"))))
    except BaseException as error:
        assert [type(e) for e in error.exceptions] == [ValueError]
    assert len(cancelled) == 1


@under_each_loop("context-variables")
async def context_variables():
    got = []

    async def body(name):
        var.set(name)
        await soon(1)
        got.append(var.get())

    await asyncio.gather(body("a"), body("b"))
    assert sorted(got) == ["a", "b"] and var.get() == "default"


@under_each_loop("our-coroutines-beside-its-own")
async def both_kinds():
    async def ours():
        return await soon("ours")

    assert await D.from_coroutine(ours()) == "ours"


@under_each_loop("as-future")
async def as_future():
    value, error = Thing(), ValueError()
    for make in (D.succeed, soon):
        assert await make(value).as_future() is value
    for make in (D.fail, soon):
        with raises(ValueError) as caught:
            await make(error).as_future()
        assert caught.value is error
    cancelled = []
    d = D(cancelled.append)
    future = d.as_future()
    future.cancel()
    await asyncio.sleep(0)
    assert cancelled == [d]
    d.add_errback(swallow)
    d = D()
    future = d.as_future(asyncio.get_running_loop())
    d.cancel()
    with raises(asyncio.CancelledError):
        await future
    with raises(RuntimeError):
        await soon(StopIteration()).as_future()


@under_each_loop("from-future")
async def from_future():
    loop = asyncio.get_running_loop()
    value, error = Thing(), ValueError()
    for early in (True, False):
        for outcome in (value, error, "cancel"):
            future = loop.create_future()

            def settle_it(future=future, outcome=outcome):
                if outcome is error:
                    future.set_exception(error)
                elif outcome is value:
                    future.set_result(value)
                else:
                    future.cancel()

            if early:
                settle_it()
            d = D.from_future(future)
            if not early:
                loop.call_soon(settle_it)
            try:
                assert await d is value and outcome is value
            except ValueError as caught:
                assert caught is error is outcome
            except GDeferred.CancelledError:
                assert outcome == "cancel"
    future = loop.create_future()
    d = D.from_future(future)
    d.cancel()
    assert future.cancelled() and type(d.result) is GDeferred.CancelledError
    await asyncio.sleep(0)
    d.add_errback(swallow)
    assert await GDeferred.ensure_deferred(loop.run_in_executor(None, lambda: 7)) == 7


@under_each_loop("a-task-as-a-deferred")
async def from_task():
    async def body():
        await asyncio.sleep(0.001)
        return "task"

    assert await D.from_future(asyncio.ensure_future(body())) == "task"


@under_each_loop("many-awaits")
async def many():
    d = D.succeed(1)
    assert sum([await d for _ in range(20000)]) == 20000
    for i in range(100):
        assert await soon(i) == i


@under_each_loop("nothing-is-left")
async def nothing_left():
    thing = Thing()
    gone = weakref.ref(thing)
    task = asyncio.ensure_future(value_of(soon(thing)))
    await task
    del thing, task
    await asyncio.sleep(0)
    gc.collect()
    assert gone() is None


@test("asyncio/loops-that-were-used-die")
def loops_die():
    async def body(pending):
        await soon(1)
        await GDeferred.run_in_thread(list)
        pending.as_future()
        return weakref.ref(asyncio.get_running_loop())

    for _ in range(3):
        pending = D()
        gone = asyncio.run(body(pending))
        del pending
        gc.collect()
        assert gone() is None


@test("asyncio/many-awaits-in-turn-leave-no-timers")
def no_timers_left():
    async def body():
        loop, call_later, n_calls = asyncio.get_running_loop(), asyncio.get_running_loop().call_later, 0

        def counting(*args, **kwargs):
            nonlocal n_calls
            n_calls += 1
            return call_later(*args, **kwargs)

        for i in range(300):
            d = D()
            loop.call_soon(loop.call_soon, loop.call_soon, d.callback, i)  # a few turns on
            assert await d == i
        last = D()
        last.as_future()  # somebody waits
        await asyncio.sleep(0.01)
        loop.call_later = counting
        started = loop.time()
        while loop.time() < started + 0.05:
            await asyncio.sleep(0)
        assert n_calls < 60, f"{n_calls} in 50 ms"
        last.callback()

    asyncio.run(body())


# --- without a loop ---

@test("futures/of-threads")
def concurrent_futures():
    with concurrent.futures.ThreadPoolExecutor(1) as executor:
        d = D.from_future(executor.submit(lambda: 5))
        until(lambda: d.called)
        assert d.result == 5
        d = D.from_future(executor.submit(lambda: 1 / 0))
        until(lambda: d.called)
        assert type(d.result) is ZeroDivisionError
        d.add_errback(swallow)
    future = concurrent.futures.Future()
    d = D.from_future(future)
    d.cancel()
    assert future.cancelled()
    d.add_errback(swallow)


@test("futures/refused")
def refused():
    for wrong in (3, None, "future", D()):
        with raises(TypeError):
            D.from_future(wrong)
    with raises(RuntimeError):
        D().as_future()


@test("futures/an-asyncio-loop-that-is-closed")
def closed_loop():
    pending, calls = D(), []

    async def body():
        task = asyncio.ensure_future(value_of(pending))
        await asyncio.sleep(0)
        return task

    asyncio.run(body())  # cancels what is left
    assert type(pending.result) is GDeferred.CancelledError
    pending.add_both(calls.append)
    settle()
    assert len(calls) == 1

    d, awaited = D(), D()

    async def only_futures():
        d.as_future()
        step = awaited.__await__()
        next(step).add_done_callback(swallow)
        return step

    step = asyncio.run(only_futures())
    for one in (d, awaited):
        calls = seen(one)
        one.callback("late")
        settle()
        assert calls == [("late", False)]
    step.close()


@test("futures/asyncio-in-another-thread")
def in_another_thread():
    def job():
        context = GLib.MainContext.new()
        context.push_thread_default()
        try:
            async def body():
                d = D()
                threading.Thread(target=d.callback, args=(5,)).start()
                return await d + await GDeferred.run_in_thread(lambda: 6)

            return asyncio.run(asyncio.wait_for(body(), 30))
        finally:
            context.pop_thread_default()

    assert in_thread(job) == 11


if __name__ == "__main__":
    sys.exit(main())
