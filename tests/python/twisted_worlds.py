# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Three Deferreds behind one interface: Twisted's own, Twisted's with our rules put upon it, and ours.

A link is a function f(failed, value, number, half) that returns the next value, raises the next failure, or
returns PASS. The number of its step, and which half of a pair it is, are extra arguments that have gone with
it through the Deferred.
"""

import collections
import functools
import warnings

from common import GDeferred, GLib, settle
from twisted.internet import defer
from twisted.logger import globalLogBeginner
from twisted.python.failure import Failure

# Twisted's own reports of unhandled errors; who wants to see them adds an observer.
globalLogBeginner.beginLoggingTo([], redirectStandardIO=False, discardBuffer=True)

# Newer ones say at each use that a Deferred should not return itself; that is one of the differences.
warnings.filterwarnings("ignore", message=".*returned the Deferred it was attached to.*")

PASS = object()


class Refused(TypeError):
    """What our rules refuse and Twisted does not."""


class Loop(Exception):
    """Twisted has none for those that wait for themselves."""


def inner_of(d):
    """The one that it waits for, which Twisted keeps in the place of the result."""
    inner = getattr(d, "result", None)
    return inner if isinstance(inner, defer.Deferred) else None


def row_of(d, following):
    """The Deferred and those that come after it, each once: without our rules there are rings."""
    seen = set()
    while d is not None and id(d) not in seen:
        seen.add(id(d))
        yield d
        d = following(d)


class Twisted:
    cancelled = defer.CancelledError
    ensure = staticmethod(defer.ensureDeferred)

    def __init__(self):
        self.later = []

    def new(self, canceller=None):
        return defer.Deferred(canceller and (lambda d: canceller()))

    def made(self, value):
        d = self.new()
        d.callback(value)
        return d

    def failed(self, error):
        d = self.new()
        d.errback(error)
        return d

    def maybe(self, func):
        return defer.maybeDeferred(func)

    def callback(self, d, value):
        d.callback(value)

    def errback(self, d, error):
        d.errback(error)

    def add(self, d, kind, func, other, number, when):
        link, second = self.link_of(d, func), other and self.link_of(d, other)
        if kind == "callback":
            assert d.addCallback(link, number, half=0) is d
        elif kind == "errback":
            assert d.addErrback(link, number, half=0) is d
        elif kind == "both":
            assert d.addBoth(link, number, half=0) is d
        elif kind == "when":
            d.addErrback(lambda failure: link(failure, number, 0) if failure.check(when) else failure)
        else:
            pair = [(number,), {"half": 0}, (number,), {"half": 1}]
            assert d.addCallbacks(link, second, pair[0], pair[1], pair[2], pair[3]) is d

    def add_plain(self, d, func):
        d.addBoth(func)

    def link_of(self, d, func):
        def link(result, number, half):
            failed = isinstance(result, Failure)
            left = func(failed, result.value if failed else result, number, half)
            return result if left is PASS else left

        return link

    def pause(self, d):
        d.pause()

    def unpause(self, d):
        d.unpause()

    def cancel(self, d):
        last = collections.deque(row_of(d, inner_of), 1)[0]
        if inner_of(last) is not None:
            raise RecursionError  # as Twisted would, when the stack is full
        d.cancel()

    def chain(self, d, other):
        d.chainDeferred(other)

    def fork(self, d):
        """Twisted has none; this is how its users write it."""
        child = self.new()

        def copy(result):
            if not child.called or child._suppressAlreadyCalled:
                child.callback(result)
            return result

        d.addBoth(copy)
        return child

    def look(self, d):
        """Whether it is called, failed, paused (but for waiting), and its result, None if it has none."""
        result = getattr(d, "result", None)
        waits = isinstance(result, defer.Deferred)
        failed = isinstance(result, Failure)
        value = result.value if failed else None if waits else result
        return d.called, failed, d.paused > waits, waits, value

    def error_name(self, error):
        if isinstance(error, (defer.AlreadyCalledError, defer.CancelledError, Loop)):
            return type(error).__name__
        # An assertion of Twisted's is its way to refuse a Deferred as the value; newer ones take it.
        return "Refused" if isinstance(error, (AssertionError, Refused)) else None

    def unhandled(self, ds):
        """Drops them all, and gives the errors that nobody handled."""
        infos = [d._debugInfo for d in ds if d._debugInfo is not None]
        errors = [info.failResult.value for info in infos if info.failResult is not None]
        for info in infos:
            info.failResult = None
        ds.clear()
        return errors

    def settle(self):
        """What the main loop brings: the errors of cancellers."""
        errors, self.later = self.later, []
        return errors


class Links(list):
    """Tells Twisted's loop that no link is left while its Deferred is paused."""

    def __init__(self, owner):
        super().__init__()
        self.owner = owner

    def __bool__(self):
        return len(self) > 0 and not self.owner.paused


