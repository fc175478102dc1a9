#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""How Deferreds end: the rules from 14 to 18, as Python sees them, and derived classes."""

import gc
import sys
import weakref

from common import D, GDeferred, State, in_thread, main, raises, seen, settle, take_reports, test, without_collector
from gi.repository import Gio, GLib


class Thing:
    pass


def boom(_value):
    raise ValueError("boom")


def swallow(_exception):
    pass


def is_abandoned(error):
    return error.matches(GDeferred.DeferredError.quark(), GDeferred.DeferredError.ABANDONED)


# --- cancelling ---

@test("rule-14/cancel-fails-with-cancelled")
def cancel():
    d = D()
    calls = seen(d)
    d.cancel()
    error, failed = calls[0]
    assert failed and type(error) is GDeferred.CancelledError and len(calls) == 1
    assert error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED)
    assert d.called and d.is_cancelled()


@test("rule-14/the-canceller-is-called-once-with-the-deferred")
def the_canceller():
    calls = []
    d = D(calls.append).add_errback(swallow)
    d.cancel()
    d.cancel()
    assert calls == [d]


@test("rule-14/the-canceller-may-fire-it")
def the_canceller_fires():
    for fire in (lambda d: d.callback("instead"), lambda d: d.errback(KeyError("instead"))):
        d = D(fire)
        calls = seen(d)
        d.cancel()
        assert len(calls) == 1 and calls[0][0] == "instead" or type(calls[0][0]) is KeyError
        with raises(GDeferred.AlreadyCalledError):
            d.callback("late")


@test("rule-14/a-canceller-that-raises-leaves-nothing-pending")
def the_canceller_raises():
    for error in (ValueError("in the canceller"), GLib.Error("in the canceller", "domain", 1)):
        def canceller(_d):
            raise error

        d = D(canceller)
        calls = seen(d)
        d.cancel()
        assert type(calls[0][0]) is GDeferred.CancelledError
        assert take_reports() == [error]


@test("rule-14/a-canceller-that-cancels-again")
def the_canceller_cancels():
    calls = []
    d = D(lambda d: (calls.append(d), d.cancel())).add_errback(swallow)
    d.cancel()
    assert calls == [d] and d.called


@test("rule-14/exactly-one-late-fire-is-swallowed")
def one_late_fire():
    for late in (lambda d: d.callback("late"), lambda d: d.errback(ValueError("late"))):
        for with_callbacks in (True, False):
            d = D()
            if with_callbacks:
                d.add_errback(lambda _: "cancelled")
            d.cancel()
            before = type(d.result)
            late(d)
            assert type(d.result) is before is (str if with_callbacks else GDeferred.CancelledError)
            with raises(GDeferred.AlreadyCalledError):
                late(d)
            assert type(d.result) is before
            d.add_errback(swallow)


@test("rule-14/with-a-canceller-no-late-fire")
def no_late_fire():
    d = D(lambda d: None).add_errback(swallow)
    d.cancel()
    with raises(GDeferred.AlreadyCalledError):
        d.callback("late")


@test("rule-14/what-is-swallowed-is-let-go")
def the_swallowed_goes():
    with without_collector():
        d = D().add_errback(swallow)
        d.cancel()
        thing = Thing()
        gone = weakref.ref(thing)
        d.callback(thing)
        del thing
        assert gone() is None


@test("rule-14/a-cancellable-cancels-it-and-is-cancelled-by-it")
def cancellable():
    d = D()
    calls = seen(d)
    told = d.get_cancellable()
    d.cancel()
    assert told.is_cancelled() and len(calls) == 1

    told = Gio.Cancellable()
    d = D()
    calls = seen(d)
    d.link_cancellable(told)
    told.cancel()
    settle()
    assert type(calls[0][0]) is GDeferred.CancelledError


@test("rule-15/cancelling-one-that-waits-cancels-the-inner")
def cancel_while_waiting():
    cancelled = []
    inner = D(cancelled.append)
    outer = D(lambda d: cancelled.append("wrong"))
    outer.add_callback(lambda _: inner)
    calls = seen(outer)
    outer.callback()
    outer.cancel()
    assert cancelled == [inner] and type(calls[0][0]) is GDeferred.CancelledError


@test("rule-15/and-the-inner-may-mend-it")
def cancel_mended():
    inner = D().add_errback(lambda e: "mended")
    outer = D.succeed().add_callback(lambda _: inner)
    outer.cancel()
    assert outer.result == "mended" and not outer.failed


