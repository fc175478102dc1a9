# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""The Deferred: callbacks, cancellers and results are kept with the Python object, where the collector sees them; the chain
itself is in C."""

from __future__ import annotations

import sys
import threading
from types import GenericAlias
from typing import Any, Callable, Mapping, Sequence

from gi.module import get_introspection_module
from gi.overrides import override
from gi.repository import GLib

from .batches import Base as _Base, END, ID, Kept, TRAP, exits, raise_exit, watch
from .errors import AlreadyCalledError, from_error, give_class, let_go, report, to_error
from .homes import guard
from .values import boxed, from_value, to_value

_GDeferred = get_introspection_module("GDeferred")
DeferredState = _GDeferred.DeferredState
_REFUSED = int(_GDeferred.DeferredDispatched.REFUSED)
_JOINED = int(_GDeferred.DeferredDispatched.JOINED)
_NOT_FIRED, _ACCEPTED = int(_GDeferred.DeferredFired.REFUSED), int(_GDeferred.DeferredFired.ACCEPTED)

_add_dispatched = _Base.add_dispatched
_callback_kept = _Base.callback_kept


class _Thread(threading.local):
    """``me`` is one's own for good; the numbers of threads come back when they have ended."""

    def __init__(self):
        self.me = object()


_thread = _Thread()


def _check_callable(function, what, none_too=False):
    if not callable(function) and not (none_too and function is None):
        raise TypeError(f"{what} is to be callable{' or None' if none_too else ''}, not {type(function).__name__}")


