#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Threads: functions that run in others, and Deferreds that are fired from others."""

import functools
import sys
import threading
import weakref

from common import D, GDeferred, in_thread, later, main, raises, seen, settle, test, until
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


@test("threads/a-coroutine-function-is-refused")
def coroutine_function():
    async def body():
        return "ran"

    pool = make_pool()
    for start in (GDeferred.run_in_thread, pool.run):
        with raises(TypeError, "coroutine"):
            start(body)


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


if __name__ == "__main__":
    sys.exit(main())
