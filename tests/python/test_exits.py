#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""KeyboardInterrupt and SystemExit come through, and the interpreter may end at any moment: each in its own program."""

import functools
import sys

from common import main, play, plays, test

# How a program gets to the function that raises, `leave`, and what it does meanwhile.
SETUP = """
    kind = sys.argv[1]
    def leave(*_):
        if kind == "exit":
            raise SystemExit(7)
        if kind == "signal":
            signal.raise_signal(signal.SIGINT)
            for _ in range(10): pass
        else:
            raise KeyboardInterrupt
    def run_loop():
        loop = GLib.MainLoop()
        GLib.timeout_add(5000, lambda: print("hangs", flush=True) or os._exit(3))
        loop.run()
        print("the loop ended")
    async def coroutine():
        await later()
        leave()
    @GDeferred.inline_callbacks
    def generator():
        yield later()
        leave()
    async def at_once():
        leave()
    try:
        {}
        print("went on")
    except KeyboardInterrupt:
        print("interrupted")
    except SystemExit as e:
        print("exits", e.code)
    finally:
        print("finally")
"""

WAYS = {
    "firing": "D().add_callback(leave).callback()",
    "firing-with-more-links": "D().add_callback(leave).add_both(id).callback()",
    "failing": "D().add_errback(leave).errback(ValueError())",
    "adding": "D.succeed().add_callback(leave)",
    "adding-both": "D.fail(ValueError()).add_both(leave)",
    "unpausing": "d = D().add_callback(leave); d.pause(); d.callback(); d.unpause()",
    "cancelling": "d = D().add_errback(leave); d.cancel()",
    "a-canceller": "d = D(leave).add_errback(id); d.cancel()",
    "an-inner-one": "i = D(); d = D.succeed().add_callback(lambda _: i).add_callback(leave); i.callback()",
    "a-chained-one": "i = D(); d = D().add_callback(leave); i.chain_deferred(d); i.callback()",
    "a-callback-of-a-callback":
        "d = D().add_callback(leave); e = D().add_callback(lambda v: d.callback()); e.callback()",
    "a-coroutine-at-once": "d = D.from_coroutine(at_once()).add_errback(id)",
    "maybe-deferred": "GDeferred.maybe_deferred(leave)",
    "main-loop": "d = later().add_callback(leave); run_loop()",
    "main-loop-and-more-links": "d = later().add_callback(leave).add_both(id).add_both(id); run_loop()",
    "main-loop-and-a-coroutine": "d = D.from_coroutine(coroutine()).add_errback(id); run_loop()",
    "main-loop-and-a-generator": "d = generator().add_errback(id); run_loop()",
    "main-loop-and-a-thread": "d = GDeferred.run_in_thread(list).add_callback(leave); run_loop()",
    "main-loop-and-fired-from-a-thread":
        "d = D().add_callback(leave); threading.Thread(target=d.callback).start(); run_loop()",
    "main-loop-and-an-inner-one":
        "d = D.succeed().add_callback(lambda _: later()).add_callback(leave); run_loop()",
    "run": "GDeferred.run(coroutine)",
    "run-a-generator": "GDeferred.run(generator)",
    "run-a-function": "GDeferred.run(leave)",
    "run-and-a-callback": "GDeferred.run(lambda: later().add_callback(leave))",
    "run-and-a-threads-callback": "GDeferred.run(lambda: GDeferred.run_in_thread(list).add_callback(leave))",
    "wait": "later().add_callback(leave).wait()",
    "in-the-thread": "GDeferred.run(lambda: GDeferred.run_in_thread(leave))",
}


def comes_through(way, kind):
    status, out, err = play(SETUP.format(WAYS[way]), kind)
    told = f"ended with {status}:\n{out}---\n{err}"
    wanted = "exits 7\nfinally\n" if kind == "exit" else "interrupted\nfinally\n"
    assert out in (wanted, "") if kind == "exit" and status == 7 else out == wanted, told
    assert status in ((0, 7) if kind == "exit" else (0,)), told
    for word in ("CRITICAL", "Fatal", "ignored"):
        assert word not in err, told


for way in WAYS:
    for kind in ("interrupt", "exit", "signal"):
        if kind == "signal" and way == "in-the-thread":
            continue  # Python has the main thread take signals
        test(f"exits/{kind}/{way}")(functools.partial(comes_through, way, kind))


