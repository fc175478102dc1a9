#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Exceptions stay what they are, and tell where they came from."""

import sys
import traceback
import weakref

from common import D, RAW, GDeferred, in_thread, main, raises, seen, settle, test, until, without_collector
from gi.repository import Gio, GLib


class Thing:
    pass


class Picky(Exception):
    """Takes what it is made of, and cannot be made again from its args."""

    def __init__(self, *, reason):
        super().__init__()
        self.reason = reason


class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError("cannot be shown")


class OwnGError(GLib.Error):
    pass


def swallow(_exception):
    pass


def text_of(exception):
    return "".join(traceback.format_exception(type(exception), exception, exception.__traceback__))


def lines_of(exception):
    return [(entry.name, entry.line) for entry in traceback.extract_tb(exception.__traceback__)]


def errors():
    yield from (ValueError("v"), KeyError(1), Picky(reason="r"), Unprintable(), StopIteration(3), GeneratorExit(),
                GLib.Error("m", "some-domain", 42), GLib.Error("no domain"), OwnGError("m", "some-domain", 1),
                ValueError("a\0b"), ValueError("\udc80"), AssertionError(), GDeferred.CancelledError(),
                GDeferred.FirstError(ValueError(), 2), OSError(2, "no such file"), MemoryError(), RecursionError())


# --- identity ---

def by_errback(error):
    d = D()
    calls = seen(d)
    d.errback(error)
    return calls[0]


def by_raising(error):
    def raising(_):
        raise error

    return seen(D.succeed().add_callback(raising))[0]


def by_a_returned_deferred(error):
    inner, outer = D(), D.succeed()
    outer.add_callback(lambda _: inner)
    calls = seen(outer)
    inner.errback(error)
    return calls[0]


def by_a_fork(error):
    d = D.fail(error)
    forked = d.fork()
    d.add_errback(swallow)
    return seen(forked)[0]


def by_chain_deferred(error):
    d, other = D(), D()
    d.chain_deferred(other)
    d.errback(error)
    return seen(other)[0]


def through_c(error):
    d = D.fail(error)
    RAW.get_payload(d)
    RAW.add_errback(d, lambda d, *_: True)
    return seen(d)[0]


def from_a_thread(error):
    d = D()
    calls = seen(d)
    in_thread(d.errback, error)
    settle()
    return calls[0]


def raised_in_a_thread(error):
    def raising():
        raise error

    d = GDeferred.run_in_thread(raising)
    until(lambda: d.called)
    return seen(d)[0]


def by_maybe_deferred(error):
    def raising():
        raise error

    return seen(GDeferred.maybe_deferred(raising))[0]


def by_a_coroutine(error):
    async def raising():
        await D.fail(error)

    return seen(D.from_coroutine(raising()))[0]


@test("errors/the-very-exception-on-every-way")
def identity():
    for way in (by_errback, by_raising, by_a_returned_deferred, by_a_fork, by_chain_deferred, through_c, from_a_thread,
                raised_in_a_thread, by_maybe_deferred, by_a_coroutine):
        for error in errors():
            if way is by_a_coroutine and isinstance(error, StopIteration):
                continue  # a coroutine cannot raise it
            if way is by_maybe_deferred and isinstance(error, GeneratorExit):
                continue  # as an exit, it is the caller's
            there, failed = way(error)
            assert failed and there is error, (way, error, there)


@test("errors/none-is-kept")
def none_is_kept():
    with without_collector():
        for way in (by_errback, by_raising, by_a_returned_deferred, by_a_fork, by_chain_deferred, through_c,
                    by_maybe_deferred, by_a_coroutine):
            error = Picky(reason=Thing())
            gone = weakref.ref(error.reason)
            way(error)
            del error
            assert gone() is None, way


@test("errors/a-glib-error-is-itself-in-c")
def glib_error_in_c():
    error = GLib.Error("message", "some-domain", 42)
    d = D.fail(error)
    in_c = RAW.get_error(d)
    assert (in_c.domain, in_c.code, in_c.message) == ("some-domain", 42, "message")
    assert d.result is error
    d.add_errback(swallow)

    d = D.fail(ValueError("some text"))
    in_c = RAW.get_error(d)
    assert in_c.matches(GDeferred.DeferredError.quark(), GDeferred.DeferredError.FAILED) and "some text" in in_c.message
    d.add_errback(swallow)


