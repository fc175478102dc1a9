# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Where ours is not Twisted's, on purpose: each difference has a name, a reason, and a script that shows it.

The scripts are played on both. What Twisted does is checked, too, so that it is seen when Twisted mends it.
docs/coming-from-twisted.md has a row for each, with the same reason. ALIKE has what surprises in both.
"""

import gc
import threading
from dataclasses import dataclass
from typing import Any, Callable

from common import GLib
from twisted.logger import globalLogPublisher
from twisted_play import Bad, Other
from twisted_worlds import Twisted


@dataclass
class Difference:
    reason: str
    show: Callable
    twisted: Any
    ours: Any
    in_scripts: bool  # random scripts come to it, and RuledTwisted can do it our way


DIFFERENCES = {}
ALIKE = {}


def difference(name, reason, twisted, ours, in_scripts=False):
    def register(show):
        DIFFERENCES[name] = Difference(reason, show, twisted, ours, in_scripts)
        return show

    return register


def alike(name, found):
    def register(show):
        ALIKE[name] = show, found
        return show

    return register


def add(world, d, func):
    """Adds func(value or exception) for both sides."""
    world.add(d, "both", lambda failed, value, number, half: func(value), None, 0, None)


def trace(world, d, seen, name=""):
    """Has all that passes by put down, by name."""
    def look(value):
        error = isinstance(value, Exception)
        seen.append(f"{name}{(world.error_name(value) or type(value).__name__) if error else value}")
        return value

    add(world, d, look)


def outcome(world, d):
    called, failed, paused, waits, value = world.look(d)
    if not called or waits:
        return "waits" if waits else "pending"
    return world.error_name(value) or type(value).__name__ if failed else value


def raised_by(world, func, *args):
    try:
        func(*args)
    except BaseException as error:
        return world.error_name(error) or type(error).__name__
    return None


# --- what random scripts come to ---

@difference("pause-in-a-callback", "who pauses wants nothing to run until it unpauses, wherever it does so",
            twisted=["first", "second"], ours=["first"], in_scripts=True)
def pause_in_a_callback(world):
    d, seen = world.new(), []
    add(world, d, lambda _: (seen.append("first"), world.pause(d)))
    add(world, d, lambda _: seen.append("second"))
    world.callback(d, 1)
    return seen


@difference("unpaired-unpause", "who miscounts is told, and the chain is not wedged",
            twisted=(None, "no callback"), ours=("Refused", "called"), in_scripts=True)
def unpaired_unpause(world):
    d, seen = world.new(), []
    said = raised_by(world, world.unpause, d)
    add(world, d, lambda _: seen.append("called"))
    world.callback(d, 1)
    return said, "called" if seen else "no callback"


@difference("unpause-while-waiting", "who unpauses undoes its own pause and no more",
            twisted=(None, "Deferred"), ours=("Refused", "nothing"), in_scripts=True)
def unpause_while_waiting(world):
    d, inner, seen = world.new(), world.new(), []
    add(world, d, lambda _: inner)
    add(world, d, lambda value: seen.append(type(value).__name__))
    world.callback(d, 1)
    return raised_by(world, world.unpause, d), seen[0] if seen else "nothing"


@difference("loop", "nobody should wait for ever, or debug a hang",
            twisted=["waits", "waits", "RecursionError"], ours=["Loop", "Loop", None], in_scripts=True)
def loop(world):
    """One that returns itself, a ring of two, and what becomes of a cancel."""
    alone, first, second = world.new(), world.new(), world.new()
    for d, inner in (alone, alone), (first, second), (second, first):
        add(world, d, lambda _, inner=inner: inner)
    for d in alone, first, second:
        world.callback(d, 1)
    return [outcome(world, alone), outcome(world, first), raised_by(world, world.cancel, alone)]


@difference("canceller-raises", "a faulty canceller leaves nobody waiting, and escapes no timeout",
            twisted=("Bad", "pending"), ours=(None, "CancelledError"), in_scripts=True)
def canceller_raises(world):
    def canceller():
        raise Bad

    d = world.new(canceller)
    said = raised_by(world, world.cancel, d)
    world.settle()
    return said, outcome(world, d)


@difference("canceller-cancels", "a canceller is called once",
            twisted=("RecursionError", "often"), ours=(None, 1), in_scripts=True)
def canceller_cancels(world):
    calls = []

    def canceller():
        calls.append(1)
        world.cancel(d)

    d = world.new(canceller)
    said = raised_by(world, world.cancel, d)
    return said, "often" if len(calls) > 10 else len(calls)


@difference("turns", "a chain that hands its result on finishes first, and the stack stays flat",
            twisted=(["inner: 1", "outer: 1", "inner: None"], ["first: 1", "other: 1", "first: None"],
                     ["inner: 1"]),
            ours=(["inner: 1", "inner: None", "outer: 1"], ["first: 1", "first: None", "other: 1"],
                  ["inner: 1", "inner: None"]),
            in_scripts=True)
def turns(world):
    """An outer one that waits; one that was chained; and an outer one that is paused: there Twisted stops."""
    waiting, chained, held = [], [], []
    for seen, pauses in (waiting, False), (held, True):
        inner, outer = world.new(), world.new()
        trace(world, inner, seen, "inner: ")
        add(world, outer, lambda _, inner=inner: inner)
        trace(world, outer, seen, "outer: ")
        world.callback(outer, 0)
        trace(world, inner, seen, "inner: ")
        if pauses:
            world.pause(outer)
        world.callback(inner, 1)

    first, other = world.new(), world.new()
    trace(world, first, chained, "first: ")
    world.chain(first, other)
    trace(world, first, chained, "first: ")
    trace(world, other, chained, "other: ")
    world.callback(first, 1)
    return waiting, chained, held


@difference("running-inner", "an inner one whose callback is running has no result yet",
            twisted=["outer: 1"], ours=["outer: 2"], in_scripts=True)
def running_inner(world):
    inner, outer, seen = world.new(), world.new(), []
    add(world, outer, lambda _: inner)
    trace(world, outer, seen, "outer: ")

    def double(value):
        world.callback(outer, 0)
        return 2 * value

    add(world, inner, double)
    world.callback(inner, 1)
    return seen


@difference("deferred-as-value", "it is a mistake in any case; what is meant is to return one",
            twisted="an assertion at best", ours="TypeError", in_scripts=True)
def deferred_as_value(world):
    try:
        world.callback(world.new(), world.new())
    except TypeError:
        return "TypeError"
    except AssertionError:
        pass
    return "an assertion at best"


# --- what random scripts leave out ---

@difference("exceptions-not-failures", "it is how Python has it, and an exception can be a value",
            twisted=("Failure", "Bad"), ours=("Bad", "a value"))
def exceptions_not_failures(world):
    """A function that returns what it was given."""
    d, seen = world.new(), []
    world.add_plain(d, lambda given: seen.append(type(given).__name__) or given)
    world.errback(d, Bad())
    _, failed, _, _, value = world.look(d)
    return seen[0], type(value).__name__ if failed else "a value"


@difference("interrupts", "KeyboardInterrupt and SystemExit are for the program, not for one chain",
            twisted=(None, "KeyboardInterrupt"), ours=("KeyboardInterrupt", "KeyboardInterrupt"))
def interrupts(world):
    def interrupt(_):
        raise KeyboardInterrupt

    d = world.new()
    add(world, d, interrupt)
    return raised_by(world, world.callback, d, 1), outcome(world, d)


@difference("abandoned", "whoever waits for one that was dropped unfired is told",
            twisted=[], ours=["Abandoned"])
def abandoned(world):
    d, seen = world.new(), []
    world.add_plain(d, lambda error: seen.append(world.error_name(error)))
    del d
    gc.collect()
    world.settle()
    return seen


@difference("cancelled-not-reported", "who cancels knows of it",
            twisted=["CancelledError", "Other"], ours=["Other"])
def cancelled_not_reported(world):
    """What is reported of a cancelled one, and of one that failed, when they are dropped."""
    reports = world.settle()
    observer = note_reports(world, reports)
    d = world.new()
    world.cancel(d)
    del d
    world.failed(Other())
    gc.collect()
    reports += world.settle()
    if observer is not None:
        globalLogPublisher.removeObserver(observer)
    return [world.error_name(error) or type(error).__name__ for error in reports]


def note_reports(world, reports):
    if not isinstance(world, Twisted):
        return None

    def observer(event):
        if "log_failure" in event:
            reports.append(event["log_failure"].value)

    globalLogPublisher.addObserver(observer)
    return observer


@difference("deep-chains", "no row of Deferreds should be too long for the stack",
            twisted="the stack is full", ours="all fired")
def deep_chains(world):
    row = [world.new() for _ in range(2000)]
    for d, other in zip(row, row[1:]):
        world.chain(d, other)
    world.callback(row[0], 1)
    said = "all fired" if outcome(world, row[-1]) == 1 else "the stack is full"
    for d in row:
        add(world, d, lambda _: None)  # handles what is left
    return said


@difference("await-again", "awaiting looks at a result; whoever comes later sees it, too",
            twisted=["result", None], ours=["result", "result"])
def await_again(world):
    d, seen = world.new(), []

    async def main():
        seen.append(await d)

    world.ensure(main())
    world.callback(d, "result")
    world.ensure(main())
    return seen


@difference("chain-to-itself", "it is refused where the mistake is",
            twisted=(None, "AlreadyCalledError"), ours=("ValueError", 1))
def chain_to_itself(world):
    d = world.new()
    said = raised_by(world, world.chain, d, d)
    world.callback(d, 1)
    return said, outcome(world, d)


@difference("coroutines", "an `async def` is a function that returns a Deferred, by another name",
            twisted="coroutine", ours="result")
def coroutines(world):
    async def work():
        return "result"

    d = world.made(None)
    add(world, d, lambda _: work())
    value = outcome(world, d)
    if value != "result":
        value.close()
    return value if isinstance(value, str) else type(value).__name__


@difference("result-while-waiting", "there is no result yet",
            twisted=("AttributeError", "Deferred"), ours=("None", "None"))
def result_while_waiting(world):
    d, inner = world.new(), world.new()
    before = type(d.result).__name__ if hasattr(d, "result") else "AttributeError"
    add(world, d, lambda _: inner)
    world.callback(d, 1)
    return before.replace("NoneType", "None"), type(d.result).__name__.replace("NoneType", "None")


@difference("paused-is-a-flag", "it tells of `pause` alone",
            twisted=[0, 2, 1], ours=[False, True, False])
def paused_is_a_flag(world):
    d, inner = world.new(), world.new()
    flags = [d.paused]
    world.pause(d)
    world.pause(d)
    flags.append(d.paused)
    world.unpause(d)
    world.unpause(d)
    add(world, d, lambda _: inner)
    world.callback(d, 1)
    flags.append(d.paused)
    return flags if isinstance(flags[0], bool) else [int(flag) for flag in flags]


@difference("errback-without-an-exception", "to say which is short enough",
            twisted="Bad", ours="TypeError")
def errback_without_an_exception(world):
    d = world.new()
    try:
        raise Bad
    except Bad:
        said = raised_by(world, d.errback)
    return said or outcome(world, d)


@difference("threads", "firing from a thread is what many programs need",
            twisted="the thread that fired it", ours="its home")
def threads(world):
    d, seen = world.new(), []
    add(world, d, lambda _: seen.append(threading.current_thread()))
    thread = threading.Thread(target=world.callback, args=(d, 1))
    thread.start()
    thread.join()
    world.settle()
    return "its home" if seen[0] is threading.current_thread() else "the thread that fired it"


@difference("errors-of-glib", "C code and other languages know them",
            twisted=False, ours=True)
def errors_of_glib(world):
    return issubclass(world.cancelled, GLib.Error)


# --- what is Twisted's way, too ---

@alike("one-late-fire-is-swallowed", [None, None, "AlreadyCalledError"])
def one_late_fire(world):
    """After a cancel without a canceller."""
    d = world.new()
    add(world, d, lambda _: None)
    return [raised_by(world, world.cancel, d), *(raised_by(world, world.callback, d, 1) for _ in range(2))]


@alike("after-a-canceller-no-fire-is-swallowed", [None, "AlreadyCalledError"])
def after_a_canceller(world):
    d = world.new(lambda: None)
    add(world, d, lambda _: None)
    return [raised_by(world, world.cancel, d), raised_by(world, world.callback, d, 1)]


@alike("an-inner-one-is-left-with-nothing", [1, None, None])
def inner_is_left(world):
    """The second to wait for it gets nothing, either."""
    inner, first, second = world.new(), world.new(), world.new()
    for d in first, second:
        add(world, d, lambda _: inner)
        world.callback(d, 0)
    world.callback(inner, 1)
    return [outcome(world, d) for d in (first, second, inner)]


@alike("a-cancel-goes-to-the-inner-one", ["CancelledError", None])
def cancel_goes_inside(world):
    """And leaves a finished one alone."""
    inner, outer = world.new(), world.new()
    add(world, outer, lambda _: inner)
    world.callback(outer, 0)
    world.cancel(outer)
    said = outcome(world, outer)
    add(world, outer, lambda _: None)
    world.cancel(outer)
    return [said, outcome(world, outer)]
