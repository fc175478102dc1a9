# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""What Python keeps for a Deferred, and the dispatcher: the one function that C calls to have batches of callbacks run. It
knows Deferreds by what C says of them, and by the few methods that it calls."""

from __future__ import annotations

import signal
import sys
from collections import deque
from inspect import CORO_CREATED, getcoroutinestate
from threading import get_ident
from types import CoroutineType

from gi.module import get_introspection_module

from .errors import from_error, let_go, report, to_error, without_first
from .values import boxed, from_value, to_value

_GDeferred = get_introspection_module("GDeferred")
Base = _GDeferred.Deferred
_What = _GDeferred.DeferredDispatch
_CALLBACK, _ERRBACK, _DROP = int(_What.CALLBACK), int(_What.ERRBACK), int(_What.DROP)
_GIVE, _FORGET, _CANCEL, _REPORT = int(_What.GIVE), int(_What.FORGET), int(_What.CANCEL), int(_What.REPORT)
_may_go_on = Base.may_go_on

# KeyboardInterrupt and SystemExit that a callback raised, by thread, for the function of ours below it on the stack to
# raise again.
exits: dict = {}


def raise_exit():
    """For those functions, if there are ``exits``: they may be another thread's."""
    exception = exits.pop(get_ident(), None)
    if exception is not None:
        raise exception


class Kept:
    """What Python keeps for one Deferred."""

    value = None
    failed = False
    has = False  # value and failed are the outcome
    kept = False  # C has left them to us
    heard = False  # somebody who awaits it was told of the failure
    abandoned = False  # __del__ was called, and will not be called again
    running = False  # a batch is
    untold = False  # C does not know of the failure yet
    canceller = None
    thread = None  # the one that was seen to be at home
    n_batches = 0  # C has a link for each

    def __init__(self):
        self.pairs = deque()  # with END between batches

    def set(self, value, failed):
        self.value, self.failed, self.has, self.kept, self.heard = value, failed, True, True, False

    def clear(self):
        self.value, self.failed, self.has, self.kept, self.heard = None, False, False, False, False

    def end_batch(self):
        """Drops what is left of the oldest batch."""
        pairs = self.pairs
        self.n_batches -= 1
        while pairs and pairs.popleft() is not END:
            pass


class _Mark:
    """Stands for what nobody's function is or returns."""


END, TRAP, UNCHANGED, HEARD = _Mark(), _Mark(), _Mark(), _Mark()


def watch(value, function, failed):
    """For who only looks on: if that returns ``UNCHANGED``, nobody has heard of the failure."""
    return HEARD if function(value, failed) is not UNCHANGED and failed else UNCHANGED


def _came_back(self, kept, answer):
    """What a function returned, where that is not simply the next result."""
    if answer is HEARD:
        kept.heard = True
    elif answer is not UNCHANGED:
        if type(answer) is CoroutineType and getcoroutinestate(answer) == CORO_CREATED:
            answer = self.from_coroutine(answer)
        kept.value, kept.failed, kept.heard = answer, False, False
    return issubclass(type(answer), Base)


def _came_up(kept, exception):
    """What a function raised. Gives it back if it is meant for the whole program, too."""
    # The first entry is the function that called: it has the Deferred among its variables.
    without_first(exception)
    if isinstance(exception, AttributeError) and isinstance(getattr(exception, "obj", None), Base):
        exception.obj = None
    exits = isinstance(exception, (KeyboardInterrupt, SystemExit))
    if kept.failed and exception is not kept.value:
        let_go(kept.value)
    kept.heard = exits or (kept.heard and exception is kept.value)
    kept.value, kept.failed = exception, True
    return exception if exits else None


# What a result says of its own class does not count: a weak proxy, or a mock, is a value.
_NOT_SIMPLY = (Base, CoroutineType, _Mark)


def _run_batch(self, kept):
    """Calls the functions of the oldest batch, until there is none left, or the chain is to stop. Whether it ended."""
    pairs, exiting = kept.pairs, None
    while pairs:
        pair = pairs.popleft()
        if pair is END:
            break
        value, failed = kept.value, kept.failed
        if failed:
            _, _, _, function, args, kwargs = pair
        else:
            function, args, kwargs, _, _, _ = pair
        if function is TRAP:
            kinds, function, args = args
            if not isinstance(value, kinds):
                function = None
        if function is not None:
            try:
                if args or kwargs:
                    answer = function(value, *args, **(kwargs or {}))
                else:
                    answer = function(value)
            except BaseException as exception:
                exiting = _came_up(kept, exception) or exiting
            else:
                if failed:
                    let_go(value)
                if not issubclass(type(answer), _NOT_SIMPLY):
                    kept.value, kept.failed = answer, False
                elif _came_back(self, kept, answer):
                    return False, exiting
                answer = None
            pair = value = function = args = kwargs = None
        if pairs and pairs[0] is not END and not _may_go_on(self):
            return False, exiting
    kept.n_batches -= 1
    return True, exiting


