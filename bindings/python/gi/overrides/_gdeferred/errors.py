# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Exceptions, and how they look from C: each becomes a GError there, and goes beside it as itself."""

from __future__ import annotations

import builtins
import traceback
import types
from typing import Callable, Sequence

from gi.module import get_introspection_module
from gi.repository import Gio, GLib

_GDeferred = get_introspection_module("GDeferred")

DOMAIN = GLib.quark_to_string(_GDeferred.DeferredError.quark())
_IO_DOMAIN = GLib.quark_to_string(Gio.io_error_quark())
_CODES = _GDeferred.DeferredError
_Group = getattr(builtins, "ExceptionGroup", Exception)


class AlreadyCalledError(GLib.Error):
    """A Deferred was fired a second time."""

    def __init__(self, message="The Deferred has been fired already: it fires only once", domain=DOMAIN,
                 code=int(_CODES.ALREADY_CALLED)):
        super().__init__(message, domain, code)


class CancelledError(GLib.Error):
    """A Deferred was cancelled."""

    def __init__(self, message="Operation was cancelled", domain=_IO_DOMAIN, code=int(Gio.IOErrorEnum.CANCELLED)):
        super().__init__(message, domain, code)


class TimeoutError(GLib.Error):
    """Something took longer than it was given."""

    def __init__(self, message="Timed out", domain=_IO_DOMAIN, code=int(Gio.IOErrorEnum.TIMED_OUT)):
        super().__init__(message, domain, code)


class FirstError(Exception):
    """The first failure of many.

    ``exception`` is the failure itself, ``index`` the place of the Deferred that failed."""

    def __init__(self, exception: BaseException, index: int):
        super().__init__(exception, index)
        self.exception = exception
        self.index = index
        if isinstance(exception, BaseException):
            self.__cause__ = exception

    def __str__(self):
        return f"FirstError[#{self.index}, {self.exception!r}]"

    def __eq__(self, other):
        if not isinstance(other, FirstError):
            return NotImplemented
        return (self.exception, self.index) == (other.exception, other.index)

    def __hash__(self):
        return hash((self.exception, self.index))


class AllFailed(_Group):
    """One of several was to succeed, and all have failed: ``exceptions`` has their failures, in order. From Python 3.11 on it
    is an ExceptionGroup."""

    def __new__(cls, exceptions: Sequence[BaseException]):
        exceptions = tuple(_for_group(exception) for exception in exceptions)
        if _Group is Exception:
            return super().__new__(cls, exceptions)
        return super().__new__(cls, "all have failed", exceptions)

    def __init__(self, exceptions: Sequence[BaseException]):
        if _Group is Exception:
            self.exceptions = self.args[0]

    def derive(self, exceptions: Sequence[BaseException]) -> AllFailed:
        """For ``split()`` and ``subgroup()``."""
        return type(self)(exceptions)

    def __str__(self):
        return f"all {len(self.exceptions)} have failed: " + ", ".join(map(repr, self.exceptions))


def _for_group(exception: BaseException) -> Exception:
    """An ExceptionGroup holds nothing that ``except Exception`` would not catch."""
    if isinstance(exception, Exception):
        return exception
    stand_in = RuntimeError(repr(exception))
    stand_in.__cause__ = exception
    return stand_in


class QueueOverflow(GLib.Error):
    """A queue holds as much as it may."""

    def __init__(self, message="The queue holds as much as it may", domain=DOMAIN, code=int(_CODES.OVERFLOW)):
        super().__init__(message, domain, code)


class QueueUnderflow(GLib.Error):
    """As many wait for a queue as may; or there is nothing in it, for who does not wait."""

    def __init__(self, message="As many wait for the queue as may", domain=DOMAIN, code=int(_CODES.UNDERFLOW)):
        super().__init__(message, domain, code)


class QueueClosed(GLib.Error):
    """A queue was closed."""

    def __init__(self, message="The queue was closed", domain=DOMAIN, code=int(_CODES.CLOSED)):
        super().__init__(message, domain, code)


_CLASSES = {
    (DOMAIN, int(_CODES.ALREADY_CALLED)): AlreadyCalledError,
    (DOMAIN, int(_CODES.CLOSED)): QueueClosed,
    (DOMAIN, int(_CODES.OVERFLOW)): QueueOverflow,
    (DOMAIN, int(_CODES.UNDERFLOW)): QueueUnderflow,
    (_IO_DOMAIN, int(Gio.IOErrorEnum.CANCELLED)): CancelledError,
    (_IO_DOMAIN, int(Gio.IOErrorEnum.TIMED_OUT)): TimeoutError,
}


def from_error(error: GLib.Error) -> GLib.Error:
    """The exception for an error that was made in C."""
    kind = _CLASSES.get((error.domain, error.code))
    if kind is None or isinstance(error, kind):
        return error
    return kind(error.message, error.domain, error.code)


def give_class(exception: BaseException) -> None:
    """A GLib.Error that GIO raised stays the object that it is, and becomes one of ours where there is a class for it."""
    if type(exception) is GLib.Error:
        exception.__class__ = _CLASSES.get((exception.domain, exception.code), GLib.Error)


def _for_c(text: str) -> str:
    return text.replace("\0", "\N{SYMBOL FOR NULL}").encode("utf-8", "replace").decode()


def _text(exception: BaseException) -> str:
    try:
        return _for_c(f"{type(exception).__name__}: {exception}")
    except Exception:
        return _for_c(f"{type(exception).__name__}: (its __str__ failed)")


