#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Queues, events and latches; read-write locks, where they are not like other locks."""

import gc
import random
import sys
import weakref

from common import D, GDeferred, later, main, raises, seen, settle, take_reports, test, without_collector
from loops import beside_a_loop, end_of, outcomes, start, turns, under_each_loop

Queue, Event, Latch, RWLock = GDeferred.DeferredQueue, GDeferred.DeferredEvent, GDeferred.DeferredLatch, GDeferred.DeferredRWLock
Overflow, Underflow, Closed = GDeferred.QueueOverflow, GDeferred.QueueUnderflow, GDeferred.QueueClosed


class Thing:
    pass


class Text(str):
    pass


def swallow(_exception):
    pass


def each_loop(name):
    def register(body):
        under_each_loop(f"queues/{name}", body)
        return body

    return register


# --- queues ---

@test("queues/items-go-through-as-they-are-and-in-order")
def items():
    queue = Queue()
    values = [1, "text", None, 2.5, True, Thing(), [Thing()], Text("own"), 1 << 70, ValueError("v"), GDeferred, b"x"]
    for value in values:
        assert queue.put(value).called
    assert queue.get_length() == len(values)
    for value in values:
        got = queue.get().result
        assert got is value or (type(got) is type(value) and got == value and type(value) is not Text), value
    waiting = [seen(queue.get()) for _ in values]
    for value in values:
        queue.put_nowait(value)
    assert [calls[0][0] for calls in waiting] == values and queue.get_n_getting() == 0


@test("queues/limits")
def limits():
    queue = Queue(2, 1)
    queue.put_nowait("a")
    queue.put_nowait("b")
    with raises(Overflow) as caught:
        queue.put_nowait("c")
    assert caught.value.matches(GDeferred.DeferredError.quark(), GDeferred.DeferredError.OVERFLOW)
    waits = seen(queue.put("c"))
    assert waits == [] and queue.get_n_putting() == 1
    assert queue.get().result == "a" and waits == [(None, False)]
    assert queue.get_nowait() == "b" and queue.get_nowait() == "c"
    with raises(Underflow):
        queue.get_nowait()
    one, two = queue.get(), queue.get()
    assert type(two.result) is Underflow and two.failed and not one.called
    two.add_errback(swallow)
    queue.put_nowait("d")
    assert one.result == "d"
    for wrong in ((-1, None), (None, -1)):
        with raises(ValueError):
            Queue(*wrong)
    for wrong in ("many", 1.5, [1]):
        with raises(TypeError):
            Queue(wrong)


@test("queues/close")
def close():
    queue = Queue(1)
    queue.put_nowait("a")
    putting = queue.put("b")
    queue.close()
    assert queue.is_closed() and type(putting.result) is Closed
    assert queue.get_nowait() == "a"
    with raises(Closed):
        queue.get_nowait()
    with raises(Closed):
        queue.put_nowait("c")
    getting = queue.get()
    assert type(getting.result) is Closed
    queue = Queue()
    waiting = queue.get()
    queue.close()
    assert type(waiting.result) is Closed
    for d in (putting, getting, waiting):
        d.add_errback(swallow)


@test("queues/no-deferreds")
def no_deferreds():
    queue = Queue()
    for put in (queue.put, queue.put_nowait, queue.unget):
        with raises(TypeError):
            put(D())
    assert queue.get_length() == 0


@test("queues/in-another-thread")
def elsewhere():
    queue, event, latch = Queue(), Event(), Latch(1)

    def act():
        for call in (queue.put, queue.put_nowait, queue.get, queue.get_nowait, queue.close, queue.get_length, queue.unget,
                     event.set, event.wait, event.is_set, latch.count_down, latch.wait):
            with raises(RuntimeError):
                call()

    beside_a_loop(act)


@test("queues/who-cancels-or-is-dropped-loses-nothing")
def cancelled():
    queue = Queue()
    first, third = queue.get(), queue.get()
    with without_collector():
        queue.get()
    calls = seen(third)
    first.cancel()
    queue.put_nowait("item")
    assert calls == [("item", False)]
    first.add_errback(swallow)
    with without_collector():
        queue.get()
        queue.put_nowait("kept")
        assert queue.get_nowait() == "kept"


@each_loop("async-for-ends-when-it-is-closed")
async def async_for():
    queue, got = Queue(2), []

    async def consume():
        async for item in queue:
            got.append(item)
            await later()
        return "end"

    async def produce():
        for number in range(10):
            await queue.put(number)
            assert queue.get_length() <= 2
        queue.close()

    ends = await GDeferred.gather(consume(), produce(), consume())
    assert ends == ["end", None, "end"] and got == list(range(10))


@each_loop("cancelled-when-the-item-had-come-and-before-it-goes-on")
async def cancelled_when_granted(loop):
    for style in ("for", "get"):
        queue, got = Queue(), []

        async def iterates():
            async for item in queue:
                got.append(item)
                break

        async def gets():
            got.append(await queue.get())

        task = start(loop, iterates() if style == "for" else gets())
        await turns(2)
        queue.put_nowait("item")
        queue.put_nowait("next")
        task.cancel()
        end = await end_of(task)
        assert (end == "cancelled") == (got == []), (style, end, got)
        if loop != "ours":
            assert end == "cancelled"
        rest = [queue.get_nowait() for _ in range(queue.get_length())]
        assert got + rest == ["item", "next"], (got, rest)


