# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Plays a script on a world, and keeps a trace of all that can be seen."""

import gc

from common import GLib
from twisted_scripts import N_ERRORS, N_VALUES, SELF
from twisted_worlds import PASS

# Twisted calls a canceller that cancels until the stack is full, and one that does so twice for very long.
DEEPEST = 20
LONGEST = 2000


class Bad(Exception):
    pass


class Worse(Bad):
    pass


class Other(Exception):
    pass


KINDS_OF_ERRORS = [Bad, Worse, Other, LookupError, Exception]  # not GLib.Error: ours are that, too


def make_values():
    """All sorts, each of which has to come out as itself; exceptions, too, are only values here."""
    text = "a NUL \0 and \udc80"
    return [None, 7, 1 << 70, text, 1.5, [1], Bad("a value"), GLib.Error("a value"), Bad, True]


def make_errors():
    return [Bad(), Worse(), Other(), KeyError("key"), GLib.Error("message", "domain", 3), Bad("again")]


class Play:
    def __init__(self, world):
        self.world = world
        self.trace = []
        self.over = False
        self.forked = False  # a fork that has the error answers for it, too; Twisted has none
        self.in_cancellers = 0
        self.slots = {}
        self.all, self.numbers = [], {}  # none is dropped before the script is over
        self.values, self.errors = make_values(), make_errors()
        assert len(self.values) == N_VALUES and len(self.errors) == N_ERRORS
        self.names = {id(value): f"value {i}" for i, value in enumerate(self.values)}
        self.names.update({id(error): f"error {i}" for i, error in enumerate(self.errors)})

    def run(self, steps):
        gc.disable()  # what is dropped is to go without it
        self.play(steps)
        self.end()
        gc.enable()
        return self.trace

    def play(self, steps):
        for step in steps:
            self.do(step, None)
            self.trace.extend(("reported", self.name(error)) for error in self.world.settle())
            self.trace.extend(self.look(d) for d in self.slots.values())

    def end(self):
        """Lets all come to their end, without another operation, and sees which errors nobody handled."""
        self.over = True
        for d in self.all:
            while self.world.look(d)[2]:
                self.world.unpause(d)
        for d in self.all:
            if not self.world.look(d)[0]:
                self.world.callback(d, None)

        d = None
        self.slots.clear()
        errors = sorted(map(self.name, self.world.unhandled(self.all)))
        if not self.forked:  # what is reported of cancelled ones is a difference for itself
            self.trace.append(("unhandled", *(error for error in errors if error != "CancelledError")))

    def name(self, value):
        """Numbers and strings are the same if they are alike; all else has to be the very same object."""
        if type(value) in (int, float, str) and value in self.values:
            return f"value {self.values.index(value)}"
        if id(value) in self.numbers:
            return f"D{self.numbers[id(value)]}"
        return self.names.get(id(value)) or self.world.error_name(value) or repr(value)

    def look(self, d):
        called, failed, paused, waits, result = self.world.look(d)
        return "look", self.numbers[id(d)], called, failed, paused, waits, self.name(result)

    def put(self, slot, d):
        if id(d) not in self.numbers:
            self.numbers[id(d)] = len(self.all)
            self.all.append(d)
        self.slots[slot] = d

    def do(self, step, me):
        d = me if step.slot == SELF else self.slots.get(step.slot)
        if d is None and step.kind not in ("new", "made", "failed", "maybe"):
            return
        try:
            getattr(self, "do_" + step.kind, self.do_add)(step, d, me)
        except Exception as error:
            self.trace.append((step.number, "raised", self.name(error)))
        else:
            self.trace.append((step.number, "done"))

    def function(self, step, half, me):
        """A link, as the worlds want it. What it is called with has gone with it through the world."""
        def func(failed, value, number, told_half):
            self.trace.append((f"f{number}.{told_half}", self.numbers[id(me)],
                               "failure" if failed else "value", self.name(value)))
            return self.call(step.functions[half], me)

        return func

    def call(self, function, me):
        if self.over or len(self.trace) > LONGEST:
            return PASS
        for step in function.steps:
            self.do(step, me)
        if function.ending == "value":
            return self.values[function.argument]
        if function.ending == "error as value":
            return self.errors[function.argument]
        if function.ending == "raise":
            raise self.errors[function.argument]
        if function.ending == "wait":
            return me if function.argument == SELF else self.slots.get(function.argument)
        return PASS

    def do_new(self, step, _d, _me):
        d = self.world.new(step.functions and self.canceller(step, len(self.all)) or None)
        self.put(step.slot, d)

    def canceller(self, step, number):
        def func():
            self.trace.append(("canceller", number))
            self.in_cancellers += 1
            if self.in_cancellers > DEEPEST:
                raise RecursionError
            self.call(step.functions[0], self.all[number])
            self.in_cancellers -= 1

        return func

    def do_made(self, step, _d, _me):
        self.put(step.slot, self.world.made(self.values[step.result[1]]))

    def do_failed(self, step, _d, _me):
        self.put(step.slot, self.world.failed(self.errors[step.result[1]]))

    def do_maybe(self, step, _d, me):
        def func():
            left = self.call(step.functions[0], me)
            return None if left is PASS else left

        self.put(step.slot, self.world.maybe(func))

    def do_fork(self, step, d, _me):
        self.forked = True
        self.put(step.other, self.world.fork(d))

    def do_add(self, step, d, _me):
        functions = [self.function(step, half, d) for half in range(len(step.functions))]
        when = KINDS_OF_ERRORS[step.number % len(KINDS_OF_ERRORS)]
        self.world.add(d, step.kind, functions[0], functions[-1], step.number, when)

    def do_fire(self, step, d, me):
        what, number = step.result
        if what == "error":
            self.world.errback(d, self.errors[number])
        else:
            inner = me if number == SELF else self.slots.get(number)
            self.world.callback(d, self.values[number] if what == "value" else inner)

    def do_pause(self, _step, d, _me):
        self.world.pause(d)

    def do_unpause(self, _step, d, _me):
        self.world.unpause(d)

    def do_cancel(self, _step, d, _me):
        self.world.cancel(d)

    def do_chain(self, step, d, me):
        other = me if step.other == SELF else self.slots.get(step.other)
        if other is not None and other is not d:
            self.world.chain(d, other)

    def do_look(self, _step, d, _me):
        self.trace.append(self.look(d))


LOOKS = ("called", "failed", "paused", "waits")


def line_of(event):
    """An event of a trace, written down."""
    if event[0] != "look":
        return " ".join(map(str, event))
    _, number, *flags, result = event
    return " ".join([f"D{number}", *(name for name, flag in zip(LOOKS, flags) if flag), result])
