#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Many at once: DeferredList, gather, race, any, settled; and the progress of a whole."""

import asyncio
import gc
import sys
import weakref

from common import D, RAW, GDeferred, in_thread, later, main, raises, seen, settle, take_reports, test, without_collector
from gi.repository import Gio, GLib
from loops import beside_a_loop

FirstError, CancelledError = GDeferred.FirstError, GDeferred.CancelledError


class Thing:
    pass


class Text(str):
    pass


def swallow(_exception):
    pass


def outcome_of(d):
    """(result, failed) of one that is finished."""
    (outcome,) = seen(d)
    return outcome


def result_of(d):
    value, failed = outcome_of(d)
    assert not failed, value
    return value


def failure_of(d, kind=BaseException):
    value, failed = outcome_of(d)
    assert failed and type(value) is kind, value
    return value


def fire(d, value):
    (d.errback if isinstance(value, Exception) else d.callback)(value)


# How the parts come to fire. Each gives the Deferreds, and what then fires them.

def sync(outcomes):
    parts = [D() for _ in outcomes]
    for d, value in zip(parts, outcomes):
        fire(d, value)
    return parts, lambda: None


def in_order(outcomes):
    parts = [D() for _ in outcomes]
    return parts, lambda: [fire(d, value) for d, value in zip(parts, outcomes)]


def reverse(outcomes):
    parts = [D() for _ in outcomes]
    return parts, lambda: [fire(d, value) for d, value in reversed(list(zip(parts, outcomes)))]


def from_loop(outcomes):
    return [later(value, turns=turns % 3 + 1) for turns, value in enumerate(outcomes)], settle


def from_threads(outcomes):
    parts = [D() for _ in outcomes]

    def act():
        for d, value in zip(parts, outcomes):
            in_thread(fire, d, value)
        settle()

    return parts, act


def from_coroutines(outcomes):
    async def body(value):
        value = await later(value)
        return value

    return [body(value) for value in outcomes], settle


def from_futures(outcomes):
    """Of concurrent.futures, which need no loop."""
    import concurrent.futures

    futures = [concurrent.futures.Future() for _ in outcomes]

    def act():
        for future, value in zip(futures, outcomes):
            if not future.cancelled():  # as its Deferred was
                (future.set_exception if isinstance(value, Exception) else future.set_result)(value)
        settle()

    return futures, act


class Later:
    """Can be awaited, and is nothing else."""

    def __init__(self, value):
        self.value = value

    def __await__(self):
        return (yield from later(self.value).__await__())


def from_awaitables(outcomes):
    return [Later(value) for value in outcomes], settle


WAYS = (sync, in_order, reverse, from_loop, from_threads, from_coroutines, from_futures, from_awaitables)


def each_way(name):
    def register(body):
        for way in WAYS:
            test(f"lists/{name}/{way.__name__.replace('_', '-')}")(lambda way=way: body(way))
        return body

    return register


# --- gather ---

@each_way("gather-has-the-results-as-they-are-and-in-order")
def gather_results(way):
    values = [1, "text", None, 2.5, True, Thing(), [Thing()], Text("own"), 1 << 70, ValueError, b"bytes", D]
    parts, act = way(values)
    d = GDeferred.gather(parts)
    assert isinstance(d, GDeferred.DeferredList) and isinstance(d, D)
    act()
    results = result_of(d)
    assert type(results) is list and results == values
    for found, wanted in zip(results, values):
        assert type(found) is type(wanted)
        assert found is wanted or isinstance(wanted, (int, str, float)) and type(wanted) is not Text
    assert d.get_index() == -1


@each_way("gather-fails-with-the-first-error")
def gather_fails(way):
    error = ValueError("the very one")
    parts, act = way([1, error, "text"])
    d = GDeferred.gather(parts)
    act()
    first = failure_of(d, FirstError)
    assert first.exception is error and first.index == 1 and first.__cause__ is error


@test("lists/gather-of-several-of-one-iterable-and-of-none")
def gather_arguments():
    def parts():
        yield from (D.succeed(1), D.succeed(2))

    assert result_of(GDeferred.gather(*parts())) == [1, 2]
    assert result_of(GDeferred.gather(parts())) == [1, 2]
    assert result_of(GDeferred.gather(tuple(parts()))) == [1, 2]
    assert result_of(GDeferred.gather(D.succeed(1))) == [1]
    same = D.succeed("twice")
    assert result_of(GDeferred.gather(same, same)) == ["twice", "twice"]
    assert result_of(GDeferred.gather()) == [] == result_of(GDeferred.gather([]))


