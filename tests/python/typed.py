# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""For mypy, which runs nothing of this: types that it is to find, and in the lines that say so, errors."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from gi.repository import GDeferred
from typing_extensions import assert_type

Text = GDeferred.Deferred[str]
Number = GDeferred.Deferred[int]


def load(name: str, size: int = 3) -> str:
    return name * size


async def length(text: str) -> int:
    return len(text)


def give_up(error: OSError, instead: int) -> int:
    return instead


@GDeferred.inline_callbacks
def total(names: list[str]) -> Generator[Number, int, int]:
    sum = 0
    for name in names:
        sum += yield GDeferred.Deferred.succeed(len(name))
    return sum


async def right(name: str) -> int:
    text = GDeferred.run_in_thread(load, name, size=4)
    assert_type(await text, str)
    assert_type(text.wait(), str)
    more = text.add_callback(length).add_callback(lambda number: number + 1)
    assert_type(more, Number)
    assert_type(text.add_callback(len).add_errback(give_up, 7, when=OSError), Number)
    both = text.add_both(lambda outcome: 1)
    assert_type(both, Number)
    assert_type(text.add_callbacks(None, print), GDeferred.Deferred[Any])
    assert_type(text.fork(), Text)
    assert_type(await text.as_future(), str)
    assert_type(await total([name]), int)
    assert_type(GDeferred.maybe_deferred(length, name), Number)
    assert_type(GDeferred.maybe_deferred(len, name), Number)
    assert_type(GDeferred.blocking_call_from_thread(length, name), int)
    assert_type(GDeferred.Deferred.from_coroutine(length(name)), Number)
    assert_type(GDeferred.DeferredThreadPool.new("loaders", 2).run(load, name), Text)

    numbers: Number = GDeferred.Deferred(lambda d: d.cancel())
    try:
        numbers.callback(3)
    except GDeferred.AlreadyCalledError:
        pass
    return numbers.wait()


assert_type(GDeferred.run(right, "greeting"), int)


def wrong(text: Text) -> None:
    text.add_callback(3)  # an error
    text.add_callback(load, "many")  # an error
    text.add_callback(load, 3, 4)  # an error
    text.add_callback(load, sise=3)  # an error
    text.add_errback(print, when="OSError")  # an error
    text.callback(2)  # an error
    text.errback("lost")  # an error
    text.failed = True  # an error
    text.chain_deferred(3)  # an error
    GDeferred.Deferred(3)  # an error
    GDeferred.Deferred.fail("lost")  # an error
    GDeferred.Deferred.from_coroutine(length)  # an error
    GDeferred.ensure_deferred(3)  # an error
    GDeferred.inline_callbacks(load)  # an error
    GDeferred.run(length)  # an error
    GDeferred.run_in_thread(load, 3)  # an error
    GDeferred.set_unhandled_error_hook(3)  # an error
