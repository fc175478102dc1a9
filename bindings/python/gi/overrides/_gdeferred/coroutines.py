# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Coroutines and generators that wait for Deferreds, driven by the main loop and nothing else."""

from __future__ import annotations

import functools
import inspect
import threading
from contextvars import copy_context
from typing import Any, Awaitable, Callable, Coroutine

from gi.repository import GLib

from .batches import UNCHANGED, leave_program
from .deferred import Deferred, DeferredState, _Base, outcome_of, take
from .errors import _CODES, DOMAIN, AlreadyCalledError, from_error, without_first
from .futures import Waiting, Whose


class Driver:
    """Runs a coroutine, or a generator, step by step. The Deferred that it waits for holds it; it holds the Deferred that
    it will fire."""

    __slots__ = ("body", "deferred", "context", "waits_for", "waiting", "interrupted")

    def __init__(self, body):
        self.body = body
        self.context = copy_context()
        self.waits_for = None
        self.waiting = None
        self.interrupted = False
        self.deferred = Deferred(self.cancel)

    def start(self):
        deferred = self.deferred
        self.step(None, False)
        return deferred

    def resume(self, value, failed):
        """Called by the chain of what it waits for."""
        waiting, self.waiting, self.waits_for = self.waiting, None, None
        if waiting is None:
            self.step(value, failed)
        else:
            waiting.outcome = value, failed
            self.step(None, False)

    def step(self, value, failed):
        """Goes on until there is something to wait for. A loop, so that what is ready takes no stack."""
        run = self.context.run
        while True:
            try:
                if failed:
                    answer = run(self.body.throw, value)
                else:
                    answer = run(self.body.send, value)
            except StopIteration as stop:
                return self.finish(stop.value, False)
            except BaseException as exception:
                without_first(exception)
                self.finish(exception, True)
                if isinstance(exception, (KeyboardInterrupt, SystemExit)):
                    leave_program(exception)
                return None

            try:
                outcome = self.look_at(answer)
            except Exception as exception:  # It is for the body, too: that of a Deferred whose home is elsewhere, say.
                outcome = exception, True
            if outcome is None:
                return None
            value, failed = outcome

    def look_at(self, answer):
        """What the body yielded: something to wait for, or it is given ``(value, failed)`` for it at once."""
        if type(answer) is Waiting:
            return self.wait_for(answer.deferred, answer)
        if type(answer) is Whose:
            return self, False
        if not inspect.isgenerator(self.body):
            raise TypeError(f"A coroutine that runs on a GMainLoop cannot await {answer!r}; "
                            "for asyncio's futures there is Deferred.from_future()")
        if inspect.iscoroutine(answer):
            answer = ensure_deferred(answer)
        if not isinstance(answer, _Base):
            return answer, False
        if answer.is_finished():
            return outcome_of(answer)
        return self.wait_for(answer, None)

    def wait_for(self, deferred, waiting):
        if deferred is self.deferred:
            raise GLib.Error("A coroutine awaited the Deferred that it is to fire", DOMAIN, int(_CODES.LOOP))
        deferred._watch(self.resume)
        self.waits_for, self.waiting = deferred, waiting
        if self.interrupted:
            self.interrupt()

    def interrupt(self):
        """Cancels what the body waits for, now or next: for somebody inside of it."""
        self.interrupted = self.waits_for is None
        if not self.interrupted:
            self.waits_for.cancel()

    def went_on(self):
        """What interrupt() has raised was caught by who called that. Whether somebody else cancels it, too."""
        self.interrupted = False
        return False

    def finish(self, value, failed):
        deferred, self.deferred, self.body, self.context = self.deferred, None, None, None
        try:
            if failed:
                deferred.errback(value)
            elif isinstance(value, _Base):
                _Base.follow(deferred, value)
            else:
                deferred.callback(value)
        except GLib.Error:
            pass  # It was cancelled by the body itself.

    def cancel(self, deferred):
        """Cancels what the body waits for. If the body catches that, and goes on, so does the Deferred."""
        waits_for = self.waits_for
        if waits_for is None:
            return
        waits_for.cancel()
        if self.deferred is deferred:
            rest = self.deferred = Deferred(self.cancel)
            _Base.follow(deferred, rest)


def from_coroutine(cls, coroutine: Coroutine) -> Deferred:
    """Runs a coroutine, up to its first ``await`` at once, and gives a Deferred for what it returns or raises.

    Cancelling the Deferred cancels what the coroutine awaits, which raises there, where it may be caught. The coroutine
    has a copy of the context variables."""
    if not inspect.iscoroutine(coroutine):
        raise TypeError(f"A coroutine is wanted, not {type(coroutine).__name__}")
    return Driver(coroutine).start()


