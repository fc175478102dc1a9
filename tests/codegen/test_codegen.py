#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

r"""Tests of gdeferred-codegen.

Usage: test_codegen.py CODEGEN SOURCE-ROOT BUILD-ROOT COMPILER...

What it writes for the toy library has to be toy-deferred.h.expected and toy-deferred.txt.expected. To renew those:

    cd tests/codegen
    ../../codegen/gdeferred-codegen ./Toy-1.0.gir --rules toy.rules --newest 1.0 \
        --header toy-deferred.h.expected --report toy-deferred.txt.expected
"""

import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import tap

CODEGEN, ROOT, BUILD = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
COMPILER = sys.argv[4:]
HERE = ROOT / "tests" / "codegen"
GIO = ROOT / "gdeferred-gio"

TOY = [str(HERE / "Toy-1.0.gir"), "--rules", str(HERE / "toy.rules"), "--newest", "1.0"]


def codegen(*arguments, **more):
    return subprocess.run([str(CODEGEN), *map(str, arguments)], capture_output=True, text=True, timeout=120, **more)


def good(*arguments, **more):
    ran = codegen(*arguments, **more)
    assert (ran.returncode, ran.stderr) == (0, ""), (arguments, ran)
    return ran.stdout


def bad(*arguments):
    """What it says. It fails in good order, without a traceback."""
    ran = codegen(*arguments)
    assert ran.returncode in (1, 2) and "Traceback" not in ran.stderr, (arguments, ran)
    return ran.stderr


def same(what, found, wanted):
    assert found == wanted, f"{what} is not as it was:\n{found}"


def found_gir(name):
    ran = codegen(name, "--find")
    if ran.returncode:
        raise tap.Skip(f"there is no {name}.gir")
    return pathlib.Path(ran.stdout.strip())


def gio_options():
    """As the build has them."""
    return ["Gio-2.0", "--rules", GIO / "Gio-2.0.rules", "--include", "gio/gio.h", "--include-as",
            "gdeferred-gio/gdeferred-gio.h", "--extern", "GD_EXTERN", "--newest", "2.74", "--since", "1.0"]


class Report:
    """A report, taken apart."""

    def __init__(self, text):
        numbers = re.findall(r"^(found|wrapped|left out): (\d+)$", text, re.M)
        self.numbers = {name: int(number) for name, number in numbers}
        wrapped, left = re.search(r"^wrapped:\n(.*)\n\nleft out:\n(.*)", text, re.M | re.S).groups()
        self.wrapped = dict(re.findall(r"^  (\w+): (\w+), ", wrapped, re.M))
        self.left = {}
        for line in left.splitlines():
            if line.startswith("    "):
                self.left[line.strip()] = reason
            else:
                reason = re.fullmatch(r"  (.+):", line)[1]


@functools.cache
def gio_files():
    """The header and the report."""
    found_gir("Gio-2.0")
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder, name) for name in ("gio.h", "gio.txt")]
        good(*gio_options(), "--header", paths[0], "--report", paths[1])
        return [path.read_text() for path in paths]


def gio_header():
    return gio_files()[0]


def gio_report():
    return Report(gio_files()[1])


# --- the toy library ---

@tap.test("/codegen/toy/header")
def toy_header():
    same("the header", good(*TOY, "--header", "-"), (HERE / "toy-deferred.h.expected").read_text())


@tap.test("/codegen/toy/report")
def toy_report():
    text = good(*TOY, "--report", "-")
    same("the report", text, (HERE / "toy-deferred.txt.expected").read_text())
    report = Report(text)
    assert len(report.wrapped) + len(report.left) == report.numbers["found"] > 80, report.numbers
    assert report.left["toy_box_denied_async"] == "because it is there to be denied"


@tap.test("/codegen/toy/source-is-well-formed")
def toy_source():
    source = good(*TOY, "--source", "-", "--include-as", "toy/toy-deferred.h")
    assert source.startswith("/* Written by gdeferred-codegen from Toy-1.0.gir. Do not edit. */\n"), source[:100]
    assert "#include <toy/toy-deferred.h>\n" in source
    assert not re.search(r"[ \t]$|\t", source, re.M)
    assert " * Opens the box, and tells / * nobody * /.\n" in source
    assert " * @io_priority: the I/O priority of the request\n" in source
    assert (" * Uses the Thing. See Toy.Box.open and [the web](https://example.org/), or the manual.\n"
            in source)
    for helper in re.findall(r"^static [^\n]*\n(\w+) \(", source, re.M):
        assert len(re.findall(rf"\b{helper}\b", source)) > 1, f"nothing uses {helper}()"


