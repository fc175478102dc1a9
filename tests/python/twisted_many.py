# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Two worlds behind one interface, Twisted's and ours, of what stands on Deferreds; and where they differ on purpose."""

import os
import tempfile
from dataclasses import dataclass
from typing import Any, Callable

from common import D, GDeferred, GLib
from twisted.internet import defer, task
from twisted.logger import globalLogBeginner

globalLogBeginner.beginLoggingTo([], redirectStandardIO=False, discardBuffer=True)


class World:
    """What both do alike. In a trace an error is the name of its class."""

    def __init__(self):
        self.by_acquire = 0  # held, and to be released by hand

    def canceller(self, trace, name, chance):
        """Some do nothing, some answer."""
        answer = chance.choice([None, None, self.fire, self.fail])
        if chance.random() < 0.3:
            return None

        def cancel(d):
            trace.append(name)
            if answer is not None:
                answer(d, name)

        return cancel

    def word(self, value):
        if isinstance(value, (list, tuple)):
            return [self.word(each) for each in value]
        value = getattr(value, "value", value)  # of a Failure
        if isinstance(value, (defer.FirstError, GDeferred.FirstError)):
            inner = value.exception if isinstance(value, GDeferred.FirstError) else value.subFailure.value
            return ["FirstError", value.index, self.word(inner)]
        if isinstance(value, (task.LoopingCall, GDeferred.DeferredLoopingCall)):
            return "itself"
        if type(value) is GLib.Error:
            return "GLib.Error"
        return type(value).__name__ if isinstance(value, BaseException) else value

    def quietly(self, function, *args):
        try:
            function(*args)
        except (defer.AlreadyCalledError, GDeferred.AlreadyCalledError):
            pass

    def cancel(self, d, _number=None):
        d.cancel()

    def fire(self, d, value):
        self.quietly(d.callback, value)

    def fail(self, d, value):
        self.quietly(d.errback, ValueError(value))

    def acquire(self, lock, acquired, trace, name):
        d = lock.acquire()

        def granted(_lock):
            self.by_acquire += 1
            acquired()

        self.add(d, granted, lambda error: trace.append((name, self.word(error))))
        return d

    def release(self, lock):
        lock.release()

    def run(self, lock, function, ended, trace, name):
        def work():
            d = function()
            self.add_both(d, lambda value: (ended(), value)[1])
            return d

        d = lock.run(work)
        self.add(d, lambda value: trace.append((name, value)), lambda error: trace.append((name, self.word(error))))
        return d


class Twisted(World):
    def new(self, canceller=None):
        return defer.Deferred(canceller)

    def add(self, d, callback, errback):
        d.addCallbacks(callback, errback)

    def add_both(self, d, function):
        d.addBoth(function)

    def trace(self, d, trace, name, pass_on=False):
        d.addBoth(lambda value: trace.append((name, self.word(value))) or (value if pass_on else None))

    def list(self, parts, callback, errback, consume):
        return defer.DeferredList(parts, callback, errback, consume)

    lock, semaphore = staticmethod(defer.DeferredLock), staticmethod(defer.DeferredSemaphore)

    def queue(self, size, backlog):
        return defer.DeferredQueue(size, backlog)

    def put(self, queue, value):
        try:
            queue.put(value)
        except defer.QueueOverflow:
            return "QueueOverflow"
        return None

    def get(self, queue, trace, name):
        try:
            d = queue.get()
        except defer.QueueUnderflow:
            trace.append((name, "QueueUnderflow"))
            return None
        self.trace(d, trace, name)
        return d

    def timeout(self, d, seconds, clock):
        d.addTimeout(seconds, clock.clock)

    class clock:
        def __init__(self):
            self.clock = task.Clock()

        def now(self):
            return self.clock.seconds()

        def advance(self, seconds):
            self.clock.advance(seconds)

        def call_later(self, seconds, function):
            self.clock.callLater(seconds, function)

    class looping_call:
        def __init__(self, function, clock):
            self.call = task.LoopingCall(function)
            self.call.clock = clock.clock
            self.start, self.stop, self.reset = self.call.start, self.call.stop, self.call.reset

        def running(self):
            return self.call.running

        def is_active(self):
            return self.call.running or self.call._deferred is not None


