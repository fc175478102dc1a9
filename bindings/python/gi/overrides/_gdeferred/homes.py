# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Calls into C that are for the home of an object, and that may come back to functions of Python's."""

from __future__ import annotations

from .batches import Base as _Base, exits, raise_exit


def enter(function, *args):
    """Calls what may call functions of Python's before it returns."""
    answer = function(*args)
    if exits:
        raise_exit()
    return answer


def _only_at_home(base, name, convert=None):
    ask = getattr(base, name)

    def method(self, *args):
        self._need_home(name)
        answer = enter(ask, self, *args)
        return answer if convert is None else convert(answer)

    method.__name__, method.__doc__ = name, ask.__doc__
    return method


def guard(cls, base, *names, convert=None):
    """Methods of C's say elsewhere, with a critical, that they are for the home; here that is an exception."""
    for name in names:
        setattr(cls, name, _only_at_home(base, name, convert))


class AtHome:
    """For objects that belong to a main context, as Deferreds do. Each keeps a Deferred that is never fired: who is at home
    for the one is at home for the other."""

    _home = None

    def _settle(self):
        self._home = _Base()

    def _need_home(self, function):
        if self._home is not None and not self._home.is_home():
            raise RuntimeError(f"{function}() is called in the thread of the main context where the object was made; push a "
                               "thread-default main context before making it")


def need_home_here(function):
    """What a function makes is to live where it is called."""
    if not _Base().is_home():
        raise RuntimeError(f"{function}() is called in a thread without a main context of its own, while another one runs the "
                           "default one; push a thread-default main context")
