#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Usage: test-many-examples.py LINECOUNT TREESIZE: tests these two programs."""

import os
import signal
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import tap

LINECOUNT, TREESIZE = (os.path.abspath(path) for path in sys.argv[1:3])


def run(*arguments, **more):
    result = subprocess.run(arguments, capture_output=True, timeout=100, **more)
    return result.returncode, result.stdout.decode(), result.stderr.decode()


def table(counts):
    lines = [f"{n:8} {name}\n" for name, n in counts]
    return "".join(lines) + f"{sum(n for _, n in counts):8} total\n"


def make_files(folder, n):
    counts = []
    for i in range(n):
        name = os.path.join(folder, f"file {i}")
        with open(name, "w") as file:
            file.write("a line\n" * (i * 7 % 50) + "no end of line" * (i % 2))
        counts.append((name, i * 7 % 50))
    return counts


@tap.test("/linecount/many-files-in-order")
def many_files():
    with tempfile.TemporaryDirectory() as folder:
        counts = make_files(folder, 100)
        assert run(LINECOUNT, *(name for name, _ in counts)) == (0, table(counts), "")


@tap.test("/linecount/no-files")
def no_files():
    assert run(LINECOUNT) == (0, table([]), "")


@tap.test("/linecount/a-file-that-is-not-there-spoils-nothing")
def missing():
    with tempfile.TemporaryDirectory() as folder:
        counts = make_files(folder, 3)
        status, out, err = run(LINECOUNT, counts[0][0], "/no/such/file", counts[1][0], counts[2][0])
        assert (status, out) == (1, table(counts)), (status, out)
        assert err == "linecount: Error opening file /no/such/file: No such file or directory\n", err


@tap.test("/linecount/progress")
def progress():
    with tempfile.TemporaryDirectory() as folder:
        counts = make_files(folder, 10)
        status, out, err = run(LINECOUNT, "--progress", *(name for name, _ in counts))
        assert (status, out) == (0, table(counts)), (status, out)
        told = [int(step) for step in err.replace("%", "").split("\r") if step]
        assert told == sorted(set(told)) and told[-1] == 100, told


@tap.test("/linecount/Ctrl-C")
def interrupted():
    with tempfile.TemporaryDirectory() as folder:
        pipe = os.path.join(folder, "pipe")
        os.mkfifo(pipe)
        with subprocess.Popen([LINECOUNT, pipe], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            with open(pipe, "w"):  # it has opened its end
                process.send_signal(signal.SIGINT)
                out, err = process.communicate(timeout=100)
        assert process.returncode == 130 and not out, (process.returncode, out)


@tap.test("/linecount/bad-option")
def bad_option():
    status, out, err = run(LINECOUNT, "--what")
    assert (status, out) == (2, "") and err.startswith("linecount: "), (status, out, err)


def count_tree(top):
    n_files = n_folders = n_bytes = 0
    for folder, _, files in os.walk(top):
        names = [os.path.join(folder, name) for name in files]
        links = [entry.path for entry in os.scandir(folder) if entry.is_symlink() and entry.is_dir()]
        n_folders += 1
        n_files += len(names) + len(links)
        n_bytes += sum(os.lstat(name).st_size for name in names + links)
    return f"{n_files} files in {n_folders} folders: {n_bytes} bytes\n"


@tap.test("/treesize/a-tree")
def tree():
    with tempfile.TemporaryDirectory() as top:
        for i in range(5):
            for j in range(20):
                folder = os.path.join(top, str(i), str(j), "below")
                os.makedirs(folder)
                make_files(folder, j)
        os.symlink(top, os.path.join(top, "around"))
        os.symlink("nowhere", os.path.join(top, "0", "dangling"))
        make_files(os.path.join(top, "1"), 250)
        assert run(TREESIZE, top) == (0, count_tree(top), "")


@tap.test("/treesize/empty")
def empty():
    with tempfile.TemporaryDirectory() as top:
        assert run(TREESIZE, top) == (0, "0 files in 1 folders: 0 bytes\n", "")


@tap.test("/treesize/no-folder")
def no_folder():
    sorry = "treesize: Error opening directory '/no/such': No such file or directory\n"
    assert run(TREESIZE, "/no/such") == (1, "", sorry)


@tap.test("/treesize/the-first-error-ends-it")
def first_error():
    if os.geteuid() == 0:
        raise tap.Skip("root may read everything")
    with tempfile.TemporaryDirectory() as top:
        os.makedirs(os.path.join(top, "a", "closed"), mode=0o000)
        status, out, err = run(TREESIZE, top)
        assert (status, out) == (1, "") and "Permission denied" in err, (status, out, err)


@tap.test("/treesize/bad-arguments")
def bad_arguments():
    for arguments in ([], ["a", "b"]):
        assert run(TREESIZE, *arguments) == (2, "", "Usage: treesize FOLDER\n")


sys.exit(tap.main())
