#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""What is wrong is an exception, at once and in words; what is odd does no harm."""

import gc
import sys
import weakref

from common import (D, GDeferred, RAW, State, later, main, raises, seen, settle, take_reports, test, until,
                    without_collector)
from gi.repository import GLib


class Thing:
    pass


def swallow(_exception):
    pass


def is_as_new(d):
    calls = seen(d)
    d.callback("v")
    return calls == [("v", False)]


# --- arguments ---

@test("bad/callbacks-that-cannot-be-called")
def not_callable():
    for wrong in (3, "name", [], object(), D()):
        for d in (D(), D().add_callback(lambda v: v)):
            for add in (d.add_callback, d.add_errback, d.add_both, d.add_callbacks, lambda f: d.add_callbacks(None, f),
                        lambda f: d.add_callbacks(f, swallow), lambda f: d.add_errback(f, when=ValueError)):
                with raises(TypeError, type(wrong).__name__):
                    add(wrong)
            assert is_as_new(d)
        with raises(TypeError):
            D(wrong)
        for start in (GDeferred.maybe_deferred, GDeferred.run, GDeferred.inline_callbacks):
            with raises(TypeError):
                start(wrong)
    for add in (D().add_callback, D().add_errback, D().add_both):
        with raises(TypeError):
            add(None)


@test("bad/wrong-numbers-of-arguments-in-the-call")
def wrong_numbers():
    d = D()
    for wrong in (lambda: d.add_callback(), lambda: d.add_errback(), lambda: d.add_both(), lambda: d.add_callbacks(),
                  lambda: d.callback(1, 2), lambda: d.errback(), lambda: d.chain_deferred(), lambda: d.fork(1),
                  lambda: d.add_callbacks(swallow, swallow, nonsense=1), lambda: D(None, None), lambda: D.fail(),
                  lambda: GDeferred.maybe_deferred(), lambda: GDeferred.run(), lambda: GDeferred.run_in_thread(),
                  lambda: D.from_coroutine(), lambda: GDeferred.ensure_deferred(), lambda: d.cancel(1)):
        with raises(TypeError):
            wrong()
    assert is_as_new(d)


@test("bad/a-callback-with-another-number-of-arguments-fails-the-chain")
def callback_of_another_arity():
    for wrong in (lambda: None, lambda a, b: None, lambda *, v: None):
        d = D.succeed(1).add_callback(wrong)
        assert type(d.result) is TypeError and d.failed
        d.add_errback(swallow)


@test("bad/arguments-that-cannot-be-passed-on")
def odd_arguments():
    for add in (lambda d: d.add_callbacks(swallow, None, 3), lambda d: d.add_callbacks(swallow, None, (), 3),
                lambda d: d.add_callbacks(None, swallow, errback_args=3),
                lambda d: d.add_callbacks(swallow, None, (), {1: 2})):
        d = D()
        try:
            add(d)
        except TypeError:
            assert is_as_new(d)
            continue
        d.callback(1)
        assert d.result == 1 or type(d.result) is TypeError
        d.add_errback(swallow)


@test("bad/what-is-no-exception-is-no-failure")
def no_exceptions():
    d = D()
    for wrong in (None, 3, "text", ValueError, D(), object()):
        with raises(TypeError):
            d.errback(wrong)
        with raises(TypeError):
            D.fail(wrong)
    assert is_as_new(d)


@test("bad/results-and-states-cannot-be-set")
def cannot_be_set():
    d = D()
    for name in ("result", "failed", "called", "state", "paused"):
        with raises(AttributeError):
            setattr(d, name, 1)
    assert is_as_new(d)


@test("bad/chaining-to-itself-or-to-nothing")
def bad_chaining():
    d = D()
    for wrong in (None, 3, d):
        with raises((TypeError, ValueError)):
            d.chain_deferred(wrong)
    assert is_as_new(d)


@test("bad/progress")
def bad_progress():
    d = D()
    for wrong in (1.5, -0.5, float("nan")):
        with raises((ValueError, TypeError)):
            d.set_progress(wrong, None)
    assert is_as_new(d)


