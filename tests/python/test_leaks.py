#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Everything dies when it should: by its references alone where there is no ring, by the collector where there is."""

import functools
import gc
import sys
import weakref

from common import D, RAW, GDeferred, in_thread, main, settle, take_reports, test, until, without_collector
from gi.repository import GObject
from growth import does_not_grow


class Thing:
    """Tells by a weak reference that it has gone."""

    def __call__(self, *_, **__):
        pass


class Error(Exception):
    pass


def swallow(_exception):
    pass


def watched(kind=Thing):
    thing = kind()
    return thing, weakref.ref(thing)


def dies(d):
    """Whether it dies with this reference, both halves of it."""
    gone, gone_in_c = weakref.ref(d), []
    GObject.Object.weak_ref(d, gone_in_c.append, True)
    return lambda: gone() is None and bool(gone_in_c)


def every_sort_of_adding(d, thing):
    d.add_callback(thing, thing, key=thing)
    d.add_errback(thing, thing, key=thing)
    d.add_errback(thing, thing, when=Error)
    d.add_both(thing, thing, key=thing)
    d.add_callbacks(thing, thing, (thing,), {"key": thing}, (thing,), {"key": thing})


# --- by references alone ---

def is_gone_after(act, settles=False):
    with without_collector():
        thing, gone = watched()
        d = D()
        every_sort_of_adding(d, thing)
        del thing
        assert gone() is not None
        act(d)
        if settles:
            settle()
        assert gone() is None


@test("leaks/functions-and-arguments-go-when-they-have-run")
def after_running():
    is_gone_after(lambda d: d.callback("value"))
    is_gone_after(lambda d: d.errback(Error()))


@test("leaks/functions-and-arguments-go-with-a-cancel")
def after_cancel():
    is_gone_after(lambda d: d.cancel())


@test("leaks/functions-and-arguments-go-when-their-deferred-is-dropped")
def after_drop():
    with without_collector():
        thing, gone = watched()
        d = D()
        d.add_errback(swallow)
        every_sort_of_adding(d, thing)
        dead = dies(d)
        del thing, d
        settle()
        assert gone() is None and dead()


@test("leaks/fired-from-a-thread")
def after_a_thread():
    is_gone_after(lambda d: in_thread(d.callback), settles=True)
    is_gone_after(lambda d: in_thread(d.errback, Error()), settles=True)


@test("leaks/a-canceller-goes-when-it-can-no-longer-be-called")
def cancellers():
    with without_collector():
        for act in (lambda d: d.callback(), lambda d: d.errback(Error()), lambda d: d.cancel(), lambda d: None):
            thing, gone = watched()
            d = D(thing)
            del thing
            act(d)
            if d.called:
                assert gone() is None, act
            d.add_errback(swallow)
            dead = dies(d)
            del d
            settle()
            assert gone() is None and dead(), act


@test("leaks/a-canceller-whose-deferred-c-fires")
def canceller_of_one_that_c_fires():
    with without_collector():
        thing, gone = watched()
        d = D(thing)
        del thing
        first = D()
        first.chain_deferred(d)
        first.callback("relayed")
        assert d.result == "relayed"
        d.add_callback(swallow)
        assert gone() is None
        del d


@test("leaks/results-go-when-they-are-replaced-or-their-deferred-is")
def results():
    with without_collector():
        for drop in (lambda d: d.add_callback(lambda v: None), lambda d: d.add_callback(lambda v: D()),
                     lambda d: d.add_callback(lambda v: 1 / 0).add_errback(swallow), lambda d: d.chain_deferred(D()),
                     lambda d: RAW.add_callback(d, lambda d, *_: d.return_none())):
            thing, gone = watched()
            d = D.succeed(thing)
            del thing
            assert gone() is not None
            drop(d)
            assert gone() is None, drop
            d.add_errback(swallow)
            settle()
            thing, gone = watched()
            d = D.succeed(thing)
            dead = dies(d)
            del thing, d
            assert gone() is None and dead()


@test("leaks/results-that-c-has-seen")
def results_in_c():
    with without_collector():
        thing, gone = watched()
        d = D.succeed(thing)
        RAW.get_result(d)
        forked = d.fork()
        del thing
        d.add_callback(swallow)
        forked.add_callback(swallow)
        assert gone() is None


@test("leaks/exceptions-go-when-they-are-handled")
def exceptions():
    def raising(_):
        raise Error()

    with without_collector():
        for make in (lambda: D.fail(Error()), lambda: D.succeed().add_callback(raising),
                     lambda: D.succeed().add_callback(lambda _: D.fail(Error())), lambda: D.fail(Error()).fork(),
                     lambda: GDeferred.maybe_deferred(raising, 1)):
            d = make()
            gone = weakref.ref(d.result)
            d.add_errback(swallow)
            settle()
            take_reports()
            assert gone() is None, make
        d = D.fail(Error())
        gone = weakref.ref(d.result)
        del d
        take_reports()
        assert gone() is None


@test("leaks/a-failing-callback-that-uses-its-deferred-makes-no-ring")
def failing_makes_no_ring():
    with without_collector():
        d = D()

        def raising(_):
            mine = d
            raise Error(mine is None)

        d.add_callback(raising).add_errback(swallow)
        d.callback()
        dead = dies(d)
        del d, raising
        assert dead()


@test("leaks/a-deferred-dies-at-once")
def deferreds():
    with without_collector():
        for make in (D, lambda: D(print), D.succeed, lambda: D.succeed([]),
                     lambda: D().add_callback(id).add_callback(id), lambda: D.succeed(1).add_callback(id),
                     lambda: D.fail(Error()).add_errback(swallow),
                     lambda: D.succeed().add_callback(lambda _: D.succeed([])), lambda: D.succeed([]).fork(),
                     lambda: D.from_coroutine(coroutine()), lambda: GDeferred.maybe_deferred(list)):
            d = make()
            pending = not d.called and make is not D
            dead = dies(d)
            del d
            if pending:
                settle()
            assert dead(), make
    take_reports()