@test("lists/gather-leaves-the-parts-as-they-are")
def gather_leaves_parts():
    thing, error = Thing(), ValueError()
    good, bad = D(), D()
    d = GDeferred.gather(good, bad)
    good.callback(thing)
    bad.errback(error)
    assert good.result is thing and bad.result is error and bad.failed
    failure_of(d, FirstError)
    bad.add_errback(swallow)


@test("lists/gather-and-the-errors-that-come-later")
def gather_later_errors():
    for consume in (False, True):
        parts = [D() for _ in range(3)]
        d = GDeferred.gather(parts, consume_errors=consume)
        first, second = ValueError("first"), ValueError("second")
        parts[1].errback(first)
        parts[0].errback(second)
        parts[2].callback(1)
        assert failure_of(d, FirstError).exception is first
        if consume:
            assert [part.result for part in parts] == [None, None, 1]
        del d, parts
        gc.collect()
        assert take_reports() == ([] if consume else [second])


@test("lists/gather-can-cancel-the-rest")
def gather_cancels_the_rest():
    cancelled = []
    parts = [D(cancelled.append) for _ in range(3)]
    d = GDeferred.gather(parts, cancel_rest=True)
    calls = seen(d)
    parts[1].errback(ValueError())
    assert cancelled == [parts[0], parts[2]]
    assert len(calls) == 1 and type(calls[0][0]) is FirstError and calls[0][0].index == 1


@test("lists/gather-of-gathers")
def gather_of_gathers():
    parts = [D() for _ in range(4)]
    d = GDeferred.gather(GDeferred.gather(parts[:2]), GDeferred.gather(parts[2:]))
    for number, part in enumerate(parts):
        part.callback(number)
    assert result_of(d) == [[0, 1], [2, 3]]

    error = ValueError()
    d = GDeferred.gather(D(), GDeferred.gather(D(), D.fail(error)))
    outer = failure_of(d, FirstError)
    assert outer.index == 1 and outer.exception.index == 1 and outer.exception.exception is error


@test("lists/a-cancel-reaches-all-parts-and-is-the-error")
def cancel():
    for make in (GDeferred.gather, GDeferred.race, GDeferred.any, GDeferred.settled,
                 lambda parts: GDeferred.DeferredList(parts, fire_on_one_errback=True)):
        cancelled = []
        parts = [D(cancelled.append) for _ in range(3)]
        d = make(parts)
        calls = seen(d)
        d.cancel()
        assert cancelled == parts, make
        assert len(calls) == 1 and calls[0][1] and type(calls[0][0]) is CancelledError, (make, calls)
        for part in parts:
            part.add_errback(swallow)


@test("lists/a-cancel-when-some-have-fired")
def cancel_midway():
    cancelled = []
    parts = [D(cancelled.append) for _ in range(3)]
    d = GDeferred.gather(parts)
    parts[0].callback(1)
    calls = seen(d)
    d.cancel()
    assert cancelled == parts[1:] and type(calls[0][0]) is CancelledError
    d.cancel()
    assert len(calls) == 1


@test("lists/a-part-that-is-cancelled-is-a-first-error")
def part_cancelled():
    parts = [D(), D()]
    d = GDeferred.gather(parts)
    parts[1].cancel()
    first = failure_of(d, FirstError)
    assert first.index == 1 and type(first.exception) is CancelledError


@test("lists/a-part-that-is-dropped")
def part_dropped():
    with without_collector():
        parts = [D(), D.succeed(1)]
        d = GDeferred.gather(parts)
        calls = seen(d)
        parts.clear()
        settle()
        (error, failed), = calls
        assert failed and error.index == 0
        assert error.exception.matches(GDeferred.DeferredError.quark(), GDeferred.DeferredError.ABANDONED)


@test("lists/a-part-never-fires-and-nothing-leaks")
def never():
    with without_collector():
        part = D()
        d = GDeferred.gather(part, D.succeed(Thing()))
        gone = weakref.ref(d)
        calls = seen(d)
        del d
        assert gone() is not None and calls == []  # its part holds it
        part.add_errback(swallow)
        del part
        settle()
        assert gone() is None and len(calls) == 1


@test("lists/refused")
def refused():
    make = (GDeferred.gather, GDeferred.race, GDeferred.any, GDeferred.settled, lambda *parts: GDeferred.DeferredList(parts))
    for function in make:
        started = []

        async def body():
            started.append(True)

        coroutine = body()
        for wrong in (3, None, "text", [3], object()):
            with raises(TypeError):
                function(coroutine, wrong)
        assert started == [], "nothing is started before all are known to be good"
        coroutine.close()
    for function in make[:4]:
        with raises(TypeError):
            function(3)


