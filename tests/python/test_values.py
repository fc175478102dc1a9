#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Any Python object goes through unchanged, on every way there is; and none is kept once it has gone through."""

import functools
import gc
import sys
import weakref

from common import (D, GDeferred, RAW, in_thread, main, raises, seen, settle, take_reports, test, until,
                    without_collector)
from gi.repository import Gio, GLib, GObject


class Thing:
    pass


class Text(str):
    pass


class Number(int):
    pass


class Real(float):
    pass


class Falsy:
    def __bool__(self):
        return False

    def __eq__(self, other):
        raise AssertionError("nobody asked it to compare")

    __hash__ = None


class Object(GObject.Object):
    pass


class FalsyError(Exception):
    def __bool__(self):
        return False

    def __len__(self):
        return 0


def a_function():
    pass


def a_generator():
    yield


VALUES = {
    "object": Thing(), "falsy": Falsy(), "true": True, "false": False, "ellipsis": ...,
    "not-implemented": NotImplemented,
    **{f"int-{sign}{bits}-bits": (-1 if sign else 1) * ((1 << bits) - 1)
       for bits in (1, 7, 31, 32, 33, 62, 63, 64, 65, 100, 1000) for sign in ("", "minus-")},
    "int-min": -(1 << 31), "int64-min": -(1 << 63), "int64-below": -(1 << 63) - 1, "int64-above": 1 << 63, "zero": 0,
    "float": 0.1, "infinity": float("inf"), "minus-zero": -0.0, "tiny": 5e-324, "complex": 1j,
    "text": "plain", "empty-text": "", "text-beyond": "ä\N{SNOWMAN}\U0001f600", "text-with-nul": "a\0b", "nul": "\0",
    "surrogate": "a\udc80b", "long-text": "x" * 100000,
    "bytes": b"a\0\xff", "no-bytes": b"", "bytearray": bytearray(b"a"),
    "text-subclass": Text("t"), "int-subclass": Number(5), "float-subclass": Real(1.5),
    "list": [1, [2]], "tuple": (), "dict": {}, "set": {1}, "range": range(3), "memoryview": memoryview(b"x"),
    "gobject": Object(), "action": Gio.SimpleAction.new("a", None), "boxed": GLib.DateTime.new_now_utc(),
    "main-context": GLib.MainContext.default(), "gvalue": GObject.Value(int, 3), "gtype": GObject.TYPE_INT,
    "variant": GLib.Variant("a{sv}", {"a": GLib.Variant("i", 1)}), "enum": GLib.ChecksumType.SHA256,
    "flags": Gio.FileCreateFlags.PRIVATE, "pspec": Gio.SimpleAction.new("a", None).find_property("name"),
    "gerror": GLib.Error("m", "d", 3), "exception": ValueError("a value"), "falsy-exception": FalsyError(),
    "cancelled": GDeferred.CancelledError(), "exception-class": ValueError, "keyboard-interrupt": KeyboardInterrupt(),
    "function": a_function, "class": Thing, "lambda": lambda: None, "builtin": len, "partial": functools.partial(len),
    "module": sys, "generator": a_generator(), "deferred-class": D,
}
IMMUTABLE = (str, int, float)  # in C these may be what they are; equal ones come out then


def is_same(there, value):
    return there is value or (type(there) is type(value) and type(value) in IMMUTABLE and repr(there) == repr(value))


# --- the ways ---

def by_callbacks(value):
    got = []
    d = D().add_callback(lambda v: got.append(v) or v).add_both(lambda v: (got.append(v), got.append(d.failed), v)[2])
    d.callback(value)
    assert got[0] is value and got[1] is value and got[2] is False
    return d.result


def by_a_late_callback(value):
    got = []
    D.succeed(value).add_callback(got.append)
    return got[0]


def by_a_returned_deferred(value):
    inner, outer = D(), D.succeed()
    outer.add_callback(lambda _: inner)
    calls = seen(outer)
    inner.callback(value)
    assert calls[0][1] is False
    return calls[0][0]


def by_a_ready_deferred(value):
    return D.succeed().add_callback(lambda _: D.succeed(value)).result


def by_chain_deferred(value):
    first, second = D(), D()
    first.chain_deferred(second)
    first.callback(value)
    assert not second.failed
    return second.result


def by_fork(value):
    d = D.succeed(value)
    forked = d.fork()
    assert is_same(d.result, value) and not d.failed
    return forked.result


