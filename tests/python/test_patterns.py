#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Trying again, values that are kept by key, and what is not done too often; on a virtual clock."""

import gc
import sys
import weakref

from common import D, GDeferred, main, raises, seen, settle, take_reports, test, without_collector
from gi.repository import Gio, GLib, GObject
from loops import beside_a_loop, never

Clock, Retry, Cache = GDeferred.DeferredClock, GDeferred.DeferredRetry, GDeferred.DeferredCache
Debounce, Throttle = GDeferred.DeferredDebounce, GDeferred.DeferredThrottle
CancelledError = GDeferred.CancelledError


class Thing:
    pass


def swallow(_exception):
    pass


def timed(name):
    def register(body):
        def run():
            with Clock() as clock:
                body(clock)

        test(f"patterns/{name}")(run)
        return body

    return register


def failure(d, kind=BaseException):
    """What it failed with, which counts as handled."""
    (value, failed), = seen(d)
    assert failed and (kind is BaseException or type(value) is kind), value
    return value


# --- retry ---

class Flaky:
    """Fails so many times."""

    def __init__(self, clock, n, error=OSError):
        self.clock, self.n, self.error, self.times = clock, n, error, []
        self.started = clock.get_time()

    def __call__(self, *args):
        self.times.append(round(self.clock.get_time() - self.started, 6))
        if len(self.times) <= self.n:
            raise self.error(f"attempt {len(self.times)}")
        return args

    async def later(self, *args):
        await GDeferred.delay(1)
        return self(*args)


@timed("retry/again-until-it-succeeds-with-longer-delays")
def retry(clock):
    thing, flaky = Thing(), Flaky(clock, 3)
    d = GDeferred.retry(flaky, thing, initial_delay=1, factor=2, jitter=0)
    clock.advance(100)
    assert d.result == (thing,) and flaky.times == [0, 1, 3, 7] and clock.get_calls() == []


@timed("retry/at-once-if-it-succeeds")
def retry_at_once(clock):
    assert GDeferred.retry(lambda: "well").result == "well"


@timed("retry/limits")
def retry_limits(clock):
    flaky = Flaky(clock, 100)
    d = GDeferred.retry(flaky, max_attempts=3, initial_delay=1, jitter=0)
    clock.advance(100)
    assert failure(d, OSError).args == ("attempt 3",) and flaky.times == [0, 1, 3]
    flaky = Flaky(clock, 100)
    d = GDeferred.retry(flaky, max_attempts=0, initial_delay=10, max_delay=15, jitter=0, deadline=60)
    clock.advance(1000)
    assert failure(d, OSError) and flaky.times == [0, 10, 25, 40, 55]
    flaky = Flaky(clock, 100)
    d = GDeferred.retry(flaky)
    clock.advance(1000)
    assert failure(d, OSError) and len(flaky.times) == 5


@timed("retry/the-deadline-does-not-end-an-attempt")
def retry_deadline(clock):
    d = GDeferred.retry(lambda: GDeferred.delay(100), deadline=1)
    clock.advance(100)
    assert d.called and not d.failed


@timed("retry/which-failures")
def retry_which(clock):
    for when, error, attempts in ((OSError, OSError, 5), (OSError, ValueError, 1), ((OSError, ValueError), ValueError, 5),
                                  (lambda error, attempt: attempt < 3, OSError, 3), (None, ValueError, 5),
                                  (None, CancelledError, 1), (CancelledError, CancelledError, 5)):
        flaky = Flaky(clock, 100, error)
        d = GDeferred.retry(flaky, when=when)
        clock.advance(100)
        assert failure(d, error) and len(flaky.times) == attempts, (when, flaky.times)

    def filter_fails(_error, _attempt):
        raise KeyError("filter")

    d = GDeferred.retry(Flaky(clock, 100), when=filter_fails)
    assert failure(d, KeyError)


@timed("retry/cancelled-at-each-stage")
def retry_cancelled(clock):
    stopped = []
    d = GDeferred.retry(lambda: never(stopped.append))
    d.cancel()
    assert len(stopped) == 1 and failure(d, CancelledError)

    flaky = Flaky(clock, 100)
    d = GDeferred.retry(flaky, initial_delay=10)
    d.cancel()
    clock.advance(100)
    assert failure(d, CancelledError) and len(flaky.times) == 1

    d = GDeferred.retry(lambda: never(lambda d: d.callback("partial")), when=CancelledError)
    d.cancel()
    assert d.result == "partial"

    d = GDeferred.retry(lambda: never(), when=CancelledError)
    d.cancel()
    assert failure(d, CancelledError), "who cancels wants no other attempt"

    cleaned_up = GDeferred.Deferred()
    d = GDeferred.retry(lambda: never().add_errback(lambda _error: cleaned_up))
    d.cancel()
    assert d.called and not d.is_finished(), "it waits for an attempt that takes its time to end"
    cleaned_up.callback("tidy")
    assert d.result == "tidy"

    box = []

    def cancels_the_whole():
        if len(box) == 2:
            box[1].cancel()
        box.append(None)
        if len(box) == 3:
            return never(stopped.append)
        raise OSError()

    box.append(None)
    box[0:] = [None]
    d = GDeferred.retry(cancels_the_whole, initial_delay=1, jitter=0)
    box[1:] = [d]
    clock.advance(5)
    assert failure(d, CancelledError) and len(stopped) == 2


