#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""What stands on Deferreds, against what Twisted has of it: lists, locks, semaphores, queues, looping calls, time-outs and
clocks do what Twisted's do, but for the differences that have a name.

Random scripts are played on both, and have to give the same trace. GD_TEST_SEED is the seed of the first, GD_TEST_SCALE a
percentage of how many there are."""

import functools
import gc
import os
import pathlib
import random
import re
import sys

import common

try:
    import twisted
except ImportError:
    print("1..0 # SKIP Twisted is not installed")
    sys.exit(0)

import tap

from twisted_many import DIFFERENCES, Ours, Twisted

N_SCRIPTS = 2000
PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "coming-from-twisted.md"
SEED = int(os.environ.get("GD_TEST_SEED") or random.SystemRandom().randrange(1 << 31))


def scaled(number):
    return max(1, number * int(os.environ.get("GD_TEST_SCALE", 100)) // 100)


def alike(name):
    """Registers a function that plays a random script in a world and gives the trace."""
    def register(play):
        def compare():
            common.GDeferred.set_unhandled_error_hook(lambda error: None)
            for seed in range(SEED, SEED + scaled(N_SCRIPTS)):
                theirs, ours = play(Twisted(), random.Random(seed)), play(Ours(), random.Random(seed))
                assert theirs == ours, f"GD_TEST_SEED={seed}:\nTwisted {theirs}\nours    {ours}"
            print(f"# {scaled(N_SCRIPTS)} scripts", flush=True)

        tap.test(f"/twisted-many/alike/{name}")(compare)
        return play

    return register


# --- lists ---

@alike("lists")
def lists(world, chance):
    trace, n = [], chance.randrange(5)
    flags = {name: chance.random() < 0.4 for name in ("callback", "errback", "consume")}
    if not n:
        flags["callback"] = False
    parts = [world.new(world.canceller(trace, f"cancel {i}", chance)) for i in range(n)]

    def act():
        kind = chance.choice(["fire", "fire", "fail", "cancel"])
        which = chance.randrange(n)
        getattr(world, kind)(parts[which], which)

    for _ in range(chance.randrange(n + 1)):
        act()
    whole = world.list(parts, **flags)
    world.trace(whole, trace, "list")
    for i, part in enumerate(parts):
        world.trace(part, trace, f"part {i}")
    for _ in range(chance.randrange(2 * n + 1)):
        if chance.random() < 0.1 and not flags["errback"]:  # see a-cancel-is-no-first-error
            world.cancel(whole)
        else:
            act()
        trace.append("-")
    return trace


# --- locks and semaphores ---

def holding(world, chance, lock, limit):
    trace, waiting, inner = [], [], []
    n_free = limit

    def acquired(name):
        nonlocal n_free
        n_free -= 1
        trace.append(f"{name} has it")

    def run(name):
        acquired(name)
        inner.append(world.new())
        return inner[-1]

    def ended(name):
        nonlocal n_free
        n_free += 1

    for number in range(chance.randrange(25)):
        kind = chance.choice(["acquire", "acquire", "release", "run", "cancel", "end", "fail"])
        if kind == "acquire":
            waiting.append(world.acquire(lock, functools.partial(acquired, number), trace, number))
        elif kind == "release" and world.by_acquire > 0:
            world.by_acquire -= 1
            n_free += 1
            world.release(lock)
        elif kind == "run":
            waiting.append(world.run(lock, functools.partial(run, number), functools.partial(ended, number), trace, number))
        elif kind == "cancel" and waiting:
            world.cancel(chance.choice(waiting))
        elif kind in ("end", "fail") and inner:
            d = inner.pop(chance.randrange(len(inner)))
            (world.fire if kind == "end" else world.fail)(d, number)
        trace.append("-")
    return trace


@alike("locks")
def locks(world, chance):
    return holding(world, chance, world.lock(), 1)


@alike("semaphores")
def semaphores(world, chance):
    limit = chance.randrange(1, 4)
    return holding(world, chance, world.semaphore(limit), limit)


# --- queues ---

@alike("queues")
def queues(world, chance):
    trace, waiting = [], []
    queue = world.queue(chance.choice([None, 0, 1, 2]), chance.choice([None, 0, 1, 2]))
    for number in range(chance.randrange(25)):
        kind = chance.choice(["put", "put", "get", "get", "cancel"])
        if kind == "put":
            trace.append(world.put(queue, number))
        elif kind == "get":
            waiting.append(world.get(queue, trace, number))
        elif waiting and waiting[-1] is not None:
            world.cancel(chance.choice([d for d in waiting if d is not None]))
        trace.append("-")
    return trace


# --- time ---

@alike("looping-calls")
def looping_calls(world, chance):
    trace, inner = [], []
    clock = world.clock()

    def work():
        trace.append(f"called at {clock.now()}")
        kind = chance.choice(["nothing"] * 6 + ["waits"] * 2 + ["stops", "fails"])
        if kind == "waits":
            inner.append(world.new())
            return inner[-1]
        if kind == "stops":
            call.stop()
        if kind == "fails":
            raise ValueError("work")
        return None

    call = world.looping_call(work, clock)
    for number in range(chance.randrange(30)):
        kind = chance.choice(["start"] * 2 + ["advance"] * 8 + ["stop", "reset", "end", "fail"])
        if kind == "start" and not call.is_active():
            world.trace(call.start(chance.choice([0.5, 1, 1.5]), chance.random() < 0.5), trace, f"loop {number}")
        elif kind == "advance":
            clock.advance(0.25)
        elif kind == "reset" and call.running() and not inner:  # see reset-under-way
            call.reset()
        elif kind == "stop" and call.running():
            call.stop()
        elif kind in ("end", "fail") and inner:
            (world.fire if kind == "end" else world.fail)(inner.pop(), number)
        trace.append(call.running())
    return trace


@alike("time-outs")
def timeouts(world, chance):
    trace, clock = [], world.clock()
    deferreds = []
    for number in range(chance.randrange(25)):
        kind = chance.choice(["new", "timeout", "timeout", "advance", "advance", "fire", "fail", "cancel"])
        if kind == "new" or not deferreds:
            deferreds.append((number, world.new(world.canceller(trace, f"cancel {number}", chance))))
            continue
        name, d = chance.choice(deferreds)
        if kind == "timeout":
            world.timeout(d, chance.choice([0.5, 1, 2]), clock)
            world.trace(d, trace, f"{name} at {number}", pass_on=True)
        elif kind == "advance":
            clock.advance(0.5)
        else:
            getattr(world, kind)(d, number)
        trace.append("-")
    for _, d in deferreds:
        world.trace(d, [], "")
    return trace


@alike("clocks")
def clocks(world, chance):
    trace, clock = [], world.clock()
    for number in range(chance.randrange(25)):
        if chance.random() < 0.5:
            # When it is called, but not what time it sees: see each-at-its-time
            clock.call_later(chance.randrange(5) / 4, lambda number=number: trace.append(number))
        else:
            clock.advance(chance.choice([0, 0.25]))
        trace.append("-")
    return trace


# --- the differences, one by one ---

def shows(name):
    difference = DIFFERENCES[name]
    for world, show, wanted in (("Twisted", difference.show_twisted, difference.twisted),
                                ("ours", difference.show_ours, difference.ours)):
        found = show()
        assert found == wanted, f"{world} shows {found!r} and not {wanted!r}"
    assert difference.twisted != difference.ours


for name in DIFFERENCES:
    tap.test(f"/twisted-many/difference/{name}")(functools.partial(shows, name))


@tap.test("/twisted-many/page/each-difference-has-a-row")
def each_has_a_row():
    section = PAGE.read_text().partition("\n## Differences of what stands on them\n")[2].partition("\n## ")[0]
    rows = [row.split(" | ") for row in re.findall(r"^\| (.*) \|$", section, re.MULTILINE)[1:]]
    told = {row[0].strip("` "): row[-1].strip() for row in rows}
    wanted = {name: difference.reason for name, difference in DIFFERENCES.items()}
    assert told == wanted, set(told.items()) ^ set(wanted.items())


if __name__ == "__main__":
    print(f"# Twisted {twisted.__version__}, GD_TEST_SEED={SEED}", flush=True)
    failed = tap.main()
    gc.collect()
    sys.exit(failed)
