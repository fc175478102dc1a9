#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Locks, semaphores, read-write locks: acquired, released, run within, and given up at each place where one waits."""

import gc
import pathlib
import random
import subprocess
import sys
import tempfile
import weakref

from common import D, GDeferred, later, main, raises, seen, settle, take_reports, test, without_collector
from gi.repository import GLib, GObject
from loops import beside_a_loop, end_of, never, outcomes, start, turns, under_each_loop

Lock, Semaphore, RWLock = GDeferred.DeferredLock, GDeferred.DeferredSemaphore, GDeferred.DeferredRWLock


class Thing:
    pass


def swallow(_exception):
    pass


class Kind:
    """What the tests below say of all of them: one that one at a time can have."""

    def __init__(self, name, make, acquire, release, within, run, is_free):
        self.name, self.make, self.acquire, self.release = name, make, acquire, release
        self.within, self.run, self.is_free = within, run, is_free


KINDS = [
    Kind("lock", Lock, Lock.acquire, Lock.release, lambda lock: lock, Lock.run, lambda lock: not lock.get_locked()),
    Kind("semaphore", Semaphore, Semaphore.acquire, Semaphore.release, lambda lock: lock, Semaphore.run,
         lambda lock: lock.get_n_free() == lock.get_limit()),
    Kind("rw-lock", RWLock, RWLock.acquire_write, RWLock.release_write, RWLock.writing, RWLock.run_write,
         lambda lock: not lock.get_writing()),
]


def of_each_kind(name):
    def register(body):
        for kind in KINDS:
            test(f"locks/{kind.name}/{name}")(lambda kind=kind: body(kind))
        return body

    return register


def of_each_kind_under_each_loop(name):
    def register(body):
        for kind in KINDS:
            under_each_loop(f"locks/{kind.name}/{name}", lambda loop, kind=kind: body(kind, loop))
        return body

    return register


# --- acquiring and releasing ---

@of_each_kind("one-after-the-other")
def one_after_the_other(kind):
    lock, trace = kind.make(), []
    waiting = [kind.acquire(lock).add_callback(lambda _, i=i: trace.append(i)) for i in range(3)]
    assert trace == [0] and lock.get_n_waiting() == 2 and not kind.is_free(lock)
    kind.release(lock)
    assert trace == [0, 1]
    kind.release(lock)
    kind.release(lock)
    assert trace == [0, 1, 2] and kind.is_free(lock) and lock.get_n_waiting() == 0
    del waiting


@of_each_kind("released-without-being-acquired")
def released_for_nothing(kind):
    lock = kind.make()
    with raises(RuntimeError):
        kind.release(lock)
    assert kind.acquire(lock).called
    kind.release(lock)
    with raises(RuntimeError):
        kind.release(lock)


@of_each_kind("who-cancels-leaves")
def cancel_leaves(kind):
    lock, trace = kind.make(), []
    first, second, third = (kind.acquire(lock) for _ in range(3))
    for name, d in (("first", first), ("second", second), ("third", third)):
        outcomes(d, trace, name)
    second.cancel()
    assert lock.get_n_waiting() == 1
    kind.release(lock)
    assert trace == [("first", "value"), ("second", GDeferred.CancelledError), ("third", "value")]
    first.cancel()  # which comes too late
    assert not kind.is_free(lock)


@of_each_kind("who-drops-it-is-passed-by")
def dropped(kind):
    lock = kind.make()
    with without_collector():
        kind.acquire(lock)
        kind.acquire(lock)
        last = seen(kind.acquire(lock))
        kind.release(lock)
        assert len(last) == 1


@of_each_kind("in-another-thread")
def in_another_thread(kind):
    lock = kind.make()

    def act():
        for call in (kind.acquire, kind.release, lambda lock: kind.run(lock, list), lambda lock: lock.get_n_waiting()):
            with raises(RuntimeError):
                call(lock)

    beside_a_loop(act)
    assert kind.is_free(lock)


@of_each_kind("a-lost-one-tells-who-waits")
def lost(kind):
    with without_collector():
        lock = kind.make()
        kind.acquire(lock)
        calls = seen(kind.acquire(lock))
        gone = weakref.ref(lock)
        del lock
        settle()
        (error, failed), = calls
        assert failed and error.matches(GDeferred.DeferredError.quark(), GDeferred.DeferredError.ABANDONED)
        assert gone() is None


@of_each_kind("a-lost-one-tells-a-coroutine")
def lost_and_awaited(kind):
    async def body(acquiring):
        await acquiring

    with without_collector():
        lock = kind.make()
        kind.acquire(lock)
        calls = seen(D.from_coroutine(body(kind.acquire(lock))))
        del lock
        settle()
        (error, failed), = calls
        assert failed and error.matches(GDeferred.DeferredError.quark(), GDeferred.DeferredError.ABANDONED)


# --- running within ---

