#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Drives gtk4-gallery. Usage: test-gallery.py SCREENSHOT-DIR GJS PROGRAM"""

import os
import pathlib
import re
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import driver
import pictures
import tap

SCREENSHOTS, *COMMAND = sys.argv[1:]

PAGE_DOWN, END = 0xff56, 0xff57
NUMBER = 1000  # of images; the grid binds some 30 rows of 4


def start(*arguments):
    return driver.Program([*COMMAND, *arguments])


def end(program):
    program.close()
    program.end()
    print("#", program.frames())


class Summary:
    """What the window says."""

    def __init__(self, program):
        self._program = program
        self._line = program.line(lambda text: " images: " in text)

    def numbers(self):
        text = driver.until("the numbers", lambda: self._program.text(self._line))
        return tuple(map(int, re.findall(r"\d+", text)))

    def until(self, what, matches):
        driver.until(what, lambda: matches(*self.numbers()))
        return self.numbers()


def names_in(program):
    return [text for text in program.labels() if text.endswith(".jpg")]


def many_links(folder, make):
    """Images of different names, and one content."""
    first = pathlib.Path(folder, f"{0:04}.jpg")
    make(first)
    for number in range(1, NUMBER):
        os.link(first, os.path.join(folder, f"{number:04}.jpg"))
    return [f"{number:04}.jpg" for number in range(NUMBER)]


@tap.test("/desktop/gallery/loads-what-is-visible-and-a-margin")
def loads_visible():
    with tempfile.TemporaryDirectory() as folder:
        names = many_links(folder, lambda path: pictures.landscape(path, 7, 320, 240))
        program = start(folder)
        driver.until("cells", lambda: names_in(program))
        summary = Summary(program)
        # Newer GTK shows others only what can be seen, and not the margin.
        shown = driver.until("the images", lambda: (shown := names_in(program)) and shown == names[:len(shown)]
                             and summary.numbers()[0] == NUMBER and summary.numbers()[1] >= len(shown) and shown)
        assert len(shown) <= summary.numbers()[1] < NUMBER / 4, (shown, summary.numbers())
        end(program)


@tap.test("/desktop/gallery/skips-what-was-scrolled-away")
def skips():
    with tempfile.TemporaryDirectory() as folder:
        names = many_links(folder, lambda path: pictures.noise(path, 2400, 1800))
        program = start(folder)
        summary = Summary(program)
        program.key(END)
        driver.until("the last name", lambda: names[-1] in program.labels())
        last = [name for name in names_in(program) if name != names[0]]  # where the keyboard was before
        assert last == names[-len(last):], last
        # What was bound on the way there was skipped, and what lies between never was bound.
        _, loaded, skipped, _ = summary.until("the last ones", lambda _, loaded, *rest: loaded >= len(last))
        assert skipped > 0 and loaded < NUMBER / 2, (loaded, skipped)
        program.screenshot(os.path.join(SCREENSHOTS, "gtk4-gallery-end.png"))
        end(program)


@tap.test("/desktop/gallery/does-not-stutter-while-it-scrolls")
def scrolls():
    with tempfile.TemporaryDirectory() as folder:
        many_links(folder, lambda path: pictures.landscape(path, 7, 1600, 1200))
        program = start(folder)
        summary = Summary(program)
        driver.until("many images", lambda: program.key(PAGE_DOWN) or summary.numbers()[1] > 300)
        end(program)


@tap.test("/desktop/gallery/shows-errors-in-their-place")
def shows_errors():
    with tempfile.TemporaryDirectory() as folder:
        for number in range(24):
            pictures.landscape(pathlib.Path(folder, f"{number:02}.jpg"), number, 320, 240)
        pathlib.Path(folder, "05.jpg").write_bytes(b"no image")
        pathlib.Path(folder, "no-image.txt").write_text("not shown")
        program = start(folder)
        numbers = Summary(program).until("the images", lambda all, loaded, *_: loaded == 23)
        assert numbers == (24, 23, 0, 1), numbers
        labels = program.labels()
        assert "image" in labels[labels.index("05.jpg") - 1], labels  # "Unrecognized image file format"
        assert "05.jpg" in names_in(program), labels
        program.screenshot(os.path.join(SCREENSHOTS, "gtk4-gallery.png"))
        end(program)

        program = start(os.path.join(folder, "nowhere"))
        program.until_label(lambda text: "No such file or directory" in text, "the error")
        end(program)


@tap.test("/desktop/gallery/may-be-closed-at-any-moment")
def closes():
    with tempfile.TemporaryDirectory() as folder:
        many_links(folder, lambda path: pictures.noise(path, 1600, 1200))
        program = start(folder)
        Summary(program).until("the first images", lambda _, loaded, *rest: loaded > 0)
        end(program)


sys.exit(driver.main(tap.main, Gtk="4.0", GdkPixbuf="2.0"))
