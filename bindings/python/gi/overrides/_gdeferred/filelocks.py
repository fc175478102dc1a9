# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""The lock that programs share."""

from __future__ import annotations

import os

from gi.module import get_introspection_module
from gi.overrides import override
from gi.repository import GLib

from .deferred import Deferred
from .errors import from_error
from .homes import enter, guard
from .locks import Acquired, acquired, give_back

_GDeferred = get_introspection_module("GDeferred")
_BaseFileLock = _GDeferred.DeferredFileLock


@override
class DeferredFileLock(Acquired, _BaseFileLock):
    """A lock that programs share, by a file. If the one that has it ends, however it ends, the next one gets it. ::

        async with GDeferred.DeferredFileLock("/run/user/1000/backup.lock"):
            await back_up()
    """

    __module__ = "gi.overrides.GDeferred"

    def __init__(self, path: str | os.PathLike):
        _BaseFileLock.__init__(self, path=os.fsdecode(path))
        self._settle()

    def acquire(self) -> Deferred:
        """Gives a Deferred that fires when it is ours. To cancel that gives up waiting."""
        self._need_home("acquire")
        return acquired(self, _BaseFileLock.acquire, give_back)

    def try_acquire(self) -> bool:
        """Whether it is ours now. Raises :exc:`GLib.Error` if the file cannot be used."""
        self._need_home("try_acquire")
        try:
            return enter(_BaseFileLock.try_acquire, self)
        except GLib.Error as error:
            raise from_error(error) from None

    def release(self) -> None:
        """Gives it to who has waited longest in this program, or to another program."""
        self._need_home("release")
        if not self.get_locked():
            raise RuntimeError("release() of a lock that is not ours")
        enter(_BaseFileLock.release, self)


guard(DeferredFileLock, _BaseFileLock, "get_locked", "set_clock")