class RuledDeferred(defer.Deferred):
    """Twisted's, with what hands results on put off until the giver's own links have run."""

    promised = None  # who was told first to fire this one
    held = False  # paused for a moment, so that Twisted waits for it
    cancelling = False

    def __init__(self, world, canceller):
        super().__init__(canceller and self.call_canceller)
        self.world = world
        self.func = canceller
        if world.has("pause-in-a-callback"):
            where = "_callbacks" if "_callbacks" in vars(self) else "callbacks"  # in older ones
            setattr(self, where, Links(self))

    def call_canceller(self, _):
        self.cancelling = True
        try:
            self.func()
        except Exception as error:
            if not self.world.acts("canceller-raises"):
                raise
            self.world.later.append(error)
        finally:
            self.cancelling = False

    def cancel(self):
        again = self.cancelling and not self.called
        if not (again and self.world.acts("canceller-cancels")):
            super().cancel()

    def waits_for(self):
        return inner_of(self) or (None if self.called else self.promised)

    def would_close_a_ring(self, inner):
        for d in row_of(inner, RuledDeferred.waits_for):
            if d is self:
                return True
        return False

    def take_turn_later(self):
        self._runningCallbacks = True
        self.world.turns.append(self)

    def _runCallbacks(self):
        if self._runningCallbacks:
            return
        before, self.world.turns = self.world.turns, collections.deque()
        super()._runCallbacks()
        while self.world.turns:
            following = self.world.turns.popleft()
            following._runningCallbacks = False
            super(RuledDeferred, following)._runCallbacks()
        self.world.turns = before

    def _continuation(self):
        """Twisted asks for the link that it leaves with an inner one."""
        if self.result.held:
            self.result.held = False
            self.result.paused -= 1
        if not self.world.has("turns"):
            return super()._continuation()
        return ((self.take_over, (), {}), (self.take_over, (), {}))

    def take_over(self, result):
        self.world.acts("turns")
        self.result = result
        self.paused -= 1
        self._chainedTo = None
        if not self._runningCallbacks:
            self.take_turn_later()


