# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""What a Deferred costs in Python, beside Twisted's and asyncio's, in one run: rows of a Markdown table.

The floor is the calls into C by themselves, without a line of the override: PyGObject's own cost."""

import asyncio
import platform
import statistics
import sys
import time

import gi

gi.require_version("GDeferred", "1.0")
from gi.module import get_introspection_module
from gi.repository import GDeferred, GLib
from twisted import version as twisted_version
from twisted.internet.defer import Deferred as Twisted

Ours = GDeferred.Deferred
Raw = get_introspection_module("GDeferred").Deferred
ROUNDS, CALLS = (int(argument) for argument in (sys.argv[1:] + ["11", "20000"][len(sys.argv) - 1:]))
NOTHING = Raw.register_dispatcher(lambda *arguments: True, None)


def same(value):
    return value


def ours(n_callbacks, calls):
    for _ in range(calls):
        deferred = Ours()
        for _ in range(n_callbacks):
            deferred.add_callback(same)
        deferred.callback(5)


def twisted(n_callbacks, calls):
    for _ in range(calls):
        deferred = Twisted()
        for _ in range(n_callbacks):
            deferred.addCallback(same)
        deferred.callback(5)


def floor(n_callbacks, calls):
    new, add, fire = Raw, Raw.add_dispatched, Raw.callback_kept
    for _ in range(calls):
        deferred = new()
        for _ in range(n_callbacks):
            add(deferred, NOTHING, True)
        fire(deferred, NOTHING)


async def await_all(awaitables):
    for awaitable in awaitables:
        await awaitable


def finish(coroutine):
    try:
        coroutine.send(None)
    except StopIteration:
        pass


def await_ours(_, calls):
    fired = [Ours.succeed(5)] * calls
    return lambda: finish(await_all(fired))


def await_asyncio(_, calls):
    loop = asyncio.new_event_loop()
    future = loop.create_future()
    future.set_result(5)
    loop.close()
    fired = [future] * calls
    return lambda: finish(await_all(fired))


def await_floor(_, calls):
    deferred = Ours.succeed(5)
    asks = Raw.is_finished

    def ask():
        for _ in range(calls):
            asks(deferred)

    return ask


def seconds(function, *arguments):
    prepared = function(*arguments) if function.__name__.startswith("await") else lambda: function(*arguments)
    start = time.perf_counter()
    prepared()
    return time.perf_counter() - start


def measure(functions, *arguments):
    """The medians over rounds in which each had its turn, in nanoseconds a call."""
    times = [[] for _ in functions]
    for _ in range(ROUNDS):
        for function, taken in zip(functions, times):
            taken.append(seconds(function, *arguments, CALLS) / CALLS * 1e9)
    return [statistics.median(taken) for taken in times]


def print_row(what, figures, budget):
    lowest, peer, mine = figures
    print(f"| {what} | {lowest:.0f} | {peer:.0f} | {mine:.0f} | {mine / peer:.2f} | {budget:.2f} "
          f"| {'yes' if mine <= budget * peer else 'no'} | {lowest / peer:.2f} |")


one = measure((floor, twisted, ours), 1)
eleven = measure((floor, twisted, ours), 11)
print(f"Python {platform.python_version()}, PyGObject {'.'.join(map(str, gi.version_info))}, "
      f"{twisted_version.package} {twisted_version.public()}, GLib {GLib.MAJOR_VERSION}.{GLib.MINOR_VERSION}; "
      f"median of {ROUNDS} rounds, ns\n")
print("| in Python | calls into C | peer | GDeferred | ratio | budget | met | calls into C : peer |")
print("|---|---:|---:|---:|---:|---:|:-:|---:|")
print_row("new, add_callback, callback (peer: Twisted)", one, 1.5)
print_row("ten more callbacks (peer: Twisted)", [more - few for more, few in zip(eleven, one)], 1.5)
print_row("await a fired one (peer: asyncio's Future)", measure((await_floor, await_asyncio, await_ours), None), 2)
