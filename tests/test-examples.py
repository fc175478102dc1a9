#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Usage: test-examples.py FIBONACCI HELLO: tests these two programs."""

import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import tap

FIBONACCI, HELLO = (os.path.abspath(path) for path in sys.argv[1:3])


def run(*arguments, **more):
    result = subprocess.run(arguments, capture_output=True, timeout=300, **more)
    return result.returncode, result.stdout.decode(), result.stderr.decode()


def nth_fibonacci(n):
    first, second = 0, 1
    for _ in range(n - 1):
        first, second = second, first + second
    return second


def fibonacci_output(*arguments):
    """The output as two lists of lines: the blocking half, and the half in a thread."""
    status, out, err = run(FIBONACCI, *arguments)
    assert (status, err) == (0, ""), (status, err)
    halves = out.rstrip("\n").split("\n\n")
    assert len(halves) == 2, out
    return [half.split("\n") for half in halves]


@tap.test("/fibonacci/the-number-is-exact")
def number_is_exact():
    for n in (1, 2, 3, 10, 93, 94, 10000):
        _, threaded = fibonacci_output("--number", str(n), "--repeat", "1")
        assert f"large_fibonacci_number result = {nth_fibonacci(n)}" in threaded, (n, threaded)


@tap.test("/fibonacci/by-default-the-loop-stands-still-or-ticks")
def loop_stands_still_or_ticks():
    number = str(nth_fibonacci(10000))
    blocking, threaded = fibonacci_output()

    assert blocking[0] == "The blocking way:", blocking
    assert re.fullmatch(r"Total time taken for the call: \d+\.\d{3} seconds", blocking[1]), blocking
    assert blocking[2] == "Adding the callback now.", blocking
    assert blocking[3] == f"The Fibonacci number 10000 has {len(number)} digits: {number[:20]}...", blocking
    assert blocking[4:] == ["Meanwhile the loop ticked 0 times."], blocking

    assert threaded[:4] == [
        "In a thread:",
        "1st line after the addition of the callback",
        "2nd line after the addition of the callback",
        f"large_fibonacci_number result = {number}",
    ], threaded
    ticks = re.fullmatch(r"Meanwhile the loop ticked (\d+) times\.", threaded[4])
    assert len(threaded) == 5 and int(ticks[1]) > 0, threaded


@tap.test("/fibonacci/bad-arguments")
def bad_arguments():
    for arguments in (["--number", "0"], ["--repeat", "-1"], ["--number", "many"], ["--what"]):
        status, out, err = run(FIBONACCI, *arguments)
        assert (status, out) == (2, "") and err.startswith("fibonacci: "), (arguments, status, out, err)


@tap.test("/hello/a-file")
def hello_a_file():
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "greeting.txt"), "w") as file:
            file.write("Hello from a file")
        assert run(HELLO, "greeting.txt", cwd=folder) == (0, "It says: Hello from a file\n", "")


@tap.test("/hello/no-file")
def hello_no_file():
    sorry = "Sorry: Error opening file /no/such/file: No such file or directory\n"
    assert run(HELLO, "/no/such/file") == (0, sorry, "")


sys.exit(tap.main())