@test("rule-15/a-finished-one-is-not-cancelled")
def cancel_finished():
    d = D(lambda d: 1 / 0)
    d.callback("value")
    d.cancel()
    assert d.result == "value" and not d.is_cancelled()


# --- errors that nobody handles ---

@test("rule-16/reported-once-when-the-last-reference-goes")
def reported():
    error = ValueError("nobody's")
    with without_collector():
        d = D.fail(error)
        assert take_reports() == []
        other = d
        del d
        assert take_reports() == []
        del other
        assert take_reports() == [error]
        settle()
        assert take_reports() == []


@test("rule-16/raised-by-a-callback-is-reported-without-the-collector")
def raised_and_reported():
    with without_collector():
        d = D()

        def uses_it(_value):
            local = d
            raise ValueError(local is not None)

        d.add_callback(uses_it)
        d.callback()
        del d, uses_it
        reports = take_reports()
        assert len(reports) == 1 and type(reports[0]) is ValueError


@test("rule-16/handled-is-not-reported")
def handled():
    for handle in (lambda d: d.add_errback(swallow), lambda d: d.add_both(swallow),
                   lambda d: d.add_callbacks(boom, swallow), lambda d: d.add_errback(swallow, when=ValueError)):
        d = D.fail(ValueError())
        handle(d)
        del d
        assert take_reports() == []


@test("rule-16/not-handled-by-what-lets-it-through")
def let_through():
    for leave in (lambda d: d.add_callback(boom), lambda d: d.add_callbacks(None, None),
                  lambda d: d.add_errback(swallow, when=KeyError)):
        error = ValueError()
        d = D.fail(error)
        leave(d)
        del d
        assert take_reports() == [error]


@test("rule-16/raised-again-is-reported")
def raised_again():
    def again(exception):
        raise exception

    error = ValueError()
    d = D.fail(error).add_errback(again)
    del d
    assert take_reports() == [error]


@test("rule-16/taken-over-is-the-outer-ones")
def taken_over():
    error = ValueError()
    inner, outer = D(), D.succeed()
    outer.add_callback(lambda _: inner)
    inner.errback(error)
    del inner
    assert take_reports() == []
    del outer
    assert take_reports() == [error]


@test("rule-16/dropped-in-a-thread-is-reported-at-home")
def dropped_in_a_thread():
    error, box = ValueError(), [D.fail(ValueError())]
    box[0].add_errback(swallow)
    box[0] = D.fail(error)
    in_thread(box.clear)
    assert take_reports() == [error]


@test("rule-16/a-hook-that-raises-harms-nothing")
def raising_hook():
    import contextlib
    import io

    def hook(exception):
        raise KeyError("in the hook")

    GDeferred.set_unhandled_error_hook(hook)
    with contextlib.redirect_stderr(io.StringIO()) as said:
        D.fail(ValueError())
        settle()
    assert "in the hook" in said.getvalue()


@test("rule-16/the-hook-is-callable-or-none")
def callable_hook():
    with raises(TypeError):
        GDeferred.set_unhandled_error_hook(3)


# --- dropping ---

@test("rule-17/dropped-before-it-fires-its-callers-are-told-from-the-loop")
def abandoned():
    with without_collector():
        d = D()
        calls = []
        d.add_both(calls.append)
        del d
        assert calls == []
        settle()
        assert len(calls) == 1 and is_abandoned(calls[0])


@test("rule-17/not-while-c-holds-it")
def held_by_c():
    store = Gio.ListStore.new(D)
    calls = []
    for _ in range(3):
        store.append(D().add_both(lambda v: calls.append(v)))
    gc.collect()
    settle()
    assert calls == []
    for i, d in enumerate(store):
        assert not d.called and not d.failed
        d.callback(i)
    assert calls == [0, 1, 2]
    calls.clear()
    store.remove_all()
    store.append(D().add_both(lambda v: calls.append(v)))
    store.remove_all()
    settle()
    assert len(calls) == 1 and is_abandoned(calls[0])


@test("rule-16/not-while-c-holds-it")
def failure_held_by_c():
    error = ValueError()
    store = Gio.ListStore.new(D)
    store.append(D.fail(error))
    gc.collect()
    assert take_reports() == []
    assert store[0].result is error
    store.remove_all()
    gc.collect()
    assert take_reports() == [error]


@test("rule-17/each-of-its-callbacks")
def abandoned_all():
    trace = []
    d = D().add_callback(lambda v: trace.append("no")).add_errback(lambda e: trace.append("mended") or "on")
    d.add_callback(lambda v: trace.append(v))
    del d
    settle()
    assert trace == ["mended", "on"]


