# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Runs the test functions of a script, and tells how it went in TAP."""

import traceback

_tests = []


class Skip(Exception):
    """Raised by a test that cannot run here; its message says why."""


def test(name):
    def register(func):
        _tests.append((name, func))
        return func

    return register


def main():
    failed = 0
    print(f"1..{len(_tests)}", flush=True)
    for number, (name, func) in enumerate(_tests, 1):
        try:
            func()
            print(f"ok {number} {name}", flush=True)
        except Skip as reason:
            print(f"ok {number} {name} # SKIP {reason}", flush=True)
        except Exception:
            failed += 1
            print(f"not ok {number} {name}", flush=True)
            for line in traceback.format_exc().splitlines():
                print(f"# {line[:1000]}", flush=True)
    return 1 if failed else 0