@test("lists/the-first-of-none")
def first_of_none():
    wrong = Gio.IOErrorEnum.INVALID_ARGUMENT
    for d in (GDeferred.race(), GDeferred.race([]), GDeferred.any(), GDeferred.any([]),
              GDeferred.DeferredList([], fire_on_one_callback=True)):
        assert failure_of(d, GLib.Error).matches(Gio.io_error_quark(), wrong)


@test("lists/in-a-thread-that-is-not-at-home")
def elsewhere():
    def act():
        with raises(RuntimeError):
            GDeferred.gather([])
        with raises(RuntimeError):
            GDeferred.DeferredList([D()])

    beside_a_loop(act)


# --- race, any, settled ---

@each_way("race-takes-the-first-that-fires")
def race(way):
    thing = Thing()
    parts, act = way([thing])
    never = D()
    d = GDeferred.race([never, *parts])
    act()
    index, value = result_of(d)
    assert index == 1 and value is thing and never.failed
    never.add_errback(swallow)

    error = ValueError()
    parts, act = way([error])
    d = GDeferred.race([never := D(), *parts])
    act()
    first = failure_of(d, FirstError)
    assert first.index == 1 and first.exception is error
    never.add_errback(swallow)


@test("lists/race-has-no-favourite-among-the-fired-but-the-first-given")
def race_fired():
    assert result_of(GDeferred.race(D(), D.succeed("b"), D.succeed("c"))) == (1, "b")


@test("lists/race-cancels-the-losers-before-it-fires")
def race_losers():
    trace = []
    parts = [D(lambda d, i=i: trace.append(i)) for i in range(3)]
    GDeferred.race(parts).add_callback(trace.append)
    parts[1].callback("won")
    assert trace == [0, 2, (1, "won")]
    for part in parts:
        part.add_errback(swallow)


@each_way("any-takes-the-first-that-succeeds")
def any_succeeds(way):
    thing = Thing()
    parts, act = way([ValueError(), thing, KeyError()])
    d = GDeferred.any(parts)
    act()
    assert result_of(d) is thing and d.get_index() == 1


@each_way("any-fails-when-all-have")
def any_fails(way):
    errors = [ValueError("a"), KeyError("b"), OSError(2, "c")]
    parts, act = way(errors)
    d = GDeferred.any(parts)
    act()
    failed = failure_of(d, GDeferred.AllFailed)
    assert all(found is wanted for found, wanted in zip(failed.exceptions, errors)) and len(failed.exceptions) == 3
    assert "ValueError('a')" in str(failed)
    if sys.version_info >= (3, 11):
        assert isinstance(failed, ExceptionGroup)
        matched, rest = failed.split(KeyError)
        assert type(rest) is GDeferred.AllFailed and matched.exceptions == (errors[1],)


@test("lists/any-with-what-no-group-holds")
def any_with_exits():
    with raises(GDeferred.AllFailed) as caught:
        raise GDeferred.AllFailed([GeneratorExit("x"), ValueError()])
    assert isinstance(caught.value.exceptions[0].__cause__, GeneratorExit)
    d = GDeferred.any(D.fail(asyncio.CancelledError()), D.fail(ValueError()))
    assert isinstance(failure_of(d, GDeferred.AllFailed).exceptions[0].__cause__, asyncio.CancelledError)


@each_way("settled-never-fails")
def settled(way):
    thing, error = Thing(), ValueError()
    parts, act = way([thing, error, None])
    d = GDeferred.settled(parts)
    act()
    outcomes = result_of(d)
    assert outcomes == [(True, thing), (False, error), (True, None)] and type(outcomes[0]) is tuple


@test("lists/an-exception-as-a-value-is-a-value")
def exception_as_a_value():
    value = ValueError()
    assert result_of(GDeferred.settled(D.succeed(value), D.fail(value))) == [(True, value), (False, value)]
    assert result_of(GDeferred.gather(D.succeed(value))) == [value]


# --- DeferredList ---

@each_way("list-has-twisteds-tuples")
def list_results(way):
    thing, error = Thing(), ValueError()
    parts, act = way([thing, error])
    d = GDeferred.DeferredList(parts, consume_errors=True)
    assert type(d) is GDeferred.DeferredList and d.get_length() == 2
    act()
    assert result_of(d) == [(True, thing), (False, error)]


@test("lists/list-fires-on-one-callback")
def list_one_callback():
    parts = [D() for _ in range(3)]
    d = GDeferred.DeferredList(parts, fire_on_one_callback=True)
    calls = seen(d)
    error = ValueError()
    parts[2].errback(error)
    assert calls == []
    parts[1].callback("won")
    assert calls == [(("won", 1), False)] and d.get_n_pending() == 1
    parts[2].add_errback(swallow)

    parts = [D(), D()]
    calls = seen(GDeferred.DeferredList(parts, fire_on_one_callback=True, consume_errors=True))
    for part in parts:
        part.errback(error)
    assert calls == [([(False, error), (False, error)], False)]


