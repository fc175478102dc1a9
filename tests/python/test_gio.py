#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Asynchronous functions of GIO's manner as functions that return Deferreds; waiting once, and D-Bus, through C."""

import contextlib
import os
import shutil
import sys
import tempfile
import weakref

from common import D, GDeferred, Skip, State, later, main, raises, seen, settle, take_reports, test, until, without_collector
from gi.repository import Gio, GLib, GObject

DEFAULT = GLib.PRIORITY_DEFAULT


@contextlib.contextmanager
def a_file(contents):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file")
        with open(path, "wb") as file:
            file.write(contents)
        yield Gio.File.new_for_path(path)


class Spinner(GObject.Object):
    """Has an asynchronous function in Python, which the test brings to its end."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def spin_async(self, turns, speed=1, cancellable=None, callback=None):
        self.calls.append((turns, speed, cancellable, callback))

    def spin_finish(self, result):
        if isinstance(result.outcome, BaseException):
            raise result.outcome
        return result.outcome

    def bring(self, outcome, number=0):
        result = GObject.Object()
        result.outcome = outcome
        self.calls[number][3](self, result)


# --- what comes out ---

@test("gio/several-values-are-a-tuple-with-names")
def several_values():
    with a_file(b"hello") as file:
        values = GDeferred.wrap(file.load_contents_async)().wait()
        contents, etag = values
        assert isinstance(values, tuple) and contents == values.contents == b"hello", values
        assert isinstance(etag, str) and etag == values.etag_out, values


@test("gio/one-value-is-itself")
def one_value():
    with a_file(b"hello") as file:
        stream = GDeferred.wrap(file.read_async)(DEFAULT).wait()
        assert isinstance(stream, Gio.FileInputStream)
        assert GDeferred.wrap(stream.read_bytes_async)(4, DEFAULT).wait().get_data() == b"hell"
        assert GDeferred.wrap(stream.close_async)(DEFAULT).wait() is True
        etag = GDeferred.wrap(file.replace_contents_async)(b"bye", None, False, Gio.FileCreateFlags.NONE).wait()
        assert isinstance(etag, str), etag


@test("gio/lists-and-text")
def lists_and_text():
    with a_file(b"hello") as file:
        entries = GDeferred.wrap(file.get_parent().enumerate_children_async)(
            "standard::name", Gio.FileQueryInfoFlags.NONE, DEFAULT).wait()
        infos = GDeferred.wrap(entries.next_files_async)(10, DEFAULT).wait()
        assert [info.get_name() for info in infos] == ["file"]

    process = Gio.Subprocess.new(["sh", "-c", "cat; echo err >&2"],
                                 Gio.SubprocessFlags.STDIN_PIPE | Gio.SubprocessFlags.STDOUT_PIPE
                                 | Gio.SubprocessFlags.STDERR_PIPE)
    values = GDeferred.wrap(process.communicate_utf8_async)("in").wait()
    assert values == ("in", "err\n") and values.stdout_buf == "in", values


@test("gio/errors-have-their-classes")
def errors():
    file = Gio.File.new_for_path("/nowhere/at/all")
    with raises(GLib.Error, "nowhere") as caught:
        GDeferred.wrap(file.load_contents_async)().wait()
    assert caught.value.matches(Gio.io_error_quark(), Gio.IOErrorEnum.NOT_FOUND)


@test("gio/awaited")
def awaited():
    async def program():
        with a_file(b"hello") as file:
            stream = await GDeferred.wrap(file.read_async)(DEFAULT)
            return (await GDeferred.wrap(stream.read_bytes_async)(99, DEFAULT)).get_data()

    assert GDeferred.run(program) == b"hello"


@test("gio/by-name-and-between-other-arguments")
def by_name():
    with a_file(b"hello") as file:
        copy = file.get_parent().get_child("copy")
        seen_sizes = []
        # Newer GLib gives Python a function that takes closures.
        takes_closures = Gio.File.copy_async.get_symbol() != "g_file_copy_async"
        name = "progress_callback_closure" if takes_closures else "progress_callback"
        d = GDeferred.wrap(file.copy_async)(copy, Gio.FileCopyFlags.NONE, io_priority=DEFAULT,
                                            **{name: lambda *sizes: seen_sizes.append(sizes)})
        assert d.wait() is True
        assert copy.load_contents(None)[1] == b"hello"
        assert seen_sizes[-1][:2] == (5, 5), seen_sizes


# --- finding the finish function ---

@test("gio/not-bound-to-an-object")
def not_bound():
    load = GDeferred.wrap(Gio.File.load_contents_async)
    with a_file(b"one") as one, a_file(b"two") as two:
        assert [load(file).wait().contents for file in (one, two)] == [b"one", b"two"]


@test("gio/another-name")
def another_name():
    with a_file(b"hello") as file:
        write = GDeferred.wrap(file.replace_contents_bytes_async)  # its finish function is replace_contents_finish
        etag = write(GLib.Bytes.new(b"bye"), None, False, Gio.FileCreateFlags.NONE).wait()
        assert isinstance(etag, str) and file.load_contents(None)[1] == b"bye"


@test("gio/given-by-hand")
def given_by_hand():
    calls = []

    def finish(source, result):
        calls.append((source, result))
        return source.load_contents_finish(result)[1].decode()

    with a_file(b"hello") as file:
        assert GDeferred.wrap(file.load_contents_async, finish)().wait() == "hello"
        assert GDeferred.wrap(file.load_contents_async, finish=finish)().wait() == "hello"
        assert [source for source, _ in calls] == [file, file] and isinstance(calls[0][1], Gio.AsyncResult)


@test("gio/without-an-object")
def without_an_object():
    if shutil.which("dbus-daemon") is None:
        raise Skip("there is no dbus-daemon")
    bus = Gio.TestDBus.new(Gio.TestDBusFlags.NONE)
    bus.up()
    try:
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        connection = GDeferred.wrap(Gio.DBusConnection.new_for_address)(bus.get_bus_address(), flags, None).wait()
        proxy = GDeferred.wrap(Gio.DBusProxy.new)(connection, Gio.DBusProxyFlags.NONE, None, "org.freedesktop.DBus",
                                                  "/org/freedesktop/DBus", "org.freedesktop.DBus").wait()
        ask = GDeferred.wrap(proxy.call)
        (names,) = ask("ListNames", None, Gio.DBusCallFlags.NONE, -1).wait()
        assert connection.get_unique_name() in names, names

        with raises(GLib.Error, "org.freedesktop.DBus.Error.NameHasNoOwner") as caught:
            ask("GetNameOwner", GLib.Variant("(s)", ("org.example.Nobody",)), Gio.DBusCallFlags.NONE, -1).wait()
        assert caught.value.code == Gio.DBusError.NAME_HAS_NO_OWNER
        assert GDeferred.wrap(connection.close)().wait() is True
    finally:
        del connection, proxy, ask
        settle()
        bus.down()


@test("gio/functions-in-python")
def functions_in_python():
    spinner = Spinner()
    d = GDeferred.wrap(spinner.spin_async)(3, speed=2)
    assert spinner.calls[0][:2] == (3, 2) and isinstance(spinner.calls[0][2], Gio.Cancellable)
    assert not d.called
    spinner.bring({"any": "thing"})
    assert d.result == {"any": "thing"}


@test("gio/what-the-finish-function-raises")
def raised_by_finish():
    spinner = Spinner()
    error = ValueError("oh")
    d = GDeferred.wrap(spinner.spin_async)(1)
    spinner.bring(error)
    assert seen(d) == [(error, True)]


@test("gio/what-was-wrapped-has-a-name")
def name():
    wrapped = GDeferred.wrap(Gio.File.load_contents_async)
    assert wrapped.__name__ == "load_contents_async" and "load_contents_async" in wrapped.__doc__


# --- its end ---

@test("gio/cancel-reaches-a-cancellable-of-its-own")
def cancel():
    spinner = Spinner()
    spin = GDeferred.wrap(spinner.spin_async)
    first, second = spin(1), spin(2)
    one, other = spinner.calls[0][2], spinner.calls[1][2]
    assert one is not other and not one.is_cancelled()
    first.cancel()
    assert one.is_cancelled() and not other.is_cancelled()
    (failure, failed), = seen(first)
    assert failed and isinstance(failure, GDeferred.CancelledError)
    spinner.bring("too late", 0)
    spinner.bring("in time", 1)
    assert second.result == "in time"

    with a_file(b"hello") as file:
        d = GDeferred.wrap(file.load_contents_async)()
        d.cancel()
        with raises(GDeferred.CancelledError):
            d.wait()
        settle()


@test("gio/cancel-from-outside")
def cancel_from_outside():
    cancellable = Gio.Cancellable()
    spinner = Spinner()
    d = GDeferred.wrap(spinner.spin_async)(1)
    d.link_cancellable(cancellable)
    cancellable.cancel()
    with raises(GDeferred.CancelledError):
        d.wait()
    assert spinner.calls[0][2].is_cancelled()


@test("gio/cancelled-through-a-chain")
def cancelled_through_a_chain():
    spinner = Spinner()
    d = D.succeed(4).add_callback(GDeferred.wrap(spinner.spin_async))
    assert d.state == State.WAITING and spinner.calls[0][0] == 4
    d.cancel()
    assert spinner.calls[0][2].is_cancelled()
    seen(d)


@test("gio/fired-otherwise")
def fired_otherwise():
    spinner = Spinner()
    d = GDeferred.wrap(spinner.spin_async)(1)
    d.callback("first")
    spinner.bring("second")
    assert d.result == "first"
    d = GDeferred.wrap(spinner.spin_async)(1)
    d.callback("first")
    spinner.bring(ValueError(), 1)
    assert d.result == "first"


@test("gio/the-operation-holds-it")
def held():
    outcomes = []
    with a_file(b"hello") as file:
        GDeferred.wrap(file.load_contents_async)().add_callback(outcomes.append)
        until(lambda: outcomes)
        assert outcomes[0].contents == b"hello"


@test("gio/nobody-handles-the-error")
def reported():
    file = Gio.File.new_for_path("/nowhere/at/all")
    gone = weakref.ref(GDeferred.wrap(file.load_contents_async)())
    until(lambda: gone() is None)
    (report,) = take_reports()
    assert report.matches(Gio.io_error_quark(), Gio.IOErrorEnum.NOT_FOUND)


@test("gio/nothing-is-left-behind")
def nothing_left():
    with a_file(b"hello") as file, without_collector():
        d = GDeferred.wrap(file.load_contents_async)()
        gone = weakref.ref(d)
        d.wait()
        del d
        settle()
        assert gone() is None


# --- waiting once ---

class Thing(GObject.Object):
    __gsignals__ = {
        "one": (GObject.SignalFlags.RUN_LAST, None, (object,)),
        "several": (GObject.SignalFlags.RUN_LAST, None, (int, str)),
    }
    number = GObject.Property(type=int, default=0)


@test("gio/once/signals")
def signals():
    thing, value = Thing(), {"any": "thing"}
    one, several = D.new_for_signal(thing, "one"), D.new_for_signal(thing, "several")
    thing.emit("one", value)
    thing.emit("several", 3, "three")
    assert one.result is value
    results = several.result
    assert [results.get_value(index) for index in range(results.get_length())] == [3, "three"]


@test("gio/once/properties")
def properties():
    thing = Thing()
    seven = D.new_for_property(thing, "number", 7)
    any_number = D.new_for_property(thing, "number", None)
    large = D.new_for_property_func(thing, "number", lambda value, *_: value > 5)
    for number in range(10):
        thing.number = number
    assert (seven.result, any_number.result, large.result) == (7, 1, 6)


@test("gio/once/lists-and-idle-moments")
def lists():
    store, thing = Gio.ListStore(item_type=Thing), Thing()
    d = D.new_for_items(store)
    assert not d.called
    store.append(thing)
    assert d.result is thing
    assert D.new_for_idle(GLib.PRIORITY_LOW).wait() is None


@test("gio/once/the-object-goes")
def object_goes():
    thing = Thing()
    calls = seen(D.new_for_signal(thing, "one"))
    with without_collector():
        del thing
        settle()
    (failure, failed), = calls
    assert failed and failure.matches(GDeferred.DeferredError.quark(), GDeferred.DeferredError.ABANDONED)


@test("gio/once/processes")
def processes():
    output = GDeferred.run_process(["sh", "-c", "cat; echo err >&2"], "in\n").wait()
    assert (output.dup_text(), output.get_stderr().get_data(), output.get_exit_status()) == ("in\n", b"err\n", 0)

    with raises(GLib.Error, ": no luck") as caught:
        GDeferred.run_process(["sh", "-c", "echo out; echo no luck >&2; exit 3"]).wait()
    output = caught.value.output
    assert (caught.value.code, output.get_exit_status(), output.dup_text()) == (3, 3, "out\n")

    with raises(GLib.Error) as caught:
        GDeferred.run_process(["gdeferred-no-such-program"]).wait()
    assert caught.value.output is None

    with raises(TypeError, "a list"):
        GDeferred.run_process("ls -l")

    d = GDeferred.run_process(["sleep", "1000"])
    d.cancel()
    with raises(GDeferred.CancelledError):
        d.wait()


# --- D-Bus ---

XML = """<node><interface name="org.example.Test">
  <method name="Double"><arg type="i" direction="in"/><arg type="i" direction="out"/></method>
  <method name="Start"><arg type="o" direction="out"/></method>
  <method name="Names"><arg type="as" direction="out"/></method>
  <method name="Both"><arg type="s" direction="out"/><arg type="i" direction="out"/></method>
