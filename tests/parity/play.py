#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Usage: play.py CASES: plays what the file says, in Python. cases.txt explains the words."""

import gc
import sys
import threading
import weakref

import gi

gi.require_version("GDeferred", "1.0")
from gi.repository import GDeferred, Gio, GLib, GObject

D = GDeferred.Deferred
DEADLINE = 20  # seconds that anything may take


class Trouble(Exception):
    """An error of the language's own."""


class Thing:
    """A value that only Python knows."""

    def __init__(self, name):
        self.name = name


class Gate:
    """One thread stays at it, until another opens it."""

    def __init__(self):
        self.reached = threading.Event()
        self.opened = threading.Event()


class World:
    """What there is in a case."""

    def __init__(self):
        self.trace = []
        self.plans = {}
        self.deferreds = {}
        self.things = {}
        self.gates = {}
        self.tracks = False

    def named(self, table, name, make):
        """What is not there when it is named for the first time is made."""
        if name not in table:
            table[name] = make()
        return table[name]


world = World()


def say(word):
    world.trace.append(word)


# --- values and errors as words ---


def nick(enum):
    return enum.value_nick.upper().replace("-", "_")


def make_error(word, **marks):
    """Its marks tell that it is the very one, if it comes back."""
    if word[0].isupper():
        error = GLib.Error.new_literal(Gio.io_error_quark(), word, getattr(Gio.IOErrorEnum, word))
    else:
        error = Trouble(word)
    error.is_value = False
    error.__dict__.update(marks, is_ours=True)
    return error


def error_word(error):
    if isinstance(error, GLib.Error) and error.domain == "g-deferred-error-quark":
        return nick(GDeferred.DeferredError(error.code))
    if isinstance(error, GLib.Error) and error.domain == "g-io-error-quark":
        word = nick(Gio.IOErrorEnum(error.code))
        return word if word == "CANCELLED" or hasattr(error, "is_ours") else "another-" + word
    return str(error) if hasattr(error, "is_ours") else f"another-{type(error).__name__}:{error}"


def make_value(word):
    if word[0] == "@":
        return world.deferreds[word[1:]]
    if word[0] == "<":
        return world.named(world.things, word[1:-1], lambda: Thing(word[1:-1]))
    if word[0] == "'":
        return word[1:-1]
    if word[0] == "^":
        return make_error(word[1:], is_value=True)
    if word in ("none", "true", "false"):
        return {"none": None, "true": True, "false": False}[word]
    return float(word) if "." in word else int(word)


def value_word(value):
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, GObject.GEnum):
        return value.value_nick
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, Thing):
        return f"<{value.name}>" if world.things.get(value.name) is value else "<another>"
    return "^" + error_word(value)


def is_failure(seen):
    return isinstance(seen, BaseException) and not getattr(seen, "is_value", False)


def seen_word(seen):
    return "!" + error_word(seen) if is_failure(seen) else value_word(seen)


# --- functions, as their plans say ---


def play_plan(name, saw):
    """The last step, if it says what the function leaves."""
    say(f"{name}({saw})")
    for step in world.plans.get(name, ()):
        words = step.split(" ")
        if words[0] in ("return", "raise"):
            return words
        play_step(words)
    return None


def leave(end):
    if end[0] == "raise":
        raise make_error(end[1])
    return make_value(end[1])


def link(name, deferred=None):
    """A callback or errback. It must not keep its Deferred."""
    owner = weakref.ref(deferred)

    def run(seen):
        here = owner()
        if here is not None and here.failed != is_failure(seen):
            say(f"failed={here.failed}")
        here = None
        end = play_plan(name, seen_word(seen))
        if end is not None:
            return leave(end)
        if is_failure(seen):
            raise seen
        return seen

    if world.tracks:
        weakref.finalize(run, say, "~" + name)
    return run


def job(name):
    def run():
        end = play_plan(name, "")
        return leave(end) if end is not None else None

    return run


def plain(name):
    """A canceller, or the handler of a signal."""
    return lambda *_: job(name)()


# --- the steps ---


def get(name):
    return world.deferreds[name]


def put(name, deferred):
    assert isinstance(deferred, D), deferred
    world.deferreds[name] = deferred


def same(deferred, returned):
    assert returned is deferred, returned