@test("exits/the-deferred-goes-on-and-nothing-is-lost")
def nothing_is_lost():
    plays("""
        trace = []
        def leave(_): raise KeyboardInterrupt
        d = D().add_callback(leave).add_errback(lambda e: trace.append(type(e).__name__) or "mended")
        d.add_callback(trace.append)
        try:
            d.callback()
        except KeyboardInterrupt:
            trace.append("came through")
        d.add_callback(lambda v: trace.append("later"))
        print(trace, d.failed)
        """, prints="['KeyboardInterrupt', 'mended', 'came through', 'later'] False\n")


@test("exits/run-lets-the-coroutine-clean-up")
def run_cleans_up():
    plays("""
        async def main():
            try:
                GLib.timeout_add(1, lambda: signal.raise_signal(signal.SIGINT))
                await D()
            finally:
                print("cleaning", await later("up"))
        try:
            GDeferred.run(main)
        except KeyboardInterrupt:
            print("interrupted")
        """, prints="cleaning up\ninterrupted\n")


@test("exits/two-at-once-do-not-haunt-the-next")
def no_ghosts():
    plays("""
        def leave(_): raise KeyboardInterrupt
        for fire in (lambda d: d.callback(), lambda d: d.cancel(), lambda d: d.errback(ValueError())):
            d = D().add_both(leave).add_both(leave)
            try:
                fire(d)
                print("nothing")
            except KeyboardInterrupt:
                print("once")
            d.add_errback(lambda e: None)
            D().add_callback(id).callback()
            D.succeed().add_callback(id)
            D(id).add_errback(id).cancel()
        """, prints="once\n" * 3)


# --- the end of the interpreter ---

ENDS = {
    "pending": "d = D().add_callback(print)",
    "pending-with-all":
        "d = D(print).add_both(print, 1, k=2).add_callbacks(print, print).add_errback(print, when=KeyError)",
    "fired": "d = D.succeed([])",
    "ring": "d = D(); d.add_callback(lambda v: d); d.me = d",
    "ring-with-a-result": "d = D(); d.callback([d])",
    "paused": "d = D().add_callback(print); d.pause(); d.callback()",
    "waiting": "i = D(); d = D.succeed().add_callback(lambda _: i).add_callback(print)",
    "waiting-the-other-way": "d = D.succeed(); i = D(); d.add_callback(lambda _: i).add_callback(print)",
    "chained": "a = D(); b = D(); a.chain_deferred(b); f = b.fork()",
    "ready-in-the-loop": "d = later(); GLib.idle_add(d.callback, None)",
    "abandoned-and-not-told": "D().add_errback(print)",
    "coroutine": """
async def body():
    try:
        await D()
    finally:
        pass
d = D.from_coroutine(body())""",
    "coroutine-that-holds-what-it-awaits": """
async def body():
    await inner
inner = D()
d = D.from_coroutine(body())""",
    "generator": """
@GDeferred.inline_callbacks
def body():
    yield D()
d = body()""",
    "coroutine-under-asyncio": """
import asyncio
async def body():
    asyncio.ensure_future(wait()); await asyncio.sleep(0)
async def wait():
    await d
d = D()
asyncio.run(body())
d.add_errback(id)""",
    "asyncio-left-in-the-middle": """
import asyncio
async def wait():
    await d
d = D()
loop = asyncio.new_event_loop()
task = loop.create_task(wait())
loop.call_later(0.01, loop.stop); loop.run_forever()
task.cancel(); loop.run_until_complete(asyncio.wait([task])); loop.close()
d.add_errback(id)""",
    "thread-in-flight": "d = GDeferred.run_in_thread(lambda: list(range(100000))).add_callback(print)",
    "threads-in-flight":
        "ds = [GDeferred.run_in_thread(lambda: sum(range(20000))).add_callback(id) for _ in range(200)]",
    "threads-in-flight-and-dropped":
        "for _ in range(200): GDeferred.run_in_thread(lambda: sum(range(20000))).add_callback(id)",
    "thread-asleep": "import time; d = GDeferred.run_in_thread(time.sleep, 30)",
    "thread-that-fires": """
ds = [D().add_callback(id) for _ in range(20000)]
def fire():
    for d in ds: d.callback([])
threading.Thread(target=fire, daemon=True).start()""",
    "thread-that-drops": """
ds = [D().add_errback(id) for _ in range(20000)]
def drop():
    while ds: ds.pop()
threading.Thread(target=drop, daemon=True).start()""",
    "thread-fired-and-not-delivered": """
d = D().add_callback(print)
t = threading.Thread(target=d.callback, args=([],)); t.start(); t.join()""",
    "pool": "p = GDeferred.DeferredThreadPool.new('p', 2); ds = [p.run(lambda: sum(range(20000))) for _ in range(200)]",
    "blocking-call": """
e = threading.Event()
d = GDeferred.run_in_thread(lambda: (e.set(), GDeferred.blocking_call_from_thread(id, 1)))
e.wait(10)""",
    "hook": "GDeferred.set_unhandled_error_hook(print); d = D()",
    "owner": "o = GObject.Object(); d = D().add_errback(id); d.bind_owner(o); d.o = o",
    "canceller-ring": "d = D(lambda _: d)",
    "held-by-c": """
from gi.repository import Gio
s = Gio.ListStore.new(D); s.append(D().add_callback(print)); s.append(D.succeed([]))""",
    "held-by-a-source": "GLib.timeout_add(10000, D().add_callback(print).callback)",
    "atexit": "import atexit; d = D().add_callback(id); atexit.register(lambda: d.callback())",
    "atexit-waits": "import atexit; atexit.register(lambda: print(end='' if GDeferred.run(later, 5) == 5 else 'no'))",
    "in-a-del": """
class Last:
    def __del__(self):
        for use in (lambda: d.called, lambda: D().add_callback(id).callback(), lambda: D.succeed().add_callback(id),
                    lambda: d.add_callback(id)):
            try: use()
            except Exception: pass  # modules may be gone
d = D(); last = Last(); last.me = last""",
    "in-a-callback": "D().add_callback(lambda v: sys.exit(0)).callback()",
    "in-the-loop": "d = later().add_callback(lambda v: sys.exit(0)); GLib.MainLoop().run()",
    "in-a-nested-wait": "D().add_callback(lambda v: later().add_callback(lambda v: sys.exit(0)).wait()).callback()",
    "thread-with-a-context": """
def play():
    c = GLib.MainContext.new(); c.push_thread_default()
    global d
    d = D().add_callback(print); D.succeed([]).add_callback(id)
t = threading.Thread(target=play); t.start(); t.join()""",
    "daemon-with-a-loop": """
e = threading.Event()
def play():
    c = GLib.MainContext.new(); c.push_thread_default()
    def again():
        D.succeed([]).add_callback(id); GDeferred.run_in_thread(id, 1).add_callback(id); e.set(); return True
    s = GLib.idle_source_new(); s.set_callback(lambda *_: again()); s.attach(c)
    GLib.MainLoop.new(c, False).run()
threading.Thread(target=play, daemon=True).start(); e.wait(10)""",
}


