#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Depth, rings, pauses, when functions go, and what GObject adds: the rules from 10 to 13 and from 23 to 25."""

import sys
import threading
import weakref

from common import D, GDeferred, State, main, raises, seen, settle, take_reports, test, until, without_collector
from gi.repository import Gio, GLib, GObject

MANY = 50000


class Thing:
    pass


def boom(value, *_):
    raise ValueError(value)


def swallow(_exception):
    pass


# --- depth ---

def on_a_small_stack(func):
    """Called in a thread with a stack of 256 KiB and a context of its own."""
    outcome = []

    def run():
        context = GLib.MainContext.new()
        context.push_thread_default()
        func(context)
        context.pop_thread_default()
        outcome.append(True)

    before = threading.stack_size(256 * 1024)
    thread = threading.Thread(target=run)
    thread.start()
    threading.stack_size(before)
    thread.join()
    assert outcome


@test("rule-10/long-chains")
def long_chains():
    def run(_context):
        d = D()
        for _ in range(MANY):
            d.add_callback(lambda v: v + 1)
        d.callback(0)
        assert d.result == MANY
        d = D()
        for _ in range(MANY):
            d.add_callback(lambda v: D.succeed(v + 1))
        d.callback(0)
        assert d.result == MANY

    on_a_small_stack(run)


def tower(height):
    """Each waits for the one before, which a callback of it returned."""
    ground = top = D()
    for _ in range(height):
        top = D.succeed().add_callback(lambda _, inner=top: inner)
    return ground, top


@test("rule-10/deep-towers-of-waiting")
def deep_towers():
    def run(_context):
        ground, top = tower(MANY)
        ground.callback("through all")
        assert top.result == "through all"

        ground, top = tower(MANY)
        top.cancel()
        assert type(top.result) is GDeferred.CancelledError
        top.add_errback(swallow)
        del ground, top

        ground, top = tower(MANY)
        ground.errback(ValueError("through all"))
        assert type(top.result) is ValueError
        top.add_errback(swallow)

    on_a_small_stack(run)


@test("rule-10/deep-towers-dropped")
def deep_towers_dropped():
    def run(context):
        ground, top = tower(MANY)
        del ground, top
        first = d = D()
        for _ in range(MANY):
            following = D()
            d.chain_deferred(following)
            d = following
        calls = seen(d)
        first.callback("relayed")
        assert calls == [("relayed", False)]
        for _ in range(100 * MANY):
            if not context.iteration(False):
                break

    on_a_small_stack(run)
    take_reports()  # who waits for a lost one is told


# --- rings and pauses ---

@test("rule-11/rings-fail")
def rings():
    def is_loop(d):
        assert d.failed and d.result.matches(GDeferred.DeferredError.quark(), GDeferred.DeferredError.LOOP), d.result
        d.add_errback(swallow)

    d = D()
    d.add_callback(lambda _: d)
    d.callback()
    is_loop(d)

    a, b = D(), D()
    a.add_callback(lambda _: b)
    b.add_callback(lambda _: a)
    a.callback()
    b.callback()
    is_loop(b if b.failed else a)
    settle()
    for one in (a, b):
        one.add_errback(swallow)

    a = D()
    with raises(ValueError):
        a.chain_deferred(a)
    a.fork().chain_deferred(a)
    a.callback("once only")
    assert a.result == "once only"
    assert [type(report) for report in take_reports()] == [GDeferred.AlreadyCalledError]


@test("rule-12/pauses-count")
def pauses_count():
    d = D()
    calls = seen(d)
    d.pause()
    d.pause()
    d.callback(1)
    assert d.called and d.paused and not calls and d.result == 1
    d.unpause()
    assert d.paused and not calls
    d.unpause()
    assert not d.paused and calls == [(1, False)]
    with raises(RuntimeError, "without pause"):
        d.unpause()
    assert calls == [(1, False)]


@test("rule-12/a-pause-inside-stops-before-the-next")
def pause_inside():
    d, trace = D(), []

    def pausing(value):
        d.pause()
        trace.append("pausing")
        return value + 1

    d.add_callback(pausing).add_callback(lambda v: trace.append(v) or v)
    d.callback(1)
    assert trace == ["pausing"] and d.result == 2 and d.paused
    d.unpause()
    assert trace == ["pausing", 2]


