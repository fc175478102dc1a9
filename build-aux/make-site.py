#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Makes the HTML documentation: the pages in reading order, and the reference from the GIR.

Usage: make-site.py GI-DOCGEN VERSION GIR SOURCE-ROOT OUTPUT-DIR PAGE...

The pages are written for those who read them in a checkout. Here their links are bent to where the pages are in the site,
names of functions become links into the reference, and links to files of the checkout become their names. Whatever
gi-docgen warns of is an error.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

GI_DOCGEN, VERSION, GIR, SOURCE, OUTPUT = sys.argv[1:6]
PAGES = sys.argv[6:]
DOCS = pathlib.Path(SOURCE, "docs")

CORE = "{http://www.gtk.org/introspection/core/1.0}"
C = "{http://www.gtk.org/introspection/c/1.0}"

CONFIG = """
[library]
name = "GDeferred"
version = "{version}"
authors = "The GDeferred authors"
license = "LGPL-2.1-or-later"
description = "Twisted's Deferred for all that runs on a GMainLoop"
dependencies = ["GLib-2.0", "GObject-2.0", "Gio-2.0"]
devhelp = true
search_index = true

[dependencies."GLib-2.0"]
name = "GLib"
description = "The base library"
docs_url = "https://docs.gtk.org/glib/"

[dependencies."GObject-2.0"]
name = "GObject"
description = "The base type system"
docs_url = "https://docs.gtk.org/gobject/"

[dependencies."Gio-2.0"]
name = "GIO"
description = "Files, streams, D-Bus and asynchronous operations"
docs_url = "https://docs.gtk.org/gio/"

[theme]
name = "basic"
show_index_summary = true
show_class_hierarchy = false

[extra]
content_files = [{pages}]
content_images = [{images}]
urlmap_file = "urlmap.js"
"""

URLMAP = """baseURLs = [
    ["GLib", "https://docs.gtk.org/glib/"],
    ["GObject", "https://docs.gtk.org/gobject/"],
    ["Gio", "https://docs.gtk.org/gio/"],
];
"""


def links_to_functions():
    """What gi-docgen calls each function that it has a page for, by its C name."""
    kinds = {CORE + "constructor": "ctor", CORE + "method": "method", CORE + "function": "func"}
    links = {}
    for parent in xml.etree.ElementTree.parse(GIR).getroot().iter():
        scope = parent.get("name") + "." if parent.tag != CORE + "namespace" and parent.get("name") else ""
        for element in parent:
            if element.tag in kinds and element.get("introspectable") != "0":
                links[element.get(C + "identifier")] = f"[{kinds[element.tag]}@{scope}{element.get('name')}]"
    return links


FUNCTIONS = links_to_functions()


def bend_link(match):
    text, target = match[1], match[2]
    if re.match(r"https?:|#", target):
        return match[0]
    name, _, anchor = target.partition("#")
    if name in PAGES:
        return f"[{text}]({name[:-3]}.html{'#' + anchor if anchor else ''})"
    return text


def name_function(match):
    return FUNCTIONS.get(match[1], match[0])


def convert(text):
    title, text = re.match(r"# ([^\n]*)\n(.*)", text, re.DOTALL).groups()
    parts = re.split(r"^(```.*?^```$)", text, flags=re.DOTALL | re.MULTILINE)
    for i in range(0, len(parts), 2):
        part = re.sub(r"^<!--.*?-->\n", "", parts[i], flags=re.MULTILINE)
        part = re.sub(r"(?<!!)\[([^][]*)\]\(([^)\s]+)\)", bend_link, part)
        parts[i] = re.sub(r"`(g_deferred_\w+)\(\)`", name_function, part)
    return f"Title: {title}\n\n# {title}\n{''.join(parts)}"


def quoted(names):
    return ", ".join(f'"{name}"' for name in names)


def main():
    with tempfile.TemporaryDirectory() as folder:
        stage = pathlib.Path(folder)
        images = sorted(path.name for path in DOCS.glob("images/*"))
        for page in PAGES:
            (stage / page).write_text(convert((DOCS / page).read_text()).replace("](images/", "]("))
        for image in images:
            shutil.copy(DOCS / "images" / image, stage / image)
        (stage / "urlmap.js").write_text(URLMAP)
        config = stage / "gdeferred.toml"
        config.write_text(CONFIG.format(version=VERSION, pages=quoted(PAGES), images=quoted(images)))

        shutil.rmtree(OUTPUT, ignore_errors=True)
        subprocess.run([GI_DOCGEN, "generate", "--quiet", "--fatal-warnings", "--no-namespace-dir",
                        "--config", config, "--content-dir", stage, "--output-dir", OUTPUT, GIR], check=True)


main()
