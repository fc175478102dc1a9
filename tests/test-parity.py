#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Usage: test-parity.py PLAYER-IN-C LANGUAGE...: plays parity/cases.txt in each of the languages, and
compares what came of it with what is written there. So all give the same."""

import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import tap

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "parity")
TIMEOUT = 60
MOST_CRASHES = 10

# Of each: how its player is run, and what has to work for it.
PLAYERS = {
    "c": ([os.path.abspath(sys.argv[1])], None),
    "python": ([sys.executable, os.path.join(FOLDER, "play.py")], [sys.executable, "-c", "import gi"]),
    "gjs": (["gjs", os.path.join(FOLDER, "play.js")], ["gjs", "-c", "imports.gi"]),
}


class Case:
    def __init__(self, name):
        self.name = name
        self.lines = [f"case {name}"]
        self.languages = list(PLAYERS)
        self.expected = []

    def add(self, line):
        self.lines.append(line)
        word, _, rest = line.partition(" ")
        if word == "only":
            self.languages = rest.split(" ")
        elif word == "expect":
            self.expected.append(rest)


def read_cases():
    cases = []
    with open(os.path.join(FOLDER, "cases.txt"), encoding="utf-8") as file:
        for line in map(str.strip, file):
            if line.startswith("case "):
                cases.append(Case(line[len("case ") :]))
            elif cases and line and not line.startswith("#"):
                cases[-1].add(line)
    return cases


def run_player(command, cases):
    """The traces of the cases as far as it came, and why it came no further."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".txt") as file:
        file.write("".join(line + "\n" for case in cases for line in case.lines))
        file.flush()
        try:
            result = subprocess.run([*command, file.name], capture_output=True, timeout=TIMEOUT)
            output, trouble = result.stdout, result.stderr.decode(errors="replace")
            status = result.returncode
        except subprocess.TimeoutExpired as expired:
            output, trouble, status = expired.stdout or b"", "it takes too long", 1

    traces = {}
    for line in output.decode(errors="replace").splitlines():
        if line.startswith("case "):
            traces[line[len("case ") :]] = trace = []
        elif traces:
            trace.append(line[1:])
    return traces, f"status {status}: {trouble[-2000:]}" if status != 0 or trouble else None


def play(language, cases):
    """The trace of each case, or why there is none. A case that ends the player ends no other."""
    command, probe = PLAYERS[language]
    if probe and (not shutil.which(probe[0]) or subprocess.run(probe, capture_output=True).returncode != 0):
        return {case.name: tap.Skip(f"there is no {language} here") for case in cases}

    outcomes = {}
    for _ in range(MOST_CRASHES):
        traces, trouble = run_player(command, cases)
        outcomes.update(traces)
        if trouble and not traces:
            return {case.name: AssertionError(trouble) for case in cases} | outcomes
        if trouble:
            outcomes[list(traces)[-1]] = AssertionError(trouble)
        cases = [case for case in cases if case.name not in outcomes]
        if not cases:
            break
    return outcomes


class Language:
    """Plays its cases when the first of them is asked for."""

    def __init__(self, name, cases):
        self.name = name
        self.cases = [case for case in cases if name in case.languages]
        self.outcomes = None

    def check(self, case):
        if self.outcomes is None:
            self.outcomes = play(self.name, self.cases)
        outcome = self.outcomes.get(case.name, AssertionError("it was not played"))
        if isinstance(outcome, Exception):
            raise outcome
        assert outcome == case.expected, f"\nexpected {case.expected}\n     got {outcome}"


def register():
    cases = read_cases()
    assert len({case.name for case in cases}) == len(cases), "two cases have one name"
    for language in (Language(name, cases) for name in sys.argv[2:]):
        for case in language.cases:
            tap.test(f"/parity/{language.name}{case.name}")(lambda l=language, c=case: l.check(c))


register()
sys.exit(tap.main())
