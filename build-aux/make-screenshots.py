#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Makes the pictures in docs/images of the programs with windows, from what was built.

Usage: make-screenshots.py BUILD-ROOT

What they show is the same each time, but for how far bars have got. It takes what the tests in tests/desktop take:
`./run test` installs that."""

import contextlib
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "desktop"))
import driver
import pictures

BUILD = pathlib.Path(sys.argv[1]).resolve()
IMAGES = ROOT / "docs" / "images"
ENVIRONMENT = {
    "G_DEBUG": "",
    "GIO_USE_VFS": "local",
    "GI_TYPELIB_PATH": str(BUILD / "gdeferred"),
    "GJS_PATH": str(ROOT / "bindings" / "gjs"),
    "LC_ALL": "C.UTF-8",
    "LD_LIBRARY_PATH": str(BUILD / "gdeferred"),
    "PYTHONPATH": str(ROOT / "bindings" / "python"),
}


@contextlib.contextmanager
def folder_named(name):
    """A folder of that name, which windows show."""
    folder = pathlib.Path(tempfile.gettempdir(), name)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def start(*command):
    return driver.Program(list(map(str, command)), ENVIRONMENT)


def end(program, name, few_colors=True):
    path = str(IMAGES / f"{name}.png")
    program.screenshot(path)
    program.close()
    program.end()
    if few_colors:
        subprocess.run(["convert", path, "+dither", "-colors", "255", "-strip", "PNG8:" + path], check=True)


def checksum():
    with folder_named("backup") as folder:
        rnd = random.Random(1)
        for name, size in ("accounts.ods", 40_000), ("letters.tar", 3_000_000), ("photos.zip", 9_000_000):
            (folder / name).write_bytes(rnd.randbytes(size))
        for number in range(1, 5):
            with open(folder / f"volume-{number}.img", "wb") as file:
                file.truncate(2 << 30)
        program = start(BUILD / "examples" / "gtk4-checksum" / "gtk4-checksum", folder, folder / "lost.iso")
        program.until_label(lambda text: text.startswith("4 of 8 files"), "the small ones")
        buttons = driver.until("four rows", lambda: len(found := program.buttons("Cancel this file")) == 4 and found)
        program.press(buttons[1])
        program.until_label(lambda text: text.startswith("5 of 8 files"), "the end of one")
        driver.until("a bar", lambda: any(0.25 < program.value(bar) < 1 for bar in program.items("progress bar")[1:]))
        end(program, "gtk4-checksum")


def gallery():
    with folder_named("landscapes") as folder:
        for number in range(40):
            pictures.landscape(folder / f"hills-{number + 1:02}.jpg", number, 640, 480)
        (folder / "hills-06.jpg").write_bytes(b"no image")
        program = start("gjs", "-m", ROOT / "examples" / "gtk4-gallery" / "gtk4-gallery.js", folder)
        program.until_label(lambda text: text.startswith("40 images: 39 loaded"), "the images")
        end(program, "gtk4-gallery", few_colors=False)


def search():
    with folder_named("documents") as folder:
        for year in range(2012, 2027):
            for place in "accounts", "drafts", "letters", "reports", "travel":
                (folder / str(year) / place).mkdir(parents=True)
                for month in "january", "april", "july", "october":
                    (folder / str(year) / place / f"{place[:-1]}-{month}-{year}.txt").touch()
        program = start(sys.executable, "-B", ROOT / "examples" / "gtk4-search" / "gtk4-search.py", folder)
        line = program.line(lambda text: text.startswith("Type to search"))
        program.write("report-j")
        program.until_text(line, lambda text: text == "30 of 390 names", "what is found")
        end(program, "gtk4-search")


def main():
    checksum()
    gallery()
    search()
    return 0


sys.exit(driver.main(main, Gtk="4.0", GdkPixbuf="2.0"))