@timed("retry/as-a-policy-and-as-a-decorator")
def retry_policy(clock):
    policy = Retry(max_attempts=2, initial_delay=1, jitter=0)

    @policy
    async def load(name, *, key):
        """Loads."""
        calls.append((name, key))
        raise OSError()

    calls = []
    d = load("a", key=1)
    other = policy.run(Flaky(clock, 1))
    clock.advance(10)
    assert failure(d, OSError) and calls == [("a", 1)] * 2 and other.result == ()
    assert load.__name__ == "load" and load.__doc__ == "Loads."
    assert policy.next_delay(OSError(), 1, 0) == 1.0 and policy.next_delay(OSError(), 2, 0) is None
    policy.set_delays(2, 10, 3, 0)
    policy.set_deadline(5)
    policy.set_max_attempts(10)
    assert policy.get_deadline() == 5 and policy.get_max_attempts() == 10
    assert policy.next_delay(OSError(), 2, 0) is None and policy.next_delay(OSError(), 1, 2) == 2.0


@timed("retry/of-coroutines-and-of-what-glib-raises")
def retry_coroutines(clock):
    flaky = Flaky(clock, 2)
    d = GDeferred.retry(flaky.later, "x", initial_delay=1, jitter=0)
    clock.advance(100)
    assert d.result == ("x",) and flaky.times == [1, 3, 6]

    def not_found():
        raise GLib.Error.new_literal(Gio.io_error_quark(), "no", Gio.IOErrorEnum.NOT_FOUND)

    d = GDeferred.retry(not_found, when=lambda error, _: error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.NOT_FOUND))
    clock.advance(100)
    assert failure(d, GLib.Error)


@timed("retry/refused")
def retry_refused(clock):
    for wrong in ({"max_attempts": -1}, {"initial_delay": -1}, {"max_delay": float("nan")}, {"factor": 0.5}, {"jitter": 2},
                  {"deadline": "soon"}, {"when": "OSError"}, {"when": (OSError, 3)}, {"clock": 3}):
        with raises((TypeError, ValueError)):
            Retry(**wrong)
    with raises(TypeError):
        Retry().run(3)
    with raises(TypeError):
        Retry()(3)


@timed("retry/nothing-is-left")
def retry_nothing_left(clock):
    with without_collector():
        thing = Thing()
        gone = weakref.ref(thing)
        d = GDeferred.retry(lambda thing: 1 / 0, thing, max_attempts=2)
        del thing
        clock.advance(10)
        failure(d, ZeroDivisionError)
        del d
        assert gone() is None


@timed("retry/for-ever")
def retry_for_ever(clock):
    flaky = Flaky(clock, 3000)
    d = GDeferred.retry(flaky, max_attempts=0, initial_delay=0.001, max_delay=0.001)
    clock.advance(10)
    assert d.result == () and len(flaky.times) == 3001


# --- cache ---

class Loader:
    def __init__(self):
        self.loads, self.stopped = [], []

    def __call__(self, key):
        self.loads.append(key)
        d = D(self.stopped.append)
        self.last = d
        return d


@timed("cache/one-producer-for-many-and-kept")
def cache(clock):
    loader, value = Loader(), Thing()
    cached = Cache(loader)
    first, second = cached.get("a"), cached.get("a")
    assert loader.loads == ["a"] and cached.get_n_in_flight() == 1 and len(cached) == 0 and "a" not in cached
    loader.last.callback(value)
    assert first.result is value and second.result is value
    assert cached.get("a").result is value and loader.loads == ["a"]
    assert "a" in cached and len(cached) == 1 and cached.get_n_in_flight() == 0
    assert cached.peek("a") is value and cached.peek("b") is None and cached.peek("b", 5) == 5


@timed("cache/keys-of-any-kind")
def cache_keys(clock):
    cached = Cache(lambda key: [key])
    for key in (1, "1", (1, "a"), None, frozenset("x"), Thing()):
        value = cached.get(key).result
        assert value == [key] and cached.get(key).result is value
    with raises(TypeError):
        cached.get([])


