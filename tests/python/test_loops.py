#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Looping calls on a virtual clock, and cooperative tasks."""

import gc
import sys
import weakref

from common import D, GDeferred, later, main, plays, raises, seen, settle, take_reports, test, without_collector
from gi.repository import Gio, GLib, GObject
from loops import beside_a_loop, never

Clock, LoopingCall, Cooperator = GDeferred.DeferredClock, GDeferred.DeferredLoopingCall, GDeferred.DeferredCooperator
CancelledError, cooperate = GDeferred.CancelledError, GDeferred.cooperate


class Thing:
    pass


def swallow(_exception):
    pass


def failure(d, kind=BaseException):
    """What it failed with, which counts as handled."""
    (value, failed), = seen(d)
    assert failed and (kind is BaseException or type(value) is kind), value
    return value


def timed(name):
    def register(body):
        def run():
            with Clock() as clock:
                body(clock)

        test(f"loops/{name}")(run)
        return body

    return register


# --- looping calls ---

@timed("looping-call/every-interval-until-it-is-stopped")
def every(clock):
    times, begin = [], clock.get_time()
    ticking = LoopingCall(lambda *args, **kwargs: times.append((round(clock.get_time() - begin, 6), args, kwargs)), 1, key=2)
    assert not ticking.running
    done = ticking.start(0.5)
    assert ticking.running and ticking.interval == 0.5 and len(times) == 1
    clock.advance(1.25)
    assert [time for time, _, _ in times] == [0, 0.5, 1] and times[0][1:] == ((1,), {"key": 2})
    assert not done.is_finished()
    ticking.stop()
    assert done.result is ticking and not ticking.running
    ticking.stop()
    clock.advance(5)
    assert len(times) == 3
    done = ticking.start(1, now=False)
    clock.advance(2)
    assert len(times) == 5
    ticking.stop()
    assert done.called and clock.get_calls() == []


@timed("looping-call/a-failure-ends-it")
def failing(clock):
    def fails():
        raise error

    error = ValueError()
    ticking = LoopingCall(fails)
    done = ticking.start(1)
    assert failure(done) is error and not ticking.running

    ticking = LoopingCall(lambda: GDeferred.call_later(0.5, fails))
    done = ticking.start(1)
    clock.advance(0.5)
    assert failure(done) is error and not ticking.running


@timed("looping-call/waits-for-what-the-function-returns-and-counts-what-it-skips")
def waits(clock):
    counts = []

    async def work(count, name):
        counts.append((count, name))
        await GDeferred.delay(2.5)

    ticking = LoopingCall.with_count(work, "a")
    done = ticking.start(1)
    clock.advance(6)
    assert counts == [(1, "a"), (3, "a"), (3, "a")] and ticking.n_skipped == 4
    ticking.stop()
    assert not done.is_finished() and not ticking.running
    clock.advance(5)
    assert done.result is ticking and len(counts) == 3


@timed("looping-call/late-calls")
def late(clock):
    counts = []
    ticking = LoopingCall.with_count(counts.append)
    ticking.start(1, now=False)
    clock.jump(3.2)
    clock.advance(0)
    assert counts == [3]
    clock.advance(0.8)
    assert counts == [3, 1]
    ticking.stop()


@timed("looping-call/reset")
def reset(clock):
    times = []
    ticking = LoopingCall(lambda: times.append(clock.get_time()))
    ticking.start(1)
    begin = clock.get_time()
    clock.advance(0.75)
    ticking.reset()
    clock.advance(1)
    assert [time - begin for time in times] == [0, 1.75]
    ticking.stop()
    ticking.reset()


@timed("looping-call/stopped-by-its-function")
def stops_itself(clock):
    times = []

    def work():
        times.append(clock.get_time())
        if len(times) == 3:
            ticking.stop()

    ticking = LoopingCall(work)
    done = ticking.start(1)
    clock.advance(10)
    assert len(times) == 3 and done.result is ticking


