#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Usage: test-languages.py SOURCE-ROOT BUILD-ROOT: what other languages have of the typelib and the vapi."""

import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import tap

ROOT, BUILD = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
LIBRARY = BUILD / "gdeferred"
VALA = ROOT / "bindings" / "vala"

ENVIRONMENT = {**os.environ, "GI_TYPELIB_PATH": str(LIBRARY), "LD_LIBRARY_PATH": str(LIBRARY)}

# How to call an interpreter, and a program that ends well if it has what it needs.
LUA = [("lua5.4", "lua5.3", "lua5.2", "lua5.1", "luajit", "lua"), ("-e", "require 'lgi'")]
RUBY = [("ruby",), ("-e", "require 'gio2'")]
PERL = [("perl",), ("-e", "use Glib::Object::Introspection")]

SMOKE = """\
fired: 21
fired once only
waited: it came later
failed: FAILED
mended FAILED
made: an error of ours
stop
Operation was cancelled
gathered: 1 2
locked in turn
a second later
loaded: Hello
"""
IN_A_THREAD = "from a thread: 42\n"

EXAMPLE = """\
fired once only
handled: too long: 21
2 calls, then nothing
joined: one two
loaded: Hello
there is no such file
no longer waiting, still working
stopped
gathered: one two
locked in turn
a second later
through a queue
"""


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, text=True,
                          env=ENVIRONMENT)


def prints(command, wanted):
    """The command gets the name of a file that says Hello."""
    with tempfile.TemporaryDirectory() as folder:
        greeting = pathlib.Path(folder, "greeting")
        greeting.write_text("Hello")
        ran = run(*command, str(greeting))
    assert ran.returncode == 0, f"{command} ended with {ran.returncode}:\n{ran.stdout[:4000]}"
    assert ran.stdout == wanted, f"{command} printed:\n{ran.stdout[:4000]}and not:\n{wanted}"


def find(interpreters, probe):
    present = [name for name in interpreters if shutil.which(name)]
    if not present:
        raise tap.Skip(f"there is no {interpreters[0]}")
    for name in present:
        if run(name, *probe).returncode == 0:
            return name
    raise tap.Skip(f"{', '.join(present)} cannot do: {probe[-1]}")


def smoke(language, program, wanted):
    prints([find(*language), str(ROOT / "bindings" / program)], wanted)


for name, language, program, wanted in (
    ("lua", LUA, "lua/smoke.lua", SMOKE + IN_A_THREAD),
    ("ruby", RUBY, "ruby/smoke.rb", SMOKE + IN_A_THREAD),
    ("perl", PERL, "perl/smoke.pl", SMOKE),
):
    tap.test(f"/languages/{name}/fires-chains-fails-and-waits")(functools.partial(smoke, language, program, wanted))


# --- Vala ---

def valac(*arguments):
    if not shutil.which("valac"):
        raise tap.Skip("there is no valac")
    if not (LIBRARY / "gdeferred-1.0.vapi").exists():
        raise tap.Skip("no vapi was built")
    return run("valac", "--vapidir", str(LIBRARY), "--pkg", "gio-2.0", "--pkg", "gdeferred-1.0", "--fatal-warnings",
               *arguments)


@tap.test("/languages/vala/the-example-runs")
def the_example_runs():
    flags = [f"-I{ROOT}", f"-I{BUILD}", f"-L{LIBRARY}", "-lgdeferred-1.0", "-w"]
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "example")
        built = valac("-d", folder, "-o", "example", *(word for flag in flags for word in ("-X", flag)),
                      str(VALA / "example.vala"))
        assert built.returncode == 0, built.stdout
        prints([program], EXAMPLE)


def check_uses(*symbols):
    """What valac says of the uses when these symbols are defined."""
    with tempfile.TemporaryDirectory() as folder:
        return valac("--ccode", "-d", folder, "--enable-experimental-non-null",
                     *(word for symbol in symbols for word in ("-D", symbol)), str(VALA / "wrong-uses.vala"))


@tap.test("/languages/vala/right-uses-are-accepted")
def right_uses_are_accepted():
    checked = check_uses()
    assert checked.returncode == 0, checked.stdout


def is_rejected(symbol, line):
    checked = check_uses(symbol)
    assert checked.returncode != 0, f"valac accepted {symbol}"
    assert re.search(rf"wrong-uses\.vala:{line}\.", checked.stdout), f"not because of line {line}:\n{checked.stdout}"


for number, text in enumerate((VALA / "wrong-uses.vala").read_text().splitlines(), 1):
    if text.startswith("#if "):
        symbol = text.split()[1]
        tap.test(f"/languages/vala/rejected/{symbol.lower().replace('_', '-')}")(
            functools.partial(is_rejected, symbol, number + 1))

sys.exit(tap.main())