</interface></node>"""


@contextlib.contextmanager
def two_connections():
    """The two ends of a line without a bus, and what the methods of one end are answered with."""
    if not hasattr(Gio.DBusConnection, "register_object"):
        raise Skip("this PyGObject cannot export objects")
    answers = []

    def on_call(connection, sender, path, interface, method, parameters, invocation):
        answers.pop(0)(connection, parameters).answer_invocation(invocation)

    ends = []
    server = Gio.DBusServer.new_sync(f"unix:dir={tempfile.gettempdir()}", Gio.DBusServerFlags.NONE,
                                     Gio.dbus_generate_guid(), None, None)
    server.connect("new-connection", lambda _, end: ends.append(end) or True)
    server.start()
    flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
    client = GDeferred.wrap(Gio.DBusConnection.new_for_address)(server.get_client_address(), flags, None).wait()
    until(lambda: ends)
    interface = Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0]
    ends[0].register_object("/test", interface, on_call, None, None)
    try:
        yield client, answers
    finally:
        client.close_sync(None)
        server.stop()
        settle()


def call(client, method, parameters):
    return D.dbus_call(client, None, "/test", "org.example.Test", method, parameters, None, Gio.DBusCallFlags.NONE, -1)


@test("gio/dbus/answers-and-errors")
def answers_and_errors():
    with two_connections() as (client, answers):
        answers.append(lambda _, parameters: later(parameters[0]).add_callback(lambda number: number * 2))
        assert call(client, "Double", GLib.Variant("(i)", (21,))).wait().unpack() == (42,)

        answers.append(lambda *_: D.fail(GDeferred.CancelledError()))
        with raises(GDeferred.CancelledError):
            call(client, "Double", GLib.Variant("(i)", (1,))).wait()

        answers.append(lambda *_: D.fail(ValueError("not that")))
        with raises(GLib.Error, "ValueError: not that"):
            call(client, "Double", GLib.Variant("(i)", (1,))).wait()


@test("gio/dbus/answered-with-variants-and-lists")
def answered_with_variants():
    async def both():
        return GLib.Variant("(si)", ("a", 1))

    with two_connections() as (client, answers):
        for answer in (lambda *_: D.from_coroutine(both()), lambda *_: D.succeed(GLib.Variant("(si)", ("a", 1))),
                       lambda *_: later(0).add_callback(lambda _: GLib.Variant("(si)", ("a", 1)))):
            answers.append(answer)
            assert call(client, "Both", None).wait().unpack() == ("a", 1)
        answers.append(lambda *_: D.succeed(GLib.Variant("i", 7)))
        assert call(client, "Double", GLib.Variant("(i)", (1,))).wait().unpack() == (7,)
        for names in (["b", "a"], []):
            answers.append(lambda *_: D.succeed(names))
            assert call(client, "Names", None).wait().unpack() == (names,)


@test("gio/dbus/a-job")
def a_job():
    jobs = []

    def start(connection, _):
        job = D()
        job.export_job(connection, "/job")
        jobs.append(job)
        return D.succeed("/job")

    with two_connections() as (client, answers):
        answers += [start, start]
        d = D.dbus_job_call(client, None, "/test", "org.example.Test", "Start", None, Gio.DBusCallFlags.NONE, -1)
        until(lambda: jobs)
        jobs[0].set_progress(0.5, "half")
        until(lambda: d.get_progress() == 0.5)
        assert d.get_progress_text() == "half"
        jobs[0].callback("done")
        assert d.wait().unpack() == "done"

        d = D.dbus_job_call(client, None, "/test", "org.example.Test", "Start", None, Gio.DBusCallFlags.NONE, -1)
        until(lambda: len(jobs) == 2)
        d.cancel()
        seen(d)
        calls = seen(jobs[1])
        until(lambda: calls)
        assert isinstance(calls[0][0], GDeferred.CancelledError)


# --- wrong uses ---

@test("gio/misuse/what-cannot-be-wrapped")
def cannot_be_wrapped():
    file = Gio.File.new_for_path("/")
    with raises(TypeError, "callable, not str"):
        GDeferred.wrap("load_contents_async")
    with raises(TypeError, "load_contents() is not asynchronous"):
        GDeferred.wrap(file.load_contents)
    with raises(TypeError, "is not asynchronous"):
        GDeferred.wrap(settle)
    with raises(TypeError, "callable or None, not str"):
        GDeferred.wrap(file.load_contents_async, "load_contents_finish")
    with raises(TypeError, "No finish function of odd() can be found"):
        GDeferred.wrap(lambda_of("odd"))


def lambda_of(name):
    def function(callback):
        raise AssertionError("not to be called")

    function.__name__ = name
    return function


@test("gio/misuse/wrong-arguments-raise-at-once")
def wrong_arguments():
    file = Gio.File.new_for_path("/")
    with raises(TypeError):
        GDeferred.wrap(file.read_async)()
    with raises(TypeError):
        GDeferred.wrap(file.read_async)("high")


if __name__ == "__main__":
    sys.exit(main())