@of_each_kind("run-gives-what-the-function-does")
def run(kind):
    lock, thing, error = kind.make(), Thing(), ValueError()

    def function(*args, **kwargs):
        assert not kind.is_free(lock)
        return args, kwargs

    def fails():
        raise error

    async def coroutine(value):
        await later()
        assert not kind.is_free(lock)
        return value

    assert kind.run(lock, function, 1, thing, key=2).result == ((1, thing), {"key": 2})
    assert kind.is_free(lock)
    d = kind.run(lock, fails)
    assert d.result is error and kind.is_free(lock)
    d.add_errback(swallow)
    d = kind.run(lock, coroutine, thing)
    assert not d.called or not d.is_finished()
    assert d.wait() is thing and kind.is_free(lock)
    inner = D()
    d = kind.run(lock, lambda: inner)
    assert not kind.is_free(lock)
    inner.errback(error)
    assert d.result is error and kind.is_free(lock)
    d.add_errback(swallow)
    with raises(TypeError):
        kind.run(lock, 3)


@of_each_kind("run-is-cancelled-at-each-stage")
def run_cancelled(kind):
    lock, cancelled, called = kind.make(), [], []
    kind.acquire(lock)
    waits = kind.run(lock, called.append, 1)
    waits.cancel()
    assert type(waits.result) is GDeferred.CancelledError and lock.get_n_waiting() == 0
    kind.release(lock)
    assert called == []

    inner = D(cancelled.append)
    works = kind.run(lock, lambda: inner)
    works.cancel()
    assert cancelled == [inner] and type(works.result) is GDeferred.CancelledError and kind.is_free(lock)

    ended = kind.run(lock, lambda: "result")
    ended.cancel()
    assert ended.result == "result" and kind.is_free(lock)
    for d in (waits, works, inner):
        d.add_errback(swallow)


@of_each_kind("run-releases-whatever-becomes-of-its-deferred")
def run_released_anyway(kind):
    lock, owner, inner = kind.make(), GObject.Object(), D()
    d = kind.run(lock, lambda: inner)
    d.bind_owner(owner)
    owner.run_dispose()
    settle()
    assert kind.is_free(lock)

    inner = D()
    d = kind.run(lock, lambda: inner)
    d.pause()
    del d
    inner.callback()
    assert kind.is_free(lock)

    with without_collector():  # what it waits for is dropped
        calls = seen(kind.run(lock, D))
        settle()
        assert calls[0][1] and kind.is_free(lock)

    owner, inner = GObject.Object(), D()
    inner.bind_owner(owner)
    d = kind.run(lock, lambda: inner)
    owner.run_dispose()
    settle()
    gc.collect()
    settle()
    assert kind.is_free(lock)
    d.add_errback(swallow)


@of_each_kind("run-within-itself")
def run_reenters(kind):
    lock, trace = kind.make(), []

    def function():
        trace.append("outer")
        kind.run(lock, trace.append, "inner").add_callback(lambda _: trace.append("after"))
        trace.append("outer ends")

    kind.run(lock, function)
    assert trace == ["outer", "outer ends", "inner", "after"] and kind.is_free(lock)


@of_each_kind("ten-thousand-that-wait")
def many(kind):
    lock, trace = kind.make(), []
    kind.acquire(lock)
    for i in range(10000):
        kind.run(lock, trace.append, i)
    kind.release(lock)
    assert trace == list(range(10000)) and kind.is_free(lock)


# --- async with ---

@of_each_kind_under_each_loop("async-with")
async def async_with(kind, _loop):
    lock, trace = kind.make(), []

    async def body(name):
        async with kind.within(lock):
            trace.append(name)
            await later()
            trace.append(name)
            if name == "b":
                raise ValueError()

    with raises(GDeferred.FirstError):
        await GDeferred.gather([body(name) for name in "abc"])
    await body("d")
    assert trace == list("aabbccdd") and kind.is_free(lock)


@of_each_kind_under_each_loop("cancelled-while-it-waits")
async def cancelled_while_waiting(kind, loop):
    lock = kind.make()
    await kind.acquire(lock)

    async def body():
        async with kind.within(lock):
            raise AssertionError("it was not granted")

    task = start(loop, body())
    await turns(2)
    assert lock.get_n_waiting() == 1
    task.cancel()
    assert await end_of(task) == "cancelled"
    assert lock.get_n_waiting() == 0
    kind.release(lock)
    assert kind.is_free(lock)


@of_each_kind_under_each_loop("cancelled-when-it-was-granted-and-before-it-goes-on")
async def cancelled_when_granted(kind, loop):
    for style in ("with", "await"):
        lock, got = kind.make(), []
        await kind.acquire(lock)

        async def within():
            async with kind.within(lock):
                got.append("within")

        async def awaits():
            await kind.acquire(lock)
            got.append("within")
            kind.release(lock)

        task = start(loop, within() if style == "with" else awaits())
        await turns(2)
        next_one = kind.acquire(lock)
        kind.release(lock)
        task.cancel()
        end = await end_of(task)
        assert (end == "cancelled") == (got == []), (style, end, got)
        if loop != "ours":
            assert end == "cancelled", "this loop hands it on a turn later"
        await turns(2)
        assert next_one.called, "it was passed on"
        kind.release(lock)
        assert kind.is_free(lock)


