#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Against Twisted itself: ours does what Twisted's Deferred does, but for the differences that have a name.

Random scripts are played on ours and on Twisted's. Where the traces differ, the script is played on Twisted's
with our rules put upon it, each of which is a named difference: then they must be the same. GD_TEST_SEED is
the seed of the first script, GD_TEST_SCALE a percentage of how many there are.
"""

import collections
import functools
import gc
import itertools
import keyword
import os
import pathlib
import random
import re
import sys
import time

import common

try:
    import twisted
except ImportError:
    print("1..0 # SKIP Twisted is not installed")
    sys.exit(0)

import tap
from twisted.internet import defer, task, threads
from twisted.python import failure
from twisted_differences import ALIKE, DIFFERENCES
from twisted_play import Play, line_of
from twisted_scripts import Random, lines_of, shrink
from twisted_worlds import Ours, RuledTwisted, Twisted

N_SCRIPTS = 20000
CPU_SECONDS, SECONDS = 20, 100  # where it is slow it plays fewer
PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "coming-from-twisted.md"
SEED = int(os.environ.get("GD_TEST_SEED") or random.SystemRandom().randrange(1 << 31))
RULES = frozenset(name for name, difference in DIFFERENCES.items() if difference.in_scripts)


def scaled(number):
    return max(1, number * int(os.environ.get("GD_TEST_SCALE", 100)) // 100)


def script_of(seed):
    return Random(random.Random(seed)).script()


# --- the differences, one by one ---

def shows(name):
    difference = DIFFERENCES[name]
    for world, wanted in (Twisted(), difference.twisted), (Ours(), difference.ours):
        found = difference.show(world)
        assert found == wanted, f"{type(world).__name__} shows {found!r} and not {wanted!r}"
    assert difference.twisted != difference.ours


def is_done_our_way(name):
    """Twisted's with our rules, too, shows what ours shows."""
    difference = DIFFERENCES[name]
    assert difference.show(RuledTwisted(RULES)) == difference.ours
    assert difference.show(RuledTwisted(RULES - {name})) != difference.ours


def is_alike(name):
    show, wanted = ALIKE[name]
    assert show(Twisted()) == wanted and show(Ours()) == wanted


for name in ALIKE:
    tap.test(f"/twisted/alike/{name}")(functools.partial(is_alike, name))
for name in DIFFERENCES:
    tap.test(f"/twisted/difference/{name}")(functools.partial(shows, name))
for name in sorted(RULES):
    tap.test(f"/twisted/rule/{name}")(functools.partial(is_done_our_way, name))


# --- random scripts ---

def on_ours(script):
    return Play(Ours()).run(script)


def on_twisted(script):
    return Play(Twisted()).run(script)


def on_ruled(script, rules):
    return Play(RuledTwisted(rules)).run(script)


def needed_rules(script, ours):
    """What it takes of our rules to make Twisted's trace the same as ours; None if all of them do not."""
    world = RuledTwisted(RULES)
    if Play(world).run(script) != ours:
        return None
    needed = set(RULES & world.acted)
    for rule in sorted(needed):
        if on_ruled(script, needed - {rule}) == ours:
            needed.discard(rule)
    return needed


def is_unlike(script):
    return on_ours(script) != on_ruled(script, RULES)


def tell(seed, script):
    shrink(script, is_unlike)
    ours, ruled = on_ours(script), on_ruled(script, RULES)
    same = len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], zip(ours, ruled))))
    parts = [f"A difference without a name; GD_TEST_SEED={seed} begins with it. What it takes:",
             *lines_of(script), "Both see", *map(line_of, ours[:same]),
             "then ours sees", *map(line_of, ours[same:same + 4]),
             "and Twisted's", *map(line_of, ruled[same:same + 4])]
    raise AssertionError("\n".join(parts))


@tap.test("/twisted/random-scripts-play-alike")
def random_scripts():
    cpu_end, end = time.process_time() + CPU_SECONDS, time.monotonic() + SECONDS
    counts, n_events, played = collections.Counter(), 0, 0

    for seed in range(SEED, SEED + scaled(N_SCRIPTS)):
        if time.process_time() > cpu_end or time.monotonic() > end:
            break
        script = script_of(seed)
        ours = on_ours(script)
        needed = set() if ours == on_twisted(script) else needed_rules(script, ours)
        if needed is None:
            tell(seed, script)
        counts.update(needed or ["equal"])
        n_events += len(ours)
        played += 1

    print(f"# {played} scripts, {n_events} events, {counts.pop('equal', 0)} scripts alike on plain Twisted")
    for rule, count in counts.most_common():
        print(f"# {count} with {rule}", flush=True)
    assert played > 0


@tap.test("/twisted/without-our-rules-it-is-plain-twisted")
def without_rules():
    for seed in range(SEED, SEED + scaled(N_SCRIPTS // 20)):
        script = script_of(seed)
        assert on_twisted(script) == on_ruled(script, frozenset()), f"script {seed}"


@tap.test("/twisted/a-failing-script-is-made-smaller")
def made_smaller():
    def fires_while_paused(script):
        kinds = [step.kind for step in script]
        return "pause" in kinds and "fire" in kinds[kinds.index("pause"):]

    chance = random.Random(SEED)
    script = next(filter(fires_while_paused, (Random(chance).script() for _ in range(10000))))
    shrink(script, fires_while_paused)
    assert [step.kind for step in script] == ["pause", "fire"]


# --- the page ---

def rows_under(heading):
    section = PAGE.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.*) \|$", section, re.MULTILINE)
    return [[cell.strip() for cell in row.split(" | ")] for row in rows[1:]]


@tap.test("/twisted/page/each-difference-has-a-row")
def each_has_a_row():
    told = {row[0].strip("`"): row[-1] for row in rows_under("Differences")}
    wanted = {name: difference.reason for name, difference in DIFFERENCES.items()}
    assert told == wanted, set(told.items()) ^ set(wanted.items())


def exists(name, places):
    def look_up(place):
        return functools.reduce(lambda thing, part: getattr(thing, part, None), name.split("."), place)

    return keyword.iskeyword(name) or any(look_up(place) is not None for place in places)


NO_LONGER_THERE = ["deferredGenerator", "waitForDeferred"]


@tap.test("/twisted/page/names-exist")
def names_exist():
    rows = rows_under("Names")
    assert len(rows) > 20
    for theirs, _, ours, _ in rows:
        for name in re.findall(r"`([\w.]+)", theirs):
            known = name in NO_LONGER_THERE or exists(name, (defer, defer.succeed(1), task, threads, failure))
            assert known, f"Twisted has no {name}"
        for name in re.findall(r"`([\w.]+)", ours):
            assert exists(name, (common.GDeferred, common.D.succeed(1))), f"Python has no {name}"


if __name__ == "__main__":
    print(f"# Twisted {twisted.__version__}, GD_TEST_SEED={SEED}", flush=True)
    failed = tap.main()
    gc.collect()  # what Twisted still has to report, while it can
    sys.exit(failed)