@test("errors/c-hears-of-what-a-callback-raised")
def c_hears():
    heard = []
    d = D()
    d.add_callback(lambda _: {}["missing"])
    RAW.add_errback(d, lambda d, *_: heard.append(d.get_error().message) or d.return_none())
    d.callback()
    assert heard == ["KeyError: 'missing'"] and d.result is None


# --- where it came from ---

def deep(n):
    if n == 0:
        raise ValueError("deep")  # the place
    deep(n - 1)


@test("errors/the-traceback-tells-the-place")
def the_place():
    d = D.succeed().add_callback(lambda _: deep(2))
    lines = lines_of(d.result)
    assert [name for name, _ in lines] == ["<lambda>", "deep", "deep", "deep"], lines
    assert lines[-1][1] == 'raise ValueError("deep")  # the place'
    assert "_gdeferred" not in text_of(d.result)
    d.add_errback(swallow)


@test("errors/the-traceback-survives-waiting-c-and-threads")
def the_place_survives():
    def check(d):
        lines = lines_of(d.result)
        assert [name for name, _ in lines][-3:] == ["deep"] * 3, lines
        assert lines[-1][1] == 'raise ValueError("deep")  # the place'
        d.add_errback(swallow)

    check(D.succeed().add_callback(lambda _: D.succeed().add_callback(lambda _: deep(2))))
    d = D.succeed().add_callback(lambda _: deep(2))
    RAW.get_payload(d)
    check(d)
    d = GDeferred.run_in_thread(deep, 2)
    until(lambda: d.called)
    check(d)
    check(GDeferred.maybe_deferred(deep, 2))

    async def coroutine():
        deep(2)

    check(D.from_coroutine(coroutine()))


@test("errors/the-traceback-tells-nothing-of-how-it-was-awaited")
def no_inner_works():
    async def awaiting(d):
        await d

    for make in (lambda: D.fail(ValueError()), D):
        d = make()
        one = D.from_coroutine(awaiting(d))
        if not d.called:
            d.errback(ValueError())
        assert "_gdeferred" not in text_of(one.result), text_of(one.result)
        assert "awaiting" in [name for name, _ in lines_of(one.result)]
        for handled in (d, one):
            handled.add_errback(swallow)


@test("errors/raised-again-it-tells-both-places")
def both_places():
    def again(exception):
        raise exception  # again

    d = D.succeed().add_callback(lambda _: deep(0)).add_errback(again)
    names = [name for name, _ in lines_of(d.result)]
    assert names.count("again") == 1 and names[-1] == "deep" and "<lambda>" in names, names
    d.add_errback(swallow)


@test("errors/causes-and-contexts-survive")
def causes():
    def raising(_):
        try:
            deep(0)
        except ValueError as error:
            raise KeyError("outer") from error

    d = D.succeed().add_callback(raising)
    assert type(d.result.__cause__) is ValueError
    assert lines_of(d.result.__cause__)[-1][0] == "deep"
    assert "direct cause" in text_of(d.result)
    d.add_errback(swallow)


@test("errors/a-ring-of-causes")
def ring_of_causes():
    one, two = ValueError(1), ValueError(2)
    one.__cause__, two.__context__ = two, one
    d = D.fail(one)
    assert d.result is one and one.__cause__ is two
    d.add_errback(swallow)
    one.__cause__ = None


@test("errors/raised-by-many-callbacks-the-traceback-does-not-grow-without-end")
def long_tracebacks():
    def again(exception):
        raise exception

    d = D.succeed().add_callback(lambda _: deep(0))
    for _ in range(50):
        d.add_errback(again)
    assert len(lines_of(d.result)) == 52
    d.add_errback(swallow)


@test("errors/what-is-kept-holds-no-frames")
def no_frames():
    with without_collector():
        thing = Thing()
        gone = weakref.ref(thing)

        def raising(_):
            local = thing
            raise ValueError(local is thing)

        d = D.succeed().add_callback(raising)
        error = d.result
        del thing, raising
        assert gone() is None and error.__traceback__ is not None
        d.add_errback(swallow)


@test("errors/nor-do-its-causes")
def no_frames_of_causes():
    with without_collector():
        thing = Thing()
        gone = weakref.ref(thing)

        def raising(_, thing):
            try:
                raise KeyError("cause")
            except KeyError as error:
                raise ValueError(thing is None) from error

        d = D.succeed().add_callback(raising, thing)
        del thing
        assert gone() is None and d.result.__cause__.__traceback__ is not None
        d.add_errback(swallow)