@of_each_kind_under_each_loop("cancelled-inside")
async def cancelled_inside(kind, loop):
    lock, cancelled = kind.make(), []

    async def body():
        async with kind.within(lock):
            await never(cancelled.append)

    task = start(loop, body())
    await turns(2)
    task.cancel()
    assert await end_of(task) == "cancelled"
    assert len(cancelled) == 1 and kind.is_free(lock)


@of_each_kind_under_each_loop("two-that-await-the-same")
async def two_await_the_same(kind, loop):
    """One of them is cancelled: the other one has it."""
    lock = kind.make()
    await kind.acquire(lock)
    acquiring = kind.acquire(lock)

    async def body():
        await acquiring
        return "has it"

    tasks = [start(loop, body()) for _ in range(2)]
    await turns(2)
    kind.release(lock)
    tasks[0].cancel()
    ends = [await end_of(task) for task in tasks]
    assert ends[1] == "has it" and not kind.is_free(lock), ends
    kind.release(lock)


@of_each_kind_under_each_loop("at-random")
async def at_random(kind, loop):
    """No grant is lost, and never do two have it."""
    chance = random.Random(5)
    lock, inside = kind.make(), []

    async def body():
        async with kind.within(lock):
            inside.append(1)
            assert len(inside) == 1
            try:
                await turns(chance.randrange(3))
            finally:
                inside.pop()

    tasks = []
    for _ in range(200):
        tasks.append(start(loop, body()))
        if chance.random() < 0.5:
            await turns(chance.randrange(2))
        for task in chance.sample(tasks, min(len(tasks), 3)):
            if chance.random() < 0.5:
                task.cancel()
    ends = [await end_of(task) for task in tasks]
    assert set(ends) == {None, "cancelled"}, ends
    assert kind.is_free(lock) and lock.get_n_waiting() == 0


@of_each_kind("a-coroutine-that-is-closed-while-it-waits")
def closed_while_waiting(kind):
    lock = kind.make()
    kind.acquire(lock)
    awaiting = kind.acquire(lock).__await__()
    next(awaiting)
    assert lock.get_n_waiting() == 1
    awaiting.close()
    assert lock.get_n_waiting() == 0
    take_reports()


@of_each_kind("a-coroutine-that-is-lost-inside-releases-it")
def lost_inside(kind):
    lock = kind.make()

    async def body():
        async with kind.within(lock):
            await D()

    D.from_coroutine(body()).add_errback(swallow)
    gc.collect()
    settle()
    assert kind.is_free(lock)


# --- what each has of its own ---

@test("locks/semaphore/so-many-at-a-time")
def so_many():
    tokens, trace = Semaphore(2), []
    assert (tokens.get_limit(), tokens.get_n_free()) == (2, 2)
    for i in range(4):
        outcomes(tokens.acquire(), trace, i)
    assert len(trace) == 2 and (tokens.get_n_free(), tokens.get_n_waiting()) == (0, 2)
    assert not tokens.try_acquire()
    for _ in range(4):
        tokens.release()
    assert len(trace) == 4 and tokens.try_acquire()
    tokens.release()
    with raises(RuntimeError):
        tokens.release()
    for wrong in (0, -1):
        with raises(ValueError):
            Semaphore(wrong)
    with raises(TypeError):
        Semaphore("many")


@test("locks/lock/without-waiting")
def without_waiting():
    lock = Lock()
    assert lock.try_acquire() and lock.get_locked() and not lock.try_acquire()
    lock.release()
    assert not lock.get_locked()


# --- between programs ---

@test("locks/file/between-programs-and-when-its-holder-dies")
def between_programs():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "lock")
        lock = GDeferred.DeferredFileLock(path)
        assert lock.get_path() == str(path)

        async def within():
            async with lock:
                assert lock.get_locked()
                other = subprocess.Popen([sys.executable, "-c", OTHER, str(path)], stdout=subprocess.PIPE, text=True)
                assert other.stdout.readline() == "False\n"
                return other

        other = D.from_coroutine(within()).wait()
        assert not lock.get_locked() and other.stdout.readline() == "has it\n"
        assert not lock.try_acquire()
        waiting = lock.run(lambda: "got it")
        other.kill()
        other.wait()
        other.stdout.close()
        assert waiting.wait() == "got it" and not lock.get_locked()
        with raises(RuntimeError):
            lock.release()
        assert lock.try_acquire()
        lock.release()
        missing = GDeferred.DeferredFileLock(pathlib.Path(folder, "missing", "lock"))
        with raises(GLib.Error):
            missing.try_acquire()
        with raises(GLib.Error):
            missing.acquire().wait()


OTHER = """
import sys
import gi
gi.require_version("GDeferred", "1.0")
from gi.repository import GDeferred, GLib

lock = GDeferred.DeferredFileLock(sys.argv[1])
print(lock.try_acquire(), flush=True)
lock.acquire().wait()
print("has it", flush=True)
GLib.MainLoop().run()
"""


if __name__ == "__main__":
    sys.exit(main())
