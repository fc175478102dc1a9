#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""How coroutines are cancelled, generators, context variables, and what runs them: with no asyncio at all."""

import contextvars
import sys

from common import D, GDeferred, in_thread, later, main, plays, raises, seen, settle, take_reports, test, until
from gi.repository import GLib

start = D.from_coroutine
var = contextvars.ContextVar("var", default="default")


class Thing:
    pass


def swallow(_exception):
    pass


# --- cancelling ---

def log_of(trace, *awaited):
    async def body():
        for i, d in enumerate(awaited):
            try:
                trace.append((i, await d))
            except GDeferred.CancelledError:
                trace.append((i, "cancelled"))
                raise
        return "end"

    return body()


@test("cancel/at-each-await")
def cancel_at_each():
    for at in range(4):
        trace, cancelled = [], []
        awaited = [D(cancelled.append) for _ in range(4)]
        d = start(log_of(trace, *awaited))
        for i in range(at):
            awaited[i].callback(i)
        d.cancel()
        assert d.failed and type(d.result) is GDeferred.CancelledError
        assert trace == [(i, i) for i in range(at)] + [(at, "cancelled")]
        assert cancelled == [awaited[at]]
        d.add_errback(swallow)


@test("cancel/caught-it-goes-on")
def cancel_caught():
    cleaned, cleaning = [], D()

    async def body():
        try:
            await D()
        except GDeferred.CancelledError:
            cleaned.append(await cleaning)
        return "went on"

    d = start(body())
    calls = seen(d)
    d.cancel()
    assert not calls and not cleaned
    cleaning.callback("clean")
    assert calls == [("went on", False)] and cleaned == ["clean"]


@test("cancel/again-and-again-each-caught")
def cancel_again():
    awaited, caught = [D() for _ in range(5)], []

    async def body():
        for d in awaited:
            try:
                await d
            except GDeferred.CancelledError as e:
                caught.append(e)
        return len(caught)

    d = start(body())
    for n in range(1, 6):
        d.cancel()
        assert len(caught) == n, (n, caught)
    assert d.result == 5 and len(set(map(id, caught))) == 5


@test("cancel/finally-runs-and-may-await")
def cancel_finally():
    trace, last = [], D()

    async def body():
        try:
            await D()
        finally:
            trace.append("finally")
            trace.append(await last)

    d = start(body())
    d.cancel()
    assert trace == ["finally"]
    last.callback("awaited")
    assert trace == ["finally", "awaited"] and type(d.result) is GDeferred.CancelledError
    d.add_errback(swallow)


@test("cancel/raising-something-else")
def cancel_raises():
    async def body():
        try:
            await D()
        except GDeferred.CancelledError:
            raise ValueError("instead")

    d = start(body())
    d.cancel()
    assert type(d.result) is ValueError and type(d.result.__context__) is GDeferred.CancelledError
    d.add_errback(swallow)


@test("cancel/the-awaited-one-itself")
def cancel_the_inner():
    inner, trace = D(), []
    d = start(log_of(trace, inner))
    inner.cancel()
    assert trace == [(0, "cancelled")] and type(d.result) is GDeferred.CancelledError
    d.add_errback(swallow)


@test("cancel/a-canceller-that-answers")
def cancel_answered():
    trace = []
    d = start(log_of(trace, D(lambda d: d.callback("answer")), D.succeed("next")))
    d.cancel()
    assert trace == [(0, "answer"), (1, "next")] and d.result == "end" and not d.failed


@test("cancel/through-coroutines-and-chains")
def cancel_through():
    cancelled = []
    innermost = D(cancelled.append)

    async def inner():
        await innermost

    async def outer():
        await start(inner())

    d = D.succeed().add_callback(lambda _: outer())
    d.cancel()
    assert cancelled == [innermost] and type(d.result) is GDeferred.CancelledError
    d.add_errback(swallow)


@test("cancel/by-itself")
def cancel_by_itself():
    box = []

    async def body():
        await later()
        box[0].cancel()
        await later()
        return "end"

    box.append(start(body()))
    until(lambda: box[0].is_finished())
    assert box[0].result == "end" or type(box[0].result) is GDeferred.CancelledError
    box[0].add_errback(swallow)
    settle()
    box.clear()


@test("cancel/a-timeout-by-hand")
def timeout():
    async def with_timeout(d):
        timer = later(turns=3).add_callback(lambda _: d.cancel())
        try:
            return await d
        except GDeferred.CancelledError:
            raise GDeferred.TimeoutError() from None
        finally:
            timer.cancel()

    with raises(GDeferred.TimeoutError):
        GDeferred.run(with_timeout, D())
    assert GDeferred.run(with_timeout, later("in time")) == "in time"
    settle()


# --- generators ---

@test("inline-callbacks/values-deferreds-failures-and-coroutines")
def generators():
    async def coroutine():
        await later()
        return "of a coroutine"

    @GDeferred.inline_callbacks
    def body(first, *, second):
        """Documented."""
        got = [(yield first), (yield second), (yield D.succeed("ready")), (yield later("later")), (yield coroutine())]
        for failing in (D.fail(ValueError(1)), later(ValueError(2))):
            try:
                yield failing
            except ValueError as e:
                got.append(e.args[0])
        got.append((yield from helper()))
        return got

    def helper():
        return (yield later("of a helper")) + (yield "!")

    d = body("plain", second=None)
    assert d.wait() == ["plain", None, "ready", "later", "of a coroutine", 1, 2, "of a helper!"]
    assert body.__name__ == "body" and body.__doc__ == "Documented."