# --- when ---

@test("errors/when-traps-a-kind")
def when():
    for kinds, error, trapped in ((ValueError, ValueError(), True),
                                  (ValueError, UnicodeDecodeError("a", b"", 0, 1, ""), True),
                                  (ValueError, KeyError(), False), ((KeyError, OSError), OSError(), True),
                                  ((), OSError(), False), (Exception, Picky(reason=1), True),
                                  (GLib.Error, GDeferred.CancelledError(), True), (LookupError, IndexError(), True)):
        calls = []
        d = D.fail(error).add_errback(lambda e, *a, **k: calls.append((e, a, k)), 1, when=kinds, two=2)
        assert (calls == [(error, (1,), {"two": 2})]) == trapped and bool(calls) == trapped, (kinds, error)
        assert d.failed != trapped
        d.add_errback(swallow)


@test("errors/when-knows-what-c-raised")
def when_of_c():
    for d, kind in ((D(), GDeferred.CancelledError), (D(), GLib.Error)):
        calls = []
        d.add_errback(calls.append, when=ValueError).add_errback(calls.append, when=kind)
        d.cancel()
        assert [type(e) for e in calls] == [GDeferred.CancelledError]


@test("errors/when-is-a-class-of-exceptions")
def when_is_checked():
    d = D()
    for wrong in (3, "ValueError", int, [ValueError], (ValueError, 3), ValueError(), object):
        with raises(TypeError):
            d.add_errback(swallow, when=wrong)


# --- the classes ---

@test("errors/classes")
def classes():
    for kind, domain, code in ((GDeferred.AlreadyCalledError, GDeferred.DeferredError.quark(),
                                GDeferred.DeferredError.ALREADY_CALLED),
                               (GDeferred.QueueOverflow, GDeferred.DeferredError.quark(),
                                GDeferred.DeferredError.OVERFLOW),
                               (GDeferred.QueueUnderflow, GDeferred.DeferredError.quark(),
                                GDeferred.DeferredError.UNDERFLOW),
                               (GDeferred.QueueClosed, GDeferred.DeferredError.quark(),
                                GDeferred.DeferredError.CLOSED),
                               (GDeferred.CancelledError, Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED),
                               (GDeferred.TimeoutError, Gio.io_error_quark(), Gio.IOErrorEnum.TIMED_OUT)):
        error = kind()
        assert isinstance(error, GLib.Error) and error.matches(domain, code) and error.message
        try:
            raise kind("said")
        except kind as caught:
            assert caught.message == "said"
    for kind in (GDeferred.AllFailed, GDeferred.FirstError):
        assert issubclass(kind, Exception) and not issubclass(kind, GLib.Error)


@test("errors/first-error")
def first_error():
    error = ValueError("v")
    first = GDeferred.FirstError(error, 3)
    assert first.exception is error and first.index == 3 and "3" in str(first) and "'v'" in str(first)
    assert first == GDeferred.FirstError(error, 3) and hash(first) == hash(GDeferred.FirstError(error, 3))
    assert first != GDeferred.FirstError(error, 2) and first != GDeferred.FirstError(ValueError("v"), 3) and first != 3
    d = D.fail(first)
    assert d.result is first
    d.add_errback(swallow)


@test("errors/from-c-by-their-class")
def from_c():
    d = D()
    calls = seen(d)
    RAW.errback(d, GLib.Error("late", GLib.quark_to_string(Gio.io_error_quark()), int(Gio.IOErrorEnum.TIMED_OUT)))
    assert type(calls[0][0]) is GDeferred.TimeoutError and calls[0][0].message == "late"


@test("errors/of-gio-get-the-class-of-their-code")
def of_gio():
    def cancelled(_):
        cancellable = Gio.Cancellable()
        cancellable.cancel()
        cancellable.set_error_if_cancelled()

    with raises(GLib.Error) as caught:
        cancelled(None)
    taken = []
    D.fail(caught.value).add_errback(taken.append)
    assert taken[0] is caught.value and type(taken[0]) is GDeferred.CancelledError

    taken = []
    D.succeed(1).add_callback(cancelled).add_errback(taken.append, when=GDeferred.CancelledError)
    assert len(taken) == 1

    with raises(GLib.Error) as caught:
        Gio.File.new_for_path("/nonexistent").read()
    D.fail(caught.value).add_errback(swallow)
    assert type(caught.value) is GLib.Error


if __name__ == "__main__":
    sys.exit(main())
