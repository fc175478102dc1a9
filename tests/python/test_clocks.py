#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Clocks, delays and time-outs. None of it waits."""

import sys
import weakref

from common import D, GDeferred, later, main, raises, seen, settle, take_reports, test, without_collector
from gi.repository import GLib
from loops import beside_a_loop, end_of, never, run_plain, start, turns

Clock = GDeferred.DeferredClock
CancelledError, TimeoutError = GDeferred.CancelledError, GDeferred.TimeoutError


class Thing:
    pass


def swallow(_exception):
    pass


def failure(d):
    """What it failed with, which counts as handled."""
    (value, failed), = seen(d)
    assert failed, value
    return value


def timed(name):
    """With a virtual clock, which is the current one."""
    def register(body):
        def run():
            with Clock() as clock:
                body(clock)

        test(f"clocks/{name}")(run)
        return body

    return register


# --- clocks ---

@timed("stands-still-until-it-is-advanced")
def stands_still(clock):
    start = clock.get_time()
    assert clock.is_virtual() and isinstance(start, float)
    clock.advance(1.5)
    assert clock.get_time() == start + 1.5
    clock.pump([1, 0.25, 2])
    assert clock.get_time() == start + 4.75
    clock.jump(10)
    assert clock.get_time() == start + 14.75


@timed("calls-in-order-each-at-its-time")
def calls_in_order(clock):
    trace, start = [], clock.get_time()
    for delay in (2, 1, 3, 1):
        clock.call_later(delay, lambda delay: trace.append((delay, clock.get_time() - start)), delay)
    assert [call.get_time() - start for call in clock.get_calls()] == [1, 1, 2, 3]
    clock.advance(2)
    assert trace == [(1, 1), (1, 1), (2, 2)]
    (call,) = clock.get_calls()
    assert call.is_pending()
    assert call.reset(5) and call.get_time() == start + 7
    clock.advance(4.5)
    assert len(trace) == 3
    assert call.cancel() and not call.is_pending() and not call.cancel() and clock.get_calls() == []
    take_reports()  # that nobody is left to fire its Deferred


@timed("a-call-may-raise-or-cancel-or-call")
def calls_within_calls(clock):
    trace = []

    def fails():
        raise ValueError()

    failing = clock.call_later(1, fails)
    clock.call_later(1, lambda: trace.append("other"))
    clock.call_later(1, lambda: clock.call_later(1, trace.append, "inner"))
    clock.advance(3)
    assert trace == ["other", "inner"] and type(failing.result) is ValueError
    failing.add_errback(swallow)


@test("clocks/scopes-nest")
def scopes():
    system = Clock.get_current()
    assert not system.is_virtual()
    outer, inner = Clock(), Clock()
    with outer as got:
        assert got is outer and Clock.get_current() is outer
        with inner:
            assert Clock.get_current() is inner
            d = GDeferred.delay(1)
        assert Clock.get_current() is outer
        try:
            with inner:
                raise ValueError()
        except ValueError:
            pass
        assert Clock.get_current() is outer
        explicit = GDeferred.delay(1, clock=inner)
    assert Clock.get_current() is system or not Clock.get_current().is_virtual()
    outer.advance(1)
    assert not d.called
    inner.advance(1)
    assert d.called and explicit.called


@timed("seconds-of-any-number")
def numbers(clock):
    for good in (0, 1, 0.5, True, 10 ** 9):
        d = GDeferred.delay(good)
        clock.advance(good)
        assert d.called
    for wrong in (-1, -0.001, float("nan"), float("inf"), 1e300, "1", None, [1]):
        for function in (GDeferred.delay, GDeferred.delay_until, clock.advance, D().add_timeout, D().add_deadline,
                         lambda seconds: GDeferred.call_later(seconds, list)):
            with raises((TypeError, ValueError)):
                function(wrong)
    with raises(TypeError):
        GDeferred.call_later(1, 3)
    with raises(TypeError):
        GDeferred.delay(1, clock="clock")


@test("clocks/the-systems-passes-by-itself")
def system_clock():
    clock = Clock.get_current()
    before = clock.get_time()
    GDeferred.delay(0.002).wait()
    assert 0.002 <= clock.get_time() - before < 10
    for function in (clock.advance, clock.jump):
        with raises(RuntimeError):
            function(1)


@test("clocks/in-another-thread")
def elsewhere():
    clock, d = Clock(), D()

    def act():
        for call in (lambda: clock.advance(1), lambda: clock.get_calls(), lambda: clock.push(), lambda: GDeferred.delay(1),
                     lambda: GDeferred.call_later(1, list), lambda: d.add_timeout(1), lambda: d.add_deadline(1)):
            with raises(RuntimeError):
                call()

    beside_a_loop(act)


# --- delays ---

@timed("delay")
def delay(clock):
    d = GDeferred.delay(1)
    calls = seen(d)
    clock.advance(0.999)
    assert calls == []
    clock.advance(0.001)
    assert calls == [(None, False)]
    d = GDeferred.delay(0)
    assert not d.called
    clock.advance(0)
    assert d.called
    d = GDeferred.delay_until(clock.get_time() + 2)
    clock.advance(2)
    assert d.called
    d = GDeferred.delay(1)
    d.cancel()
    assert clock.get_calls() == [] and type(d.result) is CancelledError


