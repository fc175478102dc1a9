#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Usage: test-search.py SEARCH: tests this program, on its virtual clock but for one case."""

import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
import tap

SEARCH = os.path.abspath(sys.argv[1])


def search(*arguments):
    result = subprocess.run([SEARCH, *arguments], capture_output=True, timeout=120, text=True)
    assert (result.returncode, result.stderr) == (0, ""), (result.returncode, result.stderr)
    return result.stdout


def same(found, wanted):
    assert found == wanted, f"it gave:\n{found}and not:\n{wanted}"


@tap.test("/search/only-what-was-typed-before-a-pause")
def before_a_pause():
    same(search("def"), """\
   80 ms  d
  160 ms  de
  240 ms  def
  390 ms    searching for "def"
  390 ms      request 1: "def"
  510 ms    default, defer, deferred, define
""")


@tap.test("/search/an-outdated-one-is-cancelled")
def outdated():
    same(search("de.fer"), """\
   80 ms  d
  160 ms  de
  310 ms    searching for "de"
  310 ms      request 1: "de"
  430 ms    default, defer, deferred, define, delay
  440 ms  def
  520 ms  defe
  600 ms  defer
  750 ms    searching for "defer"
  750 ms      request 2: "defer"
  870 ms    defer, deferred
""")
    assert search("e...r...r.x").splitlines()[-5:-1] == [
        " 1720 ms  errx",
        " 1720 ms      outdated",
        " 1870 ms    searching for \"errx\"",
        " 1870 ms      request 5: \"errx\"",
    ]


@tap.test("/search/retried-timed-out-and-kept")
def retried():
    same(search("e...r...r.....x....<"), """\
   80 ms  e
  230 ms    searching for "e"
  230 ms      request 1: "e"
  350 ms    errback, error
  760 ms  er
  910 ms    searching for "er"
  910 ms      request 2: "er"
 1030 ms    errback, error
 1440 ms  err
 1590 ms    searching for "err"
 1590 ms      request 3: "err"
 1590 ms      The server is busy
 1640 ms      request 4: "err"
 1940 ms      Timed out after 300 ms
 2040 ms      request 5: "err"
 2160 ms    errback, error
 2520 ms  errx
 2670 ms    searching for "errx"
 2670 ms      request 6: "errx"
 2670 ms      The server is busy
 2720 ms      request 7: "errx"
 2840 ms    nothing found
 3400 ms  err
 3550 ms    searching for "err"
 3550 ms    errback, error
""")


@tap.test("/search/nothing-to-search-for")
def nothing():
    same(search("d<"), "   80 ms  d\n  160 ms  \n")


@tap.test("/search/on-the-systems-clock")
def really():
    lines = [re.sub("^ *[0-9]+ ms  ", "", line) for line in search("--real", "fi").splitlines()]
    assert lines == ["f", "fi", '  searching for "fi"', '    request 1: "fi"', "  fire"], lines


@tap.test("/search/usage")
def usage():
    for arguments in ([], ["--real"], ["a", "b"]):
        result = subprocess.run([SEARCH, *arguments], capture_output=True, timeout=60, text=True)
        assert (result.returncode, result.stdout) == (2, ""), (arguments, result)
        assert result.stderr.startswith("Usage: search "), result.stderr


sys.exit(tap.main())
