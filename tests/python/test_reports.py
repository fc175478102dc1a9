#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Failures that nobody handles are reported: when, to whom, and with what."""

import gc
import sys
import traceback

from common import D, RAW, main, play, plays, take_reports, test
from gi.repository import GLib


def swallow(_exception):
    pass


def lines_of(exception):
    return [(entry.name, entry.line) for entry in traceback.extract_tb(exception.__traceback__)]


def deep(n):
    if n == 0:
        raise ValueError("deep")  # the place
    deep(n - 1)


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


@test("reports/unhandled-are-reported-with-the-traceback-at-the-last-reference")
def reported():
    status, out, err = play(REPORTED)
    assert status == 0 and out == "fired\n", (status, out, err)
    before, _, rest = err.partition("before\n")
    report, _, after = rest.partition("after\n")
    assert "ValueError" not in before and "ValueError" not in after, err
    for text in ("GDeferred", "the download", "Traceback (most recent call last)", "in callback", "in innermost",
                 "ValueError: nobody handles this"):
        assert text in report, (text, err)
    assert report.count("Traceback") == 1 and "_gdeferred" not in report and "CRITICAL" not in err, err


@test("reports/unhandled-of-a-coroutine-and-a-thread-too")
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


@test("reports/unhandled-of-a-fork-too")
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


@test("reports/unhandled-of-one-that-only-c-held-has-its-traceback-too")
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


@test("reports/unhandled-can-be-made-fatal")
def fatal():
    status, out, err = play("D.fail(ValueError('fatal'))\nprint('not reached')", debug="fatal-warnings")
    assert status < 0 and out == "" and "ValueError: fatal" in err, (status, out, err)


@test("reports/the-hook-takes-over-and-gives-back")
def the_hook():
    plays("""
        GDeferred.set_unhandled_error_hook(lambda e: print(repr(e)))
        D.fail(ValueError("hooked"))
        GDeferred.set_unhandled_error_hook(None)
        D.fail(ValueError("not hooked"))
        """, prints="ValueError('hooked')\n", complains="ValueError: not hooked")


@test("reports/the-hook-hears-of-what-c-alone-held")
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


@test("reports/unhandled-with-odd-text")
def odd_text():
    plays("""
        class Unprintable(Exception):
            def __str__(self): raise RuntimeError
        for error in (Unprintable(), ValueError("a\\0b"), ValueError("\\udc80"), ValueError("%s %n")):
            D.fail(error)
        print("end")
        """, prints="end\n", complains="%s %n")


@test("reports/raised-in-a-canceller-go-to-the-hook-with-their-traceback")
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
