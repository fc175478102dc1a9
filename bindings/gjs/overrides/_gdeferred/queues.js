// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Queues: what one leaves for another.

/* exported install */

var install = (() => {
  const {Object, Symbol, TypeError, WeakMap} = globalThis;
  const {Gio} = imports.gi;
  let carry, isPlain, isThenable;
  let QueueClosed, QueueUnderflow, base;

  // Stands for a value in what the queue in C holds for long: there the garbage collector would not see it. The
  // value itself is with the queue, until it is got.
  class Stored {}

  function toC(queue, value) {
    if (isThenable(value))
      throw new TypeError('A Deferred or a Promise cannot be put: wait for it, and put its result');
    if (value === undefined)
      return null;
    if (isPlain(value))
      return value;
    const stored = new Stored();
    valuesOf(queue).set(stored, value);
    return carry(stored);
  }

  function valuesOf(queue) {
    return queue._values ??= new WeakMap();
  }

  function take(values, got) {
    if (!(got instanceof Stored))
      return got;
    const value = values.get(got);
    values.delete(got);
    return value;
  }

  function isWouldBlock(error) {
    return error.matches?.(Gio.IOErrorEnum, Gio.IOErrorEnum.WOULD_BLOCK);
  }

  const methods = {
    _values: null,

    put(value) {
      return base.put.call(this, toC(this, value));
    },

    put_nowait(value) {
      base.put_nowait.call(this, toC(this, value));
    },

    unget(value) {
      base.unget.call(this, toC(this, value));
    },

    get() {
      const values = valuesOf(this);
      return base.get.call(this).add_callback(got => take(values, got));
    },

    get_nowait() {
      const got = base.get_nowait.call(this);
      if (!got.failed)
        return take(valuesOf(this), got.result);
      got.take_unhandled();
      throw isWouldBlock(got.result) ? new QueueUnderflow('The queue is empty') : got.result;
    },

    [Symbol.asyncIterator]() {
      const next = async () => {
        try {
          return {value: await this.get(), done: false};
        } catch (thrown) {
          if (thrown instanceof QueueClosed)
            return {value: undefined, done: true};
          throw thrown;
        }
      };
      return {
        next,
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
  };

  return (namespace, tools) => {
    ({carry, isPlain, isThenable} = tools);
    ({QueueClosed, QueueUnderflow} = namespace);
    const {prototype} = namespace.DeferredQueue;
    const {get, get_nowait, put, put_nowait, unget} = prototype;
    base = {get, get_nowait, put, put_nowait, unget};
    Object.assign(prototype, methods);
  };
})();