@test("rule-12/unpause-does-not-end-a-wait")
def unpause_while_waiting():
    d, inner = D(), D()
    d.add_callback(lambda _: inner)
    calls = seen(d)
    d.callback()
    d.pause()
    d.unpause()
    with raises(RuntimeError):
        d.unpause()
    assert not calls and d.state == State.WAITING
    d.pause()
    inner.callback("x")
    assert not calls
    d.unpause()
    assert calls == [("x", False)]


@test("rule-12/pause-and-unpause-inside-goes-on")
def pause_and_unpause_inside():
    d, trace = D(), []

    def both(value):
        d.pause()
        d.unpause()
        trace.append(value)
        return value

    d.add_callback(both).add_callback(both)
    d.callback(1)
    assert trace == [1, 1]


@test("rule-13/a-function-goes-when-it-has-run-or-cannot")
def functions_go():
    def function():
        thing = Thing()

        def func(value):
            return thing and value

        return func, weakref.ref(thing)

    with without_collector():
        d = D()
        first, first_gone = function()
        second, second_gone = function()
        third, third_gone = function()
        d.add_callbacks(first, third)
        d.add_callback(lambda v: (first_gone() is None, second_gone() is None))
        del first, third
        d.callback()
        assert d.result == (True, False), "the first went before the one after it was called"
        assert third_gone() is None, "an errback that can no longer run"
        d.pause()
        d.add_callback(second)
        del second
        assert second_gone() is not None
        d.unpause()
        assert second_gone() is None


# --- GObject ---

@test("rule-23/fired-is-told-before-and-after")
def fired():
    for outcome in ("value", ValueError()):
        d, trace = D(), []
        d.connect("fired", lambda d: trace.append(("before", d.result)))
        d.connect_after("fired", lambda d: trace.append(("after", d.result)))
        d.add_both(lambda v: trace.append(("callback", v)) or "next")
        (d.errback if isinstance(outcome, Exception) else d.callback)(outcome)
        assert trace == [("before", outcome), ("callback", outcome), ("after", "next")], trace


@test("rule-24/properties-notify")
def properties():
    d, trace = D(), []
    for name in ("state", "pending", "paused", "name", "progress"):
        d.connect(f"notify::{name}", lambda d, pspec: trace.append((pspec.name, d.get_property(pspec.name))))
    d.name = "named"
    d.set_progress(0.5, "half")
    d.pause()
    d.unpause()
    d.callback(1)
    for told in (("name", "named"), ("progress", 0.5), ("paused", True), ("paused", False), ("pending", False),
                 ("state", State.SUCCEEDED)):
        assert told in trace, (told, trace)
    assert d.name == "named" and d.props.name == "named" and d.props.pending is False


@test("rule-24/bound-to-another-object")
def bound():
    class Widget(GObject.Object):
        busy = GObject.Property(type=bool, default=False)

    d, widget = D(), Widget()
    d.bind_property("pending", widget, "busy", GObject.BindingFlags.SYNC_CREATE)
    assert widget.busy
    d.callback()
    assert not widget.busy


@test("rule-25/the-owner-goes")
def the_owner_goes():
    cancelled, calls = [], []
    owner = Gio.SimpleAction.new("owner", None)
    d = D(cancelled.append)
    d.bind_owner(owner)
    d.add_both(calls.append)
    thing = Thing()
    d.add_both(lambda v, thing: calls.append(v), thing)
    gone = weakref.ref(thing)
    del thing
    with without_collector():
        del owner
        settle()
        assert cancelled == [d] and calls == [] and gone() is None
    d.add_both(calls.append)
    settle()
    assert calls == []


@test("rule-25/the-owner-goes-inside-a-callback")
def the_owner_goes_inside():
    owners, calls = [Gio.SimpleAction.new("owner", None)], []
    d = D()
    d.bind_owner(owners[0])
    d.add_callback(lambda v: owners.clear() or calls.append("first"))
    d.add_callback(lambda v: calls.append("second"))
    d.callback()
    until(lambda: True)
    assert calls == ["first"]


if __name__ == "__main__":
    sys.exit(main())