_UNTOLD = GLib.Error("An exception that cannot be told", DOMAIN, int(_CODES.FAILED))


def _is_for_c(error: GLib.Error) -> bool:
    return (isinstance(error.message, str) and isinstance(error.domain, str) and error.domain != ""
            and isinstance(error.code, int) and -(1 << 31) <= error.code < 1 << 31)


def to_error(exception: BaseException) -> GLib.Error:
    """What C sees of an exception. It does not fail, whatever the attributes and methods of the exception do."""
    try:
        if isinstance(exception, GLib.Error) and _is_for_c(exception):
            return exception
        if isinstance(exception, FirstError):
            return to_error(exception.exception)
        code = _CODES.ALL_FAILED if isinstance(exception, AllFailed) else _CODES.FAILED
        return GLib.Error(_text(exception), DOMAIN, int(code))
    except Exception:
        return _UNTOLD


# --- tracebacks ---
#
# A traceback holds frames, and these hold the functions and variables of callbacks, the Deferred among them. An
# exception that a Deferred keeps would so keep the Deferred, and nobody would ever hear of it when it is dropped. What
# it keeps has frames that tell the same places and hold nothing.

# A class of exceptions may have attributes of these names of its own, or let none be set.
_traceback_of = BaseException.__traceback__.__get__
_set_traceback = BaseException.with_traceback
_cause_of = BaseException.__cause__.__get__
_context_of = BaseException.__context__.__get__
_Groups = () if _Group is Exception else builtins.BaseExceptionGroup
_exceptions_of = _Groups and _Groups.exceptions.__get__

_frames: dict = {}
_MAX_FRAMES = 1024


def _template():
    yield


def _make_frame(code: types.CodeType, lineno: int, module: str) -> types.FrameType:
    """The frame of a generator that was never started has no variables, and no caller that it would keep."""
    names = {"co_filename": code.co_filename, "co_name": code.co_name, "co_firstlineno": lineno}
    if hasattr(code, "co_qualname"):
        names["co_qualname"] = code.co_qualname
    function = types.FunctionType(_template.__code__.replace(**names), {"__name__": module})
    return function().gi_frame


def _frame_like(frame: types.FrameType, lineno: int) -> types.FrameType:
    code = frame.f_code
    module = frame.f_globals.get("__name__", "")
    key = (code.co_filename, code.co_name, lineno, module)
    made = _frames.get(key)
    if made is None:
        if len(_frames) >= _MAX_FRAMES:
            _frames.clear()
        made = _frames[key] = _make_frame(code, lineno, module)
    return made


def _is_ours(tb: types.TracebackType) -> bool:
    return tb.tb_frame.f_globals.get("__package__") == __package__


def _bare_traceback(tb: types.TracebackType | None) -> types.TracebackType | None:
    entries = []
    while tb is not None:
        if not _is_ours(tb):
            entries.append(tb)
        tb = tb.tb_next

    bare = None
    for entry in reversed(entries):
        # Without a position inside the line: those of the template would be wrong.
        bare = types.TracebackType(bare, _frame_like(entry.tb_frame, entry.tb_lineno), -1, entry.tb_lineno)
    return bare


def without_first(exception: BaseException) -> None:
    """Takes the first entry off the traceback: that of the function of ours that called."""
    _set_traceback(exception, _traceback_of(exception).tb_next)
    give_class(exception)


def let_go(exception: BaseException) -> None:
    """Leaves the tracebacks of an exception, and of those it came from, without the variables of their frames."""
    todo, seen = [exception], set()
    while todo:
        one = todo.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        tb = _traceback_of(one)
        if tb is not None and tb.tb_lasti != -1:
            _set_traceback(one, _bare_traceback(tb))
        todo += (_cause_of(one), _context_of(one))
        if isinstance(one, _Groups):
            todo += _exceptions_of(one)


# --- what nobody handled ---

_hook = None


def set_unhandled_error_hook(hook: Callable[[BaseException], object] | None) -> None:
    """Sets what is called with each exception that nobody handled, in place of a warning with its traceback.

    It is called when the last reference to the Deferred goes, and at once with what a canceller raised. ``None`` sets the
    default again. An exception that the hook itself raises is printed."""
    global _hook
    if hook is not None and not callable(hook):
        raise TypeError(f"The hook is to be callable or None, not {type(hook).__name__}")
    _hook = hook
    if hook is None:
        _GDeferred.Deferred.set_unhandled_hook(None)
    else:
        _GDeferred.Deferred.set_unhandled_hook(_report_from_c)


def _report_from_c(deferred, *_):
    report(deferred._exception(), deferred)


def _log(message: str) -> None:
    fields = {"MESSAGE": GLib.Variant("s", _for_c(message)), "GLIB_DOMAIN": GLib.Variant("s", "GDeferred")}
    GLib.log_variant("GDeferred", GLib.LogLevelFlags.LEVEL_WARNING, GLib.Variant("a{sv}", fields))


def report(exception: BaseException, deferred=None, what="Nobody handled the error of") -> None:
    """Tells of an exception that nobody handled."""
    if _hook is not None:
        try:
            _hook(exception)
        except Exception:
            traceback.print_exc()
        return

    name = deferred.get_name() if deferred is not None else None
    text = "".join(traceback.format_exception(type(exception), exception, exception.__traceback__)).rstrip()
    _log(f"{what} a Deferred{f' named “{name}”' if name else ''}: {to_error(exception).message}\n{text}")
