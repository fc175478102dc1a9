#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Task groups: nothing outlives the block, under whichever loop."""

import gc
import sys
import weakref

from common import D, GDeferred, later, main, raises, seen, settle, take_reports, test, without_collector
from gi.repository import Gio, GLib
from loops import beside_a_loop, end_of, never, start, turns, under_each_loop

Group, CancelledError = GDeferred.DeferredTaskGroup, GDeferred.CancelledError


class Error(Exception):
    pass


def swallow(_exception):
    pass


def each_loop(name):
    def register(body):
        under_each_loop(f"groups/{name}", body)
        return body

    return register


async def work(trace, name, n=1, error=None):
    """Puts down when it begins, ends, and is cancelled."""
    trace.append(f"{name} begins")
    try:
        await (turns(n) if n else never())
        if error is not None:
            raise error
    except CancelledError:
        trace.append(f"{name} is cancelled")
        raise
    trace.append(f"{name} ends")
    return name


async def slow_to_stop(trace, name):
    try:
        await never()
    except CancelledError:
        await turns(3)
        trace.append(f"{name} has cleaned up")
        raise


# --- blocks ---

@each_loop("the-block-ends-when-all-have")
async def all_end():
    trace = []
    async with Group() as group:
        first = group.spawn(work, trace, "a", 3)
        group.spawn(work, trace, "b", n=1)
        assert group.get_n_tasks() == 3 and not group.is_closed()  # the block is one
        trace.append("block ends")
    assert trace == ["a begins", "b begins", "block ends", "b ends", "a ends"]
    assert first.result == "a" and group.is_closed() and group.get_n_tasks() == 0


@each_loop("a-failure-cancels-the-others-and-is-raised")
async def failure_cancels():
    trace, error = [], Error()
    with raises(Error) as caught:
        async with Group() as group:
            group.spawn(work, trace, "a", None)
            group.spawn(work, trace, "b", 1, error)
            group.spawn(slow_to_stop, trace, "c")
    assert caught.value is error
    assert trace == ["a begins", "b begins", "a is cancelled", "c has cleaned up"]


@each_loop("a-failure-interrupts-the-block")
async def failure_interrupts():
    trace, error, cancelled = [], Error(), []
    with raises(Error) as caught:
        async with Group() as group:
            group.spawn(work, trace, "a", 1, error)
            try:
                await never(cancelled.append)
            finally:
                trace.append("block is left")
            trace.append("never")
    assert caught.value is error and len(cancelled) == 1
    assert trace == ["a begins", "block is left"]
    await turns(2)  # nobody is cancelled afterwards


@each_loop("a-failure-at-once-interrupts-the-block-where-it-waits-next")
async def failure_at_once():
    def fails():
        raise error

    error, cancelled = Error(), []
    with raises(Error):
        async with Group() as group:
            group.spawn(fails)
            await never(cancelled.append)
    assert len(cancelled) == 1
    with raises(Error):
        async with Group() as group:
            group.spawn(fails)
    await later()  # it is not cancelled here


@each_loop("a-block-that-raises-cancels-the-tasks")
async def block_raises():
    trace, error = [], Error()
    with raises(Error) as caught:
        async with Group() as group:
            group.spawn(work, trace, "a", None)
            group.spawn(slow_to_stop, trace, "b")
            raise error
    assert caught.value is error
    assert trace == ["a begins", "a is cancelled", "b has cleaned up"]


@each_loop("a-block-that-is-cancelled-cancels-the-tasks")
async def block_cancelled(loop):
    for in_block in (True, False):
        trace = []

        async def body():
            async with Group() as group:
                group.spawn(slow_to_stop, trace, "a")
                group.spawn(work, trace, "b", None)
                if in_block:
                    await never()
            trace.append("never")

        task = start(loop, body())
        await turns(2)
        task.cancel()
        assert await end_of(task) == "cancelled"
        assert trace == ["b begins", "b is cancelled", "a has cleaned up"]