class RuledTwisted(Twisted):
    """Each rule of ours that is not Twisted's can be left out, to see whether a script needs it."""

    def __init__(self, rules):
        super().__init__()
        self.rules = rules
        self.acted = set()
        self.turns = None

    def has(self, rule):
        return rule in self.rules

    def acts(self, rule):
        """The rule makes a difference here, or may."""
        self.acted.add(rule)
        return rule in self.rules

    def new(self, canceller=None):
        return RuledDeferred(self, canceller)

    def maybe(self, func):
        d = super().maybe(func)
        if isinstance(d, RuledDeferred):
            return d
        mine = self.new()
        d.addBoth(mine.callback)
        return mine

    def callback(self, d, value):
        if isinstance(value, defer.Deferred) and self.acts("deferred-as-value"):
            raise Refused
        d.callback(value)

    def link_of(self, d, func):
        plain = super().link_of(d, func)

        def link(result, number, half):
            left = plain(result, number, half)
            if isinstance(left, RuledDeferred):
                self.before_waiting(d, left)
            return left

        return link

    def before_waiting(self, outer, inner):
        if self.acts("loop") and outer.would_close_a_ring(inner):
            raise Loop
        if inner._runningCallbacks and inner is not outer and self.acts("running-inner"):
            inner.held = True
            inner.paused += 1

    def pause(self, d):
        self.acts("pause-in-a-callback")
        d.pause()

    def unpause(self, d):
        _, _, paused, waits, _ = self.look(d)
        if not paused and self.acts("unpause-while-waiting" if waits else "unpaired-unpause"):
            raise Refused
        d.unpause()

    def chain(self, d, other):
        self.promise(d, other)
        link = functools.partial(self.hand_on, d, other)
        d.addCallbacks(link, link)

    def fork(self, d):
        child = self.new()

        def copy(result):
            if child.called:
                child._suppressAlreadyCalled = False
            else:
                self.hand_on(d, child, result)
            return result

        self.promise(d, child)
        d.addBoth(copy)
        return child

    def promise(self, giver, target):
        if not self.has("loop") or target.called or target.promised is not None:
            return
        if not target.would_close_a_ring(giver):
            target.promised = giver

    def hand_on(self, giver, target, result):
        if target.promised is giver:
            target.promised = None
        if not target.called and self.acts("turns"):
            target.take_turn_later()
        target.callback(result)


class Ours:
    cancelled = GDeferred.CancelledError
    ensure = staticmethod(GDeferred.ensure_deferred)

    def __init__(self):
        self.later = []
        GDeferred.set_unhandled_error_hook(self.later.append)

    def new(self, canceller=None):
        return GDeferred.Deferred(canceller and (lambda d: canceller()))

    def made(self, value):
        return GDeferred.Deferred.succeed(value)

    def failed(self, error):
        return GDeferred.Deferred.fail(error)

    def maybe(self, func):
        return GDeferred.maybe_deferred(func)

    def callback(self, d, value):
        d.callback(value)

    def errback(self, d, error):
        d.errback(error)

    def add(self, d, kind, func, other, number, when):
        link, second = self.link_of(d, func), other and self.link_of(d, other)
        if kind == "callback":
            assert d.add_callback(link, number, half=0) is d
        elif kind == "errback":
            assert d.add_errback(link, number, half=0) is d
        elif kind == "both":
            assert d.add_both(link, number, half=0) is d
        elif kind == "when":
            assert d.add_errback(link, number, half=0, when=when) is d
        else:
            assert d.add_callbacks(link, second, (number,), {"half": 0}, (number,), {"half": 1}) is d

    def add_plain(self, d, func):
        d.add_both(func)

    def link_of(self, d, func):
        def link(result, number, half):
            failed = d.failed
            left = func(failed, result, number, half)
            if left is PASS and failed:
                raise result
            return result if left is PASS else left

        return link

    def pause(self, d):
        d.pause()

    def unpause(self, d):
        d.unpause()

    def cancel(self, d):
        d.cancel()

    def chain(self, d, other):
        d.chain_deferred(other)

    def fork(self, d):
        return d.fork()

    def look(self, d):
        return d.called, d.failed, d.paused, d.state == GDeferred.DeferredState.WAITING, d.result

    def error_name(self, error):
        codes = GDeferred.DeferredError
        if isinstance(error, (GDeferred.AlreadyCalledError, GDeferred.CancelledError)):
            return type(error).__name__
        if isinstance(error, GLib.Error) and error.domain == "g-deferred-error-quark":
            return {codes.LOOP: "Loop", codes.ABANDONED: "Abandoned"}.get(error.code)
        refusals = "A Deferred cannot be fired with", "unpause() without"
        return "Refused" if str(error).startswith(refusals) else None

    def unhandled(self, ds):
        ds.clear()
        return self.settle()

    def settle(self):
        settle()
        errors, self.later[:] = self.later[:], []
        assert all(isinstance(error, BaseException) for error in errors), f"the hook was called with {errors}"
        return errors