async def coroutine():
    await D.succeed()


@test("leaks/outer-and-inner")
def outer_and_inner():
    with without_collector():
        inner, outer = D(), D.succeed()
        thing, gone = watched()
        outer.add_callback(lambda _: inner).add_callback(thing)
        dead_inner, dead_outer = dies(inner), dies(outer)
        del outer, thing
        assert gone() is not None, "the inner one keeps who waits for it"
        inner.callback()
        assert gone() is None and dead_outer()
        del inner
        assert dead_inner()


@test("leaks/watching-and-awaiting-leaves-nothing")
def awaiting():
    async def body(d, thing):
        await d

    with without_collector():
        d = D()
        thing, gone = watched()
        one = D.from_coroutine(body(d, thing))
        del thing
        d.callback()
        assert gone() is None
        dead = dies(d)
        del d
        assert dead()
        del one


# --- rings ---

def collect():
    for _ in range(4):
        gc.collect()
        take_reports()


def ring_of_a_callback():
    d = D()
    d.add_callback(lambda v: d)
    return d


def ring_of_a_canceller():
    d = D(lambda _: d)
    return d


def ring_of_an_argument():
    d = D()
    return d.add_both(lambda v, me: None, d)


def ring_of_a_result():
    d = D()
    d.callback([d])
    return d


def ring_of_a_handled_result():
    return ring_of_a_result().add_callback(lambda v: v)


def ring_of_a_failure():
    error = Error()
    error.d = D.fail(error)
    return error.d


def ring_of_an_attribute():
    d = D.succeed()
    d.me = d
    return d


def ring_of_two():
    a, b = D(), D()
    a.add_callback(lambda v: b)
    b.add_callback(lambda v: a)
    return a


def ring_of_a_waiting_coroutine():
    async def body():
        await box[0]

    box = [D()]
    box[0].coroutine = D.from_coroutine(body())
    return box[0]


def ring_of_a_generator():
    @GDeferred.inline_callbacks
    def body():
        yield inner

    inner = D()
    inner.outer = body()
    return inner


def paused_ring():
    d = ring_of_a_callback()
    d.pause()
    d.callback()
    return d


RINGS = (ring_of_a_callback, ring_of_a_canceller, ring_of_an_argument, ring_of_a_result, ring_of_a_handled_result,
         ring_of_a_failure, ring_of_an_attribute, ring_of_two, ring_of_a_waiting_coroutine, ring_of_a_generator,
         paused_ring)


def is_collected(make):
    gc.disable()
    try:
        d = make()
        dead = dies(d)
        del d
        settle()
    finally:
        gc.enable()
    collect()
    assert dead(), [type(r) for r in gc.get_objects() if isinstance(r, D)]


for make in RINGS:
    test(f"leaks/the-collector-finds/{make.__name__.replace('_', '-')}")(functools.partial(is_collected, make))


# --- long runs ---

def a_chain(i):
    d = D()
    d.add_callback(lambda v, i: v, i).add_errback(swallow).add_both(lambda v: [v])
    d.callback(i)


def a_failing_chain(i):
    d = D()
    d.add_callback(lambda v: 1 / 0).add_errback(swallow, when=ZeroDivisionError).add_callback(lambda v: v)
    d.callback(i)


def an_unhandled_failure(i):
    D().add_callback(lambda v: {}["missing"]).callback(i)
    if i % 100 == 0:
        take_reports()


def a_wait(i):
    inner = D()
    D.succeed().add_callback(lambda _: inner).add_callback(lambda v: v)
    inner.callback("x")


def a_cancel(i):
    D(swallow).add_errback(swallow).cancel()


def a_fork(i):
    d = D.succeed("text")
    d.fork().chain_deferred(D())
    RAW.get_result(d)


def a_dropped_one(i):
    D().add_errback(swallow)
    if i % 100 == 0:
        settle()


def a_coroutine(i):
    async def body():
        await D.succeed(i)
        await d
        return [i]

    d = D()
    D.from_coroutine(body()).add_callback(lambda v: v)
    d.callback()


def a_generator(i):
    @GDeferred.inline_callbacks
    def body():
        yield D.succeed(i)
        yield d

    d = D()
    body()
    d.callback()


for name, n, once in (("100000-chains", 100000, a_chain), ("20000-failures", 20000, a_failing_chain),
                      ("20000-unhandled", 20000, an_unhandled_failure), ("20000-waits", 20000, a_wait),
                      ("20000-cancels", 20000, a_cancel), ("20000-forks", 20000, a_fork),
                      ("20000-dropped", 20000, a_dropped_one), ("20000-coroutines", 20000, a_coroutine),
                      ("20000-generators", 20000, a_generator)):
    test(f"leaks/a-loop-does-not-grow/{name}")(functools.partial(does_not_grow, n, once))


@test("leaks/a-loop-does-not-grow/threads")
def threads_do_not_grow():
    def once(_):
        ds = [GDeferred.run_in_thread(list) for _ in range(50)]
        until(lambda: all(d.is_finished() for d in ds))

    does_not_grow(100, once, bytes_each=50 * 200)


@test("leaks/the-loop-would-notice-100-bytes")
def would_notice():
    kept = []
    try:
        does_not_grow(20000, lambda i: (a_chain(i), kept.append(bytes(100 - sys.getsizeof(b"")))))
    except AssertionError:
        return
    raise AssertionError("100 bytes each time went unnoticed")


if __name__ == "__main__":
    sys.exit(main())
