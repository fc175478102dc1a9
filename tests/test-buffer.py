#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Usage: test-buffer.py BUFFER ALONE: tests these two programs."""

import os
import re
import resource
import signal
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import tap

BUFFER, ALONE = (os.path.abspath(path) for path in sys.argv[1:3])


def run(*arguments, **more):
    result = subprocess.run(arguments, capture_output=True, timeout=300, **more)
    return result.returncode, result.stdout.decode(), result.stderr.decode()


def in_a_folder(function):
    def test():
        with tempfile.TemporaryDirectory() as folder:
            function(folder)
    return test


@tap.test("/buffer/copies")
@in_a_folder
def copies(folder):
    source, copy = os.path.join(folder, "source"), os.path.join(folder, "copy")
    for size in (0, 1, 65535, 65536, 65537, 5000000):
        contents = os.urandom(size)
        with open(source, "wb") as file:
            file.write(contents)
        for chunks in ("1", "8", "1000"):
            status, out, err = run(BUFFER, source, copy, chunks)
            said = re.fullmatch(r"(\d+) bytes, up to (\d+) chunks ahead\n", out)
            assert (status, err) == (0, "") and said, (size, chunks, status, out, err)
            assert int(said[1]) == size and int(said[2]) <= int(chunks), (size, chunks, out)
            with open(copy, "rb") as file:
                assert file.read() == contents, (size, chunks)


def little_room():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000000, 1000000))


@tap.test("/buffer/goes-wrong")
@in_a_folder
def goes_wrong(folder):
    copy = os.path.join(folder, "copy")
    status, out, err = run(BUFFER, "/no/such/file", copy)
    assert (status, out) == (1, "") and "No such file" in err, (status, out, err)
    status, out, err = run(BUFFER, folder, copy)
    assert (status, out) == (1, "") and err.startswith("buffer: "), (status, out, err)
    status, out, err = run(BUFFER, "/dev/zero", copy, "2", preexec_fn=little_room)
    assert (status, out) == (1, "") and "too large" in err, (status, out, err)
    assert run(BUFFER, copy)[0] == 2
    assert run(BUFFER, copy, copy, "0")[0] == 2


@tap.test("/alone/ends-as-the-command-does")
@in_a_folder
def ends_as_the_command_does(folder):
    lock = os.path.join(folder, "lock")
    for wait in ([], ["--wait=5"]):
        assert run(ALONE, *wait, lock, "echo", "hello") == (0, "hello\n", "")
        assert run(ALONE, *wait, lock, "sh", "-c", "exit 7") == (7, "", "")
        assert run(ALONE, *wait, lock, "sh", "-c", "kill -TERM $$") == (128 + signal.SIGTERM, "", "")
        status, out, err = run(ALONE, *wait, lock, "/no/such/command")
        assert (status, out) == (1, "") and err.startswith("alone: "), (status, out, err)
        status, out, err = run(ALONE, *wait, folder, "true")
        assert (status, out) == (1, "") and "Is a directory" in err, (status, out, err)
    assert run(ALONE)[0] == 2
    assert run(ALONE, lock)[0] == 2
    assert run(ALONE, "--what", lock, "true")[0] == 2


@tap.test("/alone/one-at-a-time")
@in_a_folder
def one_at_a_time(folder):
    lock, count = os.path.join(folder, "lock"), os.path.join(folder, "count")
    with open(count, "w") as file:
        file.write("0")
    add = 'read n <"$0"; echo $((n + 1)) >"$0"'
    running = [subprocess.Popen([ALONE, lock, "sh", "-c", add, count]) for _ in range(20)]
    assert [process.wait() for process in running] == [0] * 20
    with open(count) as file:
        assert file.read() == "20\n"


# Its command says when it has the lock, and goes on until its input ends.
def holder(lock):
    process = subprocess.Popen([ALONE, lock, "sh", "-c", "echo; cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"\n"
    return process


@tap.test("/alone/too-late")
@in_a_folder
def too_late(folder):
    lock = os.path.join(folder, "lock")
    first = holder(lock)
    status, out, err = run(ALONE, "--wait=0.05", lock, "echo", "hello")
    assert (status, out) == (75, "") and err, (status, out, err)
    first.communicate()
    assert first.returncode == 0
    assert run(ALONE, "--wait=0.05", lock, "echo", "hello") == (0, "hello\n", "")


@tap.test("/alone/holder-is-killed")
@in_a_folder
def holder_is_killed(folder):
    lock = os.path.join(folder, "lock")
    first = holder(lock)
    second = subprocess.Popen([ALONE, lock, "echo", "hello"], stdout=subprocess.PIPE)
    first.kill()
    assert second.communicate(timeout=60) == (b"hello\n", None) and second.returncode == 0
    first.communicate()


sys.exit(tap.main())
