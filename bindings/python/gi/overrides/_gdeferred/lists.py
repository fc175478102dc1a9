# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Many at once: lists of Deferreds, and of their outcomes."""

from __future__ import annotations

from typing import Any, Awaitable, Iterable

from gi.module import get_introspection_module
from gi.overrides import override

from .coroutines import check_awaitable, ensure_deferred, is_awaitable
from .deferred import Deferred, _Base
from .errors import AllFailed, CancelledError, FirstError, from_error
from .homes import enter, need_home_here
from .values import from_value

_GDeferred = get_introspection_module("GDeferred")
_BaseList = _GDeferred.DeferredList
_BaseResults = _GDeferred.DeferredResults
_Flags = _GDeferred.DeferredListFlags


@override
class DeferredResults(_BaseResults):
    """The outcomes of many, as functions in C fire with them; those of Python make lists of them."""

    __module__ = "gi.overrides.GDeferred"

    def get_value(self, index: int) -> Any:
        """The value there, ``None`` if there is none."""
        return from_value(_BaseResults.get_value(self, index))

    def get_exception(self, index: int) -> BaseException | None:
        """The exception there, ``None`` if there is none."""
        error = self.get_error(index)
        if error is None:
            return None
        payload = from_value(self.get_payload(index))
        return payload if isinstance(payload, BaseException) else from_error(error)


@override
class DeferredList(_BaseList):
    """Waits for all of several: fires with a list of ``(success, result_or_exception)``, in the order in which they were
    given. ::

        d = GDeferred.DeferredList([first, second])
        d.add_callback(lambda outcomes: [value for success, value in outcomes if success])

    Each may be a Deferred, a coroutine or another awaitable. With ``fire_on_one_callback`` it fires with ``(result, index)``
    of the first that succeeds. With ``fire_on_one_errback`` it fails with the :exc:`FirstError`. With ``consume_errors`` the
    failures go no further in the Deferreds that are waited for. With ``cancel_rest`` those that are left are cancelled when
    one has decided.

    To cancel it cancels all that it waits for."""

    __module__ = "gi.overrides.GDeferred"

    def __new__(cls, deferreds: Iterable[Awaitable], fire_on_one_callback: bool = False, fire_on_one_errback: bool = False,
                consume_errors: bool = False, cancel_rest: bool = False) -> DeferredList:
        flags = _flags(fire_on_one_callback=fire_on_one_callback, fire_on_one_errback=fire_on_one_errback,
                       consume_errors=consume_errors, cancel_rest=cancel_rest)
        return _adopt(_BaseList.new, [deferreds], _outcomes_or_one, _first_error, flags)

    def __init__(self, deferreds: Iterable[Awaitable], fire_on_one_callback: bool = False, fire_on_one_errback: bool = False,
                 consume_errors: bool = False, cancel_rest: bool = False):
        pass


# --- what is given ---

def _flags(**wanted):
    flags = _Flags.DEFAULT
    for name, is_wanted in wanted.items():
        if is_wanted:
            flags |= getattr(_Flags, name.upper())
    return flags


def parts_of(awaitables):
    """Deferreds of what a function is given: several, or one iterable of them."""
    if len(awaitables) == 1 and not is_awaitable(awaitables[0]):
        try:
            awaitables = list(awaitables[0])
        except TypeError:
            check_awaitable(awaitables[0])
    for awaitable in awaitables:
        check_awaitable(awaitable)
    return [ensure_deferred(awaitable) for awaitable in awaitables]


def _adopt(make, awaitables, on_success, on_failure, *flags):
    """What C makes of them, with results as Python has them."""
    need_home_here(make.__name__)
    made = enter(make, parts_of(awaitables), *flags)
    # It holds what it calls: so that does not hold it. A weak reference to our object would not do: with newer PyGObjects
    # that goes before what C holds.
    args = (made.weak_ref(),)
    return made.add_callbacks(on_success, on_failure, args, None, args)


# --- what comes of it ---

def _values(results, _made=None):
    get = results.get_value
    return [get(index) for index in range(results.get_length())]


def _outcomes(results, _made=None):
    outcomes = []
    for index in range(results.get_length()):
        exception = results.get_exception(index) if results.get_n_failed() else None
        outcomes.append((True, results.get_value(index)) if exception is None else (False, exception))
    return outcomes


def _outcomes_or_one(value, made):
    index = made().get_index()
    return _outcomes(value) if index < 0 else (value, index)


def _with_index(value, made):
    return made().get_index(), value


def _first_error(exception, made):
    index = made().get_index()
    if index < 0 or (isinstance(exception, CancelledError) and made().is_cancelled()):
        raise exception
    raise FirstError(exception, index)


def _all_failed(exception, made):
    results = made().get_results()
    if results is None:
        raise exception
    raise AllFailed([results.get_exception(index) for index in range(results.get_length())])


# --- the functions ---

def gather(*deferreds: Awaitable | Iterable[Awaitable], cancel_rest: bool = False,
           consume_errors: bool = False) -> Deferred:
    """Waits for all of several, or of an iterable, and fires with the list of their results, in the order in which they
    were given. ::

        sizes = await GDeferred.gather(map(size_of, names))

    The first that fails fails it, with a :exc:`FirstError` that has the exception and the index; with ``cancel_rest`` the
    others are cancelled then. Of those that fail later each is told as one that nobody handled, unless somebody does, or
    with ``consume_errors``. To cancel it cancels all of them."""
    flags = _flags(cancel_rest=cancel_rest, consume_errors=consume_errors)
    return _adopt(_Base.gather, deferreds, _values, _first_error, flags)


def race(*deferreds: Awaitable | Iterable[Awaitable]) -> Deferred:
    """Waits for the first of several, or of an iterable, that fires: fires with its ``(index, result)``, or fails with a
    :exc:`FirstError`. The others are cancelled. With nothing to wait for it fails."""
    return _adopt(_Base.race, deferreds, _with_index, _first_error)


def any(*deferreds: Awaitable | Iterable[Awaitable]) -> Deferred:
    """Waits for the first of several, or of an iterable, that succeeds, and fires with its result; the others are cancelled.
    If all fail, so does it, with :exc:`AllFailed`. With nothing to wait for it fails, too."""
    return _adopt(_Base.any, deferreds, None, _all_failed)


def settled(*deferreds: Awaitable | Iterable[Awaitable]) -> Deferred:
    """Waits for all of several, or of an iterable, however they end: fires with a list of ``(success,
    result_or_exception)``, in the order in which they were given."""
    return _adopt(_Base.settled, deferreds, _outcomes, None)


def add_part(self, part: Deferred, weight: float = 1.0) -> None:
    """Has the progress of this one follow that of its parts, each by its weight. A part that is finished counts as 1."""
    self._need_home("add_part")
    if not isinstance(part, _Base):
        raise TypeError(f"A part is to be a Deferred, not {type(part).__name__}")
    if not weight > 0:
        raise ValueError(f"The weight of a part is to be more than 0, not {weight}")
    enter(_Base.add_part, self, part, weight)


Deferred.add_part = add_part
