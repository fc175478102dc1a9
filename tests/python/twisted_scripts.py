# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Scripts of operations on several Deferreds: made by chance, written down, and made smaller."""

import dataclasses

SELF = -1  # in a function: the Deferred that calls it
DEEPEST = 3
N_VALUES = 10
N_ERRORS = 6

KINDS = {"new": 6, "made": 3, "failed": 2, "maybe": 3, "callback": 12, "errback": 9, "both": 12, "pair": 8,
         "when": 4, "fire": 20, "pause": 8, "unpause": 9, "cancel": 8, "chain": 8, "fork": 5, "look": 4}
ENDINGS = {"pass": 12, "value": 10, "raise": 9, "error as value": 3, "wait": 16}
WITH_FUNCTIONS = {"maybe": 1, "callback": 1, "errback": 1, "both": 1, "when": 1, "pair": 2}


@dataclasses.dataclass
class Function:
    """What is called: it does its steps, and then it ends in one way."""

    steps: list
    ending: str
    argument: int


@dataclasses.dataclass
class Step:
    kind: str
    slot: int
    other: int
    result: tuple  # ("value" | "error" | "deferred", number)
    functions: list
    number: int


class Random:
    """Makes scripts; the same generator of chance makes the same ones."""

    def __init__(self, chance):
        self.chance = chance
        self.n_slots = chance.choice((2, 2, 3, 3, 3, 4, 5, 6))
        self.number = 0
        self.paused = []

    def script(self):
        made = [self.step(0, kind="new", slot=slot) for slot in range(self.n_slots)]
        return made + [self.step(0) for _ in range(self.chance.randint(4, 16))]

    def pick(self, weights):
        return self.chance.choices(list(weights), list(weights.values()))[0]

    def slot(self, depth, self_too=0.3):
        return SELF if depth > 0 and self.chance.random() < self_too else self.chance.randrange(self.n_slots)

    def step(self, depth, kind=None, slot=None):
        kind = kind or self.pick(KINDS)
        slot = self.slot(depth) if slot is None else slot
        if kind == "pause":
            self.paused.append(slot)
        elif kind == "unpause" and self.paused and self.chance.random() < 0.9:
            slot = self.paused.pop()
        elif kind == "unpause" and self.chance.random() < 0.9:
            kind = "look"
        self.number += 1
        step = Step(kind, slot, self.slot(depth), self.result(kind, depth), [], self.number)
        n_functions = self.chance.random() < 0.35 if kind == "new" else WITH_FUNCTIONS.get(kind, 0)
        step.functions = [self.function(kind, depth) for _ in range(n_functions)]
        return step

    def result(self, kind, depth):
        if kind == "failed":
            return "error", self.chance.randrange(N_ERRORS)
        if kind != "made" and self.chance.random() < 0.03:
            return "deferred", self.slot(depth)
        if kind == "made" or self.chance.random() < 0.6:
            return "value", self.chance.randrange(N_VALUES)
        return "error", self.chance.randrange(N_ERRORS)

    def function(self, kind, depth):
        n_steps = self.chance.randint(1, 3) if depth < DEEPEST and self.chance.random() < 0.4 else 0
        steps = [self.step(depth + 1) for _ in range(n_steps)]
        ending = self.pick(ENDINGS)
        argument = self.chance.randrange(6) if ending != "wait" else self.slot(depth + 1, 0.03)
        return Function(steps, ending, argument)


# --- written down ---

def name_of_slot(slot):
    return "self" if slot == SELF else f"d{slot}"


def call_of(step):
    d, other = name_of_slot(step.slot), name_of_slot(step.other)
    if step.kind in ("new", "made", "failed", "maybe"):
        what = {"made": f"value {step.result[1]}", "failed": f"error {step.result[1]}"}.get(step.kind, "")
        return f"{d} = {step.kind}({what})"
    if step.kind == "fork":
        return f"{other} = {d}.fork()"
    if step.kind == "chain":
        return f"{d}.chain({other})"
    if step.kind == "fire":
        what, number = step.result
        return f"{d}.fire({name_of_slot(number) if what == 'deferred' else f'{what} {number}'})"
    return f"{d}.{step.kind}({f'error {step.other} and its like' if step.kind == 'when' else ''})"


def ending_of(function):
    if function.ending == "pass":
        return "pass"
    argument = name_of_slot(function.argument) if function.ending == "wait" else function.argument
    return f"{function.ending} {argument}"


def lines_of(steps, indent=""):
    for step in steps:
        functions = [f"f{step.number}.{half}" for half in range(len(step.functions))]
        yield f"{indent}{call_of(step)} {' '.join(functions)}".rstrip()
        for name, function in zip(functions, step.functions):
            yield f"{indent}    {name}:"
            yield from lines_of(function.steps, indent + "        ")
            yield indent + "        " + ending_of(function)


# --- made smaller ---

def attempts(steps):
    """Takes something away from the script at each turn, and puts it back when it is asked for the next."""
    for i in reversed(range(len(steps))):
        step = steps.pop(i)
        yield
        steps.insert(i, step)
    for step in steps:
        for i, function in enumerate(step.functions):
            if step.kind == "new":
                step.functions = []
                yield
                step.functions = [function]
            if function.ending != "pass":
                function.ending, ending = "pass", function.ending
                yield
                function.ending = ending
            yield from attempts(function.steps)


def shrink(steps, still_fails):
    """Leaves what it takes to fail."""
    shrunk = True
    while shrunk:
        shrunk = False
        for _ in attempts(steps):
            if still_fails(steps):
                shrunk = True
                break
