#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""The rules of the chain, as Python sees them; each test carries the number of its rule."""

import sys

from common import D, RAW, GDeferred, State, main, raises, seen, test
from gi.repository import GLib

MANY = 50000


class Thing:
    pass


def boom(value, *_):
    raise ValueError(value)


def swallow(_exception):
    pass


# --- firing ---

@test("rule-01/fires-once")
def fires_once():
    for fire in (lambda d: d.callback("late"), lambda d: d.errback(ValueError("late"))):
        for d, outcome in ((D.succeed("first"), "first"), (D.fail(KeyError("first")), None)):
            before = d.result
            with raises(GDeferred.AlreadyCalledError) as caught:
                fire(d)
            assert isinstance(caught.value, GLib.Error)
            assert caught.value.matches(GDeferred.DeferredError.quark(), GDeferred.DeferredError.ALREADY_CALLED)
            assert d.result is before and (outcome is None or before == outcome)
            assert d.failed == (outcome is None)
            d.add_errback(swallow)


@test("rule-01/also-inside-its-own-callback-and-while-waiting")
def fires_once_inside():
    d, inner, refused = D(), D(), []

    def again(value):
        with raises(GDeferred.AlreadyCalledError):
            d.callback("again")
        refused.append(d.result)
        return inner

    d.add_callback(again)
    d.callback("first")
    with raises(GDeferred.AlreadyCalledError):
        d.callback("while it waits")
    inner.callback("end")
    assert refused == ["first"] and d.result == "end"


@test("rule-02/not-with-a-deferred")
def not_with_a_deferred():
    for other in (D(), D.succeed(1), type("Derived", (D,), {})(), RAW.new()):
        d = D()
        for fire in (d.callback, D.succeed):
            with raises(TypeError, "return it from a callback"):
                fire(other)
        assert not d.called
        d.callback("still to be fired")
        assert d.result == "still to be fired"


@test("rule-03/none-at-all")
def none_at_all():
    for fire in (lambda d: d.callback(), lambda d: d.callback(None)):
        d = D()
        calls = seen(d)
        fire(d)
        assert calls == [(None, False)] and d.called and d.result is None
    d = D.succeed()
    assert d.result is None and not d.failed and RAW.get_result(d) is None


@test("rule-03/nothing-while-pending")
def nothing_while_pending():
    d = D()
    assert d.result is None and not d.failed and not d.called and d.state == State.PENDING


@test("rule-04/after-firing-at-once")
def at_once():
    calls = []
    d = D.succeed(1).add_callback(lambda v: calls.append(v) or v + 1)
    assert calls == [1]
    d.add_callback(calls.append)
    assert calls == [1, 2]
    f = D.fail(ValueError(3)).add_errback(lambda e: calls.append(e.args[0]))
    assert calls == [1, 2, 3] and f.result is None


# --- the chain ---

@test("rule-05/in-order-each-once")
def in_order():
    trace = []
    d = D()
    for i in range(200):
        d.add_callback(lambda v, i: trace.append((v, i)) or v + 1, i)
    d.callback(0)
    assert trace == [(i, i) for i in range(200)] and d.result == 200


@test("rule-05/a-missing-half-passes-through")
def a_missing_half():
    value, error = Thing(), ValueError("through")
    d = D().add_errback(boom).add_callbacks(None, boom).add_callbacks(None, None)
    d.callback(value)
    assert d.result is value and not d.failed
    d = D().add_callback(boom).add_callbacks(boom, None).add_callbacks(boom)
    d.errback(error)
    assert d.result is error and d.failed
    d.add_errback(swallow)


@test("rule-05/arguments")
def arguments():
    calls = []

    def note(*args, **kwargs):
        calls.append((args, kwargs))
        return args[0]

    d = D().add_callback(note, 1, two=2).add_both(note, 3, self=4)
    d.add_callbacks(note, boom, (5,), {"six": 6}, (7,), {"eight": 8}).add_callback(note, callback=9, errback=10)
    d.callback("v")
    assert calls == [(("v", 1), {"two": 2}), (("v", 3), {"self": 4}), (("v", 5), {"six": 6}),
                     (("v",), {"callback": 9, "errback": 10})], calls
    calls.clear()
    error = ValueError()

    def note_failure(*args, **kwargs):
        note(*args, **kwargs)
        raise args[0]

    d = D().add_errback(note_failure, 1, two=2).add_both(note_failure, 3)
    d.add_callbacks(boom, note_failure, (5,), {"six": 6}, [7], {"eight": 8})
    d.add_callbacks(None, note, errback_args=(9,))
    d.errback(error)
    assert calls == [((error, 1), {"two": 2}), ((error, 3), {}), ((error, 7), {"eight": 8}), ((error, 9), {})], calls


@test("rule-05/adding-gives-the-deferred-back")
def gives_itself_back():
    d = D()
    assert d.add_callback(id) is d and d.add_errback(swallow) is d and d.add_both(id) is d
    assert d.add_callbacks(None, None) is d and d.add_errback(print, when=KeyError) is d
    assert d.chain_deferred(D()) is d


