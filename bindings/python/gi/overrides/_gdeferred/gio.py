# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Asynchronous functions in GIO's manner, as functions that return Deferreds; child processes."""

from __future__ import annotations

import collections
import functools
import importlib
import inspect
from typing import Any, Callable, Sequence

from gi.repository import Gio, GLib

from .batches import Base as _Base
from .deferred import Deferred
from .errors import AlreadyCalledError, from_error, without_first
from .homes import guard, need_home_here

guard(Deferred, _Base, "bind_peer", "export_job")

_FunctionInfo = type(Gio.bus_get)
_INTERFACE = 16  # GITypeTag


class _Function:
    """What has to be known of an asynchronous function."""

    def __init__(self, name, callback, cancellable, find_finish):
        self.name = name
        self.callback = callback  # the names of the two arguments; there may be no cancellable
        self.cancellable = cancellable
        self._find_finish = find_finish

    @functools.cached_property
    def finish(self):
        """How to call the finish function: with the source object, if any, and the result."""
        return self._find_finish(self.name)


def _names_of_finish(name):
    """Names that the finish function of a function may have. What gives its bytes in another form shares that of another."""
    stem = name.removesuffix("_async")
    while stem:
        yield stem + "_finish"
        stem = stem.rpartition("_")[0]


# --- functions of libraries ---

def _info_of(function):
    """What is known of a function of a library, None for others. Newer PyGObject binds it to its object as Python does."""
    function = getattr(function, "__func__", function)
    return function if isinstance(function, _FunctionInfo) else None


def _type_of(argument):
    """Newer PyGObject has another name for it."""
    get = getattr(argument, "get_type_info", None) or argument.get_type
    return get()


def _length_of(kind):
    """The number of the argument that has the length of an array, if any; this too has another name there."""
    get = getattr(kind, "get_array_length_index", None) or kind.get_array_length
    return get()


def _argument_of_type(info, namespace, name):
    """The name of the last argument that is of that type, if there is one."""
    for argument in reversed(info.get_arguments()):
        kind = _type_of(argument)
        if kind.get_tag() != _INTERFACE:
            continue
        interface = kind.get_interface()
        if (interface.get_namespace(), interface.get_name()) == (namespace, name):
            return argument.get_name()
    return None


def _callback_of(info):
    """The name of the argument that is called when it is done. Where a function takes several callbacks, newer GLib has
    them as closures."""
    callback = _argument_of_type(info, "Gio", "AsyncReadyCallback")
    if callback is None:
        closure = _argument_of_type(info, "GObject", "Closure")
        if closure is not None and closure.endswith("callback_closure"):
            callback = closure
    return callback


def _place_of(info):
    """The class or the module that has the function."""
    module = importlib.import_module("gi.repository." + info.get_namespace())
    container = info.get_container()
    return module if container is None else getattr(module, container.get_name())


def _names_of_values(info):
    """Those of the out arguments that Python gives."""
    arguments = info.get_arguments()
    kinds = map(_type_of, arguments)
    lengths = {_length_of(kind) for kind in kinds if kind.get_tag_as_string() == "array"}
    return [argument.get_name() for number, argument in enumerate(arguments)
            if argument.get_direction() != 0 and number not in lengths]


def _unpacker(info):
    """Gives the values, without the boolean in front of them that says only that there was no error."""
    names = _names_of_values(info)
    has_verdict = bool(names) and info.can_throw_gerror() and info.get_return_type().get_tag_as_string() == "gboolean"
    if not has_verdict:
        return lambda values: values
    if len(names) == 1:
        return lambda values: values[1]
    kind = collections.namedtuple(info.get_name().removesuffix("_finish"), names, rename=True)
    return lambda values: kind(*values[1:])


def _calls_finish(info, function):
    unpack = _unpacker(info)
    if info.is_method():
        return lambda source, result: unpack(function(source, result))
    return lambda source, result: unpack(function(result))


def _find_finish(info, name):
    place = _place_of(info)
    for candidate in _names_of_finish(name):
        function = getattr(place, candidate, None)
        if isinstance(function, _FunctionInfo):
            return _calls_finish(function, function)
        if function is not None:
            return lambda source, result: getattr(source, candidate)(result)
    raise TypeError(f"No finish function of {name}() can be found: name it with finish=")


