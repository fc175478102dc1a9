#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Threads: functions that run in others, Deferreds that are fired from others, and what others may not do."""

import functools
import gc
import sys
import threading
import weakref

from common import D, GDeferred, in_thread, later, main, raises, seen, settle, take_reports, test, until
from gi.repository import GLib

MAIN = threading.main_thread()


class Thing:
    pass


def swallow(_exception):
    pass


def here(*_):
    return threading.current_thread() is MAIN


def make_pool(max_threads=1):
    return GDeferred.DeferredThreadPool.new("test", max_threads)


def outcome_of(d):
    until(lambda: d.is_finished())
    return d.result


# --- functions in threads ---

@test("threads/run-and-come-back")
def run_and_come_back():
    value = Thing()
    d = GDeferred.run_in_thread(lambda *a, **k: (value, here(), a, k), 1, function=2)
    d.add_callback(lambda result: (*result, here()))
    assert outcome_of(d) == (value, False, (1,), {"function": 2}, True)


@test("threads/failures-deferreds-and-nothing")
def sorts_of_outcomes():
    error = ValueError()

    def raising():
        raise error

    d = GDeferred.run_in_thread(raising)
    assert outcome_of(d) is error and d.failed
    d.add_errback(swallow)
    assert outcome_of(GDeferred.run_in_thread(lambda: None)) is None
    d = GDeferred.run_in_thread(lambda: error)
    assert outcome_of(d) is error and not d.failed
    ready = later("in time")
    assert outcome_of(GDeferred.run_in_thread(lambda: ready)) == "in time"


@test("threads/callbacks-added-late-and-early")
def added_late():
    d = GDeferred.run_in_thread(lambda: 5)
    calls = seen(d)
    until(lambda: calls)
    assert calls == [(5, False)] and seen(d) == [(None, False)]


@test("threads/the-function-and-its-arguments-go-when-it-is-done")
def job_goes():
    for fail in (False, True):
        thing = Thing()
        gone = weakref.ref(thing)
        d = GDeferred.run_in_thread(lambda thing: 1 / 0 if fail else None, thing)
        del thing
        until(lambda: d.is_finished())
        d.add_errback(swallow)
        until(lambda: gone() is None)


@test("threads/rule-22-cancelled-before-it-starts-it-never-starts")
def never_starts():
    pool, gate, entered, ran = make_pool(), threading.Event(), threading.Event(), []
    blocker = pool.run(lambda: (entered.set(), gate.wait(60)))
    assert entered.wait(60)
    thing = Thing()
    gone = weakref.ref(thing)
    d = pool.run(lambda thing: ran.append("no"), thing).add_errback(type)
    del thing
    last = pool.run(lambda: "last")
    d.cancel()
    assert d.result is GDeferred.CancelledError
    gate.set()
    assert outcome_of(last) == "last" and outcome_of(blocker)[1] is True and not ran
    until(lambda: gone() is None)


@test("threads/rule-22-a-late-result-is-dropped")
def late_result():
    gate, entered = threading.Event(), threading.Event()
    thing = Thing()
    gone = weakref.ref(thing)
    pool = make_pool()

    def job(thing):
        entered.set()
        gate.wait(60)
        return thing

    d = pool.run(job, thing).add_errback(type)
    del thing
    assert entered.wait(60)
    d.cancel()
    assert d.result is GDeferred.CancelledError
    gate.set()
    assert outcome_of(pool.run(lambda: 1)) == 1
    until(lambda: gone() is None)
    assert d.result is GDeferred.CancelledError


@test("threads/pools")
def pools():
    pool = make_pool(2)
    assert pool.get_name() == "test" and pool.get_max_threads() == 2
    results = [pool.run(lambda i=i: i * i) for i in range(100)]
    assert [outcome_of(d) for d in results] == [i * i for i in range(100)]
    d = pool.run(lambda: {}["k"])
    assert type(outcome_of(d)) is KeyError
    d.add_errback(swallow)
    pool.close()
    d = pool.run(lambda: 1)
    assert isinstance(outcome_of(d), GLib.Error) and d.failed
    d.add_errback(swallow)


@test("threads/what-cannot-be-called")
def not_callable():
    pool = make_pool()
    for start in (GDeferred.run_in_thread, pool.run, GDeferred.blocking_call_from_thread):
        for wrong in (None, 3, "name", D()):
            with raises(TypeError):
                start(wrong)


@test("threads/a-coroutine-function-gives-its-coroutine-to-the-loop-or-says-so")
def coroutine_function():
    async def body():
        return "ran"

    d = GDeferred.run_in_thread(body)
    value = outcome_of(d)
    if hasattr(value, "close"):
        value.close()
    else:
        assert value == "ran" or isinstance(value, TypeError)
    d.add_errback(swallow)


# --- blocking calls ---

def from_a_thread(*args, **kwargs):
    return GDeferred.run_in_thread(functools.partial(GDeferred.blocking_call_from_thread, *args, **kwargs))


@test("blocking-call/values-failures-deferreds-and-coroutines")
def blocking_calls():
    async def coroutine(value):
        return await later(value)

    value, error = Thing(), ValueError()

    def raising(*_):
        raise error

    assert outcome_of(from_a_thread(here)) is True
    assert outcome_of(from_a_thread(lambda *a, **k: (a, k), 1, function=2)) == ((1,), {"function": 2})
    assert outcome_of(from_a_thread(lambda: value)) is value
    assert outcome_of(from_a_thread(lambda: error)) is error
    assert outcome_of(from_a_thread(lambda: None)) is None
    assert outcome_of(from_a_thread(later, value)) is value
    assert outcome_of(from_a_thread(coroutine, value)) is value
    for fails in (raising, lambda: later(error), lambda: D.fail(error), lambda: later().add_callback(raising)):
        d = from_a_thread(fails)
        assert outcome_of(d) is error and d.failed
        d.add_errback(swallow)