@each_loop("cancelled-by-itself")
async def cancels_itself():
    trace = []
    with raises(CancelledError):
        async with Group() as group:
            group.spawn(work, trace, "a", None)
            group.cancel()
    assert trace == ["a begins", "a is cancelled"]


@each_loop("a-task-that-is-cancelled-brings-nobody-down")
async def one_cancelled():
    trace = []
    async with Group() as group:
        one = group.spawn(work, trace, "a", None)
        group.spawn(work, trace, "b", 2)
        one.cancel()
    assert trace == ["a begins", "b begins", "a is cancelled", "b ends"]
    one.add_errback(swallow)


@each_loop("tasks-may-start-others-until-the-end")
async def tasks_start_others():
    trace = []

    async def parent(group):
        await turns(2)
        group.spawn(work, trace, "child")

    async with Group() as group:
        group.spawn(parent, group)
    assert trace == ["child begins", "child ends"]
    late = group.spawn(work, trace, "late")
    assert late.failed and late.result.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CLOSED)
    late.add_errback(swallow)
    assert trace == ["child begins", "child ends"]


@each_loop("groups-within-groups")
async def nested():
    trace, error = [], Error()

    async def inner():
        async with Group() as group:
            group.spawn(work, trace, "a", None)
            group.spawn(work, trace, "b", 2, error)

    with raises(Error) as caught:
        async with Group() as group:
            group.spawn(inner)
            group.spawn(work, trace, "c", None)
    assert caught.value is error
    assert trace == ["a begins", "b begins", "c begins", "a is cancelled", "c is cancelled"]


@each_loop("nothing-is-spawned-when-it-is-over")
async def not_spawned():
    trace = []
    with raises(Error):
        async with Group() as group:
            group.spawn(work, trace, "a", 1, Error())
            try:
                await never()
            except BaseException:
                late = group.spawn(work, trace, "late")
                assert type(late.result) is CancelledError
                late.add_errback(swallow)
                raise
    assert trace == ["a begins"]


@each_loop("one-block-only")
async def one_block():
    group = Group()
    async with group:
        pass
    with raises(RuntimeError):
        async with group:
            pass


# --- without a block ---

@test("groups/spawn-add-close")
def without_a_block():
    group, d = Group(), D()
    assert group.add(d) and group.get_n_tasks() == 1
    done = seen(group.close())
    assert done == []
    d.callback("kept")
    assert done == [(None, False)] and d.result == "kept"
    assert not group.add(D())

    group, cancelled = Group(), []
    group.spawn(lambda: never(cancelled.append))
    closing = group.close()
    closing.cancel()
    assert len(cancelled) == 1 and type(closing.result) is CancelledError
    closing.add_errback(swallow)


@test("groups/a-group-that-is-dropped-cancels-its-tasks")
def dropped():
    with without_collector():
        cancelled, group = [], Group()
        task = group.spawn(lambda: never(cancelled.append))
        gone = weakref.ref(group)
        del group
        settle()
        assert gone() is None and len(cancelled) == 1
        task.add_errback(swallow)


@test("groups/a-coroutine-that-is-lost-in-a-block")
def lost():
    cancelled = []

    async def body():
        async with Group() as group:
            group.spawn(lambda: never(cancelled.append))
            await D()

    D.from_coroutine(body()).add_errback(swallow)
    for _ in range(4):
        gc.collect()
        settle()
    assert len(cancelled) == 1
    take_reports()


@test("groups/refused")
def refused():
    group = Group()
    for wrong in (3, None):
        with raises(TypeError):
            group.spawn(wrong)
        with raises(TypeError):
            group.add(wrong)

    def act():
        for call in (lambda: group.spawn(list), lambda: group.add(D()), group.close, group.cancel, group.get_n_tasks):
            with raises(RuntimeError):
                call()

    beside_a_loop(act)


if __name__ == "__main__":
    sys.exit(main())