_known: dict = {}


def _library_function(info):
    symbol = info.get_symbol()
    known = _known.get(symbol)
    if known is None:
        callback = _callback_of(info)
        if callback is None:
            raise TypeError(f"{info.get_name()}() is not asynchronous in GIO's manner: it takes no AsyncReadyCallback")
        known = _known[symbol] = _Function(info.get_name(), callback, _argument_of_type(info, "Gio", "Cancellable"),
                                           functools.partial(_find_finish, info))
    return known


# --- functions in Python ---

def _find_finish_in_python(function, name):
    place = getattr(function, "__self__", None)
    if place is None:
        raise TypeError(f"No finish function of {name}() can be found: name it with finish=")
    for candidate in _names_of_finish(name):
        found = getattr(place, candidate, None)
        if found is not None:
            return lambda source, result: found(result)
    raise TypeError(f"No finish function of {name}() can be found: name it with finish=")


def _python_function(function):
    parameters = inspect.signature(function).parameters
    takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    if "callback" not in parameters and not takes_all:
        raise TypeError(f"{function!r} is not asynchronous in GIO's manner: it takes no argument named callback")
    name = getattr(function, "__name__", repr(function))
    cancellable = "cancellable" if "cancellable" in parameters or takes_all else None
    return _Function(name, "callback", cancellable, functools.partial(_find_finish_in_python, function))


# --- wrapping ---

def _fire(deferred, finish, source, result):
    try:
        try:
            value = finish(source, result)
        except GLib.Error as error:
            deferred.errback(from_error(error))
        except BaseException as exception:
            without_first(exception)
            deferred.errback(exception)
        else:
            deferred.callback(value)
    except AlreadyCalledError:
        pass  # Somebody else has fired it meanwhile.


def wrap(function: Callable, /, finish: Callable[[Any, Gio.AsyncResult], Any] | None = None) -> Callable[..., Deferred]:
    """Makes a function that returns a Deferred of an asynchronous one in GIO's manner: ::

        load = GDeferred.wrap(file.load_contents_async)
        contents, etag = await load()

    It takes the arguments of ``function`` without the cancellable and the callback, by position or by name. The finish
    function is found by itself, by its name; if it has another one, give it as ``finish``, which is called with the source
    object and the result.

    The Deferred fires with what the finish function gives: one value, or a tuple of several, whose parts have names; a
    ``True`` in front of them is left out. What it raises is the failure. Cancelling the Deferred cancels a
    :class:`Gio.Cancellable` that is made for the call."""
    if not callable(function):
        raise TypeError(f"The function is to be callable, not {type(function).__name__}")
    if finish is not None and not callable(finish):
        raise TypeError(f"The finish function is to be callable or None, not {type(finish).__name__}")
    info = _info_of(function)
    known = _python_function(function) if info is None else _library_function(info)
    finish = finish or known.finish

    def call(*args, **kwargs):
        deferred = Deferred()
        if known.cancellable is not None:
            kwargs[known.cancellable] = deferred.get_cancellable()
        kwargs[known.callback] = lambda source, result, *_: _fire(deferred, finish, source, result)
        function(*args, **kwargs)
        return deferred

    call.__name__ = call.__qualname__ = known.name
    call.__doc__ = f"As :func:`{known.name}`, with a Deferred in place of its cancellable and its callback."
    return call


# --- child processes ---

def run_process(argv: Sequence[str], input: bytes | str | None = None) -> Deferred:
    """Runs a program to its end, with ``input`` to read. The Deferred fires with a :class:`DeferredProcessOutput`.

    If the program ends with another status than 0, or by a signal, it fails with a :exc:`GLib.Error` whose ``output`` is
    what it left all the same. To cancel the Deferred kills it."""
    if isinstance(argv, str):
        raise TypeError("The program and its arguments are to be a list, not one str")
    if isinstance(input, str):
        input = input.encode()
    need_home_here("run_process")
    made = _Base.run_process(list(argv), None if input is None else GLib.Bytes.new(input))

    def keep_output(exception):
        exception.output = made.get_process_output()
        raise exception

    return made.add_errback(keep_output)
