# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Events and latches: what one tells others."""

from __future__ import annotations

from gi.module import get_introspection_module
from gi.overrides import override

from .homes import AtHome, enter, guard

_GDeferred = get_introspection_module("GDeferred")
_BaseEvent = _GDeferred.DeferredEvent
_BaseLatch = _GDeferred.DeferredLatch


@override
class DeferredEvent(AtHome, _BaseEvent):
    """Something that has happened, or not yet: those that wait go on when it is set, and until it is cleared nobody waits. ::

        await event.wait()
    """

    __module__ = "gi.overrides.GDeferred"

    def __init__(self):
        _BaseEvent.__init__(self)
        self._settle()


guard(DeferredEvent, _BaseEvent, "set", "clear", "is_set", "wait", "get_n_waiting")


@override
class DeferredLatch(AtHome, _BaseLatch):
    """Opens when it was counted down so many times, and stays open. ::

        await latch.wait()
    """

    __module__ = "gi.overrides.GDeferred"

    def __init__(self, count: int):
        if count < 0:
            raise ValueError(f"The count of a latch is to be at least 0, not {count}")
        _BaseLatch.__init__(self, count=count)
        self._settle()

    def count_down(self) -> None:
        """Counts down by one; at 0 those that wait go on."""
        self._need_home("count_down")
        if not self.get_count():
            raise RuntimeError("count_down() of a latch that is open")
        enter(_BaseLatch.count_down, self)


guard(DeferredLatch, _BaseLatch, "get_count", "wait")