def by_ten_forks(value):
    d = D.succeed(value)
    for _ in range(10):
        d = d.fork()
    return d.result


def into_c_and_back(value):
    d = D.succeed(value)
    RAW.get_result(d)
    got = []
    d.add_callback(lambda v: got.append(v) or v)
    assert is_same(got[0], value)
    assert is_same(d.get_result(), value) and not d.failed
    return d.result


def into_c_inside_a_callback(value):
    d = D()

    def look(v):
        assert is_same(d.get_result(), value) and is_same(d.result, value)
        return v

    d.add_callback(look).add_callback(look)
    d.callback(value)
    return d.result


def past_a_callback_of_c(value):
    d = D.succeed(value)
    RAW.add_callback(d, lambda d, *_: True)
    return d.result


def as_an_argument(value):
    got = []
    D.succeed().add_callback(lambda _, v, k: got.extend((v, k)), value, k=value)
    assert got[0] is got[1]
    return got[0]


def from_a_thread(value):
    d = D()
    calls = seen(d)
    in_thread(d.callback, value)
    settle()
    assert calls[0][1] is False
    return calls[0][0]


def returned_in_a_thread(value):
    d = GDeferred.run_in_thread(lambda: value)
    until(lambda: d.called)
    return d.result


def by_a_coroutine(value):
    async def inner():
        return value

    async def outer():
        return await D.from_coroutine(inner())

    return D.from_coroutine(outer()).result


def by_maybe_deferred(value):
    return GDeferred.maybe_deferred(lambda: value).result


def by_wait(value):
    return D.succeed(value).wait()


WAYS = (by_callbacks, by_a_late_callback, by_a_returned_deferred, by_a_ready_deferred, by_chain_deferred, by_fork,
        by_ten_forks, into_c_and_back, into_c_inside_a_callback, past_a_callback_of_c, as_an_argument, from_a_thread,
        returned_in_a_thread, by_a_coroutine, by_maybe_deferred, by_wait)
IN_PYTHON = (by_callbacks, by_a_late_callback, as_an_argument, by_maybe_deferred, by_wait)


def goes_unchanged(way):
    for name, value in VALUES.items():
        there = way(value)
        assert is_same(there, value), f"{name}: {there!r}"
        if way in IN_PYTHON:
            assert there is value, f"{name}: another {there!r}"
    assert way(None) is None


def leaves_nothing(way):
    with without_collector():
        for value in (Thing(), [], {}, Text("t"), 1 << 100, "a\0b\udc80", Object(), ValueError(), lambda: None):
            for _ in range(3):
                way(value)
                settle()
            before = sys.getrefcount(value)
            for _ in range(20):
                way(value)
                settle()
            after = sys.getrefcount(value)
            assert after == before, f"{value!r}: {before} references, and {after} after it went through 20 times"
        gobject = Object()
        way(gobject)
        settle()
        gone = gobject.weak_ref()
        del gobject
        assert gone() is None


for way in WAYS:
    name = way.__name__.replace("_", "-")
    test(f"values/{name}")(functools.partial(goes_unchanged, way))
    if way not in (returned_in_a_thread, from_a_thread):
        test(f"values/{name}/leaves-no-reference")(functools.partial(leaves_nothing, way))


@test("values/from-threads/leave-no-reference")
def threads_leave_nothing():
    with without_collector():
        for way in (from_a_thread, returned_in_a_thread):
            value = Thing()
            gone = weakref.ref(value)
            for _ in range(10):
                way(value)
            del value
            until(lambda: gone() is None)


# --- what looks like a failure, and is none; and the other way round ---

@test("values/an-exception-that-is-returned-is-a-value")
def exception_as_a_value():
    for value in (ValueError("v"), GLib.Error("m", "d", 1), FalsyError(), KeyboardInterrupt(),
                  GDeferred.CancelledError()):
        sides = []
        d = D().add_callback(lambda _: value)
        d.add_errback(lambda e: sides.append("errback"))
        d.add_both(lambda v: sides.append(d.failed) or v)
        d.callback()
        assert sides == [False] and d.result is value and not d.failed
        assert RAW.get_error(d) is None and RAW.get_result(d) is value
        assert d.result is value and not d.failed
        d.add_callback(lambda v: sides.append(v) or v)
        assert sides[1] is value
    assert take_reports() == []


