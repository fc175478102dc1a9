#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Where a Deferred is at home, what other threads may not do with it, and that they do no harm."""

import gc
import sys
import threading
import weakref

from common import D, Skip, in_thread, main, raises, seen, settle, take_reports, test
from gi.repository import GLib

MAIN = threading.main_thread()


def swallow(_exception):
    pass


def here(*_):
    return threading.current_thread() is MAIN


# --- the wrong thread ---

@test("wrong-thread/rule-21-adding-is-refused-and-does-no-harm")
def adding_elsewhere():
    for d in (D(), D().add_callback(lambda v: v), D.succeed("v"), D.succeed("v").add_callback(lambda v: v)):
        for add in (lambda: d.add_callback(swallow), lambda: d.add_errback(swallow), lambda: d.add_both(swallow),
                    lambda: d.add_callbacks(None, None), lambda: d.wait()):
            with raises(RuntimeError, "thread"):
                in_thread(add)
        if not d.called:
            d.callback("v")
        assert d.result == "v" and seen(d) == [("v", False)]


@test("wrong-thread/rule-21-looking-and-steering-is-refused-and-does-no-harm")
def using_elsewhere():
    async def awaiting(d):
        await d

    def wait_for(d):
        return D.from_coroutine(awaiting(d)).add_errback(type).result

    uses = (lambda d: d.called, lambda d: d.state, lambda d: d.paused, lambda d: d.name,
            lambda d: setattr(d, "name", "n"), lambda d: d.pause(), lambda d: d.unpause(), lambda d: d.fork(),
            lambda d: d.chain_deferred(D()),
            lambda d: d.hand_over(None), lambda d: d.bind_owner(D()), lambda d: d.link_cancellable(None),
            lambda d: next(d.__await__()), lambda d: d.as_future(), lambda d: d.describe(),
            lambda d: d.get_waiting_on(),
            lambda d: d.get_int(),
            lambda d: d.get_string(),
            lambda d: d.wait_async(None, None),
            lambda d: d.is_finished(), lambda d: d.get_result(), lambda d: d.get_error(), lambda d: d.get_payload())
    for make in (D, lambda: D().add_callback(lambda v: v), lambda: D.succeed("v"), lambda: D.succeed("v").fork()):
        d = make()
        for use in uses:
            with raises(RuntimeError):
                in_thread(use, d)
        assert in_a_context(wait_for, d)[1] is RuntimeError
        for look in (lambda d: d.result, lambda d: d.failed):
            try:
                in_thread(look, d)
            except RuntimeError:
                pass
        if not d.called:
            d.callback("v")
        assert not d.paused and d.name is None and seen(d) == [("v", False)]


def in_a_context(func, *args):
    """Calls it in a thread with a main context of its own; gives that, and what it returned."""
    context = GLib.MainContext.new()

    def run():
        context.push_thread_default()
        try:
            return func(*args)
        finally:
            context.pop_thread_default()

    return context, in_thread(run)


@test("wrong-thread/rule-19-a-thread-with-a-context-is-at-home-there")
def home_in_a_thread():
    def play():
        d = D()
        d.add_callback(lambda v: (v, threading.current_thread()))
        d.callback(1)
        return d.result == (1, threading.current_thread())

    assert in_a_context(play)[1] is True


@test("wrong-thread/one-that-has-the-number-of-the-one-at-home-is-not-at-home")
def thread_numbers_come_back():
    """CPython gives the number of a thread that has ended to the next."""
    calls = []

    def make():
        d = D()
        d.add_callback(lambda v: calls.append((v, threading.current_thread())))
        return d, threading.get_ident(), D.succeed("kept"), D.fail(KeyError("kept"))

    n_same = 0
    for attempt in range(100):
        if n_same and attempt >= 5:
            break
        context, (d, ident, ready, failed) = in_a_context(make)

        def elsewhere():
            same = threading.get_ident() == ident
            for one in (d, ready, failed):
                with raises(RuntimeError):
                    one.add_callback(swallow)
            d.callback("fired")
            return same

        n_same += in_a_context(elsewhere)[1]
        assert not calls
        while context.iteration(False):
            pass
        assert calls == [("fired", threading.current_thread())], calls
        calls.clear()
        context.push_thread_default()
        assert ready.result == "kept" and seen(ready) == [("kept", False)]
        assert type(failed.result) is KeyError
        failed.add_errback(swallow)
        context.pop_thread_default()
        del d, ready, failed
    if not n_same:
        raise Skip("the numbers did not come back")


@test("wrong-thread/handed-over")
def handed_over():
    def play():
        d.add_callback(lambda v: (v, threading.current_thread()))
        d.callback(1)
        return threading.current_thread()

    d = D().add_callback(lambda v: v)
    context = GLib.MainContext.new()

    def run():
        context.push_thread_default()
        try:
            return play()
        finally:
            context.pop_thread_default()

    d.hand_over(context)
    with raises(RuntimeError):
        d.add_callback(swallow)
    thread = in_thread(run)
    context.push_thread_default()
    assert d.result == (1, thread)
    context.pop_thread_default()


@test("wrong-thread/the-collector-runs-in-another-thread")
def collected_elsewhere():
    ended, calls = [], []

    def ring(i):
        d = D()
        d.add_both(lambda v, d: calls.append((type(v), here())), d)
        d.succeeded = D.succeed([d])
        failed = D.fail(KeyError(i))
        failed.me = failed
        weakref.finalize(failed, ended.append, i)

    gc.disable()
    try:
        for i in range(100):
            ring(i)
        in_thread(gc.collect)
    finally:
        gc.enable()
    settle()
    gc.collect()
    settle()
    assert calls == [(GLib.Error, True)] * 100, len(calls)
    assert len(ended) == 100
    assert sorted(e.args[0] for e in take_reports()) == list(range(100))


if __name__ == "__main__":
    sys.exit(main())