class Ours(World):
    def new(self, canceller=None):
        return D(canceller)

    def add(self, d, callback, errback):
        d.add_callbacks(callback, errback)

    def add_both(self, d, function):
        d.add_callbacks(function, lambda error: _raise(function(error)))

    def trace(self, d, trace, name, pass_on=False):
        def look(value):
            trace.append((name, self.word(value)))
            if pass_on and d.failed:
                raise value
            return value if pass_on else None

        d.add_both(look)

    def list(self, parts, callback, errback, consume):
        return GDeferred.DeferredList(parts, callback, errback, consume)

    lock, semaphore = staticmethod(GDeferred.DeferredLock), staticmethod(GDeferred.DeferredSemaphore)

    def queue(self, size, backlog):
        return GDeferred.DeferredQueue(size, backlog)

    def put(self, queue, value):
        try:
            queue.put_nowait(value)
        except GDeferred.QueueOverflow:
            return "QueueOverflow"
        return None

    def get(self, queue, trace, name):
        d = queue.get()
        is_refused = d.failed
        self.trace(d, trace, name)
        return None if is_refused else d

    def timeout(self, d, seconds, clock):
        d.add_timeout(seconds, clock.clock)

    class clock:
        def __init__(self):
            self.clock = GDeferred.DeferredClock()

        def now(self):
            return self.clock.get_time()

        def advance(self, seconds):
            self.clock.advance(seconds)

        def call_later(self, seconds, function):
            self.clock.call_later(seconds, function)

    class looping_call:
        def __init__(self, function, clock):
            self.call = GDeferred.DeferredLoopingCall(function)
            self.call.clock = clock.clock
            self.start, self.stop, self.reset = self.call.start, self.call.stop, self.call.reset

        def running(self):
            return self.call.running

        def is_active(self):
            return not self.call._ended


def _raise(error):
    raise error


# --- differences ---

@dataclass
class Difference:
    reason: str
    twisted: Any
    ours: Any
    show_twisted: Callable
    show_ours: Callable


DIFFERENCES = {}


def difference(name, reason, twisted, ours):
    """Registers a function that shows it, given whether it is to be shown on Twisted's."""
    def register(show):
        DIFFERENCES[name] = Difference(reason, twisted, ours, lambda: show(True), lambda: show(False))
        return show

    return register


def _outcome(d, is_twisted):
    """What a Deferred was fired with, by words; None if it was not."""
    world, trace = (Twisted if is_twisted else Ours)(), []
    world.trace(d, trace, "")
    return trace[0][1] if trace else None


def _raised(function, *args):
    try:
        function(*args)
    except BaseException as error:
        return type(error).__name__
    return None


@difference("a-cancel-is-no-first-error", "who cancels the whole knows which error that is",
            twisted=["FirstError", 0, "CancelledError"], ours="CancelledError")
def cancel_of_gather(is_twisted):
    if is_twisted:
        d = defer.gatherResults([defer.Deferred(), defer.Deferred()], consumeErrors=True)
    else:
        parts = [D(), D()]
        d = GDeferred.gather(parts, consume_errors=True)
    d.cancel()
    return _outcome(d, is_twisted)


@difference("gather-has-told-of-its-error", "an error that was delivered is not reported as well",
            twisted=True, ours=False)
def gather_handles(is_twisted):
    """Whether the failed part still has an unhandled error."""
    if is_twisted:
        part = defer.Deferred()
        d = defer.gatherResults([part])
        part.errback(ValueError())
        d.addErrback(lambda failure: None)
        unhandled = part._debugInfo is not None and part._debugInfo.failResult is not None
        part.addErrback(lambda failure: None)
        return unhandled
    part = D()
    d = GDeferred.gather(part)
    part.errback(ValueError())
    d.add_errback(lambda error: None)
    return part.take_unhandled()


@difference("cancel-the-rest", "work whose result nobody wants should not go on", twisted=0, ours=1)
def cancel_the_rest(is_twisted):
    """How many of the others are cancelled when one fails."""
    cancelled = []
    if is_twisted:
        parts = [defer.Deferred(cancelled.append), defer.fail(ValueError())]
        d = defer.gatherResults(parts, consumeErrors=True)
        d.addErrback(lambda failure: None)
    else:
        parts = [D(cancelled.append), D.fail(ValueError())]
        d = GDeferred.gather(parts, cancel_rest=True)
        d.add_errback(lambda error: None)
    return len(cancelled)


@difference("the-first-of-none", "nobody should wait for ever", twisted=None, ours="GLib.Error")
def first_of_none(is_twisted):
    if is_twisted:
        return _outcome(defer.DeferredList([], fireOnOneCallback=True), True)
    return _outcome(GDeferred.DeferredList([], fire_on_one_callback=True), False)


@difference("release-for-nothing", "a mistake is told, with Python's -O as well", twisted="AssertionError", ours="RuntimeError")
def release_for_nothing(is_twisted):
    return _raised((defer.DeferredLock() if is_twisted else GDeferred.DeferredLock()).release)


@difference("granted-after-the-callback", "the stack does not grow with the number of those who wait",
            twisted=["first", "second", "first ends"], ours=["first", "first ends", "second"])