@override
class Deferred(_GDeferred.Deferred):
    """A result that is not there yet, and the chain of callbacks that will see it.

    A function that cannot answer at once returns a Deferred. Its caller adds callbacks, for success, and errbacks, for
    failure; the producer fires it, once, with :meth:`callback` or :meth:`errback`. Each function is called with what the
    one before returned or raised; one that returns a Deferred, or a coroutine, makes the chain wait for it. ::

        d = GDeferred.Deferred()
        d.add_callback(lambda number: number * 2)
        d.add_callback(print)
        d.callback(21)

    A Deferred can be awaited, as often as one likes.

    ``canceller``, if given, is called with the Deferred when it is cancelled before it fired."""

    __module__ = "gi.overrides.GDeferred"  # where override() looks for what it replaces
    __class_getitem__ = classmethod(GenericAlias)
    _kept: Kept | None = None

    def __init__(self, canceller: Callable[[Deferred], Any] | None = None):
        _Base.__init__(self)
        if canceller is not None:
            _check_callable(canceller, "The canceller")
            self._set_canceller(canceller)

    def __del__(self, is_finalizing=sys.is_finalizing):
        kept = self._kept
        if kept is None or is_finalizing():
            return
        if not (kept.n_batches or (kept.kept and kept.failed)) or self.__grefcount__ > 1:
            return  # There is nothing to do, or C holds it still: with newer PyGObjects, our object goes all the same.
        if kept.n_batches:
            # Nobody will fire it, so those who wait are told, from the loop. That keeps it, and us, until then.
            kept.abandoned = True
            self.abandon()
        elif self.is_home():
            self._report()
        else:
            self.invoke(Deferred._report)

    def _report(self, *_):
        if self.take_unhandled():
            report(self._exception(), self)

    def _set_canceller(self, canceller):
        kept = self._kept
        if kept is None:
            kept = self._kept = Kept()
        kept.canceller = canceller
        self.set_dispatched_canceller(ID)

    # --- adding ---

    def _refuse_thread(self, what):
        raise RuntimeError(f"{what} in the thread of the Deferred's main context; push a thread-default main context "
                           "before making it, or hand it over with hand_over()")

    def _need_home(self, function):
        kept = self._kept
        if (kept is None or kept.thread is not _thread.me) and not self.is_home():
            self._refuse_thread(f"{function}() is called")

    def add_callbacks(self, callback: Callable | None, errback: Callable | None = None,
                      callback_args: Sequence[Any] = (), callback_kwargs: Mapping[str, Any] | None = None,
                      errback_args: Sequence[Any] = (),
                      errback_kwargs: Mapping[str, Any] | None = None) -> Deferred:
        """Adds a pair: on success ``callback(result, *callback_args, **callback_kwargs)`` is called, on failure
        ``errback(exception, *errback_args, **errback_kwargs)``. ``None`` lets the outcome through. What the callback
        raises goes to the next errback, not to this one."""
        _check_callable(callback, "The callback", True)
        _check_callable(errback, "The errback", True)
        return _add(self, (callback, callback_args, callback_kwargs,
                           errback, errback_args, errback_kwargs))

    def add_callback(self, callback: Callable, /, *args, **kwargs) -> Deferred:
        """Adds a function for success: ``callback(result, *args, **kwargs)``. What it returns is the next result."""
        if not callable(callback):
            _check_callable(callback, "The callback")
        return _add(self, (callback, args, kwargs, None, None, None))

    def add_errback(self, errback: Callable, /, *args,
                    when: type[BaseException] | tuple[type[BaseException], ...] | None = None, **kwargs) -> Deferred:
        """Adds a function for failure: ``errback(exception, *args, **kwargs)``. With ``when``, an exception class or a
        tuple of some, it is called for these alone. If it returns, the chain goes on with what it returned."""
        _check_callable(errback, "The errback")
        if when is not None:
            return _add(self, (None, None, None, TRAP, (_kinds(when), errback, args), kwargs))
        return _add(self, (None, None, None, errback, args, kwargs))

    def add_both(self, function: Callable, /, *args, **kwargs) -> Deferred:
        """Adds a function for both: ``function(result_or_exception, *args, **kwargs)``. :attr:`failed` says which."""
        _check_callable(function, "The function")
        return _add(self, (function, args, kwargs, function, args, kwargs))

    def _watch(self, function):
        """Adds ``function(value, failed)``, which takes no part in the chain, but for having heard of a failure."""
        return _add(self, (watch, (function, False), None, watch, (function, True), None))

    def _adopt(self):
        """Has the outcome brought to Python, where a failure has its traceback."""
        return _add(self, (None, None, None, None, None, None))

    # --- D-Bus ---

    def answer_invocation(self, invocation: Any) -> None:
        """Answers the call of a D-Bus method with what this comes to: a ``GLib.Variant`` is the whole answer, a tuple, or its only
        value; a list of strings an array; other values go as C knows them. If the caller leaves, this is cancelled."""
        answer = Deferred(lambda _answer: self.cancel())

        def ended(value, failed):
            try:
                if failed:
                    answer.errback(value)
                elif isinstance(value, GLib.Variant):
                    answer.callback_variant(value)
                elif isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value):
                    answer.callback_variant(GLib.Variant("(as)", (list(value),)))
                else:
                    answer.callback(value)
            except AlreadyCalledError:
                pass  # the caller has left

        self._watch(ended)
        _Base.answer_invocation(answer, invocation)

    # --- firing ---

    def _at_home(self):
        kept = self._kept
        if kept is None:
            if not self.is_home():
                return None
            kept = self._kept = Kept()
        elif not self.is_home():
            return None
        kept.thread = _thread.me
        return kept

    def callback(self, result: Any = None) -> None:
        """Fires it with a result, of any kind but a Deferred. From another thread, the callbacks are called in its home.

        Raises :exc:`AlreadyCalledError` if it was fired before."""
        if isinstance(result, _Base):
            raise TypeError("A Deferred cannot be fired with a Deferred: return it from a callback instead")
        kept = self._kept
        if kept is None or kept.thread is not _thread.me:
            kept = self._at_home()
        if kept is None:
            return self._fire_from_elsewhere(_Base.callback, None if result is None else to_value(result))
        was_fired = kept.has
        if not was_fired:
            kept.value, kept.has, kept.kept = result, True, True
        answer = _callback_kept(self, ID)
        if answer != _ACCEPTED:
            self._refused(kept, was_fired, answer)
        elif kept.canceller is not None:
            kept.canceller = None
        if exits:
            raise_exit()

    def _refused(self, kept, was_fired, answer):
        if not was_fired:
            kept.clear()
        if answer == _NOT_FIRED:
            raise AlreadyCalledError()

    def errback(self, exception: BaseException) -> None:
        """Fires it with a failure. Raises :exc:`AlreadyCalledError` if it was fired before."""
        if not isinstance(exception, BaseException):
            raise TypeError(f"A Deferred fails with an exception, not {type(exception).__name__}")
        give_class(exception)
        let_go(exception)
        error = to_error(exception)
        kept = self._at_home()
        if kept is None:
            return self._fire_from_elsewhere(_Base.errback_full, error, boxed(exception))
        was_fired = kept.has
        if not was_fired:
            kept.set(exception, True)
        answer = self.errback_kept(ID, error)
        if answer != _ACCEPTED:
            self._refused(kept, was_fired, answer)
        elif kept.canceller is not None:
            kept.canceller = None
        if exits:
            raise_exit()

    def _fire_from_elsewhere(self, fire, *outcome):
        try:
            fire(self, *outcome)
        except GLib.Error as error:
            raise from_error(error) from None

    @classmethod
    def succeed(cls, result: Any = None) -> Deferred:
        """One that was fired with a result."""
        self = cls()
        self.callback(result)
        return self

    @classmethod
    def fail(cls, exception: BaseException) -> Deferred:
        """One that was fired with a failure."""
        self = cls()
        self.errback(exception)
        return self

    # --- looking at it ---

    @property
    def called(self) -> bool:
        """Whether it was fired."""
        return self.get_state() != DeferredState.PENDING

    @property
    def state(self) -> DeferredState:
        """What it is doing, a :class:`DeferredState`."""
        return self.get_state()

    @property
    def paused(self) -> bool:
        """Whether it is paused."""
        return self.get_paused()

    @property
    def name(self) -> str | None:
        """A name for reports."""
        return self.get_name()

    @name.setter
    def name(self, name):
        self.set_name(name)

    @property
    def failed(self) -> bool:
        """Whether it holds a failure now; inside a callback, whether it was called for one."""
        kept = self._kept
        return kept.failed if kept is not None and kept.has else self.get_error() is not None

    @property
    def result(self) -> Any:
        """What it holds now: a result or an exception; inside a callback, what this was called with. ``None`` while there
        is nothing."""
        kept = self._kept
        if kept is not None and kept.has:
            return kept.value
        exception = self._exception()
        return self.get_result() if exception is None else exception

    def _exception(self):
        kept = self._kept
        if kept is not None and kept.has:
            return kept.value if kept.failed else None
        error = self.get_error()
        if error is None:
            return None
        payload = self.get_payload()
        return payload if isinstance(payload, BaseException) else from_error(error)

    # --- the rest of it ---

    def cancel(self) -> None:
        """Cancels what would have fired it: its canceller is called, or that of the Deferred that it waits for. What is not
        fired by that fails with :exc:`CancelledError`."""
        _Base.cancel(self)
        if exits:
            raise_exit()

    def unpause(self) -> None:
        """Undoes one :meth:`pause`."""
        if not self.get_paused():
            raise RuntimeError("unpause() without pause()")
        _Base.unpause(self)
        if exits:
            raise_exit()

    def fork(self) -> Deferred:
        """Another Deferred, which sees the outcome at this point of the chain."""
        self._need_home("fork")
        return _Base.fork(self)._adopt()

    def chain_deferred(self, other: Deferred) -> Deferred:
        """Has another Deferred fired with the outcome at this point of the chain, which goes on with nothing."""
        if not isinstance(other, _Base):
            raise TypeError(f"Only a Deferred can be chained to, not {type(other).__name__}")
        if other is self:
            raise ValueError("A Deferred cannot be chained to itself")
        self._need_home("chain_deferred")
        _Base.chain_deferred(self, other)
        if exits:
            raise_exit()
        return self

    def set_progress(self, fraction: float, text: str | None = None) -> None:
        """Tells how far it got, from 0 to 1, and what it is at, for a person to read. From any thread."""
        if not 0 <= fraction <= 1:
            raise ValueError(f"A fraction from 0 to 1 is wanted, not {fraction}")
        _Base.set_progress(self, fraction, text)

    def hand_over(self, context: GLib.MainContext | None) -> None:
        """Moves it to another main context."""
        self._need_home("hand_over")
        if self._kept is not None:
            self._kept.thread = None
        _Base.hand_over(self, context)