@test("bad/derived-classes-that-forget-super")
def forgot_super():
    class Forgetful(D):
        def __init__(self):
            self.mine = 1

    d = Forgetful()
    assert d.mine == 1
    for use in (lambda: d.callback("v"), d.cancel, lambda: d.called):
        with raises(RuntimeError, "not initialized"):
            use()


@test("bad/copies")
def copies():
    import copy
    import pickle

    d = D.succeed("v")
    for attempt in (lambda: copy.copy(d), lambda: pickle.dumps(d)):
        try:
            attempt()
        except Exception:
            pass
    assert d.result == "v"


# --- re-entrancy ---

@test("reentry/a-callback-that-does-everything-to-its-own")
def everything_at_once():
    calls = []
    d = D()

    def wild(value):
        calls.append(value)
        d.add_callback(lambda v: calls.append(("added", v)))
        with raises(GDeferred.AlreadyCalledError):
            d.callback("again")
        d.cancel()
        d.pause()
        d.unpause()
        settle()
        gc.collect()
        forks.append(d.fork())
        return "next"

    forks = []
    d.add_callback(wild)
    d.callback("v")
    assert calls == ["v", ("added", "next")] and forks[0].called


@test("reentry/the-last-reference-goes-inside-a-callback")
def last_reference_inside():
    with without_collector():
        calls, box = [], [D()]
        gone = weakref.ref(box[0])
        box[0].add_callback(lambda v: box.clear() or gc.collect() or calls.append(v) or "next")
        box[0].add_callback(calls.append)
        fire = box[0].callback
        fire("v")
        del fire
        assert calls == ["v", "next"] and gone() is None and not box


@test("reentry/the-last-reference-goes-while-c-calls")
def last_reference_in_c():
    with without_collector():
        calls, box = [], [D()]
        first = D()
        first.chain_deferred(box[0])
        box[0].add_callback(lambda v: box.clear() or calls.append(v) or "next")
        box[0].add_callback(calls.append)
        first.callback("v")
        assert calls == ["v", "next"]


@test("reentry/a-nested-main-loop-inside-a-callback")
def nested_loop():
    trace = []

    def nested(value):
        loop = GLib.MainLoop()
        GLib.idle_add(lambda: other.callback("other") or loop.quit())
        loop.run()
        trace.append(value)
        return "next"

    d, other = D(), D()
    other.add_callback(lambda v: (trace.append(v), d.add_callback(lambda v: trace.append(v))))
    d.add_callback(nested)
    d.callback("nested")
    assert trace == ["other", "nested", "next"]


@test("reentry/waiting-inside-a-callback")
def waiting_inside():
    d = D().add_callback(lambda v: later(v + 1).wait() + GDeferred.run(lambda: later(10)))
    d.callback(1)
    assert d.result == 12


@test("reentry/waiting-for-itself-does-not-hang")
def waiting_for_itself():
    d = D()

    def own(_):
        with raises((GLib.Error, RuntimeError)):
            d.wait()
        return "went on"

    d.add_callback(own)
    d.callback()
    assert d.result == "went on"


@test("reentry/cancelled-inside-its-inner-ones-callback")
def cancel_inside_inner():
    inner = D()
    outer = D.succeed().add_callback(lambda _: inner)
    inner.add_callback(lambda v: outer.cancel() or v)
    outer.add_both(lambda v: v)
    inner.callback("v")
    assert outer.called and outer.state in (State.SUCCEEDED, State.FAILED, State.WAITING)
    outer.add_errback(swallow)


@test("reentry/firing-another-that-fires-the-first")
def mutual_firing():
    a, b, trace = D(), D(), []
    a.add_callback(lambda v: b.callback("b") or trace.append(v))
    b.add_callback(lambda v: trace.append(v) or a.add_callback(lambda _: trace.append("late")))
    a.callback("a")
    assert trace == ["b", "a", "late"]


