#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""What help() and a type checker tell of the override is there, and is so."""

import ast
import functools
import importlib.util
import inspect
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from common import RAW, GDeferred, Skip, main, test

import gi.overrides.GDeferred as override  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
PYTHON = ROOT / "bindings" / "python"
STUB = PYTHON / "gi-stubs" / "repository" / "GDeferred.pyi"
TYPED = ROOT / "tests" / "python" / "typed.py"
EXAMPLE = ROOT / "docs" / "snippets" / "duplicates.py"


def function_in(thing):
    """The function that a method or a property is made of, or None."""
    if isinstance(thing, property):
        return thing.fget
    return getattr(thing, "__func__", thing) if callable(thing) or isinstance(thing, classmethod) else None


def own_members(cls):
    """Without what only guards a method of C, which is described there."""
    return {name: value for name, value in vars(cls).items()
            if not name.startswith("_") and "<locals>" not in getattr(value, "__qualname__", "")}


def public():
    """Yields the name, and the function or class, of all that the override adds."""
    for name in override.__all__:
        thing = getattr(override, name)
        yield name, thing
        if inspect.isclass(thing):
            for member, value in own_members(thing).items():
                if function_in(value) is not None:
                    yield f"{name}.{member}", function_in(value)


def none(what, names):
    assert not names, f"{what}: {', '.join(names)}"


@test("docs/there-is-something-to-look-at")
def something():
    names = {name for name, _ in public()}
    assert {"Deferred", "Deferred.add_callback", "Deferred.from_future", "Deferred.result", "run"} <= names, names


@test("docs/all-of-it-has-a-docstring")
def docstrings():
    none("without a docstring", [name for name, thing in public() if not vars(thing).get("__doc__", thing.__doc__)])


@test("docs/all-of-it-has-annotations")
def annotations():
    missing = []
    for name, function in public():
        if inspect.isclass(function):
            continue
        signature = inspect.signature(function)
        if signature.return_annotation is signature.empty:
            missing.append(f"{name}: what it returns")
        for place, parameter in enumerate(signature.parameters.values()):
            is_self = place == 0 and "." in name
            is_variable = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
            if parameter.annotation is signature.empty and not is_self and not is_variable:
                missing.append(f"{name}: {parameter.name}")
    none("without annotation", missing)


# --- the stub ---

def with_slash(positional_only, others):
    return [*positional_only, "/", *others] if positional_only else others


def stubbed_parameters(arguments):
    others = [*arguments.args, arguments.vararg, *arguments.kwonlyargs, arguments.kwarg]
    return with_slash([argument.arg for argument in arguments.posonlyargs],
                      [argument.arg for argument in others if argument is not None])


def real_parameters(function):
    parameters = inspect.signature(function).parameters
    positional_only = [name for name, parameter in parameters.items() if parameter.kind is parameter.POSITIONAL_ONLY]
    return with_slash(positional_only, [name for name in parameters if name not in positional_only])


@functools.cache
def stub():
    """{name: parameters}, of overloads those of the last; a method's name is Class.name. None for what is no function."""
    found = {}

    def walk(body, prefix):
        for node in body:
            if isinstance(node, ast.FunctionDef):
                found[prefix + node.name] = stubbed_parameters(node.args)
            elif isinstance(node, ast.ClassDef):
                found[node.name] = None
                walk(node.body, node.name + ".")
            elif isinstance(node, ast.AnnAssign):
                found[prefix + node.target.id] = None

    walk(ast.parse(STUB.read_text()).body, "")
    return found


@test("docs/stub/has-all-that-the-override-adds")
def stub_has_all():
    none("missing in the stub", [name for name, _ in public() if name not in stub()])


@test("docs/stub/has-nothing-that-is-not-there")
def stub_has_nothing_else():
    absent = []
    for name in stub():
        owner, _, member = name.rpartition(".")
        thing = getattr(GDeferred, owner or member)
        # What instances have is in the annotations of FirstError alone.
        if owner and not hasattr(thing, member) and not hasattr(GDeferred.FirstError(None, 0), member):
            absent.append(name)
    none("not there", absent)


@test("docs/stub/parameters-have-the-names-that-they-have")
def stub_parameters():
    for name, function in public():
        if inspect.isfunction(function) and not name.endswith((".name", ".clock")):
            assert stub()[name] == real_parameters(function), f"{name}{inspect.signature(function)}, not {stub()[name]}"


@test("docs/stub/every-error-and-state-is-in-it")
def stub_enumerations():
    for enumeration in "DeferredState", "DeferredError":
        members = {value.value_nick.upper().replace("-", "_")
                   for value in getattr(GDeferred, enumeration).__enum_values__.values()}
        assert members == {name.partition(".")[2] for name in stub()
                           if name.startswith(enumeration + ".") and name.partition(".")[2].isupper()}, members


# --- mypy ---

def lines_with_errors(path):
    """What mypy tells of a file that uses the stub, as {line: text}."""
    if importlib.util.find_spec("mypy") is None:
        raise Skip("no mypy")
    with tempfile.TemporaryDirectory() as folder:
        # Stands for PyGObject-stubs, which need not be here.
        stand_in = pathlib.Path(folder, "gi-stubs")
        stand_in.mkdir()
        (stand_in / "__init__.pyi").write_text("def require_version(namespace: str, version: str) -> None: ...\n")
        roots = [str(PYTHON), folder, *filter(None, [os.environ.get("PYTHONPATH")])]
        ran = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.devnull, path.name],
                             env={**os.environ, "PYTHONPATH": os.pathsep.join(roots)}, cwd=path.parent,
                             capture_output=True, text=True, timeout=120)
    assert not ran.stderr and ran.returncode in (0, 1), ran.stdout + ran.stderr
    errors = re.findall(r"^(.*):(\d+): error: (.*)$", ran.stdout, re.MULTILINE)
    assert {name for name, _, _ in errors} <= {path.name}, ran.stdout
    return {int(line): text for _, line, text in errors}


@test("docs/mypy/the-program-in-the-page-is-right")
def example_is_right():
    assert lines_with_errors(EXAMPLE) == {}, lines_with_errors(EXAMPLE)


@test("docs/mypy/finds-the-types-and-the-wrong-uses")
def wrong_uses():
    lines = TYPED.read_text().splitlines()
    marked = {number for number, line in enumerate(lines, 1) if line.endswith("# an error")}
    found = lines_with_errors(TYPED)
    assert marked and set(found) == marked, {line: found.get(line) for line in set(found) ^ marked}


@test("docs/the-class-is-the-one-of-the-namespace")
def same_class():
    assert override.Deferred is GDeferred.Deferred and issubclass(GDeferred.Deferred, RAW)


sys.exit(main())