@test("blocking-call/into-another-context")
def blocking_into_a_context():
    context, threads, ready, stop = GLib.MainContext.new(), [], threading.Event(), threading.Event()

    def serve():
        context.push_thread_default()
        ready.set()
        while not stop.is_set():
            context.iteration(True)
        context.pop_thread_default()

    server = threading.Thread(target=serve, daemon=True)
    server.start()
    assert ready.wait(60)
    d = from_a_thread(lambda: threads.append(threading.current_thread()) or 5, context=context)
    assert outcome_of(d) == 5 and threads == [server]
    stop.set()
    context.wakeup()
    server.join()


@test("blocking-call/in-the-main-thread-itself")
def blocking_at_home():
    try:
        assert GDeferred.blocking_call_from_thread(lambda: 5) == 5
    except (RuntimeError, GLib.Error):
        pass


# --- firing from threads ---

@test("firing/rule-20-callbacks-are-called-at-home")
def fired_from_a_thread():
    for fire in (lambda d: d.callback("value"), lambda d: d.errback(ValueError("value"))):
        d = D()
        calls = []
        d.add_both(lambda v: calls.append((here(), d.failed)))
        in_thread(fire, d)
        assert not calls
        settle()
        assert len(calls) == 1 and calls[0][0]


@test("firing/rule-20-already-called-is-decided-at-the-call")
def decided_at_the_call():
    d = D()
    calls = seen(d)

    def fire():
        d.callback("first")
        for late in (lambda: d.callback("second"), lambda: d.errback(ValueError())):
            with raises(GDeferred.AlreadyCalledError):
                late()
        with raises(TypeError):
            d.callback(D())

    in_thread(fire)
    with raises(GDeferred.AlreadyCalledError):
        d.callback("at home")
    settle()
    assert calls == [("first", False)] and d.result is None


@test("firing/rule-20-only-one-wins")
def only_one_wins():
    for _ in range(200):
        d, won, barrier = D(), [], threading.Barrier(4)
        calls = seen(d)

        def fire(i):
            barrier.wait(60)
            try:
                d.callback(i)
                won.append(i)
            except GDeferred.AlreadyCalledError:
                pass

        threads = [threading.Thread(target=fire, args=(i,)) for i in range(3)]
        for thread in threads:
            thread.start()
        fire(3)
        for thread in threads:
            thread.join()
        settle()
        assert len(won) == 1 and calls == [(won[0], False)]


@test("firing/many-thousands")
def many():
    n, n_threads, total = 20000, 4, []
    ds = [D() for _ in range(n)]
    for d in ds:
        d.add_callback(total.append)

    def fire(part):
        for i in range(part, n, n_threads):
            ds[i].callback([i])

    threads = [threading.Thread(target=fire, args=(part,)) for part in range(n_threads)]
    for thread in threads:
        thread.start()
    until(lambda: len(total) == n)
    for thread in threads:
        thread.join()
    assert sorted(v[0] for v in total) == list(range(n))


@test("firing/failures-by-the-thousand")
def many_failures():
    n, kinds = 5000, []
    ds = [D().add_errback(lambda e: kinds.append(type(e))) for _ in range(n)]
    thread = threading.Thread(target=lambda: [d.errback(KeyError(i)) for i, d in enumerate(ds)])
    thread.start()
    until(lambda: len(kinds) == n)
    thread.join()
    assert set(kinds) == {KeyError}


@test("firing/cancelling-against-firing")
def cancel_races():
    for _ in range(300):
        d, calls = D(), []
        d.add_both(calls.append)
        thread = threading.Thread(target=d.callback, args=("fired",))
        thread.start()
        d.cancel()
        thread.join()
        settle()
        assert len(calls) == 1 and (calls[0] == "fired" or type(calls[0]) is GDeferred.CancelledError)


@test("firing/the-last-reference-goes-in-the-thread")
def dropped_in_a_thread():
    calls = []
    for i in range(500):
        box = [D().add_both(lambda v: calls.append((v, here())))]

        def fire():
            box.pop().callback("fired")

        in_thread(fire)
    settle()
    assert calls == [("fired", True)] * 500
    box = [D().add_both(lambda v: calls.append((type(v), here())))]
    calls.clear()
    in_thread(box.clear)
    settle()
    assert calls == [(GLib.Error, True)]


@test("firing/cancel-from-a-thread-calls-the-canceller-at-home")
def cancel_from_a_thread():
    calls = []
    d = D(lambda d: calls.append(here())).add_errback(swallow)
    in_thread(d.cancel)
    assert not calls
    settle()
    assert calls == [True] and d.called


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

    uses = (lambda d: d.called, lambda d: d.state, lambda d: d.paused, lambda d: d.name, lambda d: setattr(d, "name", "n"),
            lambda d: d.pause(), lambda d: d.unpause(), lambda d: d.fork(), lambda d: d.chain_deferred(D()),
            lambda d: d.hand_over(None), lambda d: d.bind_owner(D()), lambda d: d.link_cancellable(None),
            lambda d: next(d.__await__()), lambda d: d.as_future(), lambda d: d.describe(), lambda d: d.get_waiting_on(),
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
    for _ in range(5):
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
    assert n_same, "the numbers did not come back: this shows nothing"


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