def _leave(self, kept, was_kept, before, before_failed):
    """Has C know the outcome: which side it is on, as long as it stays with us, or the Deferred to wait for. If it
    ``was_kept``, C knows the one from before."""
    value = kept.value
    if kept.failed:
        let_go(value)
        if kept.abandoned:
            self.invoke(lambda self, *_: self._report())
        if not (was_kept and before_failed and before is value):
            self.return_error_kept(ID, to_error(value))
    elif issubclass(type(value), Base):
        kept.clear()
        self.return_deferred(value)
        return
    elif not was_kept or before_failed:
        self.return_kept(ID)
    kept.kept = True


def _break_off(self, kept, ended, exception):
    """Something of ours raised: no stack is left, a signal came. The chain goes on with this as its failure. If there is no
    stack even for that, C calls for the same batch again, and is told then."""
    exits = isinstance(exception, (KeyboardInterrupt, SystemExit))
    kept.heard = exits
    if not ended:
        self.stay_dispatched()
    self.return_error_kept(ID, to_error(exception))
    kept.kept, kept.untold = True, False
    if ended:
        kept.n_batches -= 1
    return exception if exits else None


def _run(self, kept, what, value):
    kept.canceller = exiting = None
    ended = False
    try:
        untold = kept.untold
        if not kept.kept and not untold:
            failed = what == _ERRBACK
            if failed and not isinstance(value, BaseException):
                value = from_error(self.get_error())
            else:
                value = from_value(value)
            kept.value, kept.failed, kept.has, kept.heard = value, failed, True, False
        before, before_failed = kept.value, kept.failed

        kept.running = True
        ended, exiting = _run_batch(self, kept)
        kept.running = False
        if not ended:
            self.stay_dispatched()
        # C that is left with an exception is to have heard of the outcome.
        _leave(self, kept, kept.kept and not untold and exiting is None, before, before_failed)
        kept.untold = False
    except BaseException as exception:
        # First what needs no stack.
        kept.running = False
        kept.value, kept.failed, kept.has, kept.heard, kept.untold = exception, True, True, False, True
        if ended:
            kept.n_batches += 1
        exiting = _break_off(self, kept, ended, exception) or exiting
    if kept.heard:
        self.take_unhandled()
    if exiting is not None:
        leave_program(exiting)


def _give(self, kept):
    value = kept.value
    if kept.failed:
        self.return_error_full(to_error(value), boxed(value))
    elif value is None or issubclass(type(value), Base):
        self.return_none()
    else:
        self.return_value(to_value(value))
    kept.kept = False
    # While a batch runs, each of its callbacks still is to see what it was called with.
    if not kept.running:
        kept.clear()


def _call_canceller(self, kept):
    canceller, kept.canceller = kept.canceller, None
    if canceller is None:
        return
    try:
        canceller(self)
    except (KeyboardInterrupt, SystemExit) as exception:
        leave_program(exception)
    except BaseException as exception:
        without_first(exception)
        let_go(exception)
        report(exception, self, "The canceller failed of")


def leave_program(exception):
    """KeyboardInterrupt and SystemExit do not end with the Deferred that they came to.

    Where a main loop called us, PyGObject would print the one: as a signal it ends the loop. For the other it ends the
    program. Elsewhere our function that called C raises it again."""
    frame, came_through_c, runs_loop = sys._getframe(), False, False
    while frame is not None:
        caller = frame.f_back
        if frame.f_code is _dispatch.__code__ and caller is not None and caller.f_globals.get("__name__") in _ENTRIES:
            came_through_c = True
        runs_loop = runs_loop or (frame.f_code.co_name == "run" and frame.f_globals["__name__"] in _LOOPS)
        frame = caller
    if runs_loop and isinstance(exception, KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    elif came_through_c:
        exits[get_ident()] = exception
    else:
        raise exception


# The functions of these modules look whether there is something to raise again.
_ENTRIES = (f"{__package__}.deferred", f"{__package__}.homes")
_LOOPS = ("gi.overrides.GLib", "gi.overrides.Gio", "gi.overrides.Gtk")


def _dispatch(self, what, value, *_):
    kept = self._kept
    if kept is None:
        return what != _REPORT
    if what == _CALLBACK or what == _ERRBACK:
        _run(self, kept, what, value)
    elif what == _DROP:
        kept.end_batch()
    elif what == _GIVE:
        _give(self, kept)
    elif what == _FORGET:
        kept.clear()
    elif what == _CANCEL:
        _call_canceller(self, kept)
    elif what == _REPORT:
        # Where the Python object went before the last reference, its __del__ could not tell.
        if not kept.kept or sys.is_finalizing():
            return False
        report(kept.value, self)
    return True


ID = Base.register_dispatcher(_dispatch, None)