@test("lists/list-fires-on-one-errback")
def list_one_errback():
    parts = [D() for _ in range(3)]
    d = GDeferred.DeferredList(parts, fire_on_one_errback=True, consume_errors=True)
    calls = seen(d)
    error = ValueError()
    parts[2].callback(1)
    parts[0].errback(error)
    assert calls == [(FirstError(error, 0), True)]
    parts[1].callback(2)
    assert len(calls) == 1


@test("lists/list-consumes-errors-or-not")
def list_consumes():
    for consume in (False, True):
        part, error = D(), ValueError()
        d = GDeferred.DeferredList([part], consume_errors=consume)
        calls = seen(part)
        part.errback(error)
        assert calls == [(None, False)] if consume else [(error, True)]
        assert result_of(d) == [(False, error)]


@test("lists/list-cancels-the-rest")
def list_cancels_rest():
    cancelled = []
    parts = [D(cancelled.append) for _ in range(2)]
    d = GDeferred.DeferredList(parts, fire_on_one_callback=True, cancel_rest=True, consume_errors=True)
    parts[0].callback(1)
    assert cancelled == [parts[1]] and result_of(d) == (1, 0)


@test("lists/list-of-none")
def list_of_none():
    assert result_of(GDeferred.DeferredList([])) == []


@test("lists/made-in-c-and-seen-in-python")
def made_in_c():
    d = RAW.gather([D.succeed(1), D.succeed([2])], GDeferred.DeferredListFlags.DEFAULT)
    assert type(d) is GDeferred.DeferredList
    results = result_of(d)
    assert [results.get_value(i) for i in range(results.get_length())] == [1, [2]]


@test("lists/what-c-sees-of-the-errors")
def errors_in_c():
    quark, errors = GDeferred.DeferredError.quark(), GDeferred.DeferredError
    d = GDeferred.gather(D.fail(CancelledError("early")))
    assert RAW.get_error(d).message == "early"
    failure_of(d, FirstError)
    d = GDeferred.any(D.fail(ValueError()))
    assert RAW.get_error(d).matches(quark, errors.ALL_FAILED)
    failure_of(d, GDeferred.AllFailed)


# --- awaiting ---

@test("lists/awaited-and-cancelled-under-asyncio")
def under_asyncio():
    cancelled = []

    async def body():
        assert await GDeferred.gather(later(1), asyncio.ensure_future(asyncio.sleep(0, "task"))) == [1, "task"]
        for make in (GDeferred.gather, GDeferred.race, GDeferred.any, GDeferred.settled):
            parts = [D(cancelled.append), D(cancelled.append)]
            task = asyncio.ensure_future(wait(make(parts)))
            await asyncio.sleep(0)
            task.cancel()
            with raises(asyncio.CancelledError):
                await task

    async def wait(d):
        return await d

    asyncio.run(body())
    assert len(cancelled) == 8
    gc.collect()
    take_reports()


@test("lists/cancelled-from-a-coroutine-of-ours")
def from_coroutines_of_ours():
    cancelled, parts = [], []

    async def body():
        parts[:] = D(cancelled.append), D(cancelled.append)
        await GDeferred.gather(parts)

    d = D.from_coroutine(body())
    d.cancel()
    assert len(cancelled) == 2 and type(failure_of(d, CancelledError)) is CancelledError


# --- progress ---

@test("lists/progress-of-a-whole-from-its-parts")
def progress():
    whole, parts = D(), [D(), D()]
    whole.add_part(parts[0])
    whole.add_part(parts[1], 3)
    parts[0].set_progress(0.5)
    assert whole.get_progress() == 0.125
    parts[1].callback()
    assert whole.get_progress() == 0.875
    parts[0].callback()
    assert whole.get_progress() == 1.0
    for wrong in ((3,), (None,), (D(), 0), (D(), -1), (D(), float("nan")), (D(), "much")):
        with raises((TypeError, ValueError)):
            whole.add_part(*wrong)
    whole.callback()


# --- many ---

@test("lists/thousands")
def thousands():
    for make, wanted in ((GDeferred.gather, list(range(3000))), (GDeferred.settled, [(True, i) for i in range(3000)])):
        parts = [D() for _ in range(3000)]
        d = make(parts)
        for number, part in enumerate(parts):
            part.callback(number)
        assert result_of(d) == wanted


if __name__ == "__main__":
    sys.exit(main())