guard(Deferred, _Base, "bind_owner", "describe", "get_boolean", "get_double", "get_error", "get_int", "get_int64", "get_name",
      "get_object", "get_paused", "get_pending", "get_progress", "get_progress_text", "get_state",
      "get_string", "get_variant", "get_waiting_on", "is_finished", "is_heeded", "link_cancellable", "pause", "set_name",
      "wait_async")
guard(Deferred, _Base, "get_payload", "get_result", convert=from_value)


def _refuse_moved(self, kept):
    """Its main context has moved to another thread since we looked."""
    kept.thread = None
    self._refuse_thread("Callbacks are added")


def _add(self, pair):
    kept = self._kept
    if kept is None or kept.thread is not _thread.me:
        if not self.is_home():
            self._refuse_thread("Callbacks are added")
        if kept is None:
            kept = self._kept = Kept()
        kept.thread = _thread.me

    if kept.n_batches:
        answer = _add_dispatched(self, ID, True)
        if answer == _REFUSED:
            _refuse_moved(self, kept)
        if answer != _JOINED:
            kept.n_batches += 1
            kept.pairs.append(END)
        kept.pairs.append(pair)
        return self

    # No call comes between these, nor a signal that would tear them apart.
    kept.n_batches = 1
    kept.pairs += (pair,)
    if _add_dispatched(self, ID, False) == _REFUSED:
        kept.end_batch()
        _refuse_moved(self, kept)
    if exits:
        raise_exit()
    return self


def _kinds(when):
    kinds = when if isinstance(when, tuple) else (when,)
    for kind in kinds:
        if not (isinstance(kind, type) and issubclass(kind, BaseException)):
            raise TypeError(f"when is to be an exception class, or a tuple of some, not {when!r}")
    return kinds


def outcome_of(self):
    """What a finished one holds, and whether that is a failure, which counts as handled."""
    kept = self._kept
    if kept is not None and kept.has:
        value, failed = kept.value, kept.failed
    else:
        value = self._exception()
        failed = value is not None
        if not failed:
            value = self.get_result()
    if failed:
        self.take_unhandled()
    return value, failed


def take(self):
    """The result of a finished one; or raises its failure."""
    value, failed = outcome_of(self)
    if failed:
        raise value
    return value