def granted_after(is_twisted):
    """What is released inside a callback that waited for it."""
    lock, trace = (defer.DeferredLock() if is_twisted else GDeferred.DeferredLock()), []
    add = "addCallback" if is_twisted else "add_callback"

    def first(_):
        trace.append("first")
        lock.release()
        trace.append("first ends")

    kept = lock.acquire()
    for function in first, lambda _: trace.append("second"):
        getattr(lock.acquire(), add)(function)
    lock.release()
    del kept
    return trace


@difference("a-lost-lock-tells", "whoever waits for what is gone is told", twisted=None, ours="GLib.Error")
def lost_lock(is_twisted):
    from common import settle

    lock = defer.DeferredLock() if is_twisted else GDeferred.DeferredLock()
    lock.acquire()
    d = lock.acquire()
    del lock
    settle()
    return _outcome(d, is_twisted)


@difference("put-waits-for-room", "who makes items is held up by who uses them", twisted="QueueOverflow", ours="waits")
def put_waits(is_twisted):
    if is_twisted:
        return _raised(defer.DeferredQueue(size=0).put, 1)
    queue = GDeferred.DeferredQueue(size=0)
    d = queue.put(1)
    d.add_errback(lambda error: None)
    return "waits" if not d.called else "has put it"


@difference("too-many-getters", "a function that gives Deferreds fails by them", twisted="QueueUnderflow", ours=None)
def too_many_getters(is_twisted):
    """What get() raises."""
    queue = defer.DeferredQueue(backlog=0) if is_twisted else GDeferred.DeferredQueue(backlog=0)
    caught = []

    def get():
        d = queue.get()
        if not is_twisted:
            d.add_errback(caught.append)

    raised = _raised(get)
    assert is_twisted or type(caught[0]) is GDeferred.QueueUnderflow
    return raised


@difference("a-looping-call-is-cancelled", "cancelling reaches the work", twisted=["CancelledError", 2], ours=["CancelledError", 1])
def looping_call_cancelled(is_twisted):
    """How often it is called, once its Deferred was cancelled."""
    clock, calls = (task.Clock() if is_twisted else GDeferred.DeferredClock()), []
    call = (task.LoopingCall if is_twisted else GDeferred.DeferredLoopingCall)(calls.append, 1)
    call.clock = clock
    d = call.start(1)
    d.cancel()
    found = _outcome(d, is_twisted)
    clock.advance(1)
    if call.running:
        call._deferred = defer.Deferred()  # Twisted fires the one that was cancelled
        call.stop()
    return [found, len(calls)]


@difference("reset-under-way", "who resets it wants an interval from then on", twisted=[0, 2], ours=[0, 3])
def reset_under_way(is_twisted):
    """The times at which a function is called that is waited for when its looping call is reset."""
    times, waits = [], defer.Deferred() if is_twisted else D()

    def work():
        times.append(clock.seconds() if is_twisted else clock.get_time())
        return waits if len(times) == 1 else None

    clock = task.Clock() if is_twisted else GDeferred.DeferredClock()
    call = (task.LoopingCall if is_twisted else GDeferred.DeferredLoopingCall)(work)
    call.clock = clock
    call.start(2)
    clock.advance(1)
    call.reset()
    waits.callback(None)
    while len(times) < 2:
        clock.advance(1)
    call.stop()
    return times


@difference("each-at-its-time", "a call sees the time for which it was asked", twisted=[3, 3], ours=[1, 2])
def each_at_its_time(is_twisted):
    """The times that calls see when a clock is advanced over them."""
    times = []
    if is_twisted:
        clock = task.Clock()
        for delay in 1, 2:
            clock.callLater(delay, lambda: times.append(clock.seconds()))
    else:
        clock = GDeferred.DeferredClock()
        for delay in 1, 2:
            clock.call_later(delay, lambda: times.append(clock.get_time()))
    clock.advance(3)
    return times


@difference("a-task-has-a-result", "a generator has one", twisted="generator", ours="int")
def task_has_result(is_twisted):
    """The type of what is given when a task is done."""
    def work():
        yield
        return 5

    if is_twisted:
        calls = []
        cooperator = task.Cooperator(scheduler=lambda function: calls.append(function))
        d = cooperator.cooperate(work()).whenDone()
        for _ in range(3):
            calls.pop()() if calls else None
        found = []
        d.addCallback(found.append)
        return type(found[0]).__name__
    return type(GDeferred.cooperate(work()).when_done().wait()).__name__


@difference("an-outer-cancel-is-no-time-out", "who stops the whole operation does not want it tried again",
            twisted="TimeoutError", ours="CancelledError")
