#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Checks the HTML documentation as it was built.

Usage: test-site.py GI-DOCGEN SITE GIR PAGE...
"""

import html.parser
import pathlib
import subprocess
import sys
import urllib.parse

sys.dont_write_bytecode = True
import tap

GI_DOCGEN = sys.argv[1]
SITE, GIR = (pathlib.Path(argument).resolve() for argument in sys.argv[2:4])
PAGES = [pathlib.Path(name) for name in sys.argv[4:]]
DOCS = pathlib.Path(__file__).resolve().parent.parent / "docs"


class Links(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.targets, self.anchors, self.text = [], set(), []
        self.in_code = False
        self.feed(path.read_text())

    def handle_starttag(self, tag, attrs):
        self.in_code = self.in_code or tag == "pre"
        for name, value in attrs:
            if name in ("href", "src") and value is not None:
                self.targets.append(value)
            elif name in ("id", "name") and value is not None:
                self.anchors.add(value)

    def handle_endtag(self, tag):
        self.in_code = self.in_code and tag != "pre"

    def handle_data(self, data):
        if not self.in_code:
            self.text.append(data)


FILES = {path.name: Links(path) for path in sorted(SITE.glob("*.html"))}


@tap.test("/site/everything-is-documented")
def documented():
    done = subprocess.run([GI_DOCGEN, "check", "--quiet", "--fatal-warnings", GIR],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout


@tap.test("/site/every-page-is-there")
def pages():
    assert {page.name for page in PAGES} == {path.name for path in DOCS.glob("*.md")}
    for page in PAGES:
        assert page.with_suffix(".html").name in FILES, f"{page} is missing"
        assert f'{page.with_suffix(".html").name}' in FILES["index.html"].targets, f"the front page does not lead to {page}"


@tap.test("/site/links-lead-somewhere")
def links():
    n_checked = 0
    for name, page in FILES.items():
        for target in page.targets:
            parts = urllib.parse.urlsplit(target)
            if parts.scheme == "javascript":
                continue
            if parts.scheme or parts.netloc:
                assert parts.scheme in ("http", "https"), f"{name}: {target}"
                continue
            path = urllib.parse.unquote(parts.path) or name
            assert (SITE / path).exists(), f"{name}: {target} leads nowhere"
            if parts.fragment and path.endswith(".html"):
                assert parts.fragment in FILES[path].anchors, f"{name}: {target}: there is no such place"
            n_checked += 1
    assert n_checked > 1000


@tap.test("/site/nothing-was-left-unconverted")
def converted():
    for page in PAGES:
        text = "".join(FILES[page.with_suffix(".html").name].text)
        for leftover in ("<!--", "](", "[id@", "[class@", "[method@", ".md)"):
            assert leftover not in text, f"{page}: {leftover}"


sys.exit(tap.main())
