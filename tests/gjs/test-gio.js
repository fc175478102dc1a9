// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Asynchronous functions of GIO's manner as functions that return Deferreds.

import GDeferred from 'gi://GDeferred?version=1.0';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';

import {loop, main, matches, same, test, throws, until} from './tap.js';

const {CancelledError, Deferred, wrap} = GDeferred;
const {PRIORITY_DEFAULT} = GLib;

function makeFile(text) {
  const [file, stream] = Gio.File.new_tmp('gdeferred-XXXXXX');
  stream.output_stream.write_all(new TextEncoder().encode(text), null);
  stream.close(null);
  return file;
}

function textOf(bytes) {
  return new TextDecoder().decode(bytes);
}

// Has an asynchronous function in JavaScript, which the test brings to its end.
const Spinner = GObject.registerClass(class Spinner extends GObject.Object {
  _init() {
    super._init();
    this.calls = [];
  }

  spin_async(turns, cancellable, callback) {
    this.calls.push({turns, cancellable, callback});
  }

  spin_finish(result) {
    if ('thrown' in result)
      throw result.thrown;
    return result.value;
  }

  bring(result, number = 0) {
    this.calls[number].callback(this, result);
  }
});

// --- what comes out ---

test('/gjs/gio/several-values-are-an-array', async () => {
  const file = makeFile('hello');
  const [contents, etag] = await wrap(file, 'load_contents_async')();
  same([textOf(contents), typeof etag], ['hello', 'string']);
  file.delete(null);
});

test('/gjs/gio/one-value-is-itself', async () => {
  const file = makeFile('hello');
  const stream = await wrap(file, 'read_async')(PRIORITY_DEFAULT);
  same(stream instanceof Gio.FileInputStream, true);
  const bytes = await wrap(stream, 'read_bytes_async')(4, PRIORITY_DEFAULT);
  same(textOf(bytes.get_data()), 'hell');
  same(await wrap(stream, 'close_async')(PRIORITY_DEFAULT), true);
  file.delete(null);
});

test('/gjs/gio/errors', async () => {
  let caught = null;
  try {
    await wrap(Gio.File.new_for_path('/nowhere/at/all'), 'load_contents_async')();
  } catch (error) {
    caught = error;
  }
  same(caught.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.NOT_FOUND), true);
});

test('/gjs/gio/between-other-arguments', async () => {
  const file = makeFile('hello');
  const copy = Gio.File.new_for_path(`${file.get_path()}-copy`);
  same(await wrap(file, 'copy_async')(copy, Gio.FileCopyFlags.NONE, PRIORITY_DEFAULT), true);
  same(textOf(copy.load_contents(null)[1]), 'hello');
  file.delete(null);
  copy.delete(null);
});

// --- finding the finish function ---

test('/gjs/gio/as-a-method', async () => {
  const load = wrap(Gio.File.prototype.load_contents_async);
  const file = makeFile('hello');
  same(textOf((await load.call(file))[0]), 'hello');
  file.delete(null);
  matches(throws(load, TypeError).message, /wrap\(object, 'load_contents_async'\)/);
});

test('/gjs/gio/another-name', async () => {
  const file = makeFile('hello');
  const bytes = new GLib.Bytes(new TextEncoder().encode('bye'));
  // Its finish function is replace_contents_finish.
  const etag = await wrap(file, 'replace_contents_bytes_async')(bytes, null, false, Gio.FileCreateFlags.NONE);
  same([typeof etag, textOf(file.load_contents(null)[1])], ['string', 'bye']);
  file.delete(null);
});

test('/gjs/gio/named-by-hand', async () => {
  const file = makeFile('hello');
  same(textOf((await wrap(file, 'load_contents_async', 'load_contents_finish')())[0]), 'hello');
  const load = wrap(Gio.File.prototype.load_contents_async, null, 'load_contents_finish');
  same(textOf((await load.call(file))[0]), 'hello');
  file.delete(null);
});

// Not by Gio.TestDBus: the process that it leaves behind to watch us would be a copy of GJS, which cannot end.
function startBus() {
  const argv = ['dbus-daemon', '--session', '--nofork', '--nopidfile', '--print-address=1'];
  const daemon = Gio.Subprocess.new(argv, Gio.SubprocessFlags.STDOUT_PIPE | Gio.SubprocessFlags.STDERR_SILENCE);
  const [address] = new Gio.DataInputStream({base_stream: daemon.get_stdout_pipe()}).read_line_utf8(null);
  return [daemon, address];
}

test('/gjs/gio/without-an-object', async () => {
  if (GLib.find_program_in_path('dbus-daemon') === null)
    return;
  const [daemon, address] = startBus();
  const flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION;
  const connection = await wrap(Gio.DBusConnection, 'new_for_address')(address, flags, null);
  const proxy = await wrap(Gio.DBusProxy, 'new')(connection, Gio.DBusProxyFlags.NONE, null, 'org.freedesktop.DBus',
    '/org/freedesktop/DBus', 'org.freedesktop.DBus');
  const answer = await wrap(proxy, 'call')('ListNames', null, Gio.DBusCallFlags.NONE, -1);
  same(answer.recursiveUnpack()[0].includes(connection.get_unique_name()), true);
  await wrap(connection, 'close')();
  daemon.force_exit();
});

