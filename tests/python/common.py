# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""What the tests of the Python override share. Import it before gi: it settles how GLib takes criticals."""

import contextlib
import faulthandler
import functools
import gc
import os
import pathlib
import subprocess
import sys
import textwrap
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
if "fatal" not in os.environ.get("G_DEBUG", ""):
    os.environ["G_DEBUG"] = ",".join(filter(None, (os.environ.get("G_DEBUG"), "fatal-criticals")))

import tap  # noqa: E402

import gi  # noqa: E402

gi.require_version("GDeferred", "1.0")
from gi.repository import GDeferred, GLib  # noqa: E402

D = GDeferred.Deferred
RAW = D.__mro__[1]  # the class as it is in C, without what the override adds
State = GDeferred.DeferredState
LIMIT = 200  # seconds for a whole program

faulthandler.dump_traceback_later(LIMIT, exit=True)

main = tap.main
Skip = tap.Skip
_reported = []


def test(name):
    """As tap's, and no test may leave an error behind that nobody handled, unless it asks for it."""

    def register(func):
        @functools.wraps(func)
        def run():
            _reported.clear()
            GDeferred.set_unhandled_error_hook(_reported.append)
            func()
            settle()
            gc.collect()
            reports = take_reports()
            assert not reports, f"errors that nobody handled: {reports!r}"

        tap.test(f"/python/{name}")(run)
        return func

    return register


def settle():
    """Runs what is ready in the default main context."""
    context = GLib.MainContext.default()
    for _ in range(100000):
        if not context.iteration(False):
            return
    raise AssertionError("The main context does not come to rest")


def take_reports():
    """The exceptions that were reported as unhandled since the last time."""
    settle()
    reports = _reported[:]
    _reported.clear()
    return reports


@contextlib.contextmanager
def raises(kind, text=""):
    """What the block raises is kept as .value of what this gives."""
    caught = Caught()
    try:
        yield caught
    except kind as exception:
        assert text in str(exception), f"“{text}” is not in “{exception}”"
        caught.value = exception
    else:
        raise AssertionError(f"{kind} was not raised")


class Caught:
    value = None


@contextlib.contextmanager
def without_collector():
    """What dies in the block dies by its references alone."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def in_thread(func, *args):
    """What the function returns, or raises, called in a thread that is then over."""
    outcome = []

    def run():
        try:
            outcome.append((func(*args), None))
        except BaseException as exception:
            outcome.append((None, exception))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(60)
    assert outcome, "The thread does not come to its end"
    value, exception = outcome[0]
    if exception is not None:
        raise exception
    return value


def until(ready, context=None, seconds=60):
    """Runs the main context until there is what is waited for."""
    context = context or GLib.MainContext.default()
    late = []
    source = GLib.timeout_source_new(seconds * 1000)
    source.set_callback(lambda *_: late.append(True) or False)
    source.attach(context)
    while not ready():
        assert not late, "It did not come"
        context.iteration(True)
    source.destroy()


def later(value=None, turns=1):
    """A Deferred that is fired from the main loop, a few turns on; with an exception it fails."""
    d = D()

    def turn():
        nonlocal turns
        turns -= 1
        if turns > 0:
            return True
        if not d.called:
            (d.errback if isinstance(value, BaseException) else d.callback)(value)
        return False

    GLib.idle_add(turn)
    return d


def seen(d):
    """What its callbacks are called with from here on: (value, failed) for each; it goes on with None."""
    calls = []
    d.add_both(lambda value: calls.append((value, d.failed)))
    return calls


PRELUDE = """
import faulthandler, gc, os, signal, sys, threading, weakref
faulthandler.dump_traceback_later(60, exit=True)
signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background, shells have it ignored
import gi
gi.require_version("GDeferred", "1.0")
from gi.repository import GDeferred, GLib, GObject
D = GDeferred.Deferred

def later(value=None, ms=1):
    d = D()
    GLib.timeout_add(ms, lambda: d.called or d.callback(value))
    return d
"""


def play(code, *arguments, debug="fatal-criticals"):
    """Runs a program of its own, and gives (exit status, stdout, stderr)."""
    ran = subprocess.run([sys.executable, "-c", PRELUDE + textwrap.dedent(code), *arguments], capture_output=True,
                         text=True, timeout=120, errors="replace",
                         env={**os.environ, "G_DEBUG": debug, "PYTHONDONTWRITEBYTECODE": "1"})
    return ran.returncode, ran.stdout, ran.stderr


def plays(code, *arguments, prints="", status=0, complains=""):
    """The program ends with this status, prints this, and says nothing on stderr but what is told."""
    ended, out, err = play(code, *arguments)
    told = f"it ended with {ended}, and printed:\n{out}---\n{err}"
    assert ended == status, told
    assert out == prints, told
    for word in ("CRITICAL", "Fatal Python error", "Exception ignored", "Segmentation", "Timeout ("):
        assert word not in err, told
    if complains:
        assert complains in err, told
    else:
        assert not err.strip(), told