class Steps:
    """By their names."""

    def new(name, canceller=None):
        put(name, D(plain(canceller)) if canceller else D())

    def succeed(name, value):
        put(name, D.succeed(make_value(value)))

    def fail(name, error):
        put(name, D.fail(make_error(error)))

    def maybe(name, func):
        put(name, GDeferred.maybe_deferred(job(func)))

    def callback(name, value):
        value = make_value(value)
        get(name).callback() if value is None else get(name).callback(value)

    def errback(name, error):
        get(name).errback(make_error(error))

    def add_callback(name, func):
        d = get(name)
        same(d, d.add_callback(link(func, d)))

    def add_errback(name, func):
        d = get(name)
        same(d, d.add_errback(link(func, d)))

    def add_both(name, func):
        d = get(name)
        same(d, d.add_both(link(func, d)))

    def add_callbacks(name, callback, errback):
        d = get(name)
        same(d, d.add_callbacks(*(None if half == "none" else link(half, d) for half in (callback, errback))))

    def add_errback_for(name, kind, func):
        d = get(name)
        when = {"CANCELLED": GDeferred.CancelledError, "TIMED_OUT": GDeferred.TimeoutError}[kind]
        same(d, d.add_errback(link(func, d), when=when))

    def chain_deferred(name, other):
        same(get(name), get(name).chain_deferred(get(other)))

    def fork(name, other):
        put(other, get(name).fork())

    def pause(name):
        get(name).pause()

    def unpause(name):
        get(name).unpause()

    def cancel(name):
        get(name).cancel()

    def link_cancellable(name, cancellable):
        get(name).link_cancellable(world.named(world.things, cancellable, Gio.Cancellable))

    def trip(cancellable):
        world.named(world.things, cancellable, Gio.Cancellable).cancel()

    def bind_owner(name, owner):
        get(name).bind_owner(world.named(world.things, owner, GObject.Object))

    def dispose(owner):
        world.named(world.things, owner, GObject.Object).run_dispose()

    def set_name(name, text):
        get(name).set_name(text)

    def set_progress(name, fraction, text=None):
        get(name).set_progress(float(fraction), text)

    def look(name):
        d = get(name)
        state = d.state
        assert d.called == (state != GDeferred.DeferredState.PENDING)
        assert d.paused == d.get_property("paused")
        word = f"{name}:{state.value_nick}" + ("+paused" if d.paused else "")
        if state not in (GDeferred.DeferredState.PENDING, GDeferred.DeferredState.WAITING):
            word += "=!" + error_word(d.result) if d.failed else "=" + value_word(d.result)
        say(word)

    def get(name, prop):
        say(f"{name}.{prop}={value_word(get(name).get_property(prop))}")

    def is_cancelled(name):
        say(f"{name}.is_cancelled={value_word(get(name).is_cancelled())}")

    def waiting_on(name):
        inner = get(name).get_waiting_on()
        names = [other for other, d in world.deferreds.items() if d is inner]
        say(f"{name}->{names[0] if names else 'none' if inner is None else 'another'}")

    def connect(name, signal, func):
        get(name).connect(signal, plain(func))

    def connect_after(name, signal, func):
        get(name).connect_after(signal, plain(func))

    def notify(name, prop):
        get(name).connect("notify::" + prop, lambda *_: Steps.get(name, prop))

    def track():
        world.tracks = True

    def drop(name):
        del world.deferreds[name]

    def loop():
        for _ in range(1000):
            if not GLib.MainContext.default().iteration(False):
                break

    def until(name):
        deadline = GLib.timeout_add_seconds(DEADLINE, sys.exit, "it takes too long")
        while get(name).get_property("pending"):
            GLib.MainContext.default().iteration(True)
        GLib.source_remove(deadline)

    def links(name, n):
        for _ in range(int(n)):
            get(name).add_callback(lambda number: number + 1)

    def tower(name, other, n):
        below = get(other)
        for _ in range(int(n)):
            below = D.succeed(None).add_callback(lambda _, inner=below: inner)
        put(name, below)

    def relay(name, other, n):
        source = get(name)
        for _ in range(int(n)):
            target = D()
            source.chain_deferred(target)
            source = target
        put(other, source)

    def away(*words):
        thread = threading.Thread(target=play_step, args=(words,))
        thread.start()
        thread.join()

    def run_in_thread(name, func):
        put(name, GDeferred.run_in_thread(job(func)))

    def run_in_pool(name, pool, func):
        pool = world.named(world.things, pool, lambda: GDeferred.DeferredThreadPool.new(pool, 1))
        put(name, pool.run(job(func)))

    def blocking_call(func):
        try:
            word = value_word(GDeferred.blocking_call_from_thread(job(func)))
        except Trouble as error:
            word = "!" + error_word(error)
        say("got:" + word)

    def await_(gate):
        assert world.named(world.gates, gate, Gate).reached.wait(DEADLINE)

    def open(gate):
        world.named(world.gates, gate, Gate).opened.set()

    def pass_(gate):
        gate = world.named(world.gates, gate, Gate)
        gate.reached.set()
        assert gate.opened.wait(DEADLINE)


def play_step(words):
    step = vars(Steps).get(words[0]) or vars(Steps)[words[0] + "_"]
    try:
        step(*words[1:])
    except GLib.Error as error:
        say("refused:" + error_word(error))
    except (TypeError, ValueError, RuntimeError):
        say("refused")


# --- the file ---


def print_trace():
    print("".join(" " + word for word in world.trace), flush=True)
    world.trace.clear()


def end_case():
    """What is left belongs to no case."""
    global world
    if world.trace:
        print_trace()
    world.deferreds.clear()
    gc.collect()
    Steps.loop()
    world = World()


def play_line(line):
    words = line.split(" ")
    if words[0] == "expect":
        print_trace()
    elif words[0].endswith(":"):
        world.plans[words[0][:-1]] = line.split(" ", 1)[1].split("; ")
    else:
        play_step(words)


def main():
    gc.disable()  # nothing in a case may wait for the collector
    GDeferred.set_unhandled_error_hook(lambda error: say(f"unhandled({error_word(error)})"))
    with open(sys.argv[1], encoding="utf-8") as file:
        for line in map(str.strip, file):
            if line.startswith("case "):
                end_case()
                print(line, flush=True)
            elif line and not line.startswith(("#", "only ")):
                play_line(line)
    end_case()


main()