@test("reentry/a-result-whose-end-uses-the-chain")
def dying_in_the_chain():
    class Last:
        def __init__(self, d):
            self.d = d

        def __del__(self):
            self.d.add_callback(lambda v: trace.append(("from __del__", v)))
            self.d.pause()
            self.d.unpause()
            try:
                self.d.callback("again")
            except GDeferred.AlreadyCalledError:
                trace.append("refused")

    trace = []
    d = D()
    d.add_callback(lambda v: "next").add_callback(lambda v: trace.append(v))
    d.callback(Last(d))
    settle()
    gc.collect()
    assert "next" in trace and "refused" in trace and ("from __del__", None) in trace, trace


@test("reentry/the-end-of-a-function-uses-the-chain")
def dying_function():
    trace = []

    class Function:
        def __call__(self, value):
            return value

        def __del__(self):
            trace.append(d.result)
            d.add_callback(trace.append)

    d = D()
    d.add_callback(Function()).add_callback(lambda v: v)
    d.callback("v")
    assert trace == ["v", "v"], trace
    d = D()
    d.add_errback(swallow).add_callback(Function())
    d.cancel()
    settle()


@test("reentry/a-derived-class-whose-end-uses-itself")
def dying_deferred():
    trace = []

    class Lively(D):
        def __del__(self):
            trace.append((self.called, self.result))
            if not self.called:
                self.callback("at last")
            super().__del__()

    with without_collector():
        Lively()
        Lively.succeed("v")
        Lively().add_callback(trace.append)
        settle()
    assert trace[:2] == [(False, None), (True, "v")] and "at last" in trace, trace


@test("reentry/raising-while-paused-waiting-and-cancelled")
def raising_in_all_states():
    for prepare in (lambda d: d.pause(), lambda d: d.add_callback(lambda _: D()), lambda d: d.cancel()):
        d = D()

        def wild(value):
            prepare(d)
            raise KeyError(value)

        d.add_callback(wild)
        calls = seen(d)
        d.callback("v")
        if d.paused:
            d.unpause()
        if not calls:
            d.cancel()
        assert len(calls) == 1 and (type(calls[0][0]) is KeyError), calls
        d.add_errback(swallow)
    settle()


@test("reentry/dropping-everything-mid-flight")
def dropping_everything():
    async def body(d):
        await d

    for i in range(300):
        inner = D()
        held = [D().add_callback(lambda _: inner), inner.fork(), D.from_coroutine(body(inner)), inner,
                GDeferred.run_in_thread(list), D(lambda d: held.clear()), later()]
        held[5].add_both(swallow)
        held[0].chain_deferred(held[5])
        held[0].callback()
        if i % 3 == 0:
            inner.callback()
        elif i % 3 == 1:
            held[5].cancel()
        held.clear()
        del inner
        if i % 50 == 0:
            gc.collect()
            take_reports()
    gc.collect()
    take_reports()


@test("reentry/many-dropped-by-each-other")
def dropped_by_each_other():
    with without_collector():
        d = None
        for _ in range(20000):
            outer = D.succeed([d])
            d = outer
        gone = weakref.ref(d)
        del d, outer
        assert gone() is None


@test("raw/c-and-python-callbacks-on-one-chain")
def mixed():
    trace = []
    d = D()
    d.add_callback(lambda v: trace.append(("python", v)) or v + 1)
    RAW.add_callback(d, lambda d, *_: trace.append(("c", d.get_result())) or d.return_int(10))
    d.add_callback(lambda v: trace.append(("python", v)) or "text")
    RAW.add_both(d, lambda d, *_: trace.append(("c", d.get_result())) or True)
    d.add_callback(lambda v: trace.append(("python", v)) or 1 / 0)
    RAW.add_errback(d, lambda d, *_: trace.append(("c", d.get_error().message)) or d.return_none())
    d.add_both(lambda v: trace.append(("python", v)))
    d.callback(1)
    until(lambda: True)
    assert trace == [("python", 1), ("c", 2), ("python", 10), ("c", "text"), ("python", "text"),
                     ("c", "ZeroDivisionError: division by zero"), ("python", None)], trace


if __name__ == "__main__":
    sys.exit(main())