@timed("looping-call/cancelled")
def cancelled(clock):
    stopped = []
    ticking = LoopingCall(lambda: never(stopped.append))
    done = ticking.start(1)
    done.cancel()
    assert len(stopped) == 1 and not ticking.running and failure(done, CancelledError)
    done = LoopingCall(swallow, None).start(1)
    done.cancel()
    assert failure(done, CancelledError) and clock.get_calls() == []


@timed("looping-call/the-owner-of-its-deferred-goes")
def owner_goes(clock):
    owner, calls = GObject.Object(), []
    ticking = LoopingCall(calls.append, 1)
    done = ticking.start(1)
    done.bind_owner(owner)
    owner.run_dispose()
    settle()
    assert not ticking.running and clock.get_calls() == []
    ticking.start(1)
    assert calls == [1, 1]
    ticking.stop()


@timed("looping-call/started-twice-and-refused")
def refused(clock):
    ticking = LoopingCall(swallow, None)
    ticking.start(1)
    again = ticking.start(1)
    assert failure(again, GLib.Error).matches(Gio.io_error_quark(), Gio.IOErrorEnum.PENDING)
    assert ticking.running
    ticking.stop()
    for wrong in (-1, "often", None, float("nan")):
        with raises((TypeError, ValueError)):
            ticking.start(wrong)
    with raises(TypeError):
        LoopingCall(3)

    def act():
        with raises(RuntimeError):
            ticking.start(1)

    beside_a_loop(act)


@timed("looping-call/with-a-clock-of-its-own")
def own_clock(clock):
    other, calls = Clock(), []
    ticking = LoopingCall(calls.append, 1)
    ticking.clock = other
    ticking.start(1)
    clock.advance(5)
    assert len(calls) == 1
    other.advance(5)
    assert len(calls) == 6
    ticking.stop()


@timed("looping-call/an-hour")
def an_hour(clock):
    calls = []
    ticking = LoopingCall(calls.append, 1)
    ticking.start(0.5)
    clock.advance(3600)
    ticking.stop()
    assert len(calls) == 7201


@timed("looping-call/goes-on-by-itself-and-leaves-nothing")
def leaves_nothing(clock):
    class Owner:
        def __init__(self):
            self.calls = []
            self.ticking = LoopingCall(self.tick)

        def tick(self):
            self.calls.append(1)

    owner = Owner()
    calls, gone = owner.calls, weakref.ref(owner)
    owner.ticking.start(1)
    del owner
    gc.collect()
    clock.advance(2)
    assert len(calls) == 3
    gone().ticking.stop()
    gc.collect()
    assert gone() is None


@test("loops/looping-call/its-clock-is-dropped")
def clock_dropped():
    with without_collector():
        thing, clock = Thing(), Clock()
        gone = weakref.ref(thing)
        ticking = LoopingCall(lambda thing: None, thing)
        ticking.clock = clock
        errors = []
        ticking.start(1).add_errback(errors.append)
        ticking.clock = None
        del clock, thing, ticking
        settle()
        assert errors[0].matches(GDeferred.DeferredError.quark(), GDeferred.DeferredError.ABANDONED)
        assert gone() is None


# --- cooperative tasks ---

def counting(n, trace, name=None):
    for i in range(n):
        trace.append(name if name is not None else i)
        yield
    return n


@test("loops/cooperate/to-the-end-and-its-result")
def to_the_end():
    trace = []
    task = cooperate(counting(100, trace))
    assert trace == [], "never before it returns"
    assert task.when_done().wait() == 100 and trace == list(range(100))
    assert task.when_done().result == 100
    assert cooperate([1, 2, 3]).when_done().wait() is None


@test("loops/cooperate/waits-for-what-is-yielded")
def waits_for():
    got, d, thing = [], D(), Thing()

    async def coroutine():
        await later()
        got.append("coroutine")

    def steps():
        yield d
        got.append("after the first")
        yield coroutine()
        got.append("after the second")
        yield "nothing"
        yield D.succeed(thing)

    task = cooperate(steps())
    settle()
    assert got == []
    d.callback(thing)
    task.when_done().wait()
    assert got == ["after the first", "coroutine", "after the second"] and d.result is thing


