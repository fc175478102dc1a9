# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Long work in the main loop, step by step."""

from __future__ import annotations

import threading
from types import GenericAlias
from typing import Iterable

from gi.module import get_introspection_module
from gi.overrides import override
from gi.repository import GLib

from .batches import leave_program
from .clocks import in_seconds, microseconds
from .coroutines import ensure_deferred, is_awaitable
from .deferred import Deferred
from .errors import without_first
from .homes import AtHome, enter, guard

_GDeferred = get_introspection_module("GDeferred")
_BaseCooperator = _GDeferred.DeferredCooperator
_BaseTask = _GDeferred.DeferredCooperativeTask


class _Work:
    """An iterator, as steps. What it raises is what a Deferred fails with that the task waits for: so it stays as it is."""

    def __init__(self, iterator):
        self.iterator = iterator
        self.result = None

    def __call__(self, task, *_):
        try:
            value = next(self.iterator)
            if is_awaitable(value):
                task.wait_for(ensure_deferred(value))
        except StopIteration as stop:
            self.result = stop.value
            return False
        except BaseException as exception:
            without_first(exception)
            task.wait_for(Deferred.fail(exception))
            if isinstance(exception, (KeyboardInterrupt, SystemExit)):
                leave_program(exception)
        return True


@override
class DeferredCooperativeTask(AtHome, _BaseTask):
    """Work that a cooperator does; :func:`cooperate` gives one."""

    __module__ = "gi.overrides.GDeferred"
    __class_getitem__ = classmethod(GenericAlias)
    _work = None
    _n_pauses = 0

    def pause(self) -> None:
        """Does nothing more until :meth:`resume` was called as often. Who pauses a task holds it."""
        self._need_home("pause")
        self._n_pauses += 1
        _BaseTask.pause(self)

    def resume(self) -> None:
        """Undoes one :meth:`pause`."""
        self._need_home("resume")
        if not self._n_pauses:
            raise RuntimeError("resume() without pause()")
        self._n_pauses -= 1
        enter(_BaseTask.resume, self)

    def when_done(self) -> Deferred:
        """Gives a Deferred that fires when the task has ended, with what its generator returned; or fails with what it raised.
        To cancel it only ends the wait."""
        self._need_home("when_done")
        return _BaseTask.when_done(self).add_callback(_result_of, self._work)


def _result_of(nothing, work):
    return nothing if work is None else work.result


guard(DeferredCooperativeTask, _BaseTask, "stop", "bind_owner")


@override
class DeferredCooperator(AtHome, _BaseCooperator):
    """Does long work in the main loop without holding it up: in each turn it takes steps for ``budget`` seconds, of one task
    after the other, and then leaves the turn to others."""

    __module__ = "gi.overrides.GDeferred"

    def __init__(self, budget: float = 0.005, priority: int = GLib.PRIORITY_DEFAULT_IDLE):
        _BaseCooperator.__init__(self, budget=microseconds(budget, "The budget"), priority=priority)
        self._settle()

    def cooperate(self, iterator: Iterable) -> DeferredCooperativeTask:
        """Adds a task: an iterator, a generator mostly, of which each item is a step. Where that is a Deferred, or something
        else that can be awaited, the next step comes when it has its result; other items are nothing."""
        self._need_home("cooperate")
        work = _Work(iter(iterator))
        task = enter(_BaseCooperator.cooperate, self, work)
        task._work = work
        task._settle()
        return task

    def get_budget(self) -> float:
        """For how long it takes steps in each turn, in seconds."""
        return in_seconds(_BaseCooperator.get_budget(self))


guard(DeferredCooperator, _BaseCooperator, "stop", "get_n_tasks")

_here = threading.local()


def cooperate(iterator: Iterable) -> DeferredCooperativeTask:
    """Does long work in the main loop without holding it up, in idle time, some milliseconds a turn. ::

        def index(names):
            for name in names:
                add_to_index(name)
                yield

        await GDeferred.cooperate(index(names)).when_done()

    Each item is a step; where it is a Deferred, or something else that can be awaited, the next step comes when it has its
    result. See :class:`DeferredCooperator`."""
    context = GLib.MainContext.ref_thread_default()
    if getattr(_here, "context", None) != context:
        _here.context, _here.cooperator = context, DeferredCooperator()
    return _here.cooperator.cooperate(iterator)
