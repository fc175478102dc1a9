#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Usage: test-every.py EVERY: tests this program."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import tap

EVERY = os.path.abspath(sys.argv[1])


def run(*arguments):
    result = subprocess.run([EVERY, *arguments], capture_output=True, timeout=300)
    return result.returncode, result.stdout.decode(), result.stderr.decode()


@tap.test("/every/so-many-times")
def so_many_times():
    begin = time.monotonic()
    assert run("-n", "3", "0.05", "echo", "hi") == (0, "hi\n" * 3, "")
    assert time.monotonic() - begin >= 0.1


@tap.test("/every/time-out")
def time_out():
    """The shell and its sleep are killed: the program ends long before that would."""
    begin = time.monotonic()
    status, out, err = run("-n", "2", "-t", "0.1", "0.2", "sh", "-c", "exec sleep 250")
    assert (status, out, err) == (1, "", "every: Timed out after 100 ms\n" * 2), (status, out, err)
    assert time.monotonic() - begin < 200


@tap.test("/every/never-two-at-once")
def never_two_at_once():
    status, out, err = run("-n", "2", "0.05", "sleep", "0.12")
    assert (status, err) == (0, ""), (status, out, err)
    skipped = re.fullmatch(r"skipped (\d+), as the command was still running\n", out)
    assert int(skipped[1]) >= 2, out


@tap.test("/every/failures")
def failures():
    status, _, err = run("-n", "2", "0.01", "false")
    assert (status, err) == (1, "every: Child process exited with code 1\n" * 2), (status, err)
    status, out, err = run("0.01", "/no/such/command")
    assert (status, out) == (1, "") and err.startswith("every: Failed to execute child process"), (status, out, err)


def interrupt(*arguments):
    process = subprocess.Popen([EVERY, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=300)
    return process.returncode, (first + out).decode(), err.decode()


@tap.test("/every/interrupted")
def interrupted():
    """Between two runs, and while a command that would go on is running."""
    status, out, err = interrupt("100", "echo", "once")
    assert (status, out, err) == (130, "once\n", ""), (status, out, err)
    with tempfile.TemporaryDirectory() as folder:
        started = os.path.join(folder, "started")
        process = subprocess.Popen([EVERY, "100", "sh", "-c", f"touch {started}; exec sleep 250"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while not os.path.exists(started):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=200) == (b"", b"")
        assert process.returncode == 130, process.returncode


@tap.test("/every/bad-arguments")
def bad_arguments():
    for arguments in ([], ["1"], ["0", "true"], ["-1", "true"], ["-t", "-1", "1", "true"], ["--what"]):
        status, out, err = run(*arguments)
        assert (status, out) == (2, "") and err.startswith("every: "), (arguments, status, out, err)


sys.exit(tap.main())