@test("loops/cooperate/what-is-raised-is-what-it-fails-with")
def fails():
    error = ValueError()

    def raises_itself():
        yield
        raise error

    def waits_for_a_failure():
        yield later(error)

    for steps in (raises_itself, waits_for_a_failure):
        with raises(ValueError) as caught:
            cooperate(steps()).when_done().wait()
        assert caught.value is error
    with raises(TypeError):
        cooperate(3)


@test("loops/cooperate/pause-resume-and-stop")
def pauses():
    trace, stopped = [], []
    task = cooperate(counting(10 ** 9, trace))
    later(turns=2).wait()
    assert trace
    task.pause()
    task.pause()
    settle()
    n = len(trace)
    task.resume()
    settle()
    assert len(trace) == n
    task.resume()
    with raises(RuntimeError):
        task.resume()
    later(turns=3).wait()
    assert len(trace) > n
    done = task.when_done()
    task.stop()
    assert failure(done, CancelledError)
    task.stop()

    def waiting():
        yield never(stopped.append)

    task = cooperate(waiting())
    settle()
    done = task.when_done()
    task.stop()
    assert len(stopped) == 1 and failure(done, CancelledError)


@test("loops/cooperate/fair")
def fair():
    trace = []
    cooperator = Cooperator(budget=0.001)
    assert cooperator.get_budget() == 0.001
    tasks = [cooperator.cooperate(counting(50, trace, name)) for name in "ab"]
    assert cooperator.get_n_tasks() == 2
    GDeferred.gather(task.when_done() for task in tasks).wait()
    assert trace == ["a", "b"] * 50 and cooperator.get_n_tasks() == 0
    task = cooperator.cooperate(counting(10 ** 9, trace))
    done = task.when_done()
    cooperator.stop()
    assert failure(done, CancelledError)


@test("loops/cooperate/an-owner")
def owner():
    thing, trace = GObject.Object(), []
    task = cooperate(counting(10 ** 9, trace))
    task.bind_owner(thing)
    done = task.when_done()
    later().wait()
    thing.run_dispose()
    settle()
    assert failure(done, CancelledError)


@test("loops/cooperate/leaves-nothing")
def cooperate_leaves_nothing():
    with without_collector():
        thing = Thing()
        gone = weakref.ref(thing)
        task = cooperate(iter([None, None, thing]))
        task.when_done().wait()
        del thing, task
        settle()
        assert gone() is None

    def steps(thing):
        while thing:
            yield

    thing = Thing()
    gone = weakref.ref(thing)
    task = cooperate(steps(thing))
    task.pause()
    del thing, task
    gc.collect()
    settle()
    take_reports()
    assert gone() is None


@test("loops/cooperate/in-another-thread")
def elsewhere():
    cooperator = Cooperator()
    task = cooperator.cooperate([])

    def act():
        for call in (lambda: cooperator.cooperate([]), cooperator.stop, task.pause, task.stop, task.when_done):
            with raises(RuntimeError):
                call()

    beside_a_loop(act)
    settle()


@test("loops/ctrl-c-in-each")
def ctrl_c():
    for start in ("GDeferred.DeferredLoopingCall(interrupt).start(1, now=False)", "GDeferred.cooperate(steps())",
                  "GDeferred.call_later(0.001, interrupt)", "GDeferred.retry(interrupt)",
                  "GDeferred.DeferredTaskGroup().spawn(interrupt)", "GDeferred.map(interrupt, [1])"):
        plays(f"""
            def interrupt(*args):
                os.kill(os.getpid(), signal.SIGINT)
                raise KeyboardInterrupt

            def steps():
                yield
                interrupt()

            GDeferred.set_unhandled_error_hook(lambda error: None)
            try:
                kept = {start.replace("start(1,", "start(0.001,")}
                GLib.MainLoop().run()
            except KeyboardInterrupt:
                print("interrupted")
            """, prints="interrupted\n")


if __name__ == "__main__":
    sys.exit(main())
