# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Tasks that end together."""

from __future__ import annotations

import sys
from typing import Callable

from gi.module import get_introspection_module
from gi.overrides import override
from gi.repository import Gio, GLib

from .coroutines import call, fire
from .deferred import Deferred, _Base, _check_callable
from .errors import CancelledError
from .futures import Whose
from .homes import AtHome, enter, guard

_GDeferred = get_introspection_module("GDeferred")
_BaseGroup = _GDeferred.DeferredTaskGroup


def _is_cancel(exception):
    asyncio = sys.modules.get("asyncio")
    return isinstance(exception, CancelledError) or (asyncio is not None and isinstance(exception, asyncio.CancelledError))


class _Block:
    """What is inside of an ``async with``, as one of the tasks. ``deferred`` fires when the block has been left; that it is
    cancelled is no end of it, but interrupts it."""

    def __init__(self, coroutine):
        self.coroutine = coroutine
        self.interrupted = False
        self.deferred = Deferred(self.cancel)

    def cancel(self, deferred):
        rest = self.deferred = Deferred(self.cancel)
        _Base.follow(deferred, rest)
        if not self.interrupted:
            self.interrupted = True
            self.coroutine.interrupt()

    def end(self, group, exception):
        """Gives the exception that the block was left with, unless that was an interruption of ours."""
        deferred, self.deferred = self.deferred, None
        if self.interrupted and not self.coroutine.went_on() and _is_cancel(exception):
            exception = None
        if isinstance(exception, Exception) and not _is_cancel(exception):
            fire(deferred.errback, exception)  # which cancels the others
        else:
            fire(deferred.callback, None)
            if exception is not None:
                group.cancel()
        return exception


@override
class DeferredTaskGroup(AtHome, _BaseGroup):
    """Tasks that begin and end together: nothing that was started in the group is left running when the block is left. ::

        async with GDeferred.DeferredTaskGroup() as group:
            group.spawn(fetch, "a")
            group.spawn(fetch, "b")

    If one fails, the others are cancelled, and what the block awaits; the first failure is raised at the end of the block,
    once all have ended. If the block itself is cancelled, or raises, so are they."""

    __module__ = "gi.overrides.GDeferred"
    _block = None

    def __init__(self):
        _BaseGroup.__init__(self)
        self._settle()

    def spawn(self, function: Callable, /, *args, **kwargs) -> Deferred:
        """Calls ``function(*args, **kwargs)``, a coroutine function, or one that returns a Deferred, and gives a Deferred for what
        it comes to: the task. To cancel that cancels this task alone. In a group that was cancelled, or where a task has
        failed, the function is not called: the Deferred fails with :exc:`CancelledError`."""
        self._need_home("spawn")
        _check_callable(function, "The function")
        task = Deferred().add_callback(call, function, args, kwargs)
        if enter(_BaseGroup.add, self, task):
            task.callback()
            return task
        task.cancel()
        if self.is_closed() and not self.get_n_tasks():
            closed = "The task group has ended: start tasks before the last one has come to its end"
            return Deferred.fail(GLib.Error.new_literal(Gio.io_error_quark(), closed, Gio.IOErrorEnum.CLOSED))
        return Deferred.fail(CancelledError("The task group was cancelled, or one of its tasks has failed"))

    def add(self, task: Deferred) -> bool:
        """Makes a task of a Deferred that was there before. Whether it is one now: not if the group has ended, or was cancelled, or
        a task has failed; the Deferred goes on by itself then."""
        self._need_home("add")
        if not isinstance(task, _Base):
            raise TypeError(f"A task is to be a Deferred, not {type(task).__name__}")
        return enter(_BaseGroup.add, self, task)

    async def __aenter__(self) -> DeferredTaskGroup:
        if self._block is not None:
            raise RuntimeError("A task group serves one block only")
        self._block = _Block(await Whose())
        enter(_BaseGroup.add, self, self._block.deferred)
        return self

    async def __aexit__(self, _kind, exception, _traceback) -> bool:
        exception = self._block.end(self, exception)
        if isinstance(exception, GeneratorExit):
            return False  # nothing can be awaited
        try:
            await self.close()
        except BaseException as error:
            # What the block was left with tells more than that the group was cancelled for it.
            if exception is None or not (error is exception or _is_cancel(error) or _is_cancel(exception)):
                raise
        return False


guard(DeferredTaskGroup, _BaseGroup, "close", "cancel", "get_n_tasks", "is_closed")
