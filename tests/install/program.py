# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""The typelib as PyGObject has it, without an override."""

import gi

gi.require_version("GDeferred", "1.0")

from gi.repository import GDeferred, Gio, GLib  # noqa: E402

loop = GLib.MainLoop()
outer = GDeferred.Deferred.new()
inner = GDeferred.Deferred.new()
seen = []


def wait_for_inner(deferred, *data):
    seen.append(deferred.get_result())
    return deferred.return_deferred(inner)


def fail(deferred, *data):
    seen.append(deferred.get_result())
    raise GLib.Error.new_literal(Gio.io_error_quark(), "lost", Gio.IOErrorEnum.NOT_FOUND)


def handle(deferred, *data):
    error = deferred.get_error()
    seen.append((error.message, error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.NOT_FOUND)))
    loop.quit()
    return deferred.return_none()


outer.add_callback(wait_for_inner)
outer.add_callback(fail)
outer.add_errback(handle)

assert outer.get_state() == GDeferred.DeferredState.PENDING
assert outer.callback("go")
try:
    outer.callback("again")
    raise SystemExit("fired twice")
except GLib.Error as error:
    assert error.matches(GDeferred.DeferredError.quark() if hasattr(GDeferred.DeferredError, "quark")
                         else GDeferred.deferred_error_quark(),
                         GDeferred.DeferredError.ALREADY_CALLED), error
assert outer.get_state() == GDeferred.DeferredState.WAITING

GLib.idle_add(lambda: not inner.callback(42))
loop.run()

assert seen == ["go", 42, ("lost", True)], seen
assert outer.get_state() == GDeferred.DeferredState.SUCCEEDED
assert outer.get_result() is None
