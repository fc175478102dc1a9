# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""The loops that a coroutine may run under, and other surroundings of a test."""

import asyncio
import inspect
import threading
import warnings

from common import D, GDeferred, Skip, later, test


def run_plain(body):
    return asyncio.run(asyncio.wait_for(body, 60))


def run_on_gi_events(body):
    try:
        from gi.events import GLibEventLoopPolicy
    except ImportError:
        raise Skip("this PyGObject has no gi.events") from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        loop = GLibEventLoopPolicy().get_event_loop()  # the one of the default main context
    try:
        return loop.run_until_complete(asyncio.wait_for(body, 60))
    finally:
        loop.close()


LOOPS = {"ours": lambda body: D.from_coroutine(body).wait(), "plain": run_plain, "gi-events": run_on_gi_events}


def under_each_loop(name, body):
    """Tests a coroutine function under each; if it has an argument of that name, it is told which."""
    tells = "loop" in inspect.signature(body).parameters
    for loop, run in LOOPS.items():
        def play(loop=loop, run=run):
            coroutine = body(loop=loop) if tells else body()
            try:
                run(coroutine)
            finally:
                coroutine.close()

        test(f"{name}/{loop}")(play)


def start(loop, body):
    """Starts a coroutine under a loop that runs. What it gives can be awaited and cancelled."""
    return D.from_coroutine(body) if loop == "ours" else asyncio.ensure_future(body)


async def end_of(task):
    """What it returned or raised; "cancelled" if that is what it was."""
    try:
        return await task
    except (asyncio.CancelledError, GDeferred.CancelledError):
        return "cancelled"
    except Exception as error:
        return error


async def turns(number):
    """Lets a few turns of the main loop pass."""
    for _ in range(number):
        await later()


_held = []


def never(canceller=None):
    """A Deferred that is never fired, and not dropped, either."""
    _held.append(D(canceller))
    return _held[-1]


def beside_a_loop(func):
    """Calls a function in a thread without a main context, while this one runs the default one."""
    loop_runs, ends = threading.Event(), []

    def run():
        loop_runs.wait(60)
        try:
            ends.append((func(), None))
        except BaseException as error:
            ends.append((None, error))

    thread = threading.Thread(target=run)
    thread.start()
    later().add_callback(lambda _: loop_runs.set() or thread.join(60)).wait()
    (value, error), = ends
    if error is not None:
        raise error
    return value


def outcomes(d, trace, name):
    """Has its outcome put down: (name, "value"), or with the class of the failure. It goes on with nothing."""
    d.add_both(lambda value: trace.append((name, type(value) if d.failed else "value")))
