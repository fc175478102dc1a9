#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Checks that the pages and the doc comments say what is so.

Usage: test-docs.py SOURCE-ROOT BUILD-ROOT COMPILER...

A fenced block in a page is checked by its language:

    c         is part of the file that a comment ahead of it names, maybe less indented: <!-- docs/snippets/forks.c -->
              or all of it, from the first line that is no comment: <!-- examples/hello.c, whole -->
    console   (after <!-- needs wrappers --> it is skipped where those for GIO were not built): what follows "$ " are commands, with the examples and snippets on the PATH, and the scripts among them in
              the folder; the rest is what they print
    python    as c, if a comment names a file. Otherwise a program, run with the typelib that was built, and the override
              but in docs/bindings.md; an output block after it is what it prints. One after <!-- opening --> is put
              ahead of those that follow in its page; <!-- needs gi.events --> skips where there is no such module
    js        the same for GJS
    vala, lua, ruby, perl   as c; tests/test-languages.py runs the files
    sh        only its "./run" commands are looked at, as everywhere in the pages

Each snippet is shown, and run; those in a folder of their own are one program with the name of the folder.

Besides: links lead somewhere; the names of functions, types, macros and files exist; the C examples in the doc comments
compile; everything in the GIR is documented; includes follow the tables in docs/internals.md.
"""

import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import xml.etree.ElementTree

sys.dont_write_bytecode = True
import tap

ROOT, BUILD = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
COMPILER = sys.argv[3:]

PAGES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/*.md"))]
SNIPPETS = sorted(path for path in ROOT.glob("docs/snippets/**/*.*") if path.parent.name != "__pycache__")
SCRIPTS = [path for folder in ("docs/snippets", "examples") for path in ROOT.glob(folder + "/*")
           if path.suffix in (".js", ".py")]
LIBRARY = sorted([*ROOT.glob("gdeferred/*.[ch]"), *ROOT.glob("gdeferred/*.h.in")])

WRAPPERS = BUILD / "gdeferred-gio" / "gdeferred-gio.h"
GIR = BUILD / "gdeferred" / "GDeferred-1.0.gir"
TYPELIB = GIR.with_suffix(".typelib")
TYPELIB_ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name not in ("GJS_PATH", "PYTHONPATH")},
    "GI_TYPELIB_PATH": str(TYPELIB.parent),
    "LD_LIBRARY_PATH": str(TYPELIB.parent),
}
OVERRIDE_ENVIRONMENT = {
    **TYPELIB_ENVIRONMENT,
    "GJS_PATH": str(ROOT / "bindings" / "gjs"),
    "PYTHONPATH": str(ROOT / "bindings" / "python"),
    "PYTHONDONTWRITEBYTECODE": "1",
}

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMENT_AHEAD = re.compile(r"<!-- ([^>]*) -->\n+\Z")


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def add_case(name, func, *arguments):
    tap.test("/docs/" + name)(functools.partial(func, *arguments))


def run(command, **more):
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, text=True, **more)
    assert ran.returncode == 0, f"{command} ended with {ran.returncode}:\n{ran.stdout}"
    return ran.stdout


def same(what, found, wanted):
    assert found == wanted, f"{what} gave:\n{found}and not:\n{wanted}"


# --- the blocks ---

class Block:
    def __init__(self, page, match):
        ahead = COMMENT_AHEAD.search(page, 0, match.start())
        self.comment = ahead[1] if ahead else ""
        self.language, self.text = match.groups()
        self.line = page.count("\n", 0, match.start()) + 1


def blocks_of(page):
    text = page.read_text()
    blocks = [Block(text, match) for match in FENCED.finditer(text)]
    assert text.count("```") == 2 * len(blocks), f"{page.name} has a fence that is not at the beginning of a line"
    return blocks


def without_leading_comments(text):
    return re.sub(r"\A(?:/\*.*?\*/|(?:# |//)[^\n]*|\s)*", "", text, flags=re.DOTALL)


def check_part(block):
    name, _, whole = block.comment.partition(", ")
    assert name and whole in ("", "whole"), f"no comment ahead names the file that this is from:\n{block.text}"
    text = (ROOT / name).read_text()
    if whole:
        same(name, without_leading_comments(text), block.text)
    else:
        indented = ("\n" + textwrap.indent(block.text, " " * width) for width in range(0, 40, 2))
        assert any(lines in text for lines in indented), f"these lines are not in {name}:\n{block.text}"


@functools.cache
def python_with_gi():
    """The first one on the path may be without PyGObject."""
    for python in sys.executable, "python3", "/usr/bin/python3":
        if shutil.which(python) and succeeds(python, "import gi"):
            return python
    return None


def succeeds(python, program):
    return subprocess.run([python, "-c", program], stderr=subprocess.DEVNULL).returncode == 0


INTERPRETERS = {"python": python_with_gi, "js": functools.partial(shutil.which, "gjs")}


def interpreter_of(language):
    if not TYPELIB.exists():
        raise tap.Skip("no typelib was built")
    interpreter = INTERPRETERS[language]()
    if interpreter is None:
        raise tap.Skip(f"nothing runs {language}")
    return interpreter


def check_console(block):
    if block.comment == "needs wrappers" and not WRAPPERS.exists():
        raise tap.Skip("the wrappers for GIO were not built")
    commands = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block.text, re.MULTILINE)
    assert commands, f"there is no command in:\n{block.text}"
    python3 = ""
    if "$ python3 " in block.text:
        python3 = f'python3 () {{ {interpreter_of("python")} "$@"; }}; '
    if "$ gjs " in block.text:
        interpreter_of("js")

    environment = {**OVERRIDE_ENVIRONMENT, "PATH": f"{BUILD / 'examples'}:{BUILD / 'docs'}:{os.environ['PATH']}"}
    with tempfile.TemporaryDirectory() as folder:
        for script in SCRIPTS:
            pathlib.Path(folder, script.name).symlink_to(script)
        for command, output in commands:
            same(command, run(python3 + command, shell=True, cwd=folder, env=environment), output)


def check_script(block, output, opening, environment):
    assert output is not None and output.language == "output", "no output block follows"
    interpreter = interpreter_of(block.language)
    needs, _, module = block.comment.partition(" ")
    if needs == "needs" and not succeeds(interpreter, f"import {module}"):
        raise tap.Skip(f"no {module}")

    with tempfile.NamedTemporaryFile("w", suffix="." + block.language) as file:
        file.write(opening + block.text)
        file.flush()
        as_module = ["-m"] if block.language == "js" and block.text.startswith("import ") else []
        same("the program", run([interpreter, *as_module, file.name], env=environment), output.text)


def names_a_file(block):
    return "/" in block.comment


def add_blocks(page):
    blocks = blocks_of(page)
    environment = TYPELIB_ENVIRONMENT if page.name == "bindings.md" else OVERRIDE_ENVIRONMENT
    opening = {"python": "", "js": ""}
    for block, after in zip(blocks, [*blocks[1:], None]):
        name = f"{name_of(page)}/{block.language or 'block'}-in-line-{block.line}"
        if block.language in ("c", "vala", "lua", "ruby", "perl") or names_a_file(block):
            add_case(name, check_part, block)
        elif block.language == "console":
            add_case(name, check_console, block)
        elif block.comment == "opening":
            opening[block.language] = block.text
        elif block.language in INTERPRETERS:
            add_case(name, check_script, block, after, opening[block.language], environment)
        else:
            assert block.language in ("output", "sh"), f"{name}: nobody knows how to check that"


for page in PAGES:
    add_blocks(page)


@tap.test("/docs/every-snippet-is-shown-and-run")
def every_snippet():
    blocks = [block for page in PAGES for block in blocks_of(page)]
    shown = {block.comment.split(",")[0] for block in blocks}
    ran = {word for block in blocks if block.language == "console"
           for word in re.findall(r"^\$ (?:python3 |gjs (?:-m )?)?([\w-]+)", block.text, re.MULTILINE)}
    for snippet in SNIPPETS:
        program = snippet.stem if snippet.parent.name == "snippets" else snippet.parent.name
        assert name_of(snippet) in shown or snippet.suffix == ".h", f"no page shows {name_of(snippet)}"
        assert program in ran, f"no page runs {name_of(snippet)}"


# --- links and names ---

def anchors_of(page):
    headings = re.findall(r"^#+ (.*)$", FENCED.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def check_links(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", FENCED.sub("", page.read_text())):
        if re.match(r"https?:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert ROOT in target.parents and target.exists(), f"{link} leads nowhere"
        assert not anchor or anchor in anchors_of(target), f"{link}: there is no such heading"


@functools.cache
def words():
    """All that can be named in a page: what the sources are made of, and the names of files."""
    sources = [*LIBRARY, *ROOT.glob("tests/*.[ch]"), *ROOT.glob("tests/codegen/*.[ch]"), *ROOT.glob("examples/**/*.c"),
               *SNIPPETS,
               *ROOT.glob("bindings/**/*.js"), *ROOT.glob("bindings/**/*.py")]
    return {word for source in sources for word in re.findall(r"\w+", source.read_text())}


@functools.cache
def files():
    found = set()
    for folder, subfolders, names in os.walk(ROOT):
        subfolders[:] = [name for name in subfolders if name != ".git" and not name.startswith("_build")]
        found |= set(names)
    return found


def check_names(page):
    text = page.read_text()
    names = set(re.findall(r"\b(?:g_deferred_|gd_|G_DEFERRED_|GD_|GDeferred|Gd[A-Z])\w+", text))
    called = set(re.findall(r"`(\w+)\(\)`", text))
    called -= {name for name in called if name.startswith(("g_", "dex_")) and not name.startswith("g_deferred_")}
    for name in names | called:
        assert name in words() or "g_deferred_" + name in words(), f"there is no {name}"

    for stem, suffix in re.findall(r"`([\w/-]+)\.([chm]|\[ch\]|h\.in|py|sh|md|build)`", text):
        for end in suffix.strip("[]") if suffix == "[ch]" else [suffix]:
            assert f"{stem}.{end}".split("/")[-1] in files(), f"there is no {stem}.{end}"


@functools.cache
def commands():
    return set(re.findall(r"^  (\w+(?: \w+)?) .*", run([str(ROOT / "run"), "help"]), re.MULTILINE))


def check_commands(page):
    for command in re.findall(r"\./run ((?:test |format )?\w+)", page.read_text()):
        assert command in commands(), f"./run has no {command}, but {sorted(commands())}"


for page in PAGES:
    add_case(f"{name_of(page)}/links", check_links, page)
    add_case(f"{name_of(page)}/names", check_names, page)
    add_case(f"{name_of(page)}/commands", check_commands, page)


@tap.test("/docs/readme-leads-to-every-page")
def readme_leads_to_every_page():
    text = (ROOT / "README.md").read_text()
    for page in PAGES[1:]:
        assert page.name == "README.md" or f"]({name_of(page)})" in text, f"README.md does not name {page.name}"


@tap.test("/docs/contributing-is-short")
def contributing_is_short():
    assert len((ROOT / "CONTRIBUTING.md").read_text().splitlines()) <= 120


# --- the tables of docs/internals.md ---

def rows_of_the_house():
    """For each table under that heading, the set of file names in each of its rows."""
    text = (ROOT / "docs/internals.md").read_text().partition("\n## The house\n")[2]
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        cells = [row.split("|")[2] for row in table.splitlines()[2:]]
        yield [{stem + "." + end
                for stem, suffix in re.findall(r"`([\w-]+)\.(\[ch\]|h\.in|[ch])`", cell)
                for end in (suffix.strip("[]") if suffix == "[ch]" else [suffix])} for cell in cells]


def headers_of(path):
    included = re.findall(r'^#include (?:"|<gdeferred/)([\w-]+\.h)[">]', path.read_text(), re.MULTILINE)
    return {"version.h.in" if name == "version.h" else name for name in included}


@tap.test("/docs/internals-name-every-file")
def internals_name_every_file():
    named = set().union(*(row for table in rows_of_the_house() for row in table))
    assert named == {path.name for path in LIBRARY}, named ^ {path.name for path in LIBRARY}


@tap.test("/docs/arrows-point-one-way")
def arrows_point_one_way():
    inside, outside = rows_of_the_house()
    private_inside = {name for row in inside for name in row if name.endswith("-private.h")} - {"tsan-private.h"}
    allowed = set()
    for row in [*inside, *outside]:
        allowed |= row
        for name in row:
            headers = headers_of(ROOT / "gdeferred" / name)
            assert headers <= allowed, f"{name} includes from a row below it: {headers - allowed}"
            if name in set().union(*outside):
                assert not headers & private_inside, f"{name} includes what is private: {headers & private_inside}"


# --- the reference ---

def examples_in_comments(source):
    text = source.read_text()
    for comment in re.finditer(r"^ */\*\*\n(.*?)\*/", text, re.MULTILINE | re.DOTALL):
        body = re.sub(r"^ *\* ?", "", comment[1], flags=re.MULTILINE)
        symbol = body.split(":", 1)[0]
        for example in re.finditer(FENCED, body):
            yield symbol, example[1], example[2]


def compile_example(language, code):
    assert language == "c", f"an example in {language or 'no language'}"
    flags = run(["pkg-config", "--cflags", "gio-2.0"]).split() + [f"-I{ROOT}", f"-I{BUILD}"]
    warnings = ["-Wall", "-Wextra", "-Werror", "-Wno-unused-function", "-Wno-unused-parameter"]
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "example.c")
        source.write_text("#include <gdeferred/gdeferred.h>\n" + code)
        run([*COMPILER, "-std=gnu11", *warnings, *flags, "-c", str(source), "-o", str(source.with_suffix(".o"))])


for source in LIBRARY:
    for symbol, language, code in examples_in_comments(source):
        add_case(f"{name_of(source)}/example-of-{symbol}", compile_example, language, code)

GI = "{http://www.gtk.org/introspection/core/1.0}"
C = "{http://www.gtk.org/introspection/c/1.0}"
GLIB = "{http://www.gtk.org/introspection/glib/1.0}"

KINDS = {GI + kind for kind in ("alias", "bitfield", "callback", "class", "constant", "constructor", "enumeration",
                                "function", "interface", "method", "property", "record", "union",
                                "virtual-method")} | {GLIB + "signal"}


@functools.cache
def gir():
    if not GIR.exists():
        raise tap.Skip("no GIR was built")
    return xml.etree.ElementTree.parse(GIR).getroot().find(GI + "namespace")


def public_things():
    """Yields all that is public, but for class structures that a macro has made, with nothing in them."""
    def walk(element, path):
        for child in element:
            is_empty_class = GLIB + "is-gtype-struct-for" in child.keys() and child.find(GI + "doc") is None
            if child.tag in KINDS and not is_empty_class:
                name = f"{path}.{child.get('name')}"
                yield name, child
                yield from walk(child, name)

    return walk(gir(), "GDeferred")


def is_documented(element):
    doc = element.find(GI + "doc")
    return doc is not None and doc.text.strip() != ""


def none(what, names):
    assert not names, f"{what}: {', '.join(names)}"


@tap.test("/docs/gir/everything-says-what-it-is-and-since-when")
def everything_is_documented():
    things = list(public_things())
    assert len(things) > 100, len(things)
    none("without documentation", [name for name, element in things if not is_documented(element)])
    none("without Since", [name for name, element in things if element.get("version") is None])


@tap.test("/docs/gir/members-parameters-and-what-is-returned")
def parts_are_documented():
    missing = []
    for name, element in public_things():
        parameters = element.findall(f"{GI}parameters/*")
        returned = [part for part in element.findall(GI + "return-value")
                    if part.find(f"{GI}type") is not None and part.find(GI + "type").get("name") != "none"]
        parts = [*element.findall(GI + "member"), *parameters, *returned]
        if element.tag == GLIB + "signal":
            parts = parameters
        missing += [f"{name}: {part.get('name', 'what it returns')}" for part in parts if not is_documented(part)]
    none("without documentation", missing)


@tap.test("/docs/gir/every-exported-function-is-in-it")
def every_function_is_in_the_gir():
    documented = {element.get(C + "identifier") for _, element in public_things()}
    exported = (ROOT / "tests/symbols.txt").read_text().split()
    none("missing", [name for name in exported if name not in documented and not name.endswith("_get_type")])


sys.exit(tap.main())
