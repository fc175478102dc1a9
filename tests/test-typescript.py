#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Usage: test-typescript.py SOURCE-ROOT BUILD-ROOT

Whether the types for TypeScript can be made as docs/typescript.md says, and say what is so. npm fetches the
generator and the compiler, once for a build folder.
"""

import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
import tap

ROOT, BUILD = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
SOURCE = ROOT / "bindings" / "typescript"
OVERRIDE = SOURCE / "gdeferred-override.d.ts"
LIBRARY = BUILD / "gdeferred"
WORK = BUILD / "tests" / "typescript"
WORK.mkdir(parents=True, exist_ok=True)

ENVIRONMENT = {
    **os.environ,
    "GI_TYPELIB_PATH": str(LIBRARY),
    "GJS_PATH": str(ROOT / "bindings" / "gjs"),
    "LD_LIBRARY_PATH": str(LIBRARY),
    # Of the generator's modules one refuses node 18, and yet works with it.
    "YARGS_MIN_NODE_VERSION": "18",
}

# What npm fails with where it gets no answer, or not from whom it trusts.
OUT_OF_REACH = {"EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND",
                "ERR_SOCKET_TIMEOUT", "ETIMEDOUT", "SELF_SIGNED_CERT_IN_CHAIN",
                "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"}

EXAMPLE = """\
Alice is 35
19 letters
nobody has no name
run: 36
stop work
true
The Deferred has been fired already: it fires only once
 21. 20 true
