// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Locks and semaphores: who has acquired one releases it.

/* exported install */

var install = (() => {
  const {Error, Number, Object, RangeError} = globalThis;
  const MOST = 0x7fffffff;
  let checkFunction, own;

  // Acquires, calls, waits for what comes of it, and releases, whatever that is. Another Deferred waits for it
  // all, and goes to the caller: so nobody can pause this one, or bind it to an owner.
  function within(lock, acquire, release, func, args) {
    checkFunction(func, 'The function');
    let isHeld = false;
    const end = () => isHeld && lock[release]();
    const work = lock[acquire]();
    work.add_callback(() => {
      isHeld = true;
      return func(...args);
    });
    work.add_callbacks(value => {
      end();
      return value;
    }, thrown => {
      end();
      throw thrown;
    });
    return own(() => work);
  }

  // What may be released; release() throws else.
  function releasing(prototype, name, isHeld) {
    const release = prototype[name];
    prototype[name] = function () {
      if (!isHeld(this))
        throw new Error(`${name}() of what nobody has acquired`);
      release.call(this);
    };
  }

  function running(prototype, name, acquire, release) {
    prototype[name] = function (func, ...args) {
      return within(this, acquire, release, func, args);
    };
  }

  // What GObject would only warn of, or cut off.
  function counting(prototype, least) {
    const {_init: init} = prototype;
    prototype._init = function (properties = {}) {
      for (const [name, value] of Object.entries(properties)) {
        if (name in least && !(Number.isInteger(value) && value >= least[name] && value <= MOST))
          throw new RangeError(`${name} is to be a whole number, ${least[name]} at least, not ${value}`);
      }
      init.call(this, properties);
    };
  }

  return (namespace, tools) => {
    ({checkFunction, own} = tools);
    counting(namespace.DeferredSemaphore.prototype, {limit: 1});
    counting(namespace.DeferredQueue.prototype, {size: -1, backlog: -1});
    counting(namespace.DeferredLatch.prototype, {count: 0});
    const {DeferredLock, DeferredSemaphore, DeferredFileLock, DeferredRWLock} = namespace;
    for (const {prototype} of [DeferredLock, DeferredSemaphore, DeferredFileLock])
      running(prototype, 'run', 'acquire', 'release');
    running(DeferredRWLock.prototype, 'run_read', 'acquire_read', 'release_read');
    running(DeferredRWLock.prototype, 'run_write', 'acquire_write', 'release_write');

    releasing(DeferredLock.prototype, 'release', lock => lock.get_locked());
    releasing(DeferredFileLock.prototype, 'release', lock => lock.get_locked());
    releasing(DeferredSemaphore.prototype, 'release', tokens => tokens.get_n_free() < tokens.get_limit());
    releasing(DeferredRWLock.prototype, 'release_read', lock => lock.get_n_readers() > 0);
    releasing(DeferredRWLock.prototype, 'release_write', lock => lock.get_writing());

    const {count_down} = namespace.DeferredLatch.prototype;
    Object.assign(namespace.DeferredLatch.prototype, {
      count_down() {
        if (this.get_count() === 0)
          throw new Error('count_down() of a latch that is open');
        count_down.call(this);
      },
    });
  };
})();
