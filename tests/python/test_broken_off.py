#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""What the override does when something breaks off its own code, or looks odd to it: no callback is lost or called twice,
and nothing is called for again for ever."""

import asyncio
import dataclasses
import os
import sys
import threading
import weakref
from unittest.mock import Mock

from common import D, GDeferred, GLib, in_thread, later, main, plays, raises, settle, take_reports, test, until

from gi.repository import Gio


def swallow(_):
    """An errback."""


def bearing(outcome):
    """What two further links see, when the callback before them does this."""
    seen = []
    d = D()
    d.add_callback(outcome)
    d.add_both(lambda value: seen.append((value, d.failed)))
    d.pause()
    d.callback(1)
    d.unpause()
    d.add_both(lambda value: seen.append((value, d.failed)))
    settle()
    assert len(seen) == 2 and seen[1] == (None, False), seen
    assert not d.paused
    return seen[0]


def raiser(exception):
    def callback(_):
        raise exception

    return callback


# --- odd exceptions ---


@dataclasses.dataclass(frozen=True)
class Frozen(Exception):
    number: int


class Strings(Exception):
    exceptions = ["not", "exceptions"]


class Number(Exception):
    exceptions = 5


class Hidden(Exception):
    __traceback__ = __cause__ = __context__ = property(lambda self: 1 / 0)


class OddCode(GLib.Error):
    code = "no number"

    def __init__(self):
        Exception.__init__(self)


class Messageless(GLib.Error):
    message = property(lambda self: 1 / 0)

    def __init__(self):
        Exception.__init__(self)


ODD = (Frozen(1), Strings("s"), Number("n"), Hidden("h"), OddCode(), Messageless())


@test("broken-off/odd-exceptions-are-failures-like-others")
def odd_exceptions():
    for exception in ODD:
        assert bearing(raiser(exception)) == (exception, True), type(exception)
        for d in (D.fail(exception), D().add_callback(raiser(exception)), GDeferred.maybe_deferred(raiser(exception), 1)):
            if not d.called:
                d.callback(1)
            fork, caught = d.fork(), []
            inner = D.succeed(1).add_callback(lambda _: d)
            for one in (inner, fork):
                one.add_errback(caught.append)
            assert caught == [exception] * 2, type(exception)


@test("broken-off/odd-exceptions-come-out-of-coroutines-threads-and-cancellers")
def odd_exceptions_elsewhere():
    async def body(exception):
        await later(1)
        raise exception

    for exception in ODD:
        for d in (D.from_coroutine(body(exception)), GDeferred.run_in_thread(raiser(exception), 1)):
            caught = []
            d.add_errback(caught.append)
            until(lambda: caught)
            assert caught == [exception]
        d = D(raiser(exception))
        d.add_errback(swallow)
        d.cancel()
        assert take_reports() == [exception]


@test("broken-off/an-odd-error-that-is-refused-leaves-nothing-behind")
def refused():
    d = D()
    d.callback("first")
    for exception in ODD:
        with raises(GDeferred.AlreadyCalledError):
            d.errback(exception)
    assert d.result == "first" and not d.failed


@test("broken-off/a-failure-whose-text-leaves-the-program")
def text_that_leaves():
    plays("""
        class Silent(Exception):
            def __str__(self):
                raise SystemExit(0)
        d = D()
        def fail(_): raise Silent
        d.add_callback(fail)
        try:
            d.callback(1)
        except SystemExit:
            print("left")
        d.add_both(lambda value: print(type(value).__name__, d.failed))
        d.add_both(print)
        """, prints="left\nSystemExit True\nNone\n")


@test("broken-off/what-says-nothing-or-lies-of-its-class")
def dead_proxies():
    class Thing:
        pass

    thing = Thing()
    proxy = weakref.proxy(thing)
    held, given = D.succeed(proxy), []
    del thing
    for value in (proxy, Mock(spec=D)):
        result, failed = bearing(lambda _: value)
        assert result is value and not failed

    held.fork().add_both(given.append)
    D.succeed(1).add_callback(lambda _: held).add_both(given.append)
    assert [type(value) for value in given] == [weakref.ProxyType] * 2


# --- the stack, and the program's end ---


@test("broken-off/no-stack-left")
def no_stack_left():
    """The recursion ends somewhere in our code or in theirs, at each depth; the links of each are run, once."""
    limit = sys.getrecursionlimit()
    made = []

    def pad(n, function):
        return pad(n - 1, function) if n else function()

    def step(depth):
        calls = []
        d = D()
        made.append((d, calls))
        d.add_callback(lambda value: step(value + 1) if value < 1000 else None)
        d.add_both(swallow).add_both(swallow)
        d.callback(depth)

    def start():
        for offset in range(20):
            made.clear()
            try:
                sys.setrecursionlimit(500)
                pad(offset, lambda: step(1))
            except RecursionError:
                pass
            finally:
                sys.setrecursionlimit(limit)
            until(lambda: not any(d.paused for d, _ in made))
            for d, calls in made:
                if not d.called:
                    d.callback(2000)
                d.add_both(calls.append).add_both(calls.append)
                assert len(calls) == 2, (offset, calls)

    plays_quietly(start)


def plays_quietly(function):
    """Python writes of a RecursionError at the door of our code."""
    stderr, sys.stderr = sys.stderr, open("/dev/null", "w")
    try:
        function()
    finally:
        sys.stderr.close()
        sys.stderr = stderr


@test("broken-off/an-exit-that-an-errback-handles-where-nobody-can-raise-it")
def exit_from_c():
    ended = []
    for fire_in_c in (False, True):
        d = D()
        if not fire_in_c:
            d.callback(1)
            d.pause()
        d.add_callback(raiser(KeyboardInterrupt())).add_errback(lambda _: "mended")
        if fire_in_c:
            in_thread(d.callback, 1)
        else:
            d.invoke(lambda d, *_: D.__mro__[1].unpause(d))
        plays_quietly(settle)
        d.add_both(lambda value: ended.append(value))
    assert ended == ["mended"] * 2


@test("broken-off/an-exit-comes-up-in-the-call-that-ran-the-callback")
def exit_from_chaining():
    for leave in (lambda d: D.succeed(1).chain_deferred(d), lambda d: d.link_cancellable(cancelled())):
        d = D(raiser(KeyboardInterrupt()))
        d.add_callback(raiser(KeyboardInterrupt())).add_errback(swallow)
        with raises(KeyboardInterrupt):
            leave(d)
        D.succeed(1).add_callback(swallow)


def cancelled():
    cancellable = Gio.Cancellable()
    cancellable.cancel()
    return cancellable


@test("broken-off/signals-at-any-moment-lose-no-callback")
def signals():
    plays("""
        import random, time
        armed = False
        def on_alarm(*_):
            if armed:
                raise KeyboardInterrupt
        signal.signal(signal.SIGALRM, on_alarm)
        rng = random.Random(1)

        def bad(_):
            raise ValueError

        def use(d):
            d.add_callback(bad).add_errback(id).add_callback(id).add_callback(bad).add_callback(id).add_errback(id)
            d.callback(0)
            d.add_both(id)

        sys.stderr = open(os.devnull, "w")  # Python writes of those that come at the door of our code.
        context = GLib.MainContext.default()
        n_hits = n_lost = 0
        end = time.monotonic() + 6
        while n_hits < 100 and time.monotonic() < end:
            d, calls = D(), []
            try:
                signal.setitimer(signal.ITIMER_REAL, rng.uniform(5e-6, 150e-6))
                armed = True
                use(d)
                armed = False
            except KeyboardInterrupt:
                armed = False
                n_hits += 1
            signal.setitimer(signal.ITIMER_REAL, 0)
            d.add_both(calls.append)
            if not d.called:
                d.callback(0)
            while d.paused:
                context.iteration(True)
            n_lost += len(calls) != 1
        print(n_hits > 50, n_lost, flush=True)
        os._exit(0)  # One that a signal has torn apart may be left for the interpreter's own end.
        """, prints="True 0\n")


# --- waiting that is broken off ---


@test("broken-off/a-failure-after-the-wait-was-broken-off-is-reported")
def broken_wait():
    plays("""
        reported = []
        GDeferred.set_unhandled_error_hook(lambda error: print("reported", repr(error)))
        d = D()
        GLib.idle_add(signal.raise_signal, signal.SIGINT)
        try:
            d.wait()
        except KeyboardInterrupt:
            print("broken off")
        d.errback(ValueError("late"))
        del d
        while GLib.MainContext.default().iteration(False):
            pass
        """, prints="broken off\nreported ValueError('late')\n")


@test("broken-off/a-failure-after-the-future-was-done-is-reported")
def broken_future():
    async def body():
        d = D(lambda d: d.errback(ValueError("late")))
        d.as_future().cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(body())
    reports = take_reports()
    assert len(reports) == 1 and isinstance(reports[0], ValueError)


@test("broken-off/asyncio-goes-on-after-ctrl-c")
def asyncio_goes_on():
    plays("""
        import asyncio, ctypes
        kill = ctypes.CDLL(None).kill
        signal.signal(signal.SIGINT, signal.default_int_handler)
        loop = asyncio.new_event_loop()
        d = D()
        async def broken():
            GLib.idle_add(kill, os.getpid(), int(signal.SIGINT))
            return await d
        task = loop.create_task(broken())
        try:
            loop.run_until_complete(task)
        except KeyboardInterrupt:
            print("broken off")
        threading.Thread(target=d.callback, args=("went on",)).start()
        print(loop.run_until_complete(asyncio.wait_for(task, 30)))
        loop.close()
        """, prints="broken off\nwent on\n")


# --- other threads ---


@test("broken-off/a-generator-is-told-that-it-cannot-wait-here")
def generator_elsewhere():
    ready, release = threading.Event(), threading.Event()
    made = []

    def live():
        context = GLib.MainContext.new()
        context.push_thread_default()
        made.append(D())
        ready.set()
        release.wait(60)
        context.pop_thread_default()

    thread = threading.Thread(target=live, daemon=True)
    thread.start()
    assert ready.wait(60)
    foreign, near, caught = made[0], D(), []

    @GDeferred.inline_callbacks
    def body():
        yield near
        try:
            yield foreign
        except RuntimeError as error:
            caught.append(error)
        return "done"

    d = body()
    near.callback("near")
    assert d.result == "done" and len(caught) == 1
    assert near.result == "near" and not near.failed

    async def futures():
        with raises(RuntimeError):
            foreign.as_future()

    asyncio.run(futures())
    release.set()
    thread.join(60)


@test("broken-off/a-canceller-that-another-thread-sets")
def canceller_elsewhere():
    context = GLib.MainContext.default()
    assert context.acquire()
    try:
        called = []
        d = in_thread(lambda: D(called.append))
        assert not called
        d.cancel()
        assert called == [d]
        d.add_errback(swallow)
    finally:
        context.release()


@test("broken-off/a-home-that-moves-to-another-thread")
def moved():
    context = GLib.MainContext.new()
    context.push_thread_default()
    calls = []
    d = D(calls.append)
    d.add_callback(calls.append)
    context.pop_thread_default()
    moved_on, release = threading.Event(), threading.Event()

    def take_over():
        context.push_thread_default()
        d.invoke(lambda *_: None)
        while context.iteration(False):
            pass
        moved_on.set()
        release.wait(60)
        d.callback(1)
        d.add_callback(lambda _: calls.append(2))
        context.pop_thread_default()

    thread = threading.Thread(target=take_over, daemon=True)
    thread.start()
    assert moved_on.wait(60)
    with raises(RuntimeError):
        d.add_callback(calls.append)
    release.set()
    thread.join(60)
    assert calls == [1, 2]


@test("broken-off/what-is-asked-for-again-follows-to-another-home")
def asked_again():
    asked = []

    def dispatcher(*_):
        asked.append(threading.current_thread())
        return len(asked) > 1

    d = D.succeed(1)
    d.add_dispatched(D.register_dispatcher(dispatcher, None), False)
    assert len(asked) == 1 and d.paused
    context = GLib.MainContext.new()
    d.hand_over(context)

    def live():
        context.push_thread_default()
        until(lambda: len(asked) == 2, context)
        context.pop_thread_default()
        done.append(True)
        GLib.MainContext.default().wakeup()

    done = []
    thread = threading.Thread(target=live, daemon=True)
    thread.start()
    until(lambda: done)
    thread.join(60)
    assert asked == [threading.current_thread(), thread]


@test("broken-off/a-coroutine-that-awaits-itself")
def awaits_itself():
    first = D()

    async def body():
        await first
        await d

    d = D.from_coroutine(body())
    caught = []
    first.callback()
    d.add_errback(caught.append)
    assert caught and caught[0].matches(GDeferred.DeferredError.quark(), GDeferred.DeferredError.LOOP)


@test("broken-off/callbacks-nested-too-deeply-fail-and-lose-nothing")
def nested():
    def nest(n):
        return D.succeed(n).add_callback(lambda left: nest(left - 1) if left else "bottom")

    for depth in (50, 240, 260, 300, 400, 900):
        try:
            assert nest(depth).wait() == "bottom"
        except RecursionError:
            assert depth > 100


if __name__ == "__main__":
    failed = main()
    sys.stdout.flush()
    # A KeyboardInterrupt that PyGObject printed, as some here are to be, is what newer Pythons say at the end that they died of.
    os._exit(failed)