def outer_cancel(is_twisted):
    """Of one that takes its time to end when its time is up, and is cancelled meanwhile by somebody else."""
    clock, tidying = (task.Clock(), defer.Deferred()) if is_twisted else (GDeferred.DeferredClock(), D())
    if is_twisted:
        d = defer.Deferred()
        d.addErrback(lambda failure: tidying)
        d.addTimeout(1, clock)
    else:
        d = D()
        d.add_errback(lambda error: tidying)
        d.add_timeout(1, clock)
    clock.advance(1)
    d.cancel()
    return _outcome(d, is_twisted)


@difference("without-an-interval", "what keeps the loop busy for ever holds everything else up", twisted=5, ours=1)
def without_an_interval(is_twisted):
    """How often it is called by a clock that stands still; at the fifth time it stops."""
    clock, calls = (task.Clock() if is_twisted else GDeferred.DeferredClock()), []

    def work():
        calls.append(None)
        if len(calls) == 5:
            call.stop()

    call = (task.LoopingCall if is_twisted else GDeferred.DeferredLoopingCall)(work)
    call.clock = clock
    call.start(0)
    clock.advance(0)
    if call.running:
        call.stop()
    return len(calls)


@difference("stop-what-does-not-run", "who wants it to have ended has what was wanted",
            twisted=["AssertionError", "AssertionError", "TaskDone"], ours=[None, None, None])
def stop_for_nothing(is_twisted):
    """What is raised by stop and reset of a looping call, and stop of a cooperative task that has ended."""
    call = (task.LoopingCall if is_twisted else GDeferred.DeferredLoopingCall)(lambda: None)
    if is_twisted:
        later = []
        ended = task.Cooperator(scheduler=lambda function: later.append(function)).cooperate(iter(()))
        later.pop()()
    else:
        ended = GDeferred.cooperate(())
        ended.when_done().wait()
    return [_raised(call.stop), _raised(call.reset), _raised(ended.stop)]


@difference("start-what-runs", "a function that gives Deferreds fails by them", twisted="AssertionError", ours="GLib.Error")
def start_twice(is_twisted):
    """What the second start comes to."""
    call = (task.LoopingCall if is_twisted else GDeferred.DeferredLoopingCall)(lambda: None)
    call.clock = clock = task.Clock() if is_twisted else GDeferred.DeferredClock()
    call.start(1)
    found = _raised(call.start, 1) if is_twisted else _outcome(call.start(1), False)
    call.stop()
    clock.advance(0)
    return found


@difference("a-stopped-task-is-cancelled", "stopping is cancelling, and that reaches the work",
            twisted=["TaskStopped", 0], ours=["CancelledError", 1])
def stopped_task(is_twisted):
    """What those who wait for a task get when it is stopped, and how many cancels come to what it waits for."""
    cancelled, later = [], []
    waits = (defer.Deferred if is_twisted else D)(cancelled.append)

    def work():
        yield waits

    if is_twisted:
        stopped = task.Cooperator(scheduler=lambda function: later.append(function)).cooperate(work())
        later.pop()()
        done = stopped.whenDone()
    else:
        from common import settle

        stopped = GDeferred.cooperate(work())
        done = stopped.when_done()
        settle()
    stopped.stop()
    return [_outcome(done, is_twisted), len(cancelled)]


@difference("a-dropped-wait-passes-it-on", "a lock that nobody is there to release would be locked for ever",
            twisted=False, ours=True)
def dropped_wait(is_twisted):
    """Whether the next in line gets a lock when the one ahead was dropped, and nothing is left of it."""
    lock = defer.DeferredLock() if is_twisted else GDeferred.DeferredLock()
    first = lock.acquire()
    lock.acquire()
    d = lock.acquire()
    lock.release()
    del first
    return bool(d.called)


@difference("a-file-lock-has-a-line", "who has asked once may ask again", twisted="AlreadyTryingToLockError", ours=None)
def file_lock_has_a_line(is_twisted):
    """What the second who waits for a file lock gets at once."""
    with tempfile.TemporaryDirectory() as folder:
        path, clock = os.path.join(folder, "lock"), task.Clock()
        if is_twisted:
            holder, lock = (defer.DeferredFilesystemLock(path, scheduler=clock) for _ in range(2))
            holder.lock()
            first, second = lock.deferUntilLocked(), lock.deferUntilLocked()
        else:
            holder, lock = (GDeferred.DeferredFileLock(path) for _ in range(2))
            assert holder.try_acquire()
            first, second = lock.acquire(), lock.acquire()
        found = _outcome(second, is_twisted)
        for d in first, second:
            d.addErrback(lambda failure: None) if is_twisted else d.add_errback(lambda error: None)
            d.cancel()
        return found