test('/gjs/gio/answers-with-variants-and-lists', async () => {
  if (GLib.find_program_in_path('dbus-daemon') === null)
    return;
  const [daemon, address] = startBus();
  const flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION;
  const connection = await wrap(Gio.DBusConnection, 'new_for_address')(address, flags, null);
  const answers = [
    Deferred.succeed(new GLib.Variant('(as)', [['a']])),
    Deferred.succeed(new GLib.Variant('as', ['b'])),
    Deferred.from_promise((async () => ['c', 'd'])()),
    Deferred.succeed([]),
    Deferred.fail(new RangeError('nope')),
  ];
  const exported = Gio.DBusExportedObject.wrapJSObject(
    '<node><interface name="org.example.Names"><method name="Get"><arg type="as" direction="out"/></method></interface></node>',
    {GetAsync: (_parameters, invocation) => answers.shift().answer_invocation(invocation)});
  exported.export(connection, '/names');
  const get = () => Deferred.dbus_call(connection, connection.get_unique_name(), '/names', 'org.example.Names', 'Get',
    null, null, Gio.DBusCallFlags.NONE, -1);
  for (const names of [['a'], ['b'], ['c', 'd'], []])
    same((await get()).recursiveUnpack(), [names]);
  let caught = null;
  await get().catch(error => (caught = error));
  same(caught.message.includes('nope'), true);
  exported.unexport();
  await wrap(connection, 'close')();
  daemon.force_exit();
});

test('/gjs/gio/functions-in-javascript', () => {
  const spinner = new Spinner();
  const d = wrap(spinner, 'spin_async')(3);
  same([spinner.calls[0].turns, spinner.calls[0].cancellable instanceof Gio.Cancellable], [3, true]);
  const value = {any: 'thing'};
  spinner.bring({value});
  same(d.result, value);

  const bad = wrap(spinner, 'spin_async')(3);
  const thrown = new RangeError('oh');
  spinner.bring({thrown}, 1);
  same([bad.failed, bad.result], [true, thrown]);
  bad.add_errback(() => {});
});

// --- its end ---

test('/gjs/gio/cancel-reaches-a-cancellable-of-its-own', async () => {
  const spinner = new Spinner();
  const spin = wrap(spinner, 'spin_async');
  const first = spin(1), second = spin(2);
  const [one, other] = spinner.calls.map(({cancellable}) => cancellable);
  same(one === other, false);
  first.cancel();
  same([one.is_cancelled(), other.is_cancelled()], [true, false]);
  same([first.failed, first.result instanceof CancelledError], [true, true]);
  first.add_errback(() => {});
  spinner.bring({value: 'too late'}, 0);
  spinner.bring({value: 'in time'}, 1);
  same(second.result, 'in time');

  const file = makeFile('hello');
  const d = wrap(file, 'load_contents_async')();
  d.cancel();
  let caught = null;
  await d.catch(error => (caught = error));
  same(caught instanceof CancelledError, true);
  loop();
  file.delete(null);
});

test('/gjs/gio/cancelled-through-a-chain', () => {
  const spinner = new Spinner();
  const d = Deferred.succeed(4).add_callback(wrap(spinner, 'spin_async'));
  same([d.get_state(), spinner.calls[0].turns], [GDeferred.DeferredState.WAITING, 4]);
  d.cancel();
  same(spinner.calls[0].cancellable.is_cancelled(), true);
  d.add_errback(() => {});
});

test('/gjs/gio/fired-otherwise', () => {
  const spinner = new Spinner();
  const d = wrap(spinner, 'spin_async')(1);
  d.callback('first');
  spinner.bring({value: 'second'});
  same(d.result, 'first');
});

test('/gjs/gio/the-operation-holds-it', () => {
  const file = makeFile('hello');
  let outcome = null;
  wrap(file, 'load_contents_async')().add_callback(([contents]) => (outcome = textOf(contents)));
  until(() => outcome !== null);
  same(outcome, 'hello');
  file.delete(null);
});

// --- wrong uses ---

test('/gjs/gio/misuse', () => {
  const file = Gio.File.new_for_path('/');
  matches(throws(() => wrap(file, 'load_contents'), TypeError).message, /load_contents\(\) is not asynchronous/);
  matches(throws(() => wrap(file, 'no_such_async'), TypeError).message, /There is no function no_such_async/);
  matches(throws(() => wrap(file), TypeError).message, /takes an object and the name/);
  matches(throws(() => wrap(null, 'load_contents_async'), TypeError).message, /takes an object and the name/);
  matches(throws(() => wrap(file, 'load_contents_async', 'no_finish'), TypeError).message, /no function no_finish/);
  matches(throws(() => wrap({odd_async() {}}, 'odd_async'), TypeError).message, /No finish function of odd_async/);
  matches(throws(() => wrap(file, 'read_async')(PRIORITY_DEFAULT, null), TypeError).message, /takes 1 arguments/);
});

main();