pending false
fired quiet
LIFT-OFF
2.0 Eve
1,4,9
32 false
42
"""

# The names that GJS has, as uses of them: those that the override has made, or made anew, say so behind that.
# Newer GJS has properties by the names with dashes, too.
USES = """\
imports.gi.versions.GDeferred = '1.0';
const {GDeferred} = imports.gi;
const plain = ['constructor', ...Object.getOwnPropertyNames(function () {})];
const places = {GDeferred};
for (const name of CLASSES) {
  places[`a${name}`] = GDeferred[name].prototype;
  places[`GDeferred.${name}`] = GDeferred[name];
}
for (const [what, where] of Object.entries(places)) {
  for (const name of Object.getOwnPropertyNames(where)) {
    if (/^[_$]|Class$|-/.test(name) || plain.includes(name))
      continue;
    const {get, value = get} = Object.getOwnPropertyDescriptor(where, name);
    const isOurs = typeof value === 'function' && !/native (symbol|code)/.test(value);
    print(`${what}.${name};${isOurs ? ' // override' : ''}`);
  }
}
"""

# Those that the override changes.
CLASSES = ["Deferred", "DeferredThreadPool", "DeferredList", "DeferredTaskGroup", "DeferredClock", "DeferredDelayedCall",
           "DeferredLoopingCall", "DeferredCooperator", "DeferredCooperativeTask", "DeferredLock", "DeferredSemaphore",
           "DeferredRWLock", "DeferredFileLock", "DeferredLatch", "DeferredQueue", "DeferredRetry", "DeferredCache",
           "DeferredDebounce", "DeferredThrottle"]

USES_HEAD = "import GDeferred from 'gi://GDeferred?version=1.0';\n" + "".join(
    f"declare const a{name}: GDeferred.{name};\n" for name in CLASSES)


def once(func):
    """As functools.cache, but what it raised it raises again."""
    ended = []

    @functools.wraps(func)
    def wrapper():
        if not ended:
            try:
                ended.append((func(), None))
            except Exception as error:
                ended.append((None, error))
        result, error = ended[0]
        if error is not None:
            raise error.with_traceback(None)
        return result

    return wrapper


def run(command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=100, text=True,
                          cwd=WORK, env=ENVIRONMENT)


def output_of(command):
    ran = run(command)
    assert ran.returncode == 0, f"{command} ended with {ran.returncode}:\n{ran.stdout[-4000:]}"
    return ran.stdout


def tool(name):
    return str(WORK / "node_modules" / ".bin" / name)


def need(*programs):
    for program in programs:
        if shutil.which(program) is None:
            raise tap.Skip(f"there is no {program}")


def fetch_packages():
    lock = WORK / "package-lock.json"
    wanted = (SOURCE / lock.name).read_bytes()
    written_last = WORK / "node_modules" / ".package-lock.json"
    if written_last.exists() and lock.exists() and lock.read_bytes() == wanted:
        return

    lock.write_bytes(wanted)
    shutil.copy(SOURCE / "package.json", WORK)
    ran = run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1",
               "--fetch-retry-mintimeout=1000", "--fetch-timeout=20000"])
    if ran.returncode != 0:
        code = re.search(r"^npm \S+ code (\S+)", ran.stdout, re.MULTILINE)
        if code and code[1] in OUT_OF_REACH:
            raise tap.Skip(f"npm cannot reach its packages: {code[1]}")
        raise AssertionError(f"npm ci:\n{ran.stdout[-4000:]}")


def gir_folders():
    ran = run(["pkg-config", "--variable=girdir", "gobject-introspection-1.0"])
    return [str(LIBRARY), ran.stdout.strip() or "/usr/share/gir-1.0"]


@once
def types():
    """Makes them in the way of docs/typescript.md, and returns the file."""
    need("node", "npm")
    fetch_packages()
    shutil.rmtree(WORK / "types", ignore_errors=True)
    directories = [f"--girDirectories={folder}" for folder in gir_folders()]
    output_of([tool("ts-for-gir"), "generate", "GDeferred-1.0", "--outdir=types", "--ignoreVersionConflicts",
               *directories])
    file = WORK / "types" / "gdeferred-1.0.d.ts"
    raw = "class Deferred extends GObject.Object {"
    assert raw in file.read_text(), "the generator writes something else now"
    merge()
    return file


def merge():
    output_of(["node", str(SOURCE / "merge-override.mjs"), "types"])


@once
def errors():
    """Compiles everything at once, into "out". What tsc says: for each file and line, all of the text."""
    types()
    for name in "example.ts", "tsconfig.json":
        shutil.copy(SOURCE / name, WORK)
    wrong = (SOURCE / "wrong-uses.ts").read_text()
    (WORK / "wrong-uses.ts").write_text(wrong.replace("@ts-expect-error", "expected"))
    if shutil.which("gjs"):
        (WORK / "all-uses.ts").write_text(USES_HEAD + uses())
    said = run([tool("tsc"), "--project", ".", "--outDir", "out", "--pretty", "false",
                "--skipLibCheck", "false"]).stdout
    found = []
    for error in re.split(r"^(?=\S)", said, flags=re.MULTILINE)[1:]:
        place = re.match(r"(\S+)\((\d+),\d+\): ", error)
        assert place, f"tsc says of no line: {error}"
        found.append((place[1], int(place[2]), error[place.end():]))
    return found


def none_in(file):
    wrong = [f"line {line}: {text}" for name, line, text in errors() if name == file]
    assert not wrong, "\n".join(wrong)


@once
def uses():
    need("gjs")
    return output_of(["gjs", "-c", USES.replace("CLASSES", repr(CLASSES))])


@tap.test("/typescript/merging-twice-is-merging-once")
def merging_twice():
    file = types()
    before = file.read_text()
    assert "class Deferred<T = any> extends GObject.Object implements PromiseLike<T> {" in before
    merge()
    assert file.read_text() == before


@tap.test("/typescript/types-have-no-errors")
def types_have_no_errors():
    none_in("types/gdeferred-1.0.d.ts")


@tap.test("/typescript/types-have-all-that-gjs-has")
def types_have_all():
    for use in ("aDeferred.then;", "aDeferred.fork;", "aDeferredThreadPool.run;", "GDeferred.Deferred.fail;", "GDeferred.run;",
                "aDeferredQueue.get;", "GDeferred.gather;"):
        assert use in uses(), f"this was not tried: {use}"
    none_in("all-uses.ts")


@tap.test("/typescript/override-declares-what-gjs-overrides-and-no-more")
def override_declares():
    declared, owner = set(), None
    for line in OVERRIDE.read_text().splitlines():
        if match := re.match(r" {4}class (\w+)", line):
            owner = match[1]
            if owner not in CLASSES:
                declared.add(f"GDeferred.{owner}")
        elif match := re.match(r" {4}function (\w+)", line):
            declared.add(f"GDeferred.{match[1]}")
            owner = None
        elif (match := re.match(r" {8}(static |readonly |)(\w+)[<(:]", line)) and owner in CLASSES:
            declared.add(f"{'GDeferred.' if match[1] == 'static ' else 'a'}{owner}.{match[2]}")
    names = {name for name in declared if not name.endswith(("._init", ".constructor"))}
    overridden = set(re.findall(r"^([\w.]+); // override$", uses(), re.MULTILINE))
    # What has only another type.
    typed = {"aDeferred.fork", "aDeferred.name", "GDeferred.Deferred.new"}
    assert names - typed == overridden - typed, names ^ overridden


@tap.test("/typescript/example-has-no-errors")
def example_has_no_errors():
    none_in("example.ts")


@tap.test("/typescript/example-does-what-it-says")
def example_runs():
    need("gjs")
    errors()
    printed = output_of(["gjs", "-m", "out/example.js"])
    assert printed == EXAMPLE, f"it printed:\n{printed}and not:\n{EXAMPLE}"


@tap.test("/typescript/wrong-uses-are-errors")
def wrong_uses():
    found = {line: text for name, line, text in errors() if name == "wrong-uses.ts"}
    wanted = {}
    for line, text in enumerate((SOURCE / "wrong-uses.ts").read_text().splitlines(), 1):
        if text.strip().startswith("// @ts-expect-error "):
            wanted[line + 1] = text.partition("@ts-expect-error ")[2]
    assert len(wanted) > 30, wanted
    for line, text in wanted.items():
        assert line in found, f"tsc allows line {line}, and should say: {text}"
        assert text in found[line], f"of line {line} tsc says:\n{found[line]}and not: {text}"
    assert wanted.keys() == found.keys(), {line: found[line] for line in found.keys() - wanted.keys()}


sys.exit(tap.main())
