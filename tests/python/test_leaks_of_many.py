#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""What stands on Deferreds takes no more memory the longer it is used, and goes when nobody needs it: by its references
alone where there is no ring, by the collector where there is."""

import functools
import gc
import sys
import weakref

from common import D, GDeferred, main, settle, take_reports, test, without_collector
from gi.repository import GObject
from growth import does_not_grow

CLOCK = GDeferred.DeferredClock()


class Thing:
    pass


def swallow(_exception):
    pass


# --- long runs ---

LOCK, TOKENS, RW_LOCK = GDeferred.DeferredLock(), GDeferred.DeferredSemaphore(2), GDeferred.DeferredRWLock()
QUEUE, EVENT = GDeferred.DeferredQueue(), GDeferred.DeferredEvent()
RETRY = GDeferred.DeferredRetry(max_attempts=2, initial_delay=1, clock=CLOCK)
CACHE = GDeferred.DeferredCache(lambda key: [key], max_size=10, max_age=1000, clock=CLOCK)
DEBOUNCE, THROTTLE = GDeferred.DeferredDebounce(1, clock=CLOCK), GDeferred.DeferredThrottle(1, clock=CLOCK)


def work(value):
    return [value]


def failing(value):
    raise ValueError(value)


async def coroutine(value):
    await D.succeed()
    return [value]


def gather(i):
    parts = [D(), D.succeed([i]), coroutine(i)]
    GDeferred.gather(parts)
    parts[0].callback("text")


def failing_gather(i):
    GDeferred.gather(D.fail(ValueError()), D(swallow), cancel_rest=True).add_errback(swallow)


def race_any_settled(i):
    GDeferred.race(D(), D.succeed([i]))
    GDeferred.any(D.fail(ValueError()), D.fail(KeyError())).add_errback(swallow)
    GDeferred.settled(D.fail(ValueError()), D.succeed([i]))
    GDeferred.DeferredList([D.succeed(i)])


def map_items(i):
    GDeferred.map(work, range(3), limit=2)
    GDeferred.map(coroutine, [i])
    GDeferred.map(failing, [i]).add_errback(swallow)


def group(i):
    tasks = GDeferred.DeferredTaskGroup()
    tasks.spawn(work, i)
    tasks.spawn(coroutine, i)
    tasks.spawn(failing, i)
    tasks.close().add_errback(swallow)
    if i % 100 == 0:
        settle()


async def within(i):
    async with LOCK, TOKENS, RW_LOCK.reading():
        await D.succeed()


def locks(i):
    held = LOCK.acquire()
    waiting = LOCK.run(work, i)
    cancelled = LOCK.acquire()
    cancelled.cancel()
    LOCK.release()
    TOKENS.run(failing, i).add_errback(swallow)
    RW_LOCK.run_write(coroutine, i)
    D.from_coroutine(within(i))
    del held, waiting


def queue(i):
    QUEUE.put([i])
    QUEUE.get()
    waiting = QUEUE.get().add_callback(work)
    QUEUE.put([i])
    QUEUE.put_nowait("text")
    QUEUE.get_nowait()
    del waiting


def timers(i):
    GDeferred.delay(1, CLOCK).add_callback(work)
    CLOCK.call_later(1, work, i)
    D().add_timeout(1, CLOCK).add_errback(swallow)
    D().add_timeout(1, CLOCK).callback()
    CLOCK.get_calls()
    CLOCK.advance(2)


def retry(i):
    RETRY.run(failing, i).add_errback(swallow)
    RETRY.run(coroutine, i)
    CLOCK.advance(10)


def cache(i):
    CACHE.get(i)
    CACHE.get(i % 5).add_callback(work)


def paces(i):
    for pace in DEBOUNCE, THROTTLE:
        pace.run(work, i).add_errback(swallow)
        pace.run(coroutine, i).add_errback(swallow)
    CLOCK.advance(2)


for once in (gather, failing_gather, race_any_settled, map_items, group, locks, queue, timers, retry, cache, paces):
    test(f"leaks/a-loop-does-not-grow/{once.__name__.replace('_', '-')}")(functools.partial(does_not_grow, 2000, once))


# Each leaks 112 bytes in PyGObject 3.42, which keeps something of every function that C frees later.

def looping_call(i):
    ticking = GDeferred.DeferredLoopingCall(work, i)
    ticking.clock = CLOCK
    ticking.start(1)
    CLOCK.advance(3)
    ticking.stop()


def cooperate(i):
    GDeferred.cooperate(iter([None, [i]]))
    if i % 100 == 0:
        settle()


for once in (looping_call, cooperate):
    test(f"leaks/a-loop-hardly-grows/{once.__name__.replace('_', '-')}")(
        functools.partial(does_not_grow, 2000, once, bytes_each=200))


# --- what goes, and when ---

def made():
    """By name, what makes something that holds a thing, and what is then to be kept until it goes."""
    yield "gather", lambda thing: GDeferred.gather(D.succeed(thing))
    yield "failed-gather", lambda thing: GDeferred.gather(D(), D().add_callback(lambda _, thing: None, thing))
    yield "map", lambda thing: GDeferred.map(lambda item: [thing], [thing])
    yield "cancelled-map", lambda thing: GDeferred.map(lambda item: D(lambda d: thing), [thing]).cancel()
    yield "group", lambda thing: GDeferred.DeferredTaskGroup().spawn(lambda thing: [thing], thing)
    yield "lock", lambda thing: GDeferred.DeferredLock().run(lambda thing: [thing], thing)
    yield "held-lock", lambda thing: (lock := GDeferred.DeferredLock(), lock.acquire(),
                                      lock.acquire().add_callback(lambda _, thing: None, thing).add_errback(swallow))
    yield "queue", lambda thing: GDeferred.DeferredQueue().put(thing)
    yield "call-later", lambda thing: GDeferred.DeferredClock().call_later(1, swallow, thing).add_errback(swallow)
    yield "retry", lambda thing: GDeferred.retry(lambda thing: [thing], thing)
    yield "waiting-retry", waiting_retry
    yield "cache", lambda thing: GDeferred.DeferredCache(lambda key: [thing]).get(1)
    yield "debounce", lambda thing: GDeferred.DeferredDebounce(1).run(work, thing).add_errback(swallow)
    yield "looping-call", lambda thing: GDeferred.DeferredLoopingCall(work, thing)
    yield "running-looping-call", running_looping_call
    yield "cooperate", lambda thing: GDeferred.cooperate(iter([thing])).when_done().wait()


def waiting_retry(thing):
    with GDeferred.DeferredClock():
        GDeferred.retry(failing, thing).add_errback(swallow)


def running_looping_call(thing):
    ticking = GDeferred.DeferredLoopingCall(swallow, thing)
    ticking.clock = GDeferred.DeferredClock()
    ticking.start(1).add_errback(swallow)


def goes(make):
    with without_collector():
        thing = Thing()
        gone = weakref.ref(thing)
        kept = make(thing)
        del thing, kept
        settle()
        assert gone() is None
    take_reports()


for name, make in made():
    test(f"leaks/goes-by-its-references/{name}")(functools.partial(goes, make))


# Rings: a thing that has what calls back to it. What goes by way of a wait in C no collector sees; see docs/python.md.

def rings():
    def lock(thing):
        thing.lock = GDeferred.DeferredLock()
        thing.lock.run(lambda: thing)

    def queue(thing):
        thing.queue = GDeferred.DeferredQueue()
        thing.queue.put([thing])
        thing.queue.put(GObject.Object())

    def cache(thing):
        thing.cache = GDeferred.DeferredCache(lambda key: thing)
        thing.cache.get(1)

    def retry(thing):
        thing.policy = GDeferred.DeferredRetry(when=lambda error, attempt: thing)
        thing.policy.run(lambda: thing)

    def paces(thing):
        thing.debounce, thing.throttle = GDeferred.DeferredDebounce(1), GDeferred.DeferredThrottle(1)
        for pace in thing.debounce, thing.throttle:
            pace.run(lambda: thing).add_errback(lambda _: thing)
            pace.cancel()

    def looping_call(thing):
        thing.ticking = GDeferred.DeferredLoopingCall(lambda: thing)
        thing.ticking.start(10)
        thing.ticking.stop()

    def group(thing):
        thing.group = GDeferred.DeferredTaskGroup()
        thing.group.spawn(lambda: D(lambda _: thing)).add_errback(lambda _: thing)

    return lock, queue, cache, retry, paces, looping_call, group


def is_collected(make):
    thing = Thing()
    gone = weakref.ref(thing)
    make(thing)
    del thing
    for _ in range(5):
        gc.collect()
        take_reports()
    assert gone() is None


for make in rings():
    test(f"leaks/the-collector-finds/{make.__name__.replace('_', '-')}")(functools.partial(is_collected, make))


if __name__ == "__main__":
    sys.exit(main())