@test("rule-17/not-without-callbacks")
def nothing_to_tell():
    d = D(lambda d: 1 / 0)
    del d
    settle()
    assert take_reports() == []


@test("rule-17/who-waits-for-the-lost-one-is-told")
def lost_inner():
    outer = D.succeed().add_callback(lambda _: D())
    calls = seen(outer)
    settle()
    assert len(calls) == 1 and is_abandoned(calls[0][0])


@test("rule-17/a-paused-one-that-is-dropped")
def paused_and_dropped():
    for fire in (True, False):
        d = D()
        d.pause()
        calls = []
        d.add_both(calls.append)
        if fire:
            d.callback("value")
        del d
        settle()
        assert calls == ["value"] if fire else is_abandoned(calls[0]), calls


@test("rule-17/nobody-mends-it-so-it-is-reported")
def abandoned_and_reported():
    d = D().add_callback(boom)
    del d
    reports = take_reports()
    assert len(reports) == 1 and is_abandoned(reports[0]), reports


@test("rule-17/what-its-errback-raises-is-reported-as-itself")
def abandoned_and_failing():
    d = D().add_errback(boom)
    del d
    reports = take_reports()
    assert len(reports) == 1 and type(reports[0]) is ValueError, reports
    assert reports[0].__traceback__ is not None

    inner = D()
    d = D().add_errback(lambda _: inner).add_callback(boom)
    del d
    settle()
    inner.callback()
    reports = take_reports()
    assert len(reports) == 1 and type(reports[0]) is ValueError, reports


@test("rule-17/revived-by-its-own-callback")
def revived():
    kept = []
    d = D()
    d.add_both(lambda e: kept.append(e))
    d.mark = "the same object"
    d.add_both(lambda v, box: box.append(v), kept)
    del d
    settle()
    assert is_abandoned(kept[0]) and kept[1] is None


@test("rule-18/a-held-result-that-holds-its-deferred-is-collected")
def ring_through_the_result():
    thing = Thing()
    thing.d = D.succeed(thing)
    gone = weakref.ref(thing)
    del thing
    gc.collect()
    assert gone() is None


# --- fork, chain_deferred, derived classes ---

@test("fork/sees-the-outcome-at-that-point")
def fork():
    value = Thing()
    d = D()
    d.add_callback(lambda v: v)
    forked = d.fork()
    d.add_callback(lambda v: "other")
    d.callback(value)
    assert forked.result is value and d.result == "other"

    error = ValueError()
    d = D()
    forked = d.fork()
    d.errback(error)
    assert forked.result is error and forked.failed and d.result is error
    d.add_errback(swallow)
    assert take_reports() == []
    forked.add_errback(swallow)


@test("chain-deferred/fires-another-and-goes-on-with-nothing")
def chain_deferred():
    value, error = Thing(), ValueError()
    for outcome in (value, error):
        d, other = D(), D()
        assert d.chain_deferred(other) is d
        (d.errback if outcome is error else d.callback)(outcome)
        assert other.result is outcome and other.failed == (outcome is error)
        assert d.result is None and not d.failed
        other.add_errback(swallow)
    with raises(TypeError):
        D().chain_deferred("no Deferred")


@test("derived/with-state-and-methods-of-its-own")
def derived():
    class Request(D):
        def __init__(self, url):
            super().__init__(self.abort)
            self.url = url
            self.aborted = False

        def abort(self, d):
            assert d is self
            self.aborted = True

    r = Request("http://")
    assert r.add_callback(lambda v: (v, r.url)) is r
    r.callback("body")
    assert r.result == ("body", "http://") and isinstance(r, D) and r.state == State.SUCCEEDED
    r = Request("http://").add_errback(swallow)
    r.cancel()
    assert r.aborted

    class Tagged(D):
        pass

    assert type(Tagged.succeed(1)) is Tagged and type(Tagged.fail(ValueError()).add_errback(swallow)) is Tagged


@test("derived/keeps-its-attributes-while-only-c-holds-it")
def derived_wrapper():
    class Tagged(D):
        tag = None

    tagged, first, tags = Tagged(), D(), []
    first.chain_deferred(tagged)
    tagged.tag = "mine"
    tagged.connect("fired", lambda d: tags.append(d.tag))
    tagged.add_callback(tags.append)
    del tagged
    gc.collect()
    settle()
    first.callback("x")
    assert tags == ["mine", "x"], tags


if __name__ == "__main__":
    sys.exit(main())
