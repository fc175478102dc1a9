// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Errors: whatever JavaScript throws becomes a GError in C, and goes beside it as itself.

/* exported classes, isError, report, setUnhandledErrorHook, stackOf, toError */

const {Gio, GLib} = imports.gi;

function text(thrown) {
  let string;
  try {
    string = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  } catch {
    string = 'something that cannot be described';
  }
  return string.replaceAll('\0', '\u2400');
}

// Where it comes from, for a person to read.
function stackOf(thrown) {
  try {
    const lines = thrown.stack.trimEnd().split('\n');
    return lines.filter(line => !line.includes('/overrides/GDeferred.js:')).join('\n');
  } catch {
    return ''; // It is no error, or one of another kind.
  }
}

// One that C can read, and not just something with its prototype.
function isError(value) {
  try {
    return value instanceof GLib.Error && Number.isInteger(value.code);
  } catch {
    return false;
  }
}

// What C sees of it.
function toError(thrown) {
  const {DeferredError} = imports.gi.GDeferred;
  if (isError(thrown))
    return thrown;
  if (thrown instanceof FirstError)
    return toError(thrown.error);
  const code = thrown instanceof AggregateError ? DeferredError.ALL_FAILED : DeferredError.FAILED;
  return new GLib.Error(DeferredError, code, text(thrown));
}

// --- classes ---

// For one kind of GLib.Error, whoever made it.
function makeClass(name, domain, code, message) {
  const made = class {
    constructor(words = message) {
      return new GLib.Error(domain, code, words);
    }

    static [Symbol.hasInstance](error) {
      return isError(error) && error.matches(domain, code);
    }
  };
  return Object.defineProperty(made, 'name', {value: name});
}

class FirstError extends Error {
  constructor(error, index) {
    super(`#${index} failed: ${text(error)}`, {cause: error});
    this.name = 'FirstError';
    this.error = error;
    this.index = index;
  }
}

function classes({DeferredError}) {
  const {IOErrorEnum} = Gio;
  return {
    AlreadyCalledError: makeClass('AlreadyCalledError', DeferredError, DeferredError.ALREADY_CALLED,
      'The Deferred has been fired already: it fires only once'),
    CancelledError: makeClass('CancelledError', IOErrorEnum, IOErrorEnum.CANCELLED,
      'Operation was cancelled'),
    TimeoutError: makeClass('TimeoutError', IOErrorEnum, IOErrorEnum.TIMED_OUT, 'Timed out'),
    FirstError,
    QueueClosed: makeClass('QueueClosed', DeferredError, DeferredError.CLOSED, 'The queue was closed'),
    QueueOverflow: makeClass('QueueOverflow', DeferredError, DeferredError.OVERFLOW,
      'The queue holds as much as it may'),
    QueueUnderflow: makeClass('QueueUnderflow', DeferredError, DeferredError.UNDERFLOW,
      'As many wait for the queue as may'),
  };
}

// --- what nobody handled ---

let hook = null;

// C calls the hook for errors of Deferreds; here it is kept for those that C does not know.
function setUnhandledErrorHook(func, setUnhandledHook) {
  hook = func;
  setUnhandledHook(func === null ? null : deferred => callHook(deferred.result));
}

function callHook(thrown) {
  try {
    hook(thrown);
  } catch (error) {
    logError(error, 'The hook for unhandled errors failed');
  }
}

function report(thrown, what) {
  if (hook !== null) {
    callHook(thrown);
    return;
  }
  const message = `${what}: ${text(thrown)}\n${stackOf(thrown)}`;
  GLib.log_structured('GDeferred', GLib.LogLevelFlags.LEVEL_WARNING, {MESSAGE: message});
}
