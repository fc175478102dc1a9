// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Asynchronous functions in GIO's manner, as functions that return Deferreds.

/* exported makeAnswer, makeWrap */

// What GJS says that a function of a library takes: "method Gio.File.load_contents_async(cancellable, callback) {".
const SIGNATURE = /^\w+ ([\w.]+)\(([^)]*)\) \{\s*\/\* wrapper for native symbol/;

// Names that the finish function of a function may have. What gives its bytes in another form shares that
// of another.
function* namesOfFinish(name) {
  let stem = name.replace(/_async$/, '');
  while (stem !== '') {
    yield `${stem}_finish`;
    stem = stem.slice(0, Math.max(stem.lastIndexOf('_'), 0));
  }
}

function findFinish(place, name) {
  for (const candidate of namesOfFinish(name)) {
    if (typeof place?.[candidate] === 'function')
      return candidate;
  }
  throw new TypeError(`No finish function of ${name}() can be found: name it`);
}

// The names of what it takes, and its own; null for one in JavaScript, which GJS does not know.
function signatureOf(func) {
  const found = SIGNATURE.exec(String(func));
  if (found === null)
    return null;
  const names = found[2] === '' ? [] : found[2].split(', ');
  return {name: found[1].split('.').at(-1), names};
}

// Puts the arguments where they belong, between the cancellable and, at the end, the callback.
function place(signature, name, args, cancellable, callback) {
  if (signature === null)
    return [...args, cancellable, callback];

  const {names} = signature;
  const wanted = names.filter(each => each !== 'cancellable').length - 1;
  if (args.length > wanted)
    throw new TypeError(`${name}() takes ${wanted} arguments, and no cancellable and no callback, not ${args.length}`);
  const rest = [...args];
  const placed = names.slice(0, -1).map(each => each === 'cancellable' ? cancellable : rest.shift() ?? null);
  return [...placed, callback];
}

// Without the boolean in front that says only that there was no error; one value is itself.
function unpack(values) {
  if (!Array.isArray(values) || values.length < 2 || values[0] !== true)
    return values;
  return values.length === 2 ? values[1] : values.slice(1);
}

// Where a function takes several callbacks, newer GLib has them as closures.
const isCallback = name => name.endsWith('callback') || name.endsWith('callback_closure');

function checkAsync(func, name) {
  if (typeof func !== 'function')
    throw new TypeError(`There is no function ${name} to be wrapped`);
  const signature = signatureOf(func);
  if (signature !== null && !isCallback(signature.names.at(-1) ?? ''))
    throw new TypeError(`${name}() is not asynchronous in GIO's manner: it takes no callback at its end`);
  return signature;
}

// Makes GDeferred.wrap.
function makeWrap(Deferred, AlreadyCalledError) {
  'use strict';

  function fire(deferred, getValue) {
    let value, thrown, failed = false;
    try {
      value = unpack(getValue());
    } catch (error) {
      thrown = error;
      failed = true;
    }
    try {
      if (failed)
        deferred.errback(thrown);
      else
        deferred.callback(value);
    } catch (error) {
      // Somebody else may have fired it meanwhile.
      if (!(error instanceof AlreadyCalledError))
        throw error;
    }
  }

  function start(self, func, signature, name, finish, args) {
    const deferred = new Deferred();
    const ready = (_source, result) => fire(deferred, () => self[finish](result));
    func.apply(self, place(signature, name, args, deferred.get_cancellable(), ready));
    return deferred;
  }

  function asMethod(func, finish) {
    const signature = checkAsync(func, func.name);
    const name = signature?.name ?? func.name;
    return function (...args) {
      if (this === undefined || this === null)
        throw new TypeError(`${name}() is called without its object: wrap it as wrap(object, '${name}')`);
      return start(this, func, signature, name, finish ?? findFinish(this, name), args);
    };
  }

  // wrap(file, 'load_contents_async') is bound to the file. wrap(Gio.File.prototype.load_contents_async) is
  // a method, for the object that it will be called on. The name of the finish function may follow.
  return function wrap(target, name = null, finish = null) {
    if (typeof target === 'function' && name === null)
      return asMethod(target, finish);
    if (!['object', 'function'].includes(typeof target) || target === null || typeof name !== 'string')
      throw new TypeError('wrap() takes an object and the name of one of its functions, or a function');

    const func = target[name];
    const signature = checkAsync(func, name);
    const found = finish ?? findFinish(target, name);
    if (typeof target[found] !== 'function')
      throw new TypeError(`There is no function ${found} to finish ${name}() with`);
    return (...args) => start(target, func, signature, name, found, args);
  };
}

// Makes answer_invocation(). A GLib.Variant is the whole answer, a tuple, or its only value; an array of strings an array;
// other values go as C knows them.
function makeAnswer(Deferred, answer, fire, watch) {
  'use strict';

  const {GLib} = imports.gi;

  return function (invocation) {
    const told = new Deferred(() => this.cancel());
    watch(this, value => {
      const isList = Array.isArray(value) && value.every(each => typeof each === 'string');
      const variant = isList ? new GLib.Variant('(as)', [value]) : value;
      if (!(variant instanceof GLib.Variant))
        fire(told, 'callback', value);
      else if (!told.called)
        told.callback_variant(variant);
    }, thrown => fire(told, 'errback', thrown));
    answer.call(told, invocation);
  };
}