@tap.test("/codegen/toy/prefix-and-extern")
def toy_prefix():
    header = good(*TOY, "--header", "-", "--prefix", "my", "--extern", "MY_EXTERN", "--since", "2.1")
    assert "MY_EXTERN GDeferred *my_box_count (ToyBox *self);" in header
    assert "#define MY_TYPE_BOX_INSPECT_RESULT (my_box_inspect_result_get_type ())" in header
    assert "struct _MyBoxInspectResult\n" in header and " * Since: 2.1\n" in header
    assert "toy_deferred" not in header


# --- the same bytes ---

def three_files(folder, seed, *arguments):
    names = ["a.h", "a.c", "a.txt"]
    environment = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": "C" if seed == "1" else "C.UTF-8"}
    good(*arguments, "--header", "a.h", "--source", "a.c", "--report", "a.txt", cwd=folder, env=environment)
    return [pathlib.Path(folder, name).read_bytes() for name in names]


def check_same_bytes(*arguments):
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        assert three_files(one, "1", *arguments) == three_files(other, "2", *arguments)


@tap.test("/codegen/same-bytes/toy")
def same_bytes_toy():
    check_same_bytes(*TOY)


@tap.test("/codegen/same-bytes/gio")
def same_bytes_gio():
    found_gir("Gio-2.0")
    check_same_bytes(*gio_options())


# --- GIO ---

def async_functions(gir):
    """Counted in another way than the tool does: by the text."""
    text = re.sub(r"<doc\b.*?</doc>", "", gir.read_text(), flags=re.S)
    functions = re.findall(r"<(constructor|function|method) ([^>]*)>(.*?)</\1>", text, re.S)
    return {re.search(r'c:identifier="(\w+)"', attributes)[1] for _, attributes, body in functions
            if 'c:type="GAsyncReadyCallback"' in body and "moved-to=" not in attributes}


@tap.test("/codegen/gio/each-function-is-accounted-for")
def gio_accounts():
    report = gio_report()
    functions = async_functions(found_gir("Gio-2.0"))
    accounted = [*report.wrapped.values(), *report.left]
    assert len(accounted) == len(set(accounted)), "one is there twice"
    assert set(accounted) == functions, set(accounted) ^ functions
    assert report.numbers == {"found": len(functions), "wrapped": len(report.wrapped), "left out": len(report.left)}
    assert all(len(reason) > 8 for reason in report.left.values()), report.left


@tap.test("/codegen/gio/names-are-those-listed")
def gio_names():
    header = gio_header()
    declared = set(re.findall(r"^GD_EXTERN [^(\n]*?(g_deferred_\w+) \(", header, re.M))
    listed = (HERE / "symbols-gio.txt").read_text().split()
    assert listed == sorted(listed)
    assert declared == set(listed), declared ^ set(listed)


@tap.test("/codegen/gio/none-has-the-name-of-another-function-of-ours")
def gio_names_are_free():
    listed = set((HERE / "symbols-gio.txt").read_text().split())
    ours = set((ROOT / "tests" / "symbols.txt").read_text().split())
    assert not listed & ours, listed & ours
    headers = [header.read_text() for header in ROOT.glob("gdeferred/*.h")]
    types = {name for header in headers for name in re.findall(r"\bGDeferred\w+", header)}
    results = set(re.findall(r"\bGDeferred\w+Result\b", gio_header()))
    assert results and not results & types, results & types


@tap.test("/codegen/gio/each-wrapper-is-called-in-the-tests")
def gio_called():
    text = "".join(path.read_text() for path in HERE.glob("test-wrappers-*.c"))
    missing = [name for name in gio_report().wrapped if f"{name} (" not in text]
    assert not missing, missing


@tap.test("/codegen/gio/the-page-has-the-numbers")
def gio_page():
    version = subprocess.run(["pkg-config", "--modversion", "gio-2.0"], capture_output=True, text=True).stdout
    if not version.startswith("2.74."):
        raise tap.Skip(f"the page has them for GLib 2.74, and here is {version.strip()}")
    report = gio_report()
    page = (ROOT / "docs" / "gio-wrappers.md").read_text()
    rows = dict(re.findall(r"^\| ([^|]*?) \| (\d+) \|$", page, re.M))
    groups = {"found": report.numbers["found"], "**wrapped**": report.numbers["wrapped"],
              "left out": report.numbers["left out"]}
    for what, pattern in (("deprecated", "deprecated"),
                          ("denied", "reports an error|makes the GTask"),
                          ("they take a `va_list`", "va_list"),
                          ("buffers that nobody would keep", "nobody would keep"),
                          ("callbacks that share their data", "shares its data")):
        groups[f"… {what}"] = sum(1 for reason in report.left.values() if re.search(pattern, reason))
    assert sum(number for what, number in groups.items() if what.startswith("…")) == groups["left out"], groups
    for what, number in groups.items():
        assert rows.get(what) == str(number), f"{what}: {number}, and the page says {rows.get(what)}"