@timed("cache/coroutines")
def cache_coroutines(clock):
    async def load(key):
        await GDeferred.delay(1)
        return key * 2

    async def body(cached):
        return await GDeferred.gather(cached.get(2), cached.get(2), cached.get(3))

    d = D.from_coroutine(body(Cache(load)))
    clock.advance(1)
    assert d.result == [4, 4, 6]


@timed("cache/a-failure-goes-to-all-and-is-not-kept")
def cache_failure(clock):
    loader, error = Loader(), ValueError()
    cached = Cache(loader)
    waiting = [cached.get("a") for _ in range(3)]
    loader.last.errback(error)
    assert [failure(d) for d in waiting] == [error] * 3 and "a" not in cached
    cached.get("a")
    assert loader.loads == ["a", "a"]
    d = Cache(lambda key: 1 / 0).get("a")
    assert failure(d, ZeroDivisionError)
    Cache(lambda key: 1 / 0).get("a")
    assert [type(error) for error in take_reports()] == [ZeroDivisionError]


@timed("cache/the-last-who-leaves-cancels-it")
def cache_cancelled(clock):
    loader = Loader()
    cached = Cache(loader)
    first, second = cached.get("a"), cached.get("a")
    first.cancel()
    assert failure(first, CancelledError) and loader.stopped == []
    second.cancel()
    assert failure(second, CancelledError) and len(loader.stopped) == 1 and cached.get_n_in_flight() == 0
    third = cached.get("a")
    assert loader.loads == ["a", "a"]
    loader.last.callback("again")
    assert third.result == "again"


@timed("cache/those-who-wait-cannot-disturb-each-other")
def cache_undisturbed(clock):
    loader, owner = Loader(), GObject.Object()
    cached = Cache(loader)
    paused, bound, dropped, plain = (cached.get("a") for _ in range(4))
    paused.pause()
    bound.bind_owner(owner)
    owner.run_dispose()
    settle()
    del dropped
    loader.last.callback(1)
    assert plain.result == 1 and "a" in cached
    paused.unpause()
    assert paused.result == 1


@timed("cache/size-and-age")
def cache_limits(clock):
    loads = []
    cached = Cache(lambda key: loads.append(key) or key, max_size=2, max_age=10)
    cached.get("a")
    clock.advance(1)
    cached.get("b")
    cached.get("a")
    cached.get("c")
    assert ("a" in cached, "b" in cached, "c" in cached) == (True, False, True)
    clock.advance(9)
    assert ("a" in cached, "c" in cached) == (False, True)
    clock.advance(1)
    assert len(cached) == 0 and loads == ["a", "b", "c"]
    cached.set_max_size(0)
    cached.get("d")
    assert "d" not in cached
    cached.set_max_size(None)
    cached.set_max_age(None)
    cached.get("d")
    clock.advance(10 ** 6)
    assert "d" in cached
    cached.set_max_age(1)
    assert "d" not in cached
    for wrong in ({"max_size": -1}, {"max_age": -1}):
        with raises(ValueError):
            Cache(list, **wrong)
    with raises(TypeError):
        Cache(3)


@timed("cache/remove-and-clear")
def cache_remove(clock):
    loader = Loader()
    cached = Cache(loader)
    waiting = cached.get("a")
    assert cached.remove("a") and not cached.remove("a")
    old, newer = loader.last, cached.get("a")
    old.callback("old")
    assert waiting.result == "old" and "a" not in cached
    loader.last.callback("new")
    assert newer.result == "new" and cached.peek("a") == "new"
    waiting = cached.get("b")
    cached.clear()
    assert len(cached) == 0 and cached.get_n_in_flight() == 0
    loader.last.callback("b")
    assert waiting.result == "b" and "b" not in cached


@timed("cache/a-key-that-waits-for-itself")
def cache_ring(clock):
    cached = Cache(lambda key: cached.get(key))
    assert failure(cached.get("a"), GLib.Error).matches(GDeferred.DeferredError.quark(), GDeferred.DeferredError.LOOP)
    other = Cache(lambda key: other.get("b" if key == "a" else "a"))
    assert failure(other.get("a"), GLib.Error).matches(GDeferred.DeferredError.quark(), GDeferred.DeferredError.LOOP)
    assert other.get_n_in_flight() == 0


@timed("cache/used-from-its-function-and-its-callbacks")
def cache_reentry(clock):
    seen_inside = []

    def load(key):
        if key == "a":
            return cached.get("b").add_callback(lambda value: value + "a")
        return key

    cached = Cache(load)
    d = cached.get("a")
    d.add_callback(lambda value: seen_inside.append((value, "a" in cached, "b" in cached)))
    assert seen_inside == [("ba", True, True)]
    clearing = Cache(lambda key: clearing.clear() or key)
    assert clearing.get("a").result == "a" and len(clearing) == 0


