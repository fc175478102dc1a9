#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Drives gtk4-search. Usage: test-search.py SCREENSHOT-DIR PYTHON PROGRAM"""

import os
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import driver
import tap

SCREENSHOTS, *COMMAND = sys.argv[1:]

FOLDERS, FILES = 200, 100


class Search:
    """The program, and what it says."""

    def __init__(self, root):
        self.program = driver.Program([*COMMAND, root])
        self.line = self.program.line(lambda text: text.startswith("Type to search in"))

    def type(self, text):
        self.program.write(text)

    def until(self, summary):
        self.program.until_text(self.line, lambda text: text == summary, summary)

    def rows(self):
        return [text for text in self.program.labels() if "  " in text]

    def end(self):
        self.program.close()
        self.program.end()
        print("#", self.program.frames())


def make_tree(root):
    for number in range(FOLDERS):
        folder = pathlib.Path(root, f"folder-{number:03}")
        folder.mkdir()
        for file in range(FILES):
            (folder / f"{'draft' if file % 10 == 0 else 'Paper'}-{number:03}-{file:02} & <more>.txt").touch()


def found(root, text):
    """The rows that there have to be, and the line above them."""
    rows, number = [], 0
    for folder, folders, files in os.walk(root):
        folders.sort()
        number += len(folders) + len(files)
        rows += [f"{name}  {folder}" for name in sorted(folders + files) if text.casefold() in name.casefold()]
    return rows, f"{len(rows):,} of {number:,} names"


@tap.test("/desktop/search/finds-what-os-walk-finds")
def finds():
    with tempfile.TemporaryDirectory() as root:
        make_tree(root)
        search = Search(root)
        for typed, text in ("P", "p"), ("APER-19", "paper-19"), ("9-7", "paper-199-7"):
            search.type(typed)
            rows, summary = found(root, text)
            search.until(summary)
            shown = driver.until("the rows", lambda: search.rows() == rows[:len(search.rows())] and search.rows())
            assert shown and len(shown) <= len(rows), (shown, rows[:10])
        assert shown == rows, shown
        search.program.screenshot(os.path.join(SCREENSHOTS, "gtk4-search.png"))
        search.end()


@tap.test("/desktop/search/begins-anew-while-it-searches")
def begins_anew():
    search = Search("/usr")
    search.type("e")
    search.program.until_text(search.line, lambda text: text.endswith(" so far"), "the first rows")
    search.type("xec")
    rows, summary = found("/usr", "exec")
    search.until(summary)
    driver.until("the rows", lambda: (shown := search.rows()) and shown == rows[:len(shown)])
    search.end()


@tap.test("/desktop/search/does-not-stutter-over-many-files")
def many():
    with tempfile.TemporaryDirectory() as root:
        make_tree(root)
        search = Search(root)
        for typed, text in ("t", "t"), ("x", "tx"):
            search.type(typed)
            search.until(found(root, text)[1])
        search.end()


@tap.test("/desktop/search/shows-errors-in-their-place")
def shows_errors():
    with tempfile.TemporaryDirectory() as root:
        nowhere = os.path.join(root, "nowhere")
        search = Search(nowhere)
        search.type("x")
        search.until("0 of 0 names, 1 unreadable")
        driver.until("the error", lambda: search.rows() == [f"No such file or directory  {nowhere}"])
        search.end()


@tap.test("/desktop/search/may-be-closed-at-any-moment")
def closes():
    search = Search("/")
    search.type("e")
    search.program.until_text(search.line, lambda text: text.endswith(" so far"), "the first rows")
    search.end()


sys.exit(driver.main(tap.main, Gtk="4.0"))