CORE = "{http://www.gtk.org/introspection/core/1.0}"


@tap.test("/codegen/gio/introspection-says-everything")
def gio_introspection():
    path = BUILD / "gdeferred-gio" / "GDeferredGio-1.0.gir"
    if not path.exists():
        raise tap.Skip("no GIR was built")
    namespace = xml.etree.ElementTree.parse(path).getroot().find(CORE + "namespace")
    functions = {function.get("name"): function for function in namespace.findall(CORE + "function")}
    assert {"g_deferred_" + name for name in functions} == set(gio_report().wrapped)
    things = [*functions.items(), *((record.get("name"), record) for record in namespace.findall(CORE + "record"))]
    for name, thing in things:
        assert thing.get("version") == "1.0" and thing.find(CORE + "doc") is not None, name
        for part in [*thing.findall(f"{CORE}parameters/*"), *thing.findall(CORE + "field")]:
            assert part.find(CORE + "doc") is not None, f"{name}: {part.get('name')}"
    skipped = [name for name, function in functions.items() if function.get("introspectable") == "0"]
    assert skipped == ["async_initable_new"], skipped


@tap.test("/codegen/gio/reference")
def gio_reference():
    path = BUILD / "gdeferred-gio" / "GDeferredGio-1.0.gir"
    if not path.exists() or shutil.which("gi-docgen") is None:
        raise tap.Skip("no GIR was built, or there is no gi-docgen")
    ran = subprocess.run(["gi-docgen", "check", "--quiet", "--fatal-warnings",
                          f"--add-include-path={BUILD / 'gdeferred'}", str(path)],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert ran.returncode == 0, ran.stdout


# --- other libraries ---

def includes_of(package):
    ran = subprocess.run(["pkg-config", "--cflags", package], capture_output=True, text=True)
    if ran.returncode:
        raise tap.Skip(f"there is no {package}.pc")
    return ran.stdout.split()


def check_library(name, package, at_least):
    """All that is made compiles with warnings as errors."""
    found_gir(name)
    flags = includes_of(package)
    with tempfile.TemporaryDirectory() as folder:
        good(name, "--header", "a.h", "--source", "a.c", "--report", "a.txt", cwd=folder)
        report = Report(pathlib.Path(folder, "a.txt").read_text())
        assert len(report.wrapped) >= at_least, report.numbers
        assert set([*report.wrapped.values(), *report.left]) == async_functions(found_gir(name))
        command = [*COMPILER, "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wno-deprecated-declarations",
                   "-fsyntax-only", f"-I{ROOT}", f"-I{BUILD}", *flags, "a.c"]
        ran = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert ran.returncode == 0, ran.stdout


for one in (("Soup-3.0", "libsoup-3.0", 5), ("Gdk-4.0", "gtk4", 10), ("Gtk-4.0", "gtk4", 1),
            ("GdkPixbuf-2.0", "gdk-pixbuf-2.0", 3), ("Polkit-1.0", "polkit-gobject-1", 10),
            ("Json-1.0", "json-glib-1.0", 1)):
    tap.test("/codegen/other-libraries/" + one[0])(functools.partial(check_library, *one))


@tap.test("/codegen/header-is-good-for-c++")
def header_is_cpp():
    if shutil.which("g++") is None:
        raise tap.Skip("there is no g++")
    with tempfile.TemporaryDirectory() as folder:
        good(*TOY, "--header", "a.h", cwd=folder)
        pathlib.Path(folder, "a.cpp").write_text('#include "a.h"\n')
        subprocess.run(["g++", "-Wall", "-Werror", "-fsyntax-only", f"-I{ROOT}", f"-I{BUILD}", f"-I{HERE}",
                        *includes_of("gio-2.0"), "a.cpp"], cwd=folder, check=True)


# --- rules ---

def with_rules(text, *arguments):
    with tempfile.NamedTemporaryFile("w", suffix=".rules") as file:
        file.write(text)
        file.flush()
        return codegen(HERE / "Toy-1.0.gir", "--rules", file.name, *arguments)


@tap.test("/codegen/rules/deny")
def rules_deny():
    ran = with_rules("deny toy_box_count  it   counts # and more\n", "--report", "-")
    report = Report(ran.stdout)
    assert report.left["toy_box_count"] == "it counts", report.left
    # Now that the name is free, another has it.
    assert report.wrapped["toy_deferred_box_count"] == "toy_box_count_async"


@tap.test("/codegen/rules/no-effect")
def rules_without_effect():
    text = "deny toy_box_cuont  misspelt\nnullable toy_box_make nothing\nomit toy_box_weigh_finish weigth\n"
    ran = with_rules(text)
    assert ran.returncode == 0, ran
    for number, rule in enumerate(text.splitlines(), 1):
        assert re.search(rf":{number}: this had no effect: {' '.join(rule.split())}$", ran.stderr, re.M), ran.stderr
    assert with_rules(text, "--fatal-warnings").returncode == 1


@tap.test("/codegen/rules/wrong")
def rules_wrong():
    for text, message in (("dney toy_box_count x\n", ":1: there is no rule 'dney'"),
                          ("\n# x\ndeny toy_box_count\n", ":3: deny takes 2"),
                          ("value a b\n", ":1: value takes 1"),
                          ("finish a\n", ":1: finish takes 2")):
        ran = with_rules(text)
        assert ran.returncode == 1 and message in ran.stderr and "Traceback" not in ran.stderr, (text, ran)
    assert "No such file" in bad(*TOY, "--rules", "/nowhere")


@tap.test("/codegen/rules/that-cannot-be")
def rules_that_cannot_be():
    text = "finish toy_box_count toy_box_nothing\nomit toy_box_data_finish data\n"
    report = Report(with_rules(text, "--report", "-").stdout)
    assert report.left["toy_box_count"] == ("the rule says that toy_box_nothing is its finish function, "
                                            "which there is not")
    assert report.left["toy_box_data"] == "a rule omits @data, which must not be NULL"


# --- bad input ---

@tap.test("/codegen/bad-girs")
def bad_girs():
    assert "there is no Nothing-1.0.gir in " in bad("Nothing-1.0")
    assert "No such file" in bad("/nowhere/Nothing-1.0.gir")
    for text, message in (("", "no element found"), ("<repository", "unclosed token"), ("<html/>", "is not a GIR"),
                          ("<repository xmlns='http://www.gtk.org/introspection/core/1.0'/>", "is not a GIR")):
        with tempfile.NamedTemporaryFile("w", suffix=".gir") as file:
            file.write(text)
            file.flush()
            assert message in bad(file.name), (text, bad(file.name))


@tap.test("/codegen/bad-arguments")
def bad_arguments():
    assert "usage:" in bad()
    assert "unrecognized arguments" in bad(*TOY, "--what")
    assert "--source needs" in bad(*TOY, "--source", "-")
    assert "No such file" in bad(*TOY, "--header", "/nowhere/a.h")


@tap.test("/codegen/help-and-version")
def help_and_version():
    text = good("--help")
    for word in ("--header", "--source", "--report", "--rules", "--newest", "--prefix", "deny FUNCTION REASON"):
        assert word in text, text
    assert re.fullmatch(r"gdeferred-codegen .+\n", good("--version"))


@tap.test("/codegen/where-girs-are")
def where_girs_are():
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(HERE / "Toy-1.0.gir", folder)
        wanted = f"{folder}/Toy-1.0.gir\n"
        assert good("Toy-1.0", "--find", "--girdir", folder) == wanted
        assert good("Toy-1.0", "--find", env={**os.environ, "GI_GIR_PATH": folder}) == wanted
        pathlib.Path(folder, "gir-1.0").mkdir()
        pathlib.Path(folder, "Toy-1.0.gir").rename(f"{folder}/gir-1.0/Toy-1.0.gir")
        wanted = f"{folder}/gir-1.0/Toy-1.0.gir\n"
        assert good("Toy-1.0", "--find", env={**os.environ, "XDG_DATA_DIRS": folder}) == wanted


@tap.test("/codegen/modules-are-all-installed")
def modules_are_installed():
    listed = set(re.findall(r"gdeferred_codegen/(\w+\.py)'", (ROOT / "codegen" / "meson.build").read_text()))
    there = {path.name for path in (ROOT / "codegen" / "gdeferred_codegen").glob("*.py")}
    assert listed == there, listed ^ there


@tap.test("/codegen/help-and-rules-say-the-same")
def help_is_complete():
    sys.path.insert(0, str(ROOT / "codegen"))
    from gdeferred_codegen import main, rules
    for word in rules.WORDS:
        assert f"\n  {word} " in main.EPILOG and f"\n    {word} " in rules.__doc__, word


sys.exit(tap.main())