@timed("cache/dropped-in-flight-and-collected-when-it-is-a-ring")
def cache_dropped(clock):
    with without_collector():
        loader = Loader()
        cached = Cache(loader)
        d = cached.get("a")
        gone = weakref.ref(cached)
        del cached
        loader.last.callback(1)
        assert d.result == 1 and gone() is None

    class Owner:
        def __init__(self):
            self.cache = Cache(self.load)

        def load(self, key):
            return [self]

    owner = Owner()
    owner.cache.get("a")
    gone = weakref.ref(owner)
    del owner
    gc.collect()
    settle()
    gc.collect()
    assert gone() is None


# --- debounce and throttle ---

@timed("debounce/the-newest-when-it-is-quiet")
def debounce(clock):
    typing, calls, stopped = Debounce(0.3), [], []
    assert typing.get_quiet() == 0.3

    def search(text):
        calls.append(text)
        return never(stopped.append) if text == "slow" else [text]

    first, second = typing.run(search, "a"), typing.run(search, "ab")
    assert failure(first, CancelledError) and calls == []
    clock.advance(0.3)
    assert calls == ["ab"] and second.result == ["ab"]
    slow = typing.run(search, "slow")
    clock.advance(0.3)
    newest = typing.run(search, "newest")
    assert len(stopped) == 1 and failure(slow, CancelledError)
    assert typing.flush() and newest.result == ["newest"] and not typing.flush()
    last = typing.run(search, "never")
    typing.cancel()
    clock.advance(1)
    assert failure(last, CancelledError) and calls[-1] == "newest"
    typing.set_quiet(1)
    d = typing.run(search, "again")
    clock.advance(0.5)
    assert not d.is_finished()
    clock.advance(0.5)
    assert d.result == ["again"]


@timed("debounce/as-a-decorator")
def debounce_decorator(clock):
    @Debounce(0.3)
    async def search(text, *, limit):
        await GDeferred.delay(1)
        return text, limit

    first, second = search("a", limit=1), search("b", limit=2)
    clock.advance(0.3)
    clock.advance(1)
    assert second.result == ("b", 2) and search.__name__ == "search"
    failure(first, CancelledError)


@timed("throttle/at-most-one-an-interval")
def throttle(clock):
    calls, started = [], clock.get_time()
    moving = Throttle(1)
    assert moving.get_interval() == 1.0

    def move(to):
        calls.append((to, round(clock.get_time() - started, 6)))
        return to

    first = moving.run(move, 1)
    assert first.result == 1
    waiting = [moving.run(move, i) for i in (2, 3)]
    clock.advance(1)
    assert calls == [(1, 0), (3, 1)] and failure(waiting[0], CancelledError) and waiting[1].result == 3
    clock.advance(1)
    moving.run(move, 4)
    last = moving.run(move, 5)
    moving.cancel()
    clock.advance(5)
    assert calls == [(1, 0), (3, 1), (4, 2)] and failure(last, CancelledError)
    moving.set_interval(0)
    moving.run(move, 6)
    moving.run(move, 7)
    assert [to for to, _ in calls] == [1, 3, 4, 6, 7]


@timed("debounce/failures-and-refusals")
def paces_refused(clock):
    for kind in (Debounce, Throttle):
        for wrong in (-1, "soon", None):
            with raises((TypeError, ValueError)):
                kind(wrong)
        pace = kind(0)
        with raises(TypeError):
            pace.run(3)
        with raises(TypeError):
            pace(3)
        d = pace.run(lambda: 1 / 0)
        clock.advance(0)
        assert failure(d, ZeroDivisionError)


@timed("debounce/dropped-with-what-waits")
def paces_dropped(clock):
    with without_collector():
        for kind in (Debounce, Throttle):
            thing, pace = Thing(), kind(1)
            gone = weakref.ref(thing)
            pace.run(list)
            d = pace.run(lambda thing: None, thing)
            del thing, pace
            settle()
            assert failure(d, CancelledError)
            assert gone() is None, kind


@test("patterns/in-another-thread")
def elsewhere():
    objects = Retry(), Cache(list), Debounce(1), Throttle(1)

    def act():
        retrying, cached, debounced, throttled = objects
        for call in (lambda: retrying.run(list), lambda: cached.get(1), lambda: 1 in cached, cached.clear,
                     lambda: debounced.run(list), debounced.cancel, lambda: throttled.run(list), throttled.cancel):
            with raises(RuntimeError):
                call()

    beside_a_loop(act)


if __name__ == "__main__":
    sys.exit(main())