def is_awaitable(thing):
    """Whether a Deferred can be made of it."""
    return (isinstance(thing, _Base) or inspect.iscoroutine(thing) or hasattr(thing, "add_done_callback")
            or hasattr(type(thing), "__await__"))


def check_awaitable(thing):
    if not is_awaitable(thing):
        raise TypeError(f"A Deferred, a coroutine or another awaitable is wanted, not {type(thing).__name__}")


async def _awaiting(awaitable):
    return await awaitable


def ensure_deferred(awaitable: Awaitable) -> Deferred:
    """A Deferred for a coroutine, for a Future, or for anything else that can be awaited; a Deferred is given back."""
    if isinstance(awaitable, _Base):
        return awaitable
    if inspect.iscoroutine(awaitable):
        return Driver(awaitable).start()
    if hasattr(awaitable, "add_done_callback"):
        return Deferred.from_future(awaitable)
    check_awaitable(awaitable)
    return Driver(_awaiting(awaitable)).start()


def call(_nothing, function, args, kwargs):
    return function(*args, **kwargs)


def own(function, *args, **kwargs):
    """Calls a function, and gives a Deferred that waits for what it returns. Nobody else has that one, to pause it or to bind
    it to an owner."""
    return Deferred.succeed().add_callback(call, function, args, kwargs)


def fire(how, outcome):
    """For a Deferred that somebody else has, too, and may have fired."""
    try:
        how(outcome)
    except AlreadyCalledError:
        pass


def maybe_deferred(function: Callable, /, *args, **kwargs) -> Deferred:
    """Calls a function and gives a Deferred in any case: the one that it returned, or one that has fired with what it
    returned or raised."""
    if not callable(function):
        raise TypeError(f"The function is to be callable, not {type(function).__name__}")
    try:
        result = function(*args, **kwargs)
    except Exception as exception:
        without_first(exception)
        return Deferred.fail(exception)
    if isinstance(result, _Base):
        return result
    if inspect.iscoroutine(result):
        return Driver(result).start()
    return Deferred.succeed(result)


def inline_callbacks(function: Callable) -> Callable[..., Deferred]:
    """Makes of a generator function one that returns a Deferred. Where it yields a Deferred, it is given its result, or
    has its failure raised. ::

        @GDeferred.inline_callbacks
        def total(names):
            sum = 0
            for name in names:
                sum += yield size_of(name)
            return sum
    """
    if not callable(function):
        raise TypeError(f"The function is to be callable, not {type(function).__name__}")

    @functools.wraps(function)
    def start(*args, **kwargs) -> Deferred:
        generator = function(*args, **kwargs)
        if not inspect.isgenerator(generator):
            raise TypeError(f"inline_callbacks wants a generator function; {function!r} returned "
                            f"{type(generator).__name__}")
        return Driver(generator).start()

    return start


# --- waiting with a loop of one's own ---


def _is_for_c(deferred):
    """What waiting in C knows better: that it could never end, or what a thread pool's worker may do meanwhile."""
    if threading.current_thread() is not threading.main_thread():
        return True
    while deferred is not None:
        if deferred.get_state() == DeferredState.RUNNING:
            return True
        deferred = deferred.get_waiting_on()
    return False


def wait(self) -> Any:
    """Runs the main loop until there is a result, after the callbacks that were added so far. Returns it, or raises the
    failure.

    For scripts and tests: in a program that is driven by events, add a callback, or await it."""
    if not self.is_home():
        self._refuse_thread("One waits for it")
    if not self.is_finished() and _is_for_c(self):
        try:
            _Base.wait(self)
        except GLib.Error as error:
            if not self.is_finished():
                raise from_error(error) from None
    if self.is_finished():
        return take(self)

    outcome = []
    waits = True
    loop = GLib.MainLoop.new(self.get_context(), False)

    def arrived(*value_and_failed):
        if not waits:
            return UNCHANGED
        outcome.append(value_and_failed)
        return loop.quit()

    self._watch(arrived)
    try:
        while not outcome:
            loop.run()
    finally:
        waits = False
    value, failed = outcome[0]
    if failed:
        raise value
    return value


def run(main: Callable, /, *args, **kwargs) -> Any:
    """Runs the main function of a script: calls it, or starts it if it is a coroutine function, and runs the main loop until
    it has ended. Returns what it returned, or raises what it raised. ::

        async def main():
            print(await GDeferred.run_in_thread(sum, range(1000)))

        GDeferred.run(main)

    Ctrl-C cancels it, and is raised when it has ended; a second one does not wait for that."""
    deferred = maybe_deferred(main, *args, **kwargs)
    try:
        return wait(deferred)
    except KeyboardInterrupt:
        if not deferred.is_finished():
            deferred.cancel()
            try:
                wait(deferred)
            except Exception:
                pass
        raise


Deferred.from_coroutine = classmethod(from_coroutine)
Deferred.wait = wait