@test("rule-06/what-is-returned-is-next-and-none-is-none")
def what_is_returned():
    assert D.succeed(1).add_callback(lambda _: None).result is None
    assert D.succeed(1).add_callback(lambda _: ()).result == ()
    assert D.succeed(1).add_callback(lambda _: False).result is False


@test("rule-07/raising-goes-to-the-next-errback")
def raising():
    trace = []
    d = D().add_callbacks(boom, lambda e: trace.append("its own pair's"))
    d.add_callback(lambda _: trace.append("skipped"))
    d.add_errback(lambda e: trace.append(e) or "mended")
    d.add_errback(lambda e: trace.append("skipped"))
    d.callback("v")
    assert len(trace) == 1 and type(trace[0]) is ValueError and trace[0].args == ("v",)
    assert d.result == "mended" and not d.failed


@test("rule-07/raising-in-an-errback-replaces")
def raising_in_an_errback():
    first, second = KeyError(1), IndexError(2)

    def another(exception):
        assert exception is first
        raise second

    d = D.fail(first).add_errback(another)
    assert d.result is second and d.failed

    def same(exception):
        raise exception

    d.add_errback(same)
    assert d.result is second
    d.add_errback(swallow)
    assert d.result is None and not d.failed


@test("rule-08/waits-for-a-returned-deferred")
def waits():
    for outcome in ("value", ValueError("failure")):
        outer, inner = D(), D()
        outer.add_callback(lambda _: inner)
        calls = seen(outer)
        outer.callback()
        assert outer.state == State.WAITING and outer.called and not calls
        assert outer.result is None and outer.get_waiting_on() is inner
        (inner.errback if isinstance(outcome, Exception) else inner.callback)(outcome)
        assert calls == [(outcome, isinstance(outcome, Exception))]
        assert inner.result is None and not inner.failed, "its result was taken over"


@test("rule-08/the-inner-ones-callbacks-are-first")
def inner_first():
    trace = []
    outer, inner = D(), D()
    outer.add_callback(lambda _: inner).add_callback(lambda v: trace.append(("outer", v)))
    inner.add_callback(lambda v: trace.append(("inner", v)) or v + 1)
    outer.callback()
    inner.add_callback(lambda v: trace.append(("late inner", v)))
    inner.callback(0)
    assert trace == [("inner", 0), ("late inner", None), ("outer", 1)], trace


@test("rule-08/ready-paused-and-waiting-inner")
def all_sorts_of_inner():
    assert D.succeed(0).add_callback(lambda _: D.succeed(5)).result == 5
    error = ValueError()
    d = D.succeed(0).add_callback(lambda _: D.fail(error))
    assert d.result is error and d.failed
    d.add_errback(lambda _: D.succeed("mended"))
    assert d.result == "mended"

    inner = D.succeed(6)
    inner.pause()
    d = D.succeed(0).add_callback(lambda _: inner)
    assert d.state == State.WAITING
    inner.unpause()
    assert d.result == 6

    innermost = D()
    inner = D.succeed(0).add_callback(lambda _: innermost)
    d = D.succeed(0).add_callback(lambda _: inner).add_callback(lambda v: v + 1)
    innermost.callback(7)
    assert d.result == 8 and inner.result is None and innermost.result is None


@test("rule-08/a-deferred-from-c-will-do")
def inner_of_c():
    inner = RAW.new()
    d = D.succeed(0).add_callback(lambda _: inner).add_callback(lambda v: v + 1)
    inner.callback(41)
    assert d.result == 42


@test("rule-08/the-first-of-a-batch-waits-for-the-rest")
def the_rest_of_the_batch():
    trace, inners = [], [D() for _ in range(5)]
    d = D()
    for i, inner in enumerate(inners):
        d.add_callback(lambda v, i, inner: trace.append((i, v)) or inner, i, inner)
    d.callback("start")
    for i, inner in enumerate(inners):
        assert len(trace) == i + 1
        inner.callback(i)
    assert trace == [(0, "start"), (1, 0), (2, 1), (3, 2), (4, 3)] and d.result == 4


@test("rule-09/added-while-running-is-appended")
def appended():
    trace = []
    d = D()

    def add_more(value):
        d.add_callback(lambda v: trace.append(("third", v)) or "c")
        trace.append("still the first")
        return "a"

    d.add_callback(add_more).add_callback(lambda v: trace.append(("second", v)) or "b")
    d.callback()
    assert trace == ["still the first", ("second", "a"), ("third", "b")] and d.result == "c"


def depth():
    frame, n = sys._getframe(), 0
    while frame is not None:
        frame, n = frame.f_back, n + 1
    return n


@test("rule-09/no-recursion-when-each-adds-the-next")
def each_adds_the_next():
    d, depths = D(), []

    def next_one(n):
        depths.append(depth())
        if n < 2000:
            d.add_callback(next_one)
        return n + 1

    d.add_callback(next_one)
    d.callback(0)
    assert len(depths) == 2001 and max(depths) == min(depths)


if __name__ == "__main__":
    sys.exit(main())