@timed("call-later")
def call_later(clock):
    thing, trace = Thing(), []

    async def work(*args, **kwargs):
        trace.append((args, kwargs))
        await GDeferred.delay(1)
        return thing

    d = GDeferred.call_later(1, work, 1, key=2)
    clock.advance(1)
    assert trace == [((1,), {"key": 2})] and not d.is_finished()
    clock.advance(1)
    assert d.result is thing
    d = GDeferred.call_later(1, trace.append, "never")
    d.cancel()
    clock.advance(2)
    assert len(trace) == 1 and type(d.result) is CancelledError
    stopped = []
    d = GDeferred.call_later(1, lambda: never(stopped.append))
    clock.advance(1)
    d.cancel()
    assert len(stopped) == 1


@timed("a-delay-that-is-dropped-comes-all-the-same")
def dropped_delay(clock):
    with without_collector():
        trace = []
        GDeferred.delay(1).add_callback(trace.append)
        clock.advance(1)
        assert trace == [None]


# --- time-outs ---

@timed("timeout/disarmed-by-a-result")
def disarmed(clock):
    d = D()
    assert d.add_timeout(1) is d
    d.callback("in time")
    assert clock.get_calls() == []
    clock.advance(2)
    assert d.result == "in time"


@timed("timeout/cancels-and-fails-with-timeout-error")
def times_out(clock):
    cancelled = []
    d = D(cancelled.append).add_timeout(1)
    calls = seen(d)
    clock.advance(1)
    assert cancelled == [d] and len(calls) == 1 and type(calls[0][0]) is TimeoutError


@timed("timeout/the-canceller-may-answer")
def canceller_answers(clock):
    d = D(lambda d: d.callback("partial")).add_timeout(1)
    error = ValueError()
    failing = D(lambda d: d.errback(error)).add_timeout(1)
    clock.advance(1)
    assert d.result == "partial" and failing.result is error
    failing.add_errback(swallow)


@timed("timeout/an-earlier-cancel-stays-one")
def earlier_cancel(clock):
    d = D().add_timeout(1)
    d.cancel()
    assert type(d.result) is CancelledError
    clock.advance(2)
    assert type(d.result) is CancelledError and clock.get_calls() == []


@timed("timeout/of-a-coroutine")
def of_a_coroutine(clock):
    trace = []

    async def body():
        try:
            await GDeferred.delay(10)
        finally:
            trace.append("cleaned up")

    d = D.from_coroutine(body()).add_timeout(1)
    clock.advance(1)
    assert trace == ["cleaned up"] and type(failure(d)) is TimeoutError

    async def outer():
        await D.from_coroutine(body()).add_timeout(5)

    d = D.from_coroutine(outer())
    d.cancel()
    assert type(d.result) is CancelledError, "an outer cancel is none of the time-out"
    clock.advance(10)


@timed("timeout/deadlines")
def deadlines(clock):
    d = D().add_deadline(clock.get_time() + 3)
    clock.advance(2.5)
    assert not d.called
    clock.advance(0.5)
    assert type(failure(d)) is TimeoutError


@timed("timeout/with-a-clock-of-its-own")
def own_clock(clock):
    other = Clock()
    d = D().add_timeout(1, clock=other)
    clock.advance(5)
    assert not d.called
    other.advance(1)
    assert type(failure(d)) is TimeoutError


@test("clocks/timeout/awaited-under-asyncio")
def under_asyncio():
    async def body():
        with raises(TimeoutError):
            await D().add_timeout(0.001)
        task = start("plain", waits())
        await turns(1)
        task.cancel()
        assert await end_of(task) == "cancelled"

    async def waits():
        await never().add_timeout(100)

    run_plain(body())


# --- an hour ---

@timed("an-hour-of-it")
def an_hour(clock):
    trace = []

    async def poll():
        while True:
            try:
                await fetch().add_timeout(10)
            except TimeoutError:
                trace.append("late")
            await GDeferred.delay(50)

    def fetch():
        return GDeferred.delay(60 if len(trace) % 2 else 5)

    d = D.from_coroutine(poll())
    clock.advance(3600)
    d.cancel()
    assert len(trace) in range(0, 66) and clock.get_calls() == []
    d.add_errback(swallow)


# --- what is left ---

@test("clocks/a-clock-that-is-dropped")
def dropped_clock():
    with without_collector():
        clock, thing = Clock(), Thing()
        gone, thing_gone = weakref.ref(clock), weakref.ref(thing)
        errors = []
        GDeferred.delay(1, clock=clock).add_callback(lambda _, thing: None, thing).add_errback(errors.append)
        del thing, clock
        settle()
        assert gone() is None and thing_gone() is None
        assert errors[0].matches(GDeferred.DeferredError.quark(), GDeferred.DeferredError.ABANDONED)


if __name__ == "__main__":
    sys.exit(main())