@test("inline-callbacks/cancelling")
def cancel_a_generator():
    trace = []

    @GDeferred.inline_callbacks
    def body():
        try:
            yield D()
        except GDeferred.CancelledError:
            trace.append("cancelled")
            return (yield later("cleaned up"))

    d = body()
    d.cancel()
    assert trace == ["cancelled"] and d.wait() == "cleaned up"


@test("inline-callbacks/what-is-no-generator")
def no_generator():
    with raises(TypeError):
        GDeferred.inline_callbacks(3)

    @GDeferred.inline_callbacks
    def forgot_to_yield():
        return 3

    with raises(TypeError, "generator"):
        forgot_to_yield()


# --- context variables ---

@test("contextvars/a-copy-of-the-callers")
def context_variables():
    got = []

    async def body(name):
        got.append(var.get())
        var.set(name)
        await later()
        got.append(var.get())
        await D.succeed()
        got.append(var.get())

    @GDeferred.inline_callbacks
    def generator(name):
        got.append(var.get())
        var.set(name)
        yield later()
        got.append(var.get())

    token = var.set("caller's")
    try:
        for run in (lambda: start(body("own")), lambda: generator("own")):
            got.clear()
            d = run()
            assert var.get() == "caller's"
            var.set("changed meanwhile")
            d.wait()
            assert set(got[1:]) == {"own"} and got[0] == "caller's" and var.get() == "changed meanwhile"
            var.set("caller's")
    finally:
        var.reset(token)


# --- maybe_deferred, ensure_deferred, wait, run ---

@test("maybe-deferred/all-a-function-can-do")
def maybe():
    async def coroutine(value):
        return await later(value)

    def raising(value):
        raise ValueError(value)

    inner = D()
    assert GDeferred.maybe_deferred(lambda *a, **k: (a, k), 1, function=2).result == ((1,), {"function": 2})
    assert GDeferred.maybe_deferred(lambda: inner) is inner
    assert GDeferred.maybe_deferred(coroutine, 5).wait() == 5
    d = GDeferred.maybe_deferred(raising, 6)
    assert d.failed and d.result.args == (6,)
    d.add_errback(swallow)
    for exits in (KeyboardInterrupt, SystemExit):
        with raises(exits):
            GDeferred.maybe_deferred(lambda: (_ for _ in ()).throw(exits))
    with raises(TypeError):
        GDeferred.maybe_deferred(3)


@test("ensure-deferred/of-what-can-be-awaited")
def ensure():
    async def coroutine():
        return await later(1)

    d = D()
    assert GDeferred.ensure_deferred(d) is d and GDeferred.ensure_deferred(coroutine()).wait() == 1
    for wrong in (3, None, "text", coroutine, (lambda: 1)):
        with raises(TypeError):
            GDeferred.ensure_deferred(wrong)
    for wrong in (3, d, (i for i in ())):
        with raises(TypeError):
            D.from_coroutine(wrong)


@test("wait/gives-or-raises-and-leaves-it-there")
def waiting():
    error = ValueError()
    d = later("value")
    assert d.wait() == "value" and d.wait() == "value" and d.result == "value"
    for d in (later(error), D.fail(error)):
        with raises(ValueError) as caught:
            d.wait()
        assert caught.value is error
    del d, caught
    assert take_reports() == []


@test("wait/in-a-thread-with-a-context-of-its-own")
def waiting_in_a_thread():
    def job():
        context = GLib.MainContext.new()
        context.push_thread_default()
        d = D()
        source = GLib.idle_source_new()
        source.set_callback(lambda *_: d.callback("there") or False)
        source.attach(context)
        value = d.wait()
        context.pop_thread_default()
        return value

    assert in_thread(job) == "there"
    d = D()
    with raises(RuntimeError):
        in_thread(d.wait)


@test("run/arguments-results-and-failures")
def running():
    async def body(*args, **kwargs):
        await later()
        return args, kwargs

    async def failing():
        await later()
        raise KeyError("k")

    assert GDeferred.run(body, 1, main=2) == ((1,), {"main": 2})
    assert GDeferred.run(lambda: 3) == 3 and GDeferred.run(lambda: later(4)) == 4
    for fails in (failing, lambda: {}["k"]):
        with raises(KeyError):
            GDeferred.run(fails)
    assert GDeferred.run(lambda: GDeferred.run(body)) == ((), {})


@test("run/with-no-asyncio-at-all")
def no_asyncio():
    plays("""
        import subprocess
        alone = "import gi, sys; from gi.repository import Gio, GLib, GObject; sys.exit('asyncio' in sys.modules)"
        gi_has_it = subprocess.run([sys.executable, "-c", alone]).returncode == 1
        async def main():
            await later()
            assert await GDeferred.run_in_thread(sum, [1, 2]) == 3
            return await D.succeed("end")
        print(GDeferred.run(main), gi_has_it or "asyncio" not in sys.modules)
        """, prints="end True\n")


if __name__ == "__main__":
    sys.exit(main())
