// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Runs the test functions of a script, and tells how it went in TAP.

import GDeferred from 'gi://GDeferred?version=1.0';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import System from 'system';

const context = GLib.MainContext.default();
const tests = [];

export function test(name, func) {
  tests.push([name, func]);
}

// --- the main loop ---

// Runs what is ready.
export function loop() {
  for (let i = 0; i < 1000 && context.iteration(false); i++)
    ;
}

// Runs the loop until something is so, which has to be soon.
export function until(isSo) {
  let isLate = false;
  const source = GLib.timeout_add_seconds(GLib.PRIORITY_DEFAULT, 20, () => {
    isLate = true;
    return GLib.SOURCE_REMOVE;
  });
  while (!isSo() && !isLate)
    context.iteration(true);
  if (isLate)
    throw new Error('it took too long');
  GLib.source_remove(source);
}

function finish(promise) {
  let end = null;
  promise.then(() => (end = {}), thrown => (end = {thrown}));
  until(() => end !== null);
  if ('thrown' in end)
    throw end.thrown;
}

// A Deferred that is fired from the main loop, a few turns on; with an Error it fails.
export function later(value, turns = 0) {
  const d = new GDeferred.Deferred();
  GLib.idle_add(GLib.PRIORITY_DEFAULT, () => {
    if (turns-- > 0)
      return GLib.SOURCE_CONTINUE;
    if (value instanceof Error)
      d.errback(value);
    else
      d.callback(value);
    return GLib.SOURCE_REMOVE;
  });
  return d;
}

// Has its outcome put down by name: "name", or with the class of the failure. It goes on with nothing.
export function outcomes(d, trace, name) {
  d.add_callbacks(() => void trace.push(name), thrown => {
    const kinds = ['CancelledError', 'TimeoutError', 'QueueClosed', 'QueueOverflow', 'QueueUnderflow'];
    const kind = kinds.find(each => thrown instanceof GDeferred[each]) ?? thrown.constructor.name;
    trace.push(`${name}:${kind}`);
  });
}

// What it was fired with, which counts as handled: {value} or {thrown}; null if it was not.
export function end(d) {
  let found = null;
  d.fork().add_callbacks(value => void (found = {value}), thrown => void (found = {thrown}));
  d.add_errback(() => undefined);
  return found;
}

// --- assertions ---

function show(value) {
  if (Array.isArray(value))
    return `[${value.map(show).join(', ')}]`;
  return typeof value === 'string' ? `'${value}'` : String(value);
}

function isSame(one, other) {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((value, i) => isSame(value, other[i]));
  return Object.is(one, other);
}

// Arrays are the same if what is in them is.
export function same(found, wanted) {
  if (!isSame(found, wanted))
    throw new Error(`${show(found)} where ${show(wanted)} was expected`);
}

export function matches(text, pattern) {
  if (!pattern.test(text))
    throw new Error(`${show(text)} does not match ${pattern}`);
}

// Gives what was thrown.
export function throws(func, kind) {
  try {
    func();
  } catch (thrown) {
    if (thrown instanceof kind)
      return thrown;
    throw new Error(`${thrown} was thrown, and no ${kind.name}`);
  }
  throw new Error(`no ${kind.name} was thrown`);
}

// --- what is left ---

// An object to be held by something, and a way to know that it went: no registry of GJS tells that.
export function canary() {
  let isDead = false;
  const bird = new GDeferred.Deferred();
  bird.fork().add_errback_for(GDeferred.DeferredError, GDeferred.DeferredError.ABANDONED, () => {
    isDead = true;
  });
  return [bird, () => isDead];
}

// The second time for what the first, or the loop, has let go of.
export function collect() {
  for (let i = 0; i < 3; i++) {
    System.gc();
    loop();
  }
}

// --- other programs ---

// Runs a program, and gives what it wrote.
export function runScript(text) {
  const [file, stream] = Gio.File.new_tmp('gdeferred-XXXXXX.js');
  stream.output_stream.write_all(new TextEncoder().encode(text), null);
  stream.close(null);
  try {
    const {STDOUT_PIPE, STDERR_PIPE} = Gio.SubprocessFlags;
    const argv = [GLib.file_read_link('/proc/self/exe'), '-m', file.get_path()];
    const program = Gio.Subprocess.new(argv, STDOUT_PIPE | STDERR_PIPE);
    const [, output, errors] = program.communicate_utf8(null, null);
    const status = program.get_if_exited() ? program.get_exit_status() : -1;
    return {output, errors, status};
  } finally {
    file.delete(null);
  }
}

// --- the end ---

export function main() {
  let failed = 0;
  print(`1..${tests.length}`);
  tests.forEach(([name, func], i) => {
    try {
      const answer = func();
      if (answer instanceof Promise)
        finish(answer);
      print(`ok ${i + 1} ${name}`);
    } catch (error) {
      failed++;
      print(`not ok ${i + 1} ${name}`);
      print(`${error}\n${error.stack}`.trimEnd().replaceAll(/^/gm, '# '));
    }
  });
  System.exit(failed === 0 ? 0 : 1);
}
