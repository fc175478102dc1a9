#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Drives gtk4-checksum. Usage: test-checksum.py PROGRAM SCREENSHOT-DIR"""

import hashlib
import os
import pathlib
import re
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import driver
import tap

PROGRAM, SCREENSHOTS = sys.argv[1:3]


def start(*arguments):
    return driver.Program([PROGRAM, *arguments])


def make_files(folder, sizes):
    sums = {}
    for number, size in enumerate(sizes):
        path = pathlib.Path(folder, f"file-{number:02}")
        path.write_bytes(os.urandom(size))
        sums[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return sums


def make_endless(folder, number):
    """Files that take long to hash, and no room."""
    for i in range(number):
        with open(os.path.join(folder, f"large-{i}"), "wb") as file:
            file.truncate(1 << 40)


def close(program):
    program.close()
    program.end()
    print("#", program.frames())


@tap.test("/desktop/checksum/shows-what-sha256-gives")
def shows_sums():
    with tempfile.TemporaryDirectory() as folder:
        sums = make_files(folder, [0, 1, 1000, 300_000, 5_000_000, 20_000_000])
        program = start(folder)
        program.until_label(lambda text: text.startswith("6 of 6 files"), "the end")
        labels = driver.until("the rows", lambda: (found := program.labels()) and set(sums.values()) <= set(found) and found)
        for path, digest in sums.items():
            assert digest in labels[labels.index(path):][:2], f"{path} has another sum: {labels}"
        assert not program.is_sensitive(program.buttons("Cancel All")[0])
        program.screenshot(os.path.join(SCREENSHOTS, "gtk4-checksum-done.png"))
        close(program)


@tap.test("/desktop/checksum/tells-of-errors-in-their-place")
def shows_errors():
    with tempfile.TemporaryDirectory() as folder:
        sums = make_files(folder, [10])
        nowhere = os.path.join(folder, "nowhere")
        program = start(folder, nowhere)
        program.until_label(lambda text: text == "2 of 2 files, 1 without a checksum", "the end")
        labels = program.labels()
        assert "No such file or directory" in labels[labels.index(nowhere):][:2], labels
        assert set(sums.values()) <= set(labels)
        close(program)


@tap.test("/desktop/checksum/cancels-one-row-and-all")
def cancels():
    with tempfile.TemporaryDirectory() as folder:
        make_endless(folder, 5)
        program = start(folder)
        program.until_label(lambda text: text == "0 of 5 files", "the rows")
        rows = driver.until("the buttons of the rows", lambda: len(found := program.buttons("Cancel this file")) == 5 and found)
        program.press(rows[1])
        program.until_label(lambda text: text == "1 of 5 files, 1 without a checksum", "the end of one row")
        labels = program.labels()
        cancelled = [labels[i - 1] for i, text in enumerate(labels) if text == "Operation was cancelled"]
        assert [os.path.basename(name) for name in cancelled] == ["large-1"], labels
        program.screenshot(os.path.join(SCREENSHOTS, "gtk4-checksum.png"))

        everything = program.buttons("Cancel All")[0]
        assert program.is_sensitive(everything)
        program.press(everything)
        program.until_label(lambda text: text == "5 of 5 files, 5 without a checksum", "the end of all")
        assert program.labels().count("Operation was cancelled") == 5
        driver.until("Cancel All to be of no use", lambda: not program.is_sensitive(everything))
        close(program)


@tap.test("/desktop/checksum/may-be-closed-at-any-moment")
def closes():
    with tempfile.TemporaryDirectory() as folder:
        make_endless(folder, 20)
        program = start(folder)
        program.until_label(lambda text: re.fullmatch("0 of [0-9]+ files", text), "the rows")
        close(program)


@tap.test("/desktop/checksum/does-not-stutter-over-many-files")
def many():
    with tempfile.TemporaryDirectory() as folder:
        for number in range(20_000):
            pathlib.Path(folder, f"{number:05}").write_bytes(b"x")
        program = start(folder)
        summary = program.line(lambda text: text.endswith(" files"))
        program.until_text(summary, lambda text: text == "20000 of 20000 files", "the end")
        program.screenshot(os.path.join(SCREENSHOTS, "gtk4-checksum-many.png"))
        close(program)


@tap.test("/desktop/checksum/cancels-many-without-a-stutter")
def cancels_many():
    with tempfile.TemporaryDirectory() as folder:
        make_endless(folder, 2000)
        program = start(folder)
        summary = program.line(lambda text: text == "0 of 2000 files")
        program.press(program.buttons("Cancel All")[0])
        program.until_text(summary, lambda text: text == "2000 of 2000 files, 2000 without a checksum", "the end")
        close(program)


sys.exit(driver.main(tap.main))