@test("values/an-errback-that-returns-the-exception-has-handled-it")
def returned_by_an_errback():
    error = ValueError()
    d = D.fail(error).add_errback(lambda e: e)
    assert d.result is error and not d.failed
    del d
    assert take_reports() == []


@test("values/a-falsy-exception-is-a-failure")
def falsy_failure():
    for kind in (FalsyError, type("FalsyGError", (GLib.Error,), {"__bool__": lambda self: False})):
        error = kind()
        d = D()
        calls = seen(d)
        d.errback(error)
        assert calls == [(error, True)]
        d = D.fail(error)
        assert d.failed and d.result is error
        RAW.get_payload(d)
        assert d.failed and d.result is error
        d.add_errback(lambda e: "handled")
        assert d.result == "handled"


@test("values/an-exception-class-is-no-exception")
def exception_class():
    with raises(TypeError):
        D().errback(ValueError)
    with raises(TypeError):
        D.fail("text")


@test("values/failed-and-result-from-everywhere")
def failed_everywhere():
    error = ValueError("e")
    d = D()
    assert (d.failed, d.result) == (False, None)
    d.errback(error)
    assert (d.failed, d.result) == (True, error)
    RAW.get_payload(d)
    assert (d.failed, d.result) == (True, error)
    forked = d.fork()
    assert (forked.failed, forked.result) == (True, error) and (d.failed, d.result) == (True, error)
    for one in (d, forked):
        one.add_errback(lambda e: None)
        assert (one.failed, one.result) == (False, None)


@test("values/c-sees-what-it-knows")
def seen_from_c():
    for value, ask in ((5, RAW.get_int), (1 << 62, RAW.get_result), (1.5, RAW.get_double), ("text", RAW.get_string),
                       (True, RAW.get_boolean)):
        d = D.succeed(value)
        assert ask(d) == value
    gobject = Object()
    assert RAW.get_object(D.succeed(gobject)) is gobject
    assert RAW.get_result(D.succeed(None)) is None


@test("values/c-asks-for-it-while-somebody-is-told-of-it")
def asked_for_meanwhile():
    async def body(d):
        got.append(await d)
        got.append(RAW.get_result(d))

    for value in (Thing(), ValueError()):
        d, got = D(), []
        D.from_coroutine(body(d))
        d.add_both(got.append)
        d.callback(value)
        assert got == [value] * 3


@test("values/from-c-as-they-are")
def given_by_c():
    d = D()
    RAW.callback(d, GObject.Value(GObject.TYPE_INT64, 1 << 40))
    assert d.result == 1 << 40
    d.add_callback(lambda v: v + 1)
    assert d.result == (1 << 40) + 1
    d = D()
    RAW.callback_string(d, "text")
    assert seen(d) == [("text", False)]
    d = D()
    RAW.errback(d, GLib.Error("m", "some-domain", 7))
    (error, failed), = seen(d)
    assert failed and error.matches(GLib.quark_from_string("some-domain"), 7) and error.message == "m"
    d = D()
    RAW.errback(d, GLib.Error("m", "g-io-error-quark", int(Gio.IOErrorEnum.CANCELLED)))
    (error, failed), = seen(d)
    assert failed and type(error) is GDeferred.CancelledError


@test("values/boxed-ones-of-c-are-ones-own")
def boxed_by_c():
    def sure(text):
        return GLib.Bytes.new(text * 20)

    for look in (lambda d: seen(d)[0][0], lambda d: d.result, lambda d: d.get_result(), lambda d: d.wait(),
                 lambda d: seen(GDeferred.gather(d))[0][0][0], lambda d: seen(d.fork())[0][0]):
        d = D()
        RAW.callback(d, GObject.Value(GLib.Bytes, sure(b"here")))
        found = look(d)
        d.add_callback(lambda _: None)
        del d
        others = [sure(b"gone") for _ in range(100)]  # where it was, if it is not ours
        assert found.get_data() == b"here" * 20
        del others


@test("values/a-dying-result-may-use-its-deferred")
def dying_result():
    used = []

    class Last:
        def __del__(self):
            used.append((box[0].result, box[0].failed))
            box[0].add_callback(lambda v: used.append("called"))

    d = D.succeed(Last())
    box = [d]
    d.add_callback(lambda v: "next")
    settle()
    gc.collect()
    assert ("next", False) in used or (None, False) in used, used
    assert "called" in used


if __name__ == "__main__":
    sys.exit(main())