LEAVE = ("in-a-callback", "in-the-loop", "in-a-nested-wait")


def ends_well(shape):
    code = "\n" + ENDS[shape] + "\nprint('end', flush=True)\n"
    status, out, err = play(code)
    told = f"ended with {status}:\n{out}---\n{err}"
    assert status == 0, told
    assert out == ("" if shape in LEAVE else "end\n"), told
    assert not err.strip(), told


for shape in ENDS:
    test(f"shut-down/{shape}")(functools.partial(ends_well, shape))


@test("shut-down/unhandled-failures-that-live-to-the-end")
def unhandled_to_the_end():
    for code in ("d = D.fail(ValueError('x'))", "d = D.fail(ValueError('x')); d.me = d",
                 "d = D().add_callback(lambda v: 1 / 0); d.callback()",
                 "GDeferred.set_unhandled_error_hook(lambda e: None); d = D.fail(ValueError('x'))"):
        status, out, err = play(code + "\nprint('end')")
        assert status == 0 and out == "end\n", (code, status, err)
        for word in ("CRITICAL", "Fatal Python", "Exception ignored", "Segmentation"):
            assert word not in err, (code, err)


@test("shut-down/os-exit-and-exec")
def hard_exits():
    plays("d = GDeferred.run_in_thread(lambda: list(range(100000))); D().add_callback(id); os._exit(4)", status=4)
    plays("d = D().add_callback(id); os.execv(sys.executable, [sys.executable, '-c', 'print(5)'])", prints="5\n")


@test("shut-down/a-child-that-was-forked")
def forked():
    plays("""
        import warnings
        warnings.simplefilter("ignore")  # threads of GLib's
        d = D().add_callback(lambda v: print(v, flush=True))
        child = os.fork()
        if child == 0:
            d.callback("child")
            os._exit(0)
        os.waitpid(child, 0)
        d.callback("parent")
        """, prints="child\nparent\n")


if __name__ == "__main__":
    sys.exit(main())
