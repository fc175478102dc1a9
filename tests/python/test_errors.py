#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Exceptions stay what they are, tell where they came from, and are heard of by somebody."""

import gc
import sys
import traceback
import weakref

from common import (D, GDeferred, RAW, in_thread, main, plays, raises, seen, settle, take_reports, test, until,
                    without_collector)
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
        for way in (by_errback, by_raising, by_a_returned_deferred, by_a_fork, by_chain_deferred, through_c, by_maybe_deferred,
                    by_a_coroutine):
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


# --- when ---

@test("errors/when-traps-a-kind")
def when():
    for kinds, error, trapped in ((ValueError, ValueError(), True), (ValueError, UnicodeDecodeError("a", b"", 0, 1, ""), True),
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
                               (GDeferred.CancelledError, Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED),
                               (GDeferred.TimeoutError, Gio.io_error_quark(), Gio.IOErrorEnum.TIMED_OUT)):
        error = kind()
        assert isinstance(error, GLib.Error) and error.matches(domain, code) and error.message
        try:
            raise kind("said")
        except kind as caught:
            assert caught.message == "said"
    for kind in (GDeferred.QueueOverflow, GDeferred.QueueUnderflow, GDeferred.FirstError):
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


# --- who hears of it ---

REPORTED = """
    gc.disable()
    def innermost():
        raise ValueError("nobody handles this")
    def callback(value):
        local = d
        innermost()
    d = D()
    d.name = "the download"
    d.add_callback(callback)
    d.callback()
    print("fired", flush=True)
    print("before", file=sys.stderr, flush=True)
    del d, callback
    print("after", file=sys.stderr, flush=True)
"""


@test("errors/unhandled-are-reported-with-the-traceback-at-the-last-reference")
def reported():
    from common import play

    status, out, err = play(REPORTED)
    assert status == 0 and out == "fired\n", (status, out, err)
    before, _, rest = err.partition("before\n")
    report, _, after = rest.partition("after\n")
    assert "ValueError" not in before and "ValueError" not in after, err
    for text in ("GDeferred", "the download", "Traceback (most recent call last)", "in callback", "in innermost",
                 "ValueError: nobody handles this"):
        assert text in report, (text, err)
    assert report.count("Traceback") == 1 and "_gdeferred" not in report and "CRITICAL" not in err, err


@test("errors/unhandled-of-a-coroutine-and-a-thread-too")
def reported_of_others():
    plays("""
        async def coroutine():
            await later()
            raise KeyError("of a coroutine")
        D.from_coroutine(coroutine())
        loop = GLib.MainLoop()
        GLib.timeout_add(50, loop.quit)
        loop.run()
        print("end")
        """, prints="end\n", complains="KeyError: 'of a coroutine'")
    plays("""
        def job():
            raise KeyError("of a thread")
        d = GDeferred.run_in_thread(job)
        while not d.called:
            GLib.MainContext.default().iteration(True)
        del d
        print("end")
        """, prints="end\n", complains="KeyError: 'of a thread'")


@test("errors/unhandled-of-a-fork-too")
def reported_of_a_fork():
    plays("""
        def raising(_):
            raise KeyError("seen by both")
        d = D()
        forked = d.add_callback(raising).fork()
        d.callback()
        d.add_errback(id)
        del forked
        print("end")
        """, prints="end\n", complains="in raising")


@test("errors/unhandled-of-one-that-only-c-held-has-its-traceback-too")
def reported_of_one_in_c():
    plays("""
        def innermost(_):
            raise KeyError("of the outer one")
        inner = D()
        D.succeed().add_callback(lambda _: inner).add_callback(innermost)
        inner.callback()
        print("end")
        """, prints="end\n", complains="in innermost")
    plays("""
        def innermost(_):
            raise KeyError("of a chained one")
        first = D()
        first.chain_deferred(D().add_callback(innermost))
        first.callback()
        print("end")
        """, prints="end\n", complains="in innermost")


@test("errors/unhandled-can-be-made-fatal")
def fatal():
    from common import play

    status, out, err = play("D.fail(ValueError('fatal'))\nprint('not reached')", debug="fatal-warnings")
    assert status < 0 and out == "" and "ValueError: fatal" in err, (status, out, err)


@test("errors/the-hook-takes-over-and-gives-back")
def the_hook():
    plays("""
        GDeferred.set_unhandled_error_hook(lambda e: print(repr(e)))
        D.fail(ValueError("hooked"))
        GDeferred.set_unhandled_error_hook(None)
        D.fail(ValueError("not hooked"))
        """, prints="ValueError('hooked')\n", complains="ValueError: not hooked")


@test("errors/the-hook-hears-of-what-c-alone-held")
def the_hook_hears_c():
    d = RAW.new()
    d.errback(GLib.Error("of C", "some-domain", 5))
    del d
    reports = take_reports()
    assert len(reports) == 1 and reports[0].message == "of C", reports
    error = ValueError()
    forked = D.fail(error).fork()
    take_reports()
    RAW.get_payload(forked)
    del forked
    assert take_reports() == [error]


@test("errors/unhandled-with-odd-text")
def odd_text():
    plays("""
        class Unprintable(Exception):
            def __str__(self): raise RuntimeError
        for error in (Unprintable(), ValueError("a\\0b"), ValueError("\\udc80"), ValueError("%s %n")):
            D.fail(error)
        print("end")
        """, prints="end\n", complains="%s %n")


@test("errors/raised-in-a-canceller-go-to-the-hook-with-their-traceback")
def in_a_canceller():
    def canceller(_d):
        deep(0)

    d = D(canceller).add_errback(swallow)
    d.cancel()
    reports = take_reports()
    assert len(reports) == 1 and lines_of(reports[0])[-1][0] == "deep"
    inner = D(canceller)
    outer = D.succeed().add_callback(lambda _: inner).add_errback(swallow)
    outer.cancel()
    assert [type(e) for e in take_reports()] == [ValueError]
    gc.collect()


if __name__ == "__main__":
    sys.exit(main())
