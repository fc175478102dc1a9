#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Counts the cases that really ran, from the TAP lines in the log of a `meson test`.

Usage: count-tests.py STATUS-OF-MESON-TEST TESTLOG.JSON

A program that ends badly although each case of it passed (a crash after the last one, a leak, a timeout, a plan that
was not kept) counts as one failed case; so does one that ran none.
"""

import json
import re
import sys

LINE = re.compile(r"^( *)(not )?ok\b *\d* *-? *(.*?)(?: *# *(skip|todo)\b.*)?$", re.IGNORECASE)


def cases(stdout):
    """Yields (outcome, name) of each case. A line that sums up the deeper ones above it is not a case itself."""
    deepest_open = 0
    for line in stdout.splitlines():
        match = LINE.match(line)
        if not match:
            continue
        depth = len(match[1])
        sums_up = depth < deepest_open
        deepest_open = depth
        if sums_up:
            continue
        directive = (match[4] or "").lower()
        if directive == "skip":
            yield "skipped", match[3]
        elif match[2] and directive != "todo":
            yield "failed", match[3]
        else:
            yield "passed", match[3]


def skips_all(stdout):
    return re.search(r"^1\.\.0\b.*#.*skip", stdout, re.IGNORECASE | re.MULTILINE)


def main():
    status, log = int(sys.argv[1]), sys.argv[2]
    count = {"passed": 0, "failed": 0, "skipped": 0}
    failures = []

    try:
        with open(log, encoding="utf-8") as lines:
            programs = [json.loads(line) for line in lines if line.strip()]
    except OSError as error:
        print(error, file=sys.stderr)
        programs = []

    for program in programs:
        here = {"passed": 0, "failed": 0, "skipped": 0}
        stdout = program.get("stdout") or ""
        for outcome, name in cases(stdout):
            here[outcome] += 1
            if outcome == "failed":
                failures.append(f"{program['name']}: {name}")
        if not here["failed"] and skips_all(stdout):
            here["skipped"] += 1
        good = program["result"] in ("OK", "SKIP")
        if (not good and here["failed"] == 0) or (good and sum(here.values()) == 0):
            here["failed"] += 1
            failures.append(f"{program['name']}: {program['result']}, status {program.get('returncode')}")
        for outcome in count:
            count[outcome] += here[outcome]

    if status != 0 and count["failed"] == 0:
        count["failed"] = 1
        failures.append(f"meson test: status {status}")
    for failure in failures:
        print("FAILED", failure)
    skipped = f", {count['skipped']} skipped" if count["skipped"] else ""
    print(f"{count['passed']} passed, {count['failed']} failed{skipped}")
    return 1 if count["failed"] or not count["passed"] else 0


sys.exit(main())