@each_loop("nothing-is-lost-at-random")
async def at_random(loop):
    chance = random.Random(7)
    queue, got, tasks = Queue(3), [], []

    async def consume():
        async for item in queue:
            got.append(item)
            if chance.random() < 0.2:
                await turns(1)

    async def produce():
        for number in range(300):
            await queue.put(number)
            if chance.random() < 0.3:
                await turns(1)
            if chance.random() < 0.3:
                tasks.append(start(loop, consume()))
            if chance.random() < 0.5 and tasks:
                chance.choice(tasks).cancel()
        queue.close()

    tasks.append(start(loop, consume()))
    producer = start(loop, produce())
    last = start(loop, consume())
    assert await end_of(producer) is None and await end_of(last) is None
    ends = {await end_of(task) for task in tasks}
    assert ends <= {None, "cancelled"}, ends
    got += [queue.get_nowait() for _ in range(queue.get_length())]
    assert sorted(got) == list(range(300)), set(range(300)) ^ set(got)


@test("queues/a-lost-queue-tells-who-waits")
def lost():
    with without_collector():
        queue = Queue()
        calls = seen(queue.get())
        del queue
        settle()
        assert len(calls) == 1 and calls[0][1]


@test("queues/items-that-refer-to-their-queue-are-collected")
def rings():
    thing = Thing()
    gone = weakref.ref(thing)
    thing.queue = Queue()
    for item in (thing, [thing], lambda: thing):
        thing.queue.put_nowait(item)
    del thing, item
    for _ in range(3):
        gc.collect()
        settle()
    assert gone() is None


@test("queues/items-go-when-they-were-got-or-the-queue-goes")
def items_go():
    with without_collector():
        for drop in (lambda queue: queue.get(), lambda queue: queue.get_nowait(), lambda queue: None):
            thing = Thing()
            gone = weakref.ref(thing)
            queue = Queue()
            queue.put_nowait(thing)
            del thing
            assert gone() is not None
            drop(queue)
            if queue.get_length():
                del queue
            assert gone() is None, drop


@test("queues/an-item-outlives-its-queue")
def item_outlives_queue():
    with without_collector():
        for look in (lambda d: d.result, lambda d: seen(d)[0][0], lambda d: d.fork().result, lambda d: d.wait()):
            thing, queue = Thing(), Queue()
            waiting, relayed, other = queue.get(), queue.get(), D()
            relayed.chain_deferred(other)
            queue.put_nowait(thing)
            queue.put_nowait(thing)
            gone = weakref.ref(queue)
            del queue
            assert gone() is None and look(waiting) is thing and look(other) is thing
            early = Queue()
            early.put_nowait(thing)
            got = early.get()
            del early
            assert look(got) is thing


# --- events and latches ---

@each_loop("events")
async def events():
    event, trace = Event(), []
    waiting = [start_waiting(event, trace, i) for i in range(3)]
    assert not event.is_set() and trace == [] and event.get_n_waiting() == 3
    waiting[1].cancel()
    event.set()
    assert trace == [0, 2] and event.is_set()
    await event.wait()
    event.clear()
    last = event.wait()
    assert not event.is_set() and not last.called
    waiting[1].add_errback(swallow)
    last.add_errback(swallow)


def start_waiting(event, trace, name):
    return event.wait().add_callback(lambda _: trace.append(name))


@each_loop("latches")
async def latches():
    latch = Latch(2)
    calls = seen(latch.wait())
    latch.count_down()
    assert latch.get_count() == 1 and calls == []
    latch.count_down()
    assert len(calls) == 1
    await latch.wait()
    with raises(RuntimeError):
        latch.count_down()
    assert Latch(0).wait().called
    with raises(ValueError):
        Latch(-1)


# --- read-write locks ---

@each_loop("readers-and-writers")
async def readers_and_writers():
    lock, trace = RWLock(), []

    async def read(name):
        async with lock.reading():
            trace.append(f"{name} reads with {lock.get_n_readers()}")
            await later()

    async def write(name):
        async with lock.writing():
            assert lock.get_writing() and lock.get_n_readers() == 0
            trace.append(f"{name} writes")
            await later()

    await GDeferred.gather(read("a"), read("b"), write("c"), read("d"), read("e"), write("f"))
    assert trace == ["a reads with 1", "b reads with 2", "c writes", "d reads with 1", "e reads with 2", "f writes"]
    assert lock.get_n_readers() == 0 and not lock.get_writing()


@test("queues/read-write-lock/misuse-and-without-waiting")
def rw_misuse():
    lock = RWLock()
    for release in (lock.release_read, lock.release_write):
        with raises(RuntimeError):
            release()
    assert lock.try_acquire_read() and lock.try_acquire_read() and not lock.try_acquire_write()
    with raises(RuntimeError):
        lock.release_write()
    lock.release_read()
    lock.release_read()
    assert lock.run_read(lambda: lock.get_n_readers()).result == 1
    assert lock.run_write(lambda: lock.get_writing()).result is True
    assert lock.try_acquire_write()
    lock.release_write()


@each_loop("read-write-lock/cancelled-when-a-read-was-granted")
async def read_cancelled_when_granted(loop):
    lock = RWLock()
    await lock.acquire_write()

    async def body():
        async with lock.reading():
            pass

    task = start(loop, body())
    await turns(2)
    writer = lock.acquire_write()
    lock.release_write()
    task.cancel()
    await end_of(task)
    await turns(2)
    assert writer.called
    lock.release_write()
    assert lock.get_n_readers() == 0


@test("queues/traces-of-outcomes")
def traces():
    """That the helper tells failures."""
    trace = []
    outcomes(D.fail(ValueError()), trace, "a")
    assert trace == [("a", ValueError)]
    take_reports()


if __name__ == "__main__":
    sys.exit(main())
